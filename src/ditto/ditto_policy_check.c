/*
 * What is checked of a policy as a whole when it is created or replaced, and
 * what is rounded.  Ditto: spec "Whole-policy validation".
 */

#include "ditto_json.h"
#include "ditto_policy_reader.h"
#include "ditto_time.h"


#define DITTO_EXPIRY_STEP    3600    /* seconds; an expiry is rounded up */
#define DITTO_ANNOUNCE_STEP  60      /* seconds; so is beforeExpiry */


static ditto_rc_t ditto_policy_round_subject(ditto_policy_reader_t *r,
    json_t *subject);
static ditto_rc_t ditto_policy_check_reference(ditto_policy_reader_t *r,
    const json_t *policy, ditto_str_t label, const json_t *reference,
    json_t *seen);
static ditto_rc_t ditto_policy_writers(ditto_policy_reader_t *r,
    const json_t *entries, const json_t *entry, json_t *granted,
    json_t *revoked);
static ditto_rc_t ditto_policy_missing(ditto_policy_reader_t *r,
    json_t *object, json_t *other);
static unsigned ditto_policy_allowed(const json_t *entry);
static bool ditto_policy_writes(const json_t *entry, const char *effect);


/* spec: Whole-policy validation: number of imports, self import */
ditto_rc_t
ditto_policy_check_imports(ditto_policy_reader_t *r, const json_t *policy)
{
    size_t        i, len;
    json_t       *imports, *import, *id;
    const char   *key;
    ditto_str_t   own, none = ditto_null_string;

    own = ditto_policy_text(json_object_get(policy, "policyId"));
    imports = json_object_get(policy, "imports");

    (void) ditto_policy_enter(r, ditto_str("imports"));

    if (json_object_size(imports) > DITTO_POLICY_IMPORTS) {
        return ditto_policy_fail(r, DITTO_E_IMPORTS_TOO_LARGE,
                                 "The Imports of the Policy with ID '%1' could "
                                 "not be modified as they exceed the allowed "
                                 "number of '10'.",
                                 "Please reduce the number of imports you're "
                                 "trying to add to 10", own, none);
    }

    if (own.len == 0) {
        r->n--;
        return DITTO_OK;
    }

    json_object_keylen_foreach(imports, key, len, import) {
        (void) len;

        if (ditto_str_eq(own, ditto_str(key))) {
            return ditto_policy_fail(r, DITTO_E_IMPORT_INVALID, NULL,
                                     "The Policy Import references the policy "
                                     "where it is defined.", none, none);
        }
    }

    json_object_keylen_foreach(imports, key, len, import) {
        json_array_foreach(json_object_get(import, "transitiveImports"), i, id)
        {
            if (!ditto_str_eq(own, ditto_policy_text(id))) {
                continue;
            }

            (void) ditto_policy_enter(r, ditto_str(key));

            return ditto_policy_fail(r, DITTO_E_IMPORT_INVALID,
                                     "The policy import contains a transitive "
                                     "resolution of the policy itself.",
                                     "The 'transitiveImports' array must not "
                                     "contain the importing policy's own ID "
                                     "'%1'.", own, none);
        }
    }

    r->n--;

    return DITTO_OK;
}


/* spec: Whole-policy validation: size */
ditto_rc_t
ditto_policy_check_size(ditto_policy_reader_t *r, const json_t *policy)
{
    size_t            units;
    ditto_str_t       text, kb, none = ditto_null_string;
    ditto_buf_t       buf;
    ditto_scratch_t   scratch;

    ditto_scratch_init(&scratch);
    ditto_buf_init(&buf, &scratch.pool, 4096);
    ditto_policy_render_value(&buf, policy, 0);

    if (ditto_buf_done(&buf, &text) != DITTO_OK) {
        ditto_scratch_free(&scratch);
        return ditto_fail_memory(r->err);
    }

    units = ditto_policy_units(text);

    ditto_scratch_free(&scratch);

    if (units <= DITTO_POLICY_SIZE) {
        return DITTO_OK;
    }

    ditto_buf_init(&buf, r->pool, 32);
    ditto_buf_kb(&buf, units);

    if (ditto_buf_done(&buf, &kb) != DITTO_OK) {
        return ditto_fail_memory(r->err);
    }

    return ditto_policy_fail(r, DITTO_E_POLICY_TOO_LARGE, NULL,
                             "Reduce the Policy size in the bounds of the "
                             "specified limit", kb, none);
}


