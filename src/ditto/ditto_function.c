#include "ditto_function_private.h"
#include "ditto_placeholder_private.h"


#define DITTO_FUNCTION_DEPTH  8          /* functions as parameters */


static ditto_rc_t ditto_expression_at(ditto_pool_t *pool, ditto_str_t text,
    ditto_place_e place, unsigned depth,
    const ditto_expression_t **expression, ditto_error_t *err);
static size_t ditto_stage_end(ditto_str_t text, size_t from);
static size_t ditto_quoted_end(ditto_str_t text, size_t from);
static ditto_rc_t ditto_stage_compile(ditto_pool_t *pool, ditto_str_t text,
    ditto_place_e place, unsigned depth, ditto_stage_t *stage,
    ditto_error_t *err);
static const ditto_function_row_t *ditto_function_find(ditto_str_t call);
static ditto_rc_t ditto_stage_params(ditto_pool_t *pool, ditto_str_t params,
    ditto_place_e place, unsigned depth, ditto_stage_t *stage,
    ditto_error_t *err);
static bool ditto_param_parse(ditto_str_t s, size_t *pos, bool placeholders,
    ditto_param_t *param, ditto_str_t *expression);
static bool ditto_param_expression(ditto_str_t s, size_t *pos,
    ditto_str_t *expression);
static void ditto_skip_blanks(ditto_str_t s, size_t *pos);
static bool ditto_is_blank(unsigned char c);


static const ditto_str_t  ditto_function_prefix = ditto_string("fn:");


/* spec: Functions, "Catalogue" */
static const ditto_function_row_t  ditto_functions[] = {

    { ditto_string("filter"), 2, 3, true,
      ditto_string("<fn:filter(String filterValue /* Specifies the optional "
                   "value that should be taken into account for filtering. It "
                   "may be a constant in single or double quotes or a "
                   "placeholder or may be omitted completely in order to apply "
                   "the filtering on the previous pipeline element instead. "
                   "*/ , String rqlFunction /* Specifies the rql function that "
                   "should be applied for comparison. */ , String "
                   "comparedValue /* The param that contains the value that "
                   "should compared to the filter value. */)>"),
      NULL, ditto_function_filter },

    { ditto_string("default"), 1, 1, true,
      ditto_string("<fn:default(String defaultValue /* Specifies the "
                   "default/fallback value and may be a constant in single or "
                   "double quotes or a placeholder */)>"),
      NULL, ditto_function_default },

    { ditto_string("substring-before"), 1, 1, false,
      ditto_string("<fn:substring-before(String givenString /* Specifies the "
                   "string to use in order to determine the substring before "
                   "the first occurrence of that given string */)>"),
      NULL, ditto_function_before },

    { ditto_string("substring-after"), 1, 1, false,
      ditto_string("<fn:substring-after(String givenString /* Specifies the "
                   "string to use in order to determine the substring after "
                   "the first occurrence of that given string */)>"),
      NULL, ditto_function_after },

    { ditto_string("lower"), 0, 0, false, ditto_string("<fn:lower()>"),
      NULL, ditto_function_lower },

    { ditto_string("upper"), 0, 0, false, ditto_string("<fn:upper()>"),
      NULL, ditto_function_upper },

    { ditto_string("trim"), 0, 0, false, ditto_string("<fn:trim()>"),
      NULL, ditto_function_trim },

    { ditto_string("url-encode"), 0, 0, false,
      ditto_string("<fn:url-encode()>"), NULL, ditto_function_url_encode },

    { ditto_string("url-decode"), 0, 0, false,
      ditto_string("<fn:url-decode()>"), NULL, ditto_function_url_decode },

    { ditto_string("base64-encode"), 0, 0, false,
      ditto_string("<fn:base64-encode()>"), NULL,
      ditto_function_base64_encode },

    { ditto_string("base64-decode"), 0, 0, false,
      ditto_string("<fn:base64-decode()>"), NULL,
      ditto_function_base64_decode },

    { ditto_string("delete"), 0, 0, false, ditto_string("<fn:delete()>"),
      NULL, ditto_function_delete },

    /* spec: a third parameter of replace is accepted and ignored */
    { ditto_string("replace"), 2, 3, true,
      ditto_string("<fn:replace(String from /* Specifies the string to search "
                   "for and replace */ , String to /* Specifies the replace "
                   "string to be inserted for all matching 'from' strings "
                   "*/)>"),
      NULL, ditto_function_replace },

    { ditto_string("split"), 1, 1, false,
      ditto_string("<fn:split(String separator /* Specifies the string to use "
                   "in order to determine where to split */)>"),
      ditto_function_split_compile, ditto_function_split },

    { ditto_string("join"), 1, 1, false,
      ditto_string("<fn:join(String delimiter /* Specifies the string to use "
                   "as delimiter when joining elements of an array to a "
                   "string */)>"),
      NULL, ditto_function_join },

    { ditto_string("format"), 1, 1, false,
      ditto_string("<fn:format(String template /* The format template with "
                   "{fieldName}, {/json/pointer}, or "
                   "{#arrayField}...{/arrayField} section references to "
                   "extract from each JSON object */)>"),
      ditto_function_format_compile, ditto_function_format },
};


