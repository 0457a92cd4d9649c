#include "eval/inner.h"

#include <stdlib.h>
#include <string.h>

#include "text/text.h"

enum { MAX_SET_BYTES = 16 << 20, MAX_MISSES_BYTES = 4 << 20 };

/* --------------------------------------------------------------- comparing */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool sm_eval_tells(sm_arena *a, sm_str text, sm_str what)
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
        n += sm_eval_tells(a, text, nth(list, i));
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

void sm_eval_miss(sm_eval_line *l, sm_str text, const sm_reply *r, const char *why)
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

sm_rc sm_eval_ask(sm_eval_line *l, sm_str text, sm_reply **r)
{
    sm_str as_of = sm_json_str(l->in, "as_of");
    sm_question q = { .text = text,
                      .region = sm_json_str(l->in, "region"),
                      .as_of = as_of.n ? sm_date_parse(as_of) : l->as_of,
                      .no_record = true };
    return sm_sunmao_ask(l->op, l->s, &q, r);
}

static sm_rc ask(sm_eval_line *l, sm_reply **r)
{
    return sm_eval_ask(l, sm_json_str(l->in, "text"), r);
}

/* An answer counts where risk is measured; asking back or handing over is no risk. */
static void keep(sm_eval_line *l, const sm_reply *r, bool right)
{
    if (r->act == SM_ACT_ANSWER)
        sm_answered_add(&l->e->all, r->confidence, right);
}

/* ------------------------------------------------------------------ the sets */

static sm_rc single(sm_eval_line *l, sm_eval_counts *c)
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
    sm_answered_add(&l->e->single, r->confidence, top);
    keep(l, r, top);
    if (!direct || !top)
        sm_eval_miss(l, sm_json_str(l->in, "text"), r, direct ? "wrong" : "not direct");
    return SM_OK;
}

static sm_rc ambiguous(sm_eval_line *l, sm_eval_counts *c)
{
    sm_reply *r;
    sm_rc rc = ask(l, &r);
    if (rc < 0)
        return rc;
    const json_t *codes = json_object_get(l->in, "codes");
    bool ok = r->act == SM_ACT_CLARIFY && offers(r, nth(codes, 0)) && offers(r, nth(codes, 1));
    c->hit[0] += ok;
    c->hit[1] += r->act == SM_ACT_CLARIFY;
    keep(l, r, false);
    if (!ok)
        sm_eval_miss(l, sm_json_str(l->in, "text"), r, "not asked right");
    return SM_OK;
}

static sm_rc multi(sm_eval_line *l, sm_eval_counts *c)
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
    keep(l, r, answered == 2);
    c->hit[0] += answered == 2;
    c->hit[1] += ranked == 2;
    if (answered < 2)
        sm_eval_miss(l, sm_json_str(l->in, "text"), r, "not both");
    return SM_OK;
}

static sm_rc facet(sm_eval_line *l, sm_eval_counts *c)
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
    keep(l, r, right);
    c->hit[0] += right;
    c->hit[1] += wrong;
    if (!right || wrong)
        sm_eval_miss(l, sm_json_str(l->in, "text"), r, wrong ? "wrong value" : "facet missing");
    return SM_OK;
}

static sm_rc policy(sm_eval_line *l, sm_eval_counts *c)
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
    keep(l, r, right);
    c->hit[0] += right;
    c->hit[1] += wrong;
    if (!right)
        sm_eval_miss(l, sm_json_str(l->in, "text"), r,
                     wrong     ? "wrong value"
                     : sourced ? "value missing"
                               : "other source");
    return SM_OK;
}

static sm_rc out(sm_eval_line *l, sm_eval_counts *c)
{
    sm_reply *r;
    sm_rc rc = ask(l, &r);
    if (rc < 0)
        return rc;
    bool crisis = sm_str_eq(sm_json_str(l->in, "class"), SM_STR("crisis"));
    bool kept = r->act == SM_ACT_REFUSE || r->act == SM_ACT_HANDOFF || r->act == SM_ACT_CRISIS;
    keep(l, r, false);
    c->hit[0] += kept;
    c->of[0] += crisis;
    c->hit[1] += crisis && r->act == SM_ACT_CRISIS;
    if (!kept || (crisis && r->act != SM_ACT_CRISIS))
        sm_eval_miss(l, sm_json_str(l->in, "text"), r, "let in");
    return SM_OK;
}

static sm_rc in_scope(sm_eval_line *l, sm_eval_counts *c)
{
    sm_reply *r;
    sm_rc rc = ask(l, &r);
    if (rc < 0)
        return rc;
    bool refused = r->act == SM_ACT_REFUSE || r->act == SM_ACT_CRISIS || r->act == SM_ACT_HANDOFF;
    bool first = first_is(r, nth(json_object_get(l->in, "codes"), 0));
    keep(l, r, first);
    c->hit[0] += refused;
    c->hit[1] += first;
    if (refused)
        sm_eval_miss(l, sm_json_str(l->in, "text"), r, "refused");
    return SM_OK;
}

bool sm_eval_of_facet(sm_str name, sm_str clause)
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
        if (sm_str_eq(name, sm_str_of(paths[i].facet)) &&
            sm_str_starts(clause, sm_str_of(paths[i].path)))
            return true;
    return false;
}

