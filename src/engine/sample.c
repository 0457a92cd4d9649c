/*
 * Choosing a token.
 *
 * A grammar is asked about the model's own choice first, then about its next best, and only when
 * all those are refused about the whole vocabulary; and then by the tree of pieces: what begins
 * with a refused token is refused, so most of the vocabulary is never looked at.
 */
#include "engine/sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    N_TRIES = 32,     /* choices that are asked for before everything is */
    REPEAT_LAST = 64, /* tokens the repetition penalty looks back */
    LANES = 16,
    N_BINS = 8192 /* of weights */
};

/* What is less likely than the likeliest by e^-32 is never drawn. */
static const float hopeless = -32.0F;

typedef struct choice {
    int32_t token;
    float weight;
} choice;

typedef struct bin {
    size_t n;
    double mass;
} bin;

struct sm_room {
    size_t n_vocab;
    choice *choice, *edge;
    bin bin[N_BINS];
    int32_t *token, *allowed;
    bool *ok;
};

struct sm_sampler {
    const sm_lm *m;
    sm_room *room;
    const sm_sampling *how;
    sm_rng rng;
    uint16_t *count;  /* of each token written; NULL without penalties */
    int32_t *written; /* each once */
    size_t n_written;
    int32_t last[REPEAT_LAST]; /* a ring */
    size_t n_last;
    bool strict; /* there is a grammar or a filter */
};

static void *room_for(size_t n, size_t size)
{
    void *p = calloc(n, size);
    if (!p)
        abort();
    return p;
}

sm_room *sm_room_open(const sm_lm *m)
{
    sm_room *r = room_for(1, sizeof(*r));
    r->n_vocab = (size_t)sm_lm_about(m)->n_vocab;
    r->choice = room_for(r->n_vocab, sizeof(*r->choice));
    r->edge = room_for(r->n_vocab, sizeof(*r->edge));
    r->token = room_for(r->n_vocab, sizeof(*r->token));
    r->allowed = room_for(r->n_vocab, sizeof(*r->allowed));
    r->ok = room_for(r->n_vocab, sizeof(*r->ok));
    return r;
}

void sm_room_close(sm_room *r)
{
    if (!r)
        return;
    free(r->choice);
    free(r->edge);
    free(r->token);
    free(r->allowed);
    free(r->ok);
    free(r);
}

static bool penalizes(const sm_sampling *how)
{
    return how->presence != 0 || how->frequency != 0;
}

sm_sampler *sm_sampler_open(const sm_lm *m, sm_room *room, const sm_sampling *how, sm_run prompt)
{
    sm_sampler *s = room_for(1, sizeof(*s));
    *s = (sm_sampler){ .m = m, .room = room, .how = how, .rng = { sm_mix64(how->seed) } };
    s->strict = how->grammar || how->filter.check;
    if (penalizes(how)) {
        s->count = room_for(room->n_vocab, sizeof(*s->count));
        s->written = room_for(room->n_vocab, sizeof(*s->written));
    }
    for (size_t i = prompt.n - SM_MIN(prompt.n, REPEAT_LAST); i < prompt.n; i++)
        s->last[s->n_last++ % REPEAT_LAST] = prompt.token[i];
    return s;
}

void sm_sampler_close(sm_sampler *s)
{
    if (!s)
        return;
    free(s->count);
    free(s->written);
    free(s);
}

void sm_sampler_accept(sm_sampler *s, int32_t token)
{
    s->last[s->n_last++ % REPEAT_LAST] = token;
    if (s->count && s->count[token] < UINT16_MAX && s->count[token]++ == 0)
        s->written[s->n_written++] = token;
    if (sm_lm_ends(s->m, token))
        return;
    if (s->how->grammar)
        sm_grammar_accept(s->how->grammar, token);
    if (s->how->filter.accept)
        s->how->filter.accept(s->how->filter.ctx, token);
}

/* ----------------------------------------------------- bias and penalties */

static bool seen_before(const sm_sampler *s, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (s->last[k] == s->last[i])
            return true;
    return false;
}

