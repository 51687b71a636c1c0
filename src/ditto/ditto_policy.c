/*
 * The evaluator.  All grants and revokes of the entries in effect are pooled
 * in one tree, a branch per resource type; entries and labels are forgotten.
 * Each node knows, per permission, which subjects have something there and
 * which have something below, so that a decision looks at the nodes of one
 * path only.  Ditto: TrieBasedPolicyEnforcer; spec "Enforcement algorithm".
 */

#include "ditto_policy_private.h"


static bool ditto_policy_weigh(const ditto_policy_t *policy,
    const ditto_policy_walk_t *walk, const ditto_subjects_t *subjects,
    unsigned permissions, bool partial);


/* hasUnrestrictedPermissions */
bool
ditto_policy_unrestricted(const ditto_policy_t *policy,
    const ditto_resource_t *resource, const ditto_subjects_t *subjects,
    ditto_permission_e permission)
{
    return ditto_policy_check(policy, resource, subjects, 1u << permission,
                              false);
}


/* hasPartialPermissions */
bool
ditto_policy_partial(const ditto_policy_t *policy,
    const ditto_resource_t *resource, const ditto_subjects_t *subjects,
    ditto_permission_e permission)
{
    return ditto_policy_check(policy, resource, subjects, 1u << permission,
                              true);
}


bool
ditto_policy_check(const ditto_policy_t *policy,
    const ditto_resource_t *resource, const ditto_subjects_t *subjects,
    unsigned permissions, bool partial)
{
    ditto_policy_walk_t  walk;

    if (permissions == 0) {
        return false;
    }

    ditto_policy_walk(policy, resource, &walk);

    return ditto_policy_weigh(policy, &walk, subjects, permissions, partial);
}


/*
 * spec: Boolean queries for a context.  The deepest mention of any subject
 * wins, a tie is a revoke; what is below k is deeper than anything at or
 * above k.
 */
static bool
ditto_policy_weigh(const ditto_policy_t *policy,
    const ditto_policy_walk_t *walk, const ditto_subjects_t *subjects,
    unsigned permissions, bool partial)
{
    size_t    i, j, grant, revoke;       /* levels + 1; 0: none */
    uint32_t  subject;
    unsigned  p, facts, granted;

    grant = 0;
    revoke = 0;
    granted = 0;

    for (i = 0; i < subjects->n; i++) {

        subject = ditto_policy_find(&policy->subjects, 0, subjects->elts[i]);

        if (subject == DITTO_POLICY_NONE) {
            continue;
        }

        for (p = 0; p <= DITTO_PERMISSION_EXECUTE; p++) {

            if ((permissions & (1u << p)) == 0) {
                continue;
            }

            for (j = walk->n; j > 0; j--) {

                facts = ditto_policy_fact(policy, walk->nodes[j - 1], p,
                                          subject);

                if (facts == 0) {
                    continue;
                }

                if (j == walk->n && walk->exact) {

                    if (!partial && (facts & DITTO_POLICY_REVOKE_BELOW) != 0) {
                        return false;
                    }

                    if (partial && (facts & DITTO_POLICY_GRANT_BELOW) != 0) {
                        grant = walk->n + 1;
                        granted |= 1u << p;
                    }
                }

                if ((facts & DITTO_POLICY_REVOKE) != 0) {
                    revoke = (j > revoke) ? j : revoke;
                    break;
                }

                if ((facts & DITTO_POLICY_GRANT) != 0) {
                    grant = (j > grant) ? j : grant;
                    granted |= 1u << p;
                    break;
                }
            }
        }
    }

    return granted == permissions && grant > revoke;
}


