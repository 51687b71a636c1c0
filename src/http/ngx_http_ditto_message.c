
/*
 * One Ditto message: read, decided for each target, mapped, produced.
 */

#include "ngx_http_ditto_publish.h"

#include "ditto_json.h"

#include <sys/random.h>


#define NGX_HTTP_DITTO_UUID  36              /* characters */


static ditto_rc_t ngx_http_ditto_complete(ngx_http_ditto_message_t *m);
static ditto_rc_t ngx_http_ditto_requested(ngx_http_ditto_message_t *m);
static ditto_rc_t ngx_http_ditto_requested_acks(ngx_http_ditto_message_t *m,
    ngx_str_t *value);
static void ngx_http_ditto_scope(ngx_http_ditto_message_t *m);
static ditto_rc_t ngx_http_ditto_access(ngx_http_ditto_message_t *m,
    ditto_access_t *access);
static ditto_rc_t ngx_http_ditto_decide(ngx_http_ditto_message_t *m);
static ditto_rc_t ngx_http_ditto_select(ngx_http_ditto_message_t *m,
    const ditto_access_t *access);
static ditto_rc_t ngx_http_ditto_select_route(ngx_http_ditto_message_t *m,
    const ngx_http_ditto_route_t *route, const ditto_access_t *access);
static ngx_int_t ngx_http_ditto_map(ngx_http_ditto_message_t *m,
    ngx_http_ditto_part_t *part, const ditto_access_t *access);
static ngx_int_t ngx_http_ditto_results(ngx_http_ditto_message_t *m,
    ngx_http_ditto_part_t *part, const ditto_array_t *records);
static ngx_http_ditto_result_t *ngx_http_ditto_result(
    ngx_http_ditto_message_t *m, ngx_http_ditto_part_t *part);
static ditto_rc_t ngx_http_ditto_uuid(ditto_pool_t *pool, ditto_str_t *uuid);


ngx_int_t
ngx_http_ditto_message_read(ngx_http_ditto_message_t *m, ditto_str_t text)
{
    ditto_pool_t  *pool;

    pool = &m->ctx->pool.pool;

    ditto_array_init(&m->labels, pool, sizeof(ditto_str_t));
    ditto_array_init(&m->parts, pool, sizeof(ngx_http_ditto_part_t));
    ditto_array_init(&m->fetches, pool, sizeof(ngx_http_ditto_fetch_t *));
    ditto_array_init(&m->results, pool, sizeof(ngx_http_ditto_result_t));

    m->error.code = DITTO_E_NONE;

    if (ditto_signal_parse(pool, text, &m->signal, &m->error) == DITTO_OK) {

        ngx_http_ditto_scope(m);

        if (ngx_http_ditto_complete(m) == DITTO_OK
            && ngx_http_ditto_requested(m) == DITTO_OK
            && ditto_sender_accept(&m->signal, &m->error) == DITTO_OK)
        {
            (void) ngx_http_ditto_decide(m);
        }
    }

    return (m->error.code == DITTO_E_INTERNAL) ? NGX_ERROR : NGX_OK;
}


/* The headers that the gateway adds: spec "Headers", design: correlation-id */

static ditto_rc_t
ngx_http_ditto_complete(ngx_http_ditto_message_t *m)
{
    const ditto_header_t  *header;
    static ditto_str_t     correlation_id = ditto_string("correlation-id");
    static ditto_str_t     originator = ditto_string("ditto-originator");

    header = ditto_headers_get(&m->signal.headers, correlation_id);

    if (header != NULL) {
        m->correlation_id = header->value;

    } else if (ngx_http_ditto_uuid(&m->ctx->pool.pool, &m->correlation_id)
               != DITTO_OK
               || ditto_headers_set(&m->signal.headers, correlation_id,
                                    m->correlation_id)
                  != DITTO_OK)
    {
        return ditto_fail_memory(&m->error);
    }

    if (m->ctx->nsubjects != 0
        && ditto_headers_set(&m->signal.headers, originator,
                             m->ctx->subjects[0])
           != DITTO_OK)
    {
        return ditto_fail_memory(&m->error);
    }

    return DITTO_OK;
}


/* spec: Labels and requests, "HTTP header / query parameter" */

