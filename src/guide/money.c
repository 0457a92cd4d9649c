/*
 * What money a question is about.
 *
 * The element "fee" of a guide tells what the handling costs, and nothing else.  A tax, a
 * contribution, interest, an amount that is paid out are other kinds of money: of them "不收费" is
 * no answer.  It is said last and with its name then, and what tells the amount comes first: a
 * condition, an FAQ, the scope, the result; where none does, that is said.
 */
#include <string.h>

#include "guide/premise.h"
#include "guide/turn.h"

#define HAS(text, words) sm_str_has_any((text), (words), SM_LEN(words))

enum { MAX_TELLING = 3, NOUN_BYTES = 6, NEAR_BYTES = 9 };
static const double FAQ_ALIKE =
    0.1; /* of the question's wording in an FAQ with an amount paid out */

/* What is owed, as people call it and as the source tells of it. */
static const struct due {
    const char *said[10], *told[5]; /* NULL ends */
    bool if_paid;                   /* only where the question speaks of paying it in */
} dues[] = {
    { { "滞纳金" }, { "滞纳金" }, false },
    { { "违约金" }, { "违约金" }, false },
    { { "利息", "利率", "贴息" }, { "利息", "利率", "贴息" }, false },
    { { "首付" }, { "首付" }, false },
    { { "租金", "房租" }, { "租金" }, false },
    { { "押金", "保证金", "定金" }, { "押金", "保证金" }, false },
    { { "税" }, { "税", "征收" }, false },
    { { "医保", "社保", "养老", "保险", "公积金", "维修资金", "维修基金", "保费", "缴费" },
      { "缴", "交", "费率" },
      true },
};

/* 税务局, 完税证明: no tax that one pays. */
static bool names_tax(sm_str text)
{
    static const char *const papers[] = {
        "务", "证明", "记录", "信用", "号", "控", "盘", "局", "票"
    };
    for (size_t at = 0; (at = sm_str_find(text, SM_STR("税"), at)) != SIZE_MAX;) {
        at += strlen("税");
        sm_str rest = sm_str_sub(text, at, text.n);
        bool paper = false;
        for (size_t i = 0; i < SM_LEN(papers); i++)
            paper |= sm_str_starts(rest, sm_str_of(papers[i]));
        if (!paper)
            return true;
    }
    return false;
}

static bool asks_how_much(sm_str text)
{
    static const char *const words[] = { "多少",   "几块", "几元", "几百", "几千",    "几万",
                                         "几个点", "比例", "税率", "费率", "怎么算",  "怎么收",
                                         "最低",   "最高", "几折", "几成", "百分之几" };
    return HAS(text, words);
}

static bool speaks_of_paying(sm_str text)
{
    static const char *const words[] = { "交", "缴", "扣", "付" };
    return HAS(text, words);
}

static const struct due *due_of(sm_str text)
{
    static const char *const papers[] = { "卡", "证", "凭证" };
    for (size_t i = 0; i < SM_LEN(dues); i++) {
        const struct due *d = &dues[i];
        bool paid = speaks_of_paying(text) && asks_how_much(text) && !HAS(text, papers);
        bool tax = strcmp(d->said[0], "税") != 0 || names_tax(text);
        if (HAS(text, d->said) && tax && (!d->if_paid || paid))
            return d;
    }
    return NULL;
}

bool sm_asks_due(sm_str text)
{
    return due_of(text) && asks_how_much(text);
}

/* The service's own fee, called by name. */
static bool names_own_fee(sm_str text)
{
    static const char *const words[] = { "手续费", "工本费", "收费", "服务费", "登记费" };
    return HAS(text, words) || (sm_names_fee(text) && !sm_str_has(text, SM_STR("税费")));
}

