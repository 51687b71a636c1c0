#include "ditto_mapper.h"


typedef ditto_rc_t (*ditto_mapper_map_pt)(const ditto_scope_t *scope,
    ditto_array_t *messages, ditto_error_t *err);


struct ditto_mapper_s {
    ditto_str_t          id;
    ditto_mapper_map_pt  map;
};


static ditto_rc_t ditto_mapper_ditto(const ditto_scope_t *scope,
    ditto_array_t *messages, ditto_error_t *err);
static ditto_rc_t ditto_mapper_envelope(const ditto_scope_t *scope,
    ditto_str_t *envelope, ditto_error_t *err);


static const ditto_mapper_t  ditto_mappers[] = {
    { ditto_string("Ditto"), ditto_mapper_ditto },
};


const ditto_mapper_t *
ditto_mapper_find(ditto_str_t id)
{
    size_t  i;

    for (i = 0; i < sizeof(ditto_mappers) / sizeof(ditto_mappers[0]); i++) {
        if (ditto_str_eq(ditto_mappers[i].id, id)) {
            return &ditto_mappers[i];
        }
    }

    return NULL;
}


ditto_rc_t
ditto_mapper_map(const ditto_mapper_t *mapper, const ditto_scope_t *scope,
    ditto_array_t *messages, ditto_error_t *err)
{
    return mapper->map(scope, messages, err);
}


ditto_rc_t
ditto_external_header(ditto_external_message_t *message, ditto_str_t name,
    ditto_str_t value)
{
    size_t                  i;
    ditto_record_header_t  *header;

    header = message->headers.elts;

    for (i = 0; i < message->headers.nelts; i++) {
        if (ditto_str_eq(header[i].name, name)) {
            header[i].value = value;
            return DITTO_OK;
        }
    }

    header = ditto_array_push(&message->headers);
    if (header == NULL) {
        return DITTO_ERROR;
    }

    header->name = name;
    header->value = value;

    return DITTO_OK;
}


/* spec: Construction order, step 1 */
static ditto_rc_t
ditto_mapper_ditto(const ditto_scope_t *scope, ditto_array_t *messages,
    ditto_error_t *err)
{
    const ditto_header_t      *id;
    ditto_external_message_t  *message;
    static ditto_str_t         content_type = ditto_string("content-type");
    static ditto_str_t         correlation_id
                                        = ditto_string("correlation-id");
    static ditto_str_t         media_type
                    = ditto_string("application/vnd.eclipse.ditto+json");

    message = ditto_array_push(messages);
    if (message == NULL) {
        return ditto_fail_memory(err);
    }

    ditto_array_init(&message->headers, scope->pool,
                     sizeof(ditto_record_header_t));

    if (ditto_external_header(message, content_type, media_type) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    id = ditto_headers_get(&scope->signal->headers, correlation_id);

    if (id != NULL
        && ditto_external_header(message, correlation_id, id->value)
           != DITTO_OK)
    {
        return ditto_fail_memory(err);
    }

    return ditto_mapper_envelope(scope, &message->payload, err);
}


/* The envelope is the same for every target that gets no extra fields. */
static ditto_rc_t
ditto_mapper_envelope(const ditto_scope_t *scope, ditto_str_t *envelope,
    ditto_error_t *err)
{
    bool         shared;
    ditto_buf_t  buf;

    shared = (scope->extra.len == 0);

    if (shared && scope->cache->envelope.data != NULL) {
        *envelope = scope->cache->envelope;
        return DITTO_OK;
    }

    ditto_buf_init(&buf, scope->pool, scope->signal->value.len + 512);

    if (ditto_signal_render(&buf, scope->signal, NULL, scope->extra, err)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    if (ditto_buf_done(&buf, envelope) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    if (shared) {
        scope->cache->envelope = *envelope;
    }

    return DITTO_OK;
}
