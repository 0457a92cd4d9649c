/*
 * Reading the corpus: documents, versions, clauses, places.
 */
#include "corpus/corpus.h"

#include <string.h>

static const char *const kind_names[SM_N_KINDS] = {
    [SM_KIND_ITEM] = "item", [SM_KIND_POLICY] = "policy", [SM_KIND_LAW] = "law"
};

const char *sm_kind_name(sm_kind kind)
{
    return kind < SM_N_KINDS ? kind_names[kind] : "";
}

bool sm_kind_parse(sm_str name, sm_kind *out)
{
    for (int i = 0; i < SM_N_KINDS; i++)
        if (sm_str_eq(name, sm_str_of(kind_names[i]))) {
            *out = (sm_kind)i;
            return true;
        }
    return false;
}

/* ------------------------------------------------------------- documents */

#define DOC_COLUMNS                                                                           \
    "v.kind, v.row, v.seq, v.doc, v.title, v.parent, v.doc_no, v.issuer, v.level, v.region,"  \
    " v.status, v.audience, v.supersedes, v.superseded_by, v.issued, v.effective, v.expires," \
    " v.ends, v.digest, v.json, v.source, v.revision"

static void read_doc(sm_op *op, const sm_stmt *q, sm_doc *d)
{
    *d = (sm_doc){ .kind = (sm_kind)sm_stmt_int(q, 0),
                   .version = sm_stmt_int(q, 1),
                   .seq = sm_stmt_int(q, 2),
                   .id = sm_stmt_str(op, q, 3),
                   .title = sm_stmt_str(op, q, 4),
                   .parent = sm_stmt_str(op, q, 5),
                   .doc_no = sm_stmt_str(op, q, 6),
                   .issuer = sm_stmt_str(op, q, 7),
                   .level = sm_stmt_str(op, q, 8),
                   .region = sm_stmt_str(op, q, 9),
                   .status = sm_stmt_str(op, q, 10),
                   .audience = sm_stmt_str(op, q, 11),
                   .supersedes = sm_stmt_str(op, q, 12),
                   .superseded_by = sm_stmt_str(op, q, 13),
                   .issued = (sm_date)sm_stmt_int(q, 14),
                   .effective = (sm_date)sm_stmt_int(q, 15),
                   .expires = (sm_date)sm_stmt_int(q, 16),
                   .ends = (sm_date)sm_stmt_int(q, 17),
                   .digest = sm_stmt_str(op, q, 18),
                   .json = sm_stmt_str(op, q, 19),
                   .source = sm_stmt_str(op, q, 20),
                   .revision = sm_stmt_int(q, 21) };
}

static sm_rc one_doc(sm_op *op, sm_stmt *q, const char *what, sm_doc **out)
{
    sm_rc rc = sm_stmt_step(op, q);
    if (rc == SM_E_NOTFOUND)
        return sm_fail(op, rc, "语料里没有 %s", what);
    if (rc < 0)
        return rc;
    *out = SM_NEW(op->arena, sm_doc);
    read_doc(op, q, *out);
    sm_stmt_reset(q);
    return SM_OK;
}

sm_rc sm_corpus_doc(sm_op *op, sm_db *db, sm_str id, sm_doc **out)
{
    sm_stmt *q;
    sm_rc rc = sm_db_query(op, db, &q,
                           "SELECT " DOC_COLUMNS " FROM doc d JOIN version v ON v.row = d.version"
                           " WHERE d.id = ?",
                           "s", id);
    return rc < 0 ? rc : one_doc(op, q, sm_cstr(op->arena, id), out);
}

sm_rc sm_corpus_version(sm_op *op, sm_db *db, int64_t version, sm_doc **out)
{
    sm_stmt *q;
    sm_rc rc = sm_db_query(op, db, &q, "SELECT " DOC_COLUMNS " FROM version v WHERE v.row = ?", "i",
                           version);
    return rc < 0 ? rc : one_doc(op, q, "这个版本", out);
}

sm_rc sm_corpus_versions(sm_op *op, sm_db *db, sm_str id, sm_doc **out, size_t *n)
{
    sm_stmt *q;
    size_t cap = 0;
    *out = NULL;
    *n = 0;
    sm_rc rc = sm_db_query(
        op, db, &q, "SELECT " DOC_COLUMNS " FROM version v WHERE v.doc = ? ORDER BY v.seq DESC",
        "s", id);
    while (rc == SM_OK && (rc = sm_stmt_step(op, q)) == SM_OK) {
        SM_GROW(op->arena, *out, *n, cap);
        read_doc(op, q, &(*out)[(*n)++]);
    }
    return rc == SM_E_NOTFOUND ? SM_OK : rc;
}

sm_rc sm_corpus_version_citing(sm_op *op, sm_db *db, sm_str id, sm_str digest, sm_doc **out)
{
    sm_stmt *q;
    sm_rc rc = sm_db_query(op, db, &q,
                           "SELECT " DOC_COLUMNS " FROM version v JOIN clause c ON c.version = v.row"
                           " WHERE v.doc = ? AND c.digest = ? ORDER BY v.seq DESC LIMIT 1",
                           "ss", id, digest);
    return rc < 0 ? rc : one_doc(op, q, "引用的这个版本", out);
}

