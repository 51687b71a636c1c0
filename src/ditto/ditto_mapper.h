/*
 * Payload mappers: what turns a signal into the messages that leave, and what
 * is posted into Ditto Protocol messages.  One table, a row each.
 *
 * Ditto: connectivity-mapping; spec section "Payload mapping".
 */

#ifndef _DITTO_MAPPER_H_INCLUDED_
#define _DITTO_MAPPER_H_INCLUDED_


#include "ditto_base.h"
#include "ditto_error.h"
#include "ditto_record.h"
#include "ditto_scope.h"


#define DITTO_MAPPER_MESSAGES  10    /* that a mapper may make of one */


/* An entry of mappingDefinitions, as written. */
typedef struct {
    ditto_str_t             id;
    ditto_str_t             engine;      /* mappingEngine */
    ditto_str_t             options;     /* JSON object text */
    ditto_str_t             incoming;    /* incomingConditions, JSON object
                                            text; empty: none */
    ditto_str_t             outgoing;    /* outgoingConditions, the same */
} ditto_mapping_definition_t;


/* What Ditto calls an external message. */
typedef struct {
    ditto_array_t  headers;          /* of ditto_record_header_t */
    ditto_str_t    payload;          /* data is NULL: none */
    bool           text;             /* the payload is text, in UTF-8, not
                                        bytes that must stay as they are */
} ditto_external_message_t;


/* A definition compiled, or a mapper that needs none. */
typedef struct ditto_mapper_s  ditto_mapper_t;


/*
 * Compiles a definition, whose texts must live as long as the mapper (as must
 * pool).  DITTO_DECLINED: Ditto leaves such a definition out (an engine it does
 * not know, an option missing); a reference to it is an error then.
 * DITTO_ERROR: DITTO_E_CONNECTION_CONFIGURATION with the sentence of the
 * mapper.  Conditions are not checked, as in Ditto: one that is wrong fails
 * when it is to be met.
 */
ditto_rc_t ditto_mapper_compile(ditto_pool_t *pool,
    const ditto_mapping_definition_t *definition, ditto_mapper_t **mapper,
    ditto_error_t *err);

/* The same for an id that needs no definition.  DITTO_DECLINED: it does. */
ditto_rc_t ditto_mapper_default(ditto_pool_t *pool, ditto_str_t id,
    ditto_mapper_t **mapper, ditto_error_t *err);

/* As payloadMapping names it. */
ditto_str_t ditto_mapper_id(const ditto_mapper_t *mapper);

/*
 * NULL if the mapper works here in this direction; else a sentence that says
 * why it does not and what would, its mapper as "%1".
 */
const char *ditto_mapper_refusal(const ditto_mapper_t *mapper, bool inbound);

/*
 * Adds what the mapper makes of the scope's signal to messages (of
 * ditto_external_message_t).  DITTO_DECLINED: nothing, the signal is dropped
 * (by the mapper, or its conditions are not met).  DITTO_ERROR: messages is as
 * it was.
 */
ditto_rc_t ditto_mapper_outbound(const ditto_mapper_t *mapper,
    const ditto_scope_t *scope, ditto_array_t *messages, ditto_error_t *err);

/*
 * Adds the Ditto Protocol messages that the mapper makes of what was posted to
 * texts (JSON, of ditto_str_t), for ditto_signal_parse() to check.  now: for
 * time: placeholders; request: and connection: have no value.  Conditions find
 * headers whatever their case, templates and Ditto's own "ce-id" and the like
 * by their exact names.  DITTO_DECLINED, DITTO_ERROR: as above; declined is a
 * content type, too, that the mapper does not want.
 */
ditto_rc_t ditto_mapper_inbound(const ditto_mapper_t *mapper,
    ditto_pool_t *pool, ditto_time_t now,
    const ditto_external_message_t *message, ditto_array_t *texts,
    ditto_error_t *err);

/* A message without headers and payload. */
void ditto_external_init(ditto_external_message_t *message,
    ditto_pool_t *pool);
/*
 * Sets a header of a message, in the place of one of exactly this name or at
 * the end.  DITTO_ERROR: out of memory.
 */
ditto_rc_t ditto_external_header(ditto_external_message_t *message,
    ditto_str_t name, ditto_str_t value);
/* The header of exactly this name; data is NULL: there is none. */
ditto_str_t ditto_external_get(const ditto_external_message_t *message,
    ditto_str_t name);
/* The content type, whatever the case of its name; data is NULL: none. */
ditto_str_t ditto_external_type(const ditto_external_message_t *message);


#endif /* _DITTO_MAPPER_H_INCLUDED_ */
