/*
 * Evaluating filters.  A thing is what the signal says, and below it what was
 * fetched: two texts that are walked side by side, so that merging them costs
 * nothing.  Nor is a thing made of an event, unless it is a patch: a pointer
 * follows the event's path, and the rest of it is walked in the value.
 *
 * Ditto: spec "RQL: Finding the field value", "Evaluation", "Target topics:
 * Phase 1" and "Phase 2".
 */

#include "ditto_instant.h"
#include "ditto_json.h"
#include "ditto_rql_private.h"
#include "ditto_thing.h"


/*
 * Objects whose members are remembered, since most terms of a filter look into
 * the same ones; those that are larger or come later are read again.
 */
#define DITTO_RQL_TABLES   4
#define DITTO_RQL_MEMBERS  16


/* In the order of Kleene's logic: "and" is the least, "or" the greatest. */
typedef enum {
    DITTO_RQL_FAILED = -1,
    DITTO_RQL_FALSE = 0,
    DITTO_RQL_UNKNOWN,
    DITTO_RQL_TRUE
} ditto_rql_truth_e;


/* The same value in both texts; data is NULL where it is not. */
typedef struct {
    ditto_str_t  own;                /* of the signal, it wins */
    ditto_str_t  fetched;
} ditto_rql_pair_t;


typedef struct {
    const unsigned char  *object;    /* where it begins */
    size_t                n;         /* more than fit: not remembered */
    ditto_str_t           names[DITTO_RQL_MEMBERS];      /* raw */
    ditto_str_t           values[DITTO_RQL_MEMBERS];
} ditto_rql_table_t;


typedef struct {
    ditto_rql_table_t  elts[DITTO_RQL_TABLES];
    size_t             n;
} ditto_rql_tables_t;


typedef struct {
    const ditto_rql_t     *rql;
    const ditto_scope_t   *scope;
    const ditto_signal_t  *signal;
    bool                   possible; /* phase 1 */
    bool                   thing;    /* the signal makes one */
    bool                   whole;    /* at "/", created or modified */
    ditto_str_t            own;      /* it, as text; data is NULL: the value
                                        stands at the path, if there is one */
    ditto_str_t            fetched;  /* data is NULL: nothing */
    ditto_rql_tables_t    *tables;
    ditto_error_t         *err;
} ditto_rql_eval_t;


/* A term being evaluated. */
typedef struct {
    const ditto_rql_eval_t   *ev;
    const ditto_rql_node_t   *node;
    const ditto_rql_value_t  *values;
    bool                      found;
    bool                      flattened;
    bool                      empty;
} ditto_rql_term_t;


static ditto_rc_t ditto_rql_start(ditto_rql_eval_t *ev,
    ditto_rql_tables_t *tables, const ditto_rql_t *rql,
    const ditto_scope_t *scope, ditto_error_t *err);
static ditto_rc_t ditto_rql_answer(const ditto_rql_eval_t *ev);
static ditto_rql_truth_e ditto_rql_eval(const ditto_rql_eval_t *ev,
    size_t index, unsigned depth);
static ditto_rql_truth_e ditto_rql_term(const ditto_rql_eval_t *ev,
    const ditto_rql_node_t *node);
static ditto_rc_t ditto_rql_values(ditto_rql_term_t *term);
static ditto_rc_t ditto_rql_placeholder(ditto_rql_term_t *term);
static ditto_rc_t ditto_rql_member(ditto_rql_term_t *term);
static bool ditto_rql_known(ditto_rql_term_t *term, ditto_rc_t *rc);
static bool ditto_rql_locate(const ditto_rql_term_t *term,
    ditto_rql_pair_t *value, size_t *level);
static bool ditto_rql_follow(const ditto_rql_term_t *term,
    ditto_rql_pair_t *value, size_t *level);
static ditto_rc_t ditto_rql_inside(ditto_rql_term_t *term);
static ditto_rc_t ditto_rql_instant(const ditto_rql_eval_t *ev,
    ditto_str_t *value);
static ditto_rc_t ditto_rql_walk(ditto_rql_term_t *term,
    ditto_rql_pair_t value, size_t level);
