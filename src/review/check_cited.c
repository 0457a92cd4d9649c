/*
 * What a document cites: laws in force and their articles, their names, the numbers of documents
 * and standards, the order of authorities, short names and quotations.
 */
#include <stdlib.h>
#include <string.h>

#include "review/cited.h"

/* Columns of words/laws.tsv. */
enum { LAW_TITLE, LAW_BRIEF, LAW_LEVEL, LAW_ARTICLES, LAW_SINCE, LAW_ENDED, LAW_NEXT };
/* Columns of words/standards.tsv. */
enum { STANDARD_NUMBER, STANDARD_YEARS, STANDARD_TITLE };

typedef struct sm_table_row row;

static const char republic[] = "中华人民共和国";

static bool is_prose(const sm_line *l)
{
    return l->text.n && l->role != SM_ROLE_TITLE && l->role != SM_ROLE_ATITLE &&
           l->role != SM_ROLE_NOTE && l->role != SM_ROLE_ATTACH && l->role != SM_ROLE_NUMBER &&
           l->role != SM_ROLE_MARK;
}

static sm_str document_day(const sm_check *c)
{
    return c->o->date.n ? c->o->date : c->opt->today;
}

static sm_str tail(sm_str s, size_t chars)
{
    size_t n = sm_utf8_count(s);
    sm_str head = sm_utf8_head(s, n > chars ? n - chars : 0);
    return sm_str_sub(s, head.n, s.n);
}

static bool next_part(sm_str *rest, sm_str *out)
{
    if (!rest->n)
        return false;
    size_t at = sm_str_find(*rest, SM_STR("、"), 0);
    *out = sm_str_sub(*rest, 0, SM_MIN(at, rest->n));
    *rest = at == SIZE_MAX ? (sm_str){ 0 } : sm_str_sub(*rest, at + 3, rest->n);
    return true;
}

static bool has_part(sm_str list, sm_str one)
{
    sm_str part;
    while (next_part(&list, &part))
        if (sm_str_eq(part, one))
            return true;
    return false;
}

static const row *law_titled(const sm_table *t, sm_str title)
{
    for (size_t i = 0; t && i < t->n; i++)
        if (sm_str_eq(t->row[i].cell[LAW_TITLE], title))
            return &t->row[i];
    return NULL;
}

static const row *law_named(const sm_table *t, sm_str name)
{
    const row *r = law_titled(t, name);
    for (size_t i = 0; t && !r && i < t->n; i++)
        if (has_part(t->row[i].cell[LAW_BRIEF], name))
            r = &t->row[i];
    return r;
}

/* 《…》 or what it was called, down to a law. */
static sm_str resolved(const sm_cited *all, size_t i)
{
    const sm_cited *named = sm_cited_named(all, i);
    return named ? named->title : all[i].title;
}

/* --------------------------------------------------------------- articles */

/* 第…条 at `at`: its end, and the number in between; 0 none. */
static size_t article_at(sm_str s, size_t at, int64_t *number)
{
    sm_str rest = sm_str_sub(s, at, s.n);
    size_t end = sm_str_find(rest, SM_STR("条"), 0);
    if (!sm_str_starts(rest, SM_STR("第")) || end == SIZE_MAX || end > 40)
        return 0;
    *number = sm_text_integer(sm_str_sub(rest, 3, end));
    return *number > 0 ? at + end + 3 : 0;
}

/* The next article of a list: 第十条第二款、第十一条和第十二条. */
static size_t next_article(sm_str s, size_t at, size_t *end, int64_t *number)
{
    static const char *const between[] = { "、", "和", "及", "至", "或者", "的规定", "规定",
                                           "款", "项", "第", "（", "）",   "与",     "以及" };
    for (size_t from = at; at < s.n && at - from < 60;) {
        *end = article_at(s, at, number);
        if (*end)
            return at;
        size_t took = 0;
        for (size_t i = 0; i < SM_LEN(between) && !took; i++)
            if (sm_str_starts(sm_str_sub(s, at, s.n), sm_str_of(between[i])))
                took = strlen(between[i]);
        sm_str one = sm_str_sub(s, at, at + 3);
        if (!took && one.n == 3 && sm_text_integer(one) >= 0)
            took = 3;
        if (!took && s.p[at] >= '0' && s.p[at] <= '9')
            took = 1;
        if (!took)
            break;
        at += took;
    }
    return SIZE_MAX;
}

