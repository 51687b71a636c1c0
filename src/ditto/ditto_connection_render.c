/*
 * A connection as Ditto gives it back: all members that have a value, in
 * Ditto's order.
 *
 * Ditto: spec section "Top-level fields", "Emit order".
 */

#include "ditto_connection_document.h"


static void ditto_render_name(ditto_buf_t *out, const char *name);
static void ditto_render_string(ditto_buf_t *out, const char *name,
    ditto_str_t text);
static void ditto_render_strings(ditto_buf_t *out, const char *name,
    const ditto_array_t *list);
static void ditto_render_raw(ditto_buf_t *out, const char *name,
    ditto_str_t json);
static void ditto_render_number(ditto_buf_t *out, const char *name,
    int64_t number);
static void ditto_render_flag(ditto_buf_t *out, const char *name, bool flag);
static void ditto_render_source(ditto_buf_t *out,
    const ditto_source_t *source);
static void ditto_render_target(ditto_buf_t *out, const ditto_target_t *t);
static void ditto_render_specific(ditto_buf_t *out,
    const ditto_connection_t *connection, bool mask);
static void ditto_render_definitions(ditto_buf_t *out,
    const ditto_connection_t *connection);
static void ditto_render_credentials(ditto_buf_t *out,
    const ditto_connection_t *connection, bool mask);
static bool ditto_render_secret(ditto_str_t name);


static const ditto_str_t  ditto_render_masked = ditto_string("*****");


/* Parts of the names of settings and credentials that hold a secret. */
static const ditto_str_t  ditto_render_secrets[] = {
    ditto_string("password"),
    ditto_string("secret"),
    ditto_string("private"),
    ditto_string("jaas"),
    ditto_string("key.pem"),
};


void
ditto_connection_render(ditto_buf_t *out,
    const ditto_connection_t *connection, bool mask)
{
    size_t                 i;
    ditto_buf_t            buf;
    ditto_str_t            uri;
    const ditto_source_t  *s;
    const ditto_target_t  *t;

    static const ditto_str_t  null = ditto_string("null");

    uri = connection->uri.text;

    if (mask) {
        ditto_buf_init(&buf, out->pool, uri.len + 8);
        ditto_uri_mask(&buf, uri);

        if (ditto_buf_done(&buf, &uri) != DITTO_OK) {
            out->failed = true;
            return;
        }
    }

    ditto_buf_char(out, '{');
    ditto_render_string(out, "id", connection->id);

    if (connection->name.data == NULL) {
        ditto_render_raw(out, "name", null);

    } else {
        ditto_render_string(out, "name", connection->name);
    }

    ditto_render_string(out, "connectionType", ditto_str("kafka"));
    ditto_render_string(out, "connectionStatus", connection->status);
    ditto_render_string(out, "uri", uri);

    ditto_render_name(out, "sources");
    ditto_buf_char(out, '[');

    for (i = 0, s = connection->sources.elts; i < connection->sources.nelts;
         i++)
    {
        ditto_buf_text(out, i == 0 ? "" : ",");
        ditto_render_source(out, &s[i]);
    }

    ditto_buf_char(out, ']');
    ditto_render_name(out, "targets");
    ditto_buf_char(out, '[');

    for (i = 0, t = connection->targets.elts; i < connection->targets.nelts;
         i++)
    {
        ditto_buf_text(out, i == 0 ? "" : ",");
        ditto_render_target(out, &t[i]);
    }

    ditto_buf_char(out, ']');

    ditto_render_number(out, "clientCount", connection->client_count);
    ditto_render_flag(out, "failoverEnabled", connection->failover);
    ditto_render_flag(out, "validateCertificates",
                      connection->validate_certificates);
    ditto_render_number(out, "processorPoolSize", connection->pool_size);
    ditto_render_specific(out, connection, mask);
    ditto_render_definitions(out, connection);
    ditto_render_credentials(out, connection, mask);

    if (connection->ca.len != 0) {
        ditto_render_string(out, "ca", connection->ca);
    }

    ditto_render_strings(out, "tags", &connection->tags);
    ditto_buf_char(out, '}');
}