static bool ditto_rql_child(const ditto_rql_eval_t *ev,
    const ditto_rql_pair_t *of, ditto_str_t name, ditto_rql_pair_t *value);
static void ditto_rql_lookup(const ditto_rql_eval_t *ev, ditto_str_t object,
    ditto_str_t name, ditto_str_t *value);
static void ditto_rql_merge(ditto_rql_pair_t *value);
static ditto_rc_t ditto_rql_found(ditto_rql_term_t *term,
    const ditto_rql_pair_t *value);
static ditto_rc_t ditto_rql_candidates(ditto_rql_term_t *term,
    ditto_str_t value);
static ditto_rc_t ditto_rql_candidate(ditto_rql_term_t *term,
    ditto_rql_value_t *scalar);
static bool ditto_rql_feature_empty(const ditto_rql_eval_t *ev,
    const ditto_rql_pair_t *feature);
static bool ditto_rql_value_empty(const ditto_rql_pair_t *value);
static ditto_rc_t ditto_rql_malformed(const ditto_rql_eval_t *ev,
    ditto_str_t pointer);
static bool ditto_rql_is(ditto_str_t value, char c);


ditto_rc_t
ditto_rql_possible(const ditto_rql_t *rql, const ditto_scope_t *scope,
    ditto_error_t *err)
{
    ditto_rc_t          rc;
    ditto_rql_eval_t    ev;
    ditto_rql_tables_t  tables;

    rc = ditto_rql_start(&ev, &tables, rql, scope, err);

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
    ditto_rql_eval_t    ev;
    ditto_rql_pair_t    extra;
    ditto_rql_tables_t  tables;

    if (ditto_rql_start(&ev, &tables, rql, scope, err) == DITTO_ERROR) {
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
ditto_rql_start(ditto_rql_eval_t *ev, ditto_rql_tables_t *tables,
    const ditto_rql_t *rql, const ditto_scope_t *scope, ditto_error_t *err)
{
    ditto_rc_t             rc;
    const ditto_signal_t  *signal;

    memset(ev, 0, sizeof(ditto_rql_eval_t));

    signal = scope->signal;

    ev->rql = rql;
    ev->scope = scope;
    ev->signal = signal;
    ev->tables = tables;
    ev->err = err;

    tables->n = 0;

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
        ev->own = signal->value;
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
    size_t                   i;
    ditto_rql_truth_e        truth, t, decisive;
    const ditto_rql_node_t  *node;

    node = &ev->rql->nodes[index];

    if (node->op != DITTO_RQL_AND && node->op != DITTO_RQL_OR
        && node->op != DITTO_RQL_NOT)
    {
        return ditto_rql_term(ev, node);
    }

    decisive = (node->op == DITTO_RQL_AND) ? DITTO_RQL_FALSE : DITTO_RQL_TRUE;
    truth = (node->op == DITTO_RQL_AND) ? DITTO_RQL_TRUE : DITTO_RQL_FALSE;

    for (i = index + 1; i < node->end && depth > 0;
         i = ev->rql->nodes[i].end)
    {
        t = ditto_rql_eval(ev, i, depth - 1);

        if (t == DITTO_RQL_FAILED) {
            return t;
        }

        if ((node->op == DITTO_RQL_AND) ? t < truth : t > truth) {
            truth = t;
        }

        if (truth == decisive && !ev->possible) {
            break;
        }
    }

    if (node->op == DITTO_RQL_NOT) {
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

    switch (node->op) {

    case DITTO_RQL_NE:
        holds = (rc != DITTO_OK);
        break;

    case DITTO_RQL_EMPTY:
        /* what was collected from arrays is an array with elements */
        holds = (!term.found || (term.empty && !term.flattened));
        break;

    default:
        holds = (rc == DITTO_OK);
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

    switch (term->node->op) {

    case DITTO_RQL_EXISTS:
        return DITTO_OK;

    case DITTO_RQL_EMPTY:
        term->found = true;
        term->empty = true;

        for (i = 0; i < texts.n; i++) {
            if (texts.elts[i].len != 0) {
                term->empty = false;
            }
        }

        return DITTO_OK;

    default:
        value.type = DITTO_RQL_STRING;
        value.text = texts.elts[0];
        value.decoded = true;

        return ditto_rql_candidate(term, &value);
    }
}


static ditto_rc_t
ditto_rql_member(ditto_rql_term_t *term)
{
    size_t                    level;
    ditto_rc_t                rc;
    ditto_rql_pair_t          value;
    const ditto_rql_field_t  *field;

    field = &term->node->field;

    if (field->malformed.data != NULL && term->node->op != DITTO_RQL_EXISTS
        && term->node->op != DITTO_RQL_EMPTY)
    {
        return ditto_rql_malformed(term->ev, field->malformed);
    }

    if (field->n == 0) {
        return DITTO_DECLINED;
    }

    if (field->special != DITTO_RQL_PLAIN && ditto_rql_known(term, &rc)) {
        return rc;
    }

    if (!ditto_rql_locate(term, &value, &level)) {
        return DITTO_DECLINED;
    }

    if (level > field->n) {
        return ditto_rql_inside(term);
    }

    if (field->special == DITTO_RQL_MODIFIED
        || field->special == DITTO_RQL_CREATED)
    {
        if (ditto_rql_instant(term->ev, value.own.data != NULL
                                        ? &value.own : &value.fetched)
            != DITTO_OK)
        {
            return DITTO_ERROR;
        }
    }

    return ditto_rql_walk(term, value, level);
}


/* What is read off the signal, or off the thing's id that was fetched. */
static bool
ditto_rql_known(ditto_rql_term_t *term, ditto_rc_t *rc)
{
    ditto_rql_pair_t         thing, id;
    ditto_rql_value_t        value;
    const ditto_signal_t    *signal;
    const ditto_rql_eval_t  *ev;

    ev = term->ev;
    signal = ev->signal;

    value.type = DITTO_RQL_STRING;
    value.decoded = true;

    switch (term->node->field.special) {

    case DITTO_RQL_THING_ID:
        if (!ev->thing) {
            return false;
        }

        value.text = signal->id;
        break;

    case DITTO_RQL_REVISION:
        if (signal->kind != DITTO_SIGNAL_EVENT) {
            return false;
        }

        value.type = DITTO_RQL_NUMBER;
        value.number.integer = true;
        value.number.i = signal->revision;
        break;

    case DITTO_RQL_MODIFIED:
        if (!ev->thing || ev->whole || ev->fetched.data != NULL
            || signal->timestamp.len == 0)
        {
            return false;
        }

        value.text = signal->timestamp;
        break;

    case DITTO_RQL_NAMESPACE:
        if (ev->thing) {
            value.text = signal->ns;
            break;
        }

        /* spec: "Errata" 4.6: what was fetched as _namespace is ignored */

        memset(&thing, 0, sizeof(thing));
        thing.fetched = ev->fetched;
        *rc = DITTO_DECLINED;

        if (!ditto_rql_child(ev, &thing, ditto_str("thingId"), &id)
            || !ditto_rql_is(id.fetched, '"'))
        {
            return true;
        }

        ditto_rql_scalar(id.fetched, &value);
        value.text.len = ditto_str_chr(value.text, ':', 0);
        break;

    default:
        return false;
    }

    if (term->node->op == DITTO_RQL_EMPTY) {
        term->found = true;
        term->empty = (value.text.len == 0);
    }

    *rc = (term->node->op == DITTO_RQL_EXISTS
           || term->node->op == DITTO_RQL_EMPTY)
          ? DITTO_OK : ditto_rql_candidate(term, &value);

    return true;
}


/*
 * The first value that stands in a text, and how many segments lead to it; more
 * than there are: the pointer ends on the way to the event's value.  Ditto
 * merges without the hidden members of the event's thing.  spec: Phase 2,
 * "Object for the filter"
 */
static bool
ditto_rql_locate(const ditto_rql_term_t *term, ditto_rql_pair_t *value,
    size_t *level)
{
    bool                      own;
    ditto_rql_pair_t          thing;
    const ditto_rql_eval_t   *ev;
    const ditto_rql_field_t  *field;

    ev = term->ev;
    field = &term->node->field;

    own = (ev->thing && (field->special < DITTO_RQL_MODIFIED
                         || ev->fetched.data == NULL));

    if (own && ev->own.data == NULL
        && ev->signal->topic.action != DITTO_ACTION_DELETED)
    {
        return ditto_rql_follow(term, value, level);
    }

    memset(&thing, 0, sizeof(thing));
    thing.fetched = ev->fetched;

    if (own) {
        thing.own = ev->own;
    }

    *level = 1;

    return ditto_rql_child(ev, &thing, field->segments[0], value);
}


/* Along the path of the event, which leads through objects. */
static bool
ditto_rql_follow(const ditto_rql_term_t *term, ditto_rql_pair_t *value,
    size_t *level)
{
    size_t                    i;
    ditto_rql_pair_t          fetched;
    const ditto_pointer_t    *path;
    const ditto_rql_eval_t   *ev;
    const ditto_rql_field_t  *field;

    static const ditto_str_t  null = ditto_string("null");

    ev = term->ev;
    path = &ev->signal->pointer;
    field = &term->node->field;

    memset(&fetched, 0, sizeof(fetched));
    fetched.fetched = ev->fetched;

    for (i = 0; i < path->n; i++) {

        if (i == field->n) {
            *level = i + 1;
            return true;
        }

        if (!ditto_str_eq(path->segments[i], field->segments[i])) {
            *level = i + 1;
            return ditto_rql_child(ev, &fetched, field->segments[i], value);
        }

        (void) ditto_rql_child(ev, &fetched, field->segments[i], &fetched);

        if (i + 1 < path->n && !ditto_rql_is(fetched.fetched, '{')) {
            fetched.fetched.data = NULL;
        }
    }

    *level = i;
    *value = fetched;
    value->own = (ev->signal->value.len != 0) ? ev->signal->value : null;

    ditto_rql_merge(value);

    return true;
}


/* An object that holds the rest of the event's path. */
static ditto_rc_t
ditto_rql_inside(ditto_rql_term_t *term)
{
    if (term->node->field.malformed.data != NULL) {
        return ditto_rql_malformed(term->ev, term->node->field.malformed);
    }

    term->found = true;

    return (term->node->op == DITTO_RQL_EXISTS) ? DITTO_OK : DITTO_DECLINED;
}


/* Ditto reads the times of a thing and prints them again. */
static ditto_rc_t
ditto_rql_instant(const ditto_rql_eval_t *ev, ditto_str_t *value)
{
    ditto_buf_t            buf;
    ditto_str_t            text;
    ditto_instant_t        instant;
    ditto_instant_error_t  error;

    if (!ditto_rql_is(*value, '"')) {
        return DITTO_OK;
    }

    if (ditto_json_text(ev->scope->pool, *value, &text) != DITTO_OK) {
        return ditto_fail_memory(ev->err);
    }

    if (ditto_instant_parse(text, &instant, &error) != DITTO_OK
        || ditto_instant_normal(text, &instant))
    {
        return DITTO_OK;
    }

    ditto_buf_init(&buf, ev->scope->pool, 40);
    ditto_buf_char(&buf, '"');
    ditto_instant_render(&buf, &instant);
    ditto_buf_char(&buf, '"');

    if (ditto_buf_done(&buf, value) != DITTO_OK) {
        return ditto_fail_memory(ev->err);
    }

    return DITTO_OK;
}


/*
 * Down the pointer from level on; into the objects of an array one after the
 * other, which is where this calls itself: no deeper than the message is.
 */
static ditto_rc_t
ditto_rql_walk(ditto_rql_term_t *term, ditto_rql_pair_t value, size_t level)
{
    ditto_rc_t                rc;
    ditto_str_t               array, name;
    ditto_json_t              it;
    ditto_rql_pair_t          element;
    const ditto_rql_field_t  *field;

    field = &term->node->field;

    for ( /* void */ ; level < field->n; level++) {
        array = (value.own.data != NULL) ? value.own : value.fetched;

        if (!ditto_rql_is(array, '[')) {

            if (!ditto_rql_child(term->ev, &value, field->segments[level],
                                 &value))
            {
                return DITTO_DECLINED;
            }

            continue;
        }

        if (!field->flatten) {
            return DITTO_DECLINED;
        }

        term->flattened = true;
        memset(&element, 0, sizeof(element));
        ditto_json_iterate(&it, array);

        while (ditto_json_next(&it, &name, &element.own)) {
            if (!ditto_rql_is(element.own, '{')) {
                continue;
            }

            rc = ditto_rql_walk(term, element, level);

            if (rc != DITTO_DECLINED) {
                return rc;
            }
        }

        return DITTO_DECLINED;
    }

    return ditto_rql_found(term, &value);
}


static bool
ditto_rql_child(const ditto_rql_eval_t *ev, const ditto_rql_pair_t *of,
    ditto_str_t name, ditto_rql_pair_t *value)
{
    ditto_rql_pair_t  child;

    memset(&child, 0, sizeof(child));

    if (ditto_rql_is(of->own, '{')) {
        ditto_rql_lookup(ev, of->own, name, &child.own);
    }

    if (ditto_rql_is(of->fetched, '{')) {
        ditto_rql_lookup(ev, of->fetched, name, &child.fetched);
    }

    ditto_rql_merge(&child);
    *value = child;

    return child.own.data != NULL || child.fetched.data != NULL;
}


/* Of members of one name the last counts; *value is untouched without any. */
static void
ditto_rql_lookup(const ditto_rql_eval_t *ev, ditto_str_t object,
    ditto_str_t name, ditto_str_t *value)
{
    size_t              i;
    ditto_str_t         n, v;
    ditto_json_t        it;
    ditto_rql_table_t  *table;

    for (i = 0; i < ev->tables->n; i++) {
        table = &ev->tables->elts[i];

        if (table->object != object.data || table->n > DITTO_RQL_MEMBERS) {
            continue;
        }

        for (i = table->n; i-- > 0; /* void */ ) {
            if (ditto_json_name_is(table->names[i], name)) {
                *value = table->values[i];
                return;
            }
        }

        return;
    }

    if (ev->tables->n == DITTO_RQL_TABLES) {
        (void) ditto_json_member(object, name, value);
        return;
    }

    table = &ev->tables->elts[ev->tables->n++];
    table->object = object.data;
    table->n = 0;

    ditto_json_iterate(&it, object);

    while (ditto_json_next(&it, &n, &v)) {

        if (table->n < DITTO_RQL_MEMBERS) {
            table->names[table->n] = n;
            table->values[table->n] = v;
        }

        table->n++;

        if (ditto_json_name_is(n, name)) {
            *value = v;
        }
    }
}


/*
 * The signal's value wins, unless both are objects; a null is an empty one to
 * Ditto there.
 */
static void
ditto_rql_merge(ditto_rql_pair_t *value)
{
    if (value->own.data == NULL || value->fetched.data == NULL) {
        return;
    }

    if (ditto_rql_is(value->own, 'n') && ditto_rql_is(value->fetched, '{')) {
        value->own.data = NULL;

    } else if (!ditto_rql_is(value->own, '{')
               || !ditto_rql_is(value->fetched, '{'))
    {
        value->fetched.data = NULL;
    }
}


/* A value at the end of the pointer; DITTO_DECLINED: look for more. */
static ditto_rc_t
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

    switch (term->node->op) {

    case DITTO_RQL_EXISTS:
        return DITTO_OK;

    case DITTO_RQL_EMPTY:
        term->found = true;
        term->empty = (field->kind == DITTO_RQL_FEATURE)
                      ? ditto_rql_feature_empty(term->ev, value)
                      : ditto_rql_value_empty(value);
        return DITTO_OK;

    default:
        return ditto_rql_candidates(term, one);
    }
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


static ditto_rc_t
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

    if (node->op != DITTO_RQL_IN) {
        return ditto_rql_test(pool, node->op, scalar, &term->values[0], err);
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

        rc = ditto_rql_test(pool, DITTO_RQL_EQ, scalar, &term->values[i],
                            err);

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


static ditto_rc_t
ditto_rql_malformed(const ditto_rql_eval_t *ev, ditto_str_t pointer)
{
    ditto_str_t  none = ditto_null_string;

    return ditto_fail(ev->err, DITTO_E_JSON_POINTER_INVALID, pointer, none);
}


static bool
ditto_rql_is(ditto_str_t value, char c)
{
    return value.data != NULL && value.data[0] == (unsigned char) c;
}
