/*
 * Rows of the registry's tables as structs and back; checks that the tables share; the note of a
 * change.
 */
#include "model/rows.h"

#include <string.h>

#include "text/text.h"

/* ------------------------------------------------------------ engine options */

static const struct {
    const char *name;
    size_t at;
} numbers[] = { { "parallel", offsetof(sm_engine_options, parallel) },
                { "ctx", offsetof(sm_engine_options, ctx_tokens) },
                { "threads", offsetof(sm_engine_options, threads) },
                { "batch", offsetof(sm_engine_options, batch) },
                { "gpu_layers", offsetof(sm_engine_options, gpu_layers) } };

static int64_t *number(sm_engine_options *o, size_t i)
{
    return (int64_t *)(void *)((char *)o + numbers[i].at);
}

sm_str sm_engine_options_text(sm_arena *a, const sm_engine_options *o)
{
    sm_engine_options copy = *o;
    json_t *j = json_object(), *lora = json_array();
    for (size_t i = 0; i < SM_LEN(numbers); i++)
        json_object_set_new(j, numbers[i].name, json_integer((json_int_t)*number(&copy, i)));
    json_object_set_new(j, "no_draft", json_boolean(o->no_draft));
    for (size_t i = 0; i < o->n_loras; i++)
        json_array_append_new(lora, sm_json_of(o->lora[i]));
    json_object_set_new(j, "lora", lora);
    sm_str text = sm_json_dump(a, j);
    json_decref(j);
    return text;
}

sm_rc sm_engine_options_parse(sm_op *op, sm_str text, sm_engine_options *out)
{
    json_t *j;
    sm_engine_options o = { 0 };
    sm_rc rc = sm_json_parse(op, text, "模型的运行参数", &j);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < SM_LEN(numbers); i++)
        *number(&o, i) = json_integer_value(json_object_get(j, numbers[i].name));
    o.no_draft = json_is_true(json_object_get(j, "no_draft"));
    const json_t *lora = json_object_get(j, "lora");
    o.n_loras = json_array_size(lora);
    o.lora = SM_NEWS(op->arena, sm_str, o.n_loras);
    for (size_t i = 0; i < o.n_loras; i++) {
        const json_t *one = json_array_get(lora, i);
        if (json_is_string(one))
            o.lora[i] = (sm_str){ json_string_value(one), json_string_length(one) };
    }
    *out = o;
    return SM_OK;
}

/* ---------------------------------------------------------------------- rows */

sm_str sm_can_text(sm_arena *a, unsigned can)
{
    sm_str text = { 0 };
    for (unsigned i = 0; i < SM_N_CAPABILITIES; i++)
        if (can & 1u << i)
            text = sm_strf(a, "%.*s%s%s", SM_ARG(text), text.n ? "," : "", sm_capability_name(i));
    return text;
}

unsigned sm_can_parse(sm_str text)
{
    unsigned can = 0;
    sm_str word;
    while (sm_str_cut(&text, ',', &word))
        for (unsigned i = 0; i < SM_N_CAPABILITIES; i++)
            if (sm_str_eq(word, sm_str_of(sm_capability_name(i))))
                can |= 1u << i;
    return can;
}

sm_rc sm_backend_read(sm_op *op, const sm_stmt *q, sm_backend *b)
{
    *b = (sm_backend){ .id = sm_stmt_int(q, 0),
                       .name = sm_stmt_str(op, q, 1),
                       .source = sm_stmt_str(op, q, 4),
                       .key_from = sm_stmt_str(op, q, 5),
                       .remote_name = sm_stmt_str(op, q, 6),
                       .sm3 = sm_stmt_str(op, q, 7),
                       .sha256 = sm_stmt_str(op, q, 8),
                       .bytes = sm_stmt_int(q, 9),
                       .architecture = sm_stmt_str(op, q, 10),
                       .quantisation = sm_stmt_str(op, q, 11),
                       .template = sm_stmt_str(op, q, 12),
                       .licence = sm_stmt_str(op, q, 13),
                       .registration_no = sm_stmt_str(op, q, 14),
                       .context_tokens = sm_stmt_int(q, 15),
                       .n_embd = sm_stmt_int(q, 16),
                       .can = sm_can_parse(sm_stmt_str(op, q, 17)),
                       .probed_ms = sm_stmt_int(q, 18),
                       .slots = sm_stmt_int(q, 19),
                       .price_in = sm_stmt_double(q, 21),
                       .price_out = sm_stmt_double(q, 22),
                       .watts = sm_stmt_double(q, 23),
                       .created_ms = sm_stmt_int(q, 24) };
    if (!sm_backend_kind_parse(sm_stmt_str(op, q, 2), &b->kind) ||
        !sm_backend_state_parse(sm_stmt_str(op, q, 3), &b->state))
        return sm_fail(op, SM_E_CORRUPT, "模型 %.*s 的登记读不懂", SM_ARG(b->name));
    return sm_engine_options_parse(op, sm_stmt_str(op, q, 20), &b->engine);
}

void sm_dept_read(sm_op *op, const sm_stmt *q, sm_dept *d)
{
    *d = (sm_dept){ .id = sm_stmt_int(q, 0),
                    .name = sm_stmt_str(op, q, 1),
                    .parent = sm_stmt_int(q, 2),
                    .weight = sm_stmt_int(q, 3),
                    .per_minute = sm_stmt_int(q, 4),
                    .per_day = sm_stmt_int(q, 5),
                    .per_month = sm_stmt_int(q, 6),
                    .concurrency = sm_stmt_int(q, 7) };
}

