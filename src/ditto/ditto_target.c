#include "ditto_charset.h"
#include "ditto_json.h"
#include "ditto_mapper.h"
#include "ditto_target.h"


static ditto_rc_t ditto_target_record(const ditto_target_t *target,
    const ditto_scope_t *scope, const ditto_address_t *address,
    ditto_external_message_t *message, ditto_record_t *record,
    ditto_error_t *err);
static ditto_rc_t ditto_target_trace(const ditto_scope_t *scope,
    ditto_external_message_t *message);


ditto_rc_t
ditto_target_match(const ditto_target_t *target, const ditto_scope_t *scope,
    ditto_error_t *err)
{
    size_t                       i;
    ditto_rc_t                   rc;
    const ditto_subscription_t  *ft;

    ft = target->topics.elts;

    for (i = 0; i < target->topics.nelts; i++) {
        rc = ditto_subscription_match(&ft[i], scope, err);

        if (rc != DITTO_DECLINED) {
            return rc;
        }
    }

    return DITTO_DECLINED;
}


/* spec: Read subjects per signal type, Target check */
ditto_access_e
ditto_target_access(const ditto_target_t *target,
    const ditto_signal_t *signal, const ditto_access_t *access)
{
    size_t              i;
    ditto_access_e      one, best;
    ditto_state_e       state;
    ditto_resource_t    resource;
    const ditto_str_t  *subject;

    if (access->off || signal->kind == DITTO_SIGNAL_POLICY_ANNOUNCEMENT
        || signal->kind == DITTO_SIGNAL_CONNECTION_ANNOUNCEMENT)
    {
        return DITTO_ACCESS_FULL;
    }

    best = DITTO_ACCESS_NONE;

    if (access->policy == NULL) {
        return best;
    }

    resource = ditto_target_resource(signal);
    subject = target->subjects.elts;

    for (i = 0; i < target->subjects.nelts; i++) {

        if (signal->kind == DITTO_SIGNAL_EVENT) {
            one = ditto_target_reader(access, signal, subject[i]);

            if (one == DITTO_ACCESS_FULL) {
                return one;
            }

            if (one == DITTO_ACCESS_PARTIAL) {
                best = one;
            }

            continue;
        }

        state = ditto_policy_state(access->policy, &resource, subject[i],
                                   DITTO_PERMISSION_READ);

        if (state == DITTO_STATE_REVOKED) {
            return DITTO_ACCESS_NONE;
        }

        if (state == DITTO_STATE_GRANTED) {
            best = DITTO_ACCESS_FULL;
        }
    }

    return best;
}


ditto_access_e
ditto_target_reader(const ditto_access_t *access,
    const ditto_signal_t *signal, ditto_str_t subject)
{
    ditto_pointer_t   root;
    ditto_resource_t  resource;
    ditto_subjects_t  one;

    one.elts = &subject;
    one.n = 1;

    resource = ditto_target_resource(signal);

    if (ditto_policy_unrestricted(access->policy, &resource, &one,
                                  DITTO_PERMISSION_READ))
    {
        return DITTO_ACCESS_FULL;
    }

    if (!access->partial) {
        return DITTO_ACCESS_NONE;
    }

    memset(&root, 0, sizeof(root));
    resource.path = &root;

    return ditto_policy_partial(access->policy, &resource, &one,
                                DITTO_PERMISSION_READ)
           ? DITTO_ACCESS_PARTIAL : DITTO_ACCESS_NONE;
}


/* Ditto selects by the subjects of a connection, spec: Target check */
bool
ditto_target_addressed(const ditto_target_t *target,
    const ditto_signal_t *signal, ditto_pool_t *pool)
{
    size_t               i;
    ditto_str_t          ids, name, id, text;
    ditto_json_t         it;
    const ditto_str_t   *subject;
    static ditto_str_t   subject_ids = ditto_string("subjectIds");

    if (signal->kind != DITTO_SIGNAL_POLICY_ANNOUNCEMENT) {
        return true;
    }

    if (signal->value.len == 0 || signal->value.data[0] != '{'
        || ditto_json_member(signal->value, subject_ids, &ids) != DITTO_OK
        || ids.data[0] != '[')
    {
        return false;
    }

    subject = target->subjects.elts;
    ditto_json_iterate(&it, ids);

    while (ditto_json_next(&it, &name, &id)) {

        if (id.data[0] != '"'
            || ditto_json_text(pool, id, &text) != DITTO_OK)
        {
            continue;
        }

        for (i = 0; i < target->subjects.nelts; i++) {
            if (ditto_str_eq(subject[i], text)) {
                return true;
            }
        }
    }

    return false;
}


