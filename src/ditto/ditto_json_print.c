#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "ditto_json.h"
#include "ditto_json_print.h"


/* bytes; more digits than any number needs that fits a double */
#define DITTO_JSON_NUMBER_MAX  400


static bool ditto_json_plain(ditto_str_t value);
static void ditto_json_add_number(ditto_buf_t *out, ditto_str_t value);
static void ditto_json_add_double(ditto_buf_t *out, double d);
static unsigned ditto_json_hex4_at(const unsigned char *p);


void
ditto_json_add_value(ditto_buf_t *out, ditto_str_t value)
{
    if (ditto_json_plain(value)) {
        ditto_buf_str(out, value);

    } else if (ditto_json_type(value) == DITTO_JSON_NUMBER) {
        ditto_json_add_number(out, value);

    } else {
        ditto_json_add_compact(out, value);
    }
}


ditto_rc_t
ditto_json_print(ditto_pool_t *pool, ditto_str_t value, ditto_str_t *out)
{
    ditto_buf_t  buf;

    if (ditto_json_plain(value)) {
        *out = value;
        return DITTO_OK;
    }

    ditto_buf_init(&buf, pool, value.len + 16);
    ditto_json_add_value(&buf, value);

    return ditto_buf_done(&buf, out);
}


bool
ditto_json_lone_surrogate(ditto_str_t text)
{
    unsigned              c;
    const unsigned char  *p, *end;

    if (text.len == 0) {
        return false;
    }

    p = text.data;
    end = p + text.len;

    for ( ;; ) {
        p = memchr(p, '\\', (size_t) (end - p));

        if (p == NULL) {
            return false;
        }

        if (p[1] != 'u') {
            p += 2;
            continue;
        }

        c = ditto_json_hex4_at(p + 2);
        p += 6;

        if (c < 0xd800 || c > 0xdfff) {
            continue;
        }

        if (c >= 0xdc00 || end - p < 6 || p[0] != '\\' || p[1] != 'u') {
            return true;
        }

        c = ditto_json_hex4_at(p + 2);
        p += 6;

        if (c < 0xdc00 || c > 0xdfff) {
            return true;
        }
    }
}


/* True if the printed form is the value: a literal or a plain integer. */
static bool
ditto_json_plain(ditto_str_t value)
{
    size_t  i;

    switch (ditto_json_type(value)) {

    case DITTO_JSON_NULL:
    case DITTO_JSON_TRUE:
    case DITTO_JSON_FALSE:
        return true;

    case DITTO_JSON_STRING:
        return memchr(value.data, '\\', value.len) == NULL;

    case DITTO_JSON_NUMBER:
        break;

    default:
        return value.len == 2;
    }

    i = (value.data[0] == '-') ? 1 : 0;

    if (i == 1 && value.data[1] == '0') {
        return false;
    }

    for ( /* void */ ; i < value.len; i++) {
        if (value.data[i] < '0' || value.data[i] > '9') {
            return false;
        }
    }

    return true;
}


static void
ditto_json_add_number(ditto_buf_t *out, ditto_str_t value)
{
    char    text[DITTO_JSON_NUMBER_MAX + 1];
    size_t  i;

    if (value.len == 2 && memcmp(value.data, "-0", 2) == 0) {
        ditto_buf_char(out, '0');
        return;
    }

    if (value.len > DITTO_JSON_NUMBER_MAX) {
        ditto_buf_str(out, value);
        return;
    }

    for (i = 0; i < value.len; i++) {
        text[i] = (char) value.data[i];
    }

    text[i] = '\0';

    ditto_json_add_double(out, strtod(text, NULL));
}


/* As Double.toString() of Java: the fewest digits that read back the same. */
static void
ditto_json_add_double(ditto_buf_t *out, double d)
{
    int   i, n, exp;
    char  text[32], digits[20];

    if (isinf(d)) {
        ditto_buf_text(out, d < 0 ? "-Infinity" : "Infinity");
        return;
    }

    if (signbit(d)) {
        ditto_buf_char(out, '-');
        d = -d;
    }

    if (d == 0) {
        ditto_buf_text(out, "0.0");
        return;
    }

    /* Java never prints fewer than two digits, which tells apart denormals */

    for (n = 2; n <= 17; n++) {
        snprintf(text, sizeof(text), "%.*e", n - 1, d);

        if (strtod(text, NULL) == d) {
            break;
        }
    }

    /* d.ddde+-xx */

    digits[0] = text[0];

    for (i = 1; text[i + 1] >= '0' && text[i + 1] <= '9'; i++) {
        digits[i] = text[i + 1];
    }

    n = i;
    exp = atoi(text + i + 2);

    while (n > 1 && digits[n - 1] == '0') {
        n--;
    }

    if (exp < -3 || exp >= 7) {
        ditto_buf_add(out, digits, 1);
        ditto_buf_char(out, '.');

        if (n > 1) {
            ditto_buf_add(out, digits + 1, (size_t) (n - 1));

        } else {
            ditto_buf_char(out, '0');
        }

        ditto_buf_char(out, 'E');
        ditto_buf_int(out, exp);
        return;
    }

    if (exp < 0) {
        ditto_buf_text(out, "0.");

        for (i = -1; i > exp; i--) {
            ditto_buf_char(out, '0');
        }

        ditto_buf_add(out, digits, (size_t) n);
        return;
    }

    for (i = 0; i <= exp; i++) {
        ditto_buf_char(out, i < n ? digits[i] : '0');
    }

    ditto_buf_char(out, '.');

    if (i < n) {
        ditto_buf_add(out, digits + i, (size_t) (n - i));

    } else {
        ditto_buf_char(out, '0');
    }
}


static unsigned
ditto_json_hex4_at(const unsigned char *p)
{
    int       i;
    unsigned  c, n;

    for (i = 0, n = 0; i < 4; i++) {
        c = p[i];
        n = n * 16 + (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }

    return n;
}
