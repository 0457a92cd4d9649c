#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "model/model.h"

/* Who does what is done here: a shell on the machine, not a person with an account. */
#define BY SM_STR("cli")

static const struct option options[] = { { "name", required_argument, NULL, 'n' },
                                         { "remote-name", required_argument, NULL, 'r' },
                                         { "key-from", required_argument, NULL, 'k' },
                                         { "template", required_argument, NULL, 't' },
                                         { "licence", required_argument, NULL, 'l' },
                                         { "registration-no", required_argument, NULL, 'R' },
                                         { "slots", required_argument, NULL, 's' },
                                         { "parallel", required_argument, NULL, 'p' },
                                         { "ctx", required_argument, NULL, 'c' },
                                         { "threads", required_argument, NULL, 'T' },
                                         { "batch", required_argument, NULL, 'b' },
                                         { "gpu-layers", required_argument, NULL, 'g' },
                                         { "no-draft", required_argument, NULL, 'd' },
                                         { "lora", required_argument, NULL, 'L' },
                                         { "price-in", required_argument, NULL, 'i' },
                                         { "price-out", required_argument, NULL, 'o' },
                                         { "watts", required_argument, NULL, 'w' },
                                         { "scope", required_argument, NULL, 'S' },
                                         { "limit", required_argument, NULL, 'N' },
                                         { "require-quality", no_argument, NULL, 'q' },
                                         { 0 } };

/* -------------------------------------------------------------------- settings */

static sm_rc read_amount(sm_cli *c, char letter, double *out)
{
    const char *text = sm_cli_text(c, letter, NULL);
    char *end;
    if (!text)
        return SM_OK;
    double v = strtod(text, &end);
    if (end == text || *end)
        return sm_fail(&c->op, SM_E_INVALID, "“%s”应当是数", text);
    *out = v;
    return SM_OK;
}

static sm_rc read_loras(sm_cli *c, sm_engine_options *o)
{
    sm_str rest = sm_str_of(sm_cli_text(c, 'L', "")), one;
    size_t cap = 0;
    if (!sm_cli_has(c, 'L'))
        return SM_OK;
    o->lora = NULL;
    o->n_loras = 0;
    while (sm_str_cut(&rest, ',', &one)) {
        SM_GROW(c->op.arena, o->lora, o->n_loras, cap);
        o->lora[o->n_loras++] = one;
    }
    return SM_OK;
}

static sm_rc read_engine(sm_cli *c, sm_engine_options *o)
{
    const char *draft = sm_cli_text(c, 'd', NULL);
    sm_rc rc = sm_cli_int(c, 'p', 0, 256, &o->parallel);
    if (rc == SM_OK)
        rc = sm_cli_int(c, 'c', 0, 16 << 20, &o->ctx_tokens);
    if (rc == SM_OK)
        rc = sm_cli_int(c, 'T', 0, 1024, &o->threads);
    if (rc == SM_OK)
        rc = sm_cli_int(c, 'b', 0, 16 << 20, &o->batch);
    if (rc == SM_OK)
        rc = sm_cli_int(c, 'g', 0, 1024, &o->gpu_layers);
    if (rc == SM_OK && draft && strcmp(draft, "yes") != 0 && strcmp(draft, "no") != 0)
        rc = sm_fail(&c->op, SM_E_INVALID, "--no-draft 应当是 yes 或 no");
    if (rc == SM_OK && draft)
        o->no_draft = strcmp(draft, "yes") == 0;
    return rc == SM_OK ? read_loras(c, o) : rc;
}

