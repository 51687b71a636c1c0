
/*
 * Handles of topics are kept, since looking one up by name takes a lock of
 * librdkafka and walks a list; but a stranger's message can name a topic, so
 * their number is bounded.  librdkafka itself keeps a topic as long as it
 * lives: after so many of them another rd_kafka_t takes over.
 */

#include "ngx_kafka_topic.h"


#define NGX_KAFKA_TOPICS          1024   /* topics kept, if they are idle */
#define NGX_KAFKA_TOPICS_MAX      8192   /* topics of one rd_kafka_t, whatever
                                            comes */
#define NGX_KAFKA_PARTITIONS      10000  /* of a topic; with more of them
                                            librdkafka batches alone */
#define NGX_KAFKA_PARTITIONS_MAX  65536  /* of all topics, likewise */


static ngx_kafka_topic_t *ngx_kafka_topic_create(
    ngx_kafka_producer_t *producer, const ditto_str_t *name, uint32_t hash);
static ngx_kafka_topic_t *ngx_kafka_topic_find(ngx_kafka_producer_t *producer,
    uint32_t hash, const ditto_str_t *name);
static void ngx_kafka_topic_insert(ngx_rbtree_node_t *temp,
    ngx_rbtree_node_t *node, ngx_rbtree_node_t *sentinel);
static void ngx_kafka_topic_free(ngx_kafka_producer_t *producer,
    ngx_kafka_topic_t *topic);
static ngx_kafka_partition_t *ngx_kafka_topic_keyless(
    ngx_kafka_producer_t *producer, ngx_kafka_topic_t *topic,
    ngx_kafka_record_t *r);
static void ngx_kafka_topic_stick(ngx_kafka_topic_t *topic);
static ngx_uint_t ngx_kafka_topic_late(ngx_kafka_topic_t *topic,
    int32_t number);


void
ngx_kafka_topics_init(ngx_kafka_producer_t *producer)
{
    ngx_rbtree_init(&producer->topics, &producer->sentinel,
                    ngx_kafka_topic_insert);
    ngx_queue_init(&producer->lru);
}


void
ngx_kafka_topics_leave(ngx_kafka_producer_t *producer)
{
    ngx_queue_t        *q;
    ngx_kafka_topic_t  *topic;

    for (q = ngx_queue_head(&producer->lru);
         q != ngx_queue_sentinel(&producer->lru);
         q = ngx_queue_next(q))
    {
        topic = ngx_queue_data(q, ngx_kafka_topic_t, queue);
        topic->older = topic->under_way;

        if (topic->rkt != NULL) {
            rd_kafka_topic_destroy(topic->rkt);
            topic->rkt = NULL;
        }
    }
}


ngx_kafka_topic_t *
ngx_kafka_topic(ngx_kafka_producer_t *producer, const ditto_str_t *name)
{
    uint32_t            hash;
    ngx_queue_t        *q;
    ngx_kafka_topic_t  *topic, *idle;

    hash = ngx_crc32_short((u_char *) name->data, name->len);
    topic = ngx_kafka_topic_find(producer, hash, name);

    if (topic == NULL) {

        topic = ngx_kafka_topic_create(producer, name, hash);
        if (topic == NULL) {
            return NULL;
        }

    } else {
        ngx_queue_remove(&topic->queue);
        ngx_queue_insert_head(&producer->lru, &topic->queue);
    }

    if (ngx_kafka_topic_open(producer, topic) != NGX_OK) {

        if (topic->nheld == 0 && topic->under_way == 0) {
            ngx_kafka_topic_free(producer, topic);
        }

        return NULL;
    }

    if (producer->ntopics > NGX_KAFKA_TOPICS) {
        q = ngx_queue_last(&producer->lru);
        idle = ngx_queue_data(q, ngx_kafka_topic_t, queue);

        if (idle->nheld == 0 && idle->under_way == 0) {
            ngx_kafka_topic_free(producer, idle);

        } else {
            /* busy topics are bounded by the handle's; look at another one */
            ngx_queue_remove(&idle->queue);
            ngx_queue_insert_after(&topic->queue, &idle->queue);
        }
    }

    return topic;
}


