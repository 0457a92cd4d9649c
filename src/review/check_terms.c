/*
 * Groups K, L and M, terms of the registry: places, organs, phrases, one form for one thing.
 */
#include "review/names.h"

#include <stdlib.h>
#include <string.h>

static size_t before_at(sm_str s, size_t at)
{
    while (at > 0 && ((uint8_t)s.p[--at] & 0xc0) == 0x80)
        ;
    return at;
}

/* ------------------------------------------------- K05, K06, L03, L04, M06 */

/* Two findings of one place would say the same. */
bool sm_is_taken(const sm_check *c, const sm_line *l, sm_str what)
{
    size_t from = (size_t)(what.p - l->par->text.p), to = from + what.n;
    for (size_t i = c->n_found; i-- > 0;) {
        const sm_finding *f = &c->found[i];
        if (f->para == l->para && f->start < to && f->end > from)
            return true;
    }
    return false;
}

/* Inside 《…》: titles stay as they were. */
bool sm_in_title(sm_str s, size_t at)
{
    int depth = 0;
    for (size_t i = 0; i < at; i = sm_next_at(s, i)) {
        sm_str rest = sm_str_sub(s, i, s.n);
        if (sm_str_starts(rest, SM_STR("《")))
            depth++;
        else if (sm_str_starts(rest, SM_STR("》")) && depth)
            depth--;
    }
    return depth > 0;
}

/* What is told of former times keeps its name. */
static bool is_former(sm_check *c, sm_str s, size_t at, sm_str note)
{
    static const char *const words[] = { "原",   "原为",   "撤销",   "撤并", "旧称",
                                         "时称", "前身为", "前身是", "原称" };
    if (sm_precedes(s, at, words, SM_LEN(words)))
        return true;
    sm_str head = sm_str_sub(s, 0, at);
    for (const char *const *stop = (const char *const[]){ "。", "；", NULL }; *stop; stop++)
        for (size_t k; (k = sm_str_find(head, sm_str_of(*stop), 0)) != SIZE_MAX;)
            head = sm_str_sub(head, k + 3, head.n);
    sm_days d = sm_days_in(c->a, head);
    int64_t since, year;
    if (!sm_str_to_int(sm_str_sub(note, 0, 4), &since))
        return false;
    for (size_t i = 0; i < d.n; i++)
        if (sm_str_to_int(sm_str_sub(d.day[i], 0, 4), &year) && year < since)
            return true;
    return false;
}

/* Part of an organ's name that may be written, as 市人社 in 市人社局. */
static bool in_organ(const sm_check *c, sm_str s, size_t at, sm_str wrong)
{
    const sm_roster_organ *o;
    size_t n = sm_roster_organs(c->roster, &o);
    for (size_t i = 0; i < n; i++) {
        sm_str names = sm_strf(c->a, "%.*s、%.*s", SM_ARG(o[i].full), SM_ARG(o[i].shorts));
        if (o[i].renamed.n || !sm_str_has(names, wrong))
            continue;
        while (names.n) {
            sm_str one = sm_part_of(&names, SM_STR("、"));
            size_t k = sm_str_find(one, wrong, 0);
            if (k != SIZE_MAX && k <= at && sm_str_starts(sm_str_sub(s, at - k, s.n), one))
                return true;
        }
    }
    return false;
}

/* Where `right` holds `wrong`, what of the rest stands there already: “ of “放管服”. */
static bool is_right_there(sm_str s, size_t at, sm_str wrong, sm_str right)
{
    for (size_t k = sm_str_find(right, wrong, 0); k != SIZE_MAX;
         k = sm_str_find(right, wrong, k + 1))
        if (k <= at && sm_str_starts(sm_str_sub(s, at - k, s.n), right))
            return true;
    return false;
}

/* 新时代枫桥经验 as a whole is what 新时代“枫桥经验” replaces. */
sm_str sm_widened(sm_str s, size_t at, sm_str wrong, sm_str right)
{
    size_t k = sm_str_find(right, wrong, 0), from = at, to = at + wrong.n;
    if (k == SIZE_MAX) { /* 既有住宅增设电梯 for 既有住宅加装电梯 */
        size_t n = before_at(right, right.n);
        while (n >= 6 && !sm_str_ends(sm_str_sub(s, 0, at), sm_str_sub(right, 0, n)))
            n = before_at(right, n);
        return sm_str_sub(s, n >= 6 ? from - n : from, to);
    }
    for (size_t i = k; i > 0;) {
        size_t b = before_at(right, i);
        sm_str one = sm_str_sub(right, b, i);
        if (from >= one.n && sm_str_ends(sm_str_sub(s, 0, from), one))
            from -= one.n;
        i = b;
    }
    for (size_t i = k + wrong.n; i < right.n;) {
        size_t e = sm_next_at(right, i);
        sm_str one = sm_str_sub(right, i, e);
        if (sm_str_starts(sm_str_sub(s, to, s.n), one))
            to += one.n;
        i = e;
    }
    return sm_str_sub(s, from, to);
}

