/*
 * Asking the prompts of the gate, and adding up what came back.
 */
#include "model/eval.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/schema.h"
#include "text/text.h"

enum {
    MAX_PROMPTS_BYTES = 4 << 20,
    MAX_TOLD = 20,                   /* failures told one by one */
    MAX_OVERFLOW_TOKENS = 64 * 1024, /* a longer context is not overfilled */
    CALL_MS = 180 * 1000,
    MAX_TIMES = 1024
};

typedef struct eval {
    sm_op *op;
    sm_remote *remote;
    const sm_backend *b;
    sm_str model;
    json_t *told; /* failures */
    int64_t prompt_tokens, generated_tokens;
    double first_ms[MAX_TIMES];
    size_t n_first;
    int64_t speed_tokens, speed_us; /* of the streams, from the first token to the end */
} eval;

typedef bool check_fn(eval *e, const json_t *prompt, sm_str *why);
static check_fn check_schema, check_choice, check_grammar, check_twice, check_overflow, check_speed,
    check_facts, check_insufficient, check_same_vector, check_near, check_ranked, check_best;

typedef enum part { MECHANICAL, QUALITY } part;

/* What is asked, of whom, and how much of it must be right: of a file, whose engine is ours, and of
 * a server, whose batches we do not rule (answers may differ with what else it has in hand). */
static const struct check {
    const char *name, *text;
    part part;
    unsigned needs;
    double of_file, of_server;
    check_fn *run;
} checks[] = {
    { "json_schema", "JSON 模式", MECHANICAL, SM_CAN_CHAT | SM_CAN_JSON_SCHEMA, 1, 1,
      check_schema },
    { "choice", "只在给定的选项里选", MECHANICAL, SM_CAN_CHAT | SM_CAN_JSON_SCHEMA, 1, 1,
      check_choice },
    { "grammar", "文法约束", MECHANICAL, SM_CAN_CHAT | SM_CAN_GRAMMAR, 1, 1, check_grammar },
    { "same_twice", "温度为 0 时两次相同", MECHANICAL, SM_CAN_CHAT, 1, 0, check_twice },
    { "overflow", "超长时明确拒绝", MECHANICAL, SM_CAN_CHAT, 1, 1, check_overflow },
    { "speed", "流式回答完整", MECHANICAL, SM_CAN_CHAT, 1, 1, check_speed },
    { "same_vector", "同一句话向量相同", MECHANICAL, SM_CAN_EMBED, 1, 1, check_same_vector },
    { "ranked", "重排每篇都有分", MECHANICAL, SM_CAN_RERANK, 1, 1, check_ranked },
    { "facts", "照材料写事实", QUALITY, SM_CAN_CHAT, 0.9, 0.9, check_facts },
    { "insufficient", "材料不足时说不知道", QUALITY, SM_CAN_CHAT, 0.8, 0.8, check_insufficient },
    { "near", "意思相近的向量更近", QUALITY, SM_CAN_EMBED, 0.8, 0.8, check_near },
    { "best", "重排把对的放在最前", QUALITY, SM_CAN_RERANK, 0.8, 0.8, check_best },
};

typedef struct tally {
    int64_t asked, right;
} tally;

/* ------------------------------------------------------------------- the prompts */

static sm_rc parse_line(sm_op *op, const char *path, int n, sm_str line, json_t *list)
{
    json_t *one;
    sm_rc rc = sm_json_parse(op, line, sm_strf(op->arena, "%s 第 %d 行", path, n).p, &one);
    if (rc == SM_OK && (!json_is_object(one) || sm_json_str(one, "check").n == 0))
        rc = sm_fail(op, SM_E_CORRUPT, "%s 第 %d 行没有 check", path, n);
    if (rc == SM_OK)
        json_array_append(list, one);
    return rc;
}

sm_rc sm_eval_prompts(sm_op *op, const char *share_dir, json_t **out, sm_str *digest)
{
    const char *path = sm_path(op->arena, share_dir, "model-eval.jsonl");
    sm_str text, line;
    sm_rc rc = sm_file_read(op, path, MAX_PROMPTS_BYTES, &text);
    if (rc < 0)
        return rc;
    json_t *list = json_array();
    sm_json_own(op->arena, list);
    sm_digest d = sm_sm3(text);
    for (int n = 1; rc == SM_OK && sm_str_cut(&text, '\n', &line); n++)
        if (sm_str_trim(line).n)
            rc = parse_line(op, path, n, line, list);
    if (rc < 0)
        return rc;
    *out = list;
    *digest = sm_digest_hex(op->arena, &d);
    return SM_OK;
}

