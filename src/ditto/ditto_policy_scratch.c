/*
 * Memory for the time of one call: chunks of malloc(), given back together.
 */

#include <stdlib.h>

#include "ditto_policy_private.h"


#define DITTO_SCRATCH_CHUNK  16384       /* bytes */
#define DITTO_SCRATCH_SMALL  1024        /* bytes; larger ones are alone */


struct ditto_scratch_block_s {
    ditto_scratch_block_t  *next;
    size_t                  used;
    size_t                  size;
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
    void                   *p;
    size_t                  chunk;
    ditto_scratch_t        *scratch;
    ditto_scratch_block_t  *block;

    scratch = (ditto_scratch_t *) pool;
    size = (size + 15) & ~(size_t) 15;

    block = scratch->blocks;

    if (block == NULL || block->size - block->used < size) {

        chunk = (size > DITTO_SCRATCH_SMALL) ? size : DITTO_SCRATCH_CHUNK;

        block = malloc(((sizeof(ditto_scratch_block_t) + 15)
                        & ~(size_t) 15) + chunk);
        if (block == NULL) {
            return NULL;
        }

        block->used = 0;
        block->size = chunk;

        /* one that is full at once goes behind the one that is not */

        if (size > DITTO_SCRATCH_SMALL && scratch->blocks != NULL) {
            block->next = scratch->blocks->next;
            scratch->blocks->next = block;

        } else {
            block->next = scratch->blocks;
            scratch->blocks = block;
        }
    }

    p = (unsigned char *) block + ((sizeof(ditto_scratch_block_t) + 15)
                                   & ~(size_t) 15) + block->used;
    block->used += size;

    return p;
}
