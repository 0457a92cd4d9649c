/*
 * corpus/corpus.h - service items, policies and laws: import, versions,
 * validity, elements and clauses, governance.
 *
 * Rests on base, text, store, format, access.  A document has an id of its own
 * (an item's code, a policy's front-matter id, a law record's id); importing it
 * again with other bytes adds a version, and no version is ever changed or
 * removed, so whoever holds a clause's row can read it for good.  Everything
 * citable is a clause: an article of a law, a numbered paragraph of a policy, an
 * element of a service item (path "fee", "materials/m1", "conditions/c2" …).
 */
#ifndef SM_CORPUS_CORPUS_H
#define SM_CORPUS_CORPUS_H

#include "base/base.h"
#include "store/store.h"

typedef enum sm_kind { SM_KIND_ITEM, SM_KIND_POLICY, SM_KIND_LAW, SM_N_KINDS } sm_kind;
const char *sm_kind_name(sm_kind kind); /* "item", "policy", "law" */
bool sm_kind_parse(sm_str name, sm_kind *out);

/* ------------------------------------------------------------ documents */

typedef struct sm_doc {
    sm_kind kind;
    int64_t version; /* row of this version */
    int64_t seq;     /* 1, 2, … among the versions of this id */
    sm_str id, title;
    sm_str parent; /* law: the title up to 第…条; item: the department; policy: "" */
    sm_str doc_no, issuer, level, region, status;
    sm_str audience;                  /* as imported: 自然人, 法人, 全部, "" */
    sm_str supersedes, superseded_by; /* ids, comma-separated */
    sm_date issued, effective, expires;
    sm_date ends;     /* last day in force: expires, or the day before a successor starts */
    sm_str digest;    /* SM3 of the source, hex */
    sm_str json;      /* an item's elements (docs/service-item.schema.json); else "" */
    sm_str source;    /* the file it came from */
    int64_t revision; /* of the corpus, that brought this version */
    const struct sm_kept *kept; /* private to corpus */
} sm_doc;

typedef enum sm_state {
    SM_STATE_IN_FORCE,
    SM_STATE_NOT_YET,  /* 尚未施行 */
    SM_STATE_EXPIRED,  /* 已失效: past its last day */
    SM_STATE_REPEALED, /* 已废止 */
    SM_STATE_REPLACED, /* 已被…替代 */
} sm_state;
sm_state sm_doc_state(const sm_doc *doc, sm_date as_of);
const char *sm_state_text(sm_state state); /* 现行有效, 尚未施行, 已失效, 已废止, 已被替代 */

typedef struct sm_clause {
    int64_t row, version;
    sm_str doc;     /* id */
    sm_str path;    /* "第四条", "一/（二）", "fee", "materials/m1" */
    sm_str heading; /* the headings above it, " / " between */
    sm_str text;    /* as shown and quoted */
    sm_str digest;  /* SM3 of text, hex */
    int64_t pos;    /* byte offset in the source */
} sm_clause;

/* The text behind what leads in to it, which its heading has, too. */
sm_str sm_clause_own(sm_str heading, sm_str text);

/* Read handles that remember: what one has read of documents, clauses, places and conflicts, none
 * reads again until the file changes.  What the calls below give through such a handle lives as
 * long as the op that took it, as ever, and must not be changed in place.  May be used by threads.
 * Closing takes NULL; what is still in use goes later. */
typedef struct sm_memo sm_memo;
sm_memo *sm_memo_open(const char *data_dir);
void sm_memo_close(sm_memo *m);
sm_rc sm_memo_take(sm_op *op, sm_memo *m, sm_db **out);
void sm_memo_give(sm_memo *m, sm_db *db);

/* The current version; E_NOTFOUND when there is none. */
sm_rc sm_corpus_doc(sm_op *op, sm_db *db, sm_str id, sm_doc **out);
sm_rc sm_corpus_version(sm_op *op, sm_db *db, int64_t version, sm_doc **out);
sm_rc sm_corpus_docs(sm_op *op, sm_db *db, sm_kind kind, sm_doc **out, size_t *n); /* by id */
/* Every version of an id, newest first; the newest one that holds a clause with this digest. */
sm_rc sm_corpus_versions(sm_op *op, sm_db *db, sm_str id, sm_doc **out, size_t *n);
sm_rc sm_corpus_version_citing(sm_op *op, sm_db *db, sm_str id, sm_str digest, sm_doc **out);
sm_rc sm_corpus_clause(sm_op *op, sm_db *db, int64_t row, sm_clause **out);
sm_rc sm_corpus_clauses(sm_op *op, sm_db *db, int64_t version, sm_clause **out, size_t *n);
sm_rc sm_corpus_clause_at(sm_op *op, sm_db *db, sm_str id, sm_str path, sm_clause **out);
/* An item's elements as JSON, the national spellings already mapped; parsed, not to be changed. */
sm_rc sm_item_json(sm_op *op, const sm_doc *doc, json_t **out);

