#include "ditto_instant.h"
#include "ditto_json.h"
#include "ditto_json_print.h"
#include "ditto_signal_parts.h"


static ditto_rc_t ditto_value_thing(ditto_parse_t *parse, ditto_str_t value,
    ditto_str_t *thing_id, ditto_error_t *err);
static ditto_rc_t ditto_value_members(ditto_parse_t *parse,
    ditto_str_t object, ditto_error_t *err);
static ditto_rc_t ditto_value_member(ditto_parse_t *parse,
    ditto_thing_member_e member, ditto_str_t value, ditto_str_t *thing_id,
    ditto_error_t *err);
static ditto_rc_t ditto_value_thing_id(ditto_pool_t *pool,
    ditto_str_t value, ditto_str_t *thing_id, ditto_error_t *err);
static ditto_rc_t ditto_value_policy_id(ditto_pool_t *pool,
    ditto_str_t value, ditto_error_t *err);
static ditto_rc_t ditto_value_definition(ditto_pool_t *pool,
    ditto_str_t value, ditto_error_t *err);
static ditto_rc_t ditto_value_features(ditto_parse_t *parse,
    ditto_str_t value, ditto_error_t *err);
static ditto_rc_t ditto_value_feature(ditto_parse_t *parse, ditto_str_t value,
    ditto_str_t id, ditto_error_t *err);
static ditto_rc_t ditto_value_feature_definition(ditto_pool_t *pool,
    ditto_str_t value, ditto_error_t *err);
static ditto_rc_t ditto_value_object(ditto_pool_t *pool, ditto_str_t value,
    ditto_error_t *err);
static ditto_rc_t ditto_value_date(ditto_pool_t *pool, ditto_str_t value,
    const char *name, ditto_error_t *err);
static bool ditto_value_is(ditto_str_t value, ditto_json_type_e type);


const ditto_thing_row_t  ditto_thing_rows[DITTO_THING_MAX] = {
    [DITTO_THING_ID] =
        { ditto_string("thingId"), DITTO_PART_THING, DITTO_JSON_STRING,
          "String", false },
    [DITTO_THING_POLICY_ID] =
        { ditto_string("policyId"), DITTO_PART_THING, DITTO_JSON_STRING,
          "String", false },
    [DITTO_THING_ATTRIBUTES] =
        { ditto_string("attributes"), DITTO_PART_THING, DITTO_JSON_OBJECT,
          "JsonObject", true },
    [DITTO_THING_DEFINITION] =
        { ditto_string("definition"), DITTO_PART_THING, DITTO_JSON_NULL, NULL,
          true },
    [DITTO_THING_FEATURES] =
        { ditto_string("features"), DITTO_PART_THING, DITTO_JSON_OBJECT,
          "JsonObject", true },
    [DITTO_THING_LIFECYCLE] =
        { ditto_string("__lifecycle"), DITTO_PART_SPECIAL, DITTO_JSON_STRING,
          "String", false },
    [DITTO_THING_REVISION] =
        { ditto_string("_revision"), DITTO_PART_SPECIAL, DITTO_JSON_NUMBER,
          "Long", false },
    [DITTO_THING_MODIFIED] =
        { ditto_string("_modified"), DITTO_PART_SPECIAL, DITTO_JSON_STRING,
          "String", false },
    [DITTO_THING_CREATED] =
        { ditto_string("_created"), DITTO_PART_SPECIAL, DITTO_JSON_STRING,
          "String", false },
    [DITTO_THING_METADATA] =
        { ditto_string("_metadata"), DITTO_PART_SPECIAL, DITTO_JSON_OBJECT,
          "JsonObject", true },
    [DITTO_THING_NAMESPACE] =
        { ditto_string("_namespace"), DITTO_PART_SPECIAL, DITTO_JSON_NULL,
          NULL, false },

    /* checked by ditto_model_command(): in an event they are nothing */

    [DITTO_THING_POLICY] =
        { ditto_string("_policy"), DITTO_PART_POLICY, DITTO_JSON_NULL, NULL,
          true },
    [DITTO_THING_COPY_POLICY] =
        { ditto_string("_copyPolicyFrom"), DITTO_PART_POLICY, DITTO_JSON_NULL,
          NULL, false },
};


