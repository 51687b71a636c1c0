/*
 * The mapper CloudEvents: a message as the data of a CloudEvent, and back.
 *
 * Ditto: connectivity-mapping "CloudEvents mapper"; spec section
 * "CloudEvents".
 */

#include "ditto_base64.h"
#include "ditto_json_edit.h"
#include "ditto_mapper_private.h"
#include "ditto_time.h"


static void ditto_cloud_members(ditto_buf_t *out, const ditto_scope_t *scope,
    ditto_str_t id);
static ditto_rc_t ditto_cloud_binary(const ditto_scope_t *scope,
    const ditto_external_message_t *message, ditto_str_t payload,
    ditto_str_t *text, ditto_error_t *err);
static ditto_rc_t ditto_cloud_structured(const ditto_scope_t *scope,
    ditto_str_t payload, ditto_str_t *text, ditto_error_t *err);
static ditto_rc_t ditto_cloud_data(const ditto_scope_t *scope,
    ditto_str_t event, ditto_str_t *data, ditto_error_t *err);
static ditto_rc_t ditto_cloud_message(const ditto_scope_t *scope,
    ditto_str_t type, ditto_str_t data, ditto_str_t id, ditto_str_t *text,
    ditto_error_t *err);
static void ditto_cloud_correlate(ditto_json_edit_t *edit, ditto_str_t id);
static ditto_rc_t ditto_cloud_object(ditto_str_t text, ditto_str_t *object,
    ditto_error_t *err);
static ditto_rc_t ditto_cloud_none(ditto_str_t type, ditto_error_t *err);


static const ditto_str_t  ditto_cloud_type =
    ditto_string("application/cloudevents+json");


