/*
 * Source enforcement: an input, two filters, a signal.  What one of the
 * filters makes of the entity is let in, nothing else.
 *
 * Seeds: enforcement {thing_id}\0{filters}
 * Seeds: envelope org.acme:pump-7\0{{ thing:id }}\0{{ policy:name }}\0{text}
 * Words: placeholder envelope
 */

#include "fuzz.h"

#include "ditto_enforcement.h"


void
fuzz_one(unit_pool_t *up, ditto_str_t in)
{
    size_t                index;
    ditto_rc_t            rc;
    ditto_str_t           input, filters[2];
    fuzz_scope_t          fs;
    ditto_error_t         err;
    ditto_enforcement_t  *rule;

    memset(&err, 0, sizeof(err));

    input = fuzz_part(up, &in);
    filters[0] = fuzz_part(up, &in);
    filters[1] = fuzz_part(up, &in);

    rc = fuzz_rc(up, ditto_enforcement_compile(&up->pool, filters, 2, &rule,
                                               &index, &err), &err);

    fuzz_check(up, rc == DITTO_OK || index < 2);
    fuzz_check(up, rule != NULL);

    if (rule == NULL || !fuzz_scope(up, &fs, fuzz_part(up, &in))) {
        return;
    }

    rc = fuzz_rc(up, ditto_enforcement_check(rule, &fs.scope, input, &err),
                 &err);

    fuzz_check(up, rc != DITTO_DECLINED);
    fuzz_check(up, rc != DITTO_OK || fs.signal.entity != DITTO_ENTITY_NONE);
}
