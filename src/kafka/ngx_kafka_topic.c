
/*
 * Handles of topics are kept, since looking one up by name takes a lock of
 * librdkafka and walks a list; but a stranger's message can name a topic, so
 * their number is bounded.  librdkafka itself keeps a topic as long as it
 * lives: after so many of them another rd_kafka_t takes over.
 */

#include "ngx_kafka_topic.h"


#define NGX_KAFKA_TOPICS      1024       /* topic handles kept per client */
#define NGX_KAFKA_TOPICS_MAX  8192       /* topics of one rd_kafka_t, whatever
                                            comes */


typedef struct {
    ngx_rbtree_node_t       node;        /* key: crc32 of the name */
    ngx_queue_t             queue;       /* least recently used last */
    rd_kafka_topic_t       *rkt;
    size_t                  len;
    u_char                  name[1];
} ngx_kafka_topic_t;


static ngx_kafka_topic_t *ngx_kafka_topic_find(ngx_kafka_handle_t *handle,
    uint32_t hash, const ditto_str_t *name);
static void ngx_kafka_topic_insert(ngx_rbtree_node_t *temp,
    ngx_rbtree_node_t *node, ngx_rbtree_node_t *sentinel);
static void ngx_kafka_topic_free(ngx_kafka_handle_t *handle,
    ngx_kafka_topic_t *topic);


void
ngx_kafka_topics_init(ngx_kafka_handle_t *handle)
{
    ngx_rbtree_init(&handle->topics, &handle->sentinel,
                    ngx_kafka_topic_insert);
    ngx_queue_init(&handle->lru);
}


void
ngx_kafka_topics_free(ngx_kafka_handle_t *handle)
{
    ngx_queue_t  *q;

    while (!ngx_queue_empty(&handle->lru)) {
        q = ngx_queue_head(&handle->lru);
        ngx_kafka_topic_free(handle,
                             ngx_queue_data(q, ngx_kafka_topic_t, queue));
    }
}


rd_kafka_topic_t *
ngx_kafka_topic(ngx_kafka_handle_t *handle, const ditto_str_t *name)
{
    uint32_t            hash;
    ngx_queue_t        *q;
    ngx_kafka_topic_t  *topic;

    hash = ngx_crc32_short((u_char *) name->data, name->len);
    topic = ngx_kafka_topic_find(handle, hash, name);

    if (topic != NULL) {
        ngx_queue_remove(&topic->queue);
        ngx_queue_insert_head(&handle->lru, &topic->queue);
        return topic->rkt;
    }

    if (handle->topics_ever >= NGX_KAFKA_TOPICS_MAX) {
        /* no other handle can take over: the old ones still drain */
        return NULL;
    }

    topic = ngx_alloc(offsetof(ngx_kafka_topic_t, name) + name->len + 1,
                      handle->producer->log);
    if (topic == NULL) {
        return NULL;
    }

    topic->node.key = hash;
    topic->len = name->len;
    ngx_memcpy(topic->name, name->data, name->len);
    topic->name[name->len] = '\0';

    /* asks for the topic's partitions, and does not wait for the answer */

    topic->rkt = rd_kafka_topic_new(handle->rk, (char *) topic->name, NULL);

    if (topic->rkt == NULL) {
        ngx_free(topic);
        return NULL;
    }

    if (handle->ntopics == NGX_KAFKA_TOPICS) {
        q = ngx_queue_last(&handle->lru);
        ngx_kafka_topic_free(handle,
                             ngx_queue_data(q, ngx_kafka_topic_t, queue));
    }

    ngx_rbtree_insert(&handle->topics, &topic->node);
    ngx_queue_insert_head(&handle->lru, &topic->queue);
    handle->ntopics++;
    handle->topics_ever++;

    return topic->rkt;
}


static ngx_kafka_topic_t *
ngx_kafka_topic_find(ngx_kafka_handle_t *handle, uint32_t hash,
    const ditto_str_t *name)
{
    ngx_int_t           rc;
    ngx_kafka_topic_t  *topic;
    ngx_rbtree_node_t  *node, *sentinel;

    node = handle->topics.root;
    sentinel = handle->topics.sentinel;

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
ngx_kafka_topic_free(ngx_kafka_handle_t *handle, ngx_kafka_topic_t *topic)
{
    ngx_rbtree_delete(&handle->topics, &topic->node);
    ngx_queue_remove(&topic->queue);
    handle->ntopics--;

    rd_kafka_topic_destroy(topic->rkt);
    ngx_free(topic);
}
