
/*
 * ditto_enforcement: a device speaks only for itself.
 */

#include "ngx_http_ditto.h"


char *
ngx_http_ditto_enforcement(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ditto_loc_conf_t *dlcf = conf;

    size_t                             index;
    ngx_str_t                         *value;
    ngx_uint_t                         i, n;
    ditto_str_t                       *filters;
    ditto_pool_t                      *pool;
    ditto_error_t                      err;
    ngx_http_ditto_enforcement_t      *enforcement;
    ngx_http_compile_complex_value_t   ccv;

    if (dlcf->enforcement != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (cf->args->nelts == 2) {

        if (ngx_strcmp(value[1].data, "off") != 0) {
            return "needs an input and at least one filter, or \"off\"";
        }

        dlcf->enforcement = NULL;
        return NGX_CONF_OK;
    }

    n = cf->args->nelts - 2;

    enforcement = ngx_pcalloc(cf->pool, sizeof(ngx_http_ditto_enforcement_t));
    filters = ngx_palloc(cf->pool, n * sizeof(ditto_str_t));
    pool = ngx_http_ditto_pool(cf->pool);

    if (enforcement == NULL || filters == NULL || pool == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = &value[1];
    ccv.complex_value = &enforcement->input;

    if (ngx_http_compile_complex_value(&ccv) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    for (i = 0; i < n; i++) {
        filters[i] = ngx_http_ditto_str(value[i + 2]);
    }

    index = 0;

    if (ditto_enforcement_compile(pool, filters, n, &enforcement->rule,
                                  &index, &err)
        != DITTO_OK)
    {
        ngx_http_ditto_argument_error(cf, &value[index + 2], &err);
        return NGX_CONF_ERROR;
    }

    dlcf->enforcement = enforcement;

    return NGX_CONF_OK;
}
