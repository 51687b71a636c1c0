
/*
 * Connections as nginx reads them: the block ditto_connection { } with its
 * targets, and Ditto's own JSON documents.  Both end as ditto_connection_t.
 */

#include "ngx_http_ditto.h"


#define NGX_HTTP_DITTO_BLOCK_MODULE  0x4f544944      /* "DITO" */
#define NGX_HTTP_DITTO_CONNECTION_CONF  0x02000000
#define NGX_HTTP_DITTO_TARGET_CONF      0x04000000


/*
 * The configuration context inside the block.  The contexts of nginx have no
 * bit left, so the block has a module type of its own; nginx finds "conf" at
 * offset 0 and in it the context at the module's ctx_index.
 */
typedef struct {
    void                        **conf;
    void                         *confs[1];
    ditto_pool_t                 *pool;
    ngx_http_ditto_connection_t  *connection;
    ditto_target_t               *target;
} ngx_http_ditto_block_t;


typedef ditto_rc_t (*ngx_http_ditto_set_connection_pt)(ditto_pool_t *pool,
    ditto_connection_t *connection, ditto_str_t text, ditto_error_t *err);
typedef ditto_rc_t (*ngx_http_ditto_set_target_pt)(ditto_pool_t *pool,
    ditto_target_t *target, ditto_str_t text, ditto_error_t *err);


static ngx_http_ditto_connection_t *ngx_http_ditto_connection_create(
    ngx_conf_t *cf, ditto_pool_t *pool);
static char *ngx_http_ditto_connection_done(ngx_conf_t *cf,
    ngx_http_ditto_connection_t *connection);
static char *ngx_http_ditto_connection_document(ngx_conf_t *cf,
    ngx_str_t *file, ngx_str_t *text);
