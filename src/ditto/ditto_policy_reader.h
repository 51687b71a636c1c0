/*
 * Between the files that read policy documents; the only ones that see
 * jansson.
 */

#ifndef _DITTO_POLICY_READER_H_INCLUDED_
#define _DITTO_POLICY_READER_H_INCLUDED_


#include <jansson.h>

#include "ditto_policy_private.h"


#define DITTO_POLICY_PLACE  8            /* names in a pointer to a member */

#define DITTO_POLICY_NOT_OBJECT  "<%1> is not a JSON object!"


typedef struct {
    ditto_pool_t   *pool;
    ditto_error_t  *err;
    json_t         *json;        /* as it came; both are released at the end */
    json_t         *policy;      /* as it will be written */
    ditto_str_t     names[DITTO_POLICY_PLACE];   /* to the member in work */
    size_t          n;
    bool            stored;      /* it was rendered by us */
} ditto_policy_reader_t;


typedef enum {
    DITTO_FIELD_STRING = 0,
    DITTO_FIELD_BOOLEAN,
    DITTO_FIELD_LONG,
    DITTO_FIELD_OBJECT,
    DITTO_FIELD_ARRAY
} ditto_field_e;


/* Reads value, the member name of some object, and sets it in out. */
typedef ditto_rc_t (*ditto_policy_member_pt)(ditto_policy_reader_t *r,
    ditto_str_t name, json_t *value, json_t *out);


/* Validates the text and makes r->json of it. */
ditto_rc_t ditto_policy_json(ditto_policy_reader_t *r, ditto_str_t text);


/* --- members -------------------------------------------------------------- */

/* All of a document. */
ditto_rc_t ditto_policy_members(ditto_policy_reader_t *r, json_t *json,
    json_t *out);
ditto_rc_t ditto_policy_read_subject(ditto_policy_reader_t *r,
    ditto_str_t name, json_t *value, json_t *out);
ditto_rc_t ditto_policy_read_resource(ditto_policy_reader_t *r,
    ditto_str_t name, json_t *value, json_t *out);

/* --- the policy as a whole ------------------------------------------------ */

ditto_rc_t ditto_policy_check_imports(ditto_policy_reader_t *r,
    const json_t *policy);
ditto_rc_t ditto_policy_check_size(ditto_policy_reader_t *r,
    const json_t *policy);
ditto_rc_t ditto_policy_round(ditto_policy_reader_t *r, json_t *policy);
ditto_rc_t ditto_policy_check_expired(ditto_policy_reader_t *r,
    const json_t *policy, ditto_time_t now);
ditto_rc_t ditto_policy_check_references(ditto_policy_reader_t *r,
    const json_t *policy);
ditto_rc_t ditto_policy_check_lockout(ditto_policy_reader_t *r,
    const json_t *policy);

/* Only of the tree that was made here: objects, arrays, strings, booleans. */
void ditto_policy_render_value(ditto_buf_t *out, const json_t *value,
    unsigned depth);

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
    const json_t *json, const char *name, ditto_field_e type, json_t **value);

/* Remembers where we are; who succeeds leaves with r->n--. */
bool ditto_policy_enter(ditto_policy_reader_t *r, ditto_str_t name);

/* Take the reference, also when they fail; value is NULL: out of memory. */
ditto_rc_t ditto_policy_set(ditto_policy_reader_t *r, json_t *object,
    ditto_str_t name, json_t *value);
ditto_rc_t ditto_policy_append(ditto_policy_reader_t *r, json_t *array,
    json_t *value);

/* The arguments are copied: they are of a tree that is about to go. */
ditto_rc_t ditto_policy_fail(ditto_policy_reader_t *r,
    ditto_error_code_e code, const char *message, const char *description,
    ditto_str_t arg1, ditto_str_t arg2);

/* The same with a value as %1 and the index of an element as %2. */
ditto_rc_t ditto_policy_fail_value(ditto_policy_reader_t *r,
    ditto_error_code_e code, const char *message, const char *description,
    const json_t *value, size_t index);

/* The pointer to the member in work, in pool. */
void ditto_policy_fail_place(ditto_policy_reader_t *r,
    ditto_str_t *place);

ditto_str_t ditto_policy_text(const json_t *string);


#endif /* _DITTO_POLICY_READER_H_INCLUDED_ */
