/*
 * Recipients and the names of organs (group D): the registry knows this place, a dictionary the
 * rest of the country.  "organ_gone" and "organ_short" rest on dictionary.c.
 */
#include <stdlib.h>
#include <string.h>

#include "review/organs.h"
#include "review/pack.h"

/* -------------------------------------------------------------- recipients */

/* 王市长 stands for the government. */
static sm_organ stands_for(const sm_check *c, sm_str name)
{
    static const char *const posts[][2] = {
        { "市长", "市政府" }, { "区长", "区政府" }, { "县长", "县政府" }, { "省长", "省政府" }
    };
    for (size_t i = 0; i < SM_LEN(posts); i++)
        if (sm_str_ends(name, sm_str_of(posts[i][0])))
            name = sm_str_of(posts[i][1]);
    return sm_organ_of(c, name);
}

void sm_run_recipients_twice(sm_check *c, const sm_rule *rule)
{
    const sm_line *to = sm_own_line(c->o, SM_ROLE_TO), *cc = sm_own_line(c->o, SM_ROLE_CC);
    if (!to || !cc)
        return;
    sm_listed *a, *b;
    size_t n_a = sm_listed_in(c->a, to, &a), n_b = sm_listed_in(c->a, cc, &b);
    if (sm_is_kind(c->o, "请示")) /* the others should stand in 抄送 alone */
        n_a = SM_MIN(n_a, 1);
    for (size_t k = 0; k < n_b; k++) {
        sm_organ other = sm_organ_of(c, b[k].name);
        for (size_t i = 0; i < n_a; i++) {
            sm_organ one = stands_for(c, a[i].name);
            if (!sm_str_eq(one.name, other.name) && (!one.known || one.known != other.known))
                continue;
            sm_finding *f = sm_find_slice(c, rule, cc, b[k].with);
            sm_propose(f, SM_STR(""));
            sm_because(c, f, "“%.*s”已是主送机关，不再抄送", SM_ARG(b[k].name));
            break;
        }
    }
}

/* ------------------------------------------------------- names out of date */

static size_t digits_at(sm_str s, size_t at)
{
    size_t n = 0;
    while (at + n < s.n && s.p[at + n] >= '0' && s.p[at + n] <= '9')
        n++;
    return n;
}

static size_t last_of(sm_str s, sm_str sign)
{
    size_t last = SIZE_MAX;
    for (size_t k = sm_str_find(s, sign, 0); k != SIZE_MAX; k = sm_str_find(s, sign, k + sign.n))
        last = k;
    return last;
}

static bool in_book_marks(sm_str before)
{
    size_t open = last_of(before, SM_STR("《")), close = last_of(before, SM_STR("》"));
    return open != SIZE_MAX && (close == SIZE_MAX || close < open);
}

static bool year_before(sm_str s, int until)
{
    for (size_t k = 0; k + 4 < s.n; k++) {
        size_t n = digits_at(s, k);
        if (n == 4 && sm_str_starts(sm_str_sub(s, k + 4, s.n), SM_STR("年"))) {
            int64_t year = sm_text_integer(sm_str_sub(s, k, k + 4));
            if (year > 1900 && year <= until)
                return true;
        }
        k += n;
    }
    return false;
}

/* Up to so many bytes in front of a place. */
static sm_str before_at(sm_str s, size_t at, size_t n)
{
    size_t from = at < n ? 0 : at - n;
    while (from < at && ((unsigned char)s.p[from] & 0xc0) == 0x80)
        from++;
    return sm_str_sub(s, from, at);
}

/* 原市环保局, in a title in book marks, or of years before: it was so then. */
static bool is_history(sm_str s, size_t at, int until)
{
    static const char *const then[] = {
        "前身", "撤销", "更名", "改为", "划入", "整合", "不再保留"
    };
    return sm_str_has(before_at(s, at, 12), SM_STR("原")) ||
           sm_str_has_any(before_at(s, at, 30), then, SM_LEN(then)) ||
           in_book_marks(sm_str_sub(s, 0, at)) || year_before(sm_str_sub(s, 0, at), until);
}

/* The first year in a note: since when the name is no longer. */
static int year_in(sm_str note)
{
    for (size_t i = 0; i + 4 <= note.n; i++)
        if (digits_at(note, i) >= 4)
            return (int)sm_text_integer(sm_str_sub(note, i, i + 4));
    return 0;
}

