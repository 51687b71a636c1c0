
/*
 * The content handler: a posted Ditto message becomes records, the records'
 * delivery reports become the answer.
 */

#include "ngx_http_ditto_publish.h"

#include <sys/random.h>


#define NGX_HTTP_DITTO_UUID      36          /* characters */
#define NGX_HTTP_DITTO_TOO_LARGE                                              \
    "The message is larger than any record that its connections may send."
#define NGX_HTTP_DITTO_ENVELOPE  16384       /* bytes of a body that need not
                                                become bytes of a record */


static ngx_int_t ngx_http_ditto_refuse_early(ngx_http_request_t *r,
    ngx_http_ditto_ctx_t *ctx, ngx_http_ditto_loc_conf_t *dlcf);
static ngx_int_t ngx_http_ditto_content_type(ngx_http_request_t *r,
    ditto_error_t *err);
static ngx_int_t ngx_http_ditto_sender(ngx_http_request_t *r,
    ngx_http_ditto_ctx_t *ctx, ngx_http_ditto_loc_conf_t *dlcf);
static void ngx_http_ditto_publish_body(ngx_http_request_t *r);
static ngx_int_t ngx_http_ditto_process(ngx_http_request_t *r,
    ngx_http_ditto_ctx_t *ctx);
static ditto_rc_t ngx_http_ditto_complete(ngx_http_request_t *r,
    ngx_http_ditto_ctx_t *ctx, ditto_error_t *err);
static ditto_rc_t ngx_http_ditto_wait(ngx_http_request_t *r,
    ngx_http_ditto_ctx_t *ctx, ngx_msec_t max, ditto_error_t *err);
static ditto_rc_t ngx_http_ditto_decide(ngx_http_request_t *r,
    ngx_http_ditto_ctx_t *ctx, ditto_error_t *err);
static ditto_rc_t ngx_http_ditto_map(ngx_http_request_t *r,
    ngx_http_ditto_ctx_t *ctx, const ngx_http_ditto_route_t *route,
    const ditto_scope_t *scope, ditto_error_t *err);
static ditto_rc_t ngx_http_ditto_failed(ngx_http_ditto_ctx_t *ctx,
    const ngx_http_ditto_route_t *route, ditto_error_t *err);
static ngx_http_ditto_result_t *ngx_http_ditto_result(
    ngx_http_ditto_ctx_t *ctx, const ngx_http_ditto_route_t *route);
static ngx_int_t ngx_http_ditto_produce(ngx_http_request_t *r,
    ngx_http_ditto_ctx_t *ctx);
static void ngx_http_ditto_delivered(ngx_kafka_delivery_t *d,
    ngx_kafka_report_t *report);
static void ngx_http_ditto_deadline(ngx_event_t *ev);
static void ngx_http_ditto_finish(ngx_http_ditto_ctx_t *ctx);
static void ngx_http_ditto_detach(void *data);
static ditto_rc_t ngx_http_ditto_uuid(ditto_pool_t *pool, ditto_str_t *uuid);


ngx_int_t
ngx_http_ditto_publish_handler(ngx_http_request_t *r)
{
    ngx_int_t                   rc;
    ngx_http_ditto_ctx_t       *ctx;
    ngx_http_ditto_loc_conf_t  *dlcf;

    dlcf = ngx_http_get_module_loc_conf(r, ngx_http_ditto_kafka_module);

    ctx = ngx_pcalloc(r->pool, sizeof(ngx_http_ditto_ctx_t));
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->request = r;
    ngx_http_ditto_pool_init(&ctx->pool, r->pool);
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

    } else if (ngx_http_ditto_content_type(r, &err) != NGX_OK) {
        /* void */

    } else if (r->headers_in.content_length_n
               > (off_t) dlcf->max_bytes + NGX_HTTP_DITTO_ENVELOPE
               && dlcf->open)
    {
        (void) ditto_fail(&err, DITTO_E_PAYLOAD_TOO_LARGE,
                          ditto_str(NGX_HTTP_DITTO_TOO_LARGE), none);

    } else {
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


static ngx_int_t
ngx_http_ditto_content_type(ngx_http_request_t *r, ditto_error_t *err)
{
    ngx_uint_t           i;
    ditto_str_t          type, none = ditto_null_string;
    static ditto_str_t   types[] = {
        ditto_string("application/vnd.eclipse.ditto+json"),
        ditto_string("application/json"),
    };

    if (r->headers_in.content_type == NULL) {
        return NGX_OK;
    }

    type = ngx_http_ditto_str(r->headers_in.content_type->value);
    type = ditto_str_trim(ditto_str_sub(type, 0, ditto_str_chr(type, ';', 0)));

    if (type.len == 0) {
        return NGX_OK;
    }

    for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (ditto_str_caseeq(type, types[i])) {
            return NGX_OK;
        }
    }

    (void) ditto_fail(err, DITTO_E_MEDIATYPE_UNSUPPORTED, type, none);

    return NGX_DECLINED;
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

    ctx->timer.handler = ngx_http_ditto_deadline;
    ctx->timer.data = ctx;
    ctx->timer.log = r->connection->log;
    ngx_add_timer(&ctx->timer, ctx->timeout);

    r->read_event_handler = ngx_http_test_reading;
    r->write_event_handler = ngx_http_request_empty_handler;

    if (r->connection->read->ready) {
        ngx_post_event(r->connection->read, &ngx_posted_events);

    } else if (ngx_handle_read_event(r->connection->read, 0) != NGX_OK) {
        ngx_http_ditto_detach(ctx);
        ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
    }
}


