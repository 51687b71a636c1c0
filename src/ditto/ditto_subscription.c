#include "ditto_decode.h"
#include "ditto_json_select.h"
#include "ditto_subscription.h"
#include "ditto_template.h"


/* Parameters of Ditto's own; a set bit of a topic means that it counts. */
#define DITTO_PARAM_NAMESPACES    0x1
#define DITTO_PARAM_FILTER        0x2
#define DITTO_PARAM_EXTRA_FIELDS  0x4
#define DITTO_PARAM_ALL                                                       \
    (DITTO_PARAM_NAMESPACES | DITTO_PARAM_FILTER | DITTO_PARAM_EXTRA_FIELDS)

#define DITTO_PARAMS_MAX  1000       /* each compared with each */


typedef struct {
    ditto_str_t  name;
    ditto_str_t  value;
} ditto_param_t;


typedef struct {
    ditto_str_t  name;
    bool         below;              /* "/" and something may follow */
} ditto_thing_field_t;


static ditto_rc_t ditto_subscription_params(ditto_pool_t *pool,
    ditto_str_t query, ditto_array_t *params, ditto_error_t *err);
static ditto_str_t ditto_subscription_param(const ditto_array_t *params,
    const char *name);
static ditto_rc_t ditto_subscription_namespaces(ditto_pool_t *pool,
    ditto_str_t text, ditto_subscription_t *subscription, ditto_error_t *err);
static ditto_rc_t ditto_subscription_extra(ditto_pool_t *pool,
    ditto_str_t text, ditto_subscription_t *subscription, ditto_error_t *err);
static ditto_rc_t ditto_subscription_rules(ditto_pool_t *pool,
    ditto_subscription_t *subscription, ditto_error_t *err);
static bool ditto_subscription_dynamic(ditto_str_t text);
static void ditto_subscription_add(ditto_buf_t *out, char *separator,
    const char *name, ditto_str_t value);


/* spec: Target topics, "announcements" */
static const unsigned  ditto_subscription_allowed[DITTO_TOPIC_MAX] = {
    [DITTO_TOPIC_TWIN_EVENTS] = DITTO_PARAM_ALL,
    [DITTO_TOPIC_LIVE_EVENTS] = DITTO_PARAM_ALL,
    [DITTO_TOPIC_LIVE_COMMANDS] = DITTO_PARAM_ALL,
    [DITTO_TOPIC_LIVE_MESSAGES] = DITTO_PARAM_ALL,
    [DITTO_TOPIC_POLICY_ANNOUNCEMENTS] = DITTO_PARAM_NAMESPACES,
    [DITTO_TOPIC_CONNECTION_ANNOUNCEMENTS] = 0,
};


/* spec: extraFields */
static const ditto_thing_field_t  ditto_thing_fields[] = {
    { ditto_string("thingId"), false },
    { ditto_string("policyId"), false },
    { ditto_string("definition"), false },
    { ditto_string("_namespace"), false },
    { ditto_string("_revision"), false },
    { ditto_string("_created"), false },
    { ditto_string("_modified"), false },
    { ditto_string("_metadata"), true },
    { ditto_string("_policy"), false },
    { ditto_string("_context"), true },
    { ditto_string("features"), true },
    { ditto_string("attributes"), true },
};


