
#include "load.h"


static char    *load_head_text;    /* up to the value of Content-Length */
static size_t   load_head_len;


static void
load_http1_prepare(load_t *l)
{
    int  n;

    n = asprintf(&load_head_text, "POST %s HTTP/1.1\r\nHost: localhost\r\n"
                 "%sContent-Length: ", l->o.path, l->o.extra);

    if (n == -1) {
        load_die("start");
    }

    if (n > LOAD_EXTRA + LOAD_HEAD - 32) {
        fputs("ditto-load: the headers are too long\n", stderr);
        exit(1);
    }

    load_head_len = (size_t) n;
}


static void
load_http1_open(load_connection_t *c)
{
    (void) c;
}


static void
load_http1_request(load_t *l, load_connection_t *c)
{
    char  *p;

    p = c->out + c->out_len;

    memcpy(p, load_head_text, load_head_len);
    p = load_decimal(p + load_head_len,
                     (unsigned long) load_body_len(l, c->number));
    memcpy(p, "\r\n\r\n", 4);
    p = load_body(l, p + 4, c->number);

    c->out_len = (size_t) (p - c->out);
    c->in_len = 0;
    c->body_left = -1;
    c->chunked = 0;
}


static const char *
load_header(const char *head, const char *name)
{
    size_t       len;
    const char  *p;

    len = strlen(name);

    for (p = strstr(head, "\r\n"); p != NULL; p = strstr(p, "\r\n")) {
        p += 2;

        if (strncasecmp(p, name, len) == 0 && p[len] == ':') {
            return p + len + 1 + strspn(p + len + 1, " ");
        }
    }

    return NULL;
}


/* Bytes of the body. */
static int
load_http1_body(load_connection_t *c, const char *p, size_t n)
{
    size_t  keep;

    if (!c->chunked) {
        c->body_left -= (int64_t) n;
        return c->body_left <= 0 ? LOAD_DONE : LOAD_MORE;
    }

    /* the last chunk is "0\r\n\r\n"; nothing is pipelined behind it */

    if (n >= sizeof(c->tail)) {
        memcpy(c->tail, p + n - sizeof(c->tail), sizeof(c->tail));

    } else {
        keep = sizeof(c->tail) - n;
        memmove(c->tail, c->tail + n, keep);
        memcpy(c->tail + keep, p, n);
    }

    return memcmp(c->tail, "0\r\n\r\n", sizeof(c->tail)) == 0 ? LOAD_DONE
                                                              : LOAD_MORE;
}


static int
load_http1_answer(load_connection_t *c, size_t n)
{
    char        *end;
    size_t       rest;
    const char  *value;

    if (!c->busy) {
        return LOAD_WRONG;
    }

    if (c->body_left != -1) {
        return load_http1_body(c, c->in + c->in_len, n);
    }

    /* the head, perhaps with some of the body behind it */

    c->in_len += n;

    if (c->in_len == LOAD_IN) {
        return LOAD_WRONG;
    }

    c->in[c->in_len] = '\0';

    end = strstr(c->in, "\r\n\r\n");
    if (end == NULL) {
        return LOAD_MORE;
    }

    rest = c->in_len - (size_t) (end + 4 - c->in);
    end[2] = '\0';

    c->status = c->in_len > 12 ? atoi(c->in + 9) : 0;

    value = load_header(c->in, "Connection");
    c->close |= value != NULL && strncasecmp(value, "close", 5) == 0;

    value = load_header(c->in, "Transfer-Encoding");
    c->chunked = value != NULL && strncasecmp(value, "chunked", 7) == 0;

    value = load_header(c->in, "Content-Length");
    c->body_left = value != NULL ? strtoll(value, NULL, 10) : 0;
    memset(c->tail, 0, sizeof(c->tail));

    /* the room is for the rest of the body now */
    c->in_len = 1;

    return load_http1_body(c, end + 4, rest);
}


const load_protocol_t  load_http1 = {
    load_http1_prepare,
    load_http1_open,
    load_http1_request,
    load_http1_answer,
};
