
#include "ngx_http_ditto.h"


#define NGX_HTTP_DITTO_PIECE  1024       /* bytes put aside at once */


static void *ngx_http_ditto_pool_alloc(ditto_pool_t *pool, size_t size);


void
ngx_http_ditto_pool_init(ngx_http_ditto_pool_t *pool, ngx_pool_t *nginx)
{
    ditto_pool_init(&pool->pool, ngx_http_ditto_pool_alloc);
    pool->nginx = nginx;
    pool->piece = 0;
}


void
ngx_http_ditto_pool_aside(ngx_http_ditto_pool_t *pool, u_char *p, size_t size)
{
    pool->pool.pos = p;
    pool->pool.left = size;
    pool->piece = NGX_HTTP_DITTO_PIECE;
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
    u_char                 *p;
    ngx_http_ditto_pool_t  *hp;

    hp = (ngx_http_ditto_pool_t *) pool;

    if (size > hp->piece / 4) {
        return ngx_palloc(hp->nginx, size);
    }

    p = ngx_palloc(hp->nginx, hp->piece);
    if (p == NULL) {
        return NULL;
    }

    size = ngx_align(size, DITTO_ALIGNMENT);

    pool->pos = p + size;
    pool->left = hp->piece - size;

    return p;
}
