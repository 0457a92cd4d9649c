/*
 * What questions take for granted, and the same question in other words.
 */
#include "eval/inner.h"

#include <stdlib.h>
#include <string.h>

#include "text/text.h"

enum { MAX_KEYS = 256, MAX_WORDINGS = 8 };

/* ---------------------------------------------------------------- false premises */

sm_rc sm_eval_premise(sm_eval_line *l, sm_eval_counts *c)
{
    sm_reply *r;
    sm_str text = sm_json_str(l->in, "text"), kind = sm_json_str(l->in, "premise");
    bool is_false = sm_str_eq(kind, SM_STR("false")), is_true = sm_str_eq(kind, SM_STR("true"));
    sm_rc rc = sm_eval_ask(l, text, &r);
    if (rc < 0)
        return rc;
    bool corrected = r->correction.n > 0, right = corrected;
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(l->in, "must"), i, one) right &=
        sm_eval_tells(l->op->arena, r->correction, sm_str_of(json_string_value(one)));
    c->of[0] += is_false;
    c->of[1] += !is_false;
    c->of[2] += is_true;
    c->hit[0] += is_false && corrected;
    c->hit[1] += is_false && right;
    c->hit[2] += !is_false && corrected;
    c->hit[3] += is_true && corrected;
    if (is_false ? !right : corrected)
        sm_eval_miss(l, text, r,
                     !corrected ? "not corrected"
                     : is_false ? "corrected with other words"
                                : "corrected for nothing");
    return SM_OK;
}

/* ---------------------------------------------------------------- in other words */

/* All of a reply but its number and its time. */
static sm_str bytes_of(sm_arena *a, const sm_reply *r)
{
    json_t *j = sm_reply_json(r);
    json_object_del(j, "ms");
    json_object_del(j, "record");
    sm_str s = sm_json_dump(a, j);
    json_decref(j);
    return s;
}

static int by_bytes(const void *a, const void *b)
{
    return sm_str_cmp(*(const sm_str *)a, *(const sm_str *)b);
}

/* The facts of what the answer tells of a facet, each once, sorted; of a sentence without any, its
 * text.  Its own elements only: which FAQ a wording brings along besides may differ. */
static size_t facts_of(sm_arena *a, const sm_reply *r, sm_str facet, sm_str *out)
{
    size_t n = 0, kept = 0;
    for (size_t i = 0; i < r->n_claims; i++) {
        const sm_claim *c = &r->claim[i];
        if (c->n_cites == 0 || sm_str_starts(c->cite[0].clause, SM_STR("faq/")) ||
            (facet.n && !sm_eval_of_facet(facet, c->cite[0].clause)))
            continue;
        sm_fact *f;
        size_t n_facts = sm_text_facts(a, c->text, &f);
        for (size_t k = 0; k < n_facts && n < MAX_KEYS; k++)
            out[n++] = f[k].key;
        if (n_facts == 0 && n < MAX_KEYS)
            out[n++] = c->text;
    }
    qsort(out, n, sizeof(*out), by_bytes);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || !sm_str_eq(out[kept - 1], out[i]))
            out[kept++] = out[i];
    return kept;
}

static bool same_facts(sm_arena *a, const sm_reply *x, const sm_reply *y, sm_str facet)
{
    sm_str *p = SM_NEWS(a, sm_str, MAX_KEYS), *q = SM_NEWS(a, sm_str, MAX_KEYS);
    size_t n = facts_of(a, x, facet, p), m = facts_of(a, y, facet, q);
    for (size_t i = 0; n == m && i < n; i++)
        if (!sm_str_eq(p[i], q[i]))
            return false;
    return n == m;
}

static bool first_is(const sm_reply *r, sm_str code)
{
    return r->n_items && sm_str_eq(r->item[0].code, code);
}

sm_rc sm_eval_paraphrase(sm_eval_line *l, sm_eval_counts *c)
{
    sm_str code = sm_json_str(l->in, "code"), facet = sm_json_str(l->in, "facet");
    sm_reply *r[MAX_WORDINGS], *again;
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(l->in, "texts"), i, one)
    {
        if (i == MAX_WORDINGS)
            break;
        sm_str text = sm_str_of(json_string_value(one));
        sm_rc rc = sm_eval_ask(l, text, &r[i]);
        if (rc == SM_OK)
            rc = sm_eval_ask(l, text, &again);
        if (rc < 0)
            return rc;
        bool same = sm_str_eq(bytes_of(l->op->arena, r[i]), bytes_of(l->op->arena, again));
        c->of[0]++;
        c->hit[0] += same;
        c->hit[1] += first_is(r[i], code);
        if (!same || !first_is(r[i], code))
            sm_eval_miss(l, text, r[i], same ? "other item first" : "not the same twice");
        if (i == 0)
            continue;
        c->of[1]++;
        c->hit[2] += r[0]->n_items && first_is(r[i], r[0]->item[0].code);
        if (r[0]->act != SM_ACT_ANSWER || r[i]->act != SM_ACT_ANSWER)
            continue;
        bool facts = same_facts(l->op->arena, r[0], r[i], facet);
        c->of[2]++;
        c->hit[3] += facts;
        if (!facts)
            sm_eval_miss(l, text, r[i], "other facts");
    }
    return SM_OK;
}
