/*
 * What a short message after quoted clauses is about: the same matter, in another place or for
 * somebody else.  Documents of that matter are the one that answered, what it replaced or what
 * replaces it, and those whose titles name the same thing.
 */
#include <string.h>

#include "guide/turn.h"
#include "text/text.h"

enum {
    SAME_CHARS = 4, /* so much in a row of two titles names one thing */
    NAME_CHARS = 3, /* … of a title and an item's name */
    MAX_TITLE_CHARS = 120,
    LOOKED_AT = 12,
    BARE_CHARS = 6
};

/* ----------------------------------------------------------------- places */

sm_str sm_without(sm_arena *a, sm_str text, sm_str word, const char *instead)
{
    size_t at = word.n ? sm_str_find(text, word, 0) : SIZE_MAX;
    if (at == SIZE_MAX)
        return text;
    sm_buf b;
    sm_buf_init(&b, text.n * (1 + strlen(instead)));
    for (; at != SIZE_MAX; at = sm_str_find(text, word, 0)) {
        sm_buf_add(&b, sm_str_sub(text, 0, at));
        sm_buf_add(&b, sm_str_of(instead));
        text = sm_str_sub(text, at + word.n, text.n);
    }
    sm_buf_add(&b, text);
    sm_str out = sm_str_dup(a, sm_buf_str(&b));
    sm_buf_done(&b);
    return out;
}

sm_str sm_without_places(const sm_turn *t, sm_str text)
{
    for (size_t i = 0; i < t->n_region_names; i++)
        if (!sm_str_eq(t->region_name[i], t->home))
            text = sm_without(t->op->arena, text, t->region_name[i], "");
    return text;
}

bool sm_only_place(const sm_turn *t)
{
    return t->names_region && sm_only_who(sm_without_places(t, t->said));
}

bool sm_only_changes(const sm_turn *t)
{
    static const char *const years[] = { "今年", "明年", "后年", "去年", "前年" };
    sm_str text = sm_without_places(t, t->said), who = sm_without_ages(t->op->arena, text);
    return (t->names_region || who.n < text.n || sm_str_has_any(text, years, SM_LEN(years))) &&
           sm_only_who(who);
}

/* -------------------------------------------------------------- documents */

/* What a title names: without places and without the words of its form. */
static sm_str subject(const sm_turn *t, sm_str title)
{
    static const char *const form[] = { "办法", "细则", "规定", "条例", "方案", "措施", "通知",
                                        "公告", "通告", "意见", "问答", "解读", "实施", "暂行",
                                        "若干", "有关", "关于", "政策", "管理", "标准" };
    sm_str home = t->home;
    title = sm_without_places(t, title);
    title = sm_without(t->op->arena, title, home, "|");
    if (sm_str_ends(home, SM_STR("市")))
        home.n -= 3;
    title = sm_without(t->op->arena, title, home, "|");
    for (size_t i = 0; i < SM_LEN(form); i++)
        title = sm_without(t->op->arena, title, sm_str_of(form[i]), "|");
    return title;
}

/* The longest run of characters that both have. */
static size_t longest_run(sm_str a, sm_str b)
{
    size_t longest = 0;
    for (; a.n; a = sm_str_sub(a, sm_utf8_head(a, 1).n, a.n))
        for (size_t n = longest + 1; n <= MAX_TITLE_CHARS; n++) {
            sm_str run = sm_utf8_head(a, n);
            if (sm_utf8_count(run) < n || sm_str_has(run, SM_STR("|")) || !sm_str_has(b, run))
                break;
            longest = n;
        }
    return longest;
}

bool sm_is_about(const sm_turn *t, const sm_doc *doc, sm_str item_name)
{
    sm_str its = subject(t, doc->title);
    while (sm_str_starts(its, SM_STR("|")))
        its = sm_str_sub(its, 1, its.n);
    return sm_str_starts(its, sm_utf8_head(item_name, 2)) ||
           longest_run(its, item_name) >= NAME_CHARS;
}

bool sm_names_subject(const sm_turn *t, const sm_doc *doc)
{
    return longest_run(subject(t, doc->title), t->text) >= SAME_CHARS;
}

static bool linked(const sm_doc *a, const sm_doc *b)
{
    return sm_str_eq(a->id, b->id) || sm_str_has(a->supersedes, b->id) ||
           sm_str_has(a->superseded_by, b->id) || sm_str_has(b->supersedes, a->id) ||
           sm_str_has(b->superseded_by, a->id);
}

/* What was asked besides the place has a pair of characters that stands in this title and not in
 * that of what is in hand: it may be the matter meant. */
