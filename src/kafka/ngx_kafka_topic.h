
/*
 * Inside src/kafka: producers, their handles, and the topics of a handle.
 */


#ifndef _NGX_KAFKA_TOPIC_H_INCLUDED_
#define _NGX_KAFKA_TOPIC_H_INCLUDED_


#include "ngx_kafka_producer.h"


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


void ngx_kafka_topics_init(ngx_kafka_handle_t *handle);
void ngx_kafka_topics_free(ngx_kafka_handle_t *handle);

/*
 * The topic of this name, known or new: then librdkafka asks for its partitions
 * meanwhile.  It is valid until the next call.  NULL: librdkafka refuses the
 * name, there are too many, or out of memory.
 */
rd_kafka_topic_t *ngx_kafka_topic(ngx_kafka_handle_t *handle,
    const ditto_str_t *name);


#endif /* _NGX_KAFKA_TOPIC_H_INCLUDED_ */
