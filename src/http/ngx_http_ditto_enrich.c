
/*
 * Enrichment: fields of things that a topics entry adds to a message
 * (extraFields), for each set of authorization subjects.
 */

#include "ngx_http_ditto_publish.h"

#include "ditto_json.h"


#define NGX_HTTP_DITTO_FETCHES  32              /* under way for a request */


static ngx_int_t ngx_http_ditto_fetch_more(ngx_http_ditto_ctx_t *ctx);
static ngx_http_ditto_fetch_t *ngx_http_ditto_fetch(
    ngx_http_ditto_message_t *m, ngx_http_ditto_part_t *part);
static ngx_uint_t ngx_http_ditto_same_subjects(const ditto_target_t *a,
    const ditto_target_t *b);
static ngx_int_t ngx_http_ditto_selector(ngx_http_ditto_fetch_t *fetch);
static void ngx_http_ditto_enrichment_failed(ngx_http_ditto_fetch_t *fetch,
    char *why);


ngx_int_t
ngx_http_ditto_enrich(ngx_http_ditto_ctx_t *ctx,
    ngx_event_handler_pt handler)
{
    size_t                     i, j;
    ngx_http_ditto_part_t     *part;
    ngx_http_ditto_message_t  *m;

    ctx->more.handler = handler;
    ctx->more.data = ctx;
    ctx->more.log = ctx->request->connection->log;

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


ngx_int_t
ngx_http_ditto_enrich_more(ngx_http_ditto_ctx_t *ctx)
{
    ngx_http_ditto_subrequests_free(ctx);

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
        fetch = ngx_pcalloc(m->ctx->pool.nginx,
                            sizeof(ngx_http_ditto_fetch_t));
        fetches = ditto_array_push(&m->fetches);

        if (fetch == NULL || fetches == NULL) {
            return NULL;
        }

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


void
ngx_http_ditto_fetched(ngx_http_ditto_fetch_t *fetch, char *failed,
    ngx_uint_t status, ditto_buf_t *body)
{
    ditto_str_t     thing, none = ditto_null_string;
    ditto_error_t   err;

    if (failed != NULL) {
        ngx_http_ditto_enrichment_failed(fetch, failed);
        return;
    }

    if (status == NGX_HTTP_NOT_FOUND) {
        (void) ditto_fail(&fetch->error, DITTO_E_THING_NOT_FOUND,
                          fetch->message->signal.id, none);
        return;
    }

    if (status != NGX_HTTP_OK) {
        ngx_http_ditto_enrichment_failed(fetch, "it did not answer with 200");
        return;
    }

    if (ditto_buf_done(body, &thing) != DITTO_OK) {
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
