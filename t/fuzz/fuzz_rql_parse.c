/*
 * A filter: refused with a place in it, or kept.
 *
 * Seeds: rql_parse {filter}
 * Seeds: rql_match {filter}
 * Words: rql
 */

#include "fuzz.h"

#include "ditto_rql.h"


void
fuzz_one(unit_pool_t *up, ditto_str_t in)
{
    ditto_rql_t    *rql;
    ditto_error_t   err;

    memset(&err, 0, sizeof(err));

    if (fuzz_rc(up, ditto_rql_compile(&up->pool, in, NULL, 0, &rql, &err),
                &err)
        != DITTO_OK)
    {
        fuzz_check(up, err.offset <= in.len);
    }
}
