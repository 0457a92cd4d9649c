/*
 * The reply: texts and citations.
 */
#include <string.h>

#include "guide/turn.h"
#include "text/text.h"

enum { BRIEF_CHARS = 16 };

static const char LABEL[] = "以上内容由人工智能（AI）生成，仅供参考，以所列来源和窗口答复为准。";

static const char *const act_names[] = {
    [SM_ACT_ANSWER] = "answer", [SM_ACT_CLARIFY] = "clarify", [SM_ACT_HANDOFF] = "handoff",
    [SM_ACT_REFUSE] = "refuse", [SM_ACT_CRISIS] = "crisis",
};

const char *sm_act_name(sm_act act)
{
    return act_names[act];
}

sm_rc sm_item_of_code(sm_turn *t, sm_str code, sm_doc **doc, json_t **json)
{
    sm_rc rc = sm_corpus_doc(t->op, t->corpus, code, doc);
    return rc == SM_OK ? sm_item_json(t->op, *doc, json) : rc;
}

sm_rc sm_item_name(sm_turn *t, sm_str code, sm_str *name)
{
    sm_doc *doc;
    sm_rc rc = sm_corpus_doc(t->op, t->corpus, code, &doc);
    if (rc == SM_OK)
        *name = doc->title;
    return rc;
}

/* What was in hand until now goes before the earlier ones; what comes into hand is none of them. */
static void remember(sm_talk *talk, sm_str code)
{
    sm_str was[SM_MAX_EARLIER + 1] = { talk->item };
    memcpy(was + 1, talk->earlier, sizeof(talk->earlier));
    memset(talk->earlier, 0, sizeof(talk->earlier));
    for (size_t i = 0, n = 0; i < SM_LEN(was) && n < SM_MAX_EARLIER; i++)
        if (was[i].n && !sm_str_eq(was[i], code))
            talk->earlier[n++] = was[i];
}

sm_str sm_own_words(const sm_turn *t)
{
    return t->search.n ? t->said : t->text;
}

sm_str sm_asked_words(const sm_turn *t)
{
    return t->asked.n ? t->asked : t->text;
}

static void new_item_in_hand(sm_turn *t, sm_str code)
{
    if (!sm_str_eq(t->talk.item, code))
        t->talk.n_bindings = 0;
    bool settles = t->talk.pending == SM_PENDING_CHOICE;
    if (!t->keeps_item) /* an answer to our question adds to the topic; a new topic replaces it */
        t->talk.topic = settles && t->talk.topic.n
                            ? sm_utf8_head(sm_strf(t->op->arena, "%.*s，%.*s",
                                                   SM_ARG(t->talk.topic), SM_ARG(sm_own_words(t))),
                                           120)
                            : sm_utf8_head(sm_own_words(t), 120);
    remember(&t->talk, code);
    t->talk.asked_of_policy = t->talk.document = (sm_str){ 0 };
    t->talk.item = code;
    t->talk.pending = SM_PENDING_NONE;
    t->talk.n_options = 0;
    t->talk.asked = 0;
}

/* "叉车证呢，也三年？" says too little of what is asked: what was asked before says it. */
static sm_str asked_before(const sm_turn *t)
{
    static const char *const goes_on[] = { "呢", "也" };
    bool brief =
        sm_utf8_count(t->said) <= BRIEF_CHARS &&
        (sm_str_starts(t->said, SM_STR("那")) || sm_str_has_any(t->said, goes_on, SM_LEN(goes_on)));
    return t->fresh || !brief          ? (sm_str){ 0 }
           : t->talk.asked_of_policy.n ? t->talk.asked_of_policy
                                       : t->talk.topic;
}

sm_rc sm_say_item(sm_turn *t, sm_str code, sm_facets facets)
{
    sm_doc *doc;
    sm_rc rc = sm_corpus_doc(t->op, t->corpus, code, &doc);
    if (rc == SM_OK)
        rc = sm_answer_item(t->op, t->corpus, doc, facets, t->talk.region, sm_asked_words(t),
                            asked_before(t), t->today, &t->answer);
    if (rc < 0)
        return rc;
    new_item_in_hand(t, doc->id);
    t->talk.facet = facets.n ? facets.f[0] : SM_FACET_NONE;
    t->reply->act = SM_ACT_ANSWER;
    t->reply->reason = "item";
    return SM_OK;
}

