#include "ditto_placeholder.h"
#include "ditto_template.h"


typedef struct {
    ditto_str_t          literal;
    ditto_placeholder_t  placeholder;    /* row is NULL: literal */
} ditto_template_part_t;


struct ditto_template_s {
    ditto_str_t             text;
    ditto_template_part_t  *parts;
    size_t                  n;
    bool                    dynamic;
};


/* Offsets of the last "}}" and the last "}" of a text; 0: there is none. */
typedef struct {
    size_t  braces;
    size_t  brace;
} ditto_template_ends_t;


static ditto_rc_t ditto_template_expression(ditto_pool_t *pool,
    ditto_str_t expr, ditto_place_e place, ditto_placeholder_t *placeholder,
    ditto_error_t *err);
static ditto_template_ends_t ditto_template_ends(ditto_str_t text);
static bool ditto_template_next(ditto_str_t text,
    const ditto_template_ends_t *ends, size_t from, size_t *start,
    size_t *end, ditto_str_t *expr);
static ditto_rc_t ditto_template_literal(ditto_array_t *parts,
    ditto_str_t literal);


ditto_rc_t
ditto_template_compile(ditto_pool_t *pool, ditto_str_t text,
    ditto_place_e place, ditto_template_t **tpl, ditto_error_t *err)
{
    size_t                  from, start, end;
    ditto_str_t             expr;
    ditto_array_t           parts;
    ditto_template_t       *t;
    ditto_template_ends_t   ends;
    ditto_template_part_t  *part;

    t = ditto_zalloc(pool, sizeof(ditto_template_t));
    if (t == NULL) {
        return ditto_fail_memory(err);
    }

    t->text = text;

    ends = ditto_template_ends(text);
    ditto_array_init(&parts, pool, sizeof(ditto_template_part_t));

    for (from = 0;
         ditto_template_next(text, &ends, from, &start, &end, &expr);
         from = end)
    {
        if (ditto_template_literal(&parts, ditto_str_sub(text, from, start))
            != DITTO_OK)
        {
            return ditto_fail_memory(err);
        }

        part = ditto_array_push(&parts);
        if (part == NULL) {
            return ditto_fail_memory(err);
        }

        memset(part, 0, sizeof(ditto_template_part_t));

        if (ditto_template_expression(pool, expr, place, &part->placeholder,
                                      err)
            != DITTO_OK)
        {
            err->offset = start;
            return DITTO_ERROR;
        }

        t->dynamic = true;
    }

    if (ditto_template_literal(&parts, ditto_str_sub(text, from, text.len))
        != DITTO_OK)
    {
        return ditto_fail_memory(err);
    }

    t->parts = parts.elts;
    t->n = parts.nelts;

    *tpl = t;

    return DITTO_OK;
}


bool
ditto_template_is_static(const ditto_template_t *tpl)
{
    return !tpl->dynamic;
}


ditto_str_t
ditto_template_text(const ditto_template_t *tpl)
{
    return tpl->text;
}


ditto_rc_t
ditto_template_check(ditto_pool_t *pool, const ditto_template_t *tpl,
    ditto_str_t dummy, ditto_str_t *out, ditto_error_t *err)
{
    size_t       i;
    ditto_buf_t  buf;

    ditto_buf_init(&buf, pool, tpl->text.len + dummy.len + 1);

    for (i = 0; i < tpl->n; i++) {
        ditto_buf_str(&buf, tpl->parts[i].placeholder.row == NULL
                            ? tpl->parts[i].literal : dummy);
    }

    if (ditto_buf_done(&buf, out) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    return DITTO_OK;
}


ditto_rc_t
ditto_template_resolve(const ditto_template_t *tpl,
    const ditto_scope_t *scope, ditto_str_t *value, ditto_error_t *err)
{
    size_t           i;
    ditto_rc_t       rc;
    ditto_buf_t      buf;
    ditto_values_t   values;

    if (!tpl->dynamic) {
        *value = tpl->text;
        return DITTO_OK;
    }

    if (tpl->n == 1) {
        rc = ditto_placeholder_resolve(&tpl->parts[0].placeholder, scope,
                                       &values, err);
        if (rc == DITTO_OK) {
            *value = values.elts[0];
        }

        return rc;
    }

    ditto_buf_init(&buf, scope->pool, tpl->text.len + 64);

    for (i = 0; i < tpl->n; i++) {

        if (tpl->parts[i].placeholder.row == NULL) {
            ditto_buf_str(&buf, tpl->parts[i].literal);
            continue;
        }

        rc = ditto_placeholder_resolve(&tpl->parts[i].placeholder, scope,
                                       &values, err);
        if (rc != DITTO_OK) {
            return rc;
        }

        ditto_buf_str(&buf, values.elts[0]);
    }

    if (ditto_buf_done(&buf, value) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    return DITTO_OK;
}


static ditto_rc_t
ditto_template_expression(ditto_pool_t *pool, ditto_str_t expr,
    ditto_place_e place, ditto_placeholder_t *placeholder,
    ditto_error_t *err)
{
    static ditto_str_t  function = ditto_string("fn:");

    if (ditto_str_starts(expr, function)
        || ditto_str_chr(expr, '|', 0) != expr.len)
    {
        (void) ditto_fail(err, DITTO_E_CONNECTION_CONFIGURATION, expr,
                          function);
        err->message = "The expression '%1' cannot be used: "
                       "functions (fn:...) are not supported yet.";
        return DITTO_ERROR;
    }

    return ditto_placeholder_compile(pool, expr, place, placeholder, err);
}


static ditto_template_ends_t
ditto_template_ends(ditto_str_t text)
{
    size_t                 i;
    ditto_template_ends_t  ends;

    ends.braces = 0;
    ends.brace = 0;

    for (i = text.len; i > 1 && ends.braces == 0; i--) {

        if (text.data[i - 1] != '}') {
            continue;
        }

        if (ends.brace == 0) {
            ends.brace = i - 1;
        }

        if (text.data[i - 2] == '}') {
            ends.braces = i - 2;
        }
    }

    return ends;
}


/*
 * The next "{{ expr }}" or "${expr}" at or after from: text[start, end).  What
 * is not closed is literal text.  spec: Syntax of templates
 */
static bool
ditto_template_next(ditto_str_t text, const ditto_template_ends_t *ends,
    size_t from, size_t *start, size_t *end, ditto_str_t *expr)
{
    size_t  i, j, n;

    for (i = from; i + 2 <= ends->brace; i++) {

        if (text.data[i + 1] != '{') {
            continue;
        }

        if (text.data[i] == '{' && i + 2 <= ends->braces) {
            n = 2;

        } else if (text.data[i] == '$') {
            n = 1;

        } else {
            continue;
        }

        j = ditto_str_chr(text, '}', i + 2);

        while (n == 2 && text.data[j + 1] != '}') {
            j = ditto_str_chr(text, '}', j + 1);
        }

        *start = i;
        *end = j + n;
        *expr = ditto_str_trim(ditto_str_sub(text, i + 2, j));

        return true;
    }

    return false;
}


static ditto_rc_t
ditto_template_literal(ditto_array_t *parts, ditto_str_t literal)
{
    ditto_template_part_t  *part;

    if (literal.len == 0) {
        return DITTO_OK;
    }

    part = ditto_array_push(parts);
    if (part == NULL) {
        return DITTO_ERROR;
    }

    memset(part, 0, sizeof(ditto_template_part_t));
    part->literal = literal;

    return DITTO_OK;
}
