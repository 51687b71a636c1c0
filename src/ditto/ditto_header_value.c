#include "ditto_header_table.h"
#include "ditto_json.h"
#include "ditto_time.h"


#define DITTO_SUBJECT_MAX    256     /* UTF-16 units */

#define DITTO_HEADER_SYNTAX                                                   \
    "Verify that the header has the correct syntax and try again."
#define DITTO_HEADER_JSON                                                     \
    "Check if the JSON was valid (e.g. on https://jsonlint.com) and if it "   \
    "was in required format."


typedef ditto_rc_t (*ditto_header_check_pt)(
    const ditto_header_definition_t *definition, ditto_str_t value,
    ditto_error_t *err);


static ditto_rc_t ditto_header_any(const ditto_header_definition_t *def,
    ditto_str_t value, ditto_error_t *err);
static ditto_rc_t ditto_header_nonempty(const ditto_header_definition_t *def,
    ditto_str_t value, ditto_error_t *err);
static ditto_rc_t ditto_header_boolean(const ditto_header_definition_t *def,
    ditto_str_t value, ditto_error_t *err);
static ditto_rc_t ditto_header_int(const ditto_header_definition_t *def,
    ditto_str_t value, ditto_error_t *err);
static ditto_rc_t ditto_header_long(const ditto_header_definition_t *def,
    ditto_str_t value, ditto_error_t *err);
static ditto_rc_t ditto_header_object(const ditto_header_definition_t *def,
    ditto_str_t value, ditto_error_t *err);
static ditto_rc_t ditto_header_array(const ditto_header_definition_t *def,
    ditto_str_t value, ditto_error_t *err);
static ditto_rc_t ditto_header_acks(const ditto_header_definition_t *def,
    ditto_str_t value, ditto_error_t *err);
static ditto_rc_t ditto_header_channel(const ditto_header_definition_t *def,
    ditto_str_t value, ditto_error_t *err);
static ditto_rc_t ditto_header_etag(const ditto_header_definition_t *def,
    ditto_str_t value, ditto_error_t *err);
static ditto_rc_t ditto_header_etags(const ditto_header_definition_t *def,
    ditto_str_t value, ditto_error_t *err);
static ditto_rc_t ditto_header_timeout(const ditto_header_definition_t *def,
    ditto_str_t value, ditto_error_t *err);
static ditto_rc_t ditto_header_metadata(const ditto_header_definition_t *def,
    ditto_str_t value, ditto_error_t *err);
static ditto_rc_t ditto_header_selector(const ditto_header_definition_t *def,
    ditto_str_t value, ditto_error_t *err);
static ditto_rc_t ditto_header_timestamp(
    const ditto_header_definition_t *def, ditto_str_t value,
    ditto_error_t *err);
static ditto_rc_t ditto_header_status(const ditto_header_definition_t *def,
    ditto_str_t value, ditto_error_t *err);
static ditto_rc_t ditto_header_subject(const ditto_header_definition_t *def,
    ditto_str_t value, ditto_error_t *err);

static ditto_rc_t ditto_header_fail(const ditto_header_definition_t *def,
    ditto_str_t value, const char *type, ditto_error_t *err);
static ditto_rc_t ditto_header_fail_empty(const char *message,
    ditto_error_t *err);
static bool ditto_header_container(ditto_str_t value, ditto_str_t *json,
    ditto_json_type_e type);
static bool ditto_header_etag_valid(ditto_str_t tag);


static const ditto_header_check_pt  ditto_header_checks[] = {
    [DITTO_HEADER_ANY] = ditto_header_any,
    [DITTO_HEADER_NONEMPTY] = ditto_header_nonempty,
    [DITTO_HEADER_BOOLEAN] = ditto_header_boolean,
    [DITTO_HEADER_INT] = ditto_header_int,
    [DITTO_HEADER_LONG] = ditto_header_long,
    [DITTO_HEADER_OBJECT] = ditto_header_object,
    [DITTO_HEADER_ARRAY] = ditto_header_array,
    [DITTO_HEADER_ACKS] = ditto_header_acks,
    [DITTO_HEADER_CHANNEL] = ditto_header_channel,
    [DITTO_HEADER_ETAG] = ditto_header_etag,
    [DITTO_HEADER_ETAGS] = ditto_header_etags,
    [DITTO_HEADER_TIMEOUT] = ditto_header_timeout,
    [DITTO_HEADER_METADATA] = ditto_header_metadata,
    [DITTO_HEADER_SELECTOR] = ditto_header_selector,
    [DITTO_HEADER_TIMESTAMP] = ditto_header_timestamp,
    [DITTO_HEADER_STATUS] = ditto_header_status,
    [DITTO_HEADER_SUBJECT] = ditto_header_subject,
};


