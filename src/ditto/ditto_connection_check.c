/*
 * Everything that Ditto checks of a connection beyond its form.  The steps
 * stand in the order in which Ditto makes them: a connection with two mistakes
 * is refused with the same sentence here and there.
 *
 * Ditto: spec sections "Semantic validation" and "KafkaValidator".
 */

#include "ditto_ack.h"
#include "ditto_connection_check.h"


#define DITTO_CONNECTION_SOURCES  4      /* limits of Ditto */
#define DITTO_CONNECTION_TARGETS  4
#define DITTO_CONNECTION_MAPPERS  10     /* of a source or target */


typedef ditto_rc_t (*ditto_check_pt)(ditto_check_t *ck);


typedef struct {
    const char  *type;
    const char  *message;
    const char  *description;
} ditto_check_refusal_t;


static ditto_rc_t ditto_check_run(ditto_check_t *ck,
    const ditto_check_pt *checks);
static ditto_rc_t ditto_check_required(ditto_check_t *ck);
static ditto_rc_t ditto_check_present(ditto_check_t *ck);
static ditto_rc_t ditto_check_subjects(ditto_check_t *ck);
static ditto_rc_t ditto_check_announcements(ditto_check_t *ck);
static ditto_rc_t ditto_check_counts(ditto_check_t *ck);
static ditto_rc_t ditto_check_addresses(ditto_check_t *ck);
static ditto_rc_t ditto_check_mapper_counts(ditto_check_t *ck);
static ditto_rc_t ditto_check_labels(ditto_check_t *ck);
static ditto_rc_t ditto_check_labels_unique(ditto_check_t *ck);
static ditto_rc_t ditto_check_label(ditto_check_t *ck, ditto_str_t label,
    ditto_str_t *resolved);
static ditto_rc_t ditto_check_tunnel(ditto_check_t *ck);
static ditto_rc_t ditto_check_credentials(ditto_check_t *ck);
static ditto_rc_t ditto_check_supported(ditto_check_t *ck);


static const ditto_check_pt  ditto_check_members[] = {
    ditto_check_present,
    ditto_check_subjects,
    ditto_check_announcements,
    NULL
};


static const ditto_check_pt  ditto_check_all[] = {
    ditto_check_required,
    ditto_check_present,
    ditto_check_subjects,
    ditto_check_announcements,
    ditto_check_counts,
    ditto_check_addresses,
    ditto_check_mapper_counts,
    ditto_check_labels,
    ditto_check_certificates,
    ditto_check_tunnel,
    ditto_check_credentials,
    ditto_check_diversion,
    ditto_check_scheme,
    ditto_check_sources,
    ditto_check_targets,
    ditto_check_mappers,
    ditto_check_settings,
    ditto_check_supported,
    NULL
};


/* spec: credentials, ca */
static const ditto_check_refusal_t  ditto_check_refusals[] = {
    { "hmac",
      "HMAC credentials are not supported for the connection type.",
      "Only HTTP and AMQP 1.0 connections support HMAC credentials." },
    { "oauth-client-credentials",
      "OAuth client credentials are only supported for HTTP connection type.",
      "Only HTTP connections support OAuth client credentials." },
    { "oauth-password",
      "OAuth client credentials are only supported for HTTP connection type.",
      "Only HTTP connections support OAuth client credentials." },
};


ditto_rc_t
ditto_connection_validate(ditto_pool_t *pool, ditto_connection_t *connection,
    ditto_str_t *place, ditto_error_t *err)
{
    ditto_check_t  ck;

    ck.pool = pool;
    ck.connection = connection;
    ck.place = place;
    ck.err = err;

    return ditto_check_run(&ck, ditto_check_all);
}


ditto_rc_t
ditto_connection_check_members(ditto_pool_t *pool,
    ditto_connection_t *connection, ditto_str_t *place, ditto_error_t *err)
{
    ditto_check_t  ck;

    ck.pool = pool;
    ck.connection = connection;
    ck.place = place;
    ck.err = err;

    return ditto_check_run(&ck, ditto_check_members);
}


ditto_rc_t
ditto_check_at(ditto_check_t *ck, const char *place, size_t first,
    size_t second)
{
    const char   *p;
    ditto_buf_t   buf;

    ditto_buf_init(&buf, ck->pool, 64);

    for (p = place; *p != '\0'; p++) {

        if (*p == '#') {
            ditto_buf_int(&buf, (int64_t) first);
            first = second;
            continue;
        }

        ditto_buf_char(&buf, *p);
    }

    if (ditto_buf_done(&buf, ck->place) != DITTO_OK) {
        return ditto_fail_memory(ck->err);
    }

    return DITTO_ERROR;
}


