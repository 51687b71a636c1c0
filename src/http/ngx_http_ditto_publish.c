
/*
 * The content handler: who may post, and the way of the messages from what was
 * posted until the records' delivery reports become the answer.
 */

#include "ngx_http_ditto_publish.h"


#define NGX_HTTP_DITTO_BLOCK     4000        /* bytes; fit into a block of the
                                                request's pool */
#define NGX_HTTP_DITTO_NO_WAIT   10000       /* ms that fields may take for a
                                                caller who does not wait */


static ngx_int_t ngx_http_ditto_refuse_early(ngx_http_request_t *r,
    ngx_http_ditto_ctx_t *ctx, ngx_http_ditto_loc_conf_t *dlcf);
static ngx_int_t ngx_http_ditto_sender(ngx_http_request_t *r,
    ngx_http_ditto_ctx_t *ctx, ngx_http_ditto_loc_conf_t *dlcf);
static void ngx_http_ditto_publish_body(ngx_http_request_t *r);
static ngx_int_t ngx_http_ditto_process(ngx_http_request_t *r,
    ngx_http_ditto_ctx_t *ctx);
static ngx_int_t ngx_http_ditto_run(ngx_http_ditto_ctx_t *ctx);
static ngx_int_t ngx_http_ditto_go_on(ngx_http_ditto_ctx_t *ctx);
static ngx_int_t ngx_http_ditto_next(ngx_http_ditto_ctx_t *ctx,
    ngx_int_t *end);
static ngx_int_t ngx_http_ditto_wave(ngx_http_ditto_ctx_t *ctx,
    ngx_int_t *end);
static void ngx_http_ditto_later(ngx_http_ditto_ctx_t *ctx);
static ditto_rc_t ngx_http_ditto_timeouts(ngx_http_ditto_ctx_t *ctx,
    ditto_error_t *err);
static ditto_rc_t ngx_http_ditto_message_timeout(ngx_http_ditto_message_t *m,
    ngx_msec_t max);
static ngx_int_t ngx_http_ditto_produce(ngx_http_ditto_ctx_t *ctx,
    ngx_int_t *end);
static void ngx_http_ditto_enriched(ngx_event_t *ev);
static void ngx_http_ditto_delivered(ngx_kafka_delivery_t *d,
    ngx_kafka_report_t *report);
static void ngx_http_ditto_more(ngx_event_t *ev);
static void ngx_http_ditto_deadline(ngx_event_t *ev);
static void ngx_http_ditto_finish(ngx_http_ditto_ctx_t *ctx);
static ngx_uint_t ngx_http_ditto_left(ngx_http_ditto_ctx_t *ctx);
static void ngx_http_ditto_detach(void *data);


ngx_int_t
ngx_http_ditto_publish_handler(ngx_http_request_t *r)
{
    ngx_int_t                   rc;
    ngx_http_ditto_ctx_t       *ctx;
    ngx_http_ditto_loc_conf_t  *dlcf;

    dlcf = ngx_http_get_module_loc_conf(r, ngx_http_ditto_kafka_module);

    /* what one message needs in most cases is allocated together with it */

    ctx = ngx_palloc(r->pool, NGX_HTTP_DITTO_BLOCK);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_memzero(ctx, sizeof(ngx_http_ditto_ctx_t));

    ctx->request = r;
    ngx_http_ditto_pool_init(&ctx->pool, r->pool);
    ngx_http_ditto_pool_aside(&ctx->pool, (u_char *) &ctx[1],
                              NGX_HTTP_DITTO_BLOCK
                              - sizeof(ngx_http_ditto_ctx_t));

    ngx_http_set_ctx(r, ctx, ngx_http_ditto_kafka_module);

    rc = ngx_http_ditto_refuse_early(r, ctx, dlcf);

    if (rc != NGX_DECLINED) {
        return rc;
    }

    r->request_body_in_single_buf = 1;

    rc = ngx_http_read_client_request_body(r, ngx_http_ditto_publish_body);

    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        return rc;
    }

    return NGX_DONE;
}


/* What can be said before the body is sent.  NGX_DECLINED: go on. */

