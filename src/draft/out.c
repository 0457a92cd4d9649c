/*
 * A draft written out: the notation, a DOCX by GB/T 9704, JSON; and JSON read back.
 */
#include <string.h>

#include "draft/inner.h"
#include "format/official.h"

enum {
    NOTATION_BYTES = 4 << 20,
    DOCX_BYTES = 64 << 20,
    TITLE_CHARS = 20, /* of 22 points between the margins */
    MAX_TEXT_CHARS = 20000,
    MAX_ITEMS = 400
};

#define AI_REMARK "（本稿由人工智能辅助生成，须经人工审核）"

/* ------------------------------------------------------------------- lines */

static const char *const element_roles[] = { "mark",   "number",     "signer", "title",
                                             "to",     "note",       "sign",   "date",
                                             "remark", "attendance", "cc",     "printer" };
static const char *const body_roles[] = { "p", "h1", "h2", "h3", "h4", "passed" };

static bool one_of(sm_str s, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (sm_str_eq(s, sm_str_of(list[i])))
            return true;
    return false;
}

static void put_line(sm_buf *b, const char *role, sm_str text)
{
    sm_buf_addf(b, "@%s ", role);
    sm_buf_add(b, text);
    sm_buf_addc(b, '\n');
}

/* ------------------------------------------------------------------- title */

/* Whether a line may end before this character: no word, figure or bracket is broken that we can
 * see. */
static bool may_break(sm_str text, size_t at)
{
    static const char *const starts[] = { "和",   "与",   "及",   "《",   "（",
                                          "“",    "工作", "有关", "情况", "列入",
                                          "开展", "实施", "管理", "建设", "服务" };
    static const char *const ends[] = { "、", "》", "）", "”", "的", "关于", "和", "与" };
    sm_str left = sm_str_sub(text, 0, at), right = sm_str_sub(text, at, text.n);
    bool can = false;
    for (size_t i = 0; i < SM_LEN(starts); i++)
        can |= sm_str_starts(right, sm_str_of(starts[i]));
    for (size_t i = 0; i < SM_LEN(ends); i++)
        can |= sm_str_ends(left, sm_str_of(ends[i]));
    /* 的通知 may have a line of its own. */
    can |= sm_str_starts(right, SM_STR("的")) && sm_utf8_count(right) <= 4;
    bool of = sm_str_starts(right, SM_STR("的")) && sm_utf8_count(right) > 4;
    return can && !of && !sm_str_starts(right, SM_STR("、"));
}

/* The place nearest to the middle where a line may end, not before the 5th character nor so that a
 * line is too long; SIZE_MAX: there is none. */
static size_t break_of(sm_str text)
{
    size_t n = sm_utf8_count(text), best = SIZE_MAX, best_off = SIZE_MAX, i = 0;
    for (sm_str rest = text; rest.n; i++) {
        size_t at = text.n - rest.n, off = 2 * i > n ? 2 * i - n : n - 2 * i;
        if (i >= 4 && i <= TITLE_CHARS && n - i >= 3 && off < best_off && may_break(text, at)) {
            best = at;
            best_off = off;
        }
        sm_utf8_next(&rest);
    }
    return best;
}

/* Lines of at most 20 characters; 的通知 on a line of its own rather than a broken word. */
static void put_title_lines(sm_buf *b, sm_str text)
{
    for (int line = 0; line < 40 && text.n; line++) {
        size_t at = sm_utf8_count(text) <= TITLE_CHARS ? text.n : break_of(text);
        if (at == SIZE_MAX)
            at = sm_utf8_head(text, TITLE_CHARS).n;
        put_line(b, "title", sm_str_trim(sm_str_sub(text, 0, at)));
        text = sm_str_sub(text, at, text.n);
    }
}

static void put_title(sm_buf *b, const sm_draft *d, sm_str text)
{
    const sm_draft_element *sign = sm_draft_element_of(d, "sign");
    size_t about = sm_str_find(text, SM_STR("关于"), 0);
    bool organ =
        about != SIZE_MAX && about > 0 && sign && sm_str_eq(sm_str_sub(text, 0, about), sign->text);
    if (sm_utf8_count(text) > TITLE_CHARS && organ) {
        put_title_lines(b, sm_str_sub(text, 0, about));
        text = sm_str_sub(text, about, text.n);
    }
    put_title_lines(b, text);
}

/* ---------------------------------------------------------------- notation */

