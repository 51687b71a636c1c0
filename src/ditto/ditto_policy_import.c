/*
 * The entries in effect: a policy's own ones, those of the policies that it
 * imports, those of its namespace's root policies, and what entries lend each
 * other by references.  Ditto: PolicyImporter; spec sections "Imports" and
 * "References".
 */

#include "ditto_json.h"
#include "ditto_policy_private.h"


/* The ids that were asked for transitively on the way here. */
typedef struct ditto_visited_s  ditto_visited_t;

struct ditto_visited_s {
    ditto_str_t             ids;         /* JSON array */
    const ditto_visited_t  *up;
};


typedef struct {
    ditto_scratch_t         *scratch;
    ditto_pool_t            *pool;       /* of err's texts */
    ditto_error_t           *err;
    ditto_policy_lookup_pt   lookup;
    void                    *ctx;
    size_t                   n;          /* entries and imports so far */
} ditto_import_t;


static ditto_rc_t ditto_import_all(ditto_import_t *im,
    const ditto_policy_document_t *document, ditto_str_t id,
    ditto_array_t *entries);
static ditto_rc_t ditto_import_merge(ditto_import_t *im,
    const ditto_policy_document_t *document, const ditto_str_t *only,
    const ditto_visited_t *visited, unsigned depth, ditto_array_t *entries);
static ditto_rc_t ditto_import_one(ditto_import_t *im, ditto_str_t id,
    ditto_str_t options, const ditto_visited_t *visited, unsigned depth,
    ditto_array_t *entries);
static ditto_rc_t ditto_import_deep(ditto_import_t *im, ditto_str_t id);
static ditto_rc_t ditto_import_check(ditto_import_t *im,
    const ditto_policy_document_t *document, ditto_str_t id);
static ditto_rc_t ditto_import_own(ditto_import_t *im,
    const ditto_policy_document_t *document, ditto_array_t *entries);
static ditto_rc_t ditto_import_own_entry(ditto_import_t *im,
    ditto_str_t value, ditto_policy_entry_t *entry);
static ditto_rc_t ditto_import_references(ditto_import_t *im,
    ditto_array_t *entries);
static ditto_rc_t ditto_import_refer(ditto_import_t *im,
    const ditto_array_t *entries, const ditto_policy_entry_t *own,
    ditto_policy_entry_t *merged);
static ditto_rc_t ditto_import_target(ditto_import_t *im,
    const ditto_array_t *entries, ditto_str_t reference,
    const ditto_policy_entry_t **target);
static ditto_rc_t ditto_import_add(ditto_array_t *to,
    const ditto_array_t *from);
static ditto_rc_t ditto_import_roots(ditto_import_t *im,
    const ditto_policy_document_t *document,
    const ditto_policy_roots_t *roots, ditto_array_t *entries);
static ditto_rc_t ditto_import_root(ditto_import_t *im, ditto_str_t id,
    ditto_array_t *entries);
static ditto_rc_t ditto_import_count(ditto_import_t *im);
static ditto_policy_entry_t *ditto_import_push(ditto_import_t *im,
    ditto_array_t *entries);
static ditto_rc_t ditto_import_label(ditto_import_t *im, const char *prefix,
    ditto_str_t id, ditto_str_t label, ditto_str_t *out);
static bool ditto_import_listed(ditto_str_t array, ditto_str_t text);
static unsigned ditto_import_choice(ditto_str_t value,
    const char *const *choices);


