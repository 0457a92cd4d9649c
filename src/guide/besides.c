/*
 * "开饭店除了营业执照还得办什么": what the person has, or knows of, is not what is asked for.
 */
#include <string.h>

#include "guide/turn.h"
#include "text/text.h"

enum { WHAT_CHARS = 12, REST_CHARS = 5 };

/* Where the first word stands that ends "除了…"; the 外 of 外地 and 外国 ends nothing. */
static size_t find_end(sm_str text, sm_str end, size_t from)
{
    static const char *const outside[] = { "地", "国", "省", "籍" };
    size_t at = sm_str_find(text, end, from);
    while (at != SIZE_MAX && sm_str_eq(end, SM_STR("外")) &&
           sm_str_starts_any(sm_str_sub(text, at + end.n, text.n), outside, SM_LEN(outside)))
        at = sm_str_find(text, end, at + end.n);
    return at;
}

/* Cuts "除了…" out of the text, with what ends it; *what is between. */
static bool cut_besides(sm_arena *a, sm_str text, sm_str *what, sm_str *rest)
{
    static const char *const ends[] = { "之外", "以外", "外", "，", "还", "另" };
    sm_str word = SM_STR("除了");
    size_t at = sm_str_find(text, word, 0), end = SIZE_MAX, ends_n = 0;
    if (at == SIZE_MAX)
        return false;
    for (size_t i = 0; i < SM_LEN(ends); i++) {
        size_t found = find_end(text, sm_str_of(ends[i]), at + word.n);
        if (found < end) {
            end = found;
            ends_n = i < 4 ? strlen(ends[i]) : 0;
        }
    }
    if (end == SIZE_MAX)
        return false;
    *what = sm_str_sub(text, at + word.n, end);
    sm_str before = sm_str_sub(text, 0, at), after = sm_str_sub(text, end + ends_n, text.n);
    *rest = sm_strf(a, "%.*s%.*s", SM_ARG(before), SM_ARG(after));
    size_t chars = sm_utf8_count(*what);
    return chars >= 2 && chars <= WHAT_CHARS && sm_utf8_count(*rest) >= REST_CHARS;
}

/* The item is called by it, or it is what the item gives. */
static sm_rc is_of(sm_turn *t, sm_str code, sm_str what, bool *is)
{
    sm_doc *doc;
    json_t *json, *e;
    size_t i;
    sm_rc rc = sm_item_of_code(t, code, &doc, &json);
    if (rc < 0)
        return rc;
    *is = sm_str_has(doc->title, what) || sm_str_has(sm_json_str(json, "result"), what);
    json_array_foreach(json_object_get(json, "aliases"), i, e)
    {
        *is |= sm_str_has(sm_str_of(json_string_value(e)), what);
    }
    return SM_OK;
}

sm_rc sm_leave_besides(sm_turn *t)
{
    sm_str what, rest;
    sm_matches *m;
    if (!t->fresh || !cut_besides(t->op->arena, t->text, &what, &rest))
        return SM_OK;
    sm_rc rc = sm_match(t->op, t->snap, SM_KIND_ITEM, rest, &t->filter, SM_MAX_CANDIDATES, &m);
    size_t kept = 0;
    double left = 1;
    for (size_t i = 0; rc == SM_OK && i < m->n; i++) {
        bool is = false;
        rc = is_of(t, m->hit[i].id, what, &is);
        if (is)
            left -= m->hit[i].p;
        else
            m->hit[kept++] = m->hit[i];
    }
    if (rc < 0 || !kept)
        return rc;
    m->n = kept;
    for (size_t i = 0; i < kept && left > 0; i++)
        m->hit[i].p = SM_MIN(m->hit[i].p / left, 1);
    t->item = m;
    return SM_OK;
}
