/*
 * The numbering that Chinese documents begin their paragraphs with
 * (GB/T 9704-2012, 7.3.3: 一、 （一） 1. （1）; statutes: 编 章 节 条).
 */
#include "text/numeral.h"
#include "text/text.h"

#include <string.h>

/* A row of digits, or of Chinese numerals, at the front of a line. */
struct ordinal {
    size_t bytes, signs;
    int64_t value; /* -1 for what is no number */
    bool digits;
};

static struct ordinal ordinal_at(sm_str s)
{
    struct ordinal o = { 0 };
    o.bytes = sm_digits_at(s, 0, &o.value, &o.signs);
    o.digits = o.bytes > 0;
    while (!o.digits && o.bytes < s.n) {
        sm_str rest = sm_str_sub(s, o.bytes, s.n);
        uint32_t c = sm_utf8_next(&rest);
        if (!sm_is_han_numeral(c) && (c != 0x4e07 || o.signs == 0))
            break;
        o.bytes = s.n - rest.n;
        o.signs++;
    }
    if (!o.digits)
        o.value = sm_text_integer(sm_str_sub(s, 0, o.bytes));
    return o;
}

static size_t any_of(sm_str s, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (sm_str_starts(s, sm_str_of(words[i])))
            return strlen(words[i]);
    return 0;
}

static sm_mark mark(sm_mark_kind kind, sm_str line, size_t label)
{
    return (sm_mark){ kind, sm_str_sub(line, 0, label),
                      sm_str_trim(sm_str_sub(line, label, line.n)) };
}

/* What follows 第…条 when it is a reference, or another word, and not a heading. */
static bool refers(sm_str rest)
{
    static const char *const words[] = { "规定", "之规定", "款", "项", "第", "所", "、", "和",
                                         "的",   "至",     "到", "，", ",",  "。", "；", "或",
                                         "以及", "以外",   "与", "及", "中", "）", ")",  "》",
                                         "”",    "件",     "龙", "线", "—",  "-" };
    return any_of(rest, words, SM_LEN(words)) > 0;
}

/* 第一节课, 第一编辑部, 第三章程 */
static bool other_word(sm_mark_kind kind, sm_str rest)
{
    static const char *const words[] = { "课", "能", "假", "约", "点", "日",
                                         "辑", "制", "外", "程", "组" };
    return kind != SM_MARK_ARTICLE && any_of(rest, words, SM_LEN(words)) > 0;
}

static sm_mark numbered(sm_str line)
{
    static const struct {
        const char *unit;
        sm_mark_kind kind;
    } units[] = { { "编", SM_MARK_PART },
                  { "章", SM_MARK_CHAPTER },
                  { "节", SM_MARK_SECTION },
                  { "条", SM_MARK_ARTICLE } };
    struct ordinal o = ordinal_at(sm_str_sub(line, 3, line.n));
    if (o.bytes == 0 || o.value < 0)
        return (sm_mark){ 0 };
    size_t end = 3 + o.bytes;
    for (size_t i = 0; i < SM_LEN(units); i++) {
        if (!sm_str_starts(sm_str_sub(line, end, line.n), sm_str_of(units[i].unit)))
            continue;
        end += 3;
        if (sm_str_starts(sm_str_sub(line, end, line.n), SM_STR("之"))) {
            size_t under = ordinal_at(sm_str_sub(line, end + 3, line.n)).bytes;
            end += under ? 3 + under : 0;
        }
        sm_str rest = sm_str_sub(line, end, line.n);
        if (refers(rest) || other_word(units[i].kind, rest))
            return (sm_mark){ 0 };
        return mark(units[i].kind, line, end);
    }
    return (sm_mark){ 0 };
}

static sm_mark bracketed(sm_str line, size_t open)
{
    static const char *const closes[] = { "）", ")" };
    struct ordinal o = ordinal_at(sm_str_sub(line, open, line.n));
    size_t close = any_of(sm_str_sub(line, open + o.bytes, line.n), closes, SM_LEN(closes));
    if (o.bytes == 0 || o.value < 0 || close == 0 ||
        (o.digits && o.signs > 3)) /* （2024）… is a year */
        return (sm_mark){ 0 };
    return mark(o.digits ? SM_MARK_FOUR : SM_MARK_TWO, line, open + o.bytes + close);
}

/* 一、二级医院 and 1、2号楼 list things: the next number follows and is counted by a class word. */
static bool lists_things(const struct ordinal *first, sm_str after)
{
    static const char *const classes[] = { "级", "类", "种", "等", "档", "批", "期", "线", "楼",
                                           "层", "次", "号", "、", "季", "审", "款", "项", "中" };
    struct ordinal next = ordinal_at(after);
    return next.bytes > 0 && next.value > first->value &&
           any_of(sm_str_sub(after, next.bytes, after.n), classes, SM_LEN(classes)) > 0;
}

static sm_mark plain(sm_str line)
{
    static const char *const dots[] = { "．", "." };
    struct ordinal o = ordinal_at(line);
    sm_str rest = sm_str_sub(line, o.bytes, line.n);
    if (o.bytes == 0 || o.value < 1 || (o.digits && o.signs > 3) ||
        sm_str_starts(line, SM_STR("两")))
        return (sm_mark){ 0 };
    if (sm_str_starts(rest, SM_STR("、"))) {
        if (lists_things(&o, sm_str_sub(rest, 3, rest.n)))
            return (sm_mark){ 0 };
        return mark(o.digits ? SM_MARK_THREE : SM_MARK_ONE, line, o.bytes + 3);
    }
    size_t dot = o.digits ? any_of(rest, dots, SM_LEN(dots)) : 0;
    if (dot == 0 || sm_digit_at(rest, dot, NULL))
        return (sm_mark){ 0 };
    return mark(SM_MARK_THREE, line, o.bytes + dot);
}

/* ① ⑴ ㈠ ⒈: number and sign in one character. */
static sm_mark enclosed(sm_str line)
{
    sm_str rest = line;
    uint32_t c = sm_utf8_next(&rest);
    size_t label = line.n - rest.n;
    if ((c >= 0x2460 && c <= 0x2487) || (c >= 0x2776 && c <= 0x277f)) /* ① … ⒇, ❶ … ❿ */
        return mark(SM_MARK_FOUR, line, label);
    if (c >= 0x2488 && c <= 0x249b) /* ⒈ … ⒛ */
        return mark(SM_MARK_THREE, line, label);
    if (c >= 0x3220 && c <= 0x3229) /* ㈠ … ㈩ */
        return mark(SM_MARK_TWO, line, label);
    return (sm_mark){ 0 };
}

sm_mark sm_text_mark(sm_str line)
{
    line = sm_str_trim(line);
    if (line.n == 0)
        return (sm_mark){ 0 };
    if (sm_str_starts(line, SM_STR("第")))
        return numbered(line);
    if (sm_str_starts(line, SM_STR("（")))
        return bracketed(line, 3);
    if (line.p[0] == '(')
        return bracketed(line, 1);
    sm_mark m = enclosed(line);
    return m.kind != SM_MARK_NONE ? m : plain(line);
}
