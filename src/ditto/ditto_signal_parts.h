/*
 * What the files of the signal and of its thing share; nobody else includes
 * it.
 */

#ifndef _DITTO_SIGNAL_PARTS_H_INCLUDED_
#define _DITTO_SIGNAL_PARTS_H_INCLUDED_


#include "ditto_base.h"
#include "ditto_error.h"
#include "ditto_json.h"
#include "ditto_signal.h"


/* The members of an envelope, spec: "Fields". */
typedef enum {
    DITTO_MEMBER_TOPIC = 0,
    DITTO_MEMBER_PATH,
    DITTO_MEMBER_HEADERS,
    DITTO_MEMBER_VALUE,
    DITTO_MEMBER_EXTRA,
    DITTO_MEMBER_STATUS,
    DITTO_MEMBER_REVISION,
    DITTO_MEMBER_TIMESTAMP,
    DITTO_MEMBER_METADATA,
    DITTO_MEMBER_FIELDS,
    DITTO_MEMBER_MAX
} ditto_member_e;


/* What the path of a thing's event or command addresses. */
typedef enum {
    DITTO_RESOURCE_THING = 0,
    DITTO_RESOURCE_POLICY_ID,
    DITTO_RESOURCE_DEFINITION,
    DITTO_RESOURCE_ATTRIBUTES,
    DITTO_RESOURCE_ATTRIBUTE,
    DITTO_RESOURCE_FEATURES,
    DITTO_RESOURCE_FEATURE,
    DITTO_RESOURCE_FEATURE_DEFINITION,
    DITTO_RESOURCE_PROPERTIES,
    DITTO_RESOURCE_PROPERTY,
    DITTO_RESOURCE_DESIRED_PROPERTIES,
    DITTO_RESOURCE_DESIRED_PROPERTY,
    DITTO_RESOURCE_POLICY,               /* known, but of no signal */
    DITTO_RESOURCE_UNKNOWN
} ditto_resource_e;


typedef enum {
    DITTO_FORM_EVENT = 0,                /* created, modified, deleted */
    DITTO_FORM_MERGED,
    DITTO_FORM_MIGRATED,
    DITTO_FORM_MODIFY,                   /* create, modify, delete */
    DITTO_FORM_RETRIEVE,
    DITTO_FORM_RETRIEVE_THINGS,
    DITTO_FORM_MERGE,
    DITTO_FORM_MIGRATE,
    DITTO_FORM_MESSAGE,
    DITTO_FORM_ACK,
    DITTO_FORM_ACKS,
    DITTO_FORM_ERROR,
    DITTO_FORM_SEARCH,
    DITTO_FORM_STREAMING,
    DITTO_FORM_POLICY,                   /* commands and events */
    DITTO_FORM_POLICY_ANNOUNCEMENT,
    DITTO_FORM_CONNECTION_ANNOUNCEMENT
} ditto_form_e;


/* The members of a thing, in the order in which Ditto reads them. */
typedef enum {
    DITTO_THING_ID = 0,
    DITTO_THING_POLICY_ID,
    DITTO_THING_ATTRIBUTES,
    DITTO_THING_DEFINITION,
    DITTO_THING_FEATURES,
    DITTO_THING_LIFECYCLE,
    DITTO_THING_REVISION,
    DITTO_THING_MODIFIED,
    DITTO_THING_CREATED,
    DITTO_THING_METADATA,
    DITTO_THING_NAMESPACE,
    DITTO_THING_POLICY,
    DITTO_THING_COPY_POLICY,
    DITTO_THING_MAX
} ditto_thing_member_e;


#define DITTO_FEATURE_MEMBERS  3     /* definition, (desired) properties */
#define DITTO_SCHEMA_VERSION   "__schemaVersion"     /* no feature */


/* Which of them belong together. */
typedef enum {
    DITTO_PART_THING = 0x01,
    DITTO_PART_SPECIAL = 0x02,           /* in commands to create and modify */
    DITTO_PART_POLICY = 0x04             /* in commands */
} ditto_part_e;


typedef struct {
    ditto_str_t         name;
    ditto_part_e        part;
    ditto_json_type_e   type;            /* NULL: any */
    const char         *type_name;       /* as Ditto's errors call it */
    bool                null;            /* null is a value, not "absent" */
} ditto_thing_row_t;


/* A message on its way to a signal. */
typedef struct {
    ditto_pool_t    *pool;
    ditto_signal_t  *signal;
    ditto_str_t      members[DITTO_MEMBER_MAX];  /* data is NULL if absent */
    ditto_str_t      thing[DITTO_THING_MAX];     /* of a whole thing: the last
                                                    of each member */
    bool             surplus;            /* it has members that Ditto's model
                                            of things drops */
    bool             feature_surplus;    /* a feature has */
    ditto_str_t      path;               /* decoded, as the sender wrote it */
    ditto_form_e     form;
    unsigned         status;             /* of the envelope, 0: none */
    bool             has_revision;
    bool             plain_names;        /* no name in the message is odd, see
                                            ditto_json_t */
} ditto_parse_t;


/* --- the envelope -------------------------------------------------------- */

