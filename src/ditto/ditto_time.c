#include "ditto_time.h"


#define DITTO_DAY          86400        /* seconds */
#define DITTO_OFFSET_MAX   (18 * 3600)  /* seconds; Java's ZoneOffset */
#define DITTO_YEAR_DIGITS  10
#define DITTO_TIME_TEXT    48           /* -1000000000-01-01T00:00:00.123456789Z */


typedef struct {
    const unsigned char  *pos;
    const unsigned char  *end;
} ditto_time_reader_t;


static ditto_rc_t ditto_time_read(ditto_str_t text, bool instant,
    ditto_time_t *t);
static bool ditto_time_read_year(ditto_time_reader_t *r, int64_t *year);
static void ditto_time_read_fraction(ditto_time_reader_t *r, uint32_t *nsec);
static bool ditto_time_read_offset(ditto_time_reader_t *r, bool instant,
    int64_t *offset);
static bool ditto_time_read_two(ditto_time_reader_t *r, unsigned *n);
static bool ditto_time_read_char(ditto_time_reader_t *r, char c);
static inline unsigned char *ditto_time_digits(unsigned char *p, uint64_t n,
    unsigned width);


ditto_rc_t
ditto_time_parse(ditto_str_t text, ditto_time_t *t)
{
    return ditto_time_read(text, true, t);
}


ditto_rc_t
ditto_time_parse_offset(ditto_str_t text, ditto_time_t *t)
{
    return ditto_time_read(text, false, t);
}


static ditto_rc_t
ditto_time_read(ditto_str_t text, bool instant, ditto_time_t *t)
{
    int64_t              days, sec, offset;
    unsigned             hour, minute, second;
    ditto_date_t         date;
    ditto_time_reader_t  r;

    r.pos = text.data;
    r.end = (text.data == NULL) ? NULL : text.data + text.len;

    if (!ditto_time_read_year(&r, &date.year)
        || !ditto_time_read_char(&r, '-')
        || !ditto_time_read_two(&r, &date.month)
        || !ditto_time_read_char(&r, '-')
        || !ditto_time_read_two(&r, &date.day)
        || !ditto_time_read_char(&r, 'T')
        || !ditto_time_read_two(&r, &hour)
        || !ditto_time_read_char(&r, ':')
        || !ditto_time_read_two(&r, &minute))
    {
        return DITTO_DECLINED;
    }

    second = 0;
    t->nsec = 0;

    if (ditto_time_read_char(&r, ':')) {
        if (!ditto_time_read_two(&r, &second)) {
            return DITTO_DECLINED;
        }

        ditto_time_read_fraction(&r, &t->nsec);

    } else if (instant) {
        return DITTO_DECLINED;
    }

    if (!ditto_time_read_offset(&r, instant, &offset) || r.pos != r.end) {
        return DITTO_DECLINED;
    }

    if (date.month < 1 || date.month > 12 || date.day < 1
        || date.day > ditto_time_month_length(date.year, date.month))
    {
        return DITTO_DECLINED;
    }

    days = ditto_time_days(date);

    if (instant && hour == 24 && minute == 0 && second == 0 && t->nsec == 0) {
        hour = 0;
        days++;

    } else if (instant && hour == 23 && minute == 59 && second == 60) {
        second = 59;
    }

    if (hour > 23 || minute > 59 || second > 59) {
        return DITTO_DECLINED;
    }

    sec = days * DITTO_DAY + (int64_t) (hour * 3600 + minute * 60 + second)
          - offset;

    if (sec < DITTO_TIME_MIN || sec > DITTO_TIME_MAX) {
        return DITTO_DECLINED;
    }

    if (!instant && (date.year < -999999999 || date.year > 999999999)) {
        return DITTO_DECLINED;
    }

    t->sec = sec;

    return DITTO_OK;
}


/* Four digits, or up to ten with a sign that must be there then. */
static bool
ditto_time_read_year(ditto_time_reader_t *r, int64_t *year)
{
    char     sign;
    size_t   n;
    int64_t  y;

    sign = 0;

    if (r->pos < r->end && (*r->pos == '+' || *r->pos == '-')) {
        sign = (char) *r->pos++;
    }

    y = 0;

    for (n = 0; n < DITTO_YEAR_DIGITS && r->pos < r->end; n++) {
        if (*r->pos < '0' || *r->pos > '9') {
            break;
        }

        y = y * 10 + (*r->pos++ - '0');
    }

    if (n < 4 || (n > 4 && sign == 0) || (n == 4 && sign == '+')
        || (y == 0 && sign == '-'))
    {
        return false;
    }

    *year = (sign == '-') ? -y : y;

    return true;
}


/* Up to nine digits; none behind the point is fine with Java. */
static void
ditto_time_read_fraction(ditto_time_reader_t *r, uint32_t *nsec)
{
    uint32_t  unit;

    if (!ditto_time_read_char(r, '.')) {
        return;
    }

    for (unit = 100000000; unit != 0; unit /= 10) {
        if (r->pos == r->end || *r->pos < '0' || *r->pos > '9') {
            return;
        }

        *nsec += unit * (uint32_t) (*r->pos++ - '0');
    }
}


