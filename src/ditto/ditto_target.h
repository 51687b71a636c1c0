/*
 * One target and one signal: is it meant, may it be read, what will Kafka get.
 *
 * Ditto: basic-connections "Targets"; spec sections "Target check" and
 * "Pipeline".
 */

#ifndef _DITTO_TARGET_H_INCLUDED_
#define _DITTO_TARGET_H_INCLUDED_


#include "ditto_base.h"
#include "ditto_connection.h"
#include "ditto_error.h"
#include "ditto_policy.h"
#include "ditto_record.h"
#include "ditto_scope.h"


typedef enum {
    DITTO_ACCESS_NONE = 0,
    DITTO_ACCESS_PARTIAL,            /* of an event: what the subjects may
                                        read */
    DITTO_ACCESS_FULL
} ditto_access_e;


/* Who decides what may be read. */
typedef struct {
    const ditto_policy_t  *policy;   /* of the entity; NULL: there is none, and
                                        then nobody may read anything */
    bool                   off;      /* there are no policies: everybody may */
    bool                   partial;  /* parts of events are published */
} ditto_access_t;


/*
 * DITTO_OK if one of the target's topics entries wants the signal.
 * DITTO_DECLINED: none does.
 */
ditto_rc_t ditto_target_match(const ditto_target_t *target,
    const ditto_scope_t *scope, ditto_error_t *err);

/*
 * May the target's subjects read the signal?  Events: DITTO_ACCESS_FULL if one
 * of them has unrestricted READ on the event's path; DITTO_ACCESS_PARTIAL, if
 * access allows it, if one may read anything of the thing.  Live commands and
 * messages: one of them is granted READ and none is revoked it.  Announcements:
 * always.
 */
ditto_access_e ditto_target_access(const ditto_target_t *target,
    const ditto_signal_t *signal, const ditto_access_t *access);
/* The same for one subject and an event. */
ditto_access_e ditto_target_reader(const ditto_access_t *access,
    const ditto_signal_t *signal, ditto_str_t subject);

/*
 * Is the policy announcement addressed to one of the target's subjects?  True
 * for any other signal.  pool: for what is decoded.
 */
bool ditto_target_addressed(const ditto_target_t *target,
    const ditto_signal_t *signal, ditto_pool_t *pool);

/* The resource that a policy grants or revokes for the signal. */
ditto_resource_t ditto_target_resource(const ditto_signal_t *signal);

/*
 * Adds the records (of ditto_record_t) that the target makes of the signal:
 * payload mapping, address, header mapping, ditto-connection-id.
 * DITTO_DECLINED: none; *unaddressed tells whether its mappers dropped it
 * (false) or its address has a placeholder without a value (true).
 * DITTO_ERROR: publishing fails, but for the records that were added, as those
 * of another mapper of the target.
 */
ditto_rc_t ditto_target_map(const ditto_target_t *target,
    const ditto_scope_t *scope, ditto_array_t *records, bool *unaddressed,
    ditto_error_t *err);


/*
 * What may be posted at all: events, live commands, live messages and policy
 * announcements.  DITTO_E_SIGNAL_UNSUPPORTED.
 */
ditto_rc_t ditto_sender_accept(const ditto_signal_t *signal,
    ditto_error_t *err);

/*
 * Has the sender the right?  spec: "Rights of what is posted".  policy: that
 * of the entity; NULL: there is none (DITTO_E_THING_NOT_FOUND).
 */
ditto_rc_t ditto_sender_check(const ditto_signal_t *signal,
    const ditto_policy_t *policy, const ditto_subjects_t *subjects,
    ditto_error_t *err);


#endif /* _DITTO_TARGET_H_INCLUDED_ */
