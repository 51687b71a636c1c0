#include "ditto_case.h"
#include "ditto_header_table.h"
#include "ditto_headers.h"
#include "ditto_json.h"
#include "ditto_json_print.h"


#define DITTO_HEADERS_FIRST  16      /* elements, room for injected ones */


static ditto_rc_t ditto_headers_collect(ditto_headers_t *headers,
    ditto_str_t object, bool message, ditto_error_t *err);
static ditto_rc_t ditto_headers_validate(ditto_headers_t *headers,
    ditto_error_t *err);
static ditto_rc_t ditto_header_write(ditto_header_t *h, ditto_str_t name,
    ditto_str_t value, ditto_header_form_e form);
static ditto_header_t *ditto_headers_push(ditto_headers_t *headers,
    ditto_str_t name);
static void ditto_headers_delete(ditto_headers_t *headers,
    ditto_header_t *header);
static ditto_rc_t ditto_header_text(ditto_pool_t *pool, ditto_str_t value,
    ditto_str_t *text);
static bool ditto_header_add_plain(ditto_buf_t *out,
    const ditto_header_t *header, bool first);
static bool ditto_header_lower(const ditto_header_t *header);
static bool ditto_header_vanishes(const ditto_header_t *header);
static bool ditto_header_acks_left(ditto_str_t value, bool *any);
static void ditto_header_acks_render(ditto_buf_t *out, ditto_str_t value,
    bool text);


void
ditto_headers_init(ditto_headers_t *headers, ditto_pool_t *pool)
{
    headers->elts = NULL;
    headers->n = 0;
    headers->cap = 0;
    headers->lengths = 0;
    headers->pool = pool;
}


