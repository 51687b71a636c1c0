
/*
 * What the caller is told: the truth about what Kafka did.
 */

#include "ngx_http_ditto_publish.h"

#include "ditto_json.h"


#define NGX_HTTP_DITTO_LOG_LINES  10         /* of failed messages a second */


/* What became of a message's records. */
typedef struct {
    size_t  n;
    size_t  persisted;
    size_t  sent;                /* nobody will know more */
    size_t  lost;                /* not persisted */
    size_t  refused;             /* of them: no record could be made */
    size_t  large;               /* of them: larger than Kafka takes */
} ngx_http_ditto_tally_t;


static ngx_int_t ngx_http_ditto_answer_one(ngx_http_ditto_message_t *m);
static ngx_int_t ngx_http_ditto_answer_many(ngx_http_ditto_ctx_t *ctx);
static void ngx_http_ditto_tally(ngx_http_ditto_message_t *m,
    ngx_uint_t unlabelled, ngx_http_ditto_tally_t *tally);
static ngx_uint_t ngx_http_ditto_labelled(ngx_http_ditto_message_t *m,
    size_t result);
static ngx_int_t ngx_http_ditto_acknowledged(ngx_http_ditto_message_t *m,
    ngx_uint_t *status, ditto_str_t *body);
static void ngx_http_ditto_verdict(ngx_http_ditto_message_t *m,
    ngx_http_ditto_tally_t *tally, ngx_uint_t *status, ditto_error_t *err);
static const ngx_http_ditto_result_t *ngx_http_ditto_worst(
    ngx_http_ditto_message_t *m);
static void ngx_http_ditto_log_lost(ngx_http_request_t *r,
    const ngx_http_ditto_result_t *result, const char *outcome,
    ngx_uint_t level);
static void ngx_http_ditto_outcomes(ditto_buf_t *out,
    ngx_http_ditto_message_t *m, ngx_http_ditto_tally_t *tally);


ngx_int_t
ngx_http_ditto_answer(ngx_http_ditto_ctx_t *ctx)
{
    return (ctx->nmessages == 1) ? ngx_http_ditto_answer_one(ctx->messages)
                                 : ngx_http_ditto_answer_many(ctx);
}


/*
 * 2xx only if everything is in Kafka, 503 (or the sender's own fault) only if
 * nothing is, and 504 for everything between; what was asked to be
 * acknowledged is answered as Ditto does.
 */

