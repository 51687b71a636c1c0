/*
 * The functions of templates: values, errors, limits.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ditto_function.h"
#include "ditto_template.h"
#include "unit_pool.h"


#define TEST_VALUES  8

#define JSON                                                                  \
    "{\\\"n\\\":\\\"x\\\",\\\"roles\\\":[\\\"r1\\\",\\\"r2\\\"],"             \
    "\\\"perms\\\":[{\\\"res\\\":\\\"t\\\",\\\"act\\\":[\\\"R\\\",\\\"W\\\"]}"\
    ",{\\\"res\\\":\\\"p\\\",\\\"act\\\":[\\\"R\\\"]}],\\\"z\\\":null,"       \
    "\\\"num\\\":5,\\\"o\\\":{\\\"p\\\":{\\\"q\\\":true}},\\\"e\\\":[]}"
#define EVENT                                                                 \
    "{\"topic\":\"org.eclipse.ditto/dev-1:x/things/twin/events/modified\","   \
    "\"headers\":{\"foo\":\"Bar\",\"csv\":\"a,b,,c,\",\"dots\":\"1.2.3\","    \
    "\"pipe\":\"a|b\",\"empty\":\"\",\"sp\":\"  x y \","                      \
    "\"b64\":\"aGVsbG8=\",\"uni\":\"\\u00e4\\u20ac\\ud83d\\ude00\","          \
    "\"nl\":\"a\\nb\",\"json\":\"" JSON "\"},"                                \
    "\"path\":\"/attributes/x\",\"value\":5,\"revision\":3}"


/* At most TEST_VALUES values, ended by NULL. */
typedef struct {
    const char  *text;
    const char  *values[TEST_VALUES];
} test_values_t;


typedef struct {
    const char          *text;
    ditto_error_code_e   code;
    const char          *arg;        /* NULL: not looked at */
} test_error_t;


typedef struct {
    ditto_signal_t        signal;
    ditto_scope_cache_t   cache;
    ditto_scope_t         scope;
} test_scope_t;


static const ditto_str_t  test_subjects[] = {
    ditto_string("t:one"), ditto_string("t:two")
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
}


