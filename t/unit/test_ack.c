/*
 * Acknowledgements: what is asked for, what a target passes on of it, and the
 * bodies of answers.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "ditto_ack.h"
#include "unit_pool.h"


#define TEST_FAILURES  200

#define HEADERS(members)  "\"headers\":{" members "}"
#define ACKS(labels)      "\"requested-acks\":[" labels "]"

#define EVENT(channel, headers)                                               \
    "{\"topic\":\"org.acme/pump-7/things/" channel "/events/modified\","      \
    HEADERS(headers) ",\"path\":\"/attributes/rpm\",\"value\":9,"             \
    "\"revision\":12}"
#define COMMAND(channel, headers)                                             \
    "{\"topic\":\"org.acme/pump-7/things/" channel "/commands/delete\","      \
    HEADERS(headers) ",\"path\":\"/attributes/rpm\"}"
#define MESSAGE(status, headers)                                              \
    "{\"topic\":\"org.acme/pump-7/things/live/messages/ask\","                \
    HEADERS(headers) ",\"path\":\"/inbox/messages/ask\"" status "}"
#define ANNOUNCEMENT(headers)                                                 \
    "{\"topic\":\"org.acme/p/policies/announcements/subjectDeletion\","       \
    HEADERS(headers) ",\"path\":\"/\",\"value\":{\"deleteAt\":"               \
    "\"2026-08-18T10:00:00Z\",\"subjectIds\":[\"t:a\"]}}"

/*
 * Targets: 0 issues nothing, 1 and 2 a label each.  The source declares one.
 */
#define TARGET(address, more)                                                 \
    "{\"address\":\"" address "\",\"topics\":[\"_/_/things/twin/events\"],"   \
    "\"authorizationContext\":[\"t:a\"]" more "}"
#define TARGETS                                                               \
    TARGET("a", "") ","                                                       \
    TARGET("b", ",\"issuedAcknowledgementLabel\":\"k1:one\"") ","             \
    TARGET("c", ",\"issuedAcknowledgementLabel\":"                            \
           "\"{{connection:id}}:two\"")
#define CONNECTION(targets)                                                   \
    "{\"id\":\"k1\",\"connectionType\":\"kafka\",\"connectionStatus\":"       \
    "\"open\",\"uri\":\"tcp://h:1\",\"specificConfig\":{"                     \
    "\"bootstrapServers\":\"b:2\"},\"targets\":[" targets "],\"sources\":[{"  \
    "\"addresses\":[\"in\"],\"authorizationContext\":[\"t:in\"],"             \
    "\"declaredAcks\":[\"{{connection:id}}:src\"]}]}"


typedef struct {
    const char  *signal;
    const char  *labels;             /* separated by blanks */
} test_requested_t;


typedef struct {
    const char  *signal;
    bool         expected;
} test_live_t;


typedef struct {
    const char  *targets;
    size_t       target;
    const char  *signal;
    const char  *value;              /* of requested-acks; NULL: everything is
                                        passed on */
} test_forward_t;


typedef struct {
    size_t    n;
    unsigned  statuses[4];
    unsigned  expected;
} test_status_t;


typedef struct {
    bool          reduced;
    const char   *correlation_id;
    size_t        n;
    ditto_ack_t   acks[3];
    const char   *expected;
} test_render_t;


static ditto_signal_t *
test_signal(unit_pool_t *up, const char *text)
{
    ditto_error_t    err;
    ditto_signal_t  *signal;

    signal = ditto_zalloc(&up->pool, sizeof(ditto_signal_t));
    assert_non_null(signal);

    if (ditto_signal_parse(&up->pool, unit_str(up, text), signal, &err)
        != DITTO_OK)
    {
        fail_msg("no signal: %s", text);
    }

    return signal;
}


