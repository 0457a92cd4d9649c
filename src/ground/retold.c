#include "ground/retold.h"

#include "ground/measure.h"

#include <string.h>

enum {
    FACT_WEIGHT = 3 /* of a figure beside a word, where a clause looks for its sentence */
};

typedef struct token {
    uint64_t key;
    uint32_t at;  /* bytes */
    uint8_t said; /* how: denied, demanded, allowed */
    uint8_t weight;
} token;

typedef struct tokens {
    const token *t;
    size_t n;
} tokens;

/* Words that change what a sentence says and are no tokens. */
static const uint32_t turning =
    1U << SM_CUE_NOT | 1U << SM_CUE_NEED_NOT | 1U << SM_CUE_MAY_NOT | 1U << SM_CUE_MUST |
    1U << SM_CUE_MAY | 1U << SM_CUE_ONLY | 1U << SM_CUE_ALL | 1U << SM_CUE_BOTH |
    1U << SM_CUE_EITHER | 1U << SM_CUE_EXCEPT | 1U << SM_CUE_FIRST | 1U << SM_CUE_BEFORE |
    1U << SM_CUE_AFTER | 1U << SM_CUE_BY | 1U << SM_CUE_NOW | 1U << SM_CUE_ONCE;

typedef struct line {
    size_t passage, sentence;
    size_t from, to; /* bytes of the passage's text */
    tokens said;
    uint32_t cues;
    bool asks; /* a question says nothing */
} line;

struct sm_retold {
    const sm_evidence *e;
    line *line;
    size_t n;
    tokens *context; /* of each passage: its title, heads of lists, questions */
};

/* ------------------------------------------------------------------ tokens */

static bool is_masked(const sm_fact *f)
{
    return f->kind != SM_FACT_ORGAN && f->kind != SM_FACT_ADDRESS && f->kind != SM_FACT_TITLE;
}

static token of_fact(const sm_reading *r, const sm_fact *f)
{
    return (token){ sm_hash64(f->key, (uint64_t)f->bound + 1), (uint32_t)(f->text.p - r->text.p), 0,
                    FACT_WEIGHT };
}

static token of_piece(const sm_reading *r, const sm_piece *p)
{
    sm_str s = sm_str_sub(r->text, p->at, p->at + p->n);
    uint64_t key =
        p->kind == SM_PIECE_WORD ? p->key[0] : sm_pair_key(0, sm_text_fold(sm_utf8_next(&s)));
    return (token){ key, p->at, (uint8_t)(p->mod << 1 | p->neg), 1 };
}

/* Of the bytes from … to, light words left out, in order. */
static tokens tokens_of(sm_arena *a, const sm_reading *r, size_t from, size_t to)
{
    token *t = SM_NEWS(a, token, r->n_pieces + r->n_facts + 1);
    size_t n = 0, f = 0;
    for (size_t i = 0; i <= r->n_pieces; i++) {
        uint32_t at = i < r->n_pieces ? r->piece[i].at : UINT32_MAX;
        for (; f < r->n_facts && (size_t)(r->fact[f].text.p - r->text.p) < at; f++) {
            token one = of_fact(r, &r->fact[f]);
            if (is_masked(&r->fact[f]) && one.at >= from && one.at < to)
                t[n++] = one;
        }
        if (i < r->n_pieces && at >= from && at < to && r->piece[i].kind != SM_PIECE_LIGHT)
            t[n++] = of_piece(r, &r->piece[i]);
    }
    return (tokens){ t, n };
}

static bool asks_in(const sm_reading *r, size_t from, size_t to)
{
    bool asks = false;
    for (size_t i = 0; i < r->n_parts; i++)
        asks |= r->part[i].asks && r->part[i].at >= from && r->part[i].at < to;
    return asks;
}

static uint32_t cues_of(const sm_reading *r, size_t from, size_t to)
{
    uint32_t cues = 0;
    for (size_t i = 0; i < r->n_parts; i++)
        if (r->part[i].at >= from && r->part[i].at < to)
            cues |= r->part[i].cues;
    return cues & turning;
}

static bool same(const token *a, const token *b)
{
    return a->key == b->key && a->said == b->said;
}

static size_t weight_of(tokens t)
{
    size_t sum = 0;
    for (size_t i = 0; i < t.n; i++)
        sum += t.t[i].weight;
    return sum;
}

/* The weight of what both have. */
static size_t shared(tokens a, tokens b)
{
    size_t sum = 0;
    for (size_t i = 0; i < a.n; i++)
        for (size_t k = 0; k < b.n; k++)
            if (a.t[i].key == b.t[k].key) {
                sum += a.t[i].weight;
                break;
            }
    return sum;
}

