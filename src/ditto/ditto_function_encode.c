/*
 * Functions: fn:url-encode, fn:url-decode, fn:base64-encode,
 * fn:base64-decode.
 */

#include "ditto_decode.h"
#include "ditto_function_private.h"


#define DITTO_BASE64_PAD  0x40
#define DITTO_BASE64_BAD  0xff


static ditto_rc_t ditto_map_url_encode(ditto_run_t *run, const void *arg,
    ditto_str_t value, ditto_str_t *out, ditto_error_t *err);
static bool ditto_url_plain(unsigned char c);
static ditto_rc_t ditto_map_url_decode(ditto_run_t *run, const void *arg,
    ditto_str_t value, ditto_str_t *out, ditto_error_t *err);
static ditto_rc_t ditto_map_base64_encode(ditto_run_t *run, const void *arg,
    ditto_str_t value, ditto_str_t *out, ditto_error_t *err);
static ditto_rc_t ditto_map_base64_decode(ditto_run_t *run, const void *arg,
    ditto_str_t value, ditto_str_t *out, ditto_error_t *err);
static bool ditto_base64_bytes(ditto_str_t s, unsigned char *p, size_t *len);
static unsigned ditto_base64_digit(unsigned char c);


static const char  ditto_base64_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";


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
    size_t          i, j, n;
    uint32_t        bits;
    unsigned char  *p;

    (void) arg;

    p = ditto_run_alloc(run, (value.len + 2) / 3 * 4, err);
    if (p == NULL) {
        return DITTO_ERROR;
    }

    out->data = p;
    out->len = (value.len + 2) / 3 * 4;

    for (i = 0; i < value.len; i += 3) {
        n = (value.len - i < 3) ? value.len - i : 3;

        for (j = 0, bits = 0; j < 3; j++) {
            bits = (bits << 8) | (j < n ? value.data[i + j] : 0);
        }

        for (j = 0; j < 4; j++) {
            *p++ = (unsigned char)
                   (j <= n ? ditto_base64_alphabet[(bits >> (18 - 6 * j)) & 63]
                           : '=');
        }
    }

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

    p = ditto_run_alloc(run, value.len / 4 * 3 + 3, err);
    if (p == NULL) {
        return DITTO_ERROR;
    }

    bytes.data = p;

    if (!ditto_base64_bytes(value, p, &bytes.len)) {
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


/*
 * Padding may be missing, but what is there must be complete, and nothing
 * follows it.  p has room for three bytes more than whole groups make.
 */
static bool
ditto_base64_bytes(ditto_str_t s, unsigned char *p, size_t *len)
{
    size_t          i, n;
    unsigned        digit;
    uint32_t        bits;
    unsigned char  *start;

    start = p;

    for (i = 0, n = 0, bits = 0; i < s.len; i++) {
        digit = ditto_base64_digit(s.data[i]);

        if (digit == DITTO_BASE64_PAD) {
            break;
        }

        if (digit == DITTO_BASE64_BAD) {
            return false;
        }

        bits = (bits << 6) | digit;

        if (++n == 4) {
            *p++ = (unsigned char) (bits >> 16);
            *p++ = (unsigned char) (bits >> 8);
            *p++ = (unsigned char) bits;
            n = 0;
            bits = 0;
        }
    }

    if (i < s.len && s.len - i != (n == 2 ? 2u : n == 3 ? 1u : 0u)) {
        return false;
    }

    if (n == 1 || (i + 1 < s.len && s.data[i + 1] != '=')) {
        return false;
    }

    if (n >= 2) {
        bits <<= 6 * (4 - n);
        *p++ = (unsigned char) (bits >> 16);

        if (n == 3) {
            *p++ = (unsigned char) (bits >> 8);
        }
    }

    *len = (size_t) (p - start);

    return true;
}


static unsigned
ditto_base64_digit(unsigned char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }

    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26u;
    }

    if (c >= '0' && c <= '9') {
        return c - '0' + 52u;
    }

    switch (c) {

    case '+':
        return 62;

    case '/':
        return 63;

    case '=':
        return DITTO_BASE64_PAD;

    default:
        return DITTO_BASE64_BAD;
    }
}
