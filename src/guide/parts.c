/*
 * Two questions in one sentence: every place where the sentence can be cut is tried, either side
 * alone and with what the other side says of both put to it.  A pair of items is weighed by how
 * well each side names its own and by how the whole sentence stands to them; the weights
 * (weights.h) are fitted by tools/fit_guide.py on authored messages.  Whether two things are asked
 * at all is another question: the head "two".
 */
#include <math.h>
#include <string.h>

#include "guide/turn.h"
#include "guide/weights.h"
#include "text/text.h"

enum {
    MAX_CUTS = 8,
    MAX_PIECES = 4 * MAX_CUTS + 1,
    MIN_PART_CHARS = 2,
    MIN_CHARS = 6,
    MAX_CHARS = 120,
    OF_A_SIDE = 4
};
static const double WORTH_A_TRY = -6.5; /* log odds of the classifier "two" */
static const double RIVAL_NAMED = 0.3;  /* among the rivals of the best item */

/* Words that part two matters, and words that say there are two. */
static const char *const joins[] = { "，",   "。",   "；",   "？",   "、",   "和", "跟",
                                     "还有", "顺便", "另外", "以及", "再",   "也", "又",
                                     "同时", "与",   "还想", "还要", "还得", " ",  "," };
static const char *const tells[] = { "分别", "一起怎么", "一起弄", "一起办", "一起问", "两个",
                                     "两样", "两边",     "两件",   "都怎么", "都要办", "各怎么",
                                     "各要", "一块",     "顺便",   "另外",   "都讲",   "都说",
                                     "都想", "两头",     "两种",   "都没办", "都没了", "一并",
                                     "两项", "都咋",     "各是",   "先后" };
bool sm_tells_two(sm_str text)
{
    return sm_str_has_any(text, tells, SM_LEN(tells));
}

bool sm_asks(sm_str part)
{
    static const char *const words[] = { "怎么", "咋", "哪",   "什么", "啥",   "多少",
                                         "几",   "吗", "如何", "不能", "可以", "行不",
                                         "要不", "呢", "谁",   "多久" };
    return sm_str_has_any(part, words, SM_LEN(words));
}

bool sm_wants(sm_str part)
{
    static const char *const words[] = { "想", "要", "办", "补", "领", "申请", "弄", "换",
                                         "迁", "转", "开", "报", "取", "交",   "打", "查" };
    return sm_str_has_any(part, words, SM_LEN(words));
}

/* Tells what has come about and asks nothing: "二手车过户完了". */
bool sm_tells_done(sm_str part)
{
    static const char *const ends[] = { "了", "完", "后", "过", "的", "着", "时" };
    part = sm_str_trim(part);
    for (size_t i = 0; i < SM_LEN(ends) && !sm_asks(part); i++)
        if (sm_str_ends(part, sm_str_of(ends[i])))
            return true;
    return false;
}

static const char *const names[SM_N_PART_CUES] = {
#define SM_PART_CUE_ROW(id, name) name,
    SM_PART_CUE_TABLE(SM_PART_CUE_ROW)
#undef SM_PART_CUE_ROW
};

const char *sm_part_cue_name(int cue)
{
    return names[cue];
}

struct cut {
    size_t at, len;
};

static size_t find_cuts(sm_str text, struct cut *cut)
{
    size_t n = 0;
    for (size_t at = 0; at < text.n && n < MAX_CUTS; at++)
        for (size_t k = 0; k < SM_LEN(joins); k++) {
            sm_str join = sm_str_of(joins[k]);
            if (!sm_str_starts(sm_str_sub(text, at, text.n), join))
                continue;
            bool room = sm_utf8_count(sm_str_sub(text, 0, at)) >= MIN_PART_CHARS &&
                        sm_utf8_count(sm_str_sub(text, at + join.n, text.n)) >= MIN_PART_CHARS;
            if (room)
                cut[n++] = (struct cut){ at, join.n };
            at += join.n - 1;
            break;
        }
    return n;
}

