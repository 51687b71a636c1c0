/*
 * Values as Ditto's model of things, its announcements and its errors give
 * them back.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "ditto_signal.h"
#include "unit_pool.h"


#define EVENT(action)    "a.b/dev/things/twin/events/" action
#define COMMAND(action)  "a.b/dev/things/live/commands/" action
#define ANNOUNCED  "a.b/pol/policies/announcements/subjectDeletion"
#define OPENED     "_/con/connections/announcements/opened"
#define FAILED     "a.b/dev/things/twin/errors"

#define ID    "\"thingId\":\"a.b:dev\""
#define NS    "\"_namespace\":\"a.b\""
#define AT    "\"2026-01-02T03:04:05Z\""
#define WHEN  "\"2026-01-02T04:04:05+01:00\""


typedef struct {
    const char  *topic;
    const char  *path;
    const char  *in;
    const char  *out;            /* NULL: the sender's bytes, not copied */
    const char  *seen;           /* NULL: the same as out */
} model_case_t;


typedef struct {
    const char  *topic;
    const char  *in;
    const char  *error;          /* begins with */
} model_error_t;


static const model_case_t  model_cases[] = {

    /* events of a whole thing */
    { EVENT("created"), "/", "{ " ID " }", NULL, NULL },
    { EVENT("modified"), "/", "{ \"features\" : { \"f\" : { \"properties\" : "
      "{ \"foo\" : 1.50 } } , \"g\":null},\"attributes\":null,"
      "\"definition\":null,\"policyId\":\"a:b\", " ID "}", NULL, NULL },
    { EVENT("modified"), "/", "{\"features\":null,\"attributes\":{}," ID "}",
      NULL, NULL },
    { EVENT("created"), "/", "{\"foo\":1," ID ",\"attributes\":{ \"a\" : 1.0 }"
      ",\"__schemaVersion\":2}", "{" ID ",\"attributes\":{ \"a\" : 1.0 }}",
      NULL },
    { EVENT("modified"), "/", "{" ID ",\"policyId\":null}", "{" ID "}", NULL },
    { EVENT("migrated"), "/features", "{" ID ",\"foo\":{}}", "{" ID "}",
      NULL },
    { EVENT("modified"), "/", "{\"f\\u006fo\":1,\"th\\u0069ngId\":\"a.b:dev\"}",
      "{\"th\\u0069ngId\":\"a.b:dev\"}", NULL },

    /* of duplicates the last one counts, also if it vanishes */
    { EVENT("modified"), "/", "{\"attributes\":{\"a\":1}," ID
      ",\"attributes\":{}}", NULL, NULL },
    { EVENT("modified"), "/", "{\"policyId\":\"a:b\"," ID
      ",\"policyId\":null}", "{" ID "}", NULL },
    { EVENT("modified"), "/", "{\"policyId\":null," ID
      ",\"policyId\":\"a:b\",\"foo\":1}", "{" ID ",\"policyId\":\"a:b\"}",
      NULL },

    /* special members: seen by filters, not written */
    { EVENT("modified"), "/", "{\"_modified\":" WHEN "," ID
      ",\"_revision\":5.0}", "{" ID "}", "{\"_modified\":" WHEN "," ID
      ",\"_revision\":5.0}" },
    { EVENT("modified"), "/", "{\"_metadata\":{}," ID ",\"foo\":1,"
      "\"_created\":null,\"__lifecycle\":\"x\",\"_policy\":{},"
      "\"_copyPolicyFrom\":5}",
      "{" ID "}", "{\"_metadata\":{}," ID ",\"__lifecycle\":\"x\"}" },

    /* features */
    { EVENT("modified"), "/", "{" ID ",\"features\":{ \"f\" : {\"foo\":1,"
      "\"desiredProperties\":{\"a\":1},\"properties\":{ \"foo\" : 2 } },"
      "\"g\":{\"definition\":null},\"h\":null,\"i\":{}}}",
      "{" ID ",\"features\":{\"f\":{\"desiredProperties\":{\"a\":1},"
      "\"properties\":{ \"foo\" : 2 }},\"g\":{\"definition\":null},\"h\":null,"
      "\"i\":{}}}", NULL },
    { EVENT("modified"), "/", "{\"foo\":1," ID ",\"features\":{ }}",
      "{" ID ",\"features\":{ }}", NULL },
    { EVENT("created"), "/features", "{ \"f\" : { \"properties\" : {} } }",
      NULL, NULL },
    { EVENT("created"), "/features", "null", NULL, NULL },
    { EVENT("created"), "/features", "{\"__schemaVersion\":2,\"f\":{}}",
      "{\"f\":{}}", NULL },
    { EVENT("created"), "/features", "{\"f\":{\"foo\":{}},\"g\":null}",
      "{\"f\":{},\"g\":null}", NULL },
    { EVENT("modified"), "/features/f", "{ \"definition\" : [\"a:b:1\"] }",
      NULL, NULL },
    { EVENT("modified"), "/features/f", "null", NULL, NULL },
    { EVENT("modified"), "/features/f", "{\"foo\":1,\"properties\":null}",
      "{\"properties\":null}", NULL },
    { EVENT("modified"), "/features/f/properties", "{\"foo\":{}}", NULL,
      NULL },

    /* merged events are whatever was sent */
    { EVENT("merged"), "/", "{\"foo\":1,\"_modified\":5,\"features\":{\"f\":"
      "{\"foo\":1}}}", NULL, NULL },
    { EVENT("merged"), "/features/f", "{\"foo\":1}", NULL, NULL },

    /* commands to create and modify say their namespace and id */
    { COMMAND("create"), "/", "{}", "{" NS "," ID "}", NULL },
    { COMMAND("create"), "/", "null", "{" NS "," ID "}", NULL },
    { COMMAND("modify"), "/", "{\"thingId\":null}", "{" NS "," ID "}", NULL },
    { COMMAND("modify"), "/", "{ \"attributes\" : { } ," ID "}",
      "{" NS ",\"attributes\":{ }," ID "}", NULL },
    { COMMAND("modify"), "/", "{ " ID ", " NS " }", NULL, NULL },
    { COMMAND("modify"), "/", "{" ID ",\"_n\\u0061mespace\":\"a.b\"}", NULL,
      NULL },
    { COMMAND("modify"), "/", "{\"_namespace\":\"x\"," ID "}",
      "{" NS "," ID "}", NULL },
    { COMMAND("modify"), "/", "{\"_namespace\":\"a.b.c\"," ID "}",
      "{" NS "," ID "}", NULL },
    { COMMAND("modify"), "/", "{\"_namespace\":5," ID "}",
      "{" NS "," ID "}", NULL },
    { COMMAND("create"), "/", "{\"foo\":1,\"features\":{\"f\":{\"foo\":1}}}",
      "{" NS "," ID ",\"features\":{\"f\":{}}}", NULL },
    { COMMAND("create"), "/", "{" NS "," ID ",\"_revision\":7,"
      "\"_metadata\":null,\"_policy\":{ \"foo\" : 1 }}", NULL, NULL },
    { COMMAND("create"), "/", "{" ID ",\"_modified\":" WHEN ",\"_created\":"
      "null,\"__lifecycle\":\"ACTIVE\",\"_copyPolicyFrom\":\"x:y\"}",
      "{" NS "," ID ",\"_modified\":" AT ",\"__lifecycle\":\"ACTIVE\","
      "\"_copyPolicyFrom\":\"x:y\"}", NULL },
    { COMMAND("create"), "/", "{" ID ",\"_created\":" WHEN ","
      "\"__lifecycle\":\"GONE\",\"_copyPolicyFrom\":null}",
      "{" NS "," ID ",\"_created\":" AT "}", NULL },
    { COMMAND("create"), "/", "{\"_copyPolicyFrom\":\"{{ ref:x }}\"}",
      "{" NS "," ID ",\"_copyPolicyFrom\":\"{{ ref:x }}\"}", NULL },
    { COMMAND("modify"), "/features", "{\"f\":{\"foo\":1}}", "{\"f\":{}}",
      NULL },
    { COMMAND("modify"), "/features/f", "{\"foo\":1}", "{}", NULL },
    { COMMAND("modify"), "/attributes", "{\"foo\":1}", NULL, NULL },

    /* a merge patch is no whole thing */
    { COMMAND("merge"), "/", "{ " ID " }", NULL, NULL },
    { COMMAND("merge"), "/", "{\"attributes\":null,\"_policy\":null}", NULL,
      NULL },
    { COMMAND("merge"), "/", "{\"foo\":1,\"attributes\":{\"a\":null},"
      "\"_revision\":5}", "{\"attributes\":{\"a\":null}}", NULL },
    { COMMAND("merge"), "/features/f", "{\"foo\":1,\"properties\":null}",
      "{\"properties\":null}", NULL },

    /* announcements */
    { ANNOUNCED, "/", "{ \"subjectIds\" : [\"a:b\"], \"deleteAt\":" AT "}",
      NULL, NULL },
    { ANNOUNCED, "/", "{\"deleteAt\":" WHEN ",\"subjectIds\":[ \"a:b\" ]}",
      "{\"deleteAt\":" AT ",\"subjectIds\":[ \"a:b\" ]}", NULL },
    { ANNOUNCED, "/", "{\"deleteAt\":" AT ",\"foo\":1,\"subjectIds\":[]}",
      "{\"deleteAt\":" AT ",\"subjectIds\":[]}", NULL },
    { OPENED, "/", "{ \"openedAt\":" AT "}", NULL, NULL },
    { OPENED, "/", "{\"openedAt\":" WHEN "}", "{\"openedAt\":" AT "}", NULL },
    { OPENED, "/", "{\"x\":1,\"openedAt\":" AT "}", "{\"openedAt\":" AT "}",
      NULL },

    /* errors */
    { FAILED, "/", "{\"error\":\"x:y\",\"message\":\"\",\"status\":400,"
      "\"description\":\"d\"}", NULL, NULL },
    { FAILED, "/", "{ \"error\":\"x:y\"}", "{\"status\":500,\"message\":"
      "\"An unknown error occurred\",\"description\":\"\", \"error\":\"x:y\"}",
      NULL },
    { FAILED, "/", "{\"error\":\"things:thing.notf\\u006fund\",\"message\":"
      "\"m\"}",
      "{\"status\":404,\"description\":\"Check if the ID of your requested "
      "Thing was correct and you have sufficient permissions.\",\"error\":"
      "\"things:thing.notf\\u006fund\",\"message\":\"m\"}", NULL },
    { FAILED, "/", "{\"error\":\"json.format.invalid\",\"message\":\"m\","
      "\"status\":400}", NULL, NULL },
};


