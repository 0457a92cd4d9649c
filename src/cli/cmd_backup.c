#include "cli/cli.h"

static sm_rc one_folder(sm_cli *c, const char *example)
{
    return c->n_args == 1 ? SM_OK
                          : sm_fail(&c->op, SM_E_INVALID, "给出一个文件夹。例：%s", example);
}

static void done(sm_cli *c, const char *what, const char *where)
{
    if (c->json)
        sm_cli_json(c, json_pack("{s:s}", "folder", where), stdout);
    else
        printf("%s：%s\n", what, where);
}

static sm_rc backup(sm_cli *c)
{
    sm_sunmao *s;
    sm_rc rc = one_folder(c, "sunmao backup --data DIR /备份/1123");
    if (rc == SM_OK)
        rc = sm_cli_open(c, true, true, &s);
    if (rc == SM_OK)
        rc = sm_sunmao_backup(&c->op, s, c->arg[0]);
    if (rc == SM_OK)
        done(c, "已备份到", c->arg[0]);
    return rc;
}

const sm_command sm_cmd_backup = {
    .name = "backup",
    .summary = "备份数据目录（使用中也可以）",
    .usage = "用法：sunmao backup --data DIR 空文件夹",
    .run = backup,
};

static sm_rc restore(sm_cli *c)
{
    sm_rc rc = one_folder(c, "sunmao restore --data 新目录 /备份/1123");
    if (rc == SM_OK)
        rc = sm_sunmao_restore(&c->op, c->arg[0], c->data);
    if (rc == SM_OK)
        done(c, "已恢复到", c->data);
    return rc;
}

const sm_command sm_cmd_restore = {
    .name = "restore",
    .summary = "从备份恢复到一个空目录",
    .usage = "用法：sunmao restore --data 空目录 备份文件夹",
    .run = restore,
};

static sm_rc verify(sm_cli *c)
{
    sm_sunmao *s;
    sm_verify_report r;
    sm_rc rc = sm_cli_open(c, true, true, &s);
    if (rc == SM_OK)
        rc = sm_sunmao_verify(&c->op, s, &r);
    if (rc < 0)
        return rc;
    if (c->json)
        sm_cli_json(c,
                    json_pack("{s:I,s:I,s:I,s:I}", "documents", (json_int_t)r.n_documents,
                              "clauses", (json_int_t)r.n_clauses, "records",
                              (json_int_t)r.n_records, "index_files", (json_int_t)r.n_index_files),
                    stdout);
    else
        printf("数据目录完好：文件 %lld 件，条款 %lld 条，台账 %lld 条，索引和模型 %lld 个\n",
               (long long)r.n_documents, (long long)r.n_clauses, (long long)r.n_records,
               (long long)r.n_index_files);
    return SM_OK;
}

const sm_command sm_cmd_verify = {
    .name = "verify",
    .summary = "核验数据库、条款摘要、台账链条和索引",
    .usage = "用法：sunmao verify --data DIR",
    .run = verify,
};