/* "身份证户口本都丢了": where the word stands that says of both, and what it says. */
static size_t says_of_both(sm_str text, sm_str *rest)
{
    static const char *const words[] = { "都", "一起", "一块", "全" };
    for (size_t k = 0; k < SM_LEN(words); k++) {
        sm_str word = sm_str_of(words[k]);
        size_t at = sm_str_find(text, word, 0);
        if (at == SIZE_MAX || at == 0)
            continue;
        *rest = sm_str_sub(text, at + word.n, text.n);
        return at;
    }
    return SIZE_MAX;
}

/* Two papers named side by side with nothing between them, before such a word: cut behind the
 * first. */
static size_t find_side_by_side(sm_str text, struct cut *cut, size_t n)
{
    static const char *const ends[] = { "证", "本", "簿", "照", "章", "卡", "册", "保", "金" };
    sm_str rest;
    size_t to = says_of_both(text, &rest);
    for (size_t at = 3; to != SIZE_MAX && at + 6 <= to && n < MAX_CUTS; at++)
        for (size_t k = 0; k < SM_LEN(ends); k++) {
            sm_str end = sm_str_of(ends[k]);
            bool behind = at >= 2 * end.n && sm_str_eq(sm_str_sub(text, at - end.n, at), end);
            if (!behind)
                continue;
            cut[n++] = (struct cut){ at, 0 };
            break;
        }
    return n;
}

static sm_str first_phrase(sm_str text)
{
    size_t at = sm_str_find(text, SM_STR("，"), 0);
    return at == SIZE_MAX ? (sm_str){ 0 } : sm_str_sub(text, 0, at);
}

static sm_str last_phrase(sm_str text)
{
    sm_str rest = text, phrase, last = { 0 };
    for (size_t n = 0; sm_text_phrase(&rest, &phrase); n++)
        if (n && sm_str_trim(phrase).n)
            last = phrase;
    return last;
}

/* One side of a cut: alone, and with the phrase that it shares with the other (the same when there
 * is none). */
struct side {
    sm_str text;
    sm_matches *alone, *with;
};

/* The ranking of each piece of the text, once. */
struct pieces {
    sm_str text[MAX_PIECES];
    sm_matches *match[MAX_PIECES];
    size_t n;
};

static sm_rc read_piece(sm_turn *t, struct pieces *p, sm_str text, sm_matches **out)
{
    for (size_t i = 0; i < p->n; i++)
        if (sm_str_eq(p->text[i], text)) {
            *out = p->match[i];
            return SM_OK;
        }
    sm_rc rc =
        sm_match_piece(t->op, t->snap, SM_KIND_ITEM, text, &t->filter, SM_MAX_CANDIDATES, out);
    if (rc == SM_OK && p->n < MAX_PIECES) {
        p->text[p->n] = text;
        p->match[p->n++] = *out;
    }
    return rc;
}

static sm_rc read_side(sm_turn *t, struct pieces *p, sm_str text, sm_str with, struct side *s)
{
    *s = (struct side){ .text = text };
    sm_rc rc = read_piece(t, p, text, &s->alone);
    s->with = s->alone;
    if (rc == SM_OK && with.n)
        rc = read_piece(t, p, with, &s->with);
    return rc;
}

/* An item that a side may name: what the rankings of that side, of the whole and of the other side
 * alone say of it. */
struct named {
    sm_str code;
    double alone, with, whole, other;
};

static void weigh(const sm_turn *t, const struct side *a, const struct side *b,
                  const struct named *m, const struct named *n, sm_part_pair *p)
{
    const sm_unclear *u = sm_intents_unclear(t->g->intents);
    double *x = p->cue;
    double of[2][2] = { { sm_log_p(m->alone), sm_log_p(m->with) },
                        { sm_log_p(n->alone), sm_log_p(n->with) } };
    double whole[2] = { sm_log_p(m->whole), sm_log_p(n->whole) };
    x[SM_PART_CUE_ALONE] = of[0][0] + of[1][0];
    x[SM_PART_CUE_WITH] = of[0][1] + of[1][1];
    x[SM_PART_CUE_WEAKER] = SM_MIN(SM_MAX(of[0][0], of[0][1]), SM_MAX(of[1][0], of[1][1]));
    x[SM_PART_CUE_WHOLE] = whole[0] + whole[1];
    x[SM_PART_CUE_WHOLE_WEAKER] = SM_MIN(whole[0], whole[1]);
    x[SM_PART_CUE_CROSS] = SM_MIN(sm_log_p(m->other), sm_log_p(n->other));
    x[SM_PART_CUE_EVEN] = (double)SM_MIN(a->text.n, b->text.n) / (double)(a->text.n + b->text.n);
    x[SM_PART_CUE_KIN] = sm_unclear_links(u, p->code[0], p->code[1]) > 0;
    x[SM_PART_CUE_PARTNERS] =
        sm_log(1.0 + (double)sm_unclear_partnership(u, p->code[0], p->code[1]));
    x[SM_PART_CUE_ALONE_P] = m->alone * n->alone;
    x[SM_PART_CUE_WITH_P] = m->with * n->with;
    p->score = 0;
    for (int k = 0; k < SM_N_PART_CUES; k++)
        p->score += sm_part_weight[k] * x[k];
}

