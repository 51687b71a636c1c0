#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "ditto_header_table.h"
#include "ditto_headers.h"
#include "ditto_instant.h"
#include "ditto_json_print.h"
#include "unit_pool.h"


typedef struct {
    const char  *in;
    const char  *internal;       /* "name=value|..." after stripping */
    const char  *rendered;
} header_case_t;


typedef struct {
    const char  *in;
    const char  *error;          /* "code message / description" */
} header_error_t;


typedef struct {
    const char  *in;
    const char  *out;            /* NULL: none; "@n": fails at n */
} header_pair_t;


static const header_case_t  header_cases[] = {

    { "{}", "", "{}" },
    { "{\"a\":1,\"b\":true,\"c\":null,\"d\":\"x\"}",
      "a=1|b=true|d=x|", "{\"a\":\"1\",\"b\":\"true\",\"d\":\"x\"}" },
    { "{\"a\":1.50,\"b\":[ 1.50 , \"\\u00e4\" ]}",
      "a=1.5|b=[1.50,\"\xc3\xa4\"]|",
      "{\"a\":\"1.5\",\"b\":\"[1.50,\\\"\xc3\xa4\\\"]\"}" },

    /* the last one counts, in the place of the first */
    { "{\"a\":\"1\",\"b\":\"2\",\"A\":\"3\"}", "A=3|b=2|",
      "{\"A\":\"3\",\"b\":\"2\"}" },
    { "{\"a\":\"1\",\"b\":\"2\",\"a\":null}", "b=2|", "{\"b\":\"2\"}" },
    { "{\"a\":\"1\",\"A\":null}", "a=1|", "{\"a\":\"1\"}" },
    { "{\"dry-run\":\"x\",\"dry-run\":true}", "dry-run=true|",
      "{\"dry-run\":true}" },

    /* what must not come in, in any spelling */
    { "{\"ditto-originator\":\"x\",\"Ditto-Originator\":\"y\"}", "", "{}" },
    { "{\"DITTO-ORIGINATOR\":\"y\",\"z\":\"1\"}", "z=1|",
      "{\"z\":\"1\"}" },
    { "{\"Ditto-Read-Subjects\":\"[]\",\"ditto-\\u006frigin\":\"c\","
      "\"ditto-message-subject\":\"s\",\"Entity-Revision\":5}", "", "{}" },

    /* what may come in, but does not go out */
    { "{\"accept\":\"x\",\"if-match\":\"*\",\"condition\":\"eq()\"}",
      "accept=x|if-match=*|condition=eq()|", "{}" },

    /* types */
    { "{\"response-required\":\"true\",\"requested-acks\":\"[ \\\"abc\\\" ]\"}",
      "response-required=true|requested-acks=[ \"abc\" ]|",
      "{\"response-required\":true,\"requested-acks\":[\"abc\"]}" },
    { "{\"requested-acks\":[\"abc\",\"twin-persisted\",\"live-response\"]}",
      "requested-acks=[\"abc\",\"twin-persisted\",\"live-response\"]|",
      "{\"requested-acks\":[\"abc\"]}" },
    { "{\"requested-acks\":[\"twin-persisted\",\"search-persisted\"]}",
      "requested-acks=[\"twin-persisted\",\"search-persisted\"]|", "{}" },
    { "{\"requested-acks\":[]}", "requested-acks=[]|",
      "{\"requested-acks\":[]}" },
    { "{\"Dry-Run\":\"yes\"}", "Dry-Run=yes|", "{\"Dry-Run\":\"yes\"}" },
    { "{\"status\":\"abc\",\"timestamp\":5}", "status=abc|timestamp=5|",
      "{\"status\":\"abc\",\"timestamp\":\"5\"}" },
    { "{\"get-metadata\":\"\",\"put-metadata\":[5],"
      "\"delete-metadata\":\"a\"}", "delete-metadata=a|", "{}" },
    { "{\"Put-Metadata\":\"[{\"}", "", "{}" },
    { "{\"if-none-match\":\"\\\"a\\\" , W/\\\"b\\\",*,,\"}",
      "if-none-match=\"a\" , W/\"b\",*,,|", "{}" },
    { "{\"if-match\":\" , \"}", "if-match= , |", "{}" },
    { "{\"timeout\":\"10ms\",\"channel\":\" LIVE \"}",
      "timeout=10ms|channel= LIVE |",
      "{\"timeout\":\"10ms\",\"channel\":\" LIVE \"}" },
};


