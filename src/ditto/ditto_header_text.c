#include "ditto_header_table.h"


#define DITTO_ACK_LABEL_MIN  3
#define DITTO_ACK_LABEL_MAX  165


typedef struct {
    ditto_str_t  suffix;
    int64_t      ms;
} ditto_duration_unit_t;


static bool ditto_ack_label_char(unsigned char c);


/* months and years have the average length of the Gregorian calendar */

static const ditto_duration_unit_t  ditto_duration_units[] = {
    { ditto_string(""), 1000 },
    { ditto_string("s"), 1000 },
    { ditto_string("ms"), 1 },
    { ditto_string("m"), 60 * 1000 },
    { ditto_string("h"), 3600 * 1000 },
    { ditto_string("d"), 86400 * 1000 },
    { ditto_string("w"), 7 * 86400 * 1000 },
    { ditto_string("mo"), 2629746 * (int64_t) 1000 },
    { ditto_string("y"), 31556952 * (int64_t) 1000 },
};


/* spec: "Header registry" (timeout) */
ditto_rc_t
ditto_duration_parse(ditto_str_t text, int64_t *ms, ditto_error_t *err)
{
    size_t                        i, start;
    int64_t                       n;
    ditto_str_t                   digits, suffix, none = ditto_null_string;
    const ditto_duration_unit_t  *unit;

    start = (text.len != 0 && (text.data[0] == '+' || text.data[0] == '-'))
            ? 1 : 0;

    for (i = start; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            break;
        }
    }

    digits = ditto_str_sub(text, 0, i);
    suffix = ditto_str_sub(text, i, text.len);
    unit = NULL;

    if (i != start) {
        for (i = 0; i < sizeof(ditto_duration_units)
                        / sizeof(ditto_duration_units[0]); i++)
        {
            if (ditto_str_eq(suffix, ditto_duration_units[i].suffix)) {
                unit = &ditto_duration_units[i];
            }
        }
    }

    if (unit == NULL
        || !ditto_header_number(digits, INT64_MIN, INT64_MAX, &n))
    {
        (void) ditto_fail(err, DITTO_E_TIMEOUT_INVALID,
                          unit == NULL ? text : digits, none);
        err->message = "For input string: \"%1\"";
        return DITTO_ERROR;
    }

    if (n < 0) {
        (void) ditto_fail(err, DITTO_E_TIMEOUT_INVALID, text, none);
        err->message = "The duration must not be negative but was <%1>!";
        return DITTO_ERROR;
    }

    *ms = (n > INT64_MAX / unit->ms) ? INT64_MAX : n * unit->ms;

    return DITTO_OK;
}


bool
ditto_ack_label_valid(ditto_str_t label)
{
    size_t  i;

    if (label.len < DITTO_ACK_LABEL_MIN || label.len > DITTO_ACK_LABEL_MAX) {
        return false;
    }

    for (i = 0; i < label.len; i++) {
        if (!ditto_ack_label_char(label.data[i])) {
            return false;
        }
    }

    return true;
}


bool
ditto_ack_request_valid(ditto_str_t label)
{
    int          part;
    size_t       i, from;
    ditto_str_t  open = ditto_string("{{"), close = ditto_string("}}:");

    if (!ditto_str_starts(label, open)) {
        return ditto_ack_label_valid(label);
    }

    i = open.len;

    while (i < label.len && ditto_header_blank(label.data[i])) {
        i++;
    }

    for (part = 0; part < 2; part++) {

        if (part == 1) {
            if (i == label.len || label.data[i] != ':') {
                return false;
            }

            i++;
        }

        for (from = i; i < label.len; i++) {
            if (label.data[i] < 'a' || label.data[i] > 'z') {
                break;
            }
        }

        if (i == from) {
            return false;
        }
    }

    while (i < label.len && ditto_header_blank(label.data[i])) {
        i++;
    }

    label = ditto_str_sub(label, i, label.len);

    return ditto_str_starts(label, close)
           && ditto_ack_label_valid(ditto_str_sub(label, close.len,
                                                  label.len));
}


bool
ditto_ack_label_internal(ditto_str_t label)
{
    size_t                    i;
    static const ditto_str_t  labels[] = {
        ditto_string("twin-persisted"),
        ditto_string("live-response"),
        ditto_string("search-persisted"),
    };

    for (i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
        if (ditto_str_eq(label, labels[i])) {
            return true;
        }
    }

    return false;
}


size_t
ditto_utf16_length(ditto_str_t text)
{
    size_t  i, n;

    for (i = 0, n = 0; i < text.len; i++) {
        if ((text.data[i] & 0xc0) != 0x80) {
            n += (text.data[i] >= 0xf0) ? 2 : 1;
        }
    }

    return n;
}


bool
ditto_no_controls(ditto_str_t text, bool slashes)
{
    size_t         i;
    unsigned char  c;

    for (i = 0; i < text.len; i++) {
        c = text.data[i];

        /* U+0080 .. U+00FF begin with C2 or C3 */

        if (c < 0x20 || c == 0x7f || c == 0xc2 || c == 0xc3
            || (c == '/' && !slashes))
        {
            return false;
        }
    }

    return true;
}


/* Decimal digits with an optional sign, as Java's parseLong() reads them. */
bool
ditto_header_number(ditto_str_t value, int64_t min, int64_t max, int64_t *n)
{
    bool      negative;
    size_t    i;
    uint64_t  u, limit;

    negative = (value.len != 0 && value.data[0] == '-');
    i = (value.len != 0 && (negative || value.data[0] == '+')) ? 1 : 0;

    if (i == value.len) {
        return false;
    }

    limit = negative ? (uint64_t) 0 - (uint64_t) min : (uint64_t) max;

    for (u = 0; i < value.len; i++) {
        if (value.data[i] < '0' || value.data[i] > '9') {
            return false;
        }

        if (u > limit / 10) {
            return false;
        }

        u = u * 10 + (uint64_t) (value.data[i] - '0');

        if (u > limit) {
            return false;
        }
    }

    *n = negative ? (int64_t) ((uint64_t) 0 - u) : (int64_t) u;

    return true;
}


bool
ditto_header_blank(unsigned char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}


static bool
ditto_ack_label_char(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == ':';
}
