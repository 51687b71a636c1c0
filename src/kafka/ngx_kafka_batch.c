
#include "ngx_kafka_batch.h"


#define NGX_KAFKA_LOOK      50           /* ms between two looks at the clock
                                            while records wait */
#define NGX_KAFKA_ENOUGH    64           /* records that share the cost of a
                                            request well */
#define NGX_KAFKA_BATCHES   64           /* allocated at once */


/* Records of one partition that were given together. */
struct ngx_kafka_batch_s {
    ngx_queue_t             queue;       /* in its broker's */
    ngx_kafka_partition_t  *partition;
    ngx_kafka_broker_t     *broker;      /* NULL: it does not count any more */
    ngx_uint_t              size;        /* records */
    ngx_uint_t              left;        /* without report */
    ngx_msec_t              since;
    unsigned                late:1;
};


static void ngx_kafka_batch_event(ngx_event_t *ev);
static void ngx_kafka_batch_gated(ngx_kafka_producer_t *producer);
static void ngx_kafka_batch_expire(ngx_kafka_producer_t *producer);
static void ngx_kafka_batch_broker(ngx_kafka_producer_t *producer,
    ngx_kafka_broker_t *broker);
static void ngx_kafka_batch_back(ngx_kafka_batch_t *batch);
static ngx_uint_t ngx_kafka_batch_collects(ngx_kafka_producer_t *producer,
    ngx_kafka_broker_t *broker);
static ngx_int_t ngx_kafka_batch_give(ngx_kafka_producer_t *producer,
    ngx_kafka_partition_t *p);
static void ngx_kafka_batch_refused(ngx_kafka_producer_t *producer,
    ngx_kafka_record_t *r, rd_kafka_resp_err_t err);
static void ngx_kafka_batch_fail(ngx_kafka_producer_t *producer);
static void ngx_kafka_batch_empty(ngx_kafka_producer_t *producer,
    ngx_kafka_partition_t *p, rd_kafka_resp_err_t err);
static ngx_kafka_record_t *ngx_kafka_batch_take(
    ngx_kafka_producer_t *producer, ngx_kafka_partition_t *p);
static ngx_kafka_batch_t *ngx_kafka_batch_get(void);
static void ngx_kafka_batch_put(ngx_kafka_batch_t *batch);


/* of this worker */

static ngx_kafka_batch_t  *ngx_kafka_batch_free;
static ngx_uint_t          ngx_kafka_batch_ends;


void
ngx_kafka_batches_init(ngx_kafka_producer_t *producer)
{
    ngx_kafka_brokers_init(producer);
    ngx_queue_init(&producer->refused);

    producer->feed.handler = ngx_kafka_batch_event;
    producer->feed.data = producer;
    producer->feed.log = producer->log;
    producer->feed.cancelable = 1;
}


ngx_uint_t
ngx_kafka_batch_waits(ngx_kafka_producer_t *producer,
    ngx_kafka_partition_t *p)
{
    if (producer->window == 0) {
        return 0;
    }

    if (p->nheld || ngx_kafka_partition_gated(producer, p)) {
        return 1;
    }

    return p->broker != NULL && p->late == 0
           && p->topic->found == p->topic->count;
}


void
ngx_kafka_batch_hold(ngx_kafka_producer_t *producer, ngx_kafka_partition_t *p,
    ngx_kafka_record_t *r)
{
    r->partition = p;
    r->since = ngx_current_msec;

    ngx_queue_insert_tail(&p->held, &r->queue);

    if (p->nheld == 0) {
        p->nheld = 1;
        ngx_kafka_partition_link(producer, p);

    } else {
        ngx_kafka_partition_grow(p);
    }

    p->topic->nheld++;
    producer->held++;
    producer->held_bytes += r->len;

    if (!producer->feed.posted) {
        ngx_post_event(&producer->feed, &ngx_posted_events);
    }
}


void
ngx_kafka_batch_given(ngx_kafka_producer_t *producer,
    ngx_kafka_partition_t *p, ngx_kafka_record_t *r)
{
    ngx_kafka_handle_t     *handle;
    ngx_kafka_partition_t  *chosen;

    handle = producer->handle;

    if (ngx_kafka_topic_partitioned(r, p->topic) == NGX_OK && p->number < 0) {

        /* "any" stands for what librdkafka has not assigned either */

        chosen = ngx_kafka_topic_numbered(producer, p->topic, r->chosen);

        if (chosen != NULL) {
            p = chosen;
        }
    }

    r->partition = p;

    if (p->under_way++ == 0) {
        p->heard = ngx_current_msec;
    }

    p->handle = handle;
    p->topic->under_way++;

    handle->in_flight++;
    handle->bytes += r->len;

    if (r->batch != NULL) {
        r->batch->left++;
    }
}


