#include "review/cited.h"

#include <string.h>

/* More citations than these are a list of titles, and the rules compare each with each. */
enum { MAX_TITLE_CHARS = 80, MAX_CITED = 5000, MAX_LIST = 40 };

static bool at_sign(sm_str s, size_t at, const char *sign)
{
    return sm_str_starts(sm_str_sub(s, at, s.n), sm_str_of(sign));
}

/* The end of the title that opens at `at`, behind its mark; 0: it is not closed. */
static size_t end_of_title(sm_str s, size_t at)
{
    int depth = 0;
    for (size_t i = at; i < s.n; i++) {
        if (at_sign(s, i, "《"))
            depth++;
        else if (at_sign(s, i, "》") && --depth == 0)
            return i + 3;
    }
    return 0;
}

static size_t end_of_note(sm_str s, size_t at)
{
    int depth = 0;
    for (size_t i = at; i < s.n; i++) {
        if (at_sign(s, i, "（") || at_sign(s, i, "("))
            depth++;
        else if ((at_sign(s, i, "）") || at_sign(s, i, ")")) && --depth == 0)
            return i + (s.p[i] == ')' ? 1 : 3);
    }
    return 0;
}

static sm_str part_to(sm_str s, size_t from, const char *const *ends, size_t n)
{
    size_t end = s.n;
    for (size_t i = 0; i < n; i++)
        end = SM_MIN(end, sm_str_find(s, sm_str_of(ends[i]), from));
    return sm_str_trim(sm_str_sub(s, from, end));
}

static sm_str number_in(sm_str note)
{
    static const char *const signs[] = { "号", "GB", "DB", "JGJ", "CJJ", "令" };
    static const char *const ends[] = { "，", "；", "以下简称" };
    if (!sm_str_has_any(note, signs, SM_LEN(signs)))
        return (sm_str){ 0 };
    sm_str s = part_to(note, 0, ends, SM_LEN(ends));
    return sm_str_has_any(s, signs, SM_LEN(signs)) ? s : (sm_str){ 0 };
}

static sm_str brief_in(sm_str note)
{
    static const char *const words[] = { "简称", "下称" };
    for (size_t i = 0; i < SM_LEN(words); i++) {
        size_t at = sm_str_find(note, sm_str_of(words[i]), 0);
        if (at == SIZE_MAX)
            continue;
        sm_str s = sm_str_sub(note, at + 6, note.n);
        if (sm_str_starts(s, SM_STR("《")) && end_of_title(s, 0))
            return sm_str_sub(s, 3, end_of_title(s, 0) - 3);
        if (sm_str_starts(s, SM_STR("“")) && sm_str_find(s, SM_STR("”"), 0) != SIZE_MAX)
            return sm_str_sub(s, 3, sm_str_find(s, SM_STR("”"), 0));
        return s;
    }
    return (sm_str){ 0 };
}

static void read_note(sm_cited *t)
{
    sm_str s = t->line->text;
    t->after = t->end;
    if (!at_sign(s, t->end, "（") && !at_sign(s, t->end, "("))
        return;
    size_t end = end_of_note(s, t->end);
    if (!end)
        return;
    size_t open = s.p[t->end] == '(' ? 1 : 3, shut = s.p[end - 1] == ')' ? 1 : 3;
    t->after = end;
    t->note = sm_str_sub(s, t->end + open, end - shut);
    t->number = number_in(t->note);
    t->brief = brief_in(t->note);
}

