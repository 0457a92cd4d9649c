/*
 * What a question takes for granted, held against the source; the first claim that the source tells
 * otherwise is corrected, in the source's own words and with its citation.
 *
 * Evidence is looked for only where such a thing stands: a fee in the fee, a wait in the limits, an
 * age in the conditions, an amount in the clauses quoted.  What is not found there is let stand, or
 * said to be unknown: a correction must never be wrong.
 */
#include <string.h>

#include "guide/premise.h"
#include "guide/turn.h"

#define HAS(text, words) sm_str_has_any((text), (words), SM_LEN(words))

static const char LEAD[] = "您说的与资料不一致：";
static const double WORKDAY = 7.0 / 5; /* in days */
static const double SAME_WAIT = 0.25; /* so much may two lengths differ: 一个月, 20个工作日 */
static const double FAQ_ALIKE = 0.36, FAQ_SURELY = 0.5,
                    FAQ_AT_LEAST = 0.2;  /* of a premise's wording in an FAQ's question */
static const double IDEA_ADDS = 0.25;    /* for what is told in other words */
static const double OBJECT_ALIKE = 0.45; /* of what one need not, in what is said to be needed */
static const double SEGMENT_ALIKE =
    0.15;                               /* of a premise's wording in the segment with the figure */
static const double ITEM_NEAR = 0.4;    /* an item that clauses answer for */
static const double POLICY_NEAR = 0.05; /* of the head "policy": its clauses tell amounts, too */
static const double TERM_ALIKE = 0.3;   /* the same of a length */
static const double AMONG = 0.3, LEADS = 0.2,
                    ASKED_ALIKE = 0.25; /* of an FAQ against the item's others */
enum { MAX_FAQS = 32, MAX_SPOTS = 128, ANSWER_SENTENCES = 2, OBJECT_BYTES = 60 };

/* What the answer rests on. */
typedef struct refuting {
    sm_turn *t;
    sm_arena *a;
    const sm_doc *doc; /* the item; NULL: clauses answer */
    sm_clause *clause;
    size_t n_clauses;
    sm_str name;  /* the item's */
    bool known;   /* the amount claimed stands in the item's own elements */
    bool unknown; /* a figure is claimed of which the source says nothing */
} refuting;

/* A correction found: the sentence and the clauses it rests on. */
typedef struct refuted {
    sm_str sentence;
    const sm_doc *doc;
    const sm_clause *clause[2];
    size_t n;
} refuted;

static const sm_clause *clause_at(const refuting *x, const char *path)
{
    for (size_t i = 0; i < x->n_clauses; i++)
        if (sm_str_eq(x->clause[i].path, sm_str_of(path)))
            return &x->clause[i];
    return NULL;
}

static bool of_list(const sm_clause *c, const char *list)
{
    return sm_str_starts(c->path, sm_str_of(list));
}

static void say(const refuting *x, refuted *out, sm_str words, const sm_clause *c)
{
    *out = (refuted){ .sentence = sm_strf(x->a, "%s%.*s", LEAD, SM_ARG(words)),
                      .doc = x->doc,
                      .clause = { c },
                      .n = 1 };
    if (!sm_str_ends(out->sentence, SM_STR("。")))
        out->sentence = sm_strf(x->a, "%.*s。", SM_ARG(out->sentence));
}

static double days_of(const sm_fact *f)
{
    return f->value * (f->kind == SM_FACT_WORKDAYS ? WORKDAY
                       : f->kind == SM_FACT_MONTHS ? 30
                       : f->kind == SM_FACT_YEARS  ? 365
                                                   : 1);
}

/* --------------------------------------------------------------------- FAQs */

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

static bool has_one(sm_str text, const char *const *word, size_t n)
{
    for (size_t i = 0; i < n && word[i]; i++)
        if (sm_str_has(text, sm_str_of(word[i])))
            return true;
    return false;
}

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
        n += has_one(phrase, ideas[i].said, SM_LEN(ideas[i].said)) &&
             has_one(text, ideas[i].written, SM_LEN(ideas[i].written));
    return n;
}

