#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "ditto_decode.h"
#include "ditto_number.h"


/* digits that decide to which double a text is nearest, and one more */
#define DITTO_NUMBER_DIGITS  770

#define DITTO_NUMBER_EXACT   9007199254740992    /* 2^53 */


static bool ditto_number_short(ditto_str_t text, double *d);
static double ditto_number_long(ditto_str_t text);
static size_t ditto_number_print_int(int64_t n, char *text);
static size_t ditto_number_print_double(double d, char *text);
static int ditto_number_shortest(double d, char *digits, int *exp);
static int ditto_decimal_digit(ditto_str_t digits, size_t *at);
static bool ditto_decimal_exponent(ditto_str_t text, int64_t *exponent);


bool
ditto_number_int64(ditto_str_t text, int64_t *n)
{
    bool      negative;
    size_t    i;
    uint64_t  u, max;
    unsigned  digit;

    i = 0;
    negative = (text.len != 0 && text.data[0] == '-');

    if (negative || (text.len != 0 && text.data[0] == '+')) {
        i = 1;
    }

    if (i == text.len) {
        return false;
    }

    max = (uint64_t) INT64_MAX + (negative ? 1 : 0);

    for (u = 0; i < text.len; i++) {
        digit = (unsigned) text.data[i] - '0';

        if (digit > 9 || u > max / 10 || u * 10 > max - digit) {
            return false;
        }

        u = u * 10 + digit;
    }

    *n = negative ? (int64_t) ((uint64_t) 0 - u) : (int64_t) u;

    return true;
}


double
ditto_number_double(ditto_str_t text)
{
    char    copy[64];
    double  d;

    if (ditto_number_short(text, &d)) {
        return d;
    }

    if (text.len >= sizeof(copy)) {
        return ditto_number_long(text);
    }

    memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';

    return strtod(copy, NULL);
}


void
ditto_number_read(ditto_str_t value, ditto_number_t *number)
{
    double  d;

    number->d = 0;
    number->integer = ditto_number_int64(value, &number->i);

    if (number->integer) {
        return;
    }

    d = ditto_number_double(value);
    number->d = d;
    number->i = 0;

    /* Java cuts 2^63 to the largest integer, and finds both equal */

    if (d == 0x1p63) {
        number->integer = true;
        number->i = INT64_MAX;

    } else if (d >= -0x1p63 && d < 0x1p63 && d == (double) (int64_t) d) {
        number->integer = true;
        number->i = (int64_t) d;
    }
}


size_t
ditto_number_print(const ditto_number_t *number, char *text)
{
    return number->integer ? ditto_number_print_int(number->i, text)
                           : ditto_number_print_double(number->d, text);
}


size_t
ditto_number_print_decimal(const ditto_number_t *number, char *text)
{
    char    digits[DITTO_NUMBER_TEXT], *p;
    size_t  i, n, len;
    int     scale, exp, adjusted;

    if (number->integer || isinf(number->d)) {
        return ditto_number_print(number, text);
    }

    len = ditto_number_print_double(number->d, digits);
    n = 0;
    scale = 0;
    p = text;

    /* the digits alone, with how many are behind the point */

    for (i = 0; i < len && digits[i] != 'E'; i++) {

        if (digits[i] == '.') {
            scale = 1;

        } else if (digits[i] != '-') {
            scale += (scale != 0);

            if (n != 0 || digits[i] != '0') {
                digits[n++] = digits[i];
            }
        }
    }

    scale -= (scale != 0);

    if (i < len) {
        digits[len] = '\0';
        scale -= atoi(digits + i + 1);
    }

    if (n == 0) {
        digits[n++] = '0';

    } else if (number->d < 0) {
        *p++ = '-';
    }

    adjusted = (int) n - 1 - scale;

    if (scale < 0 || adjusted < -6) {
        *p++ = digits[0];

        if (n > 1) {
            *p++ = '.';
            memcpy(p, digits + 1, n - 1);
            p += n - 1;
        }

        p += sprintf(p, "E%+d", adjusted);

        return (size_t) (p - text);
    }

    exp = (int) n - scale;

    if (exp <= 0) {
        *p++ = '0';
        *p++ = '.';

        for ( /* void */ ; exp < 0; exp++) {
            *p++ = '0';
        }

        memcpy(p, digits, n);
        p += n;

        return (size_t) (p - text);
    }

    for (i = 0; i < n; i++) {
        if ((int) i == exp) {
            *p++ = '.';
        }

        *p++ = digits[i];
    }

    return (size_t) (p - text);
}


