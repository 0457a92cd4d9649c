/*
 * answer/compose.h - private to answer: adding gated claims to an answer.
 */
#ifndef SM_ANSWER_COMPOSE_H
#define SM_ANSWER_COMPOSE_H

#include "answer/answer.h"

typedef struct sm_draft {
    sm_op *op;
    sm_answer *answer;
    size_t cap;
    sm_str organ; /* of the sentences that follow */
} sm_draft;

void sm_draft_begin(sm_op *op, sm_draft *d);

/* Appends the sentence with the clauses it rests on.  When a fact of it stands in none of them
 * the first clause's own words take its place.  `title` and `date` go into the citations. */
void sm_draft_say(sm_draft *d, sm_str sentence, const sm_clause *const *clause, size_t n,
                  sm_str title, sm_str date);
void sm_draft_say_one(sm_draft *d, sm_str sentence, const sm_clause *clause, sm_str title,
                      sm_str date);

/* Who stands behind a document: its issuer, or the department whose matter it is. */
sm_str sm_doc_organ(const sm_doc *doc);

/* The title shown for a document's clause: 《…》第四条. */
sm_str sm_cite_title(sm_arena *a, const sm_doc *doc, sm_str path);

/* Puts in the place of a clause that is for other people than the question's the same document's
 * that is for them. */
sm_rc sm_clause_for_asker(sm_op *op, sm_db *db, sm_str question, sm_clause **clause);

#endif
