/*
 * What parts of a document say of one thing must agree: what is left with what was planned and
 * done, a limit with the rule that is named after it, an amount with the rate that it is paid by,
 * appointments with their count.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "review/grid.h"

enum { MAX_OTHERS = 3000 };

static bool speaks(const sm_line *l)
{
    return l->text.n && l->role != SM_ROLE_CELL && l->role != SM_ROLE_NUMBER &&
           l->role != SM_ROLE_DATE && l->role != SM_ROLE_NONE;
}

static bool ends_any(sm_str s, const char *const *words, size_t n)
{
    return sm_str_ends_any(s, words, n);
}

typedef struct counts {
    sm_figure *f;
    size_t n, cap;
} counts;

/* Every exact figure of the text. */
static counts gather(sm_check *c)
{
    counts all = { 0 };
    for (size_t i = 0; i < c->o->n; i++) {
        sm_figure *f;
        size_t n = speaks(&c->o->line[i]) ? sm_figures_of(c, &c->o->line[i], &f) : 0;
        for (size_t k = 0; k < n && all.n < MAX_OTHERS; k++) {
            if (!f[k].exact || !f[k].unit.n || f[k].kind == SM_FACT_PERCENT)
                continue;
            SM_GROW(c->a, all.f, all.n, all.cap);
            all.f[all.n++] = f[k];
        }
    }
    return all;
}

/* ----------------------------------------------------------- what is left */

static const char *const done_words[] = { "已", "完成", "完工", "开工", "竣工", "建成", "办结" };

static bool is_left(const sm_figure *f)
{
    static const char *const words[] = {
        "剩余", "剩余的", "其余", "余下", "余下的", "尚余", "剩下"
    };
    return ends_any(sm_str_sub(f->line->text, 0, f->at), words, SM_LEN(words));
}

/* Planned, and not told of what is done. */
static bool is_plan(const sm_figure *f)
{
    static const char *const words[] = { "计划", "任务", "共", "总", "全年", "目标", "应", "拟" };
    sm_str clause = sm_clause_before(f->line->text, f->at);
    return sm_str_has_any(clause, words, SM_LEN(words)) &&
           !sm_str_has_any(clause, done_words, SM_LEN(done_words)) && !is_left(f);
}

static bool is_done(const sm_figure *f)
{
    return sm_str_has_any(sm_clause_before(f->line->text, f->at), done_words, SM_LEN(done_words)) &&
           !is_left(f);
}

/* 剩余9个 where 22个 are planned and 14个 begun: what fits all but by a slip, and nothing fits. */
static void check_left(sm_check *c, const sm_rule *rule, const counts *all, const sm_figure *left)
{
    double slip = SM_MAX(2, left->value * .1), right = 0;
    size_t n = 0;
    for (size_t i = 0; i < all->n; i++) {
        const sm_figure *plan = &all->f[i];
        if (!sm_str_eq(plan->unit, left->unit) || plan->value <= left->value || !is_plan(plan))
            continue;
        for (size_t k = 0; k < all->n; k++) {
            const sm_figure *done = &all->f[k];
            double rest = plan->value - done->value;
            if (!sm_str_eq(done->unit, left->unit) || !is_done(done) || rest <= 0)
                continue;
            if (fabs(rest - left->value) < 1e-6)
                return;
            if (fabs(rest - left->value) <= slip) {
                n += right != rest;
                right = rest;
            }
        }
    }
    if (n != 1 || left->number.decimals)
        return;
    sm_finding *f = sm_find_slice(c, rule, left->line, left->text);
    sm_propose(f, sm_figure_like(c->a, left, right));
    f->confidence = .7;
    sm_because(c, f, "按计划数减去已完成数，剩余应为%.*s", SM_ARG(f->suggest));
}

/* ---------------------------------------------- limits and their own names */

