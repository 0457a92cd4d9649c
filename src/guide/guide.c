#include "guide/guide.h"

#include <stdlib.h>
#include <string.h>

#include "guide/turn.h"
#include "text/text.h"

enum { MAX_SHARED_BYTES = 4 << 20 };
static const double TWO_AT = 0.90; /* of the head "two" */
/* That the best item alone is right: surely, and by so much likelier than the pair. */
static const double ALONE_AT = 0.8, ALONE_BY = 0.1;
/* The same, where of both it is asked how long; of the less sure side. */
static const double TWO_OF_FACET = 0.4, SURE_SIDE = 0.9;
enum { FOLLOWING_CHARS = 16, LONG_CHARS = 32, FACET_CHARS = 7 };
static const double FACET_ONLY = 0.8; /* so short and surely of a facet: it names nothing */
/* The wordings "stay" and "sibling" together: enough; enough where an item is near. */
static const double FOLLOWS_AT = 0.6, FOLLOWS_SURELY = 0.97, FOLLOWS_LONG = 0.9;
static const double AS_MUCH = 0.85;      /* of the wording found: stands in the clauses in hand */
static const double ANOTHER_AT = 0.5;    /* the wording "new", where an item is near */
static const double OWN_MATTER_AT = 0.6; /* of the best item: it is near */
static const double TELLS_CHOICE = 0.5;  /* the wording "choice" */
static const double COMPUTES_AT = 0.8;   /* of the best item */
static const double MATTER_ALIKE = 0.35; /* of an item's name in the title of a policy about it */
static const double FACET_ALSO = 0.10, SUMMARY_ALSO = 0.25;

/* ------------------------------------------------------------- shared files */

typedef void row_fn(sm_guide *g, sm_str *field, size_t n_fields);

static void add_place(sm_guide *g, sm_str *f, size_t n)
{
    if (n >= 3 && f[0].n)
        g->place[g->n_places++] = (sm_place){ f[0], f[1], f[2], n >= 4 && f[3].n };
}

static void add_danger(sm_guide *g, sm_str *f, size_t n)
{
    if (n == 3)
        g->danger[g->n_dangers++] = (sm_danger){ f[0], f[1], f[2] };
}

static size_t count_lines(sm_str text)
{
    size_t n = 1;
    for (size_t i = 0; i < text.n; i++)
        n += text.p[i] == '\n';
    return n;
}

static void each_row(sm_guide *g, sm_str text, row_fn *fn)
{
    sm_str line, field[4];
    while (sm_str_cut(&text, '\n', &line)) {
        line = sm_str_trim(line);
        if (line.n == 0 || line.p[0] == '#')
            continue;
        size_t n = 0;
        while (n < SM_LEN(field) && sm_str_cut(&line, '\t', &field[n])) {
            field[n] = sm_str_trim(field[n]);
            n++;
        }
        fn(g, field, n);
    }
}

static void list_cities(sm_arena *a, sm_guide *g)
{
    static const char *const special[] = { "香港", "澳门", "台湾" };
    g->city = SM_NEWS(a, sm_str, g->n_places + 1);
    for (size_t i = 0; i < g->n_places; i++) {
        bool no_city = g->place[i].word;
        for (size_t k = 0; k < SM_LEN(special); k++)
            no_city |= sm_str_starts(g->place[i].name, sm_str_of(special[k]));
        if (!no_city)
            g->city[g->n_cities++] = g->place[i].name;
    }
    g->cities = sm_words_of(a, g->city, g->n_cities);
}

static sm_rc read_shared(sm_op *op, sm_guide *g)
{
    sm_str places, dangers;
    sm_rc rc = sm_file_read(op, sm_path(op->arena, g->share_dir, "regions.tsv"), MAX_SHARED_BYTES,
                            &places);
    if (rc == SM_OK)
        rc = sm_file_read(op, sm_path(op->arena, g->share_dir, "emergency.tsv"), MAX_SHARED_BYTES,
                          &dangers);
    if (rc < 0)
        return rc;
    g->place = SM_NEWS(op->arena, sm_place, count_lines(places));
    g->danger = SM_NEWS(op->arena, sm_danger, count_lines(dangers));
    each_row(g, places, add_place);
    list_cities(op->arena, g);
    each_row(g, dangers, add_danger);
    return SM_OK;
}

