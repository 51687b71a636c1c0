/*
 * The ground: spans, arrays, growing text, JSON pointers, errors.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>

#include "ditto_error.h"
#include "ditto_pointer.h"
#include "unit_pool.h"


typedef struct {
    const char  *text;
    const char  *segments;       /* joined with "|"; NULL: refused */
    const char  *rendered;
} test_pointer_t;


typedef struct {
    ditto_error_code_e   code;
    unsigned             status;
    const char          *name;
} test_status_t;


static void
test_compare(void **state)
{
    ditto_str_t  none = ditto_null_string;

    (void) state;

    assert_true(ditto_str_eq(ditto_str("abc"), ditto_str("abc")));
    assert_false(ditto_str_eq(ditto_str("abc"), ditto_str("abd")));
    assert_false(ditto_str_eq(ditto_str("abc"), ditto_str("ab")));
    assert_false(ditto_str_eq(ditto_str("abc"), ditto_str("ABC")));
    assert_true(ditto_str_eq(none, ditto_str("")));

    assert_int_equal(ditto_str(NULL).len, 0);
    assert_null(ditto_str(NULL).data);

    assert_true(ditto_str_caseeq(ditto_str("azAZ-9"), ditto_str("AZaz-9")));
    assert_false(ditto_str_caseeq(ditto_str("ab"), ditto_str("abc")));
    /* neighbours of the letters that differ in the same bit */
    assert_false(ditto_str_caseeq(ditto_str("@"), ditto_str("`")));
    assert_false(ditto_str_caseeq(ditto_str("["), ditto_str("{")));
    assert_false(ditto_str_caseeq(ditto_str("`"), ditto_str("@")));
    assert_false(ditto_str_caseeq(ditto_str("{"), ditto_str("[")));
    assert_false(ditto_str_caseeq(ditto_str("0"), ditto_str("\x10")));
    assert_false(ditto_str_caseeq(ditto_str("\x10"), ditto_str("0")));
    /* U+00C4, U+00E4: ASCII letters only */
    assert_false(ditto_str_caseeq(ditto_str("\xc3\x84"),
                                  ditto_str("\xc3\xa4")));
    assert_true(ditto_str_caseeq(none, ditto_str("")));

    assert_true(ditto_str_starts(ditto_str("fn:x"), ditto_str("fn:")));
    assert_true(ditto_str_starts(ditto_str("fn:"), ditto_str("fn:")));
    assert_false(ditto_str_starts(ditto_str("fn"), ditto_str("fn:")));
    assert_false(ditto_str_starts(ditto_str("Fn:x"), ditto_str("fn:")));
    assert_true(ditto_str_starts(none, ditto_str("")));
}


static void
test_search(void **state)
{
    ditto_str_t  s, none = ditto_null_string;
    unit_pool_t  up;

    (void) state;

    unit_pool_init(&up);
    s = unit_str(&up, "a/b/ab/abc");

    assert_int_equal(ditto_str_chr(s, '/', 0), 1);
    assert_int_equal(ditto_str_chr(s, '/', 1), 1);
    assert_int_equal(ditto_str_chr(s, '/', 2), 3);
    assert_int_equal(ditto_str_chr(s, 'c', 0), 9);
    assert_int_equal(ditto_str_chr(s, '#', 0), s.len);
    assert_int_equal(ditto_str_chr(s, 'c', s.len), s.len);
    assert_int_equal(ditto_str_chr(s, 'c', s.len + 5), s.len);
    assert_int_equal(ditto_str_chr(none, 'c', 0), 0);

    assert_int_equal(ditto_str_find(s, ditto_str("ab")), 4);
    assert_int_equal(ditto_str_find(s, ditto_str("abc")), 7);
    assert_int_equal(ditto_str_find(s, s), 0);
    assert_int_equal(ditto_str_find(s, ditto_str("abcd")), s.len + 1);
    assert_int_equal(ditto_str_find(s, ditto_str("a/b/ab/abcd")), s.len + 1);
    assert_int_equal(ditto_str_find(s, ditto_str("x")), s.len + 1);
    assert_int_equal(ditto_str_find(s, none), 0);
    assert_int_equal(ditto_str_find(none, ditto_str("x")), 1);
    assert_int_equal(ditto_str_find(unit_str(&up, "aaab"), ditto_str("aab")),
                     1);

    assert_true(ditto_str_eq(ditto_str_sub(s, 2, 3), ditto_str("b")));
    assert_int_equal(ditto_str_sub(s, 10, 10).len, 0);
    assert_null(ditto_str_sub(none, 0, 0).data);

    assert_true(ditto_str_eq(ditto_str_trim(unit_str(&up, " \t\r\na b \n")),
                             ditto_str("a b")));
    assert_int_equal(ditto_str_trim(unit_str(&up, " \t\r\n")).len, 0);
    assert_int_equal(ditto_str_trim(none).len, 0);
    /* NUL is no blank */
    assert_int_equal(ditto_str_trim(unit_span(&up, "\0 a \0", 5)).len, 5);

    unit_pool_free(&up);
}


