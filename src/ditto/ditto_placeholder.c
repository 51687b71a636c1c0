#include "ditto_json.h"
#include "ditto_placeholder_private.h"


#define DITTO_IN(place)  (1u << (place))
#define DITTO_IN_TARGET                                                       \
    (DITTO_IN(DITTO_PLACE_ADDRESS) | DITTO_IN(DITTO_PLACE_HEADER_MAPPING))
#define DITTO_IN_ENFORCEMENT  DITTO_IN(DITTO_PLACE_ENFORCEMENT_FILTER)
#define DITTO_IN_POLICY_ID    DITTO_IN(DITTO_PLACE_POLICY_ID)
#define DITTO_IN_INPUT        DITTO_IN(DITTO_PLACE_ENFORCEMENT_INPUT)
#define DITTO_IN_INCOMING     DITTO_IN(DITTO_PLACE_INCOMING)
#define DITTO_IN_CONDITION    DITTO_IN(DITTO_PLACE_INCOMING_CONDITION)
#define DITTO_IN_RQL          DITTO_IN(DITTO_PLACE_RQL)
#define DITTO_IN_RQL_VALUE    DITTO_IN(DITTO_PLACE_RQL_VALUE)


static ditto_rc_t ditto_entity_resolve(const ditto_placeholder_t *placeholder,
    const ditto_scope_t *scope, ditto_values_t *values, ditto_error_t *err);
static ditto_rc_t ditto_thing_resolve(const ditto_placeholder_t *placeholder,
    const ditto_scope_t *scope, ditto_values_t *values, ditto_error_t *err);
static ditto_rc_t ditto_policy_resolve(const ditto_placeholder_t *placeholder,
    const ditto_scope_t *scope, ditto_values_t *values, ditto_error_t *err);
static ditto_rc_t ditto_feature_resolve(
    const ditto_placeholder_t *placeholder, const ditto_scope_t *scope,
    ditto_values_t *values, ditto_error_t *err);
static ditto_rc_t ditto_topic_full(const ditto_placeholder_t *placeholder,
    const ditto_scope_t *scope, ditto_values_t *values, ditto_error_t *err);
static ditto_rc_t ditto_part_resolve(const ditto_placeholder_t *placeholder,
    const ditto_scope_t *scope, ditto_values_t *values, ditto_error_t *err);
static ditto_rc_t ditto_header_resolve(const ditto_placeholder_t *placeholder,
    const ditto_scope_t *scope, ditto_values_t *values, ditto_error_t *err);
static ditto_rc_t ditto_header_exact(const ditto_placeholder_t *placeholder,
    const ditto_scope_t *scope, ditto_values_t *values, ditto_error_t *err);
static ditto_rc_t ditto_request_resolve(
    const ditto_placeholder_t *placeholder, const ditto_scope_t *scope,
    ditto_values_t *values, ditto_error_t *err);
static ditto_rc_t ditto_connection_resolve(
    const ditto_placeholder_t *placeholder, const ditto_scope_t *scope,
    ditto_values_t *values, ditto_error_t *err);
static ditto_rc_t ditto_nothing_resolve(
    const ditto_placeholder_t *placeholder, const ditto_scope_t *scope,
    ditto_values_t *values, ditto_error_t *err);
static ditto_rc_t ditto_feature_ids(const ditto_scope_t *scope,
    ditto_str_t features, ditto_values_t *values, ditto_error_t *err);
static ditto_str_t ditto_part_id(const ditto_signal_t *signal);
static ditto_str_t ditto_part_namespace(const ditto_signal_t *signal);
static ditto_str_t ditto_part_name(const ditto_signal_t *signal);
static ditto_str_t ditto_part_topic_namespace(const ditto_signal_t *signal);
static ditto_str_t ditto_part_topic_name(const ditto_signal_t *signal);
static ditto_str_t ditto_part_topic_group(const ditto_signal_t *signal);
static ditto_str_t ditto_part_topic_channel(const ditto_signal_t *signal);
static ditto_str_t ditto_part_topic_criterion(const ditto_signal_t *signal);
static ditto_str_t ditto_part_topic_action(const ditto_signal_t *signal);
static ditto_str_t ditto_part_topic_subject(const ditto_signal_t *signal);
static ditto_str_t ditto_part_topic_tail(const ditto_signal_t *signal);
static ditto_str_t ditto_part_resource_type(const ditto_signal_t *signal);
static ditto_str_t ditto_part_resource_path(const ditto_signal_t *signal);


