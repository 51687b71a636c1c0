/*
 * Between the files that read policy documents.
 */

#ifndef _DITTO_POLICY_READER_H_INCLUDED_
#define _DITTO_POLICY_READER_H_INCLUDED_


#include "ditto_json_tree.h"
#include "ditto_policy_private.h"


#define DITTO_POLICY_PLACE  8            /* names in a pointer to a member */

#define DITTO_POLICY_NOT_OBJECT  "<%1> is not a JSON object!"


typedef struct {
    ditto_pool_t      *pool;     /* of what is left: document or error */
    ditto_error_t     *err;
    ditto_scratch_t    scratch;
    ditto_node_t       json;     /* as it came */
    ditto_node_t       policy;   /* as it will be written */
    ditto_str_t        names[DITTO_POLICY_PLACE];    /* to the member in work */
    size_t             n;
    bool               stored;   /* it was rendered by us */
} ditto_policy_reader_t;


typedef enum {
    DITTO_FIELD_STRING = 0,
    DITTO_FIELD_BOOLEAN,
    DITTO_FIELD_LONG,
    DITTO_FIELD_OBJECT,
    DITTO_FIELD_ARRAY
} ditto_field_e;


/* Reads value, the member name of some object, and puts it into out. */
typedef ditto_rc_t (*ditto_policy_member_pt)(ditto_policy_reader_t *r,
    ditto_str_t name, const ditto_node_t *value, ditto_node_t *out);


/* --- members -------------------------------------------------------------- */

/* All of a document. */
ditto_rc_t ditto_policy_members(ditto_policy_reader_t *r,
    const ditto_node_t *json, ditto_node_t *out);
ditto_rc_t ditto_policy_read_subject(ditto_policy_reader_t *r,
    ditto_str_t name, const ditto_node_t *value, ditto_node_t *out);
ditto_rc_t ditto_policy_read_resource(ditto_policy_reader_t *r,
    ditto_str_t name, const ditto_node_t *value, ditto_node_t *out);

/* --- the policy as a whole ------------------------------------------------ */

ditto_rc_t ditto_policy_check_imports(ditto_policy_reader_t *r);
/* Of the policy as it is written. */
ditto_rc_t ditto_policy_check_size(ditto_policy_reader_t *r,
    ditto_str_t text);
/* *rounded: something was. */
ditto_rc_t ditto_policy_round(ditto_policy_reader_t *r, bool *rounded);
ditto_rc_t ditto_policy_check_expired(ditto_policy_reader_t *r,
    ditto_time_t now);
ditto_rc_t ditto_policy_check_references(ditto_policy_reader_t *r);
ditto_rc_t ditto_policy_check_lockout(ditto_policy_reader_t *r);

/* --- names ---------------------------------------------------------------- */

ditto_rc_t ditto_policy_id_check(ditto_policy_reader_t *r,
    ditto_str_t id);
ditto_rc_t ditto_policy_label_check(ditto_policy_reader_t *r,
    ditto_str_t label);

/*
 * NULL, or what is wrong: neither controls nor U+007F .. U+00FF, which is
 * what Ditto takes for controls; at most 256 characters.
 */
const char *ditto_policy_characters(ditto_str_t text, bool slashes);

/* The empty one is valid. */
bool ditto_policy_namespace_valid(ditto_str_t ns);

/* UTF-16 code units, in which Ditto counts. */
size_t ditto_policy_units(ditto_str_t text);

/* --- helpers -------------------------------------------------------------- */

/*
 * A member by its name, NULL if there is none.  null is none too, but for
 * objects and arrays, which it leaves empty.
 */
ditto_rc_t ditto_policy_member(ditto_policy_reader_t *r,
    const ditto_node_t *json, const char *name, ditto_field_e type,
    const ditto_node_t **value);

/* Remembers where we are; who succeeds leaves with r->n--. */
bool ditto_policy_enter(ditto_policy_reader_t *r, ditto_str_t name);

/* Puts an empty value into object; NULL: out of memory. */
ditto_node_t *ditto_policy_put(ditto_policy_reader_t *r,
    ditto_node_t *object, ditto_str_t name, ditto_json_type_e type);
ditto_rc_t ditto_policy_put_string(ditto_policy_reader_t *r,
    ditto_node_t *object, const char *name, ditto_str_t text);
ditto_rc_t ditto_policy_append(ditto_policy_reader_t *r, ditto_node_t *array,
    ditto_str_t text);

/*
 * Puts a name into a set, an object whose values mean nothing.
 * DITTO_DECLINED: it is there.
 */
ditto_rc_t ditto_policy_add(ditto_policy_reader_t *r, ditto_node_t *set,
    ditto_str_t name);

/* The arguments are copied: they are of a tree that is about to go. */
ditto_rc_t ditto_policy_fail(ditto_policy_reader_t *r,
    ditto_error_code_e code, const char *message, const char *description,
    ditto_str_t arg1, ditto_str_t arg2);

/* The same with a value as %1 and the index of an element as %2. */
ditto_rc_t ditto_policy_fail_value(ditto_policy_reader_t *r,
    ditto_error_code_e code, const char *message, const char *description,
    const ditto_node_t *value, size_t index);

/* The pointer to the member in work, in pool. */
void ditto_policy_fail_place(ditto_policy_reader_t *r,
    ditto_str_t *place);

/* Of a string; empty if it is none or NULL. */
ditto_str_t ditto_policy_text(const ditto_node_t *string);


#endif /* _DITTO_POLICY_READER_H_INCLUDED_ */
