/*
 * The notation of an official document, and its review: every finding lies where it says, and the
 * words at that place are its own.
 */
#include "fuzz_target.h"

#include "format/official.h"
#include "review/inner.h"

static const char rules_text[] =
    "{\"id\":\"T1\",\"severity\":\"hint\",\"title\":\"t\",\"checker\":\"pattern\",\"params\":"
    "{\"patterns\":[{\"match\":\"[0-9]+(年|月)?\",\"suggest\":\"$1$0\"},{\"match\":\"的*\","
    "\"unless\":"
    "\"了\",\"near\":2}]}}\n"
    "{\"id\":\"T2\",\"severity\":\"hint\",\"title\":\"t\",\"checker\":\"dictionary\",\"params\":"
    "{\"words\":{\"关于\":\"对于\",\"通\":\"\",\"一\":null},\"unless\":[\"一、\",\"通知\"]}}\n";

static sm_rules *open_rules(void)
{
    static sm_rules *rules;
    if (rules)
        return rules;
    char folder[] = "/tmp/fuzz-review-XXXXXX";
    fuzz_must(mkdtemp(folder) != NULL);
    sm_op op;
    sm_op_begin(&op);
    const char *path = sm_path(op.arena, folder, "T.jsonl");
    fuzz_must(sm_file_write(&op, path, sm_str_of(rules_text)) == SM_OK);
    fuzz_must(sm_rules_open(&op, folder, NULL, &rules) == SM_OK);
    remove(path);
    remove(folder);
    sm_op_end(&op);
    return rules;
}

/* Pasted: lines without a font. */
static void make_bare(sm_layout *l)
{
    for (size_t i = 0; i < l->n_pars; i++) {
        l->par[i].n_runs = 0;
        l->par[i].breaks = false;
        l->par[i].align = SM_ALIGN_UNKNOWN;
        l->par[i].first = l->par[i].first_chars = 0;
    }
}

static void check_outline(sm_op *op, const sm_layout *l)
{
    sm_outline o;
    if (sm_outline_read(op, l, NULL, &o) != SM_OK)
        return;
    for (size_t i = 0; i < o.n; i++) {
        const sm_line *line = &o.line[i];
        fuzz_must(line->role < SM_N_ROLES && line->para >= 0 && (size_t)line->para < l->n_body);
        fuzz_must(line->text.n + line->label.n <= 2 * line->par->text.n);
        fuzz_must(line->doc >= 0 && (!line->text.n || sm_utf8_valid(line->rest, NULL)));
    }
    fuzz_must(!o.date.n || sm_date_parse(o.date) != SM_DATE_NONE);
}

static void check_review(sm_op *op, const sm_layout *l, const sm_rules *rules)
{
    sm_review *r = NULL;
    sm_review_options o = { .today = SM_STR("2026-11-23") };
    if (sm_review_run(op, l, rules, &o, &r) != SM_OK) {
        fuzz_must(op->msg.n > 0 && !r);
        return;
    }
    int para = -1;
    for (size_t i = 0; i < r->n; i++) {
        const sm_finding *f = &r->finding[i];
        fuzz_must(f->para >= para && f->para < (int)l->n_body && f->start <= f->end);
        para = f->para;
        if (para < 0)
            continue;
        sm_str text = l->par[para].text, before = sm_utf8_head(text, f->start);
        fuzz_must(sm_str_starts(sm_str_sub(text, before.n, text.n), f->text));
        fuzz_must(f->text.n > 0 && sm_utf8_count(f->text) == f->end - f->start);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const sm_rules *rules = open_rules();
    sm_op op;
    sm_op_begin(&op);
    sm_layout *l = NULL;
    sm_str text = { (const char *)data, size };
    if (sm_official_read(&op, "notation", text, &l) == SM_OK) {
        for (size_t i = 0; i < l->n_pars; i++)
            fuzz_check_line(sm_str_trim(l->par[i].text));
        check_outline(&op, l);
        check_review(&op, l, rules);
        make_bare(l);
        sm_op_clear(&op);
        check_outline(&op, l);
        check_review(&op, l, rules);
    } else
        fuzz_must(op.msg.n > 0);
    sm_op_end(&op);
    return 0;
}
