/*
 * The checker "dictionary": words and what they should be.
 *
 *   words   {"wrong": "right" | ["right", …] | null}: null has no proposal, "" deletes
 *   unless  ["longer word", …]: silent inside one of them
 *   file    in the folder of the rules or the one above it, a line each:
 *           wrong <tab> right <tab> longer words, 、-parted <tab> note
 *           wrong: {截止}目前 is the word with what must stand around it
 *           right: several |-parted, "-" deletes, empty has no proposal
 *   where   the roles of lines that are read
 */
#include <stdlib.h>
#include <string.h>

#include "review/pack.h"

enum { MAX_WORDS = 200000, MAX_FILE_BYTES = 16 << 20, MAX_WORD_BYTES = 300, BUCKETS = 1 << 14 };

typedef struct word {
    sm_str wrong, right, others; /* others: further proposals, joined */
    size_t from, to;             /* the part of `wrong` that is wrong, bytes */
    sm_str note;
    bool suggests;
    const sm_str *unless; /* longer words that hold it */
    size_t n_unless;
} word;

typedef struct dictionary {
    word *w; /* by bucket, then longest first */
    size_t n, cap;
    uint32_t from[BUCKETS + 1];
} dictionary;

static size_t bucket_of(sm_str s)
{
    uint32_t c = sm_utf8_next(&s);
    return (c ^ c >> 14) & (BUCKETS - 1);
}

static int by_bucket(const void *a, const void *b)
{
    const word *x = a, *y = b;
    size_t i = bucket_of(x->wrong), k = bucket_of(y->wrong);
    if (i != k)
        return i < k ? -1 : 1;
    if (x->wrong.n != y->wrong.n)
        return x->wrong.n > y->wrong.n ? -1 : 1;
    return sm_str_cmp(x->wrong, y->wrong);
}

/* {截止}目前: what is searched is 截止目前, what is found 截止. */
static bool take_braces(sm_arena *a, word *w)
{
    sm_str s = w->wrong;
    size_t open = sm_str_find(s, SM_STR("{"), 0), shut = sm_str_find(s, SM_STR("}"), 0);
    w->to = s.n;
    if (open == SIZE_MAX && shut == SIZE_MAX)
        return true;
    if (open == SIZE_MAX || shut == SIZE_MAX || shut <= open + 1)
        return false;
    sm_str before = sm_str_sub(s, 0, open), in = sm_str_sub(s, open + 1, shut),
           after = sm_str_sub(s, shut + 1, s.n);
    w->wrong = sm_strf(a, "%.*s%.*s%.*s", SM_ARG(before), SM_ARG(in), SM_ARG(after));
    w->from = open;
    w->to = open + in.n;
    return true;
}

static sm_rc add_word(sm_op *op, const sm_rule *rule, dictionary *d, word w)
{
    if (!take_braces(op->arena, &w))
        return sm_fail(op, SM_E_INVALID, "规则%.*s：“%.*s”的花括号不成对", SM_ARG(rule->id),
                       SM_ARG(w.wrong));
    if (!w.wrong.n || w.wrong.n > MAX_WORD_BYTES)
        return sm_fail(op, SM_E_INVALID, "规则%.*s：词为空或过长", SM_ARG(rule->id));
    if (d->n == MAX_WORDS)
        return sm_fail(op, SM_E_LIMIT, "规则%.*s：超过%d个词", SM_ARG(rule->id), MAX_WORDS);
    SM_GROW(op->arena, d->w, d->n, d->cap);
    d->w[d->n++] = w;
    return SM_OK;
}

/* -------------------------------------------------------------- parameters */

static sm_rc add_json(sm_op *op, const sm_rule *rule, dictionary *d, const char *wrong,
                      const json_t *right)
{
    word w = { .wrong = sm_str_of(wrong) };
    size_t n = json_is_array(right) ? json_array_size(right) : json_is_string(right);
    if (!n && !json_is_null(right))
        return sm_fail(op, SM_E_INVALID, "规则%.*s：“%s”的正确写法不是文字", SM_ARG(rule->id),
                       wrong);
    for (size_t i = 0; i < n; i++) {
        const json_t *one = json_is_array(right) ? json_array_get(right, i) : right;
        if (!json_is_string(one))
            return sm_fail(op, SM_E_INVALID, "规则%.*s：“%s”的正确写法不是文字", SM_ARG(rule->id),
                           wrong);
        sm_str s = { json_string_value(one), json_string_length(one) };
        if (i == 0)
            w.right = s;
        else
            w.others =
                sm_strf(op->arena, "%.*s%s“%.*s”", SM_ARG(w.others), i > 1 ? "、" : "", SM_ARG(s));
    }
    w.suggests = n > 0;
    return add_word(op, rule, d, w);
}

