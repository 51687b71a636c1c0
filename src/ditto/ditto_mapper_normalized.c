/*
 * The mapper Normalized: an event as a sparse thing.
 *
 * Ditto: connectivity-mapping "Normalized mapper"; spec section "Normalized".
 */

#include "ditto_json_edit.h"
#include "ditto_json_select.h"
#include "ditto_mapper_private.h"


typedef struct {
    bool              select;        /* the fields only, perhaps none */
    bool              deleted;       /* partial deletions, too */
    ditto_pointer_t  *fields;
    size_t            n;
} ditto_normalized_t;


static bool ditto_normalized_wanted(const ditto_normalized_t *normalized,
    const ditto_signal_t *signal);
static ditto_rc_t ditto_normalized_open(const ditto_scope_t *scope,
    ditto_json_edit_t *edit, ditto_str_t *value, ditto_error_t *err);
static ditto_rc_t ditto_normalized_facts(const ditto_scope_t *scope,
    ditto_json_edit_t *edit, ditto_error_t *err);
static ditto_rc_t ditto_normalized_deleted(const ditto_scope_t *scope,
    ditto_json_edit_t *edit, ditto_error_t *err);
static bool ditto_normalized_nulls(ditto_json_edit_t *edit,
    ditto_json_node_t *node, ditto_str_t time, ditto_buf_t *out);
static bool ditto_normalized_expression(ditto_str_t name);
static ditto_rc_t ditto_normalized_context(const ditto_scope_t *scope,
    ditto_str_t value, ditto_str_t *context, ditto_error_t *err);


static const ditto_str_t  ditto_normalized_thing_id = ditto_string("thingId");
static const ditto_str_t  ditto_normalized_modified =
    ditto_string("_modified");
static const ditto_str_t  ditto_normalized_revision =
    ditto_string("_revision");
static const ditto_str_t  ditto_normalized_removed = ditto_string("_deleted");
static const ditto_str_t  ditto_normalized_removed_fields =
    ditto_string("_deletedFields");
static const ditto_str_t  ditto_normalized_meta = ditto_string("_context");
static const ditto_str_t  ditto_normalized_json =
    ditto_string("application/json");


ditto_rc_t
ditto_mapper_normalized_compile(ditto_pool_t *pool, ditto_str_t options,
    const void **rule, ditto_error_t *err)
{
    size_t               i;
    ditto_rc_t           rc;
    ditto_str_t          text, *pointer;
    ditto_array_t        pointers;
    ditto_normalized_t  *normalized;

    static const ditto_str_t  yes = ditto_string("true");

    normalized = ditto_zalloc(pool, sizeof(ditto_normalized_t));
    if (normalized == NULL) {
        return ditto_fail_memory(err);
    }

    *rule = normalized;

    rc = ditto_mapper_option(pool, options, "includeDeletedFields", &text,
                             err);
    if (rc == DITTO_ERROR) {
        return DITTO_ERROR;
    }

    normalized->deleted = (rc == DITTO_OK && ditto_str_caseeq(text, yes));

    rc = ditto_mapper_option(pool, options, "fields", &text, err);
    if (rc != DITTO_OK) {
        return (rc == DITTO_ERROR) ? DITTO_ERROR : DITTO_OK;
    }

    normalized->select = true;

    if (text.len == 0) {
        return DITTO_OK;
    }

    ditto_array_init(&pointers, pool, sizeof(ditto_str_t));

    if (ditto_selector_parse(pool, text, &pointers, err) != DITTO_OK) {
        return ditto_fail_as(pool, err, DITTO_E_CONNECTION_CONFIGURATION);
    }

    normalized->n = pointers.nelts;
    normalized->fields = ditto_alloc(pool, pointers.nelts
                                           * sizeof(ditto_pointer_t));
    if (normalized->fields == NULL) {
        return ditto_fail_memory(err);
    }

    for (i = 0, pointer = pointers.elts; i < pointers.nelts; i++) {
        if (ditto_pointer_parse_escaped(pool, pointer[i],
                                        &normalized->fields[i], err)
            != DITTO_OK)
        {
            return DITTO_ERROR;
        }
    }

    return DITTO_OK;
}


/*
 * What Ditto selects before it removes null members is removed first here:
 * neither makes or hides anything for the other.
 */
