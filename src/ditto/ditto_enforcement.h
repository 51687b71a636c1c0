/*
 * Source enforcement: a device speaks only for itself.  What is known of the
 * sender (the input) must be what one of the filters makes of the entity that
 * the message concerns.
 *
 * Ditto: connectivity-manage-connections "Enforcement"; spec section "Source
 * enforcement".
 */

#ifndef _DITTO_ENFORCEMENT_H_INCLUDED_
#define _DITTO_ENFORCEMENT_H_INCLUDED_


#include "ditto_base.h"
#include "ditto_error.h"
#include "ditto_scope.h"


typedef struct ditto_enforcement_s  ditto_enforcement_t;


/*
 * filters: n templates with thing:, policy: and entity: placeholders, whose
 * texts live as long as the rule.  DITTO_ERROR: the first one that Ditto would
 * refuse in a connection, err->offset in its text and its number in *index.
 * But for lack of memory (DITTO_E_INTERNAL) *rule is there even then, in which
 * such a filter matches nothing: as Ditto treats what it did not validate.
 */
ditto_rc_t ditto_enforcement_compile(ditto_pool_t *pool,
    const ditto_str_t *filters, size_t n, ditto_enforcement_t **rule,
    size_t *index, ditto_error_t *err);

/*
 * input is compared byte by byte.  DITTO_ERROR: DITTO_E_ENFORCEMENT_FAILED,
 * DITTO_E_PLACEHOLDER_UNRESOLVED, a function that failed, or out of memory.
 */
ditto_rc_t ditto_enforcement_check(const ditto_enforcement_t *rule,
    const ditto_scope_t *scope, ditto_str_t input, ditto_error_t *err);


#endif /* _DITTO_ENFORCEMENT_H_INCLUDED_ */
