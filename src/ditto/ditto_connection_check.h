/*
 * Inside the check of a connection: what its steps share.  For the files
 * ditto_connection_*.c only.
 */

#ifndef _DITTO_CONNECTION_CHECK_H_INCLUDED_
#define _DITTO_CONNECTION_CHECK_H_INCLUDED_


#include "ditto_connection.h"


typedef struct {
    ditto_pool_t        *pool;
    ditto_connection_t  *connection;
    ditto_str_t         *place;          /* what to report with an error */
    ditto_error_t       *err;
} ditto_check_t;


/*
 * Sets the place, a JSON pointer in which "#" stands for first, then second.
 * DITTO_ERROR always, so that a check can end with it.
 */
ditto_rc_t ditto_check_at(ditto_check_t *ck, const char *place, size_t first,
    size_t second);

/*
 * DITTO_E_CONNECTION_CONFIGURATION with these templates; description may be
 * NULL.  DITTO_ERROR always.
 */
ditto_rc_t ditto_check_fail(ditto_check_t *ck, ditto_str_t arg1,
    ditto_str_t arg2, const char *message, const char *description);

/* Adds a text that is not in the list yet.  DITTO_ERROR: out of memory. */
ditto_rc_t ditto_check_collect(ditto_array_t *list, ditto_str_t text);

/* The texts of a list with a separator between them. */
ditto_rc_t ditto_check_join(ditto_check_t *ck, const ditto_array_t *list,
    const char *separator, ditto_str_t *out);

/* A member of specificConfig; data is NULL if there is none. */
ditto_str_t ditto_check_setting(const ditto_check_t *ck, const char *name);

/* Steps of the check. */
ditto_rc_t ditto_check_certificates(ditto_check_t *ck);
ditto_rc_t ditto_check_diversion(ditto_check_t *ck);
ditto_rc_t ditto_check_scheme(ditto_check_t *ck);
ditto_rc_t ditto_check_sources(ditto_check_t *ck);
ditto_rc_t ditto_check_targets(ditto_check_t *ck);
ditto_rc_t ditto_check_mappers(ditto_check_t *ck);
ditto_rc_t ditto_check_settings(ditto_check_t *ck);


#endif /* _DITTO_CONNECTION_CHECK_H_INCLUDED_ */
