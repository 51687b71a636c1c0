/*
 * Every rule by which a vector is answered differently on purpose, or not at
 * all, as narrow as can be: what the rule is not about must be the same.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ditto_connection.h"

#include "vectors.h"


static bool vectors_duplicates(const char *set, const json_t *in,
    const json_t *expected, const json_t *got);
static bool vectors_halves(const char *set, const json_t *in,
    const json_t *expected, const json_t *got);
static bool vectors_unwritable(const char *set, const json_t *in,
    const json_t *expected, const json_t *got);
static bool vectors_infinity(const char *set, const json_t *in,
    const json_t *expected, const json_t *got);
static bool vectors_policies(const char *set, const json_t *in,
    const json_t *expected, const json_t *got);
static bool vectors_acks(const char *set, const json_t *in,
    const json_t *expected, const json_t *got);
static bool vectors_partition(const char *set, const json_t *in,
    const json_t *expected, const json_t *got);
static bool vectors_cut(const char *set, const json_t *in,
    const json_t *expected, const json_t *got);
static bool vectors_masked(const char *set, const json_t *in,
    const json_t *expected, const json_t *got);
static bool vectors_parts(const char *set, const json_t *in,
    const json_t *expected, const json_t *got);
static bool vectors_javascript(const char *set, const json_t *in,
    const json_t *expected, const json_t *got);
static bool vectors_is(const json_t *object, const char *name,
    const char *text);
static bool vectors_says(const json_t *object, const char *name,
    const char *text);
static bool vectors_begins(const json_t *object, const char *name,
    const char *text);
static json_t *vectors_without(const json_t *object, const char *name);


static const vectors_rule_t  vectors_table[] = {
    { "duplicate members",
      "two parsers that take different ones of them would disagree about whom "
      "a message concerns", false, vectors_duplicates },
    { "half surrogate pairs",
      "they have no UTF-8, so no topic, path, header or id can hold one",
      false, vectors_halves },
    { "unwritable headers",
      "what could not be written is refused at once", false,
      vectors_unwritable },
    { "infinite numbers",
      "Infinity is no JSON, the number that was sent is", false,
      vectors_infinity },
    { "values of policies",
      "signals of policies are refused when they are posted", false,
      vectors_policies },
    { "aggregated acknowledgements",
      "they are refused when they are posted", false, vectors_acks },
    { "negative partitions",
      "the address is refused, not each record by the producer", false,
      vectors_partition },
    { "whole characters",
      "fn:split('') parts characters, not their halves", false, vectors_cut },
    { "secrets in errors",
      "a password does not appear in the error that its URI causes", false,
      vectors_masked },
    { "parts of events",
      "who may read a part below the path of an event gets that part", false,
      vectors_parts },
    { "JavaScript",
      "scripts are not run", true, vectors_javascript },
};

#define VECTORS_RULES  (sizeof(vectors_table) / sizeof(vectors_table[0]))


const vectors_rule_t *
vectors_rule(const char *set, const json_t *in, const json_t *expected,
    const json_t *got)
{
    size_t  i;

    for (i = 0; i < VECTORS_RULES; i++) {
        if (vectors_table[i].applies(set, in, expected, got)) {
            return &vectors_table[i];
        }
    }

    return NULL;
}


void
vectors_rules(void)
{
    size_t  i;

    for (i = 0; i < VECTORS_RULES; i++) {
        printf("%s\n", vectors_table[i].name);
    }
}


/* Any set that reads an envelope. */
static bool
vectors_duplicates(const char *set, const json_t *in, const json_t *expected,
    const json_t *got)
{
    (void) set;
    (void) expected;

    return json_object_get(in, "text") != NULL
           && vectors_is(got, "error", "json.invalid")
           && vectors_says(got, "message", " more than once");
}


static bool
vectors_halves(const char *set, const json_t *in, const json_t *expected,
    const json_t *got)
{
    (void) set;

    return json_is_string(json_object_get(in, "text"))
           && !vectors_is(expected, "error", "json.invalid")
           && strcasestr(json_string_value(json_object_get(in, "text")),
                         "\\ud")
              != NULL
           && ((vectors_is(got, "error", "json.invalid")
                && vectors_says(got, "message", "half of a surrogate pair"))
               || (vectors_is(got, "error", "things:id.invalid")
                   && vectors_says(got, "message", "\xef\xbf\xbd")));
}


static bool
vectors_unwritable(const char *set, const json_t *in, const json_t *expected,
    const json_t *got)
{
    (void) in;

    return strcmp(set, "envelope") == 0
           && json_object_get(expected, "render_error") != NULL
           && vectors_is(got, "error", "header.invalid");
}


static bool
vectors_infinity(const char *set, const json_t *in, const json_t *expected,
    const json_t *got)
{
    (void) in;

    return strcmp(set, "envelope") == 0
           && vectors_says(expected, "rendered_text", "Infinity")
           && json_object_get(expected, "rendered") == NULL
           && vectors_envelope_sent(expected, got);
}


static bool
vectors_policies(const char *set, const json_t *in, const json_t *expected,
    const json_t *got)
{
    (void) in;

    return strcmp(set, "envelope") == 0
           && (vectors_begins(got, "type", "policies.commands:")
               || vectors_begins(got, "type", "policies.events:"))
           && vectors_envelope_sent(expected, got);
}


static bool
vectors_acks(const char *set, const json_t *in, const json_t *expected,
    const json_t *got)
{
    (void) in;

    return strcmp(set, "envelope") == 0
           && vectors_is(got, "type", "acknowledgements")
           && vectors_envelope_sent(expected, got);
}


