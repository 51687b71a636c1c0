/*
 * librdkafka's mock cluster as a program of its own, steered by commands on
 * its standard input: the broker of "make run" and of the tests.
 *
 * The mock cluster lives in threads of a librdkafka handle that is used for
 * nothing else.  This thread only reads commands; poll() is the only wait.
 */

#define _GNU_SOURCE

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>


#define BROKER_LINE        1024  /* bytes of a command */
#define BROKER_WORDS       4     /* of a command, its name included */
#define BROKER_TOPICS      64    /* options --topic */
#define BROKER_MAX         9     /* brokers */
#define BROKER_TRIES       20    /* to get good ports */
#define BROKER_PARTITIONS  1000
#define BROKER_ERRORS      100000
#define BROKER_RTT         600000  /* milliseconds */


typedef struct {
    rd_kafka_mock_cluster_t  *cluster;
    int                       brokers;
} broker_t;

/* NULL or why the command cannot be obeyed */
typedef const char *(*broker_command_pt)(broker_t *b, char **word);

typedef struct {
    const char         *name;
    int                 words;
    const char         *usage;
    broker_command_pt   run;
} broker_command_t;

typedef struct {
    const char  *name;
    int16_t      key;
} broker_api_t;

typedef struct {
    const char  *port_file;
    const char  *topics[BROKER_TOPICS];  /* NAME:PARTITIONS */
    int          ntopics;
    int          brokers;
} broker_options_t;


int accept(int s, struct sockaddr *addr, socklen_t *len);
static const char *broker_topic(broker_t *b, char **word);
static const char *broker_error(broker_t *b, char **word);
static const char *broker_clear(broker_t *b, char **word);
static const char *broker_topic_error(broker_t *b, char **word);
static const char *broker_rtt(broker_t *b, char **word);
static const char *broker_state(broker_t *b, char **word);
static const char *broker_leader(broker_t *b, char **word);


static const broker_command_t  broker_commands[] = {
    { "topic", 3, "topic NAME PARTITIONS", broker_topic },
    { "error", 4, "error API ERROR COUNT    the next COUNT requests fail",
      broker_error },
    { "clear", 2, "clear API                forget the errors of this API",
      broker_clear },
    { "topic-error", 3, "topic-error NAME ERROR   in metadata; NO_ERROR ends",
      broker_topic_error },
    { "rtt", 2, "rtt MILLISECONDS         of every broker", broker_rtt },
    { "broker", 3, "broker N down|up", broker_state },
    { "leader", 4, "leader TOPIC PARTITION N (-1: none)", broker_leader },
};

static const broker_api_t  broker_apis[] = {
    { "Produce", 0 },
    { "Fetch", 1 },
    { "ListOffsets", 2 },
    { "Metadata", 3 },
    { "FindCoordinator", 10 },
    { "ApiVersions", 18 },
    { "InitProducerId", 22 },
};

static volatile sig_atomic_t  broker_ended;


static void
broker_signal(int signo)
{
    (void) signo;
    broker_ended = 1;
}


static int
broker_number(const char *text, long min, long max, long *number)
{
    char  *end;

    errno = 0;
    *number = strtol(text, &end, 10);

    return errno == 0 && end != text && *end == '\0'
           && *number >= min && *number <= max;
}


static int
broker_api(const char *name, int16_t *key)
{
    long    number;
    size_t  i;

    for (i = 0; i < sizeof(broker_apis) / sizeof(broker_apis[0]); i++) {
        if (strcasecmp(name, broker_apis[i].name) == 0) {
            *key = broker_apis[i].key;
            return 1;
        }
    }

    if (!broker_number(name, 0, 100, &number)) {
        return 0;
    }

    *key = (int16_t) number;

    return 1;
}


/* NO_ERROR, MSG_SIZE_TOO_LARGE, _TRANSPORT, ... or the number */
static int
broker_error_code(const char *name, rd_kafka_resp_err_t *code)
{
    long                             number;
    size_t                           i, n;
    const struct rd_kafka_err_desc  *descs;

    rd_kafka_get_err_descs(&descs, &n);

    for (i = 0; i < n; i++) {
        if (descs[i].name != NULL && strcasecmp(name, descs[i].name) == 0) {
            *code = descs[i].code;
            return 1;
        }
    }

    if (!broker_number(name, -300, 300, &number)) {
        return 0;
    }

    *code = (rd_kafka_resp_err_t) number;

    return 1;
}


