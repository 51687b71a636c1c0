/*
 * Entries of "topics": parameters, field selectors, matching, the canonical
 * text.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "ditto_json_select.h"
#include "ditto_subscription.h"
#include "unit_pool.h"


#define TWIN      "_/_/things/twin/events"
#define LIVE      "_/_/things/live/messages"
#define POLICIES  "_/_/policies/announcements"
#define OPENED    "_/_/connections/announcements"


typedef struct {
    const char          *text;
    ditto_error_code_e   code;   /* DITTO_E_NONE: accepted */
    const char          *rendered;   /* or the message */
    const char          *namespaces; /* joined with "|" */
    const char          *filter;     /* NULL: none */
    const char          *pointers;   /* joined with "|" */
} test_entry_t;


static const test_entry_t  test_entries[] = {
    { TWIN, DITTO_E_NONE, TWIN, "", NULL, "" },
    { TWIN "?", DITTO_E_NONE, TWIN, "", NULL, "" },
    { TWIN "?&&=&x&y=1", DITTO_E_NONE, TWIN, "", NULL, "" },
    { TWIN "?Filter=a&NAMESPACES=b", DITTO_E_NONE, TWIN, "", NULL, "" },
    { TWIN "?namespaces=a,,b,,", DITTO_E_NONE, TWIN "?namespaces=a,,b",
      "a||b", NULL, "" },
    { TWIN "?namespaces=%61%2Cb", DITTO_E_NONE, TWIN "?namespaces=a,b", "a|b",
      NULL, "" },
    { TWIN "?namespaces= a ,b", DITTO_E_NONE, TWIN "?namespaces= a ,b",
      " a |b", NULL, "" },
    { TWIN "?namespaces=", DITTO_E_NONE, TWIN, "", NULL, "" },
    { TWIN "?namespaces=,", DITTO_E_NONE, TWIN, "", NULL, "" },
    { TWIN "?filter=", DITTO_E_NONE, TWIN, "", "", "" },
    { TWIN "?filter=eq(a,%22x+y%22)", DITTO_E_NONE,
      TWIN "?filter=eq(a,\"x y\")", "", "eq(a,\"x y\")", "" },
    { TWIN "?filter=a=b?c", DITTO_E_NONE, TWIN "?filter=a=b?c", "", "a=b?c",
      "" },
    { TWIN "?filter=%E4%C3%A4", DITTO_E_NONE,
      TWIN "?filter=\xef\xbf\xbd\xc3\xa4", "", "\xef\xbf\xbd\xc3\xa4", "" },
    { TWIN "?filter=%ED%A0%80x%F0%9F%98", DITTO_E_NONE,
      TWIN "?filter=\xef\xbf\xbdx\xef\xbf\xbd", "",
      "\xef\xbf\xbdx\xef\xbf\xbd", "" },
    { TWIN "?filter=%+1", DITTO_E_NONE, TWIN "?filter=\x01", "", "\x01", "" },
    { TWIN "?extraFields=policyId&filter=a&namespaces=n", DITTO_E_NONE,
      TWIN "?namespaces=n&filter=a&extraFields=policyId", "n", "a",
      "/policyId" },
    { TWIN "?extraFields=attributes/x,/attributes/x,attributes/a~1b",
      DITTO_E_NONE, TWIN "?extraFields=attributes/x,/attributes/x,"
      "attributes/a~1b", "", NULL, "/attributes/x|/attributes/a~01b" },
    { TWIN "?extraFields=features/f(a)", DITTO_E_NONE,
      TWIN "?extraFields=features/f(a)", "", NULL, "/features/f/a" },
    { TWIN "?extraFields=foo/{{ feature:id }}", DITTO_E_NONE,
      TWIN "?extraFields=foo/{{ feature:id }}", "", NULL,
      "/foo/{{ feature:id }}" },
    { TWIN "?extraFields=foo/{{ feature:id }}(a,b(c))", DITTO_E_NONE,
      TWIN "?extraFields=foo/{{ feature:id }}(a,b(c))", "", NULL,
      "/foo/{{ feature:id }}(a,b(c))" },
    { TWIN "?extraFields=x(a,b(c,d)),${y}", DITTO_E_NONE,
      TWIN "?extraFields=x(a,b(c,d)),${y}", "", NULL,
      "/x/a|/x/b/c|/x/b/d|/${y}" },
    { LIVE "?filter=a", DITTO_E_NONE, LIVE "?filter=a", "", "a", "" },
    { POLICIES "?namespaces=n&filter=a&extraFields=policyId", DITTO_E_NONE,
      POLICIES "?namespaces=n", "n", NULL, "" },
    { OPENED "?namespaces=n&filter=a&extraFields=policyId", DITTO_E_NONE,
      OPENED, "", NULL, "" },

    { "", DITTO_E_TOPIC_INVALID, "The topic '' could not be parsed.", NULL,
      NULL, NULL },
    { TWIN "/", DITTO_E_TOPIC_INVALID, "The topic '" TWIN "/' could not be "
      "parsed.", NULL, NULL, NULL },
    { "?filter=%zz", DITTO_E_TOPIC_INVALID, "The topic '?filter=%zz' could "
      "not be parsed.", NULL, NULL, NULL },
    { TWIN "?filter=%zz", DITTO_E_JSON_FORMAT_INVALID,
      "URLDecoder: Illegal hex characters in escape (%) pattern - Error at "
      "index 0 in: \"zz\"", NULL, NULL, NULL },
    { TWIN "?filter=%1z", DITTO_E_JSON_FORMAT_INVALID,
      "URLDecoder: Illegal hex characters in escape (%) pattern - Error at "
      "index 1 in: \"1z\"", NULL, NULL, NULL },
    { TWIN "?filter=%-1", DITTO_E_JSON_FORMAT_INVALID,
      "URLDecoder: Illegal hex characters in escape (%) pattern - negative "
      "value", NULL, NULL, NULL },
    { TWIN "?filter=%41%4", DITTO_E_JSON_FORMAT_INVALID,
      "URLDecoder: Incomplete trailing escape (%) pattern", NULL, NULL,
      NULL },
    { TWIN "?%=a", DITTO_E_JSON_FORMAT_INVALID,
      "URLDecoder: Incomplete trailing escape (%) pattern", NULL, NULL,
      NULL },
    { TWIN "?a=1&%61=2", DITTO_E_JSON_FORMAT_INVALID,
      "Duplicate key a (attempted merging values 1 and 2)", NULL, NULL,
      NULL },
    { TWIN "?extraFields=attributes(a", DITTO_E_JSON_SELECTOR_INVALID,
      "The field selector <attributes(a> is invalid!", NULL, NULL, NULL },
    { TWIN "?extraFields=attributes//x", DITTO_E_JSON_POINTER_INVALID,
      "The JSON pointer <attributes//x> is invalid!", NULL, NULL, NULL },
    { TWIN "?extraFields=attributes(a,b)", DITTO_E_FIELD_SELECTION_INVALID,
      "Thing field selection <attributes(a,b)> was not valid.", NULL, NULL,
      NULL },
    { TWIN "?extraFields=attributes/", DITTO_E_FIELD_SELECTION_INVALID,
      "Thing field selection <attributes/> was not valid.", NULL, NULL,
      NULL },
    { TWIN "?extraFields=policyId/x", DITTO_E_FIELD_SELECTION_INVALID,
      "Thing field selection <policyId/x> was not valid.", NULL, NULL, NULL },
    { TWIN "?extraFields=policyId,,thingId", DITTO_E_FIELD_SELECTION_INVALID,
      "Thing field selection <policyId,,thingId> was not valid.", NULL, NULL,
      NULL },
    { OPENED "?extraFields=foo", DITTO_E_FIELD_SELECTION_INVALID,
      "Thing field selection <foo> was not valid.", NULL, NULL, NULL },
};


