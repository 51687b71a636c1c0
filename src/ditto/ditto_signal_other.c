#include "ditto_header_table.h"
#include "ditto_instant.h"
#include "ditto_json.h"
#include "ditto_json_print.h"
#include "ditto_signal_parts.h"


#define DITTO_INSTANT_SHOWN     64   /* bytes of a text in an error */
#define DITTO_CONNECTION_ID_MAX  100

#define DITTO_VALUE_NO_OBJECT  "Payload value must be a non-null object."


static ditto_rc_t ditto_signal_ack(ditto_parse_t *parse, ditto_error_t *err);
static ditto_rc_t ditto_signal_acks(ditto_parse_t *parse,
    ditto_error_t *err);
static ditto_rc_t ditto_signal_error(ditto_parse_t *parse,
    ditto_error_t *err);
static ditto_rc_t ditto_signal_exception(ditto_parse_t *parse,
    ditto_str_t code, ditto_error_t *err);
static ditto_rc_t ditto_signal_search(ditto_parse_t *parse,
    ditto_error_t *err);
static ditto_rc_t ditto_signal_streaming(ditto_parse_t *parse,
    ditto_error_t *err);
static ditto_rc_t ditto_signal_policy(ditto_parse_t *parse,
    ditto_error_t *err);
static ditto_rc_t ditto_signal_subject_deletion(ditto_parse_t *parse,
    ditto_error_t *err);
static ditto_rc_t ditto_signal_connection(ditto_parse_t *parse,
    ditto_error_t *err);
static ditto_rc_t ditto_signal_field(ditto_parse_t *parse, const char *name,
    const char *pointer, ditto_json_type_e type, const char *type_name,
    ditto_str_t *value, ditto_error_t *err);
static ditto_rc_t ditto_signal_instant(ditto_parse_t *parse,
    ditto_str_t value, ditto_str_t *text, ditto_instant_t *instant,
    ditto_instant_error_t *error, ditto_error_t *err);
static ditto_rc_t ditto_signal_announced(ditto_parse_t *parse,
    const char *name, ditto_str_t text, const ditto_instant_t *instant,
    ditto_str_t subjects, ditto_error_t *err);
static ditto_rc_t ditto_signal_type_of(ditto_parse_t *parse,
    const char *prefix, ditto_str_t first, ditto_str_t second,
    ditto_error_t *err);
static bool ditto_connection_id_valid(ditto_str_t id);


ditto_rc_t
ditto_signal_other(ditto_parse_t *parse, ditto_error_t *err)
{
    switch (parse->form) {

    case DITTO_FORM_ACK:
        return ditto_signal_ack(parse, err);

    case DITTO_FORM_ACKS:
        return ditto_signal_acks(parse, err);

    case DITTO_FORM_ERROR:
        return ditto_signal_error(parse, err);

    case DITTO_FORM_SEARCH:
        return ditto_signal_search(parse, err);

    case DITTO_FORM_STREAMING:
        return ditto_signal_streaming(parse, err);

    case DITTO_FORM_POLICY:
        return ditto_signal_policy(parse, err);

    case DITTO_FORM_POLICY_ANNOUNCEMENT:
        return ditto_signal_subject_deletion(parse, err);

    default:
        return ditto_signal_connection(parse, err);
    }
}


/* spec: "Acknowledgements" */
static ditto_rc_t
ditto_signal_ack(ditto_parse_t *parse, ditto_error_t *err)
{
    ditto_str_t      label, none = ditto_null_string;
    ditto_signal_t  *signal;

    signal = parse->signal;
    label = signal->topic.tail;

    signal->type = ditto_str("acknowledgement");

    if (!ditto_ack_label_valid(label)) {
        return ditto_fail(err, DITTO_E_ACK_LABEL_INVALID, label, none);
    }

    if (ditto_ack_label_internal(label)) {
        return ditto_fail(err, DITTO_E_ACK_LABEL_FORBIDDEN, label, none);
    }

    return ditto_signal_entity(parse, err);
}


