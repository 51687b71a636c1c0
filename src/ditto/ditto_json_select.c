#include "ditto_json_edit.h"
#include "ditto_json_select.h"


/* A tree of the segments of pointers. */
typedef struct ditto_select_s  ditto_select_t;

struct ditto_select_s {
    ditto_str_t      key;
    bool             whole;      /* a pointer ends here: all below is meant */
    bool             hit;        /* a pointer leads to something */
    ditto_select_t  *first;      /* children */
    ditto_select_t  *last;
    ditto_select_t  *next;
};


static void ditto_select_wildcard(ditto_json_edit_t *edit,
    ditto_select_t *root, const ditto_pointer_t *pointers, size_t n,
    size_t at);
static bool ditto_select_is_wildcard(const ditto_pointer_t *pointer,
    size_t at);
static void ditto_select_add(ditto_json_edit_t *edit, ditto_select_t *select,
    const ditto_str_t *segments, size_t n);
static ditto_select_t *ditto_select_child(ditto_json_edit_t *edit,
    ditto_select_t *select, const ditto_select_t *end, ditto_str_t key);
static bool ditto_select_mark(ditto_json_edit_t *edit, ditto_select_t *select,
    ditto_json_node_t *node);
static void ditto_select_object(ditto_json_edit_t *edit,
    const ditto_select_t *select, ditto_json_node_t *node, ditto_buf_t *out);
static void ditto_select_value(ditto_json_edit_t *edit,
    const ditto_select_t *select, ditto_json_node_t *node, ditto_buf_t *out);
static void ditto_select_array(ditto_json_edit_t *edit,
    const ditto_select_t *select, ditto_json_node_t *node, ditto_buf_t *out);


/* "/features" and "/_metadata/features" */
static const ditto_str_t  ditto_select_features[] = {
    ditto_string("_metadata"),
    ditto_string("features"),
};


ditto_rc_t
ditto_json_select(ditto_pool_t *pool, ditto_str_t object,
    const ditto_pointer_t *pointers, size_t n, bool wildcards,
    ditto_str_t *out, ditto_error_t *err)
{
    size_t             i;
    ditto_buf_t        buf;
    ditto_str_t        empty = ditto_string("{}");
    ditto_select_t     root;
    ditto_json_edit_t  edit;

    memset(&root, 0, sizeof(ditto_select_t));

    ditto_json_edit_open(&edit, pool, object);

    for (i = 0; i < n; i++) {

        /* the pointer to the whole object names no part of it */

        if (pointers[i].n != 0
            && (!wildcards
                || (!ditto_select_is_wildcard(&pointers[i], 1)
                    && !ditto_select_is_wildcard(&pointers[i], 2))))
        {
            ditto_select_add(&edit, &root, pointers[i].segments,
                             pointers[i].n);
        }
    }

    if (wildcards) {
        ditto_select_wildcard(&edit, &root, pointers, n, 1);
        ditto_select_wildcard(&edit, &root, pointers, n, 2);
    }

    *out = empty;
    ditto_buf_init(&buf, pool, 0);

    if (!edit.failed && ditto_json_node_type(edit.root) == DITTO_JSON_OBJECT
        && ditto_select_mark(&edit, &root, edit.root))
    {
        ditto_select_object(&edit, &root, edit.root, &buf);

        if (ditto_buf_done(&buf, out) != DITTO_OK) {
            return ditto_fail_memory(err);
        }
    }

    return edit.failed ? ditto_fail_memory(err) : DITTO_OK;
}


/*
 * Adds what the pointers with "*" at a place mean, for each feature with nodes
 * of its own: one may have what another lacks.
 */
static void
ditto_select_wildcard(ditto_json_edit_t *edit, ditto_select_t *root,
    const ditto_pointer_t *pointers, size_t n, size_t at)
{
    bool                any;
    size_t              i;
    ditto_select_t     *select, *child, *end;
    ditto_json_node_t  *features, *feature;

    for (i = 0, any = false; i < n; i++) {
        any = any || ditto_select_is_wildcard(&pointers[i], at);
    }

    features = any ? ditto_json_edit_at(edit, &ditto_select_features[1], 1)
                   : NULL;

    if (features == NULL
        || ditto_json_node_type(features) != DITTO_JSON_OBJECT
        || !ditto_json_node_open(edit, features))
    {
        return;
    }

    select = root;

    for (i = 2 - at; i < 2 && select != NULL && !select->whole; i++) {
        select = ditto_select_child(edit, select, select->last,
                                    ditto_select_features[i]);
    }

    if (select == NULL || select->whole) {
        return;
    }

    end = select->last;

    for (feature = features->content.first;
         feature != NULL;
         feature = feature->next)
    {
        /* the names differ, so only older children are compared */

        child = ditto_select_child(edit, select, end, feature->name);

        for (i = 0; i < n && child != NULL; i++) {
            if (ditto_select_is_wildcard(&pointers[i], at)) {
                ditto_select_add(edit, child, pointers[i].segments + at + 1,
                                 pointers[i].n - at - 1);
            }
        }
    }
}


