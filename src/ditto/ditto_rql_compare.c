/*
 * Comparing a scalar of a message with a literal of a filter.
 *
 * Numbers and texts that read as numbers are compared as decimals, equal types
 * as what they are, everything else by its text.  Ditto: spec "RQL:
 * Evaluation".
 */

#include <math.h>

#include "ditto_decode.h"
#include "ditto_json.h"
#include "ditto_rql_private.h"


static ditto_rc_t ditto_rql_compare(ditto_pool_t *pool,
    ditto_rql_value_t *scalar, const ditto_rql_value_t *literal, int *order,
    ditto_error_t *err);
static bool ditto_rql_compare_decimal(const ditto_number_t *number,
    ditto_str_t text, int *order);
static int ditto_rql_compare_text(ditto_str_t a, ditto_str_t b);
static bool ditto_rql_infinite(const ditto_rql_value_t *value);
static ditto_rc_t ditto_rql_decode(ditto_pool_t *pool,
    ditto_rql_value_t *value, ditto_error_t *err);
static ditto_str_t ditto_rql_text(const ditto_rql_value_t *value,
    bool decimal, char *buffer);
static bool ditto_rql_like(ditto_str_t pattern, ditto_str_t text, bool icase);
static size_t ditto_rql_any(const unsigned char *p, const unsigned char *end);
static unsigned char ditto_rql_lower(unsigned char c);


void
ditto_rql_scalar(ditto_str_t json, ditto_rql_value_t *value)
{
    value->decoded = true;

    switch (ditto_json_type(json)) {

    case DITTO_JSON_STRING:
        value->type = DITTO_RQL_STRING;
        value->text = ditto_str_sub(json, 1, json.len - 1);
        value->decoded = (memchr(json.data, '\\', json.len) == NULL);
        return;

    case DITTO_JSON_NUMBER:
        value->type = DITTO_RQL_NUMBER;
        ditto_number_read(json, &value->number);
        return;

    case DITTO_JSON_TRUE:
    case DITTO_JSON_FALSE:
        value->type = DITTO_RQL_BOOLEAN;
        value->boolean = (json.data[0] == 't');
        return;

    default:
        value->type = DITTO_RQL_NULL;
    }
}


