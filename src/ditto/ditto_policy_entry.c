/*
 * The subjects and the resources of a policy's entries.
 */

#include "ditto_headers.h"
#include "ditto_policy_reader.h"
#include "ditto_time.h"


static ditto_rc_t ditto_policy_subject_id(ditto_policy_reader_t *r,
    ditto_str_t text, ditto_str_t *id);
static bool ditto_policy_placeholder(ditto_str_t text);
static ditto_rc_t ditto_policy_read_announcement(ditto_policy_reader_t *r,
    const ditto_node_t *value, ditto_node_t *out);
static ditto_rc_t ditto_policy_read_acks(ditto_policy_reader_t *r,
    const ditto_node_t *value, ditto_node_t *out);
static ditto_rc_t ditto_policy_read_duration(ditto_policy_reader_t *r,
    const ditto_node_t *json, const char *name, bool before,
    ditto_node_t *out);
static ditto_rc_t ditto_policy_resource_key(ditto_policy_reader_t *r,
    ditto_str_t text, ditto_buf_t *key);
static ditto_rc_t ditto_policy_read_permissions(ditto_policy_reader_t *r,
    const ditto_node_t *json, const char *name, ditto_node_t *out);


/* Ditto: DittoDuration; seconds of a unit, 0: below a second. */
static const struct {
    const char  *suffix;
    int64_t      seconds;
    bool         before;         /* allowed for beforeExpiry */
} ditto_policy_durations[] = {
    { "", 1, true },
    { "s", 1, true },
    { "ms", 0, false },
    { "m", 60, true },
    { "h", 3600, true },
    { "d", 86400, false },
    { "w", 604800, false },
    { "mo", 2629746, false },
    { "y", 31556952, false },
};


