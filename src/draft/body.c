/*
 * The body: the type's skeleton with what the description says, blanks for the rest.
 */
#include <string.h>

#include "draft/inner.h"

enum { MAX_PARS = 64, TEXT_BYTES = 64 * 1024, MAX_NOTES = 12 };

void sm_draft_note(sm_arena *a, sm_draft *out, sm_str note)
{
    if (!out->note)
        out->note = SM_NEWS(a, sm_str, MAX_NOTES);
    if (out->n_notes < MAX_NOTES)
        out->note[out->n_notes++] = note;
}

const sm_skeleton *sm_draft_skeleton(const sm_type *t, const sm_said *s)
{
    size_t i = 0;
    while (t->skeleton[i].match && !sm_pattern_in(t->skeleton[i].match, s->marked))
        i++;
    return &t->skeleton[i];
}

sm_str sm_fill(sm_arena *a, sm_str text, const char *slot, sm_str put)
{
    sm_str sign = sm_str_of(slot);
    if (!sm_str_has(text, sign))
        return text;
    sm_buf b;
    sm_buf_init(&b, TEXT_BYTES);
    for (size_t at; (at = sm_str_find(text, sign, 0)) != SIZE_MAX;) {
        sm_buf_add(&b, sm_str_sub(text, 0, at));
        sm_buf_add(&b, put);
        text = sm_str_sub(text, at + sign.n, text.n);
    }
    sm_buf_add(&b, text);
    sm_str s = sm_str_dup(a, sm_buf_str(&b));
    sm_buf_done(&b);
    return s;
}

/* ------------------------------------------------------------------- lines */

typedef struct builder {
    sm_op *op;
    const sm_said *s;
    const sm_type *t;
    const sm_skeleton *k;
    sm_str group[SM_GROUPS];
    sm_draft *out;
} builder;

/* All of it is one blank. */
static bool is_blank(sm_str text)
{
    sm_str begin = SM_STR(SM_BLANK_BEGIN), end = SM_STR("）");
    return sm_str_starts(text, begin) && sm_str_ends(text, end) &&
           sm_str_find(text, end, 0) == text.n - end.n;
}

static void add(builder *b, sm_str role, sm_str text, sm_draft_source source)
{
    if (b->out->n_body == MAX_PARS || !text.n)
        return;
    b->out->body[b->out->n_body++] =
        (sm_draft_par){ .role = role,
                        .text = text,
                        .source = is_blank(text) ? SM_DRAFT_BLANK : source,
                        .blank = sm_has_blank(text) };
}

static bool has_figure(sm_str s)
{
    bool has = false;
    for (size_t i = 0; i < s.n; i++)
        has |= s.p[i] >= '0' && s.p[i] <= '9';
    return has;
}

/* What the title says already, and no more. */
static bool is_said(const builder *b, sm_str point)
{
    sm_str matter = b->out->matter;
    return matter.n &&
           (sm_str_has(matter, point) || (sm_str_has(point, matter) && !has_figure(point)));
}

typedef enum which { POINTS, FACTS, ASKS } which;

/* One paragraph for each thing that is said, `otherwise` when nothing is. */
static void add_points(builder *b, sm_str role, which kind, sm_str front, sm_str otherwise)
{
    sm_arena *a = b->op->arena;
    size_t before = b->out->n_body;
    for (size_t i = 0; i < b->s->n_points; i++) {
        sm_str point = b->s->point[i];
        bool wanted = kind == POINTS || (kind == ASKS) == b->s->asks[i];
        if (wanted && (kind == ASKS || !is_said(b, point)))
            add(b, role, sm_strf(a, "%.*s%.*s。", SM_ARG(front), SM_ARG(point)),
                SM_DRAFT_DESCRIPTION);
    }
    if (b->out->n_body == before)
        add(b, role, sm_strf(a, "%.*s%.*s", SM_ARG(front), SM_ARG(otherwise)), SM_DRAFT_RULE);
}

/* A line with {points}, {facts} or {asks}: what stands before is put before each. */
static bool add_list(builder *b, sm_str role, sm_str line)
{
    static const char *const slots[] = {
        [POINTS] = "{points}", [FACTS] = "{facts}", [ASKS] = "{asks}"
    };
    for (size_t i = 0; i < SM_LEN(slots); i++) {
        size_t at = sm_str_find(line, sm_str_of(slots[i]), 0);
        if (at == SIZE_MAX)
            continue;
        add_points(b, role, (which)i, sm_str_sub(line, 0, at),
                   sm_str_sub(line, at + strlen(slots[i]), line.n));
        return true;
    }
    return false;
}

static void add_line(builder *b, sm_str line)
{
    sm_arena *a = b->op->arena;
    sm_str role;
    if (!sm_str_cut(&line, ' ', &role) || !sm_str_starts(role, SM_STR("@")))
        return;
    role = sm_str_sub(role, 1, role.n);
    if (add_list(b, role, line))
        return;
    bool said = sm_str_has(line, SM_STR("{matter}")) || sm_str_has(line, SM_STR("$"));
    sm_str matter = b->out->matter.n ? b->out->matter : SM_STR(SM_BLANK("事由"));
    sm_str text = sm_pattern_fill(a, line, b->group);
    text = sm_fill(a, text, SM_ADDRESSEE, b->s->n_to ? b->s->to[0].name : (sm_str){ 0 });
    text = sm_fill(a, text, "{matter}", matter);
    text = sm_fill(a, text, "{to}", b->s->n_to ? b->s->to[0].name : SM_STR(SM_BLANK("对方机关")));
    text = sm_fill(a, text, "{organ}", b->s->organ.n ? b->s->organ : SM_STR(SM_BLANK("发文机关")));
    add(b, role, text, said ? SM_DRAFT_DESCRIPTION : SM_DRAFT_RULE);
}

/* What the document issues: 《防汛抗旱工作方案》. */
static void enclose(builder *b)
{
    sm_str name = sm_pattern_fill(b->op->arena, b->k->encloses, b->group);
    if (!name.n || b->out->n_attached)
        return;
    b->out->attached = SM_NEWS(b->op->arena, sm_str, 1);
    b->out->attached[b->out->n_attached++] =
        sm_fill(b->op->arena, name, SM_ADDRESSEE, b->s->n_to ? b->s->to[0].name : (sm_str){ 0 });
    b->out->encloses = true;
}

void sm_draft_body(sm_op *op, const sm_said *s, const sm_type *t, sm_draft *out)
{
    builder b = { .op = op, .s = s, .t = t, .k = sm_draft_skeleton(t, s), .out = out };
    out->body = SM_NEWS(op->arena, sm_draft_par, MAX_PARS);
    if (b.k->match)
        sm_pattern_find(b.k->match, s->marked, 0, b.group);
    for (size_t i = 0; i < b.k->n; i++)
        add_line(&b, b.k->line[i]);
    if (b.k->encloses.n)
        enclose(&b);
}
