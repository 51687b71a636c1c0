/*
 * The evaluator: Ditto's own scenarios and worked examples as a table, views,
 * imports, references, namespaces, expiry.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "ditto_json.h"
#include "ditto_policy.h"
#include "unit_pool.h"


#define COUNT(a)  (sizeof(a) / sizeof((a)[0]))


/*
 * Policies are written as in the specification: entries divided by "|", each
 * "subjects: key permissions; key permissions"; keys without a type are
 * things.
 */

#define P1   "a: / +R"
#define P6   "a: / +RW -R"
#define P7   "a: / +RW | a: / -W"
#define P9   "a: / +R; /attributes/secret -R"
#define P13  "a: / +R; /attributes -R; /attributes/loc +R"
#define P16  "a: /attributes +R"
#define P18  "a: / -R; /attributes/loc +R"
#define P19  "a: /features/f/properties/t +R"
#define P22  "a: / +R | b: / -R"
#define P24  "a: / +R | b: /attributes -R"
#define P26  "a: /attributes +R | b: / -R"
#define P27  "a: /attributes +R | b: /features +R"
#define P28  "a: / +R | b: /features/f +W"
#define P29  "a: / +R | b: /features -R | c: /features/f +W"
#define P33  "a: message:/inbox/messages/ask +W"
#define P35  "a: message:/ +W; message:/inbox/messages/ask/admin -W"
#define P36  "a: message:/ +R | b: message:/ +R; message:/outbox -R"
#define P38  "a: policy:/ +RW; policy:/entries/o -W"
#define P40  "a: policy:/entries/D/actions/activateTokenIntegration +E"
#define P44  "all,wr: / +RW | wr: / -W"
#define P47  "aa: /attributes +RW | fr: /features +R"
#define P50  "s1: / +RW; /attributes -RW; /attributes/location +R"
#define P52  "s2: /features +R; /features/firmware -R"
#define P53  "s3: /features/foo +RW; /features/foo/properties/special -RW"
#define M                                                                     \
    "1,2: / +RW; /attributes -RW | 3: / -W | 3: /attributes +RW; "            \
    "/features +RW; /features/foo1 -R; /features/foo2 -W; "                   \
    "/features/foo3 -RW | 3,4: /attributes/nogo1 -RW; /attributes/nogo2 "     \
    "-RW; /attributes/nogo1/go1 +RW; /attributes/nogo2/go2 +R | "             \
    "5: /features/public/properties/location +R; "                            \
    "/features/lamp/properties/config/on +W | 5,6: /attributes/read_write "   \
    "+R | 6,3: /attributes/read_write +W | 7: /attributes +W | "              \
    "8: /attributes +RW"
#define P65                                                                   \
    "s1: / +R | s2: /features/public +R | s3: / +R; /features/private -R | "  \
    "s4: / +W"

#define LOC  "/features/public/properties/location"
#define CFG  "/features/lamp/properties/config"
#define SPC  "/features/foo/properties/special"


/*
 * unrestricted, partial: '+' true, '-' false, ' ' not asked.  granted and
 * revoked: the sets of getSubjectsWithPermission, NULL not asked.
 */
typedef struct {
    const char  *policy;
    const char  *context;
    const char  *resource;
    char         permission;
    char         unrestricted;
    char         partial;
    const char  *granted;
    const char  *revoked;
} test_policy_row_t;


