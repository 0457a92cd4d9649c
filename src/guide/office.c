/*
 * Office hours: when there are people at the desk.
 */
#include <string.h>
#include <time.h>

#include "guide/guide.h"

enum { MAX_TEXT_BYTES = 16 << 10, DAY_MINUTES = 24 * 60, YEAR_DAYS = 366 };

/* ------------------------------------------------------------------ parsing */

/* One part on its way in: whose hours it sets, and the words it is read from. */
struct part {
    sm_op *op;
    size_t number; /* 1 for the first */
    sm_str text, word;
    bool weekday[7];
    sm_date date[SM_OFFICE_MAX_DATES];
    size_t n_weekdays, n_dates;
    sm_office_hours hours;
};

static sm_rc wrong(const struct part *p, const char *what)
{
    return sm_fail(p->op, SM_E_INVALID, "办公时间第 %zu 段“%.*s”里的“%.*s”：%s", p->number,
                   SM_ARG(p->text), SM_ARG(p->word), what);
}

/* Full-width signs and what else people put between times become those of the form. */
static sm_str plain_signs(sm_arena *a, sm_str s)
{
    static const struct {
        const char *sign;
        char plain;
    } signs[] = { { "；", ';' }, { "：", ':' }, { "－", '-' }, { "–", '-' },  { "—", '-' },
                  { "～", '-' }, { "~", '-' },  { "　", ' ' }, { "，", ' ' }, { "、", ' ' },
                  { ",", ' ' },  { "\t", ' ' }, { "\r", ' ' }, { "\n", ';' } };
    char *p = sm_alloc(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n;) {
        sm_str rest = sm_str_sub(s, i, s.n);
        size_t k = 0;
        while (k < SM_LEN(signs) && !sm_str_starts(rest, sm_str_of(signs[k].sign)))
            k++;
        p[n++] = k < SM_LEN(signs) ? signs[k].plain : s.p[i];
        i += k < SM_LEN(signs) ? strlen(signs[k].sign) : 1;
    }
    return (sm_str){ p, n };
}

/* "1" or "1-5" */
static bool read_weekdays(sm_str word, int *from, int *to)
{
    bool single = word.n == 1, range = word.n == 3 && word.p[1] == '-';
    if (!single && !range)
        return false;
    *from = word.p[0] - '1';
    *to = word.p[word.n - 1] - '1';
    return *from >= 0 && *from < 7 && *to >= 0 && *to < 7;
}

/* "9:00", up to 24:00; -1 when it is none. */
static int read_minutes(sm_str word)
{
    int64_t h, m;
    size_t colon = sm_str_find(word, SM_STR(":"), 0);
    if (colon == SIZE_MAX || colon < 1 || colon > 2 || word.n != colon + 3)
        return -1;
    for (size_t i = 0; i < word.n; i++)
        if (i != colon && (word.p[i] < '0' || word.p[i] > '9'))
            return -1;
    if (!sm_str_to_int(sm_str_sub(word, 0, colon), &h) ||
        !sm_str_to_int(sm_str_sub(word, colon + 1, word.n), &m))
        return -1;
    return m < 60 && h * 60 + m <= DAY_MINUTES ? (int)(h * 60 + m) : -1;
}

static sm_rc add_weekdays(struct part *p, int from, int to)
{
    if (from > to)
        return wrong(p, "星期要从小到大写，例：1-5");
    for (int day = from; day <= to; day++) {
        p->n_weekdays += !p->weekday[day];
        p->weekday[day] = true;
    }
    return SM_OK;
}

static sm_rc add_date(struct part *p, sm_date date)
{
    if (p->n_dates == SM_OFFICE_MAX_DATES)
        return wrong(p, "日期太多");
    p->date[p->n_dates++] = date;
    return SM_OK;
}

