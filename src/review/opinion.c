/*
 * What a model is asked about a document.  The document's text is data: it goes between the fences
 * of the prompt (ground/prompt.h), and where it speaks to a program nothing is asked at all.
 */
#include "review/opinion_inner.h"

#include <stdlib.h>

#include "review/speller.h"

enum {
    DATA_BYTES = 256 * 1024,
    QUESTION_BYTES = 64 * 1024,
    SENTENCE_CHARS = 120,
    PHRASE_CHARS = 12,
    HEAD_CHARS = 200,
    REPLY_TOKENS = 1600,
    YES_TOKENS = 160
};
/* So much below the speller's own bar, in log-odds, a word is still worth a question. */
static const double NEAR = 3.0;

static const unsigned asked_roles = 1u << SM_ROLE_TITLE | 1u << SM_ROLE_TO | 1u << SM_ROLE_TEXT |
                                    1u << SM_ROLE_H1 | 1u << SM_ROLE_H2 | 1u << SM_ROLE_H3 |
                                    1u << SM_ROLE_H4 | 1u << SM_ROLE_CELL | 1u << SM_ROLE_ATITLE;

/* -------------------------------------------------------------------- rules */

static sm_rule copy_of(sm_arena *a, const sm_rule *r)
{
    return (sm_rule){ .id = sm_str_dup(a, r->id),
                      .severity = r->severity,
                      .title = sm_str_dup(a, r->title),
                      .why = sm_str_dup(a, r->why),
                      .source = sm_str_dup(a, r->source),
                      .status = sm_str_dup(a, r->status),
                      .on = true };
}

static void take_rules(sm_opinion *x, const sm_check *c)
{
    for (size_t i = 0; i < c->rules->n; i++) {
        const sm_rule *r = &c->rules->rule[i];
        sm_str question = sm_param_str(r, "model", "");
        sm_asked_rule one = { .question = sm_str_dup(x->a, question) };
        if (!question.n || !sm_rule_applies(c, r) || !sm_rule_where(r, &one.where))
            continue;
        one.rule = copy_of(x->a, r);
        SM_GROW(x->a, x->rule, x->n_rules, x->rule_cap);
        x->rule[x->n_rules++] = one;
    }
}

/* -------------------------------------------------------------------- lines */

static void take_lines(sm_opinion *x, const sm_check *c)
{
    for (size_t i = 0; i < c->o->n; i++) {
        const sm_line *from = &c->o->line[i];
        if (!(asked_roles >> from->role & 1) || !from->text.n)
            continue;
        sm_str text = sm_str_dup(x->a, from->par->text);
        SM_GROW(x->a, x->line, x->n_lines, x->line_cap);
        x->line[x->n_lines++] = (sm_asked_line){ .para = from->para,
                                                 .page = from->par->page,
                                                 .role = from->role,
                                                 .text = text,
                                                 .inert = sm_prompt_inert(x->a, text),
                                                 .chars = sm_utf8_count(text) };
    }
}

/* Left out when it speaks to a program. */
static void take_head(sm_opinion *x, const sm_outline *o)
{
    const struct {
        const char *name;
        sm_str text;
    } parts[] = { { "文种", o->kind }, { "发文机关", o->issuer }, { "标题", o->title } };
    sm_buf b;
    sm_buf_init(&b, DATA_BYTES);
    for (size_t i = 0; i < SM_LEN(parts); i++)
        if (parts[i].text.n)
            sm_buf_addf(&b, "%s：%.*s\n", parts[i].name,
                        SM_ARG(sm_prompt_inert(x->a, sm_utf8_head(parts[i].text, HEAD_CHARS))));
    x->head =
        sm_ground_orders(x->a, sm_buf_str(&b)) ? (sm_str){ 0 } : sm_str_dup(x->a, sm_buf_str(&b));
    sm_buf_done(&b);
}

static bool lines_order(const sm_opinion *x, size_t first, size_t n)
{
    sm_buf b;
    sm_buf_init(&b, DATA_BYTES);
    for (size_t i = first; i < first + n; i++)
        sm_buf_add(&b, x->line[i].inert);
    bool orders = b.failed || sm_ground_orders(x->a, sm_buf_str(&b));
    sm_buf_done(&b);
    return orders;
}

static sm_asked_request *new_request(sm_opinion *x, size_t first, size_t n)
{
    SM_GROW(x->a, x->request, x->n, x->cap);
    x->request[x->n] = (sm_asked_request){ .first = first, .n = n };
    return &x->request[x->n++];
}

