/*
 * An item's elements as an answer.  The sentences are the elements' own words (the clause
 * texts made at import) or built from the item's JSON and then held against those clauses.
 */
#include "answer/compose.h"

#include <string.h>

#include "answer/near.h"
#include "answer/when.h"
#include "text/text.h"

enum { MAX_LISTED = 40, MAX_WAITS = 2, MAX_TIMES = 2 };
static const double NEAREST_SHOWN = 0.14; /* of the question's wording, in what tells a time */
/* How near to the question (near.h) the nearest is, the next, an FAQ before what is asked for. */
static const double NEAR_SHOWN = 1.1, NEXT_SHOWN = 2.1, FAQ_SHOWN = 2.1;
static const double OF_BEFORE = 0.5; /* of the nearness to what was asked before */
/* What a clause gains that tells the very kind of time asked for, or is a condition. */
static const double OUTRIGHT = 0.3, CONDITION = 0.1;
static const double NEARLY = 0.7; /* of the best one's: it is said, too */

struct item {
    sm_op *op;
    sm_db *db;
    const sm_doc *doc;
    json_t *json;
    sm_clause *clause;
    size_t n_clauses;
    const sm_clause **about; /* those that a question in words may be about */
    double *near;            /* how near each is to it */
    size_t n_about;
    sm_str region, question, title, date;
    sm_wordset asked;     /* the question's words, once somebody wants them */
    sm_when when;         /* which time it asks for */
    sm_str *other_region; /* district names that are not this region */
    size_t n_other;
    sm_draft draft;
};

static const sm_clause *clause_at(const struct item *it, sm_str path)
{
    for (size_t i = 0; i < it->n_clauses; i++)
        if (sm_str_eq(it->clause[i].path, path))
            return &it->clause[i];
    return NULL;
}

static bool said_already(const struct item *it, const sm_clause *c)
{
    const sm_answer *a = it->draft.answer;
    for (size_t i = 0; i < a->n_claims; i++)
        for (size_t k = 0; k < a->claim[i].n_cites; k++)
            if (a->claim[i].cite[k].row == c->row)
                return true;
    return false;
}

static void say(struct item *it, sm_str sentence, const char *path)
{
    const sm_clause *c = clause_at(it, sm_str_of(path));
    if (c)
        sm_draft_say_one(&it->draft, sentence, c, it->title, it->date);
}

static void say_own_words(struct item *it, const char *path)
{
    const sm_clause *c = clause_at(it, sm_str_of(path));
    if (c && !said_already(it, c))
        sm_draft_say_one(&it->draft, c->text, c, it->title, it->date);
}

static void say_clause(struct item *it, const sm_clause *c)
{
    sm_draft_say_one(&it->draft, c->text, c, it->title, it->date);
}

/* Every clause under a prefix ("steps/"), in order. */
static void say_all(struct item *it, const char *prefix)
{
    for (size_t i = 0, said = 0; i < it->n_clauses && said < MAX_LISTED; i++)
        if (sm_str_starts(it->clause[i].path, sm_str_of(prefix)) &&
            !said_already(it, &it->clause[i])) {
            sm_draft_say_one(&it->draft, it->clause[i].text, &it->clause[i], it->title, it->date);
            said++;
        }
}

/* How much of the question's wording a text has. */
static double shared_with(struct item *it, sm_str text)
{
    sm_arena *a = it->op->arena;
    if (!it->asked.key[0])
        it->asked = sm_wordset_of(a, it->question);
    sm_wordset t = sm_wordset_of(a, text);
    return sm_wordset_shared(&it->asked, &t);
}

static sm_str aliases_of(const struct item *it)
{
    sm_str all = { 0 };
    size_t i;
    json_t *alias;
    json_array_foreach(json_object_get(it->json, "aliases"), i, alias)
    {
        all = sm_strf(it->op->arena, "%.*s %s", SM_ARG(all), json_string_value(alias));
    }
    return all;
}

