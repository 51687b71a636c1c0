/*
 * Fuzz targets: t/fuzz/fuzz_<name>.c, a file each and nothing else to add.
 * Of the comment at its top t/fuzz/seeds reads these lines:
 *
 *     Seed: <text>             an input; \0 stands for the end of a part
 *     Seeds: <set> <text>      an input per vector of the set; in the text
 *                              {member} or {member.member} stands for one of
 *                              "in"
 *     Words: <name> ...        dictionaries, t/fuzz/<name>.dict
 *
 * Each input is run twice, the second time with one allocation that fails: a
 * call answers as it did before, or with DITTO_E_INTERNAL.
 */

#ifndef _FUZZ_H_INCLUDED_
#define _FUZZ_H_INCLUDED_


#include "ditto_base.h"
#include "ditto_error.h"
#include "ditto_scope.h"
#include "unit_pool.h"


/* Given by the target. */
void fuzz_one(unit_pool_t *up, ditto_str_t in);

/* The next part of an input, up to a NUL, as a span of its own. */
ditto_str_t fuzz_part(unit_pool_t *up, ditto_str_t *in);

/*
 * An answer of the core: rc itself.  err must be cleared before.  Ends the
 * process unless rc is one of the three, and an error is set and has texts.
 */
ditto_rc_t fuzz_rc(unit_pool_t *up, ditto_rc_t rc, const ditto_error_t *err);

/*
 * What is true of every input.  After a failed allocation nothing is expected
 * but that the process goes on.
 */
#define fuzz_check(up, condition)                                             \
    fuzz_require((up), (condition), #condition, __FILE__, __LINE__)

void fuzz_require(unit_pool_t *up, bool condition, const char *text,
    const char *file, int line);

/* A text that was rendered; false: an allocation failed. */
bool fuzz_done(unit_pool_t *up, const ditto_buf_t *buf, ditto_str_t *text);

/* A scope with everything in it but a signal, which it is given. */
typedef struct {
    ditto_scope_t         scope;
    ditto_scope_cache_t   cache;
    ditto_signal_t        signal;
} fuzz_scope_t;

/* text: an envelope; empty: an event.  False: it is none. */
bool fuzz_scope(unit_pool_t *up, fuzz_scope_t *fs, ditto_str_t text);


#endif /* _FUZZ_H_INCLUDED_ */
