/*
 * Points in time as ISO 8601 text, as Ditto reads and prints them.
 *
 * Ditto: spec "Fields" (timestamp).
 */

#ifndef _DITTO_INSTANT_H_INCLUDED_
#define _DITTO_INSTANT_H_INCLUDED_


#include "ditto_base.h"
#include "ditto_error.h"
#include "ditto_time.h"


/* A moment, of which the place of an error is wanted when it is read. */
typedef ditto_time_t  ditto_instant_t;


/* Where reading failed, in the words of Ditto's host language. */
typedef struct {
    size_t  index;               /* bytes; characters for plain ASCII */
    bool    trailing;            /* a complete instant, but text behind it */
} ditto_instant_error_t;


/*
 * "2024-01-02T03:04:05.678Z", with an offset instead of Z, with 24:00:00 and
 * with a leap second, which becomes :59.  DITTO_DECLINED: it is none; *error
 * tells where.
 */
ditto_rc_t ditto_instant_parse(ditto_str_t text, ditto_instant_t *instant,
    ditto_instant_error_t *error);

/* True if text, from which *instant was read, is what would be rendered. */
bool ditto_instant_normal(ditto_str_t text, const ditto_instant_t *instant);

/* UTC, with 0, 3, 6 or 9 digits behind the second. */
void ditto_instant_render(ditto_buf_t *out, const ditto_instant_t *instant);


#endif /* _DITTO_INSTANT_H_INCLUDED_ */
