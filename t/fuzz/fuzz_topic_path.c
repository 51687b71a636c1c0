/*
 * A topic path, printed, is one again and prints the same; but the channel
 * "none" of things is not printed, and then it may be none.
 *
 * Seeds: topic_path {topic}
 * Words: envelope
 */

#include "fuzz.h"

#include "ditto_topic_path.h"


void
fuzz_one(unit_pool_t *up, ditto_str_t in)
{
    ditto_buf_t          buf, again;
    ditto_str_t          text, second;
    ditto_error_t        err;
    ditto_topic_path_t   tp;

    memset(&err, 0, sizeof(err));

    if (fuzz_rc(up, ditto_topic_path_parse(&tp, in, &err), &err) != DITTO_OK) {
        return;
    }

    ditto_buf_init(&buf, &up->pool, 0);
    ditto_topic_path_render(&buf, &tp);

    if (!fuzz_done(up, &buf, &text)
        || (tp.group == DITTO_GROUP_THINGS
            && tp.channel == DITTO_CHANNEL_NONE))
    {
        return;
    }

    fuzz_check(up, ditto_topic_path_parse(&tp, text, &err) == DITTO_OK);

    ditto_buf_init(&again, &up->pool, 0);
    ditto_topic_path_render(&again, &tp);

    fuzz_check(up, ditto_buf_done(&again, &second) == DITTO_OK
                   && ditto_str_eq(text, second));
}