/* Every character, whole, cut, and with each byte damaged. */
static void
test_utf8(void **state)
{
    size_t         n, i;
    uint32_t       c;
    ditto_str_t    s;
    unit_pool_t    up;
    unsigned char  text[4], *p;

    (void) state;

    unit_pool_init(&up);
    s = unit_str(&up, "    ");
    p = (unsigned char *) (uintptr_t) s.data;

    for (c = 0; c < 0x200000; c++) {

        if (c < 0x80) {
            n = 1;
            text[0] = (unsigned char) c;

        } else if (c < 0x800) {
            n = 2;
            text[0] = (unsigned char) (0xc0 | c >> 6);

        } else if (c < 0x10000) {
            n = 3;
            text[0] = (unsigned char) (0xe0 | c >> 12);

        } else {
            n = 4;
            text[0] = (unsigned char) (0xf0 | c >> 18);
        }

        for (i = 1; i < n; i++) {
            text[i] = (unsigned char) (0x80 | (c >> 6 * (n - 1 - i) & 0x3f));
        }

        /* at the very end of the span */
        s.len = n;
        s.data = p + 4 - n;
        memcpy(p + 4 - n, text, n);

        if (ditto_str_utf8(s)
            != (c <= 0x10ffff && !(c >= 0xd800 && c <= 0xdfff)))
        {
            fail_msg("U+%04X", (unsigned) c);
        }
    }

    unit_pool_free(&up);
    unit_pool_init(&up);

    for (i = 1; i < 4; i++) {
        assert_false(ditto_str_utf8(unit_span(&up, "\xf0\x9f\x98\x80", i)));
    }

    assert_false(ditto_str_utf8(unit_str(&up, "\xe2\x82")));
    assert_false(ditto_str_utf8(unit_str(&up, "\xc3")));
    assert_false(ditto_str_utf8(unit_str(&up, "a\x80")));
    assert_false(ditto_str_utf8(unit_str(&up, "\xc3\xa4\xc3(")));
    assert_false(ditto_str_utf8(unit_str(&up, "\xe2(\xac")));
    assert_false(ditto_str_utf8(unit_str(&up, "\xe2\x82(")));
    assert_false(ditto_str_utf8(unit_str(&up, "\xf0(\x98\x80")));
    assert_false(ditto_str_utf8(unit_str(&up, "\xf0\x9f(\x80")));
    assert_false(ditto_str_utf8(unit_str(&up, "\xf0\x9f\x98(")));
    /* not the shortest form */
    assert_false(ditto_str_utf8(unit_str(&up, "\xc0\xaf")));
    assert_false(ditto_str_utf8(unit_str(&up, "\xc1\xbf")));
    assert_false(ditto_str_utf8(unit_str(&up, "\xe0\x9f\xbf")));
    assert_false(ditto_str_utf8(unit_str(&up, "\xf0\x8f\xbf\xbf")));
    assert_false(ditto_str_utf8(unit_str(&up, "\xff")));
    assert_true(ditto_str_utf8(unit_str(&up, "a\xc3\xa4\xe2\x82\xac"
                                             "\xf0\x9f\x98\x80z")));
    assert_true(ditto_str_utf8(unit_str(&up, "")));

    unit_pool_free(&up);
}


