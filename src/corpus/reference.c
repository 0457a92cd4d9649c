/*
 * The laws that guides and policies cite, against share/laws.tsv: a law repealed, an article beyond
 * the law's last, a national law that does not exist.  The table knows the national laws and
 * regulations and part of the local ones, hardly any departmental rules: of what it does not hold,
 * only a title that begins with the country's name and ends as a law is called unknown.
 */
#include "corpus/governance.h"

#include <stdlib.h>
#include <string.h>

#include "text/text.h"

struct law {
    sm_str title, name; /* name: the full or the short title, what is looked up */
    int64_t articles;   /* 0: not known */
    bool repealed;
};

struct laws {
    struct law *law; /* by name, those in force first */
    size_t n, cap;
};

static int by_name(const void *a, const void *b)
{
    const struct law *x = a, *y = b;
    int c = sm_str_cmp(x->name, y->name);
    return c                            ? c
           : x->repealed != y->repealed ? x->repealed - y->repealed
                                        : sm_str_cmp(x->title, y->title);
}

static void add_law(sm_arena *a, struct laws *all, sm_str line)
{
    sm_str part[6] = { { 0 } };
    size_t n = 0;
    while (n < SM_LEN(part) && sm_str_cut(&line, '\t', &part[n]))
        n++;
    struct law law = { .title = part[0],
                       .name = part[0],
                       .repealed = sm_str_eq(part[3], SM_STR("已废止")) };
    if (n < 5)
        return;
    if (!sm_str_to_int(part[4], &law.articles))
        law.articles = 0;
    SM_GROW(a, all->law, all->n, all->cap);
    all->law[all->n++] = law;
    if (part[1].n == 0 || sm_str_eq(part[1], part[0]))
        return;
    law.name = part[1];
    SM_GROW(a, all->law, all->n, all->cap);
    all->law[all->n++] = law;
}

static void read_laws(sm_arena *a, sm_str tsv, struct laws *all)
{
    sm_str line;
    while (sm_str_cut(&tsv, '\n', &line))
        if (line.n && line.p[0] != '#')
            add_law(a, all, line);
    if (all->n)
        qsort(all->law, all->n, sizeof(*all->law), by_name);
}

