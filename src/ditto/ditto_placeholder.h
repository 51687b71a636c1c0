/*
 * The placeholders: one table, a row each.
 *
 * Ditto: basic-placeholders; spec sections "Legal prefixes and names" and
 * "Values per signal".
 */

#ifndef _DITTO_PLACEHOLDER_H_INCLUDED_
#define _DITTO_PLACEHOLDER_H_INCLUDED_


#include "ditto_base.h"
#include "ditto_error.h"
#include "ditto_scope.h"
#include "ditto_template.h"


typedef struct ditto_placeholder_row_s  ditto_placeholder_row_t;


/* "thing:id" compiled. */
typedef struct {
    const ditto_placeholder_row_t  *row;
    ditto_str_t                     name;    /* behind the colon */
    const void                     *arg;     /* what the row made of name */
} ditto_placeholder_t;


/*
 * expr is the trimmed text between the braces, without pipeline.
 * DITTO_ERROR: DITTO_E_PLACEHOLDER_UNRESOLVED naming expr.
 */
ditto_rc_t ditto_placeholder_compile(ditto_pool_t *pool, ditto_str_t expr,
    ditto_place_e place, ditto_placeholder_t *placeholder,
    ditto_error_t *err);

/*
 * At least one value, in an array of the caller's own.  DITTO_DECLINED: this
 * signal has none.
 */
ditto_rc_t ditto_placeholder_resolve(const ditto_placeholder_t *placeholder,
    const ditto_scope_t *scope, ditto_values_t *values, ditto_error_t *err);


#endif /* _DITTO_PLACEHOLDER_H_INCLUDED_ */
