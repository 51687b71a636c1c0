/*
 * JSON values as Ditto prints them, for texts that Ditto makes of a value:
 * header values, errors.  Values that are forwarded are never printed anew.
 *
 * Ditto: spec "Canonicalisation of value".
 */

#ifndef _DITTO_JSON_PRINT_H_INCLUDED_
#define _DITTO_JSON_PRINT_H_INCLUDED_


#include "ditto_base.h"


/*
 * The compact form of a validated value.  A number that is the whole value is
 * spelled as Java does (1.50 is 1.5, 1e10 is 1.0E10); numbers inside arrays
 * and objects keep their spelling.
 */
void ditto_json_add_value(ditto_buf_t *out, ditto_str_t value);

/* The same as a span, which is value itself where nothing changes. */
ditto_rc_t ditto_json_print(ditto_pool_t *pool, ditto_str_t value,
    ditto_str_t *out);

/* True if an escaped surrogate of validated text has no partner. */
bool ditto_json_lone_surrogate(ditto_str_t text);


#endif /* _DITTO_JSON_PRINT_H_INCLUDED_ */
