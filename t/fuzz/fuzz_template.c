/*
 * A template for the place that its first byte names, resolved for a message.
 *
 * Seeds: template 0{template}\0{text}
 * Seeds: template 1{template}\0{text}
 * Seeds: template 2{template}\0{text}
 * Seeds: enforcement 4{input}
 * Seeds: rql_parse 5{filter}
 * Words: placeholder envelope
 */

#include "fuzz.h"

#include "ditto_address.h"
#include "ditto_template.h"


void
fuzz_one(unit_pool_t *up, ditto_str_t in)
{
    bool               deleted;
    ditto_rc_t         rc, first;
    ditto_str_t        text, value, all = ditto_null_string;
    ditto_error_t      err;
    fuzz_scope_t       fs;
    ditto_place_e      place;
    ditto_values_t     values;
    ditto_address_t    address;
    ditto_template_t  *tpl;

    memset(&err, 0, sizeof(err));

    if (in.len == 0) {
        return;
    }

    place = in.data[0] % (DITTO_PLACE_RQL_VALUE + 1);
    in = ditto_str_sub(in, 1, in.len);

    text = fuzz_part(up, &in);

    if (place == DITTO_PLACE_ADDRESS) {
        (void) fuzz_rc(up, ditto_address_compile(&up->pool, text, &tpl, &err),
                       &err);
    }

    if (fuzz_rc(up, ditto_template_compile(&up->pool, text, place, &tpl, &err),
                &err)
        != DITTO_OK)
    {
        fuzz_check(up, err.offset <= text.len);
        return;
    }

    rc = fuzz_rc(up, ditto_template_check(&up->pool, tpl, ditto_str("dummy"),
                                          &value, &err), &err);

    fuzz_check(up, !ditto_template_is_static(tpl)
                   || (rc == DITTO_OK && ditto_str_eq(value, text)));

    if (!fuzz_scope(up, &fs, fuzz_part(up, &in))) {
        return;
    }

    first = fuzz_rc(up, ditto_template_resolve(tpl, &fs.scope, &value, &err),
                    &err);
    rc = fuzz_rc(up, ditto_template_values(tpl, &fs.scope, all, &values,
                                           &deleted, &err), &err);

    fuzz_check(up, first == rc);
    fuzz_check(up, rc != DITTO_OK || (values.n != 0
                                      && ditto_str_eq(value, values.elts[0])));
    fuzz_check(up, !ditto_template_is_static(tpl)
                   || (rc == DITTO_OK && ditto_str_eq(value, text)));

    if (first == DITTO_OK
        && fuzz_rc(up, ditto_address_parse(&address, value, &err), &err)
           == DITTO_OK)
    {
        fuzz_check(up, ditto_kafka_topic_valid(address.topic));
        fuzz_check(up, !address.has_partition || address.partition >= 0);
    }
}
