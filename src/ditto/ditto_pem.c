#include "ditto_pem.h"


#define DITTO_DER_INTEGER       0x02
#define DITTO_DER_BIT_STRING    0x03
#define DITTO_DER_OCTET_STRING  0x04
#define DITTO_DER_OID           0x06
#define DITTO_DER_SEQUENCE      0x30

#define DITTO_RSA_INTEGERS      9    /* of RSAPrivateKey, RFC 8017 */


static ditto_rc_t ditto_pem_decode(ditto_pool_t *pool, ditto_str_t text,
    ditto_str_t *out);
static int ditto_pem_value(unsigned char c);
static bool ditto_pem_line(ditto_str_t text, size_t *at, ditto_str_t *line);
static bool ditto_der_next(ditto_str_t *der, unsigned tag,
    ditto_str_t *content);
static bool ditto_der_certificate(ditto_str_t der);
static bool ditto_der_rsa_key(ditto_str_t der);


/* 1.2.840.113549.1.1.1 */
static const ditto_str_t  ditto_oid_rsa =
    ditto_string("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01");


ditto_rc_t
ditto_pem_certificates(ditto_pool_t *pool, ditto_str_t text)
{
    size_t       at, from, n;
    ditto_rc_t   rc;
    ditto_str_t  line, begin, der;

    static ditto_str_t  dashes = ditto_string("-----");
    static ditto_str_t  open = ditto_string("-----BEGIN ");
    static ditto_str_t  close = ditto_string("-----END ");

    for (at = 0, n = 0; ditto_pem_line(text, &at, &line); /* void */) {

        if (!ditto_str_starts(line, dashes)) {
            continue;
        }

        if (!ditto_str_starts(line, open)) {
            return DITTO_DECLINED;
        }

        begin = ditto_str_sub(line, open.len, line.len);
        from = at;

        do {
            if (!ditto_pem_line(text, &at, &line)) {
                return DITTO_DECLINED;
            }
        } while (!ditto_str_starts(line, dashes));

        if (!ditto_str_starts(line, close)
            || !ditto_str_eq(ditto_str_sub(line, close.len, line.len), begin))
        {
            return DITTO_DECLINED;
        }

        rc = ditto_pem_decode(pool,
                              ditto_str_sub(text, from,
                                            (size_t) (line.data - text.data)),
                              &der);
        if (rc != DITTO_OK) {
            return rc;
        }

        if (!ditto_der_certificate(der)) {
            return DITTO_DECLINED;
        }

        n++;
    }

    return (n != 0) ? DITTO_OK : DITTO_DECLINED;
}


ditto_rc_t
ditto_pem_private_key(ditto_pool_t *pool, ditto_str_t text)
{
    size_t       end;
    ditto_rc_t   rc;
    ditto_str_t  der;

    static ditto_str_t  open = ditto_string("-----BEGIN PRIVATE KEY-----");
    static ditto_str_t  close = ditto_string("-----END PRIVATE KEY-----");

    text = ditto_str_trim(text);

    if (!ditto_str_starts(text, open)) {
        return DITTO_DECLINED;
    }

    text = ditto_str_sub(text, open.len, text.len);
    end = ditto_str_find(text, close);

    if (end > text.len || end + close.len != text.len) {
        return DITTO_DECLINED;
    }

    rc = ditto_pem_decode(pool, ditto_str_sub(text, 0, end), &der);
    if (rc != DITTO_OK) {
        return rc;
    }

    return ditto_der_rsa_key(der) ? DITTO_OK : DITTO_DECLINED;
}


/* A line without its end; false at the end of the text. */
static bool
ditto_pem_line(ditto_str_t text, size_t *at, ditto_str_t *line)
{
    size_t  end;

    if (*at >= text.len) {
        return false;
    }

    for (end = *at; end < text.len; end++) {
        if (text.data[end] == '\n' || text.data[end] == '\r') {
            break;
        }
    }

    *line = ditto_str_sub(text, *at, end);
    *at = end + 1;

    return true;
}


