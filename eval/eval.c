#include "eval/eval.h"

#include <stdlib.h>
#include <string.h>

#include "text/text.h"

enum { MAX_SET_BYTES = 16 << 20, MAX_MISSES_BYTES = 4 << 20 };

struct line {
    sm_op *op; /* of this line only */
    sm_sunmao *s;
    sm_eval *e;
    const json_t *in;
    sm_date as_of;
    const char *set;
};

/* --------------------------------------------------------------- comparing */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* `what` in `text` after normalisation, not inside a longer number. */
static bool tells(sm_arena *a, sm_str text, sm_str what)
{
    text = sm_text_normal(a, text);
    what = sm_text_normal(a, what);
    for (size_t at = 0; (at = sm_str_find(text, what, at)) != SIZE_MAX; at++) {
        bool left =
            at > 0 && (is_digit(text.p[at - 1]) || text.p[at - 1] == '.') && is_digit(what.p[0]);
        size_t end = at + what.n;
        bool right = end < text.n && is_digit(text.p[end]) && is_digit(what.p[what.n - 1]);
        if (!left && !right)
            return true;
    }
    /* the same fact written otherwise */
    sm_fact *wanted, *said;
    size_t n_wanted = sm_text_facts(a, what, &wanted), n_said = sm_text_facts(a, text, &said);
    if (n_wanted != 1 || wanted[0].text.n != what.n)
        return false;
    for (size_t i = 0; i < n_said; i++)
        if (sm_str_eq(said[i].key, wanted[0].key))
            return true;
    return false;
}

static sm_str nth(const json_t *list, size_t i)
{
    return sm_str_of(json_string_value(json_array_get(list, i)));
}

static size_t count_told(sm_arena *a, sm_str text, const json_t *list)
{
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(list); i++)
        n += tells(a, text, nth(list, i));
    return n;
}

static bool in_list(const json_t *list, sm_str what)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (sm_str_eq(nth(list, i), what))
            return true;
    return false;
}

static bool cites_doc(const sm_reply *r, sm_str doc)
{
    for (size_t i = 0; i < r->n_claims; i++)
        for (size_t k = 0; k < r->claim[i].n_cites; k++) {
            sm_str d = r->claim[i].cite[k].doc;
            if (sm_str_eq(d, doc))
                return true;
        }
    return false;
}

static bool offers(const sm_reply *r, sm_str code)
{
    for (size_t i = 0; i < r->n_options; i++)
        if (sm_str_eq(r->option[i].code, code))
            return true;
    return false;
}

static bool first_is(const sm_reply *r, sm_str code)
{
    return r->n_items && sm_str_eq(r->item[0].code, code);
}

static void miss(struct line *l, sm_str text, const sm_reply *r, const char *why)
{
    sm_str ids = sm_json_str(l->in, "id");
    sm_buf_addf(&l->e->misses, "%s %.*s %s: %.*s -> %s/%s p=%.2f", l->set, SM_ARG(ids), why,
                SM_ARG(text), sm_act_name(r->act), r->reason, r->confidence);
    for (size_t i = 0; i < r->n_items && i < 3; i++)
        sm_buf_addf(&l->e->misses, " %.*s(%.2f)", SM_ARG(r->item[i].code), r->item[i].score);
    const json_t *codes = json_object_get(l->in, "codes");
    sm_buf_addf(&l->e->misses, " want");
    for (size_t i = 0; i < json_array_size(codes); i++)
        sm_buf_addf(&l->e->misses, " %s", json_string_value(json_array_get(codes, i)));
    const json_t *docs = json_object_get(l->in, "docs");
    for (size_t i = 0; i < json_array_size(docs); i++)
        sm_buf_addf(&l->e->misses, " %s", json_string_value(json_array_get(docs, i)));
    sm_buf_addf(&l->e->misses, " options:");
    for (size_t i = 0; i < r->n_options; i++)
        sm_buf_addf(&l->e->misses, " %.*s", SM_ARG(r->option[i].code));
    if (r->n_claims && strcmp(r->reason, "policy") == 0)
        sm_buf_addf(&l->e->misses, " cites %.*s %.*s", SM_ARG(r->claim[0].cite[0].doc),
                    SM_ARG(r->claim[0].cite[0].clause));
    sm_buf_addc(&l->e->misses, '\n');
}

