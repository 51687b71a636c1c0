/*
 * One table of every error of the core: HTTP status, Ditto's code, Ditto's
 * sentences.  Setting an error allocates nothing; the texts are made when
 * somebody wants to read them.
 *
 * Ditto: "Errors" in protocol-specification-errors; the members of its error
 * object are status, error, message, description, href, invalidHeaderKey.
 */

#ifndef _DITTO_ERROR_H_INCLUDED_
#define _DITTO_ERROR_H_INCLUDED_


#include "ditto_base.h"


typedef enum {
    DITTO_E_NONE = 0,

    DITTO_E_INTERNAL,                   /* out of memory included */

    /* JSON */
    DITTO_E_JSON_INVALID,
    DITTO_E_JSON_FIELD_MISSING,         /* %1: pointer with leading slash */
    DITTO_E_JSON_FORMAT_INVALID,        /* %1: the whole message */
    DITTO_E_JSON_POINTER_INVALID,       /* %1: the pointer */
    DITTO_E_JSON_KEY_INVALID,           /* %1: the key */
    DITTO_E_JSON_SELECTOR_INVALID,      /* %1: the selector */

    /* Ditto Protocol */
    DITTO_E_UNKNOWN_TOPIC_PATH,         /* %1: the topic */
    DITTO_E_UNKNOWN_PATH,               /* %1: the path */
    DITTO_E_INVALID_PATH,               /* %1: the path */
    DITTO_E_UNKNOWN_CHANNEL,            /* %1: channel, %2: signal type */
    DITTO_E_ILLEGAL_ADAPTABLE,
    DITTO_E_THING_ID_INVALID,           /* %1: the id */
    DITTO_E_POLICY_ID_INVALID,          /* %1: the id */
    DITTO_E_THING_ID_NOT_SETTABLE,
    DITTO_E_THING_ID_NOT_DELETABLE,
    DITTO_E_POLICY_ID_NOT_DELETABLE,
    DITTO_E_POLICY_CONFLICTING,         /* %1: thing id */
    DITTO_E_MERGE_INVALID,
    DITTO_E_DEFINITION_INVALID,         /* %1: the identifier */
    DITTO_E_FEATURE_DEFINITION_EMPTY,
    DITTO_E_HEADER_INVALID,             /* %1: value, %2: name, %3: type */
    DITTO_E_TIMEOUT_INVALID,            /* %1: the whole message */
    DITTO_E_HEADERS_TOO_LARGE,
    DITTO_E_ACK_LABEL_INVALID,          /* %1: the label */
    DITTO_E_ACK_LABEL_FORBIDDEN,        /* %1: the label */
    DITTO_E_ACK_LABEL_NOT_UNIQUE,
    DITTO_E_ACK_REQUEST_INVALID,        /* %1: the text */
    DITTO_E_MAPPING_FAILED,             /* %1: content type */
    DITTO_E_MEDIATYPE_UNSUPPORTED,      /* %1: content type */
    DITTO_E_SIGNAL_UNSUPPORTED,         /* %1: signal type */
    DITTO_E_MESSAGE_FORMAT_INVALID,
    DITTO_E_PAYLOAD_TOO_LARGE,          /* %1: the whole message */

    /* rights */
    DITTO_E_SUBJECT_EMPTY,
    DITTO_E_THING_NOT_FOUND,            /* %1: thing id */
    DITTO_E_POLICY_NOT_FOUND,           /* %1: policy id */
    DITTO_E_THING_NOT_MODIFIABLE,       /* %1: thing id */
    DITTO_E_MESSAGE_NOT_ALLOWED,        /* %1: thing id */
    DITTO_E_EVENT_NOT_ALLOWED,          /* %1: thing id */
    DITTO_E_ANNOUNCEMENT_NOT_ALLOWED,   /* %1: policy id */
    DITTO_E_ENRICHMENT_FAILED,
    DITTO_E_ENFORCEMENT_FAILED,         /* %1: the input */

    /* templates and filters */
    DITTO_E_PLACEHOLDER_UNRESOLVED,     /* %1: the expression */
    DITTO_E_FUNCTION_UNKNOWN,           /* %1: the call */
    DITTO_E_FUNCTION_SIGNATURE,         /* %1: the call, %2: signature */
    DITTO_E_FUNCTION_TOO_COMPLEX,
    DITTO_E_RQL_INVALID,                /* %1: the whole message */
    DITTO_E_FIELD_SELECTION_INVALID,    /* %1: the selection */

    /* connections */
    DITTO_E_TOPIC_INVALID,              /* %1: the entry */
    DITTO_E_CONNECTION_CONFIGURATION,   /* %1: the whole message */
    DITTO_E_CONNECTION_ID_INVALID,      /* %1: the id */
    DITTO_E_CONNECTION_URI_INVALID,     /* %1: the URI, its password masked */
    DITTO_E_PARTITION_NEGATIVE,         /* %1: the number */
    DITTO_E_SENDING_FAILED,             /* %1: why */

    /* policies */
    DITTO_E_ENTRY_INVALID,              /* description: why */
    DITTO_E_LABEL_INVALID,              /* %1: the label */
    DITTO_E_SUBJECT_ID_INVALID,         /* %1: the id */
    DITTO_E_SUBJECT_EXPIRY_INVALID,     /* %1: the text */
    DITTO_E_SUBJECT_ANNOUNCEMENT_INVALID,
    DITTO_E_IMPORT_INVALID,
    DITTO_E_IMPORTS_TOO_LARGE,
    DITTO_E_POLICY_TOO_LARGE,           /* %1: kB */
    DITTO_E_POLICY_MODIFICATION_INVALID, /* %1: policy id */

    /* HTTP */
    DITTO_E_METHOD_NOT_ALLOWED,         /* %1: the method */

    DITTO_E_MAX
} ditto_error_code_e;


