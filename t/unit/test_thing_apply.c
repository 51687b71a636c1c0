/*
 * A stored thing in step with its events.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "ditto_thing.h"
#include "unit_pool.h"


#define NOW  "\"timestamp\":\"2026-08-18T10:00:00Z\""

#define THING                                                                 \
    "{\"thingId\":\"a:b\",\"policyId\":\"a:p\",\"attributes\":{\"x\":1.50},"  \
    "\"_revision\":6,\"_created\":\"C\",\"_metadata\":{\"attributes\":"       \
    "{\"x\":{\"m\":1},\"y\":2}}}"


typedef struct {
    const char  *thing;
    const char  *action;
    const char  *path;
    const char  *rest;           /* of the event */
    const char  *result;         /* NULL: declined */
} test_apply_t;


static const test_apply_t  test_applies[] = {

    /* at a path */
    { THING, "modified", "/attributes/x", "\"value\":2," NOW,
      "{\"thingId\":\"a:b\",\"policyId\":\"a:p\",\"attributes\":{\"x\":2},"
      "\"_revision\":7,\"_created\":\"C\",\"_metadata\":{\"attributes\":"
      "{\"x\":{\"m\":1},\"y\":2}},\"_modified\":\"2026-08-18T10:00:00Z\"}" },
    { THING, "created", "/features/f/properties/p", "\"value\":{\"q\":null}",
      "{\"thingId\":\"a:b\",\"policyId\":\"a:p\",\"attributes\":{\"x\":1.50},"
      "\"_revision\":7,\"_created\":\"C\",\"_metadata\":{\"attributes\":"
      "{\"x\":{\"m\":1},\"y\":2}},\"features\":{\"f\":{\"properties\":"
      "{\"p\":{\"q\":null}}}}}" },
    { "{\"attributes\":null}", "created", "/attributes/a/b", "\"value\":[1]",
      "{\"attributes\":{\"a\":{\"b\":[1]}},\"_revision\":7}" },
    { "{\"attributes\":{\"a\":1}}", "modified", "/attributes", "\"value\":null",
      "{\"attributes\":null,\"_revision\":7}" },
    { "", "modified", "/attributes/a", "\"value\":1",
      "{\"attributes\":{\"a\":1},\"_revision\":7}" },

    /* whole */
    { THING, "created", "/", "\"value\":{\"thingId\":\"a:b\",\"attributes\":"
      "{\"n\":1}}," NOW,
      "{\"thingId\":\"a:b\",\"attributes\":{\"n\":1},"
      "\"_created\":\"2026-08-18T10:00:00Z\",\"_revision\":7,"
      "\"_modified\":\"2026-08-18T10:00:00Z\"}" },
    { THING, "modified", "/", "\"value\":{\"thingId\":\"a:b\",\"features\":"
      "{\"f\":{}},\"_created\":\"2020-01-01T00:00:00Z\",\"unknown\":1}",
      "{\"thingId\":\"a:b\",\"features\":{\"f\":{}},\"policyId\":\"a:p\","
      "\"_revision\":7,\"_created\":\"C\",\"_metadata\":{\"attributes\":"
      "{\"x\":{\"m\":1},\"y\":2}}}" },
    { THING, "modified", "/", "\"value\":{\"thingId\":\"a:b\",\"policyId\":"
      "\"a:q\"}",
      "{\"thingId\":\"a:b\",\"policyId\":\"a:q\",\"_revision\":7,"
      "\"_created\":\"C\",\"_metadata\":{\"attributes\":{\"x\":{\"m\":1},"
      "\"y\":2}}}" },
    { "", "created", "/", "\"value\":{\"thingId\":\"a:b\"}",
      "{\"thingId\":\"a:b\",\"_revision\":7}" },

    /* merged */
    { THING, "merged", "/attributes", "\"value\":{\"x\":null,\"y\":{\"z\":1}}",
      "{\"thingId\":\"a:b\",\"policyId\":\"a:p\",\"attributes\":{\"y\":"
      "{\"z\":1}},\"_revision\":7,\"_created\":\"C\",\"_metadata\":"
      "{\"attributes\":{\"x\":{\"m\":1},\"y\":2}}}" },
    { "{\"attributes\":{\"x\":1,\"y\":2}}", "merged", "/",
      "\"value\":{\"attributes\":{\"x\":null},\"features\":null}",
      "{\"attributes\":{\"y\":2},\"_revision\":7}" },
    { "{\"attributes\":{\"x\":1}}", "merged", "/attributes/x", "\"value\":null",
      "{\"attributes\":{},\"_revision\":7}" },
    { "{\"features\":{\"f\":{\"properties\":{\"q\":1},\"definition\":[]}}}",
      "merged", "/features/f/properties", "\"value\":{\"p\":[1]}",
      "{\"features\":{\"f\":{\"properties\":{\"q\":1,\"p\":[1]},"
      "\"definition\":[]}},\"_revision\":7}" },
    { "{\"attributes\":{\"x\":1}}", "merged", "/", "\"value\":null",
      "{\"attributes\":{\"x\":1},\"_revision\":7}" },
    { "{\"attributes\":{\"x\":1}}", "merged", "/", "\"value\":5", NULL },
    { "{\"attributes\":{\"x\":1}}", "merged", "/attributes",
      "\"value\":{\"{{ ~x~ }}\":null}", NULL },
    { "{\"features\":{}}", "merged", "/attributes",
      "\"value\":{\"{{ ~x~ }}\":null}",
      "{\"features\":{},\"attributes\":{},\"_revision\":7}" },

    /* migrated */
    { "{\"attributes\":{\"x\":1},\"features\":{\"f\":{}}}", "migrated", "/",
      "\"value\":{\"thingId\":\"a:b\",\"definition\":\"n:m:2\","
      "\"attributes\":{\"y\":2},\"unknown\":3}",
      "{\"attributes\":{\"x\":1,\"y\":2},\"features\":{\"f\":{}},"
      "\"thingId\":\"a:b\",\"definition\":\"n:m:2\",\"_revision\":7}" },

    /* deleted */
    { THING, "deleted", "/attributes/x", "\"value\":5",
      "{\"thingId\":\"a:b\",\"policyId\":\"a:p\",\"attributes\":{},"
      "\"_revision\":7,\"_created\":\"C\",\"_metadata\":{\"attributes\":"
      "{\"y\":2}}}" },
    { THING, "deleted", "/attributes/none", "\"value\":5",
      "{\"thingId\":\"a:b\",\"policyId\":\"a:p\",\"attributes\":{\"x\":1.50},"
      "\"_revision\":7,\"_created\":\"C\",\"_metadata\":{\"attributes\":"
      "{\"x\":{\"m\":1},\"y\":2}}}" },
    { THING, "deleted", "/attributes", NOW,
      "{\"thingId\":\"a:b\",\"policyId\":\"a:p\",\"_revision\":7,"
      "\"_created\":\"C\",\"_metadata\":{},"
      "\"_modified\":\"2026-08-18T10:00:00Z\"}" },
    { "{\"attributes\":{\"x\":1}}", "deleted", "/", NOW,
      "{\"attributes\":{\"x\":1},\"_revision\":7,"
      "\"_modified\":\"2026-08-18T10:00:00Z\"}" },
};