static const header_error_t  header_errors[] = {

    { "5", "json.invalid Value <5> for </headers> is not of type "
      "<JsonObject>!" },
    { "{\"a\":\"\\ud83d\"}", "json.invalid" },
    { "{\"\\ude00\":\"a\"}", "json.invalid" },
    { "{\"correlation-id\":\"\"}", "header.invalid The value of the header "
      "'correlation-id' must not be empty. / Verify that the header has the "
      "correct syntax and try again." },
    { "{\"response-required\":\"TRUE\"}", "header.invalid The value 'TRUE' "
      "of the header 'response-required' is not a valid boolean. / Verify "
      "that the value of the header 'response-required' is a valid "
      "'boolean' and try again." },
    { "{\"ditto-auth-context\":\"zz\"}", "header.invalid The value 'zz'" },
    { "{\"ditto-reply-target\":2147483648}", "header.invalid The value "
      "'2147483648' of the header 'ditto-reply-target' is not a valid int." },
    { "{\"entity-revision\":\"-9223372036854775809\"}",
      "header.invalid The value '-9223372036854775809'" },
    { "{\"channel\":\"foo\"}", "header.invalid The value 'foo' of the header "
      "'channel' is not a valid channel. / The value must either be <twin> "
      "or <live>." },
    { "{\"requested-acks\":\"a,b\"}", "header.invalid The value 'a,b' of the "
      "header 'requested-acks' is not a valid JSON array. /" },
    { "{\"requested-acks\":[\"a\"]}", "header.invalid The value '[\"a\"]' of "
      "the header 'requested-acks' is not a valid JSON array of "
      "acknowledgement labels. /" },
    { "{\"requested-acks\":[5]}", "header.invalid JSON array for "
      "<requested-acks> contained invalid acknowledgement labels. /" },
    { "{\"declared-acks\":[5]}", "header.invalid JSON array for "
      "<declared-acks> contained non-string values! /" },
    { "{\"requested-acks\":\"\"}", "json.format.invalid The JSON string to "
      "create a JSON array from must not be empty!" },
    { "{\"ditto-metadata\":\"\"}", "json.format.invalid The JSON string to "
      "create a JSON object from must not be empty!" },
    { "{\"etag\":\"a\"}", "header.invalid The value 'a' of the header 'etag' "
      "is not a valid entity-tag." },
    { "{\"if-match\":\"\\\"a\\\",b\"}", "header.invalid The value 'b' of the "
      "header 'if-match' is not a valid entity-tag." },
    { "{\"if-match\":\"\"}", "header.invalid The value '' of" },
    { "{\"put-metadata\":\"true\"}", "header.invalid The value 'true' of the "
      "header 'put-metadata' is not a valid MetadataHeaders. / <true> is not "
      "a valid JSON array! Check if" },
    { "{\"put-metadata\":[{\"key\":\"a\"}]}", "header.invalid" },
    { "{\"get-metadata\":\"a(b\"}", "header.invalid The value 'a(b' of the "
      "header 'get-metadata' is not a valid field selector. /" },
    { "{\"get-metadata\":\"a//b\"}", "json.pointer.invalid The JSON pointer "
      "<a//b> is invalid!" },
    { "{\"timeout\":\"-5\"}", "timeout.invalid The duration must not be "
      "negative but was <-5>! / Please choose a valid timeout." },
};


static const header_pair_t  header_durations[] = {
    { "10", "10000" }, { "10s", "10000" }, { "500ms", "500" },
    { "2m", "120000" }, { "1h", "3600000" }, { "1d", "86400000" },
    { "1w", "604800000" }, { "1mo", "2629746000" },
    { "1y", "31556952000" }, { "+5", "5000" }, { "-0", "0" },
    { "9223372036854775807y", "9223372036854775807" },
    { "", NULL }, { "s", NULL }, { "5 s", NULL }, { "5S", NULL },
    { "1.5s", NULL }, { "-1s", NULL }, { "99999999999999999999", NULL },
    { "+", NULL },
};


