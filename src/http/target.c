/*
 * The request's target: what a stranger wrote into the first line.
 */
#include "http/inner.h"

#include <string.h>

static int hex_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Well-formed UTF-8 (RFC 3629) without control characters. */
static bool is_text(sm_str s)
{
    for (size_t i = 0; i < s.n;) {
        unsigned char c = (unsigned char)s.p[i];
        size_t more = c < 0x80 ? 0 : c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
        if (c < 0x20 || c == 0x7f || (c >= 0x80 && c < 0xc2) || c > 0xf4 || i + more >= s.n)
            return false;
        uint32_t v = more == 0 ? c : c & (0x3fu >> more);
        for (size_t k = 1; k <= more; k++) {
            unsigned char d = (unsigned char)s.p[i + k];
            if ((d & 0xc0) != 0x80)
                return false;
            v = v << 6 | (d & 0x3fu);
        }
        if ((more == 2 && v < 0x800) || (more == 3 && v < 0x10000) || v > 0x10ffff ||
            (v >= 0xd800 && v <= 0xdfff))
            return false;
        i += more + 1;
    }
    return true;
}

/* False for a bad escape or bytes that are no text. */
static bool decode(sm_arena *a, sm_str in, bool plus, sm_str *out)
{
    char *p = sm_alloc(a, in.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < in.n; i++) {
        char c = in.p[i];
        if (c == '%') {
            int hi = i + 2 < in.n ? hex_of(in.p[i + 1]) : -1;
            int lo = i + 2 < in.n ? hex_of(in.p[i + 2]) : -1;
            if (hi < 0 || lo < 0)
                return false;
            c = (char)(hi * 16 + lo);
            i += 2;
        } else if (plus && c == '+') {
            c = ' ';
        }
        p[n++] = c;
    }
    *out = (sm_str){ p, n };
    return is_text(*out);
}

/* "http://host/path" is "/path" (RFC 9112, 3.2.2). */
static sm_str without_authority(sm_str uri)
{
    if (!sm_str_starts(uri, SM_STR("http://")) && !sm_str_starts(uri, SM_STR("https://")))
        return uri;
    size_t slash = sm_str_find(uri, SM_STR("/"), sizeof("https://") - 1);
    return slash == SIZE_MAX ? (sm_str){ 0 } : sm_str_sub(uri, slash, uri.n);
}

sm_rc sm_target_read(sm_request *r, sm_str uri)
{
    uri = without_authority(uri);
    size_t mark = sm_str_find(uri, SM_STR("?"), 0);
    sm_str path = sm_str_sub(uri, 0, SM_MIN(mark, uri.n));
    r->query = mark == SIZE_MAX ? (sm_str){ 0 } : sm_str_sub(uri, mark + 1, uri.n);
    r->path = r->raw_path = SM_STR("/");
    if (path.n == 0 || path.p[0] != '/' || !decode(r->op.arena, path, false, &r->path)) {
        r->path = SM_STR("/");
        return sm_fail(&r->op, SM_E_INVALID, "网址不是正确的 UTF-8 路径");
    }
    r->raw_path = path;
    return SM_OK;
}

sm_str sm_request_query(const sm_request *r, const char *name)
{
    sm_str rest = r->query, part, value;
    while (sm_str_cut(&rest, '&', &part)) {
        size_t eq = sm_str_find(part, SM_STR("="), 0);
        sm_str key = sm_str_sub(part, 0, SM_MIN(eq, part.n));
        if (sm_str_eq(key, sm_str_of(name)) && eq != SIZE_MAX)
            return decode(r->op.arena, sm_str_sub(part, eq + 1, part.n), true, &value)
                       ? value
                       : (sm_str){ 0 };
    }
    return (sm_str){ 0 };
}

/* A decoded slash is part of its segment and parts none: what a proxy allowed by prefix is what
 * we see. */
static bool matches(sm_request *r, sm_str pattern)
{
    sm_str path = r->raw_path, want, have;
    if (sm_str_ends(path, SM_STR("/")) != sm_str_ends(pattern, SM_STR("/")))
        return false;
    r->n_segments = 0;
    for (;;) {
        bool more = sm_str_cut(&pattern, '/', &want), there = sm_str_cut(&path, '/', &have);
        if (!more || !there)
            return more == there;
        if (memchr(have.p, '%', have.n) && !decode(r->op.arena, have, false, &have))
            return false;
        if (want.n && want.p[0] == '{') {
            if (have.n == 0 || r->n_segments == SM_MAX_SEGMENTS)
                return false;
            r->segment[r->n_segments++] = (sm_segment){ sm_str_sub(want, 1, want.n - 1), have };
        } else if (!sm_str_eq(want, have)) {
            return false;
        }
    }
}

static bool method_fits(const sm_route *route, sm_str method)
{
    sm_str m = sm_str_of(route->method);
    return sm_str_eq(m, method) ||
           (sm_str_eq(method, SM_STR("HEAD")) && sm_str_eq(m, SM_STR("GET")));
}

sm_rc sm_route_find(sm_request *r, sm_str *allowed)
{
    const sm_http_options *o = &r->h->o;
    *allowed = (sm_str){ 0 };
    for (size_t i = 0; i < o->n_routes; i++)
        for (size_t k = 0; k < o->routes[i].n; k++) {
            const sm_route *route = &o->routes[i].route[k];
            if (!matches(r, sm_str_of(route->path)))
                continue;
            if (method_fits(route, r->method)) {
                r->route = route;
                return SM_OK;
            }
            *allowed = sm_strf(r->op.arena, "%.*s%s%s", SM_ARG(*allowed), allowed->n ? ", " : "",
                               strcmp(route->method, "GET") == 0 ? "GET, HEAD" : route->method);
        }
    r->n_segments = 0;
    return allowed->n ? SM_E_INVALID : SM_E_NOTFOUND;
}

sm_str sm_request_segment(const sm_request *r, const char *name)
{
    for (size_t i = 0; i < r->n_segments; i++)
        if (sm_str_eq(r->segment[i].name, sm_str_of(name)))
            return r->segment[i].value;
    return (sm_str){ 0 };
}