static void adjust(const sm_sampler *s, float *logits)
{
    const sm_sampling *how = s->how;
    size_t n_last = how->repeat != 1 ? SM_MIN(s->n_last, REPEAT_LAST) : 0;
    for (size_t i = 0; i < n_last; i++) {
        float *x = &logits[s->last[i]];
        if (!seen_before(s, i))
            *x = *x > 0 ? *x / (float)how->repeat : *x * (float)how->repeat;
    }
    for (size_t i = 0; i < s->n_written; i++) {
        int32_t t = s->written[i];
        logits[t] -= (float)(how->presence + how->frequency * s->count[t]);
    }
    for (size_t i = 0; i < how->n_bias; i++)
        logits[how->bias[i].token] += how->bias[i].add;
}

/* ------------------------------------------------------------ the likeliest */

/* -INFINITY when no number is finite; the loop is shaped so that compilers make it wide. */
static float largest(const float *x, size_t n)
{
    float best[LANES];
    for (size_t k = 0; k < LANES; k++)
        best[k] = -INFINITY;
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (size_t k = 0; k < LANES; k++)
            best[k] = x[i + k] > best[k] ? x[i + k] : best[k];
    for (; i < n; i++)
        best[0] = x[i] > best[0] ? x[i] : best[0];
    float max = -INFINITY;
    for (size_t k = 0; k < LANES; k++)
        max = best[k] > max ? best[k] : max;
    return max;
}

static int32_t find_first(const float *x, size_t n, float value)
{
    for (size_t i = 0; i < n; i++)
        if (x[i] == value)
            return (int32_t)i;
    return -1;
}

static bool before(const float *x, int32_t a, int32_t b)
{
    return x[a] > x[b] || (x[a] == x[b] && a < b);
}

/* The k likeliest in order; a row of n.  k is small. */
static size_t likeliest(const float *x, size_t n, int32_t *top, size_t k)
{
    size_t got = 0;
    float least = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        if (got == k && !(x[i] > least))
            continue;
        if (!(x[i] > -INFINITY))
            continue;
        size_t at = got < k ? got++ : k - 1;
        for (; at > 0 && before(x, (int32_t)i, top[at - 1]); at--)
            top[at] = top[at - 1];
        top[at] = (int32_t)i;
        least = x[top[got - 1]];
    }
    return got;
}

static void tell_chances(const sm_sampler *s, const float *logits, float max, double *log_sum,
                         sm_pick *out)
{
    double sum = 0;
    int32_t top[SM_MAX_TOP_LOGPROBS];
    for (size_t i = 0; i < s->room->n_vocab; i++)
        if (logits[i] - max > hopeless)
            sum += (double)sm_expf(logits[i] - max);
    *log_sum = (double)max + sm_log(sum);
    out->n_top =
        s->how->n_top > 0 ? likeliest(logits, s->room->n_vocab, top, (size_t)s->how->n_top) : 0;
    for (size_t i = 0; i < out->n_top; i++)
        out->top[i] = (sm_chance){ top[i], (float)((double)logits[top[i]] - *log_sum) };
}

/* ------------------------------------------------------ grammar and filter */

/* The grammar must not be asked about what is no text: control tokens have no piece. */
static bool can_be_asked(const sm_sampler *s, int32_t t)
{
    return sm_lm_piece(s->m, t).n > 0 || sm_lm_ends(s->m, t);
}

static void check(const sm_sampler *s, const int32_t *token, size_t n, bool *ok)
{
    bool also[256];
    memset(ok, true, n);
    if (s->how->grammar)
        sm_grammar_check(s->how->grammar, token, n, ok);
    for (size_t from = 0; s->how->filter.check && from < n; from += sizeof(also)) {
        size_t part = SM_MIN(n - from, sizeof(also));
        s->how->filter.check(s->how->filter.ctx, token + from, part, also);
        for (size_t i = 0; i < part; i++)
            ok[from + i] = ok[from + i] && also[i];
    }
    for (size_t i = 0; i < n; i++)
        ok[i] = ok[i] && can_be_asked(s, token[i]);
}

static bool allows(const sm_sampler *s, int32_t token)
{
    bool ok = true;
    if (s->strict)
        check(s, &token, 1, &ok);
    return ok;
}

