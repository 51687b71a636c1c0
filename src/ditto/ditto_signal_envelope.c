#include "ditto_instant.h"
#include "ditto_json.h"
#include "ditto_json_print.h"
#include "ditto_signal_parts.h"


#define DITTO_TIMESTAMP_SHOWN  64    /* bytes of a text in an error */


static ditto_rc_t ditto_signal_scan(ditto_parse_t *parse, ditto_str_t text,
    ditto_error_t *err);
static ditto_member_e ditto_signal_member(ditto_str_t name);
static ditto_rc_t ditto_signal_string(ditto_parse_t *parse,
    ditto_member_e member, ditto_str_t *text, ditto_error_t *err);
static ditto_rc_t ditto_signal_object(ditto_parse_t *parse,
    ditto_member_e member, ditto_error_t *err);
static ditto_rc_t ditto_signal_status(ditto_parse_t *parse,
    ditto_error_t *err);
static ditto_rc_t ditto_signal_timestamp(ditto_parse_t *parse,
    ditto_error_t *err);
static ditto_rc_t ditto_signal_fields(ditto_parse_t *parse,
    ditto_error_t *err);
static ditto_rc_t ditto_signal_revision(ditto_parse_t *parse,
    ditto_error_t *err);
static bool ditto_signal_absent(ditto_str_t value);


/* spec: "Fields" */

static const ditto_str_t  ditto_member_names[DITTO_MEMBER_MAX] = {
    [DITTO_MEMBER_TOPIC] = ditto_string("topic"),
    [DITTO_MEMBER_PATH] = ditto_string("path"),
    [DITTO_MEMBER_HEADERS] = ditto_string("headers"),
    [DITTO_MEMBER_VALUE] = ditto_string("value"),
    [DITTO_MEMBER_EXTRA] = ditto_string("extra"),
    [DITTO_MEMBER_STATUS] = ditto_string("status"),
    [DITTO_MEMBER_REVISION] = ditto_string("revision"),
    [DITTO_MEMBER_TIMESTAMP] = ditto_string("timestamp"),
    [DITTO_MEMBER_METADATA] = ditto_string("metadata"),
    [DITTO_MEMBER_FIELDS] = ditto_string("fields"),
};