static const test_policy_row_t  test_rows[] = {
    /* 1 */
    { P1, "a", "/", 'R', '+', '+', "a", NULL },
    { P1, "a", "/attributes/x", 'R', '+', '+', NULL, NULL },
    { P1, "a", "/", 'W', '-', '-', "", NULL },
    { P1, "b", "/", 'R', '-', '-', "a", NULL },
    { P1, "a", "message:/", 'R', '-', '-', NULL, NULL },
    { P1, "", "/", 'R', '-', '-', NULL, NULL },
    /* 6 */
    { P6, "a", "/", 'R', '-', '-', NULL, "a" },
    { P7, "a", "/", 'W', '-', '-', NULL, NULL },
    { P7, "a", "/", 'R', '+', '+', NULL, NULL },
    { P9, "a", "/", 'R', '-', '+', "a", "" },
    { P9, "a", "/attributes", 'R', '-', '+', NULL, NULL },
    { P9, "a", "/attributes/public", 'R', '+', '+', NULL, NULL },
    { P9, "a", "/attributes/secret/deep", 'R', '-', '-', NULL, "a" },
    { P9, "a", "/attributes/secretly", 'R', '+', '+', NULL, "" },
    /* 13 */
    { P13, "a", "/attributes/loc", 'R', '+', '+', NULL, NULL },
    { P13, "a", "/attributes", 'R', '-', '+', NULL, "a" },
    { P13, "a", "/", 'R', '-', '+', "a", NULL },
    { P16, "a", "/", 'R', '-', '+', "", NULL },
    { P16, "a", "/features", 'R', '-', '-', NULL, NULL },
    { P18, "a", "/", 'R', '-', '+', NULL, "a" },
    { P19, "a", "/features/f", 'R', '-', '+', NULL, NULL },
    { P19, "a", "/features/f/properties/t/x", 'R', '+', ' ', NULL, NULL },
    { "a: /attributes +R -R", "a", "/", 'R', '-', '-', NULL, NULL },
    /* 22 */
    { P22, "a,b", "/", 'R', '-', '-', "a", "b" },
    { P22, "a", "/", 'R', '+', '+', NULL, NULL },
    { P24, "a,b", "/attributes/x", 'R', '-', '-', "a", "b" },
    { P24, "a,b", "/", 'R', '-', '+', "a", "" },
    { P26, "a,b", "/attributes/x", 'R', '+', '+', NULL, "b" },
    { P27, "a,b", "/", 'R', '-', '+', NULL, NULL },
    /* 28, 30: two permissions in one call are below */
    { P29, "a,b,c", "/features/f", 'R', '-', '-', NULL, NULL },
    /* 31 */
    { "a: message:/ +W", "a", "message:/inbox/messages/ask", 'W', '+', ' ',
      NULL, NULL },
    { "a: message:/inbox +W", "a", "message:/features/f/inbox/messages/ask",
      'W', '-', ' ', NULL, NULL },
    { P33, "a", "message:/inbox/messages/ask", 'W', '+', '+', NULL, NULL },
    { P33, "a", "message:/inbox/messages/asking", 'W', '-', '-', NULL, NULL },
    { P35, "a", "message:/inbox/messages/ask", 'W', '-', '+', NULL, NULL },
    { P36, "a,b", "message:/outbox/messages/alarm", 'R', '-', '-', "a", "b" },
    { "a: / +RW", "a", "message:/inbox/messages/ask", 'W', '-', '-', NULL,
      NULL },
    { P38, "a", "policy:/", 'W', '-', '+', NULL, NULL },
    { P38, "a", "policy:/entries/p", 'W', '+', ' ', NULL, NULL },
    { P40, "a", "policy:/entries/D/actions/activateTokenIntegration", 'E',
      '+', ' ', NULL, NULL },
    /* 41 */
    { "a: thing:attributes +R", "a", "/attributes/x", 'R', '+', ' ', NULL,
      NULL },
    { "a: /Attributes +R", "a", "/attributes", 'R', '-', '-', NULL, NULL },
    { "a: /features/* +R", "a", "/features/f", 'R', '-', '-', NULL, NULL },
    { P44, "all", "/", 'R', '+', '+', NULL, NULL },
    { P44, "all", "/", 'W', '+', '+', NULL, NULL },
    { P44, "wr", "/", 'W', '-', '-', NULL, NULL },
    { P44, "wr", "/", 'R', '+', '+', NULL, NULL },
    { P44, "none", "/", 'R', '-', '-', NULL, NULL },
    /* 47 */
    { P47, "aa", "/", 'R', ' ', '+', NULL, NULL },
    { P47, "aa", "/", 'W', '-', ' ', NULL, NULL },
    { P47, "aa", "/attributes/foo", 'R', '+', '+', NULL, NULL },
    { P47, "aa", "/attributes/foo", 'W', '+', '+', NULL, NULL },
    { P47, "aa", "/attributes/foo/bar", 'R', '+', '+', NULL, NULL },
    { P47, "fr", "/", 'R', '-', ' ', NULL, NULL },
    { P47, "fr", "/attributes", 'R', '-', '-', NULL, NULL },
    { P47, "fr", "/features/foo", 'R', '+', '+', NULL, NULL },
    { P47, "fr", "/features/foo", 'W', '-', '-', NULL, NULL },
    /* 50 */
    { P50, "s1", "/", 'R', '-', '+', NULL, NULL },
    { P50, "s1", "/", 'W', '-', '+', NULL, NULL },
    { P50, "s1", "/attributes", 'W', '-', '-', NULL, NULL },
    { P50, "s1", "/attributes", 'R', '-', '+', NULL, NULL },
    { P50, "s1", "/attributes/location", 'R', '+', '+', NULL, NULL },
    { P50, "s1", "/attributes/location", 'W', '-', '-', NULL, NULL },
    { P52, "s2", "/", 'R', ' ', '+', NULL, NULL },
    { P52, "s2", "/features", 'R', '-', ' ', NULL, NULL },
    { P52, "s2", "/features/firmware", 'R', '-', '-', NULL, NULL },
    { P53, "s3", "/features/foo", 'R', ' ', '+', NULL, NULL },
    { P53, "s3", "/features/foo", 'W', '-', ' ', NULL, NULL },
    { P53, "s3", SPC, 'R', '-', '-', NULL, NULL },
    { P53, "s3", SPC "/sub", 'R', '-', '-', NULL, NULL },
    { P53, "s3", SPC "/sub", 'W', '-', '-', NULL, NULL },
    { P53, "s3", "/features/foo/properties/some", 'W', '+', '+', NULL, NULL },
    /* 55 */
    { M, "1,3,5", "/", 'R', ' ', '+', NULL, NULL },
    { M, "1,3,5", "/", 'W', '-', ' ', NULL, NULL },
    { M, "1,3,5", "/attributes", 'W', '-', ' ', NULL, NULL },
    { M, "1,3,5", "/features/foo1", 'W', '+', ' ', NULL, NULL },
    { M, "1,3,5", "/features/foo3", 'R', ' ', '-', NULL, NULL },
    { M, "1,3,5", "/attributes/nogo1", 'R', ' ', '+', NULL, NULL },
    { M, "1,3,5", "/attributes/nogo2", 'W', ' ', '-', NULL, NULL },
    { M, "1,3,5", "/attributes/nogo2/go2", 'R', '+', '+', NULL, NULL },
    { M, "5", LOC, 'R', '+', '+', NULL, NULL },
    { M, "5", LOC, 'W', '-', '-', NULL, NULL },
    { M, "5", "/features/public", 'R', ' ', '+', NULL, NULL },
    { M, "5", CFG, 'W', '-', ' ', NULL, NULL },
    { M, "5", CFG, 'R', ' ', '-', NULL, NULL },
    { M, "5", CFG "/on", 'W', '+', ' ', NULL, NULL },
    { M, "5", CFG "/on", 'R', '-', ' ', NULL, NULL },
    /* 60 */
    { M, "6", "/attributes/read_write", 'R', ' ', '+', NULL, NULL },
    { M, "6", "/attributes/read_write", 'W', ' ', '+', NULL, NULL },
    { M, "3,5", "/attributes/read_write", 'R', ' ', '+', NULL, NULL },
    { M, "3,5", "/attributes/read_write", 'W', ' ', '+', NULL, NULL },
    { M, "7,4", "/attributes", 'W', '-', ' ', NULL, NULL },
    { M, "8,4", "/attributes", 'R', ' ', '+', NULL, NULL },
    { M, "8,4", "/attributes/nogo2", 'R', ' ', '+', NULL, NULL },
    { M, "8,4", "/attributes", 'W', '-', ' ', NULL, NULL },
    { M, "8,4", "/attributes/nogo1/go1", 'W', '+', ' ', NULL, NULL },
    { M, "4,9", "/attributes/nogo1/go1", 'R', '+', ' ', NULL, NULL },
    { M, "4,9", "/attributes/nogo1/go1", 'W', '+', ' ', NULL, NULL },
    /* 64 */
    { "s: / +R; /policy -W", "s", "/policy", 'R', '+', '+', NULL, NULL },
    { P65, "s1", "/", 'R', '+', '+', "s1,s3", NULL },
    { P65, "s2", "/", 'R', '-', '+', NULL, NULL },
    { P65, "s3", "/", 'R', '-', '+', NULL, NULL },
    { P65, "s4", "/", 'R', '-', '-', NULL, NULL },
    { "s: policy:/ +R", "s", "/", 'R', '-', '-', NULL, NULL },
};


/* text is the outcome; NULL: nothing */
typedef struct {
    const char  *policy;
    const char  *context;
    const char  *resource;
    const char  *value;
    const char  *kept;
    const char  *text;
} test_view_row_t;


#define V1  "{\"thingId\":\"n:t\",\"attributes\":{\"secret\":1,\"public\":2}}"
#define V5  "{\"attributes\":{\"arr\":[{\"k\":1,\"l\":2},3,{\"k\":4}]}}"


