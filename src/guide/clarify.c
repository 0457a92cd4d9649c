/*
 * Asking back: what splits the items that a question may mean, as choices.
 */
#include <string.h>

#include "guide/turn.h"
#include "text/text.h"

enum { MAX_OFFERED = 5, BARE_CHARS = 4 };
/* A rival is offered when it is this likely among the rivals, at least two in any case. */
static const double OFFERED_AT = 0.06, TOPIC_AT = 0.04;
static const double FACET_SURE = 0.6;
static const double SIBLING_AT = 0.4; /* the wording changes a condition */

/* An item that may be meant, with its guide. */
struct offer {
    sm_str code, title;
    json_t *json;
};

static sm_rc load(sm_turn *t, sm_str code, struct offer *o)
{
    sm_doc *doc;
    sm_rc rc = sm_corpus_doc(t->op, t->corpus, code, &doc);
    if (rc == SM_OK)
        rc = sm_item_json(t->op, doc, &o->json);
    if (rc == SM_OK) {
        o->code = doc->id;
        o->title = doc->title;
    }
    return rc;
}

/* A situation may lead to an item that the catalogue does not have, or no longer has. */
static sm_rc load_if_there(sm_turn *t, sm_str code, struct offer *o, bool *there)
{
    sm_rc rc = load(t, code, o);
    *there = rc == SM_OK;
    if (rc != SM_E_NOTFOUND)
        return rc;
    sm_op_clear(t->op);
    return SM_OK;
}

/* The label of a situation's option that leads to an item; "" when none or several do. */
static sm_str label_to(const struct offer *of, const json_t *situation, sm_str code)
{
    size_t i;
    json_t *o;
    sm_str label = { 0 };
    json_array_foreach(json_object_get(situation, "options"), i, o)
    {
        sm_str to = sm_json_str(o, "goto");
        if (!sm_str_eq(to.n ? to : of->code, code))
            continue;
        if (label.n)
            return (sm_str){ 0 };
        label = sm_json_str(o, "label");
    }
    return label;
}

/* How many of the offers the situation's options lead to, its own item included. */
static size_t splits(const struct offer *of, const json_t *situation, const struct offer *all,
                     size_t n)
{
    size_t hits = 0, i;
    json_t *o;
    for (size_t k = 0; k < n; k++) {
        bool hit = false;
        json_array_foreach(json_object_get(situation, "options"), i, o)
        {
            sm_str to = sm_json_str(o, "goto");
            hit |= sm_str_eq(to.n ? to : of->code, all[k].code);
        }
        hits += hit;
    }
    return hits;
}

sm_rc sm_situation_leads(sm_turn *t, sm_str from, sm_str to, bool *leads)
{
    struct offer o;
    size_t i, k;
    json_t *s, *option;
    bool there;
    sm_rc rc = load_if_there(t, from, &o, &there);
    *leads = false;
    if (rc < 0 || !there)
        return rc;
    json_array_foreach(json_object_get(o.json, "situations"), i, s)
    {
        json_array_foreach(json_object_get(s, "options"), k, option)
        {
            *leads |= sm_str_eq(sm_json_str(option, "goto"), to);
        }
    }
    return SM_OK;
}

/* The situation on record that tells most of the offers apart, two at least; NULL when there is
 * none. */
static const json_t *best_situation(const struct offer *all, size_t n, const struct offer **of)
{
    const json_t *best = NULL;
    size_t most = 1, i;
    json_t *s;
    for (size_t k = 0; k < n; k++) {
        json_array_foreach(json_object_get(all[k].json, "situations"), i, s)
        {
            size_t hits = splits(&all[k], s, all, n);
            if (hits > most) {
                most = hits;
                best = s;
                *of = &all[k];
            }
        }
    }
    return best;
}

/* The situation's own question when its options lead to all that is offered; else what they are
 * called, with the option behind it. */
static sm_rc ask(sm_turn *t, const struct offer *all, size_t n)
{
    sm_option option[SM_MAX_OPTIONS];
    const struct offer *of = NULL;
    const json_t *s = best_situation(all, n, &of);
    bool whole = s != NULL;
    for (size_t i = 0; i < n; i++) {
        sm_str label = s ? label_to(of, s, all[i].code) : (sm_str){ 0 };
        whole &= label.n > 0;
        option[i] = (sm_option){ label, all[i].code };
    }
    for (size_t i = 0; i < n && !whole; i++) {
        sm_str label = option[i].label, title = all[i].title;
        option[i].label =
            label.n ? sm_strf(t->op->arena, "%.*s（%.*s）", SM_ARG(title), SM_ARG(label)) : title;
    }
    option[n] = (sm_option){ SM_STR("都不是"), { 0 } };
    sm_say_clarify(t, whole ? "situation" : "topic",
                   whole ? sm_json_str(s, "question") : SM_STR("您要办的是哪一件？"), option,
                   n + 1);
    return SM_OK;
}

