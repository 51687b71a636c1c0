
/*
 * Many messages in one request: newline-delimited JSON or a JSON array.  They
 * are taken in waves, each with memory of its own, so that a body of any size
 * needs no more than one of them; nginx keeps a large body in a file.
 */

#include "ngx_http_ditto_publish.h"

#include "ditto_batch.h"
#include "ditto_json.h"


#define NGX_HTTP_DITTO_WAVE    512           /* messages */
#define NGX_HTTP_DITTO_PIECE   (256 * 1024)  /* bytes read from a file at once */
#define NGX_HTTP_DITTO_POOL    (64 * 1024)


struct ngx_http_ditto_batch_s {
    ditto_batch_t      split;
    ngx_pool_t        *pool;                 /* of the wave */
    ngx_chain_t       *in;                   /* the body that is left */
    off_t              offset;               /* into a buffer of it */
    ditto_str_t        text;                 /* of the body, from at on left */
    size_t             at;
    size_t             messages;             /* so far */
    size_t             delivered;            /* of them: 204 */
    ngx_http_ditto_pool_t
                       memory;               /* the request's */
    ditto_buf_t        results;
    ditto_buf_t        refusal;              /* the last one, if refused */
    unsigned           copied:1;             /* text is the wave's memory */
    unsigned           last:1;               /* text is the end of the body */
    unsigned           done:1;               /* nothing is left of it */
    unsigned           refused:1;            /* it ends with a refusal */
};


static ngx_int_t ngx_http_ditto_batch_fill(ngx_http_ditto_ctx_t *ctx);
static ngx_int_t ngx_http_ditto_batch_more(ngx_http_ditto_batch_t *batch);
static ngx_int_t ngx_http_ditto_batch_read(ngx_http_ditto_batch_t *batch,
    u_char *p, size_t size, size_t *n);
static ngx_int_t ngx_http_ditto_batch_texts(ngx_http_ditto_ctx_t *ctx,
    ditto_array_t *texts);
static ngx_int_t ngx_http_ditto_batch_end(ngx_http_ditto_batch_t *batch,
    ditto_error_t *err);
static void ngx_http_ditto_batch_cleanup(void *data);


ngx_int_t
ngx_http_ditto_batch_create(ngx_http_ditto_ctx_t *ctx, ditto_batch_e kind)
{
    ngx_pool_cleanup_t      *cln;
    ngx_http_request_t      *r;
    ngx_http_ditto_batch_t  *batch;

    r = ctx->request;

    batch = ngx_pcalloc(r->pool, sizeof(ngx_http_ditto_batch_t));
    cln = ngx_pool_cleanup_add(r->pool, 0);

    if (batch == NULL || cln == NULL) {
        return NGX_ERROR;
    }

    cln->handler = ngx_http_ditto_batch_cleanup;
    cln->data = batch;

    ditto_batch_init(&batch->split, kind);

    batch->in = (r->request_body != NULL) ? r->request_body->bufs : NULL;

    ngx_http_ditto_pool_init(&batch->memory, r->pool);
    ditto_buf_init(&batch->results, &batch->memory.pool, 1024);

    ctx->batch = batch;

    return NGX_OK;
}


ngx_int_t
ngx_http_ditto_batch_next(ngx_http_ditto_ctx_t *ctx)
{
    ngx_int_t                rc;
    ngx_pool_t              *old;
    ditto_array_t            texts;
    ngx_http_ditto_batch_t  *batch;

    batch = ctx->batch;
    ctx->nmessages = 0;

    if (batch->done) {
        return NGX_DONE;
    }

    old = batch->pool;

    batch->pool = ngx_create_pool(NGX_HTTP_DITTO_POOL,
                                  ctx->request->connection->log);

    if (batch->pool == NULL) {
        batch->pool = old;
        return NGX_ERROR;
    }

    ngx_http_ditto_pool_init(&ctx->pool, batch->pool);
    ngx_http_ditto_pool_aside(&ctx->pool, NULL, 0);

    /* what is left of the text moves over before its memory goes */

    rc = ngx_http_ditto_batch_fill(ctx);

    if (old != NULL) {
        ngx_destroy_pool(old);
    }

    if (rc != NGX_OK) {
        return NGX_ERROR;
    }

    ditto_array_init(&texts, &ctx->pool.pool, sizeof(ditto_str_t));

    if (ngx_http_ditto_batch_texts(ctx, &texts) != NGX_OK) {
        return NGX_ERROR;
    }

    if (texts.nelts == 0) {
        return batch->done ? NGX_DONE : NGX_OK;
    }

    return ngx_http_ditto_messages(ctx, &texts);
}


