#include "review/parts.h"

#include <string.h>

static bool any_start(sm_str s, const char *const *words, size_t n, size_t *bytes)
{
    for (size_t i = 0; i < n; i++)
        if (sm_str_starts(s, sm_str_of(words[i]))) {
            *bytes = strlen(words[i]);
            return true;
        }
    return false;
}

static bool any_end(sm_str s, const char *const *words, size_t n)
{
    return sm_str_ends_any(s, words, n);
}

static const char digits_han[] = "〇零○一二三四五六七八九十百";

/* ----------------------------------------------------------------- numbers */

static size_t arabic_at(sm_str s, size_t at)
{
    size_t n = 0;
    while (at + n < s.n) {
        sm_str rest = sm_str_sub(s, at + n, s.n), after = rest;
        uint32_t c = sm_utf8_next(&after);
        if (!(c >= '0' && c <= '9') && !(c >= 0xff10 && c <= 0xff19))
            break;
        n += rest.n - after.n;
    }
    return n;
}

static size_t han_at(sm_str s, size_t at)
{
    size_t n = 0;
    while (at + n + 3 <= s.n &&
           sm_str_find(sm_str_of(digits_han), sm_str_sub(s, at + n, at + n + 3), 0) != SIZE_MAX)
        n += 3;
    return n;
}

/* 2026, ２０２６, 二〇二六, 十二; -1 none. */
static int64_t value_of(sm_str s)
{
    static const char row[] = "〇一二三四五六七八九";
    int64_t v = sm_text_integer(s);
    if (v >= 0 || !s.n)
        return v;
    for (v = 0; s.n >= 3; s = sm_str_sub(s, 3, s.n)) {
        sm_str one = sm_str_sub(s, 0, 3);
        size_t at = sm_str_find(sm_str_of(row), one, 0);
        if (sm_str_eq(one, SM_STR("零")) || sm_str_eq(one, SM_STR("○")))
            at = 0;
        if (at == SIZE_MAX || v > 100000)
            return -1;
        v = v * 10 + (int64_t)(at / 3);
    }
    return s.n ? -1 : v;
}

/* ------------------------------------------------------------------ labels */

static size_t circled(sm_str s)
{
    if (!s.n)
        return 0;
    sm_str rest = s;
    uint32_t c = sm_utf8_next(&rest);
    return c >= 0x2460 && c <= 0x249b ? s.n - rest.n : 0;
}

static size_t bracketed(sm_str s)
{
    static const char *const opens[] = { "（", "(" }, *const closes[] = { "）", ")" };
    size_t open, close;
    if (!any_start(s, opens, SM_LEN(opens), &open))
        return 0;
    size_t n = han_at(s, open), k = n ? n : arabic_at(s, open);
    if (!k || (!n && k > 2) || !any_start(sm_str_sub(s, open + k, s.n), closes, 2, &close))
        return 0;
    return open + k + close;
}

static size_t article(sm_str s)
{
    static const char *const units[] = { "条", "章", "节", "编" };
    if (!sm_str_starts(s, SM_STR("第")))
        return 0;
    size_t n = han_at(s, 3), unit;
    if (!n)
        n = arabic_at(s, 3);
    if (!n || !any_start(sm_str_sub(s, 3 + n, s.n), units, SM_LEN(units), &unit))
        return 0;
    size_t end = 3 + n + unit;
    /* 第一条规定的 refers */
    sm_str rest = sm_str_sub(s, end, s.n);
    bool parted = !rest.n || rest.p[0] == ' ' || sm_str_starts(rest, SM_STR("　"));
    return parted ? end : 0;
}

static size_t plain(sm_str s)
{
    static const char *const after_han[] = { "、", ".", "．", "，", ",", "：", ":" },
                             *const after_digits[] = { ".", "．", "、", "）", ")", "，" };
    size_t n = han_at(s, 0), dot;
    if (n && n <= 9 && any_start(sm_str_sub(s, n, s.n), after_han, SM_LEN(after_han), &dot))
        return n + dot;
    n = arabic_at(s, 0);
    if (!n || n > 2 || !any_start(sm_str_sub(s, n, s.n), after_digits, SM_LEN(after_digits), &dot))
        return 0;
    return arabic_at(s, n + dot) ? 0 : n + dot; /* 3.5万 */
}

/* 一、二级医院 and 3、5天 list things: the next number or the one after it follows, and is counted
 * by a class word. */
