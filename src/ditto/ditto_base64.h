/*
 * Base64 with the standard alphabet (RFC 4648), read as leniently as Ditto's
 * platform reads it.
 */

#ifndef _DITTO_BASE64_H_INCLUDED_
#define _DITTO_BASE64_H_INCLUDED_


#include "ditto_base.h"


/* Bytes that encoding len bytes takes. */
#define ditto_base64_encoded(len)  (((len) + 2) / 3 * 4)

/* Bytes that decoding len bytes needs room for. */
#define ditto_base64_decoded(len)  ((len) / 4 * 3 + 3)


/* Writes ditto_base64_encoded(bytes.len) bytes, padded. */
void ditto_base64_encode(unsigned char *p, ditto_str_t bytes);

/*
 * p: room for ditto_base64_decoded(s.len).  The padding may be missing, but
 * what is there of it must be complete, and nothing follows it; bits that are
 * left over may be set.  False: s is no base64.
 */
bool ditto_base64_decode(ditto_str_t s, unsigned char *p, size_t *len);

/* True if s is what encoding the bytes of it gives. */
bool ditto_base64_canonical(ditto_str_t s);


#endif /* _DITTO_BASE64_H_INCLUDED_ */
