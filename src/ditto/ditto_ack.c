#include "ditto_ack.h"
#include "ditto_json.h"


static ditto_rc_t ditto_acks_header(ditto_pool_t *pool,
    const ditto_array_t *labels, ditto_signal_t *signal, ditto_error_t *err);
static bool ditto_ack_declared(const ditto_connection_t *connection,
    ditto_str_t label);
static bool ditto_ack_issued(const ditto_connection_t *connection,
    ditto_str_t label);
static void ditto_ack_render(ditto_buf_t *out, const ditto_ack_t *ack,
    ditto_str_t correlation_id, bool reduced);
static void ditto_ack_grouped(ditto_buf_t *out, int64_t n);


const ditto_str_t  ditto_live_response = ditto_string("live-response");


const ditto_str_t  ditto_ack_weak = ditto_string(
    "\"Acknowledgement was issued automatically as weak ack, because the "
    "signal is not relevant for the subscriber. Possible reasons are: the "
    "subscriber was not authorized, the subscriber did not subscribe for the "
    "signal type, the signal was dropped by a configured RQL filter, or the "
    "signal was dropped by all payload mappers.\"");


static const ditto_str_t  ditto_requested_acks
                              = ditto_string("requested-acks");


ditto_rc_t
ditto_acks_requested(ditto_pool_t *pool, const ditto_signal_t *signal,
    ditto_array_t *labels, ditto_error_t *err)
{
    ditto_str_t            name, value, *slot;
    ditto_json_t           it;
    const ditto_header_t  *header;

    ditto_array_init(labels, pool, sizeof(ditto_str_t));

    header = ditto_headers_get(&signal->headers, ditto_requested_acks);

    if (header == NULL || header->value.len == 0
        || header->value.data[0] != '[')
    {
        return DITTO_OK;
    }

    ditto_json_iterate(&it, header->value);

    while (ditto_json_next(&it, &name, &value)) {

        if (ditto_json_type(value) != DITTO_JSON_STRING) {
            continue;
        }

        if (ditto_json_text(pool, value, &value) != DITTO_OK) {
            return ditto_fail_memory(err);
        }

        if (ditto_acks_contain(labels, value)) {
            continue;
        }

        slot = ditto_array_push(labels);
        if (slot == NULL) {
            return ditto_fail_memory(err);
        }

        *slot = value;
    }

    return DITTO_OK;
}


bool
ditto_acks_contain(const ditto_array_t *labels, ditto_str_t label)
{
    size_t              i;
    const ditto_str_t  *l;

    for (i = 0, l = labels->elts; i < labels->nelts; i++) {
        if (ditto_str_eq(l[i], label)) {
            return true;
        }
    }

    return false;
}


bool
ditto_acks_custom(const ditto_array_t *labels)
{
    size_t              i;
    const ditto_str_t  *l;

    for (i = 0, l = labels->elts; i < labels->nelts; i++) {
        if (!ditto_ack_label_internal(l[i])) {
            return true;
        }
    }

    return false;
}


/* spec: Target-issued label */
bool
ditto_ack_live(const ditto_signal_t *signal)
{
    const ditto_header_t  *required;

    if (!signal->live
        || (signal->kind != DITTO_SIGNAL_MESSAGE
            && signal->kind != DITTO_SIGNAL_COMMAND))
    {
        return false;
    }

    required = ditto_headers_get(&signal->headers,
                                 ditto_str("response-required"));

    return required == NULL || ditto_str_eq(required->value,
                                            ditto_str("true"));
}


