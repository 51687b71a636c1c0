#include "ditto_error.h"
#include "ditto_json.h"


typedef struct {
    unsigned     status;
    const char  *name;
    const char  *message;
    const char  *description;
    const char  *href;
} ditto_error_row_t;


#define DITTO_DESC_JSON                                                       \
    "Check if the JSON was valid (e.g. on https://jsonlint.com) and if it "   \
    "was in required format."
#define DITTO_DESC_FIELDS  "Check if all required JSON fields were set."
#define DITTO_DESC_ID                                                         \
    "It must conform to the namespaced entity ID notation (see Ditto "        \
    "documentation)"
#define DITTO_HREF_ID                                                         \
    "https://www.eclipse.dev/ditto/basic-namespaces-and-names.html"           \
    "#namespaced-id"
#define DITTO_DESC_CONFIGURATION                                              \
    "Make sure all required properties are set and valid in the "             \
    "configuration."


static void ditto_error_expand(ditto_buf_t *out, const ditto_error_t *err,
    const char *text);
static void ditto_error_member(ditto_buf_t *out, const char *name,
    const ditto_buf_t *text);


static const ditto_error_row_t  ditto_error_rows[DITTO_E_MAX] = {

    [DITTO_E_NONE] = { 500, "internalerror", "No error.", NULL, NULL },

    [DITTO_E_INTERNAL] =
        { 500, "internalerror",
          "There was an unexpected internal error.",
          "Please try again later; the error log of the server tells more.",
          NULL },

    [DITTO_E_JSON_INVALID] =
        { 400, "json.invalid", "Failed to parse JSON: %1 at byte %@!",
          DITTO_DESC_JSON, NULL },

    [DITTO_E_JSON_FIELD_MISSING] =
        { 400, "json.field.missing",
          "JSON did not include required <%1> field!",
          DITTO_DESC_FIELDS, NULL },

    [DITTO_E_JSON_FORMAT_INVALID] =
        { 400, "json.format.invalid", "%1", NULL, NULL },

    [DITTO_E_JSON_POINTER_INVALID] =
        { 400, "json.pointer.invalid", "The JSON pointer <%1> is invalid!",
          "Consecutive slashes in JSON pointers are not supported.", NULL },

    [DITTO_E_JSON_KEY_INVALID] =
        { 400, "json.key.invalid", "The JSON key <%1> is invalid!",
          "Neither slashes nor any control characters are allowed.", NULL },

    [DITTO_E_JSON_SELECTOR_INVALID] =
        { 400, "json.fieldselector.invalid",
          "The field selector <%1> is invalid!",
          "Check, for example, if the amount of opening parentheses '(' "
          "matches the amount of closing ones ')'.", NULL },

    [DITTO_E_UNKNOWN_TOPIC_PATH] =
        { 400, "protocoladapter:unknown.topicpath",
          "The topic path '%1' is not supported.",
          "Check if the topic path is correct.", NULL },

    [DITTO_E_UNKNOWN_PATH] =
        { 400, "protocoladapter:unknown.path",
          "The path '%1' does not correspond to any known command, response "
          "or event.",
          "Check if the path is correct.", NULL },

    [DITTO_E_INVALID_PATH] =
        { 400, "protocoladapter:invalid.path", "The path '%1' is not valid.",
          "It should match the pattern: "
          "(/features/[^/]+)?/(inbox|outbox)/messages/<subject>", NULL },

    [DITTO_E_UNKNOWN_CHANNEL] =
        { 400, "protocoladapter:unknown.channel",
          "The channel '%1' is not supported in combination with signal type "
          "'%2'.",
          "Check if the channel is correct.", NULL },

    [DITTO_E_ILLEGAL_ADAPTABLE] =
        { 422, "protocoladapter:illegal.adaptable",
          "The Ditto Protocol message is illegal.", NULL, NULL },

    [DITTO_E_THING_ID_INVALID] =
        { 400, "things:id.invalid", "Thing ID '%1' is not valid!",
          DITTO_DESC_ID, DITTO_HREF_ID },

    [DITTO_E_POLICY_ID_INVALID] =
        { 400, "policies:id.invalid", "Policy ID '%1' is not valid!",
          DITTO_DESC_ID, DITTO_HREF_ID },

    [DITTO_E_THING_ID_NOT_SETTABLE] =
        { 400, "things:id.notsettable",
          "The Thing ID in the thing JSON is not equal to the Thing ID in "
          "the topic path.",
          "Either delete the Thing ID from the thing JSON or use the same "
          "Thing ID as in the topic path.", NULL },

    [DITTO_E_THING_ID_NOT_DELETABLE] =
        { 400, "things:id.notdeletable",
          "The Thing ID of a Thing cannot be deleted.",
          "Remove the Thing ID entry from the request body and retry the "
          "request.", NULL },

    [DITTO_E_POLICY_ID_NOT_DELETABLE] =
        { 400, "things:policyId.notdeletable",
          "The Policy ID of a Thing cannot be deleted.",
          "Remove Policy ID entry from the request body and retry the "
          "request.", NULL },

    [DITTO_E_POLICY_CONFLICTING] =
        { 400, "things:policy.conflicting",
          "The Thing with ID '%1' could not be created as it contained an "
          "inline Policy as well as a policyID to copy.",
          "Please either define an inline Policy or define a policy to copy, "
          "but not both.", NULL },

    [DITTO_E_MERGE_INVALID] =
        { 400, "things:merge.invalid",
          "The provided json value can not be applied at this resource",
          "The provided JSON Merge Patch cannot be applied at the given "
          "path.", "https://tools.ietf.org/html/rfc7396" },

    [DITTO_E_DEFINITION_INVALID] =
        { 400, "things:definition.identifier.invalid",
          "Definition identifier <%1> is invalid!",
          "An identifier string is expected to have the structure "
          "'namespace:name:version' where each segment must contain at least "
          "one char of [_a-zA-Z0-9\\-.] OR it must be a valid HTTP(s) URL.",
          NULL },

    [DITTO_E_FEATURE_DEFINITION_EMPTY] =
        { 400, "things:feature.definition.empty",
          "Feature Definition must not be empty!",
          "A Feature Definition must contain at least one element. It can "
          "however also be set to null or deleted completely.", NULL },

    [DITTO_E_HEADER_INVALID] =
        { 400, "header.invalid",
          "The value '%1' of the header '%2' is not a valid %3.",
          "Verify that the value of the header '%2' is a valid '%3' and try "
          "again.", NULL },

    [DITTO_E_TIMEOUT_INVALID] =
        { 400, "timeout.invalid", "%1", "Please choose a valid timeout.",
          NULL },

    [DITTO_E_HEADERS_TOO_LARGE] =
        { 431, "headers.too.large",
          "The headers are too large: %1.",
          "The names and values of all headers may have 5120 bytes "
          "together.", NULL },

    [DITTO_E_ACK_LABEL_INVALID] =
        { 400, "acknowledgement:label.invalid",
          "Acknowledgement label <%1> is invalid.",
          "An acknowledgement label must conform to the regular expression "
          "of Ditto documentation.", NULL },

    [DITTO_E_ACK_LABEL_FORBIDDEN] =
        { 400, "acknowledgement:ditto.acklabel.forbidden",
          "The Ditto internal Acknowledgement label <%1> is not allowed to "
          "be issued externally!",
          "Make sure to not issue an Ditto internal Acknowledgement label.",
          NULL },

    [DITTO_E_ACK_LABEL_NOT_UNIQUE] =
        { 409, "acknowledgement:label.not.unique",
          "An issued acknowledgement label may only be used for one target "
          "of the connection.",
          "Please choose unique suffixes for your configured issued "
          "acknowledgement labels.", NULL },

    [DITTO_E_ACK_REQUEST_INVALID] =
        { 422, "acknowledgement:request.parsing.failed",
          "<%1> cannot be parsed to an acknowledgement request! Cause: "
          "Acknowledgement label <%1> is invalid.",
          "The string to be parsed must be a valid representation of an "
          "acknowledgement request.", NULL },

    [DITTO_E_MAPPING_FAILED] =
        { 400, "connectivity:message.mapping.failed",
          "The external message with content-type '%1' could not be mapped.",
          "As payload was absent or empty, please make sure to send payload "
          "in your messages.", NULL },

    [DITTO_E_MEDIATYPE_UNSUPPORTED] =
        { 415, "mediatype.unsupported",
          "The Media-Type <%1> is not supported for this resource.",
          "Allowed Media-Types are: <application/vnd.eclipse.ditto+json, "
          "application/json>.", NULL },

    [DITTO_E_SIGNAL_UNSUPPORTED] =
        { 400, "signal.unsupported",
          "The provided signal '%1' is not supported.", NULL, NULL },

    [DITTO_E_MESSAGE_FORMAT_INVALID] =
        { 400, "messages:messageformat.invalid",
          "The RawMessage mapper failed to resolve content-type of an "
          "incoming message.",
          "Please ensure that 'content-type' is defined and resolvable in the "
          "mapper configuration 'incomingMessageHeaders'.", NULL },

    [DITTO_E_PAYLOAD_TOO_LARGE] =
        { 413, "messages:payload.toolarge", "%1",
          "Send a smaller payload, or raise the limit on both sides: "
          "message.max.bytes here, max.message.bytes at the topic.", NULL },

    [DITTO_E_SUBJECT_EMPTY] =
        { 403, "gateway:authentication.failed",
          "The request carries no authorization subject.",
          "Authenticate: the server derives who you are from your "
          "credentials.", NULL },

    [DITTO_E_THING_NOT_FOUND] =
        { 404, "things:thing.notfound",
          "The Thing with ID '%1' could not be found or requester had "
          "insufficient permissions to access it.",
          "Check if the ID of your requested Thing was correct and you have "
          "sufficient permissions.", NULL },

    [DITTO_E_POLICY_NOT_FOUND] =
        { 404, "policies:policy.notfound",
          "The Policy with ID '%1' could not be found or requester had "
          "insufficient permissions to access it.",
          "Check if the ID of your requested Policy was correct and you have "
          "sufficient permissions.", NULL },

    [DITTO_E_THING_NOT_MODIFIABLE] =
        { 403, "things:thing.notmodifiable",
          "The Thing with ID '%1' could not be modified as the requester had "
          "insufficient permissions ('WRITE' is required).",
          "Check if the ID of your requested Thing was correct and you have "
          "sufficient permissions.", NULL },

    [DITTO_E_MESSAGE_NOT_ALLOWED] =
        { 403, "messages:send.notallowed",
          "You are not allowed to send messages for the Thing with id '%1'!",
          "Please make sure that the Thing exists and that you have WRITE "
          "permissions on the message resource in the policy of the Thing.",
          NULL },

    [DITTO_E_EVENT_NOT_ALLOWED] =
        { 403, "things:event.notallowed",
          "You are not allowed to send events for the Thing with id '%1'!",
          "Please make sure that the Thing exists and that you have WRITE "
          "permissions on the path of the event in the policy of the Thing.",
          NULL },

    [DITTO_E_ANNOUNCEMENT_NOT_ALLOWED] =
        { 403, "policies:policy.notmodifiable",
          "The Policy with ID '%1' could not be modified as the requester "
          "had insufficient permissions.",
          "Check if the ID of your requested Policy was correct and you have "
          "sufficient permissions.", NULL },

    [DITTO_E_ENRICHMENT_FAILED] =
        { 500, "signal.enrichment.failed", "Signal enrichment failed.",
          "The extra fields of the thing could not be fetched; nothing was "
          "published to the targets that want them.", NULL },

    [DITTO_E_ENFORCEMENT_FAILED] =
        { 400, "connectivity:connection.id.enforcement.failed",
          "The configured filters could not be matched against the given "
          "target with ID '%1'.",
          "Either modify the configured filter or ensure that the message is "
          "sent via the correct ID.", NULL },

    [DITTO_E_PLACEHOLDER_UNRESOLVED] =
        { 400, "placeholder:unresolved",
          "The placeholder '%1' could not be resolved.",
          "Some placeholders could not be resolved. Check the spelling of "
          "the placeholder and make sure all required headers are set.",
          NULL },

    [DITTO_E_FUNCTION_UNKNOWN] =
        { 400, "placeholder:function.unknown",
          "The function <%1> is not known.",
          "Ensure to only use supported functions. Check if you maybe just "
          "forgot to use parentheses for a function with empty parameters.",
          NULL },

    [DITTO_E_FUNCTION_SIGNATURE] =
        { 400, "placeholder:function.signature.invalid",
          "The function signature <%1> could not be parsed.",
          "Ensure to conform to the function's signature: %2", NULL },

    [DITTO_E_FUNCTION_TOO_COMPLEX] =
        { 400, "placeholder:function.too.complex",
          "The placeholder functions are not accepted as they are too "
          "complex.",
          "Please reduce the complexity (e.g. amount of chained functions "
          "below the maximum of '10') of the functions.", NULL },

    [DITTO_E_RQL_INVALID] =
        { 400, "rql.expression.invalid", "%1",
          "Ensure that all opening parentheses have also closing ones and "
          "that the RQL expression is valid.", NULL },

    [DITTO_E_FIELD_SELECTION_INVALID] =
        { 400, "things:field.selection.invalid",
          "Thing field selection <%1> was not valid.",
          "Please provide a comma separated List of valid Thing fields. Make "
          "sure that you did not use a space after a comma. Valid Fields "
          "are: [thingId, policyId, definition, _namespace, _revision, "
          "_created, _modified, _metadata(/[^,]+)?, _policy, _context, "
          "_context(/[^,]+)?, features(/[^,]+)?, attributes(/[^,]+)?]",
          NULL },

    [DITTO_E_TOPIC_INVALID] =
        { 400, "connectivity:topic.invalid",
          "The topic '%1' could not be parsed.",
          "Check if the format is the expected one.", NULL },

    [DITTO_E_CONNECTION_CONFIGURATION] =
        { 400, "connectivity:connection.configuration.invalid", "%1",
          DITTO_DESC_CONFIGURATION, NULL },

    [DITTO_E_CONNECTION_ID_INVALID] =
        { 400, "connectivity:connection.id.invalid",
          "The Connection ID '%1' is not valid.",
          "It must be conform to the regular expression: "
          "<[a-zA-Z0-9-_:]{1,100}>.", NULL },

    [DITTO_E_CONNECTION_URI_INVALID] =
        { 400, "connectivity:connection.uri.invalid",
          "The Connection URI '%1' has an invalid format.",
          "The accepted format is "
          "{protocol}://{username}:{password}@{hostname}:{port}/{path}",
          NULL },

    [DITTO_E_PARTITION_NEGATIVE] =
        { 400, "connectivity:connection.configuration.invalid",
          "Invalid partition: %1. Partition number should always be "
          "non-negative or null.",
          "Make sure all required properties are set and valid in the "
          "configuration.", NULL },

    [DITTO_E_SENDING_FAILED] =
        { 503, "connectivity:message.sending.failed",
          "Failed to send message: %1",
          "Nothing of this message is in Kafka; it is safe to send it "
          "again.", NULL },

    [DITTO_E_ENTRY_INVALID] =
        { 400, "policies:entry.invalid", "The Policy Entry is invalid.",
          "Policy entry does not contain any known permission like 'READ' or "
          "'WRITE'", NULL },

    [DITTO_E_LABEL_INVALID] =
        { 400, "policies:label.invalid", "Label '%1' is not valid!",
          NULL, NULL },

    [DITTO_E_SUBJECT_ID_INVALID] =
        { 400, "policies:subjectid.invalid", "Subject ID '%1' is not valid!",
          "It must contain an issuer as prefix separated by a colon ':' from "
          "the actual subject", NULL },

    [DITTO_E_SUBJECT_EXPIRY_INVALID] =
        { 400, "policies:subjectexpiry.invalid",
          "Subject expiry timestamp '%1' is not valid.", NULL, NULL },

    [DITTO_E_SUBJECT_ANNOUNCEMENT_INVALID] =
        { 400, "policies:subjectannouncement.invalid",
          "Subject announcement '%1' is not valid.", NULL, NULL },

    [DITTO_E_IMPORT_INVALID] =
        { 400, "policies:import.invalid", "The Policy Import is invalid.",
          NULL, NULL },

    [DITTO_E_IMPORTS_TOO_LARGE] =
        { 400, "policies:imports.toolarge",
          "The number of policy imports exceeds the maximum.", NULL, NULL },

    [DITTO_E_POLICY_TOO_LARGE] =
        { 413, "policies:policy.toolarge",
          "The size of '%1' kB exceeds the maximal allowed Policy size of "
          "'100' kB.", NULL, NULL },

    [DITTO_E_POLICY_MODIFICATION_INVALID] =
        { 403, "policies:policy.modificationinvalid",
          "The Policy with ID '%1' could not be modified as the resulting "
          "Policy would be invalid.", NULL, NULL },

    [DITTO_E_METHOD_NOT_ALLOWED] =
        { 405, "gateway:method.notallowed",
          "The HTTP method '%1' is not allowed for the requested path.",
          "Use POST.", NULL },
};


