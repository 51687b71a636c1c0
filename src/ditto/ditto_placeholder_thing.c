/*
 * thing-json:<pointer>, looked up in the thing of an event and in the fields
 * that were fetched for it; where both have a member the event's own wins.
 *
 * spec: Values per signal, "thing-json:<ptr>"; Phase 2, rule 4
 */

#include <stdlib.h>

#include "ditto_json.h"
#include "ditto_placeholder_private.h"
#include "ditto_thing.h"


/* objects in both sides are merged down to here, below the event's own wins */
#define DITTO_THING_JSON_DEPTH  32


/* A part of the thing: what the event has of it and what was fetched. */
typedef struct {
    ditto_str_t  own;            /* data is NULL: nothing */
    ditto_str_t  extra;          /* the same; not looked at if own is no
                                    object */
} ditto_thing_json_t;


/* Members of an object in the order of their names, of equal ones the last
   behind the others. */
typedef struct {
    ditto_str_t  name;           /* decoded */
    ditto_str_t  value;
} ditto_thing_member_t;


static ditto_rc_t ditto_thing_json_elements(const ditto_scope_t *scope,
    ditto_str_t value, ditto_values_t *values, ditto_error_t *err);
static ditto_rc_t ditto_thing_json_root(const ditto_scope_t *scope,
    ditto_thing_json_t *part, ditto_error_t *err);
static ditto_rc_t ditto_thing_json_namespace(ditto_pool_t *pool,
    ditto_str_t extra, ditto_str_t *value, ditto_error_t *err);
static ditto_rc_t ditto_thing_json_text(ditto_pool_t *pool,
    ditto_str_t value, ditto_str_t *text, ditto_error_t *err);
static void ditto_thing_json_merge(ditto_buf_t *out, ditto_str_t own,
    ditto_str_t extra, ditto_str_t ns, unsigned depth);
static bool ditto_thing_json_members(ditto_pool_t *pool, ditto_str_t object,
    ditto_array_t *members);
static int ditto_thing_json_order(const void *one, const void *two);
static ditto_str_t ditto_thing_json_last(const ditto_array_t *members,
    ditto_str_t name);
static bool ditto_thing_json_object(ditto_str_t value);


static ditto_str_t  ditto_thing_json_ns = ditto_string("_namespace");


ditto_rc_t
ditto_thing_json_compile(ditto_pool_t *pool, ditto_placeholder_t *placeholder,
    ditto_error_t *err)
{
    size_t            i;
    ditto_pointer_t  *pointer;
    static const char refused[][10] = { "id", "name", "namespace" };

    for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        if (ditto_str_eq(placeholder->name, ditto_str(refused[i]))) {
            return ditto_placeholder_unresolved(placeholder->name, err);
        }
    }

    /* spec: an empty name and a//b are legal until they are looked up */
    if (placeholder->name.len == 0) {
        return DITTO_OK;
    }

    pointer = ditto_alloc(pool, sizeof(ditto_pointer_t));
    if (pointer == NULL) {
        return ditto_fail_memory(err);
    }

    if (ditto_pointer_parse_escaped(pool, placeholder->name, pointer, err)
        == DITTO_OK)
    {
        placeholder->arg = pointer;
        return DITTO_OK;
    }

    return (err->code == DITTO_E_INTERNAL) ? DITTO_ERROR : DITTO_OK;
}


ditto_rc_t
ditto_thing_json_resolve(const ditto_placeholder_t *placeholder,
    const ditto_scope_t *scope, ditto_values_t *values, ditto_error_t *err)
{
    size_t                  i;
    ditto_rc_t              rc;
    ditto_buf_t             buf;
    ditto_str_t             value, name, ns;
    ditto_str_t             none = ditto_null_string;
    ditto_thing_json_t      part;
    const ditto_pointer_t  *pointer;

    pointer = placeholder->arg;

    if (placeholder->name.len == 0) {
        return ditto_placeholder_unresolved(ditto_str("thing-json:"), err);
    }

    if (pointer == NULL) {
        return ditto_fail(err, DITTO_E_JSON_POINTER_INVALID,
                          placeholder->name, none);
    }

    rc = ditto_thing_json_root(scope, &part, err);
    if (rc != DITTO_OK) {
        return rc;
    }

    ns = none;

    if (part.extra.data != NULL
        && ditto_thing_json_namespace(scope->pool, part.extra, &ns, err)
           == DITTO_ERROR)
    {
        return DITTO_ERROR;
    }

    for (i = 0; i < pointer->n; i++) {
        name = pointer->segments[i];

        if (!ditto_thing_json_object(part.own)
            || ditto_json_member(part.own, name, &part.own) != DITTO_OK)
        {
            part.own = none;
        }

        if (i == 0 && ditto_str_eq(name, ditto_thing_json_ns)) {
            part.extra = ns;

        } else if (!ditto_thing_json_object(part.extra)
                   || ditto_json_member(part.extra, name, &part.extra)
                      != DITTO_OK)
        {
            part.extra = none;
        }

        if (part.own.data == NULL && part.extra.data == NULL) {
            return DITTO_DECLINED;
        }

        if (part.own.data != NULL && !ditto_thing_json_object(part.own)) {
            part.extra = none;
        }
    }

    value = (part.own.data != NULL) ? part.own : part.extra;

    if (ditto_thing_json_object(part.own)
        && ditto_thing_json_object(part.extra))
    {
        ditto_buf_init(&buf, scope->pool, part.own.len + part.extra.len);
        ditto_thing_json_merge(&buf, part.own, part.extra,
                               pointer->n == 0 ? ns : none,
                               pointer->n == 0 ? 0 : 1);

        if (ditto_buf_done(&buf, &value) != DITTO_OK) {
            return ditto_fail_memory(err);
        }

        return ditto_placeholder_value(scope, value, values, err);
    }

    switch (ditto_json_type(value)) {

    case DITTO_JSON_NULL:
        return DITTO_DECLINED;

    case DITTO_JSON_ARRAY:
        return ditto_thing_json_elements(scope, value, values, err);

    default:
        if (ditto_thing_json_text(scope->pool, value, &name, err)
            != DITTO_OK)
        {
            return DITTO_ERROR;
        }

        return ditto_placeholder_value(scope, name, values, err);
    }
}