/* ctx->waiting: records are under way; else what finalizes the request. */

static ngx_int_t
ngx_http_ditto_process(ngx_http_request_t *r, ngx_http_ditto_ctx_t *ctx)
{
    ngx_str_t                   body;
    ditto_str_t                 none = ditto_null_string;
    ditto_error_t               err;
    ngx_http_cleanup_t         *cln;
    ngx_http_ditto_loc_conf_t  *dlcf;

    dlcf = ngx_http_get_module_loc_conf(r, ngx_http_ditto_kafka_module);

    if (ngx_http_ditto_body(r, &body) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (body.len > dlcf->max_bytes + NGX_HTTP_DITTO_ENVELOPE) {
        /* one whose length was not announced */
        (void) ditto_fail(&err, DITTO_E_PAYLOAD_TOO_LARGE,
                          ditto_str(NGX_HTTP_DITTO_TOO_LARGE), none);
        return ngx_http_ditto_fail(r, &err);
    }

    if (body.len == 0) {
        (void) ditto_fail(&err, DITTO_E_MAPPING_FAILED,
                          r->headers_in.content_type
                          ? ngx_http_ditto_str(
                                        r->headers_in.content_type->value)
                          : ditto_str("<unspecified>"), none);
        return ngx_http_ditto_fail(r, &err);
    }

    if (ditto_signal_parse(&ctx->pool.pool, ngx_http_ditto_str(body),
                           &ctx->signal, &err)
        != DITTO_OK
        || ngx_http_ditto_complete(r, ctx, &err) != DITTO_OK
        || ngx_http_ditto_wait(r, ctx, dlcf->timeout, &err) != DITTO_OK
        || ditto_sender_accept(&ctx->signal, &err) != DITTO_OK
        || ngx_http_ditto_decide(r, ctx, &err) != DITTO_OK)
    {
        return ngx_http_ditto_fail(r, &err);
    }

    cln = ngx_http_cleanup_add(r, 0);
    if (cln == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    cln->handler = ngx_http_ditto_detach;
    cln->data = ctx;

    return ngx_http_ditto_produce(r, ctx);
}


/* The headers that the gateway adds: spec "Headers", design: correlation-id */

static ditto_rc_t
ngx_http_ditto_complete(ngx_http_request_t *r, ngx_http_ditto_ctx_t *ctx,
    ditto_error_t *err)
{
    size_t                 i;
    ngx_str_t              value;
    ditto_str_t            id;
    const ditto_header_t  *header;
    static ditto_str_t     correlation_id = ditto_string("correlation-id");
    static ditto_str_t     originator = ditto_string("ditto-originator");

    header = ditto_headers_get(&ctx->signal.headers, correlation_id);

    if (header != NULL) {
        id = header->value;

    } else if (ngx_http_ditto_uuid(&ctx->pool.pool, &id) != DITTO_OK
               || ditto_headers_set(&ctx->signal.headers, correlation_id, id)
                  != DITTO_OK)
    {
        return ditto_fail_memory(err);
    }

    if (ctx->nsubjects != 0
        && ditto_headers_set(&ctx->signal.headers, originator,
                             ctx->subjects[0])
           != DITTO_OK)
    {
        return ditto_fail_memory(err);
    }

    value.len = id.len;
    value.data = (u_char *) id.data;

    /* what a stranger wrote must not break the answer's header */

    for (i = 0; i < value.len; i++) {
        if (value.data[i] < 0x20 || value.data[i] == 0x7f) {
            return DITTO_OK;
        }
    }

    if (ngx_http_ditto_add_header(r, "correlation-id", &value) != NGX_OK) {
        return ditto_fail_memory(err);
    }

    return DITTO_OK;
}


/*
 * How long the caller wants to wait: the smallest of ditto_timeout, the header
 * "timeout" and the query parameter of this name.  0: not at all.
 */

static ditto_rc_t
ngx_http_ditto_wait(ngx_http_request_t *r, ngx_http_ditto_ctx_t *ctx,
    ngx_msec_t max, ditto_error_t *err)
{
    int64_t                ms;
    ngx_str_t              arg;
    const ditto_header_t  *header, *acks, *response;
    static ditto_str_t     timeout = ditto_string("timeout");
    static ditto_str_t     requested_acks = ditto_string("requested-acks");
    static ditto_str_t     required = ditto_string("response-required");

    ctx->timeout = max;

    header = ditto_headers_get(&ctx->signal.headers, timeout);

    if (header != NULL) {
        if (ditto_duration_parse(header->value, &ms, err) != DITTO_OK) {
            return DITTO_ERROR;
        }

        ctx->timeout = (ngx_msec_t) ngx_min((int64_t) ctx->timeout, ms);
    }

    if (ngx_http_arg(r, (u_char *) "timeout", 7, &arg) == NGX_OK) {
        if (ditto_duration_parse(ngx_http_ditto_str(arg), &ms, err)
            != DITTO_OK)
        {
            return DITTO_ERROR;
        }

        ctx->timeout = (ngx_msec_t) ngx_min((int64_t) ctx->timeout, ms);
    }

    if (ctx->timeout != 0) {
        return DITTO_OK;
    }

    acks = ditto_headers_get(&ctx->signal.headers, requested_acks);
    response = ditto_headers_get(&ctx->signal.headers, required);

    if ((acks != NULL && !ditto_str_eq(acks->value, ditto_str("[]")))
        || (response != NULL
            && ditto_str_eq(response->value, ditto_str("true"))))
    {
        (void) ditto_fail(err, DITTO_E_HEADER_INVALID, timeout, timeout);
        err->message = "The value of the header 'timeout' must not be zero if "
                       "response or acknowledgements are requested.";
        err->args[2] = ditto_str("timeout");
        err->header = timeout;
        return DITTO_ERROR;
    }

    return DITTO_OK;
}


/* Everything is decided before anything is produced. */

static ditto_rc_t
ngx_http_ditto_decide(ngx_http_request_t *r, ngx_http_ditto_ctx_t *ctx,
    ditto_error_t *err)
{
    ditto_rc_t                   rc;
    ngx_uint_t                   i;
    struct timespec              ts;
    ngx_array_t                 *routes;
    ditto_scope_t                scope;
    ditto_subjects_t             subjects;
    const ditto_policy_t        *policy;
    ngx_http_ditto_route_t      *route;
    ngx_http_ditto_loc_conf_t   *dlcf;
    ngx_http_ditto_main_conf_t  *dmcf;

    dmcf = ngx_http_get_module_main_conf(r, ngx_http_ditto_kafka_module);
    dlcf = ngx_http_get_module_loc_conf(r, ngx_http_ditto_kafka_module);

    (void) clock_gettime(CLOCK_REALTIME, &ts);

    ngx_memzero(&scope, sizeof(ditto_scope_t));

    scope.pool = &ctx->pool.pool;
    scope.cache = &ctx->cache;
    scope.signal = &ctx->signal;
    scope.subjects = ctx->subjects;
    scope.nsubjects = ctx->nsubjects;
    scope.now.sec = ts.tv_sec;
    scope.now.nsec = (uint32_t) ts.tv_nsec;

    ditto_array_init(&ctx->results, &ctx->pool.pool,
                     sizeof(ngx_http_ditto_result_t));

    if (dlcf->enforcement != NULL
        && ditto_enforcement_check(dlcf->enforcement->rule, &scope,
                                   ctx->input, err)
           != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    policy = NULL;

    if (!dmcf->policies_off) {

        if (ngx_http_ditto_policy_get(dmcf, &scope, &policy, err)
            == DITTO_ERROR)
        {
            return DITTO_ERROR;
        }

        if (policy == NULL) {
            ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                          "no policy governs the entity of this message");
        }

        if (dlcf->subjects != NULL) {
            subjects.elts = ctx->subjects;
            subjects.n = ctx->nsubjects;

            if (ditto_sender_check(&ctx->signal, policy, &subjects, err)
                != DITTO_OK)
            {
                return DITTO_ERROR;
            }
        }
    }

    routes = &dlcf->routes[ctx->signal.target_topic];
    route = routes->elts;

    for (i = 0; i < routes->nelts; i++) {

        scope.connection_id = route[i].connection->model.id;

        rc = ditto_target_match(route[i].target, &scope, err);

        if (rc == DITTO_DECLINED
            || (!dmcf->policies_off
                && !ditto_target_authorized(route[i].target, &ctx->signal,
                                            policy, &ctx->pool.pool)))
        {
            continue;
        }

        if (rc == DITTO_ERROR) {
            /* a filter that cannot be evaluated: Ditto loses the signal */
            if (ngx_http_ditto_failed(ctx, &route[i], err) != DITTO_OK) {
                return DITTO_ERROR;
            }

            continue;
        }

        if (ngx_http_ditto_map(r, ctx, &route[i], &scope, err) != DITTO_OK) {
            return DITTO_ERROR;
        }
    }

    return DITTO_OK;
}


/* A target that cannot be published to does not hinder the others. */

static ditto_rc_t
ngx_http_ditto_map(ngx_http_request_t *r, ngx_http_ditto_ctx_t *ctx,
    const ngx_http_ditto_route_t *route, const ditto_scope_t *scope,
    ditto_error_t *err)
{
    bool                      unaddressed;
    size_t                    i;
    ditto_rc_t                rc;
    ditto_array_t             records;
    ditto_error_t             failed;
    ditto_record_t           *record;
    ngx_http_ditto_result_t  *result;

    ditto_array_init(&records, &ctx->pool.pool, sizeof(ditto_record_t));

    rc = ditto_target_map(route->target, scope, &records, &unaddressed,
                          &failed);

    if (rc == DITTO_DECLINED) {
        ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                      "signal dropped for target \"%*s\" of connection "
                      "\"%V\": its address has a placeholder without a value",
                      route->target->address.len, route->target->address.data,
                      &route->connection->id);
        return DITTO_OK;
    }

    if (rc == DITTO_ERROR) {
        *err = failed;
        return ngx_http_ditto_failed(ctx, route, err);
    }

    record = records.elts;

    for (i = 0; i < records.nelts; i++) {

        result = ngx_http_ditto_result(ctx, route);
        if (result == NULL) {
            return ditto_fail_memory(err);
        }

        result->record = record[i];
    }

    return DITTO_OK;
}


/* The target fails with *err, which is the whole message's only if internal. */

static ditto_rc_t
ngx_http_ditto_failed(ngx_http_ditto_ctx_t *ctx,
    const ngx_http_ditto_route_t *route, ditto_error_t *err)
{
    ngx_http_ditto_result_t  *result;

    if (err->code == DITTO_E_INTERNAL) {
        return DITTO_ERROR;
    }

    result = ngx_http_ditto_result(ctx, route);
    if (result == NULL) {
        return ditto_fail_memory(err);
    }

    result->error = *err;
    result->report.outcome = NGX_KAFKA_NOT_PERSISTED;

    return DITTO_OK;
}


static ngx_http_ditto_result_t *
ngx_http_ditto_result(ngx_http_ditto_ctx_t *ctx,
    const ngx_http_ditto_route_t *route)
{
    ngx_http_ditto_result_t  *result;

    result = ditto_array_push(&ctx->results);
    if (result == NULL) {
        return NULL;
    }

    ngx_memzero(result, sizeof(ngx_http_ditto_result_t));

    result->ctx = ctx;
    result->route = route;
    result->report.partition = -1;
    result->report.offset = -1;

    return result;
}


/* ctx->waiting: reports will come; else what finalizes the request. */

static ngx_int_t
ngx_http_ditto_produce(ngx_http_request_t *r, ngx_http_ditto_ctx_t *ctx)
{
    size_t                    i;
    ngx_uint_t                lost;
    rd_kafka_resp_err_t       err;
    ngx_kafka_producer_t     *producer;
    ngx_http_ditto_result_t  *result;

    result = ctx->results.elts;
    ctx->pending = 1;
    lost = 0;

    for (i = 0; i < ctx->results.nelts; i++) {

        if (result[i].report.outcome != NGX_KAFKA_PENDING) {
            lost = 1;
            continue;
        }

        producer = result[i].route->connection->client->producer;
        err = RD_KAFKA_RESP_ERR__FATAL;

        if (producer != NULL
            && ngx_kafka_produce(producer, &result[i].record,
                                 ngx_http_ditto_delivered, &result[i],
                                 &result[i].delivery, &err)
               == NGX_OK)
        {
            ctx->pending++;
            continue;
        }

        result[i].report.outcome = NGX_KAFKA_NOT_PERSISTED;
        result[i].report.err = err;
        lost = 1;
    }

    if (--ctx->pending != 0 && ctx->timeout != 0) {
        ctx->waiting = 1;
        return NGX_AGAIN;
    }

    if (ctx->pending != 0) {
        ngx_http_ditto_detach(ctx);

        if (!lost) {
            return ngx_http_ditto_send_status(r, NGX_HTTP_ACCEPTED);
        }
    }

    return ngx_http_ditto_answer(ctx);
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
    ngx_http_ditto_finish(ev->data);
}


static void
ngx_http_ditto_finish(ngx_http_ditto_ctx_t *ctx)
{
    ngx_connection_t    *c;
    ngx_http_request_t  *r;

    r = ctx->request;
    c = r->connection;

    if (ngx_http_get_module_ctx(r, ngx_http_ditto_kafka_module) != ctx) {
        /* the client left, and the request went on to its post_action */
        ngx_http_ditto_detach(ctx);
        return;
    }

    ngx_http_set_log_request(c->log, r);

    ngx_log_debug1(NGX_LOG_DEBUG_HTTP, c->log, 0,
                   "ditto records reported, %ui pending", ctx->pending);

    ngx_http_ditto_detach(ctx);

    ngx_http_finalize_request(r, ngx_http_ditto_answer(ctx));
    ngx_http_run_posted_requests(c);
}


/* The records go on, nobody waits for them any more. */

static void
ngx_http_ditto_detach(void *data)
{
    ngx_http_ditto_ctx_t *ctx = data;

    size_t                    i;
    ngx_http_ditto_result_t  *result;

    ctx->waiting = 0;

    if (ctx->timer.timer_set) {
        ngx_del_timer(&ctx->timer);
    }

    result = ctx->results.elts;

    for (i = 0; i < ctx->results.nelts; i++) {
        if (result[i].delivery != NULL) {
            result[i].delivery->data = NULL;
            result[i].delivery = NULL;
        }
    }
}


/* A random UUID, RFC 9562 version 4. */

static ditto_rc_t
ngx_http_ditto_uuid(ditto_pool_t *pool, ditto_str_t *uuid)
{
    u_char              *p, *b;
    ngx_uint_t           i;
    static u_char        bytes[1024];
    static size_t        left;

    if (left < 16) {
        if (getrandom(bytes, sizeof(bytes), GRND_NONBLOCK)
            != (ssize_t) sizeof(bytes))
        {
            for (i = 0; i < sizeof(bytes); i++) {
                bytes[i] = (u_char) ngx_random();
            }
        }

        left = sizeof(bytes);
    }

    left -= 16;
    b = bytes + left;

    b[6] = (u_char) ((b[6] & 0x0f) | 0x40);
    b[8] = (u_char) ((b[8] & 0x3f) | 0x80);

    p = ditto_alloc(pool, NGX_HTTP_DITTO_UUID);
    if (p == NULL) {
        return DITTO_ERROR;
    }

    uuid->data = p;
    uuid->len = NGX_HTTP_DITTO_UUID;

    for (i = 0; i < 16; i++) {
        p = ngx_hex_dump(p, &b[i], 1);

        if (i == 3 || i == 5 || i == 7 || i == 9) {
            *p++ = '-';
        }
    }

    return DITTO_OK;
}
