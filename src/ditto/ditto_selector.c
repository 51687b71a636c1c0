/*
 * Field selectors: "attributes/a,features(f/properties,g)".  The parts in
 * parentheses are flattened to pointers.
 *
 * Ditto: httpapi-concepts "With field selector"; spec section "extraFields".
 */

#include "ditto_json_select.h"


#define DITTO_SELECTOR_DEPTH  32     /* nested parentheses */


typedef struct {
    ditto_pool_t   *pool;
    ditto_array_t  *pointers;
    ditto_error_t  *err;
} ditto_selector_t;


static ditto_rc_t ditto_selector_list(ditto_selector_t *sel,
    ditto_str_t prefix, ditto_str_t list, unsigned depth);
static ditto_rc_t ditto_selector_item(ditto_selector_t *sel,
    ditto_str_t prefix, ditto_str_t item, unsigned depth);
static ditto_rc_t ditto_selector_pointer(ditto_selector_t *sel,
    ditto_str_t prefix, ditto_str_t text, ditto_str_t *out);
static bool ditto_selector_placeholder(ditto_str_t text);


ditto_rc_t
ditto_selector_parse(ditto_pool_t *pool, ditto_str_t text,
    ditto_array_t *pointers, ditto_error_t *err)
{
    size_t            i, open, closed;
    ditto_str_t       none = ditto_null_string;
    ditto_selector_t  sel;

    for (i = 0, open = 0, closed = 0; i < text.len; i++) {
        open += (text.data[i] == '(');
        closed += (text.data[i] == ')');
    }

    if (text.len == 0 || (open != 0 && open != closed)) {
        return ditto_fail(err, DITTO_E_JSON_SELECTOR_INVALID, text, none);
    }

    sel.pool = pool;
    sel.pointers = pointers;
    sel.err = err;

    return ditto_selector_list(&sel, none, text, DITTO_SELECTOR_DEPTH);
}


/* The items of a list; a comma within parentheses belongs to its item. */
static ditto_rc_t
ditto_selector_list(ditto_selector_t *sel, ditto_str_t prefix,
    ditto_str_t list, unsigned depth)
{
    size_t  i, from, open;

    for (i = 0, from = 0, open = 0; i <= list.len; i++) {

        if (i < list.len) {

            if (list.data[i] == '(') {
                open++;

            } else if (list.data[i] == ')' && open > 0) {
                open--;
            }

            if (list.data[i] != ',' || open > 0) {
                continue;
            }
        }

        if (ditto_selector_item(sel, prefix, ditto_str_sub(list, from, i),
                                depth)
            != DITTO_OK)
        {
            return DITTO_ERROR;
        }

        from = i + 1;
    }

    return DITTO_OK;
}


static ditto_rc_t
ditto_selector_item(ditto_selector_t *sel, ditto_str_t prefix,
    ditto_str_t item, unsigned depth)
{
    size_t        i, open;
    ditto_str_t   pointer, none = ditto_null_string;
    ditto_str_t  *p;

    open = ditto_str_chr(item, '(', 0);

    if (open < ditto_str_chr(item, ')', 0)
        && ditto_str_chr(item, ')', 0) < item.len
        && !ditto_selector_placeholder(item))
    {
        if (depth == 0) {
            return ditto_fail(sel->err, DITTO_E_JSON_SELECTOR_INVALID, item,
                              none);
        }

        if (ditto_selector_pointer(sel, prefix, ditto_str_sub(item, 0, open),
                                   &pointer)
            != DITTO_OK)
        {
            return DITTO_ERROR;
        }

        return ditto_selector_list(sel, pointer,
                                   ditto_str_sub(item, open + 1, item.len - 1),
                                   depth - 1);
    }

    if (ditto_selector_pointer(sel, prefix, item, &pointer) != DITTO_OK) {
        return DITTO_ERROR;
    }

    for (i = 0, p = sel->pointers->elts; i < sel->pointers->nelts; i++) {
        if (ditto_str_eq(p[i], pointer)) {
            return DITTO_OK;
        }
    }

    if (i == DITTO_SELECTOR_MAX) {
        (void) ditto_fail(sel->err, DITTO_E_JSON_SELECTOR_INVALID, item,
                          none);
        sel->err->description = "More than 1000 fields are selected.";
        return DITTO_ERROR;
    }

    p = ditto_array_push(sel->pointers);
    if (p == NULL) {
        return ditto_fail_memory(sel->err);
    }

    *p = pointer;

    return DITTO_OK;
}


/* text as a pointer below prefix, rendered. */
static ditto_rc_t
ditto_selector_pointer(ditto_selector_t *sel, ditto_str_t prefix,
    ditto_str_t text, ditto_str_t *out)
{
    ditto_buf_t      buf;
    ditto_pointer_t  pointer;

    if (ditto_pointer_parse_escaped(sel->pool, text, &pointer, sel->err)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    ditto_buf_init(&buf, sel->pool, prefix.len + text.len + 2);

    if (prefix.len > 1) {
        ditto_buf_str(&buf, prefix);
    }

    if (pointer.n != 0 || prefix.len <= 1) {
        ditto_pointer_render(&buf, &pointer);
    }

    if (ditto_buf_done(&buf, out) != DITTO_OK) {
        return ditto_fail_memory(sel->err);
    }

    return DITTO_OK;
}


static bool
ditto_selector_placeholder(ditto_str_t text)
{
    size_t  at;

    static ditto_str_t  open = ditto_string("{{");
    static ditto_str_t  close = ditto_string("}}");

    at = ditto_str_find(text, open);

    if (at > text.len) {
        return false;
    }

    text = ditto_str_sub(text, at + 2, text.len);

    return ditto_str_find(text, close) <= text.len;
}
