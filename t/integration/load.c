/*
 * A load generator that knows the fate of each request: N POSTs with running
 * numbers over C kept-alive connections, one at a time on each.
 *
 * Nothing is ever sent twice, so that "acknowledged" and "in Kafka" can be
 * compared number by number.  A connection that the server closes is replaced
 * and its request keeps the fate it met.
 */

#define _GNU_SOURCE

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>


#define LOAD_CONNECTIONS  4096
#define LOAD_PIECES       64       /* of the body, between its numbers */
#define LOAD_MARK         "@N@"    /* becomes the number */
#define LOAD_EXTRA        4096     /* bytes of the options --header */
#define LOAD_ANSWER       65536    /* bytes of the head of an answer */
#define LOAD_EVENTS       256

/* the fate of a request; from 100 on: the status of its answer */
#define LOAD_UNSENT       0        /* told to end, or nobody listens */
#define LOAD_CLOSED       (-1)     /* a used connection closed, no byte back */
#define LOAD_BROKEN       (-2)     /* any other end without a whole answer */
#define LOAD_LATE         (-3)     /* no answer in time */


typedef struct {
    int       fd;                  /* -1: retired */
    int       connecting;
    int       busy;                /* a request is under way */
    long      answers;             /* that this connection has carried */
    long      number;              /* of the request under way */
    double    sent_at;

    char     *out;
    size_t    out_len;
    size_t    out_pos;

    char     *in;                  /* head of the answer */
    size_t    in_len;
    int       status;
    int       chunked;
    int       close;
    int64_t   body_left;           /* -1: the head is not complete */
    char      tail[5];             /* of a chunked body */
} load_connection_t;

typedef struct {
    uint16_t            port;
    const char         *path;
    int                 connections;
    long                requests;
    long                first;
    double              rate;      /* requests a second; 0: no limit */
    double              timeout;   /* seconds */
    const char         *body_file;
    const char         *results;
    char                extra[LOAD_EXTRA];
} load_options_t;

typedef struct {
    load_options_t      o;
    int                 epoll;
    load_connection_t  *connections;
    int                 alive;     /* connections not retired */
    long                next;      /* request, from 0 */
    double              begun;
    int16_t            *fate;      /* of each request */
    float              *ms;        /* until its answer */
    char               *body;
    const char         *piece[LOAD_PIECES];
    size_t              piece_len[LOAD_PIECES];
    int                 pieces;
    size_t              body_max;
} load_t;


static volatile sig_atomic_t  load_ended;


static void load_connect(load_t *l, load_connection_t *c);


static void
load_signal(int signo)
{
    (void) signo;
    load_ended = 1;
}


static double
load_now(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);

    return (double) ts.tv_sec + (double) ts.tv_nsec / 1e9;
}


static void
load_die(const char *what)
{
    fprintf(stderr, "ditto-load: %s: %s\n", what, strerror(errno));
    exit(1);
}


static void
load_watch(load_t *l, load_connection_t *c, int op, uint32_t events)
{
    struct epoll_event  ev;

    ev.events = events;
    ev.data.ptr = c;

    if (epoll_ctl(l->epoll, op, c->fd, &ev) == -1) {
        load_die("epoll_ctl");
    }
}


/* The body of request n into p; returns its length. */
static size_t
load_render(load_t *l, char *p, long n)
{
    int     i, len;
    char    number[24];
    size_t  total;

    len = snprintf(number, sizeof(number), "%ld", l->o.first + n);
    total = 0;

    for (i = 0; i < l->pieces; i++) {
        if (i != 0) {
            memcpy(p + total, number, (size_t) len);
            total += (size_t) len;
        }

        memcpy(p + total, l->piece[i], l->piece_len[i]);
        total += l->piece_len[i];
    }

    return total;
}


static void
load_retire(load_t *l, load_connection_t *c)
{
    if (c->fd != -1) {
        close(c->fd);
        c->fd = -1;
        l->alive--;
    }
}


