/*
 * The records that a target makes of what its mappers give: several of them,
 * one that fails, headers in the order in which the later wins, and the
 * character set of the payload.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "ditto_target.h"
#include "unit_pool.h"


#define EVENT(headers, value)                                                 \
    "{\"topic\":\"org.acme/pump-7/things/twin/events/modified\","             \
    "\"headers\":{\"correlation-id\":\"c-1\"" headers "},"                    \
    "\"path\":\"/attributes/rpm\",\"value\":" value ",\"revision\":12}"
#define MESSAGE(type, value)                                                  \
    "{\"topic\":\"org.acme/pump-7/things/live/messages/ask\","                \
    "\"headers\":{\"content-type\":\"" type "\"},"                            \
    "\"path\":\"/inbox/messages/ask\"" value "}"

/* "%s": what follows the target's address. */
#define CONNECTION                                                            \
    "{\"id\":\"k1\",\"connectionType\":\"kafka\",\"connectionStatus\":"       \
    "\"open\",\"uri\":\"tcp://h:1\",\"specificConfig\":{"                     \
    "\"bootstrapServers\":\"b:2\"},\"mappingDefinitions\":{"                  \
    "\"never\":{\"mappingEngine\":\"Ditto\",\"options\":{},"                  \
    "\"outgoingConditions\":{\"c\":\"fn:filter('eq','false')\"}},"            \
    "\"fails\":{\"mappingEngine\":\"Ditto\",\"options\":{},"                  \
    "\"outgoingConditions\":{\"c\":\"fn:replace('true','%%zz')|"              \
    "fn:url-decode()\"}},"                                                    \
    "\"drops\":{\"mappingEngine\":\"ConnectionStatus\",\"options\":{"         \
    "\"thingId\":\"a:b\"}}},\"targets\":[{\"topics\":[],"                     \
    "\"authorizationContext\":[\"t:a\"],\"address\":%s}]}"

#define MAPPERS(address, ids)  "\"" address "\",\"payloadMapping\":[" ids "]"
#define HEADERS(mapping)       "\"t\",\"headerMapping\":{" mapping "}"
#define TYPE(text)             HEADERS("\"content-type\":\"" text "\"")

#define DEFAULTS                                                              \
    "content-type=application/vnd.eclipse.ditto+json|correlation-id=c-1"
#define ID  "|ditto-connection-id=k1"


typedef struct {
    const char  *target;
    ditto_rc_t   rc;
    size_t       n;                  /* records */
    bool         unaddressed;
} test_mapping_t;


typedef struct {
    const char  *target;
    const char  *headers;            /* of the event */
    const char  *expected;           /* "name=value|..." */
} test_headers_t;


typedef struct {
    const char  *target;
    const char  *headers;
    const char  *value;              /* of the event */
    const char  *bytes;              /* of it in the record */
    size_t       size;
} test_charset_t;


typedef struct {
    ditto_signal_t        signal;
    ditto_scope_cache_t   cache;
    ditto_scope_t         scope;
    ditto_connection_t    connection;
    ditto_target_t       *target;
} test_case_t;


static void
test_set_up(unit_pool_t *up, const char *target, const char *signal,
    test_case_t *tc)
{
    char           text[4096];
    ditto_str_t    place;
    ditto_error_t  err;

    memset(tc, 0, sizeof(test_case_t));

    (void) snprintf(text, sizeof(text), CONNECTION, target);

    if (ditto_connection_parse(&up->pool, unit_str(up, text), &tc->connection,
                               &place, &err)
            != DITTO_OK
        || ditto_signal_parse(&up->pool, unit_str(up, signal), &tc->signal,
                              &err)
           != DITTO_OK)
    {
        fail_msg("%s, %s", target, signal);
    }

    tc->target = tc->connection.targets.elts;
    tc->scope.pool = &up->pool;
    tc->scope.cache = &tc->cache;
    tc->scope.signal = &tc->signal;
    tc->scope.connection_id = tc->connection.id;
}


