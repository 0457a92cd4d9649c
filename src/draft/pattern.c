/*
 * PCRE2 with limits: patterns are data that ships, descriptions are a stranger's.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "draft/inner.h"

enum { MAX_PATTERN_BYTES = 4096, MATCH_LIMIT = 500000, DEPTH_LIMIT = 5000, MAX_FILLED = 64 * 1024 };

struct sm_pattern {
    pcre2_code *code;
};

static void free_code(void *code)
{
    pcre2_code_free(code);
}

sm_rc sm_pattern_read(sm_op *op, sm_str text, const char *what, const sm_pattern **out)
{
    int error;
    PCRE2_SIZE at;
    if (!text.n || text.n > MAX_PATTERN_BYTES)
        return sm_fail(op, SM_E_INVALID, "%s：正则为空或过长", what);
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)text.p, text.n,
                                     PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C, &error, &at, NULL);
    if (!code)
        return sm_fail(op, SM_E_INVALID, "%s：正则第%zu字节处不对", what, (size_t)at);
    sm_arena_defer(op->arena, free_code, code);
    pcre2_jit_compile(code, PCRE2_JIT_COMPLETE); /* without it, matching is slower */
    sm_pattern *p = SM_NEW(op->arena, sm_pattern);
    p->code = code;
    *out = p;
    return SM_OK;
}

/* A text that takes too long to match does not match. */
bool sm_pattern_find(const sm_pattern *p, sm_str text, size_t from, sm_str group[SM_GROUPS])
{
    pcre2_match_context *limits = pcre2_match_context_create(NULL);
    pcre2_match_data *data = pcre2_match_data_create(SM_GROUPS, NULL);
    int n = PCRE2_ERROR_NOMEMORY;
    if (limits && data && from <= text.n) {
        pcre2_set_match_limit(limits, MATCH_LIMIT);
        pcre2_set_depth_limit(limits, DEPTH_LIMIT);
        n = pcre2_match(p->code, (PCRE2_SPTR)(text.n ? text.p : ""), text.n, from, 0, data, limits);
    }
    const PCRE2_SIZE *at = n >= 0 ? pcre2_get_ovector_pointer(data) : NULL;
    for (int i = 0; at && i < SM_GROUPS; i++) {
        bool took_part = (n == 0 || i < n) && at[2 * i] != PCRE2_UNSET;
        group[i] = took_part ? sm_str_sub(text, at[2 * i], at[2 * i + 1]) : (sm_str){ 0 };
    }
    pcre2_match_data_free(data);
    pcre2_match_context_free(limits);
    return n >= 0;
}

bool sm_pattern_in(const sm_pattern *p, sm_str text)
{
    sm_str group[SM_GROUPS];
    return sm_pattern_find(p, text, 0, group);
}

sm_str sm_pattern_fill(sm_arena *a, sm_str put, const sm_str group[SM_GROUPS])
{
    sm_buf b;
    sm_buf_init(&b, MAX_FILLED);
    for (size_t i = 0; i < put.n; i++) {
        bool is_group = put.p[i] == '$' && i + 1 < put.n && put.p[i + 1] >= '0' &&
                        put.p[i + 1] < '0' + SM_GROUPS;
        if (is_group)
            sm_buf_add(&b, group[put.p[++i] - '0']);
        else
            sm_buf_addc(&b, put.p[i]);
    }
    sm_str s = sm_str_dup(a, sm_buf_str(&b));
    sm_buf_done(&b);
    return s;
}