void
ditto_connection_render_headers(ditto_buf_t *out,
    const ditto_array_t *mapping)
{
    size_t                         i;
    const ditto_header_mapping_t  *h;

    ditto_buf_char(out, '{');

    for (i = 0, h = mapping->elts; i < mapping->nelts; i++) {
        ditto_buf_text(out, i == 0 ? "" : ",");
        ditto_json_add_string(out, h[i].name);
        ditto_buf_char(out, ':');
        ditto_json_add_string(out, h[i].text);
    }

    ditto_buf_char(out, '}');
}


/* A comma goes before every member but the first of an object. */
static void
ditto_render_name(ditto_buf_t *out, const char *name)
{
    if (!out->failed && out->data[out->len - 1] != '{') {
        ditto_buf_char(out, ',');
    }

    ditto_buf_char(out, '"');
    ditto_buf_text(out, name);
    ditto_buf_text(out, "\":");
}


static void
ditto_render_string(ditto_buf_t *out, const char *name, ditto_str_t text)
{
    ditto_render_name(out, name);
    ditto_json_add_string(out, text);
}


static void
ditto_render_strings(ditto_buf_t *out, const char *name,
    const ditto_array_t *list)
{
    size_t              i;
    const ditto_str_t  *s;

    ditto_render_name(out, name);
    ditto_buf_char(out, '[');

    for (i = 0, s = list->elts; i < list->nelts; i++) {
        ditto_buf_text(out, i == 0 ? "" : ",");
        ditto_json_add_string(out, s[i]);
    }

    ditto_buf_char(out, ']');
}


static void
ditto_render_raw(ditto_buf_t *out, const char *name, ditto_str_t json)
{
    ditto_render_name(out, name);
    ditto_buf_str(out, json);
}


static void
ditto_render_number(ditto_buf_t *out, const char *name, int64_t number)
{
    ditto_render_name(out, name);
    ditto_buf_int(out, number);
}


static void
ditto_render_flag(ditto_buf_t *out, const char *name, bool flag)
{
    ditto_render_name(out, name);
    ditto_buf_text(out, flag ? "true" : "false");
}


/* spec: Source and reply target */
static void
ditto_render_source(ditto_buf_t *out, const ditto_source_t *source)
{
    ditto_buf_char(out, '{');
    ditto_render_strings(out, "addresses", &source->addresses);
    ditto_render_number(out, "consumerCount", source->consumer_count);

    if (source->has_qos) {
        ditto_render_number(out, "qos", source->qos);
    }

    if (source->subjects.nelts != 0) {
        ditto_render_strings(out, "authorizationContext", &source->subjects);
    }

    if (source->input.data != NULL) {
        ditto_render_name(out, "enforcement");
        ditto_buf_char(out, '{');
        ditto_render_string(out, "input", source->input);
        ditto_render_strings(out, "filters", &source->filters);
        ditto_buf_char(out, '}');
    }

    if (source->acks.len != 0) {
        ditto_render_raw(out, "acknowledgementRequests", source->acks);
    }

    ditto_render_name(out, "headerMapping");
    ditto_connection_render_headers(out, &source->header_mapping);

    if (source->payload_mapping.nelts != 0) {
        ditto_render_strings(out, "payloadMapping", &source->payload_mapping);
    }

    if (source->reply_target.len != 0) {
        ditto_render_raw(out, "replyTarget", source->reply_target);
    }

    if (source->declared_acks.nelts != 0) {
        ditto_render_strings(out, "declaredAcks", &source->declared_acks);
    }

    ditto_buf_char(out, '}');
}


/* spec: Target, "Emit order" */
static void
ditto_render_target(ditto_buf_t *out, const ditto_target_t *t)
{
    size_t                       i;
    ditto_buf_t                  buf;
    ditto_str_t                  text;
    const ditto_subscription_t  *topic;

    ditto_buf_char(out, '{');
    ditto_render_string(out, "address", t->address);
    ditto_render_name(out, "topics");
    ditto_buf_char(out, '[');

    for (i = 0, topic = t->topics.elts; i < t->topics.nelts; i++) {

        ditto_buf_init(&buf, out->pool, 0);
        ditto_subscription_render(&buf, &topic[i]);

        if (ditto_buf_done(&buf, &text) != DITTO_OK) {
            out->failed = true;
            return;
        }

        ditto_buf_text(out, i == 0 ? "" : ",");
        ditto_json_add_string(out, text);
    }

    ditto_buf_char(out, ']');

    if (t->has_qos) {
        ditto_render_number(out, "qos", t->qos);
    }

    if (t->subjects.nelts != 0) {
        ditto_render_strings(out, "authorizationContext", &t->subjects);
    }

    if (t->issued_label.len != 0) {
        ditto_render_string(out, "issuedAcknowledgementLabel",
                            t->issued_label);
    }

    ditto_render_name(out, "headerMapping");
    ditto_connection_render_headers(out, &t->header_mapping);

    if (t->payload_mapping.nelts != 0) {
        ditto_render_strings(out, "payloadMapping", &t->payload_mapping);
    }

    ditto_buf_char(out, '}');
}


