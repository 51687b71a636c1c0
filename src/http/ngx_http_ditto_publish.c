
/*
 * The content handler: what is posted becomes Ditto messages, these become
 * records, the records' delivery reports become the answer.
 */

#include "ngx_http_ditto_publish.h"


#define ngx_http_ditto_blank(c)                                               \
    ((c) == ' ' || (c) == '\n' || (c) == '\r' || (c) == '\t')

#define NGX_HTTP_DITTO_PEEK      1024        /* bytes of a file in which the
                                                bracket of an array stands */
#define NGX_HTTP_DITTO_BLOCK     4000        /* bytes; fit into a block of the
                                                request's pool */
#define NGX_HTTP_DITTO_NO_WAIT   10000       /* ms that fields may take for a
                                                caller who does not wait */


static ngx_int_t ngx_http_ditto_refuse_early(ngx_http_request_t *r,
    ngx_http_ditto_ctx_t *ctx, ngx_http_ditto_loc_conf_t *dlcf);
static ngx_int_t ngx_http_ditto_content_type(ngx_http_request_t *r,
    ngx_http_ditto_loc_conf_t *dlcf, ditto_error_t *err);
static ngx_int_t ngx_http_ditto_sender(ngx_http_request_t *r,
    ngx_http_ditto_ctx_t *ctx, ngx_http_ditto_loc_conf_t *dlcf);
static void ngx_http_ditto_publish_body(ngx_http_request_t *r);
static ngx_int_t ngx_http_ditto_process(ngx_http_request_t *r,
    ngx_http_ditto_ctx_t *ctx);
static ngx_int_t ngx_http_ditto_take(ngx_http_request_t *r,
    ngx_http_ditto_ctx_t *ctx, ditto_error_t *err);
static ngx_int_t ngx_http_ditto_batch_kind(ngx_http_request_t *r,
    ngx_http_ditto_loc_conf_t *dlcf, ditto_batch_e *kind);
static ngx_uint_t ngx_http_ditto_maybe_batch(ngx_http_request_t *r,
    ngx_http_ditto_loc_conf_t *dlcf);
static ngx_uint_t ngx_http_ditto_lines(ngx_http_request_t *r,
    ngx_http_ditto_loc_conf_t *dlcf);
static ngx_uint_t ngx_http_ditto_media_type(ngx_http_request_t *r,
    ditto_str_t type);
static ngx_int_t ngx_http_ditto_run(ngx_http_ditto_ctx_t *ctx);
static ngx_int_t ngx_http_ditto_go_on(ngx_http_ditto_ctx_t *ctx);
static ngx_int_t ngx_http_ditto_next(ngx_http_ditto_ctx_t *ctx,
    ngx_int_t *end);
static ngx_int_t ngx_http_ditto_wave(ngx_http_ditto_ctx_t *ctx,
    ngx_int_t *end);
static void ngx_http_ditto_later(ngx_http_ditto_ctx_t *ctx);
static ngx_int_t ngx_http_ditto_texts(ngx_http_request_t *r,
    ngx_http_ditto_ctx_t *ctx, ngx_str_t *body, ditto_array_t *texts,
    ditto_error_t *err);
static ngx_int_t ngx_http_ditto_external(ngx_http_request_t *r,
    ngx_str_t *body, ditto_external_message_t *message);
static ngx_int_t ngx_http_ditto_correlate(ngx_http_request_t *r,
    ngx_http_ditto_message_t *m);
static ditto_rc_t ngx_http_ditto_wait(ngx_http_request_t *r,
    ngx_http_ditto_ctx_t *ctx, ngx_msec_t max, ditto_error_t *err);
static ditto_rc_t ngx_http_ditto_no_wait(ngx_http_ditto_ctx_t *ctx,
    ditto_error_t *err);
static ngx_int_t ngx_http_ditto_produce(ngx_http_ditto_ctx_t *ctx,
    ngx_int_t *end);
static void ngx_http_ditto_enriched(ngx_http_request_t *r);
static void ngx_http_ditto_delivered(ngx_kafka_delivery_t *d,
    ngx_kafka_report_t *report);
