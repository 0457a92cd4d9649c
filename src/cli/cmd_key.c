#include "cli/cli.h"

#include <string.h>
#include <time.h>

#include "model/model.h"

#define BY SM_STR("cli")

enum { DAY_MS = 24 * 3600 * 1000, MAX_DAYS = 3660 };

static const struct option options[] = {
    { "department", required_argument, NULL, 'p' }, { "class", required_argument, NULL, 'c' },
    { "models", required_argument, NULL, 'm' },     { "addresses", required_argument, NULL, 'a' },
    { "days", required_argument, NULL, 'd' },       { 0 }
};

static const char *state_text(const sm_app_key *k)
{
    return k->revoked_ms ? "已吊销" : sm_key_expired(k, sm_wall_ms()) ? "已过期" : "有效";
}

static sm_rc show(sm_cli *c, sm_db *db, const sm_app_key *k, size_t n, sm_str secret)
{
    sm_dept *d;
    size_t n_depts;
    sm_rc rc = sm_dept_list(&c->op, db, &d, &n_depts);
    for (size_t i = 0; rc == SM_OK && i < n; i++) {
        json_t *j = sm_key_json(&k[i], d, n_depts);
        if (secret.n)
            json_object_set_new(j, "secret", sm_json_of(secret));
        if (!c->json)
            printf("%lld\t%.*s\t%s\t%s\t%s\t%.*s…\n", (long long)k[i].id, SM_ARG(k[i].name),
                   json_string_value(json_object_get(j, "department_name")),
                   sm_class_text(k[i].highest), state_text(&k[i]), SM_ARG(k[i].hint));
        if (c->json)
            sm_cli_json(c, j, stdout);
        else
            json_decref(j);
    }
    return rc;
}

static sm_rc read_fields(sm_cli *c, sm_db *db, sm_app_key *k)
{
    sm_dept *d;
    int64_t days = 0;
    const char *class = sm_cli_text(c, 'c', "staff");
    if (!sm_cli_has(c, 'p'))
        return sm_fail(&c->op, SM_E_INVALID, "要给出 --department 部门");
    sm_rc rc = sm_dept_named(&c->op, db, sm_str_of(sm_cli_text(c, 'p', "")), &d);
    if (rc == SM_OK)
        rc = sm_cli_int(c, 'd', 1, MAX_DAYS, &days);
    if (rc == SM_OK && !sm_class_parse(sm_str_of(class), &k->highest))
        rc = sm_fail(&c->op, SM_E_INVALID, "--class 应当是 citizen、staff 或 batch");
    if (rc < 0)
        return rc;
    k->department = d->id;
    k->models = sm_str_of(sm_cli_text(c, 'm', ""));
    k->addresses = sm_str_of(sm_cli_text(c, 'a', ""));
    k->expires_ms = days ? sm_wall_ms() + days * DAY_MS : 0;
    return SM_OK;
}

static sm_rc add(sm_cli *c, sm_db *db)
{
    sm_app_key k = { .name = sm_str_of(c->arg[1]) };
    sm_str secret;
    sm_rc rc = read_fields(c, db, &k);
    if (rc == SM_OK)
        rc = sm_key_add(&c->op, db, BY, &k, &secret);
    if (rc == SM_OK)
        rc = show(c, db, &k, 1, secret);
    if (rc == SM_OK && !c->json)
        printf("密钥：%.*s（只显示这一次）\n", SM_ARG(secret));
    return rc;
}

static sm_rc list(sm_cli *c, sm_db *db)
{
    sm_app_key *k;
    size_t n;
    sm_rc rc = sm_key_list(&c->op, db, &k, &n);
    return rc == SM_OK ? show(c, db, k, n, (sm_str){ 0 }) : rc;
}

static sm_rc revoke(sm_cli *c, sm_db *db)
{
    int64_t id;
    if (!sm_str_to_int(sm_str_of(c->arg[1]), &id) || id < 1)
        return sm_fail(&c->op, SM_E_INVALID, "“%s”不是密钥的编号；用 sunmao key list 看",
                       c->arg[1]);
    sm_rc rc = sm_key_revoke(&c->op, db, BY, id);
    if (rc < 0)
        return rc;
    if (c->json)
        sm_cli_json(c, json_pack("{s:I}", "revoked", (json_int_t)id), stdout);
    else
        printf("已吊销密钥 %lld\n", (long long)id);
    return SM_OK;
}

static const struct subcommand {
    const char *name, *takes, *what;
    sm_rc (*run)(sm_cli *c, sm_db *db);
    int n_args;
    bool reads;
} subcommands[] = {
    { "add", "pcmad", " 名字 --department 部门", add, 2, false },
    { "list", "", "", list, 1, true },
    { "revoke", "", " 编号", revoke, 2, false },
};

static sm_rc check_line(sm_cli *c, const struct subcommand *s)
{
    for (const struct option *o = options; o->name; o++)
        if (sm_cli_has(c, (char)o->val) && !strchr(s->takes, o->val))
            return sm_fail(&c->op, SM_E_INVALID, "key %s 没有选项 --%s", s->name, o->name);
    if (c->n_args == s->n_args)
        return SM_OK;
    return sm_fail(&c->op, SM_E_INVALID, "用法：sunmao key %s%s（--help 看说明）", s->name,
                   s->what);
}

static sm_rc run(sm_cli *c)
{
    for (size_t i = 0; c->n_args && i < SM_LEN(subcommands); i++) {
        if (strcmp(c->arg[0], subcommands[i].name) != 0)
            continue;
        sm_sunmao *s;
        sm_db *db;
        sm_rc rc = check_line(c, &subcommands[i]);
        if (rc == SM_OK)
            rc = sm_cli_open(c, subcommands[i].reads, true, &s);
        if (rc == SM_OK)
            rc = sm_sunmao_record_db(&c->op, s, &db);
        return rc < 0 ? rc : subcommands[i].run(c, db);
    }
    return sm_fail(&c->op, SM_E_INVALID, "用法：sunmao key add|list|revoke（--help 看说明）");
}

const sm_command sm_cmd_key = {
    .name = "key",
    .summary = "密钥：给应用调用模型用，属于一个部门",
    .usage = "用法：sunmao key add 名字 --department 部门 [--class 类别] [--models 名,…]\n"
             "                          [--addresses 网段,…] [--days N]\n"
             "      sunmao key list\n"
             "      sunmao key revoke 编号\n\n"
             "  密钥只在建立时显示一次，数据库里只有它的 SM3 摘要\n"
             "  --class 类别     最高可用的类别：citizen（群众办事）、staff（工作人员办公，默认）、"
             "batch（批量任务）\n"
             "  --models 名,…    只能调用这些别名或模型；默认所有别名\n"
             "  --addresses 网段,…  只能从这些地址调用，如 10.1.0.0/16；默认不限\n"
             "  --days N         多少天后到期；默认不过期",
    .options = options,
    .run = run,
};
