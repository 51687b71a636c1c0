/*
 * The grammar of filters, read as Ditto's parser does: an ordered choice that
 * never returns into what it has finished.  An error is told at the farthest
 * byte that any alternative could not take.
 *
 * Ditto: spec "RQL: Grammar".
 */

#include "ditto_decode.h"
#include "ditto_header_table.h"
#include "ditto_json.h"
#include "ditto_rql_private.h"


typedef struct {
    ditto_pool_t   *pool;
    ditto_str_t     text;
    size_t          pos;
    size_t          farthest;
    const char     *expected;        /* there */
    ditto_array_t   nodes;           /* of ditto_rql_node_t */
    ditto_error_t  *err;
} ditto_rql_parser_t;


static ditto_rc_t ditto_rql_query(ditto_rql_parser_t *rp, unsigned depth);
static ditto_rc_t ditto_rql_terms(ditto_rql_parser_t *rp, bool several,
    unsigned depth);
static ditto_rc_t ditto_rql_name(ditto_rql_parser_t *rp,
    const ditto_rql_function_t **function);
static ditto_rc_t ditto_rql_property(ditto_rql_parser_t *rp,
    ditto_rql_node_t *node);
static ditto_rc_t ditto_rql_literals(ditto_rql_parser_t *rp,
    ditto_rql_node_t *node, bool several);
static ditto_rc_t ditto_rql_literal(ditto_rql_parser_t *rp,
    ditto_rql_value_t *value);
static ditto_rc_t ditto_rql_number(ditto_rql_parser_t *rp,
    ditto_rql_value_t *value);
static ditto_rc_t ditto_rql_time(ditto_rql_parser_t *rp,
    ditto_rql_value_t *value);
static ditto_str_t ditto_rql_characters(ditto_rql_parser_t *rp,
    const char *ends, const char *escapable);
static bool ditto_rql_escape(ditto_rql_parser_t *rp, const char *escapable);
static bool ditto_rql_word(ditto_rql_parser_t *rp, ditto_str_t word,
    const char *expected);
static size_t ditto_rql_digits(ditto_rql_parser_t *rp);
static bool ditto_rql_char(ditto_rql_parser_t *rp, char c,
    const char *expected);
static void ditto_rql_blanks(ditto_rql_parser_t *rp);
static void ditto_rql_stuck(ditto_rql_parser_t *rp, size_t pos,
    const char *expected);
static ditto_rc_t ditto_rql_refuse(ditto_rql_parser_t *rp);
static void ditto_rql_show(ditto_buf_t *out, ditto_str_t text, size_t at);
static ditto_rc_t ditto_rql_fail(ditto_error_t *err, size_t offset,
    const char *message, ditto_str_t arg);


/* spec: RQL, "Grammar" */
static const ditto_rql_function_t  ditto_rql_functions[] = {
    { ditto_string("eq"), DITTO_RQL_ONE_VALUE,
      DITTO_RQL_EQUAL|DITTO_RQL_NULLS },
    { ditto_string("ne"), DITTO_RQL_ONE_VALUE,
      DITTO_RQL_EQUAL|DITTO_RQL_NULLS|DITTO_RQL_NOT },
    { ditto_string("gt"), DITTO_RQL_ONE_VALUE, DITTO_RQL_GREATER },
    { ditto_string("ge"), DITTO_RQL_ONE_VALUE,
      DITTO_RQL_GREATER|DITTO_RQL_EQUAL },
    { ditto_string("lt"), DITTO_RQL_ONE_VALUE, DITTO_RQL_LESS },
    { ditto_string("le"), DITTO_RQL_ONE_VALUE,
      DITTO_RQL_LESS|DITTO_RQL_EQUAL },
    { ditto_string("like"), DITTO_RQL_ONE_VALUE, DITTO_RQL_PATTERN },
    { ditto_string("ilike"), DITTO_RQL_ONE_VALUE,
      DITTO_RQL_PATTERN|DITTO_RQL_ICASE },
    { ditto_string("in"), DITTO_RQL_VALUES, DITTO_RQL_EQUAL },
    { ditto_string("and"), DITTO_RQL_TERMS, DITTO_RQL_ALL },
    { ditto_string("or"), DITTO_RQL_TERMS, 0 },
    { ditto_string("not"), DITTO_RQL_ONE_TERM, DITTO_RQL_NOT },
    { ditto_string("exists"), DITTO_RQL_PROPERTY, 0 },
    { ditto_string("empty"), DITTO_RQL_PROPERTY, DITTO_RQL_EMPTY },
};