static void put_element(sm_buf *b, const sm_draft *d, const char *role)
{
    const sm_draft_element *e = sm_draft_element_of(d, role);
    if (!e || !e->text.n)
        return;
    if (strcmp(role, "title") == 0) {
        put_title(b, d, e->text);
        return;
    }
    sm_str rest = e->text, line;
    while (sm_str_cut(&rest, '\n', &line))
        put_line(b, role, line);
}

static void put_body(sm_buf *b, const sm_draft *d)
{
    for (size_t i = 0; i < d->n_body; i++) {
        const sm_draft_par *p = &d->body[i];
        bool passed = sm_str_eq(p->role, SM_STR("passed"));
        sm_buf_addf(b, "@%.*s ", SM_ARG(passed ? SM_STR("p{align=center,indent=0}") : p->role));
        sm_buf_add(b, p->text);
        sm_buf_addc(b, '\n');
    }
}

static void put_attached(sm_buf *b, const sm_draft *d)
{
    for (size_t i = 0; i < d->n_attached; i++) {
        sm_buf_add(b, SM_STR("@pagebreak\n"));
        if (!d->encloses && d->n_attached == 1)
            put_line(b, "attach", SM_STR("附件"));
        else if (!d->encloses)
            sm_buf_addf(b, "@attach 附件%zu\n", i + 1);
        sm_str rest = d->attached[i];
        for (size_t at; rest.n; rest = sm_str_sub(rest, at, rest.n)) {
            at = sm_utf8_count(rest) <= TITLE_CHARS ? rest.n : break_of(rest);
            at = at == SIZE_MAX ? sm_utf8_head(rest, TITLE_CHARS).n : at;
            put_line(b, "atitle", sm_str_trim(sm_str_sub(rest, 0, at)));
        }
        put_line(b, "p", SM_STR(SM_BLANK("正文")));
    }
}

static bool is_minutes(const sm_draft *d)
{
    return sm_str_eq(d->form, SM_STR("minutes"));
}

sm_rc sm_draft_notation(sm_op *op, const sm_draft *d, sm_str *out)
{
    static const char *const head[] = { "mark", "number", "signer", "title", "to" };
    static const char *const tail[] = { "note", "sign", "date", "remark", "attendance" };
    if (!d->clear)
        return sm_fail(op, SM_E_INVALID, "文种还没有定，写不出草稿");
    sm_buf b;
    sm_buf_init(&b, NOTATION_BYTES);
    put_line(&b, "form", d->form);
    for (size_t i = 0; i < SM_LEN(head); i++)
        put_element(&b, d, head[i]);
    put_body(&b, d);
    for (size_t i = 0; i < SM_LEN(tail); i++)
        put_element(&b, d, tail[i]);
    if (d->by_model)
        put_line(&b, is_minutes(d) ? "p" : "remark", SM_STR(AI_REMARK));
    put_attached(&b, d);
    put_element(&b, d, "cc");
    put_element(&b, d, "printer");
    return sm_buf_take(op, &b, out);
}

sm_rc sm_draft_docx(sm_op *op, const sm_draft *d, const sm_label_text *label, sm_buf *out)
{
    sm_str text;
    sm_layout *l;
    if (d->by_model && !label)
        return sm_fail(op, SM_E_INVALID, "有模型写的内容，要给出人工智能标识");
    sm_rc rc = sm_draft_notation(op, d, &text);
    if (rc == SM_OK)
        rc = sm_official_read(op, "草稿", text, &l);
    if (rc < 0 || !label)
        return rc < 0 ? rc : sm_docx_write(op, l, out);
    sm_buf b;
    sm_buf_init(&b, DOCX_BYTES);
    rc = sm_docx_write(op, l, &b);
    if (rc == SM_OK)
        rc = sm_docx_label(op, sm_buf_str(&b), label, out);
    sm_buf_done(&b);
    return rc;
}

/* -------------------------------------------------------------------- JSON */

static json_t *choices_json(const sm_draft *d)
{
    json_t *list = json_array();
    for (size_t i = 0; i < d->n_choices; i++) {
        const sm_draft_choice *c = &d->choice[i];
        json_array_append_new(list, json_pack("{s:o,s:o,s:o,s:f}", "kind", sm_json_of(c->kind),
                                              "why", sm_json_of(c->why), "decides",
                                              sm_json_of(c->decides), "score", c->score));
    }
    return list;
}

