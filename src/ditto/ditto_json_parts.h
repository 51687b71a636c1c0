/*
 * What the files of the JSON scanner, walkers and writer share.
 */

#ifndef _DITTO_JSON_PARTS_H_INCLUDED_
#define _DITTO_JSON_PARTS_H_INCLUDED_


#include "ditto_json.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif


/* Where a run of bytes in a string ends; each holds what the others do. */
typedef enum {
    DITTO_JSON_TO_QUOTE = 0,         /* at a quote or a backslash */
    DITTO_JSON_TO_SPECIAL,           /* also at a control, or beyond ASCII */
    DITTO_JSON_TO_ODD                /* also at a slash and DEL, which are not
                                        legal in the names of a thing */
} ditto_json_run_e;


#define DITTO_JSON_ONES   0x0101010101010101ull
#define DITTO_JSON_HIGHS  0x8080808080808080ull


static inline const unsigned char *
ditto_json_skip_blanks(const unsigned char *p, const unsigned char *end)
{
    /* most of what is looked at is no blank: one compare decides */

    while (p < end && *p <= ' '
           && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
    {
        p++;
    }

    return p;
}


static inline void
ditto_json_blanks(ditto_json_t *json)
{
    json->pos = ditto_json_skip_blanks(json->pos, json->end);
}


ditto_inline bool
ditto_json_ends(unsigned char c, ditto_json_run_e to)
{
    return c == '"' || c == '\\'
           || (to >= DITTO_JSON_TO_SPECIAL && (c < 0x20 || c >= 0x80))
           || (to == DITTO_JSON_TO_ODD && (c == '/' || c == 0x7f));
}


/* The zero bytes of w.  Borrows make false marks, but only above a true one. */
static inline uint64_t
ditto_json_zeros(uint64_t w)
{
    return (w - DITTO_JSON_ONES) & ~w & DITTO_JSON_HIGHS;
}


/* The bytes of eight at which a run ends: the first is the lowest one set. */
ditto_inline uint64_t
ditto_json_word(const unsigned char *p, ditto_json_run_e to)
{
    uint64_t  w, ends;

    /* compilers make one load of it */

    w = (uint64_t) p[0] | (uint64_t) p[1] << 8 | (uint64_t) p[2] << 16
        | (uint64_t) p[3] << 24 | (uint64_t) p[4] << 32
        | (uint64_t) p[5] << 40 | (uint64_t) p[6] << 48
        | (uint64_t) p[7] << 56;

    ends = ditto_json_zeros(w ^ DITTO_JSON_ONES * '"')
           | ditto_json_zeros(w ^ DITTO_JSON_ONES * '\\');

    if (to >= DITTO_JSON_TO_SPECIAL) {
        ends |= ((w - DITTO_JSON_ONES * 0x20) | w) & DITTO_JSON_HIGHS;
    }

    if (to == DITTO_JSON_TO_ODD) {
        ends |= ditto_json_zeros(w ^ DITTO_JSON_ONES * '/')
                | ditto_json_zeros(w ^ DITTO_JSON_ONES * 0x7f);
    }

    return ends;
}


#if defined(__SSE2__)

/* The same of sixteen, a bit for each. */
ditto_inline unsigned
ditto_json_vector(const unsigned char *p, ditto_json_run_e to)
{
    __m128i  v, ends;

    v = _mm_loadu_si128((const __m128i *) p);

    ends = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')),
                        _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));

    if (to >= DITTO_JSON_TO_SPECIAL) {
        /* signed: what is beyond ASCII is negative */
        ends = _mm_or_si128(ends, _mm_cmplt_epi8(v, _mm_set1_epi8(0x20)));
    }

    if (to == DITTO_JSON_TO_ODD) {
        ends = _mm_or_si128(ends, _mm_cmpeq_epi8(v, _mm_set1_epi8('/')));
        ends = _mm_or_si128(ends, _mm_cmpeq_epi8(v, _mm_set1_epi8(0x7f)));
    }

    return (unsigned) _mm_movemask_epi8(ends);
}

#endif


/*
 * Moves *p along a run by whole blocks.  True: it ends there.  False: less than
 * a block is left, where it may go on.
 */
ditto_inline bool
ditto_json_run_blocks(const unsigned char **p, const unsigned char *end,
    ditto_json_run_e to)
{
#if defined(__SSE2__)
    unsigned  ends;

    for ( /* void */ ; end - *p >= 16; *p += 16) {
        ends = ditto_json_vector(*p, to);

        if (ends != 0) {
            *p += __builtin_ctz(ends);
            return true;
        }
    }

#else
    uint64_t  ends;

    for ( /* void */ ; end - *p >= 8; *p += 8) {
        ends = ditto_json_word(*p, to);

        if (ends != 0) {
            *p += __builtin_ctzll(ends) / 8;
            return true;
        }
    }

#endif

    return false;
}


/* Where a run that began at start and goes on at p ends; end if nowhere. */
const unsigned char *ditto_json_run_rest(const unsigned char *start,
    const unsigned char *p, const unsigned char *end, ditto_json_run_e to);


ditto_inline const unsigned char *
ditto_json_run(const unsigned char *p, const unsigned char *end,
    ditto_json_run_e to)
{
    const unsigned char  *start;

    start = p;

    return ditto_json_run_blocks(&p, end, to)
           ? p : ditto_json_run_rest(start, p, end, to);
}


/*
 * Behind the object or array that begins at p; NULL: it does not end before
 * end.  Of the text only strings and brackets are looked at.
 */
const unsigned char *ditto_json_skip_container(const unsigned char *p,
    const unsigned char *end);


/* Behind the string that begins at p. */
static inline const unsigned char *
ditto_json_skip_string(const unsigned char *p, const unsigned char *end)
{
    for (p++; p < end; /* void */ ) {
        p = ditto_json_run(p, end, DITTO_JSON_TO_QUOTE);

        if (p == end) {
            break;
        }

        if (*p == '"') {
            return p + 1;
        }

        p += (end - p > 1) ? 2 : 1;
    }

    return end;
}


/* -1: no hexadecimal digit. */
static inline int
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


#endif /* _DITTO_JSON_PARTS_H_INCLUDED_ */
