/*
 * Instants: both readers agree, and what is written is read as the same
 * moment and written the same.
 *
 * Seed: 2024-01-02T03:04:05.678Z
 * Seed: -0001-12-31t23:59:60,123456789z
 * Seed: +1000000000-12-31T23:59:59.999999999+18:00
 * Seed: 2024-02-29T24:00:00-00:30:15
 * Seed: 2024-01-02T03:04Z
 * Seeds: policy_document {policy}{text}
 */

#include "fuzz.h"

#include "ditto_instant.h"
#include "ditto_time.h"


void
fuzz_one(unit_pool_t *up, ditto_str_t in)
{
    ditto_rc_t              rc;
    ditto_buf_t             buf;
    ditto_str_t             text;
    ditto_time_t            t, again;
    ditto_instant_t         instant;
    ditto_instant_error_t   error;

    rc = ditto_time_parse(in, &t);

    fuzz_check(up, rc == ditto_instant_parse(in, &instant, &error));

    if (rc != DITTO_OK) {
        fuzz_check(up, rc == DITTO_DECLINED && error.index <= in.len);

        if (ditto_time_parse_offset(in, &t) != DITTO_OK) {
            return;
        }

    } else {
        fuzz_check(up, ditto_time_compare(t, instant) == 0);
    }

    fuzz_check(up, t.nsec < 1000000000);

    ditto_buf_init(&buf, &up->pool, 0);
    ditto_time_render(&buf, t);

    if (!fuzz_done(up, &buf, &text)
        || t.sec < DITTO_TIME_MIN || t.sec > DITTO_TIME_MAX)
    {
        return;
    }

    fuzz_check(up, ditto_time_parse(text, &again) == DITTO_OK
                   && ditto_time_compare(t, again) == 0);
    fuzz_check(up, rc != DITTO_OK || !ditto_instant_normal(in, &t)
                   || ditto_str_eq(in, text));

    ditto_buf_init(&buf, &up->pool, 0);
    ditto_instant_render(&buf, &t);

    if (fuzz_done(up, &buf, &in)) {
        fuzz_check(up, ditto_str_eq(in, text));
    }
}
