/*
 * Numbers: reading, the two ways of printing, comparing as decimals.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "ditto_number.h"
#include "unit_pool.h"


typedef struct {
    const char  *text;
    const char  *printed;        /* as Double or Long */
    const char  *decimal;        /* as BigDecimal of that */
} test_print_t;


static const test_print_t  test_prints[] = {
    { "0", "0", "0" },
    { "-0.0", "0", "0" },
    { "-9223372036854775808", "-9223372036854775808",
      "-9223372036854775808" },
    { "9223372036854775807", "9223372036854775807", "9223372036854775807" },
    { "9223372036854775808.0", "9223372036854775807",
      "9223372036854775807" },
    { "9007199254740993.0", "9007199254740992", "9007199254740992" },
    { "1e2", "100", "100" },
    { "1e18", "1000000000000000000", "1000000000000000000" },
    { "1.5", "1.5", "1.5" },
    { "-1.5", "-1.5", "-1.5" },
    { "0.001", "0.001", "0.001" },
    { "0.00001", "1.0E-5", "0.000010" },
    { "0.0000001", "1.0E-7", "1.0E-7" },
    { "-0.0000123", "-1.23E-5", "-0.0000123" },
    { "12345678.9", "1.23456789E7", "12345678.9" },
    { "1e19", "1.0E19", "1.0E+19" },
    { "1.25e300", "1.25E300", "1.25E+300" },
    { "4.9e-324", "4.9E-324", "4.9E-324" },
    { "2.2250738585072014e-308", "2.2250738585072014E-308",
      "2.2250738585072014E-308" },
    { "1e400", "Infinity", "Infinity" },
    { "-1e400", "-Infinity", "-Infinity" },
    { "0.1234567890123456789", "0.12345678901234568",
      "0.12345678901234568" },
};


static const char  *test_wrong[] = {
    "", "+", "-", ".", "e5", "5e", "5e+", "1..2", "1.2.3", " 5", "5 ", "0x10",
    "1e2147483648", "1e-2147483648", "1e99999999999999999999", "5e1.0",
    "Infinity", "1_000", "\xf0\x9d\x9f\x8e", "\xc3\xa4", "--5",
};


/* In ascending order; what is equal stands in one row. */
static const char  *test_order[][4] = {
    { "-1e2147483647", "-10e2147483646", NULL, NULL },
    { "-20", "-2e1", "-00020.000", NULL },
    { "-3", "-3.", NULL, NULL },
    { "-.5", "-0.50", "-5e-1", NULL },
    { "0", "-0", ".0e99", "0e-5" },
    { "1e-2147483647", NULL, NULL, NULL },
    { "0.000010", "1.0E-5", "+00.00001", NULL },
    { "0.00001000000000000000000000000000000000000000000001", NULL, NULL,
      NULL },
    { "9", "9.0", "0.9e1", "\xd9\xa9" },
    { "10", "1e1", "1E+1", "\xef\xbc\x91\xd9\xa0.\xef\xbc\x90" },
    { "9007199254740992", NULL, NULL, NULL },
    { "9007199254740993", "9007199254740993.000", NULL, NULL },
};


static void
test_printing(void **state)
{
    char             text[DITTO_NUMBER_TEXT];
    size_t           i, n;
    ditto_number_t   number;

    (void) state;

    for (i = 0; i < sizeof(test_prints) / sizeof(test_prints[0]); i++) {
        ditto_number_read(ditto_str(test_prints[i].text), &number);

        n = ditto_number_print(&number, text);
        assert_int_equal(n, strlen(test_prints[i].printed));
        assert_memory_equal(text, test_prints[i].printed, n);

        n = ditto_number_print_decimal(&number, text);
        assert_int_equal(n, strlen(test_prints[i].decimal));
        assert_memory_equal(text, test_prints[i].decimal, n);
    }

    /* those that a filter writes with a point stay doubles */

    number.integer = false;
    number.d = -0.0;
    assert_int_equal(ditto_number_print(&number, text), 4);
    assert_memory_equal(text, "-0.0", 4);
    assert_int_equal(ditto_number_print_decimal(&number, text), 3);
    assert_memory_equal(text, "0.0", 3);
}


static void
test_integers(void **state)
{
    size_t   i;
    int64_t  n;

    static const char  *wrong[] = {
        "", "-", "+", "1.0", "1e1", " 1", "9223372036854775808",
        "-9223372036854775809", "99999999999999999999999",
    };

    (void) state;

    assert_true(ditto_number_int64(ditto_str("+007"), &n));
    assert_int_equal(n, 7);
    assert_true(ditto_number_int64(ditto_str("-9223372036854775808"), &n));
    assert_true(n == INT64_MIN);
    assert_true(ditto_number_int64(ditto_str("9223372036854775807"), &n));
    assert_true(n == INT64_MAX);

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_false(ditto_number_int64(ditto_str(wrong[i]), &n));
    }
}


