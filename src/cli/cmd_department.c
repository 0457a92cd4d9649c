#include "cli/cli.h"

#include <string.h>

#include "model/model.h"

#define BY SM_STR("cli")

static const struct option options[] = {
    { "name", required_argument, NULL, 'n' },        { "parent", required_argument, NULL, 'p' },
    { "weight", required_argument, NULL, 'w' },      { "per-minute", required_argument, NULL, 'i' },
    { "per-day", required_argument, NULL, 'd' },     { "per-month", required_argument, NULL, 'm' },
    { "concurrency", required_argument, NULL, 'c' }, { 0 }
};

static sm_rc read_parent(sm_cli *c, sm_db *db, sm_dept *d)
{
    sm_dept *parent;
    sm_str name = sm_str_of(sm_cli_text(c, 'p', ""));
    if (!sm_cli_has(c, 'p'))
        return SM_OK;
    d->parent = 0;
    if (name.n == 0) /* to the top */
        return SM_OK;
    sm_rc rc = sm_dept_named(&c->op, db, name, &parent);
    if (rc == SM_OK)
        d->parent = parent->id;
    return rc;
}

/* What the options give replaces what is in d. */
static sm_rc read_fields(sm_cli *c, sm_db *db, sm_dept *d)
{
    const int64_t most = INT64_C(1000000000000000);
    sm_rc rc = sm_cli_int(c, 'w', 1, SM_DEPT_MAX_WEIGHT, &d->weight);
    if (rc == SM_OK)
        rc = sm_cli_int(c, 'i', 0, most, &d->per_minute);
    if (rc == SM_OK)
        rc = sm_cli_int(c, 'd', 0, most, &d->per_day);
    if (rc == SM_OK)
        rc = sm_cli_int(c, 'm', 0, most, &d->per_month);
    if (rc == SM_OK)
        rc = sm_cli_int(c, 'c', 0, 1000000, &d->concurrency);
    if (rc == SM_OK && sm_cli_has(c, 'n'))
        d->name = sm_str_of(sm_cli_text(c, 'n', ""));
    return rc == SM_OK ? read_parent(c, db, d) : rc;
}

static sm_str limit_text(sm_cli *c, int64_t n)
{
    return n ? sm_strf(c->op.arena, "%lld", (long long)n) : SM_STR("不限");
}

static void print_one(sm_cli *c, const sm_dept *d, int depth)
{
    printf("%*s%lld\t%.*s\t权重 %lld\t每分钟 %.*s\t每天 %.*s\t每月 %.*s\t同时 %.*s\n", 2 * depth,
           "", (long long)d->id, SM_ARG(d->name), (long long)d->weight,
           SM_ARG(limit_text(c, d->per_minute)), SM_ARG(limit_text(c, d->per_day)),
           SM_ARG(limit_text(c, d->per_month)), SM_ARG(limit_text(c, d->concurrency)));
}

/* Each below its parent; the depth is limited when they are made. */
static void print_tree(sm_cli *c, const sm_dept *d, size_t n, int64_t parent, int depth)
{
    for (size_t i = 0; depth < SM_DEPT_MAX_DEPTH && i < n; i++)
        if (d[i].parent == parent) {
            print_one(c, &d[i], depth);
            print_tree(c, d, n, d[i].id, depth + 1);
        }
}

static sm_rc list(sm_cli *c, sm_db *db)
{
    sm_dept *d;
    size_t n;
    sm_rc rc = sm_dept_list(&c->op, db, &d, &n);
    for (size_t i = 0; rc == SM_OK && c->json && i < n; i++)
        sm_cli_json(c, sm_dept_json(&d[i]), stdout);
    if (rc == SM_OK && !c->json)
        print_tree(c, d, n, 0, 0);
    return rc;
}

static void show(sm_cli *c, const sm_dept *d)
{
    if (c->json)
        sm_cli_json(c, sm_dept_json(d), stdout);
    else
        print_one(c, d, 0);
}

static sm_rc add(sm_cli *c, sm_db *db)
{
    sm_dept d = { .name = sm_str_of(c->arg[1]) };
    sm_rc rc = read_fields(c, db, &d);
    if (rc == SM_OK)
        rc = sm_dept_add(&c->op, db, BY, &d);
    if (rc == SM_OK)
        show(c, &d);
    return rc;
}

static sm_rc change(sm_cli *c, sm_db *db)
{
    sm_dept *d;
    sm_rc rc = sm_dept_named(&c->op, db, sm_str_of(c->arg[1]), &d);
    if (rc == SM_OK)
        rc = read_fields(c, db, d);
    if (rc == SM_OK)
        rc = sm_dept_change(&c->op, db, BY, d);
    if (rc == SM_OK)
        show(c, d);
    return rc;
}

static sm_rc remove_one(sm_cli *c, sm_db *db)
{
    sm_dept *d;
    sm_rc rc = sm_dept_named(&c->op, db, sm_str_of(c->arg[1]), &d);
    if (rc == SM_OK)
        rc = sm_dept_remove(&c->op, db, BY, d->id);
    if (rc < 0)
        return rc;
    if (c->json)
        sm_cli_json(c, json_pack("{s:I}", "removed", (json_int_t)d->id), stdout);
    else
        printf("已删除部门 %.*s\n", SM_ARG(d->name));
    return SM_OK;
}

static const struct subcommand {
    const char *name, *takes;
    sm_rc (*run)(sm_cli *c, sm_db *db);
    int n_args;
    bool reads;
} subcommands[] = {
    { "add", "pwidmc", add, 2, false },
    { "list", "", list, 1, true },
    { "change", "npwidmc", change, 2, false },
    { "remove", "", remove_one, 2, false },
};

static sm_rc check_line(sm_cli *c, const struct subcommand *s)
{
    for (const struct option *o = options; o->name; o++)
        if (sm_cli_has(c, (char)o->val) && !strchr(s->takes, o->val))
            return sm_fail(&c->op, SM_E_INVALID, "department %s 没有选项 --%s", s->name, o->name);
    if (c->n_args == s->n_args)
        return SM_OK;
    return sm_fail(&c->op, SM_E_INVALID, "用法：sunmao department %s%s（--help 看说明）", s->name,
                   s->n_args > 1 ? " 部门" : "");
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
    return sm_fail(&c->op, SM_E_INVALID,
                   "用法：sunmao department add|list|change|remove（--help 看说明）");
}

const sm_command sm_cmd_department = {
    .name = "department",
    .summary = "部门：算力的权重和限额",
    .usage =
        "用法：sunmao department add 部门 [--parent 上级] [--weight N] [限额]\n"
        "      sunmao department list\n"
        "      sunmao department change 部门 [--name 新名] [--parent 上级] [--weight N] [限额]\n"
        "      sunmao department remove 部门     没有下级、密钥和专用别名的才能删\n\n"
        "  部门、上级写名字或编号；--parent '' 放到最上面\n"
        "  --weight N       与同级部门之间的比重，默认 100\n"
        "  --per-minute N、--per-day N、--per-month N   词元限额，含下级；0 不限\n"
        "  --concurrency N  同时的请求数；0 不限",
    .options = options,
    .run = run,
};
