/*
 * Group F: what the note under the text names, what is attached, and what the text says of it.
 */
#include <string.h>

#include "review/structure.h"

enum { MAX_ATTACHED = 99 };

/* One that the note names, or one that is attached. */
typedef struct attached {
    const sm_line *line;
    int64_t n;          /* its number; 0 none */
    sm_str number;      /* as it is written, its mark and blank too */
    sm_str name;        /* of the note, without its marks; of an attachment, its title */
    const sm_line *top; /* the first line of its title; NULL none */
} attached;

typedef struct list {
    attached *a;
    size_t n, cap;
} list;

typedef struct attachments {
    list noted, there;
} attachments;

/* -------------------------------------------------------------------- read */

static sm_str without_marks(sm_str s)
{
    static const char *const marks[] = { "。", "；", "，", "、", ";", ".", "," };
    for (size_t i = 0; i < SM_LEN(marks); i++)
        if (sm_str_ends(s, sm_str_of(marks[i])))
            s = sm_str_sub(s, 0, s.n - strlen(marks[i]));
    if (sm_str_starts(s, SM_STR("《")) && sm_str_ends(s, SM_STR("》")))
        s = sm_str_sub(s, 3, s.n - 3);
    return sm_str_trim(s);
}

static size_t blanks_at(sm_str s, size_t at)
{
    size_t n = 0;
    while (at + n < s.n) {
        if (s.p[at + n] == ' ')
            n++;
        else if (sm_str_starts(sm_str_sub(s, at + n, s.n), SM_STR("　")))
            n += 3;
        else
            break;
    }
    return n;
}

/* "1. ", "2．", "3、", "一、" in front of a name. */
static size_t number_at(sm_str s, int64_t *value)
{
    static const char *const marks[] = { ".", "．", "、" };
    bool han;
    size_t n = sm_figure_at(s, value, &han);
    for (size_t i = 0; n && i < SM_LEN(marks); i++)
        if (sm_str_starts(sm_str_sub(s, n, s.n), sm_str_of(marks[i]))) {
            n += strlen(marks[i]);
            return n + blanks_at(s, n);
        }
    *value = 0;
    return 0;
}

static void add(sm_check *c, list *l, attached one)
{
    SM_GROW(c->a, l->a, l->n, l->cap);
    l->a[l->n++] = one;
}

/* "附件：1. 名称", "附件1：名称" or "2. 名称". */
static attached read_note(const sm_line *line)
{
    attached one = { .line = line };
    sm_str s = line->text;
    bool han;
    if (sm_str_starts(s, SM_STR("附件"))) {
        s = sm_str_trim(sm_str_sub(s, 6, s.n));
        size_t n = sm_figure_at(s, &one.n, &han);
        one.number = sm_str_sub(s, 0, n);
        one.n = n ? one.n : 0;
        s = sm_str_sub(s, n, s.n);
        if (sm_str_starts(s, SM_STR("：")))
            s = sm_str_sub(s, 3, s.n);
        else if (sm_str_starts(s, SM_STR(":")))
            s = sm_str_sub(s, 1, s.n);
        s = sm_str_trim(s);
    }
    int64_t value;
    size_t n = number_at(s, &value);
    if (n) {
        one.n = value;
        one.number = sm_str_sub(s, 0, n);
    }
    one.name = without_marks(sm_str_sub(s, n, s.n));
    return one;
}

static attached read_label(sm_check *c, size_t i)
{
    const sm_outline *o = c->o;
    attached one = { .line = &o->line[i] };
    sm_str s = sm_str_trim(sm_str_sub(o->line[i].text, 6, o->line[i].text.n));
    bool han;
    size_t n = sm_figure_at(s, &one.n, &han);
    one.number = sm_str_sub(s, 0, n);
    one.n = n ? one.n : 0;
    for (size_t k = i + 1; k < o->n && o->line[k].doc == o->line[i].doc; k++) {
        if (o->line[k].role != SM_ROLE_ATITLE)
            continue;
        one.top = one.top ? one.top : &o->line[k];
        one.name = sm_strf(c->a, "%.*s%.*s", SM_ARG(one.name), SM_ARG(o->line[k].text));
    }
    return one;
}

