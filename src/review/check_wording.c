/*
 * Group M: one thing under several words, repeated text, duties that differ between text and table.
 */
#include <stdlib.h>
#include <string.h>

#include "review/pack.h"

enum { LEAST_REPEATED = 20, LEAST_SENTENCE = 12, LEAST_TASK = 4 };

static bool is_prose(const sm_line *l)
{
    return l->role == SM_ROLE_TEXT || (l->role >= SM_ROLE_H1 && l->role <= SM_ROLE_H4);
}

/* -------------------------------------------------------------------- M06 */

typedef struct form {
    sm_str word;
    const sm_line *line; /* where it stands first */
    sm_str at;
    size_t n;
} form;

static bool in_title(sm_str s, size_t at)
{
    size_t open = SIZE_MAX, shut = SIZE_MAX;
    for (size_t k = 0; (k = sm_str_find(s, SM_STR("《"), k)) < at; k += 3)
        open = k;
    for (size_t k = 0; (k = sm_str_find(s, SM_STR("》"), k)) < at; k += 3)
        shut = k;
    return open != SIZE_MAX && (shut == SIZE_MAX || shut < open);
}

/* Whether another form of the group, or a longer word (none of the group's), holds the place. */
static bool inside_another(sm_str s, size_t at, sm_str word, const json_t *group)
{
    for (size_t i = 0; i < json_array_size(group); i++) {
        sm_str other = sm_str_of(json_string_value(json_array_get(group, i)));
        size_t k = other.n > word.n ? sm_str_find(other, word, 0) : SIZE_MAX;
        if (k != SIZE_MAX && k <= at && sm_str_starts(sm_str_sub(s, at - k, s.n), other))
            return true;
    }
    return false;
}

static void count_form(const sm_check *c, const json_t *group, form *f)
{
    for (size_t i = 0; i < c->o->n; i++) {
        const sm_line *l = &c->o->line[i];
        if (!is_prose(l) && l->role != SM_ROLE_CELL && l->role != SM_ROLE_TITLE &&
            l->role != SM_ROLE_ATITLE)
            continue;
        for (size_t at = sm_str_find(l->text, f->word, 0); at != SIZE_MAX;
             at = sm_str_find(l->text, f->word, at + f->word.n)) {
            if (in_title(l->text, at) || inside_another(l->text, at, f->word, group))
                continue;
            if (!f->n++) {
                f->line = l;
                f->at = sm_str_sub(l->text, at, at + f->word.n);
            }
        }
    }
}

/* The first of a group is the regular form. */
static void check_group(sm_check *c, const sm_rule *rule, const json_t *group)
{
    form v[8] = { 0 };
    size_t n = SM_MIN(json_array_size(group), SM_LEN(v)), used = 0;
    for (size_t i = n; i-- > 0;) {
        v[i].word = sm_str_of(json_string_value(json_array_get(group, i)));
        if (i == 0 && !used)
            return; /* the regular one alone, or none */
        count_form(c, group, &v[i]);
        used += v[i].n > 0;
    }
    for (size_t i = 1; used > 1 && i < n; i++) {
        if (!v[i].n)
            continue;
        sm_finding *f = sm_find_slice(c, rule, v[i].line, v[i].at);
        sm_propose(f, v[0].word);
        f->confidence = .7;
        sm_because(c, f, "同一事物有几种写法，全文宜统一用“%.*s”", SM_ARG(v[0].word));
    }
}

/* M06: one thing under several words (params groups); the registry's words are those of "terms",
 * which runs before. */
static void run_one_term(sm_check *c, const sm_rule *rule)
{
    const json_t *groups = sm_param(rule, "groups");
    for (size_t i = 0; i < json_array_size(groups); i++)
        check_group(c, rule, json_array_get(groups, i));
    sm_checker_named(SM_STR("terms"))->run(c, rule);
}

/* -------------------------------------------------------------------- M09 */

typedef struct seen {
    uint64_t key;
    size_t line;
} seen;

static int by_key(const void *a, const void *b)
{
    const seen *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x->line < y->line ? -1 : x->line > y->line;
}

static void repeated_paragraphs(sm_check *c, const sm_rule *rule)
{
    size_t n = 0;
    seen *v = SM_NEWS(c->a, seen, c->o->n);
    for (size_t i = 0; i < c->o->n; i++) {
        const sm_line *l = &c->o->line[i];
        if (is_prose(l) && sm_utf8_count(l->rest) >= LEAST_REPEATED)
            v[n++] = (seen){ sm_hash64(l->rest, 0), i };
    }
    if (!n)
        return;
    qsort(v, n, sizeof(*v), by_key);
    for (size_t i = 1; i < n; i++) {
        const sm_line *l = &c->o->line[v[i].line], *first = &c->o->line[v[i - 1].line];
        if (v[i].key != v[i - 1].key || !sm_str_eq(l->rest, first->rest) || l->doc != first->doc)
            continue;
        sm_finding *f = sm_find_slice(c, rule, l, l->text);
        sm_propose(f, (sm_str){ 0 });
        sm_because(c, f, "与前文第%d段相同", first->para + 1);
    }
}

