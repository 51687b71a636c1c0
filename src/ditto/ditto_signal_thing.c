#include "ditto_json.h"
#include "ditto_signal_parts.h"


static ditto_rc_t ditto_signal_event(ditto_parse_t *parse,
    ditto_resource_e resource, ditto_error_t *err);
static ditto_rc_t ditto_signal_command(ditto_parse_t *parse,
    ditto_resource_e resource, ditto_error_t *err);
static ditto_rc_t ditto_signal_modify(ditto_parse_t *parse,
    ditto_resource_e resource, ditto_error_t *err);
static ditto_rc_t ditto_signal_merge(ditto_parse_t *parse,
    ditto_resource_e resource, ditto_error_t *err);
static bool ditto_signal_nothing(const ditto_parse_t *parse);
static ditto_rc_t ditto_signal_migrate(ditto_parse_t *parse,
    ditto_error_t *err);
static ditto_rc_t ditto_signal_response(ditto_parse_t *parse,
    ditto_error_t *err);
static ditto_rc_t ditto_signal_content_type(ditto_parse_t *parse,
    ditto_error_t *err);
static ditto_rc_t ditto_signal_same_thing(ditto_parse_t *parse,
    ditto_str_t id, ditto_error_t *err);
static bool ditto_signal_member_null(ditto_str_t value, const char *name);
static size_t ditto_signal_key_level(ditto_resource_e resource);
static void ditto_signal_split_id(ditto_signal_t *signal, ditto_str_t id);


/* Events, commands and responses of things. */
ditto_rc_t
ditto_signal_thing(ditto_parse_t *parse, ditto_error_t *err)
{
    ditto_str_t       none = ditto_null_string;
    ditto_signal_t   *signal;
    ditto_resource_e  resource;

    signal = parse->signal;
    resource = DITTO_RESOURCE_THING;

    if (parse->form != DITTO_FORM_MIGRATE) {
        resource = ditto_signal_resource(&signal->pointer);

        /* spec: "Errata" 2.3: /_policy is unknown to merging only */

        if (resource == DITTO_RESOURCE_UNKNOWN
            || (resource == DITTO_RESOURCE_POLICY
                && (parse->form == DITTO_FORM_MERGED
                    || parse->form == DITTO_FORM_MERGE)))
        {
            return ditto_fail(err, DITTO_E_UNKNOWN_PATH, signal->path, none);
        }
    }

    if (signal->kind == DITTO_SIGNAL_EVENT) {
        return ditto_signal_event(parse, resource, err);
    }

    return ditto_signal_command(parse, resource, err);
}


