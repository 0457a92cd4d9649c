#include "gateway/wanted.h"

#include <string.h>

#include "gateway/raw.h"
#include "model/model.h"
#include "text/text.h"

const char *sm_service_path(sm_service s)
{
    static const char *const paths[] = { "/v1/chat/completions", "/v1/completions",
                                         "/v1/embeddings", "/v1/rerank" };
    return paths[s];
}

/* ----------------------------------------------------------------- reading */

typedef struct reading {
    sm_op *op;
    sm_wanted *w;
    sm_raw_member m;
    int64_t n_choices, max_tokens;
    size_t content_bytes;
    bool given;
    const char *param;
} reading;

static sm_rc refuse(reading *r, const char *param, const char *what)
{
    r->param = param;
    return sm_fail(r->op, SM_E_INVALID, "%s %s", param, what);
}

static sm_rc read_model(reading *r)
{
    sm_wanted *w = r->w;
    sm_str v = r->m.value, name;
    if (!sm_raw_plain(v, &name) || name.n == 0 || name.n > SM_WANTED_NAME_BYTES)
        return refuse(r, "model", "应当是模型的名字");
    w->model = name;
    w->model_at.at = (size_t)(v.p - w->body.p);
    w->model_at.n = v.n;
    return SM_OK;
}

static sm_rc read_lora(reading *r)
{
    if (sm_raw_is(r->m.value, "null"))
        return SM_OK;
    if (!sm_raw_plain(r->m.value, &r->w->lora) || r->w->lora.n > SM_WANTED_NAME_BYTES)
        return refuse(r, "lora", "应当是适配器的名字");
    return SM_OK;
}

static sm_rc read_flag(reading *r, const char *name, bool *out)
{
    if (sm_raw_is(r->m.value, "true"))
        *out = true;
    else if (!sm_raw_is(r->m.value, "false") && !sm_raw_is(r->m.value, "null"))
        return refuse(r, name, "应当是 true 或 false");
    return SM_OK;
}

static sm_rc read_stream(reading *r)
{
    return read_flag(r, "stream", &r->w->stream);
}

static sm_rc read_options(reading *r)
{
    sm_str v = r->m.value;
    sm_raw_member m;
    r->w->options_at.at = (size_t)(v.p - r->w->body.p);
    r->w->options_at.n = v.n;
    if (sm_raw_is(v, "null"))
        return SM_OK;
    if (v.p[0] != '{')
        return refuse(r, "stream_options", "应当是一个对象");
    for (size_t pos = 0; sm_raw_next(v, &pos, &m);)
        if (memchr(m.key.p, '\\', m.key.n)) /* it might say include_usage */
            return refuse(r, "stream_options", "的名字里不能有转义");
    r->w->usage = sm_raw_is(sm_raw_find(v, "include_usage"), "true");
    return SM_OK;
}

static sm_rc read_count(reading *r, const char *name, int64_t most, int64_t *out)
{
    int64_t n;
    if (sm_raw_is(r->m.value, "null"))
        return SM_OK;
    if (!sm_raw_int(r->m.value, &n) || n < 0 || n > most)
        return refuse(r, name, "应当是不太大的整数");
    *out = SM_MAX(*out, n);
    return SM_OK;
}

enum { MOST_TOKENS = 10000000, MOST_CHOICES = 128 };

static sm_rc read_max(reading *r)
{
    return read_count(r, "max_tokens", MOST_TOKENS, &r->max_tokens);
}

static sm_rc read_choices(reading *r)
{
    return read_count(r, "n", MOST_CHOICES, &r->n_choices);
}

static bool is_filled(sm_str v)
{
    size_t pos = 0;
    sm_str one;
    return v.p[0] == '{' || (v.p[0] == '[' && sm_raw_item(v, &pos, &one));
}

static sm_rc read_tools(reading *r)
{
    if (is_filled(r->m.value))
        r->w->needs |= SM_CAN_TOOLS;
    r->content_bytes += r->m.value.n; /* they are part of the prompt */
    return SM_OK;
}

static sm_rc read_format(reading *r)
{
    sm_str type;
    if (sm_raw_is(r->m.value, "null"))
        return SM_OK;
    if (r->m.value.p[0] != '{' || !sm_raw_plain(sm_raw_find(r->m.value, "type"), &type))
        return refuse(r, "response_format", "应当是带 type 的对象");
    if (sm_str_eq(type, SM_STR("json_schema")) || sm_str_eq(type, SM_STR("json_object")))
        r->w->needs |= SM_CAN_JSON_SCHEMA;
    return SM_OK;
}

static sm_rc read_schema(reading *r)
{
    if (!sm_raw_is(r->m.value, "null"))
        r->w->needs |= SM_CAN_JSON_SCHEMA;
    return SM_OK;
}

