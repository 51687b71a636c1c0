#include "ditto_instant.h"


#define DITTO_INSTANT_DAY       86400
#define DITTO_INSTANT_OFFSET    (18 * 3600)


typedef struct {
    int64_t   year;
    unsigned  month;
    unsigned  day;
    unsigned  hour;
    unsigned  minute;
    unsigned  second;
    uint32_t  nsec;
    int64_t   offset;            /* seconds east of Greenwich */
} ditto_instant_fields_t;


typedef struct {
    ditto_str_t  text;
    size_t       pos;            /* on failure: where the field begins */
} ditto_instant_reader_t;


static bool ditto_instant_date(ditto_instant_reader_t *r,
    ditto_instant_fields_t *f);
static bool ditto_instant_time(ditto_instant_reader_t *r,
    ditto_instant_fields_t *f);
static bool ditto_instant_fraction(ditto_instant_reader_t *r,
    ditto_instant_fields_t *f);
static bool ditto_instant_offset(ditto_instant_reader_t *r,
    ditto_instant_fields_t *f);
static bool ditto_instant_year(ditto_instant_reader_t *r, int64_t *year);
ditto_inline bool ditto_instant_two(ditto_instant_reader_t *r, unsigned *n);
ditto_inline bool ditto_instant_char(ditto_instant_reader_t *r, char c);
static bool ditto_instant_date_valid(const ditto_instant_fields_t *f);


ditto_rc_t
ditto_instant_parse(ditto_str_t text, ditto_instant_t *instant,
    ditto_instant_error_t *error)
{
    int64_t                 days;
    ditto_date_t            date;
    ditto_instant_reader_t  r;
    ditto_instant_fields_t  f;

    memset(&f, 0, sizeof(f));
    memset(error, 0, sizeof(ditto_instant_error_t));

    r.text = text;
    r.pos = 0;

    if (!ditto_instant_date(&r, &f)
        || !ditto_instant_char(&r, 'T')
        || !ditto_instant_time(&r, &f)
        || !ditto_instant_offset(&r, &f))
    {
        error->index = r.pos;
        return DITTO_DECLINED;
    }

    days = 0;

    if (f.hour == 24 && f.minute == 0 && f.second == 0 && f.nsec == 0) {
        f.hour = 0;
        days = 1;

    } else if (f.hour == 23 && f.minute == 59 && f.second == 60) {
        f.second = 59;
    }

    if (!ditto_instant_date_valid(&f) || f.hour > 23 || f.minute > 59
        || f.second > 59 || f.offset > DITTO_INSTANT_OFFSET
        || f.offset < -DITTO_INSTANT_OFFSET)
    {
        return DITTO_DECLINED;
    }

    if (r.pos != text.len) {
        error->index = r.pos;
        error->trailing = true;
        return DITTO_DECLINED;
    }

    date.year = f.year;
    date.month = f.month;
    date.day = f.day;

    days += ditto_time_days(date);

    instant->sec = days * DITTO_INSTANT_DAY + (int64_t) f.hour * 3600
                   + (int64_t) f.minute * 60 + (int64_t) f.second - f.offset;
    instant->nsec = f.nsec;

    return (instant->sec < DITTO_TIME_MIN || instant->sec > DITTO_TIME_MAX)
           ? DITTO_DECLINED : DITTO_OK;
}


bool
ditto_instant_normal(ditto_str_t text, const ditto_instant_t *instant)
{
    size_t                len;
    const unsigned char  *p;

    len = (instant->nsec == 0) ? 20
          : (instant->nsec % 1000000 == 0) ? 24
          : (instant->nsec % 1000 == 0) ? 28 : 30;

    p = text.data;

    /* 24:00:00 and :60 were read, but are not written */

    return text.len == len && p[0] >= '0' && p[10] == 'T'
           && p[len - 1] == 'Z' && !(p[11] == '2' && p[12] == '4')
           && p[17] != '6';
}


void
ditto_instant_render(ditto_buf_t *out, const ditto_instant_t *instant)
{
    ditto_time_render(out, *instant);
}


static bool
ditto_instant_date(ditto_instant_reader_t *r, ditto_instant_fields_t *f)
{
    return ditto_instant_year(r, &f->year)
           && ditto_instant_char(r, '-')
           && ditto_instant_two(r, &f->month)
           && ditto_instant_char(r, '-')
           && ditto_instant_two(r, &f->day);
}


