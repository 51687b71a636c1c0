/*
 * A policy document is read in three steps: the scanner validates the text,
 * a tree is made of it, and the tree is copied member by member, each
 * one checked, into a second tree that holds what Ditto would render and
 * nothing else.  That one is written down; the text is the document.
 */

#include "ditto_json.h"
#include "ditto_policy_reader.h"


#define DITTO_POLICY_NESTING  8          /* of what is rendered */


static ditto_rc_t ditto_policy_model(ditto_pool_t *pool, ditto_str_t text,
    bool stored, ditto_policy_document_t **document, ditto_str_t *place,
    ditto_error_t *err);
static ditto_rc_t ditto_policy_tree(ditto_policy_reader_t *r,
    ditto_str_t text);
static ditto_rc_t ditto_policy_write(ditto_policy_reader_t *r,
    const json_t *policy, ditto_policy_document_t **document);


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
    ditto_rc_t              rc;
    ditto_policy_reader_t   r;

    memset(&r, 0, sizeof(r));
    r.pool = pool;
    r.err = err;

    rc = ditto_policy_tree(&r, text);

    if (rc == DITTO_OK) {
        rc = ditto_policy_check_size(&r, r.policy);
    }

    if (rc == DITTO_OK) {
        rc = ditto_policy_round(&r, r.policy);
    }

    if (rc == DITTO_OK) {
        rc = ditto_policy_check_size(&r, r.policy);
    }

    if (rc == DITTO_OK) {
        rc = ditto_policy_check_expired(&r, r.policy, now);
    }

    if (rc == DITTO_OK) {
        rc = ditto_policy_check_references(&r, r.policy);
    }

    if (rc == DITTO_OK) {
        rc = ditto_policy_check_lockout(&r, r.policy);
    }

    if (rc == DITTO_OK) {
        rc = ditto_policy_write(&r, r.policy, document);
    }

    if (rc != DITTO_OK) {
        ditto_policy_fail_place(&r, place);
    }

    json_decref(r.json);
    json_decref(r.policy);

    return rc;
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
    ditto_rc_t              rc;
    ditto_policy_reader_t   r;

    memset(&r, 0, sizeof(r));
    r.pool = pool;
    r.err = err;
    r.stored = stored;

    rc = ditto_policy_tree(&r, text);

    if (rc == DITTO_OK) {
        rc = ditto_policy_write(&r, r.policy, document);
    }

    if (rc != DITTO_OK) {
        ditto_policy_fail_place(&r, place);
    }

    json_decref(r.json);
    json_decref(r.policy);

    return rc;
}


ditto_rc_t
ditto_policy_document_check_id(const ditto_policy_document_t *document,
    ditto_error_t *err)
{
    if (document->id.len != 0) {
        return DITTO_OK;
    }

    return ditto_fail_text(err, DITTO_E_POLICY_ID_INVALID,
                           "Policy ID must be present in 'CreatePolicy' "
                           "payload");
}


ditto_str_t
ditto_policy_document_id(const ditto_policy_document_t *document)
{
    return document->id;
}


void
ditto_policy_document_render(ditto_buf_t *out,
    const ditto_policy_document_t *document)
{
    ditto_buf_str(out, document->text);
}


bool
ditto_policy_document_has_namespaces(const ditto_policy_document_t *document)
{
    return document->namespaces || document->imports.len > 2;
}


static ditto_rc_t
ditto_policy_tree(ditto_policy_reader_t *r, ditto_str_t text)
{
    if (ditto_policy_json(r, text) != DITTO_OK) {
        return DITTO_ERROR;
    }

    if (!json_is_object(r->json)) {
        return ditto_policy_fail_value(r, DITTO_E_JSON_INVALID,
                                       "<%1> is not a valid JSON object!",
                                       NULL, r->json, 0);
    }

    r->policy = json_object();

    if (r->policy == NULL) {
        return ditto_fail_memory(r->err);
    }

    return ditto_policy_members(r, r->json, r->policy);
}


