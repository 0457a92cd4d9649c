#include "guide/cues.h"

#include <math.h>
#include <string.h>

#include "guide/turn.h"
#include "guide/weights.h"
#include "text/text.h"

enum { LOOKED_AT = 6, MAX_KIN = 24 };
static const double WORDS_TEMPER = 0.3;
static const double RULED_OUT = 10; /* off the score */

static const char *const names[SM_N_CUES] = {
#define SM_CUE_ROW(id, name) name,
    SM_CUE_TABLE(SM_CUE_ROW)
#undef SM_CUE_ROW
};

const char *sm_cue_name(int cue)
{
    return names[cue];
}

/* ------------------------------------------------------------ candidates */

static sm_candidate *find(sm_turn *t, sm_str code)
{
    for (size_t i = 0; i < t->n_candidates; i++)
        if (sm_str_eq(t->candidate[i].code, code))
            return &t->candidate[i];
    return NULL;
}

static sm_candidate *add(sm_turn *t, sm_str code)
{
    sm_candidate *c = find(t, code);
    if (!c && code.n && t->n_candidates < SM_MAX_CANDIDATES) {
        c = &t->candidate[t->n_candidates++];
        *c = (sm_candidate){ .code = code };
    }
    return c;
}

/* What is in hand counts only while nothing is pending: an answer to our question is about what was
 * offered. */
static void list_candidates(sm_turn *t)
{
    bool pending = t->talk.pending == SM_PENDING_CHOICE;
    sm_str kin[MAX_KIN];
    const sm_matches *from[2] = { t->item, t->context };
    for (size_t i = 0; pending && i < t->talk.n_options; i++) {
        sm_candidate *c = add(t, t->talk.option[i].code);
        if (c) {
            c->cue[SM_CUE_OPTION] = 1;
            c->cue[SM_CUE_FIRST] = i == 0;
        }
    }
    if (!pending && t->talk.item.n)
        add(t, t->talk.item)->cue[SM_CUE_HAND] = 1;
    const sm_unclear *u = sm_intents_unclear(t->g->intents);
    size_t n = pending ? 0 : sm_unclear_kin_of(u, t->talk.item, kin, MAX_KIN);
    for (size_t i = 0; i < n; i++) {
        sm_candidate *c = add(t, kin[i]);
        if (c)
            c->cue[SM_CUE_KIN] = c->cue[SM_CUE_HAND] > 0 ? 0 : 1;
    }
    n = pending ? 0 : sm_unclear_partners_of(u, t->talk.item, kin, MAX_KIN);
    for (size_t i = 0; i < n; i++) {
        sm_candidate *c = add(t, kin[i]);
        if (c)
            c->cue[SM_CUE_PARTNER] = 1;
    }
    for (size_t i = 0; i < SM_MAX_EARLIER; i++) {
        sm_candidate *c = add(t, t->talk.earlier[i]);
        if (c)
            c->cue[SM_CUE_EARLIER] = 1;
    }
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; from[k] && i < SM_MIN(from[k]->n, (size_t)LOOKED_AT); i++)
            add(t, from[k]->hit[i].id);
}

/* ------------------------------------------------------------------ cues */

bool sm_is_akin(const sm_candidate *c)
{
    return c->cue[SM_CUE_HAND] + c->cue[SM_CUE_KIN] + c->cue[SM_CUE_OPTION] > 0;
}

/* What the words of the text alone say for each of the family against the others. */
static void weigh_words(sm_turn *t)
{
    sm_str code[SM_MAX_CANDIDATES];
    double share[SM_MAX_CANDIDATES], most = -INFINITY, sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < t->n_candidates; i++)
        if (sm_is_akin(&t->candidate[i]))
            code[n++] = t->candidate[i].code;
    sm_unclear_weigh(sm_intents_unclear(t->g->intents), t->op->arena, t->text, code, n, share);
    for (size_t i = 0; i < n; i++)
        most = SM_MAX(most, share[i]);
    for (size_t i = 0; i < n; i++)
        sum += share[i] = sm_exp(WORDS_TEMPER * (share[i] - most));
    for (size_t i = 0, k = 0; i < t->n_candidates; i++)
        t->candidate[i].cue[SM_CUE_WORDS] =
            sm_is_akin(&t->candidate[i]) ? sm_log_p(share[k++] / sum) : sm_log_p(0);
}

