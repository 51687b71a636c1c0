/*
 * Payload mappers: which there are, their options, conditions and content
 * types, what they make in each direction, and failing allocations.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "ditto_mapper.h"
#include "unit_pool.h"


#define AT  ",\"revision\":12,\"timestamp\":\"2026-08-18T10:00:00Z\""

#define EVENT(action, path, rest)                                             \
    "{\"topic\":\"a/b/things/twin/events/" action "\",\"headers\":"           \
    "{\"correlation-id\":\"c\",\"Unit\":\"rpm\"},\"path\":\"" path "\","      \
    rest AT "}"
#define CHANGED  EVENT("modified", "/attributes/x", "\"value\": 1.50 ")
#define MESSAGE(headers, path, rest)                                          \
    "{\"topic\":\"a/b/things/live/messages/s\",\"headers\":{" headers "},"    \
    "\"path\":\"" path "\"" rest "}"
#define TYPE(type)  "\"content-type\":\"" type "\""

#define SENT  "content-type=application/json|"
#define FACTS  "\"_revision\":12,\"_modified\":\"2026-08-18T10:00:00Z\","
#define CONTEXT(action, path, value, type)                                    \
    "\"_context\":{\"topic\":\"a/b/things/twin/events/" action "\","          \
    "\"path\":\"" path "\"," value "\"headers\":{\"correlation-id\":\"c\","   \
    "\"unit\":\"rpm\",\"entity-revision\":\"12\","                            \
    "\"response-required\":\"false\"" type "}}"
#define JSON   ",\"content-type\":\"application/json\""
#define MERGE  ",\"content-type\":\"application/merge-patch+json\""

#define TO(type)                                                              \
    "content-type=" type ";ditto-message-direction=TO;"                       \
    "ditto-message-subject=s;ditto-message-thing-id=a:b"

#define FAILED(type, problem)                                                 \
    "connectivity:message.mapping.failed The external message with "          \
    "content-type '" type "' could not be mapped. " problem
#define UNKNOWN(direction, problem)                                           \
    "Could not map " direction " message with mapper 'm' due to unknown "     \
    "problem: " problem
#define EXISTS(name)  "{\"a\":\"fn:filter(" name ",'exists')\"}"
#define EMPTY                                                                 \
    "As payload was absent or empty, please make sure to send payload in "    \
    "your messages."


typedef struct {
    const char  *engine;
    const char  *options;
    const char  *conditions;     /* NULL: none */
    const char  *text;           /* out: the envelope, in: the payload */
    const char  *more;           /* out: extra, in: headers "a=b&c=d" */
    const char  *result;
} test_map_t;


