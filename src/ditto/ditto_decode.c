#include "ditto_decode.h"


#define DITTO_DECODE_CONT(c)  (((c) & 0xc0) == 0x80)


static ditto_rc_t ditto_decode_escape(ditto_str_t s, size_t at,
    unsigned char *byte, size_t *size, ditto_error_t *err);
static bool ditto_decode_pair(ditto_str_t s, size_t at, ditto_str_t *pair);
static size_t ditto_decode_malformed3(const unsigned char *p, size_t len,
    bool *ok);
static size_t ditto_decode_malformed4(const unsigned char *p, size_t len,
    bool *ok);


/* The zeros of the decimal digits beyond ASCII (Unicode, plane 0). */
static const uint16_t  ditto_decode_zeros[] = {
    0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0b66, 0x0be6,
    0x0c66, 0x0ce6, 0x0d66, 0x0de6, 0x0e50, 0x0ed0, 0x0f20, 0x1040, 0x1090,
    0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40,
    0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10
};


size_t
ditto_decode_char(ditto_str_t s, size_t at, uint32_t *c)
{
    size_t                len, i;
    const unsigned char  *p;

    p = s.data + at;
    len = s.len - at;

    if (p[0] >= 0xc2 && p[0] <= 0xdf && len >= 2) {
        i = 2;
        *c = p[0] & 0x1f;

    } else if (p[0] >= 0xe0 && p[0] <= 0xef && len >= 3) {
        i = 3;
        *c = p[0] & 0x0f;

    } else if (p[0] >= 0xf0 && p[0] <= 0xf4 && len >= 4) {
        i = 4;
        *c = p[0] & 0x07;

    } else {
        *c = p[0];
        return 1;
    }

    for (len = 1; len < i; len++) {
        if (!DITTO_DECODE_CONT(p[len])) {
            *c = p[0];
            return 1;
        }

        *c = (*c << 6) | (p[len] & 0x3f);
    }

    return i;
}


int
ditto_decode_digit(ditto_str_t s, size_t at, unsigned radix, size_t *size)
{
    int       value;
    size_t    i;
    uint32_t  c;

    *size = ditto_decode_char(s, at, &c);
    value = -1;

    if (c >= '0' && c <= '9') {
        value = (int) (c - '0');

    } else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) {
        value = (int) ((c | 0x20) - 'a' + 10);

    } else if ((c >= 0xff21 && c <= 0xff26) || (c >= 0xff41 && c <= 0xff46)) {
        value = (int) ((c & 0x1f) + 9);

    } else if (*size > 1) {

        for (i = 0;
             i < sizeof(ditto_decode_zeros) / sizeof(ditto_decode_zeros[0]);
             i++)
        {
            if (c >= ditto_decode_zeros[i] && c - ditto_decode_zeros[i] < 10) {
                value = (int) (c - ditto_decode_zeros[i]);
                break;
            }
        }
    }

    return (value < (int) radix) ? value : -1;
}


bool
ditto_decode_int32(ditto_str_t s, int32_t *value)
{
    int      digit;
    bool     negative;
    size_t   at, size;
    int64_t  n;

    at = 0;
    negative = false;

    if (s.len != 0 && (s.data[0] == '-' || s.data[0] == '+')) {
        negative = (s.data[0] == '-');
        at = 1;
    }

    if (at == s.len) {
        return false;
    }

    for (n = 0; at < s.len; at += size) {
        digit = ditto_decode_digit(s, at, 10, &size);
        if (digit < 0) {
            return false;
        }

        n = n * 10 + digit;

        if (n > (int64_t) INT32_MAX + (negative ? 1 : 0)) {
            return false;
        }
    }

    *value = (int32_t) (negative ? -n : n);

    return true;
}