/* A sentence that follows itself. */
static void repeated_sentences(sm_check *c, const sm_rule *rule, const sm_line *l)
{
    sm_str *s;
    if (!sm_str_has(l->text, SM_STR("。")))
        return;
    size_t n = sm_text_sentences(c->a, l->text, &s);
    for (size_t i = 1; i < n; i++) {
        if (!sm_str_eq(s[i], s[i - 1]) || sm_utf8_count(s[i]) < LEAST_SENTENCE)
            continue;
        sm_finding *f = sm_find_slice(c, rule, l, s[i]);
        sm_propose(f, (sm_str){ 0 });
        sm_because(c, f, "同一句话写了两遍");
    }
}

static void run_repeated(sm_check *c, const sm_rule *rule)
{
    repeated_paragraphs(c, rule);
    for (size_t i = 0; i < c->o->n; i++)
        if (is_prose(&c->o->line[i]))
            repeated_sentences(c, rule, &c->o->line[i]);
}

/* -------------------------------------------------------------------- M10 */

/* Who leads, as a line says: what stands before 牵头 or 负责 up to a sign; "" none. */
static sm_str leader_in(sm_str s, size_t from)
{
    static const char *const words[] = { "负责牵头", "牵头" };
    static const char *const signs[] = { "，", "。", "；", "、", "由", "：", "（" };
    for (size_t w = 0; w < SM_LEN(words); w++) {
        size_t at = sm_str_find(s, sm_str_of(words[w]), from);
        if (at == SIZE_MAX)
            continue;
        size_t begin = at;
        while (begin > from) {
            size_t b = begin;
            while (b > 0 && ((uint8_t)s.p[--b] & 0xc0) == 0x80)
                ;
            sm_str one = sm_str_sub(s, b, begin);
            bool sign = false;
            for (size_t k = 0; k < SM_LEN(signs); k++)
                sign |= sm_str_eq(one, sm_str_of(signs[k]));
            if (sign)
                break;
            begin = b;
        }
        return sm_str_sub(s, begin, at);
    }
    return (sm_str){ 0 };
}

static bool is_same_organ(const sm_check *c, sm_str a, sm_str b)
{
    if (sm_str_has(a, b) || sm_str_has(b, a))
        return true;
    const sm_roster_organ *x = sm_roster_organ_named(c->roster, a, (sm_str){ 0 });
    return x && x == sm_roster_organ_named(c->roster, b, (sm_str){ 0 });
}

static const sm_line *cell(const sm_check *c, int table, int row, int col)
{
    for (size_t i = 0; i < c->o->n; i++) {
        const sm_par *p = c->o->line[i].par;
        if (p->table == table && p->row == row && p->col == col)
            return &c->o->line[i];
    }
    return NULL;
}

static int column_of(const sm_check *c, int table, const char *const *words, size_t n)
{
    const sm_line *l;
    for (int col = 0; (l = cell(c, table, 0, col)) != NULL; col++)
        if (sm_str_has_any(l->text, words, n))
            return col;
    return -1;
}

static void check_duty(sm_check *c, const sm_rule *rule, const sm_line *task, const sm_line *who)
{
    if (!sm_roster_organ_named(c->roster, who->text, (sm_str){ 0 }) ||
        sm_utf8_count(task->text) < LEAST_TASK)
        return;
    for (size_t i = 0; i < c->o->n; i++) {
        const sm_line *l = &c->o->line[i];
        size_t at = is_prose(l) ? sm_str_find(l->text, task->text, 0) : SIZE_MAX;
        if (at == SIZE_MAX)
            continue;
        /* the paragraph itself, or the one under the heading that names the task */
        bool heading =
            l->role != SM_ROLE_TEXT && i + 1 < c->o->n && !sm_str_has(l->text, SM_STR("牵头"));
        sm_str leader = leader_in(heading ? c->o->line[i + 1].text : l->text, 0);
        if (!sm_roster_organ_named(c->roster, leader, (sm_str){ 0 }) ||
            is_same_organ(c, leader, who->text))
            continue;
        sm_finding *f = sm_find_slice(c, rule, heading ? l + 1 : l, leader);
        sm_propose(f, who->text);
        f->confidence = .6;
        sm_because(c, f, "“%.*s”这里由%.*s牵头，表中是%.*s", SM_ARG(task->text), SM_ARG(leader),
                   SM_ARG(who->text));
        return;
    }
}

