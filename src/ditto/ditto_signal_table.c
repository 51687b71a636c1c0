#include "ditto_signal_parts.h"


#define TWIN   (1u << DITTO_CHANNEL_TWIN)
#define LIVE   (1u << DITTO_CHANNEL_LIVE)
#define NONE   (1u << DITTO_CHANNEL_NONE)

#define ACT(action)  (1u << DITTO_ACTION_##action)
#define ANY          (~0u)


typedef enum {
    DITTO_STATUS_IGNORED = 0,            /* makes no difference */
    DITTO_STATUS_DECIDES,                /* present: a response */
    DITTO_STATUS_NEEDED
} ditto_status_e;


typedef struct {
    ditto_group_e        group;
    unsigned             channels;
    ditto_criterion_e    criterion;
    unsigned             actions;
    ditto_status_e       status;
    ditto_form_e         form;
    ditto_signal_kind_e  kind;
    ditto_signal_kind_e  response;       /* the kind with a status */
} ditto_signal_row_t;


typedef struct {
    ditto_str_t  created;
    ditto_str_t  modified;
    ditto_str_t  deleted;
    ditto_str_t  create;
    ditto_str_t  modify;
    ditto_str_t  retrieve;
    ditto_str_t  delete;
    ditto_str_t  create_response;
    ditto_str_t  modify_response;
    ditto_str_t  retrieve_response;
    ditto_str_t  delete_response;
} ditto_resource_types_t;


/* True if the i-th segment is the literal name. */
#define ditto_signal_segment(pointer, i, name)                                \
    ((pointer)->segments[i].len == sizeof(name) - 1                           \
     && memcmp((pointer)->segments[i].data, name, sizeof(name) - 1) == 0)


/* spec: "Topic path: Accepted combinations"; the first row that fits counts */