/* What the options give replaces what is in b. */
static sm_rc read_settings(sm_cli *c, sm_backend *b)
{
    struct {
        char letter;
        sm_str *at;
    } texts[] = { { 'k', &b->key_from },
                  { 'r', &b->remote_name },
                  { 't', &b->template },
                  { 'l', &b->licence },
                  { 'R', &b->registration_no } };
    for (size_t i = 0; i < SM_LEN(texts); i++)
        if (sm_cli_has(c, texts[i].letter))
            *texts[i].at = sm_str_of(sm_cli_text(c, texts[i].letter, ""));
    sm_rc rc = sm_cli_int(c, 's', 0, 4096, &b->slots);
    if (rc == SM_OK)
        rc = read_amount(c, 'i', &b->price_in);
    if (rc == SM_OK)
        rc = read_amount(c, 'o', &b->price_out);
    if (rc == SM_OK)
        rc = read_amount(c, 'w', &b->watts);
    return rc == SM_OK ? read_engine(c, &b->engine) : rc;
}

/* --------------------------------------------------------------------- showing */

static sm_str when(sm_cli *c, int64_t ms)
{
    char text[32];
    time_t s = (time_t)(ms / 1000);
    struct tm tm;
    if (ms == 0 || !localtime_r(&s, &tm))
        return SM_STR("-");
    return sm_strf(c->op.arena, "%.*s", (int)strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &tm),
                   text);
}

static sm_str can_text(sm_cli *c, unsigned can)
{
    sm_str text = { 0 };
    for (unsigned i = 0; i < SM_N_CAPABILITIES; i++)
        if (can & 1u << i)
            text = sm_strf(c->op.arena, "%.*s%s%s", SM_ARG(text), text.n ? "、" : "",
                           sm_capability_text(i));
    return text.n ? text : SM_STR("-");
}

static void print_line(const char *what, sm_str value)
{
    if (value.n)
        printf("%s：%.*s\n", what, SM_ARG(value));
}

static void print_model(sm_cli *c, const sm_backend *b)
{
    sm_arena *a = c->op.arena;
    printf("%.*s（%s）\n", SM_ARG(b->name), sm_backend_state_text(b->state));
    print_line(b->kind == SM_BACKEND_FILE ? "文件" : "地址", b->source);
    print_line("密钥来处", b->key_from);
    print_line("远端的模型名", b->remote_name);
    print_line("架构", b->architecture);
    print_line("量化", b->quantisation);
    if (b->bytes)
        print_line("大小", sm_strf(a, "%lld 字节", (long long)b->bytes));
    print_line("SM3", b->sm3);
    print_line("SHA-256", b->sha256);
    if (b->context_tokens)
        print_line("上下文", sm_strf(a, "%lld 词元", (long long)b->context_tokens));
    print_line("许可", b->licence);
    print_line("备案号", b->registration_no);
    print_line("能力",
               b->probed_ms ? can_text(c, b->can) : SM_STR("还没有探测（sunmao model test）"));
}

static sm_rc show_one(sm_cli *c, sm_db *db, int64_t id)
{
    sm_backend *b;
    sm_rc rc = sm_backend_get(&c->op, db, id, &b);
    if (rc < 0)
        return rc;
    if (c->json)
        sm_cli_json(c, sm_backend_json(b), stdout);
    else
        print_model(c, b);
    return SM_OK;
}

static sm_rc named(sm_cli *c, sm_db *db, sm_backend **out)
{
    return sm_backend_named(&c->op, db, sm_str_of(c->arg[1]), out);
}

/* ---------------------------------------------------------------- the registry */

static bool is_address(sm_str source)
{
    return sm_str_has(source, SM_STR("://")) || sm_str_starts(source, SM_STR("unix:"));
}

static sm_rc add(sm_cli *c, sm_sunmao *s, sm_db *db)
{
    (void)s;
    sm_backend b = { .name = sm_str_of(sm_cli_text(c, 'n', "")), .source = sm_str_of(c->arg[1]) };
    b.kind = is_address(b.source) ? SM_BACKEND_SERVER : SM_BACKEND_FILE;
    sm_rc rc = read_settings(c, &b);
    if (rc == SM_OK && !sm_cli_has(c, 'n'))
        rc = sm_fail(&c->op, SM_E_INVALID, "要用 --name 给模型起个名字");
    if (rc == SM_OK)
        rc = sm_backend_add(&c->op, db, BY, &b);
    return rc == SM_OK ? show_one(c, db, b.id) : rc;
}

