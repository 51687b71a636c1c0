#include "ditto_base64.h"
#include "ditto_json.h"
#include "ditto_json_print.h"
#include "ditto_signal_parts.h"


#define DITTO_PAYLOAD_MAX  256000        /* bytes, 250 kB: Ditto's default */


static bool ditto_payload_line(ditto_str_t text);
static ditto_rc_t ditto_payload_text(ditto_pool_t *pool, ditto_str_t value,
    ditto_str_t *text);
static ditto_rc_t ditto_payload_quote(ditto_parse_t *parse, ditto_str_t text,
    ditto_error_t *err);
static ditto_rc_t ditto_payload_encode(ditto_parse_t *parse,
    ditto_str_t text, ditto_error_t *err);
static ditto_rc_t ditto_payload_large(ditto_parse_t *parse, size_t size,
    ditto_error_t *err);


/* spec: "Message payload and its content-type" */
ditto_rc_t
ditto_signal_content(ditto_parse_t *parse, ditto_error_t *err)
{
    bool                   string;
    ditto_str_t            text;
    ditto_signal_t        *signal;
    const ditto_header_t  *h;

    signal = parse->signal;

    if (signal->value.data == NULL) {
        return DITTO_OK;
    }

    h = ditto_headers_get(&signal->headers, ditto_str("content-type"));

    signal->payload = (h != NULL) ? ditto_payload_kind(h->value)
                                  : DITTO_PAYLOAD_BINARY;
    string = (ditto_json_type(signal->value) == DITTO_JSON_STRING);

    if (signal->payload == DITTO_PAYLOAD_JSON) {

        /* what Ditto counts, the compact form, is never longer */

        if (signal->value.len <= DITTO_PAYLOAD_MAX) {
            return DITTO_OK;
        }

        if (ditto_json_print(parse->pool, signal->value, &text) != DITTO_OK) {
            return ditto_fail_memory(err);
        }

        return (text.len <= DITTO_PAYLOAD_MAX)
               ? DITTO_OK : ditto_payload_large(parse, text.len, err);
    }

    if (ditto_payload_text(parse->pool, signal->value, &text) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    if (text.len > DITTO_PAYLOAD_MAX) {
        return ditto_payload_large(parse, text.len, err);
    }

    if (signal->payload == DITTO_PAYLOAD_TEXT) {

        if (string) {
            return DITTO_OK;
        }

        signal->content = text;

        return ditto_payload_quote(parse, text, err);
    }

    if (!ditto_base64_canonical(text)) {
        return ditto_payload_encode(parse, text, err);
    }

    return string ? DITTO_OK : ditto_payload_quote(parse, text, err);
}


ditto_rc_t
ditto_signal_payload(ditto_pool_t *pool, const ditto_signal_t *signal,
    ditto_payload_t *payload, ditto_error_t *err)
{
    ditto_str_t     text, none = ditto_null_string;
    unsigned char  *p;

    payload->kind = signal->payload;
    payload->data = none;

    if (signal->payload == DITTO_PAYLOAD_NONE) {
        return DITTO_OK;
    }

    if (signal->payload == DITTO_PAYLOAD_JSON) {
        payload->data = signal->value;
        return DITTO_OK;
    }

    if (signal->content.data != NULL) {
        payload->data = signal->content;
        return DITTO_OK;
    }

    if (ditto_json_text(pool, signal->value, &text) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    if (signal->payload == DITTO_PAYLOAD_TEXT) {
        payload->data = text;
        return DITTO_OK;
    }

    p = ditto_alloc(pool, ditto_base64_decoded(text.len));
    if (p == NULL) {
        return ditto_fail_memory(err);
    }

    payload->data.data = p;
    (void) ditto_base64_decode(text, p, &payload->data.len);

    return DITTO_OK;
}


/*
 *     text    text/.*
 *             application/((vnd\.)?.+\+)?(javascript|ecmascript)
 *     JSON    application/((vnd\.)?.+\+)?json, but not merge-patch+json
 */
ditto_payload_e
ditto_payload_kind(ditto_str_t type)
{
    size_t       plus;
    ditto_str_t  tail;

    static const ditto_str_t  text = ditto_string("text/");
    static const ditto_str_t  application = ditto_string("application/");

    type = ditto_str_sub(type, 0, ditto_str_chr(type, ';', 0));

    if (type.len >= text.len
        && ditto_str_caseeq(ditto_str_sub(type, 0, text.len), text)
        && ditto_payload_line(type))
    {
        return DITTO_PAYLOAD_TEXT;
    }

    if (type.len < application.len
        || !ditto_str_caseeq(ditto_str_sub(type, 0, application.len),
                             application)
        || !ditto_payload_line(type))
    {
        return DITTO_PAYLOAD_BINARY;
    }

    type = ditto_str_sub(type, application.len, type.len);
    tail = type;

    for (plus = type.len; plus > 0; plus--) {

        if (type.data[plus - 1] == '+') {
            tail = ditto_str_sub(type, plus, type.len);
            break;
        }
    }

    if (plus == 1
        || ditto_str_caseeq(type, ditto_str("merge-patch+json")))
    {
        return DITTO_PAYLOAD_BINARY;
    }

    if (ditto_str_caseeq(tail, ditto_str("json"))) {
        return DITTO_PAYLOAD_JSON;
    }

    if (ditto_str_caseeq(tail, ditto_str("javascript"))
        || ditto_str_caseeq(tail, ditto_str("ecmascript")))
    {
        return DITTO_PAYLOAD_TEXT;
    }

    return DITTO_PAYLOAD_BINARY;
}


/* False if there is something in it that "." does not match. */
static bool
ditto_payload_line(ditto_str_t text)
{
    size_t         i;
    unsigned char  c, next;

    for (i = 0; i < text.len; i++) {
        c = text.data[i];
        next = (i + 1 < text.len) ? text.data[i + 1] : 0;

        if (c == '\n' || c == '\r' || (c == 0xc2 && next == 0x85)
            || (c == 0xe2 && next == 0x80 && i + 2 < text.len
                && (text.data[i + 2] | 1) == 0xa9))
        {
            return false;
        }
    }

    return true;
}


/* The content of a string; of another value its JSON text. */
static ditto_rc_t
ditto_payload_text(ditto_pool_t *pool, ditto_str_t value, ditto_str_t *text)
{
    return (ditto_json_type(value) == DITTO_JSON_STRING)
           ? ditto_json_text(pool, value, text)
           : ditto_json_print(pool, value, text);
}


static ditto_rc_t
ditto_payload_quote(ditto_parse_t *parse, ditto_str_t text,
    ditto_error_t *err)
{
    return (ditto_json_quote(parse->pool, text, &parse->signal->value)
            == DITTO_OK)
           ? DITTO_OK : ditto_fail_memory(err);
}


/* Text that is no base64 at all stands for its own bytes. */
static ditto_rc_t
ditto_payload_encode(ditto_parse_t *parse, ditto_str_t text,
    ditto_error_t *err)
{
    ditto_str_t      bytes, value;
    unsigned char   *p;

    p = ditto_alloc(parse->pool, ditto_base64_decoded(text.len));
    if (p == NULL) {
        return ditto_fail_memory(err);
    }

    bytes.data = p;

    if (!ditto_base64_decode(text, p, &bytes.len)) {
        bytes = text;
    }

    value.len = ditto_base64_encoded(bytes.len) + 2;

    p = ditto_alloc(parse->pool, value.len);
    if (p == NULL) {
        return ditto_fail_memory(err);
    }

    value.data = p;

    *p++ = '"';
    ditto_base64_encode(p, bytes);
    p[value.len - 2] = '"';

    parse->signal->content = bytes;
    parse->signal->value = value;

    return DITTO_OK;
}


static ditto_rc_t
ditto_payload_large(ditto_parse_t *parse, size_t size, ditto_error_t *err)
{
    ditto_buf_t  buf;
    ditto_str_t  kb, none = ditto_null_string;

    ditto_buf_init(&buf, parse->pool, 32);
    ditto_buf_kb(&buf, size);

    if (ditto_buf_done(&buf, &kb) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    (void) ditto_fail(err, DITTO_E_PAYLOAD_TOO_LARGE, kb, none);
    err->message = "The message payload size of '%1' kB exceeds the maximal "
                   "allowed size of '250' kB.";
    err->description = "Reduce the message payload in the bounds of the "
                       "specified limit";

    return DITTO_ERROR;
}
