/*
 * The topic path of a Ditto Protocol message:
 *
 *     <namespace>/<name>/things/twin/events/modified
 *
 * Ditto: protocol-specification-topic; spec sections "Topic path: Grammar" and
 * "Errors of the topic grammar".
 */

#ifndef _DITTO_TOPIC_PATH_H_INCLUDED_
#define _DITTO_TOPIC_PATH_H_INCLUDED_


#include "ditto_base.h"
#include "ditto_error.h"


typedef enum {
    DITTO_GROUP_THINGS = 0,
    DITTO_GROUP_POLICIES,
    DITTO_GROUP_CONNECTIONS
} ditto_group_e;


typedef enum {
    DITTO_CHANNEL_NONE = 0,          /* policies, connections, or "none" */
    DITTO_CHANNEL_TWIN,
    DITTO_CHANNEL_LIVE
} ditto_channel_e;


typedef enum {
    DITTO_CRITERION_COMMANDS = 0,
    DITTO_CRITERION_EVENTS,
    DITTO_CRITERION_SEARCH,
    DITTO_CRITERION_MESSAGES,
    DITTO_CRITERION_ERRORS,
    DITTO_CRITERION_ACKS,
    DITTO_CRITERION_ANNOUNCEMENTS,
    DITTO_CRITERION_STREAMING
} ditto_criterion_e;


typedef enum {
    DITTO_ACTION_NONE = 0,
    DITTO_ACTION_CREATE,
    DITTO_ACTION_RETRIEVE,
    DITTO_ACTION_MODIFY,
    DITTO_ACTION_MERGE,
    DITTO_ACTION_DELETE,
    DITTO_ACTION_MIGRATE,
    DITTO_ACTION_CREATED,
    DITTO_ACTION_MODIFIED,
    DITTO_ACTION_MERGED,
    DITTO_ACTION_MIGRATED,
    DITTO_ACTION_DELETED,
    DITTO_ACTION_CHECK_PERMISSIONS
} ditto_action_e;


typedef struct {
    ditto_str_t        ns;           /* may be empty */
    ditto_str_t        name;         /* of the entity */
    ditto_group_e      group;
    ditto_channel_e    channel;
    ditto_criterion_e  criterion;
    ditto_action_e     action;       /* of commands and events */
    ditto_str_t        tail;         /* action, search action, streaming
                                        action or subject; else empty */
} ditto_topic_path_t;


/*
 * The grammar only: ids and the legality of combinations are the envelope's.
 * The spans point into text, which the errors quote.  Does not allocate.
 * DITTO_ERROR: DITTO_E_UNKNOWN_TOPIC_PATH.
 */
ditto_rc_t ditto_topic_path_parse(ditto_topic_path_t *tp, ditto_str_t text,
    ditto_error_t *err);

/* Printed again: without channel "none" and without surplus segments. */
void ditto_topic_path_render(ditto_buf_t *out, const ditto_topic_path_t *tp);

/* "things", "live", "events": as they stand in a topic; "none" if unset. */
ditto_str_t ditto_group_name(ditto_group_e group);
ditto_str_t ditto_channel_name(ditto_channel_e channel);
ditto_str_t ditto_criterion_name(ditto_criterion_e criterion);


#endif /* _DITTO_TOPIC_PATH_H_INCLUDED_ */