/* What may answer a question that no facet covers ("注册资金要多少"): how near each of them is. */
static void weigh(struct item *it, sm_str before, bool of_office)
{
    static const char *const where[] = { "conditions/", "steps/", "result", "faq/", "eligibility" };
    sm_arena *a = it->op->arena;
    it->about = SM_NEWS(a, const sm_clause *, it->n_clauses + 1);
    for (size_t i = 0; i < it->n_clauses; i++)
        if (sm_str_starts_any(it->clause[i].path, where, SM_LEN(where)))
            it->about[it->n_about++] = &it->clause[i];
    sm_near_asked asked = { .title = it->doc->title,
                            .aliases = aliases_of(it),
                            .question = it->question,
                            .of_office = of_office };
    it->near = sm_near(a, &asked, it->about, it->n_about);
    asked.question = before;
    double *then = before.n ? sm_near(a, &asked, it->about, it->n_about) : NULL;
    for (size_t i = 0; i < it->n_about; i++) {
        it->near[i] += then ? OF_BEFORE * then[i] : 0;
        /* A step answers seldom; it makes the words that others share with it more common. */
        if (sm_str_starts(it->about[i]->path, SM_STR("steps/")))
            it->near[i] = 0;
    }
}

/* The FAQ that the question is about, if one is. */
static void say_faq(struct item *it)
{
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < it->n_about; i++)
        if (sm_str_starts(it->about[i]->path, SM_STR("faq/")) &&
            (best == SIZE_MAX || it->near[i] > it->near[best]))
            best = i;
    if (best != SIZE_MAX && it->near[best] >= FAQ_SHOWN && !said_already(it, it->about[best]))
        say_clause(it, it->about[best]);
}

/* "2025年中小微企业按…": an FAQ's sentence that begins with a year tells of that year alone. */
static bool of_bygone_year(sm_arena *a, const sm_clause *c, sm_str question, sm_date as_of)
{
    size_t at = sm_str_find(c->text, SM_STR("答："), 0);
    int64_t year, this_year;
    sm_str rest = at == SIZE_MAX ? c->text : sm_str_sub(c->text, at + strlen("答："), c->text.n);
    sm_str digits = sm_str_sub(rest, 0, 4), behind = sm_str_sub(rest, 4, rest.n);
    if (!sm_str_to_int(digits, &year) || !sm_str_starts(behind, SM_STR("年")) ||
        !sm_str_to_int(sm_str_sub(sm_date_iso(a, as_of), 0, 4), &this_year))
        return false;
    behind = sm_str_sub(behind, strlen("年"), behind.n);
    bool since =
        behind.n && (sm_str_starts(behind, SM_STR("起")) || sm_str_starts(behind, SM_STR("以")) ||
                     (behind.p[0] >= '0' && behind.p[0] <= '9'));
    return !since && year < this_year && !sm_str_has(question, digits);
}

static bool is_of(const sm_clause *c, const char *const *prefix, size_t n)
{
    return sm_str_starts_any(c->path, prefix, n);
}

/* The condition, result or FAQ nearest to the question, and the next when it is nearly as
 * near. */
static void say_nearest(struct item *it)
{
    size_t best[2] = { SIZE_MAX, SIZE_MAX };
    for (size_t i = 0; i < it->n_about; i++)
        if (best[0] == SIZE_MAX || it->near[i] > it->near[best[0]]) {
            best[1] = best[0];
            best[0] = i;
        } else if (best[1] == SIZE_MAX || it->near[i] > it->near[best[1]]) {
            best[1] = i;
        }
    for (size_t i = 0; i < 2 && best[i] != SIZE_MAX; i++)
        if (it->near[best[i]] >=
                (i ? SM_MAX(NEXT_SHOWN, NEARLY * it->near[best[0]]) : NEAR_SHOWN) &&
            !said_already(it, it->about[best[i]]))
            say_clause(it, it->about[best[i]]);
}

/* ------------------------------------------------------------ materials */

static sm_str names_where(struct item *it, const char *required, bool equal, const sm_clause **from,
                          size_t *n_from)
{
    sm_buf b;
    sm_buf_init(&b, 1 << 16);
    size_t i;
    json_t *m;
    *n_from = 0;
    json_array_foreach(json_object_get(it->json, "materials"), i, m)
    {
        if (sm_str_eq(sm_json_str(m, "required"), sm_str_of(required)) != equal ||
            *n_from == MAX_LISTED)
            continue;
        const sm_clause *c =
            clause_at(it, sm_strf(it->op->arena, "materials/%.*s", SM_ARG(sm_json_str(m, "id"))));
        if (!c)
            continue;
        sm_buf_addf(&b, "%s%.*s", *n_from ? "、" : "", SM_ARG(sm_json_str(m, "name")));
        from[(*n_from)++] = c;
    }
    sm_str s = sm_str_dup(it->op->arena, sm_buf_str(&b));
    sm_buf_done(&b);
    return s;
}

