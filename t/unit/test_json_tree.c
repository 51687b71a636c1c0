/*
 * The tree of a JSON text: what is read, found, replaced and refused.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "ditto_json_tree.h"
#include "unit_pool.h"


#define COUNT(a)  (sizeof(a) / sizeof((a)[0]))


/* out is NULL: refused at offset. */
static const struct {
    const char  *text;
    const char  *out;
    size_t       offset;
} test_texts[] = {
    { "null", "null", 0 },
    { " \t{ } ", "{}", 0 },
    { "[]", "[]", 0 },
    { " -1.50e+3 ", "-1.50e+3", 0 },
    { "\"\\u00e4\\\"\\ud83d\\ude00\"", "\"\xc3\xa4\\\"\xf0\x9f\x98\x80\"", 0 },
    { "[true, false,\n[ ] , {\"a\" : [1,[2]]},3]",
      "[true,false,[],{\"a\":[1,[2]]},3]", 0 },
    { "{\"a\":1,\"b\":{\"c\":[]},\"d\":null}",
      "{\"a\":1,\"b\":{\"c\":[]},\"d\":null}", 0 },

    /* the last value in the first place */
    { "{\"a\":{\"x\":1},\"b\":2,\"\\u0061\":[3]}", "{\"a\":[3],\"b\":2}", 0 },
    { "{\"a\":1,\"a\":{\"a\":1,\"a\":2}}", "{\"a\":{\"a\":2}}", 0 },
    { "{\"0\":0,\"1\":1,\"2\":2,\"3\":3,\"4\":4,\"5\":5,\"6\":6,\"7\":7,"
      "\"8\":8,\"9\":9,\"8\":-8,\"0\":{}}",
      "{\"0\":{},\"1\":1,\"2\":2,\"3\":3,\"4\":4,\"5\":5,\"6\":6,\"7\":7,"
      "\"8\":-8,\"9\":9}", 0 },

    /* what stands for no character */
    { "\"\\u0000\"", NULL, 1 },
    { "[1, \"a\\\\\\u0000\"]", NULL, 5 },
    { "{\"a\\ud800\":1}", NULL, 2 },
    { "\"\\ud800\\u0041\"", NULL, 1 },
    { "\"\\udc00\"", NULL, 1 },
    { "\"\\ud800x\\udc00\"", NULL, 1 },
    { "\"\\ud83d\\ude00\\ud83d\"", NULL, 1 },
    { "\"\\u0001\\n\"", "\"\\u0001\\n\"", 0 },
};


static void
tree_render(ditto_buf_t *out, const ditto_node_t *node)
{
    uint32_t             n;
    const ditto_node_t  *child;

    if (node->type == DITTO_JSON_STRING) {
        ditto_json_add_string(out, node->text);
        return;
    }

    if (node->type < DITTO_JSON_ARRAY) {
        ditto_buf_str(out, node->text);
        return;
    }

    ditto_buf_char(out, (node->type == DITTO_JSON_OBJECT) ? '{' : '[');

    for (child = node->first, n = 0; child != NULL; child = child->next, n++) {

        if (n != 0) {
            ditto_buf_char(out, ',');
        }

        if (node->type == DITTO_JSON_OBJECT) {
            assert_ptr_equal(ditto_node_get(node, child->name), child);
            ditto_json_add_string(out, child->name);
            ditto_buf_char(out, ':');
        }

        tree_render(out, child);
    }

    assert_int_equal(n, node->n);

    ditto_buf_char(out, (node->type == DITTO_JSON_OBJECT) ? '}' : ']');
}


static void
test_tree_read(void **state)
{
    size_t          i, offset;
    ditto_rc_t      rc;
    ditto_str_t     text;
    ditto_buf_t     buf;
    unit_pool_t     up;
    ditto_node_t    root;
    ditto_error_t   err;

    (void) state;

    for (i = 0; i < COUNT(test_texts); i++) {
        unit_pool_init(&up);
        ditto_buf_init(&buf, &up.pool, 0);

        text = unit_str(&up, test_texts[i].text);
        assert_int_equal(ditto_json_validate(text, &err), DITTO_OK);

        offset = 0;
        rc = ditto_json_tree(&up.pool, text, &root, &offset);

        if (test_texts[i].out == NULL) {
            assert_int_equal(rc, DITTO_DECLINED);
            assert_int_equal(offset, test_texts[i].offset);

        } else {
            assert_int_equal(rc, DITTO_OK);
            tree_render(&buf, &root);
            ditto_buf_char(&buf, '\0');
            assert_string_equal((const char *) buf.data, test_texts[i].out);
        }

        unit_pool_free(&up);
    }
}


