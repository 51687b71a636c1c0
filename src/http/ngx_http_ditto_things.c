
/*
 * ditto_things: where the fields of things come from, and what this worker
 * remembers of them.  An entry is what one set of subjects got for one
 * selector; it is kept in step with the twin events that pass.
 */

#include "ngx_http_ditto_publish.h"

#include "ditto_json.h"
#include "ditto_json_select.h"
#include "ditto_thing.h"


#define NGX_HTTP_DITTO_THINGS         20000          /* as Ditto */
#define NGX_HTTP_DITTO_THINGS_VALID   120000         /* ms, as Ditto */
#define NGX_HTTP_DITTO_THINGS_SIZE    (32 * 1024 * 1024)     /* bytes */
#define NGX_HTTP_DITTO_THINGS_MAX     10000000


typedef struct {
    ngx_str_node_t              sn;          /* first */
    ngx_queue_t                 queue;
    ngx_msec_t                  expires;
    int64_t                     revision;
    ditto_str_t                 thing;       /* behind the key */
    size_t                      size;        /* bytes */
} ngx_http_ditto_thing_t;


static char *ngx_http_ditto_things_parameter(ngx_conf_t *cf,
    ngx_http_ditto_things_t *things, ngx_str_t *value);
static ngx_int_t ngx_http_ditto_things_key(ngx_http_ditto_fetch_t *fetch,
    ngx_str_t *key);
static int ngx_http_ditto_things_subject(const void *one, const void *two);
static ngx_int_t ngx_http_ditto_things_step(ngx_http_ditto_fetch_t *fetch,
    ditto_str_t thing);
static ngx_uint_t ngx_http_ditto_things_created(const ditto_signal_t *signal);
static int64_t ngx_http_ditto_things_revision(ditto_str_t thing);
static void ngx_http_ditto_things_insert(ngx_http_ditto_things_t *things,
    ngx_str_t *key, ditto_str_t thing, int64_t revision, ngx_msec_t expires);
static void ngx_http_ditto_things_delete(ngx_http_ditto_things_t *things,
    ngx_http_ditto_thing_t *entry);


/* ditto_things uri [cache=number] [valid=time]; */

char *
ngx_http_ditto_things(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ditto_main_conf_t *dmcf = conf;

    char                     *rv;
    ngx_str_t                *value;
    ngx_uint_t                i;
    ngx_http_ditto_things_t  *things;

    if (dmcf->things != NULL) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (value[1].len == 0 || value[1].data[0] != '/') {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid URI \"%V\" of \"ditto_things\": it must "
                           "begin with \"/\", such as /internal/things",
                           &value[1]);
        return NGX_CONF_ERROR;
    }

    things = ngx_pcalloc(cf->pool, sizeof(ngx_http_ditto_things_t));
    if (things == NULL) {
        return NGX_CONF_ERROR;
    }

    things->uri = value[1];

    if (things->uri.data[things->uri.len - 1] == '/') {
        things->uri.len--;
    }

    things->max = NGX_HTTP_DITTO_THINGS;
    things->valid = NGX_HTTP_DITTO_THINGS_VALID;

    ngx_rbtree_init(&things->tree, &things->sentinel,
                    ngx_str_rbtree_insert_value);
    ngx_queue_init(&things->lru);

    for (i = 2; i < cf->args->nelts; i++) {
        rv = ngx_http_ditto_things_parameter(cf, things, &value[i]);

        if (rv != NGX_CONF_OK) {
            return rv;
        }
    }

    dmcf->things = things;

    return NGX_CONF_OK;
}


static char *
ngx_http_ditto_things_parameter(ngx_conf_t *cf,
    ngx_http_ditto_things_t *things, ngx_str_t *value)
{
    ngx_int_t  n;
    ngx_str_t  s;

    if (ngx_strncmp(value->data, "cache=", 6) == 0) {

        n = ngx_atoi(value->data + 6, value->len - 6);

        if (n >= 0 && n <= NGX_HTTP_DITTO_THINGS_MAX) {
            things->max = (ngx_uint_t) n;
            return NGX_CONF_OK;
        }
    }

    if (ngx_strncmp(value->data, "valid=", 6) == 0) {

        s.data = value->data + 6;
        s.len = value->len - 6;
        n = ngx_parse_time(&s, 0);

        if (n != NGX_ERROR && n > 0) {
            things->valid = (ngx_msec_t) n;
            return NGX_CONF_OK;
        }
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid parameter \"%V\" of \"ditto_things\": it must "
                       "be \"cache=\" and a number of things, 0 for none, or "
                       "\"valid=\" and a time such as 2m", value);

    return NGX_CONF_ERROR;
}


