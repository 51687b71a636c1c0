/*
 * Out of memory: each entry point of the core that allocates, in one table.
 * What needs more inputs has such a test in the file of that entry point, too.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ditto_ack.h"
#include "ditto_address.h"
#include "ditto_connection.h"
#include "ditto_decode.h"
#include "ditto_enforcement.h"
#include "ditto_instant.h"
#include "ditto_json.h"
#include "ditto_json_print.h"
#include "ditto_json_select.h"
#include "ditto_outbound.h"
#include "ditto_pem.h"
#include "ditto_policy.h"
#include "ditto_regex.h"
#include "ditto_rql.h"
#include "ditto_subscription.h"
#include "ditto_thing.h"
#include "unit_pool.h"


#define EVENT                                                                 \
    "{\"topic\":\"org.acme/pump-7/things/twin/events/merged\","               \
    "\"headers\":{\"x\":\"\\u0061,b\",\"requested-acks\":[\"k1:abc\"],"       \
    "\"n\":1.50,\"if-match\":\"\\\"a\\\"\"},\"path\":\"/features/f\","        \
    "\"value\":{\"properties\":{\"\\u0072pm\":9,\"s\":\"\\u00e4\"}},"         \
    "\"revision\":12,\"timestamp\":\"2024-01-02T04:04:05+01:00\"}"
#define EXTRA                                                                 \
    "{\"attributes\":{\"\\u0061\":[1,{\"b\":2}]},\"policyId\":\"p\"}"
#define THING                                                                 \
    "{\"thingId\":\"a:b\",\"\\u0061ttributes\":{\"a\":[{\"b\":1},2]},"        \
    "\"features\":{\"f\":{\"properties\":{\"p\":{\"q\":1}}}}}"
#define POLICY                                                                \
    "{\"policyId\":\"n:p\",\"imports\":{\"n:q\":{\"entries\":[\"I\"],"        \
    "\"entriesAdditions\":{\"I\":{\"subjects\":{\"s:a\":{\"type\":\"t\"}}}}}}"\
    ",\"entries\":{\"O\":{\"subjects\":{\"s:o\":{\"type\":\"t\",\"expiry\":"  \
    "\"2099-01-01T00:00:00Z\"}},\"resources\":{\"thing:/\":{\"grant\":"       \
    "[\"READ\"],\"revoke\":[]},\"thing:/features/f/properties/p\":{"          \
    "\"grant\":[],\"revoke\":[\"READ\"]}}}}}"
#define IMPORTED                                                              \
    "{\"policyId\":\"n:q\",\"entries\":{\"I\":{\"subjects\":{},"              \
    "\"resources\":{\"thing:/attributes\":{\"grant\":[\"READ\",\"WRITE\"],"   \
    "\"revoke\":[]}},\"importable\":\"explicit\","                            \
    "\"allowedImportAdditions\":[\"subjects\"]}}}"
#define CONNECTION                                                            \
    "{\"id\":\"k1\",\"connectionType\":\"kafka\",\"connectionStatus\":"       \
    "\"open\",\"uri\":\"ssl://u%20:p%20w@h:1\",\"ca\":\"" CA "\","            \
    "\"specificConfig\":{\"bootstrapServers\":\"b:2,h:1\"},\"targets\":[{"    \
    "\"address\":\"t/{{ thing:id }}\",\"topics\":[\"_/_/things/twin/events"   \
    "?filter=exists(features/f)&namespaces=org.acme\"],"                      \
    "\"authorizationContext\":[\"s:o\"],\"headerMapping\":{\"h\":"            \
    "\"{{ header:x | fn:split(',') }}\"}}],\"tags\":[\"a\",\"b\"]}"
#define CA                                                                    \
    "-----BEGIN CERTIFICATE-----\\nMAowADADBgEqAwEA\\n"                       \
    "-----END CERTIFICATE-----\\n"
#define PEM(type, base64)                                                     \
    "-----BEGIN " type "-----\n" base64 "\n-----END " type "-----\n"


/* Set up anew for each call. */
typedef struct {
    ditto_scope_t         scope;
    ditto_signal_t        signal;
    ditto_scope_cache_t   cache;
} test_scope_t;


typedef ditto_rc_t (*test_call_pt)(unit_pool_t *up, test_scope_t *ts,
    ditto_error_t *err);


