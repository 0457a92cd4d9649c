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

static const struct setting *find(sm_str section, sm_str name)
{
    for (size_t i = 0; i < SM_LEN(settings); i++)
        if (is_named(&settings[i], section, name))
            return &settings[i];
    return NULL;
}

sm_rc sm_settings_set(sm_op *op, sm_settings *s, sm_str section, sm_str name, sm_str value)
{
    static const char *const fits[] = {
        [KIND_TEXT] = "文字", [KIND_NUMBER] = "0 到 1000000 的整数", [KIND_BOOL] = "yes 或 no"
    };
    const struct setting *t = find(section, name);
    if (!t)
        return sm_fail(op, SM_E_INVALID, "没有 %.*s.%.*s 这个设置", SM_ARG(section), SM_ARG(name));
    if (!put(s, t, sm_cstr(op->arena, value)))
        return sm_fail(op, SM_E_INVALID, "设置 %.*s.%.*s 应当是%s，不是“%.*s”", SM_ARG(section),
                       SM_ARG(name), fits[t->kind], SM_ARG(value));
    return SM_OK;
}

/* ---------------------------------------------------------------- the file */

/* libinih reads lines of 200 bytes; a list may go on in further lines that begin with a blank. */
enum { MAX_LINE_BYTES = 198, LONG_LIST_BYTES = 120 };

static bool is_list(const struct setting *t)
{
    static const char *const lists[] = { "examples", "office_hours", "departments" };
    for (size_t i = 0; i < SM_LEN(lists); i++)
        if (strcmp(t->name, lists[i]) == 0)
            return true;
    return false;
}

struct reading {
    sm_op *op;
    sm_settings *s;
    bool seen[SM_LEN(settings)];
};

/* 1: it is taken. */
static int take(void *reading, const char *section, const char *name, const char *value)
{
    struct reading *r = reading;
    sm_op *op = r->op;
    sm_str of = sm_str_of(section), key = sm_str_of(name), text = sm_str_of(value);
    const struct setting *t = find(of, key);
    if (t && r->seen[t - settings]) {
        if (!is_list(t)) {
            sm_fail(op, SM_E_INVALID, "%s.%s 写了两遍", section, name);
            return 0;
        }
        text = sm_strf(op->arena, "%s;%s", *(const char **)field(r->s, t), value);
    }
    if (sm_settings_set(op, r->s, of, key, text) < 0)
        return 0;
    r->seen[t - settings] = true;
    return 1;
}

static sm_rc check_lines(sm_op *op, const char *path, sm_str text)
{
    sm_str line;
    for (int n = 1; sm_str_cut(&text, '\n', &line); n++)
        if (line.n > MAX_LINE_BYTES)
            return sm_fail(op, SM_E_INVALID,
                           "%s 第 %d 行有 %zu 字节，超过 %d 字节的上限；列表可以分成几行写，"
                           "后面的行以空格开头",
                           path, n, line.n, MAX_LINE_BYTES);
    return SM_OK;
}

sm_rc sm_settings_read(sm_op *op, const char *path, sm_settings *s)
{
    sm_str text;
    sm_rc rc = sm_file_read(op, path, MAX_SETTINGS_BYTES, &text);
    if (rc == SM_OK)
        rc = check_lines(op, path, text);
    if (rc < 0)
        return rc;
    sm_op inner = { .arena = op->arena }; /* what is kept lives with the caller */
    struct reading r = { .op = &inner, .s = s };
    int line = ini_parse_string(sm_cstr(op->arena, text), take, &r);
    if (line != 0)
        return sm_fail(op, SM_E_INVALID, "%s 第 %d 行：%.*s", path, line,
                       SM_ARG(inner.msg.n ? inner.msg : SM_STR("读不懂")));
    return SM_OK;
}

/* One part a line, so that no line gets too long. */
static void print_list(sm_str rest, FILE *to)
{
    bool first = true;
    while (rest.n) {
        size_t wide = sm_str_find(rest, SM_STR("；"), 0), at = sm_str_find(rest, SM_STR(";"), 0);
        size_t end = SM_MIN(SM_MIN(wide, at), rest.n);
        fprintf(to, "%s%.*s\n", first ? "" : "  ", SM_ARG(sm_str_trim(sm_str_sub(rest, 0, end))));
        rest = sm_str_sub(rest, end + (end == wide ? strlen("；") : 1), rest.n);
        first = false;
    }
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
        if (t->kind == KIND_TEXT && strlen(*(const char *const *)at) > LONG_LIST_BYTES &&
            is_list(t))
            print_list(sm_str_of(*(const char *const *)at), to);
        else if (t->kind == KIND_TEXT)
            fprintf(to, "%s\n", *(const char *const *)at);
        else if (t->kind == KIND_NUMBER)
            fprintf(to, "%u\n", *(const unsigned *)at);
        else
            fprintf(to, "%s\n", *(const bool *)at ? "yes" : "no");
    }
}