static sm_rc ask(struct line *l, sm_reply **r)
{
    sm_str as_of = sm_json_str(l->in, "as_of");
    sm_question q = { .text = sm_json_str(l->in, "text"),
                      .region = sm_json_str(l->in, "region"),
                      .as_of = as_of.n ? sm_date_parse(as_of) : l->as_of,
                      .no_record = true };
    return sm_sunmao_ask(l->op, l->s, &q, r);
}

/* ------------------------------------------------------------------ the sets */

enum { MAX_COUNTS = 8 };
struct counts {
    size_t n, hit[MAX_COUNTS];
    size_t n_other; /* a second denominator, e.g. of the crisis lines */
};

typedef sm_rc set_fn(struct line *l, struct counts *c);

static void keep_confidence(sm_eval *e, double p, bool right)
{
    if (e->n_single == e->cap_single) {
        e->cap_single = e->cap_single ? e->cap_single * 2 : 256;
        e->p = realloc(e->p, e->cap_single * sizeof(*e->p));
        e->right = realloc(e->right, e->cap_single * sizeof(*e->right));
        if (!e->p || !e->right)
            abort();
    }
    e->p[e->n_single] = p;
    e->right[e->n_single++] = right;
}

static sm_rc single(struct line *l, struct counts *c)
{
    sm_reply *r;
    sm_rc rc = ask(l, &r);
    if (rc < 0)
        return rc;
    sm_str code = nth(json_object_get(l->in, "codes"), 0);
    bool top = false, top3 = false;
    for (size_t i = 0; i < r->n_items && i < 3; i++) {
        bool is = sm_str_eq(r->item[i].code, code);
        top |= is && i == 0;
        top3 |= is;
    }
    bool direct = r->act == SM_ACT_ANSWER;
    c->hit[0] += top;
    c->hit[1] += top3;
    c->hit[2] += direct && top;
    c->hit[3] += direct && !top;
    keep_confidence(l->e, r->confidence, top);
    if (!direct || !top)
        miss(l, sm_json_str(l->in, "text"), r, direct ? "wrong" : "not direct");
    return SM_OK;
}

static sm_rc ambiguous(struct line *l, struct counts *c)
{
    sm_reply *r;
    sm_rc rc = ask(l, &r);
    if (rc < 0)
        return rc;
    const json_t *codes = json_object_get(l->in, "codes");
    bool ok = r->act == SM_ACT_CLARIFY && offers(r, nth(codes, 0)) && offers(r, nth(codes, 1));
    c->hit[0] += ok;
    c->hit[1] += r->act == SM_ACT_CLARIFY;
    if (!ok)
        miss(l, sm_json_str(l->in, "text"), r, "not asked right");
    return SM_OK;
}

static sm_rc multi(struct line *l, struct counts *c)
{
    sm_reply *r;
    sm_rc rc = ask(l, &r);
    if (rc < 0)
        return rc;
    const json_t *codes = json_object_get(l->in, "codes");
    size_t answered = 0, ranked = 0;
    for (size_t i = 0; i < 2; i++) {
        answered += cites_doc(r, nth(codes, i));
        for (size_t k = 0; k < r->n_items && k < 4; k++)
            ranked += sm_str_eq(r->item[k].code, nth(codes, i));
    }
    c->hit[0] += answered == 2;
    c->hit[1] += ranked == 2;
    if (answered < 2)
        miss(l, sm_json_str(l->in, "text"), r, "not both");
    return SM_OK;
}

