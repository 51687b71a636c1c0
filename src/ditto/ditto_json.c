#include "ditto_json_parts.h"


static const unsigned char *ditto_json_skip(const unsigned char *p,
    const unsigned char *end);
static uint32_t ditto_json_hex4(const unsigned char *p);
static size_t ditto_json_unescape(const unsigned char **pos,
    const unsigned char *end, unsigned char *out);
static size_t ditto_json_utf8(uint32_t c, unsigned char *out);


/* What a walker stops at; a scalar ends before DITTO_JSON_CLOSE and above. */
enum {
    DITTO_JSON_QUOTE = 1,
    DITTO_JSON_OPEN,
    DITTO_JSON_CLOSE,
    DITTO_JSON_BETWEEN
};

static const unsigned char  ditto_json_marks[256] = {
    ['"'] = DITTO_JSON_QUOTE,
    ['{'] = DITTO_JSON_OPEN,
    ['['] = DITTO_JSON_OPEN,
    ['}'] = DITTO_JSON_CLOSE,
    [']'] = DITTO_JSON_CLOSE,
    [','] = DITTO_JSON_BETWEEN,
    [':'] = DITTO_JSON_BETWEEN,
    [' '] = DITTO_JSON_BETWEEN,
    ['\t'] = DITTO_JSON_BETWEEN,
    ['\n'] = DITTO_JSON_BETWEEN,
    ['\r'] = DITTO_JSON_BETWEEN,
};


ditto_json_type_e
ditto_json_type(ditto_str_t value)
{
    switch (value.data[0]) {

    case '{':
        return DITTO_JSON_OBJECT;

    case '[':
        return DITTO_JSON_ARRAY;

    case '"':
        return DITTO_JSON_STRING;

    case 't':
        return DITTO_JSON_TRUE;

    case 'f':
        return DITTO_JSON_FALSE;

    case 'n':
        return DITTO_JSON_NULL;

    default:
        return DITTO_JSON_NUMBER;
    }
}


void
ditto_json_iterate(ditto_json_t *it, ditto_str_t container)
{
    it->start = container.data;
    it->pos = container.data + 1;
    it->end = container.data + container.len - 1;
}


bool
ditto_json_next(ditto_json_t *it, ditto_str_t *name, ditto_str_t *value)
{
    const unsigned char  *p, *end, *start;

    end = it->end;
    p = ditto_json_skip_blanks(it->pos, end);

    if (p >= end) {
        it->pos = p;
        return false;
    }

    if (*p == ',') {
        p = ditto_json_skip_blanks(p + 1, end);
    }

    if (*it->start == '{') {
        start = p;
        p = ditto_json_skip_string(p, end);

        name->data = start + 1;
        name->len = (size_t) (p - start) - 2;

        p = ditto_json_skip_blanks(p, end) + 1;
        p = ditto_json_skip_blanks(p, end);

    } else {
        name->data = NULL;
        name->len = 0;
    }

    start = p;
    p = ditto_json_skip(p, end);

    value->data = start;
    value->len = (size_t) (p - start);
    it->pos = p;

    return true;
}


bool
ditto_json_step(ditto_json_t *it, ditto_str_t *name)
{
    const unsigned char  *p;

    ditto_json_blanks(it);

    if (it->pos < it->end && *it->pos == ',') {
        it->pos++;
        ditto_json_blanks(it);
    }

    if (it->pos >= it->end) {
        return false;
    }

    if (*it->pos == '}' || *it->pos == ']') {
        it->pos++;
        return false;
    }

    if (name != NULL) {
        p = it->pos;
        it->pos = ditto_json_skip_string(p, it->end);

        name->data = p + 1;
        name->len = (size_t) (it->pos - p) - 2;

        ditto_json_blanks(it);
        it->pos++;
        ditto_json_blanks(it);
    }

    return true;
}


ditto_str_t
ditto_json_take(ditto_json_t *it)
{
    ditto_str_t           value;
    const unsigned char  *p;

    p = it->pos;
    it->pos = ditto_json_skip(p, it->end);

    value.data = p;
    value.len = (size_t) (it->pos - p);

    return value;
}


ditto_rc_t
ditto_json_member(ditto_str_t object, ditto_str_t name, ditto_str_t *value)
{
    ditto_rc_t    rc;
    ditto_str_t   n, v;
    ditto_json_t  it;

    rc = DITTO_DECLINED;

    ditto_json_iterate(&it, object);

    while (ditto_json_next(&it, &n, &v)) {
        if (ditto_json_name_is(n, name)) {
            *value = v;
            rc = DITTO_OK;
        }
    }

    return rc;
}