static void say_materials(struct item *it)
{
    const sm_clause *from[MAX_LISTED];
    size_t n;
    sm_str names = names_where(it, "必要", true, from, &n);
    if (n && said_already(it, from[0]))
        return;
    if (n)
        sm_draft_say(&it->draft, sm_strf(it->op->arena, "需要带：%.*s。", SM_ARG(names)), from, n,
                     it->title, it->date);
    names = names_where(it, "必要", false, from, &n);
    if (n)
        sm_draft_say(&it->draft,
                     sm_strf(it->op->arena, "按情形另带（不是人人都要）：%.*s。", SM_ARG(names)),
                     from, n, it->title, it->date);
    if (it->draft.answer->n_claims == 0)
        say_own_words(it, "scope");
}

/* One material that the question names gets its details. */
static void say_named_material(struct item *it)
{
    for (size_t i = 0; i < it->n_clauses; i++) {
        const sm_clause *c = &it->clause[i];
        if (!sm_str_starts(c->path, SM_STR("materials/")))
            continue;
        sm_str name = c->text;
        size_t cut = sm_str_find(name, SM_STR("（"), 0);
        if (cut != SIZE_MAX && cut > 6)
            name.n = cut;
        if (sm_str_has(it->question, name))
            sm_draft_say_one(&it->draft, c->text, c, it->title, it->date);
    }
}

/* --------------------------------------------------------- place, online */

static bool names_other_region(const struct item *it, sm_str place)
{
    if (it->region.n && sm_str_has(place, it->region))
        return false;
    for (size_t i = 0; i < it->n_other; i++)
        if (sm_str_has(place, it->other_region[i]))
            return true;
    return false;
}

static bool names_own_region(const struct item *it, sm_str place)
{
    return it->region.n && sm_str_has(place, it->region);
}

/* "从江北区搬到江南区": what holds between two districts holds between others. */
static bool is_of_another_region(const struct item *it, sm_str faq)
{
    size_t n = 0;
    for (size_t i = 0; i < it->n_other; i++)
        n += sm_str_has(faq, it->other_region[i]);
    return n == 1 && it->region.n && !sm_str_has(faq, it->region);
}

/* What an FAQ says of a year gone by is no fact of today, and what it says of another district none
 * of this one. */
static void drop_others(struct item *it, sm_date as_of)
{
    size_t kept = 0;
    for (size_t i = 0; i < it->n_clauses; i++) {
        const sm_clause *c = &it->clause[i];
        bool faq = sm_str_starts(c->path, SM_STR("faq/"));
        bool elsewhere = faq && is_of_another_region(it, c->text);
        if (!faq || (!elsewhere && !of_bygone_year(it->op->arena, c, it->question, as_of)))
            it->clause[kept++] = *c;
    }
    it->n_clauses = kept;
}

static void say_places(struct item *it, size_t most)
{
    size_t said = 0;
    bool has_own = false;
    for (size_t i = 0; i < it->n_clauses; i++)
        if (sm_str_starts(it->clause[i].path, SM_STR("places/")))
            has_own |= names_own_region(it, it->clause[i].text);
    for (size_t i = 0; i < it->n_clauses && said < most; i++) {
        const sm_clause *c = &it->clause[i];
        if (!sm_str_starts(c->path, SM_STR("places/")) ||
            (has_own && !names_own_region(it, c->text)) ||
            (it->region.n && names_other_region(it, c->text)))
            continue;
        sm_draft_say_one(&it->draft, c->text, c, it->title, it->date);
        said++;
    }
    if (said == 0 && !it->region.n)
        say_all(it, "places/");
    else if (said == 0) /* another district's window is not said to be this one's */
        say_own_words(it, "consult");
}

static void say_online(struct item *it)
{
    sm_str online = sm_json_str(it->json, "online");
    int64_t visits = json_integer_value(json_object_get(it->json, "onsite_visits"));
    const sm_clause *from[2] = { clause_at(it, SM_STR("online")),
                                 clause_at(it, SM_STR("onsite_visits")) };
    if (!from[0] || said_already(it, from[0]))
        return;
    sm_arena *a = it->op->arena;
    sm_str s;
    if (sm_str_eq(online, SM_STR("全程网办")))
        s = SM_STR("可以全程网办：在网上提交就行，不用跑现场。");
    else if (sm_str_eq(online, SM_STR("仅窗口")))
        s = SM_STR("网上办不了，仅窗口办理，要到现场。");
    else
        s = sm_strf(a, "支持%.*s，之后还要到现场%lld次。", SM_ARG(online), (long long)visits);
    sm_draft_say(&it->draft, s, from, from[1] ? 2 : 1, it->title, it->date);
}

