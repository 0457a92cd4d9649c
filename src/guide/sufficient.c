/*
 * Whether the evidence covers what is asked, before anything is worded: place, audience, time, each
 * facet, a figure.  What is of another place or audience, or out of force without its opening
 * sentence, is taken out, whatever brought it in; with nothing left the question is handed over.
 * What is not covered is said in a sentence of ours.
 */
#include "guide/sufficient.h"

#include <string.h>

#include "guide/turn.h"
#include "text/text.h"

static const double SURELY = 0.8, PERHAPS = 0.5; /* of the answer's probability */

static const char *const dimension_names[SM_N_DIMENSIONS] = {
#define SM_DIMENSION_ROW(id, name) name,
    SM_DIMENSION_TABLE(SM_DIMENSION_ROW)
#undef SM_DIMENSION_ROW
};

const char *sm_dimension_name(int dimension)
{
    return dimension_names[dimension];
}

const char *sm_cover_name(sm_cover c)
{
    static const char *const names[] = { "unasked", "whole", "part", "none" };
    return names[c];
}

/* ------------------------------------------------------- what may ground an answer */

static bool of_place(const sm_turn *t, const sm_doc *doc)
{
    if (doc->kind == SM_KIND_ITEM || doc->region.n == 0 || t->n_chain == 0)
        return true;
    for (size_t i = 0; i < t->n_chain; i++)
        if (sm_str_eq(t->region_chain[i], doc->region))
            return true;
    return false;
}

static bool of_audience(const sm_turn *t, const sm_doc *doc)
{
    unsigned person = sm_str_has(doc->audience, SM_STR("自然人")) ? SM_AUDIENCE_PERSON : 0u,
             firm = sm_str_has(doc->audience, SM_STR("法人")) ? SM_AUDIENCE_FIRM : 0u,
             is = person | firm, asked = t->filter.audience;
    return is == 0 || asked == 0 || (is & asked) != 0;
}

static bool opens(const sm_claim *c)
{
    return sm_str_starts(c->text, SM_STR("请注意：《"));
}

/* Out of force, it stands only behind the sentence that says so. */
static bool of_time(const sm_turn *t, const sm_doc *doc, size_t at)
{
    if (doc->kind == SM_KIND_ITEM || sm_doc_state(doc, t->today) == SM_STATE_IN_FORCE)
        return true;
    for (size_t i = 0; i <= at; i++) {
        const sm_claim *c = &t->answer->claim[i];
        if (opens(c) && c->n_cites && sm_str_eq(c->cite[0].doc, doc->id))
            return true;
    }
    return false;
}

static sm_rc doc_of(sm_turn *t, const sm_cite *cite, sm_doc **out)
{
    sm_clause *c;
    sm_rc rc = sm_corpus_clause(t->op, t->corpus, cite->row, &c);
    return rc == SM_OK ? sm_corpus_version(t->op, t->corpus, c->version, out) : rc;
}

/* Which dimension forbids a claim; SM_N_DIMENSIONS: none. */
static sm_rc forbids(sm_turn *t, size_t at, sm_dimension *out)
{
    const sm_claim *c = &t->answer->claim[at];
    *out = SM_N_DIMENSIONS;
    for (size_t i = 0; i < c->n_cites; i++) {
        sm_doc *doc;
        sm_rc rc = doc_of(t, &c->cite[i], &doc);
        if (rc < 0)
            return rc;
        if (!of_place(t, doc))
            *out = SM_DIMENSION_REGION;
        else if (!of_audience(t, doc))
            *out = SM_DIMENSION_AUDIENCE;
        else if (!of_time(t, doc, at))
            *out = SM_DIMENSION_TIME;
    }
    return SM_OK;
}

/* Claims that must not ground the answer go. */
static sm_rc sift(sm_turn *t)
{
    sm_answer *a = t->answer;
    sm_claim *kept = SM_NEWS(t->op->arena, sm_claim, a->n_claims + 1);
    size_t n = 0;
    for (size_t i = 0; i < a->n_claims; i++) {
        sm_dimension d;
        sm_rc rc = forbids(t, i, &d);
        if (rc < 0)
            return rc;
        if (d == SM_N_DIMENSIONS)
            kept[n++] = a->claim[i];
        else
            t->sufficient.of[d] = SM_COVER_PART;
    }
    if (n == a->n_claims)
        return SM_OK;
    sm_answer *rest = SM_NEW(t->op->arena, sm_answer); /* the composed one may be shared */
    *rest = *a;
    rest->claim = kept;
    rest->n_claims = n;
    t->answer = rest;
    return SM_OK;
}

