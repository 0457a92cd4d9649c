/*
 * What is put to a composed answer: a sentence that corrects the question, before all others; a
 * clause that tells what is asked and was not brought along, behind them.
 */
#include "answer/compose.h"

#include <string.h>

/* It says no more than the sentence does, from the same clause. */
static bool repeats(const sm_claim *claim, const sm_claim *first)
{
    if (claim->n_cites != 1 || !sm_str_has(first->text, claim->text))
        return false;
    for (size_t i = 0; i < first->n_cites; i++)
        if (first->cite[i].row == claim->cite[0].row)
            return true;
    return false;
}

static void put_first(sm_answer *answer, sm_draft *d)
{
    sm_claim *all = SM_NEWS(d->op->arena, sm_claim, answer->n_claims + 1);
    size_t n_all = 1;
    all[0] = d->answer->claim[0];
    for (size_t i = 0; i < answer->n_claims; i++)
        if (!repeats(&answer->claim[i], &all[0]))
            all[n_all++] = answer->claim[i];
    answer->claim = all;
    answer->n_claims = n_all;
    if (sm_str_cmp(d->answer->date, answer->date) > 0)
        answer->date = d->answer->date;
}

static void draft_of(sm_op *op, sm_draft *d, sm_str sentence, const sm_doc *doc,
                     const sm_clause *const *clause, size_t n)
{
    sm_date day = doc->effective != SM_DATE_NONE ? doc->effective : doc->issued;
    sm_draft_begin(op, d);
    d->organ = sm_doc_organ(doc);
    sm_draft_say(d, sentence, clause, n, sm_cite_title(op->arena, doc, clause[0]->path),
                 sm_date_iso(op->arena, day));
}

void sm_answer_correct(sm_op *op, sm_answer *answer, sm_str sentence, const sm_doc *doc,
                       const sm_clause *const *clause, size_t n)
{
    sm_draft d;
    draft_of(op, &d, sentence, doc, clause, n);
    d.answer->claim[0].corrects = true;
    put_first(answer, &d);
}

void sm_answer_lead(sm_op *op, sm_answer *answer, sm_str sentence, const sm_doc *doc,
                    const sm_clause *clause)
{
    sm_draft d;
    draft_of(op, &d, sentence, doc, &clause, 1);
    put_first(answer, &d);
}

void sm_answer_add(sm_op *op, sm_answer *answer, sm_str sentence, const sm_doc *doc,
                   const sm_clause *clause)
{
    sm_draft d;
    draft_of(op, &d, sentence, doc, &clause, 1);
    sm_answer_append(op, answer, d.answer);
}

sm_answer *sm_answer_without(sm_op *op, const sm_answer *answer, int64_t row)
{
    sm_answer *rest = SM_NEW(op->arena, sm_answer);
    *rest = *answer;
    rest->claim = SM_NEWS(op->arena, sm_claim, answer->n_claims + 1);
    rest->n_claims = 0;
    for (size_t i = 0; i < answer->n_claims; i++)
        if (answer->claim[i].n_cites == 0 || answer->claim[i].cite[0].row != row)
            rest->claim[rest->n_claims++] = answer->claim[i];
    return rest;
}
