/*
 * Templates and placeholders: syntax, what is legal where, the value of each
 * placeholder for each kind of signal.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ditto_placeholder.h"
#include "ditto_template.h"
#include "unit_pool.h"


#define EVENT                                                                 \
    "{\"topic\":\"org.acme/pump-7/things/twin/events/modified\","             \
    "\"headers\":{\"correlation-id\":\"c-1\",\"Device\":\"d-9\","             \
    "\"empty\":\"\",\"n\":1.50,\"list\":[\"a\",\"b\"]},"                      \
    "\"path\":\"/features/f~1/properties/rpm\",\"value\":900,"                \
    "\"revision\":12,\"timestamp\":\"2026-08-18T10:00:00+02:00\"}"
#define CREATED                                                               \
    "{\"topic\":\"org.acme/pump-7/things/live/events/created\","              \
    "\"path\":\"/\",\"value\":{\"thingId\":\"org.acme:pump-7\","              \
    "\"policyId\":\"org.acme:p\",\"attributes\":{\"s\":\"a\\u00e4\\n\","      \
    "\"n\":1.50,\"o\":{ \"p\" : [ 1 ] },\"a\":[null,\"x\",{\"q\":true}],"     \
    "\"e\":[],\"z\":null,\"t\":true},"                                        \
    "\"features\":{\"z\":{},\"f\\u0100\":{}}},\"revision\":1}"
#define MERGED                                                                \
    "{\"topic\":\"org.acme/pump-7/things/twin/events/merged\","               \
    "\"path\":\"/\",\"value\":{\"features\":{\"g\":null,\"f\":{}}},"          \
    "\"revision\":2}"
#define FEATURES(action, value)                                               \
    "{\"topic\":\"org.acme/pump-7/things/twin/events/" action "\","           \
    "\"path\":\"/features\"" value ",\"revision\":2}"
#define DELETED                                                               \
    "{\"topic\":\"org.acme/pump-7/things/twin/events/deleted\","              \
    "\"path\":\"/\",\"revision\":3}"
#define COMMAND(action, path, value)                                          \
    "{\"topic\":\"org.acme/pump-7/things/live/commands/" action "\","         \
    "\"headers\":{\"content-type\":\"application/merge-patch+json\"},"        \
    "\"path\":\"" path "\"" value "}"
#define MESSAGE                                                               \
    "{\"topic\":\"org.acme/pump-7/things/live/messages/ask/this\","           \
    "\"headers\":{\"content-type\":\"text/plain\"},"                          \
    "\"path\":\"/outbox/messages/ask/this\",\"value\":\"hi\"}"
#define FEATURE_MESSAGE                                                       \
    "{\"topic\":\"org.acme/pump-7/things/live/messages/ask\","                \
    "\"path\":\"/features/f~1/inbox/messages/ask\"}"
#define POLICY                                                                \
    "{\"topic\":\"org.acme/p/policies/announcements/subjectDeletion\","       \
    "\"path\":\"/\",\"value\":{\"deleteAt\":\"2026-08-18T10:00:00Z\","        \
    "\"subjectIds\":[\"a:b\"]}}"
#define OPENED                                                                \
    "{\"topic\":\"_/con-9/connections/announcements/opened\","                \
    "\"path\":\"/\",\"value\":{\"openedAt\":\"2026-08-18T10:00:00Z\"}}"


typedef struct {
    const char  *text;
    const char  *value;          /* NULL: unresolved */
} test_value_t;


typedef struct {
    const char          *signal;
    const test_value_t  *values;
} test_signal_t;


typedef struct {
    const char  *text;
    const char  *expr;           /* as the error names it */
    size_t       offset;
} test_refused_t;


typedef struct {
    const char  *text;
    unsigned     places;         /* bits by ditto_place_e */
} test_place_t;


typedef struct {
    ditto_signal_t        signal;
    ditto_scope_cache_t   cache;
    ditto_scope_t         scope;
} test_scope_t;


static const ditto_str_t  test_subjects[] = {
    ditto_string("nginx:one"), ditto_string("nginx:two")
};


static void
test_scope(unit_pool_t *up, const char *text, test_scope_t *ts)
{
    ditto_error_t  err;

    memset(ts, 0, sizeof(test_scope_t));

    assert_int_equal(ditto_signal_parse(&up->pool, unit_str(up, text),
                                        &ts->signal, &err),
                     DITTO_OK);

    ts->scope.pool = &up->pool;
    ts->scope.cache = &ts->cache;
    ts->scope.signal = &ts->signal;
    ts->scope.connection_id = ditto_str("con-1");
    ts->scope.subjects = test_subjects;
    ts->scope.nsubjects = 2;
    /* 2024-02-29T13:14:15.987654321Z, a Thursday */
    ts->scope.now.sec = 1709212455;
    ts->scope.now.nsec = 987654321;
}


static void
test_is(ditto_str_t got, const char *expected, const char *what)
{
    if (!ditto_str_eq(got, ditto_str(expected))) {
        fail_msg("%s: expected \"%s\", got \"%.*s\"", what, expected,
                 (int) got.len, (const char *) got.data);
    }
}


static void
test_resolve(unit_pool_t *up, const test_scope_t *ts, const char *text,
    const char *expected)
{
    ditto_rc_t         rc;
    ditto_str_t        value;
    ditto_error_t      err;
    ditto_template_t  *tpl;

    if (ditto_template_compile(&up->pool, unit_str(up, text),
                               DITTO_PLACE_HEADER_MAPPING, &tpl, &err)
        != DITTO_OK)
    {
        fail_msg("%s: refused", text);
    }

    rc = ditto_template_resolve(tpl, &ts->scope, &value, &err);

    if (rc != (expected == NULL ? DITTO_DECLINED : DITTO_OK)) {
        fail_msg("%s: %d", text, rc);
    }

    if (expected != NULL) {
        test_is(value, expected, text);
    }
}


/* --- spec: Syntax of templates ------------------------------------------ */

