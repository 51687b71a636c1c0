
/*
 * What librdkafka's queue holds for the worker: reports, errors, lines of its
 * log.
 */

#include "ngx_kafka_batch.h"


#define NGX_KAFKA_LOG_LINES     10       /* per second and producer */
#define NGX_KAFKA_MESSAGES      256      /* reports taken at once */


static void ngx_kafka_event(ngx_kafka_handle_t *handle,
    rd_kafka_event_t *event);
static void ngx_kafka_reports(ngx_kafka_handle_t *handle,
    rd_kafka_event_t *event);
static void ngx_kafka_report(ngx_kafka_report_t *report,
    const rd_kafka_message_t *message);
static void ngx_kafka_error(ngx_kafka_handle_t *handle,
    rd_kafka_event_t *event);


/* of this worker */

static ngx_uint_t  ngx_kafka_serving;


ngx_int_t
ngx_kafka_events(ngx_kafka_handle_t *handle, ngx_uint_t max)
{
    ngx_int_t          rc;
    rd_kafka_event_t  *event;

    if (ngx_kafka_serving) {
        return NGX_OK;
    }

    ngx_kafka_serving = 1;
    rc = NGX_AGAIN;

    while (max-- > 0) {
        event = rd_kafka_queue_poll(handle->events, 0);

        if (event == NULL) {
            rc = NGX_OK;
            break;
        }

        ngx_kafka_event(handle, event);
        rd_kafka_event_destroy(event);
    }

    ngx_kafka_serving = 0;

    return rc;
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


/*
 * First what is next goes to librdkafka, which works while the requests are
 * answered; and its thread is busy with the answer of Kafka still.  Later it
 * would wake up at the first record, send that alone, and the rest after it.
 */

static void
ngx_kafka_reports(ngx_kafka_handle_t *handle, rd_kafka_event_t *event)
{
    size_t                     i, n;
    ngx_kafka_report_t         report;
    const rd_kafka_message_t  *messages[NGX_KAFKA_MESSAGES];

    for ( ;; ) {
        n = rd_kafka_event_message_array(event, messages, NGX_KAFKA_MESSAGES);

        if (n == 0) {
            break;
        }

        for (i = 0; i < n; i++) {
            ngx_kafka_batch_reported(handle, messages[i]);
        }

        ngx_kafka_batch_feed(handle->producer);

        for (i = 0; i < n; i++) {
            ngx_kafka_report(&report, messages[i]);
            ngx_kafka_record_report(handle->producer, messages[i]->_private,
                                    &report);
        }
    }
}


static void
ngx_kafka_report(ngx_kafka_report_t *report, const rd_kafka_message_t *message)
{
    report->err = message->err;
    report->partition = message->partition;
    report->offset = message->offset;
    report->timestamp = rd_kafka_message_timestamp(message, NULL);

    switch (rd_kafka_message_status(message)) {

    case RD_KAFKA_MSG_STATUS_PERSISTED:
        report->outcome = NGX_KAFKA_PERSISTED;
        break;

    case RD_KAFKA_MSG_STATUS_NOT_PERSISTED:
        report->outcome = NGX_KAFKA_NOT_PERSISTED;
        break;

    default:
        report->outcome = NGX_KAFKA_UNKNOWN;
    }

    /* acks=0: sent, and nobody will ever know more */

    if (report->outcome == NGX_KAFKA_UNKNOWN
        && message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
    {
        report->outcome = NGX_KAFKA_SENT;
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


void
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