sm_rc sm_corpus_docs(sm_op *op, sm_db *db, sm_kind kind, sm_doc **out, size_t *n)
{
    sm_stmt *q;
    size_t cap = 0;
    *out = NULL;
    *n = 0;
    sm_rc rc = sm_db_query(op, db, &q,
                           "SELECT " DOC_COLUMNS " FROM doc d JOIN version v ON v.row = d.version"
                           " WHERE d.kind = ? ORDER BY d.id",
                           "i", (int64_t)kind);
    while (rc == SM_OK && (rc = sm_stmt_step(op, q)) == SM_OK) {
        SM_GROW(op->arena, *out, *n, cap);
        read_doc(op, q, &(*out)[(*n)++]);
    }
    return rc == SM_E_NOTFOUND ? SM_OK : rc;
}

sm_state sm_doc_state(const sm_doc *doc, sm_date as_of)
{
    if (doc->effective != SM_DATE_NONE && as_of < doc->effective)
        return SM_STATE_NOT_YET;
    if (doc->ends == SM_DATE_NONE || as_of <= doc->ends)
        return SM_STATE_IN_FORCE;
    if (doc->superseded_by.n && (doc->expires == SM_DATE_NONE || doc->ends <= doc->expires))
        return SM_STATE_REPLACED;
    if (sm_str_eq(doc->status, SM_STR("废止")) || sm_str_eq(doc->status, SM_STR("已废止")))
        return SM_STATE_REPEALED;
    return SM_STATE_EXPIRED;
}

const char *sm_state_text(sm_state state)
{
    static const char *const text[] = { [SM_STATE_IN_FORCE] = "现行有效",
                                        [SM_STATE_NOT_YET] = "尚未施行",
                                        [SM_STATE_EXPIRED] = "已失效",
                                        [SM_STATE_REPEALED] = "已废止",
                                        [SM_STATE_REPLACED] = "已被替代" };
    return text[state];
}

/* ---------------------------------------------------------------- clauses */

#define CLAUSE_COLUMNS "c.row, c.version, v.doc, c.path, c.heading, c.text, c.digest, c.pos"

static void read_clause(sm_op *op, const sm_stmt *q, sm_clause *c)
{
    *c = (sm_clause){ .row = sm_stmt_int(q, 0),
                      .version = sm_stmt_int(q, 1),
                      .doc = sm_stmt_str(op, q, 2),
                      .path = sm_stmt_str(op, q, 3),
                      .heading = sm_stmt_str(op, q, 4),
                      .text = sm_stmt_str(op, q, 5),
                      .digest = sm_stmt_str(op, q, 6),
                      .pos = sm_stmt_int(q, 7) };
}

static sm_rc one_clause(sm_op *op, sm_stmt *q, sm_clause **out)
{
    sm_rc rc = sm_stmt_step(op, q);
    if (rc == SM_E_NOTFOUND)
        return sm_fail(op, rc, "语料里没有这一条");
    if (rc < 0)
        return rc;
    *out = SM_NEW(op->arena, sm_clause);
    read_clause(op, q, *out);
    sm_stmt_reset(q);
    return SM_OK;
}

sm_rc sm_corpus_clause(sm_op *op, sm_db *db, int64_t row, sm_clause **out)
{
    sm_stmt *q;
    sm_rc rc =
        sm_db_query(op, db, &q,
                    "SELECT " CLAUSE_COLUMNS " FROM clause c JOIN version v ON v.row = c.version"
                    " WHERE c.row = ?",
                    "i", row);
    return rc < 0 ? rc : one_clause(op, q, out);
}

sm_rc sm_corpus_clause_at(sm_op *op, sm_db *db, sm_str id, sm_str path, sm_clause **out)
{
    sm_stmt *q;
    sm_rc rc =
        sm_db_query(op, db, &q,
                    "SELECT " CLAUSE_COLUMNS " FROM doc d JOIN version v ON v.row = d.version"
                    " JOIN clause c ON c.version = v.row WHERE d.id = ? AND c.path = ?",
                    "ss", id, path);
    return rc < 0 ? rc : one_clause(op, q, out);
}

sm_rc sm_corpus_clauses(sm_op *op, sm_db *db, int64_t version, sm_clause **out, size_t *n)
{
    sm_stmt *q;
    size_t cap = 0;
    *out = NULL;
    *n = 0;
    sm_rc rc =
        sm_db_query(op, db, &q,
                    "SELECT " CLAUSE_COLUMNS " FROM clause c JOIN version v ON v.row = c.version"
                    " WHERE c.version = ? ORDER BY c.seq",
                    "i", version);
    while (rc == SM_OK && (rc = sm_stmt_step(op, q)) == SM_OK) {
        SM_GROW(op->arena, *out, *n, cap);
        read_clause(op, q, &(*out)[(*n)++]);
    }
    return rc == SM_E_NOTFOUND ? SM_OK : rc;
}

