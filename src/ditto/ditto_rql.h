/*
 * Filter expressions:
 *
 *     and(gt(attributes/counter,42),like(resource:path,"/features/?*"))
 *
 * Compiled once, then evaluated on the bytes of a message: properties are
 * pointers that are walked, a number is converted when it is compared.
 *
 * Ditto: basic-rql; spec section "RQL" and "Target topics: Phase 1, Phase 2".
 */

#ifndef _DITTO_RQL_H_INCLUDED_
#define _DITTO_RQL_H_INCLUDED_


#include "ditto_base.h"
#include "ditto_error.h"
#include "ditto_scope.h"


#define DITTO_RQL_DEPTH  500         /* nested and, or, not */


typedef struct ditto_rql_s  ditto_rql_t;


/*
 * Compiles text.  unknown are the rendered pointers of the fields that will be
 * fetched and are not known before (extraFields; none: NULL, 0); they are not
 * kept, text must live as long as the rule (as must pool).  DITTO_ERROR:
 * DITTO_E_RQL_INVALID with the offset into text; the message names line and
 * column as Ditto does.
 */
ditto_rc_t ditto_rql_compile(ditto_pool_t *pool, ditto_str_t text,
    const ditto_str_t *unknown, size_t nunknown, ditto_rql_t **rql,
    ditto_error_t *err);

/*
 * Whether the filter can be true before fields are fetched (phase 1), on what
 * the signal alone says; scope->extra is not looked at.  Fields that are
 * unknown yet make a term neither true nor false.  Every term is evaluated.
 * DITTO_DECLINED: it is false whatever will be fetched, or Ditto makes no thing
 * of this event.  DITTO_ERROR: it cannot be evaluated (a pointer, a null among
 * the values of "in", an infinite number: DITTO_E_RQL_INVALID and
 * DITTO_E_JSON_POINTER_INVALID; an event that makes no valid thing), then
 * Ditto publishes the signal to no target at all; or out of memory.
 */
ditto_rc_t ditto_rql_possible(const ditto_rql_t *rql,
    const ditto_scope_t *scope, ditto_error_t *err);

/*
 * Whether the filter is true for the signal together with scope->extra, the
 * fields that were fetched (phase 2): of an event its own thing merged with
 * them, of anything else they alone.  Left to right, no further than needed.
 * DITTO_DECLINED: it is false.  DITTO_ERROR: as above.
 */
ditto_rc_t ditto_rql_match(const ditto_rql_t *rql, const ditto_scope_t *scope,
    ditto_error_t *err);


#endif /* _DITTO_RQL_H_INCLUDED_ */
