/*
 * What the reading of policies has in common: members and their types, the
 * pointer to the member in work, errors whose texts outlive the tree, and what
 * names may look like.
 */

#include "ditto_number.h"
#include "ditto_policy_reader.h"


static ditto_rc_t ditto_policy_dump(ditto_policy_reader_t *r,
    const ditto_node_t *value, ditto_str_t *text);


static const char *const  ditto_field_types[] = {
    "String", "Boolean", "Long", "JsonObject", "JsonArray"
};


/* spec: Policy document, Schema: policyId */
ditto_rc_t
ditto_policy_id_check(ditto_policy_reader_t *r, ditto_str_t id)
{
    size_t        colon;
    ditto_str_t   name, none = ditto_null_string;

    colon = ditto_str_chr(id, ':', 0);

    if (colon != id.len && ditto_policy_units(id) <= DITTO_POLICY_KEY
        && ditto_policy_namespace_valid(ditto_str_sub(id, 0, colon)))
    {
        name = ditto_str_sub(id, colon + 1, id.len);

        if (name.len != 0 && ditto_policy_characters(name, false) == NULL) {
            return DITTO_OK;
        }
    }

    return ditto_policy_fail(r, DITTO_E_POLICY_ID_INVALID, NULL, NULL, id,
                             none);
}


/* spec: Policy document, Schema: entry label */
ditto_rc_t
ditto_policy_label_check(ditto_policy_reader_t *r, ditto_str_t label)
{
    const char   *why;
    ditto_str_t   none = ditto_null_string;

    if (label.len == 0) {
        return ditto_policy_fail(r, DITTO_E_JSON_FORMAT_INVALID,
                                 "The argument 'label value' must not be "
                                 "empty!", NULL, none, none);
    }

    if (ditto_str_starts(label, ditto_str("imported"))
        || ditto_str_starts(label, ditto_str("nsimported")))
    {
        return ditto_policy_fail(r, DITTO_E_LABEL_INVALID, NULL,
                                 "It must not start with the blocklisted "
                                 "'imported' or 'nsimported' prefix.", label,
                                 none);
    }

    why = ditto_policy_characters(label, false);

    if (why != NULL) {
        return ditto_policy_fail(r, DITTO_E_ENTRY_INVALID,
                                 "The Policy Label %1 is invalid", why, label,
                                 none);
    }

    return DITTO_OK;
}


/*
 * NULL, or what is wrong: neither controls nor U+007F .. U+00FF, which is
 * what Ditto takes for controls.
 */
const char *
ditto_policy_characters(ditto_str_t text, bool slashes)
{
    size_t         i;
    unsigned char  c;

    if (ditto_policy_units(text) > DITTO_POLICY_KEY) {
        return "Not allowed to exceed length of 256.";
    }

    for (i = 0; i < text.len; i++) {
        c = text.data[i];

        /* 0xc2 and 0xc3 begin U+0080 .. U+00FF in UTF-8 */

        if (c < 0x20 || c == 0x7f || c == 0xc2 || c == 0xc3
            || (c == '/' && !slashes))
        {
            return slashes ? "No control characters are allowed."
                           : "Neither slashes nor any control characters are "
                             "allowed.";
        }
    }

    return NULL;
}


/* spec: Policy document, Schema: the namespace of an id, which may be empty */
bool
ditto_policy_namespace_valid(ditto_str_t ns)
{
    bool           first;
    size_t         i;
    unsigned char  c;

    first = true;

    for (i = 0; i < ns.len; i++) {
        c = ns.data[i];

        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
            first = false;
            continue;
        }

        if (first) {
            return false;
        }

        if (c == '.' || c == '-') {
            first = true;

        } else if ((c < '0' || c > '9') && c != '_') {
            return false;
        }
    }

    return ns.len == 0 || !first;
}


/* UTF-16 code units, in which Ditto counts. */
size_t
ditto_policy_units(ditto_str_t text)
{
    size_t  i, n;

    n = 0;

    for (i = 0; i < text.len; i++) {
        if ((text.data[i] & 0xc0) != 0x80) {
            n += (text.data[i] >= 0xf0) ? 2 : 1;
        }
    }

    return n;
}


/*
 * A member by its name, NULL if there is none.  null is none too, but for
 * objects and arrays, which it leaves empty.
 */
ditto_rc_t
ditto_policy_member(ditto_policy_reader_t *r, const ditto_node_t *json,
    const char *name, ditto_field_e type, const ditto_node_t **value)
{
    bool                 ok;
    int64_t              n;
    ditto_str_t          dump, field;
    ditto_buf_t          buf;
    const ditto_node_t  *v;

    v = ditto_node_get(json, ditto_str(name));
    *value = v;

    if (v == NULL) {
        return DITTO_OK;
    }

    if (v->type == DITTO_JSON_NULL) {
        if (type < DITTO_FIELD_OBJECT) {
            *value = NULL;
        }

        return DITTO_OK;
    }

    switch (type) {

    case DITTO_FIELD_STRING:
        ok = (v->type == DITTO_JSON_STRING);
        break;

    case DITTO_FIELD_BOOLEAN:
        ok = (v->type == DITTO_JSON_TRUE || v->type == DITTO_JSON_FALSE);
        break;

    case DITTO_FIELD_LONG:
        ok = (v->type == DITTO_JSON_NUMBER
              && ditto_number_int64(v->text, &n));
        break;

    case DITTO_FIELD_OBJECT:
        ok = (v->type == DITTO_JSON_OBJECT);
        break;

    default:
        ok = (v->type == DITTO_JSON_ARRAY);
    }

    if (ok) {
        return DITTO_OK;
    }

    (void) ditto_policy_enter(r, ditto_str(name));

    if (ditto_policy_dump(r, v, &dump) != DITTO_OK) {
        return DITTO_ERROR;
    }

    ditto_buf_init(&buf, &r->scratch.pool, 32);
    ditto_buf_char(&buf, '/');
    ditto_buf_text(&buf, name);

    if (ditto_buf_done(&buf, &field) != DITTO_OK) {
        return ditto_fail_memory(r->err);
    }

    (void) ditto_policy_fail(r, DITTO_E_JSON_INVALID,
                             "Value <%1> for <%2> is not of type <%3>!", NULL,
                             dump, field);

    r->err->args[2] = ditto_str(ditto_field_types[type]);

    return DITTO_ERROR;
}


