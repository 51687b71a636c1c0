#include "ditto_json_parts.h"
#include "ditto_json_print.h"
#include "ditto_json_tree.h"


#define DITTO_NODE_FEW  8        /* members that are compared one by one */


static ditto_rc_t ditto_tree_text(ditto_pool_t *pool, ditto_str_t raw,
    ditto_str_t *text);
static ditto_node_t *ditto_node_add(ditto_pool_t *pool, ditto_node_t *parent,
    ditto_str_t name);
static ditto_rc_t ditto_node_index(ditto_pool_t *pool, ditto_node_t *object);
static void ditto_node_enter(ditto_node_t *object, ditto_node_t *member);
static uint32_t ditto_node_hash(const ditto_node_t *object, ditto_str_t name);


ditto_rc_t
ditto_json_tree(ditto_pool_t *pool, ditto_str_t text, ditto_node_t *root,
    size_t *offset)
{
    size_t         n;
    ditto_rc_t     rc;
    ditto_str_t    raw, name;
    ditto_node_t  *node, *parent, empty;
    ditto_node_t  *open[DITTO_JSON_DEPTH];
    ditto_json_t   it;

    ditto_json_open(&it, text);
    ditto_json_blanks(&it);
    ditto_node_init(&empty, DITTO_JSON_NULL);

    *root = empty;
    node = root;
    n = 0;

    for ( ;; ) {

        if (*it.pos == '{' || *it.pos == '[') {

            node->type = (*it.pos == '{') ? DITTO_JSON_OBJECT
                                          : DITTO_JSON_ARRAY;
            node->text.data = it.pos++;
            open[n++] = node;

        } else {
            node->text = ditto_json_take(&it);
            node->type = ditto_json_type(node->text);

            if (node->type == DITTO_JSON_STRING) {
                raw = ditto_str_sub(node->text, 1, node->text.len - 1);
                rc = ditto_tree_text(pool, raw, &node->text);

                if (rc != DITTO_OK) {
                    *offset = (size_t) (raw.data - text.data);
                    return rc;
                }
            }
        }

        for ( ;; ) {

            if (n == 0) {
                return DITTO_OK;
            }

            parent = open[n - 1];
            raw.len = 0;

            if (ditto_json_step(&it, (parent->type == DITTO_JSON_OBJECT)
                                     ? &raw : NULL))
            {
                break;
            }

            parent->text.len = (size_t) (it.pos - parent->text.data);
            n--;
        }

        if (parent->type == DITTO_JSON_ARRAY) {
            node = ditto_node_push(pool, parent, &empty);

        } else {
            rc = ditto_tree_text(pool, raw, &name);

            if (rc != DITTO_OK) {
                *offset = (size_t) (raw.data - text.data);
                return rc;
            }

            node = ditto_node_put(pool, parent, name, &empty);
        }

        if (node == NULL) {
            return DITTO_ERROR;
        }
    }
}


/* A name or the inside of a string.  DITTO_DECLINED: no such text. */
static ditto_rc_t
ditto_tree_text(ditto_pool_t *pool, ditto_str_t raw, ditto_str_t *text)
{
    if (ditto_json_decode(pool, raw, text) != DITTO_OK) {
        return DITTO_ERROR;
    }

    if (text->data != raw.data
        && (ditto_str_chr(*text, '\0', 0) != text->len
            || ditto_json_lone_surrogate(raw)))
    {
        return DITTO_DECLINED;
    }

    return DITTO_OK;
}


/* --- nodes --------------------------------------------------------------- */

void
ditto_node_init(ditto_node_t *node, ditto_json_type_e type)
{
    memset(node, 0, sizeof(ditto_node_t));
    node->type = type;
}


void
ditto_node_string(ditto_node_t *node, ditto_str_t text)
{
    ditto_node_init(node, DITTO_JSON_STRING);
    node->text = text;
}


