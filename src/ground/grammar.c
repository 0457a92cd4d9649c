/*
 * The mask's intent in words that other servers understand: GBNF, and a JSON schema.
 *
 * A grammar cannot ask the scanner, so what it lets through is less.  Free characters are those
 * that are no sign of any fact.  A fact stands between characters that the scanner was asked about
 * here, with this very fact: before 20元 there may be 收, after it 的, but never 百 or 证.  What
 * passes the grammar passes the mask, but for a sentence's length.
 */
#include "ground/mask_inner.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_FACTS = 600,
    MAX_TRIED = 3000,
    MAX_QUOTED = 400,
    QUOTE_BYTES = 180,
    FACT_BYTES = 120,
    FACTS_BYTES = 48 * 1024, /* of all of them, written once */
    QUOTES_BYTES = 80 * 1024,
    SCHEMA_BYTES = 24 * 1024, /* of the facts of a schema, and of its quotations */
    MAX_RANGE = 3             /* facts of one surface: 3至5个月 */
};

/* Right before a fact, and right after it; the scanner has the last word. */
static const char before_fact[] = "，。；：为是在于需按收共有即限由据依自向至从和与及或";
static const char after_fact[] = "，。；：、！？的内前后起止由向在办可应须不并且为是和与或及等）";
static const char stops[] = "，。；";
static const char free_signs[] = "，。、；：？！（）";

/* Words with a character that ends organs' names, after one that no name ends with. */
static const char lead[] = "，。；：、请可应须能您以的并";
static const char *const common[] = { "办理",   "办结", "办好", "网上办", "上传", "下载",
                                      "上述",   "上门", "下列", "中途",   "部门", "所需",
                                      "所在地", "所有", "行使", "会同",   "处理", "早日" };

/* Words that stay words whatever free character follows.  A server's sampler takes time for each
 * first character of them, at every token. */
static const char *const plain_words[] = {
    "一些", "一件事", "一切",     "一同",     "一定",     "一并",     "一律",   "一方面",
    "一旦", "一样",   "一次性",   "一直",     "一窗受理", "一站式",   "一经",   "一网通办",
    "一致", "一般",   "一般情况", "一般来说", "一起",     "二手房",   "二手车", "二维码",
    "十分", "半径",   "双向",     "双方",     "百姓",     "第一时间", "第三人", "第三方",
};
static const char units[] = "月年日元件次人个分天岁名条时项种类家户级部期楼层路号点成倍里米";

typedef struct list {
    sm_str *item;
    size_t n, cap, bytes;
} list;

typedef struct writing {
    sm_arena *a;
    const sm_evidence *e;
    sm_keys keys;
    list fact, strict, quote, word, common; /* strict: between stops only */
    size_t facts_bytes, quotes_bytes, n_tried;
} writing;

/* ------------------------------------------------------------------ asking */

/* A line for each character of a set, the text before it or after it. */
static void add_lines(sm_buf *b, sm_str text, const char *set, bool before)
{
    sm_str rest = sm_str_of(set);
    while (rest.n) {
        sm_str one = rest;
        sm_utf8_next(&rest);
        one.n -= rest.n;
        if (before)
            sm_buf_addf(b, "申请%.*s%.*s。\n户口簿%.*s%.*s。\n", SM_ARG(one), SM_ARG(text),
                        SM_ARG(one), SM_ARG(text));
        else
            sm_buf_addf(b, "%.*s%.*s申请\n", SM_ARG(text), SM_ARG(one));
    }
}

/* Whether it has the same facts right after each of `before` and right before each of `after`. */
static bool stands_among(sm_str text, const char *before, const char *after)
{
    sm_arena *a = sm_arena_open();
    sm_buf b;
    sm_fact *alone, *among;
    sm_buf_init(&b, 64 * 1024);
    add_lines(&b, text, before, true);
    add_lines(&b, text, after, false);
    size_t n = sm_text_facts_all(a, text, NULL, &alone);
    size_t m = sm_text_facts_all(a, sm_buf_str(&b), NULL, &among);
    bool same = m == n * (2 * sm_utf8_count(sm_str_of(before)) + sm_utf8_count(sm_str_of(after)));
    for (size_t i = 0; same && i < m; i++)
        same = sm_str_eq(alone[i % n].key, among[i].key);
    sm_buf_done(&b);
    sm_arena_close(a);
    return same;
}

/* ---------------------------------------------------------------- gathering */

static bool is_listed(const list *l, sm_str s)
{
    for (size_t i = 0; i < l->n; i++)
        if (sm_str_eq(l->item[i], s))
            return true;
    return false;
}

