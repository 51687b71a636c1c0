/*
 * The sources of a connection document.  They are checked and given back;
 * nothing is consumed.
 *
 * Ditto: basic-connections "Sources"; spec section "Source and reply target".
 */

#include "ditto_connection_document.h"


static ditto_rc_t ditto_doc_enforcement(ditto_doc_t *doc, ditto_str_t object,
    ditto_source_t *source);
static ditto_rc_t ditto_doc_acks(ditto_doc_t *doc, ditto_str_t object,
    ditto_source_t *source);
static ditto_rc_t ditto_doc_add_label(ditto_doc_t *doc, void *to,
    ditto_str_t name, ditto_str_t value);
static ditto_rc_t ditto_doc_reply(ditto_doc_t *doc, ditto_str_t object,
    ditto_source_t *source);
static ditto_rc_t ditto_doc_reply_default(ditto_doc_t *doc,
    ditto_source_t *source);
static ditto_rc_t ditto_doc_reply_types(ditto_doc_t *doc, ditto_str_t reply,
    ditto_buf_t *out);


static const ditto_str_t  ditto_doc_reply_header =
    ditto_string("{\"address\":\"{{header:reply-to}}\",\"headerMapping\":{"
                 "\"content-type\":\"{{header:content-type}}\","
                 "\"correlation-id\":\"{{header:correlation-id}}\"},"
                 "\"expectedResponseTypes\":[\"response\",\"error\"],"
                 "\"enabled\":true}");


/* What a source without reply target gets besides its own mapping. */
static const ditto_header_mapping_t  ditto_doc_source_headers[] = {
    { ditto_string("reply-to"), ditto_string("{{header:reply-to}}"), NULL },
    { ditto_string("content-type"), ditto_string("{{header:content-type}}"),
      NULL },
    { ditto_string("correlation-id"),
      ditto_string("{{header:correlation-id}}"), NULL },
};


static const ditto_str_t  ditto_doc_response_types[] = {
    ditto_string("response"),
    ditto_string("error"),
    ditto_string("nack"),
};


