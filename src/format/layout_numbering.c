/* Lists of a DOCX: which level says what, how far each has counted, and the label as it is seen:
 * ISO/IEC 29500-1 17.9. */
#include "format/wordml.h"

#include "text/text.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_LISTS = 20000,
    MAX_LABEL_BYTES = 4096,
    MAX_COUNT = 30000, /* further on it is no list */
};

/* One level of an abstract list. */
struct level {
    sm_str format, text, style;
    int64_t start;
    int restart; /* the level (from 1) whose step sets it back; -1: any above; 0: none */
    bool legal;  /* all numbers in digits */
    sm_wml_par par;
    sm_wml_run run;
};

struct abstract {
    int64_t id;
    sm_str link; /* the numbering style whose list it is */
    struct level *level[SM_WML_LEVELS];
    int64_t count[SM_WML_LEVELS]; /* 0: not begun */
    bool begun[SM_WML_LEVELS];
};

struct list {
    int64_t id, abstract;
    bool starts[SM_WML_LEVELS], started[SM_WML_LEVELS];
    int64_t start[SM_WML_LEVELS];
    struct level *level[SM_WML_LEVELS]; /* of its own */
};

struct sm_wml_lists {
    sm_wml *w;
    sm_reader *r;
    struct abstract **abstract;
    size_t n_abstracts, cap_abstracts;
    struct list **list;
    size_t n_lists, cap_lists;
};

/* ----------------------------------------------------------------- parse */

struct parse {
    sm_wml_lists *l;
    struct abstract *abstract;
    struct list *list;
    int at;              /* level of an override */
    struct level *level; /* being read */
    bool in_par, in_run;
};

static int64_t integer(const char **atts, const char *name, int64_t otherwise)
{
    int64_t v;
    return sm_str_to_int(sm_str_of(sm_wml_attr(atts, name)), &v) ? v : otherwise;
}

static sm_rc check_room(sm_wml_lists *l, size_t n)
{
    if (n < MAX_LISTS)
        return SM_OK;
    return sm_fail(l->r->op, SM_E_LIMIT,
                   "文件 %s 的自动编号超过 %d 组的上限；请把内容复制到新文档，另存后再提交",
                   l->r->name, MAX_LISTS);
}

static sm_rc on_abstract(struct parse *p, const char **atts)
{
    sm_wml_lists *l = p->l;
    sm_rc rc = check_room(l, l->n_abstracts);
    if (rc < 0)
        return rc;
    SM_GROW(l->r->op->arena, l->abstract, l->n_abstracts, l->cap_abstracts);
    p->abstract = l->abstract[l->n_abstracts++] = SM_NEW(l->r->op->arena, struct abstract);
    p->abstract->id = integer(atts, "abstractNumId", -1);
    return SM_OK;
}

static sm_rc on_list(struct parse *p, const char **atts)
{
    sm_wml_lists *l = p->l;
    sm_rc rc = check_room(l, l->n_lists);
    if (rc < 0)
        return rc;
    SM_GROW(l->r->op->arena, l->list, l->n_lists, l->cap_lists);
    p->list = l->list[l->n_lists++] = SM_NEW(l->r->op->arena, struct list);
    p->list->id = integer(atts, "numId", -1);
    p->list->abstract = -1;
    return SM_OK;
}

static int64_t start_in(const char **atts)
{
    return SM_MAX(SM_MIN(integer(atts, "val", 0), MAX_COUNT), 0);
}

static bool is_level(int64_t at)
{
    return at >= 0 && at < SM_WML_LEVELS;
}

static void on_level(struct parse *p, const char **atts)
{
    int64_t at = integer(atts, "ilvl", -1);
    p->level = SM_NEW(p->l->r->op->arena, struct level);
    *p->level = (struct level){ .format = SM_STR("decimal"), .restart = -1 };
    if (!is_level(at))
        return;
    if (p->list)
        p->list->level[at] = p->level;
    else if (p->abstract)
        p->abstract->level[at] = p->level;
}