/* --------------------------------------------------------------- what is missing */

static void tell(sm_turn *t, const char *what)
{
    t->help =
        sm_strf(t->op->arena, "%.*s%s，我掌握的资料里没有写明，请以窗口或咨询电话的答复为准。",
                SM_ARG(t->help), what);
}

/* "杭州的人才买房补贴多少" that was not refused: what is known is of here. */
static void judge_city(sm_turn *t)
{
    sm_str city = sm_city_asked_of(t);
    if (city.n)
        t->help = sm_strf(t->op->arena, "%.*s我只掌握%.*s的规定，以下不是%.*s的。", SM_ARG(t->help),
                          SM_ARG(t->home), SM_ARG(city));
}

static bool cites_path(const sm_answer *a, const char *const *path, size_t n)
{
    for (size_t i = 0; i < a->n_claims; i++)
        for (size_t k = 0; k < a->claim[i].n_cites; k++)
            for (size_t p = 0; p < n && path[p]; p++)
                if (sm_str_starts(a->claim[i].cite[k].clause, sm_str_of(path[p])))
                    return true;
    return false;
}

/* Where each facet stands, and what it is called. */
static const struct {
    const char *path[4]; /* NULL ends */
    const char *name;
} facets[SM_N_FACETS] = {
    [SM_FACET_MATERIALS] = { { "materials/", "faq/", "scope" }, "要带的材料" },
    [SM_FACET_TIME] = { { "promised_limit", "legal_limit", "steps/" }, "办理时限" },
    [SM_FACET_FEE] = { { "fee" }, "收费" },
    [SM_FACET_PLACE] = { { "places/" }, "办理地点" },
    [SM_FACET_STEPS] = { { "steps/", "faq/" }, "办理流程" },
    [SM_FACET_CONDITIONS] = { { "conditions/", "faq/", "eligibility", "scope" }, "条件" },
    [SM_FACET_ONLINE] = { { "online" }, "能不能网上办" },
    [SM_FACET_RESULT] = { { "result" }, "办理结果" },
    [SM_FACET_BASIS] = { { "basis/" }, "设定依据" },
    [SM_FACET_ELIGIBILITY] = { { "eligibility", "conditions/" }, "条件" },
};

static bool has_region(const sm_turn *t)
{
    return t->talk.region.n > 0 && !sm_str_eq(t->talk.region, t->home);
}

static void judge_facets(sm_turn *t)
{
    size_t asked = 0, missing = 0;
    bool lacks_time = sm_lacks_time(t, t->answer);
    if (lacks_time) {
        sm_when_kind kind = sm_when_asked(sm_asked_words(t)).kind;
        tell(t, sm_strf(t->op->arena, "您问的%s", sm_when_name(kind)).p);
    }
    for (size_t i = 0; i < t->facets.n; i++) {
        sm_facet f = t->facets.f[i];
        if (f == SM_FACET_NONE)
            continue;
        asked++;
        if (f == SM_FACET_TIME && lacks_time) { /* the office's limit is none of it */
            missing++;
            continue;
        }
        if (cites_path(t->answer, facets[f].path, SM_LEN(facets[f].path)))
            continue;
        missing++;
        if (i > 0) /* less likely meant: not told of */
            continue;
        bool here = f == SM_FACET_PLACE && has_region(t);
        tell(t,
             here
                 ? sm_strf(t->op->arena, "您问的%.*s的%s", SM_ARG(t->talk.region), facets[f].name).p
                 : sm_strf(t->op->arena, "您问的%s", facets[f].name).p);
        if (here)
            t->sufficient.of[SM_DIMENSION_REGION] = SM_COVER_NONE;
    }
    t->sufficient.of[SM_DIMENSION_FACET] = asked == 0         ? SM_COVER_UNASKED
                                           : missing == 0     ? SM_COVER_WHOLE
                                           : missing == asked ? SM_COVER_NONE
                                                              : SM_COVER_PART;
}

/* Of two items, those whose claims do not tell the time asked for. */
static void judge_parts(sm_turn *t)
{
    const sm_answer *a = t->answer;
    sm_when_kind kind = sm_when_asked(sm_asked_words(t)).kind;
    for (size_t from = 0, to; from < a->n_claims; from = to) {
        for (to = from + 1; to < a->n_claims && sm_str_eq(a->claim[to].of, a->claim[from].of);)
            to++;
        sm_answer part = { .claim = a->claim + from, .n_claims = to - from };
        if (a->claim[from].of.n && sm_lacks_time(t, &part))
            tell(t, sm_strf(t->op->arena, "您问的“%.*s”的%s", SM_ARG(a->claim[from].of),
                            sm_when_name(kind))
                        .p);
    }
}