/* 青石乡 does not end where 青石乡村 goes on; 云澜地区 is a region unless it has an office. */
static bool is_other_word(sm_str s, size_t at, sm_str wrong)
{
    static const char *const after_village[] = { "村", "土", "亲", "镇", "里", "情" };
    static const char *const offices[] = { "行署", "行政公署", "专署", "专员" };
    static const char *const city[] = { "场", "民" };
    static const char *const units[] = { "公里", "千米", "米", "厘米", "分米", "毫米" };
    size_t to = at + wrong.n;
    if (sm_str_ends(wrong, SM_STR("乡")))
        return sm_follows(s, to, after_village, SM_LEN(after_village));
    if (sm_str_ends(wrong, SM_STR("地区")))
        return !sm_follows(s, to, offices, SM_LEN(offices));
    if (sm_str_ends(wrong, SM_STR("平方")))
        return sm_follows(s, to, units, SM_LEN(units));
    return sm_str_ends(wrong, SM_STR("市")) && sm_follows(s, to, city, SM_LEN(city));
}

static void find_term(sm_check *c, const sm_rule *rule, const sm_line *l, const sm_roster_term *t,
                      sm_str wrong)
{
    sm_str s = l->text;
    bool named = !sm_str_eq(t->kind, SM_STR("phrase"));
    for (size_t at = sm_str_find(s, wrong, 0); at != SIZE_MAX;
         at = sm_str_find(s, wrong, at + wrong.n)) {
        if (is_right_there(s, at, wrong, t->right) || in_organ(c, s, at, wrong))
            continue;
        if (named &&
            (sm_in_title(s, at) || is_former(c, s, at, t->note) || is_other_word(s, at, wrong)))
            continue;
        sm_str what = sm_widened(s, at, wrong, t->right);
        if (sm_is_taken(c, l, what))
            continue;
        sm_finding *f = sm_find_slice(c, rule, l, what);
        sm_str rights = t->right;
        bool several = sm_str_eq(t->kind, SM_STR("preferred")) && sm_str_has(rights, SM_STR("、"));
        if (rights.n && !sm_str_starts(rights, SM_STR("（")))
            sm_propose(f, several ? sm_part_of(&rights, SM_STR("、")) : rights);
        if (several)
            f->confidence = .6;
        sm_because(c, f, "登记的写法是“%.*s”%s%.*s", SM_ARG(t->right), t->note.n ? "：" : "",
                   SM_ARG(t->note));
    }
}

/* A wrong form that is a list itself, 创新、绿色、…, is one form: the right one begins alike. */
static bool is_one_form(const sm_roster_term *t)
{
    sm_str list = t->wrong, first = sm_part_of(&list, SM_STR("、"));
    return list.n == 0 || (sm_str_has(t->right, SM_STR("、")) && sm_str_has(t->right, first) &&
                           first.n < t->right.n / 2);
}

typedef struct wrong_form {
    const sm_roster_term *term;
    sm_str wrong;
} wrong_form;

typedef struct forms {
    wrong_form *v;
    size_t n, cap;
} forms;

static int longest_first(const void *a, const void *b)
{
    const wrong_form *x = a, *y = b;
    if (x->wrong.n != y->wrong.n)
        return x->wrong.n > y->wrong.n ? -1 : 1;
    return sm_str_cmp(x->wrong, y->wrong);
}

static void add_form(sm_check *c, forms *all, const sm_roster_term *t, sm_str wrong)
{
    /* the right form of 四个自信 spells out what it is: no correction */
    bool spelt_out = sm_str_eq(t->kind, SM_STR("phrase")) && t->right.n > 2 * wrong.n + 12;
    if (wrong.n < 6 || spelt_out)
        return;
    SM_GROW(c->a, all->v, all->n, all->cap);
    all->v[all->n++] = (wrong_form){ t, wrong };
}

static bool has_kind(const json_t *kinds, sm_str kind)
{
    for (size_t i = 0; i < json_array_size(kinds); i++)
        if (sm_str_eq(sm_str_of(json_string_value(json_array_get(kinds, i))), kind))
            return true;
    return false;
}

/* The registry's wrong forms of the kinds that a rule names (params terms). */
static forms forms_of(sm_check *c, const sm_rule *rule)
{
    forms all = { 0 };
    const sm_roster_term *t;
    size_t n = c->roster ? sm_roster_terms(c->roster, &t) : 0;
    for (size_t i = 0; i < n; i++) {
        sm_str list = t[i].wrong;
        if (!has_kind(sm_param(rule, "terms"), t[i].kind) || sm_str_has(list, SM_STR("（")))
            continue; /* what stands in brackets a person has to judge */
        if (is_one_form(&t[i]))
            add_form(c, &all, &t[i], list);
        else
            while (list.n)
                add_form(c, &all, &t[i], sm_part_of(&list, SM_STR("、")));
    }
    if (all.n)
        qsort(all.v, all.n, sizeof(*all.v), longest_first);
    return all;
}

