/*
 * A question in a model's words: asked for where our own reading is unsure, only searched with, and
 * taken only where it makes the outcome surer.  What it says is never shown and never recorded;
 * what is refused, and where the person is, is read from the person's own words alone.
 */
#include <string.h>

#include "guide/turn.h"
#include "text/text.h"

enum { WROTE_BYTES = 4096, SEARCH_CHARS = 120, LONG_CHARS = 80, MAX_TOKENS = 160, MAX_PARTS = 2 };
static const double UNSURE = 0.5, UNSURE_LONG = 0.8, UNSURE_ASKING = 0.8; /* below: it may help */
static const double TAKE_AT = 0.7, SURER_BY = 0.1; /* of the answer's probability */
static const double CLARIFY_P = 0.3; /* of the best item: asking back beats handing over */
static const double SHARED = 0.25;   /* of the rewriting's wording: it is of the same topic */
static const double RANKED_P = 0.003;
enum { RANKED = 10 };

/* ------------------------------------------------------------------- asking for it */

static json_t *schema(void)
{
    return json_pack("{s:s,s:b,s:[s,s,s],s:{s:{s:s,s:i},s:{s:s,s:i,s:{s:s,s:i}},s:{s:s,s:i,s:{s:s,"
                     "s:[s,s,s,s,s,s,s,s,s]}}}}",
                     "type", "object", "additionalProperties", 0, "required", "search", "parts",
                     "facets", "properties", "search", "type", "string", "maxLength", SEARCH_CHARS,
                     "parts", "type", "array", "maxItems", MAX_PARTS, "items", "type", "string",
                     "maxLength", SEARCH_CHARS, "facets", "type", "array", "maxItems", 2, "items",
                     "type", "string", "enum", "materials", "time", "fee", "place", "steps",
                     "conditions", "online", "result", "basis");
}

sm_str sm_rewriting_request(sm_arena *a, const sm_prompts *p, sm_str question, sm_str model)
{
    json_t *format = json_pack("{s:s,s:{s:s,s:b,s:o}}", "type", "json_schema", "json_schema",
                               "name", "search", "strict", 1, "schema", schema());
    sm_str whole = sm_utf8_head(sm_utf8_mend(a, question), SM_QUESTION_READ_CHARS);
    sm_str body = sm_prompt_body(a, &(sm_prompt_ask){ .prompt = sm_prompt_named(p, "rewrite"),
                                                      .model = model,
                                                      .question = whole,
                                                      .max_tokens = MAX_TOKENS,
                                                      .stream = true,
                                                      .format = format });
    json_decref(format);
    return body;
}

/* ----------------------------------------------------------------------- reading it */

/* One line of what shows, and no longer than a question. */
static sm_str plain(sm_arena *a, sm_str text)
{
    return sm_utf8_head(sm_prompt_inert(a, sm_utf8_mend(a, text)), SEARCH_CHARS);
}

static sm_str joined(sm_arena *a, sm_str x, const char *sign, sm_str y)
{
    return x.n && y.n ? sm_strf(a, "%.*s%s%.*s", SM_ARG(x), sign, SM_ARG(y)) : x.n ? x : y;
}

static sm_str read_json(sm_arena *a, const json_t *j)
{
    sm_str search = { 0 }, part;
    const json_t *parts = json_object_get(j, "parts"), *facets = json_object_get(j, "facets");
    size_t n = json_array_size(parts);
    for (size_t i = 0; n >= 2 && i < MAX_PARTS; i++) {
        part = plain(a, sm_str_of(json_string_value(json_array_get(parts, i))));
        search = joined(a, search, "；", part);
    }
    if (!search.n)
        search = plain(a, sm_json_str(j, "search"));
    for (size_t i = 0; search.n && n < 2 && i < json_array_size(facets) && i < 2; i++) {
        sm_facet f;
        if (sm_facet_parse(sm_str_of(json_string_value(json_array_get(facets, i))), &f) &&
            f != SM_FACET_NONE)
            search = joined(a, search, "，", sm_str_of(sm_facet_text(f)));
    }
    return sm_utf8_head(search, SEARCH_CHARS);
}

