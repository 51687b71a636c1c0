/*
 * Connections: both spellings, the order of the checks, the place of a
 * mistake, and that nothing shows a secret.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "ditto_connection.h"
#include "ditto_pem.h"
#include "unit_pool.h"


/* A document without its last brace and its targets, without targets, whole. */
#define HEAD                                                                  \
    "{\"id\":\"k1\",\"connectionType\":\"kafka\","                            \
    "\"connectionStatus\":\"open\",\"uri\":\"tcp://u:hunter2@h:1\","
#define SPECIFIC  "\"specificConfig\":{\"bootstrapServers\":\"b:2\"}"
#define TOPICS    "\"topics\":[\"_/_/things/twin/events\"]"
#define AUTH      "\"authorizationContext\":[\"nginx:out\"]"
#define TARGET    "{\"address\":\"t\"," TOPICS "," AUTH "}"
#define BODY      HEAD SPECIFIC ",\"targets\":[" TARGET "]"
#define ONE(members)                                                          \
    HEAD SPECIFIC ",\"targets\":[{\"address\":\"t\"," AUTH "," members "}]}"
#define SOURCE(members)                                                       \
    BODY ",\"sources\":[{\"addresses\":[\"in\"],"                             \
    "\"authorizationContext\":[\"nginx:in\"]" members "}]}"


typedef struct {
    const char          *text;
    ditto_error_code_e   code;
    const char          *place;
    const char          *says;       /* in message and description */
} test_refusal_t;


