/*
 * The thing that filters and thing-json: see, made of an event.  spec: "JSON
 * the filter sees"
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>
#include <jansson.h>

#include "ditto_thing.h"
#include "unit_pool.h"


#define E(channel, action, path, rest)                                        \
    "{\"topic\":\"org.acme/pump-7/things/" channel "/events/" action "\","    \
    "\"path\":\"" path "\"" rest ",\"revision\":12}"
#define VALUE(value)  ",\"value\":" value
#define AT  ",\"timestamp\":\"2026-08-18T10:00:00+02:00\""

#define ID  "\"thingId\":\"org.acme:pump-7\",\"_namespace\":\"org.acme\","    \
            "\"_revision\":12"
#define MODIFIED  ",\"_modified\":\"2026-08-18T08:00:00Z\""


typedef struct {
    const char  *text;
    const char  *thing;          /* as JSON value; NULL: none */
} test_thing_t;


static const test_thing_t  test_things[] = {

    /* created, modified, migrated at "/": the value and the revision */
    { E("twin", "created", "/", VALUE("{\"thingId\":\"org.acme:pump-7\","
        "\"policyId\":\"org.acme:p\",\"attributes\":{\"a\":1},"
        "\"features\":{\"f\":{\"properties\":{\"p\":[1,null]}}}}")),
      "{" ID ",\"policyId\":\"org.acme:p\",\"attributes\":{\"a\":1},"
      "\"features\":{\"f\":{\"properties\":{\"p\":[1,null]}}}}" },
    { E("live", "modified", "/", VALUE("{\"thingId\":\"org.acme:pump-7\","
        "\"definition\":\"a:b:1\"}")),
      "{" ID ",\"definition\":\"a:b:1\"}" },
    { E("twin", "migrated", "/", VALUE("{\"thingId\":\"org.acme:pump-7\","
        "\"attributes\":{\"a\":1}}")),
      "{" ID ",\"attributes\":{\"a\":1}}" },
    /* migrated is a whole thing whatever its path */
    { E("twin", "migrated", "/attributes/x",
        VALUE("{\"thingId\":\"org.acme:pump-7\",\"attributes\":{\"a\":1}}")),
      "{" ID ",\"attributes\":{\"a\":1}}" },
    { E("twin", "migrated", "/features/f/definition",
        VALUE("{\"thingId\":\"org.acme:pump-7\",\"attributes\":{\"a\":1}}")),
      "{" ID ",\"attributes\":{\"a\":1}}" },
    /* the thing of the value is the entity */
    { E("twin", "modified", "/", VALUE("{\"thingId\":\"x.y:z\"}")),
      "{\"thingId\":\"x.y:z\",\"_namespace\":\"x.y\",\"_revision\":12}" },
    { E("twin", "modified", "/", VALUE("{\"thingId\":\":z\"}")),
      "{\"thingId\":\":z\",\"_namespace\":\"\",\"_revision\":12}" },
    /* _modified only if the value has it */
    { E("twin", "modified", "/", VALUE("{\"thingId\":\"org.acme:pump-7\"}")
        AT), "{" ID "}" },
    { E("twin", "modified", "/", VALUE("{\"thingId\":\"org.acme:pump-7\","
        "\"_modified\":\"2020-01-01T00:00:00Z\"}") AT),
      "{" ID ",\"_modified\":\"2020-01-01T00:00:00Z\"}" },
    /* the event's revision, the id's namespace */
    { E("twin", "modified", "/", VALUE("{\"thingId\":\"org.acme:pump-7\","
        "\"_revision\":5,\"_namespace\":\"no\"}")), "{" ID "}" },
    { E("twin", "modified", "/", VALUE("{\"thing\\u0049d\":"
        "\"org.acme:pump-7\",\"\\u005frevision\":5}")), "{" ID "}" },
    /* a thing has no other members */
    { E("twin", "modified", "/", VALUE("{\"thingId\":\"org.acme:pump-7\","
        "\"foo\":1,\"attributes\":{\"foo\":1}}")),
      "{" ID ",\"attributes\":{\"foo\":1}}" },
    { E("twin", "modified", "/", VALUE("{\"thingId\":\"org.acme:pump-7\","
        "\"features\":{\"f\":{\"foo\":1}},\"policyId\":null,"
        "\"_modified\":\"2020-01-01T00:00:00Z\"}") AT),
      "{" ID ",\"_modified\":\"2020-01-01T00:00:00Z\",\"features\":{\"f\":"
      "{}}}" },
    { E("twin", "modified", "/features/f", VALUE("{\"foo\":1}")),
      "{" ID ",\"features\":{\"f\":{}}}" },
    { E("twin", "merged", "/features/f", VALUE("{\"foo\":1,"
        "\"properties\":{\"foo\":1}}") AT),
      "{" ID MODIFIED ",\"features\":{\"f\":{\"properties\":{\"foo\":1}}}}"
    },

    /* created, modified below "/": skeleton and value */
    { E("twin", "modified", "/attributes/a/b", VALUE("{\"c\": 1.50}") AT),
      "{" ID MODIFIED ",\"attributes\":{\"a\":{\"b\":{\"c\":1.5}}}}" },
    { E("twin", "created", "/attributes/a", VALUE("5")),
      "{" ID ",\"attributes\":{\"a\":5}}" },
    { E("twin", "modified", "/attributes", VALUE("{\"x\":null}")),
      "{" ID ",\"attributes\":{\"x\":null}}" },
    { E("twin", "modified", "/attributes", VALUE("null")),
      "{" ID ",\"attributes\":null}" },
    { E("twin", "modified", "/attributes/x", VALUE("null")),
      "{" ID ",\"attributes\":{\"x\":null}}" },
    { E("twin", "modified", "/attributes/x", VALUE("{\"y\":null}")),
      "{" ID ",\"attributes\":{\"x\":{\"y\":null}}}" },
    { E("twin", "modified", "/policyId", VALUE("\"a:b\"")),
      "{" ID ",\"policyId\":\"a:b\"}" },
    { E("twin", "modified", "/definition", VALUE("\"a:b:1\"")),
      "{" ID ",\"definition\":\"a:b:1\"}" },
    { E("live", "created", "/features", VALUE("{\"f\":{}}")),
      "{" ID ",\"features\":{\"f\":{}}}" },
    { E("twin", "modified", "/features/f", VALUE("{\"properties\":{}}")),
      "{" ID ",\"features\":{\"f\":{\"properties\":{}}}}" },
    { E("twin", "modified", "/features/f/properties", VALUE("{\"p\":1}")),
      "{" ID ",\"features\":{\"f\":{\"properties\":{\"p\":1}}}}" },
    { E("twin", "modified", "/features/f/properties/definition",
        VALUE("1")),
      "{" ID ",\"features\":{\"f\":{\"properties\":{\"definition\":1}}}}" },
    { E("twin", "modified", "/features/f/desiredProperties/a/b",
        VALUE("1")),
      "{" ID ",\"features\":{\"f\":{\"desiredProperties\":{\"a\":{\"b\":1}}}}"
      "}" },
    /* segments are literal */
    { E("twin", "modified", "/attributes/a~1b\\\"", VALUE("1")),
      "{" ID ",\"attributes\":{\"a~1b\\\"\":1}}" },
    { E("twin", "modified", "/attributes/definition", VALUE("1")),
      "{" ID ",\"attributes\":{\"definition\":1}}" },
    { E("twin", "modified", "/attributes/a/definition", VALUE("1")),
      "{" ID ",\"attributes\":{\"a\":{\"definition\":1}}}" },

    /* merged: null members go, in objects, not in arrays */
    { E("twin", "merged", "/", VALUE("{\"attributes\":{\"a\":null,"
        "\"b\":{\"c\":null},\"d\":[null,{\"e\":null}]},\"features\":null}")
        AT),
      "{" ID MODIFIED ",\"attributes\":{\"b\":{},"
      "\"d\":[null,{\"e\":null}]}}" },
    { E("twin", "merged", "/", VALUE("{\"thingId\":\"x:y\",\"_revision\":1,"
        "\"_namespace\":\"x\",\"_modified\":\"2020-01-01T00:00:00Z\"}") AT),
      "{" ID MODIFIED "}" },
    { E("twin", "merged", "/", VALUE("null") AT), "{" ID MODIFIED "}" },
    { E("twin", "merged", "/", VALUE("{}")), "{" ID "}" },
    { E("twin", "merged", "/attributes/x", VALUE("null")),
      "{" ID ",\"attributes\":{\"x\":{}}}" },
    { E("twin", "merged", "/attributes", VALUE("null")),
      "{" ID ",\"attributes\":{}}" },
    { E("twin", "merged", "/features", VALUE("null")),
      "{" ID ",\"features\":{}}" },
    { E("twin", "merged", "/features/f", VALUE("null")),
      "{" ID ",\"features\":{\"f\":{}}}" },
    { E("live", "merged", "/attributes/x",
        VALUE("{\"a\":null,\"b\":{\"c\":null,\"d\":1}}")),
      "{" ID ",\"attributes\":{\"x\":{\"b\":{\"d\":1}}}}" },
    { E("live", "merged", "/attributes/x",
        VALUE("{\"a\":1,\"b\":[2],\"c\":{},\"d\":3}")),
      "{" ID ",\"attributes\":{\"x\":{\"a\":1,\"b\":[2],\"c\":{},\"d\":3}}}" },
    { E("twin", "merged", "/attributes/x", VALUE("[null]")),
      "{" ID ",\"attributes\":{\"x\":[null]}}" },
    { E("twin", "merged", "/attributes/x", VALUE("\"null\"")),
      "{" ID ",\"attributes\":{\"x\":\"null\"}}" },
    { E("twin", "merged", "/features/f/definition", VALUE("[\"a:b:1\"]")),
      "{" ID ",\"features\":{\"f\":{\"definition\":[\"a:b:1\"]}}}" },

    /* deleted: what is gone is not seen */
    { E("twin", "deleted", "/", AT), "{" ID MODIFIED "}" },
    { E("twin", "deleted", "/", ""), "{" ID "}" },
    { E("live", "deleted", "/attributes/x", VALUE("1")), "{" ID "}" },
    { E("twin", "deleted", "/features/f/properties/p", AT),
      "{" ID MODIFIED "}" },

    /* a feature's definition: Ditto makes no thing of it */
    { E("twin", "created", "/features/f/definition", VALUE("[\"a:b:1\"]")),
      NULL },
    { E("twin", "modified", "/features/f/definition", VALUE("[\"a:b:1\"]")),
      NULL },
    { E("live", "deleted", "/features/f/definition", ""), NULL },

    /* other signals: none */
    { "{\"topic\":\"a/b/things/live/commands/modify\",\"path\":\"/\","
      "\"value\":{\"thingId\":\"a:b\"}}", NULL },
    { "{\"topic\":\"a/b/things/live/messages/x\","
      "\"path\":\"/inbox/messages/x\",\"value\":{\"thingId\":\"a:b\"}}",
      NULL },
    { "{\"topic\":\"a/b/policies/announcements/subjectDeletion\","
      "\"path\":\"/\",\"value\":{\"deleteAt\":\"2026-08-18T10:00:00Z\","
      "\"subjectIds\":[\"a:b\"]}}", NULL },
};


