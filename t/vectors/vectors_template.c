/*
 * Set "template": addresses and header mappings of targets.
 */

#include "ditto_address.h"
#include "ditto_template.h"

#include "vectors.h"


static ditto_rc_t vectors_template_scope(unit_pool_t *up, const json_t *in,
    ditto_scope_t *scope, ditto_error_t *err);
static json_t *vectors_publish(unit_pool_t *up, ditto_str_t text);
static const char *vectors_template_values(const json_t *expected,
    const json_t *got);
static bool vectors_is(const json_t *in, const char *kind);


json_t *
vectors_template(unit_pool_t *up, const json_t *in)
{
    bool                   address;
    json_t                *out;
    ditto_rc_t             rc;
    ditto_str_t            text, value;
    ditto_scope_t          scope;
    ditto_error_t          err;
    ditto_signal_t         signal;
    ditto_template_t      *tpl;
    ditto_scope_cache_t    cache;

    memset(&scope, 0, sizeof(scope));
    memset(&cache, 0, sizeof(cache));
    memset(&signal, 0, sizeof(signal));

    scope.signal = &signal;
    scope.cache = &cache;

    address = vectors_is(in, "target_address");

    if (vectors_template_scope(up, in, &scope, &err) != DITTO_OK) {
        return vectors_error(up, &err);
    }

    out = json_object();
    text = vectors_str(up, in, "template");

    rc = address ? ditto_address_compile(&up->pool, text, &tpl, &err)
                 : ditto_template_compile(&up->pool, text,
                                          DITTO_PLACE_HEADER_MAPPING, &tpl,
                                          &err);

    if (rc == DITTO_OK) {
        json_object_set_new(out, "validate", json_pack("{sb}", "ok", 1));

    } else {
        (void) ditto_fail_as(&up->pool, &err,
                             DITTO_E_CONNECTION_CONFIGURATION);
        json_object_set_new(out, "validate", vectors_error(up, &err));
    }

    /* also what the check refuses */
    if (ditto_template_compile(&up->pool, text,
                               address ? DITTO_PLACE_ADDRESS
                                       : DITTO_PLACE_HEADER_MAPPING,
                               &tpl, &err)
        != DITTO_OK)
    {
        json_object_set_new(out, "resolve", vectors_error(up, &err));
        return out;
    }

    rc = ditto_template_resolve(tpl, &scope, &value, &err);

    switch (rc) {

    case DITTO_OK:
        json_object_set_new(out, "resolve",
                            json_pack("{s[o]}", "values",
                                      vectors_string(value)));
        json_object_set_new(out, address ? "publish" : "header",
                            address ? vectors_publish(up, value)
                                    : vectors_string(value));
        break;

    case DITTO_DECLINED:
        json_object_set_new(out, "resolve", json_object());
        break;

    default:
        json_object_set_new(out, "resolve", vectors_error(up, &err));
    }

    return out;
}


const char *
vectors_template_compare(const json_t *in, const json_t *expected,
    const json_t *got)
{
    const char    *verdict, *text;
    const json_t  *e, *g;

    if (!vectors_is(in, "target_address")
        && !vectors_is(in, "header_mapping"))
    {
        return "intended: no template of a target";
    }

    e = json_object_get(expected, "validate");
    g = json_object_get(got, "validate");

    text = json_string_value(json_object_get(g, "message"));

    if (text != NULL && strstr(text, "not supported yet") != NULL) {
        return "intended: functions are not supported yet";
    }

    if (json_object_get(e, "error") == NULL
        && json_object_get(g, "error") != NULL)
    {
        return "failed (refused)";
    }

    verdict = vectors_compare(in, e, g);
    if (verdict != NULL) {
        return verdict;
    }

    e = json_object_get(expected, "resolve");
    g = json_object_get(got, "resolve");

    if (json_object_get(e, "error") != NULL) {
        return vectors_compare(in, e, g);
    }

    verdict = vectors_template_values(e, g);
    if (verdict != NULL) {
        return verdict;
    }

    if (json_object_get(e, "values") == NULL) {
        return NULL;
    }

    if (vectors_is(in, "header_mapping")) {
        return json_equal(json_object_get(expected, "header"),
                          json_object_get(got, "header"))
               ? NULL : "failed (header)";
    }

    e = json_object_get(expected, "publish");
    g = json_object_get(got, "publish");
    text = json_string_value(json_object_get(g, "message"));

    if (json_integer_value(json_object_get(e, "partition")) < 0
        && text != NULL && strncmp(text, "Invalid partition: ", 19) == 0)
    {
        return "intended: a negative partition is refused with the address, "
               "not by the producer";
    }

    return vectors_compare(in, e, g);
}


/* The first value is all that an address or a header takes. */
static const char *
vectors_template_values(const json_t *expected, const json_t *got)
{
    json_t  *e, *g;

    e = json_array_get(json_object_get(expected, "values"), 0);
    g = json_array_get(json_object_get(got, "values"), 0);

    if (json_object_get(got, "error") != NULL) {
        return "failed (error)";
    }

    if (e == NULL || g == NULL) {
        return (e == g) ? NULL : "failed (resolved)";
    }

    return json_equal(e, g) ? NULL : "failed (value)";
}


static json_t *
vectors_publish(unit_pool_t *up, ditto_str_t text)
{
    json_t           *out;
    ditto_error_t     err;
    ditto_address_t   address;

    if (ditto_address_parse(&address, text, &err) != DITTO_OK) {
        return vectors_error(up, &err);
    }

    out = json_pack("{so}", "topic", vectors_string(address.topic));

    if (address.key.data != NULL) {
        json_object_set_new(out, "key", vectors_string(address.key));
    }

    if (address.has_partition) {
        json_object_set_new(out, "partition",
                            json_integer(address.partition));
    }

    return out;
}


static ditto_rc_t
vectors_template_scope(unit_pool_t *up, const json_t *in,
    ditto_scope_t *scope, ditto_error_t *err)
{
    char            *extra;
    size_t           i;
    json_t          *value;
    const char      *name;
    ditto_str_t     *subjects;
    const json_t    *list;
    ditto_signal_t  *signal;

    signal = (ditto_signal_t *) (uintptr_t) scope->signal;

    if (ditto_signal_parse(&up->pool, vectors_str(up, in, "text"), signal,
                           err)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    json_object_foreach(json_object_get(in, "headers"), name, value) {
        if (ditto_headers_set(&signal->headers, unit_str(up, name),
                              unit_span(up, json_string_value(value),
                                        json_string_length(value)))
            != DITTO_OK)
        {
            return ditto_fail_memory(err);
        }
    }

    list = json_object_get(in, "subjects");
    subjects = ditto_alloc(&up->pool,
                           (json_array_size(list) + 1) * sizeof(ditto_str_t));
    if (subjects == NULL) {
        return ditto_fail_memory(err);
    }

    json_array_foreach(list, i, value) {
        subjects[i] = unit_str(up, json_string_value(value));
    }

    scope->pool = &up->pool;
    scope->connection_id = vectors_str(up, in, "connection_id");
    scope->subjects = subjects;
    scope->nsubjects = json_array_size(list);
    scope->now.sec = 1704164645;

    extra = json_dumps(json_object_get(in, "extra"), JSON_COMPACT);

    if (extra != NULL) {
        scope->extra = unit_str(up, extra);
        free(extra);
    }

    return DITTO_OK;
}


static bool
vectors_is(const json_t *in, const char *kind)
{
    return strcmp(json_string_value(json_object_get(in, "kind")), kind) == 0;
}