void
ngx_kafka_batch_reported(ngx_kafka_handle_t *handle,
    const rd_kafka_message_t *message)
{
    int32_t                 id;
    ngx_kafka_batch_t      *batch;
    ngx_kafka_topic_t      *topic;
    ngx_kafka_record_t     *r;
    ngx_kafka_producer_t   *producer;
    ngx_kafka_partition_t  *p;

    r = message->_private;
    p = r->partition;
    topic = p->topic;
    batch = r->batch;
    producer = handle->producer;

    handle->in_flight--;
    handle->bytes -= r->len;

    topic->under_way--;
    p->under_way--;

    if (handle != producer->handle) {
        topic->older--;
    }

    if (batch != NULL && --batch->left == 0) {

        if (batch->late) {
            p->late--;

        } else if (batch->broker != NULL) {
            ngx_queue_remove(&batch->queue);
            ngx_kafka_batch_back(batch);
        }

        ngx_kafka_batch_put(batch);
    }

    if (producer->window == 0 || message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return;
    }

    p->heard = ngx_current_msec;

    if (topic->found == 0) {
        (void) ngx_kafka_topic_partitioned(r, topic);
    }

    if (p->number != message->partition) {

        p = ngx_kafka_topic_numbered(producer, topic, message->partition);
        if (p == NULL) {
            return;
        }
    }

    id = rd_kafka_message_broker_id(message);

    if (id >= 0 && (p->broker == NULL || p->broker->id != id)) {
        ngx_kafka_partition_led(producer, p, id);
    }
}


/* --- what goes next ------------------------------------------------------ */

static void
ngx_kafka_batch_event(ngx_event_t *ev)
{
    ngx_kafka_producer_t *producer = ev->data;

    if (ev->timedout) {
        ev->timedout = 0;
        ngx_kafka_batch_expire(producer);

    } else {
        producer->round++;
    }

    ngx_kafka_batch_feed(producer);
}


void
ngx_kafka_batch_feed(ngx_kafka_producer_t *producer)
{
    ngx_queue_t         *q;
    ngx_kafka_broker_t  *broker;

    if (producer->held && ngx_kafka_handle(producer) == NULL) {
        ngx_kafka_batch_purge(producer, RD_KAFKA_RESP_ERR__FATAL);
    }

    if (producer->held) {

        ngx_kafka_batch_gated(producer);

        for (q = ngx_queue_head(&producer->brokers);
             q != ngx_queue_sentinel(&producer->brokers);
             q = ngx_queue_next(q))
        {
            broker = ngx_queue_data(q, ngx_kafka_broker_t, queue);
            ngx_kafka_batch_broker(producer, broker);
        }

        if (producer->held && !producer->feed.timer_set) {
            ngx_add_timer(&producer->feed, NGX_KAFKA_LOOK);
        }
    }

    ngx_kafka_batch_fail(producer);
}


/* Those that need not wait for a report any more. */

static void
ngx_kafka_batch_gated(ngx_kafka_producer_t *producer)
{
    ngx_queue_t            *q, *next;
    ngx_kafka_partition_t  *p;

    for (q = ngx_queue_head(&producer->gated);
         q != ngx_queue_sentinel(&producer->gated);
         q = next)
    {
        next = ngx_queue_next(q);
        p = ngx_queue_data(q, ngx_kafka_partition_t, turn);

        if (ngx_kafka_partition_gated(producer, p)) {
            continue;
        }

        if (p->broker == NULL || p->late) {
            if (ngx_kafka_batch_give(producer, p) == NGX_AGAIN) {
                return;
            }

            continue;
        }

        ngx_kafka_partition_unlink(p);
        ngx_kafka_partition_link(producer, p);
    }
}


static void
ngx_kafka_batch_expire(ngx_kafka_producer_t *producer)
{
    ngx_queue_t            *q, *next;
    ngx_kafka_record_t     *r;
    ngx_kafka_partition_t  *p;

    if (producer->timeout == 0) {
        return;
    }

    for (q = ngx_queue_head(&producer->gated);
         q != ngx_queue_sentinel(&producer->gated);
         q = next)
    {
        next = ngx_queue_next(q);
        p = ngx_queue_data(q, ngx_kafka_partition_t, turn);

        while (p->nheld) {
            r = ngx_queue_data(ngx_queue_head(&p->held), ngx_kafka_record_t,
                               queue);

            if (ngx_current_msec - r->since < producer->timeout) {
                break;
            }

            r = ngx_kafka_batch_take(producer, p);
            ngx_kafka_batch_refused(producer, r,
                                    RD_KAFKA_RESP_ERR__MSG_TIMED_OUT);
        }

        if (p->nheld == 0) {
            ngx_kafka_partition_unlink(p);
        }
    }
}


