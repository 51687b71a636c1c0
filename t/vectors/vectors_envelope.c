#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "vectors.h"

#include "ditto_json.h"
#include "ditto_signal.h"
#include "ditto_topic_path.h"


static json_t *vectors_envelope_headers(const ditto_headers_t *headers);
static const char *vectors_envelope_category(const ditto_signal_t *signal);
static json_t *vectors_envelope_value(ditto_str_t text);
static bool vectors_envelope_signal(const json_t *expected,
    const json_t *got);
static const char *vectors_envelope_rendered(const json_t *expected,
    const json_t *got);
static json_t *vectors_envelope_load(const json_t *text);
static bool vectors_envelope_ordered(const json_t *a, const json_t *b);
static bool vectors_envelope_same(const json_t *a, const json_t *b);


json_t *
vectors_topic_path(unit_pool_t *up, const json_t *in)
{
    json_t              *out;
    ditto_buf_t          buf;
    ditto_str_t          text;
    const char          *tail;
    ditto_error_t        err;
    ditto_topic_path_t   tp;

    text = vectors_str(up, in, "topic");

    if (ditto_topic_path_parse(&tp, text, &err) != DITTO_OK) {
        return vectors_error(up, &err);
    }

    ditto_buf_init(&buf, &up->pool, 0);
    ditto_topic_path_render(&buf, &tp);
    (void) ditto_buf_done(&buf, &text);

    out = json_object();

    json_object_set_new(out, "ok", json_true());
    json_object_set_new(out, "namespace", vectors_string(tp.ns));
    json_object_set_new(out, "name", vectors_string(tp.name));
    json_object_set_new(out, "group",
                        vectors_string(ditto_group_name(tp.group)));
    json_object_set_new(out, "channel",
                        vectors_string(ditto_channel_name(tp.channel)));
    json_object_set_new(out, "criterion",
                        vectors_string(ditto_criterion_name(tp.criterion)));
    json_object_set_new(out, "rendered", vectors_string(text));

    tail = (tp.criterion == DITTO_CRITERION_SEARCH) ? "search_action"
           : (tp.criterion == DITTO_CRITERION_STREAMING) ? "streaming_action"
           : (tp.action != DITTO_ACTION_NONE) ? "action" : "subject";

    if (tp.tail.len != 0) {
        json_object_set_new(out, tail, vectors_string(tp.tail));
    }

    return out;
}


json_t *
vectors_envelope(unit_pool_t *up, const json_t *in)
{
    json_t             *out;
    ditto_buf_t         buf;
    ditto_str_t         text, none = ditto_null_string;
    const char         *category;
    ditto_error_t       err;
    ditto_signal_t      signal;
    static const char  *entities[] = { NULL, "thing", "policy",
                                       "connection" };

    text = vectors_str(up, in, "text");

    if (ditto_signal_parse(&up->pool, text, &signal, &err) != DITTO_OK) {
        return vectors_error(up, &err);
    }

    out = json_object();

    json_object_set_new(out, "ok", json_true());
    json_object_set_new(out, "type", vectors_string(signal.type));
    json_object_set_new(out, "resource_path", vectors_string(signal.path));

    if (signal.entity != DITTO_ENTITY_NONE) {
        json_object_set_new(out, "entity_id", vectors_string(signal.id));
        json_object_set_new(out, "entity_type",
                            json_string(entities[signal.entity]));
    }

    category = vectors_envelope_category(&signal);

    if (category != NULL) {
        json_object_set_new(out, "category", json_string(category));
    }

    if (signal.target_topic != DITTO_TOPIC_NONE) {
        json_object_set_new(out, "target_topic",
                 vectors_string(ditto_topic_name(signal.target_topic)));
    }

    json_object_set_new(out, "headers",
                        vectors_envelope_headers(&signal.headers));
    json_object_set_new(out, "sent", vectors_envelope_value(text));

    ditto_buf_init(&buf, &up->pool, 0);

    if (ditto_signal_render(&buf, &signal, NULL, none, &err) != DITTO_OK) {
        json_object_set_new(out, "render_error", vectors_error(up, &err));
        return out;
    }

    (void) ditto_buf_done(&buf, &text);
    json_object_set_new(out, "rendered_text", vectors_string(text));
    json_object_set_new(out, "value", signal.value.data == NULL ? json_null()
                                      : vectors_string(signal.value));

    return out;
}


