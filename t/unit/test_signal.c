#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "ditto_signal.h"
#include "unit_pool.h"


#define TM     "\"topic\":\"a.b/dev/things/twin/events/modified\""
#define PX     "\"path\":\"/attributes/x\""
#define OUT_M  "{\"topic\":\"a.b/dev/things/twin/events/modified\","
#define TAIL   "\"entity-revision\":1,\"response-required\":false,"           \
               "\"content-type\":\"application/json\"}"


typedef struct {
    const char  *in;
    const char  *what;           /* type id path topic */
    const char  *rendered;
} signal_case_t;


typedef struct {
    const char  *in;
    const char  *error;          /* begins with: "code message / descr." */
} signal_error_t;


static const signal_case_t  signal_cases[] = {

    /* value is the sender's bytes */
    { "{" TM "," PX ",\"value\": { \"b\" : 1.50,\"a\":\"\\u00e4\",\"b\":2 } ,"
      "\"revision\":1}",
      "things.events:attributeModified a.b:dev /attributes/x "
      "_/_/things/twin/events",
      OUT_M "\"headers\":{" TAIL ",\"path\":\"/attributes/x\",\"value\":"
      "{ \"b\" : 1.50,\"a\":\"\\u00e4\",\"b\":2 },\"revision\":1}" },
    { "{" TM "," PX ",\"value\":\"\\ud83d\",\"revision\":1}",
      "things.events:attributeModified a.b:dev /attributes/x "
      "_/_/things/twin/events",
      OUT_M "\"headers\":{" TAIL ",\"path\":\"/attributes/x\",\"value\":"
      "\"\\ud83d\",\"revision\":1}" },

    /* the order of members, escapes in names, unknown members */
    { "{\"revision\":1e0,\"foo\":[{}],\"v\\u0061lue\":1,\"p\\u0061th\":"
      "\"\\/attributes\\/x\"," TM ",\"timestamp\":\"2024-01-02T03:04:05.1Z\","
      "\"extra\":{\"a\":1},\"metadata\":null,\"status\":200}",
      "things.events:attributeModified a.b:dev /attributes/x "
      "_/_/things/twin/events",
      OUT_M "\"headers\":{" TAIL ",\"path\":\"/attributes/x\",\"value\":1,"
      "\"revision\":1,\"timestamp\":\"2024-01-02T03:04:05.100Z\"}" },

    /* headers */
    { "{" TM ",\"headers\":{\"Ditto-Originator\":\"x\",\"content-type\":\"y\","
      "\"A\":1,\"accept\":\"z\",\"response-required\":true}," PX ","
      "\"value\":1,\"revision\":1}",
      "things.events:attributeModified a.b:dev /attributes/x "
      "_/_/things/twin/events",
      OUT_M "\"headers\":{\"A\":\"1\"," TAIL ",\"path\":\"/attributes/x\","
      "\"value\":1,\"revision\":1}" },
    { "{" TM ",\"headers\":{\"channel\":\"live\",\"Response-Required\":"
      "\"yes\"}," PX ",\"value\":1,\"revision\":1}",
      "things.events:attributeModified a.b:dev /attributes/x "
      "_/_/things/live/events",
      "{\"topic\":\"a.b/dev/things/live/events/modified\",\"headers\":"
      "{\"channel\":\"live\"," TAIL ",\"path\":\"/attributes/x\","
      "\"value\":1,\"revision\":1}" },

    /* paths */
    { "{" TM ",\"path\":\"attributes/a~b/\",\"value\":1,\"revision\":1}",
      "things.events:attributeModified a.b:dev /attributes/a~0b "
      "_/_/things/twin/events",
      OUT_M "\"headers\":{" TAIL ",\"path\":\"/attributes/a~0b\",\"value\":1,"
      "\"revision\":1}" },

    /* the value's thingId decides */
    { "{\"topic\":\"a.b/dev/things/twin/events/created\",\"path\":\"/\","
      "\"value\":{\"thingId\":\"x:y/z\"},\"revision\":1}", NULL, NULL },
    { "{\"topic\":\"a.b/dev/things/twin/events/created\",\"path\":\"\","
      "\"value\":{\"th\\u0069ngId\":\"x:\\u0079\"},\"revision\":1}",
      "things.events:thingCreated x:y / _/_/things/twin/events",
      "{\"topic\":\"x/y/things/twin/events/created\",\"headers\":{" TAIL
      ",\"path\":\"/\",\"value\":{\"th\\u0069ngId\":\"x:\\u0079\"},"
      "\"revision\":1}" },
    { "{\"topic\":\"a:b/c/things/twin/events/deleted\",\"path\":\"/\","
      "\"value\":5,\"revision\":1}",
      "things.events:thingDeleted a:b:c / _/_/things/twin/events",
      "{\"topic\":\"a/b:c/things/twin/events/deleted\",\"headers\":"
      "{\"entity-revision\":1,\"response-required\":false},\"path\":\"/\","
      "\"revision\":1}" },
    { "{\"topic\":\"a/b/things/twin/events/merged\",\"path\":\"/\","
      "\"value\":null,\"revision\":1}",
      "things.events:thingMerged a:b / _/_/things/twin/events",
      "{\"topic\":\"a/b/things/twin/events/merged\",\"headers\":"
      "{\"entity-revision\":1,\"response-required\":false,\"content-type\":"
      "\"application/merge-patch+json\"},\"path\":\"/\",\"value\":null,"
      "\"revision\":1}" },
    { "{\"topic\":\"a/b/things/live/events/migrated\",\"path\":\"/features\","
      "\"value\":{\"thingId\":\"a:b\"},\"revision\":1}",
      "things.events:ThingDefinitionMigrated a:b / _/_/things/live/events",
      "{\"topic\":\"a/b/things/live/events/migrated\",\"headers\":"
      "{\"channel\":\"live\",\"entity-revision\":1,\"response-required\":"
      "false,\"content-type\":\"application/merge-patch+json\"},\"path\":"
      "\"/\",\"value\":{\"thingId\":\"a:b\"},\"revision\":1}" },

    /* commands */
    { "{\"topic\":\"a/b/things/live/commands/retrieve\",\"path\":\"/\","
      "\"value\":5,\"fields\":\"a,/b/\"}",
      "things.commands:retrieveThing a:b / _/_/things/live/commands",
      "{\"topic\":\"a/b/things/live/commands/retrieve\",\"headers\":"
      "{\"channel\":\"live\",\"content-type\":\"application/json\"},"
      "\"path\":\"/\",\"fields\":\"/a,/b\"}" },
    { "{\"topic\":\"_/_/things/twin/commands/retrieve\",\"path\":\"/\","
      "\"value\":{\"thingIds\":[\"a:b\"]}}",
      "things.commands:retrieveThings  / ",
      "{\"topic\":\"_/_/things/twin/commands/retrieve\",\"headers\":"
      "{\"content-type\":\"application/json\"},\"path\":\"/\",\"value\":"
      "{\"thingIds\":[\"a:b\"]}}" },
    { "{\"topic\":\"a/b/things/twin/commands/modify\",\"path\":\"/policyId\","
      "\"value\":\"x:y\",\"status\":204}",
      "things.responses:modifyPolicyId a:b /policyId ",
      "{\"topic\":\"a/b/things/twin/commands/modify\",\"headers\":"
      "{\"response-required\":false,\"content-type\":\"application/json\"},"
      "\"path\":\"/policyId\",\"value\":\"x:y\",\"status\":204}" },

    /* messages */
    { "{\"topic\":\"a/b/things/live/messages/x//y\",\"path\":"
      "\"/features/f~g/outbox/messages/x//y\",\"headers\":"
      "{\"ditto-message-direction\":\"TO\"},\"value\":1}",
      "messages.commands:featureMessage a:b "
      "/features/f~0g/outbox/messages/x//y _/_/things/live/messages",
      "{\"topic\":\"a/b/things/live/messages/x//y\",\"headers\":{\"channel\":"
      "\"live\",\"ditto-message-thing-id\":\"a:b\",\"ditto-message-subject\":"
      "\"x//y\",\"ditto-message-direction\":\"FROM\","
      "\"ditto-message-feature-id\":\"f~g\"},\"path\":"
      "\"/features/f~0g/outbox/messages/x//y\",\"value\":\"MQ==\"}" },
    { "{\"topic\":\"a/b/things/live/messages/claim\",\"path\":"
      "\"inbox/messages/claim/\",\"status\":200,\"headers\":{\"status\":5}}",
      "messages.responses:claimResponseMessage a:b /inbox/messages/claim "
      "_/_/things/live/messages",
      "{\"topic\":\"a/b/things/live/messages/claim\",\"headers\":"
      "{\"response-required\":false,\"channel\":\"live\","
      "\"ditto-message-thing-id\":\"a:b\",\"ditto-message-subject\":"
      "\"claim\",\"ditto-message-direction\":\"TO\",\"status\":\"200\"},"
      "\"path\":\"/inbox/messages/claim\",\"status\":200}" },

    /* the rest */
    { "{\"topic\":\"a/b/things/live/acks/my-ack\",\"path\":\"/x\","
      "\"value\":1,\"status\":200}", "acknowledgement a:b / ",
      "{\"topic\":\"a/b/things/twin/acks/my-ack\",\"headers\":"
      "{\"response-required\":false},\"path\":\"/\",\"value\":1,"
      "\"status\":200}" },
    { "{\"topic\":\"a/b/policies/announcements/subjectDeletion\",\"path\":"
      "\"/\",\"value\":{\"deleteAt\":\"2024-01-01T00:00:00Z\",\"subjectIds\":"
      "[\"t:a\"]}}",
      "policies.announcements:subjectDeletion a:b / "
      "_/_/policies/announcements",
      "{\"topic\":\"a/b/policies/announcements/subjectDeletion\",\"headers\":"
      "{\"content-type\":\"application/json\"},\"path\":\"/\",\"value\":"
      "{\"deleteAt\":\"2024-01-01T00:00:00Z\",\"subjectIds\":[\"t:a\"]}}" },
    { "{\"topic\":\"x/con-1/connections/announcements/closed\",\"path\":"
      "\"/\",\"value\":{\"closedAt\":\"2024-01-01T00:00:00Z\"}}",
      "connectivity.announcements:closed con-1 / "
      "_/_/connections/announcements",
      "{\"topic\":\"_/con-1/connections/announcements/closed\",\"headers\":"
      "{\"content-type\":\"application/json\"},\"path\":\"/\",\"value\":"
      "{\"closedAt\":\"2024-01-01T00:00:00Z\"}}" },
    { "{\"topic\":\"a/b/policies/events/modified\",\"path\":\"/entries/e\","
      "\"value\":{},\"revision\":7}",
      "policies.events:policyEntryModified a:b /entries/e ",
      "{\"topic\":\"a/b/policies/events/modified\",\"headers\":"
      "{\"entity-revision\":7,\"response-required\":false,\"content-type\":"
      "\"application/json\"},\"path\":\"/entries/e\",\"value\":{},"
      "\"revision\":7}" },
};


