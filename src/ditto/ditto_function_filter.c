/*
 * Function: fn:filter.
 */

#include "ditto_decode.h"
#include "ditto_function_private.h"


typedef ditto_rc_t (*ditto_filter_pt)(ditto_run_t *run, ditto_str_t value,
    ditto_str_t compared, ditto_error_t *err);


typedef struct {
    ditto_str_t      name;
    ditto_filter_pt  apply;      /* DITTO_OK: keep, DITTO_DECLINED: drop */
} ditto_filter_row_t;


/* A filter of each value on its own. */
typedef struct {
    ditto_filter_pt  apply;
    ditto_values_t   compared;
} ditto_filter_t;


static ditto_filter_pt ditto_filter_find(const ditto_element_t *name);
static ditto_rc_t ditto_filter_values(ditto_run_t *run,
    ditto_element_t *element, const ditto_filter_t *filter,
    ditto_error_t *err);
static ditto_rc_t ditto_map_filter(ditto_run_t *run, const void *arg,
    ditto_str_t value, ditto_str_t *out, ditto_error_t *err);
static ditto_rc_t ditto_filter_any(ditto_run_t *run, ditto_filter_pt apply,
    const ditto_values_t *values, const ditto_values_t *compared,
    ditto_error_t *err);
static ditto_rc_t ditto_filter_eq(ditto_run_t *run, ditto_str_t value,
    ditto_str_t compared, ditto_error_t *err);
static ditto_rc_t ditto_filter_ne(ditto_run_t *run, ditto_str_t value,
    ditto_str_t compared, ditto_error_t *err);
static ditto_rc_t ditto_filter_exists(ditto_run_t *run, ditto_str_t value,
    ditto_str_t compared, ditto_error_t *err);
static ditto_rc_t ditto_filter_like(ditto_run_t *run, ditto_str_t value,
    ditto_str_t compared, ditto_error_t *err);
static ditto_rc_t ditto_like_one(ditto_run_t *run, ditto_str_t value,
    ditto_str_t pattern, ditto_error_t *err);
static bool ditto_ends_line(uint32_t c);


/* spec: filter, "fn" */
static const ditto_filter_row_t  ditto_filters[] = {
    { ditto_string("eq"), ditto_filter_eq },
    { ditto_string("ne"), ditto_filter_ne },
    { ditto_string("like"), ditto_filter_like },
    { ditto_string("exists"), ditto_filter_exists },
};


static const ditto_str_t  ditto_filter_true = ditto_string("true");


/*
 * spec: filter; two forms filter each value, (fn,c), two open or close a gate
 * for all of them, (p,'exists') and (p,fn,c).
 */
ditto_rc_t
ditto_function_filter(ditto_run_t *run, const ditto_stage_t *stage,
    ditto_element_t *element, ditto_error_t *err)
{
    size_t            i;
    ditto_rc_t        rc;
    ditto_filter_t    filter;
    ditto_element_t   params[DITTO_PARAMS_MAX];
    ditto_values_t   *gate;
    ditto_values_t    empty, yes;
    ditto_str_t       nothing = ditto_string("");
    ditto_str_t       truth = ditto_filter_true;

    for (i = 0; i < stage->nparams; i++) {
        if (ditto_run_param(run, &stage->params[i], &params[i], err)
            != DITTO_OK)
        {
            return DITTO_ERROR;
        }
    }

    empty.elts = &nothing;
    empty.n = 1;
    yes.elts = &truth;
    yes.n = 1;

    gate = &params[0].values;
    filter.apply = ditto_filter_find(&params[1]);

    if (stage->nparams == 3) {

        if (params[1].values.n == 0) {
            return ditto_function_signature(stage, err);
        }

        filter.compared = params[2].values;

        if (gate->n == 0) {
            gate = &empty;
        }

        if (filter.compared.n == 0) {
            filter.compared = empty;
        }

    } else if (filter.apply == ditto_filter_exists) {
        filter.compared = yes;

    } else {
        filter.apply = ditto_filter_find(&params[0]);
        filter.compared = params[1].values;

        return ditto_filter_values(run, element, &filter, err);
    }

    if (element->outcome != DITTO_RESOLVED) {
        return DITTO_OK;
    }

    rc = (filter.apply == NULL)
         ? DITTO_DECLINED
         : ditto_filter_any(run, filter.apply, gate, &filter.compared, err);

    if (rc == DITTO_DECLINED) {
        ditto_element_set(element, NULL, 0);
    }

    return (rc == DITTO_ERROR) ? DITTO_ERROR : DITTO_OK;
}


