/*
 * Forms that Ditto's platform decodes for it: numbers with the digits of any
 * script, percent escapes, and bytes which should have been UTF-8.
 */

#ifndef _DITTO_DECODE_H_INCLUDED_
#define _DITTO_DECODE_H_INCLUDED_


#include "ditto_base.h"
#include "ditto_error.h"


/*
 * The value of the digit that begins at s.data[at], 0 .. radix - 1 (radix at
 * most 16), and in size its bytes; -1 if there is none.
 */
int ditto_decode_digit(ditto_str_t s, size_t at, unsigned radix, size_t *size);

/* A 32-bit number with an optional sign and nothing else. */
bool ditto_decode_int32(ditto_str_t s, int32_t *value);

/*
 * A name or value of application/x-www-form-urlencoded.  Without escapes *out
 * is s itself.  DITTO_ERROR: DITTO_E_JSON_FORMAT_INVALID with the sentence of
 * Ditto's platform and the offset of the escape in s.
 */
ditto_rc_t ditto_decode_form(ditto_pool_t *pool, ditto_str_t s,
    ditto_str_t *out, ditto_error_t *err);

/*
 * Percent escapes only; one that is malformed stands for itself.  Without
 * escapes *out is s itself.  DITTO_ERROR: out of memory.
 */
ditto_rc_t ditto_decode_percent(ditto_pool_t *pool, ditto_str_t s,
    ditto_str_t *out);

/* Adds bytes, U+FFFD for what is not UTF-8. */
void ditto_decode_utf8(ditto_buf_t *out, ditto_str_t bytes);

/* Bytes of the character at s.data[at], which must exist; at least 1. */
size_t ditto_decode_char(ditto_str_t s, size_t at, uint32_t *c);


#endif /* _DITTO_DECODE_H_INCLUDED_ */