static attachments read_all(sm_check *c)
{
    attachments all = { 0 };
    for (size_t i = 0; i < c->o->n; i++) {
        const sm_line *l = &c->o->line[i];
        if (l->role == SM_ROLE_NOTE && all.noted.n < MAX_ATTACHED) {
            attached one = read_note(l);
            if (one.name.n)
                add(c, &all.noted, one);
        } else if (l->role == SM_ROLE_ATTACH && all.there.n < MAX_ATTACHED &&
                   !sm_str_ends(l->text, SM_STR("："))) /* which begins a list of names */
            add(c, &all.there, read_label(c, i));
    }
    return all;
}

/* By number; one without is the one at its place. */
static const attached *counterpart(const list *l, const attached *one, size_t at)
{
    for (size_t i = 0; one->n && i < l->n; i++)
        if (l->a[i].n == one->n)
            return &l->a[i];
    bool bare = !one->n || (at < l->n && !l->a[at].n);
    return bare && at < l->n ? &l->a[at] : NULL;
}

/* --------------------------------------------------------------------- F01 */

/* "附件3" in the text: one of this document, not of another that is named in front. */
static bool mentions(sm_str s, size_t at, int64_t *n, sm_str *what)
{
    static const char *const others[] = { "》", "）", "”", "电子邮件", "邮件", "原", "文", "的" };
    sm_str before = sm_str_sub(s, 0, at), after = sm_str_sub(s, at + 6, s.n);
    for (size_t i = 0; i < SM_LEN(others); i++)
        if (sm_str_ends(before, sm_str_of(others[i])))
            return false;
    bool han;
    size_t figure = sm_figure_at(after, n, &han);
    if (figure && han)
        figure = 0;
    *n = figure ? *n : 0;
    *what = sm_str_sub(s, at, at + 6 + figure);
    return true;
}

static bool has_number(const list *l, int64_t n)
{
    for (size_t i = 0; i < l->n; i++)
        if (l->a[i].n == n)
            return true;
    return false;
}

/* A text refers: 见附件, 附件所列, （附件）; 附件、附图 of something is none of its own. */
static bool refers(sm_str s, size_t at, size_t end)
{
    static const char *const before[] = {
        "见", "按", "按照", "依照", "依据", "根据", "填写", "填报"
    };
    static const char *const after[] = { "所列", "中所", "所附" };
    sm_str b = sm_str_sub(s, 0, at), e = sm_str_sub(s, end, s.n);
    if (sm_str_starts(e, SM_STR("、")) || sm_str_starts(e, SM_STR("和")))
        return false;
    for (size_t i = 0; i < SM_LEN(before); i++)
        if (sm_str_ends(b, sm_str_of(before[i])))
            return true;
    for (size_t i = 0; i < SM_LEN(after); i++)
        if (sm_str_starts(e, sm_str_of(after[i])))
            return true;
    return sm_str_ends(b, SM_STR("（")) && sm_str_starts(e, SM_STR("）"));
}

static void check_mention(sm_check *c, const sm_rule *rule, const attachments *all,
                          const sm_line *l, size_t at)
{
    int64_t n;
    sm_str what;
    if (!mentions(l->text, at, &n, &what) || (!n && !refers(l->text, at, at + what.n)))
        return;
    bool none = !all->noted.n && !all->there.n;
    bool other = n && (all->noted.n + all->there.n) && !has_number(&all->noted, n) &&
                 !has_number(&all->there, n) && !(n == 1 && all->noted.n <= 1);
    if (!none && !other)
        return;
    sm_finding *f = sm_find_slice(c, rule, l, what);
    sm_because(c, f, none ? "正文提到“%.*s”，文后没有附件" : "正文提到“%.*s”，附件中没有这一件",
               SM_ARG(what));
}

