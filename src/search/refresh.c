/*
 * Bringing the index files up to the database: a delta over what changed, or a rebuild; then
 * `current` is swapped, and files that neither it nor the generation before names are removed.
 */
#include <dirent.h>
#include <string.h>
#include <unistd.h>

#include "search/current.h"
#include "search/index.h"
#include "search/model.h"
#include "text/text.h"

enum { DELTA_DOCS = 200, DELTA_PERCENT = 5 };

struct building {
    sm_builder *builder;
    sm_arena *arena;
    sm_own *own;
    size_t n_own, cap_own;
    uint32_t n;
    sm_op *op;
    size_t total;
};

static sm_rc add(sm_op *op, void *ctx, const sm_passage *p)
{
    struct building *b = ctx;
    for (size_t i = 0; i < p->n_questions; i++) {
        SM_GROW(b->arena, b->own, b->n_own, b->cap_own);
        b->own[b->n_own++] = (sm_own){ sm_text_normal(b->arena, p->question[i]), b->n };
    }
    b->n++;
    if (b->n % 4096 == 0)
        sm_op_progress(op, "建索引", b->n, SM_MAX(b->n + 1, (uint32_t)b->total));
    return sm_builder_add(op, b->builder, p);
}

/* Beside the index: the items' own questions and, under a trained model, the passages' vectors. */
static sm_rc write_companions(sm_op *op, const char *path, const char *beside, const char *model,
                              struct building *b)
{
    sm_index *x;
    sm_model *m = NULL;
    sm_rc rc = sm_index_open(op, path, &x);
    if (rc < 0)
        return rc;
    rc = sm_file_write(op, beside, sm_companion_build(b->arena, x, b->own, b->n_own));
    if (rc == SM_OK && model)
        rc = sm_model_open(op, model, &m);
    if (rc == SM_OK && m)
        rc = sm_vectors_write(op, path, x, m);
    sm_model_close(m);
    sm_index_close(x);
    return rc;
}

/* Passages of a kind after revision `since` into a file with its companion. */
static sm_rc build(sm_op *op, const char *data_dir, sm_db *db, sm_kind kind, int64_t since,
                   const sm_index *base, sm_str name, sm_str model, uint32_t *n)
{
    sm_op step; /* the build's memory is given back before the next */
    sm_op_begin(&step);
    step.progress = op->progress;
    step.progress_ctx = op->progress_ctx;
    step.cancel = op->cancel;
    struct building b = { .arena = step.arena, .op = &step };
    const char *path = sm_strf(step.arena, "%s/index/%.*s", data_dir, SM_ARG(name)).p;
    const char *beside =
        sm_strf(step.arena, "%s/index/%.*s", data_dir, SM_ARG(sm_companion_name(step.arena, name)))
            .p;
    sm_rc rc = sm_builder_open(&step, base, &b.builder);
    if (rc == SM_OK)
        rc = sm_corpus_passages(&step, db, kind, since, add, &b);
    if (rc == SM_OK && b.n)
        rc = sm_builder_write(&step, b.builder, path);
    if (rc == SM_OK && b.n)
        rc = write_companions(
            &step, path, beside,
            model.n ? sm_strf(step.arena, "%s/model/%.*s", data_dir, SM_ARG(model)).p : NULL, &b);
    sm_op_progress(op, "建索引", 1, 1);
    if (rc < 0)
        sm_fail(op, rc, "%.*s", SM_ARG(step.msg));
    sm_op_end(&step);
    *n = b.n;
    return rc;
}

static sm_rc rebuild(sm_op *op, const char *data_dir, sm_db *db, int k, int64_t revision,
                     sm_generation *g)
{
    uint32_t n;
    sm_str name = sm_strf(op->arena, "%s-%lld.idx", sm_kind_name((sm_kind)k), (long long)revision);
    sm_rc rc = build(op, data_dir, db, (sm_kind)k, 0, NULL, name, g->kind[k].model, &n);
    if (rc < 0)
        return rc;
    g->kind[k].base = n ? name : (sm_str){ 0 };
    g->kind[k].delta = (sm_str){ 0 };
    g->kind[k].base_revision = revision;
    return SM_OK;
}

static sm_rc make_delta(sm_op *op, const char *data_dir, sm_db *db, int k, int64_t revision,
                        const sm_index *base, sm_generation *g)
{
    uint32_t n;
    sm_str name =
        sm_strf(op->arena, "%s-%lld-delta.idx", sm_kind_name((sm_kind)k), (long long)revision);
    sm_rc rc = build(op, data_dir, db, (sm_kind)k, g->kind[k].base_revision, base, name,
                     g->kind[k].model, &n);
    if (rc == SM_OK)
        g->kind[k].delta = n ? name : (sm_str){ 0 };
    return rc;
}

