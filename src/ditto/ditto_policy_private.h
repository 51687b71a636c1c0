/*
 * What the parts of the policy code share: a document as it is kept, the
 * entries that are in effect, and memory for the time of one call.
 */

#ifndef _DITTO_POLICY_PRIVATE_H_INCLUDED_
#define _DITTO_POLICY_PRIVATE_H_INCLUDED_


#include "ditto_policy.h"


#define DITTO_POLICY_IMPORTS     10      /* of one policy, as Ditto */
#define DITTO_POLICY_DEPTH       10      /* transitive imports, as Ditto */
#define DITTO_POLICY_ENTRIES     65536   /* in effect, imported ones included */
#define DITTO_POLICY_SIZE        102400  /* characters, as Ditto */
#define DITTO_POLICY_KEY         256     /* characters, as Ditto */
#define DITTO_POLICY_NODES       (DITTO_POLICY_KEY / 2 + 2)  /* on a path */


/*
 * Only the text is kept: compact, in Ditto's order, without duplicate
 * members, every member checked.  What is compiled from it can be thrown
 * away and compiled again.  One piece of memory that nothing is written to.
 */
struct ditto_policy_document_s {
    uint32_t        len;         /* bytes of text */
    uint32_t        id;          /* bytes in front, before the document; 0:
                                    none */
    uint32_t        imports;     /* offset of a JSON object in text */
    uint32_t        entries;     /* the same */
    bool            namespaces;  /* an entry is for some namespaces only */
    unsigned char   text[];
};

ditto_str_t ditto_policy_document_imports(
    const ditto_policy_document_t *document);
ditto_str_t ditto_policy_document_entries(
    const ditto_policy_document_t *document);


typedef enum {
    DITTO_IMPORTABLE_IMPLICIT = 0,
    DITTO_IMPORTABLE_EXPLICIT,
    DITTO_IMPORTABLE_NEVER
} ditto_importable_e;


#define DITTO_ADDITION_SUBJECTS    1u
#define DITTO_ADDITION_RESOURCES   2u
#define DITTO_ADDITION_NAMESPACES  4u
#define DITTO_ADDITION_ALL         7u


/*
 * An entry in effect.  Entries that it refers to have lent it their content,
 * hence several objects and arrays; each is a JSON text of some document.
 */
typedef struct {
    ditto_str_t          label;
    ditto_array_t        subjects;       /* of ditto_str_t */
    ditto_array_t        resources;      /* of ditto_str_t */
    ditto_array_t        namespaces;     /* of ditto_str_t */
    ditto_str_t          references;     /* JSON array; empty: none */
    ditto_importable_e   importable;
    unsigned             allowed;        /* additions */
    bool                 restricted;     /* allowed is meant */
    bool                 imported;
} ditto_policy_entry_t;


/* Memory that is given back when a call ends; malloc() behind a pool. */
typedef struct ditto_scratch_block_s  ditto_scratch_block_t;

typedef struct {
    ditto_pool_t            pool;        /* first */
    ditto_scratch_block_t  *blocks;
} ditto_scratch_t;

void ditto_scratch_init(ditto_scratch_t *scratch);
void ditto_scratch_free(ditto_scratch_t *scratch);


/* --- a policy while it is compiled --------------------------------------- */

/*
 * A tree of names: text below parent.  Found by hash over both.  Element 0 of
 * a tree of resources is its root; of subjects, which are flat, the parent is
 * 0 throughout.
 */
typedef struct {
    ditto_str_t   text;
    uint32_t      parent;
    uint16_t      depth;         /* of the root: 0 */
    bool          inner;         /* there is something below */
} ditto_policy_name_t;

typedef struct {
    ditto_policy_name_t  *elts;
    uint32_t              n;
    uint32_t              mask;      /* of slots */
    uint32_t             *slots;     /* indexes + 1; 0: free */
} ditto_policy_names_t;


/*
 * What a subject has at a node of the tree: node << 32 | subject << 12, and
 * below four bits for each permission.
 */
#define DITTO_FACT_SUBJECT  12
#define DITTO_FACT_NODE     32
#define DITTO_FACT_BITS     4

#define DITTO_POLICY_GRANT         1u
#define DITTO_POLICY_REVOKE        2u
#define DITTO_POLICY_GRANT_BELOW   4u    /* strictly */
#define DITTO_POLICY_REVOKE_BELOW  8u

