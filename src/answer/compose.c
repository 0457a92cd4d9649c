#include "answer/compose.h"

#include <string.h>

#include "ground/ground.h"

void sm_draft_begin(sm_op *op, sm_draft *d)
{
    *d = (sm_draft){ .op = op, .answer = SM_NEW(op->arena, sm_answer) };
}

static void note_date(sm_answer *answer, sm_str date)
{
    if (sm_str_cmp(date, answer->date) > 0)
        answer->date = date;
}

void sm_draft_say(sm_draft *d, sm_str sentence, const sm_clause *const *clause, size_t n,
                  sm_str title, sm_str date)
{
    sm_arena *a = d->op->arena;
    sm_str *passage = SM_NEWS(a, sm_str, n + 1);
    for (size_t i = 0; i < n; i++)
        passage[i] = sm_strf(a, "%.*s\n%.*s", SM_ARG(clause[i]->heading), SM_ARG(clause[i]->text));
    if (n == 0)
        return;
    if (!sm_ground_holds(a, sentence, passage, n, NULL))
        sentence = clause[0]->text;
    sm_cite *cite = SM_NEWS(a, sm_cite, n);
    for (size_t i = 0; i < n; i++) {
        size_t at = sm_str_find(clause[i]->text, sentence, 0);
        bool inside = at != SIZE_MAX;
        cite[i] = (sm_cite){ .doc = clause[i]->doc,
                             .clause = clause[i]->path,
                             .title = title,
                             .quote = inside ? sentence : clause[i]->text,
                             .digest = clause[i]->digest,
                             .row = clause[i]->row,
                             .pos = inside ? (int64_t)at : 0,
                             .date = date,
                             .organ = d->organ,
                             .heading = clause[i]->heading,
                             .text = clause[i]->text };
    }
    SM_GROW(a, d->answer->claim, d->answer->n_claims, d->cap);
    d->answer->claim[d->answer->n_claims++] =
        (sm_claim){ .text = sentence, .cite = cite, .n_cites = n };
    note_date(d->answer, date);
}

void sm_draft_say_one(sm_draft *d, sm_str sentence, const sm_clause *clause, sm_str title,
                      sm_str date)
{
    sm_draft_say(d, sentence, &clause, 1, title, date);
}

static bool cites(const sm_answer *a, int64_t row)
{
    for (size_t i = 0; i < a->n_claims; i++)
        for (size_t k = 0; k < a->claim[i].n_cites; k++)
            if (a->claim[i].cite[k].row == row)
                return true;
    return false;
}

void sm_answer_append(sm_op *op, sm_answer *to, const sm_answer *more)
{
    sm_claim *all = SM_NEWS(op->arena, sm_claim, to->n_claims + more->n_claims + 1);
    size_t n = to->n_claims;
    if (n)
        memcpy(all, to->claim, n * sizeof(*all));
    for (size_t i = 0; i < more->n_claims; i++)
        if (more->claim[i].n_cites == 0 || !cites(to, more->claim[i].cite[0].row))
            all[n++] = more->claim[i];
    to->claim = all;
    to->n_claims = n;
    if (!to->as_it_is)
        to->as_it_is = more->as_it_is;
    note_date(to, more->date);
}

sm_str sm_doc_organ(const sm_doc *doc)
{
    return doc->kind == SM_KIND_ITEM && doc->parent.n ? doc->parent : doc->issuer;
}

sm_str sm_cite_title(sm_arena *a, const sm_doc *doc, sm_str path)
{
    if (doc->kind == SM_KIND_ITEM)
        return sm_strf(a, "办事指南《%.*s》", SM_ARG(doc->title));
    if (doc->kind == SM_KIND_LAW) /* a record's title already names its article */
        return sm_strf(a, "《%.*s》", SM_ARG(doc->title));
    return sm_strf(a, "《%.*s》%.*s", SM_ARG(doc->title), SM_ARG(path));
}
