/*
 * review/organs.h - private to review: organs as a document names them, who stands where.
 *
 * By the registry where it knows a name, else by the words: 市, 区, 镇 say the level.
 */
#ifndef SM_REVIEW_ORGANS_H
#define SM_REVIEW_ORGANS_H

#include "review/inner.h"

typedef enum sm_level {
    SM_LEVEL_UNKNOWN,
    SM_LEVEL_NATION,
    SM_LEVEL_PROVINCE,
    SM_LEVEL_CITY,
    SM_LEVEL_COUNTY, /* districts, counties, zones */
    SM_LEVEL_TOWN    /* towns, subdistricts */
} sm_level;

typedef struct sm_organ {
    sm_str name;
    sm_level level;
    bool governs;                 /* a government, or what stands for one; also a Party committee */
    bool works;                   /* a department */
    const sm_roster_organ *known; /* NULL: not in the registry */
} sm_organ;

sm_organ sm_organ_of(const sm_check *c, sm_str name);
/* Whether a is above b, directly or not; by words alone only where both levels say so. */
bool sm_organ_above(const sm_check *c, const sm_organ *a, const sm_organ *b);
/* Two departments of one government. */
bool sm_organ_beside(const sm_organ *a, const sm_organ *b);

/* One name of a list of recipients. */
typedef struct sm_listed {
    sm_str name; /* slice of the line's paragraph */
    sm_str with; /* the name and the sign that goes with it, for taking it out; the only one: all */
    sm_str sign; /* between it and the next: "、"; "" at the end */
} sm_listed;
/* Those of 主送 or 抄送, without its label and last mark. */
size_t sm_listed_in(sm_arena *a, const sm_line *line, sm_listed **out);

/* The first line of a role in the document itself, not in what it sends along; NULL: none. */
const sm_line *sm_own_line(const sm_outline *o, sm_role role);
size_t sm_own_count(const sm_outline *o, sm_role role);
bool sm_is_kind(const sm_outline *o, const char *kind);
/* The mark without 文件 or 令; "" for minutes, without a mark and for several organs. */
sm_str sm_mark_organ(const sm_outline *o);

/* 请示, 报告, and 意见 to who stands above. */
bool sm_is_upward(const sm_check *c);
/* The type that the body says of itself: 现将…通知如下, 特此通知; NULL: none. */
const char *sm_type_of_body(const sm_outline *o);

/* check_organs.c: listed in sm_checkers_head. */
sm_checker_fn sm_run_recipients_twice, sm_run_organ_gone, sm_run_organ_short, sm_run_organ_order,
    sm_run_first_page;

#endif
