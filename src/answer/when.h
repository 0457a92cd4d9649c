/*
 * answer/when.h - which time a question asks for, and whether a text tells one of that kind.
 *
 * How long the office takes (多久办好) is one thing; by when one must come (几天内提出), in which
 * season (几月申报), how long before (提前几天), how long a paper is good for (有效期多久), how
 * often it comes round (几年复审), how long a stage lasts (公示多久), how long one must have had
 * something (要满几年) are others, and the office's limit answers none of them.
 */
#ifndef SM_ANSWER_WHEN_H
#define SM_ANSWER_WHEN_H

#include "base/base.h"

#define SM_WHEN_TABLE(X)                   \
    X(OFFICE, "办理时限") /* or no time */ \
    X(WITHIN, "期限（最晚什么时候）")      \
    X(SEASON, "时间（什么时候）")          \
    X(AHEAD, "提前多久")                   \
    X(VALID, "有效期限")                   \
    X(EVERY, "间隔（多久一次）")           \
    X(LASTS, "时长")                       \
    X(TERM, "年限")
typedef enum sm_when_kind {
#define SM_WHEN_ENUM(id, name) SM_WHEN_##id,
    SM_WHEN_TABLE(SM_WHEN_ENUM)
#undef SM_WHEN_ENUM
        SM_N_WHEN
} sm_when_kind;
const char *sm_when_name(sm_when_kind kind); /* behind 您问的 */

typedef struct sm_when {
    sm_when_kind kind;
    bool sure;    /* asked for outright: when no text tells it, that is to be said */
    bool remedy;  /* of one who does not accept a decision */
    bool years;   /* 几年内 */
    bool renews;  /* of what one has already */
    sm_str stage; /* LASTS: the word of it */
    sm_str question;
} sm_when;
sm_when sm_when_asked(sm_str question);
/* A length or a day is asked for, whichever. */
bool sm_asks_when(sm_str question);

/* Whether the text (of an FAQ its answer counts) tells a time of that kind or of one that serves
 * for it: a season for a deadline, how long it is good for where one asks how often. `title` is
 * what the text belongs to. */
bool sm_when_told(sm_arena *a, const sm_when *asked, sm_str title, sm_str text);
/* The same, of that very kind. */
bool sm_when_told_outright(sm_arena *a, const sm_when *asked, sm_str title, sm_str text);

#endif
