/*
 * A document: what is set is there and what is removed is not; it stays JSON
 * when it is merged, and fields of it can be selected.
 *
 * Seeds: policy_view {json}\0/attributes/a\0{"b":[1]}\0{"features":null}\0features(*,f),attributes(a,b)
 * Seeds: rql_match_enriched {extra}\0/attributes\01\0{extra}\0{extra_fields}
 * Words: json
 */

#include "fuzz.h"

#include "ditto_json.h"
#include "ditto_json_edit.h"
#include "ditto_json_select.h"


static void fuzz_set(unit_pool_t *up, ditto_str_t document,
    const ditto_pointer_t *path, ditto_str_t text);
static bool fuzz_edited(unit_pool_t *up, ditto_json_edit_t *edit,
    ditto_str_t *out);
static void fuzz_select(unit_pool_t *up, ditto_str_t object,
    ditto_str_t selector);


void
fuzz_one(unit_pool_t *up, ditto_str_t in)
{
    ditto_str_t         document, pointer, text, patch, out;
    ditto_error_t       err;
    ditto_pointer_t     path;
    ditto_json_edit_t   edit;

    memset(&err, 0, sizeof(err));

    document = fuzz_part(up, &in);
    pointer = fuzz_part(up, &in);
    text = fuzz_part(up, &in);
    patch = fuzz_part(up, &in);

    if (ditto_json_validate(document, &err) != DITTO_OK
        || ditto_json_validate(text, &err) != DITTO_OK
        || ditto_json_validate(patch, &err) != DITTO_OK
        || fuzz_rc(up, ditto_pointer_parse(&up->pool, pointer, &path, &err),
                   &err)
           != DITTO_OK)
    {
        return;
    }

    fuzz_set(up, document, &path, text);

    ditto_json_edit_open(&edit, &up->pool, document);
    ditto_json_edit_merge(&edit, patch);
    ditto_json_edit_set(&edit, path.segments, path.n, text);
    ditto_json_edit_prune(&edit);

    if (fuzz_edited(up, &edit, &out)) {
        fuzz_select(up, out, fuzz_part(up, &in));
    }
}


/* What was set is there, and what was removed is not. */
static void
fuzz_set(unit_pool_t *up, ditto_str_t document, const ditto_pointer_t *path,
    ditto_str_t text)
{
    ditto_buf_t         buf, there;
    ditto_str_t         out, again;
    ditto_json_edit_t   edit;
    ditto_json_node_t  *node;

    ditto_json_edit_open(&edit, &up->pool, document);
    ditto_json_edit_set(&edit, path->segments, path->n, text);

    if (!fuzz_edited(up, &edit, &out)) {
        return;
    }

    node = ditto_json_edit_at(&edit, path->segments, path->n);
    fuzz_check(up, node != NULL);

    if (node == NULL) {
        return;
    }

    ditto_buf_init(&there, &up->pool, 0);
    ditto_json_node_render(&there, node);

    if (!fuzz_done(up, &there, &again)) {
        return;
    }

    ditto_buf_init(&buf, &up->pool, 0);
    ditto_json_add_compact(&buf, ditto_str_trim(text));
    ditto_buf_init(&there, &up->pool, 0);
    ditto_json_add_compact(&there, again);

    if (ditto_buf_done(&buf, &out) == DITTO_OK
        && ditto_buf_done(&there, &again) == DITTO_OK)
    {
        fuzz_check(up, ditto_str_eq(out, again));
    }

    if (path->n == 0) {
        return;
    }

    ditto_json_edit_remove(&edit, path->segments, path->n);

    if (fuzz_edited(up, &edit, &out)) {
        fuzz_check(up, ditto_json_edit_at(&edit, path->segments, path->n)
                       == NULL);
    }
}


static bool
fuzz_edited(unit_pool_t *up, ditto_json_edit_t *edit, ditto_str_t *out)
{
    ditto_error_t  err;

    memset(&err, 0, sizeof(err));

    if (fuzz_rc(up, ditto_json_edit_done(edit, out, &err), &err) != DITTO_OK) {
        return false;
    }

    fuzz_check(up, ditto_json_validate(*out, &err) == DITTO_OK);

    return true;
}


static void
fuzz_select(unit_pool_t *up, ditto_str_t object, ditto_str_t selector)
{
    size_t            i;
    ditto_str_t       out, *text;
    ditto_array_t     texts;
    ditto_error_t     err;
    ditto_pointer_t  *pointers;

    memset(&err, 0, sizeof(err));

    ditto_array_init(&texts, &up->pool, sizeof(ditto_str_t));

    if (fuzz_rc(up, ditto_selector_parse(&up->pool, selector, &texts, &err),
                &err)
        != DITTO_OK)
    {
        return;
    }

    pointers = ditto_alloc(&up->pool,
                           (texts.nelts + 1) * sizeof(ditto_pointer_t));
    if (pointers == NULL) {
        return;
    }

    for (i = 0, text = texts.elts; i < texts.nelts; i++) {
        if (fuzz_rc(up, ditto_pointer_parse_escaped(&up->pool, text[i],
                                                    &pointers[i], &err), &err)
            != DITTO_OK)
        {
            return;
        }
    }

    if (fuzz_rc(up, ditto_json_select(&up->pool, object, pointers, texts.nelts,
                                      true, &out, &err), &err)
        == DITTO_OK)
    {
        fuzz_check(up, ditto_json_validate(out, &err) == DITTO_OK);
        fuzz_check(up, out.data[0] == '{');
    }
}
