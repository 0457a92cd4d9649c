/*
 * Two versions of a document beside each other: two reviews of one's own, or the original and the
 * mended or signed copy.
 */
#include "server/reviews.h"

#include "review/compare.h"

typedef struct version {
    sm_review_row row;
    const char *what; /* "original", "fixed", "signed" */
    sm_str bytes;
    sm_layout *layout;
} version;

static sm_rc read_original(sm_request *r, int64_t id, version *v)
{
    sm_op *op = sm_request_op(r);
    sm_db *db;
    sm_review_file file;
    sm_rc rc = sm_request_record(r, &db);
    if (rc == SM_OK)
        rc = sm_reviews_get(op, db, id, sm_request_user(r)->id, &v->row);
    if (rc == SM_OK)
        rc = sm_reviews_file(op, db, id, &file);
    if (rc < 0)
        return rc;
    v->what = "original";
    v->bytes = file.bytes;
    return SM_OK;
}

static sm_rc read_other(sm_request *r, const version *first, version *v)
{
    static const char *const copies[] = { "fixed", "signed" };
    sm_op *op = sm_request_op(r);
    sm_str with = sm_request_query(r, "with");
    int64_t id;
    for (size_t i = 0; i < SM_LEN(copies); i++)
        if (sm_str_eq(with, sm_str_of(copies[i]))) {
            v->row = first->row;
            v->what = copies[i];
            return sm_review_copy(r, i == 1, &v->bytes);
        }
    if (!sm_str_to_int(with, &id) || id <= 0)
        return sm_fail(op, SM_E_INVALID, "with 应当是另一次审核的序号，或者 fixed、signed");
    if (id == first->row.id)
        return sm_fail(op, SM_E_INVALID, "是同一份文件，没有可对比的");
    return read_original(r, id, v);
}

static json_t *version_json(const version *v)
{
    return json_pack("{s:I,s:o,s:s,s:o,s:I}", "id", (json_int_t)v->row.id, "name",
                     sm_json_of(v->row.name), "what", v->what, "digest", sm_json_of(v->row.digest),
                     "time", (json_int_t)v->row.time_ms);
}

static sm_rc compare(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    version v[2] = { 0 };
    sm_comparison *c;
    int64_t id;
    sm_rc rc = sm_request_number(r, "id", &id);
    if (rc == SM_OK)
        rc = read_original(r, id, &v[0]);
    if (rc == SM_OK)
        rc = read_other(r, &v[0], &v[1]);
    for (int i = 0; rc == SM_OK && i < 2; i++)
        rc = sm_review_read(op, v[i].row.name, v[i].bytes, &v[i].layout);
    if (rc == SM_OK)
        rc = sm_compare(op, v[0].layout, v[1].layout, &c);
    if (rc < 0)
        return rc;
    json_t *j = sm_comparison_json(c);
    json_object_set_new(j, "from", version_json(&v[0]));
    json_object_set_new(j, "to", version_json(&v[1]));
    return sm_respond_json(r, 200, j);
}

static const sm_route routes[] = {
    { .method = "GET",
      .path = "/v1/reviews/{id}/compare",
      .run = compare,
      .allow = SM_FOR_ALL_STAFF,
      .slow = true },
};
const sm_route_list sm_routes_review_compare = { routes, SM_LEN(routes) };
