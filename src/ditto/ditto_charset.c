#include "ditto_charset.h"
#include "ditto_decode.h"

#include <errno.h>
#include <iconv.h>


#define DITTO_CHARSET_NAME  64       /* bytes, longer names are unknown */


static size_t ditto_charset_run(iconv_t cd, ditto_str_t text,
    ditto_buf_t *out);


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
    char         name[DITTO_CHARSET_NAME];
    size_t       at;
    iconv_t      cd;
    ditto_buf_t  buf;

    *out = text;

    if (text.len == 0
        || charset.len == 0 || charset.len >= sizeof(name)
        || ditto_str_chr(charset, '/', 0) != charset.len
        || ditto_str_chr(charset, '\0', 0) != charset.len)
    {
        return DITTO_OK;
    }

    memcpy(name, charset.data, charset.len);
    name[charset.len] = '\0';

    ditto_buf_init(&buf, pool, text.len + 4);

    if (ditto_str_caseeq(charset, ditto_str("utf-16"))) {
        /* Java writes the mark and big-endian units */
        ditto_buf_add(&buf, "\xfe\xff", 2);
        cd = iconv_open("UTF-16BE", "UTF-8");

    } else {
        cd = iconv_open(name, "UTF-8");
    }

    if (cd == (iconv_t) -1) {
        return DITTO_OK;
    }

    for (at = 0; at < text.len && !buf.failed; /* void */ ) {
        at += ditto_charset_run(cd, ditto_str_sub(text, at, text.len), &buf);
    }

    (void) iconv_close(cd);

    return ditto_buf_done(&buf, out);
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
