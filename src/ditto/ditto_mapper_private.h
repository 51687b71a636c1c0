/*
 * Inside the payload mappers: what a row of their table is made of.  For the
 * files ditto_mapper*.c only.
 */

#ifndef _DITTO_MAPPER_PRIVATE_H_INCLUDED_
#define _DITTO_MAPPER_PRIVATE_H_INCLUDED_


#include "ditto_mapper.h"
#include "ditto_template.h"


/* What Hono sends besides the messages of devices. */
#define DITTO_MAPPER_BLOCKLIST                                                \
    "application/vnd.eclipse-hono-empty-notification,"                        \
    "application/vnd.eclipse-hono-device-provisioning-notification,"          \
    "application/vnd.eclipse-hono-dc-notification+json,"                      \
    "application/vnd.eclipse-hono-delivery-failure-notification+json"


/*
 * options: JSON object text, "{}" if there are none.  *rule: what the other
 * two get, NULL if nothing is needed.  Errors as of ditto_mapper_compile().
 */
typedef ditto_rc_t (*ditto_mapper_compile_pt)(ditto_pool_t *pool,
    ditto_str_t options, const void **rule, ditto_error_t *err);
/* As ditto_mapper_outbound(). */
typedef ditto_rc_t (*ditto_mapper_outbound_pt)(const void *rule,
    const ditto_scope_t *scope, ditto_array_t *messages, ditto_error_t *err);
/*
 * As ditto_mapper_inbound(); scope->signal holds nothing but the message's
 * headers, for templates of DITTO_PLACE_INCOMING.
 */
typedef ditto_rc_t (*ditto_mapper_inbound_pt)(const void *rule,
    const ditto_scope_t *scope, const ditto_external_message_t *message,
    ditto_array_t *texts, ditto_error_t *err);


typedef struct {
    ditto_str_t               alias;         /* mappingEngine */
    ditto_str_t               class_name;    /* the same, without its package */
    bool                      standalone;    /* needs no definition */
    bool                      blocklist;     /* DITTO_MAPPER_BLOCKLIST, unless
                                                the options have another */
    ditto_mapper_compile_pt   compile;       /* NULL: there are no options */
    ditto_mapper_outbound_pt  outbound;      /* NULL: drops everything */
    ditto_mapper_inbound_pt   inbound;       /* NULL: drops everything */
    const char               *refusal[2];    /* ditto_mapper_refusal(), out
                                                and in */
} ditto_mapper_row_t;


extern const ditto_str_t  ditto_mapper_content_type;     /* "content-type" */
extern const ditto_str_t  ditto_mapper_correlation_id;   /* "correlation-id" */
extern const ditto_str_t  ditto_mapper_media_type;       /* Ditto Protocol's */


/* --- the rows ------------------------------------------------------------- */

ditto_rc_t ditto_mapper_ditto_outbound(const void *rule,
    const ditto_scope_t *scope, ditto_array_t *messages, ditto_error_t *err);
ditto_rc_t ditto_mapper_ditto_inbound(const void *rule,
    const ditto_scope_t *scope, const ditto_external_message_t *message,
    ditto_array_t *texts, ditto_error_t *err);

ditto_rc_t ditto_mapper_normalized_compile(ditto_pool_t *pool,
    ditto_str_t options, const void **rule, ditto_error_t *err);
ditto_rc_t ditto_mapper_normalized_outbound(const void *rule,
    const ditto_scope_t *scope, ditto_array_t *messages, ditto_error_t *err);

ditto_rc_t ditto_mapper_raw_compile(ditto_pool_t *pool,
    ditto_str_t options, const void **rule, ditto_error_t *err);
ditto_rc_t ditto_mapper_raw_outbound(const void *rule,
    const ditto_scope_t *scope, ditto_array_t *messages, ditto_error_t *err);
ditto_rc_t ditto_mapper_raw_inbound(const void *rule,
    const ditto_scope_t *scope, const ditto_external_message_t *message,
    ditto_array_t *texts, ditto_error_t *err);

ditto_rc_t ditto_mapper_cloud_events_outbound(const void *rule,
    const ditto_scope_t *scope, ditto_array_t *messages, ditto_error_t *err);
ditto_rc_t ditto_mapper_cloud_events_inbound(const void *rule,
    const ditto_scope_t *scope, const ditto_external_message_t *message,
    ditto_array_t *texts, ditto_error_t *err);

/* Options of mappers that do not work here in any direction. */

ditto_rc_t ditto_mapper_javascript_compile(ditto_pool_t *pool,
    ditto_str_t options, const void **rule, ditto_error_t *err);
ditto_rc_t ditto_mapper_status_compile(ditto_pool_t *pool,
    ditto_str_t options, const void **rule, ditto_error_t *err);
ditto_rc_t ditto_mapper_creation_compile(ditto_pool_t *pool,
    ditto_str_t options, const void **rule, ditto_error_t *err);


/* --- what rows share ------------------------------------------------------ */

/*
 * An option as text, whatever its type: a string decoded, anything else its
 * JSON text.  DITTO_DECLINED: there is none.
 */
ditto_rc_t ditto_mapper_option(ditto_pool_t *pool, ditto_str_t options,
    const char *name, ditto_str_t *value, ditto_error_t *err);

/*
 * A message at the end of messages, without headers and payload; NULL: out of
 * memory, *err is set.
 */
ditto_external_message_t *ditto_mapper_message(const ditto_scope_t *scope,
    ditto_array_t *messages, ditto_error_t *err);

/* The payload of what was posted.  DITTO_E_MAPPING_FAILED: it is empty. */
ditto_rc_t ditto_mapper_payload(const ditto_external_message_t *message,
    ditto_str_t *payload, ditto_error_t *err);

/*
 * DITTO_E_MAPPING_FAILED for what is no error of Ditto's own: problem is a
 * sentence, or the name of an exception of Ditto's platform and a sentence.
 * type: the message's, in its headers; data may be NULL.
 */
ditto_rc_t ditto_mapper_fail(ditto_error_t *err, ditto_str_t type,
    bool inbound, ditto_str_t problem);

/*
 * The signal as a Ditto Protocol message, written once per message and shared
 * by every target that gets no extra fields.
 */
ditto_rc_t ditto_mapper_envelope(const ditto_scope_t *scope,
    ditto_str_t *envelope, ditto_error_t *err);


#endif /* _DITTO_MAPPER_PRIVATE_H_INCLUDED_ */
