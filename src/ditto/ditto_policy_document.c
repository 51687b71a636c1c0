/*
 * A policy document is read in three steps: the scanner validates the text,
 * it is read into a tree, and the tree is copied member by member, each one
 * checked, into a second tree that holds what Ditto would render and nothing
 * else.  That one is written down; the text is the document.
 */

#include "ditto_policy_reader.h"


#define DITTO_POLICY_NESTING  8          /* of what is rendered */

#define DITTO_POLICY_BETWEEN  (sizeof(",\"entries\":") - 1)


/* A document as it is kept, in scratch. */
typedef struct {
    ditto_str_t   text;          /* the id and the document */
    size_t        id;            /* bytes */
    size_t        imports;       /* offsets */
    size_t        entries;
} ditto_policy_written_t;


static ditto_rc_t ditto_policy_model(ditto_pool_t *pool, ditto_str_t text,
    bool stored, ditto_policy_document_t **document, ditto_str_t *place,
    ditto_error_t *err);
static ditto_rc_t ditto_policy_create(ditto_policy_reader_t *r,
    ditto_time_t now, ditto_policy_written_t *written);
static ditto_rc_t ditto_policy_measure(ditto_policy_reader_t *r,
    ditto_policy_written_t *written);
static void ditto_policy_open(ditto_policy_reader_t *r, ditto_pool_t *pool,
    ditto_error_t *err);
static ditto_rc_t ditto_policy_close(ditto_policy_reader_t *r, ditto_rc_t rc,
    const ditto_policy_written_t *written,
    ditto_policy_document_t **document, ditto_str_t *place);
static ditto_rc_t ditto_policy_tree(ditto_policy_reader_t *r,
    ditto_str_t text);
static ditto_rc_t ditto_policy_write(ditto_policy_reader_t *r,
    ditto_policy_written_t *written);
static ditto_rc_t ditto_policy_keep(ditto_policy_reader_t *r,
    const ditto_policy_written_t *written,
    ditto_policy_document_t **document);
static void ditto_policy_render(ditto_buf_t *out, const ditto_node_t *value,
    unsigned depth);


const char *const  ditto_policy_additions[3] = {
    "subjects", "resources", "namespaces"
};

const char *const  ditto_policy_importables[3] = {
    "implicit", "explicit", "never"
};

const char *const  ditto_policy_permissions[3] = {
    "READ", "WRITE", "EXECUTE"
};


ditto_rc_t
ditto_policy_document_parse(ditto_pool_t *pool, ditto_str_t text,
    ditto_time_t now, ditto_policy_document_t **document, ditto_str_t *place,
    ditto_error_t *err)
{
    ditto_rc_t               rc;
    ditto_policy_reader_t    r;
    ditto_policy_written_t   written;

    ditto_policy_open(&r, pool, err);

    rc = ditto_policy_tree(&r, text);

    if (rc == DITTO_OK) {
        rc = ditto_policy_create(&r, now, &written);
    }

    return ditto_policy_close(&r, rc, &written, document, place);
}


ditto_rc_t
ditto_policy_document_read(ditto_pool_t *pool, ditto_str_t text,
    ditto_policy_document_t **document, ditto_str_t *place,
    ditto_error_t *err)
{
    return ditto_policy_model(pool, text, false, document, place, err);
}


ditto_rc_t
ditto_policy_document_load(ditto_pool_t *pool, ditto_str_t text,
    ditto_policy_document_t **document, ditto_str_t *place,
    ditto_error_t *err)
{
    return ditto_policy_model(pool, text, true, document, place, err);
}


static ditto_rc_t
ditto_policy_model(ditto_pool_t *pool, ditto_str_t text, bool stored,
    ditto_policy_document_t **document, ditto_str_t *place,
    ditto_error_t *err)
{
    ditto_rc_t               rc;
    ditto_policy_reader_t    r;
    ditto_policy_written_t   written;

    ditto_policy_open(&r, pool, err);
    r.stored = stored;

    rc = ditto_policy_tree(&r, text);

    if (rc == DITTO_OK) {
        rc = ditto_policy_write(&r, &written);
    }

    return ditto_policy_close(&r, rc, &written, document, place);
}


