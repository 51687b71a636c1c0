/*
 * The mapper Ditto: the message itself.
 *
 * Ditto: connectivity-mapping "Ditto mapper"; spec section "Ditto".
 */

#include "ditto_mapper_private.h"


/* spec: Construction order, step 1 */
ditto_rc_t
ditto_mapper_ditto_outbound(const void *rule, const ditto_scope_t *scope,
    ditto_array_t *messages, ditto_error_t *err)
{
    const ditto_header_t      *id;
    ditto_external_message_t  *message;

    (void) rule;

    message = ditto_mapper_message(scope, messages, err);
    if (message == NULL) {
        return DITTO_ERROR;
    }

    id = ditto_headers_get(&scope->signal->headers,
                           ditto_mapper_correlation_id);

    if (ditto_external_header(message, ditto_mapper_content_type,
                              ditto_mapper_media_type)
        != DITTO_OK
        || (id != NULL
            && ditto_external_header(message, ditto_mapper_correlation_id,
                                     id->value)
               != DITTO_OK))
    {
        return ditto_fail_memory(err);
    }

    return ditto_mapper_envelope(scope, &message->payload, err);
}


ditto_rc_t
ditto_mapper_ditto_inbound(const void *rule, const ditto_scope_t *scope,
    const ditto_external_message_t *message, ditto_array_t *texts,
    ditto_error_t *err)
{
    ditto_str_t  *text, payload;

    (void) rule;
    (void) scope;

    if (ditto_mapper_payload(message, &payload, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    text = ditto_array_push(texts);
    if (text == NULL) {
        return ditto_fail_memory(err);
    }

    *text = payload;

    return DITTO_OK;
}


ditto_rc_t
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
