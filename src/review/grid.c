#include "review/grid.h"

#include <math.h>
#include <string.h>

enum { MAX_COLS = 30, MAX_ROWS = 2000, MAX_RELATED = 12, AROUND = 600 };

/* ------------------------------------------------------------------- grids */

static void read_cell(sm_cell *cell, const sm_line *line, sm_str text)
{
    *cell = (sm_cell){ .line = line, .text = sm_str_trim(text) };
    size_t n = sm_number_read(cell->text, &cell->number);
    sm_str rest = sm_str_sub(cell->text, n, cell->text.n);
    cell->percent = sm_str_eq(rest, SM_STR("%")) || sm_str_eq(rest, SM_STR("％"));
    sm_str first = rest;
    bool unit = rest.n && rest.n <= 9 && sm_is_han(sm_utf8_next(&first)) &&
                !sm_str_starts(rest, SM_STR("年")) && !sm_str_starts(rest, SM_STR("月")) &&
                !sm_str_starts(rest, SM_STR("日")) && !sm_str_starts(rest, SM_STR("至"));
    cell->has = n && (!rest.n || cell->percent || unit);
}

/* Lines i … end are one table of the layout. */
static void grid_of_cells(sm_check *c, size_t i, size_t end, sm_grid *g)
{
    const sm_line *line = c->o->line;
    int rows = 0, cols = 0;
    for (size_t k = i; k < end; k++) {
        rows = SM_MAX(rows, line[k].par->row + 1);
        cols = SM_MAX(cols, line[k].par->col + 1);
    }
    if (rows > MAX_ROWS || cols > MAX_COLS)
        return;
    *g = (sm_grid){ .n_rows = (size_t)rows, .n_cols = (size_t)cols };
    g->cell = SM_NEWS(c->a, sm_cell, g->n_rows * g->n_cols);
    for (size_t k = i; k < end; k++)
        if (line[k].par->row >= 0 && line[k].par->col >= 0) {
            sm_cell *cell =
                &g->cell[(size_t)line[k].par->row * g->n_cols + (size_t)line[k].par->col];
            if (!cell->line)
                read_cell(cell, &line[k], line[k].text);
        }
}

/* Lines i … end are rows of pasted text, their cells parted by tabs. */
static void grid_of_tabs(sm_check *c, size_t i, size_t end, sm_grid *g)
{
    size_t cols = 0;
    for (size_t k = i; k < end; k++) {
        size_t n = 1;
        for (size_t b = 0; b < c->o->line[k].text.n; b++)
            n += c->o->line[k].text.p[b] == '\t';
        cols = SM_MAX(cols, n);
    }
    if (end - i > MAX_ROWS || cols > MAX_COLS)
        return;
    *g = (sm_grid){ .n_rows = end - i, .n_cols = cols };
    g->cell = SM_NEWS(c->a, sm_cell, g->n_rows * cols);
    for (size_t k = i; k < end; k++) {
        sm_str rest = c->o->line[k].text, part;
        for (size_t col = 0; sm_str_cut(&rest, '\t', &part); col++)
            read_cell(&g->cell[(k - i) * cols + col], &c->o->line[k], part);
    }
}

size_t sm_tables_of(sm_check *c, sm_grid **out)
{
    const sm_outline *o = c->o;
    sm_grid *all = NULL;
    size_t n = 0, cap = 0;
    for (size_t i = 0, end; i < o->n; i = end) {
        int table = o->line[i].par->table;
        bool cells = o->line[i].par->place == SM_PAR_CELL && table >= 0;
        for (end = i + 1; end < o->n; end++)
            if (cells ? o->line[end].par->table != table
                      : o->line[end].par->table >= 0 || o->line[end].role != SM_ROLE_CELL)
                break;
        if (!cells && o->line[i].role != SM_ROLE_CELL) {
            end = i + 1;
            continue;
        }
        SM_GROW(c->a, all, n, cap);
        all[n] = (sm_grid){ 0 };
        if (cells)
            grid_of_cells(c, i, end, &all[n]);
        else
            grid_of_tabs(c, i, end, &all[n]);
        n += all[n].n_rows > 0;
    }
    *out = all;
    return n;
}