/* The order of the checks is Ditto's, spec: "Fields" (evaluation order). */
ditto_rc_t
ditto_signal_envelope(ditto_parse_t *parse, ditto_str_t text,
    ditto_error_t *err)
{
    ditto_str_t      topic;
    ditto_signal_t  *signal;

    signal = parse->signal;

    if (ditto_signal_scan(parse, text, err) != DITTO_OK
        || ditto_headers_read(&signal->headers,
                              parse->members[DITTO_MEMBER_HEADERS], false,
                              err) != DITTO_OK
        || ditto_signal_string(parse, DITTO_MEMBER_TOPIC, &topic, err)
           != DITTO_OK
        || ditto_topic_path_parse(&signal->topic, topic, err) != DITTO_OK
        || ditto_signal_string(parse, DITTO_MEMBER_PATH, &parse->path, err)
           != DITTO_OK
        || ditto_signal_object(parse, DITTO_MEMBER_EXTRA, err) != DITTO_OK
        || ditto_signal_status(parse, err) != DITTO_OK
        || ditto_signal_timestamp(parse, err) != DITTO_OK
        || ditto_signal_object(parse, DITTO_MEMBER_METADATA, err) != DITTO_OK
        || ditto_signal_fields(parse, err) != DITTO_OK
        || ditto_signal_revision(parse, err) != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    signal->value = parse->members[DITTO_MEMBER_VALUE];

    return DITTO_OK;
}


static ditto_rc_t
ditto_signal_scan(ditto_parse_t *parse, ditto_str_t text, ditto_error_t *err)
{
    ditto_rc_t      rc;
    ditto_str_t     name, value, none = ditto_null_string;
    ditto_json_t    json;
    ditto_member_e  member;

    if (text.len == 0) {
        return ditto_fail(err, DITTO_E_MAPPING_FAILED,
                          ditto_str("<unspecified>"), none);
    }

    ditto_json_open(&json, text);

    rc = ditto_json_enter(&json, err);

    if (rc == DITTO_DECLINED) {
        value = ditto_str_trim(text);

        if (ditto_json_type(value) == DITTO_JSON_NULL) {
            return DITTO_OK;
        }

        if (ditto_json_print(parse->pool, value, &value) != DITTO_OK) {
            return ditto_fail_memory(err);
        }

        (void) ditto_fail(err, DITTO_E_JSON_INVALID, value, none);
        err->message = "<%1> is not a valid JSON object!";
        return DITTO_ERROR;
    }

    if (rc != DITTO_OK) {
        return DITTO_ERROR;
    }

    while ((rc = ditto_json_member_next(&json, &name, &value, err))
           == DITTO_OK)
    {
        member = ditto_signal_member(name);

        if (member == DITTO_MEMBER_MAX) {
            continue;
        }

        if (parse->members[member].data != NULL) {
            (void) ditto_fail(err, DITTO_E_JSON_INVALID,
                              ditto_member_names[member], none);
            err->message = "The envelope has the member <%1> more than "
                           "once.";
            err->offset = (size_t) (name.data - text.data);
            return DITTO_ERROR;
        }

        parse->members[member] = value;
    }

    parse->plain_names = !json.odd_name;

    return (rc == DITTO_DECLINED) ? DITTO_OK : DITTO_ERROR;
}


static ditto_member_e
ditto_signal_member(ditto_str_t name)
{
    size_t  i;

    for (i = 0; i < DITTO_MEMBER_MAX; i++) {
        if (ditto_str_eq(ditto_member_names[i], name)) {
            return (ditto_member_e) i;
        }
    }

    if (memchr(name.data, '\\', name.len) != NULL) {
        for (i = 0; i < DITTO_MEMBER_MAX; i++) {
            if (ditto_json_name_is(name, ditto_member_names[i])) {
                break;
            }
        }
    }

    return (ditto_member_e) i;
}


/* A string that must be there. */
static ditto_rc_t
ditto_signal_string(ditto_parse_t *parse, ditto_member_e member,
    ditto_str_t *text, ditto_error_t *err)
{
    ditto_str_t  value, none = ditto_null_string;

    value = parse->members[member];

    if (ditto_signal_absent(value)) {
        return ditto_value_fail_missing(member == DITTO_MEMBER_TOPIC
                                        ? "/topic" : "/path", err);
    }

    if (ditto_json_type(value) != DITTO_JSON_STRING) {
        return ditto_value_fail_type(parse->pool, value,
                        (const char *) ditto_member_names[member].data,
                        "String", err);
    }

    if (ditto_json_lone_surrogate(value)) {
        (void) ditto_fail(err, DITTO_E_JSON_INVALID,
                          ditto_member_names[member], none);
        err->message = "The member <%1> contains half of a surrogate pair.";
        return DITTO_ERROR;
    }

    if (ditto_json_text(parse->pool, value, text) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    return DITTO_OK;
}


/* An object, null or nothing; it is not used. */
static ditto_rc_t
ditto_signal_object(ditto_parse_t *parse, ditto_member_e member,
    ditto_error_t *err)
{
    ditto_str_t  value;

    value = parse->members[member];

    if (ditto_signal_absent(value)
        || ditto_json_type(value) == DITTO_JSON_OBJECT)
    {
        return DITTO_OK;
    }

    return ditto_value_fail_type(parse->pool, value,
                        (const char *) ditto_member_names[member].data,
                        "JsonObject", err);
}


/* An integer that is no status is as good as none. */
static ditto_rc_t
ditto_signal_status(ditto_parse_t *parse, ditto_error_t *err)
{
    int64_t      n;
    ditto_str_t  value;

    value = parse->members[DITTO_MEMBER_STATUS];

    if (ditto_signal_absent(value)) {
        return DITTO_OK;
    }

    if (ditto_json_type(value) != DITTO_JSON_NUMBER) {
        return ditto_value_fail_type(parse->pool, value, "status", "Integer",
                                     err);
    }

    if (ditto_json_integer(value, &n) != DITTO_OK
        || n < INT32_MIN || n > INT32_MAX)
    {
        return ditto_value_fail_format(parse->pool, value,
                                 "This JSON value is not an int: %1", err);
    }

    if (n >= 100 && n <= 599) {
        parse->status = (unsigned) n;
    }

    return DITTO_OK;
}


static ditto_rc_t
ditto_signal_timestamp(ditto_parse_t *parse, ditto_error_t *err)
{
    ditto_buf_t            buf;
    ditto_str_t            value, text;
    ditto_instant_t        instant;
    ditto_instant_error_t  error;

    value = parse->members[DITTO_MEMBER_TIMESTAMP];

    if (ditto_signal_absent(value)) {
        return DITTO_OK;
    }

    if (ditto_json_type(value) != DITTO_JSON_STRING) {
        return ditto_value_fail_type(parse->pool, value, "timestamp",
                                     "String", err);
    }

    if (ditto_json_text(parse->pool, value, &text) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    if (ditto_instant_parse(text, &instant, &error) == DITTO_OK) {

        if (ditto_instant_normal(text, &instant)) {
            parse->signal->timestamp = text;
            return DITTO_OK;
        }

        ditto_buf_init(&buf, parse->pool, 40);
        ditto_instant_render(&buf, &instant);

        if (ditto_buf_done(&buf, &parse->signal->timestamp) != DITTO_OK) {
            return ditto_fail_memory(err);
        }

        return DITTO_OK;
    }

    if (text.len > DITTO_TIMESTAMP_SHOWN) {
        ditto_buf_init(&buf, parse->pool, DITTO_TIMESTAMP_SHOWN + 4);
        ditto_buf_str(&buf, ditto_str_sub(text, 0, DITTO_TIMESTAMP_SHOWN));
        ditto_buf_text(&buf, "...");

        if (ditto_buf_done(&buf, &text) != DITTO_OK) {
            return ditto_fail_memory(err);
        }
    }

    (void) ditto_fail(err, DITTO_E_MAPPING_FAILED,
                      ditto_str("<unspecified>"), text);
    err->offset = error.index;
    err->description = error.trailing
        ? "Could not map inbound message with mapper 'Ditto' due to unknown "
          "problem: DateTimeParseException Text '%2' could not be parsed, "
          "unparsed text found at index %@"
        : "Could not map inbound message with mapper 'Ditto' due to unknown "
          "problem: DateTimeParseException Text '%2' could not be parsed at "
          "index %@";

    return DITTO_ERROR;
}


/* Pointers behind commas, printed with leading slashes. */
static ditto_rc_t
ditto_signal_fields(ditto_parse_t *parse, ditto_error_t *err)
{
    size_t       from, to, end;
    ditto_buf_t  buf;
    ditto_str_t  value, text, field;
    ditto_str_t  none = ditto_null_string, two = ditto_string("//");

    value = parse->members[DITTO_MEMBER_FIELDS];

    if (ditto_signal_absent(value)) {
        return DITTO_OK;
    }

    if (ditto_json_type(value) != DITTO_JSON_STRING) {
        return ditto_value_fail_type(parse->pool, value, "fields", "String",
                                     err);
    }

    if (ditto_json_text(parse->pool, value, &text) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    for (end = text.len; end > 0 && text.data[end - 1] == ','; end--) {
        /* void */
    }

    if (end == 0 && text.len != 0) {
        return DITTO_OK;
    }

    ditto_buf_init(&buf, parse->pool, end + 16);

    for (from = 0; from <= end; from = to + 1) {
        to = ditto_str_chr(text, ',', from);

        if (to > end) {
            to = end;
        }

        field = ditto_str_sub(text, from, to);

        if (ditto_str_find(field, two) < field.len) {
            return ditto_fail(err, DITTO_E_JSON_POINTER_INVALID, field, none);
        }

        if (field.len > 1 && field.data[field.len - 1] == '/') {
            field.len--;
        }

        if (from != 0) {
            ditto_buf_char(&buf, ',');
        }

        if (field.len == 0 || field.data[0] != '/') {
            ditto_buf_char(&buf, '/');
        }

        ditto_buf_str(&buf, field);
    }

    if (ditto_buf_done(&buf, &parse->signal->fields) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    return DITTO_OK;
}


static ditto_rc_t
ditto_signal_revision(ditto_parse_t *parse, ditto_error_t *err)
{
    ditto_str_t  value;

    value = parse->members[DITTO_MEMBER_REVISION];

    if (ditto_signal_absent(value)) {
        return DITTO_OK;
    }

    if (ditto_json_type(value) != DITTO_JSON_NUMBER) {
        return ditto_value_fail_type(parse->pool, value, "revision", "Long",
                                     err);
    }

    if (ditto_json_integer(value, &parse->signal->revision) != DITTO_OK) {
        return ditto_value_fail_format(parse->pool, value,
                                 "This JSON value is not a long: %1", err);
    }

    parse->has_revision = true;

    return DITTO_OK;
}


static bool
ditto_signal_absent(ditto_str_t value)
{
    return value.data == NULL || ditto_json_type(value) == DITTO_JSON_NULL;
}