/* spec: Policy document, Schema: subject */
ditto_rc_t
ditto_policy_read_subject(ditto_policy_reader_t *r, ditto_str_t name,
    const ditto_node_t *value, ditto_node_t *out)
{
    ditto_str_t          id, s, none = ditto_null_string;
    ditto_buf_t          buf;
    ditto_node_t         subject;
    ditto_time_t         t;
    const ditto_node_t  *type, *expiry, *announcement;

    if (value->type != DITTO_JSON_OBJECT && value->type != DITTO_JSON_NULL) {
        return ditto_policy_fail_value(r, DITTO_E_JSON_INVALID,
                                       DITTO_POLICY_NOT_OBJECT, NULL, value, 0);
    }

    if (ditto_policy_member(r, value, "type", DITTO_FIELD_STRING, &type)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    if (type == NULL) {
        return ditto_policy_fail(r, DITTO_E_JSON_FIELD_MISSING,
                                 "The 'type' for the 'subject' is missing.",
                                 NULL, none, none);
    }

    ditto_node_init(&subject, DITTO_JSON_OBJECT);

    if (ditto_policy_put_string(r, &subject, "type", type->text) != DITTO_OK
        || ditto_policy_member(r, value, "expiry", DITTO_FIELD_STRING, &expiry)
           != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    if (expiry != NULL) {
        s = expiry->text;

        if (ditto_time_parse(s, &t) != DITTO_OK) {
            (void) ditto_policy_enter(r, ditto_str("expiry"));

            return ditto_policy_fail(r, DITTO_E_SUBJECT_EXPIRY_INVALID, NULL,
                                     "It must be provided as ISO-8601 "
                                     "formatted char sequence.", s, none);
        }

        ditto_buf_init(&buf, &r->scratch.pool, 64);
        ditto_time_render(&buf, t);

        if (ditto_buf_done(&buf, &s) != DITTO_OK) {
            return ditto_fail_memory(r->err);
        }

        if (ditto_policy_put_string(r, &subject, "expiry", s) != DITTO_OK) {
            return DITTO_ERROR;
        }
    }

    if (ditto_policy_member(r, value, "announcement", DITTO_FIELD_OBJECT,
                            &announcement)
        != DITTO_OK
        || (announcement != NULL
            && ditto_policy_read_announcement(r, announcement, &subject)
               != DITTO_OK)
        || ditto_policy_subject_id(r, name, &id) != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    if (type->text.len == 0) {
        (void) ditto_policy_enter(r, ditto_str("type"));

        return ditto_policy_fail(r, DITTO_E_JSON_FORMAT_INVALID,
                                 "The argument 'subjectTypeValue' must not be "
                                 "empty!", NULL, none, none);
    }

    if (ditto_node_put(&r->scratch.pool, out, id, &subject) == NULL) {
        return ditto_fail_memory(r->err);
    }

    return DITTO_OK;
}


/*
 * spec: Policy document, Schema: subject id.  *id is what Ditto renders: an
 * empty issuer goes without its colon.
 */
static ditto_rc_t
ditto_policy_subject_id(ditto_policy_reader_t *r, ditto_str_t text,
    ditto_str_t *id)
{
    size_t        colon, delimiter;
    const char   *why;
    ditto_str_t   s, none = ditto_null_string, mark = ditto_string("://");
    ditto_buf_t   buf;

    s = text;

    if (r->stored) {

        /* ":b" is rendered as "b", which Ditto itself cannot read again */

        *id = text;

    } else if (ditto_policy_placeholder(text)) {
        *id = text;

        ditto_buf_init(&buf, &r->scratch.pool, text.len + 1);
        ditto_buf_char(&buf, ':');
        ditto_buf_str(&buf, text);

        if (ditto_buf_done(&buf, &s) != DITTO_OK) {
            return ditto_fail_memory(r->err);
        }

    } else {
        delimiter = ditto_str_find(text, mark);
        colon = ditto_str_chr(text, ':', (delimiter < text.len)
                                         ? delimiter + mark.len : 0);

        if (colon == text.len) {
            return ditto_policy_fail(r, DITTO_E_SUBJECT_ID_INVALID, NULL, NULL,
                                     text, none);
        }

        if (colon + 1 == text.len) {
            return ditto_policy_fail(r, DITTO_E_JSON_FORMAT_INVALID,
                                     "The argument 'subject' must not be "
                                     "empty!", NULL, none, none);
        }

        *id = (colon == 0) ? ditto_str_sub(text, 1, text.len) : text;
    }

    why = ditto_policy_characters(s, true);

    if (why != NULL) {
        return ditto_policy_fail(r, DITTO_E_SUBJECT_ID_INVALID, NULL, why, s,
                                 none);
    }

    return DITTO_OK;
}


/* "{{ ... }}" or "${...}" somewhere */
static bool
ditto_policy_placeholder(ditto_str_t text)
{
    size_t       i;
    ditto_str_t  rest, open = ditto_string("{{"), close = ditto_string("}}");
    ditto_str_t  legacy = ditto_string("${");

    i = ditto_str_find(text, open);

    if (i < text.len) {
        rest = ditto_str_sub(text, i + 2, text.len);

        if (ditto_str_find(rest, close) <= rest.len) {
            return true;
        }
    }

    i = ditto_str_find(text, legacy);

    return i < text.len && ditto_str_chr(text, '}', i) < text.len;
}


/* spec: Policy document, Schema: announcement */
static ditto_rc_t
ditto_policy_read_announcement(ditto_policy_reader_t *r,
    const ditto_node_t *value, ditto_node_t *out)
{
    ditto_node_t        *announcement;
    const ditto_node_t  *deleted, *before;

    announcement = ditto_policy_put(r, out, ditto_str("announcement"),
                                    DITTO_JSON_OBJECT);

    if (announcement == NULL
        || !ditto_policy_enter(r, ditto_str("announcement")))
    {
        return DITTO_ERROR;
    }

    if (ditto_policy_member(r, value, "beforeExpiry", DITTO_FIELD_STRING,
                            &before)
        != DITTO_OK
        || ditto_policy_member(r, value, "whenDeleted", DITTO_FIELD_BOOLEAN,
                               &deleted)
           != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    /* the order of rendering; of several errors Ditto tells another first */

    if (ditto_policy_read_duration(r, value, "beforeExpiry", true,
                                   announcement)
        != DITTO_OK
        || ditto_policy_put(r, announcement, ditto_str("whenDeleted"),
                            (deleted != NULL) ? deleted->type
                                              : DITTO_JSON_FALSE)
           == NULL
        || ditto_policy_read_acks(r, ditto_node_get(value,
                                                    ditto_str("requestedAcks")),
                                  announcement)
           != DITTO_OK
        || ditto_policy_read_duration(r, value, "randomizationInterval", false,
                                      announcement)
           != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    r->n--;

    return DITTO_OK;
}


/* What is empty is left out. */
static ditto_rc_t
ditto_policy_read_acks(ditto_policy_reader_t *r, const ditto_node_t *value,
    ditto_node_t *out)
{
    size_t               j, from;
    ditto_str_t          s, none = ditto_null_string;
    ditto_str_t          colon = ditto_string("}}:");
    ditto_node_t         acks, array;
    const ditto_node_t  *labels, *label;

    if (value == NULL || value->type != DITTO_JSON_OBJECT) {
        return DITTO_OK;
    }

    if (!ditto_policy_enter(r, ditto_str("requestedAcks"))
        || ditto_policy_member(r, value, "labels", DITTO_FIELD_ARRAY, &labels)
           != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    ditto_node_init(&acks, DITTO_JSON_OBJECT);
    ditto_node_init(&array, DITTO_JSON_ARRAY);
    label = (labels == NULL) ? NULL : labels->first;

    for ( /* void */ ; label != NULL; label = label->next) {

        if (label->type != DITTO_JSON_STRING) {
            continue;
        }

        s = label->text;

        /* spec: Errors of acknowledgement labels; "{{ a:b }}:" may lead */

        from = 0;
        j = ditto_str_find(s, colon);

        if (j < s.len && ditto_str_starts(s, ditto_str("{{"))) {
            from = j + colon.len;
        }

        if (!ditto_ack_label_valid(ditto_str_sub(s, from, s.len))) {
            return ditto_policy_fail(r, DITTO_E_ACK_LABEL_INVALID, NULL, NULL,
                                     s, none);
        }

        if (ditto_policy_append(r, &array, s) != DITTO_OK) {
            return DITTO_ERROR;
        }
    }

    if (array.n != 0
        && ditto_node_put(&r->scratch.pool, &acks, ditto_str("labels"), &array)
           == NULL)
    {
        return ditto_fail_memory(r->err);
    }

    if (ditto_policy_read_duration(r, value, "timeout", false, &acks)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    if (acks.n != 0
        && ditto_node_put(&r->scratch.pool, out, ditto_str("requestedAcks"),
                          &acks)
           == NULL)
    {
        return ditto_fail_memory(r->err);
    }

    r->n--;

    return DITTO_OK;
}


/* spec: Errata, beforeExpiry; amount and unit are kept as they are written */
static ditto_rc_t
ditto_policy_read_duration(ditto_policy_reader_t *r, const ditto_node_t *json,
    const char *name, bool before, ditto_node_t *out)
{
    size_t               i, from, to;
    int64_t              n;
    ditto_str_t          s, suffix, none = ditto_null_string;
    ditto_buf_t          buf;
    const ditto_node_t  *value;

    if (ditto_policy_member(r, json, name, DITTO_FIELD_STRING, &value)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    if (value == NULL) {
        return DITTO_OK;
    }

    s = value->text;
    from = (s.len != 0 && (s.data[0] == '+' || s.data[0] == '-')) ? 1 : 0;
    n = 0;

    for (to = from; to < s.len && s.data[to] >= '0' && s.data[to] <= '9'; to++)
    {
        if (n > (INT64_MAX - 9) / 10) {
            goto invalid;
        }

        n = n * 10 + (s.data[to] - '0');
    }

    if (to == from || (s.data[0] == '-' && n != 0)) {
        goto invalid;
    }

    suffix = ditto_str_sub(s, to, s.len);

    for (i = 0; !ditto_str_eq(suffix,
                              ditto_str(ditto_policy_durations[i].suffix));
         /* void */)
    {
        i++;

        if (i == sizeof(ditto_policy_durations)
                 / sizeof(ditto_policy_durations[0]))
        {
            goto invalid;
        }
    }

    if (before
        && (!ditto_policy_durations[i].before
            || n > DITTO_TIME_MAX / ditto_policy_durations[i].seconds))
    {
        goto invalid;
    }

    ditto_buf_init(&buf, &r->scratch.pool, 32);
    ditto_buf_int(&buf, n);
    ditto_buf_str(&buf, suffix);

    if (ditto_buf_done(&buf, &s) != DITTO_OK) {
        return ditto_fail_memory(r->err);
    }

    return ditto_policy_put_string(r, out, name, s);

invalid:

    (void) ditto_policy_enter(r, ditto_str(name));

    return ditto_policy_fail(r, DITTO_E_SUBJECT_ANNOUNCEMENT_INVALID,
                             "The beforeExpiry duration '%1' is not valid.",
                             "It must be a positive integer followed by 'h' "
                             "(hours), 'm' (minutes) or 's' (seconds).", s,
                             none);
}


/* spec: Policy document, Schema: resource key, grant, revoke */
ditto_rc_t
ditto_policy_read_resource(ditto_policy_reader_t *r, ditto_str_t name,
    const ditto_node_t *value, ditto_node_t *out)
{
    size_t         colon;
    ditto_str_t    key, none = ditto_null_string;
    ditto_buf_t    buf;
    ditto_node_t  *resource;

    ditto_buf_init(&buf, &r->scratch.pool, name.len + 8);

    if (ditto_policy_resource_key(r, name, &buf) != DITTO_OK) {
        return DITTO_ERROR;
    }

    if (ditto_buf_done(&buf, &key) != DITTO_OK) {
        return ditto_fail_memory(r->err);
    }

    if (value->type != DITTO_JSON_OBJECT && value->type != DITTO_JSON_NULL) {
        return ditto_policy_fail(r, DITTO_E_JSON_INVALID,
                                 "The JSON object for the 'permissions' "
                                 "(grant/revoke) of the 'resource' '%1' is "
                                 "missing or not an object.", NULL, key, none);
    }

    if (ditto_node_get(out, key) != NULL) {
        colon = ditto_str_chr(key, ':', 0);

        return ditto_policy_fail(r, DITTO_E_JSON_FORMAT_INVALID,
                                 "There is more than one Resource with the "
                                 "path <%1>!", NULL,
                                 ditto_str_sub(key, colon + 1, key.len), none);
    }

    resource = ditto_policy_put(r, out, key, DITTO_JSON_OBJECT);

    if (resource == NULL
        || ditto_policy_read_permissions(r, value, "grant", resource)
           != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    return ditto_policy_read_permissions(r, value, "revoke", resource);
}


static ditto_rc_t
ditto_policy_resource_key(ditto_policy_reader_t *r, ditto_str_t text,
    ditto_buf_t *key)
{
    size_t            colon;
    const char       *why;
    ditto_str_t       type, path, none = ditto_null_string;
    ditto_error_t     err;
    ditto_pointer_t   pointer;

    /* what was rendered is longer by each "~" */
    why = r->stored ? NULL : ditto_policy_characters(text, true);

    if (why != NULL) {
        return ditto_policy_fail(r, DITTO_E_ENTRY_INVALID,
                                 "The Policy Resource %1 is invalid", why,
                                 text, none);
    }

    colon = ditto_str_chr(text, ':', 0);

    if (colon == text.len) {
        return ditto_policy_fail(r, DITTO_E_JSON_INVALID,
                                 "The provided string was not in the expected "
                                 "format 'type:path'", NULL, none, none);
    }

    type = ditto_str_sub(text, 0, colon);
    path = ditto_str_sub(text, colon + 1, text.len);

    if (ditto_pointer_parse_escaped(&r->scratch.pool, path, &pointer, &err)
        != DITTO_OK)
    {
        if (err.code == DITTO_E_INTERNAL) {
            return ditto_fail_memory(r->err);
        }

        return ditto_policy_fail(r, DITTO_E_JSON_POINTER_INVALID, NULL, NULL,
                                 path, none);
    }

    if (type.len == 0) {
        return ditto_policy_fail(r, DITTO_E_JSON_FORMAT_INVALID,
                                 "The argument 'type' must not be empty!",
                                 NULL, none, none);
    }

    ditto_buf_str(key, type);
    ditto_buf_char(key, ':');
    ditto_pointer_render(key, &pointer);

    /* a type is a pointer too when it is enforced: Ditto fails only then */

    if (ditto_pointer_parse_escaped(&r->scratch.pool, type, &pointer, &err)
        != DITTO_OK)
    {
        if (err.code == DITTO_E_INTERNAL) {
            return ditto_fail_memory(r->err);
        }

        return ditto_policy_fail(r, DITTO_E_JSON_POINTER_INVALID, NULL, NULL,
                                 type, none);
    }

    return DITTO_OK;
}


/* Any text is a permission; the known ones come in a fixed order. */
static ditto_rc_t
ditto_policy_read_permissions(ditto_policy_reader_t *r,
    const ditto_node_t *json, const char *name, ditto_node_t *out)
{
    size_t               i;
    ditto_rc_t           rc;
    ditto_str_t          s, known, none = ditto_null_string;
    ditto_buf_t          field;
    ditto_node_t        *array, set;
    const ditto_node_t  *value, *permission;

    /* the order of Java's hash set */
    static const unsigned char  order[3] = { 0, 2, 1 };

    if (ditto_policy_member(r, json, name, DITTO_FIELD_ARRAY, &value)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    if (value == NULL) {
        ditto_buf_init(&field, &r->scratch.pool, 16);
        ditto_buf_char(&field, '/');
        ditto_buf_text(&field, name);

        if (ditto_buf_done(&field, &s) != DITTO_OK) {
            return ditto_fail_memory(r->err);
        }

        return ditto_policy_fail(r, DITTO_E_JSON_FIELD_MISSING, NULL, NULL, s,
                                 none);
    }

    array = ditto_policy_put(r, out, ditto_str(name), DITTO_JSON_ARRAY);

    if (array == NULL) {
        return DITTO_ERROR;
    }

    ditto_node_init(&set, DITTO_JSON_OBJECT);

    for (i = 0; i < 4; i++) {

        /* round 0 to 2 for a known one each, round 3 for the others */

        known = (i < 3) ? ditto_str(ditto_policy_permissions[order[i]]) : none;

        for (permission = value->first; permission != NULL;
             permission = permission->next)
        {
            s = permission->text;

            if (permission->type != DITTO_JSON_STRING
                || (i < 3 && !ditto_str_eq(s, known)))
            {
                continue;
            }

            rc = ditto_policy_add(r, &set, s);

            if (rc == DITTO_OK) {
                rc = ditto_policy_append(r, array, s);
            }

            if (rc == DITTO_ERROR) {
                return DITTO_ERROR;
            }
        }
    }

    return DITTO_OK;
}