static const test_refusal_t  test_refusals[] = {

    /* form */
    { "", DITTO_E_JSON_INVALID, "", "" },
    { "{", DITTO_E_JSON_INVALID, "", "" },
    { "[]", DITTO_E_JSON_INVALID, "", "<[]> is not a valid JSON object!" },
    { "null", DITTO_E_JSON_FIELD_MISSING, "/connectionType", "" },
    { "{}", DITTO_E_JSON_FIELD_MISSING, "/connectionType",
      "JSON did not include required </connectionType> field!" },
    { "{\"connectionType\":\"mqtt\"}", DITTO_E_CONNECTION_CONFIGURATION,
      "/connectionType", "to Kafka only" },
    { "{\"connectionType\":\"Kafka\"}", DITTO_E_JSON_INVALID,
      "/connectionType", "Connection type <Kafka> is invalid!" },
    { "{\"connectionType\":\"kafka\"}", DITTO_E_JSON_FIELD_MISSING, "/id",
      "" },
    { "{\"connectionType\":\"kafka\",\"id\":\"a b\"}",
      DITTO_E_CONNECTION_ID_INVALID, "/id",
      "The Connection ID 'a b' is not valid. It must be conform to the "
      "regular expression: <[a-zA-Z0-9-_:]{1,100}>." },
    { "{\"connection\":{\"connectionType\":5}}", DITTO_E_JSON_INVALID,
      "/connectionType",
      "Value <5> for </connectionType> is not of type <String>!" },
    { HEAD "\"targets\":[null]}", DITTO_E_JSON_FIELD_MISSING,
      "/targets/0/address", "</address>" },
    { HEAD "\"targets\":[{\"topics\":[\"x\"]}]}", DITTO_E_TOPIC_INVALID,
      "/targets/0/topics/0",
      "'Unknown topic: x' - check if the format is the expected one." },
    { HEAD "\"targets\":[1," TARGET ",{\"topics\":[5]}]}",
      DITTO_E_JSON_FORMAT_INVALID, "/targets/2/topics/0", "" },
    { BODY ",\"clientCount\":0}", DITTO_E_JSON_FORMAT_INVALID, "/clientCount",
      "The client count must be positive!" },
    { BODY ",\"clientCount\":1.5}", DITTO_E_JSON_FORMAT_INVALID,
      "/clientCount", "This JSON value is not an int: 1.5" },
    { BODY ",\"processorPoolSize\":2147483648}", DITTO_E_JSON_FORMAT_INVALID,
      "/processorPoolSize", "This JSON value is not an int: 2147483648" },
    { BODY ",\"failoverEnabled\":\"true\"}", DITTO_E_JSON_INVALID,
      "/failoverEnabled",
      "Value <\"true\"> for </failoverEnabled> is not of type <Boolean>!" },
    { BODY ",\"_created\":\"x\"}", DITTO_E_JSON_INVALID, "/_created",
      "'/_modified' is not in ISO-8601 format" },
    { BODY ",\"mappingContext\":null}", DITTO_E_JSON_FIELD_MISSING,
      "/mappingContext/mappingEngine", "</mappingEngine>" },
    { BODY ",\"mappingDefinitions\":{\"m\":{\"mappingEngine\":\"x\"}}}",
      DITTO_E_JSON_FIELD_MISSING, "/mappingDefinitions/m/options",
      "</options>" },

    /* secrets */
    { BODY ",\"credentials\":{\"type\":\"x\",\"password\":\"hunter2\"}}",
      DITTO_E_JSON_INVALID, "/credentials/type",
      "Original JSON: {\"type\":\"x\",\"password\":\"*****\"}" },
    { BODY ",\"credentials\":{\"type\":\"plain\",\"username\":\"u\","
      "\"password\":[\"hunter2\"]}}", DITTO_E_JSON_INVALID,
      "/credentials/password", "Value <*****> for </password>" },
    { BODY ",\"credentials\":\"hunter2\"}", DITTO_E_JSON_INVALID,
      "/credentials", "Value <*****> for </credentials>" },
    { "{\"connectionType\":\"kafka\",\"id\":\"k\","
      "\"connectionStatus\":\"open\",\"uri\":[\"tcp://u:hunter2@h:1\"]}",
      DITTO_E_JSON_INVALID, "/uri", "Value <*****> for </uri>" },
    { "{\"connectionType\":\"kafka\",\"id\":\"k\","
      "\"connectionStatus\":\"open\",\"uri\":\"tcp://u:hunter2@\","
      "\"targets\":[" TARGET "]}", DITTO_E_CONNECTION_URI_INVALID, "/uri",
      "The Connection URI 'tcp://u:*****@' has an invalid format." },

    /* members before the uri, the uri before the rest */
    { "{\"connectionType\":\"kafka\",\"id\":\"k\","
      "\"connectionStatus\":\"open\",\"uri\":\"x\"}",
      DITTO_E_CONNECTION_CONFIGURATION, "/targets", "Either a source or a "
      "target must be specified" },
    { "{\"connectionType\":\"kafka\",\"id\":\"k\","
      "\"connectionStatus\":\"open\",\"uri\":\"x\",\"targets\":[{"
      "\"address\":\"a\"}]}", DITTO_E_CONNECTION_CONFIGURATION,
      "/targets/0/authorizationContext",
      "The Targets [a] are missing an authorization context." },
    { "{\"connectionType\":\"kafka\",\"id\":\"k\","
      "\"connectionStatus\":\"open\",\"uri\":\"x\",\"targets\":[{"
      "\"address\":\"\"," AUTH "}]}", DITTO_E_CONNECTION_URI_INVALID, "/uri",
      "" },
    { HEAD SPECIFIC ",\"targets\":[{\"address\":\"t\"}," TARGET "],"
      "\"sources\":[{\"addresses\":[\"a\",\"b\",\"a\"]}]}",
      DITTO_E_CONNECTION_CONFIGURATION, "/sources/0/authorizationContext",
      "The Sources [a, b] and Targets [t] are missing" },
    { HEAD SPECIFIC ",\"clientCount\":2,\"targets\":[{\"address\":\"t\","
      "\"topics\":[\"_/_/connections/announcements\"]," AUTH "}]}",
      DITTO_E_CONNECTION_CONFIGURATION, "/targets/0/topics/0",
      "can only be used with client count 1." },

    /* limits */
    { HEAD SPECIFIC ",\"targets\":[" TARGET "," TARGET "," TARGET "," TARGET
      "," TARGET "]}", DITTO_E_CONNECTION_CONFIGURATION, "/targets",
      "The number of configured targets for connection: k1 is above the limit "
      "of 4." },
    { ONE("\"payloadMapping\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\","
          "\"8\",\"9\",\"10\",\"11\"]"),
      DITTO_E_CONNECTION_CONFIGURATION, "/targets/0/payloadMapping",
      "for the target with address t is above the limit of 10." },
    { BODY ",\"sources\":[1,{\"addresses\":[\"\"],"
      "\"authorizationContext\":[\"a\"]}]}", DITTO_E_CONNECTION_CONFIGURATION,
      "/sources/0/addresses",
      "Source 1 of connection <k1>: addresses may not be empty." },

    /* labels */
    { ONE("\"issuedAcknowledgementLabel\":\"k2:abc\""),
      DITTO_E_ACK_LABEL_INVALID, "/targets/0/issuedAcknowledgementLabel",
      "must have the form k1:<alphanumeric-suffix>" },
    { ONE("\"issuedAcknowledgementLabel\":\"{{connection:id}}:ab\""),
      DITTO_E_ACK_LABEL_INVALID, "/targets/0/issuedAcknowledgementLabel",
      "must conform to the regular expression" },
    { ONE("\"issuedAcknowledgementLabel\":\"{{ thing:id }}:abc\""),
      DITTO_E_PLACEHOLDER_UNRESOLVED, "/targets/0/issuedAcknowledgementLabel",
      "'thing:id'" },
    { HEAD SPECIFIC ",\"targets\":[{\"address\":\"t\"," AUTH ","
      "\"issuedAcknowledgementLabel\":\"k1:abc\"},{\"address\":\"t\"," AUTH
      ",\"issuedAcknowledgementLabel\":\"{{ connection:id }}:abc\"}]}",
      DITTO_E_ACK_LABEL_NOT_UNIQUE, "/targets/1/issuedAcknowledgementLabel",
      "" },
    { SOURCE(",\"declaredAcks\":[\"live-response\"]"),
      DITTO_E_ACK_LABEL_INVALID, "/sources/0/declaredAcks/0", "" },
    { SOURCE(",\"acknowledgementRequests\":{\"includes\":[\"x\"]}"),
      DITTO_E_ACK_REQUEST_INVALID,
      "/sources/0/acknowledgementRequests/includes",
      "<x> cannot be parsed to an acknowledgement request!" },

    /* what Kafka does not have */
    { BODY ",\"ca\":\"x\"}", DITTO_E_CONNECTION_CONFIGURATION, "/ca",
      "/ca: bad format." },
    { BODY ",\"ca\":\"x\",\"validateCertificates\":false}",
      DITTO_E_CONNECTION_URI_INVALID, "/ca", "insecure protocol" },
    { BODY ",\"sshTunnel\":{\"enabled\":false,\"credentials\":{\"type\":"
      "\"plain\",\"username\":\"u\",\"password\":\"p\"},\"validateHost\":true,"
      "\"uri\":\"ssh://h:22\"}}", DITTO_E_CONNECTION_CONFIGURATION,
      "/sshTunnel", "SSH tunneling not supported." },
    { BODY ",\"credentials\":{\"type\":\"hmac\",\"algorithm\":\"a\","
      "\"parameters\":{}}}", DITTO_E_CONNECTION_CONFIGURATION,
      "/credentials", "HMAC credentials are not supported" },
    { BODY ",\"credentials\":{\"type\":\"oauth-password\"}}",
      DITTO_E_CONNECTION_CONFIGURATION, "/credentials", "OAuth client" },

    /* addresses and templates */
    { HEAD SPECIFIC ",\"targets\":[" TARGET ",{\"address\":\"t#x\"," AUTH
      "}]}", DITTO_E_CONNECTION_CONFIGURATION, "/targets/1/address",
      "Can not parse partition number from x." },
    { ONE("\"headerMapping\":{\"a\":\"{{ nope:x }}\"}"),
      DITTO_E_CONNECTION_CONFIGURATION, "/targets/0/headerMapping/a",
      "The placeholder 'nope:x' could not be resolved." },
    { SOURCE(",\"enforcement\":{\"input\":\"{{ thing:id }}\"}"),
      DITTO_E_CONNECTION_CONFIGURATION, "/sources/0/enforcement/input",
      "The placeholder 'thing:id' could not be resolved." },
    { SOURCE(",\"enforcement\":{\"input\":\"x\",\"filters\":"
             "[\"{{ policy:id }}\",\"{{ header:a }}\"]}"),
      DITTO_E_CONNECTION_CONFIGURATION, "/sources/0/enforcement/filters/1",
      "The placeholder 'header:a' could not be resolved." },
    { SOURCE(",\"qos\":2"), DITTO_E_CONNECTION_CONFIGURATION,
      "/sources/0/qos", "<0> or <1>. Configured 'qos' value was: <2>" },

    /* mappers */
    { ONE("\"payloadMapping\":[\"Ditto\",\"m\"]"),
      DITTO_E_CONNECTION_CONFIGURATION, "/targets/0/payloadMapping/1",
      "The mapper <m> could not be loaded." },
    { BODY ",\"mappingDefinitions\":{\"m\":{\"mappingEngine\":\"Normalized\","
      "\"options\":{\"fields\":\"a(b\"}}}}", DITTO_E_CONNECTION_CONFIGURATION,
      "/mappingDefinitions", "The field selector <a(b> is invalid!" },

    /* specificConfig */
    { HEAD "\"targets\":[" TARGET "]}", DITTO_E_CONNECTION_CONFIGURATION,
      "/specificConfig/bootstrapServers",
      "The provided list of bootstrap servers 'null' is not valid" },
    { HEAD "\"specificConfig\":{\"saslMechanism\":\"x\"},\"targets\":["
      TARGET "]}", DITTO_E_CONNECTION_CONFIGURATION,
      "/specificConfig/saslMechanism", "SASL mechanisms: <x>" },
    { HEAD "\"specificConfig\":{\"bootstrapServers\":\"b:2\",\"groupId\":"
      "\"a b\"},\"sources\":[{\"addresses\":[\"in\"],"
      "\"authorizationContext\":[\"a\"]}]}", DITTO_E_CONNECTION_CONFIGURATION,
      "/specificConfig/groupId", "<[a-zA-Z0-9\\._\\-]>" },
    { HEAD "\"specificConfig\":{\"bootstrapServers\":\"b:2\","
      "\"is-diversion-target\":\"TRUE\"},\"targets\":[" TARGET "]}",
      DITTO_E_CONNECTION_CONFIGURATION, "/targets/0/topics",
      "no topics must be configured in targets." },
    { HEAD "\"specificConfig\":{\"bootstrapServers\":\"b:2\","
      "\"is-diversion-target\":true,\"authorized-connections-as-sources\":"
      "\"a, b c,\"},\"targets\":[" TARGET "]}",
      DITTO_E_CONNECTION_ID_INVALID,
      "/specificConfig/authorized-connections-as-sources", "'b c'" },
    { SOURCE(",\"headerMapping\":{\"divert-response-to-connection\":"
             "\"k1\"}"), DITTO_E_CONNECTION_CONFIGURATION,
      "/sources/0/headerMapping/divert-response-to-connection",
      "It is pointless to divert responses" },

    { ONE("\"topics\":[\"_/_/things/twin/events\","
          "\"_/_/things/live/messages?filter=exists(a)\"]"),
      DITTO_E_RQL_INVALID, "/targets/0/topics/1",
      "Unknown property name: a" },
    { ONE("\"topics\":[\"_/_/things/live/messages?filter=exists(a\"]"),
      DITTO_E_RQL_INVALID, "/targets/0/topics/0",
      "Unexpected end of input, expected ')' (line 1, column 9): exists(a ^ "
      "Ensure that all" },

    /* not here */
    { HEAD SPECIFIC ",\"mappingDefinitions\":{\"Ditto\":{\"mappingEngine\":"
      "\"JavaScript\",\"options\":{}}},\"targets\":[{\"address\":\"t\"," AUTH
      ",\"payloadMapping\":[\"Ditto\"]}]}", DITTO_E_CONNECTION_CONFIGURATION,
      "/targets/0/payloadMapping/0", "The mapper <Ditto> cannot be used" },
};


