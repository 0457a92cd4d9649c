/*
 * Which item a turn is about, when the conversation has a matter in hand or a question pending.
 */
#include <string.h>

#include "guide/turn.h"
#include "text/text.h"

/* Of the likeliest candidate: enough to take it as the answer to our question; enough to leave what
 * is in hand for a matter that is neither it nor its kin and that the text alone does not name,
 * else the text is read as a new question. */
static const double OPTION_ENOUGH = 0.30, NEW_ENOUGH = 0.30;
static const double CONTEXT_ADDS = 0.1; /* to the probability: what was said before matters */
static const double SURELY_NEW =
    0.8; /* of the likeliest candidate, when the text alone names it, too */
static const double NAMED_P = 0.9,
                    NAMED_SHARE = 0.34; /* surely another item, by so much of the text */

/* By the text alone: surely another item; nothing of what is in hand. */
static const double LEAVES_P = 0.85, NOTHING_P = 0.02;
static const double LEADS_P = 0.5, LEADS_BY = 0.5; /* below so likely; this much of it */
static const double NAMES_AT = 0.2;                /* by the text alone: enough to be meant */
enum {
    PIECES_CHARS = 5, /* of a name that is looked for character by character */
    WHOLE_CHARS = 14  /* of a message that is a question without what was said before */
};
enum { BARE_CHARS = 8 }; /* "身份证呢": so short it tells little of what is wanted */

double sm_p_of(const sm_matches *m, sm_str code)
{
    for (size_t i = 0; m && i < m->n; i++)
        if (sm_str_eq(m->hit[i].id, code))
            return m->hit[i].p;
    return 0;
}

size_t sm_option_taken(const sm_turn *t)
{
    sm_str s = sm_str_trim(t->said);
    static const char *const before[] = { "选", "第" }, *const after[] = { "个", "项", "种", "。" };
    if (t->talk.pending != SM_PENDING_CHOICE && t->talk.pending != SM_PENDING_NEAREST &&
        t->talk.pending != SM_PENDING_LEFT)
        return SIZE_MAX;
    for (size_t i = 0; i < t->talk.n_options; i++)
        if (sm_str_eq(s, t->talk.option[i].label))
            return i;
    for (size_t i = 0; i < SM_LEN(before); i++)
        if (sm_str_starts(s, sm_str_of(before[i])))
            s = sm_str_sub(s, 3, s.n);
    for (size_t i = 0; i < SM_LEN(after); i++)
        if (sm_str_ends(s, sm_str_of(after[i])))
            s.n -= 3;
    int64_t n = s.n && s.n <= 6 ? sm_text_integer(s) : -1;
    return n >= 1 && (size_t)n <= t->talk.n_options ? (size_t)n - 1 : SIZE_MAX;
}

bool sm_takes_none(const sm_turn *t)
{
    static const char *const words[] = { "不是",       "都不是",   "不是的",   "不对",
                                         "都不对",     "不是这个", "不是这些", "不是这件",
                                         "以上都不是", "没有一个" };
    sm_str s = sm_str_trim(t->said);
    while (sm_str_ends(s, SM_STR("。")) || sm_str_ends(s, SM_STR("！")))
        s.n -= 3;
    bool offered = t->talk.pending == SM_PENDING_NEAREST && t->talk.n_options;
    for (size_t i = 0; offered && i < SM_LEN(words); i++)
        if (sm_str_eq(s, sm_str_of(words[i])))
            return true;
    return false;
}

/* A neighbour of what was offered: the answer to our question, although we did not offer it. */
static bool kin_of_option(const sm_turn *t, sm_str code)
{
    const sm_unclear *u = sm_intents_unclear(t->g->intents);
    for (size_t i = 0; t->talk.pending == SM_PENDING_CHOICE && i < t->talk.n_options; i++)
        if (sm_unclear_links(u, t->talk.option[i].code, code) > 0)
            return true;
    return false;
}

