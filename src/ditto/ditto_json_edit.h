/*
 * Editing JSON without a tree of everything.  A value stays the text that it
 * was read from until somebody has to look into it; then it is opened, and
 * only that one (deep down, all objects below at once, so that little is read
 * twice).  What was not opened is written as the sender spelled it, blanks
 * included; what was opened is written compactly.
 *
 * The first failing allocation is remembered, later calls do nothing and
 * ditto_json_edit_done() tells.  A document is nested DITTO_JSON_DEPTH deep at
 * most, so that walking it needs no other bound.
 */

#ifndef _DITTO_JSON_EDIT_H_INCLUDED_
#define _DITTO_JSON_EDIT_H_INCLUDED_


#include "ditto_base.h"
#include "ditto_error.h"
#include "ditto_json.h"


typedef struct ditto_json_node_s  ditto_json_node_t;


/* What an opened object or array consists of, in order; and a search tree. */
typedef struct {
    ditto_str_t         text;        /* while not opened */
    bool                opened;
    bool                array;
    bool                indexed;     /* by the tree; made when it pays */
    ditto_json_node_t  *first;
    ditto_json_node_t  *last;
    ditto_json_node_t  *tree;
} ditto_json_content_t;


/* A value: the document, a member or an element.  To be read only. */
struct ditto_json_node_s {
    ditto_str_t           name;      /* decoded; of a member */
    ditto_json_content_t  content;
    ditto_json_node_t    *next;
    ditto_json_node_t    *prev;
    ditto_json_node_t    *left;      /* in the tree of its object */
    ditto_json_node_t    *right;
    unsigned              level;     /* there */
    unsigned short        depth;     /* in the document; the root's is 0 */
    bool                  gone;      /* removed; in the tree only */
};


typedef struct {
    ditto_pool_t       *pool;
    ditto_json_node_t  *root;
    bool                failed;      /* an allocation */
    bool                deep;        /* the depth would not be kept */
    bool                pattern;     /* see ditto_json_edit_merge() */
} ditto_json_edit_t;


/* --- documents ------------------------------------------------------------ */

/* text is validated, and lives as long as the document does. */
void ditto_json_edit_open(ditto_json_edit_t *edit, ditto_pool_t *pool,
    ditto_str_t text);

/* The document as text.  DITTO_ERROR: out of memory, DITTO_E_JSON_INVALID. */
ditto_rc_t ditto_json_edit_done(ditto_json_edit_t *edit, ditto_str_t *out,
    ditto_error_t *err);

/*
 * Sets the value at a path of n literal segments to a validated text.  What is
 * in the way and no object becomes one, as in Ditto.
 */
void ditto_json_edit_set(ditto_json_edit_t *edit, const ditto_str_t *path,
    size_t n, ditto_str_t text);

/* Removes what is at a path, n not 0; nothing if there is nothing. */
void ditto_json_edit_remove(ditto_json_edit_t *edit, const ditto_str_t *path,
    size_t n);

/*
 * Applies a merge patch (RFC 7396), validated text, as Ditto does: of an object
 * that is new the members that are null are left out, but not those of objects
 * within it.  A name "{{ ~expression~ }}" with null would remove the members
 * that match; expressions of strangers are not run: edit->pattern tells of the
 * first one that met an object.  Ditto: JsonMergePatch.
 */
void ditto_json_edit_merge(ditto_json_edit_t *edit, ditto_str_t patch);

/*
 * Removes the members that are null, and then the objects without members,
 * from all objects that are not within an array.  The document itself stays.
 */
void ditto_json_edit_prune(ditto_json_edit_t *edit);


/* --- nodes ---------------------------------------------------------------- */

/* NULL: there is nothing. */
ditto_json_node_t *ditto_json_edit_at(ditto_json_edit_t *edit,
    const ditto_str_t *path, size_t n);

ditto_json_type_e ditto_json_node_type(const ditto_json_node_t *node);

/*
 * Opens an object or an array: node->content.first and so on.  Of duplicate
 * members the last is kept.  False: it is something else, or out of memory.
 */
bool ditto_json_node_open(ditto_json_edit_t *edit, ditto_json_node_t *node);

/* A member; NULL: there is none, or node is no object. */
ditto_json_node_t *ditto_json_node_find(ditto_json_edit_t *edit,
    ditto_json_node_t *node, ditto_str_t name);

void ditto_json_node_render(ditto_buf_t *out, const ditto_json_node_t *node);


#endif /* _DITTO_JSON_EDIT_H_INCLUDED_ */