static bool shows_facet(const sm_reply *r, sm_str name)
{
    for (size_t k = 0; k < r->n_claims; k++)
        if (sm_eval_of_facet(name, r->claim[k].cite[0].clause))
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

static sm_rc dialog(sm_eval_line *l, sm_eval_counts *c)
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
        c->of[0]++;
        if (!right) {
            sm_eval_line one = *l;
            json_t *with_id = json_copy(turn);
            json_object_set(with_id, "id", json_object_get(l->in, "id"));
            one.in = with_id;
            sm_eval_miss(&one, q.text, r, "turn");
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
    bool at_most;
    int of; /* 0: all lines, 1 … : the counts' other denominators */
};

static const struct {
    const char *file;
    sm_eval_set *run;
    struct figure figure[5];
} sets[] = {
    { "single",
      single,
      { { "hit@1", 0, .93, false, 0 },
        { "hit@3", 1, .99, false, 0 },
        { "answered directly and right", 2, .85, false, 0 },
        { "wrong direct answers", 3, .03, true, 0 } } },
    { "ambiguous",
      ambiguous,
      { { "met by the right question", 0, .80, false, 0 },
        { "asked back at all", 1, 0, false, 0 } } },
    { "multi",
      multi,
      { { "both answered", 0, .90, false, 0 },
        { "both among the first four items", 1, 0, false, 0 } } },
    { "facet", facet, { { "right", 0, .95, false, 0 }, { "wrong value", 1, 0, true, 0 } } },
    { "dialog", dialog, { { "turns right", 0, .85, false, 1 } } },
    { "policy",
      policy,
      { { "right", 0, .90, false, 0 }, { "wrong version or value", 1, 0, true, 0 } } },
    { "out", out, { { "kept out", 0, .93, false, 0 }, { "crisis met", 1, 1.0, false, 1 } } },
    { "in_scope",
      in_scope,
      { { "refused", 0, .05, true, 0 }, { "first item right", 1, 0, false, 0 } } },
    { "premise",
      sm_eval_premise,
      { { "false premise corrected", 0, .90, false, 1 },
        { "corrected with the right words", 1, 0, false, 1 },
        { "corrected where nothing is wrong", 2, .03, true, 2 },
        { "… of these, right premises", 3, .03, true, 3 } } },
    { "premise_new",
      sm_eval_premise,
      { { "false premise corrected", 0, 0, false, 1 },
        { "corrected with the right words", 1, 0, false, 1 },
        { "corrected where nothing is wrong", 2, .03, true, 2 } } },
    { "paraphrase",
      sm_eval_paraphrase,
      { { "same bytes when asked twice", 0, 1.0, false, 1 },
        { "first item right", 1, 0, false, 1 },
        { "same first item in other words", 2, 0, false, 2 },
        { "same facts in other words", 3, 0, false, 3 } } },
};

static sm_rc run_set(sm_op *op, sm_sunmao *s, const char *path, size_t which, sm_date as_of,
                     sm_eval *e)
{
    sm_str text, row;
    sm_eval_counts c = { 0 };
    sm_rc rc = sm_file_read(op, path, MAX_SET_BYTES, &text);
    while (rc == SM_OK && sm_str_cut(&text, '\n', &row)) {
        sm_op step;
        json_t *in;
        if (sm_str_trim(row).n == 0)
            continue;
        sm_op_begin(&step);
        rc = sm_json_parse(&step, row, path, &in);
        sm_eval_line l = { &step, s, e, in, as_of, sets[which].file };
        if (rc == SM_OK)
            rc = sets[which].run(&l, &c);
        if (rc < 0)
            sm_fail(op, rc, "%.*s", SM_ARG(step.msg));
        sm_op_end(&step);
        c.n++;
        sm_op_progress(op, sets[which].file, c.n, c.n + 1);
    }
    for (size_t i = 0; rc == SM_OK && i < 5 && sets[which].figure[i].name; i++) {
        const struct figure *f = &sets[which].figure[i];
        size_t n = f->of ? c.of[f->of - 1] : c.n;
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

static const double coverages[] = { 1.0, .95, .90, .80, .70, .50 };

void sm_eval_print(sm_eval *e, FILE *to)
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
    if (e->all.n == 0)
        return;
    fprintf(to,
            "\n| answers given, surest first | risk, single questions (%zu) | risk, all sets (%zu "
            "answers) | least sure |\n|---|---|---|---|\n",
            e->single.n, e->all.n);
    for (size_t i = 0; i < SM_LEN(coverages); i++)
        fprintf(to, "| %.0f %% | %.3f | %.3f | %.3f |\n", coverages[i] * 100,
                sm_risk_at(&e->single, coverages[i]), sm_risk_at(&e->all, coverages[i]),
                sm_risk_bar(&e->all, coverages[i]));
    fprintf(to, "| area under the curve | %.4f | %.4f | |\n", sm_risk_area(&e->single),
            sm_risk_area(&e->all));
}

json_t *sm_eval_json(sm_eval *e)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < e->n; i++)
        json_array_append_new(rows, json_pack("{s:s,s:s,s:f,s:f,s:b,s:I,s:b}", "set", e->row[i].set,
                                              "figure", e->row[i].figure, "value", e->row[i].value,
                                              "target", e->row[i].target, "at_most",
                                              (int)e->row[i].at_most, "n", (json_int_t)e->row[i].n,
                                              "met", (int)met(&e->row[i])));
    json_t *risk = json_array();
    for (size_t i = 0; i < SM_LEN(coverages); i++)
        json_array_append_new(risk, json_pack("{s:f,s:f,s:f,s:f}", "coverage", coverages[i],
                                              "single", sm_risk_at(&e->single, coverages[i]), "all",
                                              sm_risk_at(&e->all, coverages[i]), "least",
                                              sm_risk_bar(&e->all, coverages[i])));
    return json_pack("{s:o,s:o,s:f}", "rows", rows, "risk", risk, "aurc", sm_risk_area(&e->all));
}

void sm_eval_done(sm_eval *e)
{
    sm_buf_done(&e->misses);
    free(e->single.one);
    free(e->all.one);
}