static const model_error_t  model_errors[] = {
    { COMMAND("create"), "{\"_policy\":5}", "json.invalid Value <5> for "
      "</_policy> is not of type <JsonObject>!" },
    { COMMAND("modify"), "{\"_copyPolicyFrom\":[]}", "json.invalid Value <[]> "
      "for </_copyPolicyFrom> is not of type <String>!" },
    { COMMAND("modify"), "{\"_copyPolicyFrom\":\"a:b\",\"_policy\":null}",
      "things:policy.conflicting The Thing with ID 'a.b:dev' could not be "
      "created as" },
    { COMMAND("merge"), "{" ID ",\"_copyPolicyFrom\":\"x\"}",
      "policies:id.invalid Policy ID 'x' is not valid!" },
    { FAILED, "{\"error\":\"things:id.invalid\"}", "json.field.missing JSON "
      "did not include required </message> field!" },
    { COMMAND("merge"), "{}", "things:merge.invalid" },
    { COMMAND("merge"), "{ \"foo\" : 1 , \"_revision\" : 1 }",
      "things:merge.invalid" },
};


static ditto_str_t
model_text(unit_pool_t *up, const char *topic, const char *path,
    const char *value)
{
    ditto_buf_t  buf;
    ditto_str_t  text;

    ditto_buf_init(&buf, &up->pool, 0);
    ditto_buf_text(&buf, "{\"topic\":\"");
    ditto_buf_text(&buf, topic);
    ditto_buf_text(&buf, "\",\"path\":\"");
    ditto_buf_text(&buf, path);
    ditto_buf_text(&buf, "\",\"status\":404,\"revision\":1,\"value\":");
    ditto_buf_text(&buf, value);

    if (strstr(topic, "/merge") != NULL) {
        ditto_buf_text(&buf, ",\"headers\":{\"content-type\":"
                             "\"application/merge-patch+json\"}");
    }

    ditto_buf_char(&buf, '}');
    assert_int_equal(ditto_buf_done(&buf, &text), DITTO_OK);

    return text;
}


