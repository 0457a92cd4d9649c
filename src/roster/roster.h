/*
 * roster/roster.h - the registry: the organs, people and terms of a place.
 *
 * Rests on base and text.  An organisation keeps it in a folder: organs.tsv, people.tsv, terms.tsv
 * (docs/review.md); what names, titles and orders are held against, and what drafts are filled in
 * from.  It never changes once it is open and may be shared by threads.
 */
#ifndef SM_ROSTER_ROSTER_H
#define SM_ROSTER_ROSTER_H

#include "base/base.h"

typedef struct sm_roster sm_roster;

typedef struct sm_roster_organ {
    sm_str full, shorts, codes; /* shorts and codes 、-parted, the standard one first */
    sm_str level, superior;     /* "city", …; full name */
    int order;                  /* in lists, small first */
    sm_str from, to;            /* YYYY-MM-DD or YYYY; "" open */
    sm_str renamed;             /* full name of what it is now; "" the same */
} sm_roster_organ;

typedef struct sm_roster_person {
    sm_str name, post, organ, from, to;
    int rank;
} sm_roster_person;

typedef struct sm_roster_term {
    sm_str kind; /* "place", "meeting", "phrase", "unit", "forbidden", "preferred" */
    sm_str wrong, right, note;
} sm_roster_term;

/* Missing files are empty ones.  E_INVALID names file, line and member. */
sm_rc sm_roster_open(sm_op *op, const char *dir, sm_roster **out);
void sm_roster_close(sm_roster *r); /* NULL is fine */
size_t sm_roster_organs(const sm_roster *r, const sm_roster_organ **out);
size_t sm_roster_people(const sm_roster *r, const sm_roster_person **out);
size_t sm_roster_terms(const sm_roster *r, const sm_roster_term **out);
/* Whether `day` lies between two days ("" open); what is given less exactly is compared as far as
 * it goes: of a year, all of it. */
bool sm_roster_holds(sm_str from, sm_str to, sm_str day);
/* By full or short name; NULL: none.  Of two, the one in force on `day` ("" any). */
const sm_roster_organ *sm_roster_organ_named(const sm_roster *r, sm_str name, sm_str day);

#endif
