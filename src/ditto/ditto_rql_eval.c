/*
 * Evaluating filters: the logic of the terms, and each term on what is found
 * for it.
 *
 * Ditto: spec "RQL: Evaluation", "Target topics: Phase 1" and "Phase 2".
 */

#include "ditto_json.h"
#include "ditto_rql_private.h"
#include "ditto_thing.h"


/* In the order of Kleene's logic: "and" is the least, "or" the greatest. */
typedef enum {
    DITTO_RQL_FAILED = -1,
    DITTO_RQL_FALSE = 0,
    DITTO_RQL_UNKNOWN,
    DITTO_RQL_TRUE
} ditto_rql_truth_e;


static ditto_rc_t ditto_rql_start(ditto_rql_eval_t *ev,
    const ditto_rql_t *rql, const ditto_scope_t *scope, ditto_error_t *err);
static ditto_rc_t ditto_rql_answer(const ditto_rql_eval_t *ev);
static ditto_rql_truth_e ditto_rql_eval(const ditto_rql_eval_t *ev,
    size_t index, unsigned depth);
static ditto_rql_truth_e ditto_rql_term(const ditto_rql_eval_t *ev,
    const ditto_rql_node_t *node);
static ditto_rc_t ditto_rql_values(ditto_rql_term_t *term);
static ditto_rc_t ditto_rql_placeholder(ditto_rql_term_t *term);
static ditto_rc_t ditto_rql_candidates(ditto_rql_term_t *term,
    ditto_str_t value);
static bool ditto_rql_feature_empty(const ditto_rql_eval_t *ev,
    const ditto_rql_pair_t *feature);
static bool ditto_rql_value_empty(const ditto_rql_pair_t *value);


ditto_rc_t
ditto_rql_possible(const ditto_rql_t *rql, const ditto_scope_t *scope,
    ditto_error_t *err)
{
    ditto_rc_t        rc;
    ditto_rql_eval_t  ev;

    rc = ditto_rql_start(&ev, rql, scope, err);

    /* spec: "JSON the filter sees": of what is no event, nothing */

    if (rc == DITTO_ERROR
        || (rc == DITTO_DECLINED
            && scope->signal->kind == DITTO_SIGNAL_EVENT))
    {
        return rc;
    }

    ev.possible = true;

    return ditto_rql_answer(&ev);
}


ditto_rc_t
ditto_rql_match(const ditto_rql_t *rql, const ditto_scope_t *scope,
    ditto_error_t *err)
{
    ditto_rql_eval_t  ev;
    ditto_rql_pair_t  extra;

    if (ditto_rql_start(&ev, rql, scope, err) == DITTO_ERROR) {
        return DITTO_ERROR;
    }

    memset(&extra, 0, sizeof(extra));
    extra.fetched = scope->extra;

    if (ditto_rql_is(scope->extra, '{') && !ditto_rql_value_empty(&extra)) {
        ev.fetched = scope->extra;
    }

    return ditto_rql_answer(&ev);
}


/* DITTO_DECLINED: nothing is known but what will be fetched. */
static ditto_rc_t
ditto_rql_start(ditto_rql_eval_t *ev, const ditto_rql_t *rql,
    const ditto_scope_t *scope, ditto_error_t *err)
{
    ditto_rc_t             rc;
    const ditto_signal_t  *signal;
    ditto_rql_tables_t    *tables;

    memset(ev, 0, sizeof(ditto_rql_eval_t));

    signal = scope->signal;

    ev->rql = rql;
    ev->scope = scope;
    ev->signal = signal;
    ev->err = err;

    tables = scope->cache->members;

    if (tables == NULL) {
        tables = ditto_alloc(scope->pool, sizeof(ditto_rql_tables_t));
        if (tables == NULL) {
            return ditto_fail_memory(err);
        }

        tables->n = 0;
        scope->cache->members = tables;
    }

    ev->tables = tables;

    if (signal->kind != DITTO_SIGNAL_EVENT) {
        return DITTO_DECLINED;
    }

    if (signal->topic.action == DITTO_ACTION_MERGED) {
        rc = ditto_thing_get(scope, &ev->own, err);
        ev->thing = (rc == DITTO_OK);

        return rc;
    }

    rc = ditto_thing_check(scope, err);
    ev->thing = (rc == DITTO_OK);

    if (ev->thing && signal->pointer.n == 0
        && signal->topic.action != DITTO_ACTION_DELETED)
    {
        ev->whole = true;
        ev->own = signal->seen;
    }

    return rc;
}


static ditto_rc_t
ditto_rql_answer(const ditto_rql_eval_t *ev)
{
    switch (ditto_rql_eval(ev, 0, DITTO_RQL_DEPTH)) {

    case DITTO_RQL_FAILED:
        return DITTO_ERROR;

    case DITTO_RQL_FALSE:
        return DITTO_DECLINED;

    default:
        return DITTO_OK;
    }
}