static bool lists_things(sm_str s, size_t label)
{
    static const char *const classes[] = { "级", "类", "种", "等", "档", "批", "期", "线", "楼",
                                           "层", "次", "号", "、", "季", "审", "款", "天", "日",
                                           "名", "人", "月", "年", "元", "倍", "度" };
    size_t word;
    sm_str number = sm_str_sub(s, 0, label - 3), after = sm_str_sub(s, label, s.n);
    if (!sm_str_ends(sm_str_sub(s, 0, label), SM_STR("、")))
        return false;
    size_t n = arabic_at(after, 0);
    n = n ? n : han_at(after, 0);
    int64_t first = value_of(number), next = n ? value_of(sm_str_sub(after, 0, n)) : -1;
    return next > first && next <= first + 3 &&
           any_start(sm_str_sub(after, n, after.n), classes, SM_LEN(classes), &word);
}

sm_str sm_part_label(sm_str s)
{
    size_t n = bracketed(s);
    n = n ? n : circled(s);
    n = n ? n : article(s);
    if (!n) {
        n = plain(s);
        if (n && lists_things(s, n))
            n = 0;
    }
    return sm_str_sub(s, 0, n);
}

int sm_part_level(sm_str label)
{
    static const char *const opens[] = { "（", "(" };
    size_t n = 0;
    if (!label.n || circled(label) || sm_str_starts(label, SM_STR("第")))
        return 0;
    bool bracket = any_start(label, opens, SM_LEN(opens), &n);
    bool han = han_at(label, n) > 0;
    return bracket ? (han ? 2 : 4) : (han ? 1 : 3);
}

bool sm_part_is_article(sm_str label)
{
    return sm_str_starts(label, SM_STR("第")) && sm_str_ends(label, SM_STR("条"));
}

/* -------------------------------------------------------------------- head */

enum { NUMBER_BYTES = 160 };

/* A draft's number with its blanks, （待填：序号）, as figures. */
static sm_str without_blanks(sm_str s, char out[NUMBER_BYTES])
{
    sm_str begin = SM_STR("（待填"), end = SM_STR("）");
    size_t at, n = 0;
    if (!sm_str_has(s, begin) || s.n > NUMBER_BYTES)
        return s;
    while ((at = sm_str_find(s, begin, 0)) != SIZE_MAX) {
        size_t close = sm_str_find(s, end, at + begin.n);
        if (close == SIZE_MAX)
            break;
        memcpy(out + n, s.p, at);
        n += at;
        out[n++] = '1';
        s = sm_str_sub(s, close + end.n, s.n);
    }
    memcpy(out + n, s.p, s.n);
    return (sm_str){ out, n + s.n };
}

/* Right ones and those whose year, brackets or serial are wrong or still blank. */
bool sm_part_is_number(sm_str s)
{
    char text[NUMBER_BYTES];
    s = without_blanks(s, text);
    static const char *const signs[] = { "。", "，", "、", "《", "：", "；", "关于", "（以下" };
    size_t chars = sm_utf8_count(s);
    if (chars < 2 || chars > 36 || sm_str_has_any(s, signs, SM_LEN(signs)))
        return false;
    if (sm_str_starts(s, SM_STR("第"))) { /* of an order */
        sm_str rest = sm_str_sub(s, 3, s.n);
        size_t n = arabic_at(rest, 0);
        n = n ? n : han_at(rest, 0);
        return n && sm_str_eq(sm_str_sub(rest, n, rest.n), SM_STR("号"));
    }
    static const char *const opens[] = { "〔", "[", "［", "（", "(", "【", "{", "﹝" };
    static const char *const closes[] = { "〕", "]", "］", "）", ")", "】", "}", "﹞" };
    for (size_t i = 0; i < SM_LEN(opens); i++) {
        size_t at = sm_str_find(s, sm_str_of(opens[i]), 0);
        size_t year = at == SIZE_MAX ? 0 : arabic_at(s, at + strlen(opens[i]));
        year = year || at == SIZE_MAX ? year : han_at(s, at + strlen(opens[i]));
        size_t end = at + strlen(opens[i]) + year, close;
        if (!year || !any_start(sm_str_sub(s, end, s.n), closes, SM_LEN(closes), &close))
            continue;
        sm_str serial = sm_str_sub(s, end + close, s.n);
        if (sm_str_starts(serial, SM_STR("第")))
            serial = sm_str_sub(serial, 3, serial.n);
        size_t n = arabic_at(serial, 0);
        n = n ? n : han_at(serial, 0);
        sm_str rest = sm_str_trim(sm_str_sub(serial, n, serial.n));
        return n && (!rest.n || sm_str_eq(rest, SM_STR("号")));
    }
    /* 澜政发2026年12号, without brackets */
    size_t at = 0;
    while (at < s.n && !arabic_at(s, at))
        at++;
    return at > 0 && arabic_at(s, at) == 4 && sm_str_ends(s, SM_STR("号"));
}

