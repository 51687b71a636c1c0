#include "ditto_json_edit.h"


/* from here on objects are opened with all objects in them */
#define DITTO_JSON_LAZY  8


static ditto_json_node_t *ditto_json_node_make(ditto_json_edit_t *edit,
    ditto_str_t text);
static bool ditto_json_node_split(ditto_json_edit_t *edit,
    ditto_json_node_t *node);
static bool ditto_json_node_read(ditto_json_edit_t *edit,
    ditto_json_node_t *node, ditto_json_t *json);
static void ditto_json_node_index(ditto_json_node_t *node);
static void ditto_json_node_empty(ditto_json_node_t *node);
static ditto_json_node_t *ditto_json_node_lookup(ditto_json_node_t *node,
    ditto_str_t name);
static ditto_json_node_t *ditto_json_node_member(ditto_json_edit_t *edit,
    ditto_json_node_t *node, ditto_str_t name);
static ditto_json_node_t *ditto_json_node_attach(ditto_json_node_t *node,
    ditto_json_node_t *member);
static void ditto_json_node_detach(ditto_json_node_t *node,
    ditto_json_node_t *member);
static void ditto_json_node_merge(ditto_json_edit_t *edit,
    ditto_json_node_t *node, ditto_json_node_t *patch);
static void ditto_json_node_strip(ditto_json_edit_t *edit,
    ditto_json_node_t *node);
static void ditto_json_node_prune(ditto_json_edit_t *edit,
    ditto_json_node_t *node);
static bool ditto_json_pattern(ditto_str_t name);
static ditto_json_node_t *ditto_json_tree_find(ditto_json_node_t *tree,
    ditto_str_t name);
static ditto_json_node_t *ditto_json_tree_insert(ditto_json_node_t *tree,
    ditto_json_node_t *node, ditto_json_node_t **same);
static int ditto_json_tree_order(ditto_str_t a, ditto_str_t b);


/* --- documents ------------------------------------------------------------ */

void
ditto_json_edit_open(ditto_json_edit_t *edit, ditto_pool_t *pool,
    ditto_str_t text)
{
    edit->pool = pool;
    edit->failed = false;
    edit->deep = false;
    edit->pattern = false;
    edit->root = ditto_json_node_make(edit, ditto_str_trim(text));
}


