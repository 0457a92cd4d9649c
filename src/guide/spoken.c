/*
 * How people ask, in the words of the standard language: 好多钱, 几多, 礼拜六.
 *
 * What is asked for is read by its words in many places; these know the standard ones alone.
 */
#include <string.h>

#include "guide/turn.h"

/* One that begins another comes behind it. */
static const struct {
    const char *said, *standard;
    const char *before[12]; /* only before one of these; none: anywhere.  NULL ends */
} words[] = {
    { "好多", "多少", { "钱", "天", "岁", "年", "个月", "个点", "块", "平", "号" } },
    { "好久", "多久", { "能", "可以", "才", "办", "拿", "到账", "下来", "出", "批", "发" } },
    { "几多", "多少", { NULL } },
    { "几钱", "多少钱", { NULL } },
    { "几久", "多久", { NULL } },
    { "几远", "多远", { NULL } },
    { "几时", "什么时候", { NULL } },
    { "多会儿", "什么时候", { NULL } },
    { "啥子", "什么", { NULL } },
    { "么子", "什么", { NULL } },
    { "礼拜天", "周日", { NULL } },
    { "星期天", "周日", { NULL } },
    { "礼拜", "周", { "一", "二", "三", "四", "五", "六", "日" } },
    { "星期", "周", { "一", "二", "三", "四", "五", "六", "日" } },
};

/* "交了好多年", "去过好多次" tell. */
static bool is_told(sm_str before)
{
    static const char *const ends[] = { "了", "过", "有" };
    return sm_str_ends_any(before, ends, SM_LEN(ends));
}

/* Takes a word or one character off *rest; `before`: what stood before it. */
static sm_str next_word(sm_str before, sm_str *rest)
{
    for (size_t i = 0; i < SM_LEN(words); i++) {
        sm_str said = sm_str_of(words[i].said);
        if (!sm_str_starts(*rest, said))
            continue;
        sm_str behind = sm_str_sub(*rest, said.n, rest->n);
        if (!words[i].before[0] ||
            (sm_str_starts_any(behind, words[i].before, SM_LEN(words[i].before)) &&
             !is_told(before))) {
            *rest = behind;
            return sm_str_of(words[i].standard);
        }
    }
    sm_str from = *rest;
    sm_utf8_next(rest);
    return sm_str_sub(from, 0, from.n - rest->n);
}

sm_str sm_in_standard_words(sm_arena *a, sm_str text)
{
    char *out = SM_NEWS(a, char, 2 * text.n + 1); /* 几时, 什么时候: no word doubles twice */
    size_t n = 0;
    while (text.n) {
        sm_str word = next_word((sm_str){ out, n }, &text);
        memcpy(out + n, word.p, word.n);
        n += word.n;
    }
    return (sm_str){ out, n };
}