bool sm_part_is_copyno(sm_str s)
{
    if (sm_str_starts(s, SM_STR("份号")))
        return sm_utf8_count(s) <= 12;
    size_t n = arabic_at(s, 0);
    return n >= 1 && n <= 18 && n == s.n;
}

bool sm_part_is_urgency(sm_str s)
{
    static const char *const words[] = { "特急",     "加急", "平急",   "特提",     "急件",
                                         "火急",     "紧急", "急",     "特别紧急", "十万火急",
                                         "万分火急", "速办", "特急件", "加急件",   "紧急件",
                                         "急速",     "限时", "急办" };
    sm_str rest = s;
    if (sm_str_starts(rest, SM_STR("紧急程度")))
        return sm_utf8_count(s) <= 10;
    for (size_t i = 0; i < SM_LEN(words); i++)
        if (sm_str_eq(s, sm_str_of(words[i])))
            return true;
    return false;
}

static const char *const organ_ends[] = {
    "府",   "局",   "委",   "委员会", "会",   "办",   "办公室", "处",   "院",     "部",     "厅",
    "署",   "室",   "司",   "团",     "校",   "所",   "站",     "中心", "单位",   "部门",   "机构",
    "公司", "企业", "银行", "组织",   "支队", "大队", "总队",   "分局", "分队",   "军分区", "学校",
    "医院", "集团", "馆",   "协会",   "学会", "联社", "党组",   "社区", "办事处", "政府办"
};
static const char *const person_ends[] = { "市长", "区长", "县长", "省长",   "主任", "书记",
                                           "局长", "同志", "市民", "群众",   "居民", "领导",
                                           "镇长", "处长", "科长", "委员",   "代表", "业主",
                                           "先生", "女士", "们",   "负责人", "人员", "主席" };
static const char *const place_ends[] = { "区", "县", "市", "乡", "镇", "街道", "省", "村", "科" };

static bool is_recipient(sm_str s, bool sure)
{
    return any_end(s, organ_ends, SM_LEN(organ_ends)) ||
           any_end(s, person_ends, SM_LEN(person_ends)) ||
           (sure && any_end(s, place_ends, SM_LEN(place_ends)));
}

/* All names of a list, or only the last. */
static bool are_recipients(sm_str s, bool all)
{
    static const char *const stops[] = { "、", "，", "," };
    size_t from = 0;
    for (size_t at = 0; at <= s.n;) {
        size_t stop = 0;
        sm_str rest = sm_str_sub(s, at, s.n);
        if (rest.n && !any_start(rest, stops, SM_LEN(stops), &stop)) {
            at++;
            continue;
        }
        sm_str name = sm_str_trim(sm_str_sub(s, from, at));
        bool last = !rest.n;
        if ((last || all) && name.n && !is_recipient(name, !all))
            return false;
        if (sm_utf8_count(name) > 40)
            return false;
        at += last ? 1 : stop;
        from = at;
    }
    return true;
}

bool sm_part_is_to(sm_str s, bool under_title)
{
    static const char *const not_one[] = { "如下", "附件", "抄送", "签发人", "联系人", "出席",
                                           "列席", "请假", "通知", "；",     "现将",   "根据" };
    static const char *const colons[] = { "：", ":", "∶" }, *const others[] = { "。", "，", "、",
                                                                                "；", ".",  "," };
    if (!s.n || sm_part_label(s).n || sm_utf8_count(s) > 300 ||
        sm_str_has_any(s, not_one, SM_LEN(not_one)))
        return false;
    for (size_t i = 0; i < SM_LEN(colons); i++) {
        sm_str c = sm_str_of(colons[i]);
        if (!sm_str_ends(s, c))
            continue;
        sm_str names = sm_str_trim(sm_str_sub(s, 0, s.n - c.n));
        return names.n && !sm_str_has(names, SM_STR("。")) && are_recipients(names, false);
    }
    if (!under_title)
        return false;
    sm_str names = s;
    for (size_t i = 0; i < SM_LEN(others); i++)
        if (sm_str_ends(names, sm_str_of(others[i])))
            names = sm_str_sub(names, 0, names.n - strlen(others[i]));
    return names.n && !sm_str_has(names, SM_STR("。")) && are_recipients(names, true);
}

/* ------------------------------------------------------------- attachments */

