/*
 * What the search index is built from.
 */
#include "corpus/corpus.h"

#include "corpus/known.h"

#include <string.h>

enum { MAX_QUESTIONS = 64 };

sm_str sm_clause_own(sm_str heading, sm_str text)
{
    for (size_t from = 0; from < heading.n;) {
        size_t to = SM_MIN(sm_str_find(heading, SM_STR(" / "), from), heading.n);
        sm_str one = sm_str_sub(heading, from, to);
        if (sm_str_starts(text, one) && text.n > one.n && text.p[one.n] == '\n')
            text = sm_str_sub(text, one.n + 1, text.n);
        from = to + strlen(" / ");
    }
    return text;
}

static unsigned audience_bits(sm_str audience)
{
    if (sm_str_eq(audience, SM_STR("自然人")))
        return SM_AUDIENCE_PERSON;
    if (sm_str_eq(audience, SM_STR("法人")))
        return SM_AUDIENCE_FIRM;
    return SM_AUDIENCE_ALL;
}

static void add_text(sm_buf *b, sm_str s)
{
    if (s.n)
        sm_buf_addf(b, "%s%.*s", b->n ? "\n" : "", SM_ARG(s));
}

static void add_list(sm_buf *b, const json_t *item, const char *list, const char *const *keys,
                     size_t n)
{
    size_t i;
    json_t *e;
    json_array_foreach(json_object_get(item, list), i, e)
    {
        if (json_is_string(e))
            add_text(b, sm_str_of(json_string_value(e)));
        for (size_t k = 0; k < n; k++)
            add_text(b, sm_json_str(e, keys[k]));
    }
}

static sm_str take(sm_arena *a, sm_buf *b)
{
    sm_str s = sm_str_dup(a, sm_buf_str(b));
    sm_buf_done(b);
    return s;
}

static sm_str body_of(sm_arena *a, const json_t *item)
{
    static const char *const text[] = { "text" }, *const name[] = { "name" },
                             *const question[] = { "question" }, *const label[] = { "label" },
                             *const qa[] = { "q", "a" };
    sm_buf b;
    sm_buf_init(&b, SIZE_MAX / 4);
    add_text(&b, sm_json_str(item, "scope"));
    add_list(&b, item, "conditions", text, 1);
    size_t i;
    json_t *s;
    json_array_foreach(json_object_get(item, "situations"), i, s)
    {
        add_text(&b, sm_json_str(s, "question"));
        add_list(&b, s, "options", label, 1);
    }
    add_list(&b, item, "situations", question, 1);
    add_list(&b, item, "materials", name, 1);
    add_list(&b, item, "steps", text, 1);
    add_text(&b, sm_json_str(item, "result"));
    add_list(&b, item, "faq", qa, 2);
    return take(a, &b);
}

static sm_str alias_of(sm_arena *a, const json_t *item)
{
    sm_buf b;
    sm_buf_init(&b, SIZE_MAX / 4);
    add_list(&b, item, "aliases", NULL, 0);
    add_list(&b, item, "keywords", NULL, 0);
    return take(a, &b);
}

/* The item's own, then what is known to be asked about a matter of its name or an alias. */
static sm_rc questions_of(sm_op *op, sm_db *db, const json_t *item, sm_passage *p)
{
    sm_str *q = SM_NEWS(op->arena, sm_str, MAX_QUESTIONS);
    size_t n = 0, i, n_names;
    json_t *e;
    q[n++] = sm_json_str(item, "name");
    json_array_foreach(json_object_get(item, "aliases"), i, e)
    {
        if (n < MAX_QUESTIONS && json_is_string(e))
            q[n++] = sm_str_of(json_string_value(e));
    }
    n_names = n;
    json_array_foreach(json_object_get(item, "faq"), i, e)
    {
        if (n < MAX_QUESTIONS && sm_json_str(e, "q").n)
            q[n++] = sm_json_str(e, "q");
    }
    sm_rc rc = SM_OK;
    for (i = 0; rc == SM_OK && i < n_names; i++)
        rc = sm_known_of(op, db, q[i], q, MAX_QUESTIONS, &n);
    p->question = q;
    p->n_questions = n;
    return rc;
}

/* ---------------------------------------------------------------- walking */

