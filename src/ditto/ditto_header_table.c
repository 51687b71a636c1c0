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


#define DITTO_HEADER_TABLE_N                                                  \
    (sizeof(ditto_header_table) / sizeof(ditto_header_table[0]))


const ditto_header_definition_t *
ditto_header_definition(ditto_str_t name)
{
    size_t                            low, high, mid;
    const ditto_header_definition_t  *row;

    low = 0;
    high = DITTO_HEADER_TABLE_N;

    while (low < high) {
        mid = (low + high) / 2;

        if (ditto_header_table[mid].name.len < name.len) {
            low = mid + 1;

        } else {
            high = mid;
        }
    }

    for ( /* void */ ; low < DITTO_HEADER_TABLE_N; low++) {
        row = &ditto_header_table[low];

        if (row->name.len != name.len) {
            break;
        }

        if (memcmp(row->name.data, name.data, name.len) == 0
            || ditto_str_caseeq(row->name, name))
        {
            return row;
        }
    }

    return NULL;
}
