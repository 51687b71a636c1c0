
/*
 * Enrichment: fields of things that a topics entry adds to a message
 * (extraFields) come from a location of the user's choice, by one subrequest
 * per message and set of authorization subjects:
 *
 *     GET <ditto_things>/<thing id>?fields=attributes/site,_revision
 *     x-ditto-pre-authenticated: <the target's subjects>
 */

#include "ngx_http_ditto_publish.h"

#include "ditto_json.h"


#define NGX_HTTP_DITTO_SUBJECTS  "x-ditto-pre-authenticated"
#define NGX_HTTP_DITTO_THING     (256 * 1024)    /* bytes of an answer */
#define NGX_HTTP_DITTO_FETCHES   32              /* under way for a request */


static ngx_int_t ngx_http_ditto_fetch_more(ngx_http_ditto_ctx_t *ctx);
static ngx_http_ditto_fetch_t *ngx_http_ditto_fetch(
    ngx_http_ditto_message_t *m, ngx_http_ditto_part_t *part);
static ngx_uint_t ngx_http_ditto_same_subjects(const ditto_target_t *a,
    const ditto_target_t *b);
static ngx_int_t ngx_http_ditto_selector(ngx_http_ditto_fetch_t *fetch);
static ngx_int_t ngx_http_ditto_subrequest(ngx_http_ditto_fetch_t *fetch);
static ngx_int_t ngx_http_ditto_subrequest_headers(ngx_http_request_t *sr,
    ngx_http_ditto_fetch_t *fetch);
static ngx_int_t ngx_http_ditto_subrequest_header(ngx_http_request_t *sr,
    char *name, ngx_str_t *value);
static ngx_int_t ngx_http_ditto_body_filter(ngx_http_request_t *r,
    ngx_chain_t *in);
static ngx_int_t ngx_http_ditto_collect(ngx_http_ditto_fetch_t *fetch,
    ngx_buf_t *b);
static ngx_int_t ngx_http_ditto_fetched(ngx_http_request_t *sr, void *data,
    ngx_int_t rc);
static void ngx_http_ditto_fetched_thing(ngx_http_request_t *sr,
    ngx_http_ditto_fetch_t *fetch, ngx_int_t rc);
static void ngx_http_ditto_enrichment_failed(ngx_http_ditto_fetch_t *fetch,
    char *why);


static ngx_http_output_body_filter_pt  ngx_http_ditto_next_body_filter;


ngx_int_t
ngx_http_ditto_enrich(ngx_http_ditto_ctx_t *ctx,
    ngx_http_event_handler_pt handler)
{
    size_t                     i, j;
    ngx_http_ditto_part_t     *part;
    ngx_http_ditto_message_t  *m;

    ctx->enriched = handler;
    ctx->fetch_message = 0;
    ctx->fetch_next = 0;

    for (i = 0, m = ctx->messages; i < ctx->nmessages; i++) {

        if (m[i].error.code != DITTO_E_NONE) {
            continue;
        }

        for (j = 0, part = m[i].parts.elts; j < m[i].parts.nelts; j++) {

            if (part[j].fields.nelts == 0) {
                continue;
            }

            part[j].fetch = ngx_http_ditto_fetch(&m[i], &part[j]);

            if (part[j].fetch == NULL) {
                return NGX_ERROR;
            }
        }
    }

    return ngx_http_ditto_fetch_more(ctx);
}


/* A batch must not take all connections of the worker for itself. */

