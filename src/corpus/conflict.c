/*
 * Two texts on one matter that give different values: policy against policy, guide against policy.
 *
 * Guides and policies are paired by the tf-idf cosine of their texts and titles; then every value
 * of the one is aligned, by the wording it stands in, with the values of its kind in the other, and
 * a finding is a value whose best aligned counterparts all differ.  Wording decides: nothing here
 * knows a matter by name.  Thresholds were set on the demo city, whose planted contradictions are
 * known.
 */
#include "corpus/governance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "text/text.h"

static const double ITEM_POLICY =
    0.14;                         /* kinship from which a guide and a policy are on one matter */
static const double TITLES = 0.3; /* of the titles' cosine in the kinship, beside the texts' */
static const double NEARLY_BEST = 0.7; /* share of the kinship of the guide's nearest policy */
static const double NEAR_ENOUGH = 0.6; /* share of the kinship of the policy's nearest guide */
static const double OTHERS_CLAUSE =
    0.25; /* a clause that fits another guide's name by this much more is its */
static const double POLICY_POLICY = 0.2; /* cosine of two policies, together with their titles */
static const double ALIGNED = 0.39; /* likeness of wording from which two values are compared */
static const double AS_GOOD = 0.8;  /* an equal value this near to the best alignment agrees */
static const double AS_GOOD_BOUND = 0.5; /* the same when both bound alike: 不超过, 满 */
static const double SAME_WORDING = 0.5;  /* of two elements of a guide that say one thing */
static const double FAR_APART =
    10; /* values more than this factor apart measure different things */
enum {
    TOPIC_SHARED = 4, /* characters in a row that two titles have in common */
    QUOTED = 80,      /* characters of a text that a finding quotes */
};

static const sm_subject *subject(const sm_matching *w, size_t i)
{
    return i < w->r->n_policies ? &w->r->policy[i] : &w->r->item[i - w->r->n_policies];
}

/* --------------------------------------------------------------- reading */

static bool said_of_conditions(sm_str path)
{
    static const char *const heads[] = { "conditions/", "faq/", "result", "scope", "eligibility" };
    return sm_str_starts_any(path, heads, SM_LEN(heads));
}

static const sm_side *read_side(sm_matching *w, size_t i)
{
    sm_side *d = &w->side[i];
    const sm_subject *s = subject(w, i);
    if (d->subject)
        return d;
    d->subject = s;
    for (size_t k = 0; k < s->n_clauses; k++)
        if (i < w->r->n_policies || said_of_conditions(s->clause[k].path))
            sm_statements_of(w->a, &s->clause[k], &d->of);
    d->n_tokens = sm_token_set(w->a, s->text, &d->token);
    d->n_title = sm_token_set(w->a, s->doc->title, &d->title);
    return d;
}

double sm_found_in(const sm_matching *w, const uint64_t *token, size_t n, const uint64_t *near,
                   size_t n_near, const uint64_t *far, size_t n_far)
{
    double all = 0, got = 0;
    for (size_t i = 0; i < n; i++) {
        double idf = sm_bags_idf(w->bags, token[i]);
        all += idf;
        got += sm_token_in(near, n_near, token[i]) ? idf
               : sm_token_in(far, n_far, token[i]) ? idf * 0.5
                                                   : 0;
    }
    return all > 0 ? got / all : 0;
}

double sm_clause_about(const sm_matching *w, const sm_side *guide, const sm_clause *c)
{
    const uint64_t *wide;
    sm_arena *one = sm_arena_open();
    size_t n =
        sm_token_set(one, sm_strf(one, "%.*s\n%.*s", SM_ARG(c->heading), SM_ARG(c->text)), &wide);
    double about = sm_found_in(w, guide->title, guide->n_title, wide, n, NULL, 0);
    sm_arena_close(one);
    return about;
}

/* ------------------------------------------------------------- alignment */

/* How alike two values' wording is: the few words both stand in, what the sentence and the title of
 * the one share with the other's clause. */
static double wording(const sm_matching *w, const sm_statement *s, const sm_side *of_s,
                      const sm_statement *p, const sm_side *of_p)
{
    double there = sm_found_in(w, s->core, s->n_core, p->core, p->n_core, p->wide, p->n_wide);
    double back =
        sm_found_in(w, p->core, p->n_core, s->core, s->n_core, of_s->token, of_s->n_tokens);
    double around = sm_found_in(w, s->said, s->n_said, p->wide, p->n_wide, NULL, 0);
    double about =
        sm_found_in(w, of_s->title, of_s->n_title, p->wide, p->n_wide, of_p->title, of_p->n_title);
    return 0.6 * sqrt(there * back) + 0.2 * around + 0.2 * about;
}

