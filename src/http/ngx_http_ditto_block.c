
/*
 * The block ditto_connection { } with its targets.
 */

#include "ngx_http_ditto.h"


#define NGX_HTTP_DITTO_BLOCK_MODULE  0x4f544944      /* "DITO" */
#define NGX_HTTP_DITTO_CONNECTION_CONF  0x02000000
#define NGX_HTTP_DITTO_TARGET_CONF      0x04000000


/* Where nginx.conf says what a JSON pointer names. */
typedef struct {
    ngx_str_t                     place;     /* such as /targets/0/address */
    ngx_str_t                     directive;
    ngx_str_t                     value;     /* empty: not to be shown */
    ngx_str_t                     file;
    ngx_uint_t                    line;
} ngx_http_ditto_line_t;


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
    ngx_array_t                   lines;     /* of ngx_http_ditto_line_t */
} ngx_http_ditto_block_t;


/* What a directive sets, and what a JSON document calls it. */
typedef struct {
    char                         *place;
    ditto_rc_t                  (*set)(ditto_pool_t *pool,
                                       ditto_connection_t *connection,
                                       ditto_str_t text, ditto_error_t *err);
} ngx_http_ditto_member_t;


typedef struct {
    char                         *place;
    ditto_rc_t                  (*set)(ditto_pool_t *pool,
                                       ditto_target_t *target,
                                       ditto_str_t text, ditto_error_t *err);
    ngx_uint_t                    offset;    /* of the list; 0: no list */
} ngx_http_ditto_target_member_t;


static char *ngx_http_ditto_block_line(ngx_conf_t *cf,
    ngx_http_ditto_block_t *block, char *place, ngx_str_t *value);
static ngx_uint_t ngx_http_ditto_block_has(ngx_http_ditto_block_t *block,
    char *place);
static void ngx_http_ditto_block_error(ngx_conf_t *cf,
    ngx_http_ditto_block_t *block, ditto_str_t place, ditto_error_t *err);
