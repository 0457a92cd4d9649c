/*
 * Groups K and L: people, posts, organs, places and meetings against the registry, and what must
 * not be said or shown.
 */
#include <stdlib.h>
#include <string.h>

#include "review/pack.h"

enum { MAX_IN_LIST = 60, LEAST_ID = 15 };

static const sm_role running[] = { SM_ROLE_TEXT, SM_ROLE_H1, SM_ROLE_H2,
                                   SM_ROLE_H3,   SM_ROLE_H4, SM_ROLE_CELL };

static bool is_running(const sm_line *l)
{
    for (size_t i = 0; i < SM_LEN(running); i++)
        if (l->role == running[i])
            return true;
    return false;
}

static size_t next_at(sm_str s, size_t at)
{
    sm_str rest = sm_str_sub(s, at, s.n);
    sm_utf8_next(&rest);
    return s.n - rest.n;
}

static size_t before_at(sm_str s, size_t at)
{
    while (at > 0 && ((uint8_t)s.p[--at] & 0xc0) == 0x80)
        ;
    return at;
}

static sm_str part_of(sm_str *list, sm_str sep)
{
    size_t at = sm_str_find(*list, sep, 0);
    sm_str one = sm_str_trim(sm_str_sub(*list, 0, at));
    *list = at == SIZE_MAX ? (sm_str){ 0 } : sm_str_sub(*list, at + sep.n, list->n);
    return one;
}

static bool follows(sm_str s, size_t at, const char *const *words, size_t n)
{
    sm_str rest = sm_str_sub(s, at, s.n);
    for (size_t i = 0; i < n; i++)
        if (sm_str_starts(rest, sm_str_of(words[i])))
            return true;
    return false;
}

static bool precedes(sm_str s, size_t at, const char *const *words, size_t n)
{
    sm_str head = sm_str_sub(s, 0, at);
    for (size_t i = 0; i < n; i++)
        if (sm_str_ends(head, sm_str_of(words[i])))
            return true;
    return false;
}

/* ------------------------------------------------------------------- dates */

/* A day given less exactly is compared as far as it goes. */
static bool within_days(sm_str from, sm_str to, sm_str day)
{
    size_t f = SM_MIN(from.n, day.n), t = SM_MIN(to.n, day.n);
    return (!from.n || sm_str_cmp(sm_str_sub(day, 0, f), sm_str_sub(from, 0, f)) >= 0) &&
           (!to.n || sm_str_cmp(sm_str_sub(day, 0, t), sm_str_sub(to, 0, t)) <= 0);
}

/* 2026年4月28日, 2026年4月 or 2026年 at a place: "2026-04-28" …; *end behind it; "" none. */
static sm_str day_at(sm_arena *a, sm_str s, size_t at, size_t *end)
{
    static const char *const signs[] = { "年", "月", "日" };
    int64_t v[3] = { 0 };
    size_t n = 0, i = at;
    for (; n < 3; n++) {
        size_t from = i;
        while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9' && i - from < 4)
            i++;
        if (i == from || !follows(s, i, &signs[n], 1) ||
            !sm_str_to_int(sm_str_sub(s, from, i), &v[n]))
            break;
        i += 3;
        *end = i;
    }
    if (!n || v[0] < 1900)
        return (sm_str){ 0 };
    return n == 1   ? sm_strf(a, "%04d", (int)v[0])
           : n == 2 ? sm_strf(a, "%04d-%02d", (int)v[0], (int)v[1])
                    : sm_strf(a, "%04d-%02d-%02d", (int)v[0], (int)v[1], (int)v[2]);
}

typedef struct days {
    sm_str day[16];
    size_t end[16];
    size_t n;
} days;

static days days_in(sm_arena *a, sm_str s)
{
    days d = { 0 };
    for (size_t at = 0; at < s.n && d.n < SM_LEN(d.day);) {
        size_t end = at;
        bool digit = s.p[at] >= '0' && s.p[at] <= '9';
        sm_str day = digit ? day_at(a, s, at, &end) : (sm_str){ 0 };
        if (day.n) {
            d.end[d.n] = end;
            d.day[d.n++] = day;
            at = end;
        } else if (digit)
            while (at < s.n && s.p[at] >= '0' && s.p[at] <= '9')
                at++;
        else
            at++;
    }
    return d;
}

static sm_str day_of(const sm_check *c)
{
    return c->o->date.n ? c->o->date : c->opt->today;
}

/* ------------------------------------------------------------------- posts */

enum { NAME_CHARS = 3, CHAR_BITS = 4096 };

typedef struct people {
    const sm_roster_person *p;
    size_t n;
    sm_str day;                                /* of the document */
    uint32_t (*name)[NAME_CHARS];              /* of each; a name of two ends with 0 */
    uint64_t held[NAME_CHARS][CHAR_BITS / 64]; /* which characters stand where in names */
} people;

static bool may_stand(const people *all, int place, uint32_t ch)
{
    uint32_t bit = (ch ^ ch >> 7) % CHAR_BITS;
    return all->held[place][bit / 64] >> bit % 64 & 1;
}

static void index_name(people *all, size_t i)
{
    sm_str s = all->p[i].name;
    for (int k = 0; k < NAME_CHARS && s.n; k++) {
        uint32_t ch = all->name[i][k] = sm_utf8_next(&s);
        uint32_t bit = (ch ^ ch >> 7) % CHAR_BITS;
        all->held[k][bit / 64] |= UINT64_C(1) << bit % 64;
    }
}

static people *people_of(const sm_check *c)
{
    people *all = SM_NEW(c->a, people);
    all->day = day_of(c);
    if (c->roster)
        all->n = sm_roster_people(c->roster, &all->p);
    all->name = sm_alloc_n(c->a, sizeof(*all->name), all->n);
    for (size_t i = 0; i < all->n; i++)
        index_name(all, i);
    return all;
}

/* The name that begins at a place; "" none. */
static sm_str name_at(const people *all, sm_str s, size_t at)
{
    sm_str rest = sm_str_sub(s, at, s.n), tail = rest;
    if (!rest.n || !may_stand(all, 0, sm_utf8_next(&tail)) || !tail.n ||
        !may_stand(all, 1, sm_utf8_next(&tail)))
        return (sm_str){ 0 };
    for (size_t i = 0; i < all->n; i++)
        if (sm_str_starts(rest, all->p[i].name))
            return sm_str_sub(rest, 0, all->p[i].name.n);
    return (sm_str){ 0 };
}

