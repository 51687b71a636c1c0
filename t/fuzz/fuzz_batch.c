/*
 * A batch has the same messages however it comes in pieces; those of an array
 * that is right are its elements.  The first byte says the kind and where the
 * first piece ends.
 *
 * Seed: A[{"a":"}]\\\"","b":[1,{"c":[]}]},2.5,"x",null,[]]
 * Seed: a{"a":1}
 * Seeds: envelope C[{text},{text}]
 * Seeds: policy_view M[{json}, {json}]
 * Words: json
 */

#include "fuzz.h"

#include "ditto_batch.h"
#include "ditto_json.h"


#define FUZZ_MESSAGES  64            /* compared */


typedef struct {
    ditto_str_t  messages[FUZZ_MESSAGES];
    size_t       n;
    ditto_rc_t   rc;                 /* after the last one */
} fuzz_batch_t;


static void fuzz_read(unit_pool_t *up, ditto_batch_e kind, ditto_str_t text,
    size_t first, fuzz_batch_t *read);
static void fuzz_elements(unit_pool_t *up, ditto_str_t text,
    const fuzz_batch_t *read);


void
fuzz_one(unit_pool_t *up, ditto_str_t in)
{
    size_t         i, first;
    ditto_str_t    text;
    fuzz_batch_t   whole, pieces;
    ditto_batch_e  kind;
    ditto_error_t  err;

    if (in.len == 0) {
        return;
    }

    kind = (in.data[0] & 1) ? DITTO_BATCH_ARRAY : DITTO_BATCH_LINES;
    text = ditto_str_sub(in, 1, in.len);
    first = text.len * (in.data[0] >> 1) / 128;

    fuzz_read(up, kind, text, text.len, &whole);
    fuzz_read(up, kind, text, first, &pieces);

    fuzz_check(up, whole.rc == pieces.rc && whole.n == pieces.n);

    for (i = 0; i < whole.n && i < FUZZ_MESSAGES; i++) {
        fuzz_check(up, whole.messages[i].data == pieces.messages[i].data
                       && whole.messages[i].len == pieces.messages[i].len);
    }

    text = ditto_str_trim(text);

    if (kind == DITTO_BATCH_ARRAY
        && ditto_json_validate(text, &err) == DITTO_OK && text.data[0] == '[')
    {
        fuzz_elements(up, text, &whole);
    }
}


static void
fuzz_read(unit_pool_t *up, ditto_batch_e kind, ditto_str_t text, size_t first,
    fuzz_batch_t *read)
{
    bool           last;
    size_t         at;
    ditto_str_t    piece, message;
    ditto_batch_t  batch;
    ditto_error_t  err;

    at = 0;
    read->n = 0;
    piece = ditto_str_sub(text, 0, first);
    last = (first == text.len);

    ditto_batch_init(&batch, kind);

    for ( ;; ) {
        memset(&err, 0, sizeof(err));

        read->rc = fuzz_rc(up, ditto_batch_next(&batch, piece, &at, last,
                                                &message, &err), &err);
        fuzz_check(up, at <= piece.len);

        if (read->rc == DITTO_OK) {

            if (read->n < FUZZ_MESSAGES) {
                read->messages[read->n] = message;
            }

            read->n++;
            continue;
        }

        if (read->rc == DITTO_ERROR || last) {
            return;
        }

        piece = text;
        last = true;
    }
}


static void
fuzz_elements(unit_pool_t *up, ditto_str_t text, const fuzz_batch_t *read)
{
    size_t        i;
    ditto_str_t   name, value;
    ditto_json_t  it;

    fuzz_check(up, read->rc == DITTO_DECLINED);

    ditto_json_iterate(&it, text);

    for (i = 0; ditto_json_next(&it, &name, &value); i++) {
        fuzz_check(up, i < read->n);

        if (i < FUZZ_MESSAGES) {
            fuzz_check(up, read->messages[i].data == value.data
                           && read->messages[i].len == value.len);
        }
    }

    fuzz_check(up, i == read->n);
}