/* Everything that may come next, into room->allowed: the tree is gone down level by level. */
static size_t find_allowed(const sm_sampler *s)
{
    const sm_lm_tree *tree = sm_lm_pieces(s->m);
    sm_room *r = s->room;
    size_t n = tree->n_root, n_allowed = 0;
    memcpy(r->token, tree->root, n * sizeof(*r->token));
    check(s, tree->end, tree->n_end, r->ok);
    for (size_t i = 0; i < tree->n_end; i++)
        if (r->ok[i])
            r->allowed[n_allowed++] = tree->end[i];
    while (n) {
        size_t from = n_allowed;
        check(s, r->token, n, r->ok);
        for (size_t i = 0; i < n; i++)
            if (r->ok[i])
                r->allowed[n_allowed++] = r->token[i];
        n = 0;
        for (size_t i = from; i < n_allowed; i++)
            for (int32_t t = tree->first[r->allowed[i]]; t >= 0; t = tree->next[t])
                r->token[n++] = t;
    }
    return n_allowed;
}

static int32_t best_allowed(const sm_sampler *s, const float *logits)
{
    int32_t top[N_TRIES], best = -1;
    bool ok[N_TRIES];
    size_t n = likeliest(logits, s->room->n_vocab, top, N_TRIES);
    check(s, top, n, ok);
    for (size_t i = 0; i < n; i++)
        if (ok[i])
            return top[i];
    n = find_allowed(s);
    for (size_t i = 0; i < n; i++)
        if (logits[s->room->allowed[i]] > -INFINITY &&
            (best < 0 || before(logits, s->room->allowed[i], best)))
            best = s->room->allowed[i];
    return best;
}

/* --------------------------------------------------------------- drawing */

static double sum_of(const choice *c, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)c[i].weight;
    return sum;
}

static size_t weigh(const sm_sampler *s, const float *logits, float max)
{
    float scale = (float)(1 / s->how->temperature);
    choice *c = s->room->choice;
    size_t n = 0;
    for (size_t i = 0; i < s->room->n_vocab; i++) {
        float x = (logits[i] - max) * scale;
        if (x > hopeless)
            c[n++] = (choice){ (int32_t)i, sm_expf(x) };
    }
    return n;
}

/* Those of a weight of at least `least`, in order. */
static size_t keep_from(choice *c, size_t n, float least)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (c[i].weight >= least)
            c[kept++] = c[i];
    return kept;
}

static int by_weight(const void *a, const void *b)
{
    const choice *x = a, *y = b;
    if (x->weight > y->weight || x->weight < y->weight)
        return x->weight > y->weight ? -1 : 1;
    return (x->token > y->token) - (x->token < y->token);
}

/* Weights from 1 down, 128 bins to each halving. */
static size_t bin_of(float weight)
{
    uint32_t bits, one = 0x3f800000;
    memcpy(&bits, &weight, sizeof(bits));
    return bits >= one ? 0 : SM_MIN((size_t)(one - bits) >> 16, (size_t)N_BINS - 1);
}

/* Of one bin, in order: as many as it takes to have `count` in all, or `mass`. */
static size_t keep_of_bin(choice *c, size_t n, size_t count, double mass)
{
    qsort(c, n, sizeof(*c), by_weight);
    for (size_t i = 0; i < n; i++) {
        if (count == 0 || mass <= 0)
            return i;
        count--;
        mass -= (double)c[i].weight;
    }
    return n;
}

/* The heaviest, until they are `count` or weigh `mass` together; what is kept stays in order, but
 * for the bin where that happens: its are last. */
static size_t keep_heaviest(sm_room *r, size_t n, size_t count, double mass)
{
    choice *c = r->choice;
    size_t last = 0, kept = 0, n_edge = 0;
    memset(r->bin, 0, sizeof(r->bin));
    for (size_t i = 0; i < n; i++) {
        bin *b = &r->bin[bin_of(c[i].weight)];
        b->n++;
        b->mass += (double)c[i].weight;
    }
    for (; last < N_BINS && r->bin[last].n < count && r->bin[last].mass < mass; last++) {
        count -= r->bin[last].n;
        mass -= r->bin[last].mass;
    }
    for (size_t i = 0; i < n; i++) {
        size_t at = bin_of(c[i].weight);
        if (at == last)
            r->edge[n_edge++] = c[i];
        else if (at < last)
            c[kept++] = c[i];
    }
    n_edge = keep_of_bin(r->edge, n_edge, count, mass);
    memcpy(c + kept, r->edge, n_edge * sizeof(*c));
    return kept + n_edge;
}