static const header_pair_t  header_instants[] = {
    { "2024-01-02T03:04:05Z", "2024-01-02T03:04:05Z" },
    { "2024-01-02T03:04:05.1Z", "2024-01-02T03:04:05.100Z" },
    { "2024-01-02T03:04:05.0001Z", "2024-01-02T03:04:05.000100Z" },
    { "2024-01-02T03:04:05.000000001Z", "2024-01-02T03:04:05.000000001Z" },
    { "2024-01-02T03:04:05+02:00", "2024-01-02T01:04:05Z" },
    { "2024-01-02t03:04:05.z", "2024-01-02T03:04:05Z" },
    { "2024-12-31T24:00:00Z", "2025-01-01T00:00:00Z" },
    { "2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z" },
    { "2024-02-29T00:00:00-00:30:15", "2024-02-29T00:30:15Z" },
    { "0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z" },
    { "-0001-03-01T00:00:00Z", "-0001-03-01T00:00:00Z" },
    { "+12024-01-02T03:04:05Z", "+12024-01-02T03:04:05Z" },
    { "1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.500Z" },
    { "zz", "@0" }, { "", "@0" }, { "1704164645", "@0" },
    { "2023-02-29T00:00:00Z", "@0" }, { "2024-01-02T25:00:00Z", "@0" },
    { "2024-01-02T03:04Z", "@16" }, { "2024-01-02T03:04:05", "@19" },
    { "2024-01-02T03:04:05+0200", "@19" },
    { "2024-01-02T03:04:05.1234567890Z", "@29" },
    { "2024-01-02T03:04:05Zx", "@20" }, { "+2024-01-02T03:04:05Z", "@0" },
    { "-24-01-02T03:04:05Z", "@1" },
};


static const header_pair_t  header_numbers[] = {
    { "1", "1" }, { "-7", "-7" }, { "-0", "0" }, { "-0.0", "-0.0" },
    { "1.50", "1.5" }, { "1e10", "1.0E10" }, { "0.00001", "1.0E-5" },
    { "0.001", "0.001" }, { "-1.50e-3", "-0.0015" }, { "1E2", "100.0" },
    { "9999999.0", "9999999.0" }, { "10000000.0", "1.0E7" },
    { "12345678901234567890.0", "1.2345678901234567E19" },
    { "4.9e-324", "4.9E-324" }, { "1e400", "Infinity" },
    { "-1e400", "-Infinity" }, { "1.7976931348623157e308",
      "1.7976931348623157E308" }, { "0.1", "0.1" }, { "123.456", "123.456" },
    { "true", "true" }, { "[ 1.50 ]", "[1.50]" }, { "\"a\\/b\"", "\"a/b\"" },
};


static void
header_internal(ditto_buf_t *buf, const ditto_headers_t *headers)
{
    size_t  i;

    for (i = 0; i < headers->n; i++) {
        ditto_buf_str(buf, headers->elts[i].name);
        ditto_buf_char(buf, '=');
        ditto_buf_str(buf, headers->elts[i].value);
        ditto_buf_char(buf, '|');
    }

    ditto_buf_char(buf, '\0');
}


static void
test_read(void **state)
{
    size_t                i;
    unit_pool_t           up;
    ditto_buf_t           buf;
    ditto_error_t         err;
    ditto_headers_t       headers;
    const header_case_t  *c;

    (void) state;

    for (i = 0; i < sizeof(header_cases) / sizeof(header_cases[0]); i++) {
        c = &header_cases[i];

        unit_pool_init(&up);
        ditto_headers_init(&headers, &up.pool);

        assert_int_equal(ditto_headers_read(&headers, unit_str(&up, c->in),
                                            false, &err), DITTO_OK);
        ditto_headers_strip(&headers);

        ditto_buf_init(&buf, &up.pool, 0);
        header_internal(&buf, &headers);
        assert_string_equal(buf.data, c->internal);

        ditto_buf_init(&buf, &up.pool, 0);
        ditto_headers_render(&buf, &headers);
        ditto_buf_char(&buf, '\0');
        assert_string_equal(buf.data, c->rendered);

        unit_pool_free(&up);
    }
}