/* spec: Whole-policy validation */
static ditto_rc_t
ditto_policy_create(ditto_policy_reader_t *r, ditto_time_t now,
    ditto_policy_written_t *written)
{
    bool  rounded;

    if (ditto_policy_measure(r, written) != DITTO_OK
        || ditto_policy_round(r, &rounded) != DITTO_OK
        || (rounded && ditto_policy_measure(r, written) != DITTO_OK))
    {
        return DITTO_ERROR;
    }

    if (ditto_policy_check_expired(r, now) != DITTO_OK
        || ditto_policy_check_references(r) != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    return ditto_policy_check_lockout(r);
}


static ditto_rc_t
ditto_policy_measure(ditto_policy_reader_t *r,
    ditto_policy_written_t *written)
{
    if (ditto_policy_write(r, written) != DITTO_OK) {
        return DITTO_ERROR;
    }

    return ditto_policy_check_size(r, ditto_str_sub(written->text,
                                                    written->id,
                                                    written->text.len));
}


static void
ditto_policy_open(ditto_policy_reader_t *r, ditto_pool_t *pool,
    ditto_error_t *err)
{
    memset(r, 0, sizeof(ditto_policy_reader_t));
    ditto_scratch_init(&r->scratch);
    r->pool = pool;
    r->err = err;
}


static ditto_rc_t
ditto_policy_close(ditto_policy_reader_t *r, ditto_rc_t rc,
    const ditto_policy_written_t *written,
    ditto_policy_document_t **document, ditto_str_t *place)
{
    if (rc == DITTO_OK) {
        rc = ditto_policy_keep(r, written, document);
    }

    if (rc != DITTO_OK) {
        ditto_policy_fail_place(r, place);
    }

    ditto_scratch_free(&r->scratch);

    return rc;
}


ditto_rc_t
ditto_policy_document_check_id(const ditto_policy_document_t *document,
    ditto_error_t *err)
{
    if (document->id != 0) {
        return DITTO_OK;
    }

    return ditto_fail_text(err, DITTO_E_POLICY_ID_INVALID,
                           "Policy ID must be present in 'CreatePolicy' "
                           "payload");
}


ditto_str_t
ditto_policy_document_id(const ditto_policy_document_t *document)
{
    return (ditto_str_t) { document->id, document->text };
}


void
ditto_policy_document_render(ditto_buf_t *out,
    const ditto_policy_document_t *document)
{
    ditto_buf_add(out, document->text + document->id,
                  document->len - document->id);
}


bool
ditto_policy_document_has_namespaces(const ditto_policy_document_t *document)
{
    return document->namespaces
           || ditto_policy_document_imports(document).len > 2;
}


ditto_str_t
ditto_policy_document_imports(const ditto_policy_document_t *document)
{
    ditto_str_t  text = { document->len, document->text };

    return ditto_str_sub(text, document->imports,
                         document->entries - DITTO_POLICY_BETWEEN);
}


ditto_str_t
ditto_policy_document_entries(const ditto_policy_document_t *document)
{
    ditto_str_t  text = { document->len, document->text };

    return ditto_str_sub(text, document->entries, text.len - 1);
}


static ditto_rc_t
ditto_policy_tree(ditto_policy_reader_t *r, ditto_str_t text)
{
    size_t        offset;
    ditto_str_t   none = ditto_null_string;

    if (ditto_json_validate(text, r->err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    switch (ditto_json_tree(&r->scratch.pool, text, &r->json, &offset)) {

    case DITTO_OK:
        break;

    case DITTO_DECLINED:
        (void) ditto_fail(r->err, DITTO_E_JSON_INVALID,
                          ditto_str("a character that is not allowed"), none);
        r->err->offset = offset;
        return DITTO_ERROR;

    default:
        return ditto_fail_memory(r->err);
    }

    if (r->json.type != DITTO_JSON_OBJECT) {
        return ditto_policy_fail_value(r, DITTO_E_JSON_INVALID,
                                       "<%1> is not a valid JSON object!",
                                       NULL, &r->json, 0);
    }

    ditto_node_init(&r->policy, DITTO_JSON_OBJECT);

    return ditto_policy_members(r, &r->json, &r->policy);
}


static ditto_rc_t
ditto_policy_write(ditto_policy_reader_t *r, ditto_policy_written_t *written)
{
    ditto_str_t  id;
    ditto_buf_t  buf;

    id = ditto_policy_text(ditto_node_get(&r->policy, ditto_str("policyId")));

    ditto_buf_init(&buf, &r->scratch.pool, r->json.text.len + 1024);

    /* the id stands in front once more: in the text it may be escaped */

    ditto_buf_str(&buf, id);
    ditto_buf_char(&buf, '{');

    if (id.len != 0) {
        ditto_buf_text(&buf, "\"policyId\":");
        ditto_json_add_string(&buf, id);
        ditto_buf_char(&buf, ',');
    }

    ditto_buf_text(&buf, "\"imports\":");
    written->imports = buf.len;
    ditto_policy_render(&buf, ditto_node_get(&r->policy, ditto_str("imports")),
                        1);
    ditto_buf_text(&buf, ",\"entries\":");
    written->entries = buf.len;
    ditto_policy_render(&buf, ditto_node_get(&r->policy, ditto_str("entries")),
                        1);
    ditto_buf_char(&buf, '}');

    if (ditto_buf_done(&buf, &written->text) != DITTO_OK) {
        return ditto_fail_memory(r->err);
    }

    written->id = id.len;

    return DITTO_OK;
}


static ditto_rc_t
ditto_policy_keep(ditto_policy_reader_t *r,
    const ditto_policy_written_t *written,
    ditto_policy_document_t **document)
{
    ditto_node_t             *entry, *namespaces;
    ditto_policy_document_t  *d;

    if (written->text.len > UINT32_MAX) {
        return ditto_fail_memory(r->err);
    }

    d = ditto_alloc(r->pool,
                    sizeof(ditto_policy_document_t) + written->text.len);
    if (d == NULL) {
        return ditto_fail_memory(r->err);
    }

    d->len = (uint32_t) written->text.len;
    d->id = (uint32_t) written->id;
    d->imports = (uint32_t) written->imports;
    d->entries = (uint32_t) written->entries;
    d->namespaces = false;
    memcpy(d->text, written->text.data, written->text.len);

    entry = ditto_node_get(&r->policy, ditto_str("entries"))->first;

    for ( /* void */ ; entry != NULL; entry = entry->next) {
        namespaces = ditto_node_get(entry, ditto_str("namespaces"));

        if (namespaces != NULL && namespaces->n != 0) {
            d->namespaces = true;
        }
    }

    *document = d;

    return DITTO_OK;
}


/* Only of the tree that was made here: objects, arrays, strings, booleans. */
static void
ditto_policy_render(ditto_buf_t *out, const ditto_node_t *value,
    unsigned depth)
{
    bool                 object;
    const ditto_node_t  *element;

    if (depth > DITTO_POLICY_NESTING) {
        out->failed = true;
        return;
    }

    if (value->type == DITTO_JSON_STRING) {
        ditto_json_add_string(out, value->text);
        return;
    }

    if (value->type < DITTO_JSON_ARRAY) {
        ditto_buf_text(out, (value->type == DITTO_JSON_TRUE) ? "true"
                                                             : "false");
        return;
    }

    object = (value->type == DITTO_JSON_OBJECT);
    ditto_buf_char(out, object ? '{' : '[');

    for (element = value->first; element != NULL; element = element->next) {

        if (element != value->first) {
            ditto_buf_char(out, ',');
        }

        if (object) {
            ditto_json_add_string(out, element->name);
            ditto_buf_char(out, ':');
        }

        ditto_policy_render(out, element, depth + 1);
    }

    ditto_buf_char(out, object ? '}' : ']');
}
