#include "cli/cli.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const sm_command *const commands[] = {
    &sm_cmd_init,        &sm_cmd_import, &sm_cmd_corpus, &sm_cmd_search, &sm_cmd_ask,
    &sm_cmd_train,       &sm_cmd_eval,   &sm_cmd_serve,  &sm_cmd_user,   &sm_cmd_model,
    &sm_cmd_department,  &sm_cmd_key,    &sm_cmd_ledger, &sm_cmd_backup, &sm_cmd_restore,
    &sm_cmd_verify,      &sm_cmd_ground, &sm_cmd_doctor, &sm_cmd_review, &sm_cmd_draft,
    &sm_cmd_read_layout,
};

enum { EXIT_USAGE = 2 };

/* Exit codes by class of error; the manual page lists them. */
static const struct {
    sm_rc rc;
    int code;
} exits[] = {
    { SM_OK, 0 },         { SM_E_INTERNAL, 1 },    { SM_E_INVALID, EXIT_USAGE },
    { SM_E_NOTFOUND, 3 }, { SM_E_DENIED, 4 },      { SM_E_CONFLICT, 5 },
    { SM_E_LIMIT, 6 },    { SM_E_CORRUPT, 7 },     { SM_E_CANCELLED, 8 },
    { SM_E_TIMEOUT, 8 },  { SM_E_UNAVAILABLE, 9 },
};

static int exit_code(sm_rc rc)
{
    for (size_t i = 0; i < SM_LEN(exits); i++)
        if (exits[i].rc == rc)
            return exits[i].code;
    return 1;
}