/* Which rules read any of the lines. */
static bool *rules_for(sm_opinion *x, size_t first, size_t n)
{
    bool *reads = SM_NEWS(x->a, bool, x->n_rules + 1), any = false;
    unsigned roles = 0;
    for (size_t i = first; i < first + n; i++)
        roles |= 1u << x->line[i].role;
    for (size_t i = 0; i < x->n_rules; i++)
        any |= reads[i] = (x->rule[i].where & roles) != 0;
    return any ? reads : NULL;
}

static void ask_about(sm_opinion *x, size_t first, size_t n)
{
    bool *rule = rules_for(x, first, n);
    if (!rule)
        return;
    if (x->n == SM_OPINION_REQUESTS || x->line[first].chars > SM_OPINION_LONGEST ||
        lines_order(x, first, n))
        x->left += n;
    else
        new_request(x, first, n)->rule = rule;
}

static void cut_in_requests(sm_opinion *x)
{
    for (size_t first = 0, n; first < x->n_lines; first += n) {
        size_t chars = x->line[first].chars;
        for (n = 1; first + n < x->n_lines && chars + x->line[first + n].chars <= SM_OPINION_CHARS;
             n++)
            chars += x->line[first + n].chars;
        ask_about(x, first, n);
    }
}

/* ------------------------------------------------------------------ spelling */

static bool is_stop(uint32_t c, bool comma)
{
    return c == 0x3002 || c == 0xff1b || c == 0xff01 || c == 0xff1f || c == '\n' ||
           (comma && (c == 0xff0c || c == 0x3001 || c == 0xff1a || c == ','));
}

/* What stands around bytes from … to: up to a stop, and at most so many characters to either
 * side. */
static sm_str around(sm_str text, size_t from, size_t to, size_t chars, bool comma)
{
    size_t begin = from, end = to;
    for (size_t k = 0; begin > 0 && k < chars; k++) {
        size_t at = begin - 1;
        while (at > 0 && ((uint8_t)text.p[at] & 0xc0) == 0x80)
            at--;
        sm_str one = sm_str_sub(text, at, begin);
        if (is_stop(sm_utf8_next(&one), comma))
            break;
        begin = at;
    }
    for (size_t k = 0; end < text.n && k < chars; k++) {
        sm_str rest = sm_str_sub(text, end, text.n);
        if (is_stop(sm_utf8_next(&rest), comma))
            break;
        end = text.n - rest.n;
    }
    return sm_str_sub(text, begin, end);
}

/* f is in bytes, as checkers find. */
static sm_asked_doubt doubt_of(sm_opinion *x, const sm_layout *doc, const sm_rule *rule,
                               const sm_finding *f)
{
    sm_str text = doc->par[f->para].text;
    sm_str phrase = around(text, f->start, f->end, PHRASE_CHARS, true);
    size_t at = f->start - (size_t)(phrase.p - text.p);
    sm_str to = sm_strf(x->a, "%.*s%.*s%.*s", SM_ARG(sm_str_sub(phrase, 0, at)), SM_ARG(f->suggest),
                        SM_ARG(sm_str_sub(phrase, at + f->text.n, phrase.n)));
    sm_asked_doubt d = { .finding = *f,
                         .sentence = sm_prompt_inert(
                             x->a, around(text, f->start, f->end, SENTENCE_CHARS, false)),
                         .from = sm_prompt_inert(x->a, phrase),
                         .to = sm_prompt_inert(x->a, to) };
    d.finding.rule = rule;
    d.finding.start = sm_utf8_count(sm_str_sub(text, 0, f->start));
    d.finding.end = d.finding.start + sm_utf8_count(f->text);
    d.finding.text = sm_str_dup(x->a, f->text);
    d.finding.suggest = sm_str_dup(x->a, f->suggest);
    return d;
}

static bool is_known(const sm_opinion *x, const sm_finding *f)
{
    for (size_t i = 0; i < x->n_known; i++) {
        const sm_finding *k = &x->known[i];
        if (k->para == f->para && k->start < f->end && f->start < k->end)
            return true;
    }
    return false;
}

static int by_likelihood(const void *a, const void *b)
{
    const sm_asked_doubt *x = a, *y = b;
    if (x->finding.confidence != y->finding.confidence)
        return x->finding.confidence > y->finding.confidence ? -1 : 1;
    if (x->finding.para != y->finding.para)
        return x->finding.para < y->finding.para ? -1 : 1;
    return (x->finding.start > y->finding.start) - (x->finding.start < y->finding.start);
}

