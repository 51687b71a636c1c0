#include "ditto_json.h"
#include "ditto_signal_parts.h"
#include "ditto_thing.h"


static bool ditto_thing_convertible(const ditto_signal_t *signal);
static void ditto_thing_skeleton(ditto_buf_t *out,
    const ditto_signal_t *signal, bool modified);
static ditto_rc_t ditto_thing_check_merged(const ditto_scope_t *scope,
    ditto_str_t *thing, ditto_error_t *err);
static ditto_rc_t ditto_thing_check_path(const ditto_scope_t *scope,
    ditto_error_t *err);
static ditto_rc_t ditto_thing_check_keys(ditto_parse_t *parse,
    const ditto_signal_t *event, size_t from, size_t n, ditto_error_t *err);
static void ditto_thing_root(ditto_buf_t *out, const ditto_signal_t *signal);
static bool ditto_thing_known(ditto_str_t name);
static void ditto_thing_below(ditto_buf_t *out, const ditto_signal_t *signal);
static void ditto_thing_patch(ditto_buf_t *out, ditto_str_t value);
static void ditto_thing_string(ditto_buf_t *out, const char *name,
    ditto_str_t value);


static ditto_str_t  ditto_thing_features = ditto_string("features");
static ditto_str_t  ditto_thing_definition = ditto_string("definition");
static ditto_str_t  ditto_thing_modified = ditto_string("_modified");


/* What a thing has besides the members of the skeleton. */
static const ditto_str_t  ditto_thing_known_members[] = {
    ditto_string("policyId"),
    ditto_string("definition"),
    ditto_string("attributes"),
    ditto_string("features"),
    ditto_string("_modified"),
    ditto_string("_created"),
    ditto_string("_metadata"),
};


