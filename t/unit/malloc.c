/*
 * What the core itself asks malloc() for, in unit tests: it fails when the pool
 * of the test says so.  The linker sends calls of malloc() here.
 */

#include <stdlib.h>

#include "unit_pool.h"


void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);


void *
__wrap_malloc(size_t size)
{
    return unit_pool_fails() ? NULL : __real_malloc(size);
}