/*
 * All members must be there in Ditto's order and be the same, headers in their
 * order, value in what vectors_envelope_same() forgives.  And where Ditto gives
 * back the value that was sent, ours must be the very bytes.
 */
const char *
vectors_envelope_compare(const json_t *in, const json_t *expected,
    const json_t *got)
{
    if (!json_is_true(json_object_get(expected, "ok"))) {
        return vectors_compare(in, expected, got);
    }

    if (!json_is_true(json_object_get(got, "ok"))) {
        return "failed (refused)";
    }

    if (!vectors_envelope_signal(expected, got)) {
        return "failed (signal)";
    }

    if (json_object_get(expected, "render_error") != NULL) {
        return vectors_compare(in, json_object_get(expected, "render_error"),
                               json_object_get(got, "render_error"));
    }

    return vectors_envelope_rendered(expected, got);
}


/* What surrounds the value of ours must surround that of Ditto. */
bool
vectors_envelope_sent(const json_t *expected, const json_t *got)
{
    size_t       n;
    const char  *e, *g, *value, *found;

    e = json_string_value(json_object_get(expected, "rendered_text"));
    g = json_string_value(json_object_get(got, "rendered_text"));
    value = json_string_value(json_object_get(got, "value"));

    if (e == NULL || g == NULL || value == NULL
        || !json_equal(json_object_get(got, "value"),
                       json_object_get(got, "sent"))
        || !vectors_envelope_signal(expected, got))
    {
        return false;
    }

    found = strstr(g, ",\"value\":");

    if (found == NULL) {
        return false;
    }

    found += strlen(",\"value\":");
    n = (size_t) (found - g);

    if (strncmp(e, g, n) != 0) {
        return false;
    }

    found += strlen(value);

    return strlen(e) >= n + strlen(found)
           && strcmp(e + strlen(e) - strlen(found), found) == 0;
}


/* The members that tell what signal it is. */
static bool
vectors_envelope_signal(const json_t *expected, const json_t *got)
{
    size_t         i;
    const json_t  *e, *g;

    static const char *const  names[] = {
        "target_topic", "type", "entity_id", "entity_type", "category",
        "headers", "resource_path",
    };

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        e = json_object_get(expected, names[i]);
        g = json_object_get(got, names[i]);

        if (e == NULL ? i == 0 && g != NULL : !json_equal(e, g)) {
            return false;
        }
    }

    return true;
}


static const char *
vectors_envelope_rendered(const json_t *expected, const json_t *got)
{
    void         *ie, *ig;
    json_t       *e, *g, *sent;
    const char   *verdict, *name;

    g = vectors_envelope_load(json_object_get(got, "rendered_text"));
    e = vectors_envelope_load(json_object_get(expected, "rendered_text"));
    sent = vectors_envelope_load(json_object_get(got, "sent"));

    verdict = NULL;
    ie = json_object_iter(e);
    ig = json_object_iter(g);

    while (ie != NULL && ig != NULL) {
        name = json_object_iter_key(ie);

        if (strcmp(name, json_object_iter_key(ig)) != 0) {
            break;
        }

        if (strcmp(name, "value") != 0) {
            if (!vectors_envelope_ordered(json_object_iter_value(ie),
                                          json_object_iter_value(ig)))
            {
                break;
            }

        } else if (!vectors_envelope_same(json_object_iter_value(ie),
                                          json_object_iter_value(ig)))
        {
            verdict = "failed (value)";

        } else if (sent != NULL
                   && vectors_envelope_same(json_object_iter_value(ie), sent)
                   && !json_equal(json_object_get(got, "value"),
                                  json_object_get(got, "sent")))
        {
            verdict = "failed (value is not the sender's)";
        }

        ie = json_object_iter_next(e, ie);
        ig = json_object_iter_next(g, ig);
    }

    if (e == NULL || g == NULL || ie != NULL || ig != NULL) {
        verdict = "failed (rendered)";
    }

    json_decref(e);
    json_decref(g);
    json_decref(sent);

    return verdict;
}


static json_t *
vectors_envelope_load(const json_t *text)
{
    char    *copy;
    json_t  *value;

    if (!json_is_string(text)) {
        return NULL;
    }

    copy = calloc(1, json_string_length(text) + 1);
    memcpy(copy, json_string_value(text), json_string_length(text));
    vectors_readable(copy);

    value = json_loadb(copy, json_string_length(text),
                       JSON_ALLOW_NUL | JSON_DECODE_ANY, NULL);
    free(copy);

    return value;
}


