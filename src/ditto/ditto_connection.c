#include "ditto_connection.h"
#include "ditto_decode.h"


#define DITTO_CONNECTION_ID_MAX  100     /* characters */

#define DITTO_LABEL_MIN  3               /* characters, without placeholder */
#define DITTO_LABEL_MAX  165


/* Names of specificConfig which are Ditto's own. */
typedef enum {
    DITTO_SPECIFIC_BOOTSTRAP_SERVERS = 0,
    DITTO_SPECIFIC_SASL_MECHANISM,
    DITTO_SPECIFIC_DEBUG_ENABLED,
    DITTO_SPECIFIC_OTHER,
    DITTO_SPECIFIC_PROPERTY
} ditto_specific_e;


typedef struct {
    ditto_str_t       name;
    ditto_specific_e  kind;
} ditto_specific_row_t;


static size_t ditto_connection_label_prefix(ditto_str_t label);
static ditto_specific_e ditto_connection_specific(ditto_str_t name);
static ditto_rc_t ditto_connection_property(ditto_array_t *properties,
    ditto_str_t name, ditto_str_t value, ditto_error_t *err);
static ditto_rc_t ditto_connection_number(ditto_str_t text, int64_t *number,
    const char *message, ditto_error_t *err);
static ditto_rc_t ditto_connection_push(ditto_array_t *list, ditto_str_t text,
    ditto_error_t *err);
static ditto_rc_t ditto_connection_upper(ditto_pool_t *pool, ditto_str_t text,
    ditto_str_t *out, ditto_error_t *err);
static bool ditto_connection_listed(ditto_str_t list, size_t before,
    ditto_str_t entry);


static const ditto_specific_row_t  ditto_specific_rows[] = {
    { ditto_string("bootstrapServers"), DITTO_SPECIFIC_BOOTSTRAP_SERVERS },
    { ditto_string("saslMechanism"), DITTO_SPECIFIC_SASL_MECHANISM },
    { ditto_string("debugEnabled"), DITTO_SPECIFIC_DEBUG_ENABLED },
    { ditto_string("groupId"), DITTO_SPECIFIC_OTHER },
    { ditto_string("consumerOffsetReset"), DITTO_SPECIFIC_OTHER },
    { ditto_string("is-diversion-source"), DITTO_SPECIFIC_OTHER },
    { ditto_string("is-diversion-target"), DITTO_SPECIFIC_OTHER },
    { ditto_string("preserve-normal-response-via-source"),
      DITTO_SPECIFIC_OTHER },
    { ditto_string("authorized-connections-as-sources"),
      DITTO_SPECIFIC_OTHER },
};


static const ditto_str_t  ditto_connection_statuses[] = {
    ditto_string("open"),
    ditto_string("closed"),
    ditto_string("failed"),
    ditto_string("misconfigured"),
    ditto_string("unknown"),
};


/* spec: Top-level fields */
void
ditto_connection_init(ditto_connection_t *connection, ditto_pool_t *pool)
{
    static const ditto_str_t  open = ditto_string("open");
    static const ditto_str_t  plain = ditto_string("PLAIN");

    memset(connection, 0, sizeof(ditto_connection_t));

    connection->status = open;
    connection->open = true;
    connection->failover = true;
    connection->validate_certificates = true;
    connection->sasl_mechanism = plain;
    connection->client_count = 1;
    connection->pool_size = 1;

    ditto_array_init(&connection->properties, pool, sizeof(ditto_property_t));
    ditto_array_init(&connection->specific, pool, sizeof(ditto_property_t));
    ditto_array_init(&connection->targets, pool, sizeof(ditto_target_t));
    ditto_array_init(&connection->sources, pool, sizeof(ditto_source_t));
    ditto_array_init(&connection->definitions, pool,
                     sizeof(ditto_mapping_definition_t));
    ditto_array_init(&connection->mappers, pool, sizeof(ditto_mapper_t *));
    ditto_array_init(&connection->tags, pool, sizeof(ditto_str_t));
}


void
ditto_target_init(ditto_target_t *target, ditto_pool_t *pool)
{
    memset(target, 0, sizeof(ditto_target_t));

    ditto_array_init(&target->topics, pool, sizeof(ditto_subscription_t));
    ditto_array_init(&target->subjects, pool, sizeof(ditto_str_t));
    ditto_array_init(&target->header_mapping, pool,
                     sizeof(ditto_header_mapping_t));
    ditto_array_init(&target->payload_mapping, pool, sizeof(ditto_str_t));
    ditto_array_init(&target->mappers, pool, sizeof(ditto_mapper_t *));
}