/* spec: Policy document, Schema: expiry, beforeExpiry are rounded up */
ditto_rc_t
ditto_policy_round(ditto_policy_reader_t *r, json_t *policy)
{
    json_t      *entry, *subject;
    const char  *label, *id;

    (void) ditto_policy_enter(r, ditto_str("entries"));

    json_object_foreach(json_object_get(policy, "entries"), label, entry) {
        (void) ditto_policy_enter(r, ditto_str(label));
        (void) ditto_policy_enter(r, ditto_str("subjects"));

        json_object_foreach(json_object_get(entry, "subjects"), id, subject) {
            (void) ditto_policy_enter(r, ditto_str(id));

            if (ditto_policy_round_subject(r, subject) != DITTO_OK) {
                return DITTO_ERROR;
            }

            r->n--;
        }

        r->n -= 2;
    }

    r->n--;

    return DITTO_OK;
}


static ditto_rc_t
ditto_policy_round_subject(ditto_policy_reader_t *r, json_t *subject)
{
    size_t         i;
    json_t        *value, *announcement;
    int64_t        n, rest, unit;
    ditto_str_t    s, none = ditto_null_string;
    ditto_buf_t    buf;
    ditto_time_t   t;

    value = json_object_get(subject, "expiry");

    if (value != NULL) {
        s = ditto_policy_text(value);

        if (ditto_time_parse(s, &t) != DITTO_OK) {
            return ditto_fail_memory(r->err);
        }

        rest = t.sec % DITTO_EXPIRY_STEP;

        if (rest < 0) {
            rest += DITTO_EXPIRY_STEP;
        }

        if (rest != 0 || t.nsec != 0) {
            t.sec += DITTO_EXPIRY_STEP - rest;
            t.nsec = 0;

            if (t.sec > DITTO_TIME_MAX) {
                return ditto_policy_fail(r, DITTO_E_SUBJECT_EXPIRY_INVALID,
                                         NULL, "It is too far in the future.",
                                         s, none);
            }

            ditto_buf_init(&buf, r->pool, 64);
            ditto_time_render(&buf, t);

            if (buf.failed
                || json_string_setn(value, (const char *) buf.data, buf.len)
                   != 0)
            {
                return ditto_fail_memory(r->err);
            }
        }
    }

    announcement = json_object_get(subject, "announcement");
    value = json_object_get(announcement, "beforeExpiry");

    if (value == NULL) {
        return DITTO_OK;
    }

    s = ditto_policy_text(value);
    n = 0;

    for (i = 0; i < s.len && s.data[i] >= '0' && s.data[i] <= '9'; i++) {
        n = n * 10 + (s.data[i] - '0');
    }

    s = ditto_str_sub(s, i, s.len);
    unit = (s.len == 0 || s.data[0] == 's') ? 1 : (s.data[0] == 'm') ? 60
                                                                     : 3600;
    n *= unit;
    n = (n <= DITTO_ANNOUNCE_STEP)
        ? DITTO_ANNOUNCE_STEP
        : (n + DITTO_ANNOUNCE_STEP - 1) / DITTO_ANNOUNCE_STEP
          * DITTO_ANNOUNCE_STEP;
    n /= unit;

    ditto_buf_init(&buf, r->pool, 32);
    ditto_buf_int(&buf, (n == 0) ? 1 : n);
    ditto_buf_str(&buf, s);

    if (buf.failed
        || json_string_setn(value, (const char *) buf.data, buf.len) != 0)
    {
        return ditto_fail_memory(r->err);
    }

    return DITTO_OK;
}


ditto_rc_t
ditto_policy_check_expired(ditto_policy_reader_t *r, const json_t *policy,
    ditto_time_t now)
{
    json_t        *entry, *subject, *value;
    const char    *label, *id;
    ditto_str_t    none = ditto_null_string;
    ditto_time_t   t;

    json_object_foreach(json_object_get(policy, "entries"), label, entry) {
        json_object_foreach(json_object_get(entry, "subjects"), id, subject) {

            value = json_object_get(subject, "expiry");

            if (value == NULL
                || ditto_time_parse(ditto_policy_text(value), &t) != DITTO_OK
                || ditto_time_compare(t, now) >= 0)
            {
                continue;
            }

            (void) ditto_policy_enter(r, ditto_str("entries"));
            (void) ditto_policy_enter(r, ditto_str(label));
            (void) ditto_policy_enter(r, ditto_str("subjects"));
            (void) ditto_policy_enter(r, ditto_str(id));
            (void) ditto_policy_enter(r, ditto_str("expiry"));

            return ditto_policy_fail(r, DITTO_E_SUBJECT_EXPIRY_INVALID, NULL,
                                     "It must not be in the past, please "
                                     "adjust to a timestamp in the future.",
                                     ditto_policy_text(value), none);
        }
    }

    return DITTO_OK;
}