/* 副市长 is not 市长, 常务副市长 is a 副市长. */
static bool ends_with_post(sm_str longer, sm_str post)
{
    if (!sm_str_ends(longer, post))
        return false;
    return !sm_str_ends(sm_str_sub(longer, 0, longer.n - post.n), SM_STR("副"));
}

/* The longest post of the registry that ends at a place, blanks between allowed; "" none. */
static sm_str post_before(const people *all, sm_str s, size_t at)
{
    sm_str head = sm_str_sub(s, 0, at), best = { 0 };
    while (sm_str_ends(head, SM_STR("　")) || sm_str_ends(head, SM_STR(" ")))
        head.n -= sm_str_ends(head, SM_STR(" ")) ? 1 : 3;
    for (size_t i = 0; i < all->n; i++) {
        sm_str posts = all->p[i].post;
        while (posts.n) {
            sm_str one = part_of(&posts, SM_STR("、"));
            if (one.n > best.n && ends_with_post(head, one))
                best = sm_str_sub(head, head.n - one.n, head.n);
        }
    }
    return best;
}

static sm_str post_after(const people *all, sm_str s, size_t at)
{
    sm_str rest = sm_str_sub(s, at, s.n), best = { 0 };
    for (size_t i = 0; i < all->n; i++) {
        sm_str posts = all->p[i].post;
        while (posts.n) {
            sm_str one = part_of(&posts, SM_STR("、"));
            if (one.n > best.n && sm_str_starts(rest, one))
                best = sm_str_sub(rest, 0, one.n);
        }
    }
    return best;
}

static bool is_post_of(sm_str posts, sm_str said)
{
    while (posts.n) {
        sm_str one = part_of(&posts, SM_STR("、"));
        if (ends_with_post(one, said) || ends_with_post(said, one))
            return true;
    }
    return false;
}

static bool holds(const people *all, sm_str name, sm_str post, sm_str day)
{
    for (size_t i = 0; i < all->n; i++)
        if (sm_str_eq(all->p[i].name, name) && within_days(all->p[i].from, all->p[i].to, day) &&
            is_post_of(all->p[i].post, post))
            return true;
    return false;
}

/* The only one who holds a post on a day; NULL: nobody or several. */
static const sm_roster_person *holder(const people *all, sm_str post, sm_str day)
{
    const sm_roster_person *found = NULL;
    for (size_t i = 0; i < all->n; i++) {
        if (!within_days(all->p[i].from, all->p[i].to, day) || !is_post_of(all->p[i].post, post))
            continue;
        if (found && !sm_str_eq(found->name, all->p[i].name))
            return NULL;
        found = &all->p[i];
    }
    return found;
}

static const sm_roster_person *line_of(const people *all, sm_str name, sm_str day)
{
    for (size_t i = 0; i < all->n; i++)
        if (sm_str_eq(all->p[i].name, name) && within_days(all->p[i].from, all->p[i].to, day))
            return &all->p[i];
    return NULL;
}

/* -------------------------------------------------------------------- K02 */

static bool of_the_past(sm_str s, size_t at)
{
    static const char *const words[] = { "时任", "原", "前任", "前",  "曾任",
                                         "历任", "任", "为",   "拟任" };
    return precedes(s, at, words, SM_LEN(words));
}

/* What is said of another day is true of that day. */
static bool held_some_day(const people *all, const days *d, sm_str name, sm_str post)
{
    if (holds(all, name, post, all->day))
        return true;
    for (size_t i = 0; i < d->n; i++)
        if (holds(all, name, post, d->day[i]))
            return true;
    return false;
}

static sm_str posts_on(const people *all, sm_str name, sm_str day)
{
    const sm_roster_person *p = line_of(all, name, day);
    return p ? p->post : (sm_str){ 0 };
}

/* Who holds the post is named where it is one; else the post that the person has. */
static void wrong_post(sm_check *c, const sm_rule *rule, const people *all, const sm_line *l,
                       sm_str name, sm_str post)
{
    const sm_roster_person *now = holder(all, post, all->day);
    sm_str own = posts_on(all, name, all->day), has = own;
    const char *begin = SM_MIN(name.p, post.p), *end = SM_MAX(name.p + name.n, post.p + post.n);
    bool in_front = post.p < name.p;
    sm_finding *f = sm_find_slice(c, rule, l, (sm_str){ begin, (size_t)(end - begin) });
    sm_str gap =
        in_front ? (sm_str){ post.p + post.n, (size_t)(name.p - post.p) - post.n } : (sm_str){ 0 };
    while (sm_str_has(has, SM_STR("、")))
        part_of(&has, SM_STR("、")); /* the last of several is the office of the government */
    bool was = false; /* an office that was given up is taken for the slip, not the name */
    for (size_t i = 0; i < all->n; i++)
        was |= sm_str_eq(all->p[i].name, name) && is_post_of(all->p[i].post, post);
    sm_str who = was && now ? now->name : name, what = was && now ? post : has;
    if (what.n)
        sm_propose(f, in_front
                          ? sm_strf(c->a, "%.*s%.*s%.*s", SM_ARG(what), SM_ARG(gap), SM_ARG(who))
                          : sm_strf(c->a, "%.*s%.*s", SM_ARG(who), SM_ARG(what)));
    f->confidence = .7;
    if (own.n)
        sm_because(c, f, "名录中%.*s时任%.*s，不是%.*s", SM_ARG(name), SM_ARG(own), SM_ARG(post));
    else
        sm_because(c, f, "名录中%.*s在成文日期不任%.*s", SM_ARG(name), SM_ARG(post));
}

static void check_post_at(sm_check *c, const sm_rule *rule, const people *all, const sm_line *l,
                          const days *d, sm_str name)
{
    static const char *const will_be[] = { "人选", "候选人", "拟任" };
    sm_str s = l->text;
    size_t at = (size_t)(name.p - s.p);
    sm_str front = post_before(all, s, at), behind = post_after(all, s, at + name.n);
    if (front.n && !of_the_past(s, (size_t)(front.p - s.p)) &&
        !held_some_day(all, d, name, front)) {
        wrong_post(c, rule, all, l, name, front);
        return;
    }
    if (!front.n && behind.n && !held_some_day(all, d, name, behind) &&
        !follows(s, (size_t)(behind.p - s.p) + behind.n, will_be, SM_LEN(will_be)))
        wrong_post(c, rule, all, l, name, behind);
}

