/*
 * A model of eight pieces instead of libllama, for the tests of what stands before it.  It keeps
 * what each sequence's cache would hold, so that a lane's word can be held against it.
 */
#ifndef SM_TESTS_FAKE_LM_H
#define SM_TESTS_FAKE_LM_H

#include "engine/lm.h"

#include <string.h>

enum { FAKE_SEQUENCES = 5, FAKE_CTX = 256, FAKE_VOCAB = 8, FAKE_END = 7 };

struct sm_lm {
    sm_lm_facts facts;
    int n_copies, n_trims;
};

/* "" is a control token; a, ab, abc, b, ba, c are text; the last ends. */
static const char *const fake_piece[FAKE_VOCAB] = { "", "a", "ab", "abc", "b", "ba", "c", "" };

/* The grammar allows what fits this text from `at`, and the end when it is complete. */
struct sm_grammar {
    sm_str text;
    size_t at, n_asked;
};

const sm_lm_facts *sm_lm_about(const sm_lm *m)
{
    return &m->facts;
}

sm_str sm_lm_piece(const sm_lm *m, int32_t t)
{
    (void)m;
    return sm_str_of(fake_piece[t]);
}

sm_str sm_lm_name(const sm_lm *m, int32_t t)
{
    return sm_lm_piece(m, t);
}

bool sm_lm_ends(const sm_lm *m, int32_t t)
{
    (void)m;
    return t == FAKE_END;
}

const sm_lm_tree *sm_lm_pieces(const sm_lm *m)
{
    static const int32_t root[] = { 1, 4, 6 }, end[] = { FAKE_END };
    static const int32_t first[] = { -1, 2, 3, -1, 5, -1, -1, -1 };
    static const int32_t next[] = { -1, -1, -1, -1, -1, -1, -1, -1 };
    static const sm_lm_tree tree = { root, end, SM_LEN(root), SM_LEN(end), first, next };
    (void)m;
    return &tree;
}

void sm_grammar_check(sm_grammar *g, const int32_t *token, size_t n, bool *ok)
{
    sm_str rest = sm_str_sub(g->text, g->at, g->text.n);
    g->n_asked += n;
    for (size_t i = 0; i < n; i++)
        ok[i] = token[i] == FAKE_END ? rest.n == 0
                                     : sm_str_starts(rest, sm_str_of(fake_piece[token[i]]));
}

bool sm_grammar_is_spent(const sm_grammar *g)
{
    (void)g;
    return false;
}

void sm_grammar_accept(sm_grammar *g, int32_t token)
{
    g->at += strlen(fake_piece[token]);
}

void sm_grammar_close(sm_grammar *g)
{
    (void)g;
}

bool sm_lm_trim(sm_lm *m, unsigned sequence, size_t n)
{
    (void)sequence;
    m->n_trims++;
    return m->facts.can_trim || n == 0;
}

void sm_lm_copy(sm_lm *m, unsigned from, unsigned to)
{
    (void)from;
    (void)to;
    m->n_copies++;
}

static sm_lm fake_lm(void)
{
    return (sm_lm){ .facts = { .n_vocab = FAKE_VOCAB,
                               .n_ctx = FAKE_CTX,
                               .n_sequences = FAKE_SEQUENCES,
                               .can_trim = true } };
}

#endif