static bool tells_kind(sm_turn *t, sm_fact_kind kind)
{
    sm_fact *f;
    for (size_t i = 0; i < t->answer->n_claims; i++) {
        size_t n = sm_text_facts(t->op->arena, t->answer->claim[i].text, &f);
        for (size_t k = 0; k < n; k++)
            if (f[k].kind == kind)
                return true;
    }
    return false;
}

/* The item's clause that tells a figure of the kind and shares most of the question's wording. */
static sm_rc add_clause_with(sm_turn *t, sm_fact_kind kind, bool *added)
{
    sm_doc *doc;
    sm_clause *c;
    sm_fact *f;
    size_t n, best = SIZE_MAX;
    double most = 0;
    *added = false;
    sm_rc rc = sm_corpus_doc(t->op, t->corpus, t->talk.item, &doc);
    if (rc == SM_OK)
        rc = sm_answer_elements(t->op, t->corpus, doc, t->talk.region, t->said, t->today, &c, &n);
    for (size_t i = 0; rc == SM_OK && i < n; i++) {
        size_t n_facts = sm_text_facts(t->op->arena, c[i].text, &f);
        double shared = sm_text_shared(t->op->arena, t->said, c[i].text);
        bool has = false;
        for (size_t k = 0; k < n_facts; k++)
            has |= f[k].kind == kind;
        if (has && shared > most) {
            most = shared;
            best = i;
        }
    }
    if (rc == SM_OK && best != SIZE_MAX) {
        sm_answer_add(t->op, t->answer, c[best].text, doc, &c[best]);
        *added = true;
    }
    return rc;
}

/* "剩几个" of what is counted, and of no time: not "剩几个月". */
static bool is_left(sm_str said, sm_str word)
{
    static const char *const no_thing[] = { "月",   "年", "天",   "日",  "工作日",
                                            "星期", "周", "限制", "要求" };
    for (size_t at = 0; (at = sm_str_find(said, word, at)) != SIZE_MAX; at += word.n)
        if (!sm_str_starts_any(sm_str_sub(said, at + word.n, said.n), no_thing, SM_LEN(no_thing)))
            return true;
    return false;
}

/* Of today's places and queues no stored text tells. */
static bool asks_what_is_left(sm_str said)
{
    static const char *const words[] = { "剩几个",     "剩多少个",     "还有几个名额", "剩多少名额",
                                         "还有名额",   "还有没有名额", "还有多少名额", "还有空位",
                                         "有没有空位", "还有空房",     "有没有空房",   "还有床位",
                                         "有没有床位", "排到几号",     "排到第几",     "排到哪",
                                         "排队多少人", "多少人排队" };
    for (size_t i = 0; i < SM_LEN(words); i++)
        if (is_left(said, sm_str_of(words[i])))
            return true;
    return false;
}

/* Amounts were looked for already (guide.c); hours and phones are asked for in few words. */
static sm_rc judge_figure(sm_turn *t, bool amount_missing)
{
    static const char *const hours[] = {
        "几点",     "上班时间", "下班时间", "周末上班", "周六上班",
        "周末能办", "周六能办", "周末开",   "周六开",   "中午休息"
    };
    static const char *const phones[] = { "电话多少", "电话是多少", "电话号码", "联系电话",
                                          "咨询电话", "打什么电话", "电话几号" };
    const struct {
        bool asked;
        sm_fact_kind kind;
        const char *name;
    } kinds[] = {
        { sm_str_has_any(t->said, hours, SM_LEN(hours)), SM_FACT_TIME, "您问的办公时间" },
        { sm_str_has_any(t->said, phones, SM_LEN(phones)), SM_FACT_PHONE, "您问的电话" },
    };
    sm_cover *cover = &t->sufficient.of[SM_DIMENSION_FIGURE];
    if (sm_asks_amount(t->said) && *cover != SM_COVER_NONE)
        *cover = amount_missing ? SM_COVER_NONE : SM_COVER_WHOLE;
    for (size_t i = 0; i < SM_LEN(kinds); i++) {
        if (!kinds[i].asked)
            continue;
        bool told = tells_kind(t, kinds[i].kind);
        sm_rc rc = told ? SM_OK : add_clause_with(t, kinds[i].kind, &told);
        if (rc < 0)
            return rc;
        *cover = told ? SM_COVER_WHOLE : SM_COVER_NONE;
        if (!told)
            tell(t, kinds[i].name);
    }
    return SM_OK;
}

