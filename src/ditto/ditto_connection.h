/*
 * A connection: one model for its two spellings, Ditto's JSON and the block
 * of nginx.conf.  Both fill the same structures through the same functions
 * and end in ditto_connection_validate().
 *
 * Ditto: basic-connections, connectivity-protocol-bindings-kafka2; spec
 * sections "Connection JSON model" and "Kafka binding".
 */

#ifndef _DITTO_CONNECTION_H_INCLUDED_
#define _DITTO_CONNECTION_H_INCLUDED_


#include "ditto_address.h"
#include "ditto_base.h"
#include "ditto_error.h"
#include "ditto_subscription.h"
#include "ditto_template.h"


typedef struct {
    ditto_str_t        name;
    ditto_str_t        text;
    ditto_template_t  *tpl;              /* set by validate */
} ditto_header_mapping_t;


typedef struct {
    ditto_str_t             address;     /* as written */
    ditto_template_t       *tpl;         /* of it; set by validate */
    ditto_array_t           topics;      /* of ditto_subscription_t */
    ditto_array_t           subjects;    /* authorizationContext, of
                                            ditto_str_t */
    ditto_array_t           header_mapping;   /* of ditto_header_mapping_t */
    ditto_array_t           payload_mapping;  /* mapper ids, of ditto_str_t */
    ditto_str_t             issued_label;     /* as written; empty: none */
    int64_t                 qos;
    bool                    has_qos;
} ditto_target_t;


/* A property of the Kafka client as the user wrote it. */
typedef struct {
    ditto_str_t  name;
    ditto_str_t  value;
} ditto_property_t;


typedef struct {
    ditto_str_t    text;                 /* as written, ASCII; holds secrets */
    ditto_str_t    scheme;
    ditto_str_t    host;
    unsigned       port;
    ditto_str_t    user;                 /* percent-decoded */
    ditto_str_t    password;             /* percent-decoded */
    bool           credentials;          /* both were given, empty ones too */
} ditto_uri_t;


typedef struct {
    ditto_str_t    id;
    ditto_str_t    name;                 /* data is NULL: null */
    ditto_str_t    status;               /* "open", "closed", ... */
    bool           open;
    bool           failover;             /* failoverEnabled */
    bool           validate_certificates;
    ditto_uri_t    uri;
    ditto_str_t    bootstrap_servers;    /* as written, comma separated */
    ditto_str_t    sasl_mechanism;       /* upper case, PLAIN by default */
    ditto_str_t    ca;                   /* PEM; empty: none */
    ditto_str_t    cert;                 /* PEM; empty: none */
    ditto_str_t    key;                  /* PEM; empty: none */
    bool           debug;                /* specificConfig debugEnabled */
    ditto_array_t  properties;           /* of ditto_property_t: what is not
                                            Ditto's own in specificConfig, or
                                            the directive "kafka" */
    ditto_array_t  targets;              /* of ditto_target_t */
    size_t         nsources;             /* accepted, never started */
    int64_t        client_count;
    int64_t        pool_size;            /* processorPoolSize */
    ditto_array_t  tags;                 /* of ditto_str_t */
} ditto_connection_t;


/* Defaults of Ditto; arrays empty. */
void ditto_connection_init(ditto_connection_t *connection,
    ditto_pool_t *pool);
void ditto_target_init(ditto_target_t *target, ditto_pool_t *pool);

/*
 * Reads a connection document: the bare connection, or one wrapped in
 * "connection" (as Ditto's piggyback commands carry it).  Unknown members are
 * accepted.  Everything is copied into pool.  Ends with
 * ditto_connection_validate().
 *
 * DITTO_ERROR: err, and in place the JSON pointer of the member at fault
 * (such as /targets/0/address), or an empty text if the text is not JSON; then
 * the offset of err tells where.
 */
ditto_rc_t ditto_connection_parse(ditto_pool_t *pool, ditto_str_t text,
    ditto_connection_t *connection, ditto_str_t *place, ditto_error_t *err);

/*
 * Everything that Ditto checks when a connection is created, in its order,
 * and what cannot be done here yet.  Compiles address and header mapping of
 * each target.  place: as above.
 */
ditto_rc_t ditto_connection_validate(ditto_pool_t *pool,
    ditto_connection_t *connection, ditto_str_t *place, ditto_error_t *err);

/* Ditto's rules for "uri".  DITTO_E_CONNECTION_URI_INVALID, masked. */
ditto_rc_t ditto_uri_parse(ditto_pool_t *pool, ditto_str_t text,
    ditto_uri_t *uri, ditto_error_t *err);

/* The uri with its password as "*****", for logs and answers. */
void ditto_uri_mask(ditto_buf_t *out, ditto_str_t text);

/*
 * The list for the Kafka client: bootstrapServers and the uri's own host and
 * port, without duplicates.
 */
void ditto_connection_brokers(ditto_buf_t *out,
    const ditto_connection_t *connection);


#endif /* _DITTO_CONNECTION_H_INCLUDED_ */
