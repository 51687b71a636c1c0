
/*
 * As much of HTTP/2 (RFC 9113) as posting one small body at a time needs: a
 * body is one DATA frame, nothing is compressed, and nginx's flow control,
 * which gives a stream 64 kB at once, needs no account.
 */

#include "load.h"

#include <ctype.h>


#define LOAD_FRAME       9         /* bytes of a frame's head */
#define LOAD_FRAME_MAX   16384     /* bytes of its payload, by default */
#define LOAD_PING_LEN    8
#define LOAD_SHORT       126       /* bytes of a text with a length byte */

#define LOAD_DATA        0
#define LOAD_HEADERS     1
#define LOAD_RST_STREAM  3
#define LOAD_SETTINGS    4
#define LOAD_PING        6
#define LOAD_GOAWAY      7
#define LOAD_WINDOW      8

#define LOAD_ACK         1         /* flags */
#define LOAD_END_STREAM  1
#define LOAD_END_HEADERS 4
#define LOAD_PADDED      8
#define LOAD_PRIORITY    32


static char    load_block[LOAD_EXTRA + LOAD_HEAD];   /* the request's headers */
static size_t  load_block_len;


static void
load_block_byte(int byte)
{
    if (load_block_len == sizeof(load_block)) {
        fputs("ditto-load: the headers are too long\n", stderr);
        exit(1);
    }

    load_block[load_block_len++] = (char) byte;
}


static void
load_block_text(const char *p, size_t len, int lower)
{
    size_t  i;

    if (len > LOAD_SHORT) {
        fputs("ditto-load: a header is too long for --http2\n", stderr);
        exit(1);
    }

    load_block_byte((int) len);

    for (i = 0; i < len; i++) {
        load_block_byte(lower ? tolower((unsigned char) p[i]) : p[i]);
    }
}


static void
load_http2_prepare(load_t *l)
{
    const char  *p, *end, *colon, *value;

    if (l->body_max > LOAD_FRAME_MAX) {
        fputs("ditto-load: the body is too long for --http2\n", stderr);
        exit(1);
    }

    /* RFC 7541: indices of the static table, texts that are not indexed */

    load_block_byte(0x83);                           /* :method POST */
    load_block_byte(l->o.tls ? 0x87 : 0x86);         /* :scheme */
    load_block_byte(0x01);                           /* :authority */
    load_block_text("localhost", 9, 0);
    load_block_byte(0x04);                           /* :path */
    load_block_text(l->o.path, strlen(l->o.path), 0);

    for (p = l->o.extra; *p != '\0'; p = end + 2) {
        end = strstr(p, "\r\n");
        colon = memchr(p, ':', (size_t) (end - p));

        if (colon == NULL) {
            continue;
        }

        value = colon + 1 + strspn(colon + 1, " ");

        load_block_byte(0);
        load_block_text(p, (size_t) (colon - p), 1);
        load_block_text(value, (size_t) (end - value), 0);
    }
}


static char *
load_frame(char *p, size_t len, int type, int flags, uint32_t stream)
{
    p[0] = (char) (len >> 16);
    p[1] = (char) (len >> 8);
    p[2] = (char) len;
    p[3] = (char) type;
    p[4] = (char) flags;
    p[5] = (char) (stream >> 24);
    p[6] = (char) (stream >> 16);
    p[7] = (char) (stream >> 8);
    p[8] = (char) stream;

    return p + LOAD_FRAME;
}


static void
load_http2_open(load_connection_t *c)
{
    char         *p;
    static char   window[] = "\x40\0\0\0";
    static char   preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

    p = c->out + c->out_len;

    memcpy(p, preface, sizeof(preface) - 1);
    p = load_frame(p + sizeof(preface) - 1, 0, LOAD_SETTINGS, 0, 0);

    /* 2^30 bytes of answers: no connection lives to see their end */
    p = load_frame(p, sizeof(window) - 1, LOAD_WINDOW, 0, 0);
    memcpy(p, window, sizeof(window) - 1);
    p += sizeof(window) - 1;

    c->out_len = (size_t) (p - c->out);
    c->stream = (uint32_t) -1;
}


