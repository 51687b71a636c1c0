
/*
 * The life of a handle, and the end of the worker.
 */

#include "ngx_kafka_batch.h"
#include "ngx_kafka_wakeup.h"

#include <pthread.h>


#define NGX_KAFKA_TOPICS_EVER   4096     /* topics of one rd_kafka_t */
#define NGX_KAFKA_RETIRED       2        /* handles that drain, each with a
                                            queue of its own */
#define NGX_KAFKA_REPLACE       1000     /* ms between two replacements */
#define NGX_KAFKA_PURGE         1000     /* ms to account for purged records */
#define NGX_KAFKA_JOIN          1000     /* ms to end librdkafka's threads */
#define NGX_KAFKA_TERMINATE     400      /* ms for each of these at a fast exit:
                                            the master kills after 1.5 s */


static rd_kafka_t *ngx_kafka_handle_free(ngx_kafka_handle_t *handle);
static void ngx_kafka_destroy_aside(rd_kafka_t *rk, ngx_log_t *log);
static void *ngx_kafka_destroy_thread(void *data);
static ngx_int_t ngx_kafka_drain(void);
static void ngx_kafka_flush_logs(ngx_cycle_t *cycle);
static ngx_uint_t ngx_kafka_in_flight(void);
static void ngx_kafka_each_producer(
    void (*handler)(ngx_kafka_producer_t *producer));
static void ngx_kafka_purge_held(ngx_kafka_producer_t *producer);


/* the state of this worker */

static ngx_queue_t            ngx_kafka_handles;
static ngx_queue_t            ngx_kafka_producers;
static ngx_uint_t             ngx_kafka_ready;
static ngx_uint_t             ngx_kafka_ending;      /* threads that destroy */


ngx_int_t
ngx_kafka_handles_init(ngx_cycle_t *cycle)
{
    if (ngx_kafka_ready) {
        return NGX_OK;
    }

    ngx_queue_init(&ngx_kafka_handles);
    ngx_queue_init(&ngx_kafka_producers);

    if (ngx_kafka_wakeup_init(cycle, ngx_kafka_drain) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_kafka_ready = 1;

    return NGX_OK;
}


void
ngx_kafka_producer_add(ngx_kafka_producer_t *producer)
{
    ngx_queue_insert_tail(&ngx_kafka_producers, &producer->queue);
}


ngx_kafka_handle_t *
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

    if (producer->window
        && ngx_kafka_conf_partitioner(rkc, ngx_kafka_partitioner, errstr,
                                      sizeof(errstr))
           != NGX_OK)
    {
        rd_kafka_conf_destroy(rkc);
        goto failed;
    }

    if (producer->window && !producer->plain) {
        handle->threads = ngx_kafka_threads_create(rkc);
    }

    handle->rk = rd_kafka_new(RD_KAFKA_PRODUCER, rkc, errstr, sizeof(errstr));

    if (handle->rk == NULL) {

        if (handle->threads == NULL) {
            rd_kafka_conf_destroy(rkc);

        } else if (ngx_kafka_threads_unused(handle->threads)) {
            rd_kafka_conf_destroy(rkc);
            ngx_free(handle->threads);

        } else {
            producer->plain = 1;
        }

        goto failed;
    }

    handle->producer = producer;
    handle->events = rd_kafka_queue_get_main(handle->rk);

    (void) rd_kafka_set_log_queue(handle->rk, NULL);

    rd_kafka_queue_io_event_enable(handle->events, ngx_kafka_wakeup_fd(),
                                   "\1\0\0\0\0\0\0", 8);

    /* what the queue holds already announces nothing any more */
    ngx_kafka_wakeup();

    ngx_queue_insert_tail(&ngx_kafka_handles, &handle->queue);
    producer->handle = handle;

    topic = producer->warm->elts;

    for (i = 0; i < producer->warm->nelts; i++) {
        name.len = topic[i].len;
        name.data = topic[i].data;

        (void) ngx_kafka_topic(producer, &name);
    }

    return handle;

failed:

    ngx_log_error(NGX_LOG_CRIT, producer->log, 0,
                  "kafka [%V] no producer: %s", &producer->id, errstr);
    ngx_free(handle);

    return NULL;
}


