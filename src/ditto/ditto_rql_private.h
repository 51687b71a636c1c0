/*
 * What the files of RQL share; nobody else includes it.
 */

#ifndef _DITTO_RQL_PRIVATE_H_INCLUDED_
#define _DITTO_RQL_PRIVATE_H_INCLUDED_


#include "ditto_number.h"
#include "ditto_placeholder.h"
#include "ditto_rql.h"


/*
 * Objects whose members are remembered, since most terms of a filter look into
 * the same ones; those that are larger are read again.
 */
#define DITTO_RQL_TABLES   4
#define DITTO_RQL_MEMBERS  16


/* What stands behind the name of a function. */
typedef enum {
    DITTO_RQL_ONE_VALUE = 0,         /* property, value */
    DITTO_RQL_VALUES,                /* property, value, ... */
    DITTO_RQL_TERMS,                 /* term, ... */
    DITTO_RQL_ONE_TERM,
    DITTO_RQL_PROPERTY
} ditto_rql_form_e;


/* What a function asks, bits: the orders of scalar and literal that will do, */
#define DITTO_RQL_LESS     0x01
#define DITTO_RQL_EQUAL    0x02
#define DITTO_RQL_GREATER  0x04
#define DITTO_RQL_NULLS    0x08      /* and null equals null; */
#define DITTO_RQL_PATTERN  0x10      /* the literal is a pattern, */
#define DITTO_RQL_ICASE    0x20      /* of any case; */
#define DITTO_RQL_ALL      0x40      /* each term, not one of them; */
#define DITTO_RQL_EMPTY    0x80      /* that nothing is in the property; */
#define DITTO_RQL_NOT      0x100     /* and the contrary of all that */


typedef struct {
    ditto_str_t       name;
    ditto_rql_form_e  form;
    unsigned          asks;
} ditto_rql_function_t;


typedef enum {
    DITTO_RQL_NULL = 0,
    DITTO_RQL_BOOLEAN,
    DITTO_RQL_NUMBER,
    DITTO_RQL_STRING,
    DITTO_RQL_TIME                   /* a string, made anew for each signal */
} ditto_rql_type_e;


/* A literal of the filter, or a scalar of the message. */
typedef struct {
    ditto_rql_type_e     type;
    bool                 boolean;
    bool                 decoded;    /* text is no longer as JSON spells it */
    ditto_number_t       number;
    ditto_str_t          text;       /* of a string; "time:..." */
    ditto_placeholder_t  time;       /* row is NULL: unknown, so null */
    size_t               offset;     /* into the filter */
} ditto_rql_value_t;


typedef enum {
    DITTO_RQL_MEMBER = 0,            /* walked */
    DITTO_RQL_FEATURE,               /* a whole one */
    DITTO_RQL_PLACEHOLDER,
    DITTO_RQL_NEVER                  /* hidden members never exist */
} ditto_rql_field_e;


/* Members of a thing that are not simply looked up; hidden from revision on. */
typedef enum {
    DITTO_RQL_PLAIN = 0,
    DITTO_RQL_THING_ID,
    DITTO_RQL_REVISION,
    DITTO_RQL_NAMESPACE,
    DITTO_RQL_MODIFIED,
    DITTO_RQL_CREATED,
    DITTO_RQL_METADATA
} ditto_rql_special_e;


typedef struct {
    ditto_rql_field_e     kind;
    ditto_rql_special_e   special;   /* what the first segment is */
    ditto_str_t          *segments;
    size_t                n;
    bool                  flatten;   /* arrays on the way are entered */
    bool                  object;    /* a null there is "absent" */
    bool                  unknown;   /* until fields are fetched */
    ditto_str_t           malformed; /* as a pointer when walked; data is NULL:
                                        fine */
    ditto_str_t           unknowable; /* the same in phase 1 */
    ditto_placeholder_t   placeholder;
} ditto_rql_field_t;


/* A term.  Those of and, or, not follow it, to end. */
typedef struct {
    const ditto_rql_function_t  *function;
    size_t                       end;       /* index of the node behind */
    size_t                       offset;    /* of the property, into the
                                               filter */
    ditto_str_t                  property;  /* escapes decoded */
    ditto_rql_field_t            field;
    ditto_rql_value_t           *values;
    size_t                       nvalues;
} ditto_rql_node_t;


