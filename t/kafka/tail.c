/*
 * Shows the records of a Kafka cluster as they lie there, one readable block
 * for each, and goes on until it is told to end.
 *
 * Topics are looked for all the time: one that appears is read from its
 * beginning.  No consumer group is joined and no offset is stored.
 */

#define _GNU_SOURCE

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <librdkafka/rdkafka.h>


#define TAIL_TOPICS    1024
#define TAIL_LOOK      500   /* milliseconds between two looks for topics */
#define TAIL_WAIT      100   /* milliseconds for one record */
#define TAIL_ASK       5000  /* milliseconds for one answer of a broker */


typedef struct {
    rd_kafka_topic_t   *topic;
    char               *name;
    int                 partitions;  /* those below are being read */
} tail_topic_t;

typedef struct {
    rd_kafka_t         *rk;
    rd_kafka_queue_t   *queue;
    tail_topic_t        topics[TAIL_TOPICS];
    int                 ntopics;

    const char         *bootstrap;
    char              **wanted;      /* names; none: every topic */
    int                 nwanted;
    long                count;       /* records to show; 0: no end */
    int                 from_end;
    int                 ping;        /* seconds; 0: show records */
} tail_t;


static volatile sig_atomic_t  tail_ended;


static void
tail_signal(int signo)
{
    (void) signo;
    tail_ended = 1;
}


static long
tail_now(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);

    return (long) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}


/* Length of the valid UTF-8 sequence at p, or 0. */
static size_t
tail_utf8(const unsigned char *p, size_t len)
{
    size_t    n, i;
    unsigned  c, min;

    if (p[0] >= 0xc2 && p[0] <= 0xdf) {
        n = 2;
        c = p[0] & 0x1f;
        min = 0xa0;  /* below: control characters */

    } else if ((p[0] & 0xf0) == 0xe0) {
        n = 3;
        c = p[0] & 0x0f;
        min = 0x800;

    } else if (p[0] >= 0xf0 && p[0] <= 0xf4) {
        n = 4;
        c = p[0] & 0x07;
        min = 0x10000;

    } else {
        return 0;
    }

    if (len < n) {
        return 0;
    }

    for (i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }

        c = c << 6 | (p[i] & 0x3f);
    }

    if (c < min || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) {
        return 0;
    }

    return n;
}


/* What a terminal can show as it is; all other bytes as \xNN. */
static void
tail_bytes(const void *data, size_t len)
{
    size_t                n;
    const unsigned char  *p, *end;

    if (data == NULL) {
        fputs("(null)", stdout);
        return;
    }

    p = data;
    end = p + len;

    while (p < end) {

        n = *p >= 0x20 && *p <= 0x7e ? 1 : tail_utf8(p, (size_t) (end - p));

        if (n == 0) {
            printf("\\x%02x", *p++);
            continue;
        }

        fwrite(p, 1, n, stdout);
        p += n;
    }
}


