/*
 * Text in other character sets.  What is expected is what Java gives for the
 * same text: String.getBytes() of the charset by that name.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ditto_charset.h"
#include "unit_pool.h"


#define TEST_CHARS  20000            /* of a long text */


typedef struct {
    const char  *content_type;
    const char  *charset;            /* NULL: none, or UTF-8 */
} test_name_t;


typedef struct {
    const char  *charset;
    const char  *text;
    const char  *bytes;              /* hexadecimal */
} test_text_t;


/* --- the parameter of a content type -------------------------------------- */

static const test_name_t  test_names[] = {
    { "", NULL },
    { "text/plain", NULL },
    { "charset=utf-16", NULL },
    { "text/plain;charset=utf-16", "utf-16" },
    { "text/plain; charset=ISO-8859-1", "ISO-8859-1" },
    { "text/plain;  charset=latin1", "latin1" },
    { "text/plain ;\tcharset=latin1 ", "latin1" },
    { "text/plain; charset=\"utf-16\"", "utf-16" },
    { "text/plain; Charset=utf-16", "utf-16" },
    { "text/plain; CHARSET=utf-16", "utf-16" },
    { "text/plain; a=b; charset=utf-16", "utf-16" },
    { "text/plain; charset=utf-16; a=b", "utf-16" },
    { "text/plain; charset=utf-16;charset=utf-32", "utf-16" },
    { "text/plain;;charset=utf-16", "utf-16" },
    { ";charset=x", "x" },

    /* UTF-8 is what there is already */
    { "text/plain; charset=utf-8", NULL },
    { "text/plain; charset=UTF-8", NULL },
    { "text/plain; charset=\"Utf-8\"", NULL },

    /* not this parameter */
    { "text/plain; xcharset=utf-16", NULL },
    { "text/plain; charsets=utf-16", NULL },
    { "text/plain; charset", NULL },
    { "text/plain; a=charset=utf-16", NULL },
    { "text/charset=utf-16", NULL },

    /* nothing in it is no name */
    { "text/plain; charset=", "" },
    { "text/plain; charset=\"\"", "" },
    { "text/plain; charset=\"", "\"" },
};


static void
test_charset_of(void **state)
{
    size_t              i;
    ditto_str_t         name;
    unit_pool_t         up;
    const test_name_t  *t;

    (void) state;

    for (i = 0; i < sizeof(test_names) / sizeof(test_names[0]); i++) {
        t = &test_names[i];

        unit_pool_init(&up);
        name = ditto_charset_of(unit_str(&up, t->content_type));

        if (t->charset == NULL ? name.data != NULL
                               : name.data == NULL
                                 || !ditto_str_eq(name,
                                                  ditto_str(t->charset)))
        {
            fail_msg("%s: %.*s", t->content_type, (int) name.len,
                     (const char *) name.data);
        }

        unit_pool_free(&up);
    }
}


/* --- text ----------------------------------------------------------------- */

#define A_UMLAUT  "\xc3\xa4"             /* U+00E4 */
#define EURO      "\xe2\x82\xac"         /* U+20AC */
#define HAN       "\xe4\xb8\xad"         /* U+4E2D */
#define FACE      "\xf0\x9f\x98\x80"     /* U+1F600 */