static void
test_signal(unit_pool_t *up, const char *text, ditto_signal_t *signal,
    ditto_scope_cache_t *cache, ditto_scope_t *scope)
{
    ditto_error_t  err;

    memset(cache, 0, sizeof(ditto_scope_cache_t));
    memset(scope, 0, sizeof(ditto_scope_t));

    if (ditto_signal_parse(&up->pool, unit_str(up, text), signal, &err)
        != DITTO_OK)
    {
        fail_msg("no signal: %s", text);
    }

    scope->pool = &up->pool;
    scope->cache = cache;
    scope->signal = signal;
}


static void
test_equal(ditto_str_t got, const char *expected, const char *text)
{
    json_t  *g, *e;

    g = json_loadb((const char *) got.data, got.len, JSON_REJECT_DUPLICATES,
                   NULL);
    e = json_loads(expected, 0, NULL);

    assert_non_null(e);

    if (g == NULL || !json_equal(g, e)) {
        fail_msg("%s:\n expected %s\n got %.*s", text, expected,
                 (int) got.len, (const char *) got.data);
    }

    json_decref(g);
    json_decref(e);
}


static void
test_thing_get(void **state)
{
    size_t                 i, count;
    ditto_rc_t             rc;
    ditto_str_t            thing, again;
    unit_pool_t            up;
    ditto_scope_t          scope;
    ditto_error_t          err;
    ditto_signal_t         signal;
    ditto_scope_cache_t    cache;
    const test_thing_t    *t;

    (void) state;

    for (i = 0; i < sizeof(test_things) / sizeof(test_things[0]); i++) {
        t = &test_things[i];

        unit_pool_init(&up);
        test_signal(&up, t->text, &signal, &cache, &scope);

        rc = ditto_thing_get(&scope, &thing, &err);

        if (rc != (t->thing == NULL ? DITTO_DECLINED : DITTO_OK)) {
            fail_msg("%s: %d", t->text, rc);
        }

        if (t->thing != NULL) {
            test_equal(thing, t->thing, t->text);
        }

        /* made once */
        count = up.count;
        assert_int_equal(ditto_thing_get(&scope, &again, &err), rc);
        assert_int_equal(up.count, count);

        if (rc == DITTO_OK) {
            assert_true(again.data == thing.data);
            assert_int_equal(again.len, thing.len);
        }

        unit_pool_free(&up);
    }
}