static const char *const  test_servers_good[] = {
    "h:9092", "h:1,g:2", "h:1, g:2", "h:1 g:2", "h:9092g:9093", "h:1,,g:2",
    "h:1 ", "h:1\t\n", "h.:9092", "1.2.3.4:1", "a-b.c:00", "h:90921:5",
    "h:99991x:1", "h:61000", "h:65535", "h:10",
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx:1"
};


static const char *const  test_servers_bad[] = {
    "", " ", ",", "h", "h:", ":1", "h:0", "h:65536", "h:60000", "h:60999",
    "h:65500", "h:65530", "h:123456", " h:1", ",h:1", "h:1,", "h:1, ",
    "my_host:1", "[::1]:1", "-h:1", "h-:1", "h..i:1", ".h:1", "h:1/x",
    "h:1:2x", "h:01234",
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx:1"
};


static ditto_rc_t
test_parse(unit_pool_t *up, const char *text, ditto_connection_t *c,
    ditto_str_t *place, ditto_error_t *err)
{
    return ditto_connection_parse(&up->pool, unit_str(up, text), c, place,
                                  err);
}


static void
test_refuse(void **state)
{
    size_t                 i;
    ditto_buf_t            buf;
    ditto_str_t            place, text;
    unit_pool_t            up;
    ditto_error_t          err;
    ditto_connection_t     c;
    const test_refusal_t  *t;

    (void) state;

    for (i = 0; i < sizeof(test_refusals) / sizeof(test_refusals[0]); i++) {
        t = &test_refusals[i];

        unit_pool_init(&up);

        assert_int_equal(test_parse(&up, t->text, &c, &place, &err),
                         DITTO_ERROR);

        ditto_buf_init(&buf, &up.pool, 0);
        ditto_error_text(&buf, &err);
        assert_int_equal(ditto_buf_done(&buf, &text), DITTO_OK);

        if (err.code != t->code || !ditto_str_eq(place, ditto_str(t->place))
            || ditto_str_find(text, ditto_str(t->says)) > text.len)
        {
            fail_msg("%s: %.*s at %.*s", t->text, (int) text.len, text.data,
                     (int) place.len, place.data);
        }

        assert_true(ditto_str_find(text, ditto_str("hunter2")) > text.len);

        unit_pool_free(&up);
    }
}