ngx_kafka_handle_t *
ngx_kafka_handle(ngx_kafka_producer_t *producer)
{
    ngx_uint_t           due;
    ngx_kafka_handle_t  *handle;

    due = (ngx_current_msec - producer->created >= NGX_KAFKA_REPLACE);

    if (producer->handle == NULL && due) {
        (void) ngx_kafka_handle_create(producer);
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
    }

    return producer->handle;
}


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

        if (ngx_kafka_events(handle, NGX_KAFKA_EVENTS) == NGX_AGAIN) {
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


void
ngx_kafka_handle_retire(ngx_kafka_handle_t *handle)
{
    ngx_kafka_producer_t  *producer;

    producer = handle->producer;

    handle->retired = 1;
    producer->retired++;
    producer->handle = NULL;

    ngx_kafka_topics_leave(producer);

    if (ngx_current_msec - producer->created >= NGX_KAFKA_REPLACE) {
        (void) ngx_kafka_handle_create(producer);
    }

    /* it may hold nothing any more */
    ngx_kafka_wakeup();
}


/* The rd_kafka_t is the caller's to destroy. */

static rd_kafka_t *
ngx_kafka_handle_free(ngx_kafka_handle_t *handle)
{
    rd_kafka_t  *rk;

    rk = handle->rk;

    if (handle->retired) {
        handle->producer->retired--;

    } else {
        ngx_kafka_topics_leave(handle->producer);
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
    ngx_kafka_threads_t  *threads;

    threads = rd_kafka_opaque(data);

    rd_kafka_destroy_flags(data, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);

    ngx_free(threads);

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

    ngx_kafka_batch_last();

    terminate = ngx_terminate;
    end = ngx_current_msec + (terminate ? NGX_KAFKA_TERMINATE : ms);
    n = ngx_kafka_in_flight();

    while (ngx_kafka_in_flight() != 0
           && (ngx_msec_int_t) (end - ngx_current_msec) > 0)
    {
        ngx_kafka_each_producer(ngx_kafka_batch_feed);

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
        ngx_kafka_each_producer(ngx_kafka_purge_held);

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
    ngx_uint_t             n;
    ngx_queue_t           *q;
    ngx_kafka_handle_t    *handle;
    ngx_kafka_producer_t  *producer;

    n = 0;

    for (q = ngx_queue_head(&ngx_kafka_handles);
         q != ngx_queue_sentinel(&ngx_kafka_handles);
         q = ngx_queue_next(q))
    {
        handle = ngx_queue_data(q, ngx_kafka_handle_t, queue);
        n += handle->in_flight;
    }

    for (q = ngx_queue_head(&ngx_kafka_producers);
         q != ngx_queue_sentinel(&ngx_kafka_producers);
         q = ngx_queue_next(q))
    {
        producer = ngx_queue_data(q, ngx_kafka_producer_t, queue);
        n += producer->held;
    }

    return n;
}


static void
ngx_kafka_each_producer(void (*handler)(ngx_kafka_producer_t *producer))
{
    ngx_queue_t  *q;

    for (q = ngx_queue_head(&ngx_kafka_producers);
         q != ngx_queue_sentinel(&ngx_kafka_producers);
         q = ngx_queue_next(q))
    {
        handler(ngx_queue_data(q, ngx_kafka_producer_t, queue));
    }
}


static void
ngx_kafka_purge_held(ngx_kafka_producer_t *producer)
{
    ngx_kafka_batch_purge(producer, RD_KAFKA_RESP_ERR__PURGE_QUEUE);
}