static void
test_memory(void **state)
{
    size_t          i;
    ditto_str_t     copy, none = ditto_null_string;
    unit_pool_t     up;
    ditto_array_t   array;
    unsigned char  *p;

    (void) state;

    unit_pool_init(&up);

    p = ditto_zalloc(&up.pool, 100);
    assert_non_null(p);

    for (i = 0; i < 100; i++) {
        assert_int_equal(p[i], 0);
    }

    assert_non_null(ditto_alloc(&up.pool, 0));

    assert_int_equal(ditto_str_dup(&up.pool, unit_str(&up, "abc"), &copy),
                     DITTO_OK);
    assert_int_equal(copy.len, 3);
    assert_memory_equal(copy.data, "abc", 4);

    assert_int_equal(ditto_str_dup(&up.pool, none, &copy), DITTO_OK);
    assert_int_equal(copy.len, 0);
    assert_memory_equal(copy.data, "", 1);

    ditto_array_init(&array, &up.pool, 3);
    assert_null(array.elts);

    for (i = 0; i < 1000; i++) {
        p = ditto_array_push(&array);
        assert_non_null(p);
        p[0] = (unsigned char) i;
        p[1] = (unsigned char) (i >> 8);
        p[2] = 'x';
    }

    assert_int_equal(array.nelts, 1000);

    for (i = 0, p = array.elts; i < 1000; i++, p += 3) {
        assert_int_equal(p[0] | p[1] << 8, i);
        assert_int_equal(p[2], 'x');
    }

    /* one that fails leaves the array as it was */
    for (i = 0; array.nelts != array.cap; i++) {
        assert_non_null(ditto_array_push(&array));
    }

    up.fail_at = up.count + 1;
    i = array.nelts;
    assert_null(ditto_array_push(&array));
    assert_int_equal(array.nelts, i);
    assert_int_equal(((unsigned char *) array.elts)[3], 1);

    up.fail_at = up.count + 1;
    assert_null(ditto_alloc(&up.pool, 1));
    up.fail_at = up.count + 1;
    assert_null(ditto_zalloc(&up.pool, 1));
    up.fail_at = up.count + 1;
    assert_int_equal(ditto_str_dup(&up.pool, none, &copy), DITTO_ERROR);

    unit_pool_free(&up);
}


static void
test_buf(void **state)
{
    size_t        i;
    ditto_buf_t   buf;
    ditto_str_t   text, none = ditto_null_string;
    unit_pool_t   up;

    (void) state;

    unit_pool_init(&up);
    ditto_buf_init(&buf, &up.pool, 0);
    assert_int_equal(up.count, 0);

    assert_int_equal(ditto_buf_done(&buf, &text), DITTO_OK);
    assert_int_equal(text.len, 0);

    ditto_buf_int(&buf, 0);
    ditto_buf_char(&buf, ' ');
    ditto_buf_int(&buf, INT64_MIN);
    ditto_buf_text(&buf, " ");
    ditto_buf_int(&buf, INT64_MAX);
    ditto_buf_str(&buf, unit_str(&up, " "));
    ditto_buf_int(&buf, -10);
    ditto_buf_str(&buf, none);
    ditto_buf_text(&buf, "");
    ditto_buf_char(&buf, '\0');

    assert_int_equal(ditto_buf_done(&buf, &text), DITTO_OK);
    assert_int_equal(text.len, 47);
    assert_memory_equal(text.data,
                        "0 -9223372036854775808 9223372036854775807 -10", 47);

    unit_pool_free(&up);
    unit_pool_init(&up);

    /* it grows, and rarely */
    ditto_buf_init(&buf, &up.pool, 1);

    for (i = 0; i < 100000; i++) {
        ditto_buf_char(&buf, (char) ('a' + i % 26));
    }

    assert_int_equal(ditto_buf_done(&buf, &text), DITTO_OK);
    assert_int_equal(text.len, 100000);
    assert_true(up.count < 40);

    for (i = 0; i < text.len; i++) {
        if (text.data[i] != 'a' + i % 26) {
            fail_msg("byte %zu", i);
        }
    }

    /* exactly what fits needs nothing more */
    ditto_buf_init(&buf, &up.pool, 3);
    i = up.count;
    ditto_buf_text(&buf, "abc");
    assert_int_equal(up.count, i);

    /* the first failure is remembered */
    up.fail_at = up.count + 1;
    ditto_buf_text(&buf, "defg");
    ditto_buf_text(&buf, "h");
    assert_int_equal(buf.len, 3);
    assert_int_equal(ditto_buf_done(&buf, &text), DITTO_ERROR);

    up.fail_at = up.count + 1;
    ditto_buf_init(&buf, &up.pool, 3);
    ditto_buf_text(&buf, "a");
    assert_int_equal(ditto_buf_done(&buf, &text), DITTO_ERROR);

    unit_pool_free(&up);
}