static void on_start_override(struct parse *p, const char **atts)
{
    if (p->list && is_level(p->at)) {
        p->list->starts[p->at] = true;
        p->list->start[p->at] = start_in(atts);
    }
}

static void on_level_member(struct parse *p, const char *local, const char **atts)
{
    struct level *v = p->level;
    sm_arena *a = p->l->r->op->arena;
    sm_str value = sm_str_of(sm_wml_attr(atts, "val"));
    if (strcmp(local, "start") == 0)
        v->start = start_in(atts);
    else if (strcmp(local, "numFmt") == 0)
        v->format = sm_str_dup(a, value);
    else if (strcmp(local, "lvlText") == 0)
        v->text = sm_str_dup(a, value);
    else if (strcmp(local, "pStyle") == 0)
        v->style = sm_str_dup(a, value);
    else if (strcmp(local, "isLgl") == 0)
        v->legal = sm_wml_on(atts);
    else if (strcmp(local, "lvlRestart") == 0)
        v->restart = (int)SM_MAX(SM_MIN(integer(atts, "val", -1), SM_WML_LEVELS), -1);
}

static sm_rc on_start(void *ctx, const char *name, const char **atts)
{
    struct parse *p = ctx;
    sm_arena *a = p->l->r->op->arena;
    const char *local = sm_wml_any_local(name);
    if (strcmp(local, "abstractNum") == 0)
        return on_abstract(p, atts);
    if (strcmp(local, "num") == 0)
        return on_list(p, atts);
    if (strcmp(local, "abstractNumId") == 0 && p->list)
        p->list->abstract = integer(atts, "val", -1);
    else if (strcmp(local, "numStyleLink") == 0 && p->abstract)
        p->abstract->link = sm_str_dup(a, sm_str_of(sm_wml_attr(atts, "val")));
    else if (strcmp(local, "lvlOverride") == 0)
        p->at = (int)SM_MAX(SM_MIN(integer(atts, "ilvl", -1), SM_WML_LEVELS), -1);
    else if (strcmp(local, "startOverride") == 0)
        on_start_override(p, atts);
    else if (strcmp(local, "lvl") == 0)
        on_level(p, atts);
    else if (p->level && strcmp(local, "pPr") == 0)
        p->in_par = true;
    else if (p->level && strcmp(local, "rPr") == 0)
        p->in_run = true;
    else if (p->level && p->in_run)
        sm_wml_run_property(p->l->w, &p->level->run, local, atts);
    else if (p->level && p->in_par)
        sm_wml_par_property(p->l->w, &p->level->par, local, atts);
    else if (p->level)
        on_level_member(p, local, atts);
    return SM_OK;
}

static sm_rc on_end(void *ctx, const char *name)
{
    struct parse *p = ctx;
    const char *local = sm_wml_any_local(name);
    if (strcmp(local, "pPr") == 0)
        p->in_par = false;
    else if (strcmp(local, "rPr") == 0)
        p->in_run = false;
    else if (strcmp(local, "lvl") == 0)
        p->level = NULL;
    else if (strcmp(local, "abstractNum") == 0)
        p->abstract = NULL;
    else if (strcmp(local, "num") == 0)
        p->list = NULL;
    return SM_OK;
}

static int compare_abstract(const void *a, const void *b)
{
    int64_t x = (*(struct abstract *const *)a)->id, y = (*(struct abstract *const *)b)->id;
    return (x > y) - (x < y);
}

static int compare_list(const void *a, const void *b)
{
    int64_t x = (*(struct list *const *)a)->id, y = (*(struct list *const *)b)->id;
    return (x > y) - (x < y);
}

