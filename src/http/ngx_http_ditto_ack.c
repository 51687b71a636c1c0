
/*
 * Acknowledgements from what Kafka did: each label that a message asks for gets
 * the answer of the target that issues it.
 */

#include "ngx_http_ditto_publish.h"

#include "ditto_json.h"


/* How Kafka's own client names an error, and what Ditto makes of it. */
typedef struct {
    rd_kafka_resp_err_t   err;
    ngx_uint_t            status;
    char                 *name;
} ngx_http_ditto_exception_t;


static ngx_int_t ngx_http_ditto_ack_push(ngx_http_ditto_message_t *m,
    ditto_str_t label, ditto_array_t *acks);
static ngx_int_t ngx_http_ditto_ack_part(ngx_http_ditto_message_t *m,
    const ngx_http_ditto_part_t *part, ditto_ack_t *ack);
static ngx_int_t ngx_http_ditto_ack_unissued(ngx_http_ditto_message_t *m,
    ditto_ack_t *ack);
static ngx_int_t ngx_http_ditto_ack_records(ngx_http_ditto_message_t *m,
    const ngx_http_ditto_part_t *part, ditto_ack_t *ack);
static ngx_int_t ngx_http_ditto_ack_failed(ngx_http_ditto_message_t *m,
    const ngx_http_ditto_part_t *part, ditto_ack_t *ack);
static ngx_int_t ngx_http_ditto_ack_metadata(ngx_http_ditto_message_t *m,
    const ngx_http_ditto_result_t *result, ditto_ack_t *ack);
static ngx_int_t ngx_http_ditto_ack_exception(ngx_http_ditto_message_t *m,
    rd_kafka_resp_err_t err, ditto_ack_t *ack);
static ngx_int_t ngx_http_ditto_ack_missing(ngx_http_ditto_message_t *m,
    ngx_uint_t late, ditto_ack_t *ack);
static void ngx_http_ditto_ack_is_weak(ditto_ack_t *ack);
static const ngx_http_ditto_part_t *ngx_http_ditto_issuer(
    ngx_http_ditto_message_t *m, ditto_str_t label);


/* spec: Exception to acknowledgement */

static ngx_http_ditto_exception_t  ngx_http_ditto_exceptions[] = {
    { RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, 500, "TimeoutException" },
    { RD_KAFKA_RESP_ERR__TIMED_OUT, 500, "TimeoutException" },
    { RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, 500, "TimeoutException" },
    { RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, 500, "TimeoutException" },
    { RD_KAFKA_RESP_ERR__TRANSPORT, 500, "NetworkException" },
    { RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION, 500, "NetworkException" },
    { RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, 500,
      "NotLeaderOrFollowerException" },
    { RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, 500,
      "LeaderNotAvailableException" },
    { RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, 500,
      "UnknownTopicOrPartitionException" },
    { RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, 500,
      "UnknownTopicOrPartitionException" },
    { RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, 500,
      "UnknownTopicOrPartitionException" },
    { RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR, 500, "KafkaStorageException" },
    { RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, 500,
      "NotEnoughReplicasException" },
    { RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND, 500,
      "NotEnoughReplicasAfterAppendException" },
    { RD_KAFKA_RESP_ERR_INVALID_MSG, 500, "CorruptRecordException" },
    { RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, 400, "RecordTooLargeException" },
    { RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, 400,
      "TopicAuthorizationException" },
    { RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, 400,
      "ClusterAuthorizationException" },
    { RD_KAFKA_RESP_ERR__AUTHENTICATION, 400, "SaslAuthenticationException" },
    { RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED, 400,
      "SaslAuthenticationException" },
    { RD_KAFKA_RESP_ERR__SSL, 400, "SslAuthenticationException" },
    { RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, 400, "InvalidTopicException" },
    { RD_KAFKA_RESP_ERR_POLICY_VIOLATION, 400, "PolicyViolationException" },
    { RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, 400,
      "InvalidTimestampException" },
    { RD_KAFKA_RESP_ERR_INVALID_RECORD, 400, "InvalidRecordException" },
    { RD_KAFKA_RESP_ERR__INVALID_ARG, 400, "IllegalArgumentException" },
};


