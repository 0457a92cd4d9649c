/*
 * Organs by the registry: who stands over whom, what 区政府 means here, how recipients are written.
 */
#include <string.h>

#include "draft/inner.h"

enum { MAX_DEPTH = 8, NO_RANK = 99 };

static bool is_level(const sm_roster_organ *o, const char *level)
{
    return sm_str_eq(o->level, sm_str_of(level));
}

static bool in_force(const sm_roster_organ *o, sm_str day)
{
    return !o->renamed.n && sm_roster_holds(o->from, o->to, day);
}

static const sm_roster_organ *superior_of(const sm_drafter *d, const sm_roster_organ *o)
{
    return o && o->superior.n ? sm_roster_organ_named(d->roster, o->superior, (sm_str){ 0 }) : NULL;
}

bool sm_organ_governs(const sm_roster_organ *o)
{
    return is_level(o, "city") || is_level(o, "district") || is_level(o, "county") ||
           sm_str_ends(o->full, SM_STR("人民政府"));
}

/* The nearest at or above o that governs. */
static const sm_roster_organ *place_of(const sm_drafter *d, const sm_roster_organ *o)
{
    for (int i = 0; o && i < MAX_DEPTH && !sm_organ_governs(o); i++)
        o = superior_of(d, o);
    return o && sm_organ_governs(o) ? o : NULL;
}

static const sm_roster_organ *city_of(const sm_drafter *d, const sm_roster_organ *o)
{
    for (int i = 0; o && i < MAX_DEPTH && !is_level(o, "city"); i++)
        o = superior_of(d, o);
    if (o && sm_str_ends(o->full, SM_STR("人民政府")))
        return o;
    const sm_roster_organ *all;
    size_t n = sm_roster_organs(d->roster, &all);
    for (size_t i = 0; i < n; i++)
        if (is_level(&all[i], "city") && sm_str_ends(all[i].full, SM_STR("人民政府")))
            return &all[i];
    return NULL;
}

static bool is_under(const sm_drafter *d, const sm_roster_organ *o, const sm_roster_organ *above)
{
    for (int i = 0; o && i < MAX_DEPTH; i++) {
        o = superior_of(d, o);
        if (o == above)
            return true;
    }
    return false;
}

/* ---------------------------------------------------------------- direction */

/* 0 is the highest. */
static int rank_of(const sm_drafter *d, const sm_roster_organ *o, int depth)
{
    if (is_level(o, "national"))
        return o->superior.n ? 1 : 0;
    if (is_level(o, "province"))
        return sm_str_ends(o->full, SM_STR("人民政府")) ? 2 : 3;
    if (is_level(o, "city"))
        return 4;
    if (is_level(o, "district") || is_level(o, "county"))
        return 5;
    if (is_level(o, "township"))
        return 6;
    if (is_level(o, "enterprise"))
        return NO_RANK;
    const sm_roster_organ *above = superior_of(d, o);
    if (!above || depth == MAX_DEPTH)
        return 5;
    return rank_of(d, above, depth + 1) + !is_level(o, "office");
}

/* What its name says that it does: 民政 of 云澜市民政局. */
static sm_str work_of(sm_str full)
{
    static const char *const places[] = { "省", "市", "区", "县" };
    for (size_t i = 0; i < SM_LEN(places); i++) {
        size_t at = sm_str_find(full, sm_str_of(places[i]), 0);
        if (at != SIZE_MAX && at <= 12 && at + 3 < full.n) {
            full = sm_str_sub(full, at + 3, full.n);
            break;
        }
    }
    return sm_utf8_head(full, 2);
}

static bool same_work(const sm_roster_organ *a, const sm_roster_organ *b)
{
    return !sm_organ_governs(a) && !sm_organ_governs(b) &&
           sm_str_eq(work_of(a->full), work_of(b->full));
}

static bool is_party(const sm_roster_organ *o)
{
    return sm_str_starts(o->full, SM_STR("中国共产党")) && sm_organ_governs(o);
}

