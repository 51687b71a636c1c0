#include "ditto_connection_document.h"


static ditto_rc_t ditto_doc_wrong_type(ditto_doc_t *doc, const char *name,
    ditto_doc_type_e type, ditto_str_t value);
static bool ditto_doc_secret(const char *name);
static bool ditto_doc_has_type(ditto_str_t value, ditto_doc_type_e type);


static const char *const  ditto_doc_types[DITTO_DOC_MAX] = {
    [DITTO_DOC_STRING] = "String",
    [DITTO_DOC_BOOLEAN] = "Boolean",
    [DITTO_DOC_INTEGER] = "Integer",
    [DITTO_DOC_LONG] = "Long",
    [DITTO_DOC_OBJECT] = "JsonObject",
    [DITTO_DOC_ARRAY] = "JsonArray",
};


/* Members whose value an error must not show. */
static const char *const  ditto_doc_hidden_values[] = {
    "uri", "credentials", "specificConfig", "sshTunnel", "password", "key",
    "privateKey", "clientSecret", "parameters"
};


size_t
ditto_doc_enter(ditto_doc_t *doc, ditto_str_t name)
{
    size_t  length;

    length = doc->path.len;

    ditto_buf_char(&doc->path, '/');
    ditto_buf_str(&doc->path, name);

    return length;
}


size_t
ditto_doc_enter_index(ditto_doc_t *doc, size_t index)
{
    size_t  length;

    length = doc->path.len;

    ditto_buf_char(&doc->path, '/');
    ditto_buf_int(&doc->path, (int64_t) index);

    return length;
}


void
ditto_doc_leave(ditto_doc_t *doc, size_t length)
{
    doc->path.len = length;
}


ditto_rc_t
ditto_doc_get(ditto_doc_t *doc, ditto_str_t object, const char *name,
    ditto_doc_type_e type, ditto_str_t *value)
{
    if (ditto_json_member(object, ditto_str(name), value) != DITTO_OK
        || ditto_json_type(*value) == DITTO_JSON_NULL)
    {
        return DITTO_DECLINED;
    }

    if (!ditto_doc_has_type(*value, type)) {
        return ditto_doc_wrong_type(doc, name, type, *value);
    }

    return DITTO_OK;
}


ditto_rc_t
ditto_doc_string(ditto_doc_t *doc, ditto_str_t object, const char *name,
    ditto_str_t *text)
{
    ditto_rc_t   rc;
    ditto_str_t  value;

    rc = ditto_doc_get(doc, object, name, DITTO_DOC_STRING, &value);

    if (rc == DITTO_OK
        && ditto_json_text(doc->pool, value, text) != DITTO_OK)
    {
        return ditto_doc_memory(doc);
    }

    return rc;
}


ditto_rc_t
ditto_doc_boolean(ditto_doc_t *doc, ditto_str_t object, const char *name,
    bool *value)
{
    ditto_rc_t   rc;
    ditto_str_t  text;

    rc = ditto_doc_get(doc, object, name, DITTO_DOC_BOOLEAN, &text);

    if (rc == DITTO_OK) {
        *value = (ditto_json_type(text) == DITTO_JSON_TRUE);
    }

    return rc;
}


/* spec: errata, "client count" */
ditto_rc_t
ditto_doc_integer(ditto_doc_t *doc, ditto_str_t object, const char *name,
    int64_t *value)
{
    ditto_rc_t   rc;
    ditto_str_t  text;

    rc = ditto_doc_get(doc, object, name, DITTO_DOC_INTEGER, &text);

    if (rc != DITTO_OK) {
        return rc;
    }

    if (ditto_json_integer(text, value) == DITTO_OK && *value >= INT32_MIN
        && *value <= INT32_MAX)
    {
        return DITTO_OK;
    }

    (void) ditto_doc_enter(doc, ditto_str(name));
    (void) ditto_fail(doc->err, DITTO_E_JSON_FORMAT_INVALID, text, text);
    doc->err->message = "This JSON value is not an int: %1";

    return DITTO_ERROR;
}