#define DITTO_POLICY_NODES_MAX     (1u << 24)
#define DITTO_POLICY_SUBJECTS_MAX  (1u << 20)


/* Lays a policy out; facts: of uint64_t, ascending.  DITTO_ERROR: no memory. */
ditto_rc_t ditto_policy_pack(ditto_pool_t *pool, ditto_pool_t *scratch,
    const ditto_policy_names_t *nodes, const ditto_policy_names_t *subjects,
    const ditto_array_t *facts, ditto_policy_t **policy);


/* --- a compiled policy --------------------------------------------------- */

/*
 * One piece of memory in which everything is found by its offset, so that a
 * hundred thousand of them are small and a decision touches few cache lines.
 * Indexes and offsets are 16 bits wide if they all fit, else 32: "numbers".
 */
typedef struct {
    uint32_t  n;
    uint32_t  mask;              /* of slots */
    uint32_t  slots;             /* numbers: indexes + 1; 0: free */
    uint32_t  starts;            /* n + 1 numbers: offsets in texts */
    uint32_t  parents;           /* numbers: parent << 1 | inner; 0: it is
                                    flat */
    uint32_t  texts;
} ditto_policy_table_t;

/*
 * The list of a node is a count and so many facts without their node, in the
 * order of the subjects; nodes with equal lists share one.
 */
struct ditto_policy_s {
    int64_t                expires;      /* seconds since the epoch */
    ditto_policy_table_t   subjects;
    ditto_policy_table_t   nodes;
    uint32_t               lists;        /* numbers: of a node's list in
                                            facts */
    uint32_t               facts;        /* uint32_t */
    uint32_t               size;         /* bytes, of all */
    bool                   wide;
    bool                   namespaces;
};

static inline uint32_t
ditto_policy_number(const ditto_policy_t *policy, uint32_t numbers, uint32_t i)
{
    const unsigned char  *p = (const unsigned char *) policy + numbers;

    return policy->wide ? ((const uint32_t *) (const void *) p)[i]
                        : ((const uint16_t *) (const void *) p)[i];
}

#define DITTO_POLICY_NONE          UINT32_MAX

/* DITTO_POLICY_NONE: there is none. */
uint32_t ditto_policy_find(const ditto_policy_t *policy,
    const ditto_policy_table_t *table, uint32_t parent, ditto_str_t text);

/* Of the slot that a name is looked for in first. */
uint32_t ditto_policy_hash(uint32_t parent, ditto_str_t text);

ditto_str_t ditto_policy_name(const ditto_policy_t *policy,
    const ditto_policy_table_t *table, uint32_t i);
uint32_t ditto_policy_parent(const ditto_policy_t *policy, uint32_t node);
/* There is something below the node. */
bool ditto_policy_inner(const ditto_policy_t *policy, uint32_t node);

/* The bits of all permissions, 0 if there are none. */
unsigned ditto_policy_facts(const ditto_policy_t *policy, uint32_t node,
    uint32_t subject);


/* How far a resource's path leads down the tree. */
typedef struct {
    uint32_t  nodes[DITTO_POLICY_NODES + 1];     /* nodes[0]: the root */
    size_t    n;
    bool      type;              /* at least to the resource's type */
    bool      exact;             /* to its end */
} ditto_policy_walk_t;

void ditto_policy_walk(const ditto_policy_t *policy,
    const ditto_resource_t *resource, ditto_policy_walk_t *walk);


/* The names of the additions and of importable, in Ditto's order. */
extern const char *const  ditto_policy_additions[3];
extern const char *const  ditto_policy_importables[3];

/* "READ", "WRITE", "EXECUTE" */
extern const char *const  ditto_policy_permissions[3];


/*
 * The entries in effect: of the document itself, of what it imports, of the
 * root policies of its namespace, references resolved.  The array is of
 * ditto_policy_entry_t; it and all it points to lives in scratch and in the
 * documents, err in pool.
 */
ditto_rc_t ditto_policy_entries(ditto_scratch_t *scratch, ditto_pool_t *pool,
    const ditto_policy_document_t *document, ditto_policy_lookup_pt lookup,
    void *ctx, const ditto_policy_roots_t *roots, ditto_array_t *entries,
    ditto_error_t *err);

/* True if a namespace pattern ("a.b", "a.b.*") matches. */
bool ditto_policy_namespace_matches(ditto_str_t pattern, ditto_str_t ns);


#endif /* _DITTO_POLICY_PRIVATE_H_INCLUDED_ */
