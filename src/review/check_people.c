/*
 * Group K, people: names, posts and the order of leaders against the roster (K01, K02, K03).
 */
#include "review/names.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_IN_LIST = 60 };

/* ------------------------------------------------------------------- posts */

enum { NAME_CHARS = 3, CHAR_BITS = 4096 };

typedef struct people {
    const sm_roster_person *p;
    size_t n;
    sm_str day;                                /* of the document */
    uint32_t (*name)[NAME_CHARS];              /* of each; a name of two ends with 0 */
    uint64_t held[NAME_CHARS][CHAR_BITS / 64]; /* which characters stand where in names */
    struct post {
        sm_str text; /* 市应急局局长 and its other forms */
        size_t of;   /* whose */
    } * post;
    size_t n_posts, cap;
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

static void add_post(sm_arena *a, people *all, size_t of, sm_str text)
{
    SM_GROW(a, all->post, all->n_posts, all->cap);
    all->post[all->n_posts].text = text;
    all->post[all->n_posts++].of = of;
}

/* Within its own district a post goes without the place: 区应急管理局局长, 副区长. */
static void add_near_posts(sm_arena *a, people *all, size_t of, sm_str post)
{
    static const char *const chiefs[] = { "区长", "副区长", "县长", "副县长" };
    size_t d = sm_str_find(post, SM_STR("区"), 0), k = sm_str_find(post, SM_STR("县"), 0);
    size_t at = SM_MIN(d, k);
    if (at == SIZE_MAX || at == 0 || sm_str_starts(post, SM_STR("市")) || at > 9)
        return;
    sm_str near = sm_str_sub(post, at, post.n), chief = sm_str_sub(post, at + 3, post.n);
    if (near.n > 9)
        add_post(a, all, of, near);
    for (size_t i = 0; i < SM_LEN(chiefs); i++)
        if (sm_str_eq(chief, sm_str_of(chiefs[i])))
            add_post(a, all, of, chief);
}

/* The same post under the organ's other names. */
static void add_other_posts(const sm_check *c, people *all, size_t of, sm_str post)
{
    const sm_roster_organ *o = sm_roster_organ_named(c->roster, all->p[of].organ, all->day);
    if (!o)
        return;
    sm_str names = sm_strf(c->a, "%.*s、%.*s", SM_ARG(o->full), SM_ARG(o->shorts)), list = names;
    sm_str title = { 0 };
    while (list.n && !title.n) {
        sm_str one = sm_part_of(&list, SM_STR("、"));
        if (one.n && post.n > one.n && sm_str_starts(post, one))
            title = sm_str_sub(post, one.n, post.n);
    }
    while (title.n && names.n) {
        sm_str one = sm_part_of(&names, SM_STR("、"));
        sm_str other = sm_strf(c->a, "%.*s%.*s", SM_ARG(one), SM_ARG(title));
        if (one.n && !sm_str_eq(other, post))
            add_post(c->a, all, of, other);
    }
}

static void index_posts(const sm_check *c, people *all, size_t i)
{
    sm_str list = all->p[i].post;
    while (list.n) {
        sm_str one = sm_part_of(&list, SM_STR("、"));
        add_post(c->a, all, i, one);
        add_near_posts(c->a, all, i, one);
        add_other_posts(c, all, i, one);
    }
}

static people *people_of(const sm_check *c)
{
    people *all = SM_NEW(c->a, people);
    all->day = sm_day_of(c);
    if (c->roster)
        all->n = sm_roster_people(c->roster, &all->p);
    all->name = sm_alloc_n(c->a, sizeof(*all->name), all->n);
    for (size_t i = 0; i < all->n; i++) {
        index_name(all, i);
        index_posts(c, all, i);
    }
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
    for (size_t i = 0; i < all->n_posts; i++) {
        sm_str one = all->post[i].text;
        if (one.n > best.n && ends_with_post(head, one))
            best = sm_str_sub(head, head.n - one.n, head.n);
    }
    return best;
}

static sm_str post_after(const people *all, sm_str s, size_t at)
{
    sm_str rest = sm_str_sub(s, at, s.n), best = { 0 };
    for (size_t i = 0; i < all->n_posts; i++) {
        sm_str one = all->post[i].text;
        if (one.n > best.n && sm_str_starts(rest, one))
            best = sm_str_sub(rest, 0, one.n);
    }
    return best;
}

/* Whether what is said is one of the posts of a line of the roster. */
static bool is_post_of(const people *all, size_t i, sm_str said)
{
    for (size_t k = 0; k < all->n_posts; k++)
        if (all->post[k].of == i &&
            (ends_with_post(all->post[k].text, said) || ends_with_post(said, all->post[k].text)))
            return true;
    return false;
}

static bool in_office(const people *all, size_t i, sm_str day)
{
    return sm_roster_holds(all->p[i].from, all->p[i].to, day);
}

static bool holds(const people *all, sm_str name, sm_str post, sm_str day)
{
    for (size_t i = 0; i < all->n; i++)
        if (sm_str_eq(all->p[i].name, name) && in_office(all, i, day) && is_post_of(all, i, post))
            return true;
    return false;
}

static const sm_roster_person *line_of(const people *all, sm_str name, sm_str day)
{
    for (size_t i = 0; i < all->n; i++)
        if (sm_str_eq(all->p[i].name, name) && in_office(all, i, day))
            return &all->p[i];
    return NULL;
}

/* The only one who now has the post that a person had on another day; NULL: the person never had
 * it, or several have it. */
static const sm_roster_person *successor(const people *all, sm_str name, sm_str post)
{
    const sm_roster_person *found = NULL;
    for (size_t i = 0; i < all->n; i++) {
        if (!sm_str_eq(all->p[i].name, name) || !is_post_of(all, i, post))
            continue;
        for (size_t k = 0; k < all->n; k++) {
            if (!sm_str_eq(all->p[k].organ, all->p[i].organ) || !in_office(all, k, all->day) ||
                !sm_str_eq(all->p[k].post, all->p[i].post))
                continue;
            if (found)
                return NULL;
            found = &all->p[k];
        }
    }
    return found;
}

/* -------------------------------------------------------------------- K02 */

static bool of_the_past(sm_str s, size_t at)
{
    static const char *const words[] = { "时任", "原", "前任", "前",  "曾任",
                                         "历任", "任", "为",   "拟任" };
    return sm_precedes(s, at, words, SM_LEN(words));
}

/* What is said of another day is true of that day. */
static bool held_some_day(const people *all, const sm_days *d, sm_str name, sm_str post)
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

/* Of a post that was given up the name is the slip; of one never held the post is. */
static void wrong_post(sm_check *c, const sm_rule *rule, const people *all, const sm_line *l,
                       sm_str name, sm_str post)
{
    const sm_roster_person *now = successor(all, name, post);
    sm_str own = posts_on(all, name, all->day), has = own;
    while (sm_str_has(has, SM_STR("、")))
        sm_part_of(&has, SM_STR("、")); /* the last of several is the office of the government */
    sm_finding *f = sm_find_slice(c, rule, l, now ? name : post);
    if (now || has.n)
        sm_propose(f, now ? now->name : has);
    f->confidence = .7;
    if (own.n)
        sm_because(c, f, "名录中%.*s在成文日期任%.*s，不是%.*s", SM_ARG(name), SM_ARG(own),
                   SM_ARG(post));
    else
        sm_because(c, f, "名录中%.*s在成文日期不任%.*s", SM_ARG(name), SM_ARG(post));
}

static void check_post_at(sm_check *c, const sm_rule *rule, const people *all, const sm_line *l,
                          const sm_days *d, sm_str name)
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
        !sm_follows(s, (size_t)(behind.p - s.p) + behind.n, will_be, SM_LEN(will_be)))
        wrong_post(c, rule, all, l, name, behind);
}

