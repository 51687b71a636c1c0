/*
 * What the files of the function table share.
 */

#ifndef _DITTO_FUNCTION_PRIVATE_H_INCLUDED_
#define _DITTO_FUNCTION_PRIVATE_H_INCLUDED_


#include "ditto_function.h"
#include "ditto_placeholder.h"


#define DITTO_PARAMS_MAX  3


typedef struct ditto_function_row_s  ditto_function_row_t;


typedef struct {
    ditto_str_t                constant;     /* without its quotes */
    const ditto_expression_t  *expression;   /* NULL: a constant */
} ditto_param_t;


/* One call: "fn:default('x')". */
typedef struct {
    const ditto_function_row_t  *row;        /* NULL: never resolved */
    ditto_str_t                  text;
    size_t                       nparams;
    ditto_param_t                params[DITTO_PARAMS_MAX];
    const void                  *arg;        /* what the row made of them */
} ditto_stage_t;


struct ditto_expression_s {
    ditto_str_t           text;          /* of the first stage */
    ditto_placeholder_t   placeholder;   /* row is NULL: it is a function */
    ditto_stage_t        *stages;
    size_t                n;
};


typedef ditto_rc_t (*ditto_function_compile_pt)(ditto_pool_t *pool,
    ditto_stage_t *stage, ditto_error_t *err);
/* Changes *element; DITTO_OK or DITTO_ERROR. */
typedef ditto_rc_t (*ditto_function_apply_pt)(ditto_run_t *run,
    const ditto_stage_t *stage, ditto_element_t *element, ditto_error_t *err);


struct ditto_function_row_s {
    ditto_str_t                 name;
    size_t                      min;         /* parameters */
    size_t                      max;
    bool                        placeholders;    /* as parameters */
    ditto_str_t                 signature;   /* as Ditto describes it */
    ditto_function_compile_pt   compile;     /* NULL: nothing to do */
    ditto_function_apply_pt     apply;
};


/* One value to one; DITTO_DECLINED: it vanishes. */
typedef ditto_rc_t (*ditto_function_map_pt)(ditto_run_t *run, const void *arg,
    ditto_str_t value, ditto_str_t *out, ditto_error_t *err);


/* Applies map to each value of what is resolved. */
ditto_rc_t ditto_run_each(ditto_run_t *run, const void *arg,
    ditto_element_t *element, ditto_function_map_pt map, ditto_error_t *err);

/* A parameter's values; none of a placeholder that is not resolved. */
ditto_rc_t ditto_run_param(ditto_run_t *run, const ditto_param_t *param,
    ditto_element_t *element, ditto_error_t *err);

/* Pays for n bytes or comparisons. */
ditto_rc_t ditto_run_charge(ditto_run_t *run, size_t n, ditto_error_t *err);

/* Pays for n bytes and allocates them; NULL: *err tells why not. */
unsigned char *ditto_run_alloc(ditto_run_t *run, size_t n, ditto_error_t *err);

/* DITTO_E_FUNCTION_SIGNATURE for the call. */
ditto_rc_t ditto_function_signature(const ditto_stage_t *stage,
    ditto_error_t *err);

/* DITTO_RUN_VALUES was exceeded. */
ditto_rc_t ditto_function_too_many(ditto_error_t *err);

/* Replaces the values; no value: unresolved. */
void ditto_element_set(ditto_element_t *element, ditto_str_t *elts, size_t n);

/* Spaces and controls at both ends removed, as Java trims. */
ditto_str_t ditto_function_strip(ditto_str_t s);


ditto_rc_t ditto_function_lower(ditto_run_t *run, const ditto_stage_t *stage,
    ditto_element_t *element, ditto_error_t *err);
ditto_rc_t ditto_function_upper(ditto_run_t *run, const ditto_stage_t *stage,
    ditto_element_t *element, ditto_error_t *err);
ditto_rc_t ditto_function_trim(ditto_run_t *run, const ditto_stage_t *stage,
    ditto_element_t *element, ditto_error_t *err);
ditto_rc_t ditto_function_before(ditto_run_t *run, const ditto_stage_t *stage,
    ditto_element_t *element, ditto_error_t *err);
ditto_rc_t ditto_function_after(ditto_run_t *run, const ditto_stage_t *stage,
    ditto_element_t *element, ditto_error_t *err);
ditto_rc_t ditto_function_replace(ditto_run_t *run,
    const ditto_stage_t *stage, ditto_element_t *element, ditto_error_t *err);
ditto_rc_t ditto_function_default(ditto_run_t *run,
    const ditto_stage_t *stage, ditto_element_t *element, ditto_error_t *err);
ditto_rc_t ditto_function_delete(ditto_run_t *run, const ditto_stage_t *stage,
    ditto_element_t *element, ditto_error_t *err);

ditto_rc_t ditto_function_url_encode(ditto_run_t *run,
    const ditto_stage_t *stage, ditto_element_t *element, ditto_error_t *err);
ditto_rc_t ditto_function_url_decode(ditto_run_t *run,
    const ditto_stage_t *stage, ditto_element_t *element, ditto_error_t *err);
ditto_rc_t ditto_function_base64_encode(ditto_run_t *run,
    const ditto_stage_t *stage, ditto_element_t *element, ditto_error_t *err);
ditto_rc_t ditto_function_base64_decode(ditto_run_t *run,
    const ditto_stage_t *stage, ditto_element_t *element, ditto_error_t *err);

ditto_rc_t ditto_function_split_compile(ditto_pool_t *pool,
    ditto_stage_t *stage, ditto_error_t *err);
ditto_rc_t ditto_function_split(ditto_run_t *run, const ditto_stage_t *stage,
    ditto_element_t *element, ditto_error_t *err);
ditto_rc_t ditto_function_join(ditto_run_t *run, const ditto_stage_t *stage,
    ditto_element_t *element, ditto_error_t *err);

ditto_rc_t ditto_function_filter(ditto_run_t *run, const ditto_stage_t *stage,
    ditto_element_t *element, ditto_error_t *err);

ditto_rc_t ditto_function_format_compile(ditto_pool_t *pool,
    ditto_stage_t *stage, ditto_error_t *err);
ditto_rc_t ditto_function_format(ditto_run_t *run, const ditto_stage_t *stage,
    ditto_element_t *element, ditto_error_t *err);


#endif /* _DITTO_FUNCTION_PRIVATE_H_INCLUDED_ */
