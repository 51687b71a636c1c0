
/*
 * Between the files that keep policies.
 *
 * Everything of a document is made once, by the master, in memory that the
 * workers share and only read: its text, its compiled policy, and the index of
 * ids.  What a worker compiles itself is in ngx_http_ditto_policy_cache.c.
 */


#ifndef _NGX_HTTP_DITTO_POLICY_H_INCLUDED_
#define _NGX_HTTP_DITTO_POLICY_H_INCLUDED_


#include "ngx_http_ditto.h"


/* The policy itself stands behind it, so that both are fetched at once. */
typedef struct {
    const ditto_policy_document_t  *document;
    const ditto_policy_t           *policy;  /* if it depends on the namespace
                                                of things: for the document's
                                                own one */
    uint32_t                        len;     /* of the id */
    u_char                          id[];
} ngx_http_ditto_policy_entry_t;


typedef struct {
    ngx_http_ditto_policy_entry_t  *entry;   /* NULL: free */
    uint32_t                        hash;    /* of its id */
} ngx_http_ditto_policy_slot_t;


struct ngx_http_ditto_policies_s {
    ngx_http_ditto_policy_slot_t   *slots;   /* NULL: no document */
    ngx_uint_t                      mask;
    ngx_http_ditto_area_t          *area;    /* of all that */

    /* while the configuration is read, in cf->temp_pool */
    ngx_array_t                     entries; /* of
                                         ngx_http_ditto_policy_entry_t * */
    ngx_array_t                     places;  /* of
                                         ngx_http_ditto_policy_place_t */

    /* of this worker */
    ngx_rbtree_t                    tree;
    ngx_rbtree_node_t               sentinel;
    ngx_queue_t                     lru;
    size_t                          size;    /* bytes of the compiled ones */
    size_t                          max;
};


/*
 * Makes a table for all entries; slots is a power of two, of which half at
 * least stay free.
 */
ngx_int_t ngx_http_ditto_policies_index(ngx_http_ditto_policies_t *policies,
    ngx_uint_t slots, ditto_pool_t *pool);
/* One more. */
void ngx_http_ditto_policies_enter(ngx_http_ditto_policies_t *policies,
    ngx_http_ditto_policy_entry_t *entry);

/* NULL: there is none. */
const ngx_http_ditto_policy_entry_t *ngx_http_ditto_policy_find(
    const ngx_http_ditto_policies_t *policies, ditto_str_t id);
/* The same, for imports. */
const ditto_policy_document_t *ngx_http_ditto_policy_lookup(void *ctx,
    ditto_str_t id);

void ngx_http_ditto_policy_cache_init(ngx_http_ditto_policies_t *policies,
    size_t max);

/*
 * The policy of an entry for things of ns, compiled by this worker; it is valid
 * until the next call.  DITTO_DECLINED: it cannot be had, logged.
 */
ditto_rc_t ngx_http_ditto_policy_cached(ngx_http_ditto_policies_t *policies,
    const ngx_http_ditto_policy_entry_t *entry, ditto_str_t ns,
    const ditto_scope_t *scope, const ditto_policy_t **policy,
    ditto_error_t *err);


#endif /* _NGX_HTTP_DITTO_POLICY_H_INCLUDED_ */
