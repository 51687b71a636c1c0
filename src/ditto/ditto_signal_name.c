#include "ditto_header_table.h"
#include "ditto_json_parts.h"
#include "ditto_signal_parts.h"


#define DITTO_ID_MAX   256           /* UTF-16 units */
#define DITTO_KEY_MAX  256           /* UTF-16 units; the bytes of a name that
                                        is not odd are no more */


static bool ditto_identifier_url(ditto_str_t text);


/* spec: "Ids" */
bool
ditto_entity_id_valid(ditto_str_t id, size_t *colon)
{
    bool           start;
    size_t         i;
    ditto_str_t    name;
    unsigned char  c;

    start = true;

    for (i = 0; i < id.len && id.data[i] != ':'; i++) {
        c = id.data[i];

        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
            start = false;
            continue;
        }

        if (start) {
            return false;
        }

        if (c == '.' || c == '-') {
            start = true;
            continue;
        }

        if (c != '_' && (c < '0' || c > '9')) {
            return false;
        }
    }

    if (i + 1 >= id.len || (start && i != 0)) {
        return false;
    }

    *colon = i;
    name = ditto_str_sub(id, i + 1, id.len);

    return ditto_no_controls(name, false)
           && (id.len <= DITTO_ID_MAX
               || ditto_utf16_length(id) <= DITTO_ID_MAX);
}


/*
 * spec: "Keys".  The names of an object and of the objects directly in it, at
 * any depth; what is inside arrays is not looked at.  One pass: outside of
 * arrays a string is a name if a colon follows it, and only those that are odd
 * are looked at again.
 */
ditto_rc_t
ditto_value_keys(ditto_parse_t *parse, ditto_str_t object, ditto_error_t *err)
{
    bool                  odd;
    size_t                arrays;
    ditto_str_t           raw, key;
    const unsigned char  *p, *end;

    if (parse->plain_names) {
        return DITTO_OK;
    }

    arrays = 0;
    p = object.data;
    end = p + object.len;

    while (p < end) {

        if (*p != '"') {
            if (*p == '[') {
                arrays++;

            } else if (*p == ']') {
                arrays--;
            }

            p++;
            continue;
        }

        raw.data = p + 1;
        odd = (*ditto_json_run(raw.data, end, DITTO_JSON_TO_ODD) != '"');

        p = ditto_json_skip_string(p, end);
        raw.len = (size_t) (p - raw.data) - 1;

        p = ditto_json_skip_blanks(p, end);

        if (arrays != 0 || p >= end || *p != ':'
            || (!odd && raw.len <= DITTO_KEY_MAX))
        {
            continue;
        }

        if (ditto_json_decode(parse->pool, raw, &key) != DITTO_OK) {
            return ditto_fail_memory(err);
        }

        if (ditto_value_key(key, err) != DITTO_OK) {
            return DITTO_ERROR;
        }
    }

    return DITTO_OK;
}


ditto_rc_t
ditto_value_key(ditto_str_t key, ditto_error_t *err)
{
    ditto_str_t  none = ditto_null_string;

    if (key.len > DITTO_KEY_MAX && ditto_utf16_length(key) > DITTO_KEY_MAX) {
        (void) ditto_fail(err, DITTO_E_JSON_KEY_INVALID, key, none);
        err->description = "Not allowed to exceed length of 256.";
        return DITTO_ERROR;
    }

    if (!ditto_no_controls(key, false)) {
        return ditto_fail(err, DITTO_E_JSON_KEY_INVALID, key, none);
    }

    return DITTO_OK;
}


/* spec: "Errors of the envelope" (definition): three parts, or a web address */
bool
ditto_identifier_valid(ditto_str_t text)
{
    size_t         i, from, colons;
    unsigned char  c;

    colons = 0;

    for (i = 0, from = 0; i <= text.len; i++) {
        c = (i < text.len) ? text.data[i] : ':';

        if (c == ':') {
            if (i == from || ++colons > 3) {
                break;
            }

            from = i + 1;
            continue;
        }

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.'))
        {
            break;
        }
    }

    return (i > text.len && colons == 3) || ditto_identifier_url(text);
}


static bool
ditto_identifier_url(ditto_str_t text)
{
    size_t       i, end, port;
    ditto_str_t  http = ditto_string("http://");
    ditto_str_t  https = ditto_string("https://");

    if (text.len > http.len
        && ditto_str_caseeq(ditto_str_sub(text, 0, http.len), http))
    {
        i = http.len;

    } else if (text.len > https.len
               && ditto_str_caseeq(ditto_str_sub(text, 0, https.len), https))
    {
        i = https.len;

    } else {
        return false;
    }

    for (end = i; end < text.len; end++) {
        if (text.data[end] == '/' || text.data[end] == '?'
            || text.data[end] == '#')
        {
            break;
        }

        if (text.data[end] == '@') {
            i = end + 1;
        }
    }

    if (i < end && text.data[i] == '[') {
        port = ditto_str_chr(text, ']', i) + 1;

        if (port > end) {
            return false;
        }

    } else {
        port = ditto_str_chr(text, ':', i);
        port = (port > end) ? end : port;
    }

    if (port == i || (port < end && text.data[port] != ':')) {
        return false;
    }

    for (port++; port < end; port++) {
        if (text.data[port] < '0' || text.data[port] > '9') {
            return false;
        }
    }

    return true;
}
