/*
 * What of a value subjects may read.  The value's text is walked once, from
 * left to right, next to the tree of the policy; what has no node of its own
 * is decided by the node above it and kept or left out as a whole.  Ditto:
 * buildJsonView; spec section "JSON view".
 */

#include "ditto_json.h"
#include "ditto_policy_private.h"


/* An object or array that is being walked. */
typedef struct {
    size_t    mark;          /* out->len before it and its name */
    size_t    start;         /* out->len behind its bracket */
    uint32_t  node;
    bool      object;
} ditto_view_frame_t;


typedef struct {
    const ditto_policy_t    *policy;
    const ditto_str_t       *names;          /* kept at the top */
    size_t                   nnames;
    uint32_t                *subjects;       /* those the policy knows */
    size_t                   nsubjects;
    unsigned char           *verdicts;       /* of nodes, once asked for */
    ditto_array_t            frames;         /* of ditto_view_frame_t */
    ditto_json_t             it;
    ditto_buf_t             *out;
    bool                     below;          /* the tree ends above value */
} ditto_view_t;


#define DITTO_VIEW_ALLOWED  1
#define DITTO_VIEW_DENIED   2


static ditto_rc_t ditto_view_init(ditto_view_t *v,
    const ditto_subjects_t *subjects);
static ditto_rc_t ditto_view_value(ditto_view_t *v, ditto_str_t value,
    uint32_t node);
static ditto_rc_t ditto_view_members(ditto_view_t *v);
static ditto_rc_t ditto_view_child(ditto_view_t *v,
    const ditto_view_frame_t *frame, ditto_str_t name, bool *whole,
    uint32_t *node);
static ditto_rc_t ditto_view_enter(ditto_view_t *v, size_t mark,
    uint32_t node);
static bool ditto_view_leave(ditto_view_t *v);
static void ditto_view_begin(ditto_view_t *v,
    const ditto_view_frame_t *frame, ditto_str_t name);
static bool ditto_view_allowed(ditto_view_t *v, uint32_t node);


ditto_rc_t
ditto_policy_view(const ditto_policy_t *policy,
    const ditto_resource_t *resource, ditto_str_t value,
    const ditto_subjects_t *subjects, ditto_buf_t *out)
{
    return ditto_policy_view_with(policy, resource, value, subjects, NULL, 0,
                                  out);
}


ditto_rc_t
ditto_policy_view_with(const ditto_policy_t *policy,
    const ditto_resource_t *resource, ditto_str_t value,
    const ditto_subjects_t *subjects, const ditto_str_t *names, size_t n,
    ditto_buf_t *out)
{
    uint32_t              node;
    ditto_view_t          v;
    ditto_pointer_t       root = { NULL, 0 };
    ditto_resource_t      type;
    ditto_policy_walk_t   walk;

    ditto_policy_walk(policy, resource, &walk);

    if (!walk.type || value.len == 0) {
        return DITTO_DECLINED;
    }

    memset(&v, 0, sizeof(v));
    v.policy = policy;
    v.out = out;

    if (n != 0 && ditto_json_type(value) == DITTO_JSON_OBJECT) {
        type.type = resource->type;
        type.path = &root;

        if (ditto_policy_partial(policy, &type, subjects,
                                 DITTO_PERMISSION_READ))
        {
            v.names = names;
            v.nnames = n;
        }
    }

    if (ditto_view_init(&v, subjects) != DITTO_OK) {
        return DITTO_ERROR;
    }

    node = walk.nodes[walk.n - 1];
    v.below = !walk.exact || !ditto_policy_inner(policy, node);

    if (v.nnames == 0 && v.below) {

        if (!ditto_view_allowed(&v, node)) {
            return DITTO_DECLINED;
        }

        ditto_buf_str(out, value);

        return out->failed ? DITTO_ERROR : DITTO_OK;
    }

    return ditto_view_value(&v, value, node);
}


/* The context in the policy's own numbers; the rest it does not mention. */
static ditto_rc_t
ditto_view_init(ditto_view_t *v, const ditto_subjects_t *subjects)
{
    size_t          i;
    uint32_t        subject;
    unsigned char  *p;

    p = ditto_alloc(v->out->pool,
                    subjects->n * sizeof(uint32_t) + v->policy->nodes.n);
    if (p == NULL) {
        v->out->failed = true;
        return DITTO_ERROR;
    }

    v->subjects = (uint32_t *) (void *) p;
    v->verdicts = p + subjects->n * sizeof(uint32_t);
    memset(v->verdicts, 0, v->policy->nodes.n);

    for (i = 0; i < subjects->n; i++) {
        subject = ditto_policy_find(v->policy, &v->policy->subjects, 0,
                                    subjects->elts[i]);

        if (subject != DITTO_POLICY_NONE) {
            v->subjects[v->nsubjects++] = subject;
        }
    }

    ditto_array_init(&v->frames, v->out->pool, sizeof(ditto_view_frame_t));

    return DITTO_OK;
}


static ditto_rc_t
ditto_view_value(ditto_view_t *v, ditto_str_t value, uint32_t node)
{
    size_t      mark;
    ditto_rc_t  rc;

    mark = v->out->len;

    ditto_json_open(&v->it, value);

    if (ditto_json_type(value) < DITTO_JSON_ARRAY) {
        if (!ditto_view_allowed(v, node)) {
            return DITTO_DECLINED;
        }

        ditto_buf_str(v->out, value);

        return v->out->failed ? DITTO_ERROR : DITTO_OK;
    }

    rc = ditto_view_enter(v, mark, node);

    if (rc == DITTO_OK) {
        rc = ditto_view_members(v);
    }

    if (rc != DITTO_OK) {
        return rc;
    }

    return (v->out->len == mark) ? DITTO_DECLINED : DITTO_OK;
}


