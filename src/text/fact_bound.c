/*
 * How numbers are bounded: what stands right before and right after them.
 */
#include "text/fact.h"

#include <string.h>

enum { MAX_AWAY_BYTES = 36 }; /* 最高可享受每人每月 stands before its number */

typedef struct bounding {
    const char *text;
    sm_fact_bound bound;
    const char *not_near; /* characters that make another word of it: after it, or before it */
} bounding;

/* Right before the number, what is longer first. */
static const bounding before[] = {
    { "不得超过", SM_BOUND_AT_MOST, "" },
    { "不能超过", SM_BOUND_AT_MOST, "" },
    { "不应超过", SM_BOUND_AT_MOST, "" },
    { "不得高于", SM_BOUND_AT_MOST, "" },
    { "不得多于", SM_BOUND_AT_MOST, "" },
    { "不得大于", SM_BOUND_AT_MOST, "" },
    { "不得低于", SM_BOUND_AT_LEAST, "" },
    { "不得少于", SM_BOUND_AT_LEAST, "" },
    { "不得小于", SM_BOUND_AT_LEAST, "" },
    { "不得短于", SM_BOUND_AT_LEAST, "" },
    { "不应低于", SM_BOUND_AT_LEAST, "" },
    { "不应少于", SM_BOUND_AT_LEAST, "" },
    { "没有超过", SM_BOUND_AT_MOST, "" },
    { "不能少于", SM_BOUND_AT_LEAST, "" },
    { "不能低于", SM_BOUND_AT_LEAST, "" },
    { "不准超过", SM_BOUND_AT_MOST, "" },
    { "不许超过", SM_BOUND_AT_MOST, "" },
    { "不可超过", SM_BOUND_AT_MOST, "" },
    { "不可以超过", SM_BOUND_AT_MOST, "" },
    { "不会超过", SM_BOUND_AT_MOST, "" },
    { "别超过", SM_BOUND_AT_MOST, "" },
    { "没有高于", SM_BOUND_AT_MOST, "" },
    { "别高于", SM_BOUND_AT_MOST, "" },
    { "不能高于", SM_BOUND_AT_MOST, "" },
    { "不能大于", SM_BOUND_AT_MOST, "" },
    { "不能多于", SM_BOUND_AT_MOST, "" },
    { "不能晚于", SM_BOUND_AT_MOST, "" },
    { "不得晚于", SM_BOUND_AT_MOST, "" },
    { "不得长于", SM_BOUND_AT_MOST, "" },
    { "不能小于", SM_BOUND_AT_LEAST, "" },
    { "不能短于", SM_BOUND_AT_LEAST, "" },
    { "不能早于", SM_BOUND_AT_LEAST, "" },
    { "不能不足", SM_BOUND_AT_LEAST, "" },
    { "不得不足", SM_BOUND_AT_LEAST, "" },
    { "不得早于", SM_BOUND_AT_LEAST, "" },
    { "不应小于", SM_BOUND_AT_LEAST, "" },
    { "不能不满", SM_BOUND_AT_LEAST, "" },
    { "别低于", SM_BOUND_AT_LEAST, "" },
    { "别少于", SM_BOUND_AT_LEAST, "" },
    { "别小于", SM_BOUND_AT_LEAST, "" },
    { "没有达到", SM_BOUND_LESS, "" },
    { "没达到", SM_BOUND_LESS, "" },
    { "没有满", SM_BOUND_LESS, "" },
    { "还没满", SM_BOUND_LESS, "" },
    { "没满", SM_BOUND_LESS, "" },
    { "没到", SM_BOUND_LESS, "" },
    { "还不到", SM_BOUND_LESS, "" },
    { "够不上", SM_BOUND_LESS, "" },
    { "没够", SM_BOUND_LESS, "" },
    { "不够", SM_BOUND_LESS, "" },
    { "不超过", SM_BOUND_AT_MOST, "" },
    { "没超过", SM_BOUND_AT_MOST, "" },
    { "限补", SM_BOUND_AT_MOST, "" },
    { "限购", SM_BOUND_AT_MOST, "" },
    { "限报", SM_BOUND_AT_MOST, "" },
    { "限领", SM_BOUND_AT_MOST, "" },
    { "限养", SM_BOUND_AT_MOST, "" },
    { "仅限", SM_BOUND_AT_MOST, "" },
    { "未超过", SM_BOUND_AT_MOST, "" },
    { "不高于", SM_BOUND_AT_MOST, "" },
    { "不多于", SM_BOUND_AT_MOST, "" },
    { "不大于", SM_BOUND_AT_MOST, "" },
    { "不长于", SM_BOUND_AT_MOST, "" },
    { "不晚于", SM_BOUND_AT_MOST, "" },
    { "不迟于", SM_BOUND_AT_MOST, "" },
    { "不低于", SM_BOUND_AT_LEAST, "" },
    { "不少于", SM_BOUND_AT_LEAST, "" },
    { "不小于", SM_BOUND_AT_LEAST, "" },
    { "不短于", SM_BOUND_AT_LEAST, "" },
    { "不早于", SM_BOUND_AT_LEAST, "" },
    { "未达到", SM_BOUND_LESS, "" },
    { "不到", SM_BOUND_LESS, "" },
    { "未达", SM_BOUND_LESS, "" },
    { "截止到", SM_BOUND_AT_MOST, "" },
    { "截至", SM_BOUND_AT_MOST, "" },
    { "截止", SM_BOUND_AT_MOST, "" },
    { "超过", SM_BOUND_MORE, "" },
    { "高于", SM_BOUND_MORE, "" },
    { "多于", SM_BOUND_MORE, "" },
    { "大于", SM_BOUND_MORE, "" },
    { "长于", SM_BOUND_MORE, "" },
    { "晚于", SM_BOUND_MORE, "" },
    { "超出", SM_BOUND_MORE, "" },
    { "不满", SM_BOUND_LESS, "" },
    { "未满", SM_BOUND_LESS, "" },
    { "不足", SM_BOUND_LESS, "" },
    { "低于", SM_BOUND_LESS, "" },
    { "少于", SM_BOUND_LESS, "" },
    { "小于", SM_BOUND_LESS, "" },
    { "短于", SM_BOUND_LESS, "" },
    { "早于", SM_BOUND_LESS, "" },
    { "达到", SM_BOUND_AT_LEAST, "" },
    { "年满", SM_BOUND_AT_LEAST, "" },
    { "届满", SM_BOUND_NONE, "" },
    { "期满", SM_BOUND_NONE, "" },
    { "满", SM_BOUND_AT_LEAST, "" },
    { "大约", SM_BOUND_ABOUT, "" },
    { "约为", SM_BOUND_ABOUT, "" },
    { "大概", SM_BOUND_ABOUT, "" },
    { "预约", SM_BOUND_NONE, "" },
    { "节约", SM_BOUND_NONE, "" },
    { "约", SM_BOUND_ABOUT, "" },
    { "近", SM_BOUND_NONE, "" },
    { "超", SM_BOUND_MORE, "" },
    { "≥", SM_BOUND_AT_LEAST, "" },
    { "≧", SM_BOUND_AT_LEAST, "" },
    { "≤", SM_BOUND_AT_MOST, "" },
    { "≦", SM_BOUND_AT_MOST, "" },
    { "＞", SM_BOUND_MORE, "" },
    { "＜", SM_BOUND_LESS, "" },
    { ">=", SM_BOUND_AT_LEAST, "" },
    { "<=", SM_BOUND_AT_MOST, "" },
    { ">", SM_BOUND_MORE, "" },
    { "<", SM_BOUND_LESS, "" },
};

