/*
 * The URI of a connection: what java.net.URI accepts with a server authority,
 * and of that what Ditto accepts.
 *
 * Ditto: basic-connections "uri"; spec section "uri".
 */

#include "ditto_connection.h"
#include "ditto_decode.h"


#define DITTO_URI_PORT_MAX  2147483647   /* Ditto has no other limit here */


/* Character classes; a class may contain escapes and characters beyond ASCII
   where Java allows them. */
#define DITTO_URI_ALPHA   0x01
#define DITTO_URI_DIGIT   0x02
#define DITTO_URI_MARK    0x04           /* -_.!~*'() */
#define DITTO_URI_USER    0x08           /* ;:&=+$, */
#define DITTO_URI_PATH    0x10           /* :@&=+$,;/ */
#define DITTO_URI_ANY     0x20           /* ;/?:@&=+$,[] */
#define DITTO_URI_HEX     0x40

#define DITTO_URI_ALNUM       (DITTO_URI_ALPHA | DITTO_URI_DIGIT)
#define DITTO_URI_UNRESERVED  (DITTO_URI_ALNUM | DITTO_URI_MARK)


typedef struct {
    ditto_str_t  scheme;
    ditto_str_t  userinfo;               /* data is NULL: none */
    ditto_str_t  host;
    ditto_str_t  port;
    size_t       fault;                  /* where the grammar ends */
} ditto_uri_parts_t;


static bool ditto_uri_split(ditto_str_t text, ditto_uri_parts_t *parts);
static bool ditto_uri_authority(ditto_str_t text, size_t from, size_t to,
    ditto_uri_parts_t *parts);
static size_t ditto_uri_host(ditto_str_t text, size_t from, size_t to);
static size_t ditto_uri_ipv4(ditto_str_t text, size_t from, size_t to);
static size_t ditto_uri_hostname(ditto_str_t text, size_t from, size_t to);
static size_t ditto_uri_ipv6(ditto_str_t text, size_t from, size_t to);
static unsigned ditto_uri_class(unsigned char c);
static size_t ditto_uri_span(ditto_str_t text, size_t from, size_t to,
    unsigned classes);
static size_t ditto_uri_text(ditto_str_t text, size_t from, size_t to,
    unsigned classes);
static bool ditto_uri_port(ditto_str_t text, unsigned *port);
static void ditto_uri_ascii(ditto_buf_t *out, ditto_str_t text);
static ditto_rc_t ditto_uri_fail(ditto_pool_t *pool, ditto_str_t text,
    size_t offset, ditto_error_t *err);


