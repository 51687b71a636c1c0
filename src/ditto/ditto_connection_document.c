/*
 * The connection document.  Members are read in the order in which Ditto reads
 * them, whatever their order in the text, so that of several mistakes the same
 * one is reported.  Values are taken from the text itself: numbers keep their
 * spelling where Ditto keeps it.
 *
 * Ditto: basic-connections; spec sections "Connection JSON model" and
 * "Parse-time errors".
 */

#include "ditto_connection_document.h"
#include "ditto_time.h"


static ditto_rc_t ditto_doc_connection(ditto_doc_t *doc, ditto_str_t object);
static ditto_rc_t ditto_doc_type(ditto_doc_t *doc, ditto_str_t object);
static ditto_rc_t ditto_doc_legacy(ditto_doc_t *doc, ditto_str_t object,
    ditto_mapping_definition_t *definition, bool *legacy);
static ditto_rc_t ditto_doc_definition(ditto_doc_t *doc, void *to,
    ditto_str_t name, ditto_str_t value);
static ditto_rc_t ditto_doc_context(ditto_doc_t *doc, ditto_str_t object,
    ditto_mapping_definition_t *definition);
static ditto_rc_t ditto_doc_conditions(ditto_doc_t *doc, ditto_str_t object,
    const char *name, ditto_str_t *out);
static ditto_rc_t ditto_doc_condition(ditto_doc_t *doc, void *to,
    ditto_str_t name, ditto_str_t value);
static ditto_rc_t ditto_doc_identity(ditto_doc_t *doc, ditto_str_t object,
    ditto_str_t *uri);
static ditto_rc_t ditto_doc_target(ditto_doc_t *doc, void *to,
    ditto_str_t name, ditto_str_t value);
static ditto_rc_t ditto_doc_topic(ditto_doc_t *doc, void *to,
    ditto_str_t name, ditto_str_t value);
static ditto_rc_t ditto_doc_setting(ditto_doc_t *doc, void *to,
    ditto_str_t name, ditto_str_t value);
static ditto_rc_t ditto_doc_tag(ditto_doc_t *doc, void *to, ditto_str_t name,
    ditto_str_t value);
static ditto_rc_t ditto_doc_hidden(ditto_doc_t *doc, ditto_str_t object);
static ditto_rc_t ditto_doc_switches(ditto_doc_t *doc, ditto_str_t object);
static ditto_rc_t ditto_doc_count(ditto_doc_t *doc, ditto_str_t object,
    const char *name);
static ditto_rc_t ditto_doc_append(ditto_doc_t *doc, ditto_str_t mapper);


/* spec: Top-level fields, "connectionType", without kafka */
static const ditto_str_t  ditto_doc_other_types[] = {
    ditto_string("amqp-091"),
    ditto_string("amqp-10"),
    ditto_string("mqtt"),
    ditto_string("mqtt-5"),
    ditto_string("hono"),
    ditto_string("http-push"),
};