/* ------------------------------------------------------------------- J03 */

static sm_str sentence_around(sm_str s, size_t from, size_t to)
{
    size_t begin = 0;
    for (size_t i = 0; (i = sm_str_find(s, SM_STR("。"), i)) < from; i += 3)
        begin = i + 3;
    size_t end = sm_str_find(s, SM_STR("。"), to);
    return sm_str_sub(s, begin, SM_MIN(end, s.n));
}

static void report_state(sm_check *c, const sm_rule *rule, const sm_line *line, sm_str what,
                         const row *law)
{
    static const char *const ended[] = { "废止", "失效", "修订前", "时任", "当时", "原《" };
    static const char *const coming[] = {
        "施行", "实施之日", "公布", "颁布", "生效", "草案", "征求"
    };
    size_t at = (size_t)(what.p - line->text.p);
    sm_str sentence = sentence_around(line->text, at, at + what.n), day = document_day(c),
           end = law->cell[LAW_ENDED], since = law->cell[LAW_SINCE];
    sm_str title = law->cell[LAW_TITLE], next = law->cell[LAW_NEXT];
    if (end.n && sm_str_cmp(day, end) >= 0 && !sm_str_has_any(sentence, ended, SM_LEN(ended))) {
        sm_finding *f = sm_find_slice(c, rule, line, what);
        sm_because(c, f, "《%.*s》已于%.*s废止%s%.*s%s", SM_ARG(title), SM_ARG(end),
                   next.n ? "，现行的是《" : "", SM_ARG(next), next.n ? "》" : "");
        if (next.n && sm_str_starts(what, SM_STR("《")))
            sm_propose(f, sm_strf(c->a, "《%.*s》", SM_ARG(next)));
        f->confidence = .85;
    } else if (since.n && day.n && sm_str_cmp(day, since) < 0 &&
               !sm_str_has_any(sentence, coming, SM_LEN(coming))) {
        sm_finding *f = sm_find_slice(c, rule, line, what);
        sm_because(c, f, "《%.*s》自%.*s起施行", SM_ARG(title), SM_ARG(since));
    }
}

static void report_article(sm_check *c, const sm_rule *rule, const sm_line *line, sm_str article,
                           sm_str title, int64_t last)
{
    sm_finding *f = sm_find_slice(c, rule, line, article);
    if (last > 0)
        sm_because(c, f, "《%.*s》只有%lld条", SM_ARG(title), (long long)last);
    else
        sm_because(c, f, "《%.*s》没有%.*s", SM_ARG(title), SM_ARG(article));
}

/* What the caller's own laws say, before the table: false where they do not know the title. */
static bool ask(sm_check *c, const sm_rule *rule, const sm_line *line, sm_str what, sm_str title,
                sm_str article)
{
    bool there = true, in_force = true;
    if (!c->opt->law || !c->opt->law(c->opt->ctx, title, article, &there, &in_force))
        return false;
    static const char *const ended[] = { "废止", "失效", "公布", "施行" };
    size_t at = (size_t)(what.p - line->text.p);
    if (!in_force && !article.n &&
        !sm_str_has_any(sentence_around(line->text, at, at + what.n), ended, SM_LEN(ended))) {
        sm_finding *f = sm_find_slice(c, rule, line, what);
        sm_because(c, f, "《%.*s》不是现行有效的", SM_ARG(title));
    }
    if (article.n && !there)
        report_article(c, rule, line, article, title, 0);
    return true;
}

static void check_articles(sm_check *c, const sm_rule *rule, const sm_line *line, size_t from,
                           sm_str what, sm_str title, const row *law)
{
    int64_t number, last = 0;
    sm_str cell = law ? law->cell[LAW_ARTICLES] : (sm_str){ 0 };
    bool fewer = sm_str_starts(cell, SM_STR("<")); /* the last one is not known, but a limit is */
    sm_str_to_int(sm_str_sub(cell, fewer, cell.n), &last);
    for (size_t at, end; (at = next_article(line->text, from, &end, &number)) != SIZE_MAX;
         from = end) {
        sm_str article = sm_str_sub(line->text, at, end);
        if (!ask(c, rule, line, what, title, article) && last > 0 && number > last)
            report_article(c, rule, line, article, law->cell[LAW_TITLE], fewer ? 0 : last);
    }
}