/*
 * Scans the members and reads all but value: headers, topic, path, and the
 * scalars.  The value of the signal is set, not looked at.
 */
ditto_rc_t ditto_signal_envelope(ditto_parse_t *parse, ditto_str_t text,
    ditto_error_t *err);


/* --- the table ----------------------------------------------------------- */

/*
 * The form and the kind of a topic.  DITTO_ERROR: the combination is not
 * supported.  Ditto: spec "Topic path: Accepted combinations".
 */
ditto_rc_t ditto_signal_form(ditto_parse_t *parse, ditto_error_t *err);

/* Ditto: spec "Event path table". */
ditto_resource_e ditto_signal_resource(const ditto_pointer_t *pointer);

/* Empty if there is no such event, command or response. */
ditto_str_t ditto_signal_event_type(ditto_resource_e resource,
    ditto_action_e action);
ditto_str_t ditto_signal_command_type(ditto_resource_e resource,
    ditto_action_e action, bool response);

/* "policyEntry" and so on; empty if unknown. */
ditto_str_t ditto_signal_policy_resource(const ditto_pointer_t *pointer);

/* "The topic path '%1' is not supported." */
ditto_rc_t ditto_signal_fail_topic(ditto_parse_t *parse,
    const char *description, ditto_error_t *err);
/* "... in combination with the path ..." */
ditto_rc_t ditto_signal_fail_path(ditto_parse_t *parse, ditto_error_t *err);


/* --- values -------------------------------------------------------------- */

extern const ditto_thing_row_t  ditto_thing_rows[DITTO_THING_MAX];

/* DITTO_THING_MAX: no member of a thing.  name: raw. */
ditto_thing_member_e ditto_thing_member(ditto_str_t name);
/* DITTO_FEATURE_MEMBERS: no member of a feature. */
size_t ditto_feature_member(ditto_str_t name);

/*
 * Checks value as Ditto's model of things does, and tells what is surplus.
 * thing_id: of a whole thing the id that stands in it, else untouched.
 */
ditto_rc_t ditto_value_check(ditto_parse_t *parse, ditto_resource_e resource,
    ditto_str_t *thing_id, ditto_error_t *err);

/* Keys of the path below its first skip segments, and of an object value. */
ditto_rc_t ditto_value_check_keys(ditto_parse_t *parse, size_t skip,
    ditto_error_t *err);

/*
 * "Value <%1> for </%2> is not of type <%3>!" and "This JSON value is not ...:
 * %1" with the printed value.
 */
ditto_rc_t ditto_value_fail_type(ditto_pool_t *pool, ditto_str_t value,
    const char *member, const char *type, ditto_error_t *err);
ditto_rc_t ditto_value_fail_format(ditto_pool_t *pool, ditto_str_t value,
    const char *message, ditto_error_t *err);
/* "JSON did not include required <%1> field!" */
ditto_rc_t ditto_value_fail_missing(const char *pointer, ditto_error_t *err);


/* --- values as Ditto gives them back -------------------------------------- */

/*
 * Makes of the value of a checked event or command what Ditto's model makes of
 * it: without the members that it does not know, in commands to create and
 * modify a thing with its namespace and id.  What is so already is not
 * touched.  The signal's id must be set.  DITTO_ERROR: out of memory, or what
 * commands say of a policy is wrong.
 */
ditto_rc_t ditto_model_event(ditto_parse_t *parse, ditto_resource_e resource,
    ditto_error_t *err);
ditto_rc_t ditto_model_command(ditto_parse_t *parse,
    ditto_resource_e resource, ditto_error_t *err);

/* The same of a whole thing that was checked, with its special members. */
ditto_rc_t ditto_model_whole(const ditto_parse_t *parse, ditto_str_t thing,
    ditto_str_t *out, ditto_error_t *err);


/* --- names --------------------------------------------------------------- */

/* The names of an object (or of null) and of the objects in it. */
ditto_rc_t ditto_value_keys(ditto_parse_t *parse, ditto_str_t object,
    ditto_error_t *err);
/* DITTO_ERROR: DITTO_E_JSON_KEY_INVALID. */
ditto_rc_t ditto_value_key(ditto_str_t key, ditto_error_t *err);

/* A definition: "namespace:name:version" or a web address. */
bool ditto_identifier_valid(ditto_str_t text);


/* --- kinds of signals ---------------------------------------------------- */

/* Sets id, ns and name from the topic. */
ditto_rc_t ditto_signal_entity(ditto_parse_t *parse, ditto_error_t *err);

ditto_rc_t ditto_signal_thing(ditto_parse_t *parse, ditto_error_t *err);
ditto_rc_t ditto_signal_message_path(ditto_parse_t *parse,
    ditto_error_t *err);
ditto_rc_t ditto_signal_message(ditto_parse_t *parse, ditto_error_t *err);
/* Makes of value what its content type says. */
ditto_rc_t ditto_signal_content(ditto_parse_t *parse, ditto_error_t *err);
ditto_rc_t ditto_signal_other(ditto_parse_t *parse, ditto_error_t *err);


#endif /* _DITTO_SIGNAL_PARTS_H_INCLUDED_ */
