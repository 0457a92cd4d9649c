#include "server/server.h"

#include <stddef.h>
#include <string.h>

#include "text/text.h"

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

/* A field whose plain name is a word of C's, or another section's, ends with "_"s. */
static sm_str plain_name(const struct setting *t)
{
    sm_str own = sm_str_of(t->name);
    while (sm_str_ends(own, SM_STR("_")))
        own.n--;
    return own;
}

static bool is_named(const struct setting *t, sm_str section, sm_str name)
{
    return sm_str_eq(section, sm_str_of(t->section)) && sm_str_eq(name, plain_name(t));
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

static bool is_line(sm_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
            return false;
    return sm_utf8_valid(s, NULL);
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
    if (!is_line(section) || !is_line(name) || !is_line(value))
        return sm_fail(op, SM_E_INVALID, "设置里有控制字符，或不是 UTF-8");
    for (size_t i = 0; i < SM_LEN(settings); i++)
        if (is_named(&settings[i], section, name))
            return put(s, &settings[i], sm_cstr(op->arena, value))
                       ? SM_OK
                       : sm_fail(op, SM_E_INVALID, "设置 %.*s.%.*s 应当是%s，不是“%.*s”",
                                 SM_ARG(section), SM_ARG(name), fits[settings[i].kind],
                                 SM_ARG(value));
    return sm_fail(op, SM_E_INVALID, "没有 %.*s.%.*s 这个设置", SM_ARG(section), SM_ARG(name));
}

/* One line; *section is the group it stands in. */
static sm_rc read_line(sm_op *op, sm_settings *s, sm_str line, sm_str *section)
{
    line = sm_str_trim(line);
    if (line.n == 0 || line.p[0] == ';' || line.p[0] == '#')
        return SM_OK;
    if (line.p[0] == '[' && sm_str_ends(line, SM_STR("]"))) {
        *section = sm_str_trim(sm_str_sub(line, 1, line.n - 1));
        return SM_OK;
    }
    size_t eq = sm_str_find(line, SM_STR("="), 0);
    if (eq == SIZE_MAX || line.p[0] == '[')
        return sm_fail(op, SM_E_INVALID, "应当是 [组] 或 名 = 值");
    return sm_settings_set(op, s, *section, sm_str_trim(sm_str_sub(line, 0, eq)),
                           sm_str_trim(sm_str_sub(line, eq + 1, line.n)));
}

/* The format of INI files, without what hides mistakes or cuts values: no line goes on in the next,
 * no comment behind a value, no limit to a line. */
sm_rc sm_settings_read(sm_op *op, const char *path, sm_settings *s)
{
    sm_str rest, line, section = { 0 };
    sm_rc rc = sm_file_read(op, path, MAX_SETTINGS_BYTES, &rest);
    if (rc == SM_OK && sm_str_starts(rest, SM_STR("\xef\xbb\xbf")))
        rest = sm_str_sub(rest, 3, rest.n);
    for (int n = 1; rc == SM_OK && sm_str_cut(&rest, '\n', &line); n++) {
        sm_op one; /* for its message */
        sm_op_begin(&one);
        sm_arena *own = one.arena;
        one.arena = op->arena; /* what is kept lives with the caller */
        rc = read_line(&one, s, line, &section);
        one.arena = own;
        if (rc < 0)
            sm_fail(op, rc, "%s 第 %d 行：%.*s", path, n, SM_ARG(one.msg));
        sm_op_end(&one);
    }
    return rc;
}

void sm_settings_print(const sm_settings *s, FILE *to)
{
    const char *section = "";
    for (size_t i = 0; i < SM_LEN(settings); i++) {
        const struct setting *t = &settings[i];
        const void *at = (const char *)s + t->at;
        sm_str name = plain_name(t);
        if (strcmp(section, t->section) != 0)
            fprintf(to, "%s[%s]\n", *section ? "\n" : "", t->section);
        section = t->section;
        fprintf(to, "; %s\n%.*s = ", t->what, SM_ARG(name));
        if (t->kind == KIND_TEXT)
            fprintf(to, "%s\n", *(const char *const *)at);
        else if (t->kind == KIND_NUMBER)
            fprintf(to, "%u\n", *(const unsigned *)at);
        else
            fprintf(to, "%s\n", *(const bool *)at ? "yes" : "no");
    }
}
