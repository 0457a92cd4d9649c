/*
 * sunmao-engine: serves one GGUF model over HTTP, on a unix socket or an address.
 */
#include "engine/draft.h"
#include "engine/overdue.h"
#include "engine/routes.h"
#include "gguf/gguf.h"

#include <errno.h>
#include <getopt.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_USAGE = 2, EXIT_REFUSED = 7, DEFAULT_PARALLEL = 4, DEFAULT_QUEUE = 64 };

typedef struct settings {
    const char *socket, *listen, *alias, *template;
    sm_lm_options lm;
    sm_lora_file lora[SM_LM_MAX_LORA];
    sm_worker_options worker;
    bool refused; /* the file, by what its head says */
} settings;

static const char usage[] =
    "用法：sunmao-engine --model 文件.gguf (--socket 路径 | --listen 127.0.0.1:端口) [选项]\n"
    "  --model 文件         要服务的模型\n"
    "  --socket 路径        在这个 unix 套接字上服务\n"
    "  --listen 地址        在这个地址上服务\n"
    "  --ctx N              每一路的上下文词元数（默认取模型的，至多 8192）\n"
    "  --parallel N         同时进行的请求数（默认 4，至多 64）\n"
    "  --queue N            等候的请求数上限（默认 64）\n"
    "  --threads N          计算用的线程数（默认为处理器数减一）\n"
    "  --batch N            一次计算的词元数（默认 512）\n"
    "  --lora 名称=文件     一个 LoRA 适配器，可以多次给出，至多 16 个\n"
    "  --alias 名称         模型在接口中的名称（默认为文件名）\n"
    "  --chat-template 名   对话格式（默认按模型文件识别）\n"
    "  --gpu-layers N       放到显卡上的层数（默认 0，-1 为全部）\n"
    "  --no-draft           不猜测后续词元\n"
    "  --help, --version\n";

enum {
    OPT_LORA = 256,
    OPT_NO_DRAFT,
    OPT_HELP,
    OPT_VERSION,
    OPT_MODEL,
    OPT_SOCKET,
    OPT_LISTEN,
    OPT_ALIAS,
    OPT_TEMPLATE,
    OPT_NUMBER
};

static const struct option options[] = { { "model", required_argument, NULL, OPT_MODEL },
                                         { "socket", required_argument, NULL, OPT_SOCKET },
                                         { "listen", required_argument, NULL, OPT_LISTEN },
                                         { "alias", required_argument, NULL, OPT_ALIAS },
                                         { "chat-template", required_argument, NULL, OPT_TEMPLATE },
                                         { "lora", required_argument, NULL, OPT_LORA },
                                         { "no-draft", no_argument, NULL, OPT_NO_DRAFT },
                                         { "help", no_argument, NULL, OPT_HELP },
                                         { "version", no_argument, NULL, OPT_VERSION },
                                         { "ctx", required_argument, NULL, OPT_NUMBER },
                                         { "parallel", required_argument, NULL, OPT_NUMBER },
                                         { "queue", required_argument, NULL, OPT_NUMBER },
                                         { "threads", required_argument, NULL, OPT_NUMBER },
                                         { "batch", required_argument, NULL, OPT_NUMBER },
                                         { "gpu-layers", required_argument, NULL, OPT_NUMBER },
                                         { 0 } };

/* --------------------------------------------------------------------- log */

static void log_text(const char *level, const char *name, sm_rc rc, sm_str text)
{
    json_t *v = json_pack("{s:s,s:s?,s:s?,s:o}", "level", level, "event", name, "code",
                          rc < 0 ? sm_rc_name(rc) : NULL, "message", sm_json_of(text));
    char *line = json_dumps(v, JSON_COMPACT);
    fprintf(stderr, "%s\n", line ? line : "{}");
    free(line);
    json_decref(v);
}

static void log_request(void *ctx, const sm_http_line *l)
{
    (void)ctx;
    fprintf(stderr,
            "{\"level\":\"%s\",\"event\":\"request\",\"trace\":\"%.*s\",\"method\":\"%.*s\","
            "\"route\":\"%.*s\",\"status\":%d,\"ms\":%.1f}\n",
            l->status == 500 ? "error" : "info", SM_ARG(l->trace), SM_ARG(l->method),
            SM_ARG(l->route), l->status, l->ms);
}

/* -------------------------------------------------------------- arguments */