void
ditto_source_init(ditto_source_t *source, ditto_pool_t *pool)
{
    memset(source, 0, sizeof(ditto_source_t));

    source->consumer_count = 1;

    ditto_array_init(&source->addresses, pool, sizeof(ditto_str_t));
    ditto_array_init(&source->subjects, pool, sizeof(ditto_str_t));
    ditto_array_init(&source->header_mapping, pool,
                     sizeof(ditto_header_mapping_t));
    ditto_array_init(&source->payload_mapping, pool, sizeof(ditto_str_t));
    ditto_array_init(&source->declared_acks, pool, sizeof(ditto_str_t));
    ditto_array_init(&source->labels, pool, sizeof(ditto_str_t));
    ditto_array_init(&source->filters, pool, sizeof(ditto_str_t));
}


ditto_rc_t
ditto_connection_set_id(ditto_pool_t *pool, ditto_connection_t *connection,
    ditto_str_t text, ditto_error_t *err)
{
    size_t         i;
    unsigned char  c;
    ditto_str_t    none = ditto_null_string;

    (void) pool;

    for (i = 0; i < text.len && i < DITTO_CONNECTION_ID_MAX; i++) {
        c = text.data[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == ':'))
        {
            break;
        }
    }

    if (text.len == 0 || i < text.len) {
        (void) ditto_fail(err, DITTO_E_CONNECTION_ID_INVALID, text, none);
        err->offset = i;
        return DITTO_ERROR;
    }

    connection->id = text;

    return DITTO_OK;
}


ditto_rc_t
ditto_connection_set_status(ditto_pool_t *pool,
    ditto_connection_t *connection, ditto_str_t text, ditto_error_t *err)
{
    size_t       i;
    ditto_str_t  none = ditto_null_string;

    (void) pool;

    for (i = 0; i < sizeof(ditto_connection_statuses)
                    / sizeof(ditto_connection_statuses[0]); i++)
    {
        if (ditto_str_eq(text, ditto_connection_statuses[i])) {
            connection->status = ditto_connection_statuses[i];
            connection->open = (i == 0);
            return DITTO_OK;
        }
    }

    (void) ditto_fail(err, DITTO_E_JSON_INVALID, text, none);
    err->message = "Connection status <%1> is invalid!";

    return DITTO_ERROR;
}


ditto_rc_t
ditto_connection_set_uri(ditto_pool_t *pool, ditto_connection_t *connection,
    ditto_str_t text, ditto_error_t *err)
{
    return ditto_uri_parse(pool, text, &connection->uri, err);
}


ditto_rc_t
ditto_connection_set_client_count(ditto_pool_t *pool,
    ditto_connection_t *connection, ditto_str_t text, ditto_error_t *err)
{
    (void) pool;

    return ditto_connection_number(text, &connection->client_count,
                                   "The client count must be positive!", err);
}


ditto_rc_t
ditto_connection_set_pool_size(ditto_pool_t *pool,
    ditto_connection_t *connection, ditto_str_t text, ditto_error_t *err)
{
    (void) pool;

    return ditto_connection_number(text, &connection->pool_size,
                                   "The processor pool size must be positive!",
                                   err);
}


ditto_rc_t
ditto_connection_set_ca(ditto_pool_t *pool, ditto_connection_t *connection,
    ditto_str_t text, ditto_error_t *err)
{
    size_t       i;
    ditto_str_t  none = ditto_null_string;

    (void) pool;
    (void) err;

    for (i = 0; i < text.len && text.data[i] <= ' '; i++) { /* void */ }

    connection->ca = (i == text.len) ? none : text;

    return DITTO_OK;
}


ditto_rc_t
ditto_connection_set_cert(ditto_pool_t *pool, ditto_connection_t *connection,
    ditto_str_t text, ditto_error_t *err)
{
    static const ditto_str_t  type = ditto_string("client-cert");

    (void) pool;
    (void) err;

    connection->credentials_type = type;
    connection->cert = text;

    return DITTO_OK;
}


