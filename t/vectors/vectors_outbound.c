/*
 * The set "outbound": a connection, a signal and who may read it; the records
 * and acknowledgements.  Who may read it becomes a policy, so that the real
 * evaluator decides.
 */

#include <stdlib.h>
#include <string.h>

#include "ditto_ack.h"
#include "ditto_json.h"
#include "ditto_outbound.h"
#include "vectors.h"


#define VECTORS_DAY  1787047200      /* 2026-08-18T10:00:00Z */


/* What became of a target. */
typedef struct {
    ditto_fate_e    fate;
    ditto_array_t   records;
    ditto_error_t   err;
} vectors_fate_t;


static bool vectors_outbound_stored(unit_pool_t *up,
    ditto_connection_t *connection);
static const ditto_policy_t *vectors_outbound_policy(unit_pool_t *up,
    const json_t *in);
static void vectors_outbound_rights(json_t *entries, const json_t *in);
static void vectors_outbound_right(json_t *entries, const char *subject,
    const char *resource, const char *member);
static ditto_fate_e vectors_outbound_target(unit_pool_t *up,
    const json_t *in, const ditto_connection_t *connection,
    const ditto_target_t *target, ditto_scope_t *scope,
    const ditto_access_t *access, vectors_fate_t *fate);
static ditto_str_t vectors_outbound_thing(unit_pool_t *up, const json_t *in);
static void vectors_outbound_records(json_t *out, size_t target,
    const ditto_array_t *records);
static void vectors_outbound_acks(unit_pool_t *up, json_t *out,
    const ditto_connection_t *connection, const ditto_signal_t *signal,
    const vectors_fate_t *fates);
static void vectors_outbound_ack(json_t *out, ditto_str_t label,
    unsigned status, bool weak, json_t *payload);
static bool vectors_outbound_same(const json_t *expected, const json_t *got);
static bool vectors_outbound_text(const char *name, const json_t *expected,
    const json_t *got);
static bool vectors_outbound_masked(const json_t *expected,
    const json_t *got);


json_t *
vectors_outbound(unit_pool_t *up, const json_t *in)
{
    char                 *dump;
    size_t                i;
    json_t               *out;
    ditto_str_t           text, place;
    ditto_error_t         err;
    ditto_scope_t         scope;
    vectors_fate_t        fates[64];
    ditto_access_t        access;
    ditto_signal_t        signal;
    ditto_target_t       *t;
    ditto_connection_t    connection;
    ditto_scope_cache_t   cache;

    dump = json_dumps(json_object_get(in, "connection"), JSON_COMPACT);
    text = unit_str(up, dump);
    free(dump);

    if ((ditto_connection_parse(&up->pool, text, &connection, &place, &err)
         != DITTO_OK
         && ((err.code != DITTO_E_CONNECTION_CONFIGURATION
              && err.code != DITTO_E_RQL_INVALID)
             || !vectors_outbound_stored(up, &connection)))
        || connection.targets.nelts > sizeof(fates) / sizeof(fates[0])
        || ditto_signal_parse(&up->pool, vectors_str(up, in, "text"), &signal,
                              &err)
           != DITTO_OK)
    {
        return vectors_error(up, &err);
    }

    /* who waits for a response needs one */

    if (ditto_ack_live(&signal)
        && ditto_headers_get(&signal.headers, ditto_str("correlation-id"))
           == NULL
        && ditto_headers_set(&signal.headers, ditto_str("correlation-id"),
                             ditto_str("<uuid>"))
           != DITTO_OK)
    {
        return json_null();
    }

    memset(&scope, 0, sizeof(scope));
    memset(&cache, 0, sizeof(cache));
    memset(&access, 0, sizeof(access));

    scope.pool = &up->pool;
    scope.cache = &cache;
    scope.signal = &signal;
    scope.connection_id = connection.id;
    scope.now.sec = VECTORS_DAY;

    access.partial = true;
    access.policy = vectors_outbound_policy(up, in);

    out = json_object();
    json_object_set_new(out, "records", json_array());

    for (i = 0, t = connection.targets.elts; i < connection.targets.nelts;
         i++)
    {
        ditto_array_init(&fates[i].records, &up->pool,
                         sizeof(ditto_record_t));

        fates[i].fate = vectors_outbound_target(up, in, &connection, &t[i],
                                                &scope, &access, &fates[i]);

        vectors_outbound_records(out, i, &fates[i].records);
    }

    vectors_outbound_acks(up, out, &connection, &signal, fates);

    return out;
}