static const test_value_t  test_syntax[] = {
    { "", "" },
    { "literal", "literal" },
    { "{{thing:name}}", "pump-7" },
    { "{{ thing:name }}", "pump-7" },
    { "{{ \t\r\n thing:name\n}}", "pump-7" },
    { "${thing:name}", "pump-7" },
    { "${ thing:name }", "pump-7" },
    { "$${thing:name}", "$pump-7" },
    { "a{{ thing:name }}b${thing:namespace}c", "apump-7borg.acmec" },
    { "{{thing:name}}{{thing:name}}", "pump-7pump-7" },
    { "{{thing:name}}}", "pump-7}" },
    { "{{{thing:name", "{{{thing:name" },
    { "{{thing:name}", "{{thing:name}" },
    { "{{thing:name} }", "{{thing:name} }" },
    { "{ {thing:name}}", "{ {thing:name}}" },
    { "${thing:name", "${thing:name" },
    { "$ {thing:name}", "$ {thing:name}" },
    { "}}{{thing:name}}", "}}pump-7" },
    { "a}}b", "a}}b" },
    { "{", "{" },
    { "}", "}" },
    { "a}", "a}" },
    { "{{", "{{" },
    { "$", "$" },
    { "${", "${" },
    { "a|b", "a|b" },
    { "fn:lower()", "fn:lower()" },
    { "{{header:a}b}}", NULL },
    { "x{{ header:nope }}y", NULL },
    { "{{ header:nope }}{{ thing:name }}", NULL },
    { "{{ thing:name }}/{{ header:nope }}", NULL },
    { "a{{ header:empty }}b", "ab" },
    { "{{ header:empty }}", "" },
};


static const test_refused_t  test_refusals[] = {
    { "{{}}", "", 0 },
    { "a{{ }}", "", 1 },
    { "${}", "", 0 },
    { "ab${ }", "", 2 },
    { "{{ thing }}", "thing", 0 },
    { "{{ thing: }}", "thing:", 0 },
    { "{{ :id }}", ":id", 0 },
    { "{{ thing:ID }}", "thing:ID", 0 },
    { "{{ Thing:id }}", "Thing:id", 0 },
    { "{{ thing :id }}", "thing :id", 0 },
    { "{{ thing: id }}", "thing: id", 0 },
    { "{{ thing:idx }}", "thing:idx", 0 },
    { "{{ HEADER:foo }}", "HEADER:foo", 0 },
    { "{{ {{ thing:id }}", "{{ thing:id", 0 },
    { "{{ thing:i}d }}", "thing:i}d", 0 },
    { "${{ thing:id }}", "{ thing:id", 0 },
    { "{{ thing:id }}{{ thing:i }}", "thing:i", 14 },
    { "{{ topic:entityId }}", "topic:entityId", 0 },
    { "{{ topic:action-Subject }}", "topic:action-Subject", 0 },
    { "{{ feature:name }}", "feature:name", 0 },
    { "{{ entity:x }}", "entity:x", 0 },
    { "{{ resource:x }}", "resource:x", 0 },
    { "{{ request:x }}", "request:x", 0 },
    { "{{ connection:name }}", "connection:name", 0 },
    { "{{ policy:id }}", "policy:id", 0 },
    { "{{ source:address }}", "source:address", 0 },
    { "{{ jwt:sub }}", "jwt:sub", 0 },
    { "{{ foo:bar }}", "foo:bar", 0 },
    { "{{ thing-json:id }}", "thing-json:id", 0 },
    { "{{ thing-json:name }}", "thing-json:name", 0 },
    { "{{ thing-json:namespace }}", "thing-json:namespace", 0 },
    { "{{ time: }}", "time:", 0 },
    { "{{ time: now }}", "time: now", 0 },
    { "{{ time:Now }}", "time:Now", 0 },
    { "{{ time:nowx }}", "time:nowx", 0 },
    { "{{ time:now_epoch }}", "time:now_epoch", 0 },
    { "{{ time:now[x] }}", "time:now[x]", 0 },
    { "{{ time:now[d }}", "time:now[d", 0 },
    { "{{ time:now] }}", "time:now]", 0 },
    { "{{ time:now+ }}", "time:now+", 0 },
    { "{{ time:now-1x }}", "time:now-1x", 0 },
    { "{{ time:now--1h }}", "time:now--1h", 0 },
    { "{{ time:now- 1h }}", "time:now- 1h", 0 },
    { "{{ time:now-1h+1h }}", "time:now-1h+1h", 0 },
    { "{{ time:now+1h [d] }}", "time:now+1h [d]", 0 },
    { "{{ time:now[D] }}", "time:now[D]", 0 },
    { "{{ time:now+99999999999999999999 }}",
      "time:now+99999999999999999999", 0 },
};


static void
test_template_syntax(void **state)
{
    size_t              i;
    ditto_str_t         text;
    unit_pool_t         up;
    test_scope_t        ts;
    ditto_error_t       err;
    ditto_template_t   *tpl;

    (void) state;

    unit_pool_init(&up);
    test_scope(&up, EVENT, &ts);

    for (i = 0; i < sizeof(test_syntax) / sizeof(test_syntax[0]); i++) {
        test_resolve(&up, &ts, test_syntax[i].text, test_syntax[i].value);
    }

    text = unit_str(&up, "a/${ b");
    assert_int_equal(ditto_template_compile(&up.pool, text,
                                            DITTO_PLACE_ADDRESS, &tpl, &err),
                     DITTO_OK);
    assert_true(ditto_template_is_static(tpl));
    assert_true(ditto_template_text(tpl).data == text.data);
    assert_int_equal(ditto_template_text(tpl).len, text.len);

    text = unit_str(&up, "a/${thing:id}");
    assert_int_equal(ditto_template_compile(&up.pool, text,
                                            DITTO_PLACE_ADDRESS, &tpl, &err),
                     DITTO_OK);
    assert_false(ditto_template_is_static(tpl));
    assert_true(ditto_template_text(tpl).data == text.data);

    unit_pool_free(&up);
}


static void
test_template_refused(void **state)
{
    size_t                  i;
    ditto_buf_t             buf;
    ditto_str_t             text, message;
    unit_pool_t             up;
    ditto_error_t           err;
    ditto_template_t       *tpl;
    const test_refused_t   *t;

    (void) state;

    for (i = 0; i < sizeof(test_refusals) / sizeof(test_refusals[0]); i++) {
        t = &test_refusals[i];

        unit_pool_init(&up);

        if (ditto_template_compile(&up.pool, unit_str(&up, t->text),
                                   DITTO_PLACE_ADDRESS, &tpl, &err)
            != DITTO_ERROR)
        {
            fail_msg("%s: accepted", t->text);
        }

        assert_int_equal(err.code, DITTO_E_PLACEHOLDER_UNRESOLVED);
        assert_int_equal(err.offset, t->offset);

        ditto_buf_init(&buf, &up.pool, 0);
        ditto_buf_text(&buf, "The placeholder '");
        ditto_buf_text(&buf, t->expr);
        ditto_buf_text(&buf, "' could not be resolved.");
        ditto_buf_char(&buf, '\0');
        assert_int_equal(ditto_buf_done(&buf, &text), DITTO_OK);

        ditto_buf_init(&buf, &up.pool, 0);
        ditto_error_message(&buf, &err);
        assert_int_equal(ditto_buf_done(&buf, &message), DITTO_OK);
        test_is(message, (const char *) text.data, t->text);

        unit_pool_free(&up);
    }
}