ditto_rc_t
ditto_thing_check(const ditto_scope_t *scope, ditto_error_t *err)
{
    ditto_str_t             thing;
    const ditto_signal_t   *signal;
    ditto_scope_cache_t    *cache;

    cache = scope->cache;
    signal = scope->signal;

    if (cache->no_thing) {
        return DITTO_DECLINED;
    }

    if (cache->checked) {
        return DITTO_OK;
    }

    if (!ditto_thing_convertible(signal)) {
        cache->no_thing = true;
        return DITTO_DECLINED;
    }

    if (signal->topic.action == DITTO_ACTION_MERGED) {
        return ditto_thing_get(scope, &thing, err);
    }

    if (signal->topic.action != DITTO_ACTION_DELETED
        && ditto_thing_check_path(scope, err) != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    cache->checked = true;

    return DITTO_OK;
}


ditto_rc_t
ditto_thing_get(const ditto_scope_t *scope, ditto_str_t *thing,
    ditto_error_t *err)
{
    bool                   merged;
    ditto_rc_t             rc;
    ditto_buf_t            buf;
    const ditto_signal_t  *signal;
    ditto_scope_cache_t   *cache;

    cache = scope->cache;
    signal = scope->signal;

    if (cache->thing.data != NULL) {
        *thing = cache->thing;
        return DITTO_OK;
    }

    merged = (signal->kind == DITTO_SIGNAL_EVENT
              && signal->topic.action == DITTO_ACTION_MERGED);

    if (!merged) {
        rc = ditto_thing_check(scope, err);

        if (rc != DITTO_OK) {
            return rc;
        }
    }

    ditto_buf_init(&buf, scope->pool,
                   signal->value.len + signal->path.len + signal->id.len
                   + signal->ns.len + 128);
    ditto_buf_char(&buf, '{');

    if (signal->topic.action == DITTO_ACTION_DELETED) {
        ditto_thing_skeleton(&buf, signal, true);

    } else if (signal->pointer.n == 0) {
        ditto_thing_root(&buf, signal);

    } else {
        ditto_thing_below(&buf, signal);
    }

    ditto_buf_char(&buf, '}');

    if (ditto_buf_done(&buf, thing) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    if (merged && ditto_thing_check_merged(scope, thing, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    cache->thing = *thing;
    cache->checked = true;

    return DITTO_OK;
}


/* spec: "no converter exists" for a feature's definition, unless merged */
static bool
ditto_thing_convertible(const ditto_signal_t *signal)
{
    if (signal->kind != DITTO_SIGNAL_EVENT) {
        return false;
    }

    return !(signal->pointer.n == 3
             && ditto_str_eq(signal->pointer.segments[0],
                             ditto_thing_features)
             && signal->topic.action != DITTO_ACTION_MERGED
             && signal->topic.action != DITTO_ACTION_MIGRATED
             && ditto_str_eq(signal->pointer.segments[2],
                             ditto_thing_definition));
}


/* modified: with the event's time, if it has one. */
static void
ditto_thing_skeleton(ditto_buf_t *out, const ditto_signal_t *signal,
    bool modified)
{
    ditto_thing_string(out, "\"thingId\":", signal->id);
    ditto_thing_string(out, ",\"_namespace\":", signal->ns);

    ditto_buf_text(out, ",\"_revision\":");
    ditto_buf_int(out, signal->revision);

    if (modified && signal->timestamp.len != 0) {
        ditto_thing_string(out, ",\"_modified\":", signal->timestamp);
    }
}


/*
 * What a thing cannot be is refused only now, what it cannot have is dropped:
 * the event itself may have it.  spec: "merged, impossible shape"
 */
static ditto_rc_t
ditto_thing_check_merged(const ditto_scope_t *scope, ditto_str_t *thing,
    ditto_error_t *err)
{
    ditto_str_t             id;
    ditto_parse_t           parse;
    ditto_signal_t          checked;
    const ditto_signal_t   *signal;

    signal = scope->signal;

    if (signal->pointer.n == 0 && signal->value.data[0] != '{'
        && signal->value.data[0] != 'n')
    {
        return ditto_fail_text(err, DITTO_E_JSON_INVALID,
                               "The value of a thing that is merged must be "
                               "an object or null.");
    }

    memset(&parse, 0, sizeof(ditto_parse_t));

    parse.pool = scope->pool;
    parse.signal = &checked;

    checked.value = *thing;
    checked.id = signal->id;

    if (ditto_value_check(&parse, DITTO_RESOURCE_THING, &id, err)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    return ditto_model_whole(&parse, *thing, thing, err);
}


/* The same, spec: "Keys" */
static ditto_rc_t
ditto_thing_check_path(const ditto_scope_t *scope, ditto_error_t *err)
{
    ditto_parse_t           parse;
    ditto_signal_t          checked;
    const ditto_signal_t   *signal;

    signal = scope->signal;

    memset(&parse, 0, sizeof(ditto_parse_t));

    parse.pool = scope->pool;
    parse.signal = &checked;

    switch (ditto_signal_resource(&signal->pointer)) {

    case DITTO_RESOURCE_ATTRIBUTE:
        return ditto_thing_check_keys(&parse, signal, 1, signal->pointer.n,
                                      err);

    case DITTO_RESOURCE_PROPERTY:
    case DITTO_RESOURCE_DESIRED_PROPERTY:
        if (ditto_thing_check_keys(&parse, signal, 3, signal->pointer.n, err)
            != DITTO_OK)
        {
            return DITTO_ERROR;
        }

        return ditto_thing_check_keys(&parse, signal, 1, 2, err);

    case DITTO_RESOURCE_PROPERTIES:
    case DITTO_RESOURCE_DESIRED_PROPERTIES:
        return ditto_thing_check_keys(&parse, signal, 1, 2, err);

    default:
        return DITTO_OK;
    }
}


/* Segments [from, n) of the path, and the value if they are its last ones. */
static ditto_rc_t
ditto_thing_check_keys(ditto_parse_t *parse, const ditto_signal_t *event,
    size_t from, size_t n, ditto_error_t *err)
{
    ditto_str_t  none = ditto_null_string;

    parse->signal->pointer.segments = event->pointer.segments;
    parse->signal->pointer.n = n;
    parse->signal->value = (n == event->pointer.n) ? event->value : none;

    return ditto_value_check_keys(parse, from, err);
}


/*
 * At "/" the value is the thing.  Of a created or modified one _modified is
 * the value's own; of a patch the skeleton's members win.
 */
static void
ditto_thing_root(ditto_buf_t *out, const ditto_signal_t *signal)
{
    bool          patch, timed;
    ditto_str_t   name, value;
    ditto_json_t  it;

    patch = (signal->topic.action == DITTO_ACTION_MERGED);
    timed = (patch && signal->timestamp.len != 0);

    ditto_thing_skeleton(out, signal, patch);

    if (signal->seen.len == 0 || signal->seen.data[0] != '{') {
        return;
    }

    ditto_json_iterate(&it, signal->seen);

    while (ditto_json_next(&it, &name, &value)) {

        if (!ditto_thing_known(name)
            || (patch && value.data[0] == 'n')
            || (timed && ditto_json_name_is(name, ditto_thing_modified)))
        {
            continue;
        }

        ditto_buf_text(out, ",\"");
        ditto_buf_str(out, name);
        ditto_buf_text(out, "\":");

        if (patch) {
            ditto_thing_patch(out, value);

        } else {
            ditto_buf_str(out, value);
        }
    }
}


static bool
ditto_thing_known(ditto_str_t name)
{
    size_t  i, n;

    n = sizeof(ditto_thing_known_members) / sizeof(ditto_str_t);

    for (i = 0; i < n; i++) {
        if (ditto_json_name_is(name, ditto_thing_known_members[i])) {
            return true;
        }
    }

    return false;
}


static void
ditto_thing_below(ditto_buf_t *out, const ditto_signal_t *signal)
{
    size_t  i, n;

    ditto_thing_skeleton(out, signal, true);

    n = signal->pointer.n;

    for (i = 0; i < n; i++) {
        ditto_buf_text(out, i == 0 ? "," : "{");
        ditto_json_add_string(out, signal->pointer.segments[i]);
        ditto_buf_char(out, ':');
    }

    if (signal->value.len == 0) {
        ditto_buf_text(out, "null");

    } else if (signal->topic.action != DITTO_ACTION_MERGED) {
        ditto_buf_str(out, signal->value);

    } else if (signal->value.data[0] == 'n') {
        /* spec: a null patch below the root becomes an empty object */
        ditto_buf_text(out, "{}");

    } else {
        ditto_thing_patch(out, signal->value);
    }

    for (i = 1; i < n; i++) {
        ditto_buf_char(out, '}');
    }
}


/*
 * A merge patch without its null members; elements of arrays stay.  Only
 * objects are entered, so that nothing needs to be kept for the way back.
 */
static void
ditto_thing_patch(ditto_buf_t *out, ditto_str_t value)
{
    bool          first;
    size_t        depth;
    ditto_str_t   name, member;
    ditto_json_t  it;

    if (value.data[0] != '{') {
        ditto_buf_str(out, value);
        return;
    }

    ditto_json_open(&it, value);
    it.pos++;

    ditto_buf_char(out, '{');
    first = true;
    depth = 1;

    while (depth != 0) {

        if (!ditto_json_step(&it, &name)) {
            ditto_buf_char(out, '}');
            first = false;
            depth--;
            continue;
        }

        if (*it.pos == 'n') {
            (void) ditto_json_take(&it);
            continue;
        }

        ditto_buf_text(out, first ? "\"" : ",\"");
        ditto_buf_str(out, name);
        ditto_buf_text(out, "\":");

        if (*it.pos == '{') {
            ditto_buf_char(out, '{');
            it.pos++;
            first = true;
            depth++;
            continue;
        }

        member = ditto_json_take(&it);
        ditto_buf_str(out, member);
        first = false;
    }
}


static void
ditto_thing_string(ditto_buf_t *out, const char *name, ditto_str_t value)
{
    ditto_buf_text(out, name);
    ditto_json_add_string(out, value);
}