static void check_posts_in(sm_check *c, const sm_rule *rule, const people *all, const sm_line *l)
{
    days d = { 0 };
    bool read = false;
    for (size_t at = 0; at < l->text.n;) {
        sm_str name = name_at(all, l->text, at);
        if (!name.n) {
            at = next_at(l->text, at);
            continue;
        }
        if (!read)
            d = days_in(c->a, l->text);
        read = true;
        check_post_at(c, rule, all, l, &d, name);
        at += name.n;
    }
}

/* K02: a post that the named person does not hold on the document's date. */
static void run_posts(sm_check *c, const sm_rule *rule)
{
    const people *all = people_of(c);
    for (size_t i = 0; i < c->o->n && all->n; i++) {
        const sm_line *l = &c->o->line[i];
        if (is_running(l) || l->role == SM_ROLE_SIGN || l->role == SM_ROLE_ATTENDANCE)
            check_posts_in(c, rule, all, l);
    }
}

/* -------------------------------------------------------------------- K01 */

/* A name but for one character, or for two that changed places. */
static bool one_off(const uint32_t a[NAME_CHARS], const uint32_t b[NAME_CHARS])
{
    int same = (a[0] == b[0]) + (a[1] == b[1]) + (a[2] == b[2]);
    return b[2] && (same == 2 || (same == 1 && a[0] == b[0] && a[1] == b[2] && a[2] == b[1]));
}

/* Whether three characters can be one off at all: most cannot. */
static bool may_be_off(const people *all, const uint32_t a[NAME_CHARS])
{
    int same = may_stand(all, 0, a[0]) + may_stand(all, 1, a[1]) + may_stand(all, 2, a[2]);
    return same >= 2 ||
           (may_stand(all, 0, a[0]) && may_stand(all, 1, a[2]) && may_stand(all, 2, a[1]));
}

static bool is_name(const people *all, sm_str s)
{
    for (size_t i = 0; i < all->n; i++)
        if (sm_str_eq(all->p[i].name, s))
            return true;
    return false;
}

/* A longer name or word may only begin or end with those characters. */
static bool stands_alone(sm_str s, size_t to)
{
    static const char *const ends[] = { "，", "。",   "、",   "；",   "：",   "（",   "）",
                                        "　", " ",    "\t",   "同志", "主持", "出席", "在",
                                        "作", "代表", "带队", "参加", "指出", "强调", "为",
                                        "任", "的",   "等",   "到",   "先生", "女士" };
    return to == s.n || follows(s, to, ends, SM_LEN(ends));
}

static bool has_post_of(const people *all, sm_str name, sm_str s, size_t from, size_t to)
{
    sm_str front = post_before(all, s, from), behind = post_after(all, s, to);
    for (size_t i = 0; i < all->n; i++)
        if (sm_str_eq(all->p[i].name, name) && ((front.n && is_post_of(all->p[i].post, front)) ||
                                                (behind.n && is_post_of(all->p[i].post, behind))))
            return true;
    return false;
}

/* 王明院同志 where the line names the post of 王明远. */
static bool line_has_post_of(const people *all, sm_str name, sm_str s)
{
    for (size_t i = 0; i < all->n; i++) {
        sm_str posts = sm_str_eq(all->p[i].name, name) ? all->p[i].post : (sm_str){ 0 };
        while (posts.n) {
            sm_str one = part_of(&posts, SM_STR("、"));
            if (sm_utf8_count(one) > 3 && sm_str_has(s, one))
                return true;
        }
    }
    return false;
}

static bool is_meant(const people *all, const sm_line *l, sm_str name, sm_str found)
{
    static const char *const comrade[] = { "同志" };
    sm_str s = l->text;
    size_t from = (size_t)(found.p - s.p), to = from + found.n;
    if (has_post_of(all, name, s, from, to))
        return true;
    if (follows(s, to, comrade, 1) && line_has_post_of(all, name, s))
        return true;
    bool listed =
        l->role == SM_ROLE_SIGNER || l->role == SM_ROLE_SIGN || l->role == SM_ROLE_ATTENDANCE;
    static const char *const marks[] = { "：", ":", "、", "，", "　", " " };
    return listed && (from == 0 || precedes(s, from, marks, SM_LEN(marks))) && stands_alone(s, to);
}

/* 王明院 where 王明远 is meant. */
static void check_three(sm_check *c, const sm_rule *rule, const people *all, const sm_line *l,
                        sm_str found, const uint32_t ch[NAME_CHARS])
{
    if (!may_be_off(all, ch) || is_name(all, found))
        return;
    for (size_t i = 0; i < all->n; i++) {
        sm_str name = all->p[i].name;
        if (!one_off(ch, all->name[i]) || sm_str_has(l->text, name) ||
            !is_meant(all, l, name, found))
            continue;
        sm_finding *f = sm_find_slice(c, rule, l, found);
        sm_propose(f, name);
        sm_because(c, f, "名录中没有“%.*s”，应为“%.*s”", SM_ARG(found), SM_ARG(name));
        return;
    }
}

/* 商务局局长苏民 for 苏敏: of two characters, only where the post is that person's own. */
static void check_two(sm_check *c, const sm_rule *rule, const people *all, const sm_line *l,
                      sm_str found, const uint32_t ch[NAME_CHARS])
{
    size_t at = (size_t)(found.p - l->text.p);
    if (!may_stand(all, 0, ch[0]) || is_name(all, found) || !stands_alone(l->text, at + found.n))
        return;
    sm_str post = post_before(all, l->text, at);
    for (size_t i = 0; post.n && i < all->n; i++) {
        if (all->name[i][2] || all->name[i][0] != ch[0] || !is_post_of(all->p[i].post, post))
            continue;
        sm_finding *f = sm_find_slice(c, rule, l, found);
        sm_propose(f, all->p[i].name);
        sm_because(c, f, "名录中%.*s是%.*s", SM_ARG(post), SM_ARG(all->p[i].name));
        return;
    }
}