static const test_view_row_t  test_views[] = {
    { "a: / +R; /attributes/secret -R", "a", "/", V1, NULL,
      "{\"thingId\":\"n:t\",\"attributes\":{\"public\":2}}" },
    { "a: /attributes/public +R", "a", "/", V1, NULL,
      "{\"attributes\":{\"public\":2}}" },
    { "a: /attributes/public +R", "a", "/", V1, "thingId",
      "{\"thingId\":\"n:t\",\"attributes\":{\"public\":2}}" },
    { "a: message:/ +R; /x +W", "a", "/", V1, "thingId", NULL },
    { P13, "a", "/",
      "{\"attributes\":{\"loc\":{\"lat\":1},\"x\":2},\"features\":{}}", NULL,
      "{\"attributes\":{\"loc\":{\"lat\":1}},\"features\":{}}" },
    { "a: /attributes +R; /attributes/loc/lat -R; /attributes/loc/lon -R",
      "a", "/", "{\"attributes\":{\"loc\":{\"lat\":1,\"lon\":2}}}", NULL,
      "{\"attributes\":{\"loc\":{}}}" },
    { "a: / +R; /attributes/arr/k -R", "a", "/", V5, NULL,
      "{\"attributes\":{\"arr\":[{\"l\":2},3,{}]}}" },
    { "a: /attributes/arr/k +R", "a", "/",
      "{\"attributes\":{\"arr\":[{\"k\":1,\"l\":2},3,{\"l\":4}]}}", NULL,
      "{\"attributes\":{\"arr\":[{\"k\":1}]}}" },
    { P24, "a,b", "/",
      "{\"attributes\":{\"x\":1},\"features\":{\"f\":{}}}", NULL,
      "{\"features\":{\"f\":{}}}" },
    { "a: /attributes/x +R", "a", "/attributes", "{\"x\":1,\"y\":2}", NULL,
      "{\"x\":1}" },
    { "a: / +R; /attributes/n -R", "a", "/",
      "{\"attributes\":{\"n\":null,\"m\":null}}", NULL,
      "{\"attributes\":{\"m\":null}}" },
    { "a: /features/f/properties/a~1b +R", "a", "/",
      "{\"features\":{\"f\":{\"properties\":{\"a/b\":1}}}}", NULL, NULL },
    { "a: /features/f/properties/a~0b +R", "a", "/",
      "{\"features\":{\"f\":{\"properties\":{\"a~b\":1}}}}", NULL,
      "{\"features\":{\"f\":{\"properties\":{\"a~b\":1}}}}" },

    /* an escaped name is the same name */
    { "a: / +R; /secret -R", "a", "/", "{\"s\\u0065cret\":1,\"x\":2}", NULL,
      "{\"x\":2}" },

    /* what is kept whole is the sender's bytes */
    { "a: / +R; /secret -R", "a", "/",
      " { \"n\" : 1.50 , \"o\" : { \"p\" : [ ] } , \"secret\":1 } ", NULL,
      "{\"n\":1.50,\"o\":{ \"p\" : [ ] }}" },
    { P1, "a", "/attributes/x", "{ \"a\" : 1 }", NULL, "{ \"a\" : 1 }" },

    /* values that are no objects */
    { P1, "a", "/attributes/x", "5", NULL, "5" },
    { P1, "b", "/attributes/x", "5", NULL, NULL },
    { "a: /attributes/x/y +R", "a", "/attributes/x", "5", NULL, NULL },
    { "a: /attributes/x/y +R", "a", "/attributes/x", "[[{\"y\":1}],{}]", NULL,
      "[[{\"y\":1}]]" },
    { "a: /attributes/x/y +R", "a", "/attributes/x", "[]", NULL, NULL },
    { "a: /attributes/x +R; /attributes/x/y -R", "a", "/attributes/x",
      "{\"y\":1}", NULL, "{}" },
    { "a: /attributes/x +R; /attributes/x/y -R", "a", "/attributes/x",
      "[{\"y\":1},[]]", NULL, "[{},[]]" },

    /* only members at the top are put back */
    { "a: /x/y +R", "a", "/", "{\"x\":{\"k\":1,\"y\":2},\"k\":3}", "k",
      "{\"x\":{\"y\":2},\"k\":3}" },

    /* nodes that are beside the resource do not count */
    { "a: /features/x +R", "a", "/features/f", "{\"x\":1,\"k\":2}", "k",
      "{\"k\":2}" },
};


static ditto_str_t test_document(unit_pool_t *up, const char *policy);
static void test_entry(ditto_buf_t *buf, ditto_str_t entry);
static void test_permissions(ditto_buf_t *buf, ditto_str_t text, char sign);
static ditto_str_t test_word(ditto_str_t *rest, char c);
static ditto_policy_t *test_compile(unit_pool_t *up, const char *policy);
static void test_resource(unit_pool_t *up, const char *text,
    ditto_resource_t *resource);
static void test_context(unit_pool_t *up, const char *text,
    ditto_subjects_t *subjects);
static void test_set(unit_pool_t *up, const ditto_policy_t *policy,
    const ditto_resource_t *resource, ditto_permission_e permission,
    ditto_state_e state, const char *expected);


static void
test_policy_decisions(void **state)
{
    size_t                    i;
    unit_pool_t               up;
    ditto_policy_t           *policy;
    ditto_resource_t          resource;
    ditto_subjects_t          subjects;
    ditto_permission_e        permission;
    const test_policy_row_t  *row;

    (void) state;

    for (i = 0; i < COUNT(test_rows); i++) {
        row = &test_rows[i];

        unit_pool_init(&up);
        policy = test_compile(&up, row->policy);
        test_resource(&up, row->resource, &resource);
        test_context(&up, row->context, &subjects);

        permission = (row->permission == 'R') ? DITTO_PERMISSION_READ
                     : (row->permission == 'W') ? DITTO_PERMISSION_WRITE
                                                : DITTO_PERMISSION_EXECUTE;

        if ((row->unrestricted != ' '
             && ditto_policy_unrestricted(policy, &resource, &subjects,
                                          permission)
                != (row->unrestricted == '+'))
            || (row->partial != ' '
                && ditto_policy_partial(policy, &resource, &subjects,
                                        permission)
                   != (row->partial == '+')))
        {
            fail_msg("row %zu: %s, %s: %s", i, row->policy, row->context,
                     row->resource);
        }

        test_set(&up, policy, &resource, permission, DITTO_STATE_GRANTED,
                 row->granted);
        test_set(&up, policy, &resource, permission, DITTO_STATE_REVOKED,
                 row->revoked);

        unit_pool_free(&up);
    }
}


/* Examples 28 and 30: weights of all permissions are compared together. */
static void
test_policy_several(void **state)
{
    unsigned           both;
    unit_pool_t        up;
    ditto_policy_t    *policy;
    ditto_resource_t   resource;
    ditto_subjects_t   subjects;

    (void) state;

    both = 1u << DITTO_PERMISSION_READ | 1u << DITTO_PERMISSION_WRITE;

    unit_pool_init(&up);
    test_resource(&up, "/features/f", &resource);

    policy = test_compile(&up, P28);
    test_context(&up, "a,b", &subjects);
    assert_true(ditto_policy_check(policy, &resource, &subjects, both, false));
    test_context(&up, "a", &subjects);
    assert_false(ditto_policy_check(policy, &resource, &subjects, both,
                                    false));
    assert_false(ditto_policy_check(policy, &resource, &subjects, 0, true));

    policy = test_compile(&up, P29);
    test_context(&up, "a,b,c", &subjects);
    assert_true(ditto_policy_check(policy, &resource, &subjects, both, false));

    unit_pool_free(&up);
}


/* Examples 33 and 34: the whole subject of a message is one segment. */
static void
test_policy_message_subject(void **state)
{
    unit_pool_t        up;
    ditto_str_t        segments[3] = { ditto_string("inbox"),
                                       ditto_string("messages"),
                                       ditto_string("ask/sub") };
    ditto_policy_t    *policy;
    ditto_pointer_t    path = { segments, 3 };
    ditto_resource_t   resource = { ditto_string("message"), &path };
    ditto_subjects_t   subjects;

    (void) state;

    unit_pool_init(&up);
    test_context(&up, "a", &subjects);

    policy = test_compile(&up, P33);
    assert_false(ditto_policy_unrestricted(policy, &resource, &subjects,
                                           DITTO_PERMISSION_WRITE));

    policy = test_compile(&up, "a: message:/inbox/messages/ask/sub +W");
    assert_false(ditto_policy_unrestricted(policy, &resource, &subjects,
                                           DITTO_PERMISSION_WRITE));

    policy = test_compile(&up, "a: message:/inbox/messages +W");
    assert_true(ditto_policy_unrestricted(policy, &resource, &subjects,
                                          DITTO_PERMISSION_WRITE));

    unit_pool_free(&up);
}