static const ditto_signal_row_t  ditto_signal_rows[] = {

    { DITTO_GROUP_THINGS, TWIN | LIVE, DITTO_CRITERION_EVENTS,
      ACT(CREATED) | ACT(MODIFIED) | ACT(DELETED), DITTO_STATUS_IGNORED,
      DITTO_FORM_EVENT, DITTO_SIGNAL_EVENT, DITTO_SIGNAL_EVENT },
    { DITTO_GROUP_THINGS, TWIN | LIVE, DITTO_CRITERION_EVENTS, ACT(MERGED),
      DITTO_STATUS_IGNORED,
      DITTO_FORM_MERGED, DITTO_SIGNAL_EVENT, DITTO_SIGNAL_EVENT },
    { DITTO_GROUP_THINGS, TWIN | LIVE, DITTO_CRITERION_EVENTS, ACT(MIGRATED),
      DITTO_STATUS_IGNORED,
      DITTO_FORM_MIGRATED, DITTO_SIGNAL_EVENT, DITTO_SIGNAL_EVENT },

    { DITTO_GROUP_THINGS, LIVE, DITTO_CRITERION_MESSAGES, ANY,
      DITTO_STATUS_DECIDES,
      DITTO_FORM_MESSAGE, DITTO_SIGNAL_MESSAGE,
      DITTO_SIGNAL_MESSAGE_RESPONSE },

    { DITTO_GROUP_THINGS, TWIN | LIVE, DITTO_CRITERION_COMMANDS,
      ACT(CREATE) | ACT(MODIFY) | ACT(DELETE), DITTO_STATUS_DECIDES,
      DITTO_FORM_MODIFY, DITTO_SIGNAL_COMMAND, DITTO_SIGNAL_RESPONSE },
    { DITTO_GROUP_THINGS, TWIN | LIVE, DITTO_CRITERION_COMMANDS,
      ACT(RETRIEVE), DITTO_STATUS_DECIDES,
      DITTO_FORM_RETRIEVE, DITTO_SIGNAL_COMMAND, DITTO_SIGNAL_RESPONSE },
    { DITTO_GROUP_THINGS, TWIN | LIVE, DITTO_CRITERION_COMMANDS, ACT(MERGE),
      DITTO_STATUS_DECIDES,
      DITTO_FORM_MERGE, DITTO_SIGNAL_COMMAND, DITTO_SIGNAL_RESPONSE },
    { DITTO_GROUP_THINGS, TWIN | LIVE, DITTO_CRITERION_COMMANDS,
      ACT(MIGRATE), DITTO_STATUS_DECIDES,
      DITTO_FORM_MIGRATE, DITTO_SIGNAL_COMMAND, DITTO_SIGNAL_RESPONSE },

    { DITTO_GROUP_THINGS, TWIN | LIVE, DITTO_CRITERION_ACKS, ANY,
      DITTO_STATUS_NEEDED,
      DITTO_FORM_ACK, DITTO_SIGNAL_ACK, DITTO_SIGNAL_ACK },
    { DITTO_GROUP_THINGS, TWIN | LIVE, DITTO_CRITERION_ERRORS, ANY,
      DITTO_STATUS_NEEDED,
      DITTO_FORM_ERROR, DITTO_SIGNAL_ERROR, DITTO_SIGNAL_ERROR },
    { DITTO_GROUP_THINGS, TWIN | LIVE, DITTO_CRITERION_SEARCH, ANY,
      DITTO_STATUS_IGNORED,
      DITTO_FORM_SEARCH, DITTO_SIGNAL_SEARCH, DITTO_SIGNAL_SEARCH },
    { DITTO_GROUP_THINGS, TWIN | NONE, DITTO_CRITERION_STREAMING, ANY,
      DITTO_STATUS_IGNORED,
      DITTO_FORM_STREAMING, DITTO_SIGNAL_STREAMING,
      DITTO_SIGNAL_STREAMING },

    { DITTO_GROUP_POLICIES, NONE, DITTO_CRITERION_COMMANDS,
      ACT(CREATE) | ACT(MODIFY) | ACT(DELETE) | ACT(RETRIEVE)
      | ACT(CHECK_PERMISSIONS), DITTO_STATUS_DECIDES,
      DITTO_FORM_POLICY, DITTO_SIGNAL_POLICY_COMMAND,
      DITTO_SIGNAL_POLICY_RESPONSE },
    { DITTO_GROUP_POLICIES, NONE, DITTO_CRITERION_EVENTS, ANY,
      DITTO_STATUS_IGNORED,
      DITTO_FORM_POLICY, DITTO_SIGNAL_POLICY_EVENT,
      DITTO_SIGNAL_POLICY_EVENT },
    { DITTO_GROUP_POLICIES, NONE, DITTO_CRITERION_ANNOUNCEMENTS, ANY,
      DITTO_STATUS_IGNORED,
      DITTO_FORM_POLICY_ANNOUNCEMENT, DITTO_SIGNAL_POLICY_ANNOUNCEMENT,
      DITTO_SIGNAL_POLICY_ANNOUNCEMENT },
    { DITTO_GROUP_POLICIES, NONE, DITTO_CRITERION_ERRORS, ANY,
      DITTO_STATUS_IGNORED,
      DITTO_FORM_ERROR, DITTO_SIGNAL_ERROR, DITTO_SIGNAL_ERROR },
    { DITTO_GROUP_POLICIES, NONE, DITTO_CRITERION_STREAMING, ANY,
      DITTO_STATUS_IGNORED,
      DITTO_FORM_STREAMING, DITTO_SIGNAL_STREAMING,
      DITTO_SIGNAL_STREAMING },

    { DITTO_GROUP_CONNECTIONS, NONE, DITTO_CRITERION_ANNOUNCEMENTS, ANY,
      DITTO_STATUS_IGNORED,
      DITTO_FORM_CONNECTION_ANNOUNCEMENT,
      DITTO_SIGNAL_CONNECTION_ANNOUNCEMENT,
      DITTO_SIGNAL_CONNECTION_ANNOUNCEMENT },
    { DITTO_GROUP_CONNECTIONS, NONE, DITTO_CRITERION_STREAMING, ANY,
      DITTO_STATUS_IGNORED,
      DITTO_FORM_STREAMING, DITTO_SIGNAL_STREAMING,
      DITTO_SIGNAL_STREAMING },
};


#define E(text)  ditto_string("things.events:" text)
#define C(text)  ditto_string("things.commands:" text)
#define R(text)  ditto_string("things.responses:" text)
#define NO       ditto_null_string