static ditto_rc_t
test_run(unit_pool_t *up, const test_scope_t *ts, const char *text,
    ditto_values_t *values, bool *deleted, ditto_error_t *err)
{
    ditto_str_t        all = ditto_null_string;
    ditto_template_t  *tpl;

    values->n = 0;

    if (ditto_template_compile(&up->pool, unit_str(up, text),
                               DITTO_PLACE_HEADER_MAPPING, &tpl, err)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    return ditto_template_values(tpl, &ts->scope, all, values, deleted, err);
}


/* No value: unresolved.  The first one must be what a header would get. */
static void
test_table(const test_values_t *t, size_t n)
{
    bool               deleted;
    size_t             i, j;
    ditto_rc_t         rc;
    ditto_str_t        first;
    unit_pool_t        up;
    test_scope_t       ts;
    ditto_error_t      err;
    ditto_values_t     values;
    ditto_template_t  *tpl;

    for (i = 0; i < n; i++) {
        unit_pool_init(&up);
        test_scope(&up, EVENT, &ts);

        rc = test_run(&up, &ts, t[i].text, &values, &deleted, &err);

        if (rc != (t[i].values[0] == NULL ? DITTO_DECLINED : DITTO_OK)
            || (rc == DITTO_DECLINED && deleted))
        {
            fail_msg("%s: %d", t[i].text, rc);
        }

        for (j = 0; rc == DITTO_OK && j < values.n; j++) {

            if (t[i].values[j] == NULL
                || !ditto_str_eq(values.elts[j], ditto_str(t[i].values[j])))
            {
                fail_msg("%s: value %zu is \"%.*s\"", t[i].text, j,
                         (int) values.elts[j].len,
                         (const char *) values.elts[j].data);
            }
        }

        if (rc == DITTO_OK && t[i].values[j] != NULL) {
            fail_msg("%s: %zu values", t[i].text, j);
        }

        assert_int_equal(ditto_template_compile(&up.pool,
                                                unit_str(&up, t[i].text),
                                                DITTO_PLACE_ADDRESS, &tpl,
                                                &err),
                         DITTO_OK);

        /* twice: the first message must not change the rule */
        for (j = 0; j < 2; j++) {
            assert_int_equal(ditto_template_resolve(tpl, &ts.scope, &first,
                                                    &err),
                             rc);

            if (rc == DITTO_OK && !ditto_str_eq(first, values.elts[0])) {
                fail_msg("%s: first value \"%.*s\"", t[i].text,
                         (int) first.len, (const char *) first.data);
            }
        }

        unit_pool_free(&up);
    }
}


/* --- spec: Worked examples ----------------------------------------------- */

static const test_values_t  test_worked[] = {
    { "{{ header:nope }}", { NULL } },
    { "{{ header:empty }}", { "" } },
    { "{{ header:nope | fn:default('fb') }}", { "fb" } },
    { "{{ header:empty | fn:default('x') }}", { "" } },
    { "{{ header:nope | fn:default(thing:name) }}", { "dev-1:x" } },
    { "{{ header:nope | fn:default(header:nope2) | fn:default('z') }}",
      { "z" } },
    { "{{ thing:id | fn:substring-before(':') }}", { "org.eclipse.ditto" } },
    { "{{ thing:id | fn:substring-after(':') }}", { "dev-1:x" } },
    { "{{ thing:id | fn:substring-before('zz') }}", { NULL } },
    { "{{ thing:id | fn:replace(':','/') }}",
      { "org.eclipse.ditto/dev-1/x" } },
    { "{{ header:sp | fn:trim() }}", { "x y" } },
    { "{{ header:sp | fn:url-encode() }}", { "++x+y+" } },
    { "{{ fn:default('a+b%2Bc') | fn:url-decode() }}", { "a b+c" } },
    { "{{ header:b64 | fn:base64-decode() }}", { "hello" } },
    { "{{ header:csv | fn:split(',') }}", { "a", "b", "", "c" } },
    { "{{ header:csv | fn:split(',') | fn:join('+') }}", { "a+b++c" } },
    { "{{ header:csv | fn:split(',') }}-{{ header:foo }}",
      { "a-Bar", "b-Bar", "-Bar", "c-Bar" } },
    { "{{ header:dots | fn:split('.') }}", { NULL } },
    { "{{ header:pipe | fn:split('|') }}", { "a", "|", "b" } },
    { "{{ header:csv | fn:split(',') | fn:filter('like','a|b') }}",
      { "a", "b" } },
    { "{{ header:foo | fn:filter('eq','bar') }}", { NULL } },
    { "{{ header:foo | fn:filter('like','B?r') }}", { "Bar" } },
    { "{{ header:foo | fn:filter(topic:action,'eq','modified') }}",
      { "Bar" } },
    { "{{ header:foo | fn:filter(header:nope,'exists','false') }}",
      { "Bar" } },
    { "{{ header:foo | fn:filter(header:nope,'exists') }}", { NULL } },
    { "{{ fn:default('x') | fn:filter(topic:action,'eq','created') "
      "| fn:default('y') }}", { "y" } },
    { "{{ header:json | fn:format('{n}#{roles}') }}", { "x#r1", "x#r2" } },
    { "{{ header:json | "
      "fn:format('{n}:{#perms}{res}-{#act}{.}{/act}{/perms}') }}",
      { "x:t-R", "x:t-W", "x:p-R" } },
    { "{{ header:json | fn:format('{nope}x{z}y{num}') }}", { "xy5" } },
    { "{{ header:foo | fn:format('{n}') }}", { "" } },
};


static void
test_function_worked(void **state)
{
    (void) state;

    test_table(test_worked, sizeof(test_worked) / sizeof(test_worked[0]));
}


/* --- spec: Pipeline rules and errors ------------------------------------- */

static const test_values_t  test_pipelines[] = {
    { "{{header:foo|fn:lower()|fn:upper()}}", { "BAR" } },
    { "{{ header:foo\t| \nfn:lower( \t) }}", { "bar" } },
    { "${header:foo|fn:lower()}", { "bar" } },
    { "{{ fn:default('a|b') }}", { "a|b" } },
    { "{{ fn:default(\"a|b'\") }}", { "a|b'" } },
    { "{{ fn:default('it\\'s') }}", { "it\\'s" } },
    { "{{ fn:default(\"a\\\"b\") }}", { "a\\\"b" } },
    { "{{ fn:default('a\\\\b') }}", { "a\\\\b" } },
    { "{{ fn:default('') }}", { "" } },
    { "{{ fn:default( \n'x'\t) }}", { "x" } },
    { "{{ fn:lower() }}", { NULL } },
    { "{{ header:foo | lower() }}", { NULL } },
    { "{{ header:foo | lower() | fn:default('x') }}", { "x" } },
    { "{{ header:nope | fn:default( thing:name ) }}", { "dev-1:x" } },
    { "{{ header:nope | fn:default(thing:name what is here) }}",
      { "dev-1:x" } },
    { "{{ header:nope | fn:default(header:a)b) }}", { NULL } },
    { "{{ header:nope | fn:default(fn:default('n')) }}", { "n" } },
    { "{{ header:nope | fn:default(request:subjectId) }}",
      { "t:one", "t:two" } },
    { "{{ header:foo | fn:lower() | fn:lower() | fn:lower() | fn:lower() "
      "| fn:lower() | fn:lower() | fn:lower() | fn:lower() | fn:lower() "
      "| fn:lower() }}", { "bar" } },
    { "{{ fn:default('x') | fn:lower() | fn:lower() | fn:lower() "
      "| fn:lower() | fn:lower() | fn:lower() | fn:lower() | fn:lower() "
      "| fn:lower() | fn:upper() }}", { "X" } },
    { "x{{ request:subjectId }}y{{ request:subjectId | fn:upper() }}z",
      { "xt:oneyT:ONEz", "xt:oneyT:TWOz", "xt:twoyT:ONEz",
        "xt:twoyT:TWOz" } },
    { "a{{ fn:delete() }}b", { "ab" } },
    { "{{ fn:delete() }}{{ header:foo }}", { "Bar" } },
    { "{{ fn:delete() }}{{ header:nope }}", { NULL } },
    { "{{ header:foo }}{{ header:nope }}", { NULL } },
};


static const test_error_t  test_errors[] = {
    { "{{ header:foo | fn:default('x) }}", DITTO_E_PLACEHOLDER_UNRESOLVED,
      "header:foo | fn:default('x) " },
    { "{{ fn:default('a\\\\') }}", DITTO_E_PLACEHOLDER_UNRESOLVED,
      "fn:default('a\\\\') " },
    { "{{ header:foo || fn:lower() }}", DITTO_E_PLACEHOLDER_UNRESOLVED,
      "header:foo || fn:lower() " },
    { "{{| fn:lower() }}", DITTO_E_PLACEHOLDER_UNRESOLVED, "| fn:lower() " },
    { "{{ header:foo |}}", DITTO_E_PLACEHOLDER_UNRESOLVED, "header:foo |" },
    { "{{ fn:default('a}}b') }}", DITTO_E_PLACEHOLDER_UNRESOLVED,
      "fn:default('a" },
    { "{{ foo:bar | fn:nope() }}", DITTO_E_PLACEHOLDER_UNRESOLVED,
      "foo:bar" },
    { "{{ header:foo | }}", DITTO_E_FUNCTION_UNKNOWN, "" },
    { "{{ header:foo | fn:foo() }}", DITTO_E_FUNCTION_UNKNOWN, "fn:foo()" },
    { "{{ header:foo | fn:lower }}", DITTO_E_FUNCTION_UNKNOWN, "fn:lower" },
    { "{{ header:foo | fn: lower() }}", DITTO_E_FUNCTION_UNKNOWN,
      "fn: lower()" },
    { "{{ header:foo | FN:lower() }}", DITTO_E_FUNCTION_UNKNOWN,
      "FN:lower()" },
    { "{{ header:foo | header:num }}", DITTO_E_FUNCTION_UNKNOWN,
      "header:num" },
    { "{{ fn:x | fn:lower() }}", DITTO_E_FUNCTION_UNKNOWN, "fn:x" },
    { "{{ header:foo | fn:lower('x') }}", DITTO_E_FUNCTION_SIGNATURE,
      "fn:lower('x')" },
    { "{{ header:foo | fn:lower() x }}", DITTO_E_FUNCTION_SIGNATURE,
      "fn:lower() x" },
    { "{{ header:foo | fn:lower( }}", DITTO_E_FUNCTION_SIGNATURE,
      "fn:lower(" },
    { "{{ header:foo | fn:default() }}", DITTO_E_FUNCTION_SIGNATURE,
      "fn:default()" },
    { "{{ header:foo | fn:default('a','b') }}", DITTO_E_FUNCTION_SIGNATURE,
      NULL },
    { "{{ header:foo | fn:default('a' }}", DITTO_E_FUNCTION_SIGNATURE,
      NULL },
    { "{{ header:foo | fn:default(x) }}", DITTO_E_FUNCTION_SIGNATURE, NULL },
    { "{{ header:foo | fn:default(header:) }}", DITTO_E_FUNCTION_SIGNATURE,
      NULL },
    { "{{ header:foo | fn:default(thing-json:a) }}",
      DITTO_E_FUNCTION_SIGNATURE, NULL },
    { "{{ header:foo | fn:default(header:foo )x) }}",
      DITTO_E_FUNCTION_SIGNATURE, NULL },
    { "{{ header:foo | fn:split(header:foo) }}", DITTO_E_FUNCTION_SIGNATURE,
      NULL },
    { "{{ header:foo | fn:filter('exists') }}", DITTO_E_FUNCTION_SIGNATURE,
      NULL },
    { "{{ header:foo | fn:filter('a','b','c','d') }}",
      DITTO_E_FUNCTION_SIGNATURE, NULL },
    { "{{ header:foo | fn:replace('a') }}", DITTO_E_FUNCTION_SIGNATURE,
      NULL },
    { "{{ header:foo | fn:replace('a','b',) }}", DITTO_E_FUNCTION_SIGNATURE,
      NULL },
    { "{{ header:foo | fn:replace('a',header:nope) }}",
      DITTO_E_FUNCTION_SIGNATURE, "fn:replace('a',header:nope)" },
    { "{{ header:nope | fn:replace('a',header:nope) }}",
      DITTO_E_FUNCTION_SIGNATURE, NULL },
    { "{{ header:foo | fn:filter(header:foo,header:nope,'x') }}",
      DITTO_E_FUNCTION_SIGNATURE, NULL },
    { "{{ header:foo | fn:default(foo:bar) }}",
      DITTO_E_PLACEHOLDER_UNRESOLVED, "foo:bar" },
    { "{{ header:foo | fn:default(fn:nope()) }}", DITTO_E_FUNCTION_UNKNOWN,
      "fn:nope()" },
    { "{{ header:nope | fn:lower() | fn:lower() | fn:lower() | fn:lower() "
      "| fn:lower() | fn:lower() | fn:lower() | fn:lower() | fn:lower() "
      "| fn:lower() | fn:lower() }}", DITTO_E_FUNCTION_TOO_COMPLEX, NULL },
    { "{{ fn:default(fn:default(fn:default(fn:default(fn:default(fn:default("
      "fn:default(fn:default(fn:default(fn:default('x')))))))))) }}",
      DITTO_E_FUNCTION_TOO_COMPLEX, NULL },
    { "{{ header:nope }}{{ fn:default('*') | fn:base64-decode() }}",
      DITTO_E_CONNECTION_CONFIGURATION, NULL },
    { "{{ fn:default('%zz') | fn:url-decode() }}",
      DITTO_E_JSON_FORMAT_INVALID, NULL },
    { "{{ fn:default('%4') | fn:url-decode() }}",
      DITTO_E_JSON_FORMAT_INVALID, NULL },
    { "{{ header:nope | fn:format('{#a}x') }}",
      DITTO_E_CONNECTION_CONFIGURATION, "a" },
    { "{{ header:json | fn:format('{//a}') }}",
      DITTO_E_JSON_POINTER_INVALID, "//a" },
};


static void
test_function_pipelines(void **state)
{
    bool            deleted;
    size_t          i;
    unit_pool_t     up;
    test_scope_t    ts;
    ditto_error_t   err;
    ditto_values_t  values;

    (void) state;

    test_table(test_pipelines,
               sizeof(test_pipelines) / sizeof(test_pipelines[0]));

    for (i = 0; i < sizeof(test_errors) / sizeof(test_errors[0]); i++) {
        unit_pool_init(&up);
        test_scope(&up, EVENT, &ts);

        if (test_run(&up, &ts, test_errors[i].text, &values, &deleted, &err)
            != DITTO_ERROR
            || err.code != test_errors[i].code
            || (test_errors[i].arg != NULL
                && !ditto_str_eq(err.args[0], ditto_str(test_errors[i].arg))))
        {
            fail_msg("%s: %d \"%.*s\"", test_errors[i].text, err.code,
                     (int) err.args[0].len, (const char *) err.args[0].data);
        }

        unit_pool_free(&up);
    }
}


static void
test_function_deleted(void **state)
{
    bool               deleted;
    size_t             i;
    unit_pool_t        up;
    test_scope_t       ts;
    ditto_error_t      err;
    ditto_values_t     values;
    static const char  texts[][72] = {
        "{{ fn:delete() }}",
        "{{ header:foo | fn:delete() | fn:default('x') }}",
        "{{ header:foo | fn:delete() | fn:lower() | fn:trim() }}",
        "{{ header:foo | fn:delete() | fn:filter('eq','Bar') }}",
        "{{ header:foo | fn:delete() | fn:filter(header:foo,'exists') }}",
        "{{ header:nope | fn:delete() }}{{ fn:delete() }}",
        "{{ header:nope | fn:default(fn:delete()) }}",
    };
    static const test_values_t  not_deleted[] = {
        { "{{ fn:delete() | fn:split(',') }}", { NULL } },
        { "{{ fn:delete() | fn:join(',') }}", { NULL } },
        { "{{ fn:delete() | fn:format('{n}') }}", { "" } },
        { "{{ fn:delete() | lower() }}", { NULL } },
    };

    (void) state;

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        unit_pool_init(&up);
        test_scope(&up, EVENT, &ts);

        if (test_run(&up, &ts, texts[i], &values, &deleted, &err)
            != DITTO_DECLINED || !deleted)
        {
            fail_msg("%s", texts[i]);
        }

        unit_pool_free(&up);
    }

    test_table(not_deleted, sizeof(not_deleted) / sizeof(not_deleted[0]));
}


