/*
 * The scanner against jansson: the same texts, and the same values in them.
 *
 * Seeds: envelope {text}
 * Seeds: policy_view {json}
 * Words: json
 */

#include "fuzz.h"

#include "ditto_json.h"
#include "ditto_json_print.h"
#include "unit_jansson.h"


#define FUZZ_DEPTH  30           /* each level is read again on each level */


static ditto_rc_t fuzz_members(unit_pool_t *up, ditto_str_t in);
static void fuzz_same(unit_pool_t *up, ditto_str_t value, const json_t *json,
    unsigned depth);
static void fuzz_same_members(unit_pool_t *up, ditto_str_t value,
    const json_t *json, unsigned depth);
static bool fuzz_text(unit_pool_t *up, ditto_str_t raw, ditto_str_t *text);
static void fuzz_write(unit_pool_t *up, ditto_str_t value, json_t *json);


void
fuzz_one(unit_pool_t *up, ditto_str_t in)
{
    json_t         *json;
    ditto_rc_t      rc;
    ditto_error_t   err;

    memset(&err, 0, sizeof(err));

    rc = fuzz_rc(up, ditto_json_validate(in, &err), &err);

    fuzz_check(up, rc == DITTO_OK || err.offset <= in.len);
    fuzz_check(up, rc == fuzz_members(up, in));

    json = unit_jansson(in);

    fuzz_check(up, (rc == DITTO_OK) == (json != NULL));

    if (rc == DITTO_OK) {
        in = ditto_str_trim(in);
        fuzz_same(up, in, json, 0);
        fuzz_write(up, in, json);
    }

    json_decref(json);
}


/* Read member by member a text is as right or as wrong as at once. */
static ditto_rc_t
fuzz_members(unit_pool_t *up, ditto_str_t in)
{
    ditto_rc_t      rc;
    ditto_str_t     name, value;
    ditto_json_t    json;
    ditto_error_t   err;

    memset(&err, 0, sizeof(err));

    ditto_json_open(&json, in);

    rc = fuzz_rc(up, ditto_json_enter(&json, &err), &err);

    while (rc == DITTO_OK) {
        rc = fuzz_rc(up, ditto_json_member_next(&json, &name, &value, &err),
                     &err);
    }

    return (rc == DITTO_DECLINED) ? DITTO_OK : rc;
}


static void
fuzz_same(unit_pool_t *up, ditto_str_t value, const json_t *json,
    unsigned depth)
{
    size_t        i;
    int64_t       n;
    ditto_str_t   name, element;
    ditto_json_t  it;

    static const ditto_json_type_e  types[] = {
        [JSON_OBJECT] = DITTO_JSON_OBJECT,
        [JSON_ARRAY] = DITTO_JSON_ARRAY,
        [JSON_STRING] = DITTO_JSON_STRING,
        [JSON_INTEGER] = DITTO_JSON_NUMBER,
        [JSON_REAL] = DITTO_JSON_NUMBER,
        [JSON_TRUE] = DITTO_JSON_TRUE,
        [JSON_FALSE] = DITTO_JSON_FALSE,
        [JSON_NULL] = DITTO_JSON_NULL,
    };

    fuzz_check(up, types[json_typeof(json)] == ditto_json_type(value));

    if (depth == FUZZ_DEPTH) {
        return;
    }

    switch (json_typeof(json)) {

    case JSON_OBJECT:
        fuzz_same_members(up, value, json, depth + 1);
        break;

    case JSON_ARRAY:
        ditto_json_iterate(&it, value);

        for (i = 0; ditto_json_next(&it, &name, &element); i++) {
            fuzz_check(up, i < json_array_size(json));
            fuzz_same(up, element, json_array_get(json, i), depth + 1);
        }

        fuzz_check(up, i == json_array_size(json));
        break;

    case JSON_STRING:
        if (fuzz_text(up, ditto_str_sub(value, 1, value.len - 1), &name)) {
            element.data = (const unsigned char *) json_string_value(json);
            element.len = json_string_length(json);
            fuzz_check(up, ditto_str_eq(name, element));
        }

        break;

    case JSON_INTEGER:
        fuzz_check(up, ditto_json_integer(value, &n) == DITTO_OK
                       && n == json_integer_value(json));
        break;

    case JSON_REAL:
        (void) ditto_json_integer(value, &n);
        break;

    default:
        break;
    }
}


/* Of members with one name the last counts. */
static void
fuzz_same_members(unit_pool_t *up, ditto_str_t value, const json_t *json,
    unsigned depth)
{
    ditto_str_t    raw, name, text, member, last;
    ditto_json_t   it;
    const json_t  *other;

    ditto_json_iterate(&it, value);

    while (ditto_json_next(&it, &raw, &member)) {

        if (ditto_json_decode(&up->pool, raw, &name) != DITTO_OK
            || !fuzz_text(up, raw, &text))
        {
            return;
        }

        fuzz_check(up, ditto_json_name_is(raw, name));
        fuzz_check(up, ditto_json_member(value, name, &last) == DITTO_OK);

        other = json_object_get(json, (const char *) text.data);
        fuzz_check(up, other != NULL);

        /* of \u0000 and \u0001 in names jansson sees one */

        if (last.data == member.data && ditto_str_eq(name, text)
            && memchr(name.data, 1, name.len) == NULL)
        {
            fuzz_same(up, member, other, depth);
        }
    }
}


/* The inside of a string as unit_jansson() makes jansson see it. */
static bool
fuzz_text(unit_pool_t *up, ditto_str_t raw, ditto_str_t *text)
{
    size_t          i;
    ditto_str_t     decoded;
    unsigned char  *copy;

    if (ditto_json_decode(&up->pool, raw, &decoded) != DITTO_OK
        || ditto_str_dup(&up->pool, decoded, text) != DITTO_OK)
    {
        return false;
    }

    copy = (unsigned char *) (uintptr_t) text->data;

    for (i = 0; i < text->len; i++) {
        copy[i] = (copy[i] == '\0') ? 1 : copy[i];
    }

    return true;
}


/* The writers keep the value; numbers that are the whole of it may change. */
static void
fuzz_write(unit_pool_t *up, ditto_str_t value, json_t *json)
{
    json_t         *other;
    ditto_buf_t     buf, again;
    ditto_str_t     text, second;

    ditto_buf_init(&buf, &up->pool, 0);
    ditto_json_add_compact(&buf, value);

    if (ditto_buf_done(&buf, &text) != DITTO_OK) {
        return;
    }

    other = unit_jansson(text);
    fuzz_check(up, other != NULL && json_equal(json, other));
    json_decref(other);

    ditto_buf_init(&again, &up->pool, 0);
    ditto_json_add_compact(&again, text);

    fuzz_check(up, ditto_buf_done(&again, &second) == DITTO_OK
                   && ditto_str_eq(text, second));

    fuzz_check(up, ditto_json_lone_surrogate(value)
                   || !ditto_json_lone_surrogate(text));

    if (ditto_json_print(&up->pool, value, &text) == DITTO_OK
        && ditto_json_type(value) != DITTO_JSON_NUMBER)
    {
        other = unit_jansson(text);
        fuzz_check(up, other != NULL && json_equal(json, other));
        json_decref(other);
    }
}