void sm_find_registered(sm_check *c, const sm_rule *rule)
{
    forms all = forms_of(c, rule);
    for (size_t k = 0; k < c->o->n; k++) {
        const sm_line *l = &c->o->line[k];
        if (!l->text.n || !sm_rule_reads(rule, l))
            continue;
        for (size_t i = 0; i < all.n; i++)
            find_term(c, rule, l, all.v[i].term, all.v[i].wrong);
    }
}

/* The words of the rule, and those of the registry. */
void sm_run_terms(sm_check *c, const sm_rule *rule)
{
    sm_dictionary_run(c, rule);
    sm_find_registered(c, rule);
}

/* -------------------------------------------------------------------- K07 */

typedef struct named {
    sm_str name;
    const sm_line *line; /* where it stands first */
    sm_str at;
    size_t n;
} named;

/* Not inside another organ's name, a title or a table. */
static void count_name(const sm_check *c, sm_str name, named *out)
{
    *out = (named){ .name = name };
    for (size_t i = 0; i < c->o->n; i++) {
        const sm_line *l = &c->o->line[i];
        if (!sm_is_running(l) || l->role == SM_ROLE_CELL)
            continue;
        for (size_t at = sm_str_find(l->text, name, 0); at != SIZE_MAX;
             at = sm_str_find(l->text, name, at + name.n)) {
            static const char *const own[] = { "云澜" };
            if (sm_in_title(l->text, at) || sm_precedes(l->text, at, own, 1))
                continue;
            if (!out->n++) {
                out->line = l;
                out->at = sm_str_sub(l->text, at, at + name.n);
            }
        }
    }
}

static void check_organ_names(sm_check *c, const sm_rule *rule, const sm_roster_organ *o)
{
    static const sm_str sep = { "、", 3 };
    named said[8];
    size_t n = 0;
    sm_str list = o->shorts, standard = { 0 };
    while (list.n && n < SM_LEN(said)) {
        sm_str one = sm_part_of(&list, sep);
        standard = standard.n ? standard : one;
        count_name(c, one, &said[n]);
        bool another = n == 0 || !sm_str_has(one, said[n - 1].name);
        n += said[n].n > 0 && another;
    }
    if (n < 2)
        return;
    for (size_t i = 0; i < n; i++) {
        if (sm_str_has(said[i].name, standard))
            continue; /* the standard one, or that with the place before it */
        sm_finding *f = sm_find_slice(c, rule, said[i].line, said[i].at);
        sm_propose(f, standard);
        f->confidence = .7;
        sm_because(c, f, "同一机关又称“%.*s”，全文宜统一用“%.*s”", SM_ARG(said[i ? 0 : 1].name),
                   SM_ARG(standard));
    }
}

/* K07: one organ under several short names.  Governments and committees are called in full where
 * the law does. */
/* 管委会 that begins a clause, and no line says whose it is. */
static void check_unnamed(sm_check *c, const sm_rule *rule, sm_str name)
{
    const sm_line *bare = NULL;
    size_t where = 0;
    for (size_t i = 0; i < c->o->n; i++) {
        const sm_line *l = &c->o->line[i];
        for (size_t at = 0; (at = sm_str_find(l->text, name, at)) != SIZE_MAX; at += name.n) {
            sm_str before = sm_str_sub(l->text, before_at(l->text, at), at);
            if (!sm_is_running(l) || !before.n || sm_is_han(sm_utf8_next(&before)) ||
                sm_str_ends(sm_str_sub(l->text, 0, at), SM_STR("“")))
                return;
            where = bare ? where : at;
            bare = bare ? bare : l;
        }
    }
    if (!bare)
        return;
    sm_finding *f = sm_find_slice(c, rule, bare, sm_str_sub(bare->text, where, where + name.n));
    f->confidence = .6;
    sm_because(c, f, "“%.*s”前文没有出现过，是哪个单位不明", SM_ARG(name));
}

void sm_run_several_names(sm_check *c, const sm_rule *rule)
{
    static const char *const bare[] = { "管委会", "指挥部",   "领导小组", "组委会",
                                        "筹委会", "联席会议", "工作专班" };
    for (size_t i = 0; i < SM_LEN(bare); i++)
        check_unnamed(c, rule, sm_str_of(bare[i]));
    const sm_roster_organ *o;
    size_t n = c->roster ? sm_roster_organs(c->roster, &o) : 0;
    for (size_t i = 0; i < n; i++)
        if (!o[i].renamed.n && sm_str_has(o[i].shorts, SM_STR("、")) &&
            (sm_str_eq(o[i].level, SM_STR("department")) ||
             sm_str_eq(o[i].level, SM_STR("institution"))))
            check_organ_names(c, rule, &o[i]);
}