/* --- text ---------------------------------------------------------------- */

static const test_values_t  test_texts[] = {
    { "{{ fn:default('Az@[`{') | fn:lower() }}", { "az@[`{" } },
    { "{{ fn:default('Az@[`{') | fn:upper() }}", { "AZ@[`{" } },
    { "{{ fn:default('\xc3\x84\xc3\x9f\xc3\xbf\xc5\x89\xef\xac\x83"
      "\xe1\xbe\xb3') | fn:upper() }}",
      { "\xc3\x84SS\xc5\xb8\xca\xbcNFFI\xce\x91\xce\x99" } },
    { "{{ fn:default('\xe1\x83\x90\xf0\x90\x90\xa8\xc7\x86\xe2\x82\xac') "
      "| fn:upper() }}",
      { "\xe1\xb2\x90\xf0\x90\x90\x80\xc7\x84\xe2\x82\xac" } },
    { "{{ fn:default('\xc3\x84\xd0\x96\xd5\x81\xc4\xb0\xc7\x85') "
      "| fn:lower() }}", { "\xc3\xa4\xd0\xb6\xd5\xb1i\xcc\x87\xc7\x86" } },
    /* sigma: alone, at the end, inside, behind a digit, ".", ":" */
    { "{{ fn:default('\xce\xa3') | fn:lower() }}", { "\xcf\x83" } },
    { "{{ fn:default('A\xce\xa3') | fn:lower() }}", { "a\xcf\x82" } },
    { "{{ fn:default('A\xce\xa3" "B \xce\xa3') | fn:lower() }}",
      { "a\xcf\x83" "b \xcf\x83" } },
    { "{{ fn:default('A1\xce\xa3') | fn:lower() }}", { "a1\xcf\x82" } },
    { "{{ fn:default('1\xce\xa3') | fn:lower() }}", { "1\xcf\x83" } },
    { "{{ fn:default('A.\xce\xa3" ".') | fn:lower() }}", { "a.\xcf\x82." } },
    { "{{ fn:default('A..\xce\xa3') | fn:lower() }}", { "a..\xcf\x83" } },
    { "{{ fn:default('A:\xce\xa3') | fn:lower() }}", { "a:\xcf\x83" } },
    { "{{ fn:default('A\xce\xa3-B') | fn:lower() }}", { "a\xcf\x83-b" } },
    { "{{ fn:default('A\xce\xa3\xcc\x81" "B') | fn:lower() }}",
      { "a\xcf\x83\xcc\x81" "b" } },
    { "{{ fn:default('A\xcc\x81.\xce\xa3') | fn:lower() }}",
      { "a\xcc\x81.\xcf\x82" } },
    { "{{ fn:default('A.\xcc\x81\xce\xa3') | fn:lower() }}",
      { "a.\xcc\x81\xcf\x83" } },
    { "{{ fn:default('A\xce\xa3.\xcc\x81" "B') | fn:lower() }}",
      { "a\xcf\x82.\xcc\x81" "b" } },
    { "{{ fn:default('\xc4\x80\xc4\x81') | fn:lower() }}",
      { "\xc4\x81\xc4\x81" } },
    { "{{ fn:default('\xc4\x80\xc4\x81') | fn:upper() }}",
      { "\xc4\x80\xc4\x80" } },
    { "{{ fn:default('\xc4\xb0\xce\xa3') | fn:lower() }}",
      { "i\xcc\x87\xcf\x82" } },

    { "{{ fn:default('\t\x01 x\xc2\xa0 ') | fn:trim() }}", { "x\xc2\xa0" } },
    { "{{ fn:default('  ') | fn:trim() }}", { "" } },

    { "{{ header:foo | fn:substring-before('') }}", { "" } },
    { "{{ header:foo | fn:substring-after('') }}", { "Bar" } },
    { "{{ header:foo | fn:substring-after('r') }}", { "" } },
    { "{{ header:csv | fn:split(',') | fn:substring-after('b') }}", { "" } },
    { "{{ request:subjectId | fn:substring-before('w') }}", { "t:t" } },

    { "{{ header:csv | fn:replace(',','--') }}", { "a--b----c--" } },
    { "{{ header:csv | fn:replace(',','') }}", { "abc" } },
    { "{{ header:csv | fn:replace(',,',',') }}", { "a,b,c," } },
    { "{{ header:dots | fn:replace('.','$1') }}", { "1$12$13" } },
    { "{{ header:foo | fn:replace('','-') }}", { "-B-a-r-" } },
    { "{{ header:uni | fn:replace(header:nope,'-') }}",
      { "-\xc3\xa4-\xe2\x82\xac-\xf0\x9f\x98\x80-" } },
    { "{{ header:empty | fn:replace('','x') }}", { "x" } },
    { "{{ header:foo | fn:replace(header:foo,thing:name) }}",
      { "dev-1:x" } },
    { "{{ header:foo | fn:replace('a','b','c') }}", { "Bbr" } },

    { "{{ fn:default('A-z0.*_~/ ') | fn:url-encode() }}",
      { "A-z0.*_%7E%2F+" } },
    { "{{ header:uni | fn:url-encode() }}",
      { "%C3%A4%E2%82%AC%F0%9F%98%80" } },
    { "{{ fn:default('%C3%A4%ff+') | fn:url-decode() }}",
      { "\xc3\xa4\xef\xbf\xbd " } },
    { "{{ fn:default('') | fn:base64-encode() }}", { "" } },
    { "{{ fn:default('a') | fn:base64-encode() }}", { "YQ==" } },
    { "{{ fn:default('ab') | fn:base64-encode() }}", { "YWI=" } },
    { "{{ fn:default('abc') | fn:base64-encode() }}", { "YWJj" } },
    { "{{ fn:default('YQ==') | fn:base64-decode() }}", { "a" } },
    { "{{ fn:default('YQ') | fn:base64-decode() }}", { "a" } },
    { "{{ fn:default('YWI') | fn:base64-decode() }}", { "ab" } },
    { "{{ fn:default('YWJj') | fn:base64-decode() }}", { "abc" } },
    { "{{ fn:default('') | fn:base64-decode() }}", { "" } },
    { "{{ fn:default('gICA') | fn:base64-decode() }}",
      { "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" } },
};


static void
test_function_texts(void **state)
{
    bool               deleted;
    char               text[160];
    size_t             i;
    unit_pool_t        up;
    test_scope_t       ts;
    ditto_error_t      err;
    ditto_values_t     values;
    static const char  bad[][8] = {
        "Y", "=", "YQ=", "YQ= =", "YQ===", "YQ==YQ", "YWI==", "Y===",
        "YWJj=", "YW-j", "YW_j", "YW j", "\xc3\xa4YY"
    };

    (void) state;

    test_table(test_texts, sizeof(test_texts) / sizeof(test_texts[0]));

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        unit_pool_init(&up);
        test_scope(&up, EVENT, &ts);

        snprintf(text, sizeof(text),
                 "{{ fn:default('%s') | fn:base64-decode() }}", bad[i]);

        if (test_run(&up, &ts, text, &values, &deleted, &err) != DITTO_ERROR) {
            fail_msg("%s", text);
        }

        unit_pool_free(&up);
    }
}


/* --- split --------------------------------------------------------------- */

#define SPLIT(value, separator)                                               \
    "{{ fn:default('" value "') | fn:split('" separator "') }}"

static const test_values_t  test_splits[] = {
    { SPLIT("a,b", ","), { "a", "b" } },
    { SPLIT(",a,b,,", ","), { "", "a", "b" } },
    { SPLIT(",,", ","), { NULL } },
    { SPLIT("", ","), { "" } },
    { SPLIT("", ""), { "" } },
    { SPLIT("abc", ""), { "a", "b", "c" } },
    { SPLIT("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", ""),
      { "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80" } },
    { SPLIT("a::b", "::"), { "a", "b" } },
    { SPLIT("a]b", "]"), { "a", "b" } },
    { SPLIT("a}b", "}"), { "a", "b" } },
    { SPLIT("a.b", "."), { NULL } },
    { SPLIT("a.\xe2\x80\xa8", "."), { "", "", "\xe2\x80\xa8" } },
    { SPLIT("ab^", "^"), { "ab^" } },
    { SPLIT("a$b", "$"), { "a$b" } },
    { SPLIT("a$\n", "$"), { "a$", "\n" } },
    { SPLIT("a$\r\n", "$"), { "a$", "\r\n" } },
    { SPLIT("a||b", "||"), { "a", "|", "|", "b" } },
    { SPLIT("b|ab", "b|"), { "", "", "|", "a" } },
    { SPLIT("x[]a]y", "[]a]"), { "x[", "", "", "y" } },
    { SPLIT("[,;]a,b;c", "[,;]"), { "[", "", "]a", "b", "c" } },
    { SPLIT("[^a]b", "[^a]"), { "", "", "a" } },
    { SPLIT("x[a-c]y", "[a-c]"), { "x[", "-", "]y" } },
    { SPLIT("x[a-]y", "[a-]"), { "x[", "", "]y" } },
    { SPLIT("a\\.b.c", "\\."), { "a\\", "b", "c" } },
    { SPLIT("1.2", "\\."), { "1.2" } },
    { SPLIT("a\\db1c", "\\d"), { "a\\db", "c" } },
    { SPLIT("a\\Db1", "\\D"), { "", "", "", "", "1" } },
    { SPLIT("a\\sb c", "\\s"), { "a\\sb", "c" } },
    { SPLIT("\\x41BA", "\\x41"), { "\\x41B" } },
    { SPLIT("\\u0041BA", "\\u0041"), { "\\u0041B" } },
    { SPLIT("\\tb\tc", "\\t"), { "\\tb", "c" } },
    { SPLIT("\\Q.\\Ea.b", "\\Q.\\E"), { "\\Q", "\\Ea", "b" } },
    { SPLIT("a&b", "&"), { "a", "b" } },
    /* what Java refuses, in values that do not contain it */
    { SPLIT("ab", "*"), { "ab" } },
    { SPLIT("ab", "["), { "ab" } },
    { SPLIT("ab", "("), { "ab" } },
    { SPLIT("ab", "{"), { "ab" } },
    { SPLIT("ab", "a|)"), { "ab" } },
    { SPLIT("ab", "[b-a]"), { "ab" } },
    { SPLIT("ab", "\\y"), { "ab" } },
    { "{{ request:subjectId | fn:split(':') }}", { "t", "one", "t", "two" } },
    { "{{ request:subjectId | fn:split(':') | fn:join('') }}",
      { "tonettwo" } },
};