/* base64 with blanks anywhere, padded. */
static ditto_rc_t
ditto_pem_decode(ditto_pool_t *pool, ditto_str_t text, ditto_str_t *out)
{
    int             value;
    size_t          i, n, pad, chars;
    uint32_t        bits;
    unsigned char  *p;

    p = ditto_alloc(pool, text.len);
    if (p == NULL) {
        return DITTO_ERROR;
    }

    n = 0;
    pad = 0;
    chars = 0;
    bits = 0;

    for (i = 0; i < text.len; i++) {

        if (strchr(" \t\r\n\v\f", text.data[i]) != NULL
            && text.data[i] != '\0')
        {
            continue;
        }

        chars++;

        if (text.data[i] == '=') {
            pad++;
            continue;
        }

        value = ditto_pem_value(text.data[i]);

        if (value < 0 || pad != 0) {
            return DITTO_DECLINED;
        }

        bits = (bits << 6) | (uint32_t) value;

        if (chars % 4 != 1) {
            p[n++] = (unsigned char) (bits >> (6 - 2 * ((chars - 1) % 4)));
        }
    }

    if (chars == 0 || chars % 4 != 0 || pad > 2) {
        return DITTO_DECLINED;
    }

    out->data = p;
    out->len = n;

    return DITTO_OK;
}


static int
ditto_pem_value(unsigned char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }

    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }

    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }

    return (c == '+') ? 62 : (c == '/') ? 63 : -1;
}


/* Takes the next element of der, which must have this tag. */
static bool
ditto_der_next(ditto_str_t *der, unsigned tag, ditto_str_t *content)
{
    size_t    n, i, bytes;

    if (der->len < 2 || der->data[0] != tag) {
        return false;
    }

    n = der->data[1];
    i = 2;

    if (n > 0x7f) {
        bytes = n & 0x7f;

        if (bytes == 0 || bytes > 4 || der->len - 2 < bytes) {
            return false;
        }

        for (n = 0; bytes != 0; bytes--) {
            n = (n << 8) | der->data[i++];
        }
    }

    if (der->len - i < n) {
        return false;
    }

    *content = ditto_str_sub(*der, i, i + n);
    *der = ditto_str_sub(*der, i + n, der->len);

    return true;
}


/* Certificate: to be signed, algorithm, signature (RFC 5280). */
static bool
ditto_der_certificate(ditto_str_t der)
{
    ditto_str_t  certificate, part;

    return ditto_der_next(&der, DITTO_DER_SEQUENCE, &certificate)
           && der.len == 0
           && ditto_der_next(&certificate, DITTO_DER_SEQUENCE, &part)
           && ditto_der_next(&certificate, DITTO_DER_SEQUENCE, &part)
           && ditto_der_next(&part, DITTO_DER_OID, &part)
           && ditto_der_next(&certificate, DITTO_DER_BIT_STRING, &part)
           && certificate.len == 0;
}


/* PrivateKeyInfo: version, algorithm, key (RFC 5208). */
static bool
ditto_der_rsa_key(ditto_str_t der)
{
    size_t       i;
    ditto_str_t  info, part, oid;

    if (!ditto_der_next(&der, DITTO_DER_SEQUENCE, &info)
        || !ditto_der_next(&info, DITTO_DER_INTEGER, &part)
        || !ditto_der_next(&info, DITTO_DER_SEQUENCE, &part)
        || !ditto_der_next(&part, DITTO_DER_OID, &oid)
        || !ditto_str_eq(oid, ditto_oid_rsa)
        || !ditto_der_next(&info, DITTO_DER_OCTET_STRING, &part)
        || !ditto_der_next(&part, DITTO_DER_SEQUENCE, &info))
    {
        return false;
    }

    for (i = 0; i < DITTO_RSA_INTEGERS; i++) {
        if (!ditto_der_next(&info, DITTO_DER_INTEGER, &part)) {
            return false;
        }
    }

    return info.len == 0;
}
