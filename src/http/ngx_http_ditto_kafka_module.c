
/*
 * Eclipse Ditto's Kafka binding: directives, configuration, worker start and
 * exit.
 */

#include "ngx_http_ditto.h"


static void *ngx_http_ditto_create_main_conf(ngx_conf_t *cf);
static void *ngx_http_ditto_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_ditto_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child);
static ngx_int_t ngx_http_ditto_init(ngx_conf_t *cf);
static ngx_int_t ngx_http_ditto_location_check(ngx_conf_t *cf,
    ngx_http_ditto_main_conf_t *dmcf, ngx_http_ditto_loc_conf_t *dlcf);
static char *ngx_http_ditto_publish(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_ditto_subject(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_ditto_batch(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_ditto_timeout(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static ngx_int_t ngx_http_ditto_init_process(ngx_cycle_t *cycle);
static void ngx_http_ditto_exit_process(ngx_cycle_t *cycle);


#define NGX_HTTP_DITTO_BATCH        10000        /* messages */
#define NGX_HTTP_DITTO_BATCH_MAX    1000000
#define NGX_HTTP_DITTO_TIMEOUT      10000        /* ms */
#define NGX_HTTP_DITTO_TIMEOUT_MAX  86400000     /* ms */


static ngx_conf_enum_t  ngx_http_ditto_partial_events[] = {
    { ngx_string("strict"), NGX_HTTP_DITTO_STRICT },
    { ngx_string("partial"), NGX_HTTP_DITTO_PARTIAL },
    { ngx_null_string, 0 }
};


static ngx_command_t  ngx_http_ditto_commands[] = {

    { ngx_string("ditto_connection"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_BLOCK|NGX_CONF_TAKE1,
      ngx_http_ditto_connection_block,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("ditto_connections"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_http_ditto_connections,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("ditto_policies"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_http_ditto_policies,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("ditto_policy_cache"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_ditto_main_conf_t, policy_cache),
      NULL },

    { ngx_string("ditto_policy_id"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_1MORE,
      ngx_http_ditto_policy_id,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("ditto_things"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE123,
      ngx_http_ditto_things,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("ditto_publish"),
      NGX_HTTP_LOC_CONF|NGX_HTTP_LIF_CONF|NGX_CONF_ANY,
      ngx_http_ditto_publish,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("ditto_subject"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_ditto_subject,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("ditto_enforcement"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_ditto_enforcement,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("ditto_payload_mapping"),
      NGX_HTTP_LOC_CONF|NGX_HTTP_LIF_CONF|NGX_CONF_1MORE,
      ngx_http_ditto_payload_mapping,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("ditto_partial_events"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_enum_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_ditto_loc_conf_t, partial_events),
      &ngx_http_ditto_partial_events },

    { ngx_string("ditto_batch"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_ditto_batch,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("ditto_timeout"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_ditto_timeout,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_ditto_loc_conf_t, timeout),
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_ditto_kafka_module_ctx = {
    NULL,                                  /* preconfiguration */
    ngx_http_ditto_init,                   /* postconfiguration */

    ngx_http_ditto_create_main_conf,       /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_ditto_create_loc_conf,        /* create location configuration */
    ngx_http_ditto_merge_loc_conf          /* merge location configuration */
};


ngx_module_t  ngx_http_ditto_kafka_module = {
    NGX_MODULE_V1,
    &ngx_http_ditto_kafka_module_ctx,      /* module context */
    ngx_http_ditto_commands,               /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    ngx_http_ditto_init_process,           /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    ngx_http_ditto_exit_process,           /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static ngx_int_t
ngx_http_ditto_init_process(ngx_cycle_t *cycle)
{
    ngx_uint_t                    i;
    ngx_http_ditto_client_t     **client;
    ngx_http_ditto_main_conf_t   *dmcf;

    /* cache manager and loader come here too */

    if (ngx_process != NGX_PROCESS_WORKER && ngx_process != NGX_PROCESS_SINGLE)
    {
        return NGX_OK;
    }

    dmcf = ngx_http_cycle_get_module_main_conf(cycle,
                                               ngx_http_ditto_kafka_module);
    if (dmcf == NULL) {
        return NGX_OK;
    }

    client = dmcf->clients.elts;

    for (i = 0; i < dmcf->clients.nelts; i++) {

        if (!client[i]->used) {
            continue;
        }

        /* without a producer the worker serves all the same, and says 503 */

        client[i]->producer = ngx_kafka_producer_create(cycle,
                                                        &client[i]->conf,
                                                        &client[i]->id,
                                                        &client[i]->warm);
    }

    return NGX_OK;
}


static void
ngx_http_ditto_exit_process(ngx_cycle_t *cycle)
{
    ngx_msec_t                   ms;
    ngx_core_conf_t             *ccf;
    ngx_http_ditto_main_conf_t  *dmcf;

    dmcf = ngx_http_cycle_get_module_main_conf(cycle,
                                               ngx_http_ditto_kafka_module);
    if (dmcf == NULL) {
        return;
    }

    ms = dmcf->exit + 1000;

    /* worker_shutdown_timeout: so long the operator waits */

    ccf = (ngx_core_conf_t *) ngx_get_conf(cycle->conf_ctx, ngx_core_module);

    if (ccf->shutdown_timeout) {
        ms = ngx_min(ms, ccf->shutdown_timeout);
    }

    ngx_kafka_exit(cycle, ms);
}


/* --- configuration ------------------------------------------------------- */

static void *
ngx_http_ditto_create_main_conf(ngx_conf_t *cf)
{
    ngx_http_ditto_main_conf_t  *dmcf;

    /*
     * set by ngx_pcalloc():
     *
     *     dmcf->policy_ids = NULL;
     *     dmcf->policies = NULL;
     *     dmcf->things = NULL;
     *     dmcf->policies_off = 0;
     *     dmcf->exit = 0;
     */

    dmcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_ditto_main_conf_t));

    if (dmcf == NULL
        || ngx_array_init(&dmcf->connections, cf->pool, 4,
                          sizeof(ngx_http_ditto_connection_t *)) != NGX_OK
        || ngx_array_init(&dmcf->clients, cf->pool, 4,
                          sizeof(ngx_http_ditto_client_t *)) != NGX_OK
        || ngx_array_init(&dmcf->locations, cf->pool, 4,
                          sizeof(ngx_http_ditto_loc_conf_t *)) != NGX_OK)
    {
        return NULL;
    }

    dmcf->policy_cache = NGX_CONF_UNSET_SIZE;

    return dmcf;
}


static void *
ngx_http_ditto_create_loc_conf(ngx_conf_t *cf)
{
    ngx_http_ditto_loc_conf_t  *dlcf;

    /*
     * set by ngx_pcalloc():
     *
     *     dlcf->ids = NULL;
     *     dlcf->mapping = NULL;
     *     dlcf->mappers = NULL;
     *     dlcf->publish = 0;
     */

    dlcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_ditto_loc_conf_t));
    if (dlcf == NULL) {
        return NULL;
    }

    dlcf->subjects = NGX_CONF_UNSET_PTR;
    dlcf->enforcement = NGX_CONF_UNSET_PTR;
    dlcf->timeout = NGX_CONF_UNSET_MSEC;
    dlcf->partial_events = NGX_CONF_UNSET_UINT;
    dlcf->batch = NGX_CONF_UNSET_UINT;

    return dlcf;
}


static char *
ngx_http_ditto_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_ditto_loc_conf_t *prev = parent;
    ngx_http_ditto_loc_conf_t *conf = child;

    ngx_http_core_loc_conf_t     *clcf;
    ngx_http_ditto_loc_conf_t   **slot;
    ngx_http_ditto_main_conf_t   *dmcf;

    ngx_conf_merge_ptr_value(conf->enforcement, prev->enforcement, NULL);
    ngx_conf_merge_msec_value(conf->timeout, prev->timeout,
                              NGX_HTTP_DITTO_TIMEOUT);

    ngx_conf_merge_uint_value(conf->batch, prev->batch, NGX_HTTP_DITTO_BATCH);
    ngx_conf_merge_uint_value(conf->partial_events, prev->partial_events,
                              NGX_HTTP_DITTO_STRICT);

    /* unset stays unset, so that a location that publishes can tell */

    if (conf->subjects == NGX_CONF_UNSET_PTR) {
        conf->subjects = prev->subjects;
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (conf->mapping == NULL && (clcf->noname || clcf->lmt_excpt)) {
        conf->mapping = prev->mapping;
    }

    /* "if" and "limit_except" within a location that publishes */

    if (!conf->publish && prev->publish && clcf->handler == NULL
        && (clcf->noname || clcf->lmt_excpt))
    {
        dmcf = ngx_http_conf_get_module_main_conf(cf,
                                                  ngx_http_ditto_kafka_module);
        slot = ngx_array_push(&dmcf->locations);
        if (slot == NULL) {
            return NGX_CONF_ERROR;
        }

        *slot = conf;

        conf->publish = 1;
        conf->ids = prev->ids;
        conf->file = prev->file;
        conf->line = prev->line;

        clcf->handler = ngx_http_ditto_publish_handler;
    }

    return NGX_CONF_OK;
}


/* After the whole http block, in whatever order its directives stand. */

static ngx_int_t
ngx_http_ditto_init(ngx_conf_t *cf)
{
    ngx_uint_t                    i;
    ngx_http_ditto_loc_conf_t   **dlcf;
    ngx_http_ditto_main_conf_t   *dmcf;

    dmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ditto_kafka_module);
    dlcf = dmcf->locations.elts;

    for (i = 0; i < dmcf->locations.nelts; i++) {
        if (ngx_http_ditto_location_check(cf, dmcf, dlcf[i]) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    if (dmcf->things != NULL && ngx_http_ditto_subrequests_init() != NGX_OK) {
        return NGX_ERROR;
    }

    if (ngx_http_ditto_policies_init(cf, dmcf) != NGX_OK
        || ngx_http_ditto_clients_init(cf, dmcf) != NGX_OK
        || ngx_http_ditto_routes_init(cf, dmcf) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* Trust must be written out. */

static ngx_int_t
ngx_http_ditto_location_check(ngx_conf_t *cf,
    ngx_http_ditto_main_conf_t *dmcf, ngx_http_ditto_loc_conf_t *dlcf)
{
    if (dlcf->subjects == NGX_CONF_UNSET_PTR) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"ditto_publish\" needs \"ditto_subject\", who the "
                      "sender is, or \"ditto_subject off\" to trust "
                      "everybody, in %V:%ui", &dlcf->file, dlcf->line);
        return NGX_ERROR;
    }

    if (dmcf->policies == NULL && !dmcf->policies_off) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"ditto_publish\" needs \"ditto_policies\", the policy "
                      "documents, or \"ditto_policies off\" to let everybody "
                      "read and write, in %V:%ui", &dlcf->file, dlcf->line);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static char *
ngx_http_ditto_publish(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ditto_loc_conf_t *dlcf = conf;

    ngx_str_t                    *value, *id;
    ngx_uint_t                    i, j;
    ngx_http_core_loc_conf_t     *clcf;
    ngx_http_ditto_loc_conf_t   **slot;
    ngx_http_ditto_main_conf_t   *dmcf;

    if (dlcf->publish) {
        return "is duplicate";
    }

    dlcf->publish = 1;
    dlcf->file = cf->conf_file->file.name;
    dlcf->line = cf->conf_file->line;

    value = cf->args->elts;

    if (cf->args->nelts > 1) {

        dlcf->ids = ngx_array_create(cf->pool, cf->args->nelts - 1,
                                     sizeof(ngx_str_t));
        if (dlcf->ids == NULL) {
            return NGX_CONF_ERROR;
        }

        for (i = 1; i < cf->args->nelts; i++) {

            for (j = 1; j < i; j++) {
                if (value[i].len == value[j].len
                    && ngx_strcmp(value[i].data, value[j].data) == 0)
                {
                    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                                       "connection \"%V\" is named twice",
                                       &value[i]);
                    return NGX_CONF_ERROR;
                }
            }

            id = ngx_array_push(dlcf->ids);
            if (id == NULL) {
                return NGX_CONF_ERROR;
            }

            *id = value[i];
        }
    }

    dmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ditto_kafka_module);

    slot = ngx_array_push(&dmcf->locations);
    if (slot == NULL) {
        return NGX_CONF_ERROR;
    }

    *slot = dlcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_ditto_publish_handler;

    return NGX_CONF_OK;
}


static char *
ngx_http_ditto_subject(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ditto_loc_conf_t *dlcf = conf;

    ngx_str_t                         *value;
    ngx_uint_t                         i;
    ngx_http_complex_value_t          *cv;
    ngx_http_compile_complex_value_t   ccv;

    if (dlcf->subjects != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (cf->args->nelts == 2 && ngx_strcmp(value[1].data, "off") == 0) {
        dlcf->subjects = NULL;
        return NGX_CONF_OK;
    }

    dlcf->subjects = ngx_array_create(cf->pool, cf->args->nelts - 1,
                                      sizeof(ngx_http_complex_value_t));
    if (dlcf->subjects == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 1; i < cf->args->nelts; i++) {

        if (ngx_strcmp(value[i].data, "off") == 0) {
            return "has \"off\" beside subjects";
        }

        if (value[i].len == 0) {
            return "has an empty subject";
        }

        cv = ngx_array_push(dlcf->subjects);
        if (cv == NULL) {
            return NGX_CONF_ERROR;
        }

        ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

        ccv.cf = cf;
        ccv.value = &value[i];
        ccv.complex_value = cv;

        if (ngx_http_compile_complex_value(&ccv) != NGX_OK) {
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_ditto_batch(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ditto_loc_conf_t *dlcf = conf;

    ngx_int_t   n;
    ngx_str_t  *value;

    if (dlcf->batch != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "off") == 0) {
        dlcf->batch = 0;
        return NGX_CONF_OK;
    }

    n = ngx_atoi(value[1].data, value[1].len);

    if (n < 1 || n > NGX_HTTP_DITTO_BATCH_MAX) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid value \"%V\" of \"ditto_batch\": it must "
                           "be a number of messages, 1 to 1000000, or \"off\"",
                           &value[1]);
        return NGX_CONF_ERROR;
    }

    dlcf->batch = (ngx_uint_t) n;

    return NGX_CONF_OK;
}


static char *
ngx_http_ditto_timeout(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ditto_loc_conf_t *dlcf = conf;

    char       *rv;
    ngx_str_t  *value;

    rv = ngx_conf_set_msec_slot(cf, cmd, conf);

    if (rv != NGX_CONF_OK) {
        if (ngx_strcmp(rv, "invalid value") != 0) {
            return rv;
        }

        dlcf->timeout = 0;
    }

    if (dlcf->timeout == 0 || dlcf->timeout > NGX_HTTP_DITTO_TIMEOUT_MAX) {
        value = cf->args->elts;

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid value \"%V\" of \"%V\": it must be a time "
                           "such as \"10s\" or \"500ms\", and neither 0 nor more "
                           "than a day",
                           &value[1], &value[0]);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}