static const char *const limit_units[] = { "小时", "分钟", "个工作日", "工作日", "日", "天" };
static const char *const limit_acts[] = { "报告", "办结", "答复", "响应", "到场", "到达", "处置",
                                          "处理", "反馈", "受理", "签收", "回应", "审批", "报送" };

typedef struct limit {
    const sm_line *line;
    sm_str number, unit, act, text;
} limit;

static sm_str one_of(sm_str s, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (sm_str_starts(s, sm_str_of(words[i])))
            return sm_str_sub(s, 0, strlen(words[i]));
    return (sm_str){ 0 };
}

/* 2小时 at a digit that begins a number. */
static bool limit_at(const sm_line *l, size_t at, limit *out)
{
    sm_str s = l->text;
    size_t n = 0;
    while (at + n < s.n && s.p[at + n] >= '0' && s.p[at + n] <= '9')
        n++;
    sm_str unit = one_of(sm_str_sub(s, at + n, s.n), limit_units, SM_LEN(limit_units));
    if (!n || n > 3 || !unit.n || (at && s.p[at - 1] >= '0' && s.p[at - 1] <= '9'))
        return false;
    *out = (limit){ .line = l,
                    .number = sm_str_sub(s, at, at + n),
                    .unit = unit,
                    .text = sm_str_sub(s, at, at + n + unit.n) };
    return true;
}

/* 1小时报告规定: a rule that is called by its limit. */
static bool names_a_rule(limit *l)
{
    static const char *const rules[] = { "规定", "制度", "机制", "要求", "承诺", "时限", "标准" };
    sm_str text = l->line->text,
           rest = sm_str_sub(text, (size_t)(l->text.p - text.p) + l->text.n, text.n);
    if (sm_str_starts(rest, SM_STR("内")))
        rest = sm_str_sub(rest, 3, rest.n);
    l->act = one_of(rest, limit_acts, SM_LEN(limit_acts));
    return l->act.n && one_of(sm_str_sub(rest, l->act.n, rest.n), rules, SM_LEN(rules)).n;
}

/* 在2小时内报告: the same act and unit, within a clause. */
static bool limits_act(const limit *l, const limit *named)
{
    sm_str text = l->line->text,
           rest = sm_str_sub(text, (size_t)(l->text.p - text.p) + l->text.n, text.n);
    if (!sm_str_eq(l->unit, named->unit) || l->text.p == named->text.p ||
        !(sm_str_starts(rest, SM_STR("内")) || sm_str_starts(rest, SM_STR("之内"))))
        return false;
    size_t act = sm_str_find(rest, named->act, 0), comma = sm_str_find(rest, SM_STR("，"), 0),
           stop = sm_str_find(rest, SM_STR("。"), 0);
    return act != SIZE_MAX && act < SM_MIN(comma, stop) && act < 60;
}

static void check_limit(sm_check *c, const sm_rule *rule, const limit *named)
{
    limit l, other = { 0 };
    size_t n = 0;
    for (size_t i = 0; i < c->o->n; i++)
        for (size_t at = 0; speaks(&c->o->line[i]) && at < c->o->line[i].text.n; at++) {
            if (!limit_at(&c->o->line[i], at, &l) || !limits_act(&l, named))
                continue;
            if (sm_str_eq(l.number, named->number))
                return;
            other = l;
            n++;
        }
    if (n != 1)
        return;
    sm_finding *f = sm_find_slice(c, rule, other.line, other.text);
    sm_propose(f, named->text);
    f->confidence = .6;
    sm_because(c, f, "另一处写的是“%.*s%.*s”", SM_ARG(named->text), SM_ARG(named->act));
}

static void check_limits(sm_check *c, const sm_rule *rule, const sm_line *line)
{
    limit l;
    for (size_t at = 0; speaks(line) && at < line->text.n; at++)
        if (limit_at(line, at, &l) && names_a_rule(&l))
            check_limit(c, rule, &l);
}

/* ------------------------------------------------------- so much for each */