static void put(writing *w, list *l, sm_str s, size_t max, size_t max_bytes)
{
    if (l->n == max || l->bytes + s.n > max_bytes || is_listed(l, s))
        return;
    SM_GROW(w->a, l->item, l->n, l->cap);
    l->item[l->n++] = s;
    l->bytes += s.n + 8;
}

static bool is_one_line(sm_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((uint8_t)s.p[i] < ' ' || (s.p[i] == '[' || s.p[i] == '<'))
            return false;
    return s.n > 0;
}

static void add_fact(writing *w, sm_str s)
{
    if (w->n_tried == MAX_TRIED || s.n > FACT_BYTES || !is_one_line(s) ||
        !sm_keys_hold(&w->keys, s))
        return;
    w->n_tried++;
    if (stands_among(s, before_fact, after_fact))
        put(w, &w->fact, s, MAX_FACTS, w->facts_bytes);
    else if (stands_among(s, stops, stops))
        put(w, &w->strict, s, MAX_FACTS, w->facts_bytes);
}

static void add_facts(writing *w, sm_str text)
{
    sm_fact *fact;
    size_t n = sm_text_facts_all(w->a, text, NULL, &fact);
    for (size_t i = 0; i < n; i++)
        for (size_t k = i; k < n && k < i + MAX_RANGE; k++) {
            const char *end = fact[k].text.p + fact[k].text.n;
            if (k > i && fact[k].text.p - fact[k - 1].text.p - (ptrdiff_t)fact[k - 1].text.n > 6)
                break;
            add_fact(w, (sm_str){ fact[i].text.p, (size_t)(end - fact[i].text.p) });
        }
}

static void add_quote(writing *w, sm_str s)
{
    static const char *const marks[] = { "「", "」", "“", "”" };
    s = sm_str_trim(s);
    if (s.n < 6 || s.n > QUOTE_BYTES || !is_one_line(s) ||
        sm_str_has_any(s, marks, SM_LEN(marks)) ||
        !sm_keys_hold(&w->keys, sm_strf(w->a, "「%.*s」", SM_ARG(s))))
        return;
    put(w, &w->quote, s, MAX_QUOTED, w->quotes_bytes);
}

static void add_quotes(writing *w, size_t passage)
{
    const sm_str *sentence;
    size_t n = sm_evidence_sentences(w->e, passage, &sentence);
    for (size_t i = 0; i < n; i++) {
        sm_str rest = sentence[i], phrase;
        add_quote(w, sentence[i]);
        while (sm_text_phrase(&rest, &phrase))
            add_quote(w, phrase);
    }
}

static void put_all(writing *w, list *l, const char *const *word, size_t n)
{
    for (size_t i = 0; i < n; i++)
        put(w, l, sm_str_of(word[i]), n, SIZE_MAX);
}

size_t sm_grammar_wrong_words(void)
{
    size_t wrong = 0;
    for (size_t i = 0; i < SM_LEN(plain_words); i++)
        wrong += !stands_among(sm_str_of(plain_words[i]), units, units) ||
                 !stands_among(sm_str_of(plain_words[i]), before_fact, after_fact);
    for (size_t i = 0; i < SM_LEN(common); i++)
        wrong += !stands_among(sm_str_of(common[i]), lead, after_fact);
    return wrong;
}

static void gather(writing *w, sm_arena *a, const sm_evidence *e, size_t facts, size_t quotes)
{
    *w = (writing){ .a = a, .e = e, .facts_bytes = facts, .quotes_bytes = quotes };
    for (size_t i = 0; i < sm_evidence_n(e); i++) {
        sm_keys_read(a, &w->keys, sm_evidence_source(e, i)->text);
        sm_keys_read(a, &w->keys, sm_evidence_source(e, i)->title);
    }
    for (size_t i = 0; i < sm_evidence_n(e); i++) {
        add_facts(w, sm_evidence_source(e, i)->text);
        add_facts(w, sm_evidence_source(e, i)->title);
    }
    for (size_t i = 0; i < sm_evidence_n(e); i++)
        add_quotes(w, i);
    put_all(w, &w->word, plain_words, SM_LEN(plain_words));
    put_all(w, &w->common, common, SM_LEN(common));
}

/* ------------------------------------------------------------- both notations */

/* How the two differ: literals are quoted in GBNF, and escaped in an expression. */
typedef struct notation {
    const char *quote;   /* around a literal */
    const char *escaped; /* within it */
} notation;

static const notation gbnf = { "\"", "\"\\" };
static const notation pattern = { "", "\\^$.|?*+()[]{}/-" };

