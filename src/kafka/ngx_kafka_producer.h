
/*
 * Producers: one per worker and distinct client configuration, made after
 * fork.  Everything here runs in the worker's event loop and none of it waits,
 * but for ngx_kafka_exit().
 */


#ifndef _NGX_KAFKA_PRODUCER_H_INCLUDED_
#define _NGX_KAFKA_PRODUCER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include "ditto_record.h"
#include "ngx_kafka_conf.h"


typedef struct ngx_kafka_producer_s  ngx_kafka_producer_t;
typedef struct ngx_kafka_handle_s    ngx_kafka_handle_t;
typedef struct ngx_kafka_delivery_s  ngx_kafka_delivery_t;


typedef enum {
    NGX_KAFKA_PENDING = 0,
    NGX_KAFKA_PERSISTED,
    NGX_KAFKA_NOT_PERSISTED,
    NGX_KAFKA_UNKNOWN,           /* possibly persisted */
    NGX_KAFKA_SENT               /* acks=0: nobody will know more */
} ngx_kafka_outcome_e;


/* What became of a record. */
typedef struct {
    ngx_kafka_outcome_e   outcome;
    rd_kafka_resp_err_t   err;
    int32_t               partition;     /* -1: unknown */
    int64_t               offset;        /* -1: unknown */
    int64_t               timestamp;     /* ms since the epoch; -1: unknown */
} ngx_kafka_report_t;


/*
 * A record under way.  It belongs to this file from ngx_kafka_produce() until
 * its handler was called once; the caller may clear "data" before, to detach.
 */
struct ngx_kafka_delivery_s {
    void                (*handler)(ngx_kafka_delivery_t *d,
                                   ngx_kafka_report_t *report);
    void                 *data;          /* NULL: nobody waits */
};


/*
 * id: names the connections that share the producer, for the log.  warm: an
 * array of ngx_str_t, topics whose partitions shall be known before the first
 * record.  NULL: the reason is logged; the worker goes on without.  conf and
 * warm must outlive the worker.
 */
ngx_kafka_producer_t *ngx_kafka_producer_create(ngx_cycle_t *cycle,
    ngx_kafka_conf_t *conf, ngx_str_t *id, ngx_array_t *warm);

/*
 * Copies the record and gives it to librdkafka, at once or when its broker is
 * free for a batch.  NGX_ERROR: nothing was queued, *err tells why; the handler
 * will not be called.  A full queue (RD_KAFKA_RESP_ERR__QUEUE_FULL) has been
 * drained of reports before.  Records of one key, or one partition, reach Kafka
 * in the order of the calls; without idempotence a retry may reorder them.
 */
ngx_int_t ngx_kafka_produce(ngx_kafka_producer_t *producer,
    const ditto_record_t *record,
    void (*handler)(ngx_kafka_delivery_t *d, ngx_kafka_report_t *report),
    void *data, ngx_kafka_delivery_t **delivery, rd_kafka_resp_err_t *err);

/* True if the next record would be refused. */
ngx_uint_t ngx_kafka_full(ngx_kafka_producer_t *producer);

/*
 * The worker ends: waits until every record has its report, at most ms
 * milliseconds (less at a fast exit), then purges and accounts for the rest.
 * Calls handlers.
 */
void ngx_kafka_exit(ngx_cycle_t *cycle, ngx_msec_t ms);

/* Did the record fail for good, by its own fault? */
ngx_uint_t ngx_kafka_too_large(rd_kafka_resp_err_t err);


#endif /* _NGX_KAFKA_PRODUCER_H_INCLUDED_ */
