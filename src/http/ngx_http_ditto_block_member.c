
/*
 * The directives inside of the block ditto_connection { }.
 */

#include "ngx_http_ditto_block.h"
#include "ditto_json.h"


static char *ngx_http_ditto_pem_text(ngx_conf_t *cf, ngx_str_t *file,
    ngx_str_t *text);
static char *ngx_http_ditto_member_place(ngx_conf_t *cf, char *parent,
    ngx_str_t *name);
static ngx_int_t ngx_http_ditto_mapping_argument(ngx_conf_t *cf,
    ngx_http_ditto_block_t *block, ngx_str_t *arg, ditto_buf_t *parts);


char *
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

char *
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

char *
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


char *
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


char *
ngx_http_ditto_validate_certificates(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_ditto_block_t *block = conf;

    ngx_str_t    *value;
    static char   place[] = "/validateCertificates";

    value = cf->args->elts;

    if (ngx_http_ditto_block_has(block, place)) {
        return "is duplicate";
    }

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

    return ngx_http_ditto_block_line(cf, block, place, &value[1]);
}


char *
ngx_http_ditto_kafka_property(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ditto_block_t *block = conf;

    char           *place;
    ngx_str_t      *value, error;
    ditto_error_t   err;

    value = cf->args->elts;

    place = ngx_http_ditto_member_place(cf, "/specificConfig/", &value[1]);
    if (place == NULL) {
        return NGX_CONF_ERROR;
    }

    if (ngx_http_ditto_block_has(block, place)) {
        return "is duplicate";
    }

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

    return ngx_http_ditto_block_line(cf, block, place, NULL);
}


/* The place of a member whose name the user chose; NULL: out of memory. */

static char *
ngx_http_ditto_member_place(ngx_conf_t *cf, char *parent, ngx_str_t *name)
{
    u_char  *p;

    p = ngx_pnalloc(cf->temp_pool, ngx_strlen(parent) + name->len + 1);
    if (p == NULL) {
        return NULL;
    }

    *ngx_sprintf(p, "%s%V", parent, name) = '\0';

    return (char *) p;
}


/* What "name=value" of mapping_definition adds to. */
enum {
    NGX_HTTP_DITTO_MAPPING_INCOMING = 0,
    NGX_HTTP_DITTO_MAPPING_OUTGOING,
    NGX_HTTP_DITTO_MAPPING_OPTIONS,
    NGX_HTTP_DITTO_MAPPING_PARTS
};


