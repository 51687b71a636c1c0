/*
 * One target and one signal: topics, read rights, records; and what a sender
 * may post.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ditto_mapper.h"
#include "ditto_target.h"
#include "unit_pool.h"


#define TEST_HEADERS  8

#define EVENT(channel, path)                                                  \
    "{\"topic\":\"org.acme/pump-7/things/" channel "/events/modified\","      \
    "\"headers\":{\"Correlation-Id\":\"c-1\",\"unit\":\"rpm\"},"              \
    "\"path\":\"" path "\",\"value\":{\"thingId\":\"org.acme:pump-7\"},"      \
    "\"revision\":12}"
#define COMMAND(channel, action, path)                                        \
    "{\"topic\":\"org.acme/pump-7/things/" channel "/commands/" action "\","  \
    "\"headers\":{\"content-type\":\"application/merge-patch+json\"},"        \
    "\"path\":\"" path "\",\"value\":{}}"
#define MESSAGE(subject, path)                                                \
    "{\"topic\":\"org.acme/pump-7/things/live/messages/" subject "\","        \
    "\"path\":\"" path "/messages/" subject "\"}"
#define ANNOUNCEMENT(subjects)                                                \
    "{\"topic\":\"org.acme/p/policies/announcements/subjectDeletion\","       \
    "\"path\":\"/\",\"value\":{\"deleteAt\":\"2026-08-18T10:00:00Z\","        \
    "\"subjectIds\":[" subjects "]}}"
#define OPENED                                                                \
    "{\"topic\":\"_/con-9/connections/announcements/opened\","                \
    "\"path\":\"/\",\"value\":{\"openedAt\":\"2026-08-18T10:00:00Z\"}}"

#define POLICY(entries)                                                       \
    "{\"policyId\":\"org.acme:p\",\"entries\":{" entries "}}"
#define ENTRY(label, subject, resource, grant, revoke)                        \
    "\"" label "\":{\"subjects\":{\"" subject "\":{\"type\":\"t\"}},"         \
    "\"resources\":{\"" resource "\":{\"grant\":[" grant "],\"revoke\":["     \
    revoke "]}}}"
#define R  "\"READ\""
#define W  "\"WRITE\""


typedef struct {
    const char  *signal;
    const char  *policy;         /* NULL: there is none */
    const char  *subjects;       /* separated by blanks */
    bool         expected;
} test_read_t;


typedef struct {
    const char      *signal;
    const char      *policy;         /* NULL: there is none */
    bool             off;
    bool             partial;
    const char      *subjects;
    ditto_access_e   expected;
} test_access_t;


typedef struct {
    const char          *signal;
    const char          *policy;
    const char          *subjects;
    ditto_error_code_e   code;
} test_write_t;


typedef struct {
    const char  *signal;
    const char  *type;           /* NULL: accepted */
} test_accept_t;


typedef struct {
    const char  *address;
    const char  *mapping[TEST_HEADERS];    /* name, template */
    const char  *topic;          /* NULL: no record */
    const char  *key;
    int32_t      partition;
    const char  *headers;        /* "name=value|..." */
} test_record_t;


typedef struct {
    const char  *entry;
    const char  *other;
    const char  *signal;
    ditto_rc_t   rc;
} test_match_t;


typedef struct {
    ditto_signal_t        signal;
    ditto_scope_cache_t   cache;
    ditto_scope_t         scope;
    ditto_target_t        target;
} test_scope_t;


static void
test_scope(unit_pool_t *up, const char *text, test_scope_t *ts)
{
    ditto_error_t  err;

    memset(ts, 0, sizeof(test_scope_t));

    if (ditto_signal_parse(&up->pool, unit_str(up, text), &ts->signal, &err)
        != DITTO_OK)
    {
        fail_msg("no signal: %s", text);
    }

    ts->scope.pool = &up->pool;
    ts->scope.cache = &ts->cache;
    ts->scope.signal = &ts->signal;
    ts->scope.connection_id = unit_str(up, "con-1");

    ditto_target_init(&ts->target, &up->pool);
}


static const ditto_policy_document_t *
test_lookup(void *ctx, ditto_str_t id)
{
    (void) ctx;
    (void) id;

    return NULL;
}


