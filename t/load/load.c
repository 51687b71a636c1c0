
#include "load.h"

#include <limits.h>
#include <strings.h>
#include <sys/epoll.h>
#include <time.h>


static load_t  load;


static void
load_signal(int signo)
{
    (void) signo;
    load.ended = 1;
}


double
load_now(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);

    return (double) ts.tv_sec + (double) ts.tv_nsec / 1e9;
}


void
load_die(const char *what)
{
    fprintf(stderr, "ditto-load: %s: %s\n", what, strerror(errno));
    exit(1);
}


/* --- bodies -------------------------------------------------------------- */

char *
load_decimal(char *p, unsigned long n)
{
    char  digits[24], *d;

    d = digits + sizeof(digits);

    do {
        *--d = (char) ('0' + n % 10);
        n /= 10;
    } while (n != 0);

    memcpy(p, d, (size_t) (digits + sizeof(digits) - d));

    return p + (digits + sizeof(digits) - d);
}


static size_t
load_decimal_len(unsigned long n)
{
    size_t  len;

    for (len = 1; n > 9; n /= 10) {
        len++;
    }

    return len;
}


/* The things take turns in an order that no partition or cache is made for. */
static unsigned long
load_thing(load_t *l, unsigned long n)
{
    return (n * 2654435761u & 0xffffffff) * (unsigned long) l->o.things >> 32;
}


/*
 * What stands for mark i of request n: a batch has many marks, and as many
 * things.
 */
static unsigned long
load_mark(load_t *l, char mark, long n, unsigned long i)
{
    unsigned long  number;

    number = (unsigned long) (l->o.first + n);

    return mark == 'N' ? number : load_thing(l, number + i * 1000003);
}


size_t
load_body_len(load_t *l, long n)
{
    size_t         len;
    unsigned long  i;
    load_piece_t  *piece;

    len = 0;
    i = 0;

    for (piece = l->piece; /* void */ ; piece++) {
        len += piece->len;

        if (piece->mark == '\0') {
            return len;
        }

        len += load_decimal_len(load_mark(l, piece->mark, n, i++));
    }
}


char *
load_body(load_t *l, char *p, long n)
{
    unsigned long  i;
    load_piece_t  *piece;

    i = 0;

    for (piece = l->piece; /* void */ ; piece++) {
        memcpy(p, piece->text, piece->len);
        p += piece->len;

        if (piece->mark == '\0') {
            return p;
        }

        p = load_decimal(p, load_mark(l, piece->mark, n, i++));
    }
}


static char *
load_file(const char *name)
{
    char   *text;
    FILE   *f;
    long    len;

    f = fopen(name, "r");
    if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (len = ftell(f)) == -1) {
        load_die(name);
    }

    rewind(f);

    text = calloc(1, (size_t) len + 1);
    if (text == NULL || fread(text, 1, (size_t) len, f) != (size_t) len) {
        load_die(name);
    }

    fclose(f);

    return text;
}


/* Parts the template at its marks: "@N@" and "@T@". */
static void
load_template(load_t *l)
{
    char          *p, *mark;
    size_t         n;
    load_piece_t  *piece;

    l->piece = calloc(LOAD_MARKS + 1, sizeof(load_piece_t));
    if (l->piece == NULL) {
        load_die("start");
    }

    piece = l->piece;
    piece->text = load_file(l->o.body_file);
    n = 0;

    for (p = piece->text; (mark = strchr(p, '@')) != NULL; p = mark + 1) {

        if ((mark[1] != 'N' && mark[1] != 'T') || mark[2] != '@') {
            continue;
        }

        if (n++ == LOAD_MARKS) {
            fputs("ditto-load: too many marks\n", stderr);
            exit(1);
        }

        piece->len = (size_t) (mark - piece->text);
        piece->mark = mark[1];
        l->body_max += piece->len;

        piece++;
        mark += 2;
        piece->text = mark + 1;
    }

    piece->len = strlen(piece->text);
    l->body_max += piece->len + n * 20;
}


/* --- options ------------------------------------------------------------- */

static void
load_prepare(load_t *l)
{
    int                 i;
    load_connection_t  *c;

    load_template(l);

    l->connections = calloc((size_t) l->o.connections,
                            sizeof(load_connection_t));
    l->epoll = epoll_create1(EPOLL_CLOEXEC);

    if (l->o.results != NULL) {
        l->fate = calloc((size_t) l->o.requests, sizeof(int16_t));
        if (l->fate == NULL) {
            load_die("start");
        }
    }

    if (l->connections == NULL || l->epoll == -1) {
        load_die("start");
    }

    for (i = 0; i < l->o.connections; i++) {
        c = &l->connections[i];

        c->fd = -1;
        c->in = malloc(LOAD_IN);
        c->out_size = LOAD_EXTRA + LOAD_HEAD + l->body_max + LOAD_HEAD;
        c->out = malloc(c->out_size);

        if (c->in == NULL || c->out == NULL) {
            load_die("start");
        }
    }

    if (l->o.tls) {
        l->tls = SSL_CTX_new(TLS_client_method());
        if (l->tls == NULL) {
            load_die("SSL_CTX_new");
        }

        SSL_CTX_set_mode(l->tls, SSL_MODE_ENABLE_PARTIAL_WRITE
                                 | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);

        if (l->o.http2) {
            SSL_CTX_set_alpn_protos(l->tls, (unsigned char *) "\2h2", 3);
        }
    }

    l->protocol = l->o.http2 ? &load_http2 : &load_http1;
    l->protocol->prepare(l);
}