static const test_error_t  test_split_errors[] = {
    { SPLIT("a*b", "*"), DITTO_E_CONNECTION_CONFIGURATION, "*" },
    { SPLIT("a[b", "["), DITTO_E_CONNECTION_CONFIGURATION, "[" },
    { SPLIT("a(b", "("), DITTO_E_CONNECTION_CONFIGURATION, "(" },
    { SPLIT("a[b-a]b", "[b-a]"), DITTO_E_CONNECTION_CONFIGURATION,
      "[b-a]" },
    /* what is Java's, but not ours */
    { SPLIT("", "a+"), DITTO_E_CONNECTION_CONFIGURATION, "a+" },
    { SPLIT("", "a*"), DITTO_E_CONNECTION_CONFIGURATION, "a*" },
    { SPLIT("", "a{2}"), DITTO_E_CONNECTION_CONFIGURATION, "a{2}" },
    { SPLIT("", "(a)"), DITTO_E_CONNECTION_CONFIGURATION, "(a)" },
    { SPLIT("", "\\b"), DITTO_E_CONNECTION_CONFIGURATION, "\\b" },
    { SPLIT("", "\\1"), DITTO_E_CONNECTION_CONFIGURATION, "\\1" },
    { SPLIT("", "\\p{L}"), DITTO_E_CONNECTION_CONFIGURATION, "\\p{L}" },
    { SPLIT("", "[a[b]]"), DITTO_E_CONNECTION_CONFIGURATION, "[a[b]]" },
    { SPLIT("", "[a&&b]"), DITTO_E_CONNECTION_CONFIGURATION, "[a&&b]" },
    { SPLIT("", "\\x{41}"), DITTO_E_CONNECTION_CONFIGURATION, "\\x{41}" },
};


static void
test_function_split(void **state)
{
    bool            deleted;
    size_t          i;
    unit_pool_t     up;
    test_scope_t    ts;
    ditto_error_t   err;
    ditto_values_t  values;

    (void) state;

    test_table(test_splits, sizeof(test_splits) / sizeof(test_splits[0]));

    for (i = 0;
         i < sizeof(test_split_errors) / sizeof(test_split_errors[0]);
         i++)
    {
        unit_pool_init(&up);
        test_scope(&up, EVENT, &ts);

        if (test_run(&up, &ts, test_split_errors[i].text, &values, &deleted,
                     &err)
            != DITTO_ERROR
            || err.code != test_split_errors[i].code
            || !ditto_str_eq(err.args[0],
                             ditto_str(test_split_errors[i].arg)))
        {
            fail_msg("%s", test_split_errors[i].text);
        }

        unit_pool_free(&up);
    }
}


