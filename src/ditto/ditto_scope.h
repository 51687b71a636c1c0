/*
 * Everything that a rule may look at when it is applied to a message.  No
 * clock is read and nothing is fetched behind it.
 */

#ifndef _DITTO_SCOPE_H_INCLUDED_
#define _DITTO_SCOPE_H_INCLUDED_


#include "ditto_base.h"
#include "ditto_signal.h"


typedef struct {
    int64_t   sec;               /* since the epoch, UTC */
    uint32_t  nsec;              /* 0 .. 999,999,999 */
} ditto_time_t;


/* What was made of a message once and serves all rules after. */
typedef struct {
    ditto_str_t  thing;          /* ditto_thing_get(); data is NULL: not yet */
    bool         no_thing;       /* it was tried, the signal has none */
    bool         checked;        /* ditto_thing_check() found one */
    ditto_str_t  envelope;       /* written without extra; data is NULL: not
                                    yet */
    struct ditto_rql_tables_s  *members;     /* of objects that filters looked
                                                into; NULL: none yet */
} ditto_scope_cache_t;


typedef struct {
    ditto_pool_t          *pool;            /* for results */
    ditto_scope_cache_t   *cache;           /* all zero for a new message */
    const ditto_signal_t  *signal;
    ditto_str_t            connection_id;   /* of the publishing connection */
    const ditto_str_t     *subjects;        /* of the sender */
    size_t                 nsubjects;
    ditto_str_t            extra;           /* enriched fields, JSON object
                                               text; empty: none */
    ditto_time_t           now;
    ditto_str_t            uuid;            /* random: the id of a CloudEvent
                                               of a signal without
                                               correlation-id */
} ditto_scope_t;


#endif /* _DITTO_SCOPE_H_INCLUDED_ */
