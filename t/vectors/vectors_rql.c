/*
 * Sets "rql_parse", "rql_match" and "rql_match_enriched".
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ditto_json.h"
#include "ditto_rql_private.h"
#include "ditto_subscription.h"

#include "vectors.h"


static json_t *vectors_rql_term(const ditto_rql_t *rql, size_t index);
static json_t *vectors_rql_literal(const ditto_rql_value_t *value);
static bool vectors_rql_scope(unit_pool_t *up, const json_t *in,
    ditto_scope_t *scope, ditto_scope_cache_t *cache, ditto_signal_t *signal,
    ditto_error_t *err);
static json_t *vectors_rql_answer(unit_pool_t *up, ditto_rc_t rc,
    const char *name, const ditto_error_t *err);
static json_t *vectors_rql_outcome(unit_pool_t *up, ditto_rc_t rc,
    const ditto_error_t *err);
static bool vectors_rql_position(const char *text, int *line, int *column);


json_t *
vectors_rql_parse(unit_pool_t *up, const json_t *in)
{
    json_t         *out;
    ditto_rql_t    *rql;
    ditto_error_t   err;

    if (ditto_rql_compile(&up->pool, vectors_str(up, in, "filter"), NULL, 0,
                          &rql, &err)
        != DITTO_OK)
    {
        return vectors_error(up, &err);
    }

    out = json_object();
    json_object_set_new(out, "ok", json_true());
    json_object_set_new(out, "ast", vectors_rql_term(rql, 0));

    return out;
}


/*
 * The words about a wrong syntax belong to Ditto's parser library; how it
 * begins and where it is counts.
 */
const char *
vectors_rql_compare(const json_t *in, const json_t *expected,
    const json_t *got)
{
    int          at[4];
    size_t       n;
    json_t      *e, *g;
    const char  *verdict, *left, *right;

    left = json_string_value(json_object_get(expected, "message"));
    right = json_string_value(json_object_get(got, "message"));

    e = json_copy((json_t *) (uintptr_t) expected);
    g = json_copy((json_t *) (uintptr_t) got);

    if (left != NULL && right != NULL
        && vectors_rql_position(left, &at[0], &at[1])
        && vectors_rql_position(right, &at[2], &at[3])
        && at[0] == at[2] && at[1] == at[3]
        && strchr(left, ',') != NULL && strstr(left, ", expected ") != NULL)
    {
        n = (size_t) (strstr(left, ", expected ") - left);

        if (strncmp(left, right, n) == 0
            && strcmp(strstr(left, "):\n"), strstr(right, "):\n")) == 0)
        {
            json_object_del(e, "message");
            json_object_del(g, "message");
        }
    }

    verdict = vectors_compare(in, e, g);

    json_decref(e);
    json_decref(g);

    return verdict;
}


json_t *
vectors_rql_match(unit_pool_t *up, const json_t *in)
{
    ditto_rc_t            rc;
    ditto_rql_t          *rql;
    ditto_error_t         err;
    ditto_scope_t         scope;
    ditto_signal_t        signal;
    ditto_scope_cache_t   cache;

    if (!vectors_rql_scope(up, in, &scope, &cache, &signal, &err)
        || ditto_rql_compile(&up->pool, vectors_str(up, in, "filter"), NULL, 0,
                             &rql, &err)
           != DITTO_OK)
    {
        return vectors_error(up, &err);
    }

    rc = ditto_rql_possible(rql, &scope, &err);

    return vectors_rql_answer(up, rc, "match", &err);
}


json_t *
vectors_rql_match_enriched(unit_pool_t *up, const json_t *in)
{
    char                  *dump;
    size_t                 i;
    json_t                *out, *requested;
    ditto_rc_t             rc;
    ditto_buf_t            buf;
    ditto_str_t            extra, filter, *pointer;
    ditto_array_t          pointers;
    ditto_error_t          err;
    ditto_scope_t          scope;
    ditto_signal_t         signal;
    ditto_scope_cache_t    cache;
    ditto_subscription_t   entry;

    if (!vectors_rql_scope(up, in, &scope, &cache, &signal, &err)) {
        return vectors_error(up, &err);
    }

    /* as a user would write it, every byte escaped */

    ditto_buf_init(&buf, &up->pool, 0);
    ditto_buf_str(&buf, ditto_topic_name(signal.target_topic));
    ditto_buf_text(&buf, "?extraFields=");
    ditto_buf_str(&buf, vectors_str(up, in, "extra_fields"));

    filter = vectors_str(up, in, "filter");

    if (filter.data != NULL) {
        ditto_buf_text(&buf, "&filter=");

        for (i = 0; i < filter.len; i++) {
            char  escape[4];

            snprintf(escape, sizeof(escape), "%%%02X", filter.data[i]);
            ditto_buf_text(&buf, escape);
        }
    }

    if (ditto_subscription_compile(&up->pool, unit_span(up, buf.data, buf.len),
                                   &entry, &err)
        != DITTO_OK
        || ditto_subscription_check(&up->pool, &entry, &err) != DITTO_OK
        || ditto_subscription_check_filter(&up->pool, &entry, &err)
           != DITTO_OK)
    {
        return vectors_error(up, &err);
    }

    out = json_object();

    rc = ditto_subscription_match(&entry, &scope, &err);
    json_object_set_new(out, "phase1", vectors_rql_outcome(up, rc, &err));

    rc = ditto_subscription_fields(&entry, 1, &scope, &pointers, &err);

    if (rc == DITTO_DECLINED) {
        json_object_set_new(out, "match", json_true());
        return out;
    }

    if (rc == DITTO_OK) {
        requested = json_array();

        for (i = 0, pointer = pointers.elts; i < pointers.nelts; i++) {
            json_array_append_new(requested, vectors_string(pointer[i]));
        }

        json_object_set_new(out, "requested", requested);

        dump = json_dumps(json_object_get(in, "extra"), JSON_COMPACT);
        scope.extra = unit_str(up, dump);
        free(dump);

        rc = ditto_subscription_enrich(&entry, 1, &scope, &extra, &err);

        if (rc == DITTO_OK && extra.data != NULL) {
            json_object_set_new(out, "extra",
                                json_loadb((const char *) extra.data,
                                           extra.len, 0, NULL));
        }
    }

    requested = vectors_rql_answer(up, rc, "match", &err);
    json_object_update(out, requested);
    json_decref(requested);

    return out;
}


