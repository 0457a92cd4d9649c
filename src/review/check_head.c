/*
 * The head of a document and its title (groups B and C); recipients and names of organs (D) are in
 * check_organs.c.
 *
 * "title_break" rests on the dictionary (dictionary.c): its words are those of titles.
 */
#include <stdlib.h>
#include <string.h>

#include "review/organs.h"
#include "review/pack.h"
#include "review/parts.h"

/* ------------------------------------------------------------------ number */

static size_t digits_at(sm_str s, size_t at)
{
    size_t n = 0;
    while (at + n < s.n && s.p[at + n] >= '0' && s.p[at + n] <= '9')
        n++;
    return n;
}

/* The bracket before the year; SIZE_MAX: none. */
static size_t bracket_at(sm_str number)
{
    static const char *const opens[] = { "〔", "[", "［", "（", "(", "【", "{", "﹝" };
    size_t first = SIZE_MAX;
    for (size_t i = 0; i < SM_LEN(opens); i++)
        first = SM_MIN(first, sm_str_find(number, sm_str_of(opens[i]), 0));
    return first;
}

static sm_str year_of(sm_str number)
{
    size_t at = bracket_at(number);
    if (at == SIZE_MAX)
        return (sm_str){ 0 };
    while (at < number.n && !digits_at(number, at))
        at++;
    return sm_str_sub(number, at, at + digits_at(number, at));
}

/* The year of the number and that of the date. */
static void run_number_year(sm_check *c, const sm_rule *rule)
{
    const sm_line *line = sm_own_line(c->o, SM_ROLE_NUMBER);
    sm_str year = line ? year_of(line->text) : (sm_str){ 0 };
    sm_str date = sm_str_sub(c->o->date, 0, 4);
    if (year.n != 4 || date.n != 4 || sm_str_eq(year, date))
        return;
    sm_finding *f = sm_find_slice(c, rule, line, year);
    sm_propose(f, date);
    f->confidence = .7; /* either may be the wrong one */
    sm_because(c, f, "发文字号的年份是%.*s，成文日期在%.*s年", SM_ARG(year), SM_ARG(date));
}

/* --------------------------------------------------------------- its code */

static bool has_code(const sm_roster_organ *o, sm_str code)
{
    sm_str list = o->codes;
    while (list.n) {
        size_t at = sm_str_find(list, SM_STR("、"), 0);
        if (sm_str_eq(sm_str_sub(list, 0, at), code))
            return true;
        list = at == SIZE_MAX ? (sm_str){ 0 } : sm_str_sub(list, at + 3, list.n);
    }
    return false;
}

static size_t n_codes(const sm_roster_organ *o)
{
    size_t n = o->codes.n > 0;
    for (size_t at = sm_str_find(o->codes, SM_STR("、"), 0); at != SIZE_MAX;
         at = sm_str_find(o->codes, SM_STR("、"), at + 3))
        n++;
    return n;
}

/* The registered code most like a wrong one: with the same ending, the longest. */
static sm_str like_code(const sm_outline *outline, const sm_roster_organ *o, sm_str code)
{
    sm_str list = o->codes, best = { 0 },
           end = sm_str_sub(code, code.n < 3 ? 0 : code.n - 3, code.n);
    if (sm_is_kind(outline, "函"))
        end = SM_STR("函");
    while (list.n) {
        size_t at = sm_str_find(list, SM_STR("、"), 0);
        sm_str one = sm_str_sub(list, 0, at);
        bool like = sm_str_ends(one, end), so_far = best.n && sm_str_ends(best, end);
        if (!best.n || (like && !so_far) || (!like && !so_far && one.n > best.n))
            best = one;
        list = at == SIZE_MAX ? (sm_str){ 0 } : sm_str_sub(list, at + 3, list.n);
    }
    return best;
}

static const sm_roster_organ *holder_of(const sm_roster *r, sm_str code)
{
    const sm_roster_organ *o;
    size_t n = sm_roster_organs(r, &o);
    for (size_t i = 0; i < n; i++)
        if (has_code(&o[i], code))
            return &o[i];
    return NULL;
}

static const sm_roster_organ *issuer_known(const sm_check *c)
{
    return c->roster ? sm_roster_organ_named(c->roster, c->o->issuer, c->o->date) : NULL;
}

