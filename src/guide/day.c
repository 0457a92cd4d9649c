/*
 * Which other day a question speaks of.
 */
#include <string.h>

#include "guide/turn.h"
#include "text/text.h"

enum { YEARS_AHEAD = 10 };

/* Words that speak of another time. */
static const char *const olds[] = { "以前",   "原来",   "当时",   "那会儿", "去年",   "前年",
                                    "老政策", "旧政策", "旧办法", "旧规",   "老办法", "过去",
                                    "早先",   "那时",   "之前的", "老规定", "原先",   "前几年",
                                    "前些年", "老标准", "老的" };
static const char *const coming[] = { "新规",     "新条例", "新办法", "新政",   "明年",
                                      "以后",     "即将",   "哪天起", "从哪天", "什么时候开始",
                                      "哪天开始", "马上要", "新出" };

/* "三岁以前", "月底以前" set a bound and tell of no other time. */
static bool sets_bound(sm_str text)
{
    static const char *const of[] = { "岁以前", "月以前", "日以前", "号以前", "底以前", "天以前" };
    return sm_str_has_any(text, of, SM_LEN(of));
}

/* What is done or meant to be done now: "现在买房", "打算网签". */
static bool acts_now(sm_str text)
{
    static const char *const now[] = { "现在", "如今", "今年", "打算", "准备" };
    static const char *const acts[] = { "买", "购房", "购车", "网签", "签约", "下单" };
    sm_str phrase;
    while (sm_text_phrase(&text, &phrase))
        for (size_t i = 0; i < SM_LEN(now); i++) {
            size_t at = sm_str_find(phrase, sm_str_of(now[i]), 0);
            for (size_t k = 0; at != SIZE_MAX && k < SM_LEN(acts); k++) {
                sm_str act = sm_str_of(acts[k]);
                size_t act_at = sm_str_find(phrase, act, at);
                sm_str rest = sm_str_sub(phrase, act_at + act.n, phrase.n);
                if (act_at != SIZE_MAX && !sm_str_starts(rest, SM_STR("补")))
                    return true;
            }
        }
    return false;
}

bool sm_speaks_of_future(const sm_turn *t)
{
    return sm_str_has_any(t->text, coming, SM_LEN(coming));
}

/* ------------------------------------------------------------------- past */

/* The month named right behind a year, "去年12月", "去年十月"; 0 for none. */
static int month_behind(sm_str rest)
{
    size_t to = sm_str_find(rest, SM_STR("月"), 0);
    int64_t month = to != SIZE_MAX && to <= 9 ? sm_text_integer(sm_str_sub(rest, 0, to)) : 0;
    return month >= 1 && month <= 12 ? (int)month : 0;
}

/* "…以前", "…前": the day before; "前后", "前三季度", "前半年" are in it. */
static bool is_before(sm_str behind)
{
    static const char *const words[] = { "以前", "之前", "年前", "年以前", "年之前" };
    static const char *const within[] = { "前后",   "前半", "前期", "前一个", "前一季",
                                          "前两",   "前二", "前三", "前四",   "前五",
                                          "前六",   "前七", "前八", "前九",   "前十",
                                          "前几个", "前几", "前数", "前段" };
    bool digit = behind.n > 3 && behind.p[3] >= '0' && behind.p[3] <= '9';
    return sm_str_starts_any(behind, words, SM_LEN(words)) ||
           (sm_str_starts(behind, SM_STR("前")) && !digit &&
            !sm_str_starts_any(behind, within, SM_LEN(within)));
}

/* In the middle of the year, or of its month; the day before either. */
static sm_date day_in(int64_t year, sm_str behind)
{
    int month = month_behind(behind);
    if (!month)
        return is_before(behind) ? sm_date_of((int)year, 1, 1) - 1 : sm_date_of((int)year, 7, 1);
    sm_str rest = sm_str_sub(behind, sm_str_find(behind, SM_STR("月"), 0) + 3, behind.n);
    return is_before(rest) ? sm_date_of((int)year, month, 1) - 1 : sm_date_of((int)year, month, 15);
}

