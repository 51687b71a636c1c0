
#include "load.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>


#define LOAD_EVENTS   256
#define LOAD_CONNECT  10           /* s for all connections, with --seconds */


static void load_connect(load_t *l, load_connection_t *c);


static void
load_retire(load_t *l, load_connection_t *c)
{
    if (c->ssl != NULL) {
        SSL_free(c->ssl);
        c->ssl = NULL;
    }

    if (c->fd != -1) {
        close(c->fd);
        c->fd = -1;
        l->alive--;

        if (!c->connecting) {
            l->established--;
        }
    }
}


/* The connection has gone; another one takes its place. */
static void
load_lost(load_t *l, load_connection_t *c, int fate)
{
    if (c->busy) {
        c->busy = 0;

        if (l->fate != NULL) {
            l->fate[c->number] = (int16_t) fate;
        }

        switch (fate) {
        case LOAD_CLOSED:
            l->closed++;
            break;
        case LOAD_LATE:
            l->late++;
            break;
        default:
            l->broken++;
        }
    }

    load_retire(l, c);

    if (l->next < l->o.requests && !l->ended) {
        load_connect(l, c);
    }
}


static int
load_fate_at_end(const load_connection_t *c)
{
    return c->answers > 0 && c->in_len == 0 ? LOAD_CLOSED : LOAD_BROKEN;
}


/* As send() and recv(): -1 with EAGAIN when an event will tell. */
static ssize_t
load_io(load_connection_t *c, char *p, size_t n, int out)
{
    int  rc;

    if (c->ssl == NULL) {
        return out ? send(c->fd, p, n, MSG_NOSIGNAL) : recv(c->fd, p, n, 0);
    }

    rc = out ? SSL_write(c->ssl, p, (int) n) : SSL_read(c->ssl, p, (int) n);

    if (rc > 0) {
        return rc;
    }

    switch (SSL_get_error(c->ssl, rc)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        errno = EAGAIN;
        return -1;
    case SSL_ERROR_ZERO_RETURN:
        return 0;
    default:
        errno = EPIPE;
        return -1;
    }
}


static void
load_write(load_t *l, load_connection_t *c)
{
    ssize_t  n;

    while (c->out_pos < c->out_len) {
        n = load_io(c, c->out + c->out_pos, c->out_len - c->out_pos, 1);

        if (n == -1 && errno == EAGAIN) {
            return;
        }

        if (n <= 0) {
            load_lost(l, c, load_fate_at_end(c));
            return;
        }

        c->out_pos += (size_t) n;
    }

    c->out_pos = 0;
    c->out_len = 0;
}


/* Sends the next request on an idle connection, if one is due. */
static void
load_send(load_t *l, load_connection_t *c)
{
    if (c->fd == -1 || c->busy || c->connecting || c->out_len != 0 || l->ended
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

    l->protocol->request(l, c);

    c->sent_at = load_now();
    load_write(l, c);
}


static void
load_answered(load_t *l, load_connection_t *c)
{
    if (l->fate != NULL) {
        l->fate[c->number] = (int16_t) c->status;
    }

    load_measure_answer(l, c->status, load_now() - c->sent_at);

    c->busy = 0;
    c->answers++;

    if (c->close) {
        load_lost(l, c, LOAD_BROKEN);
        return;
    }

    load_send(l, c);
}


static void
load_read(load_t *l, load_connection_t *c)
{
    int      rc;
    ssize_t  n;

    for ( ;; ) {

        n = load_io(c, c->in + c->in_len, LOAD_IN - c->in_len, 0);

        if (n == -1 && errno == EAGAIN) {
            return;
        }

        if (n <= 0) {
            load_lost(l, c, load_fate_at_end(c));
            return;
        }

        rc = l->protocol->answer(c, (size_t) n);

        if (rc == LOAD_WRONG) {
            load_lost(l, c, load_fate_at_end(c));
            return;
        }

        if (c->out_len != 0) {
            load_write(l, c);

            if (c->fd == -1 || c->connecting) {
                return;
            }
        }

        if (rc == LOAD_DONE) {
            /* nothing but the end can be left: see the event's flags */
            load_answered(l, c);
            return;
        }
    }
}


static void
load_connect(load_t *l, load_connection_t *c)
{
    int                 on;
    struct epoll_event  ev;
    struct sockaddr_in  sin;

    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd == -1) {
        load_die("socket");
    }

    l->alive++;
    c->busy = 0;
    c->close = 0;
    c->in_len = 0;
    c->out_len = 0;
    c->out_pos = 0;
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

    if (l->tls != NULL) {
        c->ssl = SSL_new(l->tls);
        if (c->ssl == NULL || SSL_set_fd(c->ssl, c->fd) != 1) {
            load_die("SSL_new");
        }
    }

    /* each change is told once: no system call to ask for the next one */

    ev.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    ev.data.ptr = c;

    if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, c->fd, &ev) == -1) {
        load_die("epoll_ctl");
    }
}


static void
load_connected(load_t *l, load_connection_t *c)
{
    int        rc, error;
    socklen_t  len;

    error = 0;
    len = sizeof(error);
    getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &len);

    if (error != 0) {
        load_retire(l, c);
        return;
    }

    if (c->ssl != NULL) {
        rc = SSL_connect(c->ssl);

        if (rc != 1) {
            rc = SSL_get_error(c->ssl, rc);

            if (rc != SSL_ERROR_WANT_READ && rc != SSL_ERROR_WANT_WRITE) {
                load_retire(l, c);
            }

            return;
        }
    }

    c->connecting = 0;
    l->established++;
    l->protocol->open(c);

    load_write(l, c);
    load_send(l, c);
}


static void
load_event(load_t *l, load_connection_t *c, uint32_t events)
{
    if (c->fd == -1) {
        return;
    }

    if (c->connecting) {
        if (events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) {
            load_connected(l, c);
        }

        return;
    }

    if (events & EPOLLRDHUP) {
        c->close = 1;
    }

    if ((events & EPOLLOUT) && c->out_pos < c->out_len) {
        load_write(l, c);

        if (c->fd == -1 || c->connecting) {
            return;
        }
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


/* With --seconds: connect, warm up, measure, end. */
static void
load_phase(load_t *l, double now)
{
    if (l->measuring) {
        if (now >= l->measured_at + l->o.seconds) {
            load_measure_end(l);
            l->ended = 1;
        }

        return;
    }

    if (l->ended) {
        return;
    }

    if (l->warm_from == 0) {
        if (l->established == l->o.connections) {
            l->warm_from = now;

        } else if (now > l->begun + LOAD_CONNECT) {
            fprintf(stderr, "ditto-load: %d of %d connections\n",
                    l->established, l->o.connections);
            exit(1);
        }

        return;
    }

    if (now >= l->warm_from + l->o.warm) {
        load_measure_begin(l);
    }
}


void
load_run(load_t *l)
{
    int                 i, n, wait;
    double              now, looked, due;
    struct epoll_event  events[LOAD_EVENTS];

    l->begun = load_now();
    looked = l->begun;

    if (l->o.seconds == 0) {
        load_measure_begin(l);
    }

    for (i = 0; i < l->o.connections; i++) {
        load_connect(l, &l->connections[i]);
    }

    while (l->alive > 0) {

        wait = l->o.seconds > 0 ? 5 : 100;

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

        if (l->o.seconds > 0) {
            load_phase(l, now);
        }

        if (n <= 0 || now > looked + 0.1) {
            looked = now;

            if (!load_look(l, now)
                && (l->ended || l->next == l->o.requests))
            {
                break;
            }
        }
    }

    if (l->measuring) {
        load_measure_end(l);
    }
}
