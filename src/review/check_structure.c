/*
 * Group E, the order of what is numbered, and the table of groups E, F and G.
 *
 * All rules see the same items: the numbered lines of a document with the level they should have,
 * which is not always the one they are written as: one "1." among "（二）" and "（三）" is
 * "（一）".
 */
#include "review/structure.h"

#include <string.h>

#include "review/parts.h"

enum {
    CHAPTER = 0,
    TOP = 1,
    DEEPEST = 4,
    MAX_COUNT = 99,
    MAX_JUMP = 10,
    SPAN = 1000,     /* items that are looked at around one; further away nothing is told */
    SPAN_PARS = 60,  /* paragraphs below one that promises a list */
    SPAN_BYTES = 600 /* of a clause */
};

typedef struct item {
    const sm_line *line;
    size_t at; /* of the line in the outline */
    int level; /* as it is written */
    int want;  /* as it should be */
    int64_t value;
    int64_t right; /* the value, where `want` changes it, too */
    bool article;  /* 第…条, 第…章 */
    double sure;   /* that `want` is right */
} item;

typedef struct items {
    item *i;
    size_t n, cap;
} items;

/* ----------------------------------------------------------------- figures */

size_t sm_figure_at(sm_str s, int64_t *value, bool *han)
{
    static const char digits[] = "一二三四五六七八九十";
    size_t n = 0;
    while (n < s.n && n < 4 && s.p[n] >= '0' && s.p[n] <= '9')
        n++;
    *han = n == 0;
    while (*han && n + 3 <= s.n && n < 9 && sm_str_has(sm_str_of(digits), sm_str_sub(s, n, n + 3)))
        n += 3;
    *value = n ? sm_text_integer(sm_str_sub(s, 0, n)) : -1;
    return *value < 0 ? 0 : n;
}

sm_str sm_figure_han(sm_arena *a, int64_t n)
{
    static const char *const digits[] = {
        "", "一", "二", "三", "四", "五", "六", "七", "八", "九"
    };
    if (n < 1 || n > MAX_COUNT)
        return (sm_str){ 0 };
    return sm_strf(a, "%s%s%s", n >= 20 ? digits[n / 10] : "", n >= 10 ? "十" : "", digits[n % 10]);
}

bool sm_line_in_body(const sm_line *l)
{
    return l->role == SM_ROLE_TEXT || (l->role >= SM_ROLE_H1 && l->role <= SM_ROLE_H4);
}

/* ------------------------------------------------------------------- items */

static int64_t label_value(sm_str label)
{
    int64_t v = -1;
    bool han;
    for (size_t at = 0; at < label.n; at++)
        if (sm_figure_at(sm_str_sub(label, at, label.n), &v, &han))
            return v;
    return -1;
}

static sm_str label_of(sm_arena *a, int level, int64_t value)
{
    sm_str han = sm_figure_han(a, value);
    if (level == 1)
        return sm_strf(a, "%.*s、", SM_ARG(han));
    if (level == 2)
        return sm_strf(a, "（%.*s）", SM_ARG(han));
    return sm_strf(a, level == 3 ? "%d." : "（%d）", (int)value);
}

/* "第一百零五条" and its like are read whole. */
static int64_t article_value(sm_str label)
{
    return label.n > 6 ? sm_text_integer(sm_str_sub(label, 3, label.n - 3)) : -1;
}

static bool statute_label(sm_str label, int *level)
{
    *level = sm_part_is_article(label) ? TOP : CHAPTER;
    return sm_part_is_article(label) || sm_str_ends(label, SM_STR("章"));
}

static void add_item(sm_check *c, items *all, size_t at)
{
    const sm_line *l = &c->o->line[at];
    int level = sm_part_level(l->label);
    bool article = level == 0 && statute_label(l->label, &level);
    int64_t value = article ? article_value(l->label) : label_value(l->label);
    if (value < 1 || value > 999 || (!article && (level == 0 || value > MAX_COUNT)))
        return;
    SM_GROW(c->a, all->i, all->n, all->cap);
    all->i[all->n++] = (item){ .line = l,
                               .at = at,
                               .level = level,
                               .want = level,
                               .value = value,
                               .right = value,
                               .article = article,
                               .sure = .9 };
}

/* The nearest item of a level before (step −1) or after i, none of a higher one between; NULL. */
static const item *beside(const items *all, size_t i, int level, int step)
{
    int own = all->i[i].level;
    size_t k = i;
    for (int seen = 0; seen < SPAN; seen++) {
        if (step < 0 ? k == 0 : k + 1 == all->n)
            return NULL;
        k = step < 0 ? k - 1 : k + 1;
        const item *it = &all->i[k];
        if (it->line->doc != all->i[i].line->doc)
            return NULL;
        if (it->level == level)
            return it;
        if (it->level < level && (it->level < own || level > own))
            return NULL;
    }
    return NULL;
}

/* Numbers of a level may go on through the sections. */
static bool goes_on_from(const items *all, size_t i)
{
    size_t k = i, end = i > SPAN ? i - SPAN : 0;
    while (k-- > end && all->i[k].line->doc == all->i[i].line->doc)
        if (all->i[k].level == all->i[i].level)
            return all->i[k].value == all->i[i].value - 1;
    return false;
}