static void
test_policy_views(void **state)
{
    size_t                  i;
    ditto_rc_t              rc;
    unit_pool_t             up;
    ditto_str_t             kept, value;
    ditto_buf_t             out;
    ditto_policy_t         *policy;
    ditto_resource_t        resource;
    ditto_subjects_t        subjects;
    const test_view_row_t  *row;

    (void) state;

    for (i = 0; i < COUNT(test_views); i++) {
        row = &test_views[i];

        unit_pool_init(&up);
        policy = test_compile(&up, row->policy);
        test_resource(&up, row->resource, &resource);
        test_context(&up, row->context, &subjects);

        ditto_buf_init(&out, &up.pool, 0);
        ditto_buf_text(&out, "before ");
        kept = ditto_str(row->kept);
        value = ditto_str_trim(unit_str(&up, row->value));

        rc = ditto_policy_view_with(policy, &resource, value, &subjects, &kept,
                                    (row->kept == NULL) ? 0 : 1, &out);
        ditto_buf_char(&out, '\0');

        if (row->text == NULL) {
            assert_int_equal(rc, DITTO_DECLINED);
            assert_string_equal((char *) out.data, "before ");

        } else {
            assert_int_equal(rc, DITTO_OK);
            assert_string_equal((char *) out.data + 7, row->text);
        }

        unit_pool_free(&up);
    }
}


/* A thousand brackets, all of which must be walked, and much inside. */
static void
test_policy_view_deep(void **state)
{
    size_t             i;
    unit_pool_t        up;
    ditto_str_t        value, view;
    ditto_buf_t        text, out;
    ditto_error_t      err;
    ditto_policy_t    *policy;
    ditto_resource_t   resource;
    ditto_subjects_t   subjects;

    (void) state;

    unit_pool_init(&up);
    policy = test_compile(&up, "a: / +R; /x/y -R");
    test_resource(&up, "/x", &resource);
    test_context(&up, "a", &subjects);

    ditto_buf_init(&text, &up.pool, 1 << 20);

    for (i = 0; i < 999; i++) {
        ditto_buf_char(&text, '[');
    }

    ditto_buf_text(&text, "{\"y\":1");

    for (i = 0; i < 50000; i++) {
        ditto_buf_text(&text, ",\"zzzzz\":1");
    }

    ditto_buf_char(&text, '}');

    for (i = 0; i < 999; i++) {
        ditto_buf_char(&text, ']');
    }

    assert_int_equal(ditto_buf_done(&text, &value), DITTO_OK);
    assert_int_equal(ditto_json_validate(value, &err), DITTO_OK);

    ditto_buf_init(&out, &up.pool, 0);
    assert_int_equal(ditto_policy_view(policy, &resource, value, &subjects,
                                       &out),
                     DITTO_OK);
    assert_int_equal(ditto_buf_done(&out, &view), DITTO_OK);
    assert_int_equal(view.len, value.len - 6);

    unit_pool_free(&up);
}


/* --- imports, references, namespaces, expiry ------------------------------ */

#define ENTRY(subject, more)                                                  \
    "{\"subjects\":{\"" subject "\":{\"type\":\"t\"}},\"resources\":{"        \
    "\"thing:/\":{\"grant\":[\"READ\"],\"revoke\":[]}}" more "}"
#define SUBJECT(id)  "\"subjects\":{\"" id "\":{\"type\":\"t\"}}"
#define RESOURCE(path)                                                        \
    "\"resources\":{\"thing:/" path "\":{\"grant\":[\"READ\"],"               \
    "\"revoke\":[]}}"


/* The first document is compiled; id and text in turn. */
typedef struct {
    const char  *texts[12];
    const char  *resource;
    const char  *readers;        /* granted READ at resource */
    const char  *error;          /* its code */
} test_import_row_t;


static const test_import_row_t  test_imports[] = {
    /* plain: implicit, explicit when listed, never */
    { { "n:p", "{\"imports\":{\"n:q\":{\"entries\":[\"e\"]}},\"entries\":{"
               "\"o\":" ENTRY("s:own", "") "}}",
        "n:q", "{\"entries\":{\"i\":" ENTRY("s:i", "")
               ",\"e\":" ENTRY("s:e", ",\"importable\":\"explicit\"")
               ",\"f\":" ENTRY("s:f", ",\"importable\":\"explicit\"")
               ",\"n\":" ENTRY("s:n", ",\"importable\":\"never\"") "}}" },
      "/", "s:e,s:i,s:own", NULL },
    /* one that is not there contributes nothing */
    { { "n:p", "{\"imports\":{\"n:z\":{}},\"entries\":{\"o\":"
               ENTRY("s:own", "") "}}" }, "/", "s:own", NULL },
    /* a plain import is not transitive */
    { { "n:p", "{\"imports\":{\"n:q\":{}},\"entries\":{}}",
        "n:q", "{\"imports\":{\"n:r\":{}},\"entries\":{\"q\":"
               ENTRY("s:q", "") "}}",
        "n:r", "{\"entries\":{\"r\":" ENTRY("s:r", "") "}}" },
      "/", "s:q", NULL },
    { { "n:p", "{\"imports\":{\"n:q\":{\"transitiveImports\":[\"n:r\"]}},"
               "\"entries\":{}}",
        "n:q", "{\"imports\":{\"n:r\":{},\"n:s\":{}},\"entries\":{\"q\":"
               ENTRY("s:q", "") "}}",
        "n:r", "{\"entries\":{\"r\":" ENTRY("s:r", "") "}}",
        "n:s", "{\"entries\":{\"s\":" ENTRY("s:s", "") "}}" },
      "/", "s:q,s:r", NULL },
    /* a cycle that leads back to the policy that holds it */
    { { "n:p", "{\"imports\":{\"n:q\":{\"transitiveImports\":[\"n:r\"]}},"
               "\"entries\":{}}",
        "n:q", "{\"imports\":{\"n:r\":{\"transitiveImports\":[\"n:q\"]}},"
               "\"entries\":{}}",
        "n:r", "{\"entries\":{}}" },
      "/", NULL, "policies:import.invalid" },
    /* a cycle that does not ends by itself */
    { { "n:p", "{\"imports\":{\"n:q\":{\"transitiveImports\":[\"n:r\"]}},"
               "\"entries\":{}}",
        "n:q", "{\"imports\":{\"n:r\":{\"transitiveImports\":[\"n:s\"]}},"
               "\"entries\":{}}",
        "n:r", "{\"imports\":{\"n:s\":{\"transitiveImports\":[\"n:q\"]}},"
               "\"entries\":{\"r\":" ENTRY("s:r", "") "}}",
        "n:s", "{\"imports\":{\"n:q\":{\"transitiveImports\":[\"n:r\"]}},"
               "\"entries\":{\"s\":" ENTRY("s:s", "") "}}" },
      "/", "s:r,s:s", NULL },
    /* references: content is lent, not references of references */
    { { "n:p", "{\"entries\":{\"a\":{" SUBJECT("s:a") "},\"b\":{"
               RESOURCE("") ",\"references\":[{\"entry\":\"a\"}]},\"c\":{"
               SUBJECT("s:c") ",\"references\":[{\"entry\":\"b\"}]}}}" },
      "/", "s:a,s:c", NULL },
    /* what the target does not allow to be added is ignored */
    { { "n:p", "{\"entries\":{\"a\":{" SUBJECT("s:a") "," RESOURCE("x")
               ",\"allowedAdditions\":[\"resources\"]},\"b\":{"
               SUBJECT("s:b") "," RESOURCE("")
               ",\"references\":[{\"entry\":\"a\"}]}}}" },
      "/", "s:a", NULL },
    { { "n:p", "{\"entries\":{\"a\":{" SUBJECT("s:a") "," RESOURCE("x")
               ",\"allowedAdditions\":[\"subjects\"]},\"b\":{"
               SUBJECT("s:b") "," RESOURCE("")
               ",\"references\":[{\"entry\":\"a\"}]}}}" },
      "/x", "s:a,s:b", NULL },
    { { "n:p", "{\"entries\":{\"a\":{" SUBJECT("s:a") "," RESOURCE("x")
               ",\"allowedAdditions\":[]},\"b\":{" SUBJECT("s:b") ","
               RESOURCE("") ",\"references\":[{\"entry\":\"a\"}]}}}" },
      "/", "", NULL },
    /* a reference to what was imported; never is skipped */
    { { "n:p", "{\"imports\":{\"n:q\":{\"entries\":[\"e\"]}},\"entries\":{"
               "\"o\":{" SUBJECT("s:o") ",\"references\":[{\"import\":"
               "\"n:q\",\"entry\":\"e\"}]},\"m\":{" SUBJECT("s:m")
               ",\"references\":[{\"import\":\"n:q\",\"entry\":\"f\"}]},"
               "\"k\":{" SUBJECT("s:k") ",\"references\":[{\"entry\":"
               "\"z\"}]},\"z\":{" RESOURCE("") ",\"importable\":"
               "\"never\"}}}",
        "n:q", "{\"entries\":{\"e\":{" RESOURCE("") ",\"importable\":"
               "\"explicit\"},\"f\":{" RESOURCE("") ",\"importable\":"
               "\"explicit\"}}}" },
      "/", "s:o", NULL },
    /* references of what is imported mean the policy that it came from */
    { { "n:p", "{\"imports\":{\"n:q\":{}},\"entries\":{\"z\":{"
               SUBJECT("s:pz") "},\"o\":" ENTRY("s:o", "") "}}",
        "n:q", "{\"entries\":{\"z\":{" SUBJECT("s:qz") "},\"e\":{"
               RESOURCE("") ",\"references\":[{\"entry\":\"z\"}]}}}" },
      "/", "s:o,s:qz", NULL },
    /* namespaces: the thing is of a.b */
    { { "n:p", "{\"entries\":{\"a\":" ENTRY("s:a", ",\"namespaces\":[]")
               ",\"b\":" ENTRY("s:b", ",\"namespaces\":[\"a.b\"]")
               ",\"c\":" ENTRY("s:c", ",\"namespaces\":[\"a.*\",\"x\"]")
               ",\"d\":" ENTRY("s:d", ",\"namespaces\":[\"a.b.*\"]")
               ",\"e\":" ENTRY("s:e", ",\"namespaces\":[\"a\"]") "}}" },
      "/", "s:a,s:b,s:c", NULL },
};


