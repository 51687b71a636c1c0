/*
 * The members of a policy document: each function takes one from the tree that
 * was read, checks it, and puts what Ditto would render of it into the tree
 * that will be written.
 */

#include "ditto_policy_reader.h"
#include "ditto_time.h"


static ditto_rc_t ditto_policy_read_specials(ditto_policy_reader_t *r,
    const ditto_node_t *json, size_t from, size_t to);
static ditto_rc_t ditto_policy_read_map(ditto_policy_reader_t *r,
    const ditto_node_t *json, const char *name, ditto_node_t *out,
    ditto_policy_member_pt handler);
static ditto_rc_t ditto_policy_read_import(ditto_policy_reader_t *r,
    ditto_str_t name, const ditto_node_t *value, ditto_node_t *out);
static ditto_rc_t ditto_policy_read_transitive(ditto_policy_reader_t *r,
    const ditto_node_t *value, ditto_node_t *out);
static ditto_rc_t ditto_policy_read_entry(ditto_policy_reader_t *r,
    ditto_str_t name, const ditto_node_t *value, ditto_node_t *out);
static ditto_rc_t ditto_policy_read_namespaces(ditto_policy_reader_t *r,
    const ditto_node_t *value, ditto_node_t *out);
static ditto_rc_t ditto_policy_read_importable(ditto_policy_reader_t *r,
    const ditto_node_t *value, ditto_node_t *out);
static ditto_rc_t ditto_policy_read_additions(ditto_policy_reader_t *r,
    const ditto_node_t *value, ditto_node_t *out);
static ditto_rc_t ditto_policy_read_references(ditto_policy_reader_t *r,
    const ditto_node_t *value, ditto_node_t *out);
