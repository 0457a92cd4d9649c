/*
 * Everyday questions about matters that most places have, shipped with the program and tied to the
 * items of a catalogue by the matter's name.
 */
#include "corpus/known.h"

#include <string.h>

#include "text/text.h"

/* A matter's name without what writers set around it: 居民身份证换领（到期、损坏） and
 * “居民身份证换领” differ, 居民身份证换领 and 居民身份证 换领 do not. */
sm_str sm_matter_key(sm_arena *a, sm_str name)
{
    static const char *const signs[] = { " ", "(", ")", "（", "）", "、", "，",
                                         ",", "“", "”", "\"", "《", "》", "·" };
    sm_str rest = sm_text_normal(a, name);
    sm_buf b;
    sm_buf_init(&b, SIZE_MAX / 4);
    while (rest.n) {
        size_t skip = 0;
        for (size_t i = 0; i < SM_LEN(signs) && !skip; i++)
            if (sm_str_starts(rest, sm_str_of(signs[i])))
                skip = strlen(signs[i]);
        if (!skip) {
            const char *from = rest.p;
            sm_utf8_next(&rest);
            sm_buf_add(&b, (sm_str){ from, (size_t)(rest.p - from) });
            continue;
        }
        rest = sm_str_sub(rest, skip, rest.n);
    }
    sm_str key = sm_str_dup(a, sm_buf_str(&b));
    sm_buf_done(&b);
    return key;
}

static sm_rc add_line(sm_op *op, sm_db *db, sm_str line, size_t line_no)
{
    json_t *j;
    sm_rc rc =
        sm_json_parse(op, line, sm_strf(op->arena, "questions.jsonl 第 %zu 行", line_no).p, &j);
    if (rc < 0)
        return rc;
    sm_str matter = sm_json_str(j, "matter"), text = sm_json_str(j, "text");
    if (matter.n == 0 || text.n == 0)
        return sm_fail(op, SM_E_INVALID, "questions.jsonl 第 %zu 行：要有不空的 matter 和 text",
                       line_no);
    return sm_db_run(op, db, "INSERT INTO known_question(matter, text) VALUES(?, ?)", "ss",
                     sm_matter_key(op->arena, matter), text);
}

static sm_rc replace(sm_op *op, sm_db *db, sm_str jsonl)
{
    sm_str line;
    size_t line_no = 0;
    sm_op one;
    sm_rc rc = sm_db_exec(op, db, "DELETE FROM known_question");
    sm_op_begin(&one);
    while (rc == SM_OK && sm_str_cut(&jsonl, '\n', &line)) {
        line_no++;
        if (sm_str_trim(line).n == 0)
            continue;
        rc = add_line(&one, db, line, line_no);
        if (rc < 0)
            sm_fail(op, rc, "%.*s", SM_ARG(one.msg));
        sm_arena_reset(one.arena);
    }
    sm_op_end(&one);
    return rc;
}

sm_rc sm_known_load(sm_op *op, sm_db *db, sm_str jsonl)
{
    sm_str kept;
    sm_digest d = sm_sm3(jsonl);
    sm_str digest = sm_digest_hex(op->arena, &d);
    sm_rc rc = sm_db_setting(op, db, "known_questions", &kept);
    if (rc < 0 || sm_str_eq(kept, digest))
        return rc;
    rc = sm_db_begin(op, db);
    if (rc < 0)
        return rc;
    rc = replace(op, db, jsonl);
    if (rc == SM_OK)
        rc = sm_db_set(op, db, "known_questions", digest);
    if (rc == SM_OK)
        rc = sm_db_commit(op, db);
    else
        sm_db_rollback(db);
    return rc;
}

sm_rc sm_known_of(sm_op *op, sm_db *db, sm_str name, sm_str *out, size_t max, size_t *n)
{
    sm_stmt *q;
    sm_rc rc =
        sm_db_query(op, db, &q, "SELECT text FROM known_question WHERE matter = ? ORDER BY rowid",
                    "s", sm_matter_key(op->arena, name));
    while (rc == SM_OK && *n < max && (rc = sm_stmt_step(op, q)) == SM_OK)
        out[(*n)++] = sm_stmt_str(op, q, 0);
    if (rc == SM_OK)
        sm_stmt_reset(q);
    return rc == SM_E_NOTFOUND ? SM_OK : rc;
}