/* Named but not there, or there but not named. */
static void check_lists(sm_check *c, const sm_rule *rule, const attachments *all)
{
    for (size_t i = 0; i < all->noted.n; i++) {
        const attached *one = &all->noted.a[i];
        if (one->line->doc > 0 || counterpart(&all->there, one, i) || (i && !all->there.n))
            continue;
        sm_finding *f = sm_find_slice(c, rule, one->line, one->name);
        f->confidence = all->there.n ? .9 : .6; /* it may have been left out of what was sent */
        sm_because(c, f, "附件说明列有“%.*s”，文后没有这一附件", SM_ARG(one->name));
    }
    for (size_t i = 0; i < all->there.n; i++) {
        const attached *one = &all->there.a[i];
        bool own = all->noted.n || one->line->doc == 1; /* what is issued may have its own */
        if (!own || counterpart(&all->noted, one, i) || (all->noted.n && !one->n))
            continue;
        sm_finding *f = sm_find_slice(c, rule, one->line, one->line->text);
        sm_because(c, f, "文后有“%.*s”，正文下没有相应的附件说明", SM_ARG(one->line->text));
    }
}

void sm_attached_missing(sm_check *c, const sm_rule *rule)
{
    attachments all = read_all(c);
    for (size_t i = 0; i < c->o->n; i++) {
        const sm_line *l = &c->o->line[i];
        if (!sm_line_in_body(l))
            continue;
        for (size_t at = sm_str_find(l->text, SM_STR("附件"), 0); at != SIZE_MAX;
             at = sm_str_find(l->text, SM_STR("附件"), at + 6))
            check_mention(c, rule, &all, l, at);
    }
    check_lists(c, rule, &all);
}

/* --------------------------------------------------------------------- F02 */

static sm_str without_blanks(sm_arena *a, sm_str s)
{
    char *p = sm_alloc(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        size_t blank = blanks_at(s, i);
        if (blank)
            i += blank - 1;
        else
            p[n++] = s.p[i];
    }
    return (sm_str){ p, n };
}

/* A title may have lines that are no part of the name, and a note's name may go on below. */
static bool same_name(sm_check *c, const attached *note, const attached *there)
{
    sm_str want = without_blanks(c->a, note->name), got = { 0 };
    if (sm_str_starts(without_blanks(c->a, without_marks(there->name)), want) &&
        !sm_str_ends(note->line->text, note->name))
        return true;
    for (const sm_line *l = there->top; l < c->o->line + c->o->n && l->doc == there->top->doc;
         l++) {
        if (l->role != SM_ROLE_ATITLE)
            break;
        sm_str line = without_blanks(c->a, l->text);
        got = sm_strf(c->a, "%.*s%.*s", SM_ARG(got), SM_ARG(line));
        if (sm_str_eq(want, without_marks(got)))
            return true;
    }
    return false;
}

static size_t times_said(const sm_check *c, sm_str name)
{
    size_t n = 0;
    for (size_t i = 0; i < c->o->n; i++)
        n += sm_line_in_body(&c->o->line[i]) && sm_str_has(c->o->line[i].text, name);
    return n;
}

/* The attachment's title follows the note, unless the text itself calls it by its title. */
void sm_attached_name(sm_check *c, const sm_rule *rule)
{
    attachments all = read_all(c);
    for (size_t i = 0; i < all.noted.n; i++) {
        const attached *note = &all.noted.a[i], *there = counterpart(&all.there, note, i);
        if (!there || !there->top || same_name(c, note, there))
            continue;
        bool title_right = times_said(c, there->name) > times_said(c, note->name);
        bool one_line = sm_str_eq(there->top->text, there->name);
        sm_finding *f = title_right || !one_line
                            ? sm_find_slice(c, rule, note->line, note->name)
                            : sm_find_slice(c, rule, there->top, there->top->text);
        sm_propose(f, title_right || !one_line ? without_marks(there->name) : note->name);
        f->confidence = .7;
        sm_because(c, f, "附件说明写“%.*s”，附件标题是“%.*s”，两处应当一致", SM_ARG(note->name),
                   SM_ARG(there->name));
    }
}

/* --------------------------------------------------------------- F04, F06 */

/* A name that wraps, or a list that was not recognised, leaves a numbered line below. */
static bool goes_on_below(const sm_outline *o, const sm_line *note)
{
    for (const sm_line *l = note + 1; l < o->line + o->n; l++)
        if (l->text.n) {
            int64_t v;
            return number_at(l->text, &v) > 0 && v == 2;
        }
    return false;
}

