/*
 * Sets "mapper_normalized", "mapper_raw_message" and "mapper_cloud_events".
 */

#include <stdlib.h>
#include <string.h>

#include "ditto_base64.h"
#include "ditto_json.h"
#include "ditto_mapper.h"

#include "vectors.h"


#define VECTORS_NOW  "2001-02-03T04:05:06Z"
#define VECTORS_SEC  981173106


static json_t *vectors_mapper(unit_pool_t *up, const json_t *in,
    const char *engine);
static json_t *vectors_mapper_outbound(unit_pool_t *up, const json_t *in,
    const ditto_mapper_t *mapper, ditto_scope_t *scope);
static json_t *vectors_mapper_inbound(unit_pool_t *up, const json_t *in,
    const ditto_mapper_t *mapper, const ditto_scope_t *scope);
static json_t *vectors_mapper_message(unit_pool_t *up,
    const ditto_external_message_t *message);
static json_t *vectors_mapper_text(unit_pool_t *up, ditto_str_t text);
static const char *vectors_mapper_error(const json_t *in,
    const json_t *expected, const json_t *got);
static bool vectors_mapper_equal(const json_t *expected, const json_t *got);


json_t *
vectors_mapper_normalized(unit_pool_t *up, const json_t *in)
{
    return vectors_mapper(up, in, "Normalized");
}


json_t *
vectors_mapper_raw_message(unit_pool_t *up, const json_t *in)
{
    return vectors_mapper(up, in, "RawMessage");
}


json_t *
vectors_mapper_cloud_events(unit_pool_t *up, const json_t *in)
{
    return vectors_mapper(up, in, "CloudEvents");
}


static json_t *
vectors_mapper(unit_pool_t *up, const json_t *in, const char *engine)
{
    char                        *dump;
    ditto_error_t                err;
    ditto_scope_t                scope;
    ditto_mapper_t              *mapper;
    ditto_scope_cache_t          cache;
    ditto_mapping_definition_t   definition;

    memset(&cache, 0, sizeof(ditto_scope_cache_t));
    memset(&scope, 0, sizeof(ditto_scope_t));
    memset(&definition, 0, sizeof(ditto_mapping_definition_t));

    dump = json_dumps(json_object_get(in, "options"), JSON_COMPACT);

    definition.id = unit_str(up, "m");
    definition.engine = unit_str(up, engine);
    definition.options = unit_str(up, dump != NULL ? dump : "{}");

    free(dump);

    if (ditto_mapper_compile(&up->pool, &definition, &mapper, &err)
        != DITTO_OK)
    {
        return vectors_error(up, &err);
    }

    scope.pool = &up->pool;
    scope.cache = &cache;
    scope.connection_id = unit_str(up, "k1");
    scope.uuid = unit_str(up, "<uuid>");
    scope.now.sec = VECTORS_SEC;

    return (json_object_get(in, "text") != NULL)
           ? vectors_mapper_outbound(up, in, mapper, &scope)
           : vectors_mapper_inbound(up, in, mapper, &scope);
}


static json_t *
vectors_mapper_outbound(unit_pool_t *up, const json_t *in,
    const ditto_mapper_t *mapper, ditto_scope_t *scope)
{
    size_t                     i;
    json_t                    *out, *list;
    ditto_str_t                text, extra;
    ditto_array_t              messages;
    ditto_error_t              err;
    ditto_signal_t             signal;
    ditto_external_message_t  *message;

    ditto_array_init(&messages, &up->pool, sizeof(ditto_external_message_t));

    scope->signal = &signal;
    text = vectors_str(up, in, "text");

    if (ditto_signal_parse(&up->pool, text, &signal, &err) != DITTO_OK) {
        return vectors_error(up, &err);
    }

    if (ditto_json_member(ditto_str_trim(text), ditto_str("extra"), &extra)
        == DITTO_OK)
    {
        scope->extra = extra;
    }

    if (ditto_mapper_outbound(mapper, scope, &messages, &err)
        == DITTO_ERROR)
    {
        return vectors_error(up, &err);
    }

    list = json_array();

    for (i = 0, message = messages.elts; i < messages.nelts; i++) {
        json_array_append_new(list, vectors_mapper_message(up, &message[i]));
    }

    out = json_object();
    json_object_set_new(out, "messages", list);

    return out;
}


static json_t *
vectors_mapper_message(unit_pool_t *up,
    const ditto_external_message_t *message)
{
    size_t                        i;
    json_t                       *out, *headers;
    ditto_str_t                   name, encoded;
    unsigned char                *p;
    const ditto_record_header_t  *h;

    out = json_object();
    headers = json_object();
    json_object_set_new(out, "headers", headers);

    for (i = 0, h = message->headers.elts; i < message->headers.nelts; i++) {
        (void) ditto_str_dup(&up->pool, h[i].name, &name);
        json_object_set_new(headers, (const char *) name.data,
                            vectors_string(h[i].value));
    }

    if (message->payload.data == NULL) {
        return out;
    }

    if (message->text) {
        json_object_set_new(out, "text",
                            vectors_mapper_text(up, message->payload));
        return out;
    }

    encoded.len = ditto_base64_encoded(message->payload.len);
    p = ditto_alloc(&up->pool, encoded.len);
    ditto_base64_encode(p, message->payload);
    encoded.data = p;

    json_object_set_new(out, "bytes_base64", vectors_string(encoded));

    return out;
}


