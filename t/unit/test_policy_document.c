/*
 * Policy documents: what is refused, with Ditto's words and where; what is
 * accepted, and as what it is rendered.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "ditto_policy.h"
#include "unit_pool.h"


#define COUNT(a)  (sizeof(a) / sizeof((a)[0]))

/* Someone who can change the policy, which is what Ditto insists on. */
#define ADM                                                                   \
    "\"O\":{\"subjects\":{\"adm:in\":{\"type\":\"t\"}},\"resources\":{"       \
    "\"policy:/\":{\"grant\":[\"READ\",\"WRITE\"],\"revoke\":[]}}"
#define ADM_OUT                                                               \
    ADM ",\"importable\":\"implicit\"}"

#define ENTRIES(more)                                                         \
    "{\"policyId\":\"a:p\",\"entries\":{" ADM "}," more "}}"
#define ENTRIES_OUT(more)                                                     \
    "{\"policyId\":\"a:p\",\"imports\":{},\"entries\":{" ADM_OUT "," more "}}"
#define ENTRY(more)  ENTRIES("\"x\":{" more "}")
#define SUBJECT(id, more)                                                     \
    ENTRY("\"subjects\":{\"" id "\":{" more "}}")
#define SUBJECT_OUT(id, more)                                                 \
    ENTRIES_OUT("\"x\":{\"subjects\":{\"" id "\":{" more "}},"                \
                "\"resources\":{},\"importable\":\"implicit\"}")
#define ANNOUNCEMENT(more)                                                    \
    SUBJECT("a:b", "\"type\":\"t\",\"announcement\":{" more "}")
#define ANNOUNCEMENT_OUT(more)                                                \
    SUBJECT_OUT("a:b", "\"type\":\"t\",\"announcement\":{" more "}")
#define RESOURCE(key, value)                                                  \
    ENTRY("\"resources\":{\"" key "\":" value "}")
#define RESOURCE_OUT(key, value)                                              \
    ENTRIES_OUT("\"x\":{\"subjects\":{},\"resources\":{\"" key "\":" value    \
                "},\"importable\":\"implicit\"}")
#define IMPORTS(more)                                                         \
    "{\"policyId\":\"a:p\",\"imports\":{" more "},\"entries\":{}}"
#define NOTHING  "{\"grant\":[],\"revoke\":[]}"

#define JSON    "json.invalid"
#define FORMAT  "json.format.invalid"
#define MISSING "json.field.missing"
#define ENTRY_INVALID   "policies:entry.invalid"
#define LABEL_INVALID   "policies:label.invalid"
#define ID_INVALID      "policies:id.invalid"
#define SUBJECT_INVALID "policies:subjectid.invalid"
#define EXPIRY_INVALID  "policies:subjectexpiry.invalid"
#define ANNOUNCEMENT_INVALID  "policies:subjectannouncement.invalid"
#define IMPORT_INVALID  "policies:import.invalid"
#define LOCKED_OUT      "policies:policy.modificationinvalid"

#define X64  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X254 X64 X64 X64                                                      \
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"


/* error is NULL: accepted, out is the rendering; else out is the message. */
typedef struct {
    const char  *text;
    const char  *error;
    const char  *out;            /* NULL: not asked */
    const char  *place;          /* NULL: not asked */
} test_document_row_t;