static sm_rc read_grammar(reading *r)
{
    if (!sm_raw_is(r->m.value, "null"))
        r->w->needs |= SM_CAN_GRAMMAR;
    return SM_OK;
}

/* The evidence that the answer is held to; part of the prompt it is not. */
static sm_rc read_ground(reading *r)
{
    sm_str v = r->m.value;
    if (sm_raw_is(v, "null"))
        return SM_OK;
    r->param = "sunmao_ground";
    r->w->ground_at.at = (size_t)(v.p - r->w->body.p);
    r->w->ground_at.n = v.n;
    sm_rc rc = sm_wanted_check_ground(r->op, v);
    r->param = rc < 0 ? r->param : NULL;
    return rc;
}

static sm_rc read_logprobs(reading *r)
{
    int64_t n;
    if (sm_raw_is(r->m.value, "true") || (sm_raw_int(r->m.value, &n) && n > 0))
        r->w->needs |= SM_CAN_LOGPROBS;
    return SM_OK;
}

static sm_rc read_content(reading *r)
{
    r->content_bytes += r->m.value.n;
    r->given = r->given || !sm_raw_is(r->m.value, "null");
    return SM_OK;
}

/* ------------------------------------------------- addresses a back end might fetch */

enum { MOST_LEVELS = 8 }; /* of content: no back end knows deeper ones */

/* What stands under these is read as words and never fetched. */
static bool is_words(sm_str key)
{
    static const char *const names[] = { "content",   "text",     "refusal", "thinking",
                                         "reasoning", "filename", "title",   "prompt_string" };
    for (size_t i = 0; i < SM_LEN(names); i++)
        if (sm_str_eq(key, sm_str_of(names[i])))
            return true;
    return false;
}

static bool is_escaped(sm_str s)
{
    return s.n && memchr(s.p, '\\', s.n) != NULL;
}

/* What begins with data: is there itself, and of base64 nothing has a colon.  Anything else with a
 * colon, with an escape that may be one, or called a URL, might be fetched. */
static bool may_be_address(sm_str key, sm_str string)
{
    sm_str in = sm_str_sub(string, 1, string.n - 1);
    if (is_words(key) || sm_str_starts(in, SM_STR("data:")))
        return false;
    return sm_str_has(key, SM_STR("url")) || is_escaped(key) || sm_str_has(in, SM_STR(":")) ||
           sm_str_has(in, SM_STR("\\u"));
}

/* Anywhere in the value that stands under `key`, whatever type its parts say they have. */
static bool has_address(sm_str key, sm_str value, int level)
{
    sm_raw_member m;
    sm_str one;
    if (sm_raw_is_string(value))
        return may_be_address(key, value);
    if (level == MOST_LEVELS && (value.p[0] == '{' || value.p[0] == '['))
        return true;
    for (size_t pos = 0; sm_raw_next(value, &pos, &m);)
        if (has_address(m.key, m.value, level + 1))
            return true;
    for (size_t pos = 0; sm_raw_item(value, &pos, &one);)
        if (has_address(key, one, level + 1))
            return true;
    return false;
}

static sm_rc check_addresses(reading *r, const char *param, sm_str content)
{
    if (!has_address(SM_STR("content"), content, 0))
        return SM_OK;
    r->param = param;
    return sm_fail(r->op, SM_E_DENIED,
                   "%s 里的图片、音频、视频和文件只能以 data: 开头的内容直接给出："
                   "模型服务不会去取任何网址",
                   param);
}

/* Every member that may be taken for the content: one given twice, or with an escaped name, too. */
static sm_rc check_messages(reading *r)
{
    sm_rc rc = SM_OK;
    sm_str one;
    sm_raw_member m;
    for (size_t pos = 0; rc == SM_OK && sm_raw_item(r->m.value, &pos, &one);)
        for (size_t at = 0; rc == SM_OK && sm_raw_next(one, &at, &m);)
            if (sm_str_eq(m.key, SM_STR("content")) || is_escaped(m.key))
                rc = check_addresses(r, "messages", m.value);
    return rc;
}

/* Some servers take pictures here, too. */
static sm_rc read_material(reading *r)
{
    static const char *const names[] = { "input", "query", "documents" };
    for (size_t i = 0; i < SM_LEN(names); i++)
        if (sm_str_eq(r->m.key, sm_str_of(names[i])) &&
            check_addresses(r, names[i], r->m.value) < 0)
            return r->op->rc;
    return read_content(r);
}

