#include "ditto_instant.h"


#define DITTO_INSTANT_YEAR_MAX  999999999
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
    ditto_instant_fields_t *f, bool seconds);
static bool ditto_instant_fraction(ditto_instant_reader_t *r,
    ditto_instant_fields_t *f);
static bool ditto_instant_offset(ditto_instant_reader_t *r,
    ditto_instant_fields_t *f);
static bool ditto_instant_year(ditto_instant_reader_t *r, int64_t *year);
static bool ditto_instant_two(ditto_instant_reader_t *r, unsigned *n);
static bool ditto_instant_char(ditto_instant_reader_t *r, char c);
static bool ditto_instant_date_valid(const ditto_instant_fields_t *f);
static int64_t ditto_instant_days(int64_t year, unsigned month,
    unsigned day);
static void ditto_instant_digits(ditto_buf_t *out, uint64_t n,
    unsigned width);


ditto_rc_t
ditto_instant_parse(ditto_str_t text, ditto_instant_t *instant,
    ditto_instant_error_t *error)
{
    int64_t                 days;
    ditto_instant_reader_t  r;
    ditto_instant_fields_t  f;

    memset(&f, 0, sizeof(f));
    memset(error, 0, sizeof(ditto_instant_error_t));

    r.text = text;
    r.pos = 0;

    if (!ditto_instant_date(&r, &f)
        || !ditto_instant_char(&r, 'T')
        || !ditto_instant_time(&r, &f, true)
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

    days += ditto_instant_days(f.year, f.month, f.day);

    instant->sec = days * DITTO_INSTANT_DAY + (int64_t) f.hour * 3600
                   + (int64_t) f.minute * 60 + (int64_t) f.second - f.offset;
    instant->nsec = f.nsec;

    return DITTO_OK;
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
    int64_t   days, rest, era, year;
    uint64_t  doe, yoe, doy, mp, day, month;

    days = instant->sec / DITTO_INSTANT_DAY;
    rest = instant->sec % DITTO_INSTANT_DAY;

    if (rest < 0) {
        rest += DITTO_INSTANT_DAY;
        days--;
    }

    /* the civil date of a day number, with years that begin in March */

    days += 719468;
    era = (days >= 0 ? days : days - 146096) / 146097;
    doe = (uint64_t) (days - era * 146097);
    yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    year = (int64_t) yoe + era * 400;
    doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    mp = (5 * doy + 2) / 153;
    day = doy - (153 * mp + 2) / 5 + 1;
    month = (mp < 10) ? mp + 3 : mp - 9;

    if (month <= 2) {
        year++;
    }

    if (year > 9999) {
        ditto_buf_char(out, '+');
        ditto_buf_int(out, year);

    } else if (year < 0) {
        ditto_buf_char(out, '-');
        ditto_instant_digits(out, (uint64_t) -year, 4);

    } else {
        ditto_instant_digits(out, (uint64_t) year, 4);
    }

    ditto_buf_char(out, '-');
    ditto_instant_digits(out, month, 2);
    ditto_buf_char(out, '-');
    ditto_instant_digits(out, day, 2);
    ditto_buf_char(out, 'T');
    ditto_instant_digits(out, (uint64_t) rest / 3600, 2);
    ditto_buf_char(out, ':');
    ditto_instant_digits(out, (uint64_t) rest / 60 % 60, 2);
    ditto_buf_char(out, ':');
    ditto_instant_digits(out, (uint64_t) rest % 60, 2);

    if (instant->nsec != 0) {
        ditto_buf_char(out, '.');

        if (instant->nsec % 1000000 == 0) {
            ditto_instant_digits(out, instant->nsec / 1000000, 3);

        } else if (instant->nsec % 1000 == 0) {
            ditto_instant_digits(out, instant->nsec / 1000, 6);

        } else {
            ditto_instant_digits(out, instant->nsec, 9);
        }
    }

    ditto_buf_char(out, 'Z');
}


bool
ditto_instant_offset_valid(ditto_str_t text)
{
    ditto_instant_reader_t  r;
    ditto_instant_fields_t  f;

    memset(&f, 0, sizeof(f));

    r.text = text;
    r.pos = 0;

    return ditto_instant_date(&r, &f)
           && ditto_instant_char(&r, 'T')
           && ditto_instant_time(&r, &f, false)
           && ditto_instant_offset(&r, &f)
           && r.pos == text.len
           && ditto_instant_date_valid(&f)
           && f.hour < 24 && f.minute < 60 && f.second < 60
           && f.offset <= DITTO_INSTANT_OFFSET
           && f.offset >= -DITTO_INSTANT_OFFSET;
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
ditto_instant_time(ditto_instant_reader_t *r, ditto_instant_fields_t *f,
    bool seconds)
{
    if (!ditto_instant_two(r, &f->hour)
        || !ditto_instant_char(r, ':')
        || !ditto_instant_two(r, &f->minute))
    {
        return false;
    }

    if (!seconds && (r->pos == r->text.len || r->text.data[r->pos] != ':')) {
        return true;
    }

    return ditto_instant_char(r, ':')
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


static bool
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
static bool
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
    bool                        leap;
    static const unsigned char  days[] = {
        31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
    };

    if (f->year > DITTO_INSTANT_YEAR_MAX || f->year < -DITTO_INSTANT_YEAR_MAX
        || f->month < 1 || f->month > 12 || f->day < 1)
    {
        return false;
    }

    leap = (f->year % 4 == 0 && (f->year % 100 != 0 || f->year % 400 == 0));

    return f->day <= days[f->month - 1] + (f->month == 2 && leap ? 1u : 0u);
}


/* Days since 1970-01-01, by years that begin in March. */
static int64_t
ditto_instant_days(int64_t year, unsigned month, unsigned day)
{
    int64_t  era, yoe, doy;

    if (month <= 2) {
        year--;
    }

    era = (year >= 0 ? year : year - 399) / 400;
    yoe = year - era * 400;
    doy = (153 * ((int64_t) month + (month > 2 ? -3 : 9)) + 2) / 5
          + (int64_t) day - 1;

    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}


static void
ditto_instant_digits(ditto_buf_t *out, uint64_t n, unsigned width)
{
    char      text[20];
    unsigned  i;

    i = sizeof(text);

    do {
        text[--i] = (char) ('0' + n % 10);
        n /= 10;
    } while (n != 0);

    while (sizeof(text) - i < width) {
        text[--i] = '0';
    }

    ditto_buf_add(out, text + i, sizeof(text) - i);
}
