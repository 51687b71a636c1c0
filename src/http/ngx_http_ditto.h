
/*
 * What the files of the HTTP glue share: the configuration as it is after
 * nginx has read it, and the functions of each file.
 */


#ifndef _NGX_HTTP_DITTO_H_INCLUDED_
#define _NGX_HTTP_DITTO_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ditto_connection.h"
#include "ditto_enforcement.h"
#include "ditto_policy.h"
#include "ditto_target.h"
#include "ngx_kafka_producer.h"


/* An nginx pool as the core sees pools. */
typedef struct {
    ditto_pool_t            pool;        /* first */
    ngx_pool_t             *nginx;
    size_t                  piece;       /* bytes put aside when nothing is
                                            left; 0: nothing is put aside */
} ngx_http_ditto_pool_t;


/* Connections with equal properties share one client, and so its producer. */
typedef struct {
    ngx_kafka_conf_t        conf;
    ngx_str_t               id;          /* of up to three connections */
    ngx_uint_t              nids;        /* connections in all */
    ngx_array_t             warm;        /* topics, of ngx_str_t */
    ngx_uint_t              used;        /* by a publish location */
    size_t                  max_bytes;   /* message.max.bytes */
    ngx_kafka_producer_t   *producer;    /* of this worker */
} ngx_http_ditto_client_t;


typedef struct {
    ditto_connection_t        model;
    ngx_str_t                 id;        /* the model's, for logs */
    ngx_str_t                 place;     /* "file:line" or the document */
    ngx_http_ditto_client_t  *client;
} ngx_http_ditto_connection_t;


/* A target that a location publishes to. */
typedef struct {
    ngx_http_ditto_connection_t  *connection;
    ditto_target_t               *target;
} ngx_http_ditto_route_t;


/* The targets of a location that take one kind of signal. */
typedef struct {
    ngx_array_t                routes;       /* of ngx_http_ditto_route_t */
    ngx_rbtree_t               buckets;      /* of namespaces and subjects */
    ngx_rbtree_node_t          sentinel;
} ngx_http_ditto_index_t;


/* An acknowledgement label that a location knows. */
typedef struct {
    ditto_str_t                   label;
    ngx_http_ditto_connection_t  *connection;
    const ditto_target_t         *target;    /* NULL: a source declares it */
} ngx_http_ditto_label_t;


typedef struct {
    ngx_http_complex_value_t   input;
    ditto_enforcement_t       *rule;
} ngx_http_ditto_enforcement_t;


typedef struct ngx_http_ditto_chunk_s  ngx_http_ditto_chunk_t;


/* Memory that is filled by the master and only read afterwards. */
typedef struct {
    ditto_pool_t             pool;       /* first */
    ngx_pool_t              *nginx;      /* goes with it */
    ngx_http_ditto_chunk_t  *chunks;
} ngx_http_ditto_area_t;


typedef struct ngx_http_ditto_policies_s  ngx_http_ditto_policies_t;


/* ditto_things, and what this worker remembers of them. */
typedef struct {
    ngx_str_t                  uri;          /* without a slash at its end */
    ngx_uint_t                 max;          /* entries; 0: no cache */
    ngx_msec_t                 valid;
    ngx_rbtree_t               tree;
    ngx_rbtree_node_t          sentinel;
    ngx_queue_t                lru;
    ngx_uint_t                 n;
    size_t                     size;         /* bytes of the entries */
} ngx_http_ditto_things_t;


/* ditto_partial_events */
#define NGX_HTTP_DITTO_STRICT   0
#define NGX_HTTP_DITTO_PARTIAL  1


typedef struct {
    ngx_array_t                 connections; /* of
                                         ngx_http_ditto_connection_t * */
    ngx_array_t                 clients;     /* of ngx_http_ditto_client_t * */
    ngx_array_t                 locations;   /* that publish, of
                                         ngx_http_ditto_loc_conf_t * */
    ngx_array_t                *policy_ids;  /* of ditto_template_t *; NULL:
                                                the default */
    ngx_http_ditto_policies_t  *policies;    /* NULL: none given */
    size_t                      policy_cache;    /* bytes */
    ngx_http_ditto_things_t    *things;      /* NULL: not given */
    ngx_flag_t                  policies_off;
    ngx_msec_t                  exit;        /* the longest a record waits */
} ngx_http_ditto_main_conf_t;


