/*
 * How a sentence's words lie on the evidence.
 *
 * The sentence is taken in units, a clause with the conditions before it; each has the line of the
 * evidence that explains most of it.  What is measured is what that line leaves unexplained, and
 * what of the line the unit leaves out or turns round.
 */
#include "ground/units.h"

#include <string.h>

/* ------------------------------------------------------------------- units */

static bool in_line(const sm_found_in *f, const sm_fact *fact, const sm_line *l)
{
    for (uint32_t r = l->row; r < l->row + l->n_rows; r++) {
        const sm_part *p = f->e->row[r].part;
        for (uint32_t k = p->fact; k < p->fact + p->n_facts; k++)
            if (sm_fact_within(fact->key, f->e->row[r].of->fact[k].key))
                return true;
    }
    return false;
}

enum { FACT_WEIGHT = 3 };

static double line_explains(const sm_found_in *f, const sm_unit *u, uint32_t line)
{
    double sum = 0;
    for (uint32_t i = u->piece; i < u->piece + u->n_pieces; i++) {
        uint8_t own = sm_line_bits(f, line, i, false);
        if (own)
            sum += sm_piece_weight(&f->s->piece[i]) * (own & SM_SAME_NEG ? 1.05 : 1);
        else if (sm_line_bits(f, line, i, true))
            sum += sm_piece_weight(&f->s->piece[i]) * 0.9;
    }
    for (uint32_t p = u->part; p < u->part + u->n_parts; p++)
        for (uint32_t k = f->s->part[p].fact; k < f->s->part[p].fact + f->s->part[p].n_facts; k++)
            sum += in_line(f, &f->s->fact[k], &f->e->line[line]) ? FACT_WEIGHT : 0;
    return sum;
}

static void find_nearest(const sm_found_in *f, sm_unit *u)
{
    u->best = -1;
    for (uint32_t l = 0; l < f->e->n_lines; l++) {
        const sm_line *at = &f->e->line[l];
        if (!f->among[at->passage] || at->n_rows == 0 || f->e->row[at->row].part->asks)
            continue;
        double x = line_explains(f, u, l);
        bool title = f->e->passage[f->e->line[l].passage].line == l;
        x -= title ? 0.5 : 0;
        if (x > u->best) {
            u->best = x;
            u->line = l;
        }
    }
    const sm_line *line = &f->e->line[u->line];
    double best = -1;
    for (uint32_t r = line->row; u->best >= 0 && r < line->row + line->n_rows; r++) {
        double x = 0;
        for (uint32_t i = u->piece; i < u->piece + u->n_pieces; i++)
            x += f->bits[r * f->s->n_pieces + i] ? sm_piece_weight(&f->s->piece[i]) : 0;
        if (x > best) {
            best = x;
            u->row = r;
        }
    }
}

/* 再由…, 然后… */
static bool starts_with_then(const sm_reading *s, uint32_t part)
{
    for (size_t i = 0; i < s->n_events; i++)
        if (s->event[i].part == part && s->event[i].cue == SM_CUE_THEN)
            return s->event[i].at == s->part[part].at;
    return false;
}

/* 公租房申请，…: names what the next clause is of. */
static bool is_topic(const sm_reading *s, uint32_t part)
{
    const unsigned predicates = 1u << SM_CUE_NOT | 1u << SM_CUE_NEED_NOT | 1u << SM_CUE_MAY_NOT |
                                1u << SM_CUE_MUST | 1u << SM_CUE_MAY;
    const sm_part *p = &s->part[part];
    return part + 1 < s->n_parts && p->n_facts == 0 && p->n_pieces <= 4 &&
           !(p->cues & predicates) && p[1].sentence == p->sentence;
}

static size_t cut_units(const sm_found_in *f, sm_unit **out)
{
    const sm_reading *s = f->s;
    sm_unit *u = SM_NEWS(f->a, sm_unit, s->n_parts + 1);
    size_t n = 0;
    bool open = false;
    for (uint32_t i = 0; i < s->n_parts; i++) {
        const sm_part *p = &s->part[i];
        if (p->n_pieces == 0 && p->n_facts == 0)
            continue;
        if (!open && !(n && (p->cues >> SM_CUE_THEN & 1) &&
                       p->sentence == s->part[i - 1].sentence && starts_with_then(s, i)))
            u[n++] = (sm_unit){ .part = i, .piece = p->piece };
        u[n - 1].n_parts = i - u[n - 1].part + 1;
        u[n - 1].n_pieces = p->piece + p->n_pieces - u[n - 1].piece;
        open = p->condition || p->head || (p->cues >> SM_CUE_FIRST & 1) || is_topic(s, i);
    }
    for (size_t k = 0; k < n; k++)
        for (uint32_t i = u[k].piece; i < u[k].piece + u[k].n_pieces; i++)
            u[k].weight += sm_piece_weight(&s->piece[i]);
    *out = u;
    return n;
}