static ditto_rc_t
ngx_http_ditto_requested(ngx_http_ditto_message_t *m)
{
    ngx_int_t           rc;
    ngx_str_t           value, name;
    static ditto_str_t  required = ditto_string("response-required");

    ngx_str_set(&name, "requested-acks");

    rc = ngx_http_ditto_parameter(m->ctx, &name, &value);

    if (rc == NGX_ERROR) {
        return ditto_fail_memory(&m->error);
    }

    if (rc == NGX_OK && ngx_http_ditto_requested_acks(m, &value) != DITTO_OK) {
        return DITTO_ERROR;
    }

    ngx_str_set(&name, "response-required");

    rc = ngx_http_ditto_parameter(m->ctx, &name, &value);

    if (rc == NGX_ERROR) {
        return ditto_fail_memory(&m->error);
    }

    if (rc == NGX_OK && m->signal.kind != DITTO_SIGNAL_EVENT) {

        if (!ditto_str_eq(ngx_http_ditto_str(value), ditto_str("true"))
            && !ditto_str_eq(ngx_http_ditto_str(value), ditto_str("false")))
        {
            (void) ditto_fail(&m->error, DITTO_E_HEADER_INVALID,
                              ngx_http_ditto_str(value), required);
            m->error.args[2] = ditto_str("boolean");
            m->error.header = required;
            return DITTO_ERROR;
        }

        if (ditto_headers_set(&m->signal.headers, required,
                              ngx_http_ditto_str(value))
            != DITTO_OK)
        {
            return ditto_fail_memory(&m->error);
        }
    }

    return ditto_acks_requested(&m->ctx->pool.pool, &m->signal, &m->labels,
                                &m->error);
}


/* "a,b" or a JSON array, checked as the message's own header is. */

static ditto_rc_t
ngx_http_ditto_requested_acks(ngx_http_ditto_message_t *m, ngx_str_t *value)
{
    size_t                 at, end;
    ditto_buf_t            buf;
    ditto_str_t            list, object, label;
    ditto_headers_t        headers;
    const ditto_header_t  *header;
    static ditto_str_t     name = ditto_string("requested-acks");

    list = ditto_str_trim(ngx_http_ditto_str(*value));

    ditto_buf_init(&buf, &m->ctx->pool.pool, list.len + 64);
    ditto_buf_text(&buf, "{\"requested-acks\":");

    if (list.len != 0 && list.data[0] == '[') {
        ditto_json_add_string(&buf, list);

    } else {
        ditto_buf_char(&buf, '[');

        for (at = 0; at < list.len; at = end + 1) {
            end = ditto_str_chr(list, ',', at);
            label = ditto_str_trim(ditto_str_sub(list, at, end));

            ditto_buf_text(&buf, at == 0 ? "" : ",");
            ditto_json_add_string(&buf, label);
        }

        ditto_buf_char(&buf, ']');
    }

    ditto_buf_char(&buf, '}');

    if (ditto_buf_done(&buf, &object) != DITTO_OK) {
        return ditto_fail_memory(&m->error);
    }

    ditto_headers_init(&headers, &m->ctx->pool.pool);

    if (ditto_headers_read(&headers, object, false, &m->error) != DITTO_OK) {
        return DITTO_ERROR;
    }

    header = ditto_headers_get(&headers, name);

    if (header != NULL
        && ditto_headers_set(&m->signal.headers, name, header->value)
           != DITTO_OK)
    {
        return ditto_fail_memory(&m->error);
    }

    return DITTO_OK;
}


ngx_int_t
ngx_http_ditto_parameter(ngx_http_ditto_ctx_t *ctx, ngx_str_t *name,
    ngx_str_t *value)
{
    u_char              *dst, *src;
    ngx_uint_t           i;
    ngx_str_t            arg;
    ngx_list_part_t     *part;
    ngx_table_elt_t     *h;
    ngx_http_request_t  *r;

    r = ctx->request;

    if (r->args.len != 0
        && ngx_http_arg(r, name->data, name->len, &arg) == NGX_OK)
    {
        dst = ngx_pnalloc(ctx->pool.nginx, arg.len);
        if (dst == NULL) {
            return NGX_ERROR;
        }

        value->data = dst;
        src = arg.data;
        ngx_unescape_uri(&dst, &src, arg.len, 0);
        value->len = dst - value->data;

        return NGX_OK;
    }

    part = &r->headers_in.headers.part;
    h = part->elts;

    for (i = 0; /* void */ ; i++) {

        if (i >= part->nelts) {
            if (part->next == NULL) {
                return NGX_DECLINED;
            }

            part = part->next;
            h = part->elts;
            i = 0;
        }

        if (h[i].key.len == name->len
            && ngx_strncasecmp(h[i].key.data, name->data, name->len) == 0)
        {
            *value = h[i].value;
            return NGX_OK;
        }
    }
}