/* spec: Headers, "reduction done by the connection"; Target-issued label */
ditto_rc_t
ditto_acks_forward(ditto_pool_t *pool, const ditto_connection_t *connection,
    const ditto_target_t *target, const ditto_signal_t *signal,
    ditto_signal_t *out, ditto_error_t *err)
{
    bool                answered, kept;
    size_t              i;
    ditto_str_t        *slot;
    ditto_array_t       labels, left;
    const ditto_str_t  *l;

    if (ditto_headers_get(&signal->headers, ditto_requested_acks) == NULL) {
        return DITTO_DECLINED;
    }

    if (ditto_acks_requested(pool, signal, &labels, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    if (labels.nelts == 0 || signal->entity == DITTO_ENTITY_NONE) {
        return DITTO_DECLINED;
    }

    l = labels.elts;
    answered = ditto_ack_live(signal);

    for (i = 0; i < labels.nelts; i++) {
        answered |= ditto_ack_declared(connection, l[i]);
    }

    ditto_array_init(&left, pool, sizeof(ditto_str_t));

    for (i = 0; i < labels.nelts; i++) {

        if (signal->kind == DITTO_SIGNAL_EVENT && target->label.len != 0) {
            kept = answered && ditto_ack_declared(connection, l[i]);

        } else {
            kept = ditto_ack_issued(connection, l[i])
                   || (answered
                       && (ditto_ack_declared(connection, l[i])
                           || ditto_str_eq(l[i], ditto_live_response)));
        }

        if (!kept) {
            continue;
        }

        slot = ditto_array_push(&left);
        if (slot == NULL) {
            return ditto_fail_memory(err);
        }

        *slot = l[i];
    }

    if (left.nelts == labels.nelts) {
        return DITTO_DECLINED;
    }

    *out = *signal;

    return ditto_acks_header(pool, &left, out, err);
}


/* The signal gets headers of its own. */
static ditto_rc_t
ditto_acks_header(ditto_pool_t *pool, const ditto_array_t *labels,
    ditto_signal_t *signal, ditto_error_t *err)
{
    size_t              i;
    ditto_buf_t         buf;
    ditto_str_t         value;
    ditto_header_t     *headers;
    const ditto_str_t  *l;

    ditto_buf_init(&buf, pool, 64);
    ditto_buf_char(&buf, '[');

    for (i = 0, l = labels->elts; i < labels->nelts; i++) {
        ditto_buf_text(&buf, i == 0 ? "" : ",");
        ditto_json_add_string(&buf, l[i]);
    }

    ditto_buf_char(&buf, ']');

    headers = ditto_alloc(pool, signal->headers.n * sizeof(ditto_header_t));

    if (headers == NULL || ditto_buf_done(&buf, &value) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    memcpy(headers, signal->headers.elts,
           signal->headers.n * sizeof(ditto_header_t));

    signal->headers.elts = headers;
    signal->headers.cap = signal->headers.n;
    signal->headers.pool = pool;

    if (ditto_headers_set(&signal->headers, ditto_requested_acks, value)
        != DITTO_OK)
    {
        return ditto_fail_memory(err);
    }

    return DITTO_OK;
}


static bool
ditto_ack_declared(const ditto_connection_t *connection, ditto_str_t label)
{
    size_t                 i;
    const ditto_source_t  *s;

    for (i = 0, s = connection->sources.elts; i < connection->sources.nelts;
         i++)
    {
        if (ditto_acks_contain(&s[i].labels, label)) {
            return true;
        }
    }

    return false;
}


static bool
ditto_ack_issued(const ditto_connection_t *connection, ditto_str_t label)
{
    size_t                 i;
    const ditto_target_t  *t;

    for (i = 0, t = connection->targets.elts; i < connection->targets.nelts;
         i++)
    {
        if (t[i].label.len != 0 && ditto_str_eq(t[i].label, label)) {
            return true;
        }
    }

    return false;
}


/* spec: Aggregated acknowledgements */
unsigned
ditto_acks_status(const ditto_ack_t *acks, size_t n)
{
    size_t  i;

    if (n == 1) {
        return acks[0].status;
    }

    for (i = 0; i < n; i++) {
        if (acks[i].status / 100 != 2) {
            return 424;
        }
    }

    return 200;
}


void
ditto_acks_render(ditto_buf_t *out, const ditto_ack_t *acks, size_t n,
    ditto_str_t correlation_id, bool reduced)
{
    size_t  i;

    if (n == 1) {
        if (!reduced) {
            ditto_buf_str(out, acks[0].payload);
        }

        return;
    }

    ditto_buf_char(out, '{');

    for (i = 0; i < n; i++) {
        ditto_buf_text(out, i == 0 ? "" : ",");
        ditto_json_add_string(out, acks[i].label);
        ditto_buf_char(out, ':');
        ditto_ack_render(out, &acks[i], correlation_id, reduced);
    }

    ditto_buf_char(out, '}');
}


static void
ditto_ack_render(ditto_buf_t *out, const ditto_ack_t *ack,
    ditto_str_t correlation_id, bool reduced)
{
    ditto_buf_text(out, "{\"status\":");
    ditto_buf_int(out, (int64_t) ack->status);

    if (reduced) {
        ditto_buf_text(out, ",\"headers\":{}}");
        return;
    }

    if (ack->payload.data != NULL) {
        ditto_buf_text(out, ",\"payload\":");
        ditto_buf_str(out, ack->payload);
    }

    ditto_buf_text(out, ",\"headers\":{\"response-required\":false");

    if (correlation_id.len != 0) {
        ditto_buf_text(out, ",\"correlation-id\":");
        ditto_json_add_string(out, correlation_id);
    }

    if (ack->connection_id.len != 0) {
        ditto_buf_text(out, ",\"ditto-connection-id\":");
        ditto_json_add_string(out, ack->connection_id);
    }

    if (ack->weak) {
        ditto_buf_text(out, ",\"ditto-weak-ack\":true");
    }

    ditto_buf_text(out, "}}");
}


/* spec: What the HTTP caller gets, "missing custom ack" */
void
ditto_ack_timeout_payload(ditto_buf_t *out, int64_t ms)
{
    ditto_buf_text(out, "{\"status\":408,\"error\":"
                        "\"acknowledgement:request.timeout\",\"message\":"
                        "\"The acknowledgement request reached the specified "
                        "timeout of ");
    ditto_ack_grouped(out, ms);
    ditto_buf_text(out, "ms.\",\"description\":\"Try increasing the timeout "
                        "and make sure that the requested acknowledgement is "
                        "sent back in time.\"}");
}


/* Ditto would let the sender wait for it in vain. */
void
ditto_ack_unissued_payload(ditto_buf_t *out, ditto_str_t label)
{
    ditto_buf_t  text;
    ditto_str_t  message;

    ditto_buf_init(&text, out->pool, 0);
    ditto_buf_text(&text, "The requested acknowledgement <");
    ditto_buf_str(&text, label);
    ditto_buf_text(&text, "> will not come.");

    if (ditto_buf_done(&text, &message) != DITTO_OK) {
        out->failed = true;
        return;
    }

    ditto_buf_text(out, "{\"status\":408,\"error\":"
                        "\"acknowledgement:request.timeout\",\"message\":");
    ditto_json_add_string(out, message);
    ditto_buf_text(out, ",\"description\":\"No target that gets this message "
                        "issues it: request a label that is the "
                        "issuedAcknowledgementLabel of one.\"}");
}


/* 42000 as "42,000" */
static void
ditto_ack_grouped(ditto_buf_t *out, int64_t n)
{
    int64_t  unit;

    for (unit = 1; n / unit >= 1000; unit *= 1000) { /* void */ }

    ditto_buf_int(out, n / unit);

    while (unit > 1) {
        n %= unit;
        unit /= 1000;

        ditto_buf_char(out, ',');
        ditto_buf_char(out, (char) ('0' + n / unit / 100));
        ditto_buf_char(out, (char) ('0' + n / unit / 10 % 10));
        ditto_buf_char(out, (char) ('0' + n / unit % 10));
    }
}


/* spec: Exception to acknowledgement */
void
ditto_ack_error_payload(ditto_buf_t *out, const ditto_error_t *err)
{
    ditto_buf_t  text;
    ditto_str_t  message;

    if (err->code == DITTO_E_PARTITION_NEGATIVE) {
        /* what Kafka's own producer makes of it */

        ditto_buf_init(&text, out->pool, 0);
        ditto_error_message(&text, err);

        if (ditto_buf_done(&text, &message) != DITTO_OK) {
            out->failed = true;
            return;
        }

        ditto_ack_exception_payload(out, "IllegalArgumentException", message);
        return;
    }

    ditto_buf_text(out, "{\"error\":");
    ditto_json_add_string(out, ditto_str(ditto_error_name(err)));
    ditto_error_texts(out, err);
    ditto_buf_char(out, '}');
}


void
ditto_ack_exception_payload(ditto_buf_t *out, const char *name,
    ditto_str_t description)
{
    ditto_buf_text(out, "{\"message\":\"Encountered <");
    ditto_buf_text(out, name);
    ditto_buf_text(out, ">.\",\"description\":");
    ditto_json_add_string(out, description);
    ditto_buf_char(out, '}');
}