#define DITTO_ERROR_ARGS  4


/*
 * message and description are templates that replace those of the table (NULL:
 * the table's; an empty text: the member is left out).  In a template %1 .. %4
 * stand for args, %@ for the offset.  The spans of args must live as long as
 * the error.
 */
typedef struct {
    ditto_error_code_e   code;
    size_t               offset;       /* bytes into the text that was read */
    const char          *message;
    const char          *description;
    ditto_str_t          args[DITTO_ERROR_ARGS];
    ditto_str_t          header;       /* invalidHeaderKey */
} ditto_error_t;


/*
 * Sets *err (overwriting it) and returns DITTO_ERROR, so that a rule can end
 * with "return ditto_fail(err, ...)".  The caller may put message,
 * description, args[2], args[3], offset and header afterwards.
 */
ditto_rc_t ditto_fail(ditto_error_t *err, ditto_error_code_e code,
    ditto_str_t arg1, ditto_str_t arg2);
/* The same with a message (and no arguments). */
ditto_rc_t ditto_fail_text(ditto_error_t *err, ditto_error_code_e code,
    const char *message);
/* Out of memory. */
ditto_rc_t ditto_fail_memory(ditto_error_t *err);
/*
 * Gives *err another code and keeps its sentences and offset, as Ditto does
 * where it wraps an error; DITTO_E_INTERNAL stays what it is.  pool holds the
 * sentences.
 */
ditto_rc_t ditto_fail_as(ditto_pool_t *pool, ditto_error_t *err,
    ditto_error_code_e code);

/* HTTP status, 100 .. 599. */
unsigned ditto_error_status(const ditto_error_t *err);
/* Ditto's code, such as "things:id.invalid". */
const char *ditto_error_name(const ditto_error_t *err);

/*
 * The status and the description of errors of this code, as far as they are
 * always the same.  False: the code is unknown, and the status is 500.
 */
bool ditto_error_known(ditto_str_t name, unsigned *status,
    ditto_str_t *description);

/* The sentences, arguments filled in, as plain text (not JSON). */
void ditto_error_message(ditto_buf_t *out, const ditto_error_t *err);
/* Adds nothing if there is none. */
void ditto_error_description(ditto_buf_t *out, const ditto_error_t *err);

/* Message and description as one line for a person, as in nginx -t. */
void ditto_error_text(ditto_buf_t *out, const ditto_error_t *err);

/* The texts as JSON members, from ,"message": on. */
void ditto_error_texts(ditto_buf_t *out, const ditto_error_t *err);

/*
 * The members of Ditto's error object without the braces, so that a caller
 * can add members:  "status":400,"error":"...","message":"..."
 */
void ditto_error_members(ditto_buf_t *out, const ditto_error_t *err);


#endif /* _DITTO_ERROR_H_INCLUDED_ */