static const ditto_resource_types_t  ditto_resource_types[] = {

    [DITTO_RESOURCE_THING] =
        { E("thingCreated"), E("thingModified"), E("thingDeleted"),
          C("createThing"), C("modifyThing"), C("retrieveThing"),
          C("deleteThing"), R("createThing"), R("modifyThing"),
          R("retrieveThing"), R("deleteThing") },

    [DITTO_RESOURCE_POLICY_ID] =
        { NO, E("policyIdModified"), NO,
          NO, C("modifyPolicyId"), C("retrievePolicyId"),
          NO, NO, R("modifyPolicyId"), R("retrievePolicyId"), NO },

    [DITTO_RESOURCE_DEFINITION] =
        { E("definitionCreated"), E("definitionModified"),
          E("definitionDeleted"),
          NO, C("modifyDefinition"), C("retrieveDefinition"),
          C("deleteDefinition"), NO, R("modifyDefinition"),
          R("retrieveDefinition"), R("deleteDefinition") },

    [DITTO_RESOURCE_ATTRIBUTES] =
        { E("attributesCreated"), E("attributesModified"),
          E("attributesDeleted"),
          NO, C("modifyAttributes"), C("retrieveAttributes"),
          C("deleteAttributes"), NO, R("modifyAttributes"),
          R("retrieveAttributes"), R("deleteAttributes") },

    [DITTO_RESOURCE_ATTRIBUTE] =
        { E("attributeCreated"), E("attributeModified"),
          E("attributeDeleted"),
          NO, C("modifyAttribute"), C("retrieveAttribute"),
          C("deleteAttribute"), NO, R("modifyAttribute"),
          R("retrieveAttribute"), R("deleteAttribute") },

    [DITTO_RESOURCE_FEATURES] =
        { E("featuresCreated"), E("featuresModified"), E("featuresDeleted"),
          NO, C("modifyFeatures"), C("retrieveFeatures"),
          C("deleteFeatures"), NO, R("modifyFeatures"),
          R("retrieveFeatures"), R("deleteFeatures") },

    [DITTO_RESOURCE_FEATURE] =
        { E("featureCreated"), E("featureModified"), E("featureDeleted"),
          NO, C("modifyFeature"), C("retrieveFeature"), C("deleteFeature"),
          NO, R("modifyFeature"), R("retrieveFeature"),
          R("deleteFeature") },

    [DITTO_RESOURCE_FEATURE_DEFINITION] =
        { E("featureDefinitionCreated"), E("featureDefinitionModified"),
          E("featureDefinitionDeleted"),
          NO, C("modifyFeatureDefinition"), C("retrieveFeatureDefinition"),
          C("deleteFeatureDefinition"), NO, R("modifyFeatureDefinition"),
          R("retrieveFeatureDefinition"), R("deleteFeatureDefinition") },

    [DITTO_RESOURCE_PROPERTIES] =
        { E("featurePropertiesCreated"), E("featurePropertiesModified"),
          E("featurePropertiesDeleted"),
          NO, C("modifyFeatureProperties"), C("retrieveFeatureProperties"),
          C("deleteFeatureProperties"), NO, R("modifyFeatureProperties"),
          R("retrieveFeatureProperties"), R("deleteFeatureProperties") },

    [DITTO_RESOURCE_PROPERTY] =
        { E("featurePropertyCreated"), E("featurePropertyModified"),
          E("featurePropertyDeleted"),
          NO, C("modifyFeatureProperty"), C("retrieveFeatureProperty"),
          C("deleteFeatureProperty"), NO, R("modifyFeatureProperty"),
          R("retrieveFeatureProperty"), R("deleteFeatureProperty") },

    [DITTO_RESOURCE_DESIRED_PROPERTIES] =
        { E("featureDesiredPropertiesCreated"),
          E("featureDesiredPropertiesModified"),
          E("featureDesiredPropertiesDeleted"),
          NO, C("modifyFeatureDesiredProperties"),
          C("retrieveFeatureDesiredProperties"),
          C("deleteFeatureDesiredProperties"), NO,
          R("modifyFeatureDesiredProperties"),
          R("retrieveFeatureDesiredProperties"),
          R("deleteFeatureDesiredProperties") },

    [DITTO_RESOURCE_DESIRED_PROPERTY] =
        { E("featureDesiredPropertyCreated"),
          E("featureDesiredPropertyModified"),
          E("featureDesiredPropertyDeleted"),
          NO, C("modifyFeatureDesiredProperty"),
          C("retrieveFeatureDesiredProperty"),
          C("deleteFeatureDesiredProperty"), NO,
          R("modifyFeatureDesiredProperty"),
          R("retrieveFeatureDesiredProperty"),
          R("deleteFeatureDesiredProperty") },

    [DITTO_RESOURCE_POLICY] = { NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO },
};


