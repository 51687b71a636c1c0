/*
 * Addresses of targets: what is split, and what is refused with which
 * sentence at configuration time and at run time.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "ditto_address.h"
#include "unit_pool.h"


#define NO_KEY        NULL
#define NO_PARTITION  (-1)


typedef struct {
    const char  *text;
    const char  *topic;          /* NULL: refused */
    const char  *key;
    int          partition;
    const char  *message;
} test_parse_t;


typedef struct {
    const char  *text;
    const char  *message;        /* NULL: accepted */
} test_compile_t;


#define CHARS  "contains one or more characters other than ASCII "            \
               "alphanumerics, '.', '_' and '-'"


static const test_parse_t  test_parses[] = {
    { "t", "t", NO_KEY, NO_PARTITION, NULL },
    { "a.b_c-9", "a.b_c-9", NO_KEY, NO_PARTITION, NULL },
    { "t/k", "t", "k", NO_PARTITION, NULL },
    { "t/a/b#1", "t", "a/b#1", NO_PARTITION, NULL },
    { "t//", "t", "/", NO_PARTITION, NULL },
    { "t/", "t", NO_KEY, NO_PARTITION, NULL },
    { "t#", "t", NO_KEY, NO_PARTITION, NULL },
    { "t#0", "t", NO_KEY, 0, NULL },
    { "t#+7", "t", NO_KEY, 7, NULL },
    { "t#-0", "t", NO_KEY, 0, NULL },
    { "t#2147483647", "t", NO_KEY, 2147483647, NULL },
    { "t#\xd9\xa3", "t", NO_KEY, 3, NULL },
    { "t#\xef\xbc\x94", "t", NO_KEY, 4, NULL },
    { "...", "...", NO_KEY, NO_PARTITION, NULL },

    { "", NULL, NO_KEY, 0,
      "Topic name is invalid: the empty string is not allowed" },
    { ".", NULL, NO_KEY, 0, "Topic name is invalid: '.' is not allowed" },
    { "../k", NULL, NO_KEY, 0, "Topic name is invalid: '..' is not allowed" },
    { "/k", NULL, NO_KEY, 0, "Topic name is invalid: '/k' " CHARS },
    { "#1", NULL, NO_KEY, 0, "Topic name is invalid: '#1' " CHARS },
    { "t#1/k", NULL, NO_KEY, 0, "Topic name is invalid: 't#1' " CHARS },
    { "a b", NULL, NO_KEY, 0, "Topic name is invalid: 'a b' " CHARS },
    { "t#x", NULL, NO_KEY, 0, "Can not parse partition number from x" },
    { "t#-", NULL, NO_KEY, 0, "Can not parse partition number from -" },
    { "t# 1", NULL, NO_KEY, 0, "Can not parse partition number from  1" },
    { "t#2147483648", NULL, NO_KEY, 0,
      "Can not parse partition number from 2147483648" },
    { "t#99999999999999999999", NULL, NO_KEY, 0,
      "Can not parse partition number from 99999999999999999999" },
    { "t#-1", NULL, NO_KEY, 0,
      "Invalid partition: -1. Partition number should always be non-negative "
      "or null." },
};


static const test_compile_t  test_compiles[] = {
    { "t", NULL },
    { "t/k", NULL },
    { "t#-1", NULL },
    { "t/{{ thing:id }}", NULL },
    { "{{ header:t }}", NULL },
    { "{{ header:t }}/{{ header:k }}", NULL },
    { "t#{{ header:p }}", NULL },
    { "t#1{{ header:p }}2", NULL },
    { "t/{{ header:x", NULL },

    { "", "The provided topic in your target address may not be empty." },
    { "t/", "The provided key in your target address may not be empty." },
    { "t#", "The provided partition in your target address may not be "
            "empty." },
    { "t#x", "Can not parse partition number from x." },
    { "t#x{{ header:p }}", "Can not parse partition number from "
                           "x<placeholder>." },
    { "a b{{ header:t }}", "The provided topic 'a b<uuid>' is not valid: "
      "Topic name is invalid: 'a breplaced_placeholder' " CHARS },
    { "..", "The provided topic '..' is not valid: Topic name is invalid: "
            "'..' is not allowed" },
    { "t/{{ unknown:x }}", "The placeholder 'unknown:x' could not be "
                           "resolved." },
    { "t/{{ }}", "The placeholder '' could not be resolved." },
};