static bool taken(const sm_check *c, size_t from, const sm_line *l, size_t at, size_t n)
{
    for (size_t i = from; i < c->n_found; i++)
        if (c->found[i].para == l->para && c->found[i].start < at + n && at < c->found[i].end)
            return true;
    return false;
}

static void drop_history(sm_check *c, size_t from)
{
    size_t n = from;
    for (size_t i = from; i < c->n_found; i++) {
        sm_finding *f = &c->found[i];
        if (!is_history(c->doc->par[f->para].text, f->start, year_in(f->why)))
            c->found[n++] = *f;
    }
    c->n_found = n;
}

static sm_str short_of(const sm_roster *r, sm_str full, bool in_short)
{
    const sm_roster_organ *o = sm_roster_organ_named(r, full, (sm_str){ 0 });
    if (!in_short || !o || !o->shorts.n)
        return full;
    return sm_str_sub(o->shorts, 0, sm_str_find(o->shorts, SM_STR("、"), 0));
}

/* Names that are no longer, by their first character. */
typedef struct gone {
    sm_str name;
    const sm_roster_organ *organ;
    size_t next; /* of the same bucket, from 1; 0: none */
} gone;

enum { GONE_BUCKETS = 256, CHAR_BYTES = 3 };

typedef struct gone_names {
    gone *g;
    size_t n, cap, first[GONE_BUCKETS]; /* from 1 */
} gone_names;

static size_t bucket_of(const char *p)
{
    return (size_t)((unsigned char)p[1] * 7 + (unsigned char)p[2]) % GONE_BUCKETS;
}

static void add_gone(sm_check *c, gone_names *all, const sm_roster_organ *o, sm_str name)
{
    if (name.n < 2 * CHAR_BYTES)
        return;
    SM_GROW(c->a, all->g, all->n, all->cap);
    size_t *first = &all->first[bucket_of(name.p)];
    all->g[all->n++] = (gone){ name, o, *first };
    *first = all->n;
}

static gone_names gone_by(sm_check *c)
{
    gone_names all = { 0 };
    const sm_roster_organ *o;
    size_t n = c->roster ? sm_roster_organs(c->roster, &o) : 0;
    for (size_t k = 0; k < n; k++) {
        bool before = o[k].to.n && c->o->date.n && sm_str_cmp(c->o->date, o[k].to) < 0;
        if (!o[k].renamed.n || before)
            continue;
        sm_str list = o[k].shorts, name = o[k].full;
        while (name.n) {
            add_gone(c, &all, &o[k], name);
            size_t at = sm_str_find(list, SM_STR("、"), 0);
            name = sm_str_sub(list, 0, at);
            list = at == SIZE_MAX ? (sm_str){ 0 } : sm_str_sub(list, at + 3, list.n);
        }
    }
    return all;
}

/* The longest that stands there; NULL: none. */
static const gone *gone_at(const gone_names *all, sm_str s)
{
    const gone *best = NULL;
    if (s.n < 2 * CHAR_BYTES)
        return NULL;
    for (size_t k = all->first[bucket_of(s.p)]; k; k = all->g[k - 1].next) {
        const gone *g = &all->g[k - 1];
        if (sm_str_starts(s, g->name) && (!best || g->name.n > best->name.n))
            best = g;
    }
    return best;
}

static void find_gone(sm_check *c, const sm_rule *rule, const sm_line *l, size_t at, const gone *g)
{
    sm_str s = l->text, name = g->name;
    const sm_roster_organ *o = g->organ;
    if (sm_str_starts(sm_str_sub(s, at + name.n, s.n), SM_STR("门")) ||
        is_history(s, at, year_in(o->to)))
        return;
    sm_finding *f = sm_find_slice(c, rule, l, sm_str_sub(s, at, at + name.n));
    sm_str now = short_of(c->roster, o->renamed, !sm_str_eq(name, o->full));
    sm_propose(f, now);
    sm_because(c, f, "“%.*s”自%.*s起已改为“%.*s”", SM_ARG(name), SM_ARG(o->to), SM_ARG(now));
}

static void by_registry(sm_check *c, const sm_rule *rule)
{
    gone_names all = gone_by(c);
    unsigned where;
    if (!all.n || !sm_rule_where(rule, &where))
        return;
    for (size_t i = 0; i < c->o->n; i++) {
        const sm_line *l = &c->o->line[i];
        if (!(where >> l->role & 1))
            continue;
        for (size_t at = 0; at < l->text.n;) {
            const gone *g = gone_at(&all, sm_str_sub(l->text, at, l->text.n));
            if (g)
                find_gone(c, rule, l, at, g);
            at += g ? g->name.n : 1;
        }
    }
}

