/*
 * How a sentence's words lie on the evidence.
 *
 * The sentence is taken in units, a clause with the conditions before it; each has the line of the
 * evidence that explains most of it.  What is measured is what that line leaves unexplained, and
 * what of the line the unit leaves out or turns round.
 */
#include "ground/measure.h"

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

static uint8_t own_bits(const sm_found_in *f, const sm_line *l, size_t i)
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
        if (l->context[k] == self || !own_bits(f, &f->e->line[l->context[k]], i))
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
    uint8_t own = own_bits(f, l, i);
    return own || !with_context ? own : context_bits(f, l, line, i);
}

/* ------------------------------------------------------------------- units */

typedef struct unit {
    uint32_t part, n_parts;   /* of the sentence */
    uint32_t piece, n_pieces; /* in a row */
    uint32_t line, row;       /* that explain most of it */
    double weight, best;
} unit;

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

static double line_explains(const sm_found_in *f, const unit *u, uint32_t line)
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

static void find_nearest(const sm_found_in *f, unit *u)
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

static size_t cut_units(const sm_found_in *f, unit **out)
{
    const sm_reading *s = f->s;
    unit *u = SM_NEWS(f->a, unit, s->n_parts + 1);
    size_t n = 0;
    bool open = false;
    for (uint32_t i = 0; i < s->n_parts; i++) {
        const sm_part *p = &s->part[i];
        if (p->n_pieces == 0 && p->n_facts == 0)
            continue;
        if (!open && !(n && (p->cues >> SM_CUE_THEN & 1) &&
                       p->sentence == s->part[i - 1].sentence && starts_with_then(s, i)))
            u[n++] = (unit){ .part = i, .piece = p->piece };
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

static const unsigned denials = 1u << SM_CUE_NOT | 1u << SM_CUE_NEED_NOT | 1u << SM_CUE_MAY_NOT;

static void raise(double *v, double x)
{
    *v = x > *v ? x : *v;
}

static bool in_any(const sm_found_in *f, size_t i, uint32_t subject, bool any_subject)
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
static void measure_places(const sm_found_in *f, const unit *u, sm_measure *m)
{
    double absent = 0, other = 0, far = 0, apart = 0, run = 0;
    uint32_t subject = f->e->passage[f->e->line[u->line].passage].subject;
    for (uint32_t i = u->piece; i < u->piece + u->n_pieces; i++) {
        const sm_piece *p = &f->s->piece[i];
        double w = sm_piece_weight(p);
        bool next = i > u->piece && p->at == f->s->piece[i - 1].at + f->s->piece[i - 1].n;
        run = next ? run : 0;
        if (!in_any(f, i, subject, true)) {
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
            raise(&m->v[SM_M_LONGEST], run);
            continue;
        }
        run = 0;
        if (!in_any(f, i, subject, false)) {
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
        raise(&m->v[SM_M_ABSENT], absent / u->weight);
        raise(&m->v[SM_M_OTHER], other / u->weight);
        raise(&m->v[SM_M_FAR], far / u->weight);
        raise(&m->v[SM_M_APART], apart / u->weight);
    }
}

static bool shares_key(const sm_piece *a, const sm_piece *b)
{
    for (int k = 0; k < 4; k++)
        if (a->key[k / 2] && a->key[k / 2] == b->key[k % 2])
            return true;
    return false;
}

/* How well a clause explains the rest of the unit. */
static double row_explains(const sm_found_in *f, const unit *u, uint32_t row, uint32_t without)
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
static turn turns_of(const sm_found_in *f, const unit *u, uint32_t i)
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
static bool said_alike_near(const sm_found_in *f, const unit *u, uint32_t i)
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

static void measure_turns(const sm_found_in *f, const unit *u, sm_measure *m)
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
        if (p->cued && t.other_neg > t.same_neg + clearly)
            m->v[SM_M_DENIED] += !said_alike_near(f, u, i);
        else if (p->cued && t.other_mod > t.same_mod + clearly)
            m->v[SM_M_MODAL] += 1;
        if (!p->cued && !p->neg && t.cued > t.plain + clearly)
            m->v[SM_M_LOST] += 1;
    }
}

static unsigned line_cues(const sm_found_in *f, uint32_t line)
{
    const sm_line *l = &f->e->line[line];
    unsigned cues = 0;
    for (uint32_t r = l->row; r < l->row + l->n_rows; r++)
        cues |= f->e->row[r].part->cues;
    return cues;
}

static unsigned unit_cues(const sm_found_in *f, const unit *u)
{
    unsigned cues = 0;
    for (uint32_t p = u->part; p < u->part + u->n_parts; p++)
        cues |= f->s->part[p].cues;
    return cues;
}

static bool is(unsigned cues, int cue)
{
    return cues >> cue & 1;
}

static void measure_cues(const sm_found_in *f, const unit *u, sm_measure *m)
{
    unsigned s = unit_cues(f, u), e = line_cues(f, u->line);
    const sm_line *l = &f->e->line[u->line];
    for (int k = 1; k < 3; k++)
        if (l->context[k] != u->line)
            e |= line_cues(f, l->context[k]) & ~(1u << SM_CUE_NOT);
    raise(&m->v[SM_M_ONLY], is(s, SM_CUE_ONLY) && !is(e, SM_CUE_ONLY));
    raise(&m->v[SM_M_ALL], is(s, SM_CUE_ALL) && !is(e, SM_CUE_ALL));
    raise(&m->v[SM_M_BOTH], is(s, SM_CUE_BOTH) && !is(s, SM_CUE_EITHER) && is(e, SM_CUE_EITHER) &&
                                !is(e, SM_CUE_BOTH));
    raise(&m->v[SM_M_EITHER], is(s, SM_CUE_EITHER) && !is(s, SM_CUE_BOTH) && is(e, SM_CUE_BOTH) &&
                                  !is(e, SM_CUE_EITHER));
    unsigned row = f->e->row[u->row].part->cues;
    raise(&m->v[SM_M_NEW_CUE], (s & denials) && !(e & denials));
    raise(&m->v[SM_M_LOST_CUE], (row & denials) && !(s & denials));
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
static void measure_left_out(const sm_found_in *f, const unit *u, sm_measure *m)
{
    const sm_line *l = &f->e->line[u->line];
    unsigned s = unit_cues(f, u);
    for (uint32_t r = l->row; r < l->row + l->n_rows; r++) {
        const sm_part *p = f->e->row[r].part;
        if (r < u->row && p->condition)
            raise(&m->v[SM_M_CONDITION], sm_row_unsaid(f, r));
        if (r != u->row && is(p->cues, SM_CUE_EXCEPT) && !is(s, SM_CUE_EXCEPT))
            raise(&m->v[SM_M_EXCEPTION], sm_row_unsaid(f, r));
    }
    raise(&m->v[SM_M_UNSAID], sm_row_unsaid(f, u->row));
}

/* ------------------------------------------------------------------- order */

typedef struct span_of_pieces {
    uint32_t from, to; /* bytes of the sentence */
} span_of_pieces;

/* What is done stands at the end of its span. */
static bool among_last(const sm_found_in *f, const unit *u, uint32_t i, uint32_t to)
{
    enum { LAST = 4 };
    uint32_t after = 0;
    for (uint32_t k = i + 1; k < u->piece + u->n_pieces && f->s->piece[k].at < to; k++)
        after += f->s->piece[k].kind == SM_PIECE_WORD ? 2 : f->s->piece[k].kind == SM_PIECE_CHAR;
    return after < LAST;
}

/* Where the evidence says most of these words: bytes from the beginning of all evidence, or -1. */
static double place_of(const sm_found_in *f, const unit *u, span_of_pieces s, span_of_pieces other)
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
                     shares_key(p, &f->s->piece[k]);
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
                if (shares_key(p, &row->of->piece[k]))
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

static void hold_order(const sm_found_in *f, const unit *u, span_of_pieces first,
                       span_of_pieces then, sm_measure *m)
{
    double a = place_of(f, u, first, then), b = place_of(f, u, then, first);
    if (a < 0 || b < 0 || (a < b) != turned_round(f, u->line, a, b))
        return;
    m->v[SM_M_ORDER] = 1;
}

/* 先 X 再 Y, X 后 Y, Y 前 X */
static void measure_order(const sm_found_in *f, const unit *u, sm_measure *m)
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
static void measure_numerals(const sm_found_in *f, const unit *u, sm_measure *m)
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
static void measure_opposed(const sm_found_in *f, const unit *u, sm_measure *m)
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

static bool unit_has_group(const sm_found_in *f, const unit *u, uint32_t group)
{
    for (uint32_t i = u->piece; i < u->piece + u->n_pieces; i++)
        if (f->s->piece[i].group == group)
            return true;
    return false;
}

/* 随母落户还需…, of 随母…，随父落户还需…: the clause that is meant says the opposite. */
static void measure_opposed_clause(const sm_found_in *f, const unit *u, sm_measure *m)
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
static void measure_misplaced(const sm_found_in *f, const unit *u, sm_measure *m)
{
    uint32_t subject = f->e->passage[f->e->line[u->line].passage].subject;
    for (uint32_t i = u->piece; i < u->piece + u->n_pieces; i++) {
        if (f->s->piece[i].kind == SM_PIECE_LIGHT || in_any(f, i, subject, false))
            continue;
        bool title = false;
        for (size_t p = 0; p < f->e->n && !title; p++)
            title = f->e->passage[p].subject != subject && f->e->passage[p].n_lines &&
                    own_bits(f, &f->e->line[f->e->passage[p].line], i);
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
            if (shares_key(a[i], b[k]))
                return true;
    return false;
}

/* 由 A here, 由 B in the line. */
static void measure_roles(const sm_found_in *f, const unit *u, sm_measure *m)
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

static bool out_of_force(const sm_evidence *e, uint32_t subject)
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
static void measure_state(const sm_found_in *f, const unit *u, sm_measure *m)
{
    uint32_t subject = f->e->passage[f->e->line[u->line].passage].subject;
    unsigned cues = unit_cues(f, u);
    for (size_t i = 0; i < f->s->n_facts; i++)
        if (f->s->fact[i].kind == SM_FACT_TITLE || f->s->fact[i].kind == SM_FACT_DOC_NO ||
            f->s->fact[i].kind == SM_FACT_DATE)
            cues |= 1u << SM_CUE_ONCE;
    if ((is(cues, SM_CUE_NOW) || !is(cues, SM_CUE_ONCE)) && out_of_force(f->e, subject))
        m->v[SM_M_STALE] = 1;
}

static uint32_t unit_denials(const sm_found_in *f, const unit *u)
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
static void measure_answer(const sm_found_in *f, const unit *u, sm_measure *m)
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
            own += own_bits(f, q, i) ? w : 0;
            all += sm_line_bits(f, l, i, true) ? w : 0;
        }
        bool odd = (unit_denials(f, u) + line_denials(f, q)) % 2;
        if (u->weight >= 3 && own >= u->weight * 0.6 && all >= u->weight * 0.9 &&
            odd != (q->answers < 0))
            m->v[SM_M_ANSWER] = 1;
    }
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
        bool any = p->kind != SM_PIECE_CHAR && in_any(f, i, 0, true);
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
static void measure_shape(const sm_found_in *f, const unit *u, sm_measure *m)
{
    unsigned s = unit_cues(f, u), e = line_cues(f, u->line);
    const sm_line *l = &f->e->line[u->line];
    double line = 0, row = 0;
    for (uint32_t i = u->piece; i < u->piece + u->n_pieces; i++) {
        double w = sm_piece_weight(&f->s->piece[i]);
        line += sm_line_bits(f, u->line, i, true) ? w : 0;
        row += f->bits[u->row * f->s->n_pieces + i] ? w : 0;
    }
    uint32_t denied = unit_denials(f, u), there = f->e->row[u->row].part->n_denials;
    m->v[SM_M_ROW_ALL] += u->weight - row;
    raise(&m->v[SM_M_LINE], u->weight > 0 ? 1 - line / u->weight : 0);
    raise(&m->v[SM_M_ROW], u->weight > 0 ? 1 - row / u->weight : 0);
    raise(&m->v[SM_M_WRITTEN], 1 - written(f, u->line));
    m->v[SM_M_S_DENIALS] += denied;
    m->v[SM_M_E_DENIALS] += there;
    raise(&m->v[SM_M_PARITY], (denied + there) % 2);
    raise(&m->v[SM_M_S_MUST], is(s, SM_CUE_MUST));
    raise(&m->v[SM_M_S_MAY], is(s, SM_CUE_MAY));
    raise(&m->v[SM_M_E_MUST], is(e, SM_CUE_MUST));
    raise(&m->v[SM_M_E_MAY], is(e, SM_CUE_MAY));
    raise(&m->v[SM_M_S_ORDER], is(s, SM_CUE_FIRST) || is(s, SM_CUE_AFTER) || is(s, SM_CUE_BEFORE));
    raise(&m->v[SM_M_S_BY], is(s, SM_CUE_BY));
    raise(&m->v[SM_M_S_IF], has_condition(&f->s->part[u->part], u->n_parts));
    raise(&m->v[SM_M_E_IF], has_condition(f->e->row[l->row].part, l->n_rows));
    raise(&m->v[SM_M_E_EITHER], is(e, SM_CUE_EITHER));
    raise(&m->v[SM_M_E_EXCEPT], is(e, SM_CUE_EXCEPT));
}

static double cover_of(const sm_found_in *f)
{
    double all = 0, got = 0;
    for (size_t i = 0; i < f->s->n_pieces; i++) {
        double w = sm_piece_weight(&f->s->piece[i]);
        all += w;
        got += in_any(f, i, 0, true) ? w : 0;
    }
    return all > 0 ? got / all : 0;
}

static sm_span span_of(const sm_found_in *f, const unit *u)
{
    const sm_line *l = &f->e->line[u->line];
    if (l->n_rows == 0 || f->e->passage[l->passage].line == u->line)
        return (sm_span){ l->passage, 0, f->e->passage[l->passage].source.text.n };
    const sm_part *first = f->e->row[l->row].part, *last = f->e->row[l->row + l->n_rows - 1].part;
    return (sm_span){ l->passage, first->at, last->at + last->n - first->at };
}

static double spread_of(const sm_found_in *f, const unit *u, size_t n)
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
    unit *u;
    size_t n = cut_units(f, &u);
    double most = -1, weight = 0;
    for (size_t i = 0; i < n; i++) {
        weight += u[i].weight;
        find_nearest(f, &u[i]);
        if (u[i].best < 0)
            continue;
        measure_places(f, &u[i], out);
        double denied = out->v[SM_M_DENIED];
        measure_turns(f, &u[i], out);
        if (out->v[SM_M_DENIED] > denied && unit_denials(f, &u[i]) == 0 &&
            f->e->row[u[i].row].part->n_denials % 2)
            out->v[SM_M_AFFIRMED] = 1;
        measure_order(f, &u[i], out);
        measure_cues(f, &u[i], out);
        measure_numerals(f, &u[i], out);
        measure_left_out(f, &u[i], out);
        measure_answer(f, &u[i], out);
        measure_opposed(f, &u[i], out);
        measure_opposed_clause(f, &u[i], out);
        measure_misplaced(f, &u[i], out);
        measure_roles(f, &u[i], out);
        measure_state(f, &u[i], out);
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