ditto_rc_t
ditto_fail(ditto_error_t *err, ditto_error_code_e code, ditto_str_t arg1,
    ditto_str_t arg2)
{
    memset(err, 0, sizeof(ditto_error_t));

    err->code = code;
    err->args[0] = arg1;
    err->args[1] = arg2;

    return DITTO_ERROR;
}


ditto_rc_t
ditto_fail_text(ditto_error_t *err, ditto_error_code_e code,
    const char *message)
{
    ditto_str_t  none = ditto_null_string;

    (void) ditto_fail(err, code, none, none);
    err->message = message;

    return DITTO_ERROR;
}


ditto_rc_t
ditto_fail_memory(ditto_error_t *err)
{
    return ditto_fail_text(err, DITTO_E_INTERNAL, NULL);
}


ditto_rc_t
ditto_fail_as(ditto_pool_t *pool, ditto_error_t *err,
    ditto_error_code_e code)
{
    size_t       offset;
    ditto_buf_t  buf;
    ditto_str_t  message, description;

    if (err->code == DITTO_E_INTERNAL) {
        return DITTO_ERROR;
    }

    ditto_buf_init(&buf, pool, 0);
    ditto_error_message(&buf, err);

    if (ditto_buf_done(&buf, &message) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    ditto_buf_init(&buf, pool, 0);
    ditto_error_description(&buf, err);

    if (ditto_buf_done(&buf, &description) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    offset = err->offset;

    (void) ditto_fail(err, code, message, description);

    err->message = "%1";
    err->description = "%2";
    err->offset = offset;

    return DITTO_ERROR;
}


unsigned
ditto_error_status(const ditto_error_t *err)
{
    return ditto_error_rows[err->code].status;
}


const char *
ditto_error_name(const ditto_error_t *err)
{
    return ditto_error_rows[err->code].name;
}


bool
ditto_error_known(ditto_str_t name, unsigned *status,
    ditto_str_t *description)
{
    size_t                    i;
    const ditto_error_row_t  *row;

    *status = 500;
    *description = ditto_str("");

    for (i = 0; i < DITTO_E_MAX; i++) {
        row = &ditto_error_rows[i];

        if (!ditto_str_eq(name, ditto_str(row->name))) {
            continue;
        }

        *status = row->status;

        if (row->description != NULL
            && strchr(row->description, '%') == NULL)
        {
            *description = ditto_str(row->description);
        }

        return true;
    }

    return false;
}


void
ditto_error_message(ditto_buf_t *out, const ditto_error_t *err)
{
    ditto_error_expand(out, err,
                       err->message != NULL ? err->message
                                     : ditto_error_rows[err->code].message);
}


void
ditto_error_description(ditto_buf_t *out, const ditto_error_t *err)
{
    ditto_error_expand(out, err,
                       err->description != NULL ? err->description
                                 : ditto_error_rows[err->code].description);
}


void
ditto_error_text(ditto_buf_t *out, const ditto_error_t *err)
{
    size_t  i, start, before;

    start = out->len;
    ditto_error_message(out, err);

    before = out->len;
    ditto_buf_char(out, ' ');
    ditto_error_description(out, err);

    if (out->len == before + 1) {
        out->len = before;
    }

    /* line ends, and what indents the line behind, become one blank */

    for (i = start, before = start; !out->failed && i < out->len; i++) {

        if (out->data[i] < 0x20) {
            out->data[before++] = ' ';

            while (i + 1 < out->len && out->data[i + 1] <= ' ') {
                i++;
            }

            continue;
        }

        out->data[before++] = out->data[i];
    }

    if (!out->failed) {
        out->len = before;
    }
}


void
ditto_error_members(ditto_buf_t *out, const ditto_error_t *err)
{
    ditto_buf_text(out, "\"status\":");
    ditto_buf_int(out, (int64_t) ditto_error_rows[err->code].status);
    ditto_buf_text(out, ",\"error\":\"");
    ditto_buf_text(out, ditto_error_rows[err->code].name);
    ditto_buf_char(out, '"');

    ditto_error_texts(out, err);
}


void
ditto_error_texts(ditto_buf_t *out, const ditto_error_t *err)
{
    ditto_buf_t               text;
    const ditto_error_row_t  *row;

    row = &ditto_error_rows[err->code];

    ditto_buf_init(&text, out->pool, 0);
    ditto_error_message(&text, err);
    ditto_error_member(out, ",\"message\":", &text);

    ditto_buf_init(&text, out->pool, 0);
    ditto_error_description(&text, err);
    ditto_error_member(out, ",\"description\":", &text);

    if (row->href != NULL) {
        ditto_buf_text(out, ",\"href\":");
        ditto_json_add_string(out, ditto_str(row->href));
    }

    if (err->header.len != 0) {
        ditto_buf_text(out, ",\"invalidHeaderKey\":");
        ditto_json_add_string(out, err->header);
    }
}


/* An empty text is no member; one that failed fails out. */
static void
ditto_error_member(ditto_buf_t *out, const char *name,
    const ditto_buf_t *text)
{
    ditto_str_t  s;

    if (ditto_buf_done(text, &s) != DITTO_OK) {
        out->failed = true;
        return;
    }

    if (s.len != 0) {
        ditto_buf_text(out, name);
        ditto_json_add_string(out, s);
    }
}


static void
ditto_error_expand(ditto_buf_t *out, const ditto_error_t *err,
    const char *text)
{
    const char  *p;

    if (text == NULL) {
        return;
    }

    for (p = text; *p != '\0'; p++) {

        if (p[0] == '%' && p[1] >= '1' && p[1] <= '0' + DITTO_ERROR_ARGS) {
            p++;
            ditto_buf_str(out, err->args[*p - '1']);
            continue;
        }

        if (p[0] == '%' && p[1] == '@') {
            p++;
            ditto_buf_int(out, (int64_t) err->offset);
            continue;
        }

        ditto_buf_char(out, *p);
    }
}
