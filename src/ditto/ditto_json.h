/*
 * JSON without a tree (RFC 8259): a strict scanner that validates a text and
 * hands out spans of it, and walkers over text that was validated.
 *
 * Strict: UTF-8 only, no duplicate tolerance is decided here (the callers do),
 * depth at most DITTO_JSON_DEPTH, an integer must fit 64 bits and a member's
 * name must not be empty, as Ditto's parser demands (spec: "Envelope errors").
 *
 * A value span is the text of one value without surrounding blanks; of a
 * string it includes the quotes.
 */

#ifndef _DITTO_JSON_H_INCLUDED_
#define _DITTO_JSON_H_INCLUDED_


#include "ditto_base.h"
#include "ditto_error.h"


#define DITTO_JSON_DEPTH  1000       /* nested arrays and objects, as Ditto */
#define DITTO_JSON_NAME   256        /* bytes of a name that is not odd */


typedef enum {
    DITTO_JSON_NULL = 0,
    DITTO_JSON_FALSE,
    DITTO_JSON_TRUE,
    DITTO_JSON_NUMBER,
    DITTO_JSON_STRING,
    DITTO_JSON_ARRAY,
    DITTO_JSON_OBJECT
} ditto_json_type_e;


/* A position in a text. */
typedef struct {
    const unsigned char  *pos;
    const unsigned char  *end;
    const unsigned char  *start;
    bool                  odd_name;      /* validating: one that was read is not
                                            just ASCII without controls, DEL,
                                            slashes and escapes, or longer
                                            than DITTO_JSON_NAME */
} ditto_json_t;


/* --- validating ---------------------------------------------------------- */

/* True for one complete value with nothing but blanks around it. */
ditto_rc_t ditto_json_validate(ditto_str_t text, ditto_error_t *err);

/*
 * Reads the members of one object, validating as it goes:
 *
 *     ditto_json_open(&json, text);
 *     rc = ditto_json_enter(&json, &err);           -- the opening brace
 *     while ((rc = ditto_json_member_next(&json, &name, &value, &err))
 *            == DITTO_OK) { ... }
 *
 * DITTO_DECLINED: the object and the text are complete.  name is the raw name
 * without quotes, for ditto_json_name_is() and ditto_json_decode().
 * ditto_json_enter() answers DITTO_DECLINED if the text is some other value,
 * which then has been validated whole.
 */
void ditto_json_open(ditto_json_t *json, ditto_str_t text);
ditto_rc_t ditto_json_enter(ditto_json_t *json, ditto_error_t *err);
ditto_rc_t ditto_json_member_next(ditto_json_t *json, ditto_str_t *name,
    ditto_str_t *value, ditto_error_t *err);


/* --- walking validated text ---------------------------------------------- */

/* value must not be empty. */
ditto_json_type_e ditto_json_type(ditto_str_t value);

/*
 * Iterates over an object (name is the raw name) or an array (name is empty):
 * false at the end.
 */
void ditto_json_iterate(ditto_json_t *it, ditto_str_t container);
bool ditto_json_next(ditto_json_t *it, ditto_str_t *name, ditto_str_t *value);

/*
 * The same for one who descends, so that nothing is read twice however deep
 * it is nested: open with ditto_json_open(), enter a container by moving pos
 * behind its bracket, then step.  True: pos stands at the next value, to be
 * taken or entered (name: NULL in an array).  False: pos stands behind the
 * container.
 */
bool ditto_json_step(ditto_json_t *it, ditto_str_t *name);
/* The whole value at pos. */
ditto_str_t ditto_json_take(ditto_json_t *it);

/*
 * The member of an object; of duplicates the last, as Ditto reads them.
 * DITTO_DECLINED: there is none.
 */
ditto_rc_t ditto_json_member(ditto_str_t object, ditto_str_t name,
    ditto_str_t *value);

/* Compares a raw name or the inside of a string with decoded text. */
bool ditto_json_name_is(ditto_str_t raw, ditto_str_t text);

/*
 * Decodes the inside of a string.  Without escapes *out is raw itself.  A
 * lone surrogate becomes U+FFFD.  DITTO_ERROR: out of memory.
 */
ditto_rc_t ditto_json_decode(ditto_pool_t *pool, ditto_str_t raw,
    ditto_str_t *out);
/* The same for a string value, quotes included. */
ditto_rc_t ditto_json_text(ditto_pool_t *pool, ditto_str_t value,
    ditto_str_t *out);

/* How deep arrays and objects are nested; 0 for anything else. */
size_t ditto_json_depth(ditto_str_t value);

/*
 * A number that is integral and fits 64 bits, also written as 5.0 or 1e3.
 * DITTO_DECLINED: it is not.
 */
ditto_rc_t ditto_json_integer(ditto_str_t value, int64_t *n);


/* --- writing ------------------------------------------------------------- */

/*
 * A JSON string with quotes.  Escaped as Ditto does (spec: "Serialisation"):
 * the quote, the backslash and controls only; invalid UTF-8 becomes U+FFFD.
 */
void ditto_json_add_string(ditto_buf_t *out, ditto_str_t text);
/* The same as a span.  DITTO_ERROR: out of memory. */
ditto_rc_t ditto_json_quote(ditto_pool_t *pool, ditto_str_t text,
    ditto_str_t *string);

/*
 * The compact form of a value: blanks outside strings removed, strings with
 * the escapes that are needed, numbers kept as they are spelled.
 */
void ditto_json_add_compact(ditto_buf_t *out, ditto_str_t value);


#endif /* _DITTO_JSON_H_INCLUDED_ */
