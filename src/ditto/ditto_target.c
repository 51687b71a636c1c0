#include "ditto_json.h"
#include "ditto_mapper.h"
#include "ditto_target.h"


static bool ditto_target_addressed(const ditto_target_t *target,
    const ditto_signal_t *signal, ditto_pool_t *pool);
static ditto_rc_t ditto_target_record(const ditto_target_t *target,
    const ditto_scope_t *scope, const ditto_address_t *address,
    ditto_external_message_t *message, ditto_record_t *record,
    ditto_error_t *err);
static ditto_resource_t ditto_signal_resource(const ditto_signal_t *signal);


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
bool
ditto_target_authorized(const ditto_target_t *target,
    const ditto_signal_t *signal, const ditto_policy_t *policy,
    ditto_pool_t *pool)
{
    bool                granted;
    size_t              i;
    ditto_state_e       state;
    ditto_subjects_t    one;
    ditto_resource_t    resource;
    const ditto_str_t  *subject;

    if (signal->kind == DITTO_SIGNAL_CONNECTION_ANNOUNCEMENT) {
        return true;
    }

    if (signal->kind == DITTO_SIGNAL_POLICY_ANNOUNCEMENT) {
        return ditto_target_addressed(target, signal, pool);
    }

    if (policy == NULL) {
        return false;
    }

    granted = false;
    resource = ditto_signal_resource(signal);
    subject = target->subjects.elts;

    for (i = 0; i < target->subjects.nelts; i++) {

        if (signal->kind == DITTO_SIGNAL_EVENT) {
            one.elts = &subject[i];
            one.n = 1;

            if (ditto_policy_unrestricted(policy, &resource, &one,
                                          DITTO_PERMISSION_READ))
            {
                return true;
            }

            continue;
        }

        state = ditto_policy_state(policy, &resource, subject[i],
                                   DITTO_PERMISSION_READ);

        if (state == DITTO_STATE_REVOKED) {
            return false;
        }

        if (state == DITTO_STATE_GRANTED) {
            granted = true;
        }
    }

    return granted;
}


static bool
ditto_target_addressed(const ditto_target_t *target,
    const ditto_signal_t *signal, ditto_pool_t *pool)
{
    size_t               i;
    ditto_str_t          ids, name, id, text;
    ditto_json_t         it;
    const ditto_str_t   *subject;
    static ditto_str_t   subject_ids = ditto_string("subjectIds");

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
    ditto_array_t *records, ditto_error_t *err)
{
    size_t                     i, n;
    ditto_rc_t                 rc;
    ditto_str_t                text;
    ditto_array_t              messages;
    ditto_record_t            *record;
    ditto_address_t            address;
    const ditto_mapper_t      *mapper;
    ditto_external_message_t  *message;
    static ditto_str_t         ditto = ditto_string("Ditto");

    ditto_array_init(&messages, scope->pool,
                     sizeof(ditto_external_message_t));

    /* the only mapper so far, whatever the target's payload mapping lists */
    mapper = ditto_mapper_find(ditto);

    rc = ditto_mapper_map(mapper, scope, &messages, err);
    if (rc != DITTO_OK) {
        return rc;
    }

    rc = ditto_template_resolve(target->tpl, scope, &text, err);
    if (rc != DITTO_OK) {
        return rc;
    }

    if (ditto_address_parse(&address, text, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    n = records->nelts;
    message = messages.elts;

    for (i = 0; i < messages.nelts; i++) {
        record = ditto_array_push(records);
        if (record == NULL) {
            records->nelts = n;
            return ditto_fail_memory(err);
        }

        rc = ditto_target_record(target, scope, &address, &message[i], record,
                                 err);
        if (rc != DITTO_OK) {
            records->nelts = n;
            return rc;
        }
    }

    return DITTO_OK;
}


/* spec: Construction order of the record's headers, later wins */
static ditto_rc_t
ditto_target_record(const ditto_target_t *target, const ditto_scope_t *scope,
    const ditto_address_t *address, ditto_external_message_t *message,
    ditto_record_t *record, ditto_error_t *err)
{
    size_t                         i;
    ditto_rc_t                     rc;
    ditto_str_t                    value;
    const ditto_header_mapping_t  *hm;
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

    if (ditto_external_header(message, connection_id, scope->connection_id)
        != DITTO_OK)
    {
        return ditto_fail_memory(err);
    }

    record->topic = address->topic;
    record->key = address->key;
    record->partition = address->has_partition ? address->partition : -1;
    record->value = message->payload;
    record->headers = message->headers.elts;
    record->nheaders = message->headers.nelts;

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
        if (signal->live) {
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

    resource = ditto_signal_resource(signal);

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
static ditto_resource_t
ditto_signal_resource(const ditto_signal_t *signal)
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