static const ditto_str_t  ditto_no_part = ditto_null_string;


/* spec: Legal prefixes and names */
static const ditto_placeholder_row_t  ditto_placeholders[] = {

    { ditto_string("thing"), ditto_string("id"),
      DITTO_IN_TARGET|DITTO_IN_ENFORCEMENT|DITTO_IN_POLICY_ID|DITTO_IN_RQL,
      NULL, ditto_thing_resolve, ditto_part_id },
    { ditto_string("thing"), ditto_string("namespace"),
      DITTO_IN_TARGET|DITTO_IN_ENFORCEMENT|DITTO_IN_POLICY_ID|DITTO_IN_RQL,
      NULL, ditto_thing_resolve, ditto_part_namespace },
    { ditto_string("thing"), ditto_string("name"),
      DITTO_IN_TARGET|DITTO_IN_ENFORCEMENT|DITTO_IN_POLICY_ID|DITTO_IN_RQL,
      NULL, ditto_thing_resolve, ditto_part_name },

    { ditto_string("entity"), ditto_string("id"),
      DITTO_IN_TARGET|DITTO_IN_ENFORCEMENT|DITTO_IN_RQL,
      NULL, ditto_entity_resolve, ditto_part_id },
    { ditto_string("entity"), ditto_string("namespace"),
      DITTO_IN_TARGET|DITTO_IN_ENFORCEMENT|DITTO_IN_RQL,
      NULL, ditto_entity_resolve, ditto_part_namespace },
    { ditto_string("entity"), ditto_string("name"),
      DITTO_IN_TARGET|DITTO_IN_ENFORCEMENT|DITTO_IN_RQL,
      NULL, ditto_entity_resolve, ditto_part_name },

    { ditto_string("policy"), ditto_string("id"),
      DITTO_IN_ENFORCEMENT,
      NULL, ditto_policy_resolve, ditto_part_id },
    { ditto_string("policy"), ditto_string("namespace"),
      DITTO_IN_ENFORCEMENT,
      NULL, ditto_policy_resolve, ditto_part_namespace },
    { ditto_string("policy"), ditto_string("name"),
      DITTO_IN_ENFORCEMENT,
      NULL, ditto_policy_resolve, ditto_part_name },

    { ditto_string("header"), ditto_null_string,
      DITTO_IN_TARGET|DITTO_IN_CONDITION,
      NULL, ditto_header_resolve, NULL },
    { ditto_string("header"), ditto_null_string,
      DITTO_IN_INPUT|DITTO_IN_INCOMING,
      NULL, ditto_header_exact, NULL },
    { ditto_string("thing-json"), ditto_null_string,
      DITTO_IN_TARGET,
      ditto_thing_json_compile, ditto_thing_json_resolve, NULL },
    { ditto_string("feature"), ditto_string("id"),
      DITTO_IN_TARGET|DITTO_IN_ENFORCEMENT|DITTO_IN_RQL,
      NULL, ditto_feature_resolve, NULL },

    { ditto_string("topic"), ditto_string("full"),
      DITTO_IN_TARGET|DITTO_IN_RQL,
      NULL, ditto_topic_full, NULL },
    { ditto_string("topic"), ditto_string("namespace"),
      DITTO_IN_TARGET|DITTO_IN_RQL,
      NULL, ditto_part_resolve, ditto_part_topic_namespace },
    { ditto_string("topic"), ditto_string("entityName"),
      DITTO_IN_TARGET|DITTO_IN_RQL,
      NULL, ditto_part_resolve, ditto_part_topic_name },
    { ditto_string("topic"), ditto_string("group"),
      DITTO_IN_TARGET|DITTO_IN_RQL,
      NULL, ditto_part_resolve, ditto_part_topic_group },
    { ditto_string("topic"), ditto_string("channel"),
      DITTO_IN_TARGET|DITTO_IN_RQL,
      NULL, ditto_part_resolve, ditto_part_topic_channel },
    { ditto_string("topic"), ditto_string("criterion"),
      DITTO_IN_TARGET|DITTO_IN_RQL,
      NULL, ditto_part_resolve, ditto_part_topic_criterion },
    { ditto_string("topic"), ditto_string("action"),
      DITTO_IN_TARGET|DITTO_IN_RQL,
      NULL, ditto_part_resolve, ditto_part_topic_action },
    { ditto_string("topic"), ditto_string("subject"),
      DITTO_IN_TARGET|DITTO_IN_RQL,
      NULL, ditto_part_resolve, ditto_part_topic_subject },
    { ditto_string("topic"), ditto_string("action-subject"),
      DITTO_IN_TARGET|DITTO_IN_RQL,
      NULL, ditto_part_resolve, ditto_part_topic_tail },

    { ditto_string("resource"), ditto_string("type"),
      DITTO_IN_TARGET|DITTO_IN_RQL,
      NULL, ditto_part_resolve, ditto_part_resource_type },
    { ditto_string("resource"), ditto_string("path"),
      DITTO_IN_TARGET|DITTO_IN_RQL,
      NULL, ditto_part_resolve, ditto_part_resource_path },

    { ditto_string("time"), ditto_null_string,
      DITTO_IN_TARGET|DITTO_IN_RQL_VALUE|DITTO_IN_INCOMING|DITTO_IN_CONDITION,
      ditto_time_compile, ditto_time_resolve, NULL },
    { ditto_string("request"), ditto_string("subjectId"),
      DITTO_IN_TARGET|DITTO_IN_INCOMING|DITTO_IN_CONDITION,
      NULL, ditto_request_resolve, NULL },
    { ditto_string("connection"), ditto_string("id"),
      DITTO_IN_TARGET,
      NULL, ditto_connection_resolve, NULL },

    /* there is no signal yet, so these are legal and have no value */

    { ditto_string("connection"), ditto_null_string,
      DITTO_IN_CONDITION,
      NULL, ditto_nothing_resolve, NULL },

    { ditto_string("thing"), ditto_null_string,
      DITTO_IN_CONDITION,
      NULL, ditto_nothing_resolve, NULL },
    { ditto_string("entity"), ditto_null_string,
      DITTO_IN_CONDITION,
      NULL, ditto_nothing_resolve, NULL },
    { ditto_string("feature"), ditto_null_string,
      DITTO_IN_CONDITION,
      NULL, ditto_nothing_resolve, NULL },
    { ditto_string("topic"), ditto_null_string,
      DITTO_IN_CONDITION,
      NULL, ditto_nothing_resolve, NULL },
    { ditto_string("resource"), ditto_null_string,
      DITTO_IN_CONDITION,
      NULL, ditto_nothing_resolve, NULL },
};