static const ditto_policy_document_t *
test_import_lookup(void *ctx, ditto_str_t id)
{
    size_t                    i;
    unit_pool_t              *up;
    ditto_str_t               place;
    ditto_error_t             err;
    const char *const        *texts = ctx;
    ditto_policy_document_t  *document;

    /* the pool hides in the array's last place */

    up = (unit_pool_t *) (uintptr_t) texts[11];

    for (i = 0; i < 10 && texts[i] != NULL; i += 2) {
        if (ditto_str_eq(ditto_str(texts[i]), id)) {
            if (ditto_policy_document_read(&up->pool,
                                           ditto_str(texts[i + 1]), &document,
                                           &place, &err)
                != DITTO_OK)
            {
                return NULL;
            }

            return document;
        }
    }

    return NULL;
}


static void
test_policy_imports(void **state)
{
    size_t                          i;
    ditto_rc_t                      rc;
    const char                     *texts[12];
    ditto_str_t                     ns = ditto_string("a.b");
    unit_pool_t                     up;
    ditto_time_t                    now = { 0, 0 };
    ditto_error_t                   err;
    ditto_policy_t                 *policy;
    ditto_resource_t                resource;
    const test_import_row_t        *row;
    const ditto_policy_document_t  *document;

    (void) state;

    for (i = 0; i < COUNT(test_imports); i++) {
        row = &test_imports[i];

        unit_pool_init(&up);
        memcpy(texts, row->texts, sizeof(texts));
        texts[11] = (const char *) &up;

        document = test_import_lookup((void *) texts, ditto_str(texts[0]));
        assert_non_null(document);

        rc = ditto_policy_compile(&up.pool, document, test_import_lookup,
                                  (void *) texts, ns, now, &policy, &err);

        if (row->error != NULL) {
            assert_int_equal(rc, DITTO_ERROR);
            assert_string_equal(ditto_error_name(&err), row->error);
            unit_pool_free(&up);
            continue;
        }

        assert_int_equal(rc, DITTO_OK);
        test_resource(&up, row->resource, &resource);
        test_set(&up, policy, &resource, DITTO_PERMISSION_READ,
                 DITTO_STATE_GRANTED, row->readers);

        unit_pool_free(&up);
    }
}


/* Every policy imports ten others, all of them transitively: it ends. */
static const ditto_policy_document_t *
test_bomb_lookup(void *ctx, ditto_str_t id)
{
    unsigned                  i, level;
    unit_pool_t              *up = ctx;
    ditto_str_t               place;
    ditto_buf_t               buf;
    ditto_error_t             err;
    ditto_policy_document_t  *document;

    level = (unsigned) (id.data[2] - 'a') + 1;

    ditto_buf_init(&buf, &up->pool, 0);
    ditto_buf_text(&buf, "{\"imports\":{");

    for (i = 0; i < 10; i++) {
        ditto_buf_text(&buf, (i == 0) ? "\"n:" : ",\"n:");
        ditto_buf_char(&buf, (char) ('a' + level));
        ditto_buf_int(&buf, i);
        ditto_buf_text(&buf, "\":{\"transitiveImports\":[");

        for (unsigned j = 0; j < 10; j++) {
            ditto_buf_text(&buf, (j == 0) ? "\"n:" : ",\"n:");
            ditto_buf_char(&buf, (char) ('a' + level + 1));
            ditto_buf_int(&buf, j);
            ditto_buf_char(&buf, '"');
        }

        ditto_buf_text(&buf, "]}");
    }

    ditto_buf_text(&buf, "},\"entries\":{}}");

    if (ditto_policy_document_read(&up->pool,
                                   ditto_str_sub((ditto_str_t) {
                                       buf.len, buf.data }, 0, buf.len),
                                   &document, &place, &err)
        != DITTO_OK)
    {
        return NULL;
    }

    return document;
}


typedef struct {
    unit_pool_t                     up;
    const ditto_policy_document_t  *levels[26];
} test_bomb_t;


static const ditto_policy_document_t *
test_bomb_cached(void *ctx, ditto_str_t id)
{
    test_bomb_t  *bomb = ctx;

    if (bomb->levels[id.data[2] - 'a'] == NULL) {
        bomb->levels[id.data[2] - 'a'] = test_bomb_lookup(&bomb->up, id);
    }

    return bomb->levels[id.data[2] - 'a'];
}


static void
test_policy_import_bomb(void **state)
{
    test_bomb_t      bomb;
    ditto_str_t      id = ditto_string("n:a0"), ns = ditto_null_string;
    ditto_time_t     now = { 0, 0 };
    ditto_error_t    err;
    ditto_policy_t  *policy;

    (void) state;

    memset(&bomb, 0, sizeof(bomb));
    unit_pool_init(&bomb.up);

    assert_int_equal(ditto_policy_compile(&bomb.up.pool,
                                          test_bomb_cached(&bomb, id),
                                          test_bomb_cached, &bomb, ns, now,
                                          &policy, &err),
                     DITTO_ERROR);
    assert_string_equal(ditto_error_name(&err), "policies:import.invalid");

    unit_pool_free(&bomb.up);
}