/* Counts up by one with every import that changed something. */
sm_rc sm_corpus_revision(sm_op *op, sm_db *db, int64_t *out);

/* The place's own name first, then what lies above it: 江北区, 云澜市, 全省, 全国. */
sm_rc sm_region_chain(sm_op *op, sm_db *db, sm_str region, sm_str **out, size_t *n);
/* All place names below or equal to home, longest first; home is the first row imported. */
sm_rc sm_region_names(sm_op *op, sm_db *db, sm_str **out, size_t *n);
sm_rc sm_region_home(sm_op *op, sm_db *db, sm_str *out); /* "" when none set */
/* TSV `place<TAB>place above`; the whole tree is replaced. */
sm_rc sm_region_import(sm_op *op, sm_db *db, const char *name, sm_str tsv);

/* ------------------------------------------------------------- passages */

enum { SM_AUDIENCE_PERSON = 1, SM_AUDIENCE_FIRM = 2, SM_AUDIENCE_ALL = 3 };

/* What the search index holds: one per item (current version), one per clause of
 * every current version of a policy or law. */
typedef struct sm_passage {
    sm_str id, clause;      /* clause "" for an item */
    int64_t row;            /* clause row; for an item the version row */
    sm_str parent;          /* law name, policy title, department */
    sm_str title;           /* item name; policy or law title with article */
    sm_str heading;         /* chapter headings; an item's domain */
    sm_str body;            /* clause text behind its lead; an item's scope, conditions, materials, … */
    sm_str alias;           /* an item's aliases, keywords; else "" */
    const sm_str *question; /* an item's names, aliases, FAQ questions: training rows too */
    size_t n_questions;
    sm_str region;
    unsigned audience;
    sm_date effective, ends; /* SM_DATE_NONE: open */
} sm_passage;

/* Calls fn for each passage of a kind whose version came after revision `since`
 * (0: all), in document order; stops at the first failure.  The passage's memory
 * is good during the call only. */
typedef sm_rc sm_passage_fn(sm_op *op, void *ctx, const sm_passage *p);
sm_rc sm_corpus_passages(sm_op *op, sm_db *db, sm_kind kind, int64_t since, sm_passage_fn *fn,
                         void *ctx);
/* Ids of documents whose current version came after revision `since`. */
sm_rc sm_corpus_changed(sm_op *op, sm_db *db, sm_kind kind, int64_t since, sm_str **out, size_t *n);

/* --------------------------------------------------------------- import */

/* Takes in share/questions.jsonl (lines {"matter","text"}: everyday questions about matters that
 * most places have); nothing is done when it is the one already there.  Items that are indexed from
 * now on have the questions of the matters they are called by. */
sm_rc sm_known_load(sm_op *op, sm_db *db, sm_str jsonl);

typedef enum sm_note_level { SM_NOTE_WARNING, SM_NOTE_REFUSED, SM_NOTE_ALERT } sm_note_level;

typedef struct sm_note {
    sm_note_level level;
    sm_str code;  /* "SI-03", "E_CORRUPT", "SECRET_MARK", "MASKED" … */
    sm_str where; /* "items.jsonl:12 HJ-001" */
    sm_str text;  /* Chinese: what, and what to do */
} sm_note;

typedef struct sm_import_report {
    int64_t n_seen, n_new, n_changed, n_same, n_refused, n_warnings, n_masked;
    int64_t n_clauses;
    sm_note *note;
    size_t n_notes;
} sm_import_report;

/* Imports files or folders (walked, hidden names skipped) in one transaction:
 * all of it or, on failure or kill, nothing.  A refused entry is a note and the
 * others go on; with `strict` it fails the import (E_INVALID) after all were read.
 * The caller holds the writer lock and refreshes the index afterwards. */
