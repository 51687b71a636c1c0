
/*
 * From connections to Kafka clients, once everything is read.
 */

#include "ngx_http_ditto.h"


#define NGX_HTTP_DITTO_IDS      3            /* named in the log */
#define NGX_HTTP_DITTO_MISSING  3600000      /* ms, librdkafka's limit */
#define NGX_HTTP_DITTO_LATE     1500         /* ms between the client's and the
                                                request's deadline */


typedef struct {
    char  *name;
    char  *value;
} ngx_http_ditto_default_t;


static ngx_int_t ngx_http_ditto_client(ngx_conf_t *cf,
    ngx_http_ditto_main_conf_t *dmcf, ngx_msec_t timeout,
    ngx_http_ditto_connection_t *connection);
static ngx_int_t ngx_http_ditto_client_deadline(ngx_kafka_conf_t *kc,
    ngx_msec_t timeout);
static ngx_int_t ngx_http_ditto_client_derived(ngx_conf_t *cf,
    ngx_kafka_conf_t *kc, ditto_connection_t *model);
static ngx_int_t ngx_http_ditto_client_own(ngx_kafka_conf_t *kc,
    ngx_pool_t *pool, ditto_connection_t *model);
static ngx_int_t ngx_http_ditto_property_cmp(const void *one,
    const void *two);
static ngx_int_t ngx_http_ditto_client_id(ngx_conf_t *cf,
    ngx_http_ditto_client_t *client, ngx_str_t *id);
static ngx_uint_t ngx_http_ditto_client_spreads(ditto_connection_t *model);
static ngx_int_t ngx_http_ditto_client_warm(ngx_conf_t *cf,
    ngx_http_ditto_client_t *client, ditto_connection_t *model);


/* what a connection gets unless it says otherwise */

static ngx_http_ditto_default_t  ngx_http_ditto_defaults[] = {
    { "client.id", "ditto-nginx" },
    { "enable.idempotence", "true" },
    { "acks", "all" },
    { "partitioner", "murmur2_random" },      /* as Java's producers */
    { "linger.ms", "0" },             /* max.in.flight see ngx_kafka_conf.h */
    { "sticky.partitioning.linger.ms", "10" },
    { "queue.buffering.max.kbytes", "65536" },
    { "reconnect.backoff.max.ms", "1000" },
    { "socket.keepalive.enable", "true" },
    { "socket.nagle.disable", "true" },       /* as Java's producers */
    { "log.connection.close", "false" },
    { NULL, NULL }
};


