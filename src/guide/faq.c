/*
 * Which of an item's FAQs asks about what a question takes for granted.
 *
 * An item's FAQs are all of one matter: what the others ask, too, tells nothing.  One about another
 * thing of the same matter ("开咖啡馆要办…吗" for a barber) must not answer.
 */
#include <string.h>

#include "answer/answer.h"
#include "guide/premise.h"

#define HAS(text, words) sm_str_has_any((text), (words), SM_LEN(words))

static const double FAQ_ALIKE = 0.36, FAQ_SURELY = 0.5,
                    FAQ_AT_LEAST = 0.2;  /* of a premise's wording in an FAQ's question */
static const double IDEA_ADDS = 0.25;    /* for what is told in other words */
static const double OBJECT_ALIKE = 0.45; /* of what one need not, in what is said to be needed */
static const double AMONG = 0.3, LEADS = 0.2, ASKED_ALIKE = 0.25; /* of an FAQ among the item's */
/* Of the wording of what it asks about, in the text. */
static const double SUBJECT_SAID = 0.5, SUBJECT_HARDLY = 0.3;
enum { MAX_FAQS = 32, TWO_HAN = 6 };

/* Ways to say one thing, which a premise and an answer may share without a common word. */
static const struct {
    const char *said[6], *written[7]; /* NULL ends */
} ideas[] = {
    { { "外地", "外省", "老家", "户籍地", "本地户口" },
      { "外地", "外省", "不限户籍", "户口都不在", "户口在外", "户籍限制" } },
    { { "代办", "托人", "替我", "代替", "帮我办", "委托" },
      { "代办", "委托", "替我", "代为", "亲自" } },
    { { "户口本", "户口簿" }, { "户口簿", "户口本" } },
    { { "登报" }, { "登报" } },
    { { "租房合同", "租赁合同" }, { "租房合同", "租赁合同" } },
    { { "签合同", "没合同", "劳动合同" }, { "劳动合同" } },
    { { "押金" }, { "押金" } },
    { { "退休金", "养老金" }, { "退休金", "养老金" } },
    { { "结婚证" }, { "结婚证" } },
    { { "接种证", "接种" }, { "接种证", "接种" } },
    { { "审批" }, { "审批" } },
    { { "上税", "交税", "缴税", "个税", "扣税" }, { "税" } },
    { { "罚" }, { "罚" } },
    { { "公证" }, { "公证" } },
    { { "体检" }, { "体检" } },
    { { "考试", "重新考", "要考" }, { "考试" } },
};

/* With a figure that both have. */
static double shared_ideas(sm_arena *a, sm_str phrase, sm_str text)
{
    double n = 0;
    sm_fact *f, *g;
    size_t n_f = sm_text_facts(a, phrase, &f), n_g = n_f ? sm_text_facts(a, text, &g) : 0;
    for (size_t i = 0; i < n_f; i++)
        for (size_t k = 0; k < n_g; k++)
            n += sm_str_eq(f[i].key, g[k].key);
    for (size_t i = 0; i < SM_LEN(ideas); i++)
        n += HAS(phrase, ideas[i].said) && HAS(text, ideas[i].written);
    return n;
}

bool sm_faq_split(const sm_clause *c, sm_faq *out)
{
    sm_faq one = { .clause = c };
    if (!sm_str_starts(c->path, SM_STR("faq/")) || !sm_faq_parts(c->text, &one.asks, &one.answers))
        return false;
    *out = one;
    return true;
}

sm_str sm_in_formal_words(sm_arena *a, sm_str text)
{
    static const char *const pairs[][2] = { { "户口本", "户口簿" },
                                            { "租房合同", "租赁合同" },
                                            { "房产证", "不动产权证书" } };
    for (size_t i = 0; i < SM_LEN(pairs); i++) {
        size_t at = sm_str_find(text, sm_str_of(pairs[i][0]), 0);
        if (at != SIZE_MAX)
            text = sm_strf(a, "%.*s%s%.*s", (int)at, text.p, pairs[i][1],
                           (int)(text.n - at - strlen(pairs[i][0])),
                           text.p + at + strlen(pairs[i][0]));
    }
    return text;
}

sm_str sm_premise_object(sm_str phrase)
{
    static const char *const words[] = { "必须", "一定要", "需要", "要", "得" };
    static const char *const ends[] = { "对吧", "是吧", "吗", "吧", "啊", "？" };
    sm_str s = { 0 };
    for (size_t i = 0; i < SM_LEN(words) && !s.n; i++) {
        size_t at = sm_str_find(phrase, sm_str_of(words[i]), 0);
        if (at != SIZE_MAX)
            s = sm_str_sub(phrase, at + strlen(words[i]), phrase.n);
    }
    for (size_t i = 0; i < SM_LEN(ends); i++)
        if (sm_str_ends(s, sm_str_of(ends[i])))
            s.n -= strlen(ends[i]);
    return s;
}

static double either_shared(sm_arena *a, sm_str x, sm_str y)
{
    sm_wordset p = sm_wordset_of(a, x), q = sm_wordset_of(a, y);
    return SM_MAX(sm_wordset_shared(&p, &q), sm_wordset_shared(&q, &p));
}