static json_t *elements_json(const sm_draft *d)
{
    json_t *list = json_array();
    for (size_t i = 0; i < d->n_elements; i++) {
        const sm_draft_element *e = &d->element[i];
        json_array_append_new(
            list, json_pack("{s:o,s:o,s:o,s:s,s:o,s:b,s:b}", "role", sm_json_of(e->role), "name",
                            sm_json_of(e->name), "text", sm_json_of(e->text), "source",
                            sm_draft_source_name(e->source), "why", sm_json_of(e->why), "locked",
                            (int)e->locked, "blank", (int)e->blank));
    }
    return list;
}

static json_t *body_json(const sm_draft *d)
{
    json_t *list = json_array();
    for (size_t i = 0; i < d->n_body; i++) {
        const sm_draft_par *p = &d->body[i];
        json_array_append_new(list,
                              json_pack("{s:o,s:o,s:s,s:b}", "role", sm_json_of(p->role), "text",
                                        sm_json_of(p->text), "source",
                                        sm_draft_source_name(p->source), "blank", (int)p->blank));
    }
    return list;
}

static json_t *texts_json(const sm_str *text, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, sm_json_of(text[i]));
    return list;
}

json_t *sm_draft_json(const sm_draft *d)
{
    json_t *j = json_object();
    json_object_set_new(j, "clear", json_boolean(d->clear));
    json_object_set_new(j, "kind", sm_json_of(d->kind));
    json_object_set_new(j, "form", sm_json_of(d->form));
    json_object_set_new(j, "direction", sm_json_of(d->direction));
    json_object_set_new(j, "question", sm_json_of(d->question));
    json_object_set_new(j, "choices", choices_json(d));
    json_object_set_new(j, "notes", texts_json(d->note, d->n_notes));
    json_object_set_new(j, "elements", elements_json(d));
    json_object_set_new(j, "body", body_json(d));
    json_object_set_new(j, "attached", texts_json(d->attached, d->n_attached));
    json_object_set_new(j, "encloses", json_boolean(d->encloses));
    json_object_set_new(j, "by_model", json_boolean(d->by_model));
    json_object_set_new(j, "prompt_version", sm_json_of(d->prompt_version));
    json_object_set_new(j, "description", sm_json_of(d->text));
    json_object_set_new(j, "matter", sm_json_of(d->matter));
    return j;
}

json_t *sm_draft_taken_json(const sm_draft_taken *t)
{
    json_t *list = json_array();
    for (size_t i = 0; i < t->n_refused; i++)
        json_array_append_new(
            list, json_pack("{s:o,s:s,s:o}", "wrote", sm_json_of(t->refused[i].wrote), "code",
                            t->refused[i].code, "why", sm_json_of(t->refused[i].why)));
    return json_pack("{s:I,s:o,s:b}", "taken", (json_int_t)t->n_taken, "refused", list, "cut",
                     (int)t->cut);
}

/* -------------------------------------------------------------------- back */

typedef struct parser {
    sm_op *op;
    const char *what; /* "body" … */
    size_t i;
} parser;

static sm_rc bad(const parser *p, const char *why)
{
    return sm_fail(p->op, SM_E_INVALID, "草稿的 %s 第%zu项%s", p->what, p->i + 1, why);
}

/* A text of one line; of a note, several. */
static sm_rc read_text(const parser *p, const json_t *j, bool lines, sm_str *out)
{
    sm_str s = sm_json_str(j, "text"), one;
    sm_buf b;
    if (sm_utf8_count(s) > MAX_TEXT_CHARS)
        return bad(p, "太长");
    sm_buf_init(&b, NOTATION_BYTES);
    if (!lines)
        sm_buf_add(&b, sm_said_clean(p->op->arena, s));
    for (bool first = true; lines && sm_str_cut(&s, '\n', &one); first = false) {
        sm_buf_add(&b, first ? SM_STR("") : SM_STR("\n"));
        sm_buf_add(&b, sm_said_clean(p->op->arena, one));
    }
    return sm_buf_take(p->op, &b, out);
}

static sm_rc read_source(const parser *p, const json_t *j, sm_draft_source *out)
{
    sm_str name = sm_json_str(j, "source");
    for (int i = 0; i < SM_DRAFT_N_SOURCES; i++)
        if (sm_str_eq(name, sm_str_of(sm_draft_source_name((sm_draft_source)i)))) {
            *out = (sm_draft_source)i;
            return SM_OK;
        }
    return bad(p, "的 source 不认识");
}

