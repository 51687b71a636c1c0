/*
 * The payload of messages: what value becomes by its content type, and what a
 * mapper gets.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "ditto_signal.h"
#include "unit_pool.h"


#define NONE    DITTO_PAYLOAD_NONE
#define TEXT    DITTO_PAYLOAD_TEXT
#define JSON    DITTO_PAYLOAD_JSON
#define BINARY  DITTO_PAYLOAD_BINARY

#define HEAD    "{\"topic\":\"a/b/things/live/messages/hi\","                 \
                "\"path\":\"/inbox/messages/hi\""

#define LIMIT   256000


typedef struct {
    const char       *type;      /* JSON of the header, NULL: none */
    const char       *in;        /* the member's text, NULL: none */
    const char       *out;       /* the same afterwards */
    ditto_payload_e   kind;
    const char       *data;
} payload_case_t;


static const payload_case_t  payload_cases[] = {

    { NULL, NULL, NULL, NONE, NULL },
    { "\"application/json\"", NULL, NULL, NONE, NULL },

    /* JSON: the sender's bytes */
    { "\"application/json\"", "{ \"a\" : 1.50 }", "{ \"a\" : 1.50 }", JSON,
      "{ \"a\" : 1.50 }" },
    { "\"Application/JSON; charset=utf-8\"", "1e2", "1e2", JSON, "1e2" },
    { "\"application/vnd.x+json\"", "\"x\"", "\"x\"", JSON, "\"x\"" },
    { "\"application/a+b+json\"", "null", "null", JSON, "null" },
    { "\"application/x+json\"", "5", "5", JSON, "5" },

    /* text */
    { "\"text/plain\"", "\"a\\u0062\"", "\"a\\u0062\"", TEXT, "ab" },
    { "\"TEXT/plain;x\"", "\"\"", "\"\"", TEXT, "" },
    { "\"text/\"", "5", "\"5\"", TEXT, "5" },
    { "\"text/plain\"", "1.50", "\"1.5\"", TEXT, "1.5" },
    { "\"text/plain\"", "1e400", "\"Infinity\"", TEXT, "Infinity" },
    { "\"text/plain\"", "null", "\"null\"", TEXT, "null" },
    { "\"application/javascript\"", "{ \"a\" : [1.50, \"\\u00e4\"]}",
      "\"{\\\"a\\\":[1.50,\\\"\xc3\xa4\\\"]}\"", TEXT,
      "{\"a\":[1.50,\"\xc3\xa4\"]}" },
    { "\"application/vnd.x+ecmascript\"", "true", "\"true\"", TEXT, "true" },

    /* binary: the bytes, or what is no base64 as its own */
    { NULL, "\"hi\"", "\"hg==\"", BINARY, "\x86" },
    { NULL, "\"hello world\"", "\"aGVsbG8gd29ybGQ=\"", BINARY,
      "hello world" },
    { NULL, "\"aGVsbG8\"", "\"aGVsbG8=\"", BINARY, "hello" },
    { NULL, "\"aGVsbG8=\"", "\"aGVsbG8=\"", BINARY, "hello" },
    { NULL, "\"YWI\\u003d\"", "\"YWI\\u003d\"", BINARY, "ab" },
    { NULL, "\"+\\/+/\"", "\"+\\/+/\"", BINARY, "\xfb\xff\xbf" },
    { NULL, "\"\"", "\"\"", BINARY, "" },
    { NULL, "\"%%\"", "\"JSU=\"", BINARY, "%%" },
    { NULL, "\"\\u00e4\"", "\"w6Q=\"", BINARY, "\xc3\xa4" },
    { NULL, "{\"a\":1.50}", "\"eyJhIjoxLjUwfQ==\"", BINARY, "{\"a\":1.50}" },
    { NULL, "[ 1 , 2 ]", "\"WzEsMl0=\"", BINARY, "[1,2]" },
    { NULL, "1e10", "\"MS4wRTEw\"", BINARY, "1.0E10" },
    { NULL, "null", "\"null\"", BINARY, "\x9e\xe9\x65" },
    { NULL, "1234", "\"1234\"", BINARY, "\xd7\x6d\xf8" },
    { "\"\"", "5", "\"NQ==\"", BINARY, "5" },
    { "\";\"", "5", "\"NQ==\"", BINARY, "5" },
    { "\"image/png\"", "5", "\"NQ==\"", BINARY, "5" },
    { "\"application/octet-stream\"", "\"YQ\"", "\"YQ==\"", BINARY, "a" },
    { "\"application/merge-patch+json\"", "5", "\"NQ==\"", BINARY, "5" },
    { "\"application/json \"", "5", "\"NQ==\"", BINARY, "5" },
    { "\"application/json ;x\"", "5", "\"NQ==\"", BINARY, "5" },
    { "\" text/plain\"", "5", "\"NQ==\"", BINARY, "5" },
    { "\"text\"", "5", "\"NQ==\"", BINARY, "5" },
    { "\"text/x\\n\"", "5", "\"NQ==\"", BINARY, "5" },
    { "\"text/\\u2028\"", "5", "\"NQ==\"", BINARY, "5" },
    { "\"text/\\u0085\"", "5", "\"NQ==\"", BINARY, "5" },
    { "\"application/+json\"", "5", "\"NQ==\"", BINARY, "5" },
    { "\"application/x+json5\"", "5", "\"NQ==\"", BINARY, "5" },
    { "\"application/\\r+json\"", "5", "\"NQ==\"", BINARY, "5" },
    { "\"x/json\"", "5", "\"NQ==\"", BINARY, "5" },
};


