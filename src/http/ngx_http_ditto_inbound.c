
/*
 * From what is posted to Ditto messages: content types, one message or a batch
 * of them, payload mapping.
 */

#include "ngx_http_ditto_publish.h"


#define ngx_http_ditto_blank(c)                                               \
    ((c) == ' ' || (c) == '\n' || (c) == '\r' || (c) == '\t')

#define NGX_HTTP_DITTO_PEEK      1024        /* bytes of a file in which the
                                                bracket of an array stands */


static ngx_int_t ngx_http_ditto_content_type(ngx_http_request_t *r,
    ngx_http_ditto_loc_conf_t *dlcf, ditto_error_t *err);
static ngx_uint_t ngx_http_ditto_maybe_batch(ngx_http_request_t *r,
    ngx_http_ditto_loc_conf_t *dlcf);
static ngx_int_t ngx_http_ditto_batch_kind(ngx_http_request_t *r,
    ngx_http_ditto_loc_conf_t *dlcf, ditto_batch_e *kind);
static ngx_uint_t ngx_http_ditto_lines(ngx_http_request_t *r,
    ngx_http_ditto_loc_conf_t *dlcf);
static ditto_str_t ngx_http_ditto_media_type(ngx_http_request_t *r);
static ngx_int_t ngx_http_ditto_texts(ngx_http_request_t *r,
    ngx_http_ditto_ctx_t *ctx, ngx_str_t *body, ditto_array_t *texts,
    ditto_error_t *err);
static ngx_int_t ngx_http_ditto_external(ngx_http_request_t *r,
    ngx_str_t *body, ditto_external_message_t *message);
static ngx_int_t ngx_http_ditto_correlate(ngx_http_request_t *r,
    ngx_http_ditto_message_t *m);


static ditto_str_t  ngx_http_ditto_json = ditto_string("application/json");
static ditto_str_t  ngx_http_ditto_ndjson =
    ditto_string("application/x-ndjson");


ngx_int_t
ngx_http_ditto_inbound_check(ngx_http_request_t *r, ditto_error_t *err)
{
    ditto_str_t                 none = ditto_null_string;
    ngx_http_ditto_loc_conf_t  *dlcf;

    dlcf = ngx_http_get_module_loc_conf(r, ngx_http_ditto_kafka_module);

    if (ngx_http_ditto_content_type(r, dlcf, err) != NGX_OK) {
        return NGX_DECLINED;
    }

    if (r->headers_in.content_length_n
        > (off_t) dlcf->max_bytes + NGX_HTTP_DITTO_ENVELOPE
        && dlcf->open && !ngx_http_ditto_maybe_batch(r, dlcf))
    {
        (void) ditto_fail(err, DITTO_E_PAYLOAD_TOO_LARGE,
                          ditto_str(NGX_HTTP_DITTO_TOO_LARGE), none);
        return NGX_DECLINED;
    }

    return NGX_OK;
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

    type = ngx_http_ditto_media_type(r);

    for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (ditto_str_caseeq(type, types[i])) {
            return NGX_OK;
        }
    }

    if (ngx_http_ditto_lines(r, dlcf)) {
        return NGX_OK;
    }

    (void) ditto_fail(err, DITTO_E_MEDIATYPE_UNSUPPORTED, type, none);

    return NGX_DECLINED;
}


static ngx_uint_t
ngx_http_ditto_maybe_batch(ngx_http_request_t *r,
    ngx_http_ditto_loc_conf_t *dlcf)
{
    ditto_str_t  type;

    if (dlcf->batch == 0 || dlcf->mappers != NULL) {
        return 0;
    }

    type = ngx_http_ditto_media_type(r);

    return ditto_str_caseeq(type, ngx_http_ditto_json)
           || ditto_str_caseeq(type, ngx_http_ditto_ndjson);
}


static ngx_uint_t
ngx_http_ditto_lines(ngx_http_request_t *r, ngx_http_ditto_loc_conf_t *dlcf)
{
    return dlcf->batch != 0 && dlcf->mappers == NULL
           && ditto_str_caseeq(ngx_http_ditto_media_type(r),
                               ngx_http_ditto_ndjson);
}


/* Without parameters; empty if there is none. */

static ditto_str_t
ngx_http_ditto_media_type(ngx_http_request_t *r)
{
    ditto_str_t  type = ditto_null_string;

    if (r->headers_in.content_type != NULL) {
        type = ngx_http_ditto_str(r->headers_in.content_type->value);
        type = ditto_str_sub(type, 0, ditto_str_chr(type, ';', 0));
    }

    return ditto_str_trim(type);
}


ngx_int_t
ngx_http_ditto_inbound(ngx_http_ditto_ctx_t *ctx, ditto_error_t *err)
{
    ngx_int_t                   rc;
    ngx_str_t                   body;
    ditto_str_t                 none = ditto_null_string;
    ditto_array_t               texts;
    ditto_batch_e               kind;
    ngx_http_request_t         *r;
    ngx_http_ditto_loc_conf_t  *dlcf;

    r = ctx->request;
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

    switch (ngx_http_ditto_body(r, dlcf->max_bytes + NGX_HTTP_DITTO_ENVELOPE,
                                &body))
    {
    case NGX_OK:
        break;

    case NGX_DECLINED:
        /* one whose length was not announced */
        (void) ditto_fail(err, DITTO_E_PAYLOAD_TOO_LARGE,
                          ditto_str(NGX_HTTP_DITTO_TOO_LARGE), none);
        return NGX_DECLINED;

    default:
        return NGX_ERROR;
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
    u_char        bytes[NGX_HTTP_DITTO_PEEK], *p, *last;
    ssize_t       n;
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    if (!ngx_http_ditto_maybe_batch(r, dlcf) || r->request_body == NULL) {
        return NGX_DECLINED;
    }

    /* a buffer may be neither memory nor file, and only tell of the end */

    for (cl = r->request_body->bufs; cl; cl = cl->next) {
        if (ngx_buf_size(cl->buf) != 0) {
            break;
        }
    }

    if (cl == NULL) {
        return NGX_DECLINED;
    }

    if (ngx_http_ditto_lines(r, dlcf)) {
        *kind = DITTO_BATCH_LINES;
        return NGX_OK;
    }

    *kind = DITTO_BATCH_ARRAY;
    b = cl->buf;

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

    } else if (ctx->batch != NULL) {
        /* what it knows of the last wave is gone */
        ngx_memzero(&ctx->one, sizeof(ngx_http_ditto_message_t));
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