ditto_rc_t
ditto_header_validate(const ditto_header_definition_t *definition,
    ditto_str_t value, ditto_error_t *err)
{
    return ditto_header_checks[definition->value](definition, value, err);
}


static ditto_rc_t
ditto_header_any(const ditto_header_definition_t *def, ditto_str_t value,
    ditto_error_t *err)
{
    (void) def;
    (void) value;
    (void) err;

    return DITTO_OK;
}


static ditto_rc_t
ditto_header_nonempty(const ditto_header_definition_t *def,
    ditto_str_t value, ditto_error_t *err)
{
    if (value.len != 0) {
        return DITTO_OK;
    }

    (void) ditto_fail(err, DITTO_E_HEADER_INVALID, value, def->name);
    err->message = "The value of the header '%2' must not be empty.";
    err->description = DITTO_HEADER_SYNTAX;

    return DITTO_ERROR;
}


static ditto_rc_t
ditto_header_boolean(const ditto_header_definition_t *def, ditto_str_t value,
    ditto_error_t *err)
{
    ditto_str_t  yes = ditto_string("true"), no = ditto_string("false");

    if (ditto_str_eq(value, yes) || ditto_str_eq(value, no)) {
        return DITTO_OK;
    }

    return ditto_header_fail(def, value, "boolean", err);
}


static ditto_rc_t
ditto_header_int(const ditto_header_definition_t *def, ditto_str_t value,
    ditto_error_t *err)
{
    int64_t  n;

    if (ditto_header_number(value, INT32_MIN, INT32_MAX, &n)) {
        return DITTO_OK;
    }

    return ditto_header_fail(def, value, "int", err);
}


static ditto_rc_t
ditto_header_long(const ditto_header_definition_t *def, ditto_str_t value,
    ditto_error_t *err)
{
    int64_t  n;

    if (ditto_header_number(value, INT64_MIN, INT64_MAX, &n)) {
        return DITTO_OK;
    }

    return ditto_header_fail(def, value, "long", err);
}


static ditto_rc_t
ditto_header_object(const ditto_header_definition_t *def, ditto_str_t value,
    ditto_error_t *err)
{
    ditto_str_t  json;

    if (value.len == 0) {
        return ditto_header_fail_empty("The JSON string to create a JSON "
                                       "object from must not be empty!", err);
    }

    if (ditto_header_container(value, &json, DITTO_JSON_OBJECT)) {
        return DITTO_OK;
    }

    return ditto_header_fail(def, value, "JSON object", err);
}


static ditto_rc_t
ditto_header_array(const ditto_header_definition_t *def, ditto_str_t value,
    ditto_error_t *err)
{
    ditto_str_t   json, name, element;
    ditto_json_t  it;

    if (value.len == 0) {
        return ditto_header_fail_empty("The JSON string to create a JSON "
                                       "array from must not be empty!", err);
    }

    if (!ditto_header_container(value, &json, DITTO_JSON_ARRAY)) {
        return ditto_header_fail(def, value, "JSON array", err);
    }

    ditto_json_iterate(&it, json);

    while (ditto_json_next(&it, &name, &element)) {
        if (ditto_json_type(element) != DITTO_JSON_STRING) {
            (void) ditto_header_fail(def, value, "", err);
            err->message = "JSON array for <%2> contained non-string values!";
            err->description = DITTO_HEADER_SYNTAX;
            return DITTO_ERROR;
        }
    }

    return DITTO_OK;
}


static ditto_rc_t
ditto_header_acks(const ditto_header_definition_t *def, ditto_str_t value,
    ditto_error_t *err)
{
    ditto_str_t   json, name, element;
    ditto_json_t  it;

    if (value.len == 0) {
        return ditto_header_fail_empty("The JSON string to create a JSON "
                                       "array from must not be empty!", err);
    }

    if (!ditto_header_container(value, &json, DITTO_JSON_ARRAY)) {
        return ditto_header_fail(def, value, "JSON array", err);
    }

    ditto_json_iterate(&it, json);

    while (ditto_json_next(&it, &name, &element)) {

        if (ditto_json_type(element) != DITTO_JSON_STRING) {
            (void) ditto_header_fail(def, value, "", err);
            err->message = "JSON array for <%2> contained invalid "
                           "acknowledgement labels.";
            err->description = DITTO_HEADER_SYNTAX;
            return DITTO_ERROR;
        }

        /* no escape is a legal character of a label */

        if (!ditto_ack_request_valid(ditto_str_sub(element, 1,
                                                   element.len - 1)))
        {
            return ditto_header_fail(def, value, "JSON array of "
                                     "acknowledgement labels", err);
        }
    }

    return DITTO_OK;
}


