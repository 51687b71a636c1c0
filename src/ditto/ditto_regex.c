#include "ditto_decode.h"
#include "ditto_regex.h"


#define DITTO_REGEX_LAST  0x10ffff


typedef struct {
    uint32_t  first;
    uint32_t  last;
} ditto_regex_range_t;


typedef enum {
    DITTO_REGEX_CLASS = 0,
    DITTO_REGEX_BEGIN,               /* "^" */
    DITTO_REGEX_END                  /* "$" */
} ditto_regex_kind_e;


/* Takes one character, or none at an end of the text. */
typedef struct {
    ditto_regex_kind_e    kind;
    bool                  negated;
    ditto_regex_range_t  *ranges;
    size_t                n;
} ditto_regex_piece_t;


typedef struct {
    ditto_regex_piece_t  *pieces;
    size_t                n;
} ditto_regex_branch_t;


struct ditto_regex_s {
    ditto_regex_branch_t  *branches;
    size_t                 n;
    ditto_str_t            literal;  /* the expression if it stands for
                                        itself; else data is NULL */
};


/* Where the compiler stands. */
typedef struct {
    ditto_pool_t   *pool;
    ditto_str_t     text;
    size_t          pos;
    bool            quoted;          /* after \Q */
    ditto_error_t  *err;
} ditto_regex_reader_t;


typedef struct {
    char                 name;
    ditto_regex_range_t  ranges[10]; /* ends where last is 0 */
} ditto_regex_class_t;


static ditto_rc_t ditto_regex_branch(ditto_regex_reader_t *re,
    ditto_regex_branch_t *branch);
static ditto_rc_t ditto_regex_piece(ditto_regex_reader_t *re,
    ditto_array_t *pieces);
static ditto_rc_t ditto_regex_escape(ditto_regex_reader_t *re,
    ditto_array_t *ranges, uint32_t *c);
static ditto_rc_t ditto_regex_named(ditto_regex_reader_t *re,
    ditto_array_t *ranges, unsigned char name);
static ditto_rc_t ditto_regex_digits(ditto_regex_reader_t *re, size_t n,
    uint32_t *c);
static ditto_rc_t ditto_regex_brackets(ditto_regex_reader_t *re,
    ditto_array_t *ranges, bool *negated);
static ditto_rc_t ditto_regex_item(ditto_regex_reader_t *re,
    ditto_array_t *ranges, uint32_t *c);
static ditto_rc_t ditto_regex_add(ditto_regex_reader_t *re,
    ditto_array_t *ranges, uint32_t first, uint32_t last);
static ditto_rc_t ditto_regex_unknown(ditto_regex_reader_t *re);
static bool ditto_regex_plain(ditto_str_t text);
static bool ditto_regex_at(const ditto_regex_branch_t *branch, ditto_str_t s,
    size_t from, size_t *end);
static bool ditto_regex_takes(const ditto_regex_piece_t *piece, uint32_t c);
static bool ditto_regex_last_line(ditto_str_t s, size_t at);


/* Upper case letters are the same negated. */
static const ditto_regex_class_t  ditto_regex_classes[] = {
    { 'd', { { '0', '9' } } },
    { 's', { { '\t', '\r' }, { ' ', ' ' } } },
    { 'w', { { '0', '9' }, { 'A', 'Z' }, { '_', '_' }, { 'a', 'z' } } },
    { 'h', { { '\t', '\t' }, { ' ', ' ' }, { 0xa0, 0xa0 },
             { 0x1680, 0x1680 }, { 0x180e, 0x180e }, { 0x2000, 0x200a },
             { 0x202f, 0x202f }, { 0x205f, 0x205f }, { 0x3000, 0x3000 } } },
    { 'v', { { '\n', '\r' }, { 0x85, 0x85 }, { 0x2028, 0x2029 } } },
};