static void run_organ_code(sm_check *c, const sm_rule *rule)
{
    const sm_line *line = sm_own_line(c->o, SM_ROLE_NUMBER);
    const sm_roster_organ *issuer = issuer_known(c);
    size_t at = line ? bracket_at(line->text) : SIZE_MAX;
    if (!issuer || !issuer->codes.n || at == SIZE_MAX || !at ||
        sm_str_starts(line->text, SM_STR("第"))) /* an order's has no code */
        return;
    sm_str code = sm_str_trim(sm_str_sub(line->text, 0, at));
    const sm_roster_organ *holder = holder_of(c->roster, code);
    sm_str first = sm_str_sub(issuer->codes, 0, sm_str_find(issuer->codes, SM_STR("、"), 0));
    bool office = holder && (sm_str_eq(holder->superior, issuer->full) ||
                             sm_str_eq(issuer->superior, holder->full));
    if (holder == issuer || (office && c->o->minutes) ||
        (!holder && n_codes(issuer) < 3 && sm_str_starts(code, first)))
        return;
    sm_finding *f = sm_find_slice(c, rule, line, code);
    sm_propose(f, like_code(c->o, issuer, code));
    if (holder)
        sm_because(c, f, "“%.*s”是“%.*s”的机关代字，“%.*s”登记为%.*s", SM_ARG(code),
                   SM_ARG(holder->full), SM_ARG(issuer->full), SM_ARG(issuer->codes));
    else
        sm_because(c, f, "机关代字“%.*s”没有登记，“%.*s”登记为%.*s", SM_ARG(code),
                   SM_ARG(issuer->full), SM_ARG(issuer->codes));
}

/* ---------------------------------------------------- one number, two titles */

typedef struct cited {
    sm_str title, number;
} cited;

enum { MAX_CITED = 2000 };

static bool same_title(sm_str a, sm_str b)
{
    return sm_str_has(a, b) || sm_str_has(b, a);
}

/* 《title》（number） from *at on. */
static bool next_cited(sm_str s, size_t *at, cited *out)
{
    for (size_t close; (close = sm_str_find(s, SM_STR("》（"), *at)) != SIZE_MAX;) {
        *at = close + 6;
        size_t end = sm_str_find(s, SM_STR("）"), *at), open = close;
        while (open > 0 && !sm_str_starts(sm_str_sub(s, open, s.n), SM_STR("《")))
            open--;
        sm_str number = end == SIZE_MAX ? (sm_str){ 0 } : sm_str_sub(s, *at, end);
        if (sm_str_ends(number, SM_STR("号")) && sm_str_has(number, SM_STR("〔")) &&
            sm_utf8_count(number) <= 30) {
            *out = (cited){ sm_str_sub(s, open + 3, close), number };
            return true;
        }
    }
    return false;
}

static void check_cited(sm_check *c, const sm_rule *rule, const sm_line *l, const cited *all,
                        size_t n, const cited *one)
{
    for (size_t i = 0; i < n; i++) {
        if (!sm_str_eq(all[i].number, one->number) || same_title(all[i].title, one->title))
            continue;
        sm_finding *f = sm_find_slice(c, rule, l, one->number);
        f->confidence = .7;
        sm_because(c, f, "“%.*s”既是《%.*s》的文号，又是《%.*s》的文号", SM_ARG(one->number),
                   SM_ARG(all[i].title), SM_ARG(one->title));
        return;
    }
}

/* Which column of a table's first row has one of the words; -1: none. */
static int column_of(const sm_check *c, size_t first, const char *const *words, size_t n)
{
    int table = c->o->line[first].par->table;
    for (size_t i = first; i < c->o->n && c->o->line[i].par->table == table; i++)
        for (size_t k = 0; k < n && c->o->line[i].par->row == 0; k++)
            if (sm_str_eq(c->o->line[i].text, sm_str_of(words[k])))
                return c->o->line[i].par->col;
    return -1;
}