void sm_attached_single(sm_check *c, const sm_rule *rule)
{
    attachments all = read_all(c);
    if (all.noted.n > 1 || all.there.n > 1)
        return;
    const attached *note = all.noted.n ? &all.noted.a[0] : NULL;
    if (note && note->n == 1 && !goes_on_below(c->o, note->line) &&
        !sm_str_has(note->name, SM_STR("2.")))
        sm_propose(sm_find_slice(c, rule, note->line, note->number), SM_STR(""));
    if (all.there.n && all.there.a[0].n == 1 && all.there.a[0].number.n)
        sm_propose(sm_find_slice(c, rule, all.there.a[0].line, all.there.a[0].number), SM_STR(""));
}

/* Each of several has its number, from 1. */
void sm_attached_label(sm_check *c, const sm_rule *rule)
{
    attachments all = read_all(c);
    for (size_t i = 0; all.there.n > 1 && i < all.there.n; i++) {
        const attached *one = &all.there.a[i];
        bool again = false;
        for (size_t k = 0; k < i; k++)
            again |= one->n && all.there.a[k].n == one->n;
        if (one->n && !again)
            continue;
        sm_finding *f = sm_find_slice(c, rule, one->line, one->line->text);
        sm_propose(f, sm_strf(c->a, "附件%zu", i + 1));
    }
}

/* --------------------------------------------------------------- F05, F09 */

void sm_attached_late(sm_check *c, const sm_rule *rule)
{
    bool signed_ = false;
    for (size_t i = 0; i < c->o->n && c->o->line[i].doc == 0; i++) {
        const sm_line *l = &c->o->line[i];
        signed_ |= l->role == SM_ROLE_SIGN || l->role == SM_ROLE_DATE;
        if (signed_ && l->role == SM_ROLE_NOTE)
            sm_find_slice(c, rule, l, l->text);
    }
}

void sm_attached_after_imprint(sm_check *c, const sm_rule *rule)
{
    bool imprint = false;
    for (size_t i = 0; i < c->o->n; i++) {
        const sm_line *l = &c->o->line[i];
        if (imprint && l->role == SM_ROLE_ATTACH)
            sm_find_slice(c, rule, l, l->text);
        imprint |= l->role == SM_ROLE_PRINTER;
    }
}

/* --------------------------------------------------------------------- F07 */

/* What is issued: 关于印发《…》的通知, or without the marks. */
static sm_str issued_name(sm_str title)
{
    static const char *const words[] = { "印发", "转发", "批转", "发布" };
    for (size_t i = 0; i < SM_LEN(words); i++) {
        size_t at = sm_str_find(title, sm_str_of(words[i]), 0);
        if (at == SIZE_MAX)
            continue;
        sm_str s = sm_str_trim(sm_str_sub(title, at + 6, title.n));
        size_t end = sm_str_find(s, SM_STR("》"), 0);
        if (sm_str_starts(s, SM_STR("《")) && end != SIZE_MAX)
            return sm_str_sub(s, 3, end);
        end = sm_str_find(s, SM_STR("的通知"), 0);
        return end == SIZE_MAX ? (sm_str){ 0 } : sm_str_sub(s, 0, end);
    }
    return (sm_str){ 0 };
}

static bool is_issued(sm_str issued, sm_str name)
{
    return issued.n && name.n >= 12 &&
           (sm_str_eq(issued, name) || sm_str_ends(issued, name) || sm_str_ends(name, issued));
}

void sm_attached_issued(sm_check *c, const sm_rule *rule)
{
    sm_str issued = issued_name(c->o->title);
    attachments all = read_all(c);
    for (size_t i = 0; i < all.noted.n; i++) {
        const attached *one = &all.noted.a[i];
        if (one->line->doc == 0 && is_issued(issued, one->name))
            sm_propose(sm_find_slice(c, rule, one->line, one->line->text), SM_STR(""));
    }
    for (size_t i = 0; i < all.there.n; i++)
        if (is_issued(issued, without_marks(all.there.a[i].name)))
            sm_propose(sm_find_slice(c, rule, all.there.a[i].line, all.there.a[i].line->text),
                       SM_STR(""));
}

/* --------------------------------------------------------------------- F08 */

enum { MAX_COLUMNS = 40 };

