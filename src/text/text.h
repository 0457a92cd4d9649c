/*
 * text/text.h - Chinese text: normal form, tokens, sentences, numbers with
 * their units, personal data, secrecy marks, the numbering of documents.
 *
 * Rests on base and utf8proc.  Pure functions over bytes: nothing is kept
 * between calls, all of it may be called from any thread.  Input of any bytes
 * is accepted; what is not UTF-8 reads as U+FFFD.  Results lie in the arena
 * given or point into the input, as said.
 */
#ifndef SM_TEXT_TEXT_H
#define SM_TEXT_TEXT_H

#include "base/base.h"

/* --------------------------------------------------------------- UTF-8 */

/* True when s is well-formed UTF-8; else *bad_at (may be NULL) is the offset. */
bool sm_utf8_valid(sm_str s, size_t *bad_at);
/* Takes one code point off the front of a non-empty *s; U+FFFD (and one byte)
 * when the bytes are not UTF-8. */
uint32_t sm_utf8_next_any(sm_str *s);
static inline uint32_t sm_utf8_next(sm_str *s)
{
    const uint8_t *p = (const uint8_t *)s->p;
    uint32_t c = p[0];
    if (c < 0x80) {
        *s = (sm_str){ s->p + 1, s->n - 1 };
        return c;
    }
    /* Three bytes that need no closer look: no shorter form, no surrogate. */
    if (s->n < 3 || c < 0xe1 || c > 0xef || c == 0xed || (p[1] & 0xc0) != 0x80 ||
        (p[2] & 0xc0) != 0x80)
        return sm_utf8_next_any(s);
    *s = (sm_str){ s->p + 3, s->n - 3 };
    return (c & 0xf) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
}
size_t sm_utf8_put(uint32_t c, char out[4]); /* bytes written */
size_t sm_utf8_count(sm_str s);              /* code points */
/* At most n code points from the front. */
sm_str sm_utf8_head(sm_str s, size_t n);
sm_str sm_utf8_fit(sm_str s, size_t n_bytes); /* so much of valid text as fits, whole characters */
bool sm_is_han(uint32_t c);
/* Controls, and what shows nothing or changes how others are shown: zero-width characters,
 * directions, variation selectors, tags, private use, U+FFFD.  Not the newline and the tab. */
bool sm_is_hidden(uint32_t c);

/* A copy with what is not UTF-8 replaced by U+FFFD; s itself when it is fine. */
sm_str sm_utf8_mend(sm_arena *a, sm_str s);

/* --------------------------------------------------------- normal form */

/* NFKC, traditional to simplified (character by character), lower case, runs
 * of blanks to one space, trimmed.  For matching, never for showing. */
sm_str sm_text_normal(sm_arena *a, sm_str s);
/* One character's normal form where that is one character, else itself: width, case, simplified. */
uint32_t sm_text_fold(uint32_t c);

/* Takes the question words of `words` (one per entry, longest first) out of a
 * normalised query; gives the query itself when nothing would be left. */
sm_str sm_text_strip(sm_arena *a, sm_str query, const sm_str *words, size_t n_words);

/* Many words looked for in a text at once; `word` must outlive the result. */
typedef struct sm_words sm_words;
sm_words *sm_words_of(sm_arena *a, const sm_str *word, size_t n);
/* The lowest number of those that stand in the text; SIZE_MAX when none does. */
size_t sm_words_first(const sm_words *w, sm_str text);

/* -------------------------------------------------------------- tokens */

enum {
    SM_TOKEN_UNI = 1, /* every Han character */
    SM_TOKEN_BI = 2,  /* every pair of adjacent Han characters */
    SM_TOKEN_TRI = 4, /* every three */
    /* runs of ASCII letters or digits are one token each under any flag */
};

/* The tokens of normalised text in order, repeats kept; at most `max`.
 * A token is a 64-bit key, the same on every machine, never 0. */
size_t sm_text_tokens(sm_str normal, unsigned flags, uint64_t *out, size_t max);

