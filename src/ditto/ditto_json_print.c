#include "ditto_json.h"
#include "ditto_json_print.h"
#include "ditto_number.h"


static bool ditto_json_plain(ditto_str_t value);
static void ditto_json_add_number(ditto_buf_t *out, ditto_str_t value);
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
    char            text[DITTO_NUMBER_TEXT];
    ditto_number_t  number;

    if (value.len == 2 && memcmp(value.data, "-0", 2) == 0) {
        ditto_buf_char(out, '0');
        return;
    }

    number.integer = false;
    number.d = ditto_number_double(value);

    ditto_buf_add(out, text, ditto_number_print(&number, text));
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
