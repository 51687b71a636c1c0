#include "ditto_json_parts.h"


/* Each reads what begins at p and answers where it ends; NULL: *err is set. */

static const unsigned char *ditto_json_scan(ditto_json_t *json,
    const unsigned char *p, unsigned depth, ditto_error_t *err);
ditto_inline const unsigned char *ditto_json_scan_name(ditto_json_t *json,
    const unsigned char *p, ditto_error_t *err);
ditto_rare const unsigned char *ditto_json_scan_odd(ditto_json_t *json,
    const unsigned char *p, ditto_error_t *err);
ditto_inline const unsigned char *ditto_json_scan_colon(
    const ditto_json_t *json, const unsigned char *p, ditto_error_t *err);
ditto_inline const unsigned char *ditto_json_scan_string(
    const ditto_json_t *json, const unsigned char *p, ditto_error_t *err);
ditto_rare const unsigned char *ditto_json_scan_rest(const ditto_json_t *json,
    const unsigned char *p, ditto_error_t *err);
static const unsigned char *ditto_json_scan_escape(const ditto_json_t *json,
    const unsigned char *p, ditto_error_t *err);
static const unsigned char *ditto_json_scan_utf8(const ditto_json_t *json,
    const unsigned char *p, ditto_error_t *err);
static const unsigned char *ditto_json_scan_number(const ditto_json_t *json,
    const unsigned char *p, ditto_error_t *err);
ditto_inline const unsigned char *ditto_json_scan_digits(
    const unsigned char *p, const unsigned char *end);
static const unsigned char *ditto_json_scan_literal(const ditto_json_t *json,
    const unsigned char *p, const char *text, size_t len, ditto_error_t *err);

ditto_inline unsigned char ditto_json_peek(const unsigned char **p,
    const unsigned char *end);
static ditto_rc_t ditto_json_end(const ditto_json_t *json,
    const unsigned char *p, ditto_error_t *err);
ditto_rare const unsigned char *ditto_json_fail(const ditto_json_t *json,
    const unsigned char *p, const char *what, ditto_error_t *err);


ditto_rc_t
ditto_json_validate(ditto_str_t text, ditto_error_t *err)
{
    ditto_json_t          json;
    const unsigned char  *p;

    ditto_json_open(&json, text);

    p = ditto_json_scan(&json, json.pos, 0, err);

    return (p == NULL) ? DITTO_ERROR : ditto_json_end(&json, p, err);
}


void
ditto_json_open(ditto_json_t *json, ditto_str_t text)
{
    json->start = text.data;
    json->pos = text.data;
    json->end = (text.data == NULL) ? NULL : text.data + text.len;
    json->odd_name = false;
}


