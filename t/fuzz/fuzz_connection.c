/*
 * A connection document: what is written is accepted and written the same,
 * unless an entry of "topics" is none or another one when it is written: Ditto
 * decodes its parameters and does not encode them again.
 *
 * Seeds: connection {connection}{text}
 * Seeds: outbound {connection}
 * Words: json connection placeholder rql
 */

#include "fuzz.h"

#include "ditto_connection.h"
#include "ditto_json.h"


static bool fuzz_topics(unit_pool_t *up, const ditto_connection_t *c);


void
fuzz_one(unit_pool_t *up, ditto_str_t in)
{
    ditto_buf_t          buf, again;
    ditto_str_t          text, second, place;
    ditto_error_t        err;
    ditto_connection_t   c;

    memset(&err, 0, sizeof(err));

    if (fuzz_rc(up, ditto_connection_parse(&up->pool, in, &c, &place, &err),
                &err)
        != DITTO_OK)
    {
        return;
    }

    ditto_buf_init(&buf, &up->pool, 0);
    ditto_connection_brokers(&buf, &c);

    if (!fuzz_done(up, &buf, &text)) {
        return;
    }

    ditto_buf_init(&buf, &up->pool, 0);
    ditto_connection_render(&buf, &c, true);

    if (!fuzz_done(up, &buf, &text)) {
        return;
    }

    fuzz_check(up, ditto_json_validate(text, &err) == DITTO_OK);

    ditto_buf_init(&buf, &up->pool, 0);
    ditto_connection_render(&buf, &c, false);

    if (!fuzz_done(up, &buf, &text) || !fuzz_topics(up, &c)) {
        return;
    }

    if (fuzz_rc(up, ditto_connection_parse(&up->pool, text, &c, &place, &err),
                &err)
        != DITTO_OK)
    {
        fuzz_check(up, false);
        return;
    }

    ditto_buf_init(&again, &up->pool, 0);
    ditto_connection_render(&again, &c, false);

    if (fuzz_done(up, &again, &second)) {
        fuzz_check(up, ditto_str_eq(text, second));
    }
}


/* True if all of them can be read again as they are written. */
static bool
fuzz_topics(unit_pool_t *up, const ditto_connection_t *c)
{
    size_t                       i, j;
    ditto_error_t                err;
    ditto_subscription_t         again;
    const ditto_target_t        *target;
    const ditto_subscription_t  *ft;

    memset(&err, 0, sizeof(err));

    for (i = 0, target = c->targets.elts; i < c->targets.nelts; i++) {

        ft = target[i].topics.elts;

        for (j = 0; j < target[i].topics.nelts; j++) {

            if (fuzz_rc(up, ditto_subscription_compile(&up->pool,
                                                       ft[j].canonical,
                                                       &again, &err), &err)
                != DITTO_OK
                || !ditto_subscription_equal(&ft[j], &again))
            {
                return false;
            }
        }
    }

    return true;
}
