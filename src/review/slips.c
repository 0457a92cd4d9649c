/*
 * Common words of two characters and what is never written for them (share/review/spell/slips.tsv):
 * a table of pairs.
 */
#include "review/slips.h"

enum { MAX_PAIRS = 1 << 20 };

/* Small, for there are hundreds of thousands and every start fills them in.  All characters are of
 * the first plane. */
typedef struct pair {
    uint16_t first, second; /* 0: empty */
    uint16_t right;         /* what should stand there; 0: the pair is a word */
    bool at_second;         /* where */
} pair;

typedef struct slips {
    pair *p;
    size_t size; /* a power of two */
} slips;

static size_t place_of(const slips *s, uint32_t first, uint32_t second)
{
    uint64_t h = ((uint64_t)first << 32 | second) * 0x9e3779b97f4a7c15u;
    size_t i = (size_t)(h >> 40) & (s->size - 1);
    while (s->p[i].first && (s->p[i].first != first || s->p[i].second != second))
        i = (i + 1) & (s->size - 1);
    return i;
}

/* A word is one whatever else the pair may be. */
static void put(slips *s, uint32_t first, uint32_t second, uint32_t right, bool at_second)
{
    pair *there = &s->p[place_of(s, first, second)];
    if (first > 0xffff || second > 0xffff || (there->first && there->right == 0))
        return;
    *there = (pair){ (uint16_t)first, (uint16_t)second, (uint16_t)right, at_second };
}

static bool put_row(slips *s, const struct sm_table_row *row)
{
    sm_str word = row->cell[0];
    uint32_t first = word.n ? sm_utf8_next(&word) : 0, second = word.n ? sm_utf8_next(&word) : 0;
    if (!second || word.n || first > 0xffff || second > 0xffff)
        return false;
    put(s, first, second, 0, false);
    for (sm_str rest = row->cell[1]; rest.n;)
        put(s, sm_utf8_next(&rest), second, first, false);
    for (sm_str rest = row->cell[2]; rest.n;)
        put(s, first, sm_utf8_next(&rest), second, true);
    return true;
}

sm_rc sm_slips_make(sm_op *op, const sm_rule *rule, const char *folder, sm_str *read,
                    const void **made)
{
    const void *table;
    sm_rc rc = sm_table_make(op, rule, folder, read, &table);
    if (rc != SM_OK)
        return rc;
    const sm_table *t = table;
    slips *s = SM_NEW(op->arena, slips);
    size_t pairs = 0;
    for (size_t i = 0; i < t->n; i++)
        pairs += 1 + sm_utf8_count(t->row[i].cell[1]) + sm_utf8_count(t->row[i].cell[2]);
    if (pairs > MAX_PAIRS)
        return sm_fail(op, SM_E_LIMIT, "规则%.*s：词表超过%d对", SM_ARG(rule->id), MAX_PAIRS);
    for (s->size = 16; s->size * 3 / 4 < pairs;)
        s->size *= 2;
    s->p = SM_NEWS(op->arena, pair, s->size);
    for (size_t i = 0; i < t->n; i++)
        if (!put_row(s, &t->row[i]))
            return sm_fail(op, SM_E_INVALID, "规则%.*s：“%.*s”不是两个字的词", SM_ARG(rule->id),
                           SM_ARG(t->row[i].cell[0]));
    *made = s;
    return SM_OK;
}

static bool is_word(const slips *s, uint32_t first, uint32_t second)
{
    const pair *p = &s->p[place_of(s, first, second)];
    return p->first && !p->right;
}

bool sm_slip_of(const void *made, const uint32_t four[4], uint32_t *right, bool *second)
{
    const slips *s = made;
    const pair *p = &s->p[place_of(s, four[1], four[2])];
    if (!p->first || !p->right || is_word(s, four[0], four[1]) || is_word(s, four[2], four[3]))
        return false;
    *right = p->right;
    *second = p->at_second;
    return true;
}
