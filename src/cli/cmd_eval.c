#include "cli/cli.h"

#include <string.h>

#include "eval/eval.h"

static const struct option options[] = { { "sets", required_argument, NULL, 's' },
                                         { "misses", no_argument, NULL, 'm' },
                                         { "votes", required_argument, NULL, 'v' },
                                         { "own", required_argument, NULL, 'w' },
                                         { "ofd", required_argument, NULL, 'o' },
                                         { "weights", no_argument, NULL, 'W' },
                                         { 0 } };

/* sunmao eval ground FILE… */
static sm_rc ground(sm_cli *c)
{
    if (c->n_args < 2)
        return sm_fail(&c->op, SM_E_INVALID,
                       "要有成对的文件：sunmao eval ground eval/ground/dev-*.jsonl");
    return sm_eval_ground(&c->op, (const char *const *)c->arg + 1, (size_t)c->n_args - 1,
                          sm_cli_text(c, 'v', NULL), stdout, sm_cli_has(c, 'm') ? stderr : NULL);
}

/* sunmao eval review DIR */
static sm_rc review(sm_cli *c)
{
    sm_reviewer *r;
    if (c->n_args != 2)
        return sm_fail(&c->op, SM_E_INVALID, "要有公文的文件夹：sunmao eval review demo/documents");
    sm_rc rc = sm_cli_reviewer(c, 'w', &r);
    return rc < 0 ? rc
                  : sm_eval_review(&c->op, r, c->arg[1], sm_cli_text(c, 'o', NULL), stdout,
                                   sm_cli_has(c, 'm') ? stderr : NULL);
}

/* sunmao eval speller DIR */
static sm_rc speller(sm_cli *c)
{
    const char *share = sm_share_dir(c->op.arena);
    if (c->n_args != 2)
        return sm_fail(&c->op, SM_E_INVALID, "要有一个文件夹：sunmao eval speller DIR");
    if (!share)
        return sm_fail(&c->op, SM_E_NOTFOUND,
                       "找不到随程序安装的 share 文件夹；可用环境变量 SUNMAO_SHARE 指明");
    return sm_eval_speller(&c->op, sm_path(c->op.arena, share, "review/spell/chars.tsv"), c->arg[1],
                           stdout, sm_cli_has(c, 'W') ? stderr : NULL);
}

static sm_rc run(sm_cli *c)
{
    sm_sunmao *s;
    sm_eval e;
    if (c->n_args && strcmp(c->arg[0], "speller") == 0)
        return speller(c);
    if (c->n_args && strcmp(c->arg[0], "review") == 0)
        return review(c);
    if (c->n_args && strcmp(c->arg[0], "model") == 0)
        return sm_cli_eval_model(c);
    if (c->n_args && strcmp(c->arg[0], "ground") == 0)
        return ground(c);
    sm_rc rc = sm_cli_open(c, false, true, &s);
    if (rc < 0)
        return rc;
    rc = sm_eval_run(&c->op, s, sm_cli_text(c, 's', "demo/queries-dev"), sm_sunmao_today(s), &e);
    if (rc == SM_OK && c->json)
        sm_cli_json(c, sm_eval_json(&e), stdout);
    else if (rc == SM_OK)
        sm_eval_print(&e, stdout);
    if (rc == SM_OK && sm_cli_has(c, 'm'))
        fprintf(stderr, "%.*s", SM_ARG(sm_buf_str(&e.misses)));
    sm_eval_done(&e);
    return rc;
}

const sm_command sm_cmd_eval = {
    .name = "eval",
    .summary = "在评测集上量一量各项指标",
    .usage = "用法：sunmao eval [--sets 文件夹] [--misses]\n"
             "      sunmao eval model 名字     评测一个登记的模型，投入生产要有它（sunmao model）\n"
             "      sunmao eval ground 文件…   量一量核对句子的准头（eval/ground）\n"
             "      sunmao eval review 文件夹  量一量审核公文的准头（demo/documents）\n"
             "      sunmao eval speller 文件夹 量一量查错别字的准头：其中的 *.jsonl，有 src、tgt "
             "的分五折来量，\n"
             "                                 有 text 的先学\n\n"
             "  --sets 文件夹   "
             "评测集（single、ambiguous、multi、facet、dialog、policy、out、in_scope、premise、\n"
             "                  paraphrase 各 .jsonl；"
             "                  默认 demo/queries-dev）\n"
             "  --votes 文件    另一个读者的判断，每行 {\"id\",\"holds\"}（tools/ground_votes.py "
             "向模型要来）\n"
             "  --own 文件夹    审核公文用的名录、规则和词表（demo/registry）\n"
             "  --ofd 文件夹    同名的 OFD 在哪里（默认与公文在一起）\n"
             "  --weights       查错别字的权重，写到标准错误\n"
             "  --misses        没答好的逐条写到标准错误",
    .options = options,
    .run = run,
};