static void
test_read(void **state)
{
    ditto_str_t              place;
    unit_pool_t              up;
    ditto_error_t            err;
    ditto_target_t          *t;
    ditto_property_t        *p;
    ditto_connection_t       c;
    ditto_header_mapping_t  *h;

    (void) state;

    unit_pool_init(&up);

    assert_int_equal(test_parse(&up,
        "{\"name\":\"ignored\",\"connection\":{\"tags\":[\"x\",1,\"x\"],"
        "\"targets\":[\"skipped\",{\"qos\":1,\"address\":\"t/{{ thing:id }}\","
        "\"topics\":[\"_/_/things/twin/events\",\"_/_/things/twin/events?\"],"
        "\"authorizationContext\":[\"a:b\",5,\"c\"],"
        "\"headerMapping\":{\"n\":\"{{ header:n }}\",\"m\":3},"
        "\"payloadMapping\":[\"Ditto\",7]}],"
        "\"specificConfig\":{\"bootstrapServers\":\"b:2, h:1,b:2\","
        "\"saslMechanism\":\"scram-sha-256\",\"debugEnabled\":\"TRUE\","
        "\"groupId\":\"g\",\"acks\":1,\"linger.ms\":5.50,\"x\":null},"
        "\"uri\":\"tcp://u:p%2Fw@h:1\",\"clientCount\":2.0,"
        "\"failoverEnabled\":false,\"connectionStatus\":\"closed\","
        "\"connectionType\":\"kafka\",\"id\":\"k:1\",\"name\":null}}",
        &c, &place, &err), DITTO_OK);

    assert_true(ditto_str_eq(c.id, ditto_str("k:1")));
    assert_null(c.name.data);
    assert_false(c.open);
    assert_false(c.failover);
    assert_true(c.validate_certificates);
    assert_true(c.debug);
    assert_int_equal(c.client_count, 2);
    assert_int_equal(c.pool_size, 1);
    assert_int_equal(c.tags.nelts, 1);
    assert_int_equal(c.nsources, 0);
    assert_true(ditto_str_eq(c.sasl_mechanism, ditto_str("SCRAM-SHA-256")));
    assert_true(ditto_str_eq(c.uri.password, ditto_str("p/w")));

    /* what is not Ditto's own goes to the client, as it is spelled */

    assert_int_equal(c.properties.nelts, 3);
    p = c.properties.elts;
    assert_true(ditto_str_eq(p[0].name, ditto_str("acks")));
    assert_true(ditto_str_eq(p[0].value, ditto_str("1")));
    assert_true(ditto_str_eq(p[1].value, ditto_str("5.50")));
    assert_true(ditto_str_eq(p[2].value, ditto_str("null")));

    assert_int_equal(c.targets.nelts, 1);
    t = c.targets.elts;
    assert_int_equal(t->topics.nelts, 1);
    assert_int_equal(t->subjects.nelts, 2);
    assert_int_equal(t->payload_mapping.nelts, 1);
    assert_true(t->has_qos);
    assert_false(ditto_template_is_static(t->tpl));
    assert_int_equal(t->header_mapping.nelts, 1);
    h = t->header_mapping.elts;
    assert_non_null(h->tpl);

    unit_pool_free(&up);
}