/* Written as of another level: it breaks its own order and fills a gap of the other's. */
static bool belongs_to(const items *all, size_t i, int level)
{
    const item *it = &all->i[i];
    const item *prev = beside(all, i, level, -1), *next = beside(all, i, level, 1),
               *own = beside(all, i, it->level, -1);
    int64_t before = prev ? prev->value : 0;
    if (goes_on_from(all, i) || before != it->value - 1 || (next && next->value != it->value + 1))
        return false;
    if (it->value == 1)
        return next && !prev && (level < it->level ? !own : own != NULL);
    return (next || level < it->level) && (own ? own->value : 0) != it->value - 1;
}

static void find_strays(items *all)
{
    for (size_t i = 0; i < all->n; i++)
        for (int level = TOP; level <= 3; level++)
            if (!all->i[i].article && level != all->i[i].level && belongs_to(all, i, level)) {
                all->i[i].want = level;
                break;
            }
}

static sm_str font_of(const sm_line *l)
{
    return l->par->n_runs ? l->par->run[0].font : (sm_str){ 0 };
}

/* Set or worded as the sections before it: 四、关于资金, then 1. 关于管护. */
static bool looks_like(const sm_check *c, const item *it, const item *top)
{
    sm_str about = SM_STR("关于"), font = font_of(it->line);
    size_t next = it->at + 1;
    while (next < c->o->n && !c->o->line[next].text.n)
        next++;
    if (sm_str_starts(it->line->rest, about) && sm_str_starts(top->line->rest, about))
        return true;
    return font.n && sm_str_eq(font, font_of(top->line)) && next < c->o->n &&
           !sm_str_eq(font, font_of(&c->o->line[next]));
}

/* One that stands alone under 一、 and looks like it is the next section. */
static void find_lone(const sm_check *c, items *all)
{
    for (size_t i = 1; i < all->n; i++) {
        item *it = &all->i[i];
        const item *top = beside(all, i, TOP, -1);
        bool alone = !beside(all, i, it->level, 1) && !beside(all, i, it->level, -1);
        if (it->article || it->want == TOP || it->value != 1 || !top || top->article || !alone ||
            top != &all->i[i - 1] || !looks_like(c, it, top))
            continue;
        const item *next = beside(all, i, TOP, 1);
        if (next && next->value != top->value + 2)
            continue;
        it->want = TOP;
        it->right = top->value + 1;
    }
}

static const item *parent_of(const items *all, size_t i)
{
    size_t k = i, end = i > SPAN ? i - SPAN : 0;
    while (k-- > end && all->i[k].line->doc == all->i[i].line->doc)
        if (all->i[k].want < all->i[i].want)
            return &all->i[k];
    return NULL;
}

static bool in_statute(const items *all, size_t i)
{
    size_t k = i, end = i > SPAN ? i - SPAN : 0;
    while (k-- > end && all->i[k].line->doc == all->i[i].line->doc)
        if (all->i[k].article)
            return true;
    return false;
}

static bool uses_second(const items *all, int doc)
{
    for (size_t i = 0; i < all->n; i++)
        if (all->i[i].line->doc == doc && all->i[i].want == 2)
            return true;
    return false;
}

/* 一、 1. （一）（二） 2.: second and third are changed for each other, up to the next 一、. */
static void change_for_each_other(items *all, size_t from, size_t end)
{
    for (size_t i = from; i < end; i++)
        if (all->i[i].want == 2 || all->i[i].want == 3)
            all->i[i].want = 5 - all->i[i].want;
}

/* The items of 一、 that begin with 1.: which level they should have. */
static void settle_third(items *all, size_t i)
{
    size_t end = i, second = all->n;
    for (; end < all->n && all->i[end].want > TOP; end++)
        if (all->i[end].want == 2 && second == all->n)
            second = end;
    if (second < end && all->i[second].value == 1) {
        change_for_each_other(all, i, end);
        return;
    }
    if (second == all->n && !uses_second(all, all->i[i].line->doc))
        return; /* two levels only: 一、 and 1. will do */
    for (size_t k = i; k < SM_MIN(second, end); k++)
        if (all->i[k].want == 3) {
            all->i[k].want = 2;
            all->i[k].sure = second < end ? .9 : .7;
        }
}

static void settle_levels(items *all)
{
    for (size_t i = 0; i < all->n; i++) {
        item *it = &all->i[i];
        const item *over = parent_of(all, i);
        if (it->article || !over || over->article || over->want < TOP)
            continue;
        if (it->want == 3 && over->want == TOP && it->value == 1)
            settle_third(all, i);
        else if (it->want == 4 && over->want < 3)
            it->want = over->want + 1;
    }
}

static items read_items(sm_check *c)
{
    items all = { 0 };
    for (size_t i = 0; i < c->o->n; i++)
        if (sm_line_in_body(&c->o->line[i]) && c->o->line[i].label.n)
            add_item(c, &all, i);
    find_strays(&all);
    find_lone(c, &all);
    settle_levels(&all);
    return all;
}

/* --------------------------------------------------------------------- E01 */

static void run_levels(sm_check *c, const sm_rule *rule)
{
    items all = read_items(c);
    for (size_t i = 0; i < all.n; i++) {
        const item *it = &all.i[i];
        if (it->want == it->level)
            continue;
        sm_finding *f = sm_find_slice(c, rule, it->line, it->line->label);
        sm_str right = label_of(c->a, it->want, it->right);
        sm_propose(f, right);
        f->confidence = it->sure;
        sm_because(c, f, "层次序数依次为“一、”“（一）”“1.”“（1）”，此处应为“%.*s”", SM_ARG(right));
    }
}

