/*
 * Contradictions of a guide and a policy that are not two values of one kind: a promised limit
 * longer than the policy's own limits together, a condition that the policy lifts, a proof that
 * another department gives.
 */
#include "corpus/governance.h"

#include <string.h>

#include "text/text.h"

/* --------------------------------------------------------------- limits */

/* From acceptance to the end, in working days, as one clause gives it; -1 when it gives none. */
static double limit_of(const sm_side *rule, const sm_clause *c)
{
    static const char *const at_once[] = { "当场办结", "当场发放", "当场发给", "当场核发",
                                           "当场出具", "当场办理", "当场制发" };
    double days = 0;
    if (sm_str_has(c->text, SM_STR("受理之日起"))) {
        for (size_t i = 0; i < rule->of.n; i++) {
            const sm_statement *s = &rule->of.s[i];
            if (s->clause != c || (s->bound != SM_SAID_WITHIN && s->bound != SM_SAID_NONE))
                continue;
            if (s->family == SM_FAMILY_WORKDAYS)
                days += s->value;
            else if (s->family == SM_FAMILY_DAYS)
                days += s->value * 5 / 7;
        }
        return days > 0 ? days : -1;
    }
    for (size_t i = 0; i < SM_LEN(at_once); i++)
        if (sm_str_has(c->text, sm_str_of(at_once[i])))
            return 0;
    return -1;
}

static double promised_of(const sm_clause *c, sm_arena *a, sm_str *text)
{
    sm_fact *f;
    size_t n = sm_text_facts(a, c->text, &f);
    for (size_t i = 0; i < n; i++) {
        *text = f[i].text;
        if (f[i].kind == SM_FACT_WORKDAYS)
            return f[i].value;
        if (f[i].kind == SM_FACT_DAYS)
            return f[i].value * 5 / 7;
    }
    return -1;
}

static const sm_clause *clause_at(const sm_subject *s, const char *path)
{
    for (size_t i = 0; i < s->n_clauses; i++)
        if (sm_str_eq(s->clause[i].path, sm_str_of(path)))
            return &s->clause[i];
    return NULL;
}

/* The policy's limit is the one in the clause that names most of the guide's matter. */
static void compare_limits(sm_matching *w, const sm_side *guide, const sm_side *rule)
{
    const sm_clause *mine = clause_at(guide->subject, "promised_limit"), *best = NULL;
    sm_str value = { 0 };
    double promised = mine ? promised_of(mine, w->a, &value) : -1, limit = -1, most = -1;
    if (promised < 0)
        return;
    for (size_t i = 0; i < rule->subject->n_clauses; i++) {
        const sm_clause *c = &rule->subject->clause[i];
        double days = rule->others && rule->others[i] ? -1 : limit_of(rule, c);
        double about = days < 0 ? -1 : sm_clause_about(w, guide, c);
        if (about > most) {
            most = about;
            limit = days;
            best = c;
        }
    }
    if (!best || promised <= limit + 1e-9)
        return;
    sm_defect f = { .a_path = mine->path,
                     .a_value = value,
                     .b_path = best->path,
                     .b_value =
                         limit > 0 ? sm_strf(w->a, "合计%.10g个工作日", limit) : SM_STR("当场") };
    size_t at = sm_str_find(best->text, limit > 0 ? SM_STR("受理之日起") : SM_STR("当场"), 0);
    sm_str *sentence;
    size_t n = sm_text_sentences(w->a, best->text, &sentence);
    sm_str rules = best->text;
    for (size_t i = 0; i < n; i++)
        if (sentence[i].p <= best->text.p + at && best->text.p + at < sentence[i].p + sentence[i].n)
            rules = sentence[i];
    sm_item_conflict(w->r, guide->subject, rule->subject, &f, mine->text, rules);
}

/* ---------------------------------------------------------- lifted limits */

static const struct {
    const char *word;
    sm_family family;
} lifted[] = { { "年龄", SM_FAMILY_AGE },    { "年限", SM_FAMILY_MONTHS },
               { "面积", SM_FAMILY_AMOUNT }, { "学历", SM_FAMILY_EDUCATION },
               { "职称", SM_FAMILY_TITLE },  { "收入", SM_FAMILY_MONEY } };

/* The part of the sentence before 不受: 父母投靠子女，不受年龄限制. */
static sm_str subject_of(sm_str text, size_t at)
{
    static const char *const ends[] = { "。", "；", "：", "）", "\n" };
    size_t from = 0;
    for (size_t i = 0; i < SM_LEN(ends); i++)
        for (size_t k = 0; (k = sm_str_find(text, sm_str_of(ends[i]), k)) < at;
             k += strlen(ends[i]))
            from = SM_MAX(from, k + strlen(ends[i]));
    return sm_str_trim(sm_str_sub(text, from, at));
}