/* The connection has gone; another one takes its place. */
static void
load_lost(load_t *l, load_connection_t *c, int fate)
{
    if (c->busy) {
        l->fate[c->number] = (int16_t) fate;
        c->busy = 0;
    }

    load_retire(l, c);

    if (l->next < l->o.requests && !load_ended) {
        load_connect(l, c);
    }
}


static int
load_fate_at_end(const load_connection_t *c)
{
    return c->answers > 0 && c->in_len == 0 ? LOAD_CLOSED : LOAD_BROKEN;
}


static void
load_write(load_t *l, load_connection_t *c)
{
    ssize_t  n;

    while (c->out_pos < c->out_len) {
        n = send(c->fd, c->out + c->out_pos, c->out_len - c->out_pos,
                 MSG_NOSIGNAL);

        if (n == -1 && errno == EAGAIN) {
            load_watch(l, c, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
            return;
        }

        if (n == -1) {
            load_lost(l, c, load_fate_at_end(c));
            return;
        }

        c->out_pos += (size_t) n;
    }

    load_watch(l, c, EPOLL_CTL_MOD, EPOLLIN);
}


/* Sends the next request on an idle connection, if one is due. */
static void
load_send(load_t *l, load_connection_t *c)
{
    int     head;
    char   *body;
    size_t  len;

    if (c->fd == -1 || c->busy || c->connecting || load_ended
        || l->next == l->o.requests)
    {
        return;
    }

    if (l->o.rate > 0
        && load_now() < l->begun + (double) l->next / l->o.rate)
    {
        return;
    }

    c->number = l->next++;
    c->busy = 1;
    c->in_len = 0;
    c->body_left = -1;
    c->chunked = 0;
    c->close = 0;

    /* the body first: the head tells its length */

    body = c->out + LOAD_EXTRA + 512;
    len = load_render(l, body, c->number);

    head = snprintf(c->out, LOAD_EXTRA + 512,
                    "POST %s HTTP/1.1\r\nHost: localhost\r\n"
                    "Content-Length: %zu\r\n%s\r\n",
                    l->o.path, len, l->o.extra);

    if (head < 0 || head >= LOAD_EXTRA + 512) {
        fputs("ditto-load: the headers are too long\n", stderr);
        exit(1);
    }

    memmove(c->out + head, body, len);
    c->out_len = (size_t) head + len;
    c->out_pos = 0;
    c->sent_at = load_now();

    load_write(l, c);
}


static void
load_answered(load_t *l, load_connection_t *c)
{
    l->fate[c->number] = (int16_t) c->status;
    l->ms[c->number] = (float) ((load_now() - c->sent_at) * 1000);
    c->busy = 0;
    c->answers++;

    if (c->close) {
        load_lost(l, c, LOAD_BROKEN);
        return;
    }

    load_send(l, c);
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


/* Bytes of the body; nonzero when the answer is complete. */
static int
load_body(load_connection_t *c, const char *p, size_t n)
{
    size_t  keep;

    if (!c->chunked) {
        c->body_left -= (int64_t) n;
        return c->body_left <= 0;
    }

    /* the last chunk is "0\r\n\r\n"; nothing is pipelined behind it */

    if (n >= sizeof(c->tail)) {
        memcpy(c->tail, p + n - sizeof(c->tail), sizeof(c->tail));

    } else {
        keep = sizeof(c->tail) - n;
        memmove(c->tail, c->tail + n, keep);
        memcpy(c->tail + keep, p, n);
    }

    return memcmp(c->tail, "0\r\n\r\n", sizeof(c->tail)) == 0;
}


/* The head is in c->in, perhaps with some of the body behind it. */
static int
load_head(load_connection_t *c)
{
    char        *end;
    size_t       rest;
    const char  *value;

    c->in[c->in_len] = '\0';

    end = strstr(c->in, "\r\n\r\n");
    if (end == NULL) {
        return 0;
    }

    rest = c->in_len - (size_t) (end + 4 - c->in);
    end[2] = '\0';

    c->status = c->in_len > 12 ? atoi(c->in + 9) : 0;

    value = load_header(c->in, "Connection");
    c->close = value != NULL && strncasecmp(value, "close", 5) == 0;

    value = load_header(c->in, "Transfer-Encoding");
    c->chunked = value != NULL && strncasecmp(value, "chunked", 7) == 0;

    value = load_header(c->in, "Content-Length");
    c->body_left = value != NULL ? strtoll(value, NULL, 10) : 0;
    memset(c->tail, 0, sizeof(c->tail));

    return load_body(c, end + 4, rest);
}


static void
load_read(load_t *l, load_connection_t *c)
{
    int      done;
    char     body[16384];
    ssize_t  n;

    for ( ;; ) {

        if (c->busy && c->body_left == -1) {
            n = recv(c->fd, c->in + c->in_len, LOAD_ANSWER - 1 - c->in_len, 0);

        } else {
            n = recv(c->fd, body, sizeof(body), 0);
        }

        if (n == -1 && errno == EAGAIN) {
            return;
        }

        if (n <= 0 || !c->busy) {
            load_lost(l, c, load_fate_at_end(c));
            return;
        }

        if (c->body_left == -1) {
            c->in_len += (size_t) n;
            done = load_head(c);

        } else {
            done = load_body(c, body, (size_t) n);
        }

        if (done) {
            load_answered(l, c);
            return;
        }
    }
}


static void
load_connect(load_t *l, load_connection_t *c)
{
    int                 on;
    struct sockaddr_in  sin;

    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd == -1) {
        load_die("socket");
    }

    l->alive++;
    c->busy = 0;
    c->in_len = 0;
    c->answers = 0;
    c->connecting = 1;

    on = 1;
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));

    memset(&sin, 0, sizeof(sin));
    sin.sin_family = AF_INET;
    sin.sin_port = htons(l->o.port);
    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

    if (connect(c->fd, (struct sockaddr *) &sin, sizeof(sin)) == -1
        && errno != EINPROGRESS)
    {
        load_retire(l, c);
        return;
    }

    load_watch(l, c, EPOLL_CTL_ADD, EPOLLIN | EPOLLOUT);
}


