
/*
 * A load generator that knows the fate of each request: POSTs with running
 * numbers over kept-alive connections, one at a time on each.
 *
 * Nothing is ever sent twice, so that "acknowledged" and "in Kafka" can be
 * compared number by number.  A connection that the server closes is replaced
 * and its request keeps the fate it met.
 */

#ifndef LOAD_H
#define LOAD_H

#define _GNU_SOURCE

#include <errno.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>


#define LOAD_CONNECTIONS  4096
#define LOAD_TYPE         "Content-Type:"
#define LOAD_MARKS        8192     /* in the body */
#define LOAD_EXTRA        4096     /* bytes of the options --header */
#define LOAD_HEAD         1024     /* bytes of a request beside them, and of
                                      HTTP/2's other frames */
#define LOAD_IN           65536    /* bytes read at once; the head of an
                                      answer and a frame must fit */
#define LOAD_WATCHED      16       /* options --cpu */
#define LOAD_STATUS       1000

/* the fate of a request; from 100 on: the status of its answer */
#define LOAD_UNSENT       0        /* told to end, or nobody listens */
#define LOAD_CLOSED       (-1)     /* a used connection closed, no byte back */
#define LOAD_BROKEN       (-2)     /* any other end without a whole answer */
#define LOAD_LATE         (-3)     /* no answer in time */

#define LOAD_MORE         0        /* the answer is not complete */
#define LOAD_DONE         1
#define LOAD_WRONG        2        /* nothing that was to be expected */


typedef struct load_s             load_t;
typedef struct load_connection_s  load_connection_t;


struct load_connection_s {
    int       fd;                  /* -1: retired */
    SSL      *ssl;
    int       connecting;          /* or in the handshake */
    int       busy;                /* a request is under way */
    long      answers;             /* that this connection has carried */
    long      number;              /* of the request under way */
    double    sent_at;

    char     *out;
    size_t    out_size;
    size_t    out_len;
    size_t    out_pos;

    char     *in;                  /* head of the answer, or frames */
    size_t    in_len;              /* 0: nothing of it came */
    int       status;
    int       chunked;
    int       close;
    int64_t   body_left;           /* -1: the head is not complete */
    char      tail[5];             /* of a chunked body */

    uint32_t  stream;              /* HTTP/2: of the request under way */
};


/* HTTP/1.1 or HTTP/2 */
typedef struct {
    /* What can be written once, before the first connection. */
    void    (*prepare)(load_t *l);

    /* What a new connection says first; appends to c->out. */
    void    (*open)(load_connection_t *c);

    /* Appends request c->number to c->out, which has room for it. */
    void    (*request)(load_t *l, load_connection_t *c);

    /*
     * n bytes more lie at c->in + c->in_len: LOAD_MORE, LOAD_DONE, LOAD_WRONG.
     * May append to c->out.
     */
    int     (*answer)(load_connection_t *c, size_t n);
} load_protocol_t;


typedef struct {
    char        *text;
    size_t       len;
    char         mark;             /* behind it: 'N', 'T' or the end, '\0' */
} load_piece_t;


typedef struct {
    uint16_t     port;
    const char  *path;
    int          connections;
    long         requests;
    long         first;
    long         things;           /* "@T@" is below */
    double       rate;             /* requests a second; 0: no limit */
    double       timeout;          /* seconds */
    double       seconds;          /* to measure; 0: all requests */
    double       warm;             /* seconds before that */
    int          tls;
    int          http2;
    const char  *body_file;
    const char  *results;
    const char  *watch[LOAD_WATCHED];     /* NAME=PID */
    int          watched;
    char         extra[LOAD_EXTRA];
} load_options_t;


typedef struct {
    uint64_t     all;              /* ns, of all threads */
    uint64_t     first;            /* ns, of the first one */
} load_cpu_t;


struct load_s {
    load_options_t          o;
    const load_protocol_t  *protocol;
    SSL_CTX                *tls;
    int                     epoll;
    load_connection_t      *connections;
    int                     alive;         /* connections not retired */
    int                     established;
    long                    next;          /* request, from 0 */
    double                  begun;
    double                  warm_from;     /* all connections are open */
    volatile sig_atomic_t   ended;         /* no new requests */

    int16_t                *fate;          /* of each request; or NULL */
    load_piece_t           *piece;
    size_t                  body_max;      /* bytes */

    /* between measured_at and measured_to; without --seconds: all the time */
    int                     measuring;
    double                  measured_at;
    double                  measured_to;
    long                    sent;
    long                    status[LOAD_STATUS];
    long                    closed;
    long                    broken;
    long                    late;
    load_cpu_t              cpu[LOAD_WATCHED];
};


/* load.c */

void load_die(const char *what);
double load_now(void);

/* The length of the body of request n, and the body itself. */
size_t load_body_len(load_t *l, long n);
char *load_body(load_t *l, char *p, long n);
char *load_decimal(char *p, unsigned long n);


/* load_run.c */

/* Sends and receives until everything is done. */
void load_run(load_t *l);


/* load_http1.c, load_http2.c */

extern const load_protocol_t  load_http1;
extern const load_protocol_t  load_http2;


/* load_measure.c */

void load_measure_begin(load_t *l);
void load_measure_end(load_t *l);
void load_measure_answer(load_t *l, int status, double seconds);

/* One JSON object on standard output. */
void load_measure_print(load_t *l);


#endif
