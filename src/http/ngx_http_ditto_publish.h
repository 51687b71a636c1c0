
/*
 * A request on its way: what the files of the content handler share.
 *
 *     publish    the handler: refusals, waiting, the end
 *     inbound    from what is posted to messages
 *     batch      many messages in one request
 *     message    one Ditto message: read, decided, mapped, produced
 *     enrich     fields of things
 *     subrequest what fetches them
 *     things     what is remembered of them
 *     ack        acknowledgements from what Kafka did
 *     answer     what the caller is told
 */


#ifndef _NGX_HTTP_DITTO_PUBLISH_H_INCLUDED_
#define _NGX_HTTP_DITTO_PUBLISH_H_INCLUDED_


#include "ngx_http_ditto.h"

#include "ditto_ack.h"
#include "ditto_batch.h"
#include "ditto_outbound.h"


#define NGX_HTTP_DITTO_TOO_LARGE                                              \
    "The message is larger than any record that its connections may send."
#define NGX_HTTP_DITTO_ENVELOPE      16384   /* bytes of a body that need not
                                                become bytes of a record */
#define NGX_HTTP_DITTO_MULTI_STATUS  207


typedef struct ngx_http_ditto_ctx_s      ngx_http_ditto_ctx_t;
typedef struct ngx_http_ditto_message_s  ngx_http_ditto_message_t;
typedef struct ngx_http_ditto_batch_s    ngx_http_ditto_batch_t;


/* The fields of a message's thing for targets with the same subjects. */
typedef struct {
    ngx_http_ditto_message_t       *message;
    const ditto_target_t           *target;      /* the first of them */
    ditto_array_t                   fields;      /* of ditto_str_t, of all */
    ditto_str_t                     selector;    /* the same as one text */
    ditto_str_t                     thing;       /* data is NULL: not there */
    ditto_error_t                   error;       /* code 0: none */
} ngx_http_ditto_fetch_t;


/* What a message is to one target. */
typedef struct {
    const ngx_http_ditto_route_t   *route;
    ngx_http_ditto_fetch_t         *fetch;       /* NULL: nothing is needed */
    ditto_array_t                   fields;      /* of ditto_str_t */
    ditto_error_t                   error;       /* of DITTO_FATE_FAILED */
    ditto_fate_e                    fate;
    size_t                          first;       /* of its results */
    size_t                          n;
    unsigned                        selected:1;
} ngx_http_ditto_part_t;


/* One record, or a target for which none could be made. */
typedef struct {
    ngx_http_ditto_ctx_t           *ctx;
    ngx_kafka_delivery_t           *delivery;    /* NULL: none under way */
    const ngx_http_ditto_route_t   *route;
    ditto_record_t                  record;
    ditto_error_t                   error;       /* code 0: none */
    ngx_kafka_report_t              report;
} ngx_http_ditto_result_t;


struct ngx_http_ditto_message_s {
    ngx_http_ditto_ctx_t           *ctx;
    ditto_signal_t                  signal;
    ditto_scope_t                   scope;
    ditto_scope_cache_t             cache;
    ditto_str_t                     correlation_id;
    ngx_msec_t                      timeout;     /* 0: its sender does not
                                                    wait */
    ditto_array_t                   labels;      /* requested, of
                                                    ditto_str_t */
    ditto_array_t                   parts;       /* of ngx_http_ditto_part_t */
    ditto_array_t                   fetches;     /* of
                                             ngx_http_ditto_fetch_t * */
    ditto_array_t                   results;     /* of
                                             ngx_http_ditto_result_t */
    ditto_error_t                   error;       /* it is refused; code 0: it
                                                    is not */
};


struct ngx_http_ditto_ctx_s {
    ngx_http_ditto_pool_t           pool;
    ngx_http_request_t             *request;
    ditto_str_t                    *subjects;    /* the sender's */
    size_t                          nsubjects;
    ditto_str_t                     input;       /* of the enforcement */
    ngx_http_ditto_message_t       *messages;
    size_t                          nmessages;
    ngx_http_ditto_message_t        one;         /* the usual case */
    ngx_http_ditto_batch_t         *batch;       /* NULL: the messages are all
                                                    there are; else a wave of
                                                    them, pool is its own */
    ngx_queue_t                     subrequests; /* whose memory is there */
    ngx_http_cleanup_t             *cleanups;    /* from here on no handler of
                                                    r->cleanup is theirs */
    ngx_uint_t                      fetching;    /* of them under way */
    size_t                          fetch_message;   /* whose fields come */
    size_t                          fetch_next;      /* next, and which */
    ngx_uint_t                      pending;     /* records without report, and
                                                    one while producing */
    ngx_event_t                     timer;
    ngx_event_t                     more;        /* posted: the next wave, or
                                                    fields have come */
    ngx_msec_t                      timeout;     /* the messages' longest; 0:
                                                    nobody waits */
    unsigned                        waiting:1;   /* the request is */
    unsigned                        late:1;      /* the deadline passed */
    unsigned                        producing:1; /* nothing is fetched any
                                                    more */
    unsigned                        shared:1;    /* another module's may know
                                                    the subrequests */
};


/* --- what is posted ------------------------------------------------------ */

/*
 * What its headers tell: the content type and the length.  NGX_DECLINED: *err
 * says why it is refused.
 */
ngx_int_t ngx_http_ditto_inbound_check(ngx_http_request_t *r,
    ditto_error_t *err);
/*
 * ctx->messages: those of the body, or the first wave of a batch.
 * NGX_DECLINED: *err says why there are none.  NGX_ERROR: out of memory, or
 * the body cannot be read.
 */
ngx_int_t ngx_http_ditto_inbound(ngx_http_ditto_ctx_t *ctx,
    ditto_error_t *err);
