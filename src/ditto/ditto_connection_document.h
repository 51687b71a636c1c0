/*
 * Inside the reader of the connection document: access to members with
 * Ditto's sentences.  For the files ditto_connection_*.c only.
 */

#ifndef _DITTO_CONNECTION_DOCUMENT_H_INCLUDED_
#define _DITTO_CONNECTION_DOCUMENT_H_INCLUDED_


#include "ditto_connection.h"
#include "ditto_json.h"


typedef enum {
    DITTO_DOC_STRING = 0,
    DITTO_DOC_BOOLEAN,
    DITTO_DOC_INTEGER,
    DITTO_DOC_LONG,
    DITTO_DOC_OBJECT,
    DITTO_DOC_ARRAY,
    DITTO_DOC_MAX
} ditto_doc_type_e;


typedef struct {
    ditto_pool_t        *pool;
    ditto_connection_t  *connection;
    ditto_error_t       *err;
    ditto_buf_t          path;           /* of what is being read; stays where
                                            it is after an error */
} ditto_doc_t;


/* Reads one element of an array or member of an object (name is decoded). */
typedef ditto_rc_t (*ditto_doc_item_pt)(ditto_doc_t *doc, void *to,
    ditto_str_t name, ditto_str_t value);


/* Steps into a member or element; the path's length before. */
size_t ditto_doc_enter(ditto_doc_t *doc, ditto_str_t name);
size_t ditto_doc_enter_index(ditto_doc_t *doc, size_t index);
void ditto_doc_leave(ditto_doc_t *doc, size_t length);

/*
 * A member of an object, as JSON text.  DITTO_DECLINED: absent or null.
 * DITTO_ERROR: of another type.
 */
ditto_rc_t ditto_doc_get(ditto_doc_t *doc, ditto_str_t object,
    const char *name, ditto_doc_type_e type, ditto_str_t *value);

/* The same, decoded. */
ditto_rc_t ditto_doc_string(ditto_doc_t *doc, ditto_str_t object,
    const char *name, ditto_str_t *text);
ditto_rc_t ditto_doc_boolean(ditto_doc_t *doc, ditto_str_t object,
    const char *name, bool *value);
ditto_rc_t ditto_doc_integer(ditto_doc_t *doc, ditto_str_t object,
    const char *name, int64_t *value);

/* DITTO_ERROR: it is missing.  Turns DITTO_DECLINED of the above into this. */
ditto_rc_t ditto_doc_missing(ditto_doc_t *doc, const char *name);

/* Calls item for each element or member; nothing if there are none. */
ditto_rc_t ditto_doc_each(ditto_doc_t *doc, ditto_str_t object,
    const char *name, ditto_doc_type_e type, ditto_doc_item_pt item, void *to);

/* Items: into an array of ditto_str_t (or of ditto_header_mapping_t). */
ditto_rc_t ditto_doc_add_string(ditto_doc_t *doc, void *to, ditto_str_t name,
    ditto_str_t value);              /* other types are left out */
ditto_rc_t ditto_doc_add_strict(ditto_doc_t *doc, void *to, ditto_str_t name,
    ditto_str_t value);              /* a set; other types are refused */
ditto_rc_t ditto_doc_add_subject(ditto_doc_t *doc, void *to, ditto_str_t name,
    ditto_str_t value);
ditto_rc_t ditto_doc_add_header(ditto_doc_t *doc, void *to, ditto_str_t name,
    ditto_str_t value);

/* The text of a string, of anything else its JSON. */
ditto_rc_t ditto_doc_as_text(ditto_doc_t *doc, ditto_str_t value,
    ditto_str_t *text);
/* The value without blanks. */
ditto_rc_t ditto_doc_compact(ditto_doc_t *doc, ditto_str_t value,
    ditto_str_t *text);

ditto_rc_t ditto_doc_memory(ditto_doc_t *doc);

/* A headerMapping as a JSON object. */
void ditto_connection_render_headers(ditto_buf_t *out,
    const ditto_array_t *mapping);

/* An item of "sources"; to is the index of the next one, a size_t. */
ditto_rc_t ditto_doc_source(ditto_doc_t *doc, void *to, ditto_str_t name,
    ditto_str_t value);

/* "credentials" and "sshTunnel" of the connection. */
ditto_rc_t ditto_doc_secrets(ditto_doc_t *doc, ditto_str_t object);
ditto_rc_t ditto_doc_tunnel(ditto_doc_t *doc, ditto_str_t object);


#endif /* _DITTO_CONNECTION_DOCUMENT_H_INCLUDED_ */
