
#include "ngx_http_ditto.h"


typedef struct {
    ngx_uint_t  status;
    ngx_str_t   line;
} ngx_http_ditto_line_t;


/* those that nginx has no words for */

static ngx_http_ditto_line_t  ngx_http_ditto_lines[] = {
    { 207, ngx_string("207 Multi-Status") },
    { 424, ngx_string("424 Failed Dependency") },
    { 431, ngx_string("431 Request Header Fields Too Large") },
};


ngx_int_t
ngx_http_ditto_send_error(ngx_http_request_t *r, ngx_uint_t status,
    ditto_error_t *err, ditto_str_t members)
{
    ditto_buf_t    buf;
    ditto_str_t    body;
    static char    retry[] = "Retry-After";
    ngx_str_t      second = ngx_string("1");
    ditto_pool_t  *pool;

    pool = ngx_http_ditto_pool(r->pool);
    if (pool == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ditto_buf_init(&buf, pool, 512);
    ditto_buf_text(&buf, "{\"status\":");
    ditto_buf_int(&buf, (int64_t) status);
    ditto_buf_text(&buf, ",\"error\":\"");
    ditto_buf_text(&buf, ditto_error_name(err));
    ditto_buf_char(&buf, '"');
    ditto_error_texts(&buf, err);
    ditto_buf_str(&buf, members);
    ditto_buf_text(&buf, "}\n");

    if (ditto_buf_done(&buf, &body) != DITTO_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (status == NGX_HTTP_SERVICE_UNAVAILABLE
        && ngx_http_ditto_add_header(r, retry, &second) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_ditto_send_json(r, status, body);
}


ngx_int_t
ngx_http_ditto_send_json(ngx_http_request_t *r, ngx_uint_t status,
    ditto_str_t body)
{
    ngx_int_t     rc;
    ngx_buf_t    *b;
    ngx_uint_t    i;
    ngx_chain_t   out;

    r->headers_out.status = status;

    for (i = 0; i < sizeof(ngx_http_ditto_lines)
                    / sizeof(ngx_http_ditto_lines[0]); i++)
    {
        if (ngx_http_ditto_lines[i].status == status) {
            r->headers_out.status_line = ngx_http_ditto_lines[i].line;
        }
    }

    r->headers_out.content_length_n = (off_t) body.len;
    ngx_str_set(&r->headers_out.content_type, "application/json");
    r->headers_out.content_type_len = r->headers_out.content_type.len;
    r->headers_out.content_type_lowcase = NULL;

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_ERROR;
    }

    b->pos = (u_char *) body.data;
    b->last = b->pos + body.len;
    b->memory = 1;
    b->last_buf = (r == r->main) ? 1 : 0;
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    return ngx_http_output_filter(r, &out);
}


ngx_int_t
ngx_http_ditto_send_status(ngx_http_request_t *r, ngx_uint_t status)
{
    r->headers_out.status = status;
    r->header_only = 1;

    if (status != NGX_HTTP_NO_CONTENT) {
        r->headers_out.content_length_n = 0;
    }

    return ngx_http_send_header(r);
}


ngx_int_t
ngx_http_ditto_add_header(ngx_http_request_t *r, char *name,
    ngx_str_t *value)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(h, sizeof(ngx_table_elt_t));

    h->hash = 1;
    h->key.data = (u_char *) name;
    h->key.len = ngx_strlen(name);
    h->value = *value;

    return NGX_OK;
}