static ditto_rc_t
ditto_policy_write(ditto_policy_reader_t *r, const json_t *policy,
    ditto_policy_document_t **document)
{
    size_t                    imports, entries;
    json_t                   *entry;
    ditto_rc_t                rc;
    const char               *label;
    ditto_str_t               text, id;
    ditto_buf_t               buf;
    ditto_scratch_t           scratch;
    ditto_policy_document_t  *d;

    d = ditto_zalloc(r->pool, sizeof(ditto_policy_document_t));
    if (d == NULL) {
        return ditto_fail_memory(r->err);
    }

    id = ditto_policy_text(json_object_get(policy, "policyId"));

    ditto_scratch_init(&scratch);
    ditto_buf_init(&buf, &scratch.pool, 4096);

    /* the id stands in front once more: in the text it may be escaped */

    ditto_buf_str(&buf, id);
    ditto_buf_char(&buf, '{');

    if (id.len != 0) {
        ditto_buf_text(&buf, "\"policyId\":");
        ditto_json_add_string(&buf, id);
        ditto_buf_char(&buf, ',');
    }

    ditto_buf_text(&buf, "\"imports\":");
    imports = buf.len;
    ditto_policy_render_value(&buf, json_object_get(policy, "imports"), 1);
    ditto_buf_text(&buf, ",\"entries\":");
    entries = buf.len;
    ditto_policy_render_value(&buf, json_object_get(policy, "entries"), 1);
    ditto_buf_char(&buf, '}');

    rc = ditto_buf_done(&buf, &text);

    if (rc == DITTO_OK) {
        rc = ditto_str_dup(r->pool, text, &text);
    }

    ditto_scratch_free(&scratch);

    if (rc != DITTO_OK) {
        return ditto_fail_memory(r->err);
    }

    d->id = ditto_str_sub(text, 0, id.len);
    d->text = ditto_str_sub(text, id.len, text.len);
    d->imports = ditto_str_sub(text, imports,
                               entries - (sizeof(",\"entries\":") - 1));
    d->entries = ditto_str_sub(text, entries, text.len - 1);

    json_object_foreach(json_object_get(policy, "entries"), label, entry) {
        if (json_array_size(json_object_get(entry, "namespaces")) != 0) {
            d->namespaces = true;
        }
    }

    *document = d;

    return DITTO_OK;
}


/* Only of the tree that was made here: objects, arrays, strings, booleans. */
void
ditto_policy_render_value(ditto_buf_t *out, const json_t *value,
    unsigned depth)
{
    size_t        i, len;
    json_t       *element;
    const char   *key;
    ditto_str_t   k;

    if (depth > DITTO_POLICY_NESTING) {
        out->failed = true;
        return;
    }

    switch (json_typeof(value)) {

    case JSON_OBJECT:
        ditto_buf_char(out, '{');

        i = 0;

        json_object_keylen_foreach((json_t *) (uintptr_t) value, key, len,
                                   element)
        {
            if (i++ != 0) {
                ditto_buf_char(out, ',');
            }

            k.data = (const unsigned char *) key;
            k.len = len;
            ditto_json_add_string(out, k);
            ditto_buf_char(out, ':');
            ditto_policy_render_value(out, element, depth + 1);
        }

        ditto_buf_char(out, '}');
        break;

    case JSON_ARRAY:
        ditto_buf_char(out, '[');

        json_array_foreach(value, i, element) {
            if (i != 0) {
                ditto_buf_char(out, ',');
            }

            ditto_policy_render_value(out, element, depth + 1);
        }

        ditto_buf_char(out, ']');
        break;

    case JSON_STRING:
        ditto_json_add_string(out, ditto_policy_text(value));
        break;

    default:
        ditto_buf_text(out, json_is_true(value) ? "true" : "false");
    }
}
