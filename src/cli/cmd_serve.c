#include "cli/cli.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "server/server.h"

static const struct option options[] = {
    { "config", required_argument, NULL, 'c' }, { "listen", required_argument, NULL, 'l' },
    { "web", required_argument, NULL, 'w' },    { "set", required_argument, NULL, 's' },
    { "print-config", no_argument, NULL, 'p' }, { 0 }
};

static sm_rc set_from(sm_cli *c, sm_settings *s, char letter, const char *name)
{
    return sm_cli_has(c, letter) ? sm_settings_set(&c->op, s, SM_STR("server"), sm_str_of(name),
                                                   sm_str_of(sm_cli_text(c, letter, "")))
                                 : SM_OK;
}

/* --set section.name=value,section.name=value */
static sm_rc set_more(sm_cli *c, sm_settings *s)
{
    sm_str rest = sm_str_of(sm_cli_text(c, 's', "")), one;
    sm_rc rc = SM_OK;
    while (rc == SM_OK && sm_str_cut(&rest, ',', &one)) {
        size_t eq = sm_str_find(one, SM_STR("="), 0), dot = sm_str_find(one, SM_STR("."), 0);
        if (eq == SIZE_MAX || dot > eq)
            return sm_fail(&c->op, SM_E_INVALID, "--set 的“%.*s”不是 组.名=值 的形式", SM_ARG(one));
        rc = sm_settings_set(&c->op, s, sm_str_sub(one, 0, dot), sm_str_sub(one, dot + 1, eq),
                             sm_str_sub(one, eq + 1, one.n));
    }
    return rc;
}

static sm_rc read_settings(sm_cli *c, sm_settings *s)
{
    sm_settings_init(s);
    sm_rc rc = sm_cli_has(c, 'c') ? sm_settings_read(&c->op, sm_cli_text(c, 'c', ""), s) : SM_OK;
    if (rc == SM_OK)
        rc = set_from(c, s, 'l', "listen");
    if (rc == SM_OK)
        rc = set_from(c, s, 'w', "web");
    if (rc == SM_OK)
        rc = set_more(c, s);
    if (rc == SM_OK && c->data_given)
        s->data = c->data;
    if (rc == SM_OK && *s->data)
        c->data = s->data;
    return rc;
}

/* The address a person can open. */
static void say_where(const char *address)
{
    if (strncmp(address, "unix:", 5) == 0)
        fprintf(stderr, "榫卯在 %s 上服务。\n", address);
    else
        fprintf(stderr,
                "榫卯在服务：\n  问答页面    http://%s/\n  工作人员    http://%s/staff/\n"
                "按 Ctrl-C 结束。\n",
                address, address);
}

static sm_rc wait_for_end(sm_cli *c, const sigset_t *ends)
{
    int sig;
    if (sigwait(ends, &sig) != 0)
        return sm_fail(&c->op, SM_E_INTERNAL, "等不到信号：%s", strerror(errno));
    fprintf(stderr, "\n收到停止信号，正在结束…\n");
    return SM_OK;
}

static sm_rc serve(sm_cli *c, const sm_settings *settings)
{
    sm_sunmao *s;
    sm_server *sv;
    sm_str password = { 0 };
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &ends, NULL); /* before there are threads */
    signal(SIGPIPE, SIG_IGN);
    sm_rc rc = sm_cli_open(c, false, true, &s);
    if (rc == SM_OK)
        rc = sm_server_first_account(&c->op, s, &password);
    if (rc == SM_OK)
        rc = sm_server_open(&c->op, s, settings, stderr, &sv);
    if (rc < 0)
        return rc;
    if (password.n)
        fprintf(stderr,
                "第一次启动，已建立系统管理员账号（只显示这一次，首次登录须修改密码）：\n"
                "  用户名 admin  密码 %.*s\n",
                SM_ARG(password));
    say_where(sm_server_address(sv));
    rc = wait_for_end(c, &ends);
    sm_server_close(sv);
    return rc;
}

static sm_rc run(sm_cli *c)
{
    sm_settings settings;
    sm_rc rc = read_settings(c, &settings);
    if (rc < 0)
        return rc;
    if (sm_cli_has(c, 'p')) {
        sm_settings_print(&settings, stdout);
        return SM_OK;
    }
    return serve(c, &settings);
}

const sm_command sm_cmd_serve = {
    .name = "serve",
    .summary = "启动服务：问答页面、工作人员页面、接口",
    .usage =
        "用法：sunmao serve [--config 文件] [--listen 地址] [--web 文件夹] [--set 组.名=值,…]\n\n"
        "  --config 文件   设置文件（INI）；--print-config 打印全部设置和说明\n"
        "  --listen 地址   127.0.0.1:8750（默认）、[::1]:8750 或 unix:/路径；对外由前面的\n"
        "                  nginx 提供 TLS（packaging/nginx.conf）\n"
        "  --web 文件夹    网页；默认用随程序安装的\n"
        "  --set           改单个设置，例：--set site.demo=yes,limits.rate=no",
    .options = options,
    .run = run,
};
