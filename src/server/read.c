/*
 * Searching, and reading what answers stand on.
 */
#include "server/inner.h"

#include <string.h>

static sm_rc kind_of(sm_request *r, sm_kind *out)
{
    sm_str name = sm_request_query(r, "kind");
    if (name.n == 0)
        name = SM_STR("item");
    return sm_kind_parse(name, out)
               ? SM_OK
               : sm_fail(sm_request_op(r), SM_E_INVALID, "kind 应当是 item、policy 或 law");
}

static sm_rc search(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_kind kind;
    int64_t top;
    sm_found *found;
    size_t n;
    sm_str q = sm_request_query(r, "q");
    sm_rc rc = kind_of(r, &kind);
    if (rc == SM_OK)
        rc = sm_request_int(r, "top", 1, 100, 10, &top);
    if (rc == SM_OK && q.n == 0)
        rc = sm_fail(op, SM_E_INVALID, "要查什么？缺少 q");
    if (rc == SM_OK)
        rc = sm_sunmao_search(op, sm_server_of(r)->s, kind, q, (size_t)top, SM_DATE_NONE, true,
                              &found, &n, false);
    if (rc < 0)
        return rc;
    json_t *hits = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(
            hits, json_pack("{s:o,s:o,s:o,s:o,s:s,s:f}", "id", sm_json_of(found[i].hit.id),
                            "clause", sm_json_of(found[i].hit.clause), "title",
                            sm_json_of(found[i].title), "text", sm_json_of(found[i].text), "state",
                            sm_state_text(found[i].state), "score", found[i].hit.score));
    return sm_respond_json(r, 200, json_pack("{s:o}", "hits", hits));
}

/* ------------------------------------------------------------------- items */

static bool mentions(const sm_doc *d, sm_str q)
{
    return q.n == 0 || sm_str_has(d->title, q) || sm_str_has(d->parent, q) || sm_str_has(d->id, q);
}

static json_t *item_line(const sm_doc *d, sm_date today)
{
    return json_pack("{s:o,s:o,s:o,s:o,s:s}", "id", sm_json_of(d->id), "title",
                     sm_json_of(d->title), "department", sm_json_of(d->parent), "region",
                     sm_json_of(d->region), "state", sm_state_text(sm_doc_state(d, today)));
}

static sm_rc items(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_db *db;
    sm_doc *doc = NULL;
    size_t n = 0, n_fit = 0;
    int64_t page, size;
    sm_str q = sm_request_query(r, "q");
    sm_rc rc = sm_request_int(r, "page", 1, 1000000, 1, &page);
    if (rc == SM_OK)
        rc = sm_request_int(r, "size", 1, 100, 20, &size);
    if (rc == SM_OK)
        rc = sm_request_corpus(r, &db);
    if (rc == SM_OK)
        rc = sm_corpus_docs(op, db, SM_KIND_ITEM, &doc, &n);
    if (rc < 0)
        return rc;
    json_t *list = json_array();
    size_t from = (size_t)((page - 1) * size), to = from + (size_t)size;
    for (size_t i = 0; i < n; i++) {
        if (!mentions(&doc[i], q))
            continue;
        if (n_fit >= from && n_fit < to)
            json_array_append_new(list, item_line(&doc[i], sm_sunmao_today(sm_server_of(r)->s)));
        n_fit++;
    }
    return sm_respond_json(r, 200,
                           json_pack("{s:I,s:o}", "total", (json_int_t)n_fit, "items", list));
}

static sm_rc item(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_db *db;
    sm_doc *d;
    json_t *elements;
    sm_rc rc = sm_request_corpus(r, &db);
    if (rc == SM_OK)
        rc = sm_corpus_doc(op, db, sm_request_segment(r, "code"), &d);
    if (rc == SM_OK && d->kind != SM_KIND_ITEM)
        rc = sm_fail(op, SM_E_NOTFOUND, "%.*s 不是事项", SM_ARG(d->id));
    if (rc == SM_OK)
        rc = sm_item_json(op, d, &elements);
    if (rc < 0)
        return rc;
    json_t *j = item_line(d, sm_sunmao_today(sm_server_of(r)->s));
    sm_date date = d->effective != SM_DATE_NONE ? d->effective : d->issued;
    json_object_set_new(j, "version", json_integer(d->seq));
    json_object_set_new(j, "date", sm_json_of(sm_date_iso(op->arena, date)));
    json_object_set(j, "item", elements);
    return sm_respond_json(r, 200, j);
}

/* -------------------------------------------------------- documents, clauses */

