/*
 * Acknowledgements: what a signal asks for, what a target leaves of it, and
 * how the answers are written.
 *
 * Ditto: basic-acknowledgements; spec sections "Acknowledgements" and
 * "Aggregated acknowledgements".
 */

#ifndef _DITTO_ACK_H_INCLUDED_
#define _DITTO_ACK_H_INCLUDED_


#include "ditto_base.h"
#include "ditto_connection.h"
#include "ditto_error.h"
#include "ditto_signal.h"


/* One acknowledgement, or what stands for one that is missing. */
typedef struct {
    ditto_str_t  label;
    ditto_str_t  connection_id;  /* of the issuer; empty: nobody issued it */
    ditto_str_t  payload;        /* JSON text; data is NULL: none */
    unsigned     status;
    bool         weak;           /* the signal was not meant for the issuer */
} ditto_ack_t;


extern const ditto_str_t  ditto_live_response;

/* The payload of a weak acknowledgement, a JSON string. */
extern const ditto_str_t  ditto_ack_weak;


/*
 * The labels in the signal's header requested-acks, each once, in its order,
 * as ditto_str_t.  DITTO_ERROR: out of memory.
 */
ditto_rc_t ditto_acks_requested(ditto_pool_t *pool,
    const ditto_signal_t *signal, ditto_array_t *labels, ditto_error_t *err);

/* True if the signal asks for a label: one of requested-acks. */
bool ditto_acks_contain(const ditto_array_t *labels, ditto_str_t label);

/*
 * True if a target that issues live-response answers this signal: a live
 * message or live command whose sender expects a response.
 */
bool ditto_ack_live(const ditto_signal_t *signal);

/*
 * What a target of the connection passes on of requested-acks: labels that the
 * connection knows, of events only those that a consumer can answer.
 * DITTO_DECLINED: everything.  DITTO_OK: *out is the signal with another header
 * requested-acks.
 */
ditto_rc_t ditto_acks_forward(ditto_pool_t *pool,
    const ditto_connection_t *connection, const ditto_target_t *target,
    const ditto_signal_t *signal, ditto_signal_t *out, ditto_error_t *err);

/*
 * True if one of the labels is not Ditto's own: only then somebody who is not
 * concerned says so with a weak acknowledgement.
 */
bool ditto_acks_custom(const ditto_array_t *labels);

/* 200 if all of them are 2xx, else 424; of a single one its own status. */
unsigned ditto_acks_status(const ditto_ack_t *acks, size_t n);

/*
 * The answer's body: of a single one its payload (nothing if there is none), of
 * several an object with a member for each label.  reduced: without payloads
 * and headers, for a sender that wants no response.
 */
void ditto_acks_render(ditto_buf_t *out, const ditto_ack_t *acks, size_t n,
    ditto_str_t correlation_id, bool reduced);

/*
 * The payload of a missing one: Ditto's error acknowledgement:request.timeout
 * as a JSON object.  ms: how long it was waited for.
 */
void ditto_ack_timeout_payload(ditto_buf_t *out, int64_t ms);
/* The same for one that cannot come, whoever waits: nobody here issues it. */
void ditto_ack_unissued_payload(ditto_buf_t *out, ditto_str_t label);

/*
 * The payload of a failed one: an error of the core as Ditto writes it into an
 * acknowledgement, without its status.
 */
void ditto_ack_error_payload(ditto_buf_t *out, const ditto_error_t *err);

/* The same for an exception of Kafka's client, such as TimeoutException. */
void ditto_ack_exception_payload(ditto_buf_t *out, const char *name,
    ditto_str_t description);


#endif /* _DITTO_ACK_H_INCLUDED_ */