static void take_doubts(sm_opinion *x, const sm_check *c, const sm_rule *rule)
{
    sm_check near = { .op = c->op,
                      .a = c->a,
                      .doc = c->doc,
                      .o = c->o,
                      .opt = c->opt,
                      .roster = c->roster,
                      .rules = c->rules };
    sm_spelling_run(&near, rule, NEAR);
    sm_rule *copy = SM_NEW(x->a, sm_rule);
    *copy = copy_of(x->a, rule);
    x->doubt = SM_NEWS(x->a, sm_asked_doubt, near.n_found + 1);
    for (size_t i = 0; i < near.n_found; i++) {
        sm_asked_doubt d = doubt_of(x, c->doc, copy, &near.found[i]);
        if (!is_known(x, &d.finding) && !sm_ground_orders(x->a, d.sentence))
            x->doubt[x->n_doubts++] = d;
    }
    if (x->n_doubts)
        qsort(x->doubt, x->n_doubts, sizeof(*x->doubt), by_likelihood);
    x->n_doubts = SM_MIN(x->n_doubts, (size_t)SM_OPINION_MAX_DOUBTS);
    for (size_t at = 0; at < x->n_doubts; at += SM_OPINION_DOUBTS)
        new_request(x, at, SM_MIN(x->n_doubts - at, (size_t)SM_OPINION_DOUBTS))->spelling = true;
}

static void ask_spelling(sm_opinion *x, const sm_check *c)
{
    for (size_t i = 0; c->opt->speller && i < c->rules->n; i++) {
        const sm_rule *r = &c->rules->rule[i];
        if (sm_str_eq(r->checker, SM_STR("speller")) && sm_rule_applies(c, r)) {
            take_doubts(x, c, r);
            return;
        }
    }
}

/* ------------------------------------------------------------------ begin */

static void keep_known(sm_opinion *x, const sm_review *without)
{
    sm_finding *k = SM_NEWS(x->a, sm_finding, without->n + 1);
    for (size_t i = 0; i < without->n; i++) {
        const sm_finding *f = &without->finding[i];
        sm_rule *id = SM_NEW(x->a, sm_rule);
        id->id = sm_str_dup(x->a, f->rule->id);
        k[i] = (sm_finding){ .rule = id, .para = f->para, .start = f->start, .end = f->end };
    }
    x->known = k;
    x->n_known = without->n;
}

sm_rc sm_opinion_begin(sm_op *op, const sm_prompts *p, const sm_layout *doc, const sm_rules *rules,
                       const sm_review_options *o, const sm_review *without, sm_opinion **out)
{
    sm_outline outline = { 0 };
    sm_opinion *x = SM_NEW(op->arena, sm_opinion);
    *x = (sm_opinion){ .a = op->arena,
                       .review = sm_prompt_named(p, "review"),
                       .spelling = sm_prompt_named(p, "spelling") };
    *out = x;
    if (without->classified)
        return SM_OK;
    sm_rc rc = sm_outline_read(op, doc, o->roster, &outline);
    if (rc < 0)
        return rc;
    sm_check c = { .op = op,
                   .a = op->arena,
                   .doc = doc,
                   .o = &outline,
                   .opt = o,
                   .roster = o->roster,
                   .rules = rules };
    keep_known(x, without);
    take_rules(x, &c);
    take_lines(x, &c);
    take_head(x, &outline);
    cut_in_requests(x);
    ask_spelling(x, &c);
    return op->rc;
}

size_t sm_opinion_n(const sm_opinion *x)
{
    return x->n;
}

size_t sm_opinion_left(const sm_opinion *x)
{
    return x->left;
}

sm_str sm_opinion_version(const sm_opinion *x)
{
    bool asked[2] = { 0 };
    for (size_t i = 0; i < x->n; i++)
        asked[x->request[i].spelling] = true;
    sm_str review = asked[0] ? x->review->version : (sm_str){ 0 };
    sm_str spelling = asked[1] ? x->spelling->version : (sm_str){ 0 };
    return sm_strf(x->a, "%.*s%s%.*s", SM_ARG(review), asked[0] && asked[1] ? " " : "",
                   SM_ARG(spelling));
}

/* ---------------------------------------------------------------- requests */

static json_t *object_schema(json_t *properties, json_t *required)
{
    return json_pack("{s:s,s:b,s:o,s:o}", "type", "object", "additionalProperties", 0, "required",
                     required, "properties", properties);
}

static json_t *text_schema(json_int_t least, json_int_t most)
{
    return json_pack("{s:s,s:I,s:I}", "type", "string", "minLength", least, "maxLength", most);
}