static const signal_error_t  signal_errors[] = {

    { "", "connectivity:message.mapping.failed" },
    { "null", "json.field.missing JSON did not include required </topic>" },
    { "[]", "json.invalid <[]> is not a valid JSON object!" },
    { "{\"topic\":5}", "json.invalid Value <5> for </topic> is not of type "
      "<String>!" },
    { "{" TM "}", "json.field.missing JSON did not include required </path>" },

    /* two parsers must not read two different messages */
    { "{" TM "," TM "," PX ",\"value\":1,\"revision\":1}",
      "json.invalid The envelope has the member <topic> more than once." },
    { "{" TM "," PX ",\"value\":1,\"revision\":1,\"p\\u0061th\":\"/\"}",
      "json.invalid The envelope has the member <path> more than once." },
    { "{\"topic\":\"a/b/things/twin/events/modified\",\"path\":\"/\","
      "\"value\":{\"thingId\":\"a:b\",\"thingI\\u0064\":\"x:y\"},"
      "\"revision\":1}",
      "json.invalid The thing has the member <thingId> more than once." },

    /* half a surrogate pair in what decides */
    { "{\"topic\":\"a/\\ud83d/things/twin/events/deleted\",\"path\":\"/\","
      "\"revision\":1}", "json.invalid The member <topic> contains half" },
    { "{" TM ",\"path\":\"/attributes/\\ude00\",\"value\":1,\"revision\":1}",
      "json.invalid The member <path> contains half" },

    /* Ditto's order: headers, topic, path, status, timestamp, revision */
    { "{\"headers\":{\"dry-run\":5},\"topic\":\"x\"}", "header.invalid" },
    { "{\"topic\":\"x\",\"path\":5}", "protocoladapter:unknown.topicpath" },
    { "{" TM ",\"path\":5,\"status\":\"x\"}", "json.invalid Value <5> for "
      "</path>" },
    { "{" TM ",\"path\":\"//\",\"status\":200.5,\"timestamp\":\"x\"}",
      "json.format.invalid This JSON value is not an int: 200.5" },
    { "{" TM ",\"path\":\"//\",\"timestamp\":\"x\",\"revision\":\"x\"}",
      "connectivity:message.mapping.failed The external message with "
      "content-type '<unspecified>' could not be mapped. / Could not map "
      "inbound message with mapper 'Ditto' due to unknown problem: "
      "DateTimeParseException Text 'x' could not be parsed at index 0" },
    { "{" TM ",\"path\":\"//\",\"fields\":\"a//b\"}",
      "json.pointer.invalid The JSON pointer <a//b> is invalid!" },
    { "{" TM ",\"path\":\"a~//\",\"revision\":1}",
      "json.pointer.invalid The JSON pointer </a~0//> is invalid!" },
    { "{" TM ",\"path\":\"/\",\"revision\":1.5}",
      "json.format.invalid This JSON value is not a long: 1.5" },

    { "{\"topic\":\"a/b/things/none/events/modified/x\",\"path\":\"//\"}",
      "protocoladapter:unknown.topicpath The topic path "
      "'a/b/things/events/modified' is not supported. / Check if the topic "
      "path is correct." },
    { "{" TM ",\"path\":\"/foo\"}", "protocoladapter:unknown.path The path "
      "'/foo' does not correspond" },
    { "{" TM ",\"path\":\"/_policy\"}", "protocoladapter:unknown.topicpath "
      "The topic 'a.b/dev/things/twin/events/modified' is not supported in "
      "combination with the path '/_policy' /" },
    { "{\"topic\":\"1/b/things/twin/events/deleted\",\"path\":\"/\"}",
      "things:id.invalid Thing ID '1:b' is not valid!" },
    { "{" TM "," PX "}", "json.invalid  /" },
    { "{" TM "," PX ",\"value\":1}", "json.field.missing JSON did not "
      "include required </revision> field!" },
    { "{" TM ",\"path\":\"/\",\"value\":{},\"revision\":1}",
      "json.format.invalid The entityId must not be null!" },
    { "{" TM ",\"path\":\"/attributes\",\"value\":{\"a\":[{\"b/c\":1}],"
      "\"d\":{\"e\\u002f\":1}},\"revision\":1}",
      "json.key.invalid The JSON key <e/> is invalid! / Neither" },
    { "{" TM ",\"path\":\"/features\",\"value\":{\"f\":{\"properties\":5}},"
      "\"revision\":1}",
      "json.invalid Value <5> for </properties> is not of type" },
    { "{" TM ",\"path\":\"/features/\\u00e4\",\"value\":{},\"revision\":1}",
      "json.key.invalid The JSON key <\xc3\xa4> is invalid!" },
    { "{" TM ",\"path\":\"/definition\",\"value\":\"a:b\",\"revision\":1}",
      "things:definition.identifier.invalid Definition identifier <a:b>" },
    { "{" TM ",\"path\":\"/definition\",\"value\":\"http://:80/\","
      "\"revision\":1}", "things:definition.identifier.invalid" },
    { "{\"topic\":\"a/b/things/live/commands/merge\",\"path\":\"/\","
      "\"headers\":{\"content-type\":\"a\"},\"value\":{}}",
      "mediatype.unsupported The Media-Type <a> is not supported for this "
      "resource. / Allowed Media-Type is: <application/merge-patch+json>." },
    { "{\"topic\":\"a/b/things/live/commands/create\",\"path\":\"/\","
      "\"value\":{\"thingId\":\"x:y\"}}", "things:id.notsettable" },
    { "{\"topic\":\"a/b/things/twin/commands/retrieve\",\"path\":\"/\","
      "\"value\":{},\"status\":404}", "protocoladapter:illegal.adaptable" },
    { "{\"topic\":\"a/b/things/live/messages\",\"path\":\"/inbox/messages\"}",
      "protocoladapter:unknown.topicpath The topic path "
      "'a/b/things/live/messages' is not supported. / Missing message "
      "subject." },
    { "{\"topic\":\"a/b/things/live/messages/x\",\"path\":"
      "\"/features/inbox/messages/x\"}",
      "protocoladapter:invalid.path The path '/features/inbox/messages/x' "
      "is not valid. / Check if the path is correct." },
    { "{\"topic\":\"a/b/things/live/messages/x\",\"path\":"
      "\"/inbox/messages/y/inbox/messages/x\"}",
      "protocoladapter:invalid.path The path "
      "'/inbox/messages/y/inbox/messages/x' is not valid. / It should match "
      "the pattern: (/features/[^/]+)?/(inbox|outbox)/messages/x" },
    { "{\"topic\":\"a/b/things/live/messages/x\",\"path\":"
      "\"/features/f/inbox//messages/x\"}", "json.pointer.invalid" },
    { "{\"topic\":\"a/b/things/live/acks/twin-persisted\",\"path\":\"/\","
      "\"status\":200}", "acknowledgement:ditto.acklabel.forbidden" },
    { "{\"topic\":\"a/b/things/live/acks/x\",\"path\":\"/\",\"status\":200}",
      "acknowledgement:label.invalid" },
    { "{" TM ",\"headers\":{\"Dry-Run\":\"yes\"}," PX ",\"value\":1,"
      "\"revision\":1}", "header.invalid" },
};


