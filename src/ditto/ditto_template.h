/*
 * Text with placeholders: "telemetry/{{ thing:id }}".
 *
 * Ditto: basic-placeholders; spec sections "Placeholders" and "Functions".
 */

#ifndef _DITTO_TEMPLATE_H_INCLUDED_
#define _DITTO_TEMPLATE_H_INCLUDED_


#include "ditto_base.h"
#include "ditto_error.h"
#include "ditto_scope.h"


/* Where a template stands decides which prefixes are legal in it. */
typedef enum {
    DITTO_PLACE_ADDRESS = 0,         /* target address */
    DITTO_PLACE_HEADER_MAPPING,
    DITTO_PLACE_ENFORCEMENT_FILTER,
    DITTO_PLACE_POLICY_ID,           /* ditto_policy_id: thing: only */
    DITTO_PLACE_ENFORCEMENT_INPUT,   /* of a source; header: only, by the
                                        exact name */
    DITTO_PLACE_INCOMING,            /* header of a posted message, by the
                                        exact name, time: and request: */
    DITTO_PLACE_INCOMING_CONDITION,  /* any, but nothing is known of a signal */
    DITTO_PLACE_RQL,                 /* property of a filter, no braces */
    DITTO_PLACE_RQL_VALUE            /* value of a filter: time: only */
} ditto_place_e;


typedef struct ditto_template_s  ditto_template_t;


typedef struct {
    ditto_str_t  *elts;
    size_t        n;
} ditto_values_t;


/*
 * Compiles text, which must live as long as the template (as must pool).
 * DITTO_ERROR: DITTO_E_PLACEHOLDER_UNRESOLVED, DITTO_E_FUNCTION_* with the
 * offset of the expression in text.
 */
ditto_rc_t ditto_template_compile(ditto_pool_t *pool, ditto_str_t text,
    ditto_place_e place, ditto_template_t **tpl, ditto_error_t *err);

/* True if there is nothing to resolve: the text stands for itself. */
bool ditto_template_is_static(const ditto_template_t *tpl);
ditto_str_t ditto_template_text(const ditto_template_t *tpl);

/*
 * The template with every placeholder replaced by dummy, those in parameters
 * of functions included, as Ditto checks templates at configuration time: the
 * first value.  DITTO_DECLINED: the outcome would be unresolved or deleted;
 * *out is empty.  DITTO_ERROR: as for ditto_template_resolve().
 */
ditto_rc_t ditto_template_check(ditto_pool_t *pool,
    const ditto_template_t *tpl, ditto_str_t dummy, ditto_str_t *out,
    ditto_error_t *err);

/*
 * The first value.  DITTO_DECLINED: unresolved or deleted.  DITTO_ERROR: a
 * function failed or makes too much of the message (ditto_function.h), or out
 * of memory.
 */
ditto_rc_t ditto_template_resolve(const ditto_template_t *tpl,
    const ditto_scope_t *scope, ditto_str_t *value, ditto_error_t *err);

/*
 * All values, at least one, the leftmost placeholder varying slowest.  *deleted
 * tells the two cases of DITTO_DECLINED apart.  prefix: "thing", if no other
 * placeholders are to be known (DITTO_ERROR, DITTO_E_PLACEHOLDER_UNRESOLVED
 * naming the first other one); data is NULL: all are.
 */
ditto_rc_t ditto_template_values(const ditto_template_t *tpl,
    const ditto_scope_t *scope, ditto_str_t prefix, ditto_values_t *values,
    bool *deleted, ditto_error_t *err);


#endif /* _DITTO_TEMPLATE_H_INCLUDED_ */