static void check_posts_in(sm_check *c, const sm_rule *rule, const people *all, const sm_line *l)
{
    sm_days d = { 0 };
    bool read = false;
    for (size_t at = 0; at < l->text.n;) {
        sm_str name = name_at(all, l->text, at);
        if (!name.n) {
            at = sm_next_at(l->text, at);
            continue;
        }
        if (!read)
            d = sm_days_in(c->a, l->text);
        read = true;
        check_post_at(c, rule, all, l, &d, name);
        at += name.n;
    }
}

/* 签发人：… is in office where the document is from, or else was. */
static void check_signer(sm_check *c, const sm_rule *rule, const people *all, const sm_line *l)
{
    for (size_t at = 0; at < l->text.n; at = sm_next_at(l->text, at)) {
        sm_str name = name_at(all, l->text, at);
        const sm_roster_person *left = NULL;
        bool in = !name.n;
        for (size_t i = 0; i < all->n && !in; i++) {
            if (!sm_str_eq(all->p[i].name, name) || !sm_str_eq(all->p[i].organ, c->o->issuer))
                continue;
            in = in_office(all, i, all->day);
            left = &all->p[i];
        }
        if (in || !left)
            continue;
        sm_str post = left->post;
        while (sm_str_has(post, SM_STR("、")))
            sm_part_of(&post, SM_STR("、"));
        wrong_post(c, rule, all, l, name, post);
    }
}

