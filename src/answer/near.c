#include "answer/near.h"

#include <string.h>

#include "answer/when.h"
#include "text/text.h"

#define HAS(text, words) sm_str_has_any((text), (words), SM_LEN(words))

static const double WORTH[2] = { 0.4, 1.0 };         /* of a character, of a pair */
static const double OF_KIND = 1.5, ASKS_KIND = 0.75; /* a clause that tells it; an FAQ's question */
static const double OF_ALIAS = 0.3;
static const double ASKED_WORD = 1.25; /* in what an FAQ asks, against its answer */

/* Words that ask, that join, that name an element: every FAQ has some of them, and none is what it
 * is about. */
static const char asking[] =
    "是不是 能不能 可不可以 会不会 要不要 有没有 行不行 用不用 需不需要 还能 还要 还得 还有 "
    "也能 也要 都要 都能 就能 就要 才能 可以 什么 怎么 怎样 怎么样 怎么办 咋办 咋整 咋弄 "
    "多少 几个 哪里 哪个 为啥 请问 我想 想问 我的 我们 他们 你们 这个 那个 这么 那么 这样 "
    "现在 已经 的话 的吗 了吗 了吧 了呢 吗 呢 吧 啊 呀 嘛 么 哦 噢 不了 不能 不会 不用 不要 "
    "不是 没有 只能 只有 一下 一个 到底 如果 要是 给我 我给 跟我 让我 把我 被 在 从 与 和 "
    "或 去 来 得 着 过 很 再 又 啦 您 她 它 里 上 下 前 后 能 会 想 知道 呗 谁 给 办 自己 "
    "一般 需要 材料 资料 条件 流程 步骤 依据";

/* ------------------------------------------------------------- kinds of figures */

enum kind { TIME, MONEY, AGE, PAYER, AREA, PEOPLE, N_KINDS };

static const struct {
    const char *asked[28], *told[14]; /* NULL ends */
} kinds[N_KINDS] = {
    [TIME] = { { "期限", "最晚", "多长时间" }, { "长期" } },
    [MONEY] = { { "钱",     "费",     "税",     "块",     "价",     "比例",   "几成",
                  "百分",   "个点",   "收多少", "交多少", "补多少", "给多少", "拿多少",
                  "领多少", "贷多少", "报多少", "赔多少", "垫",     "掏" },
                { "分之", "倍", "收费", "免征", "免费", "免收", "不收", "缴纳", "费用" } },
    [AGE] = { { "几岁", "多大年", "多大岁", "岁数", "年纪", "年龄" }, { "周岁" } },
    [PAYER] = { { "谁", "我出", "自己出", "单位出", "我掏", "自己掏" },
                { "承担", "负担", "转嫁", "一方缴纳", "由单位", "由个人", "由本人" } },
    [AREA] = { { "多大", "平方", "平米", "几平", "多少平", "面积" }, { "平方米", "面积" } },
    [PEOPLE] = { { "几口", "几个人", "多少人", "口人", "人数", "几人" }, { "人数" } },
};

static bool has_kind(sm_fact_kind fact, enum kind k)
{
    switch (k) {
    case TIME:
        return sm_fact_is_length(fact);
    case MONEY:
        return fact == SM_FACT_MONEY || fact == SM_FACT_PERCENT;
    case AGE:
        return fact == SM_FACT_AGE;
    case PAYER:
    case AREA:
    case PEOPLE:
    case N_KINDS:
        break;
    }
    return false;
}

/* The kinds, a bit each, that a text has figures of. */
static unsigned figures_of(sm_arena *a, sm_str text)
{
    sm_fact *f;
    size_t n = sm_text_facts(a, text, &f);
    unsigned set = 0;
    for (size_t i = 0; i < n; i++)
        for (enum kind k = 0; k < N_KINDS; k++)
            set |= has_kind(f[i].kind, k) ? 1u << k : 0;
    for (size_t i = 0; i < n; i++)
        if (f[i].kind == SM_FACT_NUMBER && sm_str_ends(f[i].text, SM_STR("人")))
            set |= 1u << PEOPLE;
    return set;
}

