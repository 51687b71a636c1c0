#include "ditto_json.h"


#define DITTO_JSON_ONES   0x0101010101010101ull
#define DITTO_JSON_HIGHS  0x8080808080808080ull


static ditto_rc_t ditto_json_scan(ditto_json_t *json, unsigned depth,
    ditto_error_t *err);
static ditto_rc_t ditto_json_scan_string(ditto_json_t *json,
    ditto_error_t *err);
static ditto_rc_t ditto_json_scan_escape(ditto_json_t *json,
    ditto_error_t *err);
static ditto_rc_t ditto_json_scan_utf8(ditto_json_t *json,
    ditto_error_t *err);
static ditto_rc_t ditto_json_scan_number(ditto_json_t *json,
    ditto_error_t *err);
static ditto_rc_t ditto_json_scan_literal(ditto_json_t *json,
    const char *text, size_t len, ditto_error_t *err);
static ditto_rc_t ditto_json_end(ditto_json_t *json, ditto_error_t *err);
static ditto_rc_t ditto_json_fail(const ditto_json_t *json,
    const char *what, ditto_error_t *err);
static inline void ditto_json_blanks(ditto_json_t *json);
static const unsigned char *ditto_json_skip(const unsigned char *p,
    const unsigned char *end);
static inline const unsigned char *ditto_json_skip_string(
    const unsigned char *p, const unsigned char *end);
static size_t ditto_json_first(uint64_t marks);
static int ditto_json_hex(unsigned char c);
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


/* --- validating ---------------------------------------------------------- */

