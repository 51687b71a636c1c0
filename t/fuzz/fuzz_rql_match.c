/*
 * A filter and an event.  Without fields to fetch both phases must agree, but
 * for an event of which Ditto makes no thing: it never passes phase 1.
 *
 * Seeds: rql_match {filter}\0{text}
 * Seeds: rql_match_enriched {filter}\0{text}\0{extra}
 * Words: rql json envelope
 */

#include "fuzz.h"

#include "ditto_json.h"
#include "ditto_rql.h"
#include "ditto_thing.h"


void
fuzz_one(unit_pool_t *up, ditto_str_t in)
{
    ditto_rc_t      possible, match;
    ditto_str_t     filter, text;
    ditto_rql_t    *rql;
    ditto_error_t   err;
    fuzz_scope_t    fs;

    memset(&err, 0, sizeof(err));

    filter = fuzz_part(up, &in);
    text = fuzz_part(up, &in);

    if (fuzz_rc(up, ditto_rql_compile(&up->pool, filter, NULL, 0, &rql, &err),
                &err)
        != DITTO_OK
        || !fuzz_scope(up, &fs, text))
    {
        return;
    }

    possible = fuzz_rc(up, ditto_rql_possible(rql, &fs.scope, &err), &err);

    if (in.len != 0 && in.data[0] == '{'
        && ditto_json_validate(in, &err) == DITTO_OK)
    {
        fs.scope.extra = in;
    }

    match = fuzz_rc(up, ditto_rql_match(rql, &fs.scope, &err), &err);

    if (fs.scope.extra.len == 0
        && ditto_thing_check(&fs.scope, &err) == DITTO_OK)
    {
        fuzz_check(up, possible == DITTO_ERROR || match == DITTO_ERROR
                       || possible == match);
    }
}