sm_rc sm_guide_open(sm_op *op, const char *data_dir, const char *share_dir, sm_searcher *searcher,
                    sm_guide **out)
{
    sm_guide *g = calloc(1, sizeof(*g));
    if (!g)
        return sm_fail(op, SM_E_LIMIT, "内存不够");
    sm_op_begin(&g->own);
    g->data_dir = sm_cstr(g->own.arena, sm_str_of(data_dir));
    g->share_dir = sm_cstr(g->own.arena, sm_str_of(share_dir));
    g->searcher = searcher;
    g->corpus = sm_memo_open(data_dir);
    g->record = sm_db_pool_open(data_dir, SM_DB_RECORD, SM_DB_CREATE);
    g->shelf = sm_shelf_open();
    sm_rc rc = read_shared(&g->own, g);
    if (rc == SM_OK)
        rc = sm_intents_open(&g->own, g->data_dir, g->share_dir, &g->intents);
    if (rc < 0) {
        sm_fail(op, rc, "%.*s", SM_ARG(g->own.msg));
        sm_guide_close(g);
        return rc;
    }
    *out = g;
    return SM_OK;
}

void sm_guide_close(sm_guide *g)
{
    if (!g)
        return;
    sm_op_end(&g->own);
    sm_shelf_close(g->shelf);
    sm_memo_close(g->corpus);
    sm_db_pool_close(g->record);
    free(g);
}

/* -------------------------------------------------------------------- a turn */

/* What one is fined is no fee of the service. */
static bool speaks_of_fine(sm_str text)
{
    return sm_str_has(text, SM_STR("罚"));
}

/* The likeliest facet, and those nearly as likely: better two than the wrong one. */
static void read_facets(sm_turn *t)
{
    double left[SM_N_FACETS];
    memcpy(left, t->reading.facet, sizeof(left));
    if (speaks_of_fine(t->said)) {
        left[SM_FACET_NONE] += left[SM_FACET_FEE];
        left[SM_FACET_FEE] = 0;
    }
    for (size_t k = 0; k < SM_LEN(t->facets.f); k++) {
        size_t best = 0;
        for (size_t f = 1; f < SM_N_FACETS; f++)
            if (left[f] > left[best])
                best = f;
        if (k == 0) {
            t->facet = (sm_facet)best;
            t->facet_p = left[best];
        }
        if (left[best] < (best == SM_FACET_NONE && k ? SUMMARY_ALSO : FACET_ALSO))
            break;
        t->facets.f[t->facets.n++] = (sm_facet)best;
        left[best] = 0;
    }
    for (size_t i = 0; i + 1 < t->facets.n; i++) /* what was asked before the summary */
        if (t->facets.f[i] == SM_FACET_NONE) {
            t->facets.f[i] = t->facets.f[i + 1];
            t->facets.f[i + 1] = SM_FACET_NONE;
        }
}

static void read_facets_of(sm_turn *t, sm_str text)
{
    sm_intents_read_facet(t->g->intents, text, t->reading.facet);
    t->facets.n = 0;
    read_facets(t);
}

static sm_rc read_text(sm_turn *t)
{
    if (t->q->text.n > SM_QUESTION_MAX_BYTES)
        return sm_fail(t->op, SM_E_LIMIT, "问题超过 %d 字节的上限，请写短一些",
                       SM_QUESTION_MAX_BYTES);
    sm_str whole = sm_str_trim(sm_utf8_mend(t->op->arena, t->q->text));
    sm_str head = sm_utf8_head(whole, SM_QUESTION_READ_CHARS);
    t->cut = head.n < whole.n;
    t->text = t->said = sm_in_standard_words(t->op->arena, head);
    if (t->search.n)
        t->text = t->search;
    sm_intents_read(t->g->intents, t->text, &t->reading);
    read_facets(t);
    return SM_OK;
}

