
/*
 * Inside src/kafka: a record from ngx_kafka_produce() to its report.
 */


#ifndef _NGX_KAFKA_RECORD_H_INCLUDED_
#define _NGX_KAFKA_RECORD_H_INCLUDED_


#include "ngx_kafka_handle.h"


#define NGX_KAFKA_TRIES     256          /* partitions looked at for one that
                                            takes a record without key */


typedef struct ngx_kafka_batch_s  ngx_kafka_batch_t;


struct ngx_kafka_record_s {
    ngx_kafka_delivery_t    delivery;    /* first: what the caller sees */
    ngx_queue_t             queue;       /* held back: in its partition */
    ngx_kafka_partition_t  *partition;
    ngx_kafka_batch_t      *batch;       /* under way; NULL: in none */
    rd_kafka_headers_t     *headers;     /* held back */
    u_char                 *value;       /* held back: by ngx_alloc(), and the
                                            key behind it */
    size_t                  len;         /* of the value */
    size_t                  key_len;
    ngx_msec_t              since;       /* held back */
    int32_t                 number;      /* of the partition; -1: let the
                                            partitioner choose */
    int32_t                 of;          /* how many partitions there were
                                            when number was found; 0: number
                                            is the sender's own */
    int32_t                 found;       /* atomic: how many the partitioner
                                            saw; 0: it was not asked */
    int32_t                 chosen;      /* atomic: what it said */
    rd_kafka_resp_err_t     err;         /* why librdkafka did not take it */
    unsigned                key:1;       /* there is one */
};


/* From the worker's own list, which the limit of the queue bounds. */
ngx_kafka_record_t *ngx_kafka_record_get(void);
void ngx_kafka_record_put(ngx_kafka_record_t *r);

/*
 * Makes a copy of all that the request owns.  NGX_ERROR: out of memory, nothing
 * is kept.
 */
ngx_int_t ngx_kafka_record_copy(ngx_kafka_record_t *r,
    const ditto_record_t *record);

/* Gives the copy back. */
void ngx_kafka_record_free(ngx_kafka_record_t *r);

/*
 * To librdkafka: the record of the request, or (NULL) the copy, which belongs
 * to librdkafka then.  The caller counts it.
 */
rd_kafka_resp_err_t ngx_kafka_record_give(ngx_kafka_record_t *r,
    ngx_kafka_handle_t *handle, rd_kafka_topic_t *rkt,
    const ditto_record_t *record);

/* Tells the caller, and puts the record back. */
void ngx_kafka_record_report(ngx_kafka_producer_t *producer,
    ngx_kafka_record_t *r, ngx_kafka_report_t *report);

/* The same for one that librdkafka never had. */
void ngx_kafka_record_fail(ngx_kafka_producer_t *producer,
    ngx_kafka_record_t *r, rd_kafka_resp_err_t err);

/*
 * The partitioner of our topics, called under a lock of librdkafka by whoever
 * asks: the worker, or a thread of librdkafka that has learnt of the topic.
 * It reads nothing but the record of msg_opaque, which waits for its report.
 */
int32_t ngx_kafka_partitioner(const rd_kafka_topic_t *rkt, const void *key,
    size_t len, int32_t n, void *rkt_opaque, void *msg_opaque);


#endif /* _NGX_KAFKA_RECORD_H_INCLUDED_ */