ditto_rc_t
ditto_json_validate(ditto_str_t text, ditto_error_t *err)
{
    ditto_json_t  json;

    ditto_json_open(&json, text);

    if (ditto_json_scan(&json, 0, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    return ditto_json_end(&json, err);
}


void
ditto_json_open(ditto_json_t *json, ditto_str_t text)
{
    json->start = text.data;
    json->pos = text.data;
    json->end = (text.data == NULL) ? NULL : text.data + text.len;
}


ditto_rc_t
ditto_json_enter(ditto_json_t *json, ditto_error_t *err)
{
    ditto_json_blanks(json);

    if (json->pos < json->end && *json->pos == '{') {
        json->pos++;
        return DITTO_OK;
    }

    if (ditto_json_scan(json, 0, err) != DITTO_OK
        || ditto_json_end(json, err) != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    return DITTO_DECLINED;
}


ditto_rc_t
ditto_json_member_next(ditto_json_t *json, ditto_str_t *name,
    ditto_str_t *value, ditto_error_t *err)
{
    bool                  first;
    const unsigned char  *p;

    first = (json->pos[-1] == '{');

    ditto_json_blanks(json);

    if (json->pos < json->end && *json->pos == '}') {
        json->pos++;
        return ditto_json_end(json, err) == DITTO_OK ? DITTO_DECLINED
                                                     : DITTO_ERROR;
    }

    if (!first) {
        if (json->pos == json->end || *json->pos != ',') {
            return ditto_json_fail(json, "a comma or a brace expected", err);
        }

        json->pos++;
        ditto_json_blanks(json);
    }

    if (json->pos == json->end || *json->pos != '"') {
        return ditto_json_fail(json, "a member's name expected", err);
    }

    p = json->pos;

    if (ditto_json_scan_string(json, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    name->data = p + 1;
    name->len = (size_t) (json->pos - p) - 2;

    if (name->len == 0) {
        json->pos = p;
        return ditto_json_fail(json, "an empty member's name", err);
    }

    ditto_json_blanks(json);

    if (json->pos == json->end || *json->pos != ':') {
        return ditto_json_fail(json, "a colon expected", err);
    }

    json->pos++;
    ditto_json_blanks(json);

    p = json->pos;

    if (ditto_json_scan(json, 1, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    value->data = p;
    value->len = (size_t) (json->pos - p);

    return DITTO_OK;
}


/*
 * One value from json->pos, without recursion: a bit per open container tells
 * an object (1) from an array (0).  depth containers are open already.
 */
static ditto_rc_t
ditto_json_scan(ditto_json_t *json, unsigned depth, ditto_error_t *err)
{
    bool           object;
    unsigned       n, base;
    unsigned char  c, open[DITTO_JSON_DEPTH / 8 + 1];

    n = base = depth;

value:

    ditto_json_blanks(json);

    if (json->pos == json->end) {
        return ditto_json_fail(json, "a value expected", err);
    }

    c = *json->pos;

    switch (c) {

    case '{':
    case '[':
        if (n == DITTO_JSON_DEPTH) {
            return ditto_json_fail(json, "nested deeper than 1000", err);
        }

        object = (c == '{');

        if (object) {
            open[n / 8] = (unsigned char) (open[n / 8] | 1u << n % 8);

        } else {
            open[n / 8] = (unsigned char) (open[n / 8] & ~(1u << n % 8));
        }

        n++;
        json->pos++;
        ditto_json_blanks(json);

        if (json->pos < json->end && *json->pos == (object ? '}' : ']')) {
            goto close;
        }

        if (object) {
            goto name;
        }

        goto value;

    case '"':
        if (ditto_json_scan_string(json, err) != DITTO_OK) {
            return DITTO_ERROR;
        }
        break;

    case 't':
        if (ditto_json_scan_literal(json, "true", 4, err) != DITTO_OK) {
            return DITTO_ERROR;
        }
        break;

    case 'f':
        if (ditto_json_scan_literal(json, "false", 5, err) != DITTO_OK) {
            return DITTO_ERROR;
        }
        break;

    case 'n':
        if (ditto_json_scan_literal(json, "null", 4, err) != DITTO_OK) {
            return DITTO_ERROR;
        }
        break;

    default:
        if (ditto_json_scan_number(json, err) != DITTO_OK) {
            return DITTO_ERROR;
        }
    }

next:

    if (n == base) {
        return DITTO_OK;
    }

    object = (open[(n - 1) / 8] >> (n - 1) % 8) & 1;

    ditto_json_blanks(json);

    if (json->pos == json->end) {
        return ditto_json_fail(json, "the text ends too early", err);
    }

    if (*json->pos == ',') {
        json->pos++;

        if (object) {
            ditto_json_blanks(json);
            goto name;
        }

        goto value;
    }

    if (*json->pos == (object ? '}' : ']')) {
        goto close;
    }

    return ditto_json_fail(json, object ? "a comma or a brace expected"
                                        : "a comma or a bracket expected",
                           err);

name:

    if (json->pos == json->end || *json->pos != '"') {
        return ditto_json_fail(json, "a member's name expected", err);
    }

    if (json->end - json->pos >= 2 && json->pos[1] == '"') {
        return ditto_json_fail(json, "an empty member's name", err);
    }

    if (ditto_json_scan_string(json, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    ditto_json_blanks(json);

    if (json->pos == json->end || *json->pos != ':') {
        return ditto_json_fail(json, "a colon expected", err);
    }

    json->pos++;

    goto value;

close:

    json->pos++;
    n--;

    goto next;
}


static ditto_rc_t
ditto_json_scan_string(ditto_json_t *json, ditto_error_t *err)
{
    uint64_t              w, q, b;
    unsigned char         c;
    const unsigned char  *p, *end;

    p = json->pos + 1;
    end = json->end;

    for ( ;; ) {

        /* eight plain characters at a time: ASCII, no control, no " or \ */

        while (end - p >= 8) {
            memcpy(&w, p, 8);

            q = w ^ (DITTO_JSON_ONES * '"');
            b = w ^ (DITTO_JSON_ONES * '\\');

            w = ((w - DITTO_JSON_ONES * 0x20) | (q - DITTO_JSON_ONES)
                 | (b - DITTO_JSON_ONES) | w) & DITTO_JSON_HIGHS;

            if (w != 0) {
                p += ditto_json_first(w);
                break;
            }

            p += 8;
        }

        json->pos = p;

        if (p == end) {
            return ditto_json_fail(json, "a string without end", err);
        }

        c = *p;

        if (c == '"') {
            json->pos++;
            return DITTO_OK;
        }

        if (c == '\\') {
            if (ditto_json_scan_escape(json, err) != DITTO_OK) {
                return DITTO_ERROR;
            }

            p = json->pos;

        } else if (c >= 0x80) {
            if (ditto_json_scan_utf8(json, err) != DITTO_OK) {
                return DITTO_ERROR;
            }

            p = json->pos;

        } else if (c < 0x20) {
            return ditto_json_fail(json, "a control character in a string",
                                   err);

        } else {
            p++;
        }
    }
}


static ditto_rc_t
ditto_json_scan_escape(ditto_json_t *json, ditto_error_t *err)
{
    int  i;

    if (json->end - json->pos < 2) {
        return ditto_json_fail(json, "a string without end", err);
    }

    switch (json->pos[1]) {

    case '"': case '\\': case '/': case 'b':
    case 'f': case 'n': case 'r': case 't':
        json->pos += 2;
        return DITTO_OK;

    case 'u':
        if (json->end - json->pos < 6) {
            break;
        }

        for (i = 2; i < 6; i++) {
            if (ditto_json_hex(json->pos[i]) < 0) {
                return ditto_json_fail(json, "an invalid escape", err);
            }
        }

        json->pos += 6;
        return DITTO_OK;

    default:
        break;
    }

    return ditto_json_fail(json, "an invalid escape", err);
}


static ditto_rc_t
ditto_json_scan_utf8(ditto_json_t *json, ditto_error_t *err)
{
    size_t       n;
    ditto_str_t  s;

    n = (*json->pos >= 0xf0) ? 4 : (*json->pos >= 0xe0) ? 3 : 2;

    if ((size_t) (json->end - json->pos) < n) {
        return ditto_json_fail(json, "invalid UTF-8", err);
    }

    s.len = n;
    s.data = json->pos;

    if (!ditto_str_utf8(s)) {
        return ditto_json_fail(json, "invalid UTF-8", err);
    }

    json->pos += n;

    return DITTO_OK;
}


static ditto_rc_t
ditto_json_scan_number(ditto_json_t *json, ditto_error_t *err)
{
    bool                  integer;
    size_t                n;
    const char           *max;
    const unsigned char  *p, *end, *digits;

    p = json->pos;
    end = json->end;
    integer = true;

    if (*p == '-') {
        p++;
    }

    digits = p;

    if (p == end || *p < '0' || *p > '9') {
        return ditto_json_fail(json, "a value expected", err);
    }

    if (*p == '0') {
        p++;

    } else {
        while (p < end && *p >= '0' && *p <= '9') {
            p++;
        }
    }

    n = (size_t) (p - digits);

    if (p < end && *p == '.') {
        integer = false;
        p++;

        if (p == end || *p < '0' || *p > '9') {
            json->pos = p;
            return ditto_json_fail(json, "a digit expected", err);
        }

        while (p < end && *p >= '0' && *p <= '9') {
            p++;
        }
    }

    if (p < end && (*p == 'e' || *p == 'E')) {
        integer = false;
        p++;

        if (p < end && (*p == '+' || *p == '-')) {
            p++;
        }

        if (p == end || *p < '0' || *p > '9') {
            json->pos = p;
            return ditto_json_fail(json, "a digit expected", err);
        }

        while (p < end && *p >= '0' && *p <= '9') {
            p++;
        }
    }

    if (integer && n >= 19) {
        max = (*json->pos == '-') ? "9223372036854775808"
                                  : "9223372036854775807";

        if (n > 19 || memcmp(digits, max, 19) > 0) {
            return ditto_json_fail(json, "an integer of more than 64 bits",
                                   err);
        }
    }

    json->pos = p;

    return DITTO_OK;
}


static ditto_rc_t
ditto_json_scan_literal(ditto_json_t *json, const char *text, size_t len,
    ditto_error_t *err)
{
    if ((size_t) (json->end - json->pos) < len
        || memcmp(json->pos, text, len) != 0)
    {
        return ditto_json_fail(json, "a value expected", err);
    }

    json->pos += len;

    return DITTO_OK;
}


static ditto_rc_t
ditto_json_end(ditto_json_t *json, ditto_error_t *err)
{
    ditto_json_blanks(json);

    if (json->pos != json->end) {
        return ditto_json_fail(json, "the end of the text expected", err);
    }

    return DITTO_OK;
}


static ditto_rc_t
ditto_json_fail(const ditto_json_t *json, const char *what,
    ditto_error_t *err)
{
    ditto_str_t  none = ditto_null_string;

    (void) ditto_fail(err, DITTO_E_JSON_INVALID, ditto_str(what), none);
    err->offset = (size_t) (json->pos - json->start);

    return DITTO_ERROR;
}


static inline void
ditto_json_blanks(ditto_json_t *json)
{
    /* most of what is looked at is no blank: one compare decides */

    while (json->pos < json->end && *json->pos <= ' '
           && (*json->pos == ' ' || *json->pos == '\n' || *json->pos == '\r'
               || *json->pos == '\t'))
    {
        json->pos++;
    }
}


/* --- walking validated text ---------------------------------------------- */

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
    const unsigned char  *p;

    ditto_json_blanks(it);

    if (it->pos >= it->end) {
        return false;
    }

    if (*it->pos == ',') {
        it->pos++;
        ditto_json_blanks(it);
    }

    if (*it->start == '{') {
        p = it->pos;
        it->pos = ditto_json_skip_string(p, it->end);

        name->data = p + 1;
        name->len = (size_t) (it->pos - p) - 2;

        ditto_json_blanks(it);
        it->pos++;
        ditto_json_blanks(it);

    } else {
        name->data = NULL;
        name->len = 0;
    }

    p = it->pos;
    it->pos = ditto_json_skip(p, it->end);

    value->data = p;
    value->len = (size_t) (it->pos - p);

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


/* Behind the value at p. */
static const unsigned char *
ditto_json_skip(const unsigned char *p, const unsigned char *end)
{
    size_t  depth;

    if (p < end && *p == '"') {
        return ditto_json_skip_string(p, end);
    }

    if (p < end && ditto_json_marks[*p] != DITTO_JSON_OPEN) {
        while (p < end && ditto_json_marks[*p] < DITTO_JSON_CLOSE) {
            p++;
        }

        return p;
    }

    depth = 0;

    while (p < end) {
        switch (ditto_json_marks[*p]) {

        case DITTO_JSON_QUOTE:
            p = ditto_json_skip_string(p, end);
            continue;

        case DITTO_JSON_OPEN:
            depth++;
            break;

        case DITTO_JSON_CLOSE:
            if (--depth == 0) {
                return p + 1;
            }
            break;

        default:
            break;
        }

        p++;
    }

    return p;
}


static inline const unsigned char *
ditto_json_skip_string(const unsigned char *p, const unsigned char *end)
{
    uint64_t  w, q, b;

    p++;

    while (p < end) {

        /* eight bytes at a time to the next " or \ */

        while (end - p >= 8) {
            memcpy(&w, p, 8);

            q = w ^ (DITTO_JSON_ONES * '"');
            b = w ^ (DITTO_JSON_ONES * '\\');

            w = (((q - DITTO_JSON_ONES) & ~q) | ((b - DITTO_JSON_ONES) & ~b))
                & DITTO_JSON_HIGHS;

            if (w != 0) {
                p += ditto_json_first(w);
                break;
            }

            p += 8;
        }

        if (p == end) {
            return end;
        }

        if (*p == '"') {
            return p + 1;
        }

        p += (*p == '\\' && end - p > 1) ? 2 : 1;
    }

    return end;
}


/*
 * Bytes before the first marked one.  Borrows make false marks, but only behind
 * a true one; on big-endian machines behind is in front, so nothing is skipped.
 */
static size_t
ditto_json_first(uint64_t marks)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return (size_t) __builtin_ctzll(marks) / 8;
#else
    (void) marks;

    return 0;
#endif
}


static int
ditto_json_hex(unsigned char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }

    c = (unsigned char) (c | 0x20);

    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }

    return -1;
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


/* --- writing ------------------------------------------------------------- */

void
ditto_json_add_string(ditto_buf_t *out, ditto_str_t text)
{
    char                  hex[7];
    size_t                i, from, n;
    ditto_str_t           s;
    unsigned char         c;
    static const char     digits[] = "0123456789ABCDEF";

    ditto_buf_char(out, '"');

    if (text.len == 0) {
        ditto_buf_char(out, '"');
        return;
    }

    from = 0;
    i = 0;

    while (i < text.len) {
        c = text.data[i];

        if (c >= 0x80) {
            n = (c >= 0xf0) ? 4 : (c >= 0xe0) ? 3 : 2;
            s = ditto_str_sub(text, i, (i + n <= text.len) ? i + n : text.len);

            if (ditto_str_utf8(s)) {
                i += n;
                continue;
            }

        } else if (c >= 0x20 && c != '"' && c != '\\') {
            i++;
            continue;
        }

        ditto_buf_add(out, text.data + from, i - from);

        switch (c) {

        case '"':
            ditto_buf_text(out, "\\\"");
            break;

        case '\\':
            ditto_buf_text(out, "\\\\");
            break;

        case '\b':
            ditto_buf_text(out, "\\b");
            break;

        case '\f':
            ditto_buf_text(out, "\\f");
            break;

        case '\n':
            ditto_buf_text(out, "\\n");
            break;

        case '\r':
            ditto_buf_text(out, "\\r");
            break;

        case '\t':
            ditto_buf_text(out, "\\t");
            break;

        default:
            if (c >= 0x80) {
                ditto_buf_text(out, "\xef\xbf\xbd");
                break;
            }

            memcpy(hex, "\\u00", 4);
            hex[4] = digits[c >> 4];
            hex[5] = digits[c & 15];
            ditto_buf_add(out, hex, 6);
        }

        i++;
        from = i;
    }

    ditto_buf_add(out, text.data + from, text.len - from);
    ditto_buf_char(out, '"');
}


void
ditto_json_add_compact(ditto_buf_t *out, ditto_str_t value)
{
    ditto_str_t           raw, text;
    const unsigned char  *p, *end, *next;

    p = value.data;
    end = p + value.len;

    while (p < end) {

        if (*p == '"') {
            next = ditto_json_skip_string(p, end);

            raw.data = p + 1;
            raw.len = (size_t) (next - p) - 2;

            if (memchr(raw.data, '\\', raw.len) == NULL) {
                ditto_buf_add(out, p, (size_t) (next - p));

            } else if (ditto_json_decode(out->pool, raw, &text) == DITTO_OK) {
                ditto_json_add_string(out, text);

            } else {
                out->failed = true;
            }

            p = next;
            continue;
        }

        if (*p != ' ' && *p != '\t' && *p != '\n' && *p != '\r') {
            ditto_buf_char(out, (char) *p);
        }

        p++;
    }
}