static ditto_rc_t ditto_policy_read_reference(ditto_policy_reader_t *r,
    const ditto_node_t *value, ditto_node_t *out);


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
ditto_policy_members(ditto_policy_reader_t *r, const ditto_node_t *json,
    ditto_node_t *out)
{
    const ditto_node_t  *id;

    if (ditto_policy_member(r, json, "policyId", DITTO_FIELD_STRING, &id)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    if (id != NULL) {
        (void) ditto_policy_enter(r, ditto_str("policyId"));

        if (ditto_policy_id_check(r, id->text) != DITTO_OK
            || ditto_policy_put_string(r, out, "policyId", id->text)
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

    return ditto_policy_check_imports(r);
}


static ditto_rc_t
ditto_policy_read_specials(ditto_policy_reader_t *r, const ditto_node_t *json,
    size_t from, size_t to)
{
    ditto_str_t          none = ditto_null_string;
    ditto_time_t         t;
    const ditto_node_t  *value;

    for ( /* void */ ; from < to; from++) {
        if (ditto_policy_member(r, json, ditto_policy_specials[from].name,
                                ditto_policy_specials[from].type, &value)
            != DITTO_OK)
        {
            return DITTO_ERROR;
        }

        if (value == NULL || !ditto_policy_specials[from].instant
            || ditto_time_parse(value->text, &t) == DITTO_OK)
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
ditto_policy_read_map(ditto_policy_reader_t *r, const ditto_node_t *json,
    const char *name, ditto_node_t *out, ditto_policy_member_pt handler)
{
    ditto_node_t        *map;
    const ditto_node_t  *object, *member;

    map = ditto_policy_put(r, out, ditto_str(name), DITTO_JSON_OBJECT);

    if (map == NULL
        || ditto_policy_member(r, json, name, DITTO_FIELD_OBJECT, &object)
           != DITTO_OK
        || !ditto_policy_enter(r, ditto_str(name)))
    {
        return DITTO_ERROR;
    }

    member = (object == NULL) ? NULL : object->first;

    for ( /* void */ ; member != NULL; member = member->next) {

        if (ditto_str_eq(member->name, ditto_str("__schemaVersion"))) {
            continue;
        }

        if (!ditto_policy_enter(r, member->name)
            || handler(r, member->name, member, map) != DITTO_OK)
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
    const ditto_node_t *value, ditto_node_t *out)
{
    ditto_rc_t           rc;
    ditto_node_t        *import, *array, seen;
    const ditto_node_t  *labels, *transitive, *label;

    if (ditto_policy_id_check(r, name) != DITTO_OK) {
        return DITTO_ERROR;
    }

    if (value->type != DITTO_JSON_OBJECT && value->type != DITTO_JSON_NULL) {
        return ditto_policy_fail(r, DITTO_E_JSON_INVALID,
                                 "The value of the policy import of the "
                                 "'imported policy' with ID '%1' is missing or "
                                 "not an object.", NULL, name, name);
    }

    import = ditto_policy_put(r, out, name, DITTO_JSON_OBJECT);

    if (import == NULL) {
        return DITTO_ERROR;
    }

    if (value->n == 0) {
        return DITTO_OK;
    }

    array = ditto_policy_put(r, import, ditto_str("entries"),
                             DITTO_JSON_ARRAY);

    if (array == NULL
        || ditto_policy_member(r, value, "entries", DITTO_FIELD_ARRAY, &labels)
           != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    ditto_node_init(&seen, DITTO_JSON_OBJECT);
    label = (labels == NULL) ? NULL : labels->first;

    for ( /* void */ ; label != NULL; label = label->next) {

        if (label->type != DITTO_JSON_STRING) {
            continue;
        }

        if (ditto_policy_label_check(r, label->text) != DITTO_OK) {
            return DITTO_ERROR;
        }

        rc = ditto_policy_add(r, &seen, label->text);

        if (rc == DITTO_OK) {
            rc = ditto_policy_append(r, array, label->text);
        }

        if (rc == DITTO_ERROR) {
            return DITTO_ERROR;
        }
    }

    if (ditto_policy_member(r, value, "transitiveImports", DITTO_FIELD_ARRAY,
                            &transitive)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    return ditto_policy_read_transitive(r, transitive, import);
}


static ditto_rc_t
ditto_policy_read_transitive(ditto_policy_reader_t *r,
    const ditto_node_t *value, ditto_node_t *out)
{
    size_t               i;
    ditto_node_t        *array;
    const ditto_node_t  *id;

    if (value == NULL || value->n == 0) {
        return DITTO_OK;
    }

    array = ditto_policy_put(r, out, ditto_str("transitiveImports"),
                             DITTO_JSON_ARRAY);
    if (array == NULL) {
        return DITTO_ERROR;
    }

    (void) ditto_policy_enter(r, ditto_str("transitiveImports"));

    for (id = value->first, i = 0; id != NULL; id = id->next, i++) {
        if (id->type != DITTO_JSON_STRING) {
            return ditto_policy_fail_value(r, DITTO_E_IMPORT_INVALID,
                                     "The 'transitiveImports' array contains a "
                                     "non-string element: %1",
                                     "Every element in 'transitiveImports' "
                                     "must be a string representing a valid "
                                     "policy ID.", id, i);
        }
    }

    for (id = value->first; id != NULL; id = id->next) {
        if (ditto_policy_id_check(r, id->text) != DITTO_OK
            || ditto_policy_append(r, array, id->text) != DITTO_OK)
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
    const ditto_node_t *value, ditto_node_t *out)
{
    ditto_node_t        *entry;
    const ditto_node_t  *field;

    if (value->type != DITTO_JSON_OBJECT && value->type != DITTO_JSON_NULL) {
        return ditto_policy_fail_value(r, DITTO_E_JSON_INVALID,
                                       DITTO_POLICY_NOT_OBJECT, NULL, value, 0);
    }

    if (ditto_policy_label_check(r, name) != DITTO_OK) {
        return DITTO_ERROR;
    }

    entry = ditto_policy_put(r, out, name, DITTO_JSON_OBJECT);

    if (entry == NULL
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
ditto_policy_read_namespaces(ditto_policy_reader_t *r,
    const ditto_node_t *value, ditto_node_t *out)
{
    size_t               i;
    ditto_rc_t           rc;
    ditto_str_t          s, none = ditto_null_string, any = ditto_string(".*");
    ditto_node_t        *array, seen;
    const ditto_node_t  *element;

    if (value == NULL) {
        return DITTO_OK;
    }

    (void) ditto_policy_enter(r, ditto_str("namespaces"));

    array = ditto_policy_put(r, out, ditto_str("namespaces"),
                             DITTO_JSON_ARRAY);
    if (array == NULL) {
        return DITTO_ERROR;
    }

    for (element = value->first, i = 0; element != NULL;
         element = element->next, i++)
    {
        if (element->type != DITTO_JSON_STRING) {
            return ditto_policy_fail_value(r, DITTO_E_ENTRY_INVALID, NULL,
                                           "The 'namespaces' array must only "
                                           "contain string values, but "
                                           "contained: %1.", element, i);
        }
    }

    ditto_node_init(&seen, DITTO_JSON_OBJECT);

    for (element = value->first; element != NULL; element = element->next) {
        s = element->text;

        if (s.len > any.len
            && ditto_str_eq(ditto_str_sub(s, s.len - any.len, s.len), any))
        {
            s.len -= any.len;
        }

        if (s.len == 0 || !ditto_policy_namespace_valid(s)) {
            return ditto_policy_fail(r, DITTO_E_ENTRY_INVALID, NULL,
                                     "The value '%1' is not a valid namespace "
                                     "pattern. Valid patterns are namespaces "
                                     "like 'com.acme' or wildcard patterns "
                                     "like 'com.acme.*'.", element->text,
                                     none);
        }

        rc = ditto_policy_add(r, &seen, element->text);

        if (rc == DITTO_OK) {
            rc = ditto_policy_append(r, array, element->text);
        }

        if (rc == DITTO_ERROR) {
            return DITTO_ERROR;
        }
    }

    r->n--;

    return DITTO_OK;
}


static ditto_rc_t
ditto_policy_read_importable(ditto_policy_reader_t *r,
    const ditto_node_t *value, ditto_node_t *out)
{
    size_t        i;
    ditto_str_t   text, none = ditto_null_string;

    if (value == NULL) {
        return ditto_policy_put_string(r, out, "importable",
                                       ditto_str(ditto_policy_importables[0]));
    }

    for (i = 0; i < 3; i++) {
        text = ditto_str(ditto_policy_importables[i]);

        if (ditto_str_eq(value->text, text)) {
            return ditto_policy_put_string(r, out, "importable", text);
        }
    }

    (void) ditto_policy_enter(r, ditto_str("importable"));

    return ditto_policy_fail(r, DITTO_E_ENTRY_INVALID, NULL,
                             "The value '%1' of field '/importable' is not "
                             "valid. Valid values are: [implicit, explicit, "
                             "never]", value->text, none);
}


static ditto_rc_t
ditto_policy_read_additions(ditto_policy_reader_t *r,
    const ditto_node_t *value, ditto_node_t *out)
{
    size_t               i, j;
    unsigned             seen;
    ditto_str_t          none = ditto_null_string;
    ditto_node_t        *array;
    const ditto_node_t  *element;

    if (value == NULL) {
        return DITTO_OK;
    }

    (void) ditto_policy_enter(r, ditto_str("allowedAdditions"));

    array = ditto_policy_put(r, out, ditto_str("allowedAdditions"),
                             DITTO_JSON_ARRAY);
    if (array == NULL) {
        return DITTO_ERROR;
    }

    seen = 0;

    for (element = value->first, i = 0; element != NULL;
         element = element->next, i++)
    {
        if (element->type != DITTO_JSON_STRING) {
            return ditto_policy_fail_value(r, DITTO_E_ENTRY_INVALID, NULL,
                                     "The 'allowedAdditions' array contains a "
                                     "non-string element at index %2: %1. "
                                     "Every element must be a string from "
                                     "[subjects, resources, namespaces].",
                                     element, i);
        }

        for (j = 0; j < 3; j++) {
            if (ditto_str_eq(element->text,
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
                                     element->text, none);
        }

        if ((seen & (1u << j)) != 0) {
            continue;
        }

        seen |= 1u << j;

        if (ditto_policy_append(r, array, element->text) != DITTO_OK) {
            return DITTO_ERROR;
        }
    }

    r->n--;

    return DITTO_OK;
}


/* spec: Policy document, References */
static ditto_rc_t
ditto_policy_read_references(ditto_policy_reader_t *r,
    const ditto_node_t *value, ditto_node_t *out)
{
    size_t               i;
    ditto_node_t        *array;
    const ditto_node_t  *element;

    if (value == NULL || value->n == 0) {
        return DITTO_OK;
    }

    (void) ditto_policy_enter(r, ditto_str("references"));

    array = ditto_policy_put(r, out, ditto_str("references"),
                             DITTO_JSON_ARRAY);
    if (array == NULL) {
        return DITTO_ERROR;
    }

    for (element = value->first, i = 0; element != NULL;
         element = element->next, i++)
    {
        if (element->type != DITTO_JSON_OBJECT
            && element->type != DITTO_JSON_NULL)
        {
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
ditto_policy_read_reference(ditto_policy_reader_t *r,
    const ditto_node_t *value, ditto_node_t *out)
{
    const char          *description;
    ditto_str_t          none = ditto_null_string;
    ditto_str_t          field = ditto_string("/entry");
    ditto_node_t        *reference, empty;
    const ditto_node_t  *label, *import;

    if (ditto_policy_member(r, value, "entry", DITTO_FIELD_STRING, &label)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    if (label == NULL) {
        return ditto_policy_fail(r, DITTO_E_JSON_FIELD_MISSING, NULL, NULL,
                                 field, none);
    }

    if (ditto_policy_label_check(r, label->text) != DITTO_OK) {
        return DITTO_ERROR;
    }

    ditto_node_init(&empty, DITTO_JSON_OBJECT);

    reference = ditto_node_push(&r->scratch.pool, out, &empty);
    if (reference == NULL) {
        return ditto_fail_memory(r->err);
    }

    import = ditto_node_get(value, ditto_str("import"));

    if (import != NULL) {
        if (ditto_policy_text(import).len == 0) {
            description = (import->type == DITTO_JSON_NULL)
                ? "To create a local reference, omit the 'import' field "
                  "entirely. Null is not accepted."
                : (import->type == DITTO_JSON_STRING)
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

        if (ditto_policy_id_check(r, import->text) != DITTO_OK
            || ditto_policy_put_string(r, reference, "import", import->text)
               != DITTO_OK)
        {
            return DITTO_ERROR;
        }
    }

    return ditto_policy_put_string(r, reference, "entry", label->text);
}
