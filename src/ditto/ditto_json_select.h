/*
 * The parts of an object that pointers name, as Ditto selects fields: for
 * extraFields, for a partial thing, for what a mapper makes.
 *
 * Ditto: httpapi-concepts "With field selector"; spec section "Selector
 * grammar".
 */

#ifndef _DITTO_JSON_SELECT_H_INCLUDED_
#define _DITTO_JSON_SELECT_H_INCLUDED_


#include "ditto_base.h"
#include "ditto_error.h"
#include "ditto_pointer.h"


#define DITTO_SELECTOR_MAX  1000     /* fields, each compared with each */


/*
 * object: validated text; anything else than an object has no parts.  *out:
 * object text, "{}" if nothing is there of them.  Through an array a pointer
 * goes on in each of its objects.  wildcards: "*" in the place of a feature's
 * id stands for every feature of the object.  DITTO_ERROR: out of memory.
 */
ditto_rc_t ditto_json_select(ditto_pool_t *pool, ditto_str_t object,
    const ditto_pointer_t *pointers, size_t n, bool wildcards,
    ditto_str_t *out, ditto_error_t *err);

/*
 * Checks a field selector as Ditto reads them and adds its pointers, each once,
 * as ditto_pointer_render() writes them, to pointers (of ditto_str_t).
 * DITTO_ERROR: DITTO_E_JSON_SELECTOR_INVALID, DITTO_E_JSON_POINTER_INVALID.
 */
ditto_rc_t ditto_selector_parse(ditto_pool_t *pool, ditto_str_t text,
    ditto_array_t *pointers, ditto_error_t *err);


#endif /* _DITTO_JSON_SELECT_H_INCLUDED_ */
