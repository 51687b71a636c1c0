
#include "ngx_kafka_conf.h"


#define NGX_KAFKA_ERRSTR  512                /* bytes */
#define NGX_KAFKA_PEM_MAX (1024 * 1024)      /* bytes of a PEM file */
#define NGX_KAFKA_VALUE   64                 /* bytes; what is read is a number
                                                or a word of librdkafka's */


typedef struct {
    char  *name;
    char  *why;
} ngx_kafka_refused_t;


typedef struct {
    char  *location;
    char  *pem;
} ngx_kafka_pem_t;


static u_char *ngx_kafka_rename(u_char *p, u_char *last, char *text,
    ngx_str_t *name);
static ngx_int_t ngx_kafka_conf_idempotence(ngx_conf_t *cf,
    ngx_kafka_conf_t *conf, rd_kafka_conf_t *rkc, ngx_str_t *id);
static ngx_int_t ngx_kafka_conf_in_flight(ngx_kafka_conf_t *conf,
    rd_kafka_conf_t *rkc);
static ngx_uint_t ngx_kafka_is_in_flight(ngx_kafka_property_t *property);
static ngx_int_t ngx_kafka_conf_decide(ngx_kafka_conf_t *conf,
    rd_kafka_conf_t *rkc, char *name, char *value);
static void ngx_kafka_conf_warnings(ngx_conf_t *cf, rd_kafka_t *rk,
    ngx_str_t *id);
static ngx_int_t ngx_kafka_read_file(ngx_conf_t *cf, ngx_str_t *name,
    ngx_str_t *text);


/* what the module itself decides, or what cannot work in an event loop */

static ngx_kafka_refused_t  ngx_kafka_refused[] = {
    { "bootstrap.servers", "is given by bootstrap_servers" },
    { "metadata.broker.list", "is given by bootstrap_servers" },
    { "transactional.id", "cannot be used: records are not sent in "
      "transactions" },
    { "enabled_events", "belongs to the module" },
    { "log.queue", "belongs to the module" },
    { "internal.termination.signal", "belongs to nginx" },
    { "delivery.report.only.error", "would hide what became of a record" },
    { "plugin.library.paths", "would run foreign code in nginx" },
    { "sasl.kerberos.kinit.cmd", "would run a command in nginx" },
    { "test.mock.num.brokers", "would replace Kafka by a mock cluster" },
    { NULL, NULL }
};


static ngx_kafka_pem_t  ngx_kafka_pems[] = {
    { "ssl.ca.location", "ssl.ca.pem" },
    { "ssl.key.location", "ssl.key.pem" },
    { NULL, NULL }
};


ngx_int_t
ngx_kafka_conf_init(ngx_kafka_conf_t *conf, ngx_pool_t *pool)
{
    return ngx_array_init(&conf->properties, pool, 16,
                          sizeof(ngx_kafka_property_t));
}


ngx_int_t
ngx_kafka_conf_add(ngx_kafka_conf_t *conf, ngx_str_t *name, ngx_str_t *value)
{
    u_char                *p;
    ngx_kafka_property_t  *property;

    p = ngx_pnalloc(conf->properties.pool, name->len + value->len + 2);
    if (p == NULL) {
        return NGX_ERROR;
    }

    property = ngx_array_push(&conf->properties);
    if (property == NULL) {
        return NGX_ERROR;
    }

    property->name.len = name->len;
    property->name.data = p;
    p = ngx_cpymem(p, name->data, name->len);
    *p++ = '\0';

    property->value.len = value->len;
    property->value.data = p;
    p = ngx_cpymem(p, value->data, value->len);
    *p = '\0';

    return NGX_OK;
}


ngx_int_t
ngx_kafka_conf_addz(ngx_kafka_conf_t *conf, char *name, char *value)
{
    ngx_str_t  n, v;

    n.data = (u_char *) name;
    n.len = ngx_strlen(name);
    v.data = (u_char *) value;
    v.len = ngx_strlen(value);

    return ngx_kafka_conf_add(conf, &n, &v);
}