ditto_rc_t
ditto_placeholder_compile(ditto_pool_t *pool, ditto_str_t expr,
    ditto_place_e place, ditto_placeholder_t *placeholder,
    ditto_error_t *err)
{
    size_t                          i, colon;
    ditto_str_t                     prefix, name;
    const ditto_placeholder_row_t  *row;

    colon = ditto_str_chr(expr, ':', 0);

    if (colon == expr.len) {
        return ditto_placeholder_unresolved(expr, err);
    }

    /* blanks behind the prefix are dropped, and then counted to the name */
    for (prefix = ditto_str_sub(expr, 0, colon);
         prefix.len != 0 && prefix.data[prefix.len - 1] <= ' ';
         prefix.len--)
    {
        /* void */
    }

    name = ditto_str_sub(expr, prefix.len + 1, expr.len);

    for (i = 0;
         i < sizeof(ditto_placeholders) / sizeof(ditto_placeholders[0]);
         i++)
    {
        row = &ditto_placeholders[i];

        if ((row->places & DITTO_IN(place)) == 0
            || !ditto_str_eq(row->prefix, prefix)
            || (row->name.len != 0 && !ditto_str_eq(row->name, name)))
        {
            continue;
        }

        placeholder->row = row;
        placeholder->name = name;
        placeholder->arg = NULL;

        if (row->compile != NULL
            && row->compile(pool, placeholder, err) != DITTO_OK)
        {
            return (err->code == DITTO_E_INTERNAL)
                   ? DITTO_ERROR : ditto_placeholder_unresolved(expr, err);
        }

        return DITTO_OK;
    }

    return ditto_placeholder_unresolved(expr, err);
}