/* 行政处罚法第九十九条: the longest name of a law that ends where an article begins. */
static void check_bare(sm_check *c, const sm_rule *rule, const sm_table *t, const sm_line *line,
                       size_t *left)
{
    static const char *const ends[] = { "法", "例", "典", "定", "则" };
    sm_str s = line->text;
    int64_t number;
    for (size_t at = 0, end; (at = sm_str_find(s, SM_STR("第"), at)) != SIZE_MAX; at += 3) {
        end = article_at(s, at, &number);
        sm_str before = sm_str_sub(s, 0, at), best = { 0 };
        if (!sm_str_has_any(tail(before, 2), ends, SM_LEN(ends)) || *left == 0)
            continue;
        --*left;
        const row *law = NULL;
        for (size_t i = 0; end && t && i < t->n; i++) {
            sm_str names[2] = { t->row[i].cell[LAW_TITLE], t->row[i].cell[LAW_BRIEF] };
            size_t comma = sm_str_find(names[1], SM_STR("、"), 0);
            names[1] = sm_str_sub(names[1], 0, SM_MIN(comma, names[1].n));
            for (int k = 0; k < 2; k++)
                if (names[k].n > best.n && names[k].n >= 12 && sm_str_ends(before, names[k])) {
                    best = names[k];
                    law = &t->row[i];
                }
        }
        if (law)
            check_articles(c, rule, line, at, sm_str_sub(s, at - best.n, at), law->cell[LAW_TITLE],
                           law);
    }
}

static void check_laws(sm_check *c, const sm_rule *rule)
{
    const sm_table *t = sm_rule_made(c, rule);
    sm_cited *all;
    size_t n = sm_cited_of(c, &all);
    for (size_t i = 0; i < n; i++) {
        sm_str title = resolved(all, i);
        const row *law = law_named(t, title);
        bool known =
            !all[i].is_brief && ask(c, rule, all[i].line, all[i].whole, title, (sm_str){ 0 });
        if (!known && law && !all[i].is_brief && !sm_cited_named(all, i))
            report_state(c, rule, all[i].line, all[i].whole, law);
        check_articles(c, rule, all[i].line, all[i].after, all[i].whole, title, law);
    }
    size_t left = 5000; /* articles that are looked up without book marks */
    for (size_t i = 0; i < c->o->n && left > 0; i++)
        if (is_prose(&c->o->line[i]))
            check_bare(c, rule, t, &c->o->line[i], &left);
}

/* ------------------------------------------------------------------- J05 */

static bool named_before(const sm_cited *all, size_t i, sm_str title)
{
    for (size_t k = 0; k < i; k++)
        if (sm_str_eq(all[k].title, title))
            return true;
    return false;
}

/* The one law whose name is a character or two away. */
static const row *nearest(const sm_table *t, sm_str title)
{
    int most = sm_utf8_count(title) >= 12 ? 2 : 1, best = most + 1;
    const row *law = NULL;
    bool several = false;
    for (size_t i = 0; i < t->n; i++) {
        int d = sm_title_distance(t->row[i].cell[LAW_TITLE], title, most);
        several = d == best ? true : d < best ? false : several;
        if (d < best)
            law = &t->row[i];
        best = SM_MIN(best, d);
    }
    return several ? NULL : law;
}

/* What is built on a law bears a name near to it: its drafts, its rules of a place. */
static bool may_be_misnamed(sm_str title)
{
    static const char *const ends[] = { "法", "条例", "法典" };
    static const char *const others[] = { "草案",     "修正", "修订", "试行",
                                          "实施办法", "省",   "市",   "自治" };
    bool ended = false;
    for (size_t i = 0; i < SM_LEN(ends); i++)
        ended |= sm_str_ends(title, sm_str_of(ends[i]));
    bool national = sm_str_starts(title, sm_str_of(republic));
    return ended && (national ||
                     (sm_utf8_count(title) >= 9 && !sm_str_has_any(title, others, SM_LEN(others))));
}