static void
test_errors(void **state)
{
    size_t                 i;
    unit_pool_t            up;
    ditto_buf_t            buf;
    ditto_error_t          err;
    ditto_headers_t        headers;
    const header_error_t  *c;

    (void) state;

    for (i = 0; i < sizeof(header_errors) / sizeof(header_errors[0]); i++) {
        c = &header_errors[i];

        unit_pool_init(&up);
        ditto_headers_init(&headers, &up.pool);

        assert_int_equal(ditto_headers_read(&headers, unit_str(&up, c->in),
                                            false, &err), DITTO_ERROR);

        ditto_buf_init(&buf, &up.pool, 0);
        ditto_buf_text(&buf, ditto_error_name(&err));
        ditto_buf_char(&buf, ' ');
        ditto_error_message(&buf, &err);
        ditto_buf_text(&buf, " / ");
        ditto_error_description(&buf, &err);
        ditto_buf_char(&buf, '\0');

        if (strncmp((char *) buf.data, c->error, strlen(c->error)) != 0) {
            assert_string_equal(buf.data, c->error);
        }

        unit_pool_free(&up);
    }
}


static void
test_message(void **state)
{
    unit_pool_t            up;
    ditto_error_t          err;
    ditto_headers_t        headers;
    const ditto_header_t  *h;

    (void) state;

    unit_pool_init(&up);

    ditto_headers_init(&headers, &up.pool);
    assert_int_equal(ditto_headers_read(&headers,
        unit_str(&up, "{\"status\":\"abc\"}"), true, &err), DITTO_ERROR);
    assert_int_equal(err.code, DITTO_E_HEADER_INVALID);

    ditto_headers_init(&headers, &up.pool);
    assert_int_equal(ditto_headers_read(&headers,
        unit_str(&up, "{\"status\":99}"), false, &err), DITTO_OK);
    assert_int_equal(ditto_headers_message(&headers, &err), DITTO_ERROR);
    assert_true(ditto_str_eq(err.args[2], ditto_str("HTTP status code")));

    ditto_headers_init(&headers, &up.pool);
    assert_int_equal(ditto_headers_read(&headers, unit_str(&up,
        "{\"timestamp\":\"2024-01-02T03:04+01:00\",\"status\":200}"), false,
        &err), DITTO_OK);
    assert_int_equal(ditto_headers_message(&headers, &err), DITTO_OK);
    h = ditto_headers_get(&headers, ditto_str("STATUS"));
    assert_non_null(h);
    assert_non_null(h->definition);

    /* an offset may be hours only, as OffsetDateTime reads it */

    ditto_headers_init(&headers, &up.pool);
    assert_int_equal(ditto_headers_read(&headers, unit_str(&up,
        "{\"timestamp\":\"2024-01-02T03:04:05+01\"}"), false, &err),
        DITTO_OK);
    assert_int_equal(ditto_headers_message(&headers, &err), DITTO_OK);

    ditto_headers_init(&headers, &up.pool);
    assert_int_equal(ditto_headers_read(&headers, unit_str(&up,
        "{\"timestamp\":\"2024-01-02T24:00:00Z\"}"), false, &err),
        DITTO_OK);
    assert_int_equal(ditto_headers_message(&headers, &err), DITTO_ERROR);

    ditto_headers_init(&headers, &up.pool);
    assert_int_equal(ditto_headers_read(&headers,
        unit_str(&up, "{\"Dry-Run\":\"yes\"}"), false, &err), DITTO_OK);
    assert_int_equal(ditto_headers_spelled(&headers, &err), DITTO_ERROR);

    unit_pool_free(&up);
}


static void
test_change(void **state)
{
    unit_pool_t      up;
    ditto_buf_t      buf;
    ditto_error_t    err;
    ditto_headers_t  headers;

    (void) state;

    unit_pool_init(&up);
    ditto_headers_init(&headers, &up.pool);

    assert_int_equal(ditto_headers_read(&headers, unit_str(&up,
        "{\"A\":\"1\",\"b\":\"2\",\"c\":\"3\"}"), false, &err), DITTO_OK);

    assert_int_equal(ditto_headers_set(&headers, ditto_str("a"),
                                       ditto_str("x")), DITTO_OK);
    assert_int_equal(ditto_headers_put(&headers, ditto_str("B"),
                                       ditto_str("y"), DITTO_HEADER_TEXT),
                     DITTO_OK);
    assert_int_equal(ditto_headers_set(&headers, ditto_str("Dry-Run"),
                                       ditto_str("true")), DITTO_OK);
    ditto_headers_remove(&headers, ditto_str("C"));
    ditto_headers_remove(&headers, ditto_str("none"));

    ditto_buf_init(&buf, &up.pool, 0);
    ditto_headers_render(&buf, &headers);
    ditto_buf_char(&buf, '\0');
    assert_string_equal(buf.data,
                        "{\"a\":\"x\",\"B\":\"y\",\"Dry-Run\":true}");

    unit_pool_free(&up);
}


