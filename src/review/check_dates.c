/*
 * Group G: the signature, the date, the printing line and the note, and days that cannot be.
 */
#include <string.h>

#include "review/structure.h"

#include "review/parts.h"

/* A day in running text: 2026年3月5日, 3月5日. */
typedef struct day {
    sm_str text;
    int year, month, day; /* year, day 0: not given */
    size_t year_digits;
    bool zeros; /* 03月, 05日 */
} day;

/* -------------------------------------------------------------------- scan */

static size_t digits_at(sm_str s, size_t at, int *v)
{
    size_t n = 0;
    *v = 0;
    for (; at + n < s.n && s.p[at + n] >= '0' && s.p[at + n] <= '9' && n < 5; n++)
        *v = *v * 10 + (s.p[at + n] - '0');
    return n;
}

static bool word_at(sm_str s, size_t at, const char *word)
{
    return sm_str_starts(sm_str_sub(s, at, s.n), sm_str_of(word));
}

/* The day that begins at a digit; no digit stands before it. */
static bool day_at(sm_str s, size_t at, day *d)
{
    *d = (day){ 0 };
    size_t i = at;
    int v;
    size_t n = digits_at(s, i, &v);
    if ((n == 4 || n == 2) && word_at(s, i + n, "年")) {
        d->year = n == 2 ? 2000 + v : v;
        d->year_digits = n;
        i += n + 3;
        n = digits_at(s, i, &v);
    }
    if (n < 1 || n > 2 || !word_at(s, i + n, "月"))
        return false;
    d->month = v;
    d->zeros = n == 2 && s.p[i] == '0';
    i += n + 3;
    n = digits_at(s, i, &v);
    if (n >= 1 && n <= 2 && word_at(s, i + n, "日")) {
        d->day = v;
        d->zeros |= n == 2 && s.p[i] == '0';
        i += n + 3;
    }
    d->text = sm_str_sub(s, at, i);
    return true;
}

/* The next one at or after *at, which is moved behind it. */
static bool next_day(sm_str s, size_t *at, day *d)
{
    while (*at < s.n) {
        if (s.p[*at] < '0' || s.p[*at] > '9') {
            ++*at;
            continue;
        }
        int v;
        if (day_at(s, *at, d)) {
            *at += d->text.n;
            return true;
        }
        *at += SM_MAX(digits_at(s, *at, &v), 1u);
    }
    return false;
}

static sm_date date_of(const day *d, int year)
{
    return sm_date_of(year, d->month, d->day);
}

static int year_of(sm_str iso)
{
    int64_t y;
    return iso.n == 10 && sm_str_to_int(sm_str_sub(iso, 0, 4), &y) ? (int)y : 0;
}

/* --------------------------------------------------------------- G01 … G04 */