static void check_names_in(sm_check *c, const sm_rule *rule, const people *all, const sm_line *l)
{
    sm_str s = l->text;
    for (size_t at = 0; at < s.n; at = next_at(s, at)) {
        uint32_t ch[NAME_CHARS] = { 0 };
        sm_str rest = sm_str_sub(s, at, s.n), two = { 0 };
        for (int i = 0; i < NAME_CHARS && rest.n; i++) {
            ch[i] = sm_utf8_next(&rest);
            if (i == 1)
                two = sm_str_sub(s, at, s.n - rest.n);
            if (!sm_is_han(ch[i]))
                ch[i] = 0;
        }
        if (ch[0] && ch[1])
            check_two(c, rule, all, l, two, ch);
        if (ch[0] && ch[1] && ch[2])
            check_three(c, rule, all, l, sm_str_sub(s, at, s.n - rest.n), ch);
    }
}

/* K01: a leader's name, one character off. */
static void run_misspelt(sm_check *c, const sm_rule *rule)
{
    const people *all = people_of(c);
    for (size_t i = 0; i < c->o->n && all->n; i++) {
        const sm_line *l = &c->o->line[i];
        if (l->text.n && l->role != SM_ROLE_MARK && l->role != SM_ROLE_TO && l->role != SM_ROLE_CC)
            check_names_in(c, rule, all, l);
    }
}

/* -------------------------------------------------------------------- K03 */

typedef struct item {
    size_t from, to; /* post and name */
    const sm_roster_person *who;
} item;

/* Leaders of a district have a roster of their own. */
static sm_str roster_of(const sm_roster_person *p)
{
    sm_str o = p->organ;
    if (p->rank >= 100)
        return (sm_str){ 0 };
    size_t d = sm_str_find(o, SM_STR("区"), 0), k = sm_str_find(o, SM_STR("县"), 0);
    size_t at = SM_MIN(d, k);
    if (at == SIZE_MAX)
        return (sm_str){ 0 };
    sm_str place = sm_str_sub(o, 0, at);
    if (sm_str_starts(place, SM_STR("中国共产党")))
        place = sm_str_sub(place, 15, place.n);
    return place;
}

static bool are_one_roster(const item *a, const item *b)
{
    return sm_str_eq(roster_of(a->who), roster_of(b->who));
}

static const sm_roster_person *person_at(const people *all, sm_str s, size_t at)
{
    sm_str name = name_at(all, s, at);
    return name.n ? line_of(all, name, all->day) : NULL;
}

static size_t items_of(const people *all, sm_str s, item *out)
{
    size_t n = 0;
    for (size_t at = 0; at < s.n && n < MAX_IN_LIST;) {
        const sm_roster_person *who = person_at(all, s, at);
        if (!who) {
            at = next_at(s, at);
            continue;
        }
        sm_str post = post_before(all, s, at);
        out[n++] = (item){ post.n ? (size_t)(post.p - s.p) : at, at + who->name.n, who };
        at += who->name.n;
    }
    return n;
}

/* Only signs of a list stand between. */
static bool are_adjacent(sm_str s, const item *a, const item *b)
{
    sm_str between = sm_str_sub(s, a->to, b->from);
    if (b->from < a->to || between.n > 24)
        return false;
    while (between.n) {
        uint32_t ch = sm_utf8_next(&between);
        if (ch != 0x3001 && ch != 0xff0c && ch != 0x3000 && ch != ' ' && ch != ',' && ch != 0x548c)
            return false;
    }
    return true;
}

static void sort_items(item *v, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t k = i; k > 0 && v[k].who->rank < v[k - 1].who->rank; k--) {
            item x = v[k];
            v[k] = v[k - 1];
            v[k - 1] = x;
        }
}

/* The list as it should be, with the signs between as they are. */
static sm_str in_rank(sm_check *c, sm_str s, const item *v, size_t n)
{
    item sorted[MAX_IN_LIST];
    memcpy(sorted, v, n * sizeof(*v));
    sort_items(sorted, n);
    sm_buf b;
    sm_buf_init(&b, 1 << 16);
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            sm_buf_add(&b, sm_str_sub(s, v[i - 1].to, v[i].from));
        sm_buf_add(&b, sm_str_sub(s, sorted[i].from, sorted[i].to));
    }
    sm_str out = { 0 };
    sm_buf_take(c->op, &b, &out);
    return out;
}

static void check_list(sm_check *c, const sm_rule *rule, const sm_line *l, const item *v, size_t n)
{
    size_t first = n, last = 0; /* what is out of order */
    item sorted[MAX_IN_LIST];
    memcpy(sorted, v, n * sizeof(*v));
    sort_items(sorted, n);
    for (size_t i = 0; i < n; i++)
        if (sorted[i].who != v[i].who) {
            first = SM_MIN(first, i);
            last = i;
        }
    if (first == n)
        return;
    sm_finding *f = sm_find_slice(c, rule, l, sm_str_sub(l->text, v[first].from, v[last].to));
    sm_propose(f, in_rank(c, l->text, v + first, last - first + 1));
    f->confidence = .7;
    sm_because(c, f, "名录中%.*s排在%.*s之前", SM_ARG(sorted[first].who->name),
               SM_ARG(v[first].who->name));
}

/* K03: the order of leaders. */
static void run_order(sm_check *c, const sm_rule *rule)
{
    const people *all = people_of(c);
    item v[MAX_IN_LIST];
    for (size_t i = 0; i < c->o->n && all->n; i++) {
        const sm_line *l = &c->o->line[i];
        if (!l->text.n || !(is_running(l) || l->role == SM_ROLE_ATTENDANCE))
            continue;
        size_t n = items_of(all, l->text, v);
        for (size_t from = 0, k = 1; k <= n; k++) {
            if (k < n && are_adjacent(l->text, &v[k - 1], &v[k]) &&
                are_one_roster(&v[k - 1], &v[k]))
                continue;
            if (k - from > 1)
                check_list(c, rule, l, v + from, k - from);
            from = k;
        }
    }
}

/* ------------------------------------------------- K05, K06, L03, L04, M06 */

/* Two findings of one place would say the same. */
static bool is_taken(const sm_check *c, const sm_line *l, sm_str what)
{
    size_t from = (size_t)(what.p - l->par->text.p), to = from + what.n;
    for (size_t i = c->n_found; i-- > 0;) {
        const sm_finding *f = &c->found[i];
        if (f->para == l->para && f->start < to && f->end > from)
            return true;
    }
    return false;
}