ditto_rc_t
ditto_check_fail(ditto_check_t *ck, ditto_str_t arg1, ditto_str_t arg2,
    const char *message, const char *description)
{
    (void) ditto_fail(ck->err, DITTO_E_CONNECTION_CONFIGURATION, arg1, arg2);

    ck->err->message = message;
    ck->err->description = description;

    return DITTO_ERROR;
}


ditto_rc_t
ditto_check_collect(ditto_array_t *list, ditto_str_t text)
{
    size_t        i;
    ditto_str_t  *s;

    for (i = 0, s = list->elts; i < list->nelts; i++) {
        if (ditto_str_eq(s[i], text)) {
            return DITTO_OK;
        }
    }

    s = ditto_array_push(list);
    if (s == NULL) {
        return DITTO_ERROR;
    }

    *s = text;

    return DITTO_OK;
}


ditto_rc_t
ditto_check_join(ditto_check_t *ck, const ditto_array_t *list,
    const char *separator, ditto_str_t *out)
{
    size_t              i;
    ditto_buf_t         buf;
    const ditto_str_t  *s;

    ditto_buf_init(&buf, ck->pool, 0);

    for (i = 0, s = list->elts; i < list->nelts; i++) {
        ditto_buf_text(&buf, i == 0 ? "" : separator);
        ditto_buf_str(&buf, s[i]);
    }

    if (ditto_buf_done(&buf, out) != DITTO_OK) {
        return ditto_fail_memory(ck->err);
    }

    return DITTO_OK;
}


ditto_str_t
ditto_check_setting(const ditto_check_t *ck, const char *name)
{
    size_t                   i;
    ditto_str_t              none = ditto_null_string;
    const ditto_property_t  *p;

    p = ck->connection->specific.elts;

    for (i = 0; i < ck->connection->specific.nelts; i++) {
        if (ditto_str_eq(p[i].name, ditto_str(name))) {
            return p[i].value;
        }
    }

    return none;
}


static ditto_rc_t
ditto_check_run(ditto_check_t *ck, const ditto_check_pt *checks)
{
    size_t       i;
    ditto_str_t  root = ditto_string("");

    *ck->place = root;

    for (i = 0; checks[i] != NULL; i++) {
        if (checks[i](ck) != DITTO_OK) {
            return DITTO_ERROR;
        }
    }

    return DITTO_OK;
}


/* spec: Parse-time errors */
static ditto_rc_t
ditto_check_required(ditto_check_t *ck)
{
    ditto_str_t  missing, none = ditto_null_string;

    if (ck->connection->id.data == NULL) {
        missing = ditto_str("/id");

    } else if (ck->connection->uri.text.data == NULL) {
        missing = ditto_str("/uri");

    } else {
        return DITTO_OK;
    }

    *ck->place = missing;

    return ditto_fail(ck->err, DITTO_E_JSON_FIELD_MISSING, missing, none);
}


static ditto_rc_t
ditto_check_present(ditto_check_t *ck)
{
    if (ck->connection->sources.nelts != 0
        || ck->connection->targets.nelts != 0)
    {
        return DITTO_OK;
    }

    (void) ditto_fail_text(ck->err, DITTO_E_CONNECTION_CONFIGURATION,
                           "Either a source or a target must be specified in "
                           "the configuration of a connection!");

    return ditto_check_at(ck, "/targets", 0, 0);
}