/* 合 计 is written with blanks between, too. */
static sm_str without_blanks(sm_str s, char *to, size_t max)
{
    size_t n = 0;
    while (s.n && n < max) {
        if (s.p[0] == ' ')
            s = sm_str_sub(s, 1, s.n);
        else if (sm_str_starts(s, SM_STR("　")))
            s = sm_str_sub(s, 3, s.n);
        else {
            to[n++] = s.p[0];
            s = sm_str_sub(s, 1, s.n);
        }
    }
    return (sm_str){ to, n };
}

static bool is_one_of(sm_str s, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (sm_str_eq(s, sm_str_of(words[i])))
            return true;
    return false;
}

bool sm_is_total_label(sm_str s)
{
    static const char *const labels[] = { "合计", "总计", "共计", "总和" };
    char plain[24];
    if (s.n > sizeof(plain))
        return false;
    return is_one_of(without_blanks(s, plain, sizeof(plain)), labels, SM_LEN(labels));
}

static bool is_subtotal_label(sm_str s)
{
    char plain[24];
    return s.n <= sizeof(plain) &&
           sm_str_eq(without_blanks(s, plain, sizeof(plain)), SM_STR("小计"));
}

/* ----------------------------------------------------------------- columns */

typedef enum row_kind { ROW_HEAD, ROW_PART, ROW_SUB, ROW_TOTAL } row_kind;

typedef struct sheet {
    sm_check *c;
    const sm_rule *rule;
    const sm_grid *g;
    row_kind *kind;
    size_t total; /* its row; n_rows: none, or more than one */
    bool *summed; /* of each column: numbers that add up */
    double *off;  /* of each column: what the total has too much */
} sheet;

static row_kind kind_of(const sm_grid *g, size_t row)
{
    bool number = false;
    for (size_t k = 0; k < g->n_cols; k++) {
        const sm_cell *cell = sm_grid_at(g, row, k);
        if (k < 2 && cell->text.n && sm_is_total_label(cell->text))
            return ROW_TOTAL;
        if (k < 3 && cell->text.n && is_subtotal_label(cell->text))
            return ROW_SUB;
        number |= cell->has;
    }
    return number && row > 0 ? ROW_PART : ROW_HEAD;
}

static sm_str heading(const sm_grid *g, size_t col)
{
    return sm_grid_at(g, 0, col)->text;
}

static bool adds_up(const sm_grid *g, size_t col)
{
    static const char *const others[] = { "率",   "均",   "单价", "标准", "序号", "编号", "年龄",
                                          "比例", "排名", "名次", "得分", "指数", "年份", "面积比",
                                          "电话", "日期", "时间", "期限", "增长", "增幅", "同比" };
    return !sm_str_has_any(heading(g, col), others, SM_LEN(others));
}

static double slack(const sm_grid *g, size_t col)
{
    int decimals = 0;
    size_t n = 0;
    for (size_t r = 0; r < g->n_rows; r++)
        if (sm_grid_at(g, r, col)->has) {
            decimals = SM_MAX(decimals, sm_grid_at(g, r, col)->number.decimals);
            n++;
        }
    bool percent = g->n_rows && sm_grid_at(g, g->n_rows - 1, col)->percent;
    return percent ? (double)n * sm_ten_to(-decimals) / 2 : sm_ten_to(-decimals) * .51;
}

/* Sum of a column's parts; false where a cell of it is no number. */
static bool sum_column(const sheet *s, size_t col, double *sum, size_t *n)
{
    *sum = 0;
    *n = 0;
    for (size_t r = 0; r < s->g->n_rows; r++) {
        const sm_cell *cell = sm_grid_at(s->g, r, col);
        if (s->kind[r] != ROW_PART)
            continue;
        if (!cell->has) {
            sm_str t = cell->text;
            if (t.n && !sm_str_eq(t, SM_STR("—")) && !sm_str_eq(t, SM_STR("-")) &&
                !sm_str_eq(t, SM_STR("——")) && !sm_str_eq(t, SM_STR("/")))
                return false;
            continue;
        }
        *sum += cell->number.value;
        ++*n;
    }
    return true;
}