static void
ditto_render_specific(ditto_buf_t *out, const ditto_connection_t *connection,
    bool mask)
{
    size_t                   i;
    const ditto_property_t  *p;

    if (connection->specific.nelts == 0) {
        return;
    }

    ditto_render_name(out, "specificConfig");
    ditto_buf_char(out, '{');

    for (i = 0, p = connection->specific.elts; i < connection->specific.nelts;
         i++)
    {
        ditto_buf_text(out, i == 0 ? "" : ",");
        ditto_json_add_string(out, p[i].name);
        ditto_buf_char(out, ':');
        ditto_json_add_string(out, mask && ditto_render_secret(p[i].name)
                                   ? ditto_render_masked : p[i].value);
    }

    ditto_buf_char(out, '}');
}


static void
ditto_render_definitions(ditto_buf_t *out,
    const ditto_connection_t *connection)
{
    size_t                             i;
    const ditto_mapping_definition_t  *d;

    if (connection->definitions.nelts == 0) {
        return;
    }

    ditto_render_name(out, "mappingDefinitions");
    ditto_buf_char(out, '{');

    for (i = 0, d = connection->definitions.elts;
         i < connection->definitions.nelts; i++)
    {
        ditto_buf_text(out, i == 0 ? "" : ",");
        ditto_json_add_string(out, d[i].id);
        ditto_buf_text(out, ":{");
        ditto_render_string(out, "mappingEngine", d[i].engine);
        ditto_render_raw(out, "options", d[i].options);

        if (d[i].incoming.len != 0) {
            ditto_render_raw(out, "incomingConditions", d[i].incoming);
        }

        if (d[i].outgoing.len != 0) {
            ditto_render_raw(out, "outgoingConditions", d[i].outgoing);
        }

        ditto_buf_char(out, '}');
    }

    ditto_buf_char(out, '}');
}


/* A client certificate has both members always, others those they came with. */
static void
ditto_render_credentials(ditto_buf_t *out,
    const ditto_connection_t *connection, bool mask)
{
    size_t       i;
    ditto_str_t  value;

    static const ditto_str_t  null = ditto_string("null");

    /* in Ditto's order; of each kind those that it has */
    static const char *const  members[] = {
        "username", "password", "publicKey", "privateKey"
    };

    if (connection->credentials_type.len == 0) {
        return;
    }

    ditto_render_name(out, "credentials");
    ditto_buf_char(out, '{');
    ditto_render_string(out, "type", connection->credentials_type);

    if (connection->credentials.len == 0) {

        if (connection->cert.data == NULL) {
            ditto_render_raw(out, "cert", null);

        } else {
            ditto_render_string(out, "cert", connection->cert);
        }

        if (connection->key.data == NULL) {
            ditto_render_raw(out, "key", null);

        } else {
            ditto_render_string(out, "key", mask ? ditto_render_masked
                                                 : connection->key);
        }
    }

    for (i = 0; connection->credentials.len != 0
                && i < sizeof(members) / sizeof(members[0]); i++)
    {
        if (ditto_json_member(connection->credentials, ditto_str(members[i]),
                              &value)
            != DITTO_OK)
        {
            continue;
        }

        if (mask && ditto_render_secret(ditto_str(members[i]))) {
            ditto_render_string(out, members[i], ditto_render_masked);

        } else {
            ditto_render_name(out, members[i]);
            ditto_json_add_compact(out, value);
        }
    }

    ditto_buf_char(out, '}');
}


static bool
ditto_render_secret(ditto_str_t name)
{
    size_t  i;

    for (i = 0; i < sizeof(ditto_render_secrets)
                    / sizeof(ditto_render_secrets[0]); i++)
    {
        if (ditto_str_find(name, ditto_render_secrets[i]) <= name.len) {
            return true;
        }
    }

    return false;
}
