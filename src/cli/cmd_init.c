#include "cli/cli.h"

static const struct option options[] = { { "regions", required_argument, NULL, 'r' }, { 0 } };

static sm_rc run(sm_cli *c)
{
    sm_sunmao *s;
    sm_rc rc = sm_cli_open(c, false, false, &s);
    if (rc == SM_OK && sm_cli_has(c, 'r'))
        rc = sm_sunmao_regions(&c->op, s, sm_cli_text(c, 'r', NULL));
    if (rc < 0)
        return rc;
    if (c->json)
        sm_cli_json(c, json_pack("{s:s}", "data", c->data), stdout);
    else
        printf("数据目录已备好：%s\n", c->data);
    return SM_OK;
}

const sm_command sm_cmd_init = {
    .name = "init",
    .summary = "建立数据目录，设定本市的区县",
    .usage = "用法：sunmao init [--regions 区划.tsv]\n\n"
             "  --regions 文件   每行“地名<TAB>上级”，第一行是本市自己，如：\n"
             "                   云澜市\t全省\n"
             "                   江北区\t云澜市",
    .options = options,
    .run = run,
};