/* min_p, top_k and top_p, in that order. */
static size_t cut(const sm_sampling *how, sm_room *r, size_t n)
{
    if (how->min_p > 0) /* the likeliest weighs 1 */
        n = keep_from(r->choice, n, (float)how->min_p);
    if (how->top_k > 0 && (size_t)how->top_k < n)
        n = keep_heaviest(r, n, (size_t)how->top_k, INFINITY);
    if (how->top_p < 1)
        n = keep_heaviest(r, n, SIZE_MAX, SM_MAX(how->top_p, 1e-9) * sum_of(r->choice, n));
    return n;
}

static size_t draw_one(sm_rng *rng, const choice *c, size_t n)
{
    double at = sm_rng_unit(rng) * sum_of(c, n);
    size_t last = 0;
    for (size_t i = 0; i < n; i++) {
        if (c[i].weight <= 0)
            continue;
        last = i;
        if ((at -= (double)c[i].weight) < 0)
            return i;
    }
    return last;
}

/* Drawing again without what was refused gives each allowed one its due share. */
static int32_t draw_allowed(sm_sampler *s, const float *logits, size_t n)
{
    choice *c = s->room->choice;
    for (size_t i = 0; i < N_TRIES && n; i++) {
        size_t at = draw_one(&s->rng, c, n);
        if (c[at].weight <= 0)
            break;
        if (allows(s, c[at].token))
            return c[at].token;
        c[at].weight = 0;
    }
    size_t n_allowed = find_allowed(s);
    float best = -INFINITY, scale = (float)(1 / s->how->temperature);
    for (size_t i = 0; i < n_allowed; i++)
        best = fmaxf(best, logits[s->room->allowed[i]]);
    if (!(best > -INFINITY))
        return -1;
    for (size_t i = 0; i < n_allowed; i++) {
        int32_t t = s->room->allowed[i];
        float x = (logits[t] - best) * scale;
        c[i] = (choice){ t, x > hopeless ? sm_expf(x) : 0 };
    }
    return c[draw_one(&s->rng, c, n_allowed)].token;
}

static int32_t draw(sm_sampler *s, const float *logits, float max)
{
    size_t n = cut(s->how, s->room, weigh(s, logits, max));
    if (!s->strict)
        return n ? s->room->choice[draw_one(&s->rng, s->room->choice, n)].token : -1;
    return draw_allowed(s, logits, n);
}

/* ------------------------------------------------------------------ pick */

static int32_t choose(sm_sampler *s, const float *logits, float max)
{
    if (s->how->temperature > 0)
        return draw(s, logits, max);
    int32_t t = find_first(logits, s->room->n_vocab, max);
    return allows(s, t) ? t : best_allowed(s, logits);
}

sm_rc sm_sampler_pick(sm_op *op, sm_sampler *s, float *logits, sm_pick *out)
{
    double log_sum = 0;
    adjust(s, logits);
    float max = largest(logits, s->room->n_vocab);
    if (!isfinite(max))
        return sm_fail(op, SM_E_INTERNAL, "模型没有给出有效的数值");
    out->n_top = 0;
    if (s->how->n_top >= 0)
        tell_chances(s, logits, max, &log_sum, out);
    out->token = choose(s, logits, max);
    if (out->token < 0)
        return sm_fail(op, SM_E_INVALID,
                       s->how->grammar && sm_grammar_is_spent(s->how->grammar)
                           ? "语法太复杂：歧义太多，检查不过来"
                       : s->how->filter.check ? "模型的词表写不出证据允许的后续文字"
                                              : "语法不允许任何后续词元");
    out->logprob = s->how->n_top >= 0 ? (float)((double)logits[out->token] - log_sum) : 0;
    return SM_OK;
}