/* --- spec: Legal prefixes and names ------------------------------------- */

#define TARGET       (1u << DITTO_PLACE_ADDRESS                               \
                      | 1u << DITTO_PLACE_HEADER_MAPPING)
#define ENFORCEMENT  (1u << DITTO_PLACE_ENFORCEMENT_FILTER)
#define POLICY_ID    (1u << DITTO_PLACE_POLICY_ID)
#define INPUT        (1u << DITTO_PLACE_ENFORCEMENT_INPUT)


static const test_place_t  test_places[] = {
    { "{{ thing:id }}", TARGET | ENFORCEMENT | POLICY_ID },
    { "{{ thing:namespace }}", TARGET | ENFORCEMENT | POLICY_ID },
    { "{{ thing:name }}", TARGET | ENFORCEMENT | POLICY_ID },
    { "{{ entity:id }}", TARGET | ENFORCEMENT },
    { "{{ entity:namespace }}", TARGET | ENFORCEMENT },
    { "{{ entity:name }}", TARGET | ENFORCEMENT },
    { "{{ policy:id }}", ENFORCEMENT },
    { "{{ policy:namespace }}", ENFORCEMENT },
    { "{{ policy:name }}", ENFORCEMENT },
    { "{{ header:x }}", TARGET | INPUT },
    { "{{ header: }}", TARGET | INPUT },
    { "{{ header:a b:c }}", TARGET | INPUT },
    { "{{ thing-json:attributes/x }}", TARGET },
    { "{{ thing-json:/ }}", TARGET },
    { "{{ thing-json: }}", TARGET },
    { "{{ thing-json:a//b }}", TARGET },
    { "{{ thing-json:/id }}", TARGET },
    { "{{ feature:id }}", TARGET | ENFORCEMENT },
    { "{{ topic:full }}", TARGET },
    { "{{ topic:namespace }}", TARGET },
    { "{{ topic:entityName }}", TARGET },
    { "{{ topic:group }}", TARGET },
    { "{{ topic:channel }}", TARGET },
    { "{{ topic:criterion }}", TARGET },
    { "{{ topic:action }}", TARGET },
    { "{{ topic:subject }}", TARGET },
    { "{{ topic:action-subject }}", TARGET },
    { "{{ resource:type }}", TARGET },
    { "{{ resource:path }}", TARGET },
    { "{{ time:now }}", TARGET },
    { "{{ time:now_epoch_millis }}", TARGET },
    { "{{ request:subjectId }}", TARGET },
    { "{{ connection:id }}", TARGET },
    { "literal", TARGET | ENFORCEMENT | POLICY_ID | INPUT },
};


static void
test_template_places(void **state)
{
    int                place;
    size_t             i;
    ditto_rc_t         rc;
    unit_pool_t        up;
    ditto_error_t      err;
    ditto_template_t  *tpl;

    (void) state;

    for (i = 0; i < sizeof(test_places) / sizeof(test_places[0]); i++) {

        for (place = DITTO_PLACE_ADDRESS;
             place <= DITTO_PLACE_ENFORCEMENT_INPUT;
             place++)
        {
            unit_pool_init(&up);

            rc = ditto_template_compile(&up.pool,
                                        unit_str(&up, test_places[i].text),
                                        (ditto_place_e) place, &tpl, &err);

            if (rc != (test_places[i].places >> place & 1 ? DITTO_OK
                                                          : DITTO_ERROR))
            {
                fail_msg("%s at %d: %d", test_places[i].text, place, rc);
            }

            if (rc == DITTO_ERROR) {
                assert_int_equal(err.code, DITTO_E_PLACEHOLDER_UNRESOLVED);
            }

            unit_pool_free(&up);
        }
    }
}


/* --- spec: Values per signal -------------------------------------------- */

static const test_value_t  test_event[] = {
    { "{{ thing:id }}", "org.acme:pump-7" },
    { "{{ thing:namespace }}", "org.acme" },
    { "{{ thing:name }}", "pump-7" },
    { "{{ entity:id }}", "org.acme:pump-7" },
    { "{{ entity:namespace }}", "org.acme" },
    { "{{ entity:name }}", "pump-7" },
    { "{{ topic:full }}", "org.acme/pump-7/things/twin/events/modified" },
    { "{{ topic:namespace }}", "org.acme" },
    { "{{ topic:entityName }}", "pump-7" },
    { "{{ topic:group }}", "things" },
    { "{{ topic:channel }}", "twin" },
    { "{{ topic:criterion }}", "events" },
    { "{{ topic:action }}", "modified" },
    { "{{ topic:subject }}", NULL },
    { "{{ topic:action-subject }}", "modified" },
    { "{{ resource:type }}", "thing" },
    { "{{ resource:path }}", "/features/f~01/properties/rpm" },
    { "{{ feature:id }}", "f~1" },
    { "{{ header:correlation-id }}", "c-1" },
    { "{{ header:CORRELATION-ID }}", "c-1" },
    { "{{ header:device }}", "d-9" },
    { "{{ header: device }}", NULL },
    { "{{ header:n }}", "1.5" },
    { "{{ header:list }}", "[\"a\",\"b\"]" },
    { "{{ header:nope }}", NULL },
    { "{{ header:channel }}", NULL },
    { "{{ header:content-type }}", NULL },
    { "{{ header:entity-revision }}", "12" },
    { "{{ header:response-required }}", "false" },
    { "{{ header:ditto-entity-id }}", "thing:org.acme:pump-7" },
    { "{{ request:subjectId }}", "nginx:one" },
    { "{{ connection:id }}", "con-1" },
    { "{{ thing-json:thingId }}", "org.acme:pump-7" },
    { "{{ thing-json:_namespace }}", "org.acme" },
    { "{{ thing-json:_revision }}", "12" },
    { "{{ thing-json:_modified }}", "2026-08-18T08:00:00Z" },
    { "{{ thing-json:/features }}",
      "{\"f~1\":{\"properties\":{\"rpm\":900}}}" },
    { "{{ thing-json:attributes }}", NULL },
    { NULL, NULL },
};

static const test_value_t  test_created[] = {
    { "{{ topic:channel }}", "live" },
    { "{{ header:channel }}", "live" },
    { "{{ resource:path }}", "/" },
    { "{{ feature:id }}", "z" },
    { "{{ thing-json:policyId }}", "org.acme:p" },
    { "{{ thing-json:attributes/s }}", "a\xc3\xa4\n" },
    { "{{ thing-json:attributes/s/x }}", NULL },
    { "{{ thing-json:attributes/n }}", "1.50" },
    { "{{ thing-json:attributes/o }}", "{\"p\":[1]}" },
    { "{{ thing-json:attributes/o/p }}", "1" },
    /* the first element, null included */
    { "{{ thing-json:attributes/a }}", "null" },
    { "{{ thing-json:attributes/a/0 }}", NULL },
    { "{{ thing-json:attributes/a/q }}", NULL },
    { "{{ thing-json:attributes/e }}", NULL },
    { "{{ thing-json:attributes/z }}", NULL },
    { "{{ thing-json:attributes/t }}", "true" },
    { "{{ thing-json:features/f\xc4\x80 }}", "{}" },
    { "{{ thing-json:_revision }}", "1" },
    { "{{ thing-json:_modified }}", NULL },
    { NULL, NULL },
};

static const test_value_t  test_merged[] = {
    { "{{ topic:action }}", "merged" },
    /* one that is set to null counts */
    { "{{ feature:id }}", "g" },
    { "{{ thing-json:features/g }}", NULL },
    { "{{ thing-json:features }}", "{\"f\":{}}" },
    { NULL, NULL },
};

static const test_value_t  test_deleted[] = {
    { "{{ thing:id }}", "org.acme:pump-7" },
    { "{{ topic:action }}", "deleted" },
    { "{{ feature:id }}", NULL },
    { "{{ thing-json:/ }}", "{\"thingId\":\"org.acme:pump-7\","
      "\"_namespace\":\"org.acme\",\"_revision\":3}" },
    { NULL, NULL },
};

static const test_value_t  test_features[] = {
    { "{{ feature:id }}", "b" },
    { "{{ feature:id }}/{{ feature:id }}", "b/b" },
    { NULL, NULL },
};

static const test_value_t  test_no_feature[] = {
    { "{{ feature:id }}", NULL },
    { NULL, NULL },
};

static const test_value_t  test_command[] = {
    { "{{ thing:id }}", "org.acme:pump-7" },
    { "{{ topic:channel }}", "live" },
    { "{{ topic:criterion }}", "commands" },
    { "{{ topic:action }}", "modify" },
    { "{{ topic:subject }}", NULL },
    { "{{ topic:action-subject }}", "modify" },
    { "{{ resource:type }}", "thing" },
    { "{{ resource:path }}", "/features/f" },
    { "{{ feature:id }}", "f" },
    { "{{ header:content-type }}", "application/merge-patch+json" },
    /* the thing of a command is unknown */
    { "{{ thing-json:thingId }}", NULL },
    { "{{ thing-json:/ }}", NULL },
    { NULL, NULL },
};

static const test_value_t  test_feature_a[] = {
    { "{{ feature:id }}", "a" },
    { NULL, NULL },
};

static const test_value_t  test_message[] = {
    { "{{ thing:name }}", "pump-7" },
    { "{{ topic:full }}", "org.acme/pump-7/things/live/messages/ask/this" },
    { "{{ topic:channel }}", "live" },
    { "{{ topic:criterion }}", "messages" },
    { "{{ topic:action }}", NULL },
    { "{{ topic:subject }}", "ask/this" },
    { "{{ topic:action-subject }}", "ask/this" },
    { "{{ resource:type }}", "message" },
    { "{{ resource:path }}", "/outbox/messages/ask/this" },
    { "{{ feature:id }}", NULL },
    { "{{ header:content-type }}", "text/plain" },
    { "{{ header:ditto-message-subject }}", NULL },
    { "{{ header:ditto-message-direction }}", NULL },
    { "{{ thing-json:thingId }}", NULL },
    { NULL, NULL },
};

static const test_value_t  test_feature_message[] = {
    { "{{ feature:id }}", "f~1" },
    { "{{ topic:subject }}", "ask" },
    { "{{ resource:path }}", "/features/f~01/inbox/messages/ask" },
    { NULL, NULL },
};

static const test_value_t  test_policy[] = {
    { "{{ thing:id }}", NULL },
    { "{{ thing:namespace }}", NULL },
    { "{{ thing:name }}", NULL },
    { "{{ entity:id }}", "org.acme:p" },
    { "{{ entity:namespace }}", "org.acme" },
    { "{{ entity:name }}", "p" },
    { "{{ topic:full }}", "org.acme/p/policies/announcements/subjectDeletion"
    },
    { "{{ topic:namespace }}", "org.acme" },
    { "{{ topic:entityName }}", "p" },
    { "{{ topic:group }}", "policies" },
    { "{{ topic:channel }}", "none" },
    { "{{ topic:criterion }}", "announcements" },
    { "{{ topic:action }}", NULL },
    { "{{ topic:subject }}", "subjectDeletion" },
    { "{{ topic:action-subject }}", "subjectDeletion" },
    { "{{ resource:type }}", "policy" },
    { "{{ resource:path }}", "/" },
    { "{{ feature:id }}", NULL },
    { "{{ thing-json:thingId }}", NULL },
    { "{{ connection:id }}", "con-1" },
    { NULL, NULL },
};

static const test_value_t  test_opened[] = {
    { "{{ thing:id }}", NULL },
    { "{{ entity:id }}", NULL },
    { "{{ entity:namespace }}", NULL },
    { "{{ entity:name }}", NULL },
    { "{{ topic:full }}", "_/con-9/connections/announcements/opened" },
    { "{{ topic:namespace }}", "_" },
    { "{{ topic:entityName }}", "con-9" },
    { "{{ topic:group }}", "connections" },
    { "{{ topic:channel }}", "none" },
    { "{{ topic:criterion }}", "announcements" },
    { "{{ topic:action }}", NULL },
    { "{{ topic:subject }}", "opened" },
    { "{{ topic:action-subject }}", "opened" },
    { "{{ resource:type }}", "connection" },
    { "{{ resource:path }}", "/" },
    { "{{ feature:id }}", NULL },
    { "{{ thing-json:/ }}", NULL },
    { NULL, NULL },
};

static const test_value_t  test_no_namespace[] = {
    { "{{ thing:id }}", ":dev" },
    { "{{ thing:namespace }}", "" },
    { "{{ topic:namespace }}", "" },
    { "{{ topic:full }}", "/dev/things/twin/events/deleted" },
    { NULL, NULL },
};