/* The words of an array of ditto_str_t, between blanks. */
static ditto_str_t
test_words(unit_pool_t *up, const ditto_array_t *words)
{
    size_t        i;
    ditto_buf_t   buf;
    ditto_str_t   text, *word;

    ditto_buf_init(&buf, &up->pool, 0);

    for (i = 0, word = words->elts; i < words->nelts; i++) {
        ditto_buf_text(&buf, i == 0 ? "" : " ");
        ditto_buf_str(&buf, word[i]);
    }

    assert_int_equal(ditto_buf_done(&buf, &text), DITTO_OK);

    return text;
}


/* --- what a signal asks for ----------------------------------------------- */

static const test_requested_t  test_requests[] = {
    { EVENT("twin", ""), "" },
    { EVENT("twin", ACKS("")), "" },
    { EVENT("twin", ACKS("\"abc\"")), "abc" },
    { EVENT("twin", ACKS("\"c-1\",\"b:1\",\"a_1\"")), "c-1 b:1 a_1" },
    /* each once, where it is first */
    { EVENT("twin", ACKS("\"bbb\",\"aaa\",\"bbb\",\"aaa\",\"ccc\"")),
      "bbb aaa ccc" },
    { EVENT("twin", ACKS("\"abc\",\"\\u0061bc\",\"ABC\"")), "abc ABC" },
    /* those that Ditto answers itself are asked for, too */
    { EVENT("twin", ACKS("\"twin-persisted\",\"live-response\"")),
      "twin-persisted live-response" },
    { EVENT("twin", ACKS("\"{{ connection:id }}:abc\"")),
      "{{ connection:id }}:abc" },
    { EVENT("twin", "\"Requested-Acks\":[\"abc\"]"), "abc" },
    { EVENT("twin", "\"requested-acks\":\"[ \\\"abc\\\" , \\\"def\\\" ]\""),
      "abc def" },
    { MESSAGE("", ACKS("\"abc\"")), "abc" },
    { ANNOUNCEMENT(ACKS("\"abc\"")), "abc" },
    { EVENT("twin", "\"declared-acks\":[\"abc\"]"), "" },
};


static void
test_requested(void **state)
{
    size_t                   i;
    ditto_str_t              text;
    unit_pool_t              up;
    ditto_array_t            labels;
    ditto_error_t            err;
    const test_requested_t  *t;

    (void) state;

    for (i = 0; i < sizeof(test_requests) / sizeof(test_requests[0]); i++) {
        t = &test_requests[i];

        unit_pool_init(&up);

        assert_int_equal(ditto_acks_requested(&up.pool,
                                              test_signal(&up, t->signal),
                                              &labels, &err),
                         DITTO_OK);

        text = test_words(&up, &labels);

        if (!ditto_str_eq(text, ditto_str(t->labels))) {
            fail_msg("%s: %.*s", t->signal, (int) text.len,
                     (const char *) text.data);
        }

        unit_pool_free(&up);
    }
}


static void
test_labels(void **state)
{
    size_t         i;
    unit_pool_t    up;
    ditto_str_t   *label;
    ditto_array_t  labels;

    static const char *const  internal[] = {
        "twin-persisted", "live-response", "search-persisted"
    };

    (void) state;

    unit_pool_init(&up);
    ditto_array_init(&labels, &up.pool, sizeof(ditto_str_t));

    assert_false(ditto_acks_custom(&labels));
    assert_false(ditto_acks_contain(&labels, ditto_str("abc")));

    for (i = 0; i < 3; i++) {
        label = ditto_array_push(&labels);
        assert_non_null(label);
        *label = unit_str(&up, internal[i]);
        assert_false(ditto_acks_custom(&labels));
    }

    label = ditto_array_push(&labels);
    assert_non_null(label);
    *label = unit_str(&up, "Live-Response");

    assert_true(ditto_acks_custom(&labels));

    assert_true(ditto_acks_contain(&labels, ditto_live_response));
    assert_true(ditto_acks_contain(&labels, ditto_str("Live-Response")));
    assert_false(ditto_acks_contain(&labels, ditto_str("live-respons")));
    assert_false(ditto_acks_contain(&labels, ditto_str("live-response1")));
    assert_false(ditto_acks_contain(&labels, ditto_str("")));

    unit_pool_free(&up);
}


