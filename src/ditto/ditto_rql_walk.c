/*
 * Finding the values of a filter's properties.  A thing is what the signal
 * says, and below it what was fetched: two texts that are walked side by side,
 * so that merging them costs nothing.  Nor is a thing made of an event, unless
 * it is a patch: a pointer follows the event's path, and the rest of it is
 * walked in the value.
 *
 * Ditto: spec "RQL: Finding the field value" and "JSON the filter sees".
 */

#include "ditto_instant.h"
#include "ditto_json.h"
#include "ditto_rql_private.h"


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
static void ditto_rql_lookup(const ditto_rql_eval_t *ev, ditto_str_t object,
    ditto_str_t name, ditto_str_t *value);
static const ditto_rql_table_t *ditto_rql_members(ditto_rql_tables_t *tables,
    ditto_str_t object);
static void ditto_rql_merge(ditto_rql_pair_t *value);


ditto_rc_t
ditto_rql_member(ditto_rql_term_t *term)
{
    size_t                    level;
    ditto_rc_t                rc;
    ditto_rql_pair_t          value;
    const ditto_rql_field_t  *field;

    field = &term->node->field;

    if (field->malformed.data != NULL
        && term->node->function->form != DITTO_RQL_PROPERTY)
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
        value.text.len = 0;
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

    term->found = true;
    term->empty = (value.type == DITTO_RQL_STRING && value.text.len == 0);

    *rc = (term->node->function->form == DITTO_RQL_PROPERTY)
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

        if (fetched.fetched.data != NULL) {
            (void) ditto_rql_child(ev, &fetched, field->segments[i],
                                   &fetched);
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

    return (term->node->function->form == DITTO_RQL_PROPERTY
            && (term->node->function->asks & DITTO_RQL_EMPTY) == 0)
           ? DITTO_OK : DITTO_DECLINED;
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


bool
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
    size_t                    i;
    ditto_str_t               raw;
    const ditto_rql_table_t  *table;

    table = ditto_rql_members(ev->tables, object);

    if (table->n > DITTO_RQL_MEMBERS) {
        (void) ditto_json_member(object, name, value);
        return;
    }

    for (i = table->n; i-- > 0; /* void */ ) {
        raw = table->names[i];

        if (table->plain ? ditto_str_eq(raw, name)
                         : ditto_json_name_is(raw, name))
        {
            *value = table->values[i];
            return;
        }
    }
}


static const ditto_rql_table_t *
ditto_rql_members(ditto_rql_tables_t *tables, ditto_str_t object)
{
    size_t              i;
    ditto_str_t         name, value;
    ditto_json_t        it;
    ditto_rql_table_t  *table;

    for (i = 0; i < tables->n && i < DITTO_RQL_TABLES; i++) {
        if (tables->elts[i].object == object.data) {
            return &tables->elts[i];
        }
    }

    table = &tables->elts[tables->n++ % DITTO_RQL_TABLES];
    table->object = object.data;
    table->n = 0;
    table->plain = (memchr(object.data, '\\', object.len) == NULL);

    ditto_json_iterate(&it, object);

    while (table->n <= DITTO_RQL_MEMBERS
           && ditto_json_next(&it, &name, &value))
    {
        if (table->n < DITTO_RQL_MEMBERS) {
            table->names[table->n] = name;
            table->values[table->n] = value;
        }

        table->n++;
    }

    return table;
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


ditto_rc_t
ditto_rql_malformed(const ditto_rql_eval_t *ev, ditto_str_t pointer)
{
    ditto_str_t  none = ditto_null_string;

    return ditto_fail(ev->err, DITTO_E_JSON_POINTER_INVALID, pointer, none);
}


bool
ditto_rql_is(ditto_str_t value, char c)
{
    return value.data != NULL && value.data[0] == (unsigned char) c;
}