static sm_rc change(sm_cli *c, sm_sunmao *s, sm_db *db)
{
    (void)s;
    sm_backend *b;
    sm_rc rc = named(c, db, &b);
    if (rc == SM_OK)
        rc = read_settings(c, b);
    if (rc == SM_OK)
        rc = sm_backend_change(&c->op, db, BY, b);
    return rc == SM_OK ? show_one(c, db, b->id) : rc;
}

static sm_rc list(sm_cli *c, sm_sunmao *s, sm_db *db)
{
    (void)s;
    sm_backend *b;
    size_t n;
    sm_rc rc = sm_backend_list(&c->op, db, &b, &n);
    for (size_t i = 0; rc == SM_OK && i < n; i++)
        if (c->json)
            sm_cli_json(c, sm_backend_json(&b[i]), stdout);
        else
            printf("%.*s\t%s\t%s\t%.*s\n", SM_ARG(b[i].name), sm_backend_state_text(b[i].state),
                   b[i].kind == SM_BACKEND_FILE ? "本机" : "远端", SM_ARG(b[i].source));
    return rc;
}

static void print_evaluation(sm_cli *c, const sm_evaluation *e, const sm_backend *b)
{
    json_t *j = sm_evaluation_json(&c->op, e, b);
    const json_t *figures = json_object_get(j, "figures"), *one;
    size_t i;
    printf("评测 %.*s：%s，质量部分%s%s\n", SM_ARG(when(c, e->time_ms)),
           e->passed ? "通过" : "没有通过", e->quality ? "达标" : "没有达标",
           json_is_true(json_object_get(j, "stands")) ? "" : "（不是现在的样子）");
    json_array_foreach(json_object_get(figures, "checks"), i, one)
    {
        int64_t asked = json_integer_value(json_object_get(one, "asked"));
        if (asked)
            printf("  %s\t%lld/%lld\t%s\n", json_string_value(json_object_get(one, "text")),
                   (long long)json_integer_value(json_object_get(one, "right")), (long long)asked,
                   json_is_true(json_object_get(one, "met")) ? "够" : "不够");
    }
    double first_ms = json_number_value(json_object_get(figures, "first_ms_p50")),
           speed = json_number_value(json_object_get(figures, "tokens_per_second"));
    if (first_ms >= 0)
        printf("  首词元中位数 %.0f 毫秒，每秒 %.1f 词元\n", first_ms, SM_MAX(speed, 0));
    json_decref(j);
}

static sm_rc show(sm_cli *c, sm_sunmao *s, sm_db *db)
{
    (void)s;
    sm_backend *b;
    sm_evaluation *e;
    size_t n;
    sm_rc rc = named(c, db, &b);
    if (rc == SM_OK)
        rc = sm_evaluation_list(&c->op, db, b->id, 1, &e, &n);
    if (rc < 0)
        return rc;
    if (c->json) {
        json_t *j = sm_backend_json(b);
        json_object_set_new(j, "evaluation",
                            n ? sm_evaluation_json(&c->op, &e[0], b) : json_null());
        sm_cli_json(c, j, stdout);
        return SM_OK;
    }
    print_model(c, b);
    if (n)
        print_evaluation(c, &e[0], b);
    return SM_OK;
}

/* --------------------------------------------------------- tests, evaluations */

static void close_reach(void *r)
{
    sm_reach_close(r);
}

static sm_rc reach(sm_cli *c, sm_sunmao *s, const sm_backend *b, sm_reach **out)
{
    sm_rc rc = sm_reach_open(&c->op, sm_sunmao_data_dir(s), b, out);
    if (rc == SM_OK)
        sm_arena_defer(c->op.arena, close_reach, *out);
    return rc;
}

