#include "unit_jansson.h"

#include <stdlib.h>

#include "ditto_json.h"


static size_t unit_relax(ditto_str_t text, unsigned char *out);
static size_t unit_relax_number(ditto_str_t number, unsigned char *out);
static size_t unit_relax_escape(ditto_str_t text, size_t *at,
    unsigned char *out);
static size_t unit_number(ditto_str_t text, size_t at);
static long unit_escape(ditto_str_t text, size_t at);
static bool unit_strict(ditto_str_t text);


json_t *
unit_jansson(ditto_str_t text)
{
    json_t         *json;
    ditto_str_t     relaxed;
    unsigned char  *copy;

    if (ditto_str_chr(text, '\0', 0) != text.len) {
        return NULL;
    }

    /* nothing gets longer; jansson wants an address even of no bytes */

    copy = malloc(text.len + 1);

    if (copy == NULL) {
        abort();
    }

    relaxed.len = unit_relax(text, copy);
    relaxed.data = copy;
    copy[relaxed.len] = '\0';

    json = json_loadb((const char *) copy, relaxed.len, JSON_DECODE_ANY, NULL);

    if (json != NULL && !unit_strict(relaxed)) {
        json_decref(json);
        json = NULL;
    }

    free(copy);

    return json;
}


/*
 * The text as jansson can take it.  Whatever it is, it is as right or as wrong
 * afterwards as before.
 */
static size_t
unit_relax(ditto_str_t text, unsigned char *out)
{
    bool            string;
    size_t          i, n;
    unsigned char  *p;

    p = out;
    string = false;

    for (i = 0; i < text.len; /* void */ ) {

        if (text.data[i] == '"') {
            string = !string;

        } else if (string && text.data[i] == '\\') {
            p += unit_relax_escape(text, &i, p);
            continue;

        } else if (!string && (n = unit_number(text, i)) != 0) {
            p += unit_relax_number(ditto_str_sub(text, i, i + n), p);
            i += n;
            continue;
        }

        *p++ = text.data[i++];
    }

    return (size_t) (p - out);
}


/*
 * Two digits before the point are enough to see a zero in front of another
 * digit, and any exponent is as good as 0.
 */
static size_t
unit_relax_number(ditto_str_t number, unsigned char *out)
{
    size_t          i, digits;
    unsigned char   c, *p;
    enum { INTEGER, FRACTION, EXPONENT }  where;

    if (ditto_str_chr(number, '.', 0) == number.len
        && ditto_str_chr(number, 'e', 0) == number.len
        && ditto_str_chr(number, 'E', 0) == number.len)
    {
        memcpy(out, number.data, number.len);
        return number.len;
    }

    p = out;
    digits = 0;
    where = INTEGER;

    for (i = 0; i < number.len; i++) {
        c = number.data[i];

        if (c == '.' && where == INTEGER) {
            where = FRACTION;

        } else if (c == 'e' || c == 'E') {
            where = EXPONENT;

        } else if (c >= '0' && c <= '9') {

            if (where == INTEGER && ++digits > 2) {
                continue;
            }

            if (where == EXPONENT) {
                c = '0';
            }
        }

        *p++ = c;
    }

    return (size_t) (p - out);
}


/* The escape at *at, which moves behind it. */
static size_t
unit_relax_escape(ditto_str_t text, size_t *at, unsigned char *out)
{
    long         c, low;
    size_t       n;
    const char  *instead;

    c = unit_escape(text, *at);
    instead = NULL;
    n = (c < 0) ? 2 : 6;

    if (c == 0) {
        instead = "\\u0001";

    } else if (c >= 0xd800 && c <= 0xdfff) {
        low = unit_escape(text, *at + 6);

        if (c < 0xdc00 && low >= 0xdc00 && low <= 0xdfff) {
            n = 12;

        } else {
            instead = "\\ufffd";
        }
    }

    if (n > text.len - *at) {
        n = text.len - *at;
    }

    memcpy(out, instead != NULL ? (const void *) instead : text.data + *at, n);
    *at += n;

    return n;
}


/* Bytes of what looks like a number. */
static size_t
unit_number(ditto_str_t text, size_t at)
{
    size_t  i;

    if (strchr("-0123456789", text.data[at]) == NULL) {
        return 0;
    }

    for (i = at;
         i < text.len && strchr("+-.eE0123456789", text.data[i]) != NULL;
         i++)
    {
        /* void */
    }

    return i - at;
}


/* What an escape with four digits stands for; -1: there is none. */
static long
unit_escape(ditto_str_t text, size_t at)
{
    char  digits[5];

    if (at + 6 > text.len || text.data[at] != '\\'
        || text.data[at + 1] != 'u')
    {
        return -1;
    }

    memcpy(digits, text.data + at + 2, 4);
    digits[4] = '\0';

    if (strspn(digits, "0123456789abcdefABCDEF") != 4) {
        return -1;
    }

    return strtol(digits, NULL, 16);
}


/* No empty name and not too deep; the text is one of JSON. */
static bool
unit_strict(ditto_str_t text)
{
    size_t  i, start, depth;

    depth = 0;

    for (i = 0; i < text.len; i++) {

        switch (text.data[i]) {

        case '"':
            start = i + 1;

            for (i = start; text.data[i] != '"'; i++) {
                i += (text.data[i] == '\\');
            }

            if (i == start) {
                i += 1;
                i += strspn((const char *) text.data + i, " \t\r\n");

                if (i < text.len && text.data[i] == ':') {
                    return false;
                }

                i--;
            }

            break;

        case '{':
        case '[':
            if (++depth > DITTO_JSON_DEPTH) {
                return false;
            }

            break;

        case '}':
        case ']':
            depth--;
            break;

        default:
            break;
        }
    }

    return true;
}