static const test_map_t  test_outbound[] = {

    /* Ditto */
    { "Ditto", "{}", NULL, CHANGED, NULL,
      "content-type=application/vnd.eclipse.ditto+json;correlation-id=c|"
      "{\"topic\":\"a/b/things/twin/events/modified\",\"headers\":"
      "{\"correlation-id\":\"c\",\"Unit\":\"rpm\",\"entity-revision\":12,"
      "\"response-required\":false,\"content-type\":\"application/json\"},"
      "\"path\":\"/attributes/x\",\"value\":1.50,\"revision\":12,"
      "\"timestamp\":\"2026-08-18T10:00:00Z\"}" },
    /* a list of content types is for what comes in */
    { "Ditto", "{\"content-type-blocklist\":\"application/json\"}", NULL,
      MESSAGE(TYPE("application/json"), "/inbox/messages/s", ""), NULL,
      "content-type=application/vnd.eclipse.ditto+json|"
      "{\"topic\":\"a/b/things/live/messages/s\",\"headers\":{"
      TYPE("application/json") ",\"channel\":\"live\","
      "\"ditto-message-thing-id\":\"a:b\",\"ditto-message-subject\":\"s\","
      "\"ditto-message-direction\":\"TO\"},\"path\":\"/inbox/messages/s\"}" },

    /* conditions: all must be met, and all are evaluated */
    { "CloudEvents", "{}", "{\"a\":\"fn:filter(header:unit,'eq','rpm')\","
      "\"b\":\"fn:filter(header:unit,'eq','bar')\"}", CHANGED, NULL, "-" },
    { "Normalized", "{\"fields\":\"thingId\"}",
      "{\"a\":\"fn:filter(header:unit,'eq','rpm')\",\"b\":5}", CHANGED, NULL,
      SENT "{\"thingId\":\"a:b\"}" },
    { "Normalized", "{\"fields\":\"thingId\"}", "{\"a\":\"fn:delete()\"}",
      CHANGED, NULL, "-" },
    { "Normalized", "{}", "{\"a\":\"fn:delete()\",\"b\":\"header:unit\"}",
      CHANGED, NULL, "placeholder:function.unknown The function <header:unit> "
      "is not known. Ensure to only use supported functions. Check if you "
      "maybe just forgot to use parentheses for a function with empty "
      "parameters." },

    /* Normalized */
    { "Normalized", "{}", NULL, CHANGED, NULL,
      SENT "{\"thingId\":\"a:b\",\"attributes\":{\"x\":1.50}," FACTS
      CONTEXT("modified", "/attributes/x", "\"value\":1.50,", JSON) "}" },
    { "Normalized", "{}", NULL, CHANGED,
      "{\"attributes\":{\"x\":{\"y\":1},\"z\": 2e1},\"thingId\":\"no\"}",
      SENT "{\"attributes\":{\"x\":1.50,\"z\":2e1},\"thingId\":\"a:b\","
      FACTS CONTEXT("modified", "/attributes/x", "\"value\":1.50,", JSON)
      "}" },
    { "Normalized", "{}", NULL,
      EVENT("created", "/", "\"value\":{\"thingId\":\"a:b\",\"attributes\":"
            "{\"n\":null},\"no\":1}"), NULL,
      SENT "{\"thingId\":\"a:b\",\"attributes\":{\"n\":null}," FACTS
      CONTEXT("created", "/", "\"value\":{\"thingId\":\"a:b\",\"attributes\":"
              "{\"n\":null}},", JSON) "}" },
    { "Normalized", "{}", NULL,
      EVENT("modified", "/attributes", "\"value\":{\"n\":null}"), "{}",
      SENT "{\"thingId\":\"a:b\",\"attributes\":{}," FACTS
      CONTEXT("modified", "/attributes", "\"value\":{\"n\":null},", JSON)
      "}" },
    { "Normalized", "{}", NULL, CHANGED, "null",
      SENT "{\"thingId\":\"a:b\",\"attributes\":{\"x\":1.50}," FACTS
      CONTEXT("modified", "/attributes/x", "\"value\":1.50,", JSON) "}" },
    { "Normalized", "{\"fields\":\"_context(path),attributes/x,no\"}", NULL,
      CHANGED, NULL,
      SENT "{\"_context\":{\"path\":\"/attributes/x\"},\"attributes\":"
      "{\"x\":1.50}}" },
    { "Normalized", "{\"fields\":\"\"}", NULL, CHANGED, NULL, SENT "{}" },
    { "Normalized", "{\"fields\":\"features/*\"}", NULL,
      EVENT("modified", "/features/f/properties/x", "\"value\":1"), NULL,
      SENT "{}" },
    { "Normalized", "{\"fields\":7}", NULL, CHANGED, NULL, SENT "{}" },
    { "Normalized", "{}", NULL,
      EVENT("merged", "/attributes", "\"value\":{\"a\":null,\"b\":{\"c\":null},"
            "\"d\":[null]}"), NULL,
      SENT "{\"thingId\":\"a:b\",\"attributes\":{\"d\":[null]}," FACTS
      CONTEXT("merged", "/attributes", "\"value\":{\"d\":[null]},", MERGE)
      "}" },
    { "Normalized", "{\"includeDeletedFields\":true,\"fields\":"
      "\"_deletedFields\"}", NULL,
      EVENT("merged", "/attributes", "\"value\":{\"a\":null,\"b\":{\"c\":null,"
            "\"e\":{\"f\":1}},\"{{ ~x~ }}\":null,\"{{/x/}}\":null,"
            "\"{{x}}\":null,\"x~}}\":null,\"{{~x\":null,\"d\":[null],"
            "\"g\":1,\"g\":null}"), NULL,
      SENT "{\"_deletedFields\":{\"attributes\":"
      "{\"a\":\"2026-08-18T10:00:00Z\",\"b\":{\"c\":\"2026-08-18T10:00:00Z\"},"
      "\"{{x}}\":\"2026-08-18T10:00:00Z\",\"x~}}\":\"2026-08-18T10:00:00Z\","
      "\"{{~x\":\"2026-08-18T10:00:00Z\",\"g\":\"2026-08-18T10:00:00Z\"}}}" },
    { "Normalized", "{\"includeDeletedFields\":true,\"fields\":"
      "\"_deletedFields\"}", NULL,
      EVENT("merged", "/attributes/x", "\"value\":null"), NULL,
      SENT "{\"_deletedFields\":{\"attributes\":"
      "{\"x\":\"2026-08-18T10:00:00Z\"}}}" },
    { "Normalized", "{\"includeDeletedFields\":true}", NULL,
      EVENT("merged", "/", "\"value\":null"), NULL,
      SENT "{\"thingId\":\"a:b\"," FACTS
      CONTEXT("merged", "/", "", MERGE) "}" },
    { "Normalized", "{\"includeDeletedFields\":true}", NULL,
      EVENT("merged", "/", "\"value\":{\"policyId\":\"a:p\"}"), NULL,
      SENT "{\"policyId\":\"a:p\",\"thingId\":\"a:b\"," FACTS
      CONTEXT("merged", "/", "\"value\":{\"policyId\":\"a:p\"},", MERGE) "}" },
    { "Normalized", "{\"includeDeletedFields\":true,\"fields\":"
      "\"_deletedFields\"}", NULL,
      EVENT("modified", "/attributes", "\"value\":{\"n\":null}"), NULL,
      SENT "{}" },
    { "Normalized", "{\"includeDeletedFields\":true,\"fields\":"
      "\"_deletedFields\"}", NULL,
      EVENT("modified", "/attributes/x", "\"value\":null"), NULL, SENT "{}" },
    { "Normalized", "{\"fields\":\"_deletedFields\"}", NULL,
      EVENT("merged", "/attributes/x", "\"value\":null"), NULL, SENT "{}" },
    { "Normalized", "{\"includeDeletedFields\":\"True\",\"fields\":"
      "\"_deletedFields,_deleted\"}", NULL,
      EVENT("deleted", "/attributes/x", "\"value\":1"), NULL,
      SENT "{\"_deletedFields\":{\"attributes\":"
      "{\"x\":\"2026-08-18T10:00:00Z\"}}}" },
    { "Normalized", "{\"includeDeletedFields\":true}", NULL,
      EVENT("deleted", "/attributes/x", "\"value\":1"), NULL,
      SENT "{\"thingId\":\"a:b\"," FACTS "\"_deletedFields\":{\"attributes\":"
      "{\"x\":\"2026-08-18T10:00:00Z\"}},"
      CONTEXT("deleted", "/attributes/x", "\"value\":null,", "") "}" },
    { "Normalized", "{\"includeDeletedFields\":\"yes\"}", NULL,
      EVENT("deleted", "/attributes/x", "\"value\":1"), NULL, "-" },
    { "Normalized", "{}", NULL, EVENT("deleted", "/", "\"value\":1"), NULL,
      SENT "{\"thingId\":\"a:b\"," FACTS
      "\"_deleted\":\"2026-08-18T10:00:00Z\","
      CONTEXT("deleted", "/", "\"value\":null,", "") "}" },
    { "Normalized", "{}", NULL,
      EVENT("migrated", "/", "\"value\":{\"thingId\":\"a:b\"}"), NULL, "-" },
    { "Normalized", "{}", NULL, EVENT("merged", "/", "\"value\":5"), NULL,
      FAILED("application/merge-patch+json",
             UNKNOWN("outbound", "IllegalStateException Got a merge of a "
                     "thing that is no object.")) },
    { "Normalized", "{}", NULL, MESSAGE("", "/inbox/messages/s", ""), NULL,
      "-" },

    /* RawMessage */
    { "RawMessage", "{}", NULL,
      MESSAGE(TYPE("Text/Plain; Charset=X"), "/inbox/messages/s",
              ",\"value\":\"\\u00e4\\\"\""), NULL,
      TO("text/plain; charset=x") "|\xc3\xa4\"" },
    { "RawMessage", "{}", NULL,
      MESSAGE(TYPE("application/json"), "/inbox/messages/s",
              ",\"value\":[ 1.0 ]"), NULL,
      TO("application/json") "|[ 1.0 ]" },
    { "RawMessage", "{}", NULL,
      MESSAGE(TYPE("application/octet-stream"), "/inbox/messages/s",
              ",\"value\":\"AAE=\""), NULL,
      TO("application/octet-stream") "|<0001>" },
    { "RawMessage", "{}", NULL,
      MESSAGE(TYPE("a"), "/inbox/messages/s", ""), NULL, TO("a") },
    { "RawMessage", "{}", NULL,
      MESSAGE("", "/inbox/messages/s", ",\"value\":\"hi there\""), NULL,
      TO("text/plain; charset=utf-8") "|aGkgdGhlcmU=" },
    { "RawMessage", "{\"outgoingContentType\":\"X/y\"}", NULL,
      MESSAGE("", "/features/f/outbox/messages/s",
              ",\"value\":\"hi there\",\"status\":204"), NULL,
      "content-type=x/y;ditto-message-direction=FROM;ditto-message-subject=s;"
      "ditto-message-thing-id=a:b;ditto-message-feature-id=f;status=204|"
      "<6869207468657265>" },
    { "RawMessage", "{\"outgoingContentType\":\"\"}", NULL,
      MESSAGE("", "/inbox/messages/s", ""), NULL,
      FAILED("<unspecified>",
             UNKNOWN("outbound", "IllegalArgumentException The content-type "
                     "must not be empty!")) },
    { "RawMessage", "{\"outgoingContentType\":"
      "\"application/vnd.eclipse.ditto+json;x\"}", NULL,
      MESSAGE("", "/inbox/messages/s", ""), NULL,
      "content-type=application/vnd.eclipse.ditto+json|"
      "{\"topic\":\"a/b/things/live/messages/s\",\"headers\":{"
      "\"channel\":\"live\",\"ditto-message-thing-id\":\"a:b\","
      "\"ditto-message-subject\":\"s\",\"ditto-message-direction\":\"TO\"},"
      "\"path\":\"/inbox/messages/s\"}" },

    /* CloudEvents */
    { "CloudEvents", "{}", NULL,
      "{\"topic\":\"a/b\\\"/things/twin/events/deleted\",\"headers\":"
      "{\"correlation-id\":\"c\\\"\"},\"path\":\"/\"" AT "}", "{\"e\":1}",
      "content-type=application/cloudevents+json|"
      "{\"data\":{\"topic\":\"a/b\\\"/things/twin/events/deleted\",\"headers\":"
      "{\"correlation-id\":\"c\\\"\",\"entity-revision\":12,"
      "\"response-required\":false},\"path\":\"/\",\"extra\":{\"e\":1},"
      "\"revision\":12,\"timestamp\":\"2026-08-18T10:00:00Z\"},"
      "\"specversion\":\"1.0\",\"id\":\"c\\\"\","
      "\"source\":\"https://github.com/eclipse-ditto/ditto\","
      "\"type\":\"org.eclipse.ditto.outbound:things/twin/events/deleted\","
      "\"datacontenttype\":\"application/vnd.eclipse.ditto+json\","
      "\"time\":\"2026-08-18T10:00:00Z\",\"subject\":\"a:b\\\"\"}" },
    { "CloudEvents", "{}", NULL,
      "{\"topic\":\"_/k/connections/announcements/opened\",\"path\":\"/\","
      "\"value\":{\"openedAt\":\"2026-08-18T10:00:00Z\"}}", NULL,
      "content-type=application/cloudevents+json|"
      "{\"data\":{\"topic\":\"_/k/connections/announcements/opened\","
      "\"headers\":{\"content-type\":\"application/json\"},\"path\":\"/\","
      "\"value\":{\"openedAt\":\"2026-08-18T10:00:00Z\"}},"
      "\"specversion\":\"1.0\",\"id\":\"u\","
      "\"source\":\"https://github.com/eclipse-ditto/ditto\","
      "\"type\":\"org.eclipse.ditto.outbound:connections/announcements/"
      "opened\",\"datacontenttype\":\"application/vnd.eclipse.ditto+json\","
      "\"time\":\"2001-02-03T04:05:06.700Z\",\"subject\":\"_:k\"}" },

    /* what makes nothing of what goes out */
    { "UpdateTwinWithLiveResponse", "{}", NULL, CHANGED, NULL, "-" },
    { "ConnectionStatus", "{\"thingId\":\"a:b\"}", NULL, CHANGED, NULL, "-" },
};


