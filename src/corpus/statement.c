/*
 * A clause taken apart into statements: one value, the few words it stands in, the clause around
 * it. Values come from the text's own facts, and from words that rank: 大专以上, 中级以上职称,
 * 自次月起.
 */
#include "corpus/governance.h"

#include <stdlib.h>
#include <string.h>

#include "text/text.h"

enum { MAX_NEAR_TOKENS = 4096, SHORT_WORDING = 4 };

struct span {
    size_t from, to;
    sm_family family;
    double value;
    sm_str unit;
};

struct reading {
    sm_arena *a;
    const sm_clause *clause;
    sm_statements *out;
    struct span *span;
    size_t n, cap;
};

static void add_span(struct reading *x, sm_str at, sm_family family, double value, sm_str unit)
{
    size_t from = (size_t)(at.p - x->clause->text.p);
    SM_GROW(x->a, x->span, x->n, x->cap);
    x->span[x->n++] = (struct span){ from, from + at.n, family, value, unit };
}

/* ----------------------------------------------------------------- values */

/* What follows the figure in a fact's key: "number:16平方米" gives 平方米. */
static sm_str unit_of(sm_str key)
{
    size_t i = sm_str_find(key, SM_STR(":"), 0);
    for (i = i == SIZE_MAX ? key.n : i + 1; i < key.n; i++)
        if (!strchr("0123456789.+-e", key.p[i]))
            break;
    return sm_str_sub(key, i, key.n);
}

static void add_fact(struct reading *x, const sm_fact *f)
{
    static const struct {
        sm_fact_kind kind;
        sm_family family;
        double times;
    } kinds[] = {
        { SM_FACT_MONEY, SM_FAMILY_MONEY, 1 },       { SM_FACT_PERCENT, SM_FAMILY_PERCENT, 1 },
        { SM_FACT_WORKDAYS, SM_FAMILY_WORKDAYS, 1 }, { SM_FACT_DAYS, SM_FAMILY_DAYS, 1 },
        { SM_FACT_MONTHS, SM_FAMILY_MONTHS, 1 },     { SM_FACT_YEARS, SM_FAMILY_MONTHS, 12 },
        { SM_FACT_AGE, SM_FAMILY_AGE, 1 },           { SM_FACT_NUMBER, SM_FAMILY_AMOUNT, 1 }
    };
    sm_str unit =
        f->kind == SM_FACT_NUMBER || f->kind == SM_FACT_MONEY ? unit_of(f->key) : (sm_str){ 0 };
    if ((f->kind == SM_FACT_NUMBER && unit.n == 0) || (f->kind == SM_FACT_YEARS && f->value > 150))
        return;
    for (size_t i = 0; i < SM_LEN(kinds); i++)
        if (kinds[i].kind == f->kind)
            add_span(x, f->text, kinds[i].family, f->value * kinds[i].times, unit);
}

/* Words of one scale, low to high; the longer of two at one place first. */
static const struct {
    const char *word;
    sm_family family;
    double value;
} ranks[] = { { "中专", SM_FAMILY_EDUCATION, 1 }, { "大专", SM_FAMILY_EDUCATION, 2 },
              { "专科", SM_FAMILY_EDUCATION, 2 }, { "本科", SM_FAMILY_EDUCATION, 3 },
              { "硕士", SM_FAMILY_EDUCATION, 4 }, { "博士", SM_FAMILY_EDUCATION, 5 },
              { "初级", SM_FAMILY_TITLE, 1 },     { "中级", SM_FAMILY_TITLE, 2 },
              { "高级", SM_FAMILY_TITLE, 3 } };

