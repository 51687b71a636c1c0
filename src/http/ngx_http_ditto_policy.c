
/*
 * Policies: documents by their id, compiled when a message first needs one,
 * kept in the worker.
 */

#include "ngx_http_ditto.h"

#include "ditto_json.h"


#define NGX_HTTP_DITTO_COMPILED_MAX   4096       /* policies kept compiled */
#define NGX_HTTP_DITTO_COMPILED_SIZE  (64 * 1024 * 1024)     /* their bytes */
#define NGX_HTTP_DITTO_COMPILED_POOL  1024       /* bytes to begin with */


typedef struct {
    ngx_str_node_t              sn;          /* by policy id */
    ditto_policy_document_t    *document;
    ngx_str_t                   file;
} ngx_http_ditto_document_t;


typedef struct {
    ngx_str_node_t              sn;          /* by policy id, NUL, namespace */
    ngx_queue_t                 queue;       /* least recently used last */
    ngx_pool_t                 *pool;        /* holds all of it */
    ditto_policy_t             *policy;
    size_t                      size;        /* bytes, about */
} ngx_http_ditto_compiled_t;


struct ngx_http_ditto_policies_s {
    ngx_rbtree_t                documents;
    ngx_rbtree_node_t           documents_sentinel;
    ngx_array_t                 list;        /* of
                                         ngx_http_ditto_document_t * */

    /* of this worker */
    ngx_rbtree_t                compiled;
    ngx_rbtree_node_t           compiled_sentinel;
    ngx_queue_t                 lru;
    ngx_uint_t                  ncompiled;
    size_t                      size;        /* of them together */
};


static ngx_http_ditto_policies_t *ngx_http_ditto_policies_create(
    ngx_conf_t *cf);
static char *ngx_http_ditto_policy_document(ngx_conf_t *cf, ngx_str_t *file,
    ngx_str_t *text);
static ngx_uint_t ngx_http_ditto_policy_has_id(ditto_str_t text);
static ngx_http_ditto_document_t *ngx_http_ditto_policy_find(
    ngx_http_ditto_policies_t *policies, ditto_str_t id);
static const ditto_policy_document_t *ngx_http_ditto_policy_lookup(void *ctx,
    ditto_str_t id);
static ditto_rc_t ngx_http_ditto_policy_compiled(
    ngx_http_ditto_policies_t *policies, ngx_http_ditto_document_t *document,
    const ditto_scope_t *scope, const ditto_policy_t **policy,
    ditto_error_t *err);
static void ngx_http_ditto_compiled_free(ngx_http_ditto_policies_t *policies,
    ngx_http_ditto_compiled_t *compiled);


