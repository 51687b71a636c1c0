
#include "ngx_kafka_broker.h"


#define NGX_KAFKA_ELDEST    4            /* every how manyth turn */
#define NGX_KAFKA_BROKERS   1024         /* of a cluster */


static ngx_kafka_broker_t *ngx_kafka_broker(ngx_kafka_producer_t *producer,
    int32_t id);
static void ngx_kafka_length_link(ngx_kafka_partition_t *p);
static void ngx_kafka_length_unlink(ngx_kafka_partition_t *p);


void
ngx_kafka_brokers_init(ngx_kafka_producer_t *producer)
{
    ngx_queue_init(&producer->brokers);
    ngx_queue_init(&producer->gated);
}


void
ngx_kafka_partition_led(ngx_kafka_producer_t *producer,
    ngx_kafka_partition_t *p, int32_t id)
{
    ngx_kafka_broker_t  *broker;

    broker = ngx_kafka_broker(producer, id);
    if (broker == NULL) {
        return;
    }

    if (p->nheld) {
        ngx_kafka_partition_unlink(p);
    }

    p->broker = broker;

    if (p->nheld) {
        ngx_kafka_partition_link(producer, p);
    }
}


static ngx_kafka_broker_t *
ngx_kafka_broker(ngx_kafka_producer_t *producer, int32_t id)
{
    ngx_uint_t           n;
    ngx_queue_t         *q;
    ngx_kafka_broker_t  *broker;

    for (q = ngx_queue_head(&producer->brokers);
         q != ngx_queue_sentinel(&producer->brokers);
         q = ngx_queue_next(q))
    {
        broker = ngx_queue_data(q, ngx_kafka_broker_t, queue);

        if (broker->id == id) {
            return broker;
        }
    }

    if (producer->nbrokers == NGX_KAFKA_BROKERS) {
        return NULL;
    }

    broker = ngx_calloc(sizeof(ngx_kafka_broker_t), producer->log);
    if (broker == NULL) {
        return NULL;
    }

    broker->id = id;
    broker->handle = producer->handle;
    ngx_queue_init(&broker->batches);
    ngx_queue_init(&broker->ages);

    for (n = 0; n < NGX_KAFKA_LENGTHS; n++) {
        ngx_queue_init(&broker->length[n]);
    }

    ngx_queue_insert_tail(&producer->brokers, &broker->queue);
    producer->nbrokers++;

    return broker;
}


ngx_uint_t
ngx_kafka_partition_gated(ngx_kafka_producer_t *producer,
    ngx_kafka_partition_t *p)
{
    ngx_kafka_topic_t      *topic;
    ngx_kafka_partition_t  *any;

    topic = p->topic;
    any = &topic->any;

    if (p == any) {

        /* while it holds records no other one gets more: theirs came before */

        return topic->older
               || topic->nheld != any->nheld
               || (!producer->idempotent && topic->under_way);
    }

    if (!producer->idempotent) {
        return p->under_way || any->under_way;
    }

    if (any->under_way && any->handle != producer->handle) {
        return 1;
    }

    return p->under_way
           && (p->handle != producer->handle
               || (p->broker != NULL && p->late == 0));
}


void
ngx_kafka_partition_link(ngx_kafka_producer_t *producer,
    ngx_kafka_partition_t *p)
{
    ngx_queue_t            *q;
    ngx_kafka_record_t     *r, *first;
    ngx_kafka_partition_t  *head;

    p->gated = (p->broker == NULL || ngx_kafka_partition_gated(producer, p));

    if (p->gated) {
        ngx_queue_insert_tail(&producer->gated, &p->turn);
        return;
    }

    ngx_kafka_length_link(p);

    if (!ngx_queue_empty(&p->broker->ages)) {

        /* it may have been gated */

        q = ngx_queue_head(&p->broker->ages);
        head = ngx_queue_data(q, ngx_kafka_partition_t, age);

        first = ngx_queue_data(ngx_queue_head(&head->held),
                               ngx_kafka_record_t, queue);
        r = ngx_queue_data(ngx_queue_head(&p->held), ngx_kafka_record_t,
                           queue);

        if ((ngx_msec_int_t) (first->since - r->since) > 0) {
            ngx_queue_insert_head(&p->broker->ages, &p->age);
            return;
        }
    }

    ngx_queue_insert_tail(&p->broker->ages, &p->age);
}


void
ngx_kafka_partition_grow(ngx_kafka_partition_t *p)
{
    if (p->gated) {
        p->nheld++;
        return;
    }

    ngx_kafka_length_unlink(p);
    p->nheld++;
    ngx_kafka_length_link(p);
}


void
ngx_kafka_partition_unlink(ngx_kafka_partition_t *p)
{
    if (p->gated) {
        ngx_queue_remove(&p->turn);
        p->gated = 0;
        return;
    }

    ngx_kafka_length_unlink(p);
    ngx_queue_remove(&p->age);
}


static void
ngx_kafka_length_link(ngx_kafka_partition_t *p)
{
    ngx_uint_t  n;

    n = ngx_min(p->nheld, NGX_KAFKA_LENGTHS) - 1;

    p->broker->nheld += p->nheld;

    ngx_queue_insert_tail(&p->broker->length[n], &p->turn);
    p->broker->lengths |= (uint64_t) 1 << n;
}


static void
ngx_kafka_length_unlink(ngx_kafka_partition_t *p)
{
    ngx_uint_t  n;

    n = ngx_min(p->nheld, NGX_KAFKA_LENGTHS) - 1;

    p->broker->nheld -= p->nheld;

    ngx_queue_remove(&p->turn);

    if (ngx_queue_empty(&p->broker->length[n])) {
        p->broker->lengths &= ~((uint64_t) 1 << n);
    }
}


ngx_kafka_partition_t *
ngx_kafka_broker_next(ngx_kafka_broker_t *broker)
{
    ngx_uint_t    n;
    ngx_queue_t  *q;

    if (++broker->turns % NGX_KAFKA_ELDEST == 0) {
        q = ngx_queue_head(&broker->ages);

        return ngx_queue_data(q, ngx_kafka_partition_t, age);
    }

    n = NGX_KAFKA_LENGTHS - 1;

    while ((broker->lengths & ((uint64_t) 1 << n)) == 0) {
        n--;
    }

    q = ngx_queue_head(&broker->length[n]);

    return ngx_queue_data(q, ngx_kafka_partition_t, turn);
}