static void
load_event(load_t *l, load_connection_t *c, uint32_t events)
{
    int        error;
    socklen_t  len;

    if (c->fd == -1) {
        return;
    }

    if (c->connecting) {
        error = 0;
        len = sizeof(error);
        getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &len);

        if (error != 0) {
            load_retire(l, c);
            return;
        }

        c->connecting = 0;
        load_watch(l, c, EPOLL_CTL_MOD, EPOLLIN);
        load_send(l, c);
        return;
    }

    if ((events & EPOLLOUT) && c->busy && c->out_pos < c->out_len) {
        load_write(l, c);
        return;
    }

    load_read(l, c);
}


/* Ends what waits too long; nonzero while anything is under way. */
static int
load_look(load_t *l, double now)
{
    int                 i, busy;
    load_connection_t  *c;

    busy = 0;

    for (i = 0; i < l->o.connections; i++) {
        c = &l->connections[i];

        if (c->fd == -1 || !c->busy) {
            continue;
        }

        if (now > c->sent_at + l->o.timeout) {
            load_lost(l, c, LOAD_LATE);
            continue;
        }

        busy = 1;
    }

    return busy;
}


static void
load_run(load_t *l)
{
    int                 i, n, wait;
    double              now, looked, due;
    struct epoll_event  events[LOAD_EVENTS];

    l->begun = load_now();
    looked = l->begun;

    for (i = 0; i < l->o.connections; i++) {
        load_connect(l, &l->connections[i]);
    }

    while (l->alive > 0) {

        wait = 100;

        if (l->o.rate > 0 && l->next < l->o.requests) {
            due = l->begun + (double) l->next / l->o.rate - load_now();
            wait = due <= 0 ? 1 : due < 0.1 ? (int) (due * 1000) + 1 : 100;
        }

        n = epoll_wait(l->epoll, events, LOAD_EVENTS, wait);

        for (i = 0; i < n; i++) {
            load_event(l, events[i].data.ptr, events[i].events);
        }

        if (l->o.rate > 0) {
            for (i = 0; i < l->o.connections; i++) {
                load_send(l, &l->connections[i]);
            }
        }

        now = load_now();

        if (n == 0 || now > looked + 0.1) {
            looked = now;

            if (!load_look(l, now)
                && (load_ended || l->next == l->o.requests))
            {
                return;
            }
        }
    }
}