/* The question that clauses answered, or one that was handed over with nothing in hand. */
static sm_str left_open(const sm_turn *t)
{
    bool handed_over = t->talk.pending == SM_PENDING_NEAREST && !t->talk.item.n;
    return t->talk.asked_of_policy.n ? t->talk.asked_of_policy
           : handed_over             ? t->talk.topic
                                     : (sm_str){ 0 };
}

/* A short message that asks for more of the same, and names no matter itself. */
static sm_rc follows_policy(sm_turn *t, bool *follows)
{
    const double *f = t->reading.follow;
    size_t chars = sm_utf8_count(t->said);
    double goes_on = f[SM_FOLLOW_STAY] + f[SM_FOLLOW_SIBLING], in_hand;
    *follows = t->talk.asked_of_policy.n ? sm_only_changes(t) : left_open(t).n && sm_only_place(t);
    if (*follows || t->talk.asked_of_policy.n == 0 || chars == 0 || chars > LONG_CHARS)
        return SM_OK;
    sm_rc rc = sm_read_name(t);
    if (rc == SM_OK)
        rc = sm_said_in_hand(t, &in_hand);
    if (rc < 0)
        return rc;
    bool weak =
        t->item->n == 0 || t->item->hit[0].p < OWN_MATTER_AT || in_hand >= t->item->coverage;
    bool another = !weak && f[SM_FOLLOW_NEW] >= ANOTHER_AT;
    bool and_that = sm_str_starts(t->said, SM_STR("那")) && sm_str_ends(t->said, SM_STR("呢"));
    bool of_that = sm_str_ends(t->said, SM_STR("的呢")) || in_hand >= 1;
    bool bare_facet = t->facet != SM_FACET_NONE && t->facet_p >= FACET_ONLY && chars <= FACET_CHARS;
    bool more = bare_facet || goes_on >= (weak ? FOLLOWS_AT : FOLLOWS_SURELY);
    if (chars > FOLLOWING_CHARS) { /* so much tells of itself what it is about, if it is another */
        bool finds = t->item->n &&
                     (t->item->hit[0].p >= OWN_MATTER_AT || in_hand < AS_MUCH * t->item->coverage);
        *follows = !finds && !t->named.n && goes_on >= FOLLOWS_LONG;
        return SM_OK;
    }
    *follows = (and_that && !another) || (!t->named.n && (of_that || more));
    return SM_OK;
}

/* "那博士呢" after clauses were quoted: read behind the question that they answered; another place
 * takes the place of the one there. */
static sm_rc read_behind_policy(sm_turn *t)
{
    sm_str asked = left_open(t);
    if (sm_option_taken(t) != SIZE_MAX || sm_takes_none(t))
        return SM_OK;
    sm_rc rc = follows_policy(t, &t->follows_policy);
    if (rc < 0 || !t->follows_policy)
        return rc;
    if (t->names_region) {
        asked = sm_without_places(t, asked);
        read_facets_of(t, sm_without_places(t, t->said));
    }
    t->text = sm_strf(t->op->arena, "%.*s，%.*s", SM_ARG(asked), SM_ARG(t->said));
    sm_intents_read(t->g->intents, t->text, &t->reading);
    return sm_match(t->op, t->snap, SM_KIND_ITEM, t->text, &t->filter, SM_MAX_CANDIDATES, &t->item);
}

/* Of this first, then what was read. */
static void ask_first(sm_turn *t, sm_facet first)
{
    sm_facets f = { { first }, 1 };
    for (size_t i = 0; i < t->facets.n && f.n < SM_LEN(f.f); i++)
        if (t->facets.f[i] != first)
            f.f[f.n++] = t->facets.f[i];
    t->facets = f;
}

/* "那明年呢", "二孩呢", after an amount "东城区的呢" of an item in hand: the clauses about it may
 * have what its guide has not; else it is the guide, about what was asked last. */
