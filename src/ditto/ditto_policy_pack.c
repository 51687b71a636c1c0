/*
 * The compiled policy as it is kept: laid out, measured, written in one piece.
 */

#include "ditto_policy_private.h"


#define DITTO_PACK_NARROW  UINT16_MAX    /* the largest number of 16 bits */


typedef struct {
    const ditto_policy_names_t  *nodes;
    const ditto_policy_names_t  *subjects;
    uint32_t                    *lists;      /* of each node, in facts */
    uint32_t                    *facts;
    size_t                       nfacts;
    size_t                       width;      /* bytes of a number */
    size_t                       size;
} ditto_pack_t;


static ditto_rc_t ditto_pack_lists(ditto_pack_t *pack, ditto_pool_t *scratch,
    const ditto_array_t *facts);
static uint32_t ditto_pack_list(ditto_pack_t *pack, const uint64_t *facts,
    size_t from, size_t to, uint32_t *slots, uint32_t mask);
static size_t ditto_pack_texts(const ditto_policy_names_t *names);
static uint32_t ditto_pack_place(ditto_pack_t *pack, size_t bytes,
    size_t align);
static void ditto_pack_layout(ditto_pack_t *pack, ditto_policy_t *policy);
static void ditto_pack_table(ditto_pack_t *pack,
    const ditto_policy_names_t *names, ditto_policy_table_t *table);
static void ditto_pack_names(ditto_policy_t *policy,
    const ditto_policy_names_t *names, const ditto_policy_table_t *table);
static void ditto_pack_number(ditto_policy_t *policy, uint32_t numbers,
    uint32_t i, uint32_t number);


ditto_rc_t
ditto_policy_pack(ditto_pool_t *pool, ditto_pool_t *scratch,
    const ditto_policy_names_t *nodes, const ditto_policy_names_t *subjects,
    const ditto_array_t *facts, ditto_policy_t **policy)
{
    uint32_t         i;
    ditto_pack_t     pack;
    ditto_policy_t  *p, layout;

    pack.nodes = nodes;
    pack.subjects = subjects;

    if (ditto_pack_lists(&pack, scratch, facts) != DITTO_OK) {
        return DITTO_ERROR;
    }

    memset(&layout, 0, sizeof(layout));
    layout.wide = (ditto_pack_texts(nodes) > DITTO_PACK_NARROW
                   || ditto_pack_texts(subjects) > DITTO_PACK_NARROW
                   || nodes->n > DITTO_PACK_NARROW / 2
                   || subjects->n > DITTO_PACK_NARROW / 2
                   || pack.nfacts > DITTO_PACK_NARROW);

    ditto_pack_layout(&pack, &layout);

    if (pack.size > UINT32_MAX) {
        return DITTO_ERROR;
    }

    p = ditto_zalloc(pool, pack.size);
    if (p == NULL) {
        return DITTO_ERROR;
    }

    *p = layout;

    ditto_pack_names(p, subjects, &p->subjects);
    ditto_pack_names(p, nodes, &p->nodes);

    for (i = 0; i < nodes->n; i++) {
        ditto_pack_number(p, p->nodes.parents, i,
                          nodes->elts[i].parent << 1
                          | (nodes->elts[i].inner ? 1 : 0));
        ditto_pack_number(p, p->lists, i, pack.lists[i]);
    }

    memcpy((unsigned char *) p + p->facts, pack.facts,
           pack.nfacts * sizeof(uint32_t));

    *policy = p;

    return DITTO_OK;
}


/* --- lists of facts ------------------------------------------------------ */

static ditto_rc_t
ditto_pack_lists(ditto_pack_t *pack, ditto_pool_t *scratch,
    const ditto_array_t *facts)
{
    size_t           slots, from, to;
    uint32_t         node, *table;
    const uint64_t  *f;

    for (slots = 4; slots < (size_t) pack->nodes->n * 2; slots *= 2) {
        /* void */
    }

    table = ditto_zalloc(scratch, slots * sizeof(uint32_t));
    pack->lists = ditto_alloc(scratch, pack->nodes->n * sizeof(uint32_t));
    pack->facts = ditto_alloc(scratch, (facts->nelts + pack->nodes->n)
                                       * sizeof(uint32_t));
    pack->nfacts = 0;

    if (table == NULL || pack->lists == NULL || pack->facts == NULL) {
        return DITTO_ERROR;
    }

    f = facts->elts;
    from = 0;

    for (node = 0; node < pack->nodes->n; node++) {

        for (to = from; to < facts->nelts && f[to] >> DITTO_FACT_NODE == node;
             to++)
        {
            /* void */
        }

        pack->lists[node] = ditto_pack_list(pack, f, from, to, table,
                                            (uint32_t) (slots - 1));
        from = to;
    }

    return DITTO_OK;
}