static const test_signal_t  test_signals[] = {
    { EVENT, test_event },
    { CREATED, test_created },
    { MERGED, test_merged },
    { DELETED, test_deleted },
    { FEATURES("modified", ",\"value\":{\"b\":{},\"a\":{}}"), test_features },
    { FEATURES("created", ",\"value\":{\"b\":{},\"a\":{}}"), test_features },
    { FEATURES("merged", ",\"value\":{\"b\":null,\"a\":{}}"), test_features },
    { FEATURES("modified", ",\"value\":{}"), test_no_feature },
    { FEATURES("modified", ",\"value\":null"), test_no_feature },
    { FEATURES("deleted", ",\"value\":{\"b\":{}}"), test_no_feature },
    { COMMAND("modify", "/features/f", ",\"value\":{}"), test_command },
    { COMMAND("modify", "/features", ",\"value\":{\"a\":{},\"b\":{}}"),
      test_feature_a },
    { COMMAND("merge", "/features", ",\"value\":{\"a\":null}"),
      test_feature_a },
    { COMMAND("merge", "/", ",\"value\":{\"features\":{\"a\":{}}}"),
      test_feature_a },
    { COMMAND("modify", "/", ",\"value\":{\"features\":{\"a\":{}}}"),
      test_feature_a },
    { COMMAND("create", "/", ",\"value\":{\"features\":{\"a\":{}}}"),
      test_feature_a },
    { COMMAND("create", "/", ",\"value\":{}"), test_no_feature },
    { COMMAND("create", "/", ",\"value\":{\"attributes\":{\"a\":1}}"),
      test_no_feature },
    { COMMAND("merge", "/", ",\"value\":{\"features\":null}"),
      test_no_feature },
    { COMMAND("modify", "/attributes", ",\"value\":{\"a\":1}"),
      test_no_feature },
    { COMMAND("retrieve", "/features", ""), test_no_feature },
    { COMMAND("retrieve", "/features/a", ""), test_feature_a },
    { COMMAND("delete", "/features", ""), test_no_feature },
    { COMMAND("delete", "/features/a/properties/x", ""), test_feature_a },
    { COMMAND("modify", "/attributes/features", ",\"value\":{\"a\":1}"),
      test_no_feature },
    { MESSAGE, test_message },
    { FEATURE_MESSAGE, test_feature_message },
    { POLICY, test_policy },
    { OPENED, test_opened },
    { "{\"topic\":\"/dev/things/twin/events/deleted\",\"path\":\"/\","
      "\"revision\":3}", test_no_namespace },
};


static void
test_placeholder_values(void **state)
{
    size_t               i;
    unit_pool_t          up;
    test_scope_t         ts;
    const test_value_t  *v;

    (void) state;

    for (i = 0; i < sizeof(test_signals) / sizeof(test_signals[0]); i++) {
        unit_pool_init(&up);
        test_scope(&up, test_signals[i].signal, &ts);

        for (v = test_signals[i].values; v->text != NULL; v++) {
            test_resolve(&up, &ts, v->text, v->value);
        }

        unit_pool_free(&up);
    }

    /* nobody is known */
    unit_pool_init(&up);
    test_scope(&up, EVENT, &ts);
    ts.scope.nsubjects = 0;
    ts.scope.subjects = NULL;
    test_resolve(&up, &ts, "{{ request:subjectId }}", NULL);
    unit_pool_free(&up);
}


/* All values of those that may have several. */
static void
test_placeholder_multi(void **state)
{
    unit_pool_t          up;
    test_scope_t         ts;
    ditto_error_t        err;
    ditto_values_t       values;
    ditto_placeholder_t  p;

    (void) state;

    unit_pool_init(&up);
    test_scope(&up, CREATED, &ts);

    assert_int_equal(ditto_placeholder_compile(&up.pool,
                                               ditto_str("feature:id"),
                                               DITTO_PLACE_ADDRESS, &p, &err),
                     DITTO_OK);
    assert_int_equal(ditto_placeholder_resolve(&p, &ts.scope, &values, &err),
                     DITTO_OK);
    assert_int_equal(values.n, 2);
    test_is(values.elts[0], "z", "feature 1");
    test_is(values.elts[1], "f\xc4\x80", "feature 2");

    assert_int_equal(ditto_placeholder_compile(&up.pool,
                                               ditto_str("request:subjectId"),
                                               DITTO_PLACE_ADDRESS, &p, &err),
                     DITTO_OK);
    assert_int_equal(ditto_placeholder_resolve(&p, &ts.scope, &values, &err),
                     DITTO_OK);
    assert_int_equal(values.n, 2);
    test_is(values.elts[1], "nginx:two", "subject 2");

    assert_int_equal(ditto_placeholder_compile(&up.pool,
                                          ditto_str("thing-json:attributes/a"),
                                               DITTO_PLACE_ADDRESS, &p, &err),
                     DITTO_OK);
    assert_int_equal(ditto_placeholder_resolve(&p, &ts.scope, &values, &err),
                     DITTO_OK);
    assert_int_equal(values.n, 3);
    test_is(values.elts[0], "null", "element 1");
    test_is(values.elts[1], "x", "element 2");
    test_is(values.elts[2], "{\"q\":true}", "element 3");

    unit_pool_free(&up);
}


