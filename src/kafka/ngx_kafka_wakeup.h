
/*
 * One eventfd per worker in nginx's event loop: librdkafka's threads write
 * eight bytes to it when an event waits, the handler runs in the worker.
 */


#ifndef _NGX_KAFKA_WAKEUP_H_INCLUDED_
#define _NGX_KAFKA_WAKEUP_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>


/*
 * handler answers NGX_AGAIN if it left work for the next round.  Once per
 * worker, after fork.
 */
typedef ngx_int_t (*ngx_kafka_wakeup_pt)(void);

ngx_int_t ngx_kafka_wakeup_init(ngx_cycle_t *cycle,
    ngx_kafka_wakeup_pt handler);

/* For rd_kafka_queue_io_event_enable(). */
ngx_fd_t ngx_kafka_wakeup_fd(void);

/* Has the handler called soon, as if an event had come. */
void ngx_kafka_wakeup(void);


#endif /* _NGX_KAFKA_WAKEUP_H_INCLUDED_ */