ditto_node_t *
ditto_node_get(const ditto_node_t *object, ditto_str_t name)
{
    uint32_t       i;
    ditto_node_t  *node;

    if (object == NULL || object->type != DITTO_JSON_OBJECT) {
        return NULL;
    }

    if (object->slots == NULL) {

        for (node = object->first; node != NULL; node = node->next) {
            if (ditto_str_eq(node->name, name)) {
                break;
            }
        }

        return node;
    }

    for (i = ditto_node_hash(object, name) & object->mask;
         object->slots[i] != NULL;
         i = (i + 1) & object->mask)
    {
        if (ditto_str_eq(object->slots[i]->name, name)) {
            return object->slots[i];
        }
    }

    return NULL;
}


ditto_node_t *
ditto_node_put(ditto_pool_t *pool, ditto_node_t *object, ditto_str_t name,
    const ditto_node_t *value)
{
    ditto_node_t  *node, *next;

    node = ditto_node_get(object, name);

    if (node == NULL) {
        node = ditto_node_add(pool, object, name);

        if (node == NULL || ditto_node_index(pool, object) != DITTO_OK) {
            return NULL;
        }
    }

    next = node->next;

    *node = *value;
    node->name = name;
    node->next = next;

    return node;
}


ditto_node_t *
ditto_node_push(ditto_pool_t *pool, ditto_node_t *array,
    const ditto_node_t *value)
{
    ditto_str_t    none = ditto_null_string;
    ditto_node_t  *node;

    node = ditto_node_add(pool, array, none);
    if (node == NULL) {
        return NULL;
    }

    *node = *value;
    node->name = none;
    node->next = NULL;

    return node;
}


static ditto_node_t *
ditto_node_add(ditto_pool_t *pool, ditto_node_t *parent, ditto_str_t name)
{
    ditto_node_t  *node;

    node = ditto_alloc(pool, sizeof(ditto_node_t));
    if (node == NULL) {
        return NULL;
    }

    node->name = name;
    node->next = NULL;

    if (parent->first == NULL) {
        parent->first = node;

    } else {
        parent->last->next = node;
    }

    parent->last = node;
    parent->n++;

    return node;
}


/* The last member is new. */
static ditto_rc_t
ditto_node_index(ditto_pool_t *pool, ditto_node_t *object)
{
    size_t         slots;
    ditto_node_t  *member;

    if (object->n <= DITTO_NODE_FEW) {
        return DITTO_OK;
    }

    if (object->slots != NULL && object->n <= object->mask / 2) {
        ditto_node_enter(object, object->last);
        return DITTO_OK;
    }

    slots = (object->slots == NULL) ? 4 * DITTO_NODE_FEW
                                    : 4 * ((size_t) object->mask + 1);

    object->slots = ditto_zalloc(pool, slots * sizeof(ditto_node_t *));
    if (object->slots == NULL) {
        return DITTO_ERROR;
    }

    object->mask = (uint32_t) (slots - 1);

    for (member = object->first; member != NULL; member = member->next) {
        ditto_node_enter(object, member);
    }

    return DITTO_OK;
}


static void
ditto_node_enter(ditto_node_t *object, ditto_node_t *member)
{
    uint32_t  i;

    i = ditto_node_hash(object, member->name) & object->mask;

    while (object->slots[i] != NULL) {
        i = (i + 1) & object->mask;
    }

    object->slots[i] = member;
}


/*
 * FNV-1a from a number that whoever wrote the text does not know, lest names
 * are chosen to collide.
 */
static uint32_t
ditto_node_hash(const ditto_node_t *object, ditto_str_t name)
{
    size_t    i;
    uint32_t  hash;

    hash = (uint32_t) ((uintptr_t) object->slots >> 4) * 2654435761u;

    for (i = 0; i < name.len; i++) {
        hash = (hash ^ name.data[i]) * 16777619u;
    }

    return hash ^ hash >> 15;
}