/* Before the number in its phrase, with other words between. */
static const bounding away[] = {
    { "最高", SM_BOUND_AT_MOST, "人法检院" }, { "最多", SM_BOUND_AT_MOST, "" },
    { "最长", SM_BOUND_AT_MOST, "" },         { "最大", SM_BOUND_AT_MOST, "" },
    { "最迟", SM_BOUND_AT_MOST, "" },         { "最晚", SM_BOUND_AT_MOST, "" },
    { "至多", SM_BOUND_AT_MOST, "" },         { "顶多", SM_BOUND_AT_MOST, "" },
    { "至迟", SM_BOUND_AT_MOST, "" },         { "上限", SM_BOUND_AT_MOST, "" },
    { "最低", SM_BOUND_AT_LEAST, "工生" },    { "最少", SM_BOUND_AT_LEAST, "" },
    { "最短", SM_BOUND_AT_LEAST, "" },        { "最小", SM_BOUND_AT_LEAST, "" },
    { "最早", SM_BOUND_AT_LEAST, "" },        { "至少", SM_BOUND_AT_LEAST, "" },
    { "起码", SM_BOUND_AT_LEAST, "" },        { "下限", SM_BOUND_AT_LEAST, "" },
};

/* Right after it. */
static const bounding after[] = {
    { "及以上", SM_BOUND_AT_LEAST, "" }, { "或以上", SM_BOUND_AT_LEAST, "" },
    { "和以上", SM_BOUND_AT_LEAST, "" }, { "以上", SM_BOUND_AT_LEAST, "" },
    { "之上", SM_BOUND_AT_LEAST, "" },   { "及以下", SM_BOUND_AT_MOST, "" },
    { "或以下", SM_BOUND_AT_MOST, "" },  { "和以下", SM_BOUND_AT_MOST, "" },
    { "以下", SM_BOUND_AT_MOST, "" },    { "之下", SM_BOUND_AT_MOST, "" },
    { "及以内", SM_BOUND_AT_MOST, "" },  { "以内", SM_BOUND_AT_MOST, "" },
    { "之内", SM_BOUND_AT_MOST, "" },    { "内", SM_BOUND_AT_MOST, "容部外科地存" },
    { "往上", SM_BOUND_AT_LEAST, "" },   { "朝上", SM_BOUND_AT_LEAST, "" },
    { "往下", SM_BOUND_AT_MOST, "" },    { "以里", SM_BOUND_AT_MOST, "" },
    { "里头", SM_BOUND_AT_MOST, "" },    { "以外", SM_BOUND_MORE, "" },
    { "之外", SM_BOUND_MORE, "" },       { "左右", SM_BOUND_ABOUT, "" },
    { "上下", SM_BOUND_ABOUT, "" },      { "余", SM_BOUND_ABOUT, "额" },
    { "多", SM_BOUND_ABOUT, "" },        { "封顶", SM_BOUND_AT_MOST, "" },
    { "为限", SM_BOUND_AT_MOST, "" },    { "为上限", SM_BOUND_AT_MOST, "" },
    { "起步", SM_BOUND_AT_LEAST, "" },   { "起", SM_BOUND_AT_LEAST, "诉草点算来因到" },
};