/* Equal, and objects have their members in the same order. */
static bool
vectors_envelope_ordered(const json_t *a, const json_t *b)
{
    void  *ia, *ib;

    if (!json_equal(a, b)) {
        return false;
    }

    if (!json_is_object(a)) {
        return true;
    }

    ia = json_object_iter((json_t *) (uintptr_t) a);
    ib = json_object_iter((json_t *) (uintptr_t) b);

    while (ia != NULL) {
        if (strcmp(json_object_iter_key(ia), json_object_iter_key(ib)) != 0) {
            return false;
        }

        ia = json_object_iter_next((json_t *) (uintptr_t) a, ia);
        ib = json_object_iter_next((json_t *) (uintptr_t) b, ib);
    }

    return true;
}


/*
 * The same value in another spelling: numbers by their double, strings
 * decoded, members in any order and of duplicates the last.
 */
static bool
vectors_envelope_same(const json_t *a, const json_t *b)
{
    size_t       i;
    json_t      *value;
    const char  *name;

    if (json_is_number(a) && json_is_number(b)) {
        return json_number_value(a) == json_number_value(b);
    }

    if (json_typeof(a) != json_typeof(b)) {
        return false;
    }

    if (json_is_array(a)) {
        if (json_array_size(a) != json_array_size(b)) {
            return false;
        }

        json_array_foreach(a, i, value) {
            if (!vectors_envelope_same(value, json_array_get(b, i))) {
                return false;
            }
        }

        return true;
    }

    if (json_is_object(a)) {
        if (json_object_size(a) != json_object_size(b)) {
            return false;
        }

        json_object_foreach((json_t *) (uintptr_t) a, name, value) {
            if (json_object_get(b, name) == NULL
                || !vectors_envelope_same(value, json_object_get(b, name)))
            {
                return false;
            }
        }

        return true;
    }

    return json_equal(a, b);
}


/* Names in lower case, as Ditto's view of them. */
static json_t *
vectors_envelope_headers(const ditto_headers_t *headers)
{
    char     name[256];
    size_t   i, j;
    json_t  *out;

    out = json_object();

    for (i = 0; i < headers->n; i++) {
        for (j = 0; j < headers->elts[i].name.len && j < sizeof(name) - 1;
             j++)
        {
            name[j] = (char) tolower(headers->elts[i].name.data[j]);
        }

        name[j] = '\0';
        json_object_set_new(out, name,
                            vectors_string(headers->elts[i].value));
    }

    return out;
}


static const char *
vectors_envelope_category(const ditto_signal_t *signal)
{
    switch (signal->kind) {

    case DITTO_SIGNAL_EVENT:
        return signal->live ? "live event" : "twin event";

    case DITTO_SIGNAL_COMMAND:
        return signal->live ? "live command" : "twin command";

    case DITTO_SIGNAL_RESPONSE:
        return signal->live ? "live response" : "twin response";

    case DITTO_SIGNAL_MESSAGE:
        return "live message";

    case DITTO_SIGNAL_MESSAGE_RESPONSE:
        return "message response";

    case DITTO_SIGNAL_ACK:
        return "ack";

    case DITTO_SIGNAL_ACKS:
        return "aggregated acks";

    case DITTO_SIGNAL_ERROR:
        return "error";

    case DITTO_SIGNAL_POLICY_COMMAND:
        return "policies command";

    case DITTO_SIGNAL_POLICY_EVENT:
        return "policies event";

    case DITTO_SIGNAL_POLICY_ANNOUNCEMENT:
        return "policy announcement";

    case DITTO_SIGNAL_CONNECTION_ANNOUNCEMENT:
        return "connectivity announcement";

    default:
        return NULL;
    }
}


/* The text of the envelope's value, null if there is none. */
static json_t *
vectors_envelope_value(ditto_str_t text)
{
    json_t         *sent;
    ditto_str_t     name, value;
    ditto_json_t    json;
    ditto_error_t   err;

    sent = json_null();
    ditto_json_open(&json, text);

    if (ditto_json_enter(&json, &err) != DITTO_OK) {
        return sent;
    }

    while (ditto_json_member_next(&json, &name, &value, &err) == DITTO_OK) {
        if (ditto_json_name_is(name, ditto_str("value"))) {
            sent = vectors_string(value);
        }
    }

    return sent;
}