sm_direction sm_organ_direction(const sm_drafter *d, const sm_roster_organ *from,
                                const sm_roster_organ *to)
{
    if (!from || !to || from == to)
        return SM_DIR_UNKNOWN;
    if (is_under(d, from, to))
        return SM_DIR_UP;
    /* An office speaks for its organ. */
    const sm_roster_organ *acts = is_level(from, "office") ? superior_of(d, from) : from;
    acts = acts ? acts : from;
    if (is_under(d, to, acts))
        return SM_DIR_DOWN;
    int a = rank_of(d, acts, 0), b = rank_of(d, to, 0);
    if (a == NO_RANK || b == NO_RANK || a == b)
        return SM_DIR_LEVEL;
    bool chain = same_work(acts, to) || is_party(a < b ? acts : to);
    return !chain ? SM_DIR_LEVEL : a < b ? SM_DIR_DOWN : SM_DIR_UP;
}

sm_direction sm_group_direction(const sm_drafter *d, const sm_roster_organ *from, sm_str words)
{
    if (sm_str_has(words, SM_STR("人大")))
        return SM_DIR_LEVEL;
    if (!from || !d->roster)
        return SM_DIR_DOWN;
    bool offices = !sm_str_has(words, SM_STR("区县")) && !sm_str_has(words, SM_STR("街道")) &&
                   sm_str_has(words, SM_STR("部门"));
    const sm_roster_organ *acts = is_level(from, "office") ? superior_of(d, from) : from;
    /* Departments stand beside each other. */
    return offices && acts && !sm_organ_governs(acts) ? SM_DIR_LEVEL : SM_DIR_DOWN;
}

/* ------------------------------------------------------------------- names */

static const sm_roster_organ *nearest(const sm_drafter *d, const sm_roster_organ *from,
                                      const char *level, const char *other)
{
    for (int i = 0; from && i < MAX_DEPTH; i++, from = superior_of(d, from))
        if ((is_level(from, level) || is_level(from, other)) &&
            sm_str_ends(from->full, SM_STR("人民政府")))
            return from;
    return NULL;
}

static const sm_roster_organ *relative(const sm_drafter *d, sm_str name,
                                       const sm_roster_organ *from)
{
    static const char *const county[] = { "区政府", "县政府", "区人民政府", "县人民政府",
                                          "区里",   "县里",   "区县政府" };
    static const char *const city[] = { "市里", "市政府", "市人民政府" };
    for (size_t i = 0; i < SM_LEN(county); i++)
        if (sm_str_eq(name, sm_str_of(county[i])))
            return nearest(d, from, "district", "county");
    for (size_t i = 0; i < SM_LEN(city); i++)
        if (sm_str_eq(name, sm_str_of(city[i])))
            return city_of(d, from);
    return NULL;
}

static bool names_place(sm_str name)
{
    static const char *const ends[] = { "区", "县", "镇", "乡", "街道" };
    bool yes = false;
    for (size_t i = 0; i < SM_LEN(ends); i++)
        yes |= sm_str_ends(name, sm_str_of(ends[i]));
    return yes;
}

const sm_roster_organ *sm_organ_find(const sm_drafter *d, sm_str name, const sm_roster_organ *from,
                                     sm_str day)
{
    if (!d->roster || !name.n || name.n > 200)
        return NULL;
    const sm_roster_organ *o = sm_roster_organ_named(d->roster, name, day);
    if (o)
        return o;
    if ((o = relative(d, name, from)))
        return o;
    if (!names_place(name))
        return NULL;
    char full[256];
    static const char *const ends[] = { "人民政府", "政府", "管委会", "办事处" };
    for (size_t i = 0; i < SM_LEN(ends); i++) {
        int n = snprintf(full, sizeof(full), "%.*s%s", SM_ARG(name), ends[i]);
        if ((o = sm_roster_organ_named(d->roster, (sm_str){ full, (size_t)n }, day)))
            return o;
    }
    return NULL;
}

static sm_str short_of(const sm_roster_organ *o)
{
    size_t at = sm_str_find(o->shorts, SM_STR(SM_LIST_SEP), 0);
    return sm_str_trim(sm_str_sub(o->shorts, 0, at));
}

sm_str sm_organ_called(const sm_roster_organ *from, const sm_roster_organ *to)
{
    static const char *const own[] = { "市", "省", "国" };
    /* 市残联 alone is not seen to be an organ. */
    static const char *const ends[] = { "局", "委", "府",   "会",     "办",  "厅",
                                        "院", "部", "中心", "办公室", "支队" };
    sm_str brief = short_of(to);
    bool reads = false;
    for (size_t i = 0; i < SM_LEN(ends); i++)
        reads |= sm_str_ends(brief, sm_str_of(ends[i]));
    for (size_t i = 0; i < SM_LEN(own) && reads && from && !is_level(from, "enterprise"); i++)
        if (sm_str_starts(brief, sm_str_of(own[i])))
            return brief;
    return to->full;
}