static void
test_too_large(void **state)
{
    size_t           i;
    unit_pool_t      up;
    ditto_buf_t      buf;
    ditto_str_t      text;
    ditto_error_t    err;
    ditto_headers_t  headers;

    (void) state;

    for (i = 5118; i <= 5120; i++) {
        unit_pool_init(&up);

        ditto_buf_init(&buf, &up.pool, 0);
        ditto_buf_text(&buf, "{\"n\":\"");

        while (buf.len < 6 + i) {
            ditto_buf_char(&buf, 'x');
        }

        ditto_buf_text(&buf, "\"}");
        (void) ditto_buf_done(&buf, &text);

        ditto_headers_init(&headers, &up.pool);

        assert_int_equal(ditto_headers_read(&headers, text, false, &err),
                         i + 1 > DITTO_HEADERS_MAX ? DITTO_ERROR : DITTO_OK);

        unit_pool_free(&up);
    }

    assert_int_equal(err.code, DITTO_E_HEADERS_TOO_LARGE);
}


static void
test_texts(void **state)
{
    size_t                  i;
    char                    at[16];
    int64_t                 ms;
    unit_pool_t             up;
    ditto_buf_t             buf;
    ditto_error_t           err;
    ditto_instant_t         instant;
    ditto_instant_error_t   error;
    const header_pair_t    *c;

    (void) state;

    for (i = 0; i < sizeof(header_durations) / sizeof(header_durations[0]);
         i++)
    {
        c = &header_durations[i];
        unit_pool_init(&up);
        ditto_buf_init(&buf, &up.pool, 0);

        if (c->out == NULL) {
            assert_int_equal(ditto_duration_parse(unit_str(&up, c->in), &ms,
                                                  &err), DITTO_ERROR);
            assert_int_equal(err.code, DITTO_E_TIMEOUT_INVALID);

        } else {
            assert_int_equal(ditto_duration_parse(unit_str(&up, c->in), &ms,
                                                  &err), DITTO_OK);
            ditto_buf_int(&buf, ms);
            ditto_buf_char(&buf, '\0');
            assert_string_equal(buf.data, c->out);
        }

        unit_pool_free(&up);
    }

    for (i = 0; i < sizeof(header_instants) / sizeof(header_instants[0]);
         i++)
    {
        c = &header_instants[i];
        unit_pool_init(&up);
        ditto_buf_init(&buf, &up.pool, 0);

        if (ditto_instant_parse(unit_str(&up, c->in), &instant, &error)
            == DITTO_OK)
        {
            ditto_instant_render(&buf, &instant);
            ditto_buf_char(&buf, '\0');
            assert_string_equal(buf.data, c->out);

        } else {
            snprintf(at, sizeof(at), "@%u", (unsigned) error.index);
            assert_string_equal(at, c->out);
        }

        unit_pool_free(&up);
    }

    for (i = 0; i < sizeof(header_numbers) / sizeof(header_numbers[0]); i++) {
        c = &header_numbers[i];
        unit_pool_init(&up);
        ditto_buf_init(&buf, &up.pool, 0);
        ditto_json_add_value(&buf, unit_str(&up, c->in));
        ditto_buf_char(&buf, '\0');
        assert_string_equal(buf.data, c->out);
        unit_pool_free(&up);
    }
}


static void
test_labels(void **state)
{
    size_t  i;
    static const struct {
        const char  *label;
        bool         plain;
        bool         request;
    }  labels[] = {
        { "abc", true, true },
        { "ab", false, false },
        { "con-1:my_ack", true, true },
        { "a b", false, false },
        { "{{connection:id}}:my-ack", false, true },
        { "{{ connection:id }}:my-ack", false, true },
        { "{{connection}}:my-ack", false, false },
        { "{{connection:id}}my-ack", false, false },
        { "{{connection:id}}:a", false, false },
        { "{{", false, false },
    };

    (void) state;

    for (i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
        assert_int_equal(ditto_ack_label_valid(ditto_str(labels[i].label)),
                         labels[i].plain);
        assert_int_equal(ditto_ack_request_valid(ditto_str(labels[i].label)),
                         labels[i].request);
    }
}