/* Of two items each claim tells whose it is. */
static sm_rc name_claims(sm_turn *t)
{
    sm_str name;
    sm_rc rc = sm_item_name(t, t->talk.item, &name);
    sm_answer *named = SM_NEW(t->op->arena, sm_answer); /* the composed one may be shared */
    sm_claim *c = SM_NEWS(t->op->arena, sm_claim, t->answer->n_claims + 1);
    *named = *t->answer;
    for (size_t i = 0; rc == SM_OK && i < named->n_claims; i++) {
        c[i] = named->claim[i];
        c[i].of = name;
    }
    named->claim = c;
    t->answer = named;
    return rc;
}

sm_rc sm_say_parts(sm_turn *t, sm_str first, sm_str second)
{
    sm_rc rc = sm_say_item(t, second, t->facets);
    if (rc == SM_OK)
        rc = name_claims(t);
    if (rc < 0)
        return rc;
    sm_answer *b = t->answer;
    rc = sm_say_item(t, first, t->facets);
    if (rc == SM_OK)
        rc = name_claims(t);
    if (rc < 0)
        return rc;
    sm_answer_append(t->op, t->answer, b);
    t->reply->reason = "two_items";
    return SM_OK;
}

void sm_say_clarify(sm_turn *t, const char *reason, sm_str question, const sm_option *option,
                    size_t n)
{
    sm_reply *r = t->reply;
    r->act = SM_ACT_CLARIFY;
    r->reason = reason;
    r->question = question;
    sm_offer(t, n ? SM_PENDING_CHOICE : SM_PENDING_OPEN, option, n);
    t->talk.question = question;
    t->talk.asked += n > 0 && strcmp(reason, "eligibility") != 0; /* tells matters apart */
}

void sm_offer(sm_turn *t, sm_pending pending, const sm_option *option, size_t n)
{
    bool in_hand = t->talk.pending == SM_PENDING_CHOICE && t->talk.topic.n;
    t->talk.topic = in_hand ? t->talk.topic : sm_utf8_head(sm_own_words(t), 120);
    t->talk.asked_of_policy = t->talk.document = (sm_str){ 0 };
    sm_offer_beside(t, pending, option, n);
}

void sm_offer_beside(sm_turn *t, sm_pending pending, const sm_option *option, size_t n)
{
    sm_reply *r = t->reply;
    r->option = SM_NEWS(t->op->arena, sm_option, n + 1);
    r->n_options = n;
    for (size_t i = 0; i < n; i++)
        r->option[i] = option[i];
    t->talk.n_options = 0;
    for (size_t i = 0; i < n && i < SM_MAX_OPTIONS; i++)
        t->talk.option[t->talk.n_options++] = option[i];
    t->talk.pending = pending;
}

void sm_say_plain(sm_turn *t, sm_act act, const char *reason, const char *text)
{
    t->reply->act = act;
    t->reply->reason = reason;
    t->reply->answer = sm_str_of(text);
}

/* ---------------------------------------------------------------- the text */

/* What is listed under a heading, by the clauses' paths. */
static const char *heading_of(const sm_claim *claim)
{
    static const struct {
        const char *prefix, *heading;
    } groups[] = { { "places/", "去哪办：" },
                   { "steps/", "步骤：" },
                   { "conditions/", "条件：" },
                   { "basis/", "设定依据：" },
                   { "faq/", "常有人问：" } };
    for (size_t i = 0; claim->n_cites && !claim->by && !claim->corrects && i < SM_LEN(groups); i++)
        if (sm_str_starts(claim->cite[0].clause, sm_str_of(groups[i].prefix)))
            return groups[i].heading;
    return NULL;
}

static void write_lines(sm_buf *b, sm_str text, const char *indent)
{
    sm_str line;
    while (sm_str_cut(&text, '\n', &line))
        sm_buf_addf(b, "%s%s%.*s", b->n ? "\n" : "", indent, SM_ARG(line));
}