/* A command carries no status. */
static ditto_str_t
model_message(unit_pool_t *up, const char *topic, const char *path,
    const char *value)
{
    size_t       i;
    ditto_str_t  text, status = ditto_string("\"status\":404,");

    text = model_text(up, topic, path, value);

    if (strstr(topic, "/commands/") != NULL) {
        i = ditto_str_find(text, status);
        memset((void *) (uintptr_t) (text.data + i), ' ', status.len);
    }

    return unit_span(up, text.data, text.len);
}


static void
model_check(const model_case_t *c, ditto_str_t text,
    const ditto_signal_t *signal)
{
    bool         own;
    ditto_str_t  out, seen;

    own = (signal->value.data > text.data
           && signal->value.data < text.data + text.len);

    out = ditto_str(c->out != NULL ? c->out : c->in);
    seen = (c->seen != NULL) ? ditto_str(c->seen) : out;

    if (!ditto_str_eq(signal->value, out) || own != (c->out == NULL)
        || !ditto_str_eq(signal->seen, seen))
    {
        fail_msg("%s: %.*s, seen %.*s", c->in, (int) signal->value.len,
                 signal->value.data, (int) signal->seen.len,
                 signal->seen.data);
    }
}


static void
test_values(void **state)
{
    size_t               i;
    ditto_str_t          text;
    unit_pool_t          up;
    ditto_error_t        err;
    ditto_signal_t       signal;
    const model_case_t  *c;

    (void) state;

    for (i = 0; i < sizeof(model_cases) / sizeof(model_cases[0]); i++) {
        c = &model_cases[i];

        unit_pool_init(&up);
        text = model_message(&up, c->topic, c->path, c->in);

        if (ditto_signal_parse(&up.pool, text, &signal, &err) != DITTO_OK) {
            fail_msg("%s: %s", c->in, ditto_error_name(&err));
        }

        model_check(c, text, &signal);

        unit_pool_free(&up);
    }
}


