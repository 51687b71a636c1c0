/*
 * Certificates and keys of a connection.
 *
 * Seeds: connection {connection.ca}
 * Seeds: connection {connection.credentials.cert}
 * Seeds: connection {connection.credentials.key}
 * Words: pem
 */

#include "fuzz.h"

#include "ditto_pem.h"


static void fuzz_answer_of(unit_pool_t *up, ditto_rc_t rc);


void
fuzz_one(unit_pool_t *up, ditto_str_t in)
{
    fuzz_answer_of(up, ditto_pem_certificates(&up->pool, in));
    fuzz_answer_of(up, ditto_pem_private_key(&up->pool, in));
}


static void
fuzz_answer_of(unit_pool_t *up, ditto_rc_t rc)
{
    ditto_error_t  err;

    memset(&err, 0, sizeof(err));

    if (rc == DITTO_ERROR) {
        (void) ditto_fail_memory(&err);
    }

    (void) fuzz_rc(up, rc, &err);
}