/* One value per element. */
static ditto_rc_t
ditto_thing_json_elements(const ditto_scope_t *scope, ditto_str_t value,
    ditto_values_t *values, ditto_error_t *err)
{
    ditto_str_t    name, element, *text;
    ditto_json_t   it;
    ditto_array_t  texts;

    ditto_array_init(&texts, scope->pool, sizeof(ditto_str_t));
    ditto_json_iterate(&it, value);

    while (ditto_json_next(&it, &name, &element)) {
        text = ditto_array_push(&texts);
        if (text == NULL) {
            return ditto_fail_memory(err);
        }

        if (ditto_thing_json_text(scope->pool, element, text, err)
            != DITTO_OK)
        {
            return DITTO_ERROR;
        }
    }

    if (texts.nelts == 0) {
        return DITTO_DECLINED;
    }

    values->elts = texts.elts;
    values->n = texts.nelts;

    return DITTO_OK;
}


/* DITTO_DECLINED: nothing is known of the thing. */
static ditto_rc_t
ditto_thing_json_root(const ditto_scope_t *scope, ditto_thing_json_t *part,
    ditto_error_t *err)
{
    ditto_rc_t   rc;
    ditto_buf_t  buf;
    ditto_str_t  none = ditto_null_string, empty = ditto_string("{}");

    part->extra = (scope->extra.len != 0) ? scope->extra : none;

    rc = ditto_thing_get(scope, &part->own, err);

    if (rc != DITTO_DECLINED) {
        return rc;
    }

    if (scope->signal->kind == DITTO_SIGNAL_EVENT) {
        ditto_buf_init(&buf, scope->pool, 40);
        ditto_buf_text(&buf, "{\"_revision\":");
        ditto_buf_int(&buf, scope->signal->revision);
        ditto_buf_char(&buf, '}');

        if (ditto_buf_done(&buf, &part->own) != DITTO_OK) {
            return ditto_fail_memory(err);
        }

        return DITTO_OK;
    }

    part->own = empty;

    return (part->extra.data != NULL) ? DITTO_OK : DITTO_DECLINED;
}


/*
 * What counts as the namespace of what was fetched: that of its thingId.
 * spec: errata of Phase 2, rule 4.  DITTO_DECLINED: there is none.
 */