ditto_rc_t
ditto_rql_compile(ditto_pool_t *pool, ditto_str_t text,
    const ditto_str_t *unknown, size_t nunknown, ditto_rql_t **rql,
    ditto_error_t *err)
{
    size_t             i;
    ditto_rql_t       *r;
    ditto_rql_node_t  *node;

    r = ditto_zalloc(pool, sizeof(ditto_rql_t));
    if (r == NULL) {
        return ditto_fail_memory(err);
    }

    r->text = text;

    if (ditto_rql_parse(pool, r, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    for (i = 0; i < r->n; i++) {
        node = &r->nodes[i];

        if (node->function->form == DITTO_RQL_TERMS
            || node->function->form == DITTO_RQL_ONE_TERM)
        {
            continue;
        }

        if (ditto_rql_field(pool, node, unknown, nunknown, err) != DITTO_OK) {
            return DITTO_ERROR;
        }

        if ((node->function->asks & DITTO_RQL_PATTERN)
            && node->values[0].type != DITTO_RQL_STRING)
        {
            return ditto_rql_fail(err, node->values[0].offset,
                                  "In the %1 predicate only string values are "
                                  "allowed.",
                                  node->function->name);
        }
    }

    *rql = r;

    return DITTO_OK;
}


ditto_rc_t
ditto_rql_parse(ditto_pool_t *pool, ditto_rql_t *rql, ditto_error_t *err)
{
    ditto_rql_parser_t  rp;

    memset(&rp, 0, sizeof(rp));

    rp.pool = pool;
    rp.text = rql->text;
    rp.err = err;

    ditto_array_init(&rp.nodes, pool, sizeof(ditto_rql_node_t));
    ditto_rql_blanks(&rp);

    if (ditto_rql_query(&rp, DITTO_RQL_DEPTH) != DITTO_OK) {
        return DITTO_ERROR;
    }

    if (rp.pos != rp.text.len) {
        ditto_rql_stuck(&rp, rp.pos, "the end");
        return ditto_rql_refuse(&rp);
    }

    rql->nodes = rp.nodes.elts;
    rql->n = rp.nodes.nelts;

    return DITTO_OK;
}


static ditto_rc_t
ditto_rql_query(ditto_rql_parser_t *rp, unsigned depth)
{
    size_t                       index;
    ditto_rc_t                   rc;
    ditto_rql_node_t             read, *node;
    const ditto_rql_function_t  *function;

    if (depth == 0) {
        return ditto_rql_fail(rp->err, rp->pos, "The expression is nested "
                              "too deeply.", rp->text);
    }

    memset(&read, 0, sizeof(read));

    if (ditto_rql_name(rp, &function) != DITTO_OK
        || !ditto_rql_char(rp, '(', "'('"))
    {
        return ditto_rql_refuse(rp);
    }

    index = rp->nodes.nelts;

    node = ditto_array_push(&rp->nodes);
    if (node == NULL) {
        return ditto_fail_memory(rp->err);
    }

    read.function = function;
    read.offset = rp->pos;

    switch (function->form) {

    case DITTO_RQL_TERMS:
    case DITTO_RQL_ONE_TERM:
        rc = ditto_rql_terms(rp, function->form == DITTO_RQL_TERMS, depth);
        break;

    case DITTO_RQL_PROPERTY:
        rc = ditto_rql_property(rp, &read);
        break;

    default:
        rc = ditto_rql_property(rp, &read);

        if (rc == DITTO_OK) {
            rc = ditto_rql_literals(rp, &read,
                                    function->form == DITTO_RQL_VALUES);
        }
    }

    if (rc != DITTO_OK) {
        return rc;
    }

    if (!ditto_rql_char(rp, ')', "')'")) {
        return ditto_rql_refuse(rp);
    }

    node = rp->nodes.elts;
    read.end = rp->nodes.nelts;
    node[index] = read;

    return DITTO_OK;
}


/* Blanks may stand behind the commas, and nowhere else. */
static ditto_rc_t
ditto_rql_terms(ditto_rql_parser_t *rp, bool several, unsigned depth)
{
    for ( ;; ) {

        if (ditto_rql_query(rp, depth - 1) != DITTO_OK) {
            return DITTO_ERROR;
        }

        if (!several || !ditto_rql_char(rp, ',', "','")) {
            return DITTO_OK;
        }

        ditto_rql_blanks(rp);
    }
}


static ditto_rc_t
ditto_rql_name(ditto_rql_parser_t *rp, const ditto_rql_function_t **function)
{
    size_t                       i, n;
    const ditto_rql_function_t  *f;

    n = sizeof(ditto_rql_functions) / sizeof(ditto_rql_functions[0]);

    for (i = 0; i < n; i++) {
        f = &ditto_rql_functions[i];

        if (ditto_rql_word(rp, f->name, "a function")) {
            *function = f;
            return DITTO_OK;
        }
    }

    return DITTO_DECLINED;
}


static ditto_rc_t
ditto_rql_property(ditto_rql_parser_t *rp, ditto_rql_node_t *node)
{
    ditto_str_t  raw;

    raw = ditto_rql_characters(rp, ",)\"\\", "\"\\/bfnrtu");

    if (ditto_json_decode(rp->pool, raw, &node->property) != DITTO_OK) {
        return ditto_fail_memory(rp->err);
    }

    return DITTO_OK;
}


static ditto_rc_t
ditto_rql_literals(ditto_rql_parser_t *rp, ditto_rql_node_t *node,
    bool several)
{
    ditto_array_t       values;
    ditto_rql_value_t  *value;

    ditto_array_init(&values, rp->pool, sizeof(ditto_rql_value_t));

    if (!ditto_rql_char(rp, ',', "','")) {
        return ditto_rql_refuse(rp);
    }

    do {
        value = ditto_array_push(&values);
        if (value == NULL) {
            return ditto_fail_memory(rp->err);
        }

        memset(value, 0, sizeof(ditto_rql_value_t));
        value->offset = rp->pos;

        if (ditto_rql_literal(rp, value) != DITTO_OK) {
            return DITTO_ERROR;
        }

        ditto_rql_blanks(rp);

    } while (several && ditto_rql_char(rp, ',', "','"));

    node->values = values.elts;
    node->nvalues = values.nelts;

    return DITTO_OK;
}


static ditto_rc_t
ditto_rql_literal(ditto_rql_parser_t *rp, ditto_rql_value_t *value)
{
    char         quote;
    ditto_str_t  raw;

    static const ditto_str_t  time = ditto_string("time:");
    static const ditto_str_t  yes = ditto_string("true");
    static const ditto_str_t  no = ditto_string("false");
    static const ditto_str_t  null = ditto_string("null");

    value->decoded = true;
    quote = (rp->pos < rp->text.len) ? (char) rp->text.data[rp->pos] : '\0';

    if (quote == '"' || quote == '\'') {
        rp->pos++;
        raw = (quote == '"')
              ? ditto_rql_characters(rp, "\"\\", "\"\\/bfnrtu")
              : ditto_rql_characters(rp, "'\\", "'\\/bfnrtu");

        if (!ditto_rql_char(rp, quote, "the end of the string")) {
            return ditto_rql_refuse(rp);
        }

        value->type = DITTO_RQL_STRING;

        if (ditto_json_decode(rp->pool, raw, &value->text) != DITTO_OK) {
            return ditto_fail_memory(rp->err);
        }

        return DITTO_OK;
    }

    if (quote == '+' || quote == '-' || (quote >= '0' && quote <= '9')) {
        return ditto_rql_number(rp, value);
    }

    if (ditto_rql_word(rp, time, "a value")) {
        return ditto_rql_time(rp, value);
    }

    if (ditto_rql_word(rp, yes, "a value")) {
        value->type = DITTO_RQL_BOOLEAN;
        value->boolean = true;
        return DITTO_OK;
    }

    if (ditto_rql_word(rp, no, "a value")) {
        value->type = DITTO_RQL_BOOLEAN;
        return DITTO_OK;
    }

    if (ditto_rql_word(rp, null, "a value")) {
        return DITTO_OK;
    }

    return ditto_rql_refuse(rp);
}


static ditto_rc_t
ditto_rql_number(ditto_rql_parser_t *rp, ditto_rql_value_t *value)
{
    bool         zero;
    size_t       start, end;
    ditto_str_t  text;

    start = rp->pos;

    if (rp->text.data[rp->pos] == '+' || rp->text.data[rp->pos] == '-') {
        rp->pos++;
    }

    zero = (rp->pos < rp->text.len && rp->text.data[rp->pos] == '0');

    if (zero) {
        rp->pos++;

    } else if (ditto_rql_digits(rp) == 0) {
        return ditto_rql_refuse(rp);
    }

    end = rp->pos;
    value->type = DITTO_RQL_NUMBER;

    if (ditto_rql_char(rp, '.', "'.'")) {

        if (ditto_rql_digits(rp) != 0) {
            text = ditto_str_sub(rp->text, start, rp->pos);
            value->number.d = ditto_number_double(text);
            return DITTO_OK;
        }

        rp->pos = end;
    }

    text = ditto_str_sub(rp->text, start, end);

    if (zero && text.data[0] == '-') {
        return ditto_rql_refuse(rp);
    }

    value->number.integer = true;

    if (!ditto_number_int64(text, &value->number.i)) {
        return ditto_rql_fail(rp->err, start,
                              "Unknown error during parsing predicate: For "
                              "input string: \"%1\"", text);
    }

    return DITTO_OK;
}


/* Of a placeholder that is not known the value is null. */
static ditto_rc_t
ditto_rql_time(ditto_rql_parser_t *rp, ditto_rql_value_t *value)
{
    size_t         start;
    ditto_str_t    raw;
    ditto_error_t  err;

    start = rp->pos - (sizeof("time:") - 1);

    raw = ditto_rql_characters(rp, ",)\"\\", "\"\\/bfnrtu");

    if (raw.len == 0 || !ditto_rql_one_line(raw)) {
        return ditto_rql_fail(rp->err, start,
                              "Unknown error during parsing predicate: "
                              "Placeholder was not in expected format "
                              "<prefix:name>!", raw);
    }

    value->type = DITTO_RQL_TIME;
    value->text = ditto_str_sub(rp->text, start, rp->pos);

    if (ditto_placeholder_compile(rp->pool, value->text,
                                  DITTO_PLACE_RQL_VALUE, &value->time, &err)
        != DITTO_OK)
    {
        if (err.code == DITTO_E_INTERNAL) {
            return ditto_fail_memory(rp->err);
        }

        value->time.row = NULL;
    }

    return DITTO_OK;
}


/* Up to one of ends, among them the backslash of what is no escape. */
static ditto_str_t
ditto_rql_characters(ditto_rql_parser_t *rp, const char *ends,
    const char *escapable)
{
    size_t         start;
    unsigned char  c;

    for (start = rp->pos; rp->pos < rp->text.len; rp->pos++) {
        c = rp->text.data[rp->pos];

        if (c == '\0' || strchr(ends, c) == NULL) {
            continue;
        }

        if (c != '\\' || !ditto_rql_escape(rp, escapable)) {
            break;
        }
    }

    return ditto_str_sub(rp->text, start, rp->pos);
}


/* Moves to the last byte of the escape that begins at pos. */
static bool
ditto_rql_escape(ditto_rql_parser_t *rp, const char *escapable)
{
    size_t         i;
    unsigned char  c;

    i = rp->pos + 1;
    c = (i < rp->text.len) ? rp->text.data[i] : '\0';

    if (c == '\0' || strchr(escapable, c) == NULL) {
        ditto_rql_stuck(rp, i, "an escape");
        return false;
    }

    if (c != 'u') {
        rp->pos++;
        return true;
    }

    for (i++; i < rp->pos + 6; i++) {
        c = (i < rp->text.len) ? rp->text.data[i] : '\0';

        if (c == '\0' || strchr("0123456789ABCDEFabcdef", c) == NULL) {
            ditto_rql_stuck(rp, i, "a hexadecimal digit");
            return false;
        }
    }

    rp->pos += 5;

    return true;
}


static bool
ditto_rql_word(ditto_rql_parser_t *rp, ditto_str_t word, const char *expected)
{
    size_t  i;

    for (i = 0; i < word.len; i++) {
        if (rp->pos + i >= rp->text.len
            || rp->text.data[rp->pos + i] != word.data[i])
        {
            ditto_rql_stuck(rp, rp->pos + i, expected);
            return false;
        }
    }

    rp->pos += word.len;

    return true;
}


static size_t
ditto_rql_digits(ditto_rql_parser_t *rp)
{
    size_t  start;

    for (start = rp->pos; rp->pos < rp->text.len; rp->pos++) {
        if (rp->text.data[rp->pos] < '0' || rp->text.data[rp->pos] > '9') {
            break;
        }
    }

    ditto_rql_stuck(rp, rp->pos, "a digit");

    return rp->pos - start;
}


static bool
ditto_rql_char(ditto_rql_parser_t *rp, char c, const char *expected)
{
    if (rp->pos < rp->text.len && rp->text.data[rp->pos] == (unsigned char) c)
    {
        rp->pos++;
        return true;
    }

    ditto_rql_stuck(rp, rp->pos, expected);

    return false;
}


static void
ditto_rql_blanks(ditto_rql_parser_t *rp)
{
    while (rp->pos < rp->text.len && rp->text.data[rp->pos] != '\0'
           && strchr(" \n\r\t\f", rp->text.data[rp->pos]) != NULL)
    {
        rp->pos++;
    }
}


static void
ditto_rql_stuck(ditto_rql_parser_t *rp, size_t pos, const char *expected)
{
    if (pos >= rp->farthest) {
        rp->farthest = pos;
        rp->expected = expected;
    }
}


/*
 * "Invalid input 'x', expected ')' (line 1, column 9):", the line, and a mark
 * below it.  Columns are UTF-16 units.
 */
static ditto_rc_t
ditto_rql_refuse(ditto_rql_parser_t *rp)
{
    size_t       i, line, start, column;
    ditto_buf_t  buf;
    ditto_str_t  message;

    line = 1;
    start = 0;

    for (i = 0; i < rp->farthest; i++) {
        if (rp->text.data[i] == '\n') {
            line++;
            start = i + 1;
        }
    }

    column = ditto_utf16_length(ditto_str_sub(rp->text, start, rp->farthest));

    ditto_buf_init(&buf, rp->pool, rp->text.len + column + 128);

    if (rp->farthest == rp->text.len) {
        ditto_buf_text(&buf, "Unexpected end of input");

    } else {
        ditto_buf_text(&buf, "Invalid input '");
        ditto_rql_show(&buf, rp->text, rp->farthest);
        ditto_buf_char(&buf, '\'');
    }

    ditto_buf_text(&buf, ", expected ");
    ditto_buf_text(&buf, rp->expected);
    ditto_buf_text(&buf, " (line ");
    ditto_buf_int(&buf, (int64_t) line);
    ditto_buf_text(&buf, ", column ");
    ditto_buf_int(&buf, (int64_t) column + 1);
    ditto_buf_text(&buf, "):\n");
    ditto_buf_str(&buf, ditto_str_sub(rp->text, start,
                                 ditto_str_chr(rp->text, '\n', start)));
    ditto_buf_char(&buf, '\n');

    for (i = 0; i < column; i++) {
        ditto_buf_char(&buf, ' ');
    }

    ditto_buf_char(&buf, '^');

    if (ditto_buf_done(&buf, &message) != DITTO_OK) {
        return ditto_fail_memory(rp->err);
    }

    return ditto_rql_fail(rp->err, rp->farthest, "%1", message);
}


static void
ditto_rql_show(ditto_buf_t *out, ditto_str_t text, size_t at)
{
    size_t             i, size;
    uint32_t           c;
    static const char  controls[] = "\n\r\t\b\f", names[] = "nrtbf";
    static const char  digits[] = "0123456789abcdef";

    size = ditto_decode_char(text, at, &c);

    if (c >= 0x20) {
        ditto_buf_add(out, text.data + at, size);
        return;
    }

    ditto_buf_char(out, '\\');

    for (i = 0; i < sizeof(names) - 1; i++) {
        if (controls[i] == (char) c) {
            ditto_buf_char(out, names[i]);
            return;
        }
    }

    ditto_buf_text(out, "u00");
    ditto_buf_char(out, digits[c >> 4]);
    ditto_buf_char(out, digits[c & 15]);
}


static ditto_rc_t
ditto_rql_fail(ditto_error_t *err, size_t offset, const char *message,
    ditto_str_t arg)
{
    ditto_str_t  none = ditto_null_string;

    (void) ditto_fail(err, DITTO_E_RQL_INVALID, arg, none);
    err->message = message;
    err->offset = offset;

    return DITTO_ERROR;
}
