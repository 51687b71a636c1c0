/*
 * Properties of filters: which part of a thing a text names, or which
 * placeholder.
 *
 * Ditto: spec "RQL: Properties" and "Target topics: Phase 1".
 */

#include "ditto_decode.h"
#include "ditto_pointer.h"
#include "ditto_rql_private.h"


/* features, the feature, its member */
#define DITTO_RQL_ABOVE  3


/* A property cut into pieces, nothing decoded. */
typedef struct {
    ditto_str_t  above[DITTO_RQL_ABOVE];
    size_t       n;
    ditto_str_t  rest;               /* a pointer; data is NULL: none */
} ditto_rql_path_t;


typedef struct {
    ditto_str_t          name;
    ditto_rql_special_e  special;
} ditto_rql_member_t;


static bool ditto_rql_split(ditto_str_t name, bool compared,
    ditto_rql_path_t *path, ditto_rql_special_e *special);
static bool ditto_rql_split_feature(ditto_str_t name, bool compared,
    ditto_rql_path_t *path);
static ditto_rc_t ditto_rql_walked(ditto_pool_t *pool, ditto_rql_node_t *node,
    ditto_str_t name, const ditto_rql_path_t *path, ditto_error_t *err);
static ditto_rc_t ditto_rql_mark(ditto_pool_t *pool, ditto_rql_field_t *field,
    const ditto_rql_path_t *path, const ditto_str_t *unknown, size_t nunknown,
    ditto_error_t *err);
static ditto_rc_t ditto_rql_join(ditto_pool_t *pool, const ditto_str_t *above,
    size_t n, ditto_str_t rest, ditto_pointer_t *pointer, ditto_error_t *err);


static const ditto_str_t  ditto_rql_attributes = ditto_string("attributes");
static const ditto_str_t  ditto_rql_features = ditto_string("features");
static const ditto_str_t  ditto_rql_metadata = ditto_string("_metadata");
static const ditto_str_t  ditto_rql_definition = ditto_string("definition");

static const ditto_str_t  ditto_rql_containers[] = {
    ditto_string("properties"),
    ditto_string("desiredProperties"),
};


/* spec: RQL, "Properties" */
static const ditto_rql_member_t  ditto_rql_members[] = {
    { ditto_string("thingId"), DITTO_RQL_THING_ID },
    { ditto_string("policyId"), DITTO_RQL_PLAIN },
    { ditto_string("definition"), DITTO_RQL_PLAIN },
    { ditto_string("_namespace"), DITTO_RQL_NAMESPACE },
    { ditto_string("_revision"), DITTO_RQL_REVISION },
    { ditto_string("_created"), DITTO_RQL_CREATED },
    { ditto_string("_modified"), DITTO_RQL_MODIFIED },
    { ditto_string("_metadata"), DITTO_RQL_METADATA },
};


ditto_rc_t
ditto_rql_field(ditto_pool_t *pool, ditto_rql_node_t *node,
    const ditto_str_t *unknown, size_t nunknown, ditto_error_t *err)
{
    bool                compared;
    ditto_str_t         name, none = ditto_null_string;
    ditto_rql_path_t    path;
    ditto_rql_field_t  *field;

    field = &node->field;
    name = node->property;
    compared = (node->function->form != DITTO_RQL_PROPERTY);

    if (name.len != 0 && name.data[0] == '/') {
        name = ditto_str_sub(name, 1, name.len);
    }

    if (ditto_rql_split(name, compared, &path, &field->special)) {

        if (path.n != 1 || path.rest.data != NULL) {
            if (ditto_rql_mark(pool, field, &path, unknown, nunknown, err)
                != DITTO_OK)
            {
                return DITTO_ERROR;
            }

        } else if (!compared && field->special >= DITTO_RQL_REVISION) {
            field->kind = DITTO_RQL_NEVER;
            return DITTO_OK;
        }

        return ditto_rql_walked(pool, node, name, &path, err);
    }

    if (ditto_placeholder_compile(pool, name, DITTO_PLACE_RQL,
                                  &field->placeholder, err)
        == DITTO_OK)
    {
        field->kind = DITTO_RQL_PLACEHOLDER;
        return DITTO_OK;
    }

    if (err->code == DITTO_E_INTERNAL) {
        return DITTO_ERROR;
    }

    (void) ditto_fail(err, DITTO_E_RQL_INVALID, name, none);
    err->message = "Unknown property name: %1";
    err->offset = node->offset;

    return DITTO_ERROR;
}