static sm_rc read_words(sm_op *op, const sm_rule *rule, dictionary *d)
{
    json_t *words = json_object_get(rule->params, "words");
    if (words && !json_is_object(words))
        return sm_fail(op, SM_E_INVALID, "规则%.*s：words要是一个对象", SM_ARG(rule->id));
    const char *wrong;
    json_t *right;
    json_object_foreach(words, wrong, right)
    {
        sm_rc rc = add_json(op, rule, d, wrong, right);
        if (rc != SM_OK)
            return rc;
    }
    return SM_OK;
}

/* Those of the longer words that hold a word. */
static sm_rc read_unless(sm_op *op, const sm_rule *rule, dictionary *d)
{
    const json_t *list = json_object_get(rule->params, "unless");
    size_t n = json_array_size(list), i;
    sm_str *longer = SM_NEWS(op->arena, sm_str, n);
    for (i = 0; i < n; i++) {
        const json_t *one = json_array_get(list, i);
        longer[i] = (sm_str){ json_string_value(one), json_string_length(one) };
        if (!longer[i].n)
            return sm_fail(op, SM_E_INVALID, "规则%.*s：unless要是文字的列表", SM_ARG(rule->id));
    }
    for (size_t k = 0; n && k < d->n; k++) {
        word *w = &d->w[k];
        sm_str *held = SM_NEWS(op->arena, sm_str, n);
        for (i = 0; i < n; i++)
            if (sm_str_has(longer[i], w->wrong))
                held[w->n_unless++] = longer[i];
        w->unless = held;
    }
    return SM_OK;
}

static sm_str column(sm_str *line)
{
    sm_str s = { 0 };
    sm_str_cut(line, '\t', &s);
    return sm_str_trim(s);
}

static bool next_of(sm_str *rest, sm_str sep, sm_str *out)
{
    if (!rest->n)
        return false;
    size_t at = sm_str_find(*rest, sep, 0);
    *out = sm_str_trim(sm_str_sub(*rest, 0, at == SIZE_MAX ? rest->n : at));
    *rest = at == SIZE_MAX ? (sm_str){ 0 } : sm_str_sub(*rest, at + sep.n, rest->n);
    return true;
}

static sm_rc read_longer(sm_op *op, const sm_rule *rule, word *w, sm_str list, size_t line_no)
{
    size_t n = 0, cap = 0;
    sm_str one, *held = NULL;
    while (next_of(&list, SM_STR("、"), &one)) {
        if (!sm_str_has(one, w->wrong))
            return sm_fail(op, SM_E_INVALID, "规则%.*s的词表第%zu行：“%.*s”里没有“%.*s”",
                           SM_ARG(rule->id), line_no, SM_ARG(one), SM_ARG(w->wrong));
        SM_GROW(op->arena, held, n, cap);
        held[n++] = one;
    }
    w->unless = held;
    w->n_unless = n;
    return SM_OK;
}

static sm_rc read_line(sm_op *op, const sm_rule *rule, dictionary *d, sm_str line, size_t line_no)
{
    word w = { .wrong = column(&line) };
    sm_str right = column(&line), longer = column(&line), one;
    w.note = column(&line);
    w.suggests = right.n > 0;
    if (!sm_str_eq(right, SM_STR("-")))
        for (size_t i = 0; next_of(&right, SM_STR("|"), &one); i++) {
            if (i == 0)
                w.right = one;
            else
                w.others = sm_strf(op->arena, "%.*s%s“%.*s”", SM_ARG(w.others), i > 1 ? "、" : "",
                                   SM_ARG(one));
        }
    sm_rc rc = add_word(op, rule, d, w);
    return rc == SM_OK ? read_longer(op, rule, &d->w[d->n - 1], longer, line_no) : rc;
}

sm_rc sm_rule_file(sm_op *op, const sm_rule *rule, const char *key, const char *folder,
                   sm_str *text)
{
    sm_str name = sm_json_str(rule->params, key);
    if (!name.n || name.p[0] == '/' || sm_str_has(name, SM_STR("..")))
        return sm_fail(op, SM_E_INVALID, "规则%.*s：%s要是规则目录里的文件名", SM_ARG(rule->id), key);
    const char *path = sm_path(op->arena, folder, sm_cstr(op->arena, name));
    if (!sm_file_exists(path)) {
        const char *above = sm_path(op->arena, folder, "..");
        path = sm_path(op->arena, above, sm_cstr(op->arena, name));
    }
    sm_rc rc = sm_file_read(op, path, MAX_FILE_BYTES, text);
    if (rc == SM_OK && !sm_utf8_valid(*text, NULL))
        rc = sm_fail(op, SM_E_INVALID, "规则%.*s：词表不是UTF-8", SM_ARG(rule->id));
    return rc;
}