/* Until the outermost container is left. */
static ditto_rc_t
ditto_view_members(ditto_view_t *v)
{
    bool                 whole;
    size_t               mark;
    uint32_t             node;
    ditto_str_t          name, none = ditto_null_string;
    unsigned char        c;
    ditto_view_frame_t   frame;

    while (v->frames.nelts != 0) {

        if (v->out->failed) {
            return DITTO_ERROR;
        }

        frame = ((ditto_view_frame_t *) v->frames.elts)[v->frames.nelts - 1];
        name = none;

        if (!ditto_json_step(&v->it, frame.object ? &name : NULL)) {
            if (!ditto_view_leave(v)) {
                v->out->len = frame.mark;
            }

            continue;
        }

        if (ditto_view_child(v, &frame, name, &whole, &node) != DITTO_OK) {
            return DITTO_ERROR;
        }

        c = *v->it.pos;

        if (!whole && (c == '{' || c == '[')) {
            mark = v->out->len;
            ditto_view_begin(v, &frame, name);

            if (ditto_view_enter(v, mark, node) != DITTO_OK) {
                return DITTO_ERROR;
            }

            continue;
        }

        if (node != DITTO_POLICY_NONE && !ditto_view_allowed(v, node)) {
            (void) ditto_json_take(&v->it);
            continue;
        }

        ditto_view_begin(v, &frame, name);
        ditto_buf_str(v->out, ditto_json_take(&v->it));
    }

    return v->out->failed ? DITTO_ERROR : DITTO_OK;
}


/*
 * The node that decides about a member or element; DITTO_POLICY_NONE: it is
 * kept in any case.  *whole: nothing in it has a node of its own.
 */
static ditto_rc_t
ditto_view_child(ditto_view_t *v, const ditto_view_frame_t *frame,
    ditto_str_t name, bool *whole, uint32_t *node)
{
    size_t       i;
    uint32_t     child;
    ditto_str_t  key;

    *node = frame->node;
    *whole = false;

    if (!frame->object) {
        /* an index is no part of the path */
        return DITTO_OK;
    }

    if (v->frames.nelts == 1) {
        for (i = 0; i < v->nnames; i++) {
            if (ditto_json_name_is(name, v->names[i])) {
                *node = DITTO_POLICY_NONE;
                *whole = true;
                return DITTO_OK;
            }
        }
    }

    if (v->below) {
        *whole = true;
        return DITTO_OK;
    }

    if (ditto_json_decode(v->out->pool, name, &key) != DITTO_OK) {
        v->out->failed = true;
        return DITTO_ERROR;
    }

    child = ditto_policy_find(v->policy, &v->policy->nodes, frame->node, key);

    if (child == DITTO_POLICY_NONE) {
        *whole = true;
        return DITTO_OK;
    }

    *node = child;
    *whole = !ditto_policy_inner(v->policy, child);

    return DITTO_OK;
}


/* The bracket at hand. */
static ditto_rc_t
ditto_view_enter(ditto_view_t *v, size_t mark, uint32_t node)
{
    ditto_view_frame_t  *frame;

    frame = ditto_array_push(&v->frames);
    if (frame == NULL) {
        v->out->failed = true;
        return DITTO_ERROR;
    }

    frame->object = (*v->it.pos == '{');
    frame->mark = mark;
    frame->node = node;

    ditto_buf_char(v->out, frame->object ? '{' : '[');
    v->it.pos++;

    frame->start = v->out->len;

    return DITTO_OK;
}


/* False: nothing of it is to be seen, not even that it is there. */
static bool
ditto_view_leave(ditto_view_t *v)
{
    ditto_view_frame_t  frame;

    frame = ((ditto_view_frame_t *) v->frames.elts)[--v->frames.nelts];

    if (v->out->len == frame.start && !ditto_view_allowed(v, frame.node)) {
        return false;
    }

    ditto_buf_char(v->out, frame.object ? '}' : ']');

    return true;
}


/* What stands before a member or element. */
static void
ditto_view_begin(ditto_view_t *v, const ditto_view_frame_t *frame,
    ditto_str_t name)
{
    if (v->out->len != frame->start) {
        ditto_buf_char(v->out, ',');
    }

    if (frame->object) {
        ditto_buf_char(v->out, '"');
        ditto_buf_str(v->out, name);
        ditto_buf_text(v->out, "\":");
    }
}


/* spec: JSON view: allowed */
static bool
ditto_view_allowed(ditto_view_t *v, uint32_t node)
{
    size_t      i;
    uint32_t    at;
    unsigned    facts, grant, revoke, depth, level;     /* 0: none */

    if (v->verdicts[node] != 0) {
        return v->verdicts[node] == DITTO_VIEW_ALLOWED;
    }

    depth = 1;

    for (at = node; at != 0; at = ditto_policy_parent(v->policy, at)) {
        depth++;
    }

    grant = 0;
    revoke = 0;

    for (i = 0; i < v->nsubjects; i++) {

        at = node;

        for (level = depth; level > 0; level--) {

            facts = ditto_policy_facts(v->policy, at, v->subjects[i])
                    >> DITTO_PERMISSION_READ * DITTO_FACT_BITS;

            if ((facts & DITTO_POLICY_REVOKE) != 0) {
                revoke = (level > revoke) ? level : revoke;
                break;
            }

            if ((facts & DITTO_POLICY_GRANT) != 0) {
                grant = (level > grant) ? level : grant;
                break;
            }

            at = ditto_policy_parent(v->policy, at);
        }
    }

    v->verdicts[node] = (grant > revoke) ? DITTO_VIEW_ALLOWED
                                         : DITTO_VIEW_DENIED;

    return grant > revoke;
}
