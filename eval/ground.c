#include "eval/eval.h"

#include <stdlib.h>
#include <string.h>

#include "ground/ground.h"

enum { MAX_KINDS = 256, MAX_PAIRS_BYTES = 64 << 20 };
enum { IN_ITS_WORDS, IN_THE_SOURCES, NOTHING, GATED };

struct kind {
    sm_str name;
    bool faithful;
    size_t n, as_wanted;
};

/* Of the wrong ones and the faithful ones. */
struct heard {
    size_t n[2], open[2], ideal[2],
        voted[2];           /* judged as wanted with an ideal reader, with votes */
    size_t gated[2][GATED]; /* what the gate shows of them */
};

struct tally {
    struct kind kind[MAX_KINDS];
    size_t n_kinds;
    struct heard heard;
    json_t *last;  /* evidence */
    json_t *votes; /* by the pair's id; NULL: none were given */
};

static struct kind *kind_of(sm_arena *a, struct tally *t, sm_str name, bool faithful)
{
    for (size_t i = 0; i < t->n_kinds; i++)
        if (t->kind[i].faithful == faithful && sm_str_eq(t->kind[i].name, name))
            return &t->kind[i];
    if (t->n_kinds == MAX_KINDS)
        return &t->kind[MAX_KINDS - 1];
    t->kind[t->n_kinds] = (struct kind){ .name = sm_str_dup(a, name), .faithful = faithful };
    return &t->kind[t->n_kinds++];
}

/* What a further reader makes of it, where the verdict is open. */
static void hear(struct tally *t, const json_t *in, bool open, bool faithful, bool passed)
{
    struct heard *h = &t->heard;
    const json_t *vote = json_object_get(t->votes, sm_json_str(in, "id").p);
    bool voted = open && vote ? json_is_true(vote) : passed;
    h->n[faithful]++;
    h->open[faithful] += open;
    h->ideal[faithful] += open || faithful == passed;
    h->voted[faithful] += faithful == voted;
}

static void take_said(void *text, const sm_gated *one)
{
    if (one->how == SM_GATED_SAID)
        sm_buf_add(text, one->text);
}

/* What a citizen reads when a model writes it; what is said in its words is added to `said`. */
static sm_rc gate(sm_op *op, const json_t *in, int *out, sm_buf *said)
{
    sm_evidence *e;
    sm_gate_report r;
    sm_rc rc = sm_evidence_parse(op, json_object_get(in, "evidence"), NULL, &e);
    if (rc < 0)
        return rc;
    sm_gate *g = sm_gate_open(op, e, &(sm_gate_options){ .take = take_said, .ctx = said });
    sm_gate_add(g, sm_json_str(in, "sentence"));
    sm_gate_end(g, false, &r);
    *out = r.n_said ? IN_ITS_WORDS : r.n_replaced ? IN_THE_SOURCES : NOTHING;
    return SM_OK;
}

/* {"id","holds"} a line. */
static sm_rc read_votes(sm_op *op, const char *path, struct tally *t)
{
    sm_str text, line;
    sm_rc rc = sm_file_read(op, path, MAX_PAIRS_BYTES, &text);
    t->votes = json_object();
    sm_json_own(op->arena, t->votes);
    while (rc == SM_OK && sm_str_cut(&text, '\n', &line)) {
        json_t *one;
        if (sm_str_trim(line).n == 0)
            continue;
        rc = sm_json_parse(op, line, path, &one);
        if (rc == SM_OK)
            json_object_set(t->votes, sm_json_str(one, "id").p, json_object_get(one, "holds"));
    }
    return rc;
}

static sm_rc judge_pair(sm_op *op, sm_arena *kept, const json_t *in, struct tally *t, FILE *misses)
{
    json_t *said;
    if (sm_json_str(in, "verdict").n == 0)
        return sm_fail(op, SM_E_INVALID, "缺少 verdict");
    sm_rc rc = sm_ground_answer(op, in, NULL, &said);
    if (rc < 0)
        return rc;
    sm_json_own(op->arena, said);
    int gated;
    sm_buf shown;
    sm_buf_init(&shown, SM_SENTENCE_MAX_BYTES);
    rc = gate(op, in, &gated, &shown);
    bool faithful = sm_str_eq(sm_json_str(in, "verdict"), SM_STR("supported"));
    if (rc == SM_OK)
        t->heard.gated[faithful][gated]++;
    if (rc == SM_OK && !faithful && gated == IN_ITS_WORDS && misses)
        fprintf(misses, "%.*s shown: %.*s\n", SM_ARG(sm_json_str(in, "id")),
                SM_ARG(sm_buf_str(&shown)));
    sm_buf_done(&shown);
    if (rc < 0)
        return rc;
    bool passed = sm_str_eq(sm_json_str(said, "verdict"), SM_STR("supported"));
    struct kind *k = kind_of(kept, t, sm_json_str(in, "kind"), faithful);
    k->n++;
    k->as_wanted += faithful == passed;
    hear(t, in, json_is_true(json_object_get(said, "open")), faithful, passed);
    if (faithful != passed && misses)
        fprintf(misses, "%.*s %.*s %s（%s，%.*s）：%.*s\n", SM_ARG(sm_json_str(in, "id")),
                SM_ARG(k->name), sm_json_str(said, "verdict").p, sm_json_str(said, "code").p,
                SM_ARG(sm_json_str(said, "why")), SM_ARG(sm_json_str(in, "sentence")));
    return SM_OK;
}

