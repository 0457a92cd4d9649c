/*
 * What the pages show of the place, and the pages themselves.
 */
#include "server/inner.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* -------------------------------------------------------------------- site */

json_t *sm_office_json(sm_server *sv)
{
    sm_arena *a = sm_arena_open();
    sm_date today = sm_sunmao_today(sv->s);
    int64_t now = sm_wall_ms();
    bool open = sm_office_open(&sv->office, now, today);
    json_t *j = json_pack(
        "{s:b,s:o,s:o}", "open", (int)open, "text", sm_json_of(sm_office_text(a, &sv->office)),
        "next", sm_json_of(open ? (sm_str){ 0 } : sm_office_next(a, &sv->office, now, today)));
    sm_arena_close(a);
    return j;
}

json_t *sm_words_json(sm_str rest)
{
    sm_str one;
    json_t *list = json_array();
    while (rest.n) {
        size_t wide = sm_str_find(rest, SM_STR("；"), 0), at = sm_str_find(rest, SM_STR(";"), 0);
        size_t end = SM_MIN(SM_MIN(wide, at), rest.n);
        one = sm_str_trim(sm_str_sub(rest, 0, end));
        rest = sm_str_sub(rest, end + (end == wide ? strlen("；") : 1), rest.n);
        if (one.n)
            json_array_append_new(list, sm_json_of(one));
    }
    return list;
}

static sm_rc site(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    sm_server *sv = sm_server_of(r);
    const sm_settings *set = sv->set;
    sm_db *corpus;
    sm_str home = { 0 }, *place = NULL;
    size_t n = 0;
    sm_rc rc = sm_request_corpus(r, &corpus);
    if (rc == SM_OK)
        rc = sm_region_home(op, corpus, &home);
    if (rc == SM_OK)
        rc = sm_region_names(op, corpus, &place, &n);
    if (rc < 0)
        return rc;
    json_t *regions = json_array();
    for (size_t i = n; i-- > 0;)
        json_array_append_new(regions, sm_json_of(place[i]));
    json_t *j = json_pack("{s:o,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "city",
                          sm_json_of(*set->city ? sm_str_of(set->city) : home), "title", set->title,
                          "sponsor", set->sponsor, "operator", set->operator_, "hotline",
                          set->hotline, "phone", set->phone, "contact", set->contact, "icp",
                          set->icp, "police", set->police, "site_code", set->site_code);
    json_object_set_new(j, "today", sm_json_of(sm_date_iso(op->arena, sm_sunmao_today(sv->s))));
    json_object_set_new(j, "demo", json_boolean(set->demo));
    json_object_set_new(j, "office", sm_office_json(sv));
    json_object_set_new(j, "regions", regions);
    json_object_set_new(j, "examples", sm_words_json(sm_str_of(set->examples)));
    return sm_respond_json(r, 200, j);
}

static sm_rc health(sm_request *r)
{
    const sm_snapshot *snap;
    sm_rc rc = sm_searcher_pin(sm_request_op(r), sm_sunmao_searcher(sm_server_of(r)->s), &snap);
    if (rc < 0)
        return rc;
    return sm_respond_json(r, 200,
                           json_pack("{s:b,s:s,s:I}", "ok", 1, "version", SM_VERSION, "revision",
                                     (json_int_t)sm_snapshot_revision(snap)));
}

/* ------------------------------------------------------------------- pages */

enum { MAX_PAGES = 2000, MAX_DEPTH = 6, MAX_PAGE_BYTES = 16 << 20 };

typedef struct page {
    sm_str path; /* "/assets/citizen/x.js" */
    const char *type;
    sm_map plain, gzip;
} page;

struct sm_pages {
    sm_op own;
    page *page;
    size_t n, cap;
    const char *citizen_policy, *embed_policy, *staff_policy;
};

static const char *type_of(sm_str path)
{
    static const struct {
        const char *ending, *type;
    } types[] = { { ".html", "text/html; charset=utf-8" },
                  { ".js", "text/javascript; charset=utf-8" },
                  { ".css", "text/css; charset=utf-8" },
                  { ".json", "application/json; charset=utf-8" },
                  { ".svg", "image/svg+xml" },
                  { ".png", "image/png" },
                  { ".ico", "image/x-icon" },
                  { ".woff2", "font/woff2" },
                  { ".txt", "text/plain; charset=utf-8" } };
    for (size_t i = 0; i < SM_LEN(types); i++)
        if (sm_str_ends(path, sm_str_of(types[i].ending)))
            return types[i].type;
    return NULL; /* not served */
}

static void close_map(void *map)
{
    sm_map_close(map);
}

static bool map_file(sm_pages *p, const char *path, sm_map *out)
{
    sm_op quiet;
    sm_op_begin(&quiet);
    bool ok = sm_map_open(&quiet, path, out) == SM_OK;
    sm_op_end(&quiet);
    if (ok) {
        sm_map *held = SM_NEW(p->own.arena, sm_map);
        *held = *out;
        sm_arena_defer(p->own.arena, close_map, held);
    }
    return ok;
}