/* --------------------------------------------------------------------- asking */

/* Some of what was answered, for a message. */
static sm_str shown(const eval *e, sm_str text)
{
    return sm_utf8_head(sm_utf8_mend(e->op->arena, text), 60);
}

/* A chat of the prompt's "system" and "user", with what its "with" adds to the request. */
static json_t *chat_body(eval *e, const json_t *prompt, json_int_t max_tokens)
{
    json_t *messages = json_array();
    sm_str system = sm_json_str(prompt, "system");
    if (system.n)
        json_array_append_new(
            messages, json_pack("{s:s,s:o}", "role", "system", "content", sm_json_of(system)));
    json_array_append_new(messages, json_pack("{s:s,s:o}", "role", "user", "content",
                                              sm_json_of(sm_json_str(prompt, "user"))));
    json_int_t given = json_integer_value(json_object_get(prompt, "max_tokens"));
    return json_pack("{s:o,s:o,s:I,s:i,s:i}", "model", sm_json_of(e->model), "messages", messages,
                     "max_tokens", given ? given : max_tokens, "temperature", 0, "seed", 1);
}

/* Takes the body.  E_… of the transport only. */
static sm_rc send(eval *e, const char *path, json_t *body, bool streams, sm_heard *heard)
{
    sm_rc rc = streams ? sm_remote_stream(e->op, e->remote, path, body, heard)
                       : sm_remote_call(e->op, e->remote, path, body, heard);
    json_decref(body);
    if (rc < 0)
        return rc;
    e->prompt_tokens += heard->prompt_tokens;
    e->generated_tokens += heard->generated_tokens;
    return SM_OK;
}

/* False, with the reason, unless it is answered with a 200. */
static bool ask(eval *e, const char *path, json_t *body, sm_heard *heard, sm_str *why)
{
    sm_rc rc = send(e, path, body, false, heard);
    if (rc < 0) {
        *why = sm_str_dup(e->op->arena, e->op->msg);
        return false;
    }
    if (heard->status != 200)
        *why = sm_strf(e->op->arena, "答了 %d", heard->status);
    return heard->status == 200;
}

static bool say(eval *e, json_t *body, sm_str *text, sm_str *why)
{
    sm_heard heard;
    if (!ask(e, "/v1/chat/completions", body, &heard, why))
        return false;
    const json_t *first = json_array_get(json_object_get(heard.json, "choices"), 0);
    const json_t *message = json_object_get(first, "message");
    *text = sm_json_str(message, "content");
    if (!json_is_object(message))
        *why = SM_STR("回答里没有 message");
    return json_is_object(message);
}

/* ----------------------------------------------------------------- mechanical */

static bool schema_obeyed(eval *e, const json_t *prompt, const json_t *schema, sm_str *why)
{
    sm_str text;
    json_t *body = chat_body(e, prompt, 256);
    json_object_set_new(body, "response_format",
                        json_pack("{s:s,s:{s:s,s:b,s:O}}", "type", "json_schema", "json_schema",
                                  "name", "answer", "strict", 1, "schema", schema));
    if (!say(e, body, &text, why))
        return false;
    json_t *j = json_loadb(text.p ? text.p : "", text.n, JSON_DECODE_ANY, NULL);
    bool fits = sm_schema_fits(schema, j);
    if (!fits)
        *why =
            sm_strf(e->op->arena, "%s：%.*s", j ? "不合模式" : "不是 JSON", SM_ARG(shown(e, text)));
    json_decref(j);
    return fits;
}

static bool check_schema(eval *e, const json_t *prompt, sm_str *why)
{
    return schema_obeyed(e, prompt, json_object_get(prompt, "schema"), why);
}

static bool check_choice(eval *e, const json_t *prompt, sm_str *why)
{
    json_t *schema =
        json_pack("{s:s,s:{s:{s:s,s:O}},s:[s],s:b}", "type", "object", "properties", "choice",
                  "type", "string", "enum", json_object_get(prompt, "choices"), "required",
                  "choice", "additionalProperties", 0);
    sm_json_own(e->op->arena, schema);
    return schema_obeyed(e, prompt, schema, why);
}

static bool check_grammar(eval *e, const json_t *prompt, sm_str *why)
{
    const json_t *choices = json_object_get(prompt, "choices");
    sm_str text;
    json_t *body = chat_body(e, prompt, 64);
    json_object_set(body, "grammar", json_object_get(prompt, "grammar"));
    if (!say(e, body, &text, why))
        return false;
    for (size_t i = 0; i < json_array_size(choices); i++)
        if (sm_str_eq(sm_str_trim(text), sm_str_of(json_string_value(json_array_get(choices, i)))))
            return true;
    *why = sm_strf(e->op->arena, "不合文法：%.*s", SM_ARG(shown(e, text)));
    return false;
}

