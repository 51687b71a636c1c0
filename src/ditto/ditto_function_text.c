/*
 * Functions: fn:lower, fn:upper, fn:trim, fn:substring-before,
 * fn:substring-after, fn:replace, fn:default, fn:delete.
 */

#include "ditto_case.h"
#include "ditto_decode.h"
#include "ditto_function_private.h"


typedef struct {
    ditto_str_t  from;
    ditto_str_t  to;
} ditto_replace_t;


static ditto_rc_t ditto_map_lower(ditto_run_t *run, const void *arg,
    ditto_str_t value, ditto_str_t *out, ditto_error_t *err);
static ditto_rc_t ditto_map_upper(ditto_run_t *run, const void *arg,
    ditto_str_t value, ditto_str_t *out, ditto_error_t *err);
static ditto_rc_t ditto_map_trim(ditto_run_t *run, const void *arg,
    ditto_str_t value, ditto_str_t *out, ditto_error_t *err);
static ditto_rc_t ditto_map_before(ditto_run_t *run, const void *arg,
    ditto_str_t value, ditto_str_t *out, ditto_error_t *err);
static ditto_rc_t ditto_map_after(ditto_run_t *run, const void *arg,
    ditto_str_t value, ditto_str_t *out, ditto_error_t *err);
static ditto_rc_t ditto_map_replace(ditto_run_t *run, const void *arg,
    ditto_str_t value, ditto_str_t *out, ditto_error_t *err);
static ditto_rc_t ditto_map_insert(ditto_run_t *run, ditto_str_t to,
    ditto_str_t value, ditto_str_t *out, ditto_error_t *err);


ditto_rc_t
ditto_function_lower(ditto_run_t *run, const ditto_stage_t *stage,
    ditto_element_t *element, ditto_error_t *err)
{
    (void) stage;

    return ditto_run_each(run, NULL, element, ditto_map_lower, err);
}


