/* What a text says that its evidence does not: {"evidence","items","text"} a line in, {"facts":N,
 * "foreign":[…]} a line out; with "forms", {"gbnf","schema"}.  It asks the scanner itself and knows
 * nothing of the mask. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ground/ground.h"
#include "said.h"

typedef struct asked {
    sm_op *op;
    const json_t *in;
    sm_evidence *e;
    json_t *foreign;
} asked;

static void report(asked *q, sm_str what)
{
    json_array_append_new(q->foreign, sm_json_of(what));
}

static bool has_key(sm_arena *a, sm_str text, sm_str key)
{
    sm_fact *fact;
    size_t n = sm_text_facts_all(a, text, NULL, &fact);
    for (size_t i = 0; i < n; i++)
        if (sm_str_eq(fact[i].key, key))
            return true;
    return false;
}

static bool is_held(asked *q, const sm_fact *f)
{
    sm_arena *a = q->op->arena;
    size_t i;
    json_t *item;
    for (size_t k = 0; k < sm_evidence_n(q->e); k++) {
        const sm_source *s = sm_evidence_source(q->e, k);
        if (has_key(a, s->text, f->key) || has_key(a, s->title, f->key))
            return true;
    }
    json_array_foreach(json_object_get(q->in, "items"), i, item)
    {
        sm_str title = sm_strf(a, "《%s》", json_string_value(item));
        if (f->kind == SM_FACT_TITLE && has_key(a, title, f->key))
            return true;
    }
    return false;
}

static bool is_quotable(asked *q, sm_str body)
{
    size_t i;
    json_t *item;
    for (size_t k = 0; k < sm_evidence_n(q->e); k++)
        if (sm_str_has(sm_evidence_source(q->e, k)->text, body))
            return true;
    json_array_foreach(json_object_get(q->in, "items"), i, item)
    {
        if (sm_str_eq(sm_str_of(json_string_value(item)), body))
            return true;
    }
    return false;
}

static void check_quotes(asked *q, sm_str text, const char *open, const char *close)
{
    for (size_t at = 0; (at = sm_str_find(text, sm_str_of(open), at)) != SIZE_MAX;) {
        at += strlen(open);
        size_t end = sm_str_find(text, sm_str_of(close), at);
        sm_str body = sm_str_sub(text, at, SM_MIN(end, text.n));
        if (end == SIZE_MAX || !is_quotable(q, body))
            report(q, body);
    }
}

/* [n] and <n.m>, <n.m-k>. */
static void check_marks(asked *q, sm_str text)
{
    for (size_t i = 0; i + 1 < text.n; i++) {
        char open = text.p[i];
        if ((open != '[' && open != '<') || text.p[i + 1] < '0' || text.p[i + 1] > '9')
            continue;
        size_t n = 0, m = 0, k = 0;
        int bytes = 0;
        char *s = sm_cstr(q->op->arena, sm_str_sub(text, i, SM_MIN(i + 40, text.n)));
        const sm_str *sentence;
        bool fine = open == '['
                        ? sscanf(s, "[%zu]%n", &n, &bytes) == 1 && bytes
                        : (sscanf(s, "<%zu.%zu>%n", &n, &m, &bytes) == 2 && bytes) ||
                              (sscanf(s, "<%zu.%zu-%zu>%n", &n, &m, &k, &bytes) == 3 && bytes);
        fine = fine && n >= 1 && n <= sm_evidence_n(q->e);
        if (fine && open == '<') {
            size_t most = sm_evidence_sentences(q->e, n - 1, &sentence);
            fine = m >= 1 && m <= most && (k == 0 || (k > m && k <= most));
        }
        if (!fine)
            report(q, sm_str_of(s));
    }
}

static sm_rc answer(asked *q)
{
    sm_fact *fact;
    sm_str text = sm_json_str(q->in, "text"), said = without_marks(q->op->arena, text);
    sm_rc rc = sm_evidence_parse(q->op, json_object_get(q->in, "evidence"), NULL, &q->e);
    if (rc < 0)
        return rc;
    size_t n = sm_text_facts_all(q->op->arena, said, NULL, &fact);
    for (size_t i = 0; i < n; i++)
        if (!is_held(q, &fact[i]))
            report(q, fact[i].key);
    check_quotes(q, said, "「", "」");
    check_quotes(q, said, "“", "”");
    check_marks(q, text);
    printf("{\"facts\":%zu,\"foreign\":%s}\n", n,
           sm_cstr(q->op->arena, sm_json_dump(q->op->arena, q->foreign)));
    return SM_OK;
}

/* The evidence's grammar and schema, for tests of the servers that read them. */
static sm_rc print_forms(asked *q)
{
    sm_str gbnf;
    sm_rc rc = sm_evidence_parse(q->op, json_object_get(q->in, "evidence"), NULL, &q->e);
    if (rc == SM_OK)
        rc = sm_ground_gbnf(q->op, q->e, &gbnf);
    if (rc < 0)
        return rc;
    json_t *v =
        json_pack("{s:o,s:o}", "gbnf", sm_json_of(gbnf), "schema", sm_ground_schema(q->e, true));
    printf("%s\n", sm_cstr(q->op->arena, sm_json_dump(q->op->arena, v)));
    json_decref(v);
    return SM_OK;
}

int main(int argc, char **argv)
{
    sm_rc (*print)(asked * q) = argc > 1 && strcmp(argv[1], "forms") == 0 ? print_forms : answer;
    char *line = NULL;
    size_t cap = 0;
    sm_rc rc = SM_OK;
    for (ssize_t n; rc == SM_OK && (n = getline(&line, &cap, stdin)) > 0;) {
        sm_op op;
        json_t *v;
        sm_op_begin(&op);
        asked q = { .op = &op, .foreign = json_array() };
        rc = sm_json_parse(&op, (sm_str){ line, (size_t)n }, "stdin", &v);
        q.in = v;
        if (rc == SM_OK)
            rc = print(&q);
        if (rc < 0)
            fprintf(stderr, "%.*s\n", SM_ARG(op.msg));
        json_decref(q.foreign);
        sm_op_end(&op);
    }
    free(line);
    return rc < 0;
}