typedef struct table {
    size_t from, end; /* lines */
    size_t rows;      /* of things, without head and sum */
    bool counted;     /* its first column counts them */
    size_t sum;       /* its last line's first cell; 0 none */
} table;

static bool is_sum(sm_str s)
{
    return sm_str_eq(s, SM_STR("合计")) || sm_str_eq(s, SM_STR("总计")) ||
           sm_str_eq(s, SM_STR("共计"));
}

static bool row_begins(const sm_outline *o, size_t i)
{
    return o->line[i].par->col == 0;
}

/* The table that begins at i, a cell. */
static table read_table(const sm_outline *o, size_t i)
{
    table t = { .from = i, .end = i };
    int number = o->line[i].par->table;
    t.counted = sm_str_eq(o->line[i].text, SM_STR("序号"));
    for (;
         t.end < o->n && o->line[t.end].role == SM_ROLE_CELL && o->line[t.end].par->table == number;
         t.end++) {
        if (!row_begins(o, t.end) || o->line[t.end].par->row == 0)
            continue;
        int64_t v;
        if (is_sum(o->line[t.end].text))
            t.sum = t.end;
        else if (!t.counted || sm_str_to_int(o->line[t.end].text, &v))
            t.rows++;
    }
    return t;
}

/* One figure of a text with its unit: "36项". */
typedef struct amount {
    sm_str text, figure, unit;
    double value;
    bool total; /* 共, 合计 … stands before it */
} amount;

static bool amount_at(sm_str s, size_t at, amount *a)
{
    static const char *const totals[] = { "共",     "共计", "合计",   "总计",  "总投资",
                                          "总额为", "共有", "共涉及", "总数为" };
    static const char *const units[] = { "亿元", "万元", "万人", "人次", "公里", "平方米", "项",
                                         "个",   "件",   "处",   "家",   "户",   "人",     "名",
                                         "条",   "类",   "所",   "张",   "台",   "元",     "宗" };
    size_t n = 0;
    while (at + n < s.n && ((s.p[at + n] >= '0' && s.p[at + n] <= '9') || s.p[at + n] == '.'))
        n++;
    if (!n || n > 15)
        return false;
    char text[16] = { 0 };
    memcpy(text, s.p + at, n);
    *a = (amount){ .figure = sm_str_sub(s, at, at + n), .value = atof(text) };
    for (size_t i = 0; i < SM_LEN(units) && !a->unit.n; i++)
        if (sm_str_starts(sm_str_sub(s, at + n, s.n), sm_str_of(units[i])))
            a->unit = sm_str_of(units[i]);
    a->text = sm_str_sub(s, at, at + n + a->unit.n);
    for (size_t i = 0; i < SM_LEN(totals); i++)
        a->total |= sm_str_ends(sm_str_sub(s, 0, at), sm_str_of(totals[i]));
    return a->unit.n > 0;
}

static bool in_table(const sm_outline *o, const table *t, sm_str figure)
{
    for (size_t i = t->from; i < t->end; i++)
        if (sm_str_eq(o->line[i].text, figure))
            return true;
    return false;
}

/* The sum of the only column that has this unit in its head; "" none. */
static sm_str sum_of_unit(const sm_outline *o, const table *t, sm_str unit)
{
    sm_str found = { 0 };
    for (size_t k = t->from; t->sum && k < t->end && o->line[k].par->row == 0; k++) {
        sm_str head = o->line[k].text;
        size_t at = sm_str_find(head, unit, 0);
        size_t cell = t->sum + (size_t)o->line[k].par->col;
        if (at == SIZE_MAX || !sm_str_starts(sm_str_sub(head, at + unit.n, head.n), SM_STR("）")) ||
            cell >= t->end || o->line[cell].par->row != o->line[t->sum].par->row)
            continue;
        if (found.n)
            return (sm_str){ 0 };
        found = o->line[cell].text;
    }
    return found;
}

/* So near that they are meant to be the same. */
static bool near(double a, double b)
{
    double d = a > b ? a - b : b - a, most = a > b ? a : b;
    return d <= (most < 30 ? 3 : .1 * most);
}