static const struct law *find_law(const struct laws *all, sm_str name)
{
    size_t low = 0, high = all->n;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (sm_str_cmp(all->law[mid].name, name) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low < all->n && sm_str_eq(all->law[low].name, name) ? &all->law[low] : NULL;
}

/* -------------------------------------------------------------- citations */

/* Without what stands in brackets at the end: （试行）, （国发〔2014〕25号）. */
static sm_str without_brackets(sm_str title)
{
    size_t at = sm_str_find(title, SM_STR("（"), 0);
    if (at == SIZE_MAX)
        at = sm_str_find(title, SM_STR("("), 0);
    return sm_str_trim(at == SIZE_MAX || at == 0 ? title : sm_str_sub(title, 0, at));
}

/* Takes 第…条 off the front, with its 款 and 项 and what joins the next; 0 when there is none. */
static int64_t take_article(sm_str *s)
{
    static const char *const joins[] = { "、", "和", "及", "至", "到", "，" };
    size_t end = sm_str_find(*s, SM_STR("条"), 0);
    if (!sm_str_starts(*s, SM_STR("第")) || end == SIZE_MAX || end > 60)
        return 0;
    int64_t article = sm_text_integer(sm_str_sub(*s, 3, end));
    if (article <= 0)
        return 0;
    *s = sm_str_sub(*s, end + 3, s->n);
    for (;;) {
        size_t paragraph = sm_str_find(*s, SM_STR("款"), 0),
               entry = sm_str_find(*s, SM_STR("项"), 0);
        size_t to = SM_MIN(paragraph, entry);
        size_t next = sm_str_find(*s, SM_STR("条"), 0);
        if (!sm_str_starts(*s, SM_STR("第")) || to == SIZE_MAX || to > 40 || to > next)
            break;
        *s = sm_str_sub(*s, to + 3, s->n);
    }
    for (size_t i = 0; i < SM_LEN(joins); i++)
        if (sm_str_starts(*s, sm_str_of(joins[i]))) {
            *s = sm_str_sub(*s, strlen(joins[i]), s->n);
            break;
        }
    return article;
}

static void dead(sm_report *r, const sm_subject *s, const sm_clause *c, sm_str value, sm_str what)
{
    for (size_t i = 0; i < r->n; i++)
        if (r->f[i].kind == SM_FINDING_DEAD_REFERENCE && sm_str_eq(r->f[i].a, s->doc->id) &&
            sm_str_eq(r->f[i].a_value, value))
            return;
    sm_report_add(r, (sm_defect){ .kind = SM_FINDING_DEAD_REFERENCE,
                                  .a = s->doc->id,
                                  .a_path = c->path,
                                  .a_value = value,
                                  .text = sm_strf(r->op->arena,
                                                  "%.*s《%.*s》的%.*s引用%.*s，%.*s；请核对后改正",
                                                  SM_ARG(s->doc->id), SM_ARG(s->doc->title),
                                                  SM_ARG(c->path), SM_ARG(value), SM_ARG(what)) });
}

static bool is_national(sm_str title)
{
    static const char *const ends[] = { "法", "法典", "条例" };
    if (!sm_str_starts(title, SM_STR("中华人民共和国")) || sm_str_ends(title, SM_STR("办法")))
        return false; /* 办法 are departments' rules */
    return sm_str_ends_any(title, ends, SM_LEN(ends));
}

static void check_citation(sm_report *r, const struct laws *laws, const sm_subject *s,
                           const sm_clause *c, sm_str title, sm_str rest)
{
    sm_arena *a = r->op->arena;
    const struct law *law = find_law(laws, title);
    sm_str quoted = sm_strf(a, "《%.*s》", SM_ARG(title));
    if (!law)
        law = find_law(laws, without_brackets(title));
    if (!law && is_national(without_brackets(title)))
        dead(r, s, c, quoted, SM_STR("法律法规库里没有这部法"));
    if (!law)
        return;
    size_t line = sm_str_find(rest, SM_STR("。"), 0);
    if (law->repealed && !sm_str_has(sm_str_sub(rest, 0, SM_MIN(line, rest.n)), SM_STR("废止")))
        dead(r, s, c, quoted, SM_STR("这部法已经废止"));
    if (sm_str_starts(rest, SM_STR("（"))) {
        size_t close = sm_str_find(rest, SM_STR("）"), 0);
        rest = close == SIZE_MAX ? rest : sm_str_sub(rest, close + 3, rest.n);
    }
    for (int64_t article; law->articles > 0 && (article = take_article(&rest)) > 0;)
        if (article > law->articles)
            dead(r, s, c, sm_strf(a, "《%.*s》第%lld条", SM_ARG(title), (long long)article),
                 sm_strf(a, "这部法只有 %lld 条", (long long)law->articles));
}

static void check_clause(sm_report *r, const struct laws *laws, const sm_subject *s,
                         const sm_clause *c)
{
    for (size_t at = 0; (at = sm_str_find(c->text, SM_STR("《"), at)) != SIZE_MAX;) {
        size_t end = at + 3;
        for (int depth = 1; end < c->text.n && depth > 0; end++) {
            if (sm_str_starts(sm_str_sub(c->text, end, end + 3), SM_STR("《")))
                depth++;
            else if (sm_str_starts(sm_str_sub(c->text, end, end + 3), SM_STR("》")))
                depth--;
        }
        if (end < at + 6 || !sm_str_starts(sm_str_sub(c->text, end - 1, end + 2), SM_STR("》")))
            break;
        check_citation(r, laws, s, c, sm_str_sub(c->text, at + 3, end - 1),
                       sm_str_sub(c->text, end + 2, c->text.n));
        at = end + 2;
    }
}

sm_rc sm_check_references(sm_report *r, sm_str laws_tsv)
{
    struct laws laws = { 0 };
    read_laws(r->op->arena, laws_tsv, &laws);
    for (size_t i = 0; i < r->n_policies; i++)
        for (size_t k = 0; laws.n && k < r->policy[i].n_clauses; k++)
            if (r->policy[i].state == SM_STATE_IN_FORCE || r->policy[i].state == SM_STATE_NOT_YET)
                check_clause(r, &laws, &r->policy[i], &r->policy[i].clause[k]);
    for (size_t i = 0; i < r->n_items; i++)
        for (size_t k = 0; laws.n && k < r->item[i].n_clauses; k++)
            if (sm_str_starts(r->item[i].clause[k].path, SM_STR("basis/")))
                check_clause(r, &laws, &r->item[i], &r->item[i].clause[k]);
    return sm_op_check(r->op);
}
