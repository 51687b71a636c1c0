/*
 * A policy, compiled: who may do what with which part of a thing.
 *
 * The document is read and checked as Ditto does it, its imports and
 * references are resolved, and what is left is pooled into one tree per
 * resource type, so that a decision is a walk along the resource's path.
 *
 * Ditto: basic-policy; spec sections "Policy document" and "Enforcement
 * algorithm" (the trie evaluator, Ditto's default).
 */

#ifndef _DITTO_POLICY_H_INCLUDED_
#define _DITTO_POLICY_H_INCLUDED_


#include "ditto_base.h"
#include "ditto_error.h"
#include "ditto_pointer.h"
#include "ditto_scope.h"


typedef struct ditto_policy_document_s  ditto_policy_document_t;
typedef struct ditto_policy_s           ditto_policy_t;


typedef enum {
    DITTO_PERMISSION_READ = 0,
    DITTO_PERMISSION_WRITE,
    DITTO_PERMISSION_EXECUTE
} ditto_permission_e;


/* What is asked about; type is "thing", "message" or "policy". */
typedef struct {
    ditto_str_t             type;
    const ditto_pointer_t  *path;
} ditto_resource_t;


/* An authorization context. */
typedef struct {
    const ditto_str_t  *elts;
    size_t              n;
} ditto_subjects_t;


typedef enum {
    DITTO_STATE_NONE = 0,
    DITTO_STATE_GRANTED,
    DITTO_STATE_REVOKED
} ditto_state_e;


/*
 * Looks a document up by policy id, for imports; it must live until the policy
 * is compiled.  NULL: there is none.
 */
typedef const ditto_policy_document_t *(*ditto_policy_lookup_pt)(void *ctx,
    ditto_str_t policy_id);


/*
 * Policies whose implicit entries belong to every policy of a namespace: "*",
 * "<prefix>.*" or a namespace.  Ditto: namespace-policies of its
 * configuration.
 */
typedef struct {
    ditto_str_t         pattern;
    const ditto_str_t  *policies;    /* ids */
    size_t              n;
} ditto_policy_root_t;

typedef struct {
    const ditto_policy_root_t  *elts;
    size_t                      n;
} ditto_policy_roots_t;


/*
 * Reads and checks one policy document as Ditto does when it is created or
 * replaced (spec "Whole-policy validation"): an expiry is rounded up to a full
 * hour, a subject that has expired at now is refused, and so is a policy that
 * nobody could change any more.  The document's id may be missing.  The
 * document is one allocation of pool and refers to nothing outside.
 * DITTO_ERROR: err (its texts in pool), and in place the JSON pointer
 * (RFC 6901) of the member at fault, or an empty text if it is the text as a
 * whole.
 */
ditto_rc_t ditto_policy_document_parse(ditto_pool_t *pool, ditto_str_t text,
    ditto_time_t now, ditto_policy_document_t **document, ditto_str_t *place,
    ditto_error_t *err);

/*
 * Only what Ditto's model demands, not what it checks of a policy that is
 * created: no limit of size, no look at the clock, no guard against locking
 * oneself out.
 */
ditto_rc_t ditto_policy_document_read(ditto_pool_t *pool, ditto_str_t text,
    ditto_policy_document_t **document, ditto_str_t *place,
    ditto_error_t *err);

/*
 * The same for text that ditto_policy_document_render() wrote, as from a state
 * directory: subject ids and resource keys are taken as they are, since an id
 * with an empty issuer is rendered without its colon, "~" of a key as "~0", and
 * both would be refused.
 */
ditto_rc_t ditto_policy_document_load(ditto_pool_t *pool, ditto_str_t text,
    ditto_policy_document_t **document, ditto_str_t *place,
    ditto_error_t *err);

/*
 * The error that Ditto gives for a document without policyId where there must
 * be one; DITTO_OK if it has one.
 */
ditto_rc_t ditto_policy_document_check_id(
    const ditto_policy_document_t *document, ditto_error_t *err);

/* Empty if the document carries no policyId. */
ditto_str_t ditto_policy_document_id(const ditto_policy_document_t *document);

/* As Ditto renders it. */
void ditto_policy_document_render(ditto_buf_t *out,
    const ditto_policy_document_t *document);