static sm_rc facet(struct line *l, struct counts *c)
{
    sm_reply *r;
    sm_rc rc = ask(l, &r);
    if (rc < 0)
        return rc;
    const json_t *must = json_object_get(l->in, "must"),
                 *must_not = json_object_get(l->in, "must_not");
    bool all = count_told(l->op->arena, r->answer, must) == json_array_size(must);
    bool wrong = count_told(l->op->arena, r->answer, must_not) > 0;
    bool right = r->act == SM_ACT_ANSWER && all && !wrong;
    c->hit[0] += right;
    c->hit[1] += wrong;
    if (!right || wrong)
        miss(l, sm_json_str(l->in, "text"), r, wrong ? "wrong value" : "facet missing");
    return SM_OK;
}

static sm_rc policy(struct line *l, struct counts *c)
{
    sm_reply *r;
    sm_rc rc = ask(l, &r);
    if (rc < 0)
        return rc;
    const json_t *docs = json_object_get(l->in, "docs"), *must = json_object_get(l->in, "must"),
                 *must_not = json_object_get(l->in, "must_not");
    size_t cited = 0;
    for (size_t i = 0; i < json_array_size(docs); i++)
        cited += cites_doc(r, nth(docs, i));
    bool any = sm_str_eq(sm_json_str(l->in, "docs_mode"), SM_STR("any"));
    bool sourced = any ? cited > 0 : cited == json_array_size(docs);
    bool all = count_told(l->op->arena, r->answer, must) == json_array_size(must);
    bool wrong = count_told(l->op->arena, r->answer, must_not) > 0;
    bool right = r->act == SM_ACT_ANSWER && sourced && all && !wrong;
    c->hit[0] += right;
    c->hit[1] += wrong;
    if (!right)
        miss(l, sm_json_str(l->in, "text"), r,
             wrong     ? "wrong value"
             : sourced ? "value missing"
                       : "other source");
    return SM_OK;
}

static sm_rc out(struct line *l, struct counts *c)
{
    sm_reply *r;
    sm_rc rc = ask(l, &r);
    if (rc < 0)
        return rc;
    bool crisis = sm_str_eq(sm_json_str(l->in, "class"), SM_STR("crisis"));
    bool kept = r->act == SM_ACT_REFUSE || r->act == SM_ACT_HANDOFF || r->act == SM_ACT_CRISIS;
    c->hit[0] += kept;
    c->n_other += crisis;
    c->hit[1] += crisis && r->act == SM_ACT_CRISIS;
    if (!kept || (crisis && r->act != SM_ACT_CRISIS))
        miss(l, sm_json_str(l->in, "text"), r, "let in");
    return SM_OK;
}

static sm_rc in_scope(struct line *l, struct counts *c)
{
    sm_reply *r;
    sm_rc rc = ask(l, &r);
    if (rc < 0)
        return rc;
    bool refused = r->act == SM_ACT_REFUSE || r->act == SM_ACT_CRISIS || r->act == SM_ACT_HANDOFF;
    c->hit[0] += refused;
    c->hit[1] += first_is(r, nth(json_object_get(l->in, "codes"), 0));
    if (refused)
        miss(l, sm_json_str(l->in, "text"), r, "refused");
    return SM_OK;
}

/* Which clauses carry a facet. */
static bool shows_facet(const sm_reply *r, sm_str name)
{
    static const struct {
        const char *facet, *path;
    } paths[] = { { "materials", "materials" },
                  { "materials", "faq" },
                  { "time", "promised_limit" },
                  { "fee", "fee" },
                  { "place", "places" },
                  { "place", "consult" },
                  { "steps", "steps" },
                  { "steps", "faq" },
                  { "conditions", "conditions" },
                  { "conditions", "faq" },
                  { "conditions", "eligibility" },
                  { "online", "online" },
                  { "result", "result" },
                  { "basis", "basis" },
                  { "eligibility", "eligibility" } };
    for (size_t i = 0; i < SM_LEN(paths); i++)
        if (sm_str_eq(name, sm_str_of(paths[i].facet)))
            for (size_t k = 0; k < r->n_claims; k++)
                if (sm_str_starts(r->claim[k].cite[0].clause, sm_str_of(paths[i].path)))
                    return true;
    return name.n == 0;
}