ditto_rc_t
ditto_headers_read(ditto_headers_t *headers, ditto_str_t object,
    bool message, ditto_error_t *err)
{
    ditto_buf_t  buf;
    ditto_str_t  value, none = ditto_null_string;

    if (object.len == 0 || ditto_json_type(object) == DITTO_JSON_NULL) {
        return DITTO_OK;
    }

    if (ditto_json_type(object) != DITTO_JSON_OBJECT) {
        ditto_buf_init(&buf, headers->pool, 0);
        ditto_json_add_value(&buf, object);

        if (ditto_buf_done(&buf, &value) != DITTO_OK) {
            return ditto_fail_memory(err);
        }

        (void) ditto_fail(err, DITTO_E_JSON_INVALID, value, none);
        err->message = "Value <%1> for </headers> is not of type "
                       "<JsonObject>!";
        return DITTO_ERROR;
    }

    if (ditto_json_lone_surrogate(object)) {
        (void) ditto_fail(err, DITTO_E_JSON_INVALID, none, none);
        err->message = "The headers contain half of a surrogate pair.";
        return DITTO_ERROR;
    }

    if (ditto_headers_collect(headers, object, message, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    return ditto_headers_validate(headers, err);
}


void
ditto_headers_strip(ditto_headers_t *headers)
{
    size_t           i, n;
    ditto_header_t  *h;

    for (i = 0, n = 0; i < headers->n; i++) {
        h = &headers->elts[i];

        if (h->definition != NULL
            && (h->definition->flags & DITTO_HEADER_IN) == 0)
        {
            continue;
        }

        if (n != i) {
            headers->elts[n] = *h;
        }

        n++;
    }

    headers->n = n;
}


ditto_rc_t
ditto_headers_set(ditto_headers_t *headers, ditto_str_t name,
    ditto_str_t value)
{
    ditto_header_t  *h;

    h = ditto_headers_find(headers, name);

    if (h == NULL) {
        h = ditto_headers_push(headers, name);
    }

    return ditto_header_write(h, name, value, DITTO_HEADER_TEXT);
}


ditto_rc_t
ditto_headers_put(ditto_headers_t *headers, ditto_str_t name,
    ditto_str_t value, ditto_header_form_e form)
{
    ditto_headers_remove(headers, name);

    return ditto_header_write(ditto_headers_push(headers, name), name, value,
                              form);
}


/* h: NULL if there was no memory for it. */
static ditto_rc_t
ditto_header_write(ditto_header_t *h, ditto_str_t name, ditto_str_t value,
    ditto_header_form_e form)
{
    if (h == NULL) {
        return DITTO_ERROR;
    }

    h->name = name;
    h->value = value;
    h->definition = ditto_header_definition(name);
    h->form = form;

    return DITTO_OK;
}


void
ditto_headers_remove(ditto_headers_t *headers, ditto_str_t name)
{
    ditto_header_t  *h;

    h = ditto_headers_find(headers, name);

    if (h != NULL) {
        ditto_headers_delete(headers, h);
    }
}


ditto_rc_t
ditto_headers_message(ditto_headers_t *headers, ditto_error_t *err)
{
    size_t                            i;
    ditto_header_t                   *h;
    const ditto_header_definition_t  *definition;

    for (i = 0; i < headers->n; i++) {
        h = &headers->elts[i];

        if (h->definition != NULL) {
            continue;
        }

        definition = ditto_header_definition(h->name);

        if (definition == NULL) {
            continue;
        }

        h->definition = definition;

        if (ditto_header_lower(h)
            && ditto_header_validate(definition, h->value, err) != DITTO_OK)
        {
            return DITTO_ERROR;
        }
    }

    return DITTO_OK;
}


ditto_rc_t
ditto_headers_spelled(const ditto_headers_t *headers, ditto_error_t *err)
{
    size_t                 i;
    const ditto_header_t  *h;

    for (i = 0; i < headers->n; i++) {
        h = &headers->elts[i];

        if (h->definition == NULL
            || (h->definition->flags & DITTO_HEADER_TYPED) == 0
            || (h->definition->flags & DITTO_HEADER_OUT) == 0
            || ditto_header_lower(h))
        {
            continue;
        }

        if (ditto_header_validate(h->definition, h->value, err) != DITTO_OK) {
            return DITTO_ERROR;
        }
    }

    return DITTO_OK;
}


void
ditto_headers_render(ditto_buf_t *out, const ditto_headers_t *headers)
{
    bool    first;
    size_t  i;

    first = true;

    ditto_buf_char(out, '{');

    for (i = 0; i < headers->n; i++) {
        ditto_header_render(out, &headers->elts[i], false, &first);
    }

    ditto_buf_char(out, '}');
}


/* spec: "Headers" (internal to external filter, rendering) */
void
ditto_header_render(ditto_buf_t *out, const ditto_header_t *header,
    bool text, bool *first)
{
    bool                              acks, any;
    ditto_str_t                       name;
    ditto_error_t                     ignored;
    const ditto_header_definition_t  *def;

    def = header->definition;
    acks = false;

    if (def != NULL && (def->flags & DITTO_HEADER_OUT) == 0) {
        return;
    }

    if (!text && ditto_header_add_plain(out, header, *first)) {
        *first = false;
        return;
    }

    if (def != NULL && def->value == DITTO_HEADER_ACKS) {
        acks = ditto_header_acks_left(header->value, &any);

        if (acks && !any) {
            return;
        }
    }

    name = header->name;

    if (text && ditto_case_lower(out->pool, name, &name) != DITTO_OK) {
        out->failed = true;
        return;
    }

    if (!*first) {
        ditto_buf_char(out, ',');
    }

    *first = false;

    ditto_json_add_string(out, name);
    ditto_buf_char(out, ':');

    if (acks) {
        ditto_header_acks_render(out, header->value, text);

    } else if (!text && def != NULL && (def->flags & DITTO_HEADER_TYPED) != 0
               && ditto_json_validate(header->value, &ignored) == DITTO_OK)
    {
        ditto_json_add_value(out, ditto_str_trim(header->value));

    } else {
        ditto_json_add_string(out, header->value);
    }
}


/* False: its texts need a look. */
static bool
ditto_header_add_plain(ditto_buf_t *out, const ditto_header_t *header,
    bool first)
{
    bool                              typed;
    unsigned char                    *p;
    const ditto_header_definition_t  *def;

    def = header->definition;
    typed = (def != NULL && (def->flags & DITTO_HEADER_TYPED) != 0);

    if (header->form != (typed ? DITTO_HEADER_JSON : DITTO_HEADER_PLAIN)
        || header->name.len == 0 || header->value.len == 0)
    {
        return false;
    }

    if (!ditto_buf_room(out, header->name.len + header->value.len
                             + sizeof(",\"\":\"\"")))
    {
        return true;
    }

    p = out->data + out->len;

    if (!first) {
        *p++ = ',';
    }

    *p++ = '"';
    memcpy(p, header->name.data, header->name.len);
    p += header->name.len;
    *p++ = '"';
    *p++ = ':';

    if (!typed) {
        *p++ = '"';
    }

    memcpy(p, header->value.data, header->value.len);
    p += header->value.len;

    if (!typed) {
        *p++ = '"';
    }

    out->len = (size_t) (p - out->data);

    return true;
}


/*
 * spec: "Headers" (reading): of a name in several spellings the last one
 * counts, in the place of the first.
 */
static ditto_rc_t
ditto_headers_collect(ditto_headers_t *headers, ditto_str_t object,
    bool message, ditto_error_t *err)
{
    bool                              escapes;
    size_t                            total;
    ditto_str_t                       raw, value, name, text;
    ditto_str_t                       none = ditto_null_string;
    ditto_json_t                      it;
    ditto_header_t                   *h;
    const ditto_header_definition_t  *def;

    total = 0;
    escapes = (memchr(object.data, '\\', object.len) != NULL);

    ditto_json_iterate(&it, object);

    while (ditto_json_next(&it, &raw, &value)) {

        if (!escapes && ditto_json_type(value) == DITTO_JSON_STRING) {
            name = raw;
            text = ditto_str_sub(value, 1, value.len - 1);

        } else if (ditto_json_decode(headers->pool, raw, &name) != DITTO_OK
                   || ditto_header_text(headers->pool, value, &text)
                      != DITTO_OK)
        {
            return ditto_fail_memory(err);
        }

        /* what is replaced or dropped costs time as well: it counts */

        total += name.len + text.len;

        if (total > DITTO_HEADERS_MAX) {
            return ditto_fail(err, DITTO_E_HEADERS_TOO_LARGE,
                              ditto_str("more than 5120 bytes"), none);
        }

        h = ditto_headers_find(headers, name);

        if (ditto_json_type(value) == DITTO_JSON_NULL) {
            if (h != NULL && ditto_str_eq(h->name, name)) {
                ditto_headers_delete(headers, h);
            }

            continue;
        }

        if (h == NULL) {
            h = ditto_headers_push(headers, name);
            if (h == NULL) {
                return ditto_fail_memory(err);
            }
        }

        def = ditto_header_definition(name);

        if (def != NULL && !message
            && (def->flags & DITTO_HEADER_MESSAGE) != 0
            && (def->flags & DITTO_HEADER_IN) != 0)
        {
            def = NULL;
        }

        h->name = name;
        h->value = text;
        h->definition = def;
        h->form = (!escapes && ditto_json_type(value) == DITTO_JSON_STRING)
                  ? DITTO_HEADER_PLAIN : DITTO_HEADER_TEXT;
    }

    return DITTO_OK;
}


/* Ditto looks names up as they are spelled, so in lower case only. */
static ditto_rc_t
ditto_headers_validate(ditto_headers_t *headers, ditto_error_t *err)
{
    size_t           i;
    ditto_header_t  *h;

    for (i = 0; i < headers->n; i++) {
        h = &headers->elts[i];

        if (h->definition != NULL && ditto_header_lower(h)
            && ditto_header_validate(h->definition, h->value, err)
               != DITTO_OK)
        {
            return DITTO_ERROR;
        }
    }

    for (i = 0; i < headers->n; /* void */) {
        if (ditto_header_vanishes(&headers->elts[i])) {
            ditto_headers_delete(headers, &headers->elts[i]);

        } else {
            i++;
        }
    }

    return DITTO_OK;
}


ditto_header_t *
ditto_headers_search(const ditto_headers_t *headers, ditto_str_t name)
{
    size_t           i;
    ditto_header_t  *h;

    if (name.len == 0) {
        return NULL;
    }

    for (i = 0; i < headers->n; i++) {
        h = &headers->elts[i];

        if (h->name.len == name.len
            && (h->name.data[0] | 0x20) == (name.data[0] | 0x20)
            && ditto_str_caseeq(h->name, name))
        {
            return h;
        }
    }

    return NULL;
}


/* An element for a header of this name, which it does not have yet. */
static ditto_header_t *
ditto_headers_push(ditto_headers_t *headers, ditto_str_t name)
{
    size_t           cap;
    ditto_header_t  *elts;

    if (headers->n == headers->cap) {
        cap = (headers->cap == 0) ? DITTO_HEADERS_FIRST : headers->cap * 2;

        elts = ditto_alloc(headers->pool, cap * sizeof(ditto_header_t));
        if (elts == NULL) {
            return NULL;
        }

        if (headers->n != 0) {
            memcpy(elts, headers->elts,
                   headers->n * sizeof(ditto_header_t));
        }

        headers->elts = elts;
        headers->cap = cap;
    }

    headers->lengths |= ditto_headers_length(name);

    return &headers->elts[headers->n++];
}


static void
ditto_headers_delete(ditto_headers_t *headers, ditto_header_t *header)
{
    size_t  behind;

    behind = headers->n - (size_t) (header - headers->elts) - 1;

    memmove(header, header + 1, behind * sizeof(ditto_header_t));

    headers->n--;
}


/* A string as it is, anything else as the JSON text that Ditto prints. */
static ditto_rc_t
ditto_header_text(ditto_pool_t *pool, ditto_str_t value, ditto_str_t *text)
{
    if (ditto_json_type(value) == DITTO_JSON_STRING) {
        return ditto_json_text(pool, value, text);
    }

    return ditto_json_print(pool, value, text);
}


static bool
ditto_header_lower(const ditto_header_t *header)
{
    return ditto_str_eq(header->name, header->definition->name);
}


/* Instructions about metadata that say nothing are dropped by Ditto. */
static bool
ditto_header_vanishes(const ditto_header_t *header)
{
    ditto_str_t    name, element;
    ditto_json_t   it;
    ditto_error_t  ignored;

    if (header->definition == NULL) {
        return false;
    }

    if (header->definition->value == DITTO_HEADER_SELECTOR) {
        return header->value.len == 0;
    }

    if (header->definition->value != DITTO_HEADER_METADATA) {
        return false;
    }

    element = ditto_str_trim(header->value);

    if (element.len == 0 || element.data[0] != '['
        || ditto_json_validate(element, &ignored) != DITTO_OK)
    {
        return true;
    }

    ditto_json_iterate(&it, element);

    while (ditto_json_next(&it, &name, &element)) {
        if (ditto_json_type(element) == DITTO_JSON_OBJECT) {
            return false;
        }
    }

    return true;
}


/*
 * True if the value is an array.  *any: something is left of it without the
 * labels that Ditto answers itself; an array that was empty stays.
 */
static bool
ditto_header_acks_left(ditto_str_t value, bool *any)
{
    bool           empty;
    ditto_str_t    json, name, label;
    ditto_json_t   it;
    ditto_error_t  ignored;

    json = ditto_str_trim(value);

    if (json.len == 0 || json.data[0] != '['
        || ditto_json_validate(json, &ignored) != DITTO_OK)
    {
        return false;
    }

    *any = false;
    empty = true;

    ditto_json_iterate(&it, json);

    while (ditto_json_next(&it, &name, &label)) {
        empty = false;

        if (label.len < 2
            || !ditto_ack_label_internal(ditto_str_sub(label, 1,
                                                       label.len - 1)))
        {
            *any = true;
        }
    }

    if (empty) {
        *any = true;
    }

    return true;
}


static void
ditto_header_acks_render(ditto_buf_t *out, ditto_str_t value, bool text)
{
    bool          first;
    ditto_buf_t   buf;
    ditto_str_t   name, label, list;
    ditto_json_t  it;

    first = true;

    ditto_buf_init(&buf, out->pool, value.len + 2);
    ditto_buf_char(&buf, '[');
    ditto_json_iterate(&it, ditto_str_trim(value));

    while (ditto_json_next(&it, &name, &label)) {

        if (label.len >= 2
            && ditto_ack_label_internal(ditto_str_sub(label, 1,
                                                      label.len - 1)))
        {
            continue;
        }

        if (!first) {
            ditto_buf_char(&buf, ',');
        }

        first = false;
        ditto_json_add_value(&buf, label);
    }

    ditto_buf_char(&buf, ']');

    if (ditto_buf_done(&buf, &list) != DITTO_OK) {
        out->failed = true;

    } else if (text) {
        ditto_json_add_string(out, list);

    } else {
        ditto_buf_str(out, list);
    }
}
