
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>

#include <pthread.h>

#include "ngx_kafka_topic.h"
#include "ngx_kafka_wakeup.h"


#define NGX_KAFKA_ERRSTR        512      /* bytes */
#define NGX_KAFKA_TOPICS_EVER   4096     /* topics of one rd_kafka_t */
#define NGX_KAFKA_RETIRED       2        /* handles that drain, each with a
                                            queue of its own */
#define NGX_KAFKA_EVENTS        256      /* events served in one round */
#define NGX_KAFKA_SLAB          256      /* deliveries allocated at once */
#define NGX_KAFKA_LOG_LINES     10       /* per second and producer */
#define NGX_KAFKA_REPLACE       1000     /* ms between two replacements */
#define NGX_KAFKA_PURGE         1000     /* ms to account for purged records */
#define NGX_KAFKA_JOIN          1000     /* ms to end librdkafka's threads */
#define NGX_KAFKA_TERMINATE     400      /* ms for each of these at a fast exit:
                                            the master kills after 1.5 s */
#define NGX_KAFKA_ARGUMENTS     8        /* of one rd_kafka_produceva() */


static ngx_kafka_handle_t *ngx_kafka_handle(ngx_kafka_producer_t *producer);
static rd_kafka_headers_t *ngx_kafka_headers(const ditto_record_t *record);
static ngx_kafka_handle_t *ngx_kafka_handle_create(
    ngx_kafka_producer_t *producer);
static void ngx_kafka_handle_retire(ngx_kafka_handle_t *handle);
static rd_kafka_t *ngx_kafka_handle_free(ngx_kafka_handle_t *handle);
static void ngx_kafka_destroy_aside(rd_kafka_t *rk, ngx_log_t *log);
static void *ngx_kafka_destroy_thread(void *data);
static ngx_int_t ngx_kafka_drain(void);
static ngx_int_t ngx_kafka_drain_handle(ngx_kafka_handle_t *handle,
    ngx_uint_t max);
static void ngx_kafka_event(ngx_kafka_handle_t *handle,
    rd_kafka_event_t *event);
static void ngx_kafka_reports(ngx_kafka_handle_t *handle,
    rd_kafka_event_t *event);
static void ngx_kafka_error(ngx_kafka_handle_t *handle,
    rd_kafka_event_t *event);
static void ngx_kafka_log(ngx_kafka_producer_t *producer, ngx_uint_t level,
    const char *facility, const char *text);
static ngx_kafka_delivery_t *ngx_kafka_delivery_get(void);
static void ngx_kafka_delivery_put(ngx_kafka_delivery_t *d);
static ngx_uint_t ngx_kafka_in_flight(void);
static void ngx_kafka_flush_logs(ngx_cycle_t *cycle);


/* the state of this worker */

static ngx_queue_t            ngx_kafka_handles;
static ngx_uint_t             ngx_kafka_ready;
static ngx_kafka_delivery_t  *ngx_kafka_free;
static ngx_uint_t             ngx_kafka_ending;      /* threads that destroy */


