/*
 * What comes first and what then.
 */
#include "ground/units.h"

typedef struct span_of_pieces {
    uint32_t from, to; /* bytes of the sentence */
} span_of_pieces;

/* What is done stands at the end of its span. */
static bool among_last(const sm_found_in *f, const sm_unit *u, uint32_t i, uint32_t to)
{
    enum { LAST = 4 };
    uint32_t after = 0;
    for (uint32_t k = i + 1; k < u->piece + u->n_pieces && f->s->piece[k].at < to; k++)
        after += f->s->piece[k].kind == SM_PIECE_WORD ? 2 : f->s->piece[k].kind == SM_PIECE_CHAR;
    return after < LAST;
}

/* Where the evidence says most of these words: bytes from the beginning of all evidence, or -1. */
static double place_of(const sm_found_in *f, const sm_unit *u, span_of_pieces s,
                       span_of_pieces other)
{
    double sum = 0, all = 0, got = 0;
    uint32_t subject = f->e->passage[f->e->line[u->line].passage].subject;
    for (uint32_t i = u->piece; i < u->piece + u->n_pieces; i++) {
        const sm_piece *p = &f->s->piece[i];
        if (p->at < s.from || p->at >= s.to || !among_last(f, u, i, s.to))
            continue;
        bool twice = false;
        for (uint32_t k = u->piece; k < u->piece + u->n_pieces; k++)
            twice |= f->s->piece[k].at >= other.from && f->s->piece[k].at < other.to &&
                     sm_shares_key(p, &f->s->piece[k]);
        double w = twice || p->kind == SM_PIECE_LIGHT ? 0 : sm_piece_weight(p);
        all += w;
        for (uint32_t r = 0; r < f->e->n_rows && w > 0; r++) {
            const sm_row *row = &f->e->row[r];
            bool own = row->sentence == u->line;
            if (!f->bits[r * f->s->n_pieces + i] || row->part->asks ||
                f->e->passage[row->passage].subject != subject ||
                (!own && sm_line_bits(f, u->line, i, false)))
                continue;
            uint32_t at = row->part->at;
            for (uint32_t k = row->part->piece; k < row->part->piece + row->part->n_pieces; k++)
                if (sm_shares_key(p, &row->of->piece[k]))
                    at = row->of->piece[k].at;
            sum += w * (row->passage * 1e6 + at);
            got += w;
            break;
        }
    }
    return all >= 2 && got >= all * 0.5 ? sum / got : -1;
}

/* 办理登记前应当缴税: what stands before 前 comes later. */
static bool turned_round(const sm_found_in *f, uint32_t line, double a, double b)
{
    double first = a < b ? a : b, last = a < b ? b : a;
    uint32_t passage = f->e->line[line].passage;
    const sm_reading *r = &f->e->passage[passage].text;
    for (size_t k = 0; k < r->n_events; k++) {
        double at = passage * 1e6 + r->event[k].at;
        if (r->event[k].cue == SM_CUE_BEFORE && at > first && at < last)
            return true;
    }
    return false;
}

static void hold_order(const sm_found_in *f, const sm_unit *u, span_of_pieces first,
                       span_of_pieces then, sm_measure *m)
{
    double a = place_of(f, u, first, then), b = place_of(f, u, then, first);
    if (a < 0 || b < 0 || (a < b) != turned_round(f, u->line, a, b))
        return;
    m->v[SM_M_ORDER] = 1;
}

/* 先 X 再 Y, X 后 Y, Y 前 X */
void sm_measure_order(const sm_found_in *f, const sm_unit *u, sm_measure *m)
{
    const sm_reading *s = f->s;
    const sm_part *last = &s->part[s->n_parts - 1];
    uint32_t begin = s->part[u->part].at, end = last->at + last->n;
    for (size_t i = 0; i < s->n_events; i++) {
        const sm_event *v = &s->event[i];
        if (v->part < u->part || v->part >= u->part + u->n_parts)
            continue;
        const sm_event *next = i + 1 < s->n_events ? v + 1 : NULL;
        if (v->cue == SM_CUE_FIRST && next)
            hold_order(f, u, (span_of_pieces){ v->at, next->at }, (span_of_pieces){ next->at, end },
                       m);
        else if (v->cue == SM_CUE_AFTER)
            hold_order(f, u, (span_of_pieces){ begin, v->at }, (span_of_pieces){ v->at, end }, m);
        else if (v->cue == SM_CUE_BEFORE)
            hold_order(f, u, (span_of_pieces){ v->at, end }, (span_of_pieces){ begin, v->at }, m);
    }
}
