
/*
 * Inside src/kafka: producers and the handles of librdkafka that they use one
 * after the other.
 */


#ifndef _NGX_KAFKA_HANDLE_H_INCLUDED_
#define _NGX_KAFKA_HANDLE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>

#include "ngx_kafka_producer.h"
#include "ngx_kafka_thread.h"


#define NGX_KAFKA_ERRSTR        512      /* bytes */
#define NGX_KAFKA_EVENTS        256      /* events served in one round */


typedef struct ngx_kafka_record_s     ngx_kafka_record_t;
typedef struct ngx_kafka_partition_s  ngx_kafka_partition_t;


/* One rd_kafka_t.  A producer gets another one after a fatal error. */
struct ngx_kafka_handle_s {
    ngx_queue_t             queue;       /* in ngx_kafka_handles */
    rd_kafka_t             *rk;
    rd_kafka_queue_t       *events;
    ngx_kafka_threads_t    *threads;     /* outlive it, with those of rk; may
                                            be NULL */
    ngx_kafka_producer_t   *producer;
    ngx_uint_t              topics_ever; /* librdkafka never forgets one */
    ngx_uint_t              in_flight;   /* records without report */
    size_t                  bytes;       /* of their values */
    unsigned                retired:1;
};


struct ngx_kafka_producer_s {
    ngx_queue_t             queue;       /* in ngx_kafka_producers */
    ngx_kafka_handle_t     *handle;      /* NULL: to be made again */
    ngx_uint_t              retired;     /* handles that still drain */
    ngx_kafka_conf_t       *conf;
    ngx_array_t            *warm;        /* of ngx_str_t */
    ngx_str_t               id;
    ngx_log_t              *log;
    ngx_msec_t              created;     /* when the handle was */

    /* properties, as librdkafka reads them */
    ngx_uint_t              max_records; /* of the queue */
    size_t                  max_bytes;   /* of the queue */
    size_t                  max_record;  /* bytes of a record */
    ngx_msec_t              timeout;     /* of a record; 0: none */
    ngx_msec_t              sticky;      /* time of a partition without key */
    ngx_uint_t              window;      /* batches under way to a broker;
                                            0: librdkafka batches alone */
    ngx_uint_t              idempotent;  /* refused records keep their place */
    ngx_uint_t              plain;       /* handles without known threads */

    /* topics and what is held back, see ngx_kafka_topic.h and _batch.h */
    ngx_rbtree_t            topics;
    ngx_rbtree_node_t       sentinel;
    ngx_queue_t             lru;         /* of topics */
    ngx_uint_t              ntopics;
    ngx_uint_t              npartitions;
    ngx_queue_t             brokers;
    ngx_uint_t              nbrokers;
    ngx_queue_t             gated;       /* partitions that wait for reports */
    ngx_queue_t             refused;     /* records, by librdkafka */
    ngx_uint_t              held;        /* records held back */
    size_t                  held_bytes;  /* of their values */
    ngx_event_t             feed;        /* at the end of a round, and timer */
    ngx_uint_t              round;       /* of the event loop, as far as it
                                            matters here */

    time_t                  second;      /* of the log lines counted */
    ngx_uint_t              lines;
    ngx_uint_t              suppressed;
};


/* --- handles ------------------------------------------------------------- */

/* Before the first producer of a worker. */
ngx_int_t ngx_kafka_handles_init(ngx_cycle_t *cycle);

/* From now on the end of the worker accounts for its records. */
void ngx_kafka_producer_add(ngx_kafka_producer_t *producer);

/* Sets producer->handle.  NULL: the reason is logged. */
ngx_kafka_handle_t *ngx_kafka_handle_create(ngx_kafka_producer_t *producer);

/* The handle for the next record; NULL: there is none for the moment. */
ngx_kafka_handle_t *ngx_kafka_handle(ngx_kafka_producer_t *producer);

/* It drains; another one takes over, at once or with the next record. */
void ngx_kafka_handle_retire(ngx_kafka_handle_t *handle);


/* --- events -------------------------------------------------------------- */

/*
 * Serves at most max events; NGX_AGAIN: there may be more.  A handler that
 * comes here again finds nothing.
 */
ngx_int_t ngx_kafka_events(ngx_kafka_handle_t *handle, ngx_uint_t max);

void ngx_kafka_log(ngx_kafka_producer_t *producer, ngx_uint_t level,
    const char *facility, const char *text);


#endif /* _NGX_KAFKA_HANDLE_H_INCLUDED_ */