struct ditto_rql_s {
    ditto_str_t        text;
    ditto_rql_node_t  *nodes;        /* depth first */
    size_t             n;
};


/* The same value in both texts; data is NULL where it is not. */
typedef struct {
    ditto_str_t  own;                /* of the signal, it wins */
    ditto_str_t  fetched;
} ditto_rql_pair_t;


typedef struct {
    const unsigned char  *object;    /* where it begins */
    size_t                n;         /* more than fit: not remembered */
    bool                  plain;     /* no name has an escape */
    ditto_str_t           names[DITTO_RQL_MEMBERS];      /* raw */
    ditto_str_t           values[DITTO_RQL_MEMBERS];
} ditto_rql_table_t;


/* The objects looked into last. */
typedef struct ditto_rql_tables_s {
    ditto_rql_table_t  elts[DITTO_RQL_TABLES];
    size_t             n;            /* made so far */
} ditto_rql_tables_t;


typedef struct {
    const ditto_rql_t     *rql;
    const ditto_scope_t   *scope;
    const ditto_signal_t  *signal;
    bool                   possible; /* phase 1 */
    bool                   thing;    /* the signal makes one */
    bool                   whole;    /* at "/", created or modified */
    ditto_str_t            own;      /* it, as text; data is NULL: the value
                                        stands at the path, if there is one */
    ditto_str_t            fetched;  /* data is NULL: nothing */
    ditto_rql_tables_t    *tables;
    ditto_error_t         *err;
} ditto_rql_eval_t;


/* A term being evaluated. */
typedef struct {
    const ditto_rql_eval_t   *ev;
    const ditto_rql_node_t   *node;
    const ditto_rql_value_t  *values;
    bool                      found;
    bool                      flattened;
    bool                      empty;
} ditto_rql_term_t;


/* Sets nodes, their values, and the property texts. */
ditto_rc_t ditto_rql_parse(ditto_pool_t *pool, ditto_rql_t *rql,
    ditto_error_t *err);

/* Makes a field of the node's property. */
ditto_rc_t ditto_rql_field(ditto_pool_t *pool, ditto_rql_node_t *node,
    const ditto_str_t *unknown, size_t nunknown, ditto_error_t *err);

/* True without what ends a line in regular expressions of Java. */
bool ditto_rql_one_line(ditto_str_t text);

/* A scalar of JSON; its text is not decoded. */
void ditto_rql_scalar(ditto_str_t json, ditto_rql_value_t *value);

/*
 * Whether a scalar of a message stands in the relation to a literal that asks
 * names, DITTO_RQL_NOT aside.  DITTO_DECLINED: it does not.  DITTO_ERROR: they
 * cannot be compared, or out of memory.
 */
ditto_rc_t ditto_rql_test(ditto_pool_t *pool, unsigned asks,
    ditto_rql_value_t *scalar, const ditto_rql_value_t *literal,
    ditto_error_t *err);

/*
 * Finds the values of the term's field and hands each to ditto_rql_found() or
 * ditto_rql_candidate(), until one does not answer DITTO_DECLINED.
 */
ditto_rc_t ditto_rql_member(ditto_rql_term_t *term);

/* A value at the end of the pointer. */
ditto_rc_t ditto_rql_found(ditto_rql_term_t *term,
    const ditto_rql_pair_t *value);
/* A scalar. */
ditto_rc_t ditto_rql_candidate(ditto_rql_term_t *term,
    ditto_rql_value_t *scalar);

/* The member of two objects; false: neither has it. */
bool ditto_rql_child(const ditto_rql_eval_t *ev, const ditto_rql_pair_t *of,
    ditto_str_t name, ditto_rql_pair_t *value);

/* DITTO_E_JSON_POINTER_INVALID */
ditto_rc_t ditto_rql_malformed(const ditto_rql_eval_t *ev,
    ditto_str_t pointer);

/* True if there is a value and it begins with c. */
bool ditto_rql_is(ditto_str_t value, char c);


#endif /* _DITTO_RQL_PRIVATE_H_INCLUDED_ */
