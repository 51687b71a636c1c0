#include "ditto_batch.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif


#define DITTO_BATCH_BLOCK  64            /* bytes, a bit for each */


/* Brackets outside of strings; what the next block needs of this one. */
typedef struct {
    uint64_t  opens;
    uint64_t  closes;
    uint64_t  escape;                    /* 1: its first byte is escaped */
    uint64_t  inside;                    /* all bits: it begins in a string */
} ditto_batch_marks_t;


static ditto_rc_t ditto_batch_line(ditto_str_t text, size_t *at, bool last,
    ditto_str_t *message);
static ditto_rc_t ditto_batch_element(ditto_batch_t *batch, ditto_str_t text,
    size_t *at, bool last, ditto_str_t *message, ditto_error_t *err);
static ditto_rc_t ditto_batch_punctuation(ditto_batch_t *batch,
    ditto_str_t text, size_t *at, ditto_error_t *err);
static ditto_rc_t ditto_batch_wrong(size_t at, ditto_error_t *err);
static size_t ditto_batch_blanks(ditto_str_t text, size_t at);
static size_t ditto_batch_value(ditto_str_t text, size_t at);
static size_t ditto_batch_container(ditto_str_t text, size_t at);
static size_t ditto_batch_closed(const ditto_batch_marks_t *marks,
    size_t *depth);
static void ditto_batch_marks(ditto_batch_marks_t *marks,
    const unsigned char *p);
static void ditto_batch_bytes(ditto_batch_marks_t *marks,
    const unsigned char *p, uint64_t *quotes, uint64_t *slashes);
#if defined(__SSE2__)
static inline uint64_t ditto_batch_equal(__m128i v, char c);
#endif
static inline size_t ditto_batch_count(uint64_t bits);
static size_t ditto_batch_string(ditto_str_t text, size_t at);
static size_t ditto_batch_scalar(ditto_str_t text, size_t at);


void
ditto_batch_init(ditto_batch_t *batch, ditto_batch_e kind)
{
    memset(batch, 0, sizeof(ditto_batch_t));
    batch->kind = kind;
}


ditto_rc_t
ditto_batch_next(ditto_batch_t *batch, ditto_str_t text, size_t *at,
    bool last, ditto_str_t *message, ditto_error_t *err)
{
    return (batch->kind == DITTO_BATCH_LINES)
           ? ditto_batch_line(text, at, last, message)
           : ditto_batch_element(batch, text, at, last, message, err);
}


static ditto_rc_t
ditto_batch_line(ditto_str_t text, size_t *at, bool last,
    ditto_str_t *message)
{
    size_t                end;
    const unsigned char  *nl;

    while (*at < text.len) {

        nl = memchr(text.data + *at, '\n', text.len - *at);

        if (nl == NULL && !last) {
            return DITTO_DECLINED;
        }

        end = (nl != NULL) ? (size_t) (nl - text.data) : text.len;
        *message = ditto_str_trim(ditto_str_sub(text, *at, end));
        *at = (nl != NULL) ? end + 1 : end;

        if (message->len != 0) {
            return DITTO_OK;
        }
    }

    return DITTO_DECLINED;
}


static ditto_rc_t
ditto_batch_element(ditto_batch_t *batch, ditto_str_t text, size_t *at,
    bool last, ditto_str_t *message, ditto_error_t *err)
{
    size_t      end;
    ditto_rc_t  rc;

    rc = ditto_batch_punctuation(batch, text, at, err);

    if (rc != DITTO_OK) {
        return (rc == DITTO_DECLINED && last && !batch->closed)
               ? ditto_batch_wrong(*at, err) : rc;
    }

    end = ditto_batch_value(text, *at);

    if (end > text.len) {
        return last ? ditto_batch_wrong(*at, err) : DITTO_DECLINED;
    }

    /* a number may go on in the next piece, anything else has its end */

    if (end == text.len && !last && text.data[end - 1] != '}'
        && text.data[end - 1] != ']' && text.data[end - 1] != '"')
    {
        return DITTO_DECLINED;
    }

    if (end == *at) {
        return ditto_batch_wrong(*at, err);
    }

    *message = ditto_str_sub(text, *at, end);
    *at = end;

    batch->comma = false;
    batch->element = true;

    return DITTO_OK;
}


