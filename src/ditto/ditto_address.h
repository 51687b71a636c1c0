/*
 * The address of a Kafka target:
 *
 *     topic               any partition
 *     topic/key           the key may itself contain "/" and "#"
 *     topic#partition     a 32-bit number
 *
 * Ditto: connectivity-protocol-bindings-kafka2 "Target configuration"; spec
 * section "Target address".
 */

#ifndef _DITTO_ADDRESS_H_INCLUDED_
#define _DITTO_ADDRESS_H_INCLUDED_


#include "ditto_base.h"
#include "ditto_error.h"
#include "ditto_template.h"


typedef struct {
    ditto_str_t  topic;
    ditto_str_t  key;            /* data is NULL: no key */
    int32_t      partition;      /* -1: none given */
    bool         has_partition;
} ditto_address_t;


/*
 * Splits a resolved address, as Ditto does for each message (an empty key or
 * partition is none).  Spans point into text.  Does not allocate.
 * DITTO_ERROR: DITTO_E_CONNECTION_CONFIGURATION with Ditto's sentence (illegal
 * topic, unreadable or negative partition).
 */
ditto_rc_t ditto_address_parse(ditto_address_t *address, ditto_str_t text,
    ditto_error_t *err);

/*
 * Compiles the address of a target and checks it as Ditto does when a
 * connection is created.  *tpl is what ditto_template_resolve() takes; its
 * result goes to ditto_address_parse().
 */
ditto_rc_t ditto_address_compile(ditto_pool_t *pool, ditto_str_t text,
    ditto_template_t **tpl, ditto_error_t *err);

/*
 * Checks a topic as Ditto does when a connection is created, in its words.
 * DITTO_ERROR: DITTO_E_CONNECTION_CONFIGURATION, or out of memory.
 */
ditto_rc_t ditto_kafka_topic_check(ditto_pool_t *pool, ditto_str_t topic,
    ditto_error_t *err);

/* Kafka's rules: 1 .. 249 of [a-zA-Z0-9._-], not "." and not "..". */
bool ditto_kafka_topic_valid(ditto_str_t topic);


#endif /* _DITTO_ADDRESS_H_INCLUDED_ */