/*
 * The set has connections that would be refused at creation: what validate did
 * not get to is compiled here.
 */
static bool
vectors_outbound_stored(unit_pool_t *up, ditto_connection_t *connection)
{
    size_t                   i, j;
    ditto_error_t            err;
    ditto_target_t          *t;
    ditto_mapper_t         **mapper;
    ditto_header_mapping_t  *h;

    for (i = 0, t = connection->targets.elts; i < connection->targets.nelts;
         i++)
    {
        if (ditto_template_compile(&up->pool, t[i].address,
                                   DITTO_PLACE_ADDRESS, &t[i].tpl, &err)
            != DITTO_OK)
        {
            return false;
        }

        for (j = 0, h = t[i].header_mapping.elts;
             j < t[i].header_mapping.nelts; j++)
        {
            if (ditto_template_compile(&up->pool, h[j].text,
                                       DITTO_PLACE_HEADER_MAPPING, &h[j].tpl,
                                       &err)
                != DITTO_OK)
            {
                return false;
            }
        }

        t[i].mappers.nelts = 0;
        mapper = ditto_array_push(&t[i].mappers);

        if (t[i].payload_mapping.nelts != 0
            || ditto_mapper_default(&up->pool, unit_str(up, "Ditto"), mapper,
                                    &err)
               != DITTO_OK)
        {
            return false;
        }
    }

    return connection->targets.nelts != 0;
}


/* Granted is READ on the whole, or on the paths that are named. */
static const ditto_policy_t *
vectors_outbound_policy(unit_pool_t *up, const json_t *in)
{
    char                     *dump;
    json_t                   *entries, *document;
    ditto_str_t               text, place, none = ditto_null_string;
    ditto_error_t             err;
    ditto_policy_t           *policy;
    ditto_policy_document_t  *pd;

    static const ditto_time_t  now = { VECTORS_DAY, 0 };

    entries = json_object();
    vectors_outbound_rights(entries, in);

    document = json_pack("{s:s,s:o}", "policyId", "a:b", "entries", entries);
    dump = json_dumps(document, JSON_COMPACT);
    text = unit_str(up, dump);
    free(dump);
    json_decref(document);

    if (ditto_policy_document_read(&up->pool, text, &pd, &place, &err)
        != DITTO_OK
        || ditto_policy_compile(&up->pool, pd, NULL, NULL, none, now, &policy,
                                &err)
           != DITTO_OK)
    {
        return NULL;
    }

    return policy;
}


static void
vectors_outbound_rights(json_t *entries, const json_t *in)
{
    size_t       i, j, k;
    char         resource[512];
    json_t      *subject, *partial, *index, *paths, *path, *revoked;
    const char  *name;
    bool         whole;

    partial = json_object_get(in, "partial_access_paths");
    revoked = json_object_get(in, "revoked_subjects");

    json_array_foreach(json_object_get(in, "read_subjects"), i, subject) {

        whole = true;

        json_array_foreach(json_object_get(partial, "subjects"), j, index) {

            if (!json_equal(index, subject)) {
                continue;
            }

            whole = false;
            paths = json_object_get(partial, "paths");

            json_object_foreach(paths, name, path) {
                json_array_foreach(path, k, index) {
                    if (json_integer_value(index) == (json_int_t) j) {
                        snprintf(resource, sizeof(resource), "thing:%s%s",
                                 name[0] == '/' ? "" : "/", name);
                        vectors_outbound_right(entries,
                                               json_string_value(subject),
                                               resource, "grant");
                    }
                }
            }
        }

        if (whole) {
            vectors_outbound_right(entries, json_string_value(subject),
                                   "thing:/", "grant");
            vectors_outbound_right(entries, json_string_value(subject),
                                   "message:/", "grant");
        }
    }

    json_array_foreach(revoked, i, subject) {
        vectors_outbound_right(entries, json_string_value(subject), "thing:/",
                               "revoke");
        vectors_outbound_right(entries, json_string_value(subject),
                               "message:/", "revoke");
    }
}


/* An entry of its own for each right: they are pooled anyway. */
static void
vectors_outbound_right(json_t *entries, const char *subject,
    const char *resource, const char *member)
{
    char     label[32];
    json_t  *entry;

    snprintf(label, sizeof(label), "e%zu", json_object_size(entries));

    entry = json_pack("{s:{s:{s:s}},s:{s:{s:[],s:[]}}}", "subjects", subject,
                      "type", "t", "resources", resource, "grant", "revoke");

    json_array_append_new(json_object_get(json_object_get(json_object_get(
                              entry, "resources"), resource), member),
                          json_string("READ"));
    json_object_set_new(entries, label, entry);
}