/* "一个月能领到多少": the word stands right before, or a few characters before, how much. */
bool sm_asks_payout(sm_str text)
{
    static const char *const much[] = { "多少", "几块", "几百", "几千", "几万" };
    static const char *const words[] = { "补", "贴", "领", "发", "退", "贷",
                                         "报", "奖", "赔", "给", "拿" };
    /* of what is handled, and of what one gives */
    static const char *const others[] = { "补办", "补领", "补发", "补证", "补卡", "补本", "换发",
                                          "换领", "领证", "领卡", "拿证", "发证", "退证", "报名",
                                          "发票", "要给", "得给", "该给", "交给" };
    for (size_t i = 0; i < SM_LEN(much) && !names_own_fee(text); i++)
        for (size_t at = 0; (at = sm_str_find(text, sm_str_of(much[i]), at)) != SIZE_MAX; at++) {
            sm_str near = sm_str_sub(text, at > NEAR_BYTES ? at - NEAR_BYTES : 0, at);
            if (HAS(near, words) && !HAS(near, others))
                return true;
        }
    return false;
}

/* "几块钱一吨": what a thing is sold for. */
static bool asks_price(sm_str text)
{
    static const char *const per[] = { "一吨", "一度", "一方", "一针", "一斤", "一公里", "一立方",
                                       "每吨", "每度", "每方", "每针", "每斤", "每公里", "每立方",
                                       "水价", "电价", "气价", "油价", "价格" };
    return HAS(text, per) && asks_how_much(text);
}

/* An item by which something is levied; one that pays out. */
static bool levies(const sm_doc *item, const json_t *j)
{
    static const char *const names[] = { "参保", "补缴", "维修资金" };
    return sm_str_eq(sm_json_str(j, "type"), SM_STR("行政征收")) || HAS(item->title, names);
}

static bool pays_out(const json_t *j)
{
    return sm_str_eq(sm_json_str(j, "type"), SM_STR("行政给付"));
}

/* "登记费呢" of an item in hand that has none: another one's. */
static sm_str fee_of_another(sm_turn *t, const sm_doc *item, const sm_clause *c, size_t n)
{
    size_t at = sm_str_find(t->said, SM_STR("费"), 0);
    if (!t->keeps_item || at == SIZE_MAX || at < NOUN_BYTES)
        return (sm_str){ 0 };
    sm_str noun = sm_str_sub(t->said, at - NOUN_BYTES, at),
           fee = sm_str_sub(t->said, at - NOUN_BYTES, at + strlen("费"));
    static const char *const any[] = { "手续费", "工本费", "服务费" };
    bool own = HAS(fee, any) || sm_str_has(item->title, noun) || !sm_names_fee(fee);
    for (size_t i = 0; i < n; i++)
        own |= sm_str_has(c[i].text, fee);
    return own ? (sm_str){ 0 } : fee;
}

/* What one does with what is handled, and pays for elsewhere: 坐公交免费吗, 打疫苗要钱吗. */
static bool asks_of_use(sm_str text, const sm_doc *item)
{
    static const char *const uses[] = { "坐车", "坐公交", "乘车",   "乘公交", "乘坐", "坐地铁",
                                        "门票", "看病",   "住院",   "治病",   "买药", "打针",
                                        "疫苗", "请律师", "车费",   "药费",   "学费", "垫",
                                        "保教", "伙食",   "住宿费", "通行费" };
    static const char *const handling[] = { "办理", "补办", "办个", "备案",   "登记",   "申请",
                                            "申领", "补领", "换领", "手续费", "工本费", "成本费" };
    for (size_t i = 0; i < SM_LEN(uses) && !HAS(text, handling); i++)
        if (sm_str_has(text, sm_str_of(uses[i])) && !sm_str_has(item->title, sm_str_of(uses[i])))
            return true;
    return false;
}

bool sm_is_other_money(sm_str text, const sm_doc *item, const json_t *j)
{
    static const char *const deposits[] = { "押金", "保证金", "定金" };
    if (HAS(text, deposits) || asks_of_use(text, item))
        return true;
    if (names_own_fee(text))
        return false;
    return due_of(text) || asks_price(text) || sm_asks_payout(text) || levies(item, j) ||
           (pays_out(j) && asks_how_much(text) && !speaks_of_paying(text));
}