static sm_rc read_messages(reading *r)
{
    size_t pos = 0;
    sm_str one;
    if (r->m.value.p[0] != '[' || !sm_raw_item(r->m.value, &pos, &one))
        return refuse(r, "messages", "应当是不空的数组");
    for (pos = 0; sm_raw_item(r->m.value, &pos, &one);)
        if (one.p[0] != '{' || !sm_raw_is_string(sm_raw_find(one, "role")))
            return refuse(r, "messages", "的每一项应当是带 role 的对象");
    sm_rc rc = check_messages(r);
    return rc == SM_OK ? read_content(r) : rc;
}

enum {
    CHAT = 1 << SM_SERVICE_CHAT,
    COMPLETIONS = 1 << SM_SERVICE_COMPLETIONS,
    EMBED = 1 << SM_SERVICE_EMBED,
    RERANK = 1 << SM_SERVICE_RERANK,
    TEXTS = CHAT | COMPLETIONS,
    ALL = TEXTS | EMBED | RERANK
};

/* What concerns us; all else is the back end's matter. */
static const struct {
    const char *name;
    unsigned of; /* services */
    sm_rc (*read)(reading *r);
} members[] = {
    { "model", ALL, read_model },
    { "lora", ALL, read_lora },
    { "stream", TEXTS, read_stream },
    { "stream_options", TEXTS, read_options },
    { "max_tokens", TEXTS, read_max },
    { "max_completion_tokens", TEXTS, read_max },
    { "n", TEXTS, read_choices },
    { "best_of", COMPLETIONS, read_choices },
    { "tools", CHAT, read_tools },
    { "functions", CHAT, read_tools },
    { "response_format", TEXTS, read_format },
    { "json_schema", TEXTS, read_schema },
    { "guided_json", TEXTS, read_schema },
    { "guided_grammar", TEXTS, read_grammar },
    { "grammar", TEXTS, read_grammar },
    { "logprobs", TEXTS, read_logprobs },
    { "sunmao_ground", TEXTS, read_ground },
    { "messages", CHAT, read_messages },
    { "messages", ALL & ~CHAT, check_messages },
    { "prompt", COMPLETIONS, read_content },
    { "input", EMBED, read_material },
    { "query", RERANK, read_material },
    { "documents", RERANK, read_material },
};

static sm_rc read_member(reading *r)
{
    for (size_t i = 0; i < SM_LEN(members); i++)
        if (members[i].of & (1u << r->w->service) &&
            sm_str_eq(r->m.key, sm_str_of(members[i].name)))
            return members[i].read(r);
    return SM_OK;
}

/* A back end might take the other one of two, or unescape what we do not: both are refused. */
static sm_rc check_keys(reading *r)
{
    sm_str seen[SM_WANTED_MAX_MEMBERS];
    size_t n = 0;
    sm_raw_member m;
    for (size_t pos = 0; sm_raw_next(r->w->body, &pos, &m);) {
        bool twice = memchr(m.key.p, '\\', m.key.n) != NULL;
        for (size_t i = 0; i < n && !twice; i++)
            twice = sm_str_eq(seen[i], m.key);
        if (twice)
            return sm_fail(r->op, SM_E_INVALID, "请求里的“%.*s”重复了，或带有转义",
                           SM_ARG(sm_utf8_fit(m.key, 60)));
        if (n == SM_LEN(seen))
            return sm_fail(r->op, SM_E_LIMIT, "请求有超过 %d 项", SM_WANTED_MAX_MEMBERS);
        seen[n++] = m.key;
    }
    return SM_OK;
}

/* A token has some four bytes in most texts, and hardly ever more than eight. */
static void estimate(reading *r)
{
    sm_wanted *w = r->w;
    int64_t n = r->max_tokens * SM_MAX(1, r->n_choices);
    w->max_tokens = (uint32_t)SM_MIN(n, MOST_TOKENS);
    w->prompt_tokens = (uint32_t)SM_MIN(r->content_bytes / 4 + 1, MOST_TOKENS);
    w->least_tokens = (uint32_t)SM_MIN(r->content_bytes / 10, MOST_TOKENS);
}

static sm_rc check_given(reading *r)
{
    static const char *const what[] = { "messages", "prompt", "input", "query" };
    if (r->w->model.n == 0)
        return refuse(r, "model", "不能缺少");
    if (r->w->ground_at.n && r->w->needs & (SM_CAN_GRAMMAR | SM_CAN_JSON_SCHEMA | SM_CAN_TOOLS))
        return refuse(r, "sunmao_ground", "不能与 grammar、response_format、tools 同时给出");
    return r->given ? SM_OK : refuse(r, what[r->w->service], "不能缺少");
}

