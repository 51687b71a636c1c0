/*
 * The members of a policy document: each function takes one from the tree that
 * was read, checks it, and puts what Ditto would render of it into the tree
 * that will be written.
 */

#include "ditto_policy_reader.h"
#include "ditto_time.h"


static ditto_rc_t ditto_policy_read_specials(ditto_policy_reader_t *r,
    json_t *json, size_t from, size_t to);
static ditto_rc_t ditto_policy_read_map(ditto_policy_reader_t *r,
    json_t *json, const char *name, json_t *out,
    ditto_policy_member_pt handler);
static ditto_rc_t ditto_policy_read_import(ditto_policy_reader_t *r,
    ditto_str_t name, json_t *value, json_t *out);
static ditto_rc_t ditto_policy_read_transitive(ditto_policy_reader_t *r,
    json_t *value, json_t *out);
static ditto_rc_t ditto_policy_read_entry(ditto_policy_reader_t *r,
    ditto_str_t name, json_t *value, json_t *out);
static ditto_rc_t ditto_policy_read_namespaces(ditto_policy_reader_t *r,
    json_t *value, json_t *out);
static ditto_rc_t ditto_policy_read_importable(ditto_policy_reader_t *r,
    json_t *value, json_t *out);
static ditto_rc_t ditto_policy_read_additions(ditto_policy_reader_t *r,
    json_t *value, json_t *out);
static ditto_rc_t ditto_policy_read_references(ditto_policy_reader_t *r,
    json_t *value, json_t *out);
static ditto_rc_t ditto_policy_read_reference(ditto_policy_reader_t *r,
    json_t *value, json_t *out);


/* Read-only members, which are checked and forgotten; in order of reading. */
static const struct {
    const char     *name;
    ditto_field_e   type;
    bool            instant;
} ditto_policy_specials[] = {
    { "__lifecycle", DITTO_FIELD_STRING, false },
    { "_revision", DITTO_FIELD_LONG, false },
    { "_modified", DITTO_FIELD_STRING, true },
    { "_created", DITTO_FIELD_STRING, true },
    { "_metadata", DITTO_FIELD_OBJECT, false },
};