/* Up to the next element.  DITTO_DECLINED: there is none, or not yet. */
static ditto_rc_t
ditto_batch_punctuation(ditto_batch_t *batch, ditto_str_t text, size_t *at,
    ditto_error_t *err)
{
    unsigned char  c;

    for ( ;; ) {

        *at = ditto_batch_blanks(text, *at);

        if (*at == text.len) {
            return DITTO_DECLINED;
        }

        c = text.data[*at];

        if (batch->closed) {
            return ditto_batch_wrong(*at, err);
        }

        if (!batch->opened) {

            if (c != '[') {
                return ditto_batch_wrong(*at, err);
            }

            batch->opened = true;

        } else if (c == ']' && !batch->comma) {
            batch->closed = true;

        } else if (batch->element) {

            if (c != ',') {
                return ditto_batch_wrong(*at, err);
            }

            batch->element = false;
            batch->comma = true;

        } else {
            return DITTO_OK;
        }

        (*at)++;
    }
}


static ditto_rc_t
ditto_batch_wrong(size_t at, ditto_error_t *err)
{
    ditto_str_t  none = ditto_null_string;

    (void) ditto_fail(err, DITTO_E_JSON_INVALID, none, none);
    err->message = "What stands here is no array of Ditto Protocol messages.";
    err->offset = at;

    return DITTO_ERROR;
}


static size_t
ditto_batch_blanks(ditto_str_t text, size_t at)
{
    while (at < text.len
           && (text.data[at] == ' ' || text.data[at] == '\n'
               || text.data[at] == '\r' || text.data[at] == '\t'))
    {
        at++;
    }

    return at;
}


/* Behind a value; beyond text.len: it does not end in text. */
static size_t
ditto_batch_value(ditto_str_t text, size_t at)
{
    switch (text.data[at]) {

    case '{':
    case '[':
        return ditto_batch_container(text, at);

    case '"':
        return ditto_batch_string(text, at);

    default:
        return ditto_batch_scalar(text, at);
    }
}


/*
 * By blocks: only where a block has as many closing brackets as are open may it
 * be the last one, and each of them is looked at.
 */
static size_t
ditto_batch_container(ditto_str_t text, size_t at)
{
    size_t               depth, left;
    unsigned char        rest[DITTO_BATCH_BLOCK];
    ditto_batch_marks_t  marks;

    depth = 0;
    memset(&marks, 0, sizeof(ditto_batch_marks_t));

    for ( /* void */ ; at < text.len; at += DITTO_BATCH_BLOCK) {

        left = text.len - at;

        if (left >= DITTO_BATCH_BLOCK) {
            ditto_batch_marks(&marks, text.data + at);

        } else {
            memset(rest, ' ', DITTO_BATCH_BLOCK);
            memcpy(rest, text.data + at, left);
            ditto_batch_marks(&marks, rest);
        }

        if (ditto_batch_count(marks.closes) < depth) {
            depth += ditto_batch_count(marks.opens)
                     - ditto_batch_count(marks.closes);
            continue;
        }

        left = ditto_batch_closed(&marks, &depth);

        if (left < DITTO_BATCH_BLOCK) {
            return at + left + 1;
        }
    }

    return text.len + 1;
}


/* Where in a block depth comes to zero; DITTO_BATCH_BLOCK: nowhere. */
static size_t
ditto_batch_closed(const ditto_batch_marks_t *marks, size_t *depth)
{
    uint64_t  left, bit;

    for (left = marks->opens | marks->closes; left != 0; left ^= bit) {
        bit = left & (~left + 1);

        if (marks->opens & bit) {
            (*depth)++;

        } else if (--(*depth) == 0) {
            return ditto_batch_count(bit - 1);
        }
    }

    return DITTO_BATCH_BLOCK;
}


