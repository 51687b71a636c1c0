
#include "ngx_kafka_topic.h"


#define NGX_KAFKA_SLAB          256      /* deliveries allocated at once */
#define NGX_KAFKA_ARGUMENTS     8        /* of one rd_kafka_produceva() */


static rd_kafka_headers_t *ngx_kafka_headers(const ditto_record_t *record);


/* of this worker */

static ngx_kafka_delivery_t  *ngx_kafka_free;


ngx_kafka_producer_t *
ngx_kafka_producer_create(ngx_cycle_t *cycle, ngx_kafka_conf_t *conf,
    ngx_str_t *id, ngx_array_t *warm)
{
    ngx_int_t              n;
    ngx_str_t              value;
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
    producer->limit = NGX_MAX_INT32_VALUE;

    if (ngx_kafka_conf_value(conf, cycle->pool, "queue.buffering.max.messages",
                             &value)
        == NGX_OK)
    {
        n = ngx_atoi(value.data, value.len);

        if (n > 0) {
            producer->limit = (ngx_uint_t) n;
        }
    }

    producer->handle = ngx_kafka_handle_create(producer);

    return producer;
}


ngx_int_t
ngx_kafka_produce(ngx_kafka_producer_t *producer,
    const ditto_record_t *record,
    void (*handler)(ngx_kafka_delivery_t *d, ngx_kafka_report_t *report),
    void *data, ngx_kafka_delivery_t **delivery, rd_kafka_resp_err_t *err)
{
    size_t                 n;
    ngx_uint_t             tries;
    rd_kafka_vu_t          vu[NGX_KAFKA_ARGUMENTS];
    rd_kafka_error_t      *error;
    rd_kafka_topic_t      *rkt;
    ngx_kafka_handle_t    *handle;
    rd_kafka_headers_t    *headers;
    ngx_kafka_delivery_t  *d;

    handle = ngx_kafka_handle(producer);

    if (handle == NULL) {
        *err = RD_KAFKA_RESP_ERR__FATAL;
        return NGX_ERROR;
    }

    rkt = ngx_kafka_topic(handle, &record->topic);

    if (rkt == NULL) {
        *err = RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC;
        return NGX_ERROR;
    }

    d = ngx_kafka_delivery_get();

    if (d == NULL) {
        *err = RD_KAFKA_RESP_ERR__QUEUE_FULL;
        return NGX_ERROR;
    }

    d->handler = handler;
    d->data = data;
    d->handle = handle;

    headers = ngx_kafka_headers(record);

    n = 0;

    vu[n].vtype = RD_KAFKA_VTYPE_RKT;
    vu[n++].u.rkt = rkt;

    vu[n].vtype = RD_KAFKA_VTYPE_PARTITION;
    vu[n++].u.i32 = (record->partition < 0) ? RD_KAFKA_PARTITION_UA
                                            : record->partition;

    vu[n].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
    vu[n++].u.i = RD_KAFKA_MSG_F_COPY;

    vu[n].vtype = RD_KAFKA_VTYPE_VALUE;
    vu[n].u.mem.ptr = record->value.len ? (void *) record->value.data
                                        : (void *) "";
    vu[n++].u.mem.size = record->value.len;

    if (record->key.data != NULL) {
        vu[n].vtype = RD_KAFKA_VTYPE_KEY;
        vu[n].u.mem.ptr = (void *) record->key.data;
        vu[n++].u.mem.size = record->key.len;
    }

    vu[n].vtype = RD_KAFKA_VTYPE_OPAQUE;
    vu[n++].u.ptr = d;

    vu[n].vtype = RD_KAFKA_VTYPE_HEADERS;
    vu[n++].u.headers = headers;

    for (tries = 0; ; tries++) {

        error = rd_kafka_produceva(handle->rk, vu, n);

        if (error == NULL) {
            handle->in_flight++;
            *delivery = d;
            return NGX_OK;
        }

        *err = rd_kafka_error_code(error);
        rd_kafka_error_destroy(error);

        /* a report that nobody has served yet keeps its place in the queue */

        if (*err != RD_KAFKA_RESP_ERR__QUEUE_FULL || tries) {
            break;
        }

        (void) ngx_kafka_events(handle, NGX_KAFKA_EVENTS);
    }

    rd_kafka_headers_destroy(headers);
    ngx_kafka_delivery_put(d);

    return NGX_ERROR;
}


static rd_kafka_headers_t *
ngx_kafka_headers(const ditto_record_t *record)
{
    size_t                        i;
    rd_kafka_headers_t           *headers;
    const ditto_record_header_t  *h;

    headers = rd_kafka_headers_new(record->nheaders);
    h = record->headers;

    for (i = 0; i < record->nheaders; i++) {
        (void) rd_kafka_header_add(headers, (char *) h[i].name.data,
                                   (ssize_t) h[i].name.len,
                                   h[i].value.len ? (void *) h[i].value.data
                                                  : (void *) "",
                                   (ssize_t) h[i].value.len);
    }

    return headers;
}


ngx_uint_t
ngx_kafka_full(ngx_kafka_producer_t *producer)
{
    return producer->handle != NULL
           && producer->handle->in_flight >= producer->limit;
}


ngx_uint_t
ngx_kafka_too_large(rd_kafka_resp_err_t err)
{
    return err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE;
}


/* --- deliveries ---------------------------------------------------------- */

/*
 * A delivery outlives its request when the client leaves; so it comes from
 * the worker's own list, which librdkafka's queue limit bounds.
 */

ngx_kafka_delivery_t *
ngx_kafka_delivery_get(void)
{
    ngx_uint_t             i;
    ngx_kafka_delivery_t  *d;

    if (ngx_kafka_free == NULL) {

        d = ngx_alloc(NGX_KAFKA_SLAB * sizeof(ngx_kafka_delivery_t),
                      ngx_cycle->log);
        if (d == NULL) {
            return NULL;
        }

        for (i = 0; i < NGX_KAFKA_SLAB; i++) {
            ngx_kafka_delivery_put(&d[i]);
        }
    }

    d = ngx_kafka_free;
    ngx_kafka_free = d->data;

    return d;
}


void
ngx_kafka_delivery_put(ngx_kafka_delivery_t *d)
{
    d->data = ngx_kafka_free;
    ngx_kafka_free = d;
}