/*
 * Resolves imports (through lookup) and references and compiles.  ns: the
 * namespace of the thing in question, entries for other namespaces are left
 * out; data is NULL: no reduction.  Subjects with an expiry at or before now
 * count as absent.  The result is one allocation of pool and refers to nothing
 * outside; it is never written to, nor are the documents.
 */
ditto_rc_t ditto_policy_compile(ditto_pool_t *pool,
    const ditto_policy_document_t *document, ditto_policy_lookup_pt lookup,
    void *ctx, ditto_str_t ns, ditto_time_t now, ditto_policy_t **policy,
    ditto_error_t *err);

/* The same with root policies of namespaces, looked up like imports. */
ditto_rc_t ditto_policy_compile_with_roots(ditto_pool_t *pool,
    const ditto_policy_document_t *document, ditto_policy_lookup_pt lookup,
    void *ctx, const ditto_policy_roots_t *roots, ditto_str_t ns,
    ditto_time_t now, ditto_policy_t **policy, ditto_error_t *err);

/*
 * True if the result of ditto_policy_compile() can depend on ns: also for any
 * document that imports another.
 */
bool ditto_policy_document_has_namespaces(
    const ditto_policy_document_t *document);

/* The same, exactly, when it has been compiled. */
bool ditto_policy_has_namespaces(const ditto_policy_t *policy);

/*
 * The first moment after now at which a subject in effect expires, as seconds
 * since the epoch, a fraction rounded up; INT64_MAX: none does.  From then on
 * the document must be compiled again.
 */
int64_t ditto_policy_expires(const ditto_policy_t *policy);

/* Bytes of pool that the compiled policy holds. */
size_t ditto_policy_size(const ditto_policy_t *policy);


/* --- decisions: fast, without allocation --------------------------------- */

/* hasUnrestrictedPermissions: granted here, and nothing revoked below. */
bool ditto_policy_unrestricted(const ditto_policy_t *policy,
    const ditto_resource_t *resource, const ditto_subjects_t *subjects,
    ditto_permission_e permission);

/* hasPartialPermissions: granted here or somewhere below. */
bool ditto_policy_partial(const ditto_policy_t *policy,
    const ditto_resource_t *resource, const ditto_subjects_t *subjects,
    ditto_permission_e permission);

/* getSubjectsWithPermission for one subject: what is below is not regarded. */
ditto_state_e ditto_policy_state(const ditto_policy_t *policy,
    const ditto_resource_t *resource, ditto_str_t subject,
    ditto_permission_e permission);

/*
 * Several permissions in one call: bits 1u << ditto_permission_e, weighed
 * together as Ditto does; partial: hasPartialPermissions.  It may be true
 * although one of the permissions alone is not granted.
 */
bool ditto_policy_check(const ditto_policy_t *policy,
    const ditto_resource_t *resource, const ditto_subjects_t *subjects,
    unsigned permissions, bool partial);

/*
 * The subjects that the policy names, for sets such as "all who may read":
 * i counts from 0.  False: there are no more.  The span lives as long as the
 * policy.
 */
bool ditto_policy_subject(const ditto_policy_t *policy, size_t i,
    ditto_str_t *subject);


/* --- views ---------------------------------------------------------------- */

/*
 * buildJsonView: what of value (validated JSON text of the resource) the
 * subjects may read, appended to out, compact but for what is kept whole: that
 * is the sender's bytes.  DITTO_DECLINED: nothing of it, out is as it was.  An
 * object or array that may be read itself but none of whose members may is
 * DITTO_OK with "{}" or "[]".  DITTO_ERROR: out of memory (out->failed).
 */
ditto_rc_t ditto_policy_view(const ditto_policy_t *policy,
    const ditto_resource_t *resource, ditto_str_t value,
    const ditto_subjects_t *subjects, ditto_buf_t *out);

/*
 * The same with members that are put back for everyone who may read anything
 * of the resource's type: names of members of value, an object.
 */
ditto_rc_t ditto_policy_view_with(const ditto_policy_t *policy,
    const ditto_resource_t *resource, ditto_str_t value,
    const ditto_subjects_t *subjects, const ditto_str_t *names, size_t n,
    ditto_buf_t *out);


#endif /* _DITTO_POLICY_H_INCLUDED_ */