static ditto_str_t
payload_message(unit_pool_t *up, const char *type, const char *value)
{
    ditto_buf_t  buf;
    ditto_str_t  text;

    ditto_buf_init(&buf, &up->pool, 0);
    ditto_buf_text(&buf, HEAD);

    if (type != NULL) {
        ditto_buf_text(&buf, ",\"headers\":{\"Content-Type\":");
        ditto_buf_text(&buf, type);
        ditto_buf_char(&buf, '}');
    }

    if (value != NULL) {
        ditto_buf_text(&buf, ",\"value\": ");
        ditto_buf_text(&buf, value);
    }

    ditto_buf_text(&buf, " }");
    assert_int_equal(ditto_buf_done(&buf, &text), DITTO_OK);

    return unit_span(up, text.data, text.len);
}


static void
test_kinds(void **state)
{
    size_t                 i;
    unit_pool_t            up;
    ditto_str_t            text;
    ditto_error_t          err;
    ditto_signal_t         signal;
    ditto_payload_t        payload;
    const payload_case_t  *c;

    (void) state;

    for (i = 0; i < sizeof(payload_cases) / sizeof(payload_cases[0]); i++) {
        c = &payload_cases[i];

        unit_pool_init(&up);
        text = payload_message(&up, c->type, c->in);

        assert_int_equal(ditto_signal_parse(&up.pool, text, &signal, &err),
                         DITTO_OK);
        assert_int_equal(ditto_signal_payload(&up.pool, &signal, &payload,
                                              &err),
                         DITTO_OK);
        assert_int_equal(payload.kind, c->kind);

        if (c->data == NULL) {
            assert_null(signal.value.data);
            assert_null(payload.data.data);

        } else {
            assert_true(ditto_str_eq(signal.value, ditto_str(c->out)));
            assert_true(ditto_str_eq(payload.data, ditto_str(c->data)));
        }

        unit_pool_free(&up);
    }
}


/* What is right already is not copied, and nothing is decoded twice. */
static void
test_no_copy(void **state)
{
    size_t           i;
    unit_pool_t      up;
    ditto_str_t      text;
    ditto_error_t    err;
    ditto_signal_t   signal;

    static const char *const  cases[][2] = {
        { NULL, "\"YWI=\"" },
        { "\"text/plain\"", "\"a\\u0062\"" },
        { "\"application/json\"", "{ \"a\" : 1.50 }" },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        unit_pool_init(&up);
        text = payload_message(&up, cases[i][0], cases[i][1]);

        assert_int_equal(ditto_signal_parse(&up.pool, text, &signal, &err),
                         DITTO_OK);
        assert_true(signal.value.data > text.data
                    && signal.value.data < text.data + text.len);
        assert_null(signal.content.data);

        unit_pool_free(&up);
    }

    unit_pool_init(&up);

    assert_int_equal(ditto_signal_parse(&up.pool,
                                        payload_message(&up, NULL, "\"hi\""),
                                        &signal, &err),
                     DITTO_OK);
    assert_true(ditto_str_eq(signal.content, ditto_str("\x86")));

    unit_pool_free(&up);
}