static ditto_fate_e
vectors_outbound_target(unit_pool_t *up, const json_t *in,
    const ditto_connection_t *connection, const ditto_target_t *target,
    ditto_scope_t *scope, const ditto_access_t *access, vectors_fate_t *fate)
{
    size_t          i;
    json_t         *revoked;
    ditto_rc_t      rc;
    ditto_str_t     thing = ditto_null_string;
    ditto_fate_e    answer;
    ditto_array_t   fields;

    /* an event of Ditto never has revoked subjects, those of this set may */

    json_array_foreach(json_object_get(in, "revoked_subjects"), i, revoked) {
        if (scope->signal->kind == DITTO_SIGNAL_EVENT
            && ditto_acks_contain(&target->subjects,
                                  ditto_str(json_string_value(revoked))))
        {
            return DITTO_FATE_DROPPED;
        }
    }

    memset(&fate->err, 0, sizeof(fate->err));
    ditto_array_init(&fields, &up->pool, sizeof(ditto_str_t));

    rc = ditto_outbound_select(target, scope, access, &fields, &fate->err);

    if (rc != DITTO_OK) {
        return (rc == DITTO_DECLINED) ? DITTO_FATE_DROPPED
                                      : DITTO_FATE_FAILED;
    }

    if (fields.nelts != 0) {
        thing = vectors_outbound_thing(up, in);

        if (thing.data == NULL) {
            return DITTO_FATE_FAILED;
        }
    }

    (void) ditto_outbound_publish(connection, target, scope, access, thing,
                                  &fate->records, &answer, &fate->err);

    return answer;
}


static ditto_str_t
vectors_outbound_thing(unit_pool_t *up, const json_t *in)
{
    char         *dump;
    ditto_str_t   text = ditto_null_string;
    const json_t *thing;

    thing = json_object_get(in, "thing");

    if (thing == NULL) {
        return text;
    }

    dump = json_dumps(thing, JSON_COMPACT);
    text = unit_str(up, dump);
    free(dump);

    return text;
}


static void
vectors_outbound_records(json_t *out, size_t target,
    const ditto_array_t *records)
{
    size_t                        i, j;
    json_t                       *record, *headers;
    const ditto_record_t         *r;
    const ditto_record_header_t  *h;

    for (i = 0, r = records->elts; i < records->nelts; i++) {

        headers = json_object();

        for (j = 0, h = r[i].headers; j < r[i].nheaders; j++) {
            char  *name = strndup((const char *) h[j].name.data,
                                  h[j].name.len);

            json_object_set_new(headers, name, vectors_string(h[j].value));
            free(name);
        }

        record = json_object();
        json_object_set_new(record, "target",
                            json_integer((json_int_t) target));
        json_object_set_new(record, "topic", vectors_string(r[i].topic));
        json_object_set_new(record, "key", r[i].key.data == NULL
                                           ? json_null()
                                           : vectors_string(r[i].key));
        json_object_set_new(record, "partition",
                            r[i].partition < 0
                            ? json_null() : json_integer(r[i].partition));
        json_object_set_new(record, "headers", headers);
        json_object_set_new(record, "value", vectors_string(r[i].value));

        json_array_append_new(json_object_get(out, "records"), record);
    }
}


/* spec: Weak acknowledgements; every record is confirmed in this set */
static void
vectors_outbound_acks(unit_pool_t *up, json_t *out,
    const ditto_connection_t *connection, const ditto_signal_t *signal,
    const vectors_fate_t *fates)
{
    size_t                 i;
    ditto_buf_t            buf;
    ditto_str_t            text;
    ditto_array_t          labels;
    ditto_error_t          err;
    const ditto_target_t  *t;

    if (ditto_acks_requested(&up->pool, signal, &labels, &err) != DITTO_OK) {
        return;
    }

    for (i = 0, t = connection->targets.elts; i < connection->targets.nelts;
         i++)
    {
        if (t[i].label.len == 0
            || (ditto_str_eq(t[i].label, ditto_live_response)
                ? !ditto_ack_live(signal)
                : !ditto_acks_contain(&labels, t[i].label)))
        {
            continue;
        }

        switch (fates[i].fate) {

        case DITTO_FATE_PUBLISHED:
            vectors_outbound_ack(out, t[i].label, connection->debug ? 200
                                                                    : 204,
                                 false, NULL);
            break;

        case DITTO_FATE_DROPPED:
            if (ditto_acks_custom(&labels)
                && !ditto_str_eq(t[i].label, ditto_live_response))
            {
                vectors_outbound_ack(out, t[i].label, 200, true,
                                     json_loadb((const char *)
                                                ditto_ack_weak.data,
                                                ditto_ack_weak.len,
                                                JSON_DECODE_ANY, NULL));
            }
            break;

        case DITTO_FATE_FAILED:
            ditto_buf_init(&buf, &up->pool, 0);
            ditto_ack_error_payload(&buf, &fates[i].err);
            (void) ditto_buf_done(&buf, &text);
            vectors_outbound_ack(out, t[i].label,
                                 ditto_error_status(&fates[i].err), false,
                                 json_loadb((const char *) text.data,
                                            text.len, 0, NULL));
            break;

        default:
            break;
        }
    }
}