static void ngx_http_ditto_deadline(ngx_event_t *ev);
static void ngx_http_ditto_finish(ngx_http_ditto_ctx_t *ctx);
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

    } else if (ngx_http_ditto_content_type(r, dlcf, &err) != NGX_OK) {
        /* void */

    } else if (r->headers_in.content_length_n
               > (off_t) dlcf->max_bytes + NGX_HTTP_DITTO_ENVELOPE
               && dlcf->open && !ngx_http_ditto_maybe_batch(r, dlcf))
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
ngx_http_ditto_content_type(ngx_http_request_t *r,
    ngx_http_ditto_loc_conf_t *dlcf, ditto_error_t *err)
{
    ngx_uint_t           i;
    ditto_str_t          type, none = ditto_null_string;
    static ditto_str_t   types[] = {
        ditto_string("application/vnd.eclipse.ditto+json"),
        ditto_string("application/json"),
        ditto_string("")
    };

    /* a payload mapping looks at it itself */

    if (r->headers_in.content_type == NULL || dlcf->mappers != NULL) {
        return NGX_OK;
    }

    for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (ngx_http_ditto_media_type(r, types[i])) {
            return NGX_OK;
        }
    }

    if (ngx_http_ditto_lines(r, dlcf)) {
        return NGX_OK;
    }

    type = ngx_http_ditto_str(r->headers_in.content_type->value);
    type = ditto_str_sub(type, 0, ditto_str_chr(type, ';', 0));

    (void) ditto_fail(err, DITTO_E_MEDIATYPE_UNSUPPORTED,
                      ditto_str_trim(type), none);

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

    r->read_event_handler = ngx_http_test_reading;
    r->write_event_handler = ngx_http_request_empty_handler;

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

    rc = ngx_http_ditto_take(r, ctx, &err);

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
 * ctx->messages: those of the body, or the first wave of a batch.
 * NGX_DECLINED: *err says why there are none.
 */

static ngx_int_t
ngx_http_ditto_take(ngx_http_request_t *r, ngx_http_ditto_ctx_t *ctx,
    ditto_error_t *err)
{
    ngx_int_t                   rc;
    ngx_str_t                   body;
    ditto_str_t                 none = ditto_null_string;
    ditto_array_t               texts;
    ditto_batch_e               kind;
    ngx_http_ditto_loc_conf_t  *dlcf;

    dlcf = ngx_http_get_module_loc_conf(r, ngx_http_ditto_kafka_module);

    switch (ngx_http_ditto_batch_kind(r, dlcf, &kind)) {

    case NGX_OK:
        if (ngx_http_ditto_batch_create(ctx, kind) != NGX_OK) {
            return NGX_ERROR;
        }

        rc = ngx_http_ditto_batch_next(ctx);

        return (rc == NGX_DONE) ? NGX_OK : rc;

    case NGX_DECLINED:
        break;

    default:
        return NGX_ERROR;
    }

    if (ngx_http_ditto_body(r, &body) != NGX_OK) {
        return NGX_ERROR;
    }

    if (body.len > dlcf->max_bytes + NGX_HTTP_DITTO_ENVELOPE) {
        /* one whose length was not announced */
        (void) ditto_fail(err, DITTO_E_PAYLOAD_TOO_LARGE,
                          ditto_str(NGX_HTTP_DITTO_TOO_LARGE), none);
        return NGX_DECLINED;
    }

    ditto_array_init(&texts, &ctx->pool.pool, sizeof(ditto_str_t));

    rc = ngx_http_ditto_texts(r, ctx, &body, &texts, err);

    if (rc != NGX_OK) {
        return rc;
    }

    if (ngx_http_ditto_messages(ctx, &texts) != NGX_OK) {
        return NGX_ERROR;
    }

    return (ctx->nmessages == 1)
           ? ngx_http_ditto_correlate(r, &ctx->messages[0]) : NGX_OK;
}


/*
 * Lines by their content type, an array by its bracket: a message is an object.
 * NGX_DECLINED: it is no batch.
 */

