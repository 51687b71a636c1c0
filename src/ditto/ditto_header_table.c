#include "ditto_header_table.h"


#define IN     DITTO_HEADER_IN
#define OUT    DITTO_HEADER_OUT
#define TYPED  DITTO_HEADER_TYPED
#define MSG    DITTO_HEADER_MESSAGE


/* spec: "Header registry"; sorted by the length of the name */

static const ditto_header_definition_t  ditto_header_table[] = {
    { ditto_string("etag"),
      OUT, DITTO_HEADER_ETAG },
    { ditto_string("accept"),
      IN, DITTO_HEADER_ANY },
    { ditto_string("status"),
      IN | OUT | MSG, DITTO_HEADER_STATUS },
    { ditto_string("channel"),
      IN | OUT, DITTO_HEADER_CHANNEL },
    { ditto_string("dry-run"),
      IN | OUT | TYPED, DITTO_HEADER_BOOLEAN },
    { ditto_string("timeout"),
      IN | OUT, DITTO_HEADER_TIMEOUT },
    { ditto_string("if-equal"),
      IN, DITTO_HEADER_ANY },
    { ditto_string("if-match"),
      IN, DITTO_HEADER_ETAGS },
    { ditto_string("location"),
      IN | OUT, DITTO_HEADER_ANY },
    { ditto_string("reply-to"),
      IN | OUT, DITTO_HEADER_ANY },
    { ditto_string("condition"),
      IN, DITTO_HEADER_ANY },
    { ditto_string("timestamp"),
      IN | OUT | MSG, DITTO_HEADER_TIMESTAMP },
    { ditto_string("ditto-sudo"),
      TYPED, DITTO_HEADER_BOOLEAN },
    { ditto_string("tracestate"),
      IN | OUT, DITTO_HEADER_ANY },
    { ditto_string("policy-view"),
      IN, DITTO_HEADER_ANY },
    { ditto_string("traceparent"),
      IN | OUT, DITTO_HEADER_ANY },
    { ditto_string("content-type"),
      IN | OUT, DITTO_HEADER_ANY },
    { ditto_string("ditto-origin"),
      0, DITTO_HEADER_ANY },
    { ditto_string("get-metadata"),
      IN, DITTO_HEADER_SELECTOR },
    { ditto_string("put-metadata"),
      IN | TYPED, DITTO_HEADER_METADATA },
    { ditto_string("authorization"),
      IN, DITTO_HEADER_ANY },
    { ditto_string("declared-acks"),
      IN | TYPED, DITTO_HEADER_ARRAY },
    { ditto_string("ditto-dry-run"),
      TYPED, DITTO_HEADER_BOOLEAN },
    { ditto_string("if-none-match"),
      IN, DITTO_HEADER_ETAGS },
    { ditto_string("correlation-id"),
      IN | OUT, DITTO_HEADER_NONEMPTY },
    { ditto_string("ditto-metadata"),
      OUT | TYPED, DITTO_HEADER_OBJECT },
    { ditto_string("ditto-weak-ack"),
      OUT | TYPED, DITTO_HEADER_BOOLEAN },
    { ditto_string("requested-acks"),
      IN | OUT | TYPED, DITTO_HEADER_ACKS },
    { ditto_string("delete-metadata"),
      IN, DITTO_HEADER_SELECTOR },
    { ditto_string("ditto-entity-id"),
      0, DITTO_HEADER_ANY },
    { ditto_string("entity-revision"),
      OUT | TYPED, DITTO_HEADER_LONG },
    { ditto_string("ditto-originator"),
      OUT, DITTO_HEADER_ANY },
    { ditto_string("www-authenticate"),
      OUT, DITTO_HEADER_ANY },
    { ditto_string("response-required"),
      IN | OUT | TYPED, DITTO_HEADER_BOOLEAN },
    { ditto_string("ditto-auth-context"),
      TYPED, DITTO_HEADER_OBJECT },
    { ditto_string("ditto-reply-target"),
      TYPED, DITTO_HEADER_INT },
    { ditto_string("historical-headers"),
      OUT | TYPED, DITTO_HEADER_OBJECT },
    { ditto_string("ditto-connection-id"),
      OUT, DITTO_HEADER_ANY },
    { ditto_string("ditto-read-subjects"),
      TYPED, DITTO_HEADER_ARRAY },
    { ditto_string("allow-policy-lockout"),
      IN | TYPED, DITTO_HEADER_BOOLEAN },
    { ditto_string("ditto-message-subject"),
      OUT | MSG, DITTO_HEADER_SUBJECT },
    { ditto_string("at-historical-revision"),
      IN | TYPED, DITTO_HEADER_LONG },
    { ditto_string("ditto-message-thing-id"),
      OUT | MSG, DITTO_HEADER_ANY },
    { ditto_string("ditto-retrieve-deleted"),
      TYPED, DITTO_HEADER_BOOLEAN },
    { ditto_string("live-channel-condition"),
      IN, DITTO_HEADER_ANY },
    { ditto_string("at-historical-timestamp"),
      IN, DITTO_HEADER_ANY },
    { ditto_string("ditto-message-direction"),
      OUT | MSG, DITTO_HEADER_ANY },
    { ditto_string("ditto-event-journal-tags"),
      TYPED, DITTO_HEADER_ARRAY },
    { ditto_string("ditto-message-feature-id"),
      OUT | MSG, DITTO_HEADER_ANY },
    { ditto_string("ditto-ackgregator-address"),
      0, DITTO_HEADER_NONEMPTY },
    { ditto_string("ditto-partial-access-paths"),
      TYPED, DITTO_HEADER_OBJECT },
    { ditto_string("ditto-read-revoked-subjects"),
      TYPED, DITTO_HEADER_ARRAY },
    { ditto_string("ditto-inbound-payload-mapper"),
      0, DITTO_HEADER_ANY },
    { ditto_string("merge-thing-patch-conditions"),
      IN | TYPED, DITTO_HEADER_OBJECT },
    { ditto_string("divert-response-to-connection"),
      IN, DITTO_HEADER_NONEMPTY },
    { ditto_string("ditto-expected-response-types"),
      TYPED, DITTO_HEADER_ARRAY },
    { ditto_string("live-channel-timeout-strategy"),
      IN, DITTO_HEADER_ANY },
    { ditto_string("divert-expected-response-types"),
      IN, DITTO_HEADER_NONEMPTY },
    { ditto_string("ditto-pre-defined-extra-fields"),
      TYPED, DITTO_HEADER_ARRAY },
    { ditto_string("live-channel-condition-matched"),
      OUT | TYPED, DITTO_HEADER_BOOLEAN },
    { ditto_string("diverted-response-from-connection"),
      IN | OUT, DITTO_HEADER_NONEMPTY },
    { ditto_string("ditto-policy-view-fields-selector"),
      0, DITTO_HEADER_ANY },
    { ditto_string("ditto-pre-defined-extra-fields-object"),
      TYPED, DITTO_HEADER_OBJECT },
    { ditto_string("ditto-pre-defined-extra-fields-read-grant"),
      TYPED, DITTO_HEADER_OBJECT },
};


