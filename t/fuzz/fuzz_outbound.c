/*
 * A connection, a signal, a fetched thing and a policy: the records of each
 * target, and the answer to the sender.  Without a policy everybody may read.
 *
 * Seeds: outbound {connection}\0{text}\0{thing}
 * Seeds: outbound {connection}\0{text}\0{thing}\0{"policyId":"org.acme:p","entries":{"a":{"subjects":{"nginx:out":{"type":"t"}},"resources":{"thing:/":{"grant":["READ"],"revoke":[]},"thing:/features/motor/properties/rpm":{"grant":[],"revoke":["READ"]}}}}}
 * Words: json connection placeholder envelope rql
 */

#include "fuzz.h"

#include "ditto_ack.h"
#include "ditto_json.h"
#include "ditto_outbound.h"


static bool fuzz_access(unit_pool_t *up, ditto_str_t text,
    ditto_access_t *access);
static void fuzz_target(unit_pool_t *up, const ditto_connection_t *c,
    const ditto_target_t *target, const ditto_scope_t *scope,
    const ditto_access_t *access, ditto_str_t thing);
static void fuzz_record(unit_pool_t *up, const ditto_record_t *record);
static void fuzz_acks(unit_pool_t *up, const ditto_signal_t *signal);


void
fuzz_one(unit_pool_t *up, ditto_str_t in)
{
    size_t                 i;
    ditto_str_t            text, thing, place;
    ditto_error_t          err;
    fuzz_scope_t           fs;
    ditto_access_t         access;
    ditto_subjects_t       sender;
    ditto_connection_t     c;
    const ditto_target_t  *target;

    memset(&err, 0, sizeof(err));

    if (fuzz_rc(up, ditto_connection_parse(&up->pool, fuzz_part(up, &in), &c,
                                           &place, &err), &err)
        != DITTO_OK)
    {
        return;
    }

    text = fuzz_part(up, &in);
    thing = fuzz_part(up, &in);

    if (!fuzz_scope(up, &fs, text) || !fuzz_access(up, in, &access)) {
        return;
    }

    fs.scope.connection_id = c.id;

    if (thing.len == 0 || thing.data[0] != '{'
        || ditto_json_validate(thing, &err) != DITTO_OK)
    {
        thing.data = NULL;
    }

    sender.elts = fs.scope.subjects;
    sender.n = fs.scope.nsubjects;

    if (fuzz_rc(up, ditto_sender_accept(&fs.signal, &err), &err) != DITTO_OK) {
        return;
    }

    (void) fuzz_rc(up, ditto_sender_check(&fs.signal, access.policy, &sender,
                                          &err), &err);

    target = c.targets.elts;

    for (i = 0; i < c.targets.nelts; i++) {
        fuzz_target(up, &c, &target[i], &fs.scope, &access, thing);
    }

    fuzz_acks(up, &fs.signal);
}


static bool
fuzz_access(unit_pool_t *up, ditto_str_t text, ditto_access_t *access)
{
    ditto_str_t               place, ns = ditto_null_string;
    ditto_time_t              now = { 1787047200, 0 };
    ditto_error_t             err;
    ditto_policy_t           *policy;
    ditto_policy_document_t  *document;

    memset(&err, 0, sizeof(err));

    access->policy = NULL;
    access->off = (text.len == 0);
    access->partial = true;

    if (access->off) {
        return true;
    }

    if (fuzz_rc(up, ditto_policy_document_read(&up->pool, text, &document,
                                               &place, &err), &err)
        != DITTO_OK
        || fuzz_rc(up, ditto_policy_compile(&up->pool, document, NULL, NULL,
                                            ns, now, &policy, &err), &err)
           != DITTO_OK)
    {
        return false;
    }

    access->policy = policy;

    return true;
}


static void
fuzz_target(unit_pool_t *up, const ditto_connection_t *c,
    const ditto_target_t *target, const ditto_scope_t *scope,
    const ditto_access_t *access, ditto_str_t thing)
{
    size_t           i;
    ditto_rc_t       rc;
    ditto_str_t      none = ditto_null_string;
    ditto_array_t    fields, records;
    ditto_fate_e     fate;
    ditto_error_t    err;
    ditto_record_t  *record;

    memset(&err, 0, sizeof(err));

    rc = fuzz_rc(up, ditto_outbound_select(target, scope, access, &fields,
                                           &err), &err);

    if (rc != DITTO_OK) {
        return;
    }

    if (fields.nelts == 0) {
        thing = none;

    } else if (thing.data == NULL
               || fuzz_rc(up, ditto_outbound_readable(target, scope, access,
                                                      thing, &thing, &err),
                          &err)
                  != DITTO_OK)
    {
        return;
    }

    ditto_array_init(&records, &up->pool, sizeof(ditto_record_t));

    rc = fuzz_rc(up, ditto_outbound_publish(c, target, scope, access, thing,
                                            &records, &fate, &err), &err);

    fuzz_check(up, rc != DITTO_DECLINED);
    fuzz_check(up, (rc == DITTO_ERROR) == (fate == DITTO_FATE_FAILED));
    fuzz_check(up, records.nelts == 0 || rc == DITTO_ERROR
                   || fate == DITTO_FATE_PUBLISHED);

    for (i = 0, record = records.elts; i < records.nelts; i++) {
        fuzz_record(up, &record[i]);
    }
}


static void
fuzz_record(unit_pool_t *up, const ditto_record_t *record)
{
    size_t  i, sum;

    fuzz_check(up, ditto_kafka_topic_valid(record->topic));
    fuzz_check(up, record->partition >= -1);
    fuzz_check(up, record->key.data == NULL || record->partition == -1);

    /* every byte is there */

    for (i = 0, sum = 0; i < record->value.len; i++) {
        sum += record->value.data[i];
    }

    for (i = 0; i < record->nheaders; i++) {
        fuzz_check(up, record->headers[i].name.len != 0);
        sum += ditto_str_utf8(record->headers[i].name);
        sum += ditto_str_utf8(record->headers[i].value);
    }

    fuzz_check(up, sum != 0);
}


/* One for each label that is asked for. */
static void
fuzz_acks(unit_pool_t *up, const ditto_signal_t *signal)
{
    size_t          i;
    ditto_ack_t    *acks;
    ditto_buf_t     buf;
    ditto_str_t     text, *label;
    ditto_array_t   labels;
    ditto_error_t   err;

    memset(&err, 0, sizeof(err));

    if (fuzz_rc(up, ditto_acks_requested(&up->pool, signal, &labels, &err),
                &err)
        != DITTO_OK
        || labels.nelts == 0)
    {
        return;
    }

    acks = ditto_zalloc(&up->pool, labels.nelts * sizeof(ditto_ack_t));
    if (acks == NULL) {
        return;
    }

    for (i = 0, label = labels.elts; i < labels.nelts; i++) {
        acks[i].label = label[i];
        acks[i].payload = signal->value;
        acks[i].status = (i == 0) ? 204 : 408;
        fuzz_check(up, ditto_acks_contain(&labels, label[i]));
    }

    ditto_buf_init(&buf, &up->pool, 0);
    ditto_acks_render(&buf, acks, labels.nelts, label[0], false);

    if (fuzz_done(up, &buf, &text)) {
        fuzz_check(up, text.len == 0
                       || ditto_json_validate(text, &err) == DITTO_OK);
    }
}
