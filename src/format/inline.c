/*
 * Every mark looks ahead for its partner.  What is found, or not found, is
 * kept, so that the whole paragraph is passed over a fixed number of times
 * whatever it holds.
 */
#include "format/inline.h"

#include "format/reader.h"

#include <string.h>

enum { MAX_RUN = 3, MAX_LINK_TEXT = 1000, MAX_LINK_URL = 2000 };

/* One kind of mark: a character, repeated 1 to 3 times. */
struct mark {
    size_t close_at; /* of the pair that is open, or 0 */
    bool none_left;  /* no partner anywhere after here */
};

struct walk {
    sm_str s;
    size_t at;
    struct mark marks[4][MAX_RUN];
    size_t link_text_end, link_end; /* the ] and what follows the ) of the open link */
    sm_buf *out;
};

static const char mark_chars[] = "*_~`";

static bool blank(const struct walk *w, size_t at)
{
    return at >= w->s.n || (unsigned char)w->s.p[at] <= ' ';
}

static bool letter(const struct walk *w, size_t at)
{
    if (at >= w->s.n)
        return false;
    unsigned char c = (unsigned char)w->s.p[at];
    return c >= 0x80 || (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

static size_t run_at(const struct walk *w, size_t at)
{
    size_t n = 0;
    while (at + n < w->s.n && w->s.p[at + n] == w->s.p[at])
        n++;
    return n;
}

static bool may_open(const struct walk *w, size_t at, size_t n)
{
    char c = w->s.p[at];
    if (c == '`')
        return true;
    return !blank(w, at + n) && (c != '_' || at == 0 || !letter(w, at - 1)) && (c != '~' || n == 2);
}

static bool may_close(const struct walk *w, size_t at, size_t n)
{
    char c = w->s.p[at];
    return c == '`' || (!blank(w, at - 1) && (c != '_' || !letter(w, at + n)));
}

/* The run of exactly n marks that closes the one at `at`, or 0. */
static size_t find_close(const struct walk *w, size_t at, size_t n)
{
    char c = w->s.p[at];
    for (size_t i = at + n; i < w->s.n;) {
        const char *hit = memchr(w->s.p + i, c, w->s.n - i);
        if (!hit)
            return 0;
        i = (size_t)(hit - w->s.p);
        size_t run = run_at(w, i);
        if (run == n && may_close(w, i, n) && (c == '`' || w->s.p[i - 1] != '\\'))
            return i;
        i += run;
    }
    return 0;
}

/* Takes a run of marks: dropped when it has a partner, else text. */
static void take_mark(struct walk *w, size_t kind)
{
    size_t n = run_at(w, w->at), at = w->at;
    w->at += n;
    struct mark *m = n <= MAX_RUN ? &w->marks[kind][n - 1] : NULL;
    if (m && m->close_at == at && at)
        return;
    if (m && m->close_at <= at && !m->none_left && may_open(w, at, n)) {
        size_t close = find_close(w, at, n);
        m->close_at = close;
        m->none_left = close == 0;
        if (close && w->s.p[at] == '`') {
            sm_buf_add(w->out, sm_str_sub(w->s, at + n, close));
            w->at = close + n;
        }
        if (close)
            return;
    }
    sm_buf_add(w->out, sm_str_sub(w->s, at, at + n));
}

/* [words](address) and ![words](address) leave their words. */
static bool take_link(struct walk *w)
{
    size_t open = w->at + (w->s.p[w->at] == '!');
    if (open >= w->s.n || w->s.p[open] != '[' || w->link_end > w->at)
        return false;
    sm_str words = sm_str_sub(w->s, open + 1, open + 1 + MAX_LINK_TEXT);
    const char *close = words.n ? memchr(words.p, ']', words.n) : NULL;
    if (!close || close + 1 >= w->s.p + w->s.n || close[1] != '(')
        return false;
    size_t from = (size_t)(close - w->s.p) + 2;
    sm_str url = sm_str_sub(w->s, from, from + MAX_LINK_URL);
    const char *end = url.n ? memchr(url.p, ')', url.n) : NULL;
    if (!end)
        return false;
    w->link_text_end = from - 2;
    w->link_end = (size_t)(end - w->s.p) + 1;
    w->at = open + 1;
    return true;
}

static bool take_angle(struct walk *w)
{
    sm_str inside = sm_str_sub(w->s, w->at + 1, w->at + 1 + MAX_LINK_URL);
    const char *end = inside.n ? memchr(inside.p, '>', inside.n) : NULL;
    if (!end)
        return false;
    inside.n = (size_t)(end - inside.p);
    sm_str tag = sm_str_trim(sm_str_ends(inside, SM_STR("/")) ? sm_str_sub(inside, 0, inside.n - 1)
                                                              : inside);
    if (sm_str_is(tag, "br"))
        sm_buf_addc(w->out, ' ');
    else if (sm_str_starts(inside, SM_STR("http://")) || sm_str_starts(inside, SM_STR("https://")))
        sm_buf_add(w->out, inside);
    else if (!sm_str_starts(inside, SM_STR("!--")) || !sm_str_ends(inside, SM_STR("--")))
        return false;
    w->at += inside.n + 2;
    return true;
}

static bool take_escape(struct walk *w)
{
    if (w->at + 1 >= w->s.n || !strchr("\\`*_{}[]()#+-.!|>~<&\"'", w->s.p[w->at + 1]))
        return false;
    sm_buf_addc(w->out, w->s.p[w->at + 1]);
    w->at += 2;
    return true;
}

static bool take_reference(struct walk *w)
{
    char bytes[4];
    size_t n = 0, taken = sm_entity_take(sm_str_after(w->s, w->at), bytes, &n);
    if (taken < n)
        return false;
    sm_buf_add(w->out, (sm_str){ bytes, n });
    w->at += taken;
    return taken > 0;
}

static bool take(struct walk *w)
{
    switch (w->s.p[w->at]) {
    case '[':
    case '!':
        return take_link(w);
    case '<':
        return take_angle(w);
    case '\\':
        return take_escape(w);
    case '&':
        return take_reference(w);
    default:
        return false;
    }
}

void sm_inline_plain(sm_str raw, sm_buf *out)
{
    struct walk w = { .s = raw, .out = out };
    while (w.at < w.s.n) {
        char c = w.s.p[w.at];
        const char *kind = strchr(mark_chars, c);
        if (w.link_end > w.at && w.at >= w.link_text_end) {
            w.at = w.link_end;
        } else if (kind && c) {
            take_mark(&w, (size_t)(kind - mark_chars));
        } else if (!take(&w)) {
            sm_buf_addc(out, c);
            w.at++;
        }
    }
}
