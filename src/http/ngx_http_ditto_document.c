
#include "ngx_http_ditto.h"


#define NGX_HTTP_DITTO_DOCUMENT_MAX  (1024 * 1024 * 1024)    /* bytes */


/* Memory for one file after the other. */
typedef struct {
    u_char                      *data;
    size_t                       size;
    ngx_http_ditto_document_pt   handler;
} ngx_http_ditto_reader_t;


static char *ngx_http_ditto_documents_read(ngx_conf_t *cf, ngx_str_t *file,
    ngx_http_ditto_reader_t *reader);
static char *ngx_http_ditto_document(ngx_conf_t *cf, ngx_str_t *file,
    ngx_http_ditto_reader_t *reader);
static ngx_int_t ngx_http_ditto_document_room(ngx_conf_t *cf,
    ngx_http_ditto_reader_t *reader, size_t size);
static void ngx_http_ditto_conceal(ditto_error_t *err);


char *
ngx_http_ditto_documents(ngx_conf_t *cf, ngx_str_t *pattern,
    ngx_http_ditto_document_pt handler)
{
    char                     *rv;
    ngx_str_t                 file;
    ngx_http_ditto_reader_t   reader;

    file = *pattern;

    if (ngx_conf_full_name(cf->cycle, &file, 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    reader.data = NULL;
    reader.size = 0;
    reader.handler = handler;

    if (strpbrk((char *) file.data, "*?[") == NULL) {
        rv = ngx_http_ditto_document(cf, &file, &reader);

    } else {
        rv = ngx_http_ditto_documents_read(cf, &file, &reader);
    }

    if (reader.data != NULL) {
        ngx_http_ditto_area_unmap(reader.data, reader.size, cf->log);
    }

    return rv;
}


static char *
ngx_http_ditto_documents_read(ngx_conf_t *cf, ngx_str_t *pattern,
    ngx_http_ditto_reader_t *reader)
{
    char        *rv;
    ngx_int_t    n;
    ngx_str_t    file, name;
    ngx_glob_t   gl;

    ngx_memzero(&gl, sizeof(ngx_glob_t));

    gl.pattern = pattern->data;
    gl.log = cf->log;
    gl.test = 1;

    if (ngx_open_glob(&gl) != NGX_OK) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_open_glob_n " \"%V\" failed", pattern);
        return NGX_CONF_ERROR;
    }

    rv = NGX_CONF_OK;

    for ( ;; ) {
        n = ngx_read_glob(&gl, &name);

        if (n != NGX_OK) {
            break;
        }

        file.len = name.len++;
        file.data = ngx_pstrdup(cf->temp_pool, &name);

        if (file.data == NULL) {
            rv = NGX_CONF_ERROR;
            break;
        }

        rv = ngx_http_ditto_document(cf, &file, reader);

        if (rv != NGX_CONF_OK) {
            break;
        }
    }

    ngx_close_glob(&gl);

    return rv;
}


static char *
ngx_http_ditto_document(ngx_conf_t *cf, ngx_str_t *file,
    ngx_http_ditto_reader_t *reader)
{
    char             *rv;
    size_t            size;
    ssize_t           n;
    ngx_str_t         text, *args;
    ngx_file_t        f;
    ngx_file_info_t   fi;

    ngx_memzero(&f, sizeof(ngx_file_t));

    f.name = *file;
    f.log = cf->log;
    f.fd = ngx_open_file(file->data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (f.fd == NGX_INVALID_FILE) {
        args = cf->args->elts;
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           "\"%V\": " ngx_open_file_n " \"%V\" failed",
                           &args[0], file);
        return NGX_CONF_ERROR;
    }

    rv = NGX_CONF_ERROR;

    if (ngx_fd_info(f.fd, &fi) == NGX_FILE_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_fd_info_n " \"%V\" failed", file);
        goto done;
    }

    if (!ngx_is_file(&fi)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"%V\" is no file", file);
        goto done;
    }

    size = (size_t) ngx_file_size(&fi);

    if (size > NGX_HTTP_DITTO_DOCUMENT_MAX) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" has %uz bytes, more than a document may "
                           "have", file, size);
        goto done;
    }

    if (ngx_http_ditto_document_room(cf, reader, size) != NGX_OK) {
        goto done;
    }

    n = ngx_read_file(&f, reader->data, size, 0);

    if (n == NGX_ERROR || (size_t) n != size) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, (n == NGX_ERROR) ? ngx_errno : 0,
                           ngx_read_file_n " \"%V\" failed", file);
        goto done;
    }

    text.len = size;
    text.data = reader->data;

    rv = reader->handler(cf, file, &text);