ditto_rc_t
ditto_uri_parse(ditto_pool_t *pool, ditto_str_t text, ditto_uri_t *uri,
    ditto_error_t *err)
{
    size_t             i, colon;
    ditto_buf_t        buf;
    ditto_str_t        info, empty = ditto_string("");
    ditto_uri_parts_t  parts;

    memset(uri, 0, sizeof(ditto_uri_t));

    /* Blank is accepted here; the scheme is refused later. */

    for (i = 0; i < text.len && text.data[i] <= ' '; i++) { /* void */ }

    if (i == text.len) {
        uri->text = empty;
        uri->scheme = empty;
        uri->host = empty;
        return DITTO_OK;
    }

    if (!ditto_uri_split(text, &parts)) {
        return ditto_uri_fail(pool, text, parts.fault, err);
    }

    if (!ditto_uri_port(parts.port, &uri->port)) {
        return ditto_uri_fail(pool, text, (size_t) (parts.port.data
                                                    - text.data), err);
    }

    uri->scheme = parts.scheme;
    uri->host = parts.host;

    if (parts.userinfo.data != NULL) {

        if (ditto_decode_percent(pool, parts.userinfo, &info) != DITTO_OK) {
            return ditto_fail_memory(err);
        }

        colon = ditto_str_chr(info, ':', 0);

        if (colon < info.len) {
            uri->user = ditto_str_sub(info, 0, colon);
            uri->password = ditto_str_sub(info, colon + 1, info.len);
            uri->credentials = true;
        }
    }

    ditto_buf_init(&buf, pool, text.len + 1);
    ditto_uri_ascii(&buf, text);

    if (ditto_buf_done(&buf, &uri->text) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    return DITTO_OK;
}


/* Offset of the last c in s at or after from; from if there is none. */
static size_t
ditto_str_last(ditto_str_t s, char c, size_t from)
{
    size_t  i;

    for (i = s.len; i > from; i--) {
        if (s.data[i - 1] == (unsigned char) c) {
            return i - 1;
        }
    }

    return from;
}


/*
 * A text that is no URI is masked from its first colon behind the scheme to
 * its last "@": whatever was meant as the password lies between them.
 */
void
ditto_uri_mask(ditto_buf_t *out, ditto_str_t text)
{
    size_t             from, to, colon, digit;
    ditto_uri_parts_t  parts;

    static ditto_str_t  slashes = ditto_string("://");

    if (ditto_uri_split(text, &parts)) {

        if (parts.userinfo.data != NULL) {
            from = (size_t) (parts.userinfo.data - text.data);
            to = from + parts.userinfo.len;

        } else {
            /* an @ behind the host: a slash in the password */
            from = ditto_str_find(text, slashes) + slashes.len;
            to = ditto_str_last(text, '@', from);
        }

        if (to == from) {
            ditto_buf_str(out, text);
            return;
        }

    } else {

        from = ditto_str_find(text, slashes);
        from = (from > text.len) ? 0 : from + slashes.len;

        to = ditto_str_last(text, '@', from);

        if (to == from) {
            /*
             * no @: what follows the last colon may be half a password, unless
             * it begins as a port does
             */

            to = ditto_str_last(text, ':', from);

            for (digit = to + 1; digit < text.len; digit++) {
                if (text.data[digit] != ' ') {
                    break;
                }
            }

            if (to == from || digit >= text.len
                || (text.data[digit] >= '0' && text.data[digit] <= '9'))
            {
                ditto_buf_str(out, text);
                return;
            }

            to = text.len;
        }
    }

    /* An escaped colon separates as well. */

    for (colon = from; colon < to; colon++) {

        if (text.data[colon] == ':') {
            break;
        }

        if (to - colon >= 3 && text.data[colon] == '%'
            && text.data[colon + 1] == '3'
            && (text.data[colon + 2] | 0x20) == 'a')
        {
            colon += 2;
            break;
        }
    }

    if (colon == to) {
        ditto_buf_str(out, text);
        return;
    }

    ditto_buf_str(out, ditto_str_sub(text, 0, colon + 1));
    ditto_buf_text(out, "*****");
    ditto_buf_str(out, ditto_str_sub(text, to, text.len));
}


static bool
ditto_uri_split(ditto_str_t text, ditto_uri_parts_t *parts)
{
    size_t  at, end, path;

    memset(parts, 0, sizeof(ditto_uri_parts_t));

    /* scheme */

    at = 0;

    if (text.len != 0 && (ditto_uri_class(text.data[0]) & DITTO_URI_ALPHA)) {

        for (at = 1; at < text.len; at++) {
            if (!(ditto_uri_class(text.data[at]) & DITTO_URI_ALNUM)
                && text.data[at] != '+' && text.data[at] != '-'
                && text.data[at] != '.')
            {
                break;
            }
        }
    }

    parts->scheme = ditto_str_sub(text, 0, at);
    parts->fault = at;

    if (at == 0 || text.len - at < 3 || memcmp(text.data + at, "://", 3) != 0)
    {
        return false;
    }

    /* authority */

    at += 3;

    for (end = at; end < text.len; end++) {
        if (text.data[end] == '/' || text.data[end] == '?'
            || text.data[end] == '#')
        {
            break;
        }
    }

    if (!ditto_uri_authority(text, at, end, parts)) {
        return false;
    }

    /* path and fragment; a query is refused by Ditto */

    path = ditto_uri_text(text, end, text.len,
                          DITTO_URI_UNRESERVED | DITTO_URI_PATH);
    parts->fault = path;

    if (path == text.len) {
        return true;
    }

    if (text.data[path] != '#') {
        return false;
    }

    parts->fault = ditto_uri_text(text, path + 1, text.len,
                                  DITTO_URI_UNRESERVED | DITTO_URI_ANY);

    return parts->fault == text.len;
}


static bool
ditto_uri_authority(ditto_str_t text, size_t from, size_t to,
    ditto_uri_parts_t *parts)
{
    size_t  at, end;

    at = ditto_str_chr(ditto_str_sub(text, 0, to), '@', from);

    if (at < to) {
        parts->fault = ditto_uri_text(text, from, at,
                                      DITTO_URI_UNRESERVED | DITTO_URI_USER);
        if (parts->fault != at) {
            return false;
        }

        parts->userinfo = ditto_str_sub(text, from, at);
        from = at + 1;
    }

    end = ditto_uri_host(text, from, to);
    parts->fault = end;

    if (end == from || end == to || text.data[end] != ':') {
        return false;
    }

    parts->host = ditto_str_sub(text, from, end);
    parts->port = ditto_str_sub(text, end + 1, to);
    parts->fault = ditto_uri_span(text, end + 1, to, DITTO_URI_DIGIT);

    return parts->fault == to;
}


/* The end of the host at from; from if there is none. */
static size_t
ditto_uri_host(ditto_str_t text, size_t from, size_t to)
{
    size_t  end;

    if (from < to && text.data[from] == '[') {
        return ditto_uri_ipv6(text, from, to);
    }

    end = ditto_uri_ipv4(text, from, to);

    if (end != from && (end == to || text.data[end] == ':')) {
        return end;
    }

    return ditto_uri_hostname(text, from, to);
}


static size_t
ditto_uri_ipv4(ditto_str_t text, size_t from, size_t to)
{
    size_t    at, end;
    unsigned  i, byte;

    for (i = 0, at = from; i < 4; i++) {

        if (i != 0) {
            if (at == to || text.data[at] != '.') {
                return from;
            }

            at++;
        }

        for (end = at, byte = 0; end < to && end - at < 4; end++) {
            if (!(ditto_uri_class(text.data[end]) & DITTO_URI_DIGIT)) {
                break;
            }

            byte = byte * 10 + (unsigned) (text.data[end] - '0');
        }

        if (end == at || byte > 255) {
            return from;
        }

        at = end;
    }

    return at;
}


/* Labels of letters, digits and inner dashes; the last one of several begins
   with a letter. */
static size_t
ditto_uri_hostname(ditto_str_t text, size_t from, size_t to)
{
    size_t  at, label, end;

    label = from;

    for (at = from; at < to; at = end + 1) {

        if (!(ditto_uri_class(text.data[at]) & DITTO_URI_ALNUM)) {
            break;
        }

        label = at;

        for (end = at; end < to; end++) {
            if (!(ditto_uri_class(text.data[end]) & DITTO_URI_ALNUM)
                && text.data[end] != '-')
            {
                break;
            }
        }

        if (text.data[end - 1] == '-') {
            return from;
        }

        if (end == to || text.data[end] != '.') {
            at = end;
            break;
        }
    }

    if (label > from
        && !(ditto_uri_class(text.data[label]) & DITTO_URI_ALPHA))
    {
        return from;
    }

    return at;
}


/* Groups of hexadecimal digits, "::" once, an IPv4 address at the end. */
static size_t
ditto_uri_ipv6(ditto_str_t text, size_t from, size_t to)
{
    bool      gap;
    size_t    at, end, close;
    unsigned  groups;

    close = ditto_str_chr(ditto_str_sub(text, 0, to), ']', from);

    if (close == to) {
        return from;
    }

    at = from + 1;
    end = ditto_str_chr(ditto_str_sub(text, 0, close), '%', at);

    if (end < close
        && (end + 1 == close
            || ditto_uri_span(text, end + 1, close, DITTO_URI_ALNUM) != close))
    {
        return from;
    }

    to = end;
    gap = false;
    groups = 0;

    if (to - at >= 2 && text.data[at] == ':' && text.data[at + 1] == ':') {
        gap = true;
        at += 2;
    }

    while (at < to) {

        end = ditto_uri_span(text, at, to, DITTO_URI_HEX);

        if (end < to && text.data[end] == '.') {
            if (ditto_uri_ipv4(text, at, to) != to) {
                return from;
            }

            groups += 2;
            at = to;
            break;
        }

        if (end == at || end - at > 4 || ++groups > 8) {
            return from;
        }

        at = end;

        if (at == to) {
            break;
        }

        if (text.data[at] != ':' || ++at == to) {
            return from;
        }

        if (text.data[at] == ':') {
            if (gap) {
                return from;
            }

            gap = true;
            at++;
        }
    }

    if (gap ? groups > 7 : groups != 8) {
        return from;
    }

    return close + 1;
}


static unsigned
ditto_uri_class(unsigned char c)
{
    unsigned  classes;

    if (c >= '0' && c <= '9') {
        return DITTO_URI_DIGIT | DITTO_URI_HEX;
    }

    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
        c |= 0x20;
        return DITTO_URI_ALPHA | (c <= 'f' ? DITTO_URI_HEX : 0);
    }

    if (c == '\0') {
        return 0;
    }

    classes = 0;

    if (strchr("-_.!~*'()", c) != NULL) {
        classes |= DITTO_URI_MARK;
    }

    if (strchr(";:&=+$,", c) != NULL) {
        classes |= DITTO_URI_USER;
    }

    if (strchr(":@&=+$,;/", c) != NULL) {
        classes |= DITTO_URI_PATH;
    }

    if (strchr(";/?:@&=+$,[]", c) != NULL) {
        classes |= DITTO_URI_ANY;
    }

    return classes;
}