static void add_literal(sm_buf *b, const notation *o, sm_str s)
{
    sm_buf_add(b, sm_str_of(o->quote));
    for (size_t i = 0; i < s.n; i++) {
        if (strchr(o->escaped, s.p[i]))
            sm_buf_addc(b, '\\');
        sm_buf_addc(b, s.p[i]);
    }
    sm_buf_add(b, sm_str_of(o->quote));
}

static int by_bytes(const void *a, const void *b)
{
    const sm_str *x = a, *y = b;
    int c = memcmp(x->p, y->p, SM_MIN(x->n, y->n));
    return c ? c : (x->n > y->n) - (x->n < y->n);
}

static sm_str first_character(sm_str s)
{
    sm_str rest = s;
    sm_utf8_next(&rest);
    return sm_str_sub(s, 0, s.n - rest.n);
}

/* ( "一" ( "般" | "定" ) | "统" ( "一" ) ): what begins alike is tried once. */
static void add_choice(sm_buf *b, const notation *o, const list *l)
{
    qsort(l->item, l->n, sizeof(*l->item), by_bytes);
    sm_buf_addc(b, '(');
    for (size_t i = 0, k; i < l->n; i = k) {
        sm_str head = first_character(l->item[i]);
        if (i)
            sm_buf_addc(b, '|');
        add_literal(b, o, head);
        sm_buf_addc(b, '(');
        for (k = i; k < l->n && sm_str_starts(l->item[k], head); k++) {
            if (k > i)
                sm_buf_addc(b, '|');
            add_literal(b, o, sm_str_sub(l->item[k], head.n, l->item[k].n));
        }
        sm_buf_addc(b, ')');
    }
    sm_buf_addc(b, ')');
}

static void add_set(sm_buf *b, const char *set, bool line)
{
    sm_buf_addf(b, "[%s%s]", set, line ? "\\n" : "");
}

static bool is_plain(uint32_t c)
{
    return sm_mask_is_free(c) && !sm_fact_sign(c);
}

/* Letters that are no sign of a fact, a few signs, and the end of a line. */
static void add_free(sm_buf *b, bool line)
{
    char lo[4], hi[4];
    sm_buf_addf(b, "[ A-Za-z%s%s", free_signs, line ? "\\n" : "");
    for (uint32_t c = 0x4e00; c <= 0x9fff; c++) {
        uint32_t from = c;
        while (c <= 0x9fff && is_plain(c))
            c++;
        if (c == from)
            continue;
        size_t n = sm_utf8_put(from, lo), m = sm_utf8_put(c - 1, hi);
        sm_buf_addf(b, "%.*s", (int)n, lo);
        if (c - 1 > from)
            sm_buf_addf(b, "-%.*s", (int)m, hi);
    }
    sm_buf_addc(b, ']');
}

/* -------------------------------------------------------------------- GBNF */

static void add_marks(sm_buf *b, const writing *w)
{
    const sm_str *sentence;
    size_t n = sm_evidence_n(w->e);
    sm_buf_add(b, SM_STR("cites ::= (\"[\" ("));
    for (size_t i = 0; i < n; i++)
        sm_buf_addf(b, "%s\"%zu\"", i ? "|" : "", i + 1);
    sm_buf_add(b, SM_STR(") \"]\")+\npointers ::= (pointer+ \"\\n\")+\npointer ::= \"<\" ("));
    for (size_t i = 0; i < n; i++) {
        size_t m = sm_evidence_sentences(w->e, i, &sentence);
        sm_buf_addf(b, "%s\"%zu.\" (", i ? "|" : "", i + 1);
        for (size_t k = 1; k <= SM_MAX(m, (size_t)1); k++)
            sm_buf_addf(b, "%s\"%zu\"", k > 1 ? "|" : "", m ? k : 0);
        sm_buf_addc(b, ')');
    }
    sm_buf_add(b, SM_STR(") \">\"\n"));
}