static void
test_message(unit_pool_t *up, const ditto_error_t *err, const char *expected)
{
    ditto_buf_t  buf;
    ditto_str_t  text;

    ditto_buf_init(&buf, &up->pool, 0);
    ditto_error_message(&buf, err);
    ditto_buf_char(&buf, '\0');

    assert_int_equal(ditto_buf_done(&buf, &text), DITTO_OK);
    assert_string_equal(text.data, expected);
}


static void
test_split(void **state)
{
    size_t               i;
    ditto_str_t          text;
    unit_pool_t          up;
    ditto_error_t        err;
    ditto_address_t      address;
    const test_parse_t  *t;

    (void) state;

    for (i = 0; i < sizeof(test_parses) / sizeof(test_parses[0]); i++) {
        t = &test_parses[i];

        unit_pool_init(&up);
        text = unit_str(&up, t->text);

        if (t->topic == NULL) {
            assert_int_equal(ditto_address_parse(&address, text, &err),
                             DITTO_ERROR);
            assert_string_equal(ditto_error_name(&err),
                                "connectivity:connection.configuration."
                                "invalid");
            test_message(&up, &err, t->message);

        } else {
            assert_int_equal(ditto_address_parse(&address, text, &err),
                             DITTO_OK);
            assert_true(ditto_str_eq(address.topic, ditto_str(t->topic)));
            assert_true((address.key.data == NULL) == (t->key == NULL));
            assert_true(ditto_str_eq(address.key, ditto_str(t->key)));
            assert_int_equal(address.partition, t->partition);
            assert_true(address.has_partition == (t->partition >= 0));
        }

        unit_pool_free(&up);
    }
}


static void
test_compile(void **state)
{
    size_t                 i;
    ditto_str_t            text;
    unit_pool_t            up;
    ditto_error_t          err;
    ditto_template_t      *tpl;
    const test_compile_t  *t;

    (void) state;

    for (i = 0; i < sizeof(test_compiles) / sizeof(test_compiles[0]); i++) {
        t = &test_compiles[i];

        unit_pool_init(&up);
        text = unit_str(&up, t->text);

        if (t->message == NULL) {
            assert_int_equal(ditto_address_compile(&up.pool, text, &tpl, &err),
                             DITTO_OK);
            assert_true(ditto_str_eq(ditto_template_text(tpl), text));

        } else {
            assert_int_equal(ditto_address_compile(&up.pool, text, &tpl, &err),
                             DITTO_ERROR);
            assert_int_equal(err.code, DITTO_E_CONNECTION_CONFIGURATION);
            test_message(&up, &err, t->message);
        }

        unit_pool_free(&up);
    }
}


/* The limit counts characters; a longer name is told before its letters. */
static void
test_length(void **state)
{
    char           name[600];
    size_t         i;
    unit_pool_t    up;
    ditto_error_t  err;

    (void) state;

    unit_pool_init(&up);
    memset(name, 'x', sizeof(name));

    assert_true(ditto_kafka_topic_valid(unit_span(&up, name, 249)));
    assert_false(ditto_kafka_topic_valid(unit_span(&up, name, 250)));
    assert_false(ditto_kafka_topic_valid(unit_span(&up, name, 0)));

    for (i = 0; i < 249 * 2; i += 2) {
        memcpy(name + i, "\xc3\xa4", 2);
    }

    assert_int_equal(ditto_kafka_topic_check(&up.pool,
                                             unit_span(&up, name, 249 * 2),
                                             &err),
                     DITTO_ERROR);
    assert_true(ditto_str_find(err.args[1], ditto_str("other than ASCII"))
                < err.args[1].len);

    memcpy(name + 249 * 2, "y", 1);

    assert_int_equal(ditto_kafka_topic_check(&up.pool,
                                             unit_span(&up, name, 249 * 2 + 1),
                                             &err),
                     DITTO_ERROR);
    assert_true(ditto_str_find(err.args[1], ditto_str("is longer than"))
                < err.args[1].len);

    unit_pool_free(&up);
}


static ditto_rc_t
test_compile_call(unit_pool_t *up, void *ctx, ditto_error_t *err)
{
    ditto_template_t  *tpl;

    return ditto_address_compile(&up->pool, unit_str(up, ctx), &tpl, err);
}


static void
test_memory(void **state)
{
    size_t  i;

    static char  texts[][24] = {
        "t#{{ header:p }}", "a b{{ header:t }}", "t#x{{ header:p }}",
        "t/{{ unknown:x }}"
    };

    (void) state;

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_in_range(unit_every_allocation(NULL, test_compile_call,
                                              texts[i]),
                        2, 100);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_split),
        cmocka_unit_test(test_compile),
        cmocka_unit_test(test_length),
        cmocka_unit_test(test_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