static void
tail_headers(const rd_kafka_message_t *m)
{
    size_t               i, len;
    const void          *value;
    const char          *name;
    rd_kafka_headers_t  *headers;

    if (rd_kafka_message_headers(m, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return;
    }

    for (i = 0;
         rd_kafka_header_get_all(headers, i, &name, &value, &len)
         == RD_KAFKA_RESP_ERR_NO_ERROR;
         i++)
    {
        fputs("header     ", stdout);
        tail_bytes(name, strlen(name));
        fputs(": ", stdout);
        tail_bytes(value, len);
        putchar('\n');
    }
}


static void
tail_show(const rd_kafka_message_t *m)
{
    printf("topic      %s\n", rd_kafka_topic_name(m->rkt));
    printf("partition  %d\n", (int) m->partition);
    printf("offset     %lld\n", (long long) m->offset);

    fputs("key        ", stdout);
    tail_bytes(m->key, m->key_len);
    putchar('\n');

    tail_headers(m);

    fputs("value      ", stdout);
    tail_bytes(m->payload, m->len);
    fputs("\n\n", stdout);

    fflush(stdout);
}


/* The offset to begin a partition with. */
static int64_t
tail_begin(tail_t *t, const char *name, int partition, int first)
{
    int64_t              low, high;
    rd_kafka_resp_err_t  rc;

    if (!first || !t->from_end) {
        return RD_KAFKA_OFFSET_BEGINNING;
    }

    /*
     * RD_KAFKA_OFFSET_END would be looked up some time later, and a record
     * written until then would be missed
     */

    rc = rd_kafka_query_watermark_offsets(t->rk, name, partition, &low, &high,
                                          TAIL_ASK);

    return rc == RD_KAFKA_RESP_ERR_NO_ERROR ? high : RD_KAFKA_OFFSET_END;
}


static tail_topic_t *
tail_topic(tail_t *t, const char *name)
{
    int            i;
    tail_topic_t  *topic;

    for (i = 0; i < t->ntopics; i++) {
        if (strcmp(t->topics[i].name, name) == 0) {
            return &t->topics[i];
        }
    }

    if (t->ntopics == TAIL_TOPICS) {
        return NULL;
    }

    topic = &t->topics[t->ntopics];

    topic->name = strdup(name);
    if (topic->name == NULL) {
        return NULL;
    }

    topic->topic = rd_kafka_topic_new(t->rk, name, NULL);
    if (topic->topic == NULL) {
        free(topic->name);
        return NULL;
    }

    topic->partitions = 0;
    t->ntopics++;

    return topic;
}


static int
tail_wanted(const tail_t *t, const char *name)
{
    int  i;

    if (t->nwanted == 0) {
        return strncmp(name, "__", 2) != 0;  /* Kafka's own */
    }

    for (i = 0; i < t->nwanted; i++) {
        if (strcmp(t->wanted[i], name) == 0) {
            return 1;
        }
    }

    return 0;
}


/* Begins to read the partitions that are not read yet. */
static rd_kafka_resp_err_t
tail_look(tail_t *t, int first)
{
    int                                   i;
    tail_topic_t                         *topic;
    rd_kafka_resp_err_t                   rc;
    const struct rd_kafka_metadata       *metadata;
    const struct rd_kafka_metadata_topic *mt;

    rc = rd_kafka_metadata(t->rk, 1, NULL, &metadata, TAIL_ASK);
    if (rc != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return rc;
    }

    for (i = 0; i < metadata->topic_cnt; i++) {
        mt = &metadata->topics[i];

        if (mt->err != RD_KAFKA_RESP_ERR_NO_ERROR
            || !tail_wanted(t, mt->topic))
        {
            continue;
        }

        topic = tail_topic(t, mt->topic);

        while (topic != NULL && topic->partitions < mt->partition_cnt) {
            rd_kafka_consume_start_queue(topic->topic, topic->partitions,
                                         tail_begin(t, mt->topic,
                                                    topic->partitions, first),
                                         t->queue);
            topic->partitions++;
        }
    }

    rd_kafka_metadata_destroy(metadata);

    return RD_KAFKA_RESP_ERR_NO_ERROR;
}


static void
tail_run(tail_t *t)
{
    int                  looked;
    long                 shown, next;
    rd_kafka_message_t  *m;

    looked = 0;
    shown = 0;
    next = 0;

    while (!tail_ended) {

        if (tail_now() >= next) {
            if (tail_look(t, !looked) == RD_KAFKA_RESP_ERR_NO_ERROR
                && !looked)
            {
                fprintf(stderr, "ditto-tail: watching %s\n", t->bootstrap);
                looked = 1;
            }

            next = tail_now() + TAIL_LOOK;
        }

        m = rd_kafka_consume_queue(t->queue, TAIL_WAIT);
        if (m == NULL) {
            continue;
        }

        if (m->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            tail_show(m);
            shown++;
        }

        rd_kafka_message_destroy(m);

        if (t->count != 0 && shown == t->count) {
            break;
        }
    }
}


/* Does a Kafka broker answer at all? */
static int
tail_ping(tail_t *t)
{
    rd_kafka_resp_err_t              rc;
    const struct rd_kafka_metadata  *metadata;

    rc = rd_kafka_metadata(t->rk, 0, NULL, &metadata, t->ping * 1000);
    if (rc != RD_KAFKA_RESP_ERR_NO_ERROR) {
        fprintf(stderr, "ditto-tail: no Kafka broker answers at %s: %s\n",
                t->bootstrap, rd_kafka_err2str(rc));
        return 1;
    }

    rd_kafka_metadata_destroy(metadata);

    return 0;
}


static void
tail_close(tail_t *t)
{
    int  i, partition;

    for (i = 0; i < t->ntopics; i++) {
        for (partition = 0; partition < t->topics[i].partitions; partition++) {
            rd_kafka_consume_stop(t->topics[i].topic, partition);
        }

        rd_kafka_topic_destroy(t->topics[i].topic);
        free(t->topics[i].name);
    }

    if (t->queue != NULL) {
        rd_kafka_queue_destroy(t->queue);
    }

    rd_kafka_destroy(t->rk);
}


static int
tail_open(tail_t *t)
{
    size_t            i;
    char              problem[512];
    rd_kafka_conf_t  *conf;

    static const char  *properties[][2] = {
        { "bootstrap.servers", NULL },
        { "client.id", "ditto-tail" },
        { "log_level", "0" },
        { "fetch.wait.max.ms", "100" },
        { "fetch.error.backoff.ms", "100" },
        { "reconnect.backoff.max.ms", "500" },
        { "allow.auto.create.topics", "false" },
    };

    conf = rd_kafka_conf_new();

    for (i = 0; i < sizeof(properties) / sizeof(properties[0]); i++) {
        if (rd_kafka_conf_set(conf, properties[i][0],
                              properties[i][1] != NULL ? properties[i][1]
                                                       : t->bootstrap,
                              problem, sizeof(problem))
            != RD_KAFKA_CONF_OK)
        {
            goto failed;
        }
    }

    t->rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, problem, sizeof(problem));
    if (t->rk == NULL) {
        goto failed;
    }

    t->queue = rd_kafka_queue_new(t->rk);

    return 0;

failed:

    fprintf(stderr, "ditto-tail: %s\n", problem);
    rd_kafka_conf_destroy(conf);

    return -1;
}


