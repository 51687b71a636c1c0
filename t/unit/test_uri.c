/*
 * URIs of connections: what is accepted, what is decoded, and that no refusal
 * shows a password.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "ditto_connection.h"
#include "unit_pool.h"


typedef struct {
    const char  *text;
    const char  *scheme;         /* NULL: refused */
    const char  *host;
    unsigned     port;
    const char  *user;           /* NULL: no credentials */
    const char  *password;
} test_uri_t;


typedef struct {
    const char  *text;
    const char  *masked;
} test_mask_t;


static const test_uri_t  test_uris[] = {
    { "tcp://h:9092", "tcp", "h", 9092, NULL, NULL },
    { "ssl://a.b-c.d:1/x/y#f?[]", "ssl", "a.b-c.d", 1, NULL, NULL },
    { "TCP://H.:99999", "TCP", "H.", 99999, NULL, NULL },
    { "tcp://1.2.3.4:2147483647", "tcp", "1.2.3.4", 2147483647, NULL, NULL },
    { "tcp://[::1]:9092", "tcp", "[::1]", 9092, NULL, NULL },
    { "tcp://[2001:db8:0:0:0:0:0:1]:1", "tcp", "[2001:db8:0:0:0:0:0:1]", 1,
      NULL, NULL },
    { "tcp://[::ffff:1.2.3.4]:1", "tcp", "[::ffff:1.2.3.4]", 1, NULL, NULL },
    { "tcp://[fe80::1%25eth0]:1", "tcp", "[fe80::1%25eth0]", 1, NULL, NULL },
    { "tcp://u@h:1", "tcp", "h", 1, NULL, NULL },
    { "tcp://u:p@h:1", "tcp", "h", 1, "u", "p" },
    { "tcp://u:@h:1", "tcp", "h", 1, "u", "" },
    { "tcp://:p@h:1", "tcp", "h", 1, "", "p" },
    { "tcp://u:a+b%3Ac%40@h:9092/x", "tcp", "h", 9092, "u", "a+b:c@" },
    { "tcp://u%3Ax:pw@h:1", "tcp", "h", 1, "u", "x:pw" },
    { "tcp://u:%25252B@h:1", "tcp", "h", 1, "u", "%252B" },
    { "tcp://u:p%2Fw@h:1", "tcp", "h", 1, "u", "p/w" },
    { "tcp://u:%FF@h:1", "tcp", "h", 1, "u", "\xef\xbf\xbd" },
    { "tcp://\xc3\xbc:p\xc3\xa4@h:1", "tcp", "h", 1, "\xc3\xbc", "p\xc3\xa4" },
    { "", "", "", 0, NULL, NULL },
    { " \t", "", "", 0, NULL, NULL },

    { "h:9092", NULL, NULL, 0, NULL, NULL },
    { "tcp://h", NULL, NULL, 0, NULL, NULL },
    { "tcp://h:", NULL, NULL, 0, NULL, NULL },
    { "tcp://h:0", NULL, NULL, 0, NULL, NULL },
    { "tcp://h:2147483648", NULL, NULL, 0, NULL, NULL },
    { "tcp://h:18446744073709551617", NULL, NULL, 0, NULL, NULL },
    { "tcp://h:1x", NULL, NULL, 0, NULL, NULL },
    { "tcp://:1", NULL, NULL, 0, NULL, NULL },
    { "tcp:///x:1", NULL, NULL, 0, NULL, NULL },
    { "://h:1", NULL, NULL, 0, NULL, NULL },
    { "1tcp://h:1", NULL, NULL, 0, NULL, NULL },
    { "tcp://h:1?x", NULL, NULL, 0, NULL, NULL },
    { "tcp://h:1?", NULL, NULL, 0, NULL, NULL },
    { "tcp://my_host:1", NULL, NULL, 0, NULL, NULL },
    { "tcp://-h:1", NULL, NULL, 0, NULL, NULL },
    { "tcp://h-:1", NULL, NULL, 0, NULL, NULL },
    { "tcp://h..i:1", NULL, NULL, 0, NULL, NULL },
    { "tcp://1.2.3:1", NULL, NULL, 0, NULL, NULL },
    { "tcp://999.1.1.1:1", NULL, NULL, 0, NULL, NULL },
    { "tcp://1.2.3.4.5:1", NULL, NULL, 0, NULL, NULL },
    { "tcp://[::1:1", NULL, NULL, 0, NULL, NULL },
    { "tcp://[1::2::3]:1", NULL, NULL, 0, NULL, NULL },
    { "tcp://[1:2:3]:1", NULL, NULL, 0, NULL, NULL },
    { "tcp://[12345::]:1", NULL, NULL, 0, NULL, NULL },
    { "tcp://h\xc3\xb6:1", NULL, NULL, 0, NULL, NULL },
    { "tcp://h%20x:1", NULL, NULL, 0, NULL, NULL },
    { "tcp://h:1 ", NULL, NULL, 0, NULL, NULL },
    { "tcp://h:1/a b", NULL, NULL, 0, NULL, NULL },
    { "tcp://h:1/a%2", NULL, NULL, 0, NULL, NULL },
    { "tcp://h:1/\xc2\xa0", NULL, NULL, 0, NULL, NULL },
    { "tcp://h:1/\xff", NULL, NULL, 0, NULL, NULL },
    { "tcp://u:p w@h:1", NULL, NULL, 0, NULL, NULL },
    { "tcp://u:p%@h:1", NULL, NULL, 0, NULL, NULL },
    { "tcp://u:p@@h:1", NULL, NULL, 0, NULL, NULL },
    { "tcp://u:p/w@h:1", NULL, NULL, 0, NULL, NULL },
};


