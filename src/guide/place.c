/*
 * Which place a question is about.
 *
 * People leave out the last word of a place's name: 江北 for 江北区.  The name is put in full when
 * the text is read, so that all that looks for places finds it.
 */
#include <string.h>

#include "guide/turn.h"
#include "text/text.h"

enum { LEAST_SHORT_CHARS = 2 };

/* What makes a longer name of it: a street, a park, a school. */
static bool goes_on_as_name(sm_str behind)
{
    static const char *const of[] = { "路",   "街",   "道",   "大道", "大桥", "桥",   "站",
                                      "村",   "镇",   "乡",   "岸",   "湖",   "河",   "江",
                                      "山",   "寺",   "塔",   "园",   "公园", "广场", "机场",
                                      "大厦", "大学", "中学", "小学", "一小", "二小", "三小",
                                      "一中", "二中", "三中", "医院", "水乡" };
    static const char *const no_name[] = { "道路", "乡下", "乡村", "乡镇", "乡里", "湖边", "江边",
                                           "山上", "山里", "山区", "山林", "园林", "园区" };
    return sm_str_starts_any(behind, of, SM_LEN(of)) &&
           !sm_str_starts_any(behind, no_name, SM_LEN(no_name));
}

/* The name without 区, 县, 市; "" when that is too short or also an ordinary word. */
static sm_str short_name(sm_str name)
{
    static const char *const ends[] = { "区", "县", "市" };
    static const char *const ordinary[] = { "开发", "示范", "度假", "工业", "保税",
                                            "风景", "实验", "管理", "城" };
    sm_str s = name;
    for (size_t i = 0; i < SM_LEN(ends) && s.n == name.n; i++)
        if (sm_str_ends(name, sm_str_of(ends[i])))
            s.n -= 3;
    if (s.n == name.n || sm_utf8_count(s) < LEAST_SHORT_CHARS ||
        sm_str_ends_any(s, ordinary, SM_LEN(ordinary)))
        return (sm_str){ 0 };
    return s;
}

/* An everyday word for something else: 高新 is how people call the recognition of firms. */
static bool is_lay_word(const sm_turn *t, sm_str s)
{
    return !sm_str_eq(sm_formal_text(t->op, t->snap, SM_KIND_ITEM, s),
                      sm_text_normal(t->op->arena, s));
}

/* The first character of a name that belongs to the word before it: 年内 in 一年内江北. */
static bool begins_within_word(sm_str until)
{
    static const char *const words[] = { "年内", "月内", "天内", "日内", "周内", "期内",
                                         "以内", "之内", "市内", "区内", "县内", "省内",
                                         "网上", "线上", "早上", "晚上", "以上", "马上" };
    return sm_str_ends_any(until, words, SM_LEN(words));
}

/* The longest place that the text begins with: of the city, or of share/regions.tsv; "" for none.
 */
static sm_str place_here(const sm_turn *t, sm_str text)
{
    sm_str longest = { 0 };
    for (size_t i = 0; i < t->n_region_names; i++)
        if (t->region_name[i].n > longest.n && sm_str_starts(text, t->region_name[i]))
            longest = t->region_name[i];
    for (size_t i = 0; i < t->g->n_places; i++) {
        const sm_place *p = &t->g->place[i];
        if (!p->word && p->name.n > longest.n && sm_str_starts(text, p->name))
            longest = p->name;
    }
    return longest;
}

static bool short_name_here(const sm_turn *t, sm_str text)
{
    for (size_t i = 0; i < t->n_region_names; i++) {
        sm_str s = short_name(t->region_name[i]);
        if (s.n && sm_str_starts(text, s))
            return true;
    }
    return false;
}

/* 解放军, 新市民, 安居房: no place of 解放区, 新市区, 安居区. */
static bool in_longer_word(const sm_turn *t, sm_str text, size_t at, sm_str s)
{
    static const char *const words[] = { "解放军", "新市民", "新华社", "新华书店", "新兴产业" };
    sm_str here = sm_str_sub(text, at, text.n);
    for (size_t i = 0; i < SM_LEN(words); i++)
        if (strlen(words[i]) > s.n && sm_str_starts(sm_str_of(words[i]), s) &&
            sm_str_starts(here, sm_str_of(words[i])))
            return true;
    return sm_in_lay_word(t->snap, SM_KIND_ITEM, text, at, s.n);
}

