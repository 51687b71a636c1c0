/*
 * vectors DIR [SET...]: runs the vector files of a folder through the core.
 * A line per vector that is not answered as Ditto answered it, with expected
 * and got, or with the rule that says why; then per set and in total
 * "N passed, N failed (N intended, N unsupported)".  Intended ones have passed,
 * unsupported ones are counted nowhere else.
 *
 * Exit 0 only if none failed, no set has more than 2 % intended, and each file
 * of the folder is known.
 *
 * vectors --rules: the names of the rules.
 */

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vectors.h"


#define VECTORS_INTENDED  2          /* per cent of a set, at most */

#define VECTORS_SETS  (sizeof(vectors_sets) / sizeof(vectors_sets[0]))


typedef struct {
    unsigned  passed;
    unsigned  failed;
    unsigned  intended;              /* among the passed ones */
    unsigned  unsupported;
} vectors_count_t;


static bool vectors_known(const char *set);
static int vectors_folder(const char *dir);
static bool vectors_file(const char *path, const vectors_set_t *set,
    vectors_count_t *n);
static void vectors_one(const vectors_set_t *set, const json_t *vector,
    vectors_count_t *n);
static void vectors_print(const char *set, const vectors_count_t *n);
static json_t *vectors_load(const char *path);
static bool vectors_surrogate(const char *p, unsigned high);
static bool vectors_null_name(const char *p);
static void vectors_tell(const char *id, const char *verdict,
    const json_t *expected, const json_t *got);
static bool vectors_wanted(const char *set, int argc, char **argv);
static bool vectors_text_differs(const json_t *expected, const json_t *got,
    const char *name);


static const vectors_set_t  vectors_sets[] = {
    { "topic_path", vectors_topic_path, NULL },
    { "envelope", vectors_envelope, vectors_envelope_compare },
    { "address", vectors_address, vectors_address_compare },
    { "topics_entry", vectors_topics_entry, vectors_topics_entry_compare },
    { "connection", vectors_connection, vectors_rql_compare },
    { "rql_parse", vectors_rql_parse, vectors_rql_compare },
    { "rql_match", vectors_rql_match, vectors_rql_compare },
    { "rql_match_enriched", vectors_rql_match_enriched,
      vectors_rql_enriched_compare },
    { "policy_document", vectors_policy_document, NULL },
    { "policy_check", vectors_policy_check, NULL },
    { "policy_subjects", vectors_policy_subjects, NULL },
    { "policy_view", vectors_policy_view, NULL },
    { "template", vectors_template, vectors_template_compare },
    { "enforcement", vectors_enforcement, NULL },
    { "outbound", vectors_outbound, vectors_outbound_compare },
    { "mapper_normalized", vectors_mapper_normalized,
      vectors_mapper_compare },
    { "mapper_raw_message", vectors_mapper_raw_message,
      vectors_mapper_compare },
    { "mapper_cloud_events", vectors_mapper_cloud_events,
      vectors_mapper_compare },
    { "mapper_javascript", NULL, NULL },
};


int
main(int argc, char **argv)
{
    int              i, rc;
    char             path[4096];
    size_t           j, read;
    vectors_count_t  n, total;

    if (argc == 2 && strcmp(argv[1], "--rules") == 0) {
        vectors_rules();
        return 0;
    }

    if (argc < 2) {
        fprintf(stderr, "usage: vectors DIR [SET...]\n");
        return 2;
    }

    for (i = 2; i < argc; i++) {
        if (!vectors_known(argv[i])) {
            fprintf(stderr, "%s: unknown set\n", argv[i]);
            return 2;
        }
    }

    rc = vectors_folder(argv[1]);
    if (rc == 2) {
        return 2;
    }

    read = 0;
    memset(&total, 0, sizeof(total));

    for (j = 0; j < VECTORS_SETS; j++) {

        if (!vectors_wanted(vectors_sets[j].set, argc, argv)) {
            continue;
        }

        snprintf(path, sizeof(path), "%s/%s.json", argv[1],
                 vectors_sets[j].set);

        if (access(path, F_OK) != 0 && errno == ENOENT) {
            printf("%s: skipped, there is no %s\n", vectors_sets[j].set, path);
            continue;
        }

        memset(&n, 0, sizeof(n));

        if (!vectors_file(path, &vectors_sets[j], &n)) {
            return 2;
        }

        vectors_print(vectors_sets[j].set, &n);
        read++;

        if (n.intended * 100
            > (n.passed + n.failed + n.unsupported) * VECTORS_INTENDED)
        {
            printf("%s: more than %d %% are intended\n", vectors_sets[j].set,
                   VECTORS_INTENDED);
            rc = 1;
        }

        total.passed += n.passed;
        total.failed += n.failed;
        total.intended += n.intended;
        total.unsupported += n.unsupported;
    }

    vectors_print(NULL, &total);

    if (read == 0) {
        fprintf(stderr, "%s: no vectors\n", argv[1]);
        return 2;
    }

    return (total.failed != 0) ? 1 : rc;
}