static const test_document_row_t  test_documents[] = {

    /* the text as a whole */
    { "{", JSON, NULL, "" },
    { "\"x\"", JSON, "<\"x\"> is not a valid JSON object!", "" },
    { "", JSON, NULL, "" },
    { "{\"policyId\":\"a:\\u0000\"}", JSON, NULL, "" },
    { "{\"policyId\":\"a:\\ud83d\"}", JSON, NULL, "" },
    { "{\"a\\ude00\":1}", JSON, NULL, "" },
    { ENTRIES("\"\":{}"), JSON, NULL, "" },

    /* a number of any size, in a member that nobody knows */
    { "{\"x\":[1e400,-1e400,1.5,{\"y\":9223372036854775807}],"
      "\"policyId\":\"a:b\",\"entries\":{" ADM "}}}", NULL,
      "{\"policyId\":\"a:b\",\"imports\":{},\"entries\":{" ADM_OUT "}}",
      NULL },

    /* policyId */
    { "{\"policyId\":5}", JSON,
      "Value <5> for </policyId> is not of type <String>!", "/policyId" },
    { "{\"policyId\":{\"abcdefghijklm\":[1]}}", JSON,
      "Value <{\"abcdefghijklm\":[1]}> for </policyId> is not of type "
      "<String>!", "/policyId" },
    { "{\"policyId\":\"x\"}", ID_INVALID, "Policy ID 'x' is not valid!",
      "/policyId" },
    { "{\"policyId\":\"a:\"}", ID_INVALID, NULL, NULL },
    { "{\"policyId\":\"1:b\"}", ID_INVALID, NULL, NULL },
    { "{\"policyId\":\"a.:b\"}", ID_INVALID, NULL, NULL },
    { "{\"policyId\":\"a:b/c\"}", ID_INVALID, NULL, NULL },
    { "{\"policyId\":\"a:\\u00ff\"}", ID_INVALID, NULL, NULL },
    { "{\"policyId\":\"a:x" X254 "\"}", ID_INVALID, NULL, NULL },
    { "{\"policyId\":\":b\",\"entries\":{" ADM "}}}", NULL,
      "{\"policyId\":\":b\",\"imports\":{},\"entries\":{" ADM_OUT "}}",
      NULL },
    { "{\"policyId\":\"a_1.B-c:\\u0100 \\\"\",\"entries\":{" ADM "}}}", NULL,
      "{\"policyId\":\"a_1.B-c:\xc4\x80 \\\"\",\"imports\":{},\"entries\":{"
      ADM_OUT "}}", NULL },

    /* other members of the policy */
    { "{\"entries\":{" ADM "}},\"_modified\":\"2020-01-01T00:00:00Z\","
      "\"_created\":null,\"_revision\":1,\"_metadata\":{},\"other\":1}", NULL,
      "{\"imports\":{},\"entries\":{" ADM_OUT "}}", NULL },
    { "{\"_modified\":\"x\"}", JSON, NULL, "/_modified" },
    { "{\"_created\":\"x\"}", JSON, NULL, "/_created" },
    { "{\"_revision\":\"x\"}", JSON, NULL, "/_revision" },
    { "{\"_revision\":1.0}", JSON, NULL, "/_revision" },
    { "{\"__lifecycle\":1}", JSON, NULL, "/__lifecycle" },
    { "{\"_metadata\":1}", JSON, NULL, "/_metadata" },
    { "{\"entries\":[]}", JSON,
      "Value <[]> for </entries> is not of type <JsonObject>!", "/entries" },

    /* labels and entries */
    { ENTRIES("\"y\":{},\"y\":null,\"__schemaVersion\":2"), NULL,
      ENTRIES_OUT("\"y\":{\"subjects\":{},\"resources\":{},\"importable\":"
                  "\"implicit\"}"), NULL },
    { ENTRIES("\"importedStuff\":{}"), LABEL_INVALID,
      "Label 'importedStuff' is not valid!", "/entries/importedStuff" },
    { ENTRIES("\"nsimported\":{}"), LABEL_INVALID, NULL, NULL },
    { ENTRIES("\"a/~b\":{}"), ENTRY_INVALID,
      "The Policy Label a/~b is invalid", "/entries/a~1~0b" },
    { ENTRIES("\"a\\u007f\":{}"), ENTRY_INVALID, NULL, NULL },
    { ENTRIES("\"xxx" X254 "\":{}"), ENTRY_INVALID, NULL, NULL },
    { ENTRIES("\"x\":\"x\""), JSON, "<\"x\"> is not a JSON object!",
      "/entries/x" },
    { ENTRY("\"subjects\":[]"), JSON, NULL, "/entries/x/subjects" },
    { ENTRY("\"importable\":\"\""), ENTRY_INVALID, NULL,
      "/entries/x/importable" },
    { ENTRY("\"importable\":\"never\",\"namespaces\":[\"a\",\"a.b.*\",\"a\"],"
            "\"allowedAdditions\":[\"resources\",\"subjects\"],"
            "\"references\":[]"), NULL,
      ENTRIES_OUT("\"x\":{\"subjects\":{},\"resources\":{},\"namespaces\":["
                  "\"a\",\"a.b.*\"],\"importable\":\"never\","
                  "\"allowedAdditions\":[\"resources\",\"subjects\"]}"),
      NULL },
    { ENTRY("\"namespaces\":null,\"allowedAdditions\":null,"
            "\"importable\":null,\"references\":null"), NULL,
      ENTRIES_OUT("\"x\":{\"subjects\":{},\"resources\":{},\"namespaces\":[],"
                  "\"importable\":\"implicit\",\"allowedAdditions\":[]}"),
      NULL },
    { ENTRY("\"namespaces\":[\"*\"]"), ENTRY_INVALID, NULL,
      "/entries/x/namespaces" },
    { ENTRY("\"namespaces\":[\"\"]"), ENTRY_INVALID, NULL, NULL },
    { ENTRY("\"namespaces\":[\".*\"]"), ENTRY_INVALID, NULL, NULL },
    { ENTRY("\"namespaces\":[\"a..b\"]"), ENTRY_INVALID, NULL, NULL },
    { ENTRY("\"namespaces\":[1]"), ENTRY_INVALID, NULL, NULL },
    { ENTRY("\"allowedAdditions\":[\"x\"]"), ENTRY_INVALID, NULL, NULL },
    { ENTRY("\"allowedAdditions\":[\"subjects\",1]"), ENTRY_INVALID, NULL,
      "/entries/x/allowedAdditions" },

    /* subjects */
    { SUBJECT("a:b", "\"type\":\"t\""), NULL,
      SUBJECT_OUT("a:b", "\"type\":\"t\""), NULL },
    { SUBJECT(":b", "\"type\":\"t\""), NULL,
      SUBJECT_OUT("b", "\"type\":\"t\""), NULL },
    { SUBJECT("::b", "\"type\":\"t\""), NULL,
      SUBJECT_OUT(":b", "\"type\":\"t\""), NULL },
    { SUBJECT("https://a:1", "\"type\":\"t\""), NULL,
      SUBJECT_OUT("https://a:1", "\"type\":\"t\""), NULL },
    { SUBJECT("{{ request:subjectId }}", "\"type\":\"t\""), NULL,
      SUBJECT_OUT("{{ request:subjectId }}", "\"type\":\"t\""), NULL },
    { SUBJECT("${request.subjectId}", "\"type\":\"t\""), NULL,
      SUBJECT_OUT("${request.subjectId}", "\"type\":\"t\""), NULL },
    { SUBJECT("b", "\"type\":\"t\""), SUBJECT_INVALID,
      "Subject ID 'b' is not valid!", "/entries/x/subjects/b" },
    { SUBJECT("{{b", "\"type\":\"t\""), SUBJECT_INVALID, NULL, NULL },
    { SUBJECT("https://a", "\"type\":\"t\""), SUBJECT_INVALID, NULL, NULL },
    { SUBJECT("a:", "\"type\":\"t\""), FORMAT, NULL, NULL },
    { SUBJECT("a:\\u0007", "\"type\":\"t\""), SUBJECT_INVALID, NULL, NULL },
    { SUBJECT("a:x" X254, "\"type\":\"t\""), SUBJECT_INVALID, NULL, NULL },
    { SUBJECT("a:b", ""), MISSING,
      "The 'type' for the 'subject' is missing.", "/entries/x/subjects/a:b" },
    { SUBJECT("a:b", "\"type\":null"), MISSING, NULL, NULL },
    { SUBJECT("a:b", "\"type\":\"\""), FORMAT, NULL,
      "/entries/x/subjects/a:b/type" },
    { ENTRY("\"subjects\":{\"a:b\":1}"), JSON, NULL, NULL },

    /* expiry: rounded up to the hour */
    { SUBJECT("a:b", "\"type\":\"t\",\"expiry\":\"2099-01-01T10:00:00.001Z\""),
      NULL,
      SUBJECT_OUT("a:b", "\"type\":\"t\",\"expiry\":\"2099-01-01T11:00:00Z\""),
      NULL },
    { SUBJECT("a:b", "\"type\":\"t\",\"expiry\":\"2099-01-01T10:00:00+01:30\""),
      NULL,
      SUBJECT_OUT("a:b", "\"type\":\"t\",\"expiry\":\"2099-01-01T09:00:00Z\""),
      NULL },
    { SUBJECT("a:b", "\"type\":\"t\",\"expiry\":\"2024-01-01T00:00:00Z\""),
      NULL,
      SUBJECT_OUT("a:b", "\"type\":\"t\",\"expiry\":\"2024-01-01T00:00:00Z\""),
      NULL },
    { SUBJECT("a:b", "\"type\":\"t\",\"expiry\":\"2023-12-31T23:00:00Z\""),
      EXPIRY_INVALID,
      "Subject expiry timestamp '2023-12-31T23:00:00Z' is not valid.",
      "/entries/x/subjects/a:b/expiry" },
    { SUBJECT("a:b", "\"type\":\"t\",\"expiry\":\"2023-12-31T23:00:01Z\""),
      NULL, NULL, NULL },
    { SUBJECT("a:b", "\"type\":\"t\",\"expiry\":\"soon\""), EXPIRY_INVALID,
      NULL, "/entries/x/subjects/a:b/expiry" },
    { SUBJECT("a:b", "\"type\":\"t\",\"expiry\":"
              "\"+1000000000-12-31T23:59:59Z\""), EXPIRY_INVALID, NULL, NULL },

    /* announcements */
    { ANNOUNCEMENT(""), NULL, ANNOUNCEMENT_OUT("\"whenDeleted\":false"),
      NULL },
    { ANNOUNCEMENT("\"beforeExpiry\":\"0h\",\"whenDeleted\":true"), NULL,
      ANNOUNCEMENT_OUT("\"beforeExpiry\":\"1h\",\"whenDeleted\":true"), NULL },
    { ANNOUNCEMENT("\"beforeExpiry\":\"1\""), NULL,
      ANNOUNCEMENT_OUT("\"beforeExpiry\":\"60\",\"whenDeleted\":false"),
      NULL },
    { ANNOUNCEMENT("\"beforeExpiry\":\"59s\""), NULL,
      ANNOUNCEMENT_OUT("\"beforeExpiry\":\"60s\",\"whenDeleted\":false"),
      NULL },
    { ANNOUNCEMENT("\"beforeExpiry\":\"+90s\""), NULL,
      ANNOUNCEMENT_OUT("\"beforeExpiry\":\"120s\",\"whenDeleted\":false"),
      NULL },
    { ANNOUNCEMENT("\"beforeExpiry\":\"5m\""), NULL,
      ANNOUNCEMENT_OUT("\"beforeExpiry\":\"5m\",\"whenDeleted\":false"),
      NULL },
    { ANNOUNCEMENT("\"beforeExpiry\":\"500ms\""), ANNOUNCEMENT_INVALID,
      "The beforeExpiry duration '500ms' is not valid.",
      "/entries/x/subjects/a:b/announcement/beforeExpiry" },
    { ANNOUNCEMENT("\"beforeExpiry\":\"-1h\""), ANNOUNCEMENT_INVALID, NULL,
      NULL },
    { ANNOUNCEMENT("\"beforeExpiry\":\"1.5h\""), ANNOUNCEMENT_INVALID, NULL,
      NULL },
    { ANNOUNCEMENT("\"beforeExpiry\":\"\""), ANNOUNCEMENT_INVALID, NULL,
      NULL },
    { ANNOUNCEMENT("\"beforeExpiry\":\"9999999999999999999h\""),
      ANNOUNCEMENT_INVALID, NULL, NULL },
    { ANNOUNCEMENT("\"beforeExpiry\":\"9223372036854775807h\""),
      ANNOUNCEMENT_INVALID, NULL, NULL },
    { ANNOUNCEMENT("\"whenDeleted\":1"), JSON, NULL, NULL },
    { ANNOUNCEMENT("\"requestedAcks\":{\"labels\":[\"a-b\",5,"
                   "\"{{connection:id}}:abc\"],\"timeout\":\"10s\"},"
                   "\"randomizationInterval\":\"2d\""), NULL,
      ANNOUNCEMENT_OUT("\"whenDeleted\":false,\"requestedAcks\":{\"labels\":["
                       "\"a-b\",\"{{connection:id}}:abc\"],\"timeout\":"
                       "\"10s\"},\"randomizationInterval\":\"2d\""), NULL },
    { ANNOUNCEMENT("\"requestedAcks\":{\"labels\":[\"a b\"]}"),
      "acknowledgement:label.invalid", NULL, NULL },

    /* resources */
    { RESOURCE("thing:", NOTHING), NULL, RESOURCE_OUT("thing:/", NOTHING),
      NULL },
    { RESOURCE("thing:a/b/", NOTHING), NULL,
      RESOURCE_OUT("thing:/a/b", NOTHING), NULL },
    { RESOURCE("thing:/a~1b~0c", NOTHING), NULL,
      RESOURCE_OUT("thing:/a~01b~0c", NOTHING), NULL },
    { RESOURCE("thing:/a:b", NOTHING), NULL,
      RESOURCE_OUT("thing:/a:b", NOTHING), NULL },
    { RESOURCE("any:/x", "{\"grant\":[\"WRITE\",1,\"FOO\",\"READ\",\"READ\"],"
               "\"revoke\":null}"), NULL,
      RESOURCE_OUT("any:/x", "{\"grant\":[\"READ\",\"WRITE\",\"FOO\"],"
                   "\"revoke\":[]}"), NULL },
    { RESOURCE("thing", NOTHING), JSON, NULL,
      "/entries/x/resources/thing" },
    { RESOURCE(":/x", NOTHING), FORMAT, NULL, NULL },
    { RESOURCE("thing:/a//b", NOTHING), "json.pointer.invalid",
      "The JSON pointer </a//b> is invalid!", NULL },
    { RESOURCE("thing:/\\u00e4", NOTHING), ENTRY_INVALID,
      "The Policy Resource thing:/\xc3\xa4 is invalid", NULL },
    { RESOURCE("thing:/" X254, NOTHING), ENTRY_INVALID, NULL, NULL },
    { ENTRY("\"resources\":{\"thing:/a\":" NOTHING ",\"thing:a\":" NOTHING
            "}"), FORMAT, "There is more than one Resource with the path </a>!",
      NULL },
    { RESOURCE("thing:/", "{\"revoke\":[]}"), MISSING,
      "JSON did not include required </grant> field!", NULL },
    { RESOURCE("thing:/", "{\"grant\":[]}"), MISSING,
      "JSON did not include required </revoke> field!", NULL },
    { RESOURCE("thing:/", "{\"grant\":\"READ\",\"revoke\":[]}"), JSON, NULL,
      "/entries/x/resources/thing:~1/grant" },
    { RESOURCE("thing:/", "5"), JSON, NULL, NULL },

    /* imports */
    { IMPORTS("\"a:q\":null,\"a:r\":{},\"a:s\":{\"entries\":[\"x\",5,\"x\"],"
              "\"transitiveImports\":[\"a:t\"]},\"a:t\":{\"other\":1}"), NULL,
      IMPORTS("\"a:q\":{},\"a:r\":{},\"a:s\":{\"entries\":[\"x\"],"
              "\"transitiveImports\":[\"a:t\"]},\"a:t\":{\"entries\":[]}"),
      NULL },
    { IMPORTS("\"bad\":{}"), ID_INVALID, NULL, "/imports/bad" },
    { IMPORTS("\"a:q\":5"), JSON, NULL, NULL },
    { IMPORTS("\"a:p\":{}"), IMPORT_INVALID, "The Policy Import is invalid.",
      NULL },
    { IMPORTS("\"a:q\":{\"transitiveImports\":[\"a:p\"]}"), IMPORT_INVALID,
      "The policy import contains a transitive resolution of the policy "
      "itself.", "/imports/a:q" },
    { IMPORTS("\"a:q\":{\"transitiveImports\":[5]}"), IMPORT_INVALID,
      "The 'transitiveImports' array contains a non-string element: 5",
      "/imports/a:q/transitiveImports" },
    { IMPORTS("\"a:q\":{\"transitiveImports\":[\"x\"]}"), ID_INVALID, NULL,
      NULL },
    { IMPORTS("\"a:q\":{\"entries\":[\"imported\"]}"), LABEL_INVALID, NULL,
      NULL },
    { IMPORTS("\"a:q\":{\"entries\":[\"\"]}"), FORMAT, NULL, NULL },
    { IMPORTS("\"b:0\":{},\"b:1\":{},\"b:2\":{},\"b:3\":{},\"b:4\":{},"
              "\"b:5\":{},\"b:6\":{},\"b:7\":{},\"b:8\":{},\"b:9\":{},"
              "\"b:a\":{}"), "policies:imports.toolarge", NULL, "/imports" },

    /* references */
    { ENTRY("\"references\":[{\"entry\":\"O\"}]"), NULL,
      ENTRIES_OUT("\"x\":{\"subjects\":{},\"resources\":{},\"importable\":"
                  "\"implicit\",\"references\":[{\"entry\":\"O\"}]}"), NULL },
    { ENTRY("\"references\":[{\"entry\":\"x\"}]"), ENTRY_INVALID,
      "The references of PolicyEntry 'x' on Policy 'a:p' are invalid.",
      "/entries/x/references" },
    { ENTRY("\"references\":[{\"entry\":\"O\"},{\"entry\":\"O\"}]"),
      ENTRY_INVALID, NULL, NULL },
    { ENTRY("\"references\":[{\"entry\":\"y\"}]"), ENTRY_INVALID, NULL,
      NULL },
    { ENTRIES("\"x\":{\"references\":[{\"entry\":\"n\"}]},\"n\":{"
              "\"importable\":\"never\"}"), ENTRY_INVALID, NULL, NULL },
    { ENTRY("\"references\":[{\"entry\":\"y\",\"import\":\"a:q\"}]"),
      ENTRY_INVALID, NULL, NULL },
    { ENTRY("\"references\":[{}]"), MISSING,
      "JSON did not include required </entry> field!", NULL },
    { ENTRY("\"references\":[\"O\"]"), ENTRY_INVALID, NULL, NULL },
    { ENTRY("\"references\":[{\"entry\":\"O\",\"import\":null}]"), JSON, NULL,
      NULL },
    { ENTRY("\"references\":[{\"entry\":\"O\",\"import\":\"\"}]"), JSON, NULL,
      NULL },
    { "{\"policyId\":\"a:p\",\"imports\":{\"a:q\":{}},\"entries\":{\"x\":{"
      "\"references\":[{\"entry\":\"y\",\"import\":\"a:q\"}]}}}", NULL,
      "{\"policyId\":\"a:p\",\"imports\":{\"a:q\":{}},\"entries\":{\"x\":{"
      "\"subjects\":{},\"resources\":{},\"importable\":\"implicit\","
      "\"references\":[{\"import\":\"a:q\",\"entry\":\"y\"}]}}}", NULL },

    /* the lock-out guard */
    { "{\"policyId\":\"a:p\"}", LOCKED_OUT,
      "The Policy with ID 'a:p' could not be modified as the resulting Policy "
      "would be invalid.", "" },
    { "{\"entries\":{\"x\":{\"subjects\":{\"a:b\":{\"type\":\"t\",\"expiry\":"
      "\"2099-01-01T10:00:00Z\"}},\"resources\":{\"policy:/\":{\"grant\":["
      "\"WRITE\"],\"revoke\":[]}}}}}", LOCKED_OUT, NULL, NULL },
    { ENTRIES("\"x\":{\"subjects\":{\"adm:in\":{\"type\":\"t\"}},"
              "\"resources\":{\"policy:/\":{\"grant\":[],\"revoke\":["
              "\"WRITE\"]}}}"), LOCKED_OUT, NULL, NULL },
    { ENTRIES("\"x\":{\"subjects\":{\"adm:in\":{\"type\":\"t\"}},"
              "\"resources\":{\"policy:/a\":{\"grant\":[],\"revoke\":["
              "\"WRITE\"]}}}"), NULL, NULL, NULL },
    { "{\"entries\":{\"s\":{\"subjects\":{\"a:b\":{\"type\":\"t\"}}},\"x\":{"
      "\"resources\":{\"policy:/\":{\"grant\":[\"WRITE\"],\"revoke\":[]}},"
      "\"references\":[{\"entry\":\"s\"}]}}}", NULL, NULL, NULL },
    { "{\"entries\":{\"s\":{\"subjects\":{\"a:b\":{\"type\":\"t\"}},"
      "\"allowedAdditions\":[\"subjects\"]},\"x\":{"
      "\"resources\":{\"policy:/\":{\"grant\":[\"WRITE\"],\"revoke\":[]}},"
      "\"references\":[{\"entry\":\"s\"}]}}}", LOCKED_OUT, NULL, NULL },
};


