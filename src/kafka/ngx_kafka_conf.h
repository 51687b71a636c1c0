
/*
 * The properties of a Kafka client: an ordered list of names and values, as
 * librdkafka's CONFIGURATION.md knows them.  Everything here runs while nginx
 * reads its configuration, and no thread outlives a call.
 */


#ifndef _NGX_KAFKA_CONF_H_INCLUDED_
#define _NGX_KAFKA_CONF_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <librdkafka/rdkafka.h>


/* both ends with a NUL behind it */
typedef struct {
    ngx_str_t    name;
    ngx_str_t    value;
} ngx_kafka_property_t;


/* Of two values of one property the later one counts. */
typedef struct {
    ngx_array_t  properties;     /* of ngx_kafka_property_t */
    ngx_uint_t   spreads;        /* records go to many partitions at once */
} ngx_kafka_conf_t;


ngx_int_t ngx_kafka_conf_init(ngx_kafka_conf_t *conf, ngx_pool_t *pool);

/* Adds a property without a look at it; copies both texts. */
ngx_int_t ngx_kafka_conf_add(ngx_kafka_conf_t *conf, ngx_str_t *name,
    ngx_str_t *value);
ngx_int_t ngx_kafka_conf_addz(ngx_kafka_conf_t *conf, char *name,
    char *value);

/*
 * May a user set this property to this value?  NGX_ERROR: *error is the
 * sentence (in pool, never with the value of a secret); its len is 0 if memory
 * is out.
 */
ngx_int_t ngx_kafka_property_check(ngx_pool_t *pool, ngx_str_t *name,
    ngx_str_t *value, ngx_str_t *error);

/* True for passwords, keys and tokens: their values must not be shown. */
ngx_uint_t ngx_kafka_property_is_secret(ngx_str_t *name);

/*
 * Puts the PEM text of the file, read now, in the place of ssl.ca.location and
 * ssl.key.location, since the workers may not read it.  A certificate stays a
 * file: librdkafka reads a chain from files only.  Logs what it cannot read.
 */
ngx_int_t ngx_kafka_conf_read_pem(ngx_conf_t *cf, ngx_kafka_conf_t *conf);

/*
 * What only a whole client shows: rd_kafka_new() without brokers, destroyed at
 * once.  Idempotence that is our default is switched off where the user's
 * acks, retries, max.in.flight or queuing.strategy exclude it.  A max.in.flight
 * that the user left to us is 3 if records spread, see ngx_kafka_batch.h; 1 if
 * they go to one partition for some time, for more requests are smaller ones;
 * and 1 without idempotence, since a retry would come behind what was sent
 * meanwhile.  Logs errors as [emerg] and librdkafka's warnings as [warn]; id
 * names the connection.  Gives what ngx_kafka_conf_make() makes of the list
 * now, for the caller to destroy; NULL: there was an error.
 */
rd_kafka_conf_t *ngx_kafka_conf_test(ngx_conf_t *cf, ngx_kafka_conf_t *conf,
    ngx_str_t *id);

/* The value that librdkafka would work with; otherwise, if it is no number. */
ngx_uint_t ngx_kafka_conf_number(rd_kafka_conf_t *rkc, char *name,
    ngx_uint_t otherwise);

/* Is that the value?  Written as librdkafka writes it. */
ngx_uint_t ngx_kafka_conf_is(rd_kafka_conf_t *rkc, char *name, char *value);

/* Two clients with equal lists can share a handle. */
ngx_uint_t ngx_kafka_conf_equal(ngx_kafka_conf_t *a, ngx_kafka_conf_t *b);

/*
 * For rd_kafka_new(): events and log go to the main queue.  NULL: *error tells
 * why (static or in errstr).  brokers: 0 leaves bootstrap.servers out.
 */
rd_kafka_conf_t *ngx_kafka_conf_make(ngx_kafka_conf_t *conf,
    ngx_uint_t brokers, char *errstr, size_t size);

/*
 * Has librdkafka ask this function for the partition of each record that does
 * not name one.  As ngx_kafka_conf_make().
 */
ngx_int_t ngx_kafka_conf_partitioner(rd_kafka_conf_t *rkc,
    int32_t (*partitioner)(const rd_kafka_topic_t *rkt, const void *key,
                           size_t len, int32_t n, void *rkt_opaque,
                           void *msg_opaque),
    char *errstr, size_t size);

/* nginx's level of a syslog level. */
ngx_uint_t ngx_kafka_log_level(int level);


#endif /* _NGX_KAFKA_CONF_H_INCLUDED_ */
