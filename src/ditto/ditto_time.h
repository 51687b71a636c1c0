/*
 * Moments: reading and writing ISO-8601 as Java's time classes do, and the
 * calendar behind it.  No clock, no locale, no time zone of the C library.
 *
 * Ditto: spec "Envelope" (timestamp), "time:", "Policy document" (expiry).
 */

#ifndef _DITTO_TIME_H_INCLUDED_
#define _DITTO_TIME_H_INCLUDED_


#include "ditto_base.h"
#include "ditto_scope.h"


/* The range of Java's Instant: the years -1,000,000,000 .. 1,000,000,000. */
#define DITTO_TIME_MIN  (-31557014167219200)
#define DITTO_TIME_MAX  31556889864403199


/* A day of the proleptic Gregorian calendar; there is a year 0. */
typedef struct {
    int64_t   year;
    unsigned  month;             /* 1 .. 12 */
    unsigned  day;               /* 1 .. 31 */
} ditto_date_t;


/*
 * An instant, as Instant.parse(): seconds are mandatory, up to 9 digits of
 * fraction, "Z" or an offset such as "+02:00", any letter case; 24:00:00 is
 * the next day's midnight, 23:59:60 is 23:59:59.  DITTO_DECLINED: it is none.
 */
ditto_rc_t ditto_time_parse(ditto_str_t text, ditto_time_t *t);

/*
 * A date-time with offset, as OffsetDateTime.parse(): seconds and the
 * minutes of the offset may be missing, no 24:00:00, no leap second.
 */
ditto_rc_t ditto_time_parse_offset(ditto_str_t text, ditto_time_t *t);

/*
 * "2024-01-02T03:04:05Z" with 0, 3, 6 or 9 digits of fraction, as
 * Instant.toString().
 */
void ditto_time_render(ditto_buf_t *out, ditto_time_t t);

/* Negative, 0 or positive as a is before, at or after b. */
int ditto_time_compare(ditto_time_t a, ditto_time_t b);

/* Days since 1970-01-01; the day 29..31 may be one the month lacks. */
int64_t ditto_time_days(ditto_date_t date);
/* And back: days in -2^40 .. 2^40. */
ditto_date_t ditto_time_date(int64_t days);

/* 28 .. 31 */
unsigned ditto_time_month_length(int64_t year, unsigned month);


#endif /* _DITTO_TIME_H_INCLUDED_ */
