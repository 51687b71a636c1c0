/*
 * What the files of the placeholder table share.
 */

#ifndef _DITTO_PLACEHOLDER_PRIVATE_H_INCLUDED_
#define _DITTO_PLACEHOLDER_PRIVATE_H_INCLUDED_


#include "ditto_placeholder.h"


typedef ditto_rc_t (*ditto_placeholder_compile_pt)(ditto_pool_t *pool,
    ditto_placeholder_t *placeholder, ditto_error_t *err);
typedef ditto_rc_t (*ditto_placeholder_resolve_pt)(
    const ditto_placeholder_t *placeholder, const ditto_scope_t *scope,
    ditto_values_t *values, ditto_error_t *err);

/* What of a signal is the value; data is NULL: it has none. */
typedef ditto_str_t (*ditto_placeholder_part_pt)(const ditto_signal_t *signal);


struct ditto_placeholder_row_s {
    ditto_str_t                    prefix;
    ditto_str_t                    name;     /* empty: compile decides */
    unsigned                       places;   /* bits by ditto_place_e */
    ditto_placeholder_compile_pt   compile;  /* NULL: nothing to do */
    ditto_placeholder_resolve_pt   resolve;
    ditto_placeholder_part_pt      part;     /* NULL: resolve knows it */
};


/* The one value of a placeholder. */
ditto_rc_t ditto_placeholder_value(const ditto_scope_t *scope,
    ditto_str_t value, ditto_values_t *values, ditto_error_t *err);

ditto_rc_t ditto_placeholder_unresolved(ditto_str_t expr, ditto_error_t *err);


ditto_rc_t ditto_thing_json_compile(ditto_pool_t *pool,
    ditto_placeholder_t *placeholder, ditto_error_t *err);
ditto_rc_t ditto_thing_json_resolve(const ditto_placeholder_t *placeholder,
    const ditto_scope_t *scope, ditto_values_t *values, ditto_error_t *err);

ditto_rc_t ditto_time_compile(ditto_pool_t *pool,
    ditto_placeholder_t *placeholder, ditto_error_t *err);
ditto_rc_t ditto_time_resolve(const ditto_placeholder_t *placeholder,
    const ditto_scope_t *scope, ditto_values_t *values, ditto_error_t *err);


#endif /* _DITTO_PLACEHOLDER_PRIVATE_H_INCLUDED_ */
