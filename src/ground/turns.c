/*
 * What a sentence denies, demands or allows, against how the evidence says it.
 */
#include "ground/units.h"

bool sm_shares_key(const sm_piece *a, const sm_piece *b)
{
    for (int k = 0; k < 4; k++)
        if (a->key[k / 2] && a->key[k / 2] == b->key[k % 2])
            return true;
    return false;
}

/* How well a clause explains the rest of the unit. */
static double row_explains(const sm_found_in *f, const sm_unit *u, uint32_t row, uint32_t without)
{
    double sum = 0;
    for (uint32_t i = u->piece; i < u->piece + u->n_pieces; i++) {
        if (i == without)
            continue;
        double w = sm_piece_weight(&f->s->piece[i]);
        if (f->bits[row * f->s->n_pieces + i])
            sum += w;
        else if (sm_line_bits(f, f->e->row[row].sentence, i, true))
            sum += 0.5 * w;
    }
    return sum;
}

/* A question's words are as they are answered. */
static uint8_t answered_bits(const sm_found_in *f, uint32_t row, uint32_t i)
{
    uint8_t b = f->bits[row * f->s->n_pieces + i];
    const sm_row *r = &f->e->row[row];
    int8_t answers = f->e->line[r->sentence].answers;
    if (!b || !r->part->asks)
        return b;
    if (!answers)
        return 0;
    bool same = b & SM_SAME_NEG;
    return (uint8_t)(SM_HAS | SM_SAME_MOD | (same == (answers > 0) ? SM_SAME_NEG : SM_OTHER_NEG));
}

typedef struct turn {
    double same_neg, other_neg, same_mod, other_mod, cued, plain; /* best explained, or -1 */
} turn;

/* The clauses that say this word, as they say it. */
static turn turns_of(const sm_found_in *f, const sm_unit *u, uint32_t i)
{
    turn t = { -1, -1, -1, -1, -1, -1 };
    uint32_t subject = f->e->passage[f->e->line[u->line].passage].subject;
    for (uint32_t r = 0; r < f->e->n_rows; r++) {
        uint8_t b = answered_bits(f, r, i);
        if (!b || f->e->passage[f->e->row[r].passage].subject != subject ||
            f->e->passage[f->e->row[r].passage].line == f->e->row[r].sentence)
            continue;
        double x = row_explains(f, u, r, i);
        if (b & SM_SAME_NEG)
            t.same_neg = x > t.same_neg ? x : t.same_neg;
        else
            t.other_neg = x > t.other_neg ? x : t.other_neg;
        if ((b & SM_SAME_NEG) && (b & SM_SAME_MOD))
            t.same_mod = x > t.same_mod ? x : t.same_mod;
        else if (b & SM_SAME_NEG)
            t.other_mod = x > t.other_mod ? x : t.other_mod;
        if (b & SM_CUED)
            t.cued = x > t.cued ? x : t.cued;
        else
            t.plain = x > t.plain ? x : t.plain;
    }
    return t;
}

/* The next word may be what is denied there: 没有提交申请, 未申请. */
static bool said_alike_near(const sm_found_in *f, const sm_unit *u, uint32_t i)
{
    uint32_t end = u->piece + u->n_pieces;
    for (uint32_t k = i + 1; k < end && k < i + 3; k++)
        if (f->s->piece[k].clause == f->s->piece[i].clause &&
            f->s->piece[k].neg == f->s->piece[i].neg) {
            turn t = turns_of(f, u, k);
            if (t.same_neg >= t.other_neg && t.same_neg >= 0)
                return true;
        }
    return false;
}

void sm_measure_turns(const sm_found_in *f, const sm_unit *u, sm_measure *m)
{
    const double clearly = 0.3;
    for (uint32_t i = u->piece; i < u->piece + u->n_pieces; i++) {
        const sm_piece *p = &f->s->piece[i];
        uint8_t bits = sm_line_bits(f, u->line, i, true);
        if (bits && !(bits & SM_SAME_NEG))
            m->v[SM_M_TURNED_ALL] += sm_piece_weight(p);
        if (p->kind == SM_PIECE_LIGHT ? !p->cued || !p->neg : !p->cued && p->neg)
            continue;
        turn t = turns_of(f, u, i);
        if (f->s->part[p->clause].condition && t.same_neg >= 0)
            continue; /* a condition may be told either way */
        m->v[SM_M_UNDENIED] += p->cued && p->neg && t.same_neg < 0;
        if (p->cued && t.other_neg > t.same_neg + clearly)
            m->v[SM_M_DENIED] += !said_alike_near(f, u, i);
        else if (p->cued && t.other_mod > t.same_mod + clearly)
            m->v[SM_M_MODAL] += 1;
        if (!p->cued && !p->neg && t.cued > t.plain + clearly)
            m->v[SM_M_LOST] += 1;
    }
}