/* --------------------------------------------------------------------- E02 */

typedef struct counter {
    int64_t last;
    bool fresh; /* its parent has just begun */
} counter;

static const item *next_of_level(const items *all, size_t i)
{
    size_t end = SM_MIN(all->n, i + SPAN);
    for (size_t k = i + 1; k < end && all->i[k].line->doc == all->i[i].line->doc; k++) {
        if (all->i[k].want == all->i[i].want)
            return &all->i[k];
        if (all->i[k].want < all->i[i].want)
            return NULL;
    }
    return NULL;
}

/* What stands there is as it should be; else *expected is what should. */
static bool in_order(const items *all, size_t i, const counter *n, int64_t *expected)
{
    const item *it = &all->i[i];
    *expected = n->last + 1;
    if (it->right == *expected)
        return true;
    if (n->fresh && n->last && it->right == 1)
        return true; /* numbers may go on through the sections, or begin anew */
    if (n->fresh)
        *expected = 1;
    const item *next = next_of_level(all, i);
    if (it->right == 1 && next && next->right == 2)
        return true; /* another list */
    return it->right > *expected + MAX_JUMP || *expected > MAX_COUNT;
}

/* Of the articles of a statute one may be missing: those behind it are not all numbered wrong. */
static bool left_out(const items *all, size_t i, int64_t expected)
{
    const item *it = &all->i[i], *next = next_of_level(all, i);
    return it->article && it->right > expected && next && next->right == it->right + 1;
}

static sm_str right_label(sm_check *c, const item *it, int64_t value)
{
    if (!it->article)
        return label_of(c->a, it->want, value);
    sm_str han = sm_figure_han(c->a, value);
    sm_str unit = sm_str_sub(it->line->label, it->line->label.n - 3, it->line->label.n);
    return sm_strf(c->a, "第%.*s%.*s", SM_ARG(han), SM_ARG(unit));
}

static void out_of_order(sm_check *c, const sm_rule *rule, const item *it, int64_t expected,
                         bool left_out)
{
    sm_finding *f = sm_find_slice(c, rule, it->line, it->line->label);
    sm_str right = right_label(c, it, expected);
    if (!left_out)
        sm_propose(f, right);
    sm_because(c, f, "序号%s，此处应为“%.*s”", it->right < expected ? "重复" : "不连续",
               SM_ARG(right));
}

static void run_sequence(sm_check *c, const sm_rule *rule)
{
    items all = read_items(c);
    counter n[DEEPEST + 1] = { 0 };
    int doc = -1;
    for (size_t i = 0; i < all.n; i++) {
        const item *it = &all.i[i];
        int64_t expected;
        if (it->line->doc != doc) {
            memset(n, 0, sizeof(n));
            n[0].fresh = n[1].fresh = n[2].fresh = n[3].fresh = n[4].fresh = true;
            doc = it->line->doc;
            if (!c->o->title.n && doc == 0) /* a piece of a document */
                n[it->want].last = it->right - 1;
        }
        bool right = in_order(&all, i, &n[it->want], &expected), gap = left_out(&all, i, expected);
        if (!right)
            out_of_order(c, rule, it, expected, gap);
        n[it->want].last = right || gap ? it->right : expected;
        n[it->want].fresh = false;
        for (int k = it->want + 1; k <= DEEPEST; k++)
            n[k].fresh = !(it->article && it->want == CHAPTER && k == TOP);
    }
}

/* --------------------------------------------------------------------- E08 */

/* The next section of its parent's level goes on counting: （一） … 二、 （二）. */
static bool goes_on(const items *all, size_t i)
{
    for (size_t k = i + 1; k < all->n && all->i[k].line->doc == all->i[i].line->doc; k++)
        if (all->i[k].want == all->i[i].want)
            return all->i[k].value == 2;
    return false;
}

static void run_single(sm_check *c, const sm_rule *rule)
{
    items all = read_items(c);
    for (size_t i = 0; i < all.n; i++) {
        const item *it = &all.i[i], *over = parent_of(&all, i);
        if (it->article || it->right != 1 || (over && over->article) || next_of_level(&all, i) ||
            goes_on(&all, i))
            continue;
        bool second = false; /* of its list: what is numbered wrong is no single one */
        size_t k = i, end = i > SPAN ? i - SPAN : 0;
        while (k-- > end && all.i[k].line->doc == it->line->doc) {
            if (all.i[k].want < it->want)
                break;
            second |= all.i[k].want == it->want;
        }
        if (!second)
            sm_propose(sm_find_slice(c, rule, it->line, it->line->label), SM_STR(""));
    }
}

/* --------------------------------------------------------------------- E09 */

static size_t next_written(const sm_outline *o, size_t i)
{
    do
        i++;
    while (i < o->n && !o->line[i].text.n);
    return i;
}

/* Text or deeper headings stand under it. */
static bool has_text_below(const items *all, size_t i, const sm_outline *o)
{
    size_t next = next_written(o, all->i[i].at);
    if (next == o->n || o->line[next].doc != all->i[i].line->doc)
        return false;
    if (i + 1 < all->n && all->i[i + 1].at == next)
        return all->i[i + 1].want > all->i[i].want;
    return o->line[next].role == SM_ROLE_TEXT || o->line[next].role == SM_ROLE_CELL;
}