static void add_page(sm_pages *p, const char *file, sm_str path)
{
    sm_arena *a = p->own.arena;
    page one = { .path = path, .type = type_of(path) };
    if (!one.type || p->n == MAX_PAGES || !map_file(p, file, &one.plain))
        return;
    const char *gz = sm_strf(a, "%s.gz", file).p;
    if (sm_file_exists(gz))
        map_file(p, gz, &one.gzip);
    SM_GROW(a, p->page, p->n, p->cap);
    p->page[p->n++] = one;
}

static void walk(sm_pages *p, const char *dir, sm_str prefix, int depth)
{
    sm_arena *a = p->own.arena;
    DIR *d = depth < MAX_DEPTH ? opendir(dir) : NULL;
    for (struct dirent *e; d && (e = readdir(d)) != NULL;) {
        struct stat st;
        if (e->d_name[0] == '.')
            continue;
        const char *file = sm_path(a, dir, e->d_name);
        sm_str path = sm_strf(a, "%.*s/%s", SM_ARG(prefix), e->d_name);
        if (lstat(file, &st) < 0)
            continue;
        if (S_ISDIR(st.st_mode))
            walk(p, file, path, depth + 1);
        else if (S_ISREG(st.st_mode) && st.st_size > 0 && st.st_size <= MAX_PAGE_BYTES)
            add_page(p, file, path);
    }
    if (d)
        closedir(d);
}

static int by_path(const void *a, const void *b)
{
    return sm_str_cmp(((const page *)a)->path, ((const page *)b)->path);
}

sm_pages *sm_pages_open(const char *dir, const char *frame_ancestors)
{
    static const char policy[] = "default-src 'self'; img-src 'self' data:; object-src 'none'; "
                                 "base-uri 'none'; form-action 'self'; frame-ancestors %s%s";
    sm_pages *p = calloc(1, sizeof(*p));
    if (!p)
        abort();
    sm_op_begin(&p->own);
    sm_arena *a = p->own.arena;
    p->citizen_policy = sm_strf(a, policy, "'self'", "").p;
    p->embed_policy = sm_strf(a, policy, frame_ancestors, "").p;
    p->staff_policy = sm_strf(a, policy, "'none'", "; style-src 'self' 'unsafe-inline'").p;
    if (dir)
        walk(p, dir, (sm_str){ 0 }, 0);
    if (p->n)
        qsort(p->page, p->n, sizeof(*p->page), by_path);
    return p;
}

void sm_pages_close(sm_pages *p)
{
    if (!p)
        return;
    sm_op_end(&p->own);
    free(p);
}

static const page *find_page(const sm_pages *p, sm_str path)
{
    page key = { .path = path };
    return p->n ? bsearch(&key, p->page, p->n, sizeof(*p->page), by_path) : NULL;
}

bool sm_pages_there(const sm_pages *p)
{
    return find_page(p, SM_STR("/index.html")) != NULL;
}

static const char *policy_of(const sm_request *r, const sm_pages *p, sm_str path)
{
    if (sm_str_starts(path, SM_STR("/staff")))
        return p->staff_policy;
    return sm_str_eq(sm_request_query(r, "embed"), SM_STR("1")) ? p->embed_policy
                                                                : p->citizen_policy;
}

sm_rc sm_serve_page(sm_request *r)
{
    sm_op *op = sm_request_op(r);
    const sm_pages *p = sm_server_of(r)->pages;
    sm_str path = sm_request_path(r);
    if (sm_str_eq(path, SM_STR("/staff"))) {
        sm_respond_header(r, "Location", "/staff/");
        return sm_respond_bytes(r, 308, NULL, (sm_str){ 0 });
    }
    if (sm_str_ends(path, SM_STR("/")))
        path = sm_strf(op->arena, "%.*sindex.html", SM_ARG(path));
    const page *one = find_page(p, path);
    if (!one)
        return sm_fail(op, SM_E_NOTFOUND,
                       p->n ? "没有这个页面" : "没有安装网页；接口在 /v1/ 下照常可用");
    bool zipped =
        one->gzip.n && sm_str_has(sm_request_header(r, "Accept-Encoding"), SM_STR("gzip"));
    const sm_map *m = zipped ? &one->gzip : &one->plain;
    if (zipped)
        sm_respond_header(r, "Content-Encoding", "gzip");
    if (one->gzip.n)
        sm_respond_header(r, "Vary", "Accept-Encoding");
    if (sm_str_starts(path, SM_STR("/assets/"))) /* named by their content */
        sm_respond_header(r, "Cache-Control", "public, max-age=31536000, immutable");
    else
        sm_respond_header(r, "Cache-Control", "no-cache");
    if (sm_str_ends(path, SM_STR(".html")))
        sm_respond_header(r, "Content-Security-Policy", policy_of(r, p, path));
    return sm_respond_bytes(r, 200, one->type, (sm_str){ (const char *)m->p, m->n });
}

static const sm_route routes[] = {
    { .method = "GET", .path = "/v1/health", .run = health, .allow = SM_FOR(PUBLIC) },
    { .method = "GET", .path = "/v1/site", .run = site, .allow = SM_FOR(PUBLIC), .cost = "read" },
};
const sm_route_list sm_routes_site = { routes, SM_LEN(routes) };