static int
load_compare(const void *a, const void *b)
{
    float  x = *(const float *) a, y = *(const float *) b;

    return x < y ? -1 : x > y;
}


static void
load_report(load_t *l, double seconds)
{
    long         i, answered, count[1000], closed, broken, late, unsent;
    FILE        *f;
    const char  *comma;

    memset(count, 0, sizeof(count));
    answered = closed = broken = late = unsent = 0;
    f = NULL;

    if (l->o.results != NULL) {
        f = fopen(l->o.results, "w");
        if (f == NULL) {
            load_die(l->o.results);
        }
    }

    for (i = 0; i < l->o.requests; i++) {

        switch (l->fate[i]) {
        case LOAD_UNSENT:
            unsent++;
            break;
        case LOAD_CLOSED:
            closed++;
            break;
        case LOAD_BROKEN:
            broken++;
            break;
        case LOAD_LATE:
            late++;
            break;
        default:
            count[l->fate[i] % 1000]++;
            l->ms[answered++] = l->ms[i];
        }

        if (f != NULL) {
            fprintf(f, "%ld %d\n", l->o.first + i, l->fate[i]);
        }
    }

    if (f != NULL && fclose(f) != 0) {
        load_die(l->o.results);
    }

    qsort(l->ms, (size_t) answered, sizeof(float), load_compare);

    printf("{\"requests\":%ld,\"seconds\":%.3f,\"rate\":%.0f,\"status\":{",
           l->o.requests, seconds, (double) answered / seconds);

    comma = "";

    for (i = 0; i < 1000; i++) {
        if (count[i] != 0) {
            printf("%s\"%ld\":%ld", comma, i, count[i]);
            comma = ",";
        }
    }

    printf("},\"unsent\":%ld,\"closed\":%ld,\"broken\":%ld,\"late\":%ld,"
           "\"p50_ms\":%.2f,\"p99_ms\":%.2f}\n",
           unsent, closed, broken, late,
           answered ? (double) l->ms[answered / 2] : 0,
           answered ? (double) l->ms[answered * 99 / 100] : 0);
}


static void
load_template(load_t *l)
{
    char   *p, *mark;
    FILE   *f;
    long    len;

    f = fopen(l->o.body_file, "r");
    if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (len = ftell(f)) == -1) {
        load_die(l->o.body_file);
    }

    rewind(f);

    l->body = calloc(1, (size_t) len + 1);
    if (l->body == NULL
        || fread(l->body, 1, (size_t) len, f) != (size_t) len)
    {
        load_die(l->o.body_file);
    }

    fclose(f);

    p = l->body;

    for ( ;; ) {
        mark = l->pieces < LOAD_PIECES - 1 ? strstr(p, LOAD_MARK) : NULL;

        l->piece[l->pieces] = p;
        l->piece_len[l->pieces] = mark != NULL ? (size_t) (mark - p)
                                               : strlen(p);
        l->pieces++;

        if (mark == NULL) {
            break;
        }

        p = mark + strlen(LOAD_MARK);
    }

    l->body_max = (size_t) len + (size_t) l->pieces * 24;
}


