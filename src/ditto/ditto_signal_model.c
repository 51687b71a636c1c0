/*
 * What Ditto's model of things gives back of a value: it drops what it does
 * not know, and some of what it knows.  The sender's order stays, and his
 * bytes within each member.
 *
 * Ditto: spec section "Canonicalisation of value".
 */

#include "ditto_instant.h"
#include "ditto_json.h"
#include "ditto_signal_parts.h"


static ditto_rc_t ditto_model_below(ditto_parse_t *parse,
    ditto_resource_e resource, ditto_error_t *err);
static ditto_rc_t ditto_model_policy(ditto_parse_t *parse,
    ditto_error_t *err);
static bool ditto_model_differs(const ditto_parse_t *parse, unsigned parts,
    bool named);
static bool ditto_model_named(const ditto_parse_t *parse);
static ditto_rc_t ditto_model_write(const ditto_parse_t *parse,
    ditto_str_t object, unsigned parts, bool named, ditto_str_t *out,
    ditto_error_t *err);
static void ditto_model_add(ditto_buf_t *out, const ditto_parse_t *parse,
    ditto_thing_member_e member, bool named, ditto_str_t name,
    ditto_str_t value);
static void ditto_model_add_name(ditto_buf_t *out, ditto_str_t name);
static void ditto_model_add_instant(ditto_buf_t *out, ditto_str_t value);
static void ditto_model_add_features(ditto_buf_t *out, ditto_str_t value);
static void ditto_model_add_feature(ditto_buf_t *out, ditto_str_t value);


