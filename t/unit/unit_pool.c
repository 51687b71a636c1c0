#include "unit_pool.h"

#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>


struct unit_block_s {
    unit_block_t  *next;
    void          *data;
};


typedef struct {
    ditto_rc_t          rc;
    ditto_error_code_e  code;
    ditto_str_t         text;        /* of the error */
} unit_answer_t;


static void *unit_pool_alloc(ditto_pool_t *pool, size_t size);
static void *unit_own_malloc(size_t size);
static void *unit_jansson_alloc(size_t size);
static void unit_ask(unit_pool_t *up, unit_call_pt call, void *ctx,
    unit_answer_t *answer);
static bool unit_same(const unit_answer_t *a, const unit_answer_t *b);


/*
 * NULL: malloc() is as ever.  Compilers know malloc(), and that it does not
 * read this.
 */
static unit_pool_t  *volatile unit_malloc_pool;


void
unit_pool_init(unit_pool_t *up)
{
    ditto_pool_init(&up->pool, unit_pool_alloc);
    up->blocks = NULL;
    up->count = 0;
    up->fail_at = 0;
}


void
unit_pool_free(unit_pool_t *up)
{
    unit_block_t  *b, *next;

    for (b = up->blocks; b != NULL; b = next) {
        next = b->next;
        free(b->data);
        free(b);
    }

    up->blocks = NULL;

    if (unit_malloc_pool == up) {
        unit_malloc_pool = NULL;
        json_set_alloc_funcs(malloc, free);
    }
}


void
unit_pool_malloc(unit_pool_t *up)
{
    unit_malloc_pool = up;
    json_set_alloc_funcs(unit_jansson_alloc, free);
}


bool
unit_pool_fails(void)
{
    unit_pool_t  *up = unit_malloc_pool;

    return up != NULL && ++up->count == up->fail_at;
}


ditto_str_t
unit_span(unit_pool_t *up, const void *data, size_t len)
{
    size_t       fail_at;
    ditto_str_t  s;

    fail_at = up->fail_at;
    up->fail_at = 0;

    s.len = len;
    s.data = up->pool.alloc(&up->pool, len == 0 ? 1 : len);

    if (s.data == NULL) {
        abort();
    }

    if (len != 0) {
        memcpy((void *) (uintptr_t) s.data, data, len);
    }

    up->count--;
    up->fail_at = fail_at;

    return s;
}


ditto_str_t
unit_str(unit_pool_t *up, const char *text)
{
    return unit_span(up, text, strlen(text));
}


ditto_rc_t
unit_buf_done(const ditto_buf_t *buf, ditto_str_t *out, ditto_error_t *err)
{
    return (ditto_buf_done(buf, out) == DITTO_OK) ? DITTO_OK
                                                  : ditto_fail_memory(err);
}


size_t
unit_every_allocation(unit_setup_pt setup, unit_call_pt call, void *ctx)
{
    bool           told, reached;
    size_t         n;
    unit_pool_t    first, up;
    unit_answer_t  expected, answer, again;

    unit_pool_init(&first);

    if (setup != NULL) {
        setup(&first, ctx);
    }

    unit_ask(&first, call, ctx, &expected);

    for (n = 1, told = true, reached = true; told && reached; n++) {
        unit_pool_init(&up);

        if (setup != NULL) {
            setup(&up, ctx);
        }

        up.count = 0;
        up.fail_at = n;
        unit_ask(&up, call, ctx, &answer);
        reached = (up.count >= n);

        told = (unit_same(&answer, &expected)
                && !(reached && answer.rc == DITTO_OK))
               || (reached && answer.rc == DITTO_ERROR
                   && answer.code == DITTO_E_INTERNAL);

        up.fail_at = 0;
        unit_ask(&up, call, ctx, &again);

        if (!told || !unit_same(&again, &expected)) {
            told = false;
            fprintf(stderr, "allocation %zu: %d (%d: %.*s) instead of %d (%d: "
                    "%.*s), then with memory %d (%d: %.*s)\n", n, answer.rc,
                    (int) answer.code, (int) answer.text.len,
                    (const char *) answer.text.data, expected.rc,
                    (int) expected.code, (int) expected.text.len,
                    (const char *) expected.text.data, again.rc,
                    (int) again.code, (int) again.text.len,
                    (const char *) again.text.data);
        }

        unit_pool_free(&up);
    }

    unit_pool_free(&first);

    return told ? n - 2 : SIZE_MAX;
}


static void
unit_ask(unit_pool_t *up, unit_call_pt call, void *ctx, unit_answer_t *answer)
{
    size_t         count, fail_at;
    ditto_buf_t    buf;
    ditto_error_t  err;

    memset(&err, 0, sizeof(err));
    memset(answer, 0, sizeof(unit_answer_t));

    answer->rc = call(up, ctx, &err);

    if (answer->rc != DITTO_ERROR) {
        return;
    }

    answer->code = err.code;

    count = up->count;
    fail_at = up->fail_at;
    up->fail_at = 0;

    ditto_buf_init(&buf, &up->pool, 0);
    ditto_error_text(&buf, &err);
    (void) ditto_buf_done(&buf, &answer->text);

    up->count = count;
    up->fail_at = fail_at;
}


static bool
unit_same(const unit_answer_t *a, const unit_answer_t *b)
{
    return a->rc == b->rc && a->code == b->code
           && ditto_str_eq(a->text, b->text);
}


/* Of the tests themselves: it does not count. */
static void *
unit_own_malloc(size_t size)
{
    void         *p;
    unit_pool_t  *up = unit_malloc_pool;

    unit_malloc_pool = NULL;
    p = malloc(size);
    unit_malloc_pool = up;

    return p;
}


static void *
unit_jansson_alloc(size_t size)
{
    return unit_pool_fails() ? NULL : unit_own_malloc(size);
}


static void *
unit_pool_alloc(ditto_pool_t *pool, size_t size)
{
    unit_pool_t   *up = (unit_pool_t *) pool;
    unit_block_t  *b;

    if (++up->count == up->fail_at) {
        return NULL;
    }

    b = unit_own_malloc(sizeof(unit_block_t));
    if (b == NULL) {
        return NULL;
    }

    b->data = unit_own_malloc(size);
    if (b->data == NULL) {
        free(b);
        return NULL;
    }

    memset(b->data, 0xa5, size);

    b->next = up->blocks;
    up->blocks = b;

    return b->data;
}