/* After a date or a time, which they leave in. */
static const bounding after_time[] = {
    { "以前", SM_BOUND_AT_MOST, "" },  { "之前", SM_BOUND_AT_MOST, "" },
    { "前", SM_BOUND_AT_MOST, "后" },  { "止", SM_BOUND_AT_MOST, "" },
    { "以后", SM_BOUND_AT_LEAST, "" }, { "之后", SM_BOUND_AT_LEAST, "" },
    { "以来", SM_BOUND_AT_LEAST, "" }, { "之日起", SM_BOUND_AT_LEAST, "" },
    { "后", SM_BOUND_AT_LEAST, "" },   { "起", SM_BOUND_AT_LEAST, "" },
};

static const bounding *starts_with(const sm_scan *x, size_t at, const bounding *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!sm_scan_word(x, at, list[i].text))
            continue;
        size_t k = strlen(list[i].text);
        return sm_scan_one_of(x, at + k, list[i].not_near) ? NULL : &list[i];
    }
    return NULL;
}

static bool ends_with(const sm_scan *x, size_t from, size_t at, const char *word)
{
    size_t n = strlen(word);
    return at >= from + n && memcmp(x->s.p + at - n, word, n) == 0;
}

/* Words between a bound and its number are passed over: 不超过人民币, 不超过每人每月. */
static size_t word_before(const sm_scan *x, size_t from, size_t at)
{
    static const char *const words[] = {
        "最低工资标准", "最低工资", "标准", "人民币", "RMB",  "每人", "每月", "每年", "每次",
        "每户",         "每证",     "每套", "每份",   "每天", "每日", "合计", "总计", "累计",
        "为",           "的",       "在",   " ",      "：",   "（",   "(",    "其",   "前",
        "共",           "第",       "于",   "到"
    };
    bool may = at > from && strchr(" (B", x->s.p[at - 1]);
    if (!may && (at < from + 3 ||
                 !sm_scan_one_of(x, at - 3, "准资币人月年次户证套份天日计为的在：（其前共第于到")))
        return 0;
    for (size_t i = 0; i < SM_LEN(words); i++)
        if (ends_with(x, from, at, words[i]))
            return strlen(words[i]);
    return 0;
}

/* The bound that ends at `at`, or NULL. */
static const bounding *right_before(const sm_scan *x, size_t from, size_t at)
{
    static const char last[] = "过于到达至止出满足约为概近超≥≧≤≦＞＜";
    bool may = at > from && strchr("<>=", x->s.p[at - 1]);
    if (!may && (at < from + 3 || !sm_scan_one_of(x, at - 3, last)))
        return NULL;
    for (size_t i = 0; i < SM_LEN(before); i++)
        if (ends_with(x, from, at, before[i].text))
            return &before[i];
    return NULL;
}

