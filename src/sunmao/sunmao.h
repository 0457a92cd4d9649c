/*
 * sunmao/sunmao.h - the whole inner face that `cli` and `server` use; the public
 * <sunmao/sunmao.h> is its stable subset.
 *
 * Rests on every folder below.  A sm_sunmao is one opened data directory and may be shared by
 * threads; each call runs under the caller's op, which ends before the sm_sunmao is closed, and is
 * lent the database handles it needs.
 * Data directory: corpus.db, record.db, index/, model/, current, lock.
 */
#ifndef SM_SUNMAO_SUNMAO_H
#define SM_SUNMAO_SUNMAO_H

#include <sunmao/sunmao.h>

#include "base/base.h"

#include "access/access.h"
#include "corpus/corpus.h"
#include "draft/draft.h"
#include "ground/ground.h"
#include "guide/guide.h"
#include "review/opinion.h"
#include "review/review.h"
#include "search/search.h"

typedef struct sm_sunmao sm_sunmao;

typedef struct sm_sunmao_options {
    const char *data_dir;
    const char *share_dir; /* NULL: found, see sm_share_dir */
    sm_date today;         /* SM_DATE_NONE: sm_today() */
    bool read_only;        /* opens nothing for writing; ask records nothing */
    bool must_exist;       /* E_NOTFOUND instead of making the directory */
} sm_sunmao_options;

/* Where the shipped files are: SUNMAO_SHARE, <exe>/../share/sunmao, <exe>/../../share, the
 * installed folder, the source tree; the first that holds laws.tsv.  NULL when there is none. */
const char *sm_share_dir(sm_arena *a);

sm_rc sm_sunmao_open(sm_op *op, const sm_sunmao_options *o, sm_sunmao **out);
void sm_sunmao_close(sm_sunmao *s); /* NULL is fine */

const char *sm_sunmao_data_dir(const sm_sunmao *s);
const char *sm_sunmao_share_dir(const sm_sunmao *s);
sm_date sm_sunmao_today(const sm_sunmao *s);
sm_searcher *sm_sunmao_searcher(const sm_sunmao *s);

sm_rc sm_sunmao_ask(sm_op *op, sm_sunmao *s, const sm_question *q, sm_reply **out);
/* sm_guide_think and sm_guide_record over the guide in use; it is held until the op's arena
 * closes. */
sm_rc sm_sunmao_think(sm_op *op, sm_sunmao *s, const sm_question *q, sm_thought **out);

typedef struct sm_found { /* one line of a search, for people */
    sm_hit hit;
    sm_str title, text;
    sm_state state;
} sm_found;
sm_rc sm_sunmao_search(sm_op *op, sm_sunmao *s, sm_kind kind, sm_str text, size_t top,
                       sm_date as_of, bool with_text, sm_found **out, size_t *n, bool lexical_only);

/* Takes the writer lock (waits up to 10 s, then E_CONFLICT), imports, checks for conflicts,
 * refreshes the index. */
sm_rc sm_sunmao_import(sm_op *op, sm_sunmao *s, sm_kind kind, const char *const *paths,
                       size_t n_paths, bool strict, sm_import_report **out);
sm_rc sm_sunmao_regions(sm_op *op, sm_sunmao *s, const char *path);
/* Runs the governance check as of a day and keeps what it finds as tasks. */
sm_rc sm_sunmao_check(sm_op *op, sm_sunmao *s, sm_date as_of, sm_defect **out, size_t *n);
/* sm_task_settle under the writer lock, with a ledger act ("task.settle") of the person named. */
sm_rc sm_sunmao_settle_task(sm_op *op, sm_sunmao *s, int64_t id, sm_str by, sm_str note);

/* Reads {"text","id","time"?,"facet"?} lines; "ids", a list, in place of "id": a wording that fits
 * several and tells none of them, or with "two": true one that asks for two things (one pair each);
 * "after": what was in hand, or "offered": a list, what the answer was to choose from. */
sm_rc sm_pairs_read(sm_op *op, const char *path, sm_pair **out, size_t *n);
/* Confirmed questions of the ledger, with the pairs of the last training behind them; none without
 * a confirmed question. */
sm_rc sm_pairs_of_ledger(sm_op *op, sm_sunmao *s, sm_kind kind, sm_pair **out, size_t *n);
sm_rc sm_sunmao_train(sm_op *op, sm_sunmao *s, sm_kind kind, const sm_pair *pair, size_t n,
                      const sm_train_options *o, sm_train_report **out);

/* Learns what characters stand beside which from the corpus and from files (documents of any kind
 * that a review reads; JSON Lines with "text"), and writes model/speller.bin, which reviews opened
 * from then on use.  E_INVALID with under a million characters. */
typedef struct sm_spell_report {
    uint64_t n_chars, n_bytes; /* learned from; of the file */
} sm_spell_report;
sm_rc sm_sunmao_train_speller(sm_op *op, sm_sunmao *s, const char *const *paths, size_t n,
                              sm_spell_report *out);

