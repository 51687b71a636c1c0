#include "ditto_base.h"


#define DITTO_ARRAY_FIRST  4         /* elements to begin with */
#define DITTO_ARRAY_LARGE  64        /* bytes of an element; begin with one */


static inline bool ditto_blank(unsigned char c);
static size_t ditto_utf8_next(const unsigned char *p, size_t len);


bool
ditto_str_caseeq(ditto_str_t a, ditto_str_t b)
{
    size_t         i;
    unsigned char  x, y;

    if (ditto_str_eq(a, b)) {
        return true;
    }

    if (a.len != b.len) {
        return false;
    }

    for (i = 0; i < a.len; i++) {
        x = a.data[i];
        y = b.data[i];

        if (x != y) {
            if (x >= 'A' && x <= 'Z') {
                x = (unsigned char) (x | 0x20);
            }

            if (y >= 'A' && y <= 'Z') {
                y = (unsigned char) (y | 0x20);
            }

            if (x != y) {
                return false;
            }
        }
    }

    return true;
}


bool
ditto_str_starts(ditto_str_t s, ditto_str_t prefix)
{
    return s.len >= prefix.len
           && (prefix.len == 0 || memcmp(s.data, prefix.data, prefix.len) == 0);
}


size_t
ditto_str_chr(ditto_str_t s, char c, size_t from)
{
    const unsigned char  *p;

    if (from >= s.len) {
        return s.len;
    }

    p = memchr(s.data + from, c, s.len - from);

    return (p == NULL) ? s.len : (size_t) (p - s.data);
}


size_t
ditto_str_find(ditto_str_t s, ditto_str_t needle)
{
    size_t  i;

    if (needle.len == 0) {
        return 0;
    }

    for (i = 0; i + needle.len <= s.len; i++) {
        i = ditto_str_chr(s, (char) needle.data[0], i);

        if (i + needle.len > s.len) {
            break;
        }

        if (memcmp(s.data + i, needle.data, needle.len) == 0) {
            return i;
        }
    }

    return s.len + 1;
}


ditto_str_t
ditto_str_trim(ditto_str_t s)
{
    while (s.len != 0 && ditto_blank(s.data[0])) {
        s.data++;
        s.len--;
    }

    while (s.len != 0 && ditto_blank(s.data[s.len - 1])) {
        s.len--;
    }

    return s;
}


static inline bool
ditto_blank(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}


bool
ditto_str_utf8(ditto_str_t s)
{
    size_t  i, n;

    for (i = 0; i < s.len; i += n) {
        n = ditto_utf8_next(s.data + i, s.len - i);

        if (n == 0) {
            return false;
        }
    }

    return true;
}


/* Bytes of the character at p, 0 if it is none. */
static size_t
ditto_utf8_next(const unsigned char *p, size_t len)
{
    unsigned char  c;

    c = p[0];

    if (c < 0x80) {
        return 1;
    }

    if (c >= 0xc2 && c <= 0xdf) {
        return (len >= 2 && (p[1] & 0xc0) == 0x80) ? 2 : 0;
    }

    if (c >= 0xe0 && c <= 0xef) {
        if (len < 3 || (p[1] & 0xc0) != 0x80 || (p[2] & 0xc0) != 0x80
            || (c == 0xe0 && p[1] < 0xa0) || (c == 0xed && p[1] > 0x9f))
        {
            return 0;
        }

        return 3;
    }

    if (c >= 0xf0 && c <= 0xf4) {
        if (len < 4 || (p[1] & 0xc0) != 0x80 || (p[2] & 0xc0) != 0x80
            || (p[3] & 0xc0) != 0x80 || (c == 0xf0 && p[1] < 0x90)
            || (c == 0xf4 && p[1] > 0x8f))
        {
            return 0;
        }

        return 4;
    }

    return 0;
}


void
ditto_pool_init(ditto_pool_t *pool,
    void *(*alloc)(ditto_pool_t *pool, size_t size))
{
    pool->alloc = alloc;
    pool->pos = NULL;
    pool->left = 0;
}


void *
ditto_zalloc(ditto_pool_t *pool, size_t size)
{
    void  *p;

    p = ditto_alloc(pool, size);

    if (p != NULL) {
        memset(p, 0, size);
    }

    return p;
}