sm_rc sm_wml_lists_read(sm_wml *w, sm_reader *r, sm_package *p, size_t part, sm_wml_lists **out)
{
    sm_wml_lists *l = SM_NEW(r->op->arena, sm_wml_lists);
    *l = (sm_wml_lists){ .w = w, .r = r };
    struct parse parse = { .l = l };
    sm_part_handler handler = { .start = on_start, .end = on_end, .ctx = &parse };
    sm_rc rc = sm_package_parse(p, part, &handler);
    if (rc < 0)
        return rc;
    if (l->n_abstracts)
        qsort(l->abstract, l->n_abstracts, sizeof(*l->abstract), compare_abstract);
    if (l->n_lists)
        qsort(l->list, l->n_lists, sizeof(*l->list), compare_list);
    *out = l;
    return SM_OK;
}

/* --------------------------------------------------------------- look up */

static struct list *find_list(const sm_wml_lists *l, int64_t id)
{
    struct list wanted = { .id = id }, *key = &wanted, **found = NULL;
    if (l->n_lists)
        found = bsearch(&key, l->list, l->n_lists, sizeof(*l->list), compare_list);
    return found ? *found : NULL;
}

static struct abstract *find_abstract(const sm_wml_lists *l, int64_t id)
{
    struct abstract wanted = { .id = id }, *key = &wanted, **found = NULL;
    if (l->n_abstracts)
        found = bsearch(&key, l->abstract, l->n_abstracts, sizeof(*l->abstract), compare_abstract);
    return found ? *found : NULL;
}

/* The abstract list, the one behind a numbering style's name where it has none itself. */
static struct abstract *abstract_of(const sm_wml_lists *l, const struct list *list)
{
    struct abstract *a = find_abstract(l, list->abstract);
    if (!a || a->link.n == 0)
        return a;
    const struct list *linked = find_list(l, sm_wml_list_of_style(l->w, a->link));
    struct abstract *behind = linked ? find_abstract(l, linked->abstract) : NULL;
    return behind ? behind : a;
}

static const struct level *level_of(const struct list *list, const struct abstract *a, int at)
{
    return list->level[at] ? list->level[at] : a->level[at];
}

const sm_wml_par *sm_wml_lists_par(const sm_wml_lists *l, int64_t num, int at)
{
    const struct list *list = find_list(l, num);
    const struct abstract *a = list ? abstract_of(l, list) : NULL;
    const struct level *v = a && is_level(at) ? level_of(list, a, at) : NULL;
    return v ? &v->par : NULL;
}

int sm_wml_lists_level_of(const sm_wml_lists *l, int64_t num, sm_str style)
{
    const struct list *list = find_list(l, num);
    const struct abstract *a = list ? abstract_of(l, list) : NULL;
    for (int at = 0; a && at < SM_WML_LEVELS; at++) {
        const struct level *v = level_of(list, a, at);
        if (v && v->style.n && sm_str_eq(v->style, style))
            return at;
    }
    return -1;
}

/* ---------------------------------------------------------------- figures */

static void add_char(sm_buf *b, uint32_t c)
{
    char s[4];
    sm_buf_add(b, (sm_str){ s, sm_utf8_put(c, s) });
}

static void add_counting(sm_buf *b, int64_t n)
{
    if (n == 0)
        sm_buf_add(b, SM_STR("〇"));
    else
        sm_text_han(b, n, false);
}

static void add_legal(sm_buf *b, int64_t n)
{
    sm_text_han(b, n, true);
}

static void add_digits(sm_buf *b, int64_t n)
{
    sm_buf_addf(b, "%lld", (long long)n);
}

static void add_two_digits(sm_buf *b, int64_t n)
{
    sm_buf_addf(b, "%02lld", (long long)n);
}

static void add_each_digit(sm_buf *b, int64_t n, const char *const digit[10])
{
    char text[24];
    snprintf(text, sizeof(text), "%lld", (long long)n);
    for (const char *c = text; *c; c++)
        if (*c >= '0' && *c <= '9')
            sm_buf_add(b, sm_str_of(digit[*c - '0']));
}

static void add_digital(sm_buf *b, int64_t n)
{
    static const char *const digit[] = {
        "〇", "一", "二", "三", "四", "五", "六", "七", "八", "九"
    };
    add_each_digit(b, n, digit);
}