static sm_rc test(sm_cli *c, sm_sunmao *s, sm_db *db)
{
    sm_backend *b;
    sm_reach *r;
    sm_rc rc = named(c, db, &b);
    if (rc == SM_OK)
        rc = reach(c, s, b, &r);
    if (rc == SM_OK)
        rc = sm_probe(&c->op, sm_reach_remote(r), b);
    if (rc == SM_OK)
        rc = sm_backend_probed(&c->op, db, BY, b);
    return rc == SM_OK ? show_one(c, db, b->id) : rc;
}

/* What did not come right, to standard error. */
static void tell_failures(const sm_evaluation *e)
{
    json_t *figures = json_loadb(e->figures.p, e->figures.n, 0, NULL);
    const json_t *one;
    size_t i;
    json_array_foreach(json_object_get(figures, "failures"), i, one)
        fprintf(stderr, "%s：%s\n", json_string_value(json_object_get(one, "id")),
                json_string_value(json_object_get(one, "why")));
    json_decref(figures);
}

static sm_rc eval(sm_cli *c, sm_sunmao *s, sm_db *db)
{
    sm_backend *b;
    sm_reach *r;
    sm_evaluation e;
    sm_rc rc = named(c, db, &b);
    if (rc == SM_OK)
        rc = reach(c, s, b, &r);
    if (rc == SM_OK)
        rc = sm_eval_run_model(&c->op, b, sm_reach_remote(r), sm_sunmao_share_dir(s), &e);
    if (rc == SM_OK)
        rc = sm_evaluation_put(&c->op, db, BY, b, &e);
    if (rc < 0)
        return rc;
    if (c->json)
        sm_cli_json(c, sm_evaluation_json(&c->op, &e, b), stdout);
    else
        print_evaluation(c, &e, b);
    tell_failures(&e);
    return e.passed
               ? SM_OK
               : sm_fail(&c->op, SM_E_CONFLICT, "%.*s 没有通过评测，不能投入生产", SM_ARG(b->name));
}

static sm_rc promote(sm_cli *c, sm_sunmao *s, sm_db *db)
{
    sm_backend *b;
    sm_promotion gate;
    sm_rc rc = named(c, db, &b);
    if (rc == SM_OK)
        rc = sm_promotion_read(&c->op, db, sm_sunmao_share_dir(s), &gate);
    if (rc < 0)
        return rc;
    gate.require_quality |= sm_cli_has(c, 'q');
    rc = sm_backend_promote(&c->op, db, BY, b->id, &gate);
    return rc == SM_OK ? show_one(c, db, b->id) : rc;
}

static sm_rc retire(sm_cli *c, sm_sunmao *s, sm_db *db)
{
    (void)s;
    sm_backend *b;
    sm_rc rc = named(c, db, &b);
    if (rc == SM_OK)
        rc = sm_backend_retire(&c->op, db, BY, b->id);
    return rc == SM_OK ? show_one(c, db, b->id) : rc;
}

static sm_rc gate(sm_cli *c, sm_sunmao *s, sm_db *db)
{
    sm_promotion now;
    const char *what = c->n_args > 1 ? c->arg[1] : NULL;
    bool quality = what && strcmp(what, "quality") == 0;
    sm_rc rc = SM_OK;
    if (what && !quality && strcmp(what, "mechanical") != 0)
        return sm_fail(&c->op, SM_E_INVALID, "用法：sunmao model gate [mechanical|quality]");
    if (what)
        rc = sm_promotion_set(&c->op, db, BY, quality);
    if (rc == SM_OK)
        rc = sm_promotion_read(&c->op, db, sm_sunmao_share_dir(s), &now);
    if (rc < 0)
        return rc;
    if (c->json)
        sm_cli_json(c,
                    json_pack("{s:b,s:o}", "require_quality", (int)now.require_quality, "prompts",
                              sm_json_of(now.prompts)),
                    stdout);
    else
        printf("投入生产要求：%s\n",
               now.require_quality ? "机械部分通过，质量部分达标" : "机械部分通过");
    return SM_OK;
}