static ditto_filter_pt
ditto_filter_find(const ditto_element_t *name)
{
    size_t  i;

    for (i = 0;
         name->values.n != 0
         && i < sizeof(ditto_filters) / sizeof(ditto_filters[0]);
         i++)
    {
        if (ditto_str_eq(ditto_filters[i].name, name->values.elts[0])) {
            return ditto_filters[i].apply;
        }
    }

    return NULL;
}


static ditto_rc_t
ditto_filter_values(ditto_run_t *run, ditto_element_t *element,
    const ditto_filter_t *filter, ditto_error_t *err)
{
    return ditto_run_each(run, filter, element, ditto_map_filter, err);
}


static ditto_rc_t
ditto_map_filter(ditto_run_t *run, const void *arg, ditto_str_t value,
    ditto_str_t *out, ditto_error_t *err)
{
    ditto_values_t         values;
    const ditto_filter_t  *filter;

    filter = arg;
    values.elts = &value;
    values.n = 1;

    *out = value;

    return (filter->apply == NULL)
           ? DITTO_DECLINED
           : ditto_filter_any(run, filter->apply, &values, &filter->compared,
                              err);
}


static ditto_rc_t
ditto_filter_any(ditto_run_t *run, ditto_filter_pt apply,
    const ditto_values_t *values, const ditto_values_t *compared,
    ditto_error_t *err)
{
    size_t      i, j;
    ditto_rc_t  rc;

    for (i = 0; i < values->n; i++) {
        for (j = 0; j < compared->n; j++) {

            if (ditto_run_charge(run, 1 + values->elts[i].len / 16, err)
                != DITTO_OK)
            {
                return DITTO_ERROR;
            }

            rc = apply(run, values->elts[i], compared->elts[j], err);

            if (rc != DITTO_DECLINED) {
                return rc;
            }
        }
    }

    return DITTO_DECLINED;
}


static ditto_rc_t
ditto_filter_eq(ditto_run_t *run, ditto_str_t value, ditto_str_t compared,
    ditto_error_t *err)
{
    (void) run;
    (void) err;

    return ditto_str_eq(value, compared) ? DITTO_OK : DITTO_DECLINED;
}


static ditto_rc_t
ditto_filter_ne(ditto_run_t *run, ditto_str_t value, ditto_str_t compared,
    ditto_error_t *err)
{
    (void) run;
    (void) err;

    return ditto_str_eq(value, compared) ? DITTO_DECLINED : DITTO_OK;
}


static ditto_rc_t
ditto_filter_exists(ditto_run_t *run, ditto_str_t value, ditto_str_t compared,
    ditto_error_t *err)
{
    bool  wanted;

    (void) run;
    (void) err;

    wanted = ditto_str_caseeq(compared, ditto_filter_true);

    return (wanted == (value.len != 0)) ? DITTO_OK : DITTO_DECLINED;
}


/* spec: like, "alternatives at top level" */
static ditto_rc_t
ditto_filter_like(ditto_run_t *run, ditto_str_t value, ditto_str_t compared,
    ditto_error_t *err)
{
    size_t      from, end;
    ditto_rc_t  rc;

    for (from = 0; from <= compared.len; from = end + 1) {
        end = ditto_str_chr(compared, '|', from);

        rc = ditto_like_one(run, value, ditto_str_sub(compared, from, end),
                            err);

        if (rc != DITTO_DECLINED) {
            return rc;
        }
    }

    return DITTO_DECLINED;
}


/*
 * The last "*" takes one character more whenever what follows it does not fit:
 * those in front of it need not be tried again.
 */
static ditto_rc_t
ditto_like_one(ditto_run_t *run, ditto_str_t value, ditto_str_t pattern,
    ditto_error_t *err)
{
    bool      starred;
    size_t    v, p, n, star, from;
    uint32_t  c;

    v = p = star = from = 0;
    starred = false;

    while (v < value.len || p < pattern.len) {

        if (ditto_run_charge(run, 1, err) != DITTO_OK) {
            return DITTO_ERROR;
        }

        n = 1;
        c = 0;

        if (v < value.len) {
            n = ditto_decode_char(value, v, &c);
        }

        if (p < pattern.len && pattern.data[p] == '*') {
            starred = true;
            star = ++p;
            from = v;
            continue;
        }

        if (p < pattern.len && v < value.len) {

            if (pattern.data[p] == '?' ? !ditto_ends_line(c)
                                       : pattern.data[p] == value.data[v])
            {
                v += (pattern.data[p] == '?') ? n : 1;
                p++;
                continue;
            }
        }

        if (!starred || from == value.len) {
            return DITTO_DECLINED;
        }

        from += ditto_decode_char(value, from, &c);

        if (ditto_ends_line(c)) {
            return DITTO_DECLINED;
        }

        v = from;
        p = star;
    }

    return DITTO_OK;
}


static bool
ditto_ends_line(uint32_t c)
{
    return c == '\n' || c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029;
}
