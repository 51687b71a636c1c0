/*
 * Vectors: inputs with what Eclipse Ditto's own classes answered.  Each set
 * has one function that feeds the input to the core and returns the answer in
 * the set's own form, and optionally one that compares.
 */

#ifndef _VECTORS_H_INCLUDED_
#define _VECTORS_H_INCLUDED_


#include <jansson.h>

#include "ditto_base.h"
#include "ditto_error.h"
#include "unit_pool.h"


/* What the core makes of "in", as a new reference. */
typedef json_t *(*vectors_run_pt)(unit_pool_t *up, const json_t *in);

/*
 * NULL: got is what Ditto answered.  Otherwise a static text: "failed", or
 * "intended: <rule>" where the core answers differently on purpose.
 */
typedef const char *(*vectors_compare_pt)(const json_t *in,
    const json_t *expected, const json_t *got);


typedef struct {
    const char          *set;        /* the file without ".json" */
    vectors_run_pt       run;
    vectors_compare_pt   compare;    /* NULL: vectors_compare */
} vectors_set_t;


/* {"ok":false,"status":...,"error":...,"message":...,"description":...} */
json_t *vectors_error(unit_pool_t *up, const ditto_error_t *err);

/*
 * The ordinary comparison: a refusal against a refusal by status, error,
 * message and description (texts that repeat Ditto's JSON parser or Java are
 * not compared); anything else member by member of expected.
 */
const char *vectors_compare(const json_t *in, const json_t *expected,
    const json_t *got);

/* A span of a JSON string (of exactly its length); data is NULL if absent. */
ditto_str_t vectors_str(unit_pool_t *up, const json_t *object,
    const char *name);
/* A new JSON string, U+FFFD for what is not UTF-8. */
json_t *vectors_string(ditto_str_t s);


json_t *vectors_topic_path(unit_pool_t *up, const json_t *in);
json_t *vectors_envelope(unit_pool_t *up, const json_t *in);
const char *vectors_envelope_compare(const json_t *in,
    const json_t *expected, const json_t *got);
json_t *vectors_address(unit_pool_t *up, const json_t *in);
const char *vectors_address_compare(const json_t *in, const json_t *expected,
    const json_t *got);
json_t *vectors_topics_entry(unit_pool_t *up, const json_t *in);
const char *vectors_topics_entry_compare(const json_t *in,
    const json_t *expected, const json_t *got);
json_t *vectors_connection(unit_pool_t *up, const json_t *in);
const char *vectors_connection_compare(const json_t *in,
    const json_t *expected, const json_t *got);
json_t *vectors_rql_parse(unit_pool_t *up, const json_t *in);
json_t *vectors_rql_match(unit_pool_t *up, const json_t *in);
const char *vectors_rql_compare(const json_t *in, const json_t *expected,
    const json_t *got);
json_t *vectors_rql_match_enriched(unit_pool_t *up, const json_t *in);
const char *vectors_rql_enriched_compare(const json_t *in,
    const json_t *expected, const json_t *got);
json_t *vectors_policy_document(unit_pool_t *up, const json_t *in);
json_t *vectors_policy_check(unit_pool_t *up, const json_t *in);
json_t *vectors_policy_subjects(unit_pool_t *up, const json_t *in);
json_t *vectors_policy_view(unit_pool_t *up, const json_t *in);
json_t *vectors_template(unit_pool_t *up, const json_t *in);
const char *vectors_template_compare(const json_t *in,
    const json_t *expected, const json_t *got);
json_t *vectors_enforcement(unit_pool_t *up, const json_t *in);
json_t *vectors_outbound(unit_pool_t *up, const json_t *in);
const char *vectors_outbound_compare(const json_t *in,
    const json_t *expected, const json_t *got);


#endif /* _VECTORS_H_INCLUDED_ */