static bool has(tokens t, const token *one)
{
    for (size_t i = 0; i < t.n; i++)
        if (same(&t.t[i], one))
            return true;
    return false;
}

/* ------------------------------------------------------- between the tokens */

/* What holds a sentence together and may come and go.  Everything else that is no token must stand
 * on the other side as well, or 有钱好办事 would be nothing. */
static const char *const loose[] = {
    "请您", "请",   "您",   "你", "的",   "了",   "地",   "得", "是",   "为",   "就",
    "会",   "需要", "需",   "须", "应当", "应该", "应",   "要", "可以", "可",   "能够",
    "能",   "不得", "不能", "不", "无需", "无须", "不用", "由", "在",   "到",   "去",
    "向",   "对",   "将",   "把", "该",   "和",   "与",   "及", "以及", "并且", "并",
    "而",   "或者", "或",   "时", "后",   "前",   "之",   "于", "以",   "按照", "按",
    "根据", "进行", "即可", "即", "其",   "这",   "此",   "也", "都是", "一共", "共",
    "规定", "必须", "没有", "未", "非",   "无",   "所",   "者", "如果", "如",   "若",
    "的话", "但是", "但",   "且", "那么", "从",   "自",   "起", "至",   "个"
};

/* The longest of them that a text begins with; 0 bytes: none. */
static size_t loose_at(sm_str s)
{
    size_t most = 0;
    for (size_t i = 0; i < SM_LEN(loose); i++)
        if (strlen(loose[i]) > most && sm_str_starts(s, sm_str_of(loose[i])))
            most = strlen(loose[i]);
    return most;
}

static bool stands_in(sm_str part, const sm_str *held, size_t n_held)
{
    bool stands = part.n == 0;
    for (size_t i = 0; i < n_held && !stands; i++)
        stands = sm_str_has(held[i], part);
    return stands;
}

/* A row of characters that are no token: what of it is not loose, piece by piece. */
static bool row_stands(sm_str row, const sm_str *held, size_t n_held)
{
    size_t from = 0, at = 0;
    while (at < row.n) {
        sm_str rest = sm_str_sub(row, at, row.n);
        size_t skip = loose_at(rest);
        if (skip && !stands_in(sm_str_sub(row, from, at), held, n_held))
            return false;
        sm_utf8_next(&rest);
        at = skip ? at + skip : row.n - rest.n;
        from = skip ? at : from;
    }
    return stands_in(sm_str_sub(row, from, row.n), held, n_held);
}

static bool is_token(const sm_reading *r, size_t *piece, uint32_t at)
{
    while (*piece < r->n_pieces && r->piece[*piece].at + r->piece[*piece].n <= at)
        ++*piece;
    const sm_piece *p = &r->piece[*piece];
    return *piece < r->n_pieces && p->at <= at && p->kind != SM_PIECE_LIGHT;
}

/* All that stands between the tokens from … to is loose, or stands in one of the texts. */
static bool rest_stands(const sm_reading *r, size_t from, size_t to, const sm_str *held,
                        size_t n_held)
{
    size_t piece = 0, row = from, end = from; /* of the row that is open */
    for (size_t i = 0; i < r->n_chars; i++) {
        size_t at = r->chr[i].at;
        sm_str rest = sm_str_sub(r->text, at, r->text.n);
        if (at < from || at >= to || is_token(r, &piece, (uint32_t)at))
            continue;
        if (at != end) {
            if (!row_stands(sm_str_sub(r->text, row, end), held, n_held))
                return false;
            row = at;
        }
        sm_utf8_next(&rest);
        end = r->text.n - rest.n;
    }
    return row_stands(sm_str_sub(r->text, row, end), held, n_held);
}

/* ---------------------------------------------------------------- evidence */

static tokens joined(sm_arena *a, tokens x, tokens y)
{
    token *t = SM_NEWS(a, token, x.n + y.n + 1);
    for (size_t i = 0; i < x.n + y.n; i++)
        t[i] = i < x.n ? x.t[i] : y.t[i - x.n];
    return (tokens){ t, x.n + y.n };
}

static tokens context_of(sm_arena *a, const sm_read_passage *p)
{
    tokens all = tokens_of(a, &p->title, 0, p->title.text.n);
    for (size_t i = 0; i < p->text.n_parts; i++) {
        const sm_part *part = &p->text.part[i];
        if (part->head || part->asks)
            all = joined(a, all, tokens_of(a, &p->text, part->at, part->at + part->n));
    }
    return all;
}

