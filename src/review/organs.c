#include "review/organs.h"

#include <string.h>

/* -------------------------------------------------------------------- level */

/* Words in which the sign of a level is none. */
static const char *const not_levels[] = {
    "市场", "城市", "市政设施", "市政工程", "市政园林", "社区", "地区", "园区",   "小区", "片区",
    "灾区", "校区", "乡村",     "城乡",     "城镇",     "县域", "辖区", "自治区", "库区",
};

static bool in_other_word(sm_str s, size_t at)
{
    for (size_t i = 0; i < SM_LEN(not_levels); i++) {
        sm_str w = sm_str_of(not_levels[i]);
        for (size_t k = sm_str_find(s, w, 0); k != SIZE_MAX; k = sm_str_find(s, w, k + 3))
            if (at >= k && at < k + w.n)
                return true;
    }
    return false;
}

static bool has_sign(sm_str s, const char *sign)
{
    sm_str w = sm_str_of(sign);
    for (size_t at = sm_str_find(s, w, 0); at != SIZE_MAX; at = sm_str_find(s, w, at + 3))
        if (!in_other_word(s, at))
            return true;
    return false;
}

static sm_level level_of(sm_str s)
{
    static const struct {
        const char *sign;
        sm_level level;
    } signs[] = {
        { "街道", SM_LEVEL_TOWN },   { "镇", SM_LEVEL_TOWN },     { "乡", SM_LEVEL_TOWN },
        { "区", SM_LEVEL_COUNTY },   { "县", SM_LEVEL_COUNTY },   { "旗", SM_LEVEL_COUNTY },
        { "自治州", SM_LEVEL_CITY }, { "市", SM_LEVEL_CITY },     { "省", SM_LEVEL_PROVINCE },
        { "国", SM_LEVEL_NATION },   { "中央", SM_LEVEL_NATION }, { "中华", SM_LEVEL_NATION },
    };
    for (size_t i = 0; i < SM_LEN(signs); i++)
        if (has_sign(s, signs[i].sign))
            return signs[i].level;
    if (sm_str_has(s, SM_STR("自治区")))
        return SM_LEVEL_PROVINCE;
    return sm_str_ends(s, SM_STR("部")) ? SM_LEVEL_NATION : SM_LEVEL_UNKNOWN;
}

static bool ends_in(sm_str s, const char *const *ends, size_t n)
{
    return sm_str_ends_any(s, ends, n);
}

static bool governs(sm_str s)
{
    static const char *const ends[] = { "政府", "国务院", "管委会", "街道办事处", "街道办",
                                        "市委", "省委",   "区委",   "县委",       "党委",
                                        "镇委", "州委",   "中央" };
    return ends_in(s, ends, SM_LEN(ends)) ||
           (sm_str_ends(s, SM_STR("区管理委员会")) || sm_str_ends(s, SM_STR("市委员会")));
}

static bool works(sm_str s)
{
    static const char *const ends[] = { "局", "委", "委员会", "厅", "部", "署" };
    return ends_in(s, ends, SM_LEN(ends)) && !governs(s) && !sm_str_has(s, SM_STR("代表大会")) &&
           !sm_str_has(s, SM_STR("协商会议"));
}

/* ----------------------------------------------------------------- registry */

/* 江北区 of 江北区民政局: what 区 stands for in that organ's documents. */
static sm_str region_of(sm_str issuer)
{
    static const char *const signs[] = { "区", "县" };
    for (size_t i = 0; i < SM_LEN(signs); i++) {
        size_t at = sm_str_find(issuer, sm_str_of(signs[i]), 3);
        if (at != SIZE_MAX && !in_other_word(issuer, at))
            return sm_str_sub(issuer, 0, at + 3);
    }
    return (sm_str){ 0 };
}

/* 青石镇人民政府 of 云山县青石镇人民政府, where there is one such. */
static const sm_roster_organ *ending_in(const sm_check *c, sm_str name)
{
    const sm_roster_organ *o, *found = NULL;
    size_t n = sm_roster_organs(c->roster, &o);
    if (sm_utf8_count(name) < 5)
        return NULL;
    for (size_t i = 0; i < n; i++)
        if (sm_str_ends(o[i].full, name)) {
            if (found)
                return NULL;
            found = &o[i];
        }
    return found;
}

static const sm_roster_organ *known(const sm_check *c, sm_str name)
{
    if (!c->roster)
        return NULL;
    sm_str region = region_of(c->o->issuer);
    if (region.n && (sm_str_starts(name, SM_STR("区")) || sm_str_starts(name, SM_STR("县")))) {
        sm_str whole = sm_strf(c->a, "%.*s%.*s", SM_ARG(region), (int)name.n - 3, name.p + 3);
        const sm_roster_organ *o = sm_roster_organ_named(c->roster, whole, c->o->date);
        if (o)
            return o;
    }
    const sm_roster_organ *o = sm_roster_organ_named(c->roster, name, c->o->date);
    return o ? o : ending_in(c, name);
}

sm_organ sm_organ_of(const sm_check *c, sm_str name)
{
    sm_organ o = { .name = name, .known = known(c, name) };
    sm_str full = o.known ? o.known->full : name;
    o.level = level_of(full);
    o.governs = governs(full);
    o.works = works(full);
    return o;
}

static bool above_by_registry(const sm_check *c, const sm_organ *a, const sm_organ *b)
{
    const sm_roster_organ *o = b->known;
    for (int depth = 0; o && o->superior.n && depth < 8; depth++) {
        if (sm_str_eq(o->superior, a->known->full))
            return true;
        o = sm_roster_organ_named(c->roster, o->superior, c->o->date);
    }
    return false;
}