static void
ngx_kafka_batch_broker(ngx_kafka_producer_t *producer,
    ngx_kafka_broker_t *broker)
{
    pid_t                   thread;
    ngx_queue_t            *q;
    ngx_kafka_batch_t      *batch;
    ngx_kafka_record_t     *r;
    ngx_kafka_partition_t  *p;

    if (broker->handle != producer->handle) {

        /* another connection: what is under way there does not hinder */

        while (!ngx_queue_empty(&broker->batches)) {
            q = ngx_queue_head(&broker->batches);
            ngx_queue_remove(q);

            batch = ngx_queue_data(q, ngx_kafka_batch_t, queue);
            batch->broker = NULL;
        }

        broker->under_way = 0;
        broker->handle = producer->handle;
    }

    while (!ngx_queue_empty(&broker->batches)) {
        q = ngx_queue_head(&broker->batches);
        batch = ngx_queue_data(q, ngx_kafka_batch_t, queue);

        if (ngx_current_msec - batch->since < NGX_KAFKA_LATE) {
            break;
        }

        ngx_queue_remove(q);
        broker->under_way--;
        batch->broker = NULL;

        p = batch->partition;
        batch->late = 1;
        p->late++;

        if (p->nheld && ngx_kafka_batch_give(producer, p) == NGX_AGAIN) {
            return;
        }
    }

    while (!ngx_queue_empty(&broker->ages)) {
        q = ngx_queue_head(&broker->ages);
        p = ngx_queue_data(q, ngx_kafka_partition_t, age);
        r = ngx_queue_data(ngx_queue_head(&p->held), ngx_kafka_record_t,
                           queue);

        if (ngx_current_msec - r->since < NGX_KAFKA_LATE
            && !ngx_kafka_batch_ends)
        {
            break;
        }

        if (ngx_kafka_batch_give(producer, p) == NGX_AGAIN) {
            return;
        }
    }

    if (broker->lengths == 0 || broker->under_way >= producer->window
        || ngx_kafka_batch_collects(producer, broker))
    {
        return;
    }

    thread = 0;

    if (broker->nheld > 1) {
        thread = ngx_kafka_thread_hold(producer->handle->threads, broker->id);
    }

    while (broker->under_way < producer->window && broker->lengths) {

        p = ngx_kafka_broker_next(broker);

        if (ngx_kafka_batch_give(producer, p) == NGX_AGAIN) {
            break;
        }
    }

    ngx_kafka_thread_let_go(thread);
}


/* What comes back next is compared with it. */

static void
ngx_kafka_batch_back(ngx_kafka_batch_t *batch)
{
    ngx_kafka_broker_t  *broker;

    broker = batch->broker;

    broker->under_way--;
    broker->size = batch->size;
    broker->seen = 0;
    broker->until = ngx_current_msec + (ngx_current_msec - batch->since) + 1;
}


/*
 * Nothing is under way, and less waits than came back last: those who are
 * answered now may be about to send the rest.  If what waits went at once, the
 * two would take turns from now on, and each wait for the other.  So while the
 * worker finds another record in each round of its event loop it waits for as
 * many, or for enough, and for no longer than the last batch took.
 */

static ngx_uint_t
ngx_kafka_batch_collects(ngx_kafka_producer_t *producer,
    ngx_kafka_broker_t *broker)
{
    if (broker->under_way
        || broker->nheld >= ngx_min(broker->size, NGX_KAFKA_ENOUGH)
        || (ngx_msec_int_t) (broker->until - ngx_current_msec) < 0
        || (broker->nheld == broker->seen && broker->round != producer->round))
    {
        return 0;
    }

    /* what is posted ends this round, not the next one */

    broker->seen = broker->nheld;
    broker->round = producer->round + producer->feed.posted;

    if (!producer->feed.posted) {
        ngx_post_event(&producer->feed, &ngx_posted_next_events);
    }

    return 1;
}


/* All of a partition's records.  NGX_AGAIN: librdkafka's queue is full. */