static void compare_lifted(sm_matching *w, const sm_side *guide, const sm_side *rule,
                           const sm_clause *c, size_t at)
{
    size_t end = sm_str_find(c->text, SM_STR("限制"), at);
    if (end == SIZE_MAX || end - at > 60)
        return;
    sm_str what = sm_str_sub(c->text, at, end + strlen("限制")), whom = subject_of(c->text, at);
    const uint64_t *token;
    size_t n = sm_token_set(w->a, whom, &token);
    const sm_str mine = guide->subject->text;
    const uint64_t *all;
    size_t n_all = sm_token_set(w->a, mine, &all);
    if (n == 0 || sm_found_in(w, token, n, all, n_all, NULL, 0) < 0.8)
        return;
    for (size_t k = 0; k < SM_LEN(lifted); k++) {
        if (!sm_str_has(what, sm_str_of(lifted[k].word)))
            continue;
        for (size_t i = 0; i < guide->of.n; i++) {
            const sm_statement *s = &guide->of.s[i];
            if (s->family != lifted[k].family ||
                !sm_str_starts(s->clause->path, SM_STR("conditions/")))
                continue;
            sm_defect f = {
                .a_path = s->clause->path, .a_value = s->text, .b_path = c->path, .b_value = what
            };
            sm_item_conflict(w->r, guide->subject, rule->subject, &f, s->near,
                             sm_strf(w->a, "%.*s%.*s", SM_ARG(whom), SM_ARG(what)));
            return;
        }
    }
}

/* ------------------------------------------------------------ departments */

/* What a department is in charge of: 云澜市生态环境局 and 区县生态环境部门 give 生态环境. */
static sm_str charge_of(const sm_matching *w, sm_str organ)
{
    static const char *const tails[] = { "行政主管部门", "主管部门", "行政部门", "管理部门", "部门",
                                         "管理局",       "委员会",   "机关",     "局",       "厅" };
    static const char *const heads[] = { "区县", "所在地", "市", "区", "县", "省" };
    for (size_t i = 0; i < w->n_places; i++)
        if (sm_str_starts(organ, w->place[i])) {
            organ = sm_str_sub(organ, w->place[i].n, organ.n);
            break;
        }
    for (size_t i = 0; i < SM_LEN(heads); i++)
        if (sm_str_starts(organ, sm_str_of(heads[i])))
            organ = sm_str_sub(organ, strlen(heads[i]), organ.n);
    for (size_t i = 0; i < SM_LEN(tails); i++)
        if (sm_str_ends(organ, sm_str_of(tails[i]))) {
            organ = sm_str_sub(organ, 0, organ.n - strlen(tails[i]));
            break;
        }
    return organ;
}

/* 取得…部门的证明: who gives what the guide's department says it gives. */
static void compare_organ(sm_matching *w, const sm_side *guide, const sm_side *rule,
                          const sm_clause *c, size_t at)
{
    static const char *const proofs[] = { "证明", "许可", "批准", "核准", "同意", "确认" };
    sm_str rest = sm_str_sub(c->text, at + strlen("取得"), c->text.n);
    size_t of = sm_str_find(rest, SM_STR("部门"), 0);
    if (of == SIZE_MAX || of > 60)
        return;
    sm_str organ = sm_str_sub(rest, 0, of + strlen("部门"));
    sm_str proof = sm_str_sub(rest, organ.n, rest.n);
    if (sm_str_starts(proof, SM_STR("的")))
        proof = sm_str_sub(proof, 3, proof.n);
    for (size_t i = 0; i < SM_LEN(proofs); i++) {
        sm_str dept = guide->subject->doc->parent;
        const uint64_t *mine, *theirs;
        if (!sm_str_starts(proof, sm_str_of(proofs[i])) ||
            !sm_str_has(guide->subject->doc->title, sm_str_of(proofs[i])) ||
            sm_clause_about(w, guide, c) < 0.5)
            continue;
        size_t n = sm_token_set(w->a, charge_of(w, dept), &mine),
               m = sm_token_set(w->a, charge_of(w, organ), &theirs);
        if (n == 0 || m == 0 || sm_found_in(w, theirs, m, mine, n, NULL, 0) > 0)
            return;
        sm_defect f = {
            .a_path = SM_STR("name"), .a_value = dept, .b_path = c->path, .b_value = organ
        };
        const sm_clause *name = clause_at(guide->subject, "name");
        sm_item_conflict(
            w->r, guide->subject, rule->subject, &f, name ? name->text : dept,
            sm_str_sub(c->text, at,
                       at + strlen("取得") + organ.n + strlen("的") + strlen(proofs[i])));
        return;
    }
}

void sm_compare_words(sm_matching *w, const sm_side *guide, const sm_side *rule)
{
    compare_limits(w, guide, rule);
    for (size_t i = 0; i < rule->subject->n_clauses; i++) {
        const sm_clause *c = &rule->subject->clause[i];
        if (rule->others && rule->others[i])
            continue;
        for (size_t at = 0; (at = sm_str_find(c->text, SM_STR("不受"), at)) != SIZE_MAX; at += 6)
            compare_lifted(w, guide, rule, c, at);
        for (size_t at = 0; (at = sm_str_find(c->text, SM_STR("取得"), at)) != SIZE_MAX; at += 6)
            compare_organ(w, guide, rule, c, at);
    }
}