/* --------------------------------------------------------------------- aliases */

/* "department:" with a name or an id, as it is kept: with the id. */
static sm_rc read_scope(sm_cli *c, sm_db *db, sm_str *out)
{
    sm_str scope = sm_str_of(sm_cli_text(c, 'S', ""));
    sm_dept *d;
    *out = scope;
    if (!sm_str_starts(scope, SM_STR("department:")))
        return SM_OK;
    sm_rc rc = sm_dept_named(&c->op, db, sm_str_sub(scope, 11, scope.n), &d);
    if (rc == SM_OK)
        *out = sm_strf(c->op.arena, "department:%lld", (long long)d->id);
    return rc;
}

/* model[=weight][@tier] */
static sm_rc read_target(sm_cli *c, sm_db *db, sm_str text, sm_alias *out)
{
    sm_backend *b;
    size_t at = sm_str_find(text, SM_STR("@"), 0);
    sm_str tier = at == SIZE_MAX ? SM_STR("0") : sm_str_sub(text, at + 1, text.n);
    text = sm_str_sub(text, 0, at);
    size_t eq = sm_str_find(text, SM_STR("="), 0);
    sm_str weight = eq == SIZE_MAX ? SM_STR("100") : sm_str_sub(text, eq + 1, text.n);
    if (!sm_str_to_int(weight, &out->weight) || !sm_str_to_int(tier, &out->tier))
        return sm_fail(&c->op, SM_E_INVALID, "“%.*s”应当写作 模型=权重@层级，如 qwen=95 或 small@1",
                       SM_ARG(text));
    sm_rc rc = sm_backend_named(&c->op, db, sm_str_sub(text, 0, eq), &b);
    if (rc == SM_OK)
        out->backend = b->id;
    return rc;
}

static sm_rc list_aliases(sm_cli *c, sm_db *db)
{
    sm_alias *a;
    sm_backend *b;
    sm_dept *d;
    size_t n, n_backends, n_depts, i, k;
    sm_rc rc = sm_alias_list(&c->op, db, &a, &n);
    if (rc == SM_OK)
        rc = sm_backend_list(&c->op, db, &b, &n_backends);
    if (rc == SM_OK)
        rc = sm_dept_list(&c->op, db, &d, &n_depts);
    if (rc < 0)
        return rc;
    json_t *all = sm_aliases_json(&c->op, a, n, b, n_backends, d, n_depts), *one, *t;
    json_array_foreach(all, i, one)
    {
        if (c->json) {
            sm_cli_json(c, json_incref(one), stdout);
            continue;
        }
        printf("%s\t%s\t", json_string_value(json_object_get(one, "name")),
               json_string_value(json_object_get(one, "scope_text")));
        json_array_foreach(json_object_get(one, "targets"), k, t)
            printf("%s%s=%lld@%lld", k ? " " : "", json_string_value(json_object_get(t, "name")),
                   (long long)json_integer_value(json_object_get(t, "weight")),
                   (long long)json_integer_value(json_object_get(t, "tier")));
        printf("\n");
    }
    json_decref(all);
    return SM_OK;
}

static sm_rc alias(sm_cli *c, sm_sunmao *s, sm_db *db)
{
    (void)s;
    sm_str scope;
    sm_alias t[SM_ALIAS_MAX_TARGETS];
    int n = c->n_args - 2;
    sm_rc rc = read_scope(c, db, &scope);
    if (rc == SM_OK && c->n_args == 2)
        rc = sm_fail(&c->op, SM_E_INVALID,
                     "别名指向哪些模型？例：sunmao model alias %s qwen=95 new=5", c->arg[1]);
    if (n > SM_ALIAS_MAX_TARGETS)
        rc = sm_fail(&c->op, SM_E_LIMIT, "一个别名最多 %d 个模型", (int)SM_ALIAS_MAX_TARGETS);
    for (int i = 0; rc == SM_OK && i < n; i++)
        rc = read_target(c, db, sm_str_of(c->arg[i + 2]), &t[i]);
    if (rc == SM_OK && n > 0)
        rc = sm_alias_set(&c->op, db, BY, sm_str_of(c->arg[1]), scope, t, (size_t)n);
    return rc == SM_OK ? list_aliases(c, db) : rc;
}

