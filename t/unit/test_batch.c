/*
 * Batches: the same messages are found however the text comes in pieces.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ditto_batch.h"
#include "unit_pool.h"


#define TEST_MESSAGES  8


typedef struct {
    ditto_batch_e  kind;
    const char    *text;
    const char    *messages[TEST_MESSAGES];
    bool           wrong;        /* it ends with an error */
} test_batch_t;


static const test_batch_t  test_batches[] = {

    { DITTO_BATCH_LINES, "", { NULL }, false },
    { DITTO_BATCH_LINES, "\n\r\n \t\n", { NULL }, false },
    { DITTO_BATCH_LINES, "{}", { "{}", NULL }, false },
    { DITTO_BATCH_LINES, "{}\n[1]\r\n\n 5 \nx", { "{}", "[1]", "5", "x" },
      false },
    { DITTO_BATCH_LINES, "{\"a\":\"\\n\"}\n{", { "{\"a\":\"\\n\"}", "{" },
      false },

    { DITTO_BATCH_ARRAY, "[]", { NULL }, false },
    { DITTO_BATCH_ARRAY, " \n[ ] \t", { NULL }, false },
    { DITTO_BATCH_ARRAY, "[{}]", { "{}" }, false },
    { DITTO_BATCH_ARRAY, " [ {} , [1,[2]] ,\"a\\\"],\\\\\", 12e3,true]\n",
      { "{}", "[1,[2]]", "\"a\\\"],\\\\\"", "12e3", "true" }, false },
    { DITTO_BATCH_ARRAY, "[{\"a\":{\"b\":\"}]\"}},1]",
      { "{\"a\":{\"b\":\"}]\"}}", "1" }, false },

    { DITTO_BATCH_ARRAY, "", { NULL }, true },
    { DITTO_BATCH_ARRAY, "{}", { NULL }, true },
    { DITTO_BATCH_ARRAY, "[", { NULL }, true },
    { DITTO_BATCH_ARRAY, "[,]", { NULL }, true },
    { DITTO_BATCH_ARRAY, "[1,]", { "1" }, true },
    { DITTO_BATCH_ARRAY, "[1", { "1" }, true },
    { DITTO_BATCH_ARRAY, "[1 2]", { "1" }, true },
    { DITTO_BATCH_ARRAY, "[1]]", { "1" }, true },
    { DITTO_BATCH_ARRAY, "[1] x", { "1" }, true },
    { DITTO_BATCH_ARRAY, "[1,{\"a\":1", { "1" }, true },
    { DITTO_BATCH_ARRAY, "[\"a", { NULL }, true },
    { DITTO_BATCH_ARRAY, "[\"a\\\"]", { NULL }, true },
    { DITTO_BATCH_ARRAY, "[}", { "}" }, true },
    { DITTO_BATCH_ARRAY, "[x{\"a\"}b]", { "x{\"a\"}b" }, false },
};


/* The text in two pieces; what is left of the first is in the second. */
static void
test_pieces(unit_pool_t *up, const test_batch_t *t, size_t first)
{
    bool            last;
    size_t          at, n, size;
    ditto_rc_t      rc;
    ditto_str_t     text, message;
    ditto_batch_t   batch;
    ditto_error_t   err;

    ditto_batch_init(&batch, t->kind);

    n = 0;
    at = 0;
    size = first;

    for ( ;; ) {
        last = (size == strlen(t->text));
        text = unit_span(up, t->text, size);

        rc = ditto_batch_next(&batch, text, &at, last, &message, &err);

        if (rc == DITTO_OK) {
            assert_true(n < TEST_MESSAGES && t->messages[n] != NULL);

            if (!ditto_str_eq(message, ditto_str(t->messages[n]))) {
                fail_msg("%s at %zu: message %zu", t->text, first, n);
            }

            n++;
            continue;
        }

        if (rc == DITTO_DECLINED && !last) {
            size = strlen(t->text);
            continue;
        }

        break;
    }

    if (rc != (t->wrong ? DITTO_ERROR : DITTO_DECLINED)
        || (n < TEST_MESSAGES && t->messages[n] != NULL))
    {
        fail_msg("%s at %zu: %d after %zu", t->text, first, rc, n);
    }

    if (t->wrong) {
        assert_int_equal(err.code, DITTO_E_JSON_INVALID);
    }
}


static void
test_batch_next(void **state)
{
    size_t               i, first;
    unit_pool_t          up;
    const test_batch_t  *t;

    (void) state;

    for (i = 0; i < sizeof(test_batches) / sizeof(test_batches[0]); i++) {
        t = &test_batches[i];

        for (first = 0; first <= strlen(t->text); first++) {
            unit_pool_init(&up);
            test_pieces(&up, t, first);
            unit_pool_free(&up);
        }
    }
}


/* Where the element that begins with the text ends, byte by byte. */
static size_t
test_end(ditto_str_t text)
{
    bool    string;
    size_t  i, depth;

    depth = 0;
    string = false;

    for (i = 0; i < text.len; i++) {

        switch (text.data[i]) {

        case '\\':
            i += (i + 1 < text.len
                  && (text.data[i + 1] == '"' || text.data[i + 1] == '\\'));
            break;

        case '"':
            string = !string;
            break;

        case '{':
        case '[':
            depth += !string;
            break;

        case '}':
        case ']':
            depth -= !string;

            if (depth == 0) {
                return i + 1;
            }
            break;

        default:
            break;
        }
    }

    return 0;
}


/* Elements longer than what is looked at at once, in every mixture. */
static void
test_batch_long(void **state)
{
    size_t          i, at, len, end, ends;
    uint32_t        seed;
    ditto_rc_t      rc;
    ditto_str_t     text, message;
    unit_pool_t     up;
    ditto_error_t   err;
    ditto_batch_t   batch;
    unsigned char   p[400];
    unsigned        round;
    const char     *bytes;

    (void) state;

    seed = 1;
    ends = 0;

    for (round = 0; round < 20000; round++) {
        unit_pool_init(&up);

        seed = seed * 1664525 + 1013904223;
        len = 1 + (seed >> 8) % (sizeof(p) - 2);
        p[0] = '[';
        p[1] = '{';

        for (i = 2; i <= len; i++) {
            /* it grows deep, and comes up again */
            bytes = (i < len / 2) ? "{[[}\"\\: " : "}]]}\"\\a ";
            seed = seed * 1664525 + 1013904223;
            p[i] = (unsigned char) bytes[(seed >> 24) % 8];
        }

        text = unit_span(&up, (const char *) p, len + 1);
        at = 0;

        ditto_batch_init(&batch, DITTO_BATCH_ARRAY);
        rc = ditto_batch_next(&batch, text, &at, false, &message, &err);

        end = test_end(ditto_str_sub(text, 1, text.len));

        if (end == 0) {
            assert_int_equal(rc, DITTO_DECLINED);

        } else {
            assert_int_equal(rc, DITTO_OK);
            assert_ptr_equal(message.data, text.data + 1);
            assert_int_equal(message.len, end);
            ends += (end > 128);
        }

        unit_pool_free(&up);
    }

    assert_true(ends > 100);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_batch_next),
        cmocka_unit_test(test_batch_long),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
