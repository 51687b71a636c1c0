/*
 * Sets "address", "topics_entry" and "connection".
 */

#include "ditto_connection.h"

#include "vectors.h"


static json_t *vectors_config(unit_pool_t *up, ditto_str_t address);
static json_t *vectors_list(const ditto_str_t *elts, size_t n);
static json_t *vectors_render(const ditto_buf_t *buf);


json_t *
vectors_address(unit_pool_t *up, const json_t *in)
{
    json_t           *out, *resolved;
    ditto_str_t       text;
    ditto_error_t     err;
    ditto_address_t   address;

    text = vectors_str(up, in, "address");

    out = json_object();
    json_object_set_new(out, "config", vectors_config(up, text));

    if (ditto_str_find(text, ditto_str("{{")) <= text.len) {
        return out;
    }

    if (ditto_address_parse(&address, text, &err) != DITTO_OK) {
        json_object_set_new(out, "resolved", vectors_error(up, &err));
        return out;
    }

    resolved = json_object();
    json_object_set_new(resolved, "topic", vectors_string(address.topic));
    json_object_set_new(resolved, "key",
                        address.key.data == NULL
                        ? json_null() : vectors_string(address.key));
    json_object_set_new(resolved, "partition",
                        address.has_partition
                        ? json_integer(address.partition) : json_null());
    json_object_set_new(out, "resolved", resolved);

    return out;
}


const char *
vectors_address_compare(const json_t *in, const json_t *expected,
    const json_t *got)
{
    const char    *verdict;
    const json_t  *e, *g;

    e = json_object_get(expected, "config");
    g = json_object_get(got, "config");

    verdict = vectors_compare(in, e, g);

    if (verdict != NULL) {
        return verdict;
    }

    e = json_object_get(expected, "resolved");
    g = json_object_get(got, "resolved");

    if (e == NULL) {
        return NULL;
    }

    return vectors_compare(in, e, g);
}


json_t *
vectors_topics_entry(unit_pool_t *up, const json_t *in)
{
    json_t                *out;
    ditto_buf_t            buf;
    ditto_str_t            text;
    ditto_error_t          err;
    ditto_subscription_t   topic;

    text = vectors_str(up, in, "entry");

    if (ditto_subscription_compile(&up->pool, text, &topic, &err)
        != DITTO_OK)
    {
        return vectors_error(up, &err);
    }

    out = json_object();
    json_object_set_new(out, "ok", json_true());
    json_object_set_new(out, "topic",
                        vectors_string(ditto_topic_name(topic.topic)));
    json_object_set_new(out, "namespaces",
                        vectors_list(topic.namespaces, topic.nnamespaces));

    if (topic.filter.data != NULL) {
        json_object_set_new(out, "filter", vectors_string(topic.filter));
    }

    if (topic.extra_fields.data != NULL) {
        json_object_set_new(out, "extra_fields",
                            vectors_string(topic.extra_fields));
        json_object_set_new(out, "extra_pointers",
                            vectors_list(topic.pointers, topic.npointers));
    }

    if (ditto_subscription_check(&up->pool, &topic, &err) != DITTO_OK) {
        json_object_set_new(out, "extra_fields_error",
                            vectors_error(up, &err));
    }

    if (ditto_subscription_check_filter(&up->pool, &topic, &err) != DITTO_OK) {
        json_object_set_new(out, "filter_error", vectors_error(up, &err));
    }

    ditto_buf_init(&buf, &up->pool, 0);
    ditto_subscription_render(&buf, &topic);

    if (ditto_buf_done(&buf, &text) == DITTO_OK) {
        json_object_set_new(out, "rendered", vectors_string(text));
    }

    return out;
}


