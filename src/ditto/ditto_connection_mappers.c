/*
 * Payload mappings: which definitions Ditto would register, and the mappers
 * that each target names.
 *
 * Ditto: connectivity-mapping; spec section "Mapper resolution and errors".
 */

#include "ditto_connection_check.h"


static ditto_rc_t ditto_check_payload(ditto_check_t *ck,
    const ditto_array_t *ids, const char *place, size_t index,
    ditto_array_t *mappers);
static ditto_rc_t ditto_check_unknown(ditto_check_t *ck, ditto_str_t id);


ditto_rc_t
ditto_check_mappers(ditto_check_t *ck)
{
    size_t                             i;
    ditto_rc_t                         rc;
    ditto_array_t                      unused;
    ditto_mapper_t                    *mapper, **slot;
    const ditto_source_t              *s;
    ditto_target_t                    *t;
    const ditto_mapping_definition_t  *d;

    ck->connection->mappers.nelts = 0;

    for (i = 0, d = ck->connection->definitions.elts;
         i < ck->connection->definitions.nelts; i++)
    {
        rc = ditto_mapper_compile(ck->pool, &d[i], &mapper, ck->err);

        if (rc == DITTO_ERROR) {
            return ditto_check_at(ck, "/mappingDefinitions", 0, 0);
        }

        if (rc == DITTO_DECLINED) {
            continue;
        }

        slot = ditto_array_push(&ck->connection->mappers);
        if (slot == NULL) {
            return ditto_fail_memory(ck->err);
        }

        *slot = mapper;
    }

    for (i = 0, s = ck->connection->sources.elts;
         i < ck->connection->sources.nelts; i++)
    {
        ditto_array_init(&unused, ck->pool, sizeof(ditto_mapper_t *));

        if (ditto_check_payload(ck, &s[i].payload_mapping,
                                "/sources/#/payloadMapping/#", i, &unused)
            != DITTO_OK)
        {
            return DITTO_ERROR;
        }
    }

    for (i = 0, t = ck->connection->targets.elts;
         i < ck->connection->targets.nelts; i++)
    {
        t[i].mappers.nelts = 0;

        if (ditto_check_payload(ck, &t[i].payload_mapping,
                                "/targets/#/payloadMapping/#", i,
                                &t[i].mappers)
            != DITTO_OK)
        {
            return DITTO_ERROR;
        }
    }

    return DITTO_OK;
}


ditto_rc_t
ditto_connection_mapper(ditto_pool_t *pool,
    const ditto_connection_t *connection, ditto_str_t id,
    ditto_mapper_t **mapper, ditto_error_t *err)
{
    size_t            i;
    ditto_mapper_t  **m;

    for (i = 0, m = connection->mappers.elts; i < connection->mappers.nelts;
         i++)
    {
        if (ditto_str_eq(ditto_mapper_id(m[i]), id)) {
            *mapper = m[i];
            return DITTO_OK;
        }
    }

    return ditto_mapper_default(pool, id, mapper, err);
}


/* An empty list stands for the mapper Ditto. */
static ditto_rc_t
ditto_check_payload(ditto_check_t *ck, const ditto_array_t *ids,
    const char *place, size_t index, ditto_array_t *mappers)
{
    size_t              i, n;
    ditto_rc_t          rc;
    ditto_mapper_t     *mapper, **slot;
    const ditto_str_t  *id;
    static ditto_str_t  ditto = ditto_string("Ditto");

    id = ids->elts;
    n = ids->nelts;

    if (n == 0) {
        id = &ditto;
        n = 1;
    }

    for (i = 0; i < n; i++) {
        rc = (ids->nelts == 0)
             ? ditto_mapper_default(ck->pool, ditto, &mapper, ck->err)
             : ditto_connection_mapper(ck->pool, ck->connection, id[i],
                                       &mapper, ck->err);

        if (rc == DITTO_ERROR) {
            return DITTO_ERROR;
        }

        if (rc == DITTO_DECLINED) {
            (void) ditto_check_unknown(ck, id[i]);
            return ditto_check_at(ck, place, index, i);
        }

        slot = ditto_array_push(mappers);
        if (slot == NULL) {
            return ditto_fail_memory(ck->err);
        }

        *slot = mapper;
    }

    return DITTO_OK;
}


static ditto_rc_t
ditto_check_unknown(ditto_check_t *ck, ditto_str_t id)
{
    size_t            i;
    ditto_str_t       names;
    ditto_array_t     custom;
    ditto_mapper_t  **m;

    ditto_array_init(&custom, ck->pool, sizeof(ditto_str_t));

    for (i = 0, m = ck->connection->mappers.elts;
         i < ck->connection->mappers.nelts; i++)
    {
        if (ditto_check_collect(&custom, ditto_mapper_id(m[i])) != DITTO_OK) {
            return ditto_fail_memory(ck->err);
        }
    }

    if (ditto_check_join(ck, &custom, ", ", &names) != DITTO_OK) {
        return DITTO_ERROR;
    }

    return ditto_check_fail(ck, id, names,
                            "The mapper <%1> could not be loaded.",
                            "Make sure to only use either the specified "
                            "mappingDefinitions names [%2] or fallback "
                            "mapper names [UpdateTwinWithLiveResponse, "
                            "Normalized, Ditto, CloudEvents, RawMessage].");
}