/* 2024-01-01T00:00:00Z */
static const ditto_time_t  test_now = { 1704067200, 0 };


static void
test_document_table(void **state)
{
    size_t                      i;
    ditto_rc_t                  rc;
    unit_pool_t                 up;
    ditto_str_t                 place;
    ditto_buf_t                 buf;
    ditto_error_t               err;
    ditto_policy_document_t    *document;
    const test_document_row_t  *row;

    (void) state;

    for (i = 0; i < COUNT(test_documents); i++) {
        row = &test_documents[i];

        unit_pool_init(&up);
        ditto_buf_init(&buf, &up.pool, 0);

        rc = ditto_policy_document_parse(&up.pool, unit_str(&up, row->text),
                                         test_now, &document, &place, &err);

        if (row->error == NULL) {
            if (rc != DITTO_OK) {
                ditto_error_text(&buf, &err);
                fail_msg("row %zu: %s: %.*s", i, row->text, (int) buf.len,
                         (const char *) buf.data);
            }

            ditto_policy_document_render(&buf, document);

        } else {
            if (rc != DITTO_ERROR) {
                fail_msg("row %zu: %s is accepted", i, row->text);
            }

            if (strcmp(ditto_error_name(&err), row->error) != 0) {
                fail_msg("row %zu: %s: %s", i, row->text,
                         ditto_error_name(&err));
            }

            ditto_error_message(&buf, &err);

            if (row->place != NULL
                && !ditto_str_eq(place, ditto_str(row->place)))
            {
                fail_msg("row %zu: %s: at %.*s", i, row->text,
                         (int) place.len, (const char *) place.data);
            }
        }

        if (row->out != NULL) {
            ditto_buf_char(&buf, '\0');
            assert_string_equal((const char *) buf.data, row->out);
        }

        unit_pool_free(&up);
    }
}


