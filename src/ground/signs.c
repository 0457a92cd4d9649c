/*
 * Signs that a sentence says something else: numerals, opposites, other subjects, by whom, out of
 * force, yes for no.
 */
#include "ground/units.h"

static bool is_numeral(uint32_t c)
{
    static const uint32_t numerals[] = { 0x4e8c, 0x4e24, 0x4e09, 0x56db, 0x4e94, 0x516d, 0x4e03,
                                         0x516b, 0x4e5d, 0x5341, 0x767e, 0x5343, 0x534a };
    for (size_t i = 0; i < SM_LEN(numerals); i++)
        if (c == numerals[i])
            return true;
    return c >= '0' && c <= '9';
}

/* 五 of 分为五类, where the line says 四类. */
void sm_measure_numerals(const sm_found_in *f, const sm_unit *u, sm_measure *m)
{
    for (uint32_t i = u->piece; i < u->piece + u->n_pieces; i++) {
        sm_str text = sm_str_sub(f->s->text, f->s->piece[i].at, f->s->text.n);
        if (f->s->piece[i].kind == SM_PIECE_CHAR && is_numeral(sm_text_fold(sm_utf8_next(&text))) &&
            !sm_line_bits(f, u->line, i, true))
            m->v[SM_M_NUMERAL] += 1;
    }
}

/* ------------------------------------------------- opposites, roles, states */

static bool said_group(const sm_found_in *f, uint32_t group)
{
    return sm_find_u64(f->said, f->n_said, sm_group_key(group)) != SIZE_MAX;
}

static bool line_has_group(const sm_found_in *f, uint32_t line, uint32_t group)
{
    size_t n;
    const sm_posting *p = sm_evidence_find(f->e, sm_group_key(group), &n);
    for (size_t i = 0; i < n; i++)
        if (f->e->row[p[i].row].sentence == line)
            return true;
    return false;
}

/* A word that the line has not, for one of the line's that excludes it. */
void sm_measure_opposed(const sm_found_in *f, const sm_unit *u, sm_measure *m)
{
    for (uint32_t i = u->piece; i < u->piece + u->n_pieces; i++) {
        const uint32_t *other;
        size_t n = f->s->piece[i].group ? sm_opposites_of(f->s->piece[i].group, &other) : 0;
        if (n == 0 || sm_line_bits(f, u->line, i, false))
            continue;
        for (size_t k = 0; k < n; k++)
            m->v[SM_M_OPPOSED] += !said_group(f, other[k]) && line_has_group(f, u->line, other[k]);
    }
}

static bool row_has_group(const sm_found_in *f, uint32_t row, uint32_t group)
{
    const sm_part *p = f->e->row[row].part;
    for (uint32_t i = p->piece; i < p->piece + p->n_pieces; i++)
        if (f->e->row[row].of->piece[i].group == group)
            return true;
    return false;
}

static bool unit_has_group(const sm_found_in *f, const sm_unit *u, uint32_t group)
{
    for (uint32_t i = u->piece; i < u->piece + u->n_pieces; i++)
        if (f->s->piece[i].group == group)
            return true;
    return false;
}

/* 随母落户还需…, of 随母…，随父落户还需…: the clause that is meant says the opposite. */
void sm_measure_opposed_clause(const sm_found_in *f, const sm_unit *u, sm_measure *m)
{
    for (uint32_t i = u->piece; i < u->piece + u->n_pieces; i++) {
        const uint32_t *other;
        size_t n = f->s->piece[i].group ? sm_opposites_of(f->s->piece[i].group, &other) : 0;
        for (size_t k = 0; k < n && !f->bits[u->row * f->s->n_pieces + i]; k++)
            m->v[SM_M_OPPOSED_ROW] +=
                !unit_has_group(f, u, other[k]) && row_has_group(f, u->row, other[k]);
    }
}

/* Names that stand in the title of another subject, and nowhere with this one. */
void sm_measure_misplaced(const sm_found_in *f, const sm_unit *u, sm_measure *m)
{
    uint32_t subject = f->e->passage[f->e->line[u->line].passage].subject;
    for (uint32_t i = u->piece; i < u->piece + u->n_pieces; i++) {
        if (f->s->piece[i].kind == SM_PIECE_LIGHT || sm_in_any(f, i, subject, false))
            continue;
        bool title = false;
        for (size_t p = 0; p < f->e->n && !title; p++)
            title = f->e->passage[p].subject != subject && f->e->passage[p].n_lines &&
                    sm_own_bits(f, &f->e->line[f->e->passage[p].line], i);
        m->v[SM_M_MISPLACED] += title ? sm_piece_weight(&f->s->piece[i]) : 0;
    }
}

/* Who is named right after an event: a word, or characters in a row. */
static size_t after_event(const sm_reading *r, const sm_event *v, const sm_piece **out)
{
    const sm_part *p = &r->part[v->part];
    size_t n = 0;
    for (uint32_t i = p->piece; i < p->piece + p->n_pieces && n < 3; i++) {
        const sm_piece *q = &r->piece[i];
        if (q->at <= v->at || q->kind == SM_PIECE_LIGHT)
            continue;
        if (n && (q->kind == SM_PIECE_WORD || q->at != out[n - 1]->at + out[n - 1]->n))
            break;
        out[n++] = q;
        if (q->kind == SM_PIECE_WORD)
            break;
    }
    return n;
}

