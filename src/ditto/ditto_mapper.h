/*
 * Payload mappers: what turns a signal into the messages that leave.  One
 * table, a row each.
 *
 * Ditto: connectivity-mapping; spec section "Payload mapping".
 */

#ifndef _DITTO_MAPPER_H_INCLUDED_
#define _DITTO_MAPPER_H_INCLUDED_


#include "ditto_base.h"
#include "ditto_error.h"
#include "ditto_record.h"
#include "ditto_scope.h"


typedef struct ditto_mapper_s  ditto_mapper_t;


/* What Ditto calls an external message. */
typedef struct {
    ditto_array_t  headers;          /* of ditto_record_header_t */
    ditto_str_t    payload;
} ditto_external_message_t;


/* The mapper of an id such as "Ditto"; NULL: there is none. */
const ditto_mapper_t *ditto_mapper_find(ditto_str_t id);

/*
 * Adds what the mapper makes of the scope's signal to messages (of
 * ditto_external_message_t).  DITTO_DECLINED: nothing, the signal is dropped.
 */
ditto_rc_t ditto_mapper_map(const ditto_mapper_t *mapper,
    const ditto_scope_t *scope, ditto_array_t *messages, ditto_error_t *err);

/*
 * Sets a header of a message, in the place of one of exactly this name or at
 * the end.  DITTO_ERROR: out of memory.
 */
ditto_rc_t ditto_external_header(ditto_external_message_t *message,
    ditto_str_t name, ditto_str_t value);


#endif /* _DITTO_MAPPER_H_INCLUDED_ */
