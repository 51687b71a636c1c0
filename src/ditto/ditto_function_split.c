/*
 * Functions: fn:split, fn:join.
 */

#include "ditto_decode.h"
#include "ditto_function_private.h"
#include "ditto_regex.h"


static ditto_rc_t ditto_split_value(const ditto_regex_t *regex,
    ditto_str_t value, ditto_array_t *pieces, ditto_error_t *err);
static ditto_rc_t ditto_split_add(ditto_array_t *pieces, ditto_str_t piece,
    ditto_error_t *err);


/*
 * spec: split, "AS REGULAR EXPRESSION".  What Java cannot read is an error
 * only for a value that contains it, as in Ditto.
 */
ditto_rc_t
ditto_function_split_compile(ditto_pool_t *pool, ditto_stage_t *stage,
    ditto_error_t *err)
{
    ditto_rc_t            rc;
    const ditto_regex_t  *regex;

    rc = ditto_regex_compile(pool, stage->params[0].constant, &regex, err);

    if (rc == DITTO_OK) {
        stage->arg = regex;
    }

    return (rc == DITTO_ERROR) ? DITTO_ERROR : DITTO_OK;
}


ditto_rc_t
ditto_function_split(ditto_run_t *run, const ditto_stage_t *stage,
    ditto_element_t *element, ditto_error_t *err)
{
    size_t              i;
    ditto_rc_t          rc;
    ditto_array_t       pieces;
    ditto_str_t         none = ditto_null_string;
    const ditto_str_t  *value, *separator;

    ditto_array_init(&pieces, run->pool, sizeof(ditto_str_t));
    separator = &stage->params[0].constant;

    for (i = 0; i < element->values.n; i++) {
        value = &element->values.elts[i];

        if (ditto_str_find(*value, *separator) > value->len) {
            rc = ditto_split_add(&pieces, *value, err);

        } else if (stage->arg == NULL) {
            (void) ditto_fail(err, DITTO_E_CONNECTION_CONFIGURATION,
                              *separator, none);
            err->message = "The regular expression '%1' is not valid.";
            rc = DITTO_ERROR;

        } else {
            rc = ditto_split_value(stage->arg, *value, &pieces, err);
        }

        if (rc != DITTO_OK) {
            return DITTO_ERROR;
        }
    }

    /* spec: what is deleted becomes unresolved, too */
    ditto_element_set(element, pieces.elts, pieces.nelts);

    return DITTO_OK;
}


/* Inner empty pieces stay, those at the end do not. */
static ditto_rc_t
ditto_split_value(const ditto_regex_t *regex, ditto_str_t value,
    ditto_array_t *pieces, ditto_error_t *err)
{
    size_t        before, index, from, start, end;
    uint32_t      c;
    ditto_str_t  *elts;

    before = pieces->nelts;
    index = 0;
    from = 0;

    while (from <= value.len
           && ditto_regex_find(regex, value, from, &start, &end))
    {
        from = end;

        if (start == end) {
            from += (end < value.len) ? ditto_decode_char(value, end, &c) : 1;

            /* an empty match at the start makes no piece */
            if (end == 0) {
                continue;
            }
        }

        if (ditto_split_add(pieces, ditto_str_sub(value, index, start), err)
            != DITTO_OK)
        {
            return DITTO_ERROR;
        }

        index = end;
    }

    if (index == 0) {
        return ditto_split_add(pieces, value, err);
    }

    if (ditto_split_add(pieces, ditto_str_sub(value, index, value.len), err)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    elts = pieces->elts;

    while (pieces->nelts > before && elts[pieces->nelts - 1].len == 0) {
        pieces->nelts--;
    }

    return DITTO_OK;
}


static ditto_rc_t
ditto_split_add(ditto_array_t *pieces, ditto_str_t piece, ditto_error_t *err)
{
    ditto_str_t  *p;

    if (pieces->nelts == DITTO_RUN_VALUES) {
        return ditto_function_too_many(err);
    }

    p = ditto_array_push(pieces);
    if (p == NULL) {
        return ditto_fail_memory(err);
    }

    *p = piece;

    return DITTO_OK;
}


ditto_rc_t
ditto_function_join(ditto_run_t *run, const ditto_stage_t *stage,
    ditto_element_t *element, ditto_error_t *err)
{
    size_t              i, len;
    ditto_str_t        *out;
    unsigned char      *p;
    const ditto_str_t  *delimiter, *value;

    /* spec: join of what is deleted is unresolved */
    if (element->outcome != DITTO_RESOLVED) {
        ditto_element_set(element, NULL, 0);
        return DITTO_OK;
    }

    if (element->values.n == 1) {
        return DITTO_OK;
    }

    delimiter = &stage->params[0].constant;

    for (i = 0, len = 0; i < element->values.n; i++) {
        len += element->values.elts[i].len + (i == 0 ? 0 : delimiter->len);
    }

    p = ditto_run_alloc(run, len, err);
    if (p == NULL) {
        return DITTO_ERROR;
    }

    out = ditto_alloc(run->pool, sizeof(ditto_str_t));
    if (out == NULL) {
        return ditto_fail_memory(err);
    }

    out->data = p;
    out->len = len;

    for (i = 0; i < element->values.n; i++) {
        value = &element->values.elts[i];

        if (i != 0 && delimiter->len != 0) {
            memcpy(p, delimiter->data, delimiter->len);
            p += delimiter->len;
        }

        if (value->len != 0) {
            memcpy(p, value->data, value->len);
            p += value->len;
        }
    }

    ditto_element_set(element, out, 1);

    return DITTO_OK;
}
