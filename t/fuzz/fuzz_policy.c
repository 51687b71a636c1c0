/*
 * Policies by id, of which the first decides about a resource and a value of
 * it; the others can be imported.
 *
 * Seeds: policy_check {policies}\0{resource}
 * Seeds: policy_subjects {policies}\0{resource}
 * Seeds: policy_view {policies}\0{resource}\0{json}
 * Words: json policy
 */

#include "fuzz.h"

#include "ditto_json.h"
#include "ditto_policy.h"


#define FUZZ_SUBJECTS  4


static const ditto_policy_document_t *fuzz_lookup(void *ctx, ditto_str_t id);
static void fuzz_decide(unit_pool_t *up, const ditto_policy_t *policy,
    const ditto_resource_t *resource, ditto_str_t subject);
static void fuzz_view(unit_pool_t *up, const ditto_policy_t *policy,
    const ditto_resource_t *resource, const ditto_subjects_t *subjects,
    ditto_str_t value);


typedef struct {
    unit_pool_t  *up;
    ditto_str_t   policies;
    bool          failed;
} fuzz_policies_t;


void
fuzz_one(unit_pool_t *up, ditto_str_t in)
{
    size_t              i;
    ditto_str_t         name, text, ns, elts[FUZZ_SUBJECTS];
    ditto_json_t        it;
    ditto_time_t        now = { 1787047200, 0 };
    ditto_error_t       err;
    ditto_policy_t     *policy;
    ditto_pointer_t     path;
    fuzz_policies_t     policies;
    ditto_resource_t    resource;
    ditto_subjects_t    subjects;
    const ditto_policy_document_t  *document;

    memset(&err, 0, sizeof(err));
    unit_pool_malloc(up);

    policies.up = up;
    policies.failed = false;
    policies.policies = ditto_str_trim(fuzz_part(up, &in));

    if (policies.policies.len == 0 || policies.policies.data[0] != '{'
        || ditto_json_validate(policies.policies, &err) != DITTO_OK)
    {
        return;
    }

    ditto_json_iterate(&it, policies.policies);

    if (!ditto_json_next(&it, &name, &text)
        || (document = fuzz_lookup(&policies, name)) == NULL)
    {
        return;
    }

    text = fuzz_part(up, &in);
    i = ditto_str_chr(text, ':', 0);
    resource.type = ditto_str_sub(text, 0, i);
    resource.path = &path;
    text = ditto_str_sub(text, i < text.len ? i + 1 : i, text.len);

    if (fuzz_rc(up, ditto_pointer_parse_escaped(&up->pool, text, &path, &err),
                &err)
        != DITTO_OK)
    {
        return;
    }

    ns = ditto_str("org.acme");

    if (in.len % 2 == 0) {
        ns.data = NULL;
        ns.len = 0;
    }

    if (fuzz_rc(up, ditto_policy_compile(&up->pool, document, fuzz_lookup,
                                         &policies, ns, now, &policy, &err),
                &err)
        != DITTO_OK
        || policies.failed)
    {
        return;
    }

    fuzz_check(up, ditto_policy_expires(policy) > now.sec);

    subjects.elts = elts;
    subjects.n = 0;

    for (i = 0;
         i < FUZZ_SUBJECTS && ditto_policy_subject(policy, i, &elts[i]);
         i++)
    {
        subjects.n++;
        fuzz_decide(up, policy, &resource, elts[i]);
    }

    in = ditto_str_trim(in);

    if (in.len == 0 || ditto_json_validate(in, &err) != DITTO_OK) {
        return;
    }

    fuzz_view(up, policy, &resource, &subjects, in);

    subjects.n = (subjects.n != 0);
    fuzz_view(up, policy, &resource, &subjects, in);

    subjects.n = 0;
    fuzz_view(up, policy, &resource, &subjects, in);
}


