/*
 * The members of specificConfig that Ditto gives a meaning.
 *
 * Ditto: connectivity-protocol-bindings-kafka2 "Specific configuration
 * properties", connectivity-response-diversion; spec sections "specificConfig
 * keys" and "Response diversion".
 */

#include "ditto_connection_check.h"


#define DITTO_LABEL_MAX        63    /* bytes of a part of a host name */
#define DITTO_PORT_DIGITS      5


static ditto_rc_t ditto_settings_types(ditto_check_t *ck);
static ditto_rc_t ditto_settings_diverted(ditto_check_t *ck);
static ditto_rc_t ditto_settings_authorized(ditto_check_t *ck);
static ditto_rc_t ditto_settings_topics(ditto_check_t *ck);
static ditto_rc_t ditto_settings_sasl(ditto_check_t *ck);
static ditto_rc_t ditto_settings_bootstrap(ditto_check_t *ck);
static ditto_rc_t ditto_settings_group(ditto_check_t *ck);
static ditto_rc_t ditto_settings_offset(ditto_check_t *ck);
static bool ditto_settings_true(const ditto_check_t *ck, const char *name);
static const ditto_header_mapping_t *ditto_settings_header(
    const ditto_source_t *source, const char *name);
static bool ditto_settings_brokers(ditto_str_t list);
static bool ditto_settings_host(ditto_str_t host);
static bool ditto_settings_label(ditto_str_t label);
static bool ditto_settings_port(ditto_str_t digits);
static bool ditto_settings_alnum(unsigned char c);
static bool ditto_settings_separator(unsigned char c);


static const ditto_str_t  ditto_settings_mechanisms[] = {
    ditto_string("PLAIN"),
    ditto_string("SCRAM-SHA-256"),
    ditto_string("SCRAM-SHA-512"),
};


static const ditto_str_t  ditto_settings_response_types[] = {
    ditto_string("response"),
    ditto_string("error"),
    ditto_string("nack"),
};


