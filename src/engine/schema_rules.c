/*
 * The grammar in the making: its rules, the fixed ones among them, and how it spells things.
 */
#include "engine/schema_inner.h"

/* In a JSON string; no lone surrogate can be spelled. */
#define PLAIN "[^\"\\\\\\x00-\\x1F\\x7F]"
#define ESCAPE                                                                             \
    "\"\\\\\" ( [\"\\\\bfnrt] | [/] | \"u\" ( [0-9a-cA-CefEF] [0-9a-fA-F] | [dD] [0-7] ) " \
    "[0-9a-fA-F]{2} )"

static const struct base {
    const char *name, *body;
    unsigned needs;
} base[SM_N_BASE_RULES] = {
    [SM_BASE_SP] = { "sp", "( \" \" | \"\\n\" [ ]{0,16} )?", 0 },
    [SM_BASE_CHAR] = { "char", PLAIN " | " ESCAPE, 0 },
    [SM_BASE_STRING] = { "string", "\"\\\"\" char* \"\\\"\"", 1u << SM_BASE_CHAR },
    [SM_BASE_NUMBER] = { "number",
                         "\"-\"? ( \"0\" | [1-9] [0-9]{0,15} ) ( \".\" [0-9]{1,16} )? "
                         "( [eE] [-+]? [0-9]{1,2} )?",
                         0 },
    [SM_BASE_INTEGER] = { "integer", "\"0\" | \"-\"? [1-9] [0-9]{0,17}", 0 },
    /* Days that are in the calendar, 29 February in leap years only. */
    [SM_BASE_DATE] = { "date",
                       "[0-9]{4} \"-\" ( ( \"0\" [13578] | \"1\" [02] ) \"-\" ( \"0\" [1-9] | "
                       "[12] [0-9] | \"3\" [01] ) | ( \"0\" [469] | \"11\" ) \"-\" ( \"0\" [1-9] | "
                       "[12] [0-9] | \"30\" ) | \"02-\" ( \"0\" [1-9] | \"1\" [0-9] | \"2\" [0-8] "
                       ") "
                       ") | ( [0-9]{2} leap | leap \"00\" ) \"-02-29\"\n"
                       "leap ::= \"0\" [48] | [2468] [048] | [13579] [26]",
                       0 },
    [SM_BASE_TIME] = { "time",
                       "( [01] [0-9] | \"2\" [0-3] ) \":\" [0-5] [0-9] \":\" [0-5] [0-9] "
                       "( \".\" [0-9]{1,9} )? ( \"Z\" | [-+] ( [01] [0-9] | \"2\" [0-3] ) \":\" "
                       "[0-5] [0-9] )",
                       0 },
    [SM_BASE_ANY] = { "any", "", /* see add_any */
                      1u << SM_BASE_SP | 1u << SM_BASE_STRING | 1u << SM_BASE_CHAR |
                          1u << SM_BASE_NUMBER },
};

static void release(void *rules)
{
    sm_buf_done(rules);
}

sm_schema *sm_schema_begin(sm_op *op)
{
    sm_schema *s = SM_NEW(op->arena, sm_schema);
    s->op = op;
    sm_buf_init(&s->rules, SM_SCHEMA_MAX_GRAMMAR_BYTES);
    sm_arena_defer(op->arena, release, &s->rules);
    return s;
}

sm_str sm_schema_base(sm_schema *s, sm_base_rule rule)
{
    s->base_rules |= 1u << rule | base[rule].needs;
    return sm_str_of(base[rule].name);
}

sm_str sm_schema_rule(sm_schema *s, sm_str body)
{
    sm_str name = sm_strf(s->op->arena, "r%zu", s->n_rules++);
    sm_buf_addf(&s->rules, "%.*s ::= %.*s\n", SM_ARG(name), SM_ARG(body));
    return name;
}

