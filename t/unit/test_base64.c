#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ditto_base64.h"
#include "unit_pool.h"


typedef struct {
    const char  *text;
    const char  *bytes;          /* NULL: no base64 */
    bool         canonical;
} base64_case_t;


static const base64_case_t  base64_cases[] = {
    { "", "", true },
    { "YQ==", "a", true },
    { "YWI=", "ab", true },
    { "YWJj", "abc", true },
    { "YWJjZA==", "abcd", true },
    { "+/+/", "\xfb\xff\xbf", true },

    /* the padding is missing */
    { "YQ", "a", false },
    { "YWI", "ab", false },

    /* bits that are left over */
    { "YR==", "a", false },
    { "YWJ=", "ab", false },
    { "hi", "\x86", false },

    { "Y", NULL, false },
    { "YWJjZ", NULL, false },
    { "YQ=", NULL, false },
    { "YQ===", NULL, false },
    { "YWI==", NULL, false },
    { "YWJj=", NULL, false },
    { "YQ==YQ==", NULL, false },
    { "Y=Q=", NULL, false },
    { "=", NULL, false },
    { "====", NULL, false },
    { "YW-_", NULL, false },
    { "YW\nJj", NULL, false },
    { "YW\xc3\xa4", NULL, false },
};


static void
test_decode(void **state)
{
    size_t                i, len;
    ditto_str_t           text, bytes;
    unit_pool_t           up;
    unsigned char        *p;
    const base64_case_t  *c;

    (void) state;

    for (i = 0; i < sizeof(base64_cases) / sizeof(base64_cases[0]); i++) {
        c = &base64_cases[i];

        unit_pool_init(&up);
        text = unit_str(&up, c->text);
        p = ditto_alloc(&up.pool, ditto_base64_decoded(text.len));

        assert_int_equal(ditto_base64_canonical(text), c->canonical);
        assert_int_equal(ditto_base64_decode(text, p, &len), c->bytes != NULL);

        if (c->bytes != NULL) {
            bytes.data = p;
            bytes.len = len;

            assert_true(ditto_str_eq(bytes, ditto_str(c->bytes)));
        }

        unit_pool_free(&up);
    }
}


/* What is encoded is canonical and decodes to the same, whatever its length. */
static void
test_encode(void **state)
{
    size_t          n, len;
    unsigned char   bytes[64], text[128], back[64];
    ditto_str_t     s;

    (void) state;

    for (n = 0; n < 48; n++) {
        bytes[n] = (unsigned char) (n * 37 + 201);
        s.data = bytes;
        s.len = n;

        ditto_base64_encode(text, s);

        s.data = text;
        s.len = ditto_base64_encoded(n);

        assert_true(ditto_base64_canonical(s));
        assert_true(ditto_base64_decode(s, back, &len));
        assert_int_equal(len, n);
        assert_memory_equal(back, bytes, n);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_decode),
        cmocka_unit_test(test_encode),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
