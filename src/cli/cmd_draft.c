#include "cli/cli.h"

#include <string.h>

#include "text/text.h"

enum { MAX_OUT_BYTES = 64 << 20, MAX_SHOWN_BYTES = 4 << 20 };

static const struct option options[] = {
    { "kind", required_argument, NULL, 'k' },   { "organ", required_argument, NULL, 'g' },
    { "to", required_argument, NULL, 't' },     { "cc", required_argument, NULL, 'c' },
    { "number", required_argument, NULL, 'n' }, { "signer", required_argument, NULL, 's' },
    { "title", required_argument, NULL, 'i' },  { "date", required_argument, NULL, 'd' },
    { "attach", required_argument, NULL, 'a' }, { "own", required_argument, NULL, 'w' },
    { "out", required_argument, NULL, 'o' },    { 0 },
};

static sm_str option(const sm_cli *c, char letter)
{
    return sm_str_of(sm_cli_text(c, letter, NULL));
}

/* Names parted by 、. */
static void read_attached(const sm_cli *c, sm_draft_ask *ask)
{
    sm_str list = option(c, 'a'), sep = SM_STR("、");
    sm_str *name = SM_NEWS(c->op.arena, sm_str, SM_DRAFT_MAX_ATTACHED + 1);
    while (list.n && ask->n_attached <= SM_DRAFT_MAX_ATTACHED) {
        size_t at = sm_str_find(list, sep, 0);
        name[ask->n_attached++] = sm_str_trim(sm_str_sub(list, 0, at));
        list = at == SIZE_MAX ? (sm_str){ 0 } : sm_str_sub(list, at + sep.n, list.n);
    }
    ask->attached = name;
}

static sm_rc read_ask(sm_cli *c, sm_draft_ask *ask)
{
    if (c->n_args != 1)
        return sm_fail(&c->op, SM_E_INVALID,
                       "用一句话说要发什么，放在引号里；例：sunmao draft "
                       "\"给各区政府发通知，要求10月底前完成老旧电梯排查\"");
    *ask = (sm_draft_ask){ .text = sm_str_of(c->arg[0]),
                           .kind = option(c, 'k'),
                           .organ = option(c, 'g'),
                           .to = option(c, 't'),
                           .cc = option(c, 'c'),
                           .number = option(c, 'n'),
                           .signer = option(c, 's'),
                           .title = option(c, 'i'),
                           .date = sm_date_parse(option(c, 'd')),
                           .today = sm_cli_today(c) };
    read_attached(c, ask);
    if (sm_cli_has(c, 'd') && ask->date == SM_DATE_NONE)
        return sm_fail(&c->op, SM_E_INVALID, "--date 的日期“%s”不是 YYYY-MM-DD 的形式",
                       sm_cli_text(c, 'd', ""));
    return SM_OK;
}

/* ------------------------------------------------------------- for people */

static const char *source_text(sm_draft_source s)
{
    static const char *const texts[SM_DRAFT_N_SOURCES] = {
        [SM_DRAFT_BLANK] = "待填",       [SM_DRAFT_RULE] = "规则",   [SM_DRAFT_REGISTRY] = "名录",
        [SM_DRAFT_DESCRIPTION] = "描述", [SM_DRAFT_OPTION] = "选项", [SM_DRAFT_MODEL] = "模型",
    };
    return texts[s];
}

static void put_choices(sm_buf *b, const sm_draft *d)
{
    for (size_t i = 0; i < d->n_choices; i++)
        sm_buf_addf(b, "%s%.*s：%.*s\n",
                    d->clear && i == 0 ? "文种 "
                    : d->clear         ? "  或者 "
                                       : "  ",
                    SM_ARG(d->choice[i].kind), SM_ARG(d->choice[i].why));
}

static void put_draft(sm_buf *b, const sm_draft *d)
{
    if (!d->clear)
        sm_buf_addf(b, "%.*s\n", SM_ARG(d->question));
    put_choices(b, d);
    for (size_t i = 0; i < d->n_notes; i++)
        sm_buf_addf(b, "注意：%.*s\n", SM_ARG(d->note[i]));
    for (size_t i = 0; i < d->n_elements; i++) {
        const sm_draft_element *e = &d->element[i];
        bool named = sm_str_starts(e->text, e->name); /* 签发人：… */
        if (e->text.n)
            sm_buf_addf(b, "%.*s%s%.*s（%s%s%.*s）\n", SM_ARG(named ? SM_STR("") : e->name),
                        named ? "" : "：", SM_ARG(e->text), source_text(e->source),
                        e->why.n ? "：" : "", SM_ARG(e->why));
    }
    sm_buf_add(b, d->n_body ? SM_STR("正文：\n") : SM_STR(""));
    for (size_t i = 0; i < d->n_body; i++)
        sm_buf_addf(b, "  %.*s\n", SM_ARG(d->body[i].text));
    for (size_t i = 0; i < d->n_attached; i++)
        sm_buf_addf(b, "附：%.*s\n", SM_ARG(d->attached[i]));
}