/* --------------------------------------------------------------- facets */

static void facet_none(struct item *it)
{
    sm_arena *a = it->op->arena;
    sm_str dept = it->doc->parent;
    say(it, sm_strf(a, "您要办的是“%.*s”，由%.*s办理。", SM_ARG(it->doc->title), SM_ARG(dept)),
        "name");
    say_faq(it);
    say_materials(it);
    say_own_words(it, "promised_limit");
    say_own_words(it, "fee");
    sm_fact *fact;
    const sm_clause *result = clause_at(it, SM_STR("result"));
    if (result && sm_text_facts(a, result->text, &fact) > 0)
        say_own_words(it, "result");
    say_online(it);
    say_places(it, 2);
}

static void facet_materials(struct item *it)
{
    say_faq(it);
    say_materials(it);
    say_named_material(it);
}

/* Steps in which one has to wait: "冷静期30日" is no part of the promised limit. */
static void say_waiting(struct item *it)
{
    size_t said = 0;
    for (size_t i = 0; i < it->n_clauses && said < MAX_WAITS; i++) {
        sm_fact *f;
        const sm_clause *c = &it->clause[i];
        if (!sm_str_starts(c->path, SM_STR("steps/")))
            continue;
        size_t n = sm_text_facts(it->op->arena, c->text, &f);
        bool waits = false;
        for (size_t k = 0; k < n; k++)
            waits |= f[k].kind == SM_FACT_DAYS || f[k].kind == SM_FACT_MONTHS;
        if (waits && !said_already(it, c)) {
            sm_draft_say_one(&it->draft, c->text, c, it->title, it->date);
            said++;
        }
    }
}

/* How well a clause tells the time asked for; 0: not at all. */
static double tells_when(struct item *it, const sm_clause *c)
{
    static const char *const where[] = { "conditions/", "steps/", "faq/", "result" };
    sm_arena *a = it->op->arena;
    bool scope = sm_str_eq(c->path, SM_STR("scope"));
    sm_when w = it->when;
    if (scope &&
        w.kind == SM_WHEN_WITHIN) /* "90天内参保的办这项" sets no deadline, a season does */
        w.kind = SM_WHEN_SEASON;
    if ((!scope && !is_of(c, where, SM_LEN(where))) ||
        (scope && (w.kind == SM_WHEN_TERM || w.kind == SM_WHEN_AHEAD)) ||
        !sm_when_told(a, &w, it->doc->title, c->text))
        return 0;
    bool outright = sm_when_told_outright(a, &w, it->doc->title, c->text);
    if (scope && w.kind == SM_WHEN_SEASON && !outright)
        return 0;
    return NEAREST_SHOWN + shared_with(it, c->text) + (outright ? OUTRIGHT : 0) +
           (sm_str_starts(c->path, SM_STR("conditions/")) ? CONDITION : 0);
}

/* By when one must come, in which season, how long it is good for: in a condition, a step, an FAQ.
 * The best two, best first. */
static bool say_when(struct item *it)
{
    double score[MAX_TIMES] = { 0 };
    const sm_clause *best[MAX_TIMES] = { NULL };
    for (size_t i = 0; i < it->n_clauses; i++) {
        double s = tells_when(it, &it->clause[i]);
        size_t at = MAX_TIMES;
        while (at > 0 && s > score[at - 1])
            at--;
        for (size_t k = MAX_TIMES - 1; at < MAX_TIMES && k > at; k--) {
            score[k] = score[k - 1];
            best[k] = best[k - 1];
        }
        if (at < MAX_TIMES) {
            score[at] = s;
            best[at] = &it->clause[i];
        }
    }
    for (size_t i = 0; i < MAX_TIMES && best[i] && score[i] >= NEARLY * score[0]; i++)
        sm_draft_say_one(&it->draft, best[i]->text, best[i], it->title, it->date);
    return best[0] != NULL;
}