/* ---------------------------------------------------------------- measures */

bool sm_in_any(const sm_found_in *f, size_t i, uint32_t subject, bool any_subject)
{
    for (size_t r = 0; r < f->e->n_rows; r++)
        if ((any_subject || f->e->passage[f->e->row[r].passage].subject == subject) &&
            f->bits[r * f->s->n_pieces + i])
            return true;
    return false;
}

/* Whether another item of the same list says it. */
static bool in_list(const sm_found_in *f, uint32_t line, size_t i)
{
    const sm_line *l = &f->e->line[line];
    bool head = l->n_rows && f->e->row[l->row + l->n_rows - 1].part->head;
    uint32_t top = head ? line : l->context[1];
    for (uint32_t k = 0; k < f->e->n_lines && (head || top != line); k++)
        if (f->e->line[k].context[1] == top && k != top && sm_line_bits(f, k, i, false))
            return true;
    return false;
}

/* Words of this unit that stand nowhere, elsewhere, in other sentences. */
static void measure_places(const sm_found_in *f, const sm_unit *u, sm_measure *m)
{
    double absent = 0, other = 0, far = 0, apart = 0, run = 0;
    uint32_t subject = f->e->passage[f->e->line[u->line].passage].subject;
    for (uint32_t i = u->piece; i < u->piece + u->n_pieces; i++) {
        const sm_piece *p = &f->s->piece[i];
        double w = sm_piece_weight(p);
        bool next = i > u->piece && p->at == f->s->piece[i - 1].at + f->s->piece[i - 1].n;
        run = next ? run : 0;
        if (!sm_in_any(f, i, subject, true)) {
            bool verb = p->kind == SM_PIECE_WORD && p->chars == 1 && !p->name;
            if (p->kind == SM_PIECE_LIGHT || verb) {
                m->v[SM_M_LIGHT] += 1;
                continue;
            }
            absent += w;
            m->v[SM_M_ABSENT_NAME] += p->name;
            m->v[SM_M_ABSENT_WORD] += p->kind == SM_PIECE_WORD && !p->name;
            if (p->kind == SM_PIECE_CHAR && run > 0)
                m->v[SM_M_ABSENT_CHARS] += 1;
            run += p->kind == SM_PIECE_WORD ? 2 : 1;
            sm_raise(&m->v[SM_M_LONGEST], run);
            continue;
        }
        run = 0;
        if (!sm_in_any(f, i, subject, false)) {
            other += w;
            m->v[SM_M_OTHER_NAME] += p->name;
        } else if (!sm_line_bits(f, u->line, i, true) && !in_list(f, u->line, i)) {
            far += w;
            m->v[SM_M_FAR_NAME] += p->name;
        }
        if (!f->bits[u->row * f->s->n_pieces + i] && sm_line_bits(f, u->line, i, false))
            apart += w;
    }
    m->v[SM_M_ABSENT_N] += absent;
    m->v[SM_M_FAR_ALL] += far; /* shares once all units are known */
    m->v[SM_M_APART_ALL] += apart;
    m->v[SM_M_OTHER_N] += other;
    if (u->weight > 0) {
        sm_raise(&m->v[SM_M_ABSENT], absent / u->weight);
        sm_raise(&m->v[SM_M_OTHER], other / u->weight);
        sm_raise(&m->v[SM_M_FAR], far / u->weight);
        sm_raise(&m->v[SM_M_APART], apart / u->weight);
    }
}

unsigned sm_line_cues(const sm_found_in *f, uint32_t line)
{
    const sm_line *l = &f->e->line[line];
    unsigned cues = 0;
    for (uint32_t r = l->row; r < l->row + l->n_rows; r++)
        cues |= f->e->row[r].part->cues;
    return cues;
}

unsigned sm_unit_cues(const sm_found_in *f, const sm_unit *u)
{
    unsigned cues = 0;
    for (uint32_t p = u->part; p < u->part + u->n_parts; p++)
        cues |= f->s->part[p].cues;
    return cues;
}

