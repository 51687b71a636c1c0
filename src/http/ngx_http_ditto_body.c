
#include "ngx_http_ditto.h"


ngx_int_t
ngx_http_ditto_body(ngx_http_request_t *r, size_t max, ngx_str_t *body)
{
    off_t         len;
    size_t        n;
    u_char       *p;
    ssize_t       rc;
    ngx_buf_t    *buf;
    ngx_chain_t  *cl;

    ngx_str_null(body);

    if (r->request_body == NULL || r->request_body->bufs == NULL) {
        return NGX_OK;
    }

    len = 0;

    for (cl = r->request_body->bufs; cl; cl = cl->next) {
        len += ngx_buf_size(cl->buf);
    }

    if (len > (off_t) max) {
        return NGX_DECLINED;
    }

    cl = r->request_body->bufs;
    buf = cl->buf;

    if (cl->next == NULL && ngx_buf_in_memory_only(buf)) {
        body->data = buf->pos;
        body->len = buf->last - buf->pos;
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, (size_t) len + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    body->data = p;
    body->len = (size_t) len;

    for (cl = r->request_body->bufs; cl; cl = cl->next) {
        buf = cl->buf;
        n = (size_t) ngx_buf_size(buf);

        if (ngx_buf_in_memory(buf)) {
            p = ngx_cpymem(p, buf->pos, n);
            continue;
        }

        if (n == 0) {
            continue;
        }

        rc = ngx_read_file(buf->file, p, n, buf->file_pos);

        if (rc == NGX_ERROR || (size_t) rc != n) {
            ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                          "reading the request body from \"%V\" failed",
                          &buf->file->name);
            return NGX_ERROR;
        }

        p += n;
    }

    return NGX_OK;
}