/* One of the same list with text below: the last line of a list of sentences has some, too. */
static bool brother_has_text(const items *all, size_t i, const sm_outline *o)
{
    for (int step = -1; step <= 1; step += 2) {
        const item *b = beside(all, i, all->i[i].level, step);
        if (b && has_text_below(all, (size_t)(b - all->i), o))
            return true;
    }
    return false;
}

/* One short phrase with a stop behind it. */
static size_t stop_at_end(sm_str s, size_t max)
{
    static const char *const stops[] = { "。", "；", ".", ";", "，" };
    static const char *const inner[] = { "。", "；", "，", "：", "！", "？" };
    for (size_t i = 0; i < SM_LEN(stops); i++) {
        sm_str stop = sm_str_of(stops[i]);
        if (!sm_str_ends(s, stop))
            continue;
        sm_str rest = sm_str_sub(s, 0, s.n - stop.n);
        bool phrase =
            rest.n && sm_utf8_count(rest) <= max && !sm_str_has_any(rest, inner, SM_LEN(inner));
        return phrase ? stop.n : 0;
    }
    return 0;
}

static void run_heading_stop(sm_check *c, const sm_rule *rule)
{
    items all = read_items(c);
    size_t max = (size_t)sm_param_num(rule, "longest", 20);
    for (size_t i = 0; i < all.n; i++) {
        const sm_line *l = all.i[i].line;
        size_t stop = stop_at_end(l->rest, max);
        if (all.i[i].article || in_statute(&all, i) || all.i[i].want > 3 || !stop ||
            !has_text_below(&all, i, c->o) || !brother_has_text(&all, i, c->o))
            continue;
        sm_propose(sm_find_slice(c, rule, l, sm_str_sub(l->rest, l->rest.n - stop, l->rest.n)),
                   SM_STR(""));
    }
}

/* --------------------------------------------------------------------- E10 */

static int64_t circled_value(sm_str label)
{
    if (!label.n)
        return 0;
    uint32_t ch = sm_utf8_next(&label);
    return ch >= 0x2460 && ch <= 0x2473 && !label.n ? (int64_t)ch - 0x245f : 0;
}

/* The level that a list under this item has by right; over the fourth there is none. */
static void circled_item(sm_check *c, const sm_rule *rule, const sm_line *l, int under)
{
    sm_finding *f = sm_find_slice(c, rule, l, l->label);
    if (under >= DEEPEST) {
        sm_propose(f, SM_STR(""));
        return;
    }
    sm_str right = label_of(c->a, under + 1, circled_value(l->label));
    sm_propose(f, right);
    f->confidence = .7;
    sm_because(c, f, "带圈数字不是公文的层次序数，此处可用“%.*s”", SM_ARG(right));
}

static void run_circled(sm_check *c, const sm_rule *rule)
{
    int under = 0, doc = -1;
    for (size_t i = 0; i < c->o->n; i++) {
        const sm_line *l = &c->o->line[i];
        if (!sm_line_in_body(l))
            continue;
        if (l->doc != doc)
            under = 0;
        doc = l->doc;
        int level = sm_part_level(l->label);
        if (level)
            under = level;
        else if (under && circled_value(l->label))
            circled_item(c, rule, l, under);
    }
}

/* --------------------------------------------------------------------- E11 */

/* "五项重点任务": where it stands and what it counts. */
typedef struct promise {
    sm_str count; /* "五项" */
    int64_t n;
    bool han, quoted, direct; /* direct: a colon follows */
} promise;

static bool starts_any(sm_str s, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (sm_str_starts(s, sm_str_of(words[i])))
            return true;
    return false;
}

static bool ends_any(sm_str s, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (sm_str_ends(s, sm_str_of(words[i])))
            return true;
    return false;
}

static const char *const listed[] = { "任务", "措施", "要求", "工作", "事项", "问题", "原则",
                                      "重点", "举措", "内容", "意见", "建议", "条件", "情形",
                                      "步骤", "阶段", "环节", "机制", "行动", "职责", "方面",
                                      "议题", "规定", "纪律", "准备", "办法" };

/* What a measure word counts, within a few characters: 重点任务, or nothing before a colon. */
static bool counts_a_list(sm_str after)
{
    static const char *const others[] = { "工作日", "工作人员", "工作组", "工作站", "单位" };
    for (size_t n = 0; after.n && n < 8; n++) {
        if (starts_any(after, others, SM_LEN(others)))
            return false;
        if (starts_any(after, listed, SM_LEN(listed)))
            return true;
        if (!sm_is_han(sm_utf8_next(&after)))
            return false;
    }
    return false;
}

