/*
 * Rule E11: a number that is announced, and how many things are listed.
 */
#include <string.h>

#include "review/structure.h"

#include "review/parts.h"

enum {
    SPAN_PARS = 60,  /* paragraphs below one that promises a list */
    SPAN_BYTES = 600 /* of a clause */
};

/* "五项重点任务": where it stands and what it counts. */
typedef struct promise {
    sm_str count; /* "五项" */
    int64_t n;
    bool han;
} promise;

static const char *const listed[] = { "任务", "措施", "要求", "工作", "事项", "问题", "原则",
                                      "重点", "举措", "内容", "意见", "建议", "条件", "情形",
                                      "步骤", "阶段", "环节", "机制", "行动", "职责", "方面",
                                      "议题", "规定", "纪律", "准备", "办法" };

/* What a measure word counts, within a few characters: 重点任务, or nothing before a colon. */
static bool counts_a_list(sm_str after)
{
    static const char *const others[] = { "工作日", "工作人员", "工作组", "工作站", "单位" };
    for (size_t n = 0; after.n && n < 8; n++) {
        if (sm_starts_any(after, others, SM_LEN(others)))
            return false;
        if (sm_starts_any(after, listed, SM_LEN(listed)))
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
    if (!n || p->n < 2 || p->n > 30 || !sm_starts_any(after, measures, SM_LEN(measures)) ||
        (at && !sm_ends_any(before, openers, SM_LEN(openers))))
        return false;
    p->count = sm_str_sub(s, at, at + n + 3);
    after = sm_str_sub(after, 3, after.n);
    return sm_str_starts(after, SM_STR("：")) || counts_a_list(after);
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
        for (; n < SM_ITEM_MAX; n++) {
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
    static const char *const bounds[] = { "以上", "以下", "以内" };
    size_t end = (size_t)(p->count.p - l->text.p) + p->count.n;
    if (sm_starts_any(sm_str_sub(l->text, end, l->text.n), bounds, SM_LEN(bounds)))
        return; /* 甲、乙等两个以上: not so many */
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
    if (!n || p->n < 2 || p->n > 30 || digits_before(s, at) ||
        !sm_starts_any(sm_str_sub(s, at + n, s.n), measures, SM_LEN(measures)))
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

/* The sm_items right below a line, of the same level, from the first. */
static int64_t count_below(const sm_items *all, const sm_outline *o, size_t at, int level)
{
    size_t i = 0;
    while (i < all->n && all->i[i].at <= at)
        i++;
    if (i == all->n || all->i[i].value != 1 || all->i[i].line->doc != o->line[at].doc ||
        all->i[i].want <= level || (!level && all->i[i].at != sm_line_next(o, at)))
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

static void check_block(sm_check *c, const sm_rule *rule, const sm_items *all, size_t i)
{
    const sm_line *l = &c->o->line[i];
    int level = sm_part_level(l->label);
    bool colon = sm_str_ends(l->text, SM_STR("：")) || sm_str_ends(l->text, SM_STR(":"));
    promise p;
    sm_str s = level && !colon ? sm_first_sentence(l->rest) : l->text;
    if ((!level && !colon) || (level && !colon && s.n != l->rest.n) || !promised(s, &p))
        return;
    int64_t n = count_below(all, c->o, i, level);
    if (!n)
        n = count_text_below(c, i);
    if (n >= 2 && n != p.n)
        differs(c, rule, l, &p, n);
}

void sm_count_announced(sm_check *c, const sm_rule *rule)
{
    sm_items all = sm_items_read(c);
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
