/*
 * Sets "template" and "enforcement".
 */

#include "ditto_address.h"
#include "ditto_enforcement.h"
#include "ditto_template.h"

#include "vectors.h"


typedef struct {
    const char     *name;
    ditto_place_e   place;
    bool            enforcement;
    bool            record;      /* "headers" are those of a record */
} vectors_kind_t;


static const vectors_kind_t *vectors_template_kind(const json_t *in);
static void vectors_template_scope(unit_pool_t *up, const json_t *in,
    bool record, ditto_scope_t *scope);
static ditto_rc_t vectors_template_signal(unit_pool_t *up, const json_t *in,
    ditto_signal_t *signal, ditto_error_t *err);
static json_t *vectors_template_validate(unit_pool_t *up, const json_t *in,
    const vectors_kind_t *kind);
static json_t *vectors_template_resolve(unit_pool_t *up,
    const ditto_scope_t *scope, const vectors_kind_t *kind, ditto_str_t text,
    json_t *out);
static json_t *vectors_enforce(unit_pool_t *up, const json_t *in,
    const ditto_scope_t *scope, ditto_str_t input);
static const ditto_str_t *vectors_filters(unit_pool_t *up, const json_t *in,
    size_t *n);
static json_t *vectors_publish(unit_pool_t *up, ditto_str_t text);
static json_t *vectors_ok(const char *name);


static const vectors_kind_t  vectors_kinds[] = {
    { "target_address", DITTO_PLACE_ADDRESS, false, false },
    { "header_mapping", DITTO_PLACE_HEADER_MAPPING, false, false },
    { "source_header_mapping", DITTO_PLACE_HEADER_MAPPING, false, true },
    { "enforcement_input", DITTO_PLACE_ENFORCEMENT_INPUT, true, true },
    { "enforcement_filter", DITTO_PLACE_ENFORCEMENT_INPUT, true, true },
};


json_t *
vectors_template(unit_pool_t *up, const json_t *in)
{
    json_t                *out;
    ditto_str_t            text;
    ditto_error_t          err;
    ditto_scope_t          scope;
    ditto_signal_t         signal;
    ditto_scope_cache_t    cache;
    const vectors_kind_t  *kind;

    memset(&scope, 0, sizeof(scope));
    memset(&cache, 0, sizeof(cache));

    scope.signal = &signal;
    scope.cache = &cache;

    kind = vectors_template_kind(in);

    if (vectors_template_signal(up, in, &signal, &err) != DITTO_OK) {
        return vectors_error(up, &err);
    }

    vectors_template_scope(up, in, kind->record && !kind->enforcement, &scope);

    out = json_object();
    json_object_set_new(out, "validate",
                        vectors_template_validate(up, in, kind));

    /* also what the check refuses */

    text = vectors_str(up, in, "template");

    if (kind->enforcement) {

        if (strcmp(kind->name, "enforcement_filter") == 0) {
            text = unit_str(up, "{{ header:device }}");
        }

        json_object_set_new(out, "resolve",
                            vectors_enforce(up, in, &scope, text));

    } else {
        json_object_set_new(out, "resolve",
                            vectors_template_resolve(up, &scope, kind, text,
                                                     out));
    }

    return out;
}


json_t *
vectors_enforcement(unit_pool_t *up, const json_t *in)
{
    json_t               *out;
    ditto_error_t         err;
    ditto_scope_t         scope;
    ditto_signal_t        signal;
    ditto_scope_cache_t   cache;

    memset(&scope, 0, sizeof(scope));
    memset(&cache, 0, sizeof(cache));

    scope.signal = &signal;
    scope.cache = &cache;
    scope.pool = &up->pool;

    if (vectors_template_signal(up, in, &signal, &err) != DITTO_OK) {
        return vectors_error(up, &err);
    }

    out = vectors_enforce(up, in, &scope, vectors_str(up, in, "input"));

    if (json_object_get(out, "accepted") != NULL) {
        json_decref(out);
        return vectors_ok("ok");
    }

    return out;
}