static size_t attach_number(sm_str s, size_t at)
{
    while (at < s.n && s.p[at] == ' ')
        at++;
    size_t n = arabic_at(s, at);
    n = n ? n : han_at(s, at);
    return at + n;
}

bool sm_part_is_attach(sm_str s)
{
    static const char *const marks[] = { "：", ":", "．", ".", "、" };
    if (!sm_str_starts(s, SM_STR("附件")))
        return false;
    size_t at = attach_number(s, 6), mark;
    sm_str rest = sm_str_trim(sm_str_sub(s, at, s.n));
    return !rest.n || (any_start(rest, marks, SM_LEN(marks), &mark) && mark == rest.n);
}

bool sm_part_is_note(sm_str s)
{
    static const char *const marks[] = { "：", ":" };
    size_t mark;
    return sm_str_starts(s, SM_STR("附件")) && !sm_part_is_attach(s) &&
           any_start(sm_str_sub(s, attach_number(s, 6), s.n), marks, SM_LEN(marks), &mark) &&
           sm_utf8_count(s) <= 120;
}

/* ----------------------------------------------------------------- the end */

bool sm_part_is_cc(sm_str s)
{
    static const char *const words[] = { "抄送", "抄报", "分送", "主送", "抄 送", "抄　送" },
                             *const marks[] = { "：", ":", "∶" };
    size_t n, mark;
    return any_start(s, words, SM_LEN(words), &n) &&
           any_start(sm_str_trim(sm_str_sub(s, n, s.n)), marks, SM_LEN(marks), &mark);
}

/* An organ, a gap, a date; 印发 may be missing under 抄送. */
bool sm_part_is_printer(sm_str s, bool under_cc)
{
    static const char *const signs[] = { "。", "，", "；", "《" };
    bool printed = sm_str_ends(s, SM_STR("印发")) || sm_str_ends(s, SM_STR("印"));
    if (sm_str_has_any(s, signs, SM_LEN(signs)) || sm_utf8_count(s) > 80)
        return false;
    if (printed)
        return sm_str_has(s, SM_STR("月")) || sm_str_has(s, SM_STR("20"));
    return under_cc && sm_str_ends(s, SM_STR("日"));
}

bool sm_part_is_attendance(sm_str s)
{
    static const char *const words[] = { "出席", "列席", "请假", "缺席", "参会", "参加", "记录" };
    static const char *const marks[] = { "：", ":", "人员：", "人员:", "人：", "单位：" };
    size_t n, mark;
    return any_start(s, words, SM_LEN(words), &n) &&
           any_start(sm_str_sub(s, n, s.n), marks, SM_LEN(marks), &mark);
}

static bool in_brackets(sm_str s)
{
    return (sm_str_starts(s, SM_STR("（")) || sm_str_starts(s, SM_STR("("))) &&
           (sm_str_ends(s, SM_STR("）")) || sm_str_ends(s, SM_STR(")")));
}

bool sm_part_is_remark(sm_str s, bool under_date)
{
    static const char *const always[] = { "（此件",  "(此件",      "（联系人",
                                          "(联系人", "（联系电话", "(联系电话" };
    static const char *const there[] = { "此件", "联系人", "联系电话", "此页无正文" };
    size_t n;
    if (sm_utf8_count(s) > 120)
        return false;
    return any_start(s, always, SM_LEN(always), &n) ||
           (under_date && (any_start(s, there, SM_LEN(there), &n) || in_brackets(s)));
}

bool sm_part_is_row(sm_str s)
{
    size_t tab = sm_str_find(s, SM_STR("\t"), 0);
    if (tab == SIZE_MAX || sm_part_label(s).n || sm_str_starts(s, SM_STR("附件")) ||
        sm_part_is_cc(s) || sm_part_is_attendance(s))
        return false;
    size_t end = tab;
    while (end < s.n && s.p[end] == '\t')
        end++;
    bool two = sm_str_find(s, SM_STR("\t"), end) == SIZE_MAX;
    /* An organ and a date parted by tabs are a printing line. */
    return !(two && sm_part_is_organ(sm_str_trim(sm_str_sub(s, 0, tab))) &&
             sm_part_is_printer(s, true));
}

/* — 1 —, as it comes with text that was copied off a page. */
bool sm_part_is_page_number(sm_str s)
{
    static const char *const dashes[] = { "—", "-", "–", "－", "─" };
    size_t n;
    bool open = any_start(s, dashes, SM_LEN(dashes), &n);
    sm_str rest = open ? sm_str_trim(sm_str_sub(s, n, s.n)) : s;
    size_t digits = arabic_at(rest, 0);
    if (!open || !digits || digits > 12)
        return false;
    rest = sm_str_trim(sm_str_sub(rest, digits, rest.n));
    return any_start(rest, dashes, SM_LEN(dashes), &n) && n == rest.n;
}

