/*
 * What Ditto demands of the PEM texts of a connection, as far as it can be
 * told without cryptography: the armour, the base64, the outer structure.
 *
 * Ditto: connectivity-tls-certificates; spec section "credentials, ca".
 */

#ifndef _DITTO_PEM_H_INCLUDED_
#define _DITTO_PEM_H_INCLUDED_


#include "ditto_base.h"


/*
 * One X.509 certificate or more, text between them ignored.  DITTO_DECLINED:
 * it is something else.  DITTO_ERROR: out of memory.
 */
ditto_rc_t ditto_pem_certificates(ditto_pool_t *pool, ditto_str_t text);

/* An unencrypted RSA key as PKCS #8, and nothing else.  The same answers. */
ditto_rc_t ditto_pem_private_key(ditto_pool_t *pool, ditto_str_t text);


#endif /* _DITTO_PEM_H_INCLUDED_ */