static sm_rc refresh_kind(sm_op *op, const char *data_dir, sm_db *db, int k, int64_t revision,
                          sm_generation *g)
{
    sm_str *changed;
    size_t n;
    sm_index *base = NULL;
    if (g->kind[k].base.n) {
        const char *path = sm_strf(op->arena, "%s/index/%.*s", data_dir, SM_ARG(g->kind[k].base)).p;
        if (sm_index_open(op, path, &base) < 0)
            sm_op_clear(op); /* gone or damaged: made anew */
    }
    if (!base)
        return rebuild(op, data_dir, db, k, revision, g);
    sm_rc rc = sm_corpus_changed(op, db, (sm_kind)k, g->kind[k].base_revision, &changed, &n);
    size_t few = SM_MAX((size_t)DELTA_DOCS, (size_t)sm_index_n(base) * DELTA_PERCENT / 100);
    if (rc == SM_OK && n > few)
        rc = rebuild(op, data_dir, db, k, revision, g);
    else if (rc == SM_OK && n > 0)
        rc = make_delta(op, data_dir, db, k, revision, base, g);
    sm_index_close(base);
    return rc;
}

/* ----------------------------------------------------------------- swapping */

static bool named(sm_arena *a, const sm_generation *g, sm_str file)
{
    for (int k = 0; k < SM_N_KINDS; k++) {
        const sm_str name[] = { g->kind[k].base, g->kind[k].delta, g->kind[k].model };
        for (size_t i = 0; i < SM_LEN(name); i++)
            if (name[i].n &&
                (sm_str_eq(name[i], file) || sm_str_eq(sm_companion_name(a, name[i]), file) ||
                 sm_str_eq(sm_strf(a, "%.*s.vec", SM_ARG(name[i])), file)))
                return true;
    }
    return false;
}

static void sweep(sm_op *op, const char *folder, const char *ending, const sm_generation *now,
                  const sm_generation *before)
{
    DIR *dir = opendir(folder);
    if (!dir)
        return;
    for (struct dirent *e; (e = readdir(dir)) != NULL;) {
        sm_str file = sm_str_of(e->d_name);
        if (sm_str_ends(file, SM_STR(".vec")))
            file.n -= 4; /* goes with its index */
        bool ours = sm_str_ends(file, sm_str_of(ending)) || sm_str_ends(file, SM_STR(".own")) ||
                    sm_str_ends(file, SM_STR(".vec")) || sm_str_has(file, SM_STR(".tmp-"));
        ours &= !sm_str_eq(file, SM_STR("guide.model"));
        if (ours && !named(op->arena, now, file) && !named(op->arena, before, file))
            unlink(sm_path(op->arena, folder, e->d_name));
    }
    closedir(dir);
}

sm_rc sm_index_refresh(sm_op *op, const char *data_dir, sm_db *db)
{
    sm_generation before = { 0 }, now;
    int64_t revision;
    sm_rc rc = sm_corpus_revision(op, db, &revision);
    if (rc == SM_OK && sm_current_read(op, data_dir, &before) < 0) {
        sm_op_clear(op); /* unreadable: everything is made anew */
        before = (sm_generation){ 0 };
    }
    if (rc == SM_OK)
        rc = sm_dir_make(op, sm_path(op->arena, data_dir, "index"));
    now = before;
    now.revision = revision;
    for (int k = 0; rc == SM_OK && k < SM_N_KINDS; k++)
        rc = refresh_kind(op, data_dir, db, k, revision, &now);
    if (rc == SM_OK)
        rc = sm_current_write(op, data_dir, &now);
    if (rc == SM_OK)
        sweep(op, sm_path(op->arena, data_dir, "index"), ".idx", &now, &before);
    return rc;
}

sm_rc sm_index_compact(sm_op *op, const char *data_dir, sm_db *db, sm_kind kind)
{
    sm_generation before, now;
    int64_t revision;
    sm_rc rc = sm_current_read(op, data_dir, &before);
    if (rc == SM_OK)
        rc = sm_corpus_revision(op, db, &revision);
    if (rc < 0 || (before.kind[kind].delta.n == 0 && before.revision == revision))
        return rc;
    rc = sm_index_refresh(op, data_dir, db);
    if (rc == SM_OK)
        rc = sm_current_read(op, data_dir, &before);
    if (rc < 0 || before.kind[kind].delta.n == 0)
        return rc;
    now = before;
    rc = rebuild(op, data_dir, db, (int)kind, revision, &now);
    if (rc == SM_OK)
        rc = sm_current_write(op, data_dir, &now);
    if (rc == SM_OK)
        sweep(op, sm_path(op->arena, data_dir, "index"), ".idx", &now, &before);
    return rc;
}

sm_rc sm_current_set_model(sm_op *op, const char *data_dir, sm_kind kind, sm_str file)
{
    sm_generation before, now;
    sm_rc rc = sm_current_read(op, data_dir, &before);
    if (rc < 0)
        return rc;
    now = before;
    now.kind[kind].model = file;
    rc = sm_current_write(op, data_dir, &now);
    if (rc == SM_OK)
        sweep(op, sm_path(op->arena, data_dir, "model"), ".model", &now, &before);
    return rc;
}
