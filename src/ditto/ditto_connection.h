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
#include "ditto_mapper.h"
#include "ditto_subscription.h"
#include "ditto_template.h"


/* Entries of a list in which no two are the same; each is compared with all. */
#define DITTO_CONNECTION_LIST  1000


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
    ditto_array_t           mappers;     /* of ditto_mapper_t *; set by
                                            validate, at least one */
    ditto_str_t             issued_label;     /* as written; empty: none */
    ditto_str_t             label;       /* of it, resolved; set by validate */
    bool                    enriched;    /* a topics entry has extraFields */
    int64_t                 qos;
    bool                    has_qos;
} ditto_target_t;


/* Sources are validated and given back, never started. */
typedef struct {
    ditto_array_t           addresses;   /* of ditto_str_t */
    ditto_array_t           subjects;    /* of ditto_str_t */
    ditto_array_t           header_mapping;    /* of ditto_header_mapping_t */
    ditto_array_t           payload_mapping;   /* of ditto_str_t */
    ditto_array_t           declared_acks;     /* of ditto_str_t */
    ditto_array_t           labels;      /* of them, resolved, ditto_str_t; set
                                            by validate */
    ditto_array_t           filters;     /* enforcement, of ditto_str_t */
    ditto_str_t             input;       /* enforcement; data is NULL: none */
    ditto_str_t             acks;        /* acknowledgementRequests, JSON text
                                            as rendered; empty: none */
    ditto_str_t             reply_target;      /* as rendered */
    size_t                  index;       /* in the document */
    int64_t                 consumer_count;
    int64_t                 qos;
    bool                    has_qos;
} ditto_source_t;


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
    ditto_str_t    cert;                 /* PEM; data is NULL: none */
    ditto_str_t    key;                  /* PEM; data is NULL: none */
    bool           debug;                /* specificConfig debugEnabled */
    ditto_array_t  properties;           /* of ditto_property_t: what is not
                                            Ditto's own in specificConfig, or
                                            the directive "kafka" */
    ditto_array_t  targets;              /* of ditto_target_t */
    size_t         nsources;             /* accepted, never started */
    int64_t        client_count;
    int64_t        pool_size;            /* processorPoolSize */
    ditto_array_t  tags;                 /* of ditto_str_t */
    ditto_array_t  specific;             /* specificConfig, of
                                            ditto_property_t: Ditto's own
                                            settings and properties */
    ditto_array_t  sources;              /* of ditto_source_t */
    ditto_array_t  definitions;          /* mappingDefinitions, of
                                            ditto_mapping_definition_t */
    ditto_array_t  mappers;              /* of them, ditto_mapper_t *; set by
                                            validate */
    ditto_str_t    credentials_type;     /* "client-cert", ...; empty: none */
    ditto_str_t    credentials;          /* JSON text, unless the type is
                                            "client-cert"; holds secrets */
    ditto_str_t    ssh_tunnel;           /* JSON text; empty: none */
} ditto_connection_t;


/* Defaults of Ditto; arrays empty. */
void ditto_connection_init(ditto_connection_t *connection,
    ditto_pool_t *pool);
void ditto_target_init(ditto_target_t *target, ditto_pool_t *pool);
void ditto_source_init(ditto_source_t *source, ditto_pool_t *pool);


/* --- filling a connection --------------------------------------------------
 *
 * Text is kept, not copied: it must live as long as the connection.  A setter
 * checks what Ditto checks while it reads the member; everything else is left
 * to ditto_connection_validate().  DITTO_ERROR: err with the offset in text of
 * what is at fault, or out of memory.
 */

/* [a-zA-Z0-9-_:]{1,100}.  DITTO_E_CONNECTION_ID_INVALID. */
ditto_rc_t ditto_connection_set_id(ditto_pool_t *pool,
    ditto_connection_t *connection, ditto_str_t text, ditto_error_t *err);
/* open, closed, failed, misconfigured or unknown. */
ditto_rc_t ditto_connection_set_status(ditto_pool_t *pool,
    ditto_connection_t *connection, ditto_str_t text, ditto_error_t *err);
/* DITTO_E_CONNECTION_URI_INVALID.  The scheme is validate's. */
ditto_rc_t ditto_connection_set_uri(ditto_pool_t *pool,
    ditto_connection_t *connection, ditto_str_t text, ditto_error_t *err);

/* A decimal number of 1 .. 2^31 - 1. */
ditto_rc_t ditto_connection_set_client_count(ditto_pool_t *pool,
    ditto_connection_t *connection, ditto_str_t text, ditto_error_t *err);
ditto_rc_t ditto_connection_set_pool_size(ditto_pool_t *pool,
    ditto_connection_t *connection, ditto_str_t text, ditto_error_t *err);

/*
 * PEM; the format is validate's.  A blank ca is none.  A certificate or key
 * makes the credentials "client-cert".
 */