static int refuse_usage(const char *what, const char *value)
{
    fprintf(stderr, "sunmao-engine：%s%s\n%s", what, value, usage);
    return EXIT_USAGE;
}

static bool set_number(settings *s, const char *name, const char *text)
{
    static const struct number {
        const char *name;
        int64_t lo, hi;
    } numbers[] = { { "ctx", 64, 1 << 20 },   { "parallel", 1, SM_LM_MAX_SEQUENCES },
                    { "queue", 1, 65536 },    { "threads", 1, 512 },
                    { "batch", 32, 1 << 16 }, { "gpu-layers", -1, 10000 } };
    int64_t x = 0;
    size_t i = 0;
    while (strcmp(numbers[i].name, name) != 0)
        i++;
    if (!sm_str_to_int(sm_str_of(text), &x) || x < numbers[i].lo || x > numbers[i].hi)
        return false;
    switch (i) {
    case 0:
        s->lm.n_ctx = (unsigned)x;
        break;
    case 1:
        s->lm.n_sequences = (unsigned)x;
        break;
    case 2:
        s->worker.max_queued = (size_t)x;
        break;
    case 3:
        s->lm.n_threads = (unsigned)x;
        break;
    case 4:
        s->lm.n_batch = (unsigned)x;
        break;
    default:
        s->lm.n_gpu_layers = (int)x;
        break;
    }
    return true;
}

static bool add_lora(settings *s, char *text)
{
    char *eq = strchr(text, '=');
    if (!eq || eq == text || !eq[1] || s->lm.n_lora == SM_LM_MAX_LORA)
        return false;
    *eq = '\0';
    s->lora[s->lm.n_lora++] = (sm_lora_file){ text, eq + 1 };
    return true;
}

static bool set_text(settings *s, int option, char *text)
{
    switch (option) {
    case OPT_MODEL:
        s->lm.path = text;
        return true;
    case OPT_SOCKET:
        s->socket = text;
        return true;
    case OPT_LISTEN:
        s->listen = text;
        return true;
    case OPT_ALIAS:
        s->alias = text;
        return *text != '\0';
    case OPT_TEMPLATE:
        s->template = text;
        return true;
    default:
        return add_lora(s, text);
    }
}

/* -1: go on; else the exit status. */
static int read_arguments(int argc, char **argv, settings *s)
{
    int at = 0, option;
    while ((option = getopt_long(argc, argv, "", options, &at)) != -1) {
        if (option == OPT_HELP || option == OPT_VERSION) {
            fputs(option == OPT_HELP ? usage : "sunmao-engine " SM_VERSION "\n", stdout);
            return 0;
        }
        if (option == '?')
            return refuse_usage("不认识的选项", "");
        if (option == OPT_NO_DRAFT)
            s->worker.may_draft = false;
        else if (option == OPT_NUMBER ? !set_number(s, options[at].name, optarg)
                                      : !set_text(s, option, optarg))
            return refuse_usage("选项的值不对：", optarg);
    }
    if (optind < argc)
        return refuse_usage("多余的参数：", argv[optind]);
    if (!s->lm.path || !s->socket == !s->listen)
        return refuse_usage("需要 --model，以及 --socket 与 --listen 之一", "");
    return -1;
}

/* -------------------------------------------------------------------- run */

static sem_t ended;
static atomic_bool loaded;

static void on_signal(int sig)
{
    if (!atomic_load(&loaded))
        _exit(128 + sig);
    sem_post(&ended);
}