static ngx_int_t
ngx_kafka_batch_give(ngx_kafka_producer_t *producer, ngx_kafka_partition_t *p)
{
    ngx_int_t             rc;
    ngx_kafka_batch_t    *batch;
    ngx_kafka_record_t   *r;
    rd_kafka_resp_err_t   err;

    ngx_kafka_partition_unlink(p);

    if (ngx_kafka_partition_gated(producer, p)) {
        ngx_kafka_partition_link(producer, p);
        return NGX_DECLINED;
    }

    rc = ngx_kafka_topic_open(producer, p->topic);
    err = RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC;

    batch = (p->broker != NULL && p->late == 0) ? ngx_kafka_batch_get() : NULL;

    while (p->nheld) {

        r = ngx_queue_data(ngx_queue_head(&p->held), ngx_kafka_record_t,
                           queue);

        if (rc == NGX_OK) {
            err = ngx_kafka_record_give(r, producer->handle, p->topic->rkt,
                                        NULL);
        }

        if (err == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
            /* of reports that are being served */
            break;
        }

        (void) ngx_kafka_batch_take(producer, p);

        if (err != RD_KAFKA_RESP_ERR_NO_ERROR) {
            ngx_kafka_batch_refused(producer, r, err);
            continue;
        }

        r->batch = batch;
        ngx_kafka_batch_given(producer, p, r);
    }

    if (batch != NULL && batch->left == 0) {
        ngx_kafka_batch_put(batch);

    } else if (batch != NULL) {
        batch->partition = p;
        batch->broker = p->broker;
        batch->since = ngx_current_msec;
        batch->size = batch->left;

        ngx_queue_insert_tail(&p->broker->batches, &batch->queue);
        p->broker->under_way++;
    }

    if (p->nheld) {
        ngx_kafka_partition_link(producer, p);
        return NGX_AGAIN;
    }

    return NGX_OK;
}


void
ngx_kafka_batch_last(void)
{
    ngx_kafka_batch_ends = 1;
}


void
ngx_kafka_batch_purge(ngx_kafka_producer_t *producer, rd_kafka_resp_err_t err)
{
    ngx_queue_t         *q;
    ngx_kafka_broker_t  *broker;

    while (!ngx_queue_empty(&producer->gated)) {
        q = ngx_queue_head(&producer->gated);
        ngx_kafka_batch_empty(producer,
                              ngx_queue_data(q, ngx_kafka_partition_t, turn),
                              err);
    }

    for (q = ngx_queue_head(&producer->brokers);
         q != ngx_queue_sentinel(&producer->brokers);
         q = ngx_queue_next(q))
    {
        broker = ngx_queue_data(q, ngx_kafka_broker_t, queue);

        while (broker->lengths) {
            ngx_kafka_batch_empty(producer, ngx_kafka_broker_next(broker),
                                  err);
        }
    }

    ngx_kafka_batch_fail(producer);
}


static void
ngx_kafka_batch_empty(ngx_kafka_producer_t *producer,
    ngx_kafka_partition_t *p, rd_kafka_resp_err_t err)
{
    ngx_kafka_partition_unlink(p);

    while (p->nheld) {
        ngx_kafka_batch_refused(producer, ngx_kafka_batch_take(producer, p),
                                err);
    }
}


static ngx_kafka_record_t *
ngx_kafka_batch_take(ngx_kafka_producer_t *producer, ngx_kafka_partition_t *p)
{
    ngx_queue_t         *q;
    ngx_kafka_record_t  *r;

    q = ngx_queue_head(&p->held);
    ngx_queue_remove(q);

    r = ngx_queue_data(q, ngx_kafka_record_t, queue);

    p->nheld--;
    p->topic->nheld--;
    producer->held--;
    producer->held_bytes -= r->len;

    return r;
}


/* Its handler is called later: it may produce. */

static void
ngx_kafka_batch_refused(ngx_kafka_producer_t *producer,
    ngx_kafka_record_t *r, rd_kafka_resp_err_t err)
{
    r->err = err;
    ngx_queue_insert_tail(&producer->refused, &r->queue);
}


static void
ngx_kafka_batch_fail(ngx_kafka_producer_t *producer)
{
    ngx_queue_t         *q;
    ngx_kafka_record_t  *r;

    while (!ngx_queue_empty(&producer->refused)) {
        q = ngx_queue_head(&producer->refused);
        ngx_queue_remove(q);

        r = ngx_queue_data(q, ngx_kafka_record_t, queue);
        ngx_kafka_record_fail(producer, r, r->err);
    }
}


/* --- the worker's list of batches ----------------------------------------- */

static ngx_kafka_batch_t *
ngx_kafka_batch_get(void)
{
    ngx_uint_t          i;
    ngx_kafka_batch_t  *batch;

    if (ngx_kafka_batch_free == NULL) {

        batch = ngx_alloc(NGX_KAFKA_BATCHES * sizeof(ngx_kafka_batch_t),
                          ngx_cycle->log);
        if (batch == NULL) {
            /* the records go, and nothing counts them */
            return NULL;
        }

        for (i = 0; i < NGX_KAFKA_BATCHES; i++) {
            ngx_kafka_batch_put(&batch[i]);
        }
    }

    batch = ngx_kafka_batch_free;
    ngx_kafka_batch_free = (ngx_kafka_batch_t *) batch->partition;

    batch->left = 0;
    batch->late = 0;

    return batch;
}


static void
ngx_kafka_batch_put(ngx_kafka_batch_t *batch)
{
    batch->partition = (ngx_kafka_partition_t *) ngx_kafka_batch_free;
    ngx_kafka_batch_free = batch;
}