static sm_rc add_span(struct part *p)
{
    sm_office_hours *h = &p->hours;
    size_t dash = sm_str_find(p->word, SM_STR("-"), 0);
    int from = read_minutes(sm_str_sub(p->word, 0, dash)), to = -1;
    if (dash != SIZE_MAX)
        to = read_minutes(sm_str_sub(p->word, dash + 1, p->word.n));
    if (from < 0 || to < 0)
        return wrong(p, "看不懂；星期写 1-5，日期写 2026-10-01，时间写 9:00-12:00");
    if (from >= to)
        return wrong(p, "结束要晚于开始；过夜的请分成两天写");
    if (h->n == SM_OFFICE_SPANS)
        return wrong(p, "一天里的时间段太多，最多 4 段");
    if (h->n && from < h->span[h->n - 1].to)
        return wrong(p, "与前一段时间重叠，或没有按先后写");
    h->span[h->n].from = (int16_t)from;
    h->span[h->n++].to = (int16_t)to;
    return SM_OK;
}

static sm_rc read_word(struct part *p)
{
    int from, to;
    sm_date date = sm_date_parse(p->word);
    bool weekdays = read_weekdays(p->word, &from, &to);
    if ((weekdays || date != SM_DATE_NONE) && p->hours.n)
        return wrong(p, "日子要写在时间前面；另一天的时间请用分号隔开");
    if (weekdays)
        return add_weekdays(p, from, to);
    return date != SM_DATE_NONE ? add_date(p, date) : add_span(p);
}

/* Puts the hours where they belong; a day that has hours already is an error of the setting. */
static sm_rc set_hours(struct part *p, sm_office *o, bool set[7])
{
    static const char *const numbers[] = { "1", "2", "3", "4", "5", "6", "7" };
    for (int day = 0; day < 7; day++) {
        if (!p->weekday[day])
            continue;
        p->word = sm_str_of(numbers[day]);
        if (set[day])
            return wrong(p, "这一天前面已经写过");
        set[day] = true;
        o->week[day] = p->hours;
    }
    for (size_t i = 0; i < p->n_dates; i++) {
        p->word = sm_date_iso(p->op->arena, p->date[i]);
        for (size_t k = 0; k < o->n_others; k++)
            if (o->other[k].date == p->date[i])
                return wrong(p, "这一天前面已经写过");
        if (o->n_others == SM_OFFICE_MAX_DATES)
            return wrong(p, "日期太多");
        o->other[o->n_others].date = p->date[i];
        o->other[o->n_others++].hours = p->hours;
    }
    return SM_OK;
}

static sm_rc read_part(struct part *p, sm_office *o, bool set[7])
{
    sm_str rest = p->text;
    sm_rc rc = SM_OK;
    while (rc == SM_OK && sm_str_cut(&rest, ' ', &p->word))
        if (p->word.n)
            rc = read_word(p);
    if (rc < 0)
        return rc;
    p->word = p->text;
    if (p->n_weekdays + p->n_dates == 0)
        return wrong(p, "没有写是哪几天，例：1-5 9:00-17:00");
    if (p->n_weekdays && p->hours.n == 0)
        return wrong(p, "没有写几点到几点，例：1-5 9:00-17:00");
    return set_hours(p, o, set);
}

sm_rc sm_office_parse(sm_op *op, sm_str text, sm_office *out)
{
    sm_office *o = SM_NEW(op->arena, sm_office);
    bool set[7] = { false };
    sm_str part;
    if (text.n > MAX_TEXT_BYTES)
        return sm_fail(op, SM_E_INVALID, "办公时间写得太长");
    sm_str rest = plain_signs(op->arena, text);
    for (size_t i = 1; sm_str_cut(&rest, ';', &part); i++) {
        struct part p = { .op = op, .number = i, .text = sm_str_trim(part) };
        if (p.text.n == 0)
            continue;
        o->given = true;
        sm_rc rc = read_part(&p, o, set);
        if (rc < 0)
            return rc;
    }
    *out = *o;
    return SM_OK;
}

/* ------------------------------------------------------------------- the clock */