ngx_int_t
ngx_http_ditto_things_get(ngx_http_ditto_fetch_t *fetch)
{
    ngx_int_t                    rc;
    ngx_str_t                    key;
    ngx_uint_t                   next;
    ditto_signal_t              *signal;
    ngx_http_ditto_thing_t      *entry;
    ngx_http_ditto_things_t     *things;
    ngx_http_ditto_main_conf_t  *dmcf;

    dmcf = ngx_http_get_module_main_conf(fetch->message->ctx->request,
                                         ngx_http_ditto_kafka_module);
    things = dmcf->things;
    signal = &fetch->message->signal;

    if (things->max == 0) {
        return NGX_DECLINED;
    }

    if (ngx_http_ditto_things_key(fetch, &key) != NGX_OK) {
        return NGX_ERROR;
    }

    entry = (ngx_http_ditto_thing_t *)
                ngx_str_rbtree_lookup(&things->tree, &key,
                                      ngx_crc32_long(key.data, key.len));

    if (entry == NULL) {
        return NGX_DECLINED;
    }

    if ((ngx_msec_int_t) (entry->expires - ngx_current_msec) <= 0) {
        ngx_http_ditto_things_delete(things, entry);
        return NGX_DECLINED;
    }

    next = 0;

    if (signal->kind == DITTO_SIGNAL_EVENT && !signal->live) {

        /* a thing that is created says all of itself, whatever was before */

        next = signal->revision > entry->revision
               || ngx_http_ditto_things_created(signal);

        if (signal->revision > entry->revision
            && signal->revision - 1 != entry->revision)
        {
            /* events in between did not pass here */
            ngx_http_ditto_things_delete(things, entry);
            return NGX_DECLINED;
        }
    }

    ngx_queue_remove(&entry->queue);
    ngx_queue_insert_head(&things->lru, &entry->queue);

    if (ditto_str_dup(fetch->message->scope.pool, entry->thing,
                      &fetch->thing)
        != DITTO_OK)
    {
        return NGX_ERROR;
    }

    if (!next) {
        return NGX_OK;
    }

    rc = ngx_http_ditto_things_step(fetch, fetch->thing);

    if (rc == NGX_OK) {
        ngx_http_ditto_things_insert(things, &key, fetch->thing,
                                     signal->revision, entry->expires);
    }

    return rc;
}


static ngx_uint_t
ngx_http_ditto_things_created(const ditto_signal_t *signal)
{
    return signal->topic.action == DITTO_ACTION_CREATED
           && ditto_str_eq(signal->path, ditto_str("/"));
}


ngx_int_t
ngx_http_ditto_things_put(ngx_http_ditto_fetch_t *fetch, ditto_str_t thing)
{
    int64_t                      revision;
    ngx_int_t                    rc;
    ngx_str_t                    key;
    ditto_signal_t              *signal;
    ngx_http_ditto_main_conf_t  *dmcf;

    dmcf = ngx_http_get_module_main_conf(fetch->message->ctx->request,
                                         ngx_http_ditto_kafka_module);
    signal = &fetch->message->signal;
    revision = ngx_http_ditto_things_revision(thing);

    rc = NGX_DECLINED;

    /* what was fetched may be older than the event that is on its way */

    if (signal->kind == DITTO_SIGNAL_EVENT && !signal->live
        && revision < signal->revision)
    {
        rc = ngx_http_ditto_things_step(fetch, thing);

        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }
    }

    if (rc == NGX_OK) {
        revision = signal->revision;

    } else if (ditto_str_dup(fetch->message->scope.pool, thing, &fetch->thing)
               != DITTO_OK)
    {
        return NGX_ERROR;
    }

    if (dmcf->things->max == 0) {
        return NGX_OK;
    }

    if (ngx_http_ditto_things_key(fetch, &key) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_http_ditto_things_insert(dmcf->things, &key, fetch->thing, revision,
                                 ngx_current_msec + dmcf->things->valid);

    return NGX_OK;
}


/* Thing id, subjects in any order, selector. */

