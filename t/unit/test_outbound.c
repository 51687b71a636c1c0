/*
 * The way of a signal to a target: what is selected, what must be fetched,
 * what of it may be read, and what became of the signal.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "ditto_json.h"
#include "ditto_outbound.h"
#include "unit_pool.h"


#define ACTION(channel, action, path, headers, value)                         \
    "{\"topic\":\"org.acme/pump-7/things/" channel "/events/" action "\","    \
    "\"headers\":{" headers "},\"path\":\"" path "\"" value ","               \
    "\"revision\":12}"
#define EVENT(path, value)                                                    \
    ACTION("twin", "modified", path, "", ",\"value\":" value)
#define MERGED(path, value)                                                   \
    ACTION("twin", "merged", path, "", ",\"value\":" value)
#define DELETED(path)  ACTION("twin", "deleted", path, "", "")
#define MESSAGE                                                               \
    "{\"topic\":\"org.acme/pump-7/things/live/messages/ask\","                \
    "\"headers\":{\"content-type\":\"application/json\"},"                  \
    "\"path\":\"/inbox/messages/ask\",\"value\":{\"q\":1}}"
#define COMMAND                                                               \
    "{\"topic\":\"org.acme/pump-7/things/live/commands/retrieve\","           \
    "\"path\":\"/attributes\"}"
#define ANNOUNCEMENT                                                          \
    "{\"topic\":\"org.acme/p/policies/announcements/subjectDeletion\","       \
    "\"path\":\"/\",\"value\":{\"deleteAt\":\"2026-08-18T10:00:00Z\","        \
    "\"subjectIds\":[\"t:x\"]}}"

#define POLICY(entries)                                                       \
    "{\"policyId\":\"org.acme:p\",\"entries\":{" entries "}}"
#define ENTRY(label, subject, resource, grant, revoke)                        \
    "\"" label "\":{\"subjects\":{\"" subject "\":{\"type\":\"t\"}},"         \
    "\"resources\":{\"" resource "\":{\"grant\":[" grant "],\"revoke\":["     \
    revoke "]}}}"
#define R  "\"READ\""

#define O_ALL      ENTRY("o", "t:o", "thing:/", R, "")
#define A_ALL      ENTRY("a", "t:a", "thing:/", R, "")
#define A_PUBLIC   ENTRY("p", "t:a", "thing:/attributes/public", R, "")
#define A_HIDDEN   ENTRY("h", "t:a", "thing:/attributes/secret", "", R)
#define A_NOWHERE  ENTRY("n", "t:a", "thing:/attributes/nowhere", R, "")
#define A_FEATURE  ENTRY("f", "t:a", "thing:/features/f", R, "")
#define B_REVOKED  ENTRY("b", "t:b", "thing:/attributes", "", R)

/* Somebody may read all of it, t:a a part, or all but a part. */
#define PUBLIC  POLICY(O_ALL "," A_PUBLIC)
#define HIDDEN  POLICY(O_ALL "," A_ALL "," A_HIDDEN)

#define TWIN      "_/_/things/twin/events"
#define LIVE      "_/_/things/live/events"
#define MESSAGES  "_/_/things/live/messages"
#define COMMANDS  "_/_/things/live/commands"

/* The connection's first target is the one in question. */
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
    "\"thingId\":\"a:b\"}}},\"targets\":[{\"authorizationContext\":[%s],"     \
    "%s},{\"address\":\"other\",\"topics\":[],\"authorizationContext\":["     \
    "\"t:o\"],\"issuedAcknowledgementLabel\":\"k1:other\"}],\"sources\":[{"   \
    "\"addresses\":[\"in\"],\"authorizationContext\":[\"t:in\"],"             \
    "\"declaredAcks\":[\"k1:src\"]}]}"

#define TOPICS(entries)  "\"address\":\"t\",\"topics\":[" entries "]"
#define PLAIN            TOPICS("\"" TWIN "\",\"" LIVE "\"")
#define ADDRESS(address, more)                                                \
    "\"address\":\"" address "\",\"topics\":[\"" TWIN "\"]" more

#define A   "\"t:a\""
#define AO  "\"t:a\",\"t:o\""
#define AB  "\"t:a\",\"t:b\""


typedef struct {
    const char  *target;
    const char  *subjects;
    const char  *policy;             /* NULL: there is none */
    bool         off;
    bool         partial;
    const char  *signal;
    ditto_rc_t   rc;
    const char  *fields;             /* between blanks */
} test_select_t;


typedef struct {
    const char  *subjects;
    const char  *policy;
    bool         off;
    const char  *thing;
    const char  *expected;
} test_readable_t;


typedef struct {
    const char     *target;
    const char     *subjects;
    const char     *policy;          /* NULL: policies are off */
    const char     *signal;
    const char     *thing;           /* NULL: nothing was fetched */
    ditto_fate_e    fate;
    const char     *value;           /* of the record's envelope; NULL: no such
                                        member */
    const char     *extra;           /* the same */
} test_publish_t;


typedef struct {
    ditto_signal_t        signal;
    ditto_scope_cache_t   cache;
    ditto_scope_t         scope;
    ditto_access_t        access;
    ditto_connection_t    connection;
    ditto_target_t       *target;
} test_case_t;


static const ditto_policy_document_t *
test_lookup(void *ctx, ditto_str_t id)
{
    (void) ctx;
    (void) id;

    return NULL;
}