static void
test_decimals(void **state)
{
    size_t            i, j, k, l, n;
    ditto_decimal_t   a, b;

    (void) state;

    for (i = 0; i < sizeof(test_wrong) / sizeof(test_wrong[0]); i++) {
        assert_false(ditto_decimal_parse(ditto_str(test_wrong[i]), &a));
    }

    n = sizeof(test_order) / sizeof(test_order[0]);

    for (i = 0; i < n; i++) {
        for (k = 0; k < 4 && test_order[i][k] != NULL; k++) {
            assert_true(ditto_decimal_parse(ditto_str(test_order[i][k]), &a));

            for (j = 0; j < n; j++) {
                for (l = 0; l < 4 && test_order[j][l] != NULL; l++) {
                    assert_true(ditto_decimal_parse(
                                    ditto_str(test_order[j][l]), &b));
                    assert_int_equal((ditto_decimal_compare(&a, &b) > 0)
                                     - (ditto_decimal_compare(&a, &b) < 0),
                                     (i > j) - (i < j));
                }
            }
        }
    }
}


/* Short, middling and long spellings, against the C library. */
static void
test_doubles(void **state)
{
    char          text[2048];
    size_t        i, n;
    double        d;
    uint64_t      bits;
    unit_pool_t   up;
    ditto_str_t   s;

    (void) state;

    bits = 88172645463325252ull;

    for (i = 0; i < 20000; i++) {
        bits ^= bits << 13;
        bits ^= bits >> 7;
        bits ^= bits << 17;

        switch (i % 5) {

        case 0:
            n = (size_t) sprintf(text, "%s%llu.%0*llu", bits % 2 ? "-" : "",
                                 (unsigned long long) (bits % 100000),
                                 1 + (int) (bits % 10),
                                 (unsigned long long) (bits >> 32) % 10);
            break;

        case 1:
            memcpy(&d, &bits, sizeof(d));
            n = (size_t) sprintf(text, "%.17g", d == d ? d : 1.5);
            break;

        case 2:
            memcpy(&d, &bits, sizeof(d));
            n = (size_t) sprintf(text, "%.*e", 60 + (int) (bits % 900),
                                 d == d ? d : 1.5);
            break;

        case 3:
            d = (double) (bits >> 11) * 0x1p-200;
            n = (size_t) sprintf(text, "%.*f", 100 + (int) (bits % 900), d);
            break;

        default:
            d = (double) (bits >> 11) * 0x1p300;
            n = (size_t) sprintf(text, "%.*f", (int) (bits % 30), d);
        }

        if (strstr(text, "inf") != NULL) {
            continue;
        }

        unit_pool_init(&up);
        s = unit_span(&up, text, n);
        d = ditto_number_double(s);

        if (d != strtod(text, NULL)) {
            fail_msg("%s", text);
        }

        unit_pool_free(&up);
    }

    /* one digit behind many decides between two doubles */

    strcpy(text, "9007199254740993.");
    memset(text + 17, '0', 1000);
    strcpy(text + 1017, "e0");
    assert_true(ditto_number_double(ditto_str(text)) == 9007199254740992.0);
    text[1016] = '1';
    assert_true(ditto_number_double(ditto_str(text)) == 9007199254740994.0);
}


/* The order of numbers is that of their decimals. */
static void
test_compare(void **state)
{
    size_t           i, j, n;
    int              order;
    ditto_number_t   a, b;

    static const char  *ascending[] = {
        "-1e19", "-9223372036854775808", "-9007199254740994.0",
        "-9007199254740993", "-9007199254740992", "-1.5", "-1", "0",
        "4.9e-324", "0.1", "0.2", "1", "1.0000000000000002",
        "9007199254740991", "9007199254740992.0", "9007199254740993",
        "9007199254740994", "1152921504606846975", "1152921504606846976",
        "9223372036854775807", "1e19",
    };

    (void) state;

    n = sizeof(ascending) / sizeof(ascending[0]);

    for (i = 0; i < n; i++) {
        for (j = 0; j < n; j++) {
            ditto_number_read(ditto_str(ascending[i]), &a);
            ditto_number_read(ditto_str(ascending[j]), &b);

            order = ditto_number_compare(&a, &b);
            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
        }
    }

    /* a filter's 2^60 is a double, whose shortest text is 24 more */

    ditto_number_read(ditto_str("1152921504606846976"), &a);
    b.integer = false;
    b.d = 0x1p60;
    assert_true(ditto_number_compare(&a, &b) < 0);
    a.i += 24;
    assert_int_equal(ditto_number_compare(&a, &b), 0);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_printing),
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_decimals),
        cmocka_unit_test(test_doubles),
        cmocka_unit_test(test_compare),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