int
ditto_number_compare(const ditto_number_t *a, const ditto_number_t *b)
{
    char             left[DITTO_NUMBER_TEXT], right[DITTO_NUMBER_TEXT];
    double           x, y;
    ditto_str_t      text;
    ditto_decimal_t  p, q;

    if (a->integer && b->integer) {
        return (a->i > b->i) - (a->i < b->i);
    }

    /*
     * The shortest text of a double lies nearer to it than to any other, so
     * doubles and their texts have one order; integers within 2^53 are doubles.
     */

    x = a->integer ? (double) a->i : a->d;
    y = b->integer ? (double) b->i : b->d;

    if ((!a->integer || (a->i <= DITTO_NUMBER_EXACT
                         && a->i >= -DITTO_NUMBER_EXACT))
        && (!b->integer || (b->i <= DITTO_NUMBER_EXACT
                            && b->i >= -DITTO_NUMBER_EXACT)))
    {
        return (x > y) - (x < y);
    }

    text.data = (const unsigned char *) left;
    text.len = ditto_number_print(a, left);
    (void) ditto_decimal_parse(text, &p);

    text.data = (const unsigned char *) right;
    text.len = ditto_number_print(b, right);
    (void) ditto_decimal_parse(text, &q);

    return ditto_decimal_compare(&p, &q);
}


bool
ditto_decimal_parse(ditto_str_t text, ditto_decimal_t *decimal)
{
    int      digit;
    bool     point, leading;
    size_t   i, from;
    int64_t  before, fraction, zeros, exponent;

    i = 0;
    from = 0;
    point = false;
    leading = true;
    before = 0;
    fraction = 0;
    zeros = 0;
    exponent = 0;

    decimal->negative = (text.len != 0 && text.data[0] == '-');
    decimal->zero = true;

    if (decimal->negative || (text.len != 0 && text.data[0] == '+')) {
        i++;
    }

    decimal->digits = ditto_str_sub(text, text.len, text.len);

    while (i < text.len && (text.data[i] | 0x20) != 'e') {

        if (text.data[i] == '.') {
            if (point) {
                return false;
            }

            point = true;
            i++;
            continue;
        }

        from = i;
        digit = ditto_decimal_digit(text, &i);

        if (digit < 0) {
            return false;
        }

        /* zeros: leading ones, before or behind the point */

        before += !point;
        fraction += point;

        if (!leading) {
            continue;
        }

        if (digit == 0) {
            zeros++;
            continue;
        }

        leading = false;
        decimal->zero = false;
        decimal->digits = ditto_str_sub(text, from, text.len);
    }

    if (before + fraction == 0) {
        return false;
    }

    if (i < text.len) {
        decimal->digits.len = decimal->zero
                              ? 0 : i - (text.len - decimal->digits.len);

        if (!ditto_decimal_exponent(ditto_str_sub(text, i + 1, text.len),
                                    &exponent))
        {
            return false;
        }
    }

    if (fraction - exponent > INT32_MAX || fraction - exponent < INT32_MIN) {
        return false;
    }

    decimal->exponent = exponent + before - zeros - 1;

    return true;
}