static ditto_str_t
test_join(unit_pool_t *up, const ditto_str_t *elts, size_t n)
{
    size_t       i;
    ditto_buf_t  buf;
    ditto_str_t  text;

    ditto_buf_init(&buf, &up->pool, 0);

    for (i = 0; i < n; i++) {
        ditto_buf_text(&buf, i == 0 ? "" : "|");
        ditto_buf_str(&buf, elts[i]);
    }

    assert_int_equal(ditto_buf_done(&buf, &text), DITTO_OK);

    return text;
}


static void
test_compile(void **state)
{
    size_t                 i;
    ditto_buf_t            buf;
    ditto_str_t            text;
    unit_pool_t            up;
    ditto_error_t          err;
    ditto_subscription_t   s;
    const test_entry_t    *t;

    (void) state;

    for (i = 0; i < sizeof(test_entries) / sizeof(test_entries[0]); i++) {
        t = &test_entries[i];

        unit_pool_init(&up);
        text = unit_str(&up, t->text);
        ditto_buf_init(&buf, &up.pool, 0);

        if (t->code != DITTO_E_NONE) {
            assert_int_equal(ditto_subscription_compile(&up.pool, text, &s,
                                                        &err),
                             DITTO_ERROR);
            assert_int_equal(err.code, t->code);
            assert_true(err.offset <= text.len);
            ditto_error_message(&buf, &err);

        } else {
            assert_int_equal(ditto_subscription_compile(&up.pool, text, &s,
                                                        &err),
                             DITTO_OK);
            ditto_subscription_render(&buf, &s);

            assert_true(ditto_str_eq(test_join(&up, s.namespaces,
                                               s.nnamespaces),
                                     ditto_str(t->namespaces)));
            assert_true((s.filter.data == NULL) == (t->filter == NULL));
            assert_true(ditto_str_eq(s.filter, ditto_str(t->filter)));
            assert_true(ditto_str_eq(test_join(&up, s.pointers, s.npointers),
                                     ditto_str(t->pointers)));
            assert_true(ditto_subscription_equal(&s, &s));
        }

        ditto_buf_char(&buf, '\0');
        assert_int_equal(ditto_buf_done(&buf, &text), DITTO_OK);
        assert_string_equal(text.data, t->rendered);

        unit_pool_free(&up);
    }
}


