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