sm_str sm_rewriting_read(sm_arena *a, sm_str wrote)
{
    sm_op op;
    json_t *j;
    sm_str line, out = { 0 };
    if (wrote.n == 0 || wrote.n > WROTE_BYTES)
        return out;
    sm_op_begin(&op);
    if (sm_json_parse(&op, sm_str_trim(wrote), "改写", &j) == SM_OK && json_is_object(j)) {
        out = read_json(a, j);
    } else if (!memchr(wrote.p, '{', wrote.n)) { /* a server that is held to nothing */
        while (!out.n && sm_str_cut(&wrote, '\n', &line))
            out = sm_utf8_count(line) <= SEARCH_CHARS ? plain(a, line) : out;
    }
    sm_op_end(&op);
    return out;
}

/* --------------------------------------------------------------------- taking it up */

bool sm_is_unsure(const sm_turn *t)
{
    const sm_reply *r = t->reply;
    double p = r->act == SM_ACT_ANSWER ? t->sufficient.p
               : t->item && t->item->n ? t->item->hit[0].p
                                       : 0;
    bool is_long = sm_utf8_count(t->said) > LONG_CHARS;
    if (!t->fresh || t->screened || t->call.n || t->help.n || t->said.n == 0 || r->correction.n)
        return false;
    if (r->act == SM_ACT_HANDOFF)
        return true;
    bool asks = r->act == SM_ACT_CLARIFY && strcmp(r->reason, "topic") == 0;
    return (asks && p < UNSURE_ASKING) ||
           (r->act == SM_ACT_ANSWER && p < (is_long ? UNSURE_LONG : UNSURE));
}

/* Figures, dates and places are the person's own or none. */
static bool invents(sm_turn *t, sm_str search)
{
    sm_fact *told, *own;
    size_t n = sm_text_facts(t->op->arena, search, &told);
    size_t m = sm_text_facts(t->op->arena, t->said, &own);
    for (size_t i = 0; i < n; i++) {
        bool has = sm_str_has(t->said, told[i].text);
        for (size_t k = 0; k < m && !has; k++)
            has = sm_str_eq(told[i].key, own[k].key);
        if (!has)
            return true;
    }
    for (size_t i = 0; i < t->n_region_names; i++)
        if (sm_str_has(search, t->region_name[i]) && !sm_str_has(t->said, t->region_name[i]) &&
            !sm_str_eq(t->region_name[i], t->home))
            return true;
    size_t city = sm_words_first(t->g->cities, search);
    return city != SIZE_MAX && !sm_str_has(t->said, t->g->city[city]);
}

sm_str sm_rewriting_of(sm_turn *t)
{
    sm_str search = plain(t->op->arena, t->q->rewritten);
    return search.n == 0 || sm_str_eq(search, t->said) || invents(t, search) ? (sm_str){ 0 }
                                                                             : search;
}

/* Of the topic that the own words are of: it ranked there, or its wording is shared. */
static bool of_the_topic(const sm_turn *own, const sm_turn *t)
{
    if (sm_text_shared(own->op->arena, t->search, own->said) >= SHARED)
        return true;
    const char *reason = t->reply->reason;
    sm_str code = strcmp(reason, "item") == 0 ? t->talk.item
                  : t->item && t->item->n     ? t->item->hit[0].id
                                              : (sm_str){ 0 };
    for (size_t i = 0; own->item && i < own->item->n && i < RANKED; i++)
        if (sm_str_eq(own->item->hit[i].id, code) && own->item->hit[i].p >= RANKED_P)
            return true;
    return false;
}

bool sm_rewriting_helps(const sm_turn *own, const sm_turn *t)
{
    bool other_time = (sm_speaks_of_past(t) && !sm_speaks_of_past(own)) ||
                      (sm_speaks_of_future(t) && !sm_speaks_of_future(own)) ||
                      (t->day_spoken != SM_DATE_NONE && own->day_spoken == SM_DATE_NONE);
    if (other_time || !of_the_topic(own, t))
        return false;
    double before = own->reply->act == SM_ACT_ANSWER ? own->sufficient.p : 0;
    if (t->reply->act == SM_ACT_ANSWER)
        return t->sufficient.p >= TAKE_AT && t->sufficient.p >= before + SURER_BY;
    return own->reply->act == SM_ACT_HANDOFF && t->reply->act == SM_ACT_CLARIFY &&
           t->reply->n_options >= 2 && t->item && t->item->n && t->item->hit[0].p >= CLARIFY_P;
}
