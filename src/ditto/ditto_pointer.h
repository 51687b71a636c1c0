/*
 * A JSON pointer as Ditto reads it: split at "/", segments taken literally
 * (no ~0 and ~1 decoding), one leading and one trailing slash optional.
 *
 * Ditto: spec "path".
 */

#ifndef _DITTO_POINTER_H_INCLUDED_
#define _DITTO_POINTER_H_INCLUDED_


#include "ditto_base.h"
#include "ditto_error.h"


typedef struct {
    ditto_str_t  *segments;      /* in a pool; NULL if n is 0 */
    size_t        n;             /* 0: the root */
} ditto_pointer_t;


/*
 * The segments point into text.  DITTO_ERROR: DITTO_E_JSON_POINTER_INVALID
 * for "//", or out of memory.
 */
ditto_rc_t ditto_pointer_parse(ditto_pool_t *pool, ditto_str_t text,
    ditto_pointer_t *pointer, ditto_error_t *err);

/*
 * The same, with "~0" decoded to "~" ("~1" stays), as the pointers of RQL
 * properties, field selectors and policy resources are read.
 */
ditto_rc_t ditto_pointer_parse_escaped(ditto_pool_t *pool, ditto_str_t text,
    ditto_pointer_t *pointer, ditto_error_t *err);

/* "/" and each segment with "~" written as "~0"; "/" for the root. */
void ditto_pointer_render(ditto_buf_t *out, const ditto_pointer_t *pointer);


#endif /* _DITTO_POINTER_H_INCLUDED_ */