static void
test_signal(unit_pool_t *up, const char *channel, const char *action,
    const char *path, const char *rest, ditto_signal_t *signal)
{
    char           text[1024];
    ditto_error_t  err;

    snprintf(text, sizeof(text),
             "{\"topic\":\"a/b/things/%s/events/%s\",\"path\":\"%s\","
             "\"revision\":7,%s}", channel, action, path, rest);

    assert_int_equal(ditto_signal_parse(&up->pool, unit_str(up, text), signal,
                                        &err), DITTO_OK);
}


typedef struct {
    const test_apply_t  *t;
    ditto_signal_t       signal;
} test_memory_t;


static void
test_apply_setup(unit_pool_t *up, void *ctx)
{
    test_memory_t  *m = ctx;

    test_signal(up, "twin", m->t->action, m->t->path, m->t->rest, &m->signal);
}


static ditto_rc_t
test_apply_call(unit_pool_t *up, void *ctx, ditto_error_t *err)
{
    ditto_rc_t           rc;
    ditto_str_t          out;
    test_memory_t       *m = ctx;
    const test_apply_t  *t = m->t;

    rc = ditto_thing_apply(&up->pool, unit_str(up, t->thing), &m->signal, &out,
                           err);

    if (rc == DITTO_ERROR) {
        return DITTO_ERROR;
    }

    if (t->result == NULL) {
        assert_int_equal(rc, DITTO_DECLINED);

    } else if (rc != DITTO_OK || out.len != strlen(t->result)
               || memcmp(out.data, t->result, out.len) != 0)
    {
        fail_msg("%s %s %s: got %.*s", t->action, t->path, t->rest,
                 (rc == DITTO_OK) ? (int) out.len : 0,
                 (rc == DITTO_OK) ? (const char *) out.data : "");
    }

    return rc;
}