ditto_rc_t
ditto_subscription_compile(ditto_pool_t *pool, ditto_str_t text,
    ditto_subscription_t *subscription, ditto_error_t *err)
{
    size_t         end;
    unsigned       allowed;
    ditto_str_t    name, query, value;
    ditto_topic_e  topic;
    ditto_array_t  params;

    memset(subscription, 0, sizeof(ditto_subscription_t));
    subscription->text = text;

    end = ditto_str_chr(text, '?', 0);
    name = ditto_str_sub(text, 0, end);
    query = ditto_str_sub(text, end < text.len ? end + 1 : end, text.len);

    for (topic = DITTO_TOPIC_TWIN_EVENTS; topic < DITTO_TOPIC_MAX; topic++) {
        if (ditto_str_eq(name, ditto_topic_name(topic))) {
            subscription->topic = topic;
            break;
        }
    }

    if (subscription->topic == DITTO_TOPIC_NONE) {
        (void) ditto_fail(err, DITTO_E_TOPIC_INVALID, text, name);
        err->description = "'Unknown topic: %2' - check if the format is the "
                           "expected one.";
        return DITTO_ERROR;
    }

    ditto_array_init(&params, pool, sizeof(ditto_param_t));

    if (ditto_subscription_params(pool, query, &params, err) != DITTO_OK) {
        err->offset += text.len - query.len;
        return DITTO_ERROR;
    }

    allowed = ditto_subscription_allowed[topic];

    value = ditto_subscription_param(&params, "namespaces");

    if ((allowed & DITTO_PARAM_NAMESPACES)
        && ditto_subscription_namespaces(pool, value, subscription, err)
           != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    if (allowed & DITTO_PARAM_FILTER) {
        subscription->filter = ditto_subscription_param(&params, "filter");
    }

    /* Checked although the announcements drop it. */

    value = ditto_subscription_param(&params, "extraFields");

    if (value.len != 0
        && ditto_subscription_extra(pool, value, subscription, err)
           != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    if (!(allowed & DITTO_PARAM_EXTRA_FIELDS)) {
        subscription->extra_fields.data = NULL;
        subscription->extra_fields.len = 0;
        subscription->npointers = 0;
    }

    return ditto_subscription_rules(pool, subscription, err);
}


ditto_rc_t
ditto_subscription_check(ditto_pool_t *pool,
    const ditto_subscription_t *subscription, ditto_error_t *err)
{
    ditto_str_t        out, empty = ditto_string("");
    ditto_template_t  *tpl;

    if (subscription->extra_fields.data == NULL) {
        return DITTO_OK;
    }

    if (ditto_template_compile(pool, subscription->extra_fields,
                               DITTO_PLACE_HEADER_MAPPING, &tpl, err)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    /* the outcome does not matter, an error does */
    return (ditto_template_check(pool, tpl, empty, &out, err) == DITTO_ERROR)
           ? DITTO_ERROR : DITTO_OK;
}


ditto_rc_t
ditto_subscription_check_filter(ditto_pool_t *pool,
    const ditto_subscription_t *subscription, ditto_error_t *err)
{
    ditto_rql_t  *rql;

    if (subscription->filter.data == NULL || subscription->rql != NULL) {
        return DITTO_OK;
    }

    return ditto_rql_compile(pool, subscription->filter, NULL, 0, &rql, err);
}


/* spec: Phase 1 */
ditto_rc_t
ditto_subscription_match(const ditto_subscription_t *subscription,
    const ditto_scope_t *scope, ditto_error_t *err)
{
    size_t                 i, n;
    ditto_str_t            none = ditto_null_string;
    const ditto_signal_t  *signal;

    signal = scope->signal;
    n = subscription->nnamespaces;

    if (signal->target_topic != subscription->topic
        || (n != 0 && signal->id.len == 0))
    {
        return DITTO_DECLINED;
    }

    for (i = 0; i < n; i++) {
        if (ditto_str_eq(subscription->namespaces[i], signal->ns)) {
            break;
        }
    }

    if (i == n && n != 0) {
        return DITTO_DECLINED;
    }

    if (subscription->filter.data == NULL) {
        return DITTO_OK;
    }

    if (subscription->rql == NULL) {
        return ditto_fail(err, DITTO_E_RQL_INVALID, subscription->filter,
                          none);
    }

    return ditto_rql_possible(subscription->rql, scope, err);
}


bool
ditto_subscription_equal(const ditto_subscription_t *a,
    const ditto_subscription_t *b)
{
    size_t  i;

    if (a->topic != b->topic || a->nnamespaces != b->nnamespaces
        || (a->filter.data == NULL) != (b->filter.data == NULL)
        || !ditto_str_eq(a->filter, b->filter)
        || !ditto_str_eq(a->extra_fields, b->extra_fields))
    {
        return false;
    }

    for (i = 0; i < a->nnamespaces; i++) {
        if (!ditto_str_eq(a->namespaces[i], b->namespaces[i])) {
            return false;
        }
    }

    return true;
}


/* spec: Target topics, "canonical text": nothing is encoded again. */
void
ditto_subscription_render(ditto_buf_t *out,
    const ditto_subscription_t *subscription)
{
    char         separator;
    size_t       i;
    ditto_str_t  none = ditto_null_string;

    ditto_buf_str(out, ditto_topic_name(subscription->topic));

    separator = '?';

    if (subscription->nnamespaces != 0
        && (subscription->nnamespaces > 1
            || subscription->namespaces[0].len != 0))
    {
        ditto_subscription_add(out, &separator, "namespaces", none);

        for (i = 0; i < subscription->nnamespaces; i++) {
            if (i != 0) {
                ditto_buf_char(out, ',');
            }

            ditto_buf_str(out, subscription->namespaces[i]);
        }
    }

    if (subscription->filter.len != 0) {
        ditto_subscription_add(out, &separator, "filter",
                               subscription->filter);
    }

    if (subscription->extra_fields.len != 0) {
        ditto_subscription_add(out, &separator, "extraFields",
                               subscription->extra_fields);
    }
}


/*
 * Pairs are split before they are decoded; what has no "=" is ignored, a
 * repeated name is refused whatever it is.  spec: Target topics, "Syntax"
 */
static ditto_rc_t
ditto_subscription_params(ditto_pool_t *pool, ditto_str_t query,
    ditto_array_t *params, ditto_error_t *err)
{
    size_t          i, from, end, equals;
    ditto_str_t     pair, name, value;
    ditto_param_t  *param;

    for (from = 0; from < query.len; from = end + 1) {

        end = ditto_str_chr(query, '&', from);
        pair = ditto_str_sub(query, from, end);
        equals = ditto_str_chr(pair, '=', 0);

        if (equals == pair.len) {
            continue;
        }

        if (ditto_decode_form(pool, ditto_str_sub(pair, 0, equals), &name, err)
            != DITTO_OK)
        {
            err->offset += from;
            return DITTO_ERROR;
        }

        if (ditto_decode_form(pool, ditto_str_sub(pair, equals + 1, pair.len),
                              &value, err)
            != DITTO_OK)
        {
            err->offset += from + equals + 1;
            return DITTO_ERROR;
        }

        for (i = 0, param = params->elts; i < params->nelts; i++) {
            if (ditto_str_eq(param[i].name, name)) {
                (void) ditto_fail(err, DITTO_E_JSON_FORMAT_INVALID, name,
                                  param[i].value);
                err->args[2] = value;
                err->message = "Duplicate key %1 (attempted merging values %2 "
                               "and %3)";
                err->offset = from;
                return DITTO_ERROR;
            }
        }

        if (i == DITTO_PARAMS_MAX) {
            (void) ditto_fail(err, DITTO_E_TOPIC_INVALID, query, name);
            err->description = "It has more than 1000 parameters.";
            err->offset = from;
            return DITTO_ERROR;
        }

        param = ditto_array_push(params);
        if (param == NULL) {
            return ditto_fail_memory(err);
        }

        param->name = name;
        param->value = value;
    }

    return DITTO_OK;
}


/* data is NULL if there is none; a value that is there has data. */
static ditto_str_t
ditto_subscription_param(const ditto_array_t *params, const char *name)
{
    size_t                i;
    ditto_str_t           none = ditto_null_string;
    ditto_str_t           empty = ditto_string("");
    const ditto_param_t  *param;

    for (i = 0, param = params->elts; i < params->nelts; i++) {
        if (ditto_str_eq(param[i].name, ditto_str(name))) {
            return (param[i].value.len == 0) ? empty : param[i].value;
        }
    }

    return none;
}


/* Empty names at the end are dropped, others kept; nothing is trimmed. */
static ditto_rc_t
ditto_subscription_namespaces(ditto_pool_t *pool, ditto_str_t text,
    ditto_subscription_t *subscription, ditto_error_t *err)
{
    size_t          from, end;
    ditto_str_t    *ns;
    ditto_array_t   list;

    while (text.len != 0 && text.data[text.len - 1] == ',') {
        text.len--;
    }

    if (text.len == 0) {
        return DITTO_OK;
    }

    ditto_array_init(&list, pool, sizeof(ditto_str_t));

    for (from = 0; from <= text.len; from = end + 1) {
        end = ditto_str_chr(text, ',', from);

        ns = ditto_array_push(&list);
        if (ns == NULL) {
            return ditto_fail_memory(err);
        }

        *ns = ditto_str_sub(text, from, end);
    }

    subscription->namespaces = list.elts;
    subscription->nnamespaces = list.nelts;

    return DITTO_OK;
}


/* spec: extraFields: a selector, then the names that a thing has. */
static ditto_rc_t
ditto_subscription_extra(ditto_pool_t *pool, ditto_str_t text,
    ditto_subscription_t *subscription, ditto_error_t *err)
{
    size_t         from, end;
    ditto_str_t    none = ditto_null_string;
    ditto_array_t  pointers;

    ditto_array_init(&pointers, pool, sizeof(ditto_str_t));

    if (ditto_selector_parse(pool, text, &pointers, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    if (!ditto_subscription_dynamic(text)) {

        for (from = 0; from <= text.len; from = end + 1) {
            end = ditto_str_chr(text, ',', from);

            if (!ditto_subscription_field(ditto_str_sub(text, from, end))) {
                return ditto_fail(err, DITTO_E_FIELD_SELECTION_INVALID, text,
                                  none);
            }
        }
    }

    subscription->extra_fields = text;
    subscription->pointers = pointers.elts;
    subscription->npointers = pointers.nelts;

    return DITTO_OK;
}


/*
 * What is made of the texts once.  Wrong filters and placeholders are left for
 * the checks.
 */
static ditto_rc_t
ditto_subscription_rules(ditto_pool_t *pool,
    ditto_subscription_t *subscription, ditto_error_t *err)
{
    size_t       i;
    ditto_buf_t  buf;

    ditto_buf_init(&buf, pool, 0);
    ditto_subscription_render(&buf, subscription);

    if (ditto_buf_done(&buf, &subscription->canonical) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    if (subscription->filter.data != NULL
        && ditto_rql_compile(pool, subscription->filter,
                             subscription->pointers, subscription->npointers,
                             &subscription->rql, err)
           != DITTO_OK
        && err->code == DITTO_E_INTERNAL)
    {
        return DITTO_ERROR;
    }

    if (subscription->npointers == 0) {
        return DITTO_OK;
    }

    subscription->templates = ditto_zalloc(pool, subscription->npointers
                                                 * sizeof(ditto_template_t *));
    if (subscription->templates == NULL) {
        return ditto_fail_memory(err);
    }

    for (i = 0; i < subscription->npointers; i++) {
        if (ditto_template_compile(pool, subscription->pointers[i],
                                   DITTO_PLACE_HEADER_MAPPING,
                                   &subscription->templates[i], err)
            != DITTO_OK)
        {
            if (err->code == DITTO_E_INTERNAL) {
                return DITTO_ERROR;
            }

            subscription->templates[i] = NULL;
        }
    }

    return DITTO_OK;
}


bool
ditto_subscription_field(ditto_str_t field)
{
    size_t                      i;
    const ditto_thing_field_t  *f;

    if (field.len != 0 && field.data[0] == '/') {
        field = ditto_str_sub(field, 1, field.len);
    }

    for (i = 0; i < sizeof(ditto_thing_fields)
                    / sizeof(ditto_thing_fields[0]); i++)
    {
        f = &ditto_thing_fields[i];

        if (ditto_str_eq(field, f->name)) {
            return true;
        }

        if (f->below && field.len > f->name.len + 1
            && ditto_str_starts(field, f->name)
            && field.data[f->name.len] == '/')
        {
            return true;
        }
    }

    return false;
}


/* Placeholders are checked when they are resolved. */
static bool
ditto_subscription_dynamic(ditto_str_t text)
{
    size_t  i;

    static ditto_str_t  close = ditto_string("}}");

    for (i = 0; i + 1 < text.len; i++) {

        if (text.data[i + 1] != '{') {
            continue;
        }

        if (text.data[i] == '{') {
            text = ditto_str_sub(text, i + 2, text.len);
            return ditto_str_find(text, close) <= text.len;
        }

        if (text.data[i] == '$') {
            return ditto_str_chr(text, '}', i + 2) < text.len;
        }
    }

    return false;
}


static void
ditto_subscription_add(ditto_buf_t *out, char *separator, const char *name,
    ditto_str_t value)
{
    ditto_buf_char(out, *separator);
    ditto_buf_text(out, name);
    ditto_buf_char(out, '=');
    ditto_buf_str(out, value);

    *separator = '&';
}
