/*
 * The numbered lines of a document with the level they should have, which is not always the one
 * they are written as: one "1." among "（二）" and "（三）" is "（一）".
 */
#include "review/structure.h"

#include "review/parts.h"

enum {
    CHAPTER = 0,
    TOP = SM_ITEM_TOP,
    SPAN = SM_ITEM_SPAN,
    MAX_COUNT = SM_ITEM_MAX,
    MAX_QUOTED = 60
};

/* ------------------------------------------------------------------- words */

bool sm_starts_any(sm_str s, const char *const *words, size_t n)
{
    return sm_str_starts_any(s, words, n);
}

bool sm_ends_any(sm_str s, const char *const *words, size_t n)
{
    return sm_str_ends_any(s, words, n);
}

sm_str sm_first_sentence(sm_str s)
{
    size_t at = sm_str_find(s, SM_STR("。"), 0);
    return at == SIZE_MAX ? s : sm_str_sub(s, 0, at);
}

size_t sm_line_next(const sm_outline *o, size_t i)
{
    do
        i++;
    while (i < o->n && !o->line[i].text.n);
    return i;
}

/* ----------------------------------------------------------------- figures */

size_t sm_figure_at(sm_str s, int64_t *value, bool *han)
{
    static const char digits[] = "一二三四五六七八九十两";
    size_t n = 0;
    while (n < s.n && n < 4 && s.p[n] >= '0' && s.p[n] <= '9')
        n++;
    *han = n == 0;
    while (*han && n + 3 <= s.n && n < 9 && sm_str_has(sm_str_of(digits), sm_str_sub(s, n, n + 3)))
        n += 3;
    *value = n ? sm_text_integer(sm_str_sub(s, 0, n)) : -1;
    return *value < 0 ? 0 : n;
}

sm_str sm_figure_han(sm_arena *a, int64_t n)
{
    static const char *const digits[] = {
        "", "一", "二", "三", "四", "五", "六", "七", "八", "九"
    };
    if (n < 1 || n > MAX_COUNT)
        return (sm_str){ 0 };
    return sm_strf(a, "%s%s%s", n >= 20 ? digits[n / 10] : "", n >= 10 ? "十" : "", digits[n % 10]);
}

bool sm_line_in_body(const sm_line *l)
{
    return l->role == SM_ROLE_TEXT || (l->role >= SM_ROLE_H1 && l->role <= SM_ROLE_H4);
}

/* ------------------------------------------------------------------- items */

static int64_t label_value(sm_str label)
{
    int64_t v = -1;
    bool han;
    for (size_t at = 0; at < label.n; at++)
        if (sm_figure_at(sm_str_sub(label, at, label.n), &v, &han))
            return v;
    return -1;
}

sm_str sm_item_label(sm_arena *a, int level, int64_t value)
{
    sm_str han = sm_figure_han(a, value);
    if (level == 1)
        return sm_strf(a, "%.*s、", SM_ARG(han));
    if (level == 2)
        return sm_strf(a, "（%.*s）", SM_ARG(han));
    return sm_strf(a, level == 3 ? "%d." : "（%d）", (int)value);
}

/* "第一百零五条" and its like are read whole. */
static int64_t article_value(sm_str label)
{
    return label.n > 6 ? sm_text_integer(sm_str_sub(label, 3, label.n - 3)) : -1;
}

static bool statute_label(sm_str label, int *level)
{
    *level = sm_part_is_article(label) ? TOP : CHAPTER;
    return sm_part_is_article(label) || sm_str_ends(label, SM_STR("章"));
}

static void add_item(sm_check *c, sm_items *all, size_t at)
{
    const sm_line *l = &c->o->line[at];
    int level = sm_part_level(l->label);
    bool article = level == 0 && statute_label(l->label, &level);
    int64_t value = article ? article_value(l->label) : label_value(l->label);
    if (value < 1 || value > 999 || (!article && (level == 0 || value > MAX_COUNT)))
        return;
    SM_GROW(c->a, all->i, all->n, all->cap);
    all->i[all->n++] = (sm_item){ .line = l,
                                  .at = at,
                                  .level = level,
                                  .want = level,
                                  .value = value,
                                  .right = value,
                                  .article = article,
                                  .sure = .9 };
}