static sm_rc read_behind_item(sm_turn *t)
{
    sm_str name;
    bool changes = sm_only_changes(t);
    if (t->follows_policy || !t->keeps_item)
        return SM_OK;
    bool elliptical = changes && !t->names_region && sm_str_ends(t->said, SM_STR("呢"));
    sm_rc rc = sm_read_unwritten(t);
    if (elliptical && t->talk.facet != SM_FACET_NONE)
        t->facets = (sm_facets){ { t->talk.facet }, 1 };
    if (t->of_word && t->talk.facet != SM_FACET_NONE)
        ask_first(t, t->talk.facet);
    bool timed = changes && (sm_speaks_of_future(t) || sm_speaks_of_past(t));
    bool amount_there =
        sm_only_place(t) && t->talk.facet != SM_FACET_FEE && sm_asks_amount(t->talk.topic);
    if (rc < 0 || (!timed && !amount_there && !t->unwritten.n))
        return rc;
    rc = sm_item_name(t, t->talk.item, &name);
    if (rc < 0)
        return rc;
    t->follows_policy = t->behind_item = true;
    t->text = sm_strf(t->op->arena, "%.*s，%.*s，%.*s", SM_ARG(name), SM_ARG(t->talk.topic),
                      SM_ARG(t->said));
    sm_intents_read(t->g->intents, t->text, &t->reading);
    return sm_match(t->op, t->snap, SM_KIND_ITEM, t->text, &t->filter, SM_MAX_CANDIDATES, &t->item);
}

static void read_audience(sm_turn *t)
{
    if (t->q->audience.n)
        t->talk.audience = t->q->audience;
    if (sm_str_eq(t->talk.audience, SM_STR("法人")))
        t->filter.audience = SM_AUDIENCE_FIRM;
    else if (sm_str_eq(t->talk.audience, SM_STR("自然人")))
        t->filter.audience = SM_AUDIENCE_PERSON;
}

/* "过期五个月了", said of what was offered: it tells which, and what is asked was asked before. */
static bool tells_choice(const sm_turn *t)
{
    if (t->talk.pending != SM_PENDING_CHOICE || !t->chosen.n || t->leaves_choice ||
        sm_asks(t->said) || t->reading.follow[SM_FOLLOW_CHOICE] < TELLS_CHOICE)
        return false;
    for (size_t i = 0; i < t->talk.n_options; i++)
        if (sm_str_eq(t->talk.option[i].code, t->chosen))
            return true;
    return false;
}

/* What was asked, and the conditions, when that is what the choice was told by. */
static void ask_as_before(sm_turn *t)
{
    sm_facet told = t->facet;
    bool condition = told == SM_FACET_CONDITIONS || told == SM_FACET_ELIGIBILITY;
    read_facets_of(t, t->talk.topic);
    if (condition && t->facet != told && t->facets.n < SM_LEN(t->facets.f))
        t->facets.f[t->facets.n++] = told;
    t->asked = sm_strf(t->op->arena, "%.*s，%.*s", SM_ARG(t->talk.topic), SM_ARG(t->said));
}

static sm_rc begin(sm_turn *t)
{
    t->today = t->q->as_of != SM_DATE_NONE ? t->q->as_of : sm_today();
    sm_rc rc = sm_searcher_pin(t->op, t->g->searcher, &t->snap);
    if (rc == SM_OK)
        rc = sm_talk_load(t->op, t->record, t->q->session, &t->talk);
    if (rc == SM_OK)
        rc = read_text(t);
    if (rc == SM_OK)
        rc = sm_read_region(t);
    if (rc < 0)
        return rc;
    t->fresh = !t->talk.item.n && !t->talk.asked_of_policy.n &&
               (t->talk.pending == SM_PENDING_NONE || t->talk.pending == SM_PENDING_OPEN);
    read_audience(t);
    rc = sm_match(t->op, t->snap, SM_KIND_ITEM, t->text, &t->filter, SM_MAX_CANDIDATES, &t->item);
    if (rc == SM_OK)
        rc = read_behind_policy(t);
    if (rc == SM_OK)
        rc = sm_leave_besides(t);
    if (rc == SM_OK)
        rc = sm_keep_bounds(t);
    if (rc == SM_OK)
        rc = sm_resolve(t);
    if (rc == SM_OK)
        rc = read_behind_item(t);
    if (t->took_option) {
        read_facets_of(t, t->talk.topic);
        t->asked = t->talk.topic;
    }
    if (rc == SM_OK)
        rc = sm_read_signals(t);
    if (rc == SM_OK && tells_choice(t))
        ask_as_before(t);
    if (rc == SM_OK)
        sm_leave_for_clauses(t);
    return rc;
}