static void
test_policy_roots(void **state)
{
    size_t                          i;
    const char                     *texts[12];
    unit_pool_t                     up;
    ditto_str_t                     ns = ditto_null_string;
    ditto_time_t                    now = { 0, 0 };
    ditto_error_t                   err;
    ditto_policy_t                 *policy;
    ditto_resource_t                resource;
    ditto_policy_root_t             root;
    ditto_policy_roots_t            roots = { &root, 1 };
    const ditto_policy_document_t  *document;

    static const ditto_str_t  ids[2] = { ditto_string("r:r"),
                                         ditto_string("a.b:p") };

    static const struct {
        const char  *pattern;
        const char  *readers;
    } rows[] = {
        { "*", "s:own,s:root" },
        { "a.b", "s:own,s:root" },
        { "a.*", "s:own,s:root" },
        { "a.b.*", "s:own" },
        { "a", "s:own" },
    };

    (void) state;

    for (i = 0; i < COUNT(rows); i++) {
        unit_pool_init(&up);
        memset(texts, 0, sizeof(texts));
        texts[0] = "a.b:p";
        texts[1] = "{\"policyId\":\"a.b:p\",\"entries\":{\"o\":"
                   ENTRY("s:own", "") "}}";
        texts[2] = "r:r";
        texts[3] = "{\"entries\":{\"i\":" ENTRY("s:root", "") ",\"e\":"
                   ENTRY("s:e", ",\"importable\":\"explicit\"") "}}";
        texts[11] = (const char *) &up;

        root.pattern = ditto_str(rows[i].pattern);
        root.policies = ids;
        root.n = 2;

        document = test_import_lookup((void *) texts, ids[1]);
        assert_int_equal(ditto_policy_compile_with_roots(&up.pool, document,
                             test_import_lookup, (void *) texts, &roots, ns,
                             now, &policy, &err),
                         DITTO_OK);

        test_resource(&up, "/", &resource);
        test_set(&up, policy, &resource, DITTO_PERMISSION_READ,
                 DITTO_STATE_GRANTED, rows[i].readers);

        unit_pool_free(&up);
    }
}


static void
test_policy_expiry(void **state)
{
    size_t                    i;
    unit_pool_t               up;
    ditto_str_t               place, ns = ditto_null_string;
    ditto_time_t              now = { 0, 0 };
    ditto_error_t             err;
    ditto_policy_t           *policy;
    ditto_resource_t          resource;
    ditto_policy_document_t  *document;

    static const char  text[] =
        "{\"entries\":{\"o\":{\"subjects\":{\"s:a\":{\"type\":\"t\","
        "\"expiry\":\"1970-01-01T01:00:00Z\"},\"s:b\":{\"type\":\"t\","
        "\"expiry\":\"1970-01-01T02:00:00.5Z\"},\"s:c\":{\"type\":\"t\"}},"
        RESOURCE("") "}}}";

    static const struct {
        int64_t      now;
        const char  *readers;
        int64_t      expires;
    } rows[] = {
        { 0, "s:a,s:b,s:c", 3600 },
        { 3599, "s:a,s:b,s:c", 3600 },
        { 3600, "s:b,s:c", 7201 },
        { 7200, "s:b,s:c", 7201 },
        { 7201, "s:c", INT64_MAX },
    };

    (void) state;

    for (i = 0; i < COUNT(rows); i++) {
        unit_pool_init(&up);
        now.sec = rows[i].now;

        assert_int_equal(ditto_policy_document_read(&up.pool, ditto_str(text),
                                                    &document, &place, &err),
                         DITTO_OK);
        assert_int_equal(ditto_policy_compile(&up.pool, document, NULL, NULL,
                                              ns, now, &policy, &err),
                         DITTO_OK);
        assert_int_equal(ditto_policy_expires(policy), rows[i].expires);
        assert_false(ditto_policy_has_namespaces(policy));
        assert_false(ditto_policy_document_has_namespaces(document));

        test_resource(&up, "/", &resource);
        test_set(&up, policy, &resource, DITTO_PERMISSION_READ,
                 DITTO_STATE_GRANTED, rows[i].readers);

        unit_pool_free(&up);
    }
}


static void
test_policy_namespaces(void **state)
{
    unit_pool_t               up;
    ditto_str_t               place, ns = ditto_null_string;
    ditto_time_t              now = { 0, 0 };
    ditto_error_t             err;
    ditto_policy_t           *policy;
    ditto_resource_t          resource;
    ditto_policy_document_t  *document;

    (void) state;

    unit_pool_init(&up);

    assert_int_equal(
        ditto_policy_document_read(&up.pool,
            ditto_str("{\"entries\":{\"a\":"
                      ENTRY("s:a", ",\"namespaces\":[\"x\"]") "}}"),
            &document, &place, &err),
        DITTO_OK);
    assert_true(ditto_policy_document_has_namespaces(document));

    assert_int_equal(ditto_policy_compile(&up.pool, document, NULL, NULL, ns,
                                          now, &policy, &err),
                     DITTO_OK);
    assert_true(ditto_policy_has_namespaces(policy));
    assert_true(ditto_policy_size(policy) > 0);

    test_resource(&up, "/", &resource);
    test_set(&up, policy, &resource, DITTO_PERMISSION_READ,
             DITTO_STATE_GRANTED, "s:a");

    /* data is not NULL: the empty namespace, which matches nothing here */

    assert_int_equal(ditto_policy_compile(&up.pool, document, NULL, NULL,
                                          ditto_str(""), now, &policy, &err),
                     DITTO_OK);
    test_set(&up, policy, &resource, DITTO_PERMISSION_READ,
             DITTO_STATE_GRANTED, "");

    assert_int_equal(
        ditto_policy_document_read(&up.pool,
            ditto_str("{\"imports\":{\"n:q\":{}},\"entries\":{}}"),
            &document, &place, &err),
        DITTO_OK);
    assert_true(ditto_policy_document_has_namespaces(document));

    unit_pool_free(&up);
}


/* A document and a policy are one allocation each, of their size. */
static void
test_policy_one_piece(void **state)
{
    unit_pool_t               up;
    ditto_str_t               place, text, ns = ditto_null_string;
    ditto_time_t              now = { 0, 0 };
    ditto_error_t             err;
    ditto_policy_t           *policy;
    ditto_policy_document_t  *document;

    (void) state;

    unit_pool_init(&up);
    text = test_document(&up, "a: / +R; /b/c -W");
    up.count = 0;

    assert_int_equal(ditto_policy_document_read(&up.pool, text, &document,
                                                &place, &err),
                     DITTO_OK);
    assert_int_equal(up.count, 1);

    assert_int_equal(ditto_policy_compile(&up.pool, document, NULL, NULL, ns,
                                          now, &policy, &err),
                     DITTO_OK);
    assert_int_equal(up.count, 2);

    unit_pool_free(&up);
}