/* Question and answer of an FAQ clause. */
static bool split_faq(const sm_clause *c, sm_str *q, sm_str *a)
{
    size_t at = sm_str_find(c->text, SM_STR("\n答："), 0);
    if (!of_list(c, "faq/") || at == SIZE_MAX || !sm_str_starts(c->text, SM_STR("问：")))
        return false;
    *q = sm_str_sub(c->text, strlen("问："), at);
    *a = sm_str_sub(c->text, at + strlen("\n答："), c->text.n);
    return true;
}

static sm_str first_sentences(const refuting *x, sm_str text)
{
    sm_str *s;
    size_t n = sm_text_sentences(x->a, text, &s);
    if (n == 0)
        return text;
    n = SM_MIN(n, (size_t)ANSWER_SENTENCES);
    return (sm_str){ s[0].p, (size_t)(s[n - 1].p + s[n - 1].n - s[0].p) };
}

static sm_str in_formal_words(sm_arena *a, sm_str text)
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

/* What is said to be needed: the words behind 要, 得, 必须. */
static sm_str object_of(sm_str phrase)
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

/* The FAQ asks about what the premise claims, and not only about the same matter. */
static bool about_it(const refuting *x, const sm_premise *p, sm_str q, double alike, bool tells)
{
    static const char *const money[] = { "费", "钱", "押金", "收" };
    if (p->slot == SM_PREMISE_FEE)
        return HAS(q, money) && (alike >= FAQ_ALIKE || tells);
    if (p->sign != SM_RULE_MUST && p->sign != SM_RULE_NEED_NOT)
        return alike >= FAQ_SURELY || tells ||
               (alike >= FAQ_ALIKE && shared_ideas(x->a, p->phrase, q) > 0);
    sm_str mine = in_formal_words(x->a, object_of(p->phrase)),
           asked = in_formal_words(x->a, object_of(q));
    return (alike >= FAQ_ALIKE && shared_ideas(x->a, mine, asked.n ? asked : q) > 0) ||
           (tells && mine.n && asked.n && either_shared(x->a, mine, asked) >= OBJECT_ALIKE);
}

/* The FAQ that asks about what is claimed.  An item's FAQs are all of one matter, so that what they
 * have in common does not count: a word tells the more the fewer of them have it. */
static const sm_clause *nearest_faq(const refuting *x, const sm_premise *p, sm_str *q,
                                    sm_str *answer)
{
    const sm_clause *faq[MAX_FAQS];
    sm_wordset set[MAX_FAQS], said = sm_wordset_of(x->a, sm_premise_core(p->phrase)),
                              wider = sm_wordset_of(x->a, p->context);
    const sm_wordset *sets[MAX_FAQS];
    sm_str asked[MAX_FAQS], told[MAX_FAQS];
    size_t n = 0, best = SIZE_MAX;
    double most = 0;
    for (size_t i = 0; i < x->n_clauses && n < MAX_FAQS; i++)
        if (split_faq(&x->clause[i], &asked[n], &told[n])) {
            set[n] = sm_wordset_of(x->a, asked[n]);
            sets[n] = &set[n];
            faq[n++] = &x->clause[i];
        }
    double *among = sm_wordset_shared_among(x->a, &wider, sets, n);
    for (size_t i = 0; i < n; i++) {
        double alike =
            sm_wordset_shared(&said, &set[i]) + IDEA_ADDS * shared_ideas(x->a, p->phrase, asked[i]);
        double lead = among[i];
        for (size_t k = 0; k < n; k++)
            lead = k == i ? lead : SM_MIN(lead, among[i] - among[k]);
        bool tells = alike >= FAQ_AT_LEAST && among[i] >= AMONG && lead >= LEADS &&
                     sm_wordset_shared(&set[i], &wider) >= ASKED_ALIKE;
        if (alike + among[i] > most && about_it(x, p, asked[i], alike, tells)) {
            most = alike + among[i];
            best = i;
        }
    }
    if (best == SIZE_MAX)
        return NULL;
    *q = asked[best];
    *answer = told[best];
    return faq[best];
}

