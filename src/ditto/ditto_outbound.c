#include "ditto_ack.h"
#include "ditto_json.h"
#include "ditto_outbound.h"


/* A signal as one target gets it. */
typedef struct {
    ditto_scope_t         scope;
    ditto_scope_cache_t   cache;
    ditto_signal_t        signal;
} ditto_outgoing_t;


static ditto_rc_t ditto_outbound_view(const ditto_target_t *target,
    const ditto_access_t *access, ditto_outgoing_t *out, ditto_error_t *err);
static bool ditto_outbound_empty(ditto_str_t value);
static ditto_rc_t ditto_outbound_acks(const ditto_connection_t *connection,
    const ditto_target_t *target, ditto_outgoing_t *out, ditto_error_t *err);
static void ditto_outbound_own(ditto_outgoing_t *out);
static ditto_rc_t ditto_outbound_readers(const ditto_target_t *target,
    const ditto_scope_t *scope, const ditto_access_t *access,
    ditto_subjects_t *readers, ditto_error_t *err);


/* Members that everybody sees who sees anything of a thing, spec: JSON view */
static const ditto_str_t  ditto_outbound_identity[] = {
    ditto_string("thingId"),
    ditto_string("_namespace"),
    ditto_string("_revision"),
    ditto_string("_modified"),
    ditto_string("_created"),
};

#define DITTO_OUTBOUND_IDENTITY                                               \
    (sizeof(ditto_outbound_identity) / sizeof(ditto_outbound_identity[0]))


/* spec: Pipeline, 1 to 4 */
ditto_rc_t
ditto_outbound_select(const ditto_target_t *target,
    const ditto_scope_t *scope, const ditto_access_t *access,
    ditto_array_t *fields, ditto_error_t *err)
{
    ditto_rc_t  rc;

    fields->nelts = 0;

    if (ditto_target_access(target, scope->signal, access)
        == DITTO_ACCESS_NONE)
    {
        return DITTO_DECLINED;
    }

    rc = ditto_target_match(target, scope, err);

    if (rc != DITTO_OK || !target->enriched) {
        return rc;
    }

    rc = ditto_subscription_fields(target->topics.elts, target->topics.nelts,
                                   scope, fields, err);

    return (rc == DITTO_ERROR) ? DITTO_ERROR : DITTO_OK;
}


/* spec: Retrieval, "result = JSON view" */
ditto_rc_t
ditto_outbound_readable(const ditto_target_t *target,
    const ditto_scope_t *scope, const ditto_access_t *access,
    ditto_str_t thing, ditto_str_t *out, ditto_error_t *err)
{
    ditto_rc_t        rc;
    ditto_buf_t       buf;
    ditto_pointer_t   root;
    ditto_resource_t  resource;
    ditto_subjects_t  subjects;
    ditto_str_t       nothing = ditto_string("{}");

    *out = thing;

    if (access->off) {
        return DITTO_OK;
    }

    *out = nothing;

    if (access->policy == NULL) {
        return DITTO_OK;
    }

    memset(&root, 0, sizeof(root));

    resource.type = ditto_str("thing");
    resource.path = &root;
    subjects.elts = target->subjects.elts;
    subjects.n = target->subjects.nelts;

    ditto_buf_init(&buf, scope->pool, thing.len);

    rc = ditto_policy_view_with(access->policy, &resource, thing, &subjects,
                                ditto_outbound_identity,
                                DITTO_OUTBOUND_IDENTITY, &buf);

    if (rc == DITTO_ERROR
        || (rc == DITTO_OK && ditto_buf_done(&buf, out) != DITTO_OK))
    {
        return ditto_fail_memory(err);
    }

    return DITTO_OK;
}


/* spec: Pipeline, 6 to 9 */
ditto_rc_t
ditto_outbound_publish(const ditto_connection_t *connection,
    const ditto_target_t *target, const ditto_scope_t *scope,
    const ditto_access_t *access, ditto_str_t thing, ditto_array_t *records,
    ditto_fate_e *fate, ditto_error_t *err)
{
    bool               unaddressed;
    ditto_rc_t         rc;
    ditto_str_t        extra = ditto_null_string;
    ditto_outgoing_t   out;

    *fate = DITTO_FATE_FAILED;
    out.scope = *scope;

    if (thing.data != NULL) {
        out.scope.extra = thing;

        rc = ditto_subscription_enrich(target->topics.elts,
                                       target->topics.nelts, &out.scope,
                                       &extra, err);
        if (rc != DITTO_OK) {
            goto done;
        }

        out.scope.extra = extra;
    }

    rc = ditto_outbound_view(target, access, &out, err);
    if (rc != DITTO_OK) {
        goto done;
    }

    rc = ditto_outbound_acks(connection, target, &out, err);
    if (rc != DITTO_OK) {
        goto done;
    }

    rc = ditto_target_map(target, &out.scope, records, &unaddressed, err);

    if (rc == DITTO_DECLINED && unaddressed) {
        *fate = DITTO_FATE_UNADDRESSED;
        return DITTO_OK;
    }

    if (rc == DITTO_OK) {
        *fate = DITTO_FATE_PUBLISHED;
        return DITTO_OK;
    }

done:

    if (rc == DITTO_DECLINED) {
        *fate = DITTO_FATE_DROPPED;
        return DITTO_OK;
    }

    return DITTO_ERROR;
}