json_t *sm_document_json(const sm_doc *d, sm_date today)
{
    sm_arena *a = sm_arena_open();
    json_t *j = json_pack(
        "{s:o,s:s,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:s,s:I,s:o,s:o,s:o,s:o,s:o,s:o}", "id",
        sm_json_of(d->id), "kind", sm_kind_name(d->kind), "title", sm_json_of(d->title), "parent",
        sm_json_of(d->parent), "doc_no", sm_json_of(d->doc_no), "issuer", sm_json_of(d->issuer),
        "level", sm_json_of(d->level), "region", sm_json_of(d->region), "audience",
        sm_json_of(d->audience), "state", sm_state_text(sm_doc_state(d, today)), "version",
        (json_int_t)d->seq, "issued", sm_json_of(sm_date_iso(a, d->issued)), "effective",
        sm_json_of(sm_date_iso(a, d->effective)), "expires", sm_json_of(sm_date_iso(a, d->expires)),
        "ends", sm_json_of(sm_date_iso(a, d->ends)), "superseded_by", sm_json_of(d->superseded_by),
        "digest", sm_json_of(d->digest));
    sm_arena_close(a);
    return j;
}

json_t *sm_clauses_json(const sm_clause *c, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(
            list, json_pack("{s:o,s:o,s:o,s:o,s:I}", "path", sm_json_of(c[i].path), "heading",
                            sm_json_of(c[i].heading), "text", sm_json_of(c[i].text), "digest",
                            sm_json_of(c[i].digest), "pos", (json_int_t)c[i].pos));
    return list;
}

/* The version that a citation saw, or the current one. */
static sm_rc version_for(sm_request *r, sm_db *db, sm_str id, sm_doc **out)
{
    sm_str digest = sm_request_query(r, "digest");
    return digest.n ? sm_corpus_version_citing(sm_request_op(r), db, id, digest, out)
                    : sm_corpus_doc(sm_request_op(r), db, id, out);
}

static sm_rc document(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_db *db;
    sm_doc *d, *all;
    sm_clause *c;
    size_t n, n_versions;
    sm_rc rc = sm_request_corpus(r, &db);
    if (rc == SM_OK)
        rc = version_for(r, db, sm_request_segment(r, "id"), &d);
    if (rc == SM_OK)
        rc = sm_corpus_clauses(op, db, d->version, &c, &n);
    if (rc == SM_OK)
        rc = sm_corpus_versions(op, db, d->id, &all, &n_versions);
    if (rc < 0)
        return rc;
    json_t *j = sm_document_json(d, sm_sunmao_today(sm_server_of(r)->s));
    json_object_set_new(j, "versions", json_integer((json_int_t)n_versions));
    json_object_set_new(j, "clauses", sm_clauses_json(c, n));
    return sm_respond_json(r, 200, j);
}

static const sm_clause *clause_with(const sm_clause *c, size_t n, sm_str path, sm_str digest)
{
    for (size_t i = 0; i < n; i++)
        if ((path.n == 0 || sm_str_eq(c[i].path, path)) &&
            (digest.n == 0 || sm_str_eq(c[i].digest, digest)))
            return &c[i];
    return NULL;
}

static sm_rc clause(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_db *db;
    sm_doc *d;
    sm_clause *c;
    size_t n;
    sm_str path = sm_request_query(r, "path"), digest = sm_request_query(r, "digest");
    sm_rc rc = path.n || digest.n ? sm_request_corpus(r, &db)
                                  : sm_fail(op, SM_E_INVALID, "缺少 path 或 digest");
    if (rc == SM_OK)
        rc = version_for(r, db, sm_request_query(r, "doc"), &d);
    if (rc == SM_OK)
        rc = sm_corpus_clauses(op, db, d->version, &c, &n);
    if (rc < 0)
        return rc;
    const sm_clause *one = clause_with(c, n, path, digest);
    if (!one)
        return sm_fail(op, SM_E_NOTFOUND, "《%.*s》里没有这一条", SM_ARG(d->title));
    json_t *list = sm_clauses_json(one, 1);
    json_t *j =
        json_pack("{s:o,s:O}", "doc", sm_document_json(d, sm_sunmao_today(sm_server_of(r)->s)),
                  "clause", json_array_get(list, 0));
    json_decref(list);
    return sm_respond_json(r, 200, j);
}

static const sm_route routes[] = {
    { .method = "GET",
      .path = "/v1/search",
      .run = search,
      .allow = SM_FOR(PUBLIC) | SM_FOR_ALL_STAFF,
      .cost = "read" },
    { .method = "GET",
      .path = "/v1/items",
      .run = items,
      .allow = SM_FOR(PUBLIC) | SM_FOR_ALL_STAFF,
      .cost = "read",
      .slow = true },
    { .method = "GET",
      .path = "/v1/items/{code}",
      .run = item,
      .allow = SM_FOR(PUBLIC) | SM_FOR_ALL_STAFF,
      .cost = "read" },
    { .method = "GET",
      .path = "/v1/documents/{id}",
      .run = document,
      .allow = SM_FOR(PUBLIC) | SM_FOR_ALL_STAFF,
      .cost = "read" },
    { .method = "GET",
      .path = "/v1/clauses",
      .run = clause,
      .allow = SM_FOR(PUBLIC) | SM_FOR_ALL_STAFF,
      .cost = "read" },
};
const sm_route_list sm_routes_read = { routes, SM_LEN(routes) };