/* --- filter -------------------------------------------------------------- */

#define LIKE(value, pattern)                                                  \
    "{{ fn:default('" value "') | fn:filter('like','" pattern "') "           \
    "| fn:replace('" value "','yes') }}"

static const test_values_t  test_filters[] = {
    { LIKE("Bar", "Bar"), { "yes" } },
    { LIKE("Bar", "bar"), { NULL } },
    { LIKE("Bar", "B*"), { "yes" } },
    { LIKE("Bar", "*r"), { "yes" } },
    { LIKE("Bar", "*a*"), { "yes" } },
    { LIKE("Bar", "*"), { "yes" } },
    { LIKE("Bar", "**"), { "yes" } },
    { LIKE("Bar", "B?r"), { "yes" } },
    { LIKE("Bar", "????"), { NULL } },
    { LIKE("Bar", "B*a"), { NULL } },
    { LIKE("Bar", "x|B*"), { "yes" } },
    { LIKE("Bar", "x|y"), { NULL } },
    { LIKE("Bar", "x||Bar"), { "yes" } },
    { LIKE("Bar", "a.r"), { NULL } },
    { LIKE("Bar", ""), { NULL } },
    { LIKE("aXbXc", "a*X?"), { "yes" } },
    { LIKE("aabab", "*ab"), { "yes" } },
    { LIKE("aabab", "a*ab?"), { NULL } },
    { LIKE("\xc3\xa4x", "?x"), { "yes" } },
    { LIKE("\xc3\xa4x", "??x"), { NULL } },
    { LIKE("\xf0\x9f\x98\x80", "?"), { "yes" } },
    { LIKE("a\nb", "a*b"), { NULL } },
    { LIKE("a\nb", "a?b"), { NULL } },
    { LIKE("a\nb", "a\nb"), { "yes" } },
    { LIKE("a\xe2\x80\xa9" "b", "a*b"), { NULL } },
    { "{{ header:empty | fn:filter('like','*') }}", { "" } },
    { "{{ header:empty | fn:filter('like','x|') }}", { "" } },

    { "{{ header:foo | fn:filter('ne','x') }}", { "Bar" } },
    { "{{ header:foo | fn:filter('ne','Bar') }}", { NULL } },
    { "{{ header:foo | fn:filter('zzz','Bar') }}", { NULL } },
    { "{{ header:foo | fn:filter('exists','TRUE') }}", { "Bar" } },
    { "{{ header:foo | fn:filter('exists','yes') }}", { NULL } },
    { "{{ header:foo | fn:filter('exists','exists') }}", { "Bar" } },
    { "{{ header:empty | fn:filter('exists','false') }}", { "" } },
    { "{{ header:nope | fn:filter('exists','false') }}", { NULL } },
    { "{{ header:foo | fn:filter('eq',header:foo) }}", { "Bar" } },
    { "{{ header:foo | fn:filter('eq',header:nope) }}", { NULL } },
    { "{{ header:foo | fn:filter(header:foo,'eq') }}", { NULL } },
    { "{{ header:foo | fn:filter(header:empty,'exists') }}", { NULL } },
    { "{{ header:foo | fn:filter('eq','exists') }}", { "Bar" } },
    { "{{ header:csv | fn:split(',') | fn:filter('ne','') }}",
      { "a", "b", "c" } },
    { "{{ request:subjectId | fn:filter(request:subjectId,'eq','t:two') }}",
      { "t:one", "t:two" } },
    { "{{ header:foo | fn:filter(header:nope,'eq','') }}", { "Bar" } },
    { "{{ header:foo | fn:filter('','eq',header:nope) }}", { "Bar" } },
    { "{{ header:foo | fn:filter(header:nope,'eq',header:nope) }}",
      { "Bar" } },
    { "{{ header:foo | fn:filter(header:nope,'ne','') }}", { NULL } },
    { "{{ header:foo | fn:filter('a','zzz','a') }}", { NULL } },
    { "{{ header:foo | fn:filter(header:foo,'like','B*') }}", { "Bar" } },
    { "{{ header:foo | fn:filter('','exists','false') }}", { "Bar" } },
};


static void
test_function_filter(void **state)
{
    (void) state;

    test_table(test_filters, sizeof(test_filters) / sizeof(test_filters[0]));
}


/* --- format -------------------------------------------------------------- */

typedef struct {
    const char  *json;
    const char  *text;
    const char  *values[TEST_VALUES];
} test_format_t;


static const test_format_t  test_formats[] = {
    { "{\"a\":1.50}", "{a}", { "1.5" } },
    { "{\"a\":{ \"b\" : [ 1 ] }}", "<{a}>", { "<{\"b\":[1]}>" } },
    { "{\"a\":{\"b\":true}}", "{a/b}{/a/b}", { "truetrue" } },
    { "{\"a\":\"x\\u00e4\"}", "{a}", { "x\xc3\xa4" } },
    { "{\"a\":1,\"a\":2}", "{a}", { "2" } },
    { "{\"a\":[]}", "<{a}>", { "<>" } },
    { "{\"a\":[[1],{\"b\":2},null]}", "{a}",
      { "[1]", "{\"b\":2}", "null" } },
    { "{\"a\":[1,2],\"b\":[3,4]}", "{a}{b}",
      { "13", "14", "23", "24" } },
    { "{\"a\":1}", "{/a}", { "{/a}" } },
    { "{\"a\":1}", "{/}", { "{\"a\":1}" } },
    { "{\"a\":1}", "{}{a}", { "{}1" } },
    { "{\"a\":1}", "\\\\{a\\\\}{a}", { "\\{a\\}1" } },
    { "{\"a\":1}", "\\{a\\}{a}", { "{a}1" } },
    { "{\"a\":1}", "{a", { "{a" } },
    { "{\"a\":1}", "a}", { "a}" } },
    { "{\"a\":1}", "{#}x{/}", { "{#}x{\"a\":1}" } },
    { "{\"a\":1}", "", { "" } },
    { "{\"a\":1}", "static", { "static" } },
    { "{\"a\":[1,\"x\",null,{\"b\":2},[3]]}", "{#a}<{.}{b}>{/a}",
      { "<1>", "<x>", "<>", "<2>", "<[3]>" } },
    { "{\"a\":{\"b\":[1,2]}}", "{#a}{b}{/a}", { "1", "2" } },
    { "{\"a\":{\"a\":{\"b\":1}}}", "{#a}{#a}{b}{/a}{/a}", { "1" } },
    { "{\"a\":5}", "{#a}v{.}{/a}", { "v5" } },
    { "{\"a\":null}", "<{#a}v{/a}>", { "<>" } },
    { "{\"a\":[]}", "<{#a}v{/a}>", { "<>" } },
    { "{\"a\":[1,2]}", "{#a}{/a}", { "", "" } },
    { "{\"a\":[[1]]}", "{#a}{#b}x{/b}{.}{/a}", { "[1]" } },
    { " {\"a\":1}\t", "{a}", { "1" } },
    { "null", "<{a}{b//c}>", { "<>" } },
    { "[1]", "{a}", { "" } },
    { "{\"a\":1", "{a}", { "" } },
    { "", "x", { "" } },
};



