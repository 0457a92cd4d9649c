#include <stdlib.h>
#include <string.h>

#include "search_bench.h"
#include "text/text.h"

enum { MAX_TOKENS = 1 << 16 };

/* ------------------------------------------------------------------- reading */

struct lines {
    FILE *f;
    char *line;
    size_t cap;
};

static bool next_object(sm_op *op, struct lines *l, json_t **out)
{
    ssize_t n;
    while ((n = getline(&l->line, &l->cap, l->f)) > 0) {
        sm_str s = sm_str_trim((sm_str){ l->line, (size_t)n });
        if (s.n == 0)
            continue;
        if (sm_json_parse(op, s, "data", out) == SM_OK)
            return true;
        fprintf(stderr, "bench_search: %.*s\n", SM_ARG(op->msg));
        exit(1);
    }
    return false;
}

static FILE *unpacked(const char *path)
{
    char command[1200];
    if (!sm_file_exists(path) || strchr(path, '\''))
        return NULL;
    snprintf(command, sizeof(command), "xz -dc '%s'", path);
    return popen(command, "r");
}

static sm_str copy(sm_arena *a, const json_t *row, const char *key)
{
    return sm_str_dup(a, sm_json_str(row, key));
}

/* "…法第三条" without its article. */
static sm_str law_of(sm_str title)
{
    size_t at = 0, cut = SIZE_MAX;
    while ((at = sm_str_find(title, SM_STR("第"), at)) != SIZE_MAX)
        cut = at++;
    return cut == SIZE_MAX || cut == 0 ? title : sm_str_sub(title, 0, cut);
}

static bool read_passages(sm_op *op, const char *path, struct passages *out)
{
    struct lines l = { .f = unpacked(path) };
    json_t *row;
    sm_op step;
    if (!l.f)
        return false;
    sm_op_begin(&step);
    while (next_object(&step, &l, &row)) {
        SM_GROW(op->arena, out->p, out->n, out->cap);
        sm_passage *p = &out->p[out->n];
        *p = (sm_passage){ .id = copy(op->arena, row, "id"),
                           .title = copy(op->arena, row, "title"),
                           .parent = copy(op->arena, row, "law"),
                           .heading = copy(op->arena, row, "chapter"),
                           .body = copy(op->arena, row, "text"),
                           .row = (int64_t)++out->n,
                           .effective = SM_DATE_NONE,
                           .ends = SM_DATE_NONE };
        if (p->parent.n == 0)
            p->parent = law_of(p->title);
        p->title = p->parent; /* as sm_corpus_passages gives a law's articles */
        sm_arena_reset(step.arena);
    }
    sm_op_end(&step);
    free(l.line);
    pclose(l.f);
    return true;
}

bool read_laws(sm_op *op, const char *dir, const char *name, struct passages *out)
{
    return read_passages(op, sm_strf(op->arena, "%s/laws/%s.jsonl.xz", dir, name).p, out);
}

static void read_golds(sm_op *op, sm_str text, const struct passages *corpus, struct questions *q,
                       const sm_str *id)
{
    sm_str line, question, passage;
    while (sm_str_cut(&text, '\n', &line)) {
        if (!sm_str_cut(&line, '\t', &question) || !sm_str_cut(&line, '\t', &passage))
            continue;
        int64_t at = -1;
        size_t k = 0;
        while (k < q->n && !sm_str_eq(id[k], question))
            k++;
        /* STARD's ids count its rows from 0 */
        if (k == q->n || !sm_str_to_int(passage, &at) || at < 0 || (size_t)at >= corpus->n ||
            !sm_str_eq(corpus->p[at].id, passage)) {
            fprintf(stderr, "bench_search: a judgement of nothing: %.*s\n", SM_ARG(passage));
            exit(1);
        }
        struct gold *g = &q->gold[k];
        SM_GROW(op->arena, g->passage, g->n, g->cap);
        g->passage[g->n++] = (uint32_t)at;
    }
}