static ngx_int_t
ngx_http_ditto_answer_one(ngx_http_ditto_message_t *m)
{
    ngx_int_t                rc;
    ngx_uint_t               status;
    ditto_buf_t              buf;
    ditto_str_t              body;
    ditto_error_t            err;
    ngx_http_request_t      *r;
    ngx_http_ditto_tally_t   tally;

    r = m->ctx->request;

    if (m->error.code != DITTO_E_NONE) {
        return ngx_http_ditto_fail(r, &m->error);
    }

    rc = ngx_http_ditto_acknowledged(m, &status, &body);

    if (rc == NGX_ERROR) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (rc == NGX_OK) {
        return (body.len == 0) ? ngx_http_ditto_send_status(r, status)
                               : ngx_http_ditto_send_json(r, status, body);
    }

    ngx_http_ditto_tally(m, 0, &tally);
    ngx_http_ditto_verdict(m, &tally, &status, &err);

    if (status < 300) {
        return ngx_http_ditto_send_status(r, status);
    }

    ditto_buf_init(&buf, m->scope.pool, 512);
    ngx_http_ditto_outcomes(&buf, m, &tally);

    if (ditto_buf_done(&buf, &body) != DITTO_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_ditto_send_error(r, status, &err, body);
}


/* A result for each message, in their order. */

static ngx_int_t
ngx_http_ditto_answer_many(ngx_http_ditto_ctx_t *ctx)
{
    size_t       i, delivered;
    ngx_uint_t   status;
    ditto_buf_t  buf;
    ditto_str_t  body;

    delivered = 0;
    ditto_buf_init(&buf, &ctx->pool.pool, 128 * ctx->nmessages);

    for (i = 0; i < ctx->nmessages; i++) {

        ditto_buf_char(&buf, (i == 0) ? '[' : ',');

        if (ngx_http_ditto_answer_entry(&ctx->messages[i], &buf, &status)
            != NGX_OK)
        {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        delivered += (status == NGX_HTTP_NO_CONTENT);
    }

    ditto_buf_text(&buf, "]\n");

    if (ditto_buf_done(&buf, &body) != DITTO_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return (delivered == ctx->nmessages)
           ? ngx_http_ditto_send_status(ctx->request, NGX_HTTP_NO_CONTENT)
           : ngx_http_ditto_send_json(ctx->request,
                                      NGX_HTTP_DITTO_MULTI_STATUS, body);
}


ngx_int_t
ngx_http_ditto_answer_entry(ngx_http_ditto_message_t *m, ditto_buf_t *out,
    ngx_uint_t *status)
{
    ngx_int_t                rc;
    ditto_str_t              body;
    ditto_error_t            err;
    ngx_http_ditto_tally_t   tally;

    body.len = 0;
    tally.n = 0;
    err.code = DITTO_E_NONE;

    if (m->error.code != DITTO_E_NONE) {
        err = m->error;
        *status = ditto_error_status(&err);

    } else {
        rc = ngx_http_ditto_acknowledged(m, status, &body);

        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (rc == NGX_DECLINED) {
            ngx_http_ditto_tally(m, 0, &tally);
            ngx_http_ditto_verdict(m, &tally, status, &err);
        }
    }

    ditto_buf_text(out, "{\"status\":");
    ditto_buf_int(out, (int64_t) *status);

    if (*status == NGX_HTTP_NO_CONTENT) {
        ditto_buf_char(out, '}');
        return NGX_OK;
    }

    if (body.len != 0) {
        ditto_buf_text(out, ",\"acknowledgements\":");
        ditto_buf_str(out, body);
    }

    if (err.code != DITTO_E_NONE) {
        ditto_buf_text(out, ",\"error\":");
        ditto_json_add_string(out, ditto_str(ditto_error_name(&err)));
        ditto_error_texts(out, &err);
    }

    if (tally.n != 0 && *status >= 300) {
        ngx_http_ditto_outcomes(out, m, &tally);
    }

    if (m->correlation_id.len != 0) {
        ditto_buf_text(out, ",\"correlation-id\":");
        ditto_json_add_string(out, m->correlation_id);
    }

    ditto_buf_char(out, '}');

    return NGX_OK;
}


/*
 * The answer of a message that asks for acknowledgements.  NGX_DECLINED: it
 * asks for none, or a record that none of them speaks for is not in Kafka.
 */

static ngx_int_t
ngx_http_ditto_acknowledged(ngx_http_ditto_message_t *m, ngx_uint_t *status,
    ditto_str_t *body)
{
    bool                     reduced;
    ditto_buf_t              buf;
    ditto_array_t            acks;
    ngx_http_ditto_tally_t   tally;

    if (!m->ctx->producing || m->timeout == 0) {
        return NGX_DECLINED;
    }

    if (ngx_http_ditto_acks(m, &acks) != NGX_OK) {
        return NGX_ERROR;
    }

    if (acks.nelts == 0) {
        return NGX_DECLINED;
    }

    ngx_http_ditto_tally(m, 1, &tally);

    if (tally.persisted + tally.sent != tally.n) {
        return NGX_DECLINED;
    }

    /* spec: What the HTTP caller gets; every event has response-required */

    reduced = m->signal.kind != DITTO_SIGNAL_EVENT
              && !ditto_ack_live(&m->signal);

    *status = ditto_acks_status(acks.elts, acks.nelts);

    if (reduced && *status < 300) {
        *status = NGX_HTTP_ACCEPTED;
        body->len = 0;
        return NGX_OK;
    }

    ditto_buf_init(&buf, m->scope.pool, 512);
    ditto_acks_render(&buf, acks.elts, acks.nelts, m->correlation_id,
                      reduced);

    if (ditto_buf_done(&buf, body) != DITTO_OK) {
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* unlabelled: only records that no acknowledgement speaks for. */

static void
ngx_http_ditto_tally(ngx_http_ditto_message_t *m, ngx_uint_t unlabelled,
    ngx_http_ditto_tally_t *tally)
{
    size_t                    i;
    ngx_http_ditto_result_t  *result;

    ngx_memzero(tally, sizeof(ngx_http_ditto_tally_t));

    if (!m->ctx->producing) {
        /* the deadline passed while fields were fetched */
        tally->n = 1;
        tally->lost = 1;
        return;
    }

    for (i = 0, result = m->results.elts; i < m->results.nelts; i++) {

        if (unlabelled && ngx_http_ditto_labelled(m, i)) {
            continue;
        }

        tally->n++;

        switch (result[i].report.outcome) {

        case NGX_KAFKA_PERSISTED:
            tally->persisted++;
            break;

        case NGX_KAFKA_SENT:
            tally->sent++;
            break;

        case NGX_KAFKA_PENDING:
            tally->sent += (m->timeout == 0);
            break;

        case NGX_KAFKA_NOT_PERSISTED:
            tally->lost++;

            if (result[i].error.code != DITTO_E_NONE) {
                tally->refused++;

            } else if (ngx_kafka_too_large(result[i].report.err)) {
                tally->large++;
            }

            break;

        default:
            break;
        }
    }
}


static ngx_uint_t
ngx_http_ditto_labelled(ngx_http_ditto_message_t *m, size_t result)
{
    size_t                        i;
    ditto_str_t                   label;
    const ngx_http_ditto_part_t  *part;

    for (i = 0, part = m->parts.elts; i < m->parts.nelts; i++) {

        if (result < part[i].first || result >= part[i].first + part[i].n) {
            continue;
        }

        label = part[i].route->target->label;

        return label.len != 0
               && (ditto_acks_contain(&m->labels, label)
                   || (ditto_str_eq(label, ditto_live_response)
                       && ditto_ack_live(&m->signal)));
    }

    return 0;
}


static void
ngx_http_ditto_verdict(ngx_http_ditto_message_t *m,
    ngx_http_ditto_tally_t *tally, ngx_uint_t *status, ditto_error_t *err)
{
    ditto_str_t               why, none = ditto_null_string;
    ngx_http_ditto_result_t  *result;

    err->code = DITTO_E_NONE;

    if (tally->persisted == tally->n) {
        *status = NGX_HTTP_NO_CONTENT;
        return;
    }

    if (tally->persisted + tally->sent == tally->n) {
        /* given away, by acks=0 or timeout=0, which is no success */
        *status = NGX_HTTP_ACCEPTED;
        return;
    }

    if (tally->lost != tally->n) {
        *status = NGX_HTTP_GATEWAY_TIME_OUT;

        why = ditto_str("not every record is known to be in Kafka.");
        (void) ditto_fail(err, DITTO_E_SENDING_FAILED, why, none);
        err->description = "Some records may be in Kafka or may still arrive: "
                           "sending the message again can repeat them.";

    } else if (!m->ctx->producing) {
        *status = NGX_HTTP_SERVICE_UNAVAILABLE;

        why = ditto_str("the extra fields of the thing did not come in time.");
        (void) ditto_fail(err, DITTO_E_SENDING_FAILED, why, none);

    } else if (tally->refused == tally->n) {
        result = m->results.elts;
        *err = result[0].error;
        *status = ditto_error_status(err);

        if (*status >= NGX_HTTP_INTERNAL_SERVER_ERROR) {
            *status = NGX_HTTP_SERVICE_UNAVAILABLE;
        }

    } else if (tally->large == tally->n) {
        *status = NGX_HTTP_REQUEST_ENTITY_TOO_LARGE;

        why = ditto_str("The message makes a record that is larger than Kafka "
                        "accepts.");
        (void) ditto_fail(err, DITTO_E_PAYLOAD_TOO_LARGE, why, none);

    } else {
        *status = NGX_HTTP_SERVICE_UNAVAILABLE;

        why = ditto_str("Kafka did not take it.");
        (void) ditto_fail(err, DITTO_E_SENDING_FAILED, why, none);
    }

    ngx_http_ditto_log_lost(m->ctx->request, ngx_http_ditto_worst(m),
                            (tally->lost == tally->n) ? "not persisted"
                                                      : "unknown",
                            (*status < 500) ? NGX_LOG_INFO : NGX_LOG_ERR);
}


/* The one to name in the log: a refusal before one nobody waited for. */

static const ngx_http_ditto_result_t *
ngx_http_ditto_worst(ngx_http_ditto_message_t *m)
{
    size_t                          i;
    const ngx_http_ditto_result_t  *result, *worst;

    worst = NULL;

    for (i = 0, result = m->results.elts; i < m->results.nelts; i++) {

        switch (result[i].report.outcome) {

        case NGX_KAFKA_NOT_PERSISTED:
            return &result[i];

        case NGX_KAFKA_PERSISTED:
        case NGX_KAFKA_SENT:
            break;

        default:
            worst = &result[i];
        }
    }

    return worst;
}


static void
ngx_http_ditto_log_lost(ngx_http_request_t *r,
    const ngx_http_ditto_result_t *result, const char *outcome,
    ngx_uint_t level)
{
    const char  *why;

    if (result == NULL
        || (level == NGX_LOG_ERR && !ngx_http_ditto_may_log()))
    {
        return;
    }

    why = (result->error.code != DITTO_E_NONE)
          ? ditto_error_name(&result->error)
          : (result->report.outcome == NGX_KAFKA_PENDING)
            ? "no report before the deadline"
            : rd_kafka_err2name(result->report.err);

    ngx_log_error(level, r->connection->log, 0,
                  "ditto message %s: target \"%*s\" of connection \"%V\": %s",
                  outcome, result->route->target->address.len,
                  result->route->target->address.data,
                  &result->route->connection->id, why);
}


/* During an outage every request fails: the log gets some lines a second. */

ngx_uint_t
ngx_http_ditto_may_log(void)
{
    time_t              now;
    static time_t       second;
    static ngx_uint_t   lines, suppressed;

    now = ngx_time();

    if (now != second) {

        if (suppressed) {
            ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                          "%ui more ditto messages failed", suppressed);
        }

        second = now;
        lines = 0;
        suppressed = 0;
    }

    if (lines++ >= NGX_HTTP_DITTO_LOG_LINES) {
        suppressed++;
        return 0;
    }

    return 1;
}


static void
ngx_http_ditto_outcomes(ditto_buf_t *out, ngx_http_ditto_message_t *m,
    ngx_http_ditto_tally_t *tally)
{
    size_t                    i;
    ditto_buf_t               text;
    ditto_str_t               s;
    ngx_http_ditto_result_t  *result;
    static const char        *outcomes[] = {
        "unknown",               /* pending at the deadline */
        "persisted",
        "not persisted",
        "unknown",
        "unknown"                /* acks=0 */
    };

    ditto_buf_text(out, ",\"outcome\":\"");
    ditto_buf_text(out, (tally->lost == tally->n) ? "not persisted"
                                                  : "unknown");
    ditto_buf_text(out, "\",\"targets\":[");

    for (i = 0, result = m->results.elts; i < m->results.nelts; i++) {

        ditto_buf_text(out, (i == 0) ? "{\"connection\":" : ",{\"connection\":");
        ditto_json_add_string(out, result[i].route->connection->model.id);
        ditto_buf_text(out, ",\"address\":");
        ditto_json_add_string(out, result[i].route->target->address);
        ditto_buf_text(out, ",\"outcome\":\"");
        ditto_buf_text(out, outcomes[result[i].report.outcome]);
        ditto_buf_char(out, '"');

        if (result[i].record.topic.len != 0) {
            ditto_buf_text(out, ",\"topic\":");
            ditto_json_add_string(out, result[i].record.topic);
        }

        if (result[i].report.outcome == NGX_KAFKA_PERSISTED
            && result[i].report.offset >= 0)
        {
            ditto_buf_text(out, ",\"partition\":");
            ditto_buf_int(out, result[i].report.partition);
            ditto_buf_text(out, ",\"offset\":");
            ditto_buf_int(out, result[i].report.offset);
        }

        if (result[i].error.code != DITTO_E_NONE) {
            ditto_buf_text(out, ",\"error\":");
            ditto_json_add_string(out,
                          ditto_str(ditto_error_name(&result[i].error)));

            ditto_buf_init(&text, out->pool, 0);
            ditto_error_text(&text, &result[i].error);

            if (ditto_buf_done(&text, &s) == DITTO_OK) {
                ditto_buf_text(out, ",\"message\":");
                ditto_json_add_string(out, s);
            }

        } else if (result[i].report.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
            ditto_buf_text(out, ",\"error\":");
            ditto_json_add_string(out,
                     ditto_str(rd_kafka_err2name(result[i].report.err)));
            ditto_buf_text(out, ",\"message\":");
            ditto_json_add_string(out,
                     ditto_str(rd_kafka_err2str(result[i].report.err)));
        }

        ditto_buf_char(out, '}');
    }

    ditto_buf_char(out, ']');
}


ngx_int_t
ngx_http_ditto_fail(ngx_http_request_t *r, ditto_error_t *err)
{
    ngx_uint_t   level, status;
    ditto_str_t  none = ditto_null_string;

    status = ditto_error_status(err);
    level = (status < 500) ? NGX_LOG_INFO : NGX_LOG_ERR;

    if (status < 500 || ngx_http_ditto_may_log()) {
        ngx_log_error(level, r->connection->log, 0,
                      "ditto message refused with %ui %s", status,
                      ditto_error_name(err));
    }

    return ngx_http_ditto_send_error(r, status, err, none);
}
