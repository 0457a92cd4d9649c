/*
 * An item's eligibility rule, one variable at a time, computed and never guessed.
 */
#include <string.h>

#include "guide/turn.h"
#include "text/text.h"

static const double ELIGIBILITY_AT = 0.8; /* of the facet */

struct rule {
    sm_doc *item;
    json_t *json, *vars;
    sm_str text, order[SM_MAX_BINDINGS];
    size_t n;
};

static sm_rc load(sm_turn *t, sm_str code, struct rule *r)
{
    sm_rc rc = sm_corpus_doc(t->op, t->corpus, code, &r->item);
    if (rc == SM_OK)
        rc = sm_item_json(t->op, r->item, &r->json);
    if (rc < 0)
        return rc;
    r->vars = json_object_get(r->json, "eligibility");
    r->text = sm_json_str(r->json, "rule");
    size_t i;
    json_t *v;
    json_array_foreach(r->vars, i, v)
    {
        if (r->n < SM_MAX_BINDINGS)
            r->order[r->n++] = sm_json_str(v, "var");
    }
    return SM_OK;
}

static json_t *variable(const struct rule *r, sm_str name)
{
    size_t i;
    json_t *v;
    json_array_foreach(r->vars, i, v)
    {
        if (sm_str_eq(sm_json_str(v, "var"), name))
            return v;
    }
    return NULL;
}

static void ask_variable(sm_turn *t, const struct rule *r, sm_str name)
{
    json_t *v = variable(r, name), *label;
    sm_option option[SM_MAX_OPTIONS];
    size_t n = 0, i;
    if (sm_str_eq(sm_json_str(v, "type"), SM_STR("bool"))) {
        option[n++] = (sm_option){ SM_STR("是"), { 0 } };
        option[n++] = (sm_option){ SM_STR("否"), { 0 } };
    }
    json_array_foreach(json_object_get(v, "options"), i, label)
    {
        if (n < SM_MAX_OPTIONS - 1 && json_is_string(label))
            option[n++] = (sm_option){ sm_str_of(json_string_value(label)), { 0 } };
    }
    option[n++] = (sm_option){ SM_STR("不清楚"), { 0 } };
    sm_say_clarify(t, "eligibility",
                   sm_strf(t->op->arena, "帮您算一算是否符合“%.*s”的条件。请问：%.*s？",
                           SM_ARG(r->item->title), SM_ARG(sm_json_str(v, "label"))),
                   option, n);
    t->talk.pending = SM_PENDING_ELIGIBILITY;
    t->talk.variable = name;
}

/* The clause that carries the rule is what the verdict cites. */
static sm_rc verdict(sm_turn *t, const struct rule *r, sm_truth truth)
{
    static const char *const words[] = {
        [SM_FALSE] = "按您说的情况，目前不符合条件。",
        [SM_TRUE] = "按您说的情况，符合条件，可以申请。",
        [SM_UNKNOWN] = "有些情况还不清楚，暂时算不出来。",
    };
    t->talk.pending = SM_PENDING_NONE;
    t->talk.asked = 0;
    t->talk.item = r->item->id;
    t->reply->act = SM_ACT_ANSWER;
    t->reply->reason = "eligibility";
    sm_rc rc = sm_answer_item(t->op, t->corpus, r->item, (sm_facets){ { SM_FACET_ELIGIBILITY }, 1 },
                              t->talk.region, t->text, (sm_str){ 0 }, t->today, &t->answer);
    if (rc < 0 || t->answer->n_claims == 0)
        return rc;
    sm_claim *first = &t->answer->claim[0];
    first->text = sm_strf(t->op->arena, "%s规则是：%.*s（由规则计算，最终以窗口审核为准）",
                          words[truth], SM_ARG(first->text));
    t->talk.n_bindings = 0;
    return SM_OK;
}

static sm_rc step(sm_turn *t, const struct rule *r)
{
    const sm_str *next;
    sm_truth truth;
    sm_rc rc = sm_expr_eval(t->op, r->text, t->talk.binding, t->talk.n_bindings, &truth);
    if (rc == SM_OK)
        rc = sm_expr_next(t->op, r->text, t->talk.binding, t->talk.n_bindings, r->order, r->n,
                          &next);
    if (rc < 0)
        return rc;
    if (!next || !variable(r, *next))
        return verdict(t, r, truth);
    ask_variable(t, r, *next);
    return SM_OK;
}