static void
test_equal(void **state)
{
    size_t                i, j;
    unit_pool_t           up;
    ditto_error_t         err;
    ditto_subscription_t  s[6];

    static const char *const  texts[] = {
        TWIN, TWIN "?filter=", TWIN "?filter=a", TWIN "?namespaces=a",
        TWIN "?namespaces=b", LIVE
    };

    (void) state;

    unit_pool_init(&up);

    for (i = 0; i < 6; i++) {
        assert_int_equal(ditto_subscription_compile(&up.pool,
                                                    ditto_str(texts[i]), &s[i],
                                                    &err),
                         DITTO_OK);
    }

    for (i = 0; i < 6; i++) {
        for (j = 0; j < 6; j++) {
            assert_true(ditto_subscription_equal(&s[i], &s[j]) == (i == j));
        }
    }

    unit_pool_free(&up);
}


static void
test_match(void **state)
{
    unit_pool_t           up;
    ditto_error_t         err;
    ditto_scope_t         scope;
    ditto_signal_t        signal;
    ditto_subscription_t  s;

    (void) state;

    unit_pool_init(&up);
    memset(&scope, 0, sizeof(scope));
    memset(&signal, 0, sizeof(signal));
    scope.signal = &signal;

    signal.target_topic = DITTO_TOPIC_TWIN_EVENTS;
    signal.entity = DITTO_ENTITY_THING;
    signal.id = ditto_str("org.acme:pump");
    signal.ns = ditto_str("org.acme");

    assert_int_equal(ditto_subscription_compile(&up.pool, ditto_str(TWIN), &s,
                                                &err), DITTO_OK);
    assert_int_equal(ditto_subscription_match(&s, &scope, &err), DITTO_OK);

    signal.target_topic = DITTO_TOPIC_LIVE_EVENTS;
    assert_int_equal(ditto_subscription_match(&s, &scope, &err),
                     DITTO_DECLINED);

    signal.target_topic = DITTO_TOPIC_TWIN_EVENTS;
    assert_int_equal(ditto_subscription_compile(&up.pool,
                                   ditto_str(TWIN "?namespaces=org,org.acme"),
                                                &s, &err), DITTO_OK);
    assert_int_equal(ditto_subscription_match(&s, &scope, &err), DITTO_OK);

    signal.ns = ditto_str("org.acm");
    assert_int_equal(ditto_subscription_match(&s, &scope, &err),
                     DITTO_DECLINED);

    /* an empty namespace is one as well, but only of an entity */

    assert_int_equal(ditto_subscription_compile(&up.pool,
                                          ditto_str(TWIN "?namespaces=,a"),
                                                &s, &err), DITTO_OK);
    signal.ns = ditto_str("");
    assert_int_equal(ditto_subscription_match(&s, &scope, &err), DITTO_OK);

    signal.id = ditto_str("");
    assert_int_equal(ditto_subscription_match(&s, &scope, &err),
                     DITTO_DECLINED);

    unit_pool_free(&up);
}