static bool comparable(const sm_statement *s, const sm_statement *p)
{
    if (s->family != p->family || !sm_str_eq(s->unit, p->unit))
        return false;
    double least = SM_MIN(s->value, p->value), most = SM_MAX(s->value, p->value);
    if (least > 0 && most > FAR_APART * least)
        return false;
    return s->bound == p->bound || (s->bound == SM_SAID_NONE && p->bound != SM_SAID_WITHIN) ||
           (p->bound == SM_SAID_NONE && s->bound != SM_SAID_WITHIN);
}

static bool same_value(const sm_statement *s, const sm_statement *p)
{
    return fabs(s->value - p->value) <= 1e-9 * SM_MAX(fabs(s->value), 1.0);
}

struct match {
    const sm_statement *other; /* NULL when none is aligned or one as good agrees */
    double likeness;
    bool agrees;
};

static struct match align(const sm_matching *w, const sm_statement *s, const sm_side *of_s,
                          const sm_side *in)
{
    struct match best = { 0 };
    double equal = 0, bounded = 0;
    for (size_t i = 0; i < in->of.n; i++) {
        const sm_statement *p = &in->of.s[i];
        if (!comparable(s, p))
            continue;
        double like = wording(w, s, of_s, p, in);
        if (same_value(s, p)) {
            equal = SM_MAX(equal, like);
            if (s->bound == p->bound && s->bound != SM_SAID_NONE)
                bounded = SM_MAX(bounded, like);
        } else if (like > best.likeness &&
                   !(in->others && in->others[p->clause - in->subject->clause])) {
            best = (struct match){ .other = p, .likeness = like };
        }
    }
    best.agrees =
        equal > 0 && (equal >= AS_GOOD * best.likeness || bounded >= AS_GOOD_BOUND * best.likeness);
    if (best.likeness < ALIGNED || best.agrees)
        best.other = NULL;
    return best;
}

/* ------------------------------------------------------ guide and policy */

struct pair {
    size_t item, policy;
    double kinship;
};

struct pairs {
    struct pair *pair;
    size_t n, cap;
};

/* In force; or run out without a successor, or to come without a predecessor: then it is all there
 * is. */
static bool may_speak(const sm_matching *w, const sm_subject *policy, const sm_doc *item)
{
    const sm_doc *d = policy->doc;
    if (policy->state == SM_STATE_REPEALED || policy->state == SM_STATE_REPLACED ||
        (policy->state == SM_STATE_EXPIRED && d->superseded_by.n) ||
        (policy->state == SM_STATE_NOT_YET && d->supersedes.n))
        return false;
    if (d->region.n == 0 || (item->region.n && sm_str_eq(d->region, item->region)))
        return true;
    for (size_t i = 0; i < w->n_regions; i++)
        if (sm_str_eq(d->region, w->region[i]))
            return true;
    return w->n_regions == 0;
}

static void pair_item(sm_matching *w, struct pairs *all, size_t item, double *text, double *title)
{
    size_t n = w->r->n_policies;
    double best = 0;
    sm_bags_like(w->bags, item, text);
    sm_bags_like(w->titles, item, title);
    for (size_t i = 0; i < n; i++) {
        text[i] =
            may_speak(w, &w->r->policy[i], subject(w, item)->doc) ? text[i] + TITLES * title[i] : 0;
        best = SM_MAX(best, text[i]);
    }
    for (size_t i = 0; i < n; i++)
        if (text[i] >= ITEM_POLICY && text[i] >= NEARLY_BEST * best) {
            SM_GROW(w->a, all->pair, all->n, all->cap);
            all->pair[all->n++] = (struct pair){ item, i, text[i] };
        }
}

/* Drops pairs far weaker than the policy's best one. */
static void keep_near(sm_matching *w, struct pairs *all)
{
    double *best = SM_NEWS(w->a, double, w->r->n_policies + 1);
    size_t n = 0;
    for (size_t i = 0; i < all->n; i++)
        best[all->pair[i].policy] = SM_MAX(best[all->pair[i].policy], all->pair[i].kinship);
    for (size_t i = 0; i < all->n; i++)
        if (all->pair[i].kinship >= NEAR_ENOUGH * best[all->pair[i].policy])
            all->pair[n++] = all->pair[i];
    all->n = n;
}