/* spec: Values per signal, "thing-json"; the fields that were enriched */
static void
test_placeholder_extra(void **state)
{
    unit_pool_t    up;
    test_scope_t   ts;

    (void) state;

    unit_pool_init(&up);
    test_scope(&up, EVENT, &ts);
    ts.scope.extra = unit_str(&up,
        "{\"policyId\":\"org.acme:p\",\"_revision\":99,"
        "\"attributes\":{\"y\":\"z\"},\"features\":{\"f~1\":{\"properties\":"
        "{\"rpm\":1,\"a\":[1],\"x\":{\"b\":2}}},\"g\":{}}}");

    test_resolve(&up, &ts, "{{ thing-json:policyId }}", "org.acme:p");
    test_resolve(&up, &ts, "{{ thing-json:attributes/y }}", "z");
    test_resolve(&up, &ts, "{{ thing-json:attributes }}", "{\"y\":\"z\"}");
    /* the event's own win */
    test_resolve(&up, &ts, "{{ thing-json:_revision }}", "12");
    test_resolve(&up, &ts, "{{ thing-json:features/f~1/properties/rpm }}",
                 "900");
    test_resolve(&up, &ts, "{{ thing-json:features/f~1/properties/rpm/x }}",
                 NULL);
    test_resolve(&up, &ts, "{{ thing-json:features/f~1/properties/x/b }}",
                 "2");
    test_resolve(&up, &ts, "{{ thing-json:features/g }}", "{}");
    /* objects are merged, member by member */
    test_resolve(&up, &ts, "{{ thing-json:features/f~1/properties }}",
                 "{\"rpm\":900,\"a\":[1],\"x\":{\"b\":2}}");
    test_resolve(&up, &ts, "{{ thing-json:thingId }}", "org.acme:pump-7");

    unit_pool_free(&up);

    /* arrays are replaced */
    unit_pool_init(&up);
    test_scope(&up, CREATED, &ts);
    ts.scope.extra = unit_str(&up, "{\"attributes\":{\"a\":[7,8],"
                                   "\"o\":{\"q\":1},\"s\":{\"q\":1}}}");
    test_resolve(&up, &ts, "{{ thing-json:attributes/a }}", "null");
    test_resolve(&up, &ts, "{{ thing-json:attributes/o }}",
                 "{\"p\":[1],\"q\":1}");
    test_resolve(&up, &ts, "{{ thing-json:attributes/s/q }}", NULL);
    unit_pool_free(&up);

    /* what is no event of a thing has nothing but them */
    unit_pool_init(&up);
    test_scope(&up, MESSAGE, &ts);
    ts.scope.extra = unit_str(&up, "{\"attributes\":{\"y\":[\"a\"]}}");
    test_resolve(&up, &ts, "{{ thing-json:attributes/y }}", "a");
    test_resolve(&up, &ts, "{{ thing-json:/ }}",
                 "{\"attributes\":{\"y\":[\"a\"]}}");
    test_resolve(&up, &ts, "{{ thing-json:thingId }}", NULL);
    test_resolve(&up, &ts, "{{ thing-json:_namespace }}", NULL);
    test_resolve(&up, &ts, "{{ thing-json:_revision }}", NULL);
    unit_pool_free(&up);

    /* the namespace is that of the thingId */
    unit_pool_init(&up);
    test_scope(&up, MESSAGE, &ts);
    ts.scope.extra = unit_str(&up, "{\"_namespace\":\"no\"}");
    test_resolve(&up, &ts, "{{ thing-json:_namespace }}", NULL);
    test_resolve(&up, &ts, "{{ thing-json:/ }}", "{}");
    ts.scope.extra = unit_str(&up, "{\"thingId\":5}");
    test_resolve(&up, &ts, "{{ thing-json:_namespace }}", NULL);
    ts.scope.extra = unit_str(&up, "{\"_namespace\":\"no\","
                                   "\"thingId\":\"a.b:c:d\"}");
    test_resolve(&up, &ts, "{{ thing-json:_namespace }}", "a.b");
    test_resolve(&up, &ts, "{{ thing-json:/ }}",
                 "{\"thingId\":\"a.b:c:d\",\"_namespace\":\"a.b\"}");
    unit_pool_free(&up);

    /* of equal members the last, whatever their spelling */
    unit_pool_init(&up);
    test_scope(&up, "{\"topic\":\"a/b/things/twin/events/modified\","
               "\"path\":\"/attributes/x\",\"value\":{\"a\":1,\"b\":{\"c\":1},"
               "\"\\u0061\":2,\"_namespace\":3},\"revision\":5}", &ts);
    ts.scope.extra = unit_str(&up, "{\"attributes\":{\"x\":{\"d\":1,"
                              "\"\\u0062\":{\"c\":2,\"e\":3},\"d\":4,\"a\":5,"
                              "\"_namespace\":6}}}");
    test_resolve(&up, &ts, "{{ thing-json:attributes/x }}",
                 "{\"b\":{\"c\":1,\"e\":3},\"\\u0061\":2,\"_namespace\":3,"
                 "\"d\":4}");
    test_resolve(&up, &ts, "{{ thing-json:attributes/x/a }}", "2");
    test_resolve(&up, &ts, "{{ thing-json:attributes/x/d }}", "4");
    unit_pool_free(&up);

    /* of a feature's definition Ditto makes no thing, but the revision */
    unit_pool_init(&up);
    test_scope(&up, "{\"topic\":\"a/b/things/twin/events/modified\","
               "\"path\":\"/features/f/definition\",\"value\":[\"a:b:1\"],"
               "\"revision\":5}", &ts);
    test_resolve(&up, &ts, "{{ thing-json:_revision }}", "5");
    test_resolve(&up, &ts, "{{ thing-json:thingId }}", NULL);
    test_resolve(&up, &ts, "{{ thing-json:features }}", NULL);
    ts.scope.extra = unit_str(&up, "{\"thingId\":\"a:b\",\"_revision\":4}");
    test_resolve(&up, &ts, "{{ thing-json:_revision }}", "5");
    test_resolve(&up, &ts, "{{ thing-json:thingId }}", "a:b");
    unit_pool_free(&up);
}


/* Merging has an end; what is deeper is the event's. */
static void
test_placeholder_extra_deep(void **state)
{
    size_t         i, n;
    ditto_buf_t    own, extra;
    ditto_str_t    text;
    unit_pool_t    up;
    test_scope_t   ts;

    (void) state;

    for (n = 20; n < 300; n += 270) {
        unit_pool_init(&up);

        ditto_buf_init(&own, &up.pool, 0);
        ditto_buf_init(&extra, &up.pool, 0);
        ditto_buf_text(&own, "{\"topic\":\"a/b/things/twin/events/modified\","
                             "\"path\":\"/attributes/x\",\"revision\":1,"
                             "\"value\":");
        ditto_buf_text(&extra, "{\"attributes\":{\"x\":");

        for (i = 0; i < n; i++) {
            ditto_buf_text(&own, "{\"a\":");
            ditto_buf_text(&extra, "{\"a\":");
        }

        ditto_buf_text(&own, "{\"deep\":1}");
        ditto_buf_text(&extra, "{\"other\":2}}}");

        for (i = 0; i < n; i++) {
            ditto_buf_char(&own, '}');
            ditto_buf_char(&extra, '}');
        }

        ditto_buf_text(&own, "}");
        ditto_buf_char(&own, '\0');

        assert_int_equal(ditto_buf_done(&own, &text), DITTO_OK);
        test_scope(&up, (const char *) text.data, &ts);
        assert_int_equal(ditto_buf_done(&extra, &ts.scope.extra), DITTO_OK);

        ditto_buf_init(&own, &up.pool, 0);

        for (i = 0; i < n; i++) {
            ditto_buf_text(&own, "{\"a\":");
        }

        ditto_buf_text(&own, n < 32 ? "{\"deep\":1,\"other\":2}"
                                    : "{\"deep\":1}");

        for (i = 0; i < n; i++) {
            ditto_buf_char(&own, '}');
        }

        ditto_buf_char(&own, '\0');
        assert_int_equal(ditto_buf_done(&own, &text), DITTO_OK);

        test_resolve(&up, &ts, "{{ thing-json:attributes/x }}",
                     (const char *) text.data);
        unit_pool_free(&up);
    }
}


