
#include "ngx_kafka_record.h"


#define NGX_KAFKA_SLAB          256      /* records allocated at once */
#define NGX_KAFKA_ARGUMENTS     8        /* of one rd_kafka_produceva() */


static rd_kafka_headers_t *ngx_kafka_headers(const ditto_record_t *record);
static int32_t ngx_kafka_partition_available(const rd_kafka_topic_t *rkt,
    int32_t number, int32_t n);


/* of this worker */

static ngx_kafka_record_t  *ngx_kafka_free;


/* A record outlives its request when the client leaves. */

ngx_kafka_record_t *
ngx_kafka_record_get(void)
{
    ngx_uint_t           i;
    ngx_kafka_record_t  *r;

    if (ngx_kafka_free == NULL) {

        r = ngx_alloc(NGX_KAFKA_SLAB * sizeof(ngx_kafka_record_t),
                      ngx_cycle->log);
        if (r == NULL) {
            return NULL;
        }

        for (i = 0; i < NGX_KAFKA_SLAB; i++) {
            ngx_kafka_record_put(&r[i]);
        }
    }

    r = ngx_kafka_free;
    ngx_kafka_free = r->delivery.data;

    return r;
}


void
ngx_kafka_record_put(ngx_kafka_record_t *r)
{
    r->delivery.data = ngx_kafka_free;
    ngx_kafka_free = r;
}


ngx_int_t
ngx_kafka_record_copy(ngx_kafka_record_t *r, const ditto_record_t *record)
{
    u_char  *p;

    r->value = ngx_alloc(record->value.len + record->key.len + 1,
                         ngx_cycle->log);
    if (r->value == NULL) {
        return NGX_ERROR;
    }

    r->len = record->value.len;
    r->key_len = record->key.len;
    r->key = (record->key.data != NULL);

    p = r->value;

    if (record->value.len) {
        p = ngx_cpymem(p, record->value.data, record->value.len);
    }

    if (record->key.len) {
        ngx_memcpy(p, record->key.data, record->key.len);
    }

    r->headers = ngx_kafka_headers(record);

    return NGX_OK;
}


void
ngx_kafka_record_free(ngx_kafka_record_t *r)
{
    rd_kafka_headers_destroy(r->headers);
    ngx_free(r->value);
}


rd_kafka_resp_err_t
ngx_kafka_record_give(ngx_kafka_record_t *r, ngx_kafka_handle_t *handle,
    rd_kafka_topic_t *rkt, const ditto_record_t *record)
{
    size_t                n;
    rd_kafka_vu_t         vu[NGX_KAFKA_ARGUMENTS];
    rd_kafka_error_t     *error;
    rd_kafka_resp_err_t   err;

    r->found = 0;

    n = 0;

    vu[n].vtype = RD_KAFKA_VTYPE_RKT;
    vu[n++].u.rkt = rkt;

    /* the partitioner is asked, so that a change of their number is seen */

    vu[n].vtype = RD_KAFKA_VTYPE_PARTITION;
    vu[n++].u.i32 = (r->number >= 0 && r->of == 0) ? r->number
                                                   : RD_KAFKA_PARTITION_UA;

    vu[n].vtype = RD_KAFKA_VTYPE_OPAQUE;
    vu[n++].u.ptr = r;

    vu[n].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
    vu[n++].u.i = record ? RD_KAFKA_MSG_F_COPY : RD_KAFKA_MSG_F_FREE;

    vu[n].vtype = RD_KAFKA_VTYPE_VALUE;

    if (record == NULL) {
        vu[n].u.mem.ptr = r->value;

    } else {
        r->headers = ngx_kafka_headers(record);
        r->len = record->value.len;
        r->key_len = record->key.len;
        r->key = (record->key.data != NULL);

        vu[n].u.mem.ptr = r->len ? (void *) record->value.data : (void *) "";
    }

    vu[n++].u.mem.size = r->len;

    if (r->key) {
        vu[n].vtype = RD_KAFKA_VTYPE_KEY;
        vu[n].u.mem.ptr = record ? (void *) record->key.data
                                 : (void *) (r->value + r->len);
        vu[n++].u.mem.size = r->key_len;
    }

    vu[n].vtype = RD_KAFKA_VTYPE_HEADERS;
    vu[n++].u.headers = r->headers;

    error = rd_kafka_produceva(handle->rk, vu, n);

    if (error == NULL) {
        return RD_KAFKA_RESP_ERR_NO_ERROR;
    }

    err = rd_kafka_error_code(error);
    rd_kafka_error_destroy(error);

    if (record) {
        rd_kafka_headers_destroy(r->headers);
    }

    return err;
}


static rd_kafka_headers_t *
ngx_kafka_headers(const ditto_record_t *record)
{
    size_t                        i;
    rd_kafka_headers_t           *headers;
    const ditto_record_header_t  *h;

    headers = rd_kafka_headers_new(record->nheaders);
    h = record->headers;

    for (i = 0; i < record->nheaders; i++) {
        (void) rd_kafka_header_add(headers, (char *) h[i].name.data,
                                   (ssize_t) h[i].name.len,
                                   h[i].value.len ? (void *) h[i].value.data
                                                  : (void *) "",
                                   (ssize_t) h[i].value.len);
    }

    return headers;
}


void
ngx_kafka_record_report(ngx_kafka_producer_t *producer, ngx_kafka_record_t *r,
    ngx_kafka_report_t *report)
{
    if (r->delivery.data != NULL) {
        r->delivery.handler(&r->delivery, report);

    } else if (report->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        ngx_kafka_log(producer, NGX_LOG_ERR, rd_kafka_err2name(report->err),
                      "a record that nobody waits for is not known to be in "
                      "Kafka");
    }

    ngx_kafka_record_put(r);
}


void
ngx_kafka_record_fail(ngx_kafka_producer_t *producer, ngx_kafka_record_t *r,
    rd_kafka_resp_err_t err)
{
    ngx_kafka_report_t  report;

    ngx_kafka_record_free(r);

    report.outcome = NGX_KAFKA_NOT_PERSISTED;
    report.err = err;
    report.partition = -1;
    report.offset = -1;
    report.timestamp = -1;

    ngx_kafka_record_report(producer, r, &report);
}


int32_t
ngx_kafka_partitioner(const rd_kafka_topic_t *rkt, const void *key,
    size_t len, int32_t n, void *rkt_opaque, void *msg_opaque)
{
    ngx_kafka_record_t  *r = msg_opaque;

    int32_t  number;

    if (r->number >= 0 && (r->of == n || (key == NULL && r->number < n))) {
        number = r->number;

    } else {
        number = rd_kafka_msg_partitioner_murmur2_random(rkt, key, len, n,
                                                         NULL, NULL);
    }

    if (key == NULL) {
        number = ngx_kafka_partition_available(rkt, number, n);
    }

    __atomic_store_n(&r->chosen, number, __ATOMIC_RELAXED);
    __atomic_store_n(&r->found, n, __ATOMIC_RELEASE);

    return number;
}


/* The next one whose leader is there, as Java's producers choose it. */

static int32_t
ngx_kafka_partition_available(const rd_kafka_topic_t *rkt, int32_t number,
    int32_t n)
{
    int32_t  i, next;

    next = number;

    for (i = 0; i < n && i < NGX_KAFKA_TRIES; i++) {

        if (rd_kafka_topic_partition_available(rkt, next)) {
            return next;
        }

        next = (next + 1) % n;
    }

    return number;
}