/* The best of either ranking of a side. */
static size_t best_of(const sm_turn *t, const struct side *s, const struct side *other,
                      struct named out[2 * OF_A_SIDE])
{
    size_t n = 0;
    const sm_matches *from[2] = { s->alone, s->with };
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < from[k]->n && i < OF_A_SIDE; i++) {
            bool known = false;
            for (size_t j = 0; j < n; j++)
                known |= sm_str_eq(out[j].code, from[k]->hit[i].id);
            if (!known)
                out[n++].code = from[k]->hit[i].id;
        }
    for (size_t i = 0; i < n; i++) {
        sm_str code = out[i].code;
        out[i] = (struct named){ code, sm_p_of(s->alone, code), sm_p_of(s->with, code),
                                 sm_p_of(t->item, code), sm_p_of(other->alone, code) };
    }
    return n;
}

static void keep_best(sm_turn *t, const sm_part_pair *p, const struct side *a, const struct side *b)
{
    double pa = SM_MAX(sm_p_of(a->alone, p->code[0]), sm_p_of(a->with, p->code[0]));
    double pb = SM_MAX(sm_p_of(b->alone, p->code[1]), sm_p_of(b->with, p->code[1]));
    t->part_pair = *p;
    t->cut_p = sqrt(pa * pb);
    t->cut_weak = SM_MIN(pa, pb);
    t->cut_same = a->alone->n && b->alone->n && sm_str_eq(a->alone->hit[0].id, b->alone->hit[0].id);
    t->part[0] = a->text;
    t->part[1] = b->text;
    t->part_item[0] = a->with;
    t->part_item[1] = b->with;
}

static void try_pairs(sm_turn *t, const struct side *a, const struct side *b)
{
    struct named of_a[2 * OF_A_SIDE], of_b[2 * OF_A_SIDE];
    size_t na = best_of(t, a, b, of_a), nb = best_of(t, b, a, of_b);
    for (size_t i = 0; i < na; i++)
        for (size_t k = 0; k < nb; k++) {
            sm_part_pair p = { .code = { of_a[i].code, of_b[k].code } };
            if (sm_str_eq(of_a[i].code, of_b[k].code))
                continue;
            weigh(t, a, b, &of_a[i], &of_b[k], &p);
            if (t->q->explain && t->n_tried < SM_MAX_TRIED)
                t->tried[t->n_tried++] = p;
            if (t->cut_p <= 0 || p.score > t->part_pair.score)
                keep_best(t, &p, a, b);
        }
}

/* Behind the last comma. */
static sm_str last_of(sm_str text)
{
    sm_str last = last_phrase(text);
    return last.n ? last : text;
}

static sm_rc try_cut(sm_turn *t, struct pieces *p, const struct cut *cut, sm_str lead, sm_str tail)
{
    sm_arena *a = t->op->arena;
    struct side l, r;
    sm_str left = sm_str_sub(t->text, 0, cut->at);
    sm_str right = sm_str_sub(t->text, cut->at + cut->len, t->text.n);
    bool lends = lead.n && cut->at >= lead.n;
    bool borrows = tail.n && cut->at + cut->len < (size_t)(tail.p - t->text.p);
    if (cut->len == 0)
        left = last_of(left);
    sm_rc rc = read_side(
        t, p, left, borrows ? sm_strf(a, "%.*s，%.*s", SM_ARG(left), SM_ARG(tail)) : (sm_str){ 0 },
        &l);
    if (rc == SM_OK)
        rc = read_side(
            t, p, right,
            lends ? sm_strf(a, "%.*s，%.*s", SM_ARG(lead), SM_ARG(right)) : (sm_str){ 0 }, &r);
    if (rc == SM_OK)
        try_pairs(t, &l, &r);
    return rc;
}