/* Of shares only where they come to 100. */
static void add_columns(sheet *s)
{
    const sm_grid *g = s->g;
    for (size_t k = 1; k < g->n_cols && s->total < g->n_rows; k++) {
        const sm_cell *total = sm_grid_at(g, s->total, k);
        double sum;
        size_t n;
        bool shares = total->percent && fabs(total->number.value - 100) < 1e-9;
        if (!total->has || !sum_column(s, k, &sum, &n) || n < 2 ||
            (total->percent ? !shares : !adds_up(g, k)) ||
            fabs(sum - total->number.value) > .5 * total->number.value + 1e-9)
            continue;
        s->summed[k] = true;
        double off = total->number.value - sum;
        s->off[k] = fabs(off) > (shares ? slack(g, k) * 1.5 : slack(g, k)) ? off : 0;
    }
}

/* -------------------------------------------------------------------- rows */

static bool is_total_heading(sm_str s)
{
    static const char *const begins[] = { "合计", "总计", "小计", "共计", "总数", "合 计" };
    return sm_str_starts_any(s, begins, SM_LEN(begins));
}

/* What the row's other numbers come to; false: it has fewer than two. */
static bool sum_row(const sm_grid *g, size_t row, size_t total, double *sum)
{
    size_t n = 0;
    *sum = 0;
    for (size_t k = 1; k < g->n_cols; k++) {
        const sm_cell *cell = sm_grid_at(g, row, k);
        if (k == total || !cell->has || !adds_up(g, k))
            continue;
        if (cell->percent || is_total_heading(heading(g, k)))
            return false;
        *sum += cell->number.value;
        n++;
    }
    return n >= 2;
}

static double half_of(const sm_cell *cell)
{
    return sm_ten_to(-cell->number.decimals) * .51;
}

static sm_finding *report_cell(const sheet *s, size_t row, size_t col, double right)
{
    const sm_cell *cell = sm_grid_at(s->g, row, col);
    sm_finding *f = sm_find_slice(s->c, s->rule, cell->line, cell->number.text);
    f->confidence = .85;
    if (right >= 0)
        sm_propose(f, sm_number_like(s->c->a, &cell->number, right));
    return f;
}

/* A cell where a wrong row and a wrong column meet by the same difference; false: there is none. */
static bool meet(sheet *s, size_t row, size_t total, double off)
{
    const sm_grid *g = s->g;
    for (size_t k = 1; k < g->n_cols && s->kind[row] == ROW_PART; k++) {
        double by = k == total ? -off : off; /* what the cell lacks */
        const sm_cell *cell = sm_grid_at(g, row, k);
        if (!s->summed[k] || s->off[k] == 0 || !cell->has || fabs(s->off[k] - by) > half_of(cell))
            continue;
        sm_finding *f = report_cell(s, row, k, cell->number.value + by);
        f->confidence = .95;
        sm_because(s->c, f, "这一格与本行、本列的合计都不相符");
        s->off[k] = 0;
        return true;
    }
    return false;
}

static void check_rows(sheet *s, size_t total)
{
    const sm_grid *g = s->g;
    size_t n = 0, good = 0;
    double sum;
    for (size_t r = 1; r < g->n_rows; r++) {
        const sm_cell *cell = sm_grid_at(g, r, total);
        if (!cell->has || !sum_row(g, r, total, &sum))
            continue;
        n++;
        good += fabs(sum - cell->number.value) <= half_of(cell);
    }
    if (good * 2 < n || good == n)
        return;
    for (size_t r = 1; r < g->n_rows; r++) {
        const sm_cell *cell = sm_grid_at(g, r, total);
        if (!cell->has || !sum_row(g, r, total, &sum))
            continue;
        double off = cell->number.value - sum;
        if (fabs(off) <= half_of(cell) || meet(s, r, total, off))
            continue;
        sm_finding *f = report_cell(s, r, total, sum);
        sm_str told = sm_number_like(s->c->a, &cell->number, sum);
        sm_because(s->c, f, "本行各项之和是%.*s", SM_ARG(told));
        if (s->kind[r] == ROW_TOTAL)
            s->off[total] = 0;
    }
}

/* ----------------------------------------------------------------- reports */

