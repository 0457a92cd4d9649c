#include "cli/cli.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "model/model.h"

enum { LEAST_FREE_MB = 512 };

static const struct option options[] = { { "air-gap", no_argument, NULL, 'a' },
                                         { "full", no_argument, NULL, 'f' },
                                         { 0 } };

typedef enum level { FINE, NOTE, WRONG } level;
static const struct {
    const char *name, *text;
} levels[] = {
    [FINE] = { "ok", "正常" }, [NOTE] = { "note", "注意" }, [WRONG] = { "wrong", "问题" }
};

typedef struct doctor {
    sm_cli *c;
    bool air_gap, full;
    json_t *checks, *addresses; /* --json: shown at the end */
    size_t n_wrong;
} doctor;

static void find(doctor *d, level l, const char *what, sm_str text)
{
    d->n_wrong += l == WRONG;
    if (d->c->json)
        json_array_append_new(d->checks, json_pack("{s:s,s:s,s:o}", "level", levels[l].name, "what",
                                                   what, "text", sm_json_of(text)));
    else
        printf("%s\t%s\t%.*s\n", levels[l].text, what, SM_ARG(text));
}

/* ------------------------------------------------------------------- addresses */

typedef enum reach { HERE, WITHIN, NAMED, OUTSIDE } reach;
static const struct {
    const char *name, *text;
} reaches[] = { [HERE] = { "here", "本机" },
                [WITHIN] = { "within", "内网地址" },
                [NAMED] = { "named", "域名，要经 DNS 解析" },
                [OUTSIDE] = { "outside", "公网地址" } };

static bool in_v4(uint32_t a, uint32_t net, int bits)
{
    return a >> (32 - bits) == net >> (32 - bits);
}

static reach reach_of_v4(uint32_t a)
{
    static const struct {
        uint32_t net;
        int bits;
    } within[] = { { 0x0a000000, 8 },
                   { 0xac100000, 12 },
                   { 0xc0a80000, 16 },
                   { 0x64400000, 10 },
                   { 0xa9fe0000, 16 } };
    if (in_v4(a, 0x7f000000, 8))
        return HERE;
    for (size_t i = 0; i < SM_LEN(within); i++)
        if (in_v4(a, within[i].net, within[i].bits))
            return WITHIN;
    return OUTSIDE;
}

static reach reach_of_v6(const struct in6_addr *a)
{
    if (IN6_IS_ADDR_LOOPBACK(a))
        return HERE;
    return (a->s6_addr[0] & 0xfe) == 0xfc || IN6_IS_ADDR_LINKLOCAL(a) ? WITHIN : OUTSIDE;
}

/* The host of "scheme://host…", "scheme://[v6]…". */
static sm_str host_of(sm_str url)
{
    sm_str rest = sm_str_sub(url, sm_str_find(url, SM_STR("://"), 0) + 3, url.n);
    if (rest.n && rest.p[0] == '[')
        return sm_str_sub(rest, 1, sm_str_find(rest, SM_STR("]"), 0));
    size_t end = 0;
    while (end < rest.n && rest.p[end] != ':' && rest.p[end] != '/')
        end++;
    return sm_str_sub(rest, 0, end);
}

static reach reach_of(sm_arena *a, sm_str url)
{
    struct in_addr in;
    struct in6_addr in6;
    if (sm_str_starts(url, SM_STR("unix:")))
        return HERE;
    const char *host = sm_cstr(a, host_of(url));
    if (inet_pton(AF_INET, host, &in) == 1)
        return reach_of_v4(ntohl(in.s_addr));
    if (inet_pton(AF_INET6, host, &in6) == 1)
        return reach_of_v6(&in6);
    return strcmp(host, "localhost") == 0 ? HERE : NAMED;
}

