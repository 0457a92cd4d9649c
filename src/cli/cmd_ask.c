#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <histedit.h>

static const struct option options[] = {
    { "batch", required_argument, NULL, 'b' },
    { "out", required_argument, NULL, 'o' },
    { "session", required_argument, NULL, 's' },
    { "region", required_argument, NULL, 'r' },
    { "audience", required_argument, NULL, 'a' },
    { "test", no_argument, NULL, 't' },
    { "no-record", no_argument, NULL, 'n' },
    { "explain", no_argument, NULL, 'e' },
    { 0 },
};

static void print_reply(sm_cli *c, const sm_reply *r)
{
    if (c->json) {
        sm_cli_json(c, sm_reply_json(r), stdout);
        return;
    }
    printf("%.*s\n", SM_ARG(r->answer));
    if (r->n_more) {
        printf("还可以问：");
        for (size_t i = 0; i < r->n_more; i++)
            printf("%s%s", i ? "、" : "", sm_facet_text(r->more[i]));
        printf("\n");
    }
}

/* ------------------------------------------------------------------ batch */

struct batch {
    sm_sunmao *s;
    bool test, no_record, explain;
    sm_str own; /* begins the names of conversations that live no longer than this run */
};

static sm_rc text_of(sm_op *op, const json_t *in, const char *key, sm_str *out)
{
    const json_t *v = json_object_get(in, key);
    if (v && !json_is_null(v) && !json_is_string(v))
        return sm_fail(op, SM_E_INVALID, "%s 应当是文字", key);
    *out = sm_json_str(in, key);
    return SM_OK;
}

static sm_rc ask_line(sm_op *op, void *ctx, json_t *in, json_t *out)
{
    struct batch *b = ctx;
    sm_question q = {
        .as_of = SM_DATE_NONE, .test = b->test, .no_record = b->no_record, .explain = b->explain
    };
    sm_str as_of = { 0 };
    sm_rc rc = text_of(op, in, "text", &q.text);
    if (rc == SM_OK)
        rc = text_of(op, in, "session", &q.session);
    if (rc == SM_OK && q.session.n && q.no_record)
        q.session = sm_strf(op->arena, "%.*s%.*s", SM_ARG(b->own), SM_ARG(q.session));
    if (rc == SM_OK)
        rc = text_of(op, in, "region", &q.region);
    if (rc == SM_OK)
        rc = text_of(op, in, "audience", &q.audience);
    if (rc == SM_OK)
        rc = text_of(op, in, "as_of", &as_of);
    if (rc == SM_OK && as_of.n) {
        q.as_of = sm_date_parse(as_of);
        if (q.as_of == SM_DATE_NONE)
            rc = sm_fail(op, SM_E_INVALID, "as_of 不是 YYYY-MM-DD 的形式");
    }
    sm_reply *r;
    if (rc == SM_OK)
        rc = sm_sunmao_ask(op, b->s, &q, &r);
    if (rc < 0)
        return rc;
    json_t *j = sm_reply_json(r);
    json_object_update(out, j);
    json_decref(j);
    return SM_OK;
}

/* What only this run calls its conversations. */
static sm_str own_name(sm_cli *c)
{
    return sm_strf(c->op.arena, "cli-%lld-%d/", (long long)sm_wall_ms(), (int)getpid());
}

/* Nothing was to be recorded: what this run's conversations had to remember goes, too. */
static sm_rc forget(sm_cli *c, sm_sunmao *s, sm_str own)
{
    sm_db *db;
    sm_rc rc = sm_sunmao_record_db(&c->op, s, &db);
    return rc == SM_OK ? sm_talk_forget(&c->op, db, own) : rc;
}

static sm_rc batch(sm_cli *c, sm_sunmao *s, const sm_question *q)
{
    struct batch b = { s, q->test, q->no_record, q->explain, own_name(c) };
    sm_rc rc = sm_cli_batch(c, sm_cli_text(c, 'b', NULL), sm_cli_text(c, 'o', NULL), ask_line, &b);
    sm_rc forgot = q->no_record ? forget(c, s, b.own) : SM_OK;
    return rc < 0 ? rc : forgot;
}

/* ------------------------------------------------------------- conversation */

static void fill_question(const sm_cli *c, sm_question *q)
{
    *q = (sm_question){ .session = sm_str_of(sm_cli_text(c, 's', NULL)),
                        .region = sm_str_of(sm_cli_text(c, 'r', NULL)),
                        .audience = sm_str_of(sm_cli_text(c, 'a', NULL)),
                        .as_of = SM_DATE_NONE,
                        .test = sm_cli_has(c, 't'),
                        .no_record = sm_cli_has(c, 'n'),
                        .explain = sm_cli_has(c, 'e') };
}

