#include "cli/cli.h"

#include <string.h>

static const struct option options[] = { { "limit", required_argument, NULL, 'l' },
                                         { "id", required_argument, NULL, 'i' },
                                         { "session", required_argument, NULL, 's' },
                                         { 0 } };

static sm_rc verify(sm_cli *c, sm_db *db)
{
    int64_t n;
    sm_rc rc = sm_ledger_verify(&c->op, db, &n);
    if (rc < 0)
        return rc;
    if (c->json)
        sm_cli_json(c, json_pack("{s:b,s:I}", "whole", 1, "records", (json_int_t)n), stdout);
    else
        printf("台账完整：%lld 条记录，链条没有断\n", (long long)n);
    return SM_OK;
}

static sm_rc list(sm_cli *c, sm_db *db)
{
    int64_t limit = 20;
    sm_ledger_row *row;
    size_t n;
    sm_rc rc = sm_cli_int(c, 'l', 1, 1000000, &limit);
    if (rc == SM_OK)
        rc = sm_ledger_list(&c->op, db, limit, &row, &n);
    for (size_t i = 0; rc == SM_OK && i < n; i++) {
        if (c->json)
            sm_cli_json(c,
                        json_pack("{s:I,s:I,s:o,s:o,s:o,s:o,s:o}", "id", (json_int_t)row[i].id,
                                  "time", (json_int_t)row[i].time_ms, "question",
                                  sm_json_of(row[i].question), "act", sm_json_of(row[i].act),
                                  "reason", sm_json_of(row[i].reason), "top",
                                  sm_json_of(row[i].top), "verdict", sm_json_of(row[i].verdict)),
                        stdout);
        else
            printf("%lld\t%.*s/%.*s\t%.*s\t%.*s\t%.*s\n", (long long)row[i].id, SM_ARG(row[i].act),
                   SM_ARG(row[i].reason), SM_ARG(row[i].top), SM_ARG(row[i].verdict),
                   SM_ARG(row[i].question));
    }
    return rc;
}

static sm_rc feedback(sm_cli *c, sm_db *db)
{
    int64_t id = 0;
    sm_rc rc = sm_cli_int(c, 'i', 1, INT64_MAX, &id);
    if (rc == SM_OK && (id == 0 || c->n_args != 2))
        rc = sm_fail(&c->op, SM_E_INVALID,
                     "用法：sunmao ledger feedback --id 号 right|wrong|out|chose:编码");
    if (rc == SM_OK)
        rc = sm_ledger_feedback(&c->op, db, id, sm_str_of(c->arg[1]));
    return rc;
}

static sm_rc forget(sm_cli *c, sm_db *db)
{
    int64_t id = 0, n;
    sm_str session = sm_str_of(sm_cli_text(c, 's', NULL));
    sm_rc rc = sm_cli_int(c, 'i', 1, INT64_MAX, &id);
    if (rc == SM_OK && id == 0 && session.n == 0)
        rc = sm_fail(&c->op, SM_E_INVALID, "用法：sunmao ledger forget --id 号，或 --session 名");
    if (rc == SM_OK)
        rc = sm_ledger_forget(&c->op, db, id, session, &n);
    if (rc < 0)
        return rc;
    if (c->json)
        sm_cli_json(c, json_pack("{s:I}", "forgotten", (json_int_t)n), stdout);
    else
        printf("已删去 %lld 条记录的个人文字，链条保持完整\n", (long long)n);
    return SM_OK;
}

static const struct {
    const char *name;
    sm_rc (*run)(sm_cli *c, sm_db *db);
} subcommands[] = {
    { "verify", verify }, { "list", list }, { "feedback", feedback }, { "forget", forget }
};

static sm_rc run(sm_cli *c)
{
    for (size_t i = 0; c->n_args && i < SM_LEN(subcommands); i++) {
        if (strcmp(c->arg[0], subcommands[i].name) != 0)
            continue;
        sm_sunmao *s;
        sm_db *db;
        sm_rc rc = sm_cli_open(c, false, true, &s);
        if (rc == SM_OK)
            rc = sm_sunmao_record_db(&c->op, s, &db);
        return rc < 0 ? rc : subcommands[i].run(c, db);
    }
    return sm_fail(&c->op, SM_E_INVALID,
                   "用法：sunmao ledger verify|list|feedback|forget（--help 看说明）");
}

const sm_command sm_cmd_ledger = {
    .name = "ledger",
    .summary = "台账：查看、核验、记反馈、依法删除个人文字",
    .usage = "用法：sunmao ledger verify                      核验链条\n"
             "      sunmao ledger list [--limit N]            最近的记录\n"
             "      sunmao ledger feedback --id 号 right|wrong|out|chose:编码\n"
             "                                                out：不归本地管\n"
             "      sunmao ledger forget --id 号 | --session 名",
    .options = options,
    .run = run,
};