static void
test_errors(void **state)
{
    size_t                i;
    ditto_buf_t           buf;
    unit_pool_t           up;
    ditto_error_t         err;
    ditto_signal_t        signal;
    const model_error_t  *c;

    (void) state;

    for (i = 0; i < sizeof(model_errors) / sizeof(model_errors[0]); i++) {
        c = &model_errors[i];

        unit_pool_init(&up);

        assert_int_equal(ditto_signal_parse(&up.pool,
                             model_message(&up, c->topic, "/", c->in),
                             &signal, &err),
                         DITTO_ERROR);

        ditto_buf_init(&buf, &up.pool, 0);
        ditto_buf_text(&buf, ditto_error_name(&err));
        ditto_buf_char(&buf, ' ');
        ditto_error_text(&buf, &err);
        ditto_buf_char(&buf, '\0');

        if (strncmp((char *) buf.data, c->error, strlen(c->error)) != 0) {
            fail_msg("%s: %s", c->in, buf.data);
        }

        unit_pool_free(&up);
    }
}


typedef struct {
    const model_case_t  *c;
    ditto_str_t          text;
} test_memory_t;


static void
test_memory_setup(unit_pool_t *up, void *ctx)
{
    test_memory_t  *m = ctx;

    m->text = model_message(up, m->c->topic, m->c->path, m->c->in);
}


static ditto_rc_t
test_memory_call(unit_pool_t *up, void *ctx, ditto_error_t *err)
{
    test_memory_t   *m = ctx;
    ditto_signal_t   signal;

    if (ditto_signal_parse(&up->pool, m->text, &signal, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    model_check(m->c, m->text, &signal);

    return DITTO_OK;
}


static void
test_memory(void **state)
{
    size_t         i;
    test_memory_t  m;

    (void) state;

    for (i = 0; i < sizeof(model_cases) / sizeof(model_cases[0]); i++) {
        m.c = &model_cases[i];
        assert_in_range(unit_every_allocation(test_memory_setup,
                                              test_memory_call, &m),
                        0, 200);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
