/*
 * The mapper RawMessage: the payload of a live message alone, and back.
 *
 * Ditto: connectivity-mapping "RawMessage mapper"; spec section "RawMessage".
 */

#include "ditto_base64.h"
#include "ditto_case.h"
#include "ditto_header_table.h"
#include "ditto_json.h"
#include "ditto_mapper_private.h"


/* The headers of a message; the first ones of a mapper, in this order. */
typedef enum {
    DITTO_RAW_TYPE = 0,
    DITTO_RAW_DIRECTION,
    DITTO_RAW_SUBJECT,
    DITTO_RAW_THING,
    DITTO_RAW_FEATURE,
    DITTO_RAW_STATUS,
    DITTO_RAW_MAX
} ditto_raw_e;


/* How a header of a message is made of what is posted. */
typedef struct {
    ditto_str_t        name;
    ditto_str_t        text;
    ditto_template_t  *tpl;      /* of text; NULL: it is wrong */
    ditto_error_t      wrong;    /* and why */
} ditto_raw_header_t;


typedef struct {
    ditto_str_t    type;         /* of what goes out without one */
    ditto_array_t  headers;      /* of ditto_raw_header_t, incoming */
} ditto_raw_t;


static ditto_rc_t ditto_raw_options(ditto_pool_t *pool, ditto_str_t options,
    ditto_array_t *headers, ditto_error_t *err);
static ditto_raw_header_t *ditto_raw_header(ditto_array_t *headers,
    ditto_str_t name);
static ditto_rc_t ditto_raw_headers_out(const ditto_scope_t *scope,
    ditto_str_t type, ditto_external_message_t *message, ditto_error_t *err);
static ditto_rc_t ditto_raw_payload_out(const ditto_scope_t *scope,
    ditto_str_t type, ditto_external_message_t *message, ditto_error_t *err);
static bool ditto_raw_is_protocol(ditto_str_t type);
static ditto_rc_t ditto_raw_resolve(const ditto_raw_header_t *header,
    const ditto_scope_t *scope, ditto_str_t *value, ditto_error_t *err);
static ditto_rc_t ditto_raw_check(const ditto_raw_t *raw,
    const ditto_str_t *values, ditto_str_t type, ditto_error_t *err);
static ditto_rc_t ditto_raw_mandatory(const ditto_str_t *values,
    ditto_str_t type, ditto_error_t *err);
static ditto_rc_t ditto_raw_argument(ditto_str_t type, const char *problem,
    ditto_error_t *err);
static ditto_rc_t ditto_raw_message(const ditto_scope_t *scope,
    const ditto_external_message_t *message, const ditto_str_t *values,
    ditto_str_t *text, ditto_error_t *err);
static ditto_rc_t ditto_raw_payload_in(const ditto_scope_t *scope,
    const ditto_external_message_t *message, ditto_str_t type,
    ditto_str_t *value, ditto_error_t *err);


/* spec: RawMessage, "incomingMessageHeaders" */
static const ditto_raw_header_t  ditto_raw_defaults[DITTO_RAW_MAX] = {

    [DITTO_RAW_TYPE] =
        { ditto_string("content-type"),
          ditto_string("{{header:content-type"
                       "|fn:default('application/octet-stream')}}"),
          NULL, { 0 } },
    [DITTO_RAW_DIRECTION] =
        { ditto_string("ditto-message-direction"),
          ditto_string("{{header:ditto-message-direction"
                       "|fn:default('TO')}}"), NULL, { 0 } },
    [DITTO_RAW_SUBJECT] =
        { ditto_string("ditto-message-subject"),
          ditto_string("{{header:ditto-message-subject}}"), NULL, { 0 } },
    [DITTO_RAW_THING] =
        { ditto_string("ditto-message-thing-id"),
          ditto_string("{{header:ditto-message-thing-id}}"), NULL, { 0 } },
    [DITTO_RAW_FEATURE] =
        { ditto_string("ditto-message-feature-id"),
          ditto_string("{{header:ditto-message-feature-id}}"), NULL, { 0 } },
    [DITTO_RAW_STATUS] =
        { ditto_string("status"), ditto_string("{{header:status}}"),
          NULL, { 0 } },
};