sm_retold *sm_retold_of(sm_arena *a, const sm_evidence *e)
{
    sm_retold *r = SM_NEW(a, sm_retold);
    size_t n = 0;
    for (size_t i = 0; i < e->n; i++)
        n += e->passage[i].n_sentences;
    *r = (sm_retold){ e, SM_NEWS(a, line, n + 1), 0, SM_NEWS(a, tokens, e->n + 1) };
    for (size_t i = 0; i < e->n; i++) {
        const sm_read_passage *p = &e->passage[i];
        r->context[i] = context_of(a, p);
        for (size_t k = 0; k < p->n_sentences; k++) {
            size_t from = (size_t)(p->sentence[k].p - p->text.text.p), to = from + p->sentence[k].n;
            if (sm_text_mark(p->sentence[k]).kind != SM_MARK_NONE)
                from = to - sm_text_mark(p->sentence[k]).rest.n; /* 第四条, （二） */
            r->line[r->n++] = (line){ i,
                                      k,
                                      from,
                                      to,
                                      tokens_of(a, &p->text, from, to),
                                      cues_of(&p->text, from, to),
                                      asks_in(&p->text, from, to) };
        }
    }
    return r;
}

/* ----------------------------------------------------------------- reading */

static bool is_old(const sm_evidence *e, size_t passage)
{
    return sm_out_of_force(e, e->passage[passage].subject);
}

/* The line that has most of a clause, and of those the one that says least else. */
static const line *line_of(const sm_retold *r, tokens clause, bool old)
{
    const line *best = NULL;
    size_t most = 0, least = 0;
    for (size_t i = 0; i < r->n; i++) {
        size_t has = shared(clause, r->line[i].said);
        if ((!old && is_old(r->e, r->line[i].passage)) || has < most || has == 0 ||
            (has == most && r->line[i].said.n >= least))
            continue;
        best = &r->line[i];
        most = has;
        least = best->said.n;
    }
    return best;
}

/* `part` stands in `whole` in its order, but for what `context` (may be NULL) has. */
static bool follows(tokens part, tokens whole, const tokens *context)
{
    size_t at = 0;
    for (size_t i = 0; i < part.n; i++) {
        size_t k = at;
        while (k < whole.n && !same(&part.t[i], &whole.t[k]))
            k++;
        if (k < whole.n)
            at = k + 1;
        else if (!context || !has(*context, &part.t[i]))
            return false;
    }
    return true;
}

static void add_line(sm_resting *out, const line *l, const line **lines)
{
    for (size_t i = 0; i < out->n; i++)
        if (lines[i] == l)
            return;
    if (out->n == SM_RESTS_ON)
        return;
    lines[out->n] = l;
    out->on[out->n].passage = l->passage;
    out->on[out->n++].sentence = l->sentence;
}

static bool says_all(sm_arena *a, const sm_retold *r, tokens said, uint32_t cues,
                     const line *const *lines, size_t n)
{
    tokens theirs = { 0 }, context = { 0 };
    uint32_t all = 0;
    for (size_t i = 0; i < n; i++) {
        theirs = joined(a, theirs, lines[i]->said);
        context = joined(a, context, r->context[lines[i]->passage]);
        all |= lines[i]->cues;
        if (lines[i]->asks)
            return false;
    }
    return cues == all && follows(theirs, said, NULL) && follows(said, theirs, &context);
}

/* Neither side has anything between its tokens that the other has not. */
static bool nothing_between(const sm_retold *r, const sm_reading *s, const line *const *lines,
                            size_t n)
{
    sm_str held[2 * SM_RESTS_ON];
    for (size_t i = 0; i < n; i++) {
        const sm_read_passage *p = &r->e->passage[lines[i]->passage];
        held[2 * i] = sm_str_sub(p->text.text, lines[i]->from, lines[i]->to);
        held[2 * i + 1] = p->title.text;
        if (!rest_stands(&p->text, lines[i]->from, lines[i]->to, &s->text, 1))
            return false;
    }
    return rest_stands(s, 0, s->text.n, held, 2 * n);
}

sm_resting sm_retold_read(sm_arena *a, const sm_retold *r, sm_str sentence, size_t nearest)
{
    sm_reading s;
    bool old = nearest < r->e->n && is_old(r->e, nearest);
    sm_resting out = { 0 };
    const line *lines[SM_RESTS_ON] = { 0 };
    sm_read_text(a, sentence, r->e->organs, &s);
    bool rests = true;
    for (size_t i = 0; i < s.n_parts; i++) {
        tokens clause = tokens_of(a, &s, s.part[i].at, s.part[i].at + s.part[i].n);
        const line *l = line_of(r, clause, old);
        if (l)
            add_line(&out, l, lines);
        else
            rests &= clause.n == 0;
    }
    tokens said = tokens_of(a, &s, 0, sentence.n);
    out.whole = rests && out.n && weight_of(said) > 0 &&
                says_all(a, r, said, cues_of(&s, 0, sentence.n), lines, out.n) &&
                nothing_between(r, &s, lines, out.n);
    return out;
}