/* Inside 《…》: titles stay as they were. */
static bool in_title(sm_str s, size_t at)
{
    int depth = 0;
    for (size_t i = 0; i < at; i = next_at(s, i)) {
        sm_str rest = sm_str_sub(s, i, s.n);
        if (sm_str_starts(rest, SM_STR("《")))
            depth++;
        else if (sm_str_starts(rest, SM_STR("》")) && depth)
            depth--;
    }
    return depth > 0;
}

/* What is told of former times keeps its name. */
static bool is_former(sm_check *c, sm_str s, size_t at, sm_str note)
{
    static const char *const words[] = { "原",   "原为",   "撤销",   "撤并", "旧称",
                                         "时称", "前身为", "前身是", "原称" };
    if (precedes(s, at, words, SM_LEN(words)))
        return true;
    sm_str head = sm_str_sub(s, 0, at);
    for (const char *const *stop = (const char *const[]){ "。", "；", NULL }; *stop; stop++)
        for (size_t k; (k = sm_str_find(head, sm_str_of(*stop), 0)) != SIZE_MAX;)
            head = sm_str_sub(head, k + 3, head.n);
    days d = days_in(c->a, head);
    int64_t since, year;
    if (!sm_str_to_int(sm_str_sub(note, 0, 4), &since))
        return false;
    for (size_t i = 0; i < d.n; i++)
        if (sm_str_to_int(sm_str_sub(d.day[i], 0, 4), &year) && year < since)
            return true;
    return false;
}

/* Part of an organ's name that may be written, as 市人社 in 市人社局. */
static bool in_organ(const sm_check *c, sm_str s, size_t at, sm_str wrong)
{
    const sm_roster_organ *o;
    size_t n = sm_roster_organs(c->roster, &o);
    for (size_t i = 0; i < n; i++) {
        sm_str names = sm_strf(c->a, "%.*s、%.*s", SM_ARG(o[i].full), SM_ARG(o[i].shorts));
        if (o[i].renamed.n || !sm_str_has(names, wrong))
            continue;
        while (names.n) {
            sm_str one = part_of(&names, SM_STR("、"));
            size_t k = sm_str_find(one, wrong, 0);
            if (k != SIZE_MAX && k <= at && sm_str_starts(sm_str_sub(s, at - k, s.n), one))
                return true;
        }
    }
    return false;
}

/* Where `right` holds `wrong`, what of the rest stands there already: “ of “放管服”. */
static bool is_right_there(sm_str s, size_t at, sm_str wrong, sm_str right)
{
    for (size_t k = sm_str_find(right, wrong, 0); k != SIZE_MAX;
         k = sm_str_find(right, wrong, k + 1))
        if (k <= at && sm_str_starts(sm_str_sub(s, at - k, s.n), right))
            return true;
    return false;
}

/* 新时代枫桥经验 as a whole is what 新时代“枫桥经验” replaces. */
static sm_str widened(sm_str s, size_t at, sm_str wrong, sm_str right)
{
    size_t k = sm_str_find(right, wrong, 0), from = at, to = at + wrong.n;
    if (k == SIZE_MAX) { /* 既有住宅增设电梯 for 既有住宅加装电梯 */
        size_t n = before_at(right, right.n);
        while (n >= 6 && !sm_str_ends(sm_str_sub(s, 0, at), sm_str_sub(right, 0, n)))
            n = before_at(right, n);
        return sm_str_sub(s, n >= 6 ? from - n : from, to);
    }
    for (size_t i = k; i > 0;) {
        size_t b = before_at(right, i);
        sm_str one = sm_str_sub(right, b, i);
        if (from >= one.n && sm_str_ends(sm_str_sub(s, 0, from), one))
            from -= one.n;
        i = b;
    }
    for (size_t i = k + wrong.n; i < right.n;) {
        size_t e = next_at(right, i);
        sm_str one = sm_str_sub(right, i, e);
        if (sm_str_starts(sm_str_sub(s, to, s.n), one))
            to += one.n;
        i = e;
    }
    return sm_str_sub(s, from, to);
}

/* 青石乡 does not end where 青石乡村 goes on; 云澜地区 is a region unless it has an office. */
static bool is_other_word(sm_str s, size_t at, sm_str wrong)
{
    static const char *const after_village[] = { "村", "土", "亲", "镇", "里", "情" };
    static const char *const offices[] = { "行署", "行政公署", "专署", "专员" };
    static const char *const city[] = { "场", "民" };
    static const char *const units[] = { "公里", "千米", "米", "厘米", "分米", "毫米" };
    size_t to = at + wrong.n;
    if (sm_str_ends(wrong, SM_STR("乡")))
        return follows(s, to, after_village, SM_LEN(after_village));
    if (sm_str_ends(wrong, SM_STR("地区")))
        return !follows(s, to, offices, SM_LEN(offices));
    if (sm_str_ends(wrong, SM_STR("平方")))
        return follows(s, to, units, SM_LEN(units));
    return sm_str_ends(wrong, SM_STR("市")) && follows(s, to, city, SM_LEN(city));
}

static void find_term(sm_check *c, const sm_rule *rule, const sm_line *l, const sm_roster_term *t,
                      sm_str wrong)
{
    sm_str s = l->text;
    bool named = !sm_str_eq(t->kind, SM_STR("phrase"));
    for (size_t at = sm_str_find(s, wrong, 0); at != SIZE_MAX;
         at = sm_str_find(s, wrong, at + wrong.n)) {
        if (is_right_there(s, at, wrong, t->right) || in_organ(c, s, at, wrong))
            continue;
        if (named &&
            (in_title(s, at) || is_former(c, s, at, t->note) || is_other_word(s, at, wrong)))
            continue;
        sm_str what = widened(s, at, wrong, t->right);
        if (is_taken(c, l, what))
            continue;
        sm_finding *f = sm_find_slice(c, rule, l, what);
        sm_str rights = t->right;
        bool several = sm_str_eq(t->kind, SM_STR("preferred")) && sm_str_has(rights, SM_STR("、"));
        if (rights.n && !sm_str_starts(rights, SM_STR("（")))
            sm_propose(f, several ? part_of(&rights, SM_STR("、")) : rights);
        if (several)
            f->confidence = .6;
        sm_because(c, f, "登记的写法是“%.*s”%s%.*s", SM_ARG(t->right), t->note.n ? "：" : "",
                   SM_ARG(t->note));
    }
}

