/*
 * Editing documents: set, remove, merge, prune and select; what is not touched
 * keeps its spelling; big and deep documents; failing allocations.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "ditto_json_edit.h"
#include "ditto_json_select.h"
#include "unit_pool.h"


/* ten objects, the innermost to be filled in */
#define NEST(text)                                                            \
    "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":"                                    \
    "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":" text "}}}}}}}}}}"
#define NESTED  "a/a/a/a/a/a/a/a/a/a"

#define MEMBERS  20000               /* quadratic work would take minutes */


typedef enum {
    TEST_SET = 0,
    TEST_REMOVE,
    TEST_MERGE,
    TEST_PRUNE
} test_op_e;


typedef struct {
    test_op_e    op;
    const char  *document;
    const char  *path;
    const char  *text;
    const char  *result;
} test_edit_t;


typedef struct {
    const char  *object;
    const char  *pointers;       /* separated by commas */
    bool         wildcards;
    const char  *result;
} test_select_t;


static const test_edit_t  test_edits[] = {

    { TEST_SET, "{}", "a", "1", "{\"a\":1}" },
    { TEST_SET, "{ }", "a/b/c", "null", "{\"a\":{\"b\":{\"c\":null}}}" },
    { TEST_SET, "{\"a\": 1.50 , \"b\":2}", "a", "0", "{\"a\":0,\"b\":2}" },
    { TEST_SET, "{\"a\": 1.50 , \"b\":2}", "b", " [ 1 ] ",
      "{\"a\":1.50,\"b\":[ 1 ]}" },
    { TEST_SET, "{\"a\":{\"b\" : [ 1,\n2 ]}}", "c", "1",
      "{\"a\":{\"b\" : [ 1,\n2 ]},\"c\":1}" },
    { TEST_SET, "{\"a\":5}", "a/b", "1", "{\"a\":{\"b\":1}}" },
    { TEST_SET, "{\"a\":null}", "a/b", "1", "{\"a\":{\"b\":1}}" },
    { TEST_SET, "{\"a\":[1]}", "a/b", "1", "{\"a\":{\"b\":1}}" },
    { TEST_SET, "[1]", "a", "1", "{\"a\":1}" },
    { TEST_SET, "{\"a\":1}", "", "[1]", "[1]" },
    { TEST_SET, "{\"a\":1,\"b\":2,\"a\":3}", "a", "4", "{\"a\":4,\"b\":2}" },
    { TEST_SET, "{\"a\":1,\"a\":{\"c\":3}}", "a/b", "4",
      "{\"a\":{\"c\":3,\"b\":4}}" },
    { TEST_SET, "{\"\\u0061\\/\":1,\"b\":\"\\u00e4\"}", "c", "1",
      "{\"a/\":1,\"b\":\"\\u00e4\",\"c\":1}" },
    { TEST_SET, "{\"\\u0061\":1}", "a", "2", "{\"a\":2}" },
    { TEST_SET, "{}", "a\"\\\n", "1", "{\"a\\\"\\\\\\n\":1}" },

    { TEST_SET, NEST("{ \"x\" : [ {} ],\"x\":[ 1 ] , \"y\": 2 }"),
      NESTED "/z", "{ }",
      NEST("{\"x\":[ {} ],\"x\":[ 1 ],\"y\":2,\"z\":{ }}") },
    { TEST_SET, NEST("{\"x\":{\"y\":null},\"x\":{ } }"), NESTED "/x/z", "1",
      NEST("{\"x\":{\"z\":1}}") },
    { TEST_SET, NEST("[{\"x\":1}]"), NESTED "/x", "1", NEST("{\"x\":1}") },

    { TEST_REMOVE, NEST("{\"x\":[ ],\"y\":2}"), NESTED "/y", NULL,
      NEST("{\"x\":[ ]}") },
    { TEST_REMOVE, "{\"a\":1,\"b\":2,\"c\":3}", "a", NULL,
      "{\"b\":2,\"c\":3}" },
    { TEST_REMOVE, "{\"a\":1,\"b\":2,\"c\":3}", "b", NULL,
      "{\"a\":1,\"c\":3}" },
    { TEST_REMOVE, "{\"a\":1,\"b\":2,\"c\":3}", "c", NULL,
      "{\"a\":1,\"b\":2}" },
    { TEST_REMOVE, "{\"a\":{\"b\":{\"c\":1}}}", "a/b/c", NULL,
      "{\"a\":{\"b\":{}}}" },
    { TEST_REMOVE, "{\"a\":1}", "a/b", NULL, "{\"a\":1}" },
    { TEST_REMOVE, "{\"a\":1}", "b/c", NULL, "{\"a\":1}" },
    { TEST_REMOVE, "{\"a\":[{\"b\":1}]}", "a/b", NULL,
      "{\"a\":[{\"b\":1}]}" },
    { TEST_REMOVE, "{\"a\":1,\"a\":2,\"b\":3,\"a\":4}", "a", NULL,
      "{\"b\":3}" },
    { TEST_REMOVE, "5", "a", NULL, "5" },

    /* RFC 7396, appendix A */
    { TEST_MERGE, "{\"a\":\"b\"}", NULL, "{\"a\":\"c\"}", "{\"a\":\"c\"}" },
    { TEST_MERGE, "{\"a\":\"b\"}", NULL, "{\"b\":\"c\"}",
      "{\"a\":\"b\",\"b\":\"c\"}" },
    { TEST_MERGE, "{\"a\":\"b\"}", NULL, "{\"a\":null}", "{}" },
    { TEST_MERGE, "{\"a\":\"b\",\"b\":\"c\"}", NULL, "{\"a\":null}",
      "{\"b\":\"c\"}" },
    { TEST_MERGE, "{\"a\":[\"b\"]}", NULL, "{\"a\":\"c\"}", "{\"a\":\"c\"}" },
    { TEST_MERGE, "{\"a\":\"c\"}", NULL, "{\"a\":[\"b\"]}",
      "{\"a\":[\"b\"]}" },
    { TEST_MERGE, "{\"a\":{\"b\":\"c\"}}", NULL,
      "{\"a\":{\"b\":\"d\",\"c\":null}}", "{\"a\":{\"b\":\"d\"}}" },
    { TEST_MERGE, "{\"a\":[{\"b\":\"c\"}]}", NULL, "{\"a\":[1]}",
      "{\"a\":[1]}" },
    { TEST_MERGE, "[\"a\",\"b\"]", NULL, "[\"c\",\"d\"]", "[\"c\",\"d\"]" },
    { TEST_MERGE, "{\"a\":\"b\"}", NULL, "[\"c\"]", "[\"c\"]" },
    { TEST_MERGE, "{\"a\":\"foo\"}", NULL, "null", "null" },
    { TEST_MERGE, "{\"a\":\"foo\"}", NULL, "\"bar\"", "\"bar\"" },
    { TEST_MERGE, "{\"e\":null}", NULL, "{\"a\":1}", "{\"e\":null,\"a\":1}" },
    { TEST_MERGE, "[1,2]", NULL, "{\"a\":\"b\",\"c\":null}",
      "{\"a\":\"b\"}" },

    /* as Ditto: only one level of what is new loses its null members */
    { TEST_MERGE, "{}", NULL, "{\"a\":{\"b\":null,\"c\":{\"d\":null}}}",
      "{\"a\":{\"c\":{\"d\":null}}}" },
    { TEST_MERGE, "{\"a\":1}", NULL, "{\"a\":{\"b\":null,\"c\":{\"d\":null}}}",
      "{\"a\":{\"c\":{\"d\":null}}}" },
    { TEST_MERGE, "{\"a\":null}", NULL,
      "{\"a\":{\"b\":null,\"c\":{\"d\":null,\"e\":{\"f\":null}}}}",
      "{\"a\":{\"c\":{\"e\":{\"f\":null}}}}" },
    { TEST_MERGE, "{\"a\":1,\"b\":2,\"a\":3}", NULL,
      "{\"b\":null,\"c\":4,\"c\":5}", "{\"a\":3,\"c\":5}" },
    { TEST_MERGE, NEST("{\"x\":{\"y\":1},\"z\":2}"), NULL,
      NEST("{\"x\":{\"y\":null,\"w\":{\"v\":null}},\"z\":{}}"),
      NEST("{\"x\":{\"w\":{}},\"z\":{}}") },
    { TEST_MERGE, "{\"a\": {\"b\": 1.0}}", NULL, "{\"c\": [ 1e2 ]}",
      "{\"a\":{\"b\": 1.0},\"c\":[ 1e2 ]}" },

    { TEST_PRUNE, "{\"a\":null,\"b\":{\"c\":{},\"d\":null},\"e\":1}", NULL,
      NULL, "{\"e\":1}" },
    { TEST_PRUNE, "{\"a\":[null,{}],\"b\":{\"c\":0}}", NULL, NULL,
      "{\"a\":[null,{}],\"b\":{\"c\":0}}" },
    { TEST_PRUNE, "{\"a\":1,\"a\":null}", NULL, NULL, "{}" },
    { TEST_PRUNE, NEST("{\"x\":{\"y\":null},\"z\":{}}"), NULL, NULL, "{}" },
    { TEST_PRUNE, NEST("{\"x\":{\"y\":null},\"z\":[{}]}"), NULL, NULL,
      NEST("{\"z\":[{}]}") },
    { TEST_PRUNE, "{\"a\":null,\"a\":1}", NULL, NULL, "{\"a\":1}" },
    { TEST_PRUNE, "null", NULL, NULL, "null" },
    { TEST_PRUNE, "[null]", NULL, NULL, "[null]" },
};


