/*
 * Several messages in one text: lines (newline-delimited JSON) or the elements
 * of a JSON array, found one by one, so that the text may come in pieces.
 *
 * Only their ends are found here; what they are worth is for
 * ditto_signal_parse() to say.
 */

#ifndef _DITTO_BATCH_H_INCLUDED_
#define _DITTO_BATCH_H_INCLUDED_


#include "ditto_base.h"
#include "ditto_error.h"


typedef enum {
    DITTO_BATCH_LINES = 0,
    DITTO_BATCH_ARRAY
} ditto_batch_e;


typedef struct {
    ditto_batch_e  kind;
    bool           opened;       /* the bracket of the array was seen */
    bool           closed;
    bool           comma;        /* an element must follow */
    bool           element;      /* a comma or the end must follow */
} ditto_batch_t;


void ditto_batch_init(ditto_batch_t *batch, ditto_batch_e kind);

/*
 * The next message of text from *at on, which is moved behind it; empty lines
 * are no messages.  last: nothing comes behind text.  DITTO_DECLINED: no whole
 * message is left; keep what stands from *at on and come again with more, or, if
 * last, there are no more messages.  DITTO_ERROR: DITTO_E_JSON_INVALID, what
 * follows is no array.
 */
ditto_rc_t ditto_batch_next(ditto_batch_t *batch, ditto_str_t text,
    size_t *at, bool last, ditto_str_t *message, ditto_error_t *err);


#endif /* _DITTO_BATCH_H_INCLUDED_ */