static const ditto_policy_t *
test_policy(unit_pool_t *up, const char *text)
{
    ditto_str_t               place, none = ditto_null_string;
    ditto_time_t              now = { 0, 0 };
    ditto_error_t             err;
    ditto_policy_t           *policy;
    ditto_policy_document_t  *document;

    if (ditto_policy_document_read(&up->pool, unit_str(up, text), &document,
                                   &place, &err)
            != DITTO_OK
        || ditto_policy_compile(&up->pool, document, test_lookup, NULL, none,
                                now, &policy, &err)
           != DITTO_OK)
    {
        fail_msg("no policy: %s", text);
        return NULL;
    }

    return policy;
}


static void
test_set_up(unit_pool_t *up, const char *target, const char *subjects,
    const char *policy, const char *signal, test_case_t *tc)
{
    char           text[4096];
    ditto_buf_t    buf;
    ditto_str_t    place, message;
    ditto_error_t  err;

    memset(tc, 0, sizeof(test_case_t));

    (void) snprintf(text, sizeof(text), CONNECTION, subjects, target);

    if (ditto_connection_parse(&up->pool, unit_str(up, text), &tc->connection,
                               &place, &err)
        != DITTO_OK)
    {
        ditto_buf_init(&buf, &up->pool, 0);
        ditto_error_text(&buf, &err);
        (void) ditto_buf_done(&buf, &message);
        fail_msg("no connection: %s: %.*s: %.*s", text, (int) place.len,
                 (const char *) place.data, (int) message.len,
                 (const char *) message.data);
    }

    if (ditto_signal_parse(&up->pool, unit_str(up, signal), &tc->signal, &err)
        != DITTO_OK)
    {
        fail_msg("no signal: %s", signal);
    }

    tc->target = tc->connection.targets.elts;

    tc->scope.pool = &up->pool;
    tc->scope.cache = &tc->cache;
    tc->scope.signal = &tc->signal;
    tc->scope.connection_id = tc->connection.id;

    tc->access.partial = true;

    if (policy != NULL) {
        tc->access.policy = test_policy(up, policy);
    }
}


static bool
test_is(ditto_str_t text, const char *expected)
{
    return (expected == NULL) ? text.data == NULL
                              : text.data != NULL
                                && ditto_str_eq(text, ditto_str(expected));
}


/* --- spec: "Pipeline", 1 to 4 --------------------------------------------- */

#define X_IS_5        EVENT("/attributes/x", "5")
#define EXTRA(query)  TOPICS("\"" TWIN "?extraFields=" query "\"")


static const test_select_t  test_selects[] = {

    { PLAIN, A, POLICY(A_ALL), false, false, X_IS_5, DITTO_OK, "" },

    /* who may read it */
    { PLAIN, A, NULL, false, false, X_IS_5, DITTO_DECLINED, "" },
    { PLAIN, A, NULL, true, false, X_IS_5, DITTO_OK, "" },
    { PLAIN, A, POLICY(O_ALL), false, true, X_IS_5, DITTO_DECLINED, "" },
    { PLAIN, A, PUBLIC, false, false, X_IS_5, DITTO_DECLINED, "" },
    { PLAIN, A, PUBLIC, false, true, X_IS_5, DITTO_OK, "" },
    { PLAIN, AO, PUBLIC, false, false, X_IS_5, DITTO_OK, "" },
    { TOPICS("\"" COMMANDS "\""), A, HIDDEN, false, false, COMMAND, DITTO_OK,
      "" },
    { TOPICS("\"" COMMANDS "\""), A, PUBLIC, false, true, COMMAND,
      DITTO_DECLINED, "" },
    { TOPICS("\"" COMMANDS "\""), AB, POLICY(A_ALL "," B_REVOKED), false,
      true, COMMAND, DITTO_DECLINED, "" },
    { TOPICS("\"_/_/policies/announcements\""), A, NULL, false, false,
      ANNOUNCEMENT, DITTO_OK, "" },

    /* what it is, and of which namespace */
    { TOPICS("\"" LIVE "\""), A, POLICY(A_ALL), false, false, X_IS_5,
      DITTO_DECLINED, "" },
    { TOPICS(""), A, POLICY(A_ALL), false, false, X_IS_5, DITTO_DECLINED,
      "" },
    { TOPICS("\"" TWIN "?namespaces=org\""), A, POLICY(A_ALL), false, false,
      X_IS_5, DITTO_DECLINED, "" },

    /* what the filter says, to whoever may read a part of it */
    { TOPICS("\"" TWIN "?filter=gt(attributes/x,4)\""), A, POLICY(A_ALL),
      false, false, X_IS_5, DITTO_OK, "" },
    { TOPICS("\"" TWIN "?filter=gt(attributes/x,5)\""), A, POLICY(A_ALL),
      false, false, X_IS_5, DITTO_DECLINED, "" },
    { TOPICS("\"" TWIN "?filter=gt(attributes/x,4)\""), A, PUBLIC, false,
      true, X_IS_5, DITTO_OK, "" },
    { TOPICS("\"" TWIN "?filter=in(attributes/x,null)\""), A, POLICY(A_ALL),
      false, false, X_IS_5, DITTO_ERROR, "" },
    /* it is not asked where nobody may read */
    { TOPICS("\"" TWIN "?filter=in(attributes/x,null)\""), A, POLICY(O_ALL),
      false, true, X_IS_5, DITTO_DECLINED, "" },

    /* what must be fetched: the fields of all entries of this kind */
    { EXTRA("attributes/y"), A, POLICY(A_ALL), false, false, X_IS_5,
      DITTO_OK, "/attributes/y" },
    { EXTRA("policyId,attributes/y&filter=gt(attributes/y,4)"), A,
      POLICY(A_ALL), false, false, X_IS_5, DITTO_OK,
      "/policyId /attributes/y" },
    { TOPICS("\"" TWIN "?extraFields=policyId,definition\",\"" TWIN
             "?namespaces=other&extraFields=attributes,policyId\",\"" LIVE
             "?extraFields=features\""), A, POLICY(A_ALL), false, false,
      X_IS_5, DITTO_OK, "/policyId /definition /attributes" },
    { TOPICS("\"" TWIN "\",\"" LIVE "?extraFields=features\""), A,
      POLICY(A_ALL), false, false, X_IS_5, DITTO_OK, "" },
    { EXTRA("features/{{ feature:id }}/properties"), A, POLICY(A_ALL), false,
      false, X_IS_5, DITTO_OK, "" },
    { EXTRA("features/{{ feature:id }}/properties"), A, POLICY(A_ALL), false,
      false, EVENT("/features/f/properties/p", "1"), DITTO_OK,
      "/features/f/properties" },
    { TOPICS("\"" MESSAGES "?extraFields=attributes/y\""), A,
      POLICY(ENTRY("m", "t:a", "message:/", R, "")), false, false, MESSAGE,
      DITTO_OK, "/attributes/y" },
    { EXTRA("attributes/y&filter=eq(attributes/x,6)"), A, POLICY(A_ALL),
      false, false, X_IS_5, DITTO_DECLINED, "" },
    /* a placeholder that makes no field of it */
    { EXTRA("{{ header:field }}"), A, POLICY(A_ALL), false, false,
      ACTION("twin", "modified", "/attributes/x", "\"field\":\"a//b\"",
             ",\"value\":5"), DITTO_ERROR, "" },
};