/* Many subjects and paths: every one is found again, no other is. */
static void
test_policy_many(size_t n)
{
    size_t                    i;
    char                      name[32];
    unit_pool_t               up;
    ditto_str_t               place, text, ns = ditto_null_string;
    ditto_str_t               segments[2], subject;
    ditto_buf_t               buf;
    ditto_time_t              now = { 0, 0 };
    ditto_error_t             err;
    ditto_policy_t           *policy;
    ditto_pointer_t           path = { segments, 2 };
    ditto_resource_t          resource = { ditto_string("thing"), &path };
    ditto_subjects_t          subjects = { &subject, 1 };
    ditto_policy_document_t  *document;

    unit_pool_init(&up);
    ditto_buf_init(&buf, &up.pool, 0);
    ditto_buf_text(&buf, "{\"entries\":{");

    for (i = 0; i < n; i++) {
        ditto_buf_text(&buf, (i == 0) ? "\"e" : ",\"e");
        ditto_buf_int(&buf, (int64_t) i);
        ditto_buf_text(&buf, "\":{\"subjects\":{\"s:");
        ditto_buf_int(&buf, (int64_t) i);
        ditto_buf_text(&buf, "\":{\"type\":\"t\"}},\"resources\":{"
                             "\"thing:/attributes/a");
        ditto_buf_int(&buf, (int64_t) i);
        ditto_buf_text(&buf, "\":{\"grant\":[\"READ\"],\"revoke\":[]}}}");
    }

    ditto_buf_text(&buf, "}}");
    assert_int_equal(ditto_buf_done(&buf, &text), DITTO_OK);

    assert_int_equal(ditto_policy_document_read(&up.pool, text, &document,
                                                &place, &err),
                     DITTO_OK);
    assert_int_equal(ditto_policy_compile(&up.pool, document, NULL, NULL, ns,
                                          now, &policy, &err),
                     DITTO_OK);

    segments[0] = ditto_str("attributes");

    for (i = 0; i < n; i++) {
        snprintf(name, sizeof(name), "s:%zu", i);
        assert_true(ditto_policy_subject(policy, i, &subject));
        assert_true(ditto_str_eq(subject, ditto_str(name)));

        segments[1] = ditto_str("a0");
        assert_true(ditto_policy_unrestricted(policy, &resource, &subjects,
                                              DITTO_PERMISSION_READ)
                    == (i == 0));

        segments[1] = (ditto_str_t) { strlen(name) - 1,
                                      (unsigned char *) name + 1 };
        name[1] = 'a';
        subject = ditto_str("s:7");
        assert_true(ditto_policy_unrestricted(policy, &resource, &subjects,
                                              DITTO_PERMISSION_READ)
                    == (i == 7));
    }

    assert_false(ditto_policy_subject(policy, n, &subject));

    unit_pool_free(&up);
}


/* The last one has numbers of more than 16 bits. */
static void
test_policy_large(void **state)
{
    (void) state;

    test_policy_many(8);
    test_policy_many(1500);
    test_policy_many(40000);
}


/* Paths that the same subjects have the same on cost their names only. */
static void
test_policy_compact(void **state)
{
    char             path[64];
    size_t           i, size;
    unit_pool_t      up;
    ditto_buf_t      buf;
    ditto_policy_t  *policy;

    (void) state;

    unit_pool_init(&up);

    ditto_buf_init(&buf, &up.pool, 0);
    ditto_buf_text(&buf, "a,b,c,d,e,f,g,h: ");

    for (i = 0; i < 100; i++) {
        snprintf(path, sizeof(path), "%s/p%03zu +RW", (i == 0) ? "" : "; ", i);
        ditto_buf_text(&buf, path);
    }

    ditto_buf_char(&buf, '\0');
    policy = test_compile(&up, (const char *) buf.data);
    size = ditto_policy_size(policy);

    /* name, slots, start, parent, list */

    assert_in_range(size, 100 * 4, 100 * (4 + 2 * 2.56 + 2 + 2 + 2) + 400);

    unit_pool_free(&up);
}


/* The same name below many nodes is many nodes. */
static void
test_policy_same_names(void **state)
{
    size_t             i;
    char               path[64];
    unit_pool_t        up;
    ditto_buf_t        buf;
    ditto_policy_t    *policy;
    ditto_resource_t   resource;
    ditto_subjects_t   subjects;

    (void) state;

    unit_pool_init(&up);
    ditto_buf_init(&buf, &up.pool, 0);
    ditto_buf_text(&buf, "a: ");

    for (i = 0; i < 200; i++) {
        snprintf(path, sizeof(path), "%s/p%zu/%s +R", (i == 0) ? "" : "; ", i,
                 (i % 2 == 0) ? "x" : "y");
        ditto_buf_text(&buf, path);
    }

    ditto_buf_char(&buf, '\0');
    policy = test_compile(&up, (const char *) buf.data);
    test_context(&up, "a", &subjects);

    for (i = 0; i < 200; i++) {
        snprintf(path, sizeof(path), "/p%zu/x", i);
        test_resource(&up, path, &resource);
        assert_true(ditto_policy_partial(policy, &resource, &subjects,
                                         DITTO_PERMISSION_READ)
                    == (i % 2 == 0));
    }

    unit_pool_free(&up);
}


/* The n-th allocation fails, for every n. */
typedef struct {
    ditto_resource_t                resource;
    ditto_subjects_t                subjects;
    const ditto_policy_t           *policy;
    const ditto_policy_document_t  *documents[5];
    ditto_str_t                     ids[5];
    size_t                          n;
} test_memory_t;


/* Unlike test_import_lookup() this one never fails. */
static const ditto_policy_document_t *
test_memory_lookup(void *ctx, ditto_str_t id)
{
    size_t          i;
    test_memory_t  *m = ctx;

    for (i = 0; i < m->n; i++) {
        if (ditto_str_eq(m->ids[i], id)) {
            return m->documents[i];
        }
    }

    return NULL;
}


static ditto_rc_t
test_compile_call(unit_pool_t *up, void *ctx, ditto_error_t *err)
{
    ditto_str_t      ns = ditto_null_string;
    ditto_time_t     now = { 0, 0 };
    test_memory_t   *m = ctx;
    ditto_policy_t  *policy;

    unit_pool_malloc(up);

    return ditto_policy_compile(&up->pool, m->documents[0], test_memory_lookup,
                                m, ns, now, &policy, err);
}


static ditto_rc_t
test_view_call(unit_pool_t *up, void *ctx, ditto_error_t *err)
{
    ditto_rc_t      rc;
    ditto_buf_t     out;
    test_memory_t  *m = ctx;

    ditto_buf_init(&out, &up->pool, 0);

    rc = ditto_policy_view(m->policy, &m->resource,
                           ditto_str("{\"\\u0061\":[{\"\\u0062\":1},"
                                     "[[[[2]]]]],\"c\":3}"),
                           &m->subjects, &out);

    assert_true((rc == DITTO_ERROR) == out.failed);

    return (rc == DITTO_ERROR) ? ditto_fail_memory(err) : rc;
}


static void
test_policy_memory(void **state)
{
    const char     *texts[12];
    unit_pool_t     docs;
    test_memory_t   m;

    (void) state;

    unit_pool_init(&docs);

    memcpy(texts, test_imports[10].texts, sizeof(texts));
    texts[11] = (const char *) &docs;

    for (m.n = 0; m.n < 5 && texts[2 * m.n] != NULL; m.n++) {
        m.ids[m.n] = ditto_str(texts[2 * m.n]);
        m.documents[m.n] = test_import_lookup(texts, m.ids[m.n]);
        assert_non_null(m.documents[m.n]);
    }

    m.policy = test_compile(&docs, "s:o: / +R; /a/b -R");

    test_resource(&docs, "/", &m.resource);
    test_context(&docs, "s:o", &m.subjects);

    assert_in_range(unit_every_allocation(NULL, test_compile_call, &m), 30,
                    1000);
    assert_in_range(unit_every_allocation(NULL, test_view_call, &m), 3, 100);

    unit_pool_free(&docs);
}