static void
test_expect(unit_pool_t *up, const ditto_record_t *record,
    const char *expected)
{
    size_t       i;
    ditto_buf_t  buf;
    ditto_str_t  headers;

    ditto_buf_init(&buf, &up->pool, 0);

    for (i = 0; i < record->nheaders; i++) {
        ditto_buf_text(&buf, i == 0 ? "" : "|");
        ditto_buf_str(&buf, record->headers[i].name);
        ditto_buf_char(&buf, '=');
        ditto_buf_str(&buf, record->headers[i].value);
    }

    assert_int_equal(ditto_buf_done(&buf, &headers), DITTO_OK);

    if (!ditto_str_eq(headers, ditto_str(expected))) {
        fail_msg("expected %s, got %.*s", expected, (int) headers.len,
                 (const char *) headers.data);
    }
}


/* --- several mappers ------------------------------------------------------ */

static const test_mapping_t  test_mappings[] = {

    /* none named: Ditto; each gets the signal, in their order */
    { "\"t\"", DITTO_OK, 1, false },
    { MAPPERS("t", "\"Ditto\",\"Ditto\",\"Ditto\""), DITTO_OK, 3, false },

    /* one that drops it, or whose conditions are not met, is no error */
    { MAPPERS("t", "\"drops\",\"Ditto\",\"never\""), DITTO_OK, 1, false },
    { MAPPERS("t", "\"drops\",\"never\""), DITTO_DECLINED, 0, false },
    { MAPPERS("t", "\"drops\""), DITTO_DECLINED, 0, false },

    /* one that fails does not stop the others, wherever it is */
    { MAPPERS("t", "\"fails\",\"Ditto\""), DITTO_ERROR, 1, false },
    { MAPPERS("t", "\"Ditto\",\"fails\""), DITTO_ERROR, 1, false },
    { MAPPERS("t", "\"Ditto\",\"fails\",\"fails\",\"Ditto\""), DITTO_ERROR, 2,
      false },
    { MAPPERS("t", "\"fails\""), DITTO_ERROR, 0, false },
    { MAPPERS("t", "\"fails\",\"drops\""), DITTO_ERROR, 0, false },

    /* no address: no record of any; nobody asks where nothing is left */
    { MAPPERS("t/{{ header:nope }}", "\"Ditto\",\"Ditto\""), DITTO_DECLINED,
      0, true },
    { MAPPERS("t/{{ header:nope }}", "\"drops\""), DITTO_DECLINED, 0, false },
    { MAPPERS("t/{{ header:nope }}", "\"fails\",\"Ditto\""), DITTO_ERROR, 0,
      false },
    { MAPPERS("{{ thing:id }}", "\"Ditto\",\"Ditto\""), DITTO_ERROR, 0,
      false },
    { MAPPERS("{{ thing:id }}", "\"drops\""), DITTO_DECLINED, 0, false },

    /* a header that fails takes its record along */
    { "\"t\",\"headerMapping\":{\"a\":\"{{ header:bad | fn:url-decode() }}\"},"
      "\"payloadMapping\":[\"Ditto\",\"Ditto\"]", DITTO_ERROR, 0, false },
};


static void
test_mapping(void **state)
{
    bool                   unaddressed;
    size_t                 i, j;
    ditto_rc_t             rc;
    unit_pool_t            up;
    test_case_t            tc;
    ditto_array_t          records;
    ditto_error_t          err;
    ditto_record_t        *record;
    const test_mapping_t  *t;

    (void) state;

    for (i = 0; i < sizeof(test_mappings) / sizeof(test_mappings[0]); i++) {
        t = &test_mappings[i];

        unit_pool_init(&up);
        test_set_up(&up, t->target, EVENT(",\"bad\":\"%zz\"", "9"), &tc);

        /* what is there already stays */
        ditto_array_init(&records, &up.pool, sizeof(ditto_record_t));
        record = ditto_array_push(&records);
        assert_non_null(record);
        memset(record, 0, sizeof(ditto_record_t));
        record->topic = unit_str(&up, "before");

        rc = ditto_target_map(tc.target, &tc.scope, &records, &unaddressed,
                              &err);

        if (rc != t->rc || records.nelts != t->n + 1
            || (rc == DITTO_DECLINED && unaddressed != t->unaddressed))
        {
            fail_msg("%s: %d, %zu", t->target, rc, records.nelts);
        }

        if (rc == DITTO_ERROR) {
            assert_int_not_equal(err.code, DITTO_E_INTERNAL);
        }

        record = records.elts;
        assert_true(ditto_str_eq(record[0].topic, ditto_str("before")));

        for (j = 1; j < records.nelts; j++) {
            assert_true(ditto_str_eq(record[j].topic, ditto_str("t")));
            test_expect(&up, &record[j], DEFAULTS ID);
        }

        unit_pool_free(&up);
    }
}