ngx_int_t
ngx_kafka_property_check(ngx_pool_t *pool, ngx_str_t *name, ngx_str_t *value,
    ngx_str_t *error)
{
    char                   errstr[NGX_KAFKA_ERRSTR];
    u_char                *p, *last;
    ngx_str_t              reason;
    ngx_uint_t             secret;
    ngx_kafka_conf_t       conf;
    ngx_kafka_refused_t   *refused;
    rd_kafka_conf_t       *rkc;
    rd_kafka_conf_res_t    res;
    ngx_kafka_property_t  *property;

    ngx_str_null(error);

    if (ngx_array_init(&conf.properties, pool, 1, sizeof(ngx_kafka_property_t))
        != NGX_OK
        || ngx_kafka_conf_add(&conf, name, value) != NGX_OK)
    {
        return NGX_ERROR;
    }

    property = conf.properties.elts;
    ngx_str_null(&reason);

    if (ngx_strlen(property->name.data) != name->len
        || ngx_strlen(property->value.data) != value->len)
    {
        ngx_str_set(&reason, "a NUL character is not allowed");
    }

    for (refused = ngx_kafka_refused; refused->name; refused++) {
        if (ngx_strcmp(refused->name, property->name.data) == 0) {
            reason.data = (u_char *) refused->why;
            reason.len = ngx_strlen(reason.data);
        }
    }

    if (reason.len == 0) {
        rkc = rd_kafka_conf_new();

        res = rd_kafka_conf_set(rkc, (char *) property->name.data,
                                (char *) property->value.data,
                                errstr, sizeof(errstr));
        rd_kafka_conf_destroy(rkc);

        if (res == RD_KAFKA_CONF_OK) {
            return NGX_OK;
        }

        if (res == RD_KAFKA_CONF_UNKNOWN) {
            ngx_str_set(&reason, "librdkafka knows no property of this name");
        }
    }

    secret = ngx_kafka_property_is_secret(name);

    error->len = sizeof("Kafka property \"\" cannot be \"\": ") + name->len
                 + value->len + ngx_max(reason.len, NGX_KAFKA_ERRSTR)
                 + name->len;

    p = ngx_pnalloc(pool, error->len);
    if (p == NULL) {
        error->len = 0;
        return NGX_ERROR;
    }

    error->data = p;
    last = p + error->len;

    if (reason.len) {
        p = ngx_slprintf(p, last, "Kafka property \"%V\": %V", name, &reason);

    } else if (secret) {
        p = ngx_slprintf(p, last, "Kafka property \"%V\": librdkafka refuses "
                         "its value", name);

    } else {
        p = ngx_slprintf(p, last, "Kafka property \"%V\" cannot be \"%V\": ",
                         name, value);
        p = ngx_kafka_rename(p, last, errstr, name);
    }

    error->len = p - error->data;

    return NGX_ERROR;
}


/* librdkafka calls a property by its first name, whatever the user wrote. */

static u_char *
ngx_kafka_rename(u_char *p, u_char *last, char *text, ngx_str_t *name)
{
    char         *start, *end;
    static char   before[] = "onfiguration property \"";

    start = strstr(text, before);
    end = start ? strchr(start + sizeof(before) - 1, '"') : NULL;

    if (end == NULL) {
        return ngx_slprintf(p, last, "%s", text);
    }

    start += sizeof(before) - 1;

    return ngx_slprintf(p, last, "%*s%V%s", (size_t) (start - text), text,
                        name, end);
}


ngx_uint_t
ngx_kafka_property_is_secret(ngx_str_t *name)
{
    ngx_uint_t    i;
    static char  *words[] = { "password", "secret", "key.pem", "ssl_key",
                              "ssl.key", "jaas",
                              "oauthbearer.config", "token", NULL };

    for (i = 0; words[i]; i++) {
        if (ngx_strlcasestrn(name->data, name->data + name->len,
                             (u_char *) words[i], ngx_strlen(words[i]) - 1)
            != NULL)
        {
            return 1;
        }
    }

    return 0;
}


