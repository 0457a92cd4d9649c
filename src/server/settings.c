#include "server/server.h"

#include <stddef.h>
#include <string.h>

#include <ini.h>

enum { MAX_SETTINGS_BYTES = 1 << 20, MAX_NUMBER = 1000000 };

typedef enum kind { KIND_TEXT, KIND_NUMBER, KIND_BOOL } kind;

static const struct setting {
    const char *section, *name, *otherwise, *what;
    kind kind;
    size_t at;
} settings[] = {
#define ROW(section_, name_, kind_, otherwise_, what_) \
    { .section = #section_,                            \
      .name = #name_,                                  \
      .kind = KIND_##kind_,                            \
      .otherwise = (otherwise_),                       \
      .what = (what_),                                 \
      .at = offsetof(sm_settings, name_) },
    SM_SETTING_TABLE(ROW)
#undef ROW
};

/* A field whose plain name is a word of C's ends with "_". */
static bool is_named(const struct setting *t, sm_str section, sm_str name)
{
    sm_str own = sm_str_of(t->name);
    if (sm_str_ends(own, SM_STR("_")))
        own.n--;
    return sm_str_eq(section, sm_str_of(t->section)) && sm_str_eq(name, own);
}

static void *field(sm_settings *s, const struct setting *t)
{
    return (char *)s + t->at;
}

static bool read_bool(sm_str text, bool *out)
{
    static const struct {
        const char *word;
        bool value;
    } words[] = { { "yes", true }, { "true", true },   { "1", true },  { "on", true },
                  { "no", false }, { "false", false }, { "0", false }, { "off", false } };
    for (size_t i = 0; i < SM_LEN(words); i++)
        if (sm_str_eq(text, sm_str_of(words[i].word))) {
            *out = words[i].value;
            return true;
        }
    return false;
}

/* `value` is kept when it is a text; false when it does not fit. */
static bool put(sm_settings *s, const struct setting *t, const char *value)
{
    int64_t n;
    if (t->kind == KIND_BOOL)
        return read_bool(sm_str_of(value), field(s, t));
    if (t->kind == KIND_NUMBER) {
        if (!sm_str_to_int(sm_str_of(value), &n) || n < 0 || n > MAX_NUMBER)
            return false;
        *(unsigned *)field(s, t) = (unsigned)n;
        return true;
    }
    *(const char **)field(s, t) = value;
    return true;
}

void sm_settings_init(sm_settings *s)
{
    *s = (sm_settings){ 0 };
    for (size_t i = 0; i < SM_LEN(settings); i++)
        put(s, &settings[i], settings[i].otherwise);
}

sm_rc sm_settings_set(sm_op *op, sm_settings *s, sm_str section, sm_str name, sm_str value)
{
    static const char *const fits[] = {
        [KIND_TEXT] = "文字", [KIND_NUMBER] = "0 到 1000000 的整数", [KIND_BOOL] = "yes 或 no"
    };
    for (size_t i = 0; i < SM_LEN(settings); i++)
        if (is_named(&settings[i], section, name))
            return put(s, &settings[i], sm_cstr(op->arena, value))
                       ? SM_OK
                       : sm_fail(op, SM_E_INVALID, "设置 %.*s.%.*s 应当是%s，不是“%.*s”",
                                 SM_ARG(section), SM_ARG(name), fits[settings[i].kind],
                                 SM_ARG(value));
    return sm_fail(op, SM_E_INVALID, "没有 %.*s.%.*s 这个设置", SM_ARG(section), SM_ARG(name));
}

struct reading {
    sm_op *op;
    sm_settings *s;
};

static int take(void *reading, const char *section, const char *name, const char *value)
{
    struct reading *r = reading;
    return sm_settings_set(r->op, r->s, sm_str_of(section), sm_str_of(name), sm_str_of(value)) ==
           SM_OK;
}

sm_rc sm_settings_read(sm_op *op, const char *path, sm_settings *s)
{
    sm_str text;
    sm_rc rc = sm_file_read(op, path, MAX_SETTINGS_BYTES, &text);
    if (rc < 0)
        return rc;
    sm_op inner;
    sm_op_begin(&inner);
    sm_arena *own = inner.arena;
    inner.arena = op->arena; /* what is kept lives with the caller */
    struct reading r = { &inner, s };
    int line = ini_parse_string(sm_cstr(op->arena, text), take, &r);
    inner.arena = own;
    if (line != 0)
        rc = sm_fail(op, SM_E_INVALID, "%s 第 %d 行：%.*s", path, line,
                     SM_ARG(inner.msg.n ? inner.msg : SM_STR("读不懂")));
    sm_op_end(&inner);
    return rc;
}

void sm_settings_print(const sm_settings *s, FILE *to)
{
    const char *section = "";
    for (size_t i = 0; i < SM_LEN(settings); i++) {
        const struct setting *t = &settings[i];
        const void *at = (const char *)s + t->at;
        size_t n = strlen(t->name);
        if (strcmp(section, t->section) != 0)
            fprintf(to, "%s[%s]\n", *section ? "\n" : "", t->section);
        section = t->section;
        fprintf(to, "; %s\n%.*s = ", t->what, (int)(t->name[n - 1] == '_' ? n - 1 : n), t->name);
        if (t->kind == KIND_TEXT)
            fprintf(to, "%s\n", *(const char *const *)at);
        else if (t->kind == KIND_NUMBER)
            fprintf(to, "%u\n", *(const unsigned *)at);
        else
            fprintf(to, "%s\n", *(const bool *)at ? "yes" : "no");
    }
}
