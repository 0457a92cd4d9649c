/*
 * Evidence: the passages read once, so that each sentence costs only its own reading.
 */
#include "ground/differ.h"
#include "ground/inner.h"

#include <stdlib.h>
#include <string.h>

/* -------------------------------------------------------------- the limits */

static sm_rc check_source(sm_op *op, const sm_source *p, size_t i, size_t *bytes)
{
    *bytes += p[i].text.n + p[i].title.n;
    if (*bytes > SM_EVIDENCE_MAX_BYTES)
        return sm_fail(op, SM_E_LIMIT, "证据合起来超过 %d 字节", SM_EVIDENCE_MAX_BYTES);
    if (p[i].id.n == 0)
        return sm_fail(op, SM_E_INVALID, "第 %zu 条证据没有 id", i + 1);
    if (!sm_utf8_valid(p[i].id, NULL) || !sm_utf8_valid(p[i].title, NULL) ||
        !sm_utf8_valid(p[i].text, NULL))
        return sm_fail(op, SM_E_INVALID, "第 %zu 条证据不是 UTF-8 文字", i + 1);
    for (size_t k = 0; k < i; k++)
        if (sm_str_eq(p[k].id, p[i].id))
            return sm_fail(op, SM_E_INVALID, "证据里有两条的 id 都是 %.*s", SM_ARG(p[i].id));
    return SM_OK;
}

/* ------------------------------------------------------------------- lines */

static void add_posting(sm_arena *a, sm_evidence *e, sm_posting p)
{
    SM_GROW(a, e->posting, e->n_postings, e->cap_postings);
    e->posting[e->n_postings++] = p;
}

static void add_postings(sm_arena *a, sm_evidence *e, const sm_reading *r, uint32_t first_row)
{
    for (size_t i = 0; i < r->n_pieces; i++) {
        const sm_piece *p = &r->piece[i];
        for (int k = 0; k < 2; k++)
            if (p->key[k])
                add_posting(
                    a, e,
                    (sm_posting){ p->key[k], first_row + p->clause, p->mod, p->neg, p->cued });
        for (size_t k = 0; p->word && k < p->word->n_parts; k++)
            add_posting(
                a, e,
                (sm_posting){ p->word->part[k], first_row + p->clause, p->mod, p->neg, false });
    }
    for (size_t i = 0; i < r->n_chars; i++) {
        const sm_char *c = &r->chr[i];
        sm_posting p = { sm_pair_key(0, c->c), first_row + c->clause, c->mod, c->neg, false };
        add_posting(a, e, p);
        p.key = sm_pair_key(i ? r->chr[i - 1].c : 0, c->c);
        if (i && r->chr[i - 1].clause == c->clause)
            add_posting(a, e, p);
    }
}

static void add_lines(sm_arena *a, sm_evidence *e, uint32_t passage, const sm_reading *r)
{
    uint32_t first_row = (uint32_t)e->n_rows, first_line = (uint32_t)e->n_lines;
    for (size_t i = 0; i < r->n_parts; i++) {
        if (i == 0 || r->part[i].sentence != r->part[i - 1].sentence) {
            SM_GROW(a, e->line, e->n_lines, e->cap_lines);
            uint32_t self = (uint32_t)e->n_lines;
            e->line[e->n_lines++] =
                (sm_line){ passage, (uint32_t)e->n_rows, 0, { self, self, self }, 0 };
        }
        SM_GROW(a, e->row, e->n_rows, e->cap_rows);
        e->row[e->n_rows++] = (sm_row){ passage, (uint32_t)e->n_lines - 1, &r->part[i], r };
        e->line[e->n_lines - 1].n_rows++;
    }
    (void)first_line;
    add_postings(a, e, r, first_row);
}

static bool is_head(const sm_evidence *e, const sm_line *l)
{
    return l->n_rows && e->row[l->row + l->n_rows - 1].part->head;
}

static bool asks(const sm_evidence *e, const sm_line *l)
{
    return l->n_rows && e->row[l->row].part->asks;
}

/* Each line takes along the title, the head of its list, the question before it. */
static void add_contexts(sm_evidence *e, const sm_read_passage *p)
{
    uint32_t head = UINT32_MAX, question = UINT32_MAX;
    for (uint32_t i = p->line + 1; i < p->line + p->n_lines; i++) {
        sm_line *l = &e->line[i];
        l->context[0] = p->line;
        if (head != UINT32_MAX)
            l->context[1] = head;
        if (question != UINT32_MAX)
            l->context[2] = question;
        if (is_head(e, l))
            head = i;
        if (asks(e, l))
            question = i;
        else if (question != UINT32_MAX && e->line[question].answers == 0)
            for (uint32_t k = 0; k < l->n_rows && e->line[question].answers == 0; k++)
                e->line[question].answers = e->row[l->row + k].part->answers;
        if (question != UINT32_MAX && question != i)
            l->answers = e->line[question].answers;
    }
}

