
#include "ngx_kafka_thread.h"

#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>


#define NGX_KAFKA_THREADS   64           /* brokers; of more the last ones'
                                            threads interrupt */
#define NGX_KAFKA_PRODUCE   0            /* Kafka's key of the request */
#define NGX_KAFKA_FOREIGN   2            /* ms; longer than librdkafka needs,
                                            shorter than a program's turn */
#define NGX_KAFKA_ALONE     1000         /* ms without a hold after that */

#define ngx_kafka_thread(broker, tid)                                         \
    ((uint64_t) (uint32_t) (broker) << 32 | (uint32_t) (tid))


/* Written by the threads themselves, read by the worker. */
struct ngx_kafka_threads_s {
    uint64_t                slots[NGX_KAFKA_THREADS];
                                         /* broker and thread; 0: not used */
    int                     cores[NGX_KAFKA_THREADS];
                                         /* where they sent last */
    ngx_uint_t              used;        /* rd_kafka_new() came as far */
};


static rd_kafka_resp_err_t ngx_kafka_threads_new(rd_kafka_t *rk,
    const rd_kafka_conf_t *rkc, void *data, char *errstr, size_t size);
static rd_kafka_resp_err_t ngx_kafka_thread_sent(rd_kafka_t *rk, int fd,
    const char *name, int32_t broker, int16_t api, int16_t version,
    int32_t correlation, size_t size, void *data);
static rd_kafka_resp_err_t ngx_kafka_thread_exit(rd_kafka_t *rk,
    rd_kafka_thread_type_t type, const char *name, void *data);
static pid_t ngx_kafka_thread_id(void);
static ngx_msec_t ngx_kafka_thread_clock(void);


/* of this worker: its core is not its own until then */

static ngx_msec_t  ngx_kafka_shared;


ngx_kafka_threads_t *
ngx_kafka_threads_create(rd_kafka_conf_t *rkc)
{
    ngx_kafka_threads_t  *threads;

    threads = ngx_calloc(sizeof(ngx_kafka_threads_t), ngx_cycle->log);
    if (threads == NULL) {
        return NULL;
    }

    rd_kafka_conf_set_opaque(rkc, threads);
    (void) rd_kafka_conf_interceptor_add_on_new(rkc, "ditto",
                                                ngx_kafka_threads_new,
                                                threads);

    return threads;
}


static rd_kafka_resp_err_t
ngx_kafka_threads_new(rd_kafka_t *rk, const rd_kafka_conf_t *rkc, void *data,
    char *errstr, size_t size)
{
    ngx_kafka_threads_t  *threads = data;

    threads->used = 1;

    (void) rd_kafka_interceptor_add_on_request_sent(rk, "ditto",
                                                    ngx_kafka_thread_sent,
                                                    data);
    (void) rd_kafka_interceptor_add_on_thread_exit(rk, "ditto",
                                                   ngx_kafka_thread_exit,
                                                   data);

    return RD_KAFKA_RESP_ERR_NO_ERROR;
}


ngx_uint_t
ngx_kafka_threads_unused(ngx_kafka_threads_t *threads)
{
    return !threads->used;
}


/* A broker's thread may change: that of a bootstrap address becomes one. */