static sm_rc read_file(sm_op *op, const sm_rule *rule, const char *folder, dictionary *d,
                       sm_str *text)
{
    if (!json_object_get(rule->params, "file"))
        return SM_OK;
    sm_rc rc = sm_rule_file(op, rule, "file", folder, text);
    sm_str rest = *text, line;
    for (size_t no = 1; rc == SM_OK && sm_str_cut(&rest, '\n', &line); no++)
        if (sm_str_trim(line).n && line.p[0] != '#')
            rc = read_line(op, rule, d, line, no);
    return rc;
}

sm_rc sm_dictionary_make(sm_op *op, const sm_rule *rule, const char *folder, sm_str *read,
                         const void **made)
{
    dictionary *d = SM_NEW(op->arena, dictionary);
    sm_rc rc = read_words(op, rule, d);
    if (rc == SM_OK)
        rc = read_unless(op, rule, d);
    if (rc == SM_OK)
        rc = read_file(op, rule, folder, d, read);
    if (rc == SM_OK && !d->n && sm_str_eq(rule->checker, SM_STR("dictionary")))
        rc = sm_fail(op, SM_E_INVALID, "规则%.*s：没有词", SM_ARG(rule->id));
    if (rc != SM_OK)
        return rc;
    if (d->n)
        qsort(d->w, d->n, sizeof(*d->w), by_bucket);
    size_t at = 0;
    for (size_t i = 0; i <= BUCKETS; i++) {
        while (at < d->n && bucket_of(d->w[at].wrong) < i)
            at++;
        d->from[i] = (uint32_t)at;
    }
    *made = d;
    return SM_OK;
}

/* -------------------------------------------------------------------- run */

/* A longer word stands around the place. */
static bool within_longer(const word *w, sm_str text, size_t at)
{
    for (size_t i = 0; i < w->n_unless; i++) {
        sm_str u = w->unless[i];
        for (size_t k = sm_str_find(u, w->wrong, 0); k != SIZE_MAX;
             k = sm_str_find(u, w->wrong, k + 1))
            if (k <= at && at - k + u.n <= text.n && memcmp(text.p + at - k, u.p, u.n) == 0)
                return true;
    }
    return false;
}

static const word *word_at(const dictionary *d, sm_str text, size_t at)
{
    sm_str rest = sm_str_sub(text, at, text.n);
    size_t b = bucket_of(rest);
    for (size_t i = d->from[b]; i < d->from[b + 1]; i++)
        if (sm_str_starts(rest, d->w[i].wrong) && !within_longer(&d->w[i], text, at))
            return &d->w[i];
    return NULL;
}

static void add(sm_check *c, const sm_rule *rule, const sm_line *line, const word *w, size_t at)
{
    sm_str what = sm_str_sub(line->text, at + w->from, at + w->to);
    sm_finding *f = sm_find_slice(c, rule, line, what);
    if (w->suggests)
        sm_propose(f, w->right);
    if (w->others.n) {
        f->confidence = .6; /* which of them is for the reader to say */
        sm_because(c, f, "“%.*s”应为“%.*s”或%.*s", SM_ARG(what), SM_ARG(w->right),
                   SM_ARG(w->others));
    } else if (w->note.n)
        f->why = w->note;
    else if (w->right.n)
        sm_because(c, f, "“%.*s”应为“%.*s”", SM_ARG(what), SM_ARG(w->right));
}

static void run_line(sm_check *c, const sm_rule *rule, const dictionary *d, const sm_line *line)
{
    sm_str text = line->text;
    for (size_t at = 0; at < text.n;) {
        const word *w = word_at(d, text, at);
        if (w)
            add(c, rule, line, w, at);
        sm_str rest = sm_str_sub(text, at, text.n);
        sm_utf8_next(&rest);
        at = w ? at + w->wrong.n : text.n - rest.n;
    }
}

void sm_dictionary_run(sm_check *c, const sm_rule *rule)
{
    const dictionary *d = sm_rule_made(c, rule);
    unsigned where;
    if (!d || !sm_rule_where(rule, &where))
        return;
    for (size_t i = 0; i < c->o->n; i++)
        if (where >> c->o->line[i].role & 1)
            run_line(c, rule, d, &c->o->line[i]);
}