/* A guide is of today: of an old rule it does not tell. */
static bool asks_old_rule(const sm_turn *t)
{
    static const char *const of[] = { "规定", "标准", "政策", "老办法", "旧办法", "要求" };
    return sm_speaks_of_past(t) && sm_str_has_any(t->said, of, SM_LEN(of));
}

static sm_rc judge_time(sm_turn *t)
{
    sm_doc *doc;
    sm_rc rc = sm_corpus_doc(t->op, t->corpus, t->talk.item, &doc);
    if (rc < 0)
        return rc;
    sm_state state = sm_doc_state(doc, t->today);
    sm_cover *cover = &t->sufficient.of[SM_DIMENSION_TIME];
    *cover = state == SM_STATE_IN_FORCE ? SM_COVER_WHOLE : SM_COVER_NONE;
    if (state != SM_STATE_IN_FORCE) {
        sm_date day = state == SM_STATE_NOT_YET ? doc->effective : doc->ends;
        t->help = sm_strf(t->op->arena, "%.*s请注意：这份办事指南%s%s%.*s，现在不能按它办。",
                          SM_ARG(t->help), sm_state_text(state),
                          day == SM_DATE_NONE         ? ""
                          : state == SM_STATE_NOT_YET ? "，施行日期是"
                                                      : "，有效期到",
                          SM_ARG(sm_date_chinese(t->op->arena, day)));
    } else if (asks_old_rule(t)) {
        *cover = SM_COVER_NONE;
        tell(t, "以下是现在的办法；您问的从前的规定");
    }
    return SM_OK;
}

/* ------------------------------------------------------------------- together */

static double probability(const sm_turn *t)
{
    static const struct {
        const char *reason;
        sm_head head;
    } heads[] = { { "item", SM_HEAD_RIGHT_ITEM },
                  { "policy", SM_HEAD_RIGHT_POLICY },
                  { "two_items", SM_HEAD_RIGHT_TWO } };
    if (t->took_option)
        return 1;
    if (t->chosen.n && t->n_candidates)
        return t->candidate[0].p;
    for (size_t i = 0; i < SM_LEN(heads); i++)
        if (strcmp(t->reply->reason, heads[i].reason) == 0)
            return sm_head_p(heads[i].head, &t->signals);
    return t->item && t->item->n ? t->item->hit[0].p : 0;
}

static sm_rc hand_over(sm_turn *t)
{
    t->answer = NULL;
    t->help = (sm_str){ 0 };
    t->talk.item = t->talk.asked_of_policy = (sm_str){ 0 };
    return sm_hand_over_unknown(t);
}

sm_rc sm_judge_sufficiency(sm_turn *t, bool amount_missing)
{
    sm_sufficiency *s = &t->sufficient;
    if (t->reply->act != SM_ACT_ANSWER || !t->answer)
        return SM_OK;
    bool by_item = strcmp(t->reply->reason, "item") == 0 && t->talk.item.n;
    s->of[SM_DIMENSION_REGION] = has_region(t) ? SM_COVER_WHOLE : SM_COVER_UNASKED;
    s->of[SM_DIMENSION_AUDIENCE] = t->filter.audience ? SM_COVER_WHOLE : SM_COVER_UNASKED;
    s->of[SM_DIMENSION_TIME] = SM_COVER_WHOLE;
    sm_rc rc = sift(t);
    if (rc < 0)
        return rc;
    s->p = probability(t);
    s->of[SM_DIMENSION_ITEM] = s->p >= SURELY    ? SM_COVER_WHOLE
                               : s->p >= PERHAPS ? SM_COVER_PART
                                                 : SM_COVER_NONE;
    if (t->answer->n_claims == 0)
        return hand_over(t);
    judge_city(t);
    if (strcmp(t->reply->reason, "two_items") == 0)
        judge_parts(t);
    if (asks_what_is_left(t->said)) {
        s->of[SM_DIMENSION_FIGURE] = SM_COVER_NONE;
        tell(t, "您问的现在还剩多少、排到哪里");
    }
    if (!by_item)
        return SM_OK;
    judge_facets(t);
    rc = judge_figure(t, amount_missing);
    return rc == SM_OK ? judge_time(t) : rc;
}
