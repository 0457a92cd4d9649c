/*
 * Back ends: adding, changing, probing, promoting, retiring.
 */
#include "model/registry.h"

#include <math.h>
#include <string.h>

#include "model/eval.h"
#include "model/rows.h"
#include "model/source.h"
#include "text/text.h"

enum {
    MAX_TEXT = 200,
    MAX_LICENCE = 4000,
    MAX_TOKENS = 16 << 20,
    MAX_PARALLEL = 256,
    MAX_THREADS = 1024,
    MAX_LORAS = 16
};

/* -------------------------------------------------------------------- checks */

static sm_rc check_lora(sm_op *op, sm_str lora)
{
    size_t eq = sm_str_find(lora, SM_STR("="), 0);
    if (eq == SIZE_MAX || eq + 1 >= lora.n || lora.p[eq + 1] != '/')
        return sm_fail(op, SM_E_INVALID, "LoRA 应当写作 名字=/绝对路径.gguf");
    sm_rc rc = sm_check_called(op, "LoRA 的名字", sm_str_sub(lora, 0, eq));
    return rc == SM_OK ? sm_check_line(op, "LoRA 的路径", lora, 4096) : rc;
}

static sm_rc check_engine(sm_op *op, const sm_engine_options *o)
{
    sm_rc rc = sm_check_range(op, "并行数", o->parallel, 0, MAX_PARALLEL);
    if (rc == SM_OK)
        rc = sm_check_range(op, "上下文长度", o->ctx_tokens, 0, MAX_TOKENS);
    if (rc == SM_OK)
        rc = sm_check_range(op, "线程数", o->threads, 0, MAX_THREADS);
    if (rc == SM_OK)
        rc = sm_check_range(op, "批大小", o->batch, 0, MAX_TOKENS);
    if (rc == SM_OK)
        rc = sm_check_range(op, "放到显卡上的层数", o->gpu_layers, 0, MAX_THREADS);
    if (rc == SM_OK)
        rc = sm_check_range(op, "LoRA 的个数", (int64_t)o->n_loras, 0, MAX_LORAS);
    for (size_t i = 0; rc == SM_OK && i < o->n_loras; i++)
        rc = check_lora(op, o->lora[i]);
    return rc;
}

static sm_rc check_amount(sm_op *op, const char *what, double v)
{
    return isfinite(v) && v >= 0 && v <= 1e9
               ? SM_OK
               : sm_fail(op, SM_E_INVALID, "%s应当是 0 到 10 亿之间的数", what);
}

/* A text of many lines, perhaps. */
static sm_rc check_licence(sm_op *op, sm_str s)
{
    if (s.n > MAX_LICENCE)
        return sm_fail(op, SM_E_INVALID, "许可太长，最多 %d 字节", (int)MAX_LICENCE);
    bool fine = sm_utf8_valid(s, NULL) && (s.n == 0 || !memchr(s.p, 0, s.n));
    return fine ? SM_OK : sm_fail(op, SM_E_INVALID, "许可里有不能用的字符");
}

/* What an operator may set. */
static sm_rc check_settable(sm_op *op, const sm_backend *b)
{
    sm_rc rc = sm_source_key(op, b->key_from);
    if (rc == SM_OK)
        rc = sm_check_line(op, "远端的模型名", b->remote_name, MAX_TEXT);
    if (rc == SM_OK)
        rc = sm_check_line(op, "对话模板", b->template, MAX_TEXT);
    if (rc == SM_OK)
        rc = check_licence(op, b->licence);
    if (rc == SM_OK)
        rc = sm_check_line(op, "备案号", b->registration_no, MAX_TEXT);
    if (rc == SM_OK)
        rc = check_amount(op, "输入价格", b->price_in);
    if (rc == SM_OK)
        rc = check_amount(op, "输出价格", b->price_out);
    if (rc == SM_OK)
        rc = check_amount(op, "功率", b->watts);
    if (rc == SM_OK)
        rc = sm_check_range(op, "同时的请求数", b->slots, 0, 4096);
    return rc == SM_OK ? check_engine(op, &b->engine) : rc;
}