/* Of the block at p, which follows the one that marks is of. */
static void
ditto_batch_marks(ditto_batch_marks_t *marks, const unsigned char *p)
{
    uint64_t  quotes, slashes, escaped, inside, bit;

    ditto_batch_bytes(marks, p, &quotes, &slashes);

    escaped = marks->escape;
    slashes &= ~escaped;
    marks->escape = 0;

    while (slashes != 0) {
        bit = slashes & (~slashes + 1);
        escaped |= bit << 1;
        slashes &= ~(bit | bit << 1);
        marks->escape = bit >> (DITTO_BATCH_BLOCK - 1);
    }

    /* a bit that has an odd number of quotes up to it is inside of a string */

    inside = quotes & ~escaped;
    inside ^= inside << 1;
    inside ^= inside << 2;
    inside ^= inside << 4;
    inside ^= inside << 8;
    inside ^= inside << 16;
    inside ^= inside << 32;
    inside ^= marks->inside;

    marks->inside = (inside >> (DITTO_BATCH_BLOCK - 1)) ? ~(uint64_t) 0 : 0;
    marks->opens &= ~inside;
    marks->closes &= ~inside;
}


#if defined(__SSE2__)

static void
ditto_batch_bytes(ditto_batch_marks_t *marks, const unsigned char *p,
    uint64_t *quotes, uint64_t *slashes)
{
    int      i;
    __m128i  v, w;

    marks->opens = 0;
    marks->closes = 0;
    *quotes = 0;
    *slashes = 0;

    for (i = 0; i < DITTO_BATCH_BLOCK; i += 16) {
        v = _mm_loadu_si128((const __m128i *) (p + i));

        /* of either kind of bracket one has a bit more than the other */
        w = _mm_or_si128(v, _mm_set1_epi8(0x20));

        marks->opens |= ditto_batch_equal(w, '{') << i;
        marks->closes |= ditto_batch_equal(w, '}') << i;
        *quotes |= ditto_batch_equal(v, '"') << i;
        *slashes |= ditto_batch_equal(v, '\\') << i;
    }
}


static inline uint64_t
ditto_batch_equal(__m128i v, char c)
{
    return (uint64_t) (unsigned) _mm_movemask_epi8(
                                     _mm_cmpeq_epi8(v, _mm_set1_epi8(c)));
}

#else

static void
ditto_batch_bytes(ditto_batch_marks_t *marks, const unsigned char *p,
    uint64_t *quotes, uint64_t *slashes)
{
    int            i;
    unsigned char  c;

    marks->opens = 0;
    marks->closes = 0;
    *quotes = 0;
    *slashes = 0;

    for (i = 0; i < DITTO_BATCH_BLOCK; i++) {
        c = p[i];

        marks->opens |= (uint64_t) ((c | 0x20) == '{') << i;
        marks->closes |= (uint64_t) ((c | 0x20) == '}') << i;
        *quotes |= (uint64_t) (c == '"') << i;
        *slashes |= (uint64_t) (c == '\\') << i;
    }
}

#endif


static inline size_t
ditto_batch_count(uint64_t bits)
{
    return (size_t) __builtin_popcountll(bits);
}


static size_t
ditto_batch_string(ditto_str_t text, size_t at)
{
    size_t                slashes;
    const unsigned char  *quote;

    for (at++; at < text.len; at++) {

        quote = memchr(text.data + at, '"', text.len - at);

        if (quote == NULL) {
            break;
        }

        at = (size_t) (quote - text.data);

        for (slashes = 0; text.data[at - 1 - slashes] == '\\'; slashes++) {
            /* void */
        }

        if (slashes % 2 == 0) {
            return at + 1;
        }
    }

    return text.len + 1;
}


static size_t
ditto_batch_scalar(ditto_str_t text, size_t at)
{
    while (at < text.len) {

        switch (text.data[at]) {

        case ',':
        case ']':
        case ' ':
        case '\n':
        case '\r':
        case '\t':
            return at;

        default:
            at++;
        }
    }

    return at;
}
