/*
 * A Ditto Protocol message (the envelope), read into a signal: what it is,
 * whom it concerns, and spans of what the sender wrote.
 *
 * Ditto: protocol-specification; spec sections "Envelope", "Topic path:
 * Accepted combinations", "Which messages can be subscribed".
 */

#ifndef _DITTO_SIGNAL_H_INCLUDED_
#define _DITTO_SIGNAL_H_INCLUDED_


#include "ditto_base.h"
#include "ditto_error.h"
#include "ditto_headers.h"
#include "ditto_pointer.h"
#include "ditto_topic_path.h"


typedef enum {
    DITTO_SIGNAL_EVENT = 0,              /* of a thing */
    DITTO_SIGNAL_COMMAND,                /* to a thing */
    DITTO_SIGNAL_RESPONSE,               /* to such a command */
    DITTO_SIGNAL_MESSAGE,
    DITTO_SIGNAL_MESSAGE_RESPONSE,
    DITTO_SIGNAL_ACK,
    DITTO_SIGNAL_ACKS,                   /* aggregated */
    DITTO_SIGNAL_ERROR,
    DITTO_SIGNAL_SEARCH,                 /* commands and events */
    DITTO_SIGNAL_STREAMING,              /* commands and events */
    DITTO_SIGNAL_POLICY_COMMAND,
    DITTO_SIGNAL_POLICY_RESPONSE,
    DITTO_SIGNAL_POLICY_EVENT,
    DITTO_SIGNAL_POLICY_ANNOUNCEMENT,
    DITTO_SIGNAL_CONNECTION_ANNOUNCEMENT
} ditto_signal_kind_e;


typedef enum {
    DITTO_ENTITY_NONE = 0,
    DITTO_ENTITY_THING,
    DITTO_ENTITY_POLICY,
    DITTO_ENTITY_CONNECTION
} ditto_entity_e;


/* What a target can subscribe. */
typedef enum {
    DITTO_TOPIC_NONE = 0,                /* never published to targets */
    DITTO_TOPIC_TWIN_EVENTS,
    DITTO_TOPIC_LIVE_EVENTS,
    DITTO_TOPIC_LIVE_COMMANDS,
    DITTO_TOPIC_LIVE_MESSAGES,
    DITTO_TOPIC_POLICY_ANNOUNCEMENTS,
    DITTO_TOPIC_CONNECTION_ANNOUNCEMENTS,
    DITTO_TOPIC_MAX
} ditto_topic_e;


/* What the payload of a message is, by its content type. */
typedef enum {
    DITTO_PAYLOAD_NONE = 0,              /* no value, or no message */
    DITTO_PAYLOAD_TEXT,                  /* value is a string of it */
    DITTO_PAYLOAD_JSON,                  /* value is it */
    DITTO_PAYLOAD_BINARY                 /* value is a string of its base64 */
} ditto_payload_e;


typedef struct {
    ditto_payload_e  kind;
    ditto_str_t      data;               /* text, JSON text or bytes */
} ditto_payload_t;


typedef struct {
    ditto_topic_path_t   topic;          /* as it will be printed: channel
                                            "none" dropped, the entity's own
                                            id */
    ditto_signal_kind_e  kind;
    bool                 live;           /* by the header "channel" */
    ditto_topic_e        target_topic;
    ditto_str_t          type;           /* "things.events:attributeModified" */

    ditto_entity_e       entity;
    ditto_str_t          id;             /* "<namespace>:<name>"; empty: none */
    ditto_str_t          ns;             /* of id */
    ditto_str_t          name;           /* of id */

    ditto_str_t          path;           /* escaped form, with leading slash */
    ditto_pointer_t      pointer;        /* the same, literal segments */
    ditto_pointer_t      resource;       /* what a policy calls it: of a message
                                            the whole subject is one segment,
                                            spec "Message resource paths" */
    ditto_str_t          feature_id;     /* of feature messages; else empty */

    ditto_headers_t      headers;        /* internal ones stripped; with
                                            channel, entity-revision,
                                            response-required and
                                            ditto-entity-id as Ditto injects
                                            them */
    ditto_str_t          value;          /* the sender's bytes where they are
                                            what Ditto gives back, else its
                                            JSON value; data is NULL if there
                                            is no such member */
    ditto_str_t          seen;           /* value as filters and templates see
                                            it: of a whole thing with its
                                            special members (_modified ...); who
                                            cuts value cuts it too */
    ditto_payload_e      payload;        /* of messages: what value is */
    ditto_str_t          content;        /* the payload itself, where value had
                                            to be made of it; else data is
                                            NULL, ditto_signal_payload() */
    ditto_str_t          timestamp;      /* normalised; empty: none */
    ditto_str_t          fields;         /* normalised; empty: none */
    int64_t              revision;
    unsigned             status;         /* 0: none */
    bool                 has_revision;
} ditto_signal_t;


/*
 * Reads one message.  All spans point into text or pool.  Checked are the
 * JSON text, the envelope, the topic path, the combination, the ids, the
 * headers, and what Ditto requires of value.  Duplicate members of the envelope
 * are refused.  DITTO_ERROR: the codes of spec "Errors of the envelope".
 */
ditto_rc_t ditto_signal_parse(ditto_pool_t *pool, ditto_str_t text,
    ditto_signal_t *signal, ditto_error_t *err);

/*
 * The payload of a message as a device means it: the text without quotes, the
 * decoded bytes.  Points into the signal or into pool.  Decodes at every call
 * what was not decoded when the message was read.  DITTO_ERROR: out of memory.
 *
 * Of a message without a content type it is bytes: who takes it for text
 * anyway, as the mapper RawMessage does with a content type of its own, sends
 * the string that value is.
 */
ditto_rc_t ditto_signal_payload(ditto_pool_t *pool,
    const ditto_signal_t *signal, ditto_payload_t *payload,
    ditto_error_t *err);

/* What the payload of a message with this content type is. */
ditto_payload_e ditto_payload_kind(ditto_str_t type);

/* "<namespace>:<name>"; *colon: where the name begins, less one. */
bool ditto_entity_id_valid(ditto_str_t id, size_t *colon);

/*
 * Writes the message again, members in Ditto's order, compact but for value.
 * headers: those to write instead of the signal's own (content-type and the
 * members that Ditto adds to messages come on top), NULL for its own.  extra:
 * JSON object text, or empty.
 * DITTO_ERROR: out of memory, or a signal that has no outgoing form.
 */
ditto_rc_t ditto_signal_render(ditto_buf_t *out, const ditto_signal_t *signal,
    const ditto_headers_t *headers, ditto_str_t extra, ditto_error_t *err);

/*
 * The headers of such a message as Ditto keeps them: a JSON object, the names
 * in lower case and every value a string.
 */
void ditto_signal_render_headers(ditto_buf_t *out,
    const ditto_signal_t *signal);

/* "_/_/things/twin/events" and so on; empty for DITTO_TOPIC_NONE. */
ditto_str_t ditto_topic_name(ditto_topic_e topic);


#endif /* _DITTO_SIGNAL_H_INCLUDED_ */