static void
tail_usage(FILE *f)
{
    fputs("usage: ditto-tail [--count N] [--from beginning|end] "
          "BOOTSTRAP [TOPIC...]\n"
          "       ditto-tail --ping SECONDS BOOTSTRAP\n"
          "Shows the records of these topics, or of all; --from is for the "
          "topics that\nexist already.  Control characters and bytes that "
          "are no UTF-8 appear as \\xNN.\n", f);
}


static int
tail_options(tail_t *t, int argc, char **argv)
{
    int    i;
    char  *end;

    for (i = 1; i < argc && strncmp(argv[i], "--", 2) == 0; i += 2) {

        if (strcmp(argv[i], "--help") == 0) {
            tail_usage(stdout);
            exit(0);
        }

        if (i + 1 == argc) {
            return -1;
        }

        end = "";

        if (strcmp(argv[i], "--count") == 0) {
            t->count = strtol(argv[i + 1], &end, 10);

        } else if (strcmp(argv[i], "--ping") == 0) {
            t->ping = (int) strtol(argv[i + 1], &end, 10);

        } else if (strcmp(argv[i], "--from") == 0) {
            t->from_end = strcmp(argv[i + 1], "end") == 0;

            if (!t->from_end && strcmp(argv[i + 1], "beginning") != 0) {
                return -1;
            }

        } else {
            return -1;
        }

        if (*end != '\0' || t->count < 0 || t->ping < 0) {
            return -1;
        }
    }

    if (i == argc) {
        return -1;
    }

    t->bootstrap = argv[i];
    t->wanted = argv + i + 1;
    t->nwanted = argc - i - 1;

    return 0;
}


int
main(int argc, char **argv)
{
    int               rc;
    static tail_t     t;
    struct sigaction  sa;

    if (tail_options(&t, argc, argv) != 0) {
        tail_usage(stderr);
        return 1;
    }

    memset(&sa, 0, sizeof(struct sigaction));
    sa.sa_handler = tail_signal;
    sigaction(SIGINT, &sa, NULL);
    sigaction(SIGTERM, &sa, NULL);

    if (tail_open(&t) != 0) {
        return 1;
    }

    rc = 0;

    if (t.ping != 0) {
        rc = tail_ping(&t);

    } else {
        tail_run(&t);
    }

    tail_close(&t);

    return rc;
}