ditto_rc_t
ditto_placeholder_resolve(const ditto_placeholder_t *placeholder,
    const ditto_scope_t *scope, ditto_values_t *values, ditto_error_t *err)
{
    return placeholder->row->resolve(placeholder, scope, values, err);
}


ditto_rc_t
ditto_placeholder_value(const ditto_scope_t *scope, ditto_str_t value,
    ditto_values_t *values, ditto_error_t *err)
{
    values->elts = ditto_alloc(scope->pool, sizeof(ditto_str_t));
    if (values->elts == NULL) {
        return ditto_fail_memory(err);
    }

    values->elts[0] = value;
    values->n = 1;

    return DITTO_OK;
}


ditto_rc_t
ditto_placeholder_unresolved(ditto_str_t expr, ditto_error_t *err)
{
    ditto_str_t  none = ditto_null_string;

    return ditto_fail(err, DITTO_E_PLACEHOLDER_UNRESOLVED, expr, none);
}


/* --- entity, thing, feature ---------------------------------------------- */

static ditto_rc_t
ditto_entity_resolve(const ditto_placeholder_t *placeholder,
    const ditto_scope_t *scope, ditto_values_t *values, ditto_error_t *err)
{
    ditto_entity_e  entity;

    entity = scope->signal->entity;

    if (entity != DITTO_ENTITY_THING && entity != DITTO_ENTITY_POLICY) {
        return DITTO_DECLINED;
    }

    return ditto_part_resolve(placeholder, scope, values, err);
}


static ditto_rc_t
ditto_thing_resolve(const ditto_placeholder_t *placeholder,
    const ditto_scope_t *scope, ditto_values_t *values, ditto_error_t *err)
{
    if (scope->signal->entity != DITTO_ENTITY_THING) {
        return DITTO_DECLINED;
    }

    return ditto_entity_resolve(placeholder, scope, values, err);
}


static ditto_rc_t
ditto_policy_resolve(const ditto_placeholder_t *placeholder,
    const ditto_scope_t *scope, ditto_values_t *values, ditto_error_t *err)
{
    if (scope->signal->entity != DITTO_ENTITY_POLICY) {
        return DITTO_DECLINED;
    }

    return ditto_entity_resolve(placeholder, scope, values, err);
}


/* spec: Values per signal, "feature:id" */
static ditto_rc_t
ditto_feature_resolve(const ditto_placeholder_t *placeholder,
    const ditto_scope_t *scope, ditto_values_t *values, ditto_error_t *err)
{
    ditto_str_t             features;
    const ditto_signal_t   *signal;
    const ditto_pointer_t  *p;
    static ditto_str_t      name = ditto_string("features");

    (void) placeholder;

    signal = scope->signal;
    p = &signal->pointer;

    if (signal->feature_id.len != 0) {
        return ditto_placeholder_value(scope, signal->feature_id, values, err);
    }

    if (signal->kind != DITTO_SIGNAL_EVENT
        && signal->kind != DITTO_SIGNAL_COMMAND)
    {
        return DITTO_DECLINED;
    }

    if (p->n >= 2 && ditto_str_eq(p->segments[0], name)) {
        return ditto_placeholder_value(scope, p->segments[1], values, err);
    }

    switch (signal->topic.action) {

    case DITTO_ACTION_CREATED:
    case DITTO_ACTION_MODIFIED:
    case DITTO_ACTION_MERGED:
    case DITTO_ACTION_MIGRATED:
    case DITTO_ACTION_CREATE:
    case DITTO_ACTION_MODIFY:
    case DITTO_ACTION_MERGE:
        break;

    default:
        return DITTO_DECLINED;
    }

    features = signal->value;

    if (features.len == 0 || features.data[0] != '{') {
        return DITTO_DECLINED;
    }

    if (p->n == 0) {
        if (ditto_json_member(features, name, &features) != DITTO_OK
            || features.data[0] != '{')
        {
            return DITTO_DECLINED;
        }

    } else if (p->n != 1 || !ditto_str_eq(p->segments[0], name)) {
        return DITTO_DECLINED;
    }

    return ditto_feature_ids(scope, features, values, err);
}