static sm_rc ask_one(sm_cli *c, sm_sunmao *s, const sm_question *q)
{
    sm_reply *r;
    sm_rc rc = sm_sunmao_ask(&c->op, s, q, &r);
    if (rc == SM_OK)
        print_reply(c, r);
    return rc;
}

/* A failed turn is told and the conversation goes on. */
static void turn(sm_cli *c, sm_sunmao *s, sm_question q)
{
    sm_op op = c->op;
    c->op = (sm_op){ .arena = sm_arena_open() };
    sm_rc rc = ask_one(c, s, &q);
    if (rc < 0)
        fprintf(stderr, "sunmao: %.*s [%s]\n", SM_ARG(c->op.msg), sm_rc_name(rc));
    sm_arena_close(c->op.arena);
    c->op = op;
}

static const char *prompt_text(EditLine *el)
{
    (void)el;
    return "问> ";
}

static bool wants_out(sm_str text)
{
    static const char *const words[] = { "", "退出", "结束", "exit", "quit" };
    for (size_t i = 0; i < SM_LEN(words); i++)
        if (sm_str_eq(text, sm_str_of(words[i])))
            return true;
    return false;
}

static void talk_on_terminal(sm_cli *c, sm_sunmao *s, const sm_question *q)
{
    HistEvent event;
    EditLine *el = el_init("sunmao", stdin, stdout, stderr);
    History *past = history_init();
    if (el && past) {
        history(past, &event, H_SETSIZE, 500);
        el_set(el, EL_PROMPT, prompt_text);
        el_set(el, EL_EDITOR, "emacs");
        el_set(el, EL_HIST, history, past);
        printf("直接输入问题；空行、“退出”或 Ctrl-D 结束。\n");
        int n;
        for (const char *line; (line = el_gets(el, &n)) != NULL && n > 0;) {
            sm_question one = *q;
            one.text = sm_str_trim((sm_str){ line, (size_t)n });
            if (wants_out(one.text))
                break;
            history(past, &event, H_ENTER, line);
            turn(c, s, one);
        }
    }
    if (past)
        history_end(past);
    if (el)
        el_end(el);
}

static void talk_on_pipe(sm_cli *c, sm_sunmao *s, const sm_question *q)
{
    char *line = NULL;
    size_t cap = 0;
    for (ssize_t n; (n = getline(&line, &cap, stdin)) > 0;) {
        sm_question one = *q;
        one.text = sm_str_trim((sm_str){ line, (size_t)n });
        if (one.text.n)
            turn(c, s, one);
    }
    free(line);
}

static sm_rc talk(sm_cli *c, sm_sunmao *s, sm_question q)
{
    bool own = q.session.n == 0;
    if (own)
        q.session = own_name(c);
    if (isatty(STDIN_FILENO))
        talk_on_terminal(c, s, &q);
    else
        talk_on_pipe(c, s, &q);
    return own && q.no_record ? forget(c, s, q.session) : SM_OK;
}

static sm_rc run(sm_cli *c)
{
    sm_sunmao *s;
    sm_question q;
    sm_rc rc = sm_cli_open(c, false, true, &s);
    if (rc < 0)
        return rc;
    fill_question(c, &q);
    if (sm_cli_has(c, 'b'))
        return batch(c, s, &q);
    if (c->n_args == 0)
        return talk(c, s, q);
    sm_buf b;
    sm_buf_init(&b, SM_QUESTION_MAX_BYTES + 1);
    for (int i = 0; i < c->n_args; i++)
        sm_buf_addf(&b, "%s%s", i ? " " : "", c->arg[i]);
    rc = sm_buf_take(&c->op, &b, &q.text);
    return rc < 0 ? rc : ask_one(c, s, &q);
}

const sm_command sm_cmd_ask = {
    .name = "ask",
    .summary = "提问；不给问题就进入连续对话",
    .usage = "用法：sunmao ask [选项] [问题]\n"
             "      sunmao ask --batch IN.jsonl [--out OUT.jsonl]\n\n"
             "  --batch 文件      逐行读 "
             "{\"id\",\"text\",\"session\"?,\"region\"?,\"audience\"?,\"as_of\"?}，- 为标准输入\n"
             "  --out 文件        结果写到文件，每行一个 JSON，次序与输入相同（默认标准输出）\n"
             "  --session 名      同名的几次提问算一场对话\n"
             "  --region 地名     如 江北区\n"
             "  --audience 对象   自然人 或 法人\n"
             "  --test            记为测试，不进统计\n"
             "  --no-record       不写台账，也不转给工作人员；未指定 --session 的对话不留存\n"
             "  --explain         JSON 里加上作判断用的各项数值（signals）",
    .options = options,
    .run = run,
};