/* ------------------------------------------------------------------- groups */

static void join(sm_buf *b, const char *sep, sm_str s)
{
    if (!s.n)
        return;
    sm_buf_add(b, b->n ? sm_str_of(sep) : SM_STR(""));
    sm_buf_add(b, s);
}

static sm_str taken(sm_arena *a, sm_buf *b)
{
    sm_str s = b->failed ? (sm_str){ 0 } : sm_str_dup(a, sm_buf_str(b));
    sm_buf_done(b);
    return s;
}

typedef struct below {
    size_t districts, counties, towns, streets;
    sm_str town; /* the only one */
    sm_buf zones;
} below;

static void count_below(const sm_drafter *d, const sm_roster_organ *above, sm_str day, below *b)
{
    const sm_roster_organ *o;
    size_t n = sm_roster_organs(d->roster, &o);
    sm_buf_init(&b->zones, 4096);
    for (size_t i = 0; i < n; i++) {
        if (!sm_str_eq(o[i].superior, above->full) || !in_force(&o[i], day))
            continue;
        bool governs = sm_str_ends(o[i].full, SM_STR("人民政府"));
        if (is_level(&o[i], "district") && !governs && !is_party(&o[i]))
            join(&b->zones, "、", short_of(&o[i]));
        else if (is_level(&o[i], "district"))
            b->districts += governs;
        else if (is_level(&o[i], "county"))
            b->counties += governs;
        else if (is_level(&o[i], "township") && governs) {
            b->towns++;
            b->town = short_of(&o[i]).n
                          ? sm_str_sub(o[i].full,
                                       o[i].full.n > above->full.n - 12 ? above->full.n - 12 : 0,
                                       o[i].full.n)
                          : o[i].full;
        } else if (is_level(&o[i], "township"))
            b->streets++;
    }
}

/* 各区县人民政府，高新区管委会 */
static sm_str governments(sm_arena *a, const sm_drafter *d, const sm_roster_organ *city, sm_str day,
                          sm_str *why)
{
    below n = { 0 };
    sm_buf b;
    count_below(d, city, day, &n);
    sm_buf_init(&b, 8192);
    join(&b, "，",
         n.districts && n.counties ? SM_STR("各区县人民政府")
         : n.counties              ? SM_STR("各县人民政府")
                                   : SM_STR("各区人民政府"));
    join(&b, "，", sm_buf_str(&n.zones));
    *why = sm_strf(a, "名录中本市有%zu个区、%zu个县%s%.*s，按名录的次序和习惯写法", n.districts,
                   n.counties, n.zones.n ? "和" : "", SM_ARG(sm_buf_str(&n.zones)));
    sm_buf_done(&n.zones);
    return taken(a, &b);
}

/* 各街道办事处、柳林镇人民政府 */
static sm_str townships(sm_arena *a, const sm_drafter *d, const sm_roster_organ *above, sm_str day,
                        sm_str *why)
{
    below n = { 0 };
    sm_buf b;
    count_below(d, above, day, &n);
    sm_buf_done(&n.zones);
    sm_buf_init(&b, 4096);
    if (n.streets)
        join(&b, "、", SM_STR("各街道办事处"));
    if (n.towns)
        join(&b, "、", n.towns == 1 ? n.town : SM_STR("各镇人民政府"));
    *why = sm_strf(a, "名录中有%zu个街道、%zu个镇", n.streets, n.towns);
    return taken(a, &b);
}

/* 各区县民政局: what the sender is in the city. */
static sm_str counterparts(sm_arena *a, const sm_roster_organ *from, const sm_roster_organ *city,
                           sm_str *why)
{
    size_t place = city->full.n - SM_STR("人民政府").n;
    sm_str body = sm_str_sub(from->full, place, from->full.n);
    if (!is_level(from, "department") ||
        !sm_str_starts(from->full, sm_str_sub(city->full, 0, place)))
        return (sm_str){ 0 };
    *why = SM_STR("部门发给下级对口部门，不向下级政府发指令性公文");
    return body.n ? sm_strf(a, "各区县%.*s", SM_ARG(body)) : (sm_str){ 0 };
}

