#include "schedule/plan.h"

#include <math.h>

#include "schedule/inner.h"
#include "schedule/simulate.h"

static const double HOUR_S = 3600;

/* --------------------------------------------------------------- formula */

double sm_erlang_c(double n, double erlangs)
{
    if (erlangs >= n)
        return 1;
    double b = 1; /* Erlang's B by its recursion, which cannot overflow */
    for (double i = 1; i <= n; i++)
        b = erlangs * b / (i + erlangs * b);
    return n * b / (n - erlangs * (1 - b));
}

static double hold_s(const sm_plan_ask *ask)
{
    return ask->slots * (ask->prompt_tokens / ask->prefill_per_second +
                         ask->generated_tokens / ask->decode_per_second);
}

/* Of the time a slot is held: a sum of two exponential parts. */
static double variation_squared(const sm_plan_ask *ask)
{
    double reads = ask->prompt_tokens / ask->prefill_per_second;
    double writes = ask->generated_tokens / ask->decode_per_second;
    return (reads * reads + writes * writes) / ((reads + writes) * (reads + writes));
}

static double erlangs_to(const sm_plan_ask *ask, int k)
{
    double per_hour = 0;
    for (int i = 0; i <= k; i++)
        per_hour += ask->per_hour[i];
    return per_hour / HOUR_S * hold_s(ask);
}

double sm_plan_formula(const sm_plan_ask *ask, uint32_t cards, sm_class k)
{
    sm_schedule_config usual;
    sm_schedule_config_init(&usual);
    double n = (double)cards * ask->slots;
    n -= sm_headroom(erlangs_to(ask, SM_CLASS_CITIZEN), n, k, usual.rules[k].headroom);
    double all = erlangs_to(ask, k < SM_CLASS_BATCH ? SM_CLASS_STAFF : SM_CLASS_BATCH);
    double above = erlangs_to(ask, (int)k - 1) / n, to = erlangs_to(ask, (int)k) / n;
    if (to >= 1)
        return HUGE_VAL;
    double c = sm_erlang_c(n, SM_MIN(all, n));
    double mean = c * hold_s(ask) / n / ((1 - above) * (1 - to));
    mean *= (1 + variation_squared(ask)) / 2;
    double late = 1 - ask->quantile;
    return c <= late || c <= 0 ? 0 : mean / c * sm_log(c / late);
}

/* ---------------------------------------------------------------- checks */

static sm_rc check(sm_op *op, const sm_plan_ask *ask)
{
    double per_hour = 0;
    for (int k = 0; k < SM_N_CLASSES; k++) {
        if (!(ask->per_hour[k] >= 0 && ask->per_hour[k] <= 1e8 && ask->wait_s[k] >= 0))
            return sm_fail(op, SM_E_INVALID, "“%s”的每小时请求数或等候时间不合理",
                           sm_class_text((sm_class)k));
        per_hour += ask->per_hour[k];
    }
    if (per_hour <= 0)
        return sm_fail(op, SM_E_INVALID, "要给出至少一类每小时的请求数");
    if (!(ask->quantile >= 0.5 && ask->quantile <= 0.99))
        return sm_fail(op, SM_E_INVALID, "分位数应在 0.5 到 0.99 之间");
    if (!(ask->prompt_tokens >= 1 && ask->prompt_tokens <= 1e6 && ask->generated_tokens >= 1 &&
          ask->generated_tokens <= 1e6))
        return sm_fail(op, SM_E_INVALID, "提示词和生成的长度应在 1 到 1000000 之间");
    if (!(ask->prefill_per_second >= 1 && ask->prefill_per_second <= 1e7 &&
          ask->decode_per_second >= 1 && ask->decode_per_second <= 1e7))
        return sm_fail(op, SM_E_INVALID, "每张卡的读入和生成速度应在每秒 1 到 10000000 之间");
    if (ask->slots < 1 || ask->slots > SM_SCHEDULE_MAX_SLOTS)
        return sm_fail(op, SM_E_INVALID, "每张卡的并发数应在 1 到 %d 之间", SM_SCHEDULE_MAX_SLOTS);
    return SM_OK;
}

/* ------------------------------------------------------------ simulation */

enum { MANY_CALLS = 60000, MANY_HOLDS = 400 };

static double measured_s(const sm_plan_ask *ask)
{
    double per_s = 0;
    for (int k = 0; k < SM_N_CLASSES; k++)
        per_s += ask->per_hour[k] / HOUR_S;
    return SM_MAX(MANY_CALLS / per_s, MANY_HOLDS * hold_s(ask));
}

static size_t make_sources(const sm_plan_ask *ask, sm_sim_source *source)
{
    size_t n = 0;
    for (int k = 0; k < SM_N_CLASSES; k++)
        if (ask->per_hour[k] > 0)
            source[n++] =
                (sm_sim_source){ .class = (sm_class)k,
                                 .per_second = ask->per_hour[k] / HOUR_S,
                                 .prompt_tokens = ask->prompt_tokens,
                                 .generated_tokens = ask->generated_tokens,
                                 .max_tokens = (uint32_t)(16 * ask->generated_tokens + 1) };
    return n;
}