/* Time is one of the facets, in place of the summary. */
static void add_time(sm_turn *t)
{
    size_t kept = 0;
    bool has = false;
    for (size_t i = 0; i < t->facets.n; i++) {
        has |= t->facets.f[i] == SM_FACET_TIME;
        if (t->facets.f[i] != SM_FACET_NONE)
            t->facets.f[kept++] = t->facets.f[i];
    }
    t->facets.n = kept;
    if (!has && kept < SM_LEN(t->facets.f))
        t->facets.f[t->facets.n++] = SM_FACET_TIME;
}

/* How long is asked of two items, each of them surely named: "居民用电和企业用电报装几天". */
static bool asks_of_both(const sm_turn *t)
{
    sm_str rest = t->text, phrase;
    sm_text_phrase(&rest, &phrase);
    bool one_phrase = !sm_str_trim(rest).n && sm_asks_when(t->text);
    bool each = sm_asks_when(t->part[0]) && sm_asks_when(t->part[1]);
    return (one_phrase || each) && t->cut_weak >= SURE_SIDE &&
           sm_head_p(SM_HEAD_TWO, &t->signals) >= TWO_OF_FACET;
}

/* The best item alone is what was asked for, rather than the pair. */
static bool is_rather_one(const sm_turn *t)
{
    double one = sm_head_p(SM_HEAD_RIGHT_ITEM, &t->signals);
    return one >= ALONE_AT && one > sm_head_p(SM_HEAD_RIGHT_TWO, &t->signals) + ALONE_BY;
}

static bool asks_two(sm_turn *t)
{
    if (t->follows_policy)
        return false;
    bool two = t->cut_p > 0 && sm_head_p(SM_HEAD_TWO, &t->signals) >= TWO_AT;
    if (two && is_rather_one(t)) {
        t->left_aside = t->part_pair.code[sm_str_eq(t->part_pair.code[0], t->item->hit[0].id)];
        return false;
    }
    if (two)
        return true;
    bool both = (t->cut_p > 0 && asks_of_both(t)) || (sm_asks_when(t->text) && sm_names_rival(t));
    if (both)
        add_time(t);
    return both;
}

/* The part that the whole sentence names more surely comes first. */
static void surer_first(sm_turn *t)
{
    sm_part_pair *p = &t->part_pair;
    if (sm_p_of(t->item, p->code[1]) <= sm_p_of(t->item, p->code[0]))
        return;
    sm_str code = p->code[0];
    sm_matches *item = t->part_item[0];
    p->code[0] = p->code[1];
    t->part_item[0] = t->part_item[1];
    p->code[1] = code;
    t->part_item[1] = item;
}

/* An item's own rule is gone through before clauses are quoted. */
static bool computes_item(const sm_turn *t)
{
    return t->item->n && t->item->hit[0].p >= COMPUTES_AT && sm_wants_computing(t);
}

/* Its title has the item's matter: what a tax or a contribution comes to is looked up nowhere else.
 */
static sm_rc is_of_matter(sm_turn *t, const sm_answer *answer, sm_str name, bool *is)
{
    sm_doc *doc;
    const sm_claim *c = answer->claim;
    *is = false;
    if (answer->n_claims == 0 || c->n_cites == 0)
        return SM_OK;
    sm_rc rc = sm_corpus_doc(t->op, t->corpus, c->cite[0].doc, &doc);
    *is = rc == SM_OK && sm_text_shared(t->op->arena, name, doc->title) >= MATTER_ALIKE;
    return rc;
}