static void
test_signals(void **state)
{
    size_t                i;
    unit_pool_t           up;
    ditto_buf_t           buf;
    ditto_str_t           none = ditto_null_string;
    ditto_error_t         err;
    ditto_signal_t        signal;
    const signal_case_t  *c;

    (void) state;

    for (i = 0; i < sizeof(signal_cases) / sizeof(signal_cases[0]); i++) {
        c = &signal_cases[i];
        unit_pool_init(&up);
        ditto_buf_init(&buf, &up.pool, 0);

        if (ditto_signal_parse(&up.pool, unit_str(&up, c->in), &signal, &err)
            != DITTO_OK)
        {
            if (c->what != NULL) {
                ditto_error_text(&buf, &err);
                fail_msg("%s: %.*s", c->in, (int) buf.len, buf.data);
            }

            unit_pool_free(&up);
            continue;
        }

        assert_non_null(c->what);

        ditto_buf_str(&buf, signal.type);
        ditto_buf_char(&buf, ' ');
        ditto_buf_str(&buf, signal.id);
        ditto_buf_char(&buf, ' ');
        ditto_buf_str(&buf, signal.path);
        ditto_buf_char(&buf, ' ');
        ditto_buf_str(&buf, ditto_topic_name(signal.target_topic));
        ditto_buf_char(&buf, '\0');
        assert_string_equal(buf.data, c->what);

        ditto_buf_init(&buf, &up.pool, 0);
        assert_int_equal(ditto_signal_render(&buf, &signal, NULL, none,
                                             &err), DITTO_OK);
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
    ditto_signal_t         signal;
    const signal_error_t  *c;

    (void) state;

    for (i = 0; i < sizeof(signal_errors) / sizeof(signal_errors[0]); i++) {
        c = &signal_errors[i];
        unit_pool_init(&up);
        ditto_buf_init(&buf, &up.pool, 0);

        if (ditto_signal_parse(&up.pool, unit_str(&up, c->in), &signal, &err)
            != DITTO_ERROR)
        {
            fail_msg("%s is accepted", c->in);
        }

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


/* The segments that a policy calls a message's resource. */
static void
test_resource(void **state)
{
    unit_pool_t     up;
    ditto_str_t     none = ditto_null_string;
    ditto_buf_t     buf;
    ditto_error_t   err;
    ditto_signal_t  signal;

    (void) state;

    unit_pool_init(&up);

    assert_int_equal(ditto_signal_parse(&up.pool, unit_str(&up,
        "{\"topic\":\"a/b/things/live/messages/x/y\",\"path\":"
        "\"/features/F/inbox/messages/x/y\"}"), &signal, &err), DITTO_OK);

    assert_int_equal(signal.resource.n, 5);
    assert_true(ditto_str_eq(signal.resource.segments[1], ditto_str("F")));
    assert_true(ditto_str_eq(signal.resource.segments[4], ditto_str("x/y")));
    assert_true(ditto_str_eq(signal.feature_id, ditto_str("F")));
    assert_true(signal.live);

    assert_int_equal(ditto_signal_parse(&up.pool, unit_str(&up,
        "{\"topic\":\"a/b/things/live/messages/x\",\"path\":"
        "\"/outbox/messages/x\"}"), &signal, &err), DITTO_OK);

    assert_int_equal(signal.resource.n, 3);
    assert_int_equal(signal.feature_id.len, 0);

    assert_int_equal(ditto_signal_parse(&up.pool, unit_str(&up,
        "{" TM ",\"path\":\"/attributes/a~1/b\",\"value\":1,\"revision\":-3,"
        "\"timestamp\":\"2024-01-02T03:04:05Z\"}"), &signal, &err), DITTO_OK);

    assert_int_equal(signal.resource.n, 3);
    assert_true(ditto_str_eq(signal.resource.segments[1], ditto_str("a~1")));
    assert_true(signal.has_revision);
    assert_int_equal(signal.revision, -3);
    assert_true(ditto_str_eq(signal.timestamp,
                             ditto_str("2024-01-02T03:04:05Z")));
    assert_int_equal(signal.status, 0);

    /* no outgoing form */

    assert_int_equal(ditto_signal_parse(&up.pool, unit_str(&up,
        "{\"topic\":\"a/b/things/live/commands/migrate\",\"path\":\"/\","
        "\"value\":{\"thingDefinitionUrl\":\"x\"}}"), &signal, &err),
        DITTO_OK);
    ditto_buf_init(&buf, &up.pool, 0);
    assert_int_equal(ditto_signal_render(&buf, &signal, NULL, none, &err),
                     DITTO_ERROR);
    assert_int_equal(err.code, DITTO_E_UNKNOWN_CHANNEL);

    unit_pool_free(&up);
}


static void
test_extra(void **state)
{
    unit_pool_t      up;
    ditto_buf_t      buf;
    ditto_error_t    err;
    ditto_signal_t   signal;
    ditto_headers_t  headers;

    (void) state;

    unit_pool_init(&up);

    assert_int_equal(ditto_signal_parse(&up.pool, unit_str(&up,
        "{" TM "," PX ",\"value\":1,\"revision\":1}"), &signal, &err),
        DITTO_OK);

    ditto_headers_init(&headers, &up.pool);
    assert_int_equal(ditto_headers_set(&headers,
                                       ditto_str("ditto-originator"),
                                       ditto_str("s:1")), DITTO_OK);

    ditto_buf_init(&buf, &up.pool, 0);
    assert_int_equal(ditto_signal_render(&buf, &signal, &headers,
                                         ditto_str("{\"a\": 1}"), &err),
                     DITTO_OK);
    ditto_buf_char(&buf, '\0');
    assert_string_equal(buf.data, OUT_M "\"headers\":{\"ditto-originator\":"
                        "\"s:1\",\"content-type\":\"application/json\"},"
                        "\"path\":\"/attributes/x\",\"value\":1,\"extra\":"
                        "{\"a\": 1},\"revision\":1}");

    /* what a message says of itself is never taken from headers */

    assert_int_equal(ditto_signal_parse(&up.pool, unit_str(&up,
        "{\"topic\":\"a/b/things/live/messages/x\",\"path\":"
        "\"/inbox/messages/x\"}"), &signal, &err), DITTO_OK);

    ditto_headers_init(&headers, &up.pool);
    assert_int_equal(ditto_headers_set(&headers,
                                       ditto_str("Ditto-Message-Thing-Id"),
                                       ditto_str("x:y")), DITTO_OK);

    ditto_buf_init(&buf, &up.pool, 0);
    assert_int_equal(ditto_signal_render(&buf, &signal, &headers,
                                         ditto_str(""), &err), DITTO_OK);
    ditto_buf_char(&buf, '\0');
    assert_string_equal(buf.data,
        "{\"topic\":\"a/b/things/live/messages/x\",\"headers\":"
        "{\"ditto-message-thing-id\":\"a:b\",\"ditto-message-subject\":"
        "\"x\",\"ditto-message-direction\":\"TO\"},\"path\":"
        "\"/inbox/messages/x\"}");

    unit_pool_free(&up);
}


static ditto_rc_t
test_memory_call(unit_pool_t *up, void *ctx, ditto_error_t *err)
{
    ditto_buf_t      buf;
    ditto_str_t      none = ditto_null_string;
    ditto_signal_t   signal;

    if (ditto_signal_parse(&up->pool, unit_str(up, ctx), &signal, err)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    ditto_buf_init(&buf, &up->pool, 0);

    return ditto_signal_render(&buf, &signal, NULL, none, err);
}


/* Out of memory at each allocation in turn. */
static void
test_memory(void **state)
{
    size_t       i, n;
    const char  *text;

    (void) state;

    n = sizeof(signal_cases) / sizeof(signal_cases[0]);

    for (i = 0; i < n + sizeof(signal_errors) / sizeof(signal_errors[0]); i++)
    {
        text = (i < n) ? signal_cases[i].in : signal_errors[i - n].in;

        assert_in_range(unit_every_allocation(NULL, test_memory_call,
                                              (void *) text),
                        0, 200);
    }
}


/* Damaged texts: each byte in turn is cut off at, removed or replaced. */
static void
test_damage(void **state)
{
    char            text[1024];
    size_t          i, j, k, len;
    unit_pool_t     up;
    ditto_buf_t     buf;
    ditto_str_t     none = ditto_null_string;
    ditto_error_t   err;
    ditto_signal_t  signal;

    (void) state;

    for (i = 0; i < sizeof(signal_cases) / sizeof(signal_cases[0]); i++) {
        len = strlen(signal_cases[i].in);

        for (j = 0; j < len; j++) {

            for (k = 0; k < 8; k++) {
                unit_pool_init(&up);
                memcpy(text, signal_cases[i].in, len);

                if (k < 6) {
                    text[j] = "\"{/~\0\xc3"[k];
                }

                if (k == 6) {
                    memmove(text + j, text + j + 1, len - j - 1);
                }

                if (ditto_signal_parse(&up.pool,
                                       unit_span(&up, text,
                                                 k == 7 ? j
                                                 : k == 6 ? len - 1 : len),
                                       &signal, &err) == DITTO_OK)
                {
                    ditto_buf_init(&buf, &up.pool, 0);
                    (void) ditto_signal_render(&buf, &signal, NULL, none,
                                               &err);

                } else {
                    ditto_buf_init(&buf, &up.pool, 0);
                    ditto_error_members(&buf, &err);
                }

                unit_pool_free(&up);
            }
        }
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_signals),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_resource),
        cmocka_unit_test(test_extra),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_damage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