ngx_int_t
ngx_kafka_conf_read_pem(ngx_conf_t *cf, ngx_kafka_conf_t *conf)
{
    ngx_str_t              text;
    ngx_int_t              rc;
    ngx_uint_t             i;
    ngx_kafka_pem_t       *pem;
    ngx_kafka_property_t  *property;

    property = conf->properties.elts;

    for (i = 0; i < conf->properties.nelts; i++) {

        for (pem = ngx_kafka_pems; pem->location; pem++) {

            if (ngx_strcmp(property[i].name.data, pem->location) != 0) {
                continue;
            }

            rc = ngx_kafka_read_file(cf, &property[i].value, &text);

            if (rc == NGX_ERROR) {
                return NGX_ERROR;
            }

            if (rc == NGX_OK) {
                property[i].name.data = (u_char *) pem->pem;
                property[i].name.len = ngx_strlen(pem->pem);
                property[i].value = text;
            }
        }
    }

    return NGX_OK;
}


/* NGX_DECLINED: no plain file, such as a folder of certificates */

static ngx_int_t
ngx_kafka_read_file(ngx_conf_t *cf, ngx_str_t *name, ngx_str_t *text)
{
    ssize_t          n;
    ngx_fd_t         fd;
    ngx_str_t        path;
    ngx_int_t        rc;
    ngx_file_info_t  fi;

    if (name->len == 0
        || ngx_strcmp(name->data, "probe") == 0)
    {
        return NGX_DECLINED;
    }

    if (ngx_strncmp(name->data, "-----", 5) == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "PEM text where the name of a file is wanted");
        return NGX_ERROR;
    }

    path = *name;

    if (ngx_conf_full_name(cf->cycle, &path, 1) != NGX_OK) {
        return NGX_ERROR;
    }

    fd = ngx_open_file(path.data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (fd == NGX_INVALID_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_open_file_n " \"%V\" failed", &path);
        return NGX_ERROR;
    }

    rc = NGX_ERROR;

    if (ngx_fd_info(fd, &fi) == NGX_FILE_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_fd_info_n " \"%V\" failed", &path);
        goto done;
    }

    if (!ngx_is_file(&fi)) {
        rc = NGX_DECLINED;
        goto done;
    }

    text->len = (size_t) ngx_file_size(&fi);

    if (text->len > NGX_KAFKA_PEM_MAX) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" is no PEM file: %uz bytes", &path,
                           text->len);
        goto done;
    }

    text->data = ngx_pnalloc(cf->pool, text->len + 1);
    if (text->data == NULL) {
        goto done;
    }

    n = ngx_read_fd(fd, text->data, text->len);

    if (n != (ssize_t) text->len) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_read_fd_n " \"%V\" failed", &path);
        goto done;
    }

    text->data[text->len] = '\0';
    rc = NGX_OK;

done:

    if (ngx_close_file(fd) == NGX_FILE_ERROR) {
        ngx_log_error(NGX_LOG_ALERT, cf->log, ngx_errno,
                      ngx_close_file_n " \"%V\" failed", &path);
    }

    return rc;
}


rd_kafka_conf_t *
ngx_kafka_conf_test(ngx_conf_t *cf, ngx_kafka_conf_t *conf, ngx_str_t *id)
{
    char              errstr[NGX_KAFKA_ERRSTR];
    rd_kafka_t       *rk;
    rd_kafka_conf_t  *rkc, *tried;

    rkc = ngx_kafka_conf_make(conf, 0, errstr, sizeof(errstr));

    if (rkc == NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "connection \"%V\": %s", id, errstr);
        return NULL;
    }

    if (ngx_kafka_conf_idempotence(cf, conf, rkc, id) != NGX_OK
        || ngx_kafka_conf_in_flight(conf, rkc) != NGX_OK)
    {
        rd_kafka_conf_destroy(rkc);
        return NULL;
    }

    tried = rd_kafka_conf_dup(rkc);

    rk = rd_kafka_new(RD_KAFKA_PRODUCER, tried, errstr, sizeof(errstr));

    if (rk == NULL) {
        rd_kafka_conf_destroy(tried);
        rd_kafka_conf_destroy(rkc);
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "connection \"%V\": librdkafka refuses its "
                           "properties: %s", id, errstr);
        return NULL;
    }

    ngx_kafka_conf_warnings(cf, rk, id);

    rd_kafka_destroy(rk);

    return rkc;
}