const char *
vectors_template_compare(const json_t *in, const json_t *expected,
    const json_t *got)
{
    const char    *verdict;
    const json_t  *e, *g;

    e = json_object_get(expected, "validate");
    g = json_object_get(got, "validate");

    verdict = vectors_compare(in, e, g);
    if (verdict != NULL) {
        return verdict;
    }

    e = json_object_get(expected, "resolve");
    g = json_object_get(got, "resolve");

    if (json_object_get(e, "error") != NULL) {
        return vectors_compare(in, e, g);
    }

    if (!json_equal(e, g)) {
        return "failed (value)";
    }

    e = json_object_get(expected, "header");
    g = json_object_get(got, "header");

    if (e != g && !json_equal(e, g)) {
        return "failed (header)";
    }

    e = json_object_get(expected, "publish");
    g = json_object_get(got, "publish");

    if (e == NULL || g == NULL) {
        return (e == g) ? NULL : "failed (publish)";
    }

    return vectors_compare(in, e, g);
}


static const vectors_kind_t *
vectors_template_kind(const json_t *in)
{
    size_t       i;
    const char  *name;

    name = json_string_value(json_object_get(in, "kind"));

    for (i = 0; strcmp(vectors_kinds[i].name, name) != 0; i++) {
        /* void */
    }

    return &vectors_kinds[i];
}


static json_t *
vectors_template_validate(unit_pool_t *up, const json_t *in,
    const vectors_kind_t *kind)
{
    size_t                 index, n;
    ditto_rc_t             rc;
    ditto_str_t            text, out, empty = ditto_string("");
    ditto_error_t          err;
    ditto_template_t      *tpl;
    const ditto_str_t     *filters;
    ditto_enforcement_t   *rule;

    text = vectors_str(up, in, "template");

    if (kind->place == DITTO_PLACE_ADDRESS) {
        rc = ditto_address_compile(&up->pool, text, &tpl, &err);

    } else if (strcmp(kind->name, "enforcement_filter") == 0) {
        rc = DITTO_OK;

    } else {
        rc = ditto_template_compile(&up->pool, text, kind->place, &tpl, &err);

        if (rc == DITTO_OK) {
            rc = ditto_template_check(&up->pool, tpl, empty, &out, &err);
        }
    }

    if (rc != DITTO_ERROR && kind->enforcement) {
        filters = vectors_filters(up, in, &n);
        rc = ditto_enforcement_compile(&up->pool, filters, n, &rule, &index,
                                       &err);
    }

    if (rc == DITTO_ERROR) {
        (void) ditto_fail_as(&up->pool, &err,
                             DITTO_E_CONNECTION_CONFIGURATION);
        return vectors_error(up, &err);
    }

    return vectors_ok("ok");
}


/* Adds "header" or "publish" to out. */
static json_t *
vectors_template_resolve(unit_pool_t *up, const ditto_scope_t *scope,
    const vectors_kind_t *kind, ditto_str_t text, json_t *out)
{
    bool               deleted;
    size_t             i;
    json_t            *list;
    ditto_rc_t         rc, first;
    ditto_str_t        value, all = ditto_null_string;
    ditto_error_t      err;
    ditto_values_t     values;
    ditto_template_t  *tpl;

    if (ditto_template_compile(&up->pool, text, kind->place, &tpl, &err)
        != DITTO_OK)
    {
        return vectors_error(up, &err);
    }

    first = ditto_template_resolve(tpl, scope, &value, &err);
    rc = ditto_template_values(tpl, scope, all, &values, &deleted, &err);

    if (rc == DITTO_ERROR || first == DITTO_ERROR) {
        return (first == rc) ? vectors_error(up, &err) : json_null();
    }

    if (rc == DITTO_DECLINED || first == DITTO_DECLINED) {
        return (first == rc) ? vectors_ok(deleted ? "deleted" : "unresolved")
                             : json_null();
    }

    if (!ditto_str_eq(value, values.elts[0])) {
        return json_null();
    }

    list = json_array();

    for (i = 0; i < values.n; i++) {
        json_array_append_new(list, vectors_string(values.elts[i]));
    }

    if (kind->place == DITTO_PLACE_ADDRESS) {
        json_object_set_new(out, "publish", vectors_publish(up, value));

    } else if (!kind->record) {
        json_object_set_new(out, "header", vectors_string(value));
    }

    return json_pack("{so}", "values", list);
}