/* --- spec: "Target-issued label" ------------------------------------------ */

static const test_live_t  test_lives[] = {
    { MESSAGE("", ""), true },
    { MESSAGE("", "\"response-required\":true"), true },
    { MESSAGE("", "\"response-required\":\"true\""), true },
    { MESSAGE("", "\"response-required\":false"), false },
    { COMMAND("live", ""), true },
    { COMMAND("live", "\"response-required\":true"), true },
    { COMMAND("live", "\"response-required\":false"), false },
    /* whether or not it is asked for */
    { MESSAGE("", ACKS("\"abc\"")), true },
    { MESSAGE("", "\"response-required\":false,"
                  ACKS("\"live-response\"")), false },
    /* the header channel decides */
    { COMMAND("twin", "\"channel\":\"live\""), true },
    { COMMAND("twin", ""), false },
    /* nobody answers an answer, an event or an announcement */
    { MESSAGE(",\"status\":200", "\"response-required\":true"), false },
    { EVENT("live", ACKS("\"live-response\"")), false },
    { EVENT("twin", ACKS("\"live-response\"")), false },
    { ANNOUNCEMENT("\"response-required\":true"), false },
};


static void
test_live(void **state)
{
    size_t              i;
    unit_pool_t         up;
    const test_live_t  *t;

    (void) state;

    for (i = 0; i < sizeof(test_lives) / sizeof(test_lives[0]); i++) {
        t = &test_lives[i];

        unit_pool_init(&up);

        if (ditto_ack_live(test_signal(&up, t->signal)) != t->expected) {
            fail_msg("%s", t->signal);
        }

        unit_pool_free(&up);
    }
}


/* --- spec: "Headers", the reduction done by a connection ------------------ */

#define LIVE_TARGETS                                                          \
    TARGETS ","                                                               \
    TARGET("d", ",\"issuedAcknowledgementLabel\":\"live-response\"")