const sm_item *sm_item_beside(const sm_items *all, size_t i, int level, int step)
{
    int own = all->i[i].level;
    size_t k = i;
    for (int seen = 0; seen < SPAN; seen++) {
        if (step < 0 ? k == 0 : k + 1 == all->n)
            return NULL;
        k = step < 0 ? k - 1 : k + 1;
        const sm_item *it = &all->i[k];
        if (it->line->doc != all->i[i].line->doc)
            return NULL;
        if (it->level == level)
            return it;
        if (it->level < level && (it->level < own || level > own))
            return NULL;
    }
    return NULL;
}

/* Numbers of a level may go on through the sections. */
static bool goes_on_from(const sm_items *all, size_t i)
{
    size_t k = i, end = i > SPAN ? i - SPAN : 0;
    while (k-- > end && all->i[k].line->doc == all->i[i].line->doc)
        if (all->i[k].level == all->i[i].level)
            return all->i[k].value == all->i[i].value - 1;
    return false;
}

/* Written as of another level: it breaks its own order and fills a gap of the other's. */
static bool belongs_to(const sm_items *all, size_t i, int level)
{
    const sm_item *it = &all->i[i];
    const sm_item *prev = sm_item_beside(all, i, level, -1),
                  *next = sm_item_beside(all, i, level, 1),
                  *own = sm_item_beside(all, i, it->level, -1);
    int64_t before = prev ? prev->value : 0;
    if (goes_on_from(all, i) || before != it->value - 1 || (next && next->value != it->value + 1))
        return false;
    if (it->value == 1)
        return next && !prev && (level < it->level ? !own : own != NULL);
    return (next || level < it->level) && (own ? own->value : 0) != it->value - 1;
}

static void find_strays(sm_items *all)
{
    for (size_t i = 0; i < all->n; i++)
        for (int level = TOP; level <= 3; level++)
            if (!all->i[i].article && level != all->i[i].level && belongs_to(all, i, level)) {
                all->i[i].want = level;
                break;
            }
}

static sm_str font_of(const sm_line *l)
{
    return l->par->n_runs ? l->par->run[0].font : (sm_str){ 0 };
}

/* Set or worded as the sections before it: 四、关于资金, then 1. 关于管护. */
static bool looks_like(const sm_check *c, const sm_item *it, const sm_item *top)
{
    sm_str about = SM_STR("关于"), font = font_of(it->line);
    size_t next = it->at + 1;
    while (next < c->o->n && !c->o->line[next].text.n)
        next++;
    if (sm_str_starts(it->line->rest, about) && sm_str_starts(top->line->rest, about))
        return true;
    return font.n && sm_str_eq(font, font_of(top->line)) && next < c->o->n &&
           !sm_str_eq(font, font_of(&c->o->line[next]));
}

/* One that stands alone under 一、 and looks like it is the next section. */
static void find_lone(const sm_check *c, sm_items *all)
{
    for (size_t i = 1; i < all->n; i++) {
        sm_item *it = &all->i[i];
        const sm_item *top = sm_item_beside(all, i, TOP, -1);
        bool alone =
            !sm_item_beside(all, i, it->level, 1) && !sm_item_beside(all, i, it->level, -1);
        if (it->article || it->want == TOP || it->value != 1 || !top || top->article || !alone ||
            top != &all->i[i - 1] || !looks_like(c, it, top))
            continue;
        const sm_item *next = sm_item_beside(all, i, TOP, 1);
        if (next && next->value != top->value + 2)
            continue;
        it->want = TOP;
        it->right = top->value + 1;
    }
}

const sm_item *sm_item_parent(const sm_items *all, size_t i)
{
    size_t k = i, end = i > SPAN ? i - SPAN : 0;
    while (k-- > end && all->i[k].line->doc == all->i[i].line->doc)
        if (all->i[k].want < all->i[i].want)
            return &all->i[k];
    return NULL;
}