/* ……办公室设在区公安分局: whose seat it is, and where. */
typedef struct seat {
    const sm_line *line;
    sm_str whose, where;
} seat;

static bool is_han_before(sm_str s, size_t at, size_t *from)
{
    size_t b = at;
    while (b > 0 && ((uint8_t)s.p[--b] & 0xc0) == 0x80)
        ;
    sm_str one = sm_str_sub(s, b, at);
    *from = b;
    return one.n && sm_is_han(sm_utf8_next(&one));
}

/* The words before and behind 设在 at a place. */
static bool seat_at(const sm_line *l, size_t at, seat *out)
{
    static const char *const ends[] = { "局", "委", "办", "室", "中心", "院", "厅", "部", "队" };
    sm_str s = l->text, open = SM_STR("（");
    size_t to = at, from, end = at + 6, last = 0;
    if (sm_str_ends(sm_str_sub(s, 0, to), open))
        to -= open.n;
    for (from = to; from > 0 && to - from < 36;) {
        size_t b;
        if (!is_han_before(s, from, &b))
            break;
        from = b;
    }
    for (sm_str rest = sm_str_sub(s, end, s.n); rest.n && end - at < 60;) {
        sm_str before = rest;
        if (!sm_is_han(sm_utf8_next(&rest)))
            break;
        end += before.n - rest.n;
        for (size_t i = 0; i < SM_LEN(ends); i++)
            if (sm_str_ends(sm_str_sub(s, at + 6, end), sm_str_of(ends[i])))
                last = end;
    }
    *out = (seat){ l, sm_str_sub(s, from, to), sm_str_sub(s, at + 6, last) };
    return last && out->whose.n >= 9;
}

/* Of the members of a group the first leads: whether b is named before a where they are told. */
static bool is_first_member(const sm_check *c, sm_str b, sm_str a)
{
    for (size_t i = 0; i < c->o->n; i++) {
        sm_str s = c->o->line[i].text;
        size_t at = sm_str_find(s, SM_STR("成员单位"), 0), at_a = sm_str_find(s, a, 0),
               at_b = sm_str_find(s, b, 0);
        if (at != SIZE_MAX && at_a != SIZE_MAX && at_b != SIZE_MAX)
            return at_b < at_a;
    }
    return false;
}

/* The later of two, unless it is the one that leads. */
static void compare_seats(sm_check *c, const sm_rule *rule, const seat *a, const seat *b)
{
    bool akin = sm_str_ends(a->whose, b->whose) || sm_str_ends(b->whose, a->whose);
    if (!akin || is_same_organ(c, a->where, b->where))
        return;
    bool first = is_first_member(c, b->where, a->where);
    const seat *wrong = first ? a : b, *right = first ? b : a;
    sm_finding *f = sm_find_slice(c, rule, wrong->line, wrong->where);
    sm_propose(f, right->where);
    f->confidence = .6;
    sm_because(c, f, "另一处写的是设在“%.*s”", SM_ARG(right->where));
}

static void check_seats(sm_check *c, const sm_rule *rule)
{
    enum { MAX_SEATS = 40 };
    seat s[MAX_SEATS];
    size_t n = 0;
    for (size_t i = 0; i < c->o->n; i++) {
        const sm_line *l = &c->o->line[i];
        for (size_t at = 0; is_prose(l) && n < MAX_SEATS &&
                            (at = sm_str_find(l->text, SM_STR("设在"), at)) != SIZE_MAX;
             at += 6)
            n += seat_at(l, at, &s[n]);
    }
    for (size_t i = 0; i < n; i++)
        for (size_t k = i + 1; k < n; k++)
            compare_seats(c, rule, &s[i], &s[k]);
}

/* M10: who leads, in the text and in the table; where an office sits. */
static void run_duties(sm_check *c, const sm_rule *rule)
{
    static const char *const tasks[] = { "任务", "事项", "项目", "措施", "内容" };
    static const char *const leads[] = { "牵头", "责任单位", "负责单位" };
    if (!c->roster)
        return;
    check_seats(c, rule);
    int done = -1;
    for (size_t i = 0; i < c->o->n; i++) {
        int table = c->o->line[i].par->table;
        if (table <= done)
            continue;
        done = table;
        int task = column_of(c, table, tasks, SM_LEN(tasks));
        int lead = column_of(c, table, leads, SM_LEN(leads));
        if (task < 0 || lead < 0 || task == lead)
            continue;
        const sm_line *t, *w;
        for (int row = 1; (t = cell(c, table, row, task)) != NULL; row++)
            if ((w = cell(c, table, row, lead)) != NULL)
                check_duty(c, rule, t, w);
    }
}

const sm_checker sm_checkers_wording[] = { { "one_term", run_one_term },
                                           { "repeated", run_repeated },
                                           { "duties", run_duties },
                                           { NULL, NULL } };