static bool
ditto_select_is_wildcard(const ditto_pointer_t *pointer, size_t at)
{
    size_t       i;
    ditto_str_t  any = ditto_string("*");

    if (pointer->n <= at || !ditto_str_eq(pointer->segments[at], any)) {
        return false;
    }

    for (i = 0; i < at; i++) {
        if (!ditto_str_eq(pointer->segments[i],
                          ditto_select_features[2 - at + i]))
        {
            return false;
        }
    }

    return true;
}


static void
ditto_select_add(ditto_json_edit_t *edit, ditto_select_t *select,
    const ditto_str_t *segments, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {

        if (select->whole) {
            return;
        }

        select = ditto_select_child(edit, select, select->last, segments[i]);

        if (select == NULL) {
            return;
        }
    }

    select->whole = true;
}


/* The child of a name, made if there is none among those up to end. */
static ditto_select_t *
ditto_select_child(ditto_json_edit_t *edit, ditto_select_t *select,
    const ditto_select_t *end, ditto_str_t key)
{
    ditto_select_t  *child;

    for (child = (end == NULL) ? NULL : select->first;
         child != NULL;
         child = (child == end) ? NULL : child->next)
    {
        if (ditto_str_eq(child->key, key)) {
            return child;
        }
    }

    child = edit->failed ? NULL : ditto_zalloc(edit->pool,
                                               sizeof(ditto_select_t));
    if (child == NULL) {
        edit->failed = true;
        return NULL;
    }

    child->key = key;

    if (select->last != NULL) {
        select->last->next = child;

    } else {
        select->first = child;
    }

    select->last = child;

    return child;
}


/*
 * Which pointers lead to something; then those count, whatever is met on their
 * way.  The depth is that of the document.
 */
static bool
ditto_select_mark(ditto_json_edit_t *edit, ditto_select_t *select,
    ditto_json_node_t *node)
{
    bool                hit;
    ditto_select_t     *child;
    ditto_json_node_t  *value;

    if (!ditto_json_node_open(edit, node)) {
        return false;
    }

    hit = false;

    if (node->content.array) {

        for (value = node->content.first; value != NULL; value = value->next) {
            if (ditto_json_node_type(value) == DITTO_JSON_OBJECT
                && ditto_select_mark(edit, select, value))
            {
                hit = true;
            }
        }

        return hit;
    }

    for (child = select->first; child != NULL; child = child->next) {
        value = ditto_json_node_find(edit, node, child->key);

        if (value != NULL
            && (child->whole || ditto_select_mark(edit, child, value)))
        {
            child->hit = true;
            hit = true;
        }
    }

    return hit;
}


static void
ditto_select_object(ditto_json_edit_t *edit, const ditto_select_t *select,
    ditto_json_node_t *node, ditto_buf_t *out)
{
    bool                   first;
    ditto_json_node_t     *value;
    const ditto_select_t  *child;

    first = true;
    ditto_buf_char(out, '{');

    for (child = select->first; child != NULL; child = child->next) {

        value = child->hit ? ditto_json_node_find(edit, node, child->key)
                           : NULL;

        if (value == NULL) {
            continue;
        }

        if (!first) {
            ditto_buf_char(out, ',');
        }

        first = false;

        ditto_json_add_string(out, child->key);
        ditto_buf_char(out, ':');

        if (child->whole) {
            ditto_json_node_render(out, value);

        } else {
            ditto_select_value(edit, child, value, out);
        }
    }

    ditto_buf_char(out, '}');
}


static void
ditto_select_value(ditto_json_edit_t *edit, const ditto_select_t *select,
    ditto_json_node_t *node, ditto_buf_t *out)
{
    switch (ditto_json_node_type(node)) {

    case DITTO_JSON_OBJECT:
        ditto_select_object(edit, select, node, out);
        return;

    case DITTO_JSON_ARRAY:
        ditto_select_array(edit, select, node, out);
        return;

    case DITTO_JSON_NULL:
        /* an object without members to Ditto */
        ditto_buf_text(out, "{}");
        return;

    default:
        ditto_json_node_render(out, node);
    }
}


static void
ditto_select_array(ditto_json_edit_t *edit, const ditto_select_t *select,
    ditto_json_node_t *node, ditto_buf_t *out)
{
    ditto_json_node_t  *element;

    if (!ditto_json_node_open(edit, node)) {
        return;
    }

    ditto_buf_char(out, '[');

    for (element = node->content.first;
         element != NULL;
         element = element->next)
    {
        if (element != node->content.first) {
            ditto_buf_char(out, ',');
        }

        if (ditto_json_node_type(element) == DITTO_JSON_ARRAY) {
            ditto_json_node_render(out, element);

        } else {
            ditto_select_value(edit, select, element, out);
        }
    }

    ditto_buf_char(out, ']');
}
