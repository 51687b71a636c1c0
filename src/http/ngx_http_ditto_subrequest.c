
/*
 * The fields of a thing come from a location of the user's choice:
 *
 *     GET <ditto_things>/<thing id>?fields=attributes/site,_revision
 *     x-ditto-pre-authenticated: <the target's subjects>
 */

#include "ngx_http_ditto_publish.h"


#define NGX_HTTP_DITTO_SUBJECTS  "x-ditto-pre-authenticated"
#define NGX_HTTP_DITTO_THING     (256 * 1024)    /* bytes of an answer */


/*
 * It lives in a pool of its own, so that a batch of any size needs memory and
 * descriptors of those under way only.
 */
typedef struct {
    ngx_queue_t                  queue;          /* of ctx->subrequests */
    ngx_http_ditto_pool_t        pool;
    ngx_http_ditto_ctx_t        *ctx;
    ngx_http_ditto_fetch_t      *fetch;          /* NULL: it has ended, or
                                                    nobody waits for it */
    ngx_http_request_t          *request;
    ngx_http_post_subrequest_t   post;
    ngx_pool_cleanup_t          *outer;          /* the request's: modules look
                                                    there for what they know of
                                                    it */

    /* what nginx would let it share with the request */
    ngx_list_t                   headers;
    ngx_http_request_body_t      nothing;
    ngx_http_variable_value_t   *variables;

    ditto_buf_t                  body;           /* what was answered so far */
    unsigned                     large:1;        /* it is not kept */
} ngx_http_ditto_subrequest_t;


static ngx_http_ditto_subrequest_t *ngx_http_ditto_subrequest_create(
    ngx_http_ditto_ctx_t *ctx);
static ngx_int_t ngx_http_ditto_subrequest_uri(
    ngx_http_ditto_subrequest_t *sub, ngx_http_ditto_fetch_t *fetch,
    ngx_str_t *uri, ngx_str_t *args);
static ngx_int_t ngx_http_ditto_subrequest_headers(
    ngx_http_ditto_subrequest_t *sub, ngx_http_ditto_fetch_t *fetch);
static ngx_int_t ngx_http_ditto_subrequest_header(
    ngx_http_ditto_subrequest_t *sub, char *name, ngx_str_t *value);
static void ngx_http_ditto_subrequest_own(ngx_http_ditto_subrequest_t *sub);
static void ngx_http_ditto_subrequest_destroy(
    ngx_http_ditto_subrequest_t *sub);
static ngx_uint_t ngx_http_ditto_subrequests_known(ngx_http_ditto_ctx_t *ctx);
static void ngx_http_ditto_subrequests_cleanup(void *data);
static ngx_int_t ngx_http_ditto_body_filter(ngx_http_request_t *r,
    ngx_chain_t *in);
static ngx_int_t ngx_http_ditto_collect(ngx_http_ditto_subrequest_t *sub,
    ngx_buf_t *b);
static ngx_int_t ngx_http_ditto_subrequest_ended(ngx_http_request_t *sr,
    void *data, ngx_int_t rc);


static ngx_http_output_body_filter_pt  ngx_http_ditto_next_body_filter;


/*
 * nginx gives subrequests the memory of their request, for what they send goes
 * with it; of these nothing gets behind the body filter.
 */