/* "硕士给多少" of an item whose guide names no amount: the clauses about the matter may. */
static sm_rc look_for_amount(sm_turn *t, bool *missing)
{
    sm_turn p = *t;
    bool done = false, of_matter = true;
    bool of_item = t->reply->act == SM_ACT_ANSWER && t->n_parts == 0 && t->talk.item.n &&
                   strcmp(t->reply->reason, "item") == 0;
    bool of_fee = t->facet == SM_FACET_FEE && !speaks_of_fine(t->said) && !*missing;
    bool asks = of_item && sm_asks_amount(t->said) && !sm_tells_amount(t, t->answer);
    if (!of_item || of_fee || t->told_amount || !(asks || *missing))
        return SM_OK;
    sm_doc *item;
    json_t *j;
    sm_rc rc = sm_item_of_code(t, t->talk.item, &item, &j);
    if (rc < 0 || (!*missing && !speaks_of_fine(t->said) && sm_says_free(t->answer) &&
                   !sm_is_other_money(t->said, item, j)))
        return rc;
    sm_str name = item->title;
    p.text = sm_strf(t->op->arena, "%.*s，%.*s", SM_ARG(name), SM_ARG(t->said));
    p.chosen = (sm_str){ 0 };
    sm_intents_read(t->g->intents, p.text, &p.reading);
    rc = sm_match(t->op, t->snap, SM_KIND_ITEM, p.text, &t->filter, SM_MAX_CANDIDATES, &p.item);
    if (rc == SM_OK)
        rc = sm_read_signals(&p);
    if (rc == SM_OK)
        rc = sm_try_policy(&p, &done);
    if (rc == SM_OK && done && *missing && !sm_asks_payout(t->said))
        rc = is_of_matter(&p, p.answer, name, &of_matter);
    if (rc == SM_OK && done && of_matter && sm_tells_amount(t, p.answer)) {
        t->answer = p.answer;
        t->talk.asked_of_policy = sm_utf8_head(p.text, 120);
        t->talk.document = p.talk.document;
        t->help = (sm_str){ 0 };
        *missing = false;
    } else {
        t->reply->reason = "item";
        *missing = true;
        t->help = SM_STR("您问的数额，我掌握的资料里没有写明，请以窗口或咨询电话的答复为准。");
    }
    return rc;
}

/* "在哪申请" after clauses: the item's guide has that, if one is found for the matter. */
static bool asks_guide(const sm_turn *t)
{
    static const bool of_guide[SM_N_FACETS] = { [SM_FACET_MATERIALS] = true,
                                                [SM_FACET_PLACE] = true,
                                                [SM_FACET_STEPS] = true,
                                                [SM_FACET_ONLINE] = true,
                                                [SM_FACET_TIME] = true };
    return t->follows_policy && !sm_only_place(t) && of_guide[t->facet] &&
           t->facet_p >= FACET_ONLY && t->item->n && t->item->hit[0].p >= OWN_MATTER_AT;
}

/* What was offered is out of the question, and so is the topic that led to it. */
static void ask_anew(sm_turn *t)
{
    if (sm_takes_none(t))
        t->talk.item = (sm_str){ 0 }; /* nor is what was answered it */
    sm_say_clarify(t, "topic", SM_STR("那请您换个说法，说说要办的是什么事？也可以说“转人工”。"),
                   NULL, 0);
    t->talk.topic = (sm_str){ 0 };
}

static sm_rc answer_turn(sm_turn *t, bool *amount_missing)
{
    bool done = false, danger = false;
    sm_rc rc = SM_OK;
    if (t->none_fits) {
        ask_anew(t);
        return SM_OK;
    }
    if (t->text.n == 0) {
        sm_say_clarify(t, "greeting", SM_STR("请说说您想办什么事？"), NULL, 0);
        return SM_OK;
    }
    if (t->talk.pending == SM_PENDING_ELIGIBILITY)
        rc = sm_screen_danger(t, &danger);
    if (rc == SM_OK && t->talk.pending == SM_PENDING_ELIGIBILITY && !danger)
        rc = sm_eligibility_go_on(t, &done);
    if (rc == SM_OK && !done && !t->took_option && !t->search.n) { /* these words are our own */
        rc = sm_screen(t, &done);
        t->screened = done;
    }
    if (rc < 0 || done)
        return rc;
    if (!t->chosen.n && asks_two(t)) {
        t->n_parts = 2;
        surer_first(t);
        rc = sm_say_parts(t, t->part_pair.code[0], t->part_pair.code[1]);
        return rc == SM_OK ? sm_mind_money(t, amount_missing) : rc;
    }
    bool clauses = !t->chosen.n || (t->follows_policy && t->keeps_item);
    if (t->behind_item && sm_only_place(t))
        clauses = sm_has_rule_here(t);
    if (clauses && !computes_item(t) && !asks_guide(t))
        rc = sm_try_policy(t, &done);
    if (t->behind_item && !done) { /* no clauses have it */
        t->text = t->said;
        t->follows_policy = false;
    }
    if (rc == SM_OK && !done)
        rc = sm_decide(t);
    done |= t->tells_each;
    if (rc == SM_OK && !done)
        rc = sm_mind_money(t, amount_missing);
    if (rc == SM_OK && !done)
        rc = look_for_amount(t, amount_missing);
    return rc == SM_OK && !done ? sm_look_for_time(t) : rc;
}

