/*
 * Policies: documents, decisions, sets of subjects, views.
 */

#include <stdlib.h>
#include <string.h>

#include "ditto_json.h"
#include "ditto_policy.h"
#include "vectors.h"


#define VECTORS_SUBJECTS  64
#define VECTORS_ROOTS     16


/* The policies of one vector, read when they are asked for. */
typedef struct {
    unit_pool_t    *up;
    const json_t   *policies;
    ditto_error_t   err;
    bool            failed;
} vectors_policies_t;


/* What a query is made of. */
typedef struct {
    vectors_policies_t    policies;
    const ditto_policy_t *policy;
    ditto_resource_t      resource;
    ditto_pointer_t       path;
    ditto_str_t           elts[VECTORS_SUBJECTS];
    ditto_subjects_t      subjects;
    unsigned              permissions;
} vectors_query_t;


static bool vectors_policy_query(unit_pool_t *up, const json_t *in,
    vectors_query_t *q);
static const ditto_policy_document_t *vectors_policy_lookup(void *ctx,
    ditto_str_t id);
static void vectors_policy_roots(unit_pool_t *up, const json_t *in,
    ditto_policy_root_t *elts, ditto_policy_roots_t *roots);
static ditto_str_t vectors_policy_dump(unit_pool_t *up, const json_t *value);
static json_t *vectors_policy_sorted(json_t *array);
static int vectors_policy_compare_text(const void *one, const void *two);


/* An ordinary day before the texts of the vectors expire. */
static const ditto_time_t  vectors_policy_now = { 1787047200, 0 };


json_t *
vectors_policy_document(unit_pool_t *up, const json_t *in)
{
    json_t                   *out;
    ditto_str_t               text, place;
    ditto_buf_t               buf;
    ditto_error_t             err;
    ditto_policy_document_t  *document;

    text = vectors_str(up, in, "text");

    if (text.data == NULL) {
        text = vectors_policy_dump(up, json_object_get(in, "policy"));
    }

    memset(&err, 0, sizeof(err));

    if (ditto_policy_document_parse(&up->pool, text, vectors_policy_now,
                                    &document, &place, &err)
        != DITTO_OK
        || ditto_policy_document_check_id(document, &err) != DITTO_OK)
    {
        return vectors_error(up, &err);
    }

    ditto_buf_init(&buf, &up->pool, 0);
    ditto_policy_document_render(&buf, document);

    out = json_object();
    json_object_set_new(out, "ok", json_true());
    json_object_set_new(out, "rendered",
                        json_loadb((const char *) buf.data, buf.len, 0, NULL));

    return out;
}


json_t *
vectors_policy_check(unit_pool_t *up, const json_t *in)
{
    bool              partial, granted;
    json_t           *out;
    vectors_query_t   q;

    if (!vectors_policy_query(up, in, &q)) {
        return vectors_error(up, &q.policies.err);
    }

    partial = strcmp(json_string_value(json_object_get(in, "query")),
                     "partial") == 0;

    granted = ditto_policy_check(q.policy, &q.resource, &q.subjects,
                                 q.permissions, partial);

    out = json_object();
    json_object_set_new(out, "granted", json_boolean(granted));

    return out;
}


