/*
 * The uri of a connection: what is shown of it does not depend on the
 * password.
 *
 * Seeds: connection {connection.uri}
 * Seed: tcp://u%3ax:p%20w@[2001:db8::1%25eth0]:1/x?y
 */

#include "fuzz.h"

#include "ditto_connection.h"


static size_t fuzz_password(ditto_str_t text, size_t *end);


void
fuzz_one(unit_pool_t *up, ditto_str_t in)
{
    size_t         start, end;
    ditto_uri_t    uri;
    ditto_buf_t    buf, masked;
    ditto_str_t    text, first, second;
    ditto_error_t  err;

    memset(&err, 0, sizeof(err));

    ditto_buf_init(&masked, &up->pool, 0);
    ditto_uri_mask(&masked, in);

    if (!fuzz_done(up, &masked, &first)
        || fuzz_rc(up, ditto_uri_parse(&up->pool, in, &uri, &err), &err)
           != DITTO_OK
        || !uri.credentials)
    {
        return;
    }

    start = fuzz_password(in, &end);
    fuzz_check(up, start != 0);

    ditto_buf_init(&buf, &up->pool, 0);
    ditto_buf_str(&buf, ditto_str_sub(in, 0, start));
    ditto_buf_text(&buf, "another");
    ditto_buf_str(&buf, ditto_str_sub(in, end, in.len));

    if (!fuzz_done(up, &buf, &text)) {
        return;
    }

    ditto_buf_init(&masked, &up->pool, 0);
    ditto_uri_mask(&masked, text);

    if (fuzz_done(up, &masked, &second)) {
        fuzz_check(up, ditto_str_eq(first, second));
    }
}


/* Between the first colon, escaped or not, and the @; 0: there is none. */
static size_t
fuzz_password(ditto_str_t text, size_t *end)
{
    size_t  i;

    *end = ditto_str_chr(text, '@', 0);

    for (i = ditto_str_find(text, ditto_str("://")) + 3; i < *end; i++) {

        if (text.data[i] == ':') {
            return i + 1;
        }

        if (ditto_str_caseeq(ditto_str_sub(text, i, i + 3), ditto_str("%3a")))
        {
            return i + 3;
        }
    }

    return 0;
}
