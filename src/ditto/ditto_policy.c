/*
 * The evaluator.  All grants and revokes of the entries in effect are pooled
 * in one tree, a branch per resource type; entries and labels are forgotten.
 * Each node knows, per permission, which subjects have something there and
 * which have something below, so that a decision looks at the nodes of one
 * path only.  Ditto: TrieBasedPolicyEnforcer; spec "Enforcement algorithm".
 */

#include "ditto_policy_private.h"


#define DITTO_POLICY_PRIME  0x9e3779b97f4a7c15u     /* 2^64 / golden ratio */


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
    unsigned  p, facts, granted, pending;

    grant = 0;
    revoke = 0;
    granted = 0;

    for (i = 0; i < subjects->n; i++) {

        subject = ditto_policy_find(policy, &policy->subjects, 0,
                                    subjects->elts[i]);

        if (subject == DITTO_POLICY_NONE) {
            continue;
        }

        pending = permissions;

        for (j = walk->n; j > 0 && pending != 0; j--) {

            facts = ditto_policy_facts(policy, walk->nodes[j - 1], subject);

            for (p = 0; facts != 0; p++, facts >>= DITTO_FACT_BITS) {

                if ((pending & (1u << p)) == 0) {
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
                    pending &= ~(1u << p);

                } else if ((facts & DITTO_POLICY_GRANT) != 0) {
                    grant = (j > grant) ? j : grant;
                    granted |= 1u << p;
                    pending &= ~(1u << p);
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

    s = ditto_policy_find(policy, &policy->subjects, 0, subject);

    if (s == DITTO_POLICY_NONE) {
        return DITTO_STATE_NONE;
    }

    ditto_policy_walk(policy, resource, &walk);

    for (j = walk.n; j > 0; j--) {
        facts = ditto_policy_facts(policy, walk.nodes[j - 1], s)
                >> permission * DITTO_FACT_BITS;

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

    *subject = ditto_policy_name(policy, &policy->subjects, (uint32_t) i);

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

    node = ditto_policy_find(policy, &policy->nodes, 0, resource->type);

    if (node == DITTO_POLICY_NONE) {
        return;
    }

    walk->nodes[walk->n++] = node;
    walk->type = true;

    for (i = 0; i < resource->path->n; i++) {

        if (!ditto_policy_inner(policy, node)) {
            return;
        }

        node = ditto_policy_find(policy, &policy->nodes, node,
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
ditto_policy_facts(const ditto_policy_t *policy, uint32_t node,
    uint32_t subject)
{
    uint32_t         low, high, mid;
    const uint32_t  *list;

    list = (const uint32_t *) (const void *)
               ((const unsigned char *) policy + policy->facts)
           + ditto_policy_number(policy, policy->lists, node);

    low = 1;
    high = list[0] + 1;

    while (low < high) {
        mid = low + (high - low) / 2;

        if (list[mid] >> DITTO_FACT_SUBJECT == subject) {
            return list[mid] & ((1u << DITTO_FACT_SUBJECT) - 1);
        }

        if (list[mid] >> DITTO_FACT_SUBJECT < subject) {
            low = mid + 1;

        } else {
            high = mid;
        }
    }

    return 0;
}


/* --- names --------------------------------------------------------------- */

uint32_t
ditto_policy_find(const ditto_policy_t *policy,
    const ditto_policy_table_t *table, uint32_t parent, ditto_str_t text)
{
    uint32_t  i, slot;

    for (i = ditto_policy_hash(parent, text) & table->mask;
         (slot = ditto_policy_number(policy, table->slots, i)) != 0;
         i = (i + 1) & table->mask)
    {
        slot--;

        if (ditto_str_eq(ditto_policy_name(policy, table, slot), text)
            && (table->parents == 0
                || ditto_policy_number(policy, table->parents, slot) >> 1
                   == parent))
        {
            return slot;
        }
    }

    return DITTO_POLICY_NONE;
}


ditto_str_t
ditto_policy_name(const ditto_policy_t *policy,
    const ditto_policy_table_t *table, uint32_t i)
{
    uint32_t     start;
    ditto_str_t  name;

    start = ditto_policy_number(policy, table->starts, i);

    name.data = (const unsigned char *) policy + table->texts + start;
    name.len = ditto_policy_number(policy, table->starts, i + 1) - start;

    return name;
}


uint32_t
ditto_policy_parent(const ditto_policy_t *policy, uint32_t node)
{
    return ditto_policy_number(policy, policy->nodes.parents, node) >> 1;
}


bool
ditto_policy_inner(const ditto_policy_t *policy, uint32_t node)
{
    return (ditto_policy_number(policy, policy->nodes.parents, node) & 1) != 0;
}


/* Eight bytes at a time, the last ones once more if need be. */
uint32_t
ditto_policy_hash(uint32_t parent, ditto_str_t text)
{
    uint32_t              low, high;
    uint64_t              hash, word;
    const unsigned char  *p, *last;

    hash = (uint64_t) parent << 32 ^ text.len;

    if (text.len >= 8) {
        last = text.data + text.len - 8;

        for (p = text.data; p < last; p += 8) {
            memcpy(&word, p, 8);
            hash = (hash ^ word) * DITTO_POLICY_PRIME;
            hash ^= hash >> 32;
        }

        memcpy(&word, last, 8);

    } else if (text.len >= 4) {
        memcpy(&low, text.data, 4);
        memcpy(&high, text.data + text.len - 4, 4);
        word = (uint64_t) high << 32 | low;

    } else {
        word = (text.len == 0) ? 0
               : (uint64_t) text.data[0] << 16
                 | (uint64_t) text.data[text.len / 2] << 8
                 | text.data[text.len - 1];
    }

    hash = (hash ^ word) * DITTO_POLICY_PRIME;

    return (uint32_t) (hash >> 32 ^ hash >> 52);
}
