
/*
 * What librdkafka's queue holds for the worker: reports, errors, lines of its
 * log.
 */

#include "ngx_kafka_handle.h"


#define NGX_KAFKA_LOG_LINES     10       /* per second and producer */


static void ngx_kafka_event(ngx_kafka_handle_t *handle,
    rd_kafka_event_t *event);
static void ngx_kafka_reports(ngx_kafka_handle_t *handle,
    rd_kafka_event_t *event);
static void ngx_kafka_error(ngx_kafka_handle_t *handle,
    rd_kafka_event_t *event);
static void ngx_kafka_log(ngx_kafka_producer_t *producer, ngx_uint_t level,
    const char *facility, const char *text);


ngx_int_t
ngx_kafka_events(ngx_kafka_handle_t *handle, ngx_uint_t max)
{
    rd_kafka_event_t  *event;

    while (max-- > 0) {
        event = rd_kafka_queue_poll(handle->events, 0);

        if (event == NULL) {
            return NGX_OK;
        }

        ngx_kafka_event(handle, event);
        rd_kafka_event_destroy(event);
    }

    return NGX_AGAIN;
}


static void
ngx_kafka_event(ngx_kafka_handle_t *handle, rd_kafka_event_t *event)
{
    int          level;
    const char  *facility, *text;

    switch (rd_kafka_event_type(event)) {

    case RD_KAFKA_EVENT_DR:
        ngx_kafka_reports(handle, event);
        break;

    case RD_KAFKA_EVENT_ERROR:
        ngx_kafka_error(handle, event);
        break;

    case RD_KAFKA_EVENT_LOG:
        /* an error event says the same of a broker that cannot be reached */

        if (rd_kafka_event_log(event, &facility, &text, &level) == 0
            && ngx_strcmp(facility, "FAIL") != 0)
        {
            ngx_kafka_log(handle->producer, ngx_kafka_log_level(level),
                          facility, text);
        }
        break;

    default:
        break;
    }
}


static void
ngx_kafka_reports(ngx_kafka_handle_t *handle, rd_kafka_event_t *event)
{
    ngx_kafka_report_t         report;
    ngx_kafka_delivery_t      *d;
    const rd_kafka_message_t  *message;

    while ((message = rd_kafka_event_message_next(event)) != NULL) {

        handle->in_flight--;
        d = message->_private;

        if (d->data != NULL) {
            report.err = message->err;
            report.partition = message->partition;
            report.offset = message->offset;
            report.timestamp = rd_kafka_message_timestamp(message, NULL);

            switch (rd_kafka_message_status(message)) {

            case RD_KAFKA_MSG_STATUS_PERSISTED:
                report.outcome = NGX_KAFKA_PERSISTED;
                break;

            case RD_KAFKA_MSG_STATUS_NOT_PERSISTED:
                report.outcome = NGX_KAFKA_NOT_PERSISTED;
                break;

            default:
                report.outcome = NGX_KAFKA_UNKNOWN;
            }

            /* acks=0: sent, and nobody will ever know more */

            if (report.outcome == NGX_KAFKA_UNKNOWN
                && message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
            {
                report.outcome = NGX_KAFKA_SENT;
            }

            d->handler(d, &report);

        } else if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
            ngx_kafka_log(handle->producer, NGX_LOG_ERR,
                          rd_kafka_err2name(message->err),
                          "a record that nobody waits for is not known to be "
                          "in Kafka");
        }

        ngx_kafka_delivery_put(d);
    }
}


static void
ngx_kafka_error(ngx_kafka_handle_t *handle, rd_kafka_event_t *event)
{
    char                   errstr[NGX_KAFKA_ERRSTR];
    rd_kafka_resp_err_t    err;
    ngx_kafka_producer_t  *producer;

    producer = handle->producer;
    err = rd_kafka_event_error(event);

    /* the code of a fatal error is that of its cause */

    if (!rd_kafka_event_error_is_fatal(event)) {
        ngx_kafka_log(producer, NGX_LOG_ERR, rd_kafka_err2name(err),
                      rd_kafka_event_error_string(event));
        return;
    }

    if (handle->retired) {
        return;
    }

    err = rd_kafka_fatal_error(handle->rk, errstr, sizeof(errstr));

    ngx_log_error(NGX_LOG_CRIT, producer->log, 0,
                  "kafka [%V] fatal error %s: %s; a new producer takes over",
                  &producer->id, rd_kafka_err2name(err), errstr);

    /* what is queued there can never be sent */

    (void) rd_kafka_purge(handle->rk, RD_KAFKA_PURGE_F_QUEUE
                                      | RD_KAFKA_PURGE_F_NON_BLOCKING);

    ngx_kafka_handle_retire(handle);
}


static void
ngx_kafka_log(ngx_kafka_producer_t *producer, ngx_uint_t level,
    const char *facility, const char *text)
{
    time_t  now;

    if (level == NGX_LOG_DEBUG) {
        ngx_log_error(level, producer->log, 0, "kafka [%V] %s: %s",
                      &producer->id, facility, text);
        return;
    }

    now = ngx_time();

    if (now != producer->second) {

        if (producer->suppressed) {
            ngx_log_error(NGX_LOG_WARN, producer->log, 0,
                          "kafka [%V] %ui messages of librdkafka were "
                          "suppressed", &producer->id, producer->suppressed);
        }

        producer->second = now;
        producer->lines = 0;
        producer->suppressed = 0;
    }

    if (producer->lines++ >= NGX_KAFKA_LOG_LINES) {
        producer->suppressed++;
        return;
    }

    ngx_log_error(level, producer->log, 0, "kafka [%V] %s: %s",
                  &producer->id, facility, text);
}
