#include "ditto_charset.h"
#include "ditto_decode.h"

#include <errno.h>
#include <iconv.h>


/*
 * What the first of the names is called by whom, and how it is made of UTF-8.
 * Others are not looked for in the system: a sender may choose the name, and
 * the system has many that Java has not, and loads code for each.
 */
typedef struct {
    const char  *names;          /* Java's, in lower case, between blanks */
    const char  *encoding;       /* of iconv; NULL: there is nothing to do */
    const char  *mark;           /* in front of a text that is not empty */
} ditto_charset_row_t;


static const ditto_charset_row_t *ditto_charset_row(ditto_str_t name);
static size_t ditto_charset_run(iconv_t cd, ditto_str_t text,
    ditto_buf_t *out);


static const ditto_charset_row_t  ditto_charset_rows[] = {
    { "utf-8 unicode-1-1-utf-8 utf8",
      NULL, "" },
    { "utf-16 unicode unicodebig utf16 utf_16",
      "UTF-16BE", "\xfe\xff" },
    { "utf-16be iso-10646-ucs-2 unicodebigunmarked utf_16be "
      "x-utf-16be",
      "UTF-16BE", "" },
    { "utf-16le unicodelittleunmarked utf_16le x-utf-16le",
      "UTF-16LE", "" },
    { "utf-32 utf32 utf_32",
      "UTF-32BE", "" },
    { "utf-32be utf_32be x-utf-32be",
      "UTF-32BE", "" },
    { "utf-32le utf_32le x-utf-32le",
      "UTF-32LE", "" },
    { "us-ascii 646 ansi_x3.4-1968 ansi_x3.4-1986 ascii ascii7 cp367 "
      "csascii ibm367 iso-ir-6 iso646-us iso_646.irv:1983 "
      "iso_646.irv:1991 us",
      "US-ASCII", "" },
    { "iso-8859-1 819 8859_1 cp819 csisolatin1 ibm-819 ibm819 "
      "iso-ir-100 iso8859-1 iso8859_1 iso_8859-1 iso_8859-1:1987 "
      "iso_8859_1 l1 latin1",
      "ISO-8859-1", "" },
    { "iso-8859-2 8859_2 912 cp912 csisolatin2 ibm-912 ibm912 "
      "iso-ir-101 iso8859-2 iso8859_2 iso_8859-2 iso_8859-2:1987 l2 "
      "latin2",
      "ISO-8859-2", "" },
    { "iso-8859-3 8859_3 913 cp913 csisolatin3 ibm-913 ibm913 "
      "iso-ir-109 iso8859-3 iso8859_3 iso_8859-3 iso_8859-3:1988 l3 "
      "latin3",
      "ISO-8859-3", "" },
    { "iso-8859-4 8859_4 914 cp914 csisolatin4 ibm-914 ibm914 "
      "iso-ir-110 iso8859-4 iso8859_4 iso_8859-4 iso_8859-4:1988 l4 "
      "latin4",
      "ISO-8859-4", "" },
    { "iso-8859-5 8859_5 915 cp915 csisolatincyrillic cyrillic "
      "ibm-915 ibm915 iso-ir-144 iso8859-5 iso8859_5 iso_8859-5 "
      "iso_8859-5:1988",
      "ISO-8859-5", "" },
    { "iso-8859-6 1089 8859_6 arabic asmo-708 cp1089 csisolatinarabic "
      "ecma-114 ibm-1089 ibm1089 iso-ir-127 iso8859-6 iso8859_6 "
      "iso_8859-6 iso_8859-6:1987",
      "ISO-8859-6", "" },
    { "iso-8859-7 813 8859_7 cp813 csisolatingreek ecma-118 elot_928 "
      "greek greek8 ibm-813 ibm813 iso-ir-126 iso8859-7 iso8859_7 "
      "iso_8859-7 iso_8859-7:1987 sun_eu_greek",
      "ISO-8859-7", "" },
    { "iso-8859-8 8859_8 916 cp916 csisolatinhebrew hebrew ibm-916 "
      "ibm916 iso-ir-138 iso8859-8 iso8859_8 iso_8859-8 "
      "iso_8859-8:1988",
      "ISO-8859-8", "" },
    { "iso-8859-9 8859_9 920 cp920 csisolatin5 ibm-920 ibm920 "
      "iso-ir-148 iso8859-9 iso8859_9 iso_8859-9 iso_8859-9:1989 l5 "
      "latin5",
      "ISO-8859-9", "" },
    { "iso-8859-13 8859_13 iso8859-13 iso8859_13 iso_8859-13",
      "ISO-8859-13", "" },
    { "iso-8859-15 8859_15 923 cp923 csiso885915 csisolatin0 "
      "csisolatin9 ibm-923 ibm923 iso8859-15 iso8859_15 "
      "iso8859_15_fdis iso_8859-15 l9 latin-9 latin0 latin9",
      "ISO-8859-15", "" },
    { "iso-8859-16 csiso885916 iso-ir-226 iso8859_16 iso_8859-16 "
      "iso_8859-16:2001 l10 latin10",
      "ISO-8859-16", "" },
    { "windows-1250 cp1250 cp5346",
      "CP1250", "" },
    { "windows-1251 ansi-1251 cp1251 cp5347",
      "CP1251", "" },
    { "windows-1252 cp1252 cp5348 ibm-1252 ibm1252",
      "CP1252", "" },
    { "windows-1253 cp1253 cp5349",
      "CP1253", "" },
    { "windows-1254 cp1254 cp5350",
      "CP1254", "" },
    { "windows-1255 cp1255",
      "CP1255", "" },
    { "windows-1256 cp1256",
      "CP1256", "" },
    { "windows-1257 cp1257 cp5353",
      "CP1257", "" },
    { "windows-1258 cp1258",
      "CP1258", "" },
    { "koi8-r cskoi8r koi8 koi8_r",
      "KOI8-R", "" },
    { "koi8-u koi8_u",
      "KOI8-U", "" },
    { "ibm437 437 cp437 cspc8codepage437 ibm-437 windows-437",
      "IBM437", "" },
    { "ibm850 850 cp850 cspc850multilingual ibm-850",
      "IBM850", "" },
    { "ibm852 852 cp852 cspcp852 ibm-852",
      "IBM852", "" },
    { "ibm866 866 cp866 csibm866 ibm-866",
      "IBM866", "" },
    { "tis-620 tis620 tis620.2533",
      "TIS-620", "" },
    { "gb2312 euc-cn euc_cn euccn gb2312-1980 gb2312-80 x-euc-cn",
      "EUC-CN", "" },
    { "gbk cp936 windows-936",
      "GBK", "" },
    { "gb18030 gb18030-2022",
      "GB18030", "" },
    { "big5 csbig5",
      "BIG5", "" },
    { "euc-jp cseucpkdfmtjapanese euc_jp eucjis eucjp "
      "extended_unix_code_packed_format_for_japanese x-euc-jp x-eucjp",
      "EUC-JP", "" },
    { "shift_jis csshiftjis ms_kanji shift-jis sjis x-sjis",
      "SHIFT_JIS", "" },
    { "windows-31j cswindows31j ms932 windows-932",
      "CP932", "" },
    { "euc-kr 5601 cseuckr euc_kr euckr ks_c_5601-1987 ksc5601 "
      "ksc5601-1987 ksc5601_1987 ksc_5601",
      "EUC-KR", "" },
};