static ngx_int_t
ngx_http_ditto_batch_kind(ngx_http_request_t *r,
    ngx_http_ditto_loc_conf_t *dlcf, ditto_batch_e *kind)
{
    u_char      bytes[NGX_HTTP_DITTO_PEEK], *p, *last;
    ssize_t     n;
    ngx_buf_t  *b;

    if (!ngx_http_ditto_maybe_batch(r, dlcf) || r->request_body == NULL
        || r->request_body->bufs == NULL)
    {
        return NGX_DECLINED;
    }

    if (ngx_http_ditto_lines(r, dlcf)) {
        *kind = DITTO_BATCH_LINES;
        return NGX_OK;
    }

    *kind = DITTO_BATCH_ARRAY;
    b = r->request_body->bufs->buf;

    if (ngx_buf_in_memory(b)) {
        p = b->pos;
        last = b->last;

    } else {
        n = ngx_read_file(b->file, bytes,
                          ngx_min(ngx_buf_size(b), NGX_HTTP_DITTO_PEEK),
                          b->file_pos);
        if (n == NGX_ERROR) {
            return NGX_ERROR;
        }

        p = bytes;
        last = bytes + n;
    }

    while (p < last && ngx_http_ditto_blank(*p)) {
        p++;
    }

    return (p < last && *p == '[') ? NGX_OK : NGX_DECLINED;
}


static ngx_uint_t
ngx_http_ditto_maybe_batch(ngx_http_request_t *r,
    ngx_http_ditto_loc_conf_t *dlcf)
{
    static ditto_str_t  json = ditto_string("application/json");

    return ngx_http_ditto_lines(r, dlcf)
           || (dlcf->batch != 0 && dlcf->mappers == NULL
               && r->headers_in.content_type != NULL
               && ngx_http_ditto_media_type(r, json));
}


static ngx_uint_t
ngx_http_ditto_lines(ngx_http_request_t *r, ngx_http_ditto_loc_conf_t *dlcf)
{
    static ditto_str_t  lines = ditto_string("application/x-ndjson");

    return dlcf->batch != 0 && dlcf->mappers == NULL
           && r->headers_in.content_type != NULL
           && ngx_http_ditto_media_type(r, lines);
}


static ngx_uint_t
ngx_http_ditto_media_type(ngx_http_request_t *r, ditto_str_t type)
{
    ditto_str_t  value;

    value = ngx_http_ditto_str(r->headers_in.content_type->value);
    value = ditto_str_sub(value, 0, ditto_str_chr(value, ';', 0));

    return ditto_str_caseeq(ditto_str_trim(value), type);
}


/*
 * Until something is waited for, or all is said.  ctx->waiting: it goes on
 * later; else what finalizes the request.
 */

