
/*
 * Policies: their files are read and compiled by the master, so that nginx -t
 * sees what is wrong; a message's policy is found by its id.
 */

#include "ngx_http_ditto_policy.h"

#include "ditto_json.h"


#define NGX_HTTP_DITTO_POLICY_CACHE  (16 * 1024 * 1024)      /* bytes */
#define NGX_HTTP_DITTO_POLICY_SLOTS  64          /* to begin with */


/* Where a document stands. */
typedef struct {
    ngx_str_t                  *file;
    uint32_t                    n;           /* of the elements, from 1; 0: it
                                                is the file */
} ngx_http_ditto_policy_place_t;


static ngx_http_ditto_policies_t *ngx_http_ditto_policies_create(
    ngx_conf_t *cf);
static char *ngx_http_ditto_policy_file(ngx_conf_t *cf, ngx_str_t *file,
    ngx_str_t *text);
static ngx_int_t ngx_http_ditto_policy_document(ngx_conf_t *cf,
    ngx_http_ditto_policy_place_t *place, ngx_str_t *file, ditto_str_t text);
static ngx_int_t ngx_http_ditto_policy_add(ngx_conf_t *cf,
    ngx_http_ditto_policies_t *policies,
    const ditto_policy_document_t *document,
    ngx_http_ditto_policy_place_t *place);
static ngx_http_ditto_policy_entry_t *ngx_http_ditto_policy_entry(
    ditto_pool_t *pool, const ditto_policy_document_t *document);
static void ngx_http_ditto_policy_twice(ngx_conf_t *cf,
    ngx_http_ditto_policies_t *policies,
    const ngx_http_ditto_policy_entry_t *entry,
    ngx_http_ditto_policy_place_t *place);
static ngx_int_t ngx_http_ditto_policy_default_id(ngx_conf_t *cf,
    ngx_http_ditto_main_conf_t *dmcf);
static ngx_int_t ngx_http_ditto_policies_compile(ngx_conf_t *cf,
    ngx_http_ditto_policies_t *policies);
static ngx_int_t ngx_http_ditto_policy_compile(ngx_conf_t *cf,
    ngx_http_ditto_policies_t *policies, ngx_uint_t i);
static ditto_str_t ngx_http_ditto_policy_namespace(
    const ngx_http_ditto_policy_entry_t *entry);
static ditto_str_t ngx_http_ditto_policy_at(ngx_conf_t *cf,
    ngx_http_ditto_policy_place_t *place, ditto_str_t member);
static ditto_rc_t ngx_http_ditto_policy_of(
    ngx_http_ditto_policies_t *policies,
    const ngx_http_ditto_policy_entry_t *entry, const ditto_scope_t *scope,
    const ditto_policy_t **policy, ditto_error_t *err);


