/*
 * Entries with extraFields: which fields must be fetched, which entry takes the
 * signal together with them, and what of them goes into the message.
 *
 * Ditto: basic-enrichment; spec section "Target topics: Phase 2".
 */

#include "ditto_json_select.h"
#include "ditto_pointer.h"
#include "ditto_subscription.h"


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
    ditto_str_t      *text, empty = ditto_string("{}");
    ditto_array_t     texts;
    ditto_pointer_t  *pointers;

    if (entry->extra_fields.data == NULL) {
        return DITTO_OK;
    }

    ditto_array_init(&texts, scope->pool, sizeof(ditto_str_t));

    if (ditto_enrich_pointers(entry, scope, &texts, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    if (texts.nelts == 0) {
        return DITTO_OK;
    }

    if (scope->extra.len == 0) {
        *extra = empty;
        return DITTO_OK;
    }

    pointers = ditto_alloc(scope->pool,
                           texts.nelts * sizeof(ditto_pointer_t));
    if (pointers == NULL) {
        return ditto_fail_memory(err);
    }

    for (i = 0, text = texts.elts; i < texts.nelts; i++) {
        if (ditto_pointer_parse_escaped(scope->pool, text[i], &pointers[i],
                                        err)
            != DITTO_OK)
        {
            return DITTO_ERROR;
        }
    }

    return ditto_json_select(scope->pool, scope->extra, pointers, texts.nelts,
                             true, extra, err);
}
