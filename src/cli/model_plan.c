/*
 * sunmao model plan: how many cards for which wait.  It opens no data directory.
 */
#include "cli/cli.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/model.h"

struct wish {
    sm_plan_ask ask;
    double slots, cards; /* cards 0: to be found */
};

#define AT(field) offsetof(struct wish, field)
static const struct key {
    const char *name;
    size_t at;
    bool needed;
    const char *what;
} keys[] = {
    { "citizen", AT(ask.per_hour[SM_CLASS_CITIZEN]), false, "群众办事每小时请求数" },
    { "staff", AT(ask.per_hour[SM_CLASS_STAFF]), false, "工作人员每小时请求数" },
    { "batch", AT(ask.per_hour[SM_CLASS_BATCH]), false, "批量任务每小时请求数" },
    { "prompt", AT(ask.prompt_tokens), true, "提示词平均词元数" },
    { "generated", AT(ask.generated_tokens), true, "生成平均词元数" },
    { "prefill", AT(ask.prefill_per_second), true, "一张卡每秒读入词元数（只读不写时测）" },
    { "decode", AT(ask.decode_per_second), true, "一张卡每秒生成词元数（并发占满、只写不读时测）" },
    { "slots", AT(slots), true, "一张卡同时的请求数" },
    { "wait", AT(ask.wait_s[SM_CLASS_CITIZEN]), false, "群众最多排队几秒，默认 1" },
    { "staff-wait", AT(ask.wait_s[SM_CLASS_STAFF]), false, "工作人员最多排队几秒，默认 10" },
    { "batch-wait", AT(ask.wait_s[SM_CLASS_BATCH]), false, "批量任务最多排队几秒，默认不限" },
    { "quantile", AT(ask.quantile), false, "以上对多大比例的请求成立，默认 0.95" },
    { "cards", AT(cards), false, "不求卡数，只看这么多张卡时怎样" },
};

static sm_rc read_one(sm_cli *c, const char *text, struct wish *w, bool *given)
{
    const char *is = strchr(text, '=');
    size_t n = is ? (size_t)(is - text) : 0;
    for (size_t i = 0; is && i < SM_LEN(keys); i++) {
        if (strlen(keys[i].name) != n || strncmp(keys[i].name, text, n) != 0)
            continue;
        char *end;
        double v = strtod(is + 1, &end);
        if (end == is + 1 || *end || !(v >= 0 && v <= 1e12))
            return sm_fail(&c->op, SM_E_INVALID, "“%s”：%s应当是不小于 0 的数", text, keys[i].what);
        memcpy((char *)w + keys[i].at, &v, sizeof v);
        given[i] = true;
        return SM_OK;
    }
    return sm_fail(&c->op, SM_E_INVALID,
                   "不认识“%s”；应当是 名称=数，用 sunmao model --help 看说明", text);
}

static sm_rc read_wish(sm_cli *c, struct wish *w)
{
    bool given[SM_LEN(keys)] = { 0 };
    *w = (struct wish){ .ask = { .wait_s = { 1, 10, 0 }, .quantile = .95 } };
    for (int i = 1; i < c->n_args; i++) {
        sm_rc rc = read_one(c, c->arg[i], w, given);
        if (rc < 0)
            return rc;
    }
    for (size_t i = 0; i < SM_LEN(keys); i++)
        if (keys[i].needed && !given[i])
            return sm_fail(&c->op, SM_E_INVALID, "要给出 %s=…（%s）", keys[i].name, keys[i].what);
    if (w->slots > SM_SCHEDULE_MAX_SLOTS || w->cards > SM_PLAN_MAX_CARDS)
        return sm_fail(&c->op, SM_E_INVALID, "slots 最大 %d，cards 最大 %d", SM_SCHEDULE_MAX_SLOTS,
                       SM_PLAN_MAX_CARDS);
    w->ask.slots = (uint32_t)w->slots;
    return SM_OK;
}

static void show_json(sm_cli *c, const sm_plan_ask *ask, const sm_plan *p)
{
    json_t *class = json_object();
    for (int k = 0; k < SM_N_CLASSES; k++) {
        const sm_plan_class *one = &p->class[k];
        if (ask->per_hour[k] > 0)
            json_object_set_new(
                class, sm_class_id((sm_class)k),
                json_pack("{s:f,s:f,s:f,s:o}", "wait_s", one->wait_s, "first_token_s",
                          one->first_token_s, "refused", one->refused, "formula_wait_s",
                          isinf(one->formula_wait_s) ? json_null()
                                                     : json_real(one->formula_wait_s)));
    }
    sm_cli_json(c,
                json_pack("{s:I,s:I,s:f,s:f,s:f,s:o}", "cards", (json_int_t)p->cards,
                          "formula_cards", (json_int_t)p->formula_cards, "busy", p->busy, "hold_s",
                          p->hold_s, "quantile", ask->quantile, "class", class),
                stdout);
}

static void show(const sm_plan_ask *ask, const sm_plan *p, bool found)
{
    if (found)
        printf("需要 %u 张卡（按公式 %u 张）", p->cards, p->formula_cards);
    else
        printf("%u 张卡时", p->cards);
    printf("：平均占用 %.0f%%，一次请求占用一个并发位约 %.1f 秒\n", 100 * p->busy, p->hold_s);
    for (int k = 0; k < SM_N_CLASSES; k++) {
        const sm_plan_class *one = &p->class[k];
        if (ask->per_hour[k] <= 0)
            continue;
        printf("  %s：%g%% 的请求排队不超过 %.2f 秒，首个词元不超过 %.2f 秒",
               sm_class_text((sm_class)k), 100 * ask->quantile, one->wait_s, one->first_token_s);
        if (one->refused > 0)
            printf("，被拒绝 %.2f%%", 100 * one->refused);
        putchar('\n');
    }
}

sm_rc sm_cli_model_plan(sm_cli *c)
{
    struct wish w;
    sm_plan p = { 0 };
    sm_rc rc = read_wish(c, &w);
    if (rc < 0)
        return rc;
    uint32_t cards = p.cards = (uint32_t)w.cards;
    rc = cards ? sm_plan_try(&c->op, &w.ask, cards, 1, &p) : sm_plan_cards(&c->op, &w.ask, &p);
    if (rc == SM_OK && c->json)
        show_json(c, &w.ask, &p);
    else if (rc == SM_OK)
        show(&w.ask, &p, !cards);
    return rc;
}
