/*
 * Group K, meetings: which session of which congress, and when (K08).
 */
#include "review/names.h"

#include <stdlib.h>
#include <string.h>

/* -------------------------------------------------------------------- K08 */

typedef struct session {
    int term, no;
    sm_str day; /* of the registry; "" not told */
} session;

/* 第十六届…第四次 or 十六届四次 between words: the two numbers, 0 none. */
static bool read_session(sm_str s, size_t at, const char *body, session *out, size_t *end)
{
    size_t i = at, k;
    if (!sm_follows(s, i, &body, 1))
        return false;
    i += strlen(body);
    sm_str rest = sm_str_sub(s, i, SM_MIN(s.n, i + 90));
    if (sm_str_starts(rest, SM_STR("第")))
        rest = sm_str_sub(rest, 3, rest.n);
    k = sm_str_find(rest, SM_STR("届"), 0);
    if (k == SIZE_MAX || k == 0 || k > 12)
        return false;
    int64_t term = sm_text_integer(sm_str_sub(rest, 0, k));
    rest = sm_str_sub(rest, k + 3, rest.n);
    static const char *const bodies[] = { "人民代表大会", "人大", "委员会", "中央委员会", "" };
    for (size_t b = 0; b < SM_LEN(bodies); b++)
        if (sm_str_starts(rest, sm_str_of(bodies[b]))) {
            rest = sm_str_sub(rest, strlen(bodies[b]), rest.n);
            break;
        }
    if (sm_str_starts(rest, SM_STR("第")))
        rest = sm_str_sub(rest, 3, rest.n);
    k = sm_str_find(rest, SM_STR("次"), 0);
    if (k == SIZE_MAX || k == 0 || k > 9)
        return false;
    int64_t no = sm_text_integer(sm_str_sub(rest, 0, k));
    sm_str tail = sm_str_sub(rest, k + 3, rest.n);
    static const char *const meetings[] = { "会议", "全会", "全体会议" };
    for (size_t m = 0; term > 0 && no > 0 && m < SM_LEN(meetings); m++) {
        if (!sm_str_starts(tail, sm_str_of(meetings[m])))
            continue;
        *out = (session){ (int)term, (int)no, { 0 } };
        *end = (size_t)(tail.p - s.p) + strlen(meetings[m]);
        return true;
    }
    return false;
}

enum { MAX_SESSIONS = 40 };

/* What the registry says of one body's sessions. */
static size_t sessions_of(sm_check *c, const char *body, session *out)
{
    const sm_roster_term *t;
    size_t n = c->roster ? sm_roster_terms(c->roster, &t) : 0, found = 0, end;
    for (size_t i = 0; i < n && found < MAX_SESSIONS; i++) {
        if (!sm_str_eq(t[i].kind, SM_STR("meeting")) ||
            !read_session(t[i].right, 0, body, &out[found], &end))
            continue;
        static const char *const held[] = { "召开" };
        sm_days d = sm_days_in(c->a, t[i].note);
        if (d.n && sm_follows(t[i].note, d.end[0], held, 1))
            out[found++].day = d.day[0];
    }
    return found;
}

/* The date that is told right before: 2026年1月召开的…. */
static sm_str day_before(sm_check *c, sm_str s, size_t at)
{
    sm_days d = sm_days_in(c->a, sm_str_sub(s, 0, at));
    if (!d.n || at - d.end[d.n - 1] > 30)
        return (sm_str){ 0 };
    return d.day[d.n - 1];
}

static bool same_as_far(sm_str a, sm_str b)
{
    size_t n = SM_MIN(a.n, b.n);
    return sm_str_eq(sm_str_sub(a, 0, n), sm_str_sub(b, 0, n));
}

