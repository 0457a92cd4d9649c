/*
 * eval/eval.h - measures the whole dialogue on development sets (demo/queries-dev) and prints one
 * table: what `sunmao eval` runs.  Rests on base, text and sunmao's inner face.
 */
#ifndef SM_EVAL_EVAL_H
#define SM_EVAL_EVAL_H

#include "sunmao/sunmao.h"

typedef struct sm_eval_row {
    const char *set, *figure;
    double value, target;
    bool at_most; /* the target is an upper bound */
    size_t n;
} sm_eval_row;

typedef struct sm_answered_one {
    double p; /* confidence */
    bool right;
} sm_answered_one;
typedef struct sm_answered {
    sm_answered_one *one;
    size_t n, cap;
} sm_answered;

typedef struct sm_eval {
    sm_eval_row row[64];
    size_t n;
    sm_buf misses;      /* one line each, for whoever mends things */
    sm_answered single; /* single questions, and whether their first item was right */
    sm_answered all;    /* every answer to a single-turn question, and whether it was right */
} sm_eval;

/* Runs every set found in the folder as of a day.  Dialogues are recorded as tests. */
sm_rc sm_eval_run(sm_op *op, sm_sunmao *s, const char *sets_dir, sm_date as_of, sm_eval *e);
/* Markdown: the table, then risk at each coverage. */
void sm_eval_print(sm_eval *e, FILE *to);
json_t *sm_eval_json(sm_eval *e);
void sm_eval_done(sm_eval *e);

/* Pairs of evidence and sentence with the verdict a careful reader gives (eval/ground): what is
 * caught, what passes, each by its kind, as Markdown on `to`; every one that is not as it should be
 * on `misses` when that is not NULL. */
sm_rc sm_eval_ground(sm_op *op, const char *const *path, size_t n, const char *votes, FILE *to,
                     FILE *misses);

/* Official documents in our notation (format/official.h), NAME.txt, some with seeded errors,
 * NAME.errors.jsonl (demo/documents): how many of those are found and put right, how many findings
 * there are besides, as Markdown on `to`; as text, as DOCX and as the OFD that is in `ofd` (NULL:
 * dir).  All that is not as it should be on `misses` when that is not NULL. */
sm_rc sm_eval_review(sm_op *op, const sm_reviewer *r, const char *dir, const char *ofd, FILE *to,
                     FILE *misses);

/* Wrong characters found in a folder of JSON Lines: files of {"text"} are learned from, files of
 * {"src","tgt"} (a sentence, and what it should be) are measured on by five folds: the right
 * sentences of four are learned from, weights and bar are fitted on them, the fifth is measured.
 * Markdown on `to`, the weights fitted on all of a file on `weights` when that is not NULL.  A
 * folder that is not there is said to be skipped. */
sm_rc sm_eval_speller(sm_op *op, const char *chars_tsv, const char *dir, FILE *to, FILE *weights);

#endif
