/*
 * Reading the corpus: documents, versions, clauses, places.
 */
#include "corpus/memo.h"

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

static size_t dup_doc(sm_arena *a, void *item)
{
    sm_doc *d = item;
    sm_str *const of[] = { &d->id,     &d->title,  &d->parent,        &d->doc_no,   &d->issuer,
                           &d->level,  &d->region, &d->status,        &d->audience, &d->supersedes,
                           &d->digest, &d->json,   &d->superseded_by, &d->source };
    size_t n = 0;
    for (size_t i = 0; i < SM_LEN(of); i++)
        n += sm_memo_dup_str(a, of[i]);
    return n;
}

static bool kept_doc(sm_op *op, sm_db *db, sm_memo_kind kind, sm_str key, sm_doc **out)
{
    sm_kept_list kept;
    if (!sm_memo_find(db, kind, key, &kept))
        return false;
    *out = SM_NEW(op->arena, sm_doc);
    **out = *(const sm_doc *)kept.item;
    (*out)->kept = kept.of;
    return true;
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
    if (kept_doc(op, db, SM_MEMO_DOC, id, out))
        return SM_OK;
    sm_rc rc = sm_db_query(op, db, &q,
                           "SELECT " DOC_COLUMNS " FROM doc d JOIN version v ON v.row = d.version"
                           " WHERE d.id = ?",
                           "s", id);
    if (rc == SM_OK)
        rc = one_doc(op, q, sm_cstr(op->arena, id), out);
    if (rc == SM_OK)
        sm_memo_keep(db, SM_MEMO_DOC, id, *out, 1, sizeof(**out), dup_doc);
    return rc;
}