ditto_rc_t
ditto_str_dup(ditto_pool_t *pool, ditto_str_t s, ditto_str_t *out)
{
    unsigned char  *p;

    p = ditto_alloc(pool, s.len + 1);
    if (p == NULL) {
        return DITTO_ERROR;
    }

    if (s.len != 0) {
        memcpy(p, s.data, s.len);
    }

    p[s.len] = '\0';

    out->len = s.len;
    out->data = p;

    return DITTO_OK;
}


void
ditto_array_init(ditto_array_t *a, ditto_pool_t *pool, size_t size)
{
    a->elts = NULL;
    a->nelts = 0;
    a->size = size;
    a->cap = 0;
    a->pool = pool;
}


bool
ditto_array_grow(ditto_array_t *a)
{
    void    *elts;
    size_t   cap;

    /* many are never more than one, and then large */

    cap = (a->cap != 0) ? a->cap * 2
                        : (a->size < DITTO_ARRAY_LARGE) ? DITTO_ARRAY_FIRST : 1;

    elts = ditto_alloc(a->pool, cap * a->size);
    if (elts == NULL) {
        return false;
    }

    if (a->nelts != 0) {
        memcpy(elts, a->elts, a->nelts * a->size);
    }

    a->elts = elts;
    a->cap = cap;

    return true;
}


void
ditto_buf_init(ditto_buf_t *b, ditto_pool_t *pool, size_t cap)
{
    b->data = (cap == 0) ? NULL : ditto_alloc(pool, cap);
    b->len = 0;
    b->cap = (b->data == NULL) ? 0 : cap;
    b->pool = pool;
    b->failed = (cap != 0 && b->data == NULL);
}


bool
ditto_buf_grow(ditto_buf_t *b, size_t len)
{
    size_t          cap;
    unsigned char  *p;

    if (b->failed) {
        return false;
    }

    cap = b->cap * 2;

    if (cap < b->len + len) {
        cap = b->len + len + 64;
    }

    p = ditto_alloc(b->pool, cap);
    if (p == NULL) {
        b->failed = true;
        b->cap = b->len;
        return false;
    }

    if (b->len != 0) {
        memcpy(p, b->data, b->len);
    }

    b->data = p;
    b->cap = cap;

    return true;
}


void
ditto_buf_int(ditto_buf_t *b, int64_t n)
{
    char      text[20];      /* -9223372036854775808 */
    char     *p;
    uint64_t  u;

    p = text + sizeof(text);
    u = (n < 0) ? (uint64_t) 0 - (uint64_t) n : (uint64_t) n;

    do {
        *--p = (char) ('0' + u % 10);
        u /= 10;
    } while (u != 0);

    if (n < 0) {
        *--p = '-';
    }

    ditto_buf_add(b, p, (size_t) (text + sizeof(text) - p));
}


/* Up to three digits of fraction, half to even. */
void
ditto_buf_kb(ditto_buf_t *b, size_t bytes)
{
    size_t  whole, thousandths, rest;

    whole = bytes / 1024;
    thousandths = bytes % 1024 * 1000;
    rest = thousandths % 1024;
    thousandths /= 1024;

    if (rest > 512 || (rest == 512 && thousandths % 2 == 1)) {
        thousandths++;
    }

    if (thousandths == 1000) {
        whole++;
        thousandths = 0;
    }

    if (whole >= 1000) {
        ditto_buf_int(b, (int64_t) (whole / 1000));
        ditto_buf_char(b, ',');
        ditto_buf_char(b, (char) ('0' + whole / 100 % 10));
        ditto_buf_char(b, (char) ('0' + whole / 10 % 10));
        ditto_buf_char(b, (char) ('0' + whole % 10));

    } else {
        ditto_buf_int(b, (int64_t) whole);
    }

    if (thousandths != 0) {
        ditto_buf_char(b, '.');

        for (rest = 100; thousandths != 0; rest /= 10) {
            ditto_buf_char(b, (char) ('0' + thousandths / rest));
            thousandths %= rest;
        }
    }
}


ditto_rc_t
ditto_buf_done(const ditto_buf_t *b, ditto_str_t *out)
{
    if (b->failed) {
        return DITTO_ERROR;
    }

    out->len = b->len;
    out->data = b->data;

    return DITTO_OK;
}