/* --- spec: "Construction order" of the record's headers ------------------- */

#define PARENT  "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


static const test_headers_t  test_orders[] = {

    /* the sender's trace goes on, after what is mapped and over it */
    { "\"t\"", ",\"traceparent\":\"" PARENT "\",\"tracestate\":\"a=b\"",
      DEFAULTS "|traceparent=" PARENT "|tracestate=a=b" ID },
    { "\"t\"", ",\"tracestate\":\"a=b\"", DEFAULTS "|tracestate=a=b" ID },
    { "\"t\"", ",\"Traceparent\":\"" PARENT "\"",
      DEFAULTS "|traceparent=" PARENT ID },
    { HEADERS("\"a\":\"1\",\"traceparent\":\"mine\",\"Tracestate\":\"x\""),
      ",\"tracestate\":\"a=b\",\"traceparent\":\"" PARENT "\"",
      DEFAULTS "|a=1|traceparent=" PARENT "|Tracestate=x|tracestate=a=b" ID },
    { HEADERS("\"traceparent\":\"mine\""), "",
      DEFAULTS "|traceparent=mine" ID },
    { "\"t\"", ",\"traceparents\":\"x\",\"b3\":\"y\"", DEFAULTS ID },

    /* the connection's id over everything */
    { HEADERS("\"ditto-connection-id\":\"fake\""),
      ",\"ditto-connection-id\":\"sent\",\"traceparent\":\"" PARENT "\"",
      DEFAULTS "|ditto-connection-id=k1|traceparent=" PARENT },
};


static void
test_order(void **state)
{
    bool                   unaddressed;
    char                   signal[1024];
    size_t                 i;
    unit_pool_t            up;
    test_case_t            tc;
    ditto_array_t          records;
    ditto_error_t          err;
    const test_headers_t  *t;

    (void) state;

    for (i = 0; i < sizeof(test_orders) / sizeof(test_orders[0]); i++) {
        t = &test_orders[i];

        (void) snprintf(signal, sizeof(signal), EVENT("%s", "9"), t->headers);

        unit_pool_init(&up);
        test_set_up(&up, t->target, signal, &tc);
        ditto_array_init(&records, &up.pool, sizeof(ditto_record_t));

        assert_int_equal(ditto_target_map(tc.target, &tc.scope, &records,
                                          &unaddressed, &err),
                         DITTO_OK);
        assert_int_equal(records.nelts, 1);
        test_expect(&up, records.elts, t->expected);

        unit_pool_free(&up);
    }
}


/* --- spec: "Record construction", the value ------------------------------- */

#define GREEN  "\"gr\xc3\xbcn\""

#define BYTES(text)  text, sizeof(text) - 1


static const test_charset_t  test_charsets[] = {
    { "\"t\"", "", GREEN, BYTES("\"gr\xc3\xbcn\"") },
    /* that of the header as it is in the end */
    { TYPE("text/plain; charset=ISO-8859-1"), "", GREEN,
      BYTES("\"gr\xfcn\"") },
    { TYPE("text/plain; charset=US-ASCII"), "", GREEN, BYTES("\"gr?n\"") },
    { TYPE("text/plain; charset=UTF-16"), "", GREEN,
      BYTES("\0\"\0g\0r\0\xfc\0n\0\"") },
    { TYPE("text/plain; charset=UTF-8"), "", GREEN, BYTES(GREEN) },
    { TYPE("text/plain; charset=nope"), "", GREEN, BYTES(GREEN) },
    { TYPE("{{ header:type }}"), ",\"type\":\"x/y;charset=latin1\"", GREEN,
      BYTES("\"gr\xfcn\"") },
    /* not that of another header */
    { HEADERS("\"Content-Type\":\"text/plain; charset=ISO-8859-1\""), "",
      GREEN, BYTES(GREEN) },
    { "\"t\"", ",\"content-type\":\"text/plain; charset=ISO-8859-1\"", GREEN,
      BYTES(GREEN) },
};