static sm_rc unalias(sm_cli *c, sm_sunmao *s, sm_db *db)
{
    (void)s;
    sm_str scope;
    sm_rc rc = read_scope(c, db, &scope);
    if (rc == SM_OK)
        rc = sm_alias_set(&c->op, db, BY, sm_str_of(c->arg[1]), scope, NULL, 0);
    return rc == SM_OK ? list_aliases(c, db) : rc;
}

static sm_rc roll_back(sm_cli *c, sm_sunmao *s, sm_db *db)
{
    (void)s;
    sm_str scope;
    sm_rc rc = read_scope(c, db, &scope);
    if (rc == SM_OK)
        rc = sm_alias_rollback(&c->op, db, BY, sm_str_of(c->arg[1]), scope);
    return rc == SM_OK ? list_aliases(c, db) : rc;
}

static sm_rc events(sm_cli *c, sm_sunmao *s, sm_db *db)
{
    (void)s;
    sm_model_event *e;
    size_t n;
    int64_t limit = 50;
    sm_rc rc = sm_cli_int(c, 'N', 1, 10000, &limit);
    if (rc == SM_OK)
        rc = sm_model_events(&c->op, db, limit, &e, &n);
    for (size_t i = 0; rc == SM_OK && i < n; i++)
        if (c->json)
            sm_cli_json(c, sm_model_event_json(&e[i]), stdout);
        else
            printf("%.*s\t%.*s\t%.*s\t%.*s\n", SM_ARG(when(c, e[i].time_ms)), SM_ARG(e[i].by),
                   SM_ARG(e[i].act), SM_ARG(e[i].name));
    return rc;
}

/* ------------------------------------------------------------------- dispatch */

enum { ANY = 1000 };
#define SETTINGS "krtlRspcTbgdLiow"
static const struct subcommand {
    const char *name;
    sm_rc (*run)(sm_cli *c, sm_sunmao *s, sm_db *db);
    const char *what, *takes; /* its argument; the letters of its options */
    int least, most;          /* arguments, its name included */
    bool reads;
} subcommands[] = {
    { "add", add, " 文件或地址 --name 名字", "n" SETTINGS, 2, 2, false },
    { "list", list, "", "", 1, 1, true },
    { "show", show, " 名字", "", 2, 2, true },
    { "change", change, " 名字", SETTINGS, 2, 2, false },
    { "test", test, " 名字", "", 2, 2, false },
    { "eval", eval, " 名字", "", 2, 2, false },
    { "promote", promote, " 名字", "q", 2, 2, false },
    { "retire", retire, " 名字", "", 2, 2, false },
    { "alias", alias, " [别名 模型=权重@层级 …]", "S", 1, ANY, false },
    { "unalias", unalias, " 别名", "S", 2, 2, false },
    { "rollback", roll_back, " 别名", "S", 2, 2, false },
    { "events", events, "", "N", 1, 1, true },
    { "gate", gate, " [mechanical|quality]", "", 1, 2, false },
};

static sm_rc check_line(sm_cli *c, const struct subcommand *s)
{
    for (const struct option *o = options; o->name; o++)
        if (sm_cli_has(c, (char)o->val) && !strchr(s->takes, o->val))
            return sm_fail(&c->op, SM_E_INVALID, "model %s 没有选项 --%s", s->name, o->name);
    if (c->n_args >= s->least && c->n_args <= s->most)
        return SM_OK;
    return sm_fail(&c->op, SM_E_INVALID, "用法：sunmao model %s%s（--help 看说明）", s->name,
                   s->what);
}