static const test_mask_t  test_masks[] = {
    { "tcp://h:1", "tcp://h:1" },
    { "tcp://u@h:1", "tcp://u@h:1" },
    { "tcp://u:secret@h:1", "tcp://u:*****@h:1" },
    { "tcp://u:@h:1", "tcp://u:*****@h:1" },
    { "tcp://u:secret@h:1/a@b", "tcp://u:*****@h:1/a@b" },
    { "tcp://u%3asecret@h:1", "tcp://u%3a*****@h:1" },
    { "tcp://u:sec/ret@h:1", "tcp://u:*****@h:1" },
    { "tcp://u:sec@ret@h:1", "tcp://u:*****@h:1" },
    { "tcp://u:sec?r@et/@h", "tcp://u:*****@h" },
    { "tcp://u:sec ret@h:1", "tcp://u:*****@h:1" },
    { "u:secret@h:1", "u:*****@h:1" },
    { "tcp:u:secret@h:1", "tcp:*****@h:1" },
    { "tcp://u:secret", "tcp://u:*****" },
    { "u:secret", "u:*****" },
    { "tcp://h:9092x", "tcp://h:9092x" },
    { "tcp://h: 9092", "tcp://h: 9092" },
    { "tcp://h: ", "tcp://h: " },
    { "tcp://u: secret", "tcp://u:*****" },
    { "tcp://u: 9secret@h:1", "tcp://u:*****@h:1" },
    { "tcp://u:9/secret@h:1", "tcp://u:*****@h:1" },
    { "@", "@" },
    { ":@", ":*****@" },
    { "", "" },
};


static void
test_parse(void **state)
{
    size_t             i;
    ditto_str_t        text;
    unit_pool_t        up;
    ditto_uri_t        uri;
    ditto_error_t      err;
    const test_uri_t  *t;

    (void) state;

    for (i = 0; i < sizeof(test_uris) / sizeof(test_uris[0]); i++) {
        t = &test_uris[i];

        unit_pool_init(&up);
        text = unit_str(&up, t->text);

        if (t->scheme == NULL) {
            assert_int_equal(ditto_uri_parse(&up.pool, text, &uri, &err),
                             DITTO_ERROR);
            assert_int_equal(err.code, DITTO_E_CONNECTION_URI_INVALID);
            assert_true(err.offset <= text.len);
            unit_pool_free(&up);
            continue;
        }

        assert_int_equal(ditto_uri_parse(&up.pool, text, &uri, &err),
                         DITTO_OK);
        assert_true(ditto_str_eq(uri.scheme, ditto_str(t->scheme)));
        assert_true(ditto_str_eq(uri.host, ditto_str(t->host)));
        assert_int_equal(uri.port, t->port);
        assert_true(uri.credentials == (t->user != NULL));
        assert_true(ditto_str_eq(uri.user, ditto_str(t->user)));
        assert_true(ditto_str_eq(uri.password, ditto_str(t->password)));
        assert_non_null(uri.text.data);

        unit_pool_free(&up);
    }
}