static bool promise_at(sm_str s, size_t at, promise *p)
{
    static const char *const measures[] = { "项", "个", "点", "条", "种", "类", "大", "步" };
    static const char *const openers[] = { "以下", "如下", "下列", "下述", "抓好", "做好", "突出",
                                           "实施", "推进", "完成", "开展", "聚焦", "提出", "落实",
                                           "明确", "围绕", "存在", "重点", "分为", "包括", "从",
                                           "为",   "的",   "强化", "把握", "坚持", "了",   "有" };
    size_t n = sm_figure_at(sm_str_sub(s, at, s.n), &p->n, &p->han);
    sm_str before = sm_str_sub(s, 0, at), after = sm_str_sub(s, at + n, s.n);
    if (!n || p->n < 2 || p->n > 30 || !starts_any(after, measures, SM_LEN(measures)) ||
        (at && !ends_any(before, openers, SM_LEN(openers))))
        return false;
    p->count = sm_str_sub(s, at, at + n + 3);
    after = sm_str_sub(after, 3, after.n);
    p->direct = sm_str_starts(after, SM_STR("："));
    return p->direct || counts_a_list(after);
}

static bool digits_before(sm_str s, size_t at)
{
    return at > 0 && s.p[at - 1] >= '0' && s.p[at - 1] <= '9';
}

/* The last one of a text. */
static bool promised(sm_str s, promise *p)
{
    bool found = false;
    promise one;
    for (size_t at = 0; at < s.n; at++) {
        if ((s.p[at] & 0xc0) == 0x80 || digits_before(s, at) || !promise_at(s, at, &one))
            continue;
        *p = one;
        found = true;
        at += one.count.n - 1;
    }
    return found;
}

/* 一是 … 二是 …, 第一， … 第二， … or （一） … （二） … in running text: the last of the row. */
static int64_t count_running(sm_arena *a, sm_str s, size_t *at)
{
    static const struct {
        const char *before, *after;
    } forms[] = { { "", "是" }, { "", "要" }, { "第", "，" }, { "（", "）" } };
    for (size_t k = 0; k < SM_LEN(forms); k++) {
        size_t from = 0, next;
        int64_t n = 0;
        for (; n < MAX_COUNT; n++) {
            sm_str han = sm_figure_han(a, n + 1);
            sm_str word = sm_strf(a, "%s%.*s%s", forms[k].before, SM_ARG(han), forms[k].after);
            next = sm_str_find(s, word, from);
            if (next == SIZE_MAX)
                break;
            if (n == 0)
                *at = next;
            from = next + word.n;
        }
        if (n >= 2)
            return n;
    }
    return 0;
}

static void differs(sm_check *c, const sm_rule *rule, const sm_line *l, const promise *p, int64_t n)
{
    sm_finding *f = sm_find_slice(c, rule, l, p->count);
    sm_str unit = sm_str_sub(p->count, p->count.n - 3, p->count.n);
    sm_str figure =
        p->han ? n == 2 ? SM_STR("两") : sm_figure_han(c->a, n) : sm_strf(c->a, "%d", (int)n);
    sm_propose(f, sm_strf(c->a, "%.*s%.*s", SM_ARG(figure), SM_ARG(unit)));
    f->confidence = .8;
    sm_because(c, f, "前面说“%.*s”，实际列出%d%.*s", SM_ARG(p->count), (int)n, SM_ARG(unit));
}

/* --------------------------------------------- E11: what is counted in a sentence */

/* Things in a row, parted by 、: how many, and how many when a last 和 joins two more. */
typedef struct row {
    int64_t least, most;
} row;

/* Pairs whose inside is one thing. */
static int nesting(uint32_t ch)
{
    switch (ch) {
    case 0xff08: /* （ */
    case 0x300a: /* 《 */
    case 0x201c: /* “ */
        return 1;
    case 0xff09:
    case 0x300b:
    case 0x201d:
        return -1;
    default:
        return 0;
    }
}

static row row_of(sm_str s)
{
    static const char *const joins[] = { "和", "及", "与", "或者" };
    row r = { 1, 1 };
    int depth = 0;
    sm_str rest = s, last = s;
    while (rest.n) {
        uint32_t ch = sm_utf8_next(&rest);
        depth += nesting(ch);
        if (ch == 0x3001 && depth == 0) { /* 、 */
            r.least++;
            last = rest;
        }
    }
    r.most = r.least + (sm_str_has_any(last, joins, SM_LEN(joins)) ? 1 : 0);
    return r;
}

/* What stands after the last comma or stop outside of brackets. */
static sm_str last_clause(sm_str s)
{
    size_t from = s.n > SPAN_BYTES ? s.n - SPAN_BYTES : 0;
    while (from < s.n && (s.p[from] & 0xc0) == 0x80)
        from++;
    s = sm_str_sub(s, from, s.n);
    sm_str rest = s, clause = s;
    int depth = 0;
    while (rest.n) {
        uint32_t ch = sm_utf8_next(&rest);
        depth += nesting(ch);
        if (depth == 0 && (ch == 0xff0c || ch == 0x3002 || ch == 0xff1b || ch == 0xff1a))
            clause = rest;
    }
    return clause;
}

/* One more or less than is said; a row may stand for more than it names, never for fewer. */
static bool miscounted(const row *r, int64_t said)
{
    if (r->least < 3 || (said >= r->least && said <= r->most))
        return false;
    return said == r->least - 1 || said == r->most + 1;
}

static bool count_at(sm_str s, size_t at, promise *p)
{
    static const char *const measures[] = { "个", "项", "家", "条", "类", "种",
                                            "名", "件", "处", "方", "镇", "区" };
    size_t n = sm_figure_at(sm_str_sub(s, at, s.n), &p->n, &p->han);
    if (n && p->han && sm_str_eq(sm_str_sub(s, at, at + n), SM_STR("两")))
        p->n = 2;
    if (!n || p->n < 2 || p->n > 30 || digits_before(s, at) ||
        !starts_any(sm_str_sub(s, at + n, s.n), measures, SM_LEN(measures)))
        return false;
    p->count = sm_str_sub(s, at, at + n + 3);
    return true;
}