ditto_rc_t
ditto_check_diversion(ditto_check_t *ck)
{
    if (ditto_settings_types(ck) != DITTO_OK
        || ditto_settings_diverted(ck) != DITTO_OK
        || ditto_settings_authorized(ck) != DITTO_OK
        || ditto_settings_topics(ck) != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    return DITTO_OK;
}


ditto_rc_t
ditto_check_settings(ditto_check_t *ck)
{
    if (ditto_settings_sasl(ck) != DITTO_OK
        || ditto_settings_bootstrap(ck) != DITTO_OK
        || ditto_settings_group(ck) != DITTO_OK
        || ditto_settings_offset(ck) != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    return DITTO_OK;
}


static ditto_rc_t
ditto_settings_types(ditto_check_t *ck)
{
    size_t                         i, j, from, end;
    ditto_str_t                    type, none = ditto_null_string;
    const ditto_source_t          *s;
    const ditto_header_mapping_t  *h;

    if (!ditto_settings_true(ck, "is-diversion-source")) {
        return DITTO_OK;
    }

    for (i = 0, s = ck->connection->sources.elts;
         i < ck->connection->sources.nelts; i++)
    {
        h = ditto_settings_header(&s[i], "divert-expected-response-types");

        for (from = 0; h != NULL && from < h->text.len; from = end + 1) {

            end = ditto_str_chr(h->text, ',', from);
            type = ditto_str_trim(ditto_str_sub(h->text, from, end));

            for (j = 0; j < sizeof(ditto_settings_response_types)
                            / sizeof(ditto_settings_response_types[0]); j++)
            {
                if (ditto_str_eq(type, ditto_settings_response_types[j])) {
                    break;
                }
            }

            if (type.len == 0
                || j < sizeof(ditto_settings_response_types)
                       / sizeof(ditto_settings_response_types[0]))
            {
                continue;
            }

            (void) ditto_check_fail(ck, type, none,
                                    "Invalid response type in "
                                    "<divert-expected-response-types>: %1. "
                                    "Valid types are: response, error, nack",
                                    NULL);

            return ditto_check_at(ck, "/sources/#/headerMapping/"
                                  "divert-expected-response-types", i, 0);
        }
    }

    return DITTO_OK;
}


static ditto_rc_t
ditto_settings_diverted(ditto_check_t *ck)
{
    size_t                         i;
    ditto_str_t                    none = ditto_null_string;
    ditto_error_t                  cause;
    ditto_connection_t             other;
    const ditto_source_t          *s;
    const ditto_header_mapping_t  *h;

    for (i = 0, s = ck->connection->sources.elts;
         i < ck->connection->sources.nelts; i++)
    {
        h = ditto_settings_header(&s[i], "divert-response-to-connection");

        if (h == NULL) {
            continue;
        }

        if (ditto_str_trim(h->text).len == 0) {
            (void) ditto_check_fail(ck, none, none,
                                    "The divert-response-to-connection in "
                                    "headerMapping must not be empty", NULL);

        } else if (ditto_connection_set_id(ck->pool, &other, h->text, &cause)
                   != DITTO_OK)
        {
            (void) ditto_check_fail(ck, h->text, none,
                                    "Invalid target connection ID format in "
                                    "divert-response-to-connection: %1", NULL);

        } else if (ditto_str_eq(h->text, ck->connection->id)) {
            (void) ditto_check_fail(ck, h->text, none,
                                    "It is pointless to divert responses to "
                                    "the originating connection, it will "
                                    "receive the responses by default. Remove "
                                    "the divert-response-to-connection from "
                                    "the headerMapping of connection: %1",
                                    NULL);

        } else {
            continue;
        }

        return ditto_check_at(ck, "/sources/#/headerMapping/"
                              "divert-response-to-connection", i, 0);
    }

    return DITTO_OK;
}


/* Ditto's error here is that of the id, not wrapped. */
static ditto_rc_t
ditto_settings_authorized(ditto_check_t *ck)
{
    size_t              from, end;
    ditto_str_t         list;
    ditto_connection_t  other;

    list = ditto_str_trim(ditto_check_setting(ck,
                                         "authorized-connections-as-sources"));

    while (list.len != 0 && list.data[list.len - 1] == ',') {
        list.len--;
    }

    if (list.len == 0 || !ditto_settings_true(ck, "is-diversion-target")) {
        return DITTO_OK;
    }

    for (from = 0; from <= list.len; from = end + 1) {
        end = ditto_str_chr(list, ',', from);

        if (ditto_connection_set_id(ck->pool, &other,
                                    ditto_str_trim(ditto_str_sub(list, from,
                                                                 end)),
                                    ck->err)
            != DITTO_OK)
        {
            return ditto_check_at(ck, "/specificConfig/"
                                  "authorized-connections-as-sources", 0, 0);
        }
    }

    return DITTO_OK;
}


static ditto_rc_t
ditto_settings_topics(ditto_check_t *ck)
{
    size_t                 i;
    const ditto_target_t  *t;

    if (!ditto_settings_true(ck, "is-diversion-target")) {
        return DITTO_OK;
    }

    for (i = 0, t = ck->connection->targets.elts;
         i < ck->connection->targets.nelts; i++)
    {
        if (t[i].topics.nelts != 0) {
            (void) ditto_check_fail(ck, ck->connection->id, t[i].address,
                                    "Connection %1 has topics configured in "
                                    "target %2 but isDiversionTarget is true. "
                                    "When isDiversionTarget is true, no "
                                    "topics must be configured in targets.",
                                    NULL);

            return ditto_check_at(ck, "/targets/#/topics", i, 0);
        }
    }

    return DITTO_OK;
}


static ditto_rc_t
ditto_settings_sasl(ditto_check_t *ck)
{
    size_t       i;
    ditto_str_t  none = ditto_null_string;

    if (!ck->connection->uri.credentials) {
        return DITTO_OK;
    }

    for (i = 0; i < sizeof(ditto_settings_mechanisms)
                    / sizeof(ditto_settings_mechanisms[0]); i++)
    {
        if (ditto_str_eq(ck->connection->sasl_mechanism,
                         ditto_settings_mechanisms[i]))
        {
            return DITTO_OK;
        }
    }

    (void) ditto_check_fail(ck, ditto_check_setting(ck, "saslMechanism"), none,
                            "The connection configuration contains an invalid "
                            "value for SASL mechanisms: <%1>. Allowed "
                            "mechanisms are: <[PLAIN, SCRAM-SHA-512, "
                            "SCRAM-SHA-256]>", NULL);

    return ditto_check_at(ck, "/specificConfig/saslMechanism", 0, 0);
}


static ditto_rc_t
ditto_settings_bootstrap(ditto_check_t *ck)
{
    size_t       i, n;
    ditto_str_t  list, none = ditto_null_string;

    static const ditto_str_t  null = ditto_string("null");

    list = ck->connection->bootstrap_servers;

    for (i = 0, n = 0; i < list.len; i++) {
        n += (list.data[i] == ',');
    }

    if (ditto_connection_room(n, "bootstrap servers", ck->err) != DITTO_OK) {
        return ditto_check_at(ck, "/specificConfig/bootstrapServers", 0, 0);
    }

    if (ditto_settings_brokers(list)) {
        return DITTO_OK;
    }

    (void) ditto_check_fail(ck, list.data == NULL ? null : list, none,
                            "The provided list of bootstrap servers '%1' is "
                            "not valid", NULL);

    return ditto_check_at(ck, "/specificConfig/bootstrapServers", 0, 0);
}


/* Of sources only; placeholders are resolved, of which there is one. */
static ditto_rc_t
ditto_settings_group(ditto_check_t *ck)
{
    size_t             i;
    ditto_str_t        group, text, none = ditto_null_string;
    ditto_template_t  *tpl;

    group = ditto_check_setting(ck, "groupId");

    if (ck->connection->sources.nelts == 0 || group.data == NULL) {
        return DITTO_OK;
    }

    if (ditto_template_compile(ck->pool, group, DITTO_PLACE_HEADER_MAPPING,
                               &tpl, ck->err)
        != DITTO_OK
        || ditto_template_check(ck->pool, tpl, ck->connection->id, &text,
                                ck->err)
           == DITTO_ERROR)
    {
        return ditto_check_at(ck, "/specificConfig/groupId", 0, 0);
    }

    for (i = 0; i < text.len; i++) {
        if (!ditto_settings_alnum(text.data[i]) && text.data[i] != '.'
            && text.data[i] != '_' && text.data[i] != '-')
        {
            break;
        }
    }

    if (i == text.len && i != 0) {
        return DITTO_OK;
    }

    (void) ditto_check_fail(ck, none, none,
                            "The connection configuration contains an invalid "
                            "value for the consumer group ID. Allowed "
                            "Characters are: <[a-zA-Z0-9\\._\\-]>", NULL);

    return ditto_check_at(ck, "/specificConfig/groupId", 0, 0);
}


static ditto_rc_t
ditto_settings_offset(ditto_check_t *ck)
{
    ditto_str_t  reset, none = ditto_null_string;

    static const ditto_str_t  earliest = ditto_string("earliest");
    static const ditto_str_t  latest = ditto_string("latest");

    reset = ditto_check_setting(ck, "consumerOffsetReset");

    if (ck->connection->sources.nelts == 0 || reset.data == NULL
        || ditto_str_caseeq(reset, earliest) || ditto_str_caseeq(reset, latest))
    {
        return DITTO_OK;
    }

    (void) ditto_check_fail(ck, none, none,
                            "The connection configuration contains an invalid "
                            "value for the consumer offset reset. Allowed "
                            "values are: <[earliest, latest]>", NULL);

    return ditto_check_at(ck, "/specificConfig/consumerOffsetReset", 0, 0);
}


static bool
ditto_settings_true(const ditto_check_t *ck, const char *name)
{
    static const ditto_str_t  yes = ditto_string("true");

    return ditto_str_caseeq(ditto_check_setting(ck, name), yes);
}


static const ditto_header_mapping_t *
ditto_settings_header(const ditto_source_t *source, const char *name)
{
    size_t                         i;
    const ditto_header_mapping_t  *h;

    for (i = 0, h = source->header_mapping.elts;
         i < source->header_mapping.nelts; i++)
    {
        if (ditto_str_eq(h[i].name, ditto_str(name))) {
            return &h[i];
        }
    }

    return NULL;
}


/*
 * A list of host ":" port, each followed by any number of blanks and commas.
 * Nothing need stand between two entries, so that the digits behind a colon
 * may be the port alone or the port and the begin of the next host: all ends
 * are followed, at most five at a time.  spec: specificConfig keys, "Pattern"
 */
static bool
ditto_settings_brokers(ditto_str_t list)
{
    size_t       i, n, m, colon, end;
    ditto_str_t  port;
    size_t       starts[DITTO_PORT_DIGITS], ends[DITTO_PORT_DIGITS];

    starts[0] = 0;
    n = 1;

    for (colon = ditto_str_chr(list, ':', 0); colon < list.len;
         colon = ditto_str_chr(list, ':', colon + 1))
    {
        for (i = 0; i < n; i++) {
            if (starts[i] < colon
                && ditto_settings_host(ditto_str_sub(list, starts[i], colon)))
            {
                break;
            }
        }

        if (i == n) {
            return false;
        }

        for (i = 1, m = 0; i <= DITTO_PORT_DIGITS; i++) {

            if (colon + i >= list.len || list.data[colon + i] < '0'
                || list.data[colon + i] > '9')
            {
                break;
            }

            port = ditto_str_sub(list, colon + 1, colon + 1 + i);

            if (!ditto_settings_port(port)) {
                continue;
            }

            for (end = colon + 1 + i; end < list.len; end++) {
                if (!ditto_settings_separator(list.data[end])) {
                    break;
                }
            }

            ends[m++] = end;
        }

        memcpy(starts, ends, m * sizeof(size_t));
        n = m;
    }

    for (i = 0; i < n; i++) {
        if (starts[i] == list.len && list.len != 0) {
            list = ditto_str_trim(list);
            return list.data[list.len - 1] != ',';
        }
    }

    return false;
}


/* Labels with dots between them and maybe one at the end. */
static bool
ditto_settings_host(ditto_str_t host)
{
    size_t  from, end;

    if (host.len != 0 && host.data[host.len - 1] == '.') {
        host.len--;
    }

    for (from = 0; from <= host.len; from = end + 1) {
        end = ditto_str_chr(host, '.', from);

        if (!ditto_settings_label(ditto_str_sub(host, from, end))) {
            return false;
        }
    }

    return true;
}


static bool
ditto_settings_label(ditto_str_t label)
{
    size_t  i;

    if (label.len == 0 || label.len > DITTO_LABEL_MAX
        || label.data[0] == '-' || label.data[label.len - 1] == '-')
    {
        return false;
    }

    for (i = 0; i < label.len; i++) {
        if (!ditto_settings_alnum(label.data[i]) && label.data[i] != '-') {
            return false;
        }
    }

    return true;
}


/* Ditto's pattern has a hole at 60000 .. 60999 and lets "00" pass. */
static bool
ditto_settings_port(ditto_str_t digits)
{
    size_t  i, port;

    if (digits.len == 1) {
        return digits.data[0] != '0';
    }

    if (digits.len < 5) {
        return true;
    }

    for (i = 0, port = 0; i < digits.len; i++) {
        port = port * 10 + (size_t) (digits.data[i] - '0');
    }

    return (port >= 10000 && port <= 59999)
           || (port >= 61000 && port <= 64999)
           || (port >= 65100 && port <= 65499)
           || (port >= 65510 && port <= 65529)
           || (port >= 65531 && port <= 65535);
}


static bool
ditto_settings_alnum(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (c >= '0' && c <= '9');
}


static bool
ditto_settings_separator(unsigned char c)
{
    return c == ',' || c == ' ' || (c >= '\t' && c <= '\r');
}
