/*
 * Source enforcement: who may speak for what.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ditto_enforcement.h"
#include "unit_pool.h"


#define TEST_FILTERS  4

#define EVENT                                                                 \
    "{\"topic\":\"org.acme/pump-7/things/twin/events/modified\","             \
    "\"headers\":{\"device\":\"org.acme:pump-7\"},"                           \
    "\"path\":\"/features/f/properties/x\",\"value\":5,\"revision\":3}"
#define POLICY                                                                \
    "{\"topic\":\"org.acme/p/policies/announcements/subjectDeletion\","       \
    "\"path\":\"/\",\"value\":{\"deleteAt\":\"2026-08-18T10:00:00Z\","        \
    "\"subjectIds\":[\"a:b\"]}}"
#define OPENED                                                                \
    "{\"topic\":\"_/con-9/connections/announcements/opened\","                \
    "\"path\":\"/\",\"value\":{\"openedAt\":\"2026-08-18T10:00:00Z\"}}"


typedef struct {
    const char          *signal;
    const char          *filters[TEST_FILTERS];
    const char          *input;
    ditto_error_code_e   code;       /* DITTO_E_NONE: accepted */
    const char          *arg;        /* NULL: the input */
} test_check_t;


typedef struct {
    ditto_signal_t        signal;
    ditto_scope_cache_t   cache;
    ditto_scope_t         scope;
} test_scope_t;


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
}


static ditto_rc_t
test_compile(unit_pool_t *up, const char *const *texts,
    ditto_enforcement_t **rule, size_t *index, ditto_error_t *err)
{
    size_t        n;
    ditto_str_t  *filters;

    filters = ditto_alloc(&up->pool, TEST_FILTERS * sizeof(ditto_str_t));

    if (filters == NULL) {
        return ditto_fail_memory(err);
    }

    for (n = 0; n < TEST_FILTERS && texts[n] != NULL; n++) {
        filters[n] = unit_str(up, texts[n]);
    }

    return ditto_enforcement_compile(&up->pool, filters, n, rule, index, err);
}


/* --- spec: Source enforcement -------------------------------------------- */

