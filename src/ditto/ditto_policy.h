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


/* Looks a document up by policy id, for imports; NULL: there is none. */
typedef const ditto_policy_document_t *(*ditto_policy_lookup_pt)(void *ctx,
    ditto_str_t policy_id);


/*
 * Reads and checks one policy document (spec "Whole-policy validation").
 * now: a subject that has expired is refused.  Everything is copied into
 * pool.  DITTO_ERROR: err, and in place the JSON pointer of the member at
 * fault, or an empty text if the text is not JSON.
 */
ditto_rc_t ditto_policy_document_parse(ditto_pool_t *pool, ditto_str_t text,
    ditto_time_t now, ditto_policy_document_t **document, ditto_str_t *place,
    ditto_error_t *err);

/* Empty if the document carries no policyId. */
ditto_str_t ditto_policy_document_id(const ditto_policy_document_t *document);

/* As Ditto renders it. */
void ditto_policy_document_render(ditto_buf_t *out,
    const ditto_policy_document_t *document);

/*
 * Resolves imports (through lookup) and references and compiles.  ns: the
 * namespace of the thing in question, entries for other namespaces are left
 * out; data is NULL: no reduction.  Subjects with an expiry before now count
 * as absent.  The result refers to nothing outside pool.
 */
ditto_rc_t ditto_policy_compile(ditto_pool_t *pool,
    const ditto_policy_document_t *document, ditto_policy_lookup_pt lookup,
    void *ctx, ditto_str_t ns, ditto_time_t now, ditto_policy_t **policy,
    ditto_error_t *err);

/* True if the result of ditto_policy_compile() depends on ns. */
bool ditto_policy_document_has_namespaces(
    const ditto_policy_document_t *document);

/*
 * The first moment at which a subject of the document expires, as seconds
 * since the epoch; INT64_MAX: none does.
 */
int64_t ditto_policy_expires(const ditto_policy_t *policy);


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
 * buildJsonView: what of value (validated JSON text of the resource) the
 * subjects may read.  DITTO_DECLINED: nothing of it.
 */
ditto_rc_t ditto_policy_view(const ditto_policy_t *policy,
    const ditto_resource_t *resource, ditto_str_t value,
    const ditto_subjects_t *subjects, ditto_buf_t *out);


#endif /* _DITTO_POLICY_H_INCLUDED_ */