ditto_rc_t
ditto_doc_missing(ditto_doc_t *doc, const char *name)
{
    ditto_buf_t  buf;
    ditto_str_t  pointer;

    ditto_buf_init(&buf, doc->pool, 0);
    ditto_buf_char(&buf, '/');
    ditto_buf_text(&buf, name);

    if (ditto_buf_done(&buf, &pointer) != DITTO_OK) {
        return ditto_doc_memory(doc);
    }

    (void) ditto_doc_enter(doc, ditto_str(name));

    return ditto_fail(doc->err, DITTO_E_JSON_FIELD_MISSING, pointer, pointer);
}


ditto_rc_t
ditto_doc_each(ditto_doc_t *doc, ditto_str_t object, const char *name,
    ditto_doc_type_e type, ditto_doc_item_pt item, void *to)
{
    size_t        outer, inner, i;
    ditto_rc_t    rc;
    ditto_str_t   list, key, value;
    ditto_json_t  it;

    rc = ditto_doc_get(doc, object, name, type, &list);

    if (rc != DITTO_OK) {
        return (rc == DITTO_DECLINED) ? DITTO_OK : DITTO_ERROR;
    }

    outer = ditto_doc_enter(doc, ditto_str(name));

    ditto_json_iterate(&it, list);

    for (i = 0; ditto_json_next(&it, &key, &value); i++) {

        if (type == DITTO_DOC_OBJECT) {

            if (ditto_json_decode(doc->pool, key, &key) != DITTO_OK) {
                return ditto_doc_memory(doc);
            }

            inner = ditto_doc_enter(doc, key);

        } else {
            inner = ditto_doc_enter_index(doc, i);
        }

        if (item(doc, to, key, value) != DITTO_OK) {
            return DITTO_ERROR;
        }

        ditto_doc_leave(doc, inner);
    }

    ditto_doc_leave(doc, outer);

    return DITTO_OK;
}


ditto_rc_t
ditto_doc_add_string(ditto_doc_t *doc, void *to, ditto_str_t name,
    ditto_str_t value)
{
    ditto_str_t  *s;

    (void) name;

    if (ditto_json_type(value) != DITTO_JSON_STRING) {
        return DITTO_OK;
    }

    s = ditto_array_push(to);

    if (s == NULL || ditto_json_text(doc->pool, value, s) != DITTO_OK) {
        return ditto_doc_memory(doc);
    }

    return DITTO_OK;
}