json_t *
vectors_policy_subjects(unit_pool_t *up, const json_t *in)
{
    bool                 unrestricted, partial;
    size_t               i;
    json_t              *sets[5], *out;
    ditto_str_t          subject;
    ditto_state_e        state;
    vectors_query_t      q;
    ditto_subjects_t     one;
    ditto_permission_e   permission;

    static const char *const  names[5] = {
        "granted", "revoked", "unrestricted", "partial", "partial_only"
    };

    if (!vectors_policy_query(up, in, &q)) {
        return vectors_error(up, &q.policies.err);
    }

    permission = (q.permissions == 1u << DITTO_PERMISSION_READ)
                 ? DITTO_PERMISSION_READ
                 : (q.permissions == 1u << DITTO_PERMISSION_WRITE)
                 ? DITTO_PERMISSION_WRITE : DITTO_PERMISSION_EXECUTE;

    for (i = 0; i < 5; i++) {
        sets[i] = json_array();
    }

    one.elts = &subject;
    one.n = 1;

    for (i = 0; ditto_policy_subject(q.policy, i, &subject); i++) {

        state = ditto_policy_state(q.policy, &q.resource, subject, permission);
        unrestricted = ditto_policy_unrestricted(q.policy, &q.resource, &one,
                                                 permission);
        partial = ditto_policy_partial(q.policy, &q.resource, &one,
                                       permission);

        if (state == DITTO_STATE_GRANTED) {
            json_array_append_new(sets[0], vectors_string(subject));
        }

        if (state == DITTO_STATE_REVOKED) {
            json_array_append_new(sets[1], vectors_string(subject));
        }

        if (unrestricted) {
            json_array_append_new(sets[2], vectors_string(subject));
        }

        if (partial) {
            json_array_append_new(sets[3], vectors_string(subject));
        }

        if (partial && !unrestricted) {
            json_array_append_new(sets[4], vectors_string(subject));
        }
    }

    out = json_object();

    for (i = 0; i < 5; i++) {
        json_object_set_new(out, names[i], vectors_policy_sorted(sets[i]));
    }

    return out;
}


json_t *
vectors_policy_view(unit_pool_t *up, const json_t *in)
{
    size_t            i;
    json_t           *out, *view, *names;
    ditto_rc_t        rc;
    ditto_str_t       value, kept[VECTORS_SUBJECTS];
    ditto_buf_t       buf;
    vectors_query_t   q;

    if (!vectors_policy_query(up, in, &q)) {
        return vectors_error(up, &q.policies.err);
    }

    value = vectors_policy_dump(up, json_object_get(in, "json"));
    names = json_object_get(in, "allowlist");

    for (i = 0; i < json_array_size(names) && i < VECTORS_SUBJECTS; i++) {
        kept[i] = ditto_str(json_string_value(json_array_get(names, i)));
    }

    ditto_buf_init(&buf, &up->pool, 0);
    rc = ditto_policy_view_with(q.policy, &q.resource, value, &q.subjects,
                                kept, i, &buf);

    /* Ditto asks for objects only, and of nothing makes an empty one */

    view = (rc == DITTO_DECLINED)
           ? json_object()
           : json_loadb((const char *) buf.data, buf.len, 0, NULL);

    out = json_object();
    json_object_set_new(out, "view", view ? view : json_null());

    return out;
}


/* False: q->policies.err is set. */
static bool
vectors_policy_query(unit_pool_t *up, const json_t *in, vectors_query_t *q)
{
    size_t                          i;
    json_t                         *array;
    ditto_rc_t                      rc;
    const char                     *permission;
    ditto_str_t                     text;
    ditto_policy_t                 *policy;
    ditto_policy_root_t             roots[VECTORS_ROOTS];
    ditto_policy_roots_t            all;
    const ditto_policy_document_t  *document;

    memset(q, 0, sizeof(*q));
    q->policies.up = up;
    q->policies.policies = json_object_get(in, "policies");

    text = vectors_str(up, in, "resource");
    i = ditto_str_chr(text, ':', 0);
    q->resource.type = ditto_str_sub(text, 0, i);
    q->resource.path = &q->path;

    if (ditto_pointer_parse_escaped(&up->pool,
                                    ditto_str_sub(text, i + 1, text.len),
                                    &q->path, &q->policies.err)
        != DITTO_OK)
    {
        return false;
    }

    array = json_object_get(in, "subjects");

    for (i = 0; i < json_array_size(array) && i < VECTORS_SUBJECTS; i++) {
        q->elts[i] = ditto_str(json_string_value(json_array_get(array, i)));
    }

    q->subjects.elts = q->elts;
    q->subjects.n = i;

    array = json_object_get(in, "permissions");

    for (i = 0; i < json_array_size(array); i++) {
        permission = json_string_value(json_array_get(array, i));

        q->permissions |= (strcmp(permission, "READ") == 0)
                          ? 1u << DITTO_PERMISSION_READ
                          : (strcmp(permission, "WRITE") == 0)
                          ? 1u << DITTO_PERMISSION_WRITE
                          : 1u << DITTO_PERMISSION_EXECUTE;
    }

    document = vectors_policy_lookup(&q->policies,
                                     vectors_str(up, in, "policy_id"));

    if (document == NULL) {
        return false;
    }

    vectors_policy_roots(up, json_object_get(in, "namespace_policies"), roots,
                         &all);

    rc = ditto_policy_compile_with_roots(&up->pool, document,
                                         vectors_policy_lookup, &q->policies,
                                         &all,
                                         vectors_str(up, in,
                                                     "thing_namespace"),
                                         vectors_policy_now, &policy,
                                         &q->policies.err);
    q->policy = policy;

    return rc == DITTO_OK && !q->policies.failed;
}