ditto_rc_t
ditto_json_enter(ditto_json_t *json, ditto_error_t *err)
{
    const unsigned char  *p;

    ditto_json_blanks(json);

    if (json->pos < json->end && *json->pos == '{') {
        json->pos++;
        return DITTO_OK;
    }

    p = ditto_json_scan(json, json->pos, 0, err);

    if (p == NULL || ditto_json_end(json, p, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    return DITTO_DECLINED;
}


ditto_rc_t
ditto_json_member_next(ditto_json_t *json, ditto_str_t *name,
    ditto_str_t *value, ditto_error_t *err)
{
    unsigned char         c;
    const unsigned char  *p;

    p = json->pos;
    c = ditto_json_peek(&p, json->end);

    if (c == '}') {
        return ditto_json_end(json, p + 1, err) == DITTO_OK ? DITTO_DECLINED
                                                            : DITTO_ERROR;
    }

    if (json->pos[-1] != '{') {

        if (c != ',') {
            (void) ditto_json_fail(json, p, "a comma or a brace expected",
                                   err);
            return DITTO_ERROR;
        }

        p++;
        (void) ditto_json_peek(&p, json->end);
    }

    name->data = p + 1;

    p = ditto_json_scan_name(json, p, err);
    if (p == NULL) {
        return DITTO_ERROR;
    }

    name->len = (size_t) (p - name->data) - 1;

    p = ditto_json_scan_colon(json, p, err);
    if (p == NULL) {
        return DITTO_ERROR;
    }

    (void) ditto_json_peek(&p, json->end);

    value->data = p;

    p = ditto_json_scan(json, p, 1, err);
    if (p == NULL) {
        return DITTO_ERROR;
    }

    value->len = (size_t) (p - value->data);

    json->pos = p;

    return DITTO_OK;
}


/*
 * One value, without recursion: a bit per open container tells an object (1)
 * from an array (0).  depth containers are open already.
 */
static const unsigned char *
ditto_json_scan(ditto_json_t *json, const unsigned char *p, unsigned depth,
    ditto_error_t *err)
{
    bool           object;
    unsigned       n;
    unsigned char  c, open[DITTO_JSON_DEPTH / 8 + 1];

    n = depth;
    object = false;

value:

    c = ditto_json_peek(&p, json->end);

    switch (c) {

    case '{':
    case '[':
        break;

    case '"':
        p = ditto_json_scan_string(json, p, err);
        goto next;

    case 't':
        p = ditto_json_scan_literal(json, p, "true", 4, err);
        goto next;

    case 'f':
        p = ditto_json_scan_literal(json, p, "false", 5, err);
        goto next;

    case 'n':
        p = ditto_json_scan_literal(json, p, "null", 4, err);
        goto next;

    default:
        p = ditto_json_scan_number(json, p, err);
        goto next;
    }

    if (n == DITTO_JSON_DEPTH) {
        return ditto_json_fail(json, p, "nested deeper than 1000", err);
    }

    object = (c == '{');

    if (object) {
        open[n / 8] = (unsigned char) (open[n / 8] | 1u << n % 8);

    } else {
        open[n / 8] = (unsigned char) (open[n / 8] & ~(1u << n % 8));
    }

    n++;
    p++;

    if (ditto_json_peek(&p, json->end) == (object ? '}' : ']')) {
        goto close;
    }

    if (!object) {
        goto value;
    }

name:

    p = ditto_json_scan_name(json, p, err);

    if (p == NULL) {
        return NULL;
    }

    p = ditto_json_scan_colon(json, p, err);

    if (p == NULL) {
        return NULL;
    }

    goto value;

next:

    if (p == NULL || n == depth) {
        return p;
    }

    c = ditto_json_peek(&p, json->end);

    if (c == ',') {
        p++;

        if (!object) {
            goto value;
        }

        (void) ditto_json_peek(&p, json->end);
        goto name;
    }

    if (c != (object ? '}' : ']')) {
        return ditto_json_fail(json, p,
                               p == json->end ? "the text ends too early"
                               : object ? "a comma or a brace expected"
                                        : "a comma or a bracket expected",
                               err);
    }

close:

    p++;
    n--;

    if (n != 0) {
        object = (open[(n - 1) / 8] >> (n - 1) % 8) & 1;
    }

    goto next;
}


ditto_inline const unsigned char *
ditto_json_scan_name(ditto_json_t *json, const unsigned char *p,
    ditto_error_t *err)
{
    const unsigned char  *q;

    if (p < json->end && *p == '"') {
        q = p + 1;

        if (ditto_json_run_blocks(&q, json->end, DITTO_JSON_TO_ODD)
            && *q == '"' && q != p + 1 && q - p - 1 <= DITTO_JSON_NAME)
        {
            return q + 1;
        }
    }

    return ditto_json_scan_odd(json, p, err);
}


/* A name that is odd, or none, or one that stands close to the end. */
ditto_rare const unsigned char *
ditto_json_scan_odd(ditto_json_t *json, const unsigned char *p,
    ditto_error_t *err)
{
    const unsigned char  *q;

    if (p == json->end || *p != '"') {
        return ditto_json_fail(json, p, "a member's name expected", err);
    }

    q = ditto_json_run(p + 1, json->end, DITTO_JSON_TO_ODD);

    if (q < json->end && *q == '"') {

        if (q == p + 1) {
            return ditto_json_fail(json, p, "an empty member's name", err);
        }

        if (q - p - 1 <= DITTO_JSON_NAME) {
            return q + 1;
        }
    }

    json->odd_name = true;

    return ditto_json_scan_rest(json, q, err);
}


ditto_inline const unsigned char *
ditto_json_scan_colon(const ditto_json_t *json, const unsigned char *p,
    ditto_error_t *err)
{
    if (ditto_json_peek(&p, json->end) != ':') {
        return ditto_json_fail(json, p, "a colon expected", err);
    }

    return p + 1;
}


ditto_inline const unsigned char *
ditto_json_scan_string(const ditto_json_t *json, const unsigned char *p,
    ditto_error_t *err)
{
    p++;

    if (ditto_json_run_blocks(&p, json->end, DITTO_JSON_TO_SPECIAL)
        && *p == '"')
    {
        return p + 1;
    }

    return ditto_json_scan_rest(json, p, err);
}


/* A string from p on. */
ditto_rare const unsigned char *
ditto_json_scan_rest(const ditto_json_t *json, const unsigned char *p,
    ditto_error_t *err)
{
    for ( ;; ) {
        p = ditto_json_run(p, json->end, DITTO_JSON_TO_SPECIAL);

        if (p == json->end) {
            return ditto_json_fail(json, p, "a string without end", err);
        }

        if (*p == '"') {
            return p + 1;
        }

        if (*p == '\\') {
            p = ditto_json_scan_escape(json, p, err);

        } else if (*p >= 0x80) {
            p = ditto_json_scan_utf8(json, p, err);

        } else {
            return ditto_json_fail(json, p, "a control character in a string",
                                   err);
        }

        if (p == NULL) {
            return NULL;
        }
    }
}


static const unsigned char *
ditto_json_scan_escape(const ditto_json_t *json, const unsigned char *p,
    ditto_error_t *err)
{
    int  i;

    if (json->end - p < 2) {
        return ditto_json_fail(json, p, "a string without end", err);
    }

    switch (p[1]) {

    case '"': case '\\': case '/': case 'b':
    case 'f': case 'n': case 'r': case 't':
        return p + 2;

    case 'u':
        if (json->end - p < 6) {
            break;
        }

        for (i = 2; i < 6; i++) {
            if (ditto_json_hex(p[i]) < 0) {
                return ditto_json_fail(json, p, "an invalid escape", err);
            }
        }

        return p + 6;

    default:
        break;
    }

    return ditto_json_fail(json, p, "an invalid escape", err);
}


static const unsigned char *
ditto_json_scan_utf8(const ditto_json_t *json, const unsigned char *p,
    ditto_error_t *err)
{
    size_t       n;
    ditto_str_t  s;

    n = (*p >= 0xf0) ? 4 : (*p >= 0xe0) ? 3 : 2;

    if ((size_t) (json->end - p) < n) {
        return ditto_json_fail(json, p, "invalid UTF-8", err);
    }

    s.len = n;
    s.data = p;

    if (!ditto_str_utf8(s)) {
        return ditto_json_fail(json, p, "invalid UTF-8", err);
    }

    return p + n;
}


static const unsigned char *
ditto_json_scan_number(const ditto_json_t *json, const unsigned char *p,
    ditto_error_t *err)
{
    bool                  integer;
    size_t                n;
    const char           *max;
    const unsigned char  *start, *end, *digits;

    start = p;
    end = json->end;
    integer = true;

    if (p < end && *p == '-') {
        p++;
    }

    digits = p;

    if (p == end || *p < '0' || *p > '9') {
        return ditto_json_fail(json, start, "a value expected", err);
    }

    if (*p == '0') {
        p++;

    } else {
        p = ditto_json_scan_digits(p, end);
    }

    n = (size_t) (p - digits);

    if (p < end && *p == '.') {
        integer = false;
        p++;

        if (p == end || *p < '0' || *p > '9') {
            return ditto_json_fail(json, p, "a digit expected", err);
        }

        p = ditto_json_scan_digits(p, end);
    }

    if (p < end && (*p == 'e' || *p == 'E')) {
        integer = false;
        p++;

        if (p < end && (*p == '+' || *p == '-')) {
            p++;
        }

        if (p == end || *p < '0' || *p > '9') {
            return ditto_json_fail(json, p, "a digit expected", err);
        }

        p = ditto_json_scan_digits(p, end);
    }

    if (integer && n >= 19) {
        max = (*start == '-') ? "9223372036854775808" : "9223372036854775807";

        if (n > 19 || memcmp(digits, max, 19) > 0) {
            return ditto_json_fail(json, start,
                                   "an integer of more than 64 bits", err);
        }
    }

    return p;
}


ditto_inline const unsigned char *
ditto_json_scan_digits(const unsigned char *p, const unsigned char *end)
{
    while (p < end && *p >= '0' && *p <= '9') {
        p++;
    }

    return p;
}


static const unsigned char *
ditto_json_scan_literal(const ditto_json_t *json, const unsigned char *p,
    const char *text, size_t len, ditto_error_t *err)
{
    if ((size_t) (json->end - p) < len || memcmp(p, text, len) != 0) {
        return ditto_json_fail(json, p, "a value expected", err);
    }

    return p + len;
}


/* What stands behind blanks, where *p is left; 0 at the end. */
ditto_inline unsigned char
ditto_json_peek(const unsigned char **p, const unsigned char *end)
{
    if (*p < end && **p > ' ') {
        return **p;
    }

    *p = ditto_json_skip_blanks(*p, end);

    return (*p < end) ? **p : 0;
}


static ditto_rc_t
ditto_json_end(const ditto_json_t *json, const unsigned char *p,
    ditto_error_t *err)
{
    p = ditto_json_skip_blanks(p, json->end);

    if (p != json->end) {
        (void) ditto_json_fail(json, p, "the end of the text expected", err);
        return DITTO_ERROR;
    }

    return DITTO_OK;
}


ditto_rare const unsigned char *
ditto_json_fail(const ditto_json_t *json, const unsigned char *p,
    const char *what, ditto_error_t *err)
{
    ditto_str_t  none = ditto_null_string;

    (void) ditto_fail(err, DITTO_E_JSON_INVALID, ditto_str(what), none);
    err->offset = (size_t) (p - json->start);

    return NULL;
}