/* A wrong form that is a list itself, 创新、绿色、…, is one form: the right one begins alike. */
static bool is_one_form(const sm_roster_term *t)
{
    sm_str list = t->wrong, first = part_of(&list, SM_STR("、"));
    return list.n == 0 || (sm_str_has(t->right, SM_STR("、")) && sm_str_has(t->right, first) &&
                           first.n < t->right.n / 2);
}

typedef struct wrong_form {
    const sm_roster_term *term;
    sm_str wrong;
} wrong_form;

typedef struct forms {
    wrong_form *v;
    size_t n, cap;
} forms;

static int longest_first(const void *a, const void *b)
{
    const wrong_form *x = a, *y = b;
    if (x->wrong.n != y->wrong.n)
        return x->wrong.n > y->wrong.n ? -1 : 1;
    return sm_str_cmp(x->wrong, y->wrong);
}

static void add_form(sm_check *c, forms *all, const sm_roster_term *t, sm_str wrong)
{
    /* the right form of 四个自信 spells out what it is: no correction */
    bool spelt_out = sm_str_eq(t->kind, SM_STR("phrase")) && t->right.n > 2 * wrong.n + 12;
    if (wrong.n < 6 || spelt_out)
        return;
    SM_GROW(c->a, all->v, all->n, all->cap);
    all->v[all->n++] = (wrong_form){ t, wrong };
}

static bool has_kind(const json_t *kinds, sm_str kind)
{
    for (size_t i = 0; i < json_array_size(kinds); i++)
        if (sm_str_eq(sm_str_of(json_string_value(json_array_get(kinds, i))), kind))
            return true;
    return false;
}

/* The registry's wrong forms of the kinds that a rule names (params terms). */
static forms forms_of(sm_check *c, const sm_rule *rule)
{
    forms all = { 0 };
    const sm_roster_term *t;
    size_t n = c->roster ? sm_roster_terms(c->roster, &t) : 0;
    for (size_t i = 0; i < n; i++) {
        sm_str list = t[i].wrong;
        if (!has_kind(sm_param(rule, "terms"), t[i].kind) || sm_str_has(list, SM_STR("（")))
            continue; /* what stands in brackets a person has to judge */
        if (is_one_form(&t[i]))
            add_form(c, &all, &t[i], list);
        else
            while (list.n)
                add_form(c, &all, &t[i], part_of(&list, SM_STR("、")));
    }
    if (all.n)
        qsort(all.v, all.n, sizeof(*all.v), longest_first);
    return all;
}

static void find_registered(sm_check *c, const sm_rule *rule)
{
    forms all = forms_of(c, rule);
    for (size_t k = 0; k < c->o->n; k++) {
        const sm_line *l = &c->o->line[k];
        if (!l->text.n || !sm_rule_reads(rule, l))
            continue;
        for (size_t i = 0; i < all.n; i++)
            find_term(c, rule, l, all.v[i].term, all.v[i].wrong);
    }
}

/* The words of the rule, and those of the registry. */
static void run_terms(sm_check *c, const sm_rule *rule)
{
    sm_dictionary_run(c, rule);
    find_registered(c, rule);
}

/* -------------------------------------------------------------------- K07 */

typedef struct named {
    sm_str name;
    const sm_line *line; /* where it stands first */
    sm_str at;
    size_t n;
} named;

/* Not inside another organ's name, a title or a table. */
static void count_name(const sm_check *c, sm_str name, named *out)
{
    *out = (named){ .name = name };
    for (size_t i = 0; i < c->o->n; i++) {
        const sm_line *l = &c->o->line[i];
        if (!is_running(l) || l->role == SM_ROLE_CELL)
            continue;
        for (size_t at = sm_str_find(l->text, name, 0); at != SIZE_MAX;
             at = sm_str_find(l->text, name, at + name.n)) {
            static const char *const own[] = { "云澜" };
            if (in_title(l->text, at) || precedes(l->text, at, own, 1))
                continue;
            if (!out->n++) {
                out->line = l;
                out->at = sm_str_sub(l->text, at, at + name.n);
            }
        }
    }
}

static void check_organ_names(sm_check *c, const sm_rule *rule, const sm_roster_organ *o)
{
    static const sm_str sep = { "、", 3 };
    named said[8];
    size_t n = 0;
    sm_str list = o->shorts, standard = { 0 };
    while (list.n && n < SM_LEN(said)) {
        sm_str one = part_of(&list, sep);
        standard = standard.n ? standard : one;
        count_name(c, one, &said[n]);
        bool another = n == 0 || !sm_str_has(one, said[n - 1].name);
        n += said[n].n > 0 && another;
    }
    if (n < 2)
        return;
    for (size_t i = 0; i < n; i++) {
        if (sm_str_has(said[i].name, standard))
            continue; /* the standard one, or that with the place before it */
        sm_finding *f = sm_find_slice(c, rule, said[i].line, said[i].at);
        sm_propose(f, standard);
        f->confidence = .7;
        sm_because(c, f, "同一机关又称“%.*s”，全文宜统一用“%.*s”", SM_ARG(said[i ? 0 : 1].name),
                   SM_ARG(standard));
    }
}

/* K07: one organ under several short names.  Governments and committees are called in full where
 * the law does. */
static void run_several_names(sm_check *c, const sm_rule *rule)
{
    const sm_roster_organ *o;
    size_t n = c->roster ? sm_roster_organs(c->roster, &o) : 0;
    for (size_t i = 0; i < n; i++)
        if (!o[i].renamed.n && sm_str_has(o[i].shorts, SM_STR("、")) &&
            (sm_str_eq(o[i].level, SM_STR("department")) ||
             sm_str_eq(o[i].level, SM_STR("institution"))))
            check_organ_names(c, rule, &o[i]);
}

/* -------------------------------------------------------------------- K08 */

typedef struct session {
    int term, no;
    sm_str day; /* of the registry; "" not told */
} session;

