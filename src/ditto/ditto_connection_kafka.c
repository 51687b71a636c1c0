/*
 * What Ditto's Kafka binding demands of a connection: the scheme, the
 * certificates, and what stands in sources and targets.
 *
 * Ditto: connectivity-protocol-bindings-kafka2; spec section
 * "KafkaValidator".
 */

#include "ditto_connection_check.h"
#include "ditto_pem.h"


static ditto_rc_t ditto_check_source(ditto_check_t *ck,
    const ditto_source_t *source, size_t index);
static ditto_rc_t ditto_check_headers(ditto_check_t *ck,
    const ditto_array_t *mapping, const char *place, size_t index);
static ditto_rc_t ditto_check_template(ditto_check_t *ck, ditto_str_t text,
    ditto_place_e place, ditto_template_t **tpl);


/*
 * The key goes before the certificate, and both are looked at only if both
 * are there.  spec: credentials, ca
 */
ditto_rc_t
ditto_check_certificates(ditto_check_t *ck)
{
    ditto_rc_t           rc;
    ditto_str_t          none = ditto_null_string;
    const char          *place, *message, *description;
    ditto_connection_t  *c;

    c = ck->connection;
    rc = DITTO_OK;
    place = NULL;
    message = NULL;
    description = NULL;

    if (c->cert.data != NULL && c->key.data != NULL) {

        rc = ditto_pem_private_key(ck->pool, c->key);
        place = "/credentials/key";
        message = "/credentials/key: bad format. Expect PEM-encoded PKCS #8 "
                  "data specified by RFC-7468 starting with "
                  "'-----BEGIN PRIVATE KEY-----'";
        description = "Please format your client key as PEM-encoded "
                      "unencrypted PKCS #8.";

        if (rc == DITTO_OK) {
            rc = ditto_pem_certificates(ck->pool, c->cert);
            place = "/credentials/cert";
            message = "/credentials/cert: bad format. Expect PEM-encoded DER "
                      "data specified by RFC-7468 starting with "
                      "'-----BEGIN CERTIFICATE-----'";
            description = NULL;
        }
    }

    if (rc == DITTO_OK && c->ca.len != 0 && c->validate_certificates) {
        rc = ditto_pem_certificates(ck->pool, c->ca);
        place = "/ca";
        message = "/ca: bad format. Expect PEM-encoded DER data specified by "
                  "RFC-7468 starting with '-----BEGIN CERTIFICATE-----'";
        description = NULL;
    }

    if (rc == DITTO_OK) {
        return DITTO_OK;
    }

    if (rc == DITTO_ERROR) {
        return ditto_fail_memory(ck->err);
    }

    (void) ditto_check_fail(ck, none, none, message, description);

    return ditto_check_at(ck, place, 0, 0);
}


/* spec: KafkaValidator, 1 and 2 */
ditto_rc_t
ditto_check_scheme(ditto_check_t *ck)
{
    bool         secure;
    ditto_str_t  scheme, none = ditto_null_string;

    static const ditto_str_t  ssl = ditto_string("ssl");
    static const ditto_str_t  tcp = ditto_string("tcp");

    scheme = ck->connection->uri.scheme;
    secure = ditto_str_eq(scheme, ssl);

    if (!secure && !ditto_str_eq(scheme, tcp)) {
        (void) ditto_fail(ck->err, DITTO_E_CONNECTION_URI_INVALID, scheme,
                          none);
        ck->err->message = "The URI scheme '%1' is not valid for Kafka 2.1.1.";
        ck->err->description = "Accepted URI schemes are: tcp, ssl";

        return ditto_check_at(ck, "/uri", 0, 0);
    }

    if (!secure && ck->connection->ca.len != 0) {
        (void) ditto_fail(ck->err, DITTO_E_CONNECTION_URI_INVALID, none, none);
        ck->err->message = "The connection has trusted certificates "
                           "configured but uses an insecure protocol.";
        ck->err->description = "Either switch to a secure protocol ([ssl]) or "
                               "remove the trusted certificates.";

        return ditto_check_at(ck, "/ca", 0, 0);
    }

    return DITTO_OK;
}


/* spec: KafkaValidator, 3 */
ditto_rc_t
ditto_check_sources(ditto_check_t *ck)
{
    size_t                 i;
    const ditto_source_t  *s;

    for (i = 0, s = ck->connection->sources.elts;
         i < ck->connection->sources.nelts; i++)
    {
        if (ditto_check_source(ck, &s[i], i) != DITTO_OK) {
            return DITTO_ERROR;
        }
    }

    return DITTO_OK;
}


