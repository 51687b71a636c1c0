/*
 * What the files of the JSON scanner, walkers and writer share.
 */

#ifndef _DITTO_JSON_PARTS_H_INCLUDED_
#define _DITTO_JSON_PARTS_H_INCLUDED_


#include "ditto_json.h"


#define DITTO_JSON_ONES   0x0101010101010101ull
#define DITTO_JSON_HIGHS  0x8080808080808080ull


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


/*
 * Bytes before the first marked one.  Borrows make false marks, but only behind
 * a true one; on big-endian machines behind is in front, so nothing is skipped.
 */
static inline size_t
ditto_json_first(uint64_t marks)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return (size_t) __builtin_ctzll(marks) / 8;
#else
    (void) marks;

    return 0;
#endif
}


/* Behind the string that begins at p. */
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
