#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>

#include "ditto_json.h"


#define FUZZ_ANSWERS  1000


/* What a run was told, to be compared with what the next one is told. */
typedef struct {
    ditto_rc_t          rc;
    ditto_error_code_e  code;
    size_t              hash;        /* of a text */
} fuzz_answer_t;


static void fuzz_answer(unit_pool_t *up, ditto_rc_t rc,
    ditto_error_code_e code, ditto_str_t text);
static bool fuzz_starved(const unit_pool_t *up);
static size_t fuzz_hash(ditto_str_t text);


static fuzz_answer_t  fuzz_answers[FUZZ_ANSWERS];
static size_t         fuzz_nanswers;
static bool           fuzz_noticed;      /* from here on the two runs differ */


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t       allocations;
    unit_pool_t  up;
    ditto_str_t  in;

    in.data = data;
    in.len = size;

    unit_pool_init(&up);
    fuzz_nanswers = 0;
    fuzz_one(&up, in);
    allocations = up.count;
    unit_pool_free(&up);

    if (allocations == 0) {
        return 0;
    }

    /* the same one whenever this input is run */

    unit_pool_init(&up);
    up.fail_at = 1 + fuzz_hash(in) % allocations;
    fuzz_nanswers = 0;
    fuzz_noticed = false;
    fuzz_one(&up, in);
    unit_pool_free(&up);

    return 0;
}


ditto_str_t
fuzz_part(unit_pool_t *up, ditto_str_t *in)
{
    size_t       end;
    ditto_str_t  part;

    end = ditto_str_chr(*in, '\0', 0);
    part = unit_span(up, in->data, end);
    *in = ditto_str_sub(*in, end < in->len ? end + 1 : end, in->len);

    return part;
}


ditto_rc_t
fuzz_rc(unit_pool_t *up, ditto_rc_t rc, const ditto_error_t *err)
{
    ditto_buf_t    buf;
    ditto_str_t    text, none = ditto_null_string;
    ditto_error_t  invalid;

    if (rc != DITTO_ERROR) {
        fuzz_check(up, rc == DITTO_OK || rc == DITTO_DECLINED);
        fuzz_answer(up, rc, DITTO_E_NONE, none);

        return rc;
    }

    fuzz_answer(up, rc, err->code, none);

    fuzz_check(up, err->code > DITTO_E_NONE && err->code < DITTO_E_MAX);
    fuzz_check(up, err->code != DITTO_E_INTERNAL);
    fuzz_check(up, ditto_error_status(err) >= 400);

    ditto_buf_init(&buf, &up->pool, 0);
    ditto_buf_char(&buf, '{');
    ditto_error_members(&buf, err);
    ditto_buf_char(&buf, '}');

    if (fuzz_done(up, &buf, &text)) {
        fuzz_check(up, ditto_json_validate(text, &invalid) == DITTO_OK);
    }

    ditto_buf_init(&buf, &up->pool, 0);
    ditto_error_text(&buf, err);
    (void) fuzz_done(up, &buf, &text);

    return rc;
}


void
fuzz_require(unit_pool_t *up, bool condition, const char *text,
    const char *file, int line)
{
    if (!condition && !fuzz_starved(up)) {
        fprintf(stderr, "%s:%d: not so: %s\n", file, line, text);
        abort();
    }
}


bool
fuzz_done(unit_pool_t *up, const ditto_buf_t *buf, ditto_str_t *text)
{
    ditto_str_t  none = ditto_null_string;

    if (ditto_buf_done(buf, text) != DITTO_OK) {
        fuzz_check(up, false);
        fuzz_answer(up, DITTO_ERROR, DITTO_E_INTERNAL, none);
        return false;
    }

    fuzz_answer(up, DITTO_OK, DITTO_E_NONE, *text);

    return true;
}


bool
fuzz_scope(unit_pool_t *up, fuzz_scope_t *fs, ditto_str_t text)
{
    ditto_error_t             err;
    static const ditto_str_t  subjects[] = {
        ditto_string("nginx:device"), ditto_string("nginx:other")
    };

    memset(fs, 0, sizeof(fuzz_scope_t));
    memset(&err, 0, sizeof(err));

    if (text.len == 0) {
        text = unit_str(up, "{\"topic\":\"org.acme/pump-7/things/twin/events/"
                            "modified\",\"headers\":{\"device\":\"d,e\","
                            "\"x\":\"{\\\"a\\\":[1,{}]}\"},\"path\":"
                            "\"/features/f/properties/rpm\",\"value\":900,"
                            "\"revision\":12,\"timestamp\":"
                            "\"2024-01-02T03:04:05Z\"}");
    }

    if (fuzz_rc(up, ditto_signal_parse(&up->pool, text, &fs->signal, &err),
                &err)
        != DITTO_OK)
    {
        return false;
    }

    fs->scope.pool = &up->pool;
    fs->scope.cache = &fs->cache;
    fs->scope.signal = &fs->signal;
    fs->scope.connection_id = ditto_str("k1");
    fs->scope.subjects = subjects;
    fs->scope.nsubjects = 2;
    fs->scope.now.sec = 1704164645;
    fs->scope.now.nsec = 678000000;
    fs->scope.uuid = ditto_str("6e8f9f2c-0b1d-4c1e-9a57-3f0d2c7b8a90");

    return true;
}


/* Without memory: the same answer, or DITTO_E_INTERNAL. */
static void
fuzz_answer(unit_pool_t *up, ditto_rc_t rc, ditto_error_code_e code,
    ditto_str_t text)
{
    fuzz_answer_t  *a;

    if (fuzz_nanswers == FUZZ_ANSWERS) {
        return;
    }

    a = &fuzz_answers[fuzz_nanswers++];

    if (up->fail_at == 0) {
        a->rc = rc;
        a->code = code;
        a->hash = fuzz_hash(text);
        return;
    }

    if (fuzz_noticed) {
        return;
    }

    if (fuzz_starved(up) && rc == DITTO_ERROR && code == DITTO_E_INTERNAL) {
        fuzz_noticed = true;
        return;
    }

    if (a->rc != rc || a->code != code || a->hash != fuzz_hash(text)) {
        fprintf(stderr, "allocation %zu failed and nobody noticed, answer %zu "
                "was %d (error %d) and is %d (error %d)\n", up->fail_at,
                fuzz_nanswers, a->rc, (int) a->code, rc, (int) code);
        abort();
    }
}


static bool
fuzz_starved(const unit_pool_t *up)
{
    return up->fail_at != 0 && up->count >= up->fail_at;
}


static size_t
fuzz_hash(ditto_str_t text)
{
    size_t  i, hash;

    hash = text.len;

    for (i = 0; i < text.len; i++) {
        hash = hash * 31 + text.data[i];
    }

    return hash;
}
