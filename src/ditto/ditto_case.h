/*
 * Upper and lower case of UTF-8 text by the rules of Unicode that hold in
 * every language, as Ditto's platform converts: one character may become
 * several ("ß" is "SS"), a sigma that ends a word has its own form.
 */

#ifndef _DITTO_CASE_H_INCLUDED_
#define _DITTO_CASE_H_INCLUDED_


#include "ditto_base.h"


/*
 * *out is s itself if nothing changes; else at most three times as long.
 * DITTO_ERROR: out of memory.
 */
ditto_rc_t ditto_case_lower(ditto_pool_t *pool, ditto_str_t s,
    ditto_str_t *out);
ditto_rc_t ditto_case_upper(ditto_pool_t *pool, ditto_str_t s,
    ditto_str_t *out);


#endif /* _DITTO_CASE_H_INCLUDED_ */