ditto_rc_t
ditto_regex_compile(ditto_pool_t *pool, ditto_str_t text,
    const ditto_regex_t **regex, ditto_error_t *err)
{
    ditto_rc_t             rc;
    ditto_array_t          branches;
    ditto_regex_t         *result;
    ditto_regex_branch_t  *branch;
    ditto_regex_reader_t   re;

    result = ditto_zalloc(pool, sizeof(ditto_regex_t));
    if (result == NULL) {
        return ditto_fail_memory(err);
    }

    *regex = result;

    if (text.len != 0 && ditto_regex_plain(text)) {
        result->literal = text;
        return DITTO_OK;
    }

    re.pool = pool;
    re.text = text;
    re.pos = 0;
    re.quoted = false;
    re.err = err;

    ditto_array_init(&branches, pool, sizeof(ditto_regex_branch_t));

    for ( ;; ) {
        branch = ditto_array_push(&branches);
        if (branch == NULL) {
            return ditto_fail_memory(err);
        }

        rc = ditto_regex_branch(&re, branch);
        if (rc != DITTO_OK) {
            return rc;
        }

        if (re.pos == text.len) {
            break;
        }

        /* the "|" */
        re.pos++;
    }

    result->branches = branches.elts;
    result->n = branches.nelts;

    return DITTO_OK;
}


static bool
ditto_regex_plain(ditto_str_t text)
{
    size_t  i;

    for (i = 0; i < text.len; i++) {
        if (strchr("\\^$.|?*+()[]{}", text.data[i]) != NULL) {
            return false;
        }
    }

    return true;
}


static ditto_rc_t
ditto_regex_branch(ditto_regex_reader_t *re, ditto_regex_branch_t *branch)
{
    ditto_rc_t     rc;
    ditto_array_t  pieces;

    ditto_array_init(&pieces, re->pool, sizeof(ditto_regex_piece_t));

    while (re->pos < re->text.len
           && (re->quoted || re->text.data[re->pos] != '|'))
    {
        rc = ditto_regex_piece(re, &pieces);
        if (rc != DITTO_OK) {
            return rc;
        }
    }

    branch->pieces = pieces.elts;
    branch->n = pieces.nelts;

    return DITTO_OK;
}


static ditto_rc_t
ditto_regex_piece(ditto_regex_reader_t *re, ditto_array_t *pieces)
{
    bool                  first;
    uint32_t              c;
    ditto_rc_t            rc;
    ditto_str_t           rest;
    ditto_array_t         ranges;
    ditto_regex_piece_t  *piece;

    static const ditto_str_t  unquote = ditto_string("\\E");
    static const ditto_str_t  quote = ditto_string("\\Q");

    rest = ditto_str_sub(re->text, re->pos, re->text.len);

    if (ditto_str_starts(rest, re->quoted ? unquote : quote)) {
        re->quoted = !re->quoted;
        re->pos += quote.len;
        return DITTO_OK;
    }

    first = (pieces->nelts == 0);

    piece = ditto_array_push(pieces);
    if (piece == NULL) {
        return ditto_fail_memory(re->err);
    }

    memset(piece, 0, sizeof(ditto_regex_piece_t));
    ditto_array_init(&ranges, re->pool, sizeof(ditto_regex_range_t));

    re->pos += ditto_decode_char(re->text, re->pos, &c);
    rc = DITTO_OK;

    if (re->quoted) {
        rc = ditto_regex_add(re, &ranges, c, c);

    } else {

        switch (c) {

        case '^':
            piece->kind = DITTO_REGEX_BEGIN;
            break;

        case '$':
            piece->kind = DITTO_REGEX_END;
            break;

        case '.':
            piece->negated = true;
            rc = ditto_regex_named(re, &ranges, '.');
            break;

        case '[':
            rc = ditto_regex_brackets(re, &ranges, &piece->negated);
            break;

        case '\\':
            rc = ditto_regex_escape(re, &ranges, &c);
            break;

        case '(':
            /* without an end it is an error in Java, too */
            return (ditto_str_chr(rest, ')', 1) == rest.len)
                   ? DITTO_DECLINED : ditto_regex_unknown(re);

        case ')':
            return DITTO_DECLINED;

        case '*':
        case '+':
        case '?':
            return first ? DITTO_DECLINED : ditto_regex_unknown(re);

        case '{':
            return (rest.len > 1 && rest.data[1] >= '0' && rest.data[1] <= '9')
                   ? ditto_regex_unknown(re) : DITTO_DECLINED;

        default:
            rc = ditto_regex_add(re, &ranges, c, c);
        }
    }

    piece->ranges = ranges.elts;
    piece->n = ranges.nelts;

    return rc;
}


/*
 * Behind a backslash.  A single character is given back in *c, too; a class
 * makes it DITTO_REGEX_LAST + 1.
 */