/* K02: a post that the named person does not hold on the document's date. */
void sm_run_posts(sm_check *c, const sm_rule *rule)
{
    const people *all = people_of(c);
    for (size_t i = 0; i < c->o->n && all->n; i++) {
        const sm_line *l = &c->o->line[i];
        if (sm_is_running(l) || l->role == SM_ROLE_SIGN || l->role == SM_ROLE_ATTENDANCE)
            check_posts_in(c, rule, all, l);
        else if (l->role == SM_ROLE_SIGNER)
            check_signer(c, rule, all, l);
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
    return to == s.n || sm_follows(s, to, ends, SM_LEN(ends));
}

static bool has_post_of(const people *all, sm_str name, sm_str s, size_t from, size_t to)
{
    sm_str front = post_before(all, s, from), behind = post_after(all, s, to);
    for (size_t i = 0; i < all->n; i++)
        if (sm_str_eq(all->p[i].name, name) &&
            ((front.n && is_post_of(all, i, front)) || (behind.n && is_post_of(all, i, behind))))
            return true;
    return false;
}

/* 王明院同志 where the line names the post of 王明远. */
static bool line_has_post_of(const people *all, sm_str name, sm_str s)
{
    for (size_t i = 0; i < all->n_posts; i++)
        if (sm_str_eq(all->p[all->post[i].of].name, name) && sm_utf8_count(all->post[i].text) > 3 &&
            sm_str_has(s, all->post[i].text))
            return true;
    return false;
}

static bool is_meant(const people *all, const sm_line *l, sm_str name, sm_str found)
{
    static const char *const comrade[] = { "同志" };
    sm_str s = l->text;
    size_t from = (size_t)(found.p - s.p), to = from + found.n;
    if (has_post_of(all, name, s, from, to))
        return true;
    if (sm_follows(s, to, comrade, 1) && line_has_post_of(all, name, s))
        return true;
    bool listed =
        l->role == SM_ROLE_SIGNER || l->role == SM_ROLE_SIGN || l->role == SM_ROLE_ATTENDANCE;
    static const char *const marks[] = { "：", ":", "、", "，", "　", " " };
    return listed && (from == 0 || sm_precedes(s, from, marks, SM_LEN(marks))) &&
           stands_alone(s, to);
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
        if (all->name[i][2] || all->name[i][0] != ch[0] || !is_post_of(all, i, post))
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
    for (size_t at = 0; at < s.n; at = sm_next_at(s, at)) {
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
void sm_run_misspelt(sm_check *c, const sm_rule *rule)
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
            at = sm_next_at(s, at);
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
void sm_run_order(sm_check *c, const sm_rule *rule)
{
    const people *all = people_of(c);
    item v[MAX_IN_LIST];
    for (size_t i = 0; i < c->o->n && all->n; i++) {
        const sm_line *l = &c->o->line[i];
        if (!l->text.n || !(sm_is_running(l) || l->role == SM_ROLE_ATTENDANCE))
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