/* spec: Phase 1: every term is evaluated; Phase 2: as few as are needed */
static ditto_rql_truth_e
ditto_rql_eval(const ditto_rql_eval_t *ev, size_t index, unsigned depth)
{
    bool                     all;
    size_t                   i;
    ditto_rql_truth_e        truth, t, decisive;
    const ditto_rql_node_t  *node;

    node = &ev->rql->nodes[index];

    if (node->function->form != DITTO_RQL_TERMS
        && node->function->form != DITTO_RQL_ONE_TERM)
    {
        return ditto_rql_term(ev, node);
    }

    all = (node->function->asks & DITTO_RQL_ALL) != 0;
    decisive = all ? DITTO_RQL_FALSE : DITTO_RQL_TRUE;
    truth = all ? DITTO_RQL_TRUE : DITTO_RQL_FALSE;

    for (i = index + 1; i < node->end && depth > 0;
         i = ev->rql->nodes[i].end)
    {
        t = ditto_rql_eval(ev, i, depth - 1);

        if (t == DITTO_RQL_FAILED) {
            return t;
        }

        if (all ? t < truth : t > truth) {
            truth = t;
        }

        if (truth == decisive && !ev->possible) {
            break;
        }
    }

    if (node->function->asks & DITTO_RQL_NOT) {
        return (ditto_rql_truth_e) (DITTO_RQL_TRUE - truth);
    }

    return truth;
}


static ditto_rql_truth_e
ditto_rql_term(const ditto_rql_eval_t *ev, const ditto_rql_node_t *node)
{
    bool               holds;
    ditto_rc_t         rc;
    ditto_rql_term_t   term;

    if (ev->possible) {
        if (node->field.unknowable.data != NULL) {
            (void) ditto_rql_malformed(ev, node->field.unknowable);
            return DITTO_RQL_FAILED;
        }

        if (node->field.unknown) {
            return DITTO_RQL_UNKNOWN;
        }
    }

    memset(&term, 0, sizeof(term));

    term.ev = ev;
    term.node = node;
    term.values = node->values;

    if (ditto_rql_values(&term) != DITTO_OK) {
        return DITTO_RQL_FAILED;
    }

    switch (node->field.kind) {

    case DITTO_RQL_NEVER:
        rc = DITTO_DECLINED;
        break;

    case DITTO_RQL_PLACEHOLDER:
        rc = ditto_rql_placeholder(&term);
        break;

    default:
        rc = ditto_rql_member(&term);
    }

    if (rc == DITTO_ERROR) {
        return DITTO_RQL_FAILED;
    }

    if (node->function->asks & DITTO_RQL_EMPTY) {
        /* what was collected from arrays is an array with elements */
        holds = (!term.found || (term.empty && !term.flattened));

    } else {
        holds = (rc == DITTO_OK);
    }

    if (node->function->asks & DITTO_RQL_NOT) {
        holds = !holds;
    }

    return holds ? DITTO_RQL_TRUE : DITTO_RQL_FALSE;
}


/* Makes strings of the placeholders among the values, or null. */
static ditto_rc_t
ditto_rql_values(ditto_rql_term_t *term)
{
    size_t              i, n;
    ditto_rc_t          rc;
    ditto_values_t      texts;
    ditto_rql_value_t  *values;

    n = term->node->nvalues;

    for (i = 0; i < n && term->values[i].type != DITTO_RQL_TIME; i++) {
        /* void */
    }

    if (i == n) {
        return DITTO_OK;
    }

    values = ditto_alloc(term->ev->scope->pool, n * sizeof(ditto_rql_value_t));
    if (values == NULL) {
        return ditto_fail_memory(term->ev->err);
    }

    memcpy(values, term->values, n * sizeof(ditto_rql_value_t));
    term->values = values;

    for ( /* void */ ; i < n; i++) {

        if (values[i].type != DITTO_RQL_TIME) {
            continue;
        }

        values[i].type = DITTO_RQL_NULL;

        if (values[i].time.row == NULL) {
            continue;
        }

        rc = ditto_placeholder_resolve(&values[i].time, term->ev->scope,
                                       &texts, term->ev->err);
        if (rc == DITTO_ERROR) {
            return DITTO_ERROR;
        }

        if (rc == DITTO_OK) {
            values[i].type = DITTO_RQL_STRING;
            values[i].text = texts.elts[0];
        }
    }

    return DITTO_OK;
}


/* Of several values a comparison sees the first. */
static ditto_rc_t
ditto_rql_placeholder(ditto_rql_term_t *term)
{
    size_t             i;
    ditto_rc_t         rc;
    ditto_values_t     texts;
    ditto_rql_value_t  value;

    rc = ditto_placeholder_resolve(&term->node->field.placeholder,
                                   term->ev->scope, &texts, term->ev->err);
    if (rc != DITTO_OK) {
        return rc;
    }

    if (term->node->function->form != DITTO_RQL_PROPERTY) {
        value.type = DITTO_RQL_STRING;
        value.text = texts.elts[0];
        value.decoded = true;

        return ditto_rql_candidate(term, &value);
    }

    term->found = true;
    term->empty = true;

    for (i = 0; i < texts.n; i++) {
        if (texts.elts[i].len != 0) {
            term->empty = false;
        }
    }

    return DITTO_OK;
}