/* What the words found where the registry did, too. */
static void drop_taken(sm_check *c, size_t from, size_t mine)
{
    size_t n = mine, all = c->n_found;
    for (size_t i = mine; i < all; i++) {
        sm_finding f = c->found[i];
        bool twice = false;
        for (size_t k = from; k < mine; k++)
            twice |= c->found[k].para == f.para && c->found[k].start < f.end &&
                     f.start < c->found[k].end;
        if (!twice)
            c->found[n++] = f;
    }
    c->n_found = n;
}

void sm_run_organ_gone(sm_check *c, const sm_rule *rule)
{
    size_t from = c->n_found;
    by_registry(c, rule);
    size_t mine = c->n_found;
    sm_dictionary_run(c, rule);
    drop_history(c, mine);
    drop_taken(c, from, mine);
}

/* ------------------------------------------------------------ short names */

/* 市住建局 passes in running text, not in a list of recipients.  params: formal {end: end}. */
static void formal_names(sm_check *c, const sm_rule *rule, const sm_line *line, size_t from)
{
    sm_listed *l;
    const char *end;
    json_t *right, *formal = json_object_get(rule->params, "formal");
    size_t n = sm_listed_in(c->a, line, &l);
    for (size_t i = 0; i < n; i++)
        json_object_foreach(formal, end, right)
        {
            sm_str e = sm_str_of(end), name = l[i].name;
            size_t at = (size_t)(name.p - line->par->text.p);
            if (!sm_str_ends(name, e) || name.n > e.n + 30 || taken(c, from, line, at, name.n))
                continue;
            const sm_roster_organ *o =
                c->roster ? sm_roster_organ_named(c->roster, name, c->o->date) : NULL;
            sm_str now = o && o->shorts.n ? short_of(c->roster, o->full, true)
                                          : sm_strf(c->a, "%.*s%s", (int)(name.n - e.n), name.p,
                                                    json_string_value(right));
            if (sm_str_eq(now, name))
                continue;
            sm_finding *f = sm_find_slice(c, rule, line, name);
            sm_propose(f, now);
            sm_because(c, f, "“%.*s”的规范简称是“%.*s”", SM_ARG(name), SM_ARG(now));
            break;
        }
}

/* Short names that the registry lets pass in running text. */
static void drop_registered(sm_check *c, size_t from)
{
    size_t n = from;
    for (size_t i = from; i < c->n_found; i++) {
        sm_finding f = c->found[i];
        if (!c->roster || !sm_roster_organ_named(c->roster, f.text, c->o->date))
            c->found[n++] = f;
    }
    c->n_found = n;
}

void sm_run_organ_short(sm_check *c, const sm_rule *rule)
{
    size_t from = c->n_found;
    sm_dictionary_run(c, rule);
    drop_history(c, from);
    drop_registered(c, from);
    for (size_t i = 0; i < c->o->n; i++)
        if (c->o->line[i].role == SM_ROLE_TO || c->o->line[i].role == SM_ROLE_CC)
            formal_names(c, rule, &c->o->line[i], from);
}

/* ------------------------------------------------------------------- order */

typedef struct placed {
    sm_listed l;
    int order;
} placed;

/* Of many at once: 各区县人民政府, 市政府各部门. */
static int order_of_many(const sm_check *c, sm_str name)
{
    static const struct {
        const char *begin, *level;
    } many[] = { { "各区", "district" },         { "各县", "district" },
                 { "市政府各", "department" },   { "市直", "department" },
                 { "市政府有关", "department" }, { "市级各", "department" } };
    const sm_roster_organ *o;
    size_t n = sm_roster_organs(c->roster, &o);
    for (size_t k = 0; k < SM_LEN(many); k++) {
        if (!sm_str_starts(name, sm_str_of(many[k].begin)))
            continue;
        if (k < 2 && !sm_str_ends(name, SM_STR("政府")))
            return -1;
        int least = -1;
        for (size_t i = 0; i < n; i++)
            if (sm_str_eq(o[i].level, sm_str_of(many[k].level)) && o[i].order > 100 &&
                (least < 0 || o[i].order < least))
                least = o[i].order;
        return least;
    }
    return -1;
}

