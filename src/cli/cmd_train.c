#include "cli/cli.h"

#include <string.h>

static const struct option options[] = {
    { "kind", required_argument, NULL, 'k' }, { "pairs", required_argument, NULL, 'p' },
    { "from", required_argument, NULL, 'f' }, { "force", no_argument, NULL, 'F' },
    { "no-gbdt", no_argument, NULL, 'G' },    { 0 },
};

static sm_rc read_pairs(sm_cli *c, sm_sunmao *s, sm_kind kind, sm_pair **pair, size_t *n)
{
    const char *from = sm_cli_text(c, 'f', NULL);
    if (from && sm_cli_has(c, 'p'))
        return sm_fail(&c->op, SM_E_INVALID, "--from log 和 --pairs 一次只能用一个");
    if (from && strcmp(from, "log") == 0)
        return sm_pairs_of_ledger(&c->op, s, kind, pair, n);
    if (from || !sm_cli_has(c, 'p'))
        return sm_fail(&c->op, SM_E_INVALID, "给出 --pairs 文件，或用 --from log 从台账里学");
    sm_rc rc = sm_pairs_read(&c->op, sm_cli_text(c, 'p', NULL), pair, n);
    for (int i = 0; rc == SM_OK && i < c->n_args; i++) { /* further files */
        sm_pair *more;
        size_t n_more;
        rc = sm_pairs_read(&c->op, c->arg[i], &more, &n_more);
        if (rc < 0)
            break;
        sm_pair *all = SM_NEWS(c->op.arena, sm_pair, *n + n_more + 1);
        memcpy(all, *pair, *n * sizeof(*all));
        memcpy(all + *n, more, n_more * sizeof(*all));
        *pair = all;
        *n += n_more;
    }
    return rc;
}

/* sunmao train speller [FILE…] */
static sm_rc speller(sm_cli *c)
{
    sm_sunmao *s;
    sm_spell_report r;
    sm_rc rc = sm_cli_open(c, false, true, &s);
    if (rc == SM_OK)
        rc = sm_sunmao_train_speller(&c->op, s, (const char *const *)c->arg + 1,
                                     (size_t)c->n_args - 1, &r);
    if (rc < 0)
        return rc;
    if (c->json)
        sm_cli_json(
            c,
            json_pack("{s:I,s:I}", "chars", (json_int_t)r.n_chars, "bytes", (json_int_t)r.n_bytes),
            stdout);
    else
        printf("学了%llu字，模型%.1f兆字节；此后的审核用它查错别字（规则SP-01）\n",
               (unsigned long long)r.n_chars, (double)r.n_bytes / 1e6);
    return SM_OK;
}

static sm_rc run(sm_cli *c)
{
    if (c->n_args && strcmp(c->arg[0], "speller") == 0)
        return speller(c);
    sm_sunmao *s;
    sm_kind kind;
    sm_pair *pair;
    size_t n;
    sm_train_report *r;
    sm_train_options o = { .gbdt = !sm_cli_has(c, 'G'), .force = sm_cli_has(c, 'F') };
    sm_rc rc = sm_cli_kind(c, sm_cli_text(c, 'k', "item"), &kind);
    if (rc == SM_OK)
        rc = sm_cli_open(c, false, true, &s);
    if (rc == SM_OK)
        rc = read_pairs(c, s, kind, &pair, &n);
    if (rc == SM_OK && n == 0)
        rc = sm_fail(&c->op, SM_E_INVALID,
                     "没有可学的样本（台账里要有经人确认的问题，见 sunmao ledger feedback）");
    if (rc == SM_OK)
        rc = sm_sunmao_train(&c->op, s, kind, pair, n, &o, &r);
    if (rc < 0)
        return rc;
    if (c->json)
        sm_cli_json(c, sm_train_json(r), stdout);
    else
        printf("%.*s\n", SM_ARG(r->text));
    return SM_OK;
}

const sm_command sm_cmd_train = {
    .name = "train",
    .summary = "从“问法→事项”里学，不差于现在的才换上",
    .usage =
        "用法：sunmao train [--kind item|policy|law] --pairs PAIRS.jsonl [更多文件…]\n"
        "      sunmao train --from log\n"
        "      sunmao train speller [文件…]   从法规、政策和以往公文里学用字，审核时查错别字\n\n"
        "  --pairs 文件   逐行 {\"text\",\"id\"}；事项的 id 是它的编码，政策的是 "
        "编号#条款；可加：\n"
        "                   ids      代替 id：几个编码都说得通；two 为 true 时是一句问两件\n"
        "                   time     日期；最新的留作检验\n"
        "                   facet    问的是事项的哪一项，如 materials、fee\n"
        "                   after    说这句话时正在谈的事项\n"
        "                   offered  当时给出的选项（编码）\n"
        "  --from log     用台账里经人确认的问题，连同上次训练用过的\n"
        "  --no-gbdt      不用提升树\n"
        "  --force        不比较，直接换上",
    .options = options,
    .run = run,
};