char *
ngx_http_ditto_mapping_definition(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_ditto_block_t *block = conf;

    char                        *place;
    ngx_str_t                   *value;
    ngx_uint_t                   i;
    ditto_buf_t                  parts[NGX_HTTP_DITTO_MAPPING_PARTS];
    ditto_str_t                  text[NGX_HTTP_DITTO_MAPPING_PARTS];
    ditto_error_t                err;
    ditto_mapper_t              *mapper;
    ditto_mapping_definition_t   definition;

    value = cf->args->elts;

    place = ngx_http_ditto_member_place(cf, "/mappingDefinitions/", &value[1]);
    if (place == NULL) {
        return NGX_CONF_ERROR;
    }

    if (ngx_http_ditto_block_has(block, place)) {
        return "is duplicate";
    }

    for (i = 0; i < NGX_HTTP_DITTO_MAPPING_PARTS; i++) {
        ditto_buf_init(&parts[i], block->pool, 0);
    }

    for (i = 3; i < cf->args->nelts; i++) {
        if (ngx_http_ditto_mapping_argument(cf, block, &value[i], parts)
            != NGX_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    for (i = 0; i < NGX_HTTP_DITTO_MAPPING_PARTS; i++) {

        if (parts[i].len) {
            ditto_buf_char(&parts[i], '}');

        } else if (i == NGX_HTTP_DITTO_MAPPING_OPTIONS) {
            ditto_buf_text(&parts[i], "{}");
        }

        if (ditto_buf_done(&parts[i], &text[i]) != DITTO_OK) {
            return NGX_CONF_ERROR;
        }
    }

    definition.id = ngx_http_ditto_str(value[1]);
    definition.engine = ngx_http_ditto_str(value[2]);
    definition.incoming = text[NGX_HTTP_DITTO_MAPPING_INCOMING];
    definition.outgoing = text[NGX_HTTP_DITTO_MAPPING_OUTGOING];
    definition.options = text[NGX_HTTP_DITTO_MAPPING_OPTIONS];

    switch (ditto_mapper_compile(block->pool, &definition, &mapper, &err)) {

    case DITTO_OK:
        break;

    case DITTO_DECLINED:
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid mapping definition \"%V\": the mapping "
                           "engine \"%V\" is not known or lacks an option "
                           "that it needs", &value[1], &value[2]);
        return NGX_CONF_ERROR;

    default:
        ngx_http_ditto_argument_error(cf, &value[1], &err);
        return NGX_CONF_ERROR;
    }

    if (ditto_connection_define(&block->connection->model, &definition)
        != DITTO_OK)
    {
        return NGX_CONF_ERROR;
    }

    return ngx_http_ditto_block_line(cf, block, place, &value[2]);
}


/*
 * A condition gets its number for a name.  An option that reads as JSON is
 * taken as that, any other as a string.
 */

static ngx_int_t
ngx_http_ditto_mapping_argument(ngx_conf_t *cf, ngx_http_ditto_block_t *block,
    ngx_str_t *arg, ditto_buf_t *parts)
{
    u_char         *p, number[NGX_INT_T_LEN];
    ngx_uint_t      part;
    ditto_str_t     name, text;
    ditto_buf_t    *buf;
    ditto_error_t   err;

    static const ditto_str_t  conditions[] = {
        ditto_string("incoming_condition"),
        ditto_string("outgoing_condition")
    };

    p = ngx_strlchr(arg->data, arg->data + arg->len, '=');

    if (p == NULL || p == arg->data) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"%V\" of "
                           "\"mapping_definition\": it must be option=value, "
                           "incoming_condition=fn:... or "
                           "outgoing_condition=fn:...", arg);
        return NGX_ERROR;
    }

    name.data = arg->data;
    name.len = p - arg->data;
    text.data = p + 1;
    text.len = arg->data + arg->len - p - 1;

    for (part = 0; part < NGX_HTTP_DITTO_MAPPING_OPTIONS; part++) {
        if (ditto_str_eq(name, conditions[part])) {
            break;
        }
    }

    buf = &parts[part];

    ditto_buf_char(buf, buf->len == 0 ? '{' : ',');

    if (part != NGX_HTTP_DITTO_MAPPING_OPTIONS) {
        name.data = number;
        name.len = ngx_sprintf(number, "%uz", buf->len) - number;
    }

    ditto_json_add_string(buf, name);
    ditto_buf_char(buf, ':');

    if (part == NGX_HTTP_DITTO_MAPPING_OPTIONS
        && ditto_json_validate(text, &err) == DITTO_OK)
    {
        ditto_buf_str(buf, text);

    } else {
        ditto_json_add_string(buf, text);
    }

    return NGX_OK;
}


char *
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

    if (member->offset == 0 && ngx_http_ditto_block_has(block, member->place))
    {
        return "is duplicate";
    }

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


char *
ngx_http_ditto_header_mapping(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ditto_block_t *block = conf;

    char              *place;
    ngx_str_t         *value;
    ditto_error_t      err;
    ditto_template_t  *tpl;

    value = cf->args->elts;

    place = ngx_http_ditto_member_place(cf, "/targets/#/headerMapping/",
                                        &value[1]);
    if (place == NULL) {
        return NGX_CONF_ERROR;
    }

    if (ngx_http_ditto_block_has(block, place)) {
        return "is duplicate";
    }

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

    return ngx_http_ditto_block_line(cf, block, place, &value[2]);
}