/* Parentheses are nested by the text: the depth is bounded. */
static void
test_depth(void **state)
{
    char           text[4096];
    size_t         i;
    unit_pool_t    up;
    ditto_array_t  pointers;
    ditto_error_t  err;

    (void) state;

    unit_pool_init(&up);

    for (i = 0; i < 1000; i++) {
        memcpy(text + 2 * i, "a(", 2);
        text[3000 - i] = ')';
    }

    memset(text + 2000, 'b', 1);

    ditto_array_init(&pointers, &up.pool, sizeof(ditto_str_t));
    assert_int_equal(ditto_selector_parse(&up.pool,
                                          unit_span(&up, text, 3001),
                                          &pointers, &err),
                     DITTO_ERROR);
    assert_int_equal(err.code, DITTO_E_JSON_SELECTOR_INVALID);

    ditto_array_init(&pointers, &up.pool, sizeof(ditto_str_t));
    assert_int_equal(ditto_selector_parse(&up.pool, unit_str(&up, ")(()"),
                                          &pointers, &err),
                     DITTO_OK);

    unit_pool_free(&up);
}


/* Parameters and fields that are compared with each other end somewhere. */
static void
test_many(void **state)
{
    char                   entry[64];
    size_t                 i, j, n;
    ditto_buf_t            buf;
    unit_pool_t            up;
    ditto_error_t          err;
    ditto_subscription_t   s;

    static const struct {
        const char          *start;
        const char          *entry;
        ditto_error_code_e   code;
    } rows[] = {
        { TWIN "?", "p%zu=1&", DITTO_E_TOPIC_INVALID },
        { TWIN "?extraFields=", "attributes/a%zu,",
          DITTO_E_JSON_SELECTOR_INVALID },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {

        for (n = 1000; n <= 1001; n++) {
            unit_pool_init(&up);
            ditto_buf_init(&buf, &up.pool, 0);
            ditto_buf_text(&buf, rows[i].start);

            for (j = 0; j < n; j++) {
                snprintf(entry, sizeof(entry), rows[i].entry, j);
                ditto_buf_text(&buf, entry);
            }

            assert_int_equal(ditto_subscription_compile(&up.pool,
                                 unit_span(&up, buf.data, buf.len - 1), &s,
                                 &err),
                             n == 1000 ? DITTO_OK : DITTO_ERROR);
            assert_true(n == 1000 || err.code == rows[i].code);

            unit_pool_free(&up);
        }
    }
}


static ditto_rc_t
test_memory_call(unit_pool_t *up, void *ctx, ditto_error_t *err)
{
    ditto_subscription_t  s;

    if (ditto_subscription_compile(&up->pool, unit_str(up, ctx), &s, err)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    return ditto_subscription_check(&up->pool, &s, err);
}


static void
test_memory(void **state)
{
    static char  text[] = TWIN "?namespaces=a,b,c,d,e&filter=%E4+"
                          "&extraFields=x(a,b(c)),{{ thing:id }}";

    (void) state;

    assert_in_range(unit_every_allocation(NULL, test_memory_call, text), 5,
                    100);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_compile),
        cmocka_unit_test(test_equal),
        cmocka_unit_test(test_match),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