static bool shares_any(const sm_piece *const *a, size_t n, const sm_piece *const *b, size_t m)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < m; k++)
            if (sm_shares_key(a[i], b[k]))
                return true;
    return false;
}

/* 由 A here, 由 B in the line. */
void sm_measure_roles(const sm_found_in *f, const sm_unit *u, sm_measure *m)
{
    const sm_line *l = &f->e->line[u->line];
    for (size_t i = 0; i < f->s->n_events; i++) {
        const sm_event *v = &f->s->event[i];
        const sm_piece *who[3], *there[3];
        size_t n = v->cue == SM_CUE_BY && v->part >= u->part && v->part < u->part + u->n_parts
                       ? after_event(f->s, v, who)
                       : 0;
        if (n == 0 || l->n_rows == 0)
            continue;
        const sm_reading *r = f->e->row[l->row].of;
        uint32_t first = (uint32_t)(f->e->row[l->row].part - r->part);
        bool any = false, match = false;
        for (size_t k = 0; k < r->n_events; k++) {
            const sm_event *w = &r->event[k];
            size_t t = w->cue == SM_CUE_BY && w->part >= first && w->part < first + l->n_rows
                           ? after_event(r, w, there)
                           : 0;
            any |= t > 0;
            match |= shares_any(who, n, there, t);
        }
        m->v[SM_M_ROLE] += any && !match;
    }
}

bool sm_out_of_force(const sm_evidence *e, uint32_t subject)
{
    static const char *const in_title[] = { "已失效", "已废止", "尚未施行", "已修订" };
    static const char *const in_text[] = { "状态：失效", "状态：废止", "状态：已修订",
                                           "状态：尚未施行" };
    for (size_t i = 0; i < e->n; i++)
        if (e->passage[i].subject == subject &&
            (sm_str_has_any(e->passage[i].source.title, in_title, SM_LEN(in_title)) ||
             sm_str_has_any(e->passage[i].source.text, in_text, SM_LEN(in_text))))
            return true;
    return false;
}

/* What rests on a document out of force, and does not say so. */
void sm_measure_state(const sm_found_in *f, const sm_unit *u, sm_measure *m)
{
    uint32_t subject = f->e->passage[f->e->line[u->line].passage].subject;
    unsigned cues = sm_unit_cues(f, u), all = 0;
    for (size_t p = 0; p < f->s->n_parts; p++)
        all |= f->s->part[p].cues;
    if (!sm_is(all, SM_CUE_NOW)) /* 按原办法， is said of all that follows */
        cues |= all & 1u << SM_CUE_ONCE;
    for (size_t i = 0; i < f->s->n_facts; i++)
        if (f->s->fact[i].kind == SM_FACT_TITLE || f->s->fact[i].kind == SM_FACT_DOC_NO ||
            f->s->fact[i].kind == SM_FACT_DATE)
            cues |= 1u << SM_CUE_ONCE;
    if ((sm_is(cues, SM_CUE_NOW) || !sm_is(cues, SM_CUE_ONCE)) && sm_out_of_force(f->e, subject))
        m->v[SM_M_STALE] = 1;
}

uint32_t sm_unit_denials(const sm_found_in *f, const sm_unit *u)
{
    uint32_t n = 0;
    for (uint32_t p = u->part; p < u->part + u->n_parts; p++)
        n += f->s->part[p].answers ? 0 : f->s->part[p].n_denials;
    return n;
}

static uint32_t line_denials(const sm_found_in *f, const sm_line *l)
{
    uint32_t n = 0;
    for (uint32_t r = l->row; r < l->row + l->n_rows; r++)
        n += f->e->row[r].part->n_denials;
    return n;
}

/* The unit says what a question asks: as it is answered? */
void sm_measure_answer(const sm_found_in *f, const sm_unit *u, sm_measure *m)
{
    int8_t line = f->e->line[u->line].answers;
    for (uint32_t i = 0; i < f->s->n_parts; i++)
        if (f->s->part[i].answers && line && f->s->part[i].answers != line)
            m->v[SM_M_ANSWER] = 1;
    for (uint32_t l = 0; l < f->e->n_lines; l++) {
        const sm_line *q = &f->e->line[l];
        if (!q->answers || q->n_rows == 0 || !f->e->row[q->row].part->asks)
            continue;
        double own = 0, all = 0;
        for (uint32_t i = u->piece; i < u->piece + u->n_pieces; i++) {
            double w = sm_piece_weight(&f->s->piece[i]);
            own += sm_own_bits(f, q, i) ? w : 0;
            all += sm_line_bits(f, l, i, true) ? w : 0;
        }
        bool odd = (sm_unit_denials(f, u) + line_denials(f, q)) % 2;
        if (u->weight >= 3 && own >= u->weight * 0.6 && all >= u->weight * 0.9 &&
            odd != (q->answers < 0))
            m->v[SM_M_ANSWER] = 1;
    }
}