static sm_rc print_draft(sm_cli *c, const sm_draft *d)
{
    sm_buf b;
    if (c->json) {
        sm_cli_json(c, sm_draft_json(d), stdout);
        return SM_OK;
    }
    sm_buf_init(&b, MAX_SHOWN_BYTES);
    put_draft(&b, d);
    bool failed = b.failed;
    fwrite(b.p, 1, b.n, stdout);
    fflush(stdout); /* before what is said of the file that is written */
    sm_buf_done(&b);
    return failed ? sm_fail(&c->op, SM_E_LIMIT, "结果太长，请用 --json") : SM_OK;
}

/* --------------------------------------------------------------------- run */

/* A name that ends in .txt gets the notation, any other a DOCX. */
static sm_rc write_draft(sm_cli *c, const sm_draft *d, const char *path)
{
    sm_buf b;
    sm_str bytes;
    sm_rc rc;
    if (sm_str_ends(sm_str_of(path), SM_STR(".txt")))
        rc = sm_draft_notation(&c->op, d, &bytes);
    else {
        sm_buf_init(&b, MAX_OUT_BYTES);
        rc = sm_draft_docx(&c->op, d, NULL, &b);
        if (rc == SM_OK)
            rc = sm_buf_take(&c->op, &b, &bytes);
        else
            sm_buf_done(&b);
    }
    if (rc == SM_OK)
        rc = sm_file_write(&c->op, path, bytes);
    if (rc == SM_OK)
        fprintf(stderr, "%s：草稿已写好，待填的地方用“（待填：…）”标明\n", path);
    return rc;
}

static sm_rc run(sm_cli *c)
{
    sm_draft_ask ask;
    sm_draft *draft;
    const sm_drafter *d;
    sm_sunmao *s = NULL;
    const char *own = sm_cli_text(c, 'w', NULL), *out = sm_cli_text(c, 'o', NULL);
    sm_rc rc = read_ask(c, &ask);
    if (rc == SM_OK && c->data_given)
        rc = sm_cli_open(c, true, true, &s);
    if (rc == SM_OK)
        rc = sm_sunmao_drafter(&c->op, s, own, &d);
    if (rc == SM_OK)
        rc = sm_draft_make(&c->op, d, &ask, &draft);
    if (rc == SM_OK)
        rc = print_draft(c, draft);
    if (rc == SM_OK && !draft->clear)
        c->exit_code = 1;
    if (rc == SM_OK && out && draft->clear)
        rc = write_draft(c, draft, out);
    return rc;
}

const sm_command sm_cmd_draft = {
    .name = "draft",
    .summary = "起草公文：定文种、填要素、搭正文",
    .usage = "用法：sunmao draft [选项] \"描述\"\n\n"
             "从一句话定文种（说明理由）、从名录填要素、按文种搭正文；不知道的留空“（待填：…）”，不"
             "编造。\n"
             "文种定不下来时反问，退出码是 1。\n\n"
             "  --kind 文种       通知、请示、函……（默认看描述）\n"
             "  --organ 机关      由谁发文，全称或者简称\n"
             "  --to 机关、机关   主送机关（默认看描述）\n"
             "  --cc 机关、机关   抄送机关\n"
             "  --number 文号     发文字号（默认填机关代字，序号留空）\n"
             "  --signer 姓名     签发人（默认取名录中的主要负责人）\n"
             "  --title 标题      整个标题\n"
             "  --date 日期       成文日期，YYYY-MM-DD（默认留空）\n"
             "  --attach 名称、名称  附件\n"
             "  --own 文件夹      本单位的名录（docs/review.md），默认 --data 的 review 文件夹\n"
             "  --out 文件        按 GB/T 9704 写成 DOCX；.txt 写成记号（docs/review.md）\n",
    .options = options,
    .run = run,
};