static bool check_twice(eval *e, const json_t *prompt, sm_str *why)
{
    sm_str once, again;
    if (!say(e, chat_body(e, prompt, 48), &once, why) ||
        !say(e, chat_body(e, prompt, 48), &again, why))
        return false;
    if (!sm_str_eq(once, again))
        *why = SM_STR("两次的回答不同");
    return sm_str_eq(once, again);
}

/* Longer than the context whatever the tokenizer: no common one makes six of these characters one.
 */
static bool check_overflow(eval *e, const json_t *prompt, sm_str *why)
{
    sm_buf text;
    sm_str filling = sm_json_str(prompt, "user"), all;
    sm_heard heard;
    int64_t context = e->b->kind == SM_BACKEND_FILE && e->b->engine.ctx_tokens
                          ? e->b->engine.ctx_tokens
                          : e->b->context_tokens;
    sm_buf_init(&text, 64 << 20);
    for (int64_t n = 0; n < 6 * 3 * context; n += (int64_t)filling.n)
        sm_buf_add(&text, filling);
    if (sm_buf_take(e->op, &text, &all) < 0)
        return false;
    json_t *long_one = json_pack("{s:o}", "user", sm_json_of(all));
    sm_rc rc = send(e, "/v1/chat/completions", chat_body(e, long_one, 16), false, &heard);
    json_decref(long_one);
    if (rc < 0) {
        *why = sm_str_dup(e->op->arena, e->op->msg);
        return false;
    }
    bool clear = heard.status >= 400 && heard.status < 500 && json_object_get(heard.json, "error");
    if (!clear)
        *why = sm_strf(e->op->arena, "超长的请求答了 %d", heard.status);
    return clear;
}

static bool check_speed(eval *e, const json_t *prompt, sm_str *why)
{
    sm_heard heard;
    sm_rc rc = send(e, "/v1/chat/completions", chat_body(e, prompt, 64), true, &heard);
    if (rc < 0 || heard.status != 200 || !sm_str_has(heard.body, SM_STR("[DONE]"))) {
        *why = rc < 0 ? sm_str_dup(e->op->arena, e->op->msg)
                      : sm_strf(e->op->arena, "流没有完整地结束（%d）", heard.status);
        return false;
    }
    if (e->n_first < MAX_TIMES)
        e->first_ms[e->n_first++] =
            (double)(heard.first_us ? heard.first_us : heard.total_us) / 1000;
    e->speed_tokens += SM_MAX(heard.generated_tokens - 1, 0);
    e->speed_us += heard.first_us ? heard.total_us - heard.first_us : 0;
    return true;
}

/* --------------------------------------------------------- vectors and ranking */

static const json_t *vectors(eval *e, json_t *input, sm_str *why)
{
    sm_heard heard;
    if (!ask(e, "/v1/embeddings",
             json_pack("{s:o,s:o}", "model", sm_json_of(e->model), "input", input), &heard, why))
        return NULL;
    return json_object_get(heard.json, "data");
}

/* The cosine of two of them; NAN when they are none. */
static double likeness(const json_t *data, size_t i, size_t k)
{
    const json_t *a = json_object_get(json_array_get(data, i), "embedding"),
                 *b = json_object_get(json_array_get(data, k), "embedding");
    double ab = 0, aa = 0, bb = 0;
    size_t n = json_array_size(a);
    if (n == 0 || n != json_array_size(b))
        return (double)NAN;
    for (size_t d = 0; d < n; d++) {
        double x = json_number_value(json_array_get(a, d)),
               y = json_number_value(json_array_get(b, d));
        ab += x * y;
        aa += x * x;
        bb += y * y;
    }
    return aa > 0 && bb > 0 ? ab / sqrt(aa * bb) : (double)NAN;
}

static bool check_same_vector(eval *e, const json_t *prompt, sm_str *why)
{
    const json_t *text = json_object_get(prompt, "user");
    const json_t *data = vectors(e, json_pack("[O,O]", text, text), why);
    if (!data)
        return false;
    bool same = json_array_size(data) == 2 && likeness(data, 0, 1) > 0.99999;
    if (!same)
        *why = SM_STR("同一句话的两个向量不同，或不是向量");
    return same;
}