/* The other spelling ends in the same connection. */
static void
test_setters(void **state)
{
    ditto_buf_t          buf;
    ditto_str_t          place, document, directives;
    unit_pool_t          up;
    ditto_error_t        err;
    ditto_pool_t        *pool;
    ditto_target_t      *t;
    ditto_connection_t   c;

    (void) state;

    unit_pool_init(&up);
    pool = &up.pool;

    assert_int_equal(test_parse(&up, HEAD SPECIFIC ",\"targets\":[{"
        "\"address\":\"t/{{ thing:id }}\"," TOPICS "," AUTH ","
        "\"headerMapping\":{\"a\":\"b\"},\"payloadMapping\":[\"Ditto\"]}],"
        "\"clientCount\":3,\"tags\":[\"x\"]}", &c, &place, &err), DITTO_OK);

    ditto_buf_init(&buf, pool, 0);
    ditto_connection_render(&buf, &c, false);
    assert_int_equal(ditto_buf_done(&buf, &document), DITTO_OK);

    ditto_connection_init(&c, pool);
    t = ditto_connection_add_target(pool, &c);
    assert_non_null(t);

    assert_int_equal(ditto_connection_set_id(pool, &c, ditto_str("k1"), &err),
                     DITTO_OK);
    assert_int_equal(ditto_connection_set_uri(pool, &c,
                                          ditto_str("tcp://u:hunter2@h:1"),
                                              &err), DITTO_OK);
    assert_int_equal(ditto_connection_set_bootstrap_servers(pool, &c,
                                                            ditto_str("x:1"),
                                                            &err), DITTO_OK);
    assert_int_equal(ditto_connection_set_bootstrap_servers(pool, &c,
                                                            ditto_str("b:2"),
                                                            &err), DITTO_OK);
    assert_int_equal(ditto_connection_set_client_count(pool, &c,
                                                       ditto_str("3"), &err),
                     DITTO_OK);
    assert_int_equal(ditto_connection_add_tag(pool, &c, ditto_str("x"), &err),
                     DITTO_OK);
    assert_int_equal(ditto_target_set_address(pool, t,
                                              ditto_str("t/{{ thing:id }}"),
                                              &err), DITTO_OK);
    assert_int_equal(ditto_target_add_topic(pool, t,
                                          ditto_str("_/_/things/twin/events"),
                                            &err), DITTO_OK);
    assert_int_equal(ditto_target_add_subject(pool, t, ditto_str("nginx:out"),
                                              &err), DITTO_OK);
    assert_int_equal(ditto_target_add_header(pool, t, ditto_str("a"),
                                             ditto_str("x"), &err), DITTO_OK);
    assert_int_equal(ditto_target_add_header(pool, t, ditto_str("a"),
                                             ditto_str("b"), &err), DITTO_OK);
    assert_int_equal(ditto_target_add_mapper(pool, t, ditto_str("Ditto"),
                                             &err), DITTO_OK);
    assert_int_equal(ditto_connection_validate(pool, &c, &place, &err),
                     DITTO_OK);

    ditto_buf_init(&buf, pool, 0);
    ditto_connection_render(&buf, &c, false);
    assert_int_equal(ditto_buf_done(&buf, &directives), DITTO_OK);

    assert_true(ditto_str_eq(document, directives));

    /* refusals of the setters */

    assert_int_equal(ditto_connection_set_client_count(pool, &c,
                                                       ditto_str("0"), &err),
                     DITTO_ERROR);
    assert_int_equal(ditto_connection_set_pool_size(pool, &c,
                                                    ditto_str("x"), &err),
                     DITTO_ERROR);
    assert_int_equal(ditto_connection_set_status(pool, &c, ditto_str("OPEN"),
                                                 &err), DITTO_ERROR);
    assert_int_equal(ditto_connection_set_id(pool, &c, ditto_str("ab c"),
                                             &err), DITTO_ERROR);
    assert_int_equal(err.offset, 2);
    assert_int_equal(ditto_target_add_subject(pool, t, ditto_str(""), &err),
                     DITTO_ERROR);
    assert_int_equal(ditto_target_set_issued_label(pool, t, ditto_str("ab"),
                                                   &err), DITTO_ERROR);

    /* what nobody gave */

    ditto_connection_init(&c, pool);
    assert_int_equal(ditto_connection_validate(pool, &c, &place, &err),
                     DITTO_ERROR);
    assert_true(ditto_str_eq(place, ditto_str("/id")));

    unit_pool_free(&up);
}


