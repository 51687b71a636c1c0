
/*
 * What each location publishes to: the targets by kind of signal, the labels
 * that its connections know, the payload mapping of what is posted.
 */

#include "ngx_http_ditto.h"


static ngx_int_t ngx_http_ditto_location_routes(ngx_conf_t *cf,
    ngx_http_ditto_main_conf_t *dmcf, ngx_http_ditto_loc_conf_t *dlcf);
static ngx_int_t ngx_http_ditto_connection_routes(ngx_conf_t *cf,
    ngx_http_ditto_loc_conf_t *dlcf, ngx_http_ditto_connection_t *connection);
static ngx_int_t ngx_http_ditto_location_index(ngx_conf_t *cf,
    ngx_http_ditto_loc_conf_t *dlcf);
static ngx_int_t ngx_http_ditto_enriched_target(ngx_conf_t *cf,
    ngx_http_ditto_connection_t *connection, ditto_target_t *target);
static ngx_int_t ngx_http_ditto_connection_labels(
    ngx_http_ditto_loc_conf_t *dlcf, ngx_http_ditto_connection_t *connection);
static ngx_int_t ngx_http_ditto_location_label(
    ngx_http_ditto_loc_conf_t *dlcf, ngx_http_ditto_connection_t *connection,
    const ditto_target_t *target, ditto_str_t label);
static ngx_int_t ngx_http_ditto_location_client(
    ngx_http_ditto_loc_conf_t *dlcf, ngx_http_ditto_client_t *client);
static ngx_int_t ngx_http_ditto_location_mappers(ngx_conf_t *cf,
    ngx_http_ditto_main_conf_t *dmcf, ngx_http_ditto_loc_conf_t *dlcf);
static ngx_int_t ngx_http_ditto_location_mapper(ngx_conf_t *cf,
    ngx_http_ditto_main_conf_t *dmcf, ngx_http_ditto_loc_conf_t *dlcf,
    ngx_str_t *name, ditto_mapper_t **mapper);


