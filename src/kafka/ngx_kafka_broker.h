
/*
 * Inside src/kafka: brokers, and of each the partitions that hold records back.
 */


#ifndef _NGX_KAFKA_BROKER_H_INCLUDED_
#define _NGX_KAFKA_BROKER_H_INCLUDED_


#include "ngx_kafka_topic.h"


#define NGX_KAFKA_LENGTHS   64           /* longer ones are equal */


struct ngx_kafka_broker_s {
    ngx_queue_t             queue;       /* in producer->brokers */
    int32_t                 id;
    ngx_kafka_handle_t     *handle;      /* of the batches under way */
    ngx_queue_t             batches;     /* under way, the oldest first */
    ngx_uint_t              under_way;   /* batches */
    ngx_uint_t              nheld;       /* records that may go */
    ngx_uint_t              size;        /* records of the batch that came back
                                            last */
    ngx_msec_t              until;       /* more are waited for */
    ngx_uint_t              seen;        /* how many there were ... */
    ngx_uint_t              round;       /* ... in that round */
    ngx_uint_t              turns;       /* of partitions */
    ngx_queue_t             ages;        /* partitions that hold records, the
                                            longest waiting first */
    uint64_t                lengths;     /* which of the following are not
                                            empty */
    ngx_queue_t             length[NGX_KAFKA_LENGTHS];
                                         /* the same partitions by the number
                                            of their records less 1 */
};


void ngx_kafka_brokers_init(ngx_kafka_producer_t *producer);

/*
 * The partition whose turn it is, of a broker that has any.  Many records make
 * a cheap request, so it is the one with the most, of several the one that has
 * them longest; but each fourth turn is the eldest's, or one with few would
 * wait for as long as others have more.
 */
ngx_kafka_partition_t *ngx_kafka_broker_next(ngx_kafka_broker_t *broker);

/* The leader of p by its last report; out of memory it stays as it was. */
void ngx_kafka_partition_led(ngx_kafka_producer_t *producer,
    ngx_kafka_partition_t *p, int32_t id);

/*
 * Must those that came before have their reports first?  They are with an older
 * handle, or simply under way: two requests of a partition gain nothing, and
 * with idempotence librdkafka would spin until it may send the second one;
 * without it the second one overtakes the first if Kafka refuses that, so there
 * one that is late counts, too.  "any" may be each partition of its topic.
 */
ngx_uint_t ngx_kafka_partition_gated(ngx_kafka_producer_t *producer,
    ngx_kafka_partition_t *p);

/*
 * A partition that holds records is in the lists of its broker, or among the
 * gated ones; one that holds none is in no list.
 */
void ngx_kafka_partition_link(ngx_kafka_producer_t *producer,
    ngx_kafka_partition_t *p);
void ngx_kafka_partition_unlink(ngx_kafka_partition_t *p);

/* One that is linked holds one record more. */
void ngx_kafka_partition_grow(ngx_kafka_partition_t *p);


#endif /* _NGX_KAFKA_BROKER_H_INCLUDED_ */
