/* The bench's baseline: a body becomes a record, 204 when Kafka has it. */
#include <ngx_http.h>
#include <librdkafka/rdkafka.h>
#include <sys/eventfd.h>
extern ngx_module_t         ngx_http_raw_produce_module;
static char                *raw_name;        /* of the topic; NULL: no Kafka */
static uintptr_t            raw_key, raw_copies;
static rd_kafka_t          *raw;
static rd_kafka_conf_t     *raw_conf;
static rd_kafka_queue_t    *raw_queue;
static rd_kafka_topic_t    *raw_topic;
static rd_kafka_headers_t  *raw_headers;     /* of each record; NULL: none */
static void raw_done(ngx_http_request_t *r, uintptr_t pending) {
    ngx_http_set_ctx(r, (void *) pending, ngx_http_raw_produce_module);
    if (pending == 0) {
        r->header_only = 1;
        r->headers_out.content_length_n = 0;
        ngx_http_finalize_request(r, ngx_http_send_header(r));
    }
}
static void raw_body(ngx_http_request_t *r) {
    u_char *id = NULL, *end = NULL;          /* {"topic":"namespace/name/... */
    uintptr_t i, pending = 0;
    ngx_buf_t *b = r->request_body->bufs ? r->request_body->bufs->buf : NULL;
    for (i = 0; b != NULL && !b->in_file && i < raw_copies; i++) {
        if (raw_key && (end = memchr(b->pos, '/', b->last - b->pos)) != NULL) {
            id = b->pos + sizeof("{\"topic\":\"") - 1;
            end = memchr(end + 1, '/', b->last - end - 1);
        }
        pending += rd_kafka_producev(raw, RD_KAFKA_V_RKT(raw_topic),
            RD_KAFKA_V_OPAQUE(r), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
            RD_KAFKA_V_VALUE(b->pos, (b->last - b->pos)),
            RD_KAFKA_V_KEY((end > id ? id : NULL), (end > id ? end - id : 0)),
            RD_KAFKA_V_HEADERS((raw_headers ? rd_kafka_headers_copy(raw_headers)
                               : NULL)), RD_KAFKA_V_END) == 0;
    }
    r->headers_out.status = pending == raw_copies ? 204 : 503;
    raw_done(r, pending);
}
static void raw_reports(ngx_event_t *ev) {
    uint64_t n;
    ngx_connection_t *c = ev->data;
    rd_kafka_event_t *event;
    const rd_kafka_message_t *m;
    (void) !read(c->fd, &n, sizeof(n));
    while ((event = rd_kafka_queue_poll(raw_queue, 0)) != NULL) {
        while ((m = rd_kafka_event_message_next(event)) != NULL) {
            ngx_http_request_t *r = m->_private;
            c = r->connection;
            if (m->err) { r->headers_out.status = 503; }
            raw_done(r, (uintptr_t) ngx_http_get_module_ctx(r,
                                        ngx_http_raw_produce_module) - 1);
            ngx_http_run_posted_requests(c);
        }
        rd_kafka_event_destroy(event);
    }
}
static ngx_int_t raw_handler(ngx_http_request_t *r) {
    ngx_int_t rc = ngx_http_read_client_request_body(r, raw_body);
    return rc >= NGX_HTTP_SPECIAL_RESPONSE ? rc : NGX_DONE;
}
/* raw_produce topic NAME, key thing, header NAME VALUE, or PROPERTY VALUE */
static char *raw_directive(ngx_conf_t *cf, ngx_command_t *cmd, void *conf) {
    ngx_str_t *v = cf->args->elts;
    char *name = (char *) v[1].data, *value = (char *) v[2].data;
    ngx_http_core_loc_conf_t *clcf = ngx_http_conf_get_module_loc_conf(cf,
                                                       ngx_http_core_module);
    clcf->handler = raw_handler;
    raw_conf = raw_conf ? raw_conf : rd_kafka_conf_new();
    if (strcmp(name, "topic") == 0) {        /* twice: two records */
        raw_name = value;
        raw_copies++;
    } else if (strcmp(name, "key") == 0) {
        raw_key = 1;
    } else if (cf->args->nelts == 4) {
        raw_headers = raw_headers ? raw_headers : rd_kafka_headers_new(8);
        rd_kafka_header_add(raw_headers, value, -1, v[3].data, v[3].len);
    } else if (rd_kafka_conf_set(raw_conf, name, value, NULL, 0) != 0) {
        return "is refused by librdkafka";
    }
    return NGX_CONF_OK;
}
static ngx_int_t raw_init(ngx_cycle_t *cycle) {
    ngx_connection_t *c = ngx_get_connection(eventfd(0, 0), cycle->log);
    if (c == NULL || raw_name == NULL) { return c ? NGX_OK : NGX_ERROR; }
    rd_kafka_conf_set_events(raw_conf, RD_KAFKA_EVENT_DR);
    raw = rd_kafka_new(RD_KAFKA_PRODUCER, raw_conf, NULL, 0);
    raw_topic = rd_kafka_topic_new(raw, raw_name, NULL);
    raw_queue = rd_kafka_queue_get_main(raw);
    rd_kafka_queue_io_event_enable(raw_queue, c->fd, "\1\0\0\0\0\0\0", 8);
    c->read->handler = raw_reports;
    c->read->log = c->log = cycle->log;
    return ngx_add_event(c->read, NGX_READ_EVENT, NGX_CLEAR_EVENT);
}
static ngx_command_t raw_commands[] = {
    { ngx_string("raw_produce"), NGX_HTTP_LOC_CONF|NGX_CONF_TAKE23,
      raw_directive, 0, 0, NULL }, ngx_null_command };
ngx_module_t ngx_http_raw_produce_module = { NGX_MODULE_V1,
    &(ngx_http_module_t) { NULL }, raw_commands, NGX_HTTP_MODULE, NULL, NULL,
    raw_init, NULL, NULL, NULL, NULL, NGX_MODULE_V1_PADDING };