static ngx_int_t
ngx_http_ditto_refuse_early(ngx_http_request_t *r, ngx_http_ditto_ctx_t *ctx,
    ngx_http_ditto_loc_conf_t *dlcf)
{
    ngx_int_t                  rc;
    ngx_str_t                  allow = ngx_string("POST");
    ngx_uint_t                 i;
    ditto_str_t                none = ditto_null_string;
    ditto_str_t                why = ditto_null_string;
    ditto_error_t              err;
    ngx_http_ditto_client_t  **client;

    err.code = DITTO_E_NONE;

    if (r->method != NGX_HTTP_POST) {

        if (ngx_http_ditto_add_header(r, "Allow", &allow) != NGX_OK) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        (void) ditto_fail(&err, DITTO_E_METHOD_NOT_ALLOWED,
                          ngx_http_ditto_str(r->method_name), none);

    } else if (ngx_http_ditto_inbound_check(r, &err) == NGX_OK) {
        rc = ngx_http_ditto_sender(r, ctx, dlcf);

        if (rc == NGX_ERROR) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        client = dlcf->clients.elts;

        for (i = 0; i < dlcf->clients.nelts; i++) {
            if (client[i]->producer == NULL) {
                why = ditto_str("there is no Kafka client.");

            } else if (ngx_kafka_full(client[i]->producer)) {
                why = ditto_str("the queue to Kafka is full.");

            } else {
                break;
            }
        }

        if (rc == NGX_DECLINED) {
            (void) ditto_fail(&err, DITTO_E_SUBJECT_EMPTY, none, none);

        } else if (dlcf->open == 0) {
            (void) ditto_fail(&err, DITTO_E_SENDING_FAILED,
                              ditto_str("no connection is open."), none);

        } else if (i == dlcf->clients.nelts) {
            (void) ditto_fail(&err, DITTO_E_SENDING_FAILED, why, none);
        }
    }

    if (err.code == DITTO_E_NONE) {
        return NGX_DECLINED;
    }

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    return ngx_http_ditto_fail(r, &err);
}


/*
 * Who speaks, and for whom it may.  NGX_DECLINED: nobody, "nginx:" without a
 * user included.
 */

static ngx_int_t
ngx_http_ditto_sender(ngx_http_request_t *r, ngx_http_ditto_ctx_t *ctx,
    ngx_http_ditto_loc_conf_t *dlcf)
{
    ngx_str_t                  value;
    ngx_uint_t                 i;
    ngx_http_complex_value_t  *cv;

    if (dlcf->enforcement != NULL) {

        if (ngx_http_complex_value(r, &dlcf->enforcement->input, &value)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        if (value.len == 0) {
            return NGX_DECLINED;
        }

        ctx->input = ngx_http_ditto_str(value);
    }

    if (dlcf->subjects == NULL) {
        return NGX_OK;
    }

    ctx->subjects = ngx_palloc(r->pool,
                               dlcf->subjects->nelts * sizeof(ditto_str_t));
    if (ctx->subjects == NULL) {
        return NGX_ERROR;
    }

    cv = dlcf->subjects->elts;

    for (i = 0; i < dlcf->subjects->nelts; i++) {

        if (ngx_http_complex_value(r, &cv[i], &value) != NGX_OK) {
            return NGX_ERROR;
        }

        if (value.len != 0 && value.data[value.len - 1] != ':') {
            ctx->subjects[ctx->nsubjects++] = ngx_http_ditto_str(value);
        }
    }

    return ctx->nsubjects ? NGX_OK : NGX_DECLINED;
}


static void
ngx_http_ditto_publish_body(ngx_http_request_t *r)
{
    ngx_int_t              rc;
    ngx_http_ditto_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_ditto_kafka_module);

    rc = ngx_http_ditto_process(r, ctx);

    /* NGX_AGAIN may also be an answer that the client does not take yet */

    if (!ctx->waiting) {
        ngx_http_finalize_request(r, rc);
        return;
    }

    r->read_event_handler = ngx_http_test_reading;
    r->write_event_handler = ngx_http_ditto_subrequests_write;

    if (r->connection->read->ready) {
        ngx_post_event(r->connection->read, &ngx_posted_events);

    } else if (ngx_handle_read_event(r->connection->read, 0) != NGX_OK) {
        ngx_http_ditto_detach(ctx);
        ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
    }
}


/*
 * ctx->waiting: fields are fetched or records are under way; else what
 * finalizes the request.
 */

