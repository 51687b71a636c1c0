/*
 * What is JSON and what is not: a table of texts, checked against the scanner
 * and against jansson, and texts made of random pieces.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "ditto_json.h"
#include "unit_jansson.h"
#include "unit_pool.h"


#define T(text)  text, sizeof(text) - 1


typedef struct {
    char         kind;           /* RFC 8259: 'y' it is JSON, 'n' it is not,
                                    'i' a parser may accept or refuse it */
    bool         ok;             /* what ours does */
    const char  *text;
    size_t       len;
} test_text_t;


static const test_text_t  test_texts[] = {

    /* structure */
    { 'y', true, T("{}") },
    { 'y', true, T("[]") },
    { 'y', true, T(" \t\r\n[ ] \n") },
    { 'y', true, T("[[]   ]") },
    { 'y', true, T("[[],[[]],{}]") },
    { 'y', true, T("{\"a\":[]}") },
    { 'y', true, T("{\"a\":{\"b\":{\"c\":{}}}}") },
    { 'y', true, T("{\"a\":1,\"a\":1}") },
    { 'y', true, T("{\"a\":1,\"a\":2,\"b\":{\"a\":3}}") },
    { 'y', true, T("{ \"a\" : 1 , \"b\" : [ ] }") },
    { 'y', true, T("[1,null,true,false,\"\",{},[]]") },
    { 'y', true, T("null") },
    { 'y', true, T("true") },
    { 'y', true, T("\"x\"") },
    { 'y', true, T("\"\"") },
    { 'y', true, T("-1") },
    { 'y', true, T(" 1") },
    { 'y', true, T("{\"a\\u0062\":1}") },
    { 'y', true, T("{\"\\u0000\":1}") },
    { 'y', true, T("{\"a\":\"\",\"\\\"\":\"\"}") },
    { 'n', false, T("") },
    { 'n', false, T(" ") },
    { 'n', false, T("{") },
    { 'n', false, T("[") },
    { 'n', false, T("}") },
    { 'n', false, T("]") },
    { 'n', false, T(",") },
    { 'n', false, T(":") },
    { 'n', false, T("{]") },
    { 'n', false, T("[}") },
    { 'n', false, T("[1,]") },
    { 'n', false, T("[,]") },
    { 'n', false, T("[,1]") },
    { 'n', false, T("[1,,2]") },
    { 'n', false, T("[1,,]") },
    { 'n', false, T("[1 2]") },
    { 'n', false, T("[\"a\" \"b\"]") },
    { 'n', false, T("[1:2]") },
    { 'n', false, T("[\"a\":1]") },
    { 'n', false, T("[\"a\",\n4\n,1,") },
    { 'n', false, T("[1") },
    { 'n', false, T("[1,") },
    { 'n', false, T("[[1]") },
    { 'n', false, T("[{}") },
    { 'n', false, T("[][]") },
    { 'n', false, T("{}{}") },
    { 'n', false, T("[]]") },
    { 'n', false, T("[1]x") },
    { 'n', false, T("1 2") },
    { 'n', false, T("{\"a\":1,}") },
    { 'n', false, T("{\"a\":1,,}") },
    { 'n', false, T("{,\"a\":1}") },
    { 'n', false, T("{\"a\" 1}") },
    { 'n', false, T("{\"a\":}") },
    { 'n', false, T("{\"a\"}") },
    { 'n', false, T("{\"a\",1}") },
    { 'n', false, T("{\"a\":1 \"b\":2}") },
    { 'n', false, T("{\"a\"::1}") },
    { 'n', false, T("{\"a\":1:2}") },
    { 'n', false, T("{1:1}") },
    { 'n', false, T("{a:1}") },
    { 'n', false, T("{null:1}") },
    { 'n', false, T("{[]:1}") },
    { 'n', false, T("{'a':1}") },
    { 'n', false, T("{\"a\":'1'}") },
    { 'n', false, T("{\"a\":1}#") },
    { 'n', false, T("{\"a\":1}}") },
    { 'n', false, T("{\"a\":/*c*/1}") },
    { 'n', false, T("{}/**/") },
    { 'n', false, T("// c\n{}") },
    { 'n', false, T("# c\n{}") },
    { 'n', false, T("[\f]") },
    { 'n', false, T("[\v]") },
    { 'n', false, T("[\xc2\xa0]") },
    { 'n', false, T("[\xe2\x80\xa8]") },
    { 'n', false, T("[\xe2\x81\xa0]") },
    { 'n', false, T("\xef\xbb\xbf{}") },
    { 'n', false, T("\xef\xbb\xbf") },
    { 'n', false, T("{}\xef\xbb\xbf") },
    { 'n', false, T("[\x1e]") },
    { 'n', false, T("<.>") },
    { 'n', false, T("[<null>]") },
    { 'n', false, T("\\u007b}") },
    { 'n', false, T("{\"a\":\"b\"}\0") },

    /* RFC 8259 has empty names, Ditto has not */
    { 'y', false, T("{\"\":1}") },
    { 'y', false, T("[{\"\" :1}]") },
    { 'y', false, T("{\"a\":{\"\":{}}}") },

    /* literals */
    { 'y', true, T("[true,false,null]") },
    { 'n', false, T("[tru]") },
    { 'n', false, T("[True]") },
    { 'n', false, T("[TRUE]") },
    { 'n', false, T("[truee]") },
    { 'n', false, T("[nul]") },
    { 'n', false, T("[nulll]") },
    { 'n', false, T("[fals") },
    { 'n', false, T("[NaN]") },
    { 'n', false, T("[nan]") },
    { 'n', false, T("[Infinity]") },
    { 'n', false, T("[-Infinity]") },
    { 'n', false, T("[inf]") },
    { 'n', false, T("[undefined]") },
    { 'n', false, T("t") },
    { 'n', false, T("nul") },
    { 'n', false, T("[true false]") },
    { 'n', false, T("[\xef\xbd\x81]") },

    /* numbers */
    { 'y', true, T("[0]") },
    { 'y', true, T("[-0]") },
    { 'y', true, T("[-0.0]") },
    { 'y', true, T("[0.0]") },
    { 'y', true, T("[0e1]") },
    { 'y', true, T("[0e+1]") },
    { 'y', true, T("[0E-0]") },
    { 'y', true, T("[1e5,1E5,1e+5,1e-5,1.5e5]") },
    { 'y', true, T("[20e1]") },
    { 'y', true, T("[-1]") },
    { 'y', true, T("[-123]") },
    { 'y', true, T("[1.000]") },
    { 'y', true, T("[123.456e78]") },
    { 'y', true, T("[123456789012345678]") },
    { 'y', true, T("[-0.000000000000000000000000000000000000"
                   "000000000000000000000000001]") },
    { 'y', true, T("[9007199254740993]") },
    { 'y', true, T("[0.1234567890123456789012345678901234567890]") },
    { 'n', false, T("[00]") },
    { 'n', false, T("[01]") },
    { 'n', false, T("[-01]") },
    { 'n', false, T("[-012]") },
    { 'n', false, T("[012.3]") },
    { 'n', false, T("[-]") },
    { 'n', false, T("[- 1]") },
    { 'n', false, T("[+1]") },
    { 'n', false, T("[++1]") },
    { 'n', false, T("[.5]") },
    { 'n', false, T("[-.5]") },
    { 'n', false, T("[1.]") },
    { 'n', false, T("[-1.]") },
    { 'n', false, T("[0.]") },
    { 'n', false, T("[1.e1]") },
    { 'n', false, T("[.e1]") },
    { 'n', false, T("[1e]") },
    { 'n', false, T("[1e+]") },
    { 'n', false, T("[1e-]") },
    { 'n', false, T("[0e]") },
    { 'n', false, T("[0e+]") },
    { 'n', false, T("[1ee1]") },
    { 'n', false, T("[1e1e1]") },
    { 'n', false, T("[1e1.5]") },
    { 'n', false, T("[1.5.5]") },
    { 'n', false, T("[1+2]") },
    { 'n', false, T("[1-2]") },
    { 'n', false, T("[--1]") },
    { 'n', false, T("[0x1]") },
    { 'n', false, T("[0x]") },
    { 'n', false, T("[1a]") },
    { 'n', false, T("[1_000]") },
    { 'n', false, T("[1 000]") },
    { 'n', false, T("[1,5]x") },
    { 'n', false, T("[\xef\xbc\x91]") },
    { 'n', false, T("[-\xc3\xa4]") },
    { 'n', false, T("[1\xe5]") },
    { 'n', false, T("[$1]") },
    { 'n', false, T("1.") },
    { 'n', false, T("-") },
    { 'n', false, T("01") },
    { 'n', false, T("10\0") },
    { 'n', false, T("[1\0]") },

    /* numbers of more than a double or 64 bits */
    { 'i', true, T("[9223372036854775807,-9223372036854775808]") },
    { 'i', false, T("[9223372036854775808]") },
    { 'i', false, T("[-9223372036854775809]") },
    { 'i', false, T("[100000000000000000000]") },
    { 'i', false, T("[123456789012345678901234567890]") },
    { 'i', false, T("18446744073709551616") },
    { 'i', true, T("[12345678901234567890.0]") },
    { 'i', true, T("[-9223372036854775809e0]") },
    { 'i', true, T("[1e400]") },
    { 'i', true, T("[-1e400]") },
    { 'i', true, T("[1E+400]") },
    { 'i', true, T("[0.4e00669999999999999999999999999999999"
                   "999999999999999999]") },
    { 'i', true, T("[1e99999999999999999999]") },
    { 'i', true, T("[1e-400]") },
    { 'i', true, T("[123e-10000000]") },

    /* strings */
    { 'y', true, T("[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\"]") },
    { 'y', true, T("[\"\\u00e4\\uD83D\\uDE00\"]") },
    { 'y', true, T("[\"\\u0012\\u001f\\u007F\\u2028\"]") },
    { 'y', true, T("[\"\\u0000\"]") },
    { 'y', true, T("[\"a\\u0000b\"]") },
    { 'y', true, T("[\"\\\\u0000\"]") },
    { 'y', true, T("[\"\\\\a\"]") },
    { 'y', true, T("[\"\\uFFFF\\uFDD0\\ufeff\"]") },
    { 'y', true, T("[\"\\uDBFF\\uDFFF\"]") },
    { 'y', true, T("[\"\\uD834\\uDD1E\"]") },
    { 'y', true, T("[\"\\uaBcD\"]") },
    { 'y', true, T("[\"a/*b*/c\"]") },
    { 'y', true, T("[\"\x7f\"]") },
    { 'y', true, T("[\" \"]") },
    { 'y', true, T("\"1234567\\\\\"") },
    { 'y', true, T("\"12345678\\\"\"") },
    { 'n', false, T("[\"a]") },
    { 'n', false, T("[a\"]") },
    { 'n', false, T("[\"") },
    { 'n', false, T("\"") },
    { 'n', false, T("\"a") },
    { 'n', false, T("[\"a\\\"]") },
    { 'n', false, T("[\"\\\\\\\"]") },
    { 'n', false, T("\"\\") },
    { 'n', false, T("\"\\\"") },
    { 'n', false, T("\"\\u") },
    { 'n', false, T("\"\\u12") },
    { 'n', false, T("\"\\u123") },
    { 'n', false, T("[\"\\u\"]") },
    { 'n', false, T("[\"\\u1\"]") },
    { 'n', false, T("[\"\\u12\"]") },
    { 'n', false, T("[\"\\u123\"]") },
    { 'n', false, T("[\"\\u12g4\"]") },
    { 'n', false, T("[\"\\u 123\"]") },
    { 'n', false, T("[\"\\u-123\"]") },
    { 'n', false, T("[\"\\u+123\"]") },
    { 'n', false, T("[\"\\u0x1\"]") },
    { 'n', false, T("[\"\\uD800\\u\"]") },
    { 'n', false, T("[\"\\uD800\\u1\"]") },
    { 'n', false, T("[\"\\uD800\\u1x\"]") },
    { 'n', false, T("[\"\\uD834\\x\"]") },
    { 'n', false, T("[\"\\x41\"]") },
    { 'n', false, T("[\"\\a\"]") },
    { 'n', false, T("[\"\\v\"]") },
    { 'n', false, T("[\"\\0\"]") },
    { 'n', false, T("[\"\\'\"]") },
    { 'n', false, T("[\"\\ \"]") },
    { 'n', false, T("[\"\\U0041\"]") },
    { 'n', false, T("[\"\\\xc3\xa4\"]") },
    { 'n', false, T("[\"\\\xe5\"]") },
    { 'n', false, T("[\"\\\n\"]") },
    { 'n', false, T("[\"\\\0\"]") },
    { 'n', false, T("[\"a\tb\"]") },
    { 'n', false, T("[\"a\nb\"]") },
    { 'n', false, T("[\"a\rb\"]") },
    { 'n', false, T("[\"\x01\"]") },
    { 'n', false, T("[\"12345678\x1f\"]") },
    { 'n', false, T("[\"1234567\x1f\"]") },
    { 'n', false, T("[\"a\0b\"]") },
    { 'n', false, T("{\"a\0b\":1}") },
    { 'n', false, T("{\"a\tb\":1}") },
    { 'n', false, T("[1]\0") },
    { 'n', false, T("\0") },
    { 'n', false, T("\0{}") },
    { 'n', false, T("['a']") },
    { 'n', false, T("[`a`]") },

    /* half of a surrogate pair as an escape */
    { 'i', true, T("[\"\\ud83d\"]") },
    { 'i', true, T("[\"\\ude00\"]") },
    { 'i', true, T("[\"\\ud83dx\"]") },
    { 'i', true, T("[\"\\ud83d\\u0041\"]") },
    { 'i', true, T("[\"\\ud83d\\ud83d\"]") },
    { 'i', true, T("[\"\\ud83d\\ud83d\\ude00\"]") },
    { 'i', true, T("[\"\\ude00\\ud83d\"]") },
    { 'i', true, T("[\"\\uDADA\"]") },
    { 'i', true, T("[\"\\uDd1e\\uD834\"]") },
    { 'i', true, T("[\"\\ud800\\n\"]") },
    { 'i', true, T("{\"\\udead\":1}") },

    /* UTF-8 */
    { 'y', true, T("[\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"]") },
    { 'y', true, T("[\"\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf"
                   "\xbf\xf0\x90\x80\x80\"]") },
    { 'y', true, T("[\"\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf\"]") },
    { 'y', true, T("[\"\xef\xbf\xbe\xef\xb7\x90\"]") },
    { 'y', true, T("[\"\xef\xbb\xbf\"]") },
    { 'y', true, T("{\"\xc3\xa4\":\"\xe2\x82\xac\"}") },
    { 'i', false, T("[\"\x80\"]") },
    { 'i', false, T("[\"\xbf\"]") },
    { 'i', false, T("[\"\x81\xbf\"]") },
    { 'i', false, T("[\"\xc0\x80\"]") },
    { 'i', false, T("[\"\xc0\xaf\"]") },
    { 'i', false, T("[\"\xc1\xbf\"]") },
    { 'i', false, T("[\"\xc3\"]") },
    { 'i', false, T("[\"\xc3(\"]") },
    { 'i', false, T("[\"\xc3\xa4\xc3\"]") },
    { 'i', false, T("[\"\xe0\x80\xaf\"]") },
    { 'i', false, T("[\"\xe0\x9f\xbf\"]") },
    { 'i', false, T("[\"\xe0\xff\"]") },
    { 'i', false, T("[\"\xe2\x82\"]") },
    { 'i', false, T("[\"\xe2\x82 \"]") },
    { 'i', false, T("[\"\xed\xa0\x80\"]") },
    { 'i', false, T("[\"\xed\xbf\xbf\"]") },
    { 'i', false, T("[\"\xed\xa0\xbd\xed\xb8\x80\"]") },
    { 'i', false, T("[\"\xf0\x80\x80\xaf\"]") },
    { 'i', false, T("[\"\xf0\x8f\xbf\xbf\"]") },
    { 'i', false, T("[\"\xf0\x9f\x98\"]") },
    { 'i', false, T("[\"\xf4\x90\x80\x80\"]") },
    { 'i', false, T("[\"\xf5\x80\x80\x80\"]") },
    { 'i', false, T("[\"\xf7\xbf\xbf\xbf\"]") },
    { 'i', false, T("[\"\xf8\x88\x80\x80\x80\"]") },
    { 'i', false, T("[\"\xfc\x80\x80\x80\x80\xaf\"]") },
    { 'i', false, T("[\"\xfe\"]") },
    { 'i', false, T("[\"\xff\"]") },
    { 'i', false, T("[\"1234567\xff\"]") },
    { 'i', false, T("[\"12345678\xff\"]") },
    { 'i', false, T("\"\xc3") },
    { 'i', false, T("\"\xe2\x82") },
    { 'i', false, T("\"\xf0\x9f\x98") },
    { 'i', false, T("{\"\xff\":1}") },
    { 'n', false, T("[\xc3\xa4]") },
    { 'n', false, T("[\xff]") },
    { 'n', false, T("\xff") },

    /* UTF-16 */
    { 'n', false, T("\xff\xfe[\0]\0") },
    { 'n', false, T("\xfe\xff\0[\0]") },
    { 'n', false, T("[\0\"\0a\0\"\0]\0") },
};


static bool
test_scan(unit_pool_t *up, const char *text, size_t len)
{
    ditto_error_t  err;

    return ditto_json_validate(unit_span(up, text, len), &err) == DITTO_OK;
}


static bool
test_jansson(const char *text, size_t len)
{
    json_t       *json;
    ditto_str_t   s;

    s.data = (const unsigned char *) text;
    s.len = len;

    json = unit_jansson(s);
    json_decref(json);

    return json != NULL;
}


/* Each text, and each of its beginnings, which jansson judges. */
static void
test_table(void **state)
{
    size_t              i, n;
    unit_pool_t         up;
    const test_text_t  *t;

    (void) state;

    for (i = 0; i < sizeof(test_texts) / sizeof(test_texts[0]); i++) {
        t = &test_texts[i];

        unit_pool_init(&up);

        if (test_scan(&up, t->text, t->len) != t->ok
            || test_jansson(t->text, t->len) != t->ok
            || (t->kind == 'n' && t->ok))
        {
            fail_msg("text %zu, %c: %s", i, t->kind, t->text);
        }

        for (n = 0; n < t->len; n++) {
            if (test_scan(&up, t->text, n) != test_jansson(t->text, n)) {
                fail_msg("text %zu up to %zu: %s", i, n, t->text);
            }
        }

        unit_pool_free(&up);
    }
}


/* What the table needs a program for. */
static void
test_long(void **state)
{
    char         *text;
    size_t        i, n;
    unit_pool_t   up;
    static const struct {
        const char  *start;
        char         middle;
        const char  *end;
        size_t       n;
        bool         ok;
    } texts[] = {
        { "[1", '0', "]", 400, false },
        { "[1", '0', ".0]", 400, true },
        { "[-0.", '9', "]", 100000, true },
        { "[1e", '0', "1]", 100000, true },
        { "\"", 'a', "\"", 100000, true },
        { "{\"", 'a', "\":1}", 100000, true },
        { "", ' ', "1", 100000, true },
        { "[", '\n', "]", 100000, true },
        { "", '[', "", 100000, false },
        { "", '{', "", 100000, false },
    };

    (void) state;

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        unit_pool_init(&up);

        n = strlen(texts[i].start);
        text = malloc(n + texts[i].n + strlen(texts[i].end) + 1);
        assert_non_null(text);

        memcpy(text, texts[i].start, n);
        memset(text + n, texts[i].middle, texts[i].n);
        strcpy(text + n + texts[i].n, texts[i].end);

        assert_int_equal(test_scan(&up, text, strlen(text)), texts[i].ok);
        assert_int_equal(test_jansson(text, strlen(text)), texts[i].ok);

        free(text);
        unit_pool_free(&up);
    }
}