static bool said_in_text(const sm_check *c, const sm_cell *cell)
{
    sm_str n = cell->number.text;
    size_t here = (size_t)(cell->line - c->o->line), from = here > AROUND ? here - AROUND : 0;
    for (size_t i = from; i < SM_MIN(here + AROUND, c->o->n); i++) {
        const sm_line *l = &c->o->line[i];
        if (l->role == SM_ROLE_CELL)
            continue;
        for (size_t at = sm_str_find(l->text, n, 0); at != SIZE_MAX;
             at = sm_str_find(l->text, n, at + 1)) {
            char before = at ? l->text.p[at - 1] : 0,
                 after = at + n.n < l->text.n ? l->text.p[at + n.n] : 0;
            if (!(before >= '0' && before <= '9') && before != '.' &&
                !(after >= '0' && after <= '9') && after != '.')
                return true;
        }
    }
    return false;
}

/* The total, unless the text has it as well; else the row that the fewest slips explain. */
static void report_column(const sheet *s, size_t col)
{
    const sm_grid *g = s->g;
    sm_check *c = s->c;
    const sm_cell *total = sm_grid_at(g, s->total, col);
    double sum = total->number.value - s->off[col];
    sm_str told = sm_number_like(c->a, &total->number, sum);
    bool sure = said_in_text(c, total);
    int best = sure ? 3 : sm_number_distance(total->number.text, told);
    size_t row = s->total, ties = 0;
    for (size_t r = 0; r < g->n_rows; r++) {
        const sm_cell *cell = sm_grid_at(g, r, col);
        double should = cell->number.value + s->off[col];
        if (s->kind[r] != ROW_PART || !cell->has || should < 0 || said_in_text(c, cell))
            continue;
        int d = sm_number_distance(cell->number.text, sm_number_like(c->a, &cell->number, should));
        ties = d == best && row != s->total ? ties + 1 : d < best ? 0 : ties;
        if (d < best) {
            best = d;
            row = r;
        }
    }
    bool guess = row != s->total && !ties;
    sm_finding *f = report_cell(s, guess ? row : s->total, col,
                                guess  ? sm_grid_at(g, row, col)->number.value + s->off[col]
                                : sure ? -1
                                       : sum);
    sm_because(c, f, "本列各行之和是%.*s，合计写的是%.*s", SM_ARG(told),
               SM_ARG(total->number.text));
}

static void check_subtotals(sheet *s, size_t col)
{
    const sm_grid *g = s->g;
    double sum = 0;
    size_t n = 0;
    for (size_t r = 0; r < g->n_rows; r++) {
        const sm_cell *cell = sm_grid_at(g, r, col);
        if (s->kind[r] == ROW_PART && cell->has) {
            sum += cell->number.value;
            n++;
        } else if (s->kind[r] == ROW_SUB) {
            if (n > 1 && cell->has && !cell->percent && adds_up(g, col) &&
                fabs(sum - cell->number.value) > slack(g, col) &&
                fabs(sum - cell->number.value) < .5 * sum) {
                sm_finding *f = report_cell(s, r, col, sum);
                sm_because(s->c, f, "以上各行之和是%.*s",
                           SM_ARG(sm_number_like(s->c->a, &cell->number, sum)));
            }
            sum = 0;
            n = 0;
        }
    }
}

/* --------------------------------------------------------------- relations */

static bool is_share_of(const sm_cell *part, const sm_cell *whole, const sm_cell *p)
{
    double half = sm_ten_to(-p->number.decimals) * .51;
    return whole->number.value > 0 &&
           fabs(100 * part->number.value / whole->number.value - p->number.value) <= half;
}