static void
test_charset(void **state)
{
    bool                   unaddressed, reached;
    char                   signal[1024];
    size_t                 i, n;
    ditto_rc_t             rc;
    ditto_str_t            bytes;
    unit_pool_t            up;
    test_case_t            tc;
    ditto_array_t          records;
    ditto_error_t          err;
    ditto_record_t        *record;
    const test_charset_t  *t;

    (void) state;

    for (i = 0; i < sizeof(test_charsets) / sizeof(test_charsets[0]); i++) {
        t = &test_charsets[i];

        (void) snprintf(signal, sizeof(signal), EVENT("%s", "%s"), t->headers,
                        t->value);

        for (n = 1, reached = true; reached; n++) {
            unit_pool_init(&up);
            test_set_up(&up, t->target, signal, &tc);
            ditto_array_init(&records, &up.pool, sizeof(ditto_record_t));
            up.count = 0;
            up.fail_at = n;

            rc = ditto_target_map(tc.target, &tc.scope, &records,
                                  &unaddressed, &err);
            reached = (up.count >= n);

            if (rc == DITTO_ERROR) {
                assert_true(reached);
                assert_int_equal(err.code, DITTO_E_INTERNAL);
                assert_int_equal(records.nelts, 0);
                unit_pool_free(&up);
                continue;
            }

            assert_int_equal(rc, DITTO_OK);
            assert_int_equal(records.nelts, 1);

            record = records.elts;
            bytes.data = (const unsigned char *) t->bytes;
            bytes.len = t->size;

            if (ditto_str_find(record->value, bytes) > record->value.len) {
                fail_msg("%s: %.*s", t->target, (int) record->value.len,
                         (const char *) record->value.data);
            }

            unit_pool_free(&up);
        }
    }
}


/* Bytes are passed on as they are, and nothing is an empty value. */
static void
test_raw(void **state)
{
    bool             unaddressed;
    char             signal[1024];
    size_t           i;
    ditto_str_t      bytes;
    unit_pool_t      up;
    test_case_t      tc;
    ditto_array_t    records;
    ditto_error_t    err;
    ditto_record_t  *record;
    static const struct {
        const char  *type;
        const char  *value;          /* a member of the message */
        const char  *bytes;
        size_t       size;
    }  rows[] = {
        { "text/plain", ",\"value\":" GREEN, BYTES("gr\xc3\xbcn") },
        { "text/plain; charset=ISO-8859-1", ",\"value\":" GREEN,
          BYTES("gr\xfcn") },
        { "text/plain; charset=UTF-16", ",\"value\":\"\"", BYTES("") },
        { "text/plain; charset=UTF-16", "", BYTES("") },
        { "application/octet-stream; charset=UTF-16",
          ",\"value\":\"AQID\"", BYTES("\1\2\3") },
        { "image/png; charset=ISO-8859-1", ",\"value\":\"w6Q=\"",
          BYTES("\xc3\xa4") },
        { "image/png", "", BYTES("") },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {

        (void) snprintf(signal, sizeof(signal), MESSAGE("%s", "%s"),
                        rows[i].type, rows[i].value);

        unit_pool_init(&up);
        test_set_up(&up, MAPPERS("t", "\"RawMessage\""), signal, &tc);
        ditto_array_init(&records, &up.pool, sizeof(ditto_record_t));

        assert_int_equal(ditto_target_map(tc.target, &tc.scope, &records,
                                          &unaddressed, &err),
                         DITTO_OK);
        assert_int_equal(records.nelts, 1);

        record = records.elts;
        bytes.data = (const unsigned char *) rows[i].bytes;
        bytes.len = rows[i].size;

        if (record->value.data == NULL
            || !ditto_str_eq(record->value, bytes))
        {
            fail_msg("%s%s: %.*s", rows[i].type, rows[i].value,
                     (int) record->value.len,
                     (const char *) record->value.data);
        }

        unit_pool_free(&up);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_mapping),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_charset),
        cmocka_unit_test(test_raw),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