static const char *
broker_topic(broker_t *b, char **word)
{
    long                 partitions;
    rd_kafka_resp_err_t  rc;

    if (!broker_number(word[2], 1, BROKER_PARTITIONS, &partitions)) {
        return "a number of partitions is wanted";
    }

    rc = rd_kafka_mock_topic_create(b->cluster, word[1], (int) partitions, 1);

    return rc == RD_KAFKA_RESP_ERR_NO_ERROR ? NULL : rd_kafka_err2str(rc);
}


static const char *
broker_error(broker_t *b, char **word)
{
    long                  count;
    int16_t               key;
    rd_kafka_resp_err_t   code, *codes;

    if (!broker_api(word[1], &key)) {
        return "no such API";
    }

    if (!broker_error_code(word[2], &code)) {
        return "no such error";
    }

    if (!broker_number(word[3], 1, BROKER_ERRORS, &count)) {
        return "a count is wanted";
    }

    codes = malloc((size_t) count * sizeof(rd_kafka_resp_err_t));
    if (codes == NULL) {
        return "out of memory";
    }

    for (long i = 0; i < count; i++) {
        codes[i] = code;
    }

    rd_kafka_mock_push_request_errors_array(b->cluster, key, (size_t) count,
                                            codes);
    free(codes);

    return NULL;
}


static const char *
broker_clear(broker_t *b, char **word)
{
    int16_t  key;

    if (!broker_api(word[1], &key)) {
        return "no such API";
    }

    rd_kafka_mock_clear_request_errors(b->cluster, key);

    return NULL;
}


static const char *
broker_topic_error(broker_t *b, char **word)
{
    rd_kafka_resp_err_t  code;

    if (!broker_error_code(word[2], &code)) {
        return "no such error";
    }

    rd_kafka_mock_topic_set_error(b->cluster, word[1], code);

    return NULL;
}


static const char *
broker_rtt(broker_t *b, char **word)
{
    int                  i;
    long                 ms;
    rd_kafka_resp_err_t  rc;

    if (!broker_number(word[1], 0, BROKER_RTT, &ms)) {
        return "milliseconds are wanted";
    }

    for (i = 1; i <= b->brokers; i++) {
        rc = rd_kafka_mock_broker_set_rtt(b->cluster, i, (int) ms);
        if (rc != RD_KAFKA_RESP_ERR_NO_ERROR) {
            return rd_kafka_err2str(rc);
        }
    }

    return NULL;
}


static const char *
broker_state(broker_t *b, char **word)
{
    long                 number;
    rd_kafka_resp_err_t  rc;

    if (!broker_number(word[1], 1, b->brokers, &number)) {
        return "no such broker";
    }

    if (strcmp(word[2], "down") == 0) {
        rc = rd_kafka_mock_broker_set_down(b->cluster, (int32_t) number);

    } else if (strcmp(word[2], "up") == 0) {
        rc = rd_kafka_mock_broker_set_up(b->cluster, (int32_t) number);

    } else {
        return "\"down\" or \"up\" is wanted";
    }

    return rc == RD_KAFKA_RESP_ERR_NO_ERROR ? NULL : rd_kafka_err2str(rc);
}


static const char *
broker_leader(broker_t *b, char **word)
{
    long                 number, partition;
    rd_kafka_resp_err_t  rc;

    if (!broker_number(word[2], 0, BROKER_PARTITIONS - 1, &partition)) {
        return "no such partition";
    }

    if (!broker_number(word[3], -1, b->brokers, &number)) {
        return "no such broker";
    }

    rc = rd_kafka_mock_partition_set_leader(b->cluster, word[1],
                                            (int32_t) partition,
                                            (int32_t) number);

    return rc == RD_KAFKA_RESP_ERR_NO_ERROR ? NULL : rd_kafka_err2str(rc);
}


/* Obeys one line and answers it; zero at "quit". */
static int
broker_line(broker_t *b, char *line)
{
    int          n;
    char        *save, *p, *word[BROKER_WORDS + 1];
    size_t       i;
    const char  *problem;

    n = 0;

    for (p = strtok_r(line, " \t\r", &save);
         p != NULL && n <= BROKER_WORDS;
         p = strtok_r(NULL, " \t\r", &save))
    {
        word[n++] = p;
    }

    if (n == 0) {
        return 1;
    }

    if (n == 1 && strcmp(word[0], "quit") == 0) {
        puts("ok");
        return 0;
    }

    problem = "unknown command";

    for (i = 0; i < sizeof(broker_commands) / sizeof(broker_commands[0]); i++)
    {
        if (strcmp(word[0], broker_commands[i].name) != 0) {
            continue;
        }

        problem = n == broker_commands[i].words
                  ? broker_commands[i].run(b, word)
                  : "wrong number of words";
        break;
    }

    if (problem == NULL) {
        puts("ok");

    } else {
        printf("error: %s\n", problem);
    }

    return 1;
}