/* spec: "path"; segments are literal */
static const test_pointer_t  test_pointers[] = {
    { "", "", "/" },
    { "/", "", "/" },
    { "a", "a", "/a" },
    { "/a", "a", "/a" },
    { "/a/", "a", "/a" },
    { "a/b", "a|b", "/a/b" },
    { "/attributes/a b\xc3\xa4/\x01", "attributes|a b\xc3\xa4|\x01",
      "/attributes/a b\xc3\xa4/\x01" },
    { "/attributes/a~1b", "attributes|a~1b", "/attributes/a~01b" },
    { "/a~0b/~", "a~0b|~", "/a~00b/~0" },
    { "/~~", "~~", "/~0~0" },
    { "//", NULL, NULL },
    { "///", NULL, NULL },
    { "//a", NULL, NULL },
    { "a//b", NULL, NULL },
    { "/a/b//", NULL, NULL },
};


static const test_pointer_t  test_escaped[] = {
    { "", "", "/" },
    { "/a~1b", "a~1b", "/a~01b" },
    { "/a~0b", "a~b", "/a~0b" },
    { "~0", "~", "/~0" },
    { "~", "~", "/~0" },
    { "x/~00~0/y~", "x|~0~|y~", "/x/~00~0/y~0" },
    { "~01", "~1", "/~01" },
    { "a//b", NULL, NULL },
};


static void
test_pointer_table(const test_pointer_t *table, size_t n,
    ditto_rc_t (*parse)(ditto_pool_t *pool, ditto_str_t text,
    ditto_pointer_t *pointer, ditto_error_t *err))
{
    size_t                 i, j;
    ditto_buf_t            buf;
    ditto_str_t            text;
    unit_pool_t            up;
    ditto_error_t          err;
    ditto_pointer_t        pointer;
    const test_pointer_t  *t;

    for (i = 0; i < n; i++) {
        t = &table[i];

        unit_pool_init(&up);
        text = unit_str(&up, t->text);

        if (t->segments == NULL) {
            assert_int_equal(parse(&up.pool, text, &pointer, &err),
                             DITTO_ERROR);
            assert_int_equal(err.code, DITTO_E_JSON_POINTER_INVALID);

            ditto_buf_init(&buf, &up.pool, 0);
            ditto_error_message(&buf, &err);
            assert_true(ditto_str_find((ditto_str_t) { buf.len, buf.data },
                                       text)
                        <= buf.len);
            unit_pool_free(&up);
            continue;
        }

        assert_int_equal(parse(&up.pool, text, &pointer, &err), DITTO_OK);

        ditto_buf_init(&buf, &up.pool, 0);

        for (j = 0; j < pointer.n; j++) {
            ditto_buf_text(&buf, j == 0 ? "" : "|");
            ditto_buf_str(&buf, pointer.segments[j]);
        }

        assert_int_equal(ditto_buf_done(&buf, &text), DITTO_OK);
        assert_true(ditto_str_eq(text, ditto_str(t->segments)));

        if (pointer.n == 0) {
            assert_null(pointer.segments);
        }

        ditto_buf_init(&buf, &up.pool, 0);
        ditto_pointer_render(&buf, &pointer);
        assert_int_equal(ditto_buf_done(&buf, &text), DITTO_OK);
        assert_true(ditto_str_eq(text, ditto_str(t->rendered)));

        unit_pool_free(&up);
    }
}


static void
test_pointer(void **state)
{
    (void) state;

    test_pointer_table(test_pointers,
                       sizeof(test_pointers) / sizeof(test_pointers[0]),
                       ditto_pointer_parse);
    test_pointer_table(test_escaped,
                       sizeof(test_escaped) / sizeof(test_escaped[0]),
                       ditto_pointer_parse_escaped);
}


