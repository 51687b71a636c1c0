/*
 * The way of a signal to one target: is it meant, may it be read, what else
 * must be known of the thing, what will Kafka get.
 *
 *     select -> (fetch extra fields) -> publish
 *
 * Ditto: basic-connections "Targets"; spec section "Pipeline".
 */

#ifndef _DITTO_OUTBOUND_H_INCLUDED_
#define _DITTO_OUTBOUND_H_INCLUDED_


#include "ditto_base.h"
#include "ditto_connection.h"
#include "ditto_error.h"
#include "ditto_scope.h"
#include "ditto_target.h"


/* What became of a signal at a target. */
typedef enum {
    DITTO_FATE_DROPPED = 0,      /* not meant for it, or its filter, its access
                                    or its mappers left nothing: a weak
                                    acknowledgement */
    DITTO_FATE_UNADDRESSED,      /* its address has a placeholder without a
                                    value: no acknowledgement */
    DITTO_FATE_FAILED,           /* an error */
    DITTO_FATE_PUBLISHED         /* records, if no error says otherwise */
} ditto_fate_e;


/*
 * First phase.  DITTO_OK: the signal goes on to ditto_outbound_publish(), and
 * if fields (of ditto_str_t, JSON pointers) is not empty, these of its thing
 * must be fetched before, with the target's authorization subjects.
 * DITTO_DECLINED: dropped.  DITTO_ERROR: publishing to this target fails.
 */
ditto_rc_t ditto_outbound_select(const ditto_target_t *target,
    const ditto_scope_t *scope, const ditto_access_t *access,
    ditto_array_t *fields, ditto_error_t *err);

/*
 * What of a fetched thing (JSON object text) the target's subjects may read;
 * "{}" if nothing.  DITTO_ERROR: out of memory.
 */
ditto_rc_t ditto_outbound_readable(const ditto_target_t *target,
    const ditto_scope_t *scope, const ditto_access_t *access,
    ditto_str_t thing, ditto_str_t *out, ditto_error_t *err);

/*
 * Second phase: the filter over what was fetched (thing; data is NULL if
 * nothing had to be), the view of subjects who may read only a part (it is
 * dropped if they may read nothing, whatever the first phase said), the
 * acknowledgements that are passed on, payload mapping, address and headers.
 * Records are added to records; scope->connection_id must be that of
 * connection.  DITTO_ERROR: the fate is DITTO_FATE_FAILED and *err says why,
 * but records may have got some of another mapper.
 */
ditto_rc_t ditto_outbound_publish(const ditto_connection_t *connection,
    const ditto_target_t *target, const ditto_scope_t *scope,
    const ditto_access_t *access, ditto_str_t thing, ditto_array_t *records,
    ditto_fate_e *fate, ditto_error_t *err);


#endif /* _DITTO_OUTBOUND_H_INCLUDED_ */