/* The last of equal members is the one that Ditto reads. */
static void
test_thing_duplicates(void **state)
{
    ditto_str_t           thing;
    unit_pool_t           up;
    ditto_scope_t         scope;
    ditto_error_t         err;
    ditto_signal_t        signal;
    ditto_scope_cache_t   cache;
    json_t               *json;

    (void) state;

    unit_pool_init(&up);
    test_signal(&up, E("twin", "modified", "/attributes",
                       VALUE("{\"a\":1,\"a\":2}")),
                &signal, &cache, &scope);
    assert_int_equal(ditto_thing_get(&scope, &thing, &err), DITTO_OK);

    json = json_loadb((const char *) thing.data, thing.len, 0, NULL);
    assert_int_equal(json_integer_value(json_object_get(
                         json_object_get(json, "attributes"), "a")), 2);
    json_decref(json);
    unit_pool_free(&up);
}


/* Evaluation of what cannot be merged fails, as it does in Ditto. */
static void
test_thing_impossible(void **state)
{
    size_t                i;
    ditto_str_t           thing;
    unit_pool_t           up;
    ditto_scope_t         scope;
    ditto_error_t         err;
    ditto_signal_t        signal;
    ditto_scope_cache_t   cache;
    static const struct {
        const char          *text;
        ditto_error_code_e   code;
    } cases[] = {
        { E("twin", "merged", "/policyId", VALUE("null")),
          DITTO_E_JSON_INVALID },
        { E("twin", "merged", "/attributes", VALUE("5")),
          DITTO_E_JSON_INVALID },
        { E("twin", "merged", "/", VALUE("{\"attributes\":5}")),
          DITTO_E_JSON_INVALID },
        { E("twin", "merged", "/definition", VALUE("null")),
          DITTO_E_JSON_FORMAT_INVALID },
        { E("twin", "modified", "/attributes/x", VALUE("{\"a/b\":1}")),
          DITTO_E_JSON_KEY_INVALID },
        { E("twin", "modified", "/attributes/\xc3\xa4", VALUE("1")),
          DITTO_E_JSON_KEY_INVALID },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        unit_pool_init(&up);
        test_signal(&up, cases[i].text, &signal, &cache, &scope);

        if (ditto_thing_get(&scope, &thing, &err) != DITTO_ERROR) {
            fail_msg("%s: no error", cases[i].text);
        }

        assert_int_equal(err.code, cases[i].code);
        unit_pool_free(&up);
    }
}