/* spec: Primitive: state */
ditto_state_e
ditto_policy_state(const ditto_policy_t *policy,
    const ditto_resource_t *resource, ditto_str_t subject,
    ditto_permission_e permission)
{
    size_t               j;
    uint32_t             s;
    unsigned             facts;
    ditto_policy_walk_t  walk;

    s = ditto_policy_find(&policy->subjects, 0, subject);

    if (s == DITTO_POLICY_NONE) {
        return DITTO_STATE_NONE;
    }

    ditto_policy_walk(policy, resource, &walk);

    for (j = walk.n; j > 0; j--) {
        facts = ditto_policy_fact(policy, walk.nodes[j - 1], permission, s);

        if ((facts & DITTO_POLICY_REVOKE) != 0) {
            return DITTO_STATE_REVOKED;
        }

        if ((facts & DITTO_POLICY_GRANT) != 0) {
            return DITTO_STATE_GRANTED;
        }
    }

    return DITTO_STATE_NONE;
}


bool
ditto_policy_subject(const ditto_policy_t *policy, size_t i,
    ditto_str_t *subject)
{
    if (i >= policy->subjects.n) {
        return false;
    }

    *subject = policy->subjects.elts[i].text;

    return true;
}


int64_t
ditto_policy_expires(const ditto_policy_t *policy)
{
    return policy->expires;
}


bool
ditto_policy_has_namespaces(const ditto_policy_t *policy)
{
    return policy->namespaces;
}


size_t
ditto_policy_size(const ditto_policy_t *policy)
{
    return policy->size;
}


void
ditto_policy_walk(const ditto_policy_t *policy,
    const ditto_resource_t *resource, ditto_policy_walk_t *walk)
{
    size_t    i;
    uint32_t  node;

    walk->nodes[0] = 0;
    walk->n = 1;
    walk->type = false;
    walk->exact = false;

    node = ditto_policy_find(&policy->nodes, 0, resource->type);

    if (node == DITTO_POLICY_NONE) {
        return;
    }

    walk->nodes[walk->n++] = node;
    walk->type = true;

    for (i = 0; i < resource->path->n; i++) {

        if (!policy->nodes.elts[node].inner) {
            return;
        }

        node = ditto_policy_find(&policy->nodes, node,
                                 resource->path->segments[i]);

        if (node == DITTO_POLICY_NONE) {
            return;
        }

        /* no deeper than the tree, hence DITTO_POLICY_NODES at most */

        walk->nodes[walk->n++] = node;
    }

    walk->exact = true;
}


unsigned
ditto_policy_fact(const ditto_policy_t *policy, uint32_t node,
    unsigned permission, uint32_t subject)
{
    uint32_t         low, high, mid;
    const uint32_t  *at;

    at = &policy->at[3 * (size_t) node + permission];
    low = at[0];
    high = at[1];

    while (low < high) {
        mid = low + (high - low) / 2;

        if (policy->facts[mid] >> 4 == subject) {
            return policy->facts[mid] & 0xf;
        }

        if (policy->facts[mid] >> 4 < subject) {
            low = mid + 1;

        } else {
            high = mid;
        }
    }

    return 0;
}


/* --- names --------------------------------------------------------------- */

uint32_t
ditto_policy_find(const ditto_policy_names_t *names, uint32_t parent,
    ditto_str_t text)
{
    uint32_t                    i;
    const ditto_policy_name_t  *name;

    for (i = ditto_policy_hash(parent, text) & names->mask;
         names->slots[i] != 0;
         i = (i + 1) & names->mask)
    {
        name = &names->elts[names->slots[i] - 1];

        if (name->parent == parent && ditto_str_eq(name->text, text)) {
            return names->slots[i] - 1;
        }
    }

    return DITTO_POLICY_NONE;
}


/* FNV-1a, the parent first. */
uint32_t
ditto_policy_hash(uint32_t parent, ditto_str_t text)
{
    size_t    i;
    uint32_t  hash;

    hash = 2166136261u ^ (parent * 2654435761u);

    for (i = 0; i < text.len; i++) {
        hash = (hash ^ text.data[i]) * 16777619u;
    }

    return hash ^ hash >> 15;
}
