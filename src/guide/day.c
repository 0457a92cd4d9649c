/*
 * Which other day a question speaks of.
 */
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

bool sm_speaks_of_past(const sm_turn *t)
{
    bool back_then = t->today + 30 < sm_today(); /* asked as of a past day: "then" is that day */
    return !back_then && !sets_bound(t->text) && sm_str_has_any(t->text, olds, SM_LEN(olds));
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

/* "…以前", "…前": the day before. */
static bool is_before(sm_str behind)
{
    static const char *const words[] = { "以前", "之前", "前", "年前", "年以前", "年之前" };
    return sm_str_starts_any(behind, words, SM_LEN(words));
}

/* Behind which year, and which it is: 去年, 前年; 2023年. */
static int64_t year_ago(const sm_turn *t, int64_t this_year, size_t *behind)
{
    static const char *const words[] = { "去年", "前年" };
    for (size_t i = 0; i < SM_LEN(words); i++) {
        size_t at = sm_str_find(t->text, sm_str_of(words[i]), 0);
        *behind = at + 6;
        if (at != SIZE_MAX)
            return this_year - (int64_t)i - 1;
    }
    return 0;
}

static int64_t year_named(const sm_turn *t, int64_t this_year, size_t *behind)
{
    bool has_digit = false;
    for (size_t i = 0; i < t->text.n; i++)
        has_digit |= t->text.p[i] >= '0' && t->text.p[i] <= '9';
    for (int64_t y = this_year - 1; has_digit && y > this_year - 30; y--) {
        sm_str digits = sm_strf(t->op->arena, "%lld年", (long long)y);
        size_t at = sm_str_find(t->text, digits, 0);
        *behind = at + digits.n;
        if (at != SIZE_MAX)
            return y;
    }
    return 0;
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

sm_date sm_past_day_of(const sm_turn *t)
{
    sm_fact *f;
    int64_t this_year = 0;
    size_t at = 0;
    sm_str_to_int(sm_str_sub(sm_date_iso(t->op->arena, t->today), 0, 4), &this_year);
    int64_t year = year_ago(t, this_year, &at);
    size_t n = year ? 0 : sm_text_facts(t->op->arena, t->text, &f);
    for (size_t i = 0; i < n; i++)
        if (f[i].kind == SM_FACT_DATE && (sm_date)f[i].value < t->today) {
            size_t end = (size_t)(f[i].text.p + f[i].text.n - t->text.p);
            return (sm_date)f[i].value - is_before(sm_str_sub(t->text, end, t->text.n));
        }
    if (!year)
        year = year_named(t, this_year, &at);
    return year ? day_in(year, sm_str_sub(t->text, at, t->text.n)) : SM_DATE_NONE;
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

/* "三年后", "过了年龄" are no New Year. */
static bool speaks_of_new_year(sm_str text)
{
    static const char *const words[] = { "过完年",   "过了年",   "开年",     "开春",
                                         "春节后",   "春节以后", "春节过后", "过完春节",
                                         "过了春节", "正月过后", "年一过" };
    static const char *const counted[] = { "一", "两", "二", "三", "四", "五", "六", "七",   "八",
                                           "九", "十", "百", "几", "多", "半", "数", "若干", "次" };
    static const char *const longer[] = { "龄", "限", "检", "审", "底", "纪" };
    for (size_t i = 0; i < SM_LEN(words); i++) {
        sm_str word = sm_str_of(words[i]);
        size_t at = sm_str_find(text, word, 0);
        if (at != SIZE_MAX &&
            !sm_str_starts_any(sm_str_sub(text, at + word.n, text.n), longer, SM_LEN(longer)))
            return true;
    }
    size_t at = sm_str_find(text, SM_STR("年后"), 0);
    sm_str before = sm_str_sub(text, 0, at == SIZE_MAX ? 0 : at);
    bool digit = before.n && before.p[before.n - 1] >= '0' && before.p[before.n - 1] <= '9';
    return at != SIZE_MAX && !digit && !sm_str_ends_any(before, counted, SM_LEN(counted));
}

/* Days that are named by what comes: the last one that may be meant. */
static sm_date last_of_season(const sm_turn *t, int64_t year, int64_t month)
{
    static const char *const first_day[] = { "元旦后",   "元旦以后", "元旦过后",
                                             "元旦之后", "过了元旦", "过完元旦",
                                             "元旦起",   "元旦开始", "元旦一过" };
    static const char *const next_month[] = { "下个月", "下月" };
    static const char *const next_year[] = { "来年", "转年" };
    if (sm_str_has_any(t->text, next_month, SM_LEN(next_month)))
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