/* 1: of here, -1: from elsewhere, 0: neither is said. */
static int place_of(const sm_turn *t, sm_str text, bool look_up)
{
    static const char *const away[] = { "外省", "省外", "外地", "外市", "市外",
                                        "非本", "跨省", "异地", "外来", "其他省" };
    static const char *const here[] = { "本市", "本地", "本省", "本区", "当地", "省内" };
    if (sm_str_has_any(text, away, SM_LEN(away)))
        return -1;
    if (sm_str_has_any(text, here, SM_LEN(here)))
        return 1;
    for (size_t i = 0; look_up && i < t->n_region_names; i++)
        if (sm_str_has(text, t->region_name[i]))
            return 1;
    for (size_t i = 0; look_up && i < t->g->n_places; i++)
        if (!t->g->place[i].word && sm_str_has(text, t->g->place[i].name))
            return -1;
    return 0;
}

/* Of a licence or a card: 1 its term is over, -1 it is not yet, 0: nothing is said of it. */
static int term_of(sm_str text)
{
    static const char *const over[] = { "已过期", "已经过期", "过期了", "失效", "过了期", "超过",
                                        "过了",   "逾期",     "已到期", "作废", "早过",   "没续" };
    static const char *const soon[] = { "快到期",   "快过期", "就到期", "要到期", "没到期",
                                        "未到期",   "没过期", "还没过", "届满",   "期满",
                                        "有效期内", "即将到", "还有效", "才到期", "不足一年",
                                        "快满",     "要过期" };
    if (sm_str_has_any(text, soon, SM_LEN(soon)))
        return -1;
    return sm_str_has_any(text, over, SM_LEN(over)) ? 1 : 0;
}

/* "还没注销" denies 注销: the two characters behind the word of denial stand in the label, which
 * does not deny them itself. */
static bool denies(sm_str text, sm_str label)
{
    static const char *const no[] = { "没有", "没", "未", "不是", "不" };
    for (size_t i = 0; i < SM_LEN(no); i++) {
        sm_str word = sm_str_of(no[i]);
        for (size_t at = 0; (at = sm_str_find(text, word, at)) != SIZE_MAX; at += word.n) {
            sm_str what = sm_utf8_head(sm_str_sub(text, at + word.n, text.n), 2);
            size_t in = what.n >= 6 ? sm_str_find(label, what, 0) : SIZE_MAX;
            sm_str before =
                in == SIZE_MAX ? (sm_str){ 0 } : sm_str_sub(label, in >= 6 ? in - 6 : 0, in);
            if (in != SIZE_MAX && !sm_str_has_any(before, no, SM_LEN(no)))
                return true;
        }
    }
    return false;
}

/* Lengths of time in days; other figures as they are.  False for what has no size. */
static bool size_of(const sm_fact *f, bool *is_time, double *size)
{
    static const double days[SM_FACT_AGE + 1] = {
        [SM_FACT_WORKDAYS] = 1.4, [SM_FACT_DAYS] = 1, [SM_FACT_MONTHS] = 30.4, [SM_FACT_YEARS] = 365
    };
    if (f->kind > SM_FACT_AGE || f->kind == SM_FACT_PERCENT)
        return false;
    *is_time = days[f->kind] > 0;
    *size = *is_time ? f->value * days[f->kind] : f->value;
    return true;
}

/* "超过有效期一年以上" and "刚过了三个月": -1; 0 when nothing can be compared. */
static int within_bound(sm_turn *t, sm_str text, sm_str label)
{
    static const char *const below[] = { "以内", "以下",   "不足", "未满",
                                         "不满", "不超过", "少于", "之内" };
    static const char *const above[] = { "以上", "超过", "多于", "大于", "满" };
    sm_fact *said, *bound;
    size_t n = sm_text_facts(t->op->arena, text, &said),
           m = sm_text_facts(t->op->arena, label, &bound);
    bool upper = sm_str_has_any(label, below, SM_LEN(below)),
         lower = sm_str_has_any(label, above, SM_LEN(above));
    for (size_t i = 0; i < n && (upper || lower); i++)
        for (size_t k = 0; k < m; k++) {
            bool time[2];
            double size[2];
            if (!size_of(&said[i], &time[0], &size[0]) || !size_of(&bound[k], &time[1], &size[1]) ||
                time[0] != time[1] || (!time[0] && said[i].kind != bound[k].kind))
                continue;
            return (upper ? size[0] <= size[1] : size[0] >= size[1]) ? 1 : -1;
        }
    return 0;
}