int
ditto_decimal_compare(const ditto_decimal_t *a, const ditto_decimal_t *b)
{
    int     p, q, sign;
    size_t  i, j;

    if (a->zero || b->zero) {
        p = a->zero ? 0 : a->negative ? -1 : 1;
        q = b->zero ? 0 : b->negative ? -1 : 1;

        return (p > q) - (p < q);
    }

    if (a->negative != b->negative) {
        return a->negative ? -1 : 1;
    }

    sign = a->negative ? -1 : 1;

    if (a->exponent != b->exponent) {
        return a->exponent > b->exponent ? sign : -sign;
    }

    i = 0;
    j = 0;

    while (i < a->digits.len || j < b->digits.len) {
        p = (i < a->digits.len) ? ditto_decimal_digit(a->digits, &i) : 0;
        q = (j < b->digits.len) ? ditto_decimal_digit(b->digits, &j) : 0;

        if (p != q) {
            return p > q ? sign : -sign;
        }
    }

    return 0;
}


/*
 * Most numbers: at most fifteen digits and a point.  The digits and the power
 * of ten are doubles exactly, so the quotient is the nearest one.
 */
static bool
ditto_number_short(ditto_str_t text, double *d)
{
#if defined(FLT_EVAL_METHOD) && FLT_EVAL_METHOD == 0
    bool      negative, point;
    size_t    i, behind;
    int64_t   n;
    unsigned  digit;

    static const double  powers[] = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12,
        1e13, 1e14, 1e15
    };

    if (text.len > sizeof(powers) / sizeof(powers[0])) {
        return false;
    }

    n = 0;
    behind = 0;
    point = false;
    negative = (text.len != 0 && text.data[0] == '-');

    for (i = negative ? 1 : 0; i < text.len; i++) {

        if (text.data[i] == '.') {
            point = true;
            continue;
        }

        digit = (unsigned) text.data[i] - '0';

        if (digit > 9) {
            return false;
        }

        n = n * 10 + digit;
        behind += point;
    }

    *d = (double) n / powers[behind];

    if (negative) {
        *d = -*d;
    }

    return true;
#else
    (void) text;
    (void) d;

    return false;
#endif
}


/* Too long to be copied: as many digits as matter. */
static double
ditto_number_long(ditto_str_t text)
{
    char           copy[DITTO_NUMBER_DIGITS + 32], *p;
    bool           point, more, negative;
    size_t         i, n;
    int64_t        exp, written;
    unsigned char  c;

    p = copy;
    n = 0;
    exp = 0;
    written = 0;
    point = false;
    more = false;

    if (text.data[0] == '-') {
        *p++ = '-';
    }

    /* exp: the number is 0.ddd times ten to it */

    for (i = 0; i < text.len && (text.data[i] | 0x20) != 'e'; i++) {
        c = text.data[i];

        if (c == '.') {
            point = true;
            continue;
        }

        if (c < '0' || c > '9') {
            continue;
        }

        if (n == 0 && c == '0') {
            exp -= point;
            continue;
        }

        exp += !point;

        if (n < DITTO_NUMBER_DIGITS) {
            p[n++] = (char) c;

        } else if (c != '0') {
            more = true;
        }
    }

    negative = (i + 1 < text.len && text.data[i + 1] == '-');

    for (i++; i < text.len; i++) {
        c = text.data[i];

        if (c >= '0' && c <= '9' && written < 100000000) {
            written = written * 10 + (c - '0');
        }
    }

    if (n == 0) {
        return strtod(text.data[0] == '-' ? "-0" : "0", NULL);
    }

    if (more) {
        p[n++] = '1';
    }

    exp += (negative ? -written : written) - (int64_t) n;
    exp = (exp > 99999) ? 99999 : (exp < -99999) ? -99999 : exp;

    (void) sprintf(p + n, "e%d", (int) exp);

    return strtod(copy, NULL);
}


static size_t
ditto_number_print_int(int64_t n, char *text)
{
    char      digits[20], *p;
    size_t    i;
    uint64_t  u;

    p = text;
    u = (uint64_t) n;

    if (n < 0) {
        *p++ = '-';
        u = 0 - u;
    }

    i = 0;

    do {
        digits[i++] = (char) ('0' + u % 10);
        u /= 10;
    } while (u != 0);

    while (i > 0) {
        *p++ = digits[--i];
    }

    return (size_t) (p - text);
}