static ditto_rc_t
ditto_thing_json_namespace(ditto_pool_t *pool, ditto_str_t extra,
    ditto_str_t *value, ditto_error_t *err)
{
    ditto_buf_t         buf;
    ditto_str_t         id;
    static ditto_str_t  thing_id = ditto_string("thingId");

    if (ditto_json_member(extra, thing_id, &id) != DITTO_OK
        || id.data[0] != '"')
    {
        return DITTO_DECLINED;
    }

    if (ditto_json_text(pool, id, &id) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    ditto_buf_init(&buf, pool, id.len + 2);
    ditto_json_add_string(&buf, ditto_str_sub(id, 0,
                                              ditto_str_chr(id, ':', 0)));

    if (ditto_buf_done(&buf, value) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    return DITTO_OK;
}


/* A string as it is, anything else as compact JSON. */
static ditto_rc_t
ditto_thing_json_text(ditto_pool_t *pool, ditto_str_t value,
    ditto_str_t *text, ditto_error_t *err)
{
    ditto_buf_t  buf;

    if (value.data[0] == '"') {
        return (ditto_json_text(pool, value, text) == DITTO_OK)
               ? DITTO_OK : ditto_fail_memory(err);
    }

    ditto_buf_init(&buf, pool, value.len);
    ditto_json_add_compact(&buf, value);

    return (ditto_buf_done(&buf, text) == DITTO_OK)
           ? DITTO_OK : ditto_fail_memory(err);
}


/* ns: of the root what counts as _namespace of extra. */
static void
ditto_thing_json_merge(ditto_buf_t *out, ditto_str_t own, ditto_str_t extra,
    ditto_str_t ns, unsigned depth)
{
    bool           first;
    ditto_str_t    name, text, value, other, none = ditto_null_string;
    ditto_json_t   it;
    ditto_array_t  owns, extras;

    if (!ditto_thing_json_members(out->pool, own, &owns)
        || !ditto_thing_json_members(out->pool, extra, &extras))
    {
        out->failed = true;
        return;
    }

    first = true;
    ditto_buf_char(out, '{');
    ditto_json_iterate(&it, own);

    while (ditto_json_next(&it, &name, &value)) {

        if (ditto_json_decode(out->pool, name, &text) != DITTO_OK) {
            out->failed = true;
            return;
        }

        if (ditto_thing_json_last(&owns, text).data != value.data) {
            continue;
        }

        ditto_buf_char(out, first ? '"' : ',');
        ditto_buf_text(out, first ? "" : "\"");
        ditto_buf_str(out, name);
        ditto_buf_text(out, "\":");
        first = false;

        other = ditto_thing_json_last(&extras, text);

        if (ditto_thing_json_object(value) && ditto_thing_json_object(other)
            && depth < DITTO_THING_JSON_DEPTH)
        {
            ditto_thing_json_merge(out, value, other, none, depth + 1);
            continue;
        }

        ditto_json_add_compact(out, value);
    }

    ditto_json_iterate(&it, extra);

    while (ditto_json_next(&it, &name, &value)) {

        if (ditto_json_decode(out->pool, name, &text) != DITTO_OK) {
            out->failed = true;
            return;
        }

        if (ditto_thing_json_last(&owns, text).data != NULL
            || ditto_thing_json_last(&extras, text).data != value.data
            || (depth == 0 && ditto_str_eq(text, ditto_thing_json_ns)))
        {
            continue;
        }

        ditto_buf_text(out, first ? "\"" : ",\"");
        ditto_buf_str(out, name);
        ditto_buf_text(out, "\":");
        ditto_json_add_compact(out, value);
        first = false;
    }

    if (ns.data != NULL
        && ditto_thing_json_last(&owns, ditto_thing_json_ns).data == NULL)
    {
        ditto_buf_text(out, first ? "\"_namespace\":" : ",\"_namespace\":");
        ditto_buf_str(out, ns);
    }

    ditto_buf_char(out, '}');
}


static bool
ditto_thing_json_members(ditto_pool_t *pool, ditto_str_t object,
    ditto_array_t *members)
{
    ditto_str_t            name, value;
    ditto_json_t           it;
    ditto_thing_member_t  *member;

    ditto_array_init(members, pool, sizeof(ditto_thing_member_t));
    ditto_json_iterate(&it, object);

    while (ditto_json_next(&it, &name, &value)) {
        member = ditto_array_push(members);

        if (member == NULL
            || ditto_json_decode(pool, name, &member->name) != DITTO_OK)
        {
            return false;
        }

        member->value = value;
    }

    if (members->nelts > 1) {
        qsort(members->elts, members->nelts, sizeof(ditto_thing_member_t),
              ditto_thing_json_order);
    }

    return true;
}


static int
ditto_thing_json_order(const void *one, const void *two)
{
    int                          diff;
    const ditto_thing_member_t  *a = one, *b = two;

    if (a->name.len != b->name.len) {
        return (a->name.len < b->name.len) ? -1 : 1;
    }

    diff = memcmp(a->name.data, b->name.data, a->name.len);

    if (diff != 0) {
        return diff;
    }

    return (a->value.data < b->value.data) ? -1 : 1;
}


/* The last member of the name; data is NULL if there is none. */
static ditto_str_t
ditto_thing_json_last(const ditto_array_t *members, ditto_str_t name)
{
    size_t                       low, high, middle;
    ditto_str_t                  none = ditto_null_string;
    const ditto_thing_member_t  *member;

    low = 0;
    high = members->nelts;
    member = members->elts;

    while (low < high) {
        middle = low + (high - low) / 2;

        if (member[middle].name.len < name.len
            || (member[middle].name.len == name.len
                && memcmp(member[middle].name.data, name.data, name.len)
                   <= 0))
        {
            low = middle + 1;

        } else {
            high = middle;
        }
    }

    if (low == 0 || !ditto_str_eq(member[low - 1].name, name)) {
        return none;
    }

    return member[low - 1].value;
}


static bool
ditto_thing_json_object(ditto_str_t value)
{
    return value.data != NULL && value.data[0] == '{';
}
