/*
 * Moments; the expected values were read off Java's Instant and
 * OffsetDateTime.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "ditto_instant.h"
#include "ditto_time.h"
#include "unit_pool.h"


#define NONE  INT64_MIN


typedef struct {
    const char  *text;
    int64_t      instant;        /* seconds; NONE: refused */
    int64_t      offset;         /* the same as a date-time with offset */
    uint32_t     nsec;
    const char  *rendered;       /* NULL: as text */
} test_time_t;


static const test_time_t  test_times[] = {
    { "1970-01-01T00:00:00Z", 0, 0, 0, NULL },
    { "2024-01-02T03:04:05Z", 1704164645, 1704164645, 0, NULL },
    { "2024-01-02T03:04:05+02:00", 1704157445, 1704157445, 0,
      "2024-01-02T01:04:05Z" },
    { "2024-01-02t03:04:05.1z", 1704164645, 1704164645, 100000000,
      "2024-01-02T03:04:05.100Z" },
    { "2024-01-02T03:04:05.1234Z", 1704164645, 1704164645, 123400000,
      "2024-01-02T03:04:05.123400Z" },
    { "2024-01-02T03:04:05.123456789Z", 1704164645, 1704164645, 123456789,
      NULL },
    { "2024-01-02T03:04:05.Z", 1704164645, 1704164645, 0,
      "2024-01-02T03:04:05Z" },
    { "2024-01-02T03:04:05.1234567890Z", NONE, NONE, 0, NULL },
    { "2024-01-02T03:04:05+0200", NONE, NONE, 0, NULL },
    { "2024-01-02T03:04:05+02", NONE, 1704157445, 0, NULL },
    { "2024-01-02T03:04Z", NONE, 1704164640, 0, NULL },
    { "2024-01-02T03:04:05+01:02:03", 1704160922, 1704160922, 0,
      "2024-01-02T02:02:02Z" },
    { "2024-01-02T03:04:05-18:00", 1704229445, 1704229445, 0,
      "2024-01-02T21:04:05Z" },
    { "2024-01-02T03:04:05-18:01", NONE, NONE, 0, NULL },
    { "2024-12-31T24:00:00Z", 1735689600, NONE, 0, "2025-01-01T00:00:00Z" },
    { "2024-12-31T24:00:01Z", NONE, NONE, 0, NULL },
    { "2024-12-31T23:59:60Z", 1735689599, NONE, 0, "2024-12-31T23:59:59Z" },
    { "2024-12-31T23:58:60Z", NONE, NONE, 0, NULL },
    { "2024-02-29T00:00:00Z", 1709164800, 1709164800, 0, NULL },
    { "2023-02-29T00:00:00Z", NONE, NONE, 0, NULL },
    { "1900-02-29T00:00:00Z", NONE, NONE, 0, NULL },
    { "2000-02-29T00:00:00Z", 951782400, 951782400, 0, NULL },
    { "2024-13-01T00:00:00Z", NONE, NONE, 0, NULL },
    { "2024-00-01T00:00:00Z", NONE, NONE, 0, NULL },
    { "2024-01-00T00:00:00Z", NONE, NONE, 0, NULL },
    { "0000-01-01T00:00:00Z", -62167219200, -62167219200, 0, NULL },
    { "-0001-03-01T00:00:00Z", -62193657600, -62193657600, 0, NULL },
    { "-0000-01-01T00:00:00Z", NONE, NONE, 0, NULL },
    { "+2024-01-02T03:04:05Z", NONE, NONE, 0, NULL },
    { "12024-01-02T03:04:05Z", NONE, NONE, 0, NULL },
    { "+12024-01-02T03:04:05Z", 317273684645, 317273684645, 0, NULL },
    { "+1000000000-12-31T23:59:59Z", DITTO_TIME_MAX, NONE, 0, NULL },
    { "+1000000001-01-01T00:00:00Z", NONE, NONE, 0, NULL },
    { "-1000000000-01-01T00:00:00Z", DITTO_TIME_MIN, NONE, 0, NULL },
    { "+9999999999-01-01T00:00:00Z", NONE, NONE, 0, NULL },
    { "1704164645", NONE, NONE, 0, NULL },
    { "2024-01-02T03:04:05", NONE, NONE, 0, NULL },
    { "2024-01-02T03:04:05Z ", NONE, NONE, 0, NULL },
    { " 2024-01-02T03:04:05Z", NONE, NONE, 0, NULL },
    { "", NONE, NONE, 0, NULL },
};


static void
test_time_parse(void **state)
{
    size_t              i;
    ditto_str_t         s;
    unit_pool_t         up;
    ditto_buf_t         out;
    ditto_time_t        t;
    ditto_instant_t     instant;
    const test_time_t  *row;
    ditto_instant_error_t   error;

    (void) state;

    for (i = 0; i < sizeof(test_times) / sizeof(test_times[0]); i++) {
        row = &test_times[i];

        unit_pool_init(&up);
        s = unit_str(&up, row->text);

        if (ditto_time_parse_offset(s, &t) == DITTO_OK) {
            assert_int_equal(t.sec, row->offset);
            assert_int_equal(t.nsec, row->nsec);

        } else {
            assert_true(row->offset == NONE);
        }

        if (ditto_time_parse(s, &t) != DITTO_OK) {
            assert_true(row->instant == NONE);
            assert_int_equal(ditto_instant_parse(s, &instant, &error),
                             DITTO_DECLINED);
            unit_pool_free(&up);
            continue;
        }

        assert_int_equal(ditto_instant_parse(s, &instant, &error), DITTO_OK);
        assert_int_equal(ditto_time_compare(t, instant), 0);

        assert_int_equal(t.sec, row->instant);
        assert_int_equal(t.nsec, row->nsec);

        ditto_buf_init(&out, &up.pool, 0);
        ditto_time_render(&out, t);
        ditto_buf_char(&out, '\0');
        assert_string_equal((const char *) out.data,
                            row->rendered ? row->rendered : row->text);

        unit_pool_free(&up);
    }
}


static void
test_time_calendar(void **state)
{
    int64_t       days;
    ditto_date_t  date, before;

    (void) state;

    before = ditto_time_date(-1000001);

    for (days = -1000000; days < 1000000; days++) {
        date = ditto_time_date(days);
        assert_int_equal(ditto_time_days(date), days);

        if (date.day == 1) {
            assert_int_equal(before.day,
                             ditto_time_month_length(before.year,
                                                     before.month));
        } else {
            assert_int_equal(date.day, before.day + 1);
        }

        before = date;
    }

    date = ditto_time_date(19724);
    assert_int_equal(date.year, 2024);
    assert_int_equal(date.month, 1);
    assert_int_equal(date.day, 2);
}


static void
test_time_compare(void **state)
{
    ditto_time_t  a = { 1, 5 }, b = { 1, 6 }, c = { 2, 0 };

    (void) state;

    assert_true(ditto_time_compare(a, a) == 0);
    assert_true(ditto_time_compare(a, b) < 0);
    assert_true(ditto_time_compare(c, b) > 0);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_time_parse),
        cmocka_unit_test(test_time_calendar),
        cmocka_unit_test(test_time_compare),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
