
#include "ngx_kafka_wakeup.h"

#include <sys/eventfd.h>


static void ngx_kafka_wakeup_handler(ngx_event_t *ev);
static void ngx_kafka_wakeup_again(ngx_event_t *ev);


static ngx_connection_t     *ngx_kafka_wakeup_connection;
static ngx_kafka_wakeup_pt   ngx_kafka_wakeup_work;
static ngx_event_t           ngx_kafka_wakeup_next;


ngx_int_t
ngx_kafka_wakeup_init(ngx_cycle_t *cycle, ngx_kafka_wakeup_pt handler)
{
    int                fd;
    ngx_connection_t  *c;

    fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

    if (fd == -1) {
        ngx_log_error(NGX_LOG_CRIT, cycle->log, ngx_errno,
                      "eventfd() failed");
        return NGX_ERROR;
    }

    c = ngx_get_connection(fd, cycle->log);

    if (c == NULL) {
        (void) close(fd);
        return NGX_ERROR;
    }

    c->read->handler = ngx_kafka_wakeup_handler;
    c->read->log = cycle->log;
    c->write->log = cycle->log;
    c->log = cycle->log;

    /*
     * as the channel to the master: worker_shutdown_timeout must not close
     * it, and being open at exit is no leak
     */
    c->read->channel = 1;
    c->write->channel = 1;

    ngx_kafka_wakeup_connection = c;
    ngx_kafka_wakeup_work = handler;

    ngx_memzero(&ngx_kafka_wakeup_next, sizeof(ngx_event_t));
    ngx_kafka_wakeup_next.handler = ngx_kafka_wakeup_again;
    ngx_kafka_wakeup_next.log = cycle->log;

    if (ngx_add_event(c->read, NGX_READ_EVENT,
                      (ngx_event_flags & NGX_USE_CLEAR_EVENT)
                      ? NGX_CLEAR_EVENT : 0)
        != NGX_OK)
    {
        ngx_close_connection(c);
        ngx_kafka_wakeup_connection = NULL;
        return NGX_ERROR;
    }

    return NGX_OK;
}


ngx_fd_t
ngx_kafka_wakeup_fd(void)
{
    return ngx_kafka_wakeup_connection->fd;
}


void
ngx_kafka_wakeup(void)
{
    if (!ngx_kafka_wakeup_next.posted) {
        ngx_post_event(&ngx_kafka_wakeup_next, &ngx_posted_next_events);
    }
}


static void
ngx_kafka_wakeup_handler(ngx_event_t *ev)
{
    uint64_t           count;
    ngx_connection_t  *c;

    c = ev->data;

    /* first the descriptor, then the queues: what comes between is not lost */

    if (read(c->fd, &count, sizeof(count)) == -1 && ngx_errno != NGX_EAGAIN) {
        ngx_log_error(NGX_LOG_ALERT, ev->log, ngx_errno,
                      "read() of eventfd failed");
    }

    ngx_kafka_wakeup_again(&ngx_kafka_wakeup_next);
}


static void
ngx_kafka_wakeup_again(ngx_event_t *ev)
{
    if (ngx_kafka_wakeup_work() == NGX_AGAIN) {
        ngx_kafka_wakeup();
    }
}