/* 甲、乙、丙等三个单位 */
static void check_and_so_on(sm_check *c, const sm_rule *rule, const sm_line *l)
{
    sm_str s = l->text, word = SM_STR("等");
    for (size_t at = sm_str_find(s, word, 0); at != SIZE_MAX; at = sm_str_find(s, word, at + 3)) {
        promise p;
        if (!count_at(s, at + 3, &p))
            continue;
        row r = row_of(last_clause(sm_str_sub(s, l->label.n, at)));
        if (miscounted(&r, p.n))
            differs(c, rule, l, &p, p.n < r.least ? r.least : r.most);
    }
}

/* 甲、乙、丙停止使用，上述四条线路…: the row is in the clause or the sentence before. */
static void check_above(sm_check *c, const sm_rule *rule, const sm_line *l)
{
    static const char *const words[] = { "上述", "以上", "前述" };
    for (size_t i = 0; i < SM_LEN(words); i++) {
        sm_str s = l->text, word = sm_str_of(words[i]);
        for (size_t at = sm_str_find(s, word, 0); at != SIZE_MAX;
             at = sm_str_find(s, word, at + 6)) {
            promise p;
            sm_str before = sm_str_sub(s, l->label.n, at);
            if (before.n < 6 || !count_at(s, at + 6, &p))
                continue;
            row r = row_of(last_clause(sm_str_sub(before, 0, before.n - 3)));
            if (miscounted(&r, p.n))
                differs(c, rule, l, &p, p.n < r.least ? r.least : r.most);
        }
    }
}

/* 四个单位准备展板：甲、乙、丙，… */
static void check_colon(sm_check *c, const sm_rule *rule, const sm_line *l)
{
    sm_str s = l->text, colon = SM_STR("：");
    for (size_t at = sm_str_find(s, colon, 0); at != SIZE_MAX; at = sm_str_find(s, colon, at + 3)) {
        sm_str lead = last_clause(sm_str_sub(s, l->label.n, at)),
               rest = sm_utf8_fit(sm_str_sub(s, at + 3, s.n), SPAN_BYTES);
        static const char *const stops[] = { "，", "。", "；", "：" };
        size_t end = rest.n;
        for (size_t i = 0; i < SM_LEN(stops); i++)
            end = SM_MIN(end, sm_str_find(rest, sm_str_of(stops[i]), 0));
        sm_str things = sm_str_sub(rest, 0, end);
        row r = row_of(things);
        promise p;
        size_t found = 0;
        for (size_t k = 0; k < lead.n; k++) /* of two figures it is not told which is meant */
            found += (lead.p[k] & 0xc0) != 0x80 && count_at(lead, k, &p);
        if (found != 1 || sm_str_has(things, SM_STR("等")) ||
            sm_str_starts(sm_str_sub(rest, end, rest.n), SM_STR("；")))
            continue;
        for (size_t k = 0; k < lead.n; k++)
            if ((lead.p[k] & 0xc0) != 0x80 && count_at(lead, k, &p))
                break;
        if (miscounted(&r, p.n))
            differs(c, rule, l, &p, p.n < r.least ? r.least : r.most);
    }
}

/* The items right below a line, of the same level, from the first. */
static int64_t count_below(const items *all, const sm_outline *o, size_t at, int level)
{
    size_t i = 0;
    while (i < all->n && all->i[i].at <= at)
        i++;
    if (i == all->n || all->i[i].value != 1 || all->i[i].line->doc != o->line[at].doc ||
        all->i[i].want <= level || (!level && all->i[i].at != next_written(o, at)))
        return 0;
    int64_t n = 0;
    for (size_t k = i; k < all->n && all->i[k].line->doc == all->i[i].line->doc &&
                       all->i[k].want >= all->i[i].want;
         k++)
        if (all->i[k].want == all->i[i].want && all->i[k].value != n + 1)
            return 0; /* the order is broken: another rule's */
        else
            n += all->i[k].want == all->i[i].want;
    return n;
}

/* 一是 … in paragraphs of their own or in one. */
static int64_t count_text_below(sm_check *c, size_t at)
{
    sm_buf b;
    sm_buf_init(&b, 1 << 20);
    for (size_t i = at + 1; i < SM_MIN(c->o->n, at + SPAN_PARS); i++) {
        const sm_line *l = &c->o->line[i];
        if (l->doc != c->o->line[at].doc || (l->text.n && l->role != SM_ROLE_TEXT))
            break;
        sm_buf_add(&b, l->text);
    }
    size_t first;
    int64_t n = count_running(c->a, sm_buf_str(&b), &first);
    sm_buf_done(&b);
    return n;
}

/* A sentence that promises and lists in one go: "……三项要求：一是……". */
static bool check_running(sm_check *c, const sm_rule *rule, const sm_line *l)
{
    size_t at;
    promise p;
    int64_t n = count_running(c->a, l->text, &at);
    if (!n)
        return false;
    sm_str before = sm_str_sub(l->text, l->label.n, at);
    for (size_t k; (k = sm_str_find(before, SM_STR("。"), 0)) != SIZE_MAX && k + 3 < before.n;)
        before = sm_str_sub(before, k + 3, before.n);
    bool leads = sm_str_ends(before, SM_STR("：")) || sm_str_ends(before, SM_STR("。"));
    if (leads && promised(before, &p) && p.n != n)
        differs(c, rule, l, &p, n);
    return true;
}