static const test_forward_t  test_forwards[] = {

    { TARGETS, 0, EVENT("twin", ""), NULL },
    { TARGETS, 0, EVENT("twin", ACKS("")), NULL },

    /* nothing that a source declares: what the targets issue */
    { TARGETS, 0, EVENT("twin", ACKS("\"k1:one\"")), NULL },
    { TARGETS, 0, EVENT("twin", ACKS("\"k1:two\",\"k1:one\"")), NULL },
    { TARGETS, 0, EVENT("twin", ACKS("\"k2:one\",\"k1:two\",\"abc\"")),
      "[\"k1:two\"]" },
    { TARGETS, 0, EVENT("twin", ACKS("\"abc\"")), "[]" },
    { TARGETS, 0, EVENT("twin", ACKS("\"k1:one\",\"live-response\"")),
      "[\"k1:one\"]" },
    { LIVE_TARGETS, 0, EVENT("twin", ACKS("\"abc\",\"live-response\"")),
      "[\"live-response\"]" },
    { TARGETS, 0, EVENT("twin", ACKS("\"K1:one\",\"k1:on\"")), "[]" },
    { TARGETS, 0, ANNOUNCEMENT(ACKS("\"abc\",\"k1:one\"")),
      "[\"k1:one\"]" },

    /* one that a source declares: those, the issued ones, live-response */
    { TARGETS, 0, EVENT("twin", ACKS("\"k1:src\"")), NULL },
    { TARGETS, 0, EVENT("twin", ACKS("\"k1:src\",\"abc\"")),
      "[\"k1:src\"]" },
    { TARGETS, 0, EVENT("twin", ACKS("\"abc\",\"live-response\",\"k1:src\","
                                     "\"k1:one\"")),
      "[\"live-response\",\"k1:src\",\"k1:one\"]" },
    { TARGETS, 0, EVENT("twin", ACKS("\"twin-persisted\",\"k1:src\"")),
      "[\"k1:src\"]" },

    /* the same for what expects an answer */
    { TARGETS, 1, MESSAGE("", ACKS("\"abc\",\"k1:two\",\"live-response\"")),
      "[\"k1:two\",\"live-response\"]" },
    { TARGETS, 1, COMMAND("live", ACKS("\"abc\",\"live-response\"")),
      "[\"live-response\"]" },
    { TARGETS, 0, MESSAGE("", "\"response-required\":false,"
                              ACKS("\"abc\",\"live-response\"")), "[]" },
    { TARGETS, 0, MESSAGE("", "\"response-required\":false,"
                              ACKS("\"k1:src\",\"live-response\"")), NULL },

    /* an event at a target that issues one: what consumers can answer */
    { TARGETS, 1, EVENT("twin", ACKS("\"k1:one\"")), "[]" },
    { TARGETS, 1, EVENT("live", ACKS("\"k1:one\"")), "[]" },
    { TARGETS, 2, EVENT("twin", ACKS("\"k1:one\"")), "[]" },
    { TARGETS, 1, EVENT("twin", ACKS("\"k1:src\"")), NULL },
    { TARGETS, 2, EVENT("twin", ACKS("\"k1:one\",\"k1:src\",\"k1:two\","
                                     "\"live-response\",\"abc\"")),
      "[\"k1:src\"]" },
    /* but not a message or a command */
    { TARGETS, 1, MESSAGE("", ACKS("\"k1:one\"")), NULL },
    { TARGETS, 1, COMMAND("live", ACKS("\"k1:one\",\"abc\"")),
      "[\"k1:one\"]" },
    { TARGETS, 1, ANNOUNCEMENT(ACKS("\"k1:one\"")), NULL },

    /* whatever the spelling of the name, and of the label */
    { TARGETS, 0, EVENT("twin", "\"Requested-Acks\":[\"abc\"]"), "[]" },
    { TARGETS, 0, EVENT("twin", ACKS("\"k\\u0031:one\",\"abc\"")),
      "[\"k1:one\"]" },
};


static void
test_connection(unit_pool_t *up, const char *targets,
    ditto_connection_t *connection)
{
    char           text[4096];
    ditto_str_t    place;
    ditto_error_t  err;

    (void) snprintf(text, sizeof(text), CONNECTION("%s"), targets);

    if (ditto_connection_parse(&up->pool, unit_str(up, text), connection,
                               &place, &err)
        != DITTO_OK)
    {
        fail_msg("no connection: %.*s", (int) place.len,
                 (const char *) place.data);
    }
}


/* The same headers, but for the value of requested-acks (NULL: it too). */
static void
test_headers(const ditto_headers_t *headers, const ditto_headers_t *expected,
    const char *value)
{
    size_t                 i;
    const ditto_header_t  *h, *was;

    assert_int_equal(headers->n, expected->n);

    for (i = 0; i < headers->n; i++) {
        h = &headers->elts[i];
        was = &expected->elts[i];

        assert_true(ditto_str_caseeq(h->name, was->name));

        if (value == NULL
            || !ditto_str_caseeq(h->name, ditto_str("requested-acks")))
        {
            assert_true(ditto_str_eq(h->value, was->value));

        } else if (!ditto_str_eq(h->value, ditto_str(value))) {
            fail_msg("expected %s, got %.*s", value, (int) h->value.len,
                     (const char *) h->value.data);
        }
    }
}