#define DITTO_HEADER_NAME_MAX  41    /* bytes of the longest name */


/* the first row with a name of that length, or behind the shorter ones */

static const unsigned char  ditto_header_first[DITTO_HEADER_NAME_MAX + 2] = {
     0,  0,  0,  0,  0,  1,  1,  3,  6, 10, 12,
    14, 16, 20, 24, 28, 31, 33, 34, 37, 39, 40,
    41, 45, 47, 49, 50, 51, 52, 54, 57, 60, 60,
    60, 62, 62, 62, 62, 63, 63, 63, 63, 64
};


const ditto_header_definition_t *
ditto_header_definition(ditto_str_t name)
{
    size_t                            i;
    const ditto_header_definition_t  *row;

    if (name.len == 0 || name.len > DITTO_HEADER_NAME_MAX) {
        return NULL;
    }

    for (i = ditto_header_first[name.len];
         i < ditto_header_first[name.len + 1];
         i++)
    {
        row = &ditto_header_table[i];

        /* names begin with a letter, whose case is one bit */

        if ((name.data[0] | 0x20) != row->name.data[0]) {
            continue;
        }

        if (memcmp(row->name.data, name.data, name.len) == 0
            || ditto_str_caseeq(row->name, name))
        {
            return row;
        }
    }

    return NULL;
}
