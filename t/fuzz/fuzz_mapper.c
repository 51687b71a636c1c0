/*
 * A payload mapper and its options; the first byte names it, a capital letter
 * means inbound.  Outbound a signal follows, inbound headers as an object of
 * strings and a payload.
 *
 * Seeds: mapper_normalized n{options}\0{text}
 * Seeds: mapper_raw_message r{options}\0{text}
 * Seeds: mapper_raw_message R{options}\0{headers}\0{payload}
 * Seeds: mapper_cloud_events c{options}\0{text}
 * Seeds: mapper_cloud_events C{options}\0{headers}\0{payload}
 * Seeds: mapper_cloud_events D{options}\0{headers}\0{payload}
 * Words: json envelope placeholder connection
 */

#include "fuzz.h"

#include "ditto_json.h"
#include "ditto_mapper.h"


static bool fuzz_object(ditto_str_t text);
static void fuzz_outbound(unit_pool_t *up, const ditto_mapper_t *mapper,
    ditto_str_t text);
static void fuzz_inbound(unit_pool_t *up, const ditto_mapper_t *mapper,
    ditto_str_t headers, ditto_str_t payload);


static const ditto_str_t  fuzz_engines[] = {
    ditto_string("Ditto"), ditto_string("Normalized"),
    ditto_string("RawMessage"), ditto_string("CloudEvents")
};


void
fuzz_one(unit_pool_t *up, ditto_str_t in)
{
    bool                         inbound;
    size_t                       i;
    ditto_str_t                  headers;
    ditto_error_t                err;
    ditto_mapper_t              *mapper;
    ditto_mapping_definition_t   definition;

    memset(&err, 0, sizeof(err));
    memset(&definition, 0, sizeof(definition));

    if (in.len == 0) {
        return;
    }

    inbound = (in.data[0] < 'a');

    for (i = 0; i < 3; i++) {
        if ((in.data[0] | 0x20) == (fuzz_engines[i].data[0] | 0x20)) {
            break;
        }
    }

    in = ditto_str_sub(in, 1, in.len);

    definition.id = ditto_str("m");
    definition.engine = fuzz_engines[i];
    definition.options = ditto_str_trim(fuzz_part(up, &in));

    if (!fuzz_object(definition.options)
        || fuzz_rc(up, ditto_mapper_compile(&up->pool, &definition, &mapper,
                                            &err), &err)
           != DITTO_OK
        || ditto_mapper_refusal(mapper, inbound) != NULL)
    {
        return;
    }

    if (!inbound) {
        fuzz_outbound(up, mapper, fuzz_part(up, &in));
        return;
    }

    headers = ditto_str_trim(fuzz_part(up, &in));

    if (fuzz_object(headers)) {
        fuzz_inbound(up, mapper, headers, in);
    }
}


static bool
fuzz_object(ditto_str_t text)
{
    ditto_error_t  err;

    return text.len != 0 && text.data[0] == '{'
           && ditto_json_validate(text, &err) == DITTO_OK;
}


static void
fuzz_outbound(unit_pool_t *up, const ditto_mapper_t *mapper, ditto_str_t text)
{
    size_t                     i, j, sum;
    ditto_rc_t                 rc;
    ditto_array_t              messages;
    ditto_error_t              err;
    fuzz_scope_t               fs;
    ditto_record_header_t     *header;
    ditto_external_message_t  *message;

    memset(&err, 0, sizeof(err));

    if (!fuzz_scope(up, &fs, text)) {
        return;
    }

    ditto_array_init(&messages, &up->pool, sizeof(ditto_external_message_t));

    rc = fuzz_rc(up, ditto_mapper_outbound(mapper, &fs.scope, &messages, &err),
                 &err);

    fuzz_check(up, (rc == DITTO_OK) == (messages.nelts != 0));
    fuzz_check(up, messages.nelts <= DITTO_MAPPER_MESSAGES);

    for (i = 0, message = messages.elts; i < messages.nelts; i++) {

        fuzz_check(up, !message[i].text || ditto_str_utf8(message[i].payload));

        /* every byte is there */

        for (j = 0, sum = 1; j < message[i].payload.len; j++) {
            sum += message[i].payload.data[j];
        }

        for (j = 0, header = message[i].headers.elts;
             j < message[i].headers.nelts;
             j++)
        {
            sum += ditto_str_utf8(header[j].name);
            sum += ditto_str_utf8(header[j].value);
        }

        fuzz_check(up, sum != 0);
    }
}


static void
fuzz_inbound(unit_pool_t *up, const ditto_mapper_t *mapper,
    ditto_str_t headers, ditto_str_t payload)
{
    size_t                     i;
    ditto_rc_t                 rc;
    ditto_str_t                name, value, *text;
    ditto_json_t               it;
    ditto_time_t               now = { 1704164645, 678000000 };
    ditto_array_t              texts;
    ditto_error_t              err;
    ditto_signal_t             signal;
    ditto_external_message_t   message;

    memset(&err, 0, sizeof(err));

    ditto_external_init(&message, &up->pool);
    ditto_json_iterate(&it, headers);

    while (ditto_json_next(&it, &name, &value)) {
        if (value.data[0] == '"'
            && (ditto_json_decode(&up->pool, name, &name) != DITTO_OK
                || ditto_json_text(&up->pool, value, &value) != DITTO_OK
                || ditto_external_header(&message, name, value) != DITTO_OK))
        {
            return;
        }
    }

    message.payload = payload;
    message.text = ditto_str_utf8(payload);

    ditto_array_init(&texts, &up->pool, sizeof(ditto_str_t));

    rc = fuzz_rc(up, ditto_mapper_inbound(mapper, &up->pool, now, &message,
                                          &texts, &err), &err);

    fuzz_check(up, (rc == DITTO_OK) == (texts.nelts != 0));
    fuzz_check(up, texts.nelts <= DITTO_MAPPER_MESSAGES);

    for (i = 0, text = texts.elts; i < texts.nelts; i++) {
        (void) fuzz_rc(up, ditto_signal_parse(&up->pool, text[i], &signal,
                                              &err), &err);
    }
}