static char *ngx_http_ditto_target_block(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_ditto_connection_value(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);
static char *ngx_http_ditto_bootstrap_servers(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);
static char *ngx_http_ditto_pem_file(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_ditto_pem_text(ngx_conf_t *cf, ngx_str_t *file,
    ngx_str_t *text);
static char *ngx_http_ditto_validate_certificates(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);
static char *ngx_http_ditto_kafka_property(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);
static char *ngx_http_ditto_target_values(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_ditto_header_mapping(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);


static ngx_command_t  ngx_http_ditto_connection_commands[] = {

    { ngx_string("uri"),
      NGX_HTTP_DITTO_CONNECTION_CONF|NGX_CONF_TAKE1,
      ngx_http_ditto_connection_value,
      0,
      0,
      ditto_connection_set_uri },

    { ngx_string("status"),
      NGX_HTTP_DITTO_CONNECTION_CONF|NGX_CONF_TAKE1,
      ngx_http_ditto_connection_value,
      0,
      0,
      ditto_connection_set_status },

    { ngx_string("bootstrap_servers"),
      NGX_HTTP_DITTO_CONNECTION_CONF|NGX_CONF_1MORE,
      ngx_http_ditto_bootstrap_servers,
      0,
      0,
      NULL },

    { ngx_string("sasl_mechanism"),
      NGX_HTTP_DITTO_CONNECTION_CONF|NGX_CONF_TAKE1,
      ngx_http_ditto_connection_value,
      0,
      0,
      ditto_connection_set_sasl_mechanism },

    { ngx_string("ca"),
      NGX_HTTP_DITTO_CONNECTION_CONF|NGX_CONF_TAKE1,
      ngx_http_ditto_pem_file,
      0,
      0,
      ditto_connection_set_ca },

    { ngx_string("certificate"),
      NGX_HTTP_DITTO_CONNECTION_CONF|NGX_CONF_TAKE1,
      ngx_http_ditto_pem_file,
      0,
      0,
      ditto_connection_set_cert },

    { ngx_string("certificate_key"),
      NGX_HTTP_DITTO_CONNECTION_CONF|NGX_CONF_TAKE1,
      ngx_http_ditto_pem_file,
      0,
      0,
      ditto_connection_set_key },

    { ngx_string("validate_certificates"),
      NGX_HTTP_DITTO_CONNECTION_CONF|NGX_CONF_FLAG,
      ngx_http_ditto_validate_certificates,
      0,
      0,
      NULL },

    { ngx_string("kafka"),
      NGX_HTTP_DITTO_CONNECTION_CONF|NGX_CONF_TAKE2,
      ngx_http_ditto_kafka_property,
      0,
      0,
      NULL },

    { ngx_string("target"),
      NGX_HTTP_DITTO_CONNECTION_CONF|NGX_CONF_BLOCK|NGX_CONF_TAKE1,
      ngx_http_ditto_target_block,
      0,
      0,
      NULL },

    { ngx_string("topics"),
      NGX_HTTP_DITTO_TARGET_CONF|NGX_CONF_1MORE,
      ngx_http_ditto_target_values,
      0,
      0,
      ditto_target_add_topic },

    { ngx_string("authorization_subjects"),
      NGX_HTTP_DITTO_TARGET_CONF|NGX_CONF_1MORE,
      ngx_http_ditto_target_values,
      0,
      0,
      ditto_target_add_subject },

    { ngx_string("header_mapping"),
      NGX_HTTP_DITTO_TARGET_CONF|NGX_CONF_TAKE2,
      ngx_http_ditto_header_mapping,
      0,
      0,
      NULL },

    { ngx_string("payload_mapping"),
      NGX_HTTP_DITTO_TARGET_CONF|NGX_CONF_1MORE,
      ngx_http_ditto_target_values,
      0,
      0,
      ditto_target_add_mapper },

    { ngx_string("issued_acknowledgement_label"),
      NGX_HTTP_DITTO_TARGET_CONF|NGX_CONF_TAKE1,
      ngx_http_ditto_target_values,
      0,
      0,
      ditto_target_set_issued_label },

      ngx_null_command
};


ngx_module_t  ngx_http_ditto_connection_module = {
    0,                                     /* ctx_index */
    NGX_MODULE_UNSET_INDEX,                /* index */
    NULL,                                  /* name */
    0,                                     /* spare0 */
    0,                                     /* spare1 */
    nginx_version,
    NGX_MODULE_SIGNATURE,
    NULL,                                  /* module context */
    ngx_http_ditto_connection_commands,    /* module directives */
    NGX_HTTP_DITTO_BLOCK_MODULE,           /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    NULL,                                  /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


char *
ngx_http_ditto_connection_block(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    char                         *rv;
    ngx_str_t                    *value;
    ngx_conf_t                    save;
    ditto_str_t                   place, id;
    ditto_buf_t                   buf;
    ditto_error_t                 err;
    ngx_http_ditto_block_t        block;
    ngx_http_ditto_connection_t  *connection;

    value = cf->args->elts;

    ngx_memzero(&block, sizeof(ngx_http_ditto_block_t));

    block.pool = ngx_http_ditto_pool(cf->pool);
    if (block.pool == NULL) {
        return NGX_CONF_ERROR;
    }

    connection = ngx_http_ditto_connection_create(cf, block.pool);
    if (connection == NULL) {
        return NGX_CONF_ERROR;
    }

    id = ngx_http_ditto_str(value[1]);

    if (ditto_connection_set_id(block.pool, &connection->model, id, &err)
        != DITTO_OK
        || ditto_connection_set_status(block.pool, &connection->model,
                                       ditto_str("open"), &err)
           != DITTO_OK)
    {
        ngx_http_ditto_argument_error(cf, &value[1], &err);
        return NGX_CONF_ERROR;
    }

    block.conf = block.confs;
    block.confs[0] = &block;
    block.connection = connection;

    save = *cf;

    cf->ctx = &block;
    cf->module_type = NGX_HTTP_DITTO_BLOCK_MODULE;
    cf->cmd_type = NGX_HTTP_DITTO_CONNECTION_CONF;

    rv = ngx_conf_parse(cf, NULL);

    *cf = save;

    if (rv != NGX_CONF_OK) {
        return rv;
    }

    if (connection->model.uri.text.len == 0) {
        return "has no \"uri\"";
    }

    if (ditto_connection_validate(block.pool, &connection->model, &place,
                                  &err)
        != DITTO_OK)
    {
        ditto_buf_init(&buf, block.pool, 256);
        ditto_error_text(&buf, &err);

        if (ditto_buf_done(&buf, &id) != DITTO_OK) {
            return NGX_CONF_ERROR;
        }

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "connection \"%V\" at %*s: %s: %*s", &value[1],
                           place.len, place.data, ditto_error_name(&err),
                           id.len, id.data);
        return NGX_CONF_ERROR;
    }

    return ngx_http_ditto_connection_done(cf, connection);
}


static ngx_http_ditto_connection_t *
ngx_http_ditto_connection_create(ngx_conf_t *cf, ditto_pool_t *pool)
{
    ngx_http_ditto_connection_t  *connection;

    connection = ngx_pcalloc(cf->pool, sizeof(ngx_http_ditto_connection_t));
    if (connection == NULL) {
        return NULL;
    }

    ditto_connection_init(&connection->model, pool);

    return connection;
}


/* What both spellings have in common after they were read. */

static char *
ngx_http_ditto_connection_done(ngx_conf_t *cf,
    ngx_http_ditto_connection_t *connection)
{
    ngx_str_t                      name, value, error;
    ngx_uint_t                     i;
    ditto_property_t              *property;
    ngx_http_ditto_main_conf_t    *dmcf;
    ngx_http_ditto_connection_t  **slot, **other;

    dmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ditto_kafka_module);

    connection->id.len = connection->model.id.len;
    connection->id.data = (u_char *) connection->model.id.data;

    other = dmcf->connections.elts;

    for (i = 0; i < dmcf->connections.nelts; i++) {
        if (ditto_str_eq(other[i]->model.id, connection->model.id)) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "connection \"%V\" is defined already at %V",
                               &connection->id, &other[i]->place);
            return NGX_CONF_ERROR;
        }
    }

    property = connection->model.properties.elts;

    for (i = 0; i < connection->model.properties.nelts; i++) {

        name.len = property[i].name.len;
        name.data = (u_char *) property[i].name.data;
        value.len = property[i].value.len;
        value.data = (u_char *) property[i].value.data;

        if (ngx_kafka_property_check(cf->pool, &name, &value, &error)
            != NGX_OK)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "connection \"%V\": %V", &connection->id,
                               &error);
            return NGX_CONF_ERROR;
        }
    }

    if (connection->model.nsources) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "connection \"%V\" has %uz sources, which are not "
                           "started: this module publishes to targets only",
                           &connection->id, connection->model.nsources);
    }

    if (!connection->model.failover) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "connection \"%V\": \"failoverEnabled\" false has "
                           "no effect, its client reconnects for ever",
                           &connection->id);
    }

    slot = ngx_array_push(&dmcf->connections);
    if (slot == NULL) {
        return NGX_CONF_ERROR;
    }

    *slot = connection;

    if (connection->place.len == 0) {
        connection->place.data = ngx_pnalloc(cf->pool,
                                     cf->conf_file->file.name.len
                                     + sizeof(":") + NGX_INT_T_LEN);
        if (connection->place.data == NULL) {
            return NGX_CONF_ERROR;
        }

        connection->place.len = ngx_sprintf(connection->place.data, "%V:%ui",
                                            &cf->conf_file->file.name,
                                            cf->conf_file->line)
                                - connection->place.data;
    }

    return NGX_CONF_OK;
}