static sm_str first_sentence(sm_str s)
{
    size_t at = sm_str_find(s, SM_STR("。"), 0);
    return at == SIZE_MAX ? s : sm_str_sub(s, 0, at);
}

static void check_block(sm_check *c, const sm_rule *rule, const items *all, size_t i)
{
    const sm_line *l = &c->o->line[i];
    int level = sm_part_level(l->label);
    bool colon = sm_str_ends(l->text, SM_STR("：")) || sm_str_ends(l->text, SM_STR(":"));
    promise p;
    sm_str s = level && !colon ? first_sentence(l->rest) : l->text;
    if ((!level && !colon) || (level && !colon && s.n != l->rest.n) || !promised(s, &p))
        return;
    int64_t n = count_below(all, c->o, i, level);
    if (!n)
        n = count_text_below(c, i);
    if (n >= 2 && n != p.n)
        differs(c, rule, l, &p, n);
}

static void run_count(sm_check *c, const sm_rule *rule)
{
    items all = read_items(c);
    for (size_t i = 0; i < c->o->n; i++) {
        const sm_line *l = &c->o->line[i];
        if (!sm_line_in_body(l))
            continue;
        if (!check_running(c, rule, l))
            check_block(c, rule, &all, i);
        check_and_so_on(c, rule, l);
        check_above(c, rule, l);
        check_colon(c, rule, l);
    }
}

/* --------------------------------------------------------------------- E12 */

typedef enum shape { OTHER, ABOUT, VERB, MATTER } shape;

static const char *const verbs[] = {
    "加强", "落实", "强化", "完善", "推进", "健全", "做好", "抓好", "提高", "提升", "严格", "规范",
    "深化", "加快", "建立", "优化", "推动", "压实", "开展", "突出", "明确", "坚持", "加大", "保障",
    "组织", "统筹", "扩大", "促进", "创新", "培育", "强调", "实施", "支持", "发展", "构建", "打造",
    "巩固", "拓展", "夯实", "严肃", "注重", "改进", "畅通", "防范", "确保", "营造", "狠抓", "细化"
};

static shape shape_of(sm_str head)
{
    static const char *const ends[] = { "的问题", "问题", "的情况", "方面", "的事项", "的事宜" };
    if (sm_str_starts(head, SM_STR("关于")))
        return ABOUT;
    if (starts_any(head, verbs, SM_LEN(verbs)))
        return VERB;
    return ends_any(head, ends, SM_LEN(ends)) ? MATTER : OTHER;
}

static void not_parallel(sm_check *c, const sm_rule *rule, const item *it, shape most)
{
    sm_str head = first_sentence(it->line->rest);
    shape own = shape_of(head);
    bool wrong = own == MATTER || (most == VERB ? own == ABOUT : own == VERB);
    static const char *const fine[] = { "其他", "会议", "同意", "有关" };
    if (!wrong || sm_utf8_count(head) > 14 || starts_any(head, fine, SM_LEN(fine)))
        return;
    sm_finding *f = sm_find_slice(c, rule, it->line, head);
    f->confidence = .6;
    if (most == ABOUT)
        sm_propose(f, sm_strf(c->a, "关于%.*s", SM_ARG(head)));
    else if (own == MATTER && sm_str_ends(head, SM_STR("的问题")))
        sm_propose(f, sm_strf(c->a, "落实%.*s", SM_ARG(sm_str_sub(head, 0, head.n - 9))));
}

/* Of at least four headings of a list all but one are of one shape. */
static void run_parallel(sm_check *c, const sm_rule *rule)
{
    items all = read_items(c);
    for (size_t i = 0; i < all.n; i++) {
        if (all.i[i].want > 2 || all.i[i].value != 1 || all.i[i].article || in_statute(&all, i))
            continue;
        size_t n = 0, kinds[MATTER + 1] = { 0 };
        for (const item *it = &all.i[i]; it; it = next_of_level(&all, (size_t)(it - all.i))) {
            kinds[shape_of(first_sentence(it->line->rest))]++;
            n++;
        }
        shape most = kinds[ABOUT] > kinds[VERB] ? ABOUT : VERB;
        /* 问题 among verbs stands out where some of the others are no verbs, too */
        bool matter = kinds[MATTER] == 1 && kinds[VERB] >= 2 && !kinds[ABOUT] && n <= 8;
        if (n < 3 || (kinds[most] != n - 1 && !matter))
            continue;
        for (const item *it = &all.i[i]; it; it = next_of_level(&all, (size_t)(it - all.i)))
            not_parallel(c, rule, it, most);
    }
}

/* --------------------------------------------------------------------- E13 */

/* The highest number of a level in a document; 0 none. */
static int64_t highest(const items *all, int doc, int level, bool article)
{
    int64_t n = 0;
    for (size_t i = 0; i < all->n; i++)
        if (all->i[i].line->doc == doc && all->i[i].want == level && all->i[i].article == article)
            n = SM_MAX(n, all->i[i].value);
    return n;
}