static void add_wide(sm_buf *b, int64_t n)
{
    static const char *const digit[] = {
        "０", "１", "２", "３", "４", "５", "６", "７", "８", "９"
    };
    add_each_digit(b, n, digit);
}

/* a … z, aa … zz */
static void add_letters(sm_buf *b, int64_t n, char first)
{
    int64_t times = (n - 1) / 26 + 1;
    for (int64_t i = 0; n > 0 && i < times && i < 40; i++)
        sm_buf_addc(b, (char)(first + (n - 1) % 26));
}

static void add_upper(sm_buf *b, int64_t n)
{
    add_letters(b, n, 'A');
}

static void add_lower(sm_buf *b, int64_t n)
{
    add_letters(b, n, 'a');
}

static void add_roman_in(sm_buf *b, int64_t n, const char *const sign[13])
{
    static const int value[] = { 1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1 };
    for (size_t i = 0; i < SM_LEN(value); i++)
        for (; n >= value[i]; n -= value[i])
            sm_buf_add(b, sm_str_of(sign[i]));
}

static void add_roman(sm_buf *b, int64_t n)
{
    static const char *const sign[] = { "M",  "CM", "D",  "CD", "C",  "XC", "L",
                                        "XL", "X",  "IX", "V",  "IV", "I" };
    add_roman_in(b, n, sign);
}

static void add_low_roman(sm_buf *b, int64_t n)
{
    static const char *const sign[] = { "m",  "cm", "d",  "cd", "c",  "xc", "l",
                                        "xl", "x",  "ix", "v",  "iv", "i" };
    add_roman_in(b, n, sign);
}

/* One of a row of signs that Unicode has, else digits. */
static void add_sign(sm_buf *b, int64_t n, uint32_t first, int64_t most)
{
    if (n >= 1 && n <= most)
        add_char(b, first + (uint32_t)(n - 1));
    else
        add_digits(b, n);
}

static void add_circled(sm_buf *b, int64_t n)
{
    add_sign(b, n, 0x2460, 20);
}

static void add_in_brackets(sm_buf *b, int64_t n)
{
    add_sign(b, n, 0x2474, 20);
}

static void add_with_stop(sm_buf *b, int64_t n)
{
    add_sign(b, n, 0x2488, 20);
}

static void add_han_circled(sm_buf *b, int64_t n)
{
    add_sign(b, n, 0x3280, 10);
}

static void add_in_dashes(sm_buf *b, int64_t n)
{
    sm_buf_addf(b, "- %lld -", (long long)n);
}

static void add_of(sm_buf *b, int64_t n, const char *const *sign, int64_t most)
{
    if (n >= 1 && n <= most)
        sm_buf_add(b, sm_str_of(sign[n - 1]));
    else
        add_digits(b, n);
}

static void add_stem(sm_buf *b, int64_t n)
{
    static const char *const sign[] = {
        "甲", "乙", "丙", "丁", "戊", "己", "庚", "辛", "壬", "癸"
    };
    add_of(b, n, sign, SM_LEN(sign));
}

static void add_branch(sm_buf *b, int64_t n)
{
    static const char *const sign[] = { "子", "丑", "寅", "卯", "辰", "巳",
                                        "午", "未", "申", "酉", "戌", "亥" };
    add_of(b, n, sign, SM_LEN(sign));
}

static void add_nothing(sm_buf *b, int64_t n)
{
    (void)b, (void)n;
}

