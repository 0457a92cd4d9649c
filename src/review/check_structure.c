/*
 * Group E, the order of what is numbered, and the table of groups E, F and G.
 */
#include "review/structure.h"

#include <string.h>

#include "review/parts.h"

enum { CHAPTER = 0, TOP = SM_ITEM_TOP, DEEPEST = 4, SPAN = SM_ITEM_SPAN, MAX_JUMP = 10 };

/* --------------------------------------------------------------------- E01 */

static void run_levels(sm_check *c, const sm_rule *rule)
{
    sm_items all = sm_items_read(c);
    for (size_t i = 0; i < all.n; i++) {
        const sm_item *it = &all.i[i];
        if (it->want == it->level)
            continue;
        sm_str label = it->line->label, right = sm_item_label(c->a, it->want, it->right);
        if (it->want < 3) /* a space is right behind 1. alone */
            label.n = (size_t)(it->line->rest.p - label.p);
        sm_finding *f = sm_find_slice(c, rule, it->line, label);
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

/* What stands there is as it should be; else *expected is what should. */
static bool in_order(const sm_items *all, size_t i, const counter *n, int64_t *expected)
{
    const sm_item *it = &all->i[i];
    *expected = n->last + 1;
    if (it->right == *expected)
        return true;
    if (n->fresh && n->last && it->right == 1)
        return true; /* numbers may go on through the sections, or begin anew */
    if (n->fresh)
        *expected = 1;
    const sm_item *next = sm_item_next(all, i);
    if (it->right == 1 && next && next->right == 2)
        return true; /* another list */
    return it->right > *expected + MAX_JUMP || *expected > SM_ITEM_MAX;
}

/* Of the articles of a statute one may be missing: those behind it are not all numbered wrong. */
static bool left_out(const sm_items *all, size_t i, int64_t expected)
{
    const sm_item *it = &all->i[i], *next = sm_item_next(all, i);
    return it->article && it->right > expected && next && next->right == it->right + 1;
}

static sm_str right_label(sm_check *c, const sm_item *it, int64_t value)
{
    if (!it->article)
        return sm_item_label(c->a, it->want, value);
    sm_str han = sm_figure_han(c->a, value);
    sm_str unit = sm_str_sub(it->line->label, it->line->label.n - 3, it->line->label.n);
    return sm_strf(c->a, "第%.*s%.*s", SM_ARG(han), SM_ARG(unit));
}

static void out_of_order(sm_check *c, const sm_rule *rule, const sm_item *it, int64_t expected,
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
    sm_items all = sm_items_read(c);
    counter n[DEEPEST + 1] = { 0 };
    int doc = -1;
    for (size_t i = 0; i < all.n; i++) {
        const sm_item *it = &all.i[i];
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
static bool goes_on(const sm_items *all, size_t i)
{
    for (size_t k = i + 1; k < all->n && all->i[k].line->doc == all->i[i].line->doc; k++)
        if (all->i[k].want == all->i[i].want)
            return all->i[k].value == 2;
    return false;
}

static void run_single(sm_check *c, const sm_rule *rule)
{
    sm_items all = sm_items_read(c);
    for (size_t i = 0; i < all.n; i++) {
        const sm_item *it = &all.i[i], *over = sm_item_parent(&all, i);
        if (it->article || it->right != 1 || (over && over->article) || sm_item_next(&all, i) ||
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

/* Text or deeper headings stand under it. */
static bool has_text_below(const sm_items *all, size_t i, const sm_outline *o)
{
    size_t next = sm_line_next(o, all->i[i].at);
    if (next == o->n || o->line[next].doc != all->i[i].line->doc)
        return false;
    if (i + 1 < all->n && all->i[i + 1].at == next)
        return all->i[i + 1].want > all->i[i].want;
    return o->line[next].role == SM_ROLE_TEXT || o->line[next].role == SM_ROLE_CELL;
}

/* One of the same list with text below: the last line of a list of sentences has some, too. */
static bool brother_has_text(const sm_items *all, size_t i, const sm_outline *o)
{
    for (int step = -1; step <= 1; step += 2) {
        const sm_item *b = sm_item_beside(all, i, all->i[i].level, step);
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
    sm_items all = sm_items_read(c);
    size_t max = (size_t)sm_param_num(rule, "longest", 20);
    for (size_t i = 0; i < all.n; i++) {
        const sm_line *l = all.i[i].line;
        size_t stop = stop_at_end(l->rest, max);
        if (all.i[i].article || sm_item_in_statute(&all, i) || all.i[i].want > 3 || !stop ||
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
    sm_str right = sm_item_label(c->a, under + 1, circled_value(l->label));
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
    if (sm_starts_any(head, verbs, SM_LEN(verbs)))
        return VERB;
    return sm_ends_any(head, ends, SM_LEN(ends)) ? MATTER : OTHER;
}

static void not_parallel(sm_check *c, const sm_rule *rule, const sm_item *it, shape most)
{
    sm_str head = sm_first_sentence(it->line->rest);
    shape own = shape_of(head);
    bool wrong = own == MATTER || (most == VERB ? own == ABOUT : own == VERB);
    static const char *const fine[] = { "其他", "会议", "同意", "有关" };
    if (!wrong || sm_utf8_count(head) > 14 || sm_starts_any(head, fine, SM_LEN(fine)))
        return;
    sm_finding *f = sm_find_slice(c, rule, it->line, head);
    f->confidence = .6;
    if (most == ABOUT)
        sm_propose(f, sm_strf(c->a, "关于%.*s", SM_ARG(head)));
    else if (own == MATTER && sm_str_ends(head, SM_STR("的问题")))
        sm_propose(f, sm_strf(c->a, "落实%.*s", SM_ARG(sm_str_sub(head, 0, head.n - 9))));
}

/* Of three headings of a list or more all but one are of one shape. */
static void run_parallel(sm_check *c, const sm_rule *rule)
{
    sm_items all = sm_items_read(c);
    for (size_t i = 0; i < all.n; i++) {
        if (all.i[i].want > 2 || all.i[i].value != 1 || all.i[i].article ||
            sm_item_in_statute(&all, i))
            continue;
        size_t n = 0, kinds[MATTER + 1] = { 0 };
        for (const sm_item *it = &all.i[i]; it; it = sm_item_next(&all, (size_t)(it - all.i))) {
            kinds[shape_of(sm_first_sentence(it->line->rest))]++;
            n++;
        }
        shape most = kinds[ABOUT] > kinds[VERB] ? ABOUT : VERB;
        /* 问题 among verbs stands out where some of the others are no verbs, too */
        bool matter = kinds[MATTER] == 1 && kinds[VERB] >= 2 && !kinds[ABOUT] && n <= 8;
        if (n < 3 || (kinds[most] != n - 1 && !matter))
            continue;
        for (const sm_item *it = &all.i[i]; it; it = sm_item_next(&all, (size_t)(it - all.i)))
            not_parallel(c, rule, it, most);
    }
}

/* --------------------------------------------------------------------- E13 */

/* The highest number of a level in a document; 0 none. */
static int64_t highest(const sm_items *all, int doc, int level, bool article)
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
    return sm_ends_any(before, own, SM_LEN(own)) ||
           (!article && sm_ends_any(before, refer, SM_LEN(refer)));
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
    sm_items all = sm_items_read(c);
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
    { "announced_count", sm_count_announced },
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