static char *ngx_http_ditto_target_block(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_ditto_member(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_ditto_sasl_mechanism(ngx_conf_t *cf,
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
static char *ngx_http_ditto_target_member(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_ditto_header_mapping(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);


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


/*
 * Remembers where a directive stands.  place: a JSON pointer, in which "#"
 * stands for the number of the target at hand.
 */

static char *
ngx_http_ditto_block_line(ngx_conf_t *cf, ngx_http_ditto_block_t *block,
    char *place, ngx_str_t *value)
{
    char                   *p;
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

    p = strchr(place, '#');

    if (p == NULL) {
        line->place.len = ngx_sprintf(line->place.data, "%s", place)
                          - line->place.data;

    } else {
        line->place.len = ngx_sprintf(line->place.data, "%*s%uz%s",
                             (size_t) (p - place), place,
                             block->connection->model.targets.nelts - 1, p + 1)
                          - line->place.data;
    }

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


/* For what can stand only once in the connection. */

static ngx_uint_t
ngx_http_ditto_block_has(ngx_http_ditto_block_t *block, char *place)
{
    ngx_uint_t              i;
    ngx_http_ditto_line_t  *line;

    line = block->lines.elts;

    for (i = 0; i < block->lines.nelts; i++) {
        if (ditto_str_eq(ngx_http_ditto_str(line[i].place),
                         ditto_str(place)))
        {
            return 1;
        }
    }

    return 0;
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


static char *
ngx_http_ditto_member(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ditto_block_t *block = conf;

    ngx_str_t                *value, masked;
    ditto_buf_t               buf;
    ditto_str_t               s;
    ditto_error_t             err;
    ngx_http_ditto_member_t  *member;

    value = cf->args->elts;
    member = cmd->post;

    if (ngx_http_ditto_block_has(block, member->place)) {
        return "is duplicate";
    }

    /* a uri holds a password */

    ditto_buf_init(&buf, block->pool, value[1].len + 8);
    ditto_uri_mask(&buf, ngx_http_ditto_str(value[1]));

    if (ditto_buf_done(&buf, &s) != DITTO_OK) {
        return NGX_CONF_ERROR;
    }

    masked.len = s.len;
    masked.data = (u_char *) s.data;

    if (member->set(block->pool, &block->connection->model,
                    ngx_http_ditto_str(value[1]), &err)
        != DITTO_OK)
    {
        ngx_http_ditto_argument_error(cf, &masked, &err);
        return NGX_CONF_ERROR;
    }

    return ngx_http_ditto_block_line(cf, block, member->place, &masked);
}


/* Ditto looks at it only if the uri has a user and a password. */

static char *
ngx_http_ditto_sasl_mechanism(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ditto_block_t *block = conf;

    ngx_str_t     *value;
    ngx_uint_t     i;
    static char   *known[] = { "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512",
                               NULL };

    value = cf->args->elts;

    for (i = 0; known[i]; i++) {
        if (ngx_strcasecmp(value[1].data, (u_char *) known[i]) == 0) {
            return ngx_http_ditto_member(cf, cmd, conf);
        }
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid value \"%V\" of \"%V\" in connection "
                       "\"%*s\": The connection configuration contains an "
                       "invalid value for SASL mechanisms: <%V>. Allowed "
                       "mechanisms are: <[PLAIN, SCRAM-SHA-512, "
                       "SCRAM-SHA-256]>", &value[1], &value[0],
                       block->connection->model.id.len,
                       block->connection->model.id.data, &value[1]);

    return NGX_CONF_ERROR;
}


/* Blanks separate as commas do. */

static char *
ngx_http_ditto_bootstrap_servers(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_ditto_block_t *block = conf;

    u_char                   *p;
    size_t                    len;
    ngx_str_t                *value, list;
    ngx_uint_t                i;
    ditto_error_t             err;
    ngx_http_ditto_member_t  *member;

    value = cf->args->elts;
    member = cmd->post;
    len = 0;

    if (ngx_http_ditto_block_has(block, member->place)) {
        return "is duplicate";
    }

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

    if (member->set(block->pool, &block->connection->model,
                    ngx_http_ditto_str(list), &err)
        != DITTO_OK)
    {
        ngx_http_ditto_argument_error(cf, &list, &err);
        return NGX_CONF_ERROR;
    }

    return ngx_http_ditto_block_line(cf, block, member->place, &list);
}


/* what the file reader below shall do with the text */

static ngx_http_ditto_block_t   *ngx_http_ditto_pem_block;
static ngx_http_ditto_member_t  *ngx_http_ditto_pem_member;


static char *
ngx_http_ditto_pem_file(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t                *value;
    ngx_http_ditto_member_t  *member;

    value = cf->args->elts;
    member = cmd->post;

    if (ngx_http_ditto_block_has(conf, member->place)) {
        return "is duplicate";
    }

    ngx_http_ditto_pem_block = conf;
    ngx_http_ditto_pem_member = member;

    if (ngx_http_ditto_documents(cf, &value[1], ngx_http_ditto_pem_text)
        != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    return ngx_http_ditto_block_line(cf, conf, member->place, &value[1]);
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

    if (ngx_http_ditto_pem_member->set(block->pool, &block->connection->model,
                                       s, &err)
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
ngx_http_ditto_target_member(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ditto_block_t *block = conf;

    char                             place[64];
    ngx_str_t                       *value;
    ngx_uint_t                       i;
    ditto_array_t                   *list;
    ditto_error_t                    err;
    ngx_http_ditto_target_member_t  *member;

    value = cf->args->elts;
    member = cmd->post;

    if (ngx_http_ditto_block_line(cf, block, member->place, NULL)
        != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    for (i = 1; i < cf->args->nelts; i++) {

        if (member->set(block->pool, block->target,
                        ngx_http_ditto_str(value[i]), &err)
            != DITTO_OK)
        {
            ngx_http_ditto_argument_error(cf, &value[i], &err);
            return NGX_CONF_ERROR;
        }

        *ngx_sprintf((u_char *) place, "%s", member->place) = '\0';

        if (member->offset) {
            list = (ditto_array_t *) ((char *) block->target
                                      + member->offset);

            *ngx_sprintf((u_char *) place, "%s/%uz", member->place,
                         list->nelts - 1)
                = '\0';
        }

        if (ngx_http_ditto_block_line(cf, block, place, &value[i])
            != NGX_CONF_OK)
        {
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
