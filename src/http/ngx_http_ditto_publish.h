
/*
 * A request on its way: what the files of the content handler share.
 */


#ifndef _NGX_HTTP_DITTO_PUBLISH_H_INCLUDED_
#define _NGX_HTTP_DITTO_PUBLISH_H_INCLUDED_


#include "ngx_http_ditto.h"


typedef struct ngx_http_ditto_ctx_s  ngx_http_ditto_ctx_t;


/* One record, or a target for which none could be made. */
typedef struct {
    ngx_http_ditto_ctx_t           *ctx;
    ngx_kafka_delivery_t           *delivery;    /* NULL: none under way */
    const ngx_http_ditto_route_t   *route;
    ditto_record_t                  record;
    ditto_error_t                   error;       /* code 0: none */
    ngx_kafka_report_t              report;
} ngx_http_ditto_result_t;


struct ngx_http_ditto_ctx_s {
    ngx_http_ditto_pool_t           pool;
    ngx_http_request_t             *request;
    ditto_str_t                    *subjects;    /* the sender's */
    size_t                          nsubjects;
    ditto_str_t                     input;       /* of the enforcement */
    ditto_signal_t                  signal;
    ditto_scope_cache_t             cache;
    ditto_array_t                   results;     /* of
                                             ngx_http_ditto_result_t */
    ngx_uint_t                      pending;     /* records without report, and
                                                    one while producing */
    ngx_event_t                     timer;
    ngx_msec_t                      timeout;
    unsigned                        waiting:1;
};


/*
 * Answers by the outcome of each record; one without a report counts as
 * unknown.  Returns what ngx_http_finalize_request() takes.
 */
ngx_int_t ngx_http_ditto_answer(ngx_http_ditto_ctx_t *ctx);

/* Answers a message that was refused before any record was produced. */
ngx_int_t ngx_http_ditto_fail(ngx_http_request_t *r, ditto_error_t *err);


#endif /* _NGX_HTTP_DITTO_PUBLISH_H_INCLUDED_ */