/* Clauses of the policy that fit the name of another paired guide clearly better. */
static const bool *others_clauses(sm_matching *w, const struct pairs *all, const struct pair *of)
{
    const sm_subject *policy = subject(w, of->policy);
    bool *others = SM_NEWS(w->a, bool, policy->n_clauses + 1);
    for (size_t c = 0; c < policy->n_clauses; c++) {
        double mine = sm_clause_about(w, read_side(w, of->item), &policy->clause[c]), most = 0;
        for (size_t i = 0; i < all->n; i++)
            if (all->pair[i].policy == of->policy && all->pair[i].item != of->item)
                most = SM_MAX(
                    most, sm_clause_about(w, read_side(w, all->pair[i].item), &policy->clause[c]));
        others[c] = most > mine + OTHERS_CLAUSE;
    }
    return others;
}

static const char *standing(const sm_subject *policy)
{
    return policy->state == SM_STATE_EXPIRED   ? "（该文件已失效）"
           : policy->state == SM_STATE_NOT_YET ? "（该文件尚未施行）"
                                               : "";
}

sm_str sm_one_line(sm_arena *a, sm_str s)
{
    sm_str head = sm_utf8_head(s, QUOTED);
    char *line = sm_cstr(a, head);
    for (size_t i = 0; i < head.n; i++)
        if (line[i] == '\n')
            line[i] = ' ';
    return head.n < s.n ? sm_strf(a, "%s…", line) : (sm_str){ line, head.n };
}

void sm_item_conflict(sm_report *r, const sm_subject *item, const sm_subject *policy,
                      const sm_defect *values, sm_str says, sm_str rules)
{
    for (size_t i = 0; i < r->n; i++) {
        sm_defect *f = &r->f[i];
        if (f->kind == SM_FINDING_ITEM_CONFLICT && sm_str_eq(f->a, item->doc->id) &&
            sm_str_eq(f->b, policy->doc->id) && sm_str_eq(f->a_value, values->a_value))
            return; /* the same value again, in another element */
    }
    sm_defect f = *values;
    f.kind = SM_FINDING_ITEM_CONFLICT;
    f.a = item->doc->id;
    f.b = policy->doc->id;
    f.text =
        sm_strf(r->op->arena,
                "%.*s《%.*s》的指南（%.*s）写“%.*s”，%.*s《%.*s》%.*s%s写“%.*s”："
                "%.*s 与 %.*s 不一致；请核对后改指南，或在文件里写明例外",
                SM_ARG(f.a), SM_ARG(item->doc->title), SM_ARG(f.a_path),
                SM_ARG(sm_one_line(r->op->arena, says)), SM_ARG(f.b), SM_ARG(policy->doc->title),
                SM_ARG(f.b_path), standing(policy), SM_ARG(sm_one_line(r->op->arena, rules)),
                SM_ARG(f.a_value), SM_ARG(f.b_value));
    sm_report_add(r, f);
}

/* A value that another policy in force on the matter gives too is no contradiction of the guide's.
 */
static bool backed(sm_matching *w, const struct pairs *all, const struct pair *of,
                   const sm_statement *s)
{
    for (size_t i = 0; i < all->n; i++)
        if (all->pair[i].item == of->item && all->pair[i].policy != of->policy &&
            subject(w, all->pair[i].policy)->state == SM_STATE_IN_FORCE &&
            align(w, s, read_side(w, of->item), read_side(w, all->pair[i].policy)).agrees)
            return true;
    return false;
}

/* What the guide says rightly in one element is not held against a looser wording in another. */
static void forgive_said_rightly(const sm_matching *w, const sm_side *guide, struct match *m)
{
    for (size_t i = 0; i < guide->of.n; i++)
        for (size_t k = 0; m[i].agrees && k < guide->of.n; k++) {
            const sm_statement *right = &guide->of.s[i], *loose = &guide->of.s[k];
            if (m[k].other && right->family == loose->family && same_value(right, loose) &&
                sm_found_in(w, loose->core, loose->n_core, right->core, right->n_core, NULL, 0) >=
                    SAME_WORDING)
                m[k].other = NULL;
        }
}

/* The guide's values that the policy contradicts, the best aligned of each value. */
static void compare_item(sm_matching *w, const struct pairs *all, const struct pair *of)
{
    const sm_side *guide = read_side(w, of->item);
    sm_side rule = *read_side(w, of->policy);
    struct match *m = SM_NEWS(w->a, struct match, guide->of.n + 1);
    rule.others = others_clauses(w, all, of);
    for (size_t i = 0; i < guide->of.n; i++) {
        m[i] = align(w, &guide->of.s[i], guide, &rule);
        if (m[i].other && backed(w, all, of, &guide->of.s[i]))
            m[i].other = NULL;
    }
    forgive_said_rightly(w, guide, m);
    for (;;) {
        size_t best = SIZE_MAX;
        for (size_t i = 0; i < guide->of.n; i++)
            if (m[i].other && (best == SIZE_MAX || m[i].likeness > m[best].likeness))
                best = i;
        if (best == SIZE_MAX)
            break;
        const sm_statement *s = &guide->of.s[best], *p = m[best].other;
        sm_defect f = { .a_path = s->clause->path,
                        .a_value = s->text,
                        .b_path = p->clause->path,
                        .b_value = p->text };
        sm_item_conflict(w->r, guide->subject, rule.subject, &f, s->near, p->near);
        m[best].other = NULL;
    }
    sm_compare_words(w, guide, &rule);
}