static ditto_rc_t
ditto_header_channel(const ditto_header_definition_t *def, ditto_str_t value,
    ditto_error_t *err)
{
    ditto_str_t  s, twin = ditto_string("twin"), live = ditto_string("live");

    s = value;

    while (s.len != 0 && s.data[0] <= ' ') {
        s = ditto_str_sub(s, 1, s.len);
    }

    while (s.len != 0 && s.data[s.len - 1] <= ' ') {
        s.len--;
    }

    if (ditto_str_caseeq(s, twin) || ditto_str_caseeq(s, live)) {
        return DITTO_OK;
    }

    (void) ditto_header_fail(def, value, "channel", err);
    err->description = "The value must either be <twin> or <live>.";

    return DITTO_ERROR;
}


static ditto_rc_t
ditto_header_etag(const ditto_header_definition_t *def, ditto_str_t value,
    ditto_error_t *err)
{
    if (ditto_header_etag_valid(value)) {
        return DITTO_OK;
    }

    return ditto_header_fail(def, value, "entity-tag", err);
}


/* Split at each comma; empty items at the end do not count. */
static ditto_rc_t
ditto_header_etags(const ditto_header_definition_t *def, ditto_str_t value,
    ditto_error_t *err)
{
    size_t       from, to, end, next;
    ditto_str_t  tag, any = ditto_string("*");

    for (end = value.len; end > 0; end--) {
        if (value.data[end - 1] != ','
            && !ditto_header_blank(value.data[end - 1]))
        {
            break;
        }
    }

    if (ditto_str_chr(value, ',', end) == value.len) {
        end = value.len;

    } else if (end == 0) {
        return DITTO_OK;
    }

    for (from = 0; from <= end; from = next) {
        to = ditto_str_chr(value, ',', from);

        if (to > end) {
            to = end;
        }

        next = to + 1;

        while (next < end && ditto_header_blank(value.data[next])) {
            next++;
        }

        tag = ditto_str_sub(value, from, to);

        while (to < end && tag.len != 0
               && ditto_header_blank(tag.data[tag.len - 1]))
        {
            tag.len--;
        }

        if (!ditto_str_eq(tag, any) && !ditto_header_etag_valid(tag)) {
            return ditto_header_fail(def, tag, "entity-tag", err);
        }
    }

    return DITTO_OK;
}


static ditto_rc_t
ditto_header_timeout(const ditto_header_definition_t *def, ditto_str_t value,
    ditto_error_t *err)
{
    int64_t  ms;

    (void) def;

    return ditto_duration_parse(value, &ms, err);
}


/* Only objects are looked at, which need a key and a value. */
static ditto_rc_t
ditto_header_metadata(const ditto_header_definition_t *def,
    ditto_str_t value, ditto_error_t *err)
{
    ditto_str_t    json, name, element, member;
    ditto_json_t   it;
    ditto_error_t  ignored;

    if (value.len == 0) {
        return DITTO_OK;
    }

    if (!ditto_header_container(value, &json, DITTO_JSON_ARRAY)) {
        (void) ditto_header_fail(def, value, "MetadataHeaders", err);

        if (ditto_json_validate(value, &ignored) == DITTO_OK) {
            err->description = "<%1> is not a valid JSON array! "
                               DITTO_HEADER_JSON;

        } else {
            err->description = "Failed to parse JSON string '%1'! "
                               DITTO_HEADER_JSON;
        }

        return DITTO_ERROR;
    }

    ditto_json_iterate(&it, json);

    while (ditto_json_next(&it, &name, &element)) {

        if (ditto_json_type(element) != DITTO_JSON_OBJECT) {
            continue;
        }

        if (ditto_json_member(element, ditto_str("key"), &member)
            != DITTO_OK)
        {
            (void) ditto_header_fail(def, value, "MetadataHeaders", err);
            err->description = "JSON did not include required </key> field! "
                               "Check if all required JSON fields were set.";
            return DITTO_ERROR;
        }

        if (ditto_json_member(element, ditto_str("value"), &member)
            != DITTO_OK)
        {
            (void) ditto_header_fail(def, value, "MetadataHeaders", err);
            err->description = "JSON did not include required </value> "
                               "field! Check if all required JSON fields "
                               "were set.";
            return DITTO_ERROR;
        }
    }

    return DITTO_OK;
}