static const test_values_t  test_format_pipelines[] = {
    { "{{ header:json | fn:format('{o/p/q}{/o/p}{/o/p/q/r}') }}",
      { "true{\"q\":true}" } },
    { "{{ header:nope | fn:format('x') }}", { NULL } },
    { "{{ header:json | fn:format('{roles}') | fn:format('{x}') }}",
      { "" } },
};


static void
test_function_format(void **state)
{
    bool            deleted;
    char            text[160];
    size_t          i, j;
    unit_pool_t     up;
    test_scope_t    ts;
    ditto_error_t   err;
    ditto_values_t  values;

    (void) state;

    for (i = 0; i < sizeof(test_formats) / sizeof(test_formats[0]); i++) {
        unit_pool_init(&up);
        test_scope(&up, EVENT, &ts);

        assert_int_equal(ditto_headers_set(&ts.signal.headers, ditto_str("h"),
                                           unit_str(&up,
                                                    test_formats[i].json)),
                         DITTO_OK);

        snprintf(text, sizeof(text), "{{ header:h | fn:format('%s') }}",
                 test_formats[i].text);

        if (test_run(&up, &ts, text, &values, &deleted, &err) != DITTO_OK) {
            fail_msg("%s", text);
        }

        for (j = 0; j < values.n || test_formats[i].values[j] != NULL; j++) {

            if (j >= values.n || test_formats[i].values[j] == NULL
                || !ditto_str_eq(values.elts[j],
                                 ditto_str(test_formats[i].values[j])))
            {
                fail_msg("%s of %s: value %zu of %zu", text,
                         test_formats[i].json, j, values.n);
            }
        }

        unit_pool_free(&up);
    }

    test_table(test_format_pipelines,
               sizeof(test_format_pipelines)
               / sizeof(test_format_pipelines[0]));
}


/* --- Configuration-time check -------------------------------------------- */

static void
test_function_check(void **state)
{
    size_t             i;
    ditto_rc_t         rc;
    ditto_str_t        out;
    unit_pool_t        up;
    ditto_error_t      err;
    ditto_template_t  *tpl;
    static const struct {
        const char  *text;
        const char  *dummy;
        ditto_rc_t   rc;
        const char  *out;
    } cases[] = {
        { "a{{ header:x | fn:upper() }}", "u-1", DITTO_OK, "aU-1" },
        { "{{ thing:id | fn:split('-') }}", "u-1", DITTO_OK, "u" },
        { "{{ thing:id | fn:substring-before(':') }}", "u-1", DITTO_DECLINED,
          "" },
        { "{{ header:nope | fn:default('x') }}", "u-1", DITTO_OK, "u-1" },
        { "x{{ fn:default(thing:id) }}", "u-1", DITTO_OK, "xu-1" },
        { "{{ fn:delete() }}", "u-1", DITTO_DECLINED, "" },
        { "x{{ fn:delete() }}", "u-1", DITTO_OK, "x" },
        { "{{ header:x | fn:filter(header:y,'eq',header:z) }}", "u-1",
          DITTO_OK, "u-1" },
        { "{{ header:x | fn:filter('eq','y') }}", "", DITTO_DECLINED, "" },
        { "{{ header:x | fn:base64-decode() }}", "u-1", DITTO_ERROR, NULL },
        { "{{ header:x | fn:base64-decode() }}", "", DITTO_OK, "" },
        { "{{ header:x | fn:replace('a',header:y) }}", "", DITTO_OK, "" },
        { "{{ header: }}", "", DITTO_OK, "" },
        { "{{ thing-json:a//b }}", "", DITTO_OK, "" },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        unit_pool_init(&up);

        assert_int_equal(ditto_template_compile(&up.pool,
                                                unit_str(&up, cases[i].text),
                                                DITTO_PLACE_ADDRESS, &tpl,
                                                &err),
                         DITTO_OK);

        rc = ditto_template_check(&up.pool, tpl,
                                  unit_str(&up, cases[i].dummy), &out, &err);

        if (rc != cases[i].rc
            || (rc != DITTO_ERROR
                && !ditto_str_eq(out, ditto_str(cases[i].out))))
        {
            fail_msg("%s: %d", cases[i].text, rc);
        }

        unit_pool_free(&up);
    }
}


/* --- What a stranger can cause ------------------------------------------- */

static void
test_limit(const char *text, const char *header, size_t n, bool refused)
{
    bool             deleted;
    char            *value;
    size_t           i;
    ditto_rc_t       rc;
    unit_pool_t      up;
    test_scope_t     ts;
    ditto_error_t    err;
    ditto_values_t   values;

    unit_pool_init(&up);
    test_scope(&up, EVENT, &ts);

    value = malloc(n + 1);
    assert_non_null(value);

    for (i = 0; i < n; i++) {
        value[i] = header[i % strlen(header)];
    }

    assert_int_equal(ditto_headers_set(&ts.signal.headers, ditto_str("h"),
                                       unit_span(&up, value, n)),
                     DITTO_OK);
    free(value);

    rc = test_run(&up, &ts, text, &values, &deleted, &err);

    if (rc != (refused ? DITTO_ERROR : DITTO_OK)) {
        fail_msg("%s with %zu bytes: %d", text, n, rc);
    }

    if (refused) {
        assert_int_equal(err.code, DITTO_E_CONNECTION_CONFIGURATION);
    }

    unit_pool_free(&up);
}