static ngx_int_t
ngx_kafka_conf_idempotence(ngx_conf_t *cf, ngx_kafka_conf_t *conf,
    rd_kafka_conf_t *rkc, ngx_str_t *id)
{
    ngx_int_t              in_flight;
    ngx_uint_t             i, given;
    char                  *why;
    ngx_kafka_property_t  *property;

    property = conf->properties.elts;
    given = 0;

    for (i = 0; i < conf->properties.nelts; i++) {
        if (ngx_strcmp(property[i].name.data, "enable.idempotence") == 0) {
            given++;
        }
    }

    if (given != 1) {
        /* the user's own value follows our default: it must hold as it is */
        return NGX_OK;
    }

    why = NULL;
    in_flight = 0;

    if (!ngx_kafka_conf_is(rkc, "acks", "-1")) {
        why = "acks";
    }

    if (ngx_kafka_conf_is(rkc, "retries", "0")) {
        why = "retries";
    }

    for (i = 0; i < conf->properties.nelts; i++) {

        if (ngx_strcmp(property[i].name.data, "queuing.strategy") == 0
            && ngx_strcmp(property[i].value.data, "fifo") != 0)
        {
            why = "queuing.strategy";
        }

        if (ngx_kafka_is_in_flight(&property[i])) {
            in_flight = ngx_atoi(property[i].value.data,
                                 property[i].value.len);
        }
    }

    if (in_flight > 5) {
        why = "max.in.flight";
    }

    if (why == NULL) {
        return NGX_OK;
    }

    ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                       "connection \"%V\": \"%s\" excludes idempotence, which "
                       "is switched off: a retry may repeat or reorder "
                       "records", id, why);

    return ngx_kafka_conf_decide(conf, rkc, "enable.idempotence", "false");
}


static ngx_int_t
ngx_kafka_conf_in_flight(ngx_kafka_conf_t *conf, rd_kafka_conf_t *rkc)
{
    char                  *value;
    ngx_uint_t             i;
    ngx_kafka_property_t  *property;

    property = conf->properties.elts;

    for (i = 0; i < conf->properties.nelts; i++) {
        if (ngx_kafka_is_in_flight(&property[i])) {
            return NGX_OK;
        }
    }

    value = (conf->spreads
             && ngx_kafka_conf_is(rkc, "enable.idempotence", "true"))
            ? "3" : "1";

    return ngx_kafka_conf_decide(conf, rkc, "max.in.flight", value);
}


static ngx_uint_t
ngx_kafka_is_in_flight(ngx_kafka_property_t *property)
{
    return ngx_strcmp(property->name.data, "max.in.flight") == 0
           || ngx_strcmp(property->name.data,
                         "max.in.flight.requests.per.connection") == 0;
}


/* Both in the list and in what was made of it. */

static ngx_int_t
ngx_kafka_conf_decide(ngx_kafka_conf_t *conf, rd_kafka_conf_t *rkc, char *name,
    char *value)
{
    if (rd_kafka_conf_set(rkc, name, value, NULL, 0) != RD_KAFKA_CONF_OK) {
        return NGX_ERROR;
    }

    return ngx_kafka_conf_addz(conf, name, value);
}


/* what librdkafka says of the properties themselves */

static void
ngx_kafka_conf_warnings(ngx_conf_t *cf, rd_kafka_t *rk, ngx_str_t *id)
{
    int                level;
    const char        *facility, *text;
    rd_kafka_event_t  *event;
    rd_kafka_queue_t  *queue;

    queue = rd_kafka_queue_get_main(rk);

    (void) rd_kafka_set_log_queue(rk, NULL);

    for ( ;; ) {
        event = rd_kafka_queue_poll(queue, 0);

        if (event == NULL) {
            break;
        }

        if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_LOG
            && rd_kafka_event_log(event, &facility, &text, &level) == 0
            && ngx_strcmp(facility, "CONFWARN") == 0
            && ngx_strstr(text, "bootstrap.servers") == NULL)
        {
            ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                               "connection \"%V\": %s", id, text);
        }

        rd_kafka_event_destroy(event);
    }

    rd_kafka_queue_destroy(queue);
}


ngx_uint_t
ngx_kafka_conf_number(rd_kafka_conf_t *rkc, char *name, ngx_uint_t otherwise)
{
    char       value[NGX_KAFKA_VALUE];
    size_t     size;
    ngx_int_t  n;

    size = sizeof(value);

    if (rd_kafka_conf_get(rkc, name, value, &size) != RD_KAFKA_CONF_OK) {
        return otherwise;
    }

    n = ngx_atoi((u_char *) value, ngx_strlen(value));

    return (n == NGX_ERROR) ? otherwise : (ngx_uint_t) n;
}


