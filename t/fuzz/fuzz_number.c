/*
 * Two numbers: read as the C library reads them, printed so that they can be
 * read again, ordered in one way only.
 *
 * Seed: 1.5\03
 * Seed: 123456789012345678901234567890e-5\0-0.1
 * Seed: 1e400\0-1E-400
 * Seed: 2.2250738585072011e-308\09007199254740993.0
 * Words: json
 */

#include "fuzz.h"

#include <math.h>
#include <stdlib.h>

#include "ditto_json.h"
#include "ditto_number.h"


static bool fuzz_number(unit_pool_t *up, ditto_str_t text,
    ditto_number_t *number, double *d);


void
fuzz_one(unit_pool_t *up, ditto_str_t in)
{
    int              order = 0;
    bool             first, second;
    double           d, e;
    ditto_str_t      a, b;
    ditto_number_t   m, n;
    ditto_decimal_t  p, q;

    a = fuzz_part(up, &in);
    b = fuzz_part(up, &in);

    first = ditto_decimal_parse(a, &p);
    second = ditto_decimal_parse(b, &q);

    if (first && second) {
        order = ditto_decimal_compare(&p, &q);

        fuzz_check(up, (order > 0) == (ditto_decimal_compare(&q, &p) < 0));
        fuzz_check(up, ditto_decimal_compare(&p, &p) == 0);
    }

    if (!fuzz_number(up, a, &m, &d) || !fuzz_number(up, b, &n, &e)) {
        return;
    }

    /* what is less as a double is less as a decimal */

    if (first && second) {
        fuzz_check(up, !(d < e) || order < 0);
        fuzz_check(up, !(d > e) || order > 0);
    }

    if (isfinite(d) && isfinite(e)) {
        fuzz_check(up, (ditto_number_compare(&m, &n) > 0)
                       == (ditto_number_compare(&n, &m) < 0));
    }
}


static bool
fuzz_number(unit_pool_t *up, ditto_str_t text, ditto_number_t *number,
    double *d)
{
    char            *copy, *out;
    double           again;
    int64_t          n;
    ditto_str_t      printed;
    ditto_error_t    err;
    ditto_number_t   other;

    if (text.len == 0 || strchr("-0123456789", text.data[0]) == NULL
        || ditto_json_validate(text, &err) != DITTO_OK
        || ditto_str_trim(text).len != text.len)
    {
        return false;
    }

    copy = malloc(text.len + 1);
    out = malloc(DITTO_NUMBER_TEXT);

    if (copy == NULL || out == NULL) {
        abort();
    }

    memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';

    *d = strtod(copy, NULL);
    again = ditto_number_double(text);

    fuzz_check(up, *d == again && signbit(*d) == signbit(again));

    ditto_number_read(text, number);

    fuzz_check(up, number->integer || number->d == *d);
    fuzz_check(up, !ditto_number_int64(text, &n)
                   || (number->integer && number->i == n));

    printed.data = (unsigned char *) out;
    printed.len = ditto_number_print(number, out);
    fuzz_check(up, printed.len <= DITTO_NUMBER_TEXT);

    if (number->integer) {
        fuzz_check(up, ditto_number_int64(printed, &n) && n == number->i);

    } else if (isfinite(*d)) {
        ditto_number_read(printed, &other);
        fuzz_check(up, ditto_number_double(printed) == *d);
        fuzz_check(up, ditto_number_compare(number, &other) == 0);
    }

    if (isfinite(*d)) {
        printed.len = ditto_number_print_decimal(number, out);
        fuzz_check(up, printed.len <= DITTO_NUMBER_TEXT);
        fuzz_check(up, ditto_number_double(printed)
                       == (number->integer ? (double) number->i : *d));
    }

    free(copy);
    free(out);

    return true;
}