ditto_rc_t ditto_connection_set_ca(ditto_pool_t *pool,
    ditto_connection_t *connection, ditto_str_t text, ditto_error_t *err);
ditto_rc_t ditto_connection_set_cert(ditto_pool_t *pool,
    ditto_connection_t *connection, ditto_str_t text, ditto_error_t *err);
ditto_rc_t ditto_connection_set_key(ditto_pool_t *pool,
    ditto_connection_t *connection, ditto_str_t text, ditto_error_t *err);

/* The members of specificConfig; a second value replaces the first. */
ditto_rc_t ditto_connection_set_bootstrap_servers(ditto_pool_t *pool,
    ditto_connection_t *connection, ditto_str_t text, ditto_error_t *err);
ditto_rc_t ditto_connection_set_sasl_mechanism(ditto_pool_t *pool,
    ditto_connection_t *connection, ditto_str_t text, ditto_error_t *err);
/* Any name: Ditto's own settings, otherwise a property of the client. */
ditto_rc_t ditto_connection_set_specific(ditto_pool_t *pool,
    ditto_connection_t *connection, ditto_str_t name, ditto_str_t value,
    ditto_error_t *err);

/* A tag that is there already is not added again. */
ditto_rc_t ditto_connection_add_tag(ditto_pool_t *pool,
    ditto_connection_t *connection, ditto_str_t text, ditto_error_t *err);

/*
 * A new target or source at the end, initialised; NULL: out of memory.  It
 * moves when the next one is added.
 */
ditto_target_t *ditto_connection_add_target(ditto_pool_t *pool,
    ditto_connection_t *connection);
ditto_source_t *ditto_connection_add_source(ditto_pool_t *pool,
    ditto_connection_t *connection);

/*
 * An entry of mappingDefinitions, whose texts must live as long as the
 * connection; a second of the same id replaces the first.  DITTO_ERROR: out of
 * memory.
 */
ditto_rc_t ditto_connection_define(ditto_connection_t *connection,
    const ditto_mapping_definition_t *definition);

/* Stored; the grammar is validate's (or use ditto_address_compile()). */
ditto_rc_t ditto_target_set_address(ditto_pool_t *pool,
    ditto_target_t *target, ditto_str_t text, ditto_error_t *err);
/*
 * Compiles the entry; the codes of ditto_subscription_compile().  An entry
 * that equals one which is there already is not added again.
 */
ditto_rc_t ditto_target_add_topic(ditto_pool_t *pool,
    ditto_target_t *target, ditto_str_t text, ditto_error_t *err);
/* An authorization subject, "nginx:out".  Must not be empty. */
ditto_rc_t ditto_target_add_subject(ditto_pool_t *pool,
    ditto_target_t *target, ditto_str_t text, ditto_error_t *err);
/* An entry of headerMapping; a second value replaces the first. */
ditto_rc_t ditto_target_add_header(ditto_pool_t *pool,
    ditto_target_t *target, ditto_str_t name, ditto_str_t value,
    ditto_error_t *err);
/* A mapper id of payloadMapping. */
ditto_rc_t ditto_target_add_mapper(ditto_pool_t *pool,
    ditto_target_t *target, ditto_str_t text, ditto_error_t *err);
/* issuedAcknowledgementLabel. */
ditto_rc_t ditto_target_set_issued_label(ditto_pool_t *pool,
    ditto_target_t *target, ditto_str_t text, ditto_error_t *err);


/* --- reading, checking, writing ------------------------------------------ */

/*
 * What Ditto checks when it builds the connection from its members, before it
 * reads the uri; a part of ditto_connection_validate().  place: as there.
 */
ditto_rc_t ditto_connection_check_members(ditto_pool_t *pool,
    ditto_connection_t *connection, ditto_str_t *place,
    ditto_error_t *err);

/*
 * DITTO_E_CONNECTION_CONFIGURATION if n entries, of what, are all that such a
 * list can hold.
 */
ditto_rc_t ditto_connection_room(size_t n, const char *what,
    ditto_error_t *err);

/* ({{\s*[a-z]+:[a-z]+\s*}}:)?[a-zA-Z0-9-_:]{3,165} */
bool ditto_connection_label_valid(ditto_str_t label);

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

/*
 * The mapper of an id: a definition of the validated connection, or one that
 * needs none, made in pool.  DITTO_DECLINED: there is none.  DITTO_ERROR: out
 * of memory.
 */
ditto_rc_t ditto_connection_mapper(ditto_pool_t *pool,
    const ditto_connection_t *connection, ditto_str_t id,
    ditto_mapper_t **mapper, ditto_error_t *err);

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

/*
 * Writes the connection as Ditto gives it back, members in its order.  mask:
 * passwords and private keys as "*****".
 */
void ditto_connection_render(ditto_buf_t *out,
    const ditto_connection_t *connection, bool mask);


#endif /* _DITTO_CONNECTION_H_INCLUDED_ */