/* Of an event a value is a value. */
static void
test_no_message(void **state)
{
    unit_pool_t      up;
    ditto_error_t    err;
    ditto_signal_t   signal;
    ditto_payload_t  payload;

    (void) state;

    unit_pool_init(&up);

    assert_int_equal(ditto_signal_parse(&up.pool, unit_str(&up,
        "{\"topic\":\"a/b/things/twin/events/modified\",\"path\":"
        "\"/attributes/x\",\"value\":5,\"revision\":1}"), &signal, &err),
        DITTO_OK);
    assert_int_equal(ditto_signal_payload(&up.pool, &signal, &payload, &err),
                     DITTO_OK);
    assert_int_equal(payload.kind, NONE);
    assert_true(ditto_str_eq(signal.value, ditto_str("5")));

    unit_pool_free(&up);
}


/* n bytes of payload, in quotes or as blanks and a number */
static ditto_rc_t
payload_sized(const char *type, size_t n, bool string, bool blanks,
    ditto_error_t *err, char *message)
{
    char            *value;
    ditto_rc_t       rc;
    unit_pool_t      up;
    ditto_buf_t      buf;
    ditto_signal_t   signal;

    unit_pool_init(&up);

    value = ditto_alloc(&up.pool, n + 64);
    memset(value, string ? 'a' : '1', n + 64);

    if (string) {
        value[0] = '"';
        memcpy(value + n + 1, "\"", 2);

    } else {
        value[0] = '[';
        memset(value + 1, ' ', blanks ? n - 3 : 0);
        value[1] = blanks ? ' ' : '"';
        value[n - 2] = blanks ? ' ' : '"';
        memcpy(value + n - 1, "]", 2);
    }

    rc = ditto_signal_parse(&up.pool, payload_message(&up, type, value),
                            &signal, err);

    if (rc != DITTO_OK) {
        ditto_buf_init(&buf, &up.pool, 0);
        ditto_error_text(&buf, err);
        memcpy(message, buf.data, buf.len);
        message[buf.len] = '\0';
    }

    unit_pool_free(&up);

    return rc;
}


static void
test_limit(void **state)
{
    char            message[512];
    size_t          i;
    ditto_error_t   err;

    static const char *const  types[] = { "\"text/plain\"", "\"x/y\"",
                                          "\"application/json\"" };

    (void) state;

    for (i = 0; i < 3; i++) {
        assert_int_equal(payload_sized(types[i], LIMIT - (i == 2 ? 2 : 0),
                                       true, false, &err, message),
                         DITTO_OK);
        assert_int_equal(payload_sized(types[i], LIMIT + 1, true, false, &err,
                                       message),
                         DITTO_ERROR);
        assert_int_equal(err.code, DITTO_E_PAYLOAD_TOO_LARGE);
        assert_int_equal(ditto_error_status(&err), 413);

        assert_int_equal(payload_sized(types[i], LIMIT, false, false, &err,
                                       message),
                         DITTO_OK);
        assert_int_equal(payload_sized(types[i], LIMIT + 1, false, false, &err,
                                       message),
                         DITTO_ERROR);

        /* blanks do not count */
        assert_int_equal(payload_sized(types[i], 2 * LIMIT, false, true, &err,
                                       message),
                         DITTO_OK);
    }

    assert_int_equal(payload_sized("\"text/plain\"", 300001, true, false,
                                   &err, message),
                     DITTO_ERROR);
    assert_string_equal(message,
        "The message payload size of '292.97' kB exceeds the maximal allowed "
        "size of '250' kB. Reduce the message payload in the bounds of the "
        "specified limit");
}


typedef struct {
    const char *const  *c;           /* content type and value */
    ditto_str_t         text;
} test_memory_t;


static void
test_memory_setup(unit_pool_t *up, void *ctx)
{
    test_memory_t  *m = ctx;

    m->text = payload_message(up, m->c[0], m->c[1]);
}


static ditto_rc_t
test_memory_call(unit_pool_t *up, void *ctx, ditto_error_t *err)
{
    test_memory_t    *m = ctx;
    ditto_signal_t    signal;
    ditto_payload_t   payload;

    if (ditto_signal_parse(&up->pool, m->text, &signal, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    return ditto_signal_payload(&up->pool, &signal, &payload, err);
}


static void
test_memory(void **state)
{
    size_t         i;
    test_memory_t  m;

    static const char *const  cases[][2] = {
        { NULL, "\"YWI=\"" },
        { NULL, "\"h\\u0069\"" },
        { NULL, "{ \"a\" : \"\\u00e4\" }" },
        { "\"text/plain\"", "\"a\\u0062\"" },
        { "\"text/plain\"", "1.50" },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        m.c = cases[i];
        assert_in_range(unit_every_allocation(test_memory_setup,
                                              test_memory_call, &m),
                        1, 100);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_no_copy),
        cmocka_unit_test(test_no_message),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