/* With the moment masked. */
static json_t *
vectors_mapper_text(unit_pool_t *up, ditto_str_t text)
{
    size_t       at;
    ditto_buf_t  buf;
    ditto_str_t  now = ditto_string(VECTORS_NOW);

    at = ditto_str_find(text, now);

    if (at > text.len) {
        return vectors_string(text);
    }

    ditto_buf_init(&buf, &up->pool, text.len);
    ditto_buf_str(&buf, ditto_str_sub(text, 0, at));
    ditto_buf_text(&buf, "<now>");
    ditto_buf_str(&buf, ditto_str_sub(text, at + now.len, text.len));
    (void) ditto_buf_done(&buf, &text);

    return vectors_string(text);
}


/*
 * What Ditto's mapper refuses of the envelope it reads is refused here by the
 * one who reads the text: "then".
 */
static json_t *
vectors_mapper_inbound(unit_pool_t *up, const json_t *in,
    const ditto_mapper_t *mapper, const ditto_scope_t *scope)
{
    size_t                     i;
    json_t                    *out, *list, *value;
    const char                *name;
    ditto_str_t               *text, payload;
    ditto_array_t              texts;
    ditto_error_t              err;
    ditto_signal_t             signal;
    unsigned char             *p;
    ditto_external_message_t   message;

    ditto_array_init(&texts, &up->pool, sizeof(ditto_str_t));
    ditto_external_init(&message, &up->pool);

    json_object_foreach(json_object_get(in, "headers"), name, value) {
        (void) ditto_external_header(&message, unit_str(up, name),
                                     unit_str(up, json_string_value(value)));
    }

    message.payload = vectors_str(up, in, "payload");
    payload = vectors_str(up, in, "payload_base64");

    if (payload.data != NULL) {
        p = ditto_alloc(&up->pool, ditto_base64_decoded(payload.len));
        message.text = false;
        message.payload.data = p;
        (void) ditto_base64_decode(payload, p, &message.payload.len);
    }

    if (ditto_mapper_inbound(mapper, scope->pool, scope->now, &message,
                             &texts, &err)
        == DITTO_ERROR)
    {
        return vectors_error(up, &err);
    }

    out = json_object();
    list = json_array();
    json_object_set_new(out, "adaptables", list);

    for (i = 0, text = texts.elts; i < texts.nelts; i++) {
        json_array_append_new(list, json_loadb((const char *) text[i].data,
                                               text[i].len, JSON_ALLOW_NUL,
                                               NULL));

        if (ditto_signal_parse(&up->pool, text[i], &signal, &err)
            != DITTO_OK)
        {
            json_object_set_new(out, "then", vectors_error(up, &err));
        }
    }

    return out;
}


const char *
vectors_mapper_compare(const json_t *in, const json_t *expected,
    const json_t *got)
{
    size_t   i;
    json_t  *e, *g, *list;

    if (json_object_get(expected, "error") != NULL) {
        g = json_object_get(got, "then");

        return vectors_mapper_error(in, expected, (g != NULL) ? g : got);
    }

    list = json_object_get(expected, "adaptables");

    if (list != NULL) {
        return json_equal(list, json_object_get(got, "adaptables"))
               ? NULL : "failed";
    }

    list = json_object_get(expected, "messages");
    g = json_object_get(got, "messages");

    if (!json_is_array(g) || json_array_size(list) != json_array_size(g)) {
        return "failed";
    }

    json_array_foreach(list, i, e) {
        if (!vectors_mapper_equal(e, json_array_get(g, i))) {
            return "failed";
        }
    }

    return NULL;
}


/* What Java says of an exception of its own is not Ditto's. */
static const char *
vectors_mapper_error(const json_t *in, const json_t *expected,
    const json_t *got)
{
    size_t       i;
    json_t      *copies[2];
    const char  *text, *problem, *verdict;

    copies[0] = json_copy((json_t *) (uintptr_t) expected);
    copies[1] = json_copy((json_t *) (uintptr_t) got);

    for (i = 0; i < 2; i++) {
        text = json_string_value(json_object_get(copies[i], "description"));
        problem = (text != NULL) ? strstr(text, " unknown problem: ") : NULL;

        if (problem != NULL) {
            json_object_set_new(copies[i], "description",
                                json_stringn(text,
                                             (size_t) (problem - text)));
        }
    }

    verdict = vectors_compare(in, copies[0], copies[1]);

    json_decref(copies[0]);
    json_decref(copies[1]);

    return verdict;
}


/* Texts that are JSON are the same if they say the same. */
static bool
vectors_mapper_equal(const json_t *expected, const json_t *got)
{
    bool         equal;
    json_t      *e, *g;
    const char  *left, *right;

    left = json_string_value(json_object_get(expected, "text"));
    right = json_string_value(json_object_get(got, "text"));

    if (!json_equal(json_object_get(expected, "headers"),
                    json_object_get(got, "headers"))
        || (left == NULL) != (right == NULL))
    {
        return false;
    }

    if (left == NULL) {
        e = json_object_get(expected, "bytes_base64");
        g = json_object_get(got, "bytes_base64");

        return (e == NULL && g == NULL) || json_equal(e, g);
    }

    e = json_loads(left, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    g = json_loads(right, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);

    equal = (e != NULL) ? json_equal(e, g) : strcmp(left, right) == 0;

    json_decref(e);
    json_decref(g);

    return equal;
}