static const test_check_t  test_checks[] = {
    { EVENT, { "{{ thing:id }}" }, "org.acme:pump-7", DITTO_E_NONE, NULL },
    { EVENT, { "{{ entity:id }}" }, "org.acme:pump-7", DITTO_E_NONE, NULL },
    { EVENT, { "${thing:name}" }, "pump-7", DITTO_E_NONE, NULL },
    { EVENT, { "{{ thing:namespace }}:{{ thing:name }}" }, "org.acme:pump-7",
      DITTO_E_NONE, NULL },
    { EVENT, { "x", "{{ thing:id }}" }, "org.acme:pump-7", DITTO_E_NONE,
      NULL },
    { EVENT, { "{{ thing:id | fn:split(':') }}" }, "pump-7", DITTO_E_NONE,
      NULL },
    { EVENT, { "{{ policy:id }}", "{{ entity:id }}", "{{ thing:id }}" },
      "org.acme:pump-7", DITTO_E_NONE, NULL },
    { EVENT, { "{{ policy:id | fn:default('org.acme:pump-7') }}" },
      "org.acme:pump-7", DITTO_E_NONE, NULL },
    { EVENT, { "static" }, "static", DITTO_E_NONE, NULL },

    { EVENT, { "{{ thing:id }}" }, "org.acme:pump-8",
      DITTO_E_ENFORCEMENT_FAILED, NULL },
    { EVENT, { "{{ thing:id }}" }, "ORG.ACME:pump-7",
      DITTO_E_ENFORCEMENT_FAILED, NULL },
    { EVENT, { "{{ thing:id }}" }, "org.acme:pump-",
      DITTO_E_ENFORCEMENT_FAILED, NULL },
    { EVENT, { "{{ thing:id }}" }, "", DITTO_E_ENFORCEMENT_FAILED, NULL },
    { EVENT, { " {{ thing:id }}" }, "org.acme:pump-7",
      DITTO_E_ENFORCEMENT_FAILED, NULL },
    { EVENT, { NULL }, "x", DITTO_E_ENFORCEMENT_FAILED, NULL },
    { EVENT, { "x", "y" }, "z", DITTO_E_ENFORCEMENT_FAILED, NULL },
    { EVENT, { "x", "y", "z" }, "a", DITTO_E_ENFORCEMENT_FAILED, NULL },

    /* three that cannot be resolved: the first one is the answer */
    { EVENT, { "{{ policy:id }}" }, "x", DITTO_E_PLACEHOLDER_UNRESOLVED,
      "policy:id" },
    { EVENT, { "{{ feature:id }}" }, "f", DITTO_E_PLACEHOLDER_UNRESOLVED,
      "feature:id" },
    { EVENT, { "{{ thing:id | fn:filter('eq','x') }}" }, "x",
      DITTO_E_PLACEHOLDER_UNRESOLVED,
      "{{ thing:id | fn:filter('eq','x') }}" },
    { EVENT, { "{{ thing:id }}{{ policy:id }}" }, "x",
      DITTO_E_PLACEHOLDER_UNRESOLVED, "policy:id" },
    { EVENT, { "{{ thing:id | fn:delete() }}" }, "",
      DITTO_E_PLACEHOLDER_UNRESOLVED, "{{ thing:id | fn:delete() }}" },
    /* two, four or six of them: not */
    { EVENT, { "{{ thing:id }}" }, "x", DITTO_E_ENFORCEMENT_FAILED, NULL },
    { EVENT, { "{{ thing:id }}", "{{ entity:id }}" }, "x",
      DITTO_E_ENFORCEMENT_FAILED, NULL },
    { EVENT, { "{{ policy:id }}", "{{ policy:name }}" }, "x",
      DITTO_E_ENFORCEMENT_FAILED, NULL },
    { EVENT, { "{{ feature:id }}", "x" }, "y",
      DITTO_E_PLACEHOLDER_UNRESOLVED, "feature:id" },

    { POLICY, { "{{ policy:id }}" }, "org.acme:p", DITTO_E_NONE, NULL },
    { POLICY, { "{{ policy:name }}" }, "p", DITTO_E_NONE, NULL },
    { POLICY, { "{{ policy:namespace }}" }, "org.acme", DITTO_E_NONE, NULL },
    { POLICY, { "{{ entity:id }}" }, "org.acme:p", DITTO_E_NONE, NULL },
    { POLICY, { "{{ thing:id }}" }, "org.acme:p",
      DITTO_E_PLACEHOLDER_UNRESOLVED, "{{ thing:id }}" },

    { OPENED, { "{{ entity:id }}" }, "con-9", DITTO_E_PLACEHOLDER_UNRESOLVED,
      "entity:id" },
    { OPENED, { "x" }, "x", DITTO_E_NONE, NULL },
};


static void
test_enforcement_check(void **state)
{
    size_t                i, index;
    ditto_rc_t            rc;
    ditto_str_t           arg;
    unit_pool_t           up;
    test_scope_t          ts;
    ditto_error_t         err;
    const test_check_t   *t;
    ditto_enforcement_t  *rule;

    (void) state;

    for (i = 0; i < sizeof(test_checks) / sizeof(test_checks[0]); i++) {
        t = &test_checks[i];

        unit_pool_init(&up);
        test_scope(&up, t->signal, &ts);

        assert_int_equal(test_compile(&up, t->filters, &rule, &index, &err),
                         DITTO_OK);

        rc = ditto_enforcement_check(rule, &ts.scope, unit_str(&up, t->input),
                                     &err);

        if (rc != (t->code == DITTO_E_NONE ? DITTO_OK : DITTO_ERROR)
            || (rc == DITTO_ERROR && err.code != t->code))
        {
            fail_msg("%zu: \"%s\" against \"%s\": %d", i, t->input,
                     t->filters[0] == NULL ? "" : t->filters[0], rc);
        }

        if (rc == DITTO_ERROR) {
            arg = ditto_str(t->arg == NULL ? t->input : t->arg);

            if (!ditto_str_eq(err.args[0], arg)) {
                fail_msg("%zu: the error names \"%.*s\"", i,
                         (int) err.args[0].len,
                         (const char *) err.args[0].data);
            }
        }

        unit_pool_free(&up);
    }
}