sm_rc sm_ask_which(sm_turn *t)
{
    struct offer all[MAX_OFFERED];
    size_t n = 0;
    sm_rc rc = load(t, t->item->hit[0].id, &all[n++]);
    for (size_t i = 0; rc == SM_OK && i < t->n_rivals && n < MAX_OFFERED; i++)
        if (n < 2 || t->rival[i].p >= OFFERED_AT)
            rc = load(t, t->rival[i].code, &all[n++]);
    return rc == SM_OK ? ask(t, all, n) : rc;
}

/* The item's name or an alias has the text in it; *exact when it is just that. */
static bool named_by(sm_turn *t, const struct offer *o, sm_str text, bool *exact)
{
    size_t i;
    json_t *e;
    sm_str name = sm_text_normal(t->op->arena, o->title);
    bool has = sm_str_has(name, text);
    *exact = sm_str_eq(name, text);
    json_array_foreach(json_object_get(o->json, "aliases"), i, e)
    {
        name = sm_text_normal(t->op->arena, sm_str_of(json_string_value(e)));
        has |= sm_str_has(name, text);
        *exact |= sm_str_eq(name, text);
    }
    return has;
}

/* "我想问公积金的事" says no more than 公积金. */
static sm_str bare_word(sm_arena *a, sm_str said)
{
    static const char *const before[] = { "我",   "请",   "想",   "要是", "要",   "问",
                                          "咨询", "一下", "了解", "办理", "办",   "下",
                                          "关于", "你好", "您好", "那",   "如果", "假如",
                                          "换成", "换做", "是",   "，" };
    static const char *const after[] = { "的事情", "的事", "的问题", "方面", "相关", "的", "怎么办",
                                         "怎么弄", "咋办", "咋弄",   "吧",   "呢",   "？", "。" };
    sm_str s = sm_str_trim(said);
    for (size_t i = 0; i < SM_LEN(before); i++)
        if (sm_str_starts(s, sm_str_of(before[i]))) {
            s = sm_str_sub(s, strlen(before[i]), s.n);
            i = SIZE_MAX; /* from the beginning again */
        }
    for (size_t i = 0; i < SM_LEN(after); i++)
        if (sm_str_ends(s, sm_str_of(after[i]))) {
            s.n -= strlen(after[i]);
            i = SIZE_MAX;
        }
    return sm_text_normal(a, s);
}

/* The one akin to what is in hand, not that itself, that has the word in its names. */
static sm_rc akin_by(sm_turn *t, sm_str word, sm_str *code)
{
    size_t n = 0;
    *code = (sm_str){ 0 };
    for (size_t i = 0; i < t->n_candidates; i++) {
        const sm_candidate *c = &t->candidate[i];
        struct offer o;
        bool there, exact;
        if (!sm_is_akin(c) || !c->code.n)
            continue;
        sm_rc rc = load_if_there(t, c->code, &o, &there);
        if (rc < 0)
            return rc;
        if (!there || !named_by(t, &o, word, &exact))
            continue;
        if (c->cue[SM_CUE_HAND] > 0 || ++n > 1) {
            *code = (sm_str){ 0 };
            return SM_OK;
        }
        *code = c->code;
    }
    return SM_OK;
}

sm_rc sm_named_akin(sm_turn *t, sm_str *code)
{
    sm_str word = bare_word(t->op->arena, t->said);
    size_t chars = sm_utf8_count(word);
    const double *f = t->reading.follow;
    bool of_facet = t->facet != SM_FACET_NONE && t->facet != SM_FACET_CONDITIONS;
    *code = (sm_str){ 0 };
    if (chars < 2 || chars > BARE_CHARS || (of_facet && t->facet_p >= FACET_SURE) ||
        f[SM_FOLLOW_SIBLING] < f[SM_FOLLOW_NEW])
        return SM_OK;
    sm_rc rc = akin_by(t, word, code);
    if (rc < 0 || code->n || t->talk.pending == SM_PENDING_CHOICE)
        return rc;
    sm_str formal = sm_formal_text(t->op, t->snap, SM_KIND_ITEM, word); /* 丢了: 遗失 */
    return sm_str_eq(formal, word) ? SM_OK : akin_by(t, formal, code);
}