static void tell_class(const sm_plan_ask *ask, const sm_sim_result *r, const sm_sim_count *count,
                       sm_class k, sm_plan_class *out)
{
    const sm_sim_waits *w = &r->waits[k];
    uint64_t refused = count->refused[SM_REFUSED_QUEUE] + count->refused[SM_REFUSED_WAIT];
    out->wait_s = sm_quantile(w->wait_s, w->n, ask->quantile);
    out->first_token_s = sm_quantile(w->first_token_s, w->n, ask->quantile);
    out->refused = (double)refused / (double)SM_MAX(count->submitted, 1U);
}

sm_rc sm_plan_try(sm_op *op, const sm_plan_ask *ask, uint32_t cards, uint64_t seed, sm_plan *out)
{
    sm_rc rc = check(op, ask);
    if (rc >= 0 && (cards < 1 || cards > SM_PLAN_MAX_CARDS))
        rc = sm_fail(op, SM_E_INVALID, "卡数应在 1 到 %d 之间", SM_PLAN_MAX_CARDS);
    if (rc < 0)
        return rc;
    sm_back_end *card = SM_NEWS(op->arena, sm_back_end, cards);
    sm_candidate *candidate = SM_NEWS(op->arena, sm_candidate, cards);
    for (uint32_t i = 0; i < cards; i++) {
        card[i] = (sm_back_end){ .id = i + 1, .slots = ask->slots };
        candidate[i] = (sm_candidate){ .back_end = i + 1 };
    }
    sm_schedule_config config;
    sm_schedule_config_init(&config);
    config.back_end = card;
    config.n_back_ends = cards;
    sm_sim_list list = { candidate, cards };
    sm_sim_source source[SM_N_CLASSES];
    sm_sim sim = { .config = &config,
                   .source = source,
                   .n_sources = make_sources(ask, source),
                   .list = &list,
                   .prefill_per_second = ask->prefill_per_second,
                   .decode_per_second = ask->decode_per_second,
                   .slots = ask->slots,
                   .warm_up_s = measured_s(ask) / 10,
                   .measured_s = measured_s(ask),
                   .seed = seed };
    sm_sim_result r;
    rc = sm_simulate(op, &sim, &r);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < sim.n_sources; i++)
        tell_class(ask, &r, &r.source[i], source[i].class, &out->class[source[i].class]);
    for (int k = 0; k < SM_N_CLASSES; k++)
        out->class[k].formula_wait_s = sm_plan_formula(ask, cards, (sm_class)k);
    out->busy = r.busy;
    out->hold_s = hold_s(ask);
    return SM_OK;
}

/* ---------------------------------------------------------------- search */

static bool formula_meets(const sm_plan_ask *ask, uint32_t cards)
{
    for (int k = 0; k < SM_N_CLASSES; k++)
        if (ask->per_hour[k] > 0) {
            double wait = sm_plan_formula(ask, cards, (sm_class)k);
            if (wait > (ask->wait_s[k] > 0 ? ask->wait_s[k] : HUGE_VAL) || isinf(wait))
                return false;
        }
    return true;
}

/* Nobody is refused but for a stray one, and nobody waits longer than asked. */
static bool meets(const sm_plan_ask *ask, const sm_plan *p)
{
    static const double STRAY = 0.001;
    for (int k = 0; k < SM_N_CLASSES; k++)
        if (ask->per_hour[k] > 0 && (p->class[k].refused > STRAY ||
                                     (ask->wait_s[k] > 0 && p->class[k].wait_s > ask->wait_s[k])))
            return false;
    return true;
}

static sm_rc too_many(sm_op *op)
{
    return sm_fail(op, SM_E_LIMIT, "需要的卡数超过 %d 张，请核对每小时请求数和每张卡的速度",
                   SM_PLAN_MAX_CARDS);
}

static sm_rc attempt(sm_op *op, const sm_plan_ask *ask, uint32_t cards, sm_plan *out, bool *met)
{
    if (cards > SM_PLAN_MAX_CARDS)
        return too_many(op);
    sm_op own = { .deadline_us = op->deadline_us, .cancel = op->cancel, .arena = sm_arena_open() };
    sm_rc rc = sm_plan_try(&own, ask, cards, 1, out);
    if (rc < 0)
        sm_fail(op, rc, "%.*s", SM_ARG(own.msg));
    sm_arena_close(own.arena);
    *met = rc >= 0 && meets(ask, out);
    return rc;
}

sm_rc sm_plan_cards(sm_op *op, const sm_plan_ask *ask, sm_plan *out)
{
    sm_plan now = { 0 }, better = { 0 };
    bool met = false;
    sm_rc rc = check(op, ask);
    if (rc < 0)
        return rc;
    uint32_t cards = 1, least = (uint32_t)(erlangs_to(ask, SM_CLASS_BATCH) / ask->slots) + 1;
    for (cards = least; cards <= SM_PLAN_MAX_CARDS && !formula_meets(ask, cards);)
        cards++;
    now.formula_cards = cards;
    for (rc = attempt(op, ask, cards, &now, &met); rc >= 0 && !met;)
        rc = attempt(op, ask, ++cards, &now, &met);
    for (; rc >= 0 && cards > least; cards--) {
        better.formula_cards = now.formula_cards;
        rc = attempt(op, ask, cards - 1, &better, &met);
        if (rc < 0 || !met)
            break;
        now = better;
    }
    if (rc < 0)
        return rc;
    now.cards = cards;
    *out = now;
    return SM_OK;
}