static void check_session(sm_check *c, const sm_rule *rule, const sm_line *l, size_t at,
                          const char *body, const session *known, size_t n)
{
    session said;
    size_t end;
    if (!read_session(l->text, at, body, &said, &end) || sm_in_title(l->text, at))
        return;
    sm_str day = day_before(c, l->text, at), what = sm_str_sub(l->text, at, end);
    const session *is = NULL, *on_day = NULL;
    bool term = false;
    for (size_t i = 0; i < n; i++) {
        term |= known[i].term == said.term;
        if (known[i].term == said.term && known[i].no == said.no)
            is = &known[i];
        if (day.n >= 7 && same_as_far(day, known[i].day))
            on_day = &known[i];
    }
    if (sm_is_taken(c, l, what) || (is && (!day.n || same_as_far(day, is->day))))
        return;
    if (!is && !on_day && !term)
        return; /* of a time that the registry does not know */
    if (!is && !on_day && sm_day_of(c).n && sm_str_cmp(sm_day_of(c), known[n - 1].day) > 0 &&
        !day.n && said.no > known[n - 1].no + 1)
        return;
    sm_finding *f = sm_find_slice(c, rule, l, what);
    f->confidence = .7;
    if (is)
        sm_because(c, f, "登记的%.*s在%.*s召开", SM_ARG(what), SM_ARG(is->day));
    else if (on_day)
        sm_because(c, f, "%.*s召开的是第%d届第%d次会议", SM_ARG(on_day->day), on_day->term,
                   on_day->no);
    else
        sm_because(c, f, "登记的会议中没有第%d届第%d次会议", said.term, said.no);
}

/* 市第十五届… of a day when the sixteenth is in office. */
static void check_term(sm_check *c, const sm_rule *rule, const sm_line *l, const char *body,
                       const session *known, size_t n)
{
    static const char *const councils[] = { "人民代表大会", "人大", "委员会", "一次",
                                            "二次",         "三次", "四次",   "五次" };
    static const char *const digits = "零一二三四五六七八九十";
    const session *now = &known[0];
    for (size_t i = 1; i < n; i++)
        now = known[i].term > now->term ||
                      (known[i].term == now->term && sm_str_cmp(known[i].day, now->day) < 0)
                  ? &known[i]
                  : now;
    for (size_t at = 0; (at = sm_str_find(l->text, sm_str_of(body), at)) != SIZE_MAX;) {
        size_t place = at, from = at += strlen(body);
        if (sm_str_starts(sm_str_sub(l->text, from, l->text.n), SM_STR("第")))
            from += 3;
        size_t to = sm_str_find(l->text, SM_STR("届"), from);
        if (to == SIZE_MAX || to == from || to - from > 9 ||
            !sm_follows(l->text, to + 3, councils, SM_LEN(councils)))
            continue;
        sm_str said = sm_str_sub(l->text, from, to), day = day_before(c, l->text, place);
        int64_t term = sm_text_integer(said);
        sm_days d = sm_days_in(c->a, l->text);
        bool older = false;
        for (size_t i = 0; i < d.n; i++)
            older |= sm_str_cmp(d.day[i], sm_str_sub(now->day, 0, d.day[i].n)) < 0;
        day = day.n ? day : sm_day_of(c);
        if (term <= 0 || term >= now->term || older || sm_in_title(l->text, from) ||
            sm_str_cmp(day, now->day) <= 0 || sm_is_taken(c, l, said) || now->term > 99)
            continue;
        int tens = now->term / 10, ones = now->term % 10;
        sm_finding *f = sm_find_slice(c, rule, l, said);
        sm_propose(f, sm_strf(c->a, "%.*s%s%.*s", tens > 1 ? 3 : 0, digits + 3 * tens,
                              tens ? "十" : "", ones ? 3 : 0, digits + 3 * ones));
        f->confidence = .7;
        sm_because(c, f, "这一天在任的是第%d届", now->term);
    }
}

/* 第76次常务会议 between two that the registry dates. */
typedef struct anchor {
    int64_t no;
    sm_str day;
} anchor;