/*
 * The list of facts[from, to); one that is there already is used again.  facts
 * may be NULL if there are none.
 */
static uint32_t
ditto_pack_list(ditto_pack_t *pack, const uint64_t *facts, size_t from,
    size_t to, uint32_t *slots, uint32_t mask)
{
    size_t     i, n;
    uint32_t   hash, slot, *list;

    n = to - from;
    list = pack->facts + pack->nfacts;
    list[0] = (uint32_t) n;
    hash = list[0];

    for (i = 0; i < n; i++) {
        list[i + 1] = (uint32_t) facts[from + i];
        hash = (hash ^ list[i + 1]) * 2654435761u;
        hash ^= hash >> 15;
    }

    for (slot = hash & mask; slots[slot] != 0; slot = (slot + 1) & mask) {

        if (memcmp(pack->facts + slots[slot] - 1, list,
                   (n + 1) * sizeof(uint32_t))
            == 0)
        {
            return slots[slot] - 1;
        }
    }

    slots[slot] = (uint32_t) (list - pack->facts) + 1;
    pack->nfacts += n + 1;

    return slots[slot] - 1;
}


/* --- layout -------------------------------------------------------------- */

static void
ditto_pack_layout(ditto_pack_t *pack, ditto_policy_t *policy)
{
    size_t  width;

    width = policy->wide ? sizeof(uint32_t) : sizeof(uint16_t);

    pack->width = width;
    pack->size = sizeof(ditto_policy_t);

    policy->lists = ditto_pack_place(pack, pack->nodes->n * width, width);
    policy->nodes.parents = ditto_pack_place(pack, pack->nodes->n * width,
                                             width);

    ditto_pack_table(pack, pack->nodes, &policy->nodes);
    ditto_pack_table(pack, pack->subjects, &policy->subjects);

    policy->facts = ditto_pack_place(pack, pack->nfacts * sizeof(uint32_t),
                                     sizeof(uint32_t));
    policy->nodes.texts = ditto_pack_place(pack,
                                           ditto_pack_texts(pack->nodes), 1);
    policy->subjects.texts = ditto_pack_place(pack,
                                              ditto_pack_texts(pack->subjects),
                                              1);

    policy->size = (uint32_t) pack->size;
}


static void
ditto_pack_table(ditto_pack_t *pack, const ditto_policy_names_t *names,
    ditto_policy_table_t *table)
{
    size_t  slots;

    /* filled to four fifths at most */

    for (slots = 4; slots < (size_t) names->n + names->n / 4 + 1; slots *= 2) {
        /* void */
    }

    table->n = names->n;
    table->mask = (uint32_t) (slots - 1);
    table->slots = ditto_pack_place(pack, slots * pack->width, pack->width);
    table->starts = ditto_pack_place(pack,
                                     ((size_t) names->n + 1) * pack->width,
                                     pack->width);
}


static uint32_t
ditto_pack_place(ditto_pack_t *pack, size_t bytes, size_t align)
{
    size_t  place;

    place = (pack->size + align - 1) & ~(align - 1);
    pack->size = place + bytes;

    return (uint32_t) place;
}


static size_t
ditto_pack_texts(const ditto_policy_names_t *names)
{
    size_t    bytes;
    uint32_t  i;

    bytes = 0;

    for (i = 0; i < names->n; i++) {
        bytes += names->elts[i].text.len;
    }

    return bytes;
}


/* --- writing ------------------------------------------------------------- */

static void
ditto_pack_names(ditto_policy_t *policy, const ditto_policy_names_t *names,
    const ditto_policy_table_t *table)
{
    uint32_t              i, slot, start;
    const ditto_str_t    *text;
    ditto_policy_name_t  *elts;

    elts = names->elts;
    start = 0;

    for (i = 0; i < names->n; i++) {
        text = &elts[i].text;

        ditto_pack_number(policy, table->starts, i, start);

        /* the root is nobody's child */

        if (text->data == NULL) {
            continue;
        }

        memcpy((unsigned char *) policy + table->texts + start, text->data,
               text->len);
        start += (uint32_t) text->len;

        slot = ditto_policy_hash(elts[i].parent, *text) & table->mask;

        while (ditto_policy_number(policy, table->slots, slot) != 0) {
            slot = (slot + 1) & table->mask;
        }

        ditto_pack_number(policy, table->slots, slot, i + 1);
    }

    ditto_pack_number(policy, table->starts, i, start);
}


static void
ditto_pack_number(ditto_policy_t *policy, uint32_t numbers, uint32_t i,
    uint32_t number)
{
    unsigned char  *p = (unsigned char *) policy + numbers;

    if (policy->wide) {
        ((uint32_t *) (void *) p)[i] = number;

    } else {
        ((uint16_t *) (void *) p)[i] = (uint16_t) number;
    }
}
