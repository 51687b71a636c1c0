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

/* NULL: got is what Ditto answered; else "failed", with a word about what. */
typedef const char *(*vectors_compare_pt)(const json_t *in,
    const json_t *expected, const json_t *got);


/* A row of the table in vectors.c for each set. */
typedef struct {
    const char          *set;        /* the file without ".json" */
    vectors_run_pt       run;        /* NULL: the set is unsupported */
    vectors_compare_pt   compare;    /* NULL: vectors_compare */
} vectors_set_t;


/*
 * Why a vector is answered differently on purpose, or not at all.  Vectors are
 * recognised by what they are, never by their ids.
 */
typedef struct {
    const char  *name;               /* a row of docs/compatibility.md */
    const char  *reason;
    bool         unsupported;        /* counts for nothing */

    bool       (*applies)(const char *set, const json_t *in,
                          const json_t *expected, const json_t *got);
} vectors_rule_t;


/* The rule that a difference falls under; NULL: it is a failure. */
const vectors_rule_t *vectors_rule(const char *set, const json_t *in,
    const json_t *expected, const json_t *got);
/* The names of all rules, a line each. */
void vectors_rules(void);


/* {"ok":false,"status":...,"error":...,"message":...,"description":...} */
json_t *vectors_error(unit_pool_t *up, const ditto_error_t *err);

/*
 * The ordinary comparison: a refusal against a refusal by status, error,
 * message and description (texts that repeat Ditto's JSON parser or how Java
 * prints an object are not compared); anything else member by member of
 * expected.
 */
const char *vectors_compare(const json_t *in, const json_t *expected,
    const json_t *got);

/* A span of a JSON string (of exactly its length); data is NULL if absent. */
ditto_str_t vectors_str(unit_pool_t *up, const json_t *object,
    const char *name);
/* A new JSON string, U+FFFD for what is not UTF-8. */
json_t *vectors_string(ditto_str_t s);
/* Makes of JSON text what jansson can read: U+FFFD for what it refuses. */
void vectors_readable(char *text);


json_t *vectors_topic_path(unit_pool_t *up, const json_t *in);
json_t *vectors_envelope(unit_pool_t *up, const json_t *in);
const char *vectors_envelope_compare(const json_t *in,
    const json_t *expected, const json_t *got);
/* True if nothing but the value differs, and ours is the sender's bytes. */
bool vectors_envelope_sent(const json_t *expected, const json_t *got);
json_t *vectors_address(unit_pool_t *up, const json_t *in);
const char *vectors_address_compare(const json_t *in, const json_t *expected,
    const json_t *got);
json_t *vectors_topics_entry(unit_pool_t *up, const json_t *in);
const char *vectors_topics_entry_compare(const json_t *in,
    const json_t *expected, const json_t *got);
json_t *vectors_connection(unit_pool_t *up, const json_t *in);
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
json_t *vectors_mapper_normalized(unit_pool_t *up, const json_t *in);
json_t *vectors_mapper_raw_message(unit_pool_t *up, const json_t *in);
json_t *vectors_mapper_cloud_events(unit_pool_t *up, const json_t *in);
const char *vectors_mapper_compare(const json_t *in, const json_t *expected,
    const json_t *got);


#endif /* _VECTORS_H_INCLUDED_ */
