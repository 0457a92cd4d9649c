/*
 * Web and mail addresses.
 */
#include "text/fact.h"

#include <string.h>

enum { MAX_WEB_BYTES = 2048 };

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_web(char c)
{
    return is_letter(c) || (c && strchr("-._~:/?#@!$&'*+,;=%", c));
}

/* gov.cn, com, … at the end of a host's name. */
static bool is_host(sm_str host)
{
    static const char *const last[] = { ".cn",  ".com",  ".net",  ".org", ".gov",  ".edu",
                                        ".top", ".info", ".tech", ".app", ".site", ".vip",
                                        ".io",  ".me",   ".cc",   ".hk",  ".mo",   ".tw" };
    for (size_t i = 0; i < host.n; i++)
        if (!is_letter(host.p[i]) && host.p[i] != '-' && host.p[i] != '.')
            return false;
    for (size_t i = 0; i < SM_LEN(last); i++)
        if (host.n > strlen(last[i]) && sm_str_ends(host, sm_str_of(last[i])))
            return is_letter(host.p[0]) && !sm_str_has(host, SM_STR(".."));
    return false;
}

static sm_str lower(sm_arena *a, sm_str s)
{
    char *p = sm_cstr(a, s);
    for (size_t i = 0; i < s.n; i++)
        if (p[i] >= 'A' && p[i] <= 'Z')
            p[i] = (char)(p[i] + 'a' - 'A');
    return (sm_str){ p, s.n };
}

/* What is after http:// or mailto:. */
static sm_str without_scheme(sm_str s, bool *has)
{
    static const char *const schemes[] = { "http://", "https://", "ftp://", "mailto:" };
    for (size_t i = 0; i < SM_LEN(schemes); i++)
        if (sm_str_starts(s, sm_str_of(schemes[i]))) {
            *has = true;
            return sm_str_sub(s, strlen(schemes[i]), s.n);
        }
    *has = false;
    return s;
}

size_t sm_read_web(sm_scan *x, size_t at)
{
    if (at > x->last && (is_web(x->s.p[at - 1])))
        return 0;
    size_t end = at;
    while (end < x->s.n && end - at < MAX_WEB_BYTES && is_web(x->s.p[end]))
        end++;
    sm_scan_spend(x, end - at);
    while (end > at && !is_letter(x->s.p[end - 1]) && x->s.p[end - 1] != '/')
        end--;
    bool has_scheme;
    sm_str all = sm_str_sub(x->s, at, end), rest = without_scheme(lower(x->a, all), &has_scheme);
    size_t n_host = 0, user = sm_str_find(rest, SM_STR("@"), 0);
    size_t from = user == SIZE_MAX ? 0 : user + 1;
    while (from + n_host < rest.n && !strchr("/?#:", rest.p[from + n_host]))
        n_host++;
    sm_str host = sm_str_sub(rest, from, from + n_host);
    if (!is_host(host) && !(has_scheme && host.n > 0 && is_letter(host.p[0])))
        return 0;
    while (rest.n && rest.p[rest.n - 1] == '/')
        rest.n--;
    if (sm_str_starts(rest, SM_STR("www.")))
        rest = sm_str_sub(rest, 4, rest.n);
    sm_scan_add(x, SM_FACT_WEB, 0, sm_strf(x->a, "web:%.*s", SM_ARG(rest)), at, end);
    return end - at;
}