/* The text of a container is its own, for those who quote it. */
static void
test_tree_text(void **state)
{
    size_t         offset;
    ditto_str_t    text;
    unit_pool_t    up;
    ditto_node_t   root, *a;

    (void) state;

    unit_pool_init(&up);

    text = unit_str(&up, " {\"a\": [1, {}] , \"b\": 2} ");
    assert_int_equal(ditto_json_tree(&up.pool, text, &root, &offset),
                     DITTO_OK);

    assert_true(ditto_str_eq(root.text, ditto_str_trim(text)));

    a = ditto_node_get(&root, ditto_str("a"));
    assert_true(ditto_str_eq(a->text, ditto_str("[1, {}]")));
    assert_null(ditto_node_get(&root, ditto_str("c")));
    assert_null(ditto_node_get(a, ditto_str("a")));
    assert_null(ditto_node_get(NULL, ditto_str("a")));

    unit_pool_free(&up);
}


/* As deep as the scanner allows, and as many as it takes for the index. */
static void
test_tree_large(void **state)
{
    char            name[16];
    size_t          i, offset;
    unit_pool_t     up;
    ditto_buf_t     buf;
    ditto_str_t     text;
    ditto_node_t    root, *node;
    ditto_error_t   err;

    (void) state;

    unit_pool_init(&up);
    ditto_buf_init(&buf, &up.pool, 0);

    for (i = 0; i < DITTO_JSON_DEPTH; i++) {
        ditto_buf_char(&buf, '[');
    }

    for (i = 0; i < DITTO_JSON_DEPTH; i++) {
        ditto_buf_char(&buf, ']');
    }

    assert_int_equal(ditto_buf_done(&buf, &text), DITTO_OK);
    assert_int_equal(ditto_json_validate(text, &err), DITTO_OK);
    assert_int_equal(ditto_json_tree(&up.pool, text, &root, &offset),
                     DITTO_OK);

    for (node = &root, i = 1; node->first != NULL; node = node->first, i++) {
        /* void */
    }

    assert_int_equal(i, DITTO_JSON_DEPTH);

    ditto_buf_init(&buf, &up.pool, 0);

    for (i = 0; i < 3000; i++) {
        (void) snprintf(name, sizeof(name), "%s\"%zu\":%zu", (i == 0) ? "{"
                                                                     : ",",
                        i % 1000, i);
        ditto_buf_text(&buf, name);
    }

    ditto_buf_char(&buf, '}');
    assert_int_equal(ditto_buf_done(&buf, &text), DITTO_OK);
    assert_int_equal(ditto_json_tree(&up.pool, text, &root, &offset),
                     DITTO_OK);
    assert_int_equal(root.n, 1000);

    for (i = 0; i < 1000; i++) {
        (void) snprintf(name, sizeof(name), "%zu", i);
        node = ditto_node_get(&root, ditto_str(name));
        assert_non_null(node);

        (void) snprintf(name, sizeof(name), "%zu", i + 2000);
        assert_true(ditto_str_eq(node->text, ditto_str(name)));
    }

    unit_pool_free(&up);
}


static void
test_tree_memory(void **state)
{
    size_t         n, offset;
    ditto_rc_t     rc;
    unit_pool_t    up;
    ditto_node_t   root;

    static const char  text[] =
        "{\"a\":[1,\"\\n\"],\"\\n\":{},\"b\":0,\"c\":0,\"d\":0,\"e\":0,\"f\":0,"
        "\"g\":0,\"h\":0,\"i\":0}";

    (void) state;

    for (n = 1; n < 100; n++) {
        unit_pool_init(&up);
        up.fail_at = n;

        rc = ditto_json_tree(&up.pool, ditto_str(text), &root, &offset);

        unit_pool_free(&up);

        if (up.count < n) {
            assert_int_equal(rc, DITTO_OK);
            return;
        }

        assert_int_equal(rc, DITTO_ERROR);
    }

    fail();
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_tree_read),
        cmocka_unit_test(test_tree_text),
        cmocka_unit_test(test_tree_large),
        cmocka_unit_test(test_tree_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