/* ------------------------------------------------------ policy and policy */

/* A title without places and the words that name a kind of document. */
static sm_str topic_of(const sm_matching *w, sm_str title)
{
    static const char *const words[] = { "关于", "通知", "实施", "暂行", "管理", "办法",
                                         "条例", "规定", "细则", "公告", "通告", "意见",
                                         "方案", "措施", "发放", "调整", "做好", "印发",
                                         "有关", "工作", "政策", "标准" };
    sm_buf b;
    sm_buf_init(&b, 1 << 16);
    for (size_t i = 0; i < title.n;) {
        sm_str rest = sm_str_sub(title, i, title.n);
        size_t skip = 0;
        for (size_t k = 0; !skip && k < SM_LEN(words); k++)
            if (sm_str_starts(rest, sm_str_of(words[k])))
                skip = strlen(words[k]);
        for (size_t k = 0; !skip && k < w->n_places; k++)
            if (sm_str_starts(rest, w->place[k]))
                skip = w->place[k].n;
        if (skip)
            sm_buf_addc(&b, '|');
        else
            sm_buf_addc(&b, title.p[i]);
        i += skip ? skip : 1;
    }
    sm_str out = sm_str_dup(w->a, sm_buf_str(&b));
    sm_buf_done(&b);
    return out;
}

static bool share_topic(const sm_matching *w, const sm_doc *a, const sm_doc *b)
{
    sm_str x = topic_of(w, a->title), y = topic_of(w, b->title);
    for (; sm_utf8_count(x) >= TOPIC_SHARED; sm_utf8_next(&x)) {
        sm_str run = sm_utf8_head(x, TOPIC_SHARED);
        if (!memchr(run.p, '|', run.n) && sm_str_has(y, run))
            return true;
    }
    return false;
}

static bool duplicates(const sm_report *r, const sm_doc *a, const sm_doc *b)
{
    for (size_t i = 0; i < r->n; i++)
        if (r->f[i].kind == SM_FINDING_NEAR_DUPLICATE && sm_str_eq(r->f[i].a, a->id) &&
            sm_str_eq(r->f[i].b, b->id))
            return true;
    return false;
}

struct aligned {
    const sm_statement *one, *other;
    double likeness; /* both ways */
};

static int by_likeness(const void *a, const void *b)
{
    const struct aligned *x = a, *y = b;
    if (x->likeness != y->likeness)
        return x->likeness > y->likeness ? -1 : 1;
    return x->one != y->one      ? (x->one < y->one ? -1 : 1)
           : x->other < y->other ? -1
                                 : x->other > y->other;
}

static size_t align_all(sm_matching *w, const sm_side *a, const sm_side *b, struct aligned **out)
{
    size_t n = 0, cap = 0;
    *out = NULL;
    for (size_t i = 0; i < a->of.n; i++)
        for (size_t k = 0; k < b->of.n; k++) {
            const sm_statement *s = &a->of.s[i], *p = &b->of.s[k];
            if (!comparable(s, p))
                continue;
            double like = (wording(w, s, a, p, b) + wording(w, p, b, s, a)) / 2;
            if (like < ALIGNED)
                continue;
            SM_GROW(w->a, *out, n, cap);
            (*out)[n++] = (struct aligned){ s, p, like };
        }
    if (n)
        qsort(*out, n, sizeof(**out), by_likeness);
    return n;
}

static void add_conflict(sm_matching *w, const sm_doc *x, const sm_statement *s, const sm_doc *y,
                         const sm_statement *p)
{
    sm_report_add(
        w->r, (sm_defect){ .kind = SM_FINDING_CONFLICT,
                           .a = x->id,
                           .a_path = s->clause->path,
                           .a_value = s->text,
                           .b = y->id,
                           .b_path = p->clause->path,
                           .b_value = p->text,
                           .text = sm_strf(w->r->op->arena,
                                           "%.*s《%.*s》%.*s写“%.*s”，%.*s《%.*s》%.*s写“%.*"
                                           "s”，两份文件都有效，彼此没有替代关系；"
                                           "请会同发文机关确定以哪一份为准",
                                           SM_ARG(x->id), SM_ARG(x->title), SM_ARG(s->clause->path),
                                           SM_ARG(sm_one_line(w->a, s->near)), SM_ARG(y->id),
                                           SM_ARG(y->title), SM_ARG(p->clause->path),
                                           SM_ARG(sm_one_line(w->a, p->near))) });
}

