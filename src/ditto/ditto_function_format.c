/*
 * Function: fn:format.  Its template is compiled into parts: text, fields and
 * sections, which hold parts again.
 *
 *     {name}  {/json/pointer}  {#array}{name}{/array}  {#array}{.}{/array}
 *
 * spec: format
 */

#include "ditto_function_private.h"
#include "ditto_json.h"
#include "ditto_json_print.h"
#include "ditto_pointer.h"


#define DITTO_FORMAT_DEPTH  16           /* sections in sections */


typedef enum {
    DITTO_FORMAT_TEXT = 0,
    DITTO_FORMAT_FIELD,
    DITTO_FORMAT_SECTION
} ditto_format_kind_e;


typedef struct ditto_format_part_s  ditto_format_part_t;

typedef struct {
    ditto_format_part_t  *elts;
    size_t                n;
} ditto_format_parts_t;


struct ditto_format_part_s {
    ditto_format_kind_e    kind;
    ditto_str_t            text;     /* or the name of field or section */
    ditto_pointer_t        pointer;
    bool                   invalid;  /* the name is no pointer */
    ditto_format_parts_t   inner;
};


/* Where the compiler stands. */
typedef struct {
    ditto_pool_t   *pool;
    ditto_error_t  *err;
} ditto_format_reader_t;


static ditto_rc_t ditto_format_parse(ditto_format_reader_t *reader,
    ditto_str_t text, unsigned depth, ditto_format_parts_t *parts);
static bool ditto_format_section(ditto_str_t text, size_t from,
    size_t *start, ditto_str_t *name);
static size_t ditto_format_close(ditto_str_t text, size_t from,
    ditto_str_t name);
static bool ditto_format_is_tag(ditto_str_t text, size_t at, char mark,
    ditto_str_t name);
static ditto_rc_t ditto_format_flat(ditto_format_reader_t *reader,
    ditto_str_t text, ditto_array_t *parts);
static bool ditto_format_field(ditto_str_t text, size_t at, size_t *end);
static ditto_rc_t ditto_format_text(ditto_format_reader_t *reader,
    ditto_str_t text, ditto_array_t *parts);
static ditto_format_part_t *ditto_format_named(ditto_format_reader_t *reader,
    ditto_array_t *parts, ditto_format_kind_e kind, ditto_str_t name);
static bool ditto_format_is_object(ditto_str_t value);
static ditto_rc_t ditto_format_value(ditto_run_t *run,
    const ditto_format_parts_t *parts, ditto_str_t value, unsigned depth,
    ditto_array_t *results, ditto_error_t *err);
static ditto_rc_t ditto_format_part(ditto_run_t *run,
    const ditto_format_part_t *part, ditto_str_t value, unsigned depth,
    ditto_values_t *values, ditto_error_t *err);
static ditto_rc_t ditto_format_find(const ditto_format_part_t *part,
    ditto_str_t object, ditto_str_t *value, ditto_error_t *err);
static ditto_rc_t ditto_format_elements(ditto_run_t *run,
    const ditto_format_part_t *part, ditto_str_t value, unsigned depth,
    ditto_array_t *texts, ditto_error_t *err);
static ditto_rc_t ditto_format_add(ditto_array_t *texts, ditto_str_t text,
    ditto_error_t *err);
static ditto_rc_t ditto_format_json(ditto_run_t *run, ditto_str_t value,
    ditto_str_t *text, ditto_error_t *err);


ditto_rc_t
ditto_function_format_compile(ditto_pool_t *pool, ditto_stage_t *stage,
    ditto_error_t *err)
{
    ditto_format_parts_t   *parts;
    ditto_format_reader_t   reader;

    reader.pool = pool;
    reader.err = err;

    parts = ditto_alloc(pool, sizeof(ditto_format_parts_t));
    if (parts == NULL) {
        return ditto_fail_memory(err);
    }

    stage->arg = parts;

    return ditto_format_parse(&reader, stage->params[0].constant, 0, parts);
}