static bool
ditto_time_read_offset(ditto_time_reader_t *r, bool instant, int64_t *offset)
{
    bool                  negative;
    unsigned              hour, minute, second;
    ditto_time_reader_t   ahead;

    *offset = 0;

    if (ditto_time_read_char(r, 'Z')) {
        return true;
    }

    negative = ditto_time_read_char(r, '-');

    if (!negative && !ditto_time_read_char(r, '+')) {
        return false;
    }

    if (!ditto_time_read_two(r, &hour)) {
        return false;
    }

    minute = 0;
    second = 0;
    ahead = *r;

    if (ditto_time_read_char(&ahead, ':')
        && ditto_time_read_two(&ahead, &minute))
    {
        *r = ahead;

        if (ditto_time_read_char(&ahead, ':')
            && ditto_time_read_two(&ahead, &second))
        {
            *r = ahead;
        }

    } else if (instant) {
        return false;
    }

    if (minute > 59 || second > 59) {
        return false;
    }

    *offset = (int64_t) (hour * 3600 + minute * 60 + second);

    if (*offset > DITTO_OFFSET_MAX) {
        return false;
    }

    if (negative) {
        *offset = -*offset;
    }

    return true;
}


static bool
ditto_time_read_two(ditto_time_reader_t *r, unsigned *n)
{
    if (r->end - r->pos < 2 || r->pos[0] < '0' || r->pos[0] > '9'
        || r->pos[1] < '0' || r->pos[1] > '9')
    {
        return false;
    }

    *n = (unsigned) (r->pos[0] - '0') * 10 + (unsigned) (r->pos[1] - '0');
    r->pos += 2;

    return true;
}


/* c: a letter in upper case stands for both. */
static bool
ditto_time_read_char(ditto_time_reader_t *r, char c)
{
    unsigned char  u;

    u = (unsigned char) c;

    if (r->pos == r->end
        || (*r->pos != u && (u < 'A' || u > 'Z' || *r->pos != (u | 0x20))))
    {
        return false;
    }

    r->pos++;

    return true;
}


void
ditto_time_render(ditto_buf_t *out, ditto_time_t t)
{
    int64_t         days, sec;
    uint64_t        year, of_day, most;
    unsigned        width;
    ditto_date_t    date;
    unsigned char  *p, text[DITTO_TIME_TEXT];

    sec = t.sec;
    days = sec / DITTO_DAY;

    if (sec % DITTO_DAY < 0) {
        days--;
    }

    of_day = (uint64_t) (sec - days * DITTO_DAY);
    date = ditto_time_date(days);
    p = text;

    if (date.year < 0) {
        *p++ = '-';

    } else if (date.year > 9999) {
        *p++ = '+';
    }

    year = (uint64_t) (date.year < 0 ? -date.year : date.year);
    width = 4;

    for (most = 9999; most < year; most = most * 10 + 9) {
        width++;
    }

    p = ditto_time_digits(p, year, width);
    *p++ = '-';
    p = ditto_time_digits(p, date.month, 2);
    *p++ = '-';
    p = ditto_time_digits(p, date.day, 2);
    *p++ = 'T';
    p = ditto_time_digits(p, of_day / 3600, 2);
    *p++ = ':';
    p = ditto_time_digits(p, of_day / 60 % 60, 2);
    *p++ = ':';
    p = ditto_time_digits(p, of_day % 60, 2);

    if (t.nsec != 0) {
        *p++ = '.';

        if (t.nsec % 1000000 == 0) {
            p = ditto_time_digits(p, t.nsec / 1000000, 3);

        } else if (t.nsec % 1000 == 0) {
            p = ditto_time_digits(p, t.nsec / 1000, 6);

        } else {
            p = ditto_time_digits(p, t.nsec, 9);
        }
    }

    *p++ = 'Z';

    ditto_buf_add(out, text, (size_t) (p - text));
}


int
ditto_time_compare(ditto_time_t a, ditto_time_t b)
{
    if (a.sec != b.sec) {
        return (a.sec < b.sec) ? -1 : 1;
    }

    if (a.nsec != b.nsec) {
        return (a.nsec < b.nsec) ? -1 : 1;
    }

    return 0;
}


/*
 * Years are counted from March, so that the leap day is the last one, and in
 * eras of 400 years = 146,097 days, which all look the same.
 */
int64_t
ditto_time_days(ditto_date_t date)
{
    int64_t  year, era, of_era, of_year;

    year = date.year - (date.month <= 2 ? 1 : 0);
    era = (year >= 0 ? year : year - 399) / 400;
    of_era = year - era * 400;
    of_year = (153 * ((int64_t) date.month + (date.month > 2 ? -3 : 9)) + 2) / 5
              + (int64_t) date.day - 1;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year
           - 719468;
}


ditto_date_t
ditto_time_date(int64_t days)
{
    int64_t       era, of_era, year, of_year, month;
    ditto_date_t  date;

    days += 719468;
    era = (days >= 0 ? days : days - 146096) / 146097;
    of_era = days - era * 146097;
    year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    of_year = of_era - (365 * year + year / 4 - year / 100);
    month = (5 * of_year + 2) / 153;

    date.day = (unsigned) (of_year - (153 * month + 2) / 5 + 1);
    date.month = (unsigned) (month < 10 ? month + 3 : month - 9);
    date.year = year + era * 400 + (date.month <= 2 ? 1 : 0);

    return date;
}


unsigned
ditto_time_month_length(int64_t year, unsigned month)
{
    static const unsigned char  length[] = { 31, 28, 31, 30, 31, 30, 31, 31,
                                             30, 31, 30, 31 };

    if (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)) {
        return 29;
    }

    return length[(month - 1) % 12];
}


/* The width last digits of n at p; behind them. */
static inline unsigned char *
ditto_time_digits(unsigned char *p, uint64_t n, unsigned width)
{
    unsigned  i;

    for (i = width; i-- > 0; n /= 10) {
        p[i] = (unsigned char) ('0' + n % 10);
    }

    return p + width;
}
