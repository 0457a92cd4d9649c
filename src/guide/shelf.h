/*
 * guide/shelf.h - private to guide: the texts of documents taken apart for comparing, kept between
 * questions, since the same few policies are asked for all day.
 *
 * What is kept of a version never changes (its clauses and title), so it is good for as long as the
 * guide.  May be used by threads.
 */
#ifndef SM_GUIDE_SHELF_H
#define SM_GUIDE_SHELF_H

#include "corpus/corpus.h"
#include "text/text.h"

typedef struct sm_shelved {
    int64_t version;
    const sm_clause *clause;
    const sm_str *name; /* of each clause what a model calls it: "id#path" */
    size_t n;
    sm_wordset title, whole;
    const sm_wordset *text, *heading; /* of each clause */
} sm_shelved;

typedef struct sm_shelf sm_shelf;
sm_shelf *sm_shelf_open(void);
void sm_shelf_close(sm_shelf *s); /* NULL is fine */
/* The document's version, read from the database the first time.  A shelf that is full gives what
 * lives in the op's arena. */
sm_rc sm_shelf_take(sm_op *op, sm_shelf *s, sm_db *db, const sm_doc *doc, const sm_shelved **out);

#endif