char *
ngx_http_ditto_policies(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ditto_main_conf_t *dmcf = conf;

    ngx_str_t   *value;
    ngx_uint_t   off;

    value = cf->args->elts;
    off = (ngx_strcmp(value[1].data, "off") == 0);

    if (dmcf->policies_off == 1 || (off && dmcf->policies != NULL)) {
        return "is \"off\" and names documents elsewhere";
    }

    if (off) {
        dmcf->policies_off = 1;
        return NGX_CONF_OK;
    }

    if (dmcf->policies == NULL) {
        dmcf->policies = ngx_http_ditto_policies_create(cf);

        if (dmcf->policies == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    return ngx_http_ditto_documents(cf, &value[1],
                                    ngx_http_ditto_policy_document);
}


static ngx_http_ditto_policies_t *
ngx_http_ditto_policies_create(ngx_conf_t *cf)
{
    ngx_http_ditto_policies_t  *policies;

    policies = ngx_pcalloc(cf->pool, sizeof(ngx_http_ditto_policies_t));
    if (policies == NULL) {
        return NULL;
    }

    ngx_rbtree_init(&policies->documents, &policies->documents_sentinel,
                    ngx_str_rbtree_insert_value);
    ngx_rbtree_init(&policies->compiled, &policies->compiled_sentinel,
                    ngx_str_rbtree_insert_value);
    ngx_queue_init(&policies->lru);

    if (ngx_array_init(&policies->list, cf->pool, 16,
                       sizeof(ngx_http_ditto_document_t *))
        != NGX_OK)
    {
        return NULL;
    }

    return policies;
}


static char *
ngx_http_ditto_policy_document(ngx_conf_t *cf, ngx_str_t *file,
    ngx_str_t *text)
{
    ditto_str_t                   id, place;
    ditto_time_t                  now;
    ditto_pool_t                 *pool;
    ditto_error_t                 err;
    ngx_http_ditto_document_t    *document, *other, **slot;
    ngx_http_ditto_main_conf_t   *dmcf;

    dmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ditto_kafka_module);

    document = ngx_pcalloc(cf->pool, sizeof(ngx_http_ditto_document_t));
    pool = ngx_http_ditto_pool(cf->pool);

    if (document == NULL || pool == NULL) {
        return NGX_CONF_ERROR;
    }

    if (!ngx_http_ditto_policy_has_id(ngx_http_ditto_str(*text))) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "policy \"%V\" has no member \"policyId\"", file);
        return NGX_CONF_ERROR;
    }

    /*
     * Ditto refuses a subject that has expired when the policy is put; in a
     * file it expires while it lies there, and counts as absent.
     */

    now.sec = 0;
    now.nsec = 0;

    if (ditto_policy_document_parse(pool, ngx_http_ditto_str(*text), now,
                                    &document->document, &place, &err)
        != DITTO_OK)
    {
        ngx_http_ditto_document_error(cf, "policy", file, text, &place, &err);
        return NGX_CONF_ERROR;
    }

    id = ditto_policy_document_id(document->document);
    other = ngx_http_ditto_policy_find(dmcf->policies, id);

    if (other != NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "policy \"%V\" has the policyId \"%V\" of \"%V\"",
                           file, &other->sn.str, &other->file);
        return NGX_CONF_ERROR;
    }

    document->sn.str.len = id.len;
    document->sn.str.data = (u_char *) id.data;
    document->sn.node.key = ngx_crc32_long((u_char *) id.data, id.len);

    document->file.len = file->len;
    document->file.data = ngx_pstrdup(cf->pool, file);

    slot = ngx_array_push(&dmcf->policies->list);

    if (document->file.data == NULL || slot == NULL) {
        return NGX_CONF_ERROR;
    }

    *slot = document;
    ngx_rbtree_insert(&dmcf->policies->documents, &document->sn.node);

    return NGX_CONF_OK;
}


/* Ditto takes the id from the URI; a file has none. */

static ngx_uint_t
ngx_http_ditto_policy_has_id(ditto_str_t text)
{
    ditto_str_t          value;
    ditto_error_t        err;
    static ditto_str_t   name = ditto_string("policyId");

    text = ditto_str_trim(text);

    if (ditto_json_validate(text, &err) != DITTO_OK || text.data[0] != '{') {
        /* said better by the reader of documents */
        return 1;
    }

    return ditto_json_member(text, name, &value) == DITTO_OK
           && value.data[0] != 'n';
}


