
/*
 * Inside src/kafka: the topics of a producer, and of each the partitions that
 * its records go to.
 *
 * What is known of a topic outlives the handle: the next one asks for it anew,
 * and a partition waits until the old one has no record of it any more.
 */


#ifndef _NGX_KAFKA_TOPIC_H_INCLUDED_
#define _NGX_KAFKA_TOPIC_H_INCLUDED_


#include "ngx_kafka_record.h"


#define NGX_KAFKA_LATE      100          /* ms; less than what librdkafka's
                                            deadline leaves to the request's */


typedef struct ngx_kafka_topic_s   ngx_kafka_topic_t;
typedef struct ngx_kafka_broker_s  ngx_kafka_broker_t;


struct ngx_kafka_partition_s {
    ngx_kafka_topic_t      *topic;
    ngx_kafka_broker_t     *broker;      /* its leader by the last report;
                                            NULL: none came yet */
    ngx_kafka_handle_t     *handle;      /* of the records under way */
    ngx_uint_t              under_way;   /* records */
    ngx_msec_t              heard;       /* when it had a report, or the first
                                            of those under way was given */
    ngx_uint_t              late;        /* batches, no longer waited for */
    ngx_queue_t             held;        /* of ngx_kafka_record_t */
    ngx_uint_t              nheld;
    ngx_queue_t             turn;        /* in the broker's lengths or among
                                            the gated, if it holds any */
    ngx_queue_t             age;         /* in the broker's ages, likewise */
    int32_t                 number;      /* -1: of records whose partition
                                            librdkafka chooses */
    unsigned                gated:1;     /* among the gated */
};


struct ngx_kafka_topic_s {
    ngx_rbtree_node_t       node;        /* key: crc32 of the name */
    ngx_queue_t             queue;       /* least recently used last */
    rd_kafka_topic_t       *rkt;         /* NULL: the handle does not know it */
    int32_t                 count;       /* of partitions, by which keys are
                                            assigned; 0: not known */
    int32_t                 found;       /* what the partitioner saw last */
    int32_t                 sticky;      /* partition without key; -1: none */
    ngx_msec_t              stuck;       /* since when */
    ngx_uint_t              under_way;   /* records */
    ngx_uint_t              older;       /* of these, with older handles */
    ngx_uint_t              nheld;       /* records */
    ngx_kafka_partition_t   any;         /* its number is -1 */
    ngx_kafka_partition_t **partitions;  /* NULL: not used yet */
    int32_t                 size;
    size_t                  len;
    u_char                  name[1];
};


void ngx_kafka_topics_init(ngx_kafka_producer_t *producer);

/* The handle leaves: nothing here refers to it any more. */
void ngx_kafka_topics_leave(ngx_kafka_producer_t *producer);

/*
 * The topic of this name, known or new to the handle: then librdkafka asks for
 * its partitions meanwhile.  It is valid until the next call, or as long as it
 * has a record.  NULL: librdkafka refuses the name, there are too many, or out
 * of memory.
 */
ngx_kafka_topic_t *ngx_kafka_topic(ngx_kafka_producer_t *producer,
    const ditto_str_t *name);

/* Has topic->rkt made for the handle, if need be. */
ngx_int_t ngx_kafka_topic_open(ngx_kafka_producer_t *producer,
    ngx_kafka_topic_t *topic);

/*
 * Which partition the record goes to: sets r->number and r->of.  The topic's
 * "any" if that is librdkafka's to say.
 */
ngx_kafka_partition_t *ngx_kafka_topic_partition(
    ngx_kafka_producer_t *producer, ngx_kafka_topic_t *topic,
    const ditto_record_t *record, ngx_kafka_record_t *r);

/* librdkafka chose this one; NULL: too many, or out of memory. */
ngx_kafka_partition_t *ngx_kafka_topic_numbered(
    ngx_kafka_producer_t *producer, ngx_kafka_topic_t *topic, int32_t number);

/*
 * Takes what the partitioner has said of a record that librdkafka has.
 * NGX_DECLINED: it was not asked, or not yet.
 */
ngx_int_t ngx_kafka_topic_partitioned(ngx_kafka_record_t *r,
    ngx_kafka_topic_t *topic);


#endif /* _NGX_KAFKA_TOPIC_H_INCLUDED_ */