/* A value at the end of the pointer; DITTO_DECLINED: look for more. */
ditto_rc_t
ditto_rql_found(ditto_rql_term_t *term, const ditto_rql_pair_t *value)
{
    ditto_str_t               one;
    const ditto_rql_field_t  *field;

    field = &term->node->field;
    one = (value->own.data != NULL) ? value->own : value->fetched;

    if (field->object && !ditto_rql_is(one, '{')) {
        return DITTO_DECLINED;
    }

    if (field->malformed.data != NULL) {
        return ditto_rql_malformed(term->ev, field->malformed);
    }

    if (term->node->function->form != DITTO_RQL_PROPERTY) {
        return ditto_rql_candidates(term, one);
    }

    term->found = true;

    if (term->node->function->asks & DITTO_RQL_EMPTY) {
        term->empty = (field->kind == DITTO_RQL_FEATURE)
                      ? ditto_rql_feature_empty(term->ev, value)
                      : ditto_rql_value_empty(value);
    }

    return DITTO_OK;
}


/* The scalars of a value: in arrays at any depth, none of an object. */
static ditto_rc_t
ditto_rql_candidates(ditto_rql_term_t *term, ditto_str_t value)
{
    size_t             depth;
    ditto_rc_t         rc;
    ditto_str_t        element;
    ditto_json_t       it;
    ditto_rql_value_t  scalar;

    depth = 0;
    ditto_json_open(&it, value);

    do {
        if (*it.pos == '[') {
            it.pos++;
            depth++;

        } else {
            element = ditto_json_take(&it);

            if (element.data[0] != '{') {
                ditto_rql_scalar(element, &scalar);
                rc = ditto_rql_candidate(term, &scalar);

                if (rc != DITTO_DECLINED) {
                    return rc;
                }
            }
        }

        while (depth > 0 && !ditto_json_step(&it, NULL)) {
            depth--;
        }

    } while (depth > 0);

    return DITTO_DECLINED;
}


ditto_rc_t
ditto_rql_candidate(ditto_rql_term_t *term, ditto_rql_value_t *scalar)
{
    size_t                   i;
    ditto_rc_t               rc;
    ditto_str_t              none = ditto_null_string;
    ditto_pool_t            *pool;
    ditto_error_t           *err;
    const ditto_rql_node_t  *node;

    node = term->node;
    pool = term->ev->scope->pool;
    err = term->ev->err;

    if (node->function->form != DITTO_RQL_VALUES) {
        return ditto_rql_test(pool, node->function->asks, scalar,
                              &term->values[0], err);
    }

    if (scalar->type == DITTO_RQL_NULL) {
        return DITTO_DECLINED;
    }

    for (i = 0; i < node->nvalues; i++) {

        if (term->values[i].type == DITTO_RQL_NULL) {
            (void) ditto_fail(err, DITTO_E_RQL_INVALID, none, none);
            err->message = "A null among the values of in cannot be compared.";
            err->offset = term->values[i].offset;
            return DITTO_ERROR;
        }

        rc = ditto_rql_test(pool, node->function->asks, scalar,
                            &term->values[i], err);

        if (rc != DITTO_DECLINED) {
            return rc;
        }
    }

    return DITTO_DECLINED;
}


/* spec: RQL, "exists / empty" */
static bool
ditto_rql_feature_empty(const ditto_rql_eval_t *ev,
    const ditto_rql_pair_t *feature)
{
    size_t            i;
    ditto_rql_pair_t  value;

    static const ditto_str_t  members[] = {
        ditto_string("definition"),
        ditto_string("properties"),
        ditto_string("desiredProperties"),
    };

    for (i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        if (ditto_rql_child(ev, feature, members[i], &value)) {
            return false;
        }
    }

    return true;
}


static bool
ditto_rql_value_empty(const ditto_rql_pair_t *value)
{
    size_t        i;
    ditto_str_t   name, element, both[2];
    ditto_json_t  it;

    both[0] = value->own;
    both[1] = value->fetched;

    for (i = 0; i < 2; i++) {

        if (both[i].data == NULL) {
            continue;
        }

        switch (ditto_json_type(both[i])) {

        case DITTO_JSON_NULL:
            break;

        case DITTO_JSON_STRING:
            if (both[i].len != 2) {
                return false;
            }
            break;

        case DITTO_JSON_ARRAY:
        case DITTO_JSON_OBJECT:
            ditto_json_iterate(&it, both[i]);

            if (ditto_json_next(&it, &name, &element)) {
                return false;
            }
            break;

        default:
            return false;
        }
    }

    return true;
}