static void
fuzz_decide(unit_pool_t *up, const ditto_policy_t *policy,
    const ditto_resource_t *resource, ditto_str_t subject)
{
    bool                 unrestricted, partial;
    unsigned             p;
    ditto_state_e        state;
    ditto_pointer_t      root = { NULL, 0 };
    ditto_resource_t     all;
    ditto_subjects_t     one;

    one.elts = &subject;
    one.n = 1;

    all.type = resource->type;
    all.path = &root;

    for (p = 0; p <= DITTO_PERMISSION_EXECUTE; p++) {

        unrestricted = ditto_policy_unrestricted(policy, resource, &one, p);
        partial = ditto_policy_partial(policy, resource, &one, p);
        state = ditto_policy_state(policy, resource, subject, p);

        fuzz_check(up, !unrestricted || partial);
        fuzz_check(up, !unrestricted || state == DITTO_STATE_GRANTED);
        fuzz_check(up, state != DITTO_STATE_GRANTED || partial);

        fuzz_check(up, unrestricted
                       || !ditto_policy_unrestricted(policy, &all, &one, p));
        fuzz_check(up, !partial
                       || ditto_policy_partial(policy, &all, &one, p));
        fuzz_check(up, partial == ditto_policy_check(policy, resource, &one,
                                                     1u << p, true));
    }
}


/* Nobody sees what he has no right to, and whoever may all sees all. */
static void
fuzz_view(unit_pool_t *up, const ditto_policy_t *policy,
    const ditto_resource_t *resource, const ditto_subjects_t *subjects,
    ditto_str_t value)
{
    ditto_rc_t         rc;
    ditto_buf_t        out, compact;
    ditto_str_t        view, text;
    ditto_error_t      err;
    ditto_pointer_t    root = { NULL, 0 };
    ditto_resource_t   all;

    all.type = resource->type;
    all.path = &root;

    ditto_buf_init(&out, &up->pool, 0);
    rc = ditto_policy_view(policy, resource, value, subjects, &out);

    if (rc == DITTO_ERROR) {
        (void) fuzz_done(up, &out, &view);
        fuzz_check(up, false);
        return;
    }

    if (!fuzz_done(up, &out, &view)) {
        return;
    }

    fuzz_check(up, (rc == DITTO_OK) == (view.len != 0));

    fuzz_check(up, rc == DITTO_DECLINED
                   || ditto_policy_partial(policy, &all, subjects,
                                           DITTO_PERMISSION_READ));

    if (rc == DITTO_OK) {
        fuzz_check(up, ditto_json_validate(view, &err) == DITTO_OK);
        fuzz_check(up, view.len <= value.len);
    }

    if (!ditto_policy_unrestricted(policy, resource, subjects,
                                   DITTO_PERMISSION_READ))
    {
        return;
    }

    fuzz_check(up, rc == DITTO_OK);

    ditto_buf_init(&compact, &up->pool, 0);
    ditto_json_add_compact(&compact, value);

    if (!fuzz_done(up, &compact, &text)) {
        return;
    }

    ditto_buf_init(&out, &up->pool, 0);
    ditto_json_add_compact(&out, view);

    if (fuzz_done(up, &out, &view)) {
        fuzz_check(up, ditto_str_eq(view, text));
    }
}


static const ditto_policy_document_t *
fuzz_lookup(void *ctx, ditto_str_t id)
{
    ditto_buf_t               buf;
    ditto_str_t               text, place;
    ditto_error_t             err;
    unit_pool_t              *up;
    fuzz_policies_t          *policies = ctx;
    ditto_policy_document_t  *document;

    up = policies->up;
    memset(&err, 0, sizeof(err));

    if (ditto_json_member(policies->policies, id, &text) != DITTO_OK
        || text.data[0] != '{')
    {
        return NULL;
    }

    ditto_buf_init(&buf, &up->pool, 0);
    ditto_buf_text(&buf, "{\"policyId\":");
    ditto_json_add_string(&buf, id);
    ditto_buf_char(&buf, ',');
    ditto_buf_str(&buf, ditto_str_sub(text, 1, text.len));

    if (!fuzz_done(up, &buf, &text)
        || fuzz_rc(up, ditto_policy_document_read(&up->pool, text, &document,
                                                  &place, &err), &err)
           != DITTO_OK)
    {
        policies->failed = true;
        return NULL;
    }

    return document;
}
