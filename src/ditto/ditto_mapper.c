#include "ditto_json.h"
#include "ditto_mapper_private.h"


#define DITTO_MAPPER_NO_TWIN                                                  \
    "The mapper <%1> makes commands to twins, and no twin is stored here: "   \
    "use <RawMessage>, <CloudEvents> or a definition of one of them."
#define DITTO_MAPPER_NO_SCRIPT                                                \
    "The mapper <%1> cannot be used: JavaScript is not run here. Use "        \
    "<Ditto>, <Normalized>, <RawMessage> or <CloudEvents>."
#define DITTO_MAPPER_NOT_INBOUND                                              \
    "The mapper <%1> drops everything that is posted: use <RawMessage>, "     \
    "<CloudEvents> or a definition of one of them."


typedef struct {
    ditto_template_t  *tpl;          /* NULL: it is wrong */
    ditto_error_t      wrong;        /* and why */
} ditto_condition_t;


struct ditto_mapper_s {
    const ditto_mapper_row_t  *row;
    ditto_str_t                id;
    const void                *rule;
    ditto_str_t                blocklist;        /* content types, by commas;
                                                    data is NULL: none */
    ditto_array_t              conditions[2];    /* outgoing and incoming, of
                                                    ditto_condition_t */
};


static ditto_rc_t ditto_mapper_create(ditto_pool_t *pool,
    const ditto_mapper_row_t *row, ditto_str_t id, ditto_str_t options,
    ditto_mapper_t **mapper, ditto_error_t *err);
static const ditto_mapper_row_t *ditto_mapper_row(ditto_str_t engine);
static ditto_rc_t ditto_mapper_conditions(ditto_pool_t *pool,
    ditto_str_t object, ditto_place_e place, ditto_array_t *conditions,
    ditto_error_t *err);
static ditto_rc_t ditto_mapper_met(const ditto_array_t *conditions,
    const ditto_scope_t *scope, ditto_error_t *err);
static bool ditto_mapper_blocked(const ditto_mapper_t *mapper,
    const ditto_external_message_t *message);
static ditto_rc_t ditto_mapper_failed(const ditto_mapper_t *mapper,
    ditto_error_t *err);
static ditto_rc_t ditto_mapper_limit(const ditto_mapper_t *mapper,
    ditto_array_t *made, size_t before, ditto_pool_t *pool,
    ditto_error_t *err);


const ditto_str_t  ditto_mapper_content_type = ditto_string("content-type");
const ditto_str_t  ditto_mapper_correlation_id =
    ditto_string("correlation-id");
const ditto_str_t  ditto_mapper_media_type =
    ditto_string("application/vnd.eclipse.ditto+json");


static const ditto_str_t  ditto_mapper_package =
    ditto_string("org.eclipse.ditto.connectivity.service.mapping.");


static const ditto_mapper_row_t  ditto_mapper_rows[] = {

    { ditto_string("Ditto"), ditto_string("DittoMessageMapper"), true, true,
      NULL, ditto_mapper_ditto_outbound, ditto_mapper_ditto_inbound,
      { NULL, NULL } },

    { ditto_string("Normalized"), ditto_string("NormalizedMessageMapper"),
      true, false, ditto_mapper_normalized_compile,
      ditto_mapper_normalized_outbound, NULL,
      { NULL, DITTO_MAPPER_NOT_INBOUND } },

    { ditto_string("RawMessage"), ditto_string("RawMessageMapper"), true, true,
      ditto_mapper_raw_compile, ditto_mapper_raw_outbound,
      ditto_mapper_raw_inbound, { NULL, NULL } },

    { ditto_string("CloudEvents"), ditto_string("CloudEventsMapper"), true,
      false, NULL, ditto_mapper_cloud_events_outbound,
      ditto_mapper_cloud_events_inbound, { NULL, NULL } },

    { ditto_string("JavaScript"),
      ditto_string("javascript.JavaScriptMessageMapperRhino"), false, false,
      ditto_mapper_javascript_compile, NULL, NULL,
      { DITTO_MAPPER_NO_SCRIPT, DITTO_MAPPER_NO_SCRIPT } },

    { ditto_string("ConnectionStatus"),
      ditto_string("ConnectionStatusMessageMapper"), false, false,
      ditto_mapper_status_compile, NULL, NULL,
      { NULL, DITTO_MAPPER_NO_TWIN } },

    { ditto_string("ImplicitThingCreation"),
      ditto_string("ImplicitThingCreationMessageMapper"), false, false,
      ditto_mapper_creation_compile, NULL, NULL,
      { NULL, DITTO_MAPPER_NO_TWIN } },

    { ditto_string("UpdateTwinWithLiveResponse"),
      ditto_string("UpdateTwinWithLiveResponseMessageMapper"), true, true,
      NULL, NULL, NULL, { NULL, DITTO_MAPPER_NO_TWIN } },
};


