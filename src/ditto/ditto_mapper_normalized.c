/*
 * The mapper Normalized: an event as the thing it makes.
 *
 * Ditto: connectivity-mapping "Normalized mapper"; spec section "Normalized".
 */

#include "ditto_json_select.h"
#include "ditto_mapper_private.h"


ditto_rc_t
ditto_mapper_normalized_compile(ditto_pool_t *pool, ditto_str_t options,
    const void **rule, ditto_error_t *err)
{
    ditto_rc_t     rc;
    ditto_str_t    fields;
    ditto_array_t  pointers;

    (void) rule;

    rc = ditto_mapper_option(pool, options, "fields", &fields, err);

    if (rc != DITTO_OK || fields.len == 0) {
        return (rc == DITTO_ERROR) ? DITTO_ERROR : DITTO_OK;
    }

    ditto_array_init(&pointers, pool, sizeof(ditto_str_t));

    if (ditto_selector_parse(pool, fields, &pointers, err) != DITTO_OK) {
        return ditto_fail_as(pool, err, DITTO_E_CONNECTION_CONFIGURATION);
    }

    return DITTO_OK;
}
