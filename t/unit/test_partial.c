/*
 * What a target sees of an event of which its subjects may read only a part:
 * neither the record nor its headers show more.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ditto_outbound.h"
#include "unit_pool.h"


#define CONNECTION                                                            \
    "{\"id\":\"c\",\"connectionType\":\"kafka\",\"connectionStatus\":\"open\","    \
    "\"uri\":\"tcp://h:1\",\"specificConfig\":{\"bootstrapServers\":\"h:1\"},"     \
    "\"targets\":[{\"address\":\"t\",\"topics\":[\"_/_/things/twin/events\"],"     \
    "\"authorizationContext\":[\"s:1\"],\"headerMapping\":{"                     \
    "\"seen\":\"{{ thing-json:attributes }}\","                                \
    "\"time\":\"{{ thing-json:_modified | fn:default('none') }}\"}}]}"

#define POLICY(resource)                                                      \
    "{\"policyId\":\"a:p\",\"entries\":{\"e\":{\"subjects\":{\"s:1\":{\"type\":"     \
    "\"t\"}},\"resources\":{\"thing:" resource "\":{\"grant\":[\"READ\"],"        \
    "\"revoke\":[]}}}}}"

#define EVENT                                                                 \
    "{\"topic\":\"a/b/things/twin/events/modified\",\"path\":\"/\",\"revision\":"  \
    "1,\"value\":{\"thingId\":\"a:b\",\"_modified\":\"2026-01-02T03:04:05Z\","     \
    "\"attributes\":{\"open\":1,\"secret\":2}}}"


typedef struct {
    const char  *policy;
    const char  *value;          /* of the envelope in the record */
    const char  *seen;           /* header of the record */
    const char  *time;           /* the same */
} partial_case_t;


static const partial_case_t  partial_cases[] = {
    { POLICY("/"),
      "\"value\":{\"thingId\":\"a:b\",\"attributes\":{\"open\":1,\"secret\":2}}",
      "{\"open\":1,\"secret\":2}", "2026-01-02T03:04:05Z" },
    { POLICY("/attributes/open"),
      "\"value\":{\"thingId\":\"a:b\",\"attributes\":{\"open\":1}}",
      "{\"open\":1}", "none" },
};


static const char *
partial_header(const ditto_record_t *record, const char *name)
{
    size_t       i;
    static char  text[128];

    for (i = 0; i < record->nheaders; i++) {
        if (ditto_str_eq(record->headers[i].name, ditto_str(name))) {
            memcpy(text, record->headers[i].value.data,
                   record->headers[i].value.len);
            text[record->headers[i].value.len] = '\0';
            return text;
        }
    }

    return "";
}


static void
test_parts(void **state)
{
    size_t                    i;
    unit_pool_t               up;
    ditto_str_t               place, none = ditto_null_string;
    ditto_fate_e              fate;
    ditto_array_t             fields, records;
    ditto_error_t             err;
    ditto_scope_t             scope;
    ditto_access_t            access;
    ditto_policy_t           *policy;
    ditto_signal_t            signal;
    ditto_record_t           *record;
    ditto_connection_t        connection;
    ditto_scope_cache_t       cache;
    const partial_case_t     *c;
    ditto_policy_document_t  *document;

    static const ditto_time_t  now = { 1787047200, 0 };

    (void) state;

    for (i = 0; i < sizeof(partial_cases) / sizeof(partial_cases[0]); i++) {
        c = &partial_cases[i];

        unit_pool_init(&up);
        memset(&scope, 0, sizeof(scope));
        memset(&cache, 0, sizeof(cache));
        memset(&access, 0, sizeof(access));

        assert_int_equal(ditto_connection_parse(&up.pool,
                                                unit_str(&up, CONNECTION),
                                                &connection, &place, &err),
                         DITTO_OK);
        assert_int_equal(ditto_policy_document_read(&up.pool,
                             unit_str(&up, c->policy), &document, &place,
                             &err),
                         DITTO_OK);
        assert_int_equal(ditto_policy_compile(&up.pool, document, NULL, NULL,
                                              none, now, &policy, &err),
                         DITTO_OK);
        assert_int_equal(ditto_signal_parse(&up.pool, unit_str(&up, EVENT),
                                            &signal, &err),
                         DITTO_OK);

        scope.pool = &up.pool;
        scope.cache = &cache;
        scope.signal = &signal;
        scope.connection_id = connection.id;

        access.policy = policy;
        access.partial = true;

        ditto_array_init(&fields, &up.pool, sizeof(ditto_str_t));
        ditto_array_init(&records, &up.pool, sizeof(ditto_record_t));

        assert_int_equal(ditto_outbound_select(connection.targets.elts, &scope,
                                               &access, &fields, &err),
                         DITTO_OK);
        assert_int_equal(ditto_outbound_publish(&connection,
                                                connection.targets.elts,
                                                &scope, &access, none,
                                                &records, &fate, &err),
                         DITTO_OK);
        assert_int_equal(fate, DITTO_FATE_PUBLISHED);
        assert_int_equal(records.nelts, 1);

        record = records.elts;

        assert_true(ditto_str_find(record->value, ditto_str(c->value))
                    < record->value.len);
        assert_string_equal(partial_header(record, "seen"), c->seen);
        assert_string_equal(partial_header(record, "time"), c->time);

        unit_pool_free(&up);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_parts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
