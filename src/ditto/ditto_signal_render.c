#include "ditto_json.h"
#include "ditto_signal_parts.h"


#define DITTO_JSON_TYPE         "application/json"
#define DITTO_MERGE_PATCH_TYPE  "application/merge-patch+json"


static ditto_rc_t ditto_signal_printable(const ditto_signal_t *signal,
    ditto_error_t *err);
static const char *ditto_signal_content_type_out(
    const ditto_signal_t *signal);
static void ditto_signal_headers_out(ditto_buf_t *out,
    const ditto_signal_t *signal, const ditto_headers_t *headers, bool text);
static void ditto_signal_message_headers(ditto_buf_t *out,
    const ditto_signal_t *signal, bool *first);
static void ditto_signal_header(ditto_buf_t *out, const char *name,
    ditto_str_t value, bool *first);
static bool ditto_signal_message_own(ditto_str_t name);
static void ditto_signal_topic_out(ditto_buf_t *out,
    const ditto_topic_path_t *tp);


/* spec: "Serialisation" */
ditto_rc_t
ditto_signal_render(ditto_buf_t *out, const ditto_signal_t *signal,
    const ditto_headers_t *headers, ditto_str_t extra, ditto_error_t *err)
{
    bool         event, status;
    ditto_str_t  text;

    if (ditto_signal_printable(signal, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    if (headers == NULL) {
        headers = &signal->headers;
    }

    event = (signal->kind == DITTO_SIGNAL_EVENT
             || signal->kind == DITTO_SIGNAL_POLICY_EVENT);

    status = (signal->kind == DITTO_SIGNAL_RESPONSE
              || signal->kind == DITTO_SIGNAL_MESSAGE_RESPONSE
              || signal->kind == DITTO_SIGNAL_ACK
              || signal->kind == DITTO_SIGNAL_ACKS
              || signal->kind == DITTO_SIGNAL_ERROR
              || signal->kind == DITTO_SIGNAL_POLICY_RESPONSE);

    ditto_buf_text(out, "{\"topic\":");
    ditto_signal_topic_out(out, &signal->topic);

    ditto_buf_text(out, ",\"headers\":");
    ditto_signal_headers_out(out, signal, headers, false);

    ditto_buf_text(out, ",\"path\":");
    ditto_json_add_string(out, signal->path);

    if (signal->value.data != NULL) {
        ditto_buf_text(out, ",\"value\":");
        ditto_buf_str(out, signal->value);
    }

    if (extra.len != 0) {
        ditto_buf_text(out, ",\"extra\":");
        ditto_buf_str(out, extra);
    }

    if (status && signal->status != 0) {
        ditto_buf_text(out, ",\"status\":");
        ditto_buf_int(out, (int64_t) signal->status);
    }

    if (event) {
        ditto_buf_text(out, ",\"revision\":");
        ditto_buf_int(out, signal->revision);

        if (signal->timestamp.len != 0) {
            ditto_buf_text(out, ",\"timestamp\":");
            ditto_json_add_string(out, signal->timestamp);
        }
    }

    if (signal->kind == DITTO_SIGNAL_COMMAND && signal->fields.len != 0
        && signal->topic.action == DITTO_ACTION_RETRIEVE)
    {
        ditto_buf_text(out, ",\"fields\":");
        ditto_json_add_string(out, signal->fields);
    }

    ditto_buf_char(out, '}');

    if (ditto_buf_done(out, &text) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    return DITTO_OK;
}


void
ditto_signal_render_headers(ditto_buf_t *out, const ditto_signal_t *signal)
{
    ditto_signal_headers_out(out, signal, &signal->headers, true);
}


/* spec: "Errors of the envelope" (live migrate), "Errata" 2.3 (search) */
static ditto_rc_t
ditto_signal_printable(const ditto_signal_t *signal, ditto_error_t *err)
{
    if (signal->live
        && (signal->kind == DITTO_SIGNAL_SEARCH
            || (signal->kind == DITTO_SIGNAL_COMMAND
                && signal->topic.action == DITTO_ACTION_MIGRATE)))
    {
        return ditto_fail(err, DITTO_E_UNKNOWN_CHANNEL, ditto_str("live"),
                          signal->type);
    }

    return DITTO_OK;
}


/* spec: "content-type INSIDE the envelope headers"; NULL: the sender's */
static const char *
ditto_signal_content_type_out(const ditto_signal_t *signal)
{
    switch (signal->kind) {

    case DITTO_SIGNAL_EVENT:
        switch (signal->topic.action) {

        case DITTO_ACTION_DELETED:
            return NULL;

        case DITTO_ACTION_MERGED:
        case DITTO_ACTION_MIGRATED:
            return DITTO_MERGE_PATCH_TYPE;

        default:
            return DITTO_JSON_TYPE;
        }

    case DITTO_SIGNAL_COMMAND:
        return (signal->topic.action == DITTO_ACTION_MERGE)
               ? DITTO_MERGE_PATCH_TYPE : DITTO_JSON_TYPE;

    case DITTO_SIGNAL_MESSAGE:
    case DITTO_SIGNAL_MESSAGE_RESPONSE:
    case DITTO_SIGNAL_ACK:
        return NULL;

    case DITTO_SIGNAL_POLICY_EVENT:
        return (signal->topic.action == DITTO_ACTION_DELETED)
               ? NULL : DITTO_JSON_TYPE;

    default:
        return DITTO_JSON_TYPE;
    }
}


static void
ditto_signal_headers_out(ditto_buf_t *out, const ditto_signal_t *signal,
    const ditto_headers_t *headers, bool text)
{
    bool                   first, message;
    size_t                 i;
    const char            *type;
    ditto_str_t            own;
    const ditto_header_t  *h;

    first = true;
    own = ditto_str("content-type");
    type = ditto_signal_content_type_out(signal);
    message = (signal->kind == DITTO_SIGNAL_MESSAGE
               || signal->kind == DITTO_SIGNAL_MESSAGE_RESPONSE);

    ditto_buf_char(out, '{');

    if (signal->kind == DITTO_SIGNAL_MESSAGE_RESPONSE) {
        h = ditto_headers_get(headers, ditto_str("response-required"));

        if (h != NULL) {
            ditto_header_render(out, h, text, &first);
        }
    }

    for (i = 0; i < headers->n; i++) {
        h = &headers->elts[i];

        if (type != NULL && h->name.len == own.len
            && ditto_str_caseeq(h->name, own))
        {
            continue;
        }

        if (message
            && (ditto_signal_message_own(h->name)
                || (signal->kind == DITTO_SIGNAL_MESSAGE_RESPONSE
                    && ditto_str_caseeq(h->name,
                                        ditto_str("response-required")))))
        {
            continue;
        }

        ditto_header_render(out, h, text, &first);
    }

    if (message) {
        ditto_signal_message_headers(out, signal, &first);
    }

    if (type != NULL) {
        ditto_signal_header(out, "content-type", ditto_str(type), &first);
    }

    ditto_buf_char(out, '}');
}


/* spec: "Headers" (extra members for messages) */
static void
ditto_signal_message_headers(ditto_buf_t *out, const ditto_signal_t *signal,
    bool *first)
{
    bool         inbox;
    char         status[4];
    ditto_str_t  s;

    inbox = ditto_str_eq(signal->resource.segments[signal->resource.n - 3],
                         ditto_str("inbox"));

    ditto_signal_header(out, "ditto-message-thing-id", signal->id, first);
    ditto_signal_header(out, "ditto-message-subject", signal->topic.tail,
                        first);
    ditto_signal_header(out, "ditto-message-direction",
                        ditto_str(inbox ? "TO" : "FROM"), first);

    if (signal->feature_id.len != 0) {
        ditto_signal_header(out, "ditto-message-feature-id",
                            signal->feature_id, first);
    }

    if (signal->kind == DITTO_SIGNAL_MESSAGE_RESPONSE) {
        status[0] = (char) ('0' + signal->status / 100);
        status[1] = (char) ('0' + signal->status / 10 % 10);
        status[2] = (char) ('0' + signal->status % 10);

        s.data = (const unsigned char *) status;
        s.len = 3;

        ditto_signal_header(out, "status", s, first);
    }
}


static void
ditto_signal_header(ditto_buf_t *out, const char *name, ditto_str_t value,
    bool *first)
{
    ditto_buf_text(out, *first ? "\"" : ",\"");
    ditto_buf_text(out, name);
    ditto_buf_text(out, "\":");
    ditto_json_add_string(out, value);

    *first = false;
}


/* Headers that are written from the message itself. */
static bool
ditto_signal_message_own(ditto_str_t name)
{
    ditto_str_t  prefix = ditto_string("ditto-message-");

    return name.len > prefix.len
           && ditto_str_caseeq(ditto_str_sub(name, 0, prefix.len), prefix);
}


static void
ditto_signal_topic_out(ditto_buf_t *out, const ditto_topic_path_t *tp)
{
    ditto_buf_t  buf;
    ditto_str_t  topic;

    ditto_buf_init(&buf, out->pool, tp->ns.len + tp->name.len + tp->tail.len
                                    + sizeof("///connections/twin/"
                                             "announcements/"));
    ditto_topic_path_render(&buf, tp);

    if (ditto_buf_done(&buf, &topic) != DITTO_OK) {
        out->failed = true;
        return;
    }

    ditto_json_add_string(out, topic);
}
