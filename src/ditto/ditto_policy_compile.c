/*
 * From entries in effect to facts: mentions are collected, sorted, merged,
 * carried up to the nodes above, sorted and merged again.  All of that happens
 * in scratch memory.
 */

#include "ditto_json.h"
#include "ditto_policy_private.h"
#include "ditto_time.h"


/*
 * A mention is what a fact is, node << 32 | subject << 12, but for its lowest
 * bits: revoked permissions << 3 | granted ones.
 */
#define DITTO_MENTION_REVOKED  3

#define DITTO_POLICY_FACTS_MAX     (1u << 24)


typedef struct {
    ditto_scratch_t        scratch;
    ditto_error_t         *err;
    ditto_policy_names_t   nodes;
    ditto_policy_names_t   subjects;
    ditto_array_t          node_elts;        /* of ditto_policy_name_t */
    ditto_array_t          subject_elts;     /* of ditto_policy_name_t */
    ditto_array_t          members;          /* of uint32_t: of one entry */
    ditto_array_t          mentions;         /* of uint64_t */
    ditto_array_t          facts;            /* of uint64_t */
    ditto_time_t           now;
    int64_t                expires;
    bool                   namespaces;
} ditto_compile_t;


static ditto_rc_t ditto_compile_run(ditto_compile_t *c,
    const ditto_array_t *entries, ditto_str_t ns);
static bool ditto_compile_applies(const ditto_policy_entry_t *entry,
    ditto_str_t ns, bool *namespaces);
static ditto_rc_t ditto_compile_entry(ditto_compile_t *c,
    const ditto_policy_entry_t *entry);
static ditto_rc_t ditto_compile_subjects(ditto_compile_t *c,
    ditto_str_t object);
static ditto_rc_t ditto_compile_resources(ditto_compile_t *c,
    ditto_str_t object);
static ditto_rc_t ditto_compile_node(ditto_compile_t *c, ditto_str_t key,
    uint32_t *node);
static unsigned ditto_compile_permissions(ditto_str_t resource,
    const char *effect);
static ditto_rc_t ditto_compile_facts(ditto_compile_t *c);
static ditto_rc_t ditto_compile_mention(ditto_compile_t *c, uint64_t mention);
static ditto_rc_t ditto_compile_sort(ditto_compile_t *c, ditto_array_t *a);
static void ditto_compile_spread(const uint64_t *from, uint64_t *to, size_t n,
    uint32_t *counts, size_t ncounts, unsigned shift, uint32_t mask);
static ditto_rc_t ditto_compile_name(ditto_compile_t *c,
    ditto_policy_names_t *names, ditto_array_t *elts, uint32_t parent,
    ditto_str_t text, uint32_t max, uint32_t *index);
static ditto_rc_t ditto_compile_grow(ditto_pool_t *pool,
    ditto_policy_names_t *names, size_t n);
static void ditto_compile_enter(ditto_policy_names_t *names, uint32_t index);
static ditto_rc_t ditto_compile_large(ditto_compile_t *c);


ditto_rc_t
ditto_policy_compile(ditto_pool_t *pool,
    const ditto_policy_document_t *document, ditto_policy_lookup_pt lookup,
    void *ctx, ditto_str_t ns, ditto_time_t now, ditto_policy_t **policy,
    ditto_error_t *err)
{
    return ditto_policy_compile_with_roots(pool, document, lookup, ctx, NULL,
                                           ns, now, policy, err);
}


ditto_rc_t
ditto_policy_compile_with_roots(ditto_pool_t *pool,
    const ditto_policy_document_t *document, ditto_policy_lookup_pt lookup,
    void *ctx, const ditto_policy_roots_t *roots, ditto_str_t ns,
    ditto_time_t now, ditto_policy_t **policy, ditto_error_t *err)
{
    ditto_rc_t        rc;
    ditto_array_t     entries;
    ditto_compile_t   c;

    memset(&c, 0, sizeof(c));
    ditto_scratch_init(&c.scratch);
    c.err = err;
    c.now = now;
    c.expires = INT64_MAX;

    rc = ditto_policy_entries(&c.scratch, pool, document, lookup, ctx, roots,
                              &entries, err);

    if (rc == DITTO_OK) {
        rc = ditto_compile_run(&c, &entries, ns);
    }

    if (rc == DITTO_OK) {
        rc = ditto_policy_pack(pool, &c.scratch.pool, &c.nodes, &c.subjects,
                               &c.facts, policy);

        if (rc == DITTO_OK) {
            (*policy)->expires = c.expires;
            (*policy)->namespaces = c.namespaces;

        } else {
            (void) ditto_fail_memory(err);
        }
    }

    ditto_scratch_free(&c.scratch);

    return rc;
}