static ditto_rc_t
ditto_check_source(ditto_check_t *ck, const ditto_source_t *source,
    size_t index)
{
    size_t              i;
    ditto_buf_t         buf;
    ditto_str_t         text, none = ditto_null_string;
    ditto_template_t   *tpl;
    const ditto_str_t  *s;

    /* enforcement is checked, but never applied: sources are not served */
    if (ditto_check_template(ck, source->input, DITTO_PLACE_ENFORCEMENT_INPUT,
                             &tpl)
        != DITTO_OK)
    {
        return ditto_check_at(ck, "/sources/#/enforcement/input", index, 0);
    }

    for (i = 0, s = source->filters.elts; i < source->filters.nelts; i++) {
        if (ditto_check_template(ck, s[i], DITTO_PLACE_ENFORCEMENT_FILTER,
                                 &tpl)
            != DITTO_OK)
        {
            return ditto_check_at(ck, "/sources/#/enforcement/filters/#",
                                  index, i);
        }
    }

    if (ditto_check_headers(ck, &source->header_mapping,
                            "/sources/#/headerMapping", index)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    for (i = 0, s = source->addresses.elts; i < source->addresses.nelts; i++) {
        if (ditto_kafka_topic_check(ck->pool, s[i], ck->err) != DITTO_OK) {
            return ditto_check_at(ck, "/sources/#/addresses/#", index, i);
        }
    }

    if (source->has_qos && (source->qos < 0 || source->qos > 1)) {
        ditto_buf_init(&buf, ck->pool, 0);
        ditto_buf_int(&buf, source->qos);

        if (ditto_buf_done(&buf, &text) != DITTO_OK) {
            return ditto_fail_memory(ck->err);
        }

        (void) ditto_check_fail(ck, text, none,
                                "Invalid 'qos' value for Kafka source, "
                                "supported are: <0> or <1>. Configured 'qos' "
                                "value was: <%1>", NULL);

        return ditto_check_at(ck, "/sources/#/qos", index, 0);
    }

    return DITTO_OK;
}


/* spec: KafkaValidator, 4 */
ditto_rc_t
ditto_check_targets(ditto_check_t *ck)
{
    size_t                       i, j;
    ditto_target_t              *t;
    const ditto_subscription_t  *topic;

    for (i = 0, t = ck->connection->targets.elts;
         i < ck->connection->targets.nelts; i++)
    {
        if (ditto_address_compile(ck->pool, t[i].address, &t[i].tpl, ck->err)
            != DITTO_OK)
        {
            return ditto_check_at(ck, "/targets/#/address", i, 0);
        }

        if (ditto_check_headers(ck, &t[i].header_mapping,
                                "/targets/#/headerMapping", i)
            != DITTO_OK)
        {
            return DITTO_ERROR;
        }

        t[i].enriched = false;

        for (j = 0, topic = t[i].topics.elts; j < t[i].topics.nelts; j++) {

            t[i].enriched |= (topic[j].extra_fields.data != NULL);

            if (ditto_subscription_check(ck->pool, &topic[j], ck->err)
                != DITTO_OK)
            {
                return ditto_check_at(ck, "/targets/#/topics/#", i, j);
            }
        }
    }

    return DITTO_OK;
}


static ditto_rc_t
ditto_check_headers(ditto_check_t *ck, const ditto_array_t *mapping,
    const char *place, size_t index)
{
    size_t                   i;
    ditto_buf_t              buf;
    ditto_header_mapping_t  *h;

    for (i = 0, h = mapping->elts; i < mapping->nelts; i++) {

        if (ditto_check_template(ck, h[i].text, DITTO_PLACE_HEADER_MAPPING,
                                 &h[i].tpl)
            == DITTO_OK)
        {
            continue;
        }

        (void) ditto_check_at(ck, place, index, 0);

        ditto_buf_init(&buf, ck->pool, 0);
        ditto_buf_str(&buf, *ck->place);
        ditto_buf_char(&buf, '/');
        ditto_buf_str(&buf, h[i].name);

        if (ditto_buf_done(&buf, ck->place) != DITTO_OK) {
            return ditto_fail_memory(ck->err);
        }

        return DITTO_ERROR;
    }

    return DITTO_OK;
}


/* An empty dummy; whether the outcome is resolved does not matter here. */
static ditto_rc_t
ditto_check_template(ditto_check_t *ck, ditto_str_t text,
    ditto_place_e place, ditto_template_t **tpl)
{
    ditto_str_t  out, empty = ditto_string("");

    if (ditto_template_compile(ck->pool, text, place, tpl, ck->err)
        != DITTO_OK
        || ditto_template_check(ck->pool, *tpl, empty, &out, ck->err)
           == DITTO_ERROR)
    {
        return ditto_fail_as(ck->pool, ck->err,
                             DITTO_E_CONNECTION_CONFIGURATION);
    }

    return DITTO_OK;
}