/* What is rendered is read as the same again. */
static void
test_document_again(void **state)
{
    size_t                    i;
    unit_pool_t               up;
    ditto_str_t               place, one, two;
    ditto_buf_t               buf[2];
    ditto_error_t             err;
    ditto_policy_document_t  *document;

    (void) state;

    for (i = 0; i < COUNT(test_documents); i++) {
        if (test_documents[i].error != NULL) {
            continue;
        }

        unit_pool_init(&up);
        ditto_buf_init(&buf[0], &up.pool, 0);
        ditto_buf_init(&buf[1], &up.pool, 0);

        assert_int_equal(ditto_policy_document_parse(&up.pool,
                             ditto_str(test_documents[i].text), test_now,
                             &document, &place, &err),
                         DITTO_OK);
        ditto_policy_document_render(&buf[0], document);
        assert_int_equal(ditto_buf_done(&buf[0], &one), DITTO_OK);

        assert_int_equal(ditto_policy_document_load(&up.pool, one, &document,
                                                    &place, &err),
                         DITTO_OK);
        ditto_policy_document_render(&buf[1], document);
        assert_int_equal(ditto_buf_done(&buf[1], &two), DITTO_OK);

        assert_true(ditto_str_eq(one, two));

        unit_pool_free(&up);
    }
}


