
/*
 * Which targets may want a signal: found by the namespace of its entity and the
 * subjects that its policy names, not by walking all of them.  What is found
 * is decided by the core as ever; what is not found would be declined by it.
 */

#include "ngx_http_ditto.h"


#define NGX_HTTP_DITTO_FEW  12           /* routes that are walked instead */
#define NGX_HTTP_DITTO_ANY  "\001"       /* no namespace is called so, and no
                                            subject of a policy */


/* Routes of a namespace, or of any, and a subject, or of any. */
typedef struct {
    ngx_str_node_t   sn;                 /* first: namespace, NUL, subject */
    ngx_array_t      routes;             /* of uint32_t, ascending */
} ngx_http_ditto_bucket_t;


static ngx_int_t ngx_http_ditto_index_route(ngx_conf_t *cf,
    ngx_http_ditto_index_t *index, ditto_topic_e topic, ngx_uint_t n);
static ngx_int_t ngx_http_ditto_index_namespace(ngx_conf_t *cf,
    ngx_http_ditto_index_t *index, ditto_str_t ns, ngx_uint_t n);
static ngx_int_t ngx_http_ditto_index_add(ngx_conf_t *cf,
    ngx_http_ditto_index_t *index, ditto_str_t ns, ditto_str_t subject,
    ngx_uint_t n);
static ngx_http_ditto_bucket_t *ngx_http_ditto_bucket(
    const ngx_http_ditto_index_t *index, ditto_str_t ns, ditto_str_t subject);
static uint32_t ngx_http_ditto_bucket_key(ditto_str_t ns,
    ditto_str_t subject);
static ngx_int_t ngx_http_ditto_candidates_of(
    const ngx_http_ditto_index_t *index, ditto_str_t ns, ditto_str_t subject,
    ditto_array_t *found);
static ngx_int_t ngx_http_ditto_candidates_all(
    const ngx_http_ditto_index_t *index, ditto_array_t *found);
static int ngx_http_ditto_candidate_cmp(const void *one, const void *two);


static const ditto_str_t  ngx_http_ditto_any
                              = ditto_string(NGX_HTTP_DITTO_ANY);


