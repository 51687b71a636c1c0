/*
 * The thing that filters and thing-json: placeholders see: built from an
 * event as Ditto builds it, the value at its path in a thing of which nothing
 * else is known but its id, revision and time.
 *
 * Ditto: ThingEventToThingConverter; spec section "JSON the filter sees".
 */

#ifndef _DITTO_THING_H_INCLUDED_
#define _DITTO_THING_H_INCLUDED_


#include "ditto_base.h"
#include "ditto_error.h"
#include "ditto_scope.h"


/*
 * The thing of the scope's signal as JSON object text, made once per message.
 * DITTO_DECLINED: Ditto makes none of this signal (no event of a thing, or
 * one of a feature's definition).  DITTO_ERROR: out of memory, or a patch that
 * makes no thing or a key that Ditto refuses, which nobody looks at before
 * (DITTO_E_JSON_INVALID, _FORMAT_INVALID, _KEY_INVALID and relatives).
 */
ditto_rc_t ditto_thing_get(const ditto_scope_t *scope, ditto_str_t *thing,
    ditto_error_t *err);


#endif /* _DITTO_THING_H_INCLUDED_ */