static const test_map_t  test_inbound[] = {

    /* Ditto */
    { "Ditto", "{}", NULL, "{\"a\" : 1}", "", "{\"a\" : 1}" },
    { "Ditto", "{}", NULL, "", "content-type=x",
      FAILED("x", EMPTY) },
    { "Ditto", "{}", NULL, "", "", FAILED("<unspecified>", EMPTY) },
    { "Ditto", "{}", NULL, "", "Content-Type=", FAILED("<unspecified>",
                                                       EMPTY) },

    /* content types */
    { "Ditto", "{}", NULL, "x",
      "Content-Type=application/vnd.eclipse-hono-empty-notification", "-" },
    { "Ditto", "{}", NULL, "x",
      "content-type=application/vnd.eclipse-hono-dc-notification+json", "-" },
    { "Ditto", "{}", NULL, "x",
      "content-type=application/vnd.eclipse-hono-empty-notification;x", "x" },
    { "RawMessage", "{}", NULL, "x", "content-type=application/"
      "vnd.eclipse-hono-device-provisioning-notification", "-" },
    { "CloudEvents", "{}", NULL, "", "content-type=application/"
      "vnd.eclipse-hono-empty-notification",
      FAILED("application/vnd.eclipse-hono-empty-notification", EMPTY) },
    { "Ditto", "{\"content-type-blocklist\":\"a/b,c/d\"}", NULL, "x",
      "content-type=c/d", "-" },
    { "Ditto", "{\"content-type-blocklist\":\"a/b,c/d\"}", NULL, "x",
      "content-type=application/vnd.eclipse-hono-empty-notification", "x" },
    { "Ditto", "{\"content-type-blocklist\":\"a/b, c/d\"}", NULL, "x",
      "content-type=c/d", "x" },
    { "CloudEvents", "{\"content-type-blocklist\":\"a/b\"}", NULL, "",
      "content-type=a/b", "-" },
    { "CloudEvents", "{\"content-type-blocklist\":\"a/b\"}", NULL, "",
      "x=y&Content-Type=a/b", "-" },
    { "CloudEvents", "{}", NULL, "", "content-type=",
      FAILED("<unspecified>", EMPTY) },

    /* conditions */
    { "Ditto", "{}", "{\"a\":\"fn:filter(header:X-UNIT,'eq','rpm')\"}", "x",
      "x-unit=rpm", "x" },
    { "Ditto", "{}", "{\"a\":\"fn:filter(header:x-unit,'eq','rpm')\"}", "x",
      "x-unit=bar", "-" },
    { "Ditto", "{}", EXISTS("time:now"), "x", "", "x" },
    { "Ditto", "{}", EXISTS("thing:id"), "x", "", "-" },
    { "Ditto", "{}", EXISTS("entity:id"), "x", "", "-" },
    { "Ditto", "{}", EXISTS("feature:id"), "x", "", "-" },
    { "Ditto", "{}", EXISTS("topic:full"), "x", "", "-" },
    { "Ditto", "{}", EXISTS("resource:path"), "x", "", "-" },
    { "Ditto", "{}", EXISTS("request:subjectId"), "x", "", "-" },
    { "Ditto", "{}", EXISTS("connection:id"), "x", "", "-" },
    { "Ditto", "{}", EXISTS("policy:id"), "x", "",
      "placeholder:unresolved The placeholder 'policy:id' could not be "
      "resolved. Some placeholders could not be resolved. Check the spelling "
      "of the placeholder and make sure all required headers are set." },

    /* Normalized and the others drop what is posted */
    { "Normalized", "{}", NULL, "x", "", "-" },
    { "UpdateTwinWithLiveResponse", "{}", NULL, "x", "", "-" },

    /* RawMessage */
    { "RawMessage", "{}", NULL, " {\"a\":1.0} ",
      "content-type=application/json&ditto-message-thing-id=a:b&"
      "ditto-message-subject=s/t",
      "{\"topic\":\"a/b/things/live/messages/s/t\",\"headers\":"
      "{\"content-type\":\"application/json\"},\"path\":"
      "\"/inbox/messages/s/t\",\"value\":{\"a\":1.0}}" },
    { "RawMessage", "{}", NULL, "\x01\"",
      "content-type=Text/Plain&ditto-message-thing-id=a:b&"
      "ditto-message-subject=s&ditto-message-direction=FROM&"
      "ditto-message-feature-id=f&status=404",
      "{\"topic\":\"a/b/things/live/messages/s\",\"headers\":"
      "{\"content-type\":\"Text/Plain\"},\"path\":"
      "\"/features/f/outbox/messages/s\",\"value\":\"\\u0001\\\"\","
      "\"status\":404}" },
    { "RawMessage", "{}", NULL, "\x01\x02",
      "ditto-message-thing-id=:b&ditto-message-subject=s",
      "{\"topic\":\"/b/things/live/messages/s\",\"headers\":"
      "{\"content-type\":\"application/octet-stream\"},\"path\":"
      "\"/inbox/messages/s\",\"value\":\"AQI=\"}" },
    { "RawMessage", "{}", NULL, NULL,
      "ditto-message-thing-id=a:b&ditto-message-subject=s",
      "{\"topic\":\"a/b/things/live/messages/s\",\"headers\":"
      "{\"content-type\":\"application/octet-stream\"},\"path\":"
      "\"/inbox/messages/s\"}" },
    { "RawMessage", "{\"incomingMessageHeaders\":{\"content-type\":"
      "\"text/plain\",\"ditto-message-thing-id\":\"{{ header:ns }}:b\","
      "\"ditto-message-subject\":\"{{ time:now }}\",\"other\":\"x\","
      "\"status\":{}}}", NULL, "v", "ns=a&status=404",
      "header.invalid The value '{}' of the header 'status' is not a valid "
      "int. Verify that the value of the header 'status' is a valid 'int' and "
      "try again." },
    { "RawMessage", "{\"incomingMessageHeaders\":{\"content-type\":"
      "\"text/plain\",\"ditto-message-thing-id\":\"{{ header:ns }}:b\","
      "\"ditto-message-subject\":\"{{ time:now }}\",\"other\":\"x\","
      "\"timeout\":\"5\"}}", NULL, "v", "ns=a",
      "{\"topic\":\"a/b/things/live/messages/2001-02-03T04:05:06.700Z\","
      "\"headers\":{\"content-type\":\"text/plain\"},\"path\":"
      "\"/inbox/messages/2001-02-03T04:05:06.700Z\",\"value\":\"v\"}" },
    { "RawMessage", "{\"incomingMessageHeaders\":\"x\"}", NULL, NULL,
      "ditto-message-thing-id=a:b&ditto-message-subject=s",
      "{\"topic\":\"a/b/things/live/messages/s\",\"headers\":"
      "{\"content-type\":\"application/octet-stream\"},\"path\":"
      "\"/inbox/messages/s\"}" },
    { "RawMessage", "{\"incomingMessageHeaders\":{\"timeout\":\"x\"}}", NULL,
      "v", "ditto-message-thing-id=a:b&ditto-message-subject=s",
      "timeout.invalid For input string: \"x\" Please choose a valid "
      "timeout." },
    { "RawMessage", "{}", NULL, "x",
      "content-type=application/vnd.eclipse.ditto+json; a", "x" },
    { "RawMessage", "{}", NULL, "",
      "content-type=Application/vnd.eclipse.ditto+json",
      FAILED("Application/vnd.eclipse.ditto+json", EMPTY) },
    { "RawMessage", "{\"incomingMessageHeaders\":{\"content-type\":"
      "\"{{ header:no }}\"}}", NULL, "x", "",
      "messages:messageformat.invalid The RawMessage mapper failed to resolve "
      "content-type of an incoming message. Please ensure that 'content-type' "
      "is defined and resolvable in the mapper configuration "
      "'incomingMessageHeaders'." },
    { "RawMessage", "{\"incomingMessageHeaders\":{\"a\":\"{{ thing:id }}\"}}",
      NULL, "x", "ditto-message-thing-id=a:b&ditto-message-subject=s",
      "placeholder:unresolved The placeholder 'thing:id' could not be "
      "resolved. Some placeholders could not be resolved. Check the spelling "
      "of the placeholder and make sure all required headers are set." },
    { "RawMessage", "{}", NULL, "x", "ditto-message-subject=s",
      FAILED("<unspecified>",
             UNKNOWN("inbound", "IllegalArgumentException The headers did not "
                     "contain a value for mandatory header with key "
                     "<ditto-message-thing-id>!")) },
    { "RawMessage", "{}", NULL, "x",
      "content-type=a&ditto-message-thing-id=a:b&Ditto-Message-Subject=s",
      FAILED("a",
             UNKNOWN("inbound", "IllegalArgumentException The headers did not "
                     "contain a value for mandatory header with key "
                     "<ditto-message-subject>!")) },
    { "RawMessage", "{\"incomingMessageHeaders\":{\"ditto-message-direction\":"
      "\"{{ header:no }}\"}}", NULL, "x", "",
      FAILED("<unspecified>",
             UNKNOWN("inbound", "IllegalArgumentException The headers did not "
                     "contain a value for mandatory header with key "
                     "<ditto-message-direction>!")) },
    { "RawMessage", "{}", NULL, "x",
      "ditto-message-thing-id=a:b&ditto-message-subject=",
      FAILED("<unspecified>",
             UNKNOWN("inbound", "IllegalArgumentException Message subject may "
                     "not be empty!")) },
    { "RawMessage", "{}", NULL, "x",
      "ditto-message-thing-id=a:b&ditto-message-subject=s&"
      "ditto-message-direction=to",
      FAILED("<unspecified>",
             UNKNOWN("inbound", "IllegalArgumentException Message direction "
                     "must be one of: <FROM>, <TO>!")) },
    { "RawMessage", "{}", NULL, "x",
      "ditto-message-thing-id=a:b&ditto-message-subject=s&content-type=",
      FAILED("<unspecified>",
             UNKNOWN("inbound", "IllegalArgumentException The content-type "
                     "must not be empty!")) },
    { "RawMessage", "{}", NULL, "x",
      "ditto-message-thing-id=a:b&ditto-message-subject=s&"
      "ditto-message-feature-id=",
      FAILED("<unspecified>",
             UNKNOWN("inbound", "IllegalArgumentException The key string must "
                     "not be empty!")) },
    { "RawMessage", "{}", NULL, "x",
      "ditto-message-thing-id=a:b/things/live/messages/t&"
      "ditto-message-subject=s",
      "things:id.invalid Thing ID 'a:b/things/live/messages/t' is not valid! "
      "It must conform to the namespaced entity ID notation (see Ditto "
      "documentation)" },
    { "RawMessage", "{}", NULL, "{",
      "content-type=application/json&ditto-message-thing-id=a:b&"
      "ditto-message-subject=s", "json.invalid" },

    /* CloudEvents */
    { "CloudEvents", "{}", NULL,
      "{\"specversion\":1,\"type\":null,\"source\":2,\"id\":\"i\\\"\","
      "\"data\":{\"topic\" : \"t\"}}",
      "content-type=application/cloudevents+json",
      "{\"topic\":\"t\",\"headers\":{\"correlation-id\":\"i\\\"\"}}" },
    { "CloudEvents", "{}", NULL,
      "{\"specversion\":1,\"type\":1,\"source\":2,\"id\":\"i\",\"data\":null,"
      "\"data_base64\":\"eyJoZWFkZXJzIjp7IkNPUlJFTEFUSU9OLUlEIjoieCIsImEiOjF"
      "9fQ==\"}", "content-type=application/cloudevents+json",
      "{\"headers\":{\"a\":1,\"correlation-id\":\"i\"}}" },
    { "CloudEvents", "{}", NULL,
      "{\"headers\":{\"correlation-id\":\"x\",\"correlation-id\":\"y\"}}",
      "content-type=application/vnd.eclipse.ditto+json&ce-id=i&ce-source=&"
      "ce-type=t&ce-specversion=7",
      "{\"headers\":{\"correlation-id\":\"i\"}}" },
    { "CloudEvents", "{}", NULL, "{\"headers\":5}",
      "content-type=application/vnd.eclipse.ditto+json&ce-id=i&ce-source=&"
      "ce-type=t&ce-specversion=7", "{\"headers\":5}" },
    { "CloudEvents", "{}", NULL, "{\"headers\":null}",
      "content-type=application/vnd.eclipse.ditto+json&ce-id=i&ce-source=&"
      "ce-type=t&ce-specversion=7",
      "{\"headers\":{\"correlation-id\":\"i\"}}" },
    { "CloudEvents", "{}", NULL, " null ",
      "content-type=application/vnd.eclipse.ditto+json&ce-id=i&ce-source=&"
      "ce-type=t&ce-specversion=7",
      "{\"headers\":{\"correlation-id\":\"i\"}}" },
    { "CloudEvents", "{}", NULL, "[]",
      "content-type=application/vnd.eclipse.ditto+json&ce-id=i&ce-source=&"
      "ce-type=t&ce-specversion=7", "json.invalid" },
    { "CloudEvents", "{}", NULL, "{}",
      "content-type=application/vnd.eclipse.ditto+json&ce-id=&ce-source=&"
      "ce-type=t&ce-specversion=7",
      FAILED("application/vnd.eclipse.ditto+json",
             UNKNOWN("inbound", "IllegalArgumentException The correlationId "
                     "must not be empty!")) },
    { "CloudEvents", "{}", NULL, "{}",
      "content-type=application/vnd.eclipse.ditto+json&CE-ID=i&ce-source=&"
      "ce-type=t&ce-specversion=7",
      FAILED("application/vnd.eclipse.ditto+json",
             "This is not a CloudEvent") },
    { "CloudEvents", "{}", NULL, "{}",
      "content-type=application/vnd.eclipse.ditto+json&ce-id=i&ce-source=&"
      "ce-type=t",
      FAILED("application/vnd.eclipse.ditto+json",
             "This is not a CloudEvent") },
    { "CloudEvents", "{}", NULL,
      "{\"specversion\":1,\"type\":1,\"id\":\"i\",\"data\":{}}",
      "content-type=application/cloudevents+json",
      FAILED("application/cloudevents+json", "This is not a CloudEvent") },
    { "CloudEvents", "{}", NULL, "null",
      "content-type=application/cloudevents+json",
      FAILED("application/cloudevents+json", "This is not a CloudEvent") },
    { "CloudEvents", "{}", NULL, "5",
      "content-type=application/cloudevents+json", "json.invalid" },
    { "CloudEvents", "{}", NULL,
      "{\"specversion\":1,\"type\":1,\"source\":2,\"id\":\"i\"}",
      "content-type=application/cloudevents+json",
      FAILED("application/cloudevents+json", "This is not a CloudEvent") },
    { "CloudEvents", "{}", NULL,
      "{\"specversion\":1,\"type\":1,\"source\":2,\"id\":7,\"data\":{}}",
      "content-type=application/cloudevents+json",
      FAILED("application/cloudevents+json",
             UNKNOWN("inbound", "UnsupportedOperationException The id of a "
                     "CloudEvent must be a string.")) },
    { "CloudEvents", "{}", NULL,
      "{\"specversion\":1,\"type\":1,\"source\":2,\"id\":\"i\","
      "\"data_base64\":7}", "content-type=application/cloudevents+json",
      FAILED("application/cloudevents+json",
             UNKNOWN("inbound", "UnsupportedOperationException The member "
                     "data_base64 of a CloudEvent must be a string.")) },
    { "CloudEvents", "{}", NULL,
      "{\"specversion\":1,\"type\":1,\"source\":2,\"id\":\"i\","
      "\"data_base64\":\"%\"}", "content-type=application/cloudevents+json",
      FAILED("application/cloudevents+json",
             UNKNOWN("inbound", "IllegalArgumentException The member "
                     "data_base64 of a CloudEvent is not Base64.")) },
    { "CloudEvents", "{}", NULL, "x",
      "content-type=application/cloudevents+json;x", "-" },
    { "CloudEvents", "{}", NULL, "x", "", "-" },
};