/* Days that a text tells, with the bytes that name them, and of the phrase about them. */
enum { MAX_TOLD = 8 };
struct told {
    sm_date day;
    size_t from, to, phrase, phrase_end;
};

/* 去年, 前年 at the front: the year; 0 for none. */
static int64_t year_ago(sm_str rest, int64_t this_year)
{
    static const char *const words[] = { "去年", "前年" };
    for (size_t i = 0; i < SM_LEN(words); i++)
        if (sm_str_starts(rest, sm_str_of(words[i])))
            return this_year - (int64_t)i - 1;
    return 0;
}

/* 2023年, 2023年5月, 2023年5月6日: not 5月6日, nor the year that is now. */
static bool names_year(const sm_fact *f, int64_t this_year)
{
    sm_str year = sm_str_sub(f->key, strlen("date:"), f->key.n);
    int64_t y;
    return f->kind == SM_FACT_DATE && sm_str_to_int(sm_str_sub(year, 0, 4), &y) && y > 999 &&
           (y != this_year || year.n > 4);
}

static size_t days_named(const sm_turn *t, struct told *told)
{
    sm_fact *f;
    int64_t this_year = 0, year;
    size_t n = 0, k = 0, n_facts = sm_text_facts(t->op->arena, t->text, &f);
    sm_str_to_int(sm_str_sub(sm_date_iso(t->op->arena, t->today), 0, 4), &this_year);
    for (size_t at = 0; at < t->text.n && n < MAX_TOLD;) {
        sm_str rest = sm_str_sub(t->text, at, t->text.n);
        size_t bytes = sm_utf8_head(rest, 1).n;
        while (k < n_facts && f[k].text.p < rest.p)
            k++;
        if ((year = year_ago(rest, this_year)) > 0) {
            bytes = strlen("去年");
            sm_date day = day_in(year, sm_str_sub(rest, bytes, rest.n));
            told[n++] = (struct told){ .day = day, .from = at, .to = at + bytes };
        } else if (k < n_facts && f[k].text.p == rest.p && f[k].text.n) {
            bytes = f[k].text.n;
            sm_date day = (sm_date)f[k].value;
            if (names_year(&f[k], this_year) && day < t->today)
                told[n++] = (struct told){ .day = day - is_before(sm_str_sub(rest, bytes, rest.n)),
                                           .from = at,
                                           .to = at + bytes };
        }
        at += bytes;
    }
    return n;
}

/* From where to where the phrase with a day speaks of that day and not of another. */
static void around(sm_str text, const struct told *told, size_t n, size_t i, size_t *from,
                   size_t *to)
{
    sm_str rest = text, phrase = text;
    while (sm_text_phrase(&rest, &phrase) && (size_t)(phrase.p + phrase.n - text.p) < told[i].to)
        ;
    *from = (size_t)(phrase.p - text.p);
    *to = SM_MAX(*from + phrase.n, told[i].to);
    if (i > 0)
        *from = SM_MAX(*from, told[i - 1].to);
    if (i + 1 < n)
        *to = SM_MIN(*to, told[i + 1].from);
}

/* Where the first of the words is; SIZE_MAX for none. */
static size_t first_of(sm_str text, const char *const *word, size_t n)
{
    size_t first = SIZE_MAX;
    for (size_t i = 0; i < n; i++)
        first = SM_MIN(first, sm_str_find(text, sm_str_of(word[i]), 0));
    return first;
}

static const char *const acts[] = { "买",     "网签", "签约", "签的", "付款", "付的款", "付了",
                                    "下单",   "受理", "递",   "交的", "登记", "注册",   "拿到",
                                    "申请了", "开店", "开的", "办的", "装的" };