static sm_rc judge_file(sm_op *op, const char *path, struct tally *t, FILE *misses)
{
    sm_str text, line;
    size_t line_no = 0;
    sm_rc rc = sm_file_read(op, path, MAX_PAIRS_BYTES, &text);
    while (rc == SM_OK && sm_str_cut(&text, '\n', &line)) {
        sm_op one;
        json_t *in;
        line_no++;
        if (sm_str_trim(line).n == 0)
            continue;
        sm_op_begin(&one);
        rc = sm_json_parse(&one, line, path, &in);
        if (rc == SM_OK)
            rc = sm_ground_line(&one, in, &t->last);
        if (rc == SM_OK)
            rc = judge_pair(&one, op->arena, in, t, misses);
        if (rc < 0)
            sm_fail(op, rc, "%s 第 %zu 行：%.*s", path, line_no, SM_ARG(one.msg));
        sm_op_end(&one);
    }
    return rc;
}

static double share(const struct tally *t, bool faithful)
{
    size_t n = 0, as_wanted = 0;
    for (size_t i = 0; i < t->n_kinds; i++)
        if (t->kind[i].faithful == faithful) {
            n += t->kind[i].n;
            as_wanted += t->kind[i].as_wanted;
        }
    return n ? (double)as_wanted / (double)n : 0;
}

static void print_reader(const char *name, const struct heard *h, const size_t *as_wanted, FILE *to)
{
    double caught = h->n[0] ? (double)as_wanted[0] / (double)h->n[0] : 0;
    double passed = h->n[1] ? (double)as_wanted[1] / (double)h->n[1] : 0;
    fprintf(to, "| %s | %.3f | %.3f | %.3f |\n", name, caught, passed, (caught + passed) / 2);
}

static void print_readers(const struct tally *t, FILE *to)
{
    const struct heard *h = &t->heard;
    fprintf(to,
            "\n| with a further reader of %zu wrong and %zu faithful ones | caught | passed | "
            "balanced |\n|---|---|---|---|\n",
            h->open[0], h->open[1]);
    print_reader("who is always right", h, h->ideal, to);
    if (t->votes)
        print_reader("whose votes were given", h, h->voted, to);
}

static void print_gated(const struct heard *h, FILE *to)
{
    fprintf(to, "\n| through the gate | in its words | in the source's | not shown |\n"
                "|---|---|---|---|\n");
    for (int k = 0; k < 2; k++)
        fprintf(to, "| %s | %zu | %zu | %zu |\n", k ? "faithful" : "wrong",
                h->gated[k][IN_ITS_WORDS], h->gated[k][IN_THE_SOURCES], h->gated[k][NOTHING]);
}

static void print_kinds(const struct tally *t, bool faithful, FILE *to)
{
    fprintf(to, "\n| %s | n | %s |\n|---|---|---|\n", faithful ? "faithful" : "wrong",
            faithful ? "passed" : "caught");
    for (size_t i = 0; i < t->n_kinds; i++)
        if (t->kind[i].faithful == faithful)
            fprintf(to, "| %.*s | %zu | %zu |\n", SM_ARG(t->kind[i].name), t->kind[i].n,
                    t->kind[i].as_wanted);
}

sm_rc sm_eval_ground(sm_op *op, const char *const *path, size_t n, const char *votes, FILE *to,
                     FILE *misses)
{
    struct tally *t = SM_NEW(op->arena, struct tally);
    sm_rc rc = votes ? read_votes(op, votes, t) : SM_OK;
    for (size_t i = 0; rc == SM_OK && i < n; i++)
        rc = judge_file(op, path[i], t, misses);
    json_decref(t->last);
    if (rc < 0)
        return rc;
    double caught = share(t, false), passed = share(t, true);
    fprintf(to, "| figure | value | target |\n|---|---|---|\n");
    fprintf(to, "| wrong caught | %.3f | .97 |\n| faithful passed | %.3f | .85 |\n", caught,
            passed);
    fprintf(to, "| balanced | %.3f | .92 |\n", (caught + passed) / 2);
    print_readers(t, to);
    print_gated(&t->heard, to);
    print_kinds(t, false, to);
    print_kinds(t, true, to);
    return SM_OK;
}