static ditto_rc_t
test_compile(unit_pool_t *up, const test_map_t *t, bool inbound,
    ditto_mapper_t **mapper, ditto_error_t *err)
{
    ditto_str_t                 *conditions;
    ditto_mapping_definition_t   definition;

    memset(&definition, 0, sizeof(ditto_mapping_definition_t));

    definition.id = unit_str(up, "m");
    definition.engine = unit_str(up, t->engine);
    definition.options = unit_str(up, t->options);

    conditions = inbound ? &definition.incoming : &definition.outgoing;

    if (t->conditions != NULL) {
        *conditions = unit_str(up, t->conditions);
    }

    return ditto_mapper_compile(&up->pool, &definition, mapper, err);
}


/* "code message description"; of texts that repeat the input the code only. */
static void
test_error(ditto_buf_t *out, const ditto_error_t *err)
{
    size_t  before;

    ditto_buf_text(out, ditto_error_name(err));

    if (err->code == DITTO_E_JSON_INVALID) {
        return;
    }

    ditto_buf_char(out, ' ');
    ditto_error_message(out, err);

    before = out->len;
    ditto_buf_char(out, ' ');
    ditto_error_description(out, err);

    if (out->len == before + 1) {
        out->len = before;
    }
}


static void
test_message(ditto_buf_t *out, const ditto_external_message_t *message)
{
    char                          hex[3];
    size_t                        i;
    const ditto_record_header_t  *h;

    for (i = 0, h = message->headers.elts; i < message->headers.nelts; i++) {
        ditto_buf_text(out, (i == 0) ? "" : ";");
        ditto_buf_str(out, h[i].name);
        ditto_buf_char(out, '=');
        ditto_buf_str(out, h[i].value);
    }

    if (message->payload.data == NULL) {
        return;
    }

    ditto_buf_char(out, '|');

    if (message->text) {
        ditto_buf_str(out, message->payload);
        return;
    }

    ditto_buf_char(out, '<');

    for (i = 0; i < message->payload.len; i++) {
        snprintf(hex, sizeof(hex), "%02x", message->payload.data[i]);
        ditto_buf_text(out, hex);
    }

    ditto_buf_char(out, '>');
}


