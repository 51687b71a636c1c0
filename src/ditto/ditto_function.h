/*
 * What stands between the braces of a template: a placeholder or a function,
 * and the functions that its values go through.
 *
 *     thing:id | fn:substring-after(':') | fn:default('x')
 *
 * Ditto: basic-placeholders "Function expressions"; spec section "Functions".
 */

#ifndef _DITTO_FUNCTION_H_INCLUDED_
#define _DITTO_FUNCTION_H_INCLUDED_


#include "ditto_base.h"
#include "ditto_error.h"
#include "ditto_scope.h"
#include "ditto_template.h"


#define DITTO_FUNCTIONS_MAX  10          /* of an expression, as Ditto */
#define DITTO_RUN_VALUES     1000        /* that a function or a template may
                                            make of one value */
#define DITTO_RUN_COST       (4u << 20)  /* bytes that one run may produce
                                            and compare */


typedef enum {
    DITTO_UNRESOLVED = 0,
    DITTO_RESOLVED,
    DITTO_DELETED                        /* by fn:delete() */
} ditto_outcome_e;


/* What flows through the functions. */
typedef struct {
    ditto_outcome_e  outcome;
    ditto_values_t   values;             /* resolved: at least one */
    bool             own;                /* values.elts may be overwritten */
} ditto_element_t;


typedef struct ditto_expression_s  ditto_expression_t;


/* One evaluation of a template. */
typedef struct {
    ditto_pool_t         *pool;          /* of the results */
    const ditto_scope_t  *scope;         /* NULL: each placeholder is dummy */
    ditto_str_t           dummy;
    ditto_str_t           prefix;        /* of the only placeholders that are
                                            known; data is NULL: all */
    size_t                left;          /* of DITTO_RUN_COST */
} ditto_run_t;


/*
 * text is what the braces hold and must live as long as the expression.
 * DITTO_ERROR: DITTO_E_PLACEHOLDER_UNRESOLVED, DITTO_E_FUNCTION_*, or
 * DITTO_E_CONNECTION_CONFIGURATION for the parameter of a function that can
 * never work.
 */
ditto_rc_t ditto_expression_compile(ditto_pool_t *pool, ditto_str_t text,
    ditto_place_e place, const ditto_expression_t **expression,
    ditto_error_t *err);

void ditto_run_init(ditto_run_t *run, ditto_pool_t *pool,
    const ditto_scope_t *scope);

/*
 * DITTO_OK, whatever the outcome is.  DITTO_ERROR: a function failed, a limit
 * was reached, a placeholder that run does not know, or out of memory.
 */
ditto_rc_t ditto_expression_run(const ditto_expression_t *expression,
    ditto_run_t *run, ditto_element_t *element, ditto_error_t *err);

/*
 * Each value of the first list before each of the second, and so on; the
 * first list varies slowest.  Every list has a value.
 */
ditto_rc_t ditto_run_product(ditto_run_t *run, const ditto_values_t *lists,
    size_t n, ditto_values_t *values, ditto_error_t *err);


#endif /* _DITTO_FUNCTION_H_INCLUDED_ */
