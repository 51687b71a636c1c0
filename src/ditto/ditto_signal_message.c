#include "ditto_header_table.h"
#include "ditto_signal_parts.h"


/* the segments that Ditto reads before a subject: /features/F/inbox/messages */
#define DITTO_MESSAGE_PREFIX  4


static ditto_rc_t ditto_signal_message_valid(ditto_parse_t *parse,
    bool *inbox, ditto_error_t *err);
static ditto_rc_t ditto_signal_message_resource(ditto_parse_t *parse,
    bool inbox, ditto_error_t *err);
static bool ditto_signal_message_tail(ditto_str_t path, const char *box,
    ditto_str_t subject);
static bool ditto_signal_message_box(const ditto_pointer_t *pointer,
    size_t i, bool *inbox);


/*
 * spec: "Message subject and path".  A subject may contain "//": the segments
 * end where an empty one would begin, the rest is one segment.
 */
ditto_rc_t
ditto_signal_message_path(ditto_parse_t *parse, ditto_error_t *err)
{
    size_t            i, n, from, to;
    ditto_buf_t       buf;
    ditto_str_t       text, none = ditto_null_string;
    ditto_signal_t   *signal;
    ditto_pointer_t  *pointer;

    signal = parse->signal;
    pointer = &signal->pointer;
    text = parse->path;

    if (text.len != 0 && text.data[0] == '/') {
        text = ditto_str_sub(text, 1, text.len);
    }

    for (i = 0, n = 1; i < text.len; i++) {
        n += (text.data[i] == '/') ? 1 : 0;
    }

    pointer->n = 0;
    pointer->segments = ditto_alloc(parse->pool, n * sizeof(ditto_str_t));
    if (pointer->segments == NULL) {
        return ditto_fail_memory(err);
    }

    for (from = 0; from < text.len; from = to + 1) {
        to = ditto_str_chr(text, '/', from);

        if (to == from) {
            to = text.len;
        }

        pointer->segments[pointer->n++] = ditto_str_sub(text, from, to);
    }

    if (pointer->n >= 2
        && ditto_str_eq(pointer->segments[0], ditto_str("features")))
    {
        if (pointer->n < DITTO_MESSAGE_PREFIX) {
            pointer->n = 0;

        } else if (pointer->segments[DITTO_MESSAGE_PREFIX - 1].data[0]
                   == '/')
        {
            ditto_buf_init(&buf, parse->pool, 0);
            ditto_pointer_render(&buf, pointer);

            if (ditto_buf_done(&buf, &text) != DITTO_OK) {
                return ditto_fail_memory(err);
            }

            return ditto_fail(err, DITTO_E_JSON_POINTER_INVALID, text, none);
        }
    }

    ditto_buf_init(&buf, parse->pool, 0);
    ditto_pointer_render(&buf, pointer);

    if (ditto_buf_done(&buf, &signal->path) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    return DITTO_OK;
}


ditto_rc_t
ditto_signal_message(ditto_parse_t *parse, ditto_error_t *err)
{
    bool                              inbox, response, feature;
    ditto_str_t                       subject;
    ditto_signal_t                   *signal;
    const ditto_header_definition_t  *definition;

    signal = parse->signal;
    subject = signal->topic.tail;
    response = (signal->kind == DITTO_SIGNAL_MESSAGE_RESPONSE);
    feature = (signal->pointer.n >= 2
               && ditto_str_eq(signal->pointer.segments[0],
                               ditto_str("features")));

    if (ditto_str_eq(subject, ditto_str("claim"))) {
        signal->type = ditto_str(response
                                 ? "messages.responses:claimResponseMessage"
                                 : "messages.commands:claimMessage");

    } else if (feature) {
        signal->type = ditto_str(response
                                 ? "messages.responses:featureResponseMessage"
                                 : "messages.commands:featureMessage");

    } else {
        signal->type = ditto_str(response
                                 ? "messages.responses:thingResponseMessage"
                                 : "messages.commands:thingMessage");
    }

    if (ditto_signal_entity(parse, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    if (subject.len == 0) {
        return ditto_signal_fail_topic(parse, "Missing message subject.",
                                       err);
    }

    if (ditto_signal_message_valid(parse, &inbox, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    if (response) {
        /* the status of the envelope replaces the header */
        ditto_headers_remove(&signal->headers, ditto_str("status"));
    }

    if (ditto_headers_message(&signal->headers, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    definition = ditto_header_definition(ditto_str("ditto-message-subject"));

    if (ditto_header_validate(definition, subject, err) != DITTO_OK
        || ditto_signal_content(parse, err) != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    return ditto_signal_message_resource(parse, inbox, err);
}


static ditto_rc_t
ditto_signal_message_valid(ditto_parse_t *parse, bool *inbox,
    ditto_error_t *err)
{
    bool              valid;
    ditto_str_t       path, subject;
    ditto_signal_t   *signal;
    ditto_pointer_t  *pointer;

    signal = parse->signal;
    pointer = &signal->pointer;
    path = signal->path;
    subject = signal->topic.tail;

    valid = ditto_signal_message_tail(path, "/inbox/messages/", subject)
            || ditto_signal_message_tail(path, "/outbox/messages/", subject);

    if (valid && !ditto_str_starts(path, ditto_str("/features/"))) {
        valid = (path.len - subject.len == sizeof("/inbox/messages/") - 1
                 || path.len - subject.len == sizeof("/outbox/messages/") - 1)
                && (ditto_str_starts(path, ditto_str("/inbox/"))
                    || ditto_str_starts(path, ditto_str("/outbox/")));
    }

    if (!valid) {
        (void) ditto_fail(err, DITTO_E_INVALID_PATH, path, subject);
        err->description = "It should match the pattern: "
                           "(/features/[^/]+)?/(inbox|outbox)/messages/%2";
        return DITTO_ERROR;
    }

    if (ditto_signal_message_box(pointer, 0, inbox)
        || (pointer->n > 2
            && ditto_str_eq(pointer->segments[0], ditto_str("features"))
            && ditto_signal_message_box(pointer, 2, inbox)))
    {
        return DITTO_OK;
    }

    (void) ditto_fail(err, DITTO_E_INVALID_PATH, path, subject);
    err->description = "Check if the path is correct.";

    return DITTO_ERROR;
}


/* spec: "Message resource paths": the subject is one segment */
static ditto_rc_t
ditto_signal_message_resource(ditto_parse_t *parse, bool inbox,
    ditto_error_t *err)
{
    ditto_buf_t       buf;
    ditto_signal_t   *signal;
    ditto_pointer_t  *resource;

    signal = parse->signal;
    resource = &signal->resource;

    resource->n = 0;
    resource->segments = ditto_alloc(parse->pool, 5 * sizeof(ditto_str_t));
    if (resource->segments == NULL) {
        return ditto_fail_memory(err);
    }

    if (ditto_str_eq(signal->pointer.segments[0], ditto_str("features"))) {
        signal->feature_id = signal->pointer.segments[1];
        resource->segments[resource->n++] = signal->pointer.segments[0];
        resource->segments[resource->n++] = signal->feature_id;
    }

    resource->segments[resource->n++] = ditto_str(inbox ? "inbox" : "outbox");
    resource->segments[resource->n++] = ditto_str("messages");
    resource->segments[resource->n++] = signal->topic.tail;

    ditto_buf_init(&buf, parse->pool, signal->path.len + 1);
    ditto_pointer_render(&buf, resource);

    if (ditto_buf_done(&buf, &signal->path) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    return DITTO_OK;
}


static bool
ditto_signal_message_tail(ditto_str_t path, const char *box,
    ditto_str_t subject)
{
    size_t       n;
    ditto_str_t  prefix;

    prefix = ditto_str(box);
    n = prefix.len + subject.len;

    if (path.len < n) {
        return false;
    }

    path = ditto_str_sub(path, path.len - n, path.len);

    return ditto_str_starts(path, prefix)
           && ditto_str_eq(ditto_str_sub(path, prefix.len, path.len),
                           subject);
}


static bool
ditto_signal_message_box(const ditto_pointer_t *pointer, size_t i,
    bool *inbox)
{
    if (i >= pointer->n) {
        return false;
    }

    *inbox = ditto_str_eq(pointer->segments[i], ditto_str("inbox"));

    return *inbox
           || ditto_str_eq(pointer->segments[i], ditto_str("outbox"));
}
