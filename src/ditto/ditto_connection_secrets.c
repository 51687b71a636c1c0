/*
 * "credentials" and "sshTunnel" of a connection document.  No error shows a
 * value of theirs.
 *
 * Ditto: basic-connections; spec sections "credentials, ca" and "sshTunnel".
 */

#include "ditto_connection_document.h"


#define DITTO_DOC_CREDENTIALS  7         /* members of a kind, at most, and the
                                            end of the list */


typedef struct {
    const char        *name;
    ditto_doc_type_e   type;
    bool               required;
} ditto_doc_member_t;


typedef struct {
    const char          *type;
    ditto_doc_member_t   members[DITTO_DOC_CREDENTIALS];
} ditto_doc_credentials_t;


static ditto_rc_t ditto_doc_credentials(ditto_doc_t *doc, ditto_str_t object,
    ditto_str_t *type);
static ditto_rc_t ditto_doc_unknown(ditto_doc_t *doc, ditto_str_t object,
    ditto_str_t type);


/* spec: credentials, ca */
static const ditto_doc_credentials_t  ditto_doc_kinds[] = {
    { "client-cert", {
          { "cert", DITTO_DOC_STRING, false },
          { "key", DITTO_DOC_STRING, false },
          { NULL, DITTO_DOC_MAX, false } } },
    { "plain", {
          { "username", DITTO_DOC_STRING, true },
          { "password", DITTO_DOC_STRING, true },
          { NULL, DITTO_DOC_MAX, false } } },
    { "public-key", {
          { "username", DITTO_DOC_STRING, true },
          { "publicKey", DITTO_DOC_STRING, true },
          { "privateKey", DITTO_DOC_STRING, true },
          { NULL, DITTO_DOC_MAX, false } } },
    { "hmac", {
          { "algorithm", DITTO_DOC_STRING, true },
          { "parameters", DITTO_DOC_OBJECT, true },
          { NULL, DITTO_DOC_MAX, false } } },
    { "oauth-client-credentials", {
          { "tokenEndpoint", DITTO_DOC_STRING, false },
          { "clientId", DITTO_DOC_STRING, false },
          { "clientSecret", DITTO_DOC_STRING, false },
          { "requestedScopes", DITTO_DOC_STRING, false },
          { "audience", DITTO_DOC_STRING, false },
          { NULL, DITTO_DOC_MAX, false } } },
    { "oauth-password", {
          { "tokenEndpoint", DITTO_DOC_STRING, false },
          { "clientId", DITTO_DOC_STRING, false },
          { "clientSecret", DITTO_DOC_STRING, false },
          { "requestedScopes", DITTO_DOC_STRING, false },
          { "username", DITTO_DOC_STRING, false },
          { "password", DITTO_DOC_STRING, false },
          { NULL, DITTO_DOC_MAX, false } } },
};


ditto_rc_t
ditto_doc_secrets(ditto_doc_t *doc, ditto_str_t object)
{
    size_t               length;
    ditto_rc_t           rc;
    ditto_str_t          value;
    ditto_connection_t  *c;

    static const ditto_str_t  client_cert = ditto_string("client-cert");

    c = doc->connection;

    rc = ditto_doc_get(doc, object, "credentials", DITTO_DOC_OBJECT, &value);

    if (rc != DITTO_OK) {
        return (rc == DITTO_DECLINED) ? DITTO_OK : DITTO_ERROR;
    }

    length = ditto_doc_enter(doc, ditto_str("credentials"));

    if (ditto_doc_credentials(doc, value, &c->credentials_type) != DITTO_OK) {
        return DITTO_ERROR;
    }

    if (ditto_str_eq(c->credentials_type, client_cert)) {

        if (ditto_doc_string(doc, value, "cert", &c->cert) == DITTO_ERROR
            || ditto_doc_string(doc, value, "key", &c->key) == DITTO_ERROR)
        {
            return DITTO_ERROR;
        }

    } else {
        c->credentials = value;
    }

    ditto_doc_leave(doc, length);

    return DITTO_OK;
}


