/*
 * Rule F08: totals of the text, of lists and of tables, held against what is there.
 */
#include <stdlib.h>
#include <string.h>

#include "review/structure.h"

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

/* A numbered table that goes on on the next page is another one there. */
static bool goes_on(const sm_outline *o, const table *t)
{
    int64_t v;
    return t->counted && t->end > t->from && row_begins(o, t->end) &&
           o->line[t->end].par->page > o->line[t->end - 1].par->page &&
           sm_str_to_int(o->line[t->end].text, &v) && v == (int64_t)t->rows + 1;
}

/* The table that begins at i, a cell. */
static table read_table(const sm_outline *o, size_t i)
{
    table t = { .from = i, .end = i };
    int number = o->line[i].par->table;
    t.counted = sm_str_eq(o->line[i].text, SM_STR("序号"));
    for (; t.end < o->n && o->line[t.end].role == SM_ROLE_CELL; t.end++) {
        bool same = o->line[t.end].par->table == number, more = !same && goes_on(o, &t);
        if (!same && !more)
            break;
        number = o->line[t.end].par->table;
        if (!row_begins(o, t.end) || (o->line[t.end].par->row == 0 && !more))
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
