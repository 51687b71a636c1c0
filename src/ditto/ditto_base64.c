#include "ditto_base64.h"


#define DITTO_BASE64_PAD  0x40
#define DITTO_BASE64_BAD  0xff


static unsigned ditto_base64_digit(unsigned char c);


static const char  ditto_base64_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";


void
ditto_base64_encode(unsigned char *p, ditto_str_t bytes)
{
    size_t    i, j, n;
    uint32_t  bits;

    for (i = 0; i < bytes.len; i += 3) {
        n = (bytes.len - i < 3) ? bytes.len - i : 3;

        for (j = 0, bits = 0; j < 3; j++) {
            bits = (bits << 8) | (j < n ? bytes.data[i + j] : 0);
        }

        for (j = 0; j < 4; j++) {
            *p++ = (unsigned char)
                   (j <= n ? ditto_base64_alphabet[(bits >> (18 - 6 * j)) & 63]
                           : '=');
        }
    }
}


bool
ditto_base64_decode(ditto_str_t s, unsigned char *p, size_t *len)
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


bool
ditto_base64_canonical(ditto_str_t s)
{
    size_t    i, n;
    unsigned  last;

    if (s.len % 4 != 0) {
        return false;
    }

    if (s.len == 0) {
        return true;
    }

    n = s.len;
    n -= (s.data[n - 1] == '=') ? 1 : 0;
    n -= (s.data[n - 1] == '=') ? 1 : 0;

    for (i = 0; i < n; i++) {
        if (ditto_base64_digit(s.data[i]) > 63) {
            return false;
        }
    }

    /* the last digit before the padding has two or four bits too many */

    last = ditto_base64_digit(s.data[n - 1]);

    return (last & (s.len - n == 2 ? 0x0fu : s.len - n == 1 ? 0x03u : 0)) == 0;
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