static void print_help(FILE *to)
{
    fprintf(to,
            "榫卯 sunmao %s：用日常的话问，得到对的事项和有出处的回答\n\n用法：sunmao 命令 "
            "[选项]\n\n命令：\n",
            SM_VERSION);
    for (size_t i = 0; i < SM_LEN(commands); i++)
        if (commands[i]->summary) /* the others are ours alone */
            fprintf(to, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
    fprintf(to, "  %-10s %s\n", "version", "显示版本");
    fputs("\n公共选项：\n"
          "  --data DIR     数据目录（默认取环境变量 SUNMAO_DATA_DIR，再默认 ./sunmao-data）\n"
          "  --json         用 JSON 输出\n"
          "  --as-of 日期   把这一天当作今天（YYYY-MM-DD；也可用环境变量 SUNMAO_TODAY）\n"
          "  --help         显示某个命令的说明\n\n"
          "例：sunmao ask --data demo-data 身份证丢了怎么补\n",
          to);
}

static void print_command_help(const sm_command *cmd, FILE *to)
{
    fprintf(to, "sunmao %s：%s\n\n%s\n", cmd->name, cmd->summary ? cmd->summary : "", cmd->usage);
    fputs("\n公共选项：--data DIR、--json、--as-of YYYY-MM-DD、--help\n", to);
}

sm_date sm_cli_today(const sm_cli *c)
{
    return c->today != SM_DATE_NONE ? c->today : sm_today();
}

bool sm_cli_has(const sm_cli *c, char letter)
{
    return c->value[(unsigned char)letter] != NULL;
}

const char *sm_cli_text(const sm_cli *c, char letter, const char *otherwise)
{
    return sm_cli_has(c, letter) ? c->value[(unsigned char)letter] : otherwise;
}

sm_rc sm_cli_int(sm_cli *c, char letter, int64_t lo, int64_t hi, int64_t *value)
{
    const char *text = sm_cli_text(c, letter, NULL);
    if (!text)
        return SM_OK;
    int64_t v;
    if (!sm_str_to_int(sm_str_of(text), &v) || v < lo || v > hi)
        return sm_fail(&c->op, SM_E_INVALID, "“%s”应当是 %lld 到 %lld 之间的整数", text,
                       (long long)lo, (long long)hi);
    *value = v;
    return SM_OK;
}

sm_rc sm_cli_kind(sm_cli *c, const char *text, sm_kind *out)
{
    if (text && sm_kind_parse(sm_str_of(text), out))
        return SM_OK;
    return sm_fail(&c->op, SM_E_INVALID,
                   "--kind 应当是 item（事项）、policy（政策）或 law（法规）");
}

static void close_it(void *s)
{
    sm_sunmao_close(s);
}

sm_rc sm_cli_open(sm_cli *c, bool read_only, bool must_exist, sm_sunmao **out)
{
    sm_sunmao_options o = {
        .data_dir = c->data, .today = c->today, .read_only = read_only, .must_exist = must_exist
    };
    sm_rc rc = sm_sunmao_open(&c->op, &o, out);
    if (rc == SM_OK)
        sm_arena_defer(c->op.arena, close_it, *out);
    return rc;
}

void sm_cli_json(sm_cli *c, json_t *v, FILE *to)
{
    sm_op_check(&c->op);
    sm_arena *a = sm_arena_open();
    sm_str s = sm_json_dump(a, v);
    fprintf(to, "%.*s\n", SM_ARG(s));
    sm_arena_close(a);
    json_decref(v);
}

/* A bar on a terminal, at most ten times a second. */
static void show_progress(void *ctx, const char *stage, size_t done, size_t total)
{
    static int64_t last;
    int64_t now = sm_now_us();
    (void)ctx;
    if (done < total && now - last < 100000)
        return;
    last = now;
    int filled = total ? (int)(30 * done / total) : 0;
    fprintf(stderr, "\r%s [%.*s%*s] %zu/%zu ", stage, filled, "##############################",
            30 - filled, "", done, total);
    if (done >= total)
        fputs("\r\033[K", stderr);
}

enum { OPT_DATA = 1, OPT_JSON, OPT_AS_OF, OPT_HELP };
static const struct option common[] = {
    { "data", required_argument, NULL, OPT_DATA },
    { "json", no_argument, NULL, OPT_JSON },
    { "as-of", required_argument, NULL, OPT_AS_OF },
    { "help", no_argument, NULL, OPT_HELP },
};

static size_t all_options(const sm_command *cmd, struct option *all, size_t max)
{
    size_t n = 0;
    for (size_t i = 0; i < SM_LEN(common); i++)
        all[n++] = common[i];
    for (const struct option *o = cmd->options; o && o->name && n + 1 < max; o++)
        all[n++] = *o;
    all[n] = (struct option){ 0 };
    return n;
}

/* SM_E_NOTFOUND: help was asked for. */
static sm_rc read_options(sm_cli *c, const sm_command *cmd, int argc, char **argv)
{
    struct option all[40];
    all_options(cmd, all, SM_LEN(all));
    opterr = 0;
    for (int k; (k = getopt_long(argc, argv, ":", all, NULL)) != -1;) {
        switch (k) {
        case OPT_DATA:
            c->data = optarg;
            c->data_given = true;
            break;
        case OPT_JSON:
            c->json = true;
            break;
        case OPT_AS_OF:
            c->today = sm_date_parse(sm_str_of(optarg));
            if (c->today == SM_DATE_NONE)
                return sm_fail(&c->op, SM_E_INVALID, "--as-of 的日期“%s”不是 YYYY-MM-DD 的形式",
                               optarg);
            break;
        case OPT_HELP:
            return SM_E_NOTFOUND;
        case ':':
            return sm_fail(&c->op, SM_E_INVALID, "选项 %s 后面要有值", argv[optind - 1]);
        case '?':
            return sm_fail(&c->op, SM_E_INVALID, "不认识选项 %s；用 sunmao %s --help 看说明",
                           argv[optind - 1], cmd->name);
        default:
            c->value[k] = optarg ? optarg : "";
        }
    }
    c->arg = argv + optind;
    c->n_args = argc - optind;
    return SM_OK;
}

static void print_error(const sm_cli *c, sm_rc rc)
{
    sm_str msg = c->op.msg.n ? c->op.msg : sm_str_of(sm_rc_text(rc));
    if (!c->json) {
        fprintf(stderr, "sunmao: %.*s [%s]\n", SM_ARG(msg), sm_rc_name(rc));
        return;
    }
    json_t *e =
        json_pack("{s:{s:s,s:o}}", "error", "code", sm_rc_name(rc), "message", sm_json_of(msg));
    char *text = json_dumps(e, JSON_COMPACT);
    fprintf(stderr, "%s\n", text ? text : "");
    free(text);
    json_decref(e);
}

static int run(const sm_command *cmd, int argc, char **argv)
{
    const char *dir = getenv("SUNMAO_DATA_DIR");
    sm_cli c = { .data = dir && *dir ? dir : "sunmao-data", .today = SM_DATE_NONE };
    sm_op_begin(&c.op);
    if (isatty(STDERR_FILENO))
        c.op.progress = show_progress;
    sm_rc rc = read_options(&c, cmd, argc, argv);
    if (rc == SM_E_NOTFOUND) {
        print_command_help(cmd, stdout);
        sm_op_end(&c.op);
        return 0;
    }
    if (rc == SM_OK)
        rc = cmd->run(&c);
    if (rc == SM_OK && (fflush(stdout) != 0 || ferror(stdout)))
        rc = sm_fail(&c.op, SM_E_LIMIT, "写不出结果：输出已关闭或磁盘已满");
    if (rc < 0)
        print_error(&c, rc);
    sm_op_end(&c.op);
    return rc == SM_OK ? c.exit_code : exit_code(rc);
}

int main(int argc, char **argv)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        print_help(stdout);
        return 0;
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "version") == 0) {
        bool json = argc > 2 && strcmp(argv[2], "--json") == 0;
        printf(json ? "{\"version\":\"%s\"}\n" : "sunmao %s\n", SM_VERSION);
        return 0;
    }
    for (size_t i = 0; i < SM_LEN(commands); i++)
        if (strcmp(argv[1], commands[i]->name) == 0)
            return run(commands[i], argc - 1, argv + 1);
    fprintf(stderr, "sunmao: 没有“%s”这个命令；用 sunmao --help 看有哪些\n", argv[1]);
    return EXIT_USAGE;
}