/* "a=b&c=d" */
static void
test_headers(unit_pool_t *up, const char *text,
    ditto_external_message_t *message)
{
    char  copy[1024], *name, *value, *rest;

    snprintf(copy, sizeof(copy), "%s", text);

    for (name = strtok_r(copy, "&", &rest);
         name != NULL;
         name = strtok_r(NULL, "&", &rest))
    {
        value = strchr(name, '=');
        *value++ = '\0';

        assert_int_equal(ditto_external_header(message, unit_str(up, name),
                                               unit_str(up, value)),
                         DITTO_OK);
    }
}


/* *count: the allocations of the mapper. */
static ditto_rc_t
test_run_outbound(unit_pool_t *up, const ditto_mapper_t *mapper,
    ditto_scope_t *scope, ditto_buf_t *out, size_t *count,
    ditto_error_t *err)
{
    ditto_rc_t      rc;
    ditto_array_t   messages;

    ditto_array_init(&messages, &up->pool, sizeof(ditto_external_message_t));

    rc = ditto_mapper_outbound(mapper, scope, &messages, err);

    *count = up->count;
    up->fail_at = 0;

    if (rc == DITTO_OK) {
        assert_int_equal(messages.nelts, 1);
        test_message(out, messages.elts);

    } else {
        assert_int_equal(messages.nelts, 0);
    }

    return rc;
}