static const ditto_str_t  ditto_feature_names[DITTO_FEATURE_MEMBERS] = {
    ditto_string("definition"),
    ditto_string("properties"),
    ditto_string("desiredProperties"),
};


ditto_thing_member_e
ditto_thing_member(ditto_str_t name)
{
    size_t  i;

    for (i = 0; i < DITTO_THING_MAX; i++) {
        if (ditto_json_name_is(name, ditto_thing_rows[i].name)) {
            break;
        }
    }

    return (ditto_thing_member_e) i;
}


size_t
ditto_feature_member(ditto_str_t name)
{
    size_t  i;

    for (i = 0; i < DITTO_FEATURE_MEMBERS; i++) {
        if (ditto_json_name_is(name, ditto_feature_names[i])) {
            break;
        }
    }

    return i;
}


/* spec: "value per kind of signal" */
ditto_rc_t
ditto_value_check(ditto_parse_t *parse, ditto_resource_e resource,
    ditto_str_t *thing_id, ditto_error_t *err)
{
    ditto_str_t      value;
    ditto_pool_t    *pool;
    ditto_signal_t  *signal;

    pool = parse->pool;
    signal = parse->signal;
    value = signal->value;

    if (value.data == NULL) {
        return ditto_fail_text(err, DITTO_E_JSON_INVALID, "");
    }

    switch (resource) {

    case DITTO_RESOURCE_THING:
        return ditto_value_thing(parse, value, thing_id, err);

    case DITTO_RESOURCE_POLICY_ID:
        if (!ditto_value_is(value, DITTO_JSON_STRING)) {
            return ditto_value_fail_format(pool, value,
                               "This JSON value is not a string: %1", err);
        }

        return ditto_value_policy_id(pool, value, err);

    case DITTO_RESOURCE_DEFINITION:
        return ditto_value_definition(pool, value, err);

    case DITTO_RESOURCE_FEATURES:
        if (ditto_value_object(pool, value, err) != DITTO_OK) {
            return DITTO_ERROR;
        }

        return ditto_value_features(parse, value, err);

    case DITTO_RESOURCE_FEATURE:
        if (ditto_value_object(pool, value, err) != DITTO_OK) {
            return DITTO_ERROR;
        }

        return ditto_value_feature(parse, value,
                                   signal->pointer.segments[1], err);

    case DITTO_RESOURCE_FEATURE_DEFINITION:
        if (!ditto_value_is(value, DITTO_JSON_ARRAY)
            && !ditto_value_is(value, DITTO_JSON_NULL))
        {
            return ditto_value_fail_format(pool, value,
                               "This JSON value is not an array: %1", err);
        }

        return ditto_value_feature_definition(pool, value, err);

    case DITTO_RESOURCE_ATTRIBUTES:
    case DITTO_RESOURCE_PROPERTIES:
    case DITTO_RESOURCE_DESIRED_PROPERTIES:
        if (ditto_value_object(pool, value, err) != DITTO_OK) {
            return DITTO_ERROR;
        }

        return ditto_value_keys(parse, value, err);

    default:
        return DITTO_OK;
    }
}


ditto_rc_t
ditto_value_check_keys(ditto_parse_t *parse, size_t skip, ditto_error_t *err)
{
    size_t                  i;
    const ditto_pointer_t  *pointer;

    pointer = &parse->signal->pointer;

    for (i = skip; i < pointer->n; i++) {
        if (ditto_value_key(pointer->segments[i], err) != DITTO_OK) {
            return DITTO_ERROR;
        }
    }

    if (parse->signal->value.data == NULL
        || !ditto_value_is(parse->signal->value, DITTO_JSON_OBJECT))
    {
        return DITTO_OK;
    }

    return ditto_value_keys(parse, parse->signal->value, err);
}