static const ditto_policy_document_t *
vectors_policy_lookup(void *ctx, ditto_str_t id)
{
    char                      key[512];
    json_t                   *policy;
    ditto_str_t               place;
    vectors_policies_t       *policies = ctx;
    ditto_policy_document_t  *document;

    snprintf(key, sizeof(key), "%.*s", (int) id.len, (const char *) id.data);

    policy = json_copy(json_object_get(policies->policies, key));

    if (policy == NULL) {
        return NULL;
    }

    json_object_set_new(policy, "policyId", json_string(key));

    if (ditto_policy_document_read(&policies->up->pool,
                                   vectors_policy_dump(policies->up, policy),
                                   &document, &place, &policies->err)
        != DITTO_OK)
    {
        policies->failed = true;
        document = NULL;
    }

    json_decref(policy);

    return document;
}


static void
vectors_policy_roots(unit_pool_t *up, const json_t *in,
    ditto_policy_root_t *elts, ditto_policy_roots_t *roots)
{
    size_t        i;
    json_t       *ids;
    const char   *pattern;
    ditto_str_t  *policies;

    roots->elts = elts;
    roots->n = 0;

    json_object_foreach((json_t *) (uintptr_t) in, pattern, ids) {

        if (roots->n == VECTORS_ROOTS) {
            break;
        }

        policies = ditto_alloc(&up->pool,
                               json_array_size(ids) * sizeof(ditto_str_t));

        for (i = 0; i < json_array_size(ids); i++) {
            policies[i] = ditto_str(json_string_value(json_array_get(ids, i)));
        }

        elts[roots->n].pattern = ditto_str(pattern);
        elts[roots->n].policies = policies;
        elts[roots->n].n = i;
        roots->n++;
    }
}


static ditto_str_t
vectors_policy_dump(unit_pool_t *up, const json_t *value)
{
    char         *dump;
    ditto_str_t   text;

    dump = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    text = unit_str(up, dump);
    free(dump);

    return text;
}


static json_t *
vectors_policy_sorted(json_t *array)
{
    size_t        i, n;
    json_t       *sorted;
    const char  **texts;

    n = json_array_size(array);
    texts = calloc(n + 1, sizeof(char *));

    for (i = 0; i < n; i++) {
        texts[i] = json_string_value(json_array_get(array, i));
    }

    qsort(texts, n, sizeof(char *), vectors_policy_compare_text);

    sorted = json_array();

    for (i = 0; i < n; i++) {
        json_array_append_new(sorted, json_string(texts[i]));
    }

    free(texts);
    json_decref(array);

    return sorted;
}


static int
vectors_policy_compare_text(const void *one, const void *two)
{
    return strcmp(*(const char *const *) one, *(const char *const *) two);
}