/* spec: "value per kind of signal" */
static ditto_rc_t
ditto_signal_event(ditto_parse_t *parse, ditto_resource_e resource,
    ditto_error_t *err)
{
    bool             whole;
    ditto_str_t      id, none = ditto_null_string;
    ditto_signal_t  *signal;

    signal = parse->signal;

    switch (parse->form) {

    case DITTO_FORM_MERGED:
        signal->type = ditto_str("things.events:thingMerged");
        break;

    case DITTO_FORM_MIGRATED:
        signal->type = ditto_str("things.events:ThingDefinitionMigrated");
        resource = DITTO_RESOURCE_THING;
        break;

    default:
        signal->type = ditto_signal_event_type(resource,
                                               signal->topic.action);
    }

    if (signal->type.len == 0) {
        return ditto_signal_fail_path(parse, err);
    }

    if (signal->topic.action == DITTO_ACTION_DELETED) {
        signal->value = none;
    }

    whole = (resource == DITTO_RESOURCE_THING
             && parse->form != DITTO_FORM_MERGED
             && signal->topic.action != DITTO_ACTION_DELETED);

    if (!whole && ditto_signal_entity(parse, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    id = none;

    if (parse->form != DITTO_FORM_MERGED
        && signal->topic.action != DITTO_ACTION_DELETED
        && ditto_value_check(parse, resource, &id, err) != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    if (!parse->has_revision) {
        return ditto_value_fail_missing("/revision", err);
    }

    if (parse->form == DITTO_FORM_MERGED && signal->value.data == NULL) {
        return ditto_fail_text(err, DITTO_E_JSON_FORMAT_INVALID,
                               "The value must not be null!");
    }

    if (!whole) {
        return ditto_model_event(parse, resource, err);
    }

    if (id.data == NULL) {
        return ditto_fail_text(err, DITTO_E_JSON_FORMAT_INVALID,
                               signal->topic.action == DITTO_ACTION_MODIFIED
                               ? "The entityId must not be null!"
                               : "Thing has no ID!");
    }

    if (parse->form == DITTO_FORM_MIGRATED) {
        signal->path = ditto_str("/");
        signal->pointer.n = 0;
    }

    ditto_signal_split_id(signal, id);

    return ditto_model_event(parse, resource, err);
}


static ditto_rc_t
ditto_signal_command(ditto_parse_t *parse, ditto_resource_e resource,
    ditto_error_t *err)
{
    bool             response;
    ditto_str_t      none = ditto_null_string;
    ditto_signal_t  *signal;

    signal = parse->signal;
    response = (signal->kind == DITTO_SIGNAL_RESPONSE);

    switch (parse->form) {

    case DITTO_FORM_MERGE:
        signal->type = ditto_str(response ? "things.responses:mergeThing"
                                          : "things.commands:mergeThing");
        break;

    case DITTO_FORM_MIGRATE:
        signal->type = ditto_str(response
                                 ? "things.responses:migrateThingDefinition"
                                 : "things.commands:migrateThingDefinition");
        break;

    case DITTO_FORM_RETRIEVE_THINGS:
        signal->type = ditto_str(response ? "things.responses:retrieveThings"
                                          : "things.commands:retrieveThings");
        break;

    default:
        signal->type = ditto_signal_command_type(resource,
                                                 signal->topic.action,
                                                 response);
    }

    if (signal->type.len == 0) {
        return ditto_signal_fail_path(parse, err);
    }

    if (parse->form == DITTO_FORM_RETRIEVE_THINGS) {
        return DITTO_OK;
    }

    if (response) {
        return ditto_signal_response(parse, err);
    }

    switch (parse->form) {

    case DITTO_FORM_MODIFY:
        return ditto_signal_modify(parse, resource, err);

    case DITTO_FORM_MERGE:
        return ditto_signal_merge(parse, resource, err);

    case DITTO_FORM_MIGRATE:
        return ditto_signal_migrate(parse, err);

    default:
        break;
    }

    /* retrieve: a value means nothing */

    signal->value = none;

    if (ditto_signal_entity(parse, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    return ditto_value_check_keys(parse, ditto_signal_key_level(resource),
                                  err);
}


/* create, modify, delete */
static ditto_rc_t
ditto_signal_modify(ditto_parse_t *parse, ditto_resource_e resource,
    ditto_error_t *err)
{
    ditto_str_t      id, none = ditto_null_string;
    ditto_signal_t  *signal;

    signal = parse->signal;
    id = none;

    if (signal->topic.action == DITTO_ACTION_DELETE) {
        signal->value = none;
    }

    if (resource == DITTO_RESOURCE_THING
        && signal->topic.action != DITTO_ACTION_DELETE)
    {
        if (ditto_value_check(parse, resource, &id, err) != DITTO_OK
            || ditto_signal_entity(parse, err) != DITTO_OK
            || ditto_signal_same_thing(parse, id, err) != DITTO_OK)
        {
            return DITTO_ERROR;
        }

        return ditto_model_command(parse, resource, err);
    }

    if (ditto_signal_entity(parse, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    if (signal->topic.action != DITTO_ACTION_DELETE
        && (ditto_value_check(parse, resource, &id, err) != DITTO_OK
            || ditto_model_command(parse, resource, err) != DITTO_OK))
    {
        return DITTO_ERROR;
    }

    if (ditto_signal_key_level(resource) == SIZE_MAX) {
        return DITTO_OK;
    }

    return ditto_value_check_keys(parse, ditto_signal_key_level(resource),
                                  err);
}


static ditto_rc_t
ditto_signal_merge(ditto_parse_t *parse, ditto_resource_e resource,
    ditto_error_t *err)
{
    bool             null;
    ditto_str_t      id, none = ditto_null_string;
    ditto_signal_t  *signal;

    signal = parse->signal;
    id = none;

    if (ditto_signal_content_type(parse, err) != DITTO_OK
        || ditto_signal_entity(parse, err) != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    null = (signal->value.data != NULL
            && ditto_json_type(signal->value) == DITTO_JSON_NULL);

    switch (resource) {

    case DITTO_RESOURCE_THING:
        if (null) {
            return ditto_fail(err, DITTO_E_MERGE_INVALID, none, none);
        }

        if (ditto_signal_member_null(signal->value, "thingId")) {
            return ditto_fail(err, DITTO_E_THING_ID_NOT_DELETABLE, none,
                              none);
        }

        if (ditto_signal_member_null(signal->value, "policyId")) {
            return ditto_fail(err, DITTO_E_POLICY_ID_NOT_DELETABLE, none,
                              none);
        }

        if (ditto_value_check(parse, resource, &id, err) != DITTO_OK
            || ditto_signal_same_thing(parse, id, err) != DITTO_OK)
        {
            return DITTO_ERROR;
        }

        if (ditto_signal_nothing(parse)) {
            return ditto_fail(err, DITTO_E_MERGE_INVALID, none, none);
        }

        return ditto_model_command(parse, resource, err);

    case DITTO_RESOURCE_POLICY_ID:
        if (null) {
            return ditto_fail(err, DITTO_E_POLICY_ID_NOT_DELETABLE, none,
                              none);
        }
        break;

    case DITTO_RESOURCE_DEFINITION:
        if (null) {
            return DITTO_OK;
        }
        break;

    default:
        break;
    }

    if (ditto_value_check(parse, resource, &id, err) != DITTO_OK
        || ditto_model_command(parse, resource, err) != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    if (ditto_signal_key_level(resource) == SIZE_MAX) {
        return DITTO_OK;
    }

    return ditto_value_check_keys(parse, ditto_signal_key_level(resource),
                                  err);
}


/* True if nothing of a thing would be merged. */
static bool
ditto_signal_nothing(const ditto_parse_t *parse)
{
    size_t  i;

    for (i = 0; i < DITTO_THING_MAX; i++) {

        if (ditto_thing_rows[i].part == DITTO_PART_THING
            && parse->thing[i].data != NULL)
        {
            return false;
        }
    }

    return true;
}


static ditto_rc_t
ditto_signal_migrate(ditto_parse_t *parse, ditto_error_t *err)
{
    ditto_str_t      url, value;
    ditto_signal_t  *signal;

    signal = parse->signal;
    value = signal->value;

    if (value.data != NULL && ditto_json_type(value) != DITTO_JSON_OBJECT
        && ditto_json_type(value) != DITTO_JSON_NULL)
    {
        return ditto_value_fail_format(parse->pool, value,
                               "This JSON value is not an object: %1", err);
    }

    if (ditto_signal_entity(parse, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    if (value.data == NULL || ditto_json_type(value) == DITTO_JSON_NULL
        || ditto_json_member(value, ditto_str("thingDefinitionUrl"), &url)
           != DITTO_OK
        || ditto_json_type(url) == DITTO_JSON_NULL)
    {
        return ditto_value_fail_missing("/thingDefinitionUrl", err);
    }

    if (ditto_json_type(url) != DITTO_JSON_STRING) {
        return ditto_value_fail_type(parse->pool, url, "thingDefinitionUrl",
                                     "String", err);
    }

    return DITTO_OK;
}


/* spec: "Errata" 2.3: a status that the response cannot have */
static ditto_rc_t
ditto_signal_response(ditto_parse_t *parse, ditto_error_t *err)
{
    bool         fits;
    unsigned     status;
    ditto_str_t  none = ditto_null_string;

    status = parse->status;

    switch (parse->signal->topic.action) {

    case DITTO_ACTION_CREATE:
        fits = (status == 201);
        break;

    case DITTO_ACTION_MODIFY:
        fits = (status == 201 || status == 204);
        break;

    case DITTO_ACTION_RETRIEVE:
        fits = (status == 200 && parse->signal->value.data != NULL);
        break;

    case DITTO_ACTION_MIGRATE:
        fits = ((status == 200 || status == 202)
                && parse->signal->value.data != NULL);
        break;

    default:
        fits = (status == 204);
    }

    if (!fits) {
        return ditto_fail(err, DITTO_E_ILLEGAL_ADAPTABLE, none, none);
    }

    return ditto_signal_entity(parse, err);
}


/* spec: "Errors of the envelope" (live merge) */
static ditto_rc_t
ditto_signal_content_type(ditto_parse_t *parse, ditto_error_t *err)
{
    ditto_str_t            type, none = ditto_null_string;
    const ditto_header_t  *h;

    h = ditto_headers_get(&parse->signal->headers,
                          ditto_str("content-type"));

    if (h == NULL) {
        (void) ditto_fail(err, DITTO_E_MEDIATYPE_UNSUPPORTED, none, none);
        err->message = "The Content-Type header was empty or not present. "
                       "Please set Content-Type header to "
                       "\"application/merge-patch+json\" for this resource";

    } else {
        type = ditto_str_sub(h->value, 0, ditto_str_chr(h->value, ';', 0));

        if (ditto_str_caseeq(type,
                             ditto_str("application/merge-patch+json")))
        {
            return DITTO_OK;
        }

        (void) ditto_fail(err, DITTO_E_MEDIATYPE_UNSUPPORTED, h->value,
                          none);
        err->message = "The Media-Type <%1> is not supported for this "
                       "resource.";
    }

    err->description = "Allowed Media-Type is: "
                       "<application/merge-patch+json>.";

    return DITTO_ERROR;
}


/* The id in the value may be left out, but not differ. */
static ditto_rc_t
ditto_signal_same_thing(ditto_parse_t *parse, ditto_str_t id,
    ditto_error_t *err)
{
    ditto_str_t  none = ditto_null_string;

    if (id.data == NULL || ditto_str_eq(id, parse->signal->id)) {
        return DITTO_OK;
    }

    return ditto_fail(err, DITTO_E_THING_ID_NOT_SETTABLE, none, none);
}


static bool
ditto_signal_member_null(ditto_str_t value, const char *name)
{
    ditto_str_t  member;

    return value.data != NULL
           && ditto_json_type(value) == DITTO_JSON_OBJECT
           && ditto_json_member(value, ditto_str(name), &member) == DITTO_OK
           && ditto_json_type(member) == DITTO_JSON_NULL;
}


/* Segments before those that are keys, SIZE_MAX: keys are not checked. */
static size_t
ditto_signal_key_level(ditto_resource_e resource)
{
    switch (resource) {

    case DITTO_RESOURCE_ATTRIBUTE:
        return 1;

    case DITTO_RESOURCE_PROPERTY:
    case DITTO_RESOURCE_DESIRED_PROPERTY:
        return 3;

    default:
        return SIZE_MAX;
    }
}


static void
ditto_signal_split_id(ditto_signal_t *signal, ditto_str_t id)
{
    size_t  colon;

    colon = ditto_str_chr(id, ':', 0);

    signal->entity = DITTO_ENTITY_THING;
    signal->id = id;
    signal->ns = ditto_str_sub(id, 0, colon);
    signal->name = ditto_str_sub(id, colon + 1, id.len);
}