static ditto_rc_t
ditto_check_subjects(ditto_check_t *ck)
{
    size_t                 i, j, source, target;
    ditto_str_t            from, to;
    ditto_array_t          sources, targets;
    const ditto_str_t     *a;
    const ditto_source_t  *s;
    const ditto_target_t  *t;

    ditto_array_init(&sources, ck->pool, sizeof(ditto_str_t));
    ditto_array_init(&targets, ck->pool, sizeof(ditto_str_t));

    s = ck->connection->sources.elts;
    t = ck->connection->targets.elts;
    source = 0;
    target = 0;

    for (i = ck->connection->sources.nelts; i-- > 0; /* void */) {
        if (s[i].subjects.nelts == 0 && s[i].addresses.nelts != 0) {
            source = i;
        }
    }

    for (i = ck->connection->targets.nelts; i-- > 0; /* void */) {
        if (t[i].subjects.nelts == 0) {
            target = i;
        }
    }

    for (i = 0; i < ck->connection->sources.nelts; i++) {
        a = s[i].addresses.elts;

        for (j = 0; s[i].subjects.nelts == 0 && j < s[i].addresses.nelts; j++)
        {
            if (ditto_check_collect(&sources, a[j]) != DITTO_OK) {
                return ditto_fail_memory(ck->err);
            }
        }
    }

    for (i = 0; i < ck->connection->targets.nelts; i++) {
        if (t[i].subjects.nelts == 0
            && ditto_check_collect(&targets, t[i].address) != DITTO_OK)
        {
            return ditto_fail_memory(ck->err);
        }
    }

    if (sources.nelts == 0 && targets.nelts == 0) {
        return DITTO_OK;
    }

    if (ditto_check_join(ck, &sources, ", ", &from) != DITTO_OK
        || ditto_check_join(ck, &targets, ", ", &to) != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    (void) ditto_check_fail(ck, from, to,
                            sources.nelts == 0
                            ? "The Targets [%2] are missing an authorization "
                              "context."
                            : targets.nelts == 0
                            ? "The Sources [%1] are missing an authorization "
                              "context."
                            : "The Sources [%1] and Targets [%2] are missing "
                              "an authorization context.", NULL);

    return (sources.nelts != 0)
           ? ditto_check_at(ck, "/sources/#/authorizationContext", source, 0)
           : ditto_check_at(ck, "/targets/#/authorizationContext", target, 0);
}


static ditto_rc_t
ditto_check_announcements(ditto_check_t *ck)
{
    size_t                       i, j;
    const ditto_target_t        *t;
    const ditto_subscription_t  *topic;

    if (ck->connection->client_count <= 1) {
        return DITTO_OK;
    }

    for (i = 0, t = ck->connection->targets.elts;
         i < ck->connection->targets.nelts; i++)
    {
        for (j = 0, topic = t[i].topics.elts; j < t[i].topics.nelts; j++) {

            if (topic[j].topic != DITTO_TOPIC_CONNECTION_ANNOUNCEMENTS) {
                continue;
            }

            (void) ditto_fail_text(ck->err, DITTO_E_CONNECTION_CONFIGURATION,
                                   "Connection announcements (topic "
                                   "_/_/connections/announcements) can only "
                                   "be used with client count 1.");

            return ditto_check_at(ck, "/targets/#/topics/#", i, j);
        }
    }

    return DITTO_OK;
}


/* spec: Semantic validation, 1 */
static ditto_rc_t
ditto_check_counts(ditto_check_t *ck)
{
    ditto_str_t  none = ditto_null_string;

    static const char  message[] = "The number of configured sources or "
                                   "targets within a connection exceeded.";

    if (ck->connection->sources.nelts > DITTO_CONNECTION_SOURCES) {
        (void) ditto_check_fail(ck, ck->connection->id, none, message,
                                "The number of configured sources for "
                                "connection: %1 is above the limit of 4.");

        return ditto_check_at(ck, "/sources", 0, 0);
    }

    if (ck->connection->targets.nelts > DITTO_CONNECTION_TARGETS) {
        (void) ditto_check_fail(ck, ck->connection->id, none, message,
                                "The number of configured targets for "
                                "connection: %1 is above the limit of 4.");

        return ditto_check_at(ck, "/targets", 0, 0);
    }

    return DITTO_OK;
}


/* spec: Semantic validation, 2 */
static ditto_rc_t
ditto_check_addresses(ditto_check_t *ck)
{
    size_t                       i, j;
    ditto_buf_t                  buf;
    ditto_str_t                  index, none = ditto_null_string;
    const ditto_str_t           *a;
    const ditto_source_t        *s;
    const ditto_target_t        *t;
    const ditto_subscription_t  *topic;

    for (i = 0, s = ck->connection->sources.elts;
         i < ck->connection->sources.nelts; i++)
    {
        for (j = 0, a = s[i].addresses.elts; j < s[i].addresses.nelts; j++) {
            if (a[j].len == 0) {
                break;
            }
        }

        if (j == s[i].addresses.nelts && j != 0) {
            continue;
        }

        ditto_buf_init(&buf, ck->pool, 0);
        ditto_buf_int(&buf, (int64_t) s[i].index);

        if (ditto_buf_done(&buf, &index) != DITTO_OK) {
            return ditto_fail_memory(ck->err);
        }

        (void) ditto_check_fail(ck, index, ck->connection->id,
                                "Source %1 of connection <%2>: addresses may "
                                "not be empty.", NULL);

        return ditto_check_at(ck, "/sources/#/addresses", i, 0);
    }

    for (i = 0, t = ck->connection->targets.elts;
         i < ck->connection->targets.nelts; i++)
    {
        if (t[i].address.len == 0) {
            (void) ditto_check_fail(ck, ck->connection->id, none,
                                    "Targets of connection <%1>: addresses "
                                    "may not be empty.", NULL);

            return ditto_check_at(ck, "/targets/#/address", i, 0);
        }

        for (j = 0, topic = t[i].topics.elts; j < t[i].topics.nelts; j++) {
            if (ditto_subscription_check_filter(ck->pool, &topic[j], ck->err)
                != DITTO_OK)
            {
                return ditto_check_at(ck, "/targets/#/topics/#", i, j);
            }
        }
    }

    return DITTO_OK;
}


/* spec: Semantic validation, 3 */
static ditto_rc_t
ditto_check_mapper_counts(ditto_check_t *ck)
{
    size_t                 i;
    ditto_str_t            addresses, none = ditto_null_string;
    const ditto_source_t  *s;
    const ditto_target_t  *t;

    static const char  message[] = "The number of configured payload mappings "
                                   "exceeded the limit.";

    for (i = 0, s = ck->connection->sources.elts;
         i < ck->connection->sources.nelts; i++)
    {
        if (s[i].payload_mapping.nelts > DITTO_CONNECTION_MAPPERS) {

            if (ditto_check_join(ck, &s[i].addresses, ",", &addresses)
                != DITTO_OK)
            {
                return DITTO_ERROR;
            }

            (void) ditto_check_fail(ck, addresses, none, message,
                                    "The number of configured payload "
                                    "mappings for the source with address %1 "
                                    "is above the limit of 10.");

            return ditto_check_at(ck, "/sources/#/payloadMapping", i, 0);
        }
    }

    for (i = 0, t = ck->connection->targets.elts;
         i < ck->connection->targets.nelts; i++)
    {
        if (t[i].payload_mapping.nelts > DITTO_CONNECTION_MAPPERS) {
            (void) ditto_check_fail(ck, t[i].address, none, message,
                                    "The number of configured payload "
                                    "mappings for the target with address %1 "
                                    "is above the limit of 10.");

            return ditto_check_at(ck, "/targets/#/payloadMapping", i, 0);
        }
    }

    return DITTO_OK;
}


/* spec: Semantic validation, 4 and 5 */
static ditto_rc_t
ditto_check_labels(ditto_check_t *ck)
{
    size_t              i, j;
    ditto_str_t        *slot;
    ditto_source_t     *s;
    ditto_target_t     *t;
    const ditto_str_t  *l;

    for (i = 0, s = ck->connection->sources.elts;
         i < ck->connection->sources.nelts; i++)
    {
        s[i].labels.nelts = 0;

        for (j = 0, l = s[i].declared_acks.elts;
             j < s[i].declared_acks.nelts; j++)
        {
            slot = ditto_array_push(&s[i].labels);
            if (slot == NULL) {
                return ditto_fail_memory(ck->err);
            }

            if (ditto_check_label(ck, l[j], slot) != DITTO_OK) {
                return ditto_check_at(ck, "/sources/#/declaredAcks/#", i, j);
            }
        }
    }

    t = ck->connection->targets.elts;

    for (i = 0; i < ck->connection->targets.nelts; i++) {

        t[i].label = t[i].issued_label;

        if (t[i].issued_label.len == 0
            || ditto_str_eq(t[i].issued_label, ditto_live_response))
        {
            continue;
        }

        if (ditto_check_label(ck, t[i].issued_label, &t[i].label)
            != DITTO_OK)
        {
            return ditto_check_at(ck, "/targets/#/issuedAcknowledgementLabel",
                                  i, 0);
        }
    }

    return ditto_check_labels_unique(ck);
}


static ditto_rc_t
ditto_check_labels_unique(ditto_check_t *ck)
{
    size_t                 i, j;
    const ditto_target_t  *t;

    t = ck->connection->targets.elts;

    for (i = 0; i < ck->connection->targets.nelts; i++) {

        if (t[i].label.len == 0 || ditto_str_eq(t[i].label,
                                                ditto_live_response))
        {
            continue;
        }

        for (j = 0; j < i; j++) {

            if (ditto_str_eq(t[i].label, t[j].label)) {
                (void) ditto_fail_text(ck->err, DITTO_E_ACK_LABEL_NOT_UNIQUE,
                                       NULL);

                return ditto_check_at(ck,
                                      "/targets/#/issuedAcknowledgementLabel",
                                      i, 0);
            }
        }
    }

    return DITTO_OK;
}


/* Resolves "{{ connection:id }}:", the only placeholder that labels have. */
static ditto_rc_t
ditto_check_label(ditto_check_t *ck, ditto_str_t label, ditto_str_t *resolved)
{
    size_t       end;
    ditto_buf_t  buf;
    ditto_str_t  expr, id, none = ditto_null_string;

    static const ditto_str_t  open = ditto_string("{{");
    static const ditto_str_t  close = ditto_string("}}");
    static const ditto_str_t  known = ditto_string("connection:id");

    id = ck->connection->id;
    *resolved = label;

    if (ditto_str_starts(label, open)) {

        end = ditto_str_find(label, close);
        expr = ditto_str_trim(ditto_str_sub(label, open.len, end));

        if (!ditto_str_eq(expr, known)) {
            return ditto_fail(ck->err, DITTO_E_PLACEHOLDER_UNRESOLVED, expr,
                              none);
        }

        ditto_buf_init(&buf, ck->pool, id.len + label.len);
        ditto_buf_str(&buf, id);
        ditto_buf_str(&buf, ditto_str_sub(label, end + close.len, label.len));

        if (ditto_buf_done(&buf, resolved) != DITTO_OK) {
            return ditto_fail_memory(ck->err);
        }
    }

    if (!ditto_str_starts(*resolved, id) || resolved->len == id.len
        || resolved->data[id.len] != ':')
    {
        (void) ditto_fail(ck->err, DITTO_E_ACK_LABEL_INVALID, *resolved, id);
        ck->err->description = "Declared acknowledgement labels of a "
                               "connection must have the form "
                               "%2:<alphanumeric-suffix>";
        return DITTO_ERROR;
    }

    return DITTO_OK;
}


/* spec: sshTunnel */
static ditto_rc_t
ditto_check_tunnel(ditto_check_t *ck)
{
    ditto_str_t  none = ditto_null_string;

    if (ck->connection->ssh_tunnel.len == 0) {
        return DITTO_OK;
    }

    (void) ditto_check_fail(ck, none, none, "SSH tunneling not supported.",
                            "SSH tunneling is not supported for the "
                            "connection type <kafka>.");

    return ditto_check_at(ck, "/sshTunnel", 0, 0);
}


static ditto_rc_t
ditto_check_credentials(ditto_check_t *ck)
{
    size_t                        i;
    ditto_str_t                   none = ditto_null_string;
    const ditto_check_refusal_t  *refusal;

    for (i = 0; i < sizeof(ditto_check_refusals)
                    / sizeof(ditto_check_refusals[0]); i++)
    {
        refusal = &ditto_check_refusals[i];

        if (ditto_str_eq(ck->connection->credentials_type,
                         ditto_str(refusal->type)))
        {
            (void) ditto_check_fail(ck, none, none, refusal->message,
                                    refusal->description);

            return ditto_check_at(ck, "/credentials", 0, 0);
        }
    }

    return DITTO_OK;
}


/* What Ditto can do and this cannot. */
static ditto_rc_t
ditto_check_supported(ditto_check_t *ck)
{
    size_t                  i, j;
    const char             *refusal;
    ditto_str_t             none = ditto_null_string;
    ditto_mapper_t        **mapper;
    const ditto_target_t   *t;

    for (i = 0, t = ck->connection->targets.elts;
         i < ck->connection->targets.nelts; i++)
    {
        for (j = 0, mapper = t[i].mappers.elts; j < t[i].mappers.nelts; j++) {

            refusal = ditto_mapper_refusal(mapper[j], false);

            if (refusal != NULL) {
                (void) ditto_check_fail(ck, ditto_mapper_id(mapper[j]), none,
                                        refusal, NULL);

                return ditto_check_at(ck, "/targets/#/payloadMapping/#", i,
                                      j);
            }
        }
    }

    return DITTO_OK;
}