ngx_kafka_producer_t *
ngx_kafka_producer_create(ngx_cycle_t *cycle, ngx_kafka_conf_t *conf,
    ngx_str_t *id, ngx_array_t *warm)
{
    ngx_int_t              n;
    ngx_str_t              value;
    ngx_kafka_producer_t  *producer;

    if (!ngx_kafka_ready) {
        ngx_queue_init(&ngx_kafka_handles);

        if (ngx_kafka_wakeup_init(cycle, ngx_kafka_drain) != NGX_OK) {
            return NULL;
        }

        ngx_kafka_ready = 1;
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


static ngx_kafka_handle_t *
ngx_kafka_handle_create(ngx_kafka_producer_t *producer)
{
    char                 errstr[NGX_KAFKA_ERRSTR];
    ngx_str_t           *topic;
    ngx_uint_t           i;
    ditto_str_t          name;
    rd_kafka_conf_t     *rkc;
    ngx_kafka_handle_t  *handle;

    producer->created = ngx_current_msec;

    handle = ngx_calloc(sizeof(ngx_kafka_handle_t), producer->log);
    if (handle == NULL) {
        return NULL;
    }

    rkc = ngx_kafka_conf_make(producer->conf, 1, errstr, sizeof(errstr));

    if (rkc == NULL) {
        goto failed;
    }

    handle->rk = rd_kafka_new(RD_KAFKA_PRODUCER, rkc, errstr, sizeof(errstr));

    if (handle->rk == NULL) {
        rd_kafka_conf_destroy(rkc);
        goto failed;
    }

    handle->producer = producer;
    handle->events = rd_kafka_queue_get_main(handle->rk);

    (void) rd_kafka_set_log_queue(handle->rk, NULL);

    rd_kafka_queue_io_event_enable(handle->events, ngx_kafka_wakeup_fd(),
                                   "\1\0\0\0\0\0\0", 8);

    /* what the queue holds already announces nothing any more */
    ngx_kafka_wakeup();

    ngx_kafka_topics_init(handle);
    ngx_queue_insert_tail(&ngx_kafka_handles, &handle->queue);

    topic = producer->warm->elts;

    for (i = 0; i < producer->warm->nelts; i++) {
        name.len = topic[i].len;
        name.data = topic[i].data;

        (void) ngx_kafka_topic(handle, &name);
    }

    return handle;

failed:

    ngx_log_error(NGX_LOG_CRIT, producer->log, 0,
                  "kafka [%V] no producer: %s", &producer->id, errstr);
    ngx_free(handle);

    return NULL;
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

        (void) ngx_kafka_drain_handle(handle, NGX_KAFKA_EVENTS);
    }

    rd_kafka_headers_destroy(headers);
    ngx_kafka_delivery_put(d);

    return NGX_ERROR;
}


/* The handle for the next record; NULL: there is none for the moment. */

static ngx_kafka_handle_t *
ngx_kafka_handle(ngx_kafka_producer_t *producer)
{
    ngx_uint_t           due;
    ngx_kafka_handle_t  *handle;

    due = (ngx_current_msec - producer->created >= NGX_KAFKA_REPLACE);

    if (producer->handle == NULL && due) {
        producer->handle = ngx_kafka_handle_create(producer);
    }

    handle = producer->handle;

    if (handle != NULL && due
        && handle->topics_ever >= NGX_KAFKA_TOPICS_EVER
        && producer->retired < NGX_KAFKA_RETIRED)
    {
        ngx_log_error(NGX_LOG_NOTICE, producer->log, 0,
                      "kafka [%V] records went to %ui topics; a new producer "
                      "takes over", &producer->id, handle->topics_ever);

        ngx_kafka_handle_retire(handle);

        if (producer->handle != NULL) {
            return producer->handle;
        }
    }

    return handle;
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


/* --- events -------------------------------------------------------------- */

static ngx_int_t
ngx_kafka_drain(void)
{
    ngx_int_t            rc;
    rd_kafka_t          *rk;
    ngx_queue_t         *q, *next;
    ngx_kafka_handle_t  *handle;

    rc = NGX_OK;

    for (q = ngx_queue_head(&ngx_kafka_handles);
         q != ngx_queue_sentinel(&ngx_kafka_handles);
         q = next)
    {
        handle = ngx_queue_data(q, ngx_kafka_handle_t, queue);

        if (ngx_kafka_drain_handle(handle, NGX_KAFKA_EVENTS) == NGX_AGAIN) {
            rc = NGX_AGAIN;
        }

        /* a replacement may have been added behind it meanwhile */
        next = ngx_queue_next(q);

        if (handle->retired && handle->in_flight == 0) {
            rk = ngx_kafka_handle_free(handle);
            ngx_kafka_destroy_aside(rk, ngx_cycle->log);
        }
    }

    return rc;
}


static ngx_int_t
ngx_kafka_drain_handle(ngx_kafka_handle_t *handle, ngx_uint_t max)
{
    rd_kafka_event_t  *event;

    while (max-- > 0) {
        event = rd_kafka_queue_poll(handle->events, 0);

        if (event == NULL) {
            return NGX_OK;
        }

        ngx_kafka_event(handle, event);
        rd_kafka_event_destroy(event);
    }

    return NGX_AGAIN;
}


static void
ngx_kafka_event(ngx_kafka_handle_t *handle, rd_kafka_event_t *event)
{
    int          level;
    const char  *facility, *text;

    switch (rd_kafka_event_type(event)) {

    case RD_KAFKA_EVENT_DR:
        ngx_kafka_reports(handle, event);
        break;

    case RD_KAFKA_EVENT_ERROR:
        ngx_kafka_error(handle, event);
        break;

    case RD_KAFKA_EVENT_LOG:
        /* an error event says the same of a broker that cannot be reached */

        if (rd_kafka_event_log(event, &facility, &text, &level) == 0
            && ngx_strcmp(facility, "FAIL") != 0)
        {
            ngx_kafka_log(handle->producer, ngx_kafka_log_level(level),
                          facility, text);
        }
        break;

    default:
        break;
    }
}


static void
ngx_kafka_reports(ngx_kafka_handle_t *handle, rd_kafka_event_t *event)
{
    ngx_kafka_report_t         report;
    ngx_kafka_delivery_t      *d;
    const rd_kafka_message_t  *message;

    while ((message = rd_kafka_event_message_next(event)) != NULL) {

        handle->in_flight--;
        d = message->_private;

        if (d->data != NULL) {
            report.err = message->err;
            report.partition = message->partition;
            report.offset = message->offset;
            report.timestamp = rd_kafka_message_timestamp(message, NULL);

            switch (rd_kafka_message_status(message)) {

            case RD_KAFKA_MSG_STATUS_PERSISTED:
                report.outcome = NGX_KAFKA_PERSISTED;
                break;

            case RD_KAFKA_MSG_STATUS_NOT_PERSISTED:
                report.outcome = NGX_KAFKA_NOT_PERSISTED;
                break;

            default:
                report.outcome = NGX_KAFKA_UNKNOWN;
            }

            /* acks=0: sent, and nobody will ever know more */

            if (report.outcome == NGX_KAFKA_UNKNOWN
                && message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
            {
                report.outcome = NGX_KAFKA_SENT;
            }

            d->handler(d, &report);

        } else if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
            ngx_kafka_log(handle->producer, NGX_LOG_ERR,
                          rd_kafka_err2name(message->err),
                          "a record that nobody waits for is not known to be "
                          "in Kafka");
        }

        ngx_kafka_delivery_put(d);
    }
}


static void
ngx_kafka_error(ngx_kafka_handle_t *handle, rd_kafka_event_t *event)
{
    char                   errstr[NGX_KAFKA_ERRSTR];
    rd_kafka_resp_err_t    err;
    ngx_kafka_producer_t  *producer;

    producer = handle->producer;
    err = rd_kafka_event_error(event);

    /* the code of a fatal error is that of its cause */

    if (!rd_kafka_event_error_is_fatal(event)) {
        ngx_kafka_log(producer, NGX_LOG_ERR, rd_kafka_err2name(err),
                      rd_kafka_event_error_string(event));
        return;
    }

    if (handle->retired) {
        return;
    }

    err = rd_kafka_fatal_error(handle->rk, errstr, sizeof(errstr));

    ngx_log_error(NGX_LOG_CRIT, producer->log, 0,
                  "kafka [%V] fatal error %s: %s; a new producer takes over",
                  &producer->id, rd_kafka_err2name(err), errstr);

    /* what is queued there can never be sent */

    (void) rd_kafka_purge(handle->rk, RD_KAFKA_PURGE_F_QUEUE
                                      | RD_KAFKA_PURGE_F_NON_BLOCKING);

    ngx_kafka_handle_retire(handle);
}


static void
ngx_kafka_log(ngx_kafka_producer_t *producer, ngx_uint_t level,
    const char *facility, const char *text)
{
    time_t  now;

    if (level == NGX_LOG_DEBUG) {
        ngx_log_error(level, producer->log, 0, "kafka [%V] %s: %s",
                      &producer->id, facility, text);
        return;
    }

    now = ngx_time();

    if (now != producer->second) {

        if (producer->suppressed) {
            ngx_log_error(NGX_LOG_WARN, producer->log, 0,
                          "kafka [%V] %ui messages of librdkafka were "
                          "suppressed", &producer->id, producer->suppressed);
        }

        producer->second = now;
        producer->lines = 0;
        producer->suppressed = 0;
    }

    if (producer->lines++ >= NGX_KAFKA_LOG_LINES) {
        producer->suppressed++;
        return;
    }

    ngx_log_error(level, producer->log, 0, "kafka [%V] %s: %s",
                  &producer->id, facility, text);
}


/* --- the end of a handle ------------------------------------------------- */

/* It drains; another one takes over, at once or with the next record. */

static void
ngx_kafka_handle_retire(ngx_kafka_handle_t *handle)
{
    ngx_kafka_producer_t  *producer;

    producer = handle->producer;

    handle->retired = 1;
    producer->retired++;
    producer->handle = NULL;

    if (ngx_current_msec - producer->created >= NGX_KAFKA_REPLACE) {
        producer->handle = ngx_kafka_handle_create(producer);
    }

    /* it may hold nothing any more */
    ngx_kafka_wakeup();
}


/* The rd_kafka_t is the caller's to destroy. */

static rd_kafka_t *
ngx_kafka_handle_free(ngx_kafka_handle_t *handle)
{
    rd_kafka_t  *rk;

    ngx_kafka_topics_free(handle);

    rk = handle->rk;

    if (handle->retired) {
        handle->producer->retired--;
    }

    rd_kafka_queue_io_event_enable(handle->events, -1, NULL, 0);
    rd_kafka_queue_destroy(handle->events);

    ngx_queue_remove(&handle->queue);
    ngx_free(handle);

    return rk;
}


/* rd_kafka_destroy() waits for threads: not in the event loop */

static void
ngx_kafka_destroy_aside(rd_kafka_t *rk, ngx_log_t *log)
{
    int        err;
    sigset_t   all, old;
    pthread_t  thread;

    (void) __atomic_add_fetch(&ngx_kafka_ending, 1, __ATOMIC_SEQ_CST);

    /* nginx's signals are for its own thread */

    sigfillset(&all);
    (void) pthread_sigmask(SIG_BLOCK, &all, &old);

    err = pthread_create(&thread, NULL, ngx_kafka_destroy_thread, rk);

    (void) pthread_sigmask(SIG_SETMASK, &old, NULL);

    if (err != 0) {
        (void) __atomic_sub_fetch(&ngx_kafka_ending, 1, __ATOMIC_SEQ_CST);
        ngx_log_error(NGX_LOG_CRIT, log, err,
                      "pthread_create() failed, a kafka client is left behind");
        return;
    }

    (void) pthread_detach(thread);
}


static void *
ngx_kafka_destroy_thread(void *data)
{
    rd_kafka_destroy_flags(data, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);

    (void) __atomic_sub_fetch(&ngx_kafka_ending, 1, __ATOMIC_SEQ_CST);

    return NULL;
}


void
ngx_kafka_exit(ngx_cycle_t *cycle, ngx_msec_t ms)
{
    ngx_msec_t           end;
    ngx_uint_t           n, left, level, terminate;
    ngx_queue_t         *q;
    ngx_kafka_handle_t  *handle;

    if (!ngx_kafka_ready) {
        return;
    }

    ngx_time_update();

    terminate = ngx_terminate;
    end = ngx_current_msec + (terminate ? NGX_KAFKA_TERMINATE : ms);
    n = ngx_kafka_in_flight();

    while (ngx_kafka_in_flight() != 0
           && (ngx_msec_int_t) (end - ngx_current_msec) > 0)
    {
        for (q = ngx_queue_head(&ngx_kafka_handles);
             q != ngx_queue_sentinel(&ngx_kafka_handles);
             q = ngx_queue_next(q))
        {
            handle = ngx_queue_data(q, ngx_kafka_handle_t, queue);

            /* makes librdkafka send what lingers */
            (void) rd_kafka_flush(handle->rk, 0);
        }

        /* the wake-up drains; the master's channel may say "terminate" */

        (void) ngx_process_events(cycle, 10, NGX_UPDATE_TIME);
        ngx_event_process_posted(cycle, &ngx_posted_events);
        (void) ngx_kafka_drain();

        if (ngx_terminate && !terminate) {
            terminate = 1;
            end = ngx_current_msec + NGX_KAFKA_TERMINATE;
        }
    }

    left = ngx_kafka_in_flight();

    if (left) {
        for (q = ngx_queue_head(&ngx_kafka_handles);
             q != ngx_queue_sentinel(&ngx_kafka_handles);
             q = ngx_queue_next(q))
        {
            handle = ngx_queue_data(q, ngx_kafka_handle_t, queue);

            (void) rd_kafka_purge(handle->rk, RD_KAFKA_PURGE_F_QUEUE
                                              | RD_KAFKA_PURGE_F_INFLIGHT
                                              | RD_KAFKA_PURGE_F_NON_BLOCKING);
        }

        end = ngx_current_msec + (terminate ? NGX_KAFKA_TERMINATE
                                            : NGX_KAFKA_PURGE);

        while (ngx_kafka_in_flight() != 0
               && (ngx_msec_int_t) (end - ngx_current_msec) > 0)
        {
            (void) ngx_kafka_drain();
            ngx_msleep(5);
            ngx_time_update();
        }
    }

    if (n) {
        level = left ? NGX_LOG_WARN : NGX_LOG_NOTICE;

        ngx_log_error(level, cycle->log, 0,
                      "kafka: %ui records were under way at exit, %ui of them "
                      "purged, %ui without a report",
                      n, left, ngx_kafka_in_flight());
    }

    while (!ngx_queue_empty(&ngx_kafka_handles)) {
        q = ngx_queue_head(&ngx_kafka_handles);
        handle = ngx_queue_data(q, ngx_kafka_handle_t, queue);

        ngx_kafka_destroy_aside(ngx_kafka_handle_free(handle), cycle->log);
    }

    end = ngx_current_msec + (terminate ? NGX_KAFKA_TERMINATE
                                        : NGX_KAFKA_JOIN);

    while (__atomic_load_n(&ngx_kafka_ending, __ATOMIC_SEQ_CST) != 0) {

        ngx_time_update();

        if ((ngx_msec_int_t) (end - ngx_current_msec) <= 0) {

            if (ngx_process == NGX_PROCESS_SINGLE) {
                /* the pid file and the sockets are its own to remove */
                break;
            }

            /* exit() would run OpenSSL's clean-up under living threads */

            ngx_log_error(NGX_LOG_NOTICE, cycle->log, 0,
                          "kafka: threads of librdkafka are still ending");
            ngx_kafka_flush_logs(cycle);
            _exit(0);
        }

        ngx_msleep(1);
    }

    ngx_kafka_ready = 0;
}


static void
ngx_kafka_flush_logs(ngx_cycle_t *cycle)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_open_file_t  *file;

    part = &cycle->open_files.part;
    file = part->elts;

    for (i = 0; /* void */ ; i++) {

        if (i >= part->nelts) {
            if (part->next == NULL) {
                break;
            }

            part = part->next;
            file = part->elts;
            i = 0;
        }

        if (file[i].flush) {
            file[i].flush(&file[i], cycle->log);
        }
    }
}


static ngx_uint_t
ngx_kafka_in_flight(void)
{
    ngx_uint_t           n;
    ngx_queue_t         *q;
    ngx_kafka_handle_t  *handle;

    n = 0;

    for (q = ngx_queue_head(&ngx_kafka_handles);
         q != ngx_queue_sentinel(&ngx_kafka_handles);
         q = ngx_queue_next(q))
    {
        handle = ngx_queue_data(q, ngx_kafka_handle_t, queue);
        n += handle->in_flight;
    }

    return n;
}


/* --- deliveries ---------------------------------------------------------- */

/*
 * A delivery outlives its request when the client leaves; so it comes from
 * the worker's own list, which librdkafka's queue limit bounds.
 */

static ngx_kafka_delivery_t *
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


static void
ngx_kafka_delivery_put(ngx_kafka_delivery_t *d)
{
    d->data = ngx_kafka_free;
    ngx_kafka_free = d;
}