sm_rc sm_item_json(sm_op *op, const sm_doc *doc, json_t **out)
{
    if (doc->kind != SM_KIND_ITEM)
        return sm_fail(op, SM_E_INVALID, "%.*s 不是服务事项", SM_ARG(doc->id));
    return sm_json_parse(op, doc->json, sm_cstr(op->arena, doc->id), out);
}

sm_rc sm_corpus_revision(sm_op *op, sm_db *db, int64_t *out)
{
    sm_str text;
    *out = 0;
    sm_rc rc = sm_db_setting(op, db, "revision", &text);
    if (rc == SM_OK)
        sm_str_to_int(text, out);
    return rc;
}

/* ----------------------------------------------------------------- places */

enum { MAX_LEVELS = 8, MAX_PLACES = 5000 };

sm_rc sm_region_import(sm_op *op, sm_db *db, const char *name, sm_str tsv)
{
    sm_str line, place, above;
    size_t line_no = 0, n = 0;
    sm_rc rc = sm_db_begin(op, db);
    if (rc == SM_OK)
        rc = sm_db_exec(op, db, "DELETE FROM region");
    while (rc == SM_OK && sm_str_cut(&tsv, '\n', &line)) {
        line_no++;
        line = sm_str_trim(line);
        if (line.n == 0 || line.p[0] == '#')
            continue;
        if (!sm_str_cut(&line, '\t', &place) || !sm_str_cut(&line, '\t', &above) ||
            ++n > MAX_PLACES) {
            rc = sm_fail(op, SM_E_INVALID, "%s 第 %zu 行：应当是“地名<TAB>上级”，最多 %d 行", name,
                         line_no, MAX_PLACES);
            break;
        }
        rc = sm_db_run(op, db, "INSERT OR REPLACE INTO region(name, above) VALUES(?, ?)", "ss",
                       sm_str_trim(place), sm_str_trim(above));
    }
    if (rc == SM_OK)
        return sm_db_commit(op, db);
    sm_db_rollback(db);
    return rc;
}

static sm_rc above_of(sm_op *op, sm_db *db, sm_str place, sm_str *out)
{
    sm_stmt *q;
    *out = (sm_str){ 0 };
    sm_rc rc = sm_db_query(op, db, &q, "SELECT above FROM region WHERE name = ?", "s", place);
    if (rc == SM_OK)
        rc = sm_stmt_step(op, q);
    if (rc == SM_OK) {
        *out = sm_stmt_str(op, q, 0);
        sm_stmt_reset(q);
    }
    return rc == SM_E_NOTFOUND ? SM_OK : rc;
}

sm_rc sm_region_chain(sm_op *op, sm_db *db, sm_str region, sm_str **out, size_t *n)
{
    sm_str *chain = SM_NEWS(op->arena, sm_str, MAX_LEVELS);
    *n = 0;
    for (sm_str at = region; at.n && *n < MAX_LEVELS;) {
        for (size_t i = 0; i < *n; i++) /* a circle in the table */
            if (sm_str_eq(chain[i], at))
                at = (sm_str){ 0 };
        if (at.n == 0)
            break;
        chain[(*n)++] = at;
        sm_rc rc = above_of(op, db, at, &at);
        if (rc < 0)
            return rc;
    }
    *out = chain;
    return SM_OK;
}

sm_rc sm_region_home(sm_op *op, sm_db *db, sm_str *out)
{
    sm_stmt *q;
    *out = (sm_str){ 0 };
    sm_rc rc = sm_db_query(op, db, &q, "SELECT name FROM region ORDER BY seq LIMIT 1", "");
    if (rc == SM_OK)
        rc = sm_stmt_step(op, q);
    if (rc == SM_OK) {
        *out = sm_stmt_str(op, q, 0);
        sm_stmt_reset(q);
    }
    return rc == SM_E_NOTFOUND ? SM_OK : rc;
}

/* Home and the places under it, at any depth. */
sm_rc sm_region_names(sm_op *op, sm_db *db, sm_str **out, size_t *n)
{
    sm_stmt *q;
    size_t cap = 0;
    *out = NULL;
    *n = 0;
    sm_rc rc =
        sm_db_query(op, db, &q,
                    "WITH RECURSIVE below(name, depth) AS ("
                    " SELECT name, 0 FROM (SELECT name FROM region ORDER BY seq LIMIT 1)"
                    " UNION SELECT r.name, depth + 1 FROM region r JOIN below b ON r.above = b.name"
                    " WHERE depth < 8) SELECT name FROM below ORDER BY length(name) DESC, name",
                    "");
    while (rc == SM_OK && (rc = sm_stmt_step(op, q)) == SM_OK) {
        SM_GROW(op->arena, *out, *n, cap);
        (*out)[(*n)++] = sm_stmt_str(op, q, 0);
    }
    return rc == SM_E_NOTFOUND ? SM_OK : rc;
}