char *
ngx_http_ditto_policy_id(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ditto_main_conf_t *dmcf = conf;

    ngx_str_t          *value;
    ngx_uint_t          i;
    ditto_pool_t       *pool;
    ditto_error_t       err;
    ditto_template_t  **tpl;

    if (dmcf->policy_ids != NULL) {
        return "is duplicate";
    }

    dmcf->policy_ids = ngx_array_create(cf->pool, cf->args->nelts,
                                        sizeof(ditto_template_t *));
    pool = ngx_http_ditto_pool(cf->pool);

    if (dmcf->policy_ids == NULL || pool == NULL) {
        return NGX_CONF_ERROR;
    }

    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {

        tpl = ngx_array_push(dmcf->policy_ids);
        if (tpl == NULL) {
            return NGX_CONF_ERROR;
        }

        if (ditto_template_compile(pool, ngx_http_ditto_str(value[i]),
                                   DITTO_PLACE_POLICY_ID, tpl, &err)
            != DITTO_OK)
        {
            ngx_http_ditto_argument_error(cf, &value[i], &err);
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


ngx_int_t
ngx_http_ditto_policies_init(ngx_conf_t *cf,
    ngx_http_ditto_main_conf_t *dmcf)
{
    ngx_uint_t                   i;
    ngx_pool_t                  *temp;
    ditto_str_t                  none = ditto_null_string;
    ditto_time_t                 now;
    ditto_pool_t                *pool;
    ditto_error_t                err;
    ditto_policy_t              *policy;
    ditto_template_t           **tpl;
    ngx_http_ditto_document_t  **document;
    static ditto_str_t           by_thing = ditto_string("{{ thing:id }}");

    if (dmcf->policy_ids == NULL) {

        dmcf->policy_ids = ngx_array_create(cf->pool, 1,
                                            sizeof(ditto_template_t *));
        pool = ngx_http_ditto_pool(cf->pool);

        if (dmcf->policy_ids == NULL || pool == NULL) {
            return NGX_ERROR;
        }

        tpl = ngx_array_push(dmcf->policy_ids);

        if (tpl == NULL
            || ditto_template_compile(pool, by_thing, DITTO_PLACE_POLICY_ID,
                                      tpl, &err)
               != DITTO_OK)
        {
            return NGX_ERROR;
        }
    }

    if (dmcf->policies == NULL) {
        return NGX_OK;
    }

    now.sec = ngx_time();
    now.nsec = 0;
    document = dmcf->policies->list.elts;

    for (i = 0; i < dmcf->policies->list.nelts; i++) {

        temp = ngx_create_pool(NGX_DEFAULT_POOL_SIZE, cf->log);
        if (temp == NULL) {
            return NGX_ERROR;
        }

        pool = ngx_http_ditto_pool(temp);

        if (pool == NULL) {
            ngx_destroy_pool(temp);
            return NGX_ERROR;
        }

        if (ditto_policy_compile(pool, document[i]->document,
                                 ngx_http_ditto_policy_lookup, dmcf->policies,
                                 none, now, &policy, &err)
            != DITTO_OK)
        {
            ngx_http_ditto_document_error(cf, "policy", &document[i]->file,
                                          NULL, &none, &err);
            ngx_destroy_pool(temp);
            return NGX_ERROR;
        }

        ngx_destroy_pool(temp);
    }

    return NGX_OK;
}


static ngx_http_ditto_document_t *
ngx_http_ditto_policy_find(ngx_http_ditto_policies_t *policies,
    ditto_str_t id)
{
    ngx_str_t  key;

    key.len = id.len;
    key.data = (u_char *) id.data;

    return (ngx_http_ditto_document_t *)
               ngx_str_rbtree_lookup(&policies->documents, &key,
                                     ngx_crc32_long(key.data, key.len));
}


static const ditto_policy_document_t *
ngx_http_ditto_policy_lookup(void *ctx, ditto_str_t id)
{
    ngx_http_ditto_document_t  *document;

    document = ngx_http_ditto_policy_find(ctx, id);

    return (document == NULL) ? NULL : document->document;
}


ditto_rc_t
ngx_http_ditto_policy_get(ngx_http_ditto_main_conf_t *dmcf,
    const ditto_scope_t *scope, const ditto_policy_t **policy,
    ditto_error_t *err)
{
    ditto_rc_t                   rc;
    ngx_uint_t                   i;
    ditto_str_t                  id;
    ditto_template_t           **tpl;
    ngx_http_ditto_document_t   *document;

    *policy = NULL;

    if (dmcf->policies == NULL) {
        return DITTO_DECLINED;
    }

    if (scope->signal->entity == DITTO_ENTITY_POLICY) {

        document = ngx_http_ditto_policy_find(dmcf->policies,
                                              scope->signal->id);
        if (document == NULL) {
            return DITTO_DECLINED;
        }

        return ngx_http_ditto_policy_compiled(dmcf->policies, document, scope,
                                              policy, err);
    }

    tpl = dmcf->policy_ids->elts;

    for (i = 0; i < dmcf->policy_ids->nelts; i++) {

        rc = ditto_template_resolve(tpl[i], scope, &id, err);

        if (rc == DITTO_ERROR) {
            return DITTO_ERROR;
        }

        if (rc == DITTO_DECLINED) {
            continue;
        }

        document = ngx_http_ditto_policy_find(dmcf->policies, id);

        if (document != NULL) {
            return ngx_http_ditto_policy_compiled(dmcf->policies, document,
                                                  scope, policy, err);
        }
    }

    return DITTO_DECLINED;
}


static ditto_rc_t
ngx_http_ditto_policy_compiled(ngx_http_ditto_policies_t *policies,
    ngx_http_ditto_document_t *document, const ditto_scope_t *scope,
    const ditto_policy_t **policy, ditto_error_t *err)
{
    u_char                     *p;
    uint32_t                    hash;
    ngx_str_t                   key;
    ngx_pool_t                 *nginx;
    ditto_str_t                 ns = ditto_null_string;
    ngx_queue_t                *q;
    ditto_pool_t               *pool;
    ngx_http_ditto_compiled_t  *compiled;

    key = document->sn.str;

    if (ditto_policy_document_has_namespaces(document->document)
        && scope->signal->entity == DITTO_ENTITY_THING)
    {
        /* such a policy is another one for each namespace of things */

        ns = scope->signal->ns;

        key.len = document->sn.str.len + 1 + ns.len;
        key.data = ditto_alloc(scope->pool, key.len);

        if (key.data == NULL) {
            return ditto_fail_memory(err);
        }

        p = ngx_cpymem(key.data, document->sn.str.data,
                       document->sn.str.len);
        *p++ = '\0';
        ngx_memcpy(p, ns.data, ns.len);
    }

    hash = ngx_crc32_long(key.data, key.len);

    compiled = (ngx_http_ditto_compiled_t *)
                   ngx_str_rbtree_lookup(&policies->compiled, &key, hash);

    if (compiled != NULL) {

        if (ditto_policy_expires(compiled->policy) > scope->now.sec) {
            ngx_queue_remove(&compiled->queue);
            ngx_queue_insert_head(&policies->lru, &compiled->queue);

            *policy = compiled->policy;
            return DITTO_OK;
        }

        ngx_http_ditto_compiled_free(policies, compiled);
    }

    nginx = ngx_create_pool(NGX_HTTP_DITTO_COMPILED_POOL, ngx_cycle->log);
    if (nginx == NULL) {
        return ditto_fail_memory(err);
    }

    compiled = ngx_pcalloc(nginx, sizeof(ngx_http_ditto_compiled_t));
    p = ngx_pnalloc(nginx, key.len);
    pool = ngx_http_ditto_pool(nginx);

    if (compiled == NULL || p == NULL || pool == NULL) {
        ngx_destroy_pool(nginx);
        return ditto_fail_memory(err);
    }

    if (ditto_policy_compile(pool, document->document,
                             ngx_http_ditto_policy_lookup, policies, ns,
                             scope->now, &compiled->policy, err)
        != DITTO_OK)
    {
        ngx_destroy_pool(nginx);

        if (err->code == DITTO_E_INTERNAL) {
            return DITTO_ERROR;
        }

        if (ngx_http_ditto_may_log()) {
            ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                          "policy \"%V\" cannot be used: %s",
                          &document->sn.str, ditto_error_name(err));
        }

        return DITTO_DECLINED;
    }

    ngx_memcpy(p, key.data, key.len);

    compiled->sn.str.len = key.len;
    compiled->sn.str.data = p;
    compiled->sn.node.key = hash;
    compiled->pool = nginx;

    compiled->size = ditto_policy_size(compiled->policy)
                     + NGX_HTTP_DITTO_COMPILED_POOL;

    while (policies->ncompiled != 0
           && (policies->ncompiled == NGX_HTTP_DITTO_COMPILED_MAX
               || policies->size + compiled->size
                  > NGX_HTTP_DITTO_COMPILED_SIZE))
    {
        q = ngx_queue_last(&policies->lru);
        ngx_http_ditto_compiled_free(policies,
                     ngx_queue_data(q, ngx_http_ditto_compiled_t, queue));
    }

    ngx_rbtree_insert(&policies->compiled, &compiled->sn.node);
    ngx_queue_insert_head(&policies->lru, &compiled->queue);
    policies->ncompiled++;
    policies->size += compiled->size;

    *policy = compiled->policy;

    return DITTO_OK;
}


static void
ngx_http_ditto_compiled_free(ngx_http_ditto_policies_t *policies,
    ngx_http_ditto_compiled_t *compiled)
{
    ngx_rbtree_delete(&policies->compiled, &compiled->sn.node);
    ngx_queue_remove(&compiled->queue);
    policies->ncompiled--;
    policies->size -= compiled->size;

    ngx_destroy_pool(compiled->pool);
}