static void
test_render(void **state)
{
    ditto_buf_t          buf;
    ditto_str_t          place, text;
    unit_pool_t          up;
    ditto_error_t        err;
    ditto_connection_t   c;

    (void) state;

    unit_pool_init(&up);

    assert_int_equal(test_parse(&up, BODY ",\"credentials\":{\"type\":"
        "\"plain\",\"username\":\"u\",\"password\":\"hunter2\"}}", &c, &place,
        &err), DITTO_OK);

    ditto_buf_init(&buf, &up.pool, 0);
    ditto_connection_render(&buf, &c, true);
    ditto_buf_char(&buf, '\0');
    assert_int_equal(ditto_buf_done(&buf, &text), DITTO_OK);
    assert_string_equal(text.data,
        "{\"id\":\"k1\",\"name\":null,\"connectionType\":\"kafka\","
        "\"connectionStatus\":\"open\",\"uri\":\"tcp://u:*****@h:1\","
        "\"sources\":[],\"targets\":[{\"address\":\"t\"," TOPICS "," AUTH ","
        "\"headerMapping\":{}}],\"clientCount\":1,\"failoverEnabled\":true,"
        "\"validateCertificates\":true,\"processorPoolSize\":1," SPECIFIC ","
        "\"credentials\":{\"type\":\"plain\",\"username\":\"u\","
        "\"password\":\"*****\"},\"tags\":[]}");

    assert_int_equal(test_parse(&up, HEAD "\"specificConfig\":{"
        "\"bootstrapServers\":\"b:2\",\"sasl.password\":\"hunter2\","
        "\"ssl.key.pem\":\"hunter2\",\"a\":\"b\"},\"targets\":[" TARGET "],"
        "\"credentials\":{\"type\":\"client-cert\",\"key\":\"hunter2\"}}", &c,
        &place, &err), DITTO_OK);

    ditto_buf_init(&buf, &up.pool, 0);
    ditto_connection_render(&buf, &c, true);
    assert_int_equal(ditto_buf_done(&buf, &text), DITTO_OK);
    assert_true(ditto_str_find(text, ditto_str("hunter2")) > text.len);
    assert_true(ditto_str_find(text, ditto_str("\"a\":\"b\"")) < text.len);

    ditto_buf_init(&buf, &up.pool, 0);
    ditto_connection_render(&buf, &c, false);
    assert_int_equal(ditto_buf_done(&buf, &text), DITTO_OK);
    assert_true(ditto_str_find(text, ditto_str("\"cert\":null,"
                                               "\"key\":\"hunter2\""))
                < text.len);

    unit_pool_free(&up);
}


static void
test_servers(void **state)
{
    size_t               i;
    char                 text[512];
    ditto_str_t          place;
    unit_pool_t          up;
    ditto_error_t        err;
    ditto_connection_t   c;

    (void) state;

    unit_pool_init(&up);

    memcpy(text, BODY "}", sizeof(BODY "}"));
    assert_int_equal(test_parse(&up, text, &c, &place, &err), DITTO_OK);

    for (i = 0; i < sizeof(test_servers_good) / sizeof(char *); i++) {
        assert_int_equal(ditto_connection_set_bootstrap_servers(&up.pool, &c,
                                  unit_str(&up, test_servers_good[i]), &err),
                         DITTO_OK);

        if (ditto_connection_validate(&up.pool, &c, &place, &err) != DITTO_OK)
        {
            fail_msg("refused: %s", test_servers_good[i]);
        }
    }

    for (i = 0; i < sizeof(test_servers_bad) / sizeof(char *); i++) {
        assert_int_equal(ditto_connection_set_bootstrap_servers(&up.pool, &c,
                                  unit_str(&up, test_servers_bad[i]), &err),
                         DITTO_OK);

        if (ditto_connection_validate(&up.pool, &c, &place, &err) == DITTO_OK)
        {
            fail_msg("accepted: %s", test_servers_bad[i]);
        }
    }

    unit_pool_free(&up);
}


static void
test_brokers(void **state)
{
    ditto_buf_t          buf;
    ditto_str_t          text;
    unit_pool_t          up;
    ditto_error_t        err;
    ditto_connection_t   c;

    (void) state;

    unit_pool_init(&up);
    ditto_connection_init(&c, &up.pool);

    (void) ditto_connection_set_uri(&up.pool, &c, ditto_str("tcp://h:1"),
                                    &err);
    (void) ditto_connection_set_bootstrap_servers(&up.pool, &c,
                                     ditto_str("b:2, h:1,b:2,,c:3 ,b:2"),
                                                  &err);

    ditto_buf_init(&buf, &up.pool, 0);
    ditto_buf_text(&buf, "x=");
    ditto_connection_brokers(&buf, &c);
    ditto_buf_char(&buf, '\0');

    assert_int_equal(ditto_buf_done(&buf, &text), DITTO_OK);
    assert_string_equal(text.data, "x=h:1,b:2,c:3");

    unit_pool_free(&up);
}