ngx_int_t
ngx_http_ditto_subrequest(ngx_http_ditto_fetch_t *fetch)
{
    ngx_int_t                     rc;
    ngx_str_t                     uri, args;
    ngx_pool_t                   *pool;
    ngx_http_request_t           *r;
    ngx_http_ditto_ctx_t         *ctx;
    ngx_http_ditto_subrequest_t  *sub;

    ctx = fetch->message->ctx;
    r = ctx->request;

    sub = ngx_http_ditto_subrequest_create(ctx);
    if (sub == NULL) {
        return NGX_ERROR;
    }

    if (ngx_http_ditto_subrequest_uri(sub, fetch, &uri, &args) != NGX_OK
        || ngx_http_ditto_subrequest_headers(sub, fetch) != NGX_OK)
    {
        return NGX_ERROR;
    }

    pool = r->pool;
    r->pool = sub->pool.nginx;

    rc = ngx_http_subrequest(r, &uri, &args, &sub->request, &sub->post,
                             NGX_HTTP_SUBREQUEST_BACKGROUND);
    r->pool = pool;

    if (rc != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_http_ditto_subrequest_own(sub);

    sub->fetch = fetch;
    ctx->fetching++;

    return NGX_OK;
}


/*
 * In an event of its own nothing of what has ended is on the stack or posted.
 * But other modules take for granted that it lives as long as the request: if
 * one has started subrequests or threads there, nginx counts them, and all
 * memory stays.
 */

void
ngx_http_ditto_subrequests_free(ngx_http_ditto_ctx_t *ctx)
{
    ngx_queue_t                  *q, *next;
    ngx_http_request_t           *r;
    ngx_http_ditto_subrequest_t  *sub;

    r = ctx->request->main;

    if (r->count != 1 + ctx->fetching || r->blocked
        || !ngx_http_ditto_subrequests_known(ctx))
    {
        return;
    }

    for (q = ngx_queue_head(&ctx->subrequests);
         q != ngx_queue_sentinel(&ctx->subrequests);
         q = next)
    {
        next = ngx_queue_next(q);
        sub = ngx_queue_data(q, ngx_http_ditto_subrequest_t, queue);

        if (sub->fetch == NULL) {
            ngx_http_ditto_subrequest_destroy(sub);
        }
    }
}


/*
 * nginx keeps the client's connection busy until the last subrequest ends; an
 * upstream may take its time.  One that does not wait for an upstream ends by
 * itself.
 */

void
ngx_http_ditto_subrequests_cancel(ngx_http_ditto_ctx_t *ctx)
{
    ngx_queue_t                  *q;
    ngx_http_request_t           *sr;
    ngx_http_cleanup_pt           cleanup;
    ngx_http_ditto_subrequest_t  *sub;

    if (ctx->fetching == 0) {
        return;
    }

    for (q = ngx_queue_head(&ctx->subrequests);
         q != ngx_queue_sentinel(&ctx->subrequests);
         q = ngx_queue_next(q))
    {
        sub = ngx_queue_data(q, ngx_http_ditto_subrequest_t, queue);

        if (sub->fetch == NULL) {
            continue;
        }

        sub->fetch = NULL;
        ctx->fetching--;

        sr = sub->request;

        /* what a thread works on must stay until it is done */

        if (sr->aio || sr->upstream == NULL || sr->upstream->cleanup == NULL) {
            continue;
        }

        sr->write_event_handler = ngx_http_request_empty_handler;

        cleanup = *sr->upstream->cleanup;
        cleanup(sr);
    }
}


void
ngx_http_ditto_subrequests_write(ngx_http_request_t *r)
{
    ngx_queue_t                  *q;
    ngx_http_ditto_ctx_t         *ctx;
    ngx_http_ditto_subrequest_t  *sub;

    ctx = ngx_http_get_module_ctx(r, ngx_http_ditto_kafka_module);

    if (ctx == NULL || ctx->fetching == 0) {
        return;
    }

    for (q = ngx_queue_head(&ctx->subrequests);
         q != ngx_queue_sentinel(&ctx->subrequests);
         q = ngx_queue_next(q))
    {
        sub = ngx_queue_data(q, ngx_http_ditto_subrequest_t, queue);

        if (sub->fetch != NULL
            && ngx_http_post_request(sub->request, NULL) != NGX_OK)
        {
            return;
        }
    }
}


ngx_int_t
ngx_http_ditto_subrequests_init(void)
{
    ngx_http_ditto_next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = ngx_http_ditto_body_filter;

    return NGX_OK;
}


static ngx_http_ditto_subrequest_t *
ngx_http_ditto_subrequest_create(ngx_http_ditto_ctx_t *ctx)
{
    ngx_pool_t                   *pool;
    ngx_pool_cleanup_t           *cln;
    ngx_http_request_t           *r;
    ngx_http_core_srv_conf_t     *cscf;
    ngx_http_ditto_subrequest_t  *sub;

    static ngx_str_t              id = ngx_string("request_id");

    r = ctx->request;

    if (ctx->subrequests.next == NULL) {

        /* made up when it is asked for first, and the same for all */

        if (ngx_http_get_variable(r, &id, ngx_hash_key(id.data, id.len))
            == NULL)
        {
            return NULL;
        }

        cln = ngx_pool_cleanup_add(r->pool, 0);
        if (cln == NULL) {
            return NULL;
        }

        cln->handler = ngx_http_ditto_subrequests_cleanup;
        cln->data = ctx;

        ngx_queue_init(&ctx->subrequests);
        ctx->cleanups = r->main->cleanup;
    }

    cscf = ngx_http_get_module_srv_conf(r, ngx_http_core_module);

    pool = ngx_create_pool(cscf->request_pool_size, r->connection->log);
    if (pool == NULL) {
        return NULL;
    }

    sub = ngx_pcalloc(pool, sizeof(ngx_http_ditto_subrequest_t));
    if (sub == NULL) {
        ngx_destroy_pool(pool);
        return NULL;
    }

    ngx_http_ditto_pool_init(&sub->pool, pool);
    ditto_buf_init(&sub->body, &sub->pool.pool, 0);

    sub->outer = r->pool->cleanup;
    pool->cleanup = sub->outer;

    sub->ctx = ctx;
    sub->post.handler = ngx_http_ditto_subrequest_ended;
    sub->post.data = sub;

    ngx_queue_insert_tail(&ctx->subrequests, &sub->queue);

    return sub;
}


static ngx_int_t
ngx_http_ditto_subrequest_uri(ngx_http_ditto_subrequest_t *sub,
    ngx_http_ditto_fetch_t *fetch, ngx_str_t *uri, ngx_str_t *args)
{
    u_char                      *p;
    size_t                       escape;
    ditto_str_t                  id;
    ngx_http_ditto_main_conf_t  *dmcf;

    id = fetch->message->signal.id;

    dmcf = ngx_http_get_module_main_conf(sub->ctx->request,
                                         ngx_http_ditto_kafka_module);

    uri->len = dmcf->things->uri.len + 1 + id.len;
    uri->data = ngx_pnalloc(sub->pool.nginx, uri->len);

    escape = 2 * ngx_escape_uri(NULL, (u_char *) fetch->selector.data,
                                fetch->selector.len, NGX_ESCAPE_ARGS);

    args->len = sizeof("fields=") - 1 + fetch->selector.len + escape;
    args->data = ngx_pnalloc(sub->pool.nginx, args->len);

    if (uri->data == NULL || args->data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_cpymem(uri->data, dmcf->things->uri.data, dmcf->things->uri.len);
    *p++ = '/';
    ngx_memcpy(p, id.data, id.len);

    p = ngx_cpymem(args->data, "fields=", sizeof("fields=") - 1);
    (void) ngx_escape_uri(p, (u_char *) fetch->selector.data,
                          fetch->selector.len, NGX_ESCAPE_ARGS);

    return NGX_OK;
}


/* Nothing that the device sent is passed on, its credentials least of all. */

static ngx_int_t
ngx_http_ditto_subrequest_headers(ngx_http_ditto_subrequest_t *sub,
    ngx_http_ditto_fetch_t *fetch)
{
    size_t                      i, size;
    ngx_str_t                   value;
    ditto_buf_t                 buf;
    ditto_str_t                 subjects;
    const ditto_str_t          *subject;
    ngx_http_core_main_conf_t  *cmcf;

    ditto_buf_init(&buf, &sub->pool.pool, 64);

    subject = fetch->target->subjects.elts;

    for (i = 0; i < fetch->target->subjects.nelts; i++) {
        ditto_buf_text(&buf, i == 0 ? "" : ",");
        ditto_buf_str(&buf, subject[i]);
    }

    if (ditto_buf_done(&buf, &subjects) != DITTO_OK) {
        return NGX_ERROR;
    }

    if (ngx_list_init(&sub->headers, sub->pool.nginx, 4,
                      sizeof(ngx_table_elt_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    value.len = subjects.len;
    value.data = (u_char *) subjects.data;

    if (ngx_http_ditto_subrequest_header(sub, NGX_HTTP_DITTO_SUBJECTS, &value)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_str_set(&value, "application/json");

    if (ngx_http_ditto_subrequest_header(sub, "accept", &value) != NGX_OK) {
        return NGX_ERROR;
    }

    /* values: what it finds out lies in its memory, which goes first */

    cmcf = ngx_http_get_module_main_conf(sub->ctx->request,
                                         ngx_http_core_module);

    size = cmcf->variables.nelts * sizeof(ngx_http_variable_value_t);

    sub->variables = ngx_palloc(sub->pool.nginx, size);
    if (sub->variables == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(sub->variables, sub->ctx->request->variables, size);

    return NGX_OK;
}


static ngx_int_t
ngx_http_ditto_subrequest_header(ngx_http_ditto_subrequest_t *sub, char *name,
    ngx_str_t *value)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&sub->headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(h, sizeof(ngx_table_elt_t));

    h->key.data = (u_char *) name;
    h->key.len = ngx_strlen(name);
    h->lowcase_key = (u_char *) name;
    h->hash = ngx_hash_key((u_char *) name, h->key.len);
    h->value = *value;

    return NGX_OK;
}


/* It is posted already and will run: nothing can fail here. */

static void
ngx_http_ditto_subrequest_own(ngx_http_ditto_subrequest_t *sub)
{
    ngx_str_t            host;
    ngx_http_request_t  *sr;

    sr = sub->request;

    /* a body, so that the posted one is neither sent nor closed */

    sr->request_body = &sub->nothing;
    sr->variables = sub->variables;

    host = sr->headers_in.server;

    ngx_memzero(&sr->headers_in, sizeof(ngx_http_headers_in_t));

    sr->headers_in.server = host;
    sr->headers_in.content_length_n = -1;
    sr->headers_in.keep_alive_n = -1;

    /* two of the four that one part holds */

    sr->headers_in.headers = sub->headers;
    sr->headers_in.headers.last = &sr->headers_in.headers.part;
}


static void
ngx_http_ditto_subrequest_destroy(ngx_http_ditto_subrequest_t *sub)
{
    ngx_pool_t           *pool;
    ngx_pool_cleanup_t  **cln;

    ngx_queue_remove(&sub->queue);

    pool = sub->pool.nginx;

    for (cln = &pool->cleanup; *cln != sub->outer; cln = &(*cln)->next) {
        /* void */
    }

    *cln = NULL;

    ngx_destroy_pool(pool);
}


/*
 * r->cleanup is one list for the request and all its subrequests.  What was
 * added and is still to be called are the upstreams under way; anything else
 * may be another module's, with data in the memory of what has ended.
 */

static ngx_uint_t
ngx_http_ditto_subrequests_known(ngx_http_ditto_ctx_t *ctx)
{
    ngx_uint_t                    n;
    ngx_queue_t                  *q;
    ngx_http_cleanup_t           *cln, *last;
    ngx_http_upstream_t          *u;
    ngx_http_ditto_subrequest_t  *sub;

    if (ctx->shared) {
        return 0;
    }

    n = 0;
    last = NULL;

    for (cln = ctx->request->main->cleanup;
         cln != NULL && cln != ctx->cleanups;
         cln = cln->next)
    {
        if (cln->handler != NULL) {
            last = cln;
            n++;
        }
    }

    ctx->cleanups = (last != NULL) ? last->next : ctx->request->main->cleanup;

    for (q = ngx_queue_head(&ctx->subrequests);
         q != ngx_queue_sentinel(&ctx->subrequests);
         q = ngx_queue_next(q))
    {
        sub = ngx_queue_data(q, ngx_http_ditto_subrequest_t, queue);

        if (sub->fetch == NULL) {
            continue;
        }

        u = sub->request->upstream;

        if (u != NULL && u->cleanup != NULL) {
            n--;
        }
    }

    ctx->shared = (n != 0);

    return !ctx->shared;
}


static void
ngx_http_ditto_subrequests_cleanup(void *data)
{
    ngx_http_ditto_ctx_t *ctx = data;

    ngx_queue_t  *q;

    while (!ngx_queue_empty(&ctx->subrequests)) {

        /* what a module has replaced it puts back, the last one first */

        q = ngx_queue_last(&ctx->subrequests);

        ngx_http_ditto_subrequest_destroy(
            ngx_queue_data(q, ngx_http_ditto_subrequest_t, queue));
    }
}


/*
 * What a subrequest answers is kept here.  nginx's own subrequests in memory
 * would do, but for one that is too large they give up the client's connection.
 */

static ngx_int_t
ngx_http_ditto_body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_int_t                     rc;
    ngx_http_ditto_subrequest_t  *sub;

    if (r == r->main || r->post_subrequest == NULL
        || r->post_subrequest->handler != ngx_http_ditto_subrequest_ended)
    {
        return ngx_http_ditto_next_body_filter(r, in);
    }

    sub = r->post_subrequest->data;

    for ( /* void */ ; in; in = in->next) {

        rc = ngx_http_ditto_collect(sub, in->buf);

        if (rc != NGX_OK) {
            return rc;
        }

        in->buf->pos = in->buf->last;
        in->buf->file_pos = in->buf->file_last;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_ditto_collect(ngx_http_ditto_subrequest_t *sub, ngx_buf_t *b)
{
    u_char   *p;
    off_t     size;
    ssize_t   n;

    size = ngx_buf_size(b);

    if (size == 0 || sub->fetch == NULL || sub->large) {
        return NGX_OK;
    }

    if ((off_t) sub->body.len + size > NGX_HTTP_DITTO_THING) {
        sub->large = 1;
        return NGX_OK;
    }

    if (ngx_buf_in_memory(b)) {
        ditto_buf_add(&sub->body, b->pos, (size_t) size);
        return NGX_OK;
    }

    p = ngx_pnalloc(sub->pool.nginx, (size_t) size);
    if (p == NULL) {
        return NGX_ERROR;
    }

    n = ngx_read_file(b->file, p, (size_t) size, b->file_pos);

    if (n != (ssize_t) size) {
        return NGX_ERROR;
    }

    ditto_buf_add(&sub->body, p, (size_t) size);

    return NGX_OK;
}


static ngx_int_t
ngx_http_ditto_subrequest_ended(ngx_http_request_t *sr, void *data,
    ngx_int_t rc)
{
    ngx_http_ditto_subrequest_t *sub = data;

    char                    *failed;
    ngx_http_ditto_ctx_t    *ctx;
    ngx_http_ditto_fetch_t  *fetch;

    /* an error page, or what stands for it, comes before the end */

    if (sr->buffered || sr->connection->error
        || rc >= NGX_HTTP_SPECIAL_RESPONSE)
    {
        return rc;
    }

    ctx = sub->ctx;
    fetch = sub->fetch;

    if (ctx->waiting && fetch != NULL) {
        sub->fetch = NULL;
        ctx->fetching--;

        failed = (rc == NGX_ERROR) ? "it failed"
                 : sub->large ? "its answer is larger than 256 KB" : NULL;

        ngx_http_ditto_fetched(fetch, failed, sr->headers_out.status,
                               &sub->body);

        ngx_post_event(&ctx->more, &ngx_posted_next_events);
    }

    /* its failure is not that of the request */

    return NGX_OK;
}