static void
test_forward(void **state)
{
    size_t                  i;
    ditto_rc_t              rc;
    unit_pool_t             up;
    ditto_error_t           err;
    ditto_signal_t         *signal, out;
    ditto_headers_t         headers;
    ditto_connection_t      connection;
    const ditto_target_t   *target;
    const test_forward_t   *t;

    (void) state;

    for (i = 0; i < sizeof(test_forwards) / sizeof(test_forwards[0]); i++) {
        t = &test_forwards[i];

        unit_pool_init(&up);
        signal = test_signal(&up, t->signal);
        test_connection(&up, t->targets, &connection);

        headers = signal->headers;
        headers.elts = ditto_alloc(&up.pool,
                                   headers.n * sizeof(ditto_header_t));
        assert_non_null(headers.elts);
        memcpy(headers.elts, signal->headers.elts,
               headers.n * sizeof(ditto_header_t));

        target = connection.targets.elts;
        rc = ditto_acks_forward(&up.pool, &connection, &target[t->target],
                                signal, &out, &err);

        if (rc != (t->value == NULL ? DITTO_DECLINED : DITTO_OK)) {
            fail_msg("%s at %zu: %d", t->signal, t->target, rc);
        }

        /* others get what they got */
        test_headers(&signal->headers, &headers, NULL);

        if (rc == DITTO_OK) {
            test_headers(&out.headers, &headers, t->value);
            assert_true(out.value.data == signal->value.data);
            assert_true(out.id.data == signal->id.data);
            assert_int_equal(out.kind, signal->kind);
        }

        unit_pool_free(&up);
    }
}


/* --- spec: "Aggregated acknowledgements" ---------------------------------- */

static const test_status_t  test_statuses[] = {
    { 1, { 204 }, 204 },
    { 1, { 200 }, 200 },
    { 1, { 503 }, 503 },
    { 1, { 408 }, 408 },
    { 1, { 399 }, 399 },
    { 2, { 200, 204 }, 200 },
    { 2, { 204, 204 }, 200 },
    { 3, { 299, 202, 200 }, 200 },
    { 2, { 199, 200 }, 424 },
    { 2, { 200, 300 }, 424 },
    { 2, { 408, 204 }, 424 },
    { 3, { 200, 200, 500 }, 424 },
    { 2, { 500, 500 }, 424 },
    { 4, { 200, 201, 204, 400 }, 424 },
};


static void
test_status(void **state)
{
    size_t                i, j;
    ditto_ack_t           acks[4];
    const test_status_t  *t;

    (void) state;

    for (i = 0; i < sizeof(test_statuses) / sizeof(test_statuses[0]); i++) {
        t = &test_statuses[i];

        memset(acks, 0, sizeof(acks));

        for (j = 0; j < t->n; j++) {
            acks[j].status = t->statuses[j];
        }

        assert_int_equal(ditto_acks_status(acks, t->n), t->expected);
    }
}


#define NO   ditto_null_string
#define S(s) ditto_string(s)


static const test_render_t  test_renders[] = {

    /* one: its payload alone */
    { false, "c-1", 1, { { S("abc"), S("k1"), S("{\"a\":1}"), 200, false } },
      "{\"a\":1}" },
    { false, "c-1", 1, { { S("abc"), S("k1"), S("\"p\""), 200, true } },
      "\"p\"" },
    { false, "c-1", 1, { { S("abc"), S("k1"), NO, 204, false } }, "" },
    { true, "c-1", 1, { { S("abc"), S("k1"), S("\"p\""), 500, false } }, "" },

    /* several: a member each, in their order */
    { false, "c-1", 2,
      { { S("xyz"), S("k1"), S("{\"a\":1}"), 200, false },
        { S("abc"), S("k2"), NO, 204, false } },
      "{\"xyz\":{\"status\":200,\"payload\":{\"a\":1},\"headers\":{"
      "\"response-required\":false,\"correlation-id\":\"c-1\","
      "\"ditto-connection-id\":\"k1\"}},"
      "\"abc\":{\"status\":204,\"headers\":{\"response-required\":false,"
      "\"correlation-id\":\"c-1\",\"ditto-connection-id\":\"k2\"}}}" },
    /* weak; nobody's; no correlation-id */
    { false, "", 3,
      { { S("abc"), S("k1"), S("\"why\""), 200, true },
        { S("def"), NO, S("\"late\""), 408, false },
        { S("ghi"), NO, NO, 408, false } },
      "{\"abc\":{\"status\":200,\"payload\":\"why\",\"headers\":{"
      "\"response-required\":false,\"ditto-connection-id\":\"k1\","
      "\"ditto-weak-ack\":true}},"
      "\"def\":{\"status\":408,\"payload\":\"late\",\"headers\":{"
      "\"response-required\":false}},"
      "\"ghi\":{\"status\":408,\"headers\":{\"response-required\":false}}}" },
    { true, "c-1", 2,
      { { S("abc"), S("k1"), S("\"why\""), 200, true },
        { S("def"), S("k1"), S("{}"), 500, false } },
      "{\"abc\":{\"status\":200,\"headers\":{}},"
      "\"def\":{\"status\":500,\"headers\":{}}}" },
    /* what the sender wrote cannot leave its string */
    { false, "\"}\\\n", 2,
      { { S("a\"b"), S("k\"1"), NO, 204, false },
        { S("def"), NO, NO, 204, false } },
      "{\"a\\\"b\":{\"status\":204,\"headers\":{\"response-required\":false,"
      "\"correlation-id\":\"\\\"}\\\\\\n\","
      "\"ditto-connection-id\":\"k\\\"1\"}},"
      "\"def\":{\"status\":204,\"headers\":{\"response-required\":false,"
      "\"correlation-id\":\"\\\"}\\\\\\n\"}}}" },
};


