/*
 * The evaluations on record.
 */
#include "model/eval.h"

#include "model/rows.h"

static sm_str sm3_hex(sm_arena *a, sm_str text)
{
    sm_digest d = sm_sm3(text);
    return sm_digest_hex(a, &d);
}

sm_str sm_backend_subject(sm_arena *a, const sm_backend *b)
{
    sm_str name = b->remote_name.n ? b->remote_name : b->name;
    if (b->kind == SM_BACKEND_SERVER)
        return sm3_hex(a, sm_strf(a, "server\n%.*s\n%.*s", SM_ARG(b->source), SM_ARG(name)));
    sm_str text = sm_strf(a, "file\n%.*s\n%.*s", SM_ARG(b->sm3), SM_ARG(b->template));
    for (size_t i = 0; i < b->engine.n_loras; i++)
        text = sm_strf(a, "%.*s\n%.*s", SM_ARG(text), SM_ARG(b->engine.lora[i]));
    return sm3_hex(a, text);
}

sm_str sm_evaluation_digest(sm_arena *a, sm_str subject, sm_str prompts)
{
    return sm3_hex(a, sm_strf(a, "%.*s\n%.*s", SM_ARG(subject), SM_ARG(prompts)));
}

sm_rc sm_evaluation_stands(sm_op *op, sm_db *db, const sm_backend *b, const sm_promotion *gate)
{
    sm_stmt *q;
    sm_str digest =
        sm_evaluation_digest(op->arena, sm_backend_subject(op->arena, b), gate->prompts);
    sm_rc rc = sm_db_query(op, db, &q,
                           "SELECT passed, quality FROM evaluation WHERE model = ? AND digest = ?"
                           " ORDER BY id DESC LIMIT 1",
                           "is", b->id, digest);
    if (rc == SM_OK)
        rc = sm_stmt_step(op, q);
    if (rc == SM_E_NOTFOUND)
        return sm_fail(op, SM_E_CONFLICT,
                       "%.*s 现在的样子还没有评测过；先运行 sunmao eval model %.*s",
                       SM_ARG(b->name), SM_ARG(b->name));
    if (rc < 0)
        return rc;
    bool passed = sm_stmt_int(q, 0) != 0, quality = sm_stmt_int(q, 1) != 0;
    sm_stmt_reset(q);
    if (!passed)
        return sm_fail(op, SM_E_CONFLICT, "%.*s 最近一次评测没有通过；不能投入生产",
                       SM_ARG(b->name));
    if (gate->require_quality && !quality)
        return sm_fail(op, SM_E_CONFLICT,
                       "%.*s 最近一次评测的质量部分没有达标；本站要求达标才能投入生产",
                       SM_ARG(b->name));
    return SM_OK;
}

sm_rc sm_promotion_read(sm_op *op, sm_db *db, const char *share_dir, sm_promotion *out)
{
    sm_str text;
    json_t *prompts;
    sm_rc rc = sm_eval_prompts(op, share_dir, &prompts, &out->prompts);
    if (rc == SM_OK)
        rc = sm_db_setting(op, db, "model_require_quality", &text);
    if (rc == SM_OK)
        out->require_quality = sm_str_eq(text, SM_STR("yes"));
    return rc;
}

sm_rc sm_promotion_set(sm_op *op, sm_db *db, sm_str by, bool require_quality)
{
    sm_str value = require_quality ? SM_STR("yes") : SM_STR("no");
    sm_rc rc = sm_db_begin(op, db);
    if (rc < 0)
        return rc;
    rc = sm_db_set(op, db, "model_require_quality", value);
    if (rc == SM_OK)
        rc = sm_registry_note_change(op, db, by, "model.gate", SM_STR("require_quality"),
                                     (sm_str){ 0 }, (sm_str){ 0 }, value);
    return sm_registry_end(op, db, rc);
}

static sm_rc put(sm_op *op, sm_db *db, sm_str by, const sm_backend *b, sm_evaluation *e)
{
    sm_rc rc = sm_db_run(op, db,
                         "INSERT INTO evaluation(model, time_ms, figures, subject, digest, passed,"
                         " quality, by) VALUES(?,?,?,?,?,?,?,?)",
                         "iisssiis", b->id, e->time_ms, e->figures, e->subject, e->digest,
                         (int64_t)e->passed, (int64_t)e->quality, by);
    if (rc == SM_OK)
        e->id = sm_db_last_id(db);
    return rc == SM_OK ? sm_registry_note_change(op, db, by, "model.eval", b->name, (sm_str){ 0 },
                                                 (sm_str){ 0 }, e->digest)
                       : rc;
}

sm_rc sm_evaluation_put(sm_op *op, sm_db *db, sm_str by, const sm_backend *b, sm_evaluation *e)
{
    sm_backend *now;
    e->time_ms = sm_wall_ms();
    e->backend = b->id;
    e->by = by;
    sm_rc rc = sm_db_begin(op, db);
    if (rc < 0)
        return rc;
    rc = sm_backend_get(op, db, b->id, &now);
    return sm_registry_end(op, db, rc == SM_OK ? put(op, db, by, now, e) : rc);
}

sm_rc sm_evaluation_list(sm_op *op, sm_db *db, int64_t backend, int64_t limit, sm_evaluation **out,
                         size_t *n)
{
    sm_stmt *q;
    sm_evaluation *e = NULL;
    size_t have = 0, cap = 0;
    sm_rc rc =
        sm_db_query(op, db, &q,
                    "SELECT id, model, time_ms, figures, subject, digest, passed, quality, by"
                    " FROM evaluation WHERE ? IN (0, model) ORDER BY id DESC LIMIT ?",
                    "ii", backend, limit);
    while (rc == SM_OK && (rc = sm_stmt_step(op, q)) == SM_OK) {
        SM_GROW(op->arena, e, have, cap);
        e[have++] = (sm_evaluation){ .id = sm_stmt_int(q, 0),
                                     .backend = sm_stmt_int(q, 1),
                                     .time_ms = sm_stmt_int(q, 2),
                                     .figures = sm_stmt_str(op, q, 3),
                                     .subject = sm_stmt_str(op, q, 4),
                                     .digest = sm_stmt_str(op, q, 5),
                                     .passed = sm_stmt_int(q, 6) != 0,
                                     .quality = sm_stmt_int(q, 7) != 0,
                                     .by = sm_stmt_str(op, q, 8) };
    }
    if (rc != SM_E_NOTFOUND)
        return rc;
    *out = e;
    *n = have;
    return SM_OK;
}