/* 第十六届…第四次 or 十六届四次 between words: the two numbers, 0 none. */
static bool read_session(sm_str s, size_t at, const char *body, session *out, size_t *end)
{
    size_t i = at, k;
    if (!follows(s, i, &body, 1))
        return false;
    i += strlen(body);
    sm_str rest = sm_str_sub(s, i, SM_MIN(s.n, i + 90));
    if (sm_str_starts(rest, SM_STR("第")))
        rest = sm_str_sub(rest, 3, rest.n);
    k = sm_str_find(rest, SM_STR("届"), 0);
    if (k == SIZE_MAX || k == 0 || k > 12)
        return false;
    int64_t term = sm_text_integer(sm_str_sub(rest, 0, k));
    rest = sm_str_sub(rest, k + 3, rest.n);
    static const char *const bodies[] = { "人民代表大会", "人大", "委员会", "中央委员会", "" };
    for (size_t b = 0; b < SM_LEN(bodies); b++)
        if (sm_str_starts(rest, sm_str_of(bodies[b]))) {
            rest = sm_str_sub(rest, strlen(bodies[b]), rest.n);
            break;
        }
    if (sm_str_starts(rest, SM_STR("第")))
        rest = sm_str_sub(rest, 3, rest.n);
    k = sm_str_find(rest, SM_STR("次"), 0);
    if (k == SIZE_MAX || k == 0 || k > 9)
        return false;
    int64_t no = sm_text_integer(sm_str_sub(rest, 0, k));
    sm_str tail = sm_str_sub(rest, k + 3, rest.n);
    static const char *const meetings[] = { "会议", "全会", "全体会议" };
    for (size_t m = 0; term > 0 && no > 0 && m < SM_LEN(meetings); m++) {
        if (!sm_str_starts(tail, sm_str_of(meetings[m])))
            continue;
        *out = (session){ (int)term, (int)no, { 0 } };
        *end = (size_t)(tail.p - s.p) + strlen(meetings[m]);
        return true;
    }
    return false;
}

enum { MAX_SESSIONS = 40 };

/* What the registry says of one body's sessions. */
static size_t sessions_of(sm_check *c, const char *body, session *out)
{
    const sm_roster_term *t;
    size_t n = c->roster ? sm_roster_terms(c->roster, &t) : 0, found = 0, end;
    for (size_t i = 0; i < n && found < MAX_SESSIONS; i++) {
        if (!sm_str_eq(t[i].kind, SM_STR("meeting")) ||
            !read_session(t[i].right, 0, body, &out[found], &end))
            continue;
        static const char *const held[] = { "召开" };
        days d = days_in(c->a, t[i].note);
        if (d.n && follows(t[i].note, d.end[0], held, 1))
            out[found++].day = d.day[0];
    }
    return found;
}

/* The date that is told right before: 2026年1月召开的…. */
static sm_str day_before(sm_check *c, sm_str s, size_t at)
{
    days d = days_in(c->a, sm_str_sub(s, 0, at));
    if (!d.n || at - d.end[d.n - 1] > 30)
        return (sm_str){ 0 };
    return d.day[d.n - 1];
}

static bool same_as_far(sm_str a, sm_str b)
{
    size_t n = SM_MIN(a.n, b.n);
    return sm_str_eq(sm_str_sub(a, 0, n), sm_str_sub(b, 0, n));
}

static void check_session(sm_check *c, const sm_rule *rule, const sm_line *l, size_t at,
                          const char *body, const session *known, size_t n)
{
    session said;
    size_t end;
    if (!read_session(l->text, at, body, &said, &end) || in_title(l->text, at))
        return;
    sm_str day = day_before(c, l->text, at), what = sm_str_sub(l->text, at, end);
    const session *is = NULL, *on_day = NULL;
    bool term = false;
    for (size_t i = 0; i < n; i++) {
        term |= known[i].term == said.term;
        if (known[i].term == said.term && known[i].no == said.no)
            is = &known[i];
        if (day.n >= 7 && same_as_far(day, known[i].day))
            on_day = &known[i];
    }
    if (is_taken(c, l, what) || (is && (!day.n || same_as_far(day, is->day))))
        return;
    if (!is && !on_day && !term)
        return; /* of a time that the registry does not know */
    if (!is && !on_day && day_of(c).n && sm_str_cmp(day_of(c), known[n - 1].day) > 0 && !day.n &&
        said.no > known[n - 1].no + 1)
        return;
    sm_finding *f = sm_find_slice(c, rule, l, what);
    f->confidence = .7;
    if (is)
        sm_because(c, f, "登记的%.*s在%.*s召开", SM_ARG(what), SM_ARG(is->day));
    else if (on_day)
        sm_because(c, f, "%.*s召开的是第%d届第%d次会议", SM_ARG(on_day->day), on_day->term,
                   on_day->no);
    else
        sm_because(c, f, "登记的会议中没有第%d届第%d次会议", said.term, said.no);
}

/* 第76次常务会议 between two that the registry dates. */
typedef struct anchor {
    int64_t no;
    sm_str day;
} anchor;

static size_t anchors_of(sm_check *c, anchor *out, size_t max)
{
    const sm_roster_term *t;
    size_t n = sm_roster_terms(c->roster, &t), found = 0;
    for (size_t i = 0; i < n; i++) {
        if (!sm_str_eq(t[i].kind, SM_STR("meeting")) ||
            !sm_str_eq(t[i].right, SM_STR("市政府常务会议")))
            continue;
        sm_str note = t[i].note;
        size_t from, end;
        for (size_t at = 0;
             found < max && (at = sm_str_find(note, SM_STR("第"), at)) != SIZE_MAX;) {
            from = at += 3;
            while (at < note.n && note.p[at] >= '0' && note.p[at] <= '9')
                at++;
            sm_str no = sm_str_sub(note, from, at);
            size_t y = sm_str_find(note, SM_STR("20"), at);
            if (!no.n || y == SIZE_MAX || !sm_str_to_int(no, &out[found].no))
                continue;
            out[found].day = day_at(c->a, note, y, &end);
            found += out[found].day.n == 10;
        }
    }
    return found;
}