/* The special members are not written, but filters see them. */
ditto_rc_t
ditto_model_event(ditto_parse_t *parse, ditto_resource_e resource,
    ditto_error_t *err)
{
    ditto_signal_t  *signal;

    signal = parse->signal;

    if (resource != DITTO_RESOURCE_THING) {
        return ditto_model_below(parse, resource, err);
    }

    if (!ditto_model_differs(parse, DITTO_PART_THING, false)) {
        return DITTO_OK;
    }

    if (ditto_model_whole(parse, signal->value, &signal->seen, err)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    return ditto_model_write(parse, signal->value, DITTO_PART_THING, false,
                             &signal->value, err);
}


ditto_rc_t
ditto_model_command(ditto_parse_t *parse, ditto_resource_e resource,
    ditto_error_t *err)
{
    bool             named;
    unsigned         parts;
    ditto_signal_t  *signal;

    signal = parse->signal;

    if (resource != DITTO_RESOURCE_THING) {
        return ditto_model_below(parse, resource, err);
    }

    if (ditto_model_policy(parse, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    named = (parse->form == DITTO_FORM_MODIFY);
    parts = DITTO_PART_THING | DITTO_PART_POLICY;
    parts |= named ? DITTO_PART_SPECIAL : 0;

    if (!ditto_model_differs(parse, parts, named)) {
        return DITTO_OK;
    }

    return ditto_model_write(parse, signal->value, parts, named,
                             &signal->value, err);
}


ditto_rc_t
ditto_model_whole(const ditto_parse_t *parse, ditto_str_t thing,
    ditto_str_t *out, ditto_error_t *err)
{
    if (!parse->surplus && !parse->feature_surplus) {
        *out = thing;
        return DITTO_OK;
    }

    return ditto_model_write(parse, thing,
                             DITTO_PART_THING | DITTO_PART_SPECIAL, false, out,
                             err);
}


static ditto_rc_t
ditto_model_below(ditto_parse_t *parse, ditto_resource_e resource,
    ditto_error_t *err)
{
    ditto_buf_t   buf;
    ditto_str_t  *value;

    if (!parse->feature_surplus) {
        return DITTO_OK;
    }

    value = &parse->signal->value;

    ditto_buf_init(&buf, parse->pool, value->len);

    if (resource == DITTO_RESOURCE_FEATURES) {
        ditto_model_add_features(&buf, *value);

    } else {
        ditto_model_add_feature(&buf, *value);
    }

    return (ditto_buf_done(&buf, value) == DITTO_OK)
           ? DITTO_OK : ditto_fail_memory(err);
}


/* The policy of a new thing comes with it, or is that of another thing. */
static ditto_rc_t
ditto_model_policy(ditto_parse_t *parse, ditto_error_t *err)
{
    size_t       colon;
    ditto_str_t  policy, copy, id, none = ditto_null_string;

    policy = parse->thing[DITTO_THING_POLICY];
    copy = parse->thing[DITTO_THING_COPY_POLICY];

    if (policy.data != NULL && ditto_json_type(policy) != DITTO_JSON_OBJECT
        && ditto_json_type(policy) != DITTO_JSON_NULL)
    {
        return ditto_value_fail_type(parse->pool, policy, "_policy",
                                     "JsonObject", err);
    }

    if (copy.data == NULL || ditto_json_type(copy) == DITTO_JSON_NULL) {
        return DITTO_OK;
    }

    if (ditto_json_type(copy) != DITTO_JSON_STRING) {
        return ditto_value_fail_type(parse->pool, copy, "_copyPolicyFrom",
                                     "String", err);
    }

    if (policy.data != NULL) {
        return ditto_fail(err, DITTO_E_POLICY_CONFLICTING, parse->signal->id,
                          none);
    }

    if (ditto_json_text(parse->pool, copy, &id) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    /* a placeholder such as {{ ref:things/a:b/policyId }} is no id yet */

    if (!ditto_entity_id_valid(id, &colon)
        && ditto_str_find(id, ditto_str("{{")) > id.len
        && ditto_str_find(id, ditto_str("${")) > id.len)
    {
        return ditto_fail(err, DITTO_E_POLICY_ID_INVALID, id, none);
    }

    return DITTO_OK;
}


static bool
ditto_model_differs(const ditto_parse_t *parse, unsigned parts, bool named)
{
    size_t  i;

    if (parse->surplus || parse->feature_surplus) {
        return true;
    }

    for (i = 0; i < DITTO_THING_MAX; i++) {

        if (parse->thing[i].data != NULL
            && (ditto_thing_rows[i].part & parts) == 0)
        {
            return true;
        }
    }

    return named && (parse->thing[DITTO_THING_ID].data == NULL
                     || parse->thing[DITTO_THING_LIFECYCLE].data != NULL
                     || parse->thing[DITTO_THING_MODIFIED].data != NULL
                     || parse->thing[DITTO_THING_CREATED].data != NULL
                     || !ditto_model_named(parse));
}


/* True if the thing says its namespace itself. */
static bool
ditto_model_named(const ditto_parse_t *parse)
{
    ditto_str_t  value;

    value = parse->thing[DITTO_THING_NAMESPACE];

    return value.data != NULL && ditto_json_type(value) == DITTO_JSON_STRING
           && ditto_json_name_is(ditto_str_sub(value, 1, value.len - 1),
                                 parse->signal->ns);
}


/*
 * The members of parts, of duplicates the last one.  named: as in a command to
 * create or modify, with namespace and id in front where they are missing.
 */
static ditto_rc_t
ditto_model_write(const ditto_parse_t *parse, ditto_str_t object,
    unsigned parts, bool named, ditto_str_t *out, ditto_error_t *err)
{
    ditto_buf_t            buf;
    ditto_str_t            name, value;
    ditto_json_t           it;
    ditto_thing_member_e   member;

    ditto_buf_init(&buf, parse->pool,
                   object.len + 2 * parse->signal->id.len + 40);
    ditto_buf_char(&buf, '{');

    if (named && !ditto_model_named(parse)) {
        ditto_buf_text(&buf, "\"_namespace\":");
        ditto_json_add_string(&buf, parse->signal->ns);
    }

    value = parse->thing[DITTO_THING_ID];

    if (named
        && (value.data == NULL || ditto_json_type(value) == DITTO_JSON_NULL))
    {
        ditto_model_add_name(&buf, ditto_thing_rows[DITTO_THING_ID].name);
        ditto_json_add_string(&buf, parse->signal->id);
    }

    /* null is as good as an empty thing */

    if (ditto_json_type(object) == DITTO_JSON_NULL) {
        object = ditto_str("{}");
    }

    ditto_json_iterate(&it, object);

    while (ditto_json_next(&it, &name, &value)) {

        member = ditto_thing_member(name);

        if (member != DITTO_THING_MAX
            && value.data == parse->thing[member].data
            && (ditto_thing_rows[member].part & parts) != 0
            && (ditto_json_type(value) != DITTO_JSON_NULL
                || ditto_thing_rows[member].null))
        {
            ditto_model_add(&buf, parse, member, named, name, value);
        }
    }

    ditto_buf_char(&buf, '}');

    return (ditto_buf_done(&buf, out) == DITTO_OK)
           ? DITTO_OK : ditto_fail_memory(err);
}


static void
ditto_model_add(ditto_buf_t *out, const ditto_parse_t *parse,
    ditto_thing_member_e member, bool named, ditto_str_t name,
    ditto_str_t value)
{
    if (named
        && ((member == DITTO_THING_NAMESPACE && !ditto_model_named(parse))
            || (member == DITTO_THING_LIFECYCLE
                && !ditto_str_eq(value, ditto_str("\"ACTIVE\""))
                && !ditto_str_eq(value, ditto_str("\"DELETED\"")))))
    {
        return;
    }

    ditto_model_add_name(out, name);

    if (member == DITTO_THING_FEATURES && parse->feature_surplus) {
        ditto_model_add_features(out, value);

    } else if (named && (member == DITTO_THING_MODIFIED
                         || member == DITTO_THING_CREATED))
    {
        ditto_model_add_instant(out, value);

    } else {
        ditto_buf_str(out, value);
    }
}


/* name: raw */
static void
ditto_model_add_name(ditto_buf_t *out, ditto_str_t name)
{
    if (!out->failed && out->data[out->len - 1] != '{') {
        ditto_buf_char(out, ',');
    }

    ditto_buf_char(out, '"');
    ditto_buf_str(out, name);
    ditto_buf_text(out, "\":");
}


/* The text of an instant that was checked. */
static void
ditto_model_add_instant(ditto_buf_t *out, ditto_str_t value)
{
    ditto_str_t            text;
    ditto_instant_t        instant;
    ditto_instant_error_t  error;

    if (ditto_json_text(out->pool, value, &text) != DITTO_OK) {
        out->failed = true;
        return;
    }

    (void) ditto_instant_parse(text, &instant, &error);

    ditto_buf_char(out, '"');
    ditto_instant_render(out, &instant);
    ditto_buf_char(out, '"');
}


static void
ditto_model_add_features(ditto_buf_t *out, ditto_str_t value)
{
    ditto_str_t   name, feature;
    ditto_json_t  it;

    ditto_buf_char(out, '{');
    ditto_json_iterate(&it, value);

    while (ditto_json_next(&it, &name, &feature)) {

        if (ditto_json_name_is(name, ditto_str(DITTO_SCHEMA_VERSION))) {
            continue;
        }

        ditto_model_add_name(out, name);
        ditto_model_add_feature(out, feature);
    }

    ditto_buf_char(out, '}');
}


static void
ditto_model_add_feature(ditto_buf_t *out, ditto_str_t value)
{
    ditto_str_t   name, member;
    ditto_json_t  it;

    if (ditto_json_type(value) == DITTO_JSON_NULL) {
        ditto_buf_str(out, value);
        return;
    }

    ditto_buf_char(out, '{');
    ditto_json_iterate(&it, value);

    while (ditto_json_next(&it, &name, &member)) {

        if (ditto_feature_member(name) != DITTO_FEATURE_MEMBERS) {
            ditto_model_add_name(out, name);
            ditto_buf_str(out, member);
        }
    }

    ditto_buf_char(out, '}');
}