ngx_int_t
ngx_http_ditto_clients_init(ngx_conf_t *cf,
    ngx_http_ditto_main_conf_t *dmcf)
{
    ngx_msec_t                     timeout, ms;
    ngx_uint_t                     i;
    rd_kafka_conf_t               *rkc;
    ngx_http_ditto_client_t      **client;
    ngx_http_ditto_loc_conf_t    **dlcf;
    ngx_http_ditto_connection_t  **connection;

    timeout = 0;
    dlcf = dmcf->locations.elts;

    for (i = 0; i < dmcf->locations.nelts; i++) {
        timeout = ngx_max(timeout, dlcf[i]->timeout);
    }

    if (timeout == 0) {
        timeout = 10000;
    }

    connection = dmcf->connections.elts;

    for (i = 0; i < dmcf->connections.nelts; i++) {
        if (ngx_http_ditto_client(cf, dmcf, timeout, connection[i])
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    client = dmcf->clients.elts;

    for (i = 0; i < dmcf->clients.nelts; i++) {

        rkc = ngx_kafka_conf_test(cf, &client[i]->conf, &client[i]->id);

        if (rkc == NULL) {
            return NGX_ERROR;
        }

        client[i]->max_bytes = ngx_kafka_conf_number(rkc, "message.max.bytes",
                                                     1000000);
        ms = ngx_kafka_conf_number(rkc, "message.timeout.ms", 0);

        rd_kafka_conf_destroy(rkc);

        if (ms == 0 || ms > timeout) {
            ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                               "connection \"%V\": \"message.timeout.ms\" is "
                               "longer than the longest \"ditto_timeout\" of "
                               "%M ms: a record may arrive long after its "
                               "request was answered with 504",
                               &client[i]->id, timeout);
        }

        /* 0: the client would try for ever, an exiting worker must not */

        dmcf->exit = ngx_max(dmcf->exit, (ms != 0) ? ms : timeout);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_ditto_client(ngx_conf_t *cf, ngx_http_ditto_main_conf_t *dmcf,
    ngx_msec_t timeout, ngx_http_ditto_connection_t *connection)
{
    ngx_uint_t                  i;
    ngx_http_ditto_client_t    *client, **clients, **slot;
    ngx_http_ditto_default_t   *d;

    client = ngx_pcalloc(cf->pool, sizeof(ngx_http_ditto_client_t));

    if (client == NULL
        || ngx_kafka_conf_init(&client->conf, cf->pool) != NGX_OK
        || ngx_array_init(&client->warm, cf->pool, 4, sizeof(ngx_str_t))
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (d = ngx_http_ditto_defaults; d->name; d++) {
        if (ngx_kafka_conf_addz(&client->conf, d->name, d->value) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    if (ngx_http_ditto_client_deadline(&client->conf, timeout) != NGX_OK
        || ngx_http_ditto_client_derived(cf, &client->conf,
                                         &connection->model) != NGX_OK
        || ngx_http_ditto_client_own(&client->conf, cf->pool,
                                     &connection->model) != NGX_OK
        || ngx_kafka_conf_read_pem(cf, &client->conf) != NGX_OK)
    {
        return NGX_ERROR;
    }

    clients = dmcf->clients.elts;

    for (i = 0; i < dmcf->clients.nelts; i++) {
        if (ngx_kafka_conf_equal(&clients[i]->conf, &client->conf)) {
            break;
        }
    }

    if (i < dmcf->clients.nelts) {
        client = clients[i];

    } else {
        slot = ngx_array_push(&dmcf->clients);
        if (slot == NULL) {
            return NGX_ERROR;
        }

        *slot = client;
    }

    connection->client = client;

    if (ngx_http_ditto_client_spreads(&connection->model)) {
        client->conf.spreads = 1;
    }

    if (ngx_http_ditto_client_id(cf, client, &connection->id) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_ditto_client_warm(cf, client, &connection->model);
}


/*
 * librdkafka gives a record up before the request is answered with 504, so
 * that the answer knows; it looks once a second.
 */

static ngx_int_t
ngx_http_ditto_client_deadline(ngx_kafka_conf_t *kc, ngx_msec_t timeout)
{
    u_char      text[NGX_INT_T_LEN + 1];
    ngx_msec_t  ms;

    ms = (timeout > 2 * NGX_HTTP_DITTO_LATE) ? timeout - NGX_HTTP_DITTO_LATE
                                             : timeout / 2;

    *ngx_sprintf(text, "%M", ngx_max(ms, 1)) = '\0';

    if (ngx_kafka_conf_addz(kc, "message.timeout.ms", (char *) text)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    /* so long a topic may be missing before its records fail */

    *ngx_sprintf(text, "%M", ngx_min(ms / 2, NGX_HTTP_DITTO_MISSING)) = '\0';

    return ngx_kafka_conf_addz(kc, "topic.metadata.propagation.max.ms",
                               (char *) text);
}


/* spec: Security properties */

static ngx_int_t
ngx_http_ditto_client_derived(ngx_conf_t *cf, ngx_kafka_conf_t *kc,
    ditto_connection_t *model)
{
    char                  *protocol;
    size_t                 i;
    ngx_str_t              name, value;
    ngx_uint_t             ssl;
    ditto_buf_t            buf;
    ditto_str_t            brokers;
    ditto_pool_t          *pool;

    pool = ngx_http_ditto_pool(cf->pool);
    if (pool == NULL) {
        return NGX_ERROR;
    }

    ditto_buf_init(&buf, pool, 128);
    ditto_connection_brokers(&buf, model);

    if (ditto_buf_done(&buf, &brokers) != DITTO_OK) {
        return NGX_ERROR;
    }

    ssl = ditto_str_eq(model->uri.scheme, ditto_str("ssl"));

    protocol = model->uri.credentials ? (ssl ? "sasl_ssl" : "sasl_plaintext")
                                      : (ssl ? "ssl" : "plaintext");

    struct {
        char         *name;
        ditto_str_t   value;
        bool          wanted;
    } derived[] = {
        { "bootstrap.servers", brokers, true },
        { "security.protocol", ditto_str(protocol), true },
        { "sasl.mechanisms", model->sasl_mechanism,
          model->uri.credentials },
        { "sasl.username", model->uri.user, model->uri.credentials },
        { "sasl.password", model->uri.password, model->uri.credentials },
        { "ssl.ca.pem", model->ca,
          ssl && model->ca.len && model->validate_certificates },
        { "ssl.endpoint.identification.algorithm", ditto_str("none"),
          ssl && model->ca.len && model->validate_certificates },
        { "ssl.certificate.pem", model->cert, ssl && model->cert.len },
        { "ssl.key.pem", model->key, ssl && model->key.len },
    };

    for (i = 0; i < sizeof(derived) / sizeof(derived[0]); i++) {

        if (!derived[i].wanted) {
            continue;
        }

        if (memchr(derived[i].value.data, '\0', derived[i].value.len)
            != NULL)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "connection \"%*s\": a NUL character in \"%s\"",
                               model->id.len, model->id.data,
                               derived[i].name);
            return NGX_ERROR;
        }

        name.data = (u_char *) derived[i].name;
        name.len = ngx_strlen(name.data);
        value.data = (u_char *) derived[i].value.data;
        value.len = derived[i].value.len;

        if (ngx_kafka_conf_add(kc, &name, &value) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* Sorted, so that the order in the configuration does not hinder sharing. */

static ngx_int_t
ngx_http_ditto_client_own(ngx_kafka_conf_t *kc, ngx_pool_t *pool,
    ditto_connection_t *model)
{
    size_t             i, n;
    ngx_str_t          name, value;
    ditto_property_t  *sorted;

    n = model->properties.nelts;

    if (n == 0) {
        return NGX_OK;
    }

    sorted = ngx_palloc(pool, n * sizeof(ditto_property_t));
    if (sorted == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(sorted, model->properties.elts, n * sizeof(ditto_property_t));
    ngx_sort(sorted, n, sizeof(ditto_property_t),
             ngx_http_ditto_property_cmp);

    for (i = 0; i < n; i++) {
        name.len = sorted[i].name.len;
        name.data = (u_char *) sorted[i].name.data;
        value.len = sorted[i].value.len;
        value.data = (u_char *) sorted[i].value.data;

        if (ngx_kafka_conf_add(kc, &name, &value) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_ditto_property_cmp(const void *one, const void *two)
{
    const ditto_property_t  *a, *b;

    a = one;
    b = two;

    return ngx_memn2cmp((u_char *) a->name.data,
                        (u_char *) b->name.data, a->name.len, b->name.len);
}


/* "a, b, c" or "a, b, c +2" */

static ngx_int_t
ngx_http_ditto_client_id(ngx_conf_t *cf, ngx_http_ditto_client_t *client,
    ngx_str_t *id)
{
    u_char     *p;
    ngx_str_t   s;

    client->nids++;

    if (client->nids == 1) {
        client->id = *id;
        return NGX_OK;
    }

    p = ngx_pnalloc(cf->pool, client->id.len + id->len + sizeof(",  +")
                              + NGX_INT_T_LEN);
    if (p == NULL) {
        return NGX_ERROR;
    }

    s.data = p;

    if (client->nids <= NGX_HTTP_DITTO_IDS) {
        s.len = ngx_sprintf(p, "%V, %V", &client->id, id) - p;

    } else {
        s = client->id;

        if (client->nids > NGX_HTTP_DITTO_IDS + 1) {
            while (s.data[s.len - 1] != ' ') {
                s.len--;
            }

            s.len--;
        }

        client->id.data = p;
        client->id.len = ngx_sprintf(p, "%V +%ui", &s,
                                     client->nids - NGX_HTTP_DITTO_IDS)
                         - p;
        return NGX_OK;
    }

    client->id = s;

    return NGX_OK;
}


/* By key, by partition, or by what a placeholder brings in. */

static ngx_uint_t
ngx_http_ditto_client_spreads(ditto_connection_t *model)
{
    size_t        i;
    ditto_str_t  *address;

    for (i = 0; i < model->targets.nelts; i++) {
        address = &((ditto_target_t *) model->targets.elts)[i].address;

        if (memchr(address->data, '/', address->len) != NULL
            || memchr(address->data, '#', address->len) != NULL
            || memchr(address->data, '{', address->len) != NULL)
        {
            return 1;
        }
    }

    return 0;
}


/* The topics of addresses that need no message to be known. */

static ngx_int_t
ngx_http_ditto_client_warm(ngx_conf_t *cf, ngx_http_ditto_client_t *client,
    ditto_connection_t *model)
{
    u_char          *p, *last;
    size_t           i;
    ngx_str_t       *topic, name;
    ngx_uint_t       j;
    ditto_target_t  *target;

    target = model->targets.elts;

    for (i = 0; i < model->targets.nelts; i++) {

        name.data = (u_char *) target[i].address.data;
        last = name.data + target[i].address.len;

        for (p = name.data; p < last; p++) {
            if ((*p == '/' || *p == '#') && p != name.data) {
                break;
            }

            if ((*p == '{' || *p == '$') && p + 1 < last && p[1] == '{') {
                break;
            }
        }

        if (p < last && *p != '/' && *p != '#') {
            continue;
        }

        name.len = p - name.data;
        topic = client->warm.elts;

        for (j = 0; j < client->warm.nelts; j++) {
            if (topic[j].len == name.len
                && ngx_memcmp(topic[j].data, name.data, name.len) == 0)
            {
                break;
            }
        }

        if (j < client->warm.nelts) {
            continue;
        }

        topic = ngx_array_push(&client->warm);
        if (topic == NULL) {
            return NGX_ERROR;
        }

        *topic = name;
    }

    return NGX_OK;
}
