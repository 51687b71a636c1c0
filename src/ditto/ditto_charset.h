/*
 * Text in the character set that a content type names.
 *
 * Ditto: spec section "Record construction", "charset".
 */

#ifndef _DITTO_CHARSET_H_INCLUDED_
#define _DITTO_CHARSET_H_INCLUDED_


#include "ditto_base.h"


/*
 * The parameter charset of a content type, unquoted; data is NULL if there is
 * none, or if it names UTF-8.
 */
ditto_str_t ditto_charset_of(ditto_str_t content_type);

/*
 * UTF-8 text in another character set, by a name that Java has for it, "?" for
 * what it does not have.  Another name: *out is text itself, as Ditto falls
 * back to UTF-8.  DITTO_ERROR: out of memory.
 */
ditto_rc_t ditto_charset_encode(ditto_pool_t *pool, ditto_str_t charset,
    ditto_str_t text, ditto_str_t *out);


#endif /* _DITTO_CHARSET_H_INCLUDED_ */