sm_rc sm_corpus_import(sm_op *op, sm_db *db, sm_kind kind, const char *const *paths, size_t n_paths,
                       bool strict, sm_import_report **out);

/* SI-01 … SI-13 (standards of service items) over one item's JSON. */
sm_rc sm_item_check(sm_op *op, const json_t *item, sm_str where, sm_note **out, size_t *n);

/* ----------------------------------------------------------- governance */

typedef enum sm_defect_kind {
    SM_FINDING_EXPIRED,
    SM_FINDING_NOT_YET,
    SM_FINDING_SUPERSEDED,
    SM_FINDING_NEAR_DUPLICATE,
    SM_FINDING_CONFLICT,       /* two policies on one matter, different values */
    SM_FINDING_ITEM_CONFLICT,  /* a guide against a policy, both values given */
    SM_FINDING_MISSING,        /* an element that is not there */
    SM_FINDING_DEAD_REFERENCE, /* a law that does not exist, or no such article, or repealed */
    SM_FINDING_PERSONAL,       /* personal data was masked on import */
    SM_FINDING_REFUSED,        /* refused for a secrecy mark */
    SM_FINDING_UNANSWERED,     /* questions alike that nothing answered */
    SM_N_FINDINGS
} sm_defect_kind;
const char *sm_defect_name(sm_defect_kind kind);  /* "expired" … */
const char *sm_defect_title(sm_defect_kind kind); /* Chinese */

typedef struct sm_defect {
    sm_defect_kind kind;
    sm_str a, a_path, a_value; /* document, clause, value */
    sm_str b, b_path, b_value; /* the other side, or "" */
    sm_str text;               /* Chinese sentence for the keeper */
} sm_defect;

/* The governance report as of a day.  `laws_tsv` is share/laws.tsv's text. */
sm_rc sm_corpus_check(sm_op *op, sm_db *db, sm_date as_of, sm_str laws_tsv, sm_defect **out,
                      size_t *n);

/* Questions alike, for the report on unanswered ones: group[i] is the number of text i's group,
 * counted from 0 in order of first appearance.  Greedy, one pass: a text joins the group whose
 * first text it is most like, at a tf-idf cosine of `likeness` or more, or begins one. */
sm_rc sm_group_alike(sm_op *op, const sm_str *text, size_t n, double likeness, size_t *group);

/* What a check finds is a task for the keeper until it is settled or found no more. */
typedef struct sm_task {
    int64_t id;
    sm_defect finding;
    int64_t first_seen_ms; /* wall */
    bool settled;
    sm_str note, settled_by;
    int64_t settled_ms;
} sm_task;

/* Makes the findings of a check as of a day the tasks, in one transaction.  One found before keeps
 * its id, the time it was first seen and what a keeper settled; with another value it is another
 * one.  Open tasks that are not among them are removed, settled ones stay.  Unanswered questions
 * are left out: citizens' words stay in record.db, where they can be forgotten. */
sm_rc sm_task_save(sm_op *op, sm_db *db, sm_date as_of, const sm_defect *finding, size_t n);
/* What the last check went by; SM_DATE_NONE and 0 before the first. */
sm_rc sm_check_last(sm_op *op, sm_db *db, sm_date *as_of, int64_t *revision);

typedef struct sm_task_filter {
    sm_defect_kind kind; /* SM_N_FINDINGS: all */
    bool settled;         /* those settled, or those open */
    sm_str doc;           /* "" any; else either side */
    size_t limit;         /* 0: all */
} sm_task_filter;
/* By kind, then in the order they were found. */
sm_rc sm_task_list(sm_op *op, sm_db *db, const sm_task_filter *f, sm_task **out, size_t *n);
/* The open ones of each kind. */
sm_rc sm_task_count(sm_op *op, sm_db *db, int64_t count[SM_N_FINDINGS]);
enum { SM_TASK_NOTE_MAX = 2000 };
/* Settles an open one; the note may be empty.  E_NOTFOUND; E_CONFLICT: it is settled; E_INVALID:
 * the note is over SM_TASK_NOTE_MAX bytes. */
sm_rc sm_task_settle(sm_op *op, sm_db *db, int64_t id, sm_str by, sm_str note);

/* The open conflicts that a document is in, for the answer to show both sides. */
sm_rc sm_conflict_of(sm_op *op, sm_db *db, sm_str doc, sm_defect **out, size_t *n);

#endif