/* Each known name is found, in any case, and nothing else is. */
static void
test_table(void **state)
{
    size_t                            i, j;
    char                              name[64];
    ditto_str_t                       s;
    const ditto_header_definition_t  *def;
    static const char                *names[] = {
        "etag", "accept", "status", "channel", "dry-run", "timeout",
        "if-equal", "if-match", "location", "reply-to", "condition",
        "timestamp", "ditto-sudo", "tracestate", "policy-view",
        "traceparent", "content-type", "ditto-origin", "get-metadata",
        "put-metadata", "authorization", "declared-acks", "ditto-dry-run",
        "if-none-match", "correlation-id", "ditto-metadata",
        "ditto-weak-ack", "requested-acks", "delete-metadata",
        "ditto-entity-id", "entity-revision", "ditto-originator",
        "www-authenticate", "response-required", "ditto-auth-context",
        "ditto-reply-target", "historical-headers", "ditto-connection-id",
        "ditto-read-subjects", "allow-policy-lockout",
        "ditto-message-subject", "at-historical-revision",
        "ditto-message-thing-id", "ditto-retrieve-deleted",
        "live-channel-condition", "at-historical-timestamp",
        "ditto-message-direction", "ditto-event-journal-tags",
        "ditto-message-feature-id", "ditto-ackgregator-address",
        "ditto-partial-access-paths", "ditto-read-revoked-subjects",
        "ditto-inbound-payload-mapper", "merge-thing-patch-conditions",
        "divert-response-to-connection", "ditto-expected-response-types",
        "live-channel-timeout-strategy", "divert-expected-response-types",
        "ditto-pre-defined-extra-fields", "live-channel-condition-matched",
        "diverted-response-from-connection",
        "ditto-policy-view-fields-selector",
        "ditto-pre-defined-extra-fields-object",
        "ditto-pre-defined-extra-fields-read-grant",
    };

    (void) state;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        def = ditto_header_definition(ditto_str(names[i]));
        assert_non_null(def);
        assert_true(ditto_str_eq(def->name, ditto_str(names[i])));

        for (j = 0; names[i][j] != '\0'; j++) {
            name[j] = (names[i][j] >= 'a' && names[i][j] <= 'z')
                      ? (char) (names[i][j] - 32) : names[i][j];
        }

        s.data = (unsigned char *) name;
        s.len = j;
        assert_ptr_equal(ditto_header_definition(s), def);

        s.len--;
        assert_ptr_not_equal(ditto_header_definition(s), def);
    }

    assert_null(ditto_header_definition(ditto_str("version")));
    assert_null(ditto_header_definition(ditto_str("")));
}


static ditto_rc_t
test_memory_call(unit_pool_t *up, void *ctx, ditto_error_t *err)
{
    ditto_buf_t      buf;
    ditto_str_t      in, text;
    ditto_headers_t  headers;

    (void) ctx;

    in = unit_str(up, "{\"\\u0061\":\"\\u0062\",\"n\":1.50,"
                  "\"o\":{ \"x\": \"\\u00e4\" },\"1\":1,\"2\":2,\"3\":3,"
                  "\"4\":4,\"5\":5,\"6\":6,\"7\":7,\"8\":8,\"9\":9,"
                  "\"10\":10,\"11\":1,\"12\":1,\"13\":1,\"14\":1}");

    ditto_headers_init(&headers, &up->pool);

    if (ditto_headers_read(&headers, in, false, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    if (ditto_headers_put(&headers, ditto_str("z"), ditto_str("1"),
                          DITTO_HEADER_PLAIN)
        != DITTO_OK)
    {
        return ditto_fail_memory(err);
    }

    ditto_buf_init(&buf, &up->pool, 0);
    ditto_headers_render(&buf, &headers);

    return unit_buf_done(&buf, &text, err);
}


static void
test_memory(void **state)
{
    (void) state;

    assert_in_range(unit_every_allocation(NULL, test_memory_call, NULL), 6,
                    100);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_message),
        cmocka_unit_test(test_change),
        cmocka_unit_test(test_too_large),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_labels),
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