/* What is named is this document: 本方案第…, 见第…, or nothing before it but a beginning. */
static bool means_this(sm_str before, bool article)
{
    static const char *const own[] = { "本通知", "本意见", "本方案", "本办法", "本规定", "本决定",
                                       "本细则", "本条例", "本计划", "本通告", "本公告", "本批复",
                                       "本报告", "本函",   "本文",   "本章程", "本预案", "本规划",
                                       "本请示", "本通报", "本公报", "本纪要", "本决议", "本议案" };
    static const char *const refer[] = { "见",   "详见",   "参见", "按照", "按",   "依照", "根据",
                                         "符合", "本文件", "前述", "上述", "执行", "（" };
    return ends_any(before, own, SM_LEN(own)) ||
           (!article && ends_any(before, refer, SM_LEN(refer)));
}

/* The last part and the last article of the document that is being read. */
typedef struct reach {
    int doc;
    int64_t part, article;
} reach;

static void check_reference(sm_check *c, const sm_rule *rule, const reach *last, const sm_line *l,
                            size_t at)
{
    int64_t n;
    bool han;
    sm_str rest = sm_str_sub(l->text, at + 3, l->text.n);
    size_t figure = sm_figure_at(rest, &n, &han);
    sm_str unit = sm_str_sub(rest, figure, rest.n);
    bool part = sm_str_starts(unit, SM_STR("部分")), article = sm_str_starts(unit, SM_STR("条"));
    if (!figure || n < 1 || (!part && !article) || !means_this(sm_str_sub(l->text, 0, at), article))
        return;
    int64_t most = article ? last->article : last->part;
    if (!most || n <= most)
        return;
    size_t end = 3 + figure + (part ? 6 : 3);
    sm_finding *f = sm_find_slice(c, rule, l, sm_str_sub(l->text, at, at + end));
    sm_because(c, f, "全文只有%d%s，没有“%.*s”", (int)most, part ? "个部分" : "条",
               SM_ARG(f->text));
}

/* 共五章三十六条, and in the same paragraph 第六章. */
static void check_chapters(sm_check *c, const sm_rule *rule, const sm_line *l)
{
    sm_str s = l->text;
    int64_t most, n;
    bool han;
    size_t at = sm_str_find(s, SM_STR("共"), 0), figure = 0;
    for (; at != SIZE_MAX; at = sm_str_find(s, SM_STR("共"), at + 3)) {
        figure = sm_figure_at(sm_str_sub(s, at + 3, s.n), &most, &han);
        if (figure && sm_str_starts(sm_str_sub(s, at + 3 + figure, s.n), SM_STR("章")))
            break;
    }
    if (at == SIZE_MAX)
        return;
    for (at = sm_str_find(s, SM_STR("第"), at); at != SIZE_MAX;
         at = sm_str_find(s, SM_STR("第"), at + 3)) {
        figure = sm_figure_at(sm_str_sub(s, at + 3, s.n), &n, &han);
        if (!figure || n <= most ||
            !sm_str_starts(sm_str_sub(s, at + 3 + figure, s.n), SM_STR("章")) ||
            sm_str_ends(sm_str_sub(s, 0, at), SM_STR("》")))
            continue;
        sm_finding *f = sm_find_slice(c, rule, l, sm_str_sub(s, at, at + 6 + figure));
        sm_because(c, f, "前面说共%d章，没有“%.*s”", (int)most, SM_ARG(f->text));
    }
}

static void run_reference(sm_check *c, const sm_rule *rule)
{
    items all = read_items(c);
    reach last = { .doc = -1 };
    for (size_t i = 0; i < c->o->n; i++) {
        const sm_line *l = &c->o->line[i];
        if (!sm_line_in_body(l) && l->role != SM_ROLE_CELL)
            continue;
        check_chapters(c, rule, l);
        if (l->doc != last.doc)
            last = (reach){ l->doc, highest(&all, l->doc, TOP, false),
                            highest(&all, l->doc, TOP, true) };
        for (size_t at = sm_str_find(l->text, SM_STR("第"), 0); at != SIZE_MAX;
             at = sm_str_find(l->text, SM_STR("第"), at + 3))
            check_reference(c, rule, &last, l, at);
    }
}

/* ------------------------------------------------------------------- table */

const sm_checker sm_checkers_structure[] = {
    { "levels", run_levels },
    { "sequence", run_sequence },
    { "single_item", run_single },
    { "heading_stop", run_heading_stop },
    { "circled", run_circled },
    { "announced_count", run_count },
    { "parallel", run_parallel },
    { "section_reference", run_reference },
    { "attached_missing", sm_attached_missing },
    { "attached_name", sm_attached_name },
    { "attached_single", sm_attached_single },
    { "attached_late", sm_attached_late },
    { "attached_label", sm_attached_label },
    { "attached_issued", sm_attached_issued },
    { "attached_total", sm_attached_total },
    { "attached_after_imprint", sm_attached_after_imprint },
    { "date_form", sm_dates_form },
    { "date_impossible", sm_dates_impossible },
    { "printed_before", sm_dates_printed },
    { "cited_later", sm_dates_cited },
    { "printed_word", sm_dates_word },
    { "remark_brackets", sm_dates_remark },
    { "joint_names", sm_dates_joint },
    { "contact_person", sm_dates_contact },
    { "deadline", sm_dates_deadline },
    { NULL, NULL },
};
