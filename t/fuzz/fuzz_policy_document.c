/*
 * A policy document: what is accepted when it is put is accepted by the other
 * readers, too, and what is written is read again and written the same.
 *
 * Seeds: policy_document {policy}{text}
 * Words: json policy
 */

#include "fuzz.h"

#include "ditto_policy.h"


void
fuzz_one(unit_pool_t *up, ditto_str_t in)
{
    ditto_rc_t                rc;
    ditto_str_t               place, text, second;
    ditto_buf_t               buf, again;
    ditto_time_t              now = { 1787047200, 0 };
    ditto_error_t             err;
    ditto_policy_document_t  *document;

    memset(&err, 0, sizeof(err));
    unit_pool_malloc(up);

    rc = fuzz_rc(up, ditto_policy_document_parse(&up->pool, in, now, &document,
                                                 &place, &err), &err);

    if (rc == DITTO_OK) {
        (void) fuzz_rc(up, ditto_policy_document_check_id(document, &err),
                       &err);
    }

    if (fuzz_rc(up, ditto_policy_document_read(&up->pool, in, &document,
                                               &place, &err), &err)
        != DITTO_OK)
    {
        fuzz_check(up, rc != DITTO_OK);
        return;
    }

    ditto_buf_init(&buf, &up->pool, 0);
    ditto_policy_document_render(&buf, document);

    if (!fuzz_done(up, &buf, &text)) {
        return;
    }

    if (fuzz_rc(up, ditto_policy_document_load(&up->pool, text, &document,
                                               &place, &err), &err)
        != DITTO_OK)
    {
        fuzz_check(up, false);
        return;
    }

    ditto_buf_init(&again, &up->pool, 0);
    ditto_policy_document_render(&again, document);

    if (fuzz_done(up, &again, &second)) {
        fuzz_check(up, ditto_str_eq(text, second));
    }
}
