/*
 * Tying a model to an index file: names to passages, logged questions to parents, passages to
 * vectors; and the companion file of own questions that is made with the index.
 */
#include "search/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "search/blob.h"
#include "text/text.h"

static const uint32_t NONE = UINT32_MAX;

sm_str sm_model_name(const sm_model *m, uint32_t name)
{
    return (sm_str){ m->name_text + m->name_off[name], m->name_off[name + 1] - m->name_off[name] };
}

/* ------------------------------------------------------------ companion */

struct head {
    uint32_t n, n_own;
    uint64_t memory_bytes;
};

/* log(1 + distinct terms) of every passage. */
static void lengths(const sm_index *x, float *out)
{
    sm_postings p;
    for (uint32_t t = 0; t < sm_index_n_terms(x); t++)
        if (sm_index_postings(x, SM_FIELD_ALL, sm_index_term(x, t), &p))
            for (uint32_t i = 0; i < p.n; i++)
                out[p.passage[i]]++;
    for (uint32_t i = 0; i < sm_index_n(x); i++)
        out[i] = logf(1 + out[i]);
}

sm_str sm_companion_build(sm_arena *a, const sm_index *x, const sm_own *own, size_t n)
{
    sm_arena *scratch = sm_arena_open();
    sm_memory_row *row = SM_NEWS(scratch, sm_memory_row, n + 1);
    for (size_t i = 0; i < n; i++) {
        sm_bag_of(scratch, own[i].normal, &row[i].bag);
        row[i].aim = &own[i].passage;
        row[i].n_aims = 1;
    }
    sm_str memory = sm_memory_build(scratch, row, n);
    struct head head = { sm_index_n(x), (uint32_t)n, memory.n };
    sm_packer p;
    sm_pack_init(&p, a, sizeof(head) + memory.n + 4 * (size_t)head.n + 64);
    sm_pack(&p, &head, sizeof(head));
    lengths(x, sm_pack_room(&p, 4 * (size_t)head.n));
    sm_pack(&p, memory.p, memory.n);
    sm_arena_close(scratch);
    return sm_pack_done(&p);
}

static bool companion_open(sm_str blob, uint32_t n, sm_bound *b)
{
    sm_unpacker u = { blob, 0, false };
    struct head h;
    if (!sm_unpack(&u, &h, sizeof(h)) || h.n != n)
        return false;
    b->length = sm_unpack_room(&u, n, sizeof(*b->length));
    const char *memory = sm_unpack_room(&u, h.memory_bytes, 1);
    return !u.failed && sm_finite(b->length, n) &&
           sm_memory_open((sm_str){ memory, h.memory_bytes }, n, &b->own);
}

/* ---------------------------------------------------------------- names */

struct slot {
    uint64_t hash;
    uint32_t name; /* + 1 */
};

static uint64_t name_hash(sm_str id, sm_str clause)
{
    uint64_t h = sm_hash64(id, 7);
    return clause.n ? sm_mix64(h ^ sm_hash64(clause, 8)) : h;
}

/* A name is "id" or "id#clause". */
static uint64_t hash_of(sm_str name)
{
    size_t cut = sm_str_find(name, SM_STR("#"), 0);
    if (cut == SIZE_MAX)
        return name_hash(name, (sm_str){ 0 });
    return name_hash(sm_str_sub(name, 0, cut), sm_str_sub(name, cut + 1, name.n));
}

static uint32_t look_up(const struct slot *slot, size_t mask, uint64_t hash)
{
    for (size_t i = hash & mask; slot[i].name; i = (i + 1) & mask)
        if (slot[i].hash == hash)
            return slot[i].name - 1;
    return NONE;
}