/* The distinct characters and pairs of a text, normalised, ascending; in the arena. */
typedef struct sm_wordset {
    const uint64_t *key[2];
    size_t n[2];
} sm_wordset;
sm_wordset sm_wordset_of(sm_arena *a, sm_str text);

/* How much of the question's wording a text shares: distinct bigrams count 1, single Han
 * characters .3, as a share of what the question has.  0 … 1. */
double sm_wordset_shared(const sm_wordset *question, const sm_wordset *text);
double sm_text_shared(sm_arena *a, sm_str question, sm_str text);
/* The same for each of n texts, a token counting the more the fewer of them hold it; tokens that
 * none holds do not count. */
double *sm_wordset_shared_among(sm_arena *a, const sm_wordset *question,
                                const sm_wordset *const *text, size_t n);
double *sm_text_shared_among(sm_arena *a, sm_str question, const sm_str *text, size_t n);

/* ----------------------------------------------------------- sentences */

/* Cuts after 。！？；!?; and newlines; closing quotes and brackets stay with
 * their sentence.  Slices into s, trimmed, none empty. */
size_t sm_text_sentences(sm_arena *a, sm_str s, sm_str **out);
/* Takes the next phrase (up to a comma, a blank or the end of a sentence) off *rest; false when
 * nothing is left.  Phrases may be empty. */
bool sm_text_phrase(sm_str *rest, sm_str *phrase);

/* --------------------------------------------------------------- facts */

typedef enum sm_fact_kind {
    SM_FACT_NUMBER,   /* bare or with a unit we do not know */
    SM_FACT_MONEY,    /* 元; 5万元 is 50000 元 */
    SM_FACT_PERCENT,  /* 15%, 百分之十五, 三成 */
    SM_FACT_WORKDAYS, /* 工作日: never equal to days */
    SM_FACT_DAYS,     /* 日, 天, 自然日 */
    SM_FACT_MONTHS,   /* 个月 */
    SM_FACT_YEARS,    /* 年 as a length, 周岁 is AGE */
    SM_FACT_AGE,
    SM_FACT_DATE,    /* value = sm_date; 2026年11月23日, 2026-11-23 */
    SM_FACT_TIME,    /* value = minutes after midnight; 8:00, 17时30分 */
    SM_FACT_ARTICLE, /* 第…条 */
    SM_FACT_DOC_NO,  /* 澜政规〔2024〕3号 */
    SM_FACT_PHONE,
    SM_FACT_TITLE,   /* 《…》 */
    SM_FACT_ORGAN,   /* 云澜市公安局, 市人社局 */
    SM_FACT_ADDRESS, /* 滨湖路18号2楼, 3号窗口 */
    SM_FACT_WEB,     /* web and mail addresses */
    SM_N_FACT_KINDS
} sm_fact_kind;
/* "number", "money", … : the beginning of a key, and the kind's name in every report. */
const char *sm_fact_kind_name(sm_fact_kind kind);
static inline bool sm_fact_is_days(sm_fact_kind kind)
{
    return kind == SM_FACT_WORKDAYS || kind == SM_FACT_DAYS;
}
static inline bool sm_fact_is_length(sm_fact_kind kind) /* of time */
{
    return sm_fact_is_days(kind) || kind == SM_FACT_MONTHS || kind == SM_FACT_YEARS;
}

/* How a number bounds what it measures; 以上, 以下 and 以内 include it. */
typedef enum sm_fact_bound {
    SM_BOUND_NONE,
    SM_BOUND_AT_LEAST, /* 以上, 不少于, 至少, 满, 不低于 */
    SM_BOUND_AT_MOST,  /* 以下, 以内, 不超过, 最多, 不高于, 内 */
    SM_BOUND_MORE,     /* 超过, 高于, 多于, 大于 */
    SM_BOUND_LESS,     /* 不满, 未满, 不足, 低于, 少于, 小于 */
    SM_BOUND_ABOUT,    /* 左右, 约, 上下 */
    SM_BOUND_FROM,     /* the lower end of a range: 3至5个工作日 */
    SM_BOUND_TO        /* its upper end */
} sm_fact_bound;

