#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "ditto_json_parts.h"
#include "ditto_json_print.h"
#include "unit_pool.h"


static ditto_rc_t
json_scan(unit_pool_t *up, const char *text, size_t len)
{
    ditto_error_t  err;

    return ditto_json_validate(unit_span(up, text, len), &err);
}


static void
test_depth(void **state)
{
    char         *text;
    size_t        i, n;
    unit_pool_t   up;

    (void) state;

    unit_pool_init(&up);

    /* 1 MB of brackets ends at the limit, not at the stack's end */

    n = 1 << 20;
    text = malloc(n);
    assert_non_null(text);

    memset(text, '[', n);
    assert_int_equal(json_scan(&up, text, n), DITTO_ERROR);

    for (i = 0; i + 5 <= n; i += 5) {
        memcpy(text + i, "{\"a\":", 5);
    }

    assert_int_equal(json_scan(&up, text, n), DITTO_ERROR);

    for (i = DITTO_JSON_DEPTH - 1; i <= DITTO_JSON_DEPTH + 1; i++) {
        memset(text, '[', i);
        memset(text + i, ']', i);
        assert_int_equal(json_scan(&up, text, 2 * i),
                         i <= DITTO_JSON_DEPTH ? DITTO_OK : DITTO_ERROR);
    }

    /* the brackets of one level say nothing about those of another */

    memcpy(text, "[{\"a\":[{\"b\":{}}]},[[{}]],{\"c\":[]}]", 34);
    assert_int_equal(json_scan(&up, text, 34), DITTO_OK);
    text[33] = '}';
    assert_int_equal(json_scan(&up, text, 34), DITTO_ERROR);

    free(text);
    unit_pool_free(&up);
}


static void
test_members(void **state)
{
    size_t               i, n;
    ditto_rc_t           rc;
    unit_pool_t          up;
    ditto_str_t          name, value;
    ditto_json_t         json;
    ditto_error_t        err;
    static const struct {
        const char  *text;
        ditto_rc_t   rc;
        size_t       n;
        const char  *last;
    }  cases[] = {
        { "{}", DITTO_DECLINED, 0, NULL },
        { " { \"a\" : 1 , \"b\":[ 2 ] } ", DITTO_DECLINED, 2, "[ 2 ]" },
        { "{\"a\":{}}", DITTO_DECLINED, 1, "{}" },
        { "{\"a\":1", DITTO_ERROR, 1, "1" },
        { "{\"a\":1}x", DITTO_ERROR, 1, "1" },
        { "{\"a\":1,}", DITTO_ERROR, 1, "1" },
        { "{,}", DITTO_ERROR, 0, NULL },
        { "{\"\":1}", DITTO_ERROR, 0, NULL },
        { "{\"a\":\"{\",\"b\":2}", DITTO_DECLINED, 2, "2" },
        { "{\"a\":\"{\" \"b\":2}", DITTO_ERROR, 1, "\"{\"" },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        unit_pool_init(&up);
        memset(&value, 0, sizeof(value));

        ditto_json_open(&json, unit_str(&up, cases[i].text));
        assert_int_equal(ditto_json_enter(&json, &err), DITTO_OK);

        for (n = 0; (rc = ditto_json_member_next(&json, &name, &value, &err))
                    == DITTO_OK; n++)
        {
            /* void */
        }

        assert_int_equal(rc, cases[i].rc);
        assert_int_equal(n, cases[i].n);

        if (rc == DITTO_DECLINED && cases[i].last != NULL) {
            assert_true(ditto_str_eq(value, ditto_str(cases[i].last)));
        }

        unit_pool_free(&up);
    }

    unit_pool_init(&up);
    ditto_json_open(&json, unit_str(&up, " [1] "));
    assert_int_equal(ditto_json_enter(&json, &err), DITTO_DECLINED);
    ditto_json_open(&json, unit_str(&up, "[1"));
    assert_int_equal(ditto_json_enter(&json, &err), DITTO_ERROR);
    assert_int_equal(err.code, DITTO_E_JSON_INVALID);
    assert_int_equal(err.offset, 2);
    unit_pool_free(&up);
}