typedef struct {
    ngx_array_t                *ids;         /* of ngx_str_t; NULL: every
                                                open connection */
    ngx_array_t                *subjects;    /* of ngx_http_complex_value_t;
                                                NULL: off */
    ngx_http_ditto_enforcement_t
                               *enforcement; /* NULL: off */
    ngx_msec_t                  timeout;
    ngx_uint_t                  batch;       /* messages in one request; 0: no
                                                batches */
    ngx_uint_t                  partial_events;
    ngx_array_t                *mapping;     /* ditto_payload_mapping, of
                                                ngx_str_t; NULL: off */
    ngx_array_t                *mappers;     /* of it, of ditto_mapper_t *;
                                                NULL: off */
    ngx_http_ditto_index_t      index[DITTO_TOPIC_MAX];
    ngx_array_t                 labels;      /* that open connections issue or
                                                declare, of
                                                ngx_http_ditto_label_t */
    ngx_array_t                 clients;     /* of the routes, of
                                         ngx_http_ditto_client_t * */
    size_t                      max_bytes;   /* no client takes more */
    ngx_uint_t                  open;        /* connections */
    ngx_str_t                   file;        /* where ditto_publish stands */
    ngx_uint_t                  line;
    unsigned                    publish:1;
} ngx_http_ditto_loc_conf_t;


extern ngx_module_t  ngx_http_ditto_kafka_module;
extern ngx_module_t  ngx_http_ditto_connection_module;


/* --- pool ---------------------------------------------------------------- */

void ngx_http_ditto_pool_init(ngx_http_ditto_pool_t *pool,
    ngx_pool_t *nginx);
/*
 * Takes small allocations from size bytes at p, which are aligned for any type
 * and live as long as nginx's pool, and from pieces of that pool afterwards.
 */
void ngx_http_ditto_pool_aside(ngx_http_ditto_pool_t *pool, u_char *p,
    size_t size);
/* A pool in the memory of another one, as long as that lives. */
ditto_pool_t *ngx_http_ditto_pool(ngx_pool_t *nginx);

#define ngx_http_ditto_str(s)  ((ditto_str_t) { (s).len, (s).data })


/* --- area ---------------------------------------------------------------- */

ngx_http_ditto_area_t *ngx_http_ditto_area_create(ngx_pool_t *nginx);
/* Nothing is added any more: whoever writes to it crashes. */
ngx_int_t ngx_http_ditto_area_seal(ngx_http_ditto_area_t *area);

/* Zeroed memory of the kernel's; NULL: logged. */
void *ngx_http_ditto_area_map(size_t size, ngx_log_t *log);
void ngx_http_ditto_area_unmap(void *p, size_t size, ngx_log_t *log);


/* --- files of the configuration ------------------------------------------ */

typedef char *(*ngx_http_ditto_document_pt)(ngx_conf_t *cf, ngx_str_t *file,
    ngx_str_t *text);

/*
 * Gives every file of a pattern to handler, in the order of their names.  A
 * pattern may match nothing; a plain name must exist.  The file's name lives as
 * long as cf->temp_pool, its text until handler returns.
 */
char *ngx_http_ditto_documents(ngx_conf_t *cf, ngx_str_t *pattern,
    ngx_http_ditto_document_pt handler);

/*
 * Logs an error of the core as [emerg]: what it concerns, the sentence, and
 * the place in the document (line and column if there is only an offset; text
 * NULL: of neither).
 */
void ngx_http_ditto_document_error(ngx_conf_t *cf, char *what,
    ngx_str_t *file, ngx_str_t *text, ditto_str_t *place,
    ditto_error_t *err);

/* The sentence alone, on one line, in cf->temp_pool. */
ngx_int_t ngx_http_ditto_sentence(ngx_conf_t *cf, ditto_error_t *err,
    ngx_str_t *s);
/* A copy in cf->temp_pool with blanks for control characters. */
ngx_int_t ngx_http_ditto_printable(ngx_conf_t *cf, ngx_str_t *s);

