#include "ditto_enforcement.h"
#include "ditto_template.h"


#define DITTO_ENFORCEMENT_PREFIXES                                            \
    (sizeof(ditto_enforcement_prefixes) / sizeof(ditto_str_t))


typedef struct {
    ditto_str_t        text;
    ditto_template_t  *tpl;      /* NULL: cannot be resolved, err tells why */
    ditto_error_t      err;
} ditto_enforcement_filter_t;


struct ditto_enforcement_s {
    ditto_enforcement_filter_t  *filters;
    size_t                       n;
};


static ditto_rc_t ditto_enforcement_filter(ditto_pool_t *pool,
    ditto_enforcement_filter_t *filter, ditto_error_t *err);
static ditto_rc_t ditto_enforcement_match(
    const ditto_enforcement_filter_t *filter, const ditto_scope_t *scope,
    ditto_str_t prefix, ditto_str_t input, ditto_error_t *err);


/* spec: Source enforcement; each filter is tried with one of them at a time */
static const ditto_str_t  ditto_enforcement_prefixes[] = {
    ditto_string("thing"), ditto_string("policy"), ditto_string("entity")
};


ditto_rc_t
ditto_enforcement_compile(ditto_pool_t *pool, const ditto_str_t *filters,
    size_t n, ditto_enforcement_t **rule, size_t *index, ditto_error_t *err)
{
    size_t                i;
    ditto_rc_t            rc;
    ditto_error_t         failed;
    ditto_enforcement_t  *r;

    *rule = NULL;

    r = ditto_alloc(pool, sizeof(ditto_enforcement_t));
    if (r == NULL) {
        return ditto_fail_memory(err);
    }

    r->n = n;
    r->filters = ditto_zalloc(pool, n * sizeof(ditto_enforcement_filter_t));
    if (r->filters == NULL) {
        return ditto_fail_memory(err);
    }

    rc = DITTO_OK;

    for (i = 0; i < n; i++) {
        r->filters[i].text = filters[i];

        if (ditto_enforcement_filter(pool, &r->filters[i], &failed)
            == DITTO_OK)
        {
            continue;
        }

        if (rc == DITTO_OK || failed.code == DITTO_E_INTERNAL) {
            *index = i;
            *err = failed;
            rc = DITTO_ERROR;
        }

        if (failed.code == DITTO_E_INTERNAL) {
            return DITTO_ERROR;
        }
    }

    *rule = r;

    return rc;
}


static ditto_rc_t
ditto_enforcement_filter(ditto_pool_t *pool,
    ditto_enforcement_filter_t *filter, ditto_error_t *err)
{
    ditto_str_t  out, empty = ditto_string("");

    if (ditto_template_compile(pool, filter->text,
                               DITTO_PLACE_ENFORCEMENT_FILTER, &filter->tpl,
                               &filter->err)
        != DITTO_OK)
    {
        filter->tpl = NULL;
        *err = filter->err;
        return DITTO_ERROR;
    }

    /* the outcome does not matter, an error does */
    return (ditto_template_check(pool, filter->tpl, empty, &out, err)
            == DITTO_ERROR) ? DITTO_ERROR : DITTO_OK;
}


/*
 * spec: Source enforcement, "if count == 3": Ditto compares the number of
 * failures with that of the prefixes, however many filters there are.
 */
ditto_rc_t
ditto_enforcement_check(const ditto_enforcement_t *rule,
    const ditto_scope_t *scope, ditto_str_t input, ditto_error_t *err)
{
    size_t         i, j, count;
    ditto_rc_t     rc;
    ditto_str_t    none = ditto_null_string;
    ditto_error_t  first;

    if (scope->signal->entity == DITTO_ENTITY_NONE) {
        return ditto_fail(err, DITTO_E_ENFORCEMENT_FAILED, input, none);
    }

    count = 0;

    for (i = 0; i < DITTO_ENFORCEMENT_PREFIXES; i++) {
        for (j = 0; j < rule->n; j++) {

            rc = ditto_enforcement_match(&rule->filters[j], scope,
                                         ditto_enforcement_prefixes[i], input,
                                         err);

            if (rc == DITTO_OK) {
                return DITTO_OK;
            }

            if (rc == DITTO_DECLINED) {
                continue;
            }

            if (err->code != DITTO_E_PLACEHOLDER_UNRESOLVED) {
                return DITTO_ERROR;
            }

            if (count++ == 0) {
                first = *err;
            }
        }
    }

    if (count == DITTO_ENFORCEMENT_PREFIXES) {
        *err = first;
        return DITTO_ERROR;
    }

    return ditto_fail(err, DITTO_E_ENFORCEMENT_FAILED, input, none);
}


/* DITTO_DECLINED: resolved, but to something else */
static ditto_rc_t
ditto_enforcement_match(const ditto_enforcement_filter_t *filter,
    const ditto_scope_t *scope, ditto_str_t prefix, ditto_str_t input,
    ditto_error_t *err)
{
    bool            deleted;
    size_t          i;
    ditto_rc_t      rc;
    ditto_str_t     none = ditto_null_string;
    ditto_values_t  values;

    if (filter->tpl == NULL) {
        *err = filter->err;
        return DITTO_ERROR;
    }

    rc = ditto_template_values(filter->tpl, scope, prefix, &values, &deleted,
                               err);

    if (rc == DITTO_DECLINED) {
        return ditto_fail(err, DITTO_E_PLACEHOLDER_UNRESOLVED, filter->text,
                          none);
    }

    for (i = 0; rc == DITTO_OK && i < values.n; i++) {
        if (ditto_str_eq(values.elts[i], input)) {
            return DITTO_OK;
        }
    }

    return (rc == DITTO_OK) ? DITTO_DECLINED : DITTO_ERROR;
}