/* All characters of the name stand in the text: 补办身份证 in "身份证补办多久能好". */
static bool stands_in_pieces(sm_arena *a, sm_str text, sm_str name)
{
    sm_str rest = sm_text_normal(a, name);
    if (sm_utf8_count(rest) < PIECES_CHARS)
        return false;
    for (; rest.n; rest = sm_str_sub(rest, sm_utf8_head(rest, 1).n, rest.n))
        if (!sm_str_has(text, sm_utf8_head(rest, 1)))
            return false;
    return true;
}

/* The text by itself finds nothing of what is in hand, and an item surely that it names, be it in
 * another order. */
static sm_rc leaves_hand(sm_turn *t, bool *leaves)
{
    sm_doc *doc;
    json_t *json, *e;
    size_t i;
    bool of_that = sm_str_starts(t->said, SM_STR("那")) && sm_str_ends(t->said, SM_STR("呢"));
    *leaves = false;
    if (of_that || !t->talk.item.n || t->talk.n_options || t->item->hit[0].p < LEAVES_P ||
        sm_p_of(t->item, t->talk.item) > NOTHING_P)
        return SM_OK;
    sm_rc rc = sm_item_of_code(t, t->item->hit[0].id, &doc, &json);
    if (rc < 0)
        return rc;
    sm_str text = sm_text_normal(t->op->arena, t->text);
    *leaves = stands_in_pieces(t->op->arena, text, doc->title);
    json_array_foreach(json_object_get(json, "aliases"), i, e)
    {
        sm_str alias = sm_str_of(json_string_value(e));
        *leaves |= stands_in_pieces(t->op->arena, text, alias);
    }
    return SM_OK;
}

/* The text has the name of an item in it that is neither in hand, nor its kin, nor offered. */
static sm_rc names_another(sm_turn *t, bool *another)
{
    *another = false;
    if (t->item->n == 0 || t->item->hit[0].p < LEAVES_P)
        return SM_OK;
    for (size_t i = 0; i < t->n_candidates; i++)
        if (sm_str_eq(t->candidate[i].code, t->item->hit[0].id) && sm_is_akin(&t->candidate[i]))
            return SM_OK;
    sm_rc rc = sm_read_name(t);
    *another = t->item->hit[0].p >= NAMED_P && t->named_share >= NAMED_SHARE;
    return rc < 0 || *another ? rc : leaves_hand(t, another);
}

/* A candidate that is chosen whatever its weight. */
static void choose(sm_turn *t, sm_str code)
{
    size_t i = 0;
    while (i < t->n_candidates && !sm_str_eq(t->candidate[i].code, code))
        i++;
    if (i == t->n_candidates)
        return;
    sm_candidate c = t->candidate[i];
    memmove(&t->candidate[1], &t->candidate[0], i * sizeof(c));
    t->candidate[0] = c;
    t->chosen = c.code;
    t->keeps_item = c.cue[SM_CUE_HAND] > 0;
}

/* A bare word for another matter, but hardly likelier than one of its neighbours: which is to be
 * asked. */
static bool hardly_leads(const sm_turn *t)
{
    const sm_candidate *c = t->candidate;
    const sm_unclear *u = sm_intents_unclear(t->g->intents);
    if (sm_is_akin(&c[0]) || c[0].p >= LEADS_P || sm_utf8_count(t->said) > BARE_CHARS)
        return false;
    for (size_t i = 1; i < t->n_candidates && c[i].p >= LEADS_BY * c[0].p; i++)
        if (!sm_is_akin(&c[i]) && sm_unclear_links(u, c[0].code, c[i].code) > 0)
            return true;
    return false;
}

/* Kin of what is in hand, and the text names nearly as well what one of its situations leads to:
 * that is asked. */