bool sm_part_is_organ(sm_str s)
{
    static const char *const signs[] = { "。", "，", "；", "：", "《", "、", "“" };
    return s.n && sm_utf8_count(s) <= 40 && !sm_str_has_any(s, signs, SM_LEN(signs)) &&
           !sm_part_label(s).n && any_end(s, organ_ends, SM_LEN(organ_ends));
}

bool sm_part_is_signature(sm_str s, bool over_date)
{
    static const char *const signs[] = { "。", "，", "；", "：", "《", "？", "！" };
    static const char *const posts[] = { "市长", "区长", "县长", "省长", "主任",   "书记",
                                         "局长", "主席", "镇长", "院长", "检察长", "部长" };
    static const char *const closings[] = { "特此", "此复", "此致", "妥否", "以上", "请" };
    size_t n;
    if (!s.n || sm_utf8_count(s) > 40 || sm_str_has_any(s, signs, SM_LEN(signs)) ||
        sm_part_label(s).n || in_brackets(s))
        return false;
    return sm_part_is_organ(s) || any_start(s, posts, SM_LEN(posts), &n) ||
           (over_date && sm_utf8_count(s) <= 25 && !any_start(s, closings, SM_LEN(closings), &n));
}

/* ------------------------------------------------------------------- dates */

/* One figure and the sign behind it. */
static bool figure(sm_str *s, const char *const *signs, size_t n, int64_t *v)
{
    *s = sm_str_trim(*s);
    size_t k = arabic_at(*s, 0), sign = 0;
    k = k ? k : han_at(*s, 0);
    if (!k)
        return false;
    *v = value_of(sm_str_sub(*s, 0, k));
    *s = sm_str_trim(sm_str_sub(*s, k, s->n));
    if (*v < 0 || (n && !any_start(*s, signs, n, &sign)))
        return false;
    *s = sm_str_sub(*s, sign, s->n);
    return true;
}

bool sm_part_is_date(sm_arena *a, sm_str s, sm_str *iso)
{
    static const char *const years[] = { "年", ".", "．", "-", "—", "－", "/" };
    static const char *const months[] = { "月", ".", "．", "-", "—", "－", "/" };
    static const char *const days[] = { "日", "号" };
    int64_t y, m, d;
    *iso = (sm_str){ 0 };
    if (!s.n || sm_utf8_count(s) > 24 || !figure(&s, years, SM_LEN(years), &y) ||
        !figure(&s, months, SM_LEN(months), &m))
        return false;
    if (!s.n)
        return y > 31 && m <= 12; /* without its day */
    if (!figure(&s, NULL, 0, &d))
        return false;
    size_t n = 0;
    if (any_start(s, days, SM_LEN(days), &n))
        s = sm_str_sub(s, n, s.n);
    if (s.n)
        return false;
    if (y < 100)
        y += 2000;
    sm_date day =
        y < 10000 && m < 100 && d < 100 ? sm_date_of((int)y, (int)m, (int)d) : SM_DATE_NONE;
    *iso = sm_date_iso(a, day);
    return true;
}

/* ------------------------------------------------------------------- types */

sm_str sm_part_type_end(sm_str title)
{
    static const struct {
        const char *end, *kind;
    } types[] = {
        { "决议", "决议" }, { "决定", "决定" },     { "命令", "命令" }, { "公报", "公报" },
        { "公告", "公告" }, { "通告", "通告" },     { "意见", "意见" }, { "通知", "通知" },
        { "通报", "通报" }, { "请示报告", "请示" }, { "报告", "报告" }, { "请示", "请示" },
        { "批复", "批复" }, { "议案", "议案" },     { "函", "函" },     { "纪要", "纪要" },
    };
    static const char *const tails[] = { "。", "（试行）", "（暂行）", "（草案）",
                                         "（征求意见稿）" };
    for (size_t i = 0; i < SM_LEN(tails); i++)
        if (sm_str_ends(title, sm_str_of(tails[i])))
            title = sm_str_sub(title, 0, title.n - strlen(tails[i]));
    for (size_t i = 0; i < SM_LEN(types); i++)
        if (sm_str_ends(title, sm_str_of(types[i].end)))
            return sm_str_of(types[i].kind);
    return (sm_str){ 0 };
}