/* Telling one's case is no wish to be questioned; these words are. */
static bool asks_to_compute(sm_str text)
{
    static const char *const words[] = { "算",     "符合", "符不",   "够不够", "够条件", "够格",
                                         "够得上", "资格", "合不合", "条件",   "达标",   "行不行" };
    return sm_str_has_any(text, words, SM_LEN(words));
}

bool sm_wants_computing(const sm_turn *t)
{
    bool settles = t->talk.pending == SM_PENDING_CHOICE; /* tells the case, asks nothing yet */
    return t->facet == SM_FACET_ELIGIBILITY && t->facet_p > ELIGIBILITY_AT && !settles &&
           asks_to_compute(t->text);
}

sm_rc sm_eligibility_start(sm_turn *t, const sm_doc *item, bool *done)
{
    struct rule r = { 0 };
    sm_rc rc = load(t, item->id, &r);
    if (rc < 0 || r.text.n == 0 || r.n == 0)
        return rc;
    t->talk.n_bindings = 0;
    t->talk.item = item->id;
    *done = true;
    return step(t, &r);
}

/* ------------------------------------------------------------- reading a reply */

static bool read_bool(sm_str s, sm_value *v)
{
    static const char *const no[] = { "不是", "没有", "没", "否", "不", "未", "无" };
    static const char *const yes[] = { "是", "有", "对", "嗯", "已", "能", "可以", "办了", "同意" };
    v->type = SM_VALUE_BOOL;
    if (sm_str_has_any(s, no, SM_LEN(no)))
        v->truth = false;
    else if (sm_str_has_any(s, yes, SM_LEN(yes)))
        v->truth = true;
    else
        return false;
    return true;
}

static bool read_number(sm_turn *t, sm_str s, sm_value *v)
{
    int64_t n = sm_text_integer(sm_str_trim(s));
    sm_fact *fact;
    size_t n_facts = sm_text_facts(t->op->arena, s, &fact);
    v->type = SM_VALUE_NUMBER;
    if (n >= 0)
        v->number = (double)n;
    else if (n_facts)
        v->number = fact[0].value;
    else
        return false;
    return true;
}

static bool read_choice(sm_turn *t, const json_t *var, sm_str s, sm_value *v)
{
    size_t i;
    json_t *label;
    int64_t n = s.n <= 6 ? sm_text_integer(s) : -1;
    v->type = SM_VALUE_TEXT;
    json_array_foreach(json_object_get(var, "options"), i, label)
    {
        sm_str name = sm_str_of(json_string_value(label));
        if (sm_str_eq(name, s) || sm_str_has(s, name) || (int64_t)i + 1 == n) {
            v->text = sm_str_dup(t->op->arena, name);
            return true;
        }
    }
    return false;
}

static bool read_value(sm_turn *t, const json_t *var, sm_value *v)
{
    static const char *const unknown[] = { "不清楚", "不知道", "不记得", "不确定", "说不准" };
    sm_str s = sm_str_trim(t->text), type = sm_json_str(var, "type");
    *v = (sm_value){ .type = SM_VALUE_UNKNOWN };
    if (sm_str_has_any(s, unknown, SM_LEN(unknown)))
        return true;
    sm_value read = *v;
    bool ok = sm_str_eq(type, SM_STR("bool"))     ? read_bool(s, &read)
              : sm_str_eq(type, SM_STR("number")) ? read_number(t, s, &read)
                                                  : read_choice(t, var, s, &read);
    if (ok)
        *v = read;
    return ok;
}

sm_rc sm_eligibility_go_on(sm_turn *t, bool *done)
{
    struct rule r = { 0 };
    sm_rc rc = load(t, t->talk.item, &r);
    if (rc < 0)
        return rc;
    json_t *var = variable(&r, t->talk.variable);
    sm_value v;
    if (!var || !read_value(t, var, &v) || t->talk.n_bindings == SM_MAX_BINDINGS) {
        t->talk.pending = SM_PENDING_NONE; /* something else is being said */
        return SM_OK;
    }
    t->talk.binding[t->talk.n_bindings++] = (sm_binding){ t->talk.variable, v };
    *done = true;
    return step(t, &r);
}
