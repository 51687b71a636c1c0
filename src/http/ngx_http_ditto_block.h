
/*
 * What the files of the block ditto_connection { } share.
 */

#ifndef _NGX_HTTP_DITTO_BLOCK_H_INCLUDED_
#define _NGX_HTTP_DITTO_BLOCK_H_INCLUDED_


#include "ngx_http_ditto.h"


/* Where nginx.conf says what a JSON pointer names. */
typedef struct {
    ngx_str_t                     place;     /* such as /targets/0/address */
    ngx_str_t                     directive;
    ngx_str_t                     value;     /* empty: not to be shown */
    ngx_str_t                     file;
    ngx_uint_t                    line;
} ngx_http_ditto_line_t;


/*
 * The configuration context inside the block.  The contexts of nginx have no
 * bit left, so the block has a module type of its own; nginx finds "conf" at
 * offset 0 and in it the context at the module's ctx_index.
 */
typedef struct {
    void                        **conf;
    void                         *confs[1];
    ditto_pool_t                 *pool;
    ngx_http_ditto_connection_t  *connection;
    ditto_target_t               *target;
    ngx_array_t                   lines;     /* of ngx_http_ditto_line_t */
} ngx_http_ditto_block_t;


/* What a directive sets, and what a JSON document calls it. */
typedef struct {
    char                         *place;
    ditto_rc_t                  (*set)(ditto_pool_t *pool,
                                       ditto_connection_t *connection,
                                       ditto_str_t text, ditto_error_t *err);
} ngx_http_ditto_member_t;


typedef struct {
    char                         *place;
    ditto_rc_t                  (*set)(ditto_pool_t *pool,
                                       ditto_target_t *target,
                                       ditto_str_t text, ditto_error_t *err);
    ngx_uint_t                    offset;    /* of the list; 0: no list */
} ngx_http_ditto_target_member_t;


/*
 * Remembers where a directive stands.  place: a JSON pointer, in which "#"
 * stands for the number of the target at hand; value: as it may be shown, NULL
 * for none.
 */
char *ngx_http_ditto_block_line(ngx_conf_t *cf, ngx_http_ditto_block_t *block,
    char *place, ngx_str_t *value);

/* Whether the place has been named; for what can stand only once. */
ngx_uint_t ngx_http_ditto_block_has(ngx_http_ditto_block_t *block,
    char *place);


/* The directives; conf is the block. */
char *ngx_http_ditto_member(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_ditto_sasl_mechanism(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_ditto_bootstrap_servers(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_ditto_pem_file(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_ditto_validate_certificates(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_ditto_kafka_property(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_ditto_mapping_definition(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_ditto_target_member(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_ditto_header_mapping(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


#endif /* _NGX_HTTP_DITTO_BLOCK_H_INCLUDED_ */
