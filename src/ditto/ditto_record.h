/*
 * What Kafka will get: the records that a target makes of a signal.
 *
 * Ditto: connectivity-protocol-bindings-kafka2; spec section "Headers and
 * payload of the Kafka record".
 */

#ifndef _DITTO_RECORD_H_INCLUDED_
#define _DITTO_RECORD_H_INCLUDED_


#include "ditto_base.h"
#include "ditto_error.h"


typedef struct {
    ditto_str_t  name;
    ditto_str_t  value;
} ditto_record_header_t;


typedef struct {
    ditto_str_t             topic;
    ditto_str_t             key;         /* data is NULL: no key */
    int32_t                 partition;   /* -1: the partitioner's choice */
    ditto_str_t             value;       /* perhaps empty, but never NULL */
    ditto_record_header_t  *headers;
    size_t                  nheaders;
} ditto_record_t;


#endif /* _DITTO_RECORD_H_INCLUDED_ */