/* A register: every row has its number and its title. */
static void check_register(sm_check *c, const sm_rule *rule, size_t first)
{
    static const char *const numbers[] = { "发文字号", "文号", "发文号", "公文编号", "文件编号" };
    static const char *const titles[] = { "标题", "文件标题", "公文标题", "文件名称", "题名" };
    int table = c->o->line[first].par->table,
        number = column_of(c, first, numbers, SM_LEN(numbers)),
        title = column_of(c, first, titles, SM_LEN(titles));
    if (number < 0 || title < 0)
        return;
    cited *row = SM_NEWS(c->a, cited, MAX_CITED);
    const sm_line **at = SM_NEWS(c->a, const sm_line *, MAX_CITED);
    size_t n = 0;
    for (size_t i = first; i < c->o->n && c->o->line[i].par->table == table; i++) {
        const sm_par *p = c->o->line[i].par;
        if (p->row < 1 || p->row >= MAX_CITED)
            continue;
        n = SM_MAX(n, (size_t)p->row + 1);
        if (p->col == number) {
            row[p->row].number = c->o->line[i].text;
            at[p->row] = &c->o->line[i];
        } else if (p->col == title)
            row[p->row].title = c->o->line[i].text;
    }
    for (size_t i = 2; i < n; i++)
        if (at[i] && row[i].number.n && row[i].title.n)
            check_cited(c, rule, at[i], row + 1, i - 1, &row[i]);
}

static void run_number_twice(sm_check *c, const sm_rule *rule)
{
    cited *all = SM_NEWS(c->a, cited, MAX_CITED), one;
    size_t n = 0;
    int table = -1;
    if (c->o->number.n && c->o->title.n)
        all[n++] = (cited){ c->o->title, c->o->number };
    for (size_t i = 0; i < c->o->n; i++) {
        const sm_line *l = &c->o->line[i];
        size_t at = 0;
        if (l->par->place == SM_PAR_CELL && l->par->table != table) {
            table = l->par->table;
            check_register(c, rule, i);
        }
        while (l->role != SM_ROLE_TITLE && n < MAX_CITED && next_cited(l->text, &at, &one)) {
            check_cited(c, rule, l, all, n, &one);
            all[n++] = one;
        }
    }
}

/* ------------------------------------------------------ what must stand there */

static void run_copy_number(sm_check *c, const sm_rule *rule)
{
    const sm_line *mark = sm_own_line(c->o, SM_ROLE_SECRECY);
    if (mark && !sm_own_line(c->o, SM_ROLE_COPYNO))
        sm_find_slice(c, rule, mark, mark->text);
}

/* The head of an organ on the day of the document; "" unknown. */
static sm_str head_of(const sm_check *c, const sm_roster_organ *o)
{
    const sm_roster_person *p;
    size_t n = c->roster ? sm_roster_people(c->roster, &p) : 0;
    sm_str name = { 0 }, day = c->o->date.n ? c->o->date : c->opt->today;
    int best = 1 << 30;
    for (size_t i = 0; o && i < n; i++)
        if (sm_str_eq(p[i].organ, o->full) && p[i].rank < best &&
            (!p[i].from.n || sm_str_cmp(p[i].from, day) <= 0) &&
            (!p[i].to.n || sm_str_cmp(day, p[i].to) <= 0)) {
            best = p[i].rank;
            name = p[i].name;
        }
    return name;
}

static void run_signer_missing(sm_check *c, const sm_rule *rule)
{
    const sm_line *number = sm_own_line(c->o, SM_ROLE_NUMBER);
    if (!number || !sm_own_line(c->o, SM_ROLE_TO) || sm_own_line(c->o, SM_ROLE_SIGNER) ||
        !sm_is_upward(c))
        return;
    sm_finding *f = sm_find_slice(c, rule, number, number->text);
    sm_str name = head_of(c, issuer_known(c));
    if (name.n)
        sm_propose(f, sm_strf(c->a, "%.*s　签发人：%.*s", SM_ARG(number->text), SM_ARG(name)));
    f->confidence = .8;
    sm_because(c, f, "%.*s是上行文，应当标注签发人", SM_ARG(c->o->kind));
}

/* ------------------------------------------------------------------- names */

static bool is_party(sm_str s)
{
    return sm_str_starts(s, SM_STR("中共")) || sm_str_starts(s, SM_STR("中国共产党"));
}