ditto_rc_t
ditto_expression_compile(ditto_pool_t *pool, ditto_str_t text,
    ditto_place_e place, const ditto_expression_t **expression,
    ditto_error_t *err)
{
    return ditto_expression_at(pool, text, place, 0, expression, err);
}


/* spec: Syntax of templates, "expr"; Pipeline rules and errors */
static ditto_rc_t
ditto_expression_at(ditto_pool_t *pool, ditto_str_t text,
    ditto_place_e place, unsigned depth,
    const ditto_expression_t **expression, ditto_error_t *err)
{
    size_t               i, n, from, end;
    ditto_str_t          stage[DITTO_FUNCTIONS_MAX + 1];
    ditto_str_t          none = ditto_null_string;
    ditto_expression_t  *e;

    for (n = 0, from = 0; /* void */ ; n++, from = end + 1) {

        end = ditto_stage_end(text, from);
        if (end > text.len) {
            return ditto_placeholder_unresolved(text, err);
        }

        if (n <= DITTO_FUNCTIONS_MAX) {
            stage[n] = ditto_function_strip(ditto_str_sub(text, from, end));
        }

        if (end == text.len) {
            n++;
            break;
        }
    }

    if (n > DITTO_FUNCTIONS_MAX + 1 || depth > DITTO_FUNCTION_DEPTH) {
        return ditto_fail(err, DITTO_E_FUNCTION_TOO_COMPLEX, none, none);
    }

    e = ditto_zalloc(pool, sizeof(ditto_expression_t));
    if (e == NULL) {
        return ditto_fail_memory(err);
    }

    e->text = stage[0];
    i = 0;

    if (!ditto_str_starts(stage[0], ditto_function_prefix)) {

        if (ditto_placeholder_compile(pool, stage[0], place, &e->placeholder,
                                      err)
            != DITTO_OK)
        {
            return DITTO_ERROR;
        }

        i = 1;
    }

    e->n = n - i;
    e->stages = ditto_zalloc(pool, e->n * sizeof(ditto_stage_t));
    if (e->stages == NULL) {
        return ditto_fail_memory(err);
    }

    for (n = 0; n < e->n; n++) {
        if (ditto_stage_compile(pool, stage[n + i], place, depth,
                                &e->stages[n], err)
            != DITTO_OK)
        {
            return DITTO_ERROR;
        }
    }

    *expression = e;

    return DITTO_OK;
}


/*
 * Where the stage at from ends: at a "|" outside of quotes or with the text.
 * Beyond the text: it is empty, or a quote stays open.
 */
static size_t
ditto_stage_end(ditto_str_t text, size_t from)
{
    size_t  i;

    for (i = from; i < text.len && text.data[i] != '|'; i++) {

        if (text.data[i] == '\'' || text.data[i] == '"') {
            i = ditto_quoted_end(text, i);
            if (i >= text.len) {
                return text.len + 1;
            }
        }
    }

    return (i == from) ? text.len + 1 : i;
}


/*
 * The quote that closes the one at from, text.len if there is none.  One that
 * follows a backslash does not close.
 */
static size_t
ditto_quoted_end(ditto_str_t text, size_t from)
{
    size_t  i;

    for (i = from + 1; i < text.len && text.data[i] != text.data[from]; i++) {

        if (text.data[i] == '\\' && i + 1 < text.len
            && text.data[i + 1] == text.data[from])
        {
            i++;
        }
    }

    return i;
}


