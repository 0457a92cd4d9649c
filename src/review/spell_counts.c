/*
 * Counting runs of characters, and packing the counts into a speller's file.
 *
 * Counts lie in an open hash table that doubles up to MAX_SLOTS; when that is three quarters full
 * the longest runs seen once are forgotten, then the next longest.
 */
#include <stdlib.h>
#include <string.h>

#include "review/spell_file.h"

enum { FIRST_SLOTS = 1 << 20, MAX_SLOTS = 1 << 24, MAX_WEIGHT = 1000 };

typedef struct run {
    uint64_t key; /* 0: free */
    uint32_t count;
    uint16_t after, before; /* different ones that follow and precede */
} run;

struct sm_spell_counts {
    sm_op own; /* its arena holds the table of characters */
    sm_spell_chars chars;
    run *slot;
    size_t n_slots, n;
    uint64_t total;
    uint8_t *pairs;
    uint32_t row_bytes;
};

/* ------------------------------------------------------------------- table */

static run *find(run *slot, size_t n_slots, uint64_t key)
{
    size_t i = (size_t)(key >> 3) & (n_slots - 1);
    while (slot[i].key && slot[i].key != key)
        i = (i + 1) & (n_slots - 1);
    return &slot[i];
}

/* The same runs in a table of n slots, less those of a length that were seen at most once. */
static sm_rc rebuild(sm_op *op, sm_spell_counts *c, size_t n_slots, unsigned forget)
{
    run *more = calloc(n_slots, sizeof(*more));
    if (!more)
        return sm_fail(op, SM_E_LIMIT, "统计用字的内存不够");
    c->n = 0;
    for (size_t i = 0; i < c->n_slots; i++) {
        const run *r = &c->slot[i];
        if (!r->key || ((r->key & SM_SPELL_LENGTH) == forget && r->count <= 1))
            continue;
        *find(more, n_slots, r->key) = *r;
        c->n++;
    }
    free(c->slot);
    c->slot = more;
    c->n_slots = n_slots;
    return SM_OK;
}

static bool crowded(const sm_spell_counts *c, size_t more)
{
    return c->n + more > c->n_slots / 4 * 3;
}

/* Room for `more` runs. */
static sm_rc make_room(sm_op *op, sm_spell_counts *c, size_t more)
{
    sm_rc rc = SM_OK;
    while (rc == SM_OK && crowded(c, more) && c->n_slots < MAX_SLOTS)
        rc = rebuild(op, c, c->n_slots * 2, 0);
    for (unsigned length = SM_SPELL_RUN; rc == SM_OK && crowded(c, more) && length > 2; length--)
        rc = rebuild(op, c, c->n_slots, length);
    if (rc == SM_OK && crowded(c, more))
        return sm_fail(op, SM_E_LIMIT, "学习用的文字太多，统计表放不下");
    return rc;
}

static run *entry(sm_spell_counts *c, uint64_t key)
{
    run *r = find(c->slot, c->n_slots, key);
    if (!r->key) {
        r->key = key;
        c->n++;
    }
    return r;
}

sm_rc sm_spell_counts_open(sm_op *op, const char *chars_tsv, sm_spell_counts **out)
{
    sm_spell_counts *c = calloc(1, sizeof(*c));
    if (!c)
        return sm_fail(op, SM_E_LIMIT, "内存不够");
    sm_op_begin(&c->own);
    sm_rc rc = sm_spell_chars_read(&c->own, chars_tsv, &c->chars);
    if (rc < 0)
        sm_fail(op, rc, "%.*s", SM_ARG(c->own.msg));
    uint32_t n = c->chars.n + SM_SPELL_KINDS;
    c->row_bytes = (n + 7) / 8;
    c->pairs = calloc(n, c->row_bytes);
    c->slot = calloc(FIRST_SLOTS, sizeof(*c->slot));
    c->n_slots = FIRST_SLOTS;
    if (rc == SM_OK && (!c->pairs || !c->slot))
        rc = sm_fail(op, SM_E_LIMIT, "内存不够");
    if (rc < 0)
        sm_spell_counts_close(c);
    else
        *out = c;
    return rc;
}

void sm_spell_counts_close(sm_spell_counts *c)
{
    if (!c)
        return;
    sm_op_end(&c->own);
    free(c->pairs);
    free(c->slot);
    free(c);
}

uint64_t sm_spell_counts_chars(const sm_spell_counts *c)
{
    return c->total;
}

/* ---------------------------------------------------------------- counting */

/* A run that comes up for the first time, or goes, is one more or less beside the shorter ones. */
static void count(sm_spell_counts *c, uint64_t key, int weight, const uint64_t *front,
                  const uint64_t *back)
{
    run *r = entry(c, key);
    bool was = r->count > 0;
    r->count = weight < 0 ? r->count - SM_MIN(r->count, (uint32_t)-weight)
                          : r->count + SM_MIN(UINT32_MAX - r->count, (uint32_t)weight);
    bool is = r->count > 0;
    if (was == is || !front)
        return;
    run *f = entry(c, *front), *b = entry(c, *back);
    f->after = (uint16_t)(is ? f->after + 1 : f->after - SM_MIN(f->after, 1));
    b->before = (uint16_t)(is ? b->before + 1 : b->before - SM_MIN(b->before, 1));
}