static ditto_rc_t
ditto_map_lower(ditto_run_t *run, const void *arg, ditto_str_t value,
    ditto_str_t *out, ditto_error_t *err)
{
    (void) arg;

    if (ditto_run_charge(run, value.len, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    return (ditto_case_lower(run->pool, value, out) == DITTO_OK)
           ? DITTO_OK : ditto_fail_memory(err);
}


ditto_rc_t
ditto_function_upper(ditto_run_t *run, const ditto_stage_t *stage,
    ditto_element_t *element, ditto_error_t *err)
{
    (void) stage;

    return ditto_run_each(run, NULL, element, ditto_map_upper, err);
}


static ditto_rc_t
ditto_map_upper(ditto_run_t *run, const void *arg, ditto_str_t value,
    ditto_str_t *out, ditto_error_t *err)
{
    (void) arg;

    if (ditto_run_charge(run, value.len, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    return (ditto_case_upper(run->pool, value, out) == DITTO_OK)
           ? DITTO_OK : ditto_fail_memory(err);
}


ditto_rc_t
ditto_function_trim(ditto_run_t *run, const ditto_stage_t *stage,
    ditto_element_t *element, ditto_error_t *err)
{
    (void) stage;

    return ditto_run_each(run, NULL, element, ditto_map_trim, err);
}


static ditto_rc_t
ditto_map_trim(ditto_run_t *run, const void *arg, ditto_str_t value,
    ditto_str_t *out, ditto_error_t *err)
{
    (void) run;
    (void) arg;
    (void) err;

    *out = ditto_function_strip(value);

    return DITTO_OK;
}


ditto_rc_t
ditto_function_before(ditto_run_t *run, const ditto_stage_t *stage,
    ditto_element_t *element, ditto_error_t *err)
{
    return ditto_run_each(run, &stage->params[0].constant, element,
                          ditto_map_before, err);
}


static ditto_rc_t
ditto_map_before(ditto_run_t *run, const void *arg, ditto_str_t value,
    ditto_str_t *out, ditto_error_t *err)
{
    size_t              at;
    const ditto_str_t  *text;

    (void) run;
    (void) err;

    text = arg;
    at = ditto_str_find(value, *text);

    if (at > value.len) {
        return DITTO_DECLINED;
    }

    *out = ditto_str_sub(value, 0, at);

    return DITTO_OK;
}


ditto_rc_t
ditto_function_after(ditto_run_t *run, const ditto_stage_t *stage,
    ditto_element_t *element, ditto_error_t *err)
{
    return ditto_run_each(run, &stage->params[0].constant, element,
                          ditto_map_after, err);
}


static ditto_rc_t
ditto_map_after(ditto_run_t *run, const void *arg, ditto_str_t value,
    ditto_str_t *out, ditto_error_t *err)
{
    size_t              at;
    const ditto_str_t  *text;

    (void) run;
    (void) err;

    text = arg;
    at = ditto_str_find(value, *text);

    if (at > value.len) {
        return DITTO_DECLINED;
    }

    *out = ditto_str_sub(value, at + text->len, value.len);

    return DITTO_OK;
}


/* spec: an unresolved "from" is empty, an unresolved "to" is an error */
ditto_rc_t
ditto_function_replace(ditto_run_t *run, const ditto_stage_t *stage,
    ditto_element_t *element, ditto_error_t *err)
{
    ditto_element_t  from, to, ignored;
    ditto_replace_t  arg;
    ditto_str_t      empty = ditto_string("");

    if (ditto_run_param(run, &stage->params[0], &from, err) != DITTO_OK
        || ditto_run_param(run, &stage->params[1], &to, err) != DITTO_OK
        || (stage->nparams == 3
            && ditto_run_param(run, &stage->params[2], &ignored, err)
               != DITTO_OK))
    {
        return DITTO_ERROR;
    }

    if (to.values.n == 0) {
        return ditto_function_signature(stage, err);
    }

    arg.from = (from.values.n == 0) ? empty : from.values.elts[0];
    arg.to = to.values.elts[0];

    return ditto_run_each(run, &arg, element, ditto_map_replace, err);
}


static ditto_rc_t
ditto_map_replace(ditto_run_t *run, const void *arg, ditto_str_t value,
    ditto_str_t *out, ditto_error_t *err)
{
    size_t                  at, n;
    ditto_str_t             rest;
    unsigned char          *p;
    const ditto_replace_t  *replace;

    replace = arg;

    if (replace->from.len == 0) {
        return ditto_map_insert(run, replace->to, value, out, err);
    }

    for (n = 0, rest = value; /* void */ ; n++) {
        at = ditto_str_find(rest, replace->from);
        if (at > rest.len) {
            break;
        }

        rest = ditto_str_sub(rest, at + replace->from.len, rest.len);
    }

    if (n == 0) {
        *out = value;
        return DITTO_OK;
    }

    if (replace->to.len > DITTO_RUN_COST) {
        return ditto_run_charge(run, replace->to.len, err);
    }

    p = ditto_run_alloc(run, value.len - n * replace->from.len
                             + n * replace->to.len, err);
    if (p == NULL) {
        return DITTO_ERROR;
    }

    out->data = p;

    for (rest = value; n > 0; n--) {
        at = ditto_str_find(rest, replace->from);

        memcpy(p, rest.data, at);
        p += at;

        if (replace->to.len != 0) {
            memcpy(p, replace->to.data, replace->to.len);
            p += replace->to.len;
        }

        rest = ditto_str_sub(rest, at + replace->from.len, rest.len);
    }

    memcpy(p, rest.data, rest.len);
    p += rest.len;

    out->len = (size_t) (p - out->data);

    return DITTO_OK;
}


/* The text in front of each character and at the end. */
static ditto_rc_t
ditto_map_insert(ditto_run_t *run, ditto_str_t to, ditto_str_t value,
    ditto_str_t *out, ditto_error_t *err)
{
    size_t       i, n;
    uint32_t     c;
    ditto_buf_t  buf;

    ditto_buf_init(&buf, run->pool, value.len + to.len);

    for (i = 0; i < value.len; i += n) {
        n = ditto_decode_char(value, i, &c);

        if (ditto_run_charge(run, to.len + n, err) != DITTO_OK) {
            return DITTO_ERROR;
        }

        ditto_buf_str(&buf, to);
        ditto_buf_add(&buf, value.data + i, n);
    }

    ditto_buf_str(&buf, to);

    return (ditto_buf_done(&buf, out) == DITTO_OK)
           ? DITTO_OK : ditto_fail_memory(err);
}


ditto_rc_t
ditto_function_default(ditto_run_t *run, const ditto_stage_t *stage,
    ditto_element_t *element, ditto_error_t *err)
{
    ditto_element_t  value;

    /* looked up even if not needed: its error counts */
    if (ditto_run_param(run, &stage->params[0], &value, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    if (element->outcome == DITTO_UNRESOLVED) {
        *element = value;
    }

    return DITTO_OK;
}


ditto_rc_t
ditto_function_delete(ditto_run_t *run, const ditto_stage_t *stage,
    ditto_element_t *element, ditto_error_t *err)
{
    (void) run;
    (void) stage;
    (void) err;

    ditto_element_set(element, NULL, 0);
    element->outcome = DITTO_DELETED;

    return DITTO_OK;
}