static void
test_expect(const ditto_buf_t *buf, const char *expected)
{
    ditto_str_t  text;

    assert_int_equal(ditto_buf_done(buf, &text), DITTO_OK);

    if (!ditto_str_eq(text, ditto_str(expected))) {
        fail_msg("expected %s, got %.*s", expected, (int) text.len,
                 (const char *) text.data);
    }
}


static void
test_render(void **state)
{
    size_t                i;
    ditto_buf_t           buf;
    unit_pool_t           up;
    const test_render_t  *t;

    (void) state;

    for (i = 0; i < sizeof(test_renders) / sizeof(test_renders[0]); i++) {
        t = &test_renders[i];

        unit_pool_init(&up);
        ditto_buf_init(&buf, &up.pool, 0);
        ditto_acks_render(&buf, t->acks, t->n,
                          unit_str(&up, t->correlation_id), t->reduced);
        test_expect(&buf, t->expected);
        unit_pool_free(&up);
    }
}


/* --- payloads ------------------------------------------------------------- */

#define LATE(ms)                                                              \
    "{\"status\":408,\"error\":\"acknowledgement:request.timeout\","          \
    "\"message\":\"The acknowledgement request reached the specified timeout "\
    "of " ms "ms.\",\"description\":\"Try increasing the timeout and make "   \
    "sure that the requested acknowledgement is sent back in time.\"}"


static void
test_timeout(void **state)
{
    size_t       i;
    ditto_buf_t  buf;
    unit_pool_t  up;
    static const struct {
        int64_t      ms;
        const char  *expected;
    }  rows[] = {
        { 0, LATE("0") }, { 7, LATE("7") }, { 999, LATE("999") },
        { 1000, LATE("1,000") }, { 1001, LATE("1,001") },
        { 42000, LATE("42,000") }, { 60070, LATE("60,070") },
        { 999999, LATE("999,999") }, { 1000000, LATE("1,000,000") },
        { 1234567890, LATE("1,234,567,890") },
        { INT64_MAX, LATE("9,223,372,036,854,775,807") },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        unit_pool_init(&up);
        ditto_buf_init(&buf, &up.pool, 0);
        ditto_ack_timeout_payload(&buf, rows[i].ms);
        test_expect(&buf, rows[i].expected);
        unit_pool_free(&up);
    }
}