static void
ngx_http_ditto_scope(ngx_http_ditto_message_t *m)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_REALTIME, &ts);

    m->scope.pool = &m->ctx->pool.pool;
    m->scope.cache = &m->cache;
    m->scope.signal = &m->signal;
    m->scope.subjects = m->ctx->subjects;
    m->scope.nsubjects = m->ctx->nsubjects;
    m->scope.now.sec = ts.tv_sec;
    m->scope.now.nsec = (uint32_t) ts.tv_nsec;
}


/* Everything is decided before anything is produced. */

static ditto_rc_t
ngx_http_ditto_decide(ngx_http_ditto_message_t *m)
{
    ditto_access_t               access;
    ditto_subjects_t             subjects;
    ngx_http_ditto_loc_conf_t   *dlcf;
    ngx_http_ditto_main_conf_t  *dmcf;

    dmcf = ngx_http_get_module_main_conf(m->ctx->request,
                                         ngx_http_ditto_kafka_module);
    dlcf = ngx_http_get_module_loc_conf(m->ctx->request,
                                        ngx_http_ditto_kafka_module);

    if (dlcf->enforcement != NULL
        && ditto_enforcement_check(dlcf->enforcement->rule, &m->scope,
                                   m->ctx->input, &m->error)
           != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    if (ngx_http_ditto_access(m, &access) != DITTO_OK) {
        return DITTO_ERROR;
    }

    if (!dmcf->policies_off) {

        if (access.policy == NULL) {
            ngx_log_error(NGX_LOG_INFO, m->ctx->request->connection->log, 0,
                          "no policy governs the entity of this message");
        }

        if (dlcf->subjects != NULL) {
            subjects.elts = m->ctx->subjects;
            subjects.n = m->ctx->nsubjects;

            if (ditto_sender_check(&m->signal, access.policy, &subjects,
                                   &m->error)
                != DITTO_OK)
            {
                return DITTO_ERROR;
            }
        }
    }

    return ngx_http_ditto_select(m, &access);
}


/* access->policy is valid until the next call. */

static ditto_rc_t
ngx_http_ditto_access(ngx_http_ditto_message_t *m, ditto_access_t *access)
{
    ngx_http_ditto_loc_conf_t   *dlcf;
    ngx_http_ditto_main_conf_t  *dmcf;

    dmcf = ngx_http_get_module_main_conf(m->ctx->request,
                                         ngx_http_ditto_kafka_module);
    dlcf = ngx_http_get_module_loc_conf(m->ctx->request,
                                        ngx_http_ditto_kafka_module);

    access->policy = NULL;
    access->off = dmcf->policies_off;
    access->partial = (dlcf->partial_events == NGX_HTTP_DITTO_PARTIAL);

    if (access->off) {
        return DITTO_OK;
    }

    return (ngx_http_ditto_policy_get(dmcf, &m->scope, &access->policy,
                                      &m->error)
            == DITTO_ERROR) ? DITTO_ERROR : DITTO_OK;
}


static ditto_rc_t
ngx_http_ditto_select(ngx_http_ditto_message_t *m,
    const ditto_access_t *access)
{
    size_t                       i;
    uint32_t                    *found;
    ditto_array_t                candidates;
    ngx_http_ditto_index_t      *index;
    ngx_http_ditto_route_t      *route;
    ngx_http_ditto_loc_conf_t   *dlcf;

    dlcf = ngx_http_get_module_loc_conf(m->ctx->request,
                                        ngx_http_ditto_kafka_module);

    index = &dlcf->index[m->signal.target_topic];
    route = index->routes.elts;

    ditto_array_init(&candidates, m->scope.pool, sizeof(uint32_t));

    if (ngx_http_ditto_candidates(index, &m->signal, access, &candidates)
        != NGX_OK)
    {
        return ditto_fail_memory(&m->error);
    }

    for (i = 0, found = candidates.elts; i < candidates.nelts; i++) {
        if (ngx_http_ditto_select_route(m, &route[found[i]], access)
            != DITTO_OK)
        {
            return DITTO_ERROR;
        }
    }

    return DITTO_OK;
}


static ditto_rc_t
ngx_http_ditto_select_route(ngx_http_ditto_message_t *m,
    const ngx_http_ditto_route_t *route, const ditto_access_t *access)
{
    ditto_rc_t              rc;
    ditto_array_t           fields;
    ditto_error_t           err;
    ngx_http_ditto_part_t  *part;

    m->scope.connection_id = route->connection->model.id;

    ditto_array_init(&fields, m->scope.pool, sizeof(ditto_str_t));

    rc = ditto_target_addressed(route->target, &m->signal, m->scope.pool)
         ? ditto_outbound_select(route->target, &m->scope, access, &fields,
                                 &err)
         : DITTO_DECLINED;

    /* one that is not concerned may owe a weak acknowledgement */

    if (rc == DITTO_DECLINED
        && (m->labels.nelts == 0 || route->target->label.len == 0))
    {
        return DITTO_OK;
    }

    if (rc == DITTO_ERROR && err.code == DITTO_E_INTERNAL) {
        m->error = err;
        return DITTO_ERROR;
    }

    part = ditto_array_push(&m->parts);
    if (part == NULL) {
        return ditto_fail_memory(&m->error);
    }

    ngx_memzero(part, sizeof(ngx_http_ditto_part_t));

    part->route = route;
    part->fields = fields;
    part->selected = (rc == DITTO_OK);
    part->fate = DITTO_FATE_DROPPED;

    if (rc == DITTO_ERROR) {
        /* a filter that cannot be evaluated: Ditto loses the signal */
        part->error = err;
        part->fate = DITTO_FATE_FAILED;
    }

    return DITTO_OK;
}


ngx_int_t
ngx_http_ditto_message_map(ngx_http_ditto_message_t *m)
{
    size_t                  i;
    ditto_access_t          access;
    ngx_http_ditto_part_t  *part;

    if (m->error.code != DITTO_E_NONE || m->parts.nelts == 0) {
        return NGX_OK;
    }

    if (ngx_http_ditto_access(m, &access) != DITTO_OK) {
        return NGX_ERROR;
    }

    for (i = 0, part = m->parts.elts; i < m->parts.nelts; i++) {
        if (ngx_http_ditto_map(m, &part[i], &access) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* A target that cannot be published to does not hinder the others. */

static ngx_int_t
ngx_http_ditto_map(ngx_http_ditto_message_t *m, ngx_http_ditto_part_t *part,
    const ditto_access_t *access)
{
    ditto_str_t              thing = ditto_null_string;
    ditto_array_t            records;
    const ditto_target_t    *target;
    ngx_http_ditto_fetch_t  *fetch;

    target = part->route->target;
    fetch = part->fetch;

    ditto_array_init(&records, m->scope.pool, sizeof(ditto_record_t));

    m->scope.connection_id = part->route->connection->model.id;

    if (part->selected && fetch != NULL) {

        if (fetch->error.code != DITTO_E_NONE) {
            part->error = fetch->error;
            part->fate = DITTO_FATE_FAILED;
            part->selected = 0;

        } else if (ditto_outbound_readable(target, &m->scope, access,
                                           fetch->thing, &thing,
                                           &part->error)
                   != DITTO_OK)
        {
            return NGX_ERROR;
        }
    }

    if (part->selected
        && ditto_outbound_publish(&part->route->connection->model, target,
                                  &m->scope, access, thing, &records,
                                  &part->fate, &part->error)
           == DITTO_ERROR
        && part->error.code == DITTO_E_INTERNAL)
    {
        return NGX_ERROR;
    }

    if (part->fate == DITTO_FATE_UNADDRESSED) {
        ngx_log_error(NGX_LOG_INFO, m->ctx->request->connection->log, 0,
                      "signal dropped for target \"%*s\" of connection "
                      "\"%V\": its address has a placeholder without a value",
                      target->address.len, target->address.data,
                      &part->route->connection->id);
    }

    return ngx_http_ditto_results(m, part, &records);
}


static ngx_int_t
ngx_http_ditto_results(ngx_http_ditto_message_t *m,
    ngx_http_ditto_part_t *part, const ditto_array_t *records)
{
    size_t                    i;
    ditto_record_t           *record;
    ngx_http_ditto_result_t  *result;

    part->first = m->results.nelts;

    for (i = 0, record = records->elts; i < records->nelts; i++) {

        result = ngx_http_ditto_result(m, part);
        if (result == NULL) {
            return NGX_ERROR;
        }

        result->record = record[i];
    }

    if (part->fate == DITTO_FATE_FAILED) {

        result = ngx_http_ditto_result(m, part);
        if (result == NULL) {
            return NGX_ERROR;
        }

        result->error = part->error;
        result->report.outcome = NGX_KAFKA_NOT_PERSISTED;
    }

    part->n = m->results.nelts - part->first;

    return NGX_OK;
}


static ngx_http_ditto_result_t *
ngx_http_ditto_result(ngx_http_ditto_message_t *m,
    ngx_http_ditto_part_t *part)
{
    ngx_http_ditto_result_t  *result;

    result = ditto_array_push(&m->results);
    if (result == NULL) {
        return NULL;
    }

    ngx_memzero(result, sizeof(ngx_http_ditto_result_t));

    result->ctx = m->ctx;
    result->route = part->route;
    result->report.partition = -1;
    result->report.offset = -1;
    result->report.timestamp = -1;

    return result;
}


void
ngx_http_ditto_message_produce(ngx_http_ditto_message_t *m,
    void (*handler)(ngx_kafka_delivery_t *d, ngx_kafka_report_t *report))
{
    size_t                    i;
    rd_kafka_resp_err_t       err;
    ngx_kafka_producer_t     *producer;
    ngx_http_ditto_result_t  *result;

    for (i = 0, result = m->results.elts; i < m->results.nelts; i++) {

        if (result[i].report.outcome != NGX_KAFKA_PENDING) {
            continue;
        }

        producer = result[i].route->connection->client->producer;
        err = RD_KAFKA_RESP_ERR__FATAL;

        if (producer != NULL
            && ngx_kafka_produce(producer, &result[i].record, handler,
                                 &result[i], &result[i].delivery, &err)
               == NGX_OK)
        {
            m->ctx->pending++;
            continue;
        }

        result[i].report.outcome = NGX_KAFKA_NOT_PERSISTED;
        result[i].report.err = err;
    }
}


void
ngx_http_ditto_message_detach(ngx_http_ditto_message_t *m)
{
    size_t                    i;
    ngx_http_ditto_result_t  *result;

    for (i = 0, result = m->results.elts; i < m->results.nelts; i++) {
        if (result[i].delivery != NULL) {
            result[i].delivery->data = NULL;
            result[i].delivery = NULL;
        }
    }
}


/* A random UUID, RFC 9562 version 4. */

static ditto_rc_t
ngx_http_ditto_uuid(ditto_pool_t *pool, ditto_str_t *uuid)
{
    u_char              *p, *b;
    ngx_uint_t           i;
    static u_char        bytes[1024];
    static size_t        left;

    if (left < 16) {
        if (getrandom(bytes, sizeof(bytes), GRND_NONBLOCK)
            != (ssize_t) sizeof(bytes))
        {
            for (i = 0; i < sizeof(bytes); i++) {
                bytes[i] = (u_char) ngx_random();
            }
        }

        left = sizeof(bytes);
    }

    left -= 16;
    b = bytes + left;

    b[6] = (u_char) ((b[6] & 0x0f) | 0x40);
    b[8] = (u_char) ((b[8] & 0x3f) | 0x80);

    p = ditto_alloc(pool, NGX_HTTP_DITTO_UUID);
    if (p == NULL) {
        return DITTO_ERROR;
    }

    uuid->data = p;
    uuid->len = NGX_HTTP_DITTO_UUID;

    for (i = 0; i < 16; i++) {
        p = ngx_hex_dump(p, &b[i], 1);

        if (i == 3 || i == 5 || i == 7 || i == 9) {
            *p++ = '-';
        }
    }

    return DITTO_OK;
}