size_t sm_cited_of(sm_check *c, sm_cited **out)
{
    sm_cited *all = NULL;
    size_t n = 0, cap = 0;
    for (size_t i = 0; i < c->o->n && n < MAX_CITED; i++) {
        const sm_line *line = &c->o->line[i];
        sm_str s = line->text;
        for (size_t at = 0, end; (at = sm_str_find(s, SM_STR("《"), at)) != SIZE_MAX; at = end) {
            end = end_of_title(s, at);
            if (!end)
                break;
            SM_GROW(c->a, all, n, cap);
            sm_str before = sm_str_sub(s, 0, at);
            all[n] = (sm_cited){ .line = line,
                                 .title = sm_str_sub(s, at + 3, end - 3),
                                 .whole = sm_str_sub(s, at, end),
                                 .at = at,
                                 .end = end,
                                 .is_brief = sm_str_ends(before, SM_STR("简称")) ||
                                             sm_str_ends(before, SM_STR("下称")) };
            read_note(&all[n++]);
        }
    }
    *out = all;
    return n;
}

bool sm_cited_is_own(const sm_check *c, const sm_cited *t)
{
    sm_buf b;
    sm_buf_init(&b, 1 << 20);
    for (size_t i = 0; i < c->o->n; i++) {
        sm_role r = c->o->line[i].role;
        if (r == SM_ROLE_TITLE || r == SM_ROLE_ATITLE || r == SM_ROLE_NOTE)
            sm_buf_add(&b, c->o->line[i].text);
    }
    bool own = sm_str_has(sm_buf_str(&b), t->title);
    sm_buf_done(&b);
    return own;
}

const sm_cited *sm_cited_named(const sm_cited *all, size_t i)
{
    for (size_t k = i; k-- > 0;)
        if (all[k].brief.n && sm_str_eq(all[k].brief, all[i].title))
            return &all[k];
    return NULL;
}

static bool follows_verb(sm_str before)
{
    static const char *const words[] = { "根据", "按照", "依据", "依照", "落实",
                                         "执行", "遵照", "参照", "贯彻", "按" };
    for (size_t k = 0; k < SM_LEN(words); k++)
        if (sm_str_ends(before, sm_str_of(words[k])))
            return true;
    return false;
}

/* a、b: b is joined to the title before it. */
static bool is_joined(const sm_cited *all, size_t i)
{
    static const char *const joins[] = { "、", "和", "及", "与", "以及", "" };
    if (i == 0 || all[i - 1].line != all[i].line || all[i - 1].after > all[i].at)
        return false;
    sm_str gap = sm_str_sub(all[i].line->text, all[i - 1].after, all[i].at);
    for (size_t k = 0; k < SM_LEN(joins); k++)
        if (sm_str_eq(gap, sm_str_of(joins[k])))
            return true;
    return false;
}

bool sm_cited_as_basis(const sm_cited *all, size_t i)
{
    for (int n = 0; n < MAX_LIST; n++, i--) {
        if (follows_verb(sm_str_sub(all[i].line->text, 0, all[i].at)))
            return true;
        if (!is_joined(all, i))
            return false;
    }
    return false;
}

static size_t points_of(sm_str s, uint32_t *to)
{
    size_t n = 0;
    while (s.n && n < MAX_TITLE_CHARS)
        to[n++] = sm_utf8_next(&s);
    return n;
}

int sm_title_distance(sm_str a, sm_str b, int most)
{
    uint32_t x[MAX_TITLE_CHARS], y[MAX_TITLE_CHARS];
    int row[MAX_TITLE_CHARS + 1];
    size_t longest = (size_t)MAX_TITLE_CHARS * 3, gap = a.n > b.n ? a.n - b.n : b.n - a.n;
    if (a.n > longest || b.n > longest || gap > 4 * (size_t)most)
        return most + 1;
    size_t n = points_of(a, x), m = points_of(b, y);
    for (size_t k = 0; k <= m; k++)
        row[k] = (int)k;
    for (size_t i = 1; i <= n; i++) {
        int corner = row[0], least = row[0] = (int)i;
        for (size_t k = 1; k <= m; k++) {
            int best = SM_MIN(corner + (x[i - 1] != y[k - 1]), SM_MIN(row[k], row[k - 1]) + 1);
            corner = row[k];
            row[k] = best;
            least = SM_MIN(least, best);
        }
        if (least > most)
            return most + 1;
    }
    return SM_MIN(row[m], most + 1);
}