static size_t
ditto_number_print_double(double d, char *text)
{
    int   i, n, exp;
    char  digits[20], *p;

    p = text;

    if (signbit(d)) {
        *p++ = '-';
        d = -d;
    }

    if (isinf(d)) {
        memcpy(p, "Infinity", 8);
        return (size_t) (p - text) + 8;
    }

    if (d == 0) {
        memcpy(p, "0.0", 3);
        return (size_t) (p - text) + 3;
    }

    n = ditto_number_shortest(d, digits, &exp);

    if (exp < -3 || exp >= 7) {
        *p++ = digits[0];
        *p++ = '.';

        if (n == 1) {
            *p++ = '0';
        }

        for (i = 1; i < n; i++) {
            *p++ = digits[i];
        }

        p += sprintf(p, "E%d", exp);

        return (size_t) (p - text);
    }

    if (exp < 0) {
        *p++ = '0';
        *p++ = '.';

        for (i = -1; i > exp; i--) {
            *p++ = '0';
        }

        for (i = 0; i < n; i++) {
            *p++ = digits[i];
        }

        return (size_t) (p - text);
    }

    for (i = 0; i <= exp; i++) {
        *p++ = (i < n) ? digits[i] : '0';
    }

    *p++ = '.';

    if (i >= n) {
        *p++ = '0';
    }

    for ( /* void */ ; i < n; i++) {
        *p++ = digits[i];
    }

    return (size_t) (p - text);
}


/*
 * The fewest digits that read back the same, without zeros at the end; d is
 * positive and finite.
 */
static int
ditto_number_shortest(double d, char *digits, int *exp)
{
    int   i, n;
    char  text[32];

    /* Java never prints fewer than two digits, which tells apart denormals */

    for (n = 2; n <= 17; n++) {
        (void) snprintf(text, sizeof(text), "%.*e", n - 1, d);

        if (strtod(text, NULL) == d) {
            break;
        }

        /*
         * Below a power of two doubles are denser than above it: the digits
         * nearest to it may belong to its neighbour, those above still to it.
         */

        if (frexp(d, &i) == 0.5 && text[n] != '9') {
            text[n]++;

            if (strtod(text, NULL) == d) {
                break;
            }
        }
    }

    /* d.ddde+-xx */

    digits[0] = text[0];

    for (i = 1; text[i + 1] >= '0' && text[i + 1] <= '9'; i++) {
        digits[i] = text[i + 1];
    }

    n = i;
    *exp = atoi(text + i + 2);

    while (n > 1 && digits[n - 1] == '0') {
        n--;
    }

    return n;
}


/* The digit at *at or behind a point there, and *at behind it; -1: none. */
static int
ditto_decimal_digit(ditto_str_t digits, size_t *at)
{
    int            digit;
    size_t         size;
    unsigned char  c;

    c = digits.data[*at];

    if (c == '.' && *at + 1 < digits.len) {
        c = digits.data[++*at];
    }

    if (c < 0x80) {
        (*at)++;
        return (c >= '0' && c <= '9') ? c - '0' : (c == '.') ? 0 : -1;
    }

    /* a digit beyond the first plane is two characters to Java, and none */

    if (c >= 0xf0) {
        return -1;
    }

    digit = ditto_decode_digit(digits, *at, 10, &size);
    *at += (digit < 0) ? 1 : size;

    return digit;
}


/* "[+-]digits" that fits 32 bits */
static bool
ditto_decimal_exponent(ditto_str_t text, int64_t *exponent)
{
    int      digit;
    bool     negative;
    size_t   i;
    int64_t  n;

    i = 0;
    n = 0;
    negative = (text.len != 0 && text.data[0] == '-');

    if (negative || (text.len != 0 && text.data[0] == '+')) {
        i++;
    }

    if (i == text.len) {
        return false;
    }

    while (i < text.len) {

        if (text.data[i] == '.') {
            return false;
        }

        digit = ditto_decimal_digit(text, &i);

        if (digit < 0) {
            return false;
        }

        n = n * 10 + digit;

        if (n > (int64_t) INT32_MAX + (negative ? 1 : 0)) {
            return false;
        }
    }

    *exponent = negative ? -n : n;

    return true;
}
