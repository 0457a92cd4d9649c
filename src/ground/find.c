/*
 * What the words of a sentence find in the evidence.
 */
#include "ground/units.h"

#include <string.h>

double sm_piece_weight(const sm_piece *p)
{
    static const double weights[] = {
        [SM_PIECE_WORD] = 2, [SM_PIECE_LIGHT] = 0.3, [SM_PIECE_CHAR] = 1
    };
    return p->kind == SM_PIECE_WORD && p->chars == 1 ? 1.2 : weights[p->kind];
}

/* ----------------------------------------------------------------- finding */

static uint8_t bits_of(const sm_piece *p, const sm_posting *q)
{
    bool same_mod = p->mod == q->mod || p->mod == SM_MOD_NONE || q->mod == SM_MOD_NONE;
    return (uint8_t)(SM_HAS | (p->neg == q->neg ? SM_SAME_NEG : SM_OTHER_NEG) |
                     (same_mod ? SM_SAME_MOD : SM_OTHER_MOD) | (q->cued && q->neg ? SM_CUED : 0));
}

static bool look_up(sm_found_in *f, size_t i, uint64_t key)
{
    size_t n;
    const sm_posting *q = sm_evidence_find(f->e, key, &n);
    bool any = false;
    for (size_t k = 0; k < n; k++) {
        if (!f->among[f->e->row[q[k].row].passage])
            continue;
        f->bits[q[k].row * f->s->n_pieces + i] |= bits_of(&f->s->piece[i], &q[k]);
        any = true;
    }
    return any;
}

/* A word whose group stands nowhere may stand as it is written, within other words. */
static void look_up_written(sm_found_in *f, size_t i)
{
    const sm_piece *p = &f->s->piece[i];
    sm_str text = sm_str_sub(f->s->text, p->at, p->at + p->n);
    uint32_t c[SM_MAX_WORD] = { 0 }, n = 0;
    while (text.n && n < SM_MAX_WORD)
        c[n++] = sm_text_fold(sm_utf8_next(&text));
    size_t n_first;
    const sm_posting *first =
        sm_evidence_find(f->e, sm_pair_key(n > 1 ? c[0] : 0, c[n > 1]), &n_first);
    for (size_t k = 0; k < n_first; k++) {
        bool all = f->among[f->e->row[first[k].row].passage];
        for (uint32_t j = 2; all && j < n; j++) {
            size_t m;
            const sm_posting *q = sm_evidence_find(f->e, sm_pair_key(c[j - 1], c[j]), &m);
            bool here = false;
            for (size_t x = 0; x < m && !here; x++)
                here = q[x].row == first[k].row;
            all = here;
        }
        if (all)
            f->bits[first[k].row * f->s->n_pieces + i] |= bits_of(p, &first[k]);
    }
}

/* 市人社局: what a name is made of stands where the name stands, however it is written. */
static void look_up_names(sm_found_in *f)
{
    for (size_t k = 0; k < f->s->n_facts; k++) {
        const sm_fact *fact = &f->s->fact[k];
        uint32_t at = (uint32_t)(fact->text.p - f->s->text.p);
        if (fact->kind != SM_FACT_ORGAN && fact->kind != SM_FACT_ADDRESS)
            continue;
        for (uint32_t r = 0; r < f->e->n_rows; r++) {
            const sm_part *p = f->e->row[r].part;
            bool here = false;
            for (uint32_t j = p->fact; j < p->fact + p->n_facts && !here; j++)
                here = f->among[f->e->row[r].passage] &&
                       sm_fact_within(fact->key, f->e->row[r].of->fact[j].key);
            for (size_t i = 0; here && i < f->s->n_pieces; i++)
                if (f->s->piece[i].at >= at && f->s->piece[i].at < at + fact->text.n)
                    f->bits[r * f->s->n_pieces + i] |= SM_HAS | SM_SAME_NEG | SM_SAME_MOD;
        }
    }
}

static bool stands_in(const sm_found_in *f, uint64_t key, uint32_t row)
{
    size_t n;
    const sm_posting *q = sm_evidence_find(f->e, key, &n);
    for (size_t k = 0; k < n; k++)
        if (q[k].row == row)
            return true;
    return false;
}

