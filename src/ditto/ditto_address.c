#include "ditto_address.h"
#include "ditto_decode.h"


#define DITTO_KAFKA_TOPIC_MAX  249   /* characters; the limit of Kafka */


/* What is left where the check put a dummy for placeholders. */
typedef enum {
    DITTO_ADDRESS_IN_TOPIC = 0,
    DITTO_ADDRESS_IN_PARTITION,
    DITTO_ADDRESS_FOR_READERS,
    DITTO_ADDRESS_PARTITION_FOR_READERS
} ditto_address_dummy_e;


static void ditto_address_split(ditto_str_t text, ditto_str_t *topic,
    ditto_str_t *key, ditto_str_t *partition);
static ditto_rc_t ditto_address_topic(ditto_str_t topic, ditto_error_t *err);
static ditto_rc_t ditto_address_check(ditto_pool_t *pool, ditto_str_t text,
    ditto_error_t *err);
static ditto_rc_t ditto_address_check_partition(ditto_pool_t *pool,
    ditto_str_t partition, ditto_error_t *err);
static ditto_rc_t ditto_address_replace(ditto_pool_t *pool, ditto_str_t text,
    ditto_address_dummy_e as, ditto_str_t *out);


/* Stands where a placeholder is while an address is checked. */
static const ditto_str_t  ditto_address_dummy =
    ditto_string("6f1d3b0e-9f53-4b0a-8c0e-4a0f5d1c2b7e");

static const ditto_str_t  ditto_address_dummies[] = {
    [DITTO_ADDRESS_IN_TOPIC] = ditto_string("replaced_placeholder"),
    [DITTO_ADDRESS_IN_PARTITION] = ditto_string("3"),
    [DITTO_ADDRESS_FOR_READERS] = ditto_string("<uuid>"),
    [DITTO_ADDRESS_PARTITION_FOR_READERS] = ditto_string("<placeholder>"),
};