ditto_rc_t
ditto_target_map(const ditto_target_t *target, const ditto_scope_t *scope,
    ditto_array_t *records, bool *unaddressed, ditto_error_t *err)
{
    size_t                     i, before;
    ditto_rc_t                 rc, failed;
    ditto_str_t                text;
    ditto_array_t              messages;
    ditto_error_t              wrong;
    ditto_record_t            *record;
    ditto_address_t            address;
    ditto_mapper_t           **mapper;
    ditto_external_message_t  *message;

    ditto_array_init(&messages, scope->pool,
                     sizeof(ditto_external_message_t));

    *unaddressed = false;
    failed = DITTO_OK;
    mapper = target->mappers.elts;

    for (i = 0; i < target->mappers.nelts; i++) {

        if (ditto_mapper_outbound(mapper[i], scope, &messages, &wrong)
            == DITTO_ERROR)
        {
            *err = wrong;
            failed = DITTO_ERROR;
        }
    }

    if (messages.nelts == 0) {
        return (failed == DITTO_ERROR) ? DITTO_ERROR : DITTO_DECLINED;
    }

    rc = ditto_template_resolve(target->tpl, scope, &text, &wrong);

    if (rc == DITTO_DECLINED) {
        *unaddressed = true;
        return (failed == DITTO_ERROR) ? DITTO_ERROR : DITTO_DECLINED;
    }

    if (rc == DITTO_ERROR
        || ditto_address_parse(&address, text, &wrong) != DITTO_OK)
    {
        *err = wrong;
        return DITTO_ERROR;
    }

    before = records->nelts;
    message = messages.elts;

    for (i = 0; i < messages.nelts; i++) {
        record = ditto_array_push(records);

        if (record == NULL) {
            records->nelts = before;
            return ditto_fail_memory(err);
        }

        if (ditto_target_record(target, scope, &address, &message[i], record,
                                &wrong)
            != DITTO_OK)
        {
            records->nelts--;
            *err = wrong;
            failed = DITTO_ERROR;
        }
    }

    return failed;
}


/* spec: Construction order of the record's headers, later wins */
static ditto_rc_t
ditto_target_record(const ditto_target_t *target, const ditto_scope_t *scope,
    const ditto_address_t *address, ditto_external_message_t *message,
    ditto_record_t *record, ditto_error_t *err)
{
    size_t                         i;
    ditto_rc_t                     rc;
    ditto_str_t                    value, charset;
    const ditto_header_mapping_t  *hm;
    static ditto_str_t             content_type
                                       = ditto_string("content-type");
    static ditto_str_t             connection_id
                                       = ditto_string("ditto-connection-id");

    hm = target->header_mapping.elts;

    for (i = 0; i < target->header_mapping.nelts; i++) {

        rc = ditto_template_resolve(hm[i].tpl, scope, &value, err);

        if (rc == DITTO_ERROR) {
            return DITTO_ERROR;
        }

        if (rc == DITTO_OK
            && ditto_external_header(message, hm[i].name, value) != DITTO_OK)
        {
            return ditto_fail_memory(err);
        }
    }

    if (ditto_target_trace(scope, message) != DITTO_OK
        || ditto_external_header(message, connection_id, scope->connection_id)
           != DITTO_OK)
    {
        return ditto_fail_memory(err);
    }

    record->value = message->payload;

    if (record->value.data == NULL) {
        /* not nothing, which means more than that to Kafka */
        record->value = ditto_str("");

    } else if (message->text) {
        charset = ditto_charset_of(ditto_external_get(message, content_type));

        if (charset.data != NULL
            && ditto_charset_encode(scope->pool, charset, message->payload,
                                    &record->value)
               != DITTO_OK)
        {
            return ditto_fail_memory(err);
        }
    }

    record->topic = address->topic;
    record->key = address->key;
    record->partition = address->has_partition ? address->partition : -1;
    record->headers = message->headers.elts;
    record->nheaders = message->headers.nelts;

    return DITTO_OK;
}