/* 大专以上, 本科及以上: a rank alone is no condition. */
static void add_ranks(struct reading *x)
{
    sm_str s = x->clause->text;
    for (size_t i = 0; i < SM_LEN(ranks); i++) {
        sm_str word = sm_str_of(ranks[i].word);
        for (size_t at = 0; (at = sm_str_find(s, word, at)) != SIZE_MAX; at += word.n) {
            sm_str rest = sm_str_sub(s, at + word.n, s.n);
            size_t n = word.n;
            if (sm_str_starts(rest, SM_STR("及以上")))
                n += 9;
            else if (sm_str_starts(rest, SM_STR("以上")))
                n += 6;
            else
                continue;
            add_span(x, sm_str_sub(s, at, at + n), ranks[i].family, ranks[i].value, (sm_str){ 0 });
        }
    }
}

static void add_starts(struct reading *x)
{
    static const struct {
        const char *words;
        double value;
    } starts[] = { { "当月起", 0 }, { "次月起", 1 } };
    sm_str s = x->clause->text;
    for (size_t i = 0; i < SM_LEN(starts); i++) {
        sm_str words = sm_str_of(starts[i].words);
        for (size_t at = 0; (at = sm_str_find(s, words, at)) != SIZE_MAX; at += words.n)
            add_span(x, sm_str_sub(s, at, at + words.n), SM_FAMILY_START, starts[i].value,
                     (sm_str){ 0 });
    }
}

static int by_place(const void *a, const void *b)
{
    const struct span *x = a, *y = b;
    return x->from < y->from ? -1 : x->from > y->from;
}

/* ---------------------------------------------------------------- wording */

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

size_t sm_token_set(sm_arena *a, sm_str text, const uint64_t **out)
{
    size_t n = 0, m, room = SM_MIN(sm_utf8_count(text) * 2, (size_t)MAX_NEAR_TOKENS);
    uint64_t *t = SM_NEWS(a, uint64_t, room + 1);
    m = sm_text_tokens(sm_text_normal(a, text), SM_TOKEN_BI, t, room);
    qsort(t, m, sizeof(*t), by_value);
    for (size_t i = 0; i < m; i++)
        if (n == 0 || t[n - 1] != t[i])
            t[n++] = t[i];
    *out = t;
    return n;
}

bool sm_token_in(const uint64_t *set, size_t n, uint64_t token)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (set[mid] < token)
            low = mid + 1;
        else
            high = mid;
    }
    return low < n && set[low] == token;
}

/* The end of the mark that ends a part of a sentence, at byte i; 0 when there is none. */
static size_t part_ends(sm_str s, size_t i)
{
    static const char *const marks[] = { "，", "；", "。", "：", "（", "）",
                                         "！", "？", "、", "\n", "(",  ")" };
    for (size_t k = 0; k < SM_LEN(marks); k++) {
        size_t n = strlen(marks[k]);
        if (s.n - i >= n && memcmp(s.p + i, marks[k], n) == 0)
            return n;
    }
    return 0;
}

static bool sentence_ends(sm_str s, size_t i)
{
    static const char *const marks[] = { "；", "。", "！", "？", "\n" };
    for (size_t k = 0; k < SM_LEN(marks); k++)
        if (s.n - i >= strlen(marks[k]) && memcmp(s.p + i, marks[k], strlen(marks[k])) == 0)
            return true;
    return false;
}

static size_t back_to_mark(sm_str s, size_t from, size_t floor)
{
    for (size_t i = from; i-- > floor;) {
        size_t n = part_ends(s, i);
        if (n && i + n <= from)
            return i + n;
    }
    return floor;
}

static sm_str sentence_of(sm_str s, size_t from, size_t to)
{
    size_t low = from, high = to;
    while (low > 0 && !sentence_ends(s, low - 1)) {
        low--;
        if (low > 0 && sentence_ends(s, low)) {
            low += s.p[low] == '\n' ? 1 : 3;
            break;
        }
    }
    while (high < s.n && !sentence_ends(s, high))
        high++;
    return sm_str_trim(sm_str_sub(s, low, high));
}

/* The words around span i: back to the part's mark or the value before it, on to the next; the part
 * before too when these are few, as in 人均月收入低于标准（城镇950元). */