ditto_rc_t
ditto_mapper_cloud_events_outbound(const void *rule,
    const ditto_scope_t *scope, ditto_array_t *messages, ditto_error_t *err)
{
    ditto_buf_t                buf;
    ditto_str_t                id, envelope;
    const ditto_header_t      *h;
    ditto_external_message_t  *message;

    (void) rule;

    h = ditto_headers_get(&scope->signal->headers,
                          ditto_mapper_correlation_id);
    id = (h != NULL) ? h->value : scope->uuid;

    if (id.len == 0) {
        return ditto_fail_text(err, DITTO_E_INTERNAL,
                               "There is no id for a CloudEvent.");
    }

    message = ditto_mapper_message(scope, messages, err);

    if (message == NULL
        || ditto_mapper_envelope(scope, &envelope, err) != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    ditto_buf_init(&buf, scope->pool, envelope.len + 512);
    ditto_buf_text(&buf, "{\"data\":");
    ditto_buf_str(&buf, envelope);
    ditto_cloud_members(&buf, scope, id);
    ditto_buf_char(&buf, '}');

    if (ditto_buf_done(&buf, &message->payload) != DITTO_OK
        || ditto_external_header(message, ditto_mapper_content_type,
                                 ditto_cloud_type)
           != DITTO_OK)
    {
        return ditto_fail_memory(err);
    }

    return DITTO_OK;
}


static void
ditto_cloud_members(ditto_buf_t *out, const ditto_scope_t *scope,
    ditto_str_t id)
{
    ditto_buf_t                buf;
    ditto_str_t                topic, subject;
    const ditto_topic_path_t  *tp;

    tp = &scope->signal->topic;

    ditto_buf_init(&buf, out->pool, 128);
    ditto_topic_path_render(&buf, tp);

    if (ditto_buf_done(&buf, &topic) != DITTO_OK) {
        out->failed = true;
        return;
    }

    ditto_buf_init(&buf, out->pool, tp->ns.len + tp->name.len + 1);
    ditto_buf_str(&buf, tp->ns);
    ditto_buf_char(&buf, ':');
    ditto_buf_str(&buf, tp->name);

    /* the topic without the entity, quoted; its own quote goes in front */

    if (ditto_buf_done(&buf, &subject) != DITTO_OK
        || ditto_json_quote(out->pool,
                            ditto_str_sub(topic, subject.len + 1, topic.len),
                            &topic)
           != DITTO_OK)
    {
        out->failed = true;
        return;
    }

    ditto_buf_text(out, ",\"specversion\":\"1.0\",\"id\":");
    ditto_json_add_string(out, id);

    ditto_buf_text(out, ",\"source\":"
                   "\"https://github.com/eclipse-ditto/ditto\","
                   "\"type\":\"org.eclipse.ditto.outbound:");
    ditto_buf_str(out, ditto_str_sub(topic, 1, topic.len));

    ditto_buf_text(out, ",\"datacontenttype\":");
    ditto_json_add_string(out, ditto_mapper_media_type);

    ditto_buf_text(out, ",\"time\":\"");

    if (scope->signal->timestamp.len != 0) {
        ditto_buf_str(out, scope->signal->timestamp);

    } else {
        ditto_time_render(out, scope->now);
    }

    ditto_buf_text(out, "\",\"subject\":");
    ditto_json_add_string(out, subject);
}


ditto_rc_t
ditto_mapper_cloud_events_inbound(const void *rule,
    const ditto_scope_t *scope, const ditto_external_message_t *message,
    ditto_array_t *texts, ditto_error_t *err)
{
    ditto_rc_t   rc;
    ditto_str_t  payload, type, text, *out;

    (void) rule;

    if (ditto_mapper_payload(message, &payload, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    type = ditto_external_type(message);

    if (ditto_str_eq(type, ditto_mapper_media_type)) {
        rc = ditto_cloud_binary(scope, message, payload, &text, err);

    } else if (ditto_str_eq(type, ditto_cloud_type)) {
        rc = ditto_cloud_structured(scope, payload, &text, err);

    } else {
        return DITTO_DECLINED;
    }

    if (rc != DITTO_OK) {
        return rc;
    }

    out = ditto_array_push(texts);
    if (out == NULL) {
        return ditto_fail_memory(err);
    }

    *out = text;

    return DITTO_OK;
}


/* The attributes of the event are headers, its data is the payload. */
static ditto_rc_t
ditto_cloud_binary(const ditto_scope_t *scope,
    const ditto_external_message_t *message, ditto_str_t payload,
    ditto_str_t *text, ditto_error_t *err)
{
    size_t  i;

    static const ditto_str_t  names[] = {
        ditto_string("ce-id"),
        ditto_string("ce-source"),
        ditto_string("ce-type"),
        ditto_string("ce-specversion"),
    };

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (ditto_external_get(message, names[i]).data == NULL) {
            return ditto_cloud_none(ditto_mapper_media_type, err);
        }
    }

    return ditto_cloud_message(scope, ditto_mapper_media_type, payload,
                               ditto_external_get(message, names[0]), text,
                               err);
}


/* The attributes and the data are members of the payload. */
static ditto_rc_t
ditto_cloud_structured(const ditto_scope_t *scope, ditto_str_t payload,
    ditto_str_t *text, ditto_error_t *err)
{
    size_t       i;
    ditto_str_t  event, id, data, value;

    static const ditto_str_t  name_id = ditto_string("id");
    static const ditto_str_t  names[] = {
        ditto_string("specversion"),
        ditto_string("type"),
        ditto_string("id"),
        ditto_string("source"),
    };

    if (ditto_cloud_object(payload, &event, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (event.data[0] != '{'
            || ditto_json_member(event, names[i], &value) != DITTO_OK)
        {
            return ditto_cloud_none(ditto_cloud_type, err);
        }
    }

    if (ditto_cloud_data(scope, event, &data, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    (void) ditto_json_member(event, name_id, &id);

    if (ditto_json_type(id) != DITTO_JSON_STRING) {
        return ditto_mapper_fail(err, ditto_cloud_type, true,
                                 ditto_str("UnsupportedOperationException The "
                                           "id of a CloudEvent must be a "
                                           "string."));
    }

    if (ditto_json_text(scope->pool, id, &id) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    return ditto_cloud_message(scope, ditto_cloud_type, data, id, text, err);
}


static ditto_rc_t
ditto_cloud_data(const ditto_scope_t *scope, ditto_str_t event,
    ditto_str_t *data, ditto_error_t *err)
{
    ditto_str_t     text;
    unsigned char  *p;

    static const ditto_str_t  name = ditto_string("data");
    static const ditto_str_t  name_base64 = ditto_string("data_base64");

    if (ditto_json_member(event, name_base64, &text) != DITTO_OK) {
        return (ditto_json_member(event, name, data) == DITTO_OK)
               ? DITTO_OK : ditto_cloud_none(ditto_cloud_type, err);
    }

    if (ditto_json_type(text) != DITTO_JSON_STRING) {
        return ditto_mapper_fail(err, ditto_cloud_type, true,
                                 ditto_str("UnsupportedOperationException The "
                                           "member data_base64 of a CloudEvent "
                                           "must be a string."));
    }

    if (ditto_json_text(scope->pool, text, &text) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    p = ditto_alloc(scope->pool, ditto_base64_decoded(text.len));
    if (p == NULL) {
        return ditto_fail_memory(err);
    }

    data->data = p;

    if (!ditto_base64_decode(text, p, &data->len)) {
        return ditto_mapper_fail(err, ditto_cloud_type, true,
                                 ditto_str("IllegalArgumentException The "
                                           "member data_base64 of a CloudEvent "
                                           "is not Base64."));
    }

    return DITTO_OK;
}


/* The message with the id of the event as its correlation-id. */
static ditto_rc_t
ditto_cloud_message(const ditto_scope_t *scope, ditto_str_t type,
    ditto_str_t data, ditto_str_t id, ditto_str_t *text, ditto_error_t *err)
{
    ditto_json_edit_t  edit;

    if (ditto_cloud_object(data, &data, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    if (id.len == 0) {
        return ditto_mapper_fail(err, type, true,
                                 ditto_str("IllegalArgumentException The "
                                           "correlationId must not be "
                                           "empty!"));
    }

    if (ditto_json_quote(scope->pool, id, &id) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    ditto_json_edit_open(&edit, scope->pool, data);
    ditto_cloud_correlate(&edit, id);

    return ditto_json_edit_done(&edit, text, err);
}


/* Headers that are no object are left for the one who reads the message. */
static void
ditto_cloud_correlate(ditto_json_edit_t *edit, ditto_str_t id)
{
    ditto_str_t         path[2];
    ditto_json_node_t  *headers, *h, *next;

    path[0] = ditto_str("headers");
    headers = ditto_json_edit_at(edit, path, 1);

    if (headers != NULL && ditto_json_node_type(headers) != DITTO_JSON_NULL) {

        if (ditto_json_node_type(headers) != DITTO_JSON_OBJECT
            || !ditto_json_node_open(edit, headers))
        {
            return;
        }

        for (h = headers->content.first; h != NULL; h = next) {
            next = h->next;

            if (ditto_str_caseeq(h->name, ditto_mapper_correlation_id)) {
                path[1] = h->name;
                ditto_json_edit_remove(edit, path, 2);
            }
        }
    }

    path[1] = ditto_mapper_correlation_id;
    ditto_json_edit_set(edit, path, 2, id);
}


/* An object, or null, which is one without members to Ditto. */
static ditto_rc_t
ditto_cloud_object(ditto_str_t text, ditto_str_t *object, ditto_error_t *err)
{
    ditto_str_t  none = ditto_null_string;

    if (ditto_json_validate(text, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    *object = ditto_str_trim(text);

    if (ditto_json_type(*object) != DITTO_JSON_OBJECT
        && ditto_json_type(*object) != DITTO_JSON_NULL)
    {
        (void) ditto_fail(err, DITTO_E_JSON_INVALID, *object, none);
        err->message = "<%1> is not a valid JSON object!";

        return DITTO_ERROR;
    }

    return DITTO_OK;
}


static ditto_rc_t
ditto_cloud_none(ditto_str_t type, ditto_error_t *err)
{
    ditto_str_t  none = ditto_null_string;

    (void) ditto_mapper_fail(err, type, true, none);
    err->description = "This is not a CloudEvent";

    return DITTO_ERROR;
}