/* Legal when they are compiled, errors of each message. */
static void
test_placeholder_fails(void **state)
{
    size_t               i;
    ditto_str_t          value;
    unit_pool_t          up;
    test_scope_t         ts;
    ditto_error_t        err;
    ditto_template_t    *tpl;
    static const struct {
        const char          *text;
        ditto_error_code_e   code;
    } cases[] = {
        { "{{ header: }}", DITTO_E_PLACEHOLDER_UNRESOLVED },
        { "a{{ thing-json: }}", DITTO_E_PLACEHOLDER_UNRESOLVED },
        { "{{ thing-json:a//b }}", DITTO_E_JSON_POINTER_INVALID },
        { "{{ time:now+99999999999999d }}", DITTO_E_PLACEHOLDER_UNRESOLVED },
        { "{{ time:now-9223372036854775807[mo] }}",
          DITTO_E_PLACEHOLDER_UNRESOLVED },
        { "{{ time:now_epoch_millis+9223372036854775806ms }}",
          DITTO_E_PLACEHOLDER_UNRESOLVED },
        { "{{ time:now_epoch_millis-9223372036854775807 }}",
          DITTO_E_PLACEHOLDER_UNRESOLVED },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        unit_pool_init(&up);
        test_scope(&up, EVENT, &ts);

        if (ditto_template_compile(&up.pool, unit_str(&up, cases[i].text),
                                   DITTO_PLACE_HEADER_MAPPING, &tpl, &err)
            != DITTO_OK)
        {
            fail_msg("%s: refused", cases[i].text);
        }

        if (ditto_template_resolve(tpl, &ts.scope, &value, &err)
            != DITTO_ERROR)
        {
            fail_msg("%s: no error", cases[i].text);
        }

        assert_int_equal(err.code, cases[i].code);
        unit_pool_free(&up);
    }
}


/* --- spec: "time:" ------------------------------------------------------- */

static const test_value_t  test_times[] = {
    { "{{ time:now }}", "2024-02-29T13:14:15.987654321Z" },
    { "{{ time:now_epoch_millis }}", "1709212455987" },
    { "{{ time:now[] }}", "2024-02-29T13:14:15Z" },
    { "{{ time:now[ms] }}", "2024-02-29T13:14:15.987Z" },
    { "{{ time:now[s] }}", "2024-02-29T13:14:15Z" },
    { "{{ time:now[m] }}", "2024-02-29T13:14:00Z" },
    { "{{ time:now[h] }}", "2024-02-29T13:00:00Z" },
    { "{{ time:now[d] }}", "2024-02-29T00:00:00Z" },
    { "{{ time:now[w] }}", "2024-02-26T00:00:00Z" },
    { "{{ time:now[mo] }}", "2024-02-01T00:00:00Z" },
    { "{{ time:now[y] }}", "2024-01-01T00:00:00Z" },
    { "{{ time:now[d]x }}", "2024-02-29T00:00:00Z" },
    { "{{ time:now-1h[d]x }}", "2024-02-29T00:00:00Z" },
    { "{{ time:now_epoch_millis[d] }}", "1709164800000" },
    { "{{ time:now_epoch_millis-1s[s] }}", "1709212454000" },
    { "{{ time:now+1 }}", "2024-02-29T13:14:16.987654321Z" },
    { "{{ time:now-16s }}", "2024-02-29T13:13:59.987654321Z" },
    { "{{ time:now+12ms }}", "2024-02-29T13:14:15.999654321Z" },
    { "{{ time:now+13ms }}", "2024-02-29T13:14:16.000654321Z" },
    { "{{ time:now-987ms }}", "2024-02-29T13:14:15.000654321Z" },
    { "{{ time:now-988ms }}", "2024-02-29T13:14:14.999654321Z" },
    { "{{ time:now-1m[m] }}", "2024-02-29T13:13:00Z" },
    { "{{ time:now+11h[d] }}", "2024-03-01T00:00:00Z" },
    { "{{ time:now+1d[d] }}", "2024-03-01T00:00:00Z" },
    { "{{ time:now-3d[w] }}", "2024-02-26T00:00:00Z" },
    { "{{ time:now-4d[w] }}", "2024-02-19T00:00:00Z" },
    { "{{ time:now+1w[w] }}", "2024-03-04T00:00:00Z" },
    { "{{ time:now-60d[y] }}", "2023-01-01T00:00:00Z" },
    { "{{ time:now-20000d[w] }}", "1969-05-26T00:00:00Z" },
    { "{{ time:now-20000d[mo] }}", "1969-05-01T00:00:00Z" },
    { "{{ time:now-1709212456s }}", "1969-12-31T23:59:59.987654321Z" },
    { "{{ time:now_epoch_millis-1709212456s }}", "-13" },
    { "{{ time:now_epoch_millis-1709212456s[ms] }}", "-13" },
    { "{{ time:now_epoch_millis-1709212456s[s] }}", "-1000" },
    { "{{ time:now_epoch_millis-9223372036854775806ms }}",
      "-9223370327642319819" },
    { "{{ time:now+9223000000000000000ms[y] }}", "+292267259-01-01T00:00:00Z"
    },
};


static void
test_placeholder_time(void **state)
{
    size_t         i;
    unit_pool_t    up;
    test_scope_t   ts;

    (void) state;

    unit_pool_init(&up);
    test_scope(&up, EVENT, &ts);

    for (i = 0; i < sizeof(test_times) / sizeof(test_times[0]); i++) {
        test_resolve(&up, &ts, test_times[i].text, test_times[i].value);
    }

    ts.scope.now.sec = 1709212455;
    ts.scope.now.nsec = 0;
    test_resolve(&up, &ts, "{{ time:now }}", "2024-02-29T13:14:15Z");
    test_resolve(&up, &ts, "{{ time:now+500ms }}",
                 "2024-02-29T13:14:15.500Z");
    ts.scope.now.nsec = 500000000;
    test_resolve(&up, &ts, "{{ time:now+500ms }}", "2024-02-29T13:14:16Z");
    test_resolve(&up, &ts, "{{ time:now-500ms }}", "2024-02-29T13:14:15Z");
    ts.scope.now.nsec = 0;
    /* a Sunday, a Monday */
    ts.scope.now.sec = 1709510399;
    test_resolve(&up, &ts, "{{ time:now[w] }}", "2024-02-26T00:00:00Z");
    ts.scope.now.sec = 1709510400;
    test_resolve(&up, &ts, "{{ time:now[w] }}", "2024-03-04T00:00:00Z");

    unit_pool_free(&up);
}


