#include "ditto_json_parts.h"


#define DITTO_JSON_BLOCK  64             /* bytes, a bit for each */


/* Brackets outside of strings; what the next block needs of this one. */
typedef struct {
    uint64_t  opens;
    uint64_t  closes;
    uint64_t  escape;                    /* 1: its first byte is escaped */
    uint64_t  inside;                    /* all bits: it begins in a string */
} ditto_json_block_t;


static size_t ditto_json_block_end(const ditto_json_block_t *block,
    size_t *depth);
static void ditto_json_block_next(ditto_json_block_t *block,
    const unsigned char *p);
ditto_inline void ditto_json_block_bytes(ditto_json_block_t *block,
    const unsigned char *p, uint64_t *quotes, uint64_t *slashes);
#if defined(__SSE2__)
ditto_inline uint64_t ditto_json_block_equal(__m128i v, char c);
#endif
ditto_inline size_t ditto_json_bits(uint64_t bits);


/*
 * By blocks: only where one has as many closing brackets as are open may it be
 * the last, and each of them is looked at.
 */
const unsigned char *
ditto_json_skip_container(const unsigned char *p, const unsigned char *end)
{
    size_t              at, depth;
    unsigned char       rest[DITTO_JSON_BLOCK];
    ditto_json_block_t  block;

    depth = 0;
    block.escape = 0;
    block.inside = 0;

    for ( /* void */ ; p < end; p += DITTO_JSON_BLOCK) {

        if (end - p >= DITTO_JSON_BLOCK) {
            ditto_json_block_next(&block, p);

        } else {
            memset(rest, ' ', DITTO_JSON_BLOCK);
            memcpy(rest, p, (size_t) (end - p));
            ditto_json_block_next(&block, rest);
        }

        if (ditto_json_bits(block.closes) < depth) {
            depth += ditto_json_bits(block.opens)
                     - ditto_json_bits(block.closes);

        } else {
            at = ditto_json_block_end(&block, &depth);

            if (at < DITTO_JSON_BLOCK) {
                return p + at + 1;
            }
        }

        if (end - p <= DITTO_JSON_BLOCK) {
            break;
        }
    }

    return NULL;
}


/* Where in a block depth comes to zero; DITTO_JSON_BLOCK: nowhere. */
static size_t
ditto_json_block_end(const ditto_json_block_t *block, size_t *depth)
{
    uint64_t  left, bit;

    for (left = block->opens | block->closes; left != 0; left ^= bit) {
        bit = left & (~left + 1);

        if (block->opens & bit) {
            (*depth)++;

        } else if (--(*depth) == 0) {
            return (size_t) __builtin_ctzll(bit);
        }
    }

    return DITTO_JSON_BLOCK;
}


/* The block at p, which follows the one that block is of. */
static void
ditto_json_block_next(ditto_json_block_t *block, const unsigned char *p)
{
    uint64_t  quotes, slashes, escaped, inside, bit;

    ditto_json_block_bytes(block, p, &quotes, &slashes);

    escaped = block->escape;
    slashes &= ~escaped;
    block->escape = 0;

    while (slashes != 0) {
        bit = slashes & (~slashes + 1);
        escaped |= bit << 1;
        slashes &= ~(bit | bit << 1);
        block->escape = bit >> (DITTO_JSON_BLOCK - 1);
    }

    /* a bit that has an odd number of quotes up to it is inside of a string */

    inside = quotes & ~escaped;
    inside ^= inside << 1;
    inside ^= inside << 2;
    inside ^= inside << 4;
    inside ^= inside << 8;
    inside ^= inside << 16;
    inside ^= inside << 32;
    inside ^= block->inside;

    block->inside = (inside >> (DITTO_JSON_BLOCK - 1)) ? ~(uint64_t) 0 : 0;
    block->opens &= ~inside;
    block->closes &= ~inside;
}


#if defined(__SSE2__)

ditto_inline void
ditto_json_block_bytes(ditto_json_block_t *block, const unsigned char *p,
    uint64_t *quotes, uint64_t *slashes)
{
    int      i;
    __m128i  v, w;

    block->opens = 0;
    block->closes = 0;
    *quotes = 0;
    *slashes = 0;

    for (i = 0; i < DITTO_JSON_BLOCK; i += 16) {
        v = _mm_loadu_si128((const __m128i *) (p + i));

        /* a brace is a bracket with one bit more */
        w = _mm_or_si128(v, _mm_set1_epi8(0x20));

        block->opens |= ditto_json_block_equal(w, '{') << i;
        block->closes |= ditto_json_block_equal(w, '}') << i;
        *quotes |= ditto_json_block_equal(v, '"') << i;
        *slashes |= ditto_json_block_equal(v, '\\') << i;
    }
}


ditto_inline uint64_t
ditto_json_block_equal(__m128i v, char c)
{
    return (uint64_t) (unsigned) _mm_movemask_epi8(
                                     _mm_cmpeq_epi8(v, _mm_set1_epi8(c)));
}

#else

ditto_inline void
ditto_json_block_bytes(ditto_json_block_t *block, const unsigned char *p,
    uint64_t *quotes, uint64_t *slashes)
{
    int            i;
    unsigned char  c;

    block->opens = 0;
    block->closes = 0;
    *quotes = 0;
    *slashes = 0;

    for (i = 0; i < DITTO_JSON_BLOCK; i++) {
        c = p[i];

        block->opens |= (uint64_t) ((c | 0x20) == '{') << i;
        block->closes |= (uint64_t) ((c | 0x20) == '}') << i;
        *quotes |= (uint64_t) (c == '"') << i;
        *slashes |= (uint64_t) (c == '\\') << i;
    }
}

#endif


ditto_inline size_t
ditto_json_bits(uint64_t bits)
{
    return (size_t) __builtin_popcountll(bits);
}