static void
vectors_outbound_ack(json_t *out, ditto_str_t label, unsigned status,
    bool weak, json_t *payload)
{
    json_t  *ack, *acks;

    acks = json_object_get(out, "acks");

    if (acks == NULL) {
        acks = json_array();
        json_object_set_new(out, "acks", acks);
    }

    ack = json_object();
    json_object_set_new(ack, "label", vectors_string(label));
    json_object_set_new(ack, "status", json_integer((json_int_t) status));
    json_object_set_new(ack, "weak", json_boolean(weak));

    if (payload != NULL) {
        json_object_set_new(ack, "payload", payload);
    }

    json_array_append_new(acks, ack);
}


const char *
vectors_outbound_compare(const json_t *in, const json_t *expected,
    const json_t *got)
{
    json_t  *e, *g;

    if (json_object_get(expected, "error") != NULL
        || json_object_get(got, "error") != NULL)
    {
        return vectors_compare(in, expected, got);
    }

    if (!vectors_outbound_same(json_object_get(expected, "records"),
                               json_object_get(got, "records")))
    {
        return "failed (records)";
    }

    e = json_object_get(expected, "acks");
    g = json_object_get(got, "acks");

    if (json_array_size(e) == 0 && json_array_size(g) == 0) {
        return NULL;
    }

    return vectors_outbound_same(e, g) ? NULL : "failed (acks)";
}


/*
 * Texts that are JSON are compared as such; generated identifiers, and the
 * present time where the vectors mask it, are not.
 */
static bool
vectors_outbound_same(const json_t *expected, const json_t *got)
{
    size_t       i;
    json_t      *value;
    const char  *name;

    if (json_is_array(expected) && json_is_array(got)) {
        if (json_array_size(expected) != json_array_size(got)) {
            return false;
        }

        json_array_foreach(expected, i, value) {
            if (!vectors_outbound_same(value, json_array_get(got, i))) {
                return false;
            }
        }

        return true;
    }

    if (!json_is_object(expected) || !json_is_object(got)) {
        return vectors_outbound_masked(expected, got);
    }

    if (json_object_size(expected) != json_object_size(got)) {
        return false;
    }

    json_object_foreach((json_t *) (uintptr_t) expected, name, value) {
        if (!vectors_outbound_text(name, value, json_object_get(got, name))
            && !vectors_outbound_same(value, json_object_get(got, name)))
        {
            return false;
        }
    }

    return true;
}


static bool
vectors_outbound_text(const char *name, const json_t *expected,
    const json_t *got)
{
    bool     same;
    json_t  *e, *g;

    if (strcmp(name, "value") != 0 || !json_is_string(expected)
        || !json_is_string(got))
    {
        return false;
    }

    e = json_loadb(json_string_value(expected), json_string_length(expected),
                   JSON_ALLOW_NUL, NULL);
    g = json_loadb(json_string_value(got), json_string_length(got),
                   JSON_ALLOW_NUL, NULL);

    same = e != NULL && g != NULL && vectors_outbound_same(e, g);

    json_decref(e);
    json_decref(g);

    return same;
}


static bool
vectors_outbound_masked(const json_t *expected, const json_t *got)
{
    const char  *text;

    text = json_string_value(expected);

    if (text != NULL && json_is_string(got)
        && (strcmp(text, "<uuid>") == 0 || strcmp(text, "<now>") == 0))
    {
        return true;
    }

    if (json_is_number(expected) && json_is_number(got)) {
        return json_number_value(expected) == json_number_value(got);
    }

    return json_equal(expected, got);
}
