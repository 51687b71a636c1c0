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
#include "ditto_scope.h"


typedef struct {
    ditto_topic_e   topic;
    ditto_str_t     text;            /* the entry as written */
    ditto_str_t    *namespaces;      /* empty: all */
    size_t          nnamespaces;
    ditto_str_t     filter;          /* decoded; data is NULL: none */
    ditto_str_t     extra_fields;    /* decoded; data is NULL: none */
    ditto_str_t    *pointers;        /* of extra_fields, each once, as
                                        ditto_pointer_render() writes them,
                                        placeholders as they stand */
    size_t          npointers;
} ditto_subscription_t;


/*
 * text must live as long as the subscription.  DITTO_ERROR:
 * DITTO_E_TOPIC_INVALID and the codes of spec "Target topics: Errors".
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

/* DITTO_DECLINED: not this type, or not this namespace. */
ditto_rc_t ditto_subscription_match(const ditto_subscription_t *subscription,
    const ditto_scope_t *scope, ditto_error_t *err);

/* True if Ditto keeps only one of the two in a target. */
bool ditto_subscription_equal(const ditto_subscription_t *a,
    const ditto_subscription_t *b);

/*
 * Checks a field selector as Ditto reads them and collects its pointers, of
 * ditto_str_t.  DITTO_ERROR: DITTO_E_JSON_SELECTOR_INVALID,
 * DITTO_E_JSON_POINTER_INVALID.
 */
ditto_rc_t ditto_selector_parse(ditto_pool_t *pool, ditto_str_t text,
    ditto_array_t *pointers, ditto_error_t *err);

/* Ditto's canonical text of the entry. */
void ditto_subscription_render(ditto_buf_t *out,
    const ditto_subscription_t *subscription);


#endif /* _DITTO_SUBSCRIPTION_H_INCLUDED_ */