static ditto_rc_t
test_select_one(const test_select_t *t, test_case_t *tc,
    ditto_array_t *fields, ditto_error_t *err)
{
    tc->access.off = t->off;
    tc->access.partial = t->partial;

    fields->nelts = 1;               /* of the target before */

    return ditto_outbound_select(tc->target, &tc->scope, &tc->access, fields,
                                 err);
}


static void
test_fields(unit_pool_t *up, const ditto_array_t *fields,
    const test_select_t *t)
{
    size_t        i;
    ditto_buf_t   buf;
    ditto_str_t   text, *field;

    ditto_buf_init(&buf, &up->pool, 16);

    for (i = 0, field = fields->elts; i < fields->nelts; i++) {
        ditto_buf_text(&buf, i == 0 ? "" : " ");
        ditto_buf_str(&buf, field[i]);
    }

    assert_int_equal(ditto_buf_done(&buf, &text), DITTO_OK);

    if (!ditto_str_eq(text, ditto_str(t->fields))) {
        fail_msg("%s: expected %s, got %.*s", t->target, t->fields,
                 (int) text.len, (const char *) text.data);
    }
}


static void
test_select(void **state)
{
    size_t                i;
    ditto_rc_t            rc;
    unit_pool_t           up;
    test_case_t           tc;
    ditto_array_t         fields;
    ditto_error_t         err;
    const test_select_t  *t;

    (void) state;

    for (i = 0; i < sizeof(test_selects) / sizeof(test_selects[0]); i++) {
        t = &test_selects[i];

        unit_pool_init(&up);
        test_set_up(&up, t->target, t->subjects, t->policy, t->signal, &tc);
        ditto_array_init(&fields, &up.pool, sizeof(ditto_str_t));

        rc = test_select_one(t, &tc, &fields, &err);

        if (rc != t->rc) {
            fail_msg("%s, %s, %s: %d", t->target, t->policy, t->signal, rc);
        }

        if (rc == DITTO_OK) {
            test_fields(&up, &fields, t);
        }

        unit_pool_free(&up);
    }
}


/* --- spec: "Retrieval" ---------------------------------------------------- */

#define THING                                                                 \
    "{\"thingId\":\"org.acme:pump-7\",\"policyId\":\"org.acme:p\","           \
    "\"_revision\":12,\"_modified\":\"m\",\"_created\":\"c\","                \
    "\"_namespace\":\"org.acme\",\"attributes\":{\"public\":1,"               \
    "\"secret\":2}}"
#define IDENTITY                                                              \
    "\"thingId\":\"org.acme:pump-7\",\"_revision\":12,\"_modified\":\"m\","   \
    "\"_created\":\"c\",\"_namespace\":\"org.acme\""


static const test_readable_t  test_readables[] = {
    { A, NULL, true, THING, THING },
    { A, NULL, false, THING, "{}" },
    { A, POLICY(A_ALL), false, THING, THING },
    { A, POLICY(A_ALL), true, THING, THING },
    { A, HIDDEN, false, THING,
      "{\"thingId\":\"org.acme:pump-7\",\"policyId\":\"org.acme:p\","
      "\"_revision\":12,\"_modified\":\"m\",\"_created\":\"c\","
      "\"_namespace\":\"org.acme\",\"attributes\":{\"public\":1}}" },
    /* who it is, for everybody who may read a part */
    { A, PUBLIC, false, THING, "{" IDENTITY ",\"attributes\":{\"public\":1}}" },
    { A, POLICY(A_NOWHERE), false, THING, "{" IDENTITY "}" },
    { A, POLICY(O_ALL), false, THING, "{}" },
    { A, PUBLIC, false, "{\"attributes\":{\"secret\":2}}", "{}" },
    { A, PUBLIC, false, "{}", "{}" },
    /* the subjects are one context: what one is revoked none may read */
    { AB, POLICY(A_ALL "," B_REVOKED), false, THING,
      "{\"thingId\":\"org.acme:pump-7\",\"policyId\":\"org.acme:p\","
      "\"_revision\":12,\"_modified\":\"m\",\"_created\":\"c\","
      "\"_namespace\":\"org.acme\"}" },
};