/* spec: Target address (at run time) */
ditto_rc_t
ditto_address_parse(ditto_address_t *address, ditto_str_t text,
    ditto_error_t *err)
{
    ditto_str_t  partition, none = ditto_null_string;

    ditto_address_split(text, &address->topic, &address->key, &partition);

    address->partition = -1;
    address->has_partition = false;

    if (ditto_address_topic(address->topic, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    if (address->key.len == 0) {
        address->key = none;
    }

    if (partition.len == 0) {
        return DITTO_OK;
    }

    if (!ditto_decode_int32(partition, &address->partition)) {
        (void) ditto_fail(err, DITTO_E_CONNECTION_CONFIGURATION, partition,
                          none);
        err->message = "Can not parse partition number from %1";
        err->offset = address->topic.len + 1;
        return DITTO_ERROR;
    }

    if (address->partition < 0) {
        (void) ditto_fail(err, DITTO_E_PARTITION_NEGATIVE, partition, none);
        err->offset = address->topic.len + 1;
        return DITTO_ERROR;
    }

    address->has_partition = true;

    return DITTO_OK;
}


/* spec: Target address (at configuration time) */
ditto_rc_t
ditto_address_compile(ditto_pool_t *pool, ditto_str_t text,
    ditto_template_t **tpl, ditto_error_t *err)
{
    ditto_rc_t   rc;
    ditto_str_t  checked, none = ditto_null_string;

    if (ditto_template_compile(pool, text, DITTO_PLACE_ADDRESS, tpl, err)
        != DITTO_OK)
    {
        return ditto_fail_as(pool, err, DITTO_E_CONNECTION_CONFIGURATION);
    }

    rc = ditto_template_check(pool, *tpl, ditto_address_dummy, &checked, err);

    if (rc == DITTO_DECLINED) {
        (void) ditto_fail(err, DITTO_E_PLACEHOLDER_UNRESOLVED, text, none);
        rc = DITTO_ERROR;
    }

    if (rc != DITTO_OK) {
        return ditto_fail_as(pool, err, DITTO_E_CONNECTION_CONFIGURATION);
    }

    return ditto_address_check(pool, checked, err);
}


ditto_rc_t
ditto_kafka_topic_check(ditto_pool_t *pool, ditto_str_t topic,
    ditto_error_t *err)
{
    ditto_str_t    shown, replaced, why;
    ditto_buf_t    buf;
    ditto_error_t  cause;

    if (topic.len == 0) {
        return ditto_fail_text(err, DITTO_E_CONNECTION_CONFIGURATION,
                               "The provided topic in your target address may "
                               "not be empty.");
    }

    if (ditto_address_replace(pool, topic, DITTO_ADDRESS_IN_TOPIC, &replaced)
        != DITTO_OK)
    {
        return ditto_fail_memory(err);
    }

    if (ditto_address_topic(replaced, &cause) == DITTO_OK) {
        return DITTO_OK;
    }

    ditto_buf_init(&buf, pool, 0);
    ditto_error_message(&buf, &cause);

    if (ditto_buf_done(&buf, &why) != DITTO_OK
        || ditto_address_replace(pool, topic, DITTO_ADDRESS_FOR_READERS,
                                 &shown)
           != DITTO_OK)
    {
        return ditto_fail_memory(err);
    }

    (void) ditto_fail(err, DITTO_E_CONNECTION_CONFIGURATION, shown, why);
    err->message = "The provided topic '%1' is not valid: %2";

    return DITTO_ERROR;
}


bool
ditto_kafka_topic_valid(ditto_str_t topic)
{
    ditto_error_t  err;

    return ditto_address_topic(topic, &err) == DITTO_OK;
}


/* A separator counts from the second byte on; "/" goes before "#". */
static void
ditto_address_split(ditto_str_t text, ditto_str_t *topic, ditto_str_t *key,
    ditto_str_t *partition)
{
    size_t       slash, hash;
    ditto_str_t  none = ditto_null_string;

    *topic = text;
    *key = none;
    *partition = none;

    slash = ditto_str_chr(text, '/', 0);

    if (slash > 0 && slash < text.len) {
        *topic = ditto_str_sub(text, 0, slash);
        *key = ditto_str_sub(text, slash + 1, text.len);
        return;
    }

    hash = ditto_str_chr(text, '#', 0);

    if (hash > 0 && hash < text.len) {
        *topic = ditto_str_sub(text, 0, hash);
        *partition = ditto_str_sub(text, hash + 1, text.len);
    }
}


/* In Kafka's order: empty, dots, length, characters. */
static ditto_rc_t
ditto_address_topic(ditto_str_t topic, ditto_error_t *err)
{
    bool         legal;
    size_t       i, n, units, size;
    uint32_t     c;
    const char  *why;

    legal = true;
    n = topic.len;

    for (i = 0; i < topic.len; i++) {
        c = topic.data[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-'))
        {
            legal = false;
            break;
        }
    }

    if (!legal) {
        for (i = 0, units = 0; i < topic.len; i += size) {
            size = ditto_decode_char(topic, i, &c);
            units += (size == 4) ? 2 : 1;
        }

        n = units;
    }

    if (n == 0) {
        why = "Topic name is invalid: the empty string is not allowed";

    } else if (n == 1 && topic.data[0] == '.') {
        why = "Topic name is invalid: '.' is not allowed";

    } else if (n == 2 && topic.data[0] == '.' && topic.data[1] == '.') {
        why = "Topic name is invalid: '..' is not allowed";

    } else if (n > DITTO_KAFKA_TOPIC_MAX) {
        why = "Topic name is invalid: the length of '%1' is longer than the "
              "max allowed length 249";

    } else if (!legal) {
        why = "Topic name is invalid: '%1' contains one or more characters "
              "other than ASCII alphanumerics, '.', '_' and '-'";

    } else {
        return DITTO_OK;
    }

    (void) ditto_fail(err, DITTO_E_CONNECTION_CONFIGURATION, topic, topic);
    err->message = why;

    return DITTO_ERROR;
}


static ditto_rc_t
ditto_address_check(ditto_pool_t *pool, ditto_str_t text, ditto_error_t *err)
{
    ditto_str_t  topic, key, partition;

    ditto_address_split(text, &topic, &key, &partition);

    if (ditto_kafka_topic_check(pool, topic, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    if (key.data != NULL && key.len == 0) {
        return ditto_fail_text(err, DITTO_E_CONNECTION_CONFIGURATION,
                               "The provided key in your target address may "
                               "not be empty.");
    }

    if (partition.data == NULL) {
        return DITTO_OK;
    }

    if (partition.len == 0) {
        return ditto_fail_text(err, DITTO_E_CONNECTION_CONFIGURATION,
                               "The provided partition in your target address "
                               "may not be empty.");
    }

    return ditto_address_check_partition(pool, partition, err);
}


static ditto_rc_t
ditto_address_check_partition(ditto_pool_t *pool, ditto_str_t partition,
    ditto_error_t *err)
{
    int32_t      number;
    ditto_str_t  replaced, none = ditto_null_string;

    if (ditto_address_replace(pool, partition, DITTO_ADDRESS_IN_PARTITION,
                              &replaced)
        != DITTO_OK)
    {
        return ditto_fail_memory(err);
    }

    if (ditto_decode_int32(replaced, &number)) {
        return DITTO_OK;
    }

    if (ditto_address_replace(pool, partition,
                              DITTO_ADDRESS_PARTITION_FOR_READERS, &replaced)
        != DITTO_OK)
    {
        return ditto_fail_memory(err);
    }

    (void) ditto_fail(err, DITTO_E_CONNECTION_CONFIGURATION, replaced, none);
    err->message = "Can not parse partition number from %1.";

    return DITTO_ERROR;
}


static ditto_rc_t
ditto_address_replace(ditto_pool_t *pool, ditto_str_t text,
    ditto_address_dummy_e as, ditto_str_t *out)
{
    size_t       at;
    ditto_buf_t  buf;

    ditto_buf_init(&buf, pool, text.len + 1);

    for ( ;; ) {
        at = ditto_str_find(text, ditto_address_dummy);

        if (at > text.len) {
            break;
        }

        ditto_buf_str(&buf, ditto_str_sub(text, 0, at));
        ditto_buf_str(&buf, ditto_address_dummies[as]);
        text = ditto_str_sub(text, at + ditto_address_dummy.len, text.len);
    }

    ditto_buf_str(&buf, text);

    return ditto_buf_done(&buf, out);
}