static ditto_rc_t
ditto_header_selector(const ditto_header_definition_t *def,
    ditto_str_t value, ditto_error_t *err)
{
    size_t       i, from, opened, closed, depth;
    ditto_str_t  field, none = ditto_null_string, two = ditto_string("//");

    opened = 0;
    closed = 0;

    for (i = 0; i < value.len; i++) {
        opened += (value.data[i] == '(') ? 1 : 0;
        closed += (value.data[i] == ')') ? 1 : 0;
    }

    if (opened != 0 && opened != closed) {
        (void) ditto_header_fail(def, value, "field selector", err);
        err->description = "The field selector <%1> is invalid! Check, for "
                           "example, if the amount of opening parentheses "
                           "'(' matches the amount of closing ones ')'.";
        return DITTO_ERROR;
    }

    depth = 0;

    for (i = 0, from = 0; i <= value.len; i++) {

        if (i < value.len && value.data[i] == '(') {
            depth++;

        } else if (i < value.len && value.data[i] == ')') {
            depth -= (depth > 0) ? 1 : 0;

        } else if (i == value.len || (value.data[i] == ',' && depth == 0)) {
            field = ditto_str_sub(value, from, i);
            from = i + 1;

            if (ditto_str_find(field, two) < field.len) {
                return ditto_fail(err, DITTO_E_JSON_POINTER_INVALID, field,
                                  none);
            }
        }
    }

    return DITTO_OK;
}


static ditto_rc_t
ditto_header_timestamp(const ditto_header_definition_t *def,
    ditto_str_t value, ditto_error_t *err)
{
    ditto_time_t  t;

    if (ditto_time_parse_offset(value, &t) == DITTO_OK) {
        return DITTO_OK;
    }

    return ditto_header_fail(def, value, "timestamp", err);
}


static ditto_rc_t
ditto_header_status(const ditto_header_definition_t *def, ditto_str_t value,
    ditto_error_t *err)
{
    int64_t  n;

    if (!ditto_header_number(value, INT32_MIN, INT32_MAX, &n)) {
        return ditto_header_fail(def, value, "int", err);
    }

    if (n < 100 || n > 599) {
        return ditto_header_fail(def, value, "HTTP status code", err);
    }

    return DITTO_OK;
}


/* spec: "Message subject and path" */
static ditto_rc_t
ditto_header_subject(const ditto_header_definition_t *def, ditto_str_t value,
    ditto_error_t *err)
{
    if (ditto_utf16_length(value) <= DITTO_SUBJECT_MAX
        && ditto_no_controls(value, true))
    {
        return DITTO_OK;
    }

    return ditto_header_fail(def, value, "message subject", err);
}


static ditto_rc_t
ditto_header_fail(const ditto_header_definition_t *def, ditto_str_t value,
    const char *type, ditto_error_t *err)
{
    (void) ditto_fail(err, DITTO_E_HEADER_INVALID, value, def->name);
    err->args[2] = ditto_str(type);
    err->header = def->name;

    return DITTO_ERROR;
}


static ditto_rc_t
ditto_header_fail_empty(const char *message, ditto_error_t *err)
{
    return ditto_fail_text(err, DITTO_E_JSON_FORMAT_INVALID, message);
}


/* The literal null passes for an empty container, as it does in Ditto. */
static bool
ditto_header_container(ditto_str_t value, ditto_str_t *json,
    ditto_json_type_e type)
{
    ditto_error_t             ignored;
    static const ditto_str_t  empty = ditto_string("[]");

    *json = ditto_str_trim(value);

    if (json->len == 0
        || ditto_json_validate(*json, &ignored) != DITTO_OK)
    {
        return false;
    }

    if (ditto_json_type(*json) == DITTO_JSON_NULL) {
        *json = empty;
        return true;
    }

    return ditto_json_type(*json) == type;
}


/* "...", or W/ before it; neither quotes nor asterisks inside. */
static bool
ditto_header_etag_valid(ditto_str_t tag)
{
    size_t       i;
    ditto_str_t  weak = ditto_string("W/");

    if (ditto_str_starts(tag, weak)) {
        tag = ditto_str_sub(tag, weak.len, tag.len);
    }

    if (tag.len < 2 || tag.data[0] != '"' || tag.data[tag.len - 1] != '"') {
        return false;
    }

    for (i = 1; i < tag.len - 1; i++) {
        if (tag.data[i] == '"' || tag.data[i] == '*') {
            return false;
        }
    }

    return true;
}
