/*
 * The ground the core stands on: spans, memory, return codes, a growing
 * text.  Nothing here knows nginx, librdkafka or Ditto.
 *
 * Ownership, everywhere in the core: a span points into the text it was read
 * from, into a rule, or into a pool, and never outlives it.  Nothing is freed
 * singly; memory goes with its pool.
 */

#ifndef _DITTO_BASE_H_INCLUDED_
#define _DITTO_BASE_H_INCLUDED_


#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>


/*
 * A part of its caller, where a constant argument decides what is left of it;
 * and what is hardly ever called and shall cost its caller nothing else.
 */
#if defined(__GNUC__)
#define ditto_inline  static inline __attribute__((always_inline))
#define ditto_rare    static __attribute__((noinline, cold))
#else
#define ditto_inline  static inline
#define ditto_rare    static
#endif


#define DITTO_ALIGNMENT  sizeof(void *)      /* of what a pool gives */


typedef struct {
    size_t                len;       /* bytes */
    const unsigned char  *data;      /* not terminated; NULL: "absent" */
} ditto_str_t;


#define ditto_string(text)                                                    \
    { sizeof(text) - 1, (const unsigned char *) (text) }
#define ditto_null_string  { 0, NULL }


/*
 * DITTO_DECLINED is no error: filtered, not for this target, placeholder
 * without a value.  With DITTO_ERROR the ditto_error_t of the call is set.
 */
typedef enum {
    DITTO_OK = 0,
    DITTO_DECLINED = 1,
    DITTO_ERROR = -1
} ditto_rc_t;


/*
 * A pool is one function.  alloc() returns memory for any type, not cleared,
 * or NULL.  The owner embeds ditto_pool_t as first member of its own type, and
 * may put memory aside at pos, which is taken without asking as long as it
 * lasts.
 */
typedef struct ditto_pool_s  ditto_pool_t;

struct ditto_pool_s {
    void           *(*alloc)(ditto_pool_t *pool, size_t size);
    unsigned char   *pos;        /* aligned for any type */
    size_t           left;       /* bytes at pos */
};


/* An array that grows in a pool; elts moves when it grows. */
typedef struct {
    void          *elts;
    size_t         nelts;
    size_t         size;         /* bytes of one element */
    size_t         cap;          /* elements */
    ditto_pool_t  *pool;
} ditto_array_t;


/*
 * A text that grows in a pool.  The first failing allocation is remembered,
 * later calls do nothing, ditto_buf_done() tells.
 */
typedef struct {
    unsigned char  *data;
    size_t          len;
    size_t          cap;
    ditto_pool_t   *pool;
    bool            failed;
} ditto_buf_t;


/* ASCII letters only. */
bool ditto_str_caseeq(ditto_str_t a, ditto_str_t b);
bool ditto_str_starts(ditto_str_t s, ditto_str_t prefix);
/* Offset of the first c in s at or after from; s.len if there is none. */
size_t ditto_str_chr(ditto_str_t s, char c, size_t from);
/* Offset of the first needle; s.len + 1 if there is none. */
size_t ditto_str_find(ditto_str_t s, ditto_str_t needle);
/* Blanks, tabs and line ends at both ends removed. */
ditto_str_t ditto_str_trim(ditto_str_t s);
/* True if s is well-formed UTF-8 (RFC 3629: no surrogates, shortest form). */
bool ditto_str_utf8(ditto_str_t s);

/* Nothing is put aside. */
void ditto_pool_init(ditto_pool_t *pool,
    void *(*alloc)(ditto_pool_t *pool, size_t size));
/* As ditto_alloc(), cleared. */
void *ditto_zalloc(ditto_pool_t *pool, size_t size);
/* Copy with a final NUL behind the span; DITTO_ERROR: out of memory. */
ditto_rc_t ditto_str_dup(ditto_pool_t *pool, ditto_str_t s, ditto_str_t *out);

void ditto_array_init(ditto_array_t *a, ditto_pool_t *pool, size_t size);
/* Room for one more element; false: out of memory. */
bool ditto_array_grow(ditto_array_t *a);

/* cap: bytes to begin with, 0 for none. */
void ditto_buf_init(ditto_buf_t *b, ditto_pool_t *pool, size_t cap);
bool ditto_buf_grow(ditto_buf_t *b, size_t len);
void ditto_buf_int(ditto_buf_t *b, int64_t n);
/* Bytes, less than a gigabyte, in kB as Ditto's errors write it: "1,464.844" */
void ditto_buf_kb(ditto_buf_t *b, size_t bytes);
/* The text so far; DITTO_ERROR: an allocation failed. */
ditto_rc_t ditto_buf_done(const ditto_buf_t *b, ditto_str_t *out);


/* --- what is called for every few bytes of a message ---------------------- */

static inline ditto_str_t
ditto_str(const char *text)
{
    ditto_str_t  s;

    s.len = (text == NULL) ? 0 : strlen(text);
    s.data = (const unsigned char *) text;

    return s;
}


static inline void *
ditto_alloc(ditto_pool_t *pool, size_t size)
{
    void    *p;
    size_t   n;

    n = (size + DITTO_ALIGNMENT - 1) & ~(DITTO_ALIGNMENT - 1);

    /* 0 if size is, or if it is beyond all bounds */

    if (n - 1 >= pool->left) {
        return pool->alloc(pool, size == 0 ? 1 : size);
    }

    p = pool->pos;
    pool->pos += n;
    pool->left -= n;

    return p;
}


/* s[from, to) */
static inline ditto_str_t
ditto_str_sub(ditto_str_t s, size_t from, size_t to)
{
    ditto_str_t  sub;

    sub.len = to - from;
    sub.data = (s.data == NULL) ? NULL : s.data + from;

    return sub;
}


static inline bool
ditto_str_eq(ditto_str_t a, ditto_str_t b)
{
    /* most that have one length differ in the first byte: no call then */

    return a.len == b.len
           && (a.len == 0 || (a.data[0] == b.data[0]
                              && memcmp(a.data, b.data, a.len) == 0));
}


/* A new element at the end, not cleared; NULL: out of memory. */
static inline void *
ditto_array_push(ditto_array_t *a)
{
    if (a->nelts == a->cap && !ditto_array_grow(a)) {
        return NULL;
    }

    return (unsigned char *) a->elts + a->size * a->nelts++;
}


/* Room for len more bytes; false: none, b->failed is set. */
static inline bool
ditto_buf_room(ditto_buf_t *b, size_t len)
{
    return len <= b->cap - b->len || ditto_buf_grow(b, len);
}


static inline void
ditto_buf_add(ditto_buf_t *b, const void *data, size_t len)
{
    if (ditto_buf_room(b, len) && len != 0) {
        memcpy(b->data + b->len, data, len);
        b->len += len;
    }
}


static inline void
ditto_buf_str(ditto_buf_t *b, ditto_str_t s)
{
    ditto_buf_add(b, s.data, s.len);
}


static inline void
ditto_buf_text(ditto_buf_t *b, const char *text)
{
    ditto_buf_add(b, text, strlen(text));
}


static inline void
ditto_buf_char(ditto_buf_t *b, char c)
{
    ditto_buf_add(b, &c, 1);
}


#endif /* _DITTO_BASE_H_INCLUDED_ */
