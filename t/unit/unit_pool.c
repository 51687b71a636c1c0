#include "unit_pool.h"

#include <stdlib.h>


struct unit_block_s {
    unit_block_t  *next;
    void          *data;
};


static void *unit_pool_alloc(ditto_pool_t *pool, size_t size);


void
unit_pool_init(unit_pool_t *up)
{
    up->pool.alloc = unit_pool_alloc;
    up->blocks = NULL;
    up->count = 0;
    up->fail_at = 0;
}


void
unit_pool_free(unit_pool_t *up)
{
    unit_block_t  *b, *next;

    for (b = up->blocks; b != NULL; b = next) {
        next = b->next;
        free(b->data);
        free(b);
    }

    up->blocks = NULL;
}


ditto_str_t
unit_span(unit_pool_t *up, const void *data, size_t len)
{
    size_t       fail_at;
    ditto_str_t  s;

    fail_at = up->fail_at;
    up->fail_at = 0;

    s.len = len;
    s.data = up->pool.alloc(&up->pool, len == 0 ? 1 : len);

    if (s.data == NULL) {
        abort();
    }

    if (len != 0) {
        memcpy((void *) (uintptr_t) s.data, data, len);
    }

    up->count--;
    up->fail_at = fail_at;

    return s;
}


ditto_str_t
unit_str(unit_pool_t *up, const char *text)
{
    return unit_span(up, text, strlen(text));
}


static void *
unit_pool_alloc(ditto_pool_t *pool, size_t size)
{
    unit_pool_t   *up = (unit_pool_t *) pool;
    unit_block_t  *b;

    if (++up->count == up->fail_at) {
        return NULL;
    }

    b = malloc(sizeof(unit_block_t));
    if (b == NULL) {
        return NULL;
    }

    b->data = malloc(size);
    if (b->data == NULL) {
        free(b);
        return NULL;
    }

    memset(b->data, 0xa5, size);

    b->next = up->blocks;
    up->blocks = b;

    return b->data;
}
