
/*
 * Inside src/kafka: batching.
 *
 * What Kafka and librdkafka spend on a record they spend on a request, and one
 * of librdkafka carries records of one partition (its issue 1700).  Left to
 * itself librdkafka sends what there is of any partition as soon as it may;
 * keyed records of many partitions travel nearly singly.  And while five
 * records of an idempotent partition are under way and more wait, its thread
 * spins.
 *
 * So a record stays here while its partition or its broker is busy.  A
 * partition has one batch under way.  A broker has "window" of them, as many
 * as it may have requests, but two at least: the second one is ready when Kafka
 * has done the first.  More would be smaller ones.  When a batch has its
 * reports, the next partition gives all it has.  Records that find everything
 * idle go at the end of the event loop's round, or some rounds later if others
 * are likely to come.
 *
 * Nothing waits here for long.  A batch that takes NGX_KAFKA_LATE does not
 * count any more, and its partition's records go at once: its leader is away,
 * and the others' must not wait for it.  A record that has waited so long goes
 * whatever is under way.  librdkafka's queues take over then.
 *
 * Records of a partition leave in the order in which they came, and with
 * idempotence librdkafka keeps it.  Without, what Kafka refuses at first comes
 * behind the request that librdkafka has ready; so a partition has no second
 * batch there, however late the first one is.  What librdkafka itself parts
 * into two requests may still change places: a retry may reorder.
 *
 * While an older handle still has records of a partition it waits; only reports
 * and the records' deadline end that.
 *
 * The leader of a partition is known by its last report; until one came
 * nothing of it is held back, if the producer is idempotent.
 *
 * Where the user's properties leave batching to librdkafka window is 0 and all
 * this is not used.
 */


#ifndef _NGX_KAFKA_BATCH_H_INCLUDED_
#define _NGX_KAFKA_BATCH_H_INCLUDED_


#include "ngx_kafka_broker.h"


void ngx_kafka_batches_init(ngx_kafka_producer_t *producer);

/* Must a record for p stay here for now? */
ngx_uint_t ngx_kafka_batch_waits(ngx_kafka_producer_t *producer,
    ngx_kafka_partition_t *p);

/* It stays; the copy was made. */
void ngx_kafka_batch_hold(ngx_kafka_producer_t *producer,
    ngx_kafka_partition_t *p, ngx_kafka_record_t *r);

/* librdkafka has taken r, which was not held, or the copy. */
void ngx_kafka_batch_given(ngx_kafka_producer_t *producer,
    ngx_kafka_partition_t *p, ngx_kafka_record_t *r);

/* The record has its report: handle is the one it was given to. */
void ngx_kafka_batch_reported(ngx_kafka_handle_t *handle,
    const rd_kafka_message_t *message);

/*
 * Gives librdkafka what may go; calls handlers of records that it does not
 * take.
 */
void ngx_kafka_batch_feed(ngx_kafka_producer_t *producer);

/* From now on everything goes that is not gated: the worker ends. */
void ngx_kafka_batch_last(void);

/* What is still held fails. */
void ngx_kafka_batch_purge(ngx_kafka_producer_t *producer,
    rd_kafka_resp_err_t err);


#endif /* _NGX_KAFKA_BATCH_H_INCLUDED_ */