/* The outer structure only: tiny elements in the right places will do. */
static void
test_pem(void **state)
{
    size_t       i;
    unit_pool_t  up;

    static const char  begin[] = "-----BEGIN CERTIFICATE-----\n";
    static const char  end[] = "-----END CERTIFICATE-----\n";

    /* SEQUENCE { SEQUENCE {}, SEQUENCE { OID 2a }, BIT STRING 00 } */
    static const char  good[] = "MAowADADBgEqAwEA";

    static const char *const  bad[] = {
        "", "MAowADADBgEqAwE", "MAowADADBgEqAwEAAA==", "MAowADADBgEq",
        "MAsCADADBgEqAwEA", "M!owADADBgEqAwEA", "=MAowADADBgEqAwEA", "MIQ="
    };

    char  text[256];

    (void) state;

    unit_pool_init(&up);

    memset(text, 0, sizeof(text));
    strcat(strcat(strcat(strcat(text, "any text\n"), begin), good), "\n");
    assert_int_equal(ditto_pem_certificates(&up.pool, unit_str(&up, text)),
                     DITTO_DECLINED);

    strcat(text, end);
    assert_int_equal(ditto_pem_certificates(&up.pool, unit_str(&up, text)),
                     DITTO_OK);

    strcat(text, "-----BEGIN X-----\n");
    assert_int_equal(ditto_pem_certificates(&up.pool, unit_str(&up, text)),
                     DITTO_DECLINED);

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        memset(text, 0, sizeof(text));
        strcat(strcat(strcat(text, begin), bad[i]), "\n");
        strcat(text, end);

        assert_int_equal(ditto_pem_certificates(&up.pool,
                                                unit_str(&up, text)),
                         DITTO_DECLINED);
    }

    assert_int_equal(ditto_pem_private_key(&up.pool, unit_str(&up,
        "-----BEGIN PRIVATE KEY-----\n"
        "MDECAQAwDQYJKoZIhvcNAQEBBQAEHTAbAgEAAgEBAgEBAgEBAgEBAgEBAgEBAgEBAgEB\n"
        "-----END PRIVATE KEY-----\n")), DITTO_OK);
    assert_int_equal(ditto_pem_private_key(&up.pool, unit_str(&up,
        "x-----BEGIN PRIVATE KEY-----\n"
        "MDECAQAwDQYJKoZIhvcNAQEBBQAEHTAbAgEAAgEBAgEBAgEBAgEBAgEBAgEBAgEBAgEB\n"
        "-----END PRIVATE KEY-----\n")), DITTO_DECLINED);
    assert_int_equal(ditto_pem_private_key(&up.pool, unit_str(&up,
        "-----BEGIN RSA PRIVATE KEY-----\n"
        "MDECAQAwDQYJKoZIhvcNAQEBBQAEHTAbAgEAAgEBAgEBAgEBAgEBAgEBAgEBAgEBAgEB\n"
        "-----END RSA PRIVATE KEY-----\n")), DITTO_DECLINED);
    assert_int_equal(ditto_pem_private_key(&up.pool, unit_str(&up,
        "-----BEGIN PRIVATE KEY-----\n"
        "MDECAQAwDQYJKoZIhvcNAQECBQAEHTAbAgEAAgEBAgEBAgEBAgEBAgEBAgEBAgEBAgEB\n"
        "-----END PRIVATE KEY-----\n")), DITTO_DECLINED);

    /* one integer too many */

    assert_int_equal(ditto_pem_private_key(&up.pool, unit_str(&up,
        "-----BEGIN PRIVATE KEY-----\n"
        "MDQCAQAwDQYJKoZIhvcNAQEBBQAEIDAeAgEAAgEBAgEBAgEBAgEBAgEBAgEBAgEB"
        "AgEBAgEB\n"
        "-----END PRIVATE KEY-----\n")), DITTO_DECLINED);

    unit_pool_free(&up);
}