static bool caller_knows(const sm_check *c, sm_str title)
{
    bool there, in_force;
    return c->opt->law && c->opt->law(c->opt->ctx, title, (sm_str){ 0 }, &there, &in_force);
}

static void check_law_names(sm_check *c, const sm_rule *rule)
{
    const sm_table *t = sm_rule_made(c, rule);
    sm_cited *all;
    size_t n = sm_cited_of(c, &all);
    for (size_t i = 0; t && i < n; i++) {
        sm_str title = all[i].title;
        if (!is_prose(all[i].line) || all[i].is_brief || sm_cited_named(all, i) ||
            law_titled(t, title) || caller_knows(c, title))
            continue;
        const row *law = law_named(t, title);
        const char *why = "应为";
        if (law) {
            if (!sm_str_starts(law->cell[LAW_TITLE], sm_str_of(republic)) ||
                named_before(all, i, law->cell[LAW_TITLE]) || named_before(all, i, title))
                continue;
            why = "首次出现应当写全称";
        } else if (may_be_misnamed(title))
            law = nearest(t, title);
        if (!law)
            continue;
        sm_finding *f = sm_find_slice(c, rule, all[i].line, all[i].whole);
        sm_str full = law->cell[LAW_TITLE];
        sm_propose(f, sm_strf(c->a, "《%.*s》", SM_ARG(full)));
        f->confidence = .85;
        sm_because(c, f, "%s《%.*s》", why, SM_ARG(full));
    }
}

/* ------------------------------------------------------------------- J02 */

static bool ends_as(sm_str s, const char *const *ends, size_t n)
{
    return sm_str_ends_any(s, ends, n);
}

/* Titles of documents that have a number: those that are 关于…, and a place's own rules. */
static bool wants_number(sm_str title)
{
    static const char *const documents[] = { "通知", "意见", "决定", "批复", "通报", "函", "方案" };
    static const char *const rules[] = { "办法", "细则", "规定", "方案", "规划", "意见" };
    static const char *const places[] = { "省", "市", "区", "县" };
    static const char *const others[] = { "中共", "草案", "征求意见稿", "讲话", "法》" };
    if (sm_str_has_any(title, others, SM_LEN(others)) ||
        sm_str_starts(title, sm_str_of(republic)) || sm_utf8_count(title) < 6)
        return false;
    if (sm_str_has(title, SM_STR("关于")))
        return ends_as(title, documents, SM_LEN(documents));
    bool of_place = sm_str_has_any(sm_utf8_head(title, 4), places, SM_LEN(places));
    return of_place && ends_as(title, rules, SM_LEN(rules));
}

static bool number_known(const sm_cited *all, size_t n, size_t i)
{
    for (size_t k = 0; k < n; k++)
        if (all[k].number.n && sm_str_eq(all[k].title, all[i].title))
            return true;
    return false;
}

static void check_numbers(sm_check *c, const sm_rule *rule)
{
    sm_cited *all;
    size_t n = sm_cited_of(c, &all);
    for (size_t i = 0; i < n; i++) {
        const sm_cited *t = &all[i];
        sm_str before = sm_str_sub(t->line->text, 0, t->at);
        if (!is_prose(t->line) || t->line->role == SM_ROLE_CELL || t->number.n || t->is_brief ||
            !sm_cited_as_basis(all, i) || !wants_number(t->title) ||
            named_before(all, i, t->title) || number_known(all, n, i) || sm_cited_is_own(c, t) ||
            sm_str_ends(before, SM_STR("号")) || sm_str_ends(before, SM_STR("）")))
            continue;
        sm_find_slice(c, rule, t->line, t->whole)->confidence = .8;
    }
}

/* ------------------------------------------------------------------- J07 */

/* Law 1, regulation 2, a place's regulation 3, documents 5 and more: the higher organ's before the
 * lower one's; 0 not known. */