/* "1998年5月生的", "2021年大学毕业", "建于2003年": of a person or a house, no day of an act. */
static bool of_a_life(sm_str before, sm_str behind)
{
    static const char *const ends[] = { "生于", "毕业于", "建于", "建成于" };
    static const char *const has[] = { "出生", "毕业", "建成", "参加工作" };
    static const char *const born[] = { "生的", "生人" };
    static const char *const of_days[] = { "月", "日", "号", "一", "二", "三", "四", "五",
                                           "六", "七", "八", "九", "十", "初", "底" };
    size_t life = first_of(behind, has, SM_LEN(has));
    if (sm_str_ends_any(before, ends, SM_LEN(ends)) ||
        (life != SIZE_MAX && life < first_of(behind, acts, SM_LEN(acts))))
        return true;
    while (behind.n && ((behind.p[0] >= '0' && behind.p[0] <= '9') ||
                        sm_str_starts_any(behind, of_days, SM_LEN(of_days))))
        behind = sm_str_sub(behind, sm_utf8_head(behind, 1).n, behind.n);
    return sm_str_starts_any(behind, born, SM_LEN(born)) || sm_str_eq(behind, SM_STR("生"));
}

/* An old time is named by more than a year: "以前", "老标准". */
static bool names_old(const sm_turn *t)
{
    static const char *const of_year[] = { "去年", "前年", "年以前", "年之前" };
    sm_str rest = t->text;
    for (size_t i = 0; i < SM_LEN(of_year); i++)
        rest = sm_without(t->op->arena, rest, sm_str_of(of_year[i]), "");
    return sm_str_has_any(rest, olds, SM_LEN(olds));
}

/* Those that are no day of a birth or the like, unless the old rule is asked for ("2024年底出生的，
 * 按老标准吗"); *n_named: of how many. */
static size_t days_told(const sm_turn *t, struct told *told, size_t *n_named)
{
    struct told named[MAX_TOLD];
    size_t n = 0;
    *n_named = days_named(t, named);
    bool old = *n_named && names_old(t);
    for (size_t i = 0; i < *n_named; i++) {
        struct told one = named[i];
        around(t->text, named, *n_named, i, &one.phrase, &one.phrase_end);
        if (old || !of_a_life(sm_str_sub(t->text, one.phrase, one.from),
                              sm_str_sub(t->text, one.to, one.phrase_end)))
            told[n++] = one;
    }
    return n;
}

sm_date sm_past_day_of(const sm_turn *t, sm_str *phrase)
{
    struct told told[MAX_TOLD];
    size_t n_named, n = days_told(t, told, &n_named);
    bool acted = false;
    *phrase = (sm_str){ 0 };
    if (n == 0 || acts_now(t->text))
        return SM_DATE_NONE;
    sm_date day = SM_DATE_NONE;
    for (size_t i = 0; i < n && !acted; i++) {
        *phrase = sm_str_sub(t->text, told[i].phrase, told[i].phrase_end);
        acted = sm_str_has_any(*phrase, acts, SM_LEN(acts));
        day = told[i].day;
    }
    return day;
}

/* All that a text says of another time is when somebody was born or the like, or it tells what is
 * done now: "去年毕业的", "2024年以前来的，现在买房". */
static bool says_no_past(const sm_turn *t)
{
    struct told told[MAX_TOLD];
    size_t n_named, n = days_told(t, told, &n_named);
    return n_named && (n == 0 || acts_now(t->text)) && !names_old(t);
}

bool sm_speaks_of_past(const sm_turn *t)
{
    bool back_then = t->today + 30 < sm_today(); /* asked as of a past day: "then" is that day */
    return !back_then && !sets_bound(t->text) && sm_str_has_any(t->text, olds, SM_LEN(olds)) &&
           !says_no_past(t);
}

/* ----------------------------------------------------------------- coming */

static sm_date last_of_month(int64_t year, int64_t month)
{
    return month < 12 ? sm_date_of((int)year, (int)month + 1, 1) - 1
                      : sm_date_of((int)year, 12, 31);
}

/* The last day of that year, or of its month named right behind: "2027年1月", "明年3月". */
static sm_date last_of_named(const sm_turn *t, sm_str year_word, int64_t year)
{
    int64_t month;
    size_t at = sm_str_find(t->text, year_word, 0);
    if (at == SIZE_MAX)
        return SM_DATE_NONE;
    sm_str rest = sm_str_sub(t->text, at + year_word.n, t->text.n);
    size_t to = sm_str_find(rest, SM_STR("月"), 0);
    bool named = to != SIZE_MAX && sm_str_to_int(sm_str_sub(rest, 0, to), &month) && month >= 1 &&
                 month <= 12;
    return last_of_month(year, named ? month : 12);
}