bool read_stard(sm_op *op, const char *dir, struct passages *corpus, struct questions *out)
{
    sm_str text, line, *id = NULL;
    json_t *row;
    size_t n_ids = 0, cap = 0;
    if (!read_passages(op, sm_strf(op->arena, "%s/stard/corpus.jsonl.xz", dir).p, corpus) ||
        sm_file_read(op, sm_strf(op->arena, "%s/stard/queries-train.jsonl", dir).p, 1 << 28,
                     &text) < 0) {
        sm_op_clear(op);
        return false;
    }
    while (sm_str_cut(&text, '\n', &line)) {
        if (line.n == 0 || sm_json_parse(op, line, "queries", &row) < 0)
            continue;
        SM_GROW(op->arena, out->text, out->n, out->cap);
        out->text[out->n++] = sm_json_str(row, "text");
        SM_GROW(op->arena, id, n_ids, cap);
        id[n_ids++] = sm_json_str(row, "id");
    }
    out->gold = SM_NEWS(op->arena, struct gold, out->n + 1);
    if (sm_file_read(op, sm_strf(op->arena, "%s/stard/qrels-train.tsv", dir).p, 1 << 28, &text) < 0)
        return false;
    read_golds(op, text, corpus, out, id);
    return true;
}

/* -------------------------------------------------------------------- making */

static sm_str half(sm_str s, bool second)
{
    size_t chars = sm_utf8_count(s);
    sm_str head = sm_utf8_head(s, chars / 2);
    return second ? sm_str_sub(s, head.n, s.n) : head;
}

void recombine(sm_op *op, const struct passages *from, size_t n, struct passages *out)
{
    sm_rng rng = { 20261123 };
    out->p = SM_NEWS(op->arena, sm_passage, n);
    for (out->n = 0; out->n < n; out->n++) {
        const sm_passage *a = &from->p[sm_rng_below(&rng, (uint32_t)from->n)];
        const sm_passage *b = &from->p[sm_rng_below(&rng, (uint32_t)from->n)];
        sm_str one = half(a->body, false), two = half(b->body, true);
        out->p[out->n] = *a;
        out->p[out->n].row = (int64_t)out->n + 1;
        out->p[out->n].id = sm_strf(op->arena, "R%zu", out->n);
        out->p[out->n].body = sm_strf(op->arena, "%.*s%.*s", SM_ARG(one), SM_ARG(two));
    }
}

/* -------------------------------------------------------------------- tokens */

static void add_tokens(uint64_t **token, size_t *n, size_t *cap, sm_arena *scratch, sm_str text,
                       unsigned flags, bool distinct)
{
    uint64_t *of = SM_NEWS(scratch, uint64_t, text.n + 1);
    size_t m = sm_text_tokens(sm_text_normal(scratch, text), flags, of, text.n + 1), first = *n;
    for (size_t i = 0; i < m; i++) {
        bool seen = false;
        for (size_t k = first; distinct && k < *n && !seen; k++)
            seen = (*token)[k] == of[i];
        if (seen)
            continue;
        if (*n == *cap) {
            *cap = *cap ? 2 * *cap : MAX_TOKENS;
            *token = realloc(*token, *cap * sizeof(**token));
            if (!*token)
                abort();
        }
        (*token)[(*n)++] = of[i];
    }
}

static void free_tokens(void *p)
{
    free(p);
}

struct token_lists tokens_of(sm_arena *a, const struct passages *p)
{
    sm_arena *scratch = sm_arena_open();
    size_t *off = SM_NEWS(a, size_t, p->n + 1), n = 0, cap = 0;
    uint64_t *token = NULL;
    for (size_t i = 0; i < p->n; i++) {
        const sm_str field[] = { p->p[i].title, p->p[i].heading, p->p[i].body };
        for (size_t f = 0; f < SM_LEN(field); f++)
            add_tokens(&token, &n, &cap, scratch, field[f], SM_TOKEN_BI, false);
        off[i + 1] = n;
        sm_arena_reset(scratch);
    }
    sm_arena_close(scratch);
    sm_arena_defer(a, free_tokens, token);
    return (struct token_lists){ token, off, p->n };
}

struct token_lists question_tokens(sm_arena *a, const struct questions *q, unsigned flags)
{
    sm_arena *scratch = sm_arena_open();
    size_t *off = SM_NEWS(a, size_t, q->n + 1), n = 0, cap = 0;
    uint64_t *token = NULL;
    for (size_t i = 0; i < q->n; i++) {
        add_tokens(&token, &n, &cap, scratch, q->text[i], flags, true);
        off[i + 1] = n;
    }
    sm_arena_close(scratch);
    sm_arena_defer(a, free_tokens, token);
    return (struct token_lists){ token, off, q->n };
}
