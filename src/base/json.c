#include "base/base.h"

#include <string.h>

static void release(void *v)
{
    json_decref(v);
}

void sm_json_own(sm_arena *a, json_t *v)
{
    if (v)
        sm_arena_defer(a, release, v);
}

/* jansson's own limit is 2048 levels; ours is far below any stack. */
static bool too_deep(sm_str s)
{
    int depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (quoted) {
            if (c == '\\')
                i++;
            else if (c == '"')
                quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == '[' || c == '{') {
            if (++depth > SM_JSON_MAX_DEPTH)
                return true;
        } else if (c == ']' || c == '}') {
            depth--;
        }
    }
    return false;
}

/* jansson takes one after true, false and null for nothing. */
static sm_rc refuse_nul(sm_op *op, sm_str text, size_t at, const char *what)
{
    int line = 1, column = 1;
    for (size_t i = 0; i < at; i++) {
        column = text.p[i] == '\n' ? 1 : column + 1;
        line += text.p[i] == '\n';
    }
    return sm_fail(op, SM_E_INVALID, "%s：不是合格的 JSON（第 %d 行第 %d 列：有 NUL 字节）", what,
                   line, column);
}

sm_rc sm_json_parse(sm_op *op, sm_str text, const char *what, json_t **out)
{
    if (too_deep(text))
        return sm_fail(op, SM_E_LIMIT, "%s：JSON 嵌套超过 %d 层", what, SM_JSON_MAX_DEPTH);
    const char *nul = text.n ? memchr(text.p, 0, text.n) : NULL;
    if (nul)
        return refuse_nul(op, text, (size_t)(nul - text.p), what);
    json_error_t err;
    json_t *v = json_loadb(text.p ? text.p : "", text.n, JSON_REJECT_DUPLICATES, &err);
    if (!v)
        return sm_fail(op, SM_E_INVALID, "%s：不是合格的 JSON（第 %d 行第 %d 列：%s）", what,
                       err.line, err.column, err.text);
    sm_json_own(op->arena, v);
    *out = v;
    return SM_OK;
}

sm_str sm_json_str(const json_t *obj, const char *key)
{
    const json_t *v = json_object_get(obj, key);
    return json_is_string(v) ? (sm_str){ json_string_value(v), json_string_length(v) }
                             : (sm_str){ 0 };
}

json_t *sm_json_of(sm_str s)
{
    json_t *v = json_stringn(s.p ? s.p : "", s.n);
    return v ? v : json_null();
}

static int into_buf(const char *p, size_t n, void *ctx)
{
    sm_buf_add(ctx, (sm_str){ p, n });
    return ((sm_buf *)ctx)->failed ? -1 : 0;
}

sm_str sm_json_dump(sm_arena *a, const json_t *v)
{
    sm_buf b;
    sm_buf_init(&b, SIZE_MAX / 4);
    json_dump_callback(v, into_buf, &b, JSON_COMPACT | JSON_ENCODE_ANY);
    sm_str s = sm_str_dup(a, sm_buf_str(&b));
    sm_buf_done(&b);
    return s;
}
