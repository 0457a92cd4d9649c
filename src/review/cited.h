/*
 * review/cited.h - private to review: the titles that a document names in book marks.
 */
#ifndef SM_REVIEW_CITED_H
#define SM_REVIEW_CITED_H

#include "review/pack.h"

typedef struct sm_cited {
    const sm_line *line;
    sm_str title;   /* without the outer marks */
    sm_str whole;   /* with them; slice of the line */
    size_t at, end; /* of whole, bytes of line->text */
    sm_str note;    /* what follows in brackets, without them; "" none */
    size_t after;   /* behind the note */
    sm_str number; /* 〔2026〕3号 with its organ in the note, or a standard's, or 第12号; "" none */
    sm_str brief; /* 以下简称《…》 or “…” in the note: what it is called from here on */
    bool is_brief; /* it stands in such a note itself */
} sm_cited;

/* In reading order; nested titles are not among them. */
size_t sm_cited_of(sm_check *c, sm_cited **out);
/* The document names itself, or what is attached to it or issued with it. */
bool sm_cited_is_own(const sm_check *c, const sm_cited *t);
/* What a brief name at i stands for, by a note before it; NULL: none. */
const sm_cited *sm_cited_named(const sm_cited *all, size_t i);
/* The word before: the title is what one acts by (根据, 按照 …). */
bool sm_cited_as_basis(const sm_cited *all, size_t i);

/* Characters changed, left out or added to come from one to the other; > most: as many as most + 1.
 */
int sm_title_distance(sm_str a, sm_str b, int most);

#endif