/* "三年后", "成年后", "今年后半年" are no New Year. */
static bool is_new_year(sm_str before, sm_str behind)
{
    static const char *const counted[] = { "一", "两", "二", "三", "四", "五", "六", "七",   "八",
                                           "九", "十", "百", "几", "多", "半", "数", "若干", "次",
                                           "成", "今", "当", "周", "往", "去", "前", "每",   "整" };
    static const char *const halves[] = { "半", "期" };
    bool digit = before.n && before.p[before.n - 1] >= '0' && before.p[before.n - 1] <= '9';
    return !digit && !sm_str_ends_any(before, counted, SM_LEN(counted)) &&
           !sm_str_starts_any(behind, halves, SM_LEN(halves));
}

/* "过了年龄" is none. */
static bool speaks_of_new_year(sm_str text)
{
    static const char *const words[] = { "过完年",   "过了年",   "开年",     "开春",
                                         "春节后",   "春节以后", "春节过后", "过完春节",
                                         "过了春节", "正月过后", "年一过" };
    static const char *const longer[] = { "龄", "限", "检", "审", "底", "纪" };
    for (size_t i = 0; i < SM_LEN(words); i++) {
        sm_str word = sm_str_of(words[i]);
        size_t at = sm_str_find(text, word, 0);
        if (at != SIZE_MAX &&
            !sm_str_starts_any(sm_str_sub(text, at + word.n, text.n), longer, SM_LEN(longer)))
            return true;
    }
    sm_str word = SM_STR("年后");
    for (size_t at = 0; (at = sm_str_find(text, word, at)) != SIZE_MAX; at += word.n)
        if (is_new_year(sm_str_sub(text, 0, at), sm_str_sub(text, at + word.n, text.n)))
            return true;
    return false;
}

/* "以下月份" is none. */
static bool speaks_of_next_month(sm_str text)
{
    sm_str word = SM_STR("下月");
    for (size_t at = 0; (at = sm_str_find(text, word, at)) != SIZE_MAX; at += word.n)
        if (!sm_str_ends(sm_str_sub(text, 0, at), SM_STR("以")))
            return true;
    return sm_str_has(text, SM_STR("下个月"));
}

/* Days that are named by what comes: the last one that may be meant. */
static sm_date last_of_season(const sm_turn *t, int64_t year, int64_t month)
{
    static const char *const first_day[] = { "元旦后",   "元旦以后", "元旦过后",
                                             "元旦之后", "过了元旦", "过完元旦",
                                             "元旦起",   "元旦开始", "元旦一过" };
    static const char *const next_year[] = { "来年", "转年" };
    if (speaks_of_next_month(t->text))
        return month < 12 ? last_of_month(year, month + 1) : last_of_month(year + 1, 1);
    if (sm_str_has_any(t->text, first_day, SM_LEN(first_day)) && month > 1)
        return last_of_month(year + 1, 1);
    if (speaks_of_new_year(t->text))
        return last_of_month(month > 3 ? year + 1 : year, 3);
    return sm_str_has_any(t->text, next_year, SM_LEN(next_year)) ? last_of_month(year + 1, 12)
                                                                 : SM_DATE_NONE;
}

sm_date sm_coming_day_of(const sm_turn *t)
{
    int64_t this_year = 0, month = 0;
    sm_str today = sm_date_iso(t->op->arena, t->today);
    sm_str_to_int(sm_str_sub(today, 0, 4), &this_year);
    sm_str_to_int(sm_str_sub(today, 5, 7), &month);
    sm_date day = SM_DATE_NONE;
    for (int64_t y = this_year + 1; y <= this_year + YEARS_AHEAD && day == SM_DATE_NONE; y++)
        day = last_of_named(t, sm_strf(t->op->arena, "%lld年", (long long)y), y);
    if (day == SM_DATE_NONE)
        day = last_of_named(t, SM_STR("明年"), this_year + 1);
    if (day == SM_DATE_NONE)
        day = last_of_named(t, SM_STR("后年"), this_year + 2);
    return day != SM_DATE_NONE ? day : last_of_season(t, this_year, month);
}