static int rank_of(const sm_table *t, const sm_cited *one)
{
    static const char *const documents[] = { "通知", "意见", "决定", "通报" };
    const row *law = law_named(t, one->title);
    sm_str title = one->title;
    if (law)
        return sm_str_eq(law->cell[LAW_LEVEL], SM_STR("法律"))       ? 10
               : sm_str_eq(law->cell[LAW_LEVEL], SM_STR("行政法规")) ? 20
                                                                     : 0;
    if (sm_str_has(title, SM_STR("中共")) || sm_str_has(title, SM_STR("党")))
        return 0;
    sm_str head = sm_utf8_head(title, 4);
    bool province = sm_str_has(head, SM_STR("省")), city = sm_str_has(head, SM_STR("市")),
         district = sm_str_has(head, SM_STR("区")) || sm_str_has(head, SM_STR("县"));
    int place = province ? 1 : city ? 2 : district ? 3 : 0;
    if (sm_str_ends(title, SM_STR("条例")) && (province || city))
        return 30 + place;
    bool document =
        sm_str_has(title, SM_STR("关于")) && ends_as(title, documents, SM_LEN(documents));
    if (!document && !(one->number.n && sm_str_has(one->number, SM_STR("〔")) && place))
        return 0;
    if (sm_str_starts(title, SM_STR("国务院")))
        return 50;
    return place ? 50 + place : document ? 59 : 0;
}

static bool ranks_fall(const int *rank, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = i + 1; k < n; k++)
            if (rank[i] && rank[k] && rank[i] / 10 <= 5 && rank[i] > rank[k] && rank[i] != 59)
                return true;
            else if (rank[i] == 59 && rank[k] && rank[k] < 50)
                return true;
    return false;
}

enum { MAX_LIST = 12 };

/* The same list by rank, what joins its members left where it was. */
static sm_str in_order(sm_check *c, const sm_cited *list, const int *rank, size_t n)
{
    size_t order[MAX_LIST];
    for (size_t i = 0; i < n; i++) {
        size_t k = i;
        for (; k > 0 && rank[order[k - 1]] > rank[i]; k--)
            order[k] = order[k - 1];
        order[k] = i;
    }
    sm_buf b;
    sm_buf_init(&b, 1 << 16);
    for (size_t i = 0; i < n; i++) {
        const sm_cited *one = &list[order[i]];
        if (i)
            sm_buf_add(&b, sm_str_sub(one->line->text, list[i - 1].after, list[i].at));
        sm_buf_add(&b, sm_str_sub(one->line->text, one->at, one->after));
    }
    sm_str out = { 0 };
    sm_buf_take(c->op, &b, &out);
    return out;
}

static void check_list(sm_check *c, const sm_rule *rule, const sm_table *t, const sm_cited *list,
                       size_t n)
{
    int rank[MAX_LIST];
    bool all_known = true;
    for (size_t i = 0; i < n; i++) {
        rank[i] = rank_of(t, &list[i]);
        all_known &= rank[i] > 0;
    }
    if (!ranks_fall(rank, n))
        return;
    const sm_line *line = list[0].line;
    sm_finding *f =
        sm_find_slice(c, rule, line, sm_str_sub(line->text, list[0].at, list[n - 1].after));
    f->confidence = .8;
    if (all_known)
        sm_propose(f, in_order(c, list, rank, n));
}

static void check_order(sm_check *c, const sm_rule *rule)
{
    const sm_table *t = sm_rule_made(c, rule);
    sm_cited *all;
    size_t n = sm_cited_of(c, &all);
    for (size_t i = 0, end; i < n; i = end) {
        end = i + 1;
        if (!is_prose(all[i].line) || !sm_cited_as_basis(all, i))
            continue;
        while (end < n && end - i < MAX_LIST && all[end].line == all[i].line &&
               all[end].at - all[end - 1].after <= 6 && sm_cited_as_basis(all, end))
            end++;
        if (end - i > 1)
            check_list(c, rule, t, &all[i], end - i);
    }
}

/* ------------------------------------------------------------------- J08 */

static bool is_digit(char ch)
{
    return ch >= '0' && ch <= '9';
}

static size_t skip_blanks(sm_str s, size_t at)
{
    while (at < s.n && s.p[at] == ' ')
        at++;
    return at;
}