static bool speaks_of_lack(sm_str text)
{
    static const char *const words[] = { "没有", "没", "无" };
    return HAS(text, words);
}

/* A rule the FAQ answers with the opposite. */
static bool opposite(sm_rule_sign claimed, sm_rule_sign told, bool same_lack)
{
    return (claimed == SM_RULE_MAY && told == SM_RULE_MAY_NOT && same_lack) ||
           (claimed == SM_RULE_MAY_NOT && told == SM_RULE_MAY && same_lack) ||
           (claimed == SM_RULE_MUST && told == SM_RULE_NEED_NOT) ||
           (claimed == SM_RULE_MUST && told == SM_RULE_MAY && !same_lack) ||
           (claimed == SM_RULE_NEED_NOT && told == SM_RULE_MUST);
}

static bool refute_by_faq(const refuting *x, const sm_premise *p, refuted *out)
{
    sm_str q, answer;
    const sm_clause *c = nearest_faq(x, p, &q, &answer);
    if (!c)
        return false;
    bool same_lack = speaks_of_lack(p->phrase) == speaks_of_lack(q);
    if (!opposite(p->sign, sm_rule_sign_of_answer(q, answer), same_lack))
        return false;
    say(x, out, first_sentences(x, answer), c);
    return true;
}

/* --------------------------------------------------------------------- rules */

/* "不需要劳动合同" of a sentence against "必须有劳动合同". */
static bool spares(const refuting *x, sm_str sentence, const sm_wordset *object)
{
    static const char *const words[] = { "不需要", "不用", "无需", "不必", "取消了" };
    for (size_t i = 0; i < SM_LEN(words); i++) {
        size_t at = sm_str_find(sentence, sm_str_of(words[i]), 0);
        if (at == SIZE_MAX)
            continue;
        sm_str rest = sm_str_sub(sentence, at + strlen(words[i]), sentence.n), what;
        if (!sm_text_phrase(&rest, &what) || what.n < 6 || what.n > OBJECT_BYTES)
            continue;
        sm_wordset spared = sm_wordset_of(x->a, what);
        if (sm_wordset_shared(object, &spared) >= OBJECT_ALIKE)
            return true;
    }
    return false;
}

static bool refute_by_sentence(const refuting *x, const sm_premise *p, refuted *out)
{
    sm_str what = object_of(p->phrase);
    bool is_matter = what.n >= 6 && sm_str_has(x->name, sm_str_sub(what, what.n - 6, what.n));
    if (p->sign != SM_RULE_MUST || what.n < 6 || is_matter)
        return false;
    sm_wordset object = sm_wordset_of(x->a, in_formal_words(x->a, what));
    for (size_t i = 0; i < x->n_clauses; i++) {
        sm_str q, text = x->clause[i].text, *s;
        if (of_list(&x->clause[i], "faq/"))
            split_faq(&x->clause[i], &q, &text);
        size_t n = sm_text_sentences(x->a, text, &s);
        for (size_t k = 0; k < n; k++)
            if (spares(x, s[k], &object)) {
                say(x, out, s[k], &x->clause[i]);
                return true;
            }
    }
    return false;
}

static bool refute_rule(refuting *x, const sm_premise *p, refuted *out)
{
    return refute_by_faq(x, p, out) || refute_by_sentence(x, p, out);
}

/* ---------------------------------------------------------------------- fee */

static bool free_of_charge(const sm_clause *fee)
{
    return sm_str_starts(fee->text, SM_STR("不收费"));
}

static bool has_value(const refuting *x, sm_str text, const sm_fact *claimed)
{
    sm_fact *f;
    size_t n = sm_text_facts(x->a, text, &f);
    for (size_t i = 0; i < n; i++)
        if (f[i].kind == claimed->kind && f[i].value <= claimed->value &&
            f[i].value >= claimed->value)
            return true;
    return false;
}