static bool
ditto_instant_time(ditto_instant_reader_t *r, ditto_instant_fields_t *f)
{
    return ditto_instant_two(r, &f->hour)
           && ditto_instant_char(r, ':')
           && ditto_instant_two(r, &f->minute)
           && ditto_instant_char(r, ':')
           && ditto_instant_two(r, &f->second)
           && ditto_instant_fraction(r, f);
}


/* At most nine digits; none is fine. */
static bool
ditto_instant_fraction(ditto_instant_reader_t *r, ditto_instant_fields_t *f)
{
    unsigned       n;
    unsigned char  c;

    if (r->pos == r->text.len || r->text.data[r->pos] != '.') {
        return true;
    }

    r->pos++;

    for (n = 0; n < 9 && r->pos < r->text.len; n++) {
        c = r->text.data[r->pos];

        if (c < '0' || c > '9') {
            break;
        }

        f->nsec = f->nsec * 10 + (uint32_t) (c - '0');
        r->pos++;
    }

    for ( /* void */ ; n < 9; n++) {
        f->nsec *= 10;
    }

    return true;
}


/* Z, +hh:mm or +hh:mm:ss. */
static bool
ditto_instant_offset(ditto_instant_reader_t *r, ditto_instant_fields_t *f)
{
    size_t         start;
    unsigned       h, m, s;
    unsigned char  sign;

    if (ditto_instant_char(r, 'Z')) {
        return true;
    }

    start = r->pos;

    if (start == r->text.len) {
        return false;
    }

    sign = r->text.data[start];

    if (sign != '+' && sign != '-') {
        return false;
    }

    r->pos++;

    if (!ditto_instant_two(r, &h)
        || !ditto_instant_char(r, ':')
        || !ditto_instant_two(r, &m)
        || h > 59 || m > 59)
    {
        r->pos = start;
        return false;
    }

    s = 0;
    start = r->pos;

    if (ditto_instant_char(r, ':') && (!ditto_instant_two(r, &s) || s > 59)) {
        s = 0;
        r->pos = start;
    }

    f->offset = (int64_t) h * 3600 + (int64_t) m * 60 + (int64_t) s;

    if (sign == '-') {
        f->offset = -f->offset;
    }

    return true;
}


/* Four digits; more, up to ten, with a sign only. */
static bool
ditto_instant_year(ditto_instant_reader_t *r, int64_t *year)
{
    size_t         i, n, start;
    unsigned char  c, sign;

    start = r->pos;
    i = start;
    sign = 0;

    if (i < r->text.len
        && (r->text.data[i] == '+' || r->text.data[i] == '-'))
    {
        sign = r->text.data[i++];
    }

    *year = 0;

    for (n = 0; n < 10 && i < r->text.len; n++, i++) {
        c = r->text.data[i];

        if (c < '0' || c > '9') {
            break;
        }

        *year = *year * 10 + (c - '0');
    }

    if (n < 4) {
        r->pos = start + (sign != 0 ? 1 : 0);
        return false;
    }

    if ((sign == '+' && n == 4) || (sign == '-' && *year == 0)
        || (sign == 0 && n > 4))
    {
        return false;
    }

    if (sign == '-') {
        *year = -*year;
    }

    r->pos = i;

    return true;
}


ditto_inline bool
ditto_instant_two(ditto_instant_reader_t *r, unsigned *n)
{
    const unsigned char  *p;

    if (r->text.len - r->pos < 2) {
        return false;
    }

    p = r->text.data + r->pos;

    if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9') {
        return false;
    }

    *n = (unsigned) (p[0] - '0') * 10 + (unsigned) (p[1] - '0');
    r->pos += 2;

    return true;
}


/* Letters without regard to case. */
ditto_inline bool
ditto_instant_char(ditto_instant_reader_t *r, char c)
{
    unsigned char  got;

    if (r->pos == r->text.len) {
        return false;
    }

    got = r->text.data[r->pos];

    if (got >= 'a' && got <= 'z') {
        got = (unsigned char) (got - 'a' + 'A');
    }

    if (got != (unsigned char) c) {
        return false;
    }

    r->pos++;

    return true;
}


static bool
ditto_instant_date_valid(const ditto_instant_fields_t *f)
{
    return f->month >= 1 && f->month <= 12 && f->day >= 1
           && f->day <= ditto_time_month_length(f->year, f->month);
}