ngx_int_t
ngx_http_ditto_acks(ngx_http_ditto_message_t *m, ditto_array_t *acks)
{
    size_t                        i;
    ditto_str_t                  *label;
    const ngx_http_ditto_part_t  *part;

    ditto_array_init(acks, m->scope.pool, sizeof(ditto_ack_t));

    for (i = 0, label = m->labels.elts; i < m->labels.nelts; i++) {

        if (!ditto_ack_label_internal(label[i])
            && ngx_http_ditto_ack_push(m, label[i], acks) != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    if (!ditto_ack_live(&m->signal)) {
        return NGX_OK;
    }

    /* a target may answer in the device's place */

    part = ngx_http_ditto_issuer(m, ditto_live_response);

    return (part != NULL && part->fate != DITTO_FATE_DROPPED)
           ? ngx_http_ditto_ack_push(m, ditto_live_response, acks)
           : NGX_OK;
}


static ngx_int_t
ngx_http_ditto_ack_push(ngx_http_ditto_message_t *m, ditto_str_t label,
    ditto_array_t *acks)
{
    ditto_ack_t                  *ack;
    const ngx_http_ditto_part_t  *part;

    ack = ditto_array_push(acks);
    if (ack == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(ack, sizeof(ditto_ack_t));

    ack->label = label;

    part = ngx_http_ditto_issuer(m, label);

    return (part == NULL) ? ngx_http_ditto_ack_unissued(m, ack)
                          : ngx_http_ditto_ack_part(m, part, ack);
}


static const ngx_http_ditto_part_t *
ngx_http_ditto_issuer(ngx_http_ditto_message_t *m, ditto_str_t label)
{
    size_t                        i;
    const ngx_http_ditto_part_t  *part;

    for (i = 0, part = m->parts.elts; i < m->parts.nelts; i++) {
        if (part[i].route->target->label.len != 0
            && ditto_str_eq(part[i].route->target->label, label))
        {
            return &part[i];
        }
    }

    return NULL;
}


/*
 * Nobody of those who take this kind of signal issues it.  A connection that
 * knows the label and gets nothing of the message says so; a consumer behind it
 * might have answered, but there are no sources here.
 */

static ngx_int_t
ngx_http_ditto_ack_unissued(ngx_http_ditto_message_t *m, ditto_ack_t *ack)
{
    size_t                        j;
    ngx_uint_t                    i;
    ngx_http_ditto_label_t       *label;
    ngx_http_ditto_loc_conf_t    *dlcf;
    const ngx_http_ditto_part_t  *part;

    dlcf = ngx_http_get_module_loc_conf(m->ctx->request,
                                        ngx_http_ditto_kafka_module);

    for (i = 0, label = dlcf->labels.elts; i < dlcf->labels.nelts; i++) {
        if (ditto_str_eq(label[i].label, ack->label)) {
            break;
        }
    }

    if (i == dlcf->labels.nelts || m->signal.entity == DITTO_ENTITY_NONE) {
        return ngx_http_ditto_ack_missing(m, 0, ack);
    }

    ack->connection_id = label[i].connection->model.id;

    if (label[i].target == NULL) {

        for (j = 0, part = m->parts.elts; j < m->parts.nelts; j++) {
            if (part[j].route->connection == label[i].connection
                && part[j].fate != DITTO_FATE_DROPPED)
            {
                return ngx_http_ditto_ack_missing(m, 0, ack);
            }
        }
    }

    ngx_http_ditto_ack_is_weak(ack);

    return NGX_OK;
}


static ngx_int_t
ngx_http_ditto_ack_part(ngx_http_ditto_message_t *m,
    const ngx_http_ditto_part_t *part, ditto_ack_t *ack)
{
    ack->connection_id = part->route->connection->model.id;

    switch (part->fate) {

    case DITTO_FATE_PUBLISHED:
        return ngx_http_ditto_ack_records(m, part, ack);

    case DITTO_FATE_FAILED:
        return ngx_http_ditto_ack_failed(m, part, ack);

    case DITTO_FATE_DROPPED:
        ngx_http_ditto_ack_is_weak(ack);
        return NGX_OK;

    default: /* DITTO_FATE_UNADDRESSED */
        return ngx_http_ditto_ack_missing(m, 0, ack);
    }
}


/* The worst of a target's records speaks for it. */

static ngx_int_t
ngx_http_ditto_ack_records(ngx_http_ditto_message_t *m,
    const ngx_http_ditto_part_t *part, ditto_ack_t *ack)
{
    size_t                          i;
    const ngx_http_ditto_result_t  *result, *worst;

    result = (ngx_http_ditto_result_t *) m->results.elts + part->first;
    worst = result;

    for (i = 0; i < part->n; i++) {

        switch (result[i].report.outcome) {

        case NGX_KAFKA_PERSISTED:
            break;

        case NGX_KAFKA_SENT:
            if (worst->report.outcome == NGX_KAFKA_PERSISTED) {
                worst = &result[i];
            }
            break;

        default:
            worst = &result[i];
        }
    }

    switch (worst->report.outcome) {

    case NGX_KAFKA_PERSISTED:
        return ngx_http_ditto_ack_metadata(m, worst, ack);

    case NGX_KAFKA_SENT:
        ack->status = NGX_HTTP_ACCEPTED;
        return NGX_OK;

    case NGX_KAFKA_PENDING:
        return ngx_http_ditto_ack_missing(m, 1, ack);

    default:
        return ngx_http_ditto_ack_exception(m, worst->report.err, ack);
    }
}


/* spec: Success acknowledgement */

static ngx_int_t
ngx_http_ditto_ack_metadata(ngx_http_ditto_message_t *m,
    const ngx_http_ditto_result_t *result, ditto_ack_t *ack)
{
    ditto_buf_t  buf;

    ack->status = NGX_HTTP_NO_CONTENT;

    if (!result->route->connection->model.debug) {
        return NGX_OK;
    }

    ack->status = NGX_HTTP_OK;

    ditto_buf_init(&buf, m->scope.pool, 256);
    ditto_buf_char(&buf, '{');

    if (result->report.timestamp >= 0) {
        ditto_buf_text(&buf, "\"timestamp\":");
        ditto_buf_int(&buf, result->report.timestamp);
        ditto_buf_char(&buf, ',');
    }

    ditto_buf_text(&buf, "\"serializedKeySize\":");
    ditto_buf_int(&buf, result->record.key.data == NULL
                        ? -1 : (int64_t) result->record.key.len);
    ditto_buf_text(&buf, ",\"serializedValueSize\":");
    ditto_buf_int(&buf, (int64_t) result->record.value.len);
    ditto_buf_text(&buf, ",\"topic\":");
    ditto_json_add_string(&buf, result->record.topic);
    ditto_buf_text(&buf, ",\"partition\":");
    ditto_buf_int(&buf, result->report.partition);

    if (result->report.offset >= 0) {
        ditto_buf_text(&buf, ",\"offset\":");
        ditto_buf_int(&buf, result->report.offset);
    }

    ditto_buf_char(&buf, '}');

    return (ditto_buf_done(&buf, &ack->payload) == DITTO_OK) ? NGX_OK
                                                             : NGX_ERROR;
}


static ngx_int_t
ngx_http_ditto_ack_exception(ngx_http_ditto_message_t *m,
    rd_kafka_resp_err_t err, ditto_ack_t *ack)
{
    ngx_uint_t                   i, n;
    ditto_buf_t                  buf;
    ditto_str_t                  none = ditto_null_string;
    ditto_error_t                full;
    ngx_http_ditto_exception_t  *e;

    ditto_buf_init(&buf, m->scope.pool, 256);

    if (err == RD_KAFKA_RESP_ERR__QUEUE_FULL) {

        /* Ditto's own queue, not that of Kafka's client */

        ack->status = NGX_HTTP_SERVICE_UNAVAILABLE;

        (void) ditto_fail(&full, DITTO_E_SENDING_FAILED, none, none);
        full.message = "Outgoing Kafka message dropped: There are too many "
                       "uncommitted messages.";
        full.description = "This can have the following reasons:\n"
                           " a) The Kafka consumer does not consume the "
                           "messages fast enough.\n"
                           " b) The client count of this connection is not "
                           "configured high enough.";

        ditto_ack_error_payload(&buf, &full);

        return (ditto_buf_done(&buf, &ack->payload) == DITTO_OK) ? NGX_OK
                                                                 : NGX_ERROR;
    }

    e = ngx_http_ditto_exceptions;
    n = sizeof(ngx_http_ditto_exceptions)
        / sizeof(ngx_http_ditto_exceptions[0]);

    for (i = 0; i < n; i++) {
        if (e[i].err == err) {
            break;
        }
    }

    ack->status = (i < n) ? e[i].status : NGX_HTTP_INTERNAL_SERVER_ERROR;

    ditto_ack_exception_payload(&buf, (i < n) ? e[i].name : "KafkaException",
                                ditto_str(rd_kafka_err2str(err)));

    return (ditto_buf_done(&buf, &ack->payload) == DITTO_OK) ? NGX_OK
                                                             : NGX_ERROR;
}


/* spec: Acknowledgements caused by selection */

static ngx_int_t
ngx_http_ditto_ack_failed(ngx_http_ditto_message_t *m,
    const ngx_http_ditto_part_t *part, ditto_ack_t *ack)
{
    ditto_buf_t  buf, text;
    ditto_str_t  message;

    ack->status = ditto_error_status(&part->error);

    ditto_buf_init(&buf, m->scope.pool, 256);

    if (part->fetch != NULL && part->fetch->error.code != DITTO_E_NONE) {

        ditto_buf_init(&text, m->scope.pool, 256);
        ditto_buf_text(&text, "Acknowledgement was issued automatically as "
                              "failed ack, because the signal enrichment "
                              "failed: ");
        ditto_error_message(&text, &part->error);

        if (ditto_buf_done(&text, &message) != DITTO_OK) {
            return NGX_ERROR;
        }

        ditto_json_add_string(&buf, message);

    } else {
        ditto_ack_error_payload(&buf, &part->error);
    }

    return (ditto_buf_done(&buf, &ack->payload) == DITTO_OK) ? NGX_OK
                                                             : NGX_ERROR;
}


/* late: the deadline came first; else it will never come */

static ngx_int_t
ngx_http_ditto_ack_missing(ngx_http_ditto_message_t *m, ngx_uint_t late,
    ditto_ack_t *ack)
{
    ditto_buf_t  buf;

    ack->status = NGX_HTTP_REQUEST_TIME_OUT;

    ditto_buf_init(&buf, m->scope.pool, 256);

    if (late) {
        ditto_ack_timeout_payload(&buf, (int64_t) m->timeout);

    } else {
        ditto_ack_unissued_payload(&buf, ack->label);
    }

    return (ditto_buf_done(&buf, &ack->payload) == DITTO_OK) ? NGX_OK
                                                             : NGX_ERROR;
}


static void
ngx_http_ditto_ack_is_weak(ditto_ack_t *ack)
{
    ack->status = NGX_HTTP_OK;
    ack->weak = 1;
    ack->payload = ditto_ack_weak;
}