/* spec: Policy document, References: errors when written */
ditto_rc_t
ditto_policy_check_references(ditto_policy_reader_t *r, const json_t *policy)
{
    size_t       i;
    json_t      *entry, *reference, *seen;
    const char  *label;

    (void) ditto_policy_enter(r, ditto_str("entries"));

    json_object_foreach(json_object_get(policy, "entries"), label, entry) {

        seen = json_object();
        if (seen == NULL) {
            return ditto_fail_memory(r->err);
        }

        (void) ditto_policy_enter(r, ditto_str(label));
        (void) ditto_policy_enter(r, ditto_str("references"));

        json_array_foreach(json_object_get(entry, "references"), i, reference)
        {
            if (ditto_policy_check_reference(r, policy, ditto_str(label),
                                             reference, seen)
                != DITTO_OK)
            {
                json_decref(seen);
                return DITTO_ERROR;
            }
        }

        json_decref(seen);
        r->n -= 2;
    }

    r->n--;

    return DITTO_OK;
}


static ditto_rc_t
ditto_policy_check_reference(ditto_policy_reader_t *r, const json_t *policy,
    ditto_str_t label, const json_t *reference, json_t *seen)
{
    json_t       *target;
    const char   *what;
    ditto_str_t   import, entry, key;
    ditto_buf_t   buf;

    import = ditto_policy_text(json_object_get(reference, "import"));
    entry = ditto_policy_text(json_object_get(reference, "entry"));

    /* neither an id nor a label has a slash in it */

    ditto_buf_init(&buf, r->pool, import.len + 1 + entry.len);
    ditto_buf_str(&buf, import);
    ditto_buf_char(&buf, '/');
    ditto_buf_str(&buf, entry);

    if (ditto_buf_done(&buf, &key) != DITTO_OK) {
        return ditto_fail_memory(r->err);
    }

    if (json_object_getn(seen, (const char *) key.data, key.len) != NULL) {
        what = "Duplicate reference to entry '%3'.";
        goto invalid;
    }

    if (ditto_policy_set(r, seen, key, json_true()) != DITTO_OK) {
        return DITTO_ERROR;
    }

    if (import.len != 0) {
        if (json_object_getn(json_object_get(policy, "imports"),
                             (const char *) import.data, import.len)
            != NULL)
        {
            return DITTO_OK;
        }

        entry = import;
        what = "Import reference targets policy '%3' which is not declared in "
               "imports.";
        goto invalid;
    }

    if (ditto_str_eq(entry, label)) {
        what = "Entry must not reference itself.";
        goto invalid;
    }

    target = json_object_getn(json_object_get(policy, "entries"),
                              (const char *) entry.data, entry.len);

    if (target == NULL) {
        what = "Local reference targets entry '%3' which does not exist in the "
               "policy.";
        goto invalid;
    }

    if (ditto_str_eq(ditto_policy_text(json_object_get(target, "importable")),
                     ditto_str(ditto_policy_importables[2])))
    {
        what = "Local reference targets entry '%3' which is marked "
               "importable=never and cannot be referenced.";
        goto invalid;
    }

    return DITTO_OK;

invalid:

    (void) ditto_policy_fail(r, DITTO_E_ENTRY_INVALID,
                             "The references of PolicyEntry '%1' on Policy "
                             "'%2' are invalid.", what, label,
                             ditto_policy_text(json_object_get(policy,
                                                               "policyId")));

    if (r->err->code != DITTO_E_ENTRY_INVALID
        || ditto_str_dup(r->pool, entry, &r->err->args[2]) != DITTO_OK)
    {
        return ditto_fail_memory(r->err);
    }

    return DITTO_ERROR;
}


/* spec: Whole-policy validation: lock-out guard */
ditto_rc_t
ditto_policy_check_lockout(ditto_policy_reader_t *r, const json_t *policy)
{
    json_t       *entries, *entry, *granted, *revoked, *value;
    const char   *key;
    ditto_rc_t    rc;
    ditto_str_t   none = ditto_null_string;

    if (json_object_size(json_object_get(policy, "imports")) != 0) {
        return DITTO_OK;
    }

    granted = json_object();
    revoked = json_object();

    if (granted == NULL || revoked == NULL) {
        json_decref(granted);
        json_decref(revoked);
        return ditto_fail_memory(r->err);
    }

    rc = DITTO_OK;
    entries = json_object_get(policy, "entries");

    json_object_foreach(entries, key, entry) {
        rc = ditto_policy_writers(r, entries, entry, granted, revoked);

        if (rc != DITTO_OK) {
            break;
        }
    }

    if (rc == DITTO_OK) {
        json_object_foreach(revoked, key, value) {
            (void) json_object_del(granted, key);
        }

        if (json_object_size(granted) == 0) {
            rc = ditto_policy_fail(r, DITTO_E_POLICY_MODIFICATION_INVALID,
                                   NULL,
                                   "It must contain at least one permanent "
                                   "Subject with permission(s) <[WRITE]> on "
                                   "resource <policy:/>!",
                                   ditto_policy_text(json_object_get(policy,
                                                               "policyId")),
                                   none);
        }
    }

    json_decref(granted);
    json_decref(revoked);

    return rc;
}


