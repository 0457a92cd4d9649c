#include "cli/cli.h"

static const struct option options[] = { { "batch", required_argument, NULL, 'b' },
                                         { "out", required_argument, NULL, 'o' },
                                         { 0 } };

typedef struct batch {
    sm_organs *organs;
    json_t *last; /* evidence */
} batch;

static sm_rc check_line(sm_op *op, void *ctx, json_t *in, json_t *out)
{
    batch *b = ctx;
    json_t *said = NULL;
    sm_rc rc = sm_ground_line(op, in, &b->last);
    if (rc == SM_OK)
        rc = sm_ground_answer(op, in, b->organs, &said);
    if (rc < 0)
        return rc;
    json_object_update(out, said);
    json_decref(said);
    return SM_OK;
}

static sm_rc run(sm_cli *c)
{
    if (!sm_cli_has(c, 'b') || c->n_args)
        return sm_fail(&c->op, SM_E_INVALID, "要有 --batch 文件；用 sunmao ground --help 看说明");
    batch b = { 0 };
    sm_sunmao *s;
    sm_rc rc = c->data_given ? sm_cli_open(c, true, true, &s) : SM_OK;
    if (rc == SM_OK && c->data_given)
        rc = sm_sunmao_organs(&c->op, s, &b.organs);
    if (rc < 0)
        return rc;
    rc = sm_cli_batch(c, sm_cli_text(c, 'b', NULL), sm_cli_text(c, 'o', NULL), check_line, &b);
    json_decref(b.last);
    return rc;
}

const sm_command sm_cmd_ground = {
    .name = "ground",
    .summary = "核对一句话有没有依据",
    .usage = "用法：sunmao ground --batch IN.jsonl [--out OUT.jsonl]\n\n"
             "  --batch 文件      逐行读 "
             "{\"id\",\"evidence\":[{\"id\",\"title\",\"text\"}],\"sentence\"}，- 为标准输入；\n"
             "                    evidence 与上一行相同的可写作 \"=\"\n"
             "  --out 文件        结果写到文件，每行一个 JSON，次序与输入相同（默认标准输出）\n\n"
             "每行答 "
             "{\"id\",\"verdict\":\"supported|partial|unsupported|contradicted\",\"facts\",\"why\","
             "\"code\","
             "\"nearest\",\"open\"}。",
    .options = options,
    .run = run,
};
