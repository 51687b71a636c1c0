
/*
 * Policies by their ids: a table of slots, made by the master.
 */

#include "ngx_http_ditto_policy.h"


#define NGX_HTTP_DITTO_POLICY_FETCH  768         /* bytes fetched ahead */


static void ngx_http_ditto_policy_fetch(
    const ngx_http_ditto_policy_entry_t *entry);


ngx_int_t
ngx_http_ditto_policies_index(ngx_http_ditto_policies_t *policies,
    ngx_uint_t slots, ditto_pool_t *pool)
{
    ngx_uint_t                       i;
    ngx_http_ditto_policy_entry_t  **entry;

    policies->slots = ditto_zalloc(pool, slots
                                       * sizeof(ngx_http_ditto_policy_slot_t));
    if (policies->slots == NULL) {
        return NGX_ERROR;
    }

    policies->mask = slots - 1;
    entry = policies->entries.elts;

    for (i = 0; i < policies->entries.nelts; i++) {
        ngx_http_ditto_policies_enter(policies, entry[i]);
    }

    return NGX_OK;
}


void
ngx_http_ditto_policies_enter(ngx_http_ditto_policies_t *policies,
    ngx_http_ditto_policy_entry_t *entry)
{
    uint32_t    hash;
    ngx_uint_t  i;

    hash = ngx_murmur_hash2(entry->id, entry->len);
    i = hash & policies->mask;

    while (policies->slots[i].entry != NULL) {
        i = (i + 1) & policies->mask;
    }

    policies->slots[i].entry = entry;
    policies->slots[i].hash = hash;
}


const ngx_http_ditto_policy_entry_t *
ngx_http_ditto_policy_find(const ngx_http_ditto_policies_t *policies,
    ditto_str_t id)
{
    uint32_t                             hash;
    ngx_uint_t                           i;
    const ngx_http_ditto_policy_slot_t  *slot;

    if (policies->slots == NULL) {
        return NULL;
    }

    hash = ngx_murmur_hash2((u_char *) id.data, id.len);

    for (i = hash & policies->mask; /* void */ ; i = (i + 1) & policies->mask) {

        slot = &policies->slots[i];

        if (slot->entry == NULL) {
            return NULL;
        }

        if (slot->hash != hash) {
            continue;
        }

        ngx_http_ditto_policy_fetch(slot->entry);

        if (slot->entry->len == id.len
            && ngx_memcmp(slot->entry->id, id.data, id.len) == 0)
        {
            return slot->entry;
        }
    }
}


/*
 * Of many policies none is in a cache of the processor: its lines come at once
 * instead of one after the other.
 */

static void
ngx_http_ditto_policy_fetch(const ngx_http_ditto_policy_entry_t *entry)
{
#if defined(__GNUC__)
    size_t  i;

    for (i = 0; i < NGX_HTTP_DITTO_POLICY_FETCH; i += NGX_CPU_CACHE_LINE) {
        __builtin_prefetch((const u_char *) entry + i);
    }
#endif
}


const ditto_policy_document_t *
ngx_http_ditto_policy_lookup(void *ctx, ditto_str_t id)
{
    const ngx_http_ditto_policy_entry_t  *entry;

    entry = ngx_http_ditto_policy_find(ctx, id);

    return (entry == NULL) ? NULL : entry->document;
}