char *
ngx_http_ditto_policies(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ditto_main_conf_t *dmcf = conf;

    ngx_str_t   *value;
    ngx_uint_t   off;

    value = cf->args->elts;
    off = (ngx_strcmp(value[1].data, "off") == 0);

    if (dmcf->policies_off == 1 || (off && dmcf->policies != NULL)) {
        return "is \"off\" and names documents elsewhere";
    }

    if (off) {
        dmcf->policies_off = 1;
        return NGX_CONF_OK;
    }

    if (dmcf->policies == NULL) {
        dmcf->policies = ngx_http_ditto_policies_create(cf);

        if (dmcf->policies == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    return ngx_http_ditto_documents(cf, &value[1], ngx_http_ditto_policy_file);
}


static ngx_http_ditto_policies_t *
ngx_http_ditto_policies_create(ngx_conf_t *cf)
{
    ngx_http_ditto_policies_t  *policies;

    policies = ngx_pcalloc(cf->pool, sizeof(ngx_http_ditto_policies_t));
    if (policies == NULL) {
        return NULL;
    }

    policies->area = ngx_http_ditto_area_create(cf->pool);

    if (policies->area == NULL
        || ngx_array_init(&policies->entries, cf->temp_pool, 16,
                          sizeof(ngx_http_ditto_policy_entry_t *))
           != NGX_OK
        || ngx_array_init(&policies->places, cf->temp_pool, 16,
                          sizeof(ngx_http_ditto_policy_place_t))
           != NGX_OK)
    {
        return NULL;
    }

    return policies;
}


/* One document, or an array of them. */

static char *
ngx_http_ditto_policy_file(ngx_conf_t *cf, ngx_str_t *file, ngx_str_t *text)
{
    ngx_str_t                      *name;
    ditto_str_t                     json, member, element;
    ditto_str_t                     none = ditto_null_string;
    ditto_json_t                    it;
    ditto_error_t                   err;
    ngx_http_ditto_policy_place_t   place;

    name = ngx_palloc(cf->temp_pool, sizeof(ngx_str_t));
    if (name == NULL) {
        return NGX_CONF_ERROR;
    }

    *name = *file;

    place.file = name;
    place.n = 0;

    json = ditto_str_trim(ngx_http_ditto_str(*text));

    if (json.len == 0 || json.data[0] != '[') {
        return ngx_http_ditto_policy_document(cf, &place, text,
                                              ngx_http_ditto_str(*text))
               == NGX_OK ? NGX_CONF_OK : NGX_CONF_ERROR;
    }

    if (ditto_json_validate(ngx_http_ditto_str(*text), &err) != DITTO_OK) {
        ngx_http_ditto_document_error(cf, "policy", file, text, &none, &err);
        return NGX_CONF_ERROR;
    }

    ditto_json_iterate(&it, json);

    while (ditto_json_next(&it, &member, &element)) {

        place.n++;

        if (ngx_http_ditto_policy_document(cf, &place, text, element)
            != NGX_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_ditto_policy_document(ngx_conf_t *cf,
    ngx_http_ditto_policy_place_t *place, ngx_str_t *file, ditto_str_t text)
{
    ditto_str_t                  member, none = ditto_null_string;
    ditto_time_t                 now;
    ditto_error_t                err;
    ditto_policy_document_t     *document;
    ngx_http_ditto_main_conf_t  *dmcf;

    dmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ditto_kafka_module);

    /*
     * Ditto refuses a subject that has expired when the policy is put; in a
     * file it expires while it lies there, and counts as absent.
     */

    now.sec = 0;
    now.nsec = 0;

    if (ditto_policy_document_parse(&dmcf->policies->area->pool, text, now,
                                    &document, &member, &err)
        != DITTO_OK)
    {
        /* in the file */

        err.offset += text.data - file->data;

        member = ngx_http_ditto_policy_at(cf, place, member);
        ngx_http_ditto_document_error(cf, "policy", place->file, file, &member,
                                      &err);
        return NGX_ERROR;
    }

    /* Ditto takes the id from the URI; a file has none */

    if (ditto_policy_document_id(document).len == 0) {
        member = ngx_http_ditto_policy_at(cf, place, none);
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "policy \"%V\"%s%*s has no member \"policyId\"",
                           place->file, member.len ? " at " : "", member.len,
                           member.data);
        return NGX_ERROR;
    }

    return ngx_http_ditto_policy_add(cf, dmcf->policies, document, place);
}


static ngx_int_t
ngx_http_ditto_policy_add(ngx_conf_t *cf, ngx_http_ditto_policies_t *policies,
    const ditto_policy_document_t *document,
    ngx_http_ditto_policy_place_t *place)
{
    ngx_uint_t                             n;
    ngx_http_ditto_pool_t                  pool;
    ngx_http_ditto_policy_entry_t        **slot, *entry;
    ngx_http_ditto_policy_place_t         *where;
    const ngx_http_ditto_policy_entry_t   *other;

    other = ngx_http_ditto_policy_find(policies,
                                       ditto_policy_document_id(document));

    if (other != NULL) {
        ngx_http_ditto_policy_twice(cf, policies, other, place);
        return NGX_ERROR;
    }

    ngx_http_ditto_pool_init(&pool, cf->temp_pool);

    entry = ngx_http_ditto_policy_entry(&pool.pool, document);
    slot = ngx_array_push(&policies->entries);
    where = ngx_array_push(&policies->places);

    if (entry == NULL || slot == NULL || where == NULL) {
        return NGX_ERROR;
    }

    *slot = entry;
    *where = *place;
    n = policies->entries.nelts;

    /* at most half of the slots are taken */

    if (policies->slots == NULL || n > policies->mask / 2) {
        return ngx_http_ditto_policies_index(policies,
                   policies->slots ? 2 * (policies->mask + 1)
                                   : NGX_HTTP_DITTO_POLICY_SLOTS,
                   &pool.pool);
    }

    ngx_http_ditto_policies_enter(policies, entry);

    return NGX_OK;
}


static ngx_http_ditto_policy_entry_t *
ngx_http_ditto_policy_entry(ditto_pool_t *pool,
    const ditto_policy_document_t *document)
{
    ditto_str_t                     id;
    ngx_http_ditto_policy_entry_t  *entry;

    id = ditto_policy_document_id(document);

    entry = ditto_alloc(pool, offsetof(ngx_http_ditto_policy_entry_t, id)
                              + id.len);
    if (entry == NULL) {
        return NULL;
    }

    entry->document = document;
    entry->policy = NULL;
    entry->len = (uint32_t) id.len;
    ngx_memcpy(entry->id, id.data, id.len);

    return entry;
}


static void
ngx_http_ditto_policy_twice(ngx_conf_t *cf,
    ngx_http_ditto_policies_t *policies,
    const ngx_http_ditto_policy_entry_t *entry,
    ngx_http_ditto_policy_place_t *place)
{
    ngx_uint_t                       i;
    ditto_str_t                      at, other_at, none = ditto_null_string;
    ngx_http_ditto_policy_entry_t  **entries;
    ngx_http_ditto_policy_place_t   *other;

    entries = policies->entries.elts;
    other = policies->places.elts;

    for (i = 0; entries[i] != entry; i++) {
        /* void */
    }

    at = ngx_http_ditto_policy_at(cf, place, none);
    other_at = ngx_http_ditto_policy_at(cf, &other[i], none);

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "policy \"%V\"%s%*s has the policyId \"%*s\" of "
                       "\"%V\"%s%*s", place->file, at.len ? " at " : "",
                       at.len, at.data, (size_t) entry->len, entry->id,
                       other[i].file, other_at.len ? " at " : "",
                       other_at.len, other_at.data);
}


char *
ngx_http_ditto_policy_id(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ditto_main_conf_t *dmcf = conf;

    ngx_str_t          *value;
    ngx_uint_t          i;
    ditto_pool_t       *pool;
    ditto_error_t       err;
    ditto_template_t  **tpl;

    if (dmcf->policy_ids != NULL) {
        return "is duplicate";
    }

    dmcf->policy_ids = ngx_array_create(cf->pool, cf->args->nelts,
                                        sizeof(ditto_template_t *));
    pool = ngx_http_ditto_pool(cf->pool);

    if (dmcf->policy_ids == NULL || pool == NULL) {
        return NGX_CONF_ERROR;
    }

    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {

        tpl = ngx_array_push(dmcf->policy_ids);
        if (tpl == NULL) {
            return NGX_CONF_ERROR;
        }

        if (ditto_template_compile(pool, ngx_http_ditto_str(value[i]),
                                   DITTO_PLACE_POLICY_ID, tpl, &err)
            != DITTO_OK)
        {
            ngx_http_ditto_argument_error(cf, &value[i], &err);
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


/* --- after the configuration is read -------------------------------------- */

ngx_int_t
ngx_http_ditto_policies_init(ngx_conf_t *cf,
    ngx_http_ditto_main_conf_t *dmcf)
{
    if (dmcf->policy_ids == NULL
        && ngx_http_ditto_policy_default_id(cf, dmcf) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (dmcf->policies == NULL) {
        return NGX_OK;
    }

    ngx_conf_init_size_value(dmcf->policy_cache, NGX_HTTP_DITTO_POLICY_CACHE);
    ngx_http_ditto_policy_cache_init(dmcf->policies, dmcf->policy_cache);

    return ngx_http_ditto_policies_compile(cf, dmcf->policies);
}


static ngx_int_t
ngx_http_ditto_policy_default_id(ngx_conf_t *cf,
    ngx_http_ditto_main_conf_t *dmcf)
{
    ditto_pool_t        *pool;
    ditto_error_t        err;
    ditto_template_t   **tpl;
    static ditto_str_t   by_thing = ditto_string("{{ thing:id }}");

    dmcf->policy_ids = ngx_array_create(cf->pool, 1,
                                        sizeof(ditto_template_t *));
    pool = ngx_http_ditto_pool(cf->pool);

    if (dmcf->policy_ids == NULL || pool == NULL) {
        return NGX_ERROR;
    }

    tpl = ngx_array_push(dmcf->policy_ids);

    if (tpl == NULL
        || ditto_template_compile(pool, by_thing, DITTO_PLACE_POLICY_ID, tpl,
                                  &err)
           != DITTO_OK)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* All documents are there: imports can be followed. */

static ngx_int_t
ngx_http_ditto_policies_compile(ngx_conf_t *cf,
    ngx_http_ditto_policies_t *policies)
{
    ngx_uint_t  i;

    if (policies->slots == NULL) {
        return NGX_OK;
    }

    for (i = 0; i < policies->entries.nelts; i++) {
        if (ngx_http_ditto_policy_compile(cf, policies, i) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    if (ngx_http_ditto_policies_index(policies, policies->mask + 1,
                                      &policies->area->pool)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_ditto_area_seal(policies->area);
}


/*
 * For things of the document's own namespace, which most are, if that makes a
 * difference.
 */

static ngx_int_t
ngx_http_ditto_policy_compile(ngx_conf_t *cf,
    ngx_http_ditto_policies_t *policies, ngx_uint_t i)
{
    ditto_str_t                      ns, at, none = ditto_null_string;
    ditto_time_t                     now;
    ditto_error_t                    err;
    ditto_policy_t                  *policy;
    ngx_http_ditto_policy_entry_t  **slot, *entry;
    ngx_http_ditto_policy_place_t   *place;

    now.sec = ngx_time();
    now.nsec = 0;

    slot = policies->entries.elts;
    slot += i;

    entry = ngx_http_ditto_policy_entry(&policies->area->pool,
                                        (*slot)->document);
    if (entry == NULL) {
        return NGX_ERROR;
    }

    ns = ngx_http_ditto_policy_namespace(entry);

    if (ditto_policy_compile(&policies->area->pool, entry->document,
                             ngx_http_ditto_policy_lookup, policies, ns, now,
                             &policy, &err)
        != DITTO_OK)
    {
        place = policies->places.elts;
        at = ngx_http_ditto_policy_at(cf, &place[i], none);

        ngx_http_ditto_document_error(cf, "policy", place[i].file, NULL, &at,
                                      &err);
        return NGX_ERROR;
    }

    entry->policy = policy;
    *slot = entry;

    return NGX_OK;
}


static ditto_str_t
ngx_http_ditto_policy_namespace(const ngx_http_ditto_policy_entry_t *entry)
{
    ditto_str_t  id = { entry->len, entry->id };

    return ditto_str_sub(id, 0, ditto_str_chr(id, ':', 0));
}


/* The JSON pointer to a document, or to a member of it, in its file. */

static ditto_str_t
ngx_http_ditto_policy_at(ngx_conf_t *cf, ngx_http_ditto_policy_place_t *place,
    ditto_str_t member)
{
    u_char       *p;
    ditto_str_t   at;

    if (place->n == 0) {
        return member;
    }

    p = ngx_pnalloc(cf->temp_pool, 1 + NGX_INT32_LEN + member.len);
    if (p == NULL) {
        return member;
    }

    at.data = p;
    at.len = ngx_sprintf(p, "/%uD%*s", place->n - 1, member.len, member.data)
             - p;

    return at;
}


/* --- messages ------------------------------------------------------------ */

ditto_rc_t
ngx_http_ditto_policy_get(ngx_http_ditto_main_conf_t *dmcf,
    const ditto_scope_t *scope, const ditto_policy_t **policy,
    ditto_error_t *err)
{
    ditto_rc_t                             rc;
    ngx_uint_t                             i;
    ditto_str_t                            id;
    ditto_template_t                     **tpl;
    const ngx_http_ditto_policy_entry_t   *entry;

    *policy = NULL;

    if (dmcf->policies == NULL) {
        return DITTO_DECLINED;
    }

    if (scope->signal->entity == DITTO_ENTITY_POLICY) {

        entry = ngx_http_ditto_policy_find(dmcf->policies, scope->signal->id);

        if (entry == NULL) {
            return DITTO_DECLINED;
        }

        return ngx_http_ditto_policy_of(dmcf->policies, entry, scope, policy,
                                        err);
    }

    tpl = dmcf->policy_ids->elts;

    for (i = 0; i < dmcf->policy_ids->nelts; i++) {

        rc = ditto_template_resolve(tpl[i], scope, &id, err);

        if (rc == DITTO_ERROR) {
            return DITTO_ERROR;
        }

        if (rc == DITTO_DECLINED) {
            continue;
        }

        entry = ngx_http_ditto_policy_find(dmcf->policies, id);

        if (entry != NULL) {
            return ngx_http_ditto_policy_of(dmcf->policies, entry, scope,
                                            policy, err);
        }
    }

    return DITTO_DECLINED;
}


static ditto_rc_t
ngx_http_ditto_policy_of(ngx_http_ditto_policies_t *policies,
    const ngx_http_ditto_policy_entry_t *entry, const ditto_scope_t *scope,
    const ditto_policy_t **policy, ditto_error_t *err)
{
    ngx_uint_t   own;
    ditto_str_t  ns = ditto_null_string;

    own = 1;

    if (ditto_policy_has_namespaces(entry->policy)) {

        /* such a policy is another one for each namespace of things */

        own = 0;

        if (scope->signal->entity == DITTO_ENTITY_THING) {
            ns = scope->signal->ns;
            own = ditto_str_eq(ns, ngx_http_ditto_policy_namespace(entry));
        }
    }

    if (own && ditto_policy_expires(entry->policy) > scope->now.sec) {
        *policy = entry->policy;
        return DITTO_OK;
    }

    return ngx_http_ditto_policy_cached(policies, entry, ns, scope, policy,
                                        err);
}