ditto_rc_t
ditto_doc_add_strict(ditto_doc_t *doc, void *to, ditto_str_t name,
    ditto_str_t value)
{
    size_t          i;
    ditto_str_t    *s, text;
    ditto_array_t  *list;

    (void) name;

    list = to;

    if (ditto_json_type(value) != DITTO_JSON_STRING) {
        (void) ditto_fail(doc->err, DITTO_E_JSON_FORMAT_INVALID, value, value);
        doc->err->message = "This JSON value is not a string: %1";
        return DITTO_ERROR;
    }

    if (ditto_json_text(doc->pool, value, &text) != DITTO_OK) {
        return ditto_doc_memory(doc);
    }

    for (i = 0, s = list->elts; i < list->nelts; i++) {
        if (ditto_str_eq(s[i], text)) {
            return DITTO_OK;
        }
    }

    if (ditto_connection_room(i, "entries", doc->err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    s = ditto_array_push(list);
    if (s == NULL) {
        return ditto_doc_memory(doc);
    }

    *s = text;

    return DITTO_OK;
}


ditto_rc_t
ditto_doc_add_subject(ditto_doc_t *doc, void *to, ditto_str_t name,
    ditto_str_t value)
{
    if (value.len == 2 && ditto_json_type(value) == DITTO_JSON_STRING) {
        return ditto_fail_text(doc->err, DITTO_E_JSON_FORMAT_INVALID,
                               "The argument 'id' must not be empty!");
    }

    return ditto_doc_add_string(doc, to, name, value);
}


ditto_rc_t
ditto_doc_add_header(ditto_doc_t *doc, void *to, ditto_str_t name,
    ditto_str_t value)
{
    size_t                   i;
    ditto_str_t              text;
    ditto_array_t           *mapping;
    ditto_header_mapping_t  *h;

    mapping = to;

    if (ditto_json_type(value) != DITTO_JSON_STRING) {
        return DITTO_OK;
    }

    if (ditto_json_text(doc->pool, value, &text) != DITTO_OK) {
        return ditto_doc_memory(doc);
    }

    for (i = 0, h = mapping->elts; i < mapping->nelts; i++) {
        if (ditto_str_eq(h[i].name, name)) {
            h[i].text = text;
            return DITTO_OK;
        }
    }

    if (ditto_connection_room(i, "headers", doc->err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    h = ditto_array_push(mapping);
    if (h == NULL) {
        return ditto_doc_memory(doc);
    }

    h->name = name;
    h->text = text;
    h->tpl = NULL;

    return DITTO_OK;
}


ditto_rc_t
ditto_doc_as_text(ditto_doc_t *doc, ditto_str_t value, ditto_str_t *text)
{
    if (ditto_json_type(value) != DITTO_JSON_STRING) {
        return ditto_doc_compact(doc, value, text);
    }

    if (ditto_json_text(doc->pool, value, text) != DITTO_OK) {
        return ditto_doc_memory(doc);
    }

    return DITTO_OK;
}


ditto_rc_t
ditto_doc_compact(ditto_doc_t *doc, ditto_str_t value, ditto_str_t *text)
{
    ditto_buf_t  buf;

    ditto_buf_init(&buf, doc->pool, value.len);
    ditto_json_add_compact(&buf, value);

    if (ditto_buf_done(&buf, text) != DITTO_OK) {
        return ditto_doc_memory(doc);
    }

    return DITTO_OK;
}


ditto_rc_t
ditto_doc_memory(ditto_doc_t *doc)
{
    return ditto_fail_memory(doc->err);
}


/* spec: Parse-time errors */
static ditto_rc_t
ditto_doc_wrong_type(ditto_doc_t *doc, const char *name,
    ditto_doc_type_e type, ditto_str_t value)
{
    ditto_buf_t  buf;
    ditto_str_t  shown;

    static const ditto_str_t  masked = ditto_string("*****");

    (void) ditto_doc_enter(doc, ditto_str(name));

    if (ditto_doc_secret(name) && ditto_str_chr(value, '"', 0) < value.len) {
        shown = masked;

    } else if (ditto_doc_compact(doc, value, &shown) != DITTO_OK) {
        return DITTO_ERROR;
    }

    (void) ditto_fail(doc->err, DITTO_E_JSON_INVALID, shown, shown);

    ditto_buf_init(&buf, doc->pool, 0);
    ditto_buf_char(&buf, '/');
    ditto_buf_text(&buf, name);

    if (ditto_buf_done(&buf, &doc->err->args[1]) != DITTO_OK) {
        return ditto_doc_memory(doc);
    }

    doc->err->args[2] = ditto_str(ditto_doc_types[type]);
    doc->err->message = "Value <%1> for <%2> is not of type <%3>!";

    return DITTO_ERROR;
}


static bool
ditto_doc_secret(const char *name)
{
    size_t  i;

    for (i = 0; i < sizeof(ditto_doc_hidden_values)
                    / sizeof(ditto_doc_hidden_values[0]); i++)
    {
        if (strcmp(name, ditto_doc_hidden_values[i]) == 0) {
            return true;
        }
    }

    return false;
}


static bool
ditto_doc_has_type(ditto_str_t value, ditto_doc_type_e type)
{
    switch (ditto_json_type(value)) {

    case DITTO_JSON_FALSE:
    case DITTO_JSON_TRUE:
        return type == DITTO_DOC_BOOLEAN;

    case DITTO_JSON_NUMBER:
        return type == DITTO_DOC_INTEGER || type == DITTO_DOC_LONG;

    case DITTO_JSON_STRING:
        return type == DITTO_DOC_STRING;

    case DITTO_JSON_ARRAY:
        return type == DITTO_DOC_ARRAY;

    case DITTO_JSON_OBJECT:
        return type == DITTO_DOC_OBJECT;

    default:
        return false;
    }
}