/* Until "quit", the end of the input or a signal. */
static void
broker_serve(broker_t *b)
{
    char           line[BROKER_LINE], *end;
    size_t         len, rest;
    ssize_t        n;
    sigset_t       unblocked;
    struct pollfd  pfd;

    sigemptyset(&unblocked);
    pfd.fd = STDIN_FILENO;
    pfd.events = POLLIN;
    len = 0;

    while (!broker_ended) {

        /* the signals are blocked but here: none is missed */

        if (ppoll(&pfd, 1, NULL, &unblocked) == -1) {
            if (errno == EINTR) {
                continue;
            }
            return;
        }

        n = read(STDIN_FILENO, line + len, sizeof(line) - len);
        if (n <= 0) {
            return;
        }

        len += (size_t) n;

        while ((end = memchr(line, '\n', len)) != NULL) {
            *end = '\0';

            if (!broker_line(b, line)) {
                return;
            }

            rest = len - (size_t) (end + 1 - line);
            memmove(line, end + 1, rest);
            len = rest;
        }

        if (len == sizeof(line)) {
            puts("error: the line is too long");
            len = 0;
        }
    }
}


/* Whoever waits for the file never sees half of it. */
static int
broker_write_file(const char *name, const char *bootstrap)
{
    int    rc;
    char   tmp[PATH_MAX];
    FILE  *f;

    rc = snprintf(tmp, sizeof(tmp), "%s.new", name);
    if (rc < 0 || (size_t) rc >= sizeof(tmp)) {
        return -1;
    }

    f = fopen(tmp, "w");
    if (f == NULL) {
        return -1;
    }

    rc = fprintf(f, "%s\n", bootstrap) < 0 ? -1 : 0;

    if (fclose(f) != 0 || rc == -1) {
        return -1;
    }

    return rename(tmp, name);
}


static int
broker_add_topics(broker_t *b, const broker_options_t *o)
{
    int          i;
    char         name[256], count[16], *word[3];
    size_t       len;
    const char  *colon, *problem;

    for (i = 0; i < o->ntopics; i++) {

        colon = strrchr(o->topics[i], ':');
        len = colon != NULL ? (size_t) (colon - o->topics[i]) : 0;

        if (len == 0 || len >= sizeof(name)
            || strlen(colon + 1) >= sizeof(count))
        {
            fprintf(stderr, "ditto-broker: --topic \"%s\": NAME:PARTITIONS "
                    "is wanted\n", o->topics[i]);
            return -1;
        }

        memcpy(name, o->topics[i], len);
        name[len] = '\0';
        strcpy(count, colon + 1);

        word[0] = NULL;
        word[1] = name;
        word[2] = count;

        problem = broker_topic(b, word);
        if (problem != NULL) {
            fprintf(stderr, "ditto-broker: --topic \"%s\": %s\n",
                    o->topics[i], problem);
            return -1;
        }
    }

    return 0;
}


static void
broker_usage(FILE *f)
{
    size_t  i;

    fputs("usage: ditto-broker [--brokers N] [--topic NAME:PARTITIONS]...\n"
          "                    [--port-file FILE]\n"
          "Kafka's protocol on 127.0.0.1, in memory.  Prints "
          "\"bootstrap=HOST:PORT,...\",\nthen obeys lines of its standard "
          "input:\n", f);

    for (i = 0; i < sizeof(broker_commands) / sizeof(broker_commands[0]); i++)
    {
        fprintf(f, "    %s\n", broker_commands[i].usage);
    }

    fputs("    quit\n"
          "API: Produce, Metadata, InitProducerId, ... or a number.  ERROR: "
          "a name of\nlibrdkafka (NOT_LEADER_FOR_PARTITION, _TRANSPORT) or a "
          "number.\n", f);
}