static unsigned kinds_asked(sm_arena *a, sm_str text)
{
    unsigned set = figures_of(a, text) | (sm_asks_when(text) ? 1u << TIME : 0);
    for (enum kind k = 0; k < N_KINDS; k++)
        set |= HAS(text, kinds[k].asked) ? 1u << k : 0;
    return set;
}

static unsigned kinds_told(sm_arena *a, sm_str text)
{
    unsigned set = figures_of(a, text);
    for (enum kind k = 0; k < N_KINDS; k++)
        set |= HAS(text, kinds[k].told) ? 1u << k : 0;
    return set;
}

/* --------------------------------------------------------------------- words */

/* A clause as two texts: what an FAQ asks (else empty), and what is told. */
struct told {
    sm_wordset asks, tells;
    unsigned asked, kinds;
};

bool sm_faq_parts(sm_str text, sm_str *asks, sm_str *tells)
{
    size_t at = sm_str_find(text, SM_STR("\n答："), 0);
    if (at == SIZE_MAX || !sm_str_starts(text, SM_STR("问：")))
        return false;
    *asks = sm_str_sub(text, strlen("问："), at);
    *tells = sm_str_sub(text, at + strlen("\n答："), text.n);
    return true;
}

static struct told read_clause(sm_arena *a, sm_str text)
{
    sm_str asks = { 0 }, tells = text;
    sm_faq_parts(text, &asks, &tells);
    return (struct told){ .asks = sm_wordset_of(a, asks),
                          .tells = sm_wordset_of(a, tells),
                          .asked = asks.n ? kinds_asked(a, asks) : 0,
                          .kinds = kinds_told(a, text) };
}

static bool in(const sm_wordset *s, size_t k, uint64_t key)
{
    return sm_find_u64(s->key[k], s->n[k], key) != SIZE_MAX;
}

static void add_word(const struct told *c, size_t n, size_t k, uint64_t key, double worth,
                     double *near)
{
    size_t df = 0;
    for (size_t i = 0; i < n; i++)
        df += in(&c[i].asks, k, key) || in(&c[i].tells, k, key);
    if (df == 0)
        return;
    worth *= WORTH[k] * sm_log(1 + (double)n / (double)df);
    for (size_t i = 0; i < n; i++)
        near[i] += in(&c[i].asks, k, key)    ? worth * ASKED_WORD
                   : in(&c[i].tells, k, key) ? worth
                                             : 0;
}

static unsigned count(unsigned set)
{
    unsigned n = 0;
    for (; set; set &= set - 1)
        n++;
    return n;
}

double *sm_near(sm_arena *a, const sm_near_asked *asked, const sm_clause *const *clause, size_t n)
{
    double *near = SM_NEWS(a, double, n + 1);
    struct told *c = SM_NEWS(a, struct told, n + 1);
    for (size_t i = 0; i < n; i++)
        c[i] = read_clause(a, clause[i]->text);
    sm_wordset q = sm_wordset_of(a, asked->question), title = sm_wordset_of(a, asked->title),
               alias = sm_wordset_of(a, asked->aliases), asks = sm_wordset_of(a, sm_str_of(asking));
    for (size_t k = 0; k < SM_LEN(WORTH); k++)
        for (size_t i = 0; i < q.n[k]; i++) {
            uint64_t key = q.key[k][i];
            if (!in(&title, k, key) && !in(&asks, k, key))
                add_word(c, n, k, key, in(&alias, k, key) ? OF_ALIAS : 1, near);
        }
    unsigned of = kinds_asked(a, asked->question) & ~(asked->of_office ? 1u << TIME : 0);
    for (size_t i = 0; i < n; i++)
        near[i] += OF_KIND * count(of & c[i].kinds) + ASKS_KIND * count(of & c[i].asked);
    return near;
}