/* The last of the bounds that stand in the phrase before `at`. */
static sm_fact_bound said_away(const sm_scan *x, size_t from, size_t at)
{
    static const char first[] = "最至顶起上下", ends[] = "，。；：！？（）";
    size_t least = at > from + MAX_AWAY_BYTES ? at - MAX_AWAY_BYTES : from;
    for (size_t i = at; i >= least + 3;) {
        i -= (uint8_t)x->s.p[i - 1] < 0x80 ? 1 : 3;
        if (x->s.p[i] == '\n' || x->s.p[i] == ',' || x->s.p[i] == ';' || sm_scan_one_of(x, i, ends))
            return SM_BOUND_NONE;
        for (size_t k = 0; sm_scan_one_of(x, i, first) && k < SM_LEN(away); k++)
            if (sm_scan_word(x, i, away[k].text))
                return sm_scan_one_of(x, i + strlen(away[k].text), away[k].not_near)
                           ? SM_BOUND_NONE
                           : away[k].bound;
    }
    return SM_BOUND_NONE;
}

static sm_fact_bound bound_before(const sm_scan *x, size_t from, size_t at)
{
    enum { MAX_WORDS = 6 };
    size_t end = at;
    for (int words = 0; words < MAX_WORDS; words++) {
        const bounding *b = right_before(x, from, end);
        if (b)
            return b->bound;
        size_t n = word_before(x, from, end);
        if (n == 0)
            break;
        end -= n;
    }
    return said_away(x, from, at);
}

/* （含） and （不含60周岁） between a number and its 以上: bytes read. */
static size_t in_brackets(const sm_scan *x, size_t at, bool *without)
{
    if (at >= x->s.n || (x->s.p[at] != '(' && !sm_scan_word(x, at, "（")))
        return 0;
    static const char *const opens[] = { "（含", "(含", "（不含", "(不含", "（不包括", "(不包括" };
    static const char *const closes[] = { "）", ")" };
    enum { MAX_INSIDE = 36 };
    size_t n = 0;
    for (size_t i = 0; i < SM_LEN(opens) && n == 0; i++)
        if (sm_scan_word(x, at, opens[i])) {
            n = strlen(opens[i]);
            *without = i >= 2;
        }
    for (size_t i = at + n, k; n && i < x->s.n && i < at + MAX_INSIDE; i++)
        if ((k = sm_scan_any(x, i, closes, SM_LEN(closes))) > 0)
            return i + k - at;
    return 0;
}

static sm_fact_bound bound_after(const sm_scan *x, const sm_fact *f, size_t end)
{
    bool without = false, time = f->kind == SM_FACT_DATE || f->kind == SM_FACT_TIME;
    end += in_brackets(x, end, &without);
    end += sm_scan_gap(x, end);
    if (!sm_scan_one_of(x, end, "及或和以之内左上封为起余多前止后"))
        return SM_BOUND_NONE;
    const bounding *b = starts_with(x, end, after, SM_LEN(after));
    if (!b && time)
        b = starts_with(x, end, after_time, SM_LEN(after_time));
    if (!b)
        return SM_BOUND_NONE;
    size_t next = end + strlen(b->text);
    if (in_brackets(x, next, &without) == 0 && !without)
        return b->bound;
    return without && b->bound == SM_BOUND_AT_LEAST  ? SM_BOUND_MORE
           : without && b->bound == SM_BOUND_AT_MOST ? SM_BOUND_LESS
                                                     : b->bound;
}

static bool ranges(sm_fact_kind kind)
{
    return kind <= SM_FACT_TIME || kind == SM_FACT_ADDRESS;
}

void sm_scan_bounds(sm_scan *x)
{
    size_t from = 0;
    for (size_t i = 0; i < x->n; i++) {
        sm_fact *f = &x->fact[i];
        size_t at = (size_t)(f->text.p - x->s.p), end = at + f->text.n;
        size_t sign = ranges(f->kind) && i + 1 < x->n ? sm_scan_range_sign(x, end) : 0;
        if (sign && ranges(f[1].kind) && f[1].text.p == x->s.p + end + sign) {
            f->bound = SM_BOUND_FROM;
            f[1].bound = SM_BOUND_TO;
        }
        if (f->kind <= SM_FACT_TIME) {
            if (f->bound == SM_BOUND_NONE)
                f->bound = bound_after(x, f, end);
            if (f->bound == SM_BOUND_NONE)
                f->bound = bound_before(x, from, at);
            bool of_date = f->kind == SM_FACT_TIME && i && f[-1].kind == SM_FACT_DATE &&
                           from == at && f[-1].bound == SM_BOUND_NONE;
            if (of_date)
                f[-1].bound = f->bound;
        }
        from = end;
    }
}