/* --- the check with a dummy, bounds, memory ------------------------------- */

static void
test_template_check(void **state)
{
    size_t             i;
    ditto_str_t        out;
    unit_pool_t        up;
    ditto_error_t      err;
    ditto_template_t  *tpl;
    static const struct {
        const char  *text;
        const char  *checked;
    } cases[] = {
        { "", "" },
        { "a/b", "a/b" },
        { "{{ header:nope }}", "<x>" },
        { "a${thing:id}/{{ thing-json:y }}b", "a<x>/<x>b" },
        { "t#{{ time:now }}", "t#<x>" },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        unit_pool_init(&up);

        assert_int_equal(ditto_template_compile(&up.pool,
                                                unit_str(&up, cases[i].text),
                                                DITTO_PLACE_ADDRESS, &tpl,
                                                &err),
                         DITTO_OK);
        assert_int_equal(ditto_template_check(&up.pool, tpl,
                                              ditto_str("<x>"), &out, &err),
                         DITTO_OK);
        test_is(out, cases[i].checked, cases[i].text);

        unit_pool_free(&up);
    }
}


/* Time that grows with the length, not with its square. */
static void
test_template_long(void **state)
{
    size_t             i, n;
    ditto_str_t        text;
    unit_pool_t        up;
    ditto_error_t      err;
    unsigned char     *p;
    ditto_template_t  *tpl;
    static const char  units[][8] = { "{{", "${", "${ {{", "{{}", "}$" };

    (void) state;

    for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        unit_pool_init(&up);

        n = strlen(units[i]);
        p = ditto_alloc(&up.pool, 2000000);
        assert_non_null(p);

        for (text.len = 0; text.len + n <= 2000000; text.len += n) {
            memcpy(p + text.len, units[i], n);
        }

        text.data = p;

        if (ditto_template_compile(&up.pool, text, DITTO_PLACE_ADDRESS, &tpl,
                                   &err)
            == DITTO_OK)
        {
            assert_true(ditto_template_is_static(tpl));
        }

        unit_pool_free(&up);
    }
}


typedef struct {
    const char  *signal;
    const char  *extra;
    const char  *text;
    const char  *value;
} test_memory_t;


static const test_memory_t  test_memories[] = {
    { EVENT, "", "a{{ thing:id }}b{{ topic:full }}c{{ feature:id }}",
      "aorg.acme:pump-7borg.acme/pump-7/things/twin/events/modifiedcf~1"
    },
    { CREATED, "", "{{ feature:id }}{{ thing-json:attributes/s }}"
      "{{ thing-json:attributes/o }}{{ thing-json:attributes/a }}",
      "za\xc3\xa4\n{\"p\":[1]}null" },
    { EVENT, "{\"features\":{\"f~1\":{\"properties\":{\"rpm\":1,"
      "\"x\":[{}]}}}}",
      "{{ thing-json:features/f~1 }}",
      "{\"properties\":{\"rpm\":900,\"x\":[{}]}}" },
    { MESSAGE, "{\"\\u0074hingId\":\"a\\u002eb:c\",\"\\u0061\":{}}",
      "{{ thing-json:_namespace }}{{ thing-json:/ }}",
      "a.b{\"\\u0074hingId\":\"a.b:c\",\"\\u0061\":{},"
      "\"_namespace\":\"a.b\"}" },
    { "{\"topic\":\"a/b/things/twin/events/modified\",\"path\":"
      "\"/attributes/x\",\"value\":{\"\\u0061\":1},\"revision\":5}",
      "{\"attributes\":{\"x\":{\"\\u0061\":2,\"\\u0062\":3}}}",
      "{{ thing-json:attributes/x }}",
      "{\"\\u0061\":1,\"\\u0062\":3}" },
    { MESSAGE, "", "{{ time:now+1h[d] }}{{ request:subjectId }}"
      "{{ header:content-type }}{{ resource:type }}{{ connection:id }}",
      "2024-02-29T00:00:00Znginx:onetext/plainmessagecon-1" },
};


typedef struct {
    const test_memory_t  *t;
    test_scope_t          ts;
} test_memory_ctx_t;


static void
test_memory_setup(unit_pool_t *up, void *ctx)
{
    test_memory_ctx_t  *m = ctx;

    test_scope(up, m->t->signal, &m->ts);
    m->ts.scope.extra = unit_str(up, m->t->extra);
}


static ditto_rc_t
test_memory_call(unit_pool_t *up, void *ctx, ditto_error_t *err)
{
    ditto_rc_t          rc;
    ditto_str_t         value;
    ditto_template_t   *tpl;
    test_memory_ctx_t  *m = ctx;

    rc = ditto_template_compile(&up->pool, unit_str(up, m->t->text),
                                DITTO_PLACE_ADDRESS, &tpl, err);

    if (rc == DITTO_OK) {
        rc = ditto_template_check(&up->pool, tpl, ditto_str("x"), &value, err);
    }

    if (rc == DITTO_OK) {
        rc = ditto_template_resolve(tpl, &m->ts.scope, &value, err);
    }

    if (rc == DITTO_OK) {
        test_is(value, m->t->value, m->t->text);
    }

    return rc;
}


static void
test_template_memory(void **state)
{
    size_t             i;
    test_memory_ctx_t  m;

    (void) state;

    for (i = 0; i < sizeof(test_memories) / sizeof(test_memories[0]); i++) {
        m.t = &test_memories[i];
        assert_in_range(unit_every_allocation(test_memory_setup,
                                              test_memory_call, &m),
                        4, 60);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_template_syntax),
        cmocka_unit_test(test_template_refused),
        cmocka_unit_test(test_template_places),
        cmocka_unit_test(test_placeholder_values),
        cmocka_unit_test(test_placeholder_multi),
        cmocka_unit_test(test_placeholder_extra),
        cmocka_unit_test(test_placeholder_extra_deep),
        cmocka_unit_test(test_placeholder_fails),
        cmocka_unit_test(test_placeholder_time),
        cmocka_unit_test(test_template_check),
        cmocka_unit_test(test_template_long),
        cmocka_unit_test(test_template_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