static void run_signature_name(sm_check *c, const sm_rule *rule)
{
    const sm_line *sign = sm_own_line(c->o, SM_ROLE_SIGN);
    sm_str mark = sm_mark_organ(c->o);
    if (!sign || !mark.n || c->o->order || sm_own_count(c->o, SM_ROLE_SIGN) != 1 ||
        !sm_part_is_organ(sign->text) || sm_str_eq(sign->text, mark) ||
        (is_party(sign->text) && is_party(mark)) || !sm_part_is_organ(mark))
        return;
    sm_finding *f = sm_find_slice(c, rule, sign, sign->text);
    sm_propose(f, mark);
    sm_because(c, f, "署名“%.*s”与发文机关标志“%.*s”不一致", SM_ARG(sign->text), SM_ARG(mark));
}

/* What stands before 关于 or the verb in the title; a slice of its first line. */
static sm_str title_issuer(const sm_line *title)
{
    static const char *const begins[] = { "关于", "转发", "印发", "批转" };
    size_t end = SIZE_MAX;
    for (size_t i = 0; i < SM_LEN(begins); i++)
        end = SM_MIN(end, sm_str_find(title->text, sm_str_of(begins[i]), 0));
    return sm_str_sub(title->text, 0, end);
}

static bool same_organ(const sm_check *c, sm_str name, sm_str mark)
{
    const sm_roster_organ *a =
                              c->roster ? sm_roster_organ_named(c->roster, name, c->o->date) : NULL,
                          *b =
                              c->roster ? sm_roster_organ_named(c->roster, mark, c->o->date) : NULL;
    if (a && b)
        return a == b;
    return sm_str_ends(mark, name) || sm_str_ends(name, mark) || (is_party(name) && is_party(mark));
}

static void run_title_issuer(sm_check *c, const sm_rule *rule)
{
    const sm_line *title = sm_own_line(c->o, SM_ROLE_TITLE);
    sm_str mark = sm_mark_organ(c->o), name;
    if (!title || !mark.n || c->o->order || !sm_part_is_organ(mark))
        return;
    name = title_issuer(title);
    if (!sm_part_is_organ(name) || sm_str_has(name, SM_STR(" ")) || same_organ(c, name, mark))
        return;
    sm_finding *f = sm_find_slice(c, rule, title, name);
    sm_propose(f, mark);
    sm_because(c, f, "标题的发文机关“%.*s”与发文机关标志“%.*s”不一致", SM_ARG(name), SM_ARG(mark));
}

/* ------------------------------------------------------------------- title */

static const sm_line *last_title(const sm_outline *o)
{
    const sm_line *last = NULL;
    for (size_t i = 0; i < o->n; i++)
        if (o->line[i].role == SM_ROLE_TITLE)
            last = &o->line[i];
    return last;
}

static bool ends_in_list(sm_str s, const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (sm_str_ends(s, sm_str_of(json_string_value(json_array_get(list, i)))))
            return true;
    return false;
}

static void lacks_type(sm_check *c, const sm_rule *rule, const sm_line *last)
{
    const char *kind = sm_type_of_body(c->o);
    if (!kind && sm_str_has(c->o->number, SM_STR("报〔")))
        kind = "报告";
    sm_finding *f = sm_find_slice(c, rule, last, last->text);
    const char *of = sm_str_ends(last->text, SM_STR("的")) ? "" : "的";
    if (kind)
        sm_propose(f, sm_strf(c->a, "%.*s%s%s", SM_ARG(last->text), of, kind));
    sm_because(c, f, "标题缺少文种");
}

/* A title of issuer and type alone. */
static bool lacks_matter(const sm_check *c)
{
    static const char *const kinds[] = { "通知", "请示", "报告", "批复", "函",
                                         "意见", "决定", "通报", "复函" };
    sm_str s = c->o->title;
    for (size_t i = 0; i < SM_LEN(kinds); i++) {
        sm_str kind = sm_str_of(kinds[i]);
        sm_str rest = sm_str_ends(s, kind) ? sm_str_sub(s, 0, s.n - kind.n) : s;
        if (rest.n == s.n)
            continue;
        rest = sm_str_ends(rest, SM_STR("的")) ? sm_str_sub(rest, 0, rest.n - 3) : rest;
        rest = sm_str_ends(rest, SM_STR("关于")) ? sm_str_sub(rest, 0, rest.n - 6) : rest;
        if (!rest.n || sm_str_eq(rest, c->o->issuer) ||
            (!sm_str_has(rest, SM_STR("关于")) && sm_part_is_organ(rest)))
            return true;
    }
    return false;
}