static void
load_http2_request(load_t *l, load_connection_t *c)
{
    char  *p;

    c->stream += 2;
    c->status = 0;

    p = c->out + c->out_len;

    p = load_frame(p, load_block_len, LOAD_HEADERS, LOAD_END_HEADERS,
                   c->stream);
    memcpy(p, load_block, load_block_len);
    p = load_frame(p + load_block_len, load_body_len(l, c->number), LOAD_DATA,
                   LOAD_END_STREAM, c->stream);
    p = load_body(l, p, c->number);

    c->out_len = (size_t) (p - c->out);
}


/* The status is the first header; nginx spells no digit in Huffman's code. */
static int
load_http2_status(const unsigned char *p, size_t len)
{
    static int  status[] = { 200, 204, 206, 304, 400, 404, 500 };

    while (len > 0 && (*p & 0xe0) == 0x20) {         /* size of the table */
        p++;
        len--;
    }

    if (len > 0 && *p >= 0x88 && *p <= 0x8e) {
        return status[*p - 0x88];
    }

    if (len > 4 && (*p & 0x0f) == 8 && p[1] == 3) {
        return (p[2] - '0') * 100 + (p[3] - '0') * 10 + p[4] - '0';
    }

    return 0;
}


static int
load_http2_frame(load_connection_t *c, int type, int flags, uint32_t stream,
    const unsigned char *p, size_t len)
{
    char    *out;
    size_t   size;

    if ((type == LOAD_SETTINGS || type == LOAD_PING) && !(flags & LOAD_ACK)) {

        size = type == LOAD_PING ? LOAD_PING_LEN : 0;

        if (len < size || c->out_size - c->out_len < LOAD_FRAME + size) {
            return LOAD_WRONG;
        }

        out = load_frame(c->out + c->out_len, size, type, LOAD_ACK, 0);
        memcpy(out, p, size);
        out += size;

        c->out_len = (size_t) (out - c->out);
        return LOAD_MORE;
    }

    if (type == LOAD_GOAWAY) {
        c->close = 1;
        return LOAD_MORE;
    }

    if (stream != c->stream || !c->busy) {
        return LOAD_MORE;
    }

    if (type == LOAD_RST_STREAM) {
        return LOAD_WRONG;
    }

    if (type == LOAD_HEADERS) {
        if (flags & (LOAD_PADDED | LOAD_PRIORITY)) {
            return LOAD_WRONG;
        }

        c->status = load_http2_status(p, len);
    }

    return (type == LOAD_HEADERS || type == LOAD_DATA)
           && (flags & LOAD_END_STREAM) ? LOAD_DONE : LOAD_MORE;
}


static int
load_http2_answer(load_connection_t *c, size_t n)
{
    int                   rc, one;
    size_t                len, pos;
    uint32_t              stream;
    const unsigned char  *p;

    c->in_len += n;
    rc = LOAD_MORE;

    for (pos = 0; c->in_len - pos >= LOAD_FRAME; pos += LOAD_FRAME + len) {

        p = (unsigned char *) c->in + pos;
        len = (size_t) p[0] << 16 | (size_t) p[1] << 8 | p[2];
        stream = (uint32_t) p[5] << 24 | (uint32_t) p[6] << 16
                 | (uint32_t) p[7] << 8 | p[8];

        if (len > LOAD_FRAME_MAX) {
            return LOAD_WRONG;
        }

        if (c->in_len - pos < LOAD_FRAME + len) {
            break;
        }

        one = load_http2_frame(c, p[3], p[4], stream & 0x7fffffff,
                               p + LOAD_FRAME, len);

        /* nginx resets the stream of a body that it did not want to read */

        if (rc == LOAD_MORE) {
            rc = one;
        }
    }

    c->in_len -= pos;
    memmove(c->in, c->in + pos, c->in_len);

    return rc;
}


const load_protocol_t  load_http2 = {
    load_http2_prepare,
    load_http2_open,
    load_http2_request,
    load_http2_answer,
};