ngx_int_t
ngx_kafka_topic_open(ngx_kafka_producer_t *producer, ngx_kafka_topic_t *topic)
{
    ngx_kafka_handle_t  *handle;

    if (topic->rkt != NULL) {
        return NGX_OK;
    }

    handle = producer->handle;

    if (handle->topics_ever >= NGX_KAFKA_TOPICS_MAX) {
        /* no other handle can take over: the old ones still drain */
        return NGX_ERROR;
    }

    /* asks for the topic's partitions, and does not wait for the answer */

    topic->rkt = rd_kafka_topic_new(handle->rk, (char *) topic->name, NULL);

    if (topic->rkt == NULL) {
        return NGX_ERROR;
    }

    handle->topics_ever++;

    return NGX_OK;
}


static ngx_kafka_topic_t *
ngx_kafka_topic_create(ngx_kafka_producer_t *producer, const ditto_str_t *name,
    uint32_t hash)
{
    ngx_kafka_topic_t  *topic;

    topic = ngx_calloc(offsetof(ngx_kafka_topic_t, name) + name->len + 1,
                       producer->log);
    if (topic == NULL) {
        return NULL;
    }

    topic->node.key = hash;
    topic->sticky = -1;
    topic->any.topic = topic;
    topic->any.number = -1;
    ngx_queue_init(&topic->any.held);
    topic->len = name->len;
    ngx_memcpy(topic->name, name->data, name->len);

    ngx_rbtree_insert(&producer->topics, &topic->node);
    ngx_queue_insert_head(&producer->lru, &topic->queue);
    producer->ntopics++;

    return topic;
}


static ngx_kafka_topic_t *
ngx_kafka_topic_find(ngx_kafka_producer_t *producer, uint32_t hash,
    const ditto_str_t *name)
{
    ngx_int_t           rc;
    ngx_kafka_topic_t  *topic;
    ngx_rbtree_node_t  *node, *sentinel;

    node = producer->topics.root;
    sentinel = producer->topics.sentinel;

    while (node != sentinel) {

        if (hash != node->key) {
            node = (hash < node->key) ? node->left : node->right;
            continue;
        }

        topic = (ngx_kafka_topic_t *) node;
        rc = ngx_memn2cmp((u_char *) name->data, topic->name, name->len,
                          topic->len);

        if (rc == 0) {
            return topic;
        }

        node = (rc < 0) ? node->left : node->right;
    }

    return NULL;
}


static void
ngx_kafka_topic_insert(ngx_rbtree_node_t *temp, ngx_rbtree_node_t *node,
    ngx_rbtree_node_t *sentinel)
{
    ngx_kafka_topic_t   *t, *n;
    ngx_rbtree_node_t  **p;

    n = (ngx_kafka_topic_t *) node;

    for ( ;; ) {

        if (node->key != temp->key) {
            p = (node->key < temp->key) ? &temp->left : &temp->right;

        } else {
            t = (ngx_kafka_topic_t *) temp;
            p = (ngx_memn2cmp(n->name, t->name, n->len, t->len) < 0)
                ? &temp->left : &temp->right;
        }

        if (*p == sentinel) {
            break;
        }

        temp = *p;
    }

    *p = node;
    node->parent = temp;
    node->left = sentinel;
    node->right = sentinel;
    ngx_rbt_red(node);
}


static void
ngx_kafka_topic_free(ngx_kafka_producer_t *producer, ngx_kafka_topic_t *topic)
{
    int32_t  i;

    ngx_rbtree_delete(&producer->topics, &topic->node);
    ngx_queue_remove(&topic->queue);
    producer->ntopics--;

    if (topic->rkt != NULL) {
        rd_kafka_topic_destroy(topic->rkt);
    }

    for (i = 0; i < topic->size; i++) {
        if (topic->partitions[i] != NULL) {
            ngx_free(topic->partitions[i]);
            producer->npartitions--;
        }
    }

    if (topic->partitions != NULL) {
        ngx_free(topic->partitions);
    }

    ngx_free(topic);
}


/* --- partitions ---------------------------------------------------------- */