static ditto_rc_t
test_pointer_call(unit_pool_t *up, void *ctx, ditto_error_t *err)
{
    ditto_buf_t       buf;
    ditto_str_t       text;
    ditto_pointer_t   pointer;

    if (ditto_pointer_parse_escaped(&up->pool, unit_str(up, ctx), &pointer,
                                    err)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    ditto_buf_init(&buf, &up->pool, 0);
    ditto_pointer_render(&buf, &pointer);

    if (unit_buf_done(&buf, &text, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    assert_true(ditto_str_eq(text, ditto_str(ctx)));

    return DITTO_OK;
}


static void
test_pointer_memory(void **state)
{
    (void) state;

    /* segments, two decoded ones, the text */
    assert_int_equal(unit_every_allocation(NULL, test_pointer_call,
                                           "/a~0b/c/~0"), 4);
}


/* spec: "Errors of the envelope", "Rights of what is posted" and others */
static const test_status_t  test_statuses[] = {
    { DITTO_E_JSON_INVALID, 400, "json.invalid" },
    { DITTO_E_JSON_FIELD_MISSING, 400, "json.field.missing" },
    { DITTO_E_JSON_FORMAT_INVALID, 400, "json.format.invalid" },
    { DITTO_E_JSON_POINTER_INVALID, 400, "json.pointer.invalid" },
    { DITTO_E_JSON_KEY_INVALID, 400, "json.key.invalid" },
    { DITTO_E_JSON_SELECTOR_INVALID, 400, "json.fieldselector.invalid" },
    { DITTO_E_UNKNOWN_TOPIC_PATH, 400, "protocoladapter:unknown.topicpath" },
    { DITTO_E_UNKNOWN_PATH, 400, "protocoladapter:unknown.path" },
    { DITTO_E_INVALID_PATH, 400, "protocoladapter:invalid.path" },
    { DITTO_E_UNKNOWN_CHANNEL, 400, "protocoladapter:unknown.channel" },
    { DITTO_E_THING_ID_INVALID, 400, "things:id.invalid" },
    { DITTO_E_POLICY_ID_INVALID, 400, "policies:id.invalid" },
    { DITTO_E_THING_ID_NOT_SETTABLE, 400, "things:id.notsettable" },
    { DITTO_E_DEFINITION_INVALID, 400,
      "things:definition.identifier.invalid" },
    { DITTO_E_FEATURE_DEFINITION_EMPTY, 400,
      "things:feature.definition.empty" },
    { DITTO_E_HEADER_INVALID, 400, "header.invalid" },
    { DITTO_E_TIMEOUT_INVALID, 400, "timeout.invalid" },
    { DITTO_E_HEADERS_TOO_LARGE, 431, "headers.too.large" },
    { DITTO_E_ACK_LABEL_INVALID, 400, "acknowledgement:label.invalid" },
    { DITTO_E_ACK_LABEL_FORBIDDEN, 400,
      "acknowledgement:ditto.acklabel.forbidden" },
    { DITTO_E_MAPPING_FAILED, 400, "connectivity:message.mapping.failed" },
    { DITTO_E_MEDIATYPE_UNSUPPORTED, 415, "mediatype.unsupported" },
    { DITTO_E_SIGNAL_UNSUPPORTED, 400, "signal.unsupported" },
    { DITTO_E_PAYLOAD_TOO_LARGE, 413, "messages:payload.toolarge" },
    { DITTO_E_THING_NOT_FOUND, 404, "things:thing.notfound" },
    { DITTO_E_POLICY_NOT_FOUND, 404, "policies:policy.notfound" },
    { DITTO_E_THING_NOT_MODIFIABLE, 403, "things:thing.notmodifiable" },
    { DITTO_E_MESSAGE_NOT_ALLOWED, 403, "messages:send.notallowed" },
    { DITTO_E_EVENT_NOT_ALLOWED, 403, "things:event.notallowed" },
    { DITTO_E_ENFORCEMENT_FAILED, 400,
      "connectivity:connection.id.enforcement.failed" },
    { DITTO_E_PLACEHOLDER_UNRESOLVED, 400, "placeholder:unresolved" },
    { DITTO_E_FUNCTION_UNKNOWN, 400, "placeholder:function.unknown" },
    { DITTO_E_FUNCTION_SIGNATURE, 400,
      "placeholder:function.signature.invalid" },
    { DITTO_E_FUNCTION_TOO_COMPLEX, 400, "placeholder:function.too.complex" },
    { DITTO_E_RQL_INVALID, 400, "rql.expression.invalid" },
    { DITTO_E_FIELD_SELECTION_INVALID, 400,
      "things:field.selection.invalid" },
    { DITTO_E_TOPIC_INVALID, 400, "connectivity:topic.invalid" },
    { DITTO_E_CONNECTION_CONFIGURATION, 400,
      "connectivity:connection.configuration.invalid" },
    { DITTO_E_CONNECTION_URI_INVALID, 400,
      "connectivity:connection.uri.invalid" },
};


static void
test_error_table(void **state)
{
    int            code;
    size_t         i;
    const char    *name, *p;
    ditto_str_t    a = ditto_string("one"), none = ditto_null_string;
    ditto_error_t  err;

    (void) state;

    for (i = 0; i < sizeof(test_statuses) / sizeof(test_statuses[0]); i++) {
        assert_int_equal(ditto_fail(&err, test_statuses[i].code, a, none),
                         DITTO_ERROR);
        assert_int_equal(ditto_error_status(&err), test_statuses[i].status);
        assert_string_equal(ditto_error_name(&err), test_statuses[i].name);
    }

    /* no code is without a row */
    for (code = DITTO_E_NONE; code < DITTO_E_MAX; code++) {
        (void) ditto_fail(&err, (ditto_error_code_e) code, a, none);

        assert_in_range(ditto_error_status(&err), 400, 599);
        name = ditto_error_name(&err);
        assert_non_null(name);

        for (p = name; *p != '\0'; p++) {
            assert_non_null(strchr("abcdefghijklmnopqrstuvwxyzI.:", *p));
        }
    }
}


static json_t *
test_members(unit_pool_t *up, const ditto_error_t *err)
{
    json_t       *object;
    ditto_buf_t   buf;
    ditto_str_t   text;

    ditto_buf_init(&buf, &up->pool, 0);
    ditto_buf_char(&buf, '{');
    ditto_error_members(&buf, err);
    ditto_buf_char(&buf, '}');
    assert_int_equal(ditto_buf_done(&buf, &text), DITTO_OK);

    object = json_loadb((const char *) text.data, text.len,
                        JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
    assert_non_null(object);

    return object;
}


static const char *
test_member(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}


static void
test_error_texts(void **state)
{
    json_t         *object;
    ditto_str_t     text;
    ditto_buf_t     buf;
    unit_pool_t     up;
    ditto_error_t   err;
    ditto_str_t     topic = ditto_string("a\"b\\%1%2");
    ditto_str_t     second = ditto_string("second");

    (void) state;

    unit_pool_init(&up);

    (void) ditto_fail(&err, DITTO_E_UNKNOWN_TOPIC_PATH, topic, second);
    assert_int_equal(err.offset, 0);
    object = test_members(&up, &err);
    assert_int_equal(json_integer_value(json_object_get(object, "status")),
                     400);
    assert_string_equal(test_member(object, "error"),
                        "protocoladapter:unknown.topicpath");
    /* an argument is not a template */
    assert_string_equal(test_member(object, "message"),
                        "The topic path 'a\"b\\%1%2' is not supported.");
    assert_string_equal(test_member(object, "description"),
                        "Check if the topic path is correct.");
    assert_int_equal(json_object_size(object), 4);
    json_decref(object);

    /* templates of the caller */
    err.message = "%4%3%2 100% %5 at %@";
    err.description = "";
    err.args[2] = unit_str(&up, "three");
    err.offset = 18446744;
    err.header = unit_str(&up, "correlation-id");
    object = test_members(&up, &err);
    assert_string_equal(test_member(object, "message"),
                        "threesecond 100% %5 at 18446744");
    assert_null(json_object_get(object, "description"));
    assert_string_equal(test_member(object, "invalidHeaderKey"),
                        "correlation-id");
    json_decref(object);

    err.message = "";
    err.description = "%2";
    object = test_members(&up, &err);
    assert_null(json_object_get(object, "message"));
    assert_string_equal(test_member(object, "description"), "second");
    json_decref(object);

    /* bytes of a stranger stay inside their string */
    (void) ditto_fail(&err, DITTO_E_THING_ID_INVALID,
                      unit_span(&up, "\",\"x\":\"\0\xff\n", 10), second);
    object = test_members(&up, &err);
    assert_null(json_object_get(object, "x"));
    assert_string_equal(test_member(object, "href"),
                        "https://www.eclipse.dev/ditto/basic-namespaces-and-"
                        "names.html#namespaced-id");
    json_decref(object);

    ditto_buf_init(&buf, &up.pool, 0);
    (void) ditto_fail(&err, DITTO_E_INVALID_PATH, second, topic);
    ditto_error_text(&buf, &err);
    assert_int_equal(ditto_buf_done(&buf, &text), DITTO_OK);
    assert_true(ditto_str_eq(text, ditto_str(
        "The path 'second' is not valid. It should match the pattern: "
        "(/features/[^/]+)?/(inbox|outbox)/messages/<subject>")));

    /* no description, no blank at the end */
    ditto_buf_init(&buf, &up.pool, 0);
    assert_int_equal(ditto_fail_text(&err, DITTO_E_JSON_FORMAT_INVALID,
                                     "Once."),
                     DITTO_ERROR);
    ditto_error_text(&buf, &err);
    assert_int_equal(ditto_buf_done(&buf, &text), DITTO_OK);
    assert_true(ditto_str_eq(text, ditto_str("Once.")));

    unit_pool_free(&up);
}


static void
test_error_as(void **state)
{
    json_t         *object;
    unit_pool_t     up;
    ditto_error_t   err;
    ditto_str_t     expr = ditto_string("foo:%2"), none = ditto_null_string;

    (void) state;

    unit_pool_init(&up);

    (void) ditto_fail(&err, DITTO_E_PLACEHOLDER_UNRESOLVED, expr, none);
    err.offset = 7;

    assert_int_equal(ditto_fail_as(&up.pool, &err,
                                   DITTO_E_CONNECTION_CONFIGURATION),
                     DITTO_ERROR);
    assert_int_equal(err.code, DITTO_E_CONNECTION_CONFIGURATION);
    assert_int_equal(err.offset, 7);

    object = test_members(&up, &err);
    assert_string_equal(test_member(object, "error"),
                        "connectivity:connection.configuration.invalid");
    assert_string_equal(test_member(object, "message"),
                        "The placeholder 'foo:%2' could not be resolved.");
    assert_string_equal(test_member(object, "description"),
                        "Some placeholders could not be resolved. Check the "
                        "spelling of the placeholder and make sure all "
                        "required headers are set.");
    json_decref(object);

    /* one without a description has none of the new code either */
    (void) ditto_fail_text(&err, DITTO_E_JSON_FORMAT_INVALID, "x");
    (void) ditto_fail_as(&up.pool, &err, DITTO_E_CONNECTION_CONFIGURATION);
    object = test_members(&up, &err);
    assert_string_equal(test_member(object, "message"), "x");
    assert_null(json_object_get(object, "description"));
    json_decref(object);

    assert_int_equal(ditto_fail_memory(&err), DITTO_ERROR);
    assert_int_equal(ditto_fail_as(&up.pool, &err,
                                   DITTO_E_CONNECTION_CONFIGURATION),
                     DITTO_ERROR);
    assert_int_equal(err.code, DITTO_E_INTERNAL);
    assert_int_equal(ditto_error_status(&err), 500);

    unit_pool_free(&up);
}


/* What does not tell of a failure is complete. */
static ditto_rc_t
test_error_call(unit_pool_t *up, void *ctx, ditto_error_t *err)
{
    ditto_buf_t  buf;
    ditto_str_t  text, expr = ditto_string("foo:bar");

    (void) ctx;

    (void) ditto_fail(err, DITTO_E_PLACEHOLDER_UNRESOLVED, expr, expr);
    (void) ditto_fail_as(&up->pool, err, DITTO_E_CONNECTION_CONFIGURATION);

    if (err->code == DITTO_E_INTERNAL) {
        return DITTO_ERROR;
    }

    ditto_buf_init(&buf, &up->pool, 0);
    ditto_error_members(&buf, err);

    if (unit_buf_done(&buf, &text, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    assert_true(ditto_str_find(text, ditto_str("\"message\":\"The"))
                <= text.len);
    assert_true(ditto_str_find(text, ditto_str("\"description\":\"Some"))
                <= text.len);

    return DITTO_OK;
}


static void
test_error_memory(void **state)
{
    (void) state;

    assert_in_range(unit_every_allocation(NULL, test_error_call, NULL), 4, 20);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_compare),
        cmocka_unit_test(test_search),
        cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_buf),
        cmocka_unit_test(test_pointer),
        cmocka_unit_test(test_pointer_memory),
        cmocka_unit_test(test_error_table),
        cmocka_unit_test(test_error_texts),
        cmocka_unit_test(test_error_as),
        cmocka_unit_test(test_error_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