/* GB/T 9704—2012 at `at`: its end, its number in the table's form and its year. */
static size_t standard_at(sm_check *c, sm_str s, size_t at, sm_str *number, sm_str *year)
{
    static const char *const dashes[] = { "—", "-", "–", "－" };
    size_t i = at;
    while (i < s.n && i - at < 8 && ((s.p[i] >= 'A' && s.p[i] <= 'Z') || s.p[i] == '/'))
        i++;
    sm_str code = sm_str_sub(s, at, i);
    size_t from = skip_blanks(s, i), end = from;
    while (end < s.n && (is_digit(s.p[end]) || s.p[end] == '.'))
        end++;
    size_t dash = skip_blanks(s, end), took = 0;
    for (size_t k = 0; k < SM_LEN(dashes) && !took; k++)
        if (sm_str_starts(sm_str_sub(s, dash, s.n), sm_str_of(dashes[k])))
            took = strlen(dashes[k]);
    size_t y = skip_blanks(s, dash + took), stop = y;
    while (stop < s.n && is_digit(s.p[stop]))
        stop++;
    if (i - at < 2 || end == from || !took || stop - y != 4)
        return 0;
    sm_str digits = sm_str_sub(s, from, end);
    *number = sm_strf(c->a, "%.*s %.*s", SM_ARG(code), SM_ARG(digits));
    *year = sm_str_sub(s, y, stop);
    return stop;
}

static const row *standard_numbered(const sm_table *t, sm_str number)
{
    for (size_t i = 0; t && i < t->n; i++)
        if (sm_str_eq(t->row[i].cell[STANDARD_NUMBER], number))
            return &t->row[i];
    return NULL;
}

static sm_str last_part(sm_str list)
{
    sm_str part = { 0 };
    while (next_part(&list, &part))
        ;
    return part;
}

static void check_standard(sm_check *c, const sm_rule *rule, const sm_table *t, const sm_line *line,
                           size_t at, size_t *end)
{
    sm_str number, year;
    *end = standard_at(c, line->text, at, &number, &year);
    if (!*end)
        return;
    const row *s = standard_numbered(t, number);
    bool future = c->opt->today.n >= 4 && sm_str_cmp(year, sm_str_sub(c->opt->today, 0, 4)) > 0;
    if (s ? has_part(s->cell[STANDARD_YEARS], year) : !future)
        return;
    sm_str whole = sm_str_sub(line->text, at, *end);
    sm_finding *f = sm_find_slice(c, rule, line, whole);
    if (!s) {
        sm_because(c, f, "%.*s的年份晚于今天", SM_ARG(whole));
        return;
    }
    sm_str head = sm_str_sub(whole, 0, whole.n - 4), right = last_part(s->cell[STANDARD_YEARS]);
    sm_propose(f, sm_strf(c->a, "%.*s%.*s", SM_ARG(head), SM_ARG(right)));
    sm_str title = s->cell[STANDARD_TITLE];
    sm_because(c, f, "《%.*s》的现行编号是%.*s—%.*s", SM_ARG(title), SM_ARG(number), SM_ARG(right));
}

/* A title the table knows with another number. */
static void check_known(sm_check *c, const sm_rule *rule, const sm_table *t, const sm_cited *one)
{
    for (size_t i = 0; t && i < t->n && one->number.n; i++) {
        const row *s = &t->row[i];
        sm_str right = s->cell[STANDARD_NUMBER];
        if (!sm_str_eq(s->cell[STANDARD_TITLE], one->title) || s->cell[STANDARD_YEARS].n ||
            sm_str_eq(right, one->number))
            continue;
        sm_finding *f = sm_find_slice(c, rule, one->line, one->number);
        sm_propose(f, right);
        sm_because(c, f, "《%.*s》的文号是%.*s", SM_ARG(one->title), SM_ARG(right));
        return;
    }
}

/* One title with two numbers: the one that stands alone is doubted, else the later. */
static void check_two_numbers(sm_check *c, const sm_rule *rule, const sm_cited *all, size_t n,
                              size_t i)
{
    for (size_t k = 0; k < i && all[i].number.n; k++) {
        if (!all[k].number.n || !sm_str_eq(all[k].title, all[i].title) ||
            sm_str_eq(all[k].number, all[i].number))
            continue;
        size_t like_i = 0, like_k = 0;
        for (size_t m = 0; m < n; m++) {
            like_i += sm_str_eq(all[m].number, all[i].number);
            like_k += sm_str_eq(all[m].number, all[k].number);
        }
        const sm_cited *wrong = like_i > like_k ? &all[k] : &all[i],
                       *right = wrong == &all[i] ? &all[k] : &all[i];
        sm_finding *f = sm_find_slice(c, rule, wrong->line, wrong->number);
        sm_propose(f, right->number);
        f->confidence = .8;
        sm_because(c, f, "同一文件的文号另一处是%.*s", SM_ARG(right->number));
        return;
    }
}