/* 按照每个80万元的标准，安排补助60万元: what is paid by a rate is a multiple of it. */
static void check_rate(sm_check *c, const sm_rule *rule, const sm_line *line)
{
    static const char *const bounds[] = { "最高", "不超过", "上限", "月",   "比例", "%", "以内",
                                          "分别", "差额",   "其余", "剩余", "缺口", "年" };
    sm_figure *f;
    size_t n = speaks(line) ? sm_figures_of(c, line, &f) : 0;
    for (size_t i = 0; i + 1 < n; i++) {
        const sm_figure *rate = &f[i], *paid = &f[i + 1];
        sm_str gap = sm_str_sub(line->text, rate->end, paid->at);
        sm_str before = sm_clause_before(line->text, rate->at);
        if (rate->kind != SM_FACT_MONEY || paid->kind != SM_FACT_MONEY || !paid->exact ||
            !sm_str_starts(gap, SM_STR("的标准，")) || gap.n > 60 ||
            sm_str_has(gap, SM_STR("。")) || !sm_str_has(before, SM_STR("每")) ||
            sm_str_has_any(before, bounds, SM_LEN(bounds)) ||
            sm_str_has_any(gap, bounds, SM_LEN(bounds)))
            continue;
        double times = paid->value / rate->value;
        if (times > 1000 || fabs(times - round(times)) < 1e-6)
            continue;
        sm_finding *found = sm_find_slice(c, rule, line, paid->text);
        if (times < 1.5)
            sm_propose(found, rate->text);
        found->confidence = .6;
        sm_because(c, found, "标准是%.*s，%.*s不是它的整倍数", SM_ARG(rate->text),
                   SM_ARG(paid->text));
    }
}

/* ------------------------------------------------------------ appointments */

/* How many paragraphs above say of somebody that he is appointed, or relieved. */
static size_t acts_above(const sm_check *c, const sm_line *sum, sm_str act)
{
    size_t n = 0;
    for (const sm_line *l = c->o->line; l < sum; l++) {
        bool person = sm_str_has(l->text, SM_STR("同志")) && !sm_str_has(l->text, SM_STR("等同志"));
        n += l->doc == sum->doc && l->role == SM_ROLE_TEXT && person && sm_str_has(l->text, act);
    }
    return n;
}

/* 以上共任命2人、免去3人. */
static void check_appointed(sm_check *c, const sm_rule *rule, const sm_line *line)
{
    static const char *const acts[] = { "任命", "免去", "聘任", "解聘" };
    sm_figure *f;
    size_t n =
        speaks(line) && sm_str_has(line->text, SM_STR("以上")) ? sm_figures_of(c, line, &f) : 0;
    for (size_t i = 0; i < n; i++) {
        sm_str before = sm_str_sub(line->text, 0, f[i].at);
        for (size_t k = 0; k < SM_LEN(acts); k++) {
            size_t is = ends_any(before, &acts[k], 1) ? acts_above(c, line, sm_str_of(acts[k])) : 0;
            if (!is || (double)is == f[i].value || fabs((double)is - f[i].value) > 2)
                continue;
            sm_finding *found = sm_find_slice(c, rule, line, f[i].text);
            sm_propose(found, sm_figure_like(c->a, &f[i], (double)is));
            found->confidence = .7;
            sm_because(c, found, "上文%s的是%zu人", acts[k], is);
        }
    }
}

void sm_agree_check(sm_check *c, const sm_rule *rule)
{
    counts all = gather(c);
    for (size_t i = 0; i < all.n; i++)
        if (is_left(&all.f[i]))
            check_left(c, rule, &all, &all.f[i]);
    for (size_t i = 0; i < c->o->n; i++) {
        check_limits(c, rule, &c->o->line[i]);
        check_rate(c, rule, &c->o->line[i]);
        check_appointed(c, rule, &c->o->line[i]);
    }
}
