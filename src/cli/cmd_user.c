#include "cli/cli.h"

#include <string.h>

static const struct option options[] = { { "role", required_argument, NULL, 'r' },
                                         { "display", required_argument, NULL, 'd' },
                                         { "department", required_argument, NULL, 'p' },
                                         { "password-stdin", no_argument, NULL, 'w' },
                                         { 0 } };

/* Who does what is done here: a shell on the machine, not a person with an account. */
#define BY SM_STR("cli")

static sm_rc read_role(sm_cli *c, sm_role *role)
{
    const char *name = sm_cli_text(c, 'r', NULL);
    if (!name || sm_role_parse(sm_str_of(name), role))
        return SM_OK;
    return sm_fail(
        &c->op, SM_E_INVALID,
        "--role 应当是 keeper（%s）、operator（%s）、auditor（%s）或 administrator（%s）",
        sm_role_text(SM_ROLE_KEEPER), sm_role_text(SM_ROLE_OPERATOR), sm_role_text(SM_ROLE_AUDITOR),
        sm_role_text(SM_ROLE_ADMINISTRATOR));
}

/* What the options give replaces what is in u. */
static sm_rc read_fields(sm_cli *c, sm_user *u)
{
    if (sm_cli_has(c, 'd'))
        u->display = sm_str_of(sm_cli_text(c, 'd', NULL));
    if (sm_cli_has(c, 'p'))
        u->department = sm_str_of(sm_cli_text(c, 'p', NULL));
    return read_role(c, &u->role);
}

/* The first line of standard input, so that the password stands in no command line. */
static sm_rc read_password(sm_cli *c, sm_str *out)
{
    char *line = sm_alloc(c->op.arena, SM_PASSWORD_MAX_BYTES + 3);
    if (!fgets(line, SM_PASSWORD_MAX_BYTES + 3, stdin))
        return sm_fail(&c->op, SM_E_INVALID, "标准输入里没有密码");
    *out = (sm_str){ line, strcspn(line, "\r\n") };
    return SM_OK;
}

static void show_password(sm_cli *c, const char *done, const sm_user *u, sm_str password)
{
    if (c->json) {
        json_t *v =
            json_pack("{s:o,s:s}", "name", sm_json_of(u->name), "role", sm_role_name(u->role));
        if (password.n)
            json_object_set_new(v, "password", sm_json_of(password));
        sm_cli_json(c, v, stdout);
        return;
    }
    printf("%s %.*s（%s）\n", done, SM_ARG(u->name), sm_role_text(u->role));
    if (password.n)
        printf("一次性密码：%.*s（只显示这一次；首次登录时要改）\n", SM_ARG(password));
}

static sm_rc add(sm_cli *c, sm_db *db)
{
    sm_user u = { .name = sm_str_of(c->arg[1]) };
    sm_str given = { 0 }, password = { 0 };
    sm_rc rc = read_fields(c, &u);
    if (rc == SM_OK && !sm_cli_has(c, 'r'))
        rc = sm_fail(&c->op, SM_E_INVALID, "要给出 --role keeper|operator|auditor|administrator");
    if (rc == SM_OK && sm_cli_has(c, 'w')) {
        rc = read_password(c, &given);
        if (rc == SM_OK)
            rc = sm_user_add_with(&c->op, db, BY, &u, given);
    } else if (rc == SM_OK) {
        rc = sm_user_add(&c->op, db, BY, &u, &password);
    }
    if (rc == SM_OK)
        show_password(c, "已建立账号", &u, password);
    return rc;
}

static sm_rc reset(sm_cli *c, sm_db *db)
{
    sm_user *u;
    sm_str password;
    sm_rc rc = sm_user_named(&c->op, db, sm_str_of(c->arg[1]), &u);
    if (rc == SM_OK)
        rc = sm_user_reset(&c->op, db, BY, u->id, &password);
    if (rc == SM_OK)
        show_password(c, "已重置密码", u, password);
    return rc;
}

static const char *state_of(const sm_user *u)
{
    return u->disabled ? "停用" : u->locked_until ? "锁定" : u->must_change ? "待改密码" : "正常";
}

static void show(sm_cli *c, const sm_user *u)
{
    if (c->json)
        sm_cli_json(c,
                    json_pack("{s:o,s:s,s:o,s:o,s:b,s:b,s:I}", "name", sm_json_of(u->name), "role",
                              sm_role_name(u->role), "display", sm_json_of(u->display),
                              "department", sm_json_of(u->department), "disabled", (int)u->disabled,
                              "must_change", (int)u->must_change, "locked_until",
                              (json_int_t)u->locked_until),
                    stdout);
    else
        printf("%.*s\t%s\t%s\t%.*s\t%.*s\n", SM_ARG(u->name), sm_role_text(u->role), state_of(u),
               SM_ARG(u->display), SM_ARG(u->department));
}