bool
ditto_json_name_is(ditto_str_t raw, ditto_str_t text)
{
    size_t                n;
    unsigned char         c[4];
    const unsigned char  *p, *end, *t, *last;

    if (raw.len < text.len) {
        return false;
    }

    if (raw.len == text.len) {
        /* an escape is longer than what it stands for */
        return memcmp(raw.data, text.data, raw.len) == 0
               && memchr(raw.data, '\\', raw.len) == NULL;
    }

    if (memchr(raw.data, '\\', raw.len) == NULL) {
        return false;
    }

    p = raw.data;
    end = p + raw.len;
    t = text.data;
    last = t + text.len;

    while (p < end) {
        if (*p != '\\') {
            if (t == last || *p != *t) {
                return false;
            }

            p++;
            t++;
            continue;
        }

        n = ditto_json_unescape(&p, end, c);

        if ((size_t) (last - t) < n || memcmp(t, c, n) != 0) {
            return false;
        }

        t += n;
    }

    return t == last;
}


ditto_rc_t
ditto_json_decode(ditto_pool_t *pool, ditto_str_t raw, ditto_str_t *out)
{
    unsigned char        *d, *start;
    const unsigned char  *p, *end, *next;

    if (raw.len == 0 || memchr(raw.data, '\\', raw.len) == NULL) {
        *out = raw;
        return DITTO_OK;
    }

    start = ditto_alloc(pool, raw.len);
    if (start == NULL) {
        return DITTO_ERROR;
    }

    d = start;
    p = raw.data;
    end = p + raw.len;

    while (p < end) {
        next = memchr(p, '\\', (size_t) (end - p));

        if (next == NULL) {
            next = end;
        }

        memcpy(d, p, (size_t) (next - p));
        d += next - p;
        p = next;

        if (p < end) {
            d += ditto_json_unescape(&p, end, d);
        }
    }

    out->data = start;
    out->len = (size_t) (d - start);

    return DITTO_OK;
}


ditto_rc_t
ditto_json_text(ditto_pool_t *pool, ditto_str_t value, ditto_str_t *out)
{
    return ditto_json_decode(pool, ditto_str_sub(value, 1, value.len - 1),
                             out);
}


size_t
ditto_json_depth(ditto_str_t value)
{
    size_t                depth, deepest;
    const unsigned char  *p, *end;

    p = value.data;
    end = p + value.len;
    depth = 0;
    deepest = 0;

    while (p < end) {

        switch (ditto_json_marks[*p]) {

        case DITTO_JSON_QUOTE:
            p = ditto_json_skip_string(p, end);
            continue;

        case DITTO_JSON_OPEN:
            depth++;
            deepest = (depth > deepest) ? depth : deepest;
            break;

        case DITTO_JSON_CLOSE:
            depth--;
            break;

        default:
            break;
        }

        p++;
    }

    return deepest;
}


ditto_rc_t
ditto_json_integer(ditto_str_t value, int64_t *n)
{
    bool      negative;
    size_t    i, digits, point, mantissa;
    int64_t   exp, scale;
    uint64_t  u;

    /*
     * Digits are collected without the point; the exponent and the point
     * decide afterwards how many zeros follow or must be cut.
     */

    i = 0;
    negative = (value.data[0] == '-');

    if (negative) {
        i++;
    }

    u = 0;
    digits = 0;
    point = 0;
    mantissa = value.len;
    exp = 0;

    for ( /* void */ ; i < value.len; i++) {
        if (value.data[i] == '.') {
            point = i + 1;

        } else if (value.data[i] == 'e' || value.data[i] == 'E') {
            mantissa = i;
            break;
        }
    }

    if (mantissa != value.len) {
        bool  minus;

        i = mantissa + 1;
        minus = (value.data[i] == '-');

        if (minus || value.data[i] == '+') {
            i++;
        }

        for ( /* void */ ; i < value.len; i++) {
            if (exp < 100000) {
                exp = exp * 10 + (value.data[i] - '0');
            }
        }

        if (minus) {
            exp = -exp;
        }
    }

    scale = exp - ((point == 0) ? 0 : (int64_t) (mantissa - point));

    /* trailing zeros of the mantissa belong to the scale */

    for (digits = mantissa; digits > 0; digits--) {
        if (value.data[digits - 1] == '0') {
            scale++;

        } else if (value.data[digits - 1] != '.') {
            break;
        }
    }

    for (i = negative ? 1 : 0; i < digits; i++) {
        if (value.data[i] == '.') {
            continue;
        }

        if (u > (UINT64_MAX - 9) / 10) {
            return DITTO_DECLINED;
        }

        u = u * 10 + (uint64_t) (value.data[i] - '0');
    }

    if (u == 0) {
        *n = 0;
        return DITTO_OK;
    }

    if (scale < 0) {
        return DITTO_DECLINED;
    }

    for ( /* void */ ; scale > 0; scale--) {
        if (u > UINT64_MAX / 10) {
            return DITTO_DECLINED;
        }

        u *= 10;
    }

    if (u > (uint64_t) INT64_MAX + (negative ? 1 : 0)) {
        return DITTO_DECLINED;
    }

    *n = negative ? (int64_t) ((uint64_t) 0 - u) : (int64_t) u;

    return DITTO_OK;
}