/* ctx->messages from texts, of ditto_str_t.  NGX_ERROR: out of memory. */
ngx_int_t ngx_http_ditto_messages(ngx_http_ditto_ctx_t *ctx,
    ditto_array_t *texts);


/* --- batches ------------------------------------------------------------- */

/* The body is a batch: ctx->batch. */
ngx_int_t ngx_http_ditto_batch_create(ngx_http_ditto_ctx_t *ctx,
    ditto_batch_e kind);
/*
 * ctx->messages: the next wave, the last one is gone; none if no message ends
 * in the next piece of the body.  NGX_DONE: there is no other wave.  NGX_ERROR:
 * out of memory, or the body cannot be read.
 */
ngx_int_t ngx_http_ditto_batch_next(ngx_http_ditto_ctx_t *ctx);
/* Keeps what became of the wave. */
ngx_int_t ngx_http_ditto_batch_collect(ngx_http_ditto_ctx_t *ctx);
/* Answers; returns what ngx_http_finalize_request() takes. */
ngx_int_t ngx_http_ditto_batch_answer(ngx_http_ditto_ctx_t *ctx);


/* --- message ------------------------------------------------------------- */

/*
 * Reads text, which must live as long as the request, and decides who gets it.
 * m->error: it is refused.  NGX_ERROR: out of memory.
 */
ngx_int_t ngx_http_ditto_message_read(ngx_http_ditto_message_t *m,
    ditto_str_t text);
/* Makes the records of the parts that were selected. */
ngx_int_t ngx_http_ditto_message_map(ngx_http_ditto_message_t *m);
/* Gives them to Kafka; ctx->pending counts those under way. */
void ngx_http_ditto_message_produce(ngx_http_ditto_message_t *m,
    void (*handler)(ngx_kafka_delivery_t *d, ngx_kafka_report_t *report));
/* The records go on, nobody waits for them any more. */
void ngx_http_ditto_message_detach(ngx_http_ditto_message_t *m);

/*
 * A parameter of the messages that the request gives: a query parameter or
 * header of this name; it lives as long as the wave.  NGX_DECLINED: there is
 * none.
 */
ngx_int_t ngx_http_ditto_parameter(ngx_http_ditto_ctx_t *ctx,
    ngx_str_t *name, ngx_str_t *value);


/* --- enrichment ---------------------------------------------------------- */

/*
 * Looks up or asks for the fields that the messages' parts need.  ctx->fetching
 * counts the subrequests under way; when one has ended ctx->more is posted with
 * handler, which goes on by ngx_http_ditto_enrich_more().  NGX_ERROR: out of
 * memory.
 */
ngx_int_t ngx_http_ditto_enrich(ngx_http_ditto_ctx_t *ctx,
    ngx_event_handler_pt handler);
ngx_int_t ngx_http_ditto_enrich_more(ngx_http_ditto_ctx_t *ctx);
/*
 * What came of a subrequest: why it failed, or the status and body of its
 * answer.
 */
void ngx_http_ditto_fetched(ngx_http_ditto_fetch_t *fetch, char *failed,
    ngx_uint_t status, ditto_buf_t *body);

/*
 * What this worker remembers of the thing, after the message's event:
 * fetch->thing.  NGX_DECLINED: nothing.  NGX_ERROR: out of memory.
 */
ngx_int_t ngx_http_ditto_things_get(ngx_http_ditto_fetch_t *fetch);
/*
 * fetch->thing from what was fetched (JSON object text), after the message's
 * event, which is remembered.  NGX_ERROR: out of memory.
 */
ngx_int_t ngx_http_ditto_things_put(ngx_http_ditto_fetch_t *fetch,
    ditto_str_t thing);


/* --- subrequests --------------------------------------------------------- */

/*
 * Asks for what was not remembered; ctx->fetching counts those under way.
 * ngx_http_ditto_fetched() is told, and ctx->more posted behind it.
 * NGX_ERROR: out of memory.
 */
ngx_int_t ngx_http_ditto_subrequest(ngx_http_ditto_fetch_t *fetch);
/* Gives back the memory of those that have ended; in an event of its own. */
void ngx_http_ditto_subrequests_free(ngx_http_ditto_ctx_t *ctx);
/*
 * The write handler of a request that waits: a delay that a subrequest owes to
 * limit_req ends with an event of the connection, which is the request's.
 */
void ngx_http_ditto_subrequests_write(ngx_http_request_t *r);
/* Nobody waits for the fields any more: what fetches them is given up. */
void ngx_http_ditto_subrequests_cancel(ngx_http_ditto_ctx_t *ctx);


/* --- answer -------------------------------------------------------------- */

/*
 * What became of the labels that a message asks for, of ditto_ack_t in the
 * order of the request; none if it asks for none.  NGX_ERROR: out of memory.
 */
ngx_int_t ngx_http_ditto_acks(ngx_http_ditto_message_t *m,
    ditto_array_t *acks);

/* Adds the result of one of several messages, an object.  *status: its own. */
ngx_int_t ngx_http_ditto_answer_entry(ngx_http_ditto_message_t *m,
    ditto_buf_t *out, ngx_uint_t *status);

/*
 * Answers by the outcome of each record; one without a report counts as
 * unknown.  Returns what ngx_http_finalize_request() takes.
 */
ngx_int_t ngx_http_ditto_answer(ngx_http_ditto_ctx_t *ctx);

/* Answers a request that was refused before anything was produced. */
ngx_int_t ngx_http_ditto_fail(ngx_http_request_t *r, ditto_error_t *err);


#endif /* _NGX_HTTP_DITTO_PUBLISH_H_INCLUDED_ */