ditto_rc_t
ditto_mapper_raw_compile(ditto_pool_t *pool, ditto_str_t options,
    const void **rule, ditto_error_t *err)
{
    size_t               i;
    ditto_rc_t           rc;
    ditto_raw_t         *raw;
    ditto_raw_header_t  *header;

    raw = ditto_zalloc(pool, sizeof(ditto_raw_t));
    if (raw == NULL) {
        return ditto_fail_memory(err);
    }

    *rule = raw;

    rc = ditto_mapper_option(pool, options, "outgoingContentType", &raw->type,
                             err);
    if (rc == DITTO_ERROR) {
        return DITTO_ERROR;
    }

    if (rc == DITTO_DECLINED) {
        raw->type = ditto_str("text/plain; charset=utf-8");

    } else if (ditto_case_lower(pool, raw->type, &raw->type) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    ditto_array_init(&raw->headers, pool, sizeof(ditto_raw_header_t));

    for (i = 0; i < DITTO_RAW_MAX; i++) {
        header = ditto_array_push(&raw->headers);
        if (header == NULL) {
            return ditto_fail_memory(err);
        }

        *header = ditto_raw_defaults[i];
    }

    if (ditto_raw_options(pool, options, &raw->headers, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    header = raw->headers.elts;

    for (i = 0; i < raw->headers.nelts; i++) {

        /* what is wrong is told when it is to be resolved, as in Ditto */

        if (ditto_template_compile(pool, header[i].text, DITTO_PLACE_INCOMING,
                                   &header[i].tpl, &header[i].wrong)
            == DITTO_OK)
        {
            continue;
        }

        if (header[i].wrong.code == DITTO_E_INTERNAL) {
            return ditto_fail_memory(err);
        }

        header[i].tpl = NULL;
    }

    return DITTO_OK;
}


static ditto_rc_t
ditto_raw_options(ditto_pool_t *pool, ditto_str_t options,
    ditto_array_t *headers, ditto_error_t *err)
{
    ditto_str_t          object, name, value;
    ditto_json_t         it;
    ditto_raw_header_t  *header;

    static const ditto_str_t  option = ditto_string("incomingMessageHeaders");

    if (ditto_json_member(options, option, &object) != DITTO_OK
        || ditto_json_type(object) != DITTO_JSON_OBJECT)
    {
        return DITTO_OK;
    }

    ditto_json_iterate(&it, object);

    while (ditto_json_next(&it, &name, &value)) {

        if (ditto_json_decode(pool, name, &name) != DITTO_OK
            || (ditto_json_type(value) == DITTO_JSON_STRING
                && ditto_json_text(pool, value, &value) != DITTO_OK))
        {
            return ditto_fail_memory(err);
        }

        header = ditto_raw_header(headers, name);
        if (header == NULL) {
            return ditto_fail_memory(err);
        }

        header->text = value;
    }

    return DITTO_OK;
}


/* The one of a name, made if there is none; NULL: out of memory. */
static ditto_raw_header_t *
ditto_raw_header(ditto_array_t *headers, ditto_str_t name)
{
    size_t               i;
    ditto_raw_header_t  *header;

    for (i = 0, header = headers->elts; i < headers->nelts; i++) {
        if (ditto_str_eq(header[i].name, name)) {
            return &header[i];
        }
    }

    header = ditto_array_push(headers);

    if (header != NULL) {
        memset(header, 0, sizeof(ditto_raw_header_t));
        header->name = name;
    }

    return header;
}


/* --- outbound ------------------------------------------------------------- */

ditto_rc_t
ditto_mapper_raw_outbound(const void *rule, const ditto_scope_t *scope,
    ditto_array_t *messages, ditto_error_t *err)
{
    ditto_str_t                type;
    const ditto_raw_t         *raw;
    const ditto_header_t      *h;
    const ditto_signal_t      *signal;
    ditto_external_message_t  *message;

    raw = rule;
    signal = scope->signal;

    if (signal->kind != DITTO_SIGNAL_MESSAGE
        && signal->kind != DITTO_SIGNAL_MESSAGE_RESPONSE)
    {
        return ditto_mapper_ditto_outbound(NULL, scope, messages, err);
    }

    type = raw->type;
    h = ditto_headers_get(&signal->headers, ditto_mapper_content_type);

    if (h != NULL
        && ditto_case_lower(scope->pool, h->value, &type) != DITTO_OK)
    {
        return ditto_fail_memory(err);
    }

    if (ditto_raw_is_protocol(type)) {
        return ditto_mapper_ditto_outbound(NULL, scope, messages, err);
    }

    if (type.len == 0) {
        return ditto_mapper_fail(err, type, false,
                                 ditto_str("IllegalArgumentException The "
                                           "content-type must not be "
                                           "empty!"));
    }

    message = ditto_mapper_message(scope, messages, err);

    if (message == NULL
        || ditto_raw_headers_out(scope, type, message, err) != DITTO_OK
        || (signal->value.data != NULL
            && ditto_raw_payload_out(scope, type, message, err) != DITTO_OK))
    {
        return DITTO_ERROR;
    }

    return DITTO_OK;
}


static ditto_rc_t
ditto_raw_headers_out(const ditto_scope_t *scope, ditto_str_t type,
    ditto_external_message_t *message, ditto_error_t *err)
{
    size_t                  i;
    ditto_str_t             values[DITTO_RAW_MAX];
    ditto_buf_t             buf;
    const ditto_signal_t   *signal;
    const ditto_pointer_t  *resource;

    signal = scope->signal;
    resource = &signal->resource;

    memset(values, 0, sizeof(values));

    values[DITTO_RAW_TYPE] = type;
    values[DITTO_RAW_SUBJECT] = signal->topic.tail;
    values[DITTO_RAW_THING] = signal->id;

    /* box, "messages", subject */
    values[DITTO_RAW_DIRECTION] =
        ditto_str_eq(resource->segments[resource->n - 3], ditto_str("inbox"))
        ? ditto_str("TO") : ditto_str("FROM");

    if (signal->feature_id.len != 0) {
        values[DITTO_RAW_FEATURE] = signal->feature_id;
    }

    if (signal->kind == DITTO_SIGNAL_MESSAGE_RESPONSE) {
        ditto_buf_init(&buf, scope->pool, 3);
        ditto_buf_int(&buf, (int64_t) signal->status);

        if (ditto_buf_done(&buf, &values[DITTO_RAW_STATUS]) != DITTO_OK) {
            return ditto_fail_memory(err);
        }
    }

    for (i = 0; i < DITTO_RAW_MAX; i++) {
        if (values[i].data != NULL
            && ditto_external_header(message, ditto_raw_defaults[i].name,
                                     values[i])
               != DITTO_OK)
        {
            return ditto_fail_memory(err);
        }
    }

    return DITTO_OK;
}


static ditto_rc_t
ditto_raw_payload_out(const ditto_scope_t *scope, ditto_str_t type,
    ditto_external_message_t *message, ditto_error_t *err)
{
    ditto_payload_t        payload;
    const ditto_signal_t  *signal;

    signal = scope->signal;

    if (ditto_payload_kind(type) == DITTO_PAYLOAD_BINARY) {
        message->text = false;

        /* of another content type there is no such value */
        if (ditto_signal_payload(scope->pool, signal, &payload, err)
            != DITTO_OK)
        {
            return DITTO_ERROR;
        }

        message->payload = payload.data;

        return DITTO_OK;
    }

    if (ditto_json_type(signal->value) != DITTO_JSON_STRING) {
        message->payload = signal->value;
        return DITTO_OK;
    }

    if (ditto_json_text(scope->pool, signal->value, &message->payload)
        != DITTO_OK)
    {
        return ditto_fail_memory(err);
    }

    return DITTO_OK;
}


static bool
ditto_raw_is_protocol(ditto_str_t type)
{
    return ditto_str_caseeq(ditto_str_sub(type, 0,
                                          ditto_str_chr(type, ';', 0)),
                            ditto_mapper_media_type);
}


/* --- inbound -------------------------------------------------------------- */

ditto_rc_t
ditto_mapper_raw_inbound(const void *rule, const ditto_scope_t *scope,
    const ditto_external_message_t *message, ditto_array_t *texts,
    ditto_error_t *err)
{
    size_t                     i;
    ditto_rc_t                 rc;
    ditto_str_t               *text, *values, none = ditto_null_string;
    const ditto_raw_t         *raw;
    const ditto_raw_header_t  *header;

    raw = rule;
    header = raw->headers.elts;

    values = ditto_alloc(scope->pool,
                         raw->headers.nelts * sizeof(ditto_str_t));
    if (values == NULL) {
        return ditto_fail_memory(err);
    }

    for (i = 0; i < raw->headers.nelts; i++) {
        rc = ditto_raw_resolve(&header[i], scope, &values[i], err);

        if (rc == DITTO_ERROR) {
            return DITTO_ERROR;
        }

        if (i != DITTO_RAW_TYPE) {
            continue;
        }

        if (rc == DITTO_DECLINED) {
            return ditto_fail(err, DITTO_E_MESSAGE_FORMAT_INVALID, none, none);
        }

        if (ditto_raw_is_protocol(values[i])) {
            return ditto_mapper_ditto_inbound(NULL, scope, message, texts,
                                              err);
        }
    }

    if (ditto_raw_check(raw, values, ditto_external_type(message), err)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    text = ditto_array_push(texts);
    if (text == NULL) {
        return ditto_fail_memory(err);
    }

    return ditto_raw_message(scope, message, values, text, err);
}


/* DITTO_DECLINED: what is posted has none, *value is empty. */
static ditto_rc_t
ditto_raw_resolve(const ditto_raw_header_t *header,
    const ditto_scope_t *scope, ditto_str_t *value, ditto_error_t *err)
{
    ditto_rc_t   rc;
    ditto_str_t  none = ditto_null_string;

    if (header->tpl == NULL) {
        *err = header->wrong;
        return DITTO_ERROR;
    }

    rc = ditto_template_resolve(header->tpl, scope, value, err);

    if (rc != DITTO_OK) {
        *value = none;

    } else if (value->data == NULL) {
        *value = ditto_str("");
    }

    return rc;
}


/*
 * What Ditto requires of the headers of a message.  The id must be one before
 * a topic is made of it: it would choose another thing.
 */
static ditto_rc_t
ditto_raw_check(const ditto_raw_t *raw, const ditto_str_t *values,
    ditto_str_t type, ditto_error_t *err)
{
    size_t                            i;
    const ditto_raw_header_t         *header;
    const ditto_header_definition_t  *definition;

    if (ditto_raw_mandatory(values, type, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    header = raw->headers.elts;

    for (i = 0; i < raw->headers.nelts; i++) {
        definition = ditto_header_definition(header[i].name);

        if (definition != NULL && values[i].data != NULL
            && ditto_str_eq(definition->name, header[i].name)
            && ditto_header_validate(definition, values[i], err) != DITTO_OK)
        {
            return DITTO_ERROR;
        }
    }

    if (values[DITTO_RAW_TYPE].len == 0) {
        return ditto_raw_argument(type, "IllegalArgumentException The "
                                  "content-type must not be empty!", err);
    }

    if (values[DITTO_RAW_FEATURE].data != NULL
        && values[DITTO_RAW_FEATURE].len == 0)
    {
        return ditto_raw_argument(type, "IllegalArgumentException The key "
                                  "string must not be empty!", err);
    }

    return DITTO_OK;
}


static ditto_rc_t
ditto_raw_mandatory(const ditto_str_t *values, ditto_str_t type,
    ditto_error_t *err)
{
    size_t       i, colon;
    ditto_str_t  direction, none = ditto_null_string;

    static const struct {
        ditto_raw_e   which;
        const char   *problem;
    } mandatory[] = {
        { DITTO_RAW_DIRECTION,
          "IllegalArgumentException The headers did not contain a value for "
          "mandatory header with key <ditto-message-direction>!" },
        { DITTO_RAW_SUBJECT,
          "IllegalArgumentException The headers did not contain a value for "
          "mandatory header with key <ditto-message-subject>!" },
        { DITTO_RAW_THING,
          "IllegalArgumentException The headers did not contain a value for "
          "mandatory header with key <ditto-message-thing-id>!" },
    };

    for (i = 0; i < sizeof(mandatory) / sizeof(mandatory[0]); i++) {
        if (values[mandatory[i].which].data == NULL) {
            return ditto_raw_argument(type, mandatory[i].problem, err);
        }
    }

    if (values[DITTO_RAW_SUBJECT].len == 0) {
        return ditto_raw_argument(type, "IllegalArgumentException Message "
                                  "subject may not be empty!", err);
    }

    if (!ditto_entity_id_valid(values[DITTO_RAW_THING], &colon)) {
        return ditto_fail(err, DITTO_E_THING_ID_INVALID,
                          values[DITTO_RAW_THING], none);
    }

    direction = values[DITTO_RAW_DIRECTION];

    if (!ditto_str_eq(direction, ditto_str("FROM"))
        && !ditto_str_eq(direction, ditto_str("TO")))
    {
        return ditto_raw_argument(type, "IllegalArgumentException Message "
                                  "direction must be one of: <FROM>, <TO>!",
                                  err);
    }

    return DITTO_OK;
}


static ditto_rc_t
ditto_raw_argument(ditto_str_t type, const char *problem, ditto_error_t *err)
{
    return ditto_mapper_fail(err, type, true, ditto_str(problem));
}


static ditto_rc_t
ditto_raw_message(const ditto_scope_t *scope,
    const ditto_external_message_t *message, const ditto_str_t *values,
    ditto_str_t *text, ditto_error_t *err)
{
    size_t       colon;
    int64_t      status;
    ditto_buf_t  buf, part;
    ditto_str_t  topic, path, value, id;

    id = values[DITTO_RAW_THING];
    colon = ditto_str_chr(id, ':', 0);

    ditto_buf_init(&part, scope->pool, 128);
    ditto_buf_str(&part, ditto_str_sub(id, 0, colon));
    ditto_buf_char(&part, '/');
    ditto_buf_str(&part, ditto_str_sub(id, colon + 1, id.len));
    ditto_buf_text(&part, "/things/live/messages/");
    ditto_buf_str(&part, values[DITTO_RAW_SUBJECT]);

    if (ditto_buf_done(&part, &topic) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    ditto_buf_init(&part, scope->pool, 128);

    if (values[DITTO_RAW_FEATURE].data != NULL) {
        ditto_buf_text(&part, "/features/");
        ditto_buf_str(&part, values[DITTO_RAW_FEATURE]);
    }

    ditto_buf_text(&part, (values[DITTO_RAW_DIRECTION].len == 2)
                          ? "/inbox/messages/" : "/outbox/messages/");
    ditto_buf_str(&part, values[DITTO_RAW_SUBJECT]);

    if (ditto_buf_done(&part, &path) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    if (ditto_raw_payload_in(scope, message, values[DITTO_RAW_TYPE], &value,
                             err)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    ditto_buf_init(&buf, scope->pool, value.len + 512);
    ditto_buf_text(&buf, "{\"topic\":");
    ditto_json_add_string(&buf, topic);
    ditto_buf_text(&buf, ",\"headers\":{\"content-type\":");
    ditto_json_add_string(&buf, values[DITTO_RAW_TYPE]);
    ditto_buf_text(&buf, "},\"path\":");
    ditto_json_add_string(&buf, path);

    if (value.data != NULL) {
        ditto_buf_text(&buf, ",\"value\":");
        ditto_buf_str(&buf, value);
    }

    if (values[DITTO_RAW_STATUS].data != NULL
        && ditto_header_number(values[DITTO_RAW_STATUS], 100, 599, &status))
    {
        ditto_buf_text(&buf, ",\"status\":");
        ditto_buf_int(&buf, status);
    }

    ditto_buf_char(&buf, '}');

    if (ditto_buf_done(&buf, text) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    return DITTO_OK;
}


/* The JSON value of what was posted; data is NULL if there is nothing. */
static ditto_rc_t
ditto_raw_payload_in(const ditto_scope_t *scope,
    const ditto_external_message_t *message, ditto_str_t type,
    ditto_str_t *value, ditto_error_t *err)
{
    ditto_str_t     payload;
    unsigned char  *p;

    payload = message->payload;
    *value = payload;

    if (payload.data == NULL) {
        return DITTO_OK;
    }

    switch (ditto_payload_kind(type)) {

    case DITTO_PAYLOAD_JSON:
        if (ditto_json_validate(payload, err) != DITTO_OK) {
            return DITTO_ERROR;
        }

        *value = ditto_str_trim(payload);

        return DITTO_OK;

    case DITTO_PAYLOAD_TEXT:
        if (ditto_json_quote(scope->pool, payload, value) != DITTO_OK) {
            return ditto_fail_memory(err);
        }

        return DITTO_OK;

    default:
        break;
    }

    value->len = ditto_base64_encoded(payload.len) + 2;

    p = ditto_alloc(scope->pool, value->len);
    if (p == NULL) {
        return ditto_fail_memory(err);
    }

    value->data = p;

    p[0] = '"';
    ditto_base64_encode(p + 1, payload);
    p[value->len - 1] = '"';

    return DITTO_OK;
}