/* The short form at `at` is the place and no part of another name or word. */
static bool stands_for(const sm_turn *t, sm_str text, size_t at, sm_str s)
{
    static const char *const recognised[] = { "技术", "产业", "企业" };
    sm_str behind = sm_str_sub(text, at + s.n, text.n);
    if (is_lay_word(t, s) && sm_str_starts_any(behind, recognised, SM_LEN(recognised)))
        return false;
    bool other_name = goes_on_as_name(behind) && !short_name_here(t, behind);
    return !other_name && !in_longer_word(t, text, at, s);
}

/* The text with the place's name in full wherever its short form stands for it.  Places are read
 * from the left: in 浙江北仑 no 江北 stands. */
static sm_str with_full_name(const sm_turn *t, sm_str text, sm_str name)
{
    sm_str s = short_name(name), last = sm_str_sub(name, s.n, name.n);
    if (!s.n || !sm_str_has(text, s) || (!sm_str_has(text, name) && is_lay_word(t, s)))
        return text;
    sm_buf b;
    sm_buf_init(&b, text.n * 2);
    for (size_t at = 0, n; at < text.n; at += n) {
        sm_str rest = sm_str_sub(text, at, text.n), place = place_here(t, rest);
        size_t first = sm_utf8_head(rest, 1).n;
        bool within = begins_within_word(sm_str_sub(text, 0, at + first)),
             is_short = !within && sm_str_starts(rest, s) && place.n <= s.n;
        n = is_short ? s.n : within ? first : SM_MAX(place.n, first);
        sm_buf_add(&b, sm_str_sub(rest, 0, n));
        if (is_short && stands_for(t, text, at, s))
            sm_buf_add(&b, last);
    }
    sm_str out = sm_str_dup(t->op->arena, sm_buf_str(&b));
    sm_buf_done(&b);
    return out;
}

static sm_str with_full_names(const sm_turn *t, sm_str text)
{
    for (size_t i = 0; i < t->n_region_names; i++)
        if (!sm_str_eq(t->region_name[i], t->home))
            text = with_full_name(t, text, t->region_name[i]);
    return text;
}

/* The place below the city that stands first in a text, or "". */
static sm_str first_place(const sm_turn *t, sm_str text)
{
    sm_str first = { 0 };
    size_t least = SIZE_MAX;
    for (size_t i = 0; i < t->n_region_names; i++) {
        size_t at = sm_str_find(text, t->region_name[i], 0);
        if (at < least && !sm_str_eq(t->region_name[i], t->home)) {
            least = at;
            first = t->region_name[i];
        }
    }
    return first;
}

/* 能报不, 有我的份没. */
static bool asks(sm_str phrase)
{
    static const char *const ends[] = { "不", "没", "吧" };
    return sm_asks(phrase) || sm_str_ends_any(phrase, ends, SM_LEN(ends));
}

/* Of several the one in the phrase that asks: "住江南区，在江北区上班，江北区的补贴有我的份吗". */
static sm_str place_named(const sm_turn *t)
{
    sm_str rest = t->said, phrase, named = { 0 };
    while (sm_text_phrase(&rest, &phrase)) {
        sm_str here = asks(phrase) ? first_place(t, phrase) : (sm_str){ 0 };
        named = here.n ? here : named;
    }
    return named.n ? named : first_place(t, t->said);
}

sm_rc sm_read_region(sm_turn *t)
{
    sm_rc rc = sm_region_home(t->op, t->corpus, &t->home);
    if (rc == SM_OK)
        rc = sm_region_names(t->op, t->corpus, &t->region_name, &t->n_region_names);
    if (rc < 0)
        return rc;
    size_t n = t->text.n;
    t->said = with_full_names(t, t->said);
    t->text = with_full_names(t, t->text);
    if (t->text.n != n) /* what is no question for us is told by the same text as all else */
        sm_intents_read(t->g->intents, t->text, &t->reading);
    sm_str named = place_named(t);
    t->names_region = named.n > 0;
    if (named.n)
        t->talk.region = named;
    else if (t->q->region.n)
        t->talk.region = t->q->region;
    rc = sm_region_chain(t->op, t->corpus, t->talk.region.n ? t->talk.region : t->home,
                         &t->region_chain, &t->n_chain);
    t->filter = (sm_filter){ .as_of = t->today,
                             .pass = SM_PASS_IN_FORCE,
                             .regions = t->region_chain,
                             .n_regions = t->n_chain };
    return rc;
}