static const test_select_t  test_selects[] = {
    { "{\"a\":1,\"b\": 1.50 }", "b", false, "{\"b\":1.50}" },
    { "{\"a\":1,\"b\":2}", "c", false, "{}" },
    { "{\"a\":{\"b\":1,\"c\":{\"d\":2,\"e\":3}}}", "a/c/e,a/b", false,
      "{\"a\":{\"c\":{\"e\":3},\"b\":1}}" },
    { "{\"a\":{\"b\":1}}", "a/b/c,a/x", false, "{}" },
    { "{\"a\":{\"b\":1,\"c\":2}}", "a,a/b", false,
      "{\"a\":{\"b\":1,\"c\":2}}" },
    { "{\"a\":{\"b\":1,\"c\":2}}", "a/b,a", false,
      "{\"a\":{\"b\":1,\"c\":2}}" },
    { "{\"a\":{\"b\":1,\"c\":2}}", "a/b,a/c/d", false, "{\"a\":{\"b\":1}}" },
    { "{\"a\":null}", "a", false, "{\"a\":null}" },
    { "{\"a\":null}", "a/b", false, "{}" },
    { "{\"a\":1,\"a\":2}", "a", false, "{\"a\":2}" },
    { "{\"a\":1}", "/", false, "{}" },
    { "{\"a\":1}", "/,a", false, "{\"a\":1}" },
    { "{\"a\":{\"x\":1},\"b\":{\"y\":2,\"z\":3}}", "a/x,b/y,b/z", false,
      "{\"a\":{\"x\":1},\"b\":{\"y\":2,\"z\":3}}" },
    { "null", "a", false, "{}" },
    { "{}", "a", false, "{}" },

    /* through arrays */
    { "{\"a\":[{\"b\":1,\"c\":2},{\"c\":3},4,null,[{\"b\":5}]]}", "a/b",
      false, "{\"a\":[{\"b\":1},{},4,{},[{\"b\":5}]]}" },
    { "{\"a\":[{\"c\":2},[{\"b\":1}]]}", "a/b", false, "{}" },
    { "{\"a\":[{\"b\":{\"c\":1}},{\"b\":5},{\"b\":{}}]}", "a/b/c", false,
      "{\"a\":[{\"b\":{\"c\":1}},{\"b\":5},{\"b\":{}}]}" },

    /* wildcards */
    { "{\"features\":{\"f\":{\"x\":1},\"g\":{\"y\":2}}}", "features/*/x",
      false, "{}" },
    { "{\"features\":{\"f\":{\"x\":1},\"g\":{\"y\":2}}}", "features/*/x",
      true, "{\"features\":{\"f\":{\"x\":1}}}" },
    { "{\"features\":{\"f\":{\"x\":1},\"g\":{\"y\":2}}}",
      "features/g,features/*/x", true,
      "{\"features\":{\"g\":{\"y\":2},\"f\":{\"x\":1}}}" },
    { "{\"features\":{\"f\":{\"x\":1,\"y\":3},\"g\":{\"y\":2}}}",
      "features/f/y,features/*/x", true,
      "{\"features\":{\"f\":{\"y\":3,\"x\":1}}}" },
    { "{\"features\":{\"f\":{\"x\":1},\"g\":{\"y\":2}}}",
      "features,features/*/x", true,
      "{\"features\":{\"f\":{\"x\":1},\"g\":{\"y\":2}}}" },
    { "{\"features\":{\"f\":{\"x\":1}}}", "features/*", true,
      "{\"features\":{\"f\":{\"x\":1}}}" },
    { "{\"features\":{\"*\":{\"x\":1}}}", "features/*/x", true,
      "{\"features\":{\"*\":{\"x\":1}}}" },
    { "{\"features\":{\"f\":{\"x\":1},\"f\":{\"x\":2}}}", "features/*/x",
      true, "{\"features\":{\"f\":{\"x\":2}}}" },
    { "{\"features\":{\"f\":{}},\"_metadata\":{\"features\":"
      "{\"f\":{\"x\":1},\"g\":{\"x\":2}}}}", "_metadata/features/*/x", true,
      "{\"_metadata\":{\"features\":{\"f\":{\"x\":1}}}}" },
    { "{\"features\":{\"*\":{\"x\":1},\"f\":{\"x\":2}}}", "features/*/x",
      false, "{\"features\":{\"*\":{\"x\":1}}}" },
    { "{\"features\":{\"f\":{}},\"_metadata\":{\"features\":"
      "{\"*\":{\"x\":1}}}}", "_metadata/features/*/x", true, "{}" },
    { "{\"features\":{\"f\":{}},\"_metadata\":{\"attributes\":"
      "{\"*\":{\"x\":1},\"f\":{\"x\":2}}}}", "_metadata/attributes/*/x", true,
      "{\"_metadata\":{\"attributes\":{\"*\":{\"x\":1}}}}" },
    { "{\"features\":null,\"attributes\":{\"*\":{\"x\":1}}}",
      "features/*/x,attributes/*/x", true,
      "{\"attributes\":{\"*\":{\"x\":1}}}" },
};