/* Most sentences ask one thing: cutting them would cost more than all the rest. */
static bool worth_a_try(const sm_turn *t, const struct cut *cut, size_t n)
{
    bool worth = sm_odds(t->reading.two) >= WORTH_A_TRY || sm_tells_two(t->text);
    for (size_t i = 0; i < n && !worth; i++)
        worth = sm_asks(sm_str_sub(t->text, 0, cut[i].at)) &&
                sm_asks(sm_str_sub(t->text, cut[i].at + cut[i].len, t->text.n));
    return worth;
}

sm_rc sm_cut_parts(sm_turn *t)
{
    struct cut cut[MAX_CUTS];
    size_t chars = sm_utf8_count(t->text);
    if (chars < MIN_CHARS || chars > MAX_CHARS)
        return SM_OK;
    size_t n = find_cuts(t->text, cut);
    n = find_side_by_side(t->text, cut, n);
    if (!worth_a_try(t, cut, n))
        return SM_OK;
    sm_str lead = first_phrase(t->text), tail = last_phrase(t->text), of_both;
    if (says_of_both(t->text, &of_both) != SIZE_MAX && of_both.n)
        tail = of_both;
    if (t->q->explain)
        t->tried = SM_NEWS(t->op->arena, sm_part_pair, SM_MAX_TRIED);
    struct pieces pieces = { .text = { t->text }, .match = { t->item }, .n = 1 };
    for (size_t i = 0; i < n; i++) {
        sm_rc rc = try_cut(t, &pieces, &cut[i], lead, tail);
        if (rc < 0)
            return rc;
    }
    if (t->cut_p > 0) {
        double facet[SM_N_FACETS];
        sm_intents_read_facet(t->g->intents, t->part[1], facet);
        t->cut_facet = 1 - facet[SM_FACET_NONE];
    }
    return SM_OK;
}

/* A pair of characters that one name has and the other has not stands in the text. */
static bool has_own_word(sm_str text, sm_str name, sm_str other)
{
    sm_str rest = name;
    while (rest.n) {
        sm_str pair = sm_utf8_head(rest, 2);
        if (!sm_str_has(other, pair) && sm_str_has(text, pair))
            return true;
        sm_utf8_next(&rest);
    }
    return false;
}

/* Either side of a joint has what only one of the names has. */
static bool names_both(sm_str phrase, sm_str a, sm_str b)
{
    static const char *const both[] = { "和", "跟", "与", "以及", "还有" };
    for (size_t i = 0; i < SM_LEN(both); i++) {
        size_t at = sm_str_find(phrase, sm_str_of(both[i]), 0);
        if (at == SIZE_MAX)
            continue;
        sm_str left = sm_str_sub(phrase, 0, at),
               right = sm_str_sub(phrase, at + strlen(both[i]), phrase.n);
        if ((has_own_word(left, a, b) && has_own_word(right, b, a)) ||
            (has_own_word(left, b, a) && has_own_word(right, a, b)))
            return true;
    }
    return false;
}

bool sm_names_rival(sm_turn *t)
{
    sm_str a, b, rest = t->text, phrase;
    if (t->chosen.n || t->item->n == 0 || t->n_rivals == 0 || t->rival[0].p < RIVAL_NAMED ||
        sm_item_name(t, t->item->hit[0].id, &a) < 0 || sm_item_name(t, t->rival[0].code, &b) < 0)
        return false;
    bool named = false;
    while (!named && sm_text_phrase(&rest, &phrase))
        named = names_both(phrase, a, b);
    if (!named)
        return false;
    t->part_pair = (sm_part_pair){ .code = { t->item->hit[0].id, t->rival[0].code } };
    t->part_item[0] = t->part_item[1] = t->item;
    return true;
}