static size_t anchors_of(sm_check *c, anchor *out, size_t max)
{
    const sm_roster_term *t;
    size_t n = sm_roster_terms(c->roster, &t), found = 0;
    for (size_t i = 0; i < n; i++) {
        if (!sm_str_eq(t[i].kind, SM_STR("meeting")) ||
            !sm_str_eq(t[i].right, SM_STR("市政府常务会议")))
            continue;
        sm_str note = t[i].note;
        size_t from, end;
        for (size_t at = 0;
             found < max && (at = sm_str_find(note, SM_STR("第"), at)) != SIZE_MAX;) {
            from = at += 3;
            while (at < note.n && note.p[at] >= '0' && note.p[at] <= '9')
                at++;
            sm_str no = sm_str_sub(note, from, at);
            size_t y = sm_str_find(note, SM_STR("20"), at);
            if (!no.n || y == SIZE_MAX || !sm_str_to_int(no, &out[found].no))
                continue;
            out[found].day = sm_day_at(c->a, note, y, &end);
            found += out[found].day.n == 10;
        }
    }
    return found;
}

static void check_standing(sm_check *c, const sm_rule *rule, const sm_line *l, const anchor *v,
                           size_t n)
{
    static const char *const meeting[] = { "次常务会议" };
    for (size_t at = 0; (at = sm_str_find(l->text, SM_STR("市政府第"), at)) != SIZE_MAX;) {
        size_t from = at += 12;
        int64_t no;
        while (at < l->text.n && l->text.p[at] >= '0' && l->text.p[at] <= '9')
            at++;
        sm_str day = day_before(c, l->text, from - 12);
        if (!sm_str_to_int(sm_str_sub(l->text, from, at), &no) || day.n != 10 ||
            !sm_follows(l->text, at, meeting, 1))
            continue;
        for (size_t i = 0; i < n; i++) {
            int cmp = sm_str_cmp(day, v[i].day);
            if ((cmp < 0 && no < v[i].no) || (cmp > 0 && no > v[i].no) || (!cmp && no == v[i].no))
                continue;
            sm_finding *f = sm_find_slice(c, rule, l, sm_str_sub(l->text, from - 3, at + 3));
            if (!cmp)
                sm_propose(f, sm_strf(c->a, "第%d次", (int)v[i].no));
            f->confidence = .6;
            sm_because(c, f, "登记的第%d次常务会议在%.*s，次数与日期不符", (int)v[i].no,
                       SM_ARG(v[i].day));
            break;
        }
    }
}

/* K08: names and numbers of meetings: patterns, words of the registry, and the registry's dates. */
void sm_run_meetings(sm_check *c, const sm_rule *rule)
{
    static const char *const bodies[] = { "市", "政协云澜市", "市政协", "市委", "党的" };
    sm_pattern_run(c, rule);
    if (!c->roster)
        return;
    sm_find_registered(c, rule);
    size_t n_known[SM_LEN(bodies)];
    session known[SM_LEN(bodies)][MAX_SESSIONS];
    anchor standing[16];
    size_t n_standing = anchors_of(c, standing, SM_LEN(standing));
    for (size_t b = 0; b < SM_LEN(bodies); b++)
        n_known[b] = sessions_of(c, bodies[b], known[b]);
    for (size_t i = 0; i < c->o->n; i++) {
        const sm_line *l = &c->o->line[i];
        if (!sm_str_has(l->text, SM_STR("会")) || !sm_rule_reads(rule, l))
            continue;
        for (size_t b = 0; b < SM_LEN(bodies); b++)
            for (size_t at = 0;
                 n_known[b] && (at = sm_str_find(l->text, sm_str_of(bodies[b]), at)) != SIZE_MAX;
                 at += 3)
                check_session(c, rule, l, at, bodies[b], known[b], n_known[b]);
        for (size_t b = 0; b < 3; b++) /* the congress and the conference have terms */
            if (n_known[b])
                check_term(c, rule, l, bodies[b], known[b], n_known[b]);
        check_standing(c, rule, l, standing, n_standing);
    }
}
