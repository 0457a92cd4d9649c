/*
 * review/names.h - private: what the checkers of people (check_people.c), terms and organs
 * (check_terms.c), meetings (check_meetings.c) and of what must not be shown (check_names.c) share.
 */
#ifndef SM_REVIEW_NAMES_H
#define SM_REVIEW_NAMES_H

#include "review/pack.h"

typedef struct sm_days {
    sm_str day[16];
    size_t end[16];
    size_t n;
} sm_days;

/* Text, a heading or a cell. */
bool sm_is_running(const sm_line *l);
/* Behind the character at a place. */
size_t sm_next_at(sm_str s, size_t at);
/* The next of a list. */
sm_str sm_part_of(sm_str *list, sm_str sep);
/* Whether one of the words stands at a place, or right before it. */
bool sm_follows(sm_str s, size_t at, const char *const *words, size_t n);
bool sm_precedes(sm_str s, size_t at, const char *const *words, size_t n);
/* 2026年4月28日, 2026年4月 or 2026年 at a place: "2026-04-28" …; *end behind it; "" none. */
sm_str sm_day_at(sm_arena *a, sm_str s, size_t at, size_t *end);
/* Every day that a text names. */
sm_days sm_days_in(sm_arena *a, sm_str s);
/* The day that a document speaks of: its own, else today. */
sm_str sm_day_of(const sm_check *c);

/* check_terms.c: whether a finding has the words already. */
bool sm_is_taken(const sm_check *c, const sm_line *l, sm_str what);
/* Inside 《》. */
bool sm_in_title(sm_str s, size_t at);
sm_str sm_widened(sm_str s, size_t at, sm_str wrong, sm_str right);
/* The terms of the registry that a rule asks for, each found once. */
void sm_find_registered(sm_check *c, const sm_rule *rule);

void sm_run_misspelt(sm_check *c, const sm_rule *rule);
void sm_run_posts(sm_check *c, const sm_rule *rule);
void sm_run_order(sm_check *c, const sm_rule *rule);
void sm_run_terms(sm_check *c, const sm_rule *rule);
void sm_run_several_names(sm_check *c, const sm_rule *rule);
void sm_run_meetings(sm_check *c, const sm_rule *rule);

#endif