/* A copy of the whole data directory as of one moment, while it is used; and back.  Restore
 * refuses a directory that is not empty (E_CONFLICT).  Verify checks both databases, the
 * ledger's chain, the clauses' digests and the index files. */
sm_rc sm_sunmao_backup(sm_op *op, sm_sunmao *s, const char *to_dir);
sm_rc sm_sunmao_restore(sm_op *op, const char *from_dir, const char *data_dir);
typedef struct sm_verify_report {
    int64_t n_documents, n_clauses, n_records, n_index_files;
} sm_verify_report;
sm_rc sm_sunmao_verify(sm_op *op, sm_sunmao *s, sm_verify_report *out);

/* ------------------------------------------------------------------ review */

/* What documents are reviewed by: the rule pack of share/review, an organisation's own folder
 * (organs.tsv, people.tsv, terms.tsv, rules/, words/; docs/review.md) and the laws and policies of
 * a corpus.  Files are read once, the corpus anew when it changes.  May be shared by threads. */
typedef struct sm_reviewer sm_reviewer;
typedef struct sm_reviewer_options {
    const char *share_dir; /* NULL: found, see sm_share_dir */
    const char *own_dir;   /* NULL: none; E_NOTFOUND when there is no such folder */
    const char *data_dir;  /* of the corpus; NULL: none */
    sm_date today;         /* SM_DATE_NONE: sm_today() at each review */
} sm_reviewer_options;
sm_rc sm_reviewer_open(sm_op *op, const sm_reviewer_options *o, sm_reviewer **out);
void sm_reviewer_close(sm_reviewer *r); /* NULL is fine */
const sm_rules *sm_reviewer_rules(const sm_reviewer *r);

/* sm_review_run by all of these. */
sm_rc sm_reviewer_run(sm_op *op, const sm_reviewer *r, const sm_layout *l, sm_review **out);
/* What a model is to be asked of that review (review/opinion.h). */
sm_rc sm_reviewer_opinion(sm_op *op, const sm_reviewer *r, const sm_prompts *p, const sm_layout *l,
                          const sm_review *without, sm_opinion **out);
/* Reads a document, in a child of `program` (sm_layout_read_apart) or, when that is NULL, in this
 * process, and reviews it. */
sm_rc sm_reviewer_read(sm_op *op, const sm_reviewer *r, const char *name, sm_str bytes,
                       const char *program, sm_layout **layout, sm_review **out);
/* This executable: for the program sunmao alone. */
const char *sm_own_program(sm_arena *a);

/* By what the data directory has: its corpus, its folder review and its speller, as these files
 * stand at the call.  Held until the op's arena closes, which must be before `s` does.  Changed
 * files that cannot be read leave in use what there was. */
sm_rc sm_sunmao_reviewer(sm_op *op, sm_sunmao *s, const sm_reviewer **out);
/* Why they could not be read, when _reviewer was last called; "" they could. */
sm_str sm_sunmao_review_trouble(sm_op *op, sm_sunmao *s);
/* The same with another folder in place of review, until the op's arena closes. */
sm_rc sm_sunmao_reviewer_with(sm_op *op, sm_sunmao *s, const char *own_dir,
                              const sm_reviewer **out);
sm_rc sm_sunmao_review(sm_op *op, sm_sunmao *s, const char *name, sm_str bytes, const char *program,
                       sm_layout **layout, sm_review **out);

/* As in docs/batch.md: a line of `review --batch` or, with `all`, the object of `review --json`. */
json_t *sm_review_json(const char *file, const sm_review *v, double ms, bool all);

/* ------------------------------------------------------------------- draft */

/* What drafts are made by: the types of share/draft and the registry of own_dir; NULL: the folder
 * review of the data directory of s, when there is one.  s NULL: none is looked at.  Read anew at
 * each call; closed with the op's arena. */
sm_rc sm_sunmao_drafter(sm_op *op, const sm_sunmao *s, const char *own_dir, const sm_drafter **out);

/* Reports as JSON, for --json and the public API. */
json_t *sm_import_json(const sm_import_report *r);
json_t *sm_train_json(const sm_train_report *r);
json_t *sm_defect_json(const sm_defect *f);
/* The finding with "id", "title" (its kind in Chinese), "first_seen", "settled", "note",
 * "settled_by", "settled_ms". */
json_t *sm_task_json(const sm_task *t);

/* The names of departments and issuers of the corpus, in the op's arena. */
sm_rc sm_sunmao_organs(sm_op *op, sm_sunmao *s, sm_organs **out);

sm_rc sm_sunmao_record_db(sm_op *op, sm_sunmao *s, sm_db **out); /* lent: back with the arena */
sm_rc sm_sunmao_corpus_db(sm_op *op, sm_sunmao *s, sm_db **out); /* read only; likewise */

#endif