/* What is kept is ASCII; escapes stay as they were typed. */
static void
test_ascii(void **state)
{
    unit_pool_t    up;
    ditto_uri_t    uri;
    ditto_error_t  err;

    (void) state;

    unit_pool_init(&up);

    assert_int_equal(ditto_uri_parse(&up.pool,
                                     unit_str(&up, "tcp://\xc3\xbc:%2f@h:1"),
                                     &uri, &err),
                     DITTO_OK);
    assert_true(ditto_str_eq(uri.text, ditto_str("tcp://%C3%BC:%2f@h:1")));

    unit_pool_free(&up);
}


static void
test_mask(void **state)
{
    size_t        i;
    ditto_buf_t   buf;
    ditto_str_t   text;
    unit_pool_t   up;

    (void) state;

    for (i = 0; i < sizeof(test_masks) / sizeof(test_masks[0]); i++) {
        unit_pool_init(&up);

        ditto_buf_init(&buf, &up.pool, 0);
        ditto_uri_mask(&buf, unit_str(&up, test_masks[i].text));
        ditto_buf_char(&buf, '\0');

        assert_int_equal(ditto_buf_done(&buf, &text), DITTO_OK);
        assert_string_equal(text.data, test_masks[i].masked);

        unit_pool_free(&up);
    }
}


/* Every prefix of a URI with a password, and whatever a byte of it becomes. */
static void
test_secret(void **state)
{
    char           text[64];
    size_t         i, len;
    unsigned       c;
    unit_pool_t    up;
    ditto_uri_t    uri;
    ditto_error_t  err;

    static const char  whole[] = "tcp://user:hunter2@host:9092/p#f";

    (void) state;

    len = sizeof(whole) - 1;

    for (i = 0; i < len; i++) {

        for (c = 0; c < 256; c++) {
            memcpy(text, whole, len);
            text[i] = (char) c;

            /* The colon or the "@" itself decides what is the password. */

            if (i == 3 || i == 4 || i == 5 || i == 10 || i == 18
                || (i > 10 && i < 18))
            {
                continue;
            }

            unit_pool_init(&up);

            if (ditto_uri_parse(&up.pool, unit_span(&up, text, len), &uri,
                                &err)
                == DITTO_ERROR)
            {
                assert_true(ditto_str_find(err.args[0], ditto_str("hunter2"))
                            > err.args[0].len);
            }

            unit_pool_free(&up);
        }

        unit_pool_init(&up);
        (void) ditto_uri_parse(&up.pool, unit_span(&up, whole, i), &uri, &err);
        unit_pool_free(&up);
    }
}


static ditto_rc_t
test_memory_call(unit_pool_t *up, void *ctx, ditto_error_t *err)
{
    ditto_uri_t  uri;

    return ditto_uri_parse(&up->pool, unit_str(up, ctx), &uri, err);
}


static void
test_memory(void **state)
{
    size_t  i;

    static char  texts[][24] = {
        "tcp://u%41:p%FF@h:1", "tcp://u:p w@h:1"
    };

    (void) state;

    for (i = 0; i < 2; i++) {
        assert_in_range(unit_every_allocation(NULL, test_memory_call,
                                              texts[i]),
                        1, 50);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_ascii),
        cmocka_unit_test(test_mask),
        cmocka_unit_test(test_secret),
        cmocka_unit_test(test_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