static ditto_rc_t
ditto_format_parse(ditto_format_reader_t *reader, ditto_str_t text,
    unsigned depth, ditto_format_parts_t *parts)
{
    size_t                from, start, body, close, end;
    ditto_str_t           name, none = ditto_null_string;
    ditto_array_t         list;
    ditto_format_part_t  *part;

    if (depth > DITTO_FORMAT_DEPTH) {
        return ditto_fail_text(reader->err, DITTO_E_CONNECTION_CONFIGURATION,
                               "The template of <fn:format()> has too many "
                               "sections in sections.");
    }

    ditto_array_init(&list, reader->pool, sizeof(ditto_format_part_t));

    for (from = 0; ditto_format_section(text, from, &start, &name);
         from = end)
    {
        if (ditto_format_flat(reader, ditto_str_sub(text, from, start), &list)
            != DITTO_OK)
        {
            return DITTO_ERROR;
        }

        body = start + name.len + sizeof("{#}") - 1;
        close = ditto_format_close(text, body, name);
        end = close + name.len + sizeof("{/}") - 1;

        if (close > text.len) {
            (void) ditto_fail(reader->err, DITTO_E_CONNECTION_CONFIGURATION,
                              name, none);
            reader->err->message = "The section {#%1} in the template of "
                                   "<fn:format()> is not closed.";
            return DITTO_ERROR;
        }

        part = ditto_format_named(reader, &list, DITTO_FORMAT_SECTION, name);

        if (part == NULL
            || ditto_format_parse(reader, ditto_str_sub(text, body, close),
                                  depth + 1, &part->inner)
               != DITTO_OK)
        {
            return DITTO_ERROR;
        }
    }

    if (ditto_format_flat(reader, ditto_str_sub(text, from, text.len), &list)
        != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    parts->elts = list.elts;
    parts->n = list.nelts;

    return DITTO_OK;
}


/* The next "{#name}" that no backslash precedes. */
static bool
ditto_format_section(ditto_str_t text, size_t from, size_t *start,
    ditto_str_t *name)
{
    size_t  i, end;

    for (i = from; i + 1 < text.len; i++) {

        if (text.data[i] != '{' || text.data[i + 1] != '#'
            || (i > 0 && text.data[i - 1] == '\\'))
        {
            continue;
        }

        end = ditto_str_chr(text, '}', i + 2);

        if (end == text.len) {
            return false;
        }

        if (end > i + 2) {
            *start = i;
            *name = ditto_str_sub(text, i + 2, end);
            return true;
        }
    }

    return false;
}


/*
 * Where the section's end begins; sections of the same name may be nested.
 * Beyond the text: it does not end.
 */
static size_t
ditto_format_close(ditto_str_t text, size_t from, ditto_str_t name)
{
    size_t  i, open;

    for (i = from, open = 1; i < text.len; i++) {

        if (ditto_format_is_tag(text, i, '#', name)) {
            open++;

        } else if (ditto_format_is_tag(text, i, '/', name) && --open == 0) {
            return i;
        }
    }

    return text.len + 1;
}


static bool
ditto_format_is_tag(ditto_str_t text, size_t at, char mark, ditto_str_t name)
{
    return text.len - at >= name.len + sizeof("{/}") - 1
           && text.data[at] == '{' && text.data[at + 1] == mark
           && text.data[at + 2 + name.len] == '}'
           && memcmp(text.data + at + 2, name.data, name.len) == 0;
}


static ditto_rc_t
ditto_format_flat(ditto_format_reader_t *reader, ditto_str_t text,
    ditto_array_t *parts)
{
    size_t  i, from, end;

    for (i = 0, from = 0; i < text.len; i++) {

        if (!ditto_format_field(text, i, &end)) {
            continue;
        }

        if (ditto_format_text(reader, ditto_str_sub(text, from, i), parts)
            != DITTO_OK
            || ditto_format_named(reader, parts, DITTO_FORMAT_FIELD,
                                  ditto_str_sub(text, i + 1, end))
               == NULL)
        {
            return DITTO_ERROR;
        }

        from = end + 1;
        i = end;
    }

    return ditto_format_text(reader, ditto_str_sub(text, from, text.len),
                             parts);
}


/*
 * True for "{name}" at at; end is its "}".  Not a field is what looks like the
 * end of a section, "{/name}", or is escaped or empty.
 */
static bool
ditto_format_field(ditto_str_t text, size_t at, size_t *end)
{
    size_t  slash;

    if (text.data[at] != '{' || at + 1 == text.len
        || text.data[at + 1] == '#'
        || (at > 0 && text.data[at - 1] == '\\'))
    {
        return false;
    }

    *end = ditto_str_chr(text, '}', at + 1);

    if (*end == text.len || *end == at + 1) {
        return false;
    }

    if (text.data[at + 1] != '/') {
        return true;
    }

    slash = ditto_str_chr(text, '/', at + 2);

    return slash < *end || *end == at + 2;
}


/* Escaped braces lose their backslashes. */
static ditto_rc_t
ditto_format_text(ditto_format_reader_t *reader, ditto_str_t text,
    ditto_array_t *parts)
{
    size_t                i, n;
    unsigned char        *p;
    ditto_format_part_t  *part;

    if (text.len == 0) {
        return DITTO_OK;
    }

    part = ditto_array_push(parts);
    p = ditto_alloc(reader->pool, text.len);

    if (part == NULL || p == NULL) {
        return ditto_fail_memory(reader->err);
    }

    for (i = 0, n = 0; i < text.len; i++) {

        if (text.data[i] == '\\' && i + 1 < text.len
            && (text.data[i + 1] == '{' || text.data[i + 1] == '}'))
        {
            i++;
        }

        p[n++] = text.data[i];
    }

    memset(part, 0, sizeof(ditto_format_part_t));
    part->text.data = p;
    part->text.len = n;

    return DITTO_OK;
}


/* NULL: out of memory */
static ditto_format_part_t *
ditto_format_named(ditto_format_reader_t *reader, ditto_array_t *parts,
    ditto_format_kind_e kind, ditto_str_t name)
{
    ditto_format_part_t  *part;

    part = ditto_array_push(parts);
    if (part == NULL) {
        (void) ditto_fail_memory(reader->err);
        return NULL;
    }

    memset(part, 0, sizeof(ditto_format_part_t));

    part->kind = kind;
    part->text = name;

    if (ditto_pointer_parse_escaped(reader->pool, name, &part->pointer,
                                    reader->err)
        == DITTO_OK)
    {
        return part;
    }

    /* an error of the first object that it is looked for in */
    part->invalid = true;

    return (reader->err->code == DITTO_E_INTERNAL) ? NULL : part;
}


ditto_rc_t
ditto_function_format(ditto_run_t *run, const ditto_stage_t *stage,
    ditto_element_t *element, ditto_error_t *err)
{
    size_t         i;
    ditto_str_t    value, nothing = ditto_string("");
    ditto_array_t  results;
    ditto_error_t  ignored;

    if (element->outcome == DITTO_UNRESOLVED) {
        return DITTO_OK;
    }

    ditto_array_init(&results, run->pool, sizeof(ditto_str_t));

    for (i = 0; i < element->values.n; i++) {
        value = element->values.elts[i];

        if (ditto_run_charge(run, value.len, err) != DITTO_OK) {
            return DITTO_ERROR;
        }

        value = ditto_str_trim(value);

        if (value.len == 0 || !ditto_format_is_object(value)
            || ditto_json_validate(value, &ignored) != DITTO_OK)
        {
            continue;
        }

        if (ditto_format_value(run, stage->arg, value, 0, &results, err)
            != DITTO_OK)
        {
            return DITTO_ERROR;
        }
    }

    /* spec: also of what was deleted */
    if (results.nelts == 0
        && ditto_format_add(&results, nothing, err) != DITTO_OK)
    {
        return DITTO_ERROR;
    }

    ditto_element_set(element, results.elts, results.nelts);

    return DITTO_OK;
}


/* To Ditto null is an object, one without members. */
static bool
ditto_format_is_object(ditto_str_t value)
{
    return value.data[0] == '{' || value.data[0] == 'n';
}


/* One object, or one element of an array that need not be an object. */
static ditto_rc_t
ditto_format_value(ditto_run_t *run, const ditto_format_parts_t *parts,
    ditto_str_t value, unsigned depth, ditto_array_t *results,
    ditto_error_t *err)
{
    size_t           i;
    ditto_str_t      empty = ditto_string("");
    ditto_values_t   values, *lists;

    lists = ditto_alloc(run->pool, parts->n * sizeof(ditto_values_t));
    if (lists == NULL) {
        return ditto_fail_memory(err);
    }

    for (i = 0; i < parts->n; i++) {
        if (ditto_format_part(run, &parts->elts[i], value, depth, &lists[i],
                              err)
            != DITTO_OK)
        {
            return DITTO_ERROR;
        }
    }

    if (parts->n == 0) {
        return ditto_format_add(results, empty, err);
    }

    if (ditto_run_product(run, lists, parts->n, &values, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    for (i = 0; i < values.n; i++) {
        if (ditto_format_add(results, values.elts[i], err) != DITTO_OK) {
            return DITTO_ERROR;
        }
    }

    return DITTO_OK;
}


static ditto_rc_t
ditto_format_part(ditto_run_t *run, const ditto_format_part_t *part,
    ditto_str_t value, unsigned depth, ditto_values_t *values,
    ditto_error_t *err)
{
    ditto_rc_t          rc;
    ditto_str_t         found, empty = ditto_string("");
    ditto_array_t       texts;
    static ditto_str_t  self = ditto_string(".");

    ditto_array_init(&texts, run->pool, sizeof(ditto_str_t));

    rc = DITTO_OK;

    if (part->kind == DITTO_FORMAT_TEXT) {
        rc = ditto_format_add(&texts, part->text, err);

    } else if (ditto_format_is_object(value)) {
        rc = ditto_format_find(part, value, &found, err);

        if (rc == DITTO_OK) {
            rc = ditto_format_elements(run, part, found, depth, &texts, err);
        }

    } else if (part->kind == DITTO_FORMAT_FIELD
               && ditto_str_eq(part->text, self))
    {
        rc = ditto_format_json(run, value, &found, err);

        if (rc == DITTO_OK) {
            rc = ditto_format_add(&texts, found, err);
        }
    }

    if (rc != DITTO_ERROR && texts.nelts == 0) {
        rc = ditto_format_add(&texts, empty, err);
    }

    values->elts = texts.elts;
    values->n = texts.nelts;

    return (rc == DITTO_ERROR) ? DITTO_ERROR : DITTO_OK;
}


/* DITTO_DECLINED: missing or null */
static ditto_rc_t
ditto_format_find(const ditto_format_part_t *part, ditto_str_t object,
    ditto_str_t *value, ditto_error_t *err)
{
    size_t       i;
    ditto_str_t  none = ditto_null_string;

    if (object.data[0] == 'n') {
        return DITTO_DECLINED;
    }

    if (part->invalid) {
        return ditto_fail(err, DITTO_E_JSON_POINTER_INVALID, part->text, none);
    }

    *value = object;

    for (i = 0; i < part->pointer.n; i++) {
        if (value->data[0] != '{'
            || ditto_json_member(*value, part->pointer.segments[i], value)
               != DITTO_OK)
        {
            return DITTO_DECLINED;
        }
    }

    return (value->data[0] == 'n') ? DITTO_DECLINED : DITTO_OK;
}


/* A field's texts, or what a section makes of each of its elements. */
static ditto_rc_t
ditto_format_elements(ditto_run_t *run, const ditto_format_part_t *part,
    ditto_str_t value, unsigned depth, ditto_array_t *texts,
    ditto_error_t *err)
{
    bool          more;
    ditto_rc_t    rc;
    ditto_str_t   name, text;
    ditto_json_t  it;

    more = (value.data[0] == '[');

    if (more) {
        ditto_json_iterate(&it, value);
    }

    while (!more || ditto_json_next(&it, &name, &value)) {

        if (part->kind == DITTO_FORMAT_SECTION) {
            rc = ditto_format_value(run, &part->inner, value, depth + 1, texts,
                                    err);

        } else {
            rc = ditto_format_json(run, value, &text, err);

            if (rc == DITTO_OK) {
                rc = ditto_format_add(texts, text, err);
            }
        }

        if (rc != DITTO_OK) {
            return rc;
        }

        if (!more) {
            break;
        }
    }

    return DITTO_OK;
}


static ditto_rc_t
ditto_format_add(ditto_array_t *texts, ditto_str_t text, ditto_error_t *err)
{
    ditto_str_t  *p;

    if (texts->nelts == DITTO_RUN_VALUES) {
        return ditto_function_too_many(err);
    }

    p = ditto_array_push(texts);
    if (p == NULL) {
        return ditto_fail_memory(err);
    }

    *p = text;

    return DITTO_OK;
}


/* A string's text, of other values their JSON. */
static ditto_rc_t
ditto_format_json(ditto_run_t *run, ditto_str_t value, ditto_str_t *text,
    ditto_error_t *err)
{
    ditto_rc_t  rc;

    if (ditto_run_charge(run, value.len, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    rc = (value.data[0] == '"') ? ditto_json_text(run->pool, value, text)
                                : ditto_json_print(run->pool, value, text);

    return (rc == DITTO_OK) ? DITTO_OK : ditto_fail_memory(err);
}