/* ---------------------------------------------------------------- subjects */

/* What a passage is of, without the place in it: up to 》, else all. */
static sm_str subject_of(sm_str title)
{
    size_t end = sm_str_find(title, SM_STR("》"), 0);
    return end == SIZE_MAX ? title : sm_str_sub(title, 0, end);
}

static void number_subjects(sm_evidence *e)
{
    for (size_t i = 0; i < e->n; i++) {
        e->passage[i].subject = (uint32_t)i;
        for (size_t k = 0; k < i; k++)
            if (sm_str_eq(subject_of(e->passage[k].source.title),
                          subject_of(e->passage[i].source.title)))
                e->passage[i].subject = e->passage[k].subject;
    }
}

/* ---------------------------------------------------------------- postings */

static int by_key(const void *a, const void *b)
{
    const sm_posting *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

static void index_postings(sm_arena *a, sm_evidence *e)
{
    if (e->n_postings)
        qsort(e->posting, e->n_postings, sizeof(*e->posting), by_key);
    e->n_slots = 64;
    while (e->n_slots < 2 * e->n_postings)
        e->n_slots *= 2;
    e->slot = SM_NEWS(a, uint32_t, e->n_slots);
    for (size_t i = 0; i < e->n_postings; i++) {
        if (i && e->posting[i].key == e->posting[i - 1].key)
            continue;
        size_t s = (size_t)(e->posting[i].key >> 20) & (e->n_slots - 1);
        while (e->slot[s])
            s = (s + 1) & (e->n_slots - 1);
        e->slot[s] = (uint32_t)i + 1;
    }
}

const sm_posting *sm_evidence_find(const sm_evidence *e, uint64_t key, size_t *n)
{
    size_t s = (size_t)(key >> 20) & (e->n_slots - 1);
    *n = 0;
    for (; e->slot[s]; s = (s + 1) & (e->n_slots - 1)) {
        const sm_posting *p = &e->posting[e->slot[s] - 1], *end = e->posting + e->n_postings;
        if (p->key != key)
            continue;
        while (p + *n < end && p[*n].key == key)
            ++*n;
        return p;
    }
    return NULL;
}

/* ----------------------------------------------------------------- the face */

sm_rc sm_evidence_read_with(sm_op *op, const sm_source *passage, size_t n, const sm_organs *organs,
                            sm_evidence **out)
{
    size_t bytes = 0;
    if (n > SM_EVIDENCE_MAX)
        return sm_fail(op, SM_E_LIMIT, "证据超过 %d 条", SM_EVIDENCE_MAX);
    for (size_t i = 0; i < n; i++) {
        sm_rc rc = check_source(op, passage, i, &bytes);
        if (rc < 0)
            return rc;
    }
    sm_evidence *e = SM_NEW(op->arena, sm_evidence);
    e->n = n;
    e->organs = organs;
    e->passage = SM_NEWS(op->arena, sm_read_passage, n + 1);
    for (size_t i = 0; i < n; i++) {
        sm_read_passage *p = &e->passage[i];
        p->source = passage[i];
        p->n_sentences = sm_text_sentences(op->arena, p->source.text, &p->sentence);
        sm_read_text(op->arena, p->source.title, organs, &p->title);
        sm_read_text(op->arena, p->source.text, organs, &p->text);
        p->line = (uint32_t)e->n_lines;
        add_lines(op->arena, e, (uint32_t)i, &p->title);
        if (p->title.n_parts == 0) { /* a line all the same */
            SM_GROW(op->arena, e->line, e->n_lines, e->cap_lines);
            e->line[e->n_lines++] = (sm_line){ .passage = (uint32_t)i, .row = (uint32_t)e->n_rows };
        }
        add_lines(op->arena, e, (uint32_t)i, &p->text);
        p->n_lines = (uint32_t)e->n_lines - p->line;
        add_contexts(e, p);
    }
    number_subjects(e);
    index_postings(op->arena, e);
    e->copied = sm_copied_of(op->arena, passage, n);
    e->differ = sm_differ_of(op->arena, passage, n);
    *out = e;
    return SM_OK;
}

sm_rc sm_evidence_read(sm_op *op, const sm_source *passage, size_t n, sm_evidence **out)
{
    return sm_evidence_read_with(op, passage, n, NULL, out);
}

size_t sm_evidence_n(const sm_evidence *e)
{
    return e->n;
}

const sm_source *sm_evidence_source(const sm_evidence *e, size_t i)
{
    return &e->passage[i].source;
}

size_t sm_evidence_sentences(const sm_evidence *e, size_t passage, const sm_str **out)
{
    *out = e->passage[passage].sentence;
    return e->passage[passage].n_sentences;
}