void sm_names_aim(sm_arena *a, const sm_index *x, const sm_str *name, uint32_t n_names,
                  uint32_t **name_of, uint32_t **aim_off, uint32_t **aim)
{
    uint32_t n = sm_index_n(x);
    size_t mask = 16;
    while (mask < 2 * (size_t)n_names)
        mask *= 2;
    sm_arena *scratch = sm_arena_open();
    struct slot *slot = SM_NEWS(scratch, struct slot, mask--);
    uint32_t *whole = SM_NEWS(scratch, uint32_t, n + 1u), *part = SM_NEWS(a, uint32_t, n + 1u);
    for (uint32_t k = 0; k < n_names; k++) {
        uint64_t hash = hash_of(name[k]);
        size_t i = hash & mask;
        while (slot[i].name)
            i = (i + 1) & mask;
        slot[i] = (struct slot){ hash, k + 1 };
    }
    *aim_off = SM_NEWS(a, uint32_t, n_names + 2u);
    for (uint32_t p = 0; p < n; p++) {
        sm_str id = sm_index_id(x, p), clause = sm_index_clause(x, p);
        whole[p] = look_up(slot, mask, name_hash(id, (sm_str){ 0 }));
        part[p] = clause.n ? look_up(slot, mask, name_hash(id, clause)) : NONE;
        (*aim_off)[whole[p] == NONE ? n_names + 1 : whole[p] + 1]++;
        (*aim_off)[part[p] == NONE ? n_names + 1 : part[p] + 1]++;
    }
    for (uint32_t k = 0; k < n_names; k++)
        (*aim_off)[k + 1] += (*aim_off)[k];
    uint32_t *at = SM_NEWS(scratch, uint32_t, n_names + 1u);
    memcpy(at, *aim_off, n_names * sizeof(*at));
    *aim = SM_NEWS(a, uint32_t, (*aim_off)[n_names] + 1u);
    for (uint32_t p = 0; p < n; p++) {
        if (whole[p] != NONE)
            (*aim)[at[whole[p]]++] = p;
        if (part[p] != NONE)
            (*aim)[at[part[p]]++] = p;
        part[p] = part[p] != NONE ? part[p] : whole[p];
    }
    *name_of = part;
    sm_arena_close(scratch);
}

/* -------------------------------------------------------------- binding */

void sm_bound_names(sm_op *op, const sm_model *m, sm_bound *b)
{
    uint32_t *name_of, *aim_off, *aim;
    sm_str *name = SM_NEWS(op->arena, sm_str, m->n_names + 1u);
    for (uint32_t k = 0; k < m->n_names; k++)
        name[k] = sm_model_name(m, k);
    sm_names_aim(op->arena, b->x, name, m->n_names, &name_of, &aim_off, &aim);
    float *prior = SM_NEWS(op->arena, float, sm_index_n_parents(b->x) + 1u);
    for (uint32_t k = 0; k < m->n_names; k++)
        for (uint32_t i = aim_off[k]; i < aim_off[k + 1]; i++)
            prior[b->parent[aim[i]]] +=
                (float)m->name_count[k] / (float)(aim_off[k + 1] - aim_off[k]);
    for (uint32_t i = 0; i < sm_index_n_parents(b->x); i++)
        prior[i] = logf(1 + prior[i]);
    uint8_t *known = SM_NEWS(op->arena, uint8_t, b->n + 1u);
    for (uint32_t i = 0; i < b->n; i++)
        known[i] = name_of[i] != UINT32_MAX && m->name_count[name_of[i]] > 0;
    b->name = name_of;
    b->known = known;
    b->aim_off = aim_off;
    b->aim = aim;
    b->parent_prior = prior;
}

sm_rc sm_bound_make(sm_op *op, const sm_index *x, sm_str companion, const sm_model *m,
                    sm_bound *out)
{
    static const uint32_t none[1] = { 0 };
    sm_bound b = { .x = x, .n = sm_index_n(x), .own = { .off = none, .aim_off = none } };
    uint32_t *parent = SM_NEWS(op->arena, uint32_t, b.n + 1u), n_parents = sm_index_n_parents(x);
    for (uint32_t p = 0; p < b.n; p++) {
        parent[p] = sm_index_parent(x, p);
        if (parent[p] >= n_parents)
            return sm_fail(op, SM_E_CORRUPT, "索引文件的上级编号不对");
    }
    b.parent = parent;
    if (companion.n && !companion_open(companion, b.n, &b))
        return sm_fail(op, SM_E_CORRUPT, "索引的问句文件已损坏");
    sm_memory_ready(op->arena, &b.own);
    if (m)
        sm_bound_names(op, m, &b);
    *out = b;
    return SM_OK;
}