static void
test_readable(void **state)
{
    bool                    reached;
    size_t                  i, n;
    ditto_rc_t              rc;
    ditto_str_t             thing, out;
    unit_pool_t             up;
    test_case_t             tc;
    ditto_error_t           err;
    const test_readable_t  *t;

    (void) state;

    for (i = 0; i < sizeof(test_readables) / sizeof(test_readables[0]); i++) {
        t = &test_readables[i];

        for (n = 1, reached = true; reached; n++) {
            unit_pool_init(&up);
            test_set_up(&up, PLAIN, t->subjects, t->policy, X_IS_5, &tc);
            tc.access.off = t->off;
            thing = unit_str(&up, t->thing);
            up.count = 0;
            up.fail_at = n;

            rc = ditto_outbound_readable(tc.target, &tc.scope, &tc.access,
                                         thing, &out, &err);
            reached = (up.count >= n);

            if (rc == DITTO_ERROR) {
                assert_true(reached);
                assert_int_equal(err.code, DITTO_E_INTERNAL);

            } else if (rc != DITTO_OK || !test_is(out, t->expected)) {
                fail_msg("%s, %s: %.*s", t->subjects, t->policy,
                         (int) out.len, (const char *) out.data);
            }

            unit_pool_free(&up);
        }
    }
}


/* --- spec: "Pipeline", 6 to 9 --------------------------------------------- */

#define WHOLE                                                                 \
    EVENT("/", "{\"thingId\":\"org.acme:pump-7\",\"policyId\":\"org.acme:p\","\
          "\"attributes\":{\"public\":1,\"secret\":2},"                       \
          "\"features\":{\"g\":{\"properties\":{\"p\":1}},"                   \
          "\"f\":{\"properties\":{\"p\":2}}}}")

#define EXTRA_Y  EXTRA("attributes/y&filter=gt(attributes/y,4)")
#define Y(y)     "{\"attributes\":{\"y\":" y "},\"_revision\":12}"


