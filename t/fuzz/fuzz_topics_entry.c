/*
 * An entry of "topics" and a signal.
 *
 * Seeds: topics_entry {entry}
 * Seeds: rql_match _/_/things/twin/events?filter={filter}\0{text}
 * Seeds: rql_match_enriched _/_/things/twin/events?filter={filter}&extraFields={extra_fields}\0{text}\0{extra}
 * Words: rql placeholder json envelope
 */

#include "fuzz.h"

#include "ditto_json.h"
#include "ditto_subscription.h"


static bool fuzz_entry(unit_pool_t *up, ditto_str_t text,
    ditto_subscription_t *entry);


void
fuzz_one(unit_pool_t *up, ditto_str_t in)
{
    ditto_rc_t             rc;
    ditto_str_t            extra;
    ditto_array_t          pointers;
    ditto_error_t          err;
    fuzz_scope_t           fs;
    ditto_subscription_t   entry;

    memset(&err, 0, sizeof(err));

    if (!fuzz_entry(up, fuzz_part(up, &in), &entry)
        || !fuzz_scope(up, &fs, fuzz_part(up, &in)))
    {
        return;
    }

    fs.signal.target_topic = entry.topic;

    rc = fuzz_rc(up, ditto_subscription_match(&entry, &fs.scope, &err), &err);

    if (rc != DITTO_OK) {
        return;
    }

    rc = fuzz_rc(up, ditto_subscription_fields(&entry, 1, &fs.scope, &pointers,
                                               &err), &err);

    if (rc != DITTO_OK) {
        return;
    }

    fuzz_check(up, pointers.nelts != 0);

    if (in.len != 0 && in.data[0] == '{'
        && ditto_json_validate(in, &err) == DITTO_OK)
    {
        fs.scope.extra = in;
    }

    rc = fuzz_rc(up, ditto_subscription_enrich(&entry, 1, &fs.scope, &extra,
                                               &err), &err);

    if (rc == DITTO_OK && extra.data != NULL) {
        fuzz_check(up, ditto_json_validate(extra, &err) == DITTO_OK);
    }
}


static bool
fuzz_entry(unit_pool_t *up, ditto_str_t text, ditto_subscription_t *entry)
{
    ditto_buf_t    buf;
    ditto_str_t    canonical;
    ditto_error_t  err;

    memset(&err, 0, sizeof(err));

    if (fuzz_rc(up, ditto_subscription_compile(&up->pool, text, entry, &err),
                &err)
        != DITTO_OK)
    {
        return false;
    }

    ditto_buf_init(&buf, &up->pool, 0);
    ditto_subscription_render(&buf, entry);

    if (!fuzz_done(up, &buf, &canonical)) {
        return false;
    }

    fuzz_check(up, ditto_str_eq(canonical, entry->canonical));
    fuzz_check(up, ditto_subscription_equal(entry, entry));

    (void) fuzz_rc(up, ditto_subscription_check(&up->pool, entry, &err), &err);
    (void) fuzz_rc(up, ditto_subscription_check_filter(&up->pool, entry, &err),
                   &err);

    return true;
}