static const test_text_t  test_texts[] = {

    /* what a charset does not have is a question mark, one for a character */
    { "US-ASCII", "a" A_UMLAUT "b" EURO FACE "c", "613f623f3f63" },
    { "ISO-8859-1", "a" A_UMLAUT "b" EURO FACE "c", "61e4623f3f63" },
    { "ISO-8859-15", A_UMLAUT EURO FACE, "e4a43f" },
    { "windows-1252", A_UMLAUT EURO HAN, "e4803f" },
    { "KOI8-R", "\xd0\x96\xd1\x8f" EURO, "f6d13f" },
    { "windows-1251", "\xd0\x96\xd1\x8f" A_UMLAUT, "c6ff3f" },
    { "Shift_JIS", "a" HAN FACE, "6192863f" },
    { "EUC-JP", "a" HAN FACE, "61c3e63f" },
    { "EUC-KR", HAN FACE, "f1e93f" },
    { "Big5", HAN FACE, "a4a43f" },
    { "GBK", HAN FACE, "d6d03f" },
    { "GB18030", HAN FACE, "d6d09439fc36" },

    /* the mark and big-endian units; none of an empty text */
    { "UTF-16", "a" A_UMLAUT FACE, "feff006100e4d83dde00" },
    { "UTF-16", "", "" },
    { "UTF-16BE", "a" EURO, "006120ac" },
    { "UTF-16LE", "a" EURO, "6100ac20" },
    /* big-endian, without a mark */
    { "UTF-32", "a" FACE, "000000610001f600" },
    { "UTF-32BE", "a" FACE, "000000610001f600" },
    { "UTF-32LE", "a" FACE, "6100000000f60100" },

    /* names, and others for the same */
    { "utf-16", "a", "feff0061" },
    { "UTF16", "a", "feff0061" },
    { "UTF_16", "a", "feff0061" },
    { "unicode", "a", "feff0061" },
    { "UTF32", "a", "00000061" },
    { "UnicodeBigUnmarked", "a", "0061" },
    { "iso-8859-1", A_UMLAUT, "e4" },
    { "latin1", A_UMLAUT, "e4" },
    { "ISO8859_1", A_UMLAUT, "e4" },
    { "ISO_8859-1:1987", A_UMLAUT, "e4" },
    { "ASCII", A_UMLAUT, "3f" },
    { "Latin-9", EURO, "a4" },
    { "ISO8859_15", EURO, "a4" },
    { "Cp1252", EURO, "80" },
    { "koi8_r", "\xd0\x96", "f6" },
    { "SJIS", HAN, "9286" },
    { "UTF8", A_UMLAUT, "c3a4" },
    { "unicode-1-1-utf-8", A_UMLAUT, "c3a4" },

    /* what Java does not know is UTF-8, whatever the system makes of it */
    { "nope", A_UMLAUT, "c3a4" },
    { "", A_UMLAUT, "c3a4" },
    { " ISO-8859-1", A_UMLAUT, "c3a4" },
    { "ISO-8859-1 ", A_UMLAUT, "c3a4" },
    { "ISO-8859", A_UMLAUT, "c3a4" },
    { "ISO-8859-1//TRANSLIT", A_UMLAUT, "c3a4" },
    { "ISO-8859-1,TRANSLIT", A_UMLAUT, "c3a4" },
    { "ISO-8859-1//", A_UMLAUT, "c3a4" },
    { "//TRANSLIT", A_UMLAUT, "c3a4" },
    { "//", A_UMLAUT, "c3a4" },
    { "UTF-7", A_UMLAUT, "c3a4" },
    { "WCHAR_T", A_UMLAUT, "c3a4" },
    { "INTERNAL", A_UMLAUT, "c3a4" },
    { "UCS-2", A_UMLAUT, "c3a4" },
    { "JAVA", A_UMLAUT, "c3a4" },
    { "l1 latin1", A_UMLAUT, "c3a4" },
    { "ISO-8859-1-and-a-name-of-more-than-sixty-four-bytes-that-nobody-knows",
      A_UMLAUT, "c3a4" },
};


static const char *
test_hex(unit_pool_t *up, ditto_str_t bytes)
{
    size_t              i;
    char               *hex;
    static const char   digits[] = "0123456789abcdef";

    hex = up->pool.alloc(&up->pool, 2 * bytes.len + 1);
    assert_non_null(hex);

    for (i = 0; i < bytes.len; i++) {
        hex[2 * i] = digits[bytes.data[i] >> 4];
        hex[2 * i + 1] = digits[bytes.data[i] & 15];
    }

    hex[2 * i] = '\0';

    return hex;
}


static void
test_encode(void **state)
{
    size_t              i;
    ditto_str_t         out;
    unit_pool_t         up;
    const char         *hex;
    const test_text_t  *t;

    (void) state;

    for (i = 0; i < sizeof(test_texts) / sizeof(test_texts[0]); i++) {
        t = &test_texts[i];

        unit_pool_init(&up);

        assert_int_equal(ditto_charset_encode(&up.pool,
                                              unit_str(&up, t->charset),
                                              unit_str(&up, t->text), &out),
                         DITTO_OK);

        hex = test_hex(&up, out);

        if (strcmp(hex, t->bytes) != 0) {
            fail_msg("%s: expected %s, got %s", t->charset, t->bytes, hex);
        }

        unit_pool_free(&up);
    }
}