static void write_claims(sm_buf *b, const sm_answer *answer)
{
    sm_str last = { 0 }, matter = { 0 };
    const char *group = NULL;
    bool worded = false;
    for (size_t i = 0; i < answer->n_claims; i++) {
        const sm_claim *claim = &answer->claim[i];
        const char *heading = heading_of(claim);
        if (worded && !claim->by)
            sm_buf_addf(b, "\n\n原文：");
        worded = claim->by != NULL;
        bool other = claim->of.n && !sm_str_eq(claim->of, matter);
        if (other)
            sm_buf_addf(b, "%s%.*s：", b->n ? "\n" : "", SM_ARG(claim->of));
        matter = claim->of;
        if (heading && (other || heading != group))
            sm_buf_addf(b, "%s%s", b->n ? "\n" : "", heading);
        group = heading;
        write_lines(b, claim->text, heading ? "  " : "");
    }
    sm_buf_addf(b, "\n依据：");
    for (size_t i = 0, n = 0; i < answer->n_claims; i++) {
        sm_str title = answer->claim[i].n_cites ? answer->claim[i].cite[0].title : last;
        if (sm_str_eq(title, last))
            continue;
        sm_buf_addf(b, "%s%.*s", n++ ? "、" : "", SM_ARG(title));
        last = title;
    }
    if (answer->date.n)
        sm_buf_addf(b, "（数据版本：%.*s）", SM_ARG(answer->date));
}

static void write_choices(sm_buf *b, const sm_reply *r)
{
    for (size_t i = 0; i < r->n_options; i++)
        sm_buf_addf(b, "\n%zu. %.*s", i + 1, SM_ARG(r->option[i].label));
}

/* What comes before the claims and the choices, or is all there is. */
static sm_rc write_intro(sm_turn *t)
{
    sm_reply *r = t->reply;
    sm_buf b;
    sm_buf_init(&b, 1 << 20);
    if (t->cut)
        sm_buf_addf(&b, "您写的内容很长，我只读了前 %d 个字。\n", SM_QUESTION_READ_CHARS);
    sm_buf_addf(&b, "%.*s%.*s%.*s", SM_ARG(t->call), SM_ARG(t->doubt), SM_ARG(t->help));
    if ((t->call.n || t->help.n) && !t->answer)
        sm_buf_addc(&b, '\n');
    if (!t->answer && r->act != SM_ACT_CLARIFY)
        sm_buf_add(&b, r->answer);
    return sm_buf_take(t->op, &b, &r->intro);
}

sm_rc sm_say_answer(sm_op *op, sm_reply *r, const sm_answer *answer)
{
    sm_buf b;
    sm_buf_init(&b, 1 << 20);
    sm_buf_add(&b, r->intro);
    write_claims(&b, answer);
    if (r->question.n) {
        sm_buf_addf(&b, "\n%.*s", SM_ARG(r->question));
        write_choices(&b, r);
    }
    sm_buf_addf(&b, "\n%s", LABEL);
    r->claim = answer->claim;
    r->n_claims = answer->n_claims;
    return sm_buf_take(op, &b, &r->answer);
}

/* What is wrong whichever is meant comes before the question. */
static void write_correction(sm_buf *b, sm_turn *t)
{
    if (!t->answer)
        return;
    t->reply->claim = t->answer->claim;
    t->reply->n_claims = t->answer->n_claims;
    write_claims(b, t->answer);
    sm_buf_addc(b, '\n');
}

static sm_rc write_text(sm_turn *t)
{
    sm_reply *r = t->reply;
    sm_buf b;
    sm_rc rc = write_intro(t);
    r->label = SM_STR("由人工智能（AI）生成");
    if (rc < 0)
        return rc;
    if (t->answer && r->act != SM_ACT_CLARIFY)
        return sm_say_answer(t->op, r, t->answer);
    sm_buf_init(&b, 1 << 20);
    sm_buf_add(&b, r->intro);
    if (r->act == SM_ACT_CLARIFY) {
        write_correction(&b, t);
        sm_buf_add(&b, r->question);
        write_choices(&b, r);
    } else if (r->act == SM_ACT_HANDOFF && r->n_options) {
        sm_buf_addf(&b, "\n相近的事项：");
        write_choices(&b, r);
    }
    return sm_buf_take(t->op, &b, &r->answer);
}