static ditto_rc_t
ditto_doc_credentials(ditto_doc_t *doc, ditto_str_t object, ditto_str_t *type)
{
    size_t                     i;
    ditto_rc_t                 rc;
    ditto_str_t                value;
    const ditto_doc_member_t  *member;

    rc = ditto_doc_string(doc, object, "type", type);

    if (rc != DITTO_OK) {
        return (rc == DITTO_DECLINED) ? ditto_doc_missing(doc, "type")
                                      : DITTO_ERROR;
    }

    for (i = 0; i < sizeof(ditto_doc_kinds) / sizeof(ditto_doc_kinds[0]); i++)
    {
        if (ditto_str_eq(*type, ditto_str(ditto_doc_kinds[i].type))) {
            break;
        }
    }

    if (i == sizeof(ditto_doc_kinds) / sizeof(ditto_doc_kinds[0])) {
        return ditto_doc_unknown(doc, object, *type);
    }

    for (member = ditto_doc_kinds[i].members; member->name != NULL; member++) {

        rc = ditto_doc_get(doc, object, member->name, member->type, &value);

        if (rc == DITTO_ERROR) {
            return DITTO_ERROR;
        }

        if (rc == DITTO_DECLINED && member->required) {
            return ditto_doc_missing(doc, member->name);
        }
    }

    return DITTO_OK;
}


/* Ditto repeats the object; what might be a secret in it is masked here. */
static ditto_rc_t
ditto_doc_unknown(ditto_doc_t *doc, ditto_str_t object, ditto_str_t type)
{
    ditto_buf_t   buf;
    ditto_str_t   name, value, shown;
    ditto_json_t  it;

    static const ditto_str_t  type_name = ditto_string("type");
    static const ditto_str_t  masked = ditto_string("*****");

    ditto_buf_init(&buf, doc->pool, object.len);
    ditto_buf_char(&buf, '{');

    ditto_json_iterate(&it, object);

    while (ditto_json_next(&it, &name, &value)) {

        ditto_buf_text(&buf, buf.len == 1 ? "\"" : ",\"");
        ditto_buf_str(&buf, name);
        ditto_buf_text(&buf, "\":");

        if (ditto_json_name_is(name, type_name)) {
            ditto_json_add_compact(&buf, value);

        } else {
            ditto_json_add_string(&buf, masked);
        }
    }

    ditto_buf_char(&buf, '}');

    if (ditto_buf_done(&buf, &shown) != DITTO_OK) {
        return ditto_doc_memory(doc);
    }

    (void) ditto_doc_enter(doc, type_name);
    (void) ditto_fail(doc->err, DITTO_E_JSON_INVALID, type, shown);

    doc->err->message = "Unknown credential type <%1>";
    doc->err->description = "Original JSON: %2";

    return DITTO_ERROR;
}


/* spec: sshTunnel */
ditto_rc_t
ditto_doc_tunnel(ditto_doc_t *doc, ditto_str_t object)
{
    bool           flag;
    size_t         outer, inner;
    ditto_rc_t     rc;
    ditto_str_t    tunnel, value, type;
    ditto_array_t  hosts;

    rc = ditto_doc_get(doc, object, "sshTunnel", DITTO_DOC_OBJECT, &tunnel);

    if (rc != DITTO_OK) {
        return (rc == DITTO_DECLINED) ? DITTO_OK : DITTO_ERROR;
    }

    outer = ditto_doc_enter(doc, ditto_str("sshTunnel"));

    rc = ditto_doc_boolean(doc, tunnel, "enabled", &flag);

    if (rc != DITTO_OK) {
        return (rc == DITTO_DECLINED) ? ditto_doc_missing(doc, "enabled")
                                      : DITTO_ERROR;
    }

    rc = ditto_doc_get(doc, tunnel, "credentials", DITTO_DOC_OBJECT, &value);

    if (rc != DITTO_OK) {
        return (rc == DITTO_DECLINED) ? ditto_doc_missing(doc, "credentials")
                                      : DITTO_ERROR;
    }

    inner = ditto_doc_enter(doc, ditto_str("credentials"));

    if (ditto_doc_credentials(doc, value, &type) != DITTO_OK) {
        return DITTO_ERROR;
    }

    ditto_doc_leave(doc, inner);

    rc = ditto_doc_boolean(doc, tunnel, "validateHost", &flag);

    if (rc != DITTO_OK) {
        return (rc == DITTO_DECLINED) ? ditto_doc_missing(doc, "validateHost")
                                      : DITTO_ERROR;
    }

    ditto_array_init(&hosts, doc->pool, sizeof(ditto_str_t));

    if (ditto_doc_each(doc, tunnel, "knownHosts", DITTO_DOC_ARRAY,
                       ditto_doc_add_strict, &hosts)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    rc = ditto_doc_string(doc, tunnel, "uri", &value);

    if (rc != DITTO_OK) {
        return (rc == DITTO_DECLINED) ? ditto_doc_missing(doc, "uri")
                                      : DITTO_ERROR;
    }

    ditto_doc_leave(doc, outer);

    doc->connection->ssh_tunnel = tunnel;

    return DITTO_OK;
}
