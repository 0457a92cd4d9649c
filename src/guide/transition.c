/*
 * What an act of a day before a rule's first day falls under: the rule's own clause on the
 * transition says it ("2024年9月1日以前已取得…的，适用本办法"), or the rule reaches back to that
 * day
 * ("2025年1月1日以后出生的").
 */
#include <string.h>

#include "guide/transition.h"
#include "text/text.h"

/* What stands right behind a part of a text. */
static sm_str behind(sm_str text, sm_str part)
{
    return sm_str_sub(text, (size_t)(part.p + part.n - text.p), text.n);
}

/* The first day named in the sentence with one of the words right behind it. */
static sm_date day_with(sm_arena *a, sm_str sentence, const char *const *words, size_t n)
{
    sm_fact *f;
    size_t n_facts = sm_text_facts(a, sentence, &f);
    for (size_t i = 0; i < n_facts; i++)
        if (f[i].kind == SM_FACT_DATE && sm_str_starts_any(behind(sentence, f[i].text), words, n))
            return (sm_date)f[i].value;
    return SM_DATE_NONE;
}

bool sm_reaches_back(sm_turn *t, const sm_pick_doc *d)
{
    static const char *const after[] = { "以后", "之后" };
    for (size_t i = 0; i < d->text->n; i++) {
        sm_str *s;
        size_t n = sm_text_sentences(t->op->arena, d->text->clause[i].text, &s);
        for (size_t k = 0; k < n; k++) {
            sm_date from = day_with(t->op->arena, s[k], after, SM_LEN(after));
            if (from != SM_DATE_NONE && from < d->doc->effective && from <= t->day_spoken)
                return true;
        }
    }
    return false;
}

/* The last day that a sentence on the transition speaks of. */
static sm_date last_day(sm_turn *t, const sm_doc *doc, sm_str sentence)
{
    static const char *const before[] = { "以前", "之前" };
    static const char *const rules[] = { "仍按",     "仍适用",   "仍执行", "按原",
                                         "原标准",   "原规定",   "适用本", "按照本",
                                         "新旧标准", "继续享受", "补足",   "补发" };
    if (!sm_str_has_any(sentence, rules, SM_LEN(rules)))
        return SM_DATE_NONE;
    if (sm_str_has(sentence, SM_STR("施行前")))
        return doc->effective - 1;
    return day_with(t->op->arena, sentence, before, SM_LEN(before));
}

/* Two characters that may name a thing: no part of a day, none of what every rule speaks of. */
static bool names_something(sm_str pair)
{
    static const char *const no_name[] = { "年",   "月",   "日",   "号",   "的",   "以前",
                                           "之前", "标准", "规定", "办法", "执行", "适用" };
    sm_str rest = pair;
    return sm_utf8_count(pair) == 2 && sm_is_han(sm_utf8_next(&rest)) &&
           sm_is_han(sm_utf8_next(&rest)) && !sm_str_has_any(pair, no_name, SM_LEN(no_name));
}

/* How many pairs of a text's characters the sentence has and the title has not. */
static size_t n_shared(const sm_doc *doc, sm_str sentence, sm_str text)
{
    size_t n = 0;
    while (text.n) {
        sm_str pair = sm_utf8_head(text, 2);
        bool shared =
            names_something(pair) && sm_str_has(sentence, pair) && !sm_str_has(doc->title, pair);
        n += shared;
        text = sm_str_sub(text, shared ? pair.n : sm_utf8_head(text, 1).n, text.n);
    }
    return n;
}

/* A phrase that speaks of the same time, "当时受理了", or of a month, "6月受理的". */
static bool speaks_of_then(sm_str phrase)
{
    static const char *const then[] = { "当时", "那时", "那会儿" };
    static const char *const numerals[] = { "一", "二", "三", "四", "五",
                                            "六", "七", "八", "九", "十" };
    size_t at = sm_str_find(phrase, SM_STR("月"), 0);
    sm_str before = sm_str_sub(phrase, 0, at == SIZE_MAX ? 0 : at);
    bool digit = before.n && before.p[before.n - 1] >= '0' && before.p[before.n - 1] <= '9';
    return digit || sm_str_ends_any(before, numerals, SM_LEN(numerals)) ||
           sm_str_has_any(phrase, then, SM_LEN(then));
}

/* The question tells of what the sentence is about: it asks which rule it is, or it has a word of
 * it where it speaks of the day; or two anywhere. */
static bool tells_of(const sm_turn *t, const sm_doc *doc, sm_str sentence)
{
    static const char *const which[] = { "按哪", "按新", "按旧", "按老", "按原", "哪个标准" };
    sm_arena *a = t->op->arena;
    sm_str rest = t->text, phrase;
    /* "付的款" is 付款 */
    sm_str beside = sm_without(a, sm_without(a, t->day_phrase, SM_STR("的"), ""), SM_STR("了"), "");
    if (sm_str_has_any(t->text, which, SM_LEN(which)) || n_shared(doc, sentence, beside) > 0)
        return true;
    while (sm_text_phrase(&rest, &phrase))
        if (speaks_of_then(phrase) && n_shared(doc, sentence, phrase) > 0)
            return true;
    return n_shared(doc, sentence, t->matter) > 1;
}

bool sm_find_transition(sm_turn *t, const sm_pick_doc *d, sm_transition *out)
{
    static const char *const own[] = { "适用本", "按照本", "有利于" };
    for (size_t i = 0; i < d->text->n; i++) {
        sm_str *s;
        size_t n = sm_text_sentences(t->op->arena, d->text->clause[i].text, &s);
        for (size_t k = 0; k < n; k++) {
            sm_date last = last_day(t, d->doc, s[k]);
            if (last == SM_DATE_NONE || t->day_spoken > last || !tells_of(t, d->doc, s[k]))
                continue;
            *out = (sm_transition){ .row = d->text->clause[i].row,
                                    .to_new = sm_str_has_any(s[k], own, SM_LEN(own)) };
            return true;
        }
    }
    return false;
}

/* ---------------------------------------------------------------- clauses */

static void move_to_front(sm_hit *hit, size_t at, double p)
{
    sm_hit one = hit[at];
    memmove(&hit[1], &hit[0], at * sizeof(*hit));
    one.p = p;
    hit[0] = one;
}

static bool tells_standard(sm_turn *t, const sm_clause *c)
{
    sm_fact *f;
    size_t n = sm_str_has(c->text, SM_STR("标准")) ? sm_text_facts(t->op->arena, c->text, &f) : 0;
    for (size_t i = 0; i < n; i++)
        if (f[i].kind == SM_FACT_MONEY || f[i].kind == SM_FACT_PERCENT)
            return true;
    return false;
}

static const sm_clause *clause_of(const sm_pick_doc *d, int64_t row)
{
    for (size_t i = 0; i < d->text->n; i++)
        if (d->text->clause[i].row == row)
            return &d->text->clause[i];
    return NULL;
}

void sm_put_standard_first(sm_turn *t, const sm_pick_doc *d, sm_found *found)
{
    for (size_t i = 0; i < found->n; i++) {
        const sm_clause *c = clause_of(d, found->hit[i].row);
        if (!c || !tells_standard(t, c))
            continue;
        move_to_front(found->hit, i, found->hit[0].p);
        return;
    }
}

void sm_put_clause_first(sm_found *found, int64_t row)
{
    for (size_t i = 0; i < found->n; i++)
        if (found->hit[i].row == row) {
            move_to_front(found->hit, i, found->hit[0].p);
            return;
        }
}