/* Each event, and each failing allocation on its way. */
static void
test_apply(void **state)
{
    size_t         i;
    test_memory_t  m;

    (void) state;

    for (i = 0; i < sizeof(test_applies) / sizeof(test_applies[0]); i++) {
        m.t = &test_applies[i];
        assert_in_range(unit_every_allocation(test_apply_setup,
                                              test_apply_call, &m),
                        0, 200);
    }
}


static void
test_other(void **state)
{
    ditto_str_t     out;
    unit_pool_t     up;
    ditto_error_t   err;
    ditto_signal_t  signal;

    (void) state;

    unit_pool_init(&up);

    test_signal(&up, "live", "modified", "/attributes/x", "\"value\":1",
                &signal);
    assert_int_equal(ditto_thing_apply(&up.pool, unit_str(&up, "{}"), &signal,
                                       &out, &err), DITTO_DECLINED);

    assert_int_equal(ditto_signal_parse(&up.pool, unit_str(&up,
                         "{\"topic\":\"a/b/things/live/messages/s\","
                         "\"path\":\"/inbox/messages/s\"}"), &signal, &err),
                     DITTO_OK);
    assert_int_equal(ditto_thing_apply(&up.pool, unit_str(&up, "{}"), &signal,
                                       &out, &err), DITTO_DECLINED);

    unit_pool_free(&up);
}


/* A path of its own depth, and a value that makes it too deep. */
static void
test_deep(void **state)
{
    size_t          i, j;
    ditto_buf_t     buf;
    ditto_str_t     text, out;
    unit_pool_t     up;
    ditto_error_t   err;
    ditto_signal_t  signal;

    static const char *const  actions[] = { "modified", "merged" };

    (void) state;

    for (i = 0; i < 4; i++) {
        unit_pool_init(&up);

        ditto_buf_init(&buf, &up.pool, 0);
        ditto_buf_text(&buf, "{\"topic\":\"a/b/things/twin/events/");
        ditto_buf_text(&buf, actions[i % 2]);
        ditto_buf_text(&buf, "\",\"revision\":1,\"path\":\"/attributes");

        for (j = 1; j < 998; j++) {
            ditto_buf_text(&buf, "/a");
        }

        ditto_buf_text(&buf, (i < 2) ? "\",\"value\":[[1]]}"
                                     : "\",\"value\":[[[1]]]}");
        assert_int_equal(ditto_buf_done(&buf, &text), DITTO_OK);
        assert_int_equal(ditto_signal_parse(&up.pool, text, &signal, &err),
                         DITTO_OK);

        if (i < 2) {
            assert_int_equal(ditto_thing_apply(&up.pool, unit_str(&up, "{}"),
                                               &signal, &out, &err),
                             DITTO_OK);
        } else {
            assert_int_equal(ditto_thing_apply(&up.pool, unit_str(&up, "{}"),
                                               &signal, &out, &err),
                             DITTO_ERROR);
            assert_int_equal(err.code, DITTO_E_JSON_INVALID);
        }

        unit_pool_free(&up);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_apply),
        cmocka_unit_test(test_other),
        cmocka_unit_test(test_deep),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