static bool refute_fee(refuting *x, const sm_premise *p, refuted *out)
{
    const sm_clause *fee = clause_at(x, "fee");
    sm_str q, answer;
    if (!fee) {
        x->unknown |= p->has_figure;
        return false;
    }
    bool differs = free_of_charge(fee) ? p->yes
                   : p->has_figure     ? !has_value(x, fee->text, &p->figure)
                                       : !p->yes;
    if (!differs)
        return false;
    const sm_clause *faq = p->yes ? nearest_faq(x, p, &q, &answer) : NULL;
    if (faq && sm_rule_sign_of_answer(q, answer) == SM_RULE_NEED_NOT) {
        say(x, out, first_sentences(x, answer), faq);
        return true;
    }
    for (size_t i = 0; p->has_figure && i < x->n_clauses; i++) /* another thing that costs that */
        if (has_value(x, x->clause[i].text, &p->figure))
            return false;
    sm_str words = free_of_charge(fee)
                       ? sm_strf(x->a, "%.*s%.*s", SM_ARG(x->name), SM_ARG(fee->text))
                       : fee->text;
    say(x, out, words, fee);
    return true;
}

/* --------------------------------------------------------------------- wait */

/* The text tells of a wait of about so many days. */
static bool as_long(const refuting *x, sm_str text, double days, double raw)
{
    sm_str rest = text, one;
    while (sm_text_phrase(&rest, &one)) {
        sm_fact *f;
        size_t n = sm_text_facts(x->a, one, &f);
        for (size_t i = 0; i < n; i++) {
            bool length = f[i].kind == SM_FACT_WORKDAYS || f[i].kind == SM_FACT_DAYS ||
                          f[i].kind == SM_FACT_MONTHS || f[i].kind == SM_FACT_YEARS;
            double is = days_of(&f[i]);
            bool near = days <= is * (1 + SAME_WAIT) && days >= is * (1 - SAME_WAIT);
            bool in_days = f[i].kind == SM_FACT_WORKDAYS || f[i].kind == SM_FACT_DAYS;
            bool same = in_days && f[i].value <= raw && f[i].value >= raw; /* 15天, 15个工作日 */
            if (length && (near || same) && !sm_is_other_length(one, &f[i]))
                return true;
        }
    }
    return false;
}

static bool refute_wait(refuting *x, const sm_premise *p, refuted *out)
{
    const sm_clause *limit = clause_at(x, "promised_limit");
    double days = days_of(&p->figure);
    if (!limit)
        return false;
    for (size_t i = 0; i < x->n_clauses; i++) {
        const sm_clause *c = &x->clause[i];
        bool other = sm_str_eq(c->path, SM_STR("legal_limit")) || of_list(c, "materials/");
        sm_str q, text = c->text;
        split_faq(c, &q, &text);
        if (!other &&
            as_long(x, text, days, p->figure.kind == SM_FACT_MONTHS ? -1 : p->figure.value))
            return false;
    }
    say(x, out, limit->text, limit);
    return true;
}

/* ---------------------------------------------------------------------- age */

/* The condition that tells ages of the person in question. */
static bool refute_age(refuting *x, const sm_premise *p, refuted *out)
{
    const sm_clause *told = NULL;
    for (size_t i = 0; i < x->n_clauses; i++) {
        const sm_clause *c = &x->clause[i];
        sm_fact *f;
        size_t n = sm_text_facts(x->a, c->text, &f), from = 0;
        for (size_t k = 0; k < n; k++) {
            size_t at = (size_t)(f[k].text.p - c->text.p);
            sm_str lead = sm_str_sub(c->text, from, at);
            from = at + f[k].text.n;
            bool men = sm_str_has(lead, SM_STR("男")) && !sm_str_has(lead, SM_STR("女")),
                 women = sm_str_has(lead, SM_STR("女")) && !sm_str_has(lead, SM_STR("男"));
            if (f[k].kind != SM_FACT_AGE || (men && sm_str_has(p->phrase, SM_STR("女"))) ||
                (women && sm_str_has(p->phrase, SM_STR("男"))))
                continue;
            if (f[k].value <= p->figure.value && f[k].value >= p->figure.value)
                return false;
            if (!told && of_list(c, "conditions/"))
                told = c;
        }
    }
    if (told)
        say(x, out, told->text, told);
    return told != NULL;
}