static void compare(sm_check *c, const sm_rule *rule, const sm_line *l, const amount *a,
                    const table *t, bool leads)
{
    static const char *const things[] = { "项", "个", "件", "处", "家", "名", "条", "类" };
    bool thing = false;
    for (size_t i = 0; i < SM_LEN(things); i++)
        thing |= sm_str_eq(a->unit, sm_str_of(things[i]));
    if (in_table(c->o, t, a->figure) && !(t->counted && thing && a->value > (double)t->rows))
        return;
    sm_str sum = sum_of_unit(c->o, t, a->unit);
    char text[24] = { 0 };
    memcpy(text, sum.p ? sum.p : "", SM_MIN(sum.n, sizeof(text) - 1));
    double total = atof(text);
    if (!sum.n && t->counted && thing && (a->total || leads)) {
        total = (double)t->rows;
        sum = sm_strf(c->a, "%zu", t->rows);
    } else if (!a->total)
        return;
    if (!sum.n || total <= 0 || total == a->value || !near(total, a->value))
        return;
    sm_finding *f = sm_find_slice(c, rule, l, a->text);
    sm_propose(f, sm_strf(c->a, "%.*s%.*s", SM_ARG(sum), SM_ARG(a->unit)));
    f->confidence = .7;
    sm_because(c, f, "正文写“%.*s”，表中是%.*s%.*s", SM_ARG(a->text), SM_ARG(sum), SM_ARG(a->unit));
}

/* A figure of the text may be the table's own: then the others count something else. */
static bool says_rows(sm_str s, const table *t)
{
    for (size_t at = 0; at < s.n; at++) {
        amount a;
        if (s.p[at] < '0' || s.p[at] > '9' || !amount_at(s, at, &a))
            continue;
        if (a.value == (double)t->rows)
            return true;
        at += a.figure.n - 1;
    }
    return false;
}

static void check_text(sm_check *c, const sm_rule *rule, const sm_line *l, const table *t)
{
    sm_str s = l->text;
    bool rows = says_rows(s, t);
    for (size_t at = 0; at < s.n; at++) {
        amount a;
        if (s.p[at] < '0' || s.p[at] > '9')
            continue;
        if (amount_at(s, at, &a) && !(rows && t->counted && !t->sum))
            compare(c, rule, l, &a, t, at == 0);
        while (at + 1 < s.n && ((s.p[at + 1] >= '0' && s.p[at + 1] <= '9') || s.p[at + 1] == '.'))
            at++;
    }
}

/* The paragraph over a table that leads to it. */
static const sm_line *leading(const sm_outline *o, size_t cell)
{
    static const char *const words[] = { "如下", "下表", "见表", "列表" };
    for (size_t i = cell; i-- > 0 && o->line[i].doc == o->line[cell].doc;)
        if (o->line[i].text.n)
            return sm_line_in_body(&o->line[i]) &&
                           sm_str_has_any(o->line[i].text, words, SM_LEN(words))
                       ? &o->line[i]
                       : NULL;
    return NULL;
}

/* The paragraph whose text names the attachment that the table stands in. */
static const sm_line *naming(sm_check *c, size_t cell)
{
    const sm_outline *o = c->o;
    size_t label = cell;
    while (label > 0 && o->line[label].role != SM_ROLE_ATTACH)
        label--;
    if (o->line[label].role != SM_ROLE_ATTACH || o->line[label].doc != o->line[cell].doc)
        return NULL;
    sm_str one = sm_strf(c->a, "见%.*s", SM_ARG(o->line[label].text));
    for (size_t i = 0; i < o->n && o->line[i].doc == 0; i++)
        if (sm_line_in_body(&o->line[i]) && sm_str_has(o->line[i].text, one))
            return &o->line[i];
    return NULL;
}

/* ------------------------------------------------- F08: （共12名） and a list */

/* "（共8个）", "（共12名，按照姓氏笔画排序）" alone on a line. */
static bool says_how_many(sm_str s, amount *a)
{
    sm_str open = SM_STR("（共");
    return sm_str_starts(s, open) && sm_str_ends(s, SM_STR("）")) && amount_at(s, open.n, a) &&
           sm_utf8_count(s) <= 24;
}

static size_t count_names(sm_str s)
{
    size_t n = 1;
    for (size_t at = 0; (at = sm_str_find(s, SM_STR("、"), at)) != SIZE_MAX; at += 3)
        n++;
    return n;
}