/* One protected fact.  Two facts are the same when `key` is the same: the
 * kind, the value and, per unit, the unit ("money:40/证", "workdays:20",
 * "number:16平方米", "date:2024-04-01", "title:云澜市…"). */
typedef struct sm_fact {
    sm_fact_kind kind;
    double value;
    sm_str key;  /* in the arena */
    sm_str text; /* slice of the input */
    sm_fact_bound bound;
} sm_fact;

/* All facts of a text in order, no two overlapping; organs, addresses and web addresses are not
 * among them. */
size_t sm_text_facts(sm_arena *a, sm_str s, sm_fact **out);

/* Full names of organs, with their customary short forms (市人社局, 人社局); `name` must outlive
 * it. It never changes and may be shared by threads. */
typedef struct sm_organs sm_organs;
sm_organs *sm_organs_of(sm_arena *a, const sm_str *name, size_t n);

/* What an answer may not make up: the facts above with organs, addresses and web addresses, and
 * what only counts there: 三类, 十万, 上半年, 每月15日, 令第162号, 本条第二款.  Their keys are
 * those of sm_text_facts but that they tell more: money:300/人/月 for 每人每月300元.  `organs`
 * NULL: organs by their suffixes only. */
size_t sm_text_facts_all(sm_arena *a, sm_str s, const sm_organs *organs, sm_fact **out);

/* Whether the scanner looks closer at this character: a text that has none of them has no facts
 * (organs by their suffixes only). */
bool sm_fact_sign(uint32_t c);

/* Whether what one key says is in the other: the same, or less exact than it: article:10 of
 * article:10.2.3, date:2026-11 of date:2026-11-23, address:滨湖路18号 of address:滨湖路18号/2楼,
 * organ:公安局 of organ:云澜市公安局, money:40 of money:40/证. */
bool sm_fact_within(sm_str key, sm_str held);

/* A Chinese or Arabic integer ("二十", "廿三", "１２", "一百零五"); -1 when it is none. */
int64_t sm_text_integer(sm_str s);
/* The other way: 一百零五, 十二万; in capitals 壹佰零伍, 壹拾贰万.  0 … 10^16 - 1. */
void sm_text_han(sm_buf *b, int64_t v, bool capital);

/* ------------------------------------------------------- personal data */

/* Masks ID numbers (18 digits, or 17 and X, with a plausible birth date), bank
 * cards (16-19 digits passing Luhn), mobile numbers (1[3-9] and nine digits):
 * ID keeps 6 + 4, phone 3 + 4, card the last 4.  Digits may be full-width or
 * parted by single blanks or hyphens; longer digit runs are left alone except
 * as said.  Landlines and hotlines stay.  *n_masked is added to; s itself when
 * nothing was found. */
sm_str sm_text_mask(sm_arena *a, sm_str s, size_t *n_masked);

/* The secrecy mark (绝密, 机密, 秘密 with ★ and term, or alone) that one line
 * consists of, or empty.  A sentence that holds the words is no mark. */
sm_str sm_text_secret_mark(sm_str line);
/* True for a document number of a secret series (…密〔2026〕2号). */
bool sm_text_secret_doc_no(sm_str doc_no);

/* ----------------------------------------------------------- numbering */

typedef enum sm_mark_kind {
    SM_MARK_NONE,
    SM_MARK_PART,    /* 第一编 */
    SM_MARK_CHAPTER, /* 第一章 */
    SM_MARK_SECTION, /* 第一节 */
    SM_MARK_ARTICLE, /* 第一条, 第十二条之一 */
    SM_MARK_ONE,     /* 一、 */
    SM_MARK_TWO,     /* （一） */
    SM_MARK_THREE,   /* 1. or 1． or 1、 */
    SM_MARK_FOUR,    /* （1）, (1), ① */
} sm_mark_kind;

/* The number a paragraph begins with: its kind, its label in normal form
 * ("第十二条之一", "三、", "（二）", "1.") and the text after it, trimmed. */
typedef struct sm_mark {
    sm_mark_kind kind;
    sm_str label, rest; /* slices of the line */
} sm_mark;
sm_mark sm_text_mark(sm_str line);

#endif
