/*
 * A stored thing after an event.
 *
 * Ditto: basic-enrichment; spec section "Cache".
 */

#include "ditto_json_edit.h"
#include "ditto_thing.h"


static ditto_rc_t ditto_apply_whole(ditto_json_edit_t *edit,
    ditto_str_t thing, const ditto_signal_t *event, ditto_error_t *err);
static void ditto_apply_keep(ditto_json_edit_t *edit, ditto_str_t old);
static ditto_rc_t ditto_apply_merge(ditto_json_edit_t *edit,
    const ditto_signal_t *event, ditto_error_t *err);
static ditto_rc_t ditto_apply_delete(ditto_json_edit_t *edit,
    const ditto_signal_t *event, ditto_error_t *err);
static ditto_rc_t ditto_apply_string(ditto_json_edit_t *edit,
    const ditto_str_t *name, ditto_str_t text, ditto_error_t *err);


static const ditto_str_t  ditto_apply_created = ditto_string("_created");
static const ditto_str_t  ditto_apply_metadata = ditto_string("_metadata");
static const ditto_str_t  ditto_apply_modified = ditto_string("_modified");
static const ditto_str_t  ditto_apply_policy_id = ditto_string("policyId");
static const ditto_str_t  ditto_apply_revision = ditto_string("_revision");


ditto_rc_t
ditto_thing_apply(ditto_pool_t *pool, ditto_str_t thing,
    const ditto_signal_t *event, ditto_str_t *out, ditto_error_t *err)
{
    bool               set;
    ditto_rc_t         rc;
    ditto_buf_t        buf;
    ditto_str_t        revision, empty = ditto_string("{}");
    ditto_json_edit_t  edit;

    if (event->kind != DITTO_SIGNAL_EVENT || event->live) {
        return DITTO_DECLINED;
    }

    if (thing.len == 0) {
        thing = empty;
    }

    set = (event->topic.action == DITTO_ACTION_CREATED
           || event->topic.action == DITTO_ACTION_MODIFIED);

    if (set && event->pointer.n == 0) {
        ditto_json_edit_open(&edit, pool, event->value);
        rc = ditto_apply_whole(&edit, thing, event, err);

    } else {
        ditto_json_edit_open(&edit, pool, thing);

        if (set) {
            ditto_json_edit_set(&edit, event->pointer.segments,
                                event->pointer.n, event->value);
            rc = DITTO_OK;

        } else if (event->topic.action == DITTO_ACTION_DELETED) {
            rc = ditto_apply_delete(&edit, event, err);

        } else { /* merged, migrated */
            rc = ditto_apply_merge(&edit, event, err);
        }
    }

    if (rc != DITTO_OK) {
        return rc;
    }

    ditto_buf_init(&buf, pool, 20);
    ditto_buf_int(&buf, event->revision);

    if (ditto_buf_done(&buf, &revision) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    ditto_json_edit_set(&edit, &ditto_apply_revision, 1, revision);

    if (event->timestamp.len != 0
        && ditto_apply_string(&edit, &ditto_apply_modified, event->timestamp,
                              err)
           != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    return ditto_json_edit_done(&edit, out, err);
}


static ditto_rc_t
ditto_apply_whole(ditto_json_edit_t *edit, ditto_str_t thing,
    const ditto_signal_t *event, ditto_error_t *err)
{
    if (event->topic.action == DITTO_ACTION_MODIFIED) {
        ditto_apply_keep(edit, thing);
        return DITTO_OK;
    }

    return (event->timestamp.len == 0)
           ? DITTO_OK
           : ditto_apply_string(edit, &ditto_apply_created, event->timestamp,
                                err);
}


/* What an event about a whole thing does not tell: policy and meta data. */
static void
ditto_apply_keep(ditto_json_edit_t *edit, ditto_str_t old)
{
    ditto_json_edit_t   before;
    ditto_json_node_t  *member;

    ditto_json_edit_open(&before, edit->pool, old);

    if (before.failed || !ditto_json_node_open(&before, before.root)
        || edit->failed || !ditto_json_node_open(edit, edit->root))
    {
        edit->failed = edit->failed || before.failed;
        return;
    }

    for (member = before.root->content.first;
         member != NULL;
         member = member->next)
    {
        if ((member->name.data[0] == '_'
             || ditto_str_eq(member->name, ditto_apply_policy_id))
            && ditto_json_node_find(edit, edit->root, member->name) == NULL)
        {
            ditto_json_edit_set(edit, &member->name, 1, member->content.text);
        }
    }
}


static ditto_rc_t
ditto_apply_merge(ditto_json_edit_t *edit, const ditto_signal_t *event,
    ditto_error_t *err)
{
    size_t                  i;
    ditto_buf_t             buf;
    ditto_str_t             value;
    const ditto_pointer_t  *path;

    path = &event->pointer;
    value = event->value;

    if (path->n == 0) {

        if (value.data[0] == 'n') {
            return DITTO_OK;
        }

        if (value.data[0] != '{') {
            return DITTO_DECLINED;
        }
    }

    if (path->n + ditto_json_depth(value) > DITTO_JSON_DEPTH) {
        edit->deep = true;
        return DITTO_OK;
    }

    ditto_buf_init(&buf, edit->pool, event->path.len + value.len + 64);

    for (i = 0; i < path->n; i++) {
        ditto_buf_char(&buf, '{');
        ditto_json_add_string(&buf, path->segments[i]);
        ditto_buf_char(&buf, ':');
    }

    ditto_buf_str(&buf, value);

    for (i = 0; i < path->n; i++) {
        ditto_buf_char(&buf, '}');
    }

    if (ditto_buf_done(&buf, &value) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    ditto_json_edit_merge(edit, value);

    return edit->pattern ? DITTO_DECLINED : DITTO_OK;
}


/* A deleted thing keeps what was last known of it. */
static ditto_rc_t
ditto_apply_delete(ditto_json_edit_t *edit, const ditto_signal_t *event,
    ditto_error_t *err)
{
    size_t        n;
    ditto_str_t  *path;

    n = event->pointer.n;

    if (n == 0) {
        return DITTO_OK;
    }

    path = ditto_alloc(edit->pool, (n + 1) * sizeof(ditto_str_t));
    if (path == NULL) {
        return ditto_fail_memory(err);
    }

    path[0] = ditto_apply_metadata;
    memcpy(&path[1], event->pointer.segments, n * sizeof(ditto_str_t));

    ditto_json_edit_remove(edit, &path[1], n);
    ditto_json_edit_remove(edit, path, n + 1);

    return DITTO_OK;
}


static ditto_rc_t
ditto_apply_string(ditto_json_edit_t *edit, const ditto_str_t *name,
    ditto_str_t text, ditto_error_t *err)
{
    if (ditto_json_quote(edit->pool, text, &text) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    ditto_json_edit_set(edit, name, 1, text);

    return DITTO_OK;
}