/* Longer than any buffer between, with what fits in each place of it. */
static void
test_long(void **state)
{
    size_t              i, j, n;
    ditto_str_t         out;
    ditto_buf_t         text, bytes;
    unit_pool_t         up;
    static const struct {
        const char  *charset;
        const char  *first;
        const char  *chars[3];
        size_t       sizes[3];
        const char  *encoded[3];
    }  rows[] = {
        { "ISO-8859-1", "", { "a", A_UMLAUT, FACE }, { 1, 1, 1 },
          { "a", "\xe4", "?" } },
        { "UTF-16", "\xfe\xff", { "a", EURO, FACE }, { 2, 2, 4 },
          { "\0a", "\x20\xac", "\xd8\x3d\xde\0" } },
        { "GB18030", "", { "a", HAN, FACE }, { 1, 2, 4 },
          { "a", "\xd6\xd0", "\x94\x39\xfc\x36" } },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {

        unit_pool_init(&up);
        ditto_buf_init(&text, &up.pool, 0);
        ditto_buf_init(&bytes, &up.pool, 0);
        ditto_buf_text(&bytes, rows[i].first);

        for (n = 0; n < TEST_CHARS; n++) {
            j = n * n % 7 % 3;

            ditto_buf_text(&text, rows[i].chars[j]);
            ditto_buf_add(&bytes, rows[i].encoded[j], rows[i].sizes[j]);
        }

        assert_int_equal(ditto_charset_encode(&up.pool,
                                              unit_str(&up, rows[i].charset),
                                              unit_span(&up, text.data,
                                                        text.len),
                                              &out),
                         DITTO_OK);
        assert_int_equal(out.len, bytes.len);
        assert_memory_equal(out.data, bytes.data, out.len);

        unit_pool_free(&up);
    }
}


/* What is no UTF-8 at all ends, and what is well-formed in it is kept. */
static void
test_malformed(void **state)
{
    size_t              i;
    ditto_str_t         out;
    unit_pool_t         up;
    static const char  *const  texts[] = {
        "\xff" "ab", "\x80" "ab", "\xc3" "ab", "\xe2\x82" "ab",
        "\xf0\x9f\x98" "ab", "\xed\xa0\x80" "ab", "ab\xc3", "ab\xe2\x82",
        "ab\xf0\x9f\x98", "ab\xff\xff", "\xc0\x80" "ab",
        "\xf4\x90\x80\x80" "ab", "\xf8" "ab",
    };

    (void) state;

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        unit_pool_init(&up);

        assert_int_equal(ditto_charset_encode(&up.pool,
                                              ditto_str("ISO-8859-1"),
                                              unit_str(&up, texts[i]), &out),
                         DITTO_OK);

        if (ditto_str_find(out, ditto_str("ab")) > out.len
            || out.len > strlen(texts[i])
            || ditto_str_chr(out, '?', 0) == out.len)
        {
            fail_msg("%s", test_hex(&up, unit_str(&up, texts[i])));
        }

        unit_pool_free(&up);
    }
}


/* Each allocation fails once: an error, and no leak of what iconv holds. */
static ditto_rc_t
test_memory_call(unit_pool_t *up, void *ctx, ditto_error_t *err)
{
    ditto_str_t         out;
    unit_pool_t         own;
    const test_text_t  *t = ctx;

    if (ditto_charset_encode(&up->pool, unit_str(up, t->charset),
                             unit_str(up, t->text), &out)
        != DITTO_OK)
    {
        return ditto_fail_memory(err);
    }

    unit_pool_init(&own);
    assert_string_equal(test_hex(&own, out), t->bytes);
    unit_pool_free(&own);

    return DITTO_OK;
}


static void
test_memory(void **state)
{
    size_t  i;

    (void) state;

    for (i = 0; i < sizeof(test_texts) / sizeof(test_texts[0]); i++) {
        assert_in_range(unit_every_allocation(NULL, test_memory_call,
                                              (void *) &test_texts[i]),
                        0, 20);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_charset_of),
        cmocka_unit_test(test_encode),
        cmocka_unit_test(test_long),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
