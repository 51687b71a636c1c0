#include "ditto_topic_path.h"


/* What is left of the topic; the parts are taken from its front. */
typedef struct {
    ditto_str_t  rest;
    bool         more;
    bool         first;
} ditto_topic_parts_t;


typedef struct {
    ditto_str_t  name;
    unsigned     value;
} ditto_topic_name_t;


typedef struct {
    const ditto_topic_name_t  *names;
    size_t                     n;
    const char                *missing;
    const char                *unknown;
} ditto_topic_part_t;


static ditto_rc_t ditto_topic_path_name(ditto_topic_parts_t *parts,
    const ditto_topic_part_t *part, ditto_str_t *name, unsigned *value,
    ditto_str_t text, ditto_error_t *err);
static void ditto_topic_parts_open(ditto_topic_parts_t *parts,
    ditto_str_t text);
static bool ditto_topic_parts_next(ditto_topic_parts_t *parts,
    ditto_str_t *part);
static ditto_str_t ditto_topic_parts_rest(const ditto_topic_parts_t *parts);
static ditto_rc_t ditto_topic_path_fail(ditto_error_t *err, ditto_str_t text,
    const char *description);


/* spec: "Topic path: Grammar" */

static const ditto_topic_name_t  ditto_topic_groups[] = {
    { ditto_string("things"), DITTO_GROUP_THINGS },
    { ditto_string("policies"), DITTO_GROUP_POLICIES },
    { ditto_string("connections"), DITTO_GROUP_CONNECTIONS },
};

static const ditto_topic_name_t  ditto_topic_channels[] = {
    { ditto_string("none"), DITTO_CHANNEL_NONE },
    { ditto_string("twin"), DITTO_CHANNEL_TWIN },
    { ditto_string("live"), DITTO_CHANNEL_LIVE },
};

static const ditto_topic_name_t  ditto_topic_criteria[] = {
    { ditto_string("commands"), DITTO_CRITERION_COMMANDS },
    { ditto_string("events"), DITTO_CRITERION_EVENTS },
    { ditto_string("search"), DITTO_CRITERION_SEARCH },
    { ditto_string("messages"), DITTO_CRITERION_MESSAGES },
    { ditto_string("errors"), DITTO_CRITERION_ERRORS },
    { ditto_string("acks"), DITTO_CRITERION_ACKS },
    { ditto_string("announcements"), DITTO_CRITERION_ANNOUNCEMENTS },
    { ditto_string("streaming"), DITTO_CRITERION_STREAMING },
};

static const ditto_topic_name_t  ditto_topic_actions[] = {
    { ditto_string("create"), DITTO_ACTION_CREATE },
    { ditto_string("retrieve"), DITTO_ACTION_RETRIEVE },
    { ditto_string("modify"), DITTO_ACTION_MODIFY },
    { ditto_string("merge"), DITTO_ACTION_MERGE },
    { ditto_string("delete"), DITTO_ACTION_DELETE },
    { ditto_string("migrate"), DITTO_ACTION_MIGRATE },
    { ditto_string("created"), DITTO_ACTION_CREATED },
    { ditto_string("modified"), DITTO_ACTION_MODIFIED },
    { ditto_string("merged"), DITTO_ACTION_MERGED },
    { ditto_string("migrated"), DITTO_ACTION_MIGRATED },
    { ditto_string("deleted"), DITTO_ACTION_DELETED },
    { ditto_string("checkPermissions"), DITTO_ACTION_CHECK_PERMISSIONS },
};

static const ditto_topic_name_t  ditto_topic_search_actions[] = {
    { ditto_string("subscribe"), 0 },
    { ditto_string("cancel"), 0 },
    { ditto_string("request"), 0 },
    { ditto_string("complete"), 0 },
    { ditto_string("created"), 0 },
    { ditto_string("failed"), 0 },
    { ditto_string("next"), 0 },
    { ditto_string("error"), 0 },
};