static double shared(sm_arena *a, sm_str text, sm_str label)
{
    sm_wordset q = sm_wordset_of(a, text), words = sm_wordset_of(a, label);
    q.n[0] = words.n[0] = 0; /* single characters match by chance */
    return sm_wordset_shared(&q, &words);
}

/* How much of the text stands in the label, in the same words or by their official ones: 找不着了
 * and 丢了 are both 遗失. */
static double said_of(sm_turn *t, sm_str label)
{
    sm_str said = sm_formal_text(t->op, t->snap, SM_KIND_ITEM, t->text),
           is = sm_formal_text(t->op, t->snap, SM_KIND_ITEM, label);
    return SM_MAX(shared(t->op->arena, t->text, label), shared(t->op->arena, said, is));
}

static void weigh_options(sm_turn *t)
{
    sm_str label[SM_MAX_OPTIONS];
    size_t n = t->talk.n_options;
    int said = place_of(t, t->text, true);
    for (size_t i = 0; i < n; i++)
        label[i] = t->talk.option[i].label;
    int term = term_of(t->text);
    for (size_t i = 0; i < n; i++) {
        sm_candidate *c = find(t, t->talk.option[i].code);
        if (!c)
            continue;
        c->cue[SM_CUE_LABEL] = SM_MAX(c->cue[SM_CUE_LABEL], said_of(t, label[i]));
        c->cue[SM_CUE_TERM] = term * term_of(label[i]);
        c->cue[SM_CUE_BOUND] = within_bound(t, t->text, label[i]);
        c->cue[SM_CUE_PLACE] = said * place_of(t, label[i], false);
        c->cue[SM_CUE_NEGATED] = denies(t->text, label[i]);
    }
}

sm_rc sm_department(sm_turn *t, sm_str code, sm_str *out)
{
    sm_doc *doc;
    *out = (sm_str){ 0 };
    sm_rc rc = code.n ? sm_corpus_doc(t->op, t->corpus, code, &doc) : SM_OK;
    if (rc == SM_OK && code.n)
        *out = doc->parent;
    if (rc == SM_E_NOTFOUND) { /* no longer in the catalogue */
        sm_op_clear(t->op);
        return SM_OK;
    }
    return rc;
}

static sm_rc weigh_departments(sm_turn *t)
{
    sm_str mine, other;
    bool pending = t->talk.pending == SM_PENDING_CHOICE && t->talk.n_options;
    sm_rc rc = sm_department(t, pending ? t->talk.option[0].code : t->talk.item, &mine);
    for (size_t i = 0; rc == SM_OK && mine.n && i < t->n_candidates; i++) {
        rc = sm_department(t, t->candidate[i].code, &other);
        t->candidate[i].cue[SM_CUE_SAME_DEPT] = sm_str_eq(mine, other);
    }
    return rc;
}

