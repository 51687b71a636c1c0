/*
 * A pool for tests: every allocation is its own malloc(), so that the address
 * sanitizer sees each byte beyond it; the n-th one can be made to fail.
 */

#ifndef _UNIT_POOL_H_INCLUDED_
#define _UNIT_POOL_H_INCLUDED_


#include "ditto_base.h"
#include "ditto_error.h"


typedef struct unit_block_s  unit_block_t;


typedef struct {
    ditto_pool_t   pool;         /* first: what the core gets */
    unit_block_t  *blocks;
    size_t         count;        /* allocations so far */
    size_t         fail_at;      /* 1: the first one fails; 0: none does */
} unit_pool_t;


/* What a call needs; this does not fail. */
typedef void (*unit_setup_pt)(unit_pool_t *up, void *ctx);
typedef ditto_rc_t (*unit_call_pt)(unit_pool_t *up, void *ctx,
    ditto_error_t *err);


void unit_pool_init(unit_pool_t *up);
void unit_pool_free(unit_pool_t *up);

/*
 * From now on, until the pool is freed, what is asked of malloc() by jansson or
 * by the core (there in unit tests only) counts as allocations of the pool and
 * fails as they do.
 */
void unit_pool_malloc(unit_pool_t *up);
/* One more is asked for, by who is not given the pool: true if it fails. */
bool unit_pool_fails(void);

/* A span of exactly len bytes of its own, so that over-reads are seen. */
ditto_str_t unit_span(unit_pool_t *up, const void *data, size_t len);
ditto_str_t unit_str(unit_pool_t *up, const char *text);

/* ditto_buf_done() as a call: ditto_fail_memory() if it fails. */
ditto_rc_t unit_buf_done(const ditto_buf_t *buf, ditto_str_t *out,
    ditto_error_t *err);

/*
 * Out of memory, everywhere: setup (NULL: none) and call in a new pool for
 * each n, and the n-th allocation of call fails.  It must answer with
 * DITTO_E_INTERNAL or, unless that is DITTO_OK, as it does with memory; and
 * then once more, with memory and whatever it left behind, as it does with
 * memory.  Answers are the same if code and sentences are; what a call gives
 * it checks itself.
 *
 * Returns how many allocations call makes; SIZE_MAX: one was answered
 * otherwise, which stderr tells.
 */
size_t unit_every_allocation(unit_setup_pt setup, unit_call_pt call,
    void *ctx);


#endif /* _UNIT_POOL_H_INCLUDED_ */