static void check_documents(sm_check *c, const sm_rule *rule)
{
    const sm_table *t = sm_rule_made(c, rule);
    sm_cited *all;
    size_t n = sm_cited_of(c, &all);
    for (size_t i = 0; i < n; i++) {
        check_known(c, rule, t, &all[i]);
        check_two_numbers(c, rule, all, n, i);
    }
    for (size_t i = 0; i < c->o->n; i++) {
        const sm_line *line = &c->o->line[i];
        for (size_t at = 0, end; at + 2 < line->text.n; at++) {
            char ch = line->text.p[at], before = at ? line->text.p[at - 1] : 0;
            if (ch < 'A' || ch > 'Z' || (before >= 'A' && before <= 'Z') || before == '/')
                continue;
            check_standard(c, rule, t, line, at, &end);
            at = end ? end : at;
        }
    }
}

/* --------------------------------------------------------------- J09, J10 */

/* A kind of document alone, no title: 《条例》, 《实施方案》. */
static bool is_kind(sm_str title)
{
    static const char *const kinds[] = {
        "条例",     "办法",     "规定",     "细则",     "通知",     "意见",     "方案",
        "决定",     "规划",     "纲要",     "计划",     "通报",     "批复",     "公告",
        "通告",     "标准",     "规范",     "指南",     "指引",     "目录",     "清单",
        "预案",     "规则",     "请示",     "报告",     "函",       "法",       "措施",
        "实施意见", "实施方案", "实施细则", "管理办法", "工作方案", "行动方案", "若干措施",
        "暂行办法", "行动计划", "实施办法", "管理条例", "管理规定", "指导意见", "建设规划"
    };
    size_t bracket = sm_str_find(title, SM_STR("（"), 0);
    sm_str s = sm_str_sub(title, 0, SM_MIN(bracket, title.n));
    for (size_t i = 0; i < SM_LEN(kinds); i++)
        if (sm_str_eq(s, sm_str_of(kinds[i])))
            return true;
    return false;
}

/* The one full title in the document that ends with this kind. */
static const sm_cited *only_full(const sm_cited *all, size_t n, sm_str kind)
{
    const sm_cited *one = NULL;
    for (size_t i = 0; i < n; i++) {
        if (sm_str_eq(all[i].title, kind) || !sm_str_ends(all[i].title, kind))
            continue;
        if (one && !sm_str_eq(one->title, all[i].title))
            return NULL;
        one = one ? one : &all[i];
    }
    return one;
}

/* Where the full title stands first, the brief one is added to it. */
static void add_brief(sm_check *c, const sm_rule *rule, const sm_cited *full, sm_str brief)
{
    sm_str text = full->line->text, kind = sm_strf(c->a, "以下简称《%.*s》", SM_ARG(brief));
    sm_finding *f;
    if (full->note.n) {
        f = sm_find_slice(c, rule, full->line, sm_str_sub(text, full->end, full->after));
        sm_propose(f, sm_strf(c->a, "（%.*s，%.*s）", SM_ARG(full->note), SM_ARG(kind)));
    } else {
        f = sm_find_slice(c, rule, full->line, full->whole);
        sm_propose(f, sm_strf(c->a, "%.*s（%.*s）", SM_ARG(full->whole), SM_ARG(kind)));
    }
    f->confidence = .75;
    sm_because(c, f, "后文用了简称《%.*s》，首次出现时应当注明", SM_ARG(brief));
}

static void check_brief(sm_check *c, const sm_rule *rule)
{
    sm_cited *all;
    size_t n = sm_cited_of(c, &all);
    for (size_t i = 0; i < n; i++) {
        const sm_cited *t = &all[i], *full = only_full(all, n, t->title);
        if (!is_prose(t->line) || t->is_brief || !is_kind(t->title) || sm_cited_named(all, i) ||
            sm_str_ends(sm_str_sub(t->line->text, 0, t->at), SM_STR("称")) ||
            named_before(all, i, t->title))
            continue;
        if (full && full < t && is_prose(full->line) && !full->brief.n) {
            add_brief(c, rule, full, t->title);
            continue;
        }
        sm_finding *f = sm_find_slice(c, rule, t->line, t->whole);
        f->confidence = .75;
        for (size_t k = i + 1; k < n && !full; k++)
            full = sm_str_eq(all[k].brief, t->title) ? &all[k] : NULL;
        if (full)
            sm_propose(f, full->whole);
    }
}