/* Of a longer run the rest is looked at together with bytes before it. */
const unsigned char *
ditto_json_run_rest(const unsigned char *start, const unsigned char *p,
    const unsigned char *end, ditto_json_run_e to)
{
    uint64_t  ends;

    if (end - p >= 8) {
        ends = ditto_json_word(p, to);

        if (ends != 0) {
            return p + __builtin_ctzll(ends) / 8;
        }

        p += 8;
    }

    if (end - start >= 8) {
        ends = ditto_json_word(end - 8, to);

        return (ends != 0) ? end - 8 + __builtin_ctzll(ends) / 8 : end;
    }

    while (p < end && !ditto_json_ends(*p, to)) {
        p++;
    }

    return p;
}


/* Behind the value at p. */
static const unsigned char *
ditto_json_skip(const unsigned char *p, const unsigned char *end)
{
    if (p < end && *p == '"') {
        return ditto_json_skip_string(p, end);
    }

    if (p < end && ditto_json_marks[*p] != DITTO_JSON_OPEN) {
        while (p < end && ditto_json_marks[*p] < DITTO_JSON_CLOSE) {
            p++;
        }

        return p;
    }

    p = ditto_json_skip_container(p, end);

    return (p != NULL) ? p : end;
}


static uint32_t
ditto_json_hex4(const unsigned char *p)
{
    return (uint32_t) (ditto_json_hex(p[0]) << 12
                       | ditto_json_hex(p[1]) << 8
                       | ditto_json_hex(p[2]) << 4
                       | ditto_json_hex(p[3]));
}


/* The character of the escape at *pos in UTF-8, at most 4 bytes. */
static size_t
ditto_json_unescape(const unsigned char **pos, const unsigned char *end,
    unsigned char *out)
{
    uint32_t              c, low;
    const unsigned char  *p;

    p = *pos;
    *pos = p + 2;

    switch (p[1]) {

    case 'b':
        out[0] = '\b';
        return 1;

    case 'f':
        out[0] = '\f';
        return 1;

    case 'n':
        out[0] = '\n';
        return 1;

    case 'r':
        out[0] = '\r';
        return 1;

    case 't':
        out[0] = '\t';
        return 1;

    case 'u':
        break;

    default:
        out[0] = p[1];
        return 1;
    }

    c = ditto_json_hex4(p + 2);
    *pos = p + 6;

    if (c < 0xd800 || c > 0xdfff) {
        return ditto_json_utf8(c, out);
    }

    if (c < 0xdc00 && end - p >= 12 && p[6] == '\\' && p[7] == 'u') {
        low = ditto_json_hex4(p + 8);

        if (low >= 0xdc00 && low <= 0xdfff) {
            *pos = p + 12;
            return ditto_json_utf8(0x10000 + ((c - 0xd800) << 10)
                                   + (low - 0xdc00), out);
        }
    }

    return ditto_json_utf8(0xfffd, out);
}


static size_t
ditto_json_utf8(uint32_t c, unsigned char *out)
{
    if (c < 0x80) {
        out[0] = (unsigned char) c;
        return 1;
    }

    if (c < 0x800) {
        out[0] = (unsigned char) (0xc0 | c >> 6);
        out[1] = (unsigned char) (0x80 | (c & 0x3f));
        return 2;
    }

    if (c < 0x10000) {
        out[0] = (unsigned char) (0xe0 | c >> 12);
        out[1] = (unsigned char) (0x80 | (c >> 6 & 0x3f));
        out[2] = (unsigned char) (0x80 | (c & 0x3f));
        return 3;
    }

    out[0] = (unsigned char) (0xf0 | c >> 18);
    out[1] = (unsigned char) (0x80 | (c >> 12 & 0x3f));
    out[2] = (unsigned char) (0x80 | (c >> 6 & 0x3f));
    out[3] = (unsigned char) (0x80 | (c & 0x3f));

    return 4;
}