static ditto_pointer_t
test_pointer(unit_pool_t *up, const char *path)
{
    ditto_error_t    err;
    ditto_pointer_t  pointer;

    assert_int_equal(ditto_pointer_parse(&up->pool, unit_str(up, path),
                                         &pointer, &err), DITTO_OK);

    return pointer;
}


typedef struct {
    const test_edit_t    *edit;
    const test_select_t  *select;
    ditto_pointer_t       pointers[4];
    size_t                n;
} test_memory_t;


static void
test_edit_setup(unit_pool_t *up, void *ctx)
{
    test_memory_t  *m = ctx;

    m->pointers[0] = test_pointer(up, (m->edit->path != NULL) ? m->edit->path
                                                              : "");
}


/* One operation. */
static ditto_rc_t
test_edit_call(unit_pool_t *up, void *ctx, ditto_error_t *err)
{
    ditto_str_t              text, out;
    test_memory_t           *m = ctx;
    ditto_error_t            invalid;
    ditto_json_edit_t        edit;
    const test_edit_t       *t = m->edit;
    const ditto_pointer_t   *path = m->pointers;

    text = unit_str(up, (t->text != NULL) ? t->text : "");

    ditto_json_edit_open(&edit, &up->pool, unit_str(up, t->document));

    switch (t->op) {

    case TEST_SET:
        ditto_json_edit_set(&edit, path->segments, path->n, text);
        break;

    case TEST_REMOVE:
        ditto_json_edit_remove(&edit, path->segments, path->n);
        break;

    case TEST_MERGE:
        ditto_json_edit_merge(&edit, text);
        break;

    default:
        ditto_json_edit_prune(&edit);
    }

    if (ditto_json_edit_done(&edit, &out, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    assert_false(edit.pattern);
    assert_int_equal(ditto_json_validate(out, &invalid), DITTO_OK);

    if (out.len != strlen(t->result)
        || memcmp(out.data, t->result, out.len) != 0)
    {
        fail_msg("%s: got %.*s", t->document, (int) out.len,
                 (const char *) out.data);
    }

    return DITTO_OK;
}


static void
test_edit(void **state)
{
    size_t         i;
    test_memory_t  m;

    (void) state;

    for (i = 0; i < sizeof(test_edits) / sizeof(test_edits[0]); i++) {
        m.edit = &test_edits[i];
        assert_in_range(unit_every_allocation(test_edit_setup, test_edit_call,
                                              &m),
                        1, 100);
    }
}


static void
test_select_setup(unit_pool_t *up, void *ctx)
{
    char            copy[256], *name, *rest;
    test_memory_t  *m = ctx;

    snprintf(copy, sizeof(copy), "%s", m->select->pointers);

    for (m->n = 0, name = strtok_r(copy, ",", &rest);
         name != NULL;
         name = strtok_r(NULL, ",", &rest))
    {
        m->pointers[m->n++] = (name[0] == '/' && name[1] == '\0')
                              ? test_pointer(up, "")
                              : test_pointer(up, name);
    }
}


static ditto_rc_t
test_select_call(unit_pool_t *up, void *ctx, ditto_error_t *err)
{
    ditto_str_t           out;
    test_memory_t        *m = ctx;
    const test_select_t  *t = m->select;

    if (ditto_json_select(&up->pool, unit_str(up, t->object), m->pointers,
                          m->n, t->wildcards, &out, err)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    if (out.len != strlen(t->result)
        || memcmp(out.data, t->result, out.len) != 0)
    {
        fail_msg("%s: got %.*s", t->object, (int) out.len,
                 (const char *) out.data);
    }

    return DITTO_OK;
}


static void
test_select(void **state)
{
    size_t         i;
    test_memory_t  m;

    (void) state;

    for (i = 0; i < sizeof(test_selects) / sizeof(test_selects[0]); i++) {
        m.select = &test_selects[i];
        assert_in_range(unit_every_allocation(test_select_setup,
                                              test_select_call, &m),
                        0, 100);
    }
}


/* Expressions are met, not run. */
static void
test_pattern(void **state)
{
    size_t             i;
    ditto_str_t        out;
    unit_pool_t        up;
    ditto_error_t      err;
    ditto_json_edit_t  edit;

    static const struct {
        const char  *document;
        const char  *patch;
        bool         pattern;
        const char  *result;
    } cases[] = {
        { "{\"a\":1}", "{\"{{ ~x.*~ }}\":null}", true, "{\"a\":1}" },
        { "{\"a\":1}", "{\"{{/x/}}\":null}", true, "{\"a\":1}" },
        { "{\"a\":{\"b\":1}}", "{\"a\":{\"{{~~}}\":null}}", true,
          "{\"a\":{\"b\":1}}" },
        { "{\"a\":1}", "{\"{{ ~x.*~ }}\":2}", false,
          "{\"a\":1,\"{{ ~x.*~ }}\":2}" },
        { "{\"a\":1}", "{\"{{ x }}\":null,\"{{~}}\":null,\"{~x~}\":null,"
          "\"{{~x/}}\":null,\"{}}\":null,\"ab~x~}}\":null,\"{{~x~ab\":null}",
          false, "{\"a\":1}" },
        { "{}", "{\"{{ ~x.*~ }}\":null}", false, "{}" },
        { "{}", "{\"a\":{\"{{ ~x.*~ }}\":null}}", false, "{\"a\":{}}" },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        unit_pool_init(&up);

        ditto_json_edit_open(&edit, &up.pool,
                             unit_str(&up, cases[i].document));
        ditto_json_edit_merge(&edit, unit_str(&up, cases[i].patch));

        assert_int_equal(ditto_json_edit_done(&edit, &out, &err), DITTO_OK);
        assert_int_equal(edit.pattern, cases[i].pattern);
        assert_int_equal(out.len, strlen(cases[i].result));
        assert_memory_equal(out.data, cases[i].result, out.len);

        unit_pool_free(&up);
    }
}


/* A member that is removed and set again, with the tree and without. */
static void
test_again(void **state)
{
    size_t             i;
    ditto_str_t        out, a = ditto_string("a");
    unit_pool_t        up;
    ditto_error_t      err;
    ditto_json_edit_t  edit;

    (void) state;

    for (i = 0; i < 2; i++) {
        unit_pool_init(&up);
        ditto_json_edit_open(&edit, &up.pool,
                             unit_str(&up, "{\"a\":1,\"b\":2}"));

        if (i == 1) {
            assert_true(ditto_json_node_open(&edit, edit.root));
        }

        ditto_json_edit_remove(&edit, &a, 1);
        assert_null(ditto_json_edit_at(&edit, &a, 1));

        ditto_json_edit_set(&edit, &a, 1, ditto_str("3"));
        assert_non_null(ditto_json_edit_at(&edit, &a, 1));
        assert_int_equal(ditto_json_edit_done(&edit, &out, &err), DITTO_OK);
        assert_int_equal(out.len, 13);
        assert_memory_equal(out.data, "{\"b\":2,\"a\":3}", 13);

        unit_pool_free(&up);
    }
}


/* {"m0":value,"m<step>":value, ... } */
static ditto_str_t
test_object(unit_pool_t *up, size_t n, size_t step, const char *value)
{
    char         name[16];
    size_t       i;
    ditto_buf_t  buf;
    ditto_str_t  text;

    ditto_buf_init(&buf, &up->pool, 0);
    ditto_buf_char(&buf, '{');

    for (i = 0; i < n; i++) {
        snprintf(name, sizeof(name), "\"m%zu\":", i * step);
        ditto_buf_text(&buf, (i == 0) ? "" : ",");
        ditto_buf_text(&buf, name);
        ditto_buf_text(&buf, value);
    }

    ditto_buf_char(&buf, '}');
    assert_int_equal(ditto_buf_done(&buf, &text), DITTO_OK);

    return text;
}


static size_t
test_count(unit_pool_t *up, ditto_str_t object)
{
    size_t             n;
    ditto_json_edit_t  edit;
    ditto_json_node_t  *member;

    ditto_json_edit_open(&edit, &up->pool, object);
    assert_true(ditto_json_node_open(&edit, edit.root));

    for (n = 0, member = edit.root->content.first;
         member != NULL;
         member = member->next)
    {
        n++;
    }

    return n;
}


/* Everything that walks two big objects, again and again. */
static void
test_big(void **state)
{
    char               name[16];
    size_t             i;
    ditto_str_t        out, key;
    unit_pool_t        up;
    ditto_buf_t        buf;
    ditto_error_t      err;
    ditto_pointer_t    pointer;
    ditto_json_edit_t  edit;

    (void) state;

    unit_pool_init(&up);

    /* half of the names meet, the others are new */

    ditto_json_edit_open(&edit, &up.pool, test_object(&up, MEMBERS, 1, "1"));
    ditto_json_edit_merge(&edit, test_object(&up, MEMBERS, 2, "2"));
    assert_int_equal(ditto_json_edit_done(&edit, &out, &err), DITTO_OK);
    assert_int_equal(test_count(&up, out), MEMBERS + MEMBERS / 2);

    for (i = 0; i < MEMBERS; i += 777) {
        snprintf(name, sizeof(name), "m%zu", i);
        key = ditto_str(name);
        assert_non_null(ditto_json_edit_at(&edit, &key, 1));
        assert_int_equal(ditto_json_edit_at(&edit, &key, 1)
                         ->content.text.data[0], (i % 2 == 0) ? '2' : '1');
    }

    /* what was removed comes back */

    ditto_json_edit_merge(&edit, test_object(&up, MEMBERS, 1, "null"));
    ditto_json_edit_merge(&edit, test_object(&up, MEMBERS, 1, "3"));
    assert_int_equal(ditto_json_edit_done(&edit, &out, &err), DITTO_OK);
    assert_int_equal(test_count(&up, out), MEMBERS + MEMBERS / 2);

    /* onto nothing, and onto null */

    ditto_json_edit_open(&edit, &up.pool, unit_str(&up, "null"));
    ditto_json_edit_merge(&edit, test_object(&up, MEMBERS, 1, "{\"a\":{}}"));
    ditto_json_edit_prune(&edit);
    assert_int_equal(ditto_json_edit_done(&edit, &out, &err), DITTO_OK);
    assert_int_equal(out.len, 2);

    /* many features, and a wildcard */

    ditto_buf_init(&buf, &up.pool, 0);
    ditto_buf_text(&buf, "{\"features\":");
    ditto_buf_str(&buf, test_object(&up, MEMBERS, 1, "{\"a\":1,\"b\":2}"));
    ditto_buf_char(&buf, '}');
    assert_int_equal(ditto_buf_done(&buf, &out), DITTO_OK);

    pointer = test_pointer(&up, "features/*/a");
    assert_int_equal(ditto_json_select(&up.pool, out, &pointer, 1, true, &out,
                                       &err), DITTO_OK);
    assert_int_equal(out.len,
                     sizeof("{\"features\":}") - 1
                     + test_object(&up, MEMBERS, 1, "{\"a\":1}").len);

    unit_pool_free(&up);
}


/* n objects in each other: {"a":{"a": ... value */
static ditto_str_t
test_nested(unit_pool_t *up, size_t n, const char *value)
{
    size_t       i;
    ditto_buf_t  buf;
    ditto_str_t  text;

    ditto_buf_init(&buf, &up->pool, 0);

    for (i = 0; i < n; i++) {
        ditto_buf_text(&buf, "{\"a\":");
    }

    ditto_buf_text(&buf, value);

    for (i = 0; i < n; i++) {
        ditto_buf_char(&buf, '}');
    }

    assert_int_equal(ditto_buf_done(&buf, &text), DITTO_OK);

    return text;
}


static void
test_deep(void **state)
{
    size_t             i;
    ditto_str_t        path[DITTO_JSON_DEPTH + 1], out;
    unit_pool_t        up;
    ditto_error_t      err;
    ditto_pointer_t    pointer;
    ditto_json_edit_t  edit;

    (void) state;

    unit_pool_init(&up);

    for (i = 0; i < DITTO_JSON_DEPTH + 1; i++) {
        path[i] = ditto_str("a");
    }

    ditto_json_edit_open(&edit, &up.pool,
                         test_nested(&up, DITTO_JSON_DEPTH, "1"));
    ditto_json_edit_merge(&edit, test_nested(&up, DITTO_JSON_DEPTH, "2"));
    assert_int_equal(ditto_json_edit_done(&edit, &out, &err), DITTO_OK);
    assert_int_equal(out.len, test_nested(&up, DITTO_JSON_DEPTH, "2").len);
    assert_memory_equal(out.data,
                        test_nested(&up, DITTO_JSON_DEPTH, "2").data,
                        out.len);

    pointer.segments = path;
    pointer.n = DITTO_JSON_DEPTH;
    assert_int_equal(ditto_json_select(&up.pool, out, &pointer, 1, false, &out,
                                       &err), DITTO_OK);
    assert_int_equal(out.len, test_nested(&up, DITTO_JSON_DEPTH, "2").len);

    ditto_json_edit_open(&edit, &up.pool, out);
    ditto_json_edit_set(&edit, path, DITTO_JSON_DEPTH, ditto_str("null"));
    ditto_json_edit_prune(&edit);
    assert_int_equal(ditto_json_edit_done(&edit, &out, &err), DITTO_OK);
    assert_int_equal(out.len, 2);

    /* as deep as may be, and deeper: by the path, by the value, by both */

    ditto_json_edit_set(&edit, path, DITTO_JSON_DEPTH - 2,
                        ditto_str("[\"[{\",[]]"));
    assert_int_equal(ditto_json_edit_done(&edit, &out, &err), DITTO_OK);
    assert_int_equal(ditto_json_validate(out, &err), DITTO_OK);

    for (i = 0; i < 3; i++) {
        ditto_json_edit_open(&edit, &up.pool, unit_str(&up, "{}"));

        ditto_json_edit_set(&edit, path,
                            (i == 0) ? DITTO_JSON_DEPTH + 1
                                     : (i == 1) ? 1 : DITTO_JSON_DEPTH - 1,
                            (i == 0) ? ditto_str("1")
                                     : (i == 1)
                                       ? test_nested(&up, DITTO_JSON_DEPTH,
                                                     "1")
                                       : ditto_str("{\"a\":[]}"));

        assert_int_equal(ditto_json_edit_done(&edit, &out, &err),
                         DITTO_ERROR);
        assert_int_equal(err.code, DITTO_E_JSON_INVALID);
    }

    unit_pool_free(&up);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_edit),
        cmocka_unit_test(test_select),
        cmocka_unit_test(test_pattern),
        cmocka_unit_test(test_again),
        cmocka_unit_test(test_big),
        cmocka_unit_test(test_deep),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