/* The depth is limited, and jansson is asked about either side of it. */
static void
test_depth(void **state)
{
    char         text[4 * DITTO_JSON_DEPTH];
    size_t       n;
    unit_pool_t  up;

    (void) state;

    for (n = DITTO_JSON_DEPTH - 1; n <= DITTO_JSON_DEPTH + 1; n++) {
        unit_pool_init(&up);

        memset(text, '[', n);
        memset(text + n, ']', n);

        assert_int_equal(test_scan(&up, text, 2 * n), n <= DITTO_JSON_DEPTH);
        assert_int_equal(test_jansson(text, 2 * n), n <= DITTO_JSON_DEPTH);

        unit_pool_free(&up);
    }
}


/* Texts made of random pieces: whatever jansson says, so do we. */
static void
test_random(void **state)
{
    size_t              i, n;
    uint32_t            seed;
    unit_pool_t         up;
    ditto_buf_t         buf;
    static const char  *pieces[] = {
        "{", "}", "[", "]", ",", ":", "\"a\"", "\"b\":", "1", "-0.5e1",
        "true", "null", " ", "\"\\u00e4\"", "[]", "{}", "\"", "\\", "\x80",
        "0", "\"\":", "\\u0000", "\\ud83d", "\\ude00", "1e999", "e", ".",
    };

    (void) state;

    seed = 1;

    for (i = 0; i < 30000; i++) {
        unit_pool_init(&up);
        ditto_buf_init(&buf, &up.pool, 64);

        for (n = 0; n < 1 + i % 9; n++) {
            seed = seed * 1664525 + 1013904223;
            ditto_buf_text(&buf, pieces[(seed >> 16)
                           % (sizeof(pieces) / sizeof(pieces[0]))]);
        }

        if (test_scan(&up, (char *) buf.data, buf.len)
            != test_jansson((char *) buf.data, buf.len))
        {
            fail_msg("%.*s", (int) buf.len, buf.data);
        }

        unit_pool_free(&up);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_long),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_random),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