static const ditto_topic_name_t  ditto_topic_streaming_actions[] = {
    { ditto_string("subscribeForPersistedEvents"), 0 },
    { ditto_string("cancel"), 0 },
    { ditto_string("request"), 0 },
    { ditto_string("complete"), 0 },
    { ditto_string("created"), 0 },
    { ditto_string("failed"), 0 },
    { ditto_string("next"), 0 },
    { ditto_string("error"), 0 },
};


#define ditto_topic_names(table)                                              \
    table, sizeof(table) / sizeof(table[0])


/* spec: "Errors of the topic grammar" */

static const ditto_topic_part_t  ditto_topic_part_group = {
    ditto_topic_names(ditto_topic_groups),
    "The topic path has no group part.",
    "Group name <%2> is unknown."
};

static const ditto_topic_part_t  ditto_topic_part_channel = {
    ditto_topic_names(ditto_topic_channels),
    "The topic path has no channel part.",
    "Channel name <%2> is unknown."
};

static const ditto_topic_part_t  ditto_topic_part_criterion = {
    ditto_topic_names(ditto_topic_criteria),
    "The topic path has no criterion part.",
    "Criterion name <%2> is unknown."
};

static const ditto_topic_part_t  ditto_topic_part_action = {
    ditto_topic_names(ditto_topic_actions),
    "The topic path has no action part.",
    "Action name <%2> is unknown."
};

static const ditto_topic_part_t  ditto_topic_part_search = {
    ditto_topic_names(ditto_topic_search_actions),
    "The topic path has no search action part.",
    "Search action name <%2> is unknown."
};

/* Ditto names a missing streaming action a search action, too */

static const ditto_topic_part_t  ditto_topic_part_streaming = {
    ditto_topic_names(ditto_topic_streaming_actions),
    "The topic path has no search action part.",
    "Streaming action name <%2> is unknown."
};