static ditto_rc_t
ditto_feature_ids(const ditto_scope_t *scope, ditto_str_t features,
    ditto_values_t *values, ditto_error_t *err)
{
    ditto_str_t    name, value, *id;
    ditto_json_t   it;
    ditto_array_t  ids;

    ditto_array_init(&ids, scope->pool, sizeof(ditto_str_t));
    ditto_json_iterate(&it, features);

    while (ditto_json_next(&it, &name, &value)) {
        id = ditto_array_push(&ids);

        if (id == NULL
            || ditto_json_decode(scope->pool, name, id) != DITTO_OK)
        {
            return ditto_fail_memory(err);
        }
    }

    if (ids.nelts == 0) {
        return DITTO_DECLINED;
    }

    values->elts = ids.elts;
    values->n = ids.nelts;

    return DITTO_OK;
}


/* --- topic --------------------------------------------------------------- */

static ditto_rc_t
ditto_topic_full(const ditto_placeholder_t *placeholder,
    const ditto_scope_t *scope, ditto_values_t *values, ditto_error_t *err)
{
    ditto_buf_t  buf;
    ditto_str_t  topic;

    (void) placeholder;

    ditto_buf_init(&buf, scope->pool, 128);
    ditto_topic_path_render(&buf, &scope->signal->topic);

    if (ditto_buf_done(&buf, &topic) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    return ditto_placeholder_value(scope, topic, values, err);
}


/* --- parts of the signal ------------------------------------------------- */

static ditto_rc_t
ditto_part_resolve(const ditto_placeholder_t *placeholder,
    const ditto_scope_t *scope, ditto_values_t *values, ditto_error_t *err)
{
    ditto_str_t  value;

    value = placeholder->row->part(scope->signal);

    if (value.data == NULL) {
        return DITTO_DECLINED;
    }

    return ditto_placeholder_value(scope, value, values, err);
}


static ditto_str_t
ditto_part_id(const ditto_signal_t *signal)
{
    return signal->id;
}


static ditto_str_t
ditto_part_namespace(const ditto_signal_t *signal)
{
    return signal->ns;
}


static ditto_str_t
ditto_part_name(const ditto_signal_t *signal)
{
    return signal->name;
}


static ditto_str_t
ditto_part_topic_namespace(const ditto_signal_t *signal)
{
    return signal->topic.ns;
}


static ditto_str_t
ditto_part_topic_name(const ditto_signal_t *signal)
{
    return signal->topic.name;
}


static ditto_str_t
ditto_part_topic_group(const ditto_signal_t *signal)
{
    return ditto_group_name(signal->topic.group);
}


static ditto_str_t
ditto_part_topic_channel(const ditto_signal_t *signal)
{
    return ditto_channel_name(signal->topic.channel);
}


static ditto_str_t
ditto_part_topic_criterion(const ditto_signal_t *signal)
{
    return ditto_criterion_name(signal->topic.criterion);
}


static ditto_str_t
ditto_part_topic_action(const ditto_signal_t *signal)
{
    switch (signal->topic.criterion) {

    case DITTO_CRITERION_COMMANDS:
    case DITTO_CRITERION_EVENTS:
        return signal->topic.tail;

    default:
        return ditto_no_part;
    }
}


static ditto_str_t
ditto_part_topic_subject(const ditto_signal_t *signal)
{
    switch (signal->topic.criterion) {

    case DITTO_CRITERION_MESSAGES:
    case DITTO_CRITERION_ANNOUNCEMENTS:
    case DITTO_CRITERION_ACKS:
        return signal->topic.tail.len ? signal->topic.tail : ditto_no_part;

    default:
        return ditto_no_part;
    }
}


/* The one or the other. */
static ditto_str_t
ditto_part_topic_tail(const ditto_signal_t *signal)
{
    ditto_str_t  action;

    action = ditto_part_topic_action(signal);

    return action.data ? action : ditto_part_topic_subject(signal);
}


static ditto_str_t
ditto_part_resource_type(const ditto_signal_t *signal)
{
    switch (signal->kind) {

    case DITTO_SIGNAL_MESSAGE:
    case DITTO_SIGNAL_MESSAGE_RESPONSE:
        return ditto_str("message");

    case DITTO_SIGNAL_POLICY_ANNOUNCEMENT:
        return ditto_str("policy");

    case DITTO_SIGNAL_CONNECTION_ANNOUNCEMENT:
        return ditto_str("connection");

    default:
        return ditto_str("thing");
    }
}


static ditto_str_t
ditto_part_resource_path(const ditto_signal_t *signal)
{
    return signal->path;
}


/* --- header, request, connection ----------------------------------------- */

static ditto_rc_t
ditto_header_resolve(const ditto_placeholder_t *placeholder,
    const ditto_scope_t *scope, ditto_values_t *values, ditto_error_t *err)
{
    const ditto_header_t  *header;

    /* spec: an empty name is legal until it is looked up */
    if (placeholder->name.len == 0) {
        return ditto_placeholder_unresolved(ditto_str("header:"), err);
    }

    header = ditto_headers_get(&scope->signal->headers, placeholder->name);

    if (header == NULL) {
        return DITTO_DECLINED;
    }

    return ditto_placeholder_value(scope, header->value, values, err);
}


/* spec: enforcement "input", "CASE-SENSITIVE" */
static ditto_rc_t
ditto_header_exact(const ditto_placeholder_t *placeholder,
    const ditto_scope_t *scope, ditto_values_t *values, ditto_error_t *err)
{
    size_t                 i;
    const ditto_header_t  *header;

    if (placeholder->name.len == 0) {
        return ditto_placeholder_unresolved(ditto_str("header:"), err);
    }

    header = scope->signal->headers.elts;

    for (i = 0; i < scope->signal->headers.n; i++) {
        if (ditto_str_eq(header[i].name, placeholder->name)) {
            return ditto_placeholder_value(scope, header[i].value, values,
                                           err);
        }
    }

    return DITTO_DECLINED;
}


static ditto_rc_t
ditto_request_resolve(const ditto_placeholder_t *placeholder,
    const ditto_scope_t *scope, ditto_values_t *values, ditto_error_t *err)
{
    (void) placeholder;

    if (scope->nsubjects == 0) {
        return DITTO_DECLINED;
    }

    values->elts = ditto_alloc(scope->pool,
                               scope->nsubjects * sizeof(ditto_str_t));
    if (values->elts == NULL) {
        return ditto_fail_memory(err);
    }

    memcpy(values->elts, scope->subjects,
           scope->nsubjects * sizeof(ditto_str_t));
    values->n = scope->nsubjects;

    return DITTO_OK;
}


static ditto_rc_t
ditto_connection_resolve(const ditto_placeholder_t *placeholder,
    const ditto_scope_t *scope, ditto_values_t *values, ditto_error_t *err)
{
    (void) placeholder;

    return ditto_placeholder_value(scope, scope->connection_id, values, err);
}


static ditto_rc_t
ditto_nothing_resolve(const ditto_placeholder_t *placeholder,
    const ditto_scope_t *scope, ditto_values_t *values, ditto_error_t *err)
{
    (void) placeholder;
    (void) scope;
    (void) values;
    (void) err;

    return DITTO_DECLINED;
}
