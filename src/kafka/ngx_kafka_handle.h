
/*
 * Inside src/kafka: producers and the handles of librdkafka that they use one
 * after the other.
 */


#ifndef _NGX_KAFKA_HANDLE_H_INCLUDED_
#define _NGX_KAFKA_HANDLE_H_INCLUDED_


#include "ngx_kafka_producer.h"


#define NGX_KAFKA_ERRSTR        512      /* bytes */
#define NGX_KAFKA_EVENTS        256      /* events served in one round */


/* One rd_kafka_t.  A producer gets another one after a fatal error. */
struct ngx_kafka_handle_s {
    ngx_queue_t             queue;       /* in ngx_kafka_handles */
    rd_kafka_t             *rk;
    rd_kafka_queue_t       *events;
    ngx_kafka_producer_t   *producer;
    ngx_rbtree_t            topics;
    ngx_rbtree_node_t       sentinel;
    ngx_queue_t             lru;
    ngx_uint_t              ntopics;
    ngx_uint_t              topics_ever; /* librdkafka never forgets one */
    ngx_uint_t              in_flight;   /* records without report */
    unsigned                retired:1;
};


struct ngx_kafka_producer_s {
    ngx_kafka_handle_t     *handle;      /* NULL: to be made again */
    ngx_uint_t              retired;     /* handles that still drain */
    ngx_kafka_conf_t       *conf;
    ngx_array_t            *warm;        /* of ngx_str_t */
    ngx_str_t               id;
    ngx_log_t              *log;
    ngx_uint_t              limit;       /* records in the queue */
    ngx_msec_t              created;     /* when the handle was */
    time_t                  second;      /* of the log lines counted */
    ngx_uint_t              lines;
    ngx_uint_t              suppressed;
};


/* --- handles ------------------------------------------------------------- */

/* Before the first producer of a worker. */
ngx_int_t ngx_kafka_handles_init(ngx_cycle_t *cycle);

/* NULL: the reason is logged. */
ngx_kafka_handle_t *ngx_kafka_handle_create(ngx_kafka_producer_t *producer);

/* The handle for the next record; NULL: there is none for the moment. */
ngx_kafka_handle_t *ngx_kafka_handle(ngx_kafka_producer_t *producer);

/* It drains; another one takes over, at once or with the next record. */
void ngx_kafka_handle_retire(ngx_kafka_handle_t *handle);


/* --- events -------------------------------------------------------------- */

/* Serves at most max events; NGX_AGAIN: there may be more. */
ngx_int_t ngx_kafka_events(ngx_kafka_handle_t *handle, ngx_uint_t max);


/* --- deliveries ---------------------------------------------------------- */

ngx_kafka_delivery_t *ngx_kafka_delivery_get(void);
void ngx_kafka_delivery_put(ngx_kafka_delivery_t *d);


#endif /* _NGX_KAFKA_HANDLE_H_INCLUDED_ */
