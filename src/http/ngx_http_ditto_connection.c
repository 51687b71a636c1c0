
/*
 * Connections: what both spellings have in common, and Ditto's own JSON
 * documents.
 */

#include "ngx_http_ditto.h"


static char *ngx_http_ditto_connection_document(ngx_conf_t *cf,
    ngx_str_t *file, ngx_str_t *text);


ngx_http_ditto_connection_t *
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


char *
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
            if (ngx_http_ditto_printable(cf, &error) != NGX_OK) {
                return NGX_CONF_ERROR;
            }

            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "connection \"%V\" at /specificConfig: %V",
                               &connection->place, &error);
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