static void measure_cues(const sm_found_in *f, const sm_unit *u, sm_measure *m)
{
    unsigned s = sm_unit_cues(f, u), e = sm_line_cues(f, u->line);
    const sm_line *l = &f->e->line[u->line];
    for (int k = 1; k < 3; k++)
        if (l->context[k] != u->line)
            e |= sm_line_cues(f, l->context[k]) & ~(1u << SM_CUE_NOT);
    sm_raise(&m->v[SM_M_ONLY], sm_is(s, SM_CUE_ONLY) && !sm_is(e, SM_CUE_ONLY));
    sm_raise(&m->v[SM_M_ALL], sm_is(s, SM_CUE_ALL) && !sm_is(e, SM_CUE_ALL));
    sm_raise(&m->v[SM_M_BOTH], sm_is(s, SM_CUE_BOTH) && !sm_is(s, SM_CUE_EITHER) &&
                                   sm_is(e, SM_CUE_EITHER) && !sm_is(e, SM_CUE_BOTH));
    sm_raise(&m->v[SM_M_EITHER], sm_is(s, SM_CUE_EITHER) && !sm_is(s, SM_CUE_BOTH) &&
                                     sm_is(e, SM_CUE_BOTH) && !sm_is(e, SM_CUE_EITHER));
    unsigned row = f->e->row[u->row].part->cues;
    sm_raise(&m->v[SM_M_NEW_CUE], (s & sm_denials) && !(e & sm_denials));
    sm_raise(&m->v[SM_M_LOST_CUE], (row & sm_denials) && !(s & sm_denials));
}

static bool is_said(const sm_found_in *f, uint64_t key)
{
    return key && sm_find_u64(f->said, f->n_said, key) != SIZE_MAX;
}

static bool parts_said(const sm_found_in *f, const sm_word *w)
{
    for (size_t k = 0; w && k < w->n_parts; k++)
        if (!is_said(f, w->part[k]))
            return false;
    return w && w->n_parts;
}

double sm_row_unsaid(const sm_found_in *f, uint32_t row)
{
    const sm_row *r = &f->e->row[row];
    double all = 0, missed = 0;
    for (uint32_t i = r->part->piece; i < r->part->piece + r->part->n_pieces; i++) {
        const sm_piece *p = &r->of->piece[i];
        double w = sm_piece_weight(p);
        bool here = is_said(f, p->key[0]) || is_said(f, p->key[1]) || parts_said(f, p->word);
        all += w;
        missed += here ? 0 : w;
    }
    return all >= 2 ? missed / all : 0;
}

/* Conditions before the nearest clause, exceptions anywhere in its line. */
static void measure_left_out(const sm_found_in *f, const sm_unit *u, sm_measure *m)
{
    const sm_line *l = &f->e->line[u->line];
    unsigned s = sm_unit_cues(f, u);
    for (uint32_t r = l->row; r < l->row + l->n_rows; r++) {
        const sm_part *p = f->e->row[r].part;
        if (r < u->row && p->condition)
            sm_raise(&m->v[SM_M_CONDITION], sm_row_unsaid(f, r));
        if (r != u->row && sm_is(p->cues, SM_CUE_EXCEPT) && !sm_is(s, SM_CUE_EXCEPT))
            sm_raise(&m->v[SM_M_EXCEPTION], sm_row_unsaid(f, r));
    }
    sm_raise(&m->v[SM_M_UNSAID], sm_row_unsaid(f, u->row));
}

/* ------------------------------------------------------------------- shape */

static bool has_condition(const sm_part *part, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (part[i].condition)
            return true;
    return false;
}

/* Pairs of characters side by side in the sentence and in the line, as they are written. */
static double written(const sm_found_in *f, uint32_t line)
{
    double all = 0, got = 0;
    for (size_t i = 1; i < f->s->n_chars; i++) {
        if (f->s->chr[i].clause != f->s->chr[i - 1].clause)
            continue;
        size_t n;
        const sm_posting *p =
            sm_evidence_find(f->e, sm_pair_key(f->s->chr[i - 1].c, f->s->chr[i].c), &n);
        bool here = false;
        for (size_t k = 0; k < n && !here; k++)
            here = f->e->row[p[k].row].sentence == line;
        all += 1;
        got += here;
    }
    return all > 0 ? got / all : 0;
}