ditto_rc_t
ditto_policy_entries(ditto_scratch_t *scratch, ditto_pool_t *pool,
    const ditto_policy_document_t *document, ditto_policy_lookup_pt lookup,
    void *ctx, const ditto_policy_roots_t *roots, ditto_array_t *entries,
    ditto_error_t *err)
{
    ditto_import_t  im;

    im.scratch = scratch;
    im.pool = pool;
    im.err = err;
    im.lookup = lookup;
    im.ctx = ctx;
    im.n = 0;

    ditto_array_init(entries, &scratch->pool, sizeof(ditto_policy_entry_t));

    if (ditto_import_all(&im, document, ditto_policy_document_id(document),
                         entries)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    if (roots == NULL || lookup == NULL) {
        return DITTO_OK;
    }

    return ditto_import_roots(&im, document, roots, entries);
}


bool
ditto_policy_namespace_matches(ditto_str_t pattern, ditto_str_t ns)
{
    ditto_str_t  any = ditto_string(".*");

    if (pattern.len >= any.len
        && ditto_str_eq(ditto_str_sub(pattern, pattern.len - any.len,
                                      pattern.len), any))
    {
        /* the prefix, its dot included */
        return ditto_str_starts(ns, ditto_str_sub(pattern, 0,
                                                  pattern.len - 1));
    }

    return ditto_str_eq(pattern, ns);
}


/* --- imports ------------------------------------------------------------- */

static ditto_rc_t
ditto_import_all(ditto_import_t *im, const ditto_policy_document_t *document,
    ditto_str_t id, ditto_array_t *entries)
{
    if (ditto_import_check(im, document, id) != DITTO_OK
        || ditto_import_merge(im, document, NULL, NULL, 0, entries) != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    return ditto_import_references(im, entries);
}


/*
 * spec: Imports: merge.  only: of the imports those whose ids are in this JSON
 * array; NULL: all.
 */
static ditto_rc_t
ditto_import_merge(ditto_import_t *im,
    const ditto_policy_document_t *document, const ditto_str_t *only,
    const ditto_visited_t *visited, unsigned depth, ditto_array_t *entries)
{
    ditto_str_t             name, value, import;
    ditto_json_t            it;
    ditto_visited_t         here;
    const ditto_visited_t  *v;

    if (ditto_import_own(im, document, entries) != DITTO_OK) {
        return DITTO_ERROR;
    }

    if (im->lookup == NULL) {
        return DITTO_OK;
    }

    ditto_json_iterate(&it, ditto_policy_document_imports(document));

    while (ditto_json_next(&it, &name, &value)) {

        if (ditto_json_decode(&im->scratch->pool, name, &import) != DITTO_OK) {
            return ditto_fail_memory(im->err);
        }

        v = visited;

        if (only != NULL) {
            if (!ditto_import_listed(*only, import)) {
                continue;
            }

            for ( /* void */ ; v != NULL; v = v->up) {
                if (ditto_import_listed(v->ids, import)) {
                    break;
                }
            }

            if (v != NULL) {
                continue;
            }

            here.ids = *only;
            here.up = visited;
            v = &here;
        }

        if (ditto_import_one(im, import, value, v, depth, entries) != DITTO_OK)
        {
            return DITTO_ERROR;
        }
    }

    return DITTO_OK;
}


static ditto_rc_t
ditto_import_one(ditto_import_t *im, ditto_str_t id, ditto_str_t options,
    const ditto_visited_t *visited, unsigned depth, ditto_array_t *entries)
{
    size_t                          i;
    ditto_rc_t                      rc;
    ditto_str_t                     labels, transitive;
    ditto_array_t                   loaded;
    ditto_policy_entry_t           *e, *entry;
    const ditto_policy_document_t  *document;

    if (ditto_import_count(im) != DITTO_OK) {
        return DITTO_ERROR;
    }

    document = im->lookup(im->ctx, id);

    if (document == NULL) {
        return DITTO_OK;
    }

    if (ditto_import_check(im, document, id) != DITTO_OK) {
        return DITTO_ERROR;
    }

    labels.len = 0;
    (void) ditto_json_member(options, ditto_str("entries"), &labels);

    ditto_array_init(&loaded, &im->scratch->pool,
                     sizeof(ditto_policy_entry_t));

    if (ditto_json_member(options, ditto_str("transitiveImports"), &transitive)
        == DITTO_OK)
    {
        if (depth >= DITTO_POLICY_DEPTH) {
            return ditto_import_deep(im, id);
        }

        rc = ditto_import_merge(im, document, &transitive, visited, depth + 1,
                                &loaded);

    } else {
        rc = ditto_import_own(im, document, &loaded);
    }

    if (rc != DITTO_OK || ditto_import_references(im, &loaded) != DITTO_OK) {
        return DITTO_ERROR;
    }

    e = loaded.elts;

    for (i = 0; i < loaded.nelts; i++) {

        /* labels that were imported themselves cannot be listed */

        if (e[i].importable == DITTO_IMPORTABLE_NEVER
            || (e[i].importable == DITTO_IMPORTABLE_EXPLICIT
                && (e[i].imported || labels.len == 0
                    || !ditto_import_listed(labels, e[i].label))))
        {
            continue;
        }

        entry = ditto_import_push(im, entries);
        if (entry == NULL) {
            return DITTO_ERROR;
        }

        *entry = e[i];
        entry->imported = true;
        entry->references.len = 0;

        if (ditto_import_label(im, "imported-", id, e[i].label, &entry->label)
            != DITTO_OK)
        {
            return DITTO_ERROR;
        }
    }

    return DITTO_OK;
}


static ditto_rc_t
ditto_import_deep(ditto_import_t *im, ditto_str_t id)
{
    ditto_str_t  copy, none = ditto_null_string;

    if (ditto_str_dup(im->pool, id, &copy) != DITTO_OK) {
        return ditto_fail_memory(im->err);
    }

    (void) ditto_fail(im->err, DITTO_E_IMPORT_INVALID, copy, none);

    im->err->message = "The policy import graph exceeded the maximum "
                       "transitive resolution depth of 10.";
    im->err->description = "Resolution stopped at policy '%1'. This usually "
                           "indicates a cycle across imported policies' "
                           "transitiveImports declarations or an excessively "
                           "deep import chain. Shorten the chain or break the "
                           "cycle by removing one of the transitiveImports "
                           "entries.";

    return DITTO_ERROR;
}


/*
 * spec: Errata, cycles.  A document that carries its id was checked when it
 * was read; one without gets it from where it is kept.
 */
static ditto_rc_t
ditto_import_check(ditto_import_t *im,
    const ditto_policy_document_t *document, ditto_str_t id)
{
    ditto_str_t   name, value, ids, copy, none = ditto_null_string;
    ditto_json_t  it;

    ditto_json_iterate(&it, ditto_policy_document_imports(document));

    while (ditto_json_next(&it, &name, &value)) {

        if (ditto_json_name_is(name, id)) {
            (void) ditto_fail(im->err, DITTO_E_IMPORT_INVALID, none, none);
            im->err->description = "The Policy Import references the policy "
                                   "where it is defined.";
            return DITTO_ERROR;
        }

        if (ditto_json_member(value, ditto_str("transitiveImports"), &ids)
            != DITTO_OK
            || !ditto_import_listed(ids, id))
        {
            continue;
        }

        if (ditto_str_dup(im->pool, id, &copy) != DITTO_OK) {
            return ditto_fail_memory(im->err);
        }

        (void) ditto_fail(im->err, DITTO_E_IMPORT_INVALID, copy, none);
        im->err->message = "The policy import contains a transitive resolution "
                           "of the policy itself.";
        im->err->description = "The 'transitiveImports' array must not contain "
                               "the importing policy's own ID '%1'.";
        return DITTO_ERROR;
    }

    return DITTO_OK;
}


/* --- own entries --------------------------------------------------------- */

static ditto_rc_t
ditto_import_own(ditto_import_t *im, const ditto_policy_document_t *document,
    ditto_array_t *entries)
{
    ditto_str_t            name, value;
    ditto_json_t           it;
    ditto_policy_entry_t  *entry;

    ditto_json_iterate(&it, ditto_policy_document_entries(document));

    while (ditto_json_next(&it, &name, &value)) {

        entry = ditto_import_push(im, entries);
        if (entry == NULL) {
            return DITTO_ERROR;
        }

        if (ditto_json_decode(&im->scratch->pool, name, &entry->label)
            != DITTO_OK
            || ditto_import_own_entry(im, value, entry) != DITTO_OK)
        {
            return ditto_fail_memory(im->err);
        }
    }

    return DITTO_OK;
}


static ditto_rc_t
ditto_import_own_entry(ditto_import_t *im, ditto_str_t value,
    ditto_policy_entry_t *entry)
{
    ditto_str_t    name, member, element, none, *span;
    ditto_json_t   it, array;

    (void) im;

    ditto_json_iterate(&it, value);

    while (ditto_json_next(&it, &name, &member)) {

        span = NULL;

        if (ditto_json_name_is(name, ditto_str("subjects"))) {
            span = ditto_array_push(&entry->subjects);

        } else if (ditto_json_name_is(name, ditto_str("resources"))) {
            span = ditto_array_push(&entry->resources);

        } else if (ditto_json_name_is(name, ditto_str("namespaces"))) {
            span = ditto_array_push(&entry->namespaces);

        } else if (ditto_json_name_is(name, ditto_str("references"))) {
            span = &entry->references;

        } else if (ditto_json_name_is(name, ditto_str("importable"))) {
            entry->importable = (ditto_importable_e)
                ditto_import_choice(member, ditto_policy_importables);
            continue;

        } else {
            entry->restricted = true;

            ditto_json_iterate(&array, member);

            while (ditto_json_next(&array, &none, &element)) {
                entry->allowed |= 1u << ditto_import_choice(element,
                                                  ditto_policy_additions);
            }

            continue;
        }

        if (span == NULL) {
            return DITTO_ERROR;
        }

        *span = member;
    }

    return DITTO_OK;
}


/* --- references ---------------------------------------------------------- */

/* spec: References.  The targets are taken as they were before. */
static ditto_rc_t
ditto_import_references(ditto_import_t *im, ditto_array_t *entries)
{
    size_t                 i;
    ditto_policy_entry_t  *e, *merged;

    merged = NULL;
    e = entries->elts;

    for (i = 0; i < entries->nelts; i++) {
        if (e[i].references.len == 0) {
            continue;
        }

        if (merged == NULL) {
            merged = ditto_alloc(&im->scratch->pool,
                                 entries->nelts
                                 * sizeof(ditto_policy_entry_t));
            if (merged == NULL) {
                return ditto_fail_memory(im->err);
            }

            memcpy(merged, e, entries->nelts * sizeof(ditto_policy_entry_t));
        }

        if (ditto_import_refer(im, entries, &e[i], &merged[i]) != DITTO_OK) {
            return ditto_fail_memory(im->err);
        }
    }

    if (merged != NULL) {
        entries->elts = merged;
        entries->cap = entries->nelts;
    }

    return DITTO_OK;
}


static ditto_rc_t
ditto_import_refer(ditto_import_t *im, const ditto_array_t *entries,
    const ditto_policy_entry_t *own, ditto_policy_entry_t *merged)
{
    unsigned                     allowed;
    ditto_str_t                  name, reference;
    ditto_json_t                 it;
    const ditto_policy_entry_t  *target;

    ditto_array_init(&merged->subjects, &im->scratch->pool,
                     sizeof(ditto_str_t));
    ditto_array_init(&merged->resources, &im->scratch->pool,
                     sizeof(ditto_str_t));
    ditto_array_init(&merged->namespaces, &im->scratch->pool,
                     sizeof(ditto_str_t));

    merged->restricted = false;
    allowed = DITTO_ADDITION_ALL;

    ditto_json_iterate(&it, own->references);

    while (ditto_json_next(&it, &name, &reference)) {

        if (ditto_import_target(im, entries, reference, &target) != DITTO_OK) {
            return DITTO_ERROR;
        }

        if (target == NULL || target->importable == DITTO_IMPORTABLE_NEVER) {
            continue;
        }

        if (ditto_import_add(&merged->subjects, &target->subjects) != DITTO_OK
            || ditto_import_add(&merged->resources, &target->resources)
               != DITTO_OK
            || ditto_import_add(&merged->namespaces, &target->namespaces)
               != DITTO_OK)
        {
            return DITTO_ERROR;
        }

        if (target->restricted) {
            merged->restricted = true;
            allowed &= target->allowed;
        }
    }

    merged->allowed = allowed;

    if (((allowed & DITTO_ADDITION_SUBJECTS) != 0
         && ditto_import_add(&merged->subjects, &own->subjects) != DITTO_OK)
        || ((allowed & DITTO_ADDITION_RESOURCES) != 0
            && ditto_import_add(&merged->resources, &own->resources)
               != DITTO_OK)
        || ((allowed & DITTO_ADDITION_NAMESPACES) != 0
            && ditto_import_add(&merged->namespaces, &own->namespaces)
               != DITTO_OK))
    {
        return DITTO_ERROR;
    }

    return DITTO_OK;
}


/* *target is NULL if there is none. */
static ditto_rc_t
ditto_import_target(ditto_import_t *im, const ditto_array_t *entries,
    ditto_str_t reference, const ditto_policy_entry_t **target)
{
    bool                         imported;
    size_t                       i;
    ditto_str_t                  label, import, value;
    const ditto_policy_entry_t  *e;

    *target = NULL;

    if (ditto_json_member(reference, ditto_str("entry"), &value) != DITTO_OK) {
        return DITTO_OK;
    }

    if (ditto_json_text(&im->scratch->pool, value, &label) != DITTO_OK) {
        return DITTO_ERROR;
    }

    imported = (ditto_json_member(reference, ditto_str("import"), &value)
                == DITTO_OK);

    if (imported
        && (ditto_json_text(&im->scratch->pool, value, &import) != DITTO_OK
            || ditto_import_label(im, "imported-", import, label, &label)
               != DITTO_OK))
    {
        return DITTO_ERROR;
    }

    e = entries->elts;

    for (i = 0; i < entries->nelts; i++) {
        if (e[i].imported == imported && ditto_str_eq(e[i].label, label)) {
            *target = &e[i];
            return DITTO_OK;
        }
    }

    return DITTO_OK;
}


static ditto_rc_t
ditto_import_add(ditto_array_t *to, const ditto_array_t *from)
{
    size_t        i;
    ditto_str_t  *s, *spans;

    spans = from->elts;

    for (i = 0; i < from->nelts; i++) {
        s = ditto_array_push(to);
        if (s == NULL) {
            return DITTO_ERROR;
        }

        *s = spans[i];
    }

    return DITTO_OK;
}


/* --- root policies of namespaces ----------------------------------------- */

/* spec: Imports: namespace root policies; the policy's own namespace counts */
static ditto_rc_t
ditto_import_roots(ditto_import_t *im,
    const ditto_policy_document_t *document,
    const ditto_policy_roots_t *roots, ditto_array_t *entries)
{
    size_t                      i, j;
    ditto_str_t                 id, ns;
    const ditto_policy_root_t  *root;

    id = ditto_policy_document_id(document);
    ns = ditto_str_sub(id, 0, ditto_str_chr(id, ':', 0));

    for (i = 0; i < roots->n; i++) {
        root = &roots->elts[i];

        if (!ditto_str_eq(root->pattern, ditto_str("*"))
            && !ditto_policy_namespace_matches(root->pattern, ns))
        {
            continue;
        }

        for (j = 0; j < root->n; j++) {
            if (ditto_str_eq(root->policies[j], id)) {
                continue;
            }

            if (ditto_import_root(im, root->policies[j], entries) != DITTO_OK)
            {
                return DITTO_ERROR;
            }
        }
    }

    return DITTO_OK;
}


static ditto_rc_t
ditto_import_root(ditto_import_t *im, ditto_str_t id, ditto_array_t *entries)
{
    size_t                          i;
    ditto_array_t                   loaded;
    ditto_policy_entry_t           *e, *entry;
    const ditto_policy_document_t  *document;

    document = im->lookup(im->ctx, id);

    if (document == NULL) {
        return DITTO_OK;
    }

    ditto_array_init(&loaded, &im->scratch->pool,
                     sizeof(ditto_policy_entry_t));

    if (ditto_import_all(im, document, id, &loaded) != DITTO_OK) {
        return DITTO_ERROR;
    }

    e = loaded.elts;

    for (i = 0; i < loaded.nelts; i++) {
        if (e[i].importable != DITTO_IMPORTABLE_IMPLICIT) {
            continue;
        }

        entry = ditto_import_push(im, entries);
        if (entry == NULL) {
            return DITTO_ERROR;
        }

        *entry = e[i];
        entry->imported = true;
        entry->references.len = 0;

        if (ditto_import_label(im, "nsimported-", id, e[i].label,
                               &entry->label)
            != DITTO_OK)
        {
            return DITTO_ERROR;
        }
    }

    return DITTO_OK;
}


/* --- helpers ------------------------------------------------------------- */

/* Imports multiply: ten of ten of ten ... */
static ditto_rc_t
ditto_import_count(ditto_import_t *im)
{
    if (++im->n > DITTO_POLICY_ENTRIES) {
        return ditto_fail_text(im->err, DITTO_E_IMPORT_INVALID,
                               "The policy and what it imports have more than "
                               "65536 entries.");
    }

    return DITTO_OK;
}


/* Empty. */
static ditto_policy_entry_t *
ditto_import_push(ditto_import_t *im, ditto_array_t *entries)
{
    ditto_policy_entry_t  *entry;

    if (ditto_import_count(im) != DITTO_OK) {
        return NULL;
    }

    entry = ditto_array_push(entries);

    if (entry == NULL) {
        (void) ditto_fail_memory(im->err);
        return NULL;
    }

    memset(entry, 0, sizeof(ditto_policy_entry_t));

    ditto_array_init(&entry->subjects, &im->scratch->pool,
                     sizeof(ditto_str_t));
    ditto_array_init(&entry->resources, &im->scratch->pool,
                     sizeof(ditto_str_t));
    ditto_array_init(&entry->namespaces, &im->scratch->pool,
                     sizeof(ditto_str_t));

    return entry;
}


/* "imported-<id>-<label>" */
static ditto_rc_t
ditto_import_label(ditto_import_t *im, const char *prefix, ditto_str_t id,
    ditto_str_t label, ditto_str_t *out)
{
    ditto_buf_t  buf;

    ditto_buf_init(&buf, &im->scratch->pool,
                   strlen(prefix) + id.len + 1 + label.len);
    ditto_buf_text(&buf, prefix);
    ditto_buf_str(&buf, id);
    ditto_buf_char(&buf, '-');
    ditto_buf_str(&buf, label);

    if (ditto_buf_done(&buf, out) != DITTO_OK) {
        return ditto_fail_memory(im->err);
    }

    return DITTO_OK;
}


/* True if a JSON array of strings has text. */
static bool
ditto_import_listed(ditto_str_t array, ditto_str_t text)
{
    ditto_str_t   name, value;
    ditto_json_t  it;

    ditto_json_iterate(&it, array);

    while (ditto_json_next(&it, &name, &value)) {
        if (ditto_json_name_is(ditto_str_sub(value, 1, value.len - 1), text)) {
            return true;
        }
    }

    return false;
}


/* The index of a JSON string among three. */
static unsigned
ditto_import_choice(ditto_str_t value, const char *const *choices)
{
    unsigned  i;

    for (i = 0; i < 2; i++) {
        if (ditto_json_name_is(ditto_str_sub(value, 1, value.len - 1),
                               ditto_str(choices[i])))
        {
            break;
        }
    }

    return i;
}
