/*
 * A JSON text as a tree, for documents that are read and changed: nodes in a
 * pool, members in the order in which they came, found by their names.  A
 * member that comes again takes the place of the first one, as Ditto reads
 * them.
 */

#ifndef _DITTO_JSON_TREE_H_INCLUDED_
#define _DITTO_JSON_TREE_H_INCLUDED_


#include "ditto_json.h"


typedef struct ditto_node_s  ditto_node_t;

struct ditto_node_s {
    ditto_str_t         name;        /* of a member: decoded */
    ditto_str_t         text;        /* of a string: decoded; of another value
                                        that was read: as it is spelled */
    ditto_node_t       *first;       /* of its members or elements */
    ditto_node_t       *last;
    ditto_node_t       *next;        /* beside this one */
    ditto_node_t      **slots;       /* by name, if there are many members */
    uint32_t            mask;        /* of slots */
    uint32_t            n;           /* members or elements */
    ditto_json_type_e   type;
};


/*
 * Reads validated text; the texts of the nodes point into it or into pool.
 * DITTO_DECLINED: a string holds U+0000 or half a surrogate pair; *offset is
 * where it begins.  DITTO_ERROR: out of memory.
 */
ditto_rc_t ditto_json_tree(ditto_pool_t *pool, ditto_str_t text,
    ditto_node_t *root, size_t *offset);

/* An empty value. */
void ditto_node_init(ditto_node_t *node, ditto_json_type_e type);
/* A string. */
void ditto_node_string(ditto_node_t *node, ditto_str_t text);

/*
 * A member; object may be NULL or another value, which has none.  NULL: there
 * is none.
 */
ditto_node_t *ditto_node_get(const ditto_node_t *object, ditto_str_t name);

/*
 * Puts a value, its members included, into an object or behind the elements of
 * an array; name and value's texts are not copied.  A value can be in several
 * places as long as none of them is changed.  The node it has there; NULL: out
 * of memory.
 */
ditto_node_t *ditto_node_put(ditto_pool_t *pool, ditto_node_t *object,
    ditto_str_t name, const ditto_node_t *value);
ditto_node_t *ditto_node_push(ditto_pool_t *pool, ditto_node_t *array,
    const ditto_node_t *value);


#endif /* _DITTO_JSON_TREE_H_INCLUDED_ */
