/*
 * What is checked of a policy as a whole when it is created or replaced, and
 * what is rounded.  Ditto: spec "Whole-policy validation".
 */

#include "ditto_policy_reader.h"
#include "ditto_time.h"


#define DITTO_EXPIRY_STEP    3600    /* seconds; an expiry is rounded up */
#define DITTO_ANNOUNCE_STEP  60      /* seconds; so is beforeExpiry */


static ditto_rc_t ditto_policy_round_subject(ditto_policy_reader_t *r,
    ditto_node_t *subject, bool *rounded);
static ditto_rc_t ditto_policy_round_expiry(ditto_policy_reader_t *r,
    ditto_node_t *expiry, bool *rounded);
static ditto_rc_t ditto_policy_round_before(ditto_policy_reader_t *r,
    ditto_node_t *before, bool *rounded);
static ditto_rc_t ditto_policy_check_reference(ditto_policy_reader_t *r,
    ditto_str_t label, const ditto_node_t *reference, ditto_node_t *seen);
static ditto_rc_t ditto_policy_writers(ditto_policy_reader_t *r,
    const ditto_node_t *entries, const ditto_node_t *entry,
    ditto_node_t *granted, ditto_node_t *revoked);
static ditto_rc_t ditto_policy_lend(ditto_policy_reader_t *r,
    ditto_node_t *subjects, const ditto_node_t *entry);
static unsigned ditto_policy_allowed(const ditto_node_t *entry);
static bool ditto_policy_writes(const ditto_node_t *entry,
    const char *effect);
static ditto_node_t *ditto_policy_entry(const ditto_policy_reader_t *r);
static ditto_node_t *ditto_policy_first(const ditto_node_t *object,
    const char *name);


