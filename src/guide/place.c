/*
 * Which place a question is about.
 *
 * People leave out the last word of a place's name: 江北 for 江北区.  The name is put in full when
 * the text is read, so that all that looks for places finds it.
 */
#include "guide/turn.h"
#include "text/text.h"

enum { LEAST_SHORT_CHARS = 2 };

/* What makes a longer name of it: a street, a park, a school. */
static bool goes_on_as_name(sm_str behind)
{
    static const char *const of[] = { "路",   "街",   "道",   "大道", "大桥", "桥",
                                      "站",   "村",   "镇",   "乡",   "岸",   "湖",
                                      "河",   "江",   "山",   "寺",   "塔",   "园",
                                      "公园", "广场", "机场", "大厦", "大学", "中学",
                                      "小学", "一小", "二小", "三小", "一中", "二中",
                                      "三中", "医院", "技术", "产业", "企业", "水乡" };
    return sm_str_starts_any(behind, of, SM_LEN(of));
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

/* The text with the place's name in full wherever its short form stands for it. */
static sm_str with_full_name(const sm_turn *t, sm_str text, sm_str name)
{
    sm_str s = short_name(name), rest = text;
    size_t at = s.n ? sm_str_find(text, s, 0) : SIZE_MAX;
    if (at == SIZE_MAX || (!sm_str_has(text, name) && is_lay_word(t, s)))
        return text;
    sm_buf b;
    sm_buf_init(&b, text.n * 2);
    for (; at != SIZE_MAX; at = sm_str_find(rest, s, 0)) {
        sm_str behind = sm_str_sub(rest, at + s.n, rest.n);
        sm_str last = sm_str_sub(name, s.n, name.n);
        bool in_full = sm_str_starts(behind, last) || goes_on_as_name(behind);
        sm_buf_add(&b, sm_str_sub(rest, 0, at + s.n));
        sm_buf_add(&b, in_full ? (sm_str){ 0 } : last);
        rest = behind;
    }
    sm_buf_add(&b, rest);
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
    t->said = with_full_names(t, t->said);
    t->text = with_full_names(t, t->text);
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
