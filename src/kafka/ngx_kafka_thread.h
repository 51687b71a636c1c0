
/*
 * Inside src/kafka: the threads of librdkafka that send to brokers.
 *
 * Such a thread wakes up at the first record of a batch.  On a core that it
 * shares with the worker it takes the core there and then, sends that record
 * alone, prepares the second one alone, and all others are a third request.
 * Linux lets no thread of SCHED_BATCH interrupt another one when it wakes up
 * (sched(7)).  That is for as long as a batch is given only: afterwards it is
 * to interrupt whatever else runs on the core.
 */


#ifndef _NGX_KAFKA_THREAD_H_INCLUDED_
#define _NGX_KAFKA_THREAD_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <librdkafka/rdkafka.h>


typedef struct ngx_kafka_threads_s  ngx_kafka_threads_t;


/*
 * The threads of the rd_kafka_t that will be made of rkc, known once they have
 * sent a record.  It is the opaque of both, to be freed with ngx_free() when
 * no thread is left.  NULL: out of memory.
 */
ngx_kafka_threads_t *ngx_kafka_threads_create(rd_kafka_conf_t *rkc);

/*
 * rd_kafka_new() has failed: may rkc be destroyed?  If it came as far as to
 * call interceptors librdkafka before 2.13 frees them with its copy of rkc
 * (issue 4142), and threads may still run: then both are left behind.
 */
ngx_uint_t ngx_kafka_threads_unused(ngx_kafka_threads_t *threads);

/*
 * Until it is let go the thread that sends to this broker does not interrupt
 * the caller; threads may be NULL.  Returns what to let go; 0: no such thread
 * is known, or it does not share the caller's core, or an operator has a say: a
 * policy of scheduling was chosen, or system calls are filtered.
 */
pid_t ngx_kafka_thread_hold(ngx_kafka_threads_t *threads, int32_t broker);

/*
 * It runs at once: Kafka works while the caller does what is next.  If another
 * program takes the core instead none is held for a second.
 */
void ngx_kafka_thread_let_go(pid_t thread);


#endif /* _NGX_KAFKA_THREAD_H_INCLUDED_ */