/* spec: Policy document, Schema */
ditto_rc_t
ditto_policy_members(ditto_policy_reader_t *r, json_t *json, json_t *out)
{
    json_t  *id;

    if (ditto_policy_member(r, json, "policyId", DITTO_FIELD_STRING, &id)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    if (id != NULL) {
        (void) ditto_policy_enter(r, ditto_str("policyId"));

        if (ditto_policy_id_check(r, ditto_policy_text(id)) != DITTO_OK
            || ditto_policy_set(r, out, ditto_str("policyId"), json_incref(id))
               != DITTO_OK)
        {
            return DITTO_ERROR;
        }

        r->n--;
    }

    if (ditto_policy_read_specials(r, json, 0, 3) != DITTO_OK
        || ditto_policy_read_map(r, json, "imports", out,
                                 ditto_policy_read_import)
           != DITTO_OK
        || ditto_policy_read_specials(r, json, 3, 4) != DITTO_OK
        || ditto_policy_read_map(r, json, "entries", out,
                                 ditto_policy_read_entry)
           != DITTO_OK
        || ditto_policy_read_specials(r, json, 4, 5) != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    return ditto_policy_check_imports(r, out);
}


static ditto_rc_t
ditto_policy_read_specials(ditto_policy_reader_t *r, json_t *json,
    size_t from, size_t to)
{
    json_t        *value;
    ditto_str_t    none = ditto_null_string;
    ditto_time_t   t;

    for ( /* void */ ; from < to; from++) {
        if (ditto_policy_member(r, json, ditto_policy_specials[from].name,
                                ditto_policy_specials[from].type, &value)
            != DITTO_OK)
        {
            return DITTO_ERROR;
        }

        if (value == NULL || !ditto_policy_specials[from].instant
            || ditto_time_parse(ditto_policy_text(value), &t) == DITTO_OK)
        {
            continue;
        }

        (void) ditto_policy_enter(r,
                                  ditto_str(ditto_policy_specials[from].name));

        return ditto_policy_fail(r, DITTO_E_JSON_INVALID,
                                 "The JSON object's field '/_modified' is not "
                                 "in ISO-8601 format as expected", NULL, none,
                                 none);
    }

    return DITTO_OK;
}


/* An object of things with names; absent and null are empty. */
static ditto_rc_t
ditto_policy_read_map(ditto_policy_reader_t *r, json_t *json,
    const char *name, json_t *out, ditto_policy_member_pt handler)
{
    json_t       *object, *map, *value;
    size_t        len;
    const char   *key;
    ditto_str_t   k;

    map = json_object();

    if (ditto_policy_set(r, out, ditto_str(name), map) != DITTO_OK
        || ditto_policy_member(r, json, name, DITTO_FIELD_OBJECT, &object)
           != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    if (!ditto_policy_enter(r, ditto_str(name))) {
        return DITTO_ERROR;
    }

    json_object_keylen_foreach(object, key, len, value) {
        k.data = (const unsigned char *) key;
        k.len = len;

        if (ditto_str_eq(k, ditto_str("__schemaVersion"))) {
            continue;
        }

        if (!ditto_policy_enter(r, k) || handler(r, k, value, map) != DITTO_OK)
        {
            return DITTO_ERROR;
        }

        r->n--;
    }

    r->n--;

    return DITTO_OK;
}


/* spec: Policy document, Imports */
static ditto_rc_t
ditto_policy_read_import(ditto_policy_reader_t *r, ditto_str_t name,
    json_t *value, json_t *out)
{
    size_t   i;
    json_t  *import, *labels, *transitive, *label, *array, *seen;

    if (ditto_policy_id_check(r, name) != DITTO_OK) {
        return DITTO_ERROR;
    }

    if (!json_is_object(value) && !json_is_null(value)) {
        return ditto_policy_fail(r, DITTO_E_JSON_INVALID,
                                 "The value of the policy import of the "
                                 "'imported policy' with ID '%1' is missing or "
                                 "not an object.", NULL, name, name);
    }

    import = json_object();

    if (ditto_policy_set(r, out, name, import) != DITTO_OK) {
        return DITTO_ERROR;
    }

    if (json_object_size(value) == 0) {
        return DITTO_OK;
    }

    array = json_array();

    if (ditto_policy_set(r, import, ditto_str("entries"), array) != DITTO_OK
        || ditto_policy_member(r, value, "entries", DITTO_FIELD_ARRAY, &labels)
           != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    seen = json_object();
    if (seen == NULL) {
        return ditto_fail_memory(r->err);
    }

    json_array_foreach(labels, i, label) {
        if (!json_is_string(label)) {
            continue;
        }

        if (ditto_policy_label_check(r, ditto_policy_text(label)) != DITTO_OK)
        {
            json_decref(seen);
            return DITTO_ERROR;
        }

        if (json_object_get(seen, json_string_value(label)) != NULL) {
            continue;
        }

        if (ditto_policy_set(r, seen, ditto_policy_text(label), json_true())
            != DITTO_OK
            || ditto_policy_append(r, array, json_incref(label)) != DITTO_OK)
        {
            json_decref(seen);
            return DITTO_ERROR;
        }
    }

    json_decref(seen);

    if (ditto_policy_member(r, value, "transitiveImports", DITTO_FIELD_ARRAY,
                            &transitive)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    return ditto_policy_read_transitive(r, transitive, import);
}


static ditto_rc_t
ditto_policy_read_transitive(ditto_policy_reader_t *r, json_t *value,
    json_t *out)
{
    size_t   i;
    json_t  *id, *array;

    if (json_array_size(value) == 0) {
        return DITTO_OK;
    }

    array = json_array();

    if (ditto_policy_set(r, out, ditto_str("transitiveImports"), array)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    (void) ditto_policy_enter(r, ditto_str("transitiveImports"));

    json_array_foreach(value, i, id) {
        if (!json_is_string(id)) {
            return ditto_policy_fail_value(r, DITTO_E_IMPORT_INVALID,
                                     "The 'transitiveImports' array contains a "
                                     "non-string element: %1",
                                     "Every element in 'transitiveImports' "
                                     "must be a string representing a valid "
                                     "policy ID.", id, i);
        }
    }

    json_array_foreach(value, i, id) {
        if (ditto_policy_id_check(r, ditto_policy_text(id)) != DITTO_OK
            || ditto_policy_append(r, array, json_incref(id)) != DITTO_OK)
        {
            return DITTO_ERROR;
        }
    }

    r->n--;

    return DITTO_OK;
}


/* spec: Policy document, Schema: entry */
static ditto_rc_t
ditto_policy_read_entry(ditto_policy_reader_t *r, ditto_str_t name,
    json_t *value, json_t *out)
{
    json_t  *entry, *field;

    if (!json_is_object(value) && !json_is_null(value)) {
        return ditto_policy_fail_value(r, DITTO_E_JSON_INVALID,
                                       DITTO_POLICY_NOT_OBJECT, NULL, value, 0);
    }

    if (ditto_policy_label_check(r, name) != DITTO_OK) {
        return DITTO_ERROR;
    }

    entry = json_object();

    if (ditto_policy_set(r, out, name, entry) != DITTO_OK
        || ditto_policy_read_map(r, value, "subjects", entry,
                                 ditto_policy_read_subject)
           != DITTO_OK
        || ditto_policy_read_map(r, value, "resources", entry,
                                 ditto_policy_read_resource)
           != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    if (ditto_policy_member(r, value, "namespaces", DITTO_FIELD_ARRAY, &field)
        != DITTO_OK
        || ditto_policy_read_namespaces(r, field, entry) != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    if (ditto_policy_member(r, value, "importable", DITTO_FIELD_STRING, &field)
        != DITTO_OK
        || ditto_policy_read_importable(r, field, entry) != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    if (ditto_policy_member(r, value, "allowedAdditions", DITTO_FIELD_ARRAY,
                            &field)
        != DITTO_OK
        || ditto_policy_read_additions(r, field, entry) != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    if (ditto_policy_member(r, value, "references", DITTO_FIELD_ARRAY, &field)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    return ditto_policy_read_references(r, field, entry);
}


/* spec: Policy document, Schema: namespaces */
static ditto_rc_t
ditto_policy_read_namespaces(ditto_policy_reader_t *r, json_t *value,
    json_t *out)
{
    size_t        i;
    json_t       *array, *element;
    ditto_rc_t    rc;
    json_t       *seen;
    ditto_str_t   s, none = ditto_null_string, any = ditto_string(".*");

    if (value == NULL) {
        return DITTO_OK;
    }

    (void) ditto_policy_enter(r, ditto_str("namespaces"));

    array = json_array();

    if (ditto_policy_set(r, out, ditto_str("namespaces"), array) != DITTO_OK) {
        return DITTO_ERROR;
    }

    json_array_foreach(value, i, element) {
        if (!json_is_string(element)) {
            return ditto_policy_fail_value(r, DITTO_E_ENTRY_INVALID, NULL,
                                           "The 'namespaces' array must only "
                                           "contain string values, but "
                                           "contained: %1.", element, i);
        }
    }

    seen = json_object();
    if (seen == NULL) {
        return ditto_fail_memory(r->err);
    }

    rc = DITTO_OK;

    json_array_foreach(value, i, element) {
        s = ditto_policy_text(element);

        if (s.len > any.len
            && ditto_str_eq(ditto_str_sub(s, s.len - any.len, s.len), any))
        {
            s.len -= any.len;
        }

        if (s.len == 0 || !ditto_policy_namespace_valid(s)) {
            rc = ditto_policy_fail(r, DITTO_E_ENTRY_INVALID, NULL,
                                   "The value '%1' is not a valid namespace "
                                   "pattern. Valid patterns are namespaces "
                                   "like 'com.acme' or wildcard patterns like "
                                   "'com.acme.*'.",
                                   ditto_policy_text(element), none);
            break;
        }

        if (json_object_get(seen, json_string_value(element)) != NULL) {
            continue;
        }

        rc = ditto_policy_set(r, seen, ditto_policy_text(element),
                              json_true());

        if (rc == DITTO_OK) {
            rc = ditto_policy_append(r, array, json_incref(element));
        }

        if (rc != DITTO_OK) {
            break;
        }
    }

    json_decref(seen);

    if (rc == DITTO_OK) {
        r->n--;
    }

    return rc;
}


static ditto_rc_t
ditto_policy_read_importable(ditto_policy_reader_t *r, json_t *value,
    json_t *out)
{
    size_t        i;
    ditto_str_t   none = ditto_null_string;

    if (value == NULL) {
        return ditto_policy_set(r, out, ditto_str("importable"),
                                json_string(ditto_policy_importables[0]));
    }

    for (i = 0; i < 3; i++) {
        if (ditto_str_eq(ditto_policy_text(value),
                         ditto_str(ditto_policy_importables[i])))
        {
            return ditto_policy_set(r, out, ditto_str("importable"),
                                    json_incref(value));
        }
    }

    (void) ditto_policy_enter(r, ditto_str("importable"));

    return ditto_policy_fail(r, DITTO_E_ENTRY_INVALID, NULL,
                             "The value '%1' of field '/importable' is not "
                             "valid. Valid values are: [implicit, explicit, "
                             "never]", ditto_policy_text(value), none);
}


static ditto_rc_t
ditto_policy_read_additions(ditto_policy_reader_t *r, json_t *value,
    json_t *out)
{
    size_t        i, j;
    json_t       *array, *element;
    unsigned      seen;
    ditto_str_t   none = ditto_null_string;

    if (value == NULL) {
        return DITTO_OK;
    }

    (void) ditto_policy_enter(r, ditto_str("allowedAdditions"));

    array = json_array();

    if (ditto_policy_set(r, out, ditto_str("allowedAdditions"), array)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    seen = 0;

    json_array_foreach(value, i, element) {
        if (!json_is_string(element)) {
            return ditto_policy_fail_value(r, DITTO_E_ENTRY_INVALID, NULL,
                                     "The 'allowedAdditions' array contains a "
                                     "non-string element at index %2: %1. "
                                     "Every element must be a string from "
                                     "[subjects, resources, namespaces].",
                                     element, i);
        }

        for (j = 0; j < 3; j++) {
            if (ditto_str_eq(ditto_policy_text(element),
                             ditto_str(ditto_policy_additions[j])))
            {
                break;
            }
        }

        if (j == 3) {
            return ditto_policy_fail(r, DITTO_E_ENTRY_INVALID, NULL,
                                     "The value '%1' is not a valid "
                                     "allowedAddition. Valid values are: "
                                     "[subjects, resources, namespaces].",
                                     ditto_policy_text(element), none);
        }

        if ((seen & (1u << j)) != 0) {
            continue;
        }

        seen |= 1u << j;

        if (ditto_policy_append(r, array, json_incref(element)) != DITTO_OK) {
            return DITTO_ERROR;
        }
    }

    r->n--;

    return DITTO_OK;
}


/* spec: Policy document, References */
static ditto_rc_t
ditto_policy_read_references(ditto_policy_reader_t *r, json_t *value,
    json_t *out)
{
    size_t   i;
    json_t  *array, *element;

    if (json_array_size(value) == 0) {
        return DITTO_OK;
    }

    (void) ditto_policy_enter(r, ditto_str("references"));

    array = json_array();

    if (ditto_policy_set(r, out, ditto_str("references"), array) != DITTO_OK) {
        return DITTO_ERROR;
    }

    json_array_foreach(value, i, element) {
        if (!json_is_object(element) && !json_is_null(element)) {
            return ditto_policy_fail_value(r, DITTO_E_ENTRY_INVALID, NULL,
                                     "The 'references' array contains a "
                                     "non-object element at index %2: %1. "
                                     "Every element must be a JSON object with "
                                     "at least an 'entry' field.", element, i);
        }

        if (ditto_policy_read_reference(r, element, array) != DITTO_OK) {
            return DITTO_ERROR;
        }
    }

    r->n--;

    return DITTO_OK;
}


static ditto_rc_t
ditto_policy_read_reference(ditto_policy_reader_t *r, json_t *value,
    json_t *out)
{
    json_t       *reference, *label, *import;
    const char   *description;
    ditto_str_t   none = ditto_null_string, field = ditto_string("/entry");

    if (ditto_policy_member(r, value, "entry", DITTO_FIELD_STRING, &label)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    if (label == NULL) {
        return ditto_policy_fail(r, DITTO_E_JSON_FIELD_MISSING, NULL, NULL,
                                 field, none);
    }

    if (ditto_policy_label_check(r, ditto_policy_text(label)) != DITTO_OK) {
        return DITTO_ERROR;
    }

    reference = json_object();

    if (ditto_policy_append(r, out, reference) != DITTO_OK) {
        return DITTO_ERROR;
    }

    import = json_object_get(value, "import");

    if (import != NULL) {
        if (json_string_length(import) == 0) {
            description = json_is_null(import)
                ? "To create a local reference, omit the 'import' field "
                  "entirely. Null is not accepted."
                : json_is_string(import)
                ? "To create a local reference, omit the 'import' field "
                  "entirely. Empty string is not accepted."
                : "To create a local reference, omit the 'import' field "
                  "entirely. Only non-empty string values are accepted (e.g. "
                  "\"policy:identifier\").";

            return ditto_policy_fail_value(r, DITTO_E_JSON_INVALID,
                                     "The 'import' field of an entry reference "
                                     "must be a non-empty string. Received: "
                                     "%1.", description, import, 0);
        }

        if (ditto_policy_id_check(r, ditto_policy_text(import)) != DITTO_OK
            || ditto_policy_set(r, reference, ditto_str("import"),
                                json_incref(import))
               != DITTO_OK)
        {
            return DITTO_ERROR;
        }
    }

    return ditto_policy_set(r, reference, ditto_str("entry"),
                            json_incref(label));
}
