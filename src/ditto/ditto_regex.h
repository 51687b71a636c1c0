/*
 * Java's regular expressions as far as separators need them: characters,
 * escaped or quoted characters, classes, ".", "^", "$", and alternatives of
 * such sequences.  No groups, no repetitions, no look-around, so matching
 * never goes back.
 */

#ifndef _DITTO_REGEX_H_INCLUDED_
#define _DITTO_REGEX_H_INCLUDED_


#include "ditto_base.h"
#include "ditto_error.h"


typedef struct ditto_regex_s  ditto_regex_t;


/*
 * DITTO_DECLINED: Java refuses the expression, too.  DITTO_ERROR: it may be
 * one of Java's but is not known here (DITTO_E_CONNECTION_CONFIGURATION, with
 * the offset in text), or out of memory.
 */
ditto_rc_t ditto_regex_compile(ditto_pool_t *pool, ditto_str_t text,
    const ditto_regex_t **regex, ditto_error_t *err);

/* The first match at or after from: s[*start, *end), perhaps empty. */
bool ditto_regex_find(const ditto_regex_t *regex, ditto_str_t s, size_t from,
    size_t *start, size_t *end);


#endif /* _DITTO_REGEX_H_INCLUDED_ */