static bool check_near(eval *e, const json_t *prompt, sm_str *why)
{
    const json_t *data =
        vectors(e,
                json_pack("[O,O,O]", json_object_get(prompt, "user"),
                          json_object_get(prompt, "near"), json_object_get(prompt, "far")),
                why);
    if (!data)
        return false;
    bool right = likeness(data, 0, 1) > likeness(data, 0, 2);
    if (!right)
        *why = SM_STR("意思相近的不比不相干的更近");
    return right;
}

/* The results of a rerank call; NULL unless there is one with a finite score for each document. */
static const json_t *ranking(eval *e, const json_t *prompt, sm_str *why)
{
    sm_heard heard;
    const json_t *documents = json_object_get(prompt, "documents");
    if (!ask(e, "/v1/rerank",
             json_pack("{s:o,s:O,s:O}", "model", sm_json_of(e->model), "query",
                       json_object_get(prompt, "user"), "documents", documents),
             &heard, why))
        return NULL;
    const json_t *results = json_object_get(heard.json, "results");
    bool whole = json_array_size(results) == json_array_size(documents);
    for (size_t i = 0; whole && i < json_array_size(results); i++) {
        const json_t *score = json_object_get(json_array_get(results, i), "relevance_score");
        whole = json_is_number(score) && isfinite(json_number_value(score));
    }
    if (!whole)
        *why = SM_STR("不是每篇都有分");
    return whole ? results : NULL;
}

static bool check_ranked(eval *e, const json_t *prompt, sm_str *why)
{
    return ranking(e, prompt, why) != NULL;
}

static bool check_best(eval *e, const json_t *prompt, sm_str *why)
{
    const json_t *results = ranking(e, prompt, why);
    json_int_t best = -1;
    double most = -HUGE_VAL;
    if (!results)
        return false;
    for (size_t i = 0; i < json_array_size(results); i++) {
        const json_t *one = json_array_get(results, i);
        double score = json_number_value(json_object_get(one, "relevance_score"));
        if (score > most) {
            most = score;
            best = json_integer_value(json_object_get(one, "index"));
        }
    }
    bool right = best == json_integer_value(json_object_get(prompt, "best"));
    if (!right)
        *why = sm_strf(e->op->arena, "把第 %lld 篇放在最前", (long long)best);
    return right;
}

/* -------------------------------------------------------------------- quality */

/* All that is expected stands in the answer, nothing that is not. */
static bool check_facts(eval *e, const json_t *prompt, sm_str *why)
{
    const json_t *wanted = json_object_get(prompt, "wanted"),
                 *unwanted = json_object_get(prompt, "unwanted");
    sm_str text;
    bool thinks = (e->b->can & SM_CAN_REASONING) != 0; /* before it answers */
    if (!say(e, chat_body(e, prompt, thinks ? 2048 : 96), &text, why))
        return false;
    for (size_t i = 0; i < json_array_size(wanted); i++) {
        sm_str one = sm_str_of(json_string_value(json_array_get(wanted, i)));
        if (!sm_str_has(text, one)) {
            *why = sm_strf(e->op->arena, "没有“%.*s”：%.*s", SM_ARG(one), SM_ARG(shown(e, text)));
            return false;
        }
    }
    for (size_t i = 0; i < json_array_size(unwanted); i++) {
        sm_str one = sm_str_of(json_string_value(json_array_get(unwanted, i)));
        if (sm_str_has(text, one)) {
            *why = sm_strf(e->op->arena, "不该有“%.*s”", SM_ARG(one));
            return false;
        }
    }
    return true;
}

static bool check_insufficient(eval *e, const json_t *prompt, sm_str *why)
{
    return check_facts(e, prompt, why);
}

/* --------------------------------------------------------------------- adding up */

static size_t check_of(sm_str name)
{
    size_t i = 0;
    while (i < SM_LEN(checks) && !sm_str_eq(name, sm_str_of(checks[i].name)))
        i++;
    return i;
}

static bool is_asked(const eval *e, const struct check *c)
{
    bool longer = c->run == check_overflow &&
                  (e->b->context_tokens == 0 || e->b->context_tokens > MAX_OVERFLOW_TOKENS);
    return (e->b->can & c->needs) == c->needs && !longer;
}