static ditto_rc_t
ditto_compile_run(ditto_compile_t *c, const ditto_array_t *entries,
    ditto_str_t ns)
{
    size_t                       i;
    ditto_pool_t                *scratch;
    ditto_policy_name_t         *root;
    const ditto_policy_entry_t  *e;

    scratch = &c->scratch.pool;

    ditto_array_init(&c->node_elts, scratch, sizeof(ditto_policy_name_t));
    ditto_array_init(&c->subject_elts, scratch, sizeof(ditto_policy_name_t));
    ditto_array_init(&c->members, scratch, sizeof(uint32_t));
    ditto_array_init(&c->mentions, scratch, sizeof(uint64_t));
    ditto_array_init(&c->facts, scratch, sizeof(uint64_t));

    if (ditto_compile_grow(scratch, &c->nodes, 8) != DITTO_OK
        || ditto_compile_grow(scratch, &c->subjects, 8) != DITTO_OK)
    {
        return ditto_fail_memory(c->err);
    }

    root = ditto_array_push(&c->node_elts);
    if (root == NULL) {
        return ditto_fail_memory(c->err);
    }

    memset(root, 0, sizeof(ditto_policy_name_t));
    c->nodes.elts = c->node_elts.elts;
    c->nodes.n = 1;

    e = entries->elts;

    for (i = 0; i < entries->nelts; i++) {
        if (!ditto_compile_applies(&e[i], ns, &c->namespaces)) {
            continue;
        }

        if (ditto_compile_entry(c, &e[i]) != DITTO_OK) {
            return DITTO_ERROR;
        }
    }

    return ditto_compile_facts(c);
}


/* spec: Policy document, Schema: namespaces; none at all means every one */
static bool
ditto_compile_applies(const ditto_policy_entry_t *entry, ditto_str_t ns,
    bool *namespaces)
{
    bool                any;
    size_t              i;
    ditto_str_t         name, value;
    ditto_json_t        it;
    const ditto_str_t  *arrays;

    any = false;
    arrays = entry->namespaces.elts;

    for (i = 0; i < entry->namespaces.nelts; i++) {

        ditto_json_iterate(&it, arrays[i]);

        while (ditto_json_next(&it, &name, &value)) {
            any = true;
            *namespaces = true;

            if (ns.data == NULL
                || ditto_policy_namespace_matches(
                       ditto_str_sub(value, 1, value.len - 1), ns))
            {
                return true;
            }
        }
    }

    return !any;
}


/* --- collecting ---------------------------------------------------------- */

static ditto_rc_t
ditto_compile_entry(ditto_compile_t *c, const ditto_policy_entry_t *entry)
{
    size_t              i;
    const ditto_str_t  *objects;

    c->members.nelts = 0;
    objects = entry->subjects.elts;

    for (i = 0; i < entry->subjects.nelts; i++) {
        if (ditto_compile_subjects(c, objects[i]) != DITTO_OK) {
            return DITTO_ERROR;
        }
    }

    if (c->members.nelts == 0) {
        return DITTO_OK;
    }

    objects = entry->resources.elts;

    for (i = 0; i < entry->resources.nelts; i++) {
        if (ditto_compile_resources(c, objects[i]) != DITTO_OK) {
            return DITTO_ERROR;
        }
    }

    return DITTO_OK;
}


