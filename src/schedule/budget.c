/*
 * Budgets of tokens.  A call holds back its estimate in the day and the month from its admission
 * on, more once it has generated more, and turns into usage when it ends.  The minute counts what
 * is admitted in it: a queue that drains slowly does not use up the minutes it waits through.
 */
#include "schedule/inner.h"

enum { MINUTE_US = 60 * 1000000, SECOND_US = 1000000, A_DAY_S = 86400 };

void sm_budget_minute(sm_unit *d, int64_t now_us)
{
    int64_t minute = now_us / MINUTE_US;
    if (d->minute == minute)
        return;
    d->minute = minute;
    d->mine.minute = 0;
    d->all.minute = 0;
}

static uint32_t seconds(int64_t us)
{
    int64_t s = (us + SECOND_US - 1) / SECOND_US;
    return (uint32_t)SM_MIN(SM_MAX(s, 1), UINT32_MAX);
}

/* Until an end by the calendar; without a calendar, a day. */
static uint32_t seconds_to(int64_t end_us, int64_t now_us)
{
    return end_us == INT64_MAX ? A_DAY_S : seconds(end_us - now_us);
}

static bool over(int64_t budget, int64_t used, int64_t more)
{
    return budget && used + more > budget;
}

static sm_refusal_kind check_one(const sm_schedule *s, const sm_unit *d, int64_t tokens,
                                 int64_t now_us, sm_admission *out)
{
    bool fits = !over(d->minute_tokens, 0, tokens) && !over(d->day_tokens, 0, tokens) &&
                !over(d->month_tokens, 0, tokens);
    if (!fits) {
        out->retry_after_s = 0;
        return SM_REFUSED_SIZE;
    }
    if (over(d->month_tokens, d->all.month + d->all.held, tokens)) {
        out->retry_after_s = seconds_to(s->month_end_us, now_us);
        return SM_REFUSED_MONTH;
    }
    if (over(d->day_tokens, d->all.day + d->all.held, tokens)) {
        out->retry_after_s = seconds_to(s->day_end_us, now_us);
        return SM_REFUSED_DAY;
    }
    if (over(d->minute_tokens, d->all.minute, tokens)) {
        out->retry_after_s = seconds((now_us / MINUTE_US + 1) * MINUTE_US - now_us);
        return SM_REFUSED_MINUTE;
    }
    return SM_REFUSED_NONE;
}

sm_refusal_kind sm_budget_check(sm_schedule *s, sm_unit *d, int64_t tokens, int64_t now_us,
                                sm_admission *out)
{
    for (; d; d = d->parent) {
        sm_budget_minute(d, now_us);
        sm_refusal_kind k = check_one(s, d, tokens, now_us, out);
        if (k != SM_REFUSED_NONE) {
            out->department = d->id;
            return k;
        }
    }
    return SM_REFUSED_NONE;
}

static void hold(sm_unit *d, int64_t tokens)
{
    d->mine.held += tokens;
    for (; d; d = d->parent)
        d->all.held += tokens;
}

static void add_minute(sm_unit *d, int64_t tokens, int64_t now_us)
{
    sm_budget_minute(d, now_us);
    d->mine.minute += tokens;
    for (; d; d = d->parent) {
        sm_budget_minute(d, now_us);
        d->all.minute += tokens;
    }
}

void sm_budget_hold(sm_call *c, uint32_t tokens, int64_t now_us)
{
    if (tokens <= c->held)
        return;
    int64_t more = (int64_t)tokens - c->held;
    if (!c->held)
        c->minute = now_us / MINUTE_US;
    hold(c->unit, more);
    add_minute(c->unit, more, now_us);
    c->held = tokens;
}

void sm_budget_settle(sm_call *c, int64_t used_tokens, int64_t now_us)
{
    sm_unit *d = c->unit;
    int64_t more = used_tokens - c->held;
    hold(d, -(int64_t)c->held);
    if (more > 0 ||
        now_us / MINUTE_US == c->minute) /* what is left over of a minute gone is lost */
        add_minute(d, more, now_us);
    d->mine.day += used_tokens;
    d->mine.month += used_tokens;
    for (; d; d = d->parent) {
        d->all.day += used_tokens;
        d->all.month += used_tokens;
    }
    c->held = 0;
}

static void new_day(sm_unit *d)
{
    d->mine.day = d->all.day = 0;
}

static void new_month(sm_unit *d)
{
    d->mine.month = d->all.month = 0;
}

static void for_all(sm_schedule *s, void (*fn)(sm_unit *))
{
    for (size_t i = 0; i < s->n_units; i++)
        fn(s->unit[i]);
}

void sm_schedule_calendar(sm_schedule *s, int32_t day, int32_t month, int64_t day_end_us,
                          int64_t month_end_us)
{
    if (s->day && s->day != day)
        for_all(s, new_day);
    if (s->month && s->month != month)
        for_all(s, new_month);
    s->day = day;
    s->month = month;
    s->day_end_us = day_end_us;
    s->month_end_us = month_end_us;
}

bool sm_schedule_usage_load(sm_schedule *s, sm_str department, int64_t day_tokens,
                            int64_t month_tokens)
{
    sm_unit *d = sm_unit_find(s, department);
    if (!d)
        return false;
    int64_t day = day_tokens - d->mine.day, month = month_tokens - d->mine.month;
    d->mine.day += day;
    d->mine.month += month;
    for (; d; d = d->parent) {
        d->all.day += day;
        d->all.month += month;
    }
    return true;
}