char *
ngx_http_ditto_connections(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t  *value;

    value = cf->args->elts;

    return ngx_http_ditto_documents(cf, &value[1],
                                    ngx_http_ditto_connection_document);
}


static char *
ngx_http_ditto_connection_document(ngx_conf_t *cf, ngx_str_t *file,
    ngx_str_t *text)
{
    ditto_str_t                   place;
    ditto_pool_t                 *pool;
    ditto_error_t                 err;
    ngx_http_ditto_connection_t  *connection;

    pool = ngx_http_ditto_pool(cf->pool);
    if (pool == NULL) {
        return NGX_CONF_ERROR;
    }

    connection = ngx_http_ditto_connection_create(cf, pool);
    if (connection == NULL) {
        return NGX_CONF_ERROR;
    }

    if (ditto_connection_parse(pool, ngx_http_ditto_str(*text),
                               &connection->model, &place, &err)
        != DITTO_OK)
    {
        ngx_http_ditto_document_error(cf, "connection", file, text, &place,
                                      &err);
        return NGX_CONF_ERROR;
    }

    if (connection->model.id.len == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "connection \"%V\" has no member \"id\"", file);
        return NGX_CONF_ERROR;
    }

    connection->place.len = file->len;
    connection->place.data = ngx_pstrdup(cf->pool, file);

    if (connection->place.data == NULL) {
        return NGX_CONF_ERROR;
    }

    return ngx_http_ditto_connection_done(cf, connection);
}