ditto_str_t
ditto_topic_name(ditto_topic_e topic)
{
    static const ditto_str_t  names[DITTO_TOPIC_MAX] = {
        [DITTO_TOPIC_NONE] = ditto_null_string,
        [DITTO_TOPIC_TWIN_EVENTS] =
            ditto_string("_/_/things/twin/events"),
        [DITTO_TOPIC_LIVE_EVENTS] =
            ditto_string("_/_/things/live/events"),
        [DITTO_TOPIC_LIVE_COMMANDS] =
            ditto_string("_/_/things/live/commands"),
        [DITTO_TOPIC_LIVE_MESSAGES] =
            ditto_string("_/_/things/live/messages"),
        [DITTO_TOPIC_POLICY_ANNOUNCEMENTS] =
            ditto_string("_/_/policies/announcements"),
        [DITTO_TOPIC_CONNECTION_ANNOUNCEMENTS] =
            ditto_string("_/_/connections/announcements"),
    };

    return names[topic];
}


ditto_rc_t
ditto_signal_form(ditto_parse_t *parse, ditto_error_t *err)
{
    size_t                     i;
    const ditto_signal_row_t  *row;
    const ditto_topic_path_t  *tp;

    tp = &parse->signal->topic;

    for (i = 0; i < sizeof(ditto_signal_rows) / sizeof(ditto_signal_rows[0]);
         i++)
    {
        row = &ditto_signal_rows[i];

        if (row->group != tp->group || row->criterion != tp->criterion
            || (row->channels & 1u << tp->channel) == 0
            || (row->actions & 1u << tp->action) == 0)
        {
            continue;
        }

        if (row->status == DITTO_STATUS_NEEDED && parse->status == 0) {
            break;
        }

        parse->form = row->form;
        parse->signal->kind = (parse->status != 0) ? row->response
                                                   : row->kind;

        if (row->form == DITTO_FORM_ACK && tp->tail.len == 0) {
            parse->form = DITTO_FORM_ACKS;
            parse->signal->kind = DITTO_SIGNAL_ACKS;
        }

        if (row->form == DITTO_FORM_RETRIEVE
            && ditto_str_eq(tp->name, ditto_str("_")))
        {
            parse->form = DITTO_FORM_RETRIEVE_THINGS;
        }

        if ((row->form == DITTO_FORM_SEARCH
             || row->form == DITTO_FORM_STREAMING)
            && ditto_str_eq(tp->tail, ditto_str("error")))
        {
            break;
        }

        return DITTO_OK;
    }

    return ditto_signal_fail_topic(parse, NULL, err);
}


ditto_resource_e
ditto_signal_resource(const ditto_pointer_t *pointer)
{
    size_t            n;
    ditto_resource_e  resource;

    n = pointer->n;

    if (n == 0) {
        return DITTO_RESOURCE_THING;
    }

    if (ditto_signal_segment(pointer, 0, "attributes")) {
        return (n == 1) ? DITTO_RESOURCE_ATTRIBUTES
                        : DITTO_RESOURCE_ATTRIBUTE;
    }

    if (ditto_signal_segment(pointer, 0, "features")) {
        if (n < 3) {
            return (n == 1) ? DITTO_RESOURCE_FEATURES
                            : DITTO_RESOURCE_FEATURE;
        }

        if (ditto_signal_segment(pointer, 2, "properties")) {
            return (n == 3) ? DITTO_RESOURCE_PROPERTIES
                            : DITTO_RESOURCE_PROPERTY;
        }

        if (ditto_signal_segment(pointer, 2, "desiredProperties")) {
            return (n == 3) ? DITTO_RESOURCE_DESIRED_PROPERTIES
                            : DITTO_RESOURCE_DESIRED_PROPERTY;
        }

        if (n == 3 && ditto_signal_segment(pointer, 2, "definition")) {
            return DITTO_RESOURCE_FEATURE_DEFINITION;
        }

        return DITTO_RESOURCE_UNKNOWN;
    }

    if (ditto_signal_segment(pointer, 0, "_policy")) {
        resource = DITTO_RESOURCE_POLICY;

        if ((n > 1 && !ditto_signal_segment(pointer, 1, "entries"))
            || (n > 3 && !ditto_signal_segment(pointer, 3, "subjects")
                && !ditto_signal_segment(pointer, 3, "resources")))
        {
            resource = DITTO_RESOURCE_UNKNOWN;
        }

        return resource;
    }

    if (n == 1 && ditto_signal_segment(pointer, 0, "definition")) {
        return DITTO_RESOURCE_DEFINITION;
    }

    if (n == 1 && ditto_signal_segment(pointer, 0, "policyId")) {
        return DITTO_RESOURCE_POLICY_ID;
    }

    return DITTO_RESOURCE_UNKNOWN;
}


