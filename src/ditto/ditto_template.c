#include "ditto_function.h"
#include "ditto_template.h"


typedef struct {
    ditto_str_t                literal;
    const ditto_expression_t  *expression;   /* NULL: literal */
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


static ditto_template_ends_t ditto_template_ends(ditto_str_t text);
static bool ditto_template_next(ditto_str_t text,
    const ditto_template_ends_t *ends, size_t from, size_t *start,
    size_t *end, ditto_str_t *expr);
static ditto_rc_t ditto_template_literal(ditto_array_t *parts,
    ditto_str_t literal);
static ditto_rc_t ditto_template_first(const ditto_template_t *tpl,
    ditto_run_t *run, ditto_str_t *value, ditto_error_t *err);
static ditto_rc_t ditto_template_all(const ditto_template_t *tpl,
    ditto_run_t *run, ditto_values_t *values, bool *deleted,
    ditto_error_t *err);


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

        if (ditto_expression_compile(pool, expr, place, &part->expression, err)
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
    ditto_rc_t   rc;
    ditto_run_t  run;
    ditto_str_t  empty = ditto_string("");

    ditto_run_init(&run, pool, NULL);
    run.dummy = dummy;

    rc = ditto_template_first(tpl, &run, out, err);

    if (rc == DITTO_DECLINED) {
        *out = empty;
    }

    return rc;
}


ditto_rc_t
ditto_template_resolve(const ditto_template_t *tpl,
    const ditto_scope_t *scope, ditto_str_t *value, ditto_error_t *err)
{
    ditto_run_t  run;

    ditto_run_init(&run, scope->pool, scope);

    return ditto_template_first(tpl, &run, value, err);
}


ditto_rc_t
ditto_template_values(const ditto_template_t *tpl, const ditto_scope_t *scope,
    ditto_str_t prefix, ditto_values_t *values, bool *deleted,
    ditto_error_t *err)
{
    ditto_run_t  run;

    ditto_run_init(&run, scope->pool, scope);
    run.prefix = prefix;

    return ditto_template_all(tpl, &run, values, deleted, err);
}


/*
 * spec: Result of a template.  The first of all combinations is made of the
 * first value of each part.  All parts are evaluated, for their errors.
 */
static ditto_rc_t
ditto_template_first(const ditto_template_t *tpl, ditto_run_t *run,
    ditto_str_t *value, ditto_error_t *err)
{
    bool                          unresolved, some;
    size_t                        i;
    ditto_buf_t                   buf;
    ditto_element_t               element;
    const ditto_template_part_t  *part;

    if (!tpl->dynamic) {
        *value = tpl->text;
        return DITTO_OK;
    }

    if (tpl->n != 1) {
        ditto_buf_init(&buf, run->pool, tpl->text.len + 64);
    }

    unresolved = false;
    some = false;

    for (i = 0; i < tpl->n; i++) {
        part = &tpl->parts[i];

        if (part->expression == NULL) {
            ditto_buf_str(&buf, part->literal);
            some = true;
            continue;
        }

        if (ditto_expression_run(part->expression, run, &element, err)
            != DITTO_OK)
        {
            return DITTO_ERROR;
        }

        if (element.outcome != DITTO_RESOLVED) {
            unresolved |= (element.outcome == DITTO_UNRESOLVED);
            continue;
        }

        if (tpl->n == 1) {
            *value = element.values.elts[0];
            return DITTO_OK;
        }

        ditto_buf_str(&buf, element.values.elts[0]);
        some = true;
    }

    /* a template of one part is here only if it has no value */

    if (tpl->n != 1 && ditto_buf_done(&buf, value) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    return (unresolved || !some) ? DITTO_DECLINED : DITTO_OK;
}


static ditto_rc_t
ditto_template_all(const ditto_template_t *tpl, ditto_run_t *run,
    ditto_values_t *values, bool *deleted, ditto_error_t *err)
{
    bool                          unresolved;
    size_t                        i, n;
    ditto_values_t               *lists;
    ditto_element_t               element;
    const ditto_template_part_t  *part;

    *deleted = false;

    lists = ditto_alloc(run->pool, (tpl->n + 1) * sizeof(ditto_values_t));
    if (lists == NULL) {
        return ditto_fail_memory(err);
    }

    if (!tpl->dynamic) {
        lists[0].elts = (ditto_str_t *) (uintptr_t) &tpl->text;
        lists[0].n = 1;
        *values = lists[0];
        return DITTO_OK;
    }

    unresolved = false;

    for (i = 0, n = 0; i < tpl->n; i++) {
        part = &tpl->parts[i];

        if (part->expression == NULL) {
            lists[n].elts = (ditto_str_t *) (uintptr_t) &part->literal;
            lists[n++].n = 1;
            continue;
        }

        if (ditto_expression_run(part->expression, run, &element, err)
            != DITTO_OK)
        {
            return DITTO_ERROR;
        }

        if (element.outcome == DITTO_RESOLVED) {
            lists[n++] = element.values;

        } else {
            unresolved |= (element.outcome == DITTO_UNRESOLVED);
        }
    }

    if (unresolved || n == 0) {
        *deleted = !unresolved;
        return DITTO_DECLINED;
    }

    return ditto_run_product(run, lists, n, values, err);
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

        i += 2;

        /* spec: errors name the expression with what blanks are behind it */
        while (n == 2 && i < j
               && (text.data[i] == ' '
                   || (text.data[i] >= '\t' && text.data[i] <= '\r')))
        {
            i++;
        }

        *expr = ditto_str_sub(text, i, j);

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