static ngx_int_t
ngx_http_ditto_things_key(ngx_http_ditto_fetch_t *fetch, ngx_str_t *key)
{
    size_t         i, n;
    ditto_buf_t    buf;
    ditto_str_t    id, text, *subjects;
    ngx_pool_t    *pool;

    pool = fetch->message->ctx->pool.nginx;
    id = fetch->message->signal.id;
    n = fetch->target->subjects.nelts;

    subjects = ngx_palloc(pool, n * sizeof(ditto_str_t));
    if (subjects == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(subjects, fetch->target->subjects.elts,
               n * sizeof(ditto_str_t));
    ngx_qsort(subjects, n, sizeof(ditto_str_t),
              ngx_http_ditto_things_subject);

    ditto_buf_init(&buf, fetch->message->scope.pool, 256);
    ditto_buf_str(&buf, id);

    for (i = 0; i < n; i++) {
        ditto_buf_char(&buf, '\0');
        ditto_buf_str(&buf, subjects[i]);
    }

    ditto_buf_add(&buf, "\0", 2);
    ditto_buf_str(&buf, fetch->selector);

    if (ditto_buf_done(&buf, &text) != DITTO_OK) {
        return NGX_ERROR;
    }

    key->len = text.len;
    key->data = (u_char *) text.data;

    return NGX_OK;
}


static int
ngx_http_ditto_things_subject(const void *one, const void *two)
{
    const ditto_str_t  *a, *b;

    a = one;
    b = two;

    return (int) ngx_memn2cmp((u_char *) a->data, (u_char *) b->data, a->len,
                              b->len);
}


/*
 * fetch->thing: thing with the message's event applied, the fields that are
 * asked for.  NGX_DECLINED: it cannot be known, spec: Cache.
 */

static ngx_int_t
ngx_http_ditto_things_step(ngx_http_ditto_fetch_t *fetch, ditto_str_t thing)
{
    size_t              i;
    ditto_rc_t          rc;
    ditto_str_t         next, *field;
    ditto_pool_t       *pool;
    ditto_error_t       err;
    ditto_signal_t     *signal;
    ditto_pointer_t    *pointers;
    static ditto_str_t  policy_id = ditto_string("/policyId");

    pool = fetch->message->scope.pool;
    signal = &fetch->message->signal;

    if (ditto_str_eq(signal->path, policy_id)) {
        /* other rights may hold from here on */
        return NGX_DECLINED;
    }

    rc = ditto_thing_apply(pool, thing, signal, &next, &err);

    if (rc != DITTO_OK) {
        return (rc == DITTO_ERROR && err.code == DITTO_E_INTERNAL)
               ? NGX_ERROR : NGX_DECLINED;
    }

    pointers = ditto_alloc(pool,
                           fetch->fields.nelts * sizeof(ditto_pointer_t));
    if (pointers == NULL) {
        return NGX_ERROR;
    }

    for (i = 0, field = fetch->fields.elts; i < fetch->fields.nelts; i++) {
        if (ditto_pointer_parse_escaped(pool, field[i], &pointers[i], &err)
            != DITTO_OK)
        {
            return NGX_ERROR;
        }
    }

    return (ditto_json_select(pool, next, pointers, fetch->fields.nelts, true,
                              &fetch->thing, &err)
            == DITTO_OK) ? NGX_OK : NGX_ERROR;
}


static int64_t
ngx_http_ditto_things_revision(ditto_str_t thing)
{
    int64_t             n;
    ditto_str_t         value;
    static ditto_str_t  revision = ditto_string("_revision");

    return (ditto_json_member(thing, revision, &value) == DITTO_OK
            && ditto_json_integer(value, &n) == DITTO_OK) ? n : -1;
}


/* What does not fit is not remembered, and nobody misses it. */

static void
ngx_http_ditto_things_insert(ngx_http_ditto_things_t *things, ngx_str_t *key,
    ditto_str_t thing, int64_t revision, ngx_msec_t expires)
{
    size_t                   size;
    uint32_t                 hash;
    u_char                  *p;
    ngx_queue_t             *q;
    ngx_http_ditto_thing_t  *entry;

    hash = ngx_crc32_long(key->data, key->len);

    entry = (ngx_http_ditto_thing_t *)
                ngx_str_rbtree_lookup(&things->tree, key, hash);

    if (entry != NULL) {
        ngx_http_ditto_things_delete(things, entry);
    }

    size = sizeof(ngx_http_ditto_thing_t) + key->len + thing.len;

    if (size > NGX_HTTP_DITTO_THINGS_SIZE / 16) {
        return;
    }

    while (things->n != 0
           && (things->n >= things->max
               || things->size + size > NGX_HTTP_DITTO_THINGS_SIZE))
    {
        q = ngx_queue_last(&things->lru);
        ngx_http_ditto_things_delete(things,
                           ngx_queue_data(q, ngx_http_ditto_thing_t, queue));
    }

    entry = ngx_alloc(size, ngx_cycle->log);
    if (entry == NULL) {
        return;
    }

    p = (u_char *) (entry + 1);

    entry->sn.node.key = hash;
    entry->sn.str.len = key->len;
    entry->sn.str.data = p;

    p = ngx_cpymem(p, key->data, key->len);

    entry->thing.len = thing.len;
    entry->thing.data = p;

    ngx_memcpy(p, thing.data, thing.len);

    entry->revision = revision;
    entry->expires = expires;
    entry->size = size;

    ngx_rbtree_insert(&things->tree, &entry->sn.node);
    ngx_queue_insert_head(&things->lru, &entry->queue);
    things->n++;
    things->size += size;
}


static void
ngx_http_ditto_things_delete(ngx_http_ditto_things_t *things,
    ngx_http_ditto_thing_t *entry)
{
    ngx_rbtree_delete(&things->tree, &entry->sn.node);
    ngx_queue_remove(&entry->queue);
    things->n--;
    things->size -= entry->size;

    ngx_free(entry);
}