/* ------------------------------------------------------------------- amounts */

/* What was, and is no more: "由50万元提高到80万元", "原政策每年2000元的补贴停止执行". */
static bool is_past(sm_str segment, const sm_fact *f)
{
    static const char *const ends[] = { "停止执行", "不再执行", "原政策", "原标准" };
    static const char *const moves[] = { "提高到", "提高至", "调整为", "调整到", "降低到",
                                         "降至",   "上调",   "增加到", "降为" };
    size_t at = (size_t)(f->text.p - segment.p) + f->text.n;
    sm_str right = sm_str_sub(segment, at, segment.n);
    for (size_t i = 0; i < SM_LEN(moves); i++)
        if (sm_str_starts(right, sm_str_of(moves[i])))
            return true;
    return HAS(segment, ends);
}

static bool is_length(const sm_fact *f)
{
    return f->kind == SM_FACT_WORKDAYS || f->kind == SM_FACT_DAYS || f->kind == SM_FACT_MONTHS ||
           f->kind == SM_FACT_YEARS;
}

static bool of_a_kind(const sm_fact *a, const sm_fact *b)
{
    bool days = a->kind == SM_FACT_DAYS || a->kind == SM_FACT_WORKDAYS,
         too = b->kind == SM_FACT_DAYS || b->kind == SM_FACT_WORKDAYS;
    return a->kind == b->kind || (is_length(a) && is_length(b) && days == too);
}

/* 12个月 is 1年. */
static double size_of(const sm_fact *f)
{
    return f->kind == SM_FACT_MONTHS  ? f->value * 30
           : f->kind == SM_FACT_YEARS ? f->value * 360
           : is_length(f)             ? days_of(f)
                                      : f->value;
}

/* A piece of a clause between 。；and the like that holds a figure of the kind. */
typedef struct spot {
    sm_str text;
    double value, alike;
    const sm_clause *clause;
} spot;

static sm_str next_segment(sm_str *rest)
{
    const char *from = rest->p;
    while (rest->n) {
        const char *at = rest->p;
        uint32_t c = sm_utf8_next(rest);
        if (c == 0x3002 || c == 0xff1b || c == ';' || c == '\n' || c == 0xff1a)
            return (sm_str){ from, (size_t)(at - from) };
    }
    return (sm_str){ from, (size_t)(rest->p - from) };
}

static size_t spots_of(const refuting *x, const sm_premise *p, const sm_clause *c, spot *out,
                       size_t n)
{
    sm_wordset said = sm_wordset_of(x->a, p->phrase);
    sm_str rest = c->text;
    while (rest.n && n < MAX_SPOTS) {
        sm_str segment = sm_str_trim(next_segment(&rest));
        sm_fact *f;
        size_t n_facts = sm_text_facts(x->a, segment, &f);
        sm_wordset has = sm_wordset_of(x->a, segment);
        double alike = sm_wordset_shared(&said, &has);
        for (size_t i = 0; i < n_facts && n < MAX_SPOTS; i++)
            if (of_a_kind(&f[i], &p->figure) && !is_past(segment, &f[i]))
                out[n++] = (spot){ segment, size_of(&f[i]), alike, c };
    }
    return n;
}

