/*
 * Options of mappers that Ditto checks when a connection is created and that
 * are not used here afterwards.
 *
 * Ditto: connectivity-mapping; spec sections "JavaScript",
 * "ConnectionStatus", "ImplicitThingCreation".
 */

#include "ditto_decode.h"
#include "ditto_json.h"
#include "ditto_mapper_private.h"


#define DITTO_SCRIPT_MAX  50000      /* UTF-16 units, which Ditto calls bytes */


static size_t ditto_mapper_units(ditto_str_t text);


/* spec: JavaScript, "script size" */
ditto_rc_t
ditto_mapper_javascript_compile(ditto_pool_t *pool, ditto_str_t options,
    const void **rule, ditto_error_t *err)
{
    size_t       i, units[2];
    ditto_rc_t   rc;
    ditto_buf_t  buf;
    ditto_str_t  script, sizes[2];

    static const char *const  names[] = { "incomingScript", "outgoingScript" };

    (void) rule;

    for (i = 0; i < 2; i++) {

        rc = ditto_mapper_option(pool, options, names[i], &script, err);
        if (rc == DITTO_ERROR) {
            return DITTO_ERROR;
        }

        units[i] = (rc == DITTO_OK) ? ditto_mapper_units(script) : 0;

        ditto_buf_init(&buf, pool, 20);
        ditto_buf_int(&buf, (int64_t) units[i]);

        if (ditto_buf_done(&buf, &sizes[i]) != DITTO_OK) {
            return ditto_fail_memory(err);
        }
    }

    if (units[0] <= DITTO_SCRIPT_MAX && units[1] <= DITTO_SCRIPT_MAX) {
        return DITTO_OK;
    }

    (void) ditto_fail(err, DITTO_E_CONNECTION_CONFIGURATION, sizes[0],
                      sizes[1]);

    err->message = "The message mapper configuration failed due to: The "
                   "script size was bigger than the allowed <50000> bytes: "
                   "incoming script size was <%1> bytes, outgoing script size "
                   "was <%2> bytes";
    err->description = "Check the configuration options of your mapper for "
                       "errors.";

    return DITTO_ERROR;
}


ditto_rc_t
ditto_mapper_status_compile(ditto_pool_t *pool, ditto_str_t options,
    const void **rule, ditto_error_t *err)
{
    ditto_str_t  id;

    (void) rule;

    return ditto_mapper_option(pool, options, "thingId", &id, err);
}


/* The option "thing" is an object, or the text of one. */
ditto_rc_t
ditto_mapper_creation_compile(ditto_pool_t *pool, ditto_str_t options,
    const void **rule, ditto_error_t *err)
{
    ditto_rc_t   rc;
    ditto_str_t  thing, id;

    static const ditto_str_t  name = ditto_string("thingId");

    (void) rule;

    rc = ditto_mapper_option(pool, options, "thing", &thing, err);
    if (rc != DITTO_OK) {
        return rc;
    }

    if (ditto_json_validate(thing, err) != DITTO_OK) {
        return ditto_fail_as(pool, err, DITTO_E_CONNECTION_CONFIGURATION);
    }

    thing = ditto_str_trim(thing);

    if (ditto_json_type(thing) != DITTO_JSON_OBJECT) {
        (void) ditto_fail(err, DITTO_E_JSON_INVALID, thing, thing);
        err->message = "<%1> is not a valid JSON object!";
        return ditto_fail_as(pool, err, DITTO_E_CONNECTION_CONFIGURATION);
    }

    return ditto_json_member(thing, name, &id);
}


static size_t
ditto_mapper_units(ditto_str_t text)
{
    size_t    at, size, units;
    uint32_t  c;

    for (at = 0, units = 0; at < text.len; at += size) {
        size = ditto_decode_char(text, at, &c);
        units += (size == 4) ? 2 : 1;
    }

    return units;
}