static sm_rc ask_one(eval *e, const json_t *prompt, tally *t)
{
    sm_str why = { 0 };
    size_t i = check_of(sm_json_str(prompt, "check"));
    if (i == SM_LEN(checks))
        return sm_fail(e->op, SM_E_CORRUPT, "评测里没有 %.*s 这一项",
                       SM_ARG(sm_json_str(prompt, "check")));
    if (!is_asked(e, &checks[i]))
        return SM_OK;
    bool right = checks[i].run(e, prompt, &why);
    if (e->op->rc == SM_E_CANCELLED)
        return e->op->rc;
    sm_op_clear(e->op); /* of the transport: a figure */
    t[i].asked++;
    t[i].right += right;
    if (!right && json_array_size(e->told) < MAX_TOLD)
        json_array_append_new(e->told, json_pack("{s:s,s:o,s:o}", "check", checks[i].name, "id",
                                                 sm_json_of(sm_json_str(prompt, "id")), "why",
                                                 sm_json_of(why)));
    return sm_op_check(e->op);
}

static json_t *checks_json(const eval *e, const tally *t, bool *passed, bool *quality)
{
    json_t *all = json_array();
    bool asked[2] = { false, false }, met[2] = { true, true };
    for (size_t i = 0; i < SM_LEN(checks); i++) {
        const struct check *c = &checks[i];
        double needed = e->b->kind == SM_BACKEND_FILE ? c->of_file : c->of_server,
               share = t[i].asked ? (double)t[i].right / (double)t[i].asked : 0;
        bool is_met = t[i].asked == 0 || share >= needed;
        asked[c->part] |= t[i].asked > 0;
        met[c->part] &= is_met;
        json_array_append_new(
            all, json_pack("{s:s,s:s,s:s,s:I,s:I,s:f,s:f,s:b}", "check", c->name, "text", c->text,
                           "part", c->part == QUALITY ? "quality" : "mechanical", "asked",
                           (json_int_t)t[i].asked, "right", (json_int_t)t[i].right, "share", share,
                           "needed", needed, "met", (int)is_met));
    }
    *passed = asked[MECHANICAL] && met[MECHANICAL];
    *quality = *passed && asked[QUALITY] && met[QUALITY];
    return all;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static sm_str figures(eval *e, size_t n_prompts, const tally *t, sm_evaluation *out)
{
    json_t *list = checks_json(e, t, &out->passed, &out->quality);
    qsort(e->first_ms, e->n_first, sizeof(e->first_ms[0]), by_size);
    double median = e->n_first ? e->first_ms[e->n_first / 2] : -1,
           slowest = e->n_first ? e->first_ms[e->n_first - 1] : -1,
           speed = e->speed_us ? (double)e->speed_tokens * 1e6 / (double)e->speed_us : -1;
    json_t *j = json_pack("{s:I,s:o,s:f,s:f,s:f,s:I,s:I,s:O}", "prompts", (json_int_t)n_prompts,
                          "checks", list, "first_ms_p50", median, "first_ms_max", slowest,
                          "tokens_per_second", speed, "prompt_tokens", (json_int_t)e->prompt_tokens,
                          "generated_tokens", (json_int_t)e->generated_tokens, "failures", e->told);
    sm_str text = sm_json_dump(e->op->arena, j);
    json_decref(j);
    return text;
}

sm_rc sm_eval_run_model(sm_op *op, const sm_backend *b, sm_remote *r, const char *share_dir,
                        sm_evaluation *out)
{
    json_t *prompts;
    sm_str digest;
    tally t[SM_LEN(checks)] = { 0 };
    sm_rc rc = sm_eval_prompts(op, share_dir, &prompts, &digest);
    if (rc < 0)
        return rc;
    if (b->probed_ms == 0)
        return sm_fail(op, SM_E_CONFLICT, "%.*s 还没有探测过能力；先运行 sunmao model test %.*s",
                       SM_ARG(b->name), SM_ARG(b->name));
    eval *e = SM_NEW(op->arena, eval);
    *e = (eval){ .op = op, .remote = r, .b = b, .told = json_array() };
    sm_json_own(op->arena, e->told);
    e->model = b->kind == SM_BACKEND_SERVER && b->remote_name.n ? b->remote_name : b->name;
    sm_remote_patience(r, CALL_MS);
    size_t n = json_array_size(prompts);
    sm_heard there;
    rc = sm_remote_call(op, r, "/v1/models", NULL, &there); /* nobody there: told at once */
    for (size_t i = 0; rc == SM_OK && i < n; i++) {
        sm_op_progress(op, "评测", i, n);
        rc = ask_one(e, json_array_get(prompts, i), t);
    }
    sm_op_progress(op, "评测", n, n);
    if (rc < 0)
        return rc;
    *out = (sm_evaluation){ .backend = b->id, .subject = sm_backend_subject(op->arena, b) };
    out->digest = sm_evaluation_digest(op->arena, out->subject, digest);
    out->figures = figures(e, n, t, out);
    return SM_OK;
}