static ditto_rc_t
test_run_inbound(unit_pool_t *up, const test_map_t *t,
    const ditto_mapper_t *mapper, ditto_time_t now, ditto_buf_t *out,
    size_t *count, ditto_error_t *err)
{
    size_t                    fail_at;
    ditto_rc_t                rc;
    ditto_str_t               none = ditto_null_string;
    ditto_array_t             texts;
    ditto_external_message_t  message;

    fail_at = up->fail_at;
    up->fail_at = 0;

    ditto_array_init(&texts, &up->pool, sizeof(ditto_str_t));
    ditto_external_init(&message, &up->pool);
    test_headers(up, t->more, &message);

    message.payload = (t->text != NULL) ? unit_str(up, t->text) : none;

    up->count = 0;
    up->fail_at = fail_at;

    rc = ditto_mapper_inbound(mapper, &up->pool, now, &message, &texts, err);

    *count = up->count;
    up->fail_at = 0;

    if (rc == DITTO_OK) {
        assert_int_equal(texts.nelts, 1);
        ditto_buf_str(out, *(ditto_str_t *) texts.elts);

    } else {
        assert_int_equal(texts.nelts, 0);
    }

    return rc;
}


/*
 * One case; compiling fails at the n-th allocation, or running at the n-th;
 * true if none of them was reached.
 */
