#include "ditto_case.h"
#include "ditto_case_table.h"
#include "ditto_decode.h"


#define DITTO_CASE_SIGMA        0x03a3
#define DITTO_CASE_FINAL_SIGMA  0x03c2
#define DITTO_CASE_DOTTED_I     0x0130   /* becomes "i" and U+0307 */


static ditto_rc_t ditto_case_ascii(ditto_pool_t *pool, ditto_str_t s,
    unsigned char first, ditto_str_t *out);
static bool ditto_case_beyond(ditto_str_t s);
static uint32_t ditto_case_move(const ditto_case_run_t *runs, size_t n,
    uint32_t c);
static const ditto_case_special_t *ditto_case_special(uint32_t c);
static bool ditto_case_word(ditto_str_t s, size_t at, bool back);
static bool ditto_case_cased(uint32_t c);
static bool ditto_case_mark(uint32_t c);
static void ditto_case_add(ditto_buf_t *out, uint32_t c);


ditto_rc_t
ditto_case_lower(ditto_pool_t *pool, ditto_str_t s, ditto_str_t *out)
{
    size_t       i, n;
    uint32_t     c;
    ditto_buf_t  buf;

    if (!ditto_case_beyond(s)) {
        return ditto_case_ascii(pool, s, 'A', out);
    }

    ditto_buf_init(&buf, pool, s.len + 8);

    for (i = 0; i < s.len; i += n) {
        n = ditto_decode_char(s, i, &c);

        if (c < 0x80) {
            ditto_buf_char(&buf, (char) (c >= 'A' && c <= 'Z' ? c | 0x20 : c));

        } else if (n == 1) {
            /* no UTF-8 */
            ditto_buf_add(&buf, s.data + i, 1);

        } else if (c == DITTO_CASE_SIGMA && ditto_case_word(s, i, true)
                   && !ditto_case_word(s, i, false))
        {
            ditto_case_add(&buf, DITTO_CASE_FINAL_SIGMA);

        } else if (c == DITTO_CASE_DOTTED_I) {
            ditto_buf_text(&buf, "i\xcc\x87");

        } else {
            ditto_case_add(&buf, ditto_case_move(ditto_case_lowers,
                                                 ditto_case_lowers_n, c));
        }
    }

    return ditto_buf_done(&buf, out);
}


ditto_rc_t
ditto_case_upper(ditto_pool_t *pool, ditto_str_t s, ditto_str_t *out)
{
    size_t                       i, j, n;
    uint32_t                     c;
    ditto_buf_t                  buf;
    const ditto_case_special_t  *special;

    if (!ditto_case_beyond(s)) {
        return ditto_case_ascii(pool, s, 'a', out);
    }

    ditto_buf_init(&buf, pool, s.len + 8);

    for (i = 0; i < s.len; i += n) {
        n = ditto_decode_char(s, i, &c);

        if (c < 0x80) {
            ditto_buf_char(&buf, (char) (c >= 'a' && c <= 'z' ? c ^ 0x20 : c));
            continue;
        }

        if (n == 1) {
            ditto_buf_add(&buf, s.data + i, 1);
            continue;
        }

        special = ditto_case_special(c);

        if (special == NULL) {
            ditto_case_add(&buf, ditto_case_move(ditto_case_uppers,
                                                 ditto_case_uppers_n, c));
            continue;
        }

        for (j = 0; j < 3 && special->upper[j] != 0; j++) {
            ditto_case_add(&buf, special->upper[j]);
        }
    }

    return ditto_buf_done(&buf, out);
}


/* first: "A" or "a", the alphabet that changes */
static ditto_rc_t
ditto_case_ascii(ditto_pool_t *pool, ditto_str_t s, unsigned char first,
    ditto_str_t *out)
{
    size_t          i;
    unsigned char  *p;

    for (i = 0; i < s.len; i++) {
        if ((unsigned char) (s.data[i] - first) < 26) {
            break;
        }
    }

    if (i == s.len) {
        *out = s;
        return DITTO_OK;
    }

    p = ditto_alloc(pool, s.len);
    if (p == NULL) {
        return DITTO_ERROR;
    }

    out->data = p;
    out->len = s.len;

    for (i = 0; i < s.len; i++) {
        p[i] = (unsigned char) (s.data[i] - first) < 26
               ? s.data[i] ^ 0x20 : s.data[i];
    }

    return DITTO_OK;
}