/* The figure of the segment that is most like the premise must be the one claimed. */
static bool refute_amount(refuting *x, const sm_premise *p, refuted *out)
{
    spot at[MAX_SPOTS];
    size_t n = 0, best = SIZE_MAX;
    double right = 0;
    for (size_t i = 0; i < x->n_clauses; i++)
        if (!x->doc || of_list(&x->clause[i], "conditions/") || of_list(&x->clause[i], "faq/"))
            n = spots_of(x, p, &x->clause[i], at, n);
    for (size_t i = 0; i < n; i++) {
        double claimed = size_of(&p->figure);
        bool is = at[i].value <= claimed && at[i].value >= claimed;
        if (is)
            right = SM_MAX(right, at[i].alike);
        if (best == SIZE_MAX || at[i].alike > at[best].alike)
            best = i;
    }
    x->known |= right > 0 && x->doc;
    x->unknown |= n == 0 && p->slot == SM_PREMISE_AMOUNT;
    if (best == SIZE_MAX || at[best].alike < SEGMENT_ALIKE || right >= at[best].alike)
        return false;
    say(x, out, at[best].text, at[best].clause);
    return true;
}

/* A length is told in many sentences: that the one meant is another must be surer. */
static bool refute_term(refuting *x, const sm_premise *p, refuted *out)
{
    for (size_t i = 0; i < x->n_clauses; i++) {
        sm_fact *f;
        size_t n = sm_text_facts(x->a, x->clause[i].text, &f);
        for (size_t k = 0; k < n; k++)
            if (of_a_kind(&f[k], &p->figure) &&
                ((size_of(&f[k]) <= size_of(&p->figure) && size_of(&f[k]) >= size_of(&p->figure)) ||
                 (f[k].value <= p->figure.value && f[k].value >= p->figure.value)))
                return false;
    }
    refuted found;
    if (!refute_amount(x, p, &found))
        return false;
    sm_wordset said = sm_wordset_of(x->a, sm_premise_core(p->phrase)),
               told = sm_wordset_of(x->a, found.sentence);
    if (sm_wordset_shared(&said, &told) < TERM_ALIKE)
        return false;
    *out = found;
    return true;
}

/* -------------------------------------------------------------------- online */

static bool refute_online(refuting *x, const sm_premise *p, refuted *out)
{
    const sm_clause *online = clause_at(x, "online"), *visits = clause_at(x, "onsite_visits");
    if (!online)
        return false;
    bool all = sm_str_has(online->text, SM_STR("全程网办")),
         none = sm_str_has(online->text, SM_STR("仅窗口"));
    bool differs = p->yes ? none || (p->wholly && !all) : all;
    if (!differs)
        return false;
    sm_str words = visits ? sm_strf(x->a, "%.*s，%.*s", SM_ARG(online->text), SM_ARG(visits->text))
                          : online->text;
    say(x, out, words, online);
    if (visits)
        out->clause[out->n++] = visits;
    return true;
}

/* --------------------------------------------------------------------- place */

static bool refute_place(refuting *x, const sm_premise *p, refuted *out)
{
    static const char *const where[] = { "name", "places/", "steps/", "consult" };
    const char *const *words = sm_office_words(p->office);
    const sm_clause *name = clause_at(x, "name"), *place = NULL;
    for (size_t i = 0; i < x->n_clauses; i++) {
        const sm_clause *c = &x->clause[i];
        bool tells = false;
        for (size_t k = 0; k < SM_LEN(where); k++)
            tells |= of_list(c, where[k]);
        for (size_t k = 0; tells && words && words[k]; k++)
            if (sm_str_has(c->text, sm_str_of(words[k])))
                return false;
        if (!place && of_list(c, "places/"))
            place = c;
    }
    if (!name || !place || !words)
        return false;
    say(x, out,
        sm_strf(x->a, "%.*s由%.*s办理，去%.*s", SM_ARG(x->name), SM_ARG(x->doc->parent),
                SM_ARG(place->text)),
        name);
    out->clause[out->n++] = place;
    return true;
}

/* --------------------------------------------------------------------- all */