/* A patch as deep as it may be is read once, not once for each level. */
static void
test_thing_deep(void **state)
{
    size_t                i, depth;
    clock_t               start;
    ditto_str_t           thing, text;
    ditto_buf_t           buf;
    unit_pool_t           up;
    ditto_scope_t         scope;
    ditto_error_t         err;
    ditto_signal_t        signal;
    ditto_scope_cache_t   cache;

    (void) state;

    unit_pool_init(&up);
    depth = 990;

    ditto_buf_init(&buf, &up.pool, 0);
    ditto_buf_text(&buf, "{\"topic\":\"a/b/things/twin/events/merged\","
                         "\"path\":\"/attributes/x\",\"revision\":1,"
                         "\"value\":");

    for (i = 0; i < depth; i++) {
        ditto_buf_text(&buf, "{\"n\":null,\"a\":");
    }

    ditto_buf_text(&buf, "[1");

    for (i = 0; i < 400000; i++) {
        ditto_buf_text(&buf, ",1");
    }

    ditto_buf_char(&buf, ']');

    for (i = 0; i <= depth; i++) {
        ditto_buf_char(&buf, '}');
    }

    ditto_buf_char(&buf, '\0');
    assert_int_equal(ditto_buf_done(&buf, &text), DITTO_OK);

    test_signal(&up, (const char *) text.data, &signal, &cache, &scope);

    start = clock();
    assert_int_equal(ditto_thing_get(&scope, &thing, &err), DITTO_OK);
    assert_true(clock() - start < CLOCKS_PER_SEC / 2);

    assert_true(ditto_str_find(thing, ditto_str("null")) > thing.len);
    assert_int_equal(ditto_str_find(thing, ditto_str("{\"a\":{\"a\":")),
                     sizeof("{\"thingId\":\"a:b\",\"_namespace\":\"a\","
                            "\"_revision\":1,\"attributes\":{\"x\":") - 1);

    for (i = 0; i < depth + 2; i++) {
        assert_int_equal(thing.data[thing.len - 1 - i], '}');
    }

    unit_pool_free(&up);
}


