/*
 * One entry of a target's "topics":
 *
 *     _/_/things/twin/events?namespaces=org.acme,org.other
 *
 * Ditto: basic-connections "Target topics and filtering"; spec section "Target
 * topics".
 */

#ifndef _DITTO_SUBSCRIPTION_H_INCLUDED_
#define _DITTO_SUBSCRIPTION_H_INCLUDED_


#include "ditto_base.h"
#include "ditto_error.h"
#include "ditto_rql.h"
#include "ditto_scope.h"
#include "ditto_template.h"


typedef struct {
    ditto_topic_e       topic;
    ditto_str_t         text;            /* the entry as written */
    ditto_str_t        *namespaces;      /* empty: all */
    size_t              nnamespaces;
    ditto_str_t         filter;          /* decoded; data is NULL: none */
    ditto_rql_t        *rql;             /* of filter; NULL if it is wrong */
    ditto_str_t         extra_fields;    /* decoded; data is NULL: none */
    ditto_str_t        *pointers;        /* of extra_fields, each once, as
                                            ditto_pointer_render() writes them,
                                            placeholders as they stand */
    size_t              npointers;
    ditto_template_t  **templates;       /* of pointers; NULL: it is wrong */
    ditto_str_t         canonical;       /* ditto_subscription_render() */
} ditto_subscription_t;


/*
 * text must live as long as the subscription.  DITTO_ERROR:
 * DITTO_E_TOPIC_INVALID and the codes of spec "Target topics: Errors".  Ditto
 * looks at the filter and at the placeholders later, so what is wrong with them
 * is told by the two checks below.
 */
ditto_rc_t ditto_subscription_compile(ditto_pool_t *pool, ditto_str_t text,
    ditto_subscription_t *subscription, ditto_error_t *err);

/*
 * What Ditto checks of an entry when the connection is created: placeholders
 * in extraFields, not wrapped.  DITTO_ERROR: the codes of
 * ditto_template_compile().
 */
ditto_rc_t ditto_subscription_check(ditto_pool_t *pool,
    const ditto_subscription_t *subscription, ditto_error_t *err);

/*
 * The filter of an entry.  DITTO_ERROR: DITTO_E_RQL_INVALID, with the offset
 * into filter.
 */
ditto_rc_t ditto_subscription_check_filter(ditto_pool_t *pool,
    const ditto_subscription_t *subscription, ditto_error_t *err);

/*
 * Phase 1.  DITTO_DECLINED: not this type, not this namespace, or the filter is
 * false whatever will be fetched.  DITTO_ERROR: the filter cannot be evaluated,
 * see ditto_rql_possible().
 */
ditto_rc_t ditto_subscription_match(const ditto_subscription_t *subscription,
    const ditto_scope_t *scope, ditto_error_t *err);

/*
 * The pointers (ditto_str_t, each once) of the fields that must be fetched for
 * a target with these entries.  DITTO_DECLINED: none; then phase 1 was final
 * and the signal is published without extra.  DITTO_ERROR: a placeholder made
 * a pointer that is none (DITTO_E_JSON_POINTER_INVALID,
 * DITTO_E_FIELD_SELECTION_INVALID).
 */
ditto_rc_t ditto_subscription_fields(const ditto_subscription_t *entries,
    size_t n, const ditto_scope_t *scope, ditto_array_t *pointers,
    ditto_error_t *err);

/*
 * Phase 2, with the fields that were fetched in scope->extra: the entry of the
 * signal's type that takes it first, whether or not it passed phase 1.  *extra:
 * the member "extra" of the message, the entry's own fields only; data is NULL
 * if there is none.  DITTO_DECLINED: no entry takes it.  DITTO_ERROR: not
 * published to this target; see ditto_rql_match().
 */
ditto_rc_t ditto_subscription_enrich(const ditto_subscription_t *entries,
    size_t n, const ditto_scope_t *scope, ditto_str_t *extra,
    ditto_error_t *err);

/* True if Ditto keeps only one of the two in a target. */
bool ditto_subscription_equal(const ditto_subscription_t *a,
    const ditto_subscription_t *b);

/* True for what may stand in extraFields, one field without placeholders. */
bool ditto_subscription_field(ditto_str_t field);

/* Ditto's canonical text of the entry. */
void ditto_subscription_render(ditto_buf_t *out,
    const ditto_subscription_t *subscription);


#endif /* _DITTO_SUBSCRIPTION_H_INCLUDED_ */