ditto_rc_t
ditto_doc_source(ditto_doc_t *doc, void *to, ditto_str_t name,
    ditto_str_t value)
{
    size_t          *index;
    ditto_rc_t       rc;
    ditto_source_t  *source;

    static const ditto_str_t  empty = ditto_string("{}");

    (void) name;

    index = to;

    if (ditto_json_type(value) == DITTO_JSON_NULL) {
        value = empty;
    }

    if (ditto_json_type(value) != DITTO_JSON_OBJECT) {
        (*index)++;
        return DITTO_OK;
    }

    source = ditto_connection_add_source(doc->pool, doc->connection);
    if (source == NULL) {
        return ditto_doc_memory(doc);
    }

    source->index = (*index)++;

    if (ditto_doc_each(doc, value, "addresses", DITTO_DOC_ARRAY,
                       ditto_doc_add_strict, &source->addresses)
        != DITTO_OK
        || ditto_doc_integer(doc, value, "consumerCount",
                             &source->consumer_count)
           == DITTO_ERROR)
    {
        return DITTO_ERROR;
    }

    rc = ditto_doc_integer(doc, value, "qos", &source->qos);
    source->has_qos = (rc == DITTO_OK);

    if (rc == DITTO_ERROR
        || ditto_doc_each(doc, value, "authorizationContext", DITTO_DOC_ARRAY,
                          ditto_doc_add_subject, &source->subjects)
           != DITTO_OK
        || ditto_doc_enforcement(doc, value, source) != DITTO_OK
        || ditto_doc_acks(doc, value, source) != DITTO_OK
        || ditto_doc_each(doc, value, "headerMapping", DITTO_DOC_OBJECT,
                          ditto_doc_add_header, &source->header_mapping)
           != DITTO_OK
        || ditto_doc_each(doc, value, "payloadMapping", DITTO_DOC_ARRAY,
                          ditto_doc_add_string, &source->payload_mapping)
           != DITTO_OK
        || ditto_doc_reply(doc, value, source) != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    return ditto_doc_each(doc, value, "declaredAcks", DITTO_DOC_ARRAY,
                          ditto_doc_add_label, &source->declared_acks);
}


static ditto_rc_t
ditto_doc_enforcement(ditto_doc_t *doc, ditto_str_t object,
    ditto_source_t *source)
{
    size_t       length;
    ditto_rc_t   rc;
    ditto_str_t  enforcement;

    rc = ditto_doc_get(doc, object, "enforcement", DITTO_DOC_OBJECT,
                       &enforcement);
    if (rc != DITTO_OK) {
        return (rc == DITTO_DECLINED) ? DITTO_OK : DITTO_ERROR;
    }

    length = ditto_doc_enter(doc, ditto_str("enforcement"));

    if (ditto_doc_each(doc, enforcement, "filters", DITTO_DOC_ARRAY,
                       ditto_doc_add_strict, &source->filters)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    rc = ditto_doc_string(doc, enforcement, "input", &source->input);

    if (rc == DITTO_DECLINED) {
        return ditto_doc_missing(doc, "input");
    }

    ditto_doc_leave(doc, length);

    return rc;
}


static ditto_rc_t
ditto_doc_acks(ditto_doc_t *doc, ditto_str_t object, ditto_source_t *source)
{
    size_t              i, length;
    ditto_rc_t          rc;
    ditto_buf_t         buf;
    ditto_str_t         acks, filter;
    ditto_array_t       includes;
    const ditto_str_t  *label;

    rc = ditto_doc_get(doc, object, "acknowledgementRequests",
                       DITTO_DOC_OBJECT, &acks);
    if (rc != DITTO_OK) {
        return (rc == DITTO_DECLINED) ? DITTO_OK : DITTO_ERROR;
    }

    length = ditto_doc_enter(doc, ditto_str("acknowledgementRequests"));

    ditto_array_init(&includes, doc->pool, sizeof(ditto_str_t));

    if (ditto_doc_each(doc, acks, "includes", DITTO_DOC_ARRAY,
                       ditto_doc_add_string, &includes)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    ditto_buf_init(&buf, doc->pool, acks.len + 32);
    ditto_buf_text(&buf, "{\"includes\":[");

    for (i = 0, label = includes.elts; i < includes.nelts; i++) {

        if (!ditto_connection_label_valid(label[i])) {
            (void) ditto_doc_enter(doc, ditto_str("includes"));
            return ditto_fail(doc->err, DITTO_E_ACK_REQUEST_INVALID, label[i],
                              label[i]);
        }

        ditto_buf_text(&buf, i == 0 ? "" : ",");
        ditto_json_add_string(&buf, label[i]);
    }

    ditto_buf_char(&buf, ']');

    rc = ditto_doc_string(doc, acks, "filter", &filter);

    if (rc == DITTO_ERROR) {
        return DITTO_ERROR;
    }

    if (rc == DITTO_OK) {
        ditto_buf_text(&buf, ",\"filter\":");
        ditto_json_add_string(&buf, filter);
    }

    ditto_buf_char(&buf, '}');

    if (ditto_buf_done(&buf, &source->acks) != DITTO_OK) {
        return ditto_doc_memory(doc);
    }

    ditto_doc_leave(doc, length);

    return DITTO_OK;
}


static ditto_rc_t
ditto_doc_add_label(ditto_doc_t *doc, void *to, ditto_str_t name,
    ditto_str_t value)
{
    size_t          i;
    ditto_str_t    *s, label;
    ditto_array_t  *list;

    (void) name;

    list = to;

    if (ditto_doc_as_text(doc, value, &label) != DITTO_OK) {
        return DITTO_ERROR;
    }

    if (!ditto_connection_label_valid(label)) {
        return ditto_fail(doc->err, DITTO_E_ACK_LABEL_INVALID, label, label);
    }

    for (i = 0, s = list->elts; i < list->nelts; i++) {
        if (ditto_str_eq(s[i], label)) {
            return DITTO_OK;
        }
    }

    if (ditto_connection_room(i, "labels", doc->err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    s = ditto_array_push(list);
    if (s == NULL) {
        return ditto_doc_memory(doc);
    }

    *s = label;

    return DITTO_OK;
}


/* A reply target without address is none, and then the default applies. */
static ditto_rc_t
ditto_doc_reply(ditto_doc_t *doc, ditto_str_t object, ditto_source_t *source)
{
    bool           enabled;
    size_t         length;
    ditto_rc_t     rc;
    ditto_buf_t    buf;
    ditto_str_t    reply, address;
    ditto_array_t  headers;

    rc = ditto_doc_get(doc, object, "replyTarget", DITTO_DOC_OBJECT, &reply);

    if (rc != DITTO_OK) {
        return (rc == DITTO_ERROR) ? DITTO_ERROR
                                   : ditto_doc_reply_default(doc, source);
    }

    enabled = true;
    length = ditto_doc_enter(doc, ditto_str("replyTarget"));

    if (ditto_doc_boolean(doc, reply, "enabled", &enabled) == DITTO_ERROR) {
        return DITTO_ERROR;
    }

    ditto_buf_init(&buf, doc->pool, reply.len + 64);
    ditto_buf_char(&buf, '{');

    rc = ditto_doc_string(doc, reply, "address", &address);

    if (rc == DITTO_ERROR) {
        return DITTO_ERROR;
    }

    if (rc == DITTO_DECLINED && enabled) {
        ditto_doc_leave(doc, length);
        return ditto_doc_reply_default(doc, source);
    }

    if (rc == DITTO_OK) {
        ditto_array_init(&headers, doc->pool, sizeof(ditto_header_mapping_t));

        if (ditto_doc_each(doc, reply, "headerMapping", DITTO_DOC_OBJECT,
                           ditto_doc_add_header, &headers)
            != DITTO_OK)
        {
            return DITTO_ERROR;
        }

        ditto_buf_text(&buf, "\"address\":");
        ditto_json_add_string(&buf, address);
        ditto_buf_text(&buf, ",\"headerMapping\":");
        ditto_connection_render_headers(&buf, &headers);
        ditto_buf_text(&buf, ",\"expectedResponseTypes\":");

        if (ditto_doc_reply_types(doc, reply, &buf) != DITTO_OK) {
            return DITTO_ERROR;
        }

        ditto_buf_char(&buf, ',');
    }

    ditto_buf_text(&buf, enabled ? "\"enabled\":true}" : "\"enabled\":false}");

    if (ditto_buf_done(&buf, &source->reply_target) != DITTO_OK) {
        return ditto_doc_memory(doc);
    }

    ditto_doc_leave(doc, length);

    return DITTO_OK;
}


static ditto_rc_t
ditto_doc_reply_default(ditto_doc_t *doc, ditto_source_t *source)
{
    size_t                   i, j;
    ditto_header_mapping_t  *h;

    source->reply_target = ditto_doc_reply_header;

    for (i = 0; i < sizeof(ditto_doc_source_headers)
                    / sizeof(ditto_doc_source_headers[0]); i++)
    {
        h = source->header_mapping.elts;

        for (j = 0; j < source->header_mapping.nelts; j++) {
            if (ditto_str_eq(h[j].name, ditto_doc_source_headers[i].name)) {
                break;
            }
        }

        if (j < source->header_mapping.nelts) {
            continue;
        }

        h = ditto_array_push(&source->header_mapping);
        if (h == NULL) {
            return ditto_doc_memory(doc);
        }

        *h = ditto_doc_source_headers[i];
    }

    return DITTO_OK;
}


/* Unknown types are left out. */
static ditto_rc_t
ditto_doc_reply_types(ditto_doc_t *doc, ditto_str_t reply, ditto_buf_t *out)
{
    size_t              i, j;
    ditto_rc_t          rc;
    ditto_str_t         value;
    ditto_array_t       types;
    const char         *separator;
    const ditto_str_t  *type;

    rc = ditto_doc_get(doc, reply, "expectedResponseTypes", DITTO_DOC_ARRAY,
                       &value);

    if (rc != DITTO_OK) {
        ditto_buf_text(out, "[\"response\",\"error\"]");
        return (rc == DITTO_DECLINED) ? DITTO_OK : DITTO_ERROR;
    }

    ditto_array_init(&types, doc->pool, sizeof(ditto_str_t));

    if (ditto_doc_each(doc, reply, "expectedResponseTypes", DITTO_DOC_ARRAY,
                       ditto_doc_add_strict, &types)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    ditto_buf_char(out, '[');
    separator = "";

    for (i = 0, type = types.elts; i < types.nelts; i++) {

        for (j = 0; j < sizeof(ditto_doc_response_types)
                        / sizeof(ditto_doc_response_types[0]); j++)
        {
            if (ditto_str_eq(type[i], ditto_doc_response_types[j])) {
                ditto_buf_text(out, separator);
                ditto_json_add_string(out, type[i]);
                separator = ",";
            }
        }
    }

    ditto_buf_char(out, ']');

    return DITTO_OK;
}