/* --- inside the block ---------------------------------------------------- */

static char *
ngx_http_ditto_target_block(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ditto_block_t *block = conf;

    char           *rv;
    ngx_str_t      *value;
    ngx_conf_t      save;
    ditto_str_t     text;
    ditto_error_t   err;

    value = cf->args->elts;
    text = ngx_http_ditto_str(value[1]);

    block->target = ditto_connection_add_target(block->pool,
                                                &block->connection->model);
    if (block->target == NULL) {
        return NGX_CONF_ERROR;
    }

    if (ditto_target_set_address(block->pool, block->target, text, &err)
        != DITTO_OK)
    {
        ngx_http_ditto_argument_error(cf, &value[1], &err);
        return NGX_CONF_ERROR;
    }

    save = *cf;

    cf->cmd_type = NGX_HTTP_DITTO_TARGET_CONF;

    rv = ngx_conf_parse(cf, NULL);

    *cf = save;

    block->target = NULL;

    return rv;
}


static char *
ngx_http_ditto_connection_value(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_ditto_block_t *block = conf;

    ngx_str_t                         *value, masked;
    ditto_buf_t                        buf;
    ditto_str_t                        s;
    ditto_error_t                      err;
    ngx_http_ditto_set_connection_pt   set;

    value = cf->args->elts;
    set = (ngx_http_ditto_set_connection_pt) cmd->post;

    if (set(block->pool, &block->connection->model,
            ngx_http_ditto_str(value[1]), &err)
        == DITTO_OK)
    {
        return NGX_CONF_OK;
    }

    /* a uri holds a password */

    ditto_buf_init(&buf, block->pool, value[1].len + 8);
    ditto_uri_mask(&buf, ngx_http_ditto_str(value[1]));

    if (ditto_buf_done(&buf, &s) != DITTO_OK) {
        return NGX_CONF_ERROR;
    }

    masked.len = s.len;
    masked.data = (u_char *) s.data;

    ngx_http_ditto_argument_error(cf, &masked, &err);

    return NGX_CONF_ERROR;
}


/* Blanks separate as commas do. */