static ditto_rc_t
ditto_regex_escape(ditto_regex_reader_t *re, ditto_array_t *ranges,
    uint32_t *c)
{
    size_t              i;
    ditto_rc_t          rc;
    static const char   names[] = "tnrfae";
    static const char   values[] = "\t\n\r\f\a\033";

    if (re->pos == re->text.len) {
        return DITTO_DECLINED;
    }

    re->pos += ditto_decode_char(re->text, re->pos, c);

    if (*c >= 0x80 || !((*c | 0x20) >= 'a' && (*c | 0x20) <= 'z')) {

        if (*c >= '0' && *c <= '9') {
            return ditto_regex_unknown(re);
        }

        return ditto_regex_add(re, ranges, *c, *c);
    }

    for (i = 0; names[i] != '\0'; i++) {
        if (*c == (unsigned char) names[i]) {
            *c = (unsigned char) values[i];
            return ditto_regex_add(re, ranges, *c, *c);
        }
    }

    if (*c == 'x' || *c == 'u') {
        rc = ditto_regex_digits(re, *c == 'x' ? 2 : 4, c);
        return (rc == DITTO_OK) ? ditto_regex_add(re, ranges, *c, *c) : rc;
    }

    if (strchr("dDsSwWhHvV", (int) *c) != NULL) {
        i = *c;
        *c = DITTO_REGEX_LAST + 1;
        return ditto_regex_named(re, ranges, (unsigned char) i);
    }

    /* known to Java: boundaries, references, properties and the like */
    return (strchr("AbBGckNpPQRXzZ", (int) *c) != NULL)
           ? ditto_regex_unknown(re) : DITTO_DECLINED;
}


/* name: of a class, or "." for what ends a line */
static ditto_rc_t
ditto_regex_named(ditto_regex_reader_t *re, ditto_array_t *ranges,
    unsigned char name)
{
    bool                        negated;
    size_t                      i;
    uint32_t                    next;
    const ditto_regex_class_t  *class;
    const ditto_regex_range_t  *range;

    static const ditto_regex_class_t  lines = {
        '.', { { '\n', '\n' }, { '\r', '\r' }, { 0x85, 0x85 },
               { 0x2028, 0x2029 } }
    };

    negated = (name >= 'A' && name <= 'Z');
    class = &lines;

    for (i = 0;
         i < sizeof(ditto_regex_classes) / sizeof(ditto_regex_classes[0]);
         i++)
    {
        if (ditto_regex_classes[i].name == (char) (name | 0x20)) {
            class = &ditto_regex_classes[i];
        }
    }

    for (i = 0, next = 0; class->ranges[i].last != 0; i++) {
        range = &class->ranges[i];

        if (ditto_regex_add(re, ranges, negated ? next : range->first,
                            negated ? range->first - 1 : range->last)
            != DITTO_OK)
        {
            return DITTO_ERROR;
        }

        next = range->last + 1;
    }

    return negated ? ditto_regex_add(re, ranges, next, DITTO_REGEX_LAST)
                   : DITTO_OK;
}


static ditto_rc_t
ditto_regex_digits(ditto_regex_reader_t *re, size_t n, uint32_t *c)
{
    int     digit;
    size_t  size;

    for (*c = 0; n > 0; n--) {

        if (re->pos == re->text.len) {
            return DITTO_DECLINED;
        }

        if (re->text.data[re->pos] == '{') {
            return ditto_regex_unknown(re);
        }

        digit = ditto_decode_digit(re->text, re->pos, 16, &size);
        if (digit < 0) {
            return DITTO_DECLINED;
        }

        *c = *c * 16 + (uint32_t) digit;
        re->pos += size;
    }

    return DITTO_OK;
}


/* A class behind its bracket; a "]" that comes first is a member. */
static ditto_rc_t
ditto_regex_brackets(ditto_regex_reader_t *re, ditto_array_t *ranges,
    bool *negated)
{
    bool         first;
    uint32_t     low, high;
    ditto_rc_t   rc;
    ditto_str_t  s;

    s = re->text;

    if (re->pos < s.len && s.data[re->pos] == '^') {
        *negated = true;
        re->pos++;
    }

    for (first = true; re->pos < s.len; first = false) {

        if (s.data[re->pos] == ']' && !first) {
            re->pos++;
            return DITTO_OK;
        }

        rc = ditto_regex_item(re, ranges, &low);
        if (rc != DITTO_OK) {
            return rc;
        }

        if (low > DITTO_REGEX_LAST || re->pos + 1 >= s.len
            || s.data[re->pos] != '-' || s.data[re->pos + 1] == ']'
            || s.data[re->pos + 1] == '[')
        {
            continue;
        }

        re->pos++;

        rc = ditto_regex_item(re, ranges, &high);
        if (rc != DITTO_OK) {
            return rc;
        }

        if (high < low || high > DITTO_REGEX_LAST) {
            return DITTO_DECLINED;
        }

        if (ditto_regex_add(re, ranges, low, high) != DITTO_OK) {
            return DITTO_ERROR;
        }
    }

    return DITTO_DECLINED;
}