static sm_rc check_new(sm_op *op, sm_db *db, const sm_backend *b)
{
    bool there = false;
    sm_rc rc = sm_check_called(op, "模型的名字", b->name);
    if (rc == SM_OK)
        rc = check_settable(op, b);
    if (rc == SM_OK)
        rc = sm_row_exists(op, db, "SELECT 1 FROM model WHERE name = ?", "s", b->name, 0, &there);
    if (rc == SM_OK && there)
        return sm_fail(op, SM_E_CONFLICT, "已经有叫 %.*s 的模型了", SM_ARG(b->name));
    if (rc == SM_OK)
        rc = sm_row_exists(op, db, "SELECT 1 FROM alias WHERE name = ?", "s", b->name, 0, &there);
    return rc == SM_OK && there ? sm_fail(op, SM_E_CONFLICT, "%.*s 已经是别名", SM_ARG(b->name))
                                : rc;
}

/* -------------------------------------------------------------------- adding */

static sm_rc insert(sm_op *op, sm_db *db, sm_backend *b)
{
    sm_rc rc = sm_db_run(
        op, db,
        "INSERT INTO model(name, kind, state, source, key_from, remote_name, sm3, sha256, bytes,"
        " architecture, quantisation, template, licence, registration_no, context, n_embd, can,"
        " slots, engine, price_in, price_out, watts, created)"
        " VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        "ssssssssisssssiisisdddi", b->name, sm_str_of(sm_backend_kind_name(b->kind)),
        sm_str_of(sm_backend_state_name(b->state)), b->source, b->key_from, b->remote_name, b->sm3,
        b->sha256, b->bytes, b->architecture, b->quantisation, b->template, b->licence,
        b->registration_no, b->context_tokens, b->n_embd, sm_can_text(op->arena, b->can), b->slots,
        sm_engine_options_text(op->arena, &b->engine), b->price_in, b->price_out, b->watts,
        b->created_ms);
    if (rc == SM_OK)
        b->id = sm_db_last_id(db);
    return rc;
}

static sm_rc add(sm_op *op, sm_db *db, sm_str by, sm_backend *b)
{
    sm_stmt *q;
    sm_rc rc = check_new(op, db, b); /* again: reading the file took its time */
    if (rc == SM_OK)
        rc = sm_db_query(op, db, &q, "SELECT count(*) FROM model", "");
    if (rc == SM_OK)
        rc = sm_stmt_step(op, q);
    if (rc < 0)
        return rc;
    int64_t n = sm_stmt_int(q, 0);
    sm_stmt_reset(q);
    if (n >= SM_BACKEND_MAX)
        return sm_fail(op, SM_E_LIMIT, "最多登记 %d 个模型", (int)SM_BACKEND_MAX);
    rc = insert(op, db, b);
    return rc == SM_OK ? sm_registry_note(op, db, by, "model.add", b->name) : rc;
}

sm_rc sm_backend_add(sm_op *op, sm_db *db, sm_str by, sm_backend *b)
{
    sm_backend made = *b;
    made.state = SM_BACKEND_TEST;
    made.probed_ms = 0;
    made.can = 0;
    made.created_ms = sm_wall_ms();
    sm_rc rc = check_new(op, db, &made);
    if (rc == SM_OK)
        rc = made.kind == SM_BACKEND_FILE ? sm_file_facts(op, b->source, &made)
                                          : sm_source_url(op, b->source, &made.source);
    if (rc == SM_OK && made.kind == SM_BACKEND_FILE && made.key_from.n)
        rc = sm_fail(op, SM_E_INVALID, "本机的模型文件不需要密钥");
    if (rc == SM_OK)
        rc = sm_db_begin(op, db);
    if (rc < 0)
        return rc;
    rc = sm_registry_end(op, db, add(op, db, by, &made));
    if (rc == SM_OK)
        *b = made;
    return rc;
}