/* params: other, what a title may end with that is no type (another rule speaks of it). */
static void run_title_whole(sm_check *c, const sm_rule *rule)
{
    const sm_line *last = last_title(c->o);
    if (!last || c->o->order || c->o->minutes ||
        !(sm_own_line(c->o, SM_ROLE_TO) || sm_own_line(c->o, SM_ROLE_NUMBER)))
        return;
    if (lacks_matter(c)) {
        sm_finding *f = sm_find_slice(c, rule, last, last->text);
        sm_because(c, f, "标题缺少事由");
    } else if (!c->o->kind.n && sm_str_has(c->o->title, SM_STR("关于")) &&
               !ends_in_list(c->o->title, sm_param(rule, "other")))
        lacks_type(c, rule, last);
}

/* The dictionary's words, longest first from the left, in these lines alone. */
static sm_check words_of(const sm_check *c, const sm_rule *rule, sm_line *line, size_t n)
{
    sm_outline *o = SM_NEW(c->a, sm_outline);
    *o = *c->o;
    o->line = line;
    o->n = n;
    sm_check inner = *c;
    inner.o = o;
    inner.n_found = inner.cap = 0;
    inner.found = NULL;
    sm_dictionary_run(&inner, rule);
    return inner;
}

/* Whether one word ends where the line does, and another begins where the next one does. */
static bool parts_words(const sm_check *words, const sm_line *l, const sm_line *next)
{
    bool ends = false, begins = false;
    for (size_t i = 0; i < words->n_found; i++) {
        sm_str w = words->found[i].text;
        ends |= w.p + w.n == l->text.p + l->text.n;
        begins |= w.p == next->text.p;
    }
    return ends && begins;
}

/* Words that a line of the title breaks off in. */
static void run_title_break(sm_check *c, const sm_rule *rule)
{
    sm_par par = { .text = c->o->title };
    sm_line whole = { .par = &par, .role = SM_ROLE_TITLE, .text = c->o->title },
            *line = SM_NEWS(c->a, sm_line, c->o->n);
    size_t n = 0, end = 0;
    for (size_t i = 0; i < c->o->n; i++)
        if (c->o->line[i].role == SM_ROLE_TITLE)
            line[n++] = c->o->line[i];
    sm_check all = words_of(c, rule, &whole, 1), each = words_of(c, rule, line, n);
    for (size_t i = 0; i + 1 < n; i++) {
        size_t begin = end;
        end += line[i].text.n;
        for (size_t k = 0; k < all.n_found; k++) {
            const sm_finding *w = &all.found[k];
            if (w->start < begin || w->start >= end || w->end <= end ||
                parts_words(&each, &line[i], &line[i + 1]))
                continue;
            sm_finding *f = sm_find_slice(
                c, rule, &line[i], sm_str_sub(line[i].text, w->start - begin, line[i].text.n));
            f->confidence = .8;
            sm_propose(f, w->text);
            sm_because(c, f, "标题换行把“%.*s”拆成两行", SM_ARG(w->text));
            f = sm_find_slice(c, rule, &line[i + 1], sm_str_sub(line[i + 1].text, 0, w->end - end));
            f->confidence = .8;
            sm_propose(f, SM_STR(""));
            sm_because(c, f, "“%.*s”移到上一行", SM_ARG(w->text));
        }
    }
}

static double width_of(sm_str s)
{
    double w = 0;
    while (s.n)
        w += sm_utf8_next(&s) < 0x80 ? .5 : 1;
    return w;
}

/* 22 points: twenty characters a line. */
static void run_title_lines(sm_check *c, const sm_rule *rule)
{
    size_t lines = 0, most = (size_t)sm_param_num(rule, "lines", 3);
    double chars = sm_param_num(rule, "chars", 20);
    for (size_t i = 0; i < c->o->n; i++) {
        const sm_line *l = &c->o->line[i];
        if (l->role != SM_ROLE_TITLE)
            continue;
        size_t before = lines;
        lines += (size_t)((width_of(l->text) + chars - 1) / chars);
        if (before <= most && lines > most) {
            sm_finding *f = sm_find_slice(c, rule, l, l->text);
            f->confidence = .7;
        }
    }
}

/* ------------------------------------------------------- type, said twice */