/* -------------------------------------------------------------- the ranking */

static sm_rc add_item(sm_turn *t, const sm_hit *hit)
{
    sm_reply *r = t->reply;
    for (size_t i = 0; i < r->n_items; i++)
        if (sm_str_eq(r->item[i].code, hit->id))
            return SM_OK;
    if (r->n_items == SM_TOP_ITEMS)
        return SM_OK;
    sm_str name;
    sm_rc rc = sm_item_name(t, hit->id, &name);
    if (rc == SM_OK)
        r->item[r->n_items++] = (sm_scored){ sm_str_dup(t->op->arena, hit->id), name, hit->p };
    return rc;
}

static sm_rc add_code(sm_turn *t, sm_str code)
{
    sm_hit hit = { .id = code, .p = SM_MAX(sm_p_of(t->item, code), sm_p_of(t->context, code)) };
    return code.n ? add_item(t, &hit) : SM_OK;
}

/* What was offered, likeliest first, between what the ranking names. */
static sm_rc add_offered(sm_turn *t)
{
    const sm_reply *r = t->reply;
    bool added[SM_MAX_OPTIONS] = { false };
    sm_rc rc = SM_OK;
    for (size_t k = 0; rc == SM_OK && k < r->n_options; k++) {
        size_t best = SIZE_MAX;
        for (size_t i = 0; i < r->n_options; i++)
            if (!added[i] && (best == SIZE_MAX || sm_p_of(t->item, r->option[i].code) >
                                                      sm_p_of(t->item, r->option[best].code)))
                best = i;
        added[best] = true;
        if (k < t->item->n)
            rc = add_item(t, &t->item->hit[k]);
        if (rc == SM_OK)
            rc = add_code(t, r->option[best].code);
    }
    return rc;
}

/* What was answered or offered comes first; two questions' rankings are interleaved. */
static sm_rc list_items(sm_turn *t)
{
    sm_reply *r = t->reply;
    r->item = SM_NEWS(t->op->arena, sm_scored, SM_TOP_ITEMS);
    sm_rc rc = SM_OK;
    bool from_item = r->act == SM_ACT_ANSWER && t->talk.item.n && t->n_parts < 2 &&
                     strcmp(r->reason, "policy") != 0;
    if (from_item)
        rc = add_code(t, t->talk.item);
    else if (r->act == SM_ACT_CLARIFY && r->n_options)
        rc = add_offered(t);
    for (size_t i = 0; rc == SM_OK && i < t->n_candidates; i++)
        rc = add_code(t, t->candidate[i].code);
    const sm_matches *list[3] = { t->context, t->item, NULL };
    if (t->n_parts == 2) {
        for (size_t i = 0; rc == SM_OK && i < 2; i++)
            rc = add_code(t, t->part_pair.code[i]);
        list[0] = t->part_item[0];
        list[1] = t->part_item[1];
        list[2] = t->item;
    }
    for (size_t i = 0; rc == SM_OK && i < SM_TOP_ITEMS; i++)
        for (size_t k = 0; rc == SM_OK && k < SM_LEN(list); k++)
            if (list[k] && i < list[k]->n)
                rc = add_item(t, &list[k]->hit[i]);
    return rc;
}

/* ---------------------------------------------------------------- explained */

static json_t *candidates_json(const sm_turn *t)
{
    json_t *list = json_array();
    for (size_t i = 0; i < t->n_candidates; i++) {
        json_t *j = json_pack("{s:o,s:f}", "code", sm_json_of(t->candidate[i].code), "p",
                              t->candidate[i].p);
        for (int k = 0; k < SM_N_CUES; k++)
            json_object_set_new(j, sm_cue_name(k), json_real(t->candidate[i].cue[k]));
        json_array_append_new(list, j);
    }
    return list;
}