/* Where another time is asked for, the office's is named as what it is. */
static void facet_time(struct item *it)
{
    const sm_clause *c = clause_at(it, SM_STR("promised_limit"));
    if (it->when.kind == SM_WHEN_OFFICE) {
        say_own_words(it, "promised_limit");
        say_waiting(it);
    } else if (c && !said_already(it, c)) {
        say(it, sm_strf(it->op->arena, "办理机关的%.*s", SM_ARG(c->text)), "promised_limit");
    }
}

static void facet_fee(struct item *it)
{
    say_own_words(it, "fee");
}

static void facet_place(struct item *it)
{
    say_places(it, MAX_LISTED);
    say_own_words(it, "consult");
}

static void facet_steps(struct item *it)
{
    say_all(it, "steps/");
}

static void facet_conditions(struct item *it)
{
    say_faq(it);
    say_all(it, "conditions/");
}

static void facet_result(struct item *it)
{
    say_own_words(it, "result");
}

static void facet_basis(struct item *it)
{
    say_all(it, "basis/");
}

static void facet_eligibility(struct item *it)
{
    say_own_words(it, "eligibility");
    say_all(it, "conditions/");
}

static void (*const compose[SM_N_FACETS])(struct item *) = {
    [SM_FACET_NONE] = facet_none,
    [SM_FACET_MATERIALS] = facet_materials,
    [SM_FACET_TIME] = facet_time,
    [SM_FACET_FEE] = facet_fee,
    [SM_FACET_PLACE] = facet_place,
    [SM_FACET_STEPS] = facet_steps,
    [SM_FACET_CONDITIONS] = facet_conditions,
    [SM_FACET_ONLINE] = say_online,
    [SM_FACET_RESULT] = facet_result,
    [SM_FACET_BASIS] = facet_basis,
    [SM_FACET_ELIGIBILITY] = facet_eligibility,
};

/* ------------------------------------------------------------ conflicts */

static bool already_said(const sm_answer *answer, sm_str value)
{
    for (size_t i = 0; i < answer->n_claims; i++)
        if (sm_str_has(answer->claim[i].text, value))
            return true;
    return false;
}

/* Both sides of what a keeper has not settled yet, each with source and date. */
static sm_rc say_conflicts(struct item *it, sm_date as_of)
{
    sm_defect *finding;
    size_t n;
    sm_rc rc = sm_conflict_of(it->op, it->db, it->doc->id, &finding, &n);
    if (rc < 0)
        return rc;
    sm_arena *a = it->op->arena;
    for (size_t i = 0; i < n; i++) {
        const sm_defect *f = &finding[i];
        if (f->kind != SM_FINDING_ITEM_CONFLICT || !already_said(it->draft.answer, f->a_value))
            continue;
        sm_doc *policy;
        sm_clause *clause;
        if (sm_corpus_doc(it->op, it->db, f->b, &policy) < 0 ||
            sm_corpus_clause_at(it->op, it->db, f->b, f->b_path, &clause) < 0) {
            sm_op_clear(it->op);
            continue;
        }
        if (sm_doc_state(policy, as_of) != SM_STATE_IN_FORCE)
            continue;
        rc = sm_clause_for_asker(it->op, it->db, it->question, &clause);
        if (rc < 0)
            return rc;
        if (said_already(it, clause))
            continue;
        sm_str title = sm_cite_title(a, policy, clause->path);
        it->draft.organ = sm_doc_organ(policy);
        it->draft.answer->as_it_is = "conflict";
        sm_draft_say_one(&it->draft,
                         sm_strf(a, "注意，现行文件说法不一致：%.*s", SM_ARG(clause->text)), clause,
                         title, sm_date_iso(a, policy->effective));
    }
    return SM_OK;
}

static bool shown(const sm_facets *facets, sm_facet f)
{
    for (size_t i = 0; i < facets->n; i++)
        if (facets->f[i] == f)
            return true;
    return false;
}

static void offer_more(sm_op *op, sm_answer *answer, const sm_facets *facets, bool has_rule)
{
    answer->more = SM_NEWS(op->arena, sm_facet, SM_N_FACETS);
    for (size_t f = SM_FACET_MATERIALS; f < SM_N_FACETS; f++)
        if (!shown(facets, (sm_facet)f) && (f != SM_FACET_ELIGIBILITY || has_rule))
            answer->more[answer->n_more++] = (sm_facet)f;
}