/* A column of shares that are one column's of another in every row but one. */
static void check_rates(const sheet *s, size_t p)
{
    const sm_grid *g = s->g;
    for (size_t a = 1; a < g->n_cols; a++)
        for (size_t b = 1; b < g->n_cols; b++) {
            size_t n = 0, good = 0, bad = 0;
            for (size_t r = 1; r < g->n_rows && a != b && a != p && b != p; r++) {
                const sm_cell *x = sm_grid_at(g, r, a), *y = sm_grid_at(g, r, b),
                              *z = sm_grid_at(g, r, p);
                if (!x->has || !y->has || !z->percent || x->percent || y->percent)
                    continue;
                n++;
                if (is_share_of(x, y, z))
                    good++;
                else
                    bad = r;
            }
            if (n < 4 || good + 1 != n)
                continue;
            double is =
                100 * sm_grid_at(g, bad, a)->number.value / sm_grid_at(g, bad, b)->number.value;
            double unit = sm_ten_to(sm_grid_at(g, bad, p)->number.decimals);
            sm_finding *f = report_cell(s, bad, p, round(is * unit) / unit);
            sm_because(s->c, f, "本行算得%.*s%%",
                       SM_ARG(sm_number_like(s->c->a, &sm_grid_at(g, bad, p)->number,
                                             round(is * unit) / unit)));
            return;
        }
}

/* A column that is the sum of two others in every row but one: 完成 + 未完成 = 发现. */
static bool check_triple(sheet *s, size_t a, size_t b, size_t t)
{
    const sm_grid *g = s->g;
    size_t n = 0, good = 0, bad = 0;
    for (size_t r = 1; r < g->n_rows; r++) {
        const sm_cell *x = sm_grid_at(g, r, a), *y = sm_grid_at(g, r, b), *z = sm_grid_at(g, r, t);
        if (!x->has || !y->has || !z->has || x->percent || y->percent || z->percent)
            continue;
        n++;
        if (fabs(x->number.value + y->number.value - z->number.value) <= half_of(z))
            good++;
        else
            bad = r;
    }
    if (n < 4 || good + 1 != n)
        return false;
    double off = sm_grid_at(g, bad, t)->number.value - sm_grid_at(g, bad, a)->number.value -
                 sm_grid_at(g, bad, b)->number.value;
    if (meet(s, bad, t, off))
        return true;
    sm_finding *f = report_cell(s, bad, t, sm_grid_at(g, bad, t)->number.value - off);
    sm_because(s->c, f, "本行两项之和是%.*s",
               SM_ARG(sm_number_like(s->c->a, &sm_grid_at(g, bad, t)->number,
                                     sm_grid_at(g, bad, t)->number.value - off)));
    return true;
}

static void check_relations(sheet *s)
{
    const sm_grid *g = s->g;
    if (g->n_cols > MAX_RELATED)
        return;
    for (size_t t = 1; t < g->n_cols; t++) {
        if (is_total_heading(heading(g, t)))
            continue;
        for (size_t a = 1; a < g->n_cols; a++)
            for (size_t b = a + 1; b < g->n_cols; b++)
                if (t != a && t != b && check_triple(s, a, b, t))
                    return;
    }
}

static void check_grid(sm_check *c, const sm_rule *rule, const sm_grid *g)
{
    sheet s = { .c = c, .rule = rule, .g = g, .total = g->n_rows };
    s.kind = SM_NEWS(c->a, row_kind, g->n_rows);
    s.summed = SM_NEWS(c->a, bool, g->n_cols);
    s.off = SM_NEWS(c->a, double, g->n_cols);
    size_t totals = 0, subs = 0;
    for (size_t r = 0; r < g->n_rows; r++) {
        s.kind[r] = kind_of(g, r);
        totals += s.kind[r] == ROW_TOTAL;
        subs += s.kind[r] == ROW_SUB;
        if (s.kind[r] == ROW_TOTAL)
            s.total = r;
    }
    if (totals > 1)
        s.total = g->n_rows;
    add_columns(&s);
    for (size_t k = 1; k < g->n_cols; k++)
        if (is_total_heading(heading(g, k)))
            check_rows(&s, k);
    check_relations(&s);
    for (size_t k = 1; k < g->n_cols; k++) {
        if (s.off[k] != 0)
            report_column(&s, k);
        if (subs)
            check_subtotals(&s, k);
        if (g->n_cols <= MAX_RELATED)
            check_rates(&s, k);
    }
}

void sm_grids_check(sm_check *c, const sm_rule *rule)
{
    sm_grid *g;
    size_t n = sm_tables_of(c, &g);
    for (size_t i = 0; i < n; i++)
        if (g[i].n_rows > 2 && g[i].n_cols > 1)
            check_grid(c, rule, &g[i]);
}