static void list_address(doctor *d, const sm_backend *b)
{
    reach r = reach_of(d->c->op.arena, b->source);
    if (d->c->json)
        json_array_append_new(d->addresses,
                              json_pack("{s:o,s:o,s:s}", "address", sm_json_of(b->source), "model",
                                        sm_json_of(b->name), "reach", reaches[r].name));
    else
        printf("地址\t%.*s\t模型 %.*s（%s）\n", SM_ARG(b->source), SM_ARG(b->name),
               reaches[r].text);
    if (r == NAMED)
        find(d, NOTE, "地址",
             sm_strf(d->c->op.arena, "模型 %.*s 用的是域名，请确认 DNS 在内网、只解析到内网地址",
                     SM_ARG(b->name)));
    if (r == OUTSIDE)
        find(d, d->air_gap ? WRONG : NOTE, "地址",
             sm_strf(d->c->op.arena, "模型 %.*s 在公网地址上", SM_ARG(b->name)));
    if (r != HERE && sm_str_starts(b->source, SM_STR("http://")))
        find(d, NOTE, "地址",
             sm_strf(d->c->op.arena, "模型 %.*s 的请求和密钥不加密地经过网络", SM_ARG(b->name)));
}

/* ----------------------------------------------------------------------- places */

static void check_places(doctor *d, sm_sunmao *s)
{
    sm_arena *a = d->c->op.arena;
    const char *dir = sm_sunmao_data_dir(s);
    struct statvfs v;
    bool writable = access(dir, W_OK) == 0;
    find(d, writable ? FINE : WRONG, "数据目录",
         sm_strf(a, "%s%s", dir, writable ? "" : " 不能写"));
    find(d, FINE, "共享文件", sm_str_of(sm_sunmao_share_dir(s)));
    if (statvfs(dir, &v) != 0)
        return;
    uint64_t free_mb = (uint64_t)v.f_bavail * v.f_frsize >> 20;
    find(d, free_mb >= LEAST_FREE_MB ? FINE : WRONG, "磁盘",
         free_mb >= LEAST_FREE_MB ? sm_strf(a, "空余不少于 %d MB", LEAST_FREE_MB)
                                  : sm_strf(a, "只剩 %llu MB", (unsigned long long)free_mb));
}

/* -------------------------------------------------------------------- back ends */

static void check_digest(doctor *d, const sm_backend *b)
{
    sm_arena *a = d->c->op.arena;
    sm_backend now = { .source = b->source };
    sm_op one;
    sm_op_begin(&one);
    one.progress = d->c->op.progress;
    sm_rc rc = sm_file_facts(&one, b->source, &now);
    bool same = rc == SM_OK && sm_str_eq(now.sm3, b->sm3) && sm_str_eq(now.sha256, b->sha256);
    find(d, same ? FINE : WRONG, "模型文件",
         sm_strf(a, "%.*s：%s", SM_ARG(b->name),
                 same ? "摘要与登记的相同" : "摘要与登记的不同，文件被换过"));
    sm_op_end(&one);
}

static void check_file(doctor *d, const sm_backend *b)
{
    sm_arena *a = d->c->op.arena;
    struct stat st;
    if (stat(sm_cstr(a, b->source), &st) != 0)
        find(d, WRONG, "模型文件",
             sm_strf(a, "%.*s：没有 %.*s", SM_ARG(b->name), SM_ARG(b->source)));
    else if (st.st_size != b->bytes)
        find(d, WRONG, "模型文件",
             sm_strf(a, "%.*s：大小与登记的不同，文件被换过", SM_ARG(b->name)));
    else if (d->full)
        check_digest(d, b);
    else
        find(d, FINE, "模型文件", sm_strf(a, "%.*s：大小与登记的相同", SM_ARG(b->name)));
    for (size_t i = 0; i < b->engine.n_loras; i++) {
        sm_str lora = b->engine.lora[i];
        sm_str path = sm_str_sub(lora, sm_str_find(lora, SM_STR("="), 0) + 1, lora.n);
        if (!sm_file_exists(sm_cstr(a, path)))
            find(d, WRONG, "LoRA", sm_strf(a, "%.*s：没有 %.*s", SM_ARG(b->name), SM_ARG(path)));
    }
}

static void check_key(doctor *d, const sm_backend *b)
{
    sm_str key;
    sm_op one;
    if (b->key_from.n == 0)
        return;
    sm_op_begin(&one);
    bool there = sm_key_source_read(&one, b->key_from, &key) == SM_OK;
    sm_op_end(&one);
    find(d, there ? FINE : WRONG, "密钥",
         sm_strf(d->c->op.arena, "%.*s：%.*s %s", SM_ARG(b->name), SM_ARG(b->key_from),
                 there ? "读得到" : "读不到"));
}