static sm_rc other_regions(struct item *it)
{
    sm_str home;
    sm_rc rc = sm_region_names(it->op, it->db, &it->other_region, &it->n_other);
    if (rc == SM_OK)
        rc = sm_region_home(it->op, it->db, &home);
    if (rc < 0)
        return rc;
    size_t kept = 0; /* the city's own name is in every place's name */
    for (size_t i = 0; i < it->n_other; i++)
        if (!sm_str_eq(it->other_region[i], home))
            it->other_region[kept++] = it->other_region[i];
    it->n_other = kept;
    if (sm_str_eq(it->region, home))
        it->region = (sm_str){ 0 };
    return SM_OK;
}

static sm_rc read_elements(struct item *it, sm_date as_of)
{
    sm_rc rc = sm_corpus_clauses(it->op, it->db, it->doc->version, &it->clause, &it->n_clauses);
    if (rc == SM_OK)
        rc = other_regions(it);
    if (rc == SM_OK)
        drop_others(it, as_of);
    return rc;
}

sm_rc sm_answer_elements(sm_op *op, sm_db *db, const sm_doc *item, sm_str region, sm_str question,
                         sm_date as_of, sm_clause **out, size_t *n)
{
    struct item it = { .op = op, .db = db, .doc = item, .region = region, .question = question };
    sm_rc rc = read_elements(&it, as_of);
    if (rc < 0)
        return rc;
    *out = it.clause;
    *n = it.n_clauses;
    return SM_OK;
}

/* Whether something is so, allowed or enough: "点一下就行了吧". */
static bool asks_whether(sm_str question)
{
    static const char *const words[] = { "行不行",   "能不能", "可不可以", "够不够",
                                         "是不是",   "要不要", "会不会",   "用不用",
                                         "需不需要", "对不对", "算不算" };
    static const char *const ends[] = { "吗", "吧", "不", "么", "没", "嘛" };
    sm_str rest = question, phrase;
    bool asks = sm_str_has_any(question, words, SM_LEN(words));
    while (!asks && sm_text_phrase(&rest, &phrase))
        asks = sm_str_ends_any(sm_str_trim(phrase), ends, SM_LEN(ends));
    return asks;
}

/* What decides it comes before an element of another kind; a fee answers by itself, the conditions
 * and the summary have an FAQ in front. */
static bool leads(const struct item *it, const sm_facets *facets)
{
    static const bool by_itself[SM_N_FACETS] = { [SM_FACET_NONE] = true,
                                                 [SM_FACET_MATERIALS] = true,
                                                 [SM_FACET_FEE] = true,
                                                 [SM_FACET_CONDITIONS] = true,
                                                 [SM_FACET_ELIGIBILITY] = true };
    double most = 0;
    for (size_t i = 0; i < it->n_about; i++)
        most = SM_MAX(most, it->near[i]);
    return facets->n && !by_itself[facets->f[0]] && most >= FAQ_SHOWN;
}

sm_rc sm_answer_item(sm_op *op, sm_db *db, const sm_doc *item, sm_facets facets, sm_str region,
                     sm_str question, sm_str before, sm_date as_of, sm_answer **out)
{
    struct item it = { .op = op, .db = db, .doc = item, .region = region, .question = question };
    sm_rc rc = sm_item_json(op, item, &it.json);
    if (rc == SM_OK)
        rc = read_elements(&it, as_of);
    if (rc < 0)
        return rc;
    it.title = sm_cite_title(op->arena, item, (sm_str){ 0 });
    it.date = sm_date_iso(op->arena, item->effective);
    sm_draft_begin(op, &it.draft);
    it.draft.organ = sm_doc_organ(item);
    it.when = sm_when_asked(question);
    if (it.when.kind != SM_WHEN_OFFICE && !say_when(&it) && !it.when.sure)
        it.when.kind = SM_WHEN_OFFICE;
    weigh(&it, before, it.when.kind == SM_WHEN_OFFICE && shown(&facets, SM_FACET_TIME));
    if (asks_whether(question) && leads(&it, &facets))
        say_nearest(&it);
    for (size_t i = 0; i < facets.n; i++)
        compose[facets.f[i]](&it);
    if (it.draft.answer->n_claims == 0)
        facet_none(&it);
    say_nearest(&it);
    rc = say_conflicts(&it, as_of);
    if (rc < 0)
        return rc;
    offer_more(op, it.draft.answer, &facets, json_object_get(it.json, "rule") != NULL);
    *out = it.draft.answer;
    return SM_OK;
}
