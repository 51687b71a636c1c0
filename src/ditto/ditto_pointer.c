#include "ditto_pointer.h"


ditto_rc_t
ditto_pointer_parse(ditto_pool_t *pool, ditto_str_t text,
    ditto_pointer_t *pointer, ditto_error_t *err)
{
    size_t       i, n, from, to;
    ditto_str_t  s, none = ditto_null_string;

    s = text;

    if (s.len != 0 && s.data[0] == '/') {
        s = ditto_str_sub(s, 1, s.len);
    }

    if (s.len != 0 && s.data[s.len - 1] == '/') {
        s.len--;

        if (s.len == 0) {
            return ditto_fail(err, DITTO_E_JSON_POINTER_INVALID, text, none);
        }
    }

    pointer->segments = NULL;
    pointer->n = 0;

    if (s.len == 0) {
        return DITTO_OK;
    }

    n = 1;

    for (i = 0; i < s.len; i++) {
        if (s.data[i] == '/') {
            n++;
        }
    }

    pointer->segments = ditto_alloc(pool, n * sizeof(ditto_str_t));
    if (pointer->segments == NULL) {
        return ditto_fail_memory(err);
    }

    for (from = 0, i = 0; i < n; i++, from = to + 1) {
        to = ditto_str_chr(s, '/', from);

        if (to == from) {
            return ditto_fail(err, DITTO_E_JSON_POINTER_INVALID, text, none);
        }

        pointer->segments[i] = ditto_str_sub(s, from, to);
    }

    pointer->n = n;

    return DITTO_OK;
}


ditto_rc_t
ditto_pointer_parse_escaped(ditto_pool_t *pool, ditto_str_t text,
    ditto_pointer_t *pointer, ditto_error_t *err)
{
    size_t          i, j, k;
    ditto_str_t    *s;
    unsigned char  *p;

    if (ditto_pointer_parse(pool, text, pointer, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    for (i = 0; i < pointer->n; i++) {
        s = &pointer->segments[i];

        if (ditto_str_chr(*s, '~', 0) == s->len) {
            continue;
        }

        p = ditto_alloc(pool, s->len);
        if (p == NULL) {
            return ditto_fail_memory(err);
        }

        for (j = 0, k = 0; j < s->len; j++) {
            p[k++] = s->data[j];

            if (s->data[j] == '~' && j + 1 < s->len && s->data[j + 1] == '0') {
                j++;
            }
        }

        s->data = p;
        s->len = k;
    }

    return DITTO_OK;
}


void
ditto_pointer_render(ditto_buf_t *out, const ditto_pointer_t *pointer)
{
    size_t       i, j, from;
    ditto_str_t  s;

    if (pointer->n == 0) {
        ditto_buf_char(out, '/');
        return;
    }

    for (i = 0; i < pointer->n; i++) {
        ditto_buf_char(out, '/');

        s = pointer->segments[i];

        for (from = 0; from < s.len; from = j + 1) {
            j = ditto_str_chr(s, '~', from);

            ditto_buf_str(out, ditto_str_sub(s, from, j));

            if (j == s.len) {
                break;
            }

            ditto_buf_text(out, "~0");
        }
    }
}