/* The cues that follow from the others and from the wording as a whole. */
static void weigh_wording(sm_turn *t, sm_candidate *c)
{
    const double *f = t->reading.follow;
    double *x = c->cue, hand = x[SM_CUE_HAND], kin = x[SM_CUE_KIN], option = x[SM_CUE_OPTION];
    double else_p = 0, else_context = 0;
    x[SM_CUE_TEXT_P] = sm_p_of(t->item, c->code);
    x[SM_CUE_CONTEXT_P] = sm_p_of(t->context, c->code);
    x[SM_CUE_TEXT] = sm_log_p(x[SM_CUE_TEXT_P]);
    x[SM_CUE_CONTEXT] = sm_log_p(x[SM_CUE_CONTEXT_P]);
    double near_other = 0;
    x[SM_CUE_NEAR] = t->item ? sm_match_likeness(t->item, c->code) : 0;
    x[SM_CUE_NEAR_CONTEXT] = t->context ? sm_match_likeness(t->context, c->code) : 0;
    for (size_t i = 0; i < t->n_candidates; i++)
        if (&t->candidate[i] != c && t->item)
            near_other = SM_MAX(near_other, sm_match_likeness(t->item, t->candidate[i].code));
    x[SM_CUE_NEAR_MORE] = x[SM_CUE_NEAR] - near_other;
    for (size_t i = 0; i < t->n_candidates; i++)
        if (&t->candidate[i] != c) {
            else_p = SM_MAX(else_p, sm_p_of(t->item, t->candidate[i].code));
            else_context = SM_MAX(else_context, sm_p_of(t->context, t->candidate[i].code));
        }
    x[SM_CUE_STAY] = hand * f[SM_FOLLOW_STAY];
    x[SM_CUE_REACTION] = hand * f[SM_FOLLOW_REACTION];
    x[SM_CUE_HAND_SIBLING] = hand * f[SM_FOLLOW_SIBLING];
    x[SM_CUE_HAND_NEW] = hand * f[SM_FOLLOW_NEW];
    x[SM_CUE_SIBLING] = kin * f[SM_FOLLOW_SIBLING];
    x[SM_CUE_KIN_STAY] = kin * f[SM_FOLLOW_STAY];
    double new = (1 - hand) * (1 - kin) * (1 - option);
    x[SM_CUE_NEW] = new *f[SM_FOLLOW_NEW];
    x[SM_CUE_NEW_TEXT] = new *x[SM_CUE_TEXT];
    x[SM_CUE_NEW_CONTEXT] = new *x[SM_CUE_CONTEXT];
    x[SM_CUE_NEW_TEXT_P] = new *x[SM_CUE_TEXT_P];
    x[SM_CUE_NEW_CONTEXT_P] = new *x[SM_CUE_CONTEXT_P];
    x[SM_CUE_NEW_PENDING] = new *(t->talk.pending == SM_PENDING_CHOICE);
    x[SM_CUE_NEW_CHOICE] = x[SM_CUE_NEW_PENDING] * f[SM_FOLLOW_CHOICE];
    x[SM_CUE_HAND_TEXT] = hand * x[SM_CUE_TEXT];
    x[SM_CUE_CHOICE] = option * f[SM_FOLLOW_CHOICE];
    x[SM_CUE_OPTION_NEW] = option * f[SM_FOLLOW_NEW];
    x[SM_CUE_FACET] = hand * (1 - t->reading.facet[SM_FACET_NONE]);
    x[SM_CUE_CHARS] = hand * sm_log(1.0 + (double)SM_MIN(sm_utf8_count(t->text), (size_t)60));
    x[SM_CUE_ELSE] = hand * else_p;
    x[SM_CUE_ELSE_CONTEXT] = hand * else_context;
    x[SM_CUE_REGION] = hand * t->names_region;
    x[SM_CUE_PARTNER_TEXT] = x[SM_CUE_PARTNER] * x[SM_CUE_TEXT];
    x[SM_CUE_PARTNER_CONTEXT] = x[SM_CUE_PARTNER] * x[SM_CUE_CONTEXT];
    x[SM_CUE_PARTNER_STAY] = x[SM_CUE_PARTNER] * f[SM_FOLLOW_STAY];
    x[SM_CUE_EARLIER_TEXT] = x[SM_CUE_EARLIER] * x[SM_CUE_TEXT];
    x[SM_CUE_EARLIER_STAY] = x[SM_CUE_EARLIER] * f[SM_FOLLOW_STAY];
    x[SM_CUE_KIN_TEXT] = kin * x[SM_CUE_TEXT];
    x[SM_CUE_OPTION_TEXT] = option * x[SM_CUE_TEXT];
    x[SM_CUE_OPTION_CONTEXT] = option * x[SM_CUE_CONTEXT];
}

/* -------------------------------------------------------------- choosing */

static void choose(sm_turn *t)
{
    double most = -INFINITY, sum = 0;
    for (size_t i = 0; i < t->n_candidates; i++) {
        sm_candidate *c = &t->candidate[i];
        for (int k = 0; k < SM_N_CUES; k++)
            c->p += sm_cue_weight[k] * c->cue[k];
        if (c->cue[SM_CUE_BOUND] < 0) /* the figure told rules the option out */
            c->p -= RULED_OUT;
        most = SM_MAX(most, c->p);
    }
    for (size_t i = 0; i < t->n_candidates; i++)
        sum += t->candidate[i].p = sm_exp(t->candidate[i].p - most);
    for (size_t i = 0; i < t->n_candidates; i++) {
        sm_candidate c = t->candidate[i];
        size_t at = i;
        c.p /= sum;
        for (; at > 0 && t->candidate[at - 1].p < c.p; at--)
            t->candidate[at] = t->candidate[at - 1];
        t->candidate[at] = c;
    }
}

sm_rc sm_weigh_candidates(sm_turn *t)
{
    t->candidate = SM_NEWS(t->op->arena, sm_candidate, SM_MAX_CANDIDATES);
    t->n_candidates = 0;
    list_candidates(t);
    weigh_words(t);
    weigh_options(t);
    sm_rc rc = weigh_departments(t);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < t->n_candidates; i++)
        weigh_wording(t, &t->candidate[i]);
    choose(t);
    return SM_OK;
}