ditto_str_t
ditto_signal_event_type(ditto_resource_e resource, ditto_action_e action)
{
    const ditto_resource_types_t  *types;

    types = &ditto_resource_types[resource];

    return (action == DITTO_ACTION_CREATED) ? types->created
           : (action == DITTO_ACTION_MODIFIED) ? types->modified
           : types->deleted;
}


ditto_str_t
ditto_signal_command_type(ditto_resource_e resource, ditto_action_e action,
    bool response)
{
    const ditto_resource_types_t  *types;

    types = &ditto_resource_types[resource];

    switch (action) {

    case DITTO_ACTION_CREATE:
        return response ? types->create_response : types->create;

    case DITTO_ACTION_MODIFY:
        return response ? types->modify_response : types->modify;

    case DITTO_ACTION_RETRIEVE:
        return response ? types->retrieve_response : types->retrieve;

    default:
        return response ? types->delete_response : types->delete;
    }
}


ditto_str_t
ditto_signal_policy_resource(const ditto_pointer_t *pointer)
{
    size_t                    i;
    static const struct {
        const char   *segments[4];       /* "*": any one */
        size_t        n;
        bool          deeper;            /* or more segments */
        ditto_str_t   name;
    }  rows[] = {
        { { NULL }, 0, false, ditto_string("policy") },
        { { "imports" }, 1, false, ditto_string("policyImports") },
        { { "imports", "*" }, 2, false, ditto_string("policyImport") },
        { { "imports", "*", "entries" }, 3, false,
          ditto_string("policyImportEntries") },
        { { "imports", "*", "transitiveImports" }, 3, false,
          ditto_string("policyImportTransitiveImports") },
        { { "entries" }, 1, false, ditto_string("policyEntries") },
        { { "entries", "*" }, 2, false, ditto_string("policyEntry") },
        { { "entries", "*", "resources" }, 3, false,
          ditto_string("resources") },
        { { "entries", "*", "resources", "*" }, 4, true,
          ditto_string("resource") },
        { { "entries", "*", "subjects" }, 3, false,
          ditto_string("subjects") },
        { { "entries", "*", "subjects", "*" }, 4, true,
          ditto_string("subject") },
        { { "entries", "*", "importable" }, 3, false,
          ditto_string("policyEntryImportable") },
        { { "entries", "*", "allowedAdditions" }, 3, false,
          ditto_string("policyEntryAllowedAdditions") },
        { { "entries", "*", "namespaces" }, 3, false,
          ditto_string("policyEntryNamespaces") },
        { { "entries", "*", "references" }, 3, false,
          ditto_string("policyEntryReferences") },
    };
    size_t                    row;
    ditto_str_t               none = ditto_null_string;

    for (row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {

        if (pointer->n < rows[row].n
            || (pointer->n > rows[row].n && !rows[row].deeper))
        {
            continue;
        }

        for (i = 0; i < rows[row].n; i++) {
            if (rows[row].segments[i][0] != '*'
                && !ditto_str_eq(pointer->segments[i],
                                 ditto_str(rows[row].segments[i])))
            {
                break;
            }
        }

        if (i == rows[row].n) {
            return rows[row].name;
        }
    }

    return none;
}


/* Unsupported topics are quoted as they would be printed. */
ditto_rc_t
ditto_signal_fail_topic(ditto_parse_t *parse, const char *description,
    ditto_error_t *err)
{
    ditto_buf_t  buf;
    ditto_str_t  topic, none = ditto_null_string;

    ditto_buf_init(&buf, parse->pool, 0);
    ditto_topic_path_render(&buf, &parse->signal->topic);

    if (ditto_buf_done(&buf, &topic) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    (void) ditto_fail(err, DITTO_E_UNKNOWN_TOPIC_PATH, topic, none);
    err->description = description;

    return DITTO_ERROR;
}


ditto_rc_t
ditto_signal_fail_path(ditto_parse_t *parse, ditto_error_t *err)
{
    if (ditto_signal_fail_topic(parse, NULL, err) == DITTO_ERROR
        && err->code == DITTO_E_UNKNOWN_TOPIC_PATH)
    {
        err->args[1] = parse->signal->path;
        err->message = "The topic '%1' is not supported in combination with "
                       "the path '%2'";
    }

    return DITTO_ERROR;
}