static bool
test_one(const test_map_t *t, bool inbound, size_t compile, size_t run)
{
    size_t               count;
    ditto_rc_t           rc;
    ditto_buf_t          out;
    unit_pool_t          up;
    ditto_error_t        err;
    ditto_scope_t        scope;
    ditto_signal_t       signal;
    ditto_mapper_t      *mapper;
    ditto_scope_cache_t  cache;

    unit_pool_init(&up);
    memset(&scope, 0, sizeof(ditto_scope_t));
    memset(&cache, 0, sizeof(ditto_scope_cache_t));

    scope.pool = &up.pool;
    scope.cache = &cache;
    scope.signal = &signal;
    scope.uuid = ditto_str("u");
    scope.now.sec = 981173106;
    scope.now.nsec = 700000000;

    ditto_buf_init(&out, &up.pool, 0);

    up.count = 0;
    up.fail_at = compile;

    rc = test_compile(&up, t, inbound, &mapper, &err);

    if (rc != DITTO_OK) {
        assert_int_equal(rc, DITTO_ERROR);
        assert_int_equal(err.code, DITTO_E_INTERNAL);
        assert_int_not_equal(compile, 0);
        unit_pool_free(&up);
        return false;
    }

    up.fail_at = 0;

    if (!inbound) {
        scope.extra = (t->more != NULL) ? unit_str(&up, t->more) : scope.extra;
        assert_int_equal(ditto_signal_parse(&up.pool, unit_str(&up, t->text),
                                            &signal, &err), DITTO_OK);
    }

    up.count = 0;
    up.fail_at = run;

    rc = inbound
         ? test_run_inbound(&up, t, mapper, scope.now, &out, &count, &err)
         : test_run_outbound(&up, mapper, &scope, &out, &count, &err);

    if (run != 0 && count >= run) {
        assert_int_equal(rc, DITTO_ERROR);
        assert_int_equal(err.code, DITTO_E_INTERNAL);
        unit_pool_free(&up);
        return false;
    }

    if (rc == DITTO_DECLINED) {
        ditto_buf_char(&out, '-');

    } else if (rc == DITTO_ERROR) {
        test_error(&out, &err);
    }

    if (out.len != strlen(t->result)
        || memcmp(out.data, t->result, out.len) != 0)
    {
        fail_msg("%s %s %s:\nexpected %s\ngot      %.*s", t->engine,
                 t->options, t->text ? t->text : "", t->result,
                 (int) out.len, (const char *) out.data);
    }

    unit_pool_free(&up);

    return true;
}


static void
test_cases(const test_map_t *cases, size_t n, bool inbound)
{
    size_t  i, fail;

    for (i = 0; i < n; i++) {
        assert_true(test_one(&cases[i], inbound, 0, 0));

        for (fail = 1; !test_one(&cases[i], inbound, fail, 0); fail++) {
            /* void */
        }

        for (fail = 1; !test_one(&cases[i], inbound, 0, fail); fail++) {
            /* void */
        }
    }
}


static void
test_map_outbound(void **state)
{
    (void) state;

    test_cases(test_outbound,
               sizeof(test_outbound) / sizeof(test_outbound[0]), false);
}


static void
test_map_inbound(void **state)
{
    (void) state;

    test_cases(test_inbound, sizeof(test_inbound) / sizeof(test_inbound[0]),
               true);
}