static bool
ditto_rql_split(ditto_str_t name, bool compared, ditto_rql_path_t *path,
    ditto_rql_special_e *special)
{
    size_t       i, slash;
    ditto_str_t  root;

    *special = DITTO_RQL_PLAIN;

    memset(path, 0, sizeof(ditto_rql_path_t));

    slash = ditto_str_chr(name, '/', 0);
    root = ditto_str_sub(name, 0, slash);
    path->above[0] = root;
    path->n = 1;

    if (slash == name.len) {

        for (i = 0;
             i < sizeof(ditto_rql_members) / sizeof(ditto_rql_members[0]);
             i++)
        {
            if (ditto_str_eq(name, ditto_rql_members[i].name)) {
                *special = ditto_rql_members[i].special;
                return true;
            }
        }

        return false;
    }

    path->rest = ditto_str_sub(name, slash + 1, name.len);

    if (ditto_str_eq(root, ditto_rql_attributes)) {
        return true;
    }

    if (ditto_str_eq(root, ditto_rql_metadata)) {
        *special = DITTO_RQL_METADATA;
        return true;
    }

    return ditto_str_eq(root, ditto_rql_features)
           && ditto_rql_split_feature(path->rest, compared, path);
}


/* name: behind "features/" */
static bool
ditto_rql_split_feature(ditto_str_t name, bool compared,
    ditto_rql_path_t *path)
{
    size_t       i, slash;
    ditto_str_t  member, rest, none = ditto_null_string;

    slash = ditto_str_chr(name, '/', 0);

    path->above[1] = ditto_str_sub(name, 0, slash);
    path->n = 2;
    path->rest = none;

    if (slash == 0 || slash == name.len) {
        return slash != 0 && !compared;
    }

    rest = ditto_str_sub(name, slash + 1, name.len);
    slash = ditto_str_chr(rest, '/', 0);
    member = ditto_str_sub(rest, 0, slash);

    path->above[2] = member;
    path->n = 3;

    if (slash + 1 < rest.len) {
        path->rest = ditto_str_sub(rest, slash + 1, rest.len);
    }

    if (ditto_str_eq(member, ditto_rql_definition)) {
        return path->rest.data == NULL;
    }

    for (i = 0; i < 2; i++) {
        if (ditto_str_eq(member, ditto_rql_containers[i])) {
            return path->rest.data != NULL ? ditto_rql_one_line(path->rest)
                                           : !compared;
        }
    }

    return false;
}


/*
 * A comparison takes the whole property as one pointer; exists and empty only
 * what is behind the attributes, the properties or the metadata.  spec: RQL,
 * "exists / empty"
 */