static bool
vectors_wanted(const char *set, int argc, char **argv)
{
    int  i;

    for (i = 2; i < argc; i++) {
        if (strcmp(set, argv[i]) == 0) {
            return true;
        }
    }

    return argc == 2;
}


static bool
vectors_known(const char *set)
{
    size_t  i;

    for (i = 0; i < VECTORS_SETS; i++) {
        if (strcmp(set, vectors_sets[i].set) == 0) {
            return true;
        }
    }

    return false;
}


/* The exit code: 1 if a file is none of the sets, 2 if there is no folder. */
static int
vectors_folder(const char *dir)
{
    DIR            *d;
    int             rc;
    char            set[256];
    size_t          len;
    struct dirent  *entry;

    d = opendir(dir);
    if (d == NULL) {
        perror(dir);
        return 2;
    }

    rc = 0;

    while ((entry = readdir(d)) != NULL) {
        len = strlen(entry->d_name);

        if (len < 5 || strcmp(entry->d_name + len - 5, ".json") != 0) {
            continue;
        }

        snprintf(set, sizeof(set), "%.*s", (int) len - 5, entry->d_name);

        if (!vectors_known(set)) {
            fprintf(stderr, "%s/%s: unknown set\n", dir, entry->d_name);
            rc = 1;
        }
    }

    closedir(d);

    return rc;
}


static bool
vectors_file(const char *path, const vectors_set_t *set, vectors_count_t *n)
{
    size_t   i;
    json_t  *file, *vector;

    file = vectors_load(path);

    if (!json_is_array(file)) {
        fprintf(stderr, "%s: no array of vectors\n", path);
        json_decref(file);
        return false;
    }

    json_array_foreach(file, i, vector) {

        if (set->run == NULL) {
            n->unsupported++;

        } else {
            vectors_one(set, vector, n);
        }
    }

    json_decref(file);

    return true;
}


static void
vectors_one(const vectors_set_t *set, const json_t *vector,
    vectors_count_t *n)
{
    json_t                *got;
    const char            *verdict, *id;
    const json_t          *in, *expected;
    unit_pool_t            up;
    const vectors_rule_t  *rule;

    id = json_string_value(json_object_get(vector, "id"));
    in = json_object_get(vector, "in");
    expected = json_object_get(vector, "out");

    unit_pool_init(&up);

    got = set->run(&up, in);
    verdict = (set->compare != NULL) ? set->compare(in, expected, got)
                                     : vectors_compare(in, expected, got);

    rule = (verdict != NULL) ? vectors_rule(set->set, in, expected, got)
                             : NULL;

    if (rule != NULL) {
        printf("%s %s: %s: %s: %s\n", set->set, id,
               rule->unsupported ? "unsupported" : "intended", rule->name,
               rule->reason);
    }

    if (rule != NULL && rule->unsupported) {
        n->unsupported++;

    } else if (verdict == NULL || rule != NULL) {
        n->passed++;
        n->intended += (rule != NULL) ? 1 : 0;

    } else {
        n->failed++;
        printf("%s ", set->set);
        vectors_tell(id, verdict, expected, got);
    }

    json_decref(got);
    unit_pool_free(&up);
}


/* set: NULL for all of them */
static void
vectors_print(const char *set, const vectors_count_t *n)
{
    printf("%s%s%u passed, %u failed (%u intended, %u unsupported)\n",
           set ? set : "", set ? ": " : "", n->passed, n->failed,
           n->intended, n->unsupported);
}


static json_t *
vectors_load(const char *path)
{
    char          *text;
    long           size;
    FILE          *f;
    json_t        *file;
    json_error_t   error;

    f = fopen(path, "rb");
    if (f == NULL || fseek(f, 0, SEEK_END) != 0) {
        perror(path);
        return NULL;
    }

    size = ftell(f);
    rewind(f);

    text = calloc(1, (size_t) size + 1);
    if (text == NULL || fread(text, 1, (size_t) size, f) != (size_t) size) {
        perror(path);
        return NULL;
    }

    fclose(f);

    vectors_readable(text);

    file = json_loads(text, JSON_ALLOW_NUL, &error);
    free(text);

    if (file == NULL) {
        fprintf(stderr, "%s: line %d: %s\n", path, error.line, error.text);
    }

    return file;
}


/*
 * Half of a surrogate pair, and NUL in a name, which Ditto's answers may
 * contain.  The text is ASCII there.
 */
void
vectors_readable(char *text)
{
    char  *p;

    for (p = text; *p != '\0'; p++) {

        if (*p != '\\') {
            continue;
        }

        p++;

        if (*p != 'u') {
            continue;
        }

        if (vectors_surrogate(p - 1, 0xd800)
            && vectors_surrogate(p + 5, 0xdc00))
        {
            p += 10;

        } else if (vectors_surrogate(p - 1, 0xd800)
                   || vectors_surrogate(p - 1, 0xdc00)
                   || vectors_null_name(p - 1))
        {
            memcpy(p + 1, "fffd", 4);
        }
    }
}


/* True for the escape of a surrogate of the half that begins with high. */
static bool
vectors_surrogate(const char *p, unsigned high)
{
    unsigned  c;

    return p[0] == '\\' && p[1] == 'u' && sscanf(p + 2, "%4x", &c) == 1
           && c >= high && c < high + 0x400;
}


/* True for the escape of NUL in the name of a member. */
static bool
vectors_null_name(const char *p)
{
    if (strncmp(p, "\\u0000", 6) != 0) {
        return false;
    }

    for (p += 6; *p != '"' && *p != '\0'; p++) {
        if (*p == '\\' && p[1] != '\0') {
            p++;
        }
    }

    return *p == '"' && p[1] == ':';
}


static void
vectors_tell(const char *id, const char *verdict, const json_t *expected,
    const json_t *got)
{
    char  *e, *g;

    e = json_dumps(expected, JSON_COMPACT | JSON_ENSURE_ASCII
                             | JSON_ENCODE_ANY);
    g = json_dumps(got, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_ENCODE_ANY);

    printf("%s %s: expected %s got %s\n", id, verdict, e ? e : "?",
           g ? g : "?");

    free(e);
    free(g);
}


json_t *
vectors_error(unit_pool_t *up, const ditto_error_t *err)
{
    json_t       *error;
    ditto_buf_t   buf;

    ditto_buf_init(&buf, &up->pool, 0);
    ditto_buf_text(&buf, "{\"ok\":false,");
    ditto_error_members(&buf, err);
    ditto_buf_char(&buf, '}');

    error = json_loadb((const char *) buf.data, buf.len, JSON_ALLOW_NUL,
                       NULL);

    return (error != NULL) ? error : json_null();
}


const char *
vectors_compare(const json_t *in, const json_t *expected, const json_t *got)
{
    const char  *name, *error, *message;
    json_t      *value;

    (void) in;

    error = json_string_value(json_object_get(expected, "error"));

    if (error != NULL) {
        if (json_string_value(json_object_get(got, "error")) == NULL) {
            return "failed (accepted)";
        }

        if (strcmp(error, "exception") == 0
            || json_object_get(expected, "java") != NULL)
        {
            return NULL;
        }

        if (vectors_text_differs(expected, got, "error")
            || vectors_text_differs(expected, got, "status"))
        {
            return "failed (code)";
        }

        message = json_string_value(json_object_get(expected, "message"));

        if (strcmp(error, "json.invalid") == 0
            || strcmp(error, "protocoladapter:illegal.adaptable") == 0
            || (message != NULL && strstr(message, " Immutable") != NULL))
        {
            return NULL;
        }

        if (vectors_text_differs(expected, got, "message")
            || vectors_text_differs(expected, got, "description"))
        {
            return "failed (text)";
        }

        return NULL;
    }

    json_object_foreach((json_t *) (uintptr_t) expected, name, value) {
        if (!json_equal(value, json_object_get(got, name))) {
            return "failed";
        }
    }

    return NULL;
}


/* Absent, null and empty are the same. */
static bool
vectors_text_differs(const json_t *expected, const json_t *got,
    const char *name)
{
    const json_t  *e, *g;

    e = json_object_get(expected, name);
    g = json_object_get(got, name);

    if (e == NULL || json_is_null(e)) {
        return !(g == NULL || json_is_null(g));
    }

    return g == NULL || !json_equal(e, g);
}


ditto_str_t
vectors_str(unit_pool_t *up, const json_t *object, const char *name)
{
    ditto_str_t    none = ditto_null_string;
    const json_t  *value;

    value = json_object_get(object, name);

    if (!json_is_string(value)) {
        return none;
    }

    return unit_span(up, json_string_value(value),
                     json_string_length(value));
}


json_t *
vectors_string(ditto_str_t s)
{
    json_t       *string;
    unit_pool_t   up;
    ditto_buf_t   buf;

    string = json_stringn((const char *) s.data, s.len);

    if (string != NULL) {
        return string;
    }

    unit_pool_init(&up);
    ditto_buf_init(&buf, &up.pool, 0);
    ditto_buf_char(&buf, '?');
    string = json_stringn((const char *) buf.data, buf.len);
    unit_pool_free(&up);

    return string;
}