static void
test_walk(void **state)
{
    unit_pool_t   up;
    ditto_str_t   object, value, text;
    ditto_buf_t   buf;

    (void) state;

    unit_pool_init(&up);

    object = unit_str(&up, "{ \"a\" : 1 ,\"b\":{\"a\":[1,{\"x\":\"]\\\"}\"}]},"
                      "\"\\u0061\":2 , \"c\\/d\":null}");

    assert_int_equal(ditto_json_member(object, ditto_str("a"), &value),
                     DITTO_OK);
    assert_true(ditto_str_eq(value, ditto_str("2")));
    assert_int_equal(ditto_json_member(object, ditto_str("b"), &value),
                     DITTO_OK);
    assert_true(ditto_str_eq(value,
                             ditto_str("{\"a\":[1,{\"x\":\"]\\\"}\"}]}")));
    assert_int_equal(ditto_json_member(object, ditto_str("c/d"), &value),
                     DITTO_OK);
    assert_int_equal(ditto_json_type(value), DITTO_JSON_NULL);
    assert_int_equal(ditto_json_member(object, ditto_str("x"), &value),
                     DITTO_DECLINED);

    assert_int_equal(ditto_json_text(&up.pool,
        unit_str(&up, "\"\\ud83d\\ude00\\u00e4\\n\\ud83d\""), &text),
        DITTO_OK);
    assert_true(ditto_str_eq(text, ditto_str("\xf0\x9f\x98\x80\xc3\xa4\n"
                                             "\xef\xbf\xbd")));

    ditto_buf_init(&buf, &up.pool, 0);
    ditto_json_add_compact(&buf, unit_str(&up,
        "{ \"a b\" : [ 1.50 , \"\\u00e4\\/\\u001f\" ] }"));
    ditto_buf_char(&buf, '\0');
    assert_string_equal(buf.data,
                        "{\"a b\":[1.50,\"\xc3\xa4/\\u001F\"]}");

    unit_pool_free(&up);
}


static void
test_integers(void **state)
{
    size_t               i;
    int64_t              n;
    static const struct {
        const char  *text;
        ditto_rc_t   rc;
        int64_t      n;
    }  cases[] = {
        { "0", DITTO_OK, 0 },
        { "-0", DITTO_OK, 0 },
        { "7", DITTO_OK, 7 },
        { "5.0", DITTO_OK, 5 },
        { "1e3", DITTO_OK, 1000 },
        { "1.5e1", DITTO_OK, 15 },
        { "1000e-3", DITTO_OK, 1 },
        { "0e99999", DITTO_OK, 0 },
        { "0.000", DITTO_OK, 0 },
        { "9223372036854775807", DITTO_OK, INT64_MAX },
        { "-9223372036854775808", DITTO_OK, INT64_MIN },
        { "9.223372036854775807e18", DITTO_OK, INT64_MAX },
        { "9223372036854775808.0", DITTO_DECLINED, 0 },
        { "5.5", DITTO_DECLINED, 0 },
        { "1e-1", DITTO_DECLINED, 0 },
        { "1e19", DITTO_DECLINED, 0 },
        { "1e999999999999", DITTO_DECLINED, 0 },
        { "123456789012345678901234567890.0", DITTO_DECLINED, 0 },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (ditto_json_integer(ditto_str(cases[i].text), &n) != cases[i].rc
            || (cases[i].rc == DITTO_OK && n != cases[i].n))
        {
            fail_msg("%s", cases[i].text);
        }
    }
}


static void
test_surrogates(void **state)
{
    size_t               i;
    unit_pool_t          up;
    static const struct {
        const char  *text;
        bool         lone;
    }  cases[] = {
        { "\"\"", false },
        { "\"\\ud83d\\ude00\"", false },
        { "\"\\uD83D\\uDE00\\ud83d\\ude00\"", false },
        { "\"\\u0041\\\\ud83d\"", false },
        { "\"\\ud83d\"", true },
        { "\"\\ude00\"", true },
        { "\"\\ud83d\\u0041\"", true },
        { "\"\\ud83d\\n\"", true },
        { "\"\\ud83dabcdef\"", true },
        { "\"\\ude00\\ud83d\"", true },
        { "\"\\ud83d\\ude00\\ude00\"", true },
        { "{\"a\":\"\\ud83d\"}", true },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        unit_pool_init(&up);
        assert_int_equal(ditto_json_lone_surrogate(
                             unit_str(&up, cases[i].text)), cases[i].lone);
        unit_pool_free(&up);
    }
}


