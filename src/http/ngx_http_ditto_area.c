
/*
 * Memory that the master fills while it reads the configuration and that no
 * worker writes to, so that they share it after fork: chunks mapped from the
 * kernel, things one behind the other.  malloc() would mix it with what is
 * freed again, and keep what a reload gives back.
 */

#include "ngx_http_ditto.h"

#include <sys/mman.h>


#define NGX_HTTP_DITTO_AREA_FIRST  (64 * 1024)           /* bytes */
#define NGX_HTTP_DITTO_AREA_MAX    (8 * 1024 * 1024)     /* chunks grow */
#define NGX_HTTP_DITTO_HUGE_PAGE   (2 * 1024 * 1024)     /* bytes, of most */


struct ngx_http_ditto_chunk_s {
    ngx_http_ditto_chunk_t  *next;
    void                    *data;
    size_t                   size;
};


static void *ngx_http_ditto_area_alloc(ditto_pool_t *pool, size_t size);
static void ngx_http_ditto_area_cleanup(void *data);


ngx_http_ditto_area_t *
ngx_http_ditto_area_create(ngx_pool_t *nginx)
{
    ngx_http_ditto_area_t  *area;

    area = ngx_pcalloc(nginx, sizeof(ngx_http_ditto_area_t));
    if (area == NULL) {
        return NULL;
    }

    ditto_pool_init(&area->pool, ngx_http_ditto_area_alloc);
    area->nginx = nginx;

    return area;
}


/* Another chunk, of which all is put aside that is not asked for now. */

static void *
ngx_http_ditto_area_alloc(ditto_pool_t *pool, size_t size)
{
    ngx_pool_cleanup_t      *cln;
    ngx_http_ditto_area_t   *area;
    ngx_http_ditto_chunk_t  *chunk;

    area = (ngx_http_ditto_area_t *) pool;

    cln = ngx_pool_cleanup_add(area->nginx, sizeof(ngx_http_ditto_chunk_t));
    if (cln == NULL) {
        return NULL;
    }

    chunk = cln->data;

    chunk->size = (area->chunks == NULL) ? NGX_HTTP_DITTO_AREA_FIRST
                                         : 2 * area->chunks->size;
    chunk->size = ngx_min(chunk->size, NGX_HTTP_DITTO_AREA_MAX);
    chunk->size = ngx_align(ngx_max(size, chunk->size), ngx_pagesize);

    chunk->data = ngx_http_ditto_area_map(chunk->size, area->nginx->log);

    if (chunk->data == NULL) {
        return NULL;
    }

    cln->handler = ngx_http_ditto_area_cleanup;

#if defined(MADV_HUGEPAGE)

    /*
     * With pages of 4 KB each look at one of many things would find its page
     * by three or four more.  A kernel that has no others says so; never mind.
     */

    if (chunk->size >= 2 * NGX_HTTP_DITTO_HUGE_PAGE) {
        (void) madvise(chunk->data, chunk->size, MADV_HUGEPAGE);
    }

#endif

    chunk->next = area->chunks;
    area->chunks = chunk;

    size = ngx_align(size, DITTO_ALIGNMENT);

    pool->pos = (u_char *) chunk->data + size;
    pool->left = chunk->size - size;

    return chunk->data;
}


static void
ngx_http_ditto_area_cleanup(void *data)
{
    ngx_http_ditto_chunk_t *chunk = data;

    ngx_http_ditto_area_unmap(chunk->data, chunk->size, ngx_cycle->log);
}


ngx_int_t
ngx_http_ditto_area_seal(ngx_http_ditto_area_t *area)
{
    ngx_http_ditto_chunk_t  *chunk;

    for (chunk = area->chunks; chunk != NULL; chunk = chunk->next) {
        if (mprotect(chunk->data, chunk->size, PROT_READ) == -1) {
            ngx_log_error(NGX_LOG_EMERG, area->nginx->log, ngx_errno,
                          "mprotect(%uz) failed", chunk->size);
            return NGX_ERROR;
        }
    }

    area->pool.left = 0;

    return NGX_OK;
}


void *
ngx_http_ditto_area_map(size_t size, ngx_log_t *log)
{
    void  *p;

    p = mmap(NULL, size, PROT_READ|PROT_WRITE, MAP_ANON|MAP_PRIVATE, -1, 0);

    if (p == MAP_FAILED) {
        ngx_log_error(NGX_LOG_EMERG, log, ngx_errno, "mmap(%uz) failed", size);
        return NULL;
    }

    return p;
}


void
ngx_http_ditto_area_unmap(void *p, size_t size, ngx_log_t *log)
{
    if (munmap(p, size) == -1) {
        ngx_log_error(NGX_LOG_ALERT, log, ngx_errno, "munmap(%p, %uz) failed",
                      p, size);
    }
}