static json_t *documents_json(const sm_turn *t)
{
    json_t *list = json_array();
    for (size_t i = 0; i < t->n_picked; i++) {
        const sm_pick_doc *d = &t->picked[i];
        json_t *j = json_pack("{s:o}", "doc", sm_json_of(d->doc->id));
        for (int k = 0; k < SM_N_DOC_CUES; k++)
            json_object_set_new(j, sm_doc_cue_name(k), json_real(d->cue[k]));
        json_array_append_new(list, j);
    }
    return list;
}

static json_t *clauses_json(const sm_turn *t)
{
    json_t *list = json_array();
    for (size_t i = 0; i < t->weighed_doc->n; i++) {
        json_t *j = json_pack("{s:o,s:o}", "doc", sm_json_of(t->weighed_id), "clause",
                              sm_json_of(t->weighed_doc->clause[i].path));
        for (int k = 0; k < SM_N_CLAUSE_CUES; k++)
            json_object_set_new(j, sm_clause_cue_name(k), json_real(t->weighed_clauses[i].cue[k]));
        json_array_append_new(list, j);
    }
    return list;
}

static json_t *rivals_json(const sm_turn *t)
{
    json_t *list = json_array();
    for (size_t i = 0; i < t->n_rivals; i++) {
        json_t *j =
            json_pack("{s:o,s:f}", "code", sm_json_of(t->rival[i].code), "p", t->rival[i].p);
        for (int k = 0; k < SM_N_RIVAL_CUES; k++)
            json_object_set_new(j, sm_rival_cue_name(k), json_real(t->rival[i].cue[k]));
        json_array_append_new(list, j);
    }
    return list;
}

static json_t *pairs_json(const sm_turn *t)
{
    json_t *list = json_array();
    for (size_t i = 0; i < t->n_tried; i++) {
        json_t *j = json_pack("{s:[o,o],s:f}", "codes", sm_json_of(t->tried[i].code[0]),
                              sm_json_of(t->tried[i].code[1]), "score", t->tried[i].score);
        for (int k = 0; k < SM_N_PART_CUES; k++)
            json_object_set_new(j, sm_part_cue_name(k), json_real(t->tried[i].cue[k]));
        json_array_append_new(list, j);
    }
    return list;
}

/* The numbers that the turn was decided by, and what the heads made of them. */
static json_t *explain(sm_turn *t)
{
    static const char *const heads[SM_N_HEADS] = {
        "p_out",    "p_out_following", "p_crisis",       "p_unclear",  "p_two",
        "p_policy", "p_right_item",    "p_right_policy", "p_right_two"
    };
    static const char *const follows[SM_N_FOLLOWS] = { "p_stay", "p_sibling", "p_new", "p_choice",
                                                       "p_reaction" };
    json_t *j = json_object();
    sm_json_own(t->op->arena, j);
    for (int i = 0; i < SM_N_SIGNALS; i++)
        json_object_set_new(j, sm_signal_name(i), json_real(t->signals.v[i]));
    for (int i = 0; i < SM_N_FOLLOWS; i++)
        json_object_set_new(j, follows[i], json_real(t->reading.follow[i]));
    for (int i = 0; i < SM_N_HEADS; i++)
        json_object_set_new(j, heads[i], json_real(sm_head_p((sm_head)i, &t->signals)));
    json_t *covers = json_object();
    for (int i = 0; i < SM_N_DIMENSIONS; i++)
        json_object_set_new(covers, sm_dimension_name(i),
                            json_string(sm_cover_name(t->sufficient.of[i])));
    json_object_set_new(j, "covers", covers);
    if (t->n_candidates)
        json_object_set_new(j, "candidates", candidates_json(t));
    if (t->n_tried)
        json_object_set_new(j, "pairs", pairs_json(t));
    if (t->n_picked)
        json_object_set_new(j, "documents", documents_json(t));
    if (t->weighed_clauses)
        json_object_set_new(j, "clauses", clauses_json(t));
    if (t->n_rivals)
        json_object_set_new(j, "rivals", rivals_json(t));
    return j;
}