ditto_rc_t
ditto_topic_path_parse(ditto_topic_path_t *tp, ditto_str_t text,
    ditto_error_t *err)
{
    unsigned                   value;
    ditto_str_t                none = ditto_null_string;
    ditto_topic_parts_t        parts;
    const ditto_topic_part_t  *part;

    ditto_topic_parts_open(&parts, text);

    if (!ditto_topic_parts_next(&parts, &tp->ns)) {
        return ditto_topic_path_fail(err, text,
                                     "The topic path has no namespace part.");
    }

    if (!ditto_topic_parts_next(&parts, &tp->name)) {
        return ditto_topic_path_fail(err, text,
                                 "The topic path has no entity name part.");
    }

    if (ditto_topic_path_name(&parts, &ditto_topic_part_group, &tp->tail,
                              &value, text, err)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    tp->group = (ditto_group_e) value;
    tp->channel = DITTO_CHANNEL_NONE;

    if (tp->group == DITTO_GROUP_THINGS) {
        if (ditto_topic_path_name(&parts, &ditto_topic_part_channel,
                                  &tp->tail, &value, text, err)
            != DITTO_OK)
        {
            return DITTO_ERROR;
        }

        tp->channel = (ditto_channel_e) value;
    }

    if (ditto_topic_path_name(&parts, &ditto_topic_part_criterion, &tp->tail,
                              &value, text, err)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    tp->criterion = (ditto_criterion_e) value;
    tp->action = DITTO_ACTION_NONE;
    tp->tail = none;

    switch (tp->criterion) {

    case DITTO_CRITERION_COMMANDS:
    case DITTO_CRITERION_EVENTS:
        part = &ditto_topic_part_action;
        break;

    case DITTO_CRITERION_SEARCH:
        part = &ditto_topic_part_search;
        break;

    case DITTO_CRITERION_STREAMING:
        part = &ditto_topic_part_streaming;
        break;

    case DITTO_CRITERION_ERRORS:
        return DITTO_OK;

    default:
        tp->tail = ditto_topic_parts_rest(&parts);
        return DITTO_OK;
    }

    if (ditto_topic_path_name(&parts, part, &tp->tail, &value, text, err)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    tp->action = (ditto_action_e) value;

    return DITTO_OK;
}


void
ditto_topic_path_render(ditto_buf_t *out, const ditto_topic_path_t *tp)
{
    ditto_buf_str(out, tp->ns);
    ditto_buf_char(out, '/');
    ditto_buf_str(out, tp->name);
    ditto_buf_char(out, '/');
    ditto_buf_str(out, ditto_group_name(tp->group));

    if (tp->channel != DITTO_CHANNEL_NONE) {
        ditto_buf_char(out, '/');
        ditto_buf_str(out, ditto_channel_name(tp->channel));
    }

    ditto_buf_char(out, '/');
    ditto_buf_str(out, ditto_criterion_name(tp->criterion));

    if (tp->tail.len != 0) {
        ditto_buf_char(out, '/');
        ditto_buf_str(out, tp->tail);
    }
}


ditto_str_t
ditto_group_name(ditto_group_e group)
{
    return ditto_topic_groups[group].name;
}


ditto_str_t
ditto_channel_name(ditto_channel_e channel)
{
    return ditto_topic_channels[channel].name;
}


ditto_str_t
ditto_criterion_name(ditto_criterion_e criterion)
{
    return ditto_topic_criteria[criterion].name;
}


/* The next part, which must be one of the names. */
static ditto_rc_t
ditto_topic_path_name(ditto_topic_parts_t *parts,
    const ditto_topic_part_t *part, ditto_str_t *name, unsigned *value,
    ditto_str_t text, ditto_error_t *err)
{
    size_t  i;

    if (!ditto_topic_parts_next(parts, name)) {
        return ditto_topic_path_fail(err, text, part->missing);
    }

    for (i = 0; i < part->n; i++) {
        if (ditto_str_eq(*name, part->names[i].name)) {
            *value = part->names[i].value;
            return DITTO_OK;
        }
    }

    (void) ditto_topic_path_fail(err, text, part->unknown);
    err->args[1] = *name;
    err->offset = (size_t) (name->data - text.data);

    return DITTO_ERROR;
}


/*
 * spec: "Splitting rules".  A leading slash stands for an empty namespace.
 * Parts end at a slash, but an empty part and all that follows are one part;
 * a slash at the very end is dropped.
 */
static void
ditto_topic_parts_open(ditto_topic_parts_t *parts, ditto_str_t text)
{
    parts->rest = text;
    parts->more = (text.len != 0);
    parts->first = true;
}


static bool
ditto_topic_parts_next(ditto_topic_parts_t *parts, ditto_str_t *part)
{
    size_t       n;
    ditto_str_t  rest;

    if (!parts->more) {
        return false;
    }

    rest = parts->rest;
    n = ditto_str_chr(rest, '/', 0);

    if (n == 0 && !parts->first) {
        n = rest.len;
    }

    *part = ditto_str_sub(rest, 0, n);
    parts->first = false;

    parts->more = (n + 1 < rest.len);
    parts->rest = parts->more ? ditto_str_sub(rest, n + 1, rest.len)
                              : ditto_str_sub(rest, rest.len, rest.len);

    return true;
}


/* All remaining parts. */
static ditto_str_t
ditto_topic_parts_rest(const ditto_topic_parts_t *parts)
{
    ditto_str_t  rest, two = ditto_string("//");

    rest = parts->rest;

    if (!parts->more) {
        rest.len = 0;
        return rest;
    }

    if (rest.data[rest.len - 1] == '/' && rest.data[0] != '/'
        && ditto_str_find(rest, two) > rest.len)
    {
        rest.len--;
    }

    return rest;
}


static ditto_rc_t
ditto_topic_path_fail(ditto_error_t *err, ditto_str_t text,
    const char *description)
{
    ditto_str_t  none = ditto_null_string;

    (void) ditto_fail(err, DITTO_E_UNKNOWN_TOPIC_PATH, text, none);
    err->description = description;

    return DITTO_ERROR;
}