/* The date at the end of the printing line. */
static sm_str printed_date(sm_str s)
{
    static const char *const ends[] = { "印发", "印" };
    static const char signs[] = "年月日号〇零○一二三四五六七八九十０１２３４５６７８９．—－";
    for (size_t i = 0; i < SM_LEN(ends); i++)
        if (sm_str_ends(s, sm_str_of(ends[i]))) {
            s = sm_str_trim(sm_str_sub(s, 0, s.n - strlen(ends[i])));
            break;
        }
    size_t from = s.n;
    while (from > 0) {
        char ch = s.p[from - 1];
        if ((ch >= '0' && ch <= '9') || ch == '.' || ch == '-' || ch == '/')
            from--;
        else if (from >= 3 && sm_str_has(sm_str_of(signs), sm_str_sub(s, from - 3, from)))
            from -= 3;
        else
            break;
    }
    return sm_str_sub(s, from, s.n);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool has_zeros(sm_str s)
{
    for (size_t i = 1; i + 1 < s.n; i++)
        if (s.p[i] == '0' && is_digit(s.p[i + 1]) && !is_digit(s.p[i - 1]))
            return true;
    return false;
}

static bool has_fault(sm_str s, sm_str fault)
{
    static const char *const han[] = { "〇", "零", "○",  "一", "二", "三", "四",
                                       "五", "六", "七", "八", "九", "十" };
    static const char *const dots[] = { ".", "．", "-", "—", "－", "/" };
    int v;
    size_t year = digits_at(s, 0, &v);
    if (sm_str_eq(fault, SM_STR("han")))
        return sm_str_has_any(s, han, SM_LEN(han));
    if (sm_str_eq(fault, SM_STR("zeros")))
        return has_zeros(s);
    if (sm_str_eq(fault, SM_STR("dots")))
        return sm_str_has_any(s, dots, SM_LEN(dots));
    return year > 0 && year < 4; /* short */
}

static void check_form(sm_check *c, const sm_rule *rule, const sm_line *l, sm_str s)
{
    sm_str iso;
    if (!sm_part_is_date(c->a, s, &iso) || !has_fault(s, sm_param_str(rule, "fault", "")))
        return;
    sm_finding *f = sm_find_slice(c, rule, l, s);
    if (!iso.n)
        return;
    sm_str right = sm_date_chinese(c->a, sm_date_parse(iso));
    sm_propose(f, right);
    sm_because(c, f, "%.*s，此处应为“%.*s”", SM_ARG(rule->why), SM_ARG(right));
}

/* 2026.3.5 or 2026-03-05 in a sentence: no part of a longer figure. */
static void check_dotted(sm_check *c, const sm_rule *rule, const sm_line *l)
{
    sm_str s = l->text;
    for (size_t at = 0; at + 8 <= s.n; at++) {
        int y, m, d;
        if (!is_digit(s.p[at]) || (at && (is_digit(s.p[at - 1]) || s.p[at - 1] == '.')))
            continue;
        size_t n = digits_at(s, at, &y), i = at + n;
        char sep = i < s.n ? s.p[i] : 0;
        if (n != 4 || y < 1949 || y > 2099 || (sep != '.' && sep != '-' && sep != '/'))
            continue;
        size_t month = digits_at(s, i + 1, &m), k = i + 1 + month;
        size_t day_n = k < s.n && s.p[k] == sep ? digits_at(s, k + 1, &d) : 0;
        size_t end = k + 1 + day_n;
        bool whole = end >= s.n || !strchr(".-/:", s.p[end]);
        if (!month || !day_n || !whole || sm_date_of(y, m, d) == SM_DATE_NONE)
            continue;
        sm_finding *f = sm_find_slice(c, rule, l, sm_str_sub(s, at, end));
        sm_propose(f, sm_strf(c->a, "%d年%d月%d日", y, m, d));
        f->confidence = .8;
        sm_because(c, f, "日期应写作“%d年%d月%d日”", y, m, d);
        at = end - 1;
    }
}

/* Within sentences days are written as they are signed. */
static void check_in_text(sm_check *c, const sm_rule *rule, const sm_line *l)
{
    sm_str fault = sm_param_str(rule, "fault", "");
    if (sm_str_eq(fault, SM_STR("dots")))
        check_dotted(c, rule, l);
    bool zeros = sm_str_eq(fault, SM_STR("zeros")), shorts = sm_str_eq(fault, SM_STR("short"));
    day d;
    for (size_t at = 0; (zeros || shorts) && next_day(l->text, &at, &d);) {
        bool wrong = zeros ? d.zeros : d.year_digits == 2 && d.day;
        if (!wrong || (!d.day && !d.year))
            continue;
        sm_buf b;
        sm_buf_init(&b, 100);
        if (d.year)
            sm_buf_addf(&b, "%d年", d.year);
        sm_buf_addf(&b, "%d月", d.month);
        if (d.day)
            sm_buf_addf(&b, "%d日", d.day);
        sm_str right = { 0 };
        sm_buf_take(c->op, &b, &right);
        sm_finding *f = sm_find_slice(c, rule, l, d.text);
        sm_propose(f, right);
        sm_because(c, f, "%s，此处应为“%.*s”", zeros ? "月、日不编虚位" : "年份应当标全称",
                   SM_ARG(right));
    }
}

void sm_dates_form(sm_check *c, const sm_rule *rule)
{
    for (size_t i = 0; i < c->o->n; i++) {
        const sm_line *l = &c->o->line[i];
        if (l->role == SM_ROLE_DATE)
            check_form(c, rule, l, l->text);
        else if (l->role == SM_ROLE_PRINTER)
            check_form(c, rule, l, printed_date(l->text));
        else if (sm_line_in_body(l))
            check_in_text(c, rule, l);
    }
}

/* --------------------------------------------------------------------- G05 */

static const char *const week[] = { "日", "一", "二", "三", "四", "五", "六" };

/* "（星期二）", "(周二)", "星期二" behind a day; the slice is without the bracket. */
static int weekday_at(sm_str s, size_t at, sm_str *text)
{
    static const char *const opens[] = { "（", "(" }, *const words[] = { "星期", "周", "礼拜" };
    for (size_t i = 0; i < SM_LEN(opens); i++)
        if (word_at(s, at, opens[i]))
            at += strlen(opens[i]);
    for (size_t i = 0; i < SM_LEN(words); i++) {
        if (!word_at(s, at, words[i]))
            continue;
        size_t day_at_ = at + strlen(words[i]);
        *text = sm_str_sub(s, at, day_at_ + 3);
        for (int d = 0; d < 7; d++)
            if (word_at(s, day_at_, week[d]))
                return d;
        if (word_at(s, day_at_, "天"))
            return 0;
    }
    return -1;
}

static int weekday_of(sm_date d)
{
    return (int)(((int64_t)d % 7 + 4 + 7) % 7); /* 1970-01-01 was a Thursday */
}

/* A document of late autumn that says 1月 means the next year. */
static int year_meant(int doc_year, int doc_month, int month)
{
    return doc_month >= 9 && month <= 4 ? doc_year + 1 : doc_year;
}

/* The years that a day without one may be of. */
typedef struct years {
    int said; /* the last one in the same paragraph; 0 none */
    int doc, doc_month;
} years;

static int likely_year(const years *y, const day *d)
{
    if (d->year)
        return d->year;
    if (y->said)
        return y->said;
    return y->doc ? year_meant(y->doc, y->doc_month, d->month) : 0;
}

static bool right_in_some_year(const years *y, const day *d, int weekday)
{
    int from = d->year ? d->year : y->said ? y->said : y->doc;
    int to = d->year ? from : y->doc ? SM_MAX(y->doc + 1, from) : from;
    from = d->year || !y->doc ? from : SM_MIN(from, y->doc);
    for (int k = from; k <= to && k < from + 5; k++) {
        sm_date date = date_of(d, k);
        if (date != SM_DATE_NONE && weekday_of(date) == weekday)
            return true;
    }
    return false;
}

static void check_weekday(sm_check *c, const sm_rule *rule, const sm_line *l, const day *d,
                          const years *y, size_t at)
{
    sm_str said;
    int weekday = weekday_at(l->text, at, &said), year = likely_year(y, d);
    if (weekday < 0 || !year || !d->day || right_in_some_year(y, d, weekday))
        return;
    sm_date date = date_of(d, year);
    if (date == SM_DATE_NONE)
        return;
    const char *right = week[weekday_of(date)];
    sm_finding *f = sm_find_slice(c, rule, l, said);
    sm_propose(f, sm_strf(c->a, "%.*s%s", SM_ARG(sm_str_sub(said, 0, said.n - 3)), right));
    sm_because(c, f, "%d年%d月%d日是星期%s", year, d->month, d->day, right);
}

static int last_day_of(int year, int month)
{
    for (int d = 31; d > 27; d--)
        if (sm_date_of(year, month, d) != SM_DATE_NONE)
            return d;
    return 0;
}

static bool is_possible(const day *d, int year)
{
    if (d->month < 1 || d->month > 12)
        return false;
    return !d->day || (d->day >= 1 && d->day <= last_day_of(year ? year : 2024, d->month));
}

static void impossible(sm_check *c, const sm_rule *rule, const sm_line *l, const day *d, int year)
{
    sm_finding *f = sm_find_slice(c, rule, l, d->text);
    f->confidence = .6;
    int last = d->month >= 1 && d->month <= 12 ? last_day_of(year ? year : 2024, d->month) : 0;
    if (last && d->day > last) {
        sm_str head = sm_str_sub(d->text, 0, sm_str_find(d->text, SM_STR("月"), 0) + 3);
        sm_propose(f, sm_strf(c->a, "%.*s%d日", SM_ARG(head), last));
        sm_because(c, f, "%d月没有%d日", d->month, d->day);
    } else
        sm_because(c, f, "没有“%.*s”这一天", SM_ARG(d->text));
}

static bool reads_days(const sm_line *l)
{
    return sm_line_in_body(l) || l->role == SM_ROLE_CELL || l->role == SM_ROLE_DATE ||
           l->role == SM_ROLE_PRINTER || l->role == SM_ROLE_REMARK;
}

void sm_dates_impossible(sm_check *c, const sm_rule *rule)
{
    years y = { .doc = year_of(c->o->date) };
    if (y.doc)
        y.doc_month = (c->o->date.p[5] - '0') * 10 + (c->o->date.p[6] - '0');
    for (size_t i = 0; i < c->o->n; i++) {
        const sm_line *l = &c->o->line[i];
        if (!reads_days(l))
            continue;
        day d;
        y.said = 0;
        for (size_t at = 0; next_day(l->text, &at, &d);) {
            if (d.year)
                y.said = d.year;
            if (!is_possible(&d, likely_year(&y, &d)))
                impossible(c, rule, l, &d, likely_year(&y, &d));
            else
                check_weekday(c, rule, l, &d, &y, at);
        }
    }
}

/* --------------------------------------------------------------- G06, G08 */

/* Of what a meeting adopted the date stands under the title: （2026年6月26日…通过）. */
static sm_date adopted_on(const sm_outline *o)
{
    for (size_t i = 0; i < o->n && o->line[i].doc == 0; i++) {
        sm_str s = o->line[i].text;
        day d;
        if (sm_str_starts(s, SM_STR("（")) && sm_str_ends(s, SM_STR("通过）")) &&
            day_at(s, 3, &d) && d.year && d.day)
            return date_of(&d, d.year);
    }
    return SM_DATE_NONE;
}

static sm_date own_date(const sm_check *c)
{
    sm_date d = sm_date_parse(c->o->date);
    return d == SM_DATE_NONE ? adopted_on(c->o) : d;
}

void sm_dates_printed(sm_check *c, const sm_rule *rule)
{
    sm_date signed_ = own_date(c);
    for (size_t i = 0; i < c->o->n; i++) {
        const sm_line *l = &c->o->line[i];
        sm_str iso;
        if (l->role != SM_ROLE_PRINTER || signed_ == SM_DATE_NONE)
            continue;
        sm_str text = printed_date(l->text);
        if (!sm_part_is_date(c->a, text, &iso) || !iso.n || sm_date_parse(iso) >= signed_)
            continue;
        sm_finding *f = sm_find_slice(c, rule, l, text);
        sm_str own = sm_date_chinese(c->a, signed_);
        sm_propose(f, sm_str_ends(text, SM_STR("印发")) ? sm_strf(c->a, "%.*s印发", SM_ARG(own))
                                                        : own);
        sm_because(c, f, "印发日期早于成文日期%.*s", SM_ARG(own));
    }
}

/* An organ, a gap and a date at the document's end, without 抄送 over them. */
static bool looks_printed(const sm_check *c, const sm_line *l)
{
    const sm_outline *o = c->o;
    for (const sm_line *k = l + 1; k < o->line + o->n; k++)
        if (k->text.n)
            return false;
    sm_str date = printed_date(l->text), iso;
    sm_str organ = sm_str_trim(sm_str_sub(l->text, 0, l->text.n - date.n));
    return l->role != SM_ROLE_DATE && date.n && sm_str_ends(l->text, date) &&
           sm_part_is_date(c->a, date, &iso) && sm_part_is_organ(organ);
}

void sm_dates_word(sm_check *c, const sm_rule *rule)
{
    for (size_t i = 0; i < c->o->n; i++) {
        const sm_line *l = &c->o->line[i];
        if (!l->text.n || sm_str_ends(l->text, SM_STR("印发")) ||
            (l->role != SM_ROLE_PRINTER && !looks_printed(c, l)))
            continue;
        bool half = sm_str_ends(l->text, SM_STR("印"));
        sm_str date = printed_date(l->text);
        size_t from = (size_t)(date.p - l->text.p);
        sm_str what = half ? sm_str_sub(l->text, from, l->text.n) : date;
        if (!what.n)
            continue;
        sm_finding *f = sm_find_slice(c, rule, l, what);
        sm_propose(f, sm_strf(c->a, "%.*s印发", SM_ARG(date)));
    }
}

/* --------------------------------------------------------------------- G07 */

/* 〔2027〕 in a document of 2026. */
static void check_numbers_cited(sm_check *c, const sm_rule *rule, const sm_line *l, int year)
{
    sm_str s = l->text, open = SM_STR("〔");
    for (size_t at = sm_str_find(s, open, 0); at != SIZE_MAX; at = sm_str_find(s, open, at + 3)) {
        int v;
        size_t n = digits_at(s, at + 3, &v);
        if (n != 4 || !word_at(s, at + 7, "〕") || v <= year)
            continue;
        size_t end = sm_str_find(s, SM_STR("号"), at);
        end = end == SIZE_MAX || end > at + 16 ? at + 10 : end + 3;
        sm_finding *f = sm_find_slice(c, rule, l, sm_str_sub(s, at, end));
        sm_because(c, f, "引用的文件是%d年的，晚于本文的%d年", v, year);
    }
}

/* What is said to be over: 已经2026年3月31日…会议审议通过, with no day to come between. */
static bool is_over(sm_str before, sm_str after)
{
    static const char *const begins[] = { "经", "已于", "业经", "业于", "已在", "截至" };
    static const char *const done[] = { "审议", "通过", "批准",   "研究",   "印发了", "同意",
                                        "收悉", "作出", "召开了", "完成了", "，" };
    bool begun = false, held = false;
    for (size_t i = 0; i < SM_LEN(begins); i++)
        begun |= sm_str_ends(before, sm_str_of(begins[i]));
    sm_str head = sm_utf8_head(after, 24);
    for (size_t i = 0; i < SM_LEN(done); i++)
        held |= sm_str_has(head, sm_str_of(done[i]));
    return begun && held && !word_at(after, 0, "前") && !word_at(after, 0, "后");
}

static void check_days_over(sm_check *c, const sm_rule *rule, const sm_line *l, sm_date own)
{
    day d;
    for (size_t at = 0; next_day(l->text, &at, &d);) {
        sm_str before = sm_str_sub(l->text, 0, at - d.text.n),
               after = sm_str_sub(l->text, at, l->text.n);
        if (!d.year || !d.day || date_of(&d, d.year) == SM_DATE_NONE ||
            date_of(&d, d.year) <= own || !is_over(before, after))
            continue;
        sm_finding *f = sm_find_slice(c, rule, l, d.text);
        sm_str date = sm_date_chinese(c->a, own);
        sm_because(c, f, "所述已经发生的事晚于成文日期%.*s", SM_ARG(date));
    }
}

/* A text that is forwarded or issued is no younger than what it comes with. */
static void check_forwarded(sm_check *c, const sm_rule *rule, const sm_line *l, sm_date own)
{
    sm_str iso, date = sm_date_chinese(c->a, own);
    if (!sm_part_is_date(c->a, l->text, &iso) || !iso.n || sm_date_parse(iso) <= own)
        return;
    sm_finding *f = sm_find_slice(c, rule, l, l->text);
    sm_because(c, f, "所附文件的日期晚于本文的成文日期%.*s", SM_ARG(date));
}

void sm_dates_cited(sm_check *c, const sm_rule *rule)
{
    sm_date own = sm_date_parse(c->o->date);
    if (own == SM_DATE_NONE)
        return;
    for (size_t i = 0; i < c->o->n; i++) {
        const sm_line *l = &c->o->line[i];
        if (l->role == SM_ROLE_DATE && l->doc > 0)
            check_forwarded(c, rule, l, own);
        if (!sm_line_in_body(l))
            continue;
        check_numbers_cited(c, rule, l, year_of(c->o->date));
        check_days_over(c, rule, l, own);
    }
}

/* --------------------------------------------------------------------- G09 */

/* A note stands under the date; a sentence that begins like one does not. */
static bool under_date(const sm_outline *o, size_t i)
{
    while (i-- > 0)
        if (o->line[i].text.n && o->line[i].role != SM_ROLE_REMARK)
            return o->line[i].role == SM_ROLE_DATE || o->line[i].role == SM_ROLE_SIGN;
    return false;
}

void sm_dates_remark(sm_check *c, const sm_rule *rule)
{
    for (size_t i = 0; i < c->o->n; i++) {
        const sm_line *l = &c->o->line[i];
        sm_str s = l->text;
        if (l->role != SM_ROLE_REMARK || !under_date(c->o, i) ||
            sm_str_has(s, SM_STR("此页无正文")) ||
            (sm_str_starts(s, SM_STR("（")) && sm_str_ends(s, SM_STR("）"))))
            continue;
        static const char *const opens[] = { "（", "(", "[", "【", "〔" }, *const ends[] = {
            "。", "）", ")", "]", "】", "〕"
        };
        for (size_t k = 0; k < SM_LEN(ends); k++)
            if (sm_str_ends(s, sm_str_of(ends[k])))
                s = sm_str_sub(s, 0, s.n - strlen(ends[k]));
        for (size_t k = 0; k < SM_LEN(opens); k++)
            if (sm_str_starts(s, sm_str_of(opens[k])))
                s = sm_str_sub(s, strlen(opens[k]), s.n);
        sm_propose(sm_find_slice(c, rule, l, l->text), sm_strf(c->a, "（%.*s）", SM_ARG(s)));
    }
}

/* --------------------------------------------------------------------- G11 */

static bool next_name(sm_str *rest, sm_str *name)
{
    static const char *const seps[] = { " ", "　", "、" };
    while (rest->n) {
        size_t end = rest->n, skip = 0;
        for (size_t i = 0; i < SM_LEN(seps); i++) {
            size_t at = sm_str_find(*rest, sm_str_of(seps[i]), 0);
            if (at < end) {
                end = at;
                skip = strlen(seps[i]);
            }
        }
        *name = sm_str_trim(sm_str_sub(*rest, 0, end));
        *rest = sm_str_sub(*rest, end + skip, rest->n);
        if (name->n)
            return true;
    }
    return false;
}

static bool signs(const sm_check *c, sm_str organ)
{
    for (size_t i = 0; i < c->o->n && c->o->line[i].doc == 0; i++) {
        const sm_line *l = &c->o->line[i];
        if (l->role != SM_ROLE_SIGN)
            continue;
        sm_str rest = l->text, name;
        while (next_name(&rest, &name))
            if (sm_str_eq(name, organ) || sm_str_ends(organ, name) || sm_str_has(name, organ))
                return true;
        if (sm_str_has(l->text, organ))
            return true;
    }
    return false;
}

static sm_str organ_of_mark(sm_str s)
{
    if (sm_str_ends(s, SM_STR("文件")))
        s = sm_str_sub(s, 0, s.n - 6);
    return sm_str_trim(s);
}

/* Every organ of a joint mark, its name on a line of its own or parted by blanks. */
void sm_dates_joint(sm_check *c, const sm_rule *rule)
{
    const sm_outline *o = c->o;
    size_t sign = sm_outline_next(o, SM_ROLE_SIGN, 0), organs = 0, missing = 0;
    sm_str which = { 0 };
    if (sign == o->n || o->line[sign].doc > 0 || o->minutes || o->order)
        return;
    for (size_t i = 0; i < sign; i++) {
        if (o->line[i].role != SM_ROLE_MARK)
            continue;
        sm_str rest = organ_of_mark(o->line[i].text), name;
        while (next_name(&rest, &name)) {
            name = organ_of_mark(name);
            if (!sm_part_is_organ(name))
                continue;
            organs++;
            if (!signs(c, name)) {
                missing++;
                which =
                    sm_strf(c->a, "%.*s%s%.*s", SM_ARG(which), which.n ? "、" : "", SM_ARG(name));
            }
        }
    }
    if (organs < 2 || !missing || missing == organs)
        return;
    sm_finding *f = sm_find_slice(c, rule, &o->line[sign], o->line[sign].text);
    sm_because(c, f, "联合行文，署名缺“%.*s”", SM_ARG(which));
}

/* --------------------------------------------------------------------- G12 */

void sm_dates_contact(sm_check *c, const sm_rule *rule)
{
    static const char *const words[] = { "联系人", "联系电话", "联系方式", "联 系 人" };
    const sm_line *place = NULL;
    for (size_t i = 0; i < c->o->n && c->o->line[i].doc == 0; i++) {
        const sm_line *l = &c->o->line[i];
        if (sm_str_has_any(l->text, words, SM_LEN(words)))
            return;
        if (l->role == SM_ROLE_DATE || (place && l->role == SM_ROLE_REMARK))
            place = l;
    }
    if (place)
        sm_find_slice(c, rule, place, place->text);
}

/* --------------------------------------------------------------------- G13 */

/* The clause that ends here. */
static sm_str clause_before(sm_str s)
{
    static const char *const stops[] = { "。", "；", "：", "，" };
    const size_t longest = 600;
    size_t from = s.n > longest ? s.n - longest : 0;
    s = sm_str_sub(s, from, s.n);
    from = 0;
    for (size_t i = 0; i < SM_LEN(stops); i++)
        for (size_t at = sm_str_find(s, sm_str_of(stops[i]), 0); at != SIZE_MAX;
             at = sm_str_find(s, sm_str_of(stops[i]), at + 3))
            from = SM_MAX(from, at + 3);
    return sm_str_sub(s, from, s.n);
}

/* A deadline, of this year or a given one: not one that comes every year, nor one that is past. */
static bool is_deadline(sm_str before, sm_str after)
{
    static const char *const again[] = { "每年", "次年", "明年", "翌年", "下一年",
                                         "上年", "去年", "当年", "截至", "原定" };
    static const char *const past[] = { "已", "完成了", "建成", "出生", "之日", "年满", "原有" };
    bool by = word_at(after, 0, "前") || word_at(after, 0, "之前");
    return by && !word_at(after, 3, "的") && !word_at(after, 0, "前后") &&
           !sm_ends_any(before, again, SM_LEN(again)) &&
           !sm_str_has_any(clause_before(before), past, SM_LEN(past)) &&
           !sm_str_has_any(sm_utf8_head(after, 16), past, SM_LEN(past));
}

/* Somebody is asked to do something by it: 请…于3月1日前, 应当于3月1日前, 3月1日前将…报. */
static bool asks(sm_str before, sm_str after)
{
    static const char *const asking[] = { "请",   "应当", "应于", "务必", "须",  "要求",
                                          "责成", "要于", "应在", "并于", "牵头" };
    static const char *const does[] = { "前报",   "前完成", "前提交", "前反馈", "前送",  "前将",
                                        "前书面", "前上报", "前函复", "前告知", "前整改" };
    sm_str clause = clause_before(before);
    if (sm_str_has_any(clause, asking, SM_LEN(asking)))
        return true;
    for (size_t i = 0; i < SM_LEN(does); i++)
        if (word_at(after, 0, does[i]) && (sm_str_ends(clause, SM_STR("于")) || !clause.n))
            return true;
    return false;
}

/* What comes next in a report: 下一步安排, 2026年工作安排. */
static bool is_plan(sm_str heading)
{
    static const char *const words[] = { "下一步", "下步", "工作安排", "工作计划", "工作打算" };
    return sm_str_has_any(heading, words, SM_LEN(words));
}

static bool tells_of_the_past(sm_str kind)
{
    static const char *const kinds[] = { "报告", "公报", "决议" };
    for (size_t i = 0; i < SM_LEN(kinds); i++)
        if (sm_str_eq(kind, sm_str_of(kinds[i])))
            return true;
    return false;
}

/* The date that an attachment or a forwarded text has of its own. */
static sm_date date_of_part(const sm_check *c, int doc)
{
    for (size_t i = 0; i < c->o->n; i++) {
        sm_str iso;
        if (c->o->line[i].doc == doc && c->o->line[i].role == SM_ROLE_DATE &&
            sm_part_is_date(c->a, c->o->line[i].text, &iso))
            return sm_date_parse(iso);
    }
    return sm_date_parse(c->o->date);
}

static void check_deadlines(sm_check *c, const sm_rule *rule, const sm_line *l, sm_date own,
                            bool plan)
{
    enum { LONGEST = 200 };
    sm_str iso = sm_date_iso(c->a, own);
    int year = year_of(iso), said = 0;
    day d;
    for (size_t at = 0; year && next_day(l->text, &at, &d);) {
        said = d.year ? d.year : said;
        sm_str before = sm_str_sub(l->text, l->label.n, at - d.text.n),
               after = sm_str_sub(l->text, at, l->text.n);
        sm_date due = date_of(&d, said ? said : year);
        if (!d.day || due == SM_DATE_NONE || due >= own || own - due > LONGEST ||
            !is_deadline(before, after) || !(plan || asks(before, after)))
            continue;
        sm_finding *f = sm_find_slice(c, rule, l, d.text);
        sm_str date = sm_date_chinese(c->a, own);
        f->confidence = .8;
        sm_because(c, f, "要求的期限早于成文日期%.*s", SM_ARG(date));
    }
}

void sm_dates_deadline(sm_check *c, const sm_rule *rule)
{
    bool past = tells_of_the_past(c->o->kind), plan = false;
    int doc = -1;
    sm_date own = SM_DATE_NONE;
    for (size_t i = 0; i < c->o->n; i++) {
        const sm_line *l = &c->o->line[i];
        if (l->doc != doc)
            own = date_of_part(c, l->doc);
        doc = l->doc;
        if (l->role == SM_ROLE_H1)
            plan = is_plan(l->rest);
        if (sm_line_in_body(l) && (plan || !past))
            check_deadlines(c, rule, l, own, plan);
    }
}
