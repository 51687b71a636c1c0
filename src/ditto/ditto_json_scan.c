#include "ditto_json_parts.h"


static ditto_rc_t ditto_json_scan(ditto_json_t *json, unsigned depth,
    ditto_error_t *err);
static ditto_rc_t ditto_json_scan_name(ditto_json_t *json,
    ditto_error_t *err);
static inline ditto_rc_t ditto_json_scan_scalar(ditto_json_t *json,
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
    unsigned       n;
    unsigned char  open[DITTO_JSON_DEPTH / 8 + 1];

    n = depth;

value:

    ditto_json_blanks(json);

    if (json->pos == json->end) {
        return ditto_json_fail(json, "a value expected", err);
    }

    if (*json->pos != '{' && *json->pos != '[') {
        if (ditto_json_scan_scalar(json, err) != DITTO_OK) {
            return DITTO_ERROR;
        }

        goto next;
    }

    if (n == DITTO_JSON_DEPTH) {
        return ditto_json_fail(json, "nested deeper than 1000", err);
    }

    object = (*json->pos == '{');

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

    if (!object) {
        goto value;
    }

name:

    if (ditto_json_scan_name(json, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    goto value;

next:

    if (n == depth) {
        return DITTO_OK;
    }

    object = (open[(n - 1) / 8] >> (n - 1) % 8) & 1;

    ditto_json_blanks(json);

    if (json->pos == json->end) {
        return ditto_json_fail(json, "the text ends too early", err);
    }

    if (*json->pos == ',') {
        json->pos++;

        if (!object) {
            goto value;
        }

        ditto_json_blanks(json);
        goto name;
    }

    if (*json->pos != (object ? '}' : ']')) {
        return ditto_json_fail(json, object ? "a comma or a brace expected"
                                            : "a comma or a bracket expected",
                               err);
    }

close:

    json->pos++;
    n--;

    goto next;
}


/* A member's name and the colon. */
static ditto_rc_t
ditto_json_scan_name(ditto_json_t *json, ditto_error_t *err)
{
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

    return DITTO_OK;
}


static inline ditto_rc_t
ditto_json_scan_scalar(ditto_json_t *json, ditto_error_t *err)
{
    switch (*json->pos) {

    case '"':
        return ditto_json_scan_string(json, err);

    case 't':
        return ditto_json_scan_literal(json, "true", 4, err);

    case 'f':
        return ditto_json_scan_literal(json, "false", 5, err);

    case 'n':
        return ditto_json_scan_literal(json, "null", 4, err);

    default:
        return ditto_json_scan_number(json, err);
    }
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