ngx_int_t
ngx_http_ditto_index_init(ngx_conf_t *cf, ngx_http_ditto_index_t *index,
    ditto_topic_e topic)
{
    ngx_uint_t  i;

    ngx_rbtree_init(&index->buckets, &index->sentinel,
                    ngx_str_rbtree_insert_value);

    if (index->routes.nelts <= NGX_HTTP_DITTO_FEW) {
        return NGX_OK;
    }

    for (i = 0; i < index->routes.nelts; i++) {
        if (ngx_http_ditto_index_route(cf, index, topic, i) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* By namespace only if each entry of this kind names some. */

static ngx_int_t
ngx_http_ditto_index_route(ngx_conf_t *cf, ngx_http_ditto_index_t *index,
    ditto_topic_e topic, ngx_uint_t n)
{
    size_t                        i, j;
    const ditto_target_t         *target;
    const ditto_subscription_t   *ft;

    target = ((ngx_http_ditto_route_t *) index->routes.elts)[n].target;
    ft = target->topics.elts;

    for (i = 0; i < target->topics.nelts; i++) {
        if (ft[i].topic == topic && ft[i].nnamespaces == 0) {
            return ngx_http_ditto_index_namespace(cf, index,
                                                  ngx_http_ditto_any, n);
        }
    }

    for (i = 0; i < target->topics.nelts; i++) {

        if (ft[i].topic != topic) {
            continue;
        }

        for (j = 0; j < ft[i].nnamespaces; j++) {
            if (ngx_http_ditto_index_namespace(cf, index, ft[i].namespaces[j],
                                               n)
                != NGX_OK)
            {
                return NGX_ERROR;
            }
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_ditto_index_namespace(ngx_conf_t *cf, ngx_http_ditto_index_t *index,
    ditto_str_t ns, ngx_uint_t n)
{
    size_t                  i;
    const ditto_str_t      *subject;
    const ditto_target_t   *target;

    target = ((ngx_http_ditto_route_t *) index->routes.elts)[n].target;
    subject = target->subjects.elts;

    for (i = 0; i < target->subjects.nelts; i++) {
        if (ngx_http_ditto_index_add(cf, index, ns, subject[i], n)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return ngx_http_ditto_index_add(cf, index, ns, ngx_http_ditto_any, n);
}


static ngx_int_t
ngx_http_ditto_index_add(ngx_conf_t *cf, ngx_http_ditto_index_t *index,
    ditto_str_t ns, ditto_str_t subject, ngx_uint_t n)
{
    u_char                   *p;
    uint32_t                 *route;
    ngx_http_ditto_bucket_t  *bucket;

    bucket = ngx_http_ditto_bucket(index, ns, subject);

    if (bucket == NULL) {

        bucket = ngx_pcalloc(cf->pool, sizeof(ngx_http_ditto_bucket_t));
        p = ngx_pnalloc(cf->pool, ns.len + 1 + subject.len);

        if (bucket == NULL || p == NULL
            || ngx_array_init(&bucket->routes, cf->pool, 2, sizeof(uint32_t))
               != NGX_OK)
        {
            return NGX_ERROR;
        }

        bucket->sn.str.data = p;
        bucket->sn.str.len = ns.len + 1 + subject.len;

        p = ngx_cpymem(p, ns.data, ns.len);
        *p++ = '\0';
        ngx_memcpy(p, subject.data, subject.len);

        bucket->sn.node.key = ngx_http_ditto_bucket_key(ns, subject);
        ngx_rbtree_insert(&index->buckets, &bucket->sn.node);
    }

    route = bucket->routes.elts;

    if (bucket->routes.nelts != 0
        && route[bucket->routes.nelts - 1] == (uint32_t) n)
    {
        return NGX_OK;
    }

    route = ngx_array_push(&bucket->routes);
    if (route == NULL) {
        return NGX_ERROR;
    }

    *route = (uint32_t) n;

    return NGX_OK;
}


ngx_int_t
ngx_http_ditto_candidates(const ngx_http_ditto_index_t *index,
    const ditto_signal_t *signal, const ditto_access_t *access,
    ditto_array_t *found)
{
    size_t       i, n;
    uint32_t    *elts;
    ditto_str_t  subject;

    if (index->routes.nelts <= NGX_HTTP_DITTO_FEW) {
        return ngx_http_ditto_candidates_all(index, found);
    }

    if (access->off || signal->entity != DITTO_ENTITY_THING) {

        if (ngx_http_ditto_candidates_of(index, signal->ns,
                                         ngx_http_ditto_any, found)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

    } else if (access->policy != NULL) {

        for (i = 0; ditto_policy_subject(access->policy, i, &subject); i++) {
            if (ngx_http_ditto_candidates_of(index, signal->ns, subject,
                                             found)
                != NGX_OK)
            {
                return NGX_ERROR;
            }
        }
    }

    if (found->nelts < 2) {
        return NGX_OK;
    }

    /* in the order of the targets, each once */

    elts = found->elts;
    ngx_qsort(elts, found->nelts, sizeof(uint32_t),
              ngx_http_ditto_candidate_cmp);

    for (i = 1, n = 1; i < found->nelts; i++) {
        if (elts[i] != elts[n - 1]) {
            elts[n++] = elts[i];
        }
    }

    found->nelts = n;

    return NGX_OK;
}


static ngx_int_t
ngx_http_ditto_candidates_of(const ngx_http_ditto_index_t *index,
    ditto_str_t ns, ditto_str_t subject, ditto_array_t *found)
{
    uint32_t                 *route, *slot;
    ngx_uint_t                i, j;
    ngx_http_ditto_bucket_t  *buckets[2];

    buckets[0] = ngx_http_ditto_bucket(index, ngx_http_ditto_any, subject);
    buckets[1] = (ns.data != NULL)
                 ? ngx_http_ditto_bucket(index, ns, subject) : NULL;

    for (i = 0; i < 2; i++) {

        if (buckets[i] == NULL) {
            continue;
        }

        route = buckets[i]->routes.elts;

        for (j = 0; j < buckets[i]->routes.nelts; j++) {

            slot = ditto_array_push(found);
            if (slot == NULL) {
                return NGX_ERROR;
            }

            *slot = route[j];
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_ditto_candidates_all(const ngx_http_ditto_index_t *index,
    ditto_array_t *found)
{
    uint32_t    *slot;
    ngx_uint_t   i;

    for (i = 0; i < index->routes.nelts; i++) {

        slot = ditto_array_push(found);
        if (slot == NULL) {
            return NGX_ERROR;
        }

        *slot = (uint32_t) i;
    }

    return NGX_OK;
}


static ngx_http_ditto_bucket_t *
ngx_http_ditto_bucket(const ngx_http_ditto_index_t *index, ditto_str_t ns,
    ditto_str_t subject)
{
    uint32_t                  key;
    ngx_int_t                 rc;
    ngx_str_t                *str;
    ngx_rbtree_node_t        *node, *sentinel;
    ngx_http_ditto_bucket_t  *bucket;

    key = ngx_http_ditto_bucket_key(ns, subject);

    node = index->buckets.root;
    sentinel = index->buckets.sentinel;

    /* the key as two parts, so that nothing is put together for a look-up */

    while (node != sentinel) {

        if (key != node->key) {
            node = (key < node->key) ? node->left : node->right;
            continue;
        }

        bucket = (ngx_http_ditto_bucket_t *) node;
        str = &bucket->sn.str;

        rc = (ngx_int_t) (ns.len + 1 + subject.len) - (ngx_int_t) str->len;

        if (rc == 0) {
            rc = ngx_memcmp(ns.data, str->data, ns.len);
        }

        if (rc == 0) {
            rc = (ngx_int_t) '\0' - (ngx_int_t) str->data[ns.len];
        }

        if (rc == 0) {
            rc = ngx_memcmp(subject.data, str->data + ns.len + 1,
                            subject.len);
        }

        if (rc == 0) {
            return bucket;
        }

        node = (rc < 0) ? node->left : node->right;
    }

    return NULL;
}


static uint32_t
ngx_http_ditto_bucket_key(ditto_str_t ns, ditto_str_t subject)
{
    uint32_t  crc;

    ngx_crc32_init(crc);
    ngx_crc32_update(&crc, (u_char *) ns.data, ns.len);
    ngx_crc32_update(&crc, (u_char *) "", 1);
    ngx_crc32_update(&crc, (u_char *) subject.data, subject.len);
    ngx_crc32_final(crc);

    return crc;
}


static int
ngx_http_ditto_candidate_cmp(const void *one, const void *two)
{
    uint32_t  a, b;

    a = *(const uint32_t *) one;
    b = *(const uint32_t *) two;

    return (a > b) - (a < b);
}