static int weekday_of(sm_date date)
{
    return (int)(((date + 3) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
}

static const sm_office_hours *hours_of(const sm_office *o, sm_date date)
{
    for (size_t i = 0; i < o->n_others; i++)
        if (o->other[i].date == date)
            return &o->other[i].hours;
    return &o->week[weekday_of(date)];
}

/* The minute of the day here, and the day when it is not given. */
static int local_minute(int64_t wall_ms, sm_date *today)
{
    time_t at = (time_t)(wall_ms / 1000);
    struct tm tm;
    localtime_r(&at, &tm);
    if (*today == SM_DATE_NONE)
        *today = sm_date_of(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
    return tm.tm_hour * 60 + tm.tm_min;
}

bool sm_office_open(const sm_office *o, int64_t wall_ms, sm_date today)
{
    if (!o->given)
        return true;
    int minute = local_minute(wall_ms, &today);
    const sm_office_hours *h = hours_of(o, today);
    for (size_t i = 0; i < h->n; i++)
        if (minute >= h->span[i].from && minute < h->span[i].to)
            return true;
    return false;
}

/* -------------------------------------------------------------------- in words */

static const char *const weekday_names[] = {
    "周一", "周二", "周三", "周四", "周五", "周六", "周日"
};

static bool same_hours(const sm_office_hours *a, const sm_office_hours *b)
{
    return a->n == b->n && memcmp(a->span, b->span, a->n * sizeof(a->span[0])) == 0;
}

/* The days with the hours of `first`, runs of three or more with 至; *said marks them. */
static void add_days(sm_buf *b, const sm_office *o, int first, bool said[7])
{
    const char *sep = b->n ? "；" : "";
    for (int day = first; day < 7; day++) {
        int end = day;
        while (end < 7 && same_hours(&o->week[end], &o->week[first]))
            said[end++] = true;
        if (end - day == 7)
            sm_buf_addf(b, "%s每天", sep);
        else if (end - day > 2)
            sm_buf_addf(b, "%s%s至%s", sep, weekday_names[day], weekday_names[end - 1]);
        else if (end - day == 2)
            sm_buf_addf(b, "%s%s、%s", sep, weekday_names[day], weekday_names[end - 1]);
        else if (end > day)
            sm_buf_addf(b, "%s%s", sep, weekday_names[day]);
        sep = end > day ? "、" : sep;
        day = end;
    }
}

sm_str sm_office_text(sm_arena *a, const sm_office *o)
{
    bool said[7] = { false };
    sm_buf b;
    sm_buf_init(&b, 4096);
    for (int day = 0; day < 7; day++) {
        const sm_office_hours *h = &o->week[day];
        if (said[day] || h->n == 0)
            continue;
        add_days(&b, o, day, said);
        for (size_t i = 0; i < h->n; i++)
            sm_buf_addf(&b, "%s%d:%02d–%d:%02d", i ? "、" : " ", h->span[i].from / 60,
                        h->span[i].from % 60, h->span[i].to / 60, h->span[i].to % 60);
    }
    sm_str text = sm_str_dup(a, sm_buf_str(&b));
    sm_buf_done(&b);
    return text;
}

static sm_str day_text(sm_arena *a, sm_date date, int days_on)
{
    if (days_on < 2)
        return days_on ? SM_STR("明天") : SM_STR("今天");
    if (days_on < 7)
        return sm_str_of(weekday_names[weekday_of(date)]);
    sm_str whole = sm_date_chinese(a, date); /* 2026年10月9日 */
    size_t year = sm_str_find(whole, SM_STR("年"), 0);
    return sm_str_sub(whole, year + strlen("年"), whole.n);
}

sm_str sm_office_next(sm_arena *a, const sm_office *o, int64_t wall_ms, sm_date today)
{
    int minute = local_minute(wall_ms, &today);
    for (int days_on = 0; o->given && days_on <= YEAR_DAYS; days_on++) {
        const sm_office_hours *h = hours_of(o, today + days_on);
        for (size_t i = 0; i < h->n; i++)
            if (days_on || h->span[i].from > minute)
                return sm_strf(a, "%.*s %d:%02d", SM_ARG(day_text(a, today + days_on, days_on)),
                               h->span[i].from / 60, h->span[i].from % 60);
    }
    return (sm_str){ 0 };
}