/* The names below: a paragraph of them, or one each. */
static size_t names_below(const sm_outline *o, size_t i)
{
    size_t lines = 0, names = 0;
    for (size_t k = i + 1; k < o->n && o->line[k].doc == o->line[i].doc; k++) {
        const sm_line *l = &o->line[k];
        amount next;
        if (!l->text.n)
            continue;
        if (l->role != SM_ROLE_TEXT || says_how_many(l->text, &next))
            break;
        if (l->label.n || sm_str_has(l->text, SM_STR("。")))
            return 0;
        lines++;
        names += count_names(l->text);
    }
    return lines == 1 || names == lines ? names : 0;
}

static void check_names(sm_check *c, const sm_rule *rule, size_t i)
{
    const sm_line *l = &c->o->line[i];
    amount a;
    if (l->role != SM_ROLE_TEXT || !says_how_many(l->text, &a))
        return;
    size_t n = names_below(c->o, i);
    if (n < 2 || (double)n == a.value || !near((double)n, a.value))
        return;
    sm_finding *f = sm_find_slice(c, rule, l, a.text);
    sm_propose(f, sm_strf(c->a, "%zu%.*s", n, SM_ARG(a.unit)));
    f->confidence = .7;
    sm_because(c, f, "此处说“%.*s”，实际列出%zu%.*s", SM_ARG(a.text), n, SM_ARG(a.unit));
}

/* ------------------------------------------------------ F08: sums in a table */

enum { MAX_ROWS = 2000 };

/* A table's cells by row and column; only one that has all of them is added up. */
typedef struct grid {
    const sm_line **cell;
    size_t rows, cols;
} grid;

static bool make_grid(sm_check *c, const table *t, grid *g)
{
    const sm_outline *o = c->o;
    *g = (grid){ 0 };
    while (t->from + g->cols < t->end && o->line[t->from + g->cols].par->row == 0)
        g->cols++;
    if (g->cols < 2 || g->cols > MAX_COLUMNS || (t->end - t->from) % g->cols)
        return false;
    g->rows = (t->end - t->from) / g->cols;
    if (g->rows < 3 || g->rows > MAX_ROWS)
        return false;
    g->cell = SM_NEWS(c->a, const sm_line *, g->rows * g->cols);
    for (size_t i = t->from; i < t->end; i++) {
        const sm_par *p = o->line[i].par;
        if (p->row < 0 || p->col < 0 || (size_t)p->row >= g->rows || (size_t)p->col >= g->cols)
            return false;
        g->cell[(size_t)p->row * g->cols + (size_t)p->col] = &o->line[i];
    }
    for (size_t i = 0; i < g->rows * g->cols; i++)
        if (!g->cell[i])
            return false;
    return true;
}

/* In thousandths, so that sums are exact; an empty cell or a dash is nothing. */
static bool cell_value(const sm_line *l, int64_t *v, int *decimals)
{
    sm_str s = l->text;
    *v = 0;
    *decimals = 0;
    if (!s.n || sm_str_eq(s, SM_STR("—")) || sm_str_eq(s, SM_STR("-")))
        return true;
    bool point = false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == ',')
            continue;
        if (s.p[i] == '.' && !point) {
            point = true;
            continue;
        }
        if (s.p[i] < '0' || s.p[i] > '9' || *v > INT64_MAX / 100000 || *decimals == 3)
            return false;
        *v = *v * 10 + (s.p[i] - '0');
        *decimals += point;
    }
    for (int k = *decimals; k < 3; k++)
        *v *= 10;
    return true;
}

static sm_str value_text(sm_arena *a, int64_t v, int decimals)
{
    int64_t low = v % 1000;
    for (int k = decimals; k < 3; k++)
        low /= 10;
    return decimals ? sm_strf(a, "%lld.%0*lld", (long long)(v / 1000), decimals, (long long)low)
                    : sm_strf(a, "%lld", (long long)(v / 1000));
}

