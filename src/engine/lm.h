/*
 * engine/lm.h - one language model and the context it runs in; llama.c behind it is the only file
 * that knows libllama.
 *
 * Rests on base.  The vocabulary (tokens, pieces, grammars before their first use) may be read
 * from any thread; what touches the context belongs to the worker's thread alone.  A sequence is a
 * number below n_sequences with a cache of its own of n_ctx tokens.
 */
#ifndef SM_ENGINE_LM_H
#define SM_ENGINE_LM_H

#include "base/base.h"

typedef struct sm_lm sm_lm;
typedef struct sm_grammar sm_grammar;

enum {
    SM_LM_MAX_SEQUENCES = 64,
    SM_LM_MAX_LORA = 16,
    SM_GRAMMAR_BYTES = 256 * 1024,
    SM_GRAMMAR_DEPTH = 64 /* of brackets */
};

typedef enum sm_lm_kind { SM_LM_TEXT, SM_LM_EMBED, SM_LM_RANK } sm_lm_kind;

typedef struct sm_lora_file {
    const char *name, *path;
} sm_lora_file;

typedef struct sm_lm_options {
    const char *path;
    unsigned n_ctx;       /* tokens of one sequence; 0: the model's, at most 8192 */
    unsigned n_sequences; /* with a cache each */
    unsigned n_batch;     /* tokens computed at once; 0: 512 */
    unsigned n_outputs;   /* rows of one batch that are read */
    unsigned n_threads;   /* 0: every processor */
    int n_gpu_layers;     /* negative: all */
    const sm_lora_file *lora;
    size_t n_lora;
    bool has_floats; /* matrices that are not quantised */
} sm_lm_options;

typedef struct sm_lm_facts {
    sm_lm_kind kind;
    char arch[64], desc[128], name[128];
    const char *chat_template; /* NULL: the model has none */
    int32_t n_vocab, n_embd, n_ctx_train;
    int32_t bos, eos, sep; /* -1: none */
    bool add_bos, add_eos;
    unsigned n_ctx, n_sequences, n_batch, n_threads;
    unsigned max_piece_bytes; /* of any token */
    uint64_t n_params, n_bytes;
    bool has_floats;
    bool can_trim; /* the end of a sequence can be forgotten: prefixes and drafts work */
} sm_lm_facts;

/* E_CORRUPT for a file that is no model we can run, E_NOTFOUND, E_LIMIT for want of memory. */
sm_rc sm_lm_open(sm_op *op, const sm_lm_options *o, sm_lm **out);
void sm_lm_close(sm_lm *m); /* NULL is fine */
const sm_lm_facts *sm_lm_about(const sm_lm *m);

/* ------------------------------------------------------------ vocabulary */

/* With `special`, text such as <|im_end|> becomes the token of that name: for templates, never for
 * what a stranger wrote.  `edges` adds what the model wants at beginning and end. */
sm_rc sm_lm_tokens(sm_op *op, const sm_lm *m, sm_str text, bool special, bool edges, int32_t **out,
                   size_t *n);
sm_str sm_lm_piece(const sm_lm *m, int32_t token); /* its bytes; "" for one that is no text */
sm_str sm_lm_name(const sm_lm *m, int32_t token);  /* the same, with the names of special ones */
bool sm_lm_ends(const sm_lm *m, int32_t token);    /* the end of a turn or text */
bool sm_lm_is_token(const sm_lm *m, int64_t token);
/* Before anything runs: the token of this name ends a text, should the vocabulary not say so. */
void sm_lm_end_with(sm_lm *m, sm_str name);

/* Tokens by their bytes, as a tree: a token's parent is the longest token that begins it. */
typedef struct sm_lm_tree {
    const int32_t *root, *end; /* tokens nothing begins; tokens that end a text */
    size_t n_root, n_end;
    const int32_t *first, *next; /* child and sibling by token; -1: none */
} sm_lm_tree;
const sm_lm_tree *sm_lm_pieces(const sm_lm *m);

/* ---------------------------------------------------------------- batch */

/* A new, empty batch; lora -1: none.  True when its rows' numbers depend on there being another row
 * in the same pass: ggml multiplies a matrix of floats (an adapter's are) with one row in another
 * order than with several.  Then a batch of one row is given a second one; it is for the caller to
 * make no passes of one row: one sequence, or neighbouring ones with a token each. */
bool sm_lm_begin(sm_lm *m, int lora);
/* The token at `pos` of a sequence; the row where its output will be, or -1 when it has none.  The
 * caller keeps within n_batch. */
int32_t sm_lm_add(sm_lm *m, unsigned sequence, size_t pos, int32_t token, bool output);
/* The same for a row nobody needs, so that sequences have as many rows each: the cache forgets it
 * when the batch has run.  It comes last of its sequence's. */
void sm_lm_add_idle(sm_lm *m, unsigned sequence, size_t pos);
size_t sm_lm_n_added(const sm_lm *m);
/* Computes it.  E_CANCELLED once `stop` (may be NULL) says so; then, and on E_INTERNAL, trim each
 * sequence of the batch to where it was. */
sm_rc sm_lm_run(sm_op *op, sm_lm *m, bool (*stop)(void *ctx), void *ctx);
float *sm_lm_logits(sm_lm *m, int32_t row); /* n_vocab of them; the caller may write into them */
/* After a batch of an embedding or ranking model: n_embd numbers, or one. */
const float *sm_lm_vector(sm_lm *m, unsigned sequence);

/* ------------------------------------------------------------- sequences */

/* Keeps the first n tokens; false when the model cannot: then it keeps none. */
bool sm_lm_trim(sm_lm *m, unsigned sequence, size_t n);
void sm_lm_copy(sm_lm *m, unsigned from, unsigned to); /* all of it; what `to` held is gone */

/* -------------------------------------------------------------- grammars */

/* E_INVALID when it is no GBNF with a rule `root`. */
sm_rc sm_grammar_open(sm_op *op, const sm_lm *m, sm_str gbnf, sm_grammar **out);
void sm_grammar_close(sm_grammar *g); /* NULL is fine */
/* Which of the tokens may come next. */
void sm_grammar_check(sm_grammar *g, const int32_t *token, size_t n, bool *ok);
bool sm_grammar_is_spent(const sm_grammar *g); /* it took too long: nothing is allowed any more */
void sm_grammar_accept(sm_grammar *g, int32_t token); /* one that _check allowed */

#endif