/* A stored document: neither time nor the guard makes it unreadable. */
static void
test_document_stored(void **state)
{
    size_t                    i;
    unit_pool_t               up;
    ditto_buf_t               buf;
    ditto_str_t               place, text;
    ditto_error_t             err;
    ditto_policy_document_t  *document;

    (void) state;

    unit_pool_init(&up);

    assert_int_equal(ditto_policy_document_read(&up.pool,
                         ditto_str("{\"entries\":{\"x\":{\"subjects\":{"
                                   "\"a:b\":{\"type\":\"t\",\"expiry\":"
                                   "\"2000-01-01T00:00:00Z\"}}}}}"),
                         &document, &place, &err),
                     DITTO_OK);
    assert_int_equal(ditto_policy_document_id(document).len, 0);
    assert_int_equal(ditto_policy_document_check_id(document, &err),
                     DITTO_ERROR);
    assert_string_equal(ditto_error_name(&err), ID_INVALID);

    assert_int_equal(ditto_policy_document_read(&up.pool,
                         ditto_str("{\"policyId\":\"a:\\\"b\"}"), &document,
                         &place, &err),
                     DITTO_OK);
    assert_true(ditto_str_eq(ditto_policy_document_id(document),
                             ditto_str("a:\"b")));
    assert_int_equal(ditto_policy_document_check_id(document, &err),
                     DITTO_OK);

    /* a "~" is written as "~0": such a key grows beyond its limit */

    ditto_buf_init(&buf, &up.pool, 0);
    ditto_buf_text(&buf, "{\"entries\":{\"x\":{\"resources\":{\"thing:/");

    for (i = 0; i < 200; i++) {
        ditto_buf_char(&buf, '~');
    }

    ditto_buf_text(&buf, "\":" NOTHING "}}}}");
    assert_int_equal(ditto_buf_done(&buf, &text), DITTO_OK);

    assert_int_equal(ditto_policy_document_read(&up.pool, text, &document,
                                                &place, &err), DITTO_OK);
    ditto_buf_init(&buf, &up.pool, 0);
    ditto_policy_document_render(&buf, document);
    assert_int_equal(ditto_buf_done(&buf, &text), DITTO_OK);
    assert_int_equal(ditto_policy_document_read(&up.pool, text, &document,
                                                &place, &err), DITTO_ERROR);
    assert_int_equal(ditto_policy_document_load(&up.pool, text, &document,
                                                &place, &err), DITTO_OK);

    unit_pool_free(&up);
}