/* Each gets the original message; one that fails takes nothing back. */
static void
test_several(void **state)
{
    size_t                       i;
    ditto_str_t                  none = ditto_null_string;
    unit_pool_t                  up;
    ditto_array_t                messages;
    ditto_error_t                err;
    ditto_scope_t                scope;
    ditto_mapper_t              *mapper;
    ditto_signal_t               signal;
    ditto_scope_cache_t          cache;
    ditto_external_message_t    *message;
    ditto_mapping_definition_t   definition;

    static const struct {
        const char  *engine;
        const char  *options;
        ditto_rc_t   rc;
    } mappers[] = {
        { "Ditto", "{}", DITTO_OK },
        { "Normalized", "{}", DITTO_DECLINED },
        { "RawMessage", "{\"outgoingContentType\":\"\"}", DITTO_ERROR },
        { "RawMessage", "{}", DITTO_OK },
        { "CloudEvents", "{}", DITTO_OK },
    };

    static const char *const  types[] = {
        "application/vnd.eclipse.ditto+json",
        "text/plain; charset=utf-8",
        "application/cloudevents+json",
    };

    (void) state;

    unit_pool_init(&up);
    memset(&scope, 0, sizeof(ditto_scope_t));
    memset(&cache, 0, sizeof(ditto_scope_cache_t));
    memset(&definition, 0, sizeof(ditto_mapping_definition_t));

    scope.pool = &up.pool;
    scope.cache = &cache;
    scope.signal = &signal;
    scope.uuid = ditto_str("u");

    assert_int_equal(ditto_signal_parse(&up.pool,
                         unit_str(&up, MESSAGE("", "/inbox/messages/s", "")),
                         &signal, &err), DITTO_OK);

    ditto_array_init(&messages, &up.pool, sizeof(ditto_external_message_t));

    for (i = 0; i < sizeof(mappers) / sizeof(mappers[0]); i++) {
        definition.engine = ditto_str(mappers[i].engine);
        definition.options = ditto_str(mappers[i].options);

        assert_int_equal(ditto_mapper_compile(&up.pool, &definition, &mapper,
                                              &err), DITTO_OK);
        assert_int_equal(ditto_mapper_outbound(mapper, &scope, &messages,
                                               &err), mappers[i].rc);
    }

    assert_int_equal(messages.nelts, 3);

    for (i = 0, message = messages.elts; i < messages.nelts; i++) {
        assert_true(ditto_str_eq(ditto_external_type(&message[i]),
                                 ditto_str(types[i])));
    }

    /* nobody made an id */

    scope.uuid = none;
    assert_int_equal(ditto_mapper_outbound(mapper, &scope, &messages, &err),
                     DITTO_ERROR);
    assert_int_equal(messages.nelts, 3);

    unit_pool_free(&up);
}


static void
test_default(void **state)
{
    size_t                      i;
    unit_pool_t                 up;
    ditto_error_t               err;
    ditto_mapper_t             *mapper;
    ditto_record_header_t      *header;
    ditto_external_message_t    message;

    static const struct {
        const char  *id;
        bool         refused[2];
    } known[] = {
        { "Ditto", { false, false } },
        { "Normalized", { false, true } },
        { "RawMessage", { false, false } },
        { "CloudEvents", { false, false } },
        { "UpdateTwinWithLiveResponse", { false, true } },
    };

    static const char *const  unknown[] = {
        "", "ditto", "Ditto ", "DittoX", "JavaScript", "ConnectionStatus",
        "org.eclipse.ditto.connectivity.service.mapping.DittoMessageMapper"
    };

    (void) state;

    unit_pool_init(&up);

    for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        assert_int_equal(ditto_mapper_default(&up.pool,
                                              ditto_str(known[i].id), &mapper,
                                              &err), DITTO_OK);
        assert_true(ditto_str_eq(ditto_mapper_id(mapper),
                                 ditto_str(known[i].id)));
        assert_int_equal(ditto_mapper_refusal(mapper, false) != NULL,
                         known[i].refused[0]);
        assert_int_equal(ditto_mapper_refusal(mapper, true) != NULL,
                         known[i].refused[1]);
    }

    for (i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        assert_int_equal(ditto_mapper_default(&up.pool,
                                              unit_str(&up, unknown[i]),
                                              &mapper, &err),
                         DITTO_DECLINED);
    }

    ditto_external_init(&message, &up.pool);

    assert_int_equal(ditto_external_header(&message, ditto_str("a"),
                                           ditto_str("1")), DITTO_OK);
    assert_int_equal(ditto_external_header(&message, ditto_str("b"),
                                           ditto_str("2")), DITTO_OK);
    assert_int_equal(ditto_external_header(&message, ditto_str("A"),
                                           ditto_str("3")), DITTO_OK);
    assert_int_equal(ditto_external_header(&message, ditto_str("a"),
                                           ditto_str("4")), DITTO_OK);

    assert_int_equal(message.headers.nelts, 3);
    header = message.headers.elts;
    assert_true(ditto_str_eq(header[0].value, ditto_str("4")));
    assert_true(ditto_str_eq(header[1].value, ditto_str("2")));
    assert_true(ditto_str_eq(header[2].name, ditto_str("A")));

    unit_pool_free(&up);
}


/* What Ditto leaves out, and what it refuses. */
static void
test_definitions(void **state)
{
    size_t           i;
    unit_pool_t      up;
    ditto_error_t    err;
    ditto_mapper_t  *mapper;

    static const test_map_t  declined[] = {
        { "nope", "{}", NULL, NULL, NULL, NULL },
        { "ConnectionStatus", "{}", NULL, NULL, NULL, NULL },
        { "ImplicitThingCreation", "{}", NULL, NULL, NULL, NULL },
    };

    static const test_map_t  refused[] = {
        { "Normalized", "{\"fields\":\"a(b\"}", NULL, NULL, NULL, NULL },
        { "Normalized", "{\"fields\":\"a//b\"}", NULL, NULL, NULL, NULL },
    };

    (void) state;

    unit_pool_init(&up);

    for (i = 0; i < sizeof(declined) / sizeof(declined[0]); i++) {
        assert_int_equal(test_compile(&up, &declined[i], false, &mapper, &err),
                         DITTO_DECLINED);
    }

    for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        assert_int_equal(test_compile(&up, &refused[i], false, &mapper, &err),
                         DITTO_ERROR);
        assert_int_equal(err.code, DITTO_E_CONNECTION_CONFIGURATION);
    }

    unit_pool_free(&up);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_map_outbound),
        cmocka_unit_test(test_map_inbound),
        cmocka_unit_test(test_several),
        cmocka_unit_test(test_default),
        cmocka_unit_test(test_definitions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
