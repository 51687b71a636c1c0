#include "ditto_batch.h"
#include "ditto_json_parts.h"


static ditto_rc_t ditto_batch_line(ditto_str_t text, size_t *at, bool last,
    ditto_str_t *message);
static ditto_rc_t ditto_batch_element(ditto_batch_t *batch, ditto_str_t text,
    size_t *at, bool last, ditto_str_t *message, ditto_error_t *err);
static ditto_rc_t ditto_batch_punctuation(ditto_batch_t *batch,
    ditto_str_t text, size_t *at, ditto_error_t *err);
static ditto_rc_t ditto_batch_wrong(size_t at, ditto_error_t *err);
static size_t ditto_batch_blanks(ditto_str_t text, size_t at);
static size_t ditto_batch_value(ditto_str_t text, size_t at);
static size_t ditto_batch_string(ditto_str_t text, size_t at);
static size_t ditto_batch_scalar(ditto_str_t text, size_t at);


void
ditto_batch_init(ditto_batch_t *batch, ditto_batch_e kind)
{
    memset(batch, 0, sizeof(ditto_batch_t));
    batch->kind = kind;
}


ditto_rc_t
ditto_batch_next(ditto_batch_t *batch, ditto_str_t text, size_t *at,
    bool last, ditto_str_t *message, ditto_error_t *err)
{
    return (batch->kind == DITTO_BATCH_LINES)
           ? ditto_batch_line(text, at, last, message)
           : ditto_batch_element(batch, text, at, last, message, err);
}


static ditto_rc_t
ditto_batch_line(ditto_str_t text, size_t *at, bool last,
    ditto_str_t *message)
{
    size_t                end;
    const unsigned char  *nl;

    while (*at < text.len) {

        nl = memchr(text.data + *at, '\n', text.len - *at);

        if (nl == NULL && !last) {
            return DITTO_DECLINED;
        }

        end = (nl != NULL) ? (size_t) (nl - text.data) : text.len;
        *message = ditto_str_trim(ditto_str_sub(text, *at, end));
        *at = (nl != NULL) ? end + 1 : end;

        if (message->len != 0) {
            return DITTO_OK;
        }
    }

    return DITTO_DECLINED;
}


static ditto_rc_t
ditto_batch_element(ditto_batch_t *batch, ditto_str_t text, size_t *at,
    bool last, ditto_str_t *message, ditto_error_t *err)
{
    size_t      end;
    ditto_rc_t  rc;

    rc = ditto_batch_punctuation(batch, text, at, err);

    if (rc != DITTO_OK) {
        return (rc == DITTO_DECLINED && last && !batch->closed)
               ? ditto_batch_wrong(*at, err) : rc;
    }

    end = ditto_batch_value(text, *at);

    if (end > text.len) {
        return last ? ditto_batch_wrong(*at, err) : DITTO_DECLINED;
    }

    /* a number may go on in the next piece, anything else has its end */

    if (end == text.len && !last && text.data[*at] != '{'
        && text.data[*at] != '[' && text.data[*at] != '"')
    {
        return DITTO_DECLINED;
    }

    if (end == *at) {
        return ditto_batch_wrong(*at, err);
    }

    *message = ditto_str_sub(text, *at, end);
    *at = end;

    batch->comma = false;
    batch->element = true;

    return DITTO_OK;
}


/* Up to the next element.  DITTO_DECLINED: there is none, or not yet. */
static ditto_rc_t
ditto_batch_punctuation(ditto_batch_t *batch, ditto_str_t text, size_t *at,
    ditto_error_t *err)
{
    unsigned char  c;

    for ( ;; ) {

        *at = ditto_batch_blanks(text, *at);

        if (*at == text.len) {
            return DITTO_DECLINED;
        }

        c = text.data[*at];

        if (batch->closed) {
            return ditto_batch_wrong(*at, err);
        }

        if (!batch->opened) {

            if (c != '[') {
                return ditto_batch_wrong(*at, err);
            }

            batch->opened = true;

        } else if (c == ']' && !batch->comma) {
            batch->closed = true;

        } else if (batch->element) {

            if (c != ',') {
                return ditto_batch_wrong(*at, err);
            }

            batch->element = false;
            batch->comma = true;

        } else {
            return DITTO_OK;
        }

        (*at)++;
    }
}


static ditto_rc_t
ditto_batch_wrong(size_t at, ditto_error_t *err)
{
    ditto_str_t  none = ditto_null_string;

    (void) ditto_fail(err, DITTO_E_JSON_INVALID, none, none);
    err->message = "What stands here is no array of Ditto Protocol messages.";
    err->offset = at;

    return DITTO_ERROR;
}


static size_t
ditto_batch_blanks(ditto_str_t text, size_t at)
{
    while (at < text.len
           && (text.data[at] == ' ' || text.data[at] == '\n'
               || text.data[at] == '\r' || text.data[at] == '\t'))
    {
        at++;
    }

    return at;
}


/* Behind a value; beyond text.len: it does not end in text. */
static size_t
ditto_batch_value(ditto_str_t text, size_t at)
{
    const unsigned char  *p, *end;

    switch (text.data[at]) {

    case '{':
    case '[':
        end = text.data + text.len;
        p = ditto_json_skip_container(text.data + at, end);

        return (p != NULL) ? (size_t) (p - text.data) : text.len + 1;

    case '"':
        return ditto_batch_string(text, at);

    default:
        return ditto_batch_scalar(text, at);
    }
}


static size_t
ditto_batch_string(ditto_str_t text, size_t at)
{
    size_t                slashes;
    const unsigned char  *quote;

    for (at++; at < text.len; at++) {

        quote = memchr(text.data + at, '"', text.len - at);

        if (quote == NULL) {
            break;
        }

        at = (size_t) (quote - text.data);

        for (slashes = 0; text.data[at - 1 - slashes] == '\\'; slashes++) {
            /* void */
        }

        if (slashes % 2 == 0) {
            return at + 1;
        }
    }

    return text.len + 1;
}


static size_t
ditto_batch_scalar(ditto_str_t text, size_t at)
{
    while (at < text.len) {

        switch (text.data[at]) {

        case ',':
        case ']':
        case ' ':
        case '\n':
        case '\r':
        case '\t':
            return at;

        default:
            at++;
        }
    }

    return at;
}
