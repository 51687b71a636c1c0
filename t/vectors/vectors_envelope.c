#include "vectors.h"

#include "ditto_topic_path.h"


json_t *
vectors_topic_path(unit_pool_t *up, const json_t *in)
{
    json_t              *out;
    ditto_buf_t          buf;
    ditto_str_t          text;
    const char          *tail;
    ditto_error_t        err;
    ditto_topic_path_t   tp;

    text = vectors_str(up, in, "topic");

    if (ditto_topic_path_parse(&tp, text, &err) != DITTO_OK) {
        return vectors_error(up, &err);
    }

    ditto_buf_init(&buf, &up->pool, 0);
    ditto_topic_path_render(&buf, &tp);
    (void) ditto_buf_done(&buf, &text);

    out = json_object();

    json_object_set_new(out, "ok", json_true());
    json_object_set_new(out, "namespace", vectors_string(tp.ns));
    json_object_set_new(out, "name", vectors_string(tp.name));
    json_object_set_new(out, "group",
                        vectors_string(ditto_group_name(tp.group)));
    json_object_set_new(out, "channel",
                        vectors_string(ditto_channel_name(tp.channel)));
    json_object_set_new(out, "criterion",
                        vectors_string(ditto_criterion_name(tp.criterion)));
    json_object_set_new(out, "rendered", vectors_string(text));

    tail = (tp.criterion == DITTO_CRITERION_SEARCH) ? "search_action"
           : (tp.criterion == DITTO_CRITERION_STREAMING) ? "streaming_action"
           : (tp.action != DITTO_ACTION_NONE) ? "action" : "subject";

    if (tp.tail.len != 0) {
        json_object_set_new(out, tail, vectors_string(tp.tail));
    }

    return out;
}
