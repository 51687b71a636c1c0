#include "ditto_signal_parts.h"


static ditto_rc_t ditto_signal_path(ditto_parse_t *parse,
    ditto_error_t *err);
static ditto_rc_t ditto_signal_path_fail(ditto_parse_t *parse,
    ditto_error_t *err);
static ditto_rc_t ditto_signal_inject(ditto_parse_t *parse,
    ditto_error_t *err);
static ditto_rc_t ditto_signal_finish(ditto_parse_t *parse,
    ditto_error_t *err);
static ditto_rc_t ditto_signal_revision_text(ditto_parse_t *parse,
    ditto_str_t *text);
static ditto_topic_e ditto_signal_target_topic(
    const ditto_signal_t *signal);


static const ditto_str_t  ditto_name_channel = ditto_string("channel");
static const ditto_str_t  ditto_name_entity =
    ditto_string("ditto-entity-id");
static const ditto_str_t  ditto_name_revision =
    ditto_string("entity-revision");
static const ditto_str_t  ditto_name_response =
    ditto_string("response-required");
static const ditto_str_t  ditto_live = ditto_string("live");
static const ditto_str_t  ditto_wildcard = ditto_string("_");
static const ditto_str_t  ditto_root = ditto_string("/");


ditto_rc_t
ditto_signal_parse(ditto_pool_t *pool, ditto_str_t text,
    ditto_signal_t *signal, ditto_error_t *err)
{
    ditto_parse_t  parse;

    memset(signal, 0, sizeof(ditto_signal_t));
    memset(&parse, 0, sizeof(ditto_parse_t));

    parse.pool = pool;
    parse.signal = signal;

    ditto_headers_init(&signal->headers, pool);

    if (ditto_signal_envelope(&parse, text, err) != DITTO_OK
        || ditto_signal_form(&parse, err) != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    if (parse.form == DITTO_FORM_MESSAGE) {
        if (ditto_signal_message_path(&parse, err) != DITTO_OK) {
            return DITTO_ERROR;
        }

    } else if (ditto_signal_path(&parse, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    signal->status = parse.status;

    ditto_headers_strip(&signal->headers);

    if (ditto_signal_inject(&parse, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    switch (parse.form) {

    case DITTO_FORM_EVENT:
    case DITTO_FORM_MERGED:
    case DITTO_FORM_MIGRATED:
    case DITTO_FORM_MODIFY:
    case DITTO_FORM_RETRIEVE:
    case DITTO_FORM_RETRIEVE_THINGS:
    case DITTO_FORM_MERGE:
    case DITTO_FORM_MIGRATE:
        if (ditto_signal_thing(&parse, err) != DITTO_OK) {
            return DITTO_ERROR;
        }
        break;

    case DITTO_FORM_MESSAGE:
        if (ditto_signal_message(&parse, err) != DITTO_OK) {
            return DITTO_ERROR;
        }
        break;

    default:
        if (ditto_signal_other(&parse, err) != DITTO_OK) {
            return DITTO_ERROR;
        }
    }

    return ditto_signal_finish(&parse, err);
}


/*
 * The id of the topic, which the header ditto-entity-id ends with (see
 * ditto_signal_inject()) or which is put together here.
 */
ditto_rc_t
ditto_signal_entity(ditto_parse_t *parse, ditto_error_t *err)
{
    bool                       policy;
    size_t                     colon;
    ditto_buf_t                buf;
    ditto_str_t                id, none = ditto_null_string;
    ditto_signal_t            *signal;
    const ditto_topic_path_t  *tp;

    signal = parse->signal;
    tp = &signal->topic;
    policy = (tp->group == DITTO_GROUP_POLICIES);

    if (signal->id.data == NULL) {
        ditto_buf_init(&buf, parse->pool, tp->ns.len + tp->name.len + 1);
        ditto_buf_str(&buf, tp->ns);
        ditto_buf_char(&buf, ':');
        ditto_buf_str(&buf, tp->name);

        if (ditto_buf_done(&buf, &signal->id) != DITTO_OK) {
            return ditto_fail_memory(err);
        }
    }

    id = signal->id;

    if (!ditto_entity_id_valid(id, &colon)) {
        return ditto_fail(err, policy ? DITTO_E_POLICY_ID_INVALID
                                      : DITTO_E_THING_ID_INVALID, id, none);
    }

    signal->entity = policy ? DITTO_ENTITY_POLICY : DITTO_ENTITY_THING;
    signal->ns = ditto_str_sub(id, 0, colon);
    signal->name = ditto_str_sub(id, colon + 1, id.len);

    return DITTO_OK;
}


/* spec: "path" */
static ditto_rc_t
ditto_signal_path(ditto_parse_t *parse, ditto_error_t *err)
{
    ditto_buf_t      buf;
    ditto_str_t      path;
    ditto_signal_t  *signal;

    signal = parse->signal;
    path = parse->path;

    if (ditto_pointer_parse(parse->pool, path, &signal->pointer, err)
        != DITTO_OK)
    {
        if (err->code == DITTO_E_JSON_POINTER_INVALID) {
            return ditto_signal_path_fail(parse, err);
        }

        return DITTO_ERROR;
    }

    if (signal->pointer.n == 0) {
        signal->path = ditto_root;
        return DITTO_OK;
    }

    if (path.data[0] == '/' && path.data[path.len - 1] != '/'
        && memchr(path.data, '~', path.len) == NULL)
    {
        signal->path = path;
        return DITTO_OK;
    }

    ditto_buf_init(&buf, parse->pool, path.len + 16);
    ditto_pointer_render(&buf, &signal->pointer);

    if (ditto_buf_done(&buf, &signal->path) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    return DITTO_OK;
}


/* The error quotes the path as Ditto prints it. */
static ditto_rc_t
ditto_signal_path_fail(ditto_parse_t *parse, ditto_error_t *err)
{
    size_t       i;
    ditto_buf_t  buf;

    ditto_buf_init(&buf, parse->pool, parse->path.len + 16);

    if (parse->path.data[0] != '/') {
        ditto_buf_char(&buf, '/');
    }

    for (i = 0; i < parse->path.len; i++) {
        ditto_buf_char(&buf, (char) parse->path.data[i]);

        if (parse->path.data[i] == '~') {
            ditto_buf_char(&buf, '0');
        }
    }

    if (ditto_buf_done(&buf, &err->args[0]) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    return DITTO_ERROR;
}


/* spec: "Headers" (injected) */
static ditto_rc_t
ditto_signal_inject(ditto_parse_t *parse, ditto_error_t *err)
{
    ditto_buf_t                buf;
    ditto_str_t                type, value;
    ditto_signal_t            *signal;
    const ditto_topic_path_t  *tp;
    static const ditto_str_t   types[] = {
        [DITTO_GROUP_THINGS] = ditto_string("thing:"),
        [DITTO_GROUP_POLICIES] = ditto_string("policy:"),
        [DITTO_GROUP_CONNECTIONS] = ditto_string("connection:"),
    };

    signal = parse->signal;
    tp = &signal->topic;

    if (parse->form == DITTO_FORM_ACK || parse->form == DITTO_FORM_ACKS) {
        return DITTO_OK;
    }

    if (tp->channel == DITTO_CHANNEL_LIVE
        && ditto_headers_put(&signal->headers, ditto_name_channel, ditto_live,
                             DITTO_HEADER_PLAIN) != DITTO_OK)
    {
        return ditto_fail_memory(err);
    }

    if (parse->form == DITTO_FORM_ERROR
        || ditto_str_eq(tp->ns, ditto_wildcard)
        || ditto_str_eq(tp->name, ditto_wildcard))
    {
        return DITTO_OK;
    }

    type = types[tp->group];

    ditto_buf_init(&buf, parse->pool,
                   type.len + tp->ns.len + 1 + tp->name.len);
    ditto_buf_str(&buf, type);
    ditto_buf_str(&buf, tp->ns);
    ditto_buf_char(&buf, ':');
    ditto_buf_str(&buf, tp->name);

    if (ditto_buf_done(&buf, &value) != DITTO_OK
        || ditto_headers_put(&signal->headers, ditto_name_entity, value,
                             DITTO_HEADER_TEXT) != DITTO_OK)
    {
        return ditto_fail_memory(err);
    }

    signal->id = ditto_str_sub(value, type.len, value.len);

    return DITTO_OK;
}


static ditto_rc_t
ditto_signal_finish(ditto_parse_t *parse, ditto_error_t *err)
{
    ditto_str_t             text, no = ditto_string("false");
    ditto_signal_t         *signal;
    const ditto_header_t   *h;

    signal = parse->signal;

    if (signal->entity == DITTO_ENTITY_NONE) {
        signal->id.len = 0;

    } else if (signal->entity != DITTO_ENTITY_CONNECTION) {
        signal->topic.ns = signal->ns;
        signal->topic.name = signal->name;
    }

    switch (signal->kind) {

    case DITTO_SIGNAL_EVENT:
    case DITTO_SIGNAL_POLICY_EVENT:
        signal->has_revision = true;

        if (ditto_signal_revision_text(parse, &text) != DITTO_OK
            || ditto_headers_put(&signal->headers, ditto_name_revision, text,
                                 DITTO_HEADER_JSON) != DITTO_OK)
        {
            return ditto_fail_memory(err);
        }
        break;

    case DITTO_SIGNAL_RESPONSE:
    case DITTO_SIGNAL_MESSAGE_RESPONSE:
    case DITTO_SIGNAL_ACK:
    case DITTO_SIGNAL_ACKS:
    case DITTO_SIGNAL_ERROR:
    case DITTO_SIGNAL_POLICY_RESPONSE:
        break;

    default:
        goto done;
    }

    h = ditto_headers_get(&signal->headers, ditto_name_response);

    if ((h == NULL || !ditto_str_eq(h->value, no))
        && ditto_headers_put(&signal->headers, ditto_name_response, no,
                             DITTO_HEADER_JSON) != DITTO_OK)
    {
        return ditto_fail_memory(err);
    }

done:

    switch (signal->kind) {

    case DITTO_SIGNAL_ACK:
    case DITTO_SIGNAL_ACKS:
    case DITTO_SIGNAL_ERROR:
    case DITTO_SIGNAL_POLICY_ANNOUNCEMENT:
    case DITTO_SIGNAL_CONNECTION_ANNOUNCEMENT:
        signal->path = ditto_root;
        signal->pointer.n = 0;
        break;

    default:
        break;
    }

    if (parse->form != DITTO_FORM_MESSAGE) {
        signal->resource = signal->pointer;
    }

    if (signal->seen.data == NULL) {
        signal->seen = signal->value;
    }

    if (signal->topic.group == DITTO_GROUP_THINGS
        && signal->kind != DITTO_SIGNAL_STREAMING)
    {
        h = ditto_headers_get(&signal->headers, ditto_name_channel);

        signal->live = (h != NULL
                        && ditto_str_eq(h->value, ditto_live));
        signal->topic.channel = signal->live ? DITTO_CHANNEL_LIVE
                                             : DITTO_CHANNEL_TWIN;
    }

    signal->target_topic = ditto_signal_target_topic(signal);

    return ditto_headers_spelled(&signal->headers, err);
}


/* Digits stand for themselves; 5.0 and 1e3 are written anew. */
static ditto_rc_t
ditto_signal_revision_text(ditto_parse_t *parse, ditto_str_t *text)
{
    size_t       i;
    ditto_buf_t  buf;

    *text = parse->members[DITTO_MEMBER_REVISION];

    for (i = 0; i < text->len; i++) {
        if (text->data[i] < '0' || text->data[i] > '9') {
            break;
        }
    }

    if (i == text->len) {
        return DITTO_OK;
    }

    ditto_buf_init(&buf, parse->pool, 20);
    ditto_buf_int(&buf, parse->signal->revision);

    return ditto_buf_done(&buf, text);
}


/* spec: "Signal to target topic" */
static ditto_topic_e
ditto_signal_target_topic(const ditto_signal_t *signal)
{
    switch (signal->kind) {

    case DITTO_SIGNAL_EVENT:
        return signal->live ? DITTO_TOPIC_LIVE_EVENTS
                            : DITTO_TOPIC_TWIN_EVENTS;

    case DITTO_SIGNAL_COMMAND:
    case DITTO_SIGNAL_RESPONSE:
    case DITTO_SIGNAL_ERROR:
        return (signal->live && signal->entity == DITTO_ENTITY_THING)
               ? DITTO_TOPIC_LIVE_COMMANDS : DITTO_TOPIC_NONE;

    case DITTO_SIGNAL_MESSAGE:
    case DITTO_SIGNAL_MESSAGE_RESPONSE:
        return DITTO_TOPIC_LIVE_MESSAGES;

    case DITTO_SIGNAL_POLICY_ANNOUNCEMENT:
        return DITTO_TOPIC_POLICY_ANNOUNCEMENTS;

    case DITTO_SIGNAL_CONNECTION_ANNOUNCEMENT:
        return DITTO_TOPIC_CONNECTION_ANNOUNCEMENTS;

    default:
        return DITTO_TOPIC_NONE;
    }
}