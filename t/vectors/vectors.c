/*
 * vectors DIR [SET...]: runs the vector files of a folder through the core.
 * A line per failing id with expected and got; then per set and in total
 * "N passed, N failed".  Exit 0 only if none failed.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vectors.h"


typedef struct {
    unsigned  passed;
    unsigned  failed;
    unsigned  intended;
} vectors_count_t;


static int vectors_file(const char *dir, const vectors_set_t *set,
    vectors_count_t *total);
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
    { "connection", vectors_connection, vectors_connection_compare },
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
};


int
main(int argc, char **argv)
{
    size_t           i;
    vectors_count_t  total;

    if (argc < 2) {
        fprintf(stderr, "usage: vectors DIR [SET...]\n");
        return 2;
    }

    memset(&total, 0, sizeof(total));

    for (i = 0; i < sizeof(vectors_sets) / sizeof(vectors_sets[0]); i++) {
        if (vectors_wanted(vectors_sets[i].set, argc, argv)
            && vectors_file(argv[1], &vectors_sets[i], &total) != 0)
        {
            return 2;
        }
    }

    printf("%u passed, %u failed (%u intended)\n", total.passed, total.failed,
           total.intended);

    return total.failed == 0 ? 0 : 1;
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


static int
vectors_file(const char *dir, const vectors_set_t *set,
    vectors_count_t *total)
{
    char                 path[4096];
    size_t               i;
    json_t              *file, *vector, *expected, *got;
    const char          *verdict, *id;
    unit_pool_t          up;
    vectors_count_t      n;
    vectors_compare_pt   compare;

    snprintf(path, sizeof(path), "%s/%s.json", dir, set->set);

    file = vectors_load(path);
    if (file == NULL) {
        return 1;
    }

    memset(&n, 0, sizeof(n));
    compare = (set->compare != NULL) ? set->compare : vectors_compare;

    json_array_foreach(file, i, vector) {
        id = json_string_value(json_object_get(vector, "id"));
        expected = json_object_get(vector, "out");

        unit_pool_init(&up);
        got = set->run(&up, json_object_get(vector, "in"));
        verdict = compare(json_object_get(vector, "in"), expected, got);

        if (verdict == NULL) {
            n.passed++;

        } else if (strncmp(verdict, "intended", 8) == 0) {
            n.passed++;
            n.intended++;
            printf("%s %s: %s\n", set->set, id, verdict);

        } else {
            n.failed++;
            printf("%s ", set->set);
            vectors_tell(id, verdict, expected, got);
        }

        json_decref(got);
        unit_pool_free(&up);
    }

    printf("%s: %u passed, %u failed (%u intended)\n", set->set, n.passed,
           n.failed, n.intended);

    total->passed += n.passed;
    total->failed += n.failed;
    total->intended += n.intended;

    json_decref(file);

    return 0;
}


/*
 * Ditto's answers may contain half of a surrogate pair, and NUL in a name, and
 * jansson reads neither: they become U+FFFD.  The files are ASCII.
 */
static json_t *
vectors_load(const char *path)
{
    char          *text, *p;
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

    file = json_loads(text, JSON_ALLOW_NUL, &error);
    free(text);

    if (file == NULL) {
        fprintf(stderr, "%s: line %d: %s\n", path, error.line, error.text);
    }

    return file;
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
    const char  *name, *error;
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

        if (strcmp(error, "json.invalid") == 0
            || strcmp(error, "protocoladapter:illegal.adaptable") == 0)
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