/* Absent members must be absent. */
const char *
vectors_topics_entry_compare(const json_t *in, const json_t *expected,
    const json_t *got)
{
    json_t      *e, *rest;
    const char  *verdict, *name;

    if (json_object_get(expected, "error") != NULL) {
        return vectors_compare(in, expected, got);
    }

    e = json_object_get(expected, "extra_fields_error");

    if (e != NULL) {
        verdict = vectors_compare(in, e,
                                  json_object_get(got, "extra_fields_error"));

        if (verdict != NULL) {
            return verdict;
        }
    }

    e = json_object_get(expected, "filter_error");

    if (e != NULL) {
        verdict = vectors_rql_compare(in, e,
                                      json_object_get(got, "filter_error"));

        if (verdict != NULL) {
            return verdict;
        }
    }

    rest = json_copy((json_t *) (uintptr_t) expected);
    json_object_del(rest, "filter_error");
    json_object_del(rest, "extra_fields_error");

    verdict = vectors_compare(in, rest, got);
    json_decref(rest);

    if (verdict != NULL) {
        return verdict;
    }

    json_object_foreach((json_t *) (uintptr_t) got, name, e) {
        if (json_object_get(expected, name) == NULL) {
            return "failed (surplus member)";
        }
    }

    return NULL;
}


json_t *
vectors_connection(unit_pool_t *up, const json_t *in)
{
    char                *dump;
    json_t              *out;
    ditto_buf_t          buf;
    ditto_str_t          text, place;
    ditto_error_t        err;
    ditto_connection_t   connection;

    text = vectors_str(up, in, "text");

    if (text.data == NULL) {
        dump = json_dumps(json_object_get(in, "connection"),
                          JSON_COMPACT | JSON_ENCODE_ANY);
        text = unit_str(up, dump);
        free(dump);
    }

    if (ditto_connection_parse(&up->pool, text, &connection, &place, &err)
        != DITTO_OK)
    {
        return vectors_error(up, &err);
    }

    ditto_buf_init(&buf, &up->pool, 0);
    ditto_connection_render(&buf, &connection, false);

    out = json_object();
    json_object_set_new(out, "ok", json_true());
    json_object_set_new(out, "rendered", vectors_render(&buf));

    return out;
}


/* A connection with one target, filled as the directives do it. */
static json_t *
vectors_config(unit_pool_t *up, ditto_str_t address)
{
    json_t              *out;
    ditto_str_t          place;
    ditto_error_t        err;
    ditto_pool_t        *pool;
    ditto_target_t      *t;
    ditto_connection_t   c;

    pool = &up->pool;

    ditto_connection_init(&c, pool);

    t = ditto_connection_add_target(pool, &c);

    if (t == NULL
        || ditto_connection_set_id(pool, &c, ditto_str("k1"), &err)
           != DITTO_OK
        || ditto_connection_set_uri(pool, &c, ditto_str("tcp://broker:9092"),
                                    &err)
           != DITTO_OK
        || ditto_connection_set_bootstrap_servers(pool, &c,
                                                  ditto_str("broker:9092"),
                                                  &err)
           != DITTO_OK
        || ditto_target_set_address(pool, t, address, &err) != DITTO_OK
        || ditto_target_add_topic(pool, t, ditto_str("_/_/things/twin/events"),
                                  &err)
           != DITTO_OK
        || ditto_target_add_subject(pool, t, ditto_str("nginx:out"), &err)
           != DITTO_OK
        || ditto_connection_validate(pool, &c, &place, &err) != DITTO_OK)
    {
        return vectors_error(up, &err);
    }

    out = json_object();
    json_object_set_new(out, "ok", json_true());

    return out;
}


static json_t *
vectors_list(const ditto_str_t *elts, size_t n)
{
    size_t   i;
    json_t  *list;

    list = json_array();

    for (i = 0; i < n; i++) {
        json_array_append_new(list, vectors_string(elts[i]));
    }

    return list;
}


static json_t *
vectors_render(const ditto_buf_t *buf)
{
    json_t       *value;
    ditto_str_t   text;

    if (ditto_buf_done(buf, &text) != DITTO_OK) {
        return json_null();
    }

    value = json_loadb((const char *) text.data, text.len, JSON_ALLOW_NUL,
                       NULL);

    return (value != NULL) ? value : vectors_string(text);
}
