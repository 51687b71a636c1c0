
/*
 * Policies that the worker compiles itself, because the one of the master does
 * not do: it is for things of another namespace, or a subject in it has
 * expired.  Those that were asked for longest ago go when the others need
 * their memory.
 */

#include "ngx_http_ditto_policy.h"


#define NGX_HTTP_DITTO_COMPILED_POOL  512        /* bytes to begin with */


typedef struct {
    ngx_str_node_t              sn;          /* by policy id, NUL, namespace */
    ngx_queue_t                 queue;       /* least recently used last */
    ngx_pool_t                 *pool;        /* holds all of it */
    ditto_policy_t             *policy;
    size_t                      size;        /* bytes, about */
} ngx_http_ditto_compiled_t;


static ngx_http_ditto_compiled_t *ngx_http_ditto_compiled_create(
    ngx_http_ditto_policies_t *policies,
    const ngx_http_ditto_policy_entry_t *entry, ditto_str_t ns,
    const ditto_scope_t *scope, ngx_str_t *key, ditto_error_t *err);
static void ngx_http_ditto_compiled_free(ngx_http_ditto_policies_t *policies,
    ngx_http_ditto_compiled_t *compiled);


void
ngx_http_ditto_policy_cache_init(ngx_http_ditto_policies_t *policies,
    size_t max)
{
    ngx_rbtree_init(&policies->tree, &policies->sentinel,
                    ngx_str_rbtree_insert_value);
    ngx_queue_init(&policies->lru);

    policies->size = 0;
    policies->max = max;
}


ditto_rc_t
ngx_http_ditto_policy_cached(ngx_http_ditto_policies_t *policies,
    const ngx_http_ditto_policy_entry_t *entry, ditto_str_t ns,
    const ditto_scope_t *scope, const ditto_policy_t **policy,
    ditto_error_t *err)
{
    u_char                     *p;
    uint32_t                    hash;
    ngx_str_t                   key;
    ngx_queue_t                *q;
    ngx_http_ditto_compiled_t  *compiled;

    /* no namespace is not the empty one */

    key.len = entry->len + (ns.data != NULL ? 1 + ns.len : 0);
    key.data = ditto_alloc(scope->pool, key.len);

    if (key.data == NULL) {
        return ditto_fail_memory(err);
    }

    p = ngx_cpymem(key.data, entry->id, entry->len);

    if (ns.data != NULL) {
        *p++ = '\0';
        ngx_memcpy(p, ns.data, ns.len);
    }

    hash = ngx_murmur_hash2(key.data, key.len);

    compiled = (ngx_http_ditto_compiled_t *)
                   ngx_str_rbtree_lookup(&policies->tree, &key, hash);

    if (compiled != NULL) {

        if (ditto_policy_expires(compiled->policy) > scope->now.sec) {
            ngx_queue_remove(&compiled->queue);
            ngx_queue_insert_head(&policies->lru, &compiled->queue);

            *policy = compiled->policy;
            return DITTO_OK;
        }

        ngx_http_ditto_compiled_free(policies, compiled);
    }

    compiled = ngx_http_ditto_compiled_create(policies, entry, ns, scope, &key,
                                              err);

    if (compiled == NULL) {

        if (err->code == DITTO_E_INTERNAL) {
            return DITTO_ERROR;
        }

        if (ngx_http_ditto_may_log()) {
            ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                          "policy \"%*s\" cannot be used: %s",
                          (size_t) entry->len, entry->id,
                          ditto_error_name(err));
        }

        return DITTO_DECLINED;
    }

    compiled->sn.node.key = hash;

    while (!ngx_queue_empty(&policies->lru)
           && policies->size + compiled->size > policies->max)
    {
        q = ngx_queue_last(&policies->lru);
        ngx_http_ditto_compiled_free(policies,
                     ngx_queue_data(q, ngx_http_ditto_compiled_t, queue));
    }

    ngx_rbtree_insert(&policies->tree, &compiled->sn.node);
    ngx_queue_insert_head(&policies->lru, &compiled->queue);
    policies->size += compiled->size;

    *policy = compiled->policy;

    return DITTO_OK;
}


static ngx_http_ditto_compiled_t *
ngx_http_ditto_compiled_create(ngx_http_ditto_policies_t *policies,
    const ngx_http_ditto_policy_entry_t *entry, ditto_str_t ns,
    const ditto_scope_t *scope, ngx_str_t *key, ditto_error_t *err)
{
    ngx_pool_t                 *nginx;
    ditto_pool_t               *pool;
    ngx_http_ditto_compiled_t  *compiled;

    nginx = ngx_create_pool(NGX_HTTP_DITTO_COMPILED_POOL, ngx_cycle->log);
    if (nginx == NULL) {
        (void) ditto_fail_memory(err);
        return NULL;
    }

    compiled = ngx_pcalloc(nginx, sizeof(ngx_http_ditto_compiled_t));
    pool = ngx_http_ditto_pool(nginx);

    if (compiled == NULL || pool == NULL) {
        (void) ditto_fail_memory(err);
        goto failed;
    }

    compiled->pool = nginx;
    compiled->sn.str.len = key->len;
    compiled->sn.str.data = ngx_pstrdup(nginx, key);

    if (compiled->sn.str.data == NULL) {
        (void) ditto_fail_memory(err);
        goto failed;
    }

    if (ditto_policy_compile(pool, entry->document,
                             ngx_http_ditto_policy_lookup, policies, ns,
                             scope->now, &compiled->policy, err)
        != DITTO_OK)
    {
        goto failed;
    }

    compiled->size = NGX_HTTP_DITTO_COMPILED_POOL
                     + ditto_policy_size(compiled->policy);

    return compiled;

failed:

    ngx_destroy_pool(nginx);

    return NULL;
}


static void
ngx_http_ditto_compiled_free(ngx_http_ditto_policies_t *policies,
    ngx_http_ditto_compiled_t *compiled)
{
    ngx_rbtree_delete(&policies->tree, &compiled->sn.node);
    ngx_queue_remove(&compiled->queue);
    policies->size -= compiled->size;

    ngx_destroy_pool(compiled->pool);
}