sm_rc sm_corpus_version(sm_op *op, sm_db *db, int64_t version, sm_doc **out)
{
    sm_stmt *q;
    if (kept_doc(op, db, SM_MEMO_VERSION, sm_memo_row(&version), out))
        return SM_OK;
    sm_rc rc = sm_db_query(op, db, &q, "SELECT " DOC_COLUMNS " FROM version v WHERE v.row = ?", "i",
                           version);
    if (rc == SM_OK)
        rc = one_doc(op, q, "这个版本", out);
    if (rc == SM_OK)
        sm_memo_keep(db, SM_MEMO_VERSION, sm_memo_row(&version), *out, 1, sizeof(**out), dup_doc);
    return rc;
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
    sm_rc rc =
        sm_db_query(op, db, &q,
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

static size_t dup_clause(sm_arena *a, void *item)
{
    sm_clause *c = item;
    return sm_memo_dup_str(a, &c->doc) + sm_memo_dup_str(a, &c->path) +
           sm_memo_dup_str(a, &c->heading) + sm_memo_dup_str(a, &c->text) +
           sm_memo_dup_str(a, &c->digest);
}

static bool kept_clauses(sm_op *op, sm_db *db, sm_memo_kind kind, sm_str key, sm_clause **out,
                         size_t *n)
{
    sm_kept_list kept;
    if (!sm_memo_find(db, kind, key, &kept))
        return false;
    *out = SM_NEWS(op->arena, sm_clause, kept.n + 1);
    if (kept.n)
        memcpy(*out, kept.item, kept.n * sizeof(**out));
    *n = kept.n;
    return true;
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
    size_t n;
    if (kept_clauses(op, db, SM_MEMO_CLAUSE, sm_memo_row(&row), out, &n))
        return SM_OK;
    sm_rc rc =
        sm_db_query(op, db, &q,
                    "SELECT " CLAUSE_COLUMNS " FROM clause c JOIN version v ON v.row = c.version"
                    " WHERE c.row = ?",
                    "i", row);
    if (rc == SM_OK)
        rc = one_clause(op, q, out);
    if (rc == SM_OK)
        sm_memo_keep(db, SM_MEMO_CLAUSE, sm_memo_row(&row), *out, 1, sizeof(**out), dup_clause);
    return rc;
}

sm_rc sm_corpus_clause_at(sm_op *op, sm_db *db, sm_str id, sm_str path, sm_clause **out)
{
    sm_stmt *q;
    size_t n;
    sm_str key = sm_strf(op->arena, "%.*s#%.*s", SM_ARG(id), SM_ARG(path));
    if (kept_clauses(op, db, SM_MEMO_CLAUSE_AT, key, out, &n))
        return SM_OK;
    sm_rc rc =
        sm_db_query(op, db, &q,
                    "SELECT " CLAUSE_COLUMNS " FROM doc d JOIN version v ON v.row = d.version"
                    " JOIN clause c ON c.version = v.row WHERE d.id = ? AND c.path = ?",
                    "ss", id, path);
    if (rc == SM_OK)
        rc = one_clause(op, q, out);
    if (rc == SM_OK)
        sm_memo_keep(db, SM_MEMO_CLAUSE_AT, key, *out, 1, sizeof(**out), dup_clause);
    return rc;
}

sm_rc sm_corpus_clauses(sm_op *op, sm_db *db, int64_t version, sm_clause **out, size_t *n)
{
    sm_stmt *q;
    size_t cap = 0;
    if (kept_clauses(op, db, SM_MEMO_CLAUSES, sm_memo_row(&version), out, n))
        return SM_OK;
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
    if (rc != SM_E_NOTFOUND)
        return rc;
    sm_memo_keep(db, SM_MEMO_CLAUSES, sm_memo_row(&version), *out, *n, sizeof(**out), dup_clause);
    return SM_OK;
}

sm_rc sm_item_json(sm_op *op, const sm_doc *doc, json_t **out)
{
    if (doc->kind != SM_KIND_ITEM)
        return sm_fail(op, SM_E_INVALID, "%.*s 不是服务事项", SM_ARG(doc->id));
    json_t *kept = doc->kept ? sm_memo_json(doc->kept, doc->json) : NULL;
    if (kept) {
        *out = kept;
        return SM_OK;
    }
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

static bool kept_names(sm_op *op, sm_db *db, sm_memo_kind kind, sm_str key, sm_str **out, size_t *n)
{
    sm_kept_list kept;
    if (!sm_memo_find(db, kind, key, &kept))
        return false;
    *out = SM_NEWS(op->arena, sm_str, kept.n + 1);
    if (kept.n)
        memcpy(*out, kept.item, kept.n * sizeof(**out));
    *n = kept.n;
    return true;
}

/* The first column of a query's rows; kept. */
static sm_rc names_of(sm_op *op, sm_db *db, sm_memo_kind kind, const char *sql, sm_str key,
                      sm_str **out, size_t *n)
{
    sm_stmt *q;
    size_t cap = 0;
    if (kept_names(op, db, kind, key, out, n))
        return SM_OK;
    *out = NULL;
    *n = 0;
    sm_rc rc = key.n ? sm_db_query(op, db, &q, sql, "s", key) : sm_db_query(op, db, &q, sql, "");
    while (rc == SM_OK && (rc = sm_stmt_step(op, q)) == SM_OK) {
        SM_GROW(op->arena, *out, *n, cap);
        (*out)[(*n)++] = sm_stmt_str(op, q, 0);
    }
    if (rc != SM_E_NOTFOUND)
        return rc;
    sm_memo_keep(db, kind, key, *out, *n, sizeof(**out), sm_memo_dup_str);
    return SM_OK;
}

sm_rc sm_region_chain(sm_op *op, sm_db *db, sm_str region, sm_str **out, size_t *n)
{
    sm_str *chain = SM_NEWS(op->arena, sm_str, MAX_LEVELS), *above;
    size_t n_above;
    *n = 0;
    for (sm_str at = region; at.n && *n < MAX_LEVELS;) {
        for (size_t i = 0; i < *n; i++) /* a circle in the table */
            if (sm_str_eq(chain[i], at))
                at = (sm_str){ 0 };
        if (at.n == 0)
            break;
        chain[(*n)++] = at;
        sm_rc rc = names_of(op, db, SM_MEMO_ABOVE, "SELECT above FROM region WHERE name = ?", at,
                            &above, &n_above);
        if (rc < 0)
            return rc;
        at = n_above ? above[0] : (sm_str){ 0 };
    }
    *out = chain;
    return SM_OK;
}

sm_rc sm_region_home(sm_op *op, sm_db *db, sm_str *out)
{
    sm_str *name;
    size_t n;
    sm_rc rc = names_of(op, db, SM_MEMO_HOME, "SELECT name FROM region ORDER BY seq LIMIT 1",
                        (sm_str){ 0 }, &name, &n);
    *out = rc == SM_OK && n ? name[0] : (sm_str){ 0 };
    return rc;
}

/* Home and the places under it, at any depth. */
sm_rc sm_region_names(sm_op *op, sm_db *db, sm_str **out, size_t *n)
{
    return names_of(op, db, SM_MEMO_PLACES,
                    "WITH RECURSIVE below(name, depth) AS ("
                    " SELECT name, 0 FROM (SELECT name FROM region ORDER BY seq LIMIT 1)"
                    " UNION SELECT r.name, depth + 1 FROM region r JOIN below b ON r.above = b.name"
                    " WHERE depth < 8) SELECT name FROM below ORDER BY length(name) DESC, name",
                    (sm_str){ 0 }, out, n);
}