static ditto_rc_t
ditto_stage_compile(ditto_pool_t *pool, ditto_str_t text,
    ditto_place_e place, unsigned depth, ditto_stage_t *stage,
    ditto_error_t *err)
{
    bool                         prefixed;
    ditto_str_t                  call, none = ditto_null_string;
    const ditto_function_row_t  *row;

    prefixed = ditto_str_starts(text, ditto_function_prefix);
    call = prefixed
           ? ditto_str_sub(text, ditto_function_prefix.len, text.len) : text;

    row = ditto_function_find(call);

    if (row == NULL) {
        return ditto_fail(err, DITTO_E_FUNCTION_UNKNOWN, text, none);
    }

    stage->text = text;

    if (!prefixed) {
        return DITTO_OK;
    }

    stage->row = row;

    if (ditto_stage_params(pool, ditto_str_sub(call, row->name.len, call.len),
                           place, depth, stage, err)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    return (row->compile == NULL) ? DITTO_OK : row->compile(pool, stage, err);
}


/* By the name in front of the parenthesis; NULL: there is none. */
static const ditto_function_row_t *
ditto_function_find(ditto_str_t call)
{
    size_t                       i;
    const ditto_function_row_t  *row;

    for (i = 0;
         i < sizeof(ditto_functions) / sizeof(ditto_functions[0]);
         i++)
    {
        row = &ditto_functions[i];

        if (call.len > row->name.len && call.data[row->name.len] == '('
            && ditto_str_starts(call, row->name))
        {
            return row;
        }
    }

    return NULL;
}


/* params: what follows the name, from the parenthesis on */
static ditto_rc_t
ditto_stage_params(ditto_pool_t *pool, ditto_str_t params,
    ditto_place_e place, unsigned depth, ditto_stage_t *stage,
    ditto_error_t *err)
{
    size_t                       i, pos;
    ditto_str_t                  expression[DITTO_PARAMS_MAX];
    const ditto_function_row_t  *row;

    row = stage->row;
    pos = 1;

    if (row->max == 0) {
        ditto_skip_blanks(params, &pos);
    }

    for (i = 0; i < row->max; i++) {

        if (i != 0) {
            if (i >= row->min && pos < params.len && params.data[pos] == ')') {
                break;
            }

            if (pos >= params.len || params.data[pos] != ',') {
                return ditto_function_signature(stage, err);
            }

            pos++;
        }

        if (!ditto_param_parse(params, &pos, row->placeholders,
                               &stage->params[i], &expression[i]))
        {
            return ditto_function_signature(stage, err);
        }
    }

    if (params.len != pos + 1 || params.data[pos] != ')') {
        return ditto_function_signature(stage, err);
    }

    stage->nparams = i;

    for (i = 0; i < stage->nparams; i++) {

        if (stage->params[i].constant.data == NULL
            && ditto_expression_at(pool, expression[i], place, depth + 1,
                                   &stage->params[i].expression, err)
               != DITTO_OK)
        {
            return DITTO_ERROR;
        }
    }

    return DITTO_OK;
}


/* spec: Parameters; *pos goes behind the parameter and its blanks */
static bool
ditto_param_parse(ditto_str_t s, size_t *pos, bool placeholders,
    ditto_param_t *param, ditto_str_t *expression)
{
    size_t  start, end;

    ditto_skip_blanks(s, pos);

    start = *pos;

    if (start >= s.len) {
        return false;
    }

    if (s.data[start] != '\'' && s.data[start] != '"') {
        return placeholders && ditto_param_expression(s, pos, expression);
    }

    end = ditto_quoted_end(s, start);
    if (end == s.len) {
        return false;
    }

    param->constant = ditto_str_sub(s, start + 1, end);
    *pos = end + 1;

    ditto_skip_blanks(s, pos);

    return true;
}


/*
 * A placeholder goes to the next comma or blank, or up to the parenthesis that
 * ends everything; from a blank to the comma or parenthesis all is ignored.
 */
static bool
ditto_param_expression(ditto_str_t s, size_t *pos, ditto_str_t *expression)
{
    size_t         i, start;
    unsigned char  c;

    start = *pos;

    for (i = start; i < s.len; i++) {
        c = s.data[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9') || c == '_'))
        {
            break;
        }
    }

    if (i == start || i == s.len || s.data[i] != ':') {
        return false;
    }

    start = i + 1;

    for (i = start; i < s.len; i++) {
        if (s.data[i] == ',' || ditto_is_blank(s.data[i])) {
            break;
        }
    }

    if (i == s.len && s.data[i - 1] == ')') {
        i--;
    }

    if (i == start) {
        return false;
    }

    *expression = ditto_str_sub(s, *pos, i);

    while (i < s.len && s.data[i] != ',' && s.data[i] != ')') {
        i++;
    }

    *pos = i;

    return true;
}


static void
ditto_skip_blanks(ditto_str_t s, size_t *pos)
{
    while (*pos < s.len && ditto_is_blank(s.data[*pos])) {
        (*pos)++;
    }
}


static bool
ditto_is_blank(unsigned char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}


ditto_rc_t
ditto_function_signature(const ditto_stage_t *stage, ditto_error_t *err)
{
    return ditto_fail(err, DITTO_E_FUNCTION_SIGNATURE, stage->text,
                      stage->row->signature);
}


ditto_str_t
ditto_function_strip(ditto_str_t s)
{
    while (s.len != 0 && s.data[0] <= ' ') {
        s.data++;
        s.len--;
    }

    while (s.len != 0 && s.data[s.len - 1] <= ' ') {
        s.len--;
    }

    return s;
}