static sm_rc read_list(parser *p, const json_t *j, const char *what, size_t *n)
{
    const json_t *list = json_object_get(j, what);
    p->what = what;
    p->i = 0;
    *n = json_array_size(list);
    if ((list && !json_is_array(list)) || *n > MAX_ITEMS)
        return sm_fail(p->op, SM_E_INVALID, "草稿的 %s 不是列表或者太长", what);
    return SM_OK;
}

static sm_rc parse_elements(parser *p, const json_t *j, sm_draft *d)
{
    size_t n;
    sm_rc rc = read_list(p, j, "elements", &n);
    d->element = SM_NEWS(p->op->arena, sm_draft_element, n + 1);
    for (; rc == SM_OK && p->i < n; p->i++) {
        const json_t *one = json_array_get(json_object_get(j, "elements"), p->i);
        sm_draft_element *e = &d->element[d->n_elements++];
        e->role = sm_json_str(one, "role");
        e->name = sm_json_str(one, "name");
        e->why = sm_json_str(one, "why");
        e->locked = json_is_true(json_object_get(one, "locked"));
        if (!one_of(e->role, element_roles, SM_LEN(element_roles)))
            return bad(p, "的 role 不认识");
        rc = read_text(p, one, sm_str_eq(e->role, SM_STR("note")), &e->text);
        if (rc == SM_OK)
            rc = read_source(p, one, &e->source);
        e->blank = sm_has_blank(e->text);
    }
    return rc;
}

static sm_rc parse_body(parser *p, const json_t *j, sm_draft *d)
{
    size_t n;
    sm_rc rc = read_list(p, j, "body", &n);
    d->body = SM_NEWS(p->op->arena, sm_draft_par, n + 1);
    for (; rc == SM_OK && p->i < n; p->i++) {
        const json_t *one = json_array_get(json_object_get(j, "body"), p->i);
        sm_draft_par *b = &d->body[d->n_body++];
        b->role = sm_json_str(one, "role");
        if (!one_of(b->role, body_roles, SM_LEN(body_roles)))
            return bad(p, "的 role 不认识");
        rc = read_text(p, one, false, &b->text);
        if (rc == SM_OK)
            rc = read_source(p, one, &b->source);
        b->blank = sm_has_blank(b->text);
        d->by_model |= b->source == SM_DRAFT_MODEL;
    }
    return rc;
}

static sm_rc parse_attached(parser *p, const json_t *j, sm_draft *d)
{
    size_t n;
    sm_rc rc = read_list(p, j, "attached", &n);
    d->attached = SM_NEWS(p->op->arena, sm_str, n + 1);
    for (; rc == SM_OK && p->i < n; p->i++) {
        const json_t *one = json_array_get(json_object_get(j, "attached"), p->i);
        sm_str text = { json_string_value(one), json_string_length(one) };
        if (!json_is_string(one) || sm_utf8_count(text) > MAX_TEXT_CHARS)
            return bad(p, "不是文字或者太长");
        d->attached[d->n_attached++] = sm_said_clean(p->op->arena, text);
    }
    return rc;
}

sm_rc sm_draft_parse(sm_op *op, const json_t *j, sm_draft **out)
{
    static const char *const forms[] = { "document", "letter", "order", "minutes" };
    parser p = { .op = op };
    sm_draft *d = SM_NEW(op->arena, sm_draft);
    d->clear = json_is_true(json_object_get(j, "clear"));
    d->kind = sm_said_clean(op->arena, sm_json_str(j, "kind"));
    d->form = sm_json_str(j, "form");
    d->text = sm_said_clean(op->arena, sm_json_str(j, "description"));
    d->matter = sm_said_clean(op->arena, sm_json_str(j, "matter"));
    d->direction = sm_json_str(j, "direction");
    d->prompt_version = sm_json_str(j, "prompt_version");
    d->encloses = json_is_true(json_object_get(j, "encloses"));
    d->by_model = json_is_true(json_object_get(j, "by_model"));
    if (!json_is_object(j) || !d->clear || !one_of(d->form, forms, SM_LEN(forms)))
        return sm_fail(op, SM_E_INVALID, "不是一份草稿：要有 clear、form、elements 和 body");
    sm_rc rc = parse_elements(&p, j, d);
    if (rc == SM_OK)
        rc = parse_body(&p, j, d);
    if (rc == SM_OK)
        rc = parse_attached(&p, j, d);
    if (rc == SM_OK)
        *out = d;
    return rc;
}
