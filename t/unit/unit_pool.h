/*
 * A pool for tests: every allocation is its own malloc(), so that the address
 * sanitizer sees each byte beyond it; the n-th one can be made to fail.
 */

#ifndef _UNIT_POOL_H_INCLUDED_
#define _UNIT_POOL_H_INCLUDED_


#include "ditto_base.h"


typedef struct unit_block_s  unit_block_t;


typedef struct {
    ditto_pool_t   pool;         /* first: what the core gets */
    unit_block_t  *blocks;
    size_t         count;        /* allocations so far */
    size_t         fail_at;      /* 1: the first one fails; 0: none does */
} unit_pool_t;


void unit_pool_init(unit_pool_t *up);
void unit_pool_free(unit_pool_t *up);

/* A span of exactly len bytes of its own, so that over-reads are seen. */
ditto_str_t unit_span(unit_pool_t *up, const void *data, size_t len);
ditto_str_t unit_str(unit_pool_t *up, const char *text);


#endif /* _UNIT_POOL_H_INCLUDED_ */