/* ------------------------------------------------------------------ changing */

static sm_rc change(sm_op *op, sm_db *db, sm_str by, const sm_backend *b)
{
    sm_backend *now;
    sm_rc rc = sm_backend_get(op, db, b->id, &now);
    if (rc == SM_OK && now->kind == SM_BACKEND_FILE && b->key_from.n)
        rc = sm_fail(op, SM_E_INVALID, "本机的模型文件不需要密钥");
    if (rc == SM_OK)
        rc = sm_db_run(op, db,
                       "UPDATE model SET key_from = ?, remote_name = ?, template = ?, licence = ?,"
                       " registration_no = ?, engine = ?, price_in = ?, price_out = ?, watts = ?,"
                       " slots = ? WHERE id = ?",
                       "ssssssdddii", b->key_from, b->remote_name, b->template, b->licence,
                       b->registration_no, sm_engine_options_text(op->arena, &b->engine),
                       b->price_in, b->price_out, b->watts, b->slots, b->id);
    return rc == SM_OK ? sm_registry_note(op, db, by, "model.change", now->name) : rc;
}

sm_rc sm_backend_change(sm_op *op, sm_db *db, sm_str by, const sm_backend *b)
{
    sm_rc rc = check_settable(op, b);
    if (rc == SM_OK)
        rc = sm_db_begin(op, db);
    return rc < 0 ? rc : sm_registry_end(op, db, change(op, db, by, b));
}

static sm_rc probed(sm_op *op, sm_db *db, sm_str by, const sm_backend *b)
{
    sm_backend *now;
    sm_rc rc = sm_backend_get(op, db, b->id, &now);
    if (rc == SM_OK)
        rc = sm_db_run(op, db,
                       "UPDATE model SET can = ?, context = ?, n_embd = ?, slots = ?, probed = ?"
                       " WHERE id = ?",
                       "siiiii", sm_can_text(op->arena, b->can), b->context_tokens, b->n_embd,
                       b->slots, sm_wall_ms(), b->id);
    return rc == SM_OK ? sm_registry_note(op, db, by, "model.probe", now->name) : rc;
}

sm_rc sm_backend_probed(sm_op *op, sm_db *db, sm_str by, const sm_backend *b)
{
    sm_rc rc = sm_db_begin(op, db);
    return rc < 0 ? rc : sm_registry_end(op, db, probed(op, db, by, b));
}

/* -------------------------------------------------------------------- states */

static sm_rc move(sm_op *op, sm_db *db, sm_str by, const sm_backend *b, sm_backend_state to,
                  const char *act)
{
    sm_str before = sm_str_of(sm_backend_state_name(b->state)),
           after = sm_str_of(sm_backend_state_name(to));
    sm_rc rc = sm_db_run(op, db, "UPDATE model SET state = ? WHERE id = ?", "si", after, b->id);
    return rc == SM_OK
               ? sm_registry_note_change(op, db, by, act, b->name, (sm_str){ 0 }, before, after)
               : rc;
}

static sm_rc promote(sm_op *op, sm_db *db, sm_str by, int64_t id, const sm_promotion *gate)
{
    sm_backend *b;
    sm_rc rc = sm_backend_get(op, db, id, &b);
    if (rc < 0)
        return rc;
    if (b->state == SM_BACKEND_PRODUCTION)
        return sm_fail(op, SM_E_CONFLICT, "%.*s 已经在生产状态", SM_ARG(b->name));
    if (b->probed_ms == 0)
        return sm_fail(op, SM_E_CONFLICT, "%.*s 还没有探测过能力；先运行 sunmao model test %.*s",
                       SM_ARG(b->name), SM_ARG(b->name));
    rc = sm_evaluation_stands(op, db, b, gate);
    return rc == SM_OK ? move(op, db, by, b, SM_BACKEND_PRODUCTION, "model.promote") : rc;
}

