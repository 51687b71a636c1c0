/*
 * Memory for the time of one call: chunks of malloc(), given back together.
 */

#include <stdlib.h>

#include "ditto_policy_private.h"


/* bytes; 0: each piece is alone, so that a sanitizer sees where it ends */
#ifndef DITTO_SCRATCH_CHUNK
#define DITTO_SCRATCH_CHUNK  16384
#endif

#define DITTO_SCRATCH_SMALL  (DITTO_SCRATCH_CHUNK / 16)  /* larger: alone */


struct ditto_scratch_block_s {
    ditto_scratch_block_t  *next;
};


static void *ditto_scratch_alloc(ditto_pool_t *pool, size_t size);


void
ditto_scratch_init(ditto_scratch_t *scratch)
{
    ditto_pool_init(&scratch->pool, ditto_scratch_alloc);
    scratch->blocks = NULL;
}


void
ditto_scratch_free(ditto_scratch_t *scratch)
{
    ditto_scratch_block_t  *block, *next;

    for (block = scratch->blocks; block != NULL; block = next) {
        next = block->next;
        free(block);
    }

    scratch->blocks = NULL;
}


static void *
ditto_scratch_alloc(ditto_pool_t *pool, size_t size)
{
    unsigned char          *p;
    ditto_scratch_t        *scratch;
    ditto_scratch_block_t  *block;

    scratch = (ditto_scratch_t *) pool;
    size = (size + DITTO_ALIGNMENT - 1) & ~(DITTO_ALIGNMENT - 1);

    block = malloc(sizeof(ditto_scratch_block_t)
                   + (size > DITTO_SCRATCH_SMALL ? size : DITTO_SCRATCH_CHUNK));
    if (block == NULL) {
        return NULL;
    }

    block->next = scratch->blocks;
    scratch->blocks = block;

    p = (unsigned char *) (block + 1);

    if (size <= DITTO_SCRATCH_SMALL) {
        pool->pos = p + size;
        pool->left = DITTO_SCRATCH_CHUNK - size;
    }

    return p;
}