static sm_rc run_one(sm_cli *c, const struct subcommand *sub)
{
    sm_sunmao *s;
    sm_db *db;
    sm_rc rc = check_line(c, sub);
    if (rc == SM_OK)
        rc = sm_cli_open(c, sub->reads, true, &s);
    if (rc == SM_OK)
        rc = sm_sunmao_record_db(&c->op, s, &db);
    return rc < 0 ? rc : sub->run(c, s, db);
}

static sm_rc run(sm_cli *c)
{
    if (c->n_args && strcmp(c->arg[0], "plan") == 0) /* opens no data directory */
        return sm_cli_model_plan(c);
    for (size_t i = 0; c->n_args && i < SM_LEN(subcommands); i++)
        if (strcmp(c->arg[0], subcommands[i].name) == 0)
            return run_one(c, &subcommands[i]);
    return sm_fail(&c->op, SM_E_INVALID,
                   "用法：sunmao model add|list|show|change|test|eval|promote|retire|alias|unalias|"
                   "rollback|events|gate|plan（--help 看说明）");
}

sm_rc sm_cli_eval_model(sm_cli *c)
{
    static const struct subcommand sub = { "eval", eval, " 名字", "", 2, 2, false };
    return run_one(c, &sub);
}

const sm_command sm_cmd_model = {
    .name = "model",
    .summary = "模型：登记、探测、评测、投入生产、别名和灰度、撤回",
    .usage =
        "用法：sunmao model add 文件.gguf --name 名字 [选项]      本机文件，由 sunmao-engine 运行\n"
        "      sunmao model add http://10.1.2.3:8000 --name 名字 [--remote-name 名] [--key-from "
        "来处]\n"
        "                                        远端服务（https://、unix:/路径 也行），OpenAI "
        "接口\n"
        "      sunmao model list | show 名字\n"
        "      sunmao model change 名字 [选项]    改运行参数、价格等\n"
        "      sunmao model test 名字             逐项探测能力并记下\n"
        "      sunmao model eval 名字             评测（同 sunmao eval model 名字）\n"
        "      sunmao model promote 名字 [--require-quality]   投入生产：要有通过的评测\n"
        "      sunmao model retire 名字           停用\n"
        "      sunmao model alias                 别名清单\n"
        "      sunmao model alias 别名 模型=权重@层级 … [--scope 范围]\n"
        "                                        灰度：alias chat-default 旧=95 新=5；备用：小@1\n"
        "      sunmao model unalias 别名 [--scope 范围]\n"
        "      sunmao model rollback 别名 [--scope 范围]       撤回最近一次变更，可再撤\n"
        "      sunmao model events [--limit N]    变更记录\n"
        "      sunmao model gate [mechanical|quality]          投入生产的要求\n"
        "      sunmao model plan citizen=600 prompt=1500 generated=300 prefill=4000 decode=900 "
        "slots=16\n"
        "                                        要多少张卡：每小时请求数、词元数、一张卡的速度；\n"
        "                                        另有 "
        "staff、batch、wait、staff-wait、batch-wait（秒）、\n"
        "                                        quantile、cards（只看这么多张卡时怎样）\n\n"
        "  --key-from 来处          file:/绝对路径 或 env:变量名；密钥本身不进数据库\n"
        "  --remote-name 名         远端服务里的模型名，默认同名字\n"
        "  --licence、--registration-no、--template   许可、备案号、对话模板\n"
        "  --slots N                同时的请求数\n"
        "  --parallel、--ctx、--threads、--batch、--gpu-layers N，--no-draft yes|no\n"
        "  --lora 名=/路径,…        本机引擎的运行参数\n"
        "  --price-in、--price-out  每千词元的价格（元）；--watts 满负荷功率（瓦）\n"
        "  --scope 范围             department:部门名或编号、clerk:智能体；不给就是全部",
    .options = options,
    .run = run,
};