/* Ditto's error object, and the label in it. */
static void
test_unissued(void **state)
{
    ditto_buf_t  buf;
    ditto_str_t  text;
    unit_pool_t  up;

    (void) state;

    unit_pool_init(&up);
    ditto_buf_init(&buf, &up.pool, 0);
    ditto_ack_unissued_payload(&buf, unit_str(&up, "a\"b"));
    assert_int_equal(ditto_buf_done(&buf, &text), DITTO_OK);

    assert_true(ditto_str_starts(text, ditto_str(
                    "{\"status\":408,\"error\":"
                    "\"acknowledgement:request.timeout\",\"message\":\"")));
    assert_true(ditto_str_find(text, ditto_str("<a\\\"b>")) < text.len);
    assert_true(ditto_str_find(text, ditto_str("\",\"description\":\""))
                < text.len);
    assert_int_equal(text.data[text.len - 1], '}');

    unit_pool_free(&up);
}


/* spec: "Exception to acknowledgement" */
static void
test_failed(void **state)
{
    ditto_buf_t    buf;
    ditto_str_t    none = ditto_null_string;
    unit_pool_t    up;
    ditto_error_t  err;

    (void) state;

    unit_pool_init(&up);

    /* Ditto's: without its status */
    (void) ditto_fail(&err, DITTO_E_CONNECTION_CONFIGURATION,
                      ditto_str("Topic name is invalid: \"x\""), none);
    ditto_buf_init(&buf, &up.pool, 0);
    ditto_ack_error_payload(&buf, &err);
    test_expect(&buf, "{\"error\":"
                "\"connectivity:connection.configuration.invalid\","
                "\"message\":\"Topic name is invalid: \\\"x\\\"\","
                "\"description\":\"Make sure all required properties are set "
                "and valid in the configuration.\"}");

    /* one without a description */
    err.description = "";
    ditto_buf_init(&buf, &up.pool, 0);
    ditto_ack_error_payload(&buf, &err);
    test_expect(&buf, "{\"error\":"
                "\"connectivity:connection.configuration.invalid\","
                "\"message\":\"Topic name is invalid: \\\"x\\\"\"}");

    /* what only Kafka's client notices */
    (void) ditto_fail(&err, DITTO_E_PARTITION_NEGATIVE, ditto_str("-1"),
                      none);
    ditto_buf_init(&buf, &up.pool, 0);
    ditto_ack_error_payload(&buf, &err);
    test_expect(&buf, "{\"message\":\"Encountered <IllegalArgumentException>."
                "\",\"description\":\"Invalid partition: -1. Partition number "
                "should always be non-negative or null.\"}");

    ditto_buf_init(&buf, &up.pool, 0);
    ditto_ack_exception_payload(&buf, "TimeoutException",
                                ditto_str("Local: \"timed out\"\t"));
    test_expect(&buf, "{\"message\":\"Encountered <TimeoutException>.\","
                "\"description\":\"Local: \\\"timed out\\\"\\t\"}");

    /* a JSON string with Ditto's words */
    assert_true(ditto_str_starts(ditto_ack_weak, ditto_str(
                    "\"Acknowledgement was issued automatically as weak ack, "
                    "because the signal is not relevant for the subscriber. "
                    "Possible reasons are: the subscriber was not "
                    "authorized,")));
    assert_int_equal(ditto_ack_weak.data[ditto_ack_weak.len - 1], '"');
    assert_int_equal(ditto_str_chr(ditto_ack_weak, '"', 1),
                     ditto_ack_weak.len - 1);

    unit_pool_free(&up);
}


/* --- memory --------------------------------------------------------------- */

typedef struct {
    const test_requested_t  *requested;
    const test_forward_t    *forward;
    ditto_signal_t          *signal;
    ditto_connection_t       connection;
} test_memory_t;


static void
test_requested_setup(unit_pool_t *up, void *ctx)
{
    test_memory_t  *m = ctx;

    m->signal = test_signal(up, m->requested->signal);
}


