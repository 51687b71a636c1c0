#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ditto_topic_path.h"
#include "unit_pool.h"


typedef struct {
    const char  *topic;
    const char  *rendered;       /* NULL: refused */
    const char  *ns;             /* or the description */
    const char  *name;
    const char  *tail;
} topic_case_t;


static const topic_case_t  topic_cases[] = {

    { "a.b/dev/things/twin/events/modified",
      "a.b/dev/things/twin/events/modified", "a.b", "dev", "modified" },
    { "a/b/things/twin/events/modified/x/y",
      "a/b/things/twin/events/modified", "a", "b", "modified" },
    { "a/b/things/twin/events/modified//",
      "a/b/things/twin/events/modified", "a", "b", "modified" },
    { "/b/things/live/commands/retrieve",
      "/b/things/live/commands/retrieve", "", "b", "retrieve" },
    { "a/b/things/none/streaming/next",
      "a/b/things/streaming/next", "a", "b", "next" },
    { "a/b/things/live/messages/x/y",
      "a/b/things/live/messages/x/y", "a", "b", "x/y" },
    { "a/b/things/live/messages/x/",
      "a/b/things/live/messages/x", "a", "b", "x" },
    { "a/b/things/live/messages/x//y/",
      "a/b/things/live/messages/x//y/", "a", "b", "x//y/" },
    { "a/b/things/live/messages//",
      "a/b/things/live/messages//", "a", "b", "/" },
    { "a/b/things/live/messages",
      "a/b/things/live/messages", "a", "b", "" },
    { "a/b/things/twin/errors/x",
      "a/b/things/twin/errors", "a", "b", "" },
    { "_/c/connections/announcements/opened",
      "_/c/connections/announcements/opened", "_", "c", "opened" },
    { "a/b/policies/commands/checkPermissions",
      "a/b/policies/commands/checkPermissions", "a", "b",
      "checkPermissions" },

    { "", NULL, "The topic path has no namespace part.", NULL, NULL },
    { "/", NULL, "The topic path has no entity name part.", NULL, NULL },
    { "a", NULL, "The topic path has no entity name part.", NULL, NULL },
    { "a/", NULL, "The topic path has no entity name part.", NULL, NULL },
    { "//", NULL, "The topic path has no group part.", NULL, NULL },
    { "a//things/twin/events/modified", NULL,
      "The topic path has no group part.", NULL, NULL },
    { "a/b/things", NULL, "The topic path has no channel part.", NULL, NULL },
    { "a/b/things/twin", NULL,
      "The topic path has no criterion part.", NULL, NULL },
    { "a/b/policies/events", NULL,
      "The topic path has no action part.", NULL, NULL },
    { "a/b/things/twin/search", NULL,
      "The topic path has no search action part.", NULL, NULL },
    { "a/b/things/twin/streaming/", NULL,
      "The topic path has no search action part.", NULL, NULL },
    { "a/b/Things/twin/events/modified", NULL,
      "Group name <Things> is unknown.", NULL, NULL },
    { "a/b/things/both/events/modified", NULL,
      "Channel name <both> is unknown.", NULL, NULL },
    { "a/b/things/twin//modified", NULL,
      "Criterion name </modified> is unknown.", NULL, NULL },
    { "a/b/things/twin/events/mod", NULL,
      "Action name <mod> is unknown.", NULL, NULL },
    { "a/b/things/twin/search/x", NULL,
      "Search action name <x> is unknown.", NULL, NULL },
    { "a/b/things/twin/streaming/subscribe", NULL,
      "Streaming action name <subscribe> is unknown.", NULL, NULL },
};


static void
test_topics(void **state)
{
    size_t               i;
    unit_pool_t          up;
    ditto_buf_t          buf;
    ditto_str_t          text;
    ditto_error_t        err;
    const topic_case_t  *c;
    ditto_topic_path_t   tp;

    (void) state;

    for (i = 0; i < sizeof(topic_cases) / sizeof(topic_cases[0]); i++) {
        c = &topic_cases[i];

        unit_pool_init(&up);
        ditto_buf_init(&buf, &up.pool, 0);
        text = unit_str(&up, c->topic);

        if (c->rendered == NULL) {
            assert_int_equal(ditto_topic_path_parse(&tp, text, &err),
                             DITTO_ERROR);
            assert_int_equal(err.code, DITTO_E_UNKNOWN_TOPIC_PATH);
            ditto_error_description(&buf, &err);
            ditto_buf_char(&buf, '\0');
            assert_string_equal(buf.data, c->ns);

        } else {
            assert_int_equal(ditto_topic_path_parse(&tp, text, &err),
                             DITTO_OK);
            assert_true(ditto_str_eq(tp.ns, ditto_str(c->ns)));
            assert_true(ditto_str_eq(tp.name, ditto_str(c->name)));
            assert_true(ditto_str_eq(tp.tail, ditto_str(c->tail)));
            ditto_topic_path_render(&buf, &tp);
            ditto_buf_char(&buf, '\0');
            assert_string_equal(buf.data, c->rendered);
        }

        unit_pool_free(&up);
    }
}


static void
test_names(void **state)
{
    (void) state;

    assert_true(ditto_str_eq(ditto_group_name(DITTO_GROUP_CONNECTIONS),
                             ditto_str("connections")));
    assert_true(ditto_str_eq(ditto_channel_name(DITTO_CHANNEL_NONE),
                             ditto_str("none")));
    assert_true(ditto_str_eq(ditto_channel_name(DITTO_CHANNEL_LIVE),
                             ditto_str("live")));
    assert_true(ditto_str_eq(ditto_criterion_name(DITTO_CRITERION_STREAMING),
                             ditto_str("streaming")));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_topics),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