static void check_engine(doctor *d, size_t n_files)
{
    const char *program = sm_engine_program(d->c->op.arena, "");
    if (program)
        find(d, FINE, "引擎", sm_str_of(program));
    else
        find(d, n_files ? WRONG : NOTE, "引擎",
             SM_STR(
                 "没有找到 sunmao-engine（make engine，或用 SUNMAO_ENGINE 指明）；本机模型要用它"));
}

static sm_rc check_models(doctor *d, sm_db *db)
{
    sm_op *op = &d->c->op;
    sm_registry *r;
    size_t n_files = 0;
    sm_rc rc = sm_registry_read(op, db, &r);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < r->n_backends; i++)
        n_files += r->backend[i].kind == SM_BACKEND_FILE;
    check_engine(d, n_files);
    for (size_t i = 0; rc == SM_OK && i < r->n_backends; i++) {
        const sm_backend *b = &r->backend[i];
        if (b->kind == SM_BACKEND_FILE)
            check_file(d, b);
        else
            check_key(d, b);
        rc = sm_op_check(op);
    }
    for (size_t i = 0; i < r->n_aliases; i++) {
        const sm_backend *b = sm_registry_backend(r, r->alias[i].backend);
        if (!b || b->state != SM_BACKEND_PRODUCTION)
            find(d, WRONG, "别名",
                 sm_strf(op->arena, "%.*s 指向不在生产状态的模型", SM_ARG(r->alias[i].name)));
    }
    return rc;
}

static sm_rc list_addresses(doctor *d, sm_db *db)
{
    sm_registry *r;
    size_t n = 0;
    sm_rc rc = sm_registry_read(&d->c->op, db, &r);
    for (size_t i = 0; rc == SM_OK && i < r->n_backends; i++)
        if (r->backend[i].kind == SM_BACKEND_SERVER) {
            list_address(d, &r->backend[i]);
            n++;
        }
    if (rc == SM_OK && !d->c->json)
        printf("%s\n", n ? "除以上地址和本机引擎的套接字，榫卯不连接任何别处。"
                         : "没有登记远端模型：除本机引擎的套接字，榫卯不连接任何地方。");
    return rc;
}

static sm_rc run(sm_cli *c)
{
    sm_sunmao *s;
    sm_db *db;
    doctor d = { .c = c,
                 .air_gap = sm_cli_has(c, 'a'),
                 .full = sm_cli_has(c, 'f'),
                 .checks = json_array(),
                 .addresses = json_array() };
    if (c->n_args)
        return sm_fail(&c->op, SM_E_INVALID,
                       "用法：sunmao doctor [--air-gap] [--full]（--help 看说明）");
    sm_json_own(c->op.arena, d.checks);
    sm_json_own(c->op.arena, d.addresses);
    sm_rc rc = sm_cli_open(c, true, true, &s);
    if (rc == SM_OK)
        rc = sm_sunmao_record_db(&c->op, s, &db);
    if (rc < 0)
        return rc;
    check_places(&d, s);
    rc = check_models(&d, db);
    if (rc == SM_OK)
        rc = list_addresses(&d, db);
    if (rc == SM_OK && c->json)
        sm_cli_json(c,
                    json_pack("{s:b,s:O,s:O}", "ok", d.n_wrong == 0, "checks", d.checks,
                              "addresses", d.addresses),
                    stdout);
    if (rc == SM_OK && d.n_wrong)
        rc = sm_fail(&c->op, SM_E_UNAVAILABLE, "查出 %zu 个问题", d.n_wrong);
    return rc;
}

const sm_command sm_cmd_doctor = {
    .name = "doctor",
    .summary = "检查：目录、引擎、模型文件、密钥，列出会连接的地址",
    .usage = "用法：sunmao doctor [--air-gap] [--full]\n\n"
             "  逐项检查，并列出程序会连接的全部地址；查出问题时以非零状态结束\n"
             "  --air-gap   离线网络：公网地址算作问题\n"
             "  --full      重算模型文件的摘要，与登记的对照",
    .options = options,
    .run = run,
};