ditto_rc_t
ditto_value_fail_type(ditto_pool_t *pool, ditto_str_t value,
    const char *member, const char *type, ditto_error_t *err)
{
    ditto_str_t  text;

    if (ditto_json_print(pool, value, &text) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    (void) ditto_fail(err, DITTO_E_JSON_INVALID, text, ditto_str(member));
    err->args[2] = ditto_str(type);
    err->message = "Value <%1> for </%2> is not of type <%3>!";

    return DITTO_ERROR;
}


ditto_rc_t
ditto_value_fail_format(ditto_pool_t *pool, ditto_str_t value,
    const char *message, ditto_error_t *err)
{
    ditto_str_t  text, none = ditto_null_string;

    if (ditto_json_print(pool, value, &text) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    (void) ditto_fail(err, DITTO_E_JSON_FORMAT_INVALID, text, none);
    err->message = message;

    return DITTO_ERROR;
}


ditto_rc_t
ditto_value_fail_missing(const char *pointer, ditto_error_t *err)
{
    ditto_str_t  none = ditto_null_string;

    return ditto_fail(err, DITTO_E_JSON_FIELD_MISSING, ditto_str(pointer),
                      none);
}


static ditto_rc_t
ditto_value_thing(ditto_parse_t *parse, ditto_str_t value,
    ditto_str_t *thing_id, ditto_error_t *err)
{
    size_t                    i;
    ditto_str_t               member;
    ditto_pool_t             *pool;
    const ditto_thing_row_t  *row;

    pool = parse->pool;

    if (ditto_value_object(pool, value, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    memset(parse->thing, 0, sizeof(parse->thing));

    if (ditto_value_is(value, DITTO_JSON_OBJECT)
        && ditto_value_members(parse, value, err) != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    for (i = 0; i < DITTO_THING_MAX; i++) {
        row = &ditto_thing_rows[i];
        member = parse->thing[i];

        if (member.data == NULL) {
            continue;
        }

        if (ditto_value_is(member, DITTO_JSON_NULL)) {

            if (!row->null) {
                parse->surplus = true;
                continue;
            }

        } else if (row->type_name != NULL
                   && !ditto_value_is(member, row->type))
        {
            return ditto_value_fail_type(pool, member,
                                         (const char *) row->name.data,
                                         row->type_name, err);
        }

        if (ditto_value_member(parse, (ditto_thing_member_e) i, member,
                               thing_id, err)
            != DITTO_OK)
        {
            return DITTO_ERROR;
        }
    }

    return DITTO_OK;
}


/*
 * The known members; of duplicates the last.  But thingId decides whom the
 * message concerns: two parsers that take different duplicates of it would be
 * two different authorisations, so it must not occur twice.
 */
static ditto_rc_t
ditto_value_members(ditto_parse_t *parse, ditto_str_t object,
    ditto_error_t *err)
{
    ditto_str_t           name, value, none = ditto_null_string;
    ditto_json_t          it;
    ditto_thing_member_e  member;

    ditto_json_iterate(&it, object);

    while (ditto_json_next(&it, &name, &value)) {

        member = ditto_thing_member(name);

        if (member == DITTO_THING_MAX) {
            parse->surplus = true;
            continue;
        }

        if (member == DITTO_THING_ID && parse->thing[member].data != NULL) {
            (void) ditto_fail(err, DITTO_E_JSON_INVALID, none, none);
            err->message = "The thing has the member <thingId> more than "
                           "once.";
            return DITTO_ERROR;
        }

        parse->thing[member] = value;
    }

    return DITTO_OK;
}


static ditto_rc_t
ditto_value_member(ditto_parse_t *parse, ditto_thing_member_e member,
    ditto_str_t value, ditto_str_t *thing_id, ditto_error_t *err)
{
    int64_t        n;
    ditto_pool_t  *pool;

    pool = parse->pool;

    switch (member) {

    case DITTO_THING_ID:
        return ditto_value_thing_id(pool, value, thing_id, err);

    case DITTO_THING_POLICY_ID:
        return ditto_value_policy_id(pool, value, err);

    case DITTO_THING_ATTRIBUTES:
        return ditto_value_keys(parse, value, err);

    case DITTO_THING_DEFINITION:
        return ditto_value_is(value, DITTO_JSON_NULL)
               ? DITTO_OK : ditto_value_definition(pool, value, err);

    case DITTO_THING_FEATURES:
        return ditto_value_features(parse, value, err);

    case DITTO_THING_REVISION:
        if (ditto_json_integer(value, &n) != DITTO_OK) {
            return ditto_value_fail_format(pool, value,
                                   "This JSON value is not a long: %1", err);
        }

        return DITTO_OK;

    case DITTO_THING_MODIFIED:
    case DITTO_THING_CREATED:
        return ditto_value_date(pool, value,
                   (const char *) ditto_thing_rows[member].name.data, err);

    default:
        return DITTO_OK;
    }
}


static ditto_rc_t
ditto_value_thing_id(ditto_pool_t *pool, ditto_str_t value,
    ditto_str_t *thing_id, ditto_error_t *err)
{
    size_t       colon;
    ditto_str_t  id, none = ditto_null_string;

    if (ditto_json_text(pool, value, &id) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    /* what stands for half a surrogate pair would be taken for a letter */

    if (!ditto_entity_id_valid(id, &colon)
        || ditto_json_lone_surrogate(value))
    {
        return ditto_fail(err, DITTO_E_THING_ID_INVALID, id, none);
    }

    *thing_id = id;

    return DITTO_OK;
}


static ditto_rc_t
ditto_value_policy_id(ditto_pool_t *pool, ditto_str_t value,
    ditto_error_t *err)
{
    size_t       colon;
    ditto_str_t  id, none = ditto_null_string;

    if (ditto_json_text(pool, value, &id) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    if (!ditto_entity_id_valid(id, &colon)) {
        return ditto_fail(err, DITTO_E_POLICY_ID_INVALID, id, none);
    }

    return DITTO_OK;
}


static ditto_rc_t
ditto_value_definition(ditto_pool_t *pool, ditto_str_t value,
    ditto_error_t *err)
{
    ditto_str_t  text, none = ditto_null_string;

    if (!ditto_value_is(value, DITTO_JSON_STRING)) {
        return ditto_value_fail_format(pool, value,
                               "This JSON value is not a string: %1", err);
    }

    if (ditto_json_text(pool, value, &text) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    if (!ditto_identifier_valid(text)) {
        return ditto_fail(err, DITTO_E_DEFINITION_INVALID, text, none);
    }

    return DITTO_OK;
}


/* An object or null. */
static ditto_rc_t
ditto_value_features(ditto_parse_t *parse, ditto_str_t value,
    ditto_error_t *err)
{
    ditto_str_t    raw, id, feature;
    ditto_str_t    version = ditto_string(DITTO_SCHEMA_VERSION);
    ditto_json_t   it;
    ditto_pool_t  *pool;

    pool = parse->pool;

    if (ditto_value_is(value, DITTO_JSON_NULL)) {
        return DITTO_OK;
    }

    ditto_json_iterate(&it, value);

    while (ditto_json_next(&it, &raw, &feature)) {

        if (ditto_json_decode(pool, raw, &id) != DITTO_OK) {
            return ditto_fail_memory(err);
        }

        if (ditto_str_eq(id, version)) {
            parse->feature_surplus = true;
            continue;
        }

        if (!ditto_value_is(feature, DITTO_JSON_OBJECT)
            && !ditto_value_is(feature, DITTO_JSON_NULL))
        {
            if (ditto_json_print(pool, feature, &feature) != DITTO_OK) {
                return ditto_fail_memory(err);
            }

            (void) ditto_fail(err, DITTO_E_JSON_INVALID, id, feature);
            err->message = "The Feature value is not an object for Feature "
                           "with ID '%1': %2";
            return DITTO_ERROR;
        }

        if (ditto_value_feature(parse, feature, id, err) != DITTO_OK) {
            return DITTO_ERROR;
        }
    }

    return DITTO_OK;
}


/* An object or null; of duplicate members the last one counts. */
static ditto_rc_t
ditto_value_feature(ditto_parse_t *parse, ditto_str_t value, ditto_str_t id,
    ditto_error_t *err)
{
    size_t         i;
    ditto_str_t    name, v, members[DITTO_FEATURE_MEMBERS];
    ditto_json_t   it;
    ditto_pool_t  *pool;

    pool = parse->pool;

    if (ditto_value_is(value, DITTO_JSON_NULL)) {
        return DITTO_OK;
    }

    memset(members, 0, sizeof(members));
    ditto_json_iterate(&it, value);

    while (ditto_json_next(&it, &name, &v)) {
        i = ditto_feature_member(name);

        if (i == DITTO_FEATURE_MEMBERS) {
            parse->feature_surplus = true;

        } else {
            members[i] = v;
        }
    }

    if (members[0].data != NULL) {
        if (!ditto_value_is(members[0], DITTO_JSON_ARRAY)
            && !ditto_value_is(members[0], DITTO_JSON_NULL))
        {
            return ditto_value_fail_type(pool, members[0], "definition",
                                         "JsonArray", err);
        }

        if (ditto_value_feature_definition(pool, members[0], err)
            != DITTO_OK)
        {
            return DITTO_ERROR;
        }
    }

    for (i = 1; i < DITTO_FEATURE_MEMBERS; i++) {
        if (members[i].data == NULL
            || ditto_value_is(members[i], DITTO_JSON_NULL))
        {
            continue;
        }

        if (!ditto_value_is(members[i], DITTO_JSON_OBJECT)) {
            return ditto_value_fail_type(pool, members[i],
                                         (const char *)
                                         ditto_feature_names[i].data,
                                         "JsonObject", err);
        }

        if (ditto_value_keys(parse, members[i], err) != DITTO_OK) {
            return DITTO_ERROR;
        }
    }

    return ditto_value_key(id, err);
}


/* An array or null. */
static ditto_rc_t
ditto_value_feature_definition(ditto_pool_t *pool, ditto_str_t value,
    ditto_error_t *err)
{
    bool          empty;
    ditto_str_t   name, element, none = ditto_null_string;
    ditto_json_t  it;

    if (ditto_value_is(value, DITTO_JSON_NULL)) {
        return DITTO_OK;
    }

    empty = true;
    ditto_json_iterate(&it, value);

    while (ditto_json_next(&it, &name, &element)) {
        empty = false;

        if (ditto_value_is(element, DITTO_JSON_STRING)) {
            continue;
        }

        if (ditto_json_print(pool, element, &element) != DITTO_OK) {
            return ditto_fail_memory(err);
        }

        (void) ditto_fail(err, DITTO_E_DEFINITION_INVALID, element, none);
        err->description = "The provided identifier is not a JSON string, "
                           "please adjust it accordingly.";
        return DITTO_ERROR;
    }

    if (empty) {
        return ditto_fail(err, DITTO_E_FEATURE_DEFINITION_EMPTY, none, none);
    }

    ditto_json_iterate(&it, value);

    while (ditto_json_next(&it, &name, &element)) {
        if (ditto_value_definition(pool, element, err) != DITTO_OK) {
            return DITTO_ERROR;
        }
    }

    return DITTO_OK;
}


static ditto_rc_t
ditto_value_object(ditto_pool_t *pool, ditto_str_t value, ditto_error_t *err)
{
    if (ditto_value_is(value, DITTO_JSON_OBJECT)
        || ditto_value_is(value, DITTO_JSON_NULL))
    {
        return DITTO_OK;
    }

    return ditto_value_fail_format(pool, value,
                               "This JSON value is not an object: %1", err);
}


static ditto_rc_t
ditto_value_date(ditto_pool_t *pool, ditto_str_t value, const char *name,
    ditto_error_t *err)
{
    ditto_str_t            text;
    ditto_instant_t        instant;
    ditto_instant_error_t  error;

    if (ditto_json_text(pool, value, &text) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    if (ditto_instant_parse(text, &instant, &error) != DITTO_OK) {
        (void) ditto_fail(err, DITTO_E_JSON_INVALID, text, ditto_str(name));
        err->message = "The JSON object's field </%2> is not in ISO-8601 "
                       "format as expected!";
        return DITTO_ERROR;
    }

    return DITTO_OK;
}


static bool
ditto_value_is(ditto_str_t value, ditto_json_type_e type)
{
    return ditto_json_type(value) == type;
}