ditto_rc_t
ditto_decode_form(ditto_pool_t *pool, ditto_str_t s, ditto_str_t *out,
    ditto_error_t *err)
{
    size_t          i, n, size;
    ditto_buf_t     buf;
    ditto_str_t     bytes;
    unsigned char  *run;

    if (ditto_str_chr(s, '%', 0) == s.len && ditto_str_chr(s, '+', 0) == s.len)
    {
        *out = s;
        return DITTO_OK;
    }

    run = ditto_alloc(pool, s.len);
    if (run == NULL) {
        return ditto_fail_memory(err);
    }

    ditto_buf_init(&buf, pool, s.len);

    for (i = 0; i < s.len; /* void */) {

        if (s.data[i] != '%') {
            ditto_buf_char(&buf, s.data[i] == '+' ? ' ' : (char) s.data[i]);
            i++;
            continue;
        }

        for (n = 0; i < s.len && s.data[i] == '%'; i += size) {
            if (ditto_decode_escape(s, i, &run[n++], &size, err) != DITTO_OK) {
                return DITTO_ERROR;
            }
        }

        bytes.len = n;
        bytes.data = run;
        ditto_decode_utf8(&buf, bytes);
    }

    if (ditto_buf_done(&buf, out) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    return DITTO_OK;
}


ditto_rc_t
ditto_decode_percent(ditto_pool_t *pool, ditto_str_t s, ditto_str_t *out)
{
    int             high, low;
    size_t          i, n, size;
    ditto_buf_t     buf;
    ditto_str_t     bytes;
    unsigned char  *p;

    if (ditto_str_chr(s, '%', 0) == s.len) {
        *out = s;
        return DITTO_OK;
    }

    p = ditto_alloc(pool, s.len);
    if (p == NULL) {
        return DITTO_ERROR;
    }

    for (i = 0, n = 0; i < s.len; i++) {

        if (s.data[i] == '%' && s.len - i > 2) {
            high = ditto_decode_digit(s, i + 1, 16, &size);
            low = (size == 1) ? ditto_decode_digit(s, i + 2, 16, &size) : -1;

            if (high >= 0 && low >= 0 && size == 1) {
                p[n++] = (unsigned char) (high * 16 + low);
                i += 2;
                continue;
            }
        }

        p[n++] = s.data[i];
    }

    bytes.len = n;
    bytes.data = p;

    if (ditto_str_utf8(bytes)) {
        *out = bytes;
        return DITTO_OK;
    }

    ditto_buf_init(&buf, pool, n);
    ditto_decode_utf8(&buf, bytes);

    return ditto_buf_done(&buf, out);
}


/*
 * spec: Target topics, "decoding": the two characters are read as a signed
 * hexadecimal number, so "%+1" is the byte 1.
 */
static ditto_rc_t
ditto_decode_escape(ditto_str_t s, size_t at, unsigned char *byte,
    size_t *size, ditto_error_t *err)
{
    int          digit, value;
    bool         negative;
    size_t       i, n;
    ditto_str_t  pair, none = ditto_null_string;

    static ditto_str_t  first = ditto_string("0");
    static ditto_str_t  second = ditto_string("1");

    if (!ditto_decode_pair(s, at + 1, &pair)) {
        (void) ditto_fail(err, DITTO_E_JSON_FORMAT_INVALID, none, none);
        err->message = "URLDecoder: Incomplete trailing escape (%) pattern";
        err->offset = at;
        return DITTO_ERROR;
    }

    i = 0;
    value = 0;
    negative = false;

    if (pair.data[0] == '-' || pair.data[0] == '+') {
        negative = (pair.data[0] == '-');
        i = 1;
    }

    for ( /* void */ ; i < pair.len; i += n) {
        digit = ditto_decode_digit(pair, i, 16, &n);

        if (digit < 0) {
            (void) ditto_fail(err, DITTO_E_JSON_FORMAT_INVALID,
                              i == 0 ? first : second, pair);
            err->message = "URLDecoder: Illegal hex characters in escape (%) "
                           "pattern - Error at index %1 in: \"%2\"";
            err->offset = at;
            return DITTO_ERROR;
        }

        value = value * 16 + digit;
    }

    if (negative && value != 0) {
        (void) ditto_fail(err, DITTO_E_JSON_FORMAT_INVALID, none, none);
        err->message = "URLDecoder: Illegal hex characters in escape (%) "
                       "pattern - negative value";
        err->offset = at;
        return DITTO_ERROR;
    }

    *byte = (unsigned char) value;
    *size = pair.len + 1;

    return DITTO_OK;
}


/* Two UTF-16 units, which may be one character of four bytes. */
static bool
ditto_decode_pair(ditto_str_t s, size_t at, ditto_str_t *pair)
{
    size_t    n;
    uint32_t  c;

    if (at >= s.len) {
        return false;
    }

    n = ditto_decode_char(s, at, &c);

    if (n < 4) {
        if (at + n >= s.len) {
            return false;
        }

        n += ditto_decode_char(s, at + n, &c);
    }

    *pair = ditto_str_sub(s, at, at + n);

    return true;
}


void
ditto_decode_utf8(ditto_buf_t *out, ditto_str_t bytes)
{
    bool                  ok;
    size_t                i, n, left;
    const unsigned char  *p;

    for (i = 0; i < bytes.len; i += n) {

        p = bytes.data + i;
        left = bytes.len - i;
        n = 1;
        ok = false;

        if (p[0] < 0x80) {
            ok = true;

        } else if (p[0] >= 0xc2 && p[0] <= 0xdf) {
            ok = (left >= 2 && DITTO_DECODE_CONT(p[1]));
            n = ok ? 2 : 1;

        } else if (p[0] >= 0xe0 && p[0] <= 0xef) {
            n = ditto_decode_malformed3(p, left, &ok);

        } else if (p[0] >= 0xf0 && p[0] <= 0xf4) {
            n = ditto_decode_malformed4(p, left, &ok);
        }

        if (ok) {
            ditto_buf_add(out, p, n);

        } else {
            ditto_buf_add(out, "\xef\xbf\xbd", 3);
        }
    }
}


/* A surrogate is one malformed character, other defects end where they are. */
static size_t
ditto_decode_malformed3(const unsigned char *p, size_t len, bool *ok)
{
    *ok = false;

    if (len < 2 || !DITTO_DECODE_CONT(p[1]) || (p[0] == 0xe0 && p[1] < 0xa0)) {
        return 1;
    }

    if (len < 3 || !DITTO_DECODE_CONT(p[2])) {
        return 2;
    }

    *ok = !(p[0] == 0xed && p[1] > 0x9f);

    return 3;
}


static size_t
ditto_decode_malformed4(const unsigned char *p, size_t len, bool *ok)
{
    *ok = false;

    if (len < 2 || !DITTO_DECODE_CONT(p[1]) || (p[0] == 0xf0 && p[1] < 0x90)
        || (p[0] == 0xf4 && p[1] > 0x8f))
    {
        return 1;
    }

    if (len < 3 || !DITTO_DECODE_CONT(p[2])) {
        return 2;
    }

    if (len < 4 || !DITTO_DECODE_CONT(p[3])) {
        return 3;
    }

    *ok = true;

    return 4;
}