/* What a line of cells sums up to less what its sum says; false: it is not to be added up. */
static bool off_by(const grid *g, size_t first, size_t step, size_t n, const sm_line *sum,
                   int64_t *off, int *decimals)
{
    int64_t all = 0, v, total;
    int d, filled = 0;
    if (!cell_value(sum, &total, decimals) || !sum->text.n || !total)
        return false;
    for (size_t k = 0; k < n; k++) {
        const sm_line *l = g->cell[first + k * step];
        if (!cell_value(l, &v, &d))
            return false;
        filled += l->text.n > 0;
        all += v;
        *decimals = SM_MAX(*decimals, d);
    }
    *off = all - total;
    return filled >= 2;
}

static void wrong_sum(sm_check *c, const sm_rule *rule, const sm_line *l, int64_t right,
                      int decimals, const char *what)
{
    sm_finding *f = sm_find_slice(c, rule, l, l->text);
    sm_str text = value_text(c->a, right, decimals);
    sm_propose(f, text);
    f->confidence = .7;
    sm_because(c, f, "%s应为%.*s", what, SM_ARG(text));
}

/* A cell whose row and column are off by the same is wrong itself; else it is the sum. */
static void check_row_sum(sm_check *c, const sm_rule *rule, const grid *g, size_t row, size_t sums)
{
    size_t first = row * g->cols + 1, last = g->cols - 1;
    const sm_line *sum = g->cell[row * g->cols + last];
    int64_t off, total;
    int decimals, d;
    if (!off_by(g, first, 1, last - 1, sum, &off, &decimals) || !off)
        return;
    for (size_t col = 1; sums && col < last && row != sums; col++) {
        int64_t other, v;
        const sm_line *l = g->cell[row * g->cols + col];
        if (off_by(g, g->cols + col, g->cols, sums - 1, g->cell[sums * g->cols + col], &other,
                   &d) &&
            other == off && cell_value(l, &v, &d)) {
            wrong_sum(c, rule, l, v - off, d, "与本行、本列的合计不符，");
            return;
        }
    }
    cell_value(sum, &total, &d);
    if (total + off > 0)
        wrong_sum(c, rule, sum, total + off, decimals, "本行各项之和");
}

static void check_column_sum(sm_check *c, const sm_rule *rule, const grid *g, size_t col,
                             size_t sums, bool row_sums)
{
    const sm_line *sum = g->cell[sums * g->cols + col];
    int64_t off, total, other;
    int decimals, d;
    if (!off_by(g, g->cols + col, g->cols, sums - 1, sum, &off, &decimals) || !off)
        return;
    for (size_t row = 1; row_sums && row <= sums; row++) /* told by its row */
        if (off_by(g, row * g->cols + 1, 1, g->cols - 2, g->cell[row * g->cols + g->cols - 1],
                   &other, &d) &&
            other)
            return;
    cell_value(sum, &total, &d);
    if (total + off > 0)
        wrong_sum(c, rule, sum, total + off, decimals, "本列各项之和");
}

static void check_sums(sm_check *c, const sm_rule *rule, const table *t)
{
    grid g;
    if (!make_grid(c, t, &g))
        return;
    size_t sums = is_sum(g.cell[(g.rows - 1) * g.cols]->text) ? g.rows - 1 : 0;
    sm_str last = g.cell[g.cols - 1]->text;
    bool row_sums =
        g.cols >= 4 && (sm_str_starts(last, SM_STR("合计")) ||
                        sm_str_starts(last, SM_STR("总计")) || sm_str_starts(last, SM_STR("小计")));
    if (sums < 3)
        sums = 0;
    for (size_t row = 1; row_sums && row < g.rows; row++)
        check_row_sum(c, rule, &g, row, sums);
    for (size_t col = 1; sums && col < g.cols; col++)
        check_column_sum(c, rule, &g, col, sums, row_sums);
}

void sm_attached_total(sm_check *c, const sm_rule *rule)
{
    for (size_t i = 0; i < c->o->n; i++) {
        check_names(c, rule, i);
        if (c->o->line[i].role != SM_ROLE_CELL || c->o->line[i].par->place != SM_PAR_CELL)
            continue;
        table t = read_table(c->o, i);
        const sm_line *l = leading(c->o, i), *other = naming(c, i);
        check_sums(c, rule, &t);
        if (l)
            check_text(c, rule, l, &t);
        if (other && other != l)
            check_text(c, rule, other, &t);
        i = SM_MAX(t.end, i + 1) - 1;
    }
}
