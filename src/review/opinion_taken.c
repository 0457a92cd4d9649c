/*
 * What is taken of a model's replies.  A finding must quote its paragraph word for word, in one
 * place; nothing else of the model's words is shown but a reason whose facts the paragraph has.
 */
#include "review/opinion_inner.h"

#include <stdlib.h>

/* A model's opinion: for a person to judge, never mended without asking. */
static const double BY_MEANING = 0.6, BY_BOTH = 0.8;

/* ------------------------------------------------------------------ reasons */

static bool shows_nothing_odd(sm_str s)
{
    while (s.n) {
        uint32_t c = sm_utf8_next(&s);
        if (c < ' ' || sm_is_hidden(c))
            return false;
    }
    return true;
}

/* Whether the paragraph has every fact of it: figures, dates, numbers of documents, organs, titles,
 * addresses. */
static bool facts_stand(sm_arena *a, sm_str reason, sm_str paragraph)
{
    sm_fact *said, *there;
    size_t n_said = sm_text_facts_all(a, reason, NULL, &said);
    size_t n_there = sm_text_facts_all(a, paragraph, NULL, &there);
    for (size_t i = 0; i < n_said; i++) {
        bool stands = false;
        for (size_t k = 0; !stands && k < n_there; k++)
            stands = sm_fact_within(said[i].key, there[k].key);
        if (!stands)
            return false;
    }
    return sm_ground_holds(a, reason, &paragraph, 1, NULL);
}

static bool may_be_shown(sm_arena *a, sm_str reason, sm_str paragraph)
{
    size_t n = sm_utf8_count(reason);
    return n >= SM_ASKED_REASON_MIN && n <= SM_ASKED_REASON_MAX && shows_nothing_odd(reason) &&
           !sm_ground_orders(a, reason) && facts_stand(a, reason, paragraph);
}

/* ----------------------------------------------------------------- findings */

static const sm_asked_rule *rule_of(const sm_opinion *x, const sm_asked_request *r, sm_str id)
{
    for (size_t i = 0; i < x->n_rules; i++)
        if (r->rule[i] && sm_str_eq(x->rule[i].rule.id, id))
            return &x->rule[i];
    return NULL;
}

/* Numbers are from 1 in a prompt. */
static const sm_asked_line *line_of(const sm_opinion *x, const sm_asked_request *r, const json_t *n)
{
    for (size_t i = r->first; json_is_integer(n) && i < r->first + r->n; i++)
        if (x->line[i].para == json_integer_value(n) - 1)
            return &x->line[i];
    return NULL;
}

/* True when it stands there once. */
static bool stands_once(sm_str text, sm_str quote, size_t *at)
{
    *at = sm_str_find(text, quote, 0);
    return *at != SIZE_MAX && sm_str_find(text, quote, *at + 1) == SIZE_MAX;
}

static bool alike(const sm_finding *x, const sm_finding *y)
{
    if (x->para != y->para)
        return false;
    bool overlap = x->start < y->end && y->start < x->end;
    bool same = x->start == y->start && x->end == y->end;
    return same || (overlap && sm_str_eq(x->rule->id, y->rule->id));
}

static bool is_there(const sm_opinion *x, const sm_finding *f)
{
    for (size_t i = 0; i < x->n_known; i++)
        if (alike(&x->known[i], f))
            return true;
    for (size_t i = 0; i < x->n_found; i++)
        if (alike(&x->found[i], f))
            return true;
    return false;
}

static void take(sm_opinion *x, const sm_finding *f)
{
    if (x->n_found < SM_OPINION_FINDINGS && !is_there(x, f))
        x->found[x->n_found++] = *f;
}

static void take_finding(sm_opinion *x, const sm_asked_request *r, const json_t *j)
{
    const sm_asked_rule *rule = rule_of(x, r, sm_json_str(j, "rule"));
    const sm_asked_line *line = line_of(x, r, json_object_get(j, "para"));
    sm_str quote = sm_json_str(j, "quote"), reason = sm_str_trim(sm_json_str(j, "why"));
    size_t n = sm_utf8_count(quote), at;
    if (!rule || !line || !(rule->where >> line->role & 1) || n < SM_ASKED_QUOTE_MIN ||
        n > SM_ASKED_QUOTE_MAX || !sm_str_trim(quote).n || !stands_once(line->text, quote, &at))
        return;
    size_t start = sm_utf8_count(sm_str_sub(line->text, 0, at));
    sm_finding f = { .rule = &rule->rule,
                     .para = line->para,
                     .start = start,
                     .end = start + n,
                     .text = sm_str_sub(line->text, at, at + quote.n),
                     .why = rule->rule.why,
                     .confidence = BY_MEANING,
                     .by_model = true,
                     .page = line->page };
    if (may_be_shown(x->a, reason, line->text))
        f.why = sm_strf(x->a, "%.*s（模型的说法：%.*s）", SM_ARG(rule->rule.why), SM_ARG(reason));
    take(x, &f);
}

static bool read_findings(sm_opinion *x, const sm_asked_request *r, const json_t *j)
{
    const json_t *list = json_object_get(j, "findings"), *one;
    size_t i;
    json_array_foreach(list, i, one)
    {
        if (i < SM_ASKED_OF_ONE)
            take_finding(x, r, one);
    }
    return json_is_array(list);
}

/* ----------------------------------------------------------------- spelling */

static bool is_number(const json_t *j, size_t n)
{
    return json_is_integer(j) && json_integer_value(j) >= 1 &&
           json_integer_value(j) <= (json_int_t)n;
}

static bool read_yes(sm_opinion *x, const sm_asked_request *r, const json_t *j)
{
    const json_t *list = json_object_get(j, "yes"), *one;
    size_t i;
    json_array_foreach(list, i, one)
    {
        if (!is_number(one, r->n))
            return false;
    }
    json_array_foreach(list, i, one)
    {
        sm_finding f = x->doubt[r->first + (size_t)json_integer_value(one) - 1].finding;
        f.by_model = true;
        f.confidence = BY_BOTH;
        f.why = sm_strf(x->a, "“%.*s”疑为“%.*s”之误，用字统计拿不准，模型认为是", SM_ARG(f.text),
                        SM_ARG(f.suggest));
        take(x, &f);
    }
    return json_is_array(list);
}

bool sm_opinion_replied(sm_opinion *x, size_t i, sm_str reply)
{
    const sm_asked_request *r = &x->request[i];
    json_t *j;
    sm_op op;
    if (!reply.n || reply.n > SM_OPINION_REPLY)
        return false;
    sm_op_begin(&op); /* what is taken is copied out of it */
    bool read = sm_prompt_object(&op, reply, &j) &&
                (r->spelling ? read_yes(x, r, j) : read_findings(x, r, j));
    sm_op_end(&op);
    return read;
}

/* -------------------------------------------------------------------- order */

static int by_place(const void *a, const void *b)
{
    const sm_finding *x = a, *y = b;
    if (x->para != y->para)
        return x->para < y->para ? -1 : 1;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return sm_str_cmp(x->rule->id, y->rule->id);
}

size_t sm_opinion_found(sm_opinion *x, const sm_finding **out)
{
    if (x->n_found)
        qsort(x->found, x->n_found, sizeof(*x->found), by_place);
    *out = x->found;
    return x->n_found;
}