typedef bool refuter(refuting *x, const sm_premise *p, refuted *out);
static refuter *const of_item[] = {
    [SM_PREMISE_FEE] = refute_fee,       [SM_PREMISE_WAIT] = refute_wait,
    [SM_PREMISE_AGE] = refute_age,       [SM_PREMISE_TERM] = refute_term,
    [SM_PREMISE_AMOUNT] = refute_amount, [SM_PREMISE_ONLINE] = refute_online,
    [SM_PREMISE_PLACE] = refute_place,   [SM_PREMISE_RULE] = refute_rule,
};

static sm_rc read_item(refuting *x, sm_str code)
{
    sm_doc *doc;
    sm_turn *t = x->t;
    sm_rc rc = sm_corpus_doc(t->op, t->corpus, code, &doc);
    if (rc == SM_OK)
        rc = sm_answer_elements(t->op, t->corpus, doc, t->talk.region, t->said, t->today,
                                &x->clause, &x->n_clauses);
    if (rc < 0)
        return rc;
    x->doc = doc;
    x->name = doc->title;
    return SM_OK;
}

/* The first document in force that is quoted, or that was found: an old rule corrects nothing. */
static sm_rc read_policy(refuting *x)
{
    sm_turn *t = x->t;
    sm_doc *doc = NULL;
    sm_rc rc = SM_OK;
    bool quoted = strcmp(t->reply->reason, "policy") == 0;
    for (size_t i = 0; quoted && rc == SM_OK && !doc && i < t->answer->n_claims; i++) {
        const sm_claim *c = &t->answer->claim[i];
        if (c->n_cites)
            rc = sm_corpus_doc(t->op, t->corpus, c->cite[0].doc, &doc);
        if (rc == SM_OK && doc && sm_doc_state(doc, t->today) != SM_STATE_IN_FORCE)
            doc = NULL;
    }
    if (!quoted && t->n_picked && t->picked[0].state == SM_STATE_IN_FORCE &&
        sm_head_p(SM_HEAD_POLICY, &t->signals) >= POLICY_NEAR)
        doc = t->picked[0].doc;
    x->doc = NULL;
    x->n_clauses = 0;
    return rc == SM_OK && doc
               ? sm_corpus_clauses(t->op, t->corpus, doc->version, &x->clause, &x->n_clauses)
               : rc;
}

/* The items that the answer is about, or is near to when clauses answer. */
static size_t items_of(const sm_turn *t, sm_str out[2])
{
    if (t->n_parts == 2) {
        out[0] = t->part_pair.code[0];
        out[1] = t->part_pair.code[1];
        return 2;
    }
    bool by_item = strcmp(t->reply->reason, "item") == 0;
    bool near = t->item && t->item->n && t->item->hit[0].p >= ITEM_NEAR;
    if (!by_item && !near)
        return 0;
    out[0] = by_item ? t->talk.item : t->item->hit[0].id;
    return out[0].n > 0;
}

static sm_rc correct(refuting *x, refuted *found)
{
    sm_turn *t = x->t;
    sm_doc *doc;
    sm_rc rc = sm_corpus_version(t->op, t->corpus, found->clause[0]->version, &doc);
    if (rc < 0)
        return rc;
    sm_answer_correct(t->op, t->answer, found->sentence, doc, found->clause, found->n);
    t->reply->correction = t->answer->claim[0].text;
    return SM_OK;
}

static bool answers(const sm_turn *t)
{
    static const char *const of[] = { "item", "policy", "two_items" };
    bool ok = false;
    for (size_t i = 0; i < SM_LEN(of); i++)
        ok |= strcmp(t->reply->reason, of[i]) == 0;
    return ok && t->reply->act == SM_ACT_ANSWER && t->answer && t->answer->n_claims;
}

static sm_rc try_item(refuting *x, sm_str code, const sm_premise *p, size_t n, refuted *found,
                      bool *done)
{
    bool by_policy = strcmp(x->t->reply->reason, "policy") == 0;
    sm_rc rc = read_item(x, code);
    for (size_t i = 0; rc == SM_OK && i < n && !*done; i++)
        if (!by_policy || p[i].slot != SM_PREMISE_AMOUNT)
            *done = of_item[p[i].slot](x, &p[i], found);
    return rc;
}