done:

    if (ngx_close_file(f.fd) == NGX_FILE_ERROR) {
        ngx_log_error(NGX_LOG_ALERT, cf->log, ngx_errno,
                      ngx_close_file_n " \"%V\" failed", file);
    }

    return rv;
}


static ngx_int_t
ngx_http_ditto_document_room(ngx_conf_t *cf, ngx_http_ditto_reader_t *reader,
    size_t size)
{
    if (reader->data != NULL && size <= reader->size) {
        return NGX_OK;
    }

    if (reader->data != NULL) {
        ngx_http_ditto_area_unmap(reader->data, reader->size, cf->log);
    }

    reader->size = ngx_align(ngx_max(size, 1), ngx_pagesize);
    reader->data = ngx_http_ditto_area_map(reader->size, cf->log);

    return (reader->data != NULL) ? NGX_OK : NGX_ERROR;
}


/*
 * The sentence of an error on one line: a document must not write lines of
 * the log.
 */

ngx_int_t
ngx_http_ditto_sentence(ngx_conf_t *cf, ditto_error_t *err, ngx_str_t *s)
{
    ditto_buf_t    buf;
    ditto_str_t    sentence;
    ditto_pool_t  *pool;

    pool = ngx_http_ditto_pool(cf->temp_pool);
    if (pool == NULL) {
        return NGX_ERROR;
    }

    ditto_buf_init(&buf, pool, 256);
    ditto_error_text(&buf, err);

    if (ditto_buf_done(&buf, &sentence) != DITTO_OK) {
        return NGX_ERROR;
    }

    s->len = sentence.len;
    s->data = (u_char *) sentence.data;

    return ngx_http_ditto_printable(cf, s);
}


ngx_int_t
ngx_http_ditto_printable(ngx_conf_t *cf, ngx_str_t *s)
{
    size_t   i;
    u_char  *p;

    p = ngx_pnalloc(cf->temp_pool, s->len + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < s->len; i++) {
        p[i] = (s->data[i] < 0x20 || s->data[i] == 0x7f) ? ' ' : s->data[i];
    }

    s->data = p;

    return NGX_OK;
}


void
ngx_http_ditto_document_error(ngx_conf_t *cf, char *what, ngx_str_t *file,
    ngx_str_t *text, ditto_str_t *place, ditto_error_t *err)
{
    size_t         i;
    ngx_str_t      at, where;
    ngx_uint_t     line, column;

    ngx_http_ditto_conceal(err);

    if (ngx_http_ditto_sentence(cf, err, &at) != NGX_OK) {
        return;
    }

    if (place->len != 0) {
        where.len = place->len;
        where.data = (u_char *) place->data;

        if (ngx_http_ditto_printable(cf, &where) != NGX_OK) {
            return;
        }

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "%s \"%V\" at %V: %s: %V", what, file, &where,
                           ditto_error_name(err), &at);
        return;
    }

    if (text == NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%s \"%V\": %s: %V", what,
                           file, ditto_error_name(err), &at);
        return;
    }

    line = 1;
    column = 1;

    for (i = 0; i < err->offset && i < text->len; i++) {
        column++;

        if (text->data[i] == '\n') {
            line++;
            column = 1;
        }
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "%s \"%V\" at line %ui, column %ui: %s: %V", what,
                       file, line, column, ditto_error_name(err), &at);
}


/*
 * A member of the wrong type is quoted, and it may be a uri or a key in the
 * wrong place: numbers and literals are shown, texts and containers are not.
 */

static void
ngx_http_ditto_conceal(ditto_error_t *err)
{
    ngx_uint_t  i;

    if (err->code != DITTO_E_JSON_INVALID
        && err->code != DITTO_E_JSON_FORMAT_INVALID)
    {
        return;
    }

    for (i = 0; i < DITTO_ERROR_ARGS; i++) {
        if (err->args[i].len != 0
            && ngx_strchr("{[\"", err->args[i].data[0]) != NULL)
        {
            err->args[i] = ditto_str("...");
        }
    }
}


void
ngx_http_ditto_argument_error(ngx_conf_t *cf, ngx_str_t *value,
    ditto_error_t *err)
{
    ngx_str_t   s, shown;
    ngx_str_t  *args;

    shown = *value;
    args = cf->args->elts;

    if (ngx_http_ditto_sentence(cf, err, &s) != NGX_OK
        || ngx_http_ditto_printable(cf, &shown) != NGX_OK)
    {
        return;
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid value \"%V\" of \"%V\": %s: %V", &shown,
                       &args[0], ditto_error_name(err), &s);
}
