/*
 * Functions: fn:url-encode, fn:url-decode, fn:base64-encode,
 * fn:base64-decode.
 */

#include "ditto_base64.h"
#include "ditto_decode.h"
#include "ditto_function_private.h"


static ditto_rc_t ditto_map_url_encode(ditto_run_t *run, const void *arg,
    ditto_str_t value, ditto_str_t *out, ditto_error_t *err);
static bool ditto_url_plain(unsigned char c);
static ditto_rc_t ditto_map_url_decode(ditto_run_t *run, const void *arg,
    ditto_str_t value, ditto_str_t *out, ditto_error_t *err);
static ditto_rc_t ditto_map_base64_encode(ditto_run_t *run, const void *arg,
    ditto_str_t value, ditto_str_t *out, ditto_error_t *err);
static ditto_rc_t ditto_map_base64_decode(ditto_run_t *run, const void *arg,
    ditto_str_t value, ditto_str_t *out, ditto_error_t *err);


ditto_rc_t
ditto_function_url_encode(ditto_run_t *run, const ditto_stage_t *stage,
    ditto_element_t *element, ditto_error_t *err)
{
    (void) stage;

    return ditto_run_each(run, NULL, element, ditto_map_url_encode, err);
}


static ditto_rc_t
ditto_map_url_encode(ditto_run_t *run, const void *arg, ditto_str_t value,
    ditto_str_t *out, ditto_error_t *err)
{
    size_t          i, len;
    unsigned char   c, *p;
    static const char  hex[] = "0123456789ABCDEF";

    (void) arg;

    for (i = 0, len = 0; i < value.len; i++) {
        c = value.data[i];
        len += (ditto_url_plain(c) || c == ' ') ? 1 : 3;
    }

    p = ditto_run_alloc(run, len, err);
    if (p == NULL) {
        return DITTO_ERROR;
    }

    out->data = p;
    out->len = len;

    for (i = 0; i < value.len; i++) {
        c = value.data[i];

        if (ditto_url_plain(c)) {
            *p++ = c;

        } else if (c == ' ') {
            *p++ = '+';

        } else {
            *p++ = '%';
            *p++ = (unsigned char) hex[c >> 4];
            *p++ = (unsigned char) hex[c & 0xf];
        }
    }

    return DITTO_OK;
}


static bool
ditto_url_plain(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '*'
           || c == '_';
}


ditto_rc_t
ditto_function_url_decode(ditto_run_t *run, const ditto_stage_t *stage,
    ditto_element_t *element, ditto_error_t *err)
{
    (void) stage;

    return ditto_run_each(run, NULL, element, ditto_map_url_decode, err);
}


static ditto_rc_t
ditto_map_url_decode(ditto_run_t *run, const void *arg, ditto_str_t value,
    ditto_str_t *out, ditto_error_t *err)
{
    (void) arg;

    if (ditto_run_charge(run, value.len, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    return ditto_decode_form(run->pool, value, out, err);
}


ditto_rc_t
ditto_function_base64_encode(ditto_run_t *run, const ditto_stage_t *stage,
    ditto_element_t *element, ditto_error_t *err)
{
    (void) stage;

    return ditto_run_each(run, NULL, element, ditto_map_base64_encode, err);
}


static ditto_rc_t
ditto_map_base64_encode(ditto_run_t *run, const void *arg, ditto_str_t value,
    ditto_str_t *out, ditto_error_t *err)
{
    unsigned char  *p;

    (void) arg;

    p = ditto_run_alloc(run, ditto_base64_encoded(value.len), err);
    if (p == NULL) {
        return DITTO_ERROR;
    }

    ditto_base64_encode(p, value);

    out->data = p;
    out->len = ditto_base64_encoded(value.len);

    return DITTO_OK;
}


ditto_rc_t
ditto_function_base64_decode(ditto_run_t *run, const ditto_stage_t *stage,
    ditto_element_t *element, ditto_error_t *err)
{
    (void) stage;

    return ditto_run_each(run, NULL, element, ditto_map_base64_decode, err);
}


static ditto_rc_t
ditto_map_base64_decode(ditto_run_t *run, const void *arg, ditto_str_t value,
    ditto_str_t *out, ditto_error_t *err)
{
    ditto_buf_t     buf;
    ditto_str_t     bytes;
    unsigned char  *p;

    (void) arg;

    p = ditto_run_alloc(run, ditto_base64_decoded(value.len), err);
    if (p == NULL) {
        return DITTO_ERROR;
    }

    bytes.data = p;

    if (!ditto_base64_decode(value, p, &bytes.len)) {
        return ditto_fail_text(err, DITTO_E_CONNECTION_CONFIGURATION,
                               "The function <fn:base64-decode()> got a value "
                               "that is not Base64.");
    }

    if (ditto_str_utf8(bytes)) {
        *out = bytes;
        return DITTO_OK;
    }

    ditto_buf_init(&buf, run->pool, bytes.len);
    ditto_decode_utf8(&buf, bytes);

    return (ditto_buf_done(&buf, out) == DITTO_OK)
           ? DITTO_OK : ditto_fail_memory(err);
}