static void
load_prepare(load_t *l)
{
    int  i;

    load_template(l);

    l->connections = calloc((size_t) l->o.connections,
                            sizeof(load_connection_t));
    l->fate = calloc((size_t) l->o.requests, sizeof(int16_t));
    l->ms = calloc((size_t) l->o.requests, sizeof(float));
    l->epoll = epoll_create1(EPOLL_CLOEXEC);

    if (l->connections == NULL || l->fate == NULL || l->ms == NULL
        || l->epoll == -1)
    {
        load_die("start");
    }

    for (i = 0; i < l->o.connections; i++) {
        l->connections[i].fd = -1;
        l->connections[i].in = malloc(LOAD_ANSWER);
        l->connections[i].out = malloc(LOAD_EXTRA + 512 + l->body_max);

        if (l->connections[i].in == NULL || l->connections[i].out == NULL) {
            load_die("start");
        }
    }
}


static int
load_options(load_options_t *o, int argc, char **argv)
{
    int          i;
    size_t       len;
    const char  *name, *value;

    memset(o, 0, sizeof(load_options_t));
    o->path = "/ditto";
    o->connections = 1;
    o->requests = 1;
    o->timeout = 30;
    strcpy(o->extra, "Content-Type: application/vnd.eclipse.ditto+json\r\n");

    for (i = 1; i + 1 < argc; i += 2) {
        name = argv[i];
        value = argv[i + 1];

        if (strcmp(name, "--port") == 0) {
            o->port = (uint16_t) atoi(value);

        } else if (strcmp(name, "--path") == 0) {
            o->path = value;

        } else if (strcmp(name, "--connections") == 0) {
            o->connections = atoi(value);

        } else if (strcmp(name, "--requests") == 0) {
            o->requests = atol(value);

        } else if (strcmp(name, "--first") == 0) {
            o->first = atol(value);

        } else if (strcmp(name, "--rate") == 0) {
            o->rate = atof(value);

        } else if (strcmp(name, "--timeout") == 0) {
            o->timeout = atof(value);

        } else if (strcmp(name, "--body") == 0) {
            o->body_file = value;

        } else if (strcmp(name, "--results") == 0) {
            o->results = value;

        } else if (strcmp(name, "--header") == 0) {
            len = strlen(o->extra);

            if (len + strlen(value) + 3 > sizeof(o->extra)) {
                return -1;
            }

            sprintf(o->extra + len, "%s\r\n", value);

        } else {
            return -1;
        }
    }

    return i == argc && o->port != 0 && o->body_file != NULL
           && o->connections > 0 && o->connections <= LOAD_CONNECTIONS
           && o->requests > 0 ? 0 : -1;
}


int
main(int argc, char **argv)
{
    double            seconds;
    static load_t     l;
    struct sigaction  sa;

    if (load_options(&l.o, argc, argv) != 0) {
        fputs("usage: ditto-load --port PORT --body FILE [--path /ditto]\n"
              "           [--connections C] [--requests N] [--first NUMBER]\n"
              "           [--rate PER_SECOND] [--timeout SECONDS]\n"
              "           [--header 'NAME: VALUE']... [--results FILE]\n"
              "Each \"" LOAD_MARK "\" in FILE becomes the number of the "
              "request.  --results: a line\n\"NUMBER FATE\" for each; FATE is "
              "the status, 0 unsent, -1 a used connection was\nclosed without "
              "a byte, -2 broken otherwise, -3 no answer in time.\n"
              "SIGTERM: no new requests.\n", stderr);
        return 1;
    }

    memset(&sa, 0, sizeof(sa));
    sa.sa_handler = load_signal;
    sigaction(SIGTERM, &sa, NULL);
    sigaction(SIGINT, &sa, NULL);

    load_prepare(&l);
    load_run(&l);

    seconds = load_now() - l.begun;
    load_report(&l, seconds > 0 ? seconds : 1e-9);

    return 0;
}