static size_t
ditto_uri_span(ditto_str_t text, size_t from, size_t to, unsigned classes)
{
    while (from < to && (ditto_uri_class(text.data[from]) & classes) != 0) {
        from++;
    }

    return from;
}


/* As ditto_uri_span(), with escapes and characters beyond ASCII. */
static size_t
ditto_uri_text(ditto_str_t text, size_t from, size_t to, unsigned classes)
{
    size_t    size;
    uint32_t  c;

    for ( ;; ) {

        from = ditto_uri_span(text, from, to, classes);

        if (from == to) {
            return to;
        }

        if (text.data[from] == '%') {

            if (to - from < 3
                || ditto_uri_span(text, from + 1, from + 3, DITTO_URI_HEX)
                   != from + 3)
            {
                return from;
            }

            from += 3;
            continue;
        }

        size = ditto_decode_char(text, from, &c);

        /* Controls and blanks are illegal in any script. */

        if (size == 1 || c <= 0xa0 || c == 0x1680
            || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029
            || c == 0x202f || c == 0x205f || c == 0x3000)
        {
            return from;
        }

        from += size;
    }
}


static bool
ditto_uri_port(ditto_str_t text, unsigned *port)
{
    size_t    i;
    uint64_t  n;

    for (i = 0, n = 0; i < text.len && n <= DITTO_URI_PORT_MAX; i++) {
        n = n * 10 + (uint64_t) (text.data[i] - '0');
    }

    *port = (unsigned) n;

    return n > 0 && n <= DITTO_URI_PORT_MAX;
}


static void
ditto_uri_ascii(ditto_buf_t *out, ditto_str_t text)
{
    char    escape[3];
    size_t  i;

    static const char  hex[] = "0123456789ABCDEF";

    for (i = 0; i < text.len; i++) {

        if (text.data[i] < 0x80) {
            ditto_buf_char(out, (char) text.data[i]);
            continue;
        }

        escape[0] = '%';
        escape[1] = hex[text.data[i] >> 4];
        escape[2] = hex[text.data[i] & 15];

        ditto_buf_add(out, escape, sizeof(escape));
    }
}


static ditto_rc_t
ditto_uri_fail(ditto_pool_t *pool, ditto_str_t text, size_t offset,
    ditto_error_t *err)
{
    ditto_buf_t  buf;
    ditto_str_t  masked, none = ditto_null_string;

    ditto_buf_init(&buf, pool, text.len + 8);
    ditto_uri_mask(&buf, text);

    if (ditto_buf_done(&buf, &masked) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    (void) ditto_fail(err, DITTO_E_CONNECTION_URI_INVALID, masked, none);
    err->offset = offset;

    return DITTO_ERROR;
}