static const char *const said_types[] = { "通知", "请示", "报告", "批复",
                                          "通告", "公告", "函复", "函" };

static bool is_said_type(sm_str kind)
{
    for (size_t i = 0; i < SM_LEN(said_types); i++)
        if (sm_str_eq(kind, sm_str_of(said_types[i])))
            return true;
    return false;
}

/* …通知如下： at the end of a paragraph. */
static sm_str opening_type(sm_str s)
{
    sm_str as_follows = SM_STR("如下：");
    if (!sm_str_ends(s, as_follows))
        return (sm_str){ 0 };
    sm_str before = sm_str_sub(s, 0, s.n - as_follows.n);
    for (size_t i = 0; i + 1 < SM_LEN(said_types); i++)
        if (sm_str_ends(before, sm_str_of(said_types[i])))
            return sm_str_sub(before, before.n - 6, before.n);
    return (sm_str){ 0 };
}

/* 请示 may report before it asks, a letter answers, and 公告 or 通告 is for another rule. */
static bool agree(sm_str title, sm_str body)
{
    return sm_str_eq(title, body) ||
           (sm_str_eq(title, SM_STR("请示")) && sm_str_eq(body, SM_STR("报告"))) ||
           (sm_str_eq(title, SM_STR("函")) && sm_str_eq(body, SM_STR("函复"))) ||
           (sm_str_ends(title, SM_STR("告")) && sm_str_ends(body, SM_STR("告")));
}

/* A property of the file that names a type. */
static sm_str property_type(const sm_layout *doc)
{
    static const char *const names[] = { "文种", "公文种类", "kind", "type", "category" };
    for (size_t i = 0; i < doc->n_props; i++)
        for (size_t k = 0; k < SM_LEN(names); k++)
            if (sm_str_eq(doc->prop[i].name, sm_str_of(names[k])) &&
                is_said_type(doc->prop[i].value))
                return doc->prop[i].value;
    return (sm_str){ 0 };
}

static void run_type_twice(sm_check *c, const sm_rule *rule)
{
    sm_str kind = c->o->kind, property = property_type(c->doc);
    if (!is_said_type(kind))
        return;
    if (property.n && !sm_str_eq(property, kind)) {
        const sm_line *last = last_title(c->o);
        sm_finding *f =
            last ? sm_find_slice(c, rule, last, last->text) : sm_find(c, rule, NULL, 0, 0);
        sm_because(c, f, "标题文种是“%.*s”，文件属性登记为“%.*s”", SM_ARG(kind), SM_ARG(property));
    }
    int seen = 0;
    for (size_t i = 0; i < c->o->n && seen < 3; i++) {
        const sm_line *l = &c->o->line[i];
        if (l->doc || l->role != SM_ROLE_TEXT)
            continue;
        seen++;
        sm_str body = opening_type(l->text);
        bool letter = sm_is_kind(c->o, "批复") && sm_str_has(l->text, SM_STR("函》"));
        if (!body.n || agree(kind, body) || letter) /* a letter is answered by no 批复 at all */
            continue;
        sm_finding *f = sm_find_slice(c, rule, l, body);
        bool reply = sm_str_ends(c->o->title, SM_STR("复函"));
        sm_propose(f, reply ? SM_STR("函复") : sm_is_kind(c->o, "函") ? SM_STR("函告") : kind);
        f->confidence = .7; /* either may be the wrong one */
        sm_because(c, f, "标题文种是“%.*s”，正文写“%.*s如下”", SM_ARG(kind), SM_ARG(body));
    }
}

const sm_checker sm_checkers_head[] = {
    { "number_year", run_number_year },
    { "organ_code", run_organ_code },
    { "number_twice", run_number_twice },
    { "copy_number", run_copy_number },
    { "signer_missing", run_signer_missing },
    { "signature_name", run_signature_name },
    { "title_whole", run_title_whole },
    { "title_break", run_title_break },
    { "title_lines", run_title_lines },
    { "title_issuer", run_title_issuer },
    { "type_twice", run_type_twice },
    { "recipients_twice", sm_run_recipients_twice },
    { "organ_gone", sm_run_organ_gone },
    { "organ_short", sm_run_organ_short },
    { "organ_order", sm_run_organ_order },
    { "recipients_page", sm_run_first_page },
    { NULL, NULL },
};