/* Where a name stands in lists; -1: in none.  Party, congress and courts come by other customs. */
static int order_of(const sm_check *c, sm_str name)
{
    sm_organ o = sm_organ_of(c, name);
    if (!o.known)
        return order_of_many(c, name);
    return o.works && o.known->order > 200 ? o.known->order : -1;
}

static int by_order(const void *a, const void *b)
{
    const placed *x = a, *y = b;
    if (x->order != y->order)
        return x->order < y->order ? -1 : 1;
    return x->l.name.p < y->l.name.p ? -1 : x->l.name.p > y->l.name.p;
}

/* Names from … to in a row, each of a known order; what stands wrong is put right. */
static void check_order(sm_check *c, const sm_rule *rule, const sm_line *line, const sm_listed *l,
                        placed *p, size_t n)
{
    size_t from = 0, to = n;
    for (size_t i = 0; i < n; i++)
        p[i].l = l[i];
    qsort(p, n, sizeof(*p), by_order);
    while (from < n && p[from].l.name.p == l[from].name.p)
        from++;
    while (to > from && p[to - 1].l.name.p == l[to - 1].name.p)
        to--;
    if (from == to)
        return;
    sm_str now = { 0 }, last = l[to - 1].name,
           text = { l[from].name.p, (size_t)(last.p + last.n - l[from].name.p) };
    for (size_t i = from; i < to; i++)
        now = sm_strf(c->a, "%.*s%.*s%.*s", SM_ARG(now), SM_ARG(p[i].l.name),
                      i + 1 < to ? (int)l[i].sign.n : 0, l[i].sign.p);
    sm_finding *f = sm_find_slice(c, rule, line, text);
    sm_propose(f, now);
    f->confidence = .8;
}

static void order_of_list(sm_check *c, const sm_rule *rule, const sm_line *line)
{
    sm_listed *l;
    size_t n = sm_listed_in(c->a, line, &l), from = 0;
    placed *p = SM_NEWS(c->a, placed, n + 1);
    for (size_t k = 0; k <= n; k++) {
        int order = k < n ? order_of(c, l[k].name) : -1;
        if (order >= 0) {
            p[k].order = order;
            continue;
        }
        if (k > from)
            check_order(c, rule, line, l + from, p + from, k - from);
        from = k + 1;
    }
}

enum { MAX_REGIONS = 32, LEAST_REGIONS = 4 };

/* 江北区 of 江北区人民政府, 高新区 of 高新区管委会 */
static sm_str region_of(const sm_roster_organ *o)
{
    sm_str government = SM_STR("人民政府"), zone = SM_STR("管委会");
    sm_str first = sm_str_sub(o->shorts, 0, sm_str_find(o->shorts, SM_STR("、"), 0));
    if (!sm_str_eq(o->level, SM_STR("district")) && !sm_str_eq(o->level, SM_STR("county")))
        return (sm_str){ 0 };
    if (sm_str_ends(o->full, government))
        return sm_str_sub(o->full, 0, o->full.n - government.n);
    return sm_str_ends(first, zone) ? sm_str_sub(first, 0, first.n - zone.n) : (sm_str){ 0 };
}

typedef struct region {
    sm_str name;
    int order;
} region;

static size_t regions_of(const sm_check *c, region *out)
{
    const sm_roster_organ *o;
    size_t n = sm_roster_organs(c->roster, &o), n_out = 0;
    for (size_t i = 0; i < n && n_out < MAX_REGIONS; i++) {
        sm_str name = region_of(&o[i]);
        if (name.n)
            out[n_out++] = (region){ name, o[i].order };
    }
    return n_out;
}

/* What a clause begins with: 江北区17.2万人.  -1: no region. */
static int region_order(const region *r, size_t n, sm_str clause)
{
    for (size_t i = 0; i < n; i++)
        if (sm_str_starts(clause, r[i].name))
            return r[i].order;
    return -1;
}

static double figure_of(sm_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (digits_at(s, i)) {
            char text[32] = { 0 };
            memcpy(text, s.p + i, SM_MIN(s.n - i, sizeof(text) - 1));
            return strtod(text, NULL);
        }
    return 0;
}

/* In the order of their figures, and so not in the registry's. */
static bool are_ranked(const placed *p, size_t n)
{
    bool up = true, down = true;
    for (size_t i = 1; i < n; i++) {
        up &= figure_of(p[i - 1].l.name) <= figure_of(p[i].l.name);
        down &= figure_of(p[i - 1].l.name) >= figure_of(p[i].l.name);
    }
    return up || down;
}