sm_rc sm_schema_fail(sm_schema *s, sm_rc rc, sm_str at, const char *fmt, ...)
{
    char text[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    return sm_fail(s->op, rc, "%s 的 JSON Schema（%.*s）：%s", s->what, SM_ARG(at), text);
}

/* Values of any kind nest a few levels only, so that they can be read again. */
static void add_any(sm_buf *b)
{
    enum { LEVELS = 8 };
    sm_buf_addf(b, "any ::= any%d\n", LEVELS);
    for (int i = LEVELS; i > 0; i--) {
        sm_buf_addf(b, "any%d ::= any0 | list%d | object%d\n", i, i, i);
        sm_buf_addf(b, "list%d ::= \"[\" sp ( any%d ( \",\" sp any%d )* )? sp \"]\"\n", i, i - 1,
                    i - 1);
        sm_buf_addf(b, "object%d ::= \"{\" sp ( pair%d ( \",\" sp pair%d )* )? sp \"}\"\n", i, i,
                    i);
        sm_buf_addf(b, "pair%d ::= string \":\" sp any%d\n", i, i - 1);
    }
    sm_buf_addf(b, "any0 ::= string | number | \"true\" | \"false\" | \"null\"\n");
}

sm_rc sm_schema_end(sm_schema *s, sm_str root, sm_str *out)
{
    sm_buf b;
    sm_buf_init(&b, SM_SCHEMA_MAX_GRAMMAR_BYTES + (1 << 16));
    sm_buf_addf(&b, "root ::= %.*s\n", SM_ARG(root));
    sm_buf_add(&b, sm_buf_str(&s->rules));
    for (size_t i = 0; i < SM_N_BASE_RULES; i++)
        if (s->base_rules & 1u << i && i != SM_BASE_ANY)
            sm_buf_addf(&b, "%s ::= %s\n", base[i].name, base[i].body);
    if (s->base_rules & 1u << SM_BASE_ANY)
        add_any(&b);
    if (s->rules.failed || b.failed) {
        sm_buf_done(&b);
        return sm_fail(s->op, SM_E_LIMIT, "JSON Schema 生成的语法超过 %d 字节",
                       SM_SCHEMA_MAX_GRAMMAR_BYTES);
    }
    return sm_buf_take(s->op, &b, out);
}

void sm_schema_add_char(sm_buf *b, uint32_t c)
{
    if (c == '\\' || c == '"' || c == '[' || c == ']' || c == '-')
        sm_buf_addf(b, "\\%c", (int)c);
    else if (c >= 0x20 && c < 0x7f && c != '^')
        sm_buf_addc(b, (char)c);
    else if (c < 0x80)
        sm_buf_addf(b, "\\x%02X", (unsigned)c);
    else if (c < 0x10000)
        sm_buf_addf(b, "\\u%04X", (unsigned)c);
    else
        sm_buf_addf(b, "\\U%08X", (unsigned)c);
}

uint32_t sm_schema_next_char(sm_str *rest)
{
    const uint8_t *p = (const uint8_t *)rest->p;
    size_t n = p[0] < 0xc0 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    uint32_t c = p[0];
    if (n > rest->n)
        n = 1;
    if (n > 1)
        c &= 0x7fu >> n;
    for (size_t i = 1; i < n; i++)
        c = c << 6 | (p[i] & 0x3fu);
    *rest = sm_str_sub(*rest, n, rest->n);
    return c;
}

sm_str sm_schema_quote(sm_arena *a, sm_str text)
{
    sm_buf b;
    sm_buf_init(&b, text.n * 10 + 16);
    sm_buf_addc(&b, '"');
    while (text.n)
        sm_schema_add_char(&b, sm_schema_next_char(&text));
    sm_buf_addc(&b, '"');
    sm_str s = sm_str_dup(a, sm_buf_str(&b));
    sm_buf_done(&b);
    return s;
}

/* libllama writes repetitions out: past a thousand, blocks of a hundred stand for them. */
enum { PLAIN_REPEAT = 1000, BLOCK = 100 };

static sm_str repeat_exactly(sm_schema *s, sm_str rule, int64_t n)
{
    sm_arena *a = s->op->arena;
    if (n <= PLAIN_REPEAT)
        return n ? sm_strf(a, "%.*s{%lld}", SM_ARG(rule), (long long)n) : SM_STR("\"\"");
    sm_str block = sm_schema_rule(s, sm_strf(a, "%.*s{%d}", SM_ARG(rule), BLOCK));
    sm_str blocks =
        sm_schema_rule(s, sm_strf(a, "%.*s{%lld}", SM_ARG(block), (long long)(n / BLOCK)));
    if (n % BLOCK == 0)
        return blocks;
    sm_str rest = sm_schema_rule(s, sm_strf(a, "%.*s{%lld}", SM_ARG(rule), (long long)(n % BLOCK)));
    return sm_strf(a, "%.*s %.*s", SM_ARG(blocks), SM_ARG(rest));
}

static sm_str repeat_up_to(sm_schema *s, sm_str rule, int64_t n)
{
    sm_arena *a = s->op->arena;
    if (n <= PLAIN_REPEAT)
        return sm_strf(a, "%.*s{0,%lld}", SM_ARG(rule), (long long)n);
    /* Blocks and a rest of BLOCK - 1 or more reach every number up to n. */
    int64_t n_blocks = (n - (BLOCK - 1)) / BLOCK;
    sm_str block = sm_schema_rule(s, sm_strf(a, "%.*s{%d}", SM_ARG(rule), BLOCK));
    sm_str blocks =
        sm_schema_rule(s, sm_strf(a, "%.*s{0,%lld}", SM_ARG(block), (long long)n_blocks));
    sm_str rest = sm_schema_rule(
        s, sm_strf(a, "%.*s{0,%lld}", SM_ARG(rule), (long long)(n - n_blocks * BLOCK)));
    return sm_strf(a, "%.*s %.*s", SM_ARG(blocks), SM_ARG(rest));
}

sm_str sm_schema_repeat(sm_schema *s, sm_str rule, int64_t min, int64_t max)
{
    sm_arena *a = s->op->arena;
    if (max == 0)
        return SM_STR("\"\"");
    if (max == SM_SCHEMA_NO_MAX && min <= 1)
        return sm_strf(a, "%.*s%s", SM_ARG(rule), min ? "+" : "*");
    if (max != SM_SCHEMA_NO_MAX && max <= PLAIN_REPEAT)
        return sm_strf(a, "%.*s{%lld,%lld}", SM_ARG(rule), (long long)min, (long long)max);
    sm_str least = sm_schema_rule(s, repeat_exactly(s, rule, min));
    sm_str more = sm_schema_rule(s, max == SM_SCHEMA_NO_MAX ? sm_strf(a, "%.*s*", SM_ARG(rule))
                                                            : repeat_up_to(s, rule, max - min));
    return sm_strf(a, "%.*s %.*s", SM_ARG(least), SM_ARG(more));
}