/* ------------------------------------------------------------- what tells it */

/* An amount, a share, or words for one. */
static bool tells_rate(sm_arena *a, sm_str text)
{
    static const char *const words[] = { "分之", "百分点", "倍", "减半", "本人工资", "不收违约金" };
    sm_fact *f;
    size_t n = sm_text_facts(a, text, &f);
    for (size_t i = 0; i < n; i++)
        if (f[i].kind == SM_FACT_MONEY || f[i].kind == SM_FACT_PERCENT)
            return true;
    return HAS(text, words);
}

/* How well a clause tells the money asked for: 0 not at all, above 1 with a rate. */
static double tells(sm_turn *t, const struct due *d, bool payout, const sm_clause *c)
{
    static const char *const where[] = { "faq/", "scope", "result", "conditions/" };
    static const char *const taken[] = { "征", "缴", "税率" };
    size_t n = SM_LEN(where) - payout; /* conditions tell what one must have */
    bool there = false;
    for (size_t i = 0; i < n; i++)
        there |= sm_str_starts(c->path, sm_str_of(where[i]));
    bool about = payout || (d ? HAS(c->text, d->told) : HAS(c->text, taken));
    if (!there || !about)
        return 0;
    double shared = sm_text_shared(t->op->arena, t->said, c->text);
    bool faq = sm_str_starts(c->path, SM_STR("faq/"));
    if (payout && faq && shared < FAQ_ALIKE)
        return 0;
    if (tells_rate(t->op->arena, c->text))
        return 1 + shared;
    return d && !d->if_paid && faq ? shared : 0;
}

/* The clauses that tell it, the best first; one without a rate only where none has one. */
static size_t find_telling(sm_turn *t, bool payout, sm_clause *c, size_t n, const sm_clause **out,
                           bool *rate)
{
    const struct due *d = due_of(t->said);
    double score[MAX_TELLING] = { 0 };
    size_t n_out = 0;
    for (size_t i = 0; i < n; i++) {
        double s = tells(t, d, payout, &c[i]);
        size_t at = n_out;
        while (at > 0 && score[at - 1] < s)
            at--;
        if (s <= 0 || at == MAX_TELLING)
            continue;
        n_out = SM_MIN(n_out + 1, (size_t)MAX_TELLING);
        for (size_t k = n_out - 1; k > at; k--) {
            score[k] = score[k - 1];
            out[k] = out[k - 1];
        }
        score[at] = s;
        out[at] = &c[i];
    }
    *rate = n_out && score[0] >= 1;
    while (n_out > 1 && (score[n_out - 1] < 1) == *rate)
        n_out--;
    return *rate ? n_out : SM_MIN(n_out, (size_t)1);
}

/* ------------------------------------------------------------------ the answer */

bool sm_fee_is_free(sm_str fee)
{
    return !sm_str_starts(fee, SM_STR("收费：")) && sm_str_has(fee, SM_STR("不收费"));
}

bool sm_told_free(const sm_clause *clause, size_t n, const sm_clause *fee)
{
    static const char *const frees[] = { "不收", "免费", "免收" };
    for (size_t i = 0; i < n; i++)
        if (&clause[i] != fee && HAS(clause[i].text, frees))
            return true;
    return false;
}

static bool is_free_fee(const sm_claim *c)
{
    return c->n_cites == 1 && sm_str_eq(c->cite[0].clause, SM_STR("fee")) && !c->corrects &&
           sm_fee_is_free(c->text);
}

bool sm_says_free(const sm_answer *answer)
{
    for (size_t i = 0; i < answer->n_claims; i++)
        if (is_free_fee(&answer->claim[i]))
            return true;
    return false;
}

/* The claim that an item takes no fee, if it is one. */
static sm_rc free_item(sm_turn *t, const sm_claim *c, sm_doc **item)
{
    *item = NULL;
    if (!is_free_fee(c))
        return SM_OK;
    return sm_corpus_doc(t->op, t->corpus, c->cite[0].doc, item);
}