static sm_rc run(sm_turn *t)
{
    bool amount_missing = false;
    t->reply = SM_NEW(t->op->arena, sm_reply);
    sm_rc rc = begin(t);
    if (rc == SM_OK)
        rc = answer_turn(t, &amount_missing);
    if (rc == SM_OK)
        rc = sm_judge_sufficiency(t, amount_missing);
    if (rc == SM_OK)
        rc = sm_mind_granted(t);
    if (rc == SM_OK)
        rc = sm_refute(t);
    if (rc == SM_OK)
        rc = sm_say_doubt(t);
    return rc == SM_OK ? sm_say_finish(t) : rc;
}

/* Again, with the model's words searched for; *t is that turn where it is the better one. */
static sm_rc run_rewritten(sm_turn *t)
{
    sm_turn again = { .op = t->op, .g = t->g, .q = t->q, .corpus = t->corpus, .record = t->record };
    again.search = sm_is_unsure(t) ? sm_rewriting_of(t) : (sm_str){ 0 };
    if (!again.search.n)
        return SM_OK;
    sm_rc rc = run(&again);
    if (rc == SM_OK && sm_rewriting_helps(t, &again))
        *t = again;
    return rc;
}

/* `record` NULL: lent when there is a session to read. */
static sm_rc think(sm_op *op, sm_guide *g, sm_db *record, const sm_question *q, sm_thought **out)
{
    int64_t start = sm_now_us();
    sm_turn t = { .op = op, .g = g, .q = q, .record = record };
    sm_rc rc = sm_memo_take(op, g->corpus, &t.corpus);
    if (rc < 0)
        return rc;
    if (q->session.n && !record)
        rc = sm_db_pool_take(op, g->record, &t.record);
    if (rc == SM_OK)
        rc = run(&t);
    if (rc == SM_OK && q->rewritten.n)
        rc = run_rewritten(&t);
    sm_memo_give(g->corpus, t.corpus);
    if (t.record && !record)
        sm_db_pool_give(g->record, t.record);
    if (rc < 0)
        return rc;
    sm_thought *thought = SM_NEW(op->arena, sm_thought);
    sm_thought_of(&t, thought);
    thought->took_us = sm_now_us() - start;
    *out = thought;
    return SM_OK;
}

sm_rc sm_guide_think(sm_op *op, sm_guide *g, const sm_question *q, sm_thought **out)
{
    return think(op, g, NULL, q, out);
}

sm_rc sm_guide_ask(sm_op *op, sm_guide *g, const sm_question *q, sm_reply **out)
{
    int64_t start = sm_now_us();
    bool writes = q->session.n || !q->no_record;
    sm_db *record = NULL;
    sm_thought *thought;
    sm_reply *reply;
    sm_rc rc = writes ? sm_db_pool_lend(op, g->record, &record) : SM_OK;
    if (rc == SM_OK)
        rc = think(op, g, record, q, &thought);
    if (rc == SM_OK && writes)
        rc = sm_db_begin(op, record);
    if (rc == SM_OK)
        rc = sm_guide_record(op, record, thought, &reply);
    if (rc == SM_OK && writes)
        rc = sm_db_commit(op, record);
    if (rc < 0) {
        if (record)
            sm_db_rollback(record);
        return rc;
    }
    reply->ms = (double)(sm_now_us() - start) / 1000.0;
    *out = reply;
    return SM_OK;
}