static ditto_rc_t
ditto_compile_subjects(ditto_compile_t *c, ditto_str_t object)
{
    int64_t        sec;
    uint32_t       index, *member;
    ditto_str_t    name, value, id, expiry;
    ditto_time_t   t;
    ditto_json_t   it;

    ditto_json_iterate(&it, object);

    while (ditto_json_next(&it, &name, &value)) {

        if (ditto_json_member(value, ditto_str("expiry"), &expiry) == DITTO_OK
            && ditto_time_parse(ditto_str_sub(expiry, 1, expiry.len - 1), &t)
               == DITTO_OK)
        {
            if (ditto_time_compare(t, c->now) <= 0) {
                continue;
            }

            sec = t.sec + (t.nsec != 0 ? 1 : 0);

            if (sec < c->expires) {
                c->expires = sec;
            }
        }

        if (ditto_json_decode(&c->scratch.pool, name, &id) != DITTO_OK) {
            return ditto_fail_memory(c->err);
        }

        if (ditto_compile_name(c, &c->subjects, &c->subject_elts, 0, id,
                               DITTO_POLICY_SUBJECTS_MAX, &index)
            != DITTO_OK)
        {
            return DITTO_ERROR;
        }

        member = ditto_array_push(&c->members);
        if (member == NULL) {
            return ditto_fail_memory(c->err);
        }

        *member = index;
    }

    return DITTO_OK;
}


static ditto_rc_t
ditto_compile_resources(ditto_compile_t *c, ditto_str_t object)
{
    size_t         i;
    uint32_t       node, *members;
    uint64_t      *mention;
    unsigned       bits;
    ditto_str_t    name, value, key;
    ditto_json_t   it;

    ditto_json_iterate(&it, object);

    while (ditto_json_next(&it, &name, &value)) {

        bits = ditto_compile_permissions(value, "grant")
               | ditto_compile_permissions(value, "revoke")
                 << DITTO_MENTION_REVOKED;

        if (bits == 0) {
            continue;
        }

        if (ditto_json_decode(&c->scratch.pool, name, &key) != DITTO_OK) {
            return ditto_fail_memory(c->err);
        }

        if (ditto_compile_node(c, key, &node) != DITTO_OK) {
            return DITTO_ERROR;
        }

        members = c->members.elts;

        for (i = 0; i < c->members.nelts; i++) {

            if (c->mentions.nelts == DITTO_POLICY_FACTS_MAX) {
                return ditto_compile_large(c);
            }

            mention = ditto_array_push(&c->mentions);
            if (mention == NULL) {
                return ditto_fail_memory(c->err);
            }

            *mention = (uint64_t) node << DITTO_FACT_NODE
                       | (uint64_t) members[i] << DITTO_FACT_SUBJECT | bits;
        }
    }

    return DITTO_OK;
}


