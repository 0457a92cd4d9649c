#include "text/text.h"

#include <string.h>

enum { MAX_TOKENS = 4096 };

static const struct {
    unsigned flags;
    double worth;
} kinds[2] = { { SM_TOKEN_UNI, 0.3 }, { SM_TOKEN_BI, 1.0 } };

sm_wordset sm_wordset_of(sm_arena *a, sm_str text)
{
    uint64_t token[MAX_TOKENS];
    sm_wordset set;
    sm_str normal = sm_text_normal(a, text);
    for (size_t k = 0; k < SM_LEN(kinds); k++) {
        size_t n = sm_text_tokens(normal, kinds[k].flags, token, MAX_TOKENS);
        n = sm_distinct_u64(token, n);
        uint64_t *key = SM_NEWS(a, uint64_t, n + 1);
        memcpy(key, token, n * sizeof(*key));
        set.key[k] = key;
        set.n[k] = n;
    }
    return set;
}

static size_t common(const uint64_t *a, size_t na, const uint64_t *b, size_t nb)
{
    enum { MUCH_LONGER = 8 };
    size_t n = 0;
    if (nb / MUCH_LONGER > na) {
        for (size_t i = 0; i < na; i++)
            n += sm_find_u64(b, nb, a[i]) != SIZE_MAX;
        return n;
    }
    for (size_t i = 0, j = 0; i < na && j < nb;) {
        if (a[i] == b[j]) {
            n++;
            i++;
            j++;
        } else if (a[i] < b[j]) {
            i++;
        } else {
            j++;
        }
    }
    return n;
}

double sm_wordset_shared(const sm_wordset *q, const sm_wordset *t)
{
    double got = 0, all = 0;
    for (size_t k = 0; k < SM_LEN(kinds); k++) {
        got += kinds[k].worth * (double)common(q->key[k], q->n[k], t->key[k], t->n[k]);
        all += kinds[k].worth * (double)q->n[k];
    }
    return all > 0 ? got / all : 0;
}

double sm_text_shared(sm_arena *a, sm_str question, sm_str text)
{
    sm_wordset q = sm_wordset_of(a, question), t = sm_wordset_of(a, text);
    return sm_wordset_shared(&q, &t);
}

/* Of each key of the question whether the text has it. */
static void held(const sm_wordset *q, const sm_wordset *text, size_t kind, size_t *at, bool *has)
{
    sm_find_all_u64(text->key[kind], text->n[kind], q->key[kind], q->n[kind], at);
    for (size_t j = 0; j < q->n[kind]; j++)
        has[j] = at[j] != SIZE_MAX;
}

double *sm_wordset_shared_among(sm_arena *a, const sm_wordset *q, const sm_wordset *const *text,
                                size_t n)
{
    double *out = SM_NEWS(a, double, n + 1), all = 0;
    size_t most = SM_MAX(q->n[0], q->n[1]), *at = SM_NEWS(a, size_t, most + 1);
    bool *has = SM_NEWS(a, bool, n *most + 1); /* of each text, key by key */
    for (size_t k = 0; k < SM_LEN(kinds); k++) {
        for (size_t i = 0; i < n; i++)
            held(q, text[i], k, at, has + i * most);
        for (size_t j = 0; j < q->n[k]; j++) {
            size_t df = 0;
            for (size_t i = 0; i < n; i++)
                df += has[i * most + j];
            if (df == 0)
                continue;
            double worth = kinds[k].worth * sm_log(1 + (double)n / (double)df);
            all += worth;
            for (size_t i = 0; i < n; i++)
                out[i] += has[i * most + j] ? worth : 0;
        }
    }
    for (size_t i = 0; i < n && all > 0; i++)
        out[i] /= all;
    return out;
}

double *sm_text_shared_among(sm_arena *a, sm_str question, const sm_str *text, size_t n)
{
    sm_wordset q = sm_wordset_of(a, question), *set = SM_NEWS(a, sm_wordset, n + 1);
    const sm_wordset **of = SM_NEWS(a, const sm_wordset *, n + 1);
    for (size_t i = 0; i < n; i++) {
        set[i] = sm_wordset_of(a, text[i]);
        of[i] = &set[i];
    }
    return sm_wordset_shared_among(a, &q, of, n);
}