ditto_rc_t
ditto_mapper_normalized_outbound(const void *rule,
    const ditto_scope_t *scope, ditto_array_t *messages, ditto_error_t *err)
{
    ditto_str_t                value, context, text;
    ditto_json_edit_t          edit;
    const ditto_normalized_t  *normalized;
    ditto_external_message_t  *message;

    normalized = rule;

    if (!ditto_normalized_wanted(normalized, scope->signal)) {
        return DITTO_DECLINED;
    }

    if (ditto_normalized_open(scope, &edit, &value, err) != DITTO_OK
        || ditto_normalized_facts(scope, &edit, err) != DITTO_OK
        || (normalized->deleted
            && ditto_normalized_deleted(scope, &edit, err) != DITTO_OK)
        || ditto_normalized_context(scope, value, &context, err) != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    ditto_json_edit_set(&edit, &ditto_normalized_meta, 1, context);

    if (scope->extra.len != 0) {

        if (ditto_json_edit_done(&edit, &text, err) != DITTO_OK) {
            return DITTO_ERROR;
        }

        ditto_json_edit_open(&edit, scope->pool, scope->extra);
        ditto_json_edit_merge(&edit, text);
    }

    if (scope->signal->topic.action == DITTO_ACTION_MERGED) {
        ditto_json_edit_prune(&edit);
    }

    if (ditto_json_edit_done(&edit, &text, err) != DITTO_OK
        || (normalized->select
            && ditto_json_select(scope->pool, text, normalized->fields,
                                 normalized->n, false, &text, err)
               != DITTO_OK))
    {
        return DITTO_ERROR;
    }

    message = ditto_mapper_message(scope, messages, err);
    if (message == NULL) {
        return DITTO_ERROR;
    }

    message->payload = text;

    if (ditto_external_header(message, ditto_mapper_content_type,
                              ditto_normalized_json)
        != DITTO_OK)
    {
        return ditto_fail_memory(err);
    }

    return DITTO_OK;
}


static bool
ditto_normalized_wanted(const ditto_normalized_t *normalized,
    const ditto_signal_t *signal)
{
    if (signal->kind != DITTO_SIGNAL_EVENT) {
        return false;
    }

    switch (signal->topic.action) {

    case DITTO_ACTION_CREATED:
    case DITTO_ACTION_MODIFIED:
    case DITTO_ACTION_MERGED:
        return true;

    case DITTO_ACTION_DELETED:
        return signal->pointer.n == 0 || normalized->deleted;

    default:
        return false;
    }
}


/* The thing with the value of the event at its path. */
static ditto_rc_t
ditto_normalized_open(const ditto_scope_t *scope, ditto_json_edit_t *edit,
    ditto_str_t *value, ditto_error_t *err)
{
    ditto_str_t            id, empty = ditto_string("{}");
    const ditto_signal_t  *signal;

    signal = scope->signal;
    *value = signal->value;

    if (ditto_json_quote(scope->pool, signal->id, &id) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    if (value->data == NULL || signal->pointer.n != 0
        || value->data[0] == 'n')
    {
        ditto_json_edit_open(edit, scope->pool, empty);
        ditto_json_edit_set(edit, &ditto_normalized_thing_id, 1, id);

        if (value->data != NULL && signal->pointer.n != 0) {
            ditto_json_edit_set(edit, signal->pointer.segments,
                                signal->pointer.n, *value);
        }

        return DITTO_OK;
    }

    if (value->data[0] != '{') {
        return ditto_mapper_fail(err,
                                 ditto_str("application/merge-patch+json"),
                                 false,
                                 ditto_str("IllegalStateException Got a merge "
                                           "of a thing that is no object."));
    }

    ditto_json_edit_open(edit, scope->pool, *value);

    if (ditto_json_edit_at(edit, &ditto_normalized_thing_id, 1) == NULL) {
        ditto_json_edit_set(edit, &ditto_normalized_thing_id, 1, id);
    }

    return DITTO_OK;
}


static ditto_rc_t
ditto_normalized_facts(const ditto_scope_t *scope, ditto_json_edit_t *edit,
    ditto_error_t *err)
{
    ditto_buf_t            buf;
    ditto_str_t            text;
    const ditto_signal_t  *signal;

    signal = scope->signal;

    ditto_buf_init(&buf, scope->pool, 20);
    ditto_buf_int(&buf, signal->revision);

    if (ditto_buf_done(&buf, &text) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    ditto_json_edit_set(edit, &ditto_normalized_revision, 1, text);

    if (signal->timestamp.len == 0) {
        return DITTO_OK;
    }

    if (ditto_json_quote(scope->pool, signal->timestamp, &text)
        != DITTO_OK)
    {
        return ditto_fail_memory(err);
    }

    ditto_json_edit_set(edit, &ditto_normalized_modified, 1, text);

    if (signal->topic.action == DITTO_ACTION_DELETED
        && signal->pointer.n == 0)
    {
        ditto_json_edit_set(edit, &ditto_normalized_removed, 1, text);
    }

    return DITTO_OK;
}


/* spec: Normalized, "_deletedFields" */
static ditto_rc_t
ditto_normalized_deleted(const ditto_scope_t *scope, ditto_json_edit_t *edit,
    ditto_error_t *err)
{
    size_t                 n;
    ditto_buf_t            buf;
    ditto_str_t            time, fields, *path;
    ditto_json_edit_t      patch;
    const ditto_signal_t  *signal;

    signal = scope->signal;
    n = signal->pointer.n;

    if (signal->timestamp.len == 0) {
        return DITTO_OK;
    }

    if (ditto_json_quote(scope->pool, signal->timestamp, &time)
        != DITTO_OK)
    {
        return ditto_fail_memory(err);
    }

    if (signal->topic.action == DITTO_ACTION_DELETED
        || (signal->topic.action == DITTO_ACTION_MERGED
            && signal->value.data[0] == 'n'))
    {
        if (n == 0) {
            return DITTO_OK;
        }

        fields = time;

    } else if (signal->topic.action == DITTO_ACTION_MERGED
               && signal->value.data[0] == '{')
    {
        ditto_buf_init(&buf, scope->pool, 0);
        ditto_json_edit_open(&patch, scope->pool, signal->value);

        if (!patch.failed
            && !ditto_normalized_nulls(&patch, patch.root, time, &buf)
            && !patch.failed)
        {
            return DITTO_OK;
        }

        if (patch.failed || ditto_buf_done(&buf, &fields) != DITTO_OK) {
            return ditto_fail_memory(err);
        }

    } else {
        return DITTO_OK;
    }

    path = ditto_alloc(scope->pool, (n + 1) * sizeof(ditto_str_t));
    if (path == NULL) {
        return ditto_fail_memory(err);
    }

    path[0] = ditto_normalized_removed_fields;

    if (n != 0) {
        memcpy(&path[1], signal->pointer.segments, n * sizeof(ditto_str_t));
    }

    ditto_json_edit_set(edit, path, n + 1, fields);

    return DITTO_OK;
}


/*
 * The object of all null members, with the time in their place; false: there
 * are none.  The depth is that of the event.
 */
static bool
ditto_normalized_nulls(ditto_json_edit_t *edit, ditto_json_node_t *node,
    ditto_str_t time, ditto_buf_t *out)
{
    bool                any;
    size_t              before;
    ditto_json_type_e   type;
    ditto_json_node_t  *member;

    if (!ditto_json_node_open(edit, node)) {
        return false;
    }

    any = false;

    for (member = node->content.first;
         member != NULL;
         member = member->next)
    {
        type = ditto_json_node_type(member);

        if ((type != DITTO_JSON_NULL && type != DITTO_JSON_OBJECT)
            || ditto_normalized_expression(member->name))
        {
            continue;
        }

        before = out->len;

        ditto_buf_char(out, any ? ',' : '{');
        ditto_json_add_string(out, member->name);
        ditto_buf_char(out, ':');

        if (type == DITTO_JSON_NULL) {
            ditto_buf_str(out, time);
            any = true;

        } else if (ditto_normalized_nulls(edit, member, time, out)) {
            any = true;

        } else {
            out->len = before;
        }
    }

    if (any) {
        ditto_buf_char(out, '}');
    }

    return any;
}


/* "{{ ~expression~ }}": what it removes is not known. */
static bool
ditto_normalized_expression(ditto_str_t name)
{
    return name.len >= 4
           && memcmp(name.data, "{{", 2) == 0
           && memcmp(name.data + name.len - 2, "}}", 2) == 0
           && (memchr(name.data, '~', name.len) != NULL
               || memchr(name.data, '/', name.len) != NULL);
}


static ditto_rc_t
ditto_normalized_context(const ditto_scope_t *scope, ditto_str_t value,
    ditto_str_t *context, ditto_error_t *err)
{
    ditto_buf_t            buf;
    ditto_str_t            topic;
    const ditto_signal_t  *signal;

    signal = scope->signal;

    ditto_buf_init(&buf, scope->pool, 128);
    ditto_topic_path_render(&buf, &signal->topic);

    if (ditto_buf_done(&buf, &topic) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    ditto_buf_init(&buf, scope->pool, value.len + 512);
    ditto_buf_text(&buf, "{\"topic\":");
    ditto_json_add_string(&buf, topic);
    ditto_buf_text(&buf, ",\"path\":");
    ditto_json_add_string(&buf, signal->path);
    ditto_buf_text(&buf, ",\"value\":");

    if (value.data != NULL) {
        ditto_buf_str(&buf, value);

    } else {
        ditto_buf_text(&buf, "null");
    }

    ditto_buf_text(&buf, ",\"headers\":");
    ditto_signal_render_headers(&buf, signal);
    ditto_buf_char(&buf, '}');

    if (ditto_buf_done(&buf, context) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    return DITTO_OK;
}
