/*
 * Entries with extraFields: which fields must be fetched, which entry takes the
 * signal together with them, and what of them goes into the message.
 *
 * Ditto: basic-enrichment; spec section "Target topics: Phase 2".
 */

#include "ditto_json.h"
#include "ditto_pointer.h"
#include "ditto_subscription.h"


/* A tree of the segments of pointers; without children all below is meant. */
typedef struct ditto_select_s  ditto_select_t;

struct ditto_select_s {
    ditto_str_t      key;
    ditto_select_t  *child;
    ditto_select_t  *next;
};


static bool ditto_enrich_needed(const ditto_subscription_t *entries, size_t n,
    const ditto_scope_t *scope);
static ditto_rc_t ditto_enrich_pointers(const ditto_subscription_t *entry,
    const ditto_scope_t *scope, ditto_array_t *pointers, ditto_error_t *err);
static ditto_rc_t ditto_enrich_pointer(const ditto_scope_t *scope,
    ditto_str_t text, ditto_array_t *pointers, ditto_error_t *err);
static const ditto_subscription_t *ditto_enrich_next(
    const ditto_subscription_t *entries, size_t n,
    const ditto_scope_t *scope, const ditto_subscription_t *after);
static int ditto_enrich_order(const ditto_subscription_t *a,
    const ditto_subscription_t *b);
static ditto_rc_t ditto_enrich_select(const ditto_subscription_t *entry,
    const ditto_scope_t *scope, ditto_str_t *extra, ditto_error_t *err);
static ditto_rc_t ditto_select_expand(ditto_pool_t *pool,
    ditto_select_t *root, ditto_str_t extra, ditto_pointer_t *pointer,
    ditto_error_t *err);
static ditto_rc_t ditto_select_add(ditto_pool_t *pool, ditto_select_t *root,
    const ditto_pointer_t *pointer);
static bool ditto_select_contains(ditto_str_t object,
    const ditto_pointer_t *pointer, size_t level);
static void ditto_select_object(ditto_buf_t *out, const ditto_select_t *select,
    ditto_str_t object, unsigned depth);
static void ditto_select_value(ditto_buf_t *out, const ditto_select_t *select,
    ditto_str_t value, unsigned depth);


ditto_rc_t
ditto_subscription_fields(const ditto_subscription_t *entries, size_t n,
    const ditto_scope_t *scope, ditto_array_t *pointers, ditto_error_t *err)
{
    size_t  i;

    ditto_array_init(pointers, scope->pool, sizeof(ditto_str_t));

    if (scope->signal->entity != DITTO_ENTITY_THING
        || !ditto_enrich_needed(entries, n, scope))
    {
        return DITTO_DECLINED;
    }

    for (i = 0; i < n; i++) {
        if (entries[i].topic == scope->signal->target_topic
            && ditto_enrich_pointers(&entries[i], scope, pointers, err)
               != DITTO_OK)
        {
            return DITTO_ERROR;
        }
    }

    return (pointers->nelts == 0) ? DITTO_DECLINED : DITTO_OK;
}


ditto_rc_t
ditto_subscription_enrich(const ditto_subscription_t *entries, size_t n,
    const ditto_scope_t *scope, ditto_str_t *extra, ditto_error_t *err)
{
    size_t                       i;
    ditto_rc_t                   rc;
    ditto_str_t                  none = ditto_null_string;
    const ditto_subscription_t  *entry;

    *extra = none;
    entry = NULL;

    for (i = 0; i < n; i++) {
        entry = ditto_enrich_next(entries, n, scope, entry);

        if (entry == NULL) {
            return DITTO_DECLINED;
        }

        if (entry->filter.data != NULL) {

            if (entry->rql == NULL) {
                return ditto_fail(err, DITTO_E_RQL_INVALID, entry->filter,
                                  none);
            }

            rc = ditto_rql_match(entry->rql, scope, err);

            if (rc == DITTO_DECLINED) {
                continue;
            }

            if (rc != DITTO_OK) {
                return rc;
            }
        }

        return ditto_enrich_select(entry, scope, extra, err);
    }

    return DITTO_DECLINED;
}


static bool
ditto_enrich_needed(const ditto_subscription_t *entries, size_t n,
    const ditto_scope_t *scope)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        if (entries[i].topic == scope->signal->target_topic
            && entries[i].extra_fields.data != NULL)
        {
            return true;
        }
    }

    return false;
}


/* Those whose placeholders this signal has not are left out. */
static ditto_rc_t
ditto_enrich_pointers(const ditto_subscription_t *entry,
    const ditto_scope_t *scope, ditto_array_t *pointers, ditto_error_t *err)
{
    size_t       i;
    ditto_rc_t   rc;
    ditto_str_t  text;

    for (i = 0; i < entry->npointers; i++) {

        if (entry->templates[i] == NULL) {
            continue;
        }

        if (ditto_template_is_static(entry->templates[i])) {
            text = entry->pointers[i];

        } else {
            rc = ditto_template_resolve(entry->templates[i], scope, &text,
                                        err);
            if (rc == DITTO_DECLINED) {
                continue;
            }

            if (rc != DITTO_OK) {
                return rc;
            }
        }

        if (ditto_enrich_pointer(scope, text, pointers, err) != DITTO_OK) {
            return DITTO_ERROR;
        }
    }

    return DITTO_OK;
}