static void write_rules(sm_buf *b, writing *w)
{
    bool facts = w->fact.n > 0, strict = w->strict.n > 0, cites = sm_evidence_n(w->e) > 0;
    sm_buf_addf(b, "root ::= (%s%sitem) item*\nitem ::= free | word | lead common%s%s%s%s\n",
                facts ? "facts after | " : "", cites ? "pointers | " : "",
                facts ? " | before facts after" : "", strict ? " | stop strict stop" : "",
                w->quote.n ? " | \"「\" quote \"」\"" : "",
                cites ? " | cites closer | ends pointers" : "");
    sm_buf_add(b, SM_STR("free ::= "));
    add_free(b, true);
    sm_buf_add(b, SM_STR("\nword ::= "));
    add_choice(b, &gbnf, &w->word);
    sm_buf_addf(b, "\nlead ::= [%s\\n]\ncommon ::= ", lead);
    add_choice(b, &gbnf, &w->common);
    sm_buf_addf(b, "\ncloser ::= [，。；！？、：）\\n]\nends ::= [。！？；\\n]\nstop ::= [%s\\n]\n",
                stops);
    if (facts) {
        sm_buf_add(b, SM_STR("facts ::= fact ([；。] fact)*\nbefore ::= "));
        add_set(b, before_fact, true);
        sm_buf_addf(b, "\nafter ::= [%s\\n]%s\nfact ::= ", after_fact,
                    cites ? " | cites closer" : "");
        add_choice(b, &gbnf, &w->fact);
        sm_buf_addc(b, '\n');
    }
    if (strict) {
        sm_buf_add(b, SM_STR("strict ::= "));
        add_choice(b, &gbnf, &w->strict);
        sm_buf_addc(b, '\n');
    }
    if (w->quote.n) {
        sm_buf_add(b, SM_STR("quote ::= "));
        add_choice(b, &gbnf, &w->quote);
        sm_buf_addc(b, '\n');
    }
    if (cites)
        add_marks(b, w);
}

sm_rc sm_ground_gbnf(sm_op *op, const sm_evidence *e, sm_str *out)
{
    writing w;
    sm_buf b;
    gather(&w, op->arena, e, FACTS_BYTES, QUOTES_BYTES);
    sm_buf_init(&b, SM_GROUND_GBNF_BYTES);
    write_rules(&b, &w);
    return sm_buf_take(op, &b, out);
}

/* ------------------------------------------------------------------ schema */

static void write_pattern(sm_buf *b, writing *w)
{
    sm_buf_add(b, SM_STR("^("));
    add_free(b, false);
    sm_buf_addc(b, '|');
    add_choice(b, &pattern, &w->word);
    sm_buf_addf(b, "|[%s]", lead);
    add_choice(b, &pattern, &w->common);
    if (w->fact.n) {
        sm_buf_addf(b, "|[%s]", before_fact);
        add_choice(b, &pattern, &w->fact);
        sm_buf_addf(b, "[%s]", after_fact);
    }
    if (w->strict.n) {
        sm_buf_addf(b, "|[%s]", stops);
        add_choice(b, &pattern, &w->strict);
        sm_buf_addf(b, "[%s]", stops);
    }
    if (w->quote.n) {
        sm_buf_add(b, SM_STR("|「"));
        add_choice(b, &pattern, &w->quote);
        sm_buf_add(b, SM_STR("」"));
    }
    sm_buf_add(b, SM_STR(")+$"));
}

static json_t *ids_of(const sm_evidence *e)
{
    json_t *ids = json_array();
    for (size_t i = 0; i < sm_evidence_n(e); i++)
        json_array_append_new(ids, sm_json_of(sm_evidence_source(e, i)->id));
    return ids;
}

static json_t *text_of(const sm_evidence *e, bool with_pattern)
{
    writing w;
    sm_buf b;
    json_t *text = json_pack("{s:s}", "type", "string");
    sm_arena *a = sm_arena_open();
    sm_buf_init(&b, SM_GROUND_GBNF_BYTES);
    if (with_pattern) {
        gather(&w, a, e, SCHEMA_BYTES, SCHEMA_BYTES);
        write_pattern(&b, &w);
    }
    if (with_pattern && !b.failed)
        json_object_set_new(text, "pattern", sm_json_of(sm_buf_str(&b)));
    sm_buf_done(&b);
    sm_arena_close(a);
    return text;
}

json_t *sm_ground_schema(const sm_evidence *e, bool with_pattern)
{
    enum { MAX_SENTENCES = 40 };
    json_t *cites = json_pack("{s:s,s:i}", "type", "array", "maxItems", 4);
    if (sm_evidence_n(e))
        json_object_set_new(cites, "items",
                            json_pack("{s:s,s:o}", "type", "string", "enum", ids_of(e)));
    else
        json_object_set_new(cites, "maxItems", json_integer(0));
    json_t *one = json_pack("{s:s,s:{s:o,s:o},s:[s,s],s:b}", "type", "object", "properties", "text",
                            text_of(e, with_pattern), "cites", cites, "required", "text", "cites",
                            "additionalProperties", 0);
    return json_pack("{s:s,s:{s:{s:s,s:o,s:i}},s:[s],s:b}", "type", "object", "properties",
                     "sentences", "type", "array", "items", one, "maxItems", MAX_SENTENCES,
                     "required", "sentences", "additionalProperties", 0);
}