ngx_uint_t
ngx_kafka_conf_is(rd_kafka_conf_t *rkc, char *name, char *value)
{
    char    text[NGX_KAFKA_VALUE];
    size_t  size;

    size = sizeof(text);

    return rd_kafka_conf_get(rkc, name, text, &size) == RD_KAFKA_CONF_OK
           && ngx_strcmp(text, value) == 0;
}


ngx_uint_t
ngx_kafka_conf_equal(ngx_kafka_conf_t *a, ngx_kafka_conf_t *b)
{
    ngx_uint_t             i;
    ngx_kafka_property_t  *x, *y;

    if (a->properties.nelts != b->properties.nelts) {
        return 0;
    }

    x = a->properties.elts;
    y = b->properties.elts;

    for (i = 0; i < a->properties.nelts; i++) {
        if (ngx_strcmp(x[i].name.data, y[i].name.data) != 0
            || ngx_strcmp(x[i].value.data, y[i].value.data) != 0)
        {
            return 0;
        }
    }

    return 1;
}


rd_kafka_conf_t *
ngx_kafka_conf_make(ngx_kafka_conf_t *conf, ngx_uint_t brokers, char *errstr,
    size_t size)
{
    ngx_uint_t             i;
    rd_kafka_conf_t       *rkc;
    ngx_kafka_property_t  *property;

    rkc = rd_kafka_conf_new();
    property = conf->properties.elts;

    for (i = 0; i < conf->properties.nelts; i++) {

        if (!brokers
            && ngx_strcmp(property[i].name.data, "bootstrap.servers") == 0)
        {
            continue;
        }

        if (rd_kafka_conf_set(rkc, (char *) property[i].name.data,
                              (char *) property[i].value.data, errstr, size)
            != RD_KAFKA_CONF_OK)
        {
            if (ngx_kafka_property_is_secret(&property[i].name)) {
                ngx_snprintf((u_char *) errstr, size,
                             "librdkafka refuses the value of \"%V\"%Z",
                             &property[i].name);
            }

            rd_kafka_conf_destroy(rkc);
            return NULL;
        }
    }

    /* no thread of librdkafka may call us: it hands out events */

    rd_kafka_conf_set_events(rkc, RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR
                                  | RD_KAFKA_EVENT_LOG);

    if (rd_kafka_conf_set(rkc, "log.queue", "true", errstr, size)
        != RD_KAFKA_CONF_OK)
    {
        rd_kafka_conf_destroy(rkc);
        return NULL;
    }

    return rkc;
}


ngx_int_t
ngx_kafka_conf_partitioner(rd_kafka_conf_t *rkc,
    int32_t (*partitioner)(const rd_kafka_topic_t *rkt, const void *key,
                           size_t len, int32_t n, void *rkt_opaque,
                           void *msg_opaque),
    char *errstr, size_t size)
{
    rd_kafka_topic_conf_t  *rktc;

    /* with a time of its own librdkafka would ask once in that time only */

    if (rd_kafka_conf_set(rkc, "sticky.partitioning.linger.ms", "0", errstr,
                          size)
        != RD_KAFKA_CONF_OK)
    {
        return NGX_ERROR;
    }

    rktc = rd_kafka_conf_get_default_topic_conf(rkc);

    if (rktc == NULL) {
        ngx_snprintf((u_char *) errstr, size, "no properties of topics%Z");
        return NGX_ERROR;
    }

    rd_kafka_topic_conf_set_partitioner_cb(rktc, partitioner);

    return NGX_OK;
}


ngx_uint_t
ngx_kafka_log_level(int level)
{
    static ngx_uint_t  levels[] = {
        NGX_LOG_CRIT, NGX_LOG_CRIT, NGX_LOG_CRIT, NGX_LOG_ERR,
        NGX_LOG_WARN, NGX_LOG_NOTICE, NGX_LOG_INFO, NGX_LOG_DEBUG
    };

    return (level >= 0 && level <= 7) ? levels[level] : NGX_LOG_INFO;
}