/* True if there is something beyond ASCII. */
static bool
ditto_case_beyond(ditto_str_t s)
{
    size_t         i;
    unsigned char  bits;

    for (i = 0, bits = 0; i < s.len; i++) {
        bits |= s.data[i];
    }

    return (bits & 0x80) != 0;
}


static uint32_t
ditto_case_move(const ditto_case_run_t *runs, size_t n, uint32_t c)
{
    size_t  low, high, mid;

    for (low = 0, high = n; low < high; /* void */) {
        mid = low + (high - low) / 2;

        if (c > runs[mid].last) {
            low = mid + 1;

        } else if (c < runs[mid].first) {
            high = mid;

        } else {
            return (c - runs[mid].first) % runs[mid].step == 0
                   ? (uint32_t) ((int32_t) c + runs[mid].delta) : c;
        }
    }

    return c;
}


static const ditto_case_special_t *
ditto_case_special(uint32_t c)
{
    size_t  low, high, mid;

    for (low = 0, high = ditto_case_specials_n; low < high; /* void */) {
        mid = low + (high - low) / 2;

        if (c > ditto_case_specials[mid].c) {
            low = mid + 1;

        } else if (c < ditto_case_specials[mid].c) {
            high = mid;

        } else {
            return &ditto_case_specials[mid];
        }
    }

    return NULL;
}


/*
 * True if there is a letter with case in the word of the one at at, in front
 * of it (back) or behind.  Words hold digits and marks, and "." and the like
 * between two letters.
 */
static bool
ditto_case_word(ditto_str_t s, size_t at, bool back)
{
    bool      letter, joiner;
    uint32_t  c;

    letter = true;
    joiner = false;

    for ( ;; ) {

        if (back) {
            if (at == 0) {
                return false;
            }

            do {
                at--;
            } while (at > 0 && (s.data[at] & 0xc0) == 0x80);

        } else {
            at += ditto_decode_char(s, at, &c);

            if (at == s.len) {
                return false;
            }
        }

        (void) ditto_decode_char(s, at, &c);

        if (ditto_case_cased(c)) {
            return true;
        }

        if (ditto_case_mark(c)) {

            /* one that belongs to the joiner ends the word there */
            if (joiner && !back) {
                return false;
            }

            if (back && !joiner) {
                letter = false;
            }

            continue;
        }

        if (joiner) {
            return false;
        }

        if (c >= '0' && c <= '9') {
            letter = false;

        } else if (letter && (c == '.' || c == '\'' || c == '"' || c == '_'
                              || c == '-' || c == 0x2010))
        {
            joiner = true;

        } else {
            return false;
        }
    }
}


static bool
ditto_case_cased(uint32_t c)
{
    if (c < 0x80) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    }

    return c == DITTO_CASE_DOTTED_I || ditto_case_special(c) != NULL
           || ditto_case_move(ditto_case_lowers, ditto_case_lowers_n, c) != c
           || ditto_case_move(ditto_case_uppers, ditto_case_uppers_n, c) != c;
}


/* Belongs to the letter in front of it. */
static bool
ditto_case_mark(uint32_t c)
{
    return c == 0xad || c == 0x200d || (c >= 0x300 && c <= 0x36f);
}


static void
ditto_case_add(ditto_buf_t *out, uint32_t c)
{
    size_t         n;
    unsigned char  p[4];

    if (c < 0x80) {
        p[0] = (unsigned char) c;
        n = 1;

    } else if (c < 0x800) {
        p[0] = (unsigned char) (0xc0 | (c >> 6));
        p[1] = (unsigned char) (0x80 | (c & 0x3f));
        n = 2;

    } else if (c < 0x10000) {
        p[0] = (unsigned char) (0xe0 | (c >> 12));
        p[1] = (unsigned char) (0x80 | ((c >> 6) & 0x3f));
        p[2] = (unsigned char) (0x80 | (c & 0x3f));
        n = 3;

    } else {
        p[0] = (unsigned char) (0xf0 | (c >> 18));
        p[1] = (unsigned char) (0x80 | ((c >> 12) & 0x3f));
        p[2] = (unsigned char) (0x80 | ((c >> 6) & 0x3f));
        p[3] = (unsigned char) (0x80 | (c & 0x3f));
        n = 4;
    }

    ditto_buf_add(out, p, n);
}
