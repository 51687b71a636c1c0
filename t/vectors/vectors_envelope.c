#include <ctype.h>
#include <math.h>
#include <string.h>

#include "vectors.h"

#include "ditto_json.h"
#include "ditto_signal.h"
#include "ditto_topic_path.h"


static json_t *vectors_envelope_headers(const ditto_headers_t *headers);
static const char *vectors_envelope_category(const ditto_signal_t *signal);
static json_t *vectors_envelope_value(unit_pool_t *up, ditto_str_t text);
static const char *vectors_envelope_refused(const json_t *in,
    const json_t *expected, const json_t *got);
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
    json_object_set_new(out, "sent", vectors_envelope_value(up, text));
    json_object_set_new(out, "kept",
                        json_boolean(signal.value.data != NULL));

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
 * Where we differ on purpose:
 *
 *     duplicate envelope members     refused, Ditto takes the last
 *     duplicate thingId of a thing   refused, it decides the entity
 *     half surrogate pairs           refused outside of value
 *     unwritable headers             refused at once, Ditto fails at writing
 *     value is the sender's bytes    see vectors_envelope_rendered()
 */
const char *
vectors_envelope_compare(const json_t *in, const json_t *expected,
    const json_t *got)
{
    size_t              i;
    const char         *verdict;
    static const char  *names[] = { "type", "entity_id", "entity_type",
                                    "category", "target_topic", "headers" };

    if (!json_is_true(json_object_get(expected, "ok"))) {
        return vectors_compare(in, expected, got);
    }

    if (!json_is_true(json_object_get(got, "ok"))) {
        return vectors_envelope_refused(in, expected, got);
    }

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (json_object_get(expected, names[i]) == NULL
            ? strcmp(names[i], "target_topic") == 0
              && json_object_get(got, names[i]) != NULL
            : !json_equal(json_object_get(expected, names[i]),
                          json_object_get(got, names[i])))
        {
            return "failed";
        }
    }

    if (json_object_get(expected, "resource_path") != NULL
        && !json_equal(json_object_get(expected, "resource_path"),
                       json_object_get(got, "resource_path")))
    {
        return "failed (resource)";
    }

    if (json_object_get(expected, "render_error") != NULL) {
        return vectors_compare(in, json_object_get(expected, "render_error"),
                               json_object_get(got, "render_error"));
    }

    verdict = vectors_envelope_rendered(expected, got);

    return verdict;
}


static const char *
vectors_envelope_refused(const json_t *in, const json_t *expected,
    const json_t *got)
{
    const char  *error, *message;

    (void) in;

    error = json_string_value(json_object_get(got, "error"));
    message = json_string_value(json_object_get(got, "message"));

    if (error == NULL) {
        return "failed";
    }

    if (message != NULL && strcmp(error, "json.invalid") == 0) {
        if (strstr(message, "more than once") != NULL) {
            return "intended: duplicates that decide are refused";
        }

        if (strstr(message, "surrogate pair") != NULL) {
            return "intended: half surrogate pairs are refused";
        }
    }

    if (strcmp(error, "header.invalid") == 0
        && json_object_get(expected, "render_error") != NULL)
    {
        return "intended: headers that cannot be written are refused";
    }

    return "failed (refused)";
}


/*
 * All members must be there in Ditto's order and be the same, headers in their
 * order.  value may differ in what vectors_envelope_same() forgives; it may
 * really differ (members that Ditto drops or adds, message payload in base64,
 * Infinity) only if ours is the text that was sent.
 */
static const char *
vectors_envelope_rendered(const json_t *expected, const json_t *got)
{
    void         *ie, *ig;
    json_t       *e, *g;
    const char   *verdict, *name;

    if (json_equal(json_object_get(expected, "rendered_text"),
                   json_object_get(got, "rendered_text")))
    {
        return NULL;
    }

    if (json_is_true(json_object_get(got, "kept"))
        && !json_equal(json_object_get(got, "value"),
                       json_object_get(got, "sent")))
    {
        return "failed (value is not the sender's)";
    }

    g = vectors_envelope_load(json_object_get(got, "rendered_text"));
    e = vectors_envelope_load(json_object_get(expected, "rendered_text"));

    if (g == NULL) {
        json_decref(e);
        return json_is_true(json_object_get(got, "kept"))
               ? "intended: value is the sender's bytes (beyond jansson)"
               : "failed (rendered)";
    }

    if (e == NULL) {
        json_decref(g);
        return "intended: value is the sender's bytes (Infinity)";
    }

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
            verdict = strstr(json_string_value(json_object_get(got, "type")),
                             "messages.") != NULL
                      ? "intended: value is the sender's bytes (payload)"
                      : "intended: value is the sender's bytes (members)";
        }

        ie = json_object_iter_next(e, ie);
        ig = json_object_iter_next(g, ig);
    }

    if (ie != NULL || ig != NULL) {
        verdict = "failed (rendered)";
    }

    json_decref(e);
    json_decref(g);

    return verdict;
}


static json_t *
vectors_envelope_load(const json_t *text)
{
    return json_loadb(json_string_value(text), json_string_length(text),
                      JSON_ALLOW_NUL, NULL);
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
vectors_envelope_value(unit_pool_t *up, ditto_str_t text)
{
    json_t         *sent;
    ditto_str_t     name, value;
    ditto_json_t    json;
    ditto_error_t   err;

    (void) up;

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