static bool pair_stands(const sm_found_in *f, size_t i)
{
    const sm_char *c = f->s->chr;
    if (i == 0 || i >= f->s->n_chars || c[i].clause != c[i - 1].clause)
        return false;
    size_t n;
    const sm_posting *p = sm_evidence_find(f->e, sm_pair_key(c[i - 1].c, c[i].c), &n);
    for (size_t k = 0; k < n; k++)
        if (f->among[f->e->row[p[k].row].passage])
            return true;
    return false;
}

/* Of every piece whether it stands anywhere, as a map over the bytes of the sentence. */
static bool *held_bytes(const sm_found_in *f)
{
    bool *held = SM_NEWS(f->a, bool, f->s->text.n + 1);
    for (size_t i = 0; i < f->s->n_pieces; i++) {
        const sm_piece *p = &f->s->piece[i];
        bool any = p->kind != SM_PIECE_CHAR && sm_in_any(f, i, 0, true);
        for (uint32_t b = p->at; any && b < p->at + p->n; b++)
            held[b] = true;
    }
    return held;
}

/* Words put into what else is a copy, be they words that say nothing elsewhere. */
static void measure_novel(const sm_found_in *f, sm_measure *m)
{
    const double copy = 0.8;
    const sm_char *c = f->s->chr;
    const bool *held = held_bytes(f);
    double run = 0, any_run = 0, pairs = 0, stand = 0, *v = m->v;
    for (size_t i = 0; i < f->s->n_chars; i++) {
        bool begins = i == 0 || c[i].clause != c[i - 1].clause;
        bool before = pair_stands(f, i), stands = held[c[i].at] || before || pair_stands(f, i + 1);
        pairs += !begins;
        stand += before;
        if (stands || begins || c[i].opening)
            run = any_run = 0;
        if (stands || c[i].opening)
            continue;
        any_run += 1;
        run += !c[i].plain;
        v[SM_M_NOVEL] += !c[i].plain;
        v[SM_M_NOVEL_RUN] = SM_MAX(v[SM_M_NOVEL_RUN], run);
        v[SM_M_COPY_RUN] = SM_MAX(v[SM_M_COPY_RUN], any_run);
    }
    double copied = pairs > 0 ? stand / pairs : 0;
    v[SM_M_UNCOPIED] = 1 - copied;
    v[SM_M_INSERTED] = v[SM_M_NOVEL_RUN] >= 4 ||
                       (copied >= copy && (v[SM_M_NOVEL_RUN] >= 2 || v[SM_M_COPY_RUN] >= 3));
}

/* What kind of sentence it is, and the line. */
static void measure_shape(const sm_found_in *f, const sm_unit *u, sm_measure *m)
{
    unsigned s = sm_unit_cues(f, u), e = sm_line_cues(f, u->line);
    const sm_line *l = &f->e->line[u->line];
    double line = 0, row = 0;
    for (uint32_t i = u->piece; i < u->piece + u->n_pieces; i++) {
        double w = sm_piece_weight(&f->s->piece[i]);
        line += sm_line_bits(f, u->line, i, true) ? w : 0;
        row += f->bits[u->row * f->s->n_pieces + i] ? w : 0;
    }
    uint32_t denied = sm_unit_denials(f, u), there = f->e->row[u->row].part->n_denials;
    m->v[SM_M_ROW_ALL] += u->weight - row;
    sm_raise(&m->v[SM_M_LINE], u->weight > 0 ? 1 - line / u->weight : 0);
    sm_raise(&m->v[SM_M_ROW], u->weight > 0 ? 1 - row / u->weight : 0);
    sm_raise(&m->v[SM_M_WRITTEN], 1 - written(f, u->line));
    m->v[SM_M_S_DENIALS] += denied;
    m->v[SM_M_E_DENIALS] += there;
    sm_raise(&m->v[SM_M_PARITY], (denied + there) % 2);
    sm_raise(&m->v[SM_M_S_MUST], sm_is(s, SM_CUE_MUST));
    sm_raise(&m->v[SM_M_S_MAY], sm_is(s, SM_CUE_MAY));
    sm_raise(&m->v[SM_M_E_MUST], sm_is(e, SM_CUE_MUST));
    sm_raise(&m->v[SM_M_E_MAY], sm_is(e, SM_CUE_MAY));
    sm_raise(&m->v[SM_M_S_ORDER],
             sm_is(s, SM_CUE_FIRST) || sm_is(s, SM_CUE_AFTER) || sm_is(s, SM_CUE_BEFORE));
    sm_raise(&m->v[SM_M_S_BY], sm_is(s, SM_CUE_BY));
    sm_raise(&m->v[SM_M_S_IF], has_condition(&f->s->part[u->part], u->n_parts));
    sm_raise(&m->v[SM_M_E_IF], has_condition(f->e->row[l->row].part, l->n_rows));
    sm_raise(&m->v[SM_M_E_EITHER], sm_is(e, SM_CUE_EITHER));
    sm_raise(&m->v[SM_M_E_EXCEPT], sm_is(e, SM_CUE_EXCEPT));
}

