/*
 * text/fact.h - the scanner that the readers of facts share.  Private to text.
 *
 * A reader looks at one place: it returns the bytes it took, with or without a
 * fact added, or 0.
 */
#ifndef SM_TEXT_FACT_H
#define SM_TEXT_FACT_H

#include "text/numeral.h"
#include "text/text.h"

typedef struct sm_scan {
    sm_arena *a;
    sm_str s;
    size_t last; /* where the last fact ended */
    bool all;    /* sm_text_facts_all */
    const sm_organs *organs;
    sm_str per;    /* what the last price was per */
    size_t *steps; /* of work, so that a test can see that they grow as the text does */
    sm_fact *fact;
    size_t n, cap;
} sm_scan;

/* A number in either script, with 万 or 亿 after digits. */
typedef struct sm_quantity {
    double v;   /* -1: numerals that name no one number */
    double raw; /* before 万 or 亿 */
    double big; /* 1e4, 1e8, or 0 */
    bool han;
} sm_quantity;

/* A unit, and the characters that right after it make another word of it (元旦, 所述). */
typedef struct sm_unit {
    const char *text;
    sm_fact_kind kind;
    double by;
    const char *name; /* in the key, for SM_FACT_NUMBER */
    const char *not_before;
} sm_unit;

/* The longest unit at `at`, or NULL; *bytes includes one blank before it. */
const sm_unit *sm_unit_at(const sm_scan *x, size_t at, size_t *bytes);
/* The same for what only counts, where everything is looked for; `one`: after 一. */
const sm_unit *sm_counter_at(const sm_scan *x, size_t at, bool one, size_t *bytes);
/* 元/证, 元／人·月, after a price 元每证, too: bytes read; *per is "证", "人/月". */
size_t sm_per_after(const sm_scan *x, size_t at, bool price, sm_str *per);
/* 每人每月 before `at`, with words such as 补贴 between: "人/月", or "". */
sm_str sm_per_before(const sm_scan *x, size_t at);

static inline void sm_scan_spend(const sm_scan *x, size_t steps)
{
    *x->steps += steps;
}

bool sm_scan_word(const sm_scan *x, size_t at, const char *word);
/* Bytes of the first of n words that stands at `at`. */
size_t sm_scan_any(const sm_scan *x, size_t at, const char *const *words, size_t n);
/* Is the character of three bytes at `at` one of those in `set`? */
bool sm_scan_one_of(const sm_scan *x, size_t at, const char *set);
/* Bytes of one blank, or 0. */
size_t sm_scan_gap(const sm_scan *x, size_t at);
size_t sm_scan_range_sign(const sm_scan *x, size_t at); /* 至 － - ～ … */
size_t sm_scan_quantity(const sm_scan *x, size_t at, sm_quantity *q);
void sm_scan_add(sm_scan *x, sm_fact_kind kind, double value, sm_str key, size_t at, size_t end);

size_t sm_read_date(sm_scan *x, size_t at);
size_t sm_read_part_of_year(sm_scan *x, size_t at); /* 上半年, 三季度 */
size_t sm_read_address(sm_scan *x, size_t at);      /* at a number, a letter, 负 or 地下 */
size_t sm_read_time(sm_scan *x, size_t at);
size_t sm_read_ordinal(sm_scan *x, size_t at); /* at 第 */
size_t sm_read_item(sm_scan *x, size_t at);    /* at the opening bracket of （二）项 */
size_t sm_read_doc_no(sm_scan *x, size_t at);  /* at the opening bracket */
size_t sm_read_phone(sm_scan *x, size_t at);
size_t sm_read_title(sm_scan *x, size_t at);
size_t sm_read_number(sm_scan *x, size_t at);
size_t sm_read_web(sm_scan *x, size_t at);
size_t sm_read_organ(sm_scan *x, size_t at); /* at a character that an organ's name ends with */

bool sm_organs_end(const sm_organs *o, uint32_t c); /* a name of the registry ends with it */

/* The steps that sm_text_facts_all takes. */
size_t sm_scan_steps(sm_arena *a, sm_str s, const sm_organs *organs);

/* The bounds of all facts found. */
void sm_scan_bounds(sm_scan *x);

#endif
