
#include "ngx_http_ditto.h"


static void *ngx_http_ditto_pool_alloc(ditto_pool_t *pool, size_t size);


void
ngx_http_ditto_pool_init(ngx_http_ditto_pool_t *pool, ngx_pool_t *nginx)
{
    pool->pool.alloc = ngx_http_ditto_pool_alloc;
    pool->nginx = nginx;
}


ditto_pool_t *
ngx_http_ditto_pool(ngx_pool_t *nginx)
{
    ngx_http_ditto_pool_t  *pool;

    pool = ngx_palloc(nginx, sizeof(ngx_http_ditto_pool_t));
    if (pool == NULL) {
        return NULL;
    }

    ngx_http_ditto_pool_init(pool, nginx);

    return &pool->pool;
}


static void *
ngx_http_ditto_pool_alloc(ditto_pool_t *pool, size_t size)
{
    return ngx_palloc(((ngx_http_ditto_pool_t *) pool)->nginx, size);
}