/* Characters are counted as Java does, and written as Java writes numbers. */
static void
test_document_size(void **state)
{
    size_t                    i, n;
    ditto_rc_t                rc;
    unit_pool_t               up;
    ditto_str_t               place, text;
    ditto_buf_t               buf, message;
    ditto_error_t             err;
    ditto_policy_document_t  *document;

    static const struct {
        const char  *unit;
        size_t       n;          /* units in the subject's type */
        const char  *size;       /* NULL: accepted */
    } rows[] = {
        { "y", 102152, NULL },
        { "y", 102153, "100.001" },
        { "y", 102400, "100.242" },
        { "\xe2\x82\xac", 102152, NULL },
        { "\xf0\x9f\x98\x80", 51076, NULL },
        { "\xf0\x9f\x98\x80", 51200, "100.242" },
        { "y", 1400000, "1,367.43" },
        { "y", 1023752, "1,000" },
    };

    (void) state;

    for (i = 0; i < COUNT(rows); i++) {
        unit_pool_init(&up);
        ditto_buf_init(&buf, &up.pool, 0);
        ditto_buf_init(&message, &up.pool, 0);

        ditto_buf_text(&buf, "{\"policyId\":\"a:p\",\"entries\":{" ADM
                             "},\"x\":{\"subjects\":{\"a:b\":{\"type\":\"");

        for (n = 0; n < rows[i].n; n++) {
            ditto_buf_text(&buf, rows[i].unit);
        }

        ditto_buf_text(&buf, "\"}}}}}");
        assert_int_equal(ditto_buf_done(&buf, &text), DITTO_OK);

        rc = ditto_policy_document_parse(&up.pool, text, test_now, &document,
                                         &place, &err);

        if (rows[i].size == NULL) {
            assert_int_equal(rc, DITTO_OK);

        } else {
            assert_int_equal(rc, DITTO_ERROR);
            assert_int_equal(ditto_error_status(&err), 413);
            assert_true(ditto_str_eq(err.args[0], ditto_str(rows[i].size)));
        }

        unit_pool_free(&up);
    }
}


static ditto_rc_t
test_memory_call(unit_pool_t *up, void *ctx, ditto_error_t *err)
{
    ditto_rc_t                rc;
    ditto_buf_t               buf;
    ditto_str_t               place, out;
    ditto_policy_document_t  *document;

    unit_pool_malloc(up);

    rc = ditto_policy_document_parse(&up->pool, unit_str(up, ctx), test_now,
                                     &document, &place, err);

    if (rc != DITTO_OK) {
        return rc;
    }

    ditto_buf_init(&buf, &up->pool, 0);
    ditto_policy_document_render(&buf, document);

    return unit_buf_done(&buf, &out, err);
}


/* The tree that the reader builds on its way included. */
static void
test_document_memory(void **state)
{
    size_t  i;

    (void) state;

    for (i = 0; i < COUNT(test_documents); i++) {

        if (unit_every_allocation(NULL, test_memory_call,
                                  (void *) test_documents[i].text)
            > 1000)
        {
            fail_msg("%s", test_documents[i].text);
        }
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_document_table),
        cmocka_unit_test(test_document_again),
        cmocka_unit_test(test_document_stored),
        cmocka_unit_test(test_document_size),
        cmocka_unit_test(test_document_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