/* A signal that concerns nothing is nobody's. */
static void
test_enforcement_entity(void **state)
{
    size_t                index;
    unit_pool_t           up;
    test_scope_t          ts;
    ditto_error_t         err;
    ditto_enforcement_t  *rule;
    static const char    *filters[TEST_FILTERS] = { "x" };

    (void) state;

    unit_pool_init(&up);
    test_scope(&up, EVENT, &ts);

    ts.signal.entity = DITTO_ENTITY_NONE;

    assert_int_equal(test_compile(&up, filters, &rule, &index, &err),
                     DITTO_OK);
    assert_int_equal(ditto_enforcement_check(rule, &ts.scope, ditto_str("x"),
                                             &err),
                     DITTO_ERROR);
    assert_int_equal(err.code, DITTO_E_ENFORCEMENT_FAILED);

    unit_pool_free(&up);
}


/* --- what the configuration is refused for ------------------------------- */

static void
test_enforcement_compile(void **state)
{
    size_t                i, index;
    unit_pool_t           up;
    test_scope_t          ts;
    ditto_error_t         err;
    ditto_enforcement_t  *rule;
    static const struct {
        const char          *filters[TEST_FILTERS];
        size_t               index;
        ditto_error_code_e   code;
        size_t               offset;
        ditto_rc_t           rc;     /* of org.acme:pump-7 nevertheless */
    } cases[] = {
        { { "{{ thing:id }}", "x{{ unknown:x }}" }, 1,
          DITTO_E_PLACEHOLDER_UNRESOLVED, 1, DITTO_OK },
        { { "{{ thing:foo }}", "{{ thing:bar }}" }, 0,
          DITTO_E_PLACEHOLDER_UNRESOLVED, 0, DITTO_ERROR },
        { { "{{ header:device }}" }, 0, DITTO_E_PLACEHOLDER_UNRESOLVED, 0,
          DITTO_ERROR },
        { { "{{ topic:full }}" }, 0, DITTO_E_PLACEHOLDER_UNRESOLVED, 0,
          DITTO_ERROR },
        { { "{{ thing:id | fn:nope() }}" }, 0, DITTO_E_FUNCTION_UNKNOWN, 0,
          DITTO_ERROR },
        { { "x", "{{ thing:id | fn:split() }}", "{{ thing:id }}" }, 1,
          DITTO_E_FUNCTION_SIGNATURE, 0, DITTO_ERROR },
        { { "{{ fn:default('*') | fn:base64-decode() }}" }, 0,
          DITTO_E_CONNECTION_CONFIGURATION, 0, DITTO_ERROR },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        unit_pool_init(&up);
        test_scope(&up, EVENT, &ts);

        index = 99;

        assert_int_equal(test_compile(&up, cases[i].filters, &rule, &index,
                                      &err),
                         DITTO_ERROR);
        assert_int_equal(index, cases[i].index);
        assert_int_equal(err.code, cases[i].code);
        assert_int_equal(err.offset, cases[i].offset);
        assert_non_null(rule);

        assert_int_equal(ditto_enforcement_check(rule, &ts.scope,
                                                 ditto_str("org.acme:pump-7"),
                                                 &err),
                         cases[i].rc);

        unit_pool_free(&up);
    }
}


static void
test_memory_setup(unit_pool_t *up, void *ctx)
{
    test_scope(up, EVENT, ctx);
}


static ditto_rc_t
test_memory_call(unit_pool_t *up, void *ctx, ditto_error_t *err)
{
    size_t                index;
    test_scope_t         *ts = ctx;
    ditto_enforcement_t  *rule;
    static const char    *filters[TEST_FILTERS] = {
        "{{ policy:id }}", "{{ thing:name | fn:upper() }}",
        "{{ entity:namespace }}:{{ entity:name }}"
    };

    if (test_compile(up, filters, &rule, &index, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    return ditto_enforcement_check(rule, &ts->scope,
                                   ditto_str("org.acme:pump-7"), err);
}


static void
test_enforcement_memory(void **state)
{
    test_scope_t  ts;

    (void) state;

    assert_in_range(unit_every_allocation(test_memory_setup, test_memory_call,
                                          &ts),
                    10, 60);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_enforcement_check),
        cmocka_unit_test(test_enforcement_entity),
        cmocka_unit_test(test_enforcement_compile),
        cmocka_unit_test(test_enforcement_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