static ditto_rc_t
ditto_rql_walked(ditto_pool_t *pool, ditto_rql_node_t *node, ditto_str_t name,
    const ditto_rql_path_t *path, ditto_error_t *err)
{
    ditto_rc_t          rc;
    ditto_buf_t         buf;
    ditto_str_t         none = ditto_null_string;
    ditto_pointer_t     pointer;
    ditto_rql_field_t  *field;

    field = &node->field;
    field->kind = (path->n == 2) ? DITTO_RQL_FEATURE : DITTO_RQL_MEMBER;
    field->flatten = true;

    if (node->function->form != DITTO_RQL_PROPERTY) {
        rc = ditto_rql_join(pool, NULL, 0, name, &pointer, err);

        if (rc == DITTO_DECLINED) {
            ditto_buf_init(&buf, pool, name.len + 1);

            if (field->special != DITTO_RQL_METADATA) {
                ditto_buf_char(&buf, '/');
            }

            ditto_buf_str(&buf, name);

            if (ditto_buf_done(&buf, &field->malformed) != DITTO_OK) {
                return ditto_fail_memory(err);
            }
        }

    } else {
        rc = ditto_rql_join(pool, path->above, path->n, path->rest, &pointer,
                            err);

        if (rc == DITTO_DECLINED) {
            field->malformed = path->rest;
            rc = ditto_rql_join(pool, path->above, path->n, none, &pointer,
                                err);
        }

        field->flatten = (field->special != DITTO_RQL_METADATA);
        field->object = (path->rest.data != NULL && pointer.n == path->n);

        if (field->object && field->special == DITTO_RQL_METADATA
            && field->malformed.data == NULL
            && (node->function->asks & DITTO_RQL_EMPTY) == 0)
        {
            field->kind = DITTO_RQL_NEVER;
        }
    }

    if (rc == DITTO_ERROR) {
        return DITTO_ERROR;
    }

    field->segments = pointer.segments;
    field->n = pointer.n;

    return DITTO_OK;
}


/*
 * Compared is the text of pointers, and of a property Ditto leaves out in which
 * member it is.  spec: Phase 1
 */
static ditto_rc_t
ditto_rql_mark(ditto_pool_t *pool, ditto_rql_field_t *field,
    const ditto_rql_path_t *path, const ditto_str_t *unknown, size_t nunknown,
    ditto_error_t *err)
{
    size_t           i, n;
    ditto_rc_t       rc;
    ditto_buf_t      buf;
    ditto_str_t      text;
    ditto_pointer_t  pointer;

    n = (path->n == 3 && path->rest.data != NULL) ? 2 : path->n;
    rc = ditto_rql_join(pool, path->above, n, path->rest, &pointer, err);

    if (rc == DITTO_DECLINED) {
        field->unknowable = path->rest;
        return DITTO_OK;
    }

    if (rc != DITTO_OK || nunknown == 0) {
        return rc;
    }

    ditto_buf_init(&buf, pool, 64);
    ditto_pointer_render(&buf, &pointer);

    if (ditto_buf_done(&buf, &text) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    for (i = 0; i < nunknown; i++) {
        if (ditto_str_starts(text, unknown[i])) {
            field->unknown = true;
        }
    }

    return DITTO_OK;
}


/* DITTO_DECLINED: rest is malformed; *pointer is not usable then. */
static ditto_rc_t
ditto_rql_join(ditto_pool_t *pool, const ditto_str_t *above, size_t n,
    ditto_str_t rest, ditto_pointer_t *pointer, ditto_error_t *err)
{
    ditto_str_t      *segments;
    ditto_pointer_t   below;

    below.n = 0;
    below.segments = NULL;
    pointer->n = 0;
    pointer->segments = NULL;

    if (rest.len != 0
        && ditto_pointer_parse_escaped(pool, rest, &below, err) != DITTO_OK)
    {
        return (err->code == DITTO_E_INTERNAL) ? DITTO_ERROR : DITTO_DECLINED;
    }

    segments = ditto_alloc(pool, (n + below.n + 1) * sizeof(ditto_str_t));
    if (segments == NULL) {
        return ditto_fail_memory(err);
    }

    if (n != 0) {
        memcpy(segments, above, n * sizeof(ditto_str_t));
    }

    if (below.n != 0) {
        memcpy(segments + n, below.segments, below.n * sizeof(ditto_str_t));
    }

    pointer->segments = segments;
    pointer->n = n + below.n;

    return DITTO_OK;
}


bool
ditto_rql_one_line(ditto_str_t text)
{
    size_t    i, size;
    uint32_t  c;

    for (i = 0; i < text.len; i += size) {
        size = ditto_decode_char(text, i, &c);

        if (c == '\n' || c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029)
        {
            return false;
        }
    }

    return true;
}