/*
 * Subjects who may read a part of an event only get that part.  spec: Partial
 * access, the form that fails closed.
 */
static ditto_rc_t
ditto_outbound_view(const ditto_target_t *target,
    const ditto_access_t *access, ditto_outgoing_t *out, ditto_error_t *err)
{
    size_t            n;
    ditto_rc_t        rc;
    ditto_buf_t       buf;
    ditto_str_t       value;
    ditto_resource_t  resource;
    ditto_subjects_t  readers;

    switch (ditto_target_access(target, out->scope.signal, access)) {

    case DITTO_ACCESS_FULL:
        return DITTO_OK;

    case DITTO_ACCESS_NONE:
        return DITTO_DECLINED;

    case DITTO_ACCESS_PARTIAL:
        break;
    }

    if (ditto_outbound_readers(target, &out->scope, access, &readers, err)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    resource = ditto_target_resource(out->scope.signal);

    value = out->scope.signal->value;

    if (value.data == NULL) {
        return ditto_policy_partial(access->policy, &resource, &readers,
                                    DITTO_PERMISSION_READ)
               ? DITTO_OK : DITTO_DECLINED;
    }

    n = (resource.path->n == 0) ? DITTO_OUTBOUND_IDENTITY : 0;

    ditto_buf_init(&buf, out->scope.pool, value.len);

    rc = ditto_policy_view_with(access->policy, &resource, value, &readers,
                                ditto_outbound_identity, n, &buf);

    if (rc == DITTO_DECLINED) {
        return DITTO_DECLINED;
    }

    ditto_outbound_own(out);

    if (rc == DITTO_ERROR
        || ditto_buf_done(&buf, &out->signal.value) != DITTO_OK)
    {
        return ditto_fail_memory(err);
    }

    out->signal.seen = out->signal.value;

    return (ditto_outbound_empty(out->signal.value)
            && !ditto_outbound_empty(value)) ? DITTO_DECLINED : DITTO_OK;
}


static bool
ditto_outbound_empty(ditto_str_t value)
{
    ditto_str_t   name, member;
    ditto_json_t  it;

    if (ditto_json_type(value) != DITTO_JSON_OBJECT) {
        return false;
    }

    ditto_json_iterate(&it, value);

    return !ditto_json_next(&it, &name, &member);
}


static ditto_rc_t
ditto_outbound_acks(const ditto_connection_t *connection,
    const ditto_target_t *target, ditto_outgoing_t *out, ditto_error_t *err)
{
    ditto_rc_t      rc;
    ditto_signal_t  signal;

    rc = ditto_acks_forward(out->scope.pool, connection, target,
                            out->scope.signal, &signal, err);

    if (rc == DITTO_OK) {
        ditto_outbound_own(out);
        out->signal = signal;
    }

    return (rc == DITTO_ERROR) ? DITTO_ERROR : DITTO_OK;
}


/* The signal is this target's own from here on, and what is made of it. */
static void
ditto_outbound_own(ditto_outgoing_t *out)
{
    if (out->scope.signal != &out->signal) {
        out->signal = *out->scope.signal;
        out->scope.signal = &out->signal;
    }

    memset(&out->cache, 0, sizeof(out->cache));
    out->scope.cache = &out->cache;
}


/* The target's subjects who may read anything at all of the thing. */
static ditto_rc_t
ditto_outbound_readers(const ditto_target_t *target,
    const ditto_scope_t *scope, const ditto_access_t *access,
    ditto_subjects_t *readers, ditto_error_t *err)
{
    size_t              i;
    ditto_str_t        *elts;
    const ditto_str_t  *subject;

    elts = ditto_alloc(scope->pool,
                       target->subjects.nelts * sizeof(ditto_str_t));
    if (elts == NULL) {
        return ditto_fail_memory(err);
    }

    readers->elts = elts;
    readers->n = 0;

    for (i = 0, subject = target->subjects.elts; i < target->subjects.nelts;
         i++)
    {
        if (ditto_target_reader(access, scope->signal, subject[i])
            != DITTO_ACCESS_NONE)
        {
            elts[readers->n++] = subject[i];
        }
    }

    return DITTO_OK;
}
