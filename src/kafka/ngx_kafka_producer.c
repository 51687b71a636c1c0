
#include "ngx_kafka_batch.h"


#define NGX_KAFKA_IN_FLIGHT     64       /* with more requests under way there
                                            is nothing to wait for */
#define NGX_KAFKA_WINDOW        2        /* batches under way at least: one
                                            may be ready for Kafka */
#define NGX_KAFKA_HEADER        2        /* bytes of a record's header at least,
                                            beside its texts */


static ngx_int_t ngx_kafka_producer_properties(ngx_kafka_producer_t *producer);
static rd_kafka_resp_err_t ngx_kafka_produce_record(
    ngx_kafka_producer_t *producer, const ditto_record_t *record,
    ngx_kafka_record_t *r);
static size_t ngx_kafka_record_size(const ditto_record_t *record);


ngx_kafka_producer_t *
ngx_kafka_producer_create(ngx_cycle_t *cycle, ngx_kafka_conf_t *conf,
    ngx_str_t *id, ngx_array_t *warm)
{
    ngx_kafka_producer_t  *producer;

    if (ngx_kafka_handles_init(cycle) != NGX_OK) {
        return NULL;
    }

    producer = ngx_pcalloc(cycle->pool, sizeof(ngx_kafka_producer_t));
    if (producer == NULL) {
        return NULL;
    }

    producer->conf = conf;
    producer->warm = warm;
    producer->id = *id;
    producer->log = cycle->log;

    if (ngx_kafka_producer_properties(producer) != NGX_OK) {
        return NULL;
    }

    ngx_kafka_topics_init(producer);
    ngx_kafka_batches_init(producer);
    ngx_kafka_producer_add(producer);

    (void) ngx_kafka_handle_create(producer);

    return producer;
}


static ngx_int_t
ngx_kafka_producer_properties(ngx_kafka_producer_t *producer)
{
    char              errstr[NGX_KAFKA_ERRSTR];
    ngx_uint_t        n;
    rd_kafka_conf_t  *rkc;

    rkc = ngx_kafka_conf_make(producer->conf, 0, errstr, sizeof(errstr));

    if (rkc == NULL) {
        ngx_log_error(NGX_LOG_CRIT, producer->log, 0,
                      "kafka [%V] no producer: %s", &producer->id, errstr);
        return NGX_ERROR;
    }

    n = ngx_kafka_conf_number(rkc, "queue.buffering.max.messages", 0);
    producer->max_records = (n != 0) ? n : NGX_MAX_INT32_VALUE;

    n = ngx_kafka_conf_number(rkc, "queue.buffering.max.kbytes",
                              NGX_MAX_INT32_VALUE / 1024);
    producer->max_bytes = (size_t) n * 1024;

    producer->max_record = ngx_kafka_conf_number(rkc, "message.max.bytes",
                                                 NGX_MAX_INT32_VALUE);
    producer->timeout = ngx_kafka_conf_number(rkc, "message.timeout.ms", 0);
    producer->sticky = ngx_kafka_conf_number(rkc,
                                             "sticky.partitioning.linger.ms",
                                             0);
    producer->idempotent = ngx_kafka_conf_is(rkc, "enable.idempotence", "true");

    n = ngx_kafka_conf_number(rkc, "max.in.flight", NGX_MAX_INT32_VALUE);

    /*
     * What a user says of batching holds as librdkafka does it; and only the
     * partitioner that is known here tells where a record goes.
     */

    if (n <= NGX_KAFKA_IN_FLIGHT
        && ngx_kafka_conf_is(rkc, "linger.ms", "0")
        && ngx_kafka_conf_is(rkc, "partitioner", "murmur2_random")
        && ngx_kafka_conf_is(rkc, "queuing.strategy", "fifo"))
    {
        producer->window = ngx_max(n, NGX_KAFKA_WINDOW);
    }

    rd_kafka_conf_destroy(rkc);

    return NGX_OK;
}


ngx_int_t
ngx_kafka_produce(ngx_kafka_producer_t *producer,
    const ditto_record_t *record,
    void (*handler)(ngx_kafka_delivery_t *d, ngx_kafka_report_t *report),
    void *data, ngx_kafka_delivery_t **delivery, rd_kafka_resp_err_t *err)
{
    ngx_kafka_record_t  *r;

    r = ngx_kafka_record_get();

    if (r == NULL) {
        *err = RD_KAFKA_RESP_ERR__QUEUE_FULL;
        return NGX_ERROR;
    }

    r->delivery.handler = handler;
    r->delivery.data = data;

    *err = ngx_kafka_produce_record(producer, record, r);

    if (*err == RD_KAFKA_RESP_ERR__QUEUE_FULL && producer->handle != NULL) {

        /* a report that nobody has served yet keeps its place in the queue */

        (void) ngx_kafka_events(producer->handle, NGX_KAFKA_EVENTS);

        *err = ngx_kafka_produce_record(producer, record, r);
    }

    if (*err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        ngx_kafka_record_put(r);
        return NGX_ERROR;
    }

    *delivery = &r->delivery;

    return NGX_OK;
}


static rd_kafka_resp_err_t
ngx_kafka_produce_record(ngx_kafka_producer_t *producer,
    const ditto_record_t *record, ngx_kafka_record_t *r)
{
    ngx_kafka_topic_t      *topic;
    ngx_kafka_handle_t     *handle;
    rd_kafka_resp_err_t     err;
    ngx_kafka_partition_t  *p;

    handle = ngx_kafka_handle(producer);

    if (handle == NULL) {
        return RD_KAFKA_RESP_ERR__FATAL;
    }

    topic = ngx_kafka_topic(producer, &record->topic);

    if (topic == NULL) {
        return RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC;
    }

    /* librdkafka's limits, for what it has and what is held back together */

    if (handle->in_flight + producer->held >= producer->max_records
        || handle->bytes + producer->held_bytes + record->value.len
           > producer->max_bytes)
    {
        return RD_KAFKA_RESP_ERR__QUEUE_FULL;
    }

    r->batch = NULL;

    p = ngx_kafka_topic_partition(producer, topic, record, r);

    if (!ngx_kafka_batch_waits(producer, p)) {

        err = ngx_kafka_record_give(r, handle, topic->rkt, record);

        if (err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            ngx_kafka_batch_given(producer, p, r);
        }

        return err;
    }

    if (ngx_kafka_record_size(record) > producer->max_record) {
        return RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE;
    }

    if (ngx_kafka_record_copy(r, record) != NGX_OK) {
        return RD_KAFKA_RESP_ERR__QUEUE_FULL;
    }

    ngx_kafka_batch_hold(producer, p, r);

    return RD_KAFKA_RESP_ERR_NO_ERROR;
}


/* Bytes that it has at least, as librdkafka counts them. */

static size_t
ngx_kafka_record_size(const ditto_record_t *record)
{
    size_t                        i, size;
    const ditto_record_header_t  *h;

    size = record->key.len + record->value.len;
    h = record->headers;

    for (i = 0; i < record->nheaders; i++) {
        size += h[i].name.len + h[i].value.len + NGX_KAFKA_HEADER;
    }

    return size;
}


ngx_uint_t
ngx_kafka_full(ngx_kafka_producer_t *producer)
{
    return producer->handle != NULL
           && producer->handle->in_flight + producer->held
              >= producer->max_records;
}


ngx_uint_t
ngx_kafka_too_large(rd_kafka_resp_err_t err)
{
    return err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE;
}
