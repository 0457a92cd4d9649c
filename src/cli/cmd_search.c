#include "cli/cli.h"

static const struct option options[] = {
    { "kind", required_argument, NULL, 'k' },
    { "top", required_argument, NULL, 't' },
    { "batch", required_argument, NULL, 'b' },
    { "out", required_argument, NULL, 'o' },
    { "lexical", no_argument, NULL, 'l' },
    { "in-force", no_argument, NULL, 'f' },
    { 0 },
};

struct batch {
    sm_sunmao *s;
    sm_kind kind;
    size_t top;
    bool lexical;
    sm_date as_of;
};

static sm_rc search_line(sm_op *op, void *ctx, json_t *in, json_t *out)
{
    struct batch *b = ctx;
    sm_found *found;
    size_t n;
    if (!json_is_string(json_object_get(in, "text")))
        return sm_fail(op, SM_E_INVALID, "缺少文字 text");
    sm_rc rc = sm_sunmao_search(op, b->s, b->kind, sm_json_str(in, "text"), b->top, b->as_of, false,
                                &found, &n, b->lexical);
    if (rc < 0)
        return rc;
    json_t *hits = json_array();
    for (size_t i = 0; i < n; i++) {
        json_t *h =
            json_pack("{s:o,s:f}", "id", sm_json_of(found[i].hit.id), "score", found[i].hit.score);
        if (b->kind == SM_KIND_POLICY)
            json_object_set_new(h, "clause", sm_json_of(found[i].hit.clause));
        json_array_append_new(hits, h);
    }
    json_object_set_new(out, "hits", hits);
    return SM_OK;
}

static sm_rc search_one(sm_cli *c, struct batch *b)
{
    sm_found *found;
    size_t n;
    sm_buf text;
    sm_str query;
    sm_buf_init(&text, SM_QUESTION_MAX_BYTES);
    for (int i = 0; i < c->n_args; i++)
        sm_buf_addf(&text, "%s%s", i ? " " : "", c->arg[i]);
    sm_rc rc = sm_buf_take(&c->op, &text, &query);
    if (rc == SM_OK)
        rc = sm_sunmao_search(&c->op, b->s, b->kind, query, b->top, b->as_of, true, &found, &n,
                              b->lexical);
    for (size_t i = 0; rc == SM_OK && i < n; i++) {
        const sm_found *f = &found[i];
        if (c->json) {
            sm_cli_json(c,
                        json_pack("{s:o,s:o,s:o,s:o,s:s,s:f}", "id", sm_json_of(f->hit.id),
                                  "clause", sm_json_of(f->hit.clause), "title",
                                  sm_json_of(f->title), "text", sm_json_of(f->text), "state",
                                  sm_state_text(f->state), "score", f->hit.score),
                        stdout);
            continue;
        }
        printf("%2zu. %.*s %.*s  《%.*s》 %s  %.3f\n", i + 1, SM_ARG(f->hit.id),
               SM_ARG(f->hit.clause), SM_ARG(f->title), sm_state_text(f->state), f->hit.score);
        printf("    %.*s\n", SM_ARG(f->text));
    }
    return rc;
}

static sm_rc run(sm_cli *c)
{
    int64_t top = sm_cli_has(c, 'b') ? 100 : 10;
    struct batch b = { .lexical = sm_cli_has(c, 'l'), .as_of = SM_DATE_NONE };
    sm_rc rc = sm_cli_kind(c, sm_cli_text(c, 'k', "item"), &b.kind);
    if (rc == SM_OK)
        rc = sm_cli_int(c, 't', 1, 1000, &top);
    if (rc == SM_OK)
        rc = sm_cli_open(c, true, true, &b.s);
    if (rc < 0)
        return rc;
    b.top = (size_t)top;
    if (sm_cli_has(c, 'f'))
        b.as_of = sm_sunmao_today(b.s);
    if (sm_cli_has(c, 'b'))
        return sm_cli_batch(c, sm_cli_text(c, 'b', NULL), sm_cli_text(c, 'o', NULL), search_line,
                            &b);
    if (c->n_args == 0)
        return sm_fail(&c->op, SM_E_INVALID, "要查什么？例：sunmao search --kind policy 购房补贴");
    return search_one(c, &b);
}

const sm_command sm_cmd_search = {
    .name = "search",
    .summary = "查找事项、政策条款、法规条文",
    .usage = "用法：sunmao search [--kind item|policy|law] [--top N] 词语\n"
             "      sunmao search --batch IN.jsonl --kind law --top 100 [--out OUT.jsonl]\n\n"
             "  --kind 种类   item（默认）、policy、law\n"
             "  --top N       最多几条（1 到 1000；默认 10，批量默认 100）\n"
             "  --in-force    只要今天现行有效的\n"
             "  --lexical     不用训练出的模型，只按字面\n"
             "  --batch 文件  逐行读 {\"id\",\"text\"}，写 {\"id\",\"hits\":[{\"id\",\"score\"}]}",
    .options = options,
    .run = run,
};