/*
 * Who may, and who may not, write the policy by this entry.  What it refers
 * to lends it content; the referenced subject wins over its own of the same
 * id.
 */
static ditto_rc_t
ditto_policy_writers(ditto_policy_reader_t *r, const json_t *entries,
    const json_t *entry, json_t *granted, json_t *revoked)
{
    bool         grants, revokes;
    size_t       i;
    json_t      *reference, *target, *subjects, *subject;
    unsigned     allowed;
    ditto_rc_t   rc;
    const char  *id;

    subjects = json_object();
    if (subjects == NULL) {
        return ditto_fail_memory(r->err);
    }

    rc = DITTO_OK;
    grants = false;
    revokes = false;
    allowed = DITTO_ADDITION_ALL;

    json_array_foreach(json_object_get(entry, "references"), i, reference) {
        target = json_object_get(entries,
                                 json_string_value(json_object_get(reference,
                                                                   "entry")));

        if (json_object_get(reference, "import") != NULL || target == NULL) {
            continue;
        }

        grants = grants || ditto_policy_writes(target, "grant");
        revokes = revokes || ditto_policy_writes(target, "revoke");

        rc = ditto_policy_missing(r, subjects,
                                  json_object_get(target, "subjects"));
        if (rc != DITTO_OK) {
            goto done;
        }

        allowed &= ditto_policy_allowed(target);
    }

    if ((allowed & DITTO_ADDITION_RESOURCES) != 0) {
        grants = grants || ditto_policy_writes(entry, "grant");
        revokes = revokes || ditto_policy_writes(entry, "revoke");
    }

    if ((allowed & DITTO_ADDITION_SUBJECTS) != 0) {
        rc = ditto_policy_missing(r, subjects,
                                  json_object_get(entry, "subjects"));
        if (rc != DITTO_OK) {
            goto done;
        }
    }

    json_object_foreach(subjects, id, subject) {
        if (grants && json_object_get(subject, "expiry") == NULL) {
            rc = ditto_policy_set(r, granted, ditto_str(id), json_true());
        }

        if (rc == DITTO_OK && revokes) {
            rc = ditto_policy_set(r, revoked, ditto_str(id), json_true());
        }

        if (rc != DITTO_OK) {
            break;
        }
    }

done:

    json_decref(subjects);

    return rc;
}


/* json_object_update_missing() does not tell of a failed allocation. */
static ditto_rc_t
ditto_policy_missing(ditto_policy_reader_t *r, json_t *object, json_t *other)
{
    size_t       len;
    json_t      *value;
    const char  *key;
    ditto_str_t  name;

    json_object_keylen_foreach(other, key, len, value) {

        if (json_object_getn(object, key, len) != NULL) {
            continue;
        }

        name.data = (const unsigned char *) key;
        name.len = len;

        if (ditto_policy_set(r, object, name, json_incref(value))
            != DITTO_OK)
        {
            return DITTO_ERROR;
        }
    }

    return DITTO_OK;
}


/* The additions that an entry allows to those who refer to it. */
static unsigned
ditto_policy_allowed(const json_t *entry)
{
    size_t     i, j;
    json_t    *additions, *element;
    unsigned   allowed;

    additions = json_object_get(entry, "allowedAdditions");

    if (additions == NULL) {
        return DITTO_ADDITION_ALL;
    }

    allowed = 0;

    json_array_foreach(additions, i, element) {
        for (j = 0; j < 3; j++) {
            if (ditto_str_eq(ditto_policy_text(element),
                             ditto_str(ditto_policy_additions[j])))
            {
                allowed |= 1u << j;
            }
        }
    }

    return allowed;
}


static bool
ditto_policy_writes(const json_t *entry, const char *effect)
{
    size_t   i;
    json_t  *resource, *permission;

    resource = json_object_get(json_object_get(entry, "resources"),
                               "policy:/");

    json_array_foreach(json_object_get(resource, effect), i, permission) {
        if (ditto_str_eq(ditto_policy_text(permission),
                         ditto_str(
                             ditto_policy_permissions[DITTO_PERMISSION_WRITE])))
        {
            return true;
        }
    }

    return false;
}
