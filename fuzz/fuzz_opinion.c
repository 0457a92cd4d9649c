/*
 * A document and, behind a line "====", what a model replies to each request about it: whatever it
 * is, a finding quotes the document where it says, once, and no reason names a figure of its own.
 */
#include "fuzz_target.h"

#include "format/official.h"
#include "review/opinion.h"

static const char rules_text[] =
    "{\"id\":\"T1\",\"severity\":\"error\",\"title\":\"t\",\"why\":\"w\",\"checker\":\"pattern\","
    "\"params\":{\"match\":\"罚款[0-9]+元\",\"model\":\"q\"}}\n"
    "{\"id\":\"T2\",\"severity\":\"hint\",\"title\":\"t\",\"why\":\"w\",\"checker\":\"model\","
    "\"params\":{\"model\":\"q\",\"where\":[\"title\",\"h1\"]}}\n";

static sm_rules *rules;
static sm_prompts *prompts;

static void open_once(void)
{
    if (rules)
        return;
    char folder[] = "/tmp/fuzz-opinion-XXXXXX";
    fuzz_must(mkdtemp(folder) != NULL);
    sm_op op;
    sm_op_begin(&op);
    const char *path = sm_path(op.arena, folder, "T.jsonl");
    fuzz_must(sm_file_write(&op, path, sm_str_of(rules_text)) == SM_OK);
    fuzz_must(sm_rules_open(&op, folder, NULL, &rules) == SM_OK);
    fuzz_must(sm_prompts_open(&op, SM_SOURCE_DIR "/share", &prompts) == SM_OK);
    remove(path);
    remove(folder);
    sm_op_end(&op);
}

static void check_finding(sm_op *op, const sm_layout *l, const sm_finding *f)
{
    fuzz_must(f->by_model && f->confidence < .9 && !f->suggests);
    fuzz_must(f->para >= 0 && f->para < (int)l->n_body);
    sm_str text = l->par[f->para].text, before = sm_utf8_head(text, f->start);
    fuzz_must(sm_str_starts(sm_str_sub(text, before.n, text.n), f->text));
    fuzz_must(sm_utf8_count(f->text) == f->end - f->start);
    fuzz_must(f->end - f->start >= 2 && f->end - f->start <= 200);
    fuzz_must(sm_str_find(text, f->text, sm_str_find(text, f->text, 0) + 1) == SIZE_MAX);
    sm_str reason = sm_str_sub(f->why, 1, f->why.n); /* behind the rule's own "w" */
    fuzz_must(sm_ground_holds(op->arena, reason, &text, 1, NULL));
}

static void ask(sm_op *op, const sm_layout *l, sm_str reply)
{
    sm_review *r;
    sm_opinion *x;
    const sm_finding *f;
    json_t *j;
    sm_review_options o = { .today = SM_STR("2026-11-23") };
    if (sm_review_run(op, l, rules, &o, &r) != SM_OK ||
        sm_opinion_begin(op, prompts, l, rules, &o, r, &x) != SM_OK)
        return;
    fuzz_must(sm_opinion_n(x) <= SM_OPINION_REQUESTS + 2);
    for (size_t i = 0; i < sm_opinion_n(x); i++) {
        sm_str body = sm_opinion_request(x, i, SM_STR("m"));
        fuzz_must(sm_json_parse(op, body, "request", &j) == SM_OK);
        sm_opinion_replied(x, i, reply);
    }
    size_t n = sm_opinion_found(x, &f);
    fuzz_must(n <= SM_OPINION_FINDINGS);
    for (size_t i = 0; i < n; i++)
        check_finding(op, l, &f[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sm_str all = { (const char *)data, size }, mark = SM_STR("\n====\n");
    size_t cut = sm_str_find(all, mark, 0);
    sm_layout *l;
    sm_op op;
    if (cut == SIZE_MAX)
        return 0;
    open_once();
    sm_op_begin(&op);
    if (sm_official_read(&op, "notation", sm_str_sub(all, 0, cut), &l) == SM_OK)
        ask(&op, l, sm_str_sub(all, cut + mark.n, all.n));
    sm_op_end(&op);
    return 0;
}