static int
broker_options(broker_options_t *o, int argc, char **argv)
{
    int          i;
    long         number;
    const char  *value;

    memset(o, 0, sizeof(broker_options_t));
    o->brokers = 1;

    for (i = 1; i < argc; i += 2) {
        value = i + 1 < argc ? argv[i + 1] : NULL;

        if (strcmp(argv[i], "--help") == 0) {
            broker_usage(stdout);
            exit(0);
        }

        if (value == NULL) {
            return -1;
        }

        if (strcmp(argv[i], "--brokers") == 0
            && broker_number(value, 1, BROKER_MAX, &number))
        {
            o->brokers = (int) number;

        } else if (strcmp(argv[i], "--topic") == 0
                   && o->ntopics < BROKER_TOPICS)
        {
            o->topics[o->ntopics++] = value;

        } else if (strcmp(argv[i], "--port-file") == 0) {
            o->port_file = value;

        } else {
            return -1;
        }
    }

    return 0;
}


/*
 * Ditto's pattern of bootstrap servers has a hole: it refuses the ports 60000
 * to 60999, and those are among the ones that the kernel gives away.
 */
static int
broker_refused_by_ditto(const char *bootstrap)
{
    const char  *p;

    for (p = strchr(bootstrap, ':'); p != NULL; p = strchr(p + 1, ':')) {
        if (strncmp(p, ":60", 3) == 0 && strspn(p + 1, "0123456789") == 5) {
            return 1;
        }
    }

    return 0;
}


static rd_kafka_mock_cluster_t *
broker_cluster(rd_kafka_t *rk, int brokers)
{
    int                       tries;
    rd_kafka_mock_cluster_t  *cluster;

    for (tries = 0; tries < BROKER_TRIES; tries++) {

        cluster = rd_kafka_mock_cluster_new(rk, brokers);
        if (cluster == NULL) {
            break;
        }

        if (!broker_refused_by_ditto(rd_kafka_mock_cluster_bootstraps(cluster)))
        {
            return cluster;
        }

        rd_kafka_mock_cluster_destroy(cluster);
    }

    return NULL;
}


static void
broker_catch_signals(void)
{
    sigset_t          set;
    struct sigaction  sa;

    memset(&sa, 0, sizeof(struct sigaction));
    sa.sa_handler = broker_signal;

    sigaction(SIGINT, &sa, NULL);
    sigaction(SIGTERM, &sa, NULL);
    signal(SIGPIPE, SIG_IGN);

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
}


/*
 * In place of the library's, which the mock cluster calls.  Kafka's brokers
 * send an answer at once; the mock leaves Nagle's algorithm on, and its second
 * answer would wait for the client's acknowledgement of the first one.
 */
int
accept(int s, struct sockaddr *addr, socklen_t *len)
{
    int  fd, one;

    fd = accept4(s, addr, len, 0);

    if (fd != -1) {
        one = 1;
        (void) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    }

    return fd;
}


int
main(int argc, char **argv)
{
    int               rc;
    char              problem[512];
    broker_t          b;
    rd_kafka_t       *rk;
    const char       *bootstrap;
    rd_kafka_conf_t  *conf;
    broker_options_t  options;

    if (broker_options(&options, argc, argv) != 0) {
        broker_usage(stderr);
        return 1;
    }

    setvbuf(stdout, NULL, _IOLBF, 0);
    broker_catch_signals();

    conf = rd_kafka_conf_new();

    /* the cluster reports each refused connection as an error of its handle */
    rd_kafka_conf_set(conf, "log_level", "0", NULL, 0);

    rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, problem, sizeof(problem));
    if (rk == NULL) {
        fprintf(stderr, "ditto-broker: %s\n", problem);
        rd_kafka_conf_destroy(conf);
        return 1;
    }

    rc = 1;
    b.brokers = options.brokers;
    b.cluster = broker_cluster(rk, options.brokers);

    if (b.cluster == NULL) {
        fputs("ditto-broker: the cluster cannot be made\n", stderr);
        goto done;
    }

    if (broker_add_topics(&b, &options) != 0) {
        goto destroy;
    }

    bootstrap = rd_kafka_mock_cluster_bootstraps(b.cluster);

    if (options.port_file != NULL
        && broker_write_file(options.port_file, bootstrap) != 0)
    {
        fprintf(stderr, "ditto-broker: \"%s\": %s\n", options.port_file,
                strerror(errno));
        goto destroy;
    }

    printf("bootstrap=%s\n", bootstrap);
    broker_serve(&b);
    rc = 0;

destroy:

    rd_kafka_mock_cluster_destroy(b.cluster);

done:

    rd_kafka_destroy(rk);

    return rc;
}