/* Lists that are searched for each new entry end somewhere. */
static void
test_lists(void **state)
{
    char                 entry[80];
    size_t               i, j, n;
    ditto_rc_t           rc;
    ditto_str_t          place, text;
    ditto_buf_t          buf;
    unit_pool_t          up;
    ditto_error_t        err;
    ditto_connection_t   c;

    static const struct {
        const char  *start;
        const char  *entry;          /* "%zu" is its number */
        const char  *end;
        const char  *place;
        size_t       has;            /* entries in start and end */
    } lists[] = {
        { BODY ",\"tags\":[", "\"%zu\",", "]}", "/tags", 0 },
        { HEAD "\"targets\":[" TARGET "],\"specificConfig\":{"
          "\"bootstrapServers\":\"b:2\",", "\"p.%zu\":1,", "}}",
          "/specificConfig", 1 },
        { HEAD "\"targets\":[" TARGET "],\"specificConfig\":{"
          "\"bootstrapServers\":\"", "h%zu:1,", "\"}}",
          "/specificConfig/bootstrapServers", 0 },
        { HEAD SPECIFIC ",\"targets\":[{\"address\":\"t\"," AUTH
          ",\"topics\":[", "\"_/_/things/twin/events?namespaces=n%zu\",",
          "]}]}", "/targets/0/topics", 0 },
        { HEAD SPECIFIC ",\"targets\":[{\"address\":\"t\"," AUTH "," TOPICS
          ",\"headerMapping\":{", "\"h%zu\":\"x\",", "}}]}",
          "/targets/0/headerMapping", 0 },
    };

    (void) state;

    for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {

        for (n = DITTO_CONNECTION_LIST; n <= DITTO_CONNECTION_LIST + 1; n++) {
            unit_pool_init(&up);
            ditto_buf_init(&buf, &up.pool, 0);
            ditto_buf_text(&buf, lists[i].start);

            for (j = lists[i].has; j < n; j++) {
                snprintf(entry, sizeof(entry), lists[i].entry, j);
                ditto_buf_text(&buf, entry);
            }

            buf.len--;
            ditto_buf_text(&buf, lists[i].end);
            assert_int_equal(ditto_buf_done(&buf, &text), DITTO_OK);

            rc = ditto_connection_parse(&up.pool, text, &c, &place, &err);

            if (n == DITTO_CONNECTION_LIST) {
                assert_int_equal(rc, DITTO_OK);

            } else {
                assert_int_equal(rc, DITTO_ERROR);
                assert_int_equal(err.code, DITTO_E_CONNECTION_CONFIGURATION);
                assert_true(ditto_str_starts(place,
                                             ditto_str(lists[i].place)));
            }

            unit_pool_free(&up);
        }
    }
}


static char  test_document[] =
    HEAD "\"name\":\"\\u00e4\",\"specificConfig\":{\"bootstrapServers\":"
    "\"b:2\",\"groupId\":\"{{ connection:id }}\",\"acks\":1},\"targets\":"
    "[{\"address\":\"t/{{ thing:id }}\",\"topics\":["
    "\"_/_/things/twin/events?namespaces=a,b\"],"
    "\"authorizationContext\":[\"a\"],\"headerMapping\":{\"a\":"
    "\"{{ header:b }}\"},\"payloadMapping\":[\"Ditto\"]}],"
    "\"sources\":[{\"addresses\":[\"in\"],\"authorizationContext\":"
    "[\"b\"],\"enforcement\":{\"input\":\"{{ header:d }}\",\"filters\":"
    "[\"{{ thing:id }}\"]},\"acknowledgementRequests\":{\"includes\":"
    "[\"twin-persisted\"],\"filter\":\"x\"},\"declaredAcks\":["
    "\"{{connection:id}}:abc\"],\"replyTarget\":{\"address\":\"r\","
    "\"expectedResponseTypes\":[\"nack\"],\"headerMapping\":{\"x\":"
    "\"y\"}}}],\"mappingDefinitions\":{\"m\":{\"mappingEngine\":"
    "\"Normalized\",\"options\":{\"fields\":\"a(b,c)\"},"
    "\"outgoingConditions\":{\"c\":1}},\"j\":{\"mappingEngine\":"
    "\"JavaScript\",\"options\":{\"incomingScript\":\"x\\n\"}}},"
    "\"credentials\":{\"type\":\"plain\",\"username\":\"u\","
    "\"password\":\"p\"},\"clientCount\":2,\"tags\":[\"a\"]}";


static ditto_rc_t
test_memory_call(unit_pool_t *up, void *ctx, ditto_error_t *err)
{
    ditto_buf_t          buf;
    ditto_str_t          place, out;
    ditto_connection_t   c;

    if (ditto_connection_parse(&up->pool, unit_str(up, ctx), &c, &place, err)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    ditto_buf_init(&buf, &up->pool, 0);
    ditto_connection_render(&buf, &c, true);

    return unit_buf_done(&buf, &out, err);
}


static void
test_memory(void **state)
{
    (void) state;

    assert_in_range(unit_every_allocation(NULL, test_memory_call,
                                          test_document),
                    50, 1000);
}


/* No prefix of a document and no changed byte does any harm. */
static void
test_broken(void **state)
{
    char                 copy[sizeof(BODY) + 64];
    size_t               i, len;
    unsigned             c;
    ditto_str_t          place;
    unit_pool_t          up;
    ditto_error_t        err;
    ditto_connection_t   connection;

    static const char        text[] = BODY ",\"clientCount\":1,\"tags\":[]}";
    static const unsigned char  bytes[] = "\"{}[]:,\\0-x \x80\xff";

    (void) state;

    len = sizeof(text) - 1;

    for (i = 0; i < len; i++) {
        unit_pool_init(&up);
        assert_int_equal(ditto_connection_parse(&up.pool,
                                                unit_span(&up, text, i),
                                                &connection, &place, &err),
                         DITTO_ERROR);
        unit_pool_free(&up);

        for (c = 0; c < sizeof(bytes); c++) {
            memcpy(copy, text, len);
            copy[i] = (char) bytes[c];

            unit_pool_init(&up);
            (void) ditto_connection_parse(&up.pool,
                                          unit_span(&up, copy, len),
                                          &connection, &place, &err);
            unit_pool_free(&up);
        }
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_refuse),
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_setters),
        cmocka_unit_test(test_render),
        cmocka_unit_test(test_servers),
        cmocka_unit_test(test_brokers),
        cmocka_unit_test(test_pem),
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_broken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