static ngx_int_t
ngx_http_ditto_run(ngx_http_ditto_ctx_t *ctx)
{
    ngx_int_t  rc;

    do {
        if (ngx_http_ditto_wave(ctx, &rc) == NGX_DONE) {
            return rc;
        }

        if (ctx->waiting) {
            return NGX_AGAIN;
        }

    } while (ngx_http_ditto_next(ctx, &rc) == NGX_OK);

    return rc;
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

    ctx->wave++;
    ctx->producing = 0;
    ctx->fetching = 0;
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
    size_t                      i;
    ditto_error_t               err;
    ngx_http_ditto_loc_conf_t  *dlcf;

    dlcf = ngx_http_get_module_loc_conf(ctx->request,
                                        ngx_http_ditto_kafka_module);

    if (ngx_http_ditto_wait(ctx->request, ctx, dlcf->timeout, &err)
        != DITTO_OK)
    {
        *end = ngx_http_ditto_fail(ctx->request, &err);
        return NGX_DONE;
    }

    for (i = 0; i < ctx->nmessages; i++) {
        if (ngx_http_ditto_enrich(&ctx->messages[i], ngx_http_ditto_enriched)
            != NGX_OK)
        {
            *end = NGX_HTTP_INTERNAL_SERVER_ERROR;
            return NGX_DONE;
        }
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
 * The Ditto Protocol messages of the body.  NGX_DECLINED: *err says why there
 * are none.
 */

static ngx_int_t
ngx_http_ditto_texts(ngx_http_request_t *r, ngx_http_ditto_ctx_t *ctx,
    ngx_str_t *body, ditto_array_t *texts, ditto_error_t *err)
{
    ngx_uint_t                   i;
    ditto_str_t                 *text, none = ditto_null_string;
    ditto_time_t                 now;
    ditto_mapper_t             **mapper;
    ditto_external_message_t     message;
    ngx_http_ditto_loc_conf_t   *dlcf;

    dlcf = ngx_http_get_module_loc_conf(r, ngx_http_ditto_kafka_module);

    if (dlcf->mappers == NULL && body->len != 0) {

        text = ditto_array_push(texts);
        if (text == NULL) {
            return NGX_ERROR;
        }

        *text = ngx_http_ditto_str(*body);

        return NGX_OK;
    }

    if (dlcf->mappers != NULL) {

        if (ngx_http_ditto_external(r, body, &message) != NGX_OK) {
            return NGX_ERROR;
        }

        now.sec = ngx_time();
        now.nsec = 0;
        mapper = dlcf->mappers->elts;

        for (i = 0; i < dlcf->mappers->nelts; i++) {
            if (ditto_mapper_inbound(mapper[i], &ctx->pool.pool, now,
                                     &message, texts, err)
                == DITTO_ERROR)
            {
                return (err->code == DITTO_E_INTERNAL) ? NGX_ERROR
                                                       : NGX_DECLINED;
            }
        }

        if (texts->nelts != 0) {
            return NGX_OK;
        }
    }

    (void) ditto_fail(err, DITTO_E_MAPPING_FAILED,
                      r->headers_in.content_type
                      ? ngx_http_ditto_str(r->headers_in.content_type->value)
                      : ditto_str("<unspecified>"), none);

    if (body->len != 0) {
        err->description = "No payload mapping of this location makes a "
                           "message of it.";
    }

    return NGX_DECLINED;
}


/* spec: Payload mapping, "inbound": the headers that the client sent */

static ngx_int_t
ngx_http_ditto_external(ngx_http_request_t *r, ngx_str_t *body,
    ditto_external_message_t *message)
{
    u_char           *p;
    ngx_uint_t        i;
    ditto_str_t       name;
    ditto_pool_t     *pool;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    pool = ngx_http_ditto_pool(r->pool);
    if (pool == NULL) {
        return NGX_ERROR;
    }

    ditto_external_init(message, pool);
    message->payload = ngx_http_ditto_str(*body);

    part = &r->headers_in.headers.part;
    h = part->elts;

    for (i = 0; /* void */ ; i++) {

        if (i >= part->nelts) {
            if (part->next == NULL) {
                return NGX_OK;
            }

            part = part->next;
            h = part->elts;
            i = 0;
        }

        p = ngx_pnalloc(r->pool, h[i].key.len);
        if (p == NULL) {
            return NGX_ERROR;
        }

        ngx_strlow(p, h[i].key.data, h[i].key.len);

        name.data = p;
        name.len = h[i].key.len;

        if (ditto_external_header(message, name,
                                  ngx_http_ditto_str(h[i].value))
            != DITTO_OK)
        {
            return NGX_ERROR;
        }
    }
}


ngx_int_t
ngx_http_ditto_messages(ngx_http_ditto_ctx_t *ctx, ditto_array_t *texts)
{
    size_t        i;
    ditto_str_t  *text;

    ctx->messages = &ctx->one;
    ctx->nmessages = texts->nelts;

    if (texts->nelts > 1) {
        ctx->messages = ngx_pcalloc(ctx->pool.nginx,
                                    texts->nelts
                                    * sizeof(ngx_http_ditto_message_t));
        if (ctx->messages == NULL) {
            return NGX_ERROR;
        }
    }

    for (i = 0, text = texts->elts; i < texts->nelts; i++) {

        ctx->messages[i].ctx = ctx;

        if (ngx_http_ditto_message_read(&ctx->messages[i], text[i])
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_ditto_correlate(ngx_http_request_t *r, ngx_http_ditto_message_t *m)
{
    size_t     i;
    ngx_str_t  value;

    value.len = m->correlation_id.len;
    value.data = (u_char *) m->correlation_id.data;

    /* what a stranger wrote must not break the answer's header */

    for (i = 0; i < value.len; i++) {
        if (value.data[i] < 0x20 || value.data[i] == 0x7f) {
            return NGX_OK;
        }
    }

    return (value.len == 0) ? NGX_OK
                            : ngx_http_ditto_add_header(r, "correlation-id",
                                                        &value);
}


/*
 * How long the caller wants to wait: the smallest of ditto_timeout, the
 * messages' header "timeout" and the parameter of this name.  0: not at all.
 */

static ditto_rc_t
ngx_http_ditto_wait(ngx_http_request_t *r, ngx_http_ditto_ctx_t *ctx,
    ngx_msec_t max, ditto_error_t *err)
{
    size_t                 i;
    int64_t                ms;
    ngx_int_t              rc;
    ngx_str_t              value, name;
    const ditto_header_t  *header;
    static ditto_str_t     timeout = ditto_string("timeout");

    ctx->timeout = max;

    for (i = 0; i < ctx->nmessages; i++) {

        if (ctx->messages[i].error.code != DITTO_E_NONE) {
            continue;
        }

        header = ditto_headers_get(&ctx->messages[i].signal.headers, timeout);

        if (header == NULL) {
            continue;
        }

        if (ditto_duration_parse(header->value, &ms, err) != DITTO_OK) {
            return DITTO_ERROR;
        }

        ctx->timeout = (ngx_msec_t) ngx_min((int64_t) ctx->timeout, ms);
    }

    ngx_str_set(&name, "timeout");

    rc = ngx_http_ditto_parameter(r, &name, &value);

    if (rc == NGX_ERROR) {
        return ditto_fail_memory(err);
    }

    if (rc == NGX_OK) {
        if (ditto_duration_parse(ngx_http_ditto_str(value), &ms, err)
            != DITTO_OK)
        {
            return DITTO_ERROR;
        }

        ctx->timeout = (ngx_msec_t) ngx_min((int64_t) ctx->timeout, ms);
    }

    return (ctx->timeout != 0) ? DITTO_OK : ngx_http_ditto_no_wait(ctx, err);
}


static ditto_rc_t
ngx_http_ditto_no_wait(ngx_http_ditto_ctx_t *ctx, ditto_error_t *err)
{
    size_t                     i;
    ngx_http_ditto_message_t  *m;
    const ditto_header_t      *required;
    static ditto_str_t         timeout = ditto_string("timeout");

    for (i = 0, m = ctx->messages; i < ctx->nmessages; i++) {

        if (m[i].error.code != DITTO_E_NONE) {
            continue;
        }

        required = ditto_headers_get(&m[i].signal.headers,
                                     ditto_str("response-required"));

        if (m[i].labels.nelts == 0
            && (required == NULL
                || !ditto_str_eq(required->value, ditto_str("true"))))
        {
            continue;
        }

        (void) ditto_fail(err, DITTO_E_HEADER_INVALID, timeout, timeout);
        err->message = "The value of the header 'timeout' must not be zero if "
                       "response or acknowledgements are requested.";
        err->args[2] = ditto_str("timeout");
        err->header = timeout;
        return DITTO_ERROR;
    }

    return DITTO_OK;
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


/* The last subrequest ended: the records may go. */

static void
ngx_http_ditto_enriched(ngx_http_request_t *r)
{
    ngx_int_t              rc;
    ngx_http_ditto_ctx_t  *ctx;

    r->write_event_handler = ngx_http_request_empty_handler;

    ctx = ngx_http_get_module_ctx(r, ngx_http_ditto_kafka_module);

    if (ctx == NULL || !ctx->waiting || ctx->producing || ctx->fetching != 0)
    {
        return;
    }

    ctx->waiting = 0;

    if (ngx_http_ditto_produce(ctx, &rc) == NGX_OK) {

        if (ctx->waiting) {
            return;
        }

        rc = ngx_http_ditto_go_on(ctx);
    }

    if (!ctx->waiting) {
        ngx_http_ditto_detach(ctx);
        ngx_http_finalize_request(r, rc);
    }
}


/* A wave has ended.  As ngx_http_ditto_run(). */

static ngx_int_t
ngx_http_ditto_go_on(ngx_http_ditto_ctx_t *ctx)
{
    ngx_int_t  rc;

    return (ngx_http_ditto_next(ctx, &rc) == NGX_OK) ? ngx_http_ditto_run(ctx)
                                                     : rc;
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


/* The last report came, or the deadline. */

static void
ngx_http_ditto_finish(ngx_http_ditto_ctx_t *ctx)
{
    size_t               i;
    ngx_int_t            rc;
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

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, c->log, 0,
                   "ditto finish, %ui records pending, %ui fetched",
                   ctx->pending, ctx->fetching);

    for (i = 0; i < ctx->nmessages; i++) {
        ngx_http_ditto_enrich_cancel(&ctx->messages[i]);
    }

    rc = ngx_http_ditto_go_on(ctx);

    if (!ctx->waiting) {
        ngx_http_finalize_request(r, rc);
    }

    ngx_http_run_posted_requests(c);
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

    for (i = 0; i < ctx->nmessages; i++) {
        ngx_http_ditto_message_detach(&ctx->messages[i]);
    }
}