static char *
ngx_http_ditto_bootstrap_servers(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_ditto_block_t *block = conf;

    u_char         *p;
    size_t          len;
    ngx_str_t      *value, list;
    ngx_uint_t      i;
    ditto_error_t   err;

    value = cf->args->elts;
    len = 0;

    for (i = 1; i < cf->args->nelts; i++) {
        len += value[i].len + 1;
    }

    p = ngx_pnalloc(cf->pool, len);
    if (p == NULL) {
        return NGX_CONF_ERROR;
    }

    list.data = p;

    for (i = 1; i < cf->args->nelts; i++) {

        while (value[i].len && value[i].data[value[i].len - 1] == ',') {
            value[i].len--;
        }

        if (value[i].len == 0) {
            continue;
        }

        if (p != list.data) {
            *p++ = ',';
        }

        p = ngx_cpymem(p, value[i].data, value[i].len);
    }

    list.len = p - list.data;

    if (ditto_connection_set_bootstrap_servers(block->pool,
                                               &block->connection->model,
                                               ngx_http_ditto_str(list), &err)
        != DITTO_OK)
    {
        ngx_http_ditto_argument_error(cf, &list, &err);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


/* what the file reader below shall do with the text */

static ngx_http_ditto_block_t            *ngx_http_ditto_pem_block;
static ngx_http_ditto_set_connection_pt   ngx_http_ditto_pem_set;


static char *
ngx_http_ditto_pem_file(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t  *value;

    value = cf->args->elts;

    ngx_http_ditto_pem_block = conf;
    ngx_http_ditto_pem_set = (ngx_http_ditto_set_connection_pt) cmd->post;

    return ngx_http_ditto_documents(cf, &value[1], ngx_http_ditto_pem_text);
}


static char *
ngx_http_ditto_pem_text(ngx_conf_t *cf, ngx_str_t *file, ngx_str_t *text)
{
    ditto_str_t              s;
    ditto_error_t            err;
    ngx_http_ditto_block_t  *block;

    block = ngx_http_ditto_pem_block;

    if (ditto_str_dup(block->pool, ngx_http_ditto_str(*text), &s)
        != DITTO_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (ngx_http_ditto_pem_set(block->pool, &block->connection->model, s,
                               &err)
        != DITTO_OK)
    {
        ngx_http_ditto_argument_error(cf, file, &err);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_ditto_validate_certificates(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_ditto_block_t *block = conf;

    ngx_str_t  *value;

    value = cf->args->elts;

    if (ngx_strcasecmp(value[1].data, (u_char *) "on") == 0) {
        block->connection->model.validate_certificates = true;

    } else if (ngx_strcasecmp(value[1].data, (u_char *) "off") == 0) {
        block->connection->model.validate_certificates = false;

    } else {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid value \"%V\" of \"%V\": it must be \"on\" "
                           "or \"off\"", &value[1], &value[0]);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_ditto_kafka_property(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ditto_block_t *block = conf;

    ngx_str_t      *value, error;
    ditto_error_t   err;

    value = cf->args->elts;

    if (ngx_kafka_property_check(cf->pool, &value[1], &value[2], &error)
        != NGX_OK)
    {
        if (error.len) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%V", &error);
        }

        return NGX_CONF_ERROR;
    }

    if (ditto_connection_set_specific(block->pool, &block->connection->model,
                                      ngx_http_ditto_str(value[1]),
                                      ngx_http_ditto_str(value[2]), &err)
        != DITTO_OK)
    {
        ngx_http_ditto_argument_error(cf, &value[1], &err);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_ditto_target_values(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ditto_block_t *block = conf;

    ngx_str_t                     *value;
    ngx_uint_t                     i;
    ditto_error_t                  err;
    ngx_http_ditto_set_target_pt   set;

    value = cf->args->elts;
    set = (ngx_http_ditto_set_target_pt) cmd->post;

    for (i = 1; i < cf->args->nelts; i++) {

        if (set(block->pool, block->target, ngx_http_ditto_str(value[i]),
                &err)
            != DITTO_OK)
        {
            ngx_http_ditto_argument_error(cf, &value[i], &err);
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_ditto_header_mapping(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ditto_block_t *block = conf;

    ngx_str_t         *value;
    ditto_error_t      err;
    ditto_template_t  *tpl;

    value = cf->args->elts;

    if (ditto_template_compile(block->pool, ngx_http_ditto_str(value[2]),
                               DITTO_PLACE_HEADER_MAPPING, &tpl, &err)
        != DITTO_OK
        || ditto_target_add_header(block->pool, block->target,
                                   ngx_http_ditto_str(value[1]),
                                   ngx_http_ditto_str(value[2]), &err)
           != DITTO_OK)
    {
        ngx_http_ditto_argument_error(cf, &value[2], &err);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}