static ditto_rc_t
ditto_signal_acks(ditto_parse_t *parse, ditto_error_t *err)
{
    bool             empty;
    int64_t          n;
    ditto_str_t      value, raw, label, ack, status;
    ditto_str_t      none = ditto_null_string;
    ditto_json_t     it;
    ditto_signal_t  *signal;

    signal = parse->signal;
    value = signal->value;

    signal->type = ditto_str("acknowledgements");

    if (ditto_signal_entity(parse, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    if (value.data == NULL) {
        return ditto_value_fail_missing("/value", err);
    }

    if (ditto_json_type(value) != DITTO_JSON_OBJECT) {
        return ditto_value_fail_format(parse->pool, value,
                               "This JSON value is not an object: %1", err);
    }

    empty = true;
    ditto_json_iterate(&it, value);

    while (ditto_json_next(&it, &raw, &ack)) {
        empty = false;

        if (ditto_json_decode(parse->pool, raw, &label) != DITTO_OK) {
            return ditto_fail_memory(err);
        }

        if (ditto_json_type(ack) != DITTO_JSON_OBJECT) {
            return ditto_value_fail_format(parse->pool, ack,
                               "This JSON value is not an object: %1", err);
        }

        if (!ditto_ack_label_valid(label)) {
            (void) ditto_fail(err, DITTO_E_JSON_INVALID, label, none);
            err->message = "Acknowledgement label <%1> is invalid.";
            return DITTO_ERROR;
        }

        if (ditto_json_member(ack, ditto_str("status"), &status) != DITTO_OK
            || ditto_json_type(status) == DITTO_JSON_NULL)
        {
            return ditto_value_fail_missing("/status", err);
        }

        if (ditto_json_type(status) != DITTO_JSON_NUMBER
            || ditto_json_integer(status, &n) != DITTO_OK
            || n < 100 || n > 599)
        {
            return ditto_value_fail_type(parse->pool, status, "status",
                                         "Integer", err);
        }
    }

    if (empty) {
        return ditto_fail_text(err, DITTO_E_JSON_FORMAT_INVALID,
                               "The acknowledgements must not be empty!");
    }

    return DITTO_OK;
}


/* The status of the error itself is the one that is printed. */
static ditto_rc_t
ditto_signal_error(ditto_parse_t *parse, ditto_error_t *err)
{
    int64_t          n;
    ditto_str_t      value, code, member;
    ditto_signal_t  *signal;

    signal = parse->signal;
    value = signal->value;

    if (value.data == NULL) {
        return ditto_value_fail_missing("/payload", err);
    }

    if (ditto_json_type(value) != DITTO_JSON_OBJECT) {
        return ditto_value_fail_format(parse->pool, value,
                               "This JSON value is not an object: %1", err);
    }

    if (ditto_signal_field(parse, "error", "/error", DITTO_JSON_STRING,
                           "String", &code, err)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    if (ditto_json_member(value, ditto_str("status"), &member) == DITTO_OK
        && ditto_json_type(member) == DITTO_JSON_NUMBER
        && ditto_json_integer(member, &n) == DITTO_OK
        && n >= 100 && n <= 599)
    {
        signal->status = (unsigned) n;
    }

    signal->type = ditto_str(signal->topic.group == DITTO_GROUP_POLICIES
                             ? "policies.responses:errorResponse"
                             : "things.responses:errorResponse");

    if (ditto_signal_entity(parse, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    return ditto_signal_exception(parse, code, err);
}


/*
 * Ditto makes an exception of an error and writes that: it has the status and
 * the description of its code where the error says none.
 */
static ditto_rc_t
ditto_signal_exception(ditto_parse_t *parse, ditto_str_t code,
    ditto_error_t *err)
{
    bool          known;
    unsigned      status;
    ditto_buf_t   buf;
    ditto_str_t   name, member, description, *value;

    value = &parse->signal->value;

    if (ditto_json_text(parse->pool, code, &name) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    known = ditto_error_known(name, &status, &description);

    ditto_buf_init(&buf, parse->pool, value->len + description.len + 80);
    ditto_buf_char(&buf, '{');

    if (ditto_json_member(*value, ditto_str("status"), &member) != DITTO_OK) {
        ditto_buf_text(&buf, "\"status\":");
        ditto_buf_int(&buf, (int64_t) status);
        ditto_buf_char(&buf, ',');

        parse->signal->status = status;
    }

    if (ditto_json_member(*value, ditto_str("message"), &member)
        != DITTO_OK)
    {
        if (known) {
            return ditto_value_fail_missing("/message", err);
        }

        ditto_buf_text(&buf, "\"message\":\"An unknown error occurred\",");
    }

    if (ditto_json_member(*value, ditto_str("description"), &member)
        != DITTO_OK
        && (!known || description.len != 0))
    {
        ditto_buf_text(&buf, "\"description\":");
        ditto_json_add_string(&buf, description);
        ditto_buf_char(&buf, ',');
    }

    if (buf.len <= 1 && !buf.failed) {
        return DITTO_OK;
    }

    ditto_buf_str(&buf, ditto_str_sub(*value, 1, value->len));

    return (ditto_buf_done(&buf, value) == DITTO_OK)
           ? DITTO_OK : ditto_fail_memory(err);
}


static ditto_rc_t
ditto_signal_search(ditto_parse_t *parse, ditto_error_t *err)
{
    bool                      command;
    size_t                    i;
    ditto_str_t               value, id, none = ditto_null_string;
    ditto_signal_t           *signal;
    static const char *const  commands[] = { "subscribe", "cancel",
                                             "request" };

    signal = parse->signal;
    value = signal->value;
    command = false;

    for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (ditto_str_eq(signal->topic.tail, ditto_str(commands[i]))) {
            command = true;
        }
    }

    if (ditto_signal_type_of(parse, command ? "thing-search.commands:"
                                            : "thing-search.events:",
                             signal->topic.tail, none, err)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    if (value.data != NULL && ditto_json_type(value) != DITTO_JSON_OBJECT
        && ditto_json_type(value) != DITTO_JSON_NULL)
    {
        return ditto_value_fail_format(parse->pool, value,
                               "This JSON value is not an object: %1", err);
    }

    if (ditto_str_eq(signal->topic.tail, ditto_str("subscribe"))) {
        return DITTO_OK;
    }

    if (value.data == NULL || ditto_json_type(value) == DITTO_JSON_NULL
        || ditto_json_member(value, ditto_str("subscriptionId"), &id)
           != DITTO_OK)
    {
        return ditto_fail_text(err, DITTO_E_JSON_FORMAT_INVALID, "");
    }

    return DITTO_OK;
}


static ditto_rc_t
ditto_signal_streaming(ditto_parse_t *parse, ditto_error_t *err)
{
    ditto_str_t      id, none = ditto_null_string;
    ditto_signal_t  *signal;

    signal = parse->signal;

    if (ditto_signal_type_of(parse, "streaming.subscription:",
                             signal->topic.tail, none, err)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    if (ditto_str_eq(signal->topic.tail,
                     ditto_str("subscribeForPersistedEvents")))
    {
        return DITTO_OK;
    }

    return ditto_signal_field(parse, "subscriptionId", "/subscriptionId",
                              DITTO_JSON_STRING, "String", &id, err);
}


/* Commands, responses and events of policies; their value is not looked at. */
static ditto_rc_t
ditto_signal_policy(ditto_parse_t *parse, ditto_error_t *err)
{
    ditto_str_t      name, action, none = ditto_null_string;
    ditto_signal_t  *signal;

    signal = parse->signal;

    if (signal->topic.action == DITTO_ACTION_CHECK_PERMISSIONS) {
        signal->type = ditto_str(signal->kind == DITTO_SIGNAL_POLICY_RESPONSE
                                 ? "common.responses:checkPermissions"
                                 : "common.commands:checkPermissions");
        return DITTO_OK;
    }

    name = ditto_signal_policy_resource(&signal->pointer);

    if (name.len == 0) {
        return ditto_fail(err, DITTO_E_UNKNOWN_PATH, signal->path, none);
    }

    action = signal->topic.tail;

    if (signal->kind == DITTO_SIGNAL_POLICY_EVENT) {
        switch (signal->topic.action) {

        case DITTO_ACTION_CREATED:
        case DITTO_ACTION_MODIFIED:
        case DITTO_ACTION_DELETED:
            break;

        default:
            return ditto_signal_fail_path(parse, err);
        }

        if (ditto_signal_type_of(parse, "policies.events:", name, action,
                                 err)
            != DITTO_OK
            || ditto_signal_entity(parse, err) != DITTO_OK)
        {
            return DITTO_ERROR;
        }

        if (!parse->has_revision) {
            return ditto_value_fail_missing("/revision", err);
        }

    } else {
        if (ditto_signal_type_of(parse,
                             signal->kind == DITTO_SIGNAL_POLICY_RESPONSE
                             ? "policies.responses:" : "policies.commands:",
                             action, name, err)
            != DITTO_OK
            || ditto_signal_entity(parse, err) != DITTO_OK)
        {
            return DITTO_ERROR;
        }
    }

    if (signal->topic.action == DITTO_ACTION_DELETED
        || signal->topic.action == DITTO_ACTION_DELETE
        || (signal->topic.action == DITTO_ACTION_RETRIEVE
            && signal->kind == DITTO_SIGNAL_POLICY_COMMAND))
    {
        signal->value = none;
    }

    return DITTO_OK;
}


/* spec: "value per kind of signal" (policy announcement) */
static ditto_rc_t
ditto_signal_subject_deletion(ditto_parse_t *parse, ditto_error_t *err)
{
    ditto_str_t             date, subjects, name, subject, id, text;
    ditto_str_t             none = ditto_null_string;
    ditto_json_t            it;
    ditto_signal_t         *signal;
    ditto_instant_t         instant;
    ditto_instant_error_t   error;

    signal = parse->signal;

    if (signal->topic.tail.len == 0) {
        return ditto_signal_fail_topic(parse, NULL, err);
    }

    if (!ditto_str_eq(signal->topic.tail, ditto_str("subjectDeletion"))) {
        return ditto_signal_fail_path(parse, err);
    }

    signal->type = ditto_str("policies.announcements:subjectDeletion");

    if (ditto_signal_entity(parse, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    if (ditto_signal_field(parse, "deleteAt", "/deleteAt", DITTO_JSON_STRING,
                           "String", &date, err)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    switch (ditto_signal_instant(parse, date, &text, &instant, &error, err)) {

    case DITTO_OK:
        break;

    case DITTO_DECLINED:
        (void) ditto_fail(err, DITTO_E_MAPPING_FAILED,
                          ditto_str("<unspecified>"), text);
        err->offset = error.index;
        err->description = error.trailing
            ? "Could not map inbound message with mapper 'Ditto' due to "
              "unknown problem: DateTimeParseException Text '%2' could not "
              "be parsed, unparsed text found at index %@"
            : "Could not map inbound message with mapper 'Ditto' due to "
              "unknown problem: DateTimeParseException Text '%2' could not "
              "be parsed at index %@";
        return DITTO_ERROR;

    default:
        return DITTO_ERROR;
    }

    if (ditto_signal_field(parse, "subjectIds", "/subjectIds",
                           DITTO_JSON_ARRAY, "JsonArray", &subjects, err)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    ditto_json_iterate(&it, subjects);

    while (ditto_json_next(&it, &name, &subject)) {

        if (ditto_json_type(subject) != DITTO_JSON_STRING) {
            return ditto_value_fail_format(parse->pool, subject,
                               "This JSON value is not a string: %1", err);
        }

        if (ditto_json_text(parse->pool, subject, &id) != DITTO_OK) {
            return ditto_fail_memory(err);
        }

        if (ditto_str_chr(id, ':', 0) == id.len) {
            return ditto_fail(err, DITTO_E_SUBJECT_ID_INVALID, id, none);
        }
    }

    return ditto_signal_announced(parse, "deleteAt", text, &instant, subjects,
                                  err);
}


/* spec: "value per kind of signal" (connection announcement) */
static ditto_rc_t
ditto_signal_connection(ditto_parse_t *parse, ditto_error_t *err)
{
    bool                    opened;
    ditto_str_t             date, text, none = ditto_null_string;
    ditto_signal_t         *signal;
    ditto_instant_t         instant;
    ditto_instant_error_t   error;

    signal = parse->signal;

    if (signal->topic.tail.len == 0) {
        return ditto_signal_fail_topic(parse, NULL, err);
    }

    opened = ditto_str_eq(signal->topic.tail, ditto_str("opened"));

    if (!opened
        && !ditto_str_eq(signal->topic.tail, ditto_str("closed")))
    {
        return ditto_signal_fail_path(parse, err);
    }

    signal->type = ditto_str(opened ? "connectivity.announcements:opened"
                                    : "connectivity.announcements:closed");

    if (!ditto_connection_id_valid(signal->topic.name)) {
        return ditto_fail(err, DITTO_E_CONNECTION_ID_INVALID,
                          signal->topic.name, none);
    }

    if (ditto_signal_field(parse, opened ? "openedAt" : "closedAt",
                           opened ? "/openedAt" : "/closedAt",
                           DITTO_JSON_STRING, "String", &date, err)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    switch (ditto_signal_instant(parse, date, &text, &instant, &error, err)) {

    case DITTO_OK:
        break;

    case DITTO_DECLINED:
        (void) ditto_fail(err, DITTO_E_JSON_INVALID, text,
                          ditto_str(opened ? "openedAt" : "closedAt"));
        err->offset = error.index;
        err->message = "Failed to deserialize field </%2> with value <%1> "
                       "as class java.time.Instant: Text '%1' could not be "
                       "parsed at index %@";
        err->description = "Timestamp must be provided as ISO-8601 "
                           "formatted char sequence.";
        return DITTO_ERROR;

    default:
        return DITTO_ERROR;
    }

    signal->entity = DITTO_ENTITY_CONNECTION;
    signal->id = signal->topic.name;
    signal->name = signal->topic.name;
    signal->ns = none;
    signal->topic.ns = ditto_str("_");

    return ditto_signal_announced(parse, opened ? "openedAt" : "closedAt",
                                  text, &instant, none, err);
}


/* A member that value must have. */
static ditto_rc_t
ditto_signal_field(ditto_parse_t *parse, const char *name,
    const char *pointer, ditto_json_type_e type, const char *type_name,
    ditto_str_t *value, ditto_error_t *err)
{
    ditto_str_t  object;

    object = parse->signal->value;

    if (object.data == NULL
        || (ditto_json_type(object) != DITTO_JSON_OBJECT
            && ditto_json_type(object) != DITTO_JSON_NULL))
    {
        return ditto_fail_text(err, DITTO_E_JSON_FORMAT_INVALID,
                               DITTO_VALUE_NO_OBJECT);
    }

    if (ditto_json_type(object) == DITTO_JSON_NULL
        || ditto_json_member(object, ditto_str(name), value) != DITTO_OK
        || ditto_json_type(*value) == DITTO_JSON_NULL)
    {
        return ditto_value_fail_missing(pointer, err);
    }

    if (ditto_json_type(*value) != type) {
        return ditto_value_fail_type(parse->pool, *value, name, type_name,
                                     err);
    }

    return DITTO_OK;
}


/* text: what errors show of it.  DITTO_DECLINED: no instant. */
static ditto_rc_t
ditto_signal_instant(ditto_parse_t *parse, ditto_str_t value,
    ditto_str_t *text, ditto_instant_t *instant,
    ditto_instant_error_t *error, ditto_error_t *err)
{
    ditto_rc_t  rc;

    if (ditto_json_text(parse->pool, value, text) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    rc = ditto_instant_parse(*text, instant, error);

    if (text->len > DITTO_INSTANT_SHOWN) {
        text->len = DITTO_INSTANT_SHOWN;
    }

    return rc;
}


/*
 * Leaves of value what Ditto gives back: the instant, in UTC, and the subjects
 * if there are some.
 */
static ditto_rc_t
ditto_signal_announced(ditto_parse_t *parse, const char *name,
    ditto_str_t text, const ditto_instant_t *instant, ditto_str_t subjects,
    ditto_error_t *err)
{
    size_t        n;
    ditto_buf_t   buf;
    ditto_str_t   member, value;
    ditto_json_t  it;

    ditto_json_iterate(&it, parse->signal->value);

    for (n = 0; ditto_json_next(&it, &member, &value); n++) {
        /* void */
    }

    if (n == (subjects.data != NULL ? 2 : 1)
        && ditto_instant_normal(text, instant))
    {
        return DITTO_OK;
    }

    ditto_buf_init(&buf, parse->pool, subjects.len + 80);

    ditto_buf_text(&buf, "{\"");
    ditto_buf_text(&buf, name);
    ditto_buf_text(&buf, "\":\"");
    ditto_instant_render(&buf, instant);
    ditto_buf_char(&buf, '"');

    if (subjects.data != NULL) {
        ditto_buf_text(&buf, ",\"subjectIds\":");
        ditto_buf_str(&buf, subjects);
    }

    ditto_buf_char(&buf, '}');

    return (ditto_buf_done(&buf, &parse->signal->value) == DITTO_OK)
           ? DITTO_OK : ditto_fail_memory(err);
}


/* prefix + first + Second */
static ditto_rc_t
ditto_signal_type_of(ditto_parse_t *parse, const char *prefix,
    ditto_str_t first, ditto_str_t second, ditto_error_t *err)
{
    ditto_buf_t  buf;

    ditto_buf_init(&buf, parse->pool, 64);
    ditto_buf_text(&buf, prefix);
    ditto_buf_str(&buf, first);

    if (second.len != 0) {
        ditto_buf_char(&buf, (char) (second.data[0] & ~0x20));
        ditto_buf_str(&buf, ditto_str_sub(second, 1, second.len));
    }

    if (ditto_buf_done(&buf, &parse->signal->type) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    return DITTO_OK;
}


static bool
ditto_connection_id_valid(ditto_str_t id)
{
    size_t         i;
    unsigned char  c;

    if (id.len == 0 || id.len > DITTO_CONNECTION_ID_MAX) {
        return false;
    }

    for (i = 0; i < id.len; i++) {
        c = id.data[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == ':'))
        {
            return false;
        }
    }

    return true;
}