ditto_str_t
ditto_charset_of(ditto_str_t content_type)
{
    size_t       at, end, eq;
    ditto_str_t  param, name, value, none = ditto_null_string;

    for (at = ditto_str_chr(content_type, ';', 0); at < content_type.len;
         at = end)
    {
        end = ditto_str_chr(content_type, ';', at + 1);
        param = ditto_str_trim(ditto_str_sub(content_type, at + 1, end));
        eq = ditto_str_chr(param, '=', 0);
        name = ditto_str_sub(param, 0, eq);

        if (eq == param.len || !ditto_str_caseeq(name, ditto_str("charset"))) {
            continue;
        }

        value = ditto_str_sub(param, eq + 1, param.len);

        if (value.len >= 2 && value.data[0] == '"'
            && value.data[value.len - 1] == '"')
        {
            value = ditto_str_sub(value, 1, value.len - 1);
        }

        return ditto_str_caseeq(value, ditto_str("utf-8")) ? none : value;
    }

    return none;
}


ditto_rc_t
ditto_charset_encode(ditto_pool_t *pool, ditto_str_t charset,
    ditto_str_t text, ditto_str_t *out)
{
    size_t                      at;
    iconv_t                     cd;
    ditto_buf_t                 buf;
    const ditto_charset_row_t  *row;

    *out = text;
    row = ditto_charset_row(charset);

    if (text.len == 0 || row == NULL || row->encoding == NULL) {
        return DITTO_OK;
    }

    cd = iconv_open(row->encoding, "UTF-8");

    if (cd == (iconv_t) -1) {
        return DITTO_OK;
    }

    ditto_buf_init(&buf, pool, text.len + 4);
    ditto_buf_text(&buf, row->mark);

    for (at = 0; at < text.len && !buf.failed; /* void */ ) {
        at += ditto_charset_run(cd, ditto_str_sub(text, at, text.len), &buf);
    }

    (void) iconv_close(cd);

    return ditto_buf_done(&buf, out);
}


static const ditto_charset_row_t *
ditto_charset_row(ditto_str_t name)
{
    size_t       i, from, to;
    ditto_str_t  names;

    for (i = 0; i < sizeof(ditto_charset_rows) / sizeof(ditto_charset_rows[0]);
         i++)
    {
        names = ditto_str(ditto_charset_rows[i].names);

        for (from = 0; from < names.len; from = to + 1) {
            to = ditto_str_chr(names, ' ', from);

            if (ditto_str_caseeq(name, ditto_str_sub(names, from, to))) {
                return &ditto_charset_rows[i];
            }
        }
    }

    return NULL;
}


/* Bytes of text that were dealt with, at least one. */
static size_t
ditto_charset_run(iconv_t cd, ditto_str_t text, ditto_buf_t *out)
{
    int       err;
    char      bytes[512], *in, *to, mark[] = "?";
    size_t    left, room, n, size;
    uint32_t  c;

    in = (char *) (uintptr_t) text.data;
    left = text.len;
    to = bytes;
    room = sizeof(bytes) - 16;

    errno = 0;
    (void) iconv(cd, &in, &left, &to, &room);
    err = errno;

    n = text.len - left;

    if (left != 0 && err != E2BIG) {
        size = ditto_decode_char(text, n, &c);
        n += size;

        in = mark;
        left = 1;
        room = 16;
        (void) iconv(cd, &in, &left, &to, &room);
    }

    ditto_buf_add(out, bytes, (size_t) (to - bytes));

    return n;
}
