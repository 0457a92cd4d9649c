#include "cli/cli.h"

static const struct option options[] = {
    { "kind", required_argument, NULL, 'k' },
    { "strict", no_argument, NULL, 's' },
    { "notes", required_argument, NULL, 'n' },
    { 0 },
};

static const char *const level_text[] = {
    [SM_NOTE_WARNING] = "提醒", [SM_NOTE_REFUSED] = "拒收", [SM_NOTE_ALERT] = "警报"
};

static void print_report(sm_cli *c, const sm_import_report *r, int64_t max_notes)
{
    if (c->json) {
        sm_cli_json(c, sm_import_json(r), stdout);
        return;
    }
    printf("读到 %lld 件：新增 %lld，更新 %lld，未变 %lld，拒收 %lld；条款 %lld；提醒 "
           "%lld；隐去个人信息 %lld 处\n",
           (long long)r->n_seen, (long long)r->n_new, (long long)r->n_changed, (long long)r->n_same,
           (long long)r->n_refused, (long long)r->n_clauses, (long long)r->n_warnings,
           (long long)r->n_masked);
    int64_t shown = 0, warnings = 0;
    for (size_t i = 0; i < r->n_notes; i++) {
        const sm_note *n = &r->note[i];
        if (n->level == SM_NOTE_WARNING && ++warnings > max_notes)
            continue;
        printf("%s %.*s  %.*s：%.*s\n", level_text[n->level], SM_ARG(n->code), SM_ARG(n->where),
               SM_ARG(n->text));
        shown++;
    }
    if (shown < (int64_t)r->n_notes)
        printf("另有 %lld 条提醒没有列出（--notes N 多列一些，--json 全部列出）\n",
               (long long)r->n_notes - (long long)shown);
}

static sm_rc run(sm_cli *c)
{
    sm_sunmao *s;
    sm_kind kind;
    sm_import_report *report;
    int64_t max_notes = 10;
    sm_rc rc = sm_cli_kind(c, sm_cli_text(c, 'k', NULL), &kind);
    if (rc == SM_OK)
        rc = sm_cli_int(c, 'n', 0, 1000000, &max_notes);
    if (rc == SM_OK && c->n_args == 0)
        rc = sm_fail(&c->op, SM_E_INVALID,
                     "要导入哪些文件？例：sunmao import --kind item items.jsonl");
    if (rc == SM_OK)
        rc = sm_cli_open(c, false, false, &s);
    if (rc == SM_OK)
        rc = sm_sunmao_import(&c->op, s, kind, (const char *const *)c->arg, (size_t)c->n_args,
                              sm_cli_has(c, 's'), &report);
    if (rc == SM_OK)
        print_report(c, report, max_notes);
    return rc;
}

const sm_command sm_cmd_import = {
    .name = "import",
    .summary = "导入事项、政策、法规（再导一次只收有变化的）",
    .usage = "用法：sunmao import --kind item|policy|law [--strict] 文件或文件夹…\n\n"
             "  --kind 种类   item：事项 "
             "JSONL；policy：Markdown、纯文本、HTML、DOCX、JSONL；law：JSONL 或同上\n"
             "  --strict      有一件拒收就整批不收，并以出错退出\n"
             "  --notes N     最多列出几条提醒（默认 10；拒收和警报总是列出）",
    .options = options,
    .run = run,
};