static ditto_rc_t
test_requested_call(unit_pool_t *up, void *ctx, ditto_error_t *err)
{
    ditto_str_t     text;
    unit_pool_t     own;
    test_memory_t  *m = ctx;
    ditto_array_t   labels;

    if (ditto_acks_requested(&up->pool, m->signal, &labels, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    unit_pool_init(&own);
    text = test_words(&own, &labels);
    assert_true(ditto_str_eq(text, ditto_str(m->requested->labels)));
    unit_pool_free(&own);

    return DITTO_OK;
}


static void
test_requested_memory(void **state)
{
    size_t         i;
    test_memory_t  m;

    (void) state;

    for (i = 0; i < sizeof(test_requests) / sizeof(test_requests[0]); i++) {
        m.requested = &test_requests[i];
        assert_in_range(unit_every_allocation(test_requested_setup,
                                              test_requested_call, &m),
                        0, TEST_FAILURES);
    }
}


static void
test_forward_setup(unit_pool_t *up, void *ctx)
{
    test_memory_t  *m = ctx;

    m->signal = test_signal(up, m->forward->signal);
    test_connection(up, m->forward->targets, &m->connection);
}


static ditto_rc_t
test_forward_call(unit_pool_t *up, void *ctx, ditto_error_t *err)
{
    ditto_rc_t              rc;
    test_memory_t          *m = ctx;
    ditto_signal_t          out;
    const ditto_header_t   *h;
    const ditto_target_t   *target;

    target = m->connection.targets.elts;

    rc = ditto_acks_forward(&up->pool, &m->connection,
                            &target[m->forward->target], m->signal, &out,
                            err);

    if (rc == DITTO_OK) {
        h = ditto_headers_get(&out.headers, ditto_str("requested-acks"));
        assert_non_null(h);
        assert_non_null(m->forward->value);
        assert_true(ditto_str_eq(h->value, ditto_str(m->forward->value)));

    } else {
        assert_true(rc == DITTO_ERROR || m->forward->value == NULL);
    }

    return rc;
}


static void
test_forward_memory(void **state)
{
    size_t         i;
    test_memory_t  m;

    (void) state;

    for (i = 0; i < sizeof(test_forwards) / sizeof(test_forwards[0]); i++) {
        m.forward = &test_forwards[i];
        assert_in_range(unit_every_allocation(test_forward_setup,
                                              test_forward_call, &m),
                        0, TEST_FAILURES);
    }
}


/* A text without its end is never taken for a whole one. */
static ditto_rc_t
test_render_call(unit_pool_t *up, void *ctx, ditto_error_t *err)
{
    ditto_buf_t    buf;
    ditto_str_t    text, id, label, none = ditto_null_string;
    ditto_error_t  e;

    (void) ctx;

    id = unit_str(up, "c-1");
    label = unit_str(up, "abc");

    ditto_buf_init(&buf, &up->pool, 0);
    ditto_acks_render(&buf, test_renders[4].acks, test_renders[4].n, id,
                      false);
    ditto_ack_timeout_payload(&buf, 42000);
    ditto_ack_unissued_payload(&buf, label);
    (void) ditto_fail(&e, DITTO_E_CONNECTION_CONFIGURATION, label, none);
    ditto_ack_error_payload(&buf, &e);
    (void) ditto_fail(&e, DITTO_E_PARTITION_NEGATIVE, label, none);
    ditto_ack_error_payload(&buf, &e);
    ditto_ack_exception_payload(&buf, "X", label);

    return unit_buf_done(&buf, &text, err);
}


static void
test_render_memory(void **state)
{
    (void) state;

    assert_in_range(unit_every_allocation(NULL, test_render_call, NULL), 2,
                    TEST_FAILURES);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_requested),
        cmocka_unit_test(test_labels),
        cmocka_unit_test(test_live),
        cmocka_unit_test(test_forward),
        cmocka_unit_test(test_status),
        cmocka_unit_test(test_render),
        cmocka_unit_test(test_timeout),
        cmocka_unit_test(test_unissued),
        cmocka_unit_test(test_failed),
        cmocka_unit_test(test_requested_memory),
        cmocka_unit_test(test_forward_memory),
        cmocka_unit_test(test_render_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