/* ST_NumberFormat; what is not here is written in digits. */
static const struct {
    const char *name;
    void (*add)(sm_buf *b, int64_t n);
} formats[] = {
    { "none", add_nothing },
    { "chineseCounting", add_counting },
    { "chineseCountingThousand", add_counting },
    { "taiwaneseCounting", add_counting },
    { "taiwaneseCountingThousand", add_counting },
    { "japaneseCounting", add_counting },
    { "chineseLegalSimplified", add_legal },
    { "ideographLegalTraditional", add_legal },
    { "ideographDigital", add_digital },
    { "japaneseDigitalTenThousand", add_digital },
    { "taiwaneseDigital", add_digital },
    { "decimalZero", add_two_digits },
    { "decimalFullWidth", add_wide },
    { "decimalFullWidth2", add_wide },
    { "decimalEnclosedParen", add_in_brackets },
    { "decimalEnclosedCircle", add_circled },
    { "decimalEnclosedCircleChinese", add_circled },
    { "decimalEnclosedFullstop", add_with_stop },
    { "ideographEnclosedCircle", add_han_circled },
    { "ideographTraditional", add_stem },
    { "ideographZodiac", add_branch },
    { "numberInDash", add_in_dashes },
    { "upperLetter", add_upper },
    { "lowerLetter", add_lower },
    { "upperRoman", add_roman },
    { "lowerRoman", add_low_roman },
};

static void add_number(sm_buf *b, const struct level *v, int64_t n, bool legal)
{
    for (size_t i = 0; !legal && i < SM_LEN(formats); i++)
        if (sm_str_eq(v->format, sm_str_of(formats[i].name))) {
            formats[i].add(b, n);
            return;
        }
    add_digits(b, n);
}

/* ------------------------------------------------------------------ labels */

/* Symbol fonts keep their signs in the private area: a dot, whatever it is. */
static void add_bullet(sm_buf *b, sm_str text)
{
    while (text.n) {
        uint32_t c = sm_utf8_next(&text);
        add_char(b, c >= 0xe000 && c <= 0xf8ff ? 0x25cf : c);
    }
}

static void add_label(sm_buf *b, const struct list *list, const struct abstract *a,
                      const struct level *v)
{
    if (sm_str_eq(v->format, SM_STR("bullet"))) {
        add_bullet(b, v->text);
        return;
    }
    for (size_t i = 0; i < v->text.n; i++) {
        char next = i + 1 < v->text.n ? v->text.p[i + 1] : 0;
        const struct level *of = NULL;
        if (v->text.p[i] == '%' && next >= '1' && next <= '9')
            of = level_of(list, a, next - '1');
        if (of)
            add_number(b, of, a->count[next - '1'], v->legal);
        else
            sm_buf_addc(b, v->text.p[i]);
        i += of != NULL;
    }
}

static int64_t start_of(const struct list *list, const struct level *v, int at)
{
    return list->starts[at] ? list->start[at] : v->start;
}

/* Steps one level on; those above begin when nobody has stepped them, those below begin anew. */
static void step(struct list *list, struct abstract *a, int at)
{
    for (int i = 0; i <= at; i++) {
        const struct level *v = level_of(list, a, i);
        bool anew = list->starts[i] && !list->started[i];
        if (v && (anew || !a->begun[i]))
            a->count[i] = start_of(list, v, i);
        else if (v && i == at)
            a->count[i] = SM_MIN(a->count[i] + 1, MAX_COUNT);
        a->begun[i] = true;
        list->started[i] = true;
    }
    for (int i = at + 1; i < SM_WML_LEVELS; i++) {
        const struct level *v = level_of(list, a, i);
        if (!v || v->restart < 0 || at < v->restart)
            a->begun[i] = false;
    }
}

sm_rc sm_wml_lists_next(sm_wml_lists *l, int64_t num, int at, sm_str *label, sm_wml_run *mark)
{
    struct list *list = find_list(l, num);
    struct abstract *a = list ? abstract_of(l, list) : NULL;
    const struct level *v = a && is_level(at) ? level_of(list, a, at) : NULL;
    if (!v)
        return SM_OK;
    step(list, a, at);
    *mark = v->run;
    sm_buf b;
    sm_buf_init(&b, MAX_LABEL_BYTES);
    add_label(&b, list, a, v);
    return sm_buf_take(l->r->op, &b, label);
}