/* The same for an argument of a directive. */
void ngx_http_ditto_argument_error(ngx_conf_t *cf, ngx_str_t *value,
    ditto_error_t *err);


/* --- connections --------------------------------------------------------- */

char *ngx_http_ditto_connection_block(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_ditto_connections(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* An empty one, not registered yet. */
ngx_http_ditto_connection_t *ngx_http_ditto_connection_create(ngx_conf_t *cf,
    ditto_pool_t *pool);
/* Checks what is not the core's to check, and registers a validated one. */
char *ngx_http_ditto_connection_done(ngx_conf_t *cf,
    ngx_http_ditto_connection_t *connection);

/*
 * After everything is read: the Kafka client of each connection that a
 * location publishes to; routes, labels and mappers of each location.
 */
ngx_int_t ngx_http_ditto_clients_init(ngx_conf_t *cf,
    ngx_http_ditto_main_conf_t *dmcf);
ngx_int_t ngx_http_ditto_routes_init(ngx_conf_t *cf,
    ngx_http_ditto_main_conf_t *dmcf);


/* The index of index->routes. */
ngx_int_t ngx_http_ditto_index_init(ngx_conf_t *cf,
    ngx_http_ditto_index_t *index, ditto_topic_e topic);
/*
 * Adds the numbers of the routes that may want the signal to found (of
 * uint32_t), ascending.  NGX_ERROR: out of memory.
 */
ngx_int_t ngx_http_ditto_candidates(const ngx_http_ditto_index_t *index,
    const ditto_signal_t *signal, const ditto_access_t *access,
    ditto_array_t *found);


/* --- policies ------------------------------------------------------------ */

char *ngx_http_ditto_policies(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_ditto_policy_id(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
/* Compiles every policy once, so that nginx -t sees what is wrong. */
ngx_int_t ngx_http_ditto_policies_init(ngx_conf_t *cf,
    ngx_http_ditto_main_conf_t *dmcf);

/*
 * The policy that governs the scope's entity; it is valid until the next
 * call.  DITTO_DECLINED: there is none.
 */
ditto_rc_t ngx_http_ditto_policy_get(ngx_http_ditto_main_conf_t *dmcf,
    const ditto_scope_t *scope, const ditto_policy_t **policy,
    ditto_error_t *err);


/* --- things and payload mapping of a location ------------------------------- */

char *ngx_http_ditto_things(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
/* Puts the filter for the answers of ditto_things into nginx's chain. */
ngx_int_t ngx_http_ditto_subrequests_init(void);
char *ngx_http_ditto_payload_mapping(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


/* --- enforcement --------------------------------------------------------- */

char *ngx_http_ditto_enforcement(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


/* --- requests ------------------------------------------------------------ */

ngx_int_t ngx_http_ditto_publish_handler(ngx_http_request_t *r);

/*
 * The body of the request as one span: that of nginx's buffer where there is
 * one, else a copy.  NGX_DECLINED: it has more than max bytes.  NGX_ERROR: out
 * of memory, or logged.
 */
ngx_int_t ngx_http_ditto_body(ngx_http_request_t *r, size_t max,
    ngx_str_t *body);

/*
 * Sends Ditto's error object of err.  members: more members of the object,
 * beginning with a comma, or an empty text.  Returns what
 * ngx_http_finalize_request() takes.
 */
ngx_int_t ngx_http_ditto_send_error(ngx_http_request_t *r, ngx_uint_t status,
    ditto_error_t *err, ditto_str_t members);
/* Sends JSON text, which must live as long as the request. */
ngx_int_t ngx_http_ditto_send_json(ngx_http_request_t *r, ngx_uint_t status,
    ditto_str_t body);
/* Sends a status without a body. */
ngx_int_t ngx_http_ditto_send_status(ngx_http_request_t *r,
    ngx_uint_t status);
ngx_int_t ngx_http_ditto_add_header(ngx_http_request_t *r, char *name,
    ngx_str_t *value);

/* False if the log has had its lines of this second; counts what is left out. */
ngx_uint_t ngx_http_ditto_may_log(void);


#endif /* _NGX_HTTP_DITTO_H_INCLUDED_ */