static ngx_int_t
ngx_http_ditto_fetch_more(ngx_http_ditto_ctx_t *ctx)
{
    ngx_http_ditto_fetch_t    **fetch;
    ngx_http_ditto_message_t   *m;

    while (ctx->fetching < NGX_HTTP_DITTO_FETCHES
           && ctx->fetch_message < ctx->nmessages)
    {
        m = &ctx->messages[ctx->fetch_message];

        if (ctx->fetch_next == m->fetches.nelts) {
            ctx->fetch_message++;
            ctx->fetch_next = 0;
            continue;
        }

        fetch = m->fetches.elts;
        fetch += ctx->fetch_next++;

        if (ngx_http_ditto_selector(*fetch) != NGX_OK) {
            return NGX_ERROR;
        }

        switch (ngx_http_ditto_things_get(*fetch)) {

        case NGX_OK:
            break;

        case NGX_DECLINED:
            if (ngx_http_ditto_subrequest(*fetch) != NGX_OK) {
                return NGX_ERROR;
            }
            break;

        default:
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/*
 * nginx keeps the client's connection busy until the last subrequest ends; an
 * upstream may take its time.  One that does not wait for an upstream ends by
 * itself.
 */

void
ngx_http_ditto_enrich_cancel(ngx_http_ditto_ctx_t *ctx)
{
    size_t                     i, j;
    ngx_http_request_t        *sr;
    ngx_http_cleanup_pt        cleanup;
    ngx_http_ditto_fetch_t   **fetch;
    ngx_http_ditto_message_t  *m;

    for (i = 0, m = ctx->messages; i < ctx->nmessages; i++) {

        for (j = 0, fetch = m[i].fetches.elts; j < m[i].fetches.nelts; j++) {

            sr = fetch[j]->subrequest;

            if (sr == NULL || fetch[j]->done || sr->upstream == NULL
                || sr->upstream->cleanup == NULL)
            {
                continue;
            }

            fetch[j]->done = 1;
            ctx->fetching--;

            sr->write_event_handler = ngx_http_request_empty_handler;

            cleanup = *sr->upstream->cleanup;
            cleanup(sr);
        }
    }
}


/* That of the part's subjects, with its fields among the others. */

static ngx_http_ditto_fetch_t *
ngx_http_ditto_fetch(ngx_http_ditto_message_t *m,
    ngx_http_ditto_part_t *part)
{
    size_t                    i;
    ditto_str_t              *field, *slot;
    ngx_http_ditto_fetch_t   *fetch, **fetches;

    fetches = m->fetches.elts;

    for (i = 0; i < m->fetches.nelts; i++) {
        if (ngx_http_ditto_same_subjects(fetches[i]->target,
                                         part->route->target))
        {
            break;
        }
    }

    if (i < m->fetches.nelts) {
        fetch = fetches[i];

    } else {
        fetch = ngx_pcalloc(m->ctx->request->pool,
                            sizeof(ngx_http_ditto_fetch_t));
        fetches = ditto_array_push(&m->fetches);

        if (fetch == NULL || fetches == NULL) {
            return NULL;
        }

        fetch->ctx = m->ctx;
        fetch->wave = m->ctx->wave;
        fetch->message = m;
        fetch->target = part->route->target;
        ditto_array_init(&fetch->fields, m->scope.pool, sizeof(ditto_str_t));

        *fetches = fetch;
    }

    for (i = 0, field = part->fields.elts; i < part->fields.nelts; i++) {

        if (ditto_acks_contain(&fetch->fields, field[i])) {
            continue;
        }

        slot = ditto_array_push(&fetch->fields);
        if (slot == NULL) {
            return NULL;
        }

        *slot = field[i];
    }

    return fetch;
}


static ngx_uint_t
ngx_http_ditto_same_subjects(const ditto_target_t *a, const ditto_target_t *b)
{
    size_t              i;
    const ditto_str_t  *subject;

    if (a == b) {
        return 1;
    }

    if (a->subjects.nelts != b->subjects.nelts) {
        return 0;
    }

    for (i = 0, subject = a->subjects.elts; i < a->subjects.nelts; i++) {
        if (!ditto_acks_contain(&b->subjects, subject[i])) {
            return 0;
        }
    }

    return 1;
}


/* spec: Retrieval, "selector' = union of extraFields + _revision" */

static ngx_int_t
ngx_http_ditto_selector(ngx_http_ditto_fetch_t *fetch)
{
    size_t               i;
    ditto_buf_t          buf;
    ditto_str_t         *field;
    static ditto_str_t   revision = ditto_string("/_revision");

    if (!ditto_acks_contain(&fetch->fields, revision)) {

        field = ditto_array_push(&fetch->fields);
        if (field == NULL) {
            return NGX_ERROR;
        }

        *field = revision;
    }

    ditto_buf_init(&buf, fetch->message->scope.pool, 128);

    for (i = 0, field = fetch->fields.elts; i < fetch->fields.nelts; i++) {
        ditto_buf_text(&buf, i == 0 ? "" : ",");
        ditto_buf_str(&buf, ditto_str_sub(field[i], 1, field[i].len));
    }

    return (ditto_buf_done(&buf, &fetch->selector) == DITTO_OK) ? NGX_OK
                                                                : NGX_ERROR;
}


static ngx_int_t
ngx_http_ditto_subrequest(ngx_http_ditto_fetch_t *fetch)
{
    u_char                      *p;
    size_t                       escape;
    ngx_str_t                    uri, args;
    ditto_str_t                  id;
    ngx_http_request_t          *r, *sr;
    ngx_http_ditto_main_conf_t  *dmcf;
    ngx_http_post_subrequest_t  *ps;

    r = fetch->message->ctx->request;
    id = fetch->message->signal.id;

    dmcf = ngx_http_get_module_main_conf(r, ngx_http_ditto_kafka_module);

    uri.len = dmcf->things->uri.len + 1 + id.len;
    uri.data = ngx_pnalloc(r->pool, uri.len);

    escape = 2 * ngx_escape_uri(NULL, (u_char *) fetch->selector.data,
                                fetch->selector.len, NGX_ESCAPE_ARGS);

    args.len = sizeof("fields=") - 1 + fetch->selector.len + escape;
    args.data = ngx_pnalloc(r->pool, args.len);

    ps = ngx_palloc(r->pool, sizeof(ngx_http_post_subrequest_t));

    if (uri.data == NULL || args.data == NULL || ps == NULL) {
        return NGX_ERROR;
    }

    p = ngx_cpymem(uri.data, dmcf->things->uri.data, dmcf->things->uri.len);
    *p++ = '/';
    ngx_memcpy(p, id.data, id.len);

    p = ngx_cpymem(args.data, "fields=", sizeof("fields=") - 1);
    (void) ngx_escape_uri(p, (u_char *) fetch->selector.data,
                          fetch->selector.len, NGX_ESCAPE_ARGS);

    ps->handler = ngx_http_ditto_fetched;
    ps->data = fetch;

    if (ngx_http_subrequest(r, &uri, &args, &sr, ps,
                            NGX_HTTP_SUBREQUEST_BACKGROUND)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    /* a body of its own, so that the posted one is neither sent nor closed */

    sr->request_body = ngx_pcalloc(r->pool, sizeof(ngx_http_request_body_t));
    if (sr->request_body == NULL) {
        return NGX_ERROR;
    }

    if (ngx_http_ditto_subrequest_headers(sr, fetch) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_http_ditto_pool_init(&fetch->memory, r->pool);
    ditto_buf_init(&fetch->body, &fetch->memory.pool, 0);
    fetch->subrequest = sr;
    fetch->message->ctx->fetching++;

    return NGX_OK;
}


/* Nothing that the device sent is passed on, its credentials least of all. */

static ngx_int_t
ngx_http_ditto_subrequest_headers(ngx_http_request_t *sr,
    ngx_http_ditto_fetch_t *fetch)
{
    size_t               i;
    ngx_str_t            value, host;
    ditto_buf_t          buf;
    ditto_str_t          subjects;
    const ditto_str_t   *subject;

    ditto_buf_init(&buf, fetch->message->scope.pool, 64);

    subject = fetch->target->subjects.elts;

    for (i = 0; i < fetch->target->subjects.nelts; i++) {
        ditto_buf_text(&buf, i == 0 ? "" : ",");
        ditto_buf_str(&buf, subject[i]);
    }

    if (ditto_buf_done(&buf, &subjects) != DITTO_OK) {
        return NGX_ERROR;
    }

    host = sr->headers_in.server;

    ngx_memzero(&sr->headers_in, sizeof(ngx_http_headers_in_t));

    sr->headers_in.server = host;
    sr->headers_in.content_length_n = -1;
    sr->headers_in.keep_alive_n = -1;

    if (ngx_list_init(&sr->headers_in.headers, sr->pool, 4,
                      sizeof(ngx_table_elt_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    value.len = subjects.len;
    value.data = (u_char *) subjects.data;

    if (ngx_http_ditto_subrequest_header(sr, NGX_HTTP_DITTO_SUBJECTS, &value)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_str_set(&value, "application/json");

    return ngx_http_ditto_subrequest_header(sr, "accept", &value);
}


static ngx_int_t
ngx_http_ditto_subrequest_header(ngx_http_request_t *sr, char *name,
    ngx_str_t *value)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&sr->headers_in.headers);
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


/*
 * What a subrequest answers is kept here.  nginx's own subrequests in memory
 * would do, but for one that is too large they give up the client's connection.
 */

static ngx_int_t
ngx_http_ditto_body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_int_t                rc;
    ngx_http_ditto_fetch_t  *fetch;

    if (r == r->main || r->post_subrequest == NULL
        || r->post_subrequest->handler != ngx_http_ditto_fetched)
    {
        return ngx_http_ditto_next_body_filter(r, in);
    }

    fetch = r->post_subrequest->data;

    for ( /* void */ ; in; in = in->next) {

        rc = ngx_http_ditto_collect(fetch, in->buf);

        if (rc != NGX_OK) {
            return rc;
        }

        in->buf->pos = in->buf->last;
        in->buf->file_pos = in->buf->file_last;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_ditto_collect(ngx_http_ditto_fetch_t *fetch, ngx_buf_t *b)
{
    u_char   *p;
    off_t     size;
    ssize_t   n;

    size = ngx_buf_size(b);

    if (size == 0 || fetch->done || fetch->large) {
        return NGX_OK;
    }

    if ((off_t) fetch->body.len + size > NGX_HTTP_DITTO_THING) {
        fetch->large = 1;
        return NGX_OK;
    }

    if (ngx_buf_in_memory(b)) {
        ditto_buf_add(&fetch->body, b->pos, (size_t) size);
        return NGX_OK;
    }

    p = ngx_pnalloc(fetch->memory.nginx, (size_t) size);
    if (p == NULL) {
        return NGX_ERROR;
    }

    n = ngx_read_file(b->file, p, (size_t) size, b->file_pos);

    if (n != (ssize_t) size) {
        return NGX_ERROR;
    }

    ditto_buf_add(&fetch->body, p, (size_t) size);

    return NGX_OK;
}


ngx_int_t
ngx_http_ditto_enrich_init(void)
{
    ngx_http_ditto_next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = ngx_http_ditto_body_filter;

    return NGX_OK;
}


static ngx_int_t
ngx_http_ditto_fetched(ngx_http_request_t *sr, void *data, ngx_int_t rc)
{
    ngx_http_ditto_fetch_t *fetch = data;

    ngx_http_ditto_ctx_t  *ctx;

    /* an error page, or what stands for it, comes before the end */

    if (fetch->done || sr->buffered || sr->connection->error
        || rc >= NGX_HTTP_SPECIAL_RESPONSE)
    {
        return rc;
    }

    fetch->done = 1;

    ctx = fetch->ctx;

    if (!ctx->waiting || fetch->wave != ctx->wave) {
        /* its deadline has passed */
        return NGX_OK;
    }

    ctx->fetching--;

    ngx_http_ditto_fetched_thing(sr, fetch, rc);

    if (ngx_http_ditto_fetch_more(ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ctx->fetching == 0) {
        ctx->request->write_event_handler = ctx->enriched;

        if (ngx_http_post_request(ctx->request, NULL) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    /* its failure is not that of the request */

    return NGX_OK;
}


static void
ngx_http_ditto_fetched_thing(ngx_http_request_t *sr,
    ngx_http_ditto_fetch_t *fetch, ngx_int_t rc)
{
    ditto_str_t     thing, none = ditto_null_string;
    ditto_error_t   err;

    if (rc == NGX_ERROR) {
        ngx_http_ditto_enrichment_failed(fetch, "it failed");
        return;
    }

    if (fetch->large) {
        ngx_http_ditto_enrichment_failed(fetch, "its answer is larger than "
                                                "256 KB");
        return;
    }

    if (sr->headers_out.status == NGX_HTTP_NOT_FOUND) {
        (void) ditto_fail(&fetch->error, DITTO_E_THING_NOT_FOUND,
                          fetch->message->signal.id, none);
        return;
    }

    if (sr->headers_out.status != NGX_HTTP_OK) {
        ngx_http_ditto_enrichment_failed(fetch, "it did not answer with 200");
        return;
    }

    if (ditto_buf_done(&fetch->body, &thing) != DITTO_OK) {
        (void) ditto_fail_memory(&fetch->error);
        return;
    }

    thing = ditto_str_trim(thing);

    if (thing.len == 0 || thing.data[0] != '{'
        || ditto_json_validate(thing, &err) != DITTO_OK)
    {
        ngx_http_ditto_enrichment_failed(fetch, "its answer is no JSON "
                                                "object");
        return;
    }

    if (ngx_http_ditto_things_put(fetch, thing) != NGX_OK) {
        (void) ditto_fail_memory(&fetch->error);
    }
}


static void
ngx_http_ditto_enrichment_failed(ngx_http_ditto_fetch_t *fetch, char *why)
{
    ditto_str_t                  none = ditto_null_string;
    ngx_http_ditto_main_conf_t  *dmcf;

    dmcf = ngx_http_get_module_main_conf(fetch->message->ctx->request,
                                         ngx_http_ditto_kafka_module);

    (void) ditto_fail(&fetch->error, DITTO_E_ENRICHMENT_FAILED, none, none);

    if (ngx_http_ditto_may_log()) {
        ngx_log_error(NGX_LOG_ERR,
                      fetch->message->ctx->request->connection->log, 0,
                      "extra fields of a thing could not be fetched from "
                      "\"%V\": %s", &dmcf->things->uri, why);
    }
}