static sm_str near_of(const struct reading *x, size_t i)
{
    sm_str s = x->clause->text;
    const struct span *v = &x->span[i];
    size_t floor = i ? SM_MIN(x->span[i - 1].to, v->from) : 0;
    size_t ceiling = i + 1 < x->n ? SM_MAX(x->span[i + 1].from, v->to) : s.n;
    size_t low = back_to_mark(s, v->from, floor), high = v->to;
    while (high < ceiling && !part_ends(s, high))
        high++;
    if (sm_utf8_count(sm_str_sub(s, low, v->from)) + sm_utf8_count(sm_str_sub(s, v->to, high)) <
        SHORT_WORDING) {
        size_t first = (size_t)(sentence_of(s, v->from, v->to).p - s.p);
        for (int parts = 0; parts < 2 && low > first; parts++) {
            size_t before = low - 1;
            while (before > first && ((uint8_t)s.p[before] & 0xc0) == 0x80)
                before--; /* the first byte of the character before, a mark mostly */
            low = back_to_mark(s, before, first);
        }
    }
    return sm_str_sub(s, low, high);
}

static const struct {
    const char *word;
    sm_said_bound bound;
} bounds[] = {
    { "不超过", SM_SAID_MOST },  { "不高于", SM_SAID_MOST },  { "低于", SM_SAID_MOST },
    { "不足", SM_SAID_MOST },    { "不满", SM_SAID_MOST },    { "未满", SM_SAID_MOST },
    { "最多", SM_SAID_MOST },    { "最高", SM_SAID_MOST },    { "最长", SM_SAID_MOST },
    { "至多", SM_SAID_MOST },    { "小于", SM_SAID_MOST },    { "限", SM_SAID_MOST },
    { "不低于", SM_SAID_LEAST }, { "不少于", SM_SAID_LEAST }, { "不小于", SM_SAID_LEAST },
    { "至少", SM_SAID_LEAST },   { "满", SM_SAID_LEAST },     { "达到", SM_SAID_LEAST },
    { "超过", SM_SAID_LEAST },   { "高于", SM_SAID_LEAST }
};

static sm_said_bound bound_of(sm_str before, sm_str after)
{
    sm_said_bound found = SM_SAID_NONE;
    if (sm_str_starts(after, SM_STR("内")) && !sm_str_ends(before, SM_STR("不超过")))
        return SM_SAID_WITHIN;
    size_t end = 0, longest = 0; /* the word that ends last, the longer of two */
    for (size_t i = 0; i < SM_LEN(bounds); i++) {
        sm_str w = sm_str_of(bounds[i].word);
        for (size_t at = 0; (at = sm_str_find(before, w, at)) != SIZE_MAX; at += w.n)
            if (at + w.n > end || (at + w.n == end && w.n > longest)) {
                end = at + w.n;
                longest = w.n;
                found = bounds[i].bound;
            }
    }
    if (longest)
        return found;
    if (sm_str_starts(after, SM_STR("以上")) || sm_str_starts(after, SM_STR("及以上")))
        return SM_SAID_LEAST;
    if (sm_str_starts(after, SM_STR("以下")) || sm_str_starts(after, SM_STR("以内")) ||
        sm_str_starts(after, SM_STR("（含）以下")))
        return SM_SAID_MOST;
    return SM_SAID_NONE;
}

/* The upper end of 80至89周岁. */
static bool ends_range(sm_str s, size_t at)
{
    static const char *const signs[] = { "至", "到", "至不足", "-", "－", "—", "~", "～" };
    sm_str before = sm_str_sub(s, 0, at);
    return sm_str_ends_any(before, signs, SM_LEN(signs));
}

static bool starts_range(sm_str s, size_t at)
{
    sm_str after = sm_str_sub(s, at, s.n);
    return sm_str_starts(after, SM_STR("至")) || sm_str_starts(after, SM_STR("到"));
}