/* Or the words it is made of do, all in one clause. */
static void look_up_parts(sm_found_in *f, size_t i)
{
    const sm_piece *p = &f->s->piece[i];
    size_t n;
    const sm_posting *q = sm_evidence_find(f->e, p->word->part[0], &n);
    for (size_t k = 0; k < n; k++) {
        bool all = f->among[f->e->row[q[k].row].passage];
        for (size_t j = 1; all && j < p->word->n_parts; j++)
            all = stands_in(f, p->word->part[j], q[k].row);
        if (all)
            f->bits[q[k].row * f->s->n_pieces + i] |= bits_of(p, &q[k]);
    }
}

static void note_said(sm_found_in *f)
{
    const sm_reading *s = f->s;
    uint64_t *key = SM_NEWS(f->a, uint64_t, (1 + SM_MAX_PARTS) * s->n_pieces + 2 * s->n_chars + 1);
    size_t n = 0;
    for (size_t i = 0; i < s->n_pieces; i++) {
        if (s->piece[i].kind != SM_PIECE_CHAR)
            key[n++] = s->piece[i].key[0];
        for (size_t k = 0; s->piece[i].word && k < s->piece[i].word->n_parts; k++)
            key[n++] = s->piece[i].word->part[k];
    }
    for (size_t i = 0; i < s->n_chars; i++) {
        key[n++] = sm_pair_key(0, s->chr[i].c);
        if (i)
            key[n++] = sm_pair_key(s->chr[i - 1].c, s->chr[i].c);
    }
    f->n_said = sm_distinct_u64(key, n);
    f->said = key;
}

void sm_find_pieces(sm_arena *a, const sm_evidence *e, const sm_reading *s, const bool *among,
                    sm_found_in *out)
{
    sm_found_in f = { .a = a, .e = e, .s = s, .among = among };
    f.bits = SM_NEWS(a, uint8_t, e->n_rows * s->n_pieces + 1);
    for (size_t i = 0; i < s->n_pieces; i++) {
        const sm_piece *p = &s->piece[i];
        bool any = false;
        for (int k = 0; k < 2; k++)
            if (p->key[k])
                any |= look_up(&f, i, p->key[k]);
        const uint32_t *other;
        size_t n = p->group ? sm_narrower_of(p->group, &other) : 0;
        for (size_t k = 0; k < n; k++)
            any |= look_up(&f, i, sm_group_key(other[k]));
        if (!any && p->kind != SM_PIECE_CHAR)
            look_up_written(&f, i);
        if (!any && p->word && p->word->n_parts)
            look_up_parts(&f, i);
    }
    look_up_names(&f);
    note_said(&f);
    *out = f;
}

uint8_t sm_own_bits(const sm_found_in *f, const sm_line *l, size_t i)
{
    uint8_t b = 0;
    for (uint32_t r = l->row; r < l->row + l->n_rows; r++)
        b |= f->bits[r * f->s->n_pieces + i];
    return b;
}

/* What the context says is said without a turn of its own; a question's words as it is answered. */
static uint8_t context_bits(const sm_found_in *f, const sm_line *l, uint32_t self, size_t i)
{
    for (int k = 0; k < 3; k++) {
        if (l->context[k] == self || !sm_own_bits(f, &f->e->line[l->context[k]], i))
            continue;
        if (k == 2 && l->answers)
            return (uint8_t)(SM_HAS | SM_SAME_MOD |
                             ((l->answers < 0) == f->s->piece[i].neg ? SM_SAME_NEG : SM_OTHER_NEG));
        return SM_HAS | SM_SAME_NEG | SM_SAME_MOD;
    }
    return 0;
}

uint8_t sm_line_bits(const sm_found_in *f, uint32_t line, size_t i, bool with_context)
{
    const sm_line *l = &f->e->line[line];
    uint8_t own = sm_own_bits(f, l, i);
    return own || !with_context ? own : context_bits(f, l, line, i);
}