static rd_kafka_resp_err_t
ngx_kafka_thread_sent(rd_kafka_t *rk, int fd, const char *name, int32_t broker,
    int16_t api, int16_t version, int32_t correlation, size_t size,
    void *data)
{
    ngx_kafka_threads_t  *threads = data;

    pid_t       tid;
    uint64_t    slot, mine;
    ngx_uint_t  i;

    if (api != NGX_KAFKA_PRODUCE || broker < 0) {
        return RD_KAFKA_RESP_ERR_NO_ERROR;
    }

    tid = ngx_kafka_thread_id();

    if (tid == 0) {
        return RD_KAFKA_RESP_ERR_NO_ERROR;
    }

    mine = ngx_kafka_thread(broker, tid);

    for (i = 0; i < NGX_KAFKA_THREADS; i++) {

        slot = __atomic_load_n(&threads->slots[i], __ATOMIC_RELAXED);

        if (slot == mine
            || ((slot == 0 || slot >> 32 == (uint32_t) broker)
                && __atomic_compare_exchange_n(&threads->slots[i], &slot, mine,
                                               0, __ATOMIC_RELAXED,
                                               __ATOMIC_RELAXED)))
        {
            __atomic_store_n(&threads->cores[i], sched_getcpu(),
                             __ATOMIC_RELAXED);
            break;
        }
    }

    return RD_KAFKA_RESP_ERR_NO_ERROR;
}


static rd_kafka_resp_err_t
ngx_kafka_thread_exit(rd_kafka_t *rk, rd_kafka_thread_type_t type,
    const char *name, void *data)
{
    ngx_kafka_threads_t  *threads = data;

    pid_t       tid;
    uint64_t    slot;
    ngx_uint_t  i;

    tid = ngx_kafka_thread_id();

    for (i = 0; i < NGX_KAFKA_THREADS; i++) {

        slot = __atomic_load_n(&threads->slots[i], __ATOMIC_RELAXED);

        if ((uint32_t) slot == (uint32_t) tid) {
            (void) __atomic_compare_exchange_n(&threads->slots[i], &slot,
                                               slot >> 32 << 32, 0,
                                               __ATOMIC_RELAXED,
                                               __ATOMIC_RELAXED);
        }
    }

    return RD_KAFKA_RESP_ERR_NO_ERROR;
}


/*
 * The caller's; 0: system calls are filtered (seccomp), and one that is not
 * allowed may end the process.
 */

static pid_t
ngx_kafka_thread_id(void)
{
    static __thread pid_t       tid;
    static __thread ngx_uint_t  known;

    if (!known) {
        known = 1;

        if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 0) {
            tid = (pid_t) syscall(SYS_gettid);
        }
    }

    return tid;
}


pid_t
ngx_kafka_thread_hold(ngx_kafka_threads_t *threads, int32_t broker)
{
    pid_t               tid;
    uint64_t            slot;
    ngx_uint_t          i;
    struct sched_param  param;

    tid = 0;

    if (threads == NULL
        || (ngx_msec_int_t) (ngx_kafka_shared - ngx_current_msec) > 0)
    {
        return 0;
    }

    for (i = 0; i < NGX_KAFKA_THREADS; i++) {

        slot = __atomic_load_n(&threads->slots[i], __ATOMIC_RELAXED);

        if (slot == 0) {
            break;
        }

        if (slot >> 32 == (uint32_t) broker) {

            if (__atomic_load_n(&threads->cores[i], __ATOMIC_RELAXED)
                == sched_getcpu())
            {
                tid = (pid_t) (uint32_t) slot;
            }

            break;
        }
    }

    ngx_memzero(&param, sizeof(struct sched_param));

    if (tid == 0
        || sched_getscheduler(tid) != SCHED_OTHER
        || sched_setscheduler(tid, SCHED_BATCH, &param) == -1)
    {
        return 0;
    }

    return tid;
}


void
ngx_kafka_thread_let_go(pid_t thread)
{
    ngx_msec_t          begun;
    struct sched_param  param;

    if (thread == 0) {
        return;
    }

    ngx_memzero(&param, sizeof(struct sched_param));
    (void) sched_setscheduler(thread, SCHED_OTHER, &param);

    begun = ngx_kafka_thread_clock();

    (void) sched_yield();

    if (ngx_kafka_thread_clock() - begun > NGX_KAFKA_FOREIGN) {
        ngx_kafka_shared = ngx_current_msec + NGX_KAFKA_ALONE;
    }
}


static ngx_msec_t
ngx_kafka_thread_clock(void)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return (ngx_msec_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}
