#include "ditto_json_parts.h"


void
ditto_json_add_string(ditto_buf_t *out, ditto_str_t text)
{
    char                  hex[7];
    size_t                i, from, n;
    ditto_str_t           s;
    unsigned char         c;
    const unsigned char  *p, *end;
    static const char     digits[] = "0123456789ABCDEF";

    if (!ditto_buf_room(out, text.len + 2)) {
        return;
    }

    ditto_buf_char(out, '"');

    from = 0;
    i = 0;

    while (i < text.len) {
        end = text.data + text.len;
        p = ditto_json_run(text.data + i, end, DITTO_JSON_TO_SPECIAL);
        i = (size_t) (p - text.data);

        if (p == end) {
            break;
        }

        c = *p;

        if (c >= 0x80) {
            n = (c >= 0xf0) ? 4 : (c >= 0xe0) ? 3 : 2;
            s = ditto_str_sub(text, i, (i + n <= text.len) ? i + n : text.len);

            if (ditto_str_utf8(s)) {
                i += n;
                continue;
            }
        }

        ditto_buf_add(out, text.data + from, i - from);

        switch (c) {

        case '"':
            ditto_buf_text(out, "\\\"");
            break;

        case '\\':
            ditto_buf_text(out, "\\\\");
            break;

        case '\b':
            ditto_buf_text(out, "\\b");
            break;

        case '\f':
            ditto_buf_text(out, "\\f");
            break;

        case '\n':
            ditto_buf_text(out, "\\n");
            break;

        case '\r':
            ditto_buf_text(out, "\\r");
            break;

        case '\t':
            ditto_buf_text(out, "\\t");
            break;

        default:
            if (c >= 0x80) {
                ditto_buf_text(out, "\xef\xbf\xbd");
                break;
            }

            memcpy(hex, "\\u00", 4);
            hex[4] = digits[c >> 4];
            hex[5] = digits[c & 15];
            ditto_buf_add(out, hex, 6);
        }

        i++;
        from = i;
    }

    if (text.len != from) {
        ditto_buf_add(out, text.data + from, text.len - from);
    }

    ditto_buf_char(out, '"');
}


ditto_rc_t
ditto_json_quote(ditto_pool_t *pool, ditto_str_t text, ditto_str_t *string)
{
    ditto_buf_t  buf;

    ditto_buf_init(&buf, pool, text.len + 2);
    ditto_json_add_string(&buf, text);

    return ditto_buf_done(&buf, string);
}


void
ditto_json_add_compact(ditto_buf_t *out, ditto_str_t value)
{
    ditto_str_t           raw, text;
    const unsigned char  *p, *end, *next;

    p = value.data;
    end = p + value.len;

    while (p < end) {

        if (*p == '"') {
            next = ditto_json_skip_string(p, end);

            raw.data = p + 1;
            raw.len = (size_t) (next - p) - 2;

            if (memchr(raw.data, '\\', raw.len) == NULL) {
                ditto_buf_add(out, p, (size_t) (next - p));

            } else if (ditto_json_decode(out->pool, raw, &text) == DITTO_OK) {
                ditto_json_add_string(out, text);

            } else {
                out->failed = true;
            }

            p = next;
            continue;
        }

        if (*p != ' ' && *p != '\t' && *p != '\n' && *p != '\r') {
            ditto_buf_char(out, (char) *p);
        }

        p++;
    }
}