/* spec: Construction order of the record's headers, step 3 */
static ditto_rc_t
ditto_target_trace(const ditto_scope_t *scope,
    ditto_external_message_t *message)
{
    size_t                 i;
    const ditto_header_t  *h;
    static ditto_str_t     names[] = {
        ditto_string("traceparent"),
        ditto_string("tracestate"),
    };

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        h = ditto_headers_get(&scope->signal->headers, names[i]);

        if (h != NULL
            && ditto_external_header(message, names[i], h->value) != DITTO_OK)
        {
            return DITTO_ERROR;
        }
    }

    return DITTO_OK;
}


ditto_rc_t
ditto_sender_accept(const ditto_signal_t *signal, ditto_error_t *err)
{
    ditto_str_t  none = ditto_null_string;

    switch (signal->kind) {

    case DITTO_SIGNAL_EVENT:
    case DITTO_SIGNAL_MESSAGE:
    case DITTO_SIGNAL_POLICY_ANNOUNCEMENT:
        return DITTO_OK;

    case DITTO_SIGNAL_COMMAND:
        /* several things at once belong to no topic */

        if (signal->live && signal->entity != DITTO_ENTITY_NONE) {
            return DITTO_OK;
        }

        break;

    default:
        break;
    }

    (void) ditto_fail(err, DITTO_E_SIGNAL_UNSUPPORTED, signal->type, none);

    err->description = (signal->kind == DITTO_SIGNAL_COMMAND)
                       ? "No twin is stored here: post events, live commands "
                         "and live messages."
                       : "Post events, live commands, live messages and "
                         "policy announcements.";

    return DITTO_ERROR;
}


ditto_rc_t
ditto_sender_check(const ditto_signal_t *signal, const ditto_policy_t *policy,
    const ditto_subjects_t *subjects, ditto_error_t *err)
{
    ditto_str_t         none = ditto_null_string;
    ditto_resource_t    resource;
    ditto_error_code_e  code;
    static ditto_str_t  claim = ditto_string("claim");

    if (policy == NULL) {
        code = (signal->kind == DITTO_SIGNAL_POLICY_ANNOUNCEMENT)
               ? DITTO_E_POLICY_NOT_FOUND : DITTO_E_THING_NOT_FOUND;

        return ditto_fail(err, code, signal->id, none);
    }

    resource = ditto_target_resource(signal);

    switch (signal->kind) {

    case DITTO_SIGNAL_MESSAGE:
        if (ditto_str_eq(signal->topic.tail, claim)) {
            return DITTO_OK;
        }

        code = DITTO_E_MESSAGE_NOT_ALLOWED;
        break;

    case DITTO_SIGNAL_EVENT:
        code = DITTO_E_EVENT_NOT_ALLOWED;
        break;

    case DITTO_SIGNAL_POLICY_ANNOUNCEMENT:
        code = DITTO_E_ANNOUNCEMENT_NOT_ALLOWED;
        break;

    default: /* live commands */

        if (signal->topic.action == DITTO_ACTION_RETRIEVE) {
            if (ditto_policy_partial(policy, &resource, subjects,
                                     DITTO_PERMISSION_READ))
            {
                return DITTO_OK;
            }

            return ditto_fail(err, DITTO_E_THING_NOT_FOUND, signal->id, none);
        }

        code = DITTO_E_THING_NOT_MODIFIABLE;
    }

    if (ditto_policy_unrestricted(policy, &resource, subjects,
                                  DITTO_PERMISSION_WRITE))
    {
        return DITTO_OK;
    }

    return ditto_fail(err, code, signal->id, none);
}


/* spec: Message resource paths */
ditto_resource_t
ditto_target_resource(const ditto_signal_t *signal)
{
    ditto_resource_t  resource;

    switch (signal->kind) {

    case DITTO_SIGNAL_MESSAGE:
        resource.type = ditto_str("message");
        break;

    case DITTO_SIGNAL_POLICY_ANNOUNCEMENT:
        resource.type = ditto_str("policy");
        break;

    default:
        resource.type = ditto_str("thing");
    }

    resource.path = &signal->resource;

    return resource;
}