static bool
vectors_partition(const char *set, const json_t *in, const json_t *expected,
    const json_t *got)
{
    bool         same;
    json_t      *e, *g;
    const char  *name;

    name = (strcmp(set, "address") == 0) ? "resolved"
           : (strcmp(set, "template") == 0) ? "publish" : NULL;

    if (name == NULL
        || json_integer_value(json_object_get(json_object_get(expected, name),
                                              "partition")) >= 0
        || !vectors_begins(json_object_get(got, name), "message",
                           "Invalid partition: "))
    {
        return false;
    }

    e = vectors_without(expected, name);
    g = vectors_without(got, name);

    same = (strcmp(set, "address") == 0
            ? vectors_address_compare(in, e, g)
            : vectors_template_compare(in, e, g)) == NULL;

    json_decref(e);
    json_decref(g);

    return same;
}


/* Ditto's answer holds halves of a surrogate pair, ours does not. */
static bool
vectors_cut(const char *set, const json_t *in, const json_t *expected,
    const json_t *got)
{
    bool   cut;
    char  *e, *g;

    if (strcmp(set, "template") != 0
        || !vectors_says(in, "template", "fn:split(")
        || vectors_compare(in, json_object_get(expected, "validate"),
                           json_object_get(got, "validate"))
           != NULL)
    {
        return false;
    }

    e = json_dumps(json_object_get(expected, "resolve"), JSON_ENSURE_ASCII);
    g = json_dumps(json_object_get(got, "resolve"), JSON_ENSURE_ASCII);

    cut = e != NULL && g != NULL && strstr(e, "\\uFFFD") != NULL
          && strstr(g, "\\uFFFD") == NULL;

    free(e);
    free(g);

    return cut;
}


/* Ditto's sentence with the URI of the document masked. */
static bool
vectors_masked(const char *set, const json_t *in, const json_t *expected,
    const json_t *got)
{
    bool          same;
    json_t       *e, *g;
    ditto_buf_t   buf;
    ditto_str_t   uri, message, sentence;
    unit_pool_t   up;

    if (strcmp(set, "connection") != 0) {
        return false;
    }

    unit_pool_init(&up);

    uri = vectors_str(&up, json_object_get(in, "connection"), "uri");
    message = vectors_str(&up, got, "message");

    ditto_buf_init(&buf, &up.pool, 0);
    ditto_buf_text(&buf, "The Connection URI '");
    ditto_uri_mask(&buf, uri);
    ditto_buf_text(&buf, "' has an invalid format.");

    e = vectors_without(expected, "message");
    g = vectors_without(got, "message");

    same = uri.data != NULL && message.data != NULL
           && ditto_buf_done(&buf, &sentence) == DITTO_OK
           && ditto_str_eq(message, sentence)
           && vectors_compare(in, e, g) == NULL;

    json_decref(e);
    json_decref(g);
    unit_pool_free(&up);

    return same;
}


/* Records only for targets that get none of Ditto. */
static bool
vectors_parts(const char *set, const json_t *in, const json_t *expected,
    const json_t *got)
{
    bool     same;
    size_t   i, j;
    json_t  *g, *records, *record, *other, *kept;

    if (strcmp(set, "outbound") != 0
        || json_object_get(in, "partial_access_paths") == NULL)
    {
        return false;
    }

    records = json_object_get(expected, "records");
    kept = json_array();

    json_array_foreach(json_object_get(got, "records"), i, record) {
        json_array_foreach(records, j, other) {
            if (json_equal(json_object_get(record, "target"),
                           json_object_get(other, "target")))
            {
                json_array_append(kept, record);
                break;
            }
        }
    }

    g = vectors_without(got, "records");
    json_object_set_new(g, "records", kept);

    same = json_is_array(records)
           && vectors_outbound_compare(in, expected, g) == NULL;

    json_decref(g);

    return same;
}


/* A connection with such a mapper; one that is only read, because of it. */
static bool
vectors_javascript(const char *set, const json_t *in, const json_t *expected,
    const json_t *got)
{
    bool           uses;
    void          *iter;
    json_t        *definitions;
    const json_t  *connection;

    (void) set;

    connection = json_object_get(in, "connection");
    definitions = json_object_get(connection, "mappingDefinitions");

    uses = vectors_is(json_object_get(connection, "mappingContext"),
                      "mappingEngine", "JavaScript");

    for (iter = json_object_iter(definitions);
         iter != NULL;
         iter = json_object_iter_next(definitions, iter))
    {
        uses |= vectors_is(json_object_iter_value(iter), "mappingEngine",
                           "JavaScript");
    }

    return uses
           && (vectors_says(got, "message", "JavaScript is not run here")
               || vectors_begins(expected, "message", "The message mapper "
                                 "configuration failed due to: "));
}


static bool
vectors_is(const json_t *object, const char *name, const char *text)
{
    const char  *value;

    value = json_string_value(json_object_get(object, name));

    return value != NULL && strcmp(value, text) == 0;
}


static bool
vectors_says(const json_t *object, const char *name, const char *text)
{
    const char  *value;

    value = json_string_value(json_object_get(object, name));

    return value != NULL && strstr(value, text) != NULL;
}


static bool
vectors_begins(const json_t *object, const char *name, const char *text)
{
    const char  *value;

    value = json_string_value(json_object_get(object, name));

    return value != NULL && strncmp(value, text, strlen(text)) == 0;
}


static json_t *
vectors_without(const json_t *object, const char *name)
{
    json_t  *rest;

    rest = json_copy((json_t *) (uintptr_t) object);
    json_object_del(rest, name);

    return rest;
}
