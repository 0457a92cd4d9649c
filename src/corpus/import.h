/*
 * corpus/import.h - private to corpus: what an import passes between its steps.
 *
 *   import.c     files and records in, one transaction
 *   screen.c     secrecy marks, masking, dates that the text itself gives
 *   cut.c        a document's text into clauses along its own numbering
 *   item_keys.c  the national spelling of an item to ours
 *   item.c       an item's JSON: schema, elements as clauses
 *   version.c    a new version into the database, validity across documents
 */
#ifndef SM_CORPUS_IMPORT_H
#define SM_CORPUS_IMPORT_H

#include "corpus/corpus.h"
#include "format/format.h"

typedef struct sm_importing {
    sm_op *op;   /* of the whole import: notes and the report live here */
    sm_op *step; /* of one entry: given back after it */
    sm_db *db;
    sm_kind kind;
    int64_t revision; /* of what this import writes */
    sm_import_report *report;
    size_t cap_notes;
    const char *file;
    uint64_t *seen; /* hashes of the ids of this import: open addressing, 0 is free */
    size_t n_seen, cap_seen;
    bool wrote;
    bool broken; /* the database failed: no entry's fault, nothing may be kept */
} sm_importing;

enum { SM_IMPORT_MAX_NOTES = 20000 }; /* beyond these only alerts are noted; all are counted */

SM_PRINTF(5, 6)
void sm_import_note(sm_importing *im, sm_note_level level, const char *code, sm_str where,
                    const char *fmt, ...);

/* A clause before it is written. */
typedef struct sm_piece {
    sm_str path, heading, text;
    size_t pos;
} sm_piece;
typedef struct sm_pieces {
    sm_arena *a;
    sm_piece *piece;
    size_t n, cap;
} sm_pieces;
void sm_piece_add(sm_pieces *p, sm_str path, sm_str heading, sm_str text, size_t pos);

/* No two clauses of a document answer to the same path: a second 第一条 (of an annex) is 第一条·2.
 */
void sm_pieces_number(sm_pieces *p);

/* Cuts along 编章节条, 一、（一）1.（1）, 问答, or paragraph by paragraph. */
void sm_cut_document(sm_pieces *p, const sm_document *doc);

/* A secrecy mark in mark position: the title, the number, a page header, a line before them. */
bool sm_is_classified(sm_arena *a, const sm_document *doc, sm_str title, sm_str doc_no);
bool sm_is_classified_record(sm_arena *a, sm_str title, sm_str doc_no, sm_str text);
bool sm_is_classified_level(sm_arena *a, sm_str value); /* of a metadata field */

/* Personal data out, in place; how many were masked. */
size_t sm_mask_doc(sm_arena *a, sm_doc *d, sm_pieces *p);
size_t sm_mask_json(sm_arena *a, json_t *v);

/* doc_no, and, when the metadata gives no date and no status, issued, effective and expires. */
void sm_doc_read_text(sm_arena *a, const sm_document *doc, sm_doc *d);

/* Adds our keys for the national ones. */
void sm_item_map(sm_arena *a, json_t *item);
/* An item's JSON in our spelling, checked; E_INVALID names the key. */
sm_rc sm_item_read(sm_op *op, const json_t *in, json_t **out);
void sm_item_pieces(sm_pieces *p, const json_t *item);

/* Writes `doc` with its clauses as a new version unless its digest is the current one's. E_CONFLICT
 * (`broken` unset) when the id was in this import before or belongs to another kind. */
sm_rc sm_version_write(sm_importing *im, sm_doc *doc, const sm_pieces *pieces);
/* `ends` and `superseded_by` of every policy, from dates and successors; those that change count as
 * of this revision, so that the index takes them up. */
sm_rc sm_validity_settle(sm_op *op, sm_db *db, int64_t revision);

#endif