static const test_publish_t  test_publishes[] = {

    { PLAIN, A, POLICY(A_ALL), X_IS_5, NULL, DITTO_FATE_PUBLISHED, "5",
      NULL },
    { PLAIN, A, NULL, X_IS_5, NULL, DITTO_FATE_PUBLISHED, "5", NULL },

    /* spec: "Partial access" */
    { PLAIN, A, PUBLIC, WHOLE, NULL, DITTO_FATE_PUBLISHED,
      "{\"thingId\":\"org.acme:pump-7\",\"attributes\":{\"public\":1}}",
      NULL },
    { PLAIN, A, PUBLIC,
      MERGED("/", "{\"_revision\":12,\"attributes\":{\"public\":1,"
             "\"secret\":null}}"), NULL, DITTO_FATE_PUBLISHED,
      "{\"_revision\":12,\"attributes\":{\"public\":1}}", NULL },
    { PLAIN, A, PUBLIC, EVENT("/attributes/public", "9"), NULL,
      DITTO_FATE_PUBLISHED, "9", NULL },
    { PLAIN, A, PUBLIC, EVENT("/attributes/secret", "9"), NULL,
      DITTO_FATE_DROPPED, NULL, NULL },
    { PLAIN, A, PUBLIC, EVENT("/attributes/secret", "[{\"public\":1}]"), NULL,
      DITTO_FATE_DROPPED, NULL, NULL },
    { PLAIN, A, PUBLIC, EVENT("/attributes", "{\"secret\":8,\"public\": 9.0}"),
      NULL, DITTO_FATE_PUBLISHED, "{\"public\":9.0}", NULL },
    { PLAIN, A, PUBLIC, MERGED("/attributes", "{\"public\":3}"), NULL,
      DITTO_FATE_PUBLISHED, "{\"public\":3}", NULL },
    { PLAIN, A, PUBLIC, MERGED("/attributes", "{\"secret\":3}"), NULL,
      DITTO_FATE_DROPPED, NULL, NULL },
    { PLAIN, A, PUBLIC, MERGED("/attributes/public", "null"), NULL,
      DITTO_FATE_PUBLISHED, "null", NULL },
    { PLAIN, A, PUBLIC, MERGED("/attributes/secret", "null"), NULL,
      DITTO_FATE_DROPPED, NULL, NULL },
    { PLAIN, A, PUBLIC, EVENT("/attributes/secret", "{}"), NULL,
      DITTO_FATE_DROPPED, NULL, NULL },
    { PLAIN, A, PUBLIC, EVENT("/features", "{\"f\":{}}"), NULL,
      DITTO_FATE_DROPPED, NULL, NULL },
    { PLAIN, A, HIDDEN, EVENT("/attributes", "{\"public\":9,\"secret\":8}"),
      NULL, DITTO_FATE_PUBLISHED, "{\"public\":9}", NULL },
    { PLAIN, A, HIDDEN, EVENT("/features/f/properties/p", "9"), NULL,
      DITTO_FATE_PUBLISHED, "9", NULL },
    { PLAIN, A, HIDDEN, EVENT("/attributes", "{}"), NULL,
      DITTO_FATE_PUBLISHED, "{}", NULL },
    { PLAIN, A, HIDDEN, EVENT("/attributes", "{\"secret\":8}"), NULL,
      DITTO_FATE_DROPPED, NULL, NULL },
    { PLAIN, A, POLICY(O_ALL "," A_NOWHERE), EVENT("/attributes/secret", "9"),
      NULL, DITTO_FATE_DROPPED, NULL, NULL },
    { PLAIN, A, POLICY(O_ALL "," A_NOWHERE), EVENT("/attributes",
      "{\"secret\":9}"), NULL, DITTO_FATE_DROPPED, NULL, NULL },

    /* no value: whoever may read something of what goes */
    { PLAIN, A, PUBLIC, DELETED("/attributes/public"), NULL,
      DITTO_FATE_PUBLISHED, NULL, NULL },
    { PLAIN, A, PUBLIC, DELETED("/attributes/secret"), NULL,
      DITTO_FATE_DROPPED, NULL, NULL },
    { PLAIN, A, PUBLIC, DELETED("/features/f"), NULL, DITTO_FATE_DROPPED,
      NULL, NULL },
    { PLAIN, A, PUBLIC, DELETED("/attributes"), NULL, DITTO_FATE_PUBLISHED,
      NULL, NULL },
    { PLAIN, A, PUBLIC, DELETED("/"), NULL, DITTO_FATE_PUBLISHED, NULL,
      NULL },

    /* another subject of the context may read all of it */
    { PLAIN, AO, PUBLIC, WHOLE, NULL, DITTO_FATE_PUBLISHED,
      "{\"thingId\":\"org.acme:pump-7\",\"policyId\":\"org.acme:p\","
      "\"attributes\":{\"public\":1,\"secret\":2},"
      "\"features\":{\"g\":{\"properties\":{\"p\":1}},"
      "\"f\":{\"properties\":{\"p\":2}}}}", NULL },
    /* one who may read nothing of the thing has no say */
    { PLAIN, AB, POLICY(O_ALL "," A_PUBLIC ","
                        ENTRY("b", "t:b", "thing:/attributes/public", "", R)),
      EVENT("/attributes", "{\"public\":9,\"secret\":8}"), NULL,
      DITTO_FATE_PUBLISHED, "{\"public\":9}", NULL },
    /* who it is: at the root only */
    { PLAIN, A, POLICY(O_ALL "," A_FEATURE),
      EVENT("/features", "{\"thingId\":{},\"f\":{\"properties\":{}}}"), NULL,
      DITTO_FATE_PUBLISHED, "{\"f\":{\"properties\":{}}}", NULL },
    { PLAIN, A, PUBLIC,
      ACTION("live", "modified", "/attributes", "",
             ",\"value\":{\"public\":9,\"secret\":8}"), NULL,
      DITTO_FATE_PUBLISHED, "{\"public\":9}", NULL },

    /* spec: "Phase 2": what was fetched decides, and is sent along */
    { EXTRA_Y, A, POLICY(A_ALL), X_IS_5, Y("5"), DITTO_FATE_PUBLISHED, "5",
      "{\"attributes\":{\"y\":5}}" },
    { EXTRA_Y, A, POLICY(A_ALL), X_IS_5, Y("1"), DITTO_FATE_DROPPED, NULL,
      NULL },
    { EXTRA_Y, A, POLICY(A_ALL), X_IS_5, "{}", DITTO_FATE_DROPPED, NULL,
      NULL },
    { EXTRA("attributes/y"), A, POLICY(A_ALL), X_IS_5, "{}",
      DITTO_FATE_PUBLISHED, "5", "{}" },
    { EXTRA("attributes/y,policyId"), A, POLICY(A_ALL), X_IS_5,
      "{\"policyId\":\"a:b\",\"attributes\":{\"y\": 1.0,\"z\":2},"
      "\"_revision\":12}", DITTO_FATE_PUBLISHED, "5",
      "{\"attributes\":{\"y\":1.0},\"policyId\":\"a:b\"}" },
    { EXTRA("attributes/x&filter=eq(attributes/x,5)"), A, POLICY(A_ALL),
      X_IS_5, "{\"attributes\":{\"x\":6}}", DITTO_FATE_PUBLISHED, "5",
      "{\"attributes\":{\"x\":6}}" },
    { TOPICS("\"" TWIN "\",\"" TWIN
             "?extraFields=attributes/y&filter=gt(attributes/y,4)\""), A,
      POLICY(A_ALL), X_IS_5, Y("1"), DITTO_FATE_PUBLISHED, "5", NULL },
    { TOPICS("\"" TWIN "?filter=eq(attributes/x,6)\",\"" TWIN
             "?extraFields=attributes/y&filter=gt(attributes/y,4)\""), A,
      POLICY(A_ALL), X_IS_5, Y("1"), DITTO_FATE_DROPPED, NULL, NULL },
    { EXTRA("attributes/y&filter=in(attributes/y,null)"), A, POLICY(A_ALL),
      X_IS_5, Y("1"), DITTO_FATE_FAILED, NULL, NULL },
    /* nothing had to be fetched: phase 1 was final */
    { EXTRA("features/{{ feature:id }}&filter=gt(features/f/properties/p,4)"),
      A, POLICY(A_ALL), X_IS_5, NULL, DITTO_FATE_PUBLISHED, "5", NULL },
    { TOPICS("\"" MESSAGES "?extraFields=attributes/y&filter=gt(attributes/y,"
             "4)\""), A, POLICY(ENTRY("m", "t:a", "message:/", R, "")),
      MESSAGE, Y("5"), DITTO_FATE_PUBLISHED, "{\"q\":1}",
      "{\"attributes\":{\"y\":5}}" },

    /* the filter sees all of an event, the target a part */
    { EXTRA("attributes/y&filter=and(eq(attributes/secret,8),"
            "gt(attributes/y,4))"), A, PUBLIC,
      EVENT("/attributes", "{\"public\":9,\"secret\":8}"), Y("5"),
      DITTO_FATE_PUBLISHED, "{\"public\":9}", "{\"attributes\":{\"y\":5}}" },

    /* mappers and the address */
    { ADDRESS("t", ",\"payloadMapping\":[\"drops\"]"), A, POLICY(A_ALL),
      X_IS_5, NULL, DITTO_FATE_DROPPED, NULL, NULL },
    { ADDRESS("t", ",\"payloadMapping\":[\"never\",\"drops\"]"), A,
      POLICY(A_ALL), X_IS_5, NULL, DITTO_FATE_DROPPED, NULL, NULL },
    { ADDRESS("t", ",\"payloadMapping\":[\"never\",\"Ditto\"]"), A,
      POLICY(A_ALL), X_IS_5, NULL, DITTO_FATE_PUBLISHED, "5", NULL },
    { ADDRESS("t", ",\"payloadMapping\":[\"fails\"]"), A, POLICY(A_ALL),
      X_IS_5, NULL, DITTO_FATE_FAILED, NULL, NULL },
    { ADDRESS("t/{{ header:nope }}", ""), A, POLICY(A_ALL), X_IS_5, NULL,
      DITTO_FATE_UNADDRESSED, NULL, NULL },
    { ADDRESS("t/{{ header:nope }}", ",\"payloadMapping\":[\"drops\"]"), A,
      POLICY(A_ALL), X_IS_5, NULL, DITTO_FATE_DROPPED, NULL, NULL },
    { ADDRESS("{{ thing:id }}", ""), A, POLICY(A_ALL), X_IS_5, NULL,
      DITTO_FATE_FAILED, NULL, NULL },
};


