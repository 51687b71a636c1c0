/*
 * Evaluating expressions.  What a stranger can make them produce is bounded
 * by DITTO_RUN_VALUES and DITTO_RUN_COST.
 */

#include "ditto_function_private.h"
#include "ditto_placeholder_private.h"


static ditto_rc_t ditto_run_placeholder(ditto_run_t *run,
    const ditto_expression_t *expression, ditto_element_t *element,
    ditto_error_t *err);
static ditto_rc_t ditto_run_combination(ditto_run_t *run,
    const ditto_values_t *lists, size_t n, size_t index, ditto_str_t *out,
    ditto_error_t *err);


void
ditto_run_init(ditto_run_t *run, ditto_pool_t *pool,
    const ditto_scope_t *scope)
{
    ditto_str_t  none = ditto_null_string;

    run->pool = pool;
    run->scope = scope;
    run->dummy = none;
    run->prefix = none;
    run->left = DITTO_RUN_COST;
}


ditto_rc_t
ditto_expression_run(const ditto_expression_t *expression, ditto_run_t *run,
    ditto_element_t *element, ditto_error_t *err)
{
    size_t                i;
    const ditto_stage_t  *stage;

    ditto_element_set(element, NULL, 0);

    if (expression->placeholder.row != NULL
        && ditto_run_placeholder(run, expression, element, err) != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    for (i = 0; i < expression->n; i++) {
        stage = &expression->stages[i];

        if (stage->row == NULL) {
            ditto_element_set(element, NULL, 0);
            continue;
        }

        if (stage->row->apply(run, stage, element, err) != DITTO_OK) {
            return DITTO_ERROR;
        }
    }

    return DITTO_OK;
}


static ditto_rc_t
ditto_run_placeholder(ditto_run_t *run, const ditto_expression_t *expression,
    ditto_element_t *element, ditto_error_t *err)
{
    ditto_rc_t      rc;
    ditto_values_t  values;

    if (run->prefix.data != NULL
        && !ditto_str_eq(run->prefix, expression->placeholder.row->prefix))
    {
        return ditto_placeholder_unresolved(expression->text, err);
    }

    if (run->scope == NULL) {
        ditto_element_set(element, &run->dummy, 1);
        element->own = false;
        return DITTO_OK;
    }

    rc = ditto_placeholder_resolve(&expression->placeholder, run->scope,
                                   &values, err);

    if (rc == DITTO_OK) {
        ditto_element_set(element, values.elts, values.n);
    }

    return (rc == DITTO_ERROR) ? DITTO_ERROR : DITTO_OK;
}


ditto_rc_t
ditto_run_param(ditto_run_t *run, const ditto_param_t *param,
    ditto_element_t *element, ditto_error_t *err)
{
    if (param->expression != NULL) {
        return ditto_expression_run(param->expression, run, element, err);
    }

    /* own is false: nobody writes to the rule */
    ditto_element_set(element, (ditto_str_t *) (uintptr_t) &param->constant,
                      1);
    element->own = false;

    return DITTO_OK;
}


ditto_rc_t
ditto_run_each(ditto_run_t *run, const void *arg, ditto_element_t *element,
    ditto_function_map_pt map, ditto_error_t *err)
{
    size_t        i, n;
    ditto_rc_t    rc;
    ditto_str_t  *elts;

    if (element->outcome != DITTO_RESOLVED) {
        return DITTO_OK;
    }

    elts = element->values.elts;

    if (!element->own) {
        elts = ditto_alloc(run->pool, element->values.n * sizeof(ditto_str_t));
        if (elts == NULL) {
            return ditto_fail_memory(err);
        }
    }

    for (i = 0, n = 0; i < element->values.n; i++) {
        rc = map(run, arg, element->values.elts[i], &elts[n], err);

        if (rc == DITTO_ERROR) {
            return DITTO_ERROR;
        }

        if (rc == DITTO_OK) {
            n++;
        }
    }

    ditto_element_set(element, elts, n);

    return DITTO_OK;
}


void
ditto_element_set(ditto_element_t *element, ditto_str_t *elts, size_t n)
{
    element->outcome = (n == 0) ? DITTO_UNRESOLVED : DITTO_RESOLVED;
    element->values.elts = elts;
    element->values.n = n;
    element->own = true;
}


ditto_rc_t
ditto_run_charge(ditto_run_t *run, size_t n, ditto_error_t *err)
{
    if (n > run->left) {
        return ditto_fail_text(err, DITTO_E_CONNECTION_CONFIGURATION,
                               "The placeholder functions make too much of "
                               "this message: more than 4 MiB.");
    }

    run->left -= n;

    return DITTO_OK;
}


unsigned char *
ditto_run_alloc(ditto_run_t *run, size_t n, ditto_error_t *err)
{
    unsigned char  *p;

    if (ditto_run_charge(run, n, err) != DITTO_OK) {
        return NULL;
    }

    p = ditto_alloc(run->pool, n);

    if (p == NULL) {
        (void) ditto_fail_memory(err);
    }

    return p;
}


ditto_rc_t
ditto_function_too_many(ditto_error_t *err)
{
    return ditto_fail_text(err, DITTO_E_CONNECTION_CONFIGURATION,
                           "The placeholder functions make too much of this "
                           "message: more than 1000 values.");
}


ditto_rc_t
ditto_run_product(ditto_run_t *run, const ditto_values_t *lists, size_t n,
    ditto_values_t *values, ditto_error_t *err)
{
    size_t  i, total;

    if (n == 1) {
        *values = lists[0];
        return DITTO_OK;
    }

    for (i = 0, total = 1; i < n; i++) {

        if (lists[i].n > DITTO_RUN_VALUES / total) {
            return ditto_function_too_many(err);
        }

        total *= lists[i].n;
    }

    values->n = total;
    values->elts = ditto_alloc(run->pool, total * sizeof(ditto_str_t));
    if (values->elts == NULL) {
        return ditto_fail_memory(err);
    }

    for (i = 0; i < total; i++) {
        if (ditto_run_combination(run, lists, n, i, &values->elts[i], err)
            != DITTO_OK)
        {
            return DITTO_ERROR;
        }
    }

    return DITTO_OK;
}


/* Written from behind: the last list varies fastest. */
static ditto_rc_t
ditto_run_combination(ditto_run_t *run, const ditto_values_t *lists, size_t n,
    size_t index, ditto_str_t *out, ditto_error_t *err)
{
    size_t              i, rest, len;
    unsigned char      *p;
    const ditto_str_t  *s;

    for (i = n, rest = index, len = 0; i > 0; i--) {
        len += lists[i - 1].elts[rest % lists[i - 1].n].len;
        rest /= lists[i - 1].n;
    }

    p = ditto_run_alloc(run, len, err);
    if (p == NULL) {
        return DITTO_ERROR;
    }

    out->data = p;
    out->len = len;

    for (i = n, rest = index; i > 0; i--) {
        s = &lists[i - 1].elts[rest % lists[i - 1].n];
        rest /= lists[i - 1].n;
        len -= s->len;

        if (s->len != 0) {
            memcpy(p + len, s->data, s->len);
        }
    }

    return DITTO_OK;
}