static sm_rc read_all(reading *r)
{
    static const unsigned needs[] = { SM_CAN_CHAT, SM_CAN_COMPLETIONS, SM_CAN_EMBED,
                                      SM_CAN_RERANK };
    sm_str body = r->w->body;
    size_t at;
    if (!sm_raw_check(body, &at))
        return sm_fail(r->op, SM_E_INVALID, "请求的正文不是合法的 JSON：第 %zu 字节处有误", at + 1);
    if (sm_str_trim(body).p[0] != '{')
        return sm_fail(r->op, SM_E_INVALID, "请求的正文应当是一个 JSON 对象");
    r->w->needs = needs[r->w->service];
    r->w->open_at = (size_t)((const char *)memchr(body.p, '{', body.n) - body.p) + 1;
    sm_rc rc = check_keys(r);
    for (size_t pos = 0; rc == SM_OK && sm_raw_next(body, &pos, &r->m);)
        rc = read_member(r);
    if (rc == SM_OK)
        rc = check_given(r);
    estimate(r);
    return rc;
}

sm_rc sm_wanted_read(sm_op *op, sm_service service, sm_str body, sm_wanted *out, const char **param)
{
    sm_wanted w = { .service = service, .body = body };
    reading r = { .op = op, .w = &w };
    sm_rc rc = read_all(&r);
    *param = r.param;
    if (rc == SM_OK)
        *out = w;
    return rc;
}

/* ----------------------------------------------------------------- writing */

/* The caller's own options with include_usage true. */
static void write_options(sm_str old, sm_buf *out)
{
    sm_raw_member m;
    sm_buf_add(out, SM_STR("{\"include_usage\":true"));
    for (size_t pos = 0; sm_raw_next(old, &pos, &m);)
        if (!sm_str_eq(m.key, SM_STR("include_usage")))
            sm_buf_addf(out, ",\"%.*s\":%.*s", SM_ARG(m.key), SM_ARG(m.value));
    sm_buf_addc(out, '}');
}

typedef struct splice {
    size_t at, n;
    bool is_model;
} splice;

static void write_splice(const sm_wanted *w, const splice *s, sm_str name, sm_buf *out)
{
    if (s->is_model)
        sm_raw_add_string(out, name);
    else
        write_options(sm_str_sub(w->body, s->at, s->at + s->n), out);
}

/* A member at a time: what takes the evidence's place may be nothing at all. */
static void write_members(const sm_wanted *w, sm_str name, unsigned can, sm_buf *out)
{
    sm_raw_member m;
    const char *comma = "";
    sm_buf_addc(out, '{');
    if (w->stream && w->options_at.n == 0) {
        sm_buf_add(out, SM_STR("\"stream_options\":{\"include_usage\":true}"));
        comma = ",";
    }
    for (size_t pos = 0; sm_raw_next(w->body, &pos, &m);) {
        size_t at = (size_t)(m.value.p - w->body.p), before = out->n;
        sm_buf_add(out, sm_str_of(comma));
        if (at == w->ground_at.at) {
            if (!sm_wanted_write_ground(w, can, out)) {
                out->n = before;
                continue;
            }
        } else {
            sm_buf_addf(out, "\"%.*s\":", SM_ARG(m.key));
            if (at == w->model_at.at)
                sm_raw_add_string(out, name);
            else if (w->stream && at == w->options_at.at)
                write_options(m.value, out);
            else
                sm_buf_add(out, m.value);
        }
        comma = ",";
    }
    sm_buf_addc(out, '}');
}

size_t sm_wanted_most_bytes(const sm_wanted *w)
{
    size_t more = w->ground_at.n ? (size_t)SM_WANTED_GROUND_BYTES : 0;
    return w->body.n + more + (size_t)2 * SM_WANTED_NAME_BYTES + 256;
}

void sm_wanted_write(const sm_wanted *w, sm_str name, unsigned can, sm_buf *out)
{
    if (w->ground_at.n && !(can & SM_CAN_GROUND)) {
        write_members(w, name, can, out);
        return;
    }
    splice s[2] = { { w->model_at.at, w->model_at.n, true } };
    size_t n = 1, from = 0;
    if (w->stream && w->options_at.n)
        s[n++] = (splice){ w->options_at.at, w->options_at.n, false };
    if (n == 2 && s[1].at < s[0].at) {
        splice first = s[1];
        s[1] = s[0];
        s[0] = first;
    }
    if (w->stream && w->options_at.n == 0) {
        sm_buf_add(out, sm_str_sub(w->body, 0, w->open_at));
        sm_buf_add(out, SM_STR("\"stream_options\":{\"include_usage\":true},"));
        from = w->open_at;
    }
    for (size_t i = 0; i < n; i++) {
        sm_buf_add(out, sm_str_sub(w->body, from, s[i].at));
        write_splice(w, &s[i], name, out);
        from = s[i].at + s[i].n;
    }
    sm_buf_add(out, sm_str_sub(w->body, from, w->body.n));
}