/* spec: Whole-policy validation: number of imports, self import */
ditto_rc_t
ditto_policy_check_imports(ditto_policy_reader_t *r)
{
    ditto_str_t          own, none = ditto_null_string;
    const ditto_node_t  *imports, *import, *id;

    own = ditto_policy_text(ditto_node_get(&r->policy, ditto_str("policyId")));
    imports = ditto_node_get(&r->policy, ditto_str("imports"));

    (void) ditto_policy_enter(r, ditto_str("imports"));

    if (imports->n > DITTO_POLICY_IMPORTS) {
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

    if (ditto_node_get(imports, own) != NULL) {
        return ditto_policy_fail(r, DITTO_E_IMPORT_INVALID, NULL,
                                 "The Policy Import references the policy "
                                 "where it is defined.", none, none);
    }

    for (import = imports->first; import != NULL; import = import->next) {

        id = ditto_policy_first(import, "transitiveImports");

        for ( /* void */ ; id != NULL; id = id->next) {

            if (!ditto_str_eq(own, id->text)) {
                continue;
            }

            (void) ditto_policy_enter(r, import->name);

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
ditto_policy_check_size(ditto_policy_reader_t *r, ditto_str_t text)
{
    size_t       units;
    ditto_str_t  kb, none = ditto_null_string;
    ditto_buf_t  buf;

    /* no character has more units than bytes */

    if (text.len <= DITTO_POLICY_SIZE) {
        return DITTO_OK;
    }

    units = ditto_policy_units(text);

    if (units <= DITTO_POLICY_SIZE) {
        return DITTO_OK;
    }

    ditto_buf_init(&buf, &r->scratch.pool, 32);
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
ditto_policy_round(ditto_policy_reader_t *r, bool *rounded)
{
    ditto_node_t  *entry, *subject;

    *rounded = false;

    (void) ditto_policy_enter(r, ditto_str("entries"));

    for (entry = ditto_policy_entry(r); entry != NULL; entry = entry->next) {

        (void) ditto_policy_enter(r, entry->name);
        (void) ditto_policy_enter(r, ditto_str("subjects"));

        subject = ditto_policy_first(entry, "subjects");

        for ( /* void */ ; subject != NULL; subject = subject->next) {

            (void) ditto_policy_enter(r, subject->name);

            if (ditto_policy_round_subject(r, subject, rounded) != DITTO_OK) {
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
ditto_policy_round_subject(ditto_policy_reader_t *r, ditto_node_t *subject,
    bool *rounded)
{
    ditto_node_t  *value;

    value = ditto_node_get(subject, ditto_str("expiry"));

    if (value != NULL
        && ditto_policy_round_expiry(r, value, rounded) != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    value = ditto_node_get(ditto_node_get(subject, ditto_str("announcement")),
                           ditto_str("beforeExpiry"));

    if (value == NULL) {
        return DITTO_OK;
    }

    return ditto_policy_round_before(r, value, rounded);
}


static ditto_rc_t
ditto_policy_round_expiry(ditto_policy_reader_t *r, ditto_node_t *expiry,
    bool *rounded)
{
    int64_t        rest;
    ditto_str_t    none = ditto_null_string;
    ditto_buf_t    buf;
    ditto_time_t   t;

    if (ditto_time_parse(expiry->text, &t) != DITTO_OK) {
        return ditto_fail_memory(r->err);
    }

    rest = t.sec % DITTO_EXPIRY_STEP;

    if (rest < 0) {
        rest += DITTO_EXPIRY_STEP;
    }

    if (rest == 0 && t.nsec == 0) {
        return DITTO_OK;
    }

    t.sec += DITTO_EXPIRY_STEP - rest;
    t.nsec = 0;

    if (t.sec > DITTO_TIME_MAX) {
        return ditto_policy_fail(r, DITTO_E_SUBJECT_EXPIRY_INVALID, NULL,
                                 "It is too far in the future.", expiry->text,
                                 none);
    }

    ditto_buf_init(&buf, &r->scratch.pool, 64);
    ditto_time_render(&buf, t);

    *rounded = true;

    return (ditto_buf_done(&buf, &expiry->text) == DITTO_OK)
           ? DITTO_OK : ditto_fail_memory(r->err);
}


static ditto_rc_t
ditto_policy_round_before(ditto_policy_reader_t *r, ditto_node_t *before,
    bool *rounded)
{
    size_t        i;
    int64_t       n, unit;
    ditto_str_t   s;
    ditto_buf_t   buf;

    s = before->text;
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

    ditto_buf_init(&buf, &r->scratch.pool, 32);
    ditto_buf_int(&buf, (n == 0) ? 1 : n);
    ditto_buf_str(&buf, s);

    *rounded = true;

    return (ditto_buf_done(&buf, &before->text) == DITTO_OK)
           ? DITTO_OK : ditto_fail_memory(r->err);
}


ditto_rc_t
ditto_policy_check_expired(ditto_policy_reader_t *r, ditto_time_t now)
{
    ditto_str_t    none = ditto_null_string;
    ditto_node_t  *entry, *subject, *value;
    ditto_time_t   t;

    for (entry = ditto_policy_entry(r); entry != NULL; entry = entry->next) {

        subject = ditto_policy_first(entry, "subjects");

        for ( /* void */ ; subject != NULL; subject = subject->next) {

            value = ditto_node_get(subject, ditto_str("expiry"));

            if (value == NULL
                || ditto_time_parse(value->text, &t) != DITTO_OK
                || ditto_time_compare(t, now) >= 0)
            {
                continue;
            }

            (void) ditto_policy_enter(r, ditto_str("entries"));
            (void) ditto_policy_enter(r, entry->name);
            (void) ditto_policy_enter(r, ditto_str("subjects"));
            (void) ditto_policy_enter(r, subject->name);
            (void) ditto_policy_enter(r, ditto_str("expiry"));

            return ditto_policy_fail(r, DITTO_E_SUBJECT_EXPIRY_INVALID, NULL,
                                     "It must not be in the past, please "
                                     "adjust to a timestamp in the future.",
                                     value->text, none);
        }
    }

    return DITTO_OK;
}


/* spec: Policy document, References: errors when written */
ditto_rc_t
ditto_policy_check_references(ditto_policy_reader_t *r)
{
    ditto_node_t  *entry, *reference, seen;

    (void) ditto_policy_enter(r, ditto_str("entries"));

    for (entry = ditto_policy_entry(r); entry != NULL; entry = entry->next) {

        ditto_node_init(&seen, DITTO_JSON_OBJECT);

        (void) ditto_policy_enter(r, entry->name);
        (void) ditto_policy_enter(r, ditto_str("references"));

        reference = ditto_policy_first(entry, "references");

        for ( /* void */ ; reference != NULL; reference = reference->next) {
            if (ditto_policy_check_reference(r, entry->name, reference, &seen)
                != DITTO_OK)
            {
                return DITTO_ERROR;
            }
        }

        r->n -= 2;
    }

    r->n--;

    return DITTO_OK;
}


static ditto_rc_t
ditto_policy_check_reference(ditto_policy_reader_t *r, ditto_str_t label,
    const ditto_node_t *reference, ditto_node_t *seen)
{
    const char          *what;
    ditto_str_t          import, entry, key;
    ditto_buf_t          buf;
    const ditto_node_t  *target;

    import = ditto_policy_text(ditto_node_get(reference, ditto_str("import")));
    entry = ditto_policy_text(ditto_node_get(reference, ditto_str("entry")));

    /* neither an id nor a label has a slash in it */

    ditto_buf_init(&buf, &r->scratch.pool, import.len + 1 + entry.len);
    ditto_buf_str(&buf, import);
    ditto_buf_char(&buf, '/');
    ditto_buf_str(&buf, entry);

    if (ditto_buf_done(&buf, &key) != DITTO_OK) {
        return ditto_fail_memory(r->err);
    }

    switch (ditto_policy_add(r, seen, key)) {

    case DITTO_OK:
        break;

    case DITTO_DECLINED:
        what = "Duplicate reference to entry '%3'.";
        goto invalid;

    default:
        return DITTO_ERROR;
    }

    if (import.len != 0) {
        if (ditto_node_get(ditto_node_get(&r->policy, ditto_str("imports")),
                           import)
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

    target = ditto_node_get(ditto_node_get(&r->policy, ditto_str("entries")),
                            entry);

    if (target == NULL) {
        what = "Local reference targets entry '%3' which does not exist in the "
               "policy.";
        goto invalid;
    }

    if (ditto_str_eq(ditto_policy_text(ditto_node_get(target,
                                                      ditto_str("importable"))),
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
                             ditto_policy_text(ditto_node_get(&r->policy,
                                                     ditto_str("policyId"))));

    if (r->err->code != DITTO_E_ENTRY_INVALID
        || ditto_str_dup(r->pool, entry, &r->err->args[2]) != DITTO_OK)
    {
        return ditto_fail_memory(r->err);
    }

    return DITTO_ERROR;
}


/* spec: Whole-policy validation: lock-out guard */
ditto_rc_t
ditto_policy_check_lockout(ditto_policy_reader_t *r)
{
    ditto_str_t    none = ditto_null_string;
    ditto_node_t  *entries, *entry, *writer, granted, revoked;

    if (ditto_policy_first(&r->policy, "imports") != NULL) {
        return DITTO_OK;
    }

    ditto_node_init(&granted, DITTO_JSON_OBJECT);
    ditto_node_init(&revoked, DITTO_JSON_OBJECT);

    entries = ditto_node_get(&r->policy, ditto_str("entries"));

    for (entry = entries->first; entry != NULL; entry = entry->next) {
        if (ditto_policy_writers(r, entries, entry, &granted, &revoked)
            != DITTO_OK)
        {
            return DITTO_ERROR;
        }
    }

    for (writer = granted.first; writer != NULL; writer = writer->next) {
        if (ditto_node_get(&revoked, writer->name) == NULL) {
            return DITTO_OK;
        }
    }

    return ditto_policy_fail(r, DITTO_E_POLICY_MODIFICATION_INVALID, NULL,
                             "It must contain at least one permanent Subject "
                             "with permission(s) <[WRITE]> on resource "
                             "<policy:/>!",
                             ditto_policy_text(ditto_node_get(&r->policy,
                                                     ditto_str("policyId"))),
                             none);
}


/*
 * Who may, and who may not, write the policy by this entry.  What it refers
 * to lends it content; the referenced subject wins over its own of the same
 * id.
 */
static ditto_rc_t
ditto_policy_writers(ditto_policy_reader_t *r, const ditto_node_t *entries,
    const ditto_node_t *entry, ditto_node_t *granted, ditto_node_t *revoked)
{
    bool                 grants, revokes;
    unsigned             allowed;
    ditto_node_t        *target, *subject, subjects;
    const ditto_node_t  *reference;

    ditto_node_init(&subjects, DITTO_JSON_OBJECT);

    grants = false;
    revokes = false;
    allowed = DITTO_ADDITION_ALL;

    reference = ditto_policy_first(entry, "references");

    for ( /* void */ ; reference != NULL; reference = reference->next) {

        target = ditto_node_get(entries,
                     ditto_policy_text(ditto_node_get(reference,
                                                      ditto_str("entry"))));

        if (ditto_node_get(reference, ditto_str("import")) != NULL
            || target == NULL)
        {
            continue;
        }

        grants = grants || ditto_policy_writes(target, "grant");
        revokes = revokes || ditto_policy_writes(target, "revoke");

        if (ditto_policy_lend(r, &subjects, target) != DITTO_OK) {
            return DITTO_ERROR;
        }

        allowed &= ditto_policy_allowed(target);
    }

    if ((allowed & DITTO_ADDITION_RESOURCES) != 0) {
        grants = grants || ditto_policy_writes(entry, "grant");
        revokes = revokes || ditto_policy_writes(entry, "revoke");
    }

    if (!grants && !revokes) {
        return DITTO_OK;
    }

    if ((allowed & DITTO_ADDITION_SUBJECTS) != 0
        && ditto_policy_lend(r, &subjects, entry) != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    for (subject = subjects.first; subject != NULL; subject = subject->next) {

        if (grants && ditto_node_get(subject, ditto_str("expiry")) == NULL
            && ditto_policy_add(r, granted, subject->name) == DITTO_ERROR)
        {
            return DITTO_ERROR;
        }

        if (revokes
            && ditto_policy_add(r, revoked, subject->name) == DITTO_ERROR)
        {
            return DITTO_ERROR;
        }
    }

    return DITTO_OK;
}


/* Adds the entry's subjects that are not there yet. */
static ditto_rc_t
ditto_policy_lend(ditto_policy_reader_t *r, ditto_node_t *subjects,
    const ditto_node_t *entry)
{
    const ditto_node_t  *subject;

    subject = ditto_policy_first(entry, "subjects");

    for ( /* void */ ; subject != NULL; subject = subject->next) {
        if (ditto_node_get(subjects, subject->name) == NULL
            && ditto_node_put(&r->scratch.pool, subjects, subject->name,
                              subject)
               == NULL)
        {
            return ditto_fail_memory(r->err);
        }
    }

    return DITTO_OK;
}


/* The additions that an entry allows to those who refer to it. */
static unsigned
ditto_policy_allowed(const ditto_node_t *entry)
{
    size_t               j;
    unsigned             allowed;
    const ditto_node_t  *additions, *element;

    additions = ditto_node_get(entry, ditto_str("allowedAdditions"));

    if (additions == NULL) {
        return DITTO_ADDITION_ALL;
    }

    allowed = 0;

    for (element = additions->first; element != NULL; element = element->next)
    {
        for (j = 0; j < 3; j++) {
            if (ditto_str_eq(element->text,
                             ditto_str(ditto_policy_additions[j])))
            {
                allowed |= 1u << j;
            }
        }
    }

    return allowed;
}


static bool
ditto_policy_writes(const ditto_node_t *entry, const char *effect)
{
    ditto_str_t          write;
    const ditto_node_t  *resource, *permission;

    write = ditto_str(ditto_policy_permissions[DITTO_PERMISSION_WRITE]);
    resource = ditto_node_get(ditto_node_get(entry, ditto_str("resources")),
                              ditto_str("policy:/"));
    permission = ditto_policy_first(resource, effect);

    for ( /* void */ ; permission != NULL; permission = permission->next) {
        if (ditto_str_eq(permission->text, write)) {
            return true;
        }
    }

    return false;
}


/* The first entry. */
static ditto_node_t *
ditto_policy_entry(const ditto_policy_reader_t *r)
{
    return ditto_policy_first(&r->policy, "entries");
}


/* The first of what a member holds; NULL if there is none. */
static ditto_node_t *
ditto_policy_first(const ditto_node_t *object, const char *name)
{
    ditto_node_t  *member;

    member = ditto_node_get(object, ditto_str(name));

    return (member == NULL) ? NULL : member->first;
}