/* A body in memory is taken as it is; of others there is a piece at a time. */

static ngx_int_t
ngx_http_ditto_batch_fill(ngx_http_ditto_ctx_t *ctx)
{
    ngx_buf_t               *b;
    ngx_http_ditto_batch_t  *batch;

    batch = ctx->batch;

    if (batch->last && !batch->copied) {
        return NGX_OK;
    }

    if (batch->text.data == NULL && batch->in != NULL
        && batch->in->next == NULL && ngx_buf_in_memory_only(batch->in->buf))
    {
        b = batch->in->buf;

        batch->text.data = b->pos;
        batch->text.len = b->last - b->pos;
        batch->last = 1;

        return NGX_OK;
    }

    batch->copied = 1;

    return ngx_http_ditto_batch_more(batch);
}


/* What is left of the text, and a piece of the body behind it. */

static ngx_int_t
ngx_http_ditto_batch_more(ngx_http_ditto_batch_t *batch)
{
    u_char  *p;
    size_t   left, n;

    left = batch->text.len - batch->at;

    p = ngx_pnalloc(batch->pool, left + NGX_HTTP_DITTO_PIECE);
    if (p == NULL) {
        return NGX_ERROR;
    }

    if (left != 0) {
        ngx_memcpy(p, batch->text.data + batch->at, left);
    }

    if (ngx_http_ditto_batch_read(batch, p + left, NGX_HTTP_DITTO_PIECE, &n)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    batch->text.data = p;
    batch->text.len = left + n;
    batch->at = 0;

    return NGX_OK;
}


static ngx_int_t
ngx_http_ditto_batch_read(ngx_http_ditto_batch_t *batch, u_char *p,
    size_t size, size_t *n)
{
    off_t       rest;
    size_t      take;
    ssize_t     rc;
    ngx_buf_t  *b;

    *n = 0;

    while (batch->in != NULL && *n < size) {

        b = batch->in->buf;
        rest = ngx_buf_size(b) - batch->offset;

        if (rest == 0) {
            batch->in = batch->in->next;
            batch->offset = 0;
            continue;
        }

        take = (size_t) ngx_min(rest, (off_t) (size - *n));

        if (ngx_buf_in_memory(b)) {
            ngx_memcpy(p + *n, b->pos + batch->offset, take);

        } else {
            rc = ngx_read_file(b->file, p + *n, take,
                               b->file_pos + batch->offset);

            if (rc != (ssize_t) take) {
                return NGX_ERROR;
            }
        }

        *n += take;
        batch->offset += (off_t) take;
    }

    batch->last = (batch->in == NULL);

    return NGX_OK;
}


/* The whole messages of the text, at most a wave of them. */

static ngx_int_t
ngx_http_ditto_batch_texts(ngx_http_ditto_ctx_t *ctx, ditto_array_t *texts)
{
    ditto_rc_t                  rc;
    ditto_str_t                 message, *slot, none = ditto_null_string;
    ditto_error_t               err;
    ngx_http_ditto_batch_t     *batch;
    ngx_http_ditto_loc_conf_t  *dlcf;

    batch = ctx->batch;

    dlcf = ngx_http_get_module_loc_conf(ctx->request,
                                        ngx_http_ditto_kafka_module);

    while (texts->nelts < NGX_HTTP_DITTO_WAVE) {

        rc = ditto_batch_next(&batch->split, batch->text, &batch->at,
                              batch->last, &message, &err);

        if (rc == DITTO_ERROR) {
            return ngx_http_ditto_batch_end(batch, &err);
        }

        if (rc == DITTO_DECLINED) {

            if (batch->last) {
                batch->done = 1;

            } else if (batch->text.len - batch->at > dlcf->max_bytes
                                                  + NGX_HTTP_DITTO_ENVELOPE)
            {
                (void) ditto_fail(&err, DITTO_E_PAYLOAD_TOO_LARGE,
                                  ditto_str(NGX_HTTP_DITTO_TOO_LARGE), none);
                return ngx_http_ditto_batch_end(batch, &err);
            }

            return NGX_OK;
        }

        if (ctx->late) {
            /* what waits for Kafka already is enough */
            (void) ditto_fail(&err, DITTO_E_SENDING_FAILED,
                              ditto_str("Kafka did not take those before in "
                                        "time: this one and those behind it "
                                        "were left out."), none);
            return ngx_http_ditto_batch_end(batch, &err);
        }

        if (batch->messages + texts->nelts == dlcf->batch) {
            (void) ditto_fail(&err, DITTO_E_PAYLOAD_TOO_LARGE,
                              ditto_str("There are more messages in this "
                                        "request than its location takes: "
                                        "this one and those behind it were "
                                        "left out."), none);
            return ngx_http_ditto_batch_end(batch, &err);
        }

        slot = ditto_array_push(texts);
        if (slot == NULL) {
            return NGX_ERROR;
        }

        *slot = message;
    }

    return NGX_OK;
}


/* Nothing behind it is looked at; it gets the last result. */

static ngx_int_t
ngx_http_ditto_batch_end(ngx_http_ditto_batch_t *batch, ditto_error_t *err)
{
    batch->done = 1;
    batch->refused = 1;

    ditto_buf_init(&batch->refusal, &batch->memory.pool, 256);
    ditto_buf_text(&batch->refusal, "{\"status\":");
    ditto_buf_int(&batch->refusal, (int64_t) ditto_error_status(err));
    ditto_buf_text(&batch->refusal, ",\"error\":");
    ditto_json_add_string(&batch->refusal, ditto_str(ditto_error_name(err)));
    ditto_error_texts(&batch->refusal, err);
    ditto_buf_char(&batch->refusal, '}');

    return batch->refusal.failed ? NGX_ERROR : NGX_OK;
}


ngx_int_t
ngx_http_ditto_batch_collect(ngx_http_ditto_ctx_t *ctx)
{
    size_t                   i;
    ngx_uint_t               status;
    ngx_http_ditto_batch_t  *batch;

    batch = ctx->batch;

    for (i = 0; i < ctx->nmessages; i++) {

        ditto_buf_char(&batch->results, (batch->messages == 0) ? '[' : ',');

        if (ngx_http_ditto_answer_entry(&ctx->messages[i], &batch->results,
                                        &status)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        batch->messages++;
        batch->delivered += (status == NGX_HTTP_NO_CONTENT);
    }

    return batch->results.failed ? NGX_ERROR : NGX_OK;
}


ngx_int_t
ngx_http_ditto_batch_answer(ngx_http_ditto_ctx_t *ctx)
{
    ditto_str_t              body, none = ditto_null_string;
    ditto_error_t            err;
    ngx_http_ditto_batch_t  *batch;

    batch = ctx->batch;

    if (batch->messages == 0 && !batch->refused) {
        (void) ditto_fail(&err, DITTO_E_MAPPING_FAILED,
                          ngx_http_ditto_str(
                              ctx->request->headers_in.content_type->value),
                          none);
        return ngx_http_ditto_fail(ctx->request, &err);
    }

    if (batch->delivered == batch->messages && !batch->refused) {
        return ngx_http_ditto_send_status(ctx->request, NGX_HTTP_NO_CONTENT);
    }

    if (batch->refused) {
        ditto_buf_char(&batch->results, (batch->messages == 0) ? '[' : ',');
        ditto_buf_add(&batch->results, batch->refusal.data,
                      batch->refusal.len);
    }

    ditto_buf_text(&batch->results, "]\n");

    if (ditto_buf_done(&batch->results, &body) != DITTO_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_ditto_send_json(ctx->request, NGX_HTTP_DITTO_MULTI_STATUS,
                                    body);
}


static void
ngx_http_ditto_batch_cleanup(void *data)
{
    ngx_http_ditto_batch_t *batch = data;

    if (batch->pool != NULL) {
        ngx_destroy_pool(batch->pool);
        batch->pool = NULL;
    }
}
