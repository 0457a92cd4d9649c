/*
 * bench/search_bench.h - shared by bench_search's files: the laws and STARD as
 * passages, a set of questions, the exact scorer and the peers.
 *
 * All memory lies in the arena it was asked from.  C++ reads this header too.
 */
#ifndef SM_BENCH_SEARCH_BENCH_H
#define SM_BENCH_SEARCH_BENCH_H

#include <stddef.h>
#include <stdint.h>

/* Token lists of many texts, one after the other: text i has token[off[i]] … token[off[i + 1] - 1].
 */
struct token_lists {
    const uint64_t *token;
    const size_t *off;
    size_t n;
};

/* What another engine made of the same tokens. */
struct peer_result {
    double build_s, mean_ms, p95_ms, bytes;
};

#ifdef __cplusplus
extern "C" {
#endif

/* Builds in `dir` and asks each question for the best 100, an OR of its distinct tokens.
 * 0, or -1 with a line on standard error. */
int peer_xapian(const char *dir, const struct token_lists *text, const struct token_lists *question,
                struct peer_result *out);
int peer_fts5(const char *dir, const struct token_lists *text, const struct token_lists *question,
              struct peer_result *out);

/* A token as a word of ten letters. */
static inline void peer_word(uint64_t token, char out[11])
{
    for (int i = 0; i < 10; i++)
        out[i] = (char)('a' + (int)(token >> (4 * i) & 15));
    out[10] = 0;
}

#ifdef __cplusplus
}
#else

#include "search/search.h"

struct passages {
    sm_passage *p;
    size_t n, cap;
};

struct questions {
    sm_str *text;
    struct gold {
        uint32_t *passage;
        size_t n, cap;
    } * gold;
    size_t n, cap;
};

/* Adds the rows of <dir>/<name>.jsonl.xz; false when it is not there. */
bool read_laws(sm_op *op, const char *dir, const char *name, struct passages *out);
bool read_stard(sm_op *op, const char *dir, struct passages *corpus, struct questions *out);
/* Passages made of halves of others, until there are n. */
void recombine(sm_op *op, const struct passages *from, size_t n, struct passages *out);
struct token_lists tokens_of(sm_arena *a, const struct passages *p);

/* Every question's best 10 by floating-point BM25F over the same tokens but for those in a greater
 * share of passages than `common`: top[10 * question + rank], UINT32_MAX where there are fewer. */
void exact_top(const struct passages *p, const struct token_lists *question, double common,
               uint32_t *top);

/* Distinct tokens of every question. */
struct token_lists question_tokens(sm_arena *a, const struct questions *q, unsigned flags);

#endif
#endif