static bool names_title(const sm_turn *t, sm_str title, sm_str in_hand)
{
    sm_str said = sm_without_places(t, t->text);
    for (; said.n; said = sm_str_sub(said, sm_utf8_head(said, 1).n, said.n)) {
        sm_str pair = sm_utf8_head(said, 2);
        if (sm_utf8_count(pair) == 2 && sm_str_has(title, pair) && !sm_str_has(in_hand, pair))
            return true;
    }
    return false;
}

bool sm_same_matter(const sm_turn *t, const sm_doc *a, const sm_doc *b)
{
    return linked(a, b) || longest_run(subject(t, a->title), subject(t, b->title)) >= SAME_CHARS;
}

/* Marks what is of the matter of `doc`, and of what is marked. */
static void mark(const sm_turn *t, const sm_doc *doc, const sm_pick_doc *d, size_t n, bool *kin)
{
    bool more = true;
    for (size_t i = 0; i < n; i++)
        kin[i] = sm_same_matter(t, doc, d[i].doc);
    while (more) {
        more = false;
        for (size_t i = 0; i < n; i++)
            for (size_t k = 0; k < n && !kin[i]; k++)
                more |= kin[i] = kin[k] && sm_same_matter(t, d[k].doc, d[i].doc);
    }
}

static sm_rc doc_in_hand(sm_turn *t, sm_doc **out)
{
    *out = NULL;
    if (!t->talk.document.n)
        return SM_OK;
    sm_rc rc = sm_corpus_doc(t->op, t->corpus, t->talk.document, out);
    if (rc == SM_E_NOTFOUND) { /* no longer there */
        sm_op_clear(t->op);
        *out = NULL;
        rc = SM_OK;
    }
    return rc;
}

/* "博士呢": what is left of it stands in the document. */
static bool stands_in(const sm_turn *t, const sm_shelved *text)
{
    sm_str word = t->said;
    if (!sm_str_ends(word, SM_STR("呢")) || sm_utf8_count(word) > BARE_CHARS)
        return false;
    word.n -= 3;
    if (sm_str_starts(word, SM_STR("那")))
        word = sm_str_sub(word, 3, word.n);
    for (size_t i = 0; i < text->n && sm_utf8_count(word) > 1; i++)
        if (sm_str_has(text->clause[i].text, word))
            return true;
    return false;
}

sm_rc sm_said_in_hand(sm_turn *t, double *share)
{
    sm_doc *in_hand;
    const sm_shelved *text;
    *share = 0;
    sm_rc rc = doc_in_hand(t, &in_hand);
    if (rc == SM_OK && in_hand)
        rc = sm_shelf_take(t->op, t->g->shelf, t->corpus, in_hand, &text);
    if (rc < 0 || !in_hand)
        return rc;
    sm_wordset q = sm_wordset_of(t->op->arena, sm_without_places(t, t->said));
    *share = stands_in(t, text) ? 1 : sm_wordset_shared(&q, &text->whole);
    return SM_OK;
}

bool sm_keeps_kindred(const sm_turn *t)
{
    return t->follows_policy && t->talk.document.n;
}

sm_rc sm_find_kindred(sm_turn *t, sm_matches *out[2])
{
    sm_doc *in_hand;
    sm_filter f[2] = { t->filter, t->filter };
    out[0] = out[1] = NULL;
    sm_rc rc = sm_keeps_kindred(t) ? doc_in_hand(t, &in_hand) : SM_OK;
    if (rc < 0 || !sm_keeps_kindred(t) || !in_hand)
        return rc;
    f[1].pass = SM_PASS_REST;
    return sm_match_each(t->op, t->snap, SM_KIND_POLICY, sm_without_places(t, in_hand->title), f, 2,
                         LOOKED_AT, out);
}

sm_rc sm_keep_kindred(sm_turn *t, sm_pick_doc *d, size_t *n)
{
    sm_doc *in_hand;
    size_t kept = 0;
    sm_rc rc = sm_keeps_kindred(t) ? doc_in_hand(t, &in_hand) : SM_OK;
    if (rc < 0 || !sm_keeps_kindred(t) || !in_hand)
        return rc;
    bool kin[SM_MAX_PICKED];
    sm_str mine = subject(t, in_hand->title);
    mark(t, in_hand, d, *n, kin);
    for (size_t i = 0; i < *n; i++) {
        d[i].kindred = kin[i];
        if (kin[i] || names_title(t, subject(t, d[i].doc->title), mine))
            d[kept++] = d[i];
    }
    *n = kept;
    return SM_OK;
}