ngx_int_t
ngx_http_ditto_routes_init(ngx_conf_t *cf, ngx_http_ditto_main_conf_t *dmcf)
{
    ngx_uint_t                    i;
    ngx_http_ditto_loc_conf_t   **dlcf;

    dlcf = dmcf->locations.elts;

    for (i = 0; i < dmcf->locations.nelts; i++) {
        if (ngx_http_ditto_location_routes(cf, dmcf, dlcf[i]) != NGX_OK
            || ngx_http_ditto_location_index(cf, dlcf[i]) != NGX_OK
            || ngx_http_ditto_location_mappers(cf, dmcf, dlcf[i]) != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_ditto_location_routes(ngx_conf_t *cf,
    ngx_http_ditto_main_conf_t *dmcf, ngx_http_ditto_loc_conf_t *dlcf)
{
    ngx_str_t                     *id;
    ngx_uint_t                     i, j;
    ngx_http_ditto_connection_t  **connection;

    if (ngx_array_init(&dlcf->clients, cf->pool, 2,
                       sizeof(ngx_http_ditto_client_t *))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ngx_array_init(&dlcf->labels, cf->pool, 4,
                       sizeof(ngx_http_ditto_label_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; i < DITTO_TOPIC_MAX; i++) {
        if (ngx_array_init(&dlcf->index[i].routes, cf->pool, 2,
                           sizeof(ngx_http_ditto_route_t))
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    connection = dmcf->connections.elts;

    if (dlcf->ids == NULL) {
        for (i = 0; i < dmcf->connections.nelts; i++) {
            if (ngx_http_ditto_connection_routes(cf, dlcf, connection[i])
                != NGX_OK)
            {
                return NGX_ERROR;
            }
        }

        return NGX_OK;
    }

    id = dlcf->ids->elts;

    for (i = 0; i < dlcf->ids->nelts; i++) {

        for (j = 0; j < dmcf->connections.nelts; j++) {
            if (ditto_str_eq(connection[j]->model.id,
                             ngx_http_ditto_str(id[i])))
            {
                break;
            }
        }

        if (j == dmcf->connections.nelts) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "unknown connection \"%V\" of \"ditto_publish\" "
                          "in %V:%ui", &id[i], &dlcf->file, dlcf->line);
            return NGX_ERROR;
        }

        if (ngx_http_ditto_connection_routes(cf, dlcf, connection[j])
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_ditto_connection_routes(ngx_conf_t *cf,
    ngx_http_ditto_loc_conf_t *dlcf, ngx_http_ditto_connection_t *connection)
{
    size_t                   i, j;
    ngx_uint_t               seen[DITTO_TOPIC_MAX];
    ditto_target_t          *target;
    ditto_subscription_t    *ft;
    ngx_http_ditto_route_t  *route;

    if (!connection->model.open) {
        return NGX_OK;
    }

    if (ngx_http_ditto_connection_labels(dlcf, connection) != NGX_OK) {
        return NGX_ERROR;
    }

    dlcf->open++;
    target = connection->model.targets.elts;

    for (i = 0; i < connection->model.targets.nelts; i++) {

        if (target[i].enriched
            && ngx_http_ditto_enriched_target(cf, connection, &target[i])
               != NGX_OK)
        {
            return NGX_ERROR;
        }

        ngx_memzero(seen, sizeof(seen));
        ft = target[i].topics.elts;

        for (j = 0; j < target[i].topics.nelts; j++) {

            if (seen[ft[j].topic]) {
                continue;
            }

            seen[ft[j].topic] = 1;

            route = ngx_array_push(&dlcf->index[ft[j].topic].routes);
            if (route == NULL) {
                return NGX_ERROR;
            }

            route->connection = connection;
            route->target = &target[i];
        }
    }

    return ngx_http_ditto_location_client(dlcf, connection->client);
}


static ngx_int_t
ngx_http_ditto_location_client(ngx_http_ditto_loc_conf_t *dlcf,
    ngx_http_ditto_client_t *client)
{
    ngx_uint_t                 i;
    ngx_http_ditto_client_t  **clients;

    client->used = 1;
    clients = dlcf->clients.elts;

    for (i = 0; i < dlcf->clients.nelts; i++) {
        if (clients[i] == client) {
            return NGX_OK;
        }
    }

    clients = ngx_array_push(&dlcf->clients);
    if (clients == NULL) {
        return NGX_ERROR;
    }

    *clients = client;
    dlcf->max_bytes = ngx_max(dlcf->max_bytes, client->max_bytes);

    return NGX_OK;
}


static ngx_int_t
ngx_http_ditto_location_index(ngx_conf_t *cf, ngx_http_ditto_loc_conf_t *dlcf)
{
    ngx_uint_t  i;

    for (i = 0; i < DITTO_TOPIC_MAX; i++) {
        if (ngx_http_ditto_index_init(cf, &dlcf->index[i], i) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_ditto_enriched_target(ngx_conf_t *cf,
    ngx_http_ditto_connection_t *connection, ditto_target_t *target)
{
    ngx_http_ditto_main_conf_t  *dmcf;

    dmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ditto_kafka_module);

    if (dmcf->things != NULL) {
        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "target \"%*s\" of connection \"%V\" wants extraFields: "
                  "\"ditto_things\" must name the location that has them, in "
                  "%V",
                  target->address.len, target->address.data, &connection->id,
                  &connection->place);

    return NGX_ERROR;
}


static ngx_int_t
ngx_http_ditto_connection_labels(ngx_http_ditto_loc_conf_t *dlcf,
    ngx_http_ditto_connection_t *connection)
{
    size_t                i, j;
    ditto_str_t          *label;
    ditto_target_t       *target;
    ditto_source_t       *source;

    target = connection->model.targets.elts;

    for (i = 0; i < connection->model.targets.nelts; i++) {

        if (target[i].label.len != 0
            && ngx_http_ditto_location_label(dlcf, connection, &target[i],
                                             target[i].label)
               != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    source = connection->model.sources.elts;

    for (i = 0; i < connection->model.sources.nelts; i++) {

        label = source[i].labels.elts;

        for (j = 0; j < source[i].labels.nelts; j++) {
            if (ngx_http_ditto_location_label(dlcf, connection, NULL,
                                              label[j])
                != NGX_OK)
            {
                return NGX_ERROR;
            }
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_ditto_location_label(ngx_http_ditto_loc_conf_t *dlcf,
    ngx_http_ditto_connection_t *connection, const ditto_target_t *target,
    ditto_str_t label)
{
    ngx_http_ditto_label_t  *slot;

    slot = ngx_array_push(&dlcf->labels);
    if (slot == NULL) {
        return NGX_ERROR;
    }

    slot->label = label;
    slot->connection = connection;
    slot->target = target;

    return NGX_OK;
}


/* --- payload mapping ----------------------------------------------------- */

/* ditto_payload_mapping name ...; the names are looked up later. */

char *
ngx_http_ditto_payload_mapping(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ditto_loc_conf_t *dlcf = conf;

    ngx_str_t   *value, *name;
    ngx_uint_t   i;

    if (dlcf->mapping != NULL) {
        return "is duplicate";
    }

    dlcf->mapping = ngx_array_create(cf->pool, cf->args->nelts - 1,
                                     sizeof(ngx_str_t));
    if (dlcf->mapping == NULL) {
        return NGX_CONF_ERROR;
    }

    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {

        name = ngx_array_push(dlcf->mapping);
        if (name == NULL) {
            return NGX_CONF_ERROR;
        }

        *name = value[i];
    }

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_ditto_location_mappers(ngx_conf_t *cf,
    ngx_http_ditto_main_conf_t *dmcf, ngx_http_ditto_loc_conf_t *dlcf)
{
    ngx_str_t        *name;
    ngx_uint_t        i;
    ditto_mapper_t  **mapper;

    if (dlcf->mapping == NULL) {
        return NGX_OK;
    }

    dlcf->mappers = ngx_array_create(cf->pool, dlcf->mapping->nelts,
                                     sizeof(ditto_mapper_t *));
    if (dlcf->mappers == NULL) {
        return NGX_ERROR;
    }

    name = dlcf->mapping->elts;

    for (i = 0; i < dlcf->mapping->nelts; i++) {

        mapper = ngx_array_push(dlcf->mappers);

        if (mapper == NULL
            || ngx_http_ditto_location_mapper(cf, dmcf, dlcf, &name[i],
                                              mapper)
               != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* A definition of some connection, or a mapper that needs none. */

static ngx_int_t
ngx_http_ditto_location_mapper(ngx_conf_t *cf,
    ngx_http_ditto_main_conf_t *dmcf, ngx_http_ditto_loc_conf_t *dlcf,
    ngx_str_t *name, ditto_mapper_t **mapper)
{
    size_t                         j;
    ngx_str_t                      sentence;
    ditto_str_t                    none = ditto_null_string;
    ngx_uint_t                     i;
    const char                    *refusal;
    ditto_pool_t                  *pool;
    ditto_error_t                  err;
    ditto_mapper_t               **m;
    ngx_http_ditto_connection_t  **connection, *found;

    pool = ngx_http_ditto_pool(cf->pool);
    if (pool == NULL) {
        return NGX_ERROR;
    }

    found = NULL;
    connection = dmcf->connections.elts;

    for (i = 0; i < dmcf->connections.nelts; i++) {

        m = connection[i]->model.mappers.elts;

        for (j = 0; j < connection[i]->model.mappers.nelts; j++) {

            if (!ditto_str_eq(ditto_mapper_id(m[j]),
                              ngx_http_ditto_str(*name)))
            {
                continue;
            }

            if (found != NULL) {
                ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                              "mapper \"%V\" of \"ditto_payload_mapping\" is "
                              "defined by the connections \"%V\" and \"%V\", "
                              "in %V:%ui", name, &found->id,
                              &connection[i]->id, &dlcf->file, dlcf->line);
                return NGX_ERROR;
            }

            found = connection[i];
            *mapper = m[j];
        }
    }

    if (found == NULL) {

        switch (ditto_mapper_default(pool, ngx_http_ditto_str(*name), mapper,
                                     &err))
        {
        case DITTO_OK:
            break;

        case DITTO_DECLINED:
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "unknown mapper \"%V\" of \"ditto_payload_mapping\" "
                          "in %V:%ui: it must be \"Ditto\", \"RawMessage\", "
                          "\"CloudEvents\" or a mapping definition of a "
                          "connection", name, &dlcf->file, dlcf->line);
            return NGX_ERROR;

        default:
            return NGX_ERROR;
        }
    }

    refusal = ditto_mapper_refusal(*mapper, true);

    if (refusal == NULL) {
        return NGX_OK;
    }

    (void) ditto_fail(&err, DITTO_E_CONNECTION_CONFIGURATION,
                      ngx_http_ditto_str(*name), none);
    err.message = refusal;
    err.description = "";

    if (ngx_http_ditto_sentence(cf, &err, &sentence) == NGX_OK) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"ditto_payload_mapping\" in %V:%ui: %V", &dlcf->file,
                      dlcf->line, &sentence);
    }

    return NGX_ERROR;
}
