#include "ground/resting.h"

#include "ground/measure.h"

enum { FACT_WEIGHT = 3 /* of a figure beside a word, where a clause looks for its sentence */ };

typedef struct token {
    uint64_t key;
    size_t weight;
} token;

typedef struct tokens {
    const token *t;
    size_t n;
} tokens;

typedef struct line {
    size_t passage, sentence;
    tokens said;
} line;

struct sm_rest_index {
    const sm_evidence *e;
    line *line;
    size_t n;
    bool *usable;   /* by passage */
    tokens *titles; /* of passages */
};

/* A character that the lexicon does not know is its own key. */
static uint64_t key_of(const sm_reading *r, const sm_piece *p)
{
    sm_str s = sm_str_sub(r->text, p->at, p->at + p->n);
    return p->kind == SM_PIECE_WORD ? p->key[0] : sm_pair_key(0, sm_text_fold(sm_utf8_next(&s)));
}

/* Of the bytes from … to. */
static tokens tokens_of(sm_arena *a, const sm_reading *r, size_t from, size_t to)
{
    token *t = SM_NEWS(a, token, r->n_pieces + r->n_facts + 1);
    size_t n = 0;
    for (size_t i = 0; i < r->n_pieces; i++)
        if (r->piece[i].at >= from && r->piece[i].at < to)
            t[n++] = (token){ key_of(r, &r->piece[i]), 1 };
    for (size_t i = 0; i < r->n_facts; i++) {
        size_t at = (size_t)(r->fact[i].text.p - r->text.p);
        if (sm_is_figure(&r->fact[i]) && at >= from && at < to)
            t[n++] = (token){ sm_hash64(r->fact[i].key, 0), FACT_WEIGHT };
    }
    return (tokens){ t, n };
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

sm_rest_index *sm_rest_index_of(sm_arena *a, const sm_evidence *e)
{
    sm_rest_index *r = SM_NEW(a, sm_rest_index);
    size_t n = 0;
    for (size_t i = 0; i < e->n; i++)
        n += e->passage[i].n_sentences;
    *r = (sm_rest_index){ e, SM_NEWS(a, line, n + 1), 0, SM_NEWS(a, bool, e->n + 1),
                          SM_NEWS(a, tokens, e->n + 1) };
    for (size_t i = 0; i < e->n; i++) {
        const sm_read_passage *p = &e->passage[i];
        r->titles[i] = tokens_of(a, &p->title, 0, p->title.text.n);
        r->usable[i] = !sm_out_of_force(e, p->subject);
        for (size_t k = 0; k < p->n_sentences && r->usable[i]; k++) {
            size_t from = (size_t)(p->sentence[k].p - p->text.text.p);
            r->line[r->n++] = (line){ i, k, tokens_of(a, &p->text, from, from + p->sentence[k].n) };
        }
    }
    return r;
}

bool sm_rest_usable(const sm_rest_index *r, size_t passage)
{
    return passage < r->e->n && r->usable[passage];
}

/* Without what only names the matter: the words of titles. */
static tokens without_titles(sm_arena *a, const sm_rest_index *r, tokens clause)
{
    token *t = SM_NEWS(a, token, clause.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < clause.n; i++) {
        bool named = false;
        for (size_t k = 0; k < r->e->n && !named; k++)
            named = shared((tokens){ &clause.t[i], 1 }, r->titles[k]) > 0;
        if (!named)
            t[n++] = clause.t[i];
    }
    return (tokens){ t, n };
}

static const line *line_of(const sm_rest_index *r, tokens clause)
{
    const line *best = NULL;
    size_t most = 0;
    for (size_t i = 0; i < r->n; i++) {
        size_t has = shared(clause, r->line[i].said);
        if (has == 0 || has < most || (best && has == most && r->line[i].said.n >= best->said.n))
            continue;
        best = &r->line[i];
        most = has;
    }
    return best;
}

static void add_line(sm_resting *out, const line *l)
{
    for (size_t i = 0; i < out->n; i++)
        if (out->on[i].passage == l->passage && out->on[i].sentence == l->sentence)
            return;
    if (out->n == SM_RESTS_ON)
        return;
    out->on[out->n].passage = l->passage;
    out->on[out->n++].sentence = l->sentence;
}

sm_resting sm_rests_on(sm_arena *a, const sm_rest_index *r, sm_str sentence)
{
    sm_reading s;
    sm_resting out = { 0 };
    sm_read_text(a, sentence, r->e->organs, &s);
    for (size_t i = 0; i < s.n_parts; i++) {
        tokens clause = tokens_of(a, &s, s.part[i].at, s.part[i].at + s.part[i].n);
        const line *l = without_titles(a, r, clause).n ? line_of(r, clause) : NULL;
        if (l)
            add_line(&out, l);
    }
    return out;
}