static sm_rc item_passage(sm_op *op, sm_db *db, const sm_stmt *q, sm_passage_fn *fn, void *ctx,
                          sm_op *outer)
{
    json_t *item;
    sm_str json = sm_stmt_str(op, q, 5);
    sm_rc rc = sm_json_parse(op, json, "事项", &item);
    if (rc < 0)
        return sm_fail(outer, rc, "%.*s", SM_ARG(op->msg));
    sm_passage p = { .row = sm_stmt_int(q, 0),
                     .id = sm_stmt_str(op, q, 1),
                     .title = sm_stmt_str(op, q, 2),
                     .parent = sm_stmt_str(op, q, 3),
                     .heading = sm_json_str(item, "domain"),
                     .body = body_of(op->arena, item),
                     .alias = alias_of(op->arena, item),
                     .region = sm_stmt_str(op, q, 4),
                     .audience = audience_bits(sm_stmt_str(op, q, 6)),
                     .effective = (sm_date)sm_stmt_int(q, 7),
                     .ends = (sm_date)sm_stmt_int(q, 8) };
    rc = questions_of(op, db, item, &p);
    if (rc < 0)
        return sm_fail(outer, rc, "%.*s", SM_ARG(op->msg));
    return fn(outer, ctx, &p);
}

static sm_rc clause_passage(sm_op *op, const sm_stmt *q, sm_kind kind, sm_passage_fn *fn, void *ctx,
                            sm_op *outer)
{
    sm_str title = sm_stmt_str(op, q, 2), parent = sm_stmt_str(op, q, 3);
    sm_passage p = { .row = sm_stmt_int(q, 9),
                     .id = sm_stmt_str(op, q, 1),
                     .clause = sm_stmt_str(op, q, 10),
                     .title = kind == SM_KIND_LAW && parent.n ? parent : title,
                     .parent = parent.n ? parent : title,
                     .heading = sm_stmt_str(op, q, 11),
                     .body = sm_stmt_str(op, q, 12),
                     .region = sm_stmt_str(op, q, 4),
                     .audience = audience_bits(sm_stmt_str(op, q, 6)),
                     .effective = (sm_date)sm_stmt_int(q, 7),
                     .ends = (sm_date)sm_stmt_int(q, 8) };
    p.body = sm_clause_own(p.heading, p.body);
    return fn(outer, ctx, &p);
}

sm_rc sm_corpus_passages(sm_op *op, sm_db *db, sm_kind kind, int64_t since, sm_passage_fn *fn,
                         void *ctx)
{
    static const char items[] =
        "SELECT v.row, v.doc, v.title, v.parent, v.region, v.json, v.audience, v.effective, v.ends"
        " FROM version v JOIN doc d ON d.version = v.row WHERE v.kind = ? AND v.revision > ? ORDER "
        "BY v.row";
    static const char clauses[] =
        "SELECT v.row, v.doc, v.title, v.parent, v.region, '', v.audience, v.effective, v.ends,"
        " c.row, c.path, c.heading, c.text FROM version v JOIN doc d ON d.version = v.row"
        " JOIN clause c ON c.version = v.row WHERE v.kind = ? AND v.revision > ? ORDER BY v.row, "
        "c.seq";
    sm_stmt *q;
    sm_op one; /* one passage's memory */
    sm_rc rc =
        sm_db_query(op, db, &q, kind == SM_KIND_ITEM ? items : clauses, "ii", (int64_t)kind, since);
    if (rc < 0)
        return rc;
    sm_op_begin(&one);
    while ((rc = sm_stmt_step(op, q)) == SM_OK) {
        rc = kind == SM_KIND_ITEM ? item_passage(&one, db, q, fn, ctx, op)
                                  : clause_passage(&one, q, kind, fn, ctx, op);
        sm_arena_reset(one.arena);
        sm_op_clear(&one);
        if (rc == SM_OK)
            rc = sm_op_check(op);
        if (rc < 0) {
            sm_stmt_reset(q);
            break;
        }
    }
    sm_op_end(&one);
    return rc == SM_E_NOTFOUND ? SM_OK : rc;
}

sm_rc sm_corpus_changed(sm_op *op, sm_db *db, sm_kind kind, int64_t since, sm_str **out, size_t *n)
{
    sm_stmt *q;
    size_t cap = 0;
    *out = NULL;
    *n = 0;
    sm_rc rc = sm_db_query(op, db, &q,
                           "SELECT v.doc FROM version v JOIN doc d ON d.version = v.row"
                           " WHERE v.kind = ? AND v.revision > ? ORDER BY v.row",
                           "ii", (int64_t)kind, since);
    while (rc == SM_OK && (rc = sm_stmt_step(op, q)) == SM_OK) {
        SM_GROW(op->arena, *out, *n, cap);
        (*out)[(*n)++] = sm_stmt_str(op, q, 0);
    }
    return rc == SM_E_NOTFOUND ? SM_OK : rc;
}