/* Different words for one thing, folded before the wording of two texts is compared. */
static const char *const folds[][2] = {
    { "缴纳职工基本养老保险费", "参保" }, { "缴纳职工基本养老保险", "参保" },
    { "缴纳社会保险费", "参保" },         { "缴纳社会保险", "参保" },
    { "参加社会保险", "参保" },           { "缴纳社保", "参保" },
    { "最低生活保障", "低保" },           { "个体经营", "经营" },
};

/* The wording without the values and the words that bound them. */
static sm_str bare(const struct reading *x, sm_str near)
{
    sm_buf b;
    sm_buf_init(&b, 1 << 20);
    size_t from = (size_t)(near.p - x->clause->text.p);
    for (size_t i = 0; i < near.n;) {
        size_t skip = 0;
        for (size_t k = 0; k < x->n; k++)
            if (x->span[k].from == from + i)
                skip = x->span[k].to - x->span[k].from;
        sm_str rest = sm_str_sub(near, i, near.n);
        for (size_t k = 0; !skip && k < SM_LEN(bounds); k++)
            if (sm_str_starts(rest, sm_str_of(bounds[k].word)))
                skip = strlen(bounds[k].word);
        if (skip)
            sm_buf_addc(&b, '|');
        for (size_t k = 0; !skip && k < SM_LEN(folds); k++)
            if (sm_str_starts(rest, sm_str_of(folds[k][0]))) {
                skip = strlen(folds[k][0]);
                sm_buf_add(&b, sm_str_of(folds[k][1]));
            }
        if (!skip)
            sm_buf_addc(&b, near.p[i]);
        i += skip ? skip : 1;
    }
    sm_str out = sm_str_dup(x->a, sm_buf_str(&b));
    sm_buf_done(&b);
    return out;
}

static void add_statement(struct reading *x, size_t i, const uint64_t *wide, size_t n_wide)
{
    const struct span *v = &x->span[i];
    sm_str near = near_of(x, i), text = x->clause->text, value = sm_str_sub(text, v->from, v->to);
    sm_str before = { near.p, (size_t)(value.p - near.p) };
    sm_str after = { value.p + value.n, near.n - before.n - value.n };
    sm_statement s = { .family = v->family,
                       .value = v->value,
                       .unit = v->unit,
                       .text = value,
                       .clause = x->clause,
                       .near = near,
                       .sentence = sentence_of(text, v->from, v->to),
                       .wide = wide,
                       .n_wide = n_wide };
    if (sm_str_has(s.sentence, SM_STR("例如")) || sm_str_has(s.sentence, SM_STR("比如")))
        return; /* a worked example sets no rule */
    s.bound = starts_range(text, v->to)   ? SM_SAID_LEAST
              : ends_range(text, v->from) ? SM_SAID_MOST
                                          : bound_of(before, after);
    if (v->family == SM_FAMILY_AGE &&
        (sm_str_ends(before, SM_STR("不满")) || sm_str_ends(before, SM_STR("未满"))))
        s.value -= 1; /* 不满90周岁 is at most 89 */
    s.n_core = sm_token_set(x->a, bare(x, near), &s.core);
    s.n_said = sm_token_set(x->a, s.sentence, &s.said);
    SM_GROW(x->a, x->out->s, x->out->n, x->out->cap);
    x->out->s[x->out->n++] = s;
}

void sm_statements_of(sm_arena *a, const sm_clause *c, sm_statements *out)
{
    struct reading x = { .a = a, .clause = c, .out = out };
    sm_fact *fact;
    size_t n = sm_text_facts(a, c->text, &fact);
    const uint64_t *wide;
    for (size_t i = 0; i < n; i++)
        add_fact(&x, &fact[i]);
    add_ranks(&x);
    add_starts(&x);
    if (x.n == 0)
        return;
    qsort(x.span, x.n, sizeof(*x.span), by_place);
    size_t n_wide =
        sm_token_set(a, sm_strf(a, "%.*s\n%.*s", SM_ARG(c->heading), SM_ARG(c->text)), &wide);
    for (size_t i = 0; i < x.n; i++)
        add_statement(&x, i, wide, n_wide);
}