const char *
vectors_rql_enriched_compare(const json_t *in, const json_t *expected,
    const json_t *got)
{
    json_t      *value;
    const char  *name, *verdict;

    json_object_foreach((json_t *) (uintptr_t) expected, name, value) {
        if (strcmp(name, "phase1") == 0 && json_is_object(value)) {
            verdict = vectors_compare(in, value,
                                      json_object_get(got, "phase1"));

            if (verdict != NULL) {
                return verdict;
            }

        } else if (strcmp(name, "exception") != 0
                   && !json_equal(value, json_object_get(got, name))
                   && (strcmp(name, "error") != 0
                       || json_object_get(expected, "exception") == NULL
                       || json_object_get(got, "error") == NULL))
        {
            return "failed";
        }
    }

    return (json_object_get(expected, "extra") == NULL
            && json_object_get(got, "extra") != NULL)
           ? "failed (surplus extra)" : NULL;
}


static bool
vectors_rql_scope(unit_pool_t *up, const json_t *in, ditto_scope_t *scope,
    ditto_scope_cache_t *cache, ditto_signal_t *signal, ditto_error_t *err)
{
    memset(cache, 0, sizeof(ditto_scope_cache_t));
    memset(scope, 0, sizeof(ditto_scope_t));

    scope->pool = &up->pool;
    scope->cache = cache;
    scope->signal = signal;
    scope->connection_id = unit_str(up, "c");
    scope->now.sec = (int64_t) time(NULL);

    return ditto_signal_parse(&up->pool, vectors_str(up, in, "text"), signal,
                              err)
           == DITTO_OK;
}


static json_t *
vectors_rql_answer(unit_pool_t *up, ditto_rc_t rc, const char *name,
    const ditto_error_t *err)
{
    json_t  *out;

    if (rc == DITTO_ERROR) {
        return vectors_error(up, err);
    }

    out = json_object();
    json_object_set_new(out, name, json_boolean(rc == DITTO_OK));

    return out;
}


static json_t *
vectors_rql_outcome(unit_pool_t *up, ditto_rc_t rc, const ditto_error_t *err)
{
    return (rc == DITTO_ERROR) ? vectors_error(up, err)
                               : json_boolean(rc == DITTO_OK);
}


static json_t *
vectors_rql_term(const ditto_rql_t *rql, size_t index)
{
    size_t                   i;
    json_t                  *term;
    const ditto_rql_node_t  *node;

    node = &rql->nodes[index];

    term = json_array();
    json_array_append_new(term, vectors_string(node->function->name));

    for (i = index + 1; i < node->end; i = rql->nodes[i].end) {
        json_array_append_new(term, vectors_rql_term(rql, i));
    }

    if (node->function->form != DITTO_RQL_TERMS
        && node->function->form != DITTO_RQL_ONE_TERM)
    {
        json_array_append_new(term, vectors_string(node->property));
    }

    for (i = 0; i < node->nvalues; i++) {
        json_array_append_new(term, vectors_rql_literal(&node->values[i]));
    }

    return term;
}


static json_t *
vectors_rql_literal(const ditto_rql_value_t *value)
{
    char          text[DITTO_NUMBER_TEXT];
    json_t       *out;
    const char   *name;
    ditto_str_t   s;

    s = value->text;
    name = "placeholder";

    switch (value->type) {

    case DITTO_RQL_NULL:
        return json_null();

    case DITTO_RQL_BOOLEAN:
        return json_boolean(value->boolean);

    case DITTO_RQL_STRING:
        return vectors_string(s);

    case DITTO_RQL_NUMBER:
        if (value->number.integer) {
            return json_integer(value->number.i);
        }

        s.data = (unsigned char *) text;
        s.len = ditto_number_print(&value->number, text);
        name = "double";
        break;

    default:
        break;
    }

    out = json_object();
    json_object_set_new(out, name, vectors_string(s));

    return out;
}


static bool
vectors_rql_position(const char *text, int *line, int *column)
{
    const char  *p;

    p = strstr(text, " (line ");

    return p != NULL && sscanf(p, " (line %d, column %d):", line, column) == 2;
}
