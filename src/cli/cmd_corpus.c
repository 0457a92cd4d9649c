#include "cli/cli.h"

#include <string.h>

static const struct option options[] = { { "kind", required_argument, NULL, 'k' },
                                         { "all", no_argument, NULL, 'a' },
                                         { 0 } };

static sm_rc check(sm_cli *c, sm_sunmao *s)
{
    sm_defect *f;
    size_t n, count[SM_N_FINDINGS] = { 0 };
    sm_rc rc = sm_sunmao_check(&c->op, s, sm_sunmao_today(s), &f, &n);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < n; i++)
        count[f[i].kind]++;
    if (c->json) {
        json_t *list = json_array();
        for (size_t i = 0; i < n; i++)
            json_array_append_new(list, sm_defect_json(&f[i]));
        sm_cli_json(c, json_pack("{s:o}", "findings", list), stdout);
        return SM_OK;
    }
    enum { SHOWN = 20 };
    for (int kind = 0; kind < SM_N_FINDINGS; kind++) {
        printf("%s：%zu\n", sm_defect_title((sm_defect_kind)kind), count[kind]);
        size_t shown = 0;
        for (size_t i = 0; i < n; i++)
            if ((int)f[i].kind == kind && (sm_cli_has(c, 'a') || shown++ < SHOWN))
                printf("  %.*s\n", SM_ARG(f[i].text));
        if (!sm_cli_has(c, 'a') && count[kind] > SHOWN)
            printf("  …另有 %zu 条（--all 全部列出）\n", count[kind] - SHOWN);
    }
    return SM_OK;
}

static sm_rc list(sm_cli *c, sm_sunmao *s)
{
    sm_db *db;
    sm_kind kind;
    sm_doc *doc;
    size_t n;
    sm_rc rc = sm_cli_kind(c, sm_cli_text(c, 'k', "policy"), &kind);
    if (rc == SM_OK)
        rc = sm_sunmao_corpus_db(&c->op, s, &db);
    if (rc == SM_OK)
        rc = sm_corpus_docs(&c->op, db, kind, &doc, &n);
    for (size_t i = 0; rc == SM_OK && i < n; i++) {
        const char *state = sm_state_text(sm_doc_state(&doc[i], sm_sunmao_today(s)));
        if (c->json)
            sm_cli_json(c,
                        json_pack("{s:o,s:o,s:o,s:o,s:s,s:I}", "id", sm_json_of(doc[i].id), "title",
                                  sm_json_of(doc[i].title), "doc_no", sm_json_of(doc[i].doc_no),
                                  "region", sm_json_of(doc[i].region), "state", state, "version",
                                  (json_int_t)doc[i].seq),
                        stdout);
        else
            printf("%.*s\t%s\t%.*s\t%.*s\t第 %lld 版\n", SM_ARG(doc[i].id), state,
                   SM_ARG(doc[i].region), SM_ARG(doc[i].title), (long long)doc[i].seq);
    }
    return rc;
}

static sm_rc show(sm_cli *c, sm_sunmao *s)
{
    sm_db *db;
    sm_doc *doc;
    sm_clause *clause;
    size_t n;
    if (c->n_args < 2)
        return sm_fail(&c->op, SM_E_INVALID, "要看哪一件？例：sunmao corpus show P01");
    sm_rc rc = sm_sunmao_corpus_db(&c->op, s, &db);
    if (rc == SM_OK)
        rc = sm_corpus_doc(&c->op, db, sm_str_of(c->arg[1]), &doc);
    if (rc == SM_OK)
        rc = sm_corpus_clauses(&c->op, db, doc->version, &clause, &n);
    if (rc < 0)
        return rc;
    if (!c->json)
        printf("%.*s 《%.*s》 %s\n", SM_ARG(doc->id), SM_ARG(doc->title),
               sm_state_text(sm_doc_state(doc, sm_sunmao_today(s))));
    for (size_t i = 0; i < n; i++) {
        if (c->json)
            sm_cli_json(c,
                        json_pack("{s:o,s:o,s:o,s:o,s:I}", "path", sm_json_of(clause[i].path),
                                  "heading", sm_json_of(clause[i].heading), "text",
                                  sm_json_of(clause[i].text), "digest",
                                  sm_json_of(clause[i].digest), "pos", (json_int_t)clause[i].pos),
                        stdout);
        else
            printf("[%.*s] %.*s\n", SM_ARG(clause[i].path), SM_ARG(clause[i].text));
    }
    return SM_OK;
}

static const struct {
    const char *name;
    sm_rc (*run)(sm_cli *c, sm_sunmao *s);
    bool writes;
} subcommands[] = { { "check", check, true }, { "list", list, false }, { "show", show, false } };

static sm_rc run(sm_cli *c)
{
    for (size_t i = 0; c->n_args && i < SM_LEN(subcommands); i++)
        if (strcmp(c->arg[0], subcommands[i].name) == 0) {
            sm_sunmao *s;
            sm_rc rc = sm_cli_open(c, !subcommands[i].writes, true, &s);
            return rc < 0 ? rc : subcommands[i].run(c, s);
        }
    return sm_fail(&c->op, SM_E_INVALID, "用法：sunmao corpus check|list|show（--help 看说明）");
}

const sm_command sm_cmd_corpus = {
    .name = "corpus",
    .summary = "语料治理：检查、清单、查看",
    .usage = "用法：sunmao corpus check [--all]          "
             "治理报告：失效、冲突、重复、缺项、死引用、无人答的问题\n"
             "      sunmao corpus list [--kind 种类]     文件清单和效力状态\n"
             "      sunmao corpus show 编号              一件的条款",
    .options = options,
    .run = run,
};