/* Remembers where we are; the caller leaves with r->n--. */
bool
ditto_policy_enter(ditto_policy_reader_t *r, ditto_str_t name)
{
    if (r->n == DITTO_POLICY_PLACE) {
        (void) ditto_fail_memory(r->err);
        return false;
    }

    r->names[r->n++] = name;

    return true;
}


ditto_node_t *
ditto_policy_put(ditto_policy_reader_t *r, ditto_node_t *object,
    ditto_str_t name, ditto_json_type_e type)
{
    ditto_node_t  *node, empty;

    ditto_node_init(&empty, type);

    node = ditto_node_put(&r->scratch.pool, object, name, &empty);

    if (node == NULL) {
        (void) ditto_fail_memory(r->err);
    }

    return node;
}


ditto_rc_t
ditto_policy_put_string(ditto_policy_reader_t *r, ditto_node_t *object,
    const char *name, ditto_str_t text)
{
    ditto_node_t  string;

    ditto_node_string(&string, text);

    if (ditto_node_put(&r->scratch.pool, object, ditto_str(name), &string)
        == NULL)
    {
        return ditto_fail_memory(r->err);
    }

    return DITTO_OK;
}


ditto_rc_t
ditto_policy_append(ditto_policy_reader_t *r, ditto_node_t *array,
    ditto_str_t text)
{
    ditto_node_t  string;

    ditto_node_string(&string, text);

    if (ditto_node_push(&r->scratch.pool, array, &string) == NULL) {
        return ditto_fail_memory(r->err);
    }

    return DITTO_OK;
}


ditto_rc_t
ditto_policy_add(ditto_policy_reader_t *r, ditto_node_t *set,
    ditto_str_t name)
{
    if (ditto_node_get(set, name) != NULL) {
        return DITTO_DECLINED;
    }

    return (ditto_policy_put(r, set, name, DITTO_JSON_NULL) == NULL)
           ? DITTO_ERROR : DITTO_OK;
}


/* The arguments are copied: they are of a tree that is about to go. */
ditto_rc_t
ditto_policy_fail(ditto_policy_reader_t *r, ditto_error_code_e code,
    const char *message, const char *description, ditto_str_t arg1,
    ditto_str_t arg2)
{
    ditto_str_t  a, b;

    if (ditto_str_dup(r->pool, arg1, &a) != DITTO_OK
        || ditto_str_dup(r->pool, arg2, &b) != DITTO_OK)
    {
        return ditto_fail_memory(r->err);
    }

    (void) ditto_fail(r->err, code, a, b);
    r->err->message = message;
    r->err->description = description;

    return DITTO_ERROR;
}


/* The same with a value as %1 and the index of an element as %2. */
ditto_rc_t
ditto_policy_fail_value(ditto_policy_reader_t *r, ditto_error_code_e code,
    const char *message, const char *description, const ditto_node_t *value,
    size_t index)
{
    ditto_str_t  dump, text;
    ditto_buf_t  buf;

    if (ditto_policy_dump(r, value, &dump) != DITTO_OK) {
        return DITTO_ERROR;
    }

    ditto_buf_init(&buf, &r->scratch.pool, 24);
    ditto_buf_int(&buf, (int64_t) index);

    if (ditto_buf_done(&buf, &text) != DITTO_OK) {
        return ditto_fail_memory(r->err);
    }

    return ditto_policy_fail(r, code, message, description, dump, text);
}


void
ditto_policy_fail_place(ditto_policy_reader_t *r, ditto_str_t *place)
{
    size_t        i, j;
    ditto_buf_t   buf;

    ditto_buf_init(&buf, r->pool, 0);

    for (i = 0; i < r->n; i++) {
        ditto_buf_char(&buf, '/');

        for (j = 0; j < r->names[i].len; j++) {
            switch (r->names[i].data[j]) {

            case '~':
                ditto_buf_text(&buf, "~0");
                break;

            case '/':
                ditto_buf_text(&buf, "~1");
                break;

            default:
                ditto_buf_char(&buf, (char) r->names[i].data[j]);
            }
        }
    }

    if (ditto_buf_done(&buf, place) != DITTO_OK) {
        place->len = 0;
        place->data = NULL;
        (void) ditto_fail_memory(r->err);
    }
}


/* A value as compact JSON text in scratch. */
static ditto_rc_t
ditto_policy_dump(ditto_policy_reader_t *r, const ditto_node_t *value,
    ditto_str_t *text)
{
    ditto_buf_t  buf;

    ditto_buf_init(&buf, &r->scratch.pool, 64);

    if (value->type == DITTO_JSON_STRING) {
        ditto_json_add_string(&buf, value->text);

    } else {
        ditto_json_add_compact(&buf, value->text);
    }

    return (ditto_buf_done(&buf, text) == DITTO_OK)
           ? DITTO_OK : ditto_fail_memory(r->err);
}


ditto_str_t
ditto_policy_text(const ditto_node_t *string)
{
    ditto_str_t  none = ditto_null_string;

    return (string == NULL || string->type != DITTO_JSON_STRING)
           ? none : string->text;
}