static ditto_rc_t
ditto_regex_item(ditto_regex_reader_t *re, ditto_array_t *ranges, uint32_t *c)
{
    re->pos += ditto_decode_char(re->text, re->pos, c);

    if (*c == '\\') {
        return ditto_regex_escape(re, ranges, c);
    }

    if (*c == '['
        || (*c == '&' && re->pos < re->text.len
            && re->text.data[re->pos] == '&'))
    {
        return ditto_regex_unknown(re);
    }

    return ditto_regex_add(re, ranges, *c, *c);
}


static ditto_rc_t
ditto_regex_add(ditto_regex_reader_t *re, ditto_array_t *ranges,
    uint32_t first, uint32_t last)
{
    ditto_regex_range_t  *range;

    range = ditto_array_push(ranges);
    if (range == NULL) {
        return ditto_fail_memory(re->err);
    }

    range->first = first;
    range->last = last;

    return DITTO_OK;
}


static ditto_rc_t
ditto_regex_unknown(ditto_regex_reader_t *re)
{
    ditto_str_t  none = ditto_null_string;

    (void) ditto_fail(re->err, DITTO_E_CONNECTION_CONFIGURATION, re->text,
                      none);
    re->err->message = "The regular expression '%1' cannot be used here: "
                       "groups, repetitions and the like are not supported.";
    re->err->offset = re->pos;

    return DITTO_ERROR;
}


bool
ditto_regex_find(const ditto_regex_t *regex, ditto_str_t s, size_t from,
    size_t *start, size_t *end)
{
    size_t  i, at;

    if (regex->literal.data != NULL) {
        at = ditto_str_find(ditto_str_sub(s, from, s.len), regex->literal);

        if (at > s.len - from) {
            return false;
        }

        *start = from + at;
        *end = *start + regex->literal.len;

        return true;
    }

    for (at = from; at <= s.len; at++) {

        if (at < s.len && (s.data[at] & 0xc0) == 0x80) {
            continue;
        }

        for (i = 0; i < regex->n; i++) {
            if (ditto_regex_at(&regex->branches[i], s, at, end)) {
                *start = at;
                return true;
            }
        }
    }

    return false;
}


static bool
ditto_regex_at(const ditto_regex_branch_t *branch, ditto_str_t s, size_t from,
    size_t *end)
{
    size_t                      i, n;
    uint32_t                    c;
    const ditto_regex_piece_t  *piece;

    for (i = 0; i < branch->n; i++) {
        piece = &branch->pieces[i];

        switch (piece->kind) {

        case DITTO_REGEX_BEGIN:
            if (from != 0) {
                return false;
            }

            break;

        case DITTO_REGEX_END:
            if (!ditto_regex_last_line(s, from)) {
                return false;
            }

            break;

        default:
            if (from == s.len) {
                return false;
            }

            n = ditto_decode_char(s, from, &c);

            if (!ditto_regex_takes(piece, c)) {
                return false;
            }

            from += n;
        }
    }

    *end = from;

    return true;
}


static bool
ditto_regex_takes(const ditto_regex_piece_t *piece, uint32_t c)
{
    size_t  i;

    for (i = 0; i < piece->n; i++) {
        if (c >= piece->ranges[i].first && c <= piece->ranges[i].last) {
            return !piece->negated;
        }
    }

    return piece->negated;
}


/* At the end, or in front of the line end that ends the text. */
static bool
ditto_regex_last_line(ditto_str_t s, size_t at)
{
    size_t    n;
    uint32_t  c;

    if (at == s.len) {
        return true;
    }

    n = ditto_decode_char(s, at, &c);

    if (c == '\r' && at + 2 == s.len && s.data[at + 1] == '\n') {
        return true;
    }

    if (at + n != s.len || (c == '\n' && at > 0 && s.data[at - 1] == '\r')) {
        return false;
    }

    return c == '\n' || c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029;
}
