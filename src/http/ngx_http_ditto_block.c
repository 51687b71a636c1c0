
/*
 * The block ditto_connection { } with its targets.
 */

#include "ngx_http_ditto_block.h"


#define NGX_HTTP_DITTO_BLOCK_MODULE  0x4f544944      /* "DITO" */
#define NGX_HTTP_DITTO_CONNECTION_CONF  0x02000000
#define NGX_HTTP_DITTO_TARGET_CONF      0x04000000
#define NGX_HTTP_DITTO_NUMBER  (sizeof("/targets/") + NGX_INT_T_LEN)


static size_t ngx_http_ditto_block_target(ngx_http_ditto_block_t *block,
    char *place, u_char *number);
static void ngx_http_ditto_block_error(ngx_conf_t *cf,
    ngx_http_ditto_block_t *block, ditto_str_t place, ditto_error_t *err);
static char *ngx_http_ditto_target_block(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


static ngx_http_ditto_member_t  ngx_http_ditto_uri = {
    "/uri", ditto_connection_set_uri
};

static ngx_http_ditto_member_t  ngx_http_ditto_status = {
    "/connectionStatus", ditto_connection_set_status
};

static ngx_http_ditto_member_t  ngx_http_ditto_mechanism = {
    "/specificConfig/saslMechanism", ditto_connection_set_sasl_mechanism
};

static ngx_http_ditto_member_t  ngx_http_ditto_servers = {
    "/specificConfig/bootstrapServers", ditto_connection_set_bootstrap_servers
};

static ngx_http_ditto_member_t  ngx_http_ditto_ca = {
    "/ca", ditto_connection_set_ca
};

static ngx_http_ditto_member_t  ngx_http_ditto_cert = {
    "/credentials/cert", ditto_connection_set_cert
};

static ngx_http_ditto_member_t  ngx_http_ditto_key = {
    "/credentials/key", ditto_connection_set_key
};

static ngx_http_ditto_target_member_t  ngx_http_ditto_topics = {
    "/targets/#/topics", ditto_target_add_topic,
    offsetof(ditto_target_t, topics)
};

static ngx_http_ditto_target_member_t  ngx_http_ditto_subjects = {
    "/targets/#/authorizationContext", ditto_target_add_subject,
    offsetof(ditto_target_t, subjects)
};

static ngx_http_ditto_target_member_t  ngx_http_ditto_target_mapping = {
    "/targets/#/payloadMapping", ditto_target_add_mapper,
    offsetof(ditto_target_t, payload_mapping)
};

static ngx_http_ditto_target_member_t  ngx_http_ditto_issued_label = {
    "/targets/#/issuedAcknowledgementLabel", ditto_target_set_issued_label, 0
};


static ngx_command_t  ngx_http_ditto_connection_commands[] = {

    { ngx_string("uri"),
      NGX_HTTP_DITTO_CONNECTION_CONF|NGX_CONF_TAKE1,
      ngx_http_ditto_member,
      0,
      0,
      &ngx_http_ditto_uri },

    { ngx_string("status"),
      NGX_HTTP_DITTO_CONNECTION_CONF|NGX_CONF_TAKE1,
      ngx_http_ditto_member,
      0,
      0,
      &ngx_http_ditto_status },

    { ngx_string("bootstrap_servers"),
      NGX_HTTP_DITTO_CONNECTION_CONF|NGX_CONF_1MORE,
      ngx_http_ditto_bootstrap_servers,
      0,
      0,
      &ngx_http_ditto_servers },

    { ngx_string("sasl_mechanism"),
      NGX_HTTP_DITTO_CONNECTION_CONF|NGX_CONF_TAKE1,
      ngx_http_ditto_sasl_mechanism,
      0,
      0,
      &ngx_http_ditto_mechanism },

    { ngx_string("ca"),
      NGX_HTTP_DITTO_CONNECTION_CONF|NGX_CONF_TAKE1,
      ngx_http_ditto_pem_file,
      0,
      0,
      &ngx_http_ditto_ca },

    { ngx_string("certificate"),
      NGX_HTTP_DITTO_CONNECTION_CONF|NGX_CONF_TAKE1,
      ngx_http_ditto_pem_file,
      0,
      0,
      &ngx_http_ditto_cert },

    { ngx_string("certificate_key"),
      NGX_HTTP_DITTO_CONNECTION_CONF|NGX_CONF_TAKE1,
      ngx_http_ditto_pem_file,
      0,
      0,
      &ngx_http_ditto_key },

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

    { ngx_string("mapping_definition"),
      NGX_HTTP_DITTO_CONNECTION_CONF|NGX_CONF_2MORE,
      ngx_http_ditto_mapping_definition,
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
      ngx_http_ditto_target_member,
      0,
      0,
      &ngx_http_ditto_topics },

    { ngx_string("authorization_subjects"),
      NGX_HTTP_DITTO_TARGET_CONF|NGX_CONF_1MORE,
      ngx_http_ditto_target_member,
      0,
      0,
      &ngx_http_ditto_subjects },

    { ngx_string("header_mapping"),
      NGX_HTTP_DITTO_TARGET_CONF|NGX_CONF_TAKE2,
      ngx_http_ditto_header_mapping,
      0,
      0,
      NULL },

    { ngx_string("payload_mapping"),
      NGX_HTTP_DITTO_TARGET_CONF|NGX_CONF_1MORE,
      ngx_http_ditto_target_member,
      0,
      0,
      &ngx_http_ditto_target_mapping },

    { ngx_string("issued_acknowledgement_label"),
      NGX_HTTP_DITTO_TARGET_CONF|NGX_CONF_TAKE1,
      ngx_http_ditto_target_member,
      0,
      0,
      &ngx_http_ditto_issued_label },

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
    ditto_error_t                 err;
    ngx_http_ditto_block_t        block;
    ngx_http_ditto_connection_t  *connection;

    value = cf->args->elts;

    ngx_memzero(&block, sizeof(ngx_http_ditto_block_t));

    block.pool = ngx_http_ditto_pool(cf->pool);

    if (block.pool == NULL
        || ngx_array_init(&block.lines, cf->temp_pool, 16,
                          sizeof(ngx_http_ditto_line_t))
           != NGX_OK)
    {
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
        ngx_http_ditto_block_error(cf, &block, place, &err);
        return NGX_CONF_ERROR;
    }

    return ngx_http_ditto_connection_done(cf, connection);
}


char *
ngx_http_ditto_block_line(ngx_conf_t *cf, ngx_http_ditto_block_t *block,
    char *place, ngx_str_t *value)
{
    size_t                  n;
    u_char                  number[NGX_HTTP_DITTO_NUMBER];
    ngx_str_t              *args;
    ngx_http_ditto_line_t  *line;

    args = cf->args->elts;
    line = ngx_array_push(&block->lines);

    if (line == NULL) {
        return NGX_CONF_ERROR;
    }

    line->place.data = ngx_pnalloc(cf->temp_pool,
                                   ngx_strlen(place) + NGX_INT_T_LEN);
    if (line->place.data == NULL) {
        return NGX_CONF_ERROR;
    }

    n = ngx_http_ditto_block_target(block, place, number);

    line->place.len = ngx_sprintf(line->place.data, "%*s%s", n, number,
                                  n ? place + sizeof("/targets/#") - 1 : place)
                      - line->place.data;

    line->directive = args[0];
    line->file = cf->conf_file->file.name;
    line->line = cf->conf_file->line;

    if (value) {
        line->value = *value;

    } else {
        ngx_str_null(&line->value);
    }

    return NGX_CONF_OK;
}


ngx_uint_t
ngx_http_ditto_block_has(ngx_http_ditto_block_t *block, char *place)
{
    size_t                  n;
    u_char                  number[NGX_HTTP_DITTO_NUMBER];
    ngx_str_t              *at;
    ngx_uint_t              i;
    ditto_str_t             rest;
    ngx_http_ditto_line_t  *line;

    n = ngx_http_ditto_block_target(block, place, number);
    rest = ditto_str(n ? place + sizeof("/targets/#") - 1 : place);

    line = block->lines.elts;

    for (i = 0; i < block->lines.nelts; i++) {

        at = &line[i].place;

        if (at->len == n + rest.len
            && ngx_memcmp(at->data, number, n) == 0
            && ngx_memcmp(at->data + n, rest.data, rest.len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


/* What stands for the "/targets/#" of a place.  0: it has none. */

static size_t
ngx_http_ditto_block_target(ngx_http_ditto_block_t *block, char *place,
    u_char *number)
{
    if (ngx_strncmp(place, "/targets/#", sizeof("/targets/#") - 1) != 0) {
        return 0;
    }

    return ngx_sprintf(number, "/targets/%uz",
                       block->connection->model.targets.nelts - 1)
           - number;
}


/* An error of the whole, told at the line that is at fault. */

static void
ngx_http_ditto_block_error(ngx_conf_t *cf, ngx_http_ditto_block_t *block,
    ditto_str_t place, ditto_error_t *err)
{
    ngx_str_t               file, id, s;
    ngx_uint_t              i, line;
    ngx_http_ditto_line_t  *at, *best;

    if (ngx_http_ditto_sentence(cf, err, &s) != NGX_OK) {
        return;
    }

    id.len = block->connection->model.id.len;
    id.data = (u_char *) block->connection->model.id.data;

    best = NULL;
    at = block->lines.elts;

    for (i = 0; i < block->lines.nelts; i++) {
        if (ditto_str_starts(place, ngx_http_ditto_str(at[i].place))
            && (best == NULL || at[i].place.len >= best->place.len))
        {
            best = &at[i];
        }
    }

    if (best == NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "connection \"%V\": %s: %V",
                           &id, ditto_error_name(err), &s);
        return;
    }

    file = cf->conf_file->file.name;
    line = cf->conf_file->line;

    cf->conf_file->file.name = best->file;
    cf->conf_file->line = best->line;

    if (best->value.len) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid value \"%V\" of \"%V\" in connection "
                           "\"%V\": %s: %V",
                           &best->value, &best->directive, &id,
                           ditto_error_name(err), &s);

    } else {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid \"%V\" in connection \"%V\": %s: %V",
                           &best->directive, &id, ditto_error_name(err), &s);
    }

    cf->conf_file->file.name = file;
    cf->conf_file->line = line;
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

    if (ngx_http_ditto_block_line(cf, block, "/targets/#", NULL)
        != NGX_CONF_OK
        || ngx_http_ditto_block_line(cf, block, "/targets/#/address",
                                     &value[1])
           != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    save = *cf;

    cf->cmd_type = NGX_HTTP_DITTO_TARGET_CONF;

    rv = ngx_conf_parse(cf, NULL);

    *cf = save;

    block->target = NULL;

    return rv;
}
