/*
 * sunmao/laws.h - private to sunmao: the laws and documents of the corpus that a review can look
 * up. Those that come with the program are the rules' own (share/review/words/laws.tsv).
 */
#ifndef SM_SUNMAO_LAWS_H
#define SM_SUNMAO_LAWS_H

#include "base/base.h"
#include "store/store.h"

/* What is known, read once and anew when the corpus has changed; may be shared by threads. */
typedef struct sm_law_shelf sm_law_shelf;
sm_rc sm_law_shelf_open(sm_op *op, const char *data_dir, sm_law_shelf **out);
void sm_law_shelf_close(sm_law_shelf *s); /* NULL is fine */

/* As it stands now, until the op's arena closes. */
typedef struct sm_laws sm_laws;
sm_rc sm_law_shelf_hold(sm_op *op, sm_law_shelf *s, const sm_laws **out);

/* By title or document number, with or without 《》 and what stands in brackets at the end; of two,
 * the one in force on `day`.  An article is not there when the law is, from the first article to
 * the last, without it. */
bool sm_laws_find(const sm_laws *l, sm_str title, sm_str article, sm_date day, bool *article_there,
                  bool *in_force);

#endif
