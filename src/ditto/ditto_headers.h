/*
 * The headers of a Ditto Protocol message: one table of what Ditto knows of
 * each name (type, may it come in, may it go out), reading and writing.
 *
 * Ditto: protocol-specification "headers"; spec section "Headers".
 */

#ifndef _DITTO_HEADERS_H_INCLUDED_
#define _DITTO_HEADERS_H_INCLUDED_


#include "ditto_base.h"
#include "ditto_error.h"


/* names and values of all headers of a message, bytes together */
#define DITTO_HEADERS_MAX  5120


typedef struct ditto_header_definition_s  ditto_header_definition_t;


/* What is known of the texts of a header, for writing them. */
typedef enum {
    DITTO_HEADER_TEXT = 0,           /* any: name and value need a look */
    DITTO_HEADER_PLAIN,              /* both stand in JSON's quotes as they
                                        are */
    DITTO_HEADER_JSON                /* the name does, and the value is JSON as
                                        it is written */
} ditto_header_form_e;


typedef struct {
    ditto_str_t                       name;    /* as the sender spells it */
    ditto_str_t                       value;   /* text form: strings decoded,
                                                  the rest compact JSON */
    const ditto_header_definition_t  *definition;    /* NULL: custom */
    ditto_header_form_e               form;
} ditto_header_t;


/* In the order of arrival; a name occurs once, whatever its case. */
typedef struct {
    ditto_header_t  *elts;
    size_t           n;
    size_t           cap;
    uint64_t         lengths;        /* a bit for each length of a name that
                                        ever occurred: most that are looked
                                        for are not there */
    ditto_pool_t    *pool;
} ditto_headers_t;


/* Empty. */
void ditto_headers_init(ditto_headers_t *headers, ditto_pool_t *pool);

/*
 * Reads the value of the envelope's member "headers" (validated JSON text; an
 * empty span, null or an object).  Known headers are validated, null members
 * dropped, internal names kept for ditto_headers_strip().  message: the names
 * known for messages only are known too.  An event has them as custom ones.
 * DITTO_ERROR: DITTO_E_JSON_INVALID, DITTO_E_HEADER_INVALID and relatives,
 * DITTO_E_HEADERS_TOO_LARGE.
 */
ditto_rc_t ditto_headers_read(ditto_headers_t *headers, ditto_str_t object,
    bool message, ditto_error_t *err);

/* Removes what must not come from outside ("r" in the registry). */
void ditto_headers_strip(ditto_headers_t *headers);

/* The same as ditto_headers_find(), which asks for the length first. */
ditto_header_t *ditto_headers_search(const ditto_headers_t *headers,
    ditto_str_t name);

static inline uint64_t
ditto_headers_length(ditto_str_t name)
{
    return (uint64_t) 1 << (name.len < 63 ? name.len : 63);
}

/* NULL if there is none; name is compared without regard to case. */
static inline ditto_header_t *
ditto_headers_find(const ditto_headers_t *headers, ditto_str_t name)
{
    return (headers->lengths & ditto_headers_length(name)) == 0
           ? NULL : ditto_headers_search(headers, name);
}

static inline const ditto_header_t *
ditto_headers_get(const ditto_headers_t *headers, ditto_str_t name)
{
    return ditto_headers_find(headers, name);
}

/*
 * Sets a header, in the place of one of the same name or at the end.  The
 * spans are kept.  DITTO_ERROR: out of memory.
 */
ditto_rc_t ditto_headers_set(ditto_headers_t *headers, ditto_str_t name,
    ditto_str_t value);

/*
 * The same, but always at the end, where Ditto puts the headers that it writes
 * itself.
 */
ditto_rc_t ditto_headers_put(ditto_headers_t *headers, ditto_str_t name,
    ditto_str_t value, ditto_header_form_e form);

void ditto_headers_remove(ditto_headers_t *headers, ditto_str_t name);

/*
 * Makes the names known that are known for messages only, and checks their
 * values: for headers that were read before it was clear that they belong to a
 * message.  DITTO_ERROR: DITTO_E_HEADER_INVALID.
 */
ditto_rc_t ditto_headers_message(ditto_headers_t *headers,
    ditto_error_t *err);

/*
 * Checks known headers that go outside under a name that is not in lower case:
 * reading does not look at them, but they could not be written as their type.
 * DITTO_ERROR: DITTO_E_HEADER_INVALID and relatives.
 */
ditto_rc_t ditto_headers_spelled(const ditto_headers_t *headers,
    ditto_error_t *err);

/*
 * Writes what may go outside ("w" in the registry) as a JSON object: known
 * types as that type, everything else as strings.  The labels that Ditto
 * answers itself are taken out of requested-acks.
 */
void ditto_headers_render(ditto_buf_t *out, const ditto_headers_t *headers);

/*
 * Writes one of them as a member of that object, after a comma unless *first,
 * which is cleared; nothing if it does not go outside.  text: as Ditto keeps
 * it, the name in lower case and the value a string whatever its type.
 */
void ditto_header_render(ditto_buf_t *out, const ditto_header_t *header,
    bool text, bool *first);


/*
 * "10", "10s", "500ms", "1m" ... as milliseconds.  DITTO_ERROR:
 * DITTO_E_TIMEOUT_INVALID with Ditto's text.  Ditto: DittoDuration.
 */
ditto_rc_t ditto_duration_parse(ditto_str_t text, int64_t *ms,
    ditto_error_t *err);

/* [a-zA-Z0-9-_:]{3,165} */
bool ditto_ack_label_valid(ditto_str_t label);
/* True for the labels that Ditto itself answers: live-response and others. */
bool ditto_ack_label_internal(ditto_str_t label);


#endif /* _DITTO_HEADERS_H_INCLUDED_ */