typedef struct {
    const test_thing_t   *t;
    ditto_scope_t         scope;
    ditto_signal_t        signal;
    ditto_scope_cache_t   cache;
} test_memory_t;


static void
test_memory_setup(unit_pool_t *up, void *ctx)
{
    test_memory_t  *m = ctx;

    test_signal(up, m->t->text, &m->signal, &m->cache, &m->scope);
}


static ditto_rc_t
test_memory_call(unit_pool_t *up, void *ctx, ditto_error_t *err)
{
    ditto_rc_t      rc;
    ditto_str_t     thing;
    test_memory_t  *m = ctx;

    (void) up;

    rc = ditto_thing_get(&m->scope, &thing, err);

    if (rc == DITTO_OK) {
        test_equal(thing, m->t->thing, m->t->text);
    }

    return rc;
}


static void
test_thing_memory(void **state)
{
    size_t         i;
    test_memory_t  m;

    (void) state;

    for (i = 0; i < sizeof(test_things) / sizeof(test_things[0]); i++) {

        if (test_things[i].thing == NULL) {
            continue;
        }

        m.t = &test_things[i];
        assert_in_range(unit_every_allocation(test_memory_setup,
                                              test_memory_call, &m),
                        1, 40);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_thing_get),
        cmocka_unit_test(test_thing_duplicates),
        cmocka_unit_test(test_thing_impossible),
        cmocka_unit_test(test_thing_deep),
        cmocka_unit_test(test_thing_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
