/* The request's target, as a stranger wrote it: path, query, route; and a forwarded address. */
#include "fuzz_target.h"

#include "http/inner.h"

static const sm_route route[] = {
    { .method = "GET", .path = "/" },
    { .method = "GET", .path = "/v1/health" },
    { .method = "POST", .path = "/v1/ask" },
    { .method = "GET", .path = "/v1/desk/{id}" },
    { .method = "POST", .path = "/v1/desk/{id}/take" },
    { .method = "DELETE", .path = "/v1/{kind}/{id}/of/{city}" },
};
static const sm_route_list routes[] = { { route, SM_LEN(route) } };

static void check_text(sm_str s)
{
    fuzz_must(sm_utf8_valid(s, NULL));
    for (size_t i = 0; i < s.n; i++)
        fuzz_must((unsigned char)s.p[i] >= 0x20 && s.p[i] != 0x7f);
}

static sm_request *request_of(sm_op *op, sm_http *h, const char *method)
{
    sm_request *r = SM_NEW(op->arena, sm_request);
    r->h = h;
    r->op.arena = op->arena;
    r->method = sm_str_of(method);
    return r;
}

/* Every byte escaped, slashes apart, says the same. */
static void check_again(sm_op *op, const sm_request *r)
{
    sm_buf b;
    sm_buf_init(&b, 4 * r->path.n + 1);
    for (size_t i = 0; i < r->path.n; i++)
        if (r->path.p[i] == '/')
            sm_buf_addc(&b, '/');
        else
            sm_buf_addf(&b, "%%%02x", (unsigned char)r->path.p[i]);
    sm_request *again = request_of(op, r->h, "GET");
    fuzz_must(sm_target_read(again, sm_buf_str(&b)) == SM_OK);
    fuzz_must(sm_str_eq(again->path, r->path));
    sm_buf_done(&b);
}

static void check_route(sm_request *r)
{
    sm_str allowed;
    sm_rc rc = sm_route_find(r, &allowed);
    fuzz_must((rc == SM_OK) == (r->route != NULL));
    fuzz_must((rc == SM_E_INVALID) == (rc < 0 && allowed.n > 0));
    fuzz_must(rc == SM_OK || (rc == SM_E_NOTFOUND) == (allowed.n == 0));
    fuzz_must(rc == SM_OK || r->n_segments == 0);
    for (size_t i = 0; i < r->n_segments; i++) {
        check_text(r->segment[i].value);
        fuzz_must(r->segment[i].value.n > 0);
    }
    check_text(sm_request_segment(r, "id"));
    fuzz_must(sm_request_segment(r, "none").n == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const method[] = { "GET", "HEAD", "POST", "DELETE", "OTHER" };
    static sm_http h = { .o = { .routes = routes, .n_routes = SM_LEN(routes) } };
    sm_str uri = { (const char *)data, size };
    char client[SM_CLIENT_BYTES];
    sm_op op;
    sm_op_begin(&op);
    for (size_t i = 0; i < SM_LEN(method); i++) {
        sm_request *r = request_of(&op, &h, method[i]);
        sm_rc rc = sm_target_read(r, uri);
        fuzz_must(rc == SM_OK || rc == SM_E_INVALID);
        fuzz_must(r->path.n > 0 && r->path.p[0] == '/');
        check_text(r->path);
        check_text(sm_request_query(r, "q"));
        check_text(sm_request_query(r, ""));
        if (rc == SM_OK)
            check_route(r);
        if (rc == SM_OK && i == 0)
            check_again(&op, r);
    }
    if (sm_client_parse(uri, client)) {
        fuzz_must(strlen(client) < sizeof(client));
        check_text(sm_str_of(client));
    }
    sm_op_end(&op);
    return 0;
}