static void catch_signals(void)
{
    struct sigaction end = { .sa_handler = on_signal }, ignore = { .sa_handler = SIG_IGN };
    sem_init(&ended, 0, 0);
    sigaction(SIGTERM, &end, NULL);
    sigaction(SIGINT, &end, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
}

static int fail(const sm_op *op, bool refused)
{
    sm_str text = op->msg.n ? op->msg : sm_str_of(sm_rc_text(op->rc));
    log_text("error", "failed", op->rc, text);
    refused = refused || op->rc == SM_E_CORRUPT || op->rc == SM_E_NOTFOUND;
    return refused ? EXIT_REFUSED : 1;
}

/* Whether some matrix is not quantised. */
static bool has_floats(const sm_gguf *g)
{
    for (size_t i = 0; i < g->n_tensors; i++) {
        const char *type = sm_gguf_tensor_type_name(g->tensor[i].type);
        if (g->tensor[i].dim[1] > 1 && type &&
            (!strcmp(type, "F16") || !strcmp(type, "F32") || !strcmp(type, "BF16")))
            return true;
    }
    return false;
}

/* The file's head is read with nothing trusted before libllama sees it. */
static sm_rc look_at_file(sm_op *op, settings *s, sm_engine *e)
{
    sm_gguf *g;
    sm_gguf_facts f;
    sm_rc rc;
    if ((rc = sm_gguf_read(op, s->lm.path, &g)) < 0 || (rc = sm_gguf_facts_of(op, g, &f)) < 0)
        return rc;
    if (sm_str_eq(f.kind, SM_STR("adapter")))
        return sm_fail(op, SM_E_CORRUPT, "%s 是适配器，不是模型", s->lm.path);
    s->lm.has_floats = has_floats(g);
    if (!f.is_embedder)
        rc = sm_template_choose(op, s->template, f.chat_template, f.pre_tokenizer,
                                &e->offer.template);
    for (size_t i = 0; rc == SM_OK && i < s->lm.n_lora; i++)
        rc = sm_gguf_read(op, s->lora[i].path, &g);
    return rc;
}

static sm_rc load(sm_op *op, settings *s, sm_engine *e, sm_lm **m)
{
    int64_t began = sm_now_us();
    sm_rc rc = sm_overdue_open(op);
    if (rc < 0)
        return rc;
    if ((rc = look_at_file(op, s, e)) < 0) {
        s->refused = true;
        return rc;
    }
    if ((rc = sm_lm_open(op, &s->lm, m)) < 0)
        return rc;
    sm_lm_end_with(*m, e->offer.template.end);
    e->offer.m = *m;
    e->may_draft = s->worker.may_draft;
    if ((rc = sm_worker_open(op, *m, &s->worker, &e->worker)) < 0)
        return rc;
    const sm_lm_facts *f = sm_lm_about(*m);
    log_text("info", "ready", SM_OK,
             sm_strf(op->arena, "%s: %s, %u x %u tokens, %u threads, loaded in %lld ms",
                     e->offer.id, f->desc, f->n_sequences, f->n_ctx, f->n_threads,
                     (long long)((sm_now_us() - began) / 1000)));
    atomic_store(&loaded, true);
    atomic_store(&e->ready, true);
    return SM_OK;
}

static void wait_for_end(void)
{
    while (sem_wait(&ended) != 0 && errno == EINTR)
        continue;
}

static int serve(sm_op *op, settings *s)
{
    sm_lm *m = NULL;
    sm_http *h;
    sm_route_list list = sm_engine_routes();
    const char *base = strrchr(s->lm.path, '/');
    sm_engine e = { .offer = { .id = s->alias ? s->alias
                                     : base   ? base + 1
                                              : s->lm.path,
                               .lora = s->lora,
                               .n_lora = s->lm.n_lora },
                    .created_s = sm_wall_ms() / 1000 };
    sm_http_options o = {
        .listen =
            s->listen ? s->listen : sm_cstr(op->arena, sm_strf(op->arena, "unix:%s", s->socket)),
        .routes = &list,
        .n_routes = 1,
        .fallback = sm_engine_fallback,
        .log = log_request,
        .ctx = &e,
        .threads = 2,
        .workers = 1,
    };
    if (sm_http_open(op, &o, &h) < 0)
        return fail(op, false);
    log_text("info", "listening", SM_OK, sm_str_of(sm_http_address(h)));
    bool ok = load(op, s, &e, &m) == SM_OK;
    if (ok) {
        wait_for_end();
        sm_worker_stop(e.worker);
    }
    sm_http_close(h);
    sm_worker_close(e.worker);
    sm_lm_close(m);
    return ok ? 0 : fail(op, s->refused);
}

int main(int argc, char **argv)
{
    settings s = { .lm.n_sequences = DEFAULT_PARALLEL,
                   .worker = { .max_queued = DEFAULT_QUEUE, .may_draft = true } };
    int status = read_arguments(argc, argv, &s);
    if (status >= 0)
        return status;
    s.lm.lora = s.lora;
    s.lm.n_outputs = s.lm.n_sequences * (1 + SM_DRAFT_MAX);
    catch_signals();
    sm_op op;
    sm_op_begin(&op);
    status = serve(&op, &s);
    sm_op_end(&op);
    return status;
}