bool sm_item_in_statute(const sm_items *all, size_t i)
{
    size_t k = i, end = i > SPAN ? i - SPAN : 0;
    while (k-- > end && all->i[k].line->doc == all->i[i].line->doc)
        if (all->i[k].article)
            return true;
    return false;
}

static bool uses_second(const sm_items *all, int doc)
{
    for (size_t i = 0; i < all->n; i++)
        if (all->i[i].line->doc == doc && all->i[i].want == 2)
            return true;
    return false;
}

/* 一、 1. （一）（二） 2.: second and third are changed for each other, up to the next 一、. */
static void change_for_each_other(sm_items *all, size_t from, size_t end)
{
    for (size_t i = from; i < end; i++)
        if (all->i[i].want == 2 || all->i[i].want == 3)
            all->i[i].want = 5 - all->i[i].want;
}

/* The items of 一、 that begin with 1.: which level they should have. */
static void settle_third(sm_items *all, size_t i)
{
    size_t end = i, second = all->n;
    for (; end < all->n && all->i[end].want > TOP; end++)
        if (all->i[end].want == 2 && second == all->n)
            second = end;
    if (second < end && all->i[second].value == 1) {
        change_for_each_other(all, i, end);
        return;
    }
    if (second == all->n && !uses_second(all, all->i[i].line->doc))
        return; /* two levels only: 一、 and 1. will do */
    for (size_t k = i; k < SM_MIN(second, end); k++)
        if (all->i[k].want == 3) {
            all->i[k].want = 2;
            all->i[k].sure = second < end ? .9 : .7;
        }
}

static void settle_levels(sm_items *all)
{
    for (size_t i = 0; i < all->n; i++) {
        sm_item *it = &all->i[i];
        const sm_item *over = sm_item_parent(all, i);
        if (it->article || !over || over->article || over->want < TOP)
            continue;
        if (it->want == 3 && over->want == TOP && it->value == 1)
            settle_third(all, i);
        else if (it->want == 4 && over->want < 3)
            it->want = over->want + 1;
    }
}

static size_t count_of(sm_str s, sm_str mark)
{
    size_t n = 0;
    for (size_t at = 0; (at = sm_str_find(s, mark, at)) != SIZE_MAX; at += mark.n)
        n++;
    return n;
}

/* 将第二条修改为：“… goes on over paragraphs, which are numbered as in what is quoted: the line
 * with its end; i itself when it quotes nothing that does. */
static size_t end_of_quote(const sm_outline *o, size_t i)
{
    sm_str open = SM_STR("“"), shut = SM_STR("”");
    size_t depth = 0;
    for (size_t k = i; k < SM_MIN(o->n, i + MAX_QUOTED); k++) {
        size_t opens = count_of(o->line[k].text, open), shuts = count_of(o->line[k].text, shut);
        if (k == i && opens <= shuts)
            return i;
        depth += opens;
        if (depth <= shuts)
            return k;
        depth -= shuts;
    }
    return i; /* never shut: a slip */
}

sm_items sm_items_read(sm_check *c)
{
    sm_items all = { 0 };
    size_t quoted = 0;
    for (size_t i = 0; i < c->o->n; i++) {
        const sm_line *l = &c->o->line[i];
        if (i < quoted)
            continue;
        if (sm_line_in_body(l) && l->label.n)
            add_item(c, &all, i);
        size_t end = end_of_quote(c->o, i);
        quoted = end > i ? end + 1 : 0;
    }
    find_strays(&all);
    find_lone(c, &all);
    settle_levels(&all);
    return all;
}

const sm_item *sm_item_next(const sm_items *all, size_t i)
{
    size_t end = SM_MIN(all->n, i + SPAN);
    for (size_t k = i + 1; k < end && all->i[k].line->doc == all->i[i].line->doc; k++) {
        if (all->i[k].want == all->i[i].want)
            return &all->i[k];
        if (all->i[k].want < all->i[i].want)
            return NULL;
    }
    return NULL;
}