static ditto_rc_t
test_publish_one(const test_publish_t *t, test_case_t *tc, ditto_str_t thing,
    ditto_array_t *records, ditto_fate_e *fate, ditto_error_t *err)
{
    tc->access.off = (t->policy == NULL);

    ditto_array_init(records, tc->scope.pool, sizeof(ditto_record_t));

    return ditto_outbound_publish(&tc->connection, tc->target, &tc->scope,
                                  &tc->access, thing, records, fate, err);
}


static void
test_published(const test_publish_t *t, const ditto_array_t *records)
{
    ditto_str_t      value, extra, none = ditto_null_string;
    ditto_record_t  *record;

    assert_int_equal(records->nelts, t->fate == DITTO_FATE_PUBLISHED);

    if (records->nelts == 0) {
        return;
    }

    record = records->elts;

    if (ditto_json_member(record->value, ditto_str("value"), &value)
        != DITTO_OK)
    {
        value = none;
    }

    if (ditto_json_member(record->value, ditto_str("extra"), &extra)
        != DITTO_OK)
    {
        extra = none;
    }

    if (!test_is(value, t->value) || !test_is(extra, t->extra)) {
        fail_msg("%s, %s, %s: %.*s", t->target, t->policy, t->signal,
                 (int) record->value.len,
                 (const char *) record->value.data);
    }
}


static void
test_publish(void **state)
{
    size_t                 i;
    ditto_rc_t             rc;
    ditto_str_t            thing, none = ditto_null_string;
    unit_pool_t            up;
    test_case_t            tc;
    ditto_fate_e           fate;
    ditto_array_t          records;
    ditto_error_t          err;
    const test_publish_t  *t;

    (void) state;

    for (i = 0; i < sizeof(test_publishes) / sizeof(test_publishes[0]); i++) {
        t = &test_publishes[i];

        unit_pool_init(&up);
        test_set_up(&up, t->target, t->subjects, t->policy, t->signal, &tc);
        thing = (t->thing == NULL) ? none : unit_str(&up, t->thing);

        rc = test_publish_one(t, &tc, thing, &records, &fate, &err);

        if (fate != t->fate
            || (rc == DITTO_ERROR) != (fate == DITTO_FATE_FAILED)
            || rc == DITTO_DECLINED)
        {
            fail_msg("%s, %s, %s: %d, %d", t->target, t->policy, t->signal,
                     rc, (int) fate);
        }

        test_published(t, &records);

        /* the next target has the whole signal again */
        assert_true(tc.scope.signal == &tc.signal);
        assert_true(tc.scope.extra.len == 0);

        unit_pool_free(&up);
    }
}


/* The header of a record; data is NULL: there is none. */
static ditto_str_t
test_header(const ditto_record_t *record, const char *name)
{
    size_t       i;
    ditto_str_t  none = ditto_null_string;

    for (i = 0; i < record->nheaders; i++) {
        if (ditto_str_eq(record->headers[i].name, ditto_str(name))) {
            return record->headers[i].value;
        }
    }

    return none;
}