static ditto_policy_t *
test_policy(unit_pool_t *up, const char *text)
{
    ditto_str_t               place, none = ditto_null_string;
    ditto_time_t              now = { 0, 0 };
    ditto_error_t             err;
    ditto_policy_t           *policy;
    ditto_policy_document_t  *document;

    if (text == NULL) {
        return NULL;
    }

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


/* Adds the words of text to an array of ditto_str_t. */
static void
test_words(unit_pool_t *up, const char *text, ditto_array_t *words)
{
    size_t        from, to;
    ditto_str_t   s, *word;

    s = unit_str(up, text);

    for (from = 0; from < s.len; from = to + 1) {
        to = ditto_str_chr(s, ' ', from);
        word = ditto_array_push(words);
        assert_non_null(word);
        *word = unit_span(up, s.data + from, to - from);
    }
}


/* --- topics -------------------------------------------------------------- */

#define TWIN  "_/_/things/twin/events"
#define LIVE  "_/_/things/live/events"


static const test_match_t  test_matches[] = {
    { TWIN, NULL, EVENT("twin", "/"), DITTO_OK },
    { LIVE, NULL, EVENT("twin", "/"), DITTO_DECLINED },
    { LIVE, NULL, EVENT("live", "/"), DITTO_OK },
    { TWIN, NULL, EVENT("live", "/"), DITTO_DECLINED },
    { LIVE, TWIN, EVENT("twin", "/"), DITTO_OK },
    { TWIN, LIVE, EVENT("twin", "/"), DITTO_OK },
    { "_/_/things/live/commands", NULL, COMMAND("live", "modify", "/"),
      DITTO_OK },
    { "_/_/things/live/commands", NULL, COMMAND("twin", "modify", "/"),
      DITTO_DECLINED },
    { "_/_/things/live/messages", NULL, MESSAGE("ask", "/inbox"), DITTO_OK },
    { "_/_/things/live/commands", LIVE, MESSAGE("ask", "/inbox"),
      DITTO_DECLINED },
    { "_/_/policies/announcements", NULL, ANNOUNCEMENT("\"a:b\""), DITTO_OK },
    { "_/_/connections/announcements", NULL, ANNOUNCEMENT("\"a:b\""),
      DITTO_DECLINED },
    { "_/_/connections/announcements", NULL, OPENED, DITTO_OK },
    { TWIN "?namespaces=org.acme", NULL, EVENT("twin", "/"), DITTO_OK },
    { TWIN "?namespaces=org", NULL, EVENT("twin", "/"), DITTO_DECLINED },
    { TWIN "?namespaces=org.acme.x,b,org.acme", NULL, EVENT("twin", "/"),
      DITTO_OK },
    { TWIN "?namespaces=b", TWIN "?namespaces=org.acme", EVENT("twin", "/"),
      DITTO_OK },
};


static void
test_target_match(void **state)
{
    size_t               i;
    unit_pool_t          up;
    test_scope_t         ts;
    ditto_error_t        err;
    const test_match_t  *t;

    (void) state;

    for (i = 0; i < sizeof(test_matches) / sizeof(test_matches[0]); i++) {
        t = &test_matches[i];

        unit_pool_init(&up);
        test_scope(&up, t->signal, &ts);

        assert_int_equal(ditto_target_match(&ts.target, &ts.scope, &err),
                         DITTO_DECLINED);

        assert_int_equal(ditto_target_add_topic(&up.pool, &ts.target,
                                                unit_str(&up, t->entry),
                                                &err),
                         DITTO_OK);

        if (t->other != NULL) {
            assert_int_equal(ditto_target_add_topic(&up.pool, &ts.target,
                                                    unit_str(&up, t->other),
                                                    &err),
                             DITTO_OK);
        }

        if (ditto_target_match(&ts.target, &ts.scope, &err) != t->rc) {
            fail_msg("%s, %s", t->entry, t->signal);
        }

        unit_pool_free(&up);
    }
}


/* --- spec: "Read subjects per signal type", "Target check" --------------- */

#define A_ALL       ENTRY("a", "t:a", "thing:/", R, "")
#define B_ALL       ENTRY("b", "t:b", "thing:/", R, "")
#define A_SECRET    ENTRY("s", "t:a", "thing:/attributes/secret", "", R)
#define B_REVOKED   ENTRY("r", "t:b", "thing:/attributes", "", R)
#define A_PUBLIC    ENTRY("p", "t:a", "thing:/attributes/public", R, "")
#define A_WRITES    ENTRY("w", "t:a", "thing:/", W, "")


static const test_read_t  test_reads[] = {

    /* events: one subject with unrestricted READ on the event's path */
    { EVENT("twin", "/attributes"), POLICY(A_ALL), "t:a", true },
    { EVENT("twin", "/"), POLICY(A_ALL), "t:a", true },
    { EVENT("live", "/attributes"), POLICY(A_ALL), "t:a", true },
    { EVENT("twin", "/attributes"), POLICY(A_ALL), "t:b t:a", true },
    { EVENT("twin", "/attributes"), POLICY(A_ALL), "t:b", false },
    { EVENT("twin", "/attributes"), POLICY(A_ALL), "t:A", false },
    { EVENT("twin", "/attributes"), POLICY(A_ALL), "", false },
    { EVENT("twin", "/attributes"), POLICY(A_WRITES), "t:a", false },
    { EVENT("twin", "/attributes"), NULL, "t:a", false },
    { EVENT("twin", "/attributes/public"), POLICY(A_ALL "," A_SECRET), "t:a",
      true },
    { EVENT("twin", "/attributes/secret"), POLICY(A_ALL "," A_SECRET), "t:a",
      false },
    { EVENT("twin", "/attributes/secret/x"), POLICY(A_ALL "," A_SECRET),
      "t:a", false },
    { EVENT("twin", "/attributes/secrets"), POLICY(A_ALL "," A_SECRET),
      "t:a", true },
    /* something below is revoked */
    { EVENT("twin", "/attributes"), POLICY(A_ALL "," A_SECRET), "t:a",
      false },
    { EVENT("live", "/"), POLICY(A_ALL "," A_SECRET), "t:a", false },
    /* a part is not enough */
    { EVENT("twin", "/attributes/public"), POLICY(A_PUBLIC), "t:a", true },
    { EVENT("twin", "/attributes/public/x"), POLICY(A_PUBLIC), "t:a", true },
    { EVENT("twin", "/attributes"), POLICY(A_PUBLIC), "t:a", false },
    { EVENT("twin", "/"), POLICY(A_PUBLIC), "t:a", false },
    /* no veto */
    { EVENT("twin", "/attributes/x"), POLICY(A_ALL "," B_REVOKED), "t:a t:b",
      true },
    { EVENT("live", "/attributes/x"), POLICY(A_ALL "," B_REVOKED), "t:b t:a",
      true },
    { EVENT("twin", "/attributes/x"), POLICY(A_ALL "," B_REVOKED), "t:b",
      false },
    { EVENT("twin", "/attributes"), POLICY(A_ALL "," B_ALL "," A_SECRET),
      "t:a t:b", true },

    /* live commands: granted there by one, revoked for none */
    { COMMAND("live", "modify", "/attributes"), POLICY(A_ALL), "t:a", true },
    { COMMAND("live", "modify", "/attributes"), POLICY(A_ALL), "t:c t:a",
      true },
    { COMMAND("live", "modify", "/attributes"), POLICY(A_ALL), "t:c",
      false },
    { COMMAND("live", "modify", "/attributes"), POLICY(A_ALL), "", false },
    { COMMAND("live", "modify", "/attributes"), NULL, "t:a", false },
    /* what is below is not regarded */
    { COMMAND("live", "retrieve", "/attributes"), POLICY(A_ALL "," A_SECRET),
      "t:a", true },
    { COMMAND("live", "retrieve", "/attributes/secret"),
      POLICY(A_ALL "," A_SECRET), "t:a", false },
    { COMMAND("live", "retrieve", "/attributes"), POLICY(A_PUBLIC), "t:a",
      false },
    { COMMAND("live", "delete", "/attributes/public/x"), POLICY(A_PUBLIC),
      "t:a", true },
    /* the veto */
    { COMMAND("live", "modify", "/attributes"),
      POLICY(A_ALL "," B_REVOKED), "t:a t:b", false },
    { COMMAND("live", "modify", "/attributes/x"),
      POLICY(A_ALL "," B_REVOKED), "t:b t:a", false },
    { COMMAND("live", "modify", "/features"), POLICY(A_ALL "," B_REVOKED),
      "t:a t:b", true },

    /* live messages: the same with the resources of messages */
    { MESSAGE("ask", "/inbox"), POLICY(ENTRY("m", "t:a", "message:/", R, "")),
      "t:a", true },
    { MESSAGE("ask", "/inbox"), POLICY(A_ALL), "t:a", false },
    { MESSAGE("ask", "/inbox"),
      POLICY(ENTRY("m", "t:a", "message:/inbox/messages/ask", R, "")), "t:a",
      true },
    { MESSAGE("ask", "/outbox"),
      POLICY(ENTRY("m", "t:a", "message:/inbox", R, "")), "t:a", false },
    { MESSAGE("Ask", "/inbox"),
      POLICY(ENTRY("m", "t:a", "message:/inbox/messages/ask", R, "")), "t:a",
      false },
    { MESSAGE("ask", "/inbox"),
      POLICY(ENTRY("m", "t:a", "message:/", R, "") ","
             ENTRY("n", "t:b", "message:/inbox", "", R)), "t:a t:b", false },
    { MESSAGE("ask", "/outbox"),
      POLICY(ENTRY("m", "t:a", "message:/", R, "") ","
             ENTRY("n", "t:b", "message:/inbox", "", R)), "t:a t:b", true },
    { MESSAGE("ask", "/features/f/inbox"),
      POLICY(ENTRY("m", "t:a", "message:/features/f/inbox/messages/ask", R,
                   "")), "t:a", true },
    { MESSAGE("ask", "/features/g/inbox"),
      POLICY(ENTRY("m", "t:a", "message:/features/f", R, "")), "t:a",
      false },
    /* spec: "Message resource paths": a subject is one segment */
    { MESSAGE("ask/sub", "/inbox"),
      POLICY(ENTRY("m", "t:a", "message:/inbox/messages", R, "")), "t:a",
      true },
    { MESSAGE("ask/sub", "/inbox"),
      POLICY(ENTRY("m", "t:a", "message:/inbox/messages/ask", R, "")), "t:a",
      false },
    { MESSAGE("ask/sub", "/inbox"),
      POLICY(ENTRY("m", "t:a", "message:/inbox/messages/ask/sub", R, "")),
      "t:a", false },
    { MESSAGE("ask/sub", "/inbox"),
      POLICY(ENTRY("m", "t:a", "message:/", R, "") ","
             ENTRY("n", "t:a", "message:/inbox/messages/ask/sub", "", R)),
      "t:a", true },
    { MESSAGE("ask/sub", "/features/f/outbox"),
      POLICY(ENTRY("m", "t:a", "message:/features/f/outbox/messages", R,
                   "")), "t:a", true },

    /* policy announcements: one subject is addressed, whatever the policy */
    { ANNOUNCEMENT("\"t:a\""), NULL, "t:a", true },
    { ANNOUNCEMENT("\"t:x\",\"t:a\""), NULL, "t:b t:a", true },
    { ANNOUNCEMENT("\"t:\\u0061\""), NULL, "t:a", true },
    { ANNOUNCEMENT("\"t:x\""), POLICY(A_ALL), "t:a", false },
    { ANNOUNCEMENT("\"t:A\""), NULL, "t:a", false },
    { ANNOUNCEMENT("\"t:ab\""), NULL, "t:a", false },
    { ANNOUNCEMENT(""), NULL, "t:a", false },
    { ANNOUNCEMENT("\"t:a\""), NULL, "", false },

    /* connection announcements: always */
    { OPENED, NULL, "t:a", true },
};


static bool
test_reads_it(const test_scope_t *ts, const ditto_policy_t *policy,
    ditto_pool_t *pool)
{
    ditto_access_t  access = { policy, false, false };

    return ditto_target_access(&ts->target, &ts->signal, &access)
           == DITTO_ACCESS_FULL
           && ditto_target_addressed(&ts->target, &ts->signal, pool);
}


static void
test_target_authorized(void **state)
{
    size_t               i;
    unit_pool_t          up;
    test_scope_t         ts;
    ditto_policy_t      *policy;
    const test_read_t   *t;

    (void) state;

    for (i = 0; i < sizeof(test_reads) / sizeof(test_reads[0]); i++) {
        t = &test_reads[i];

        unit_pool_init(&up);
        test_scope(&up, t->signal, &ts);
        test_words(&up, t->subjects, &ts.target.subjects);
        policy = test_policy(&up, t->policy);

        if (test_reads_it(&ts, policy, &up.pool) != t->expected) {
            fail_msg("%s, %s, %s", t->signal, t->policy, t->subjects);
        }

        unit_pool_free(&up);
    }
}


/* --- how much of it a target may read ------------------------------------- */

static const test_access_t  test_accesses[] = {

    /* there are no policies, or none for the thing */
    { EVENT("twin", "/"), NULL, true, false, "t:a", DITTO_ACCESS_FULL },
    { EVENT("twin", "/"), NULL, true, true, "", DITTO_ACCESS_FULL },
    { EVENT("twin", "/"), NULL, false, true, "t:a", DITTO_ACCESS_NONE },
    { MESSAGE("ask", "/inbox"), NULL, true, false, "t:a", DITTO_ACCESS_FULL },
    { MESSAGE("ask", "/inbox"), NULL, false, true, "t:a",
      DITTO_ACCESS_NONE },

    /* whoever may read anything of a thing gets a part of its events */
    { EVENT("twin", "/"), POLICY(A_ALL), false, true, "t:a",
      DITTO_ACCESS_FULL },
    { EVENT("twin", "/"), POLICY(A_PUBLIC), false, true, "t:a",
      DITTO_ACCESS_PARTIAL },
    { EVENT("live", "/"), POLICY(A_PUBLIC), false, true, "t:a",
      DITTO_ACCESS_PARTIAL },
    { EVENT("twin", "/"), POLICY(A_PUBLIC), false, false, "t:a",
      DITTO_ACCESS_NONE },
    { EVENT("twin", "/attributes"), POLICY(A_ALL "," A_SECRET), false, true,
      "t:a", DITTO_ACCESS_PARTIAL },
    { EVENT("twin", "/attributes/public"), POLICY(A_PUBLIC), false, true,
      "t:a", DITTO_ACCESS_FULL },
    /* of any of them, whatever they are about */
    { EVENT("twin", "/features/f/properties"), POLICY(A_PUBLIC), false, true,
      "t:a", DITTO_ACCESS_PARTIAL },
    { EVENT("twin", "/attributes/secret"), POLICY(A_ALL "," A_SECRET), false,
      true, "t:a", DITTO_ACCESS_PARTIAL },
    { EVENT("twin", "/"), POLICY(A_PUBLIC), false, true, "t:b",
      DITTO_ACCESS_NONE },
    { EVENT("twin", "/"), POLICY(A_WRITES), false, true, "t:a",
      DITTO_ACCESS_NONE },
    { EVENT("twin", "/"), POLICY(ENTRY("m", "t:a", "message:/", R, "")),
      false, true, "t:a", DITTO_ACCESS_NONE },
    { EVENT("twin", "/"), POLICY(B_REVOKED), false, true, "t:b",
      DITTO_ACCESS_NONE },
    /* the best of the subjects counts */
    { EVENT("twin", "/"), POLICY(A_PUBLIC "," B_ALL), false, true, "t:a t:b",
      DITTO_ACCESS_FULL },
    { EVENT("twin", "/"), POLICY(A_PUBLIC "," B_ALL), false, true, "t:b t:a",
      DITTO_ACCESS_FULL },
    { EVENT("twin", "/"), POLICY(A_PUBLIC "," B_REVOKED), false, true,
      "t:b t:a", DITTO_ACCESS_PARTIAL },
    { EVENT("twin", "/"), POLICY(A_PUBLIC "," B_REVOKED), false, true,
      "t:a t:b", DITTO_ACCESS_PARTIAL },
    { EVENT("twin", "/"), POLICY(A_PUBLIC "," B_ALL), false, true, "",
      DITTO_ACCESS_NONE },

    /* commands and messages are never cut */
    { COMMAND("live", "retrieve", "/"), POLICY(A_PUBLIC), false, true, "t:a",
      DITTO_ACCESS_NONE },
    { COMMAND("live", "retrieve", "/"), POLICY(A_ALL "," A_SECRET), false,
      true, "t:a", DITTO_ACCESS_FULL },
    { MESSAGE("ask", "/inbox"),
      POLICY(ENTRY("m", "t:a", "message:/inbox/messages/other", R, "")),
      false, true, "t:a", DITTO_ACCESS_NONE },
    { COMMAND("live", "retrieve", "/attributes"),
      POLICY(A_ALL "," B_REVOKED), false, true, "t:a t:b",
      DITTO_ACCESS_NONE },

    /* announcements have no readers in the policy */
    { ANNOUNCEMENT("\"t:x\""), NULL, false, false, "t:a",
      DITTO_ACCESS_FULL },
    { OPENED, NULL, false, false, "t:a", DITTO_ACCESS_FULL },
};


static void
test_target_access(void **state)
{
    size_t                i, j;
    unit_pool_t           up;
    test_scope_t          ts;
    ditto_access_e        got, best, one;
    ditto_access_t        access;
    const ditto_str_t    *subject;
    const test_access_t  *t;

    (void) state;

    for (i = 0; i < sizeof(test_accesses) / sizeof(test_accesses[0]); i++) {
        t = &test_accesses[i];

        unit_pool_init(&up);
        test_scope(&up, t->signal, &ts);
        test_words(&up, t->subjects, &ts.target.subjects);
        access.policy = test_policy(&up, t->policy);
        access.off = t->off;
        access.partial = t->partial;

        got = ditto_target_access(&ts.target, &ts.signal, &access);

        if (got != t->expected) {
            fail_msg("%s, %s, %s: %d", t->signal, t->policy, t->subjects,
                     (int) got);
        }

        /* of an event a target may read what one of its subjects may */

        if (ts.signal.kind == DITTO_SIGNAL_EVENT && access.policy != NULL) {
            subject = ts.target.subjects.elts;
            best = DITTO_ACCESS_NONE;

            for (j = 0; j < ts.target.subjects.nelts; j++) {
                one = ditto_target_reader(&access, &ts.signal, subject[j]);
                best = (one > best) ? one : best;
            }

            assert_int_equal(best, t->expected);
        }

        unit_pool_free(&up);
    }
}


/* Others than announcements of a policy are addressed to nobody. */
static void
test_target_addressed(void **state)
{
    size_t        i;
    unit_pool_t   up;
    test_scope_t  ts;
    static const struct {
        const char  *signal;
        const char  *subjects;
        bool         expected;
    }  rows[] = {
        { EVENT("twin", "/"), "", true },
        { MESSAGE("ask", "/inbox"), "t:a", true },
        { OPENED, "t:a", true },
        { ANNOUNCEMENT("\"t:a\""), "t:a", true },
        { ANNOUNCEMENT("\"t:x\",\"t:y\""), "t:z t:y", true },
        { ANNOUNCEMENT("\"t:\\u00e4\\\"\""), "t:\xc3\xa4\"", true },
        { ANNOUNCEMENT("\"t:x\""), "t:a", false },
        { ANNOUNCEMENT("\"t:a \""), "t:a", false },
        { ANNOUNCEMENT("\"t:a\""), "", false },
        { ANNOUNCEMENT(""), "t:a", false },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        unit_pool_init(&up);
        test_scope(&up, rows[i].signal, &ts);
        test_words(&up, rows[i].subjects, &ts.target.subjects);

        if (ditto_target_addressed(&ts.target, &ts.signal, &up.pool)
            != rows[i].expected)
        {
            fail_msg("%s, %s", rows[i].signal, rows[i].subjects);
        }

        unit_pool_free(&up);
    }
}


/* --- spec: "Rights of what is posted" ------------------------------------ */

static const test_accept_t  test_accepts[] = {
    { EVENT("twin", "/"), NULL },
    { EVENT("live", "/"), NULL },
    { COMMAND("live", "modify", "/"), NULL },
    { COMMAND("live", "retrieve", "/"), NULL },
    { COMMAND("live", "delete", "/"), NULL },
    { COMMAND("live", "merge", "/attributes"), NULL },
    { MESSAGE("ask", "/inbox"), NULL },
    { MESSAGE("claim", "/inbox"), NULL },
    { ANNOUNCEMENT("\"t:a\""), NULL },
    { OPENED, "connectivity.announcements:opened" },
    { COMMAND("twin", "modify", "/"), "things.commands:modifyThing" },
    { COMMAND("twin", "retrieve", "/attributes"),
      "things.commands:retrieveAttributes" },
    { COMMAND("twin", "delete", "/features/f"),
      "things.commands:deleteFeature" },
    { "{\"topic\":\"org.acme/pump-7/things/live/commands/modify\","
      "\"path\":\"/\",\"status\":204}", "things.responses:modifyThing" },
    { "{\"topic\":\"org.acme/pump-7/things/live/messages/ask\","
      "\"path\":\"/inbox/messages/ask\",\"status\":200}",
      "messages.responses:thingResponseMessage" },
    { "{\"topic\":\"org.acme/pump-7/things/twin/acks/my-ack\","
      "\"path\":\"/\",\"status\":200}", "" },
    { "{\"topic\":\"org.acme/pump-7/things/twin/errors\",\"path\":\"/\","
      "\"value\":{\"status\":400,\"error\":\"x:y\",\"message\":\"z\"},"
      "\"status\":400}", "" },
    { "{\"topic\":\"org.acme/p/policies/commands/delete\",\"path\":\"/\"}",
      "policies.commands:deletePolicy" },
};


static void
test_sender_accept(void **state)
{
    size_t                 i;
    ditto_rc_t             rc;
    ditto_buf_t            buf;
    ditto_str_t            message;
    unit_pool_t            up;
    test_scope_t           ts;
    ditto_error_t          err;
    const test_accept_t   *t;

    (void) state;

    for (i = 0; i < sizeof(test_accepts) / sizeof(test_accepts[0]); i++) {
        t = &test_accepts[i];

        unit_pool_init(&up);
        test_scope(&up, t->signal, &ts);

        rc = ditto_sender_accept(&ts.signal, &err);

        if (rc != (t->type == NULL ? DITTO_OK : DITTO_ERROR)) {
            fail_msg("%s: %d", t->signal, rc);
        }

        if (rc == DITTO_ERROR) {
            assert_int_equal(err.code, DITTO_E_SIGNAL_UNSUPPORTED);
            assert_int_equal(ditto_error_status(&err), 400);

            ditto_buf_init(&buf, &up.pool, 0);
            ditto_error_text(&buf, &err);
            assert_int_equal(ditto_buf_done(&buf, &message), DITTO_OK);

            if (ditto_str_find(message, ditto_str(t->type)) > message.len) {
                fail_msg("%s: %.*s", t->type, (int) message.len,
                         (const char *) message.data);
            }

            /* of a command to a twin the reason too */
            assert_true(ditto_str_find(message,
                                 ditto_str(ts.signal.kind
                                           == DITTO_SIGNAL_COMMAND
                                           ? "No twin is stored here: post "
                                           : "Post events"))
                        <= message.len);
        }

        unit_pool_free(&up);
    }
}


#define A_ALL_W     ENTRY("a", "t:a", "thing:/", W, "")
#define A_SECRET_W  ENTRY("s", "t:a", "thing:/attributes/secret", "", W)
#define B_DENIED_W  ENTRY("b", "t:b", "thing:/attributes", "", W)
#define A_MESSAGES  ENTRY("m", "t:a", "message:/", W, "")


static const test_write_t  test_writes[] = {

    /* messages: unrestricted WRITE on the message */
    { MESSAGE("ask", "/inbox"), POLICY(A_MESSAGES), "t:a", DITTO_E_NONE },
    { MESSAGE("ask", "/inbox"), POLICY(A_MESSAGES), "t:b t:a",
      DITTO_E_NONE },
    { MESSAGE("ask", "/inbox"), POLICY(A_MESSAGES), "t:b",
      DITTO_E_MESSAGE_NOT_ALLOWED },
    { MESSAGE("ask", "/inbox"), POLICY(A_MESSAGES), "",
      DITTO_E_MESSAGE_NOT_ALLOWED },
    { MESSAGE("ask", "/inbox"), POLICY(A_ALL_W), "t:a",
      DITTO_E_MESSAGE_NOT_ALLOWED },
    { MESSAGE("ask", "/inbox"),
      POLICY(ENTRY("m", "t:a", "message:/", R, "")), "t:a",
      DITTO_E_MESSAGE_NOT_ALLOWED },
    { MESSAGE("ask/sub", "/inbox"),
      POLICY(ENTRY("m", "t:a", "message:/inbox/messages/ask/sub", W, "")),
      "t:a", DITTO_E_MESSAGE_NOT_ALLOWED },
    { MESSAGE("ask/sub", "/inbox"),
      POLICY(ENTRY("m", "t:a", "message:/inbox/messages", W, "")), "t:a",
      DITTO_E_NONE },
    { MESSAGE("ask", "/features/f/outbox"),
      POLICY(ENTRY("m", "t:a", "message:/features/f/outbox/messages/ask", W,
                   "")), "t:a", DITTO_E_NONE },
    { MESSAGE("ask", "/inbox"), NULL, "t:a", DITTO_E_THING_NOT_FOUND },
    /* a claim needs no right */
    { MESSAGE("claim", "/inbox"), POLICY(A_ALL_W), "t:x", DITTO_E_NONE },
    { MESSAGE("claim", "/inbox"), POLICY(A_ALL_W), "", DITTO_E_NONE },
    { MESSAGE("claim", "/inbox"), NULL, "t:x", DITTO_E_THING_NOT_FOUND },
    { MESSAGE("claims", "/inbox"), POLICY(A_ALL_W), "t:x",
      DITTO_E_MESSAGE_NOT_ALLOWED },
    { MESSAGE("claim/x", "/inbox"), POLICY(A_ALL_W), "t:x",
      DITTO_E_MESSAGE_NOT_ALLOWED },

    /* events: unrestricted WRITE on the path */
    { EVENT("twin", "/attributes"), POLICY(A_ALL_W), "t:a", DITTO_E_NONE },
    { EVENT("live", "/attributes"), POLICY(A_ALL_W), "t:a", DITTO_E_NONE },
    { EVENT("twin", "/attributes"), POLICY(A_ALL_W), "t:b",
      DITTO_E_EVENT_NOT_ALLOWED },
    { EVENT("live", "/attributes"), POLICY(A_ALL), "t:a",
      DITTO_E_EVENT_NOT_ALLOWED },
    { EVENT("twin", "/attributes/x"), POLICY(A_ALL_W "," A_SECRET_W), "t:a",
      DITTO_E_NONE },
    { EVENT("twin", "/attributes/secret"), POLICY(A_ALL_W "," A_SECRET_W),
      "t:a", DITTO_E_EVENT_NOT_ALLOWED },
    { EVENT("live", "/attributes"), POLICY(A_ALL_W "," A_SECRET_W), "t:a",
      DITTO_E_EVENT_NOT_ALLOWED },
    { EVENT("twin", "/"), POLICY(A_ALL_W "," A_SECRET_W), "t:a",
      DITTO_E_EVENT_NOT_ALLOWED },
    /* all subjects of a sender are one */
    { EVENT("twin", "/attributes/x"), POLICY(A_ALL_W "," B_DENIED_W),
      "t:a t:b", DITTO_E_EVENT_NOT_ALLOWED },
    { EVENT("twin", "/features/f/properties"),
      POLICY(A_ALL_W "," B_DENIED_W), "t:a t:b", DITTO_E_NONE },
    { EVENT("twin", "/attributes"), NULL, "t:a", DITTO_E_THING_NOT_FOUND },

    /* live commands */
    { COMMAND("live", "modify", "/attributes"), POLICY(A_ALL_W), "t:a",
      DITTO_E_NONE },
    { COMMAND("live", "create", "/"), POLICY(A_ALL_W), "t:a",
      DITTO_E_NONE },
    { COMMAND("live", "merge", "/attributes"), POLICY(A_ALL_W), "t:a",
      DITTO_E_NONE },
    { COMMAND("live", "delete", "/features/f"), POLICY(A_ALL_W), "t:a",
      DITTO_E_NONE },
    { COMMAND("live", "modify", "/attributes"), POLICY(A_ALL), "t:a",
      DITTO_E_THING_NOT_MODIFIABLE },
    { COMMAND("live", "delete", "/attributes"),
      POLICY(A_ALL_W "," A_SECRET_W), "t:a", DITTO_E_THING_NOT_MODIFIABLE },
    { COMMAND("live", "modify", "/attributes"), NULL, "t:a",
      DITTO_E_THING_NOT_FOUND },
    /* queries: partial READ, and never 403 */
    { COMMAND("live", "retrieve", "/attributes"), POLICY(A_ALL), "t:a",
      DITTO_E_NONE },
    { COMMAND("live", "retrieve", "/attributes"), POLICY(A_PUBLIC), "t:a",
      DITTO_E_NONE },
    { COMMAND("live", "retrieve", "/"), POLICY(A_PUBLIC), "t:a",
      DITTO_E_NONE },
    { COMMAND("live", "retrieve", "/features"), POLICY(A_PUBLIC), "t:a",
      DITTO_E_THING_NOT_FOUND },
    { COMMAND("live", "retrieve", "/attributes"), POLICY(A_ALL_W), "t:a",
      DITTO_E_THING_NOT_FOUND },
    { COMMAND("live", "retrieve", "/attributes"), POLICY(A_ALL), "t:b",
      DITTO_E_THING_NOT_FOUND },

    /* announcements of a policy: WRITE on the policy itself */
    { ANNOUNCEMENT("\"t:x\""),
      POLICY(ENTRY("w", "t:a", "policy:/", W, "")), "t:a", DITTO_E_NONE },
    { ANNOUNCEMENT("\"t:a\""),
      POLICY(ENTRY("w", "t:a", "policy:/", W, "")), "t:x",
      DITTO_E_ANNOUNCEMENT_NOT_ALLOWED },
    { ANNOUNCEMENT("\"t:a\""),
      POLICY(ENTRY("w", "t:a", "policy:/entries", W, "")), "t:a",
      DITTO_E_ANNOUNCEMENT_NOT_ALLOWED },
    { ANNOUNCEMENT("\"t:a\""),
      POLICY(ENTRY("w", "t:a", "policy:/", W, "") ","
             ENTRY("x", "t:a", "policy:/entries/x", "", W)), "t:a",
      DITTO_E_ANNOUNCEMENT_NOT_ALLOWED },
    { ANNOUNCEMENT("\"t:a\""), POLICY(A_ALL_W), "t:a",
      DITTO_E_ANNOUNCEMENT_NOT_ALLOWED },
    { ANNOUNCEMENT("\"t:a\""), NULL, "t:a", DITTO_E_POLICY_NOT_FOUND },
};


static void
test_sender_check(void **state)
{
    size_t                i;
    ditto_rc_t            rc;
    ditto_buf_t           buf;
    ditto_str_t           message;
    unit_pool_t           up;
    test_scope_t          ts;
    ditto_error_t         err;
    ditto_array_t         words;
    ditto_policy_t       *policy;
    ditto_subjects_t      subjects;
    const test_write_t   *t;

    (void) state;

    for (i = 0; i < sizeof(test_writes) / sizeof(test_writes[0]); i++) {
        t = &test_writes[i];

        unit_pool_init(&up);
        test_scope(&up, t->signal, &ts);
        policy = test_policy(&up, t->policy);

        ditto_array_init(&words, &up.pool, sizeof(ditto_str_t));
        test_words(&up, t->subjects, &words);
        subjects.elts = words.elts;
        subjects.n = words.nelts;

        rc = ditto_sender_check(&ts.signal, policy, &subjects, &err);

        if (rc != (t->code == DITTO_E_NONE ? DITTO_OK : DITTO_ERROR)) {
            fail_msg("%s, %s, %s: %d", t->signal, t->policy, t->subjects,
                     rc);
        }

        if (rc == DITTO_ERROR) {
            assert_int_equal(err.code, t->code);

            ditto_buf_init(&buf, &up.pool, 0);
            ditto_error_message(&buf, &err);
            assert_int_equal(ditto_buf_done(&buf, &message), DITTO_OK);
            assert_true(ditto_str_find(message, ts.signal.id)
                        <= message.len);
        }

        unit_pool_free(&up);
    }
}


/* --- spec: "Headers and payload of the Kafka record" ---------------------- */

#define DEFAULTS  "content-type=application/vnd.eclipse.ditto+json|"          \
                  "correlation-id=c-1"
#define CONNECTION  "|ditto-connection-id=con-1"


static const test_record_t  test_records[] = {
    { "t", { NULL }, "t", NULL, -1, DEFAULTS CONNECTION },
    { "t/k", { NULL }, "t", "k", -1, DEFAULTS CONNECTION },
    { "t/{{ thing:id }}", { NULL }, "t", "org.acme:pump-7", -1,
      DEFAULTS CONNECTION },
    { "t{{ resource:path }}", { NULL }, "t", "attributes/rpm", -1,
      DEFAULTS CONNECTION },
    { "{{ thing:name }}/a/b#c", { NULL }, "pump-7", "a/b#c", -1,
      DEFAULTS CONNECTION },
    { "t#7", { NULL }, "t", NULL, 7, DEFAULTS CONNECTION },
    { "t#{{ header:entity-revision }}", { NULL }, "t", NULL, 12,
      DEFAULTS CONNECTION },
    /* header mapping, in its order */
    { "t", { "device", "{{ thing:id }}", "unit", "{{ header:unit }}", "x",
             "y" },
      "t", NULL, -1,
      DEFAULTS "|device=org.acme:pump-7|unit=rpm|x=y" CONNECTION },
    /* one that has no value is left out, the others stay */
    { "t", { "a", "{{ header:nope }}", "b", "1{{ header:nope }}2", "c",
             "" }, "t", NULL, -1, DEFAULTS "|c=" CONNECTION },
    /* it wins over the defaults, in their place */
    { "t", { "correlation-id", "mine", "content-type",
             "application/json" },
      "t", NULL, -1,
      "content-type=application/json|correlation-id=mine" CONNECTION },
    { "t", { "content-type", "{{ header:nope }}" }, "t", NULL, -1,
      DEFAULTS CONNECTION },
    /* names are compared byte by byte */
    { "t", { "Content-Type", "x/y" }, "t", NULL, -1,
      DEFAULTS "|Content-Type=x/y" CONNECTION },
    /* nothing wins over the connection's id */
    { "t", { "ditto-connection-id", "fake", "z", "1" }, "t", NULL, -1,
      DEFAULTS "|ditto-connection-id=con-1|z=1" },
    { "t", { "Ditto-Connection-Id", "x", "ditto-originator", "y" }, "t",
      NULL, -1,
      DEFAULTS "|Ditto-Connection-Id=x|ditto-originator=y" CONNECTION },
    /* no value for the address: no record */
    { "{{ header:nope }}", { NULL }, NULL, NULL, 0, NULL },
    { "t/{{ topic:subject }}", { "a", "b" }, NULL, NULL, 0, NULL },
};


static void
test_target(unit_pool_t *up, const char *address, const char *const *mapping,
    ditto_target_t *target)
{
    ditto_error_t            err;
    ditto_mapper_t         **mapper;
    ditto_header_mapping_t  *hm;

    target->mappers.nelts = 0;
    mapper = ditto_array_push(&target->mappers);
    assert_non_null(mapper);
    assert_int_equal(ditto_mapper_default(&up->pool, unit_str(up, "Ditto"),
                                          mapper, &err),
                     DITTO_OK);

    assert_int_equal(ditto_target_set_address(&up->pool, target,
                                              unit_str(up, address), &err),
                     DITTO_OK);
    assert_int_equal(ditto_address_compile(&up->pool, target->address,
                                           &target->tpl, &err),
                     DITTO_OK);

    for ( /* void */ ; *mapping != NULL; mapping += 2) {
        assert_int_equal(ditto_target_add_header(&up->pool, target,
                                                 unit_str(up, mapping[0]),
                                                 unit_str(up, mapping[1]),
                                                 &err),
                         DITTO_OK);
        hm = (ditto_header_mapping_t *) target->header_mapping.elts
             + target->header_mapping.nelts - 1;
        assert_int_equal(ditto_template_compile(&up->pool, hm->text,
                                                DITTO_PLACE_HEADER_MAPPING,
                                                &hm->tpl, &err),
                         DITTO_OK);
    }
}


static void
test_record(const ditto_record_t *record, const test_record_t *t)
{
    size_t       i;
    unit_pool_t  up;
    ditto_buf_t  buf;
    ditto_str_t  headers;

    assert_true(ditto_str_eq(record->topic, ditto_str(t->topic)));
    assert_true(ditto_str_eq(record->key, ditto_str(t->key)));
    assert_true((record->key.data == NULL) == (t->key == NULL));
    assert_int_equal(record->partition, t->partition);

    unit_pool_init(&up);
    ditto_buf_init(&buf, &up.pool, 0);

    for (i = 0; i < record->nheaders; i++) {
        ditto_buf_text(&buf, i == 0 ? "" : "|");
        ditto_buf_str(&buf, record->headers[i].name);
        ditto_buf_char(&buf, '=');
        ditto_buf_str(&buf, record->headers[i].value);
    }

    assert_int_equal(ditto_buf_done(&buf, &headers), DITTO_OK);

    if (!ditto_str_eq(headers, ditto_str(t->headers))) {
        fail_msg("%s: expected %s, got %.*s", t->address, t->headers,
                 (int) headers.len, (const char *) headers.data);
    }

    unit_pool_free(&up);
}


#define RPM                                                                   \
    "{\"topic\":\"org.acme/pump-7/things/twin/events/modified\","             \
    "\"headers\":{\"correlation-id\":\"c-1\",\"unit\":\"rpm\"},"              \
    "\"path\":\"/attributes/rpm\",\"value\": 9.00 ,\"revision\":12}"
#define RPM_OUT                                                               \
    "{\"topic\":\"org.acme/pump-7/things/twin/events/modified\","             \
    "\"headers\":{\"correlation-id\":\"c-1\",\"unit\":\"rpm\","               \
    "\"entity-revision\":12,\"response-required\":false,"                     \
    "\"content-type\":\"application/json\"},"                                 \
    "\"path\":\"/attributes/rpm\",\"value\":9.00,\"revision\":12}"
#define RPM_EXTRA                                                             \
    "{\"topic\":\"org.acme/pump-7/things/twin/events/modified\","             \
    "\"headers\":{\"correlation-id\":\"c-1\",\"unit\":\"rpm\","               \
    "\"entity-revision\":12,\"response-required\":false,"                     \
    "\"content-type\":\"application/json\"},"                                 \
    "\"path\":\"/attributes/rpm\",\"value\":9.00,"                            \
    "\"extra\":{\"policyId\":\"a:b\"},\"revision\":12}"


static void
test_target_map(void **state)
{
    bool                   unaddressed;
    size_t                 i;
    ditto_rc_t             rc;
    ditto_array_t          records;
    unit_pool_t            up;
    test_scope_t           ts;
    ditto_error_t          err;
    ditto_record_t        *record;
    const test_record_t   *t;

    (void) state;

    for (i = 0; i < sizeof(test_records) / sizeof(test_records[0]); i++) {
        t = &test_records[i];

        unit_pool_init(&up);
        test_scope(&up, RPM, &ts);
        test_target(&up, t->address, t->mapping, &ts.target);

        ditto_array_init(&records, &up.pool, sizeof(ditto_record_t));
        rc = ditto_target_map(&ts.target, &ts.scope, &records,
                                          &unaddressed, &err);

        if (rc != (t->topic == NULL ? DITTO_DECLINED : DITTO_OK)) {
            fail_msg("%s: %d", t->address, rc);
        }

        if (rc == DITTO_DECLINED) {
            assert_int_equal(records.nelts, 0);
            unit_pool_free(&up);
            continue;
        }

        assert_int_equal(records.nelts, 1);
        record = records.elts;
        test_record(record, t);
        assert_true(ditto_str_eq(record->value, ditto_str(RPM_OUT)));

        /* the next ones are added, the payload is made once */
        assert_int_equal(ditto_target_map(&ts.target, &ts.scope, &records,
                                          &unaddressed, &err),
                         DITTO_OK);
        assert_int_equal(records.nelts, 2);
        record = records.elts;
        test_record(&record[0], t);
        test_record(&record[1], t);
        assert_true(record[0].value.data == record[1].value.data);

        /* but not with extra fields, and not after them */
        ts.scope.extra = unit_str(&up, "{\"policyId\":\"a:b\"}");
        assert_int_equal(ditto_target_map(&ts.target, &ts.scope, &records,
                                          &unaddressed, &err),
                         DITTO_OK);
        record = records.elts;
        assert_true(ditto_str_eq(record[2].value, ditto_str(RPM_EXTRA)));

        ts.scope.extra.len = 0;
        assert_int_equal(ditto_target_map(&ts.target, &ts.scope, &records,
                                          &unaddressed, &err),
                         DITTO_OK);
        record = records.elts;
        assert_true(ditto_str_eq(record[3].value, ditto_str(RPM_OUT)));

        unit_pool_free(&up);
    }
}


/* What a signal has none of, and addresses that no message may get. */
static void
test_target_map_fails(void **state)
{
    bool               unaddressed;
    size_t             i;
    unit_pool_t        up;
    test_scope_t       ts;
    ditto_array_t      records;
    ditto_error_t      err;
    ditto_record_t    *record;
    static const char *const  none[] = { NULL };
    static const char *const  late[] = {
        "a", "b", "c", "{{ time:now+99999999999999d }}", NULL
    };
    static const char *const  addresses[] = {
        "t-{{ thing:id }}", "{{ header:empty }}", "t#{{ header:x }}",
        "{{ resource:path }}",
    };

    (void) state;

    for (i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        unit_pool_init(&up);
        test_scope(&up, "{\"topic\":\"a/b/things/twin/events/deleted\","
                   "\"headers\":{\"empty\":\"\",\"x\":\"1x\"},"
                   "\"path\":\"/\",\"revision\":1}", &ts);
        test_target(&up, addresses[i], none, &ts.target);

        ditto_array_init(&records, &up.pool, sizeof(ditto_record_t));

        if (ditto_target_map(&ts.target, &ts.scope, &records,
                                          &unaddressed, &err)
            != DITTO_ERROR)
        {
            fail_msg("%s", addresses[i]);
        }

        assert_int_equal(err.code, DITTO_E_CONNECTION_CONFIGURATION);
        assert_int_equal(records.nelts, 0);
        unit_pool_free(&up);
    }

    /* a header whose template fails: no record at all */
    unit_pool_init(&up);
    test_scope(&up, RPM, &ts);
    test_target(&up, "t", late, &ts.target);
    ditto_array_init(&records, &up.pool, sizeof(ditto_record_t));
    assert_int_equal(ditto_target_map(&ts.target, &ts.scope, &records,
                                          &unaddressed, &err),
                     DITTO_ERROR);
    assert_int_equal(err.code, DITTO_E_PLACEHOLDER_UNRESOLVED);
    assert_int_equal(records.nelts, 0);
    unit_pool_free(&up);

    /* without a correlation-id there is no such header */
    unit_pool_init(&up);
    test_scope(&up, OPENED, &ts);
    test_target(&up, "t/{{ thing:id }}", none, &ts.target);
    ditto_array_init(&records, &up.pool, sizeof(ditto_record_t));
    assert_int_equal(ditto_target_map(&ts.target, &ts.scope, &records,
                                          &unaddressed, &err),
                     DITTO_DECLINED);
    test_target(&up, "t/{{ topic:entityName }}", none, &ts.target);
    assert_int_equal(ditto_target_map(&ts.target, &ts.scope, &records,
                                          &unaddressed, &err),
                     DITTO_OK);
    record = records.elts;
    assert_int_equal(records.nelts, 1);
    assert_int_equal(record->nheaders, 2);
    assert_true(ditto_str_eq(record->key, ditto_str("con-9")));
    unit_pool_free(&up);
}


/* --- memory --------------------------------------------------------------- */

typedef struct {
    const test_record_t  *t;
    test_scope_t          ts;
} test_memory_t;


static void
test_memory_setup(unit_pool_t *up, void *ctx)
{
    test_memory_t  *m = ctx;

    test_scope(up, RPM, &m->ts);
    test_target(up, m->t->address, m->t->mapping, &m->ts.target);
}


static ditto_rc_t
test_memory_call(unit_pool_t *up, void *ctx, ditto_error_t *err)
{
    bool             unaddressed;
    ditto_rc_t       rc;
    test_memory_t   *m = ctx;
    ditto_array_t    records;
    ditto_record_t  *record;

    ditto_array_init(&records, &up->pool, sizeof(ditto_record_t));

    rc = ditto_target_map(&m->ts.target, &m->ts.scope, &records, &unaddressed,
                          err);

    if (rc != DITTO_OK) {
        assert_int_equal(records.nelts, 0);
        return rc;
    }

    record = records.elts;
    test_record(record, m->t);
    assert_true(ditto_str_eq(record->value, ditto_str(RPM_OUT)));

    return DITTO_OK;
}


static void
test_target_memory(void **state)
{
    size_t         i;
    test_memory_t  m;

    (void) state;

    for (i = 0; i < sizeof(test_records) / sizeof(test_records[0]); i++) {
        m.t = &test_records[i];
        assert_in_range(unit_every_allocation(test_memory_setup,
                                              test_memory_call, &m),
                        3, 100);
    }
}


/* Without memory nobody is let in who would not be let in with it. */
static void
test_authorized_memory(void **state)
{
    bool                answer;
    size_t              i, n;
    unit_pool_t         up;
    test_scope_t        ts;
    ditto_policy_t     *policy;
    const test_read_t  *t;

    (void) state;

    for (i = 0; i < sizeof(test_reads) / sizeof(test_reads[0]); i++) {
        t = &test_reads[i];

        for (n = 1; n < 4; n++) {
            unit_pool_init(&up);
            test_scope(&up, t->signal, &ts);
            test_words(&up, t->subjects, &ts.target.subjects);
            policy = test_policy(&up, t->policy);

            up.count = 0;
            up.fail_at = n;

            answer = test_reads_it(&ts, policy, &up.pool);
            assert_true(!answer || t->expected);

            if (up.count < n) {
                assert_true(answer == t->expected);
            }

            unit_pool_free(&up);
        }
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_target_match),
        cmocka_unit_test(test_target_authorized),
        cmocka_unit_test(test_target_access),
        cmocka_unit_test(test_target_addressed),
        cmocka_unit_test(test_sender_accept),
        cmocka_unit_test(test_sender_check),
        cmocka_unit_test(test_target_map),
        cmocka_unit_test(test_target_map_fails),
        cmocka_unit_test(test_target_memory),
        cmocka_unit_test(test_authorized_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