/*
 * Blocks of every kind find what a look at each byte finds, wherever it stands
 * and wherever the text ends.
 */
static void
test_runs(void **state)
{
    int                   c;
    size_t                len, at, first;
    uint64_t              ends;
    unsigned              to;
    unsigned char         text[40];
    const unsigned char  *p;

    (void) state;

    for (c = 0; c < 256; c++) {
        for (len = 0; len < sizeof(text); len++) {
            for (at = 0; at < len; at++) {

                memset(text, 'a', sizeof(text));
                text[at] = (unsigned char) c;
                text[len - 1] ^= 1;

                for (to = 0; to <= DITTO_JSON_TO_ODD; to++) {

                    for (first = 0; first < len; first++) {
                        if (ditto_json_ends(text[first],
                                            (ditto_json_run_e) to))
                        {
                            break;
                        }
                    }

                    p = (to == DITTO_JSON_TO_QUOTE)
                        ? ditto_json_run(text, text + len, DITTO_JSON_TO_QUOTE)
                        : (to == DITTO_JSON_TO_SPECIAL)
                        ? ditto_json_run(text, text + len,
                                         DITTO_JSON_TO_SPECIAL)
                        : ditto_json_run(text, text + len, DITTO_JSON_TO_ODD);

                    assert_int_equal(p - text, first);

                    p = ditto_json_run_rest(text, text, text + len,
                                            (ditto_json_run_e) to);

                    assert_true(len >= 16 || (size_t) (p - text) == first);

                    if (len != 8) {
                        continue;
                    }

                    ends = ditto_json_word(text, (ditto_json_run_e) to);

                    assert_int_equal(ends == 0 ? 8
                                     : __builtin_ctzll(ends) / 8, first);
                }
            }
        }
    }
}


/* Names that are not odd need no second look. */
static void
test_odd_names(void **state)
{
    size_t         i;
    char           text[400];
    ditto_rc_t     rc;
    unit_pool_t    up;
    ditto_str_t    name, value;
    ditto_json_t   json;
    ditto_error_t  err;

    static const struct {
        const char  *text;
        bool         odd;
    } cases[] = {
        { "{\"a\":1,\"b\":[{\"c\":\"/\\n\"}]}", false },
        { "{\"a\":1,\"a/b\":2}", true },
        { "{\"a/\":1}", true },
        { "{\"a\":{\"/\":2},\"b\":[]}", true },
        { "{\"a\":[{\"\\u0061\":2}]}", true },
        { "{\"\177\":2}", true },
        { "{\"\303\251\":2}", true },
        { "{\"a name of more than sixteen bytes\":2}", false },
        { "{\"a name of more than sixteen bytes/\":2}", true },
        { "{\"a name of more than sixteen bytes\\n\":2}", true },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]) + 2; i++) {
        unit_pool_init(&up);

        if (i < sizeof(cases) / sizeof(cases[0])) {
            ditto_json_open(&json, unit_str(&up, cases[i].text));

        } else {
            snprintf(text, sizeof(text), "{\"%0*d\":0}",
                     256 + (int) (i % 2), 0);
            ditto_json_open(&json, unit_str(&up, text));
        }

        assert_int_equal(ditto_json_enter(&json, &err), DITTO_OK);

        do {
            rc = ditto_json_member_next(&json, &name, &value, &err);
        } while (rc == DITTO_OK);

        assert_int_equal(rc, DITTO_DECLINED);
        assert_int_equal(json.odd_name, i < sizeof(cases) / sizeof(cases[0])
                                        ? cases[i].odd : i % 2 == 1);

        unit_pool_free(&up);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_walk),
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_surrogates),
        cmocka_unit_test(test_runs),
        cmocka_unit_test(test_odd_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