static sm_str without_mark(sm_str q)
{
    static const char *const marks[] = { "？", "?", "吗", "么", "呢" };
    for (size_t i = 0; i < SM_LEN(marks); i++)
        if (sm_str_ends(q, sm_str_of(marks[i])))
            q.n -= strlen(marks[i]);
    return q;
}

/* Of whom or of what it asks: "医疗美容诊所能备案吗" gives 医疗美容诊所. */
static sm_str subject_of(sm_str q)
{
    static const char *const leads[] = { "现在",   "目前", "如果",   "没有", "可以", "要不要",
                                         "能不能", "不能", "是不是", "开",   "我" },
                             *const verbs[] = {
                                 "能", "可以", "要", "还", "也", "必须", "都", "，"
                             };
    for (size_t i = 0; i < SM_LEN(leads); i++)
        if (sm_str_starts(q, sm_str_of(leads[i])))
            q = sm_str_sub(q, strlen(leads[i]), q.n);
    size_t end = q.n;
    for (size_t i = 0; i < SM_LEN(verbs); i++)
        end = SM_MIN(end, sm_str_find(q, sm_str_of(verbs[i]), 0));
    return sm_str_sub(q, 0, end);
}

/* The question's subject is spoken of, and so is what it asks to do with it. */
static bool of_the_same(sm_arena *a, const sm_premise *p, sm_str said, sm_str q, double share)
{
    static const char *const handling[] = { "申请", "办", "领" }; /* whatever is to be done */
    bool allows = p->sign == SM_RULE_MAY || p->sign == SM_RULE_MAY_NOT;
    q = without_mark(q);
    sm_str subject = subject_of(q), opens = sm_str_sub(subject, 0, TWO_HAN),
           ends = sm_str_sub(q, q.n - SM_MIN(q.n, (size_t)TWO_HAN), q.n);
    if (sm_str_starts(ends, SM_STR("能")) || sm_str_starts(ends, SM_STR("要")))
        ends = sm_str_sub(ends, ends.n / 2, ends.n);
    if (allows && !sm_str_has(said, ends) && !sm_str_has_any(ends, handling, SM_LEN(handling)))
        return false;
    return subject.n < TWO_HAN || sm_str_has(p->phrase, opens) ||
           sm_text_shared(a, subject, said) >= share;
}

/* The FAQ asks about what the premise claims, and not only about the same matter. */
static bool about_it(sm_arena *a, const sm_premise *p, sm_str q, double alike, bool tells,
                     bool surely)
{
    static const char *const money[] = { "费", "钱", "押金", "收" };
    if (p->slot == SM_PREMISE_FEE)
        return HAS(q, money) && (alike >= FAQ_ALIKE || tells);
    if (p->sign != SM_RULE_MUST && p->sign != SM_RULE_NEED_NOT)
        return surely || tells || (alike >= FAQ_ALIKE && shared_ideas(a, p->phrase, q) > 0);
    sm_str mine = sm_in_formal_words(a, sm_premise_object(p->phrase)),
           asked = sm_in_formal_words(a, sm_premise_object(q));
    return (alike >= FAQ_ALIKE && shared_ideas(a, mine, asked.n ? asked : q) > 0) ||
           (tells && mine.n && asked.n && either_shared(a, mine, asked) >= OBJECT_ALIKE);
}

bool sm_faq_about(sm_arena *a, const sm_clause *clause, size_t n_clauses, const sm_premise *p,
                  sm_str text, sm_faq *out)
{
    sm_faq faq[MAX_FAQS];
    sm_wordset set[MAX_FAQS], said = sm_wordset_of(a, sm_premise_core(p->phrase)),
                              wider = sm_wordset_of(a, p->context);
    const sm_wordset *sets[MAX_FAQS];
    size_t n = 0;
    double most = 0;
    for (size_t i = 0; i < n_clauses && n < MAX_FAQS; i++)
        if (sm_faq_split(&clause[i], &faq[n])) {
            set[n] = sm_wordset_of(a, faq[n].asks);
            sets[n] = &set[n];
            n++;
        }
    double *among = sm_wordset_shared_among(a, &wider, sets, n);
    for (size_t i = 0; i < n; i++) {
        sm_str q = faq[i].asks;
        double alike =
            sm_wordset_shared(&said, &set[i]) + IDEA_ADDS * shared_ideas(a, p->phrase, q);
        double lead = among[i];
        for (size_t k = 0; k < n; k++)
            lead = k == i ? lead : SM_MIN(lead, among[i] - among[k]);
        bool tells = alike >= FAQ_AT_LEAST && among[i] >= AMONG && lead >= LEADS &&
                     sm_wordset_shared(&set[i], &wider) >= ASKED_ALIKE &&
                     of_the_same(a, p, text, q, SUBJECT_SAID);
        bool surely = alike >= FAQ_SURELY && of_the_same(a, p, text, q, SUBJECT_HARDLY);
        if (alike + among[i] > most && about_it(a, p, q, alike, tells, surely)) {
            most = alike + among[i];
            *out = faq[i];
        }
    }
    return most > 0;
}