bool sm_organ_above(const sm_check *c, const sm_organ *a, const sm_organ *b)
{
    if (a->known && b->known && above_by_registry(c, a, b))
        return true;
    if (a->governs && b->works && a->level == b->level)
        return true;
    return a->level && b->level && a->level < b->level && (a->governs || b->works);
}

bool sm_organ_beside(const sm_organ *a, const sm_organ *b)
{
    return a->works && b->works && a->level == b->level && a->level != SM_LEVEL_UNKNOWN;
}

/* -------------------------------------------------------------------- lists */

static size_t sign_at(sm_str s, size_t at)
{
    static const char *const signs[] = { "、", "，", "；", ",", ";" };
    sm_str rest = sm_str_sub(s, at, s.n);
    for (size_t i = 0; i < SM_LEN(signs); i++)
        if (sm_str_starts(rest, sm_str_of(signs[i])))
            return strlen(signs[i]);
    return 0;
}

static sm_str names_of(const sm_line *line)
{
    static const char *const marks[] = { "：", ":", "∶", "。", "，", "、", "；", ".", ",", ";" };
    sm_str s = line->text;
    for (size_t i = 0; line->role == SM_ROLE_CC && i < 3; i++) {
        size_t at = sm_str_find(s, sm_str_of(marks[i]), 0);
        if (at != SIZE_MAX && at < 20) {
            s = sm_str_sub(s, at + strlen(marks[i]), s.n);
            break;
        }
    }
    for (size_t i = 0; i < SM_LEN(marks); i++)
        if (sm_str_ends(s, sm_str_of(marks[i])))
            return sm_str_sub(s, 0, s.n - strlen(marks[i]));
    return s;
}

static void take_with(const sm_line *line, sm_listed *l, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *from = i ? l[i - 1].name.p + l[i - 1].name.n : l[i].name.p;
        const char *to = i || n == 1 ? l[i].name.p + l[i].name.n : l[1].name.p;
        l[i].with = n == 1 ? line->text : (sm_str){ from, (size_t)(to - from) };
    }
}

size_t sm_listed_in(sm_arena *a, const sm_line *line, sm_listed **out)
{
    size_t n = 0, cap = 0, from = 0;
    sm_listed *l = NULL;
    sm_str s = names_of(line);
    for (size_t at = 0; at <= s.n; at++) {
        size_t sign = at < s.n ? sign_at(s, at) : 0;
        if (at < s.n && !sign)
            continue;
        sm_str name = sm_str_trim(sm_str_sub(s, from, at));
        if (name.n) {
            SM_GROW(a, l, n, cap);
            l[n++] = (sm_listed){ .name = name, .sign = sm_str_sub(s, at, at + sign) };
        }
        from = at + sign;
        at += sign ? sign - 1 : 0;
    }
    take_with(line, l, n);
    *out = l;
    return n;
}

/* ----------------------------------------------------------------- document */

const sm_line *sm_own_line(const sm_outline *o, sm_role role)
{
    for (size_t i = 0; i < o->n; i++)
        if (o->line[i].role == role && o->line[i].doc == 0)
            return &o->line[i];
    return NULL;
}

size_t sm_own_count(const sm_outline *o, sm_role role)
{
    size_t n = 0;
    for (size_t i = 0; i < o->n; i++)
        n += o->line[i].role == role && o->line[i].doc == 0;
    return n;
}

bool sm_is_kind(const sm_outline *o, const char *kind)
{
    return sm_str_eq(o->kind, sm_str_of(kind));
}

static sm_str without_end(sm_str s, const char *end)
{
    sm_str e = sm_str_of(end);
    return sm_str_ends(s, e) && s.n > e.n ? sm_str_sub(s, 0, s.n - e.n) : s;
}

sm_str sm_mark_organ(const sm_outline *o)
{
    const sm_line *mark = sm_own_line(o, SM_ROLE_MARK);
    if (!mark || o->minutes || sm_own_count(o, SM_ROLE_MARK) != 1)
        return (sm_str){ 0 };
    return sm_str_trim(without_end(without_end(without_end(mark->text, "文件"), "令"), "命"));
}

bool sm_is_upward(const sm_check *c)
{
    if (sm_is_kind(c->o, "请示") || sm_is_kind(c->o, "报告"))
        return true;
    const sm_line *to = sm_own_line(c->o, SM_ROLE_TO);
    sm_listed *l;
    if (!to || !sm_is_kind(c->o, "意见") || sm_listed_in(c->a, to, &l) != 1)
        return false;
    sm_organ issuer = sm_organ_of(c, c->o->issuer), one = sm_organ_of(c, l[0].name);
    return sm_organ_above(c, &one, &issuer);
}

const char *sm_type_of_body(const sm_outline *o)
{
    static const struct {
        const char *words, *kind;
    } says[] = {
        { "通知如下", "通知" },   { "特此通知", "通知" },     { "请示如下", "请示" },
        { "请批示", "请示" },     { "请批复", "请示" },       { "报告如下", "报告" },
        { "特此报告", "报告" },   { "批复如下", "批复" },     { "此复", "批复" },
        { "函复如下", "复函" },   { "特此函复", "复函" },     { "函告如下", "函" },
        { "商请如下", "函" },     { "特此函达", "函" },       { "请函复", "函" },
        { "通报如下", "通报" },   { "通告如下", "通告" },     { "公告如下", "公告" },
        { "决定如下", "决定" },   { "提出如下意见", "意见" }, { "印发给你们", "通知" },
        { "转发给你们", "通知" },
    };
    for (size_t i = 0; i < o->n; i++)
        for (size_t k = 0; o->line[i].doc == 0 && k < SM_LEN(says); k++)
            if (o->line[i].role != SM_ROLE_TITLE &&
                sm_str_has(o->line[i].text, sm_str_of(says[k].words)))
                return says[k].kind;
    return NULL;
}