ditto_rc_t
ditto_connection_set_key(ditto_pool_t *pool, ditto_connection_t *connection,
    ditto_str_t text, ditto_error_t *err)
{
    static const ditto_str_t  type = ditto_string("client-cert");

    (void) pool;
    (void) err;

    connection->credentials_type = type;
    connection->key = text;

    return DITTO_OK;
}


ditto_rc_t
ditto_connection_set_bootstrap_servers(ditto_pool_t *pool,
    ditto_connection_t *connection, ditto_str_t text, ditto_error_t *err)
{
    static const ditto_str_t  name = ditto_string("bootstrapServers");

    return ditto_connection_set_specific(pool, connection, name, text, err);
}


ditto_rc_t
ditto_connection_set_sasl_mechanism(ditto_pool_t *pool,
    ditto_connection_t *connection, ditto_str_t text, ditto_error_t *err)
{
    static const ditto_str_t  name = ditto_string("saslMechanism");

    return ditto_connection_set_specific(pool, connection, name, text, err);
}


ditto_rc_t
ditto_connection_set_specific(ditto_pool_t *pool,
    ditto_connection_t *connection, ditto_str_t name, ditto_str_t value,
    ditto_error_t *err)
{
    static const ditto_str_t  yes = ditto_string("true");

    switch (ditto_connection_specific(name)) {

    case DITTO_SPECIFIC_BOOTSTRAP_SERVERS:
        connection->bootstrap_servers = value;
        break;

    case DITTO_SPECIFIC_SASL_MECHANISM:
        if (ditto_connection_upper(pool, value, &connection->sasl_mechanism,
                                   err)
            != DITTO_OK)
        {
            return DITTO_ERROR;
        }

        break;

    case DITTO_SPECIFIC_DEBUG_ENABLED:
        connection->debug = ditto_str_caseeq(value, yes);
        break;

    case DITTO_SPECIFIC_OTHER:
        break;

    case DITTO_SPECIFIC_PROPERTY:
        if (ditto_connection_property(&connection->properties, name, value,
                                      err)
            != DITTO_OK)
        {
            return DITTO_ERROR;
        }

        break;
    }

    return ditto_connection_property(&connection->specific, name, value, err);
}