static ngx_int_t
ngx_http_ditto_process(ngx_http_request_t *r, ngx_http_ditto_ctx_t *ctx)
{
    ngx_int_t            rc;
    ditto_error_t        err;
    ngx_http_cleanup_t  *cln;

    rc = ngx_http_ditto_inbound(ctx, &err);

    if (rc == NGX_DECLINED) {
        return ngx_http_ditto_fail(r, &err);
    }

    if (rc != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    cln = ngx_http_cleanup_add(r, 0);
    if (cln == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    cln->handler = ngx_http_ditto_detach;
    cln->data = ctx;

    return ngx_http_ditto_run(ctx);
}


/*
 * A wave, until something is waited for.  ctx->waiting: it goes on later; else
 * what finalizes the request.
 */

static ngx_int_t
ngx_http_ditto_run(ngx_http_ditto_ctx_t *ctx)
{
    ngx_int_t  rc;

    if (ngx_http_ditto_wave(ctx, &rc) == NGX_DONE) {
        return rc;
    }

    return ctx->waiting ? NGX_AGAIN : ngx_http_ditto_go_on(ctx);
}


/* The wave is over.  NGX_OK: here is another.  NGX_DONE: *end finalizes. */

static ngx_int_t
ngx_http_ditto_next(ngx_http_ditto_ctx_t *ctx, ngx_int_t *end)
{
    ngx_http_ditto_detach(ctx);

    if (ctx->batch == NULL) {
        *end = ngx_http_ditto_answer(ctx);
        return NGX_DONE;
    }

    if (ngx_http_ditto_batch_collect(ctx) != NGX_OK) {
        *end = NGX_HTTP_INTERNAL_SERVER_ERROR;
        return NGX_DONE;
    }

    ctx->producing = 0;
    ctx->pending = 0;

    switch (ngx_http_ditto_batch_next(ctx)) {

    case NGX_OK:
        return NGX_OK;

    case NGX_DONE:
        *end = ngx_http_ditto_batch_answer(ctx);
        return NGX_DONE;

    default:
        *end = NGX_HTTP_INTERNAL_SERVER_ERROR;
        return NGX_DONE;
    }
}


/*
 * Lets the messages go as far as they come: all the way unless ctx->waiting.
 * NGX_DONE: *end finalizes the request.
 */

static ngx_int_t
ngx_http_ditto_wave(ngx_http_ditto_ctx_t *ctx, ngx_int_t *end)
{
    ditto_error_t  err;

    if (ngx_http_ditto_timeouts(ctx, &err) != DITTO_OK) {
        *end = ngx_http_ditto_fail(ctx->request, &err);
        return NGX_DONE;
    }

    if (ngx_http_ditto_enrich(ctx, ngx_http_ditto_enriched) != NGX_OK) {
        *end = NGX_HTTP_INTERNAL_SERVER_ERROR;
        return NGX_DONE;
    }

    if (ctx->fetching != 0) {
        ngx_http_ditto_later(ctx);
        return NGX_OK;
    }

    return ngx_http_ditto_produce(ctx, end);
}


static void
ngx_http_ditto_later(ngx_http_ditto_ctx_t *ctx)
{
    ctx->waiting = 1;

    if (ctx->timer.timer_set) {
        return;
    }

    ctx->timer.handler = ngx_http_ditto_deadline;
    ctx->timer.data = ctx;
    ctx->timer.log = ctx->request->connection->log;

    ngx_add_timer(&ctx->timer, ctx->timeout ? ctx->timeout
                                            : NGX_HTTP_DITTO_NO_WAIT);
}


/*
 * How long the sender of each message wants to wait: the smallest of
 * ditto_timeout, the parameter "timeout" and the message's header of this name.
 * The request waits for the longest.  DITTO_ERROR: the parameter is wrong.
 */

static ditto_rc_t
ngx_http_ditto_timeouts(ngx_http_ditto_ctx_t *ctx, ditto_error_t *err)
{
    size_t                      i;
    int64_t                     ms;
    ngx_int_t                   rc;
    ngx_str_t                   value, name;
    ngx_msec_t                  max;
    ngx_http_ditto_message_t   *m;
    ngx_http_ditto_loc_conf_t  *dlcf;

    dlcf = ngx_http_get_module_loc_conf(ctx->request,
                                        ngx_http_ditto_kafka_module);
    max = dlcf->timeout;

    ngx_str_set(&name, "timeout");

    rc = ngx_http_ditto_parameter(ctx, &name, &value);

    if (rc == NGX_ERROR) {
        return ditto_fail_memory(err);
    }

    if (rc == NGX_OK) {
        if (ditto_duration_parse(ngx_http_ditto_str(value), &ms, err)
            != DITTO_OK)
        {
            return DITTO_ERROR;
        }

        max = (ngx_msec_t) ngx_min((int64_t) max, ms);
    }

    ctx->timeout = 0;

    for (i = 0, m = ctx->messages; i < ctx->nmessages; i++) {
        if (m[i].error.code == DITTO_E_NONE
            && ngx_http_ditto_message_timeout(&m[i], max) == DITTO_OK)
        {
            ctx->timeout = ngx_max(ctx->timeout, m[i].timeout);
        }
    }

    return DITTO_OK;
}


/* DITTO_ERROR: m->error. */

static ditto_rc_t
ngx_http_ditto_message_timeout(ngx_http_ditto_message_t *m, ngx_msec_t max)
{
    int64_t                ms;
    ditto_error_t         *err;
    const ditto_header_t  *header, *required;
    static ditto_str_t     timeout = ditto_string("timeout");

    err = &m->error;
    m->timeout = max;

    header = ditto_headers_get(&m->signal.headers, timeout);

    if (header != NULL) {
        if (ditto_duration_parse(header->value, &ms, err) != DITTO_OK) {
            return DITTO_ERROR;
        }

        m->timeout = (ngx_msec_t) ngx_min((int64_t) max, ms);
    }

    if (m->timeout != 0) {
        return DITTO_OK;
    }

    required = ditto_headers_get(&m->signal.headers,
                                 ditto_str("response-required"));

    if (m->labels.nelts == 0
        && (required == NULL
            || !ditto_str_eq(required->value, ditto_str("true"))))
    {
        return DITTO_OK;
    }

    (void) ditto_fail(err, DITTO_E_HEADER_INVALID, timeout, timeout);
    err->message = "The value of the header 'timeout' must not be zero if "
                   "response or acknowledgements are requested.";
    err->args[2] = ditto_str("timeout");
    err->header = timeout;

    return DITTO_ERROR;
}


/*
 * Every record of a message is made before one is produced.  As
 * ngx_http_ditto_wave().
 */

static ngx_int_t
ngx_http_ditto_produce(ngx_http_ditto_ctx_t *ctx, ngx_int_t *end)
{
    size_t  i;

    ctx->producing = 1;
    ctx->pending = 1;

    for (i = 0; i < ctx->nmessages; i++) {
        if (ngx_http_ditto_message_map(&ctx->messages[i]) != NGX_OK) {
            *end = NGX_HTTP_INTERNAL_SERVER_ERROR;
            return NGX_DONE;
        }
    }

    for (i = 0; i < ctx->nmessages; i++) {
        ngx_http_ditto_message_produce(&ctx->messages[i],
                                       ngx_http_ditto_delivered);
    }

    if (--ctx->pending != 0 && ctx->timeout != 0) {
        ngx_http_ditto_later(ctx);
    }

    return NGX_OK;
}


/* Subrequests have ended; after the last one the records may go. */

static void
ngx_http_ditto_enriched(ngx_event_t *ev)
{
    ngx_int_t              rc;
    ngx_connection_t      *c;
    ngx_http_request_t    *r;
    ngx_http_ditto_ctx_t  *ctx;

    ctx = ev->data;
    r = ctx->request;
    c = r->connection;

    if (ngx_http_ditto_left(ctx)) {
        return;
    }

    ngx_http_set_log_request(c->log, r);

    if (ngx_http_ditto_enrich_more(ctx) != NGX_OK) {
        ctx->waiting = 0;
        rc = NGX_HTTP_INTERNAL_SERVER_ERROR;

    } else if (ctx->fetching == 0) {
        ctx->waiting = 0;

        if (ngx_http_ditto_produce(ctx, &rc) == NGX_OK && !ctx->waiting) {
            rc = ngx_http_ditto_go_on(ctx);
        }
    }

    if (!ctx->waiting) {
        ngx_http_ditto_detach(ctx);
        ngx_http_finalize_request(r, rc);
    }

    ngx_http_run_posted_requests(c);
}


/* A wave has ended.  As ngx_http_ditto_run(). */

static ngx_int_t
ngx_http_ditto_go_on(ngx_http_ditto_ctx_t *ctx)
{
    ngx_int_t  rc;

    if (ngx_http_ditto_next(ctx, &rc) != NGX_OK) {
        return rc;
    }

    /*
     * Others come first; and within a report of Kafka no record is produced,
     * for a full queue would be drained of reports again.
     */

    ctx->waiting = 1;

    ctx->more.handler = ngx_http_ditto_more;
    ctx->more.data = ctx;
    ctx->more.log = ctx->request->connection->log;

    ngx_post_event(&ctx->more, &ngx_posted_next_events);

    /* a worker that quits is gone as soon as no timer is left */

    ctx->timer.handler = ngx_http_ditto_more;
    ctx->timer.data = ctx;
    ctx->timer.log = ctx->request->connection->log;

    ngx_add_timer(&ctx->timer, NGX_HTTP_DITTO_NO_WAIT);

    return NGX_AGAIN;
}


static void
ngx_http_ditto_more(ngx_event_t *ev)
{
    ngx_int_t              rc;
    ngx_connection_t      *c;
    ngx_http_request_t    *r;
    ngx_http_ditto_ctx_t  *ctx;

    ctx = ev->data;
    r = ctx->request;
    c = r->connection;

    if (ngx_http_ditto_left(ctx)) {
        return;
    }

    ngx_http_set_log_request(c->log, r);

    ngx_http_ditto_detach(ctx);

    rc = ngx_http_ditto_run(ctx);

    if (!ctx->waiting) {
        ngx_http_ditto_detach(ctx);
        ngx_http_finalize_request(r, rc);
    }

    ngx_http_run_posted_requests(c);
}


static void
ngx_http_ditto_delivered(ngx_kafka_delivery_t *d, ngx_kafka_report_t *report)
{
    ngx_http_ditto_ctx_t     *ctx;
    ngx_http_ditto_result_t  *result;

    result = d->data;
    result->delivery = NULL;
    result->report = *report;

    ctx = result->ctx;

    if (--ctx->pending == 0 && ctx->waiting) {
        ngx_http_ditto_finish(ctx);
    }
}


static void
ngx_http_ditto_deadline(ngx_event_t *ev)
{
    ngx_http_ditto_ctx_t  *ctx;

    ctx = ev->data;
    ctx->late = 1;

    ngx_http_ditto_finish(ctx);
}


/* The last report came, or the deadline. */

static void
ngx_http_ditto_finish(ngx_http_ditto_ctx_t *ctx)
{
    ngx_int_t            rc;
    ngx_connection_t    *c;
    ngx_http_request_t  *r;

    r = ctx->request;
    c = r->connection;

    if (ngx_http_ditto_left(ctx)) {
        return;
    }

    ngx_http_set_log_request(c->log, r);

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, c->log, 0,
                   "ditto finish, %ui records pending, %ui fetched",
                   ctx->pending, ctx->fetching);

    ngx_http_ditto_subrequests_cancel(ctx);

    rc = ngx_http_ditto_go_on(ctx);

    if (!ctx->waiting) {
        ngx_http_finalize_request(r, rc);
    }

    ngx_http_run_posted_requests(c);
}


/* The client left, and the request went on to its post_action. */

static ngx_uint_t
ngx_http_ditto_left(ngx_http_ditto_ctx_t *ctx)
{
    if (ngx_http_get_module_ctx(ctx->request, ngx_http_ditto_kafka_module)
        == ctx)
    {
        return 0;
    }

    ngx_http_ditto_detach(ctx);

    return 1;
}


/* The records go on, nobody waits for them any more. */

static void
ngx_http_ditto_detach(void *data)
{
    ngx_http_ditto_ctx_t *ctx = data;

    size_t  i;

    ctx->waiting = 0;

    if (ctx->timer.timer_set) {
        ngx_del_timer(&ctx->timer);
    }

    if (ctx->more.posted) {
        ngx_delete_posted_event(&ctx->more);
    }

    for (i = 0; i < ctx->nmessages; i++) {
        ngx_http_ditto_message_detach(&ctx->messages[i]);
    }
}