static sm_rc list(sm_cli *c, sm_db *db)
{
    sm_user *u;
    size_t n;
    sm_rc rc = sm_user_list(&c->op, db, &u, &n);
    for (size_t i = 0; rc == SM_OK && i < n; i++)
        show(c, &u[i]);
    return rc;
}

static sm_rc put(sm_cli *c, sm_db *db, const sm_user *u)
{
    sm_user *now;
    sm_rc rc = sm_user_change(&c->op, db, BY, u);
    if (rc == SM_OK)
        rc = sm_user_get(&c->op, db, u->id, &now);
    if (rc == SM_OK)
        show(c, now);
    return rc;
}

static sm_rc switch_to(sm_cli *c, sm_db *db, bool disabled)
{
    sm_user *u;
    sm_rc rc = sm_user_named(&c->op, db, sm_str_of(c->arg[1]), &u);
    if (rc < 0)
        return rc;
    u->disabled = disabled;
    return put(c, db, u);
}

static sm_rc disable(sm_cli *c, sm_db *db)
{
    return switch_to(c, db, true);
}

static sm_rc enable(sm_cli *c, sm_db *db)
{
    return switch_to(c, db, false);
}

static sm_rc change(sm_cli *c, sm_db *db)
{
    sm_user *u;
    if (!sm_cli_has(c, 'r') && !sm_cli_has(c, 'd') && !sm_cli_has(c, 'p'))
        return sm_fail(&c->op, SM_E_INVALID, "要改什么？给出 --role、--display 或 --department");
    sm_rc rc = sm_user_named(&c->op, db, sm_str_of(c->arg[1]), &u);
    if (rc == SM_OK)
        rc = read_fields(c, u);
    return rc == SM_OK ? put(c, db, u) : rc;
}

static const struct {
    const char *name;
    sm_rc (*run)(sm_cli *c, sm_db *db);
    int n_args;        /* with the subcommand's own name */
    const char *takes; /* the options it has a use for */
    bool reads;
} subcommands[] = {
    { .name = "add", .run = add, .n_args = 2, .takes = "rdpw" },
    { .name = "list", .run = list, .n_args = 1, .takes = "", .reads = true },
    { .name = "reset", .run = reset, .n_args = 2, .takes = "" },
    { .name = "disable", .run = disable, .n_args = 2, .takes = "" },
    { .name = "enable", .run = enable, .n_args = 2, .takes = "" },
    { .name = "change", .run = change, .n_args = 2, .takes = "rdp" },
};

/* An option that would do nothing is refused: it was meant to do something to an account. */
static sm_rc check_line(sm_cli *c, size_t which)
{
    for (const struct option *o = options; o->name; o++)
        if (sm_cli_has(c, (char)o->val) && !strchr(subcommands[which].takes, o->val))
            return sm_fail(&c->op, SM_E_INVALID, "user %s 没有选项 --%s", subcommands[which].name,
                           o->name);
    if (c->n_args == subcommands[which].n_args)
        return SM_OK;
    return sm_fail(&c->op, SM_E_INVALID, "用法：sunmao user %s%s（--help 看说明）",
                   subcommands[which].name, subcommands[which].n_args > 1 ? " 用户名" : "");
}

static sm_rc run(sm_cli *c)
{
    for (size_t i = 0; c->n_args && i < SM_LEN(subcommands); i++) {
        if (strcmp(c->arg[0], subcommands[i].name) != 0)
            continue;
        sm_sunmao *s;
        sm_db *db;
        sm_rc rc = check_line(c, i);
        if (rc == SM_OK)
            rc = sm_cli_open(c, subcommands[i].reads, true, &s);
        if (rc == SM_OK)
            rc = sm_sunmao_record_db(&c->op, s, &db);
        return rc < 0 ? rc : subcommands[i].run(c, db);
    }
    return sm_fail(&c->op, SM_E_INVALID,
                   "用法：sunmao user add|list|change|reset|disable|enable（--help 看说明）");
}

const sm_command sm_cmd_user = {
    .name = "user",
    .summary = "账号：工作人员的角色、密码、停用",
    .usage = "用法：sunmao user add 用户名 --role 角色 [--display 名] [--department 部门] "
             "[--password-stdin]\n"
             "      sunmao user list\n"
             "      sunmao user change 用户名 [--role 角色] [--display 名] [--department 部门]\n"
             "      sunmao user reset 用户名      给一个新的一次性密码，并解除锁定\n"
             "      sunmao user disable 用户名    停用；已登录的随即退出\n"
             "      sunmao user enable 用户名\n\n"
             "  --role 角色        keeper（语料管理员）、operator（坐席）、auditor（审计员）、"
             "administrator（系统管理员）\n"
             "  --display 名       显示的名字，默认同用户名\n"
             "  --department 部门  坐席所在的部门\n"
             "  --password-stdin   从标准输入读密码；不给时随机生成，只显示一次，首次登录时要改",
    .options = options,
    .run = run,
};
