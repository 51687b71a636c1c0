/*
 * A regular expression and a text: each match lies in it, the next one behind
 * it.
 *
 * Seeds: topic_path [a-c\d]|\Qx\E|^.$\0{topic}
 * Seeds: topic_path /\0{topic}
 * Seeds: topic_path [^/.]\0{topic}
 */

#include "fuzz.h"

#include "ditto_regex.h"


void
fuzz_one(unit_pool_t *up, ditto_str_t in)
{
    size_t                from, start, end;
    ditto_str_t           text;
    ditto_error_t         err;
    const ditto_regex_t  *regex;

    memset(&err, 0, sizeof(err));

    text = fuzz_part(up, &in);

    if (fuzz_rc(up, ditto_regex_compile(&up->pool, text, &regex, &err), &err)
        != DITTO_OK)
    {
        return;
    }

    text = fuzz_part(up, &in);

    for (from = 0;
         from <= text.len
         && ditto_regex_find(regex, text, from, &start, &end);
         from = (end > start) ? end : end + 1)
    {
        fuzz_check(up, start >= from && end >= start && end <= text.len);
    }
}