/* What is pruned stays out of address and headers as well. */
static void
test_placeholders(void **state)
{
    size_t               i;
    ditto_str_t          none = ditto_null_string;
    unit_pool_t          up;
    test_case_t          tc;
    ditto_fate_e         fate;
    ditto_array_t        records;
    ditto_error_t        err;
    ditto_record_t      *record;
    static const struct {
        const char  *subjects;
        const char  *policy;
        const char  *key;
        const char  *secret;
        const char  *feature;
    }  rows[] = {
        { A, POLICY(O_ALL "," A_FEATURE), "x", NULL, "f" },
        { A, HIDDEN, "x", NULL, "g" },
        { AO, HIDDEN, "2", "2", "g" },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {

        unit_pool_init(&up);
        test_set_up(&up, ADDRESS("t/{{ thing-json:attributes/secret | "
                                 "fn:default('x') }}",
                                 ",\"headerMapping\":{\"secret\":"
                                 "\"{{ thing-json:attributes/secret }}\","
                                 "\"feature\":\"{{ feature:id }}\"}"),
                    rows[i].subjects, rows[i].policy, WHOLE, &tc);

        ditto_array_init(&records, &up.pool, sizeof(ditto_record_t));

        assert_int_equal(ditto_outbound_publish(&tc.connection, tc.target,
                                                &tc.scope, &tc.access, none,
                                                &records, &fate, &err),
                         DITTO_OK);
        assert_int_equal(fate, DITTO_FATE_PUBLISHED);
        record = records.elts;

        assert_true(test_is(record->key, rows[i].key));
        assert_true(test_is(test_header(record, "secret"), rows[i].secret));
        assert_true(test_is(test_header(record, "feature"),
                            rows[i].feature));
        assert_true(test_is(test_header(record, "ditto-connection-id"),
                            "k1"));

        unit_pool_free(&up);
    }
}


/* What was made for one target is not given to the next. */
static void
test_shared(void **state)
{
    size_t          i, j;
    ditto_str_t     value, none = ditto_null_string;
    unit_pool_t     up;
    test_case_t     tc, of[2];
    ditto_fate_e    fate;
    ditto_array_t   records;
    ditto_error_t   err;
    ditto_record_t *record;
    static const struct {
        size_t       who;
        const char  *value;
    }  rows[] = {
        { 0, "{\"public\":9}" },
        { 1, "{\"public\":9,\"secret\":8}" },
        { 0, "{\"public\":9}" },
    };

    (void) state;

    for (i = 0; i < 2; i++) {
        unit_pool_init(&up);
        test_set_up(&up, PLAIN, A, HIDDEN,
                    EVENT("/attributes", "{\"public\":9,\"secret\":8}"), &tc);
        of[0] = tc;
        test_set_up(&up, PLAIN, AO, HIDDEN,
                    EVENT("/attributes", "{\"public\":9,\"secret\":8}"), &tc);
        of[1] = tc;

        ditto_array_init(&records, &up.pool, sizeof(ditto_record_t));

        for (j = i; j < 3; j++) {
            assert_int_equal(ditto_outbound_publish(&tc.connection,
                                                    of[rows[j].who].target,
                                                    &tc.scope, &tc.access,
                                                    none, &records, &fate,
                                                    &err),
                             DITTO_OK);
            record = (ditto_record_t *) records.elts + records.nelts - 1;
            assert_int_equal(ditto_json_member(record->value,
                                               ditto_str("value"), &value),
                             DITTO_OK);
            assert_true(test_is(value, rows[j].value));
        }

        assert_int_equal(records.nelts, 3 - i);
        unit_pool_free(&up);
    }
}


/* spec: "Headers", the reduction done by a connection */
static void
test_acks(void **state)
{
    bool             reached;
    size_t           i, n;
    ditto_rc_t       rc;
    ditto_str_t      headers, acks, none = ditto_null_string;
    unit_pool_t      up;
    test_case_t      tc;
    ditto_fate_e     fate;
    ditto_array_t    records;
    ditto_error_t    err;
    ditto_record_t  *record;
    static const struct {
        const char  *target;
        const char  *requested;
        const char  *expected;
    }  rows[] = {
        { PLAIN, "\"k1:src\"", "[\"k1:src\"]" },
        { PLAIN, "\"k1:other\",\"abc\"", "[\"k1:other\"]" },
        { PLAIN, "\"abc\"", "[]" },
        { PLAIN, "", "[]" },
        { PLAIN, "\"twin-persisted\",\"k1:src\"", "[\"k1:src\"]" },
        { PLAIN, "\"k1:src\",\"live-response\"", "[\"k1:src\"]" },
        { ADDRESS("t", ",\"issuedAcknowledgementLabel\":\"k1:own\""),
          "\"k1:own\",\"k1:other\",\"k1:src\"", "[\"k1:src\"]" },
        { ADDRESS("t", ",\"issuedAcknowledgementLabel\":\"k1:own\""),
          "\"k1:own\"", "[]" },
    };
    char             signal[1024];

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {

        (void) snprintf(signal, sizeof(signal),
                        ACTION("twin", "modified", "/attributes/x",
                               "\"requested-acks\":[%s]", ",\"value\":5"),
                        rows[i].requested);

        for (n = 1, reached = true; reached; n++) {
            unit_pool_init(&up);
            test_set_up(&up, rows[i].target, A, POLICY(A_ALL), signal, &tc);
            ditto_array_init(&records, &up.pool, sizeof(ditto_record_t));
            up.count = 0;
            up.fail_at = n;

            rc = ditto_outbound_publish(&tc.connection, tc.target, &tc.scope,
                                        &tc.access, none, &records, &fate,
                                        &err);
            reached = (up.count >= n);

            if (rc == DITTO_ERROR) {
                assert_true(reached);
                assert_int_equal(err.code, DITTO_E_INTERNAL);
                unit_pool_free(&up);
                continue;
            }

            assert_int_equal(records.nelts, 1);
            record = records.elts;

            assert_int_equal(ditto_json_member(record->value,
                                               ditto_str("headers"),
                                               &headers),
                             DITTO_OK);
            assert_int_equal(ditto_json_member(headers,
                                               ditto_str("requested-acks"),
                                               &acks),
                             DITTO_OK);

            if (!test_is(acks, rows[i].expected)) {
                fail_msg("[%s]: %.*s", rows[i].requested, (int) acks.len,
                         (const char *) acks.data);
            }

            unit_pool_free(&up);
        }
    }
}


/* One mapper fails, another goes on. */
static void
test_mappers(void **state)
{
    ditto_str_t    none = ditto_null_string;
    unit_pool_t    up;
    test_case_t    tc;
    ditto_fate_e   fate;
    ditto_array_t  records;
    ditto_error_t  err;

    (void) state;

    unit_pool_init(&up);
    test_set_up(&up, ADDRESS("t", ",\"payloadMapping\":[\"Ditto\",\"fails\","
                             "\"Ditto\"]"), A, POLICY(A_ALL), X_IS_5, &tc);
    ditto_array_init(&records, &up.pool, sizeof(ditto_record_t));

    assert_int_equal(ditto_outbound_publish(&tc.connection, tc.target,
                                            &tc.scope, &tc.access, none,
                                            &records, &fate, &err),
                     DITTO_ERROR);
    assert_int_equal(fate, DITTO_FATE_FAILED);
    assert_int_not_equal(err.code, DITTO_E_INTERNAL);
    assert_int_equal(records.nelts, 2);

    unit_pool_free(&up);
}


/* Nothing is published to who may not read it, selected or not. */
static void
test_unselected(void **state)
{
    size_t         i;
    ditto_str_t    none = ditto_null_string;
    unit_pool_t    up;
    test_case_t    tc;
    ditto_fate_e   fate;
    ditto_array_t  records;
    ditto_error_t  err;
    static const struct {
        const char  *policy;
        bool         partial;
        const char  *signal;
    }  rows[] = {
        { NULL, true, X_IS_5 },
        { POLICY(O_ALL), true, X_IS_5 },
        { PUBLIC, false, EVENT("/attributes", "{\"public\":9}") },
        { PUBLIC, true, COMMAND },
        { PUBLIC, true, MESSAGE },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        unit_pool_init(&up);
        test_set_up(&up, TOPICS("\"" TWIN "\",\"" COMMANDS "\",\"" MESSAGES
                                "\""),
                    A, rows[i].policy, rows[i].signal, &tc);
        tc.access.partial = rows[i].partial;
        ditto_array_init(&records, &up.pool, sizeof(ditto_record_t));

        assert_int_equal(ditto_outbound_publish(&tc.connection, tc.target,
                                                &tc.scope, &tc.access, none,
                                                &records, &fate, &err),
                         DITTO_OK);

        if (fate != DITTO_FATE_DROPPED || records.nelts != 0) {
            fail_msg("%s: %d", rows[i].signal, (int) fate);
        }

        unit_pool_free(&up);
    }
}


/* --- memory --------------------------------------------------------------- */

typedef struct {
    const test_select_t   *select;
    const test_publish_t  *publish;
    test_case_t            tc;
} test_memory_t;


static void
test_select_setup(unit_pool_t *up, void *ctx)
{
    test_memory_t        *m = ctx;
    const test_select_t  *t = m->select;

    test_set_up(up, t->target, t->subjects, t->policy, t->signal, &m->tc);
}


static ditto_rc_t
test_select_call(unit_pool_t *up, void *ctx, ditto_error_t *err)
{
    ditto_rc_t      rc;
    unit_pool_t     own;
    test_memory_t  *m = ctx;
    ditto_array_t   fields;

    ditto_array_init(&fields, &up->pool, sizeof(ditto_str_t));

    rc = test_select_one(m->select, &m->tc, &fields, err);

    if (rc == DITTO_OK) {
        unit_pool_init(&own);
        test_fields(&own, &fields, m->select);
        unit_pool_free(&own);
    }

    return rc;
}


static void
test_select_memory(void **state)
{
    size_t         i;
    test_memory_t  m;

    (void) state;

    for (i = 0; i < sizeof(test_selects) / sizeof(test_selects[0]); i++) {
        m.select = &test_selects[i];
        assert_in_range(unit_every_allocation(test_select_setup,
                                              test_select_call, &m),
                        0, 200);
    }
}


static void
test_publish_setup(unit_pool_t *up, void *ctx)
{
    test_memory_t         *m = ctx;
    const test_publish_t  *t = m->publish;

    test_set_up(up, t->target, t->subjects, t->policy, t->signal, &m->tc);
}


static ditto_rc_t
test_publish_call(unit_pool_t *up, void *ctx, ditto_error_t *err)
{
    ditto_rc_t             rc;
    ditto_str_t            thing, none = ditto_null_string;
    test_memory_t         *m = ctx;
    ditto_fate_e           fate;
    ditto_array_t          records;
    const test_publish_t  *t = m->publish;

    thing = (t->thing == NULL) ? none : unit_str(up, t->thing);

    rc = test_publish_one(t, &m->tc, thing, &records, &fate, err);

    assert_true((rc == DITTO_ERROR) == (fate == DITTO_FATE_FAILED));

    if (rc == DITTO_ERROR && err->code == DITTO_E_INTERNAL) {
        /* another mapper may have made one */
        assert_true(records.nelts == 0
                    || strstr(t->target, "payloadMapping") != NULL);

        return DITTO_ERROR;
    }

    assert_int_equal(fate, t->fate);
    test_published(t, &records);

    return (rc == DITTO_OK && fate != DITTO_FATE_PUBLISHED) ? DITTO_DECLINED
                                                            : rc;
}


/* Without memory nobody gets more than with it. */
static void
test_publish_memory(void **state)
{
    size_t         i;
    test_memory_t  m;

    (void) state;

    for (i = 0; i < sizeof(test_publishes) / sizeof(test_publishes[0]); i++) {
        m.publish = &test_publishes[i];
        assert_in_range(unit_every_allocation(test_publish_setup,
                                              test_publish_call, &m),
                        0, 300);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_select),
        cmocka_unit_test(test_readable),
        cmocka_unit_test(test_publish),
        cmocka_unit_test(test_placeholders),
        cmocka_unit_test(test_shared),
        cmocka_unit_test(test_acks),
        cmocka_unit_test(test_mappers),
        cmocka_unit_test(test_unselected),
        cmocka_unit_test(test_select_memory),
        cmocka_unit_test(test_publish_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