sm_rc sm_backend_promote(sm_op *op, sm_db *db, sm_str by, int64_t id, const sm_promotion *gate)
{
    sm_rc rc = sm_db_begin(op, db);
    return rc < 0 ? rc : sm_registry_end(op, db, promote(op, db, by, id, gate));
}

static sm_rc retire(sm_op *op, sm_db *db, sm_str by, int64_t id)
{
    sm_stmt *q;
    sm_backend *b;
    sm_rc rc = sm_backend_get(op, db, id, &b);
    if (rc < 0)
        return rc;
    if (b->state == SM_BACKEND_RETIRED)
        return sm_fail(op, SM_E_CONFLICT, "%.*s 已经停用", SM_ARG(b->name));
    rc = sm_db_query(op, db, &q, "SELECT name FROM alias WHERE model = ? ORDER BY name LIMIT 1",
                     "i", id);
    if (rc == SM_OK)
        rc = sm_stmt_step(op, q);
    if (rc == SM_OK) {
        sm_str alias = sm_stmt_str(op, q, 0);
        sm_stmt_reset(q);
        return sm_fail(op, SM_E_CONFLICT, "别名 %.*s 还在用 %.*s；先改别名", SM_ARG(alias),
                       SM_ARG(b->name));
    }
    return rc == SM_E_NOTFOUND ? move(op, db, by, b, SM_BACKEND_RETIRED, "model.retire") : rc;
}

sm_rc sm_backend_retire(sm_op *op, sm_db *db, sm_str by, int64_t id)
{
    sm_rc rc = sm_db_begin(op, db);
    return rc < 0 ? rc : sm_registry_end(op, db, retire(op, db, by, id));
}

/* ------------------------------------------------------------------- reading */

sm_rc sm_backend_list(sm_op *op, sm_db *db, sm_backend **out, size_t *n)
{
    sm_stmt *q;
    sm_backend *b = NULL;
    size_t have = 0, cap = 0;
    sm_rc rc =
        sm_db_query(op, db, &q, "SELECT " SM_BACKEND_COLUMNS " FROM model m ORDER BY m.name", "");
    while (rc == SM_OK && (rc = sm_stmt_step(op, q)) == SM_OK) {
        SM_GROW(op->arena, b, have, cap);
        rc = sm_backend_read(op, q, &b[have++]);
        if (rc < 0)
            sm_stmt_reset(q);
    }
    if (rc != SM_E_NOTFOUND)
        return rc;
    *out = b;
    *n = have;
    return SM_OK;
}

static sm_rc first(sm_op *op, sm_stmt *q, sm_backend **out)
{
    sm_rc rc = sm_stmt_step(op, q);
    if (rc < 0)
        return rc;
    sm_backend *b = SM_NEW(op->arena, sm_backend);
    rc = sm_backend_read(op, q, b);
    sm_stmt_reset(q);
    if (rc == SM_OK)
        *out = b;
    return rc;
}

sm_rc sm_backend_get(sm_op *op, sm_db *db, int64_t id, sm_backend **out)
{
    sm_stmt *q;
    sm_rc rc = sm_db_query(op, db, &q, "SELECT " SM_BACKEND_COLUMNS " FROM model m WHERE m.id = ?",
                           "i", id);
    if (rc == SM_OK)
        rc = first(op, q, out);
    return rc == SM_E_NOTFOUND ? sm_fail(op, rc, "没有编号为 %lld 的模型", (long long)id) : rc;
}

sm_rc sm_backend_named(sm_op *op, sm_db *db, sm_str name, sm_backend **out)
{
    sm_stmt *q;
    sm_rc rc = sm_db_query(
        op, db, &q, "SELECT " SM_BACKEND_COLUMNS " FROM model m WHERE m.name = ?", "s", name);
    if (rc == SM_OK)
        rc = first(op, q, out);
    return rc == SM_E_NOTFOUND
               ? sm_fail(op, rc, "没有叫 %.*s 的模型；用 sunmao model list 看有哪些", SM_ARG(name))
               : rc;
}