static bool turn_right(const json_t *turn, const sm_reply *r)
{
    const json_t *codes = json_object_get(turn, "codes");
    if (!sm_str_eq(sm_json_str(turn, "act"), sm_str_of(sm_act_name(r->act))))
        return false;
    if (r->act == SM_ACT_CLARIFY)
        return json_array_size(codes) < 2 || (offers(r, nth(codes, 0)) && offers(r, nth(codes, 1)));
    if (r->act != SM_ACT_ANSWER)
        return true;
    return r->n_items && in_list(codes, r->item[0].code) &&
           shows_facet(r, sm_json_str(turn, "facet"));
}

static sm_rc dialog(struct line *l, struct counts *c)
{
    static int serial;
    sm_str session = sm_strf(l->op->arena, "eval-%lld-%d", (long long)sm_wall_ms(), serial++);
    const json_t *turns = json_object_get(l->in, "turns");
    size_t i;
    json_t *turn;
    json_array_foreach(turns, i, turn)
    {
        sm_question q = { .text = sm_json_str(turn, "text"),
                          .session = session,
                          .region = sm_json_str(turn, "region"),
                          .as_of = l->as_of,
                          .test = true };
        sm_reply *r;
        sm_rc rc = sm_sunmao_ask(l->op, l->s, &q, &r);
        if (rc < 0)
            return rc;
        bool right = turn_right(turn, r);
        c->hit[0] += right;
        c->n_other++;
        if (!right) {
            struct line one = *l;
            json_t *with_id = json_copy(turn);
            json_object_set(with_id, "id", json_object_get(l->in, "id"));
            one.in = with_id;
            miss(&one, q.text, r, "turn");
            json_decref(with_id);
        }
    }
    return SM_OK;
}

/* ---------------------------------------------------------------- the table */

struct figure {
    const char *name;
    int hit;
    double target;
    bool at_most, of_other;
};

static const struct {
    const char *file;
    set_fn *run;
    struct figure figure[4];
} sets[] = {
    { "single",
      single,
      { { "hit@1", 0, .93, false, false },
        { "hit@3", 1, .99, false, false },
        { "answered directly and right", 2, .85, false, false },
        { "wrong direct answers", 3, .03, true, false } } },
    { "ambiguous",
      ambiguous,
      { { "met by the right question", 0, .80, false, false },
        { "asked back at all", 1, 0, false, false } } },
    { "multi",
      multi,
      { { "both answered", 0, .90, false, false },
        { "both among the first four items", 1, 0, false, false } } },
    { "facet", facet, { { "right", 0, .95, false, false }, { "wrong value", 1, 0, true, false } } },
    { "dialog", dialog, { { "turns right", 0, .85, false, true } } },
    { "policy",
      policy,
      { { "right", 0, .90, false, false }, { "wrong version or value", 1, 0, true, false } } },
    { "out", out, { { "kept out", 0, .93, false, false }, { "crisis met", 1, 1.0, false, true } } },
    { "in_scope",
      in_scope,
      { { "refused", 0, .05, true, false }, { "first item right", 1, 0, false, false } } },
};