ditto_rc_t
ditto_mapper_compile(ditto_pool_t *pool,
    const ditto_mapping_definition_t *definition, ditto_mapper_t **mapper,
    ditto_error_t *err)
{
    ditto_rc_t                 rc;
    const ditto_mapper_row_t  *row;

    row = ditto_mapper_row(definition->engine);

    if (row == NULL) {
        return DITTO_DECLINED;
    }

    rc = ditto_mapper_create(pool, row, definition->id, definition->options,
                             mapper, err);
    if (rc != DITTO_OK) {
        return rc;
    }

    if (ditto_mapper_conditions(pool, definition->outgoing,
                                DITTO_PLACE_HEADER_MAPPING,
                                &(*mapper)->conditions[0], err)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    return ditto_mapper_conditions(pool, definition->incoming,
                                   DITTO_PLACE_INCOMING_CONDITION,
                                   &(*mapper)->conditions[1], err);
}


ditto_rc_t
ditto_mapper_default(ditto_pool_t *pool, ditto_str_t id,
    ditto_mapper_t **mapper, ditto_error_t *err)
{
    ditto_str_t                none = ditto_null_string;
    const ditto_mapper_row_t  *row;

    row = ditto_mapper_row(id);

    if (row == NULL || !row->standalone || !ditto_str_eq(row->alias, id)) {
        return DITTO_DECLINED;
    }

    return ditto_mapper_create(pool, row, id, none, mapper, err);
}


ditto_str_t
ditto_mapper_id(const ditto_mapper_t *mapper)
{
    return mapper->id;
}


const char *
ditto_mapper_refusal(const ditto_mapper_t *mapper, bool inbound)
{
    return mapper->row->refusal[inbound];
}


ditto_rc_t
ditto_mapper_outbound(const ditto_mapper_t *mapper,
    const ditto_scope_t *scope, ditto_array_t *messages, ditto_error_t *err)
{
    size_t      before;
    ditto_rc_t  rc;

    if (mapper->row->outbound == NULL) {
        return DITTO_DECLINED;
    }

    rc = ditto_mapper_met(&mapper->conditions[0], scope, err);
    if (rc != DITTO_OK) {
        return rc;
    }

    before = messages->nelts;

    rc = mapper->row->outbound(mapper->rule, scope, messages, err);

    if (rc != DITTO_OK) {
        messages->nelts = before;
        return (rc == DITTO_ERROR) ? ditto_mapper_failed(mapper, err) : rc;
    }

    return ditto_mapper_limit(mapper, messages, before, scope->pool, err);
}


ditto_rc_t
ditto_mapper_inbound(const ditto_mapper_t *mapper, ditto_pool_t *pool,
    ditto_time_t now, const ditto_external_message_t *message,
    ditto_array_t *texts, ditto_error_t *err)
{
    size_t                        i, before;
    ditto_rc_t                    rc;
    ditto_scope_t                 scope;
    ditto_signal_t                signal;
    ditto_scope_cache_t           cache;
    const ditto_record_header_t  *h;

    if (mapper->row->inbound == NULL
        || ditto_mapper_blocked(mapper, message))
    {
        return DITTO_DECLINED;
    }

    memset(&scope, 0, sizeof(scope));
    memset(&cache, 0, sizeof(cache));
    memset(&signal, 0, sizeof(signal));

    scope.pool = pool;
    scope.cache = &cache;
    scope.signal = &signal;
    scope.now = now;

    ditto_headers_init(&signal.headers, pool);

    for (i = 0, h = message->headers.elts; i < message->headers.nelts; i++) {
        if (ditto_headers_set(&signal.headers, h[i].name, h[i].value)
            != DITTO_OK)
        {
            return ditto_fail_memory(err);
        }
    }

    rc = ditto_mapper_met(&mapper->conditions[1], &scope, err);
    if (rc != DITTO_OK) {
        return rc;
    }

    before = texts->nelts;

    rc = mapper->row->inbound(mapper->rule, &scope, message, texts, err);

    if (rc != DITTO_OK) {
        texts->nelts = before;
        return (rc == DITTO_ERROR) ? ditto_mapper_failed(mapper, err) : rc;
    }

    return ditto_mapper_limit(mapper, texts, before, pool, err);
}


static ditto_rc_t
ditto_mapper_create(ditto_pool_t *pool, const ditto_mapper_row_t *row,
    ditto_str_t id, ditto_str_t options, ditto_mapper_t **mapper,
    ditto_error_t *err)
{
    ditto_rc_t       rc;
    ditto_str_t      empty = ditto_string("{}"), none = ditto_null_string;
    ditto_mapper_t  *m;

    m = ditto_zalloc(pool, sizeof(ditto_mapper_t));
    if (m == NULL) {
        return ditto_fail_memory(err);
    }

    m->row = row;
    m->id = id;

    ditto_array_init(&m->conditions[0], pool, sizeof(ditto_condition_t));
    ditto_array_init(&m->conditions[1], pool, sizeof(ditto_condition_t));

    if (options.len == 0 || ditto_json_type(options) != DITTO_JSON_OBJECT) {
        options = empty;
    }

    rc = ditto_mapper_option(pool, options, "content-type-blocklist",
                             &m->blocklist, err);

    if (rc == DITTO_ERROR) {
        return DITTO_ERROR;
    }

    if (rc == DITTO_DECLINED) {
        m->blocklist = row->blocklist ? ditto_str(DITTO_MAPPER_BLOCKLIST)
                                      : none;
    }

    if (row->compile != NULL) {
        rc = row->compile(pool, options, &m->rule, err);
        if (rc != DITTO_OK) {
            return rc;
        }
    }

    *mapper = m;

    return DITTO_OK;
}


static const ditto_mapper_row_t *
ditto_mapper_row(ditto_str_t engine)
{
    size_t                     i;
    ditto_str_t                class_name = ditto_null_string;
    const ditto_mapper_row_t  *row;

    if (ditto_str_starts(engine, ditto_mapper_package)) {
        class_name = ditto_str_sub(engine, ditto_mapper_package.len,
                                   engine.len);
    }

    for (i = 0; i < sizeof(ditto_mapper_rows) / sizeof(ditto_mapper_rows[0]);
         i++)
    {
        row = &ditto_mapper_rows[i];

        if (ditto_str_eq(engine, row->alias)
            || ditto_str_eq(class_name, row->class_name))
        {
            return row;
        }
    }

    return NULL;
}


/* spec: Execution, "outgoingConditions" */
static ditto_rc_t
ditto_mapper_conditions(ditto_pool_t *pool, ditto_str_t object,
    ditto_place_e place, ditto_array_t *conditions, ditto_error_t *err)
{
    ditto_buf_t         buf;
    ditto_str_t         name, value, text;
    ditto_json_t        it;
    ditto_condition_t  *condition;

    if (object.len == 0 || ditto_json_type(object) != DITTO_JSON_OBJECT) {
        return DITTO_OK;
    }

    ditto_json_iterate(&it, object);

    while (ditto_json_next(&it, &name, &value)) {

        if (ditto_json_type(value) != DITTO_JSON_STRING) {
            continue;
        }

        condition = ditto_array_push(conditions);

        if (condition == NULL
            || ditto_json_text(pool, value, &value) != DITTO_OK)
        {
            return ditto_fail_memory(err);
        }

        ditto_buf_init(&buf, pool, value.len + 32);
        ditto_buf_text(&buf, "{{ fn:default('true') | ");
        ditto_buf_str(&buf, value);
        ditto_buf_text(&buf, " }}");

        if (ditto_buf_done(&buf, &text) != DITTO_OK) {
            return ditto_fail_memory(err);
        }

        if (ditto_template_compile(pool, text, place, &condition->tpl,
                                   &condition->wrong)
            != DITTO_OK)
        {
            if (condition->wrong.code == DITTO_E_INTERNAL) {
                return ditto_fail_memory(err);
            }

            condition->tpl = NULL;
        }
    }

    return DITTO_OK;
}


/* All are evaluated, for their errors. */
static ditto_rc_t
ditto_mapper_met(const ditto_array_t *conditions, const ditto_scope_t *scope,
    ditto_error_t *err)
{
    size_t                    i;
    ditto_rc_t                rc, met;
    ditto_str_t               value;
    const ditto_condition_t  *condition;

    met = DITTO_OK;
    condition = conditions->elts;

    for (i = 0; i < conditions->nelts; i++) {

        if (condition[i].tpl == NULL) {
            *err = condition[i].wrong;
            return DITTO_ERROR;
        }

        rc = ditto_template_resolve(condition[i].tpl, scope, &value, err);

        if (rc == DITTO_ERROR) {
            return DITTO_ERROR;
        }

        if (rc == DITTO_DECLINED) {
            met = DITTO_DECLINED;
        }
    }

    return met;
}


/* spec: Execution, "content-type-blocklist" */
static bool
ditto_mapper_blocked(const ditto_mapper_t *mapper,
    const ditto_external_message_t *message)
{
    size_t       from, to;
    ditto_str_t  list, type;

    list = mapper->blocklist;
    type = ditto_external_type(message);

    if (list.data == NULL || type.data == NULL) {
        return false;
    }

    for (from = 0; from <= list.len; from = to + 1) {
        to = ditto_str_chr(list, ',', from);

        if (ditto_str_eq(ditto_str_sub(list, from, to), type)) {
            return true;
        }
    }

    return false;
}


/* The rows do not know their mapper's id. */
static ditto_rc_t
ditto_mapper_failed(const ditto_mapper_t *mapper, ditto_error_t *err)
{
    if (err->code == DITTO_E_MAPPING_FAILED) {
        err->args[1] = mapper->id;
    }

    return DITTO_ERROR;
}


static ditto_rc_t
ditto_mapper_limit(const ditto_mapper_t *mapper, ditto_array_t *made,
    size_t before, ditto_pool_t *pool, ditto_error_t *err)
{
    size_t       n;
    ditto_buf_t  buf;
    ditto_str_t  count, none = ditto_null_string;

    n = made->nelts - before;

    if (n == 0) {
        return DITTO_DECLINED;
    }

    if (n <= DITTO_MAPPER_MESSAGES) {
        return DITTO_OK;
    }

    made->nelts = before;

    ditto_buf_init(&buf, pool, 0);
    ditto_buf_int(&buf, (int64_t) n);

    if (ditto_buf_done(&buf, &count) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    (void) ditto_fail(err, DITTO_E_MAPPING_FAILED, none, mapper->id);

    err->message = "The number of messages produced by the payload mapping "
                   "exceeded the limits.";
    err->description = "The payload mapping '%2' produced %3 messages, which "
                       "exceeds the limit of 10.";
    err->args[2] = count;

    return DITTO_ERROR;
}


void
ditto_external_init(ditto_external_message_t *message, ditto_pool_t *pool)
{
    ditto_str_t  none = ditto_null_string;

    ditto_array_init(&message->headers, pool, sizeof(ditto_record_header_t));

    message->payload = none;
    message->text = true;
}


ditto_rc_t
ditto_external_header(ditto_external_message_t *message, ditto_str_t name,
    ditto_str_t value)
{
    size_t                  i;
    ditto_record_header_t  *header;

    header = message->headers.elts;

    for (i = 0; i < message->headers.nelts; i++) {
        if (ditto_str_eq(header[i].name, name)) {
            header[i].value = value;
            return DITTO_OK;
        }
    }

    header = ditto_array_push(&message->headers);
    if (header == NULL) {
        return DITTO_ERROR;
    }

    header->name = name;
    header->value = value;

    return DITTO_OK;
}


ditto_str_t
ditto_external_get(const ditto_external_message_t *message, ditto_str_t name)
{
    size_t                        i;
    ditto_str_t                   none = ditto_null_string;
    const ditto_record_header_t  *h;

    for (i = 0, h = message->headers.elts; i < message->headers.nelts; i++) {
        if (ditto_str_eq(h[i].name, name)) {
            return h[i].value;
        }
    }

    return none;
}


ditto_str_t
ditto_external_type(const ditto_external_message_t *message)
{
    size_t                        i;
    ditto_str_t                   none = ditto_null_string;
    const ditto_record_header_t  *h;

    for (i = 0, h = message->headers.elts; i < message->headers.nelts; i++) {
        if (ditto_str_caseeq(h[i].name, ditto_mapper_content_type)) {
            return h[i].value;
        }
    }

    return none;
}


ditto_rc_t
ditto_mapper_option(ditto_pool_t *pool, ditto_str_t options,
    const char *name, ditto_str_t *value, ditto_error_t *err)
{
    if (ditto_json_member(options, ditto_str(name), value) != DITTO_OK) {
        return DITTO_DECLINED;
    }

    if (ditto_json_type(*value) == DITTO_JSON_STRING
        && ditto_json_text(pool, *value, value) != DITTO_OK)
    {
        return ditto_fail_memory(err);
    }

    return DITTO_OK;
}


ditto_external_message_t *
ditto_mapper_message(const ditto_scope_t *scope, ditto_array_t *messages,
    ditto_error_t *err)
{
    ditto_external_message_t  *message;

    message = ditto_array_push(messages);

    if (message == NULL) {
        (void) ditto_fail_memory(err);
        return NULL;
    }

    ditto_external_init(message, scope->pool);

    return message;
}


ditto_rc_t
ditto_mapper_payload(const ditto_external_message_t *message,
    ditto_str_t *payload, ditto_error_t *err)
{
    ditto_str_t  none = ditto_null_string;

    if (message->payload.len == 0) {
        (void) ditto_mapper_fail(err, ditto_external_type(message), true,
                                 none);
        err->description = NULL;

        return DITTO_ERROR;
    }

    *payload = message->payload;

    return DITTO_OK;
}


ditto_rc_t
ditto_mapper_fail(ditto_error_t *err, ditto_str_t type, bool inbound,
    ditto_str_t problem)
{
    ditto_str_t  none = ditto_null_string;
    ditto_str_t  unspecified = ditto_string("<unspecified>");

    (void) ditto_fail(err, DITTO_E_MAPPING_FAILED,
                      (type.len == 0) ? unspecified : type, none);

    err->description = inbound
                       ? "Could not map inbound message with mapper '%2' due "
                         "to unknown problem: %4"
                       : "Could not map outbound message with mapper '%2' due "
                         "to unknown problem: %4";
    err->args[3] = problem;

    return DITTO_ERROR;
}