static bool hex_digest(sm_str hex, sm_digest *out)
{
    static const char digit[] = "0123456789abcdef";
    if (hex.n != 2 * sizeof(out->b))
        return false;
    for (size_t i = 0; i < sizeof(out->b); i++) {
        const char *hi = memchr(digit, hex.p[2 * i], 16), *lo = memchr(digit, hex.p[2 * i + 1], 16);
        if (!hi || !lo)
            return false;
        out->b[i] = (uint8_t)((hi - digit) << 4 | (lo - digit));
    }
    return true;
}

sm_rc sm_app_key_read(sm_op *op, const sm_stmt *q, sm_app_key *k)
{
    *k = (sm_app_key){ .id = sm_stmt_int(q, 0),
                       .name = sm_stmt_str(op, q, 1),
                       .department = sm_stmt_int(q, 2),
                       .hint = sm_stmt_str(op, q, 4),
                       .models = sm_stmt_str(op, q, 6),
                       .addresses = sm_stmt_str(op, q, 7),
                       .created_ms = sm_stmt_int(q, 8),
                       .expires_ms = sm_stmt_int(q, 9),
                       .revoked_ms = sm_stmt_int(q, 10),
                       .used_ms = sm_stmt_int(q, 11) };
    if (!hex_digest(sm_stmt_str(op, q, 3), &k->digest) ||
        !sm_class_parse(sm_stmt_str(op, q, 5), &k->highest))
        return sm_fail(op, SM_E_CORRUPT, "密钥 %lld 的登记读不懂", (long long)k->id);
    return SM_OK;
}

void sm_alias_read(sm_op *op, const sm_stmt *q, sm_alias *a)
{
    *a = (sm_alias){ .name = sm_stmt_str(op, q, 0),
                     .scope = sm_stmt_str(op, q, 1),
                     .backend = sm_stmt_int(q, 2),
                     .weight = sm_stmt_int(q, 3),
                     .tier = sm_stmt_int(q, 4) };
}

/* -------------------------------------------------------------------- checks */

sm_rc sm_check_called(sm_op *op, const char *what, sm_str name)
{
    bool fine = name.n >= 1 && name.n <= SM_BACKEND_NAME_BYTES;
    for (size_t i = 0; fine && i < name.n; i++) {
        char c = name.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        fine = plain || (i > 0 && memchr("._:-/", c, 5) != NULL);
    }
    return fine ? SM_OK
                : sm_fail(op, SM_E_INVALID,
                          "%s应当是 1 到 %d 个字母、数字、点、下划线、冒号、连字符或斜线，"
                          "以字母或数字开头",
                          what, (int)SM_BACKEND_NAME_BYTES);
}

sm_rc sm_check_line(sm_op *op, const char *what, sm_str s, size_t max_bytes)
{
    if (s.n > max_bytes)
        return sm_fail(op, SM_E_INVALID, "%s太长，最多 %zu 字节", what, max_bytes);
    bool fine = sm_utf8_valid(s, NULL);
    for (size_t i = 0; fine && i < s.n; i++)
        fine = (unsigned char)s.p[i] >= 0x20 && s.p[i] != 0x7f;
    return fine ? SM_OK : sm_fail(op, SM_E_INVALID, "%s里有不能用的字符", what);
}

sm_rc sm_check_range(sm_op *op, const char *what, int64_t v, int64_t lo, int64_t hi)
{
    return v >= lo && v <= hi ? SM_OK
                              : sm_fail(op, SM_E_INVALID, "%s应当在 %lld 到 %lld 之间", what,
                                        (long long)lo, (long long)hi);
}

sm_rc sm_row_exists(sm_op *op, sm_db *db, const char *sql, const char *bind, sm_str text,
                    int64_t number_, bool *out)
{
    sm_stmt *q;
    sm_rc rc = *bind == 's' ? sm_db_query(op, db, &q, sql, "s", text)
                            : sm_db_query(op, db, &q, sql, "i", number_);
    if (rc == SM_OK)
        rc = sm_stmt_step(op, q);
    if (rc == SM_OK)
        sm_stmt_reset(q);
    if (rc < 0 && rc != SM_E_NOTFOUND)
        return rc;
    *out = rc == SM_OK;
    return SM_OK;
}

/* ------------------------------------------------------------------- changes */

sm_rc sm_registry_end(sm_op *op, sm_db *db, sm_rc rc)
{
    if (rc == SM_OK)
        return sm_db_commit(op, db);
    sm_db_rollback(db);
    return rc;
}

sm_rc sm_registry_note_change(sm_op *op, sm_db *db, sm_str by, const char *act, sm_str name,
                              sm_str scope, sm_str before, sm_str after)
{
    sm_rc rc = sm_db_run(op, db,
                         "INSERT INTO setting(name, value) VALUES('model_revision', '1')"
                         " ON CONFLICT(name) DO UPDATE SET value = CAST(value AS INTEGER) + 1",
                         "");
    if (rc == SM_OK)
        rc = sm_db_run(op, db,
                       "INSERT INTO model_event(time_ms, by, act, name, scope, before, after)"
                       " VALUES(?,?,?,?,?,?,?)",
                       "issssss", sm_wall_ms(), by, sm_str_of(act), name, scope, before, after);
    sm_str object = scope.n ? sm_strf(op->arena, "%.*s@%.*s", SM_ARG(name), SM_ARG(scope)) : name;
    return rc == SM_OK ? sm_ledger_act(op, db, by, act, object) : rc;
}

sm_rc sm_registry_note(sm_op *op, sm_db *db, sm_str by, const char *act, sm_str name)
{
    return sm_registry_note_change(op, db, by, act, name, (sm_str){ 0 }, (sm_str){ 0 },
                                   (sm_str){ 0 });
}
