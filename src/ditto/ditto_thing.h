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
 * Whether Ditto makes a thing of the scope's signal, found out once per
 * message.  DITTO_DECLINED: it makes none (no event of a thing, or one of a
 * feature's definition).  DITTO_ERROR: it fails to, because of a key or a
 * type that a thing cannot have (DITTO_E_JSON_KEY_INVALID and others of spec
 * "Errors of the envelope").
 */
ditto_rc_t ditto_thing_check(const ditto_scope_t *scope, ditto_error_t *err);

/*
 * The thing of the scope's signal as JSON object text, made once per message.
 * DITTO_DECLINED, DITTO_ERROR: as above, or out of memory.
 */
ditto_rc_t ditto_thing_get(const ditto_scope_t *scope, ditto_str_t *thing,
    ditto_error_t *err);

/*
 * A stored thing (JSON object text; empty: nothing is known of it) after a twin
 * event, its _revision and _modified those of the event:
 *
 *     created, modified    the value at the path; at "/" the thing is the
 *                          value, a modified one keeps its policyId, if the
 *                          value has none, and what begins with "_"
 *     merged, migrated     ditto_json_edit_merge() at the path
 *     deleted              the path is removed, from _metadata as well; a
 *                          deleted thing keeps its last content
 *
 * Whether the event is the next one is for the caller to know.  DITTO_DECLINED:
 * what the thing is now cannot be told, it must be forgotten: no twin event, or
 * a merge that removes members by an expression.  DITTO_ERROR:
 * DITTO_E_JSON_INVALID if it would be nested too deep, or out of memory.
 */
ditto_rc_t ditto_thing_apply(ditto_pool_t *pool, ditto_str_t thing,
    const ditto_signal_t *event, ditto_str_t *out, ditto_error_t *err);


#endif /* _DITTO_THING_H_INCLUDED_ */