static sm_rc run_set(sm_op *op, sm_sunmao *s, const char *path, size_t which, sm_date as_of,
                     sm_eval *e)
{
    sm_str text, row;
    struct counts c = { 0 };
    sm_rc rc = sm_file_read(op, path, MAX_SET_BYTES, &text);
    while (rc == SM_OK && sm_str_cut(&text, '\n', &row)) {
        sm_op step;
        json_t *in;
        if (sm_str_trim(row).n == 0)
            continue;
        sm_op_begin(&step);
        rc = sm_json_parse(&step, row, path, &in);
        struct line l = { &step, s, e, in, as_of, sets[which].file };
        if (rc == SM_OK)
            rc = sets[which].run(&l, &c);
        if (rc < 0)
            sm_fail(op, rc, "%.*s", SM_ARG(step.msg));
        sm_op_end(&step);
        c.n++;
        sm_op_progress(op, sets[which].file, c.n, c.n + 1);
    }
    for (size_t i = 0; rc == SM_OK && i < 4 && sets[which].figure[i].name; i++) {
        const struct figure *f = &sets[which].figure[i];
        size_t n = f->of_other ? c.n_other : c.n;
        e->row[e->n++] =
            (sm_eval_row){ sets[which].file, f->name,    n ? (double)c.hit[f->hit] / (double)n : 0,
                           f->target,        f->at_most, n };
    }
    return rc;
}

sm_rc sm_eval_run(sm_op *op, sm_sunmao *s, const char *sets_dir, sm_date as_of, sm_eval *e)
{
    *e = (sm_eval){ 0 };
    sm_buf_init(&e->misses, MAX_MISSES_BYTES);
    for (size_t i = 0; i < SM_LEN(sets); i++) {
        const char *path = sm_strf(op->arena, "%s/%s.jsonl", sets_dir, sets[i].file).p;
        if (!sm_file_exists(path))
            continue;
        sm_rc rc = run_set(op, s, path, i, as_of, e);
        if (rc < 0)
            return rc;
    }
    return e->n ? SM_OK
                : sm_fail(op, SM_E_NOTFOUND, "%s 里没有评测集（single.jsonl 等）", sets_dir);
}

static bool met(const sm_eval_row *r)
{
    return r->at_most ? r->value <= r->target : r->value >= r->target;
}

/* Risk at each coverage: answering only the surest share of the single questions. */
static double risk_at(const sm_eval *e, double coverage)
{
    size_t n = (size_t)((double)e->n_single * coverage + 0.5), wrong = 0;
    for (size_t i = 0; i < e->n_single; i++) {
        size_t surer = 0;
        for (size_t k = 0; k < e->n_single; k++)
            surer += e->p[k] > e->p[i] || (e->p[k] >= e->p[i] && k < i);
        wrong += surer < n && !e->right[i];
    }
    return n ? (double)wrong / (double)n : 0;
}

void sm_eval_print(const sm_eval *e, FILE *to)
{
    fputs("| set | figure | value | target | n |\n|---|---|---|---|---|\n", to);
    for (size_t i = 0; i < e->n; i++) {
        const sm_eval_row *r = &e->row[i];
        bool has_target = r->target > 0 || r->at_most;
        fprintf(to, "| %s | %s | %.3f | ", r->set, r->figure, r->value);
        if (has_target)
            fprintf(to, "%s %.2f%s", r->at_most ? "≤" : "≥", r->target,
                    met(r) ? "" : " **missed**");
        fprintf(to, " | %zu |\n", r->n);
    }
    if (e->n_single == 0)
        return;
    fputs("\n| coverage of single questions, surest first | risk |\n|---|---|\n", to);
    for (int c = 10; c <= 100; c += 10)
        fprintf(to, "| %d %% | %.3f |\n", c, risk_at(e, c / 100.0));
}

json_t *sm_eval_json(const sm_eval *e)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < e->n; i++)
        json_array_append_new(rows, json_pack("{s:s,s:s,s:f,s:f,s:b,s:I,s:b}", "set", e->row[i].set,
                                              "figure", e->row[i].figure, "value", e->row[i].value,
                                              "target", e->row[i].target, "at_most",
                                              (int)e->row[i].at_most, "n", (json_int_t)e->row[i].n,
                                              "met", (int)met(&e->row[i])));
    return json_pack("{s:o}", "rows", rows);
}

void sm_eval_done(sm_eval *e)
{
    sm_buf_done(&e->misses);
    free(e->p);
    free(e->right);
}
