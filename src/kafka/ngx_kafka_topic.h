
/*
 * Inside src/kafka: the topics of a handle.
 */


#ifndef _NGX_KAFKA_TOPIC_H_INCLUDED_
#define _NGX_KAFKA_TOPIC_H_INCLUDED_


#include "ngx_kafka_handle.h"


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