ditto_rc_t
ditto_rql_test(ditto_pool_t *pool, unsigned asks,
    ditto_rql_value_t *scalar, const ditto_rql_value_t *literal,
    ditto_error_t *err)
{
    int       order;
    char      buffer[DITTO_NUMBER_TEXT];
    unsigned  found;

    if (asks & DITTO_RQL_PATTERN) {

        if (ditto_rql_decode(pool, scalar, err) != DITTO_OK) {
            return DITTO_ERROR;
        }

        return ditto_rql_like(literal->text,
                              ditto_rql_text(scalar, false, buffer),
                              (asks & DITTO_RQL_ICASE) != 0)
               ? DITTO_OK : DITTO_DECLINED;
    }

    if (scalar->type == DITTO_RQL_NULL || literal->type == DITTO_RQL_NULL) {
        return ((asks & DITTO_RQL_NULLS) && scalar->type == literal->type)
               ? DITTO_OK : DITTO_DECLINED;
    }

    if (ditto_rql_compare(pool, scalar, literal, &order, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    found = (order < 0) ? DITTO_RQL_LESS
                        : (order > 0) ? DITTO_RQL_GREATER : DITTO_RQL_EQUAL;

    return (asks & found) ? DITTO_OK : DITTO_DECLINED;
}


/* *order: negative, 0 or positive as the scalar is below the literal or not */
static ditto_rc_t
ditto_rql_compare(ditto_pool_t *pool, ditto_rql_value_t *scalar,
    const ditto_rql_value_t *literal, int *order, ditto_error_t *err)
{
    char         left[DITTO_NUMBER_TEXT], right[DITTO_NUMBER_TEXT];
    ditto_str_t  none = ditto_null_string;

    if (ditto_rql_infinite(scalar) || ditto_rql_infinite(literal)) {
        (void) ditto_fail(err, DITTO_E_RQL_INVALID, none, none);
        err->message = "A number beyond the range of doubles cannot be "
                       "compared.";
        return DITTO_ERROR;
    }

    if (ditto_rql_decode(pool, scalar, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    if (scalar->type == DITTO_RQL_NUMBER) {

        if (literal->type == DITTO_RQL_NUMBER) {
            *order = ditto_number_compare(&scalar->number, &literal->number);
            return DITTO_OK;
        }

        if (literal->type == DITTO_RQL_STRING
            && ditto_rql_compare_decimal(&scalar->number, literal->text,
                                         order))
        {
            return DITTO_OK;
        }

    } else if (literal->type == DITTO_RQL_NUMBER
               && scalar->type == DITTO_RQL_STRING
               && ditto_rql_compare_decimal(&literal->number, scalar->text,
                                            order))
    {
        *order = -*order;
        return DITTO_OK;
    }

    if (scalar->type == DITTO_RQL_BOOLEAN
        && literal->type == DITTO_RQL_BOOLEAN)
    {
        *order = (int) scalar->boolean - (int) literal->boolean;
        return DITTO_OK;
    }

    *order = ditto_rql_compare_text(ditto_rql_text(scalar, true, left),
                                    ditto_rql_text(literal, true, right));

    return DITTO_OK;
}


/* False if text does not read as a number. */
static bool
ditto_rql_compare_decimal(const ditto_number_t *number, ditto_str_t text,
    int *order)
{
    char             buffer[DITTO_NUMBER_TEXT];
    ditto_str_t      printed;
    ditto_decimal_t  left, right;

    if (!ditto_decimal_parse(text, &right)) {
        return false;
    }

    printed.data = (const unsigned char *) buffer;
    printed.len = ditto_number_print(number, buffer);
    (void) ditto_decimal_parse(printed, &left);

    *order = ditto_decimal_compare(&left, &right);

    return true;
}


/*
 * As Java compares: by UTF-16 units, in which the characters beyond U+FFFF
 * begin with a surrogate and so come before U+E000 .. U+FFFF.
 */
static int
ditto_rql_compare_text(ditto_str_t a, ditto_str_t b)
{
    size_t  i, n;

    n = (a.len < b.len) ? a.len : b.len;

    for (i = 0; i < n && a.data[i] == b.data[i]; i++) {
        /* void */
    }

    if (i == n) {
        return (a.len > b.len) - (a.len < b.len);
    }

    if (a.data[i] >= 0xf0 && b.data[i] >= 0xee && b.data[i] < 0xf0) {
        return -1;
    }

    if (b.data[i] >= 0xf0 && a.data[i] >= 0xee && a.data[i] < 0xf0) {
        return 1;
    }

    return (a.data[i] > b.data[i]) ? 1 : -1;
}


static bool
ditto_rql_infinite(const ditto_rql_value_t *value)
{
    return value->type == DITTO_RQL_NUMBER && !value->number.integer
           && isinf(value->number.d);
}


static ditto_rc_t
ditto_rql_decode(ditto_pool_t *pool, ditto_rql_value_t *value,
    ditto_error_t *err)
{
    if (value->decoded) {
        return DITTO_OK;
    }

    if (ditto_json_decode(pool, value->text, &value->text) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    value->decoded = true;

    return DITTO_OK;
}


/* decimal: numbers as BigDecimal prints them; buffer: DITTO_NUMBER_TEXT */
static ditto_str_t
ditto_rql_text(const ditto_rql_value_t *value, bool decimal, char *buffer)
{
    ditto_str_t  text;

    switch (value->type) {

    case DITTO_RQL_NUMBER:
        text.data = (const unsigned char *) buffer;
        text.len = decimal
                   ? ditto_number_print_decimal(&value->number, buffer)
                   : ditto_number_print(&value->number, buffer);
        return text;

    case DITTO_RQL_BOOLEAN:
        return ditto_str(value->boolean ? "true" : "false");

    case DITTO_RQL_NULL:
        /* some object to Ditto's patterns; what follows the @ varies */
        return ditto_str("java.lang.Object@0");

    default:
        return value->text;
    }
}


/*
 * "*" is any run, "?" any character, but neither takes the end of a line.  Only
 * the last star is tried again: an earlier one could but start it later.  spec:
 * RQL, "like"
 */
static bool
ditto_rql_like(ditto_str_t pattern, ditto_str_t text, bool icase)
{
    size_t                n;
    const unsigned char  *p, *p_end, *t, *t_end, *star, *from;

    p = pattern.data;
    p_end = p + pattern.len;
    t = text.data;
    t_end = t + text.len;
    star = NULL;
    from = NULL;

    for ( ;; ) {

        if (p < p_end && *p == '*') {
            star = ++p;
            from = t;
            continue;
        }

        if (t == t_end) {
            if (p == p_end) {
                return true;
            }

        } else if (p < p_end && *p == '?') {
            n = ditto_rql_any(t, t_end);

            if (n != 0) {
                p++;
                t += n;
                continue;
            }

        } else if (p < p_end
                   && (*p == *t || (icase && ditto_rql_lower(*p)
                                             == ditto_rql_lower(*t))))
        {
            p++;
            t++;
            continue;
        }

        if (star == NULL || from == t_end) {
            return false;
        }

        n = ditto_rql_any(from, t_end);

        if (n == 0) {
            return false;
        }

        from += n;
        t = from;
        p = star;
    }
}


/* Bytes of the character at p; 0 if it ends a line. */
static size_t
ditto_rql_any(const unsigned char *p, const unsigned char *end)
{
    size_t       size;
    uint32_t     c;
    ditto_str_t  rest;

    if (*p < 0x80) {
        return (*p == '\n' || *p == '\r') ? 0 : 1;
    }

    rest.data = p;
    rest.len = (size_t) (end - p);
    size = ditto_decode_char(rest, 0, &c);

    return (c == 0x85 || c == 0x2028 || c == 0x2029) ? 0 : size;
}


static unsigned char
ditto_rql_lower(unsigned char c)
{
    return (c >= 'A' && c <= 'Z') ? (unsigned char) (c | 0x20) : c;
}