/* The input comes from the headers of a record, which a source would read. */
static json_t *
vectors_enforce(unit_pool_t *up, const json_t *in, const ditto_scope_t *scope,
    ditto_str_t input)
{
    size_t                n, index;
    ditto_rc_t            rc;
    ditto_str_t           value, none = ditto_null_string;
    ditto_error_t         err;
    ditto_scope_t         record;
    ditto_signal_t        signal;
    const ditto_str_t    *filters;
    ditto_template_t     *tpl;
    ditto_enforcement_t  *rule;

    memset(&signal, 0, sizeof(signal));
    signal.headers.pool = &up->pool;

    record = *scope;
    record.signal = &signal;
    vectors_template_scope(up, in, true, &record);

    if (ditto_template_compile(&up->pool, input, DITTO_PLACE_ENFORCEMENT_INPUT,
                               &tpl, &err)
        != DITTO_OK)
    {
        return vectors_error(up, &err);
    }

    rc = ditto_template_resolve(tpl, &record, &value, &err);

    if (rc == DITTO_DECLINED) {
        (void) ditto_fail(&err, DITTO_E_PLACEHOLDER_UNRESOLVED, input, none);
    }

    if (rc != DITTO_OK) {
        return vectors_error(up, &err);
    }

    filters = vectors_filters(up, in, &n);

    /* used even if refused: Ditto does not look here */
    (void) ditto_enforcement_compile(&up->pool, filters, n, &rule, &index,
                                     &err);

    return (ditto_enforcement_check(rule, scope, value, &err) == DITTO_OK)
           ? vectors_ok("accepted") : vectors_error(up, &err);
}


/* "filters", or the template if there are none */
static const ditto_str_t *
vectors_filters(unit_pool_t *up, const json_t *in, size_t *n)
{
    size_t        i;
    json_t       *value, *list;
    ditto_str_t  *filters;

    list = json_object_get(in, "filters");
    *n = (list == NULL) ? 1 : json_array_size(list);

    filters = ditto_alloc(&up->pool, *n * sizeof(ditto_str_t));

    if (list == NULL) {
        filters[0] = vectors_str(up, in, "template");
    }

    json_array_foreach(list, i, value) {
        filters[i] = unit_span(up, json_string_value(value),
                               json_string_length(value));
    }

    return filters;
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


/* "text", or one that reads "thing_id" */
static ditto_rc_t
vectors_template_signal(unit_pool_t *up, const json_t *in,
    ditto_signal_t *signal, ditto_error_t *err)
{
    ditto_str_t  text, id;
    ditto_buf_t  buf;

    text = vectors_str(up, in, "text");

    if (text.data == NULL) {
        id = vectors_str(up, in, "thing_id");

        ditto_buf_init(&buf, &up->pool, 0);
        ditto_buf_text(&buf, "{\"topic\":\"");
        ditto_buf_str(&buf, ditto_str_sub(id, 0, ditto_str_chr(id, ':', 0)));
        ditto_buf_char(&buf, '/');
        ditto_buf_str(&buf, ditto_str_sub(id, ditto_str_chr(id, ':', 0) + 1,
                                          id.len));
        ditto_buf_text(&buf, "/things/twin/commands/retrieve\","
                             "\"path\":\"/\"}");
        (void) ditto_buf_done(&buf, &text);
    }

    return ditto_signal_parse(&up->pool, text, signal, err);
}


static void
vectors_template_scope(unit_pool_t *up, const json_t *in, bool record,
    ditto_scope_t *scope)
{
    char            *extra;
    size_t           i;
    json_t          *value;
    const char      *name;
    ditto_str_t     *subjects;
    const json_t    *list;
    ditto_signal_t  *signal;

    signal = (ditto_signal_t *) (uintptr_t) scope->signal;

    if (record) {
        signal->headers.n = 0;
    }

    json_object_foreach(json_object_get(in, "headers"), name, value) {
        (void) ditto_headers_set(&signal->headers, unit_str(up, name),
                                 unit_span(up, json_string_value(value),
                                           json_string_length(value)));
    }

    list = json_object_get(in, "subjects");
    subjects = ditto_alloc(&up->pool,
                           (json_array_size(list) + 1) * sizeof(ditto_str_t));

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
}


static json_t *
vectors_ok(const char *name)
{
    return json_pack("{sb}", name, 1);
}