/* --- helpers -------------------------------------------------------------- */

static ditto_policy_t *
test_compile(unit_pool_t *up, const char *policy)
{
    ditto_str_t               ns = ditto_null_string, place;
    ditto_time_t              now = { 0, 0 };
    ditto_error_t             err;
    ditto_policy_t           *p;
    ditto_policy_document_t  *document;

    assert_int_equal(ditto_policy_document_read(&up->pool,
                                                test_document(up, policy),
                                                &document, &place, &err),
                     DITTO_OK);
    assert_int_equal(ditto_policy_compile(&up->pool, document, NULL, NULL, ns,
                                          now, &p, &err),
                     DITTO_OK);

    return p;
}


static ditto_str_t
test_document(unit_pool_t *up, const char *policy)
{
    unsigned      n;
    ditto_str_t   rest, entry, text;
    ditto_buf_t   buf;

    ditto_buf_init(&buf, &up->pool, 0);
    ditto_buf_text(&buf, "{\"entries\":{");

    rest = ditto_str(policy);

    for (n = 0; rest.len != 0; n++) {
        entry = ditto_str_trim(test_word(&rest, '|'));

        ditto_buf_text(&buf, (n == 0) ? "\"e" : ",\"e");
        ditto_buf_int(&buf, n);
        ditto_buf_text(&buf, "\":");
        test_entry(&buf, entry);
    }

    ditto_buf_text(&buf, "}}");
    assert_int_equal(ditto_buf_done(&buf, &text), DITTO_OK);

    return text;
}


/* Subjects are named without issuer in the tables: they get the issuer x. */
static void
test_entry(ditto_buf_t *buf, ditto_str_t entry)
{
    size_t        colon;
    bool          first;
    ditto_str_t   names, name, key, resource, blank = ditto_string(": ");

    colon = ditto_str_find(entry, blank);
    names = ditto_str_sub(entry, 0, colon);
    entry = ditto_str_sub(entry, colon + 2, entry.len);

    ditto_buf_text(buf, "{\"subjects\":{");

    for (first = true; names.len != 0; first = false) {
        name = test_word(&names, ',');
        ditto_buf_text(buf, first ? "\"" : ",\"");

        if (ditto_str_chr(name, ':', 0) == name.len) {
            ditto_buf_text(buf, "x:");
        }

        ditto_buf_str(buf, name);
        ditto_buf_text(buf, "\":{\"type\":\"t\"}");
    }

    ditto_buf_text(buf, "},\"resources\":{");

    for (first = true; entry.len != 0; first = false) {
        resource = ditto_str_trim(test_word(&entry, ';'));
        key = test_word(&resource, ' ');

        ditto_buf_text(buf, first ? "\"" : ",\"");

        if (ditto_str_chr(key, ':', 0) == key.len) {
            ditto_buf_text(buf, "thing:");
        }

        ditto_buf_str(buf, key);
        ditto_buf_text(buf, "\":{\"grant\":[");
        test_permissions(buf, resource, '+');
        ditto_buf_text(buf, "],\"revoke\":[");
        test_permissions(buf, resource, '-');
        ditto_buf_text(buf, "]}");
    }

    ditto_buf_text(buf, "}}");
}


static void
test_permissions(ditto_buf_t *buf, ditto_str_t text, char sign)
{
    char          now;
    bool          first;
    size_t        i;

    now = 0;
    first = true;

    for (i = 0; i < text.len; i++) {
        if (text.data[i] == '+' || text.data[i] == '-') {
            now = (char) text.data[i];

        } else if (now == sign && text.data[i] != ' ') {
            ditto_buf_text(buf, first ? "" : ",");
            ditto_buf_text(buf, (text.data[i] == 'R') ? "\"READ\""
                                : (text.data[i] == 'W') ? "\"WRITE\""
                                                        : "\"EXECUTE\"");
            first = false;
        }
    }
}


/* Up to c, which is taken away too. */
static ditto_str_t
test_word(ditto_str_t *rest, char c)
{
    size_t       i;
    ditto_str_t  word;

    i = ditto_str_chr(*rest, c, 0);
    word = ditto_str_sub(*rest, 0, i);
    *rest = ditto_str_sub(*rest, (i == rest->len) ? i : i + 1, rest->len);

    return word;
}


static void
test_resource(unit_pool_t *up, const char *text, ditto_resource_t *resource)
{
    ditto_str_t       s, type = ditto_string("thing");
    ditto_error_t     err;
    ditto_pointer_t  *path;

    s = unit_str(up, text);

    if (s.data[0] != '/') {
        type = test_word(&s, ':');
    }

    path = ditto_alloc(&up->pool, sizeof(ditto_pointer_t));
    assert_int_equal(ditto_pointer_parse(&up->pool, s, path, &err), DITTO_OK);

    resource->type = type;
    resource->path = path;
}


static void
test_context(unit_pool_t *up, const char *text, ditto_subjects_t *subjects)
{
    ditto_str_t   rest, name, *elts;
    ditto_buf_t   buf;

    elts = ditto_alloc(&up->pool, 16 * sizeof(ditto_str_t));
    subjects->elts = elts;
    subjects->n = 0;

    for (rest = ditto_str(text); rest.len != 0; /* void */) {
        name = test_word(&rest, ',');

        if (ditto_str_chr(name, ':', 0) == name.len) {
            ditto_buf_init(&buf, &up->pool, 0);
            ditto_buf_text(&buf, "x:");
            ditto_buf_str(&buf, name);
            name = unit_span(up, buf.data, buf.len);
        }

        elts[subjects->n++] = name;
    }
}


static void
test_set(unit_pool_t *up, const ditto_policy_t *policy,
    const ditto_resource_t *resource, ditto_permission_e permission,
    ditto_state_e state, const char *expected)
{
    size_t             i, j, n;
    ditto_str_t        subject;
    ditto_subjects_t   subjects;

    if (expected == NULL) {
        return;
    }

    test_context(up, expected, &subjects);
    n = 0;

    for (i = 0; ditto_policy_subject(policy, i, &subject); i++) {
        if (ditto_policy_state(policy, resource, subject, permission)
            != state)
        {
            continue;
        }

        for (j = 0; j < subjects.n; j++) {
            if (ditto_str_eq(subjects.elts[j], subject)) {
                break;
            }
        }

        if (j == subjects.n) {
            fail_msg("%.*s is not among %s", (int) subject.len,
                     (const char *) subject.data, expected);
        }

        n++;
    }

    assert_int_equal(n, subjects.n);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_policy_decisions),
        cmocka_unit_test(test_policy_several),
        cmocka_unit_test(test_policy_message_subject),
        cmocka_unit_test(test_policy_views),
        cmocka_unit_test(test_policy_view_deep),
        cmocka_unit_test(test_policy_imports),
        cmocka_unit_test(test_policy_import_bomb),
        cmocka_unit_test(test_policy_roots),
        cmocka_unit_test(test_policy_expiry),
        cmocka_unit_test(test_policy_namespaces),
        cmocka_unit_test(test_policy_one_piece),
        cmocka_unit_test(test_policy_large),
        cmocka_unit_test(test_policy_compact),
        cmocka_unit_test(test_policy_same_names),
        cmocka_unit_test(test_policy_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