ditto_rc_t
ditto_json_edit_done(ditto_json_edit_t *edit, ditto_str_t *out,
    ditto_error_t *err)
{
    ditto_buf_t  buf;

    if (edit->failed) {
        return ditto_fail_memory(err);
    }

    if (edit->deep) {
        return ditto_fail_text(err, DITTO_E_JSON_INVALID,
                               "The result would be nested deeper than 1000 "
                               "levels.");
    }

    if (!edit->root->content.opened) {
        *out = edit->root->content.text;
        return DITTO_OK;
    }

    ditto_buf_init(&buf, edit->pool, edit->root->content.text.len + 128);
    ditto_json_node_render(&buf, edit->root);

    if (ditto_buf_done(&buf, out) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    return DITTO_OK;
}


void
ditto_json_edit_set(ditto_json_edit_t *edit, const ditto_str_t *path,
    size_t n, ditto_str_t text)
{
    size_t                i;
    ditto_json_node_t    *node;
    ditto_json_content_t  content;

    memset(&content, 0, sizeof(ditto_json_content_t));
    content.text = ditto_str_trim(text);

    if (n + ditto_json_depth(content.text) > DITTO_JSON_DEPTH) {
        edit->deep = true;
    }

    if (edit->failed || edit->deep) {
        return;
    }

    node = edit->root;

    for (i = 0; i < n; i++) {

        if (ditto_json_node_type(node) != DITTO_JSON_OBJECT) {
            ditto_json_node_empty(node);

        } else if (!ditto_json_node_split(edit, node)) {
            return;
        }

        node = ditto_json_node_member(edit, node, path[i]);

        if (node == NULL) {
            return;
        }
    }

    node->content = content;
}


void
ditto_json_edit_remove(ditto_json_edit_t *edit, const ditto_str_t *path,
    size_t n)
{
    ditto_json_node_t  *node, *member;

    node = ditto_json_edit_at(edit, path, n - 1);

    if (node == NULL) {
        return;
    }

    member = ditto_json_node_find(edit, node, path[n - 1]);

    if (member != NULL) {
        ditto_json_node_detach(node, member);
    }
}


void
ditto_json_edit_merge(ditto_json_edit_t *edit, ditto_str_t patch)
{
    ditto_json_node_t  *node;

    patch = ditto_str_trim(patch);
    node = ditto_json_node_make(edit, patch);

    if (edit->failed) {
        return;
    }

    if (ditto_json_type(patch) == DITTO_JSON_OBJECT) {
        ditto_json_node_merge(edit, edit->root, node);

    } else {
        edit->root = node;
    }
}


void
ditto_json_edit_prune(ditto_json_edit_t *edit)
{
    if (!edit->failed
        && ditto_json_node_type(edit->root) == DITTO_JSON_OBJECT)
    {
        ditto_json_node_prune(edit, edit->root);
    }
}


/* --- nodes ---------------------------------------------------------------- */

ditto_json_node_t *
ditto_json_edit_at(ditto_json_edit_t *edit, const ditto_str_t *path, size_t n)
{
    size_t              i;
    ditto_json_node_t  *node;

    node = edit->failed ? NULL : edit->root;

    for (i = 0; i < n && node != NULL; i++) {
        node = ditto_json_node_find(edit, node, path[i]);
    }

    return node;
}


ditto_json_type_e
ditto_json_node_type(const ditto_json_node_t *node)
{
    if (node->content.opened) {
        return node->content.array ? DITTO_JSON_ARRAY : DITTO_JSON_OBJECT;
    }

    return ditto_json_type(node->content.text);
}


bool
ditto_json_node_open(ditto_json_edit_t *edit, ditto_json_node_t *node)
{
    if (!ditto_json_node_split(edit, node)) {
        return false;
    }

    if (!node->content.array && !node->content.indexed) {
        ditto_json_node_index(node);
    }

    return true;
}


ditto_json_node_t *
ditto_json_node_find(ditto_json_edit_t *edit, ditto_json_node_t *node,
    ditto_str_t name)
{
    if (ditto_json_node_type(node) != DITTO_JSON_OBJECT
        || !ditto_json_node_split(edit, node))
    {
        return NULL;
    }

    return ditto_json_node_lookup(node, name);
}


/* The depth is that of the document. */
void
ditto_json_node_render(ditto_buf_t *out, const ditto_json_node_t *node)
{
    const ditto_json_node_t  *child;

    if (!node->content.opened) {
        ditto_buf_str(out, node->content.text);
        return;
    }

    ditto_buf_char(out, node->content.array ? '[' : '{');

    for (child = node->content.first; child != NULL; child = child->next) {

        if (child != node->content.first) {
            ditto_buf_char(out, ',');
        }

        if (!node->content.array) {
            ditto_json_add_string(out, child->name);
            ditto_buf_char(out, ':');
        }

        ditto_json_node_render(out, child);
    }

    ditto_buf_char(out, node->content.array ? ']' : '}');
}


static ditto_json_node_t *
ditto_json_node_make(ditto_json_edit_t *edit, ditto_str_t text)
{
    ditto_json_node_t  *node;

    node = edit->failed ? NULL : ditto_zalloc(edit->pool,
                                              sizeof(ditto_json_node_t));
    if (node == NULL) {
        edit->failed = true;
        return NULL;
    }

    node->content.text = text;

    return node;
}


/* Into members or elements, duplicates included. */
static bool
ditto_json_node_split(ditto_json_edit_t *edit, ditto_json_node_t *node)
{
    ditto_str_t   text;
    ditto_json_t  json;

    if (edit->failed) {
        return false;
    }

    if (node->content.opened) {
        return true;
    }

    text = node->content.text;

    if (text.data[0] != '{' && text.data[0] != '[') {
        return false;
    }

    ditto_json_open(&json, text);

    return ditto_json_node_read(edit, node, &json);
}


/* json stands at the node's bracket; the depth is that of the document. */
static bool
ditto_json_node_read(ditto_json_edit_t *edit, ditto_json_node_t *node,
    ditto_json_t *json)
{
    ditto_str_t         name, none = ditto_null_string;
    ditto_json_node_t  *child;

    node->content.opened = true;
    node->content.array = (*json->pos++ == '[');

    while (ditto_json_step(json, node->content.array ? NULL : &name)) {

        child = ditto_json_node_make(edit, none);
        if (child == NULL) {
            return false;
        }

        child->depth = (unsigned short) (node->depth + 1);

        if (!node->content.array
            && ditto_json_decode(edit->pool, name, &child->name) != DITTO_OK)
        {
            edit->failed = true;
            return false;
        }

        if (child->depth <= DITTO_JSON_LAZY || *json->pos != '{') {
            child->content.text = ditto_json_take(json);

        } else if (!ditto_json_node_read(edit, child, json)) {
            return false;
        }

        (void) ditto_json_node_attach(node, child);
    }

    return true;
}


static void
ditto_json_node_index(ditto_json_node_t *node)
{
    ditto_json_node_t  *member, *next, *same;

    node->content.indexed = true;

    for (member = node->content.first; member != NULL; member = next) {
        next = member->next;
        same = NULL;

        node->content.tree = ditto_json_tree_insert(node->content.tree,
                                                    member, &same);
        if (same != NULL) {
            same->content = member->content;
            ditto_json_node_detach(node, member);
        }
    }
}


static void
ditto_json_node_empty(ditto_json_node_t *node)
{
    memset(&node->content, 0, sizeof(ditto_json_content_t));

    node->content.opened = true;
    node->content.indexed = true;
}


/*
 * Looking for a few members is cheaper without the tree; then duplicates of
 * what is looked for are met here.
 */
static ditto_json_node_t *
ditto_json_node_lookup(ditto_json_node_t *node, ditto_str_t name)
{
    ditto_json_node_t  *member, *found, *next;

    if (node->content.indexed) {
        found = ditto_json_tree_find(node->content.tree, name);

        return (found != NULL && !found->gone) ? found : NULL;
    }

    found = NULL;

    for (member = node->content.first; member != NULL; member = next) {
        next = member->next;

        if (!ditto_str_eq(member->name, name)) {
            continue;
        }

        if (found == NULL) {
            found = member;

        } else {
            found->content = member->content;
            ditto_json_node_detach(node, member);
        }
    }

    return found;
}


/* The member of an open object, made if there is none; NULL: out of memory. */
static ditto_json_node_t *
ditto_json_node_member(ditto_json_edit_t *edit, ditto_json_node_t *node,
    ditto_str_t name)
{
    ditto_str_t         null = ditto_string("null");
    ditto_json_node_t  *member;

    member = ditto_json_node_lookup(node, name);

    if (member != NULL) {
        return member;
    }

    member = ditto_json_node_make(edit, null);
    if (member == NULL) {
        return NULL;
    }

    member->name = name;
    member->depth = (unsigned short) (node->depth + 1);

    return ditto_json_node_attach(node, member);
}


/*
 * At the end.  No member has this name, but one that was removed may have its
 * place in the tree: then that one comes back, and is returned.
 */
static ditto_json_node_t *
ditto_json_node_attach(ditto_json_node_t *node, ditto_json_node_t *member)
{
    ditto_json_node_t  *same;

    if (node->content.indexed) {
        same = NULL;
        node->content.tree = ditto_json_tree_insert(node->content.tree,
                                                    member, &same);
        if (same != NULL) {
            same->content = member->content;
            same->gone = false;
            member = same;
        }
    }

    member->next = NULL;
    member->prev = node->content.last;

    if (node->content.last != NULL) {
        node->content.last->next = member;

    } else {
        node->content.first = member;
    }

    node->content.last = member;

    return member;
}


static void
ditto_json_node_detach(ditto_json_node_t *node, ditto_json_node_t *member)
{
    if (member->prev != NULL) {
        member->prev->next = member->next;

    } else {
        node->content.first = member->next;
    }

    if (member->next != NULL) {
        member->next->prev = member->prev;

    } else {
        node->content.last = member->prev;
    }

    member->gone = true;
}


/* --- merging -------------------------------------------------------------- */

/* patch is an object; its depth is the bound. */
static void
ditto_json_node_merge(ditto_json_edit_t *edit, ditto_json_node_t *node,
    ditto_json_node_t *patch)
{
    bool                object, null;
    ditto_json_node_t  *member, *next, *own;

    if (!ditto_json_node_open(edit, patch)) {
        return;
    }

    if (ditto_json_node_type(node) == DITTO_JSON_NULL) {
        ditto_json_node_empty(node);

    } else if (ditto_json_node_type(node) != DITTO_JSON_OBJECT) {
        ditto_json_node_strip(edit, patch);
        node->content = patch->content;
        return;

    } else if (!ditto_json_node_open(edit, node)) {
        return;
    }

    for (member = patch->content.first;
         member != NULL && !edit->failed;
         member = next)
    {
        next = member->next;
        null = (ditto_json_node_type(member) == DITTO_JSON_NULL);
        object = (ditto_json_node_type(member) == DITTO_JSON_OBJECT);
        own = ditto_json_node_lookup(node, member->name);

        if (null) {
            if (own != NULL) {
                ditto_json_node_detach(node, own);
            }

            if (ditto_json_pattern(member->name)
                && node->content.first != NULL)
            {
                edit->pattern = true;
            }

        } else if (own == NULL) {

            if (object) {
                ditto_json_node_strip(edit, member);
            }

            (void) ditto_json_node_attach(node, member);

        } else if (object) {
            ditto_json_node_merge(edit, own, member);

        } else {
            own->content = member->content;
        }
    }
}


static void
ditto_json_node_strip(ditto_json_edit_t *edit, ditto_json_node_t *node)
{
    ditto_json_node_t  *member, *next;

    if (!ditto_json_node_open(edit, node)) {
        return;
    }

    for (member = node->content.first; member != NULL; member = next) {
        next = member->next;

        if (ditto_json_node_type(member) == DITTO_JSON_NULL) {
            ditto_json_node_detach(node, member);
        }
    }
}


/* node is an object; the depth is that of the document. */
static void
ditto_json_node_prune(ditto_json_edit_t *edit, ditto_json_node_t *node)
{
    ditto_json_node_t  *member, *next;

    if (!ditto_json_node_open(edit, node)) {
        return;
    }

    for (member = node->content.first; member != NULL; member = next) {
        next = member->next;

        if (ditto_json_node_type(member) == DITTO_JSON_OBJECT) {
            ditto_json_node_prune(edit, member);

            if (member->content.first != NULL) {
                continue;
            }

        } else if (ditto_json_node_type(member) != DITTO_JSON_NULL) {
            continue;
        }

        ditto_json_node_detach(node, member);
    }
}


/* "{{ ~expression~ }}", or with slashes */
static bool
ditto_json_pattern(ditto_str_t name)
{
    unsigned char  first, last;

    if (name.len < 4
        || memcmp(name.data, "{{", 2) != 0
        || memcmp(name.data + name.len - 2, "}}", 2) != 0)
    {
        return false;
    }

    name = ditto_str_trim(ditto_str_sub(name, 2, name.len - 2));

    if (name.len < 2) {
        return false;
    }

    first = name.data[0];
    last = name.data[name.len - 1];

    return first == last && (first == '~' || first == '/');
}


/* --- the tree ------------------------------------------------------------- */

/*
 * An AA tree, whose height is at most twice the logarithm of its size: names
 * are a stranger's, who might know a hash function as well.
 */

static ditto_json_node_t *
ditto_json_tree_find(ditto_json_node_t *tree, ditto_str_t name)
{
    int  order;

    while (tree != NULL) {
        order = ditto_json_tree_order(name, tree->name);

        if (order == 0) {
            break;
        }

        tree = (order < 0) ? tree->left : tree->right;
    }

    return tree;
}


/* The new tree; if the name is there already, *same and no change. */
static ditto_json_node_t *
ditto_json_tree_insert(ditto_json_node_t *tree, ditto_json_node_t *node,
    ditto_json_node_t **same)
{
    int                 order;
    ditto_json_node_t  *top;

    if (tree == NULL) {
        node->left = NULL;
        node->right = NULL;
        node->level = 1;

        return node;
    }

    order = ditto_json_tree_order(node->name, tree->name);

    if (order == 0) {
        *same = tree;
        return tree;
    }

    if (order < 0) {
        tree->left = ditto_json_tree_insert(tree->left, node, same);

    } else {
        tree->right = ditto_json_tree_insert(tree->right, node, same);
    }

    if (tree->left != NULL && tree->left->level == tree->level) {
        top = tree->left;
        tree->left = top->right;
        top->right = tree;
        tree = top;
    }

    if (tree->right != NULL && tree->right->right != NULL
        && tree->right->right->level == tree->level)
    {
        top = tree->right;
        tree->right = top->left;
        top->left = tree;
        top->level++;
        tree = top;
    }

    return tree;
}


static int
ditto_json_tree_order(ditto_str_t a, ditto_str_t b)
{
    if (a.len != b.len) {
        return (a.len < b.len) ? -1 : 1;
    }

    return (a.len == 0) ? 0 : memcmp(a.data, b.data, a.len);
}