static void tell_missing(sm_turn *t, sm_str what)
{
    t->help =
        sm_strf(t->op->arena, "您问的%.*s，我掌握的资料里没有写明，请以窗口或咨询电话的答复为准。",
                SM_ARG(what));
}

static bool asks_fee(const sm_turn *t)
{
    for (size_t i = 0; i < t->facets.n; i++)
        if (t->facets.f[i] == SM_FACET_FEE)
            return true;
    return false;
}

/* "契税谁交": who has to is told by the conditions. */
static void lead_with_payer(sm_turn *t, const sm_doc *item, const sm_clause *c, size_t n)
{
    static const char *const persons[] = { "单位", "个人", "职工" };
    for (size_t i = 0; i < n && sm_str_has(t->said, SM_STR("谁")); i++)
        if (sm_str_starts(c[i].path, SM_STR("conditions/")) && HAS(c[i].text, persons)) {
            sm_answer_lead(t->op, t->answer, c[i].text, item, &c[i]);
            return;
        }
}

/* That the item takes no fee gives way to what tells the money asked for, and comes last. */
static sm_rc give_way(sm_turn *t, const sm_doc *item, const sm_claim *said, bool *missing)
{
    const sm_clause *telling[MAX_TELLING], *fee = NULL;
    sm_clause *c;
    json_t *j;
    size_t n;
    bool rate;
    sm_rc rc = sm_item_json(t->op, item, &j);
    if (rc == SM_OK)
        rc = sm_answer_elements(t->op, t->corpus, item, t->talk.region, t->said, t->today, &c, &n);
    if (rc < 0)
        return rc;
    sm_str another = fee_of_another(t, item, c, n);
    bool asks = asks_fee(t) || sm_asks_due(t->said);
    if (!another.n && (!asks || !sm_is_other_money(t->said, item, j)))
        return SM_OK;
    for (size_t i = 0; i < n; i++)
        if (sm_str_eq(c[i].path, SM_STR("fee")))
            fee = &c[i];
    bool payout = !due_of(t->said) && (pays_out(j) || sm_asks_payout(t->said));
    size_t n_telling = another.n ? 0 : find_telling(t, payout, c, n, telling, &rate);
    t->answer = sm_answer_without(t->op, t->answer, said->cite[0].row);
    for (size_t i = n_telling; i > 0; i--)
        sm_answer_lead(t->op, t->answer, telling[i - 1]->text, item, telling[i - 1]);
    lead_with_payer(t, item, c, n);
    if (fee)
        sm_answer_add(t->op, t->answer,
                      sm_strf(t->op->arena, "办理“%.*s”本身不收费。", SM_ARG(item->title)), item,
                      fee);
    if (fee)
        t->answer->claim[t->answer->n_claims - 1].aside = true;
    if (n_telling == 0 && (another.n || asks_how_much(t->said) ||
                           (t->facet == SM_FACET_FEE && !asks_of_use(t->said, item)))) {
        tell_missing(t, another.n ? another : SM_STR("数额"));
        *missing = !another.n;
    }
    t->told_amount = n_telling > 0;
    return SM_OK;
}

sm_rc sm_mind_money(sm_turn *t, bool *missing)
{
    bool by_item =
        strcmp(t->reply->reason, "item") == 0 || strcmp(t->reply->reason, "two_items") == 0;
    if (!by_item || t->reply->act != SM_ACT_ANSWER || !t->answer)
        return SM_OK;
    for (size_t i = t->answer->n_claims; i > 0; i--) {
        sm_doc *item;
        sm_rc rc = free_item(t, &t->answer->claim[i - 1], &item);
        if (rc == SM_OK && item)
            return give_way(t, item, &t->answer->claim[i - 1], missing);
        if (rc < 0)
            return rc;
    }
    return SM_OK;
}