static sm_rc hangs_on_situation(sm_turn *t, bool *hangs)
{
    const sm_candidate *c = t->candidate;
    double p = c[0].cue[SM_CUE_TEXT_P];
    sm_rc rc = SM_OK;
    *hangs = false;
    if (!c[0].cue[SM_CUE_KIN] || p >= LEADS_P || p < NAMES_AT ||
        c[0].cue[SM_CUE_CONTEXT_P] >= LEADS_P)
        return SM_OK;
    for (size_t i = 1; i < t->n_candidates && rc == SM_OK && !*hangs; i++)
        if (!c[i].cue[SM_CUE_HAND] && c[i].cue[SM_CUE_TEXT_P] >= LEADS_BY * p &&
            c[i].cue[SM_CUE_CONTEXT_P] >= LEADS_BY * c[0].cue[SM_CUE_CONTEXT_P])
            rc = sm_situation_leads(t, c[0].code, c[i].code, hangs);
    return rc;
}

/* The item that needs no weighing: what is in hand, of another place, year or age; one akin to it
 * by its name.  Settled, too, when another item is named: a new question. */
static sm_rc settle(sm_turn *t, bool pending, bool *settled)
{
    sm_str code = { 0 };
    sm_rc rc = SM_OK;
    *settled = false;
    if (!pending && sm_only_changes(t))
        code = t->talk.item;
    else
        rc = sm_named_akin(t, &code);
    if (rc < 0 || !code.n)
        return rc < 0 ? rc : names_another(t, settled);
    choose(t, code);
    sm_leave_choice(t);
    *settled = true;
    return SM_OK;
}

static sm_rc take_likeliest(sm_turn *t, bool pending)
{
    bool hangs;
    sm_rc rc = hangs_on_situation(t, &hangs);
    if (rc < 0)
        return rc;
    const sm_candidate *best = &t->candidate[0];
    bool fresh = !sm_is_akin(best) && !kin_of_option(t, best->code) && t->item->n &&
                 sm_str_eq(t->item->hit[0].id, best->code) &&
                 sm_p_of(t->context, best->code) < t->item->hit[0].p + CONTEXT_ADDS;
    double enough = pending ? OPTION_ENOUGH : sm_is_akin(best) ? 0 : NEW_ENOUGH;
    if (!fresh && !hangs && !hardly_leads(t) && best->p >= enough)
        t->chosen = best->code;
    t->surely_new = fresh && best->p >= SURELY_NEW && t->item->hit[0].p >= NAMED_P;
    t->keeps_item = best->cue[SM_CUE_HAND] > 0;
    sm_leave_choice(t);
    return SM_OK;
}

void sm_leave_for_clauses(sm_turn *t)
{
    if (t->keeps_item && !t->took_option && !t->follows_policy &&
        sm_utf8_count(t->said) >= WHOLE_CHARS && sm_p_of(t->item, t->talk.item) <= NOTHING_P &&
        sm_clauses_surely(t)) {
        t->chosen = (sm_str){ 0 };
        t->keeps_item = false;
    }
}

sm_rc sm_resolve(sm_turn *t)
{
    bool pending = t->talk.pending == SM_PENDING_CHOICE && t->talk.n_options;
    size_t i = sm_option_taken(t);
    t->none_fits = sm_takes_none(t);
    if (t->none_fits)
        return SM_OK;
    if (i != SIZE_MAX) {
        t->chosen = t->talk.option[i].code;
        t->took_option = t->chosen.n > 0;
        t->none_fits = !t->took_option;
        return SM_OK;
    }
    if (!pending && !t->talk.item.n)
        return SM_OK;
    if (t->talk.topic.n) {
        sm_str both = sm_strf(t->op->arena, "%.*s，%.*s", SM_ARG(t->talk.topic), SM_ARG(t->text));
        sm_rc rc = sm_match(t->op, t->snap, SM_KIND_ITEM, both, &t->filter, SM_MAX_CANDIDATES,
                            &t->context);
        if (rc < 0)
            return rc;
    }
    sm_rc rc = sm_weigh_candidates(t);
    if (rc < 0 || t->n_candidates == 0)
        return rc;
    bool settled;
    rc = settle(t, pending, &settled);
    return rc < 0 || settled ? rc : take_likeliest(t, pending);
}
