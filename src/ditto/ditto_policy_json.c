/*
 * A document as jansson's tree.  jansson's own parser is not asked: out of
 * memory it calls a good text wrong, or loses bytes of a string in silence.
 */

#include <float.h>

#include "ditto_json.h"
#include "ditto_json_print.h"
#include "ditto_number.h"
#include "ditto_policy_reader.h"


static ditto_rc_t ditto_policy_json_value(ditto_policy_reader_t *r,
    ditto_json_t *it, json_t **json);
static ditto_rc_t ditto_policy_json_string(ditto_policy_reader_t *r,
    const ditto_json_t *it, ditto_str_t raw, ditto_str_t *text);
static json_t *ditto_policy_json_number(ditto_str_t value);


ditto_rc_t
ditto_policy_json(ditto_policy_reader_t *r, ditto_str_t text)
{
    size_t        n;
    json_t       *value, *open[DITTO_JSON_DEPTH];
    ditto_rc_t    rc;
    ditto_str_t   raw, name;
    ditto_json_t  it;

    if (ditto_json_validate(text, r->err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    ditto_json_open(&it, ditto_str_trim(text));
    it.start = text.data;

    rc = ditto_policy_json_value(r, &it, &value);
    r->json = value;

    for (n = 0; rc == DITTO_OK; /* void */ ) {

        if (json_is_object(value) || json_is_array(value)) {
            open[n++] = value;
        }

        while (n != 0
               && !ditto_json_step(&it, json_is_object(open[n - 1]) ? &raw
                                                                    : NULL))
        {
            n--;
        }

        if (n == 0) {
            return DITTO_OK;
        }

        if (json_is_array(open[n - 1])) {
            rc = ditto_policy_json_value(r, &it, &value);

            if (rc == DITTO_OK) {
                rc = ditto_policy_append(r, open[n - 1], value);
            }

            continue;
        }

        rc = ditto_policy_json_string(r, &it, raw, &name);

        if (rc == DITTO_OK) {
            rc = ditto_policy_json_value(r, &it, &value);
        }

        if (rc == DITTO_OK) {
            rc = ditto_policy_set(r, open[n - 1], name, value);
        }
    }

    return DITTO_ERROR;
}


/* A scalar, or a container that is entered. */
static ditto_rc_t
ditto_policy_json_value(ditto_policy_reader_t *r, ditto_json_t *it,
    json_t **json)
{
    ditto_str_t  value, text;

    *json = NULL;

    if (*it->pos == '{' || *it->pos == '[') {
        *json = (*it->pos++ == '{') ? json_object() : json_array();

    } else {
        value = ditto_json_take(it);

        switch (ditto_json_type(value)) {

        case DITTO_JSON_STRING:
            if (ditto_policy_json_string(r, it,
                                         ditto_str_sub(value, 1,
                                                       value.len - 1),
                                         &text)
                != DITTO_OK)
            {
                return DITTO_ERROR;
            }

            *json = json_stringn((const char *) text.data, text.len);
            break;

        case DITTO_JSON_NUMBER:
            *json = ditto_policy_json_number(value);
            break;

        case DITTO_JSON_NULL:
            *json = json_null();
            break;

        default:
            *json = json_boolean(ditto_json_type(value) == DITTO_JSON_TRUE);
        }
    }

    return (*json == NULL) ? ditto_fail_memory(r->err) : DITTO_OK;
}


/* A name or a string, decoded; not U+0000, not half a surrogate pair. */
static ditto_rc_t
ditto_policy_json_string(ditto_policy_reader_t *r, const ditto_json_t *it,
    ditto_str_t raw, ditto_str_t *text)
{
    ditto_str_t  none = ditto_null_string;

    if (ditto_json_decode(r->pool, raw, text) != DITTO_OK) {
        return ditto_fail_memory(r->err);
    }

    if (ditto_str_chr(*text, '\0', 0) != text->len
        || ditto_json_lone_surrogate(raw))
    {
        (void) ditto_fail(r->err, DITTO_E_JSON_INVALID,
                          ditto_str("a character that is not allowed"), none);
        r->err->offset = (size_t) (raw.data - it->start);

        return DITTO_ERROR;
    }

    return DITTO_OK;
}


static json_t *
ditto_policy_json_number(ditto_str_t value)
{
    double   d;
    int64_t  n;

    if (ditto_number_int64(value, &n)) {
        return json_integer(n);
    }

    /* jansson knows no infinite numbers, and nobody here needs the value */

    d = ditto_number_double(value);
    d = (d > DBL_MAX) ? DBL_MAX : (d < -DBL_MAX) ? -DBL_MAX : d;

    return json_real(d);
}