/* spec: extraFields: the check is repeated after resolution */
static ditto_rc_t
ditto_enrich_pointer(const ditto_scope_t *scope, ditto_str_t text,
    ditto_array_t *pointers, ditto_error_t *err)
{
    size_t            i, from, end;
    ditto_buf_t       buf;
    ditto_str_t       s, none = ditto_null_string, *p;
    ditto_pointer_t   pointer;

    if (ditto_pointer_parse_escaped(scope->pool, text, &pointer, err)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    if (pointer.n == 0) {
        return DITTO_OK;
    }

    ditto_buf_init(&buf, scope->pool, text.len + 8);
    ditto_pointer_render(&buf, &pointer);

    if (ditto_buf_done(&buf, &s) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    for (from = 0; from <= s.len; from = end + 1) {
        end = ditto_str_chr(s, ',', from);

        if (!ditto_subscription_field(ditto_str_sub(s, from, end))) {
            return ditto_fail(err, DITTO_E_FIELD_SELECTION_INVALID, s, none);
        }
    }

    for (i = 0, p = pointers->elts; i < pointers->nelts; i++) {
        if (ditto_str_eq(p[i], s)) {
            return DITTO_OK;
        }
    }

    p = ditto_array_push(pointers);
    if (p == NULL) {
        return ditto_fail_memory(err);
    }

    *p = s;

    return DITTO_OK;
}


/* The entry of the signal's type that comes next in order; NULL: none. */
static const ditto_subscription_t *
ditto_enrich_next(const ditto_subscription_t *entries, size_t n,
    const ditto_scope_t *scope, const ditto_subscription_t *after)
{
    size_t                       i;
    const ditto_subscription_t  *least;

    least = NULL;

    for (i = 0; i < n; i++) {
        if (entries[i].topic == scope->signal->target_topic
            && (after == NULL || ditto_enrich_order(&entries[i], after) > 0)
            && (least == NULL || ditto_enrich_order(&entries[i], least) < 0))
        {
            least = &entries[i];
        }
    }

    return least;
}


/* spec: Phase 2, "Entries sorted"; what is equal by text is one entry */
static int
ditto_enrich_order(const ditto_subscription_t *a,
    const ditto_subscription_t *b)
{
    int          order;
    size_t       i, n;
    ditto_str_t  s[2], t[2];

    if ((a->extra_fields.data == NULL) != (b->extra_fields.data == NULL)) {
        return (a->extra_fields.data == NULL) ? 1 : -1;
    }

    s[0] = a->extra_fields;
    t[0] = b->extra_fields;
    s[1] = a->canonical;
    t[1] = b->canonical;

    for (i = 0; i < 2; i++) {
        n = (s[i].len < t[i].len) ? s[i].len : t[i].len;
        order = (n == 0) ? 0 : memcmp(s[i].data, t[i].data, n);

        if (order != 0) {
            return order;
        }

        if (s[i].len != t[i].len) {
            return (s[i].len < t[i].len) ? -1 : 1;
        }
    }

    return 0;
}


/* The entry's own fields out of all that were fetched. */
static ditto_rc_t
ditto_enrich_select(const ditto_subscription_t *entry,
    const ditto_scope_t *scope, ditto_str_t *extra, ditto_error_t *err)
{
    size_t            i;
    ditto_buf_t       buf;
    ditto_str_t      *text, empty = ditto_string("{}");
    ditto_array_t     pointers;
    ditto_select_t    root;
    ditto_pointer_t   pointer;

    if (entry->extra_fields.data == NULL) {
        return DITTO_OK;
    }

    ditto_array_init(&pointers, scope->pool, sizeof(ditto_str_t));

    if (ditto_enrich_pointers(entry, scope, &pointers, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    if (pointers.nelts == 0) {
        return DITTO_OK;
    }

    *extra = empty;

    if (scope->extra.len == 0 || scope->extra.data[0] != '{') {
        return DITTO_OK;
    }

    memset(&root, 0, sizeof(root));

    for (i = 0, text = pointers.elts; i < pointers.nelts; i++) {
        if (ditto_pointer_parse_escaped(scope->pool, text[i], &pointer, err)
            != DITTO_OK
            || ditto_select_expand(scope->pool, &root, scope->extra, &pointer,
                                   err)
               != DITTO_OK)
        {
            return DITTO_ERROR;
        }
    }

    if (root.child == NULL) {
        return DITTO_OK;
    }

    ditto_buf_init(&buf, scope->pool, scope->extra.len + 8);
    ditto_select_object(&buf, root.child, scope->extra, 0);

    if (ditto_buf_done(&buf, extra) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    return DITTO_OK;
}


/*
 * "*" in the place of a feature's id stands for every feature that was fetched.
 * Only what is there is added.
 */
static ditto_rc_t
ditto_select_expand(ditto_pool_t *pool, ditto_select_t *root,
    ditto_str_t extra, ditto_pointer_t *pointer, ditto_error_t *err)
{
    size_t        at;
    ditto_str_t   features, name, value, *s;
    ditto_json_t  it;

    s = pointer->segments;
    at = (pointer->n > 2 && ditto_str_eq(s[0], ditto_str("_metadata"))) ? 2
                                                                        : 1;

    if (pointer->n <= at || !ditto_str_eq(s[at - 1], ditto_str("features"))
        || !ditto_str_eq(s[at], ditto_str("*")))
    {
        if (ditto_select_contains(extra, pointer, 0)
            && ditto_select_add(pool, root, pointer) != DITTO_OK)
        {
            return ditto_fail_memory(err);
        }

        return DITTO_OK;
    }

    if (ditto_json_member(extra, ditto_str("features"), &features) != DITTO_OK
        || features.data[0] != '{')
    {
        return DITTO_OK;
    }

    ditto_json_iterate(&it, features);

    while (ditto_json_next(&it, &name, &value)) {

        if (ditto_json_decode(pool, name, &s[at]) != DITTO_OK) {
            return ditto_fail_memory(err);
        }

        if (ditto_select_contains(extra, pointer, 0)
            && ditto_select_add(pool, root, pointer) != DITTO_OK)
        {
            return ditto_fail_memory(err);
        }
    }

    return DITTO_OK;
}


static ditto_rc_t
ditto_select_add(ditto_pool_t *pool, ditto_select_t *root,
    const ditto_pointer_t *pointer)
{
    bool             known;
    size_t           i;
    ditto_select_t  *at, **next;

    at = root;

    for (i = 0; i < pointer->n; i++) {

        for (next = &at->child; *next != NULL; next = &(*next)->next) {
            if (ditto_str_eq((*next)->key, pointer->segments[i])) {
                break;
            }
        }

        known = (*next != NULL);

        if (!known) {
            *next = ditto_zalloc(pool, sizeof(ditto_select_t));
            if (*next == NULL) {
                return DITTO_ERROR;
            }

            (*next)->key = pointer->segments[i];
        }

        at = *next;

        /* the shorter pointer has it all */

        if (known && at->child == NULL) {
            return DITTO_OK;
        }
    }

    at->child = NULL;

    return DITTO_OK;
}


static bool
ditto_select_contains(ditto_str_t object, const ditto_pointer_t *pointer,
    size_t level)
{
    ditto_str_t   value, name, element;
    ditto_json_t  it;

    for ( /* void */ ; level < pointer->n; level++, object = value) {

        if (object.data[0] == '[') {
            ditto_json_iterate(&it, object);

            while (ditto_json_next(&it, &name, &element)) {
                if (element.data[0] == '{'
                    && ditto_select_contains(element, pointer, level))
                {
                    return true;
                }
            }

            return false;
        }

        if (object.data[0] != '{'
            || ditto_json_member(object, pointer->segments[level], &value)
               != DITTO_OK)
        {
            return false;
        }
    }

    return true;
}


/* The depth is bounded by the scanner. */
static void
ditto_select_object(ditto_buf_t *out, const ditto_select_t *select,
    ditto_str_t object, unsigned depth)
{
    bool         first;
    ditto_str_t  value;

    first = true;
    ditto_buf_char(out, '{');

    for ( /* void */ ; select != NULL; select = select->next) {

        if (ditto_json_member(object, select->key, &value) != DITTO_OK) {
            continue;
        }

        if (!first) {
            ditto_buf_char(out, ',');
        }

        first = false;

        ditto_json_add_string(out, select->key);
        ditto_buf_char(out, ':');
        ditto_select_value(out, select->child, value, depth + 1);
    }

    ditto_buf_char(out, '}');
}


static void
ditto_select_value(ditto_buf_t *out, const ditto_select_t *select,
    ditto_str_t value, unsigned depth)
{
    bool          first;
    ditto_str_t   name, element;
    ditto_json_t  it;

    if (select == NULL || depth > DITTO_JSON_DEPTH) {
        ditto_buf_str(out, value);
        return;
    }

    switch (value.data[0]) {

    case '{':
        ditto_select_object(out, select, value, depth);
        return;

    case 'n':
        /* an object without members to Ditto */
        ditto_buf_text(out, "{}");
        return;

    case '[':
        break;

    default:
        ditto_buf_str(out, value);
        return;
    }

    first = true;
    ditto_buf_char(out, '[');
    ditto_json_iterate(&it, value);

    while (ditto_json_next(&it, &name, &element)) {

        if (!first) {
            ditto_buf_char(out, ',');
        }

        first = false;

        if (element.data[0] == '[') {
            ditto_buf_str(out, element);

        } else {
            ditto_select_value(out, select, element, depth + 1);
        }
    }

    ditto_buf_char(out, ']');
}