static bool supposes(sm_str said)
{
    static const char *const words[] = { "要是", "如果", "假如", "换成", "换做" };
    if (sm_str_starts(said, SM_STR("那")))
        said = sm_str_sub(said, strlen("那"), said.n);
    for (size_t i = 0; i < SM_LEN(words); i++)
        if (sm_str_starts(said, sm_str_of(words[i])))
            return true;
    return false;
}

sm_rc sm_read_unwritten(sm_turn *t)
{
    sm_str word = bare_word(t->op->arena, t->said);
    size_t chars = sm_utf8_count(word);
    sm_doc *doc;
    bool bare = sm_str_ends(t->said, SM_STR("呢")) && chars >= 2 && chars <= BARE_CHARS;
    if (!bare || !t->keeps_item || sm_only_who(word) || sm_only_changes(t) ||
        (t->reading.follow[SM_FOLLOW_SIBLING] < SIBLING_AT && !supposes(t->said)))
        return SM_OK;
    t->of_word = true;
    sm_rc rc = sm_corpus_doc(t->op, t->corpus, t->chosen, &doc);
    sm_str formal = sm_formal_text(t->op, t->snap, SM_KIND_ITEM, word);
    if (rc == SM_OK && !sm_str_has(doc->json, word) && !sm_str_has(doc->json, formal))
        t->unwritten = word;
    return rc;
}

/* Keeps the items found that have the word in their names; *exact when one is called just that. */
static sm_rc keep_named(sm_turn *t, sm_matches *m, sm_str word, bool *exact)
{
    size_t kept = 0;
    for (size_t i = 0; i < m->n; i++) {
        struct offer o;
        bool just = false;
        sm_rc rc = load(t, m->hit[i].id, &o);
        if (rc < 0)
            return rc;
        if (named_by(t, &o, word, &just))
            m->hit[kept++] = m->hit[i];
        *exact |= just;
    }
    m->n = kept;
    return SM_OK;
}

static bool kin_of_offered(const sm_turn *t, const sm_option *option, size_t n, sm_str code)
{
    const sm_unclear *u = sm_intents_unclear(t->g->intents);
    for (size_t i = 0; i < n; i++)
        if (sm_unclear_links(u, option[i].code, code) > 0)
            return true;
    return false;
}

static bool is_offered(const sm_option *option, size_t n, sm_str code)
{
    for (size_t i = 0; i < n; i++)
        if (sm_str_eq(option[i].code, code))
            return true;
    return false;
}

/* The first found, those of different kinds before more of one kind: 提取, 贷款, 转移 …; fill: as
 * many as can be offered, however unlikely. */
static sm_rc ask_topic(sm_turn *t, bool fill)
{
    sm_option option[SM_MAX_OPTIONS];
    const sm_matches *m = t->item;
    size_t n = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < m->n && n < MAX_OFFERED; i++) {
            sm_str code = m->hit[i].id;
            bool unlikely = n >= 3 && !fill && m->hit[i].p < TOPIC_AT;
            if (unlikely || is_offered(option, n, code) ||
                (pass == 0 && kin_of_offered(t, option, n, code)))
                continue;
            sm_rc rc = sm_item_name(t, code, &option[n].label);
            if (rc < 0)
                return rc;
            option[n++].code = code;
        }
    option[n++] = (sm_option){ SM_STR("都不是"), { 0 } };
    sm_say_clarify(t, "topic", SM_STR("您说的可能是下面几件事，要办的是哪一件？"), option, n);
    return SM_OK;
}

sm_rc sm_ask_topic(sm_turn *t)
{
    return ask_topic(t, false);
}

sm_rc sm_ask_bare(sm_turn *t, bool *done)
{
    sm_str word = bare_word(t->op->arena, t->text);
    size_t chars = sm_utf8_count(word);
    bool exact = false;
    sm_matches *m;
    if (chars < 1 || chars > BARE_CHARS)
        return SM_OK;
    sm_rc rc = sm_match(t->op, t->snap, SM_KIND_ITEM, word, &t->filter, SM_MAX_CANDIDATES, &m);
    if (rc == SM_OK)
        rc = keep_named(t, m, word, &exact);
    if (rc < 0 || exact || m->n < 2)
        return rc;
    t->item = m;
    *done = true;
    return ask_topic(t, true);
}