typedef struct {
    const char    *name;
    test_call_pt   call;
    ditto_rc_t     rc;           /* with memory */
    size_t         min;          /* allocations that are known to be made */
} test_row_t;


typedef struct {
    test_call_pt  call;
    test_scope_t  ts;
} test_ctx_t;


static const ditto_policy_document_t *test_lookup(void *ctx, ditto_str_t id);
static ditto_policy_document_t *test_document(unit_pool_t *up,
    const char *text);


/* Documents and policies that calls share; they have a pool of their own. */
static unit_pool_t               test_shared;
static ditto_policy_document_t  *test_policy_document;
static ditto_policy_document_t  *test_imported;
static ditto_policy_t           *test_policy;

static const ditto_str_t   test_names[] = { ditto_string("thingId") };
static const ditto_str_t   test_subjects[] = { ditto_string("s:o") };
static const ditto_time_t  test_now = { 1704164645, 678000000 };


/* --- signals ------------------------------------------------------------- */

static ditto_rc_t
test_signal(unit_pool_t *up, test_scope_t *ts, ditto_error_t *err)
{
    ditto_buf_t      buf;
    ditto_signal_t   signal;
    ditto_headers_t  headers;

    (void) ts;

    if (ditto_signal_parse(&up->pool, unit_str(up, EVENT), &signal, err)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    headers = signal.headers;
    ditto_buf_init(&buf, &up->pool, 0);

    return ditto_signal_render(&buf, &signal, &headers, ditto_str(EXTRA), err);
}


static ditto_rc_t
test_topic_path(unit_pool_t *up, test_scope_t *ts, ditto_error_t *err)
{
    ditto_buf_t  buf;
    ditto_str_t  text;

    ditto_buf_init(&buf, &up->pool, 0);
    ditto_topic_path_render(&buf, &ts->signal.topic);

    return unit_buf_done(&buf, &text, err);
}


static ditto_rc_t
test_headers(unit_pool_t *up, test_scope_t *ts, ditto_error_t *err)
{
    size_t           i;
    ditto_buf_t      buf;
    ditto_str_t      text;
    ditto_headers_t  headers;

    (void) ts;

    ditto_headers_init(&headers, &up->pool);

    if (ditto_headers_read(&headers, unit_str(up, "{\"content-type\":"
                                              "\"\\u0061/b\",\"status\":"
                                              "\"200\",\"timestamp\":\"2024-"
                                              "01-02T03:04:05Z\"}"), false,
                           err)
        != DITTO_OK
        || ditto_headers_message(&headers, err) != DITTO_OK
        || ditto_headers_spelled(&headers, err) != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    for (i = 0; i < 20; i++) {
        if (ditto_headers_set(&headers, ditto_str("aaaaaaaaaaaaaaaaaaaaa" + i),
                              ditto_str("1"))
            != DITTO_OK)
        {
            return ditto_fail_memory(err);
        }
    }

    ditto_headers_strip(&headers);

    ditto_buf_init(&buf, &up->pool, 0);
    ditto_headers_render(&buf, &headers);

    return unit_buf_done(&buf, &text, err);
}


static ditto_rc_t
test_thing(unit_pool_t *up, test_scope_t *ts, ditto_error_t *err)
{
    ditto_str_t  thing;

    (void) up;

    if (ditto_thing_check(&ts->scope, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    return ditto_thing_get(&ts->scope, &thing, err);
}


/* --- texts --------------------------------------------------------------- */

static ditto_rc_t
test_json(unit_pool_t *up, test_scope_t *ts, ditto_error_t *err)
{
    ditto_buf_t  buf;
    ditto_str_t  value, text;

    (void) ts;

    value = unit_str(up, THING);

    if (ditto_json_print(&up->pool, value, &text) != DITTO_OK
        || ditto_json_text(&up->pool, unit_str(up, "\"\\u0061\""), &text)
           != DITTO_OK)
    {
        return ditto_fail_memory(err);
    }

    ditto_buf_init(&buf, &up->pool, 0);
    ditto_json_add_compact(&buf, value);
    ditto_json_add_string(&buf, unit_str(up, "\"\n\xff"));

    return unit_buf_done(&buf, &text, err);
}


static ditto_rc_t
test_pointer(unit_pool_t *up, test_scope_t *ts, ditto_error_t *err)
{
    ditto_pointer_t  pointer;

    (void) ts;

    return ditto_pointer_parse(&up->pool, unit_str(up, "/a/b/c/d/e/f/g/h/i/j"),
                               &pointer, err);
}


static ditto_rc_t
test_instant(unit_pool_t *up, test_scope_t *ts, ditto_error_t *err)
{
    ditto_buf_t  buf;
    ditto_str_t  text;

    (void) ts;

    ditto_buf_init(&buf, &up->pool, 0);
    ditto_instant_render(&buf, &test_now);
    ditto_time_render(&buf, test_now);

    return unit_buf_done(&buf, &text, err);
}


static ditto_rc_t
test_decode(unit_pool_t *up, test_scope_t *ts, ditto_error_t *err)
{
    ditto_buf_t  buf;
    ditto_str_t  text;

    (void) ts;

    if (ditto_decode_form(&up->pool, unit_str(up, "a+b%20c"), &text, err)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    if (ditto_decode_percent(&up->pool, unit_str(up, "%41%ff"), &text)
        != DITTO_OK)
    {
        return ditto_fail_memory(err);
    }

    ditto_buf_init(&buf, &up->pool, 0);
    ditto_decode_utf8(&buf, text);

    return unit_buf_done(&buf, &text, err);
}


static ditto_rc_t
test_pem(unit_pool_t *up, test_scope_t *ts, ditto_error_t *err)
{
    ditto_rc_t  rc;

    (void) ts;

    rc = ditto_pem_certificates(&up->pool,
                                unit_str(up, PEM("CERTIFICATE",
                                                 "MAowADADBgEqAwEA")));

    if (rc == DITTO_OK) {
        rc = ditto_pem_private_key(&up->pool,
                 unit_str(up, PEM("PRIVATE KEY",
                          "MDECAQAwDQYJKoZIhvcNAQEBBQAEHTAbAgEAAgEBAgEBAgEB"
                          "AgEBAgEBAgEBAgEBAgEB")));
    }

    return (rc == DITTO_ERROR) ? ditto_fail_memory(err) : rc;
}


static ditto_rc_t
test_regex(unit_pool_t *up, test_scope_t *ts, ditto_error_t *err)
{
    const ditto_regex_t  *regex;

    (void) ts;

    return ditto_regex_compile(&up->pool,
                               unit_str(up, "[a-c\\d]|\\Qxyz\\E|^.$|\\.[^,]"),
                               &regex, err);
}


/* --- rules --------------------------------------------------------------- */

static ditto_rc_t
test_template(unit_pool_t *up, test_scope_t *ts, ditto_error_t *err)
{
    bool               deleted;
    ditto_str_t        value, thing = ditto_string("thing");
    ditto_values_t     values;
    ditto_template_t  *tpl;

    if (ditto_template_compile(&up->pool,
                               unit_str(up, "a{{ header:x | fn:split(',') }}"
                                        "b{{ thing-json:features/f/properties"
                                        " | fn:lower() }}"
                                        "{{ fn:default(time:now) }}"),
                               DITTO_PLACE_HEADER_MAPPING, &tpl, err)
        != DITTO_OK
        || ditto_template_check(&up->pool, tpl, ditto_str("x"), &value, err)
           != DITTO_OK
        || ditto_template_resolve(tpl, &ts->scope, &value, err) != DITTO_OK
        || ditto_template_compile(&up->pool, unit_str(up, "{{ thing:id }}"),
                                  DITTO_PLACE_ENFORCEMENT_FILTER, &tpl, err)
           != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    return ditto_template_values(tpl, &ts->scope, thing, &values, &deleted,
                                 err);
}


static ditto_rc_t
test_rql(unit_pool_t *up, test_scope_t *ts, ditto_error_t *err)
{
    ditto_rc_t    rc;
    ditto_rql_t  *rql;

    if (ditto_rql_compile(&up->pool,
                          unit_str(up, "or(and(exists(attributes/a),"
                                   "not(eq(features/f/properties/rpm,'1'))),"
                                   "in(topic:action,\"x\\\"\",'merged'),"
                                   "lt(_modified,time:now-1h),"
                                   "ilike(features/f/properties/s,'\xc3\xa4'"
                                   "))"), NULL, 0, &rql, err)
        != DITTO_OK
        || ditto_rql_possible(rql, &ts->scope, err) == DITTO_ERROR)
    {
        return DITTO_ERROR;
    }

    ts->scope.extra = unit_str(up, EXTRA);

    rc = ditto_rql_match(rql, &ts->scope, err);

    ts->scope.extra.len = 0;

    return rc;
}


static ditto_rc_t
test_subscription(unit_pool_t *up, test_scope_t *ts, ditto_error_t *err)
{
    ditto_rc_t             rc;
    ditto_buf_t            buf;
    ditto_str_t            text;
    ditto_array_t          pointers;
    ditto_subscription_t   entry;

    if (ditto_subscription_compile(&up->pool,
                                   unit_str(up, "_/_/things/twin/events?"
                                            "namespaces=org.acme,b&filter="
                                            "exists(attributes/a/b)&extra"
                                            "Fields=attributes(a,c),policyId,"
                                            "attributes/{{ thing:name }}"),
                                   &entry, err)
        != DITTO_OK
        || ditto_subscription_check(&up->pool, &entry, err) != DITTO_OK
        || ditto_subscription_check_filter(&up->pool, &entry, err) != DITTO_OK
        || ditto_subscription_match(&entry, &ts->scope, err) != DITTO_OK
        || ditto_subscription_fields(&entry, 1, &ts->scope, &pointers, err)
           != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    ts->scope.extra = unit_str(up, EXTRA);

    rc = ditto_subscription_enrich(&entry, 1, &ts->scope, &text, err);

    ts->scope.extra.len = 0;

    if (rc == DITTO_ERROR) {
        return DITTO_ERROR;
    }

    ditto_buf_init(&buf, &up->pool, 0);
    ditto_subscription_render(&buf, &entry);

    return unit_buf_done(&buf, &text, err);
}


static ditto_rc_t
test_selector(unit_pool_t *up, test_scope_t *ts, ditto_error_t *err)
{
    ditto_array_t  pointers;

    (void) ts;

    ditto_array_init(&pointers, &up->pool, sizeof(ditto_str_t));

    return ditto_selector_parse(&up->pool, unit_str(up, "a(b(c,d),e)/f,g~0h"),
                                &pointers, err);
}


static ditto_rc_t
test_enforcement(unit_pool_t *up, test_scope_t *ts, ditto_error_t *err)
{
    size_t                index;
    ditto_str_t           filters[2];
    ditto_enforcement_t  *rule;

    filters[0] = unit_str(up, "{{ policy:id | fn:lower() }}");
    filters[1] = unit_str(up, "x{{ entity:name }}");

    if (ditto_enforcement_compile(&up->pool, filters, 2, &rule, &index, err)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    return ditto_enforcement_check(rule, &ts->scope, ditto_str("xpump-7"),
                                   err);
}


static ditto_rc_t
test_address(unit_pool_t *up, test_scope_t *ts, ditto_error_t *err)
{
    ditto_str_t        text;
    ditto_address_t    address;
    ditto_template_t  *tpl;

    if (ditto_address_compile(&up->pool,
                              unit_str(up, "t-{{ thing:name }}/{{ thing:id }}"
                                       ), &tpl, err)
        != DITTO_OK
        || ditto_template_resolve(tpl, &ts->scope, &text, err) != DITTO_OK
        || ditto_address_parse(&address, text, err) != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    return ditto_kafka_topic_check(&up->pool, address.topic, err);
}


/* Ditto's sentence about a wrong topic repeats it. */
static ditto_rc_t
test_topic(unit_pool_t *up, test_scope_t *ts, ditto_error_t *err)
{
    (void) ts;

    return ditto_kafka_topic_check(&up->pool, unit_str(up, "a b\xc3\xa4"),
                                   err);
}


/* --- connections --------------------------------------------------------- */

static ditto_rc_t
test_connection(unit_pool_t *up, test_scope_t *ts, ditto_error_t *err)
{
    ditto_buf_t          buf;
    ditto_str_t          text, place;
    ditto_connection_t   c;

    (void) ts;

    if (ditto_connection_parse(&up->pool, unit_str(up, CONNECTION), &c, &place,
                               err)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    ditto_buf_init(&buf, &up->pool, 0);
    ditto_connection_render(&buf, &c, false);
    ditto_connection_render(&buf, &c, true);
    ditto_connection_brokers(&buf, &c);
    ditto_uri_mask(&buf, c.uri.text);

    return unit_buf_done(&buf, &text, err);
}


/* As the block of nginx.conf fills one. */
static ditto_rc_t
test_setters(unit_pool_t *up, test_scope_t *ts, ditto_error_t *err)
{
    ditto_pool_t        *pool;
    ditto_str_t          place;
    ditto_target_t      *target;
    ditto_connection_t   c;

    (void) ts;

    pool = &up->pool;
    ditto_connection_init(&c, pool);

    if (ditto_connection_set_id(pool, &c, ditto_str("k1"), err) != DITTO_OK
        || ditto_connection_set_status(pool, &c, ditto_str("open"), err)
           != DITTO_OK
        || ditto_connection_set_uri(pool, &c, ditto_str("tcp://u:%41@h:1"),
                                    err)
           != DITTO_OK
        || ditto_connection_set_client_count(pool, &c, ditto_str("2"), err)
           != DITTO_OK
        || ditto_connection_set_pool_size(pool, &c, ditto_str("3"), err)
           != DITTO_OK
        || ditto_connection_set_bootstrap_servers(pool, &c, ditto_str("b:2"),
                                                  err)
           != DITTO_OK
        || ditto_connection_set_sasl_mechanism(pool, &c, ditto_str("plain"),
                                               err)
           != DITTO_OK
        || ditto_connection_set_specific(pool, &c, ditto_str("linger.ms"),
                                         ditto_str("5"), err)
           != DITTO_OK
        || ditto_connection_add_tag(pool, &c, ditto_str("a"), err) != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    target = ditto_connection_add_target(pool, &c);
    if (target == NULL) {
        return ditto_fail_memory(err);
    }

    if (ditto_target_set_address(pool, target, ditto_str("t"), err) != DITTO_OK
        || ditto_target_add_topic(pool, target,
                                  ditto_str("_/_/things/live/events"), err)
           != DITTO_OK
        || ditto_target_add_subject(pool, target, ditto_str("a"), err)
           != DITTO_OK
        || ditto_target_add_header(pool, target, ditto_str("h"),
                                   ditto_str("{{ thing:id }}"), err)
           != DITTO_OK
        || ditto_target_add_mapper(pool, target, ditto_str("Ditto"), err)
           != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    return ditto_connection_validate(pool, &c, &place, err);
}


/* The error's place and sentence. */
static ditto_rc_t
test_connection_refused(unit_pool_t *up, test_scope_t *ts, ditto_error_t *err)
{
    ditto_str_t          place;
    ditto_connection_t   c;

    (void) ts;

    return ditto_connection_parse(&up->pool,
                                  unit_str(up, "{\"id\":\"k1\",\"connection"
                                           "Type\":\"kafka\",\"connection"
                                           "Status\":\"open\",\"uri\":\"tcp:"
                                           "//h:1\",\"specificConfig\":{"
                                           "\"bootstrapServers\":\"b:2\"},"
                                           "\"targets\":[{\"address\":"
                                           "\"a b/{{ thing:id }}\",\"topics\":"
                                           "[\"_/_/things/twin/events\"],"
                                           "\"authorizationContext\":[\"a\"]}]"
                                           "}"), &c, &place, err);
}


/* Of an event that may be read in part only. */
static ditto_rc_t
test_outbound(unit_pool_t *up, test_scope_t *ts, ditto_error_t *err)
{
    ditto_rc_t            rc;
    ditto_str_t           place, thing;
    ditto_fate_e          fate;
    ditto_array_t         fields, records;
    ditto_access_t        access;
    ditto_target_t       *target;
    ditto_connection_t    c;

    if (ditto_connection_parse(&up->pool, unit_str(up, CONNECTION), &c, &place,
                               err)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    target = c.targets.elts;

    access.policy = test_policy;
    access.off = false;
    access.partial = true;

    if (ditto_outbound_select(target, &ts->scope, &access, &fields, err)
        != DITTO_OK
        || ditto_outbound_readable(target, &ts->scope, &access,
                                   unit_str(up, THING), &thing, err)
           != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    ditto_array_init(&records, &up->pool, sizeof(ditto_record_t));
    thing.data = NULL;

    rc = ditto_outbound_publish(&c, target, &ts->scope, &access, thing,
                                &records, &fate, err);

    assert_true((rc == DITTO_OK) == (fate == DITTO_FATE_PUBLISHED));
    assert_true(rc != DITTO_OK || records.nelts == 1);

    return rc;
}


static ditto_rc_t
test_acks(unit_pool_t *up, test_scope_t *ts, ditto_error_t *err)
{
    ditto_ack_t     acks[2];
    ditto_buf_t     buf;
    ditto_str_t     text, *label;
    ditto_array_t   labels;

    if (ditto_acks_requested(&up->pool, &ts->signal, &labels, err)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    memset(acks, 0, sizeof(acks));

    label = labels.elts;
    acks[0].label = label[0];
    acks[0].status = 204;
    acks[1].label = ditto_str("x:yz");
    acks[1].status = 408;
    acks[1].payload = ditto_str("{}");

    ditto_buf_init(&buf, &up->pool, 0);
    ditto_acks_render(&buf, acks, 2, label[0], false);
    ditto_ack_timeout_payload(&buf, 10);

    return unit_buf_done(&buf, &text, err);
}


/* --- policies ------------------------------------------------------------ */

static ditto_rc_t
test_policy_read(unit_pool_t *up, test_scope_t *ts, ditto_error_t *err)
{
    ditto_buf_t               buf;
    ditto_str_t               text, place;
    ditto_policy_document_t  *document;

    (void) ts;

    unit_pool_malloc(up);

    if (ditto_policy_document_parse(&up->pool, unit_str(up, POLICY), test_now,
                                    &document, &place, err)
        != DITTO_OK
        || ditto_policy_document_check_id(document, err) != DITTO_OK
        || ditto_policy_document_read(&up->pool, unit_str(up, POLICY),
                                      &document, &place, err)
           != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    ditto_buf_init(&buf, &up->pool, 0);
    ditto_policy_document_render(&buf, document);

    if (unit_buf_done(&buf, &text, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    return ditto_policy_document_load(&up->pool, text, &document, &place, err);
}


/* With an import, additions to it, and a root policy. */
static ditto_rc_t
test_policy_compile(unit_pool_t *up, test_scope_t *ts, ditto_error_t *err)
{
    ditto_str_t            id = ditto_string("n:q");
    ditto_policy_t        *policy;
    ditto_policy_root_t    root;
    ditto_policy_roots_t   roots;

    (void) ts;

    unit_pool_malloc(up);

    root.pattern = ditto_str("n.*");
    root.policies = &id;
    root.n = 1;

    roots.elts = &root;
    roots.n = 1;

    return ditto_policy_compile_with_roots(&up->pool, test_policy_document,
                                           test_lookup, NULL, &roots,
                                           ditto_str("n.m"), test_now, &policy,
                                           err);
}


static ditto_rc_t
test_policy_view(unit_pool_t *up, test_scope_t *ts, ditto_error_t *err)
{
    ditto_rc_t         rc;
    ditto_buf_t        buf;
    ditto_str_t        text;
    ditto_pointer_t    root = { NULL, 0 };
    ditto_resource_t   resource;
    ditto_subjects_t   subjects;

    (void) ts;

    resource.type = ditto_str("thing");
    resource.path = &root;
    subjects.elts = test_subjects;
    subjects.n = 1;

    ditto_buf_init(&buf, &up->pool, 0);
    rc = ditto_policy_view_with(test_policy, &resource, unit_str(up, THING),
                                &subjects, test_names, 1, &buf);

    return (rc == DITTO_OK) ? unit_buf_done(&buf, &text, err)
                            : ditto_fail_memory(err);
}


/* --- the table ----------------------------------------------------------- */

static const test_row_t  test_rows[] = {
    { "signal", test_signal, DITTO_OK, 8 },
    { "topic path", test_topic_path, DITTO_OK, 1 },
    { "headers", test_headers, DITTO_OK, 4 },
    { "thing", test_thing, DITTO_OK, 2 },
    { "json", test_json, DITTO_OK, 3 },
    { "pointer", test_pointer, DITTO_OK, 1 },
    { "instant", test_instant, DITTO_OK, 1 },
    { "decode", test_decode, DITTO_OK, 3 },
    { "pem", test_pem, DITTO_OK, 2 },
    { "regex", test_regex, DITTO_OK, 2 },
    { "template", test_template, DITTO_OK, 15 },
    { "rql", test_rql, DITTO_OK, 20 },
    { "subscription", test_subscription, DITTO_OK, 20 },
    { "selector", test_selector, DITTO_OK, 4 },
    { "enforcement", test_enforcement, DITTO_OK, 8 },
    { "address", test_address, DITTO_OK, 8 },
    { "topic", test_topic, DITTO_ERROR, 1 },
    { "connection", test_connection, DITTO_OK, 40 },
    { "setters", test_setters, DITTO_OK, 12 },
    { "connection refused", test_connection_refused, DITTO_ERROR, 15 },
    { "outbound", test_outbound, DITTO_OK, 40 },
    { "acks", test_acks, DITTO_OK, 4 },
    { "policy read", test_policy_read, DITTO_OK, 100 },
    { "policy compile", test_policy_compile, DITTO_OK, 20 },
    { "policy view", test_policy_view, DITTO_OK, 3 },
};


static void
test_setup(unit_pool_t *up, void *ctx)
{
    test_ctx_t     *c = ctx;
    ditto_error_t   err;

    memset(&c->ts, 0, sizeof(test_scope_t));

    assert_int_equal(ditto_signal_parse(&up->pool, unit_str(up, EVENT),
                                        &c->ts.signal, &err), DITTO_OK);

    c->ts.scope.pool = &up->pool;
    c->ts.scope.cache = &c->ts.cache;
    c->ts.scope.signal = &c->ts.signal;
    c->ts.scope.connection_id = ditto_str("k1");
    c->ts.scope.now = test_now;
}


static ditto_rc_t
test_call(unit_pool_t *up, void *ctx, ditto_error_t *err)
{
    test_ctx_t  *c = ctx;

    return c->call(up, &c->ts, err);
}


/* What is called in vain allocates too little to be of any use here. */
static void
test_answer(const test_row_t *row, test_ctx_t *ctx)
{
    ditto_rc_t      rc;
    ditto_buf_t     buf;
    unit_pool_t     up;
    ditto_error_t   err;

    unit_pool_init(&up);
    test_setup(&up, ctx);

    rc = test_call(&up, ctx, &err);

    if (rc != row->rc) {
        ditto_buf_init(&buf, &up.pool, 0);

        if (rc == DITTO_ERROR) {
            ditto_error_text(&buf, &err);
        }

        fail_msg("%s: %d %.*s", row->name, rc, (int) buf.len,
                 (const char *) buf.data);
    }

    unit_pool_free(&up);
}


static void
test_memory(void **state)
{
    size_t             i, n;
    test_ctx_t         ctx;
    const test_row_t  *row;

    (void) state;

    for (i = 0; i < sizeof(test_rows) / sizeof(test_rows[0]); i++) {
        row = &test_rows[i];
        ctx.call = row->call;

        test_answer(row, &ctx);

        n = unit_every_allocation(test_setup, test_call, &ctx);

        if (n == SIZE_MAX || n < row->min) {
            fail_msg("%s: %zu allocations", row->name, n);
        }
    }
}


static int
test_share(void **state)
{
    ditto_str_t    ns = ditto_null_string;
    ditto_error_t  err;

    (void) state;

    unit_pool_init(&test_shared);

    test_policy_document = test_document(&test_shared, POLICY);
    test_imported = test_document(&test_shared, IMPORTED);

    assert_int_equal(ditto_policy_compile(&test_shared.pool,
                                          test_policy_document, test_lookup,
                                          NULL, ns, test_now, &test_policy,
                                          &err), DITTO_OK);

    return 0;
}


static int
test_unshare(void **state)
{
    (void) state;

    unit_pool_free(&test_shared);

    return 0;
}


static ditto_policy_document_t *
test_document(unit_pool_t *up, const char *text)
{
    ditto_str_t               place;
    ditto_error_t             err;
    ditto_policy_document_t  *document;

    assert_int_equal(ditto_policy_document_read(&up->pool, ditto_str(text),
                                                &document, &place, &err),
                     DITTO_OK);

    return document;
}


static const ditto_policy_document_t *
test_lookup(void *ctx, ditto_str_t id)
{
    (void) ctx;

    return ditto_str_eq(id, ditto_str("n:q")) ? test_imported : NULL;
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_memory),
    };

    return cmocka_run_group_tests(tests, test_share, test_unshare);
}