static double cover_of(const sm_found_in *f)
{
    double all = 0, got = 0;
    for (size_t i = 0; i < f->s->n_pieces; i++) {
        double w = sm_piece_weight(&f->s->piece[i]);
        all += w;
        got += sm_in_any(f, i, 0, true) ? w : 0;
    }
    return all > 0 ? got / all : 0;
}

static sm_span span_of(const sm_found_in *f, const sm_unit *u)
{
    const sm_line *l = &f->e->line[u->line];
    if (l->n_rows == 0 || f->e->passage[l->passage].line == u->line)
        return (sm_span){ l->passage, 0, f->e->passage[l->passage].source.text.n };
    const sm_part *first = f->e->row[l->row].part, *last = f->e->row[l->row + l->n_rows - 1].part;
    return (sm_span){ l->passage, first->at, last->at + last->n - first->at };
}

static double spread_of(const sm_found_in *f, const sm_unit *u, size_t n)
{
    double spread = 0;
    for (size_t i = 1; i < n; i++) {
        bool known = u[i].best < 0;
        uint32_t subject = f->e->passage[f->e->line[u[i].line].passage].subject;
        for (size_t k = 0; k < i && !known; k++)
            known = f->e->passage[f->e->line[u[k].line].passage].subject == subject;
        spread += !known;
    }
    return spread;
}

void sm_measure_wording(const sm_found_in *f, sm_measure *out)
{
    sm_unit *u;
    size_t n = cut_units(f, &u);
    double most = -1, weight = 0;
    for (size_t i = 0; i < n; i++) {
        weight += u[i].weight;
        find_nearest(f, &u[i]);
        if (u[i].best < 0)
            continue;
        measure_places(f, &u[i], out);
        double denied = out->v[SM_M_DENIED];
        sm_measure_turns(f, &u[i], out);
        if (out->v[SM_M_DENIED] > denied && sm_unit_denials(f, &u[i]) == 0 &&
            f->e->row[u[i].row].part->n_denials % 2)
            out->v[SM_M_AFFIRMED] = 1;
        sm_measure_order(f, &u[i], out);
        measure_cues(f, &u[i], out);
        sm_measure_numerals(f, &u[i], out);
        measure_left_out(f, &u[i], out);
        sm_measure_answer(f, &u[i], out);
        sm_measure_opposed(f, &u[i], out);
        sm_measure_opposed_clause(f, &u[i], out);
        sm_measure_misplaced(f, &u[i], out);
        sm_measure_roles(f, &u[i], out);
        sm_measure_state(f, &u[i], out);
        measure_shape(f, &u[i], out);
        if (u[i].best > most) {
            most = u[i].best;
            out->nearest = span_of(f, &u[i]);
            out->line = u[i].line;
        }
    }
    measure_novel(f, out);
    static const sm_measure_kind shares[] = { SM_M_FAR_ALL, SM_M_APART_ALL, SM_M_ROW_ALL,
                                              SM_M_TURNED_ALL };
    for (size_t k = 0; k < SM_LEN(shares) && weight > 0; k++)
        out->v[shares[k]] /= weight;
    out->v[SM_M_ABSENT_ALL] = 1 - cover_of(f);
    if (f->s->n_chars)
        out->v[SM_M_NOVEL_ALL] = out->v[SM_M_NOVEL] / (double)f->s->n_chars;
    out->v[SM_M_SPREAD] = spread_of(f, u, n);
    out->v[SM_M_WEIGHT] = weight;
    out->v[SM_M_FACTS] = (double)f->s->n_facts;
    out->v[SM_M_SHORT] = weight < 4;
    out->v[SM_M_UNITS] = n > 1 ? (double)(n - 1) : 0;
    out->cover = cover_of(f);
}