static void check_full(sm_check *c, const sm_rule *rule)
{
    sm_cited *all;
    size_t n = sm_cited_of(c, &all);
    for (size_t i = 0; i < n; i++) {
        const sm_cited *t = &all[i];
        if (!is_prose(t->line) || t->line->role == SM_ROLE_CELL || t->brief.n)
            continue;
        for (size_t k = 0; k < i; k++) {
            bool quoted = sm_str_has(all[k].note, sm_strf(c->a, "《%.*s》", SM_ARG(all[k].brief)));
            if (!all[k].brief.n || !quoted || !sm_str_eq(all[k].title, t->title) ||
                all[k].line->doc != t->line->doc)
                continue;
            sm_finding *f = sm_find_slice(c, rule, t->line, t->whole);
            sm_propose(f, sm_strf(c->a, "《%.*s》", SM_ARG(all[k].brief)));
            f->confidence = .8;
            break;
        }
    }
}

/* ------------------------------------------------------------------- J06 */

enum { LEAST_QUOTE = 12, ANCHOR = 4, MAX_QUOTES = 300 };

/* A passage of the line that begins and ends as the quotation does and differs a little. */
static bool nearly_in(sm_str line, sm_str quote, sm_str *passage)
{
    sm_str first = sm_utf8_head(quote, ANCHOR), last = tail(quote, ANCHOR);
    int most = (int)(sm_utf8_count(quote) / 6) + 1;
    for (size_t at = 0; (at = sm_str_find(line, first, at)) != SIZE_MAX; at += 3)
        for (size_t end = at; (end = sm_str_find(line, last, end)) != SIZE_MAX; end += 3) {
            sm_str s = sm_str_sub(line, at, end + last.n);
            if (s.n > quote.n + 3 * (size_t)most)
                break;
            int d = sm_title_distance(s, quote, most);
            if (d > 0 && d <= most) {
                *passage = s;
                return true;
            }
        }
    return false;
}

static void check_quote(sm_check *c, const sm_rule *rule, const sm_line *line, sm_str quote)
{
    sm_str passage = { 0 };
    const sm_outline *o = c->o;
    for (size_t i = 0; i < o->n; i++)
        if (o->line[i].doc != line->doc && sm_str_has(o->line[i].text, quote))
            return;
    for (size_t i = 0; i < o->n && !passage.n; i++)
        if (o->line[i].doc != line->doc)
            nearly_in(o->line[i].text, quote, &passage);
    if (!passage.n)
        return;
    sm_finding *f = sm_find_slice(c, rule, line, quote);
    sm_propose(f, passage);
    f->confidence = .85;
    sm_because(c, f, "原文是“%.*s”", SM_ARG(passage));
}

static void check_quotes(sm_check *c, const sm_rule *rule)
{
    size_t n = 0;
    for (size_t i = 0; i < c->o->n; i++) {
        const sm_line *line = &c->o->line[i];
        sm_str s = line->text;
        for (size_t at = 0; is_prose(line) && (at = sm_str_find(s, SM_STR("“"), at)) != SIZE_MAX;
             at += 3) {
            size_t end = sm_str_find(s, SM_STR("”"), at);
            if (end == SIZE_MAX)
                break;
            sm_str quote = sm_str_sub(s, at + 3, end);
            if (sm_utf8_count(quote) >= LEAST_QUOTE && n++ < MAX_QUOTES)
                check_quote(c, rule, line, quote);
        }
    }
}

const sm_checker sm_checkers_cited[] = { { "laws", check_laws },
                                         { "law-names", check_law_names },
                                         { "cited-numbers", check_numbers },
                                         { "authorities", check_order },
                                         { "cited-documents", check_documents },
                                         { "brief-names", check_brief },
                                         { "full-names", check_full },
                                         { "quotations", check_quotes },
                                         { NULL, NULL } };