ditto_rc_t
ditto_connection_add_tag(ditto_pool_t *pool, ditto_connection_t *connection,
    ditto_str_t text, ditto_error_t *err)
{
    size_t              i;
    const ditto_str_t  *tag;

    (void) pool;

    for (i = 0, tag = connection->tags.elts; i < connection->tags.nelts; i++) {
        if (ditto_str_eq(tag[i], text)) {
            return DITTO_OK;
        }
    }

    if (ditto_connection_room(i, "tags", err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    return ditto_connection_push(&connection->tags, text, err);
}


ditto_target_t *
ditto_connection_add_target(ditto_pool_t *pool,
    ditto_connection_t *connection)
{
    ditto_target_t  *t;

    t = ditto_array_push(&connection->targets);

    if (t != NULL) {
        ditto_target_init(t, pool);
    }

    return t;
}


ditto_source_t *
ditto_connection_add_source(ditto_pool_t *pool,
    ditto_connection_t *connection)
{
    ditto_source_t  *source;

    source = ditto_array_push(&connection->sources);

    if (source != NULL) {
        ditto_source_init(source, pool);
        connection->nsources = connection->sources.nelts;
    }

    return source;
}


ditto_rc_t
ditto_connection_define(ditto_connection_t *connection,
    const ditto_mapping_definition_t *definition)
{
    size_t                       i;
    ditto_array_t               *list;
    ditto_mapping_definition_t  *d;

    list = &connection->definitions;

    for (i = 0, d = list->elts; i < list->nelts; i++) {
        if (ditto_str_eq(d[i].id, definition->id)) {
            d[i] = *definition;
            return DITTO_OK;
        }
    }

    d = ditto_array_push(list);
    if (d == NULL) {
        return DITTO_ERROR;
    }

    *d = *definition;

    return DITTO_OK;
}


ditto_rc_t
ditto_target_set_address(ditto_pool_t *pool, ditto_target_t *target,
    ditto_str_t text, ditto_error_t *err)
{
    (void) pool;
    (void) err;

    target->address = text;

    return DITTO_OK;
}


ditto_rc_t
ditto_target_add_topic(ditto_pool_t *pool, ditto_target_t *target,
    ditto_str_t text, ditto_error_t *err)
{
    size_t                 i;
    ditto_subscription_t   subscription, *topic;

    if (ditto_subscription_compile(pool, text, &subscription, err)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    for (i = 0, topic = target->topics.elts; i < target->topics.nelts; i++) {
        if (ditto_subscription_equal(&topic[i], &subscription)) {
            return DITTO_OK;
        }
    }

    if (ditto_connection_room(i, "topics", err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    topic = ditto_array_push(&target->topics);
    if (topic == NULL) {
        return ditto_fail_memory(err);
    }

    *topic = subscription;

    return DITTO_OK;
}


ditto_rc_t
ditto_target_add_subject(ditto_pool_t *pool, ditto_target_t *target,
    ditto_str_t text, ditto_error_t *err)
{
    (void) pool;

    if (text.len == 0) {
        return ditto_fail_text(err, DITTO_E_JSON_FORMAT_INVALID,
                               "The argument 'id' must not be empty!");
    }

    return ditto_connection_push(&target->subjects, text, err);
}


ditto_rc_t
ditto_target_add_header(ditto_pool_t *pool, ditto_target_t *target,
    ditto_str_t name, ditto_str_t value, ditto_error_t *err)
{
    size_t                   i;
    ditto_header_mapping_t  *header;

    (void) pool;

    for (i = 0, header = target->header_mapping.elts;
         i < target->header_mapping.nelts; i++)
    {
        if (ditto_str_eq(header[i].name, name)) {
            header[i].text = value;
            return DITTO_OK;
        }
    }

    if (ditto_connection_room(i, "headers", err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    header = ditto_array_push(&target->header_mapping);
    if (header == NULL) {
        return ditto_fail_memory(err);
    }

    header->name = name;
    header->text = value;
    header->tpl = NULL;

    return DITTO_OK;
}


ditto_rc_t
ditto_target_add_mapper(ditto_pool_t *pool, ditto_target_t *target,
    ditto_str_t text, ditto_error_t *err)
{
    (void) pool;

    return ditto_connection_push(&target->payload_mapping, text, err);
}


ditto_rc_t
ditto_target_set_issued_label(ditto_pool_t *pool, ditto_target_t *target,
    ditto_str_t text, ditto_error_t *err)
{
    ditto_str_t  none = ditto_null_string;

    (void) pool;

    if (!ditto_connection_label_valid(text)) {
        return ditto_fail(err, DITTO_E_ACK_LABEL_INVALID, text, none);
    }

    target->issued_label = text;

    return DITTO_OK;
}


/* spec: Labels and requests, "label syntax" */
bool
ditto_connection_label_valid(ditto_str_t label)
{
    size_t         i;
    unsigned char  c;

    label = ditto_str_sub(label, ditto_connection_label_prefix(label),
                          label.len);

    if (label.len < DITTO_LABEL_MIN || label.len > DITTO_LABEL_MAX) {
        return false;
    }

    for (i = 0; i < label.len; i++) {
        c = label.data[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == ':'))
        {
            return false;
        }
    }

    return true;
}


/* spec: specificConfig keys, "Effective bootstrap list" */
void
ditto_connection_brokers(ditto_buf_t *out,
    const ditto_connection_t *connection)
{
    size_t       from, end, start;
    ditto_str_t  list, server, own;

    list = connection->bootstrap_servers;
    start = out->len;

    if (connection->uri.host.len != 0) {
        ditto_buf_str(out, connection->uri.host);
        ditto_buf_char(out, ':');
        ditto_buf_int(out, (int64_t) connection->uri.port);
    }

    own.len = out->len - start;

    for (from = 0; from < list.len && !out->failed; from = end + 1) {

        end = ditto_str_chr(list, ',', from);
        server = ditto_str_trim(ditto_str_sub(list, from, end));
        own.data = out->data + start;

        if (server.len == 0 || ditto_str_eq(server, own)
            || ditto_connection_listed(list, from, server))
        {
            continue;
        }

        if (out->len != start) {
            ditto_buf_char(out, ',');
        }

        ditto_buf_str(out, server);
    }
}


ditto_rc_t
ditto_connection_room(size_t n, const char *what, ditto_error_t *err)
{
    ditto_str_t  none = ditto_null_string;

    if (n < DITTO_CONNECTION_LIST) {
        return DITTO_OK;
    }

    (void) ditto_fail(err, DITTO_E_CONNECTION_CONFIGURATION, ditto_str(what),
                      none);
    err->message = "There are more than 1000 %1.";

    return DITTO_ERROR;
}


/* The bytes of "{{ prefix:name }}:" in front of a label; 0 if it has none. */
static size_t
ditto_connection_label_prefix(ditto_str_t label)
{
    size_t       i, end, colon;
    ditto_str_t  expr;

    static ditto_str_t  open = ditto_string("{{");
    static ditto_str_t  close = ditto_string("}}:");

    end = ditto_str_find(label, close);

    if (end > label.len || !ditto_str_starts(label, open)) {
        return 0;
    }

    expr = ditto_str_trim(ditto_str_sub(label, open.len, end));
    colon = ditto_str_chr(expr, ':', 0);

    if (colon == 0 || colon + 1 >= expr.len) {
        return 0;
    }

    for (i = 0; i < expr.len; i++) {
        if (i != colon && (expr.data[i] < 'a' || expr.data[i] > 'z')) {
            return 0;
        }
    }

    return end + close.len;
}


static ditto_specific_e
ditto_connection_specific(ditto_str_t name)
{
    size_t  i;

    for (i = 0; i < sizeof(ditto_specific_rows)
                    / sizeof(ditto_specific_rows[0]); i++)
    {
        if (ditto_str_eq(name, ditto_specific_rows[i].name)) {
            return ditto_specific_rows[i].kind;
        }
    }

    return DITTO_SPECIFIC_PROPERTY;
}


static ditto_rc_t
ditto_connection_property(ditto_array_t *properties, ditto_str_t name,
    ditto_str_t value, ditto_error_t *err)
{
    size_t             i;
    ditto_property_t  *property;

    for (i = 0, property = properties->elts; i < properties->nelts; i++) {
        if (ditto_str_eq(property[i].name, name)) {
            property[i].value = value;
            return DITTO_OK;
        }
    }

    if (ditto_connection_room(i, "properties", err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    property = ditto_array_push(properties);
    if (property == NULL) {
        return ditto_fail_memory(err);
    }

    property->name = name;
    property->value = value;

    return DITTO_OK;
}


static ditto_rc_t
ditto_connection_number(ditto_str_t text, int64_t *number,
    const char *message, ditto_error_t *err)
{
    int32_t      n;
    ditto_str_t  none = ditto_null_string;

    if (!ditto_decode_int32(text, &n)) {
        (void) ditto_fail(err, DITTO_E_JSON_FORMAT_INVALID, text, none);
        err->message = "This JSON value is not an int: %1";
        return DITTO_ERROR;
    }

    if (n <= 0) {
        return ditto_fail_text(err, DITTO_E_JSON_FORMAT_INVALID, message);
    }

    *number = n;

    return DITTO_OK;
}


static ditto_rc_t
ditto_connection_push(ditto_array_t *list, ditto_str_t text,
    ditto_error_t *err)
{
    ditto_str_t  *s;

    s = ditto_array_push(list);
    if (s == NULL) {
        return ditto_fail_memory(err);
    }

    *s = text;

    return DITTO_OK;
}


static ditto_rc_t
ditto_connection_upper(ditto_pool_t *pool, ditto_str_t text, ditto_str_t *out,
    ditto_error_t *err)
{
    size_t          i;
    unsigned char  *p;

    p = ditto_alloc(pool, text.len + 1);
    if (p == NULL) {
        return ditto_fail_memory(err);
    }

    for (i = 0; i < text.len; i++) {
        p[i] = (text.data[i] >= 'a' && text.data[i] <= 'z')
               ? (unsigned char) (text.data[i] & ~0x20) : text.data[i];
    }

    p[text.len] = '\0';

    out->data = p;
    out->len = text.len;

    return DITTO_OK;
}


/* True if the list has the entry before this offset. */
static bool
ditto_connection_listed(ditto_str_t list, size_t before, ditto_str_t entry)
{
    size_t  from, end;

    for (from = 0; from < before; from = end + 1) {
        end = ditto_str_chr(list, ',', from);

        if (ditto_str_eq(ditto_str_trim(ditto_str_sub(list, from, end)),
                         entry))
        {
            return true;
        }
    }

    return false;
}
