/*
 * An envelope, written again, is accepted and is written the same: as JSON,
 * for the headers that Ditto sets itself move once, and then byte by byte.
 * A "~" in the path is written as "~0" each time, as Ditto does it.
 *
 * Seeds: envelope {text}
 * Seeds: rql_match {text}
 * Words: json envelope
 */

#include "fuzz.h"

#include "ditto_json.h"
#include "ditto_signal.h"
#include "unit_jansson.h"


static bool fuzz_again(unit_pool_t *up, ditto_str_t in, ditto_str_t *out,
    bool *tilde);


void
fuzz_one(unit_pool_t *up, ditto_str_t in)
{
    bool          tilde;
    json_t       *json, *other;
    ditto_str_t   first, second, third;

    if (!fuzz_again(up, in, &first, &tilde)) {
        return;
    }

    if (!fuzz_again(up, first, &second, &tilde)
        || !fuzz_again(up, second, &third, &tilde))
    {
        fuzz_check(up, false);
        return;
    }

    if (tilde) {
        return;
    }

    json = unit_jansson(first);
    other = unit_jansson(second);

    fuzz_check(up, json != NULL && json_equal(json, other));
    fuzz_check(up, ditto_str_eq(second, third));

    json_decref(json);
    json_decref(other);
}


static bool
fuzz_again(unit_pool_t *up, ditto_str_t in, ditto_str_t *out, bool *tilde)
{
    ditto_buf_t      buf;
    ditto_str_t      none = ditto_null_string;
    ditto_error_t    err;
    ditto_signal_t   signal;

    memset(&err, 0, sizeof(err));

    if (fuzz_rc(up, ditto_signal_parse(&up->pool, in, &signal, &err), &err)
        != DITTO_OK)
    {
        return false;
    }

    *tilde = ditto_str_chr(signal.path, '~', 0) != signal.path.len;

    ditto_buf_init(&buf, &up->pool, 0);

    return fuzz_rc(up, ditto_signal_render(&buf, &signal, NULL, none, &err),
                   &err)
           == DITTO_OK
           && fuzz_done(up, &buf, out);
}