static void count_line(sm_spell_counts *c, const uint16_t *id, size_t n, int weight)
{
    uint64_t key[SM_SPELL_LINE + 1] = { 0 }, name[SM_SPELL_LINE + 1] = { 0 };
    for (unsigned length = 1; length <= SM_SPELL_RUN && length <= n; length++)
        for (size_t i = 0; i + length <= n; i++) {
            uint64_t front = name[i]; /* of the run that is one shorter; name[i + 1] is, still */
            key[i] = sm_spell_key(key[i], id[i + length - 1]);
            name[i] = sm_spell_name(key[i], length);
            count(c, name[i], weight, length > 1 ? &front : NULL, &name[i + 1]);
        }
    for (size_t i = 0; i + 1 < n; i++)
        c->pairs[(size_t)id[i] * c->row_bytes + id[i + 1] / 8] |= (uint8_t)(1u << id[i + 1] % 8);
    c->total += (uint64_t)((int64_t)n * weight);
}

sm_rc sm_spell_counts_add(sm_op *op, sm_spell_counts *c, sm_str text, int weight)
{
    sm_str line;
    uint16_t id[SM_SPELL_LINE];
    if (weight > MAX_WEIGHT || weight < -MAX_WEIGHT)
        return sm_fail(op, SM_E_INVALID, "权重要在±%d之内", MAX_WEIGHT);
    while (sm_str_cut(&text, '\n', &line)) {
        line = sm_str_trim(line);
        while (line.n) {
            size_t n = sm_spell_line(c->chars.code, c->chars.n, &line, id);
            sm_rc rc = make_room(op, c, n * SM_SPELL_RUN);
            if (rc == SM_OK)
                rc = sm_op_check(op);
            if (rc < 0)
                return rc;
            count_line(c, id, n, weight);
        }
    }
    return SM_OK;
}

/* ----------------------------------------------------------------- packing */

static bool kept(const run *r, const uint32_t least[SM_SPELL_RUN + 1])
{
    return r->key && r->count >= least[r->key & SM_SPELL_LENGTH];
}

/* How often a run must have been seen, by its length, so that at most `most` are left. */
static size_t choose(const sm_spell_counts *c, size_t most, uint32_t least[SM_SPELL_RUN + 1])
{
    size_t n;
    for (unsigned i = 0; i <= SM_SPELL_RUN; i++)
        least[i] = 1;
    for (unsigned length = SM_SPELL_RUN;; length = length > 3 ? length - 1 : SM_SPELL_RUN) {
        n = 0;
        for (size_t i = 0; i < c->n_slots; i++)
            n += kept(&c->slot[i], least);
        if (n <= most)
            return n;
        least[length]++;
    }
}

static uint32_t packed(const run *r)
{
    double share = SM_SPELL_DISCOUNT / (double)r->count;
    uint32_t print = (uint32_t)(r->key >> 48) | 1u;
    return print << 16 | sm_spell_round_count(r->count) << 10 |
           sm_spell_round_share(SM_MIN(share * r->after, 1.0)) << 5 |
           sm_spell_round_share(SM_MIN(share * r->before, 1.0));
}

static void fill(const sm_spell_counts *c, const uint32_t *least, uint32_t *slot, uint32_t n_slots)
{
    for (size_t i = 0; i < c->n_slots; i++) {
        const run *r = &c->slot[i];
        if (!kept(r, least))
            continue;
        size_t k = sm_spell_slot(r->key, n_slots);
        while (slot[k])
            k = k + 1 < n_slots ? k + 1 : 0;
        slot[k] = packed(r);
    }
}

static bool *characters_seen(sm_arena *a, const sm_spell_counts *c)
{
    bool *seen = SM_NEWS(a, bool, c->chars.n + 1);
    for (uint32_t i = 0; i < c->chars.n; i++) {
        uint64_t key = sm_spell_name(sm_spell_key(0, SM_SPELL_KINDS + i), 1);
        seen[i] = find(c->slot, c->n_slots, key)->count > 0;
    }
    return seen;
}

sm_rc sm_spell_counts_pack(sm_op *op, sm_spell_counts *c, sm_str *out)
{
    uint32_t least[SM_SPELL_RUN + 1], *w;
    sm_spell_cands cands;
    sm_rc rc = sm_spell_cands_make(op, &c->chars, characters_seen(op->arena, c), &cands);
    if (rc < 0)
        return rc;
    sm_spell_head h = { .n_chars = c->chars.n, .n_cands = cands.n, .row_bytes = c->row_bytes };
    memcpy(h.magic, SM_SPELL_MAGIC, sizeof(h.magic));
    h.total = c->total;
    size_t n_pairs = (size_t)(h.n_chars + SM_SPELL_KINDS) * h.row_bytes;
    size_t others = sizeof(h) + ((size_t)h.n_chars * 2 + 1 + h.n_cands) * sizeof(*w) + n_pairs;
    if (others > SM_SPELL_MAX_BYTES / 2)
        return sm_fail(op, SM_E_LIMIT, "错别字模型超过%d兆", SM_SPELL_MAX_BYTES >> 20);
    size_t most = (SM_SPELL_MAX_BYTES - others) / sizeof(*w);
    h.n_slots = (uint32_t)SM_MIN(choose(c, most / 4 * 3, least) / 2 * 3 + 16, most);
    size_t size = others + h.n_slots * sizeof(*w);
    char *p = sm_alloc(op->arena, size);
    w = (uint32_t *)(void *)(p + sizeof(h));
    memcpy(p, &h, sizeof(h));
    memcpy(w, c->chars.code, h.n_chars * sizeof(*w));
    memcpy(w += h.n_chars, cands.first, (h.n_chars + 1) * sizeof(*w));
    if (h.n_cands)
        memcpy(w + h.n_chars + 1, cands.cand, h.n_cands * sizeof(*w));
    w += h.n_chars + 1 + h.n_cands;
    fill(c, least, w, h.n_slots);
    memcpy(w + h.n_slots, c->pairs, n_pairs);
    *out = (sm_str){ p, size };
    return SM_OK;
}