sm_str sm_group_name(sm_arena *a, const sm_drafter *d, const sm_roster_organ *from, sm_str words,
                     sm_str day, sm_str *why)
{
    *why = SM_STR("照描述的说法");
    const sm_roster_organ *place = d->roster ? place_of(d, from) : NULL;
    const sm_roster_organ *city = d->roster ? city_of(d, from) : NULL;
    if (!city)
        return words;
    place = place ? place : city; /* nobody is named: the city's */
    bool own = from && (from == place || is_level(from, "office")), at_city = place == city;
    bool districts = sm_str_has(words, SM_STR("区")) || sm_str_has(words, SM_STR("县")) ||
                     sm_str_has(words, SM_STR("各地"));
    bool works = sm_str_ends(words, SM_STR("局")) || sm_str_ends(words, SM_STR("部门")) ||
                 sm_str_ends(words, SM_STR("单位"));
    sm_str s = { 0 };
    if (works && districts && !sm_str_has(words, SM_STR("直")))
        return words;
    if (works && sm_str_has(words, SM_STR("局")))
        return words;
    if (works && own) {
        const char *what = at_city ? "市政府" : is_level(place, "county") ? "县政府" : "区政府";
        bool some = sm_str_has(words, SM_STR("有关")) || sm_str_has(words, SM_STR("相关"));
        *why = SM_STR("本级政府各部门的统称");
        return sm_strf(a, "%s%s", what,
                       some      ? "有关部门"
                       : at_city ? "各部门、各直属机构"
                                 : "各部门");
    }
    if (!works && districts && at_city && from && !own && !sm_str_has(words, SM_STR("政府")))
        s = counterparts(a, from, city, why);
    if (!s.n && !works && districts && at_city)
        s = governments(a, d, city, day, why);
    if (!s.n && !works && !districts && !at_city)
        s = townships(a, d, place, day, why);
    return s.n ? s : words;
}

/* ------------------------------------------------------------ office, head */

const sm_roster_organ *sm_organ_office(const sm_drafter *d, const sm_roster_organ *o, sm_str day)
{
    static const char *const ends[] = { "办公室", "办公厅" };
    char full[300];
    if (!o || is_level(o, "office"))
        return o;
    for (size_t i = 0; i < SM_LEN(ends) && o->full.n < 200; i++) {
        int n = snprintf(full, sizeof(full), "%.*s%s", SM_ARG(o->full), ends[i]);
        const sm_roster_organ *office =
            sm_roster_organ_named(d->roster, (sm_str){ full, (size_t)n }, day);
        if (office)
            return office;
    }
    return NULL;
}

static bool serves(const sm_roster_person *p, sm_str day)
{
    return day.n ? sm_roster_holds(p->from, p->to, day) : !p->to.n;
}

/* 副局长 is not the head, even where nobody else is listed. */
static bool heads(const sm_roster_person *p)
{
    static const char *const ends[] = { "书记", "市长", "区长",   "县长", "镇长",   "局长", "主任",
                                        "主席", "厅长", "理事长", "会长", "支队长", "经理" };
    bool head = false;
    for (size_t i = 0; i < SM_LEN(ends); i++)
        head |= sm_str_ends(p->post, sm_str_of(ends[i]));
    size_t comma = sm_str_find(p->post, SM_STR(SM_LIST_SEP), 0);
    sm_str last = comma == SIZE_MAX ? p->post : sm_str_sub(p->post, comma + 3, p->post.n);
    return head && !sm_str_has(last, SM_STR("副")) && !sm_str_has(last, SM_STR("秘书长"));
}

const sm_roster_person *sm_organ_head(const sm_drafter *d, const sm_roster_organ *o, sm_str day)
{
    const sm_roster_person *p, *best = NULL;
    size_t n = o ? sm_roster_people(d->roster, &p) : 0;
    for (size_t i = 0; i < n; i++)
        if (sm_str_eq(p[i].organ, o->full) && serves(&p[i], day) && heads(&p[i]) &&
            (!best || p[i].rank < best->rank))
            best = &p[i];
    return best;
}