/* One to one, the most alike first: each value of the one has at most one counterpart. */
static void compare_policies(sm_matching *w, size_t i, size_t k)
{
    const sm_side *a = read_side(w, i), *b = read_side(w, k);
    struct aligned *all;
    size_t n = align_all(w, a, b, &all);
    bool *taken = SM_NEWS(w->a, bool, a->of.n + 1), *taken_too = SM_NEWS(w->a, bool, b->of.n + 1);
    for (size_t m = 0; m < n; m++) {
        size_t s = (size_t)(all[m].one - a->of.s), p = (size_t)(all[m].other - b->of.s);
        if (taken[s] || taken_too[p])
            continue;
        taken[s] = taken_too[p] = true;
        if (!same_value(all[m].one, all[m].other))
            add_conflict(w, a->subject->doc, all[m].one, b->subject->doc, all[m].other);
    }
}

static void check_policy(sm_matching *w, size_t i, double *like)
{
    const sm_subject *a = subject(w, i);
    if (a->state != SM_STATE_IN_FORCE)
        return;
    sm_bags_like(w->bags, i, like);
    for (size_t k = i + 1; k < w->r->n_policies; k++) {
        const sm_subject *b = subject(w, k);
        if (like[k] >= POLICY_POLICY && b->state == SM_STATE_IN_FORCE &&
            sm_str_eq(a->doc->region, b->doc->region) && !sm_docs_succeed(a->doc, b->doc) &&
            !duplicates(w->r, a->doc, b->doc) && share_topic(w, a->doc, b->doc))
            compare_policies(w, i, k);
    }
}

/* ------------------------------------------------------------- the report */

static sm_str matter_of(sm_arena *a, const sm_subject *s, bool item)
{
    sm_buf b;
    if (!item)
        return s->text;
    sm_buf_init(&b, SIZE_MAX / 4);
    sm_buf_add(&b, s->doc->title);
    for (size_t i = 0; i < s->n_clauses; i++)
        if (said_of_conditions(s->clause[i].path) ||
            sm_str_starts(s->clause[i].path, SM_STR("situations/")))
            sm_buf_addf(&b, "\n%.*s", SM_ARG(s->clause[i].text));
    sm_str text = sm_str_dup(a, sm_buf_str(&b));
    sm_buf_done(&b);
    return text;
}

static sm_rc read_places(sm_matching *w)
{
    sm_str home;
    sm_rc rc = sm_region_home(w->r->op, w->r->db, &home);
    if (rc == SM_OK && home.n)
        rc = sm_region_chain(w->r->op, w->r->db, home, &w->region, &w->n_regions);
    if (rc == SM_OK)
        rc = sm_region_names(w->r->op, w->r->db, &w->place, &w->n_places);
    return rc;
}

sm_rc sm_check_conflicts(sm_report *r)
{
    size_t n = r->n_policies + r->n_items;
    sm_matching w = { .r = r, .a = r->op->arena };
    struct pairs pairs = { 0 };
    sm_rc rc = read_places(&w);
    if (rc < 0)
        return rc;
    w.side = SM_NEWS(w.a, sm_side, n + 1);
    sm_str *text = SM_NEWS(w.a, sm_str, n + 1);
    double *like = SM_NEWS(w.a, double, n + 1), *title = SM_NEWS(w.a, double, n + 1);
    for (size_t i = 0; i < n; i++)
        text[i] = matter_of(w.a, subject(&w, i), i >= r->n_policies);
    w.bags = sm_bags_make(w.a, text, n);
    for (size_t i = 0; i < n; i++)
        text[i] = subject(&w, i)->doc->title;
    w.titles = sm_bags_make(w.a, text, n);
    for (size_t i = 0; rc == SM_OK && i < r->n_policies; i++) {
        check_policy(&w, i, like);
        rc = sm_op_check(r->op);
    }
    for (size_t i = r->n_policies; rc == SM_OK && i < n; i++) {
        pair_item(&w, &pairs, i, like, title);
        rc = sm_op_check(r->op);
    }
    keep_near(&w, &pairs);
    for (size_t i = 0; rc == SM_OK && i < pairs.n; i++) {
        compare_item(&w, &pairs, &pairs.pair[i]);
        rc = sm_op_check(r->op);
    }
    return rc;
}