static void
test_function_limits(void **state)
{
    (void) state;

    test_limit("{{ header:h | fn:split(',') }}", "a,", 1998, false);
    test_limit("{{ header:h | fn:split(',') }}", "a,", 2002, true);
    test_limit("{{ header:h | fn:split('') }}", "a", 1001, true);

    /* 31 * 31 and 32 * 32 values */
    test_limit("{{ header:h | fn:split(',') }}{{ header:h | fn:split(',') }}",
               "a,", 62, false);
    test_limit("{{ header:h | fn:split(',') }}{{ header:h | fn:split(',') }}",
               "a,", 64, true);

    /* 20 MB, then 64 MB */
    test_limit("{{ header:h | fn:replace('a',header:h) }}", "a", 2000, false);
    test_limit("{{ header:h | fn:replace('a',header:h) }}", "a", 4000, true);
    test_limit("{{ header:h | fn:replace('',header:h) }}", "b", 4000, true);
    test_limit("{{ header:h | fn:url-encode() | fn:url-encode() "
               "| fn:url-encode() }}", "/", 500000, true);

    /* each pattern position against each of the value */
    test_limit("{{ header:h | fn:filter('like','*a*a*a*a*b') "
               "| fn:default('') }}", "a", 100000, false);
    test_limit("{{ header:h | fn:filter('like',header:h) }}", "*aab", 9000,
               false);
    test_limit("{{ header:h | fn:filter(header:h,'like',header:h) }}",
               "a", 5000000, true);
}


static void
test_format_limit(const char *text, const char *start, const char *element,
    const char *end, size_t n, bool refused)
{
    bool            deleted;
    size_t          i;
    ditto_rc_t      rc;
    ditto_buf_t     buf;
    ditto_str_t     value;
    unit_pool_t     up;
    test_scope_t    ts;
    ditto_error_t   err;
    ditto_values_t  values;

    unit_pool_init(&up);
    test_scope(&up, EVENT, &ts);

    ditto_buf_init(&buf, &up.pool, 0);
    ditto_buf_text(&buf, start);

    for (i = 0; i < n; i++) {
        ditto_buf_text(&buf, i == 0 ? "" : ",");
        ditto_buf_text(&buf, element);
    }

    ditto_buf_text(&buf, end);

    assert_int_equal(ditto_buf_done(&buf, &value), DITTO_OK);
    assert_int_equal(ditto_headers_set(&ts.signal.headers, ditto_str("h"),
                                       value),
                     DITTO_OK);

    rc = test_run(&up, &ts, text, &values, &deleted, &err);

    if (rc != (refused ? DITTO_ERROR : DITTO_OK)) {
        fail_msg("%s with %zu elements: %d", text, n, rc);
    }

    unit_pool_free(&up);
}


static void
test_function_format_limits(void **state)
{
    char    text[2048];
    size_t  i, n;

    (void) state;

    test_format_limit("{{ header:h | fn:format('{a}') }}", "{\"a\":[", "1",
                      "]}", 1000, false);
    test_format_limit("{{ header:h | fn:format('{a}') }}", "{\"a\":[", "1",
                      "]}", 1001, true);
    test_format_limit("{{ header:h | fn:format('{a}{a}{a}') }}", "{\"a\":[",
                      "1", "]}", 10, false);
    test_format_limit("{{ header:h | fn:format('{a}{a}{a}') }}", "{\"a\":[",
                      "1", "]}", 11, true);
    test_format_limit("{{ header:h | fn:format('{#a}{#b}{.}{/b}{/a}') }}",
                      "{\"a\":[", "{\"b\":[1,2,3]}", "]}", 334, true);

    /* sections in sections */
    for (n = 16; n <= 17; n++) {
        strcpy(text, "{{ header:h | fn:format('");

        for (i = 0; i < n; i++) {
            sprintf(text + strlen(text), "{#s%zu}", i);
        }

        for (i = n; i > 0; i--) {
            sprintf(text + strlen(text), "{/s%zu}", i - 1);
        }

        strcat(text, "') }}");
        test_format_limit(text, "{", "\"a\":1", "}", 1, n == 17);
    }
}


/* --- out of memory ------------------------------------------------------- */

typedef struct {
    const char    *text;
    test_scope_t   ts;
} test_memory_t;


static void
test_memory_setup(unit_pool_t *up, void *ctx)
{
    test_memory_t  *m = ctx;

    test_scope(up, EVENT, &m->ts);
}


static ditto_rc_t
test_memory_call(unit_pool_t *up, void *ctx, ditto_error_t *err)
{
    bool             deleted;
    test_memory_t   *m = ctx;
    ditto_values_t   values;

    return test_run(up, &m->ts, m->text, &values, &deleted, err);
}


static void
test_function_memory(void **state)
{
    size_t         i;
    test_memory_t  m;
    static const char  texts[][160] = {
        "a{{ header:csv | fn:split(',') | fn:filter('ne','b') }}b"
        "{{ fn:default(fn:default('x')) | fn:upper() }}",
        "{{ header:sp | fn:replace('',header:foo) | fn:url-encode() "
        "| fn:url-decode() | fn:lower() }}",
        "{{ header:uni | fn:upper() | fn:base64-encode() "
        "| fn:base64-decode() | fn:lower() }}",
        "{{ header:json | fn:format('\\{{#perms}{res}{#act}{.}{/act}"
        "{/perms}{o}{n}') | fn:join('-') }}",
        "{{ header:nope | fn:default(request:subjectId) "
        "| fn:split('[:|\\d]|x') | fn:replace('o','00') }}",
        "{{ fn:default('gA') | fn:base64-decode() }}",
    };

    (void) state;

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        m.text = texts[i];
        assert_in_range(unit_every_allocation(test_memory_setup,
                                              test_memory_call, &m),
                        4, 80);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_function_worked),
        cmocka_unit_test(test_function_pipelines),
        cmocka_unit_test(test_function_deleted),
        cmocka_unit_test(test_function_texts),
        cmocka_unit_test(test_function_split),
        cmocka_unit_test(test_function_filter),
        cmocka_unit_test(test_function_format),
        cmocka_unit_test(test_function_check),
        cmocka_unit_test(test_function_limits),
        cmocka_unit_test(test_function_format_limits),
        cmocka_unit_test(test_function_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
