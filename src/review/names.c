/*
 * What the checkers of names share: words beside a place, and the days that a text names.
 */
#include "review/names.h"

#include <stdlib.h>
#include <string.h>

static const sm_role running[] = { SM_ROLE_TEXT, SM_ROLE_H1, SM_ROLE_H2,
                                   SM_ROLE_H3,   SM_ROLE_H4, SM_ROLE_CELL };

bool sm_is_running(const sm_line *l)
{
    for (size_t i = 0; i < SM_LEN(running); i++)
        if (l->role == running[i])
            return true;
    return false;
}

size_t sm_next_at(sm_str s, size_t at)
{
    sm_str rest = sm_str_sub(s, at, s.n);
    sm_utf8_next(&rest);
    return s.n - rest.n;
}

sm_str sm_part_of(sm_str *list, sm_str sep)
{
    size_t at = sm_str_find(*list, sep, 0);
    sm_str one = sm_str_trim(sm_str_sub(*list, 0, at));
    *list = at == SIZE_MAX ? (sm_str){ 0 } : sm_str_sub(*list, at + sep.n, list->n);
    return one;
}

bool sm_follows(sm_str s, size_t at, const char *const *words, size_t n)
{
    sm_str rest = sm_str_sub(s, at, s.n);
    return sm_str_starts_any(rest, words, n);
}

bool sm_precedes(sm_str s, size_t at, const char *const *words, size_t n)
{
    sm_str head = sm_str_sub(s, 0, at);
    return sm_str_ends_any(head, words, n);
}

/* ------------------------------------------------------------------- dates */

/* 2026年4月28日, 2026年4月 or 2026年 at a place: "2026-04-28" …; *end behind it; "" none. */
sm_str sm_day_at(sm_arena *a, sm_str s, size_t at, size_t *end)
{
    static const char *const signs[] = { "年", "月", "日" };
    int64_t v[3] = { 0 };
    size_t n = 0, i = at;
    for (; n < 3; n++) {
        size_t from = i;
        while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9' && i - from < 4)
            i++;
        if (i == from || !sm_follows(s, i, &signs[n], 1) ||
            !sm_str_to_int(sm_str_sub(s, from, i), &v[n]))
            break;
        i += 3;
        *end = i;
    }
    if (!n || v[0] < 1900)
        return (sm_str){ 0 };
    return n == 1   ? sm_strf(a, "%04d", (int)v[0])
           : n == 2 ? sm_strf(a, "%04d-%02d", (int)v[0], (int)v[1])
                    : sm_strf(a, "%04d-%02d-%02d", (int)v[0], (int)v[1], (int)v[2]);
}

sm_days sm_days_in(sm_arena *a, sm_str s)
{
    sm_days d = { 0 };
    for (size_t at = 0; at < s.n && d.n < SM_LEN(d.day);) {
        size_t end = at;
        bool digit = s.p[at] >= '0' && s.p[at] <= '9';
        sm_str day = digit ? sm_day_at(a, s, at, &end) : (sm_str){ 0 };
        if (day.n) {
            d.end[d.n] = end;
            d.day[d.n++] = day;
            at = end;
        } else if (digit)
            while (at < s.n && s.p[at] >= '0' && s.p[at] <= '9')
                at++;
        else
            at++;
    }
    return d;
}

sm_str sm_day_of(const sm_check *c)
{
    return c->o->date.n ? c->o->date : c->opt->today;
}