ngx_kafka_partition_t *
ngx_kafka_topic_partition(ngx_kafka_producer_t *producer,
    ngx_kafka_topic_t *topic, const ditto_record_t *record,
    ngx_kafka_record_t *r)
{
    ngx_kafka_partition_t  *p;

    r->number = record->partition;
    r->of = 0;

    if (producer->window == 0) {
        return &topic->any;
    }

    /*
     * Keys move to other partitions when there are more of them: those that
     * are held back must have gone before.
     */

    if (topic->found != topic->count && topic->nheld == 0) {
        topic->count = topic->found;
        topic->sticky = -1;
    }

    if (r->number >= 0) {
        /* one that no report has shown may not exist: librdkafka says so */
        p = (r->number < topic->size) ? topic->partitions[r->number] : NULL;

    } else if (topic->count == 0) {
        p = NULL;

    } else if (record->key.data == NULL) {
        p = ngx_kafka_topic_keyless(producer, topic, r);

    } else {
        r->number = rd_kafka_msg_partitioner_murmur2(topic->rkt,
                                                     record->key.data,
                                                     record->key.len,
                                                     topic->count, NULL, NULL);
        r->of = topic->count;
        p = ngx_kafka_topic_numbered(producer, topic, r->number);
    }

    /* what came first goes first */

    return (p == NULL || topic->any.nheld) ? &topic->any : p;
}


/*
 * Without a key: a partition for some time, then another.  Which ones have no
 * leader the partitioner knows, and which do not answer is known here.
 */

static ngx_kafka_partition_t *
ngx_kafka_topic_keyless(ngx_kafka_producer_t *producer,
    ngx_kafka_topic_t *topic, ngx_kafka_record_t *r)
{
    ngx_msec_t              elapsed;
    ngx_kafka_partition_t  *p;

    elapsed = ngx_current_msec - topic->stuck;

    if (topic->sticky < 0
        || elapsed >= producer->sticky
        || (elapsed >= NGX_KAFKA_LATE
            && ngx_kafka_topic_late(topic, topic->sticky)))
    {
        ngx_kafka_topic_stick(topic);
    }

    p = ngx_kafka_topic_numbered(producer, topic, topic->sticky);

    if (p != NULL) {
        r->number = topic->sticky;
        r->of = topic->count;
    }

    return p;
}


static void
ngx_kafka_topic_stick(ngx_kafka_topic_t *topic)
{
    int32_t  i, number;

    number = (int32_t) (ngx_random() % topic->count);

    for (i = 0; i < topic->count && i < NGX_KAFKA_TRIES; i++) {

        if (!ngx_kafka_topic_late(topic, number)) {
            break;
        }

        number = (number + 1) % topic->count;
    }

    topic->sticky = number;
    topic->stuck = ngx_current_msec;
}


static ngx_uint_t
ngx_kafka_topic_late(ngx_kafka_topic_t *topic, int32_t number)
{
    ngx_kafka_partition_t  *p;

    p = (number < topic->size) ? topic->partitions[number] : NULL;

    return p != NULL && p->under_way
           && ngx_current_msec - p->heard >= NGX_KAFKA_LATE;
}


ngx_kafka_partition_t *
ngx_kafka_topic_numbered(ngx_kafka_producer_t *producer,
    ngx_kafka_topic_t *topic, int32_t number)
{
    int32_t                  size;
    ngx_kafka_partition_t   *p, **partitions;

    if (number < 0 || number >= NGX_KAFKA_PARTITIONS) {
        return NULL;
    }

    if (number >= topic->size) {
        size = ngx_min(ngx_max(topic->found, number + 1),
                       NGX_KAFKA_PARTITIONS);

        partitions = ngx_calloc(size * sizeof(ngx_kafka_partition_t *),
                                producer->log);
        if (partitions == NULL) {
            return NULL;
        }

        if (topic->partitions != NULL) {
            ngx_memcpy(partitions, topic->partitions,
                       topic->size * sizeof(ngx_kafka_partition_t *));
            ngx_free(topic->partitions);
        }

        topic->partitions = partitions;
        topic->size = size;
    }

    p = topic->partitions[number];

    if (p != NULL || producer->npartitions == NGX_KAFKA_PARTITIONS_MAX) {
        return p;
    }

    p = ngx_calloc(sizeof(ngx_kafka_partition_t), producer->log);
    if (p == NULL) {
        return NULL;
    }

    p->topic = topic;
    p->number = number;
    ngx_queue_init(&p->held);

    topic->partitions[number] = p;
    producer->npartitions++;

    return p;
}


ngx_int_t
ngx_kafka_topic_partitioned(ngx_kafka_record_t *r, ngx_kafka_topic_t *topic)
{
    int32_t  found;

    found = __atomic_load_n(&r->found, __ATOMIC_ACQUIRE);

    if (found == 0) {
        return NGX_DECLINED;
    }

    topic->found = found;

    if (!r->key && topic->sticky == r->number) {
        /* another one, if that has no leader */
        topic->sticky = __atomic_load_n(&r->chosen, __ATOMIC_RELAXED);
    }

    return NGX_OK;
}