static void check_standing(sm_check *c, const sm_rule *rule, const sm_line *l, const anchor *v,
                           size_t n)
{
    static const char *const meeting[] = { "次常务会议" };
    for (size_t at = 0; (at = sm_str_find(l->text, SM_STR("市政府第"), at)) != SIZE_MAX;) {
        size_t from = at += 12;
        int64_t no;
        while (at < l->text.n && l->text.p[at] >= '0' && l->text.p[at] <= '9')
            at++;
        sm_str day = day_before(c, l->text, from - 12);
        if (!sm_str_to_int(sm_str_sub(l->text, from, at), &no) || day.n != 10 ||
            !follows(l->text, at, meeting, 1))
            continue;
        for (size_t i = 0; i < n; i++) {
            int cmp = sm_str_cmp(day, v[i].day);
            if ((cmp < 0 && no < v[i].no) || (cmp > 0 && no > v[i].no) || (!cmp && no == v[i].no))
                continue;
            sm_finding *f = sm_find_slice(c, rule, l, sm_str_sub(l->text, from - 3, at + 3));
            if (!cmp)
                sm_propose(f, sm_strf(c->a, "第%d次", (int)v[i].no));
            f->confidence = .6;
            sm_because(c, f, "登记的第%d次常务会议在%.*s，次数与日期不符", (int)v[i].no,
                       SM_ARG(v[i].day));
            break;
        }
    }
}

/* K08: names and numbers of meetings: patterns, words of the registry, and the registry's dates. */
static void run_meetings(sm_check *c, const sm_rule *rule)
{
    static const char *const bodies[] = { "市", "政协云澜市", "市政协", "市委", "党的" };
    sm_pattern_run(c, rule);
    if (!c->roster)
        return;
    find_registered(c, rule);
    size_t n_known[SM_LEN(bodies)];
    session known[SM_LEN(bodies)][MAX_SESSIONS];
    anchor standing[16];
    size_t n_standing = anchors_of(c, standing, SM_LEN(standing));
    for (size_t b = 0; b < SM_LEN(bodies); b++)
        n_known[b] = sessions_of(c, bodies[b], known[b]);
    for (size_t i = 0; i < c->o->n; i++) {
        const sm_line *l = &c->o->line[i];
        if (!sm_str_has(l->text, SM_STR("会")) || !sm_rule_reads(rule, l))
            continue;
        for (size_t b = 0; b < SM_LEN(bodies); b++)
            for (size_t at = 0;
                 n_known[b] && (at = sm_str_find(l->text, sm_str_of(bodies[b]), at)) != SIZE_MAX;
                 at += 3)
                check_session(c, rule, l, at, bodies[b], known[b], n_known[b]);
        check_standing(c, rule, l, standing, n_standing);
    }
}

/* -------------------------------------------------------------------- L06 */

static bool is_digit_or_x(sm_str s, size_t at)
{
    return (s.p[at] >= '0' && s.p[at] <= '9') || s.p[at] == 'X' || s.p[at] == 'x';
}

/* Where the masked text goes on alike: the bytes of the original and of the masked that differ,
 * widened to the whole number. */
static void report_masked(sm_check *c, const sm_rule *rule, const sm_line *l, sm_str masked)
{
    static const char *const contact[] = { "联系人",   "联系电话", "咨询电话", "举报电话",
                                           "值班电话", "报名电话", "投诉电话", "监督电话" };
    sm_str s = l->text;
    size_t i = 0, k = 0;
    while (i < s.n && k < masked.n) {
        if (s.p[i] == masked.p[k]) {
            i++;
            k++;
            continue;
        }
        size_t from = i, kf = k;
        while (from > 0 && kf > 0 && is_digit_or_x(s, from - 1)) {
            from--;
            kf--;
        }
        while (k < masked.n && masked.p[k] == '*') { /* each hides a digit, of one byte or three */
            while (i < s.n && !is_digit_or_x(s, i) && (uint8_t)s.p[i] != 0xef)
                i++; /* a sign between groups went, too */
            i += i < s.n && (uint8_t)s.p[i] == 0xef ? 3 : 1;
            k++;
        }
        while (i < s.n && k < masked.n && s.p[i] == masked.p[k] && is_digit_or_x(s, i)) {
            i++;
            k++;
        }
        sm_str what = sm_str_sub(s, from, i), as = sm_str_sub(masked, kf, k);
        bool phone = sm_utf8_count(what) < LEAST_ID;
        if (phone && (l->role == SM_ROLE_REMARK || sm_str_has_any(s, contact, SM_LEN(contact))))
            continue;
        sm_finding *f = sm_find_slice(c, rule, l, what);
        sm_propose(f, as);
        sm_because(c, f, "公开的文件里不写完整的%s", phone ? "个人手机号码" : "证件号码或卡号");
    }
}

/* L06: personal data: numbers here, addresses, minors and the like by patterns. */
static void run_personal(sm_check *c, const sm_rule *rule)
{
    for (size_t i = 0; i < c->o->n; i++) {
        const sm_line *l = &c->o->line[i];
        size_t n = 0;
        if (!l->text.n || !sm_rule_reads(rule, l))
            continue;
        sm_str masked = sm_text_mask(c->a, l->text, &n);
        if (n)
            report_masked(c, rule, l, masked);
    }
    sm_pattern_run(c, rule);
}

/* -------------------------------------------------------------------- L07 */

/* A document that everybody may read. */
static bool is_public(const sm_outline *o)
{
    static const char *const marks[] = { "公开发布", "主动公开", "公开发行" };
    if (sm_str_eq(o->kind, SM_STR("公告")) || sm_str_eq(o->kind, SM_STR("通告")) ||
        sm_str_eq(o->kind, SM_STR("公报")) || o->order)
        return true;
    for (size_t i = 0; i < o->n; i++)
        if (o->line[i].role == SM_ROLE_REMARK &&
            sm_str_has_any(o->line[i].text, marks, SM_LEN(marks)))
            return true;
    return false;
}

static void run_open(sm_check *c, const sm_rule *rule)
{
    if (is_public(c->o))
        sm_pattern_run(c, rule);
}

const sm_checker sm_checkers_names[] = { { "misspelt_names", run_misspelt },
                                         { "posts", run_posts },
                                         { "leaders_order", run_order },
                                         { "terms", run_terms },
                                         { "several_names", run_several_names },
                                         { "meetings", run_meetings },
                                         { "personal_data", run_personal },
                                         { "open_document", run_open },
                                         { NULL, NULL } };