/* "type:/path"; the type is a pointer as well, usually of one segment. */
static ditto_rc_t
ditto_compile_node(ditto_compile_t *c, ditto_str_t key, uint32_t *node)
{
    size_t            i, j, colon;
    uint32_t          child;
    ditto_pointer_t   pointers[2];

    colon = ditto_str_chr(key, ':', 0);

    if (ditto_pointer_parse_escaped(&c->scratch.pool,
                                    ditto_str_sub(key, 0, colon),
                                    &pointers[0], c->err)
        != DITTO_OK
        || ditto_pointer_parse_escaped(&c->scratch.pool,
                                       ditto_str_sub(key, colon + 1, key.len),
                                       &pointers[1], c->err)
           != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    *node = 0;

    for (i = 0; i < 2; i++) {
        for (j = 0; j < pointers[i].n; j++) {

            if (ditto_compile_name(c, &c->nodes, &c->node_elts, *node,
                                   pointers[i].segments[j],
                                   DITTO_POLICY_NODES_MAX, &child)
                != DITTO_OK)
            {
                return DITTO_ERROR;
            }

            c->nodes.elts[*node].inner = true;
            c->nodes.elts[child].depth = (uint16_t)
                                         (c->nodes.elts[*node].depth + 1);

            *node = child;
        }
    }

    if (c->nodes.elts[*node].depth > DITTO_POLICY_NODES) {
        return ditto_compile_large(c);
    }

    return DITTO_OK;
}


static unsigned
ditto_compile_permissions(ditto_str_t resource, const char *effect)
{
    unsigned       p, bits;
    ditto_str_t    name, value, array;
    ditto_json_t   it;

    bits = 0;

    if (ditto_json_member(resource, ditto_str(effect), &array) != DITTO_OK) {
        return 0;
    }

    ditto_json_iterate(&it, array);

    while (ditto_json_next(&it, &name, &value)) {
        for (p = 0; p < 3; p++) {
            if (ditto_json_name_is(ditto_str_sub(value, 1, value.len - 1),
                                   ditto_str(ditto_policy_permissions[p])))
            {
                bits |= 1u << p;
            }
        }
    }

    return bits;
}


/* --- merging ------------------------------------------------------------- */

/* spec: Primitive: mention: a revoke wins over a grant at the same place */
static ditto_rc_t
ditto_compile_facts(ditto_compile_t *c)
{
    size_t     i;
    uint64_t  *mentions;

    if (ditto_compile_sort(c, &c->mentions) != DITTO_OK) {
        return ditto_fail_memory(c->err);
    }

    mentions = c->mentions.elts;

    for (i = 0; i < c->mentions.nelts; i++) {
        if (ditto_compile_mention(c, mentions[i]) != DITTO_OK) {
            return DITTO_ERROR;
        }
    }

    if (ditto_compile_sort(c, &c->facts) != DITTO_OK) {
        return ditto_fail_memory(c->err);
    }

    return DITTO_OK;
}


/* One fact where it was mentioned, and one at each node above. */
static ditto_rc_t
ditto_compile_mention(ditto_compile_t *c, uint64_t mention)
{
    uint32_t   node;
    uint64_t  *fact, subject, here, below;
    unsigned   p;

    here = 0;
    below = 0;

    for (p = 0; p < 3; p++) {

        if ((mention >> (DITTO_MENTION_REVOKED + p) & 1) != 0) {
            here |= DITTO_POLICY_REVOKE << DITTO_FACT_BITS * p;
            below |= DITTO_POLICY_REVOKE_BELOW << DITTO_FACT_BITS * p;

        } else if ((mention >> p & 1) != 0) {
            here |= DITTO_POLICY_GRANT << DITTO_FACT_BITS * p;
            below |= DITTO_POLICY_GRANT_BELOW << DITTO_FACT_BITS * p;
        }
    }

    node = (uint32_t) (mention >> DITTO_FACT_NODE);
    subject = (mention & UINT32_MAX) >> DITTO_FACT_SUBJECT
                                        << DITTO_FACT_SUBJECT;

    for ( ;; ) {
        if (c->facts.nelts == DITTO_POLICY_FACTS_MAX) {
            return ditto_compile_large(c);
        }

        fact = ditto_array_push(&c->facts);
        if (fact == NULL) {
            return ditto_fail_memory(c->err);
        }

        *fact = (uint64_t) node << DITTO_FACT_NODE | subject | here;

        if (node == 0) {
            return DITTO_OK;
        }

        node = c->nodes.elts[node].parent;
        here = below;
    }
}


/*
 * Sorts by node and subject, both of which are small numbers, and joins those
 * that differ in their lowest bits only.
 */
static ditto_rc_t
ditto_compile_sort(ditto_compile_t *c, ditto_array_t *a)
{
    size_t     i, n, ncounts;
    uint32_t  *counts;
    uint64_t  *elts, *other;

    if (a->nelts == 0) {
        return DITTO_OK;
    }

    ncounts = (c->nodes.n > c->subjects.n) ? c->nodes.n : c->subjects.n;
    counts = ditto_alloc(&c->scratch.pool, ncounts * sizeof(uint32_t));
    other = ditto_alloc(&c->scratch.pool, a->nelts * sizeof(uint64_t));

    if (counts == NULL || other == NULL) {
        return DITTO_ERROR;
    }

    elts = a->elts;

    ditto_compile_spread(elts, other, a->nelts, counts, c->subjects.n,
                         DITTO_FACT_SUBJECT, DITTO_POLICY_SUBJECTS_MAX - 1);
    ditto_compile_spread(other, elts, a->nelts, counts, c->nodes.n,
                         DITTO_FACT_NODE, UINT32_MAX);

    n = 0;

    for (i = 1; i < a->nelts; i++) {
        if (elts[i] >> DITTO_FACT_SUBJECT == elts[n] >> DITTO_FACT_SUBJECT) {
            elts[n] |= elts[i];

        } else {
            elts[++n] = elts[i];
        }
    }

    a->nelts = n + 1;

    return DITTO_OK;
}


/* A stable counting sort by one number in the elements. */
static void
ditto_compile_spread(const uint64_t *from, uint64_t *to, size_t n,
    uint32_t *counts, size_t ncounts, unsigned shift, uint32_t mask)
{
    size_t    i;
    uint32_t  at, count;

    memset(counts, 0, ncounts * sizeof(uint32_t));

    for (i = 0; i < n; i++) {
        counts[from[i] >> shift & mask]++;
    }

    for (i = 0, at = 0; i < ncounts; i++) {
        count = counts[i];
        counts[i] = at;
        at += count;
    }

    for (i = 0; i < n; i++) {
        to[counts[from[i] >> shift & mask]++] = from[i];
    }
}


/* --- names --------------------------------------------------------------- */

/* The index of a name, which is added if it is new. */
static ditto_rc_t
ditto_compile_name(ditto_compile_t *c, ditto_policy_names_t *names,
    ditto_array_t *elts, uint32_t parent, ditto_str_t text, uint32_t max,
    uint32_t *index)
{
    uint32_t              slot;
    ditto_policy_name_t  *name;

    for (slot = ditto_policy_hash(parent, text) & names->mask;
         names->slots[slot] != 0;
         slot = (slot + 1) & names->mask)
    {
        *index = names->slots[slot] - 1;
        name = &names->elts[*index];

        if (name->parent == parent && ditto_str_eq(name->text, text)) {
            return DITTO_OK;
        }
    }

    if (names->n == max) {
        return ditto_compile_large(c);
    }

    name = ditto_array_push(elts);
    if (name == NULL) {
        return ditto_fail_memory(c->err);
    }

    name->text = text;
    name->parent = parent;
    name->depth = 0;
    name->inner = false;

    *index = names->n++;
    names->elts = elts->elts;

    if (ditto_compile_grow(&c->scratch.pool, names, names->n) != DITTO_OK) {
        return ditto_fail_memory(c->err);
    }

    return DITTO_OK;
}


/* Slots for n names, at least twice as many; a power of two. */
static ditto_rc_t
ditto_compile_grow(ditto_pool_t *pool, ditto_policy_names_t *names, size_t n)
{
    size_t    slots;
    uint32_t  i;

    if (names->slots != NULL && n * 2 <= names->mask + (size_t) 1) {
        ditto_compile_enter(names, names->n - 1);
        return DITTO_OK;
    }

    for (slots = 4; slots < n * 4; slots *= 2) {
        /* void */
    }

    names->slots = ditto_zalloc(pool, slots * sizeof(uint32_t));
    if (names->slots == NULL) {
        return DITTO_ERROR;
    }

    names->mask = (uint32_t) (slots - 1);

    for (i = 0; i < names->n; i++) {

        /* the root is nobody's child */

        if (names->elts[i].text.data != NULL) {
            ditto_compile_enter(names, i);
        }
    }

    return DITTO_OK;
}


static void
ditto_compile_enter(ditto_policy_names_t *names, uint32_t index)
{
    uint32_t  slot;

    slot = ditto_policy_hash(names->elts[index].parent,
                             names->elts[index].text)
           & names->mask;

    while (names->slots[slot] != 0) {
        slot = (slot + 1) & names->mask;
    }

    names->slots[slot] = index + 1;
}


static ditto_rc_t
ditto_compile_large(ditto_compile_t *c)
{
    return ditto_fail_text(c->err, DITTO_E_IMPORT_INVALID,
                           "The policy and what it imports are too large to "
                           "be enforced.");
}