/* By clauses, which are held to amounts only. */
static sm_rc try_policy(refuting *x, const sm_premise *p, size_t n, refuted *found, bool *done)
{
    bool figures = false;
    for (size_t i = 0; i < n; i++)
        figures |= p[i].has_figure && p[i].figure.kind == SM_FACT_MONEY;
    sm_rc rc = figures ? read_policy(x) : SM_OK;
    for (size_t i = 0; rc == SM_OK && figures && i < n && !*done; i++)
        if (p[i].has_figure && p[i].figure.kind == SM_FACT_MONEY)
            *done = refute_amount(x, &p[i], found);
    return rc;
}

/* The list of papers is a whole one: what nothing of the item speaks of is not among them. */
static void tell_unlisted(refuting *x, const sm_premise *p, size_t n)
{
    for (size_t i = 0; i < n && x->doc && !x->t->help.n; i++) {
        sm_str paper = p[i].slot == SM_PREMISE_RULE ? sm_premise_paper(p[i].phrase) : (sm_str){ 0 };
        sm_str last = sm_str_sub(paper, paper.n > 6 ? paper.n - 6 : 0, paper.n);
        bool told = paper.n == 0;
        for (size_t k = 0; k < x->n_clauses && !told; k++)
            told = sm_str_has(in_formal_words(x->a, x->clause[k].text), last) ||
                   sm_str_has(x->clause[k].text, in_formal_words(x->a, last));
        if (!told)
            x->t->help = sm_strf(x->a, "您提到的“%.*s”，这个事项的资料里没有写到。", SM_ARG(paper));
    }
}

/* Wrong whichever of the items offered is meant: it is said before they are asked of. */
static sm_rc refute_before_asking(refuting *x, const sm_premise *p, size_t n)
{
    sm_turn *t = x->t;
    refuted first = { 0 };
    bool known = strcmp(t->reply->reason, "situation") == 0 ||
                 (t->item && t->item->n && t->item->hit[0].p >= ITEM_NEAR);
    for (size_t k = 0; known && k < t->reply->n_options; k++) {
        refuted found = { 0 };
        bool done = false;
        sm_str code = t->reply->option[k].code;
        if (code.n == 0) /* none of them */
            continue;
        sm_rc rc = try_item(x, code, p, n, &found, &done);
        if (rc < 0 || !done)
            return rc;
        if (first.n == 0)
            first = found;
    }
    if (first.n == 0)
        return SM_OK;
    t->answer = SM_NEW(t->op->arena, sm_answer);
    return correct(x, &first);
}

sm_rc sm_refute(sm_turn *t)
{
    sm_premise p[SM_MAX_PREMISES];
    refuting x = { .t = t, .a = t->op->arena };
    refuted found;
    sm_str code[2];
    bool done = false, asks = t->reply->act == SM_ACT_CLARIFY && t->reply->n_options > 0;
    size_t n = asks || answers(t) ? sm_premises_of(x.a, t->said, p) : 0;
    if (n == 0)
        return SM_OK;
    if (asks)
        return refute_before_asking(&x, p, n);
    sm_rc rc = SM_OK;
    size_t n_codes = items_of(t, code);
    for (size_t k = 0; rc == SM_OK && k < n_codes && !done; k++)
        rc = try_item(&x, code[k], p, n, &found, &done);
    if (rc == SM_OK && !done && !x.known)
        rc = try_policy(&x, p, n, &found, &done);
    if (rc == SM_OK && done)
        return correct(&x, &found);
    if (rc == SM_OK)
        tell_unlisted(&x, p, n);
    if (rc == SM_OK && x.unknown && !t->help.n)
        t->help = SM_STR("您提到的数，我掌握的资料里没有写明，请以窗口或咨询电话的答复为准。");
    return rc;
}