static int
load_option(load_options_t *o, const char *name, const char *value)
{
    size_t       i;
    const char  *equals, *rest;

    const struct {
        const char   *name;
        const char  **text;
        int          *number;
        long         *large;
        double       *real;
    } options[] = {
        { "--path", &o->path, NULL, NULL, NULL },
        { "--body", &o->body_file, NULL, NULL, NULL },
        { "--results", &o->results, NULL, NULL, NULL },
        { "--connections", NULL, &o->connections, NULL, NULL },
        { "--tls", NULL, &o->tls, NULL, NULL },
        { "--http2", NULL, &o->http2, NULL, NULL },
        { "--requests", NULL, NULL, &o->requests, NULL },
        { "--first", NULL, NULL, &o->first, NULL },
        { "--things", NULL, NULL, &o->things, NULL },
        { "--rate", NULL, NULL, NULL, &o->rate },
        { "--timeout", NULL, NULL, NULL, &o->timeout },
        { "--seconds", NULL, NULL, NULL, &o->seconds },
        { "--warm", NULL, NULL, NULL, &o->warm },
    };

    if (strcmp(name, "--port") == 0) {
        o->port = (uint16_t) atoi(value);
        return 0;
    }

    if (strcmp(name, "--header") == 0) {

        /* the type is the first line as long as it is the default */

        if (strncasecmp(value, LOAD_TYPE, strlen(LOAD_TYPE)) == 0
            && strncmp(o->extra, LOAD_TYPE, strlen(LOAD_TYPE)) == 0)
        {
            rest = strchr(o->extra, '\n') + 1;
            memmove(o->extra, rest, strlen(rest) + 1);
        }

        i = strlen(o->extra);

        if (i + strlen(value) + 3 > sizeof(o->extra)) {
            return -1;
        }

        sprintf(o->extra + i, "%s\r\n", value);
        return 0;
    }

    if (strcmp(name, "--cpu") == 0) {
        equals = strchr(value, '=');

        if (equals == NULL || equals[1] == '\0'
            || equals[1 + strspn(equals + 1, "0123456789")] != '\0'
            || o->watched == LOAD_WATCHED)
        {
            return -1;
        }

        o->watch[o->watched++] = value;
        return 0;
    }

    for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {

        if (strcmp(name, options[i].name) != 0) {
            continue;
        }

        if (options[i].text != NULL) {
            *options[i].text = value;

        } else if (options[i].number != NULL) {
            *options[i].number = atoi(value);

        } else if (options[i].large != NULL) {
            *options[i].large = atol(value);

        } else {
            *options[i].real = atof(value);
        }

        return 0;
    }

    return -1;
}


static int
load_options(load_options_t *o, int argc, char **argv)
{
    int  i;

    o->path = "/ditto";
    o->connections = 1;
    o->requests = 1;
    o->things = 1;
    o->timeout = 30;
    o->warm = 0.2;
    strcpy(o->extra, LOAD_TYPE " application/vnd.eclipse.ditto+json\r\n");

    for (i = 1; i + 1 < argc; i += 2) {
        if (load_option(o, argv[i], argv[i + 1]) != 0) {
            return -1;
        }
    }

    if (o->seconds > 0) {
        if (o->results != NULL) {
            return -1;
        }

        o->requests = LONG_MAX;
    }

    return i == argc && o->port != 0 && o->body_file != NULL
           && o->connections > 0 && o->connections <= LOAD_CONNECTIONS
           && o->requests > 0 && o->things > 0 ? 0 : -1;
}


static void
load_write_fates(load_t *l)
{
    long   i;
    FILE  *f;

    f = fopen(l->o.results, "w");
    if (f == NULL) {
        load_die(l->o.results);
    }

    for (i = 0; i < l->o.requests; i++) {
        fprintf(f, "%ld %d\n", l->o.first + i, l->fate[i]);
    }

    if (fclose(f) != 0) {
        load_die(l->o.results);
    }
}


int
main(int argc, char **argv)
{
    struct sigaction  sa;

    if (load_options(&load.o, argc, argv) != 0) {
        fputs("usage: ditto-load --port PORT --body FILE [--path /ditto]\n"
              "           [--connections C] [--requests N] [--first NUMBER]\n"
              "           [--things T] [--rate PER_SECOND] "
              "[--timeout SECONDS]\n"
              "           [--header 'NAME: VALUE']... [--tls 1] [--http2 1]\n"
              "           [--results FILE | --seconds S [--warm S]] "
              "[--cpu NAME=PID]...\n"
              "Each \"@N@\" in FILE becomes the number of the request, each "
              "\"@T@\" a number below T.\n"
              "--results: a line \"NUMBER FATE\" for each; FATE is the status,"
              " 0 unsent, -1 a\nused connection was closed without a byte, "
              "-2 broken otherwise, -3 no answer in\ntime.\n"
              "--seconds: no number of requests but S seconds are measured, "
              "when all\nconnections are open and have been warmed up.\n"
              "--cpu: the CPU time that a process uses meanwhile.\n"
              "SIGTERM: no new requests.\n", stderr);
        return 1;
    }

    memset(&sa, 0, sizeof(sa));
    sa.sa_handler = load_signal;
    sigaction(SIGTERM, &sa, NULL);
    sigaction(SIGINT, &sa, NULL);
    signal(SIGPIPE, SIG_IGN);

    load_prepare(&load);
    load_run(&load);

    if (load.o.results != NULL) {
        load_write_fates(&load);
    }

    load_measure_print(&load);

    return 0;
}