/* Four and more regions, a figure each, of which two neighbours stand the wrong way round. */
static void check_regions(sm_check *c, const sm_rule *rule, const sm_line *line, const placed *p,
                          size_t n)
{
    size_t wrong = 0, at = 0;
    for (size_t i = 1; i < n; i++)
        if (p[i - 1].order > p[i].order) {
            wrong++;
            at = i;
        }
    bool neighbours = wrong == 1 && (at < 2 || p[at - 2].order < p[at].order) &&
                      (at + 1 == n || p[at - 1].order < p[at + 1].order);
    if (n < LEAST_REGIONS || !neighbours || are_ranked(p, n))
        return;
    sm_str a = p[at - 1].l.name, b = p[at].l.name, sign = p[at - 1].l.sign;
    sm_finding *f = sm_find_slice(c, rule, line, (sm_str){ a.p, (size_t)(b.p + b.n - a.p) });
    sm_propose(f, sm_strf(c->a, "%.*s%.*s%.*s", SM_ARG(b), SM_ARG(sign), SM_ARG(a)));
    f->confidence = .7;
}

static void order_of_regions(sm_check *c, const sm_rule *rule, const sm_line *line, const region *r,
                             size_t n_regions)
{
    placed p[MAX_REGIONS];
    sm_listed *l;
    size_t n = 0, named = 0;
    for (size_t i = 0; i < n_regions; i++)
        named += sm_str_has(line->text, r[i].name);
    if (named < LEAST_REGIONS)
        return;
    size_t n_listed = sm_listed_in(c->a, line, &l);
    for (size_t k = 0; k <= n_listed; k++) {
        sm_str name = k < n_listed ? l[k].name : (sm_str){ 0 };
        size_t stop = sm_str_find(name, SM_STR("。"), 0);
        int order = k < n_listed ? region_order(r, n_regions, name) : -1;
        if (order >= 0 && n < MAX_REGIONS) {
            p[n].l = l[k];
            p[n].l.name = sm_str_sub(name, 0, stop);
            p[n++].order = order;
        }
        if (order < 0 || stop != SIZE_MAX) {
            check_regions(c, rule, line, p, n);
            n = 0;
        }
    }
}

void sm_run_organ_order(sm_check *c, const sm_rule *rule)
{
    region r[MAX_REGIONS];
    size_t n = c->roster ? regions_of(c, r) : 0;
    for (size_t i = 0; c->roster && i < c->o->n; i++) {
        const sm_line *line = &c->o->line[i];
        if (line->doc == 0 && (line->role == SM_ROLE_TO || line->role == SM_ROLE_CC))
            order_of_list(c, rule, line);
        else if (line->role >= SM_ROLE_TEXT && line->role <= SM_ROLE_H4)
            order_of_regions(c, rule, line, r, n);
    }
}

/* ------------------------------------------------------------- first page */

/* Recipients, also where there are too many to be known for such. */
static const sm_line *long_list(const sm_outline *o, size_t *at)
{
    for (size_t i = 0; i < o->n; i++) {
        const sm_line *l = &o->line[i];
        if (l->doc || !l->text.n || l->role <= SM_ROLE_TITLE)
            continue;
        size_t n = 0;
        for (size_t k = sm_str_find(l->text, SM_STR("、"), 0); k != SIZE_MAX;
             k = sm_str_find(l->text, SM_STR("、"), k + 3))
            n++;
        *at = i;
        bool list =
            n >= 10 && sm_str_ends(l->text, SM_STR("：")) && !sm_str_has(l->text, SM_STR("。"));
        return l->role == SM_ROLE_TO || list ? l : NULL;
    }
    return NULL;
}

/* params: chars, so many that what remains of a page under the head and the title is full. */
void sm_run_first_page(sm_check *c, const sm_rule *rule)
{
    size_t i = 0;
    const sm_line *to = long_list(c->o, &i), *text = NULL;
    for (i++; to && i < c->o->n && !text; i++)
        if (c->o->line[i].text.n)
            text = &c->o->line[i];
    if (!text)
        return;
    bool known = to->par->page > 0 && text->par->page > 0;
    bool full = known ? to->par->page == 1 && text->par->page > 1
                      : (double)sm_utf8_count(to->text) >= sm_param_num(rule, "chars", 252);
    if (full)
        sm_find_slice(c, rule, to, to->text);
}
