/*
 * What Ditto knows of a header: one row per name.
 *
 * Ditto: protocol-specification "headers"; spec "Header registry".
 */

#ifndef _DITTO_HEADER_TABLE_H_INCLUDED_
#define _DITTO_HEADER_TABLE_H_INCLUDED_


#include "ditto_base.h"
#include "ditto_error.h"
#include "ditto_headers.h"


#define DITTO_HEADER_IN       0x01   /* accepted from outside */
#define DITTO_HEADER_OUT      0x02   /* written to the outside */
#define DITTO_HEADER_TYPED    0x04   /* written as JSON of its type */
#define DITTO_HEADER_MESSAGE  0x08   /* known for messages only */


typedef enum {
    DITTO_HEADER_ANY = 0,
    DITTO_HEADER_NONEMPTY,
    DITTO_HEADER_BOOLEAN,
    DITTO_HEADER_INT,
    DITTO_HEADER_LONG,
    DITTO_HEADER_OBJECT,
    DITTO_HEADER_ARRAY,                  /* of strings */
    DITTO_HEADER_ACKS,                   /* acknowledgement labels */
    DITTO_HEADER_CHANNEL,
    DITTO_HEADER_ETAG,
    DITTO_HEADER_ETAGS,
    DITTO_HEADER_TIMEOUT,
    DITTO_HEADER_METADATA,
    DITTO_HEADER_SELECTOR,
    DITTO_HEADER_TIMESTAMP,
    DITTO_HEADER_STATUS,
    DITTO_HEADER_SUBJECT,
    DITTO_HEADER_VALUE_MAX
} ditto_header_value_e;


struct ditto_header_definition_s {
    ditto_str_t           name;      /* lower case */
    unsigned              flags;     /* DITTO_HEADER_IN ... */
    ditto_header_value_e  value;
};


/* Without regard to case; NULL: a custom header. */
const ditto_header_definition_t *ditto_header_definition(ditto_str_t name);

/*
 * Checks the text form of a value.  DITTO_ERROR: DITTO_E_HEADER_INVALID,
 * DITTO_E_TIMEOUT_INVALID, DITTO_E_JSON_FORMAT_INVALID or
 * DITTO_E_JSON_POINTER_INVALID.
 */
ditto_rc_t ditto_header_validate(const ditto_header_definition_t *definition,
    ditto_str_t value, ditto_error_t *err);

/*
 * Decimal digits with an optional sign, as Java's parseLong() reads them;
 * false if they are none, or not in min .. max.
 */
bool ditto_header_number(ditto_str_t value, int64_t min, int64_t max,
    int64_t *n);

/* What \s of Java's patterns matches. */
bool ditto_header_blank(unsigned char c);

/* The label of an acknowledgement, with a "{{ ns:name }}:" before it or not. */
bool ditto_ack_request_valid(ditto_str_t label);

/* The number of UTF-16 units, which is how Ditto counts characters. */
size_t ditto_utf16_length(ditto_str_t text);

/*
 * False for U+0000 .. U+001F, U+007F .. U+00FF and, if wanted, the slash;
 * text is UTF-8.  Ditto: spec "Ids", "Keys", "Message subject and path".
 */
bool ditto_no_controls(ditto_str_t text, bool slashes);


#endif /* _DITTO_HEADER_TABLE_H_INCLUDED_ */