sm_rc sm_say_finish(sm_turn *t)
{
    sm_reply *r = t->reply;
    sm_rc rc = list_items(t);
    if (rc == SM_OK)
        rc = write_text(t);
    if (rc < 0)
        return rc;
    if (t->answer) {
        r->more = t->answer->more;
        r->n_more = t->answer->n_more;
        r->date = t->answer->date;
    }
    r->confidence = r->act == SM_ACT_ANSWER ? t->sufficient.p
                    : t->item && t->item->n ? t->item->hit[0].p
                                            : 0;
    r->region = t->talk.region;
    if (t->q->explain)
        r->signals = explain(t);
    t->talk.n_turns++;
    return SM_OK;
}

/* ------------------------------------------------------------------- as JSON */

static json_t *cite_json(const sm_cite *c)
{
    return json_pack("{s:o,s:o,s:o,s:o,s:o,s:I,s:o}", "doc", sm_json_of(c->doc), "clause",
                     sm_json_of(c->clause), "title", sm_json_of(c->title), "quote",
                     sm_json_of(c->quote), "digest", sm_json_of(c->digest), "pos",
                     (json_int_t)c->pos, "date", sm_json_of(c->date));
}

/* Which part of an answer a sentence belongs to, by what it cites. */
static const char *part_of(const sm_claim *claim)
{
    static const struct {
        const char *prefix, *part;
    } parts[] = { { "materials", "needs" }, { "conditions", "needs" }, { "places", "where" },
                  { "online", "where" },    { "steps", "steps" },      { "basis", "basis" },
                  { "faq", "faq" } };
    for (size_t i = 0; claim->n_cites && !claim->corrects && i < SM_LEN(parts); i++)
        if (sm_str_starts(claim->cite[0].clause, sm_str_of(parts[i].prefix)))
            return parts[i].part;
    return "conclusion";
}

json_t *sm_claim_json(const sm_claim *c)
{
    json_t *cites = json_array();
    for (size_t k = 0; k < c->n_cites; k++)
        json_array_append_new(cites, cite_json(&c->cite[k]));
    return json_pack("{s:o,s:o*,s:s,s:s,s:s,s:o}", "text", sm_json_of(c->text), "of",
                     c->of.n ? sm_json_of(c->of) : NULL, "part", part_of(c), "by",
                     c->by ? c->by : "source", "how", c->how ? c->how : "composed", "cites", cites);
}

static json_t *claims_json(const sm_reply *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->n_claims; i++)
        json_array_append_new(list, sm_claim_json(&r->claim[i]));
    return list;
}

static json_t *ask_json(const sm_reply *r)
{
    json_t *options = json_array();
    for (size_t i = 0; i < r->n_options; i++)
        json_array_append_new(options,
                              json_pack("{s:o,s:o}", "label", sm_json_of(r->option[i].label),
                                        "code", sm_json_of(r->option[i].code)));
    return json_pack("{s:o,s:o}", "question", sm_json_of(r->question), "options", options);
}

json_t *sm_reply_json(const sm_reply *r)
{
    json_t *items = json_array(), *more = json_array();
    for (size_t i = 0; i < r->n_items; i++)
        json_array_append_new(items, json_pack("{s:o,s:o,s:f}", "code", sm_json_of(r->item[i].code),
                                               "name", sm_json_of(r->item[i].name), "score",
                                               r->item[i].score));
    for (size_t i = 0; i < r->n_more; i++)
        json_array_append_new(more, json_string(sm_facet_name(r->more[i])));
    json_t *j =
        json_pack("{s:s,s:s,s:f,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:I,s:I,s:f}", "act",
                  sm_act_name(r->act), "reason", r->reason, "confidence", r->confidence, "items",
                  items, "intro", sm_json_of(r->intro), "answer", sm_json_of(r->answer), "claims",
                  claims_json(r), "ask", ask_json(r), "more", more, "region", sm_json_of(r->region),
                  "label", sm_json_of(r->label), "date", sm_json_of(r->date), "record",
                  (json_int_t)r->ledger_id, "queue", (json_int_t)r->queue_place, "ms", r->ms);
    json_object_set_new(j, "correction", sm_json_of(r->correction));
    if (r->signals)
        json_object_set(j, "signals", r->signals);
    return j;
}
