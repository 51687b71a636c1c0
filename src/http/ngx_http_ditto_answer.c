
/*
 * What the caller is told: the truth about what Kafka did.
 */

#include "ngx_http_ditto_publish.h"

#include "ditto_json.h"


#define NGX_HTTP_DITTO_LOG_LINES  10         /* of failed messages a second */


static const ngx_http_ditto_result_t *ngx_http_ditto_worst(
    ngx_http_ditto_ctx_t *ctx);
static void ngx_http_ditto_log_lost(ngx_http_request_t *r,
    const ngx_http_ditto_result_t *result, const char *outcome);
static ngx_uint_t ngx_http_ditto_may_log(void);
static void ngx_http_ditto_outcomes(ditto_buf_t *out,
    ngx_http_ditto_ctx_t *ctx, const char *outcome);


/*
 * 2xx only if everything is in Kafka, 503 (or the sender's own fault) only if
 * nothing is, and 504 for everything between.
 */

ngx_int_t
ngx_http_ditto_answer(ngx_http_ditto_ctx_t *ctx)
{
    size_t                    i, n, persisted, sent, lost, large, refused;
    const char               *outcome;
    ditto_buf_t               buf;
    ditto_str_t               members, why, none = ditto_null_string;
    ditto_error_t             err;
    ngx_http_request_t       *r;
    ngx_http_ditto_result_t  *result;

    r = ctx->request;
    n = ctx->results.nelts;
    result = ctx->results.elts;

    persisted = 0;
    sent = 0;
    lost = 0;
    large = 0;
    refused = 0;

    for (i = 0; i < n; i++) {

        switch (result[i].report.outcome) {

        case NGX_KAFKA_PERSISTED:
            persisted++;
            break;

        case NGX_KAFKA_SENT:
            sent++;
            break;

        case NGX_KAFKA_NOT_PERSISTED:
            lost++;

            if (result[i].error.code != DITTO_E_NONE) {
                refused++;

            } else if (ngx_kafka_too_large(result[i].report.err)) {
                large++;
            }

            break;

        default:
            break;
        }
    }

    if (persisted == n) {
        return ngx_http_ditto_send_status(r, NGX_HTTP_NO_CONTENT);
    }

    if (persisted + sent == n) {
        /* acks=0: given away, which is no success */
        return ngx_http_ditto_send_status(r, NGX_HTTP_ACCEPTED);
    }

    outcome = (lost == n) ? "not persisted" : "unknown";

    ngx_http_ditto_log_lost(r, ngx_http_ditto_worst(ctx), outcome);

    ditto_buf_init(&buf, &ctx->pool.pool, 512);
    ngx_http_ditto_outcomes(&buf, ctx, outcome);

    if (ditto_buf_done(&buf, &members) != DITTO_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (lost != n) {
        why = ditto_str("not every record is known to be in Kafka.");
        (void) ditto_fail(&err, DITTO_E_SENDING_FAILED, why, none);
        err.description = "Some records may be in Kafka or may still arrive: "
                          "sending the message again can repeat them.";

        return ngx_http_ditto_send_error(r, NGX_HTTP_GATEWAY_TIME_OUT, &err,
                                         members);
    }

    if (refused == n) {
        return ngx_http_ditto_send_error(r,
                                     ditto_error_status(&result[0].error),
                                     &result[0].error, members);
    }

    if (large == n) {
        why = ditto_str("The message makes a record that is larger than Kafka "
                        "accepts.");
        (void) ditto_fail(&err, DITTO_E_PAYLOAD_TOO_LARGE, why, none);

        return ngx_http_ditto_send_error(r, NGX_HTTP_REQUEST_ENTITY_TOO_LARGE,
                                         &err, members);
    }

    why = ditto_str("Kafka did not take it.");
    (void) ditto_fail(&err, DITTO_E_SENDING_FAILED, why, none);

    return ngx_http_ditto_send_error(r, NGX_HTTP_SERVICE_UNAVAILABLE, &err,
                                     members);
}


/* The one to name in the log: a refusal before one nobody waited for. */

static const ngx_http_ditto_result_t *
ngx_http_ditto_worst(ngx_http_ditto_ctx_t *ctx)
{
    size_t                          i;
    const ngx_http_ditto_result_t  *result, *worst;

    worst = NULL;
    result = ctx->results.elts;

    for (i = 0; i < ctx->results.nelts; i++) {

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
    const ngx_http_ditto_result_t *result, const char *outcome)
{
    const char  *why;

    if (!ngx_http_ditto_may_log()) {
        return;
    }

    why = (result->error.code != DITTO_E_NONE)
          ? ditto_error_name(&result->error)
          : (result->report.outcome == NGX_KAFKA_PENDING)
            ? "no report before the deadline"
            : rd_kafka_err2name(result->report.err);

    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                  "ditto message %s: target \"%*s\" of connection \"%V\": %s",
                  outcome, result->route->target->address.len,
                  result->route->target->address.data,
                  &result->route->connection->id, why);
}


/* During an outage every request fails: the log gets some lines a second. */

static ngx_uint_t
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
ngx_http_ditto_outcomes(ditto_buf_t *out, ngx_http_ditto_ctx_t *ctx,
    const char *outcome)
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
    ditto_buf_text(out, outcome);
    ditto_buf_text(out, "\",\"targets\":[");

    result = ctx->results.elts;

    for (i = 0; i < ctx->results.nelts; i++) {

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