ditto_rc_t
ditto_connection_parse(ditto_pool_t *pool, ditto_str_t text,
    ditto_connection_t *connection, ditto_str_t *place, ditto_error_t *err)
{
    ditto_rc_t   rc;
    ditto_str_t  copy, inner, none = ditto_null_string;
    ditto_str_t  root = ditto_string("");
    ditto_doc_t  doc;

    static const ditto_str_t  wrapper = ditto_string("connection");
    static const ditto_str_t  empty = ditto_string("{}");

    *place = root;

    ditto_connection_init(connection, pool);

    if (ditto_json_validate(text, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    if (ditto_str_dup(pool, ditto_str_trim(text), &copy) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    doc.pool = pool;
    doc.connection = connection;
    doc.err = err;
    ditto_buf_init(&doc.path, pool, 0);

    if (ditto_json_type(copy) == DITTO_JSON_NULL) {
        copy = empty;
    }

    if (ditto_json_type(copy) != DITTO_JSON_OBJECT) {

        if (ditto_doc_compact(&doc, copy, &copy) == DITTO_OK) {
            (void) ditto_fail(err, DITTO_E_JSON_INVALID, copy, none);
            err->message = "<%1> is not a valid JSON object!";
        }

        return DITTO_ERROR;
    }

    if (ditto_json_member(copy, wrapper, &inner) == DITTO_OK
        && ditto_json_type(inner) == DITTO_JSON_OBJECT)
    {
        copy = inner;
    }

    rc = ditto_doc_connection(&doc, copy);

    if (rc != DITTO_OK) {
        if (ditto_buf_done(&doc.path, place) != DITTO_OK) {
            *place = root;
        }

        return DITTO_ERROR;
    }

    if (doc.path.failed) {
        return ditto_fail_memory(err);
    }

    return ditto_connection_validate(pool, connection, place, err);
}


/* Ditto reads the uri last, when the rest makes a connection. */
static ditto_rc_t
ditto_doc_connection(ditto_doc_t *doc, ditto_str_t object)
{
    bool                         legacy;
    size_t                       index;
    ditto_str_t                  uri, place;
    ditto_connection_t          *c;
    ditto_mapping_definition_t   definition;

    c = doc->connection;
    index = 0;

    if (ditto_doc_type(doc, object) != DITTO_OK
        || ditto_doc_legacy(doc, object, &definition, &legacy) != DITTO_OK
        || ditto_doc_each(doc, object, "mappingDefinitions", DITTO_DOC_OBJECT,
                          ditto_doc_definition, NULL)
           != DITTO_OK
        || ditto_doc_identity(doc, object, &uri) != DITTO_OK
        || ditto_doc_each(doc, object, "sources", DITTO_DOC_ARRAY,
                          ditto_doc_source, &index)
           != DITTO_OK
        || ditto_doc_each(doc, object, "targets", DITTO_DOC_ARRAY,
                          ditto_doc_target, NULL)
           != DITTO_OK
        || ditto_doc_string(doc, object, "name", &c->name) == DITTO_ERROR
        || ditto_doc_each(doc, object, "specificConfig", DITTO_DOC_OBJECT,
                          ditto_doc_setting, NULL)
           != DITTO_OK
        || ditto_doc_each(doc, object, "tags", DITTO_DOC_ARRAY, ditto_doc_tag,
                          NULL)
           != DITTO_OK
        || ditto_doc_hidden(doc, object) != DITTO_OK
        || ditto_doc_secrets(doc, object) != DITTO_OK
        || ditto_doc_switches(doc, object) != DITTO_OK
        || ditto_doc_tunnel(doc, object) != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    if (ditto_connection_check_members(doc->pool, c, &place, doc->err)
        != DITTO_OK)
    {
        ditto_buf_str(&doc->path, place);
        return DITTO_ERROR;
    }

    if (legacy) {

        if (ditto_connection_define(c, &definition) != DITTO_OK) {
            return ditto_doc_memory(doc);
        }

        if (ditto_doc_append(doc, definition.id) != DITTO_OK) {
            return DITTO_ERROR;
        }
    }

    (void) ditto_doc_enter(doc, ditto_str("uri"));

    return ditto_connection_set_uri(doc->pool, c, uri, doc->err);
}


static ditto_rc_t
ditto_doc_type(ditto_doc_t *doc, ditto_str_t object)
{
    size_t       i;
    ditto_rc_t   rc;
    ditto_str_t  type;

    static const ditto_str_t  kafka = ditto_string("kafka");

    rc = ditto_doc_string(doc, object, "connectionType", &type);

    if (rc != DITTO_OK) {
        return (rc == DITTO_DECLINED)
               ? ditto_doc_missing(doc, "connectionType") : DITTO_ERROR;
    }

    if (ditto_str_eq(type, kafka)) {
        return DITTO_OK;
    }

    (void) ditto_doc_enter(doc, ditto_str("connectionType"));

    for (i = 0; i < sizeof(ditto_doc_other_types)
                    / sizeof(ditto_doc_other_types[0]); i++)
    {
        if (ditto_str_eq(type, ditto_doc_other_types[i])) {
            (void) ditto_fail(doc->err, DITTO_E_CONNECTION_CONFIGURATION, type,
                              type);
            doc->err->message = "Connections of type <%1> cannot be used: "
                                "this server connects to Kafka only.";
            doc->err->description = "The type must be <kafka>.";
            return DITTO_ERROR;
        }
    }

    (void) ditto_fail(doc->err, DITTO_E_JSON_INVALID, type, type);
    doc->err->message = "Connection type <%1> is invalid!";

    return DITTO_ERROR;
}


/* "mappingContext" of old documents; null counts as an empty object. */
static ditto_rc_t
ditto_doc_legacy(ditto_doc_t *doc, ditto_str_t object,
    ditto_mapping_definition_t *definition, bool *legacy)
{
    size_t       length;
    ditto_rc_t   rc;
    ditto_str_t  context;

    static const ditto_str_t  id = ditto_string("javascript");
    static const ditto_str_t  empty = ditto_string("{}");

    *legacy = false;

    rc = ditto_doc_get(doc, object, "mappingContext", DITTO_DOC_OBJECT,
                       &context);

    if (rc == DITTO_ERROR) {
        return DITTO_ERROR;
    }

    if (rc == DITTO_DECLINED) {

        if (ditto_json_member(object, ditto_str("mappingContext"), &context)
            != DITTO_OK)
        {
            return DITTO_OK;
        }

        context = empty;
    }

    length = ditto_doc_enter(doc, ditto_str("mappingContext"));

    if (ditto_doc_context(doc, context, definition) != DITTO_OK) {
        return DITTO_ERROR;
    }

    ditto_doc_leave(doc, length);

    definition->id = id;
    *legacy = true;

    return DITTO_OK;
}


static ditto_rc_t
ditto_doc_definition(ditto_doc_t *doc, void *to, ditto_str_t name,
    ditto_str_t value)
{
    ditto_mapping_definition_t  definition;

    static const ditto_str_t  empty = ditto_string("{}");

    (void) to;

    if (ditto_json_type(value) == DITTO_JSON_NULL) {
        value = empty;
    }

    if (ditto_json_type(value) != DITTO_JSON_OBJECT) {
        return DITTO_OK;
    }

    if (ditto_doc_context(doc, value, &definition) != DITTO_OK) {
        return DITTO_ERROR;
    }

    definition.id = name;

    if (ditto_connection_define(doc->connection, &definition) != DITTO_OK) {
        return ditto_doc_memory(doc);
    }

    return DITTO_OK;
}


/* spec: mappingDefinitions */
static ditto_rc_t
ditto_doc_context(ditto_doc_t *doc, ditto_str_t object,
    ditto_mapping_definition_t *definition)
{
    ditto_rc_t   rc;
    ditto_str_t  options;

    memset(definition, 0, sizeof(ditto_mapping_definition_t));

    rc = ditto_doc_string(doc, object, "mappingEngine", &definition->engine);

    if (rc != DITTO_OK) {
        return (rc == DITTO_DECLINED) ? ditto_doc_missing(doc, "mappingEngine")
                                      : DITTO_ERROR;
    }

    rc = ditto_doc_get(doc, object, "options", DITTO_DOC_OBJECT, &options);

    if (rc == DITTO_ERROR) {
        return DITTO_ERROR;
    }

    if (rc == DITTO_DECLINED
        && ditto_json_member(object, ditto_str("options"), &options)
           != DITTO_OK)
    {
        return ditto_doc_missing(doc, "options");
    }

    if (ditto_doc_compact(doc, options, &definition->options) != DITTO_OK
        || ditto_doc_conditions(doc, object, "incomingConditions",
                                &definition->incoming)
           != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    return ditto_doc_conditions(doc, object, "outgoingConditions",
                                &definition->outgoing);
}


static ditto_rc_t
ditto_doc_conditions(ditto_doc_t *doc, ditto_str_t object, const char *name,
    ditto_str_t *out)
{
    ditto_buf_t  buf;

    ditto_buf_init(&buf, doc->pool, 0);

    if (ditto_doc_each(doc, object, name, DITTO_DOC_OBJECT,
                       ditto_doc_condition, &buf)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    if (buf.len != 0) {
        ditto_buf_char(&buf, '}');
    }

    if (ditto_buf_done(&buf, out) != DITTO_OK) {
        return ditto_doc_memory(doc);
    }

    return DITTO_OK;
}


static ditto_rc_t
ditto_doc_condition(ditto_doc_t *doc, void *to, ditto_str_t name,
    ditto_str_t value)
{
    ditto_buf_t  *buf;
    ditto_str_t   text;

    buf = to;

    if (ditto_doc_as_text(doc, value, &text) != DITTO_OK) {
        return DITTO_ERROR;
    }

    ditto_buf_char(buf, buf->len == 0 ? '{' : ',');
    ditto_json_add_string(buf, name);
    ditto_buf_char(buf, ':');
    ditto_json_add_string(buf, text);

    return DITTO_OK;
}


static ditto_rc_t
ditto_doc_identity(ditto_doc_t *doc, ditto_str_t object, ditto_str_t *uri)
{
    size_t       length;
    ditto_rc_t   rc;
    ditto_str_t  text;

    rc = ditto_doc_string(doc, object, "id", &text);

    if (rc != DITTO_OK) {
        return (rc == DITTO_DECLINED) ? ditto_doc_missing(doc, "id")
                                      : DITTO_ERROR;
    }

    length = ditto_doc_enter(doc, ditto_str("id"));

    if (ditto_connection_set_id(doc->pool, doc->connection, text, doc->err)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    ditto_doc_leave(doc, length);

    rc = ditto_doc_string(doc, object, "connectionStatus", &text);

    if (rc != DITTO_OK) {
        return (rc == DITTO_DECLINED)
               ? ditto_doc_missing(doc, "connectionStatus") : DITTO_ERROR;
    }

    length = ditto_doc_enter(doc, ditto_str("connectionStatus"));

    if (ditto_connection_set_status(doc->pool, doc->connection, text,
                                    doc->err)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    ditto_doc_leave(doc, length);

    rc = ditto_doc_string(doc, object, "uri", uri);

    return (rc == DITTO_DECLINED) ? ditto_doc_missing(doc, "uri") : rc;
}


/* spec: Target */
static ditto_rc_t
ditto_doc_target(ditto_doc_t *doc, void *to, ditto_str_t name,
    ditto_str_t value)
{
    size_t           length;
    ditto_rc_t       rc;
    ditto_str_t      text;
    ditto_target_t  *t;

    static const ditto_str_t  empty = ditto_string("{}");

    (void) to;
    (void) name;

    if (ditto_json_type(value) == DITTO_JSON_NULL) {
        value = empty;
    }

    if (ditto_json_type(value) != DITTO_JSON_OBJECT) {
        return DITTO_OK;
    }

    t = ditto_connection_add_target(doc->pool, doc->connection);
    if (t == NULL) {
        return ditto_doc_memory(doc);
    }

    if (ditto_doc_each(doc, value, "topics", DITTO_DOC_ARRAY, ditto_doc_topic,
                       t)
        != DITTO_OK
        || ditto_doc_each(doc, value, "authorizationContext", DITTO_DOC_ARRAY,
                          ditto_doc_add_subject, &t->subjects)
           != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    rc = ditto_doc_string(doc, value, "issuedAcknowledgementLabel", &text);

    if (rc == DITTO_OK) {
        length = ditto_doc_enter(doc,
                                 ditto_str("issuedAcknowledgementLabel"));
        rc = ditto_target_set_issued_label(doc->pool, t, text, doc->err);

        if (rc == DITTO_OK) {
            ditto_doc_leave(doc, length);
        }
    }

    if (rc == DITTO_ERROR
        || ditto_doc_each(doc, value, "headerMapping", DITTO_DOC_OBJECT,
                          ditto_doc_add_header, &t->header_mapping)
           != DITTO_OK
        || ditto_doc_each(doc, value, "payloadMapping", DITTO_DOC_ARRAY,
                          ditto_doc_add_string, &t->payload_mapping)
           != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    rc = ditto_doc_string(doc, value, "address", &text);

    if (rc != DITTO_OK) {
        return (rc == DITTO_DECLINED) ? ditto_doc_missing(doc, "address")
                                      : DITTO_ERROR;
    }

    (void) ditto_target_set_address(doc->pool, t, text, doc->err);

    rc = ditto_doc_integer(doc, value, "qos", &t->qos);
    t->has_qos = (rc == DITTO_OK);

    return (rc == DITTO_ERROR) ? DITTO_ERROR : DITTO_OK;
}


static ditto_rc_t
ditto_doc_topic(ditto_doc_t *doc, void *to, ditto_str_t name,
    ditto_str_t value)
{
    ditto_str_t    *text;
    ditto_array_t   one;

    ditto_array_init(&one, doc->pool, sizeof(ditto_str_t));

    if (ditto_doc_add_strict(doc, &one, name, value) != DITTO_OK) {
        return DITTO_ERROR;
    }

    text = one.elts;

    return ditto_target_add_topic(doc->pool, to, *text, doc->err);
}


/* spec: Top-level fields, "specificConfig": every value becomes a string. */
static ditto_rc_t
ditto_doc_setting(ditto_doc_t *doc, void *to, ditto_str_t name,
    ditto_str_t value)
{
    ditto_str_t  text;

    (void) to;

    if (ditto_doc_as_text(doc, value, &text) != DITTO_OK) {
        return DITTO_ERROR;
    }

    return ditto_connection_set_specific(doc->pool, doc->connection, name,
                                         text, doc->err);
}


static ditto_rc_t
ditto_doc_tag(ditto_doc_t *doc, void *to, ditto_str_t name, ditto_str_t value)
{
    ditto_str_t  text;

    (void) to;
    (void) name;

    if (ditto_json_type(value) != DITTO_JSON_STRING) {
        return DITTO_OK;
    }

    if (ditto_json_text(doc->pool, value, &text) != DITTO_OK) {
        return ditto_doc_memory(doc);
    }

    return ditto_connection_add_tag(doc->pool, doc->connection, text,
                                    doc->err);
}


/* Members that are read for their form only. */
static ditto_rc_t
ditto_doc_hidden(ditto_doc_t *doc, ditto_str_t object)
{
    size_t        i;
    int64_t       number;
    ditto_rc_t    rc;
    ditto_str_t   text;
    ditto_time_t  moment;

    static const char *const  moments[] = { "_modified", "_created" };

    if (ditto_doc_string(doc, object, "__lifecycle", &text) == DITTO_ERROR) {
        return DITTO_ERROR;
    }

    rc = ditto_doc_get(doc, object, "_revision", DITTO_DOC_LONG, &text);

    if (rc == DITTO_ERROR) {
        return DITTO_ERROR;
    }

    if (rc == DITTO_OK && ditto_json_integer(text, &number) != DITTO_OK) {
        (void) ditto_doc_enter(doc, ditto_str("_revision"));
        (void) ditto_fail(doc->err, DITTO_E_JSON_FORMAT_INVALID, text, text);
        doc->err->message = "This JSON value is not a long: %1";
        return DITTO_ERROR;
    }

    for (i = 0; i < 2; i++) {

        rc = ditto_doc_string(doc, object, moments[i], &text);

        if (rc == DITTO_ERROR) {
            return DITTO_ERROR;
        }

        if (rc == DITTO_DECLINED
            || ditto_time_parse(text, &moment) == DITTO_OK)
        {
            continue;
        }

        (void) ditto_doc_enter(doc, ditto_str(moments[i]));

        /* Ditto names the same member for both. */

        return ditto_fail_text(doc->err, DITTO_E_JSON_INVALID,
                               "The JSON object's field '/_modified' is not "
                               "in ISO-8601 format as expected");
    }

    return DITTO_OK;
}


static ditto_rc_t
ditto_doc_switches(ditto_doc_t *doc, ditto_str_t object)
{
    ditto_rc_t           rc;
    ditto_str_t          text;
    ditto_connection_t  *c;

    c = doc->connection;

    if (ditto_doc_count(doc, object, "clientCount") != DITTO_OK
        || ditto_doc_boolean(doc, object, "failoverEnabled", &c->failover)
           == DITTO_ERROR
        || ditto_doc_boolean(doc, object, "validateCertificates",
                             &c->validate_certificates)
           == DITTO_ERROR
        || ditto_doc_count(doc, object, "processorPoolSize") != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    rc = ditto_doc_string(doc, object, "ca", &text);

    if (rc == DITTO_OK) {
        return ditto_connection_set_ca(doc->pool, c, text, doc->err);
    }

    return (rc == DITTO_ERROR) ? DITTO_ERROR : DITTO_OK;
}


static ditto_rc_t
ditto_doc_count(ditto_doc_t *doc, ditto_str_t object, const char *name)
{
    size_t       length;
    int64_t      number;
    ditto_rc_t   rc;
    ditto_buf_t  buf;
    ditto_str_t  text;

    rc = ditto_doc_integer(doc, object, name, &number);

    if (rc != DITTO_OK) {
        return (rc == DITTO_DECLINED) ? DITTO_OK : DITTO_ERROR;
    }

    ditto_buf_init(&buf, doc->pool, 0);
    ditto_buf_int(&buf, number);

    if (ditto_buf_done(&buf, &text) != DITTO_OK) {
        return ditto_doc_memory(doc);
    }

    length = ditto_doc_enter(doc, ditto_str(name));

    rc = (name[0] == 'c')
         ? ditto_connection_set_client_count(doc->pool, doc->connection, text,
                                             doc->err)
         : ditto_connection_set_pool_size(doc->pool, doc->connection, text,
                                          doc->err);

    if (rc == DITTO_OK) {
        ditto_doc_leave(doc, length);
    }

    return rc;
}


/* A migrated "mappingContext" is the last mapper of everything. */
static ditto_rc_t
ditto_doc_append(ditto_doc_t *doc, ditto_str_t mapper)
{
    size_t           i;
    ditto_str_t     *id;
    ditto_source_t  *s;
    ditto_target_t  *t;

    for (i = 0, s = doc->connection->sources.elts;
         i < doc->connection->sources.nelts; i++)
    {
        id = ditto_array_push(&s[i].payload_mapping);
        if (id == NULL) {
            return ditto_doc_memory(doc);
        }

        *id = mapper;
    }

    for (i = 0, t = doc->connection->targets.elts;
         i < doc->connection->targets.nelts; i++)
    {
        if (ditto_target_add_mapper(doc->pool, &t[i], mapper, doc->err)
            != DITTO_OK)
        {
            return DITTO_ERROR;
        }
    }

    return DITTO_OK;
}