static json_t *list_schema(json_int_t most, json_t *items)
{
    return json_pack("{s:s,s:I,s:o}", "type", "array", "maxItems", most, "items", items);
}

static json_t *format_of(const char *name, json_t *schema)
{
    return json_pack("{s:s,s:{s:s,s:b,s:o}}", "type", "json_schema", "json_schema", "name", name,
                     "strict", 1, "schema", schema);
}

/* {"findings":[{"rule","para","quote","why"?}]} */
static json_t *findings_format(const sm_opinion *x, const sm_asked_request *r)
{
    json_t *ids = json_array();
    for (size_t i = 0; i < x->n_rules; i++)
        if (r->rule[i])
            json_array_append_new(ids, sm_json_of(x->rule[i].rule.id));
    json_t *para =
        json_pack("{s:s,s:i,s:i}", "type", "integer", "minimum", x->line[r->first].para + 1,
                  "maximum", x->line[r->first + r->n - 1].para + 1);
    json_t *one = object_schema(json_pack("{s:{s:s,s:o},s:o,s:o,s:o}", "rule", "type", "string",
                                          "enum", ids, "para", para, "quote",
                                          text_schema(SM_ASKED_QUOTE_MIN, SM_ASKED_QUOTE_MAX),
                                          "why", text_schema(0, SM_ASKED_REASON_MAX)),
                                json_pack("[sss]", "rule", "para", "quote"));
    return format_of(
        "findings", object_schema(json_pack("{s:o}", "findings", list_schema(SM_ASKED_OF_ONE, one)),
                                  json_pack("[s]", "findings")));
}

/* {"yes":[1 … n]} */
static json_t *yes_format(size_t n)
{
    json_t *numbers = json_array();
    for (size_t i = 1; i <= n; i++)
        json_array_append_new(numbers, json_integer((json_int_t)i));
    json_t *one = json_pack("{s:s,s:o}", "type", "integer", "enum", numbers);
    return format_of("yes",
                     object_schema(json_pack("{s:o}", "yes", list_schema((json_int_t)n, one)),
                                   json_pack("[s]", "yes")));
}

static void write_rules(const sm_opinion *x, const sm_asked_request *r, sm_buf *data, sm_buf *asked)
{
    sm_buf_add(data, x->head);
    for (size_t i = r->first; i < r->first + r->n; i++)
        sm_buf_addf(data, "第%d段 %.*s\n", x->line[i].para + 1, SM_ARG(x->line[i].inert));
    for (size_t i = 0; i < x->n_rules; i++)
        if (r->rule[i])
            sm_buf_addf(asked, "%s%.*s %.*s：%.*s", asked->n ? "；" : "",
                        SM_ARG(x->rule[i].rule.id), SM_ARG(x->rule[i].rule.title),
                        SM_ARG(x->rule[i].question));
}

static void write_doubts(const sm_opinion *x, const sm_asked_request *r, sm_buf *data,
                         sm_buf *asked)
{
    for (size_t i = 0; i < r->n; i++) {
        const sm_asked_doubt *d = &x->doubt[r->first + i];
        sm_buf_addf(data, "%zu. %.*s\n", i + 1, SM_ARG(d->sentence));
        sm_buf_addf(asked, "%s%zu. 第%d段的“%.*s”应为“%.*s”吗", i ? "；" : "", i + 1,
                    d->finding.para + 1, SM_ARG(d->from), SM_ARG(d->to));
    }
}

sm_str sm_opinion_request(const sm_opinion *x, size_t i, sm_str model)
{
    const sm_asked_request *r = &x->request[i];
    sm_buf data, asked;
    sm_buf_init(&data, DATA_BYTES);
    sm_buf_init(&asked, QUESTION_BYTES);
    if (r->spelling)
        write_doubts(x, r, &data, &asked);
    else
        write_rules(x, r, &data, &asked);
    json_t *format = r->spelling ? yes_format(r->n) : findings_format(x, r);
    sm_str body = sm_prompt_body(
        x->a, &(sm_prompt_ask){ .prompt = r->spelling ? x->spelling : x->review,
                                .model = model,
                                .data = sm_str_trim(sm_buf_str(&data)),
                                .question = sm_buf_str(&asked),
                                .max_tokens = r->spelling ? YES_TOKENS : REPLY_TOKENS,
                                .stream = true,
                                .format = format });
    json_decref(format);
    sm_buf_done(&data);
    sm_buf_done(&asked);
    return body;
}
