/*
 * A description read: who issues, whom it is for, what it is about, clause by clause.
 */
#include <string.h>

#include "draft/inner.h"

enum {
    MAX_MENTIONS = 64,
    MAX_POINTS = 24,
    MAX_ROUNDS = 12, /* of taking off what is no matter */
    MATTER_CHARS = 40,
    POINT_CHARS = 400,
    NAME_BYTES = 120, /* the longest name that is looked for */
};

/* ------------------------------------------------------------------- clean */

static bool is_ascii_word(uint32_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Marks as official documents write them, but in figures and addresses. */
static uint32_t full_mark(uint32_t c, uint32_t before, uint32_t behind)
{
    static const struct {
        uint32_t from, to;
    } marks[] = { { ',', 0xff0c }, { ';', 0xff1b }, { ':', 0xff1a }, { '?', 0xff1f },
                  { '!', 0xff01 }, { '(', 0xff08 }, { ')', 0xff09 } };
    if (is_ascii_word(before) && is_ascii_word(behind))
        return c;
    for (size_t i = 0; i < SM_LEN(marks); i++)
        if (marks[i].from == c)
            return marks[i].to;
    return c;
}

/* One line of text: no controls, nothing hidden, no blanks at its ends. */
sm_str sm_said_clean(sm_arena *a, sm_str text)
{
    sm_str s = sm_str_trim(sm_utf8_mend(a, text));
    char *to = SM_NEWS(a, char, 3 * s.n + 4);
    size_t n = 0;
    uint32_t before = 0;
    while (s.n) {
        uint32_t c = sm_utf8_next(&s);
        sm_str rest = s;
        if (c == '\n' || c == '\r')
            c = before == 0xff1b || before == 0x3002 || before == 0xff0c ? 0 : 0xff1b;
        else if (c == '\t' || c == 0xa0 || c == 0x2028 || c == 0x2029)
            c = ' ';
        else if (c < ' ' || c == 0xfffc || sm_is_hidden(c))
            c = 0;
        else
            c = full_mark(c, before, rest.n ? sm_utf8_next(&rest) : 0);
        if (!c || (c == ' ' && before == ' '))
            continue;
        n += sm_utf8_put(c, to + n);
        before = c;
    }
    return sm_str_trim((sm_str){ to, n });
}

/* ---------------------------------------------------------------- mentions */

typedef struct mention {
    size_t at, n; /* bytes of the text */
    const sm_roster_organ *organ;
    bool group, is_for;
} mention;

typedef struct finder {
    sm_op *op;
    const sm_drafter *d;
    sm_said *s;
    mention m[MAX_MENTIONS];
    size_t n;
} finder;

/* The longest name of the registry that the text begins with. */
static size_t named_here(const finder *f, sm_str rest, const sm_roster_organ **organ)
{
    const sm_roster_organ *o;
    size_t n = f->d->roster ? sm_roster_organs(f->d->roster, &o) : 0, best = 0;
    for (size_t i = 0; i < n; i++) {
        sm_str names = o[i].shorts, one = o[i].full;
        for (bool more = true; more;) {
            if (one.n > best && one.n <= NAME_BYTES && sm_str_starts(rest, one)) {
                best = one.n;
                *organ = sm_organ_find(f->d, one, f->s->from, f->s->day);
            }
            more = names.n > 0;
            size_t end = sm_str_find(names, SM_STR(SM_LIST_SEP), 0);
            one = sm_str_trim(sm_str_sub(names, 0, end));
            names = end == SIZE_MAX ? (sm_str){ 0 } : sm_str_sub(names, end + 3, names.n);
        }
    }
    return best;
}

/* 区政府, 江北区: names that stand for one of the registry. */
static size_t meant_here(const finder *f, sm_str rest, const sm_roster_organ **organ)
{
    static const uint8_t lengths[] = { 5, 4, 3, 2 };
    for (size_t i = 0; i < SM_LEN(lengths); i++) {
        sm_str head = sm_utf8_head(rest, lengths[i]);
        const sm_roster_organ *o = sm_organ_find(f->d, head, f->s->from, f->s->day);
        if (o) {
            *organ = o;
            return head.n;
        }
    }
    return 0;
}

static void add(finder *f, size_t at, size_t n, const sm_roster_organ *o, bool group)
{
    if (f->n < MAX_MENTIONS)
        f->m[f->n++] = (mention){ .at = at, .n = n, .organ = o, .group = group };
}

/* The only organ of the registry that a name means; NULL: none, or several. */
static const sm_roster_organ *organ_meant(const finder *f, sm_str key)
{
    const sm_roster_organ *o, *found = NULL;
    size_t n = f->d->roster ? sm_roster_organs(f->d->roster, &o) : 0;
    for (size_t i = 0; i < n; i++) {
        sm_str full = sm_strf(f->op->arena, "organ:%.*s", SM_ARG(o[i].full));
        if (o[i].renamed.n || !sm_fact_within(key, full))
            continue;
        if (found)
            return NULL;
        found = &o[i];
    }
    return found;
}

/* 批转 of 批转市发改委 is no place. */
static sm_str without_verb(sm_str name)
{
    static const char *const verbs[] = {
        "批转", "转发", "商请", "邀请", "征求", "答复", "请", "由"
    };
    for (size_t i = 0; i < SM_LEN(verbs); i++)
        if (sm_str_starts(name, sm_str_of(verbs[i])))
            return sm_str_sub(name, strlen(verbs[i]), name.n);
    return name;
}

/* 市发改委 and others that only the scanner of names knows, where nothing was found yet. */
static void add_scanned(finder *f)
{
    sm_fact *fact, *again;
    sm_str text = f->s->text;
    size_t n = sm_text_facts_all(f->op->arena, text, f->d->organs, &fact), known = f->n;
    for (size_t i = 0; i < n; i++) {
        sm_str name = without_verb(fact[i].text), key = fact[i].key;
        size_t at = (size_t)(name.p - text.p);
        bool taken = fact[i].kind != SM_FACT_ORGAN;
        for (size_t k = 0; k < known && !taken; k++)
            taken = at < f->m[k].at + f->m[k].n && f->m[k].at < at + name.n;
        if (taken)
            continue;
        if (name.n < fact[i].text.n &&
            sm_text_facts_all(f->op->arena, name, f->d->organs, &again) == 1)
            key = again[0].key;
        add(f, at, name.n, organ_meant(f, key), false);
    }
}

static int by_place(const void *a, const void *b)
{
    const mention *x = a, *y = b;
    return x->at < y->at ? -1 : x->at > y->at;
}

static void find_mentions(finder *f)
{
    sm_str text = f->s->text, group[SM_GROUPS];
    size_t next_group = 0;
    bool more = sm_pattern_find(f->d->group, text, 0, group);
    for (sm_str rest = text; rest.n;) {
        size_t at = text.n - rest.n, n = 0;
        while (more && group[0].n && (next_group = (size_t)(group[0].p - text.p)) < at)
            more = sm_pattern_find(f->d->group, text, at, group);
        const sm_roster_organ *organ = NULL;
        bool is_group = more && group[0].n && next_group == at;
        if (is_group)
            n = group[0].n;
        else if (!(n = named_here(f, rest, &organ)))
            n = meant_here(f, rest, &organ);
        if (n)
            add(f, at, n, organ, is_group);
        else
            sm_utf8_next(&rest);
        rest = n ? sm_str_sub(rest, n, rest.n) : rest;
    }
    add_scanned(f);
    if (f->n)
        qsort(f->m, f->n, sizeof(*f->m), by_place);
}

/* -------------------------------------------------------------- whom it is for */

static sm_str behind(const finder *f, size_t i)
{
    return sm_str_sub(f->s->text, f->m[i].at + f->m[i].n, f->s->text.n);
}

static sm_str before(const finder *f, size_t i)
{
    return sm_str_sub(f->s->text, 0, f->m[i].at);
}

static bool is_sender(const finder *f, const mention *m)
{
    sm_str name = sm_str_sub(f->s->text, m->at, m->at + m->n);
    return (m->organ && m->organ == f->s->from) || sm_str_eq(name, f->s->organ);
}

/* 副局长, 的体育馆: it is spoken of, not spoken to. */
static bool is_spoken_of(const finder *f, size_t i)
{
    return sm_pattern_in(f->d->origin, before(f, i)) || sm_str_starts(behind(f, i), SM_STR("副")) ||
           sm_str_starts(behind(f, i), SM_STR("局长"));
}

static bool is_joined(const finder *f, size_t i)
{
    static const char *const joints[] = { "、", "和", "与", "及", "以及", "，" };
    if (i == 0 || !f->m[i - 1].is_for)
        return false;
    size_t end = f->m[i - 1].at + f->m[i - 1].n;
    sm_str between = sm_str_sub(f->s->text, end, f->m[i].at);
    for (size_t k = 0; k < SM_LEN(joints); k++)
        if (sm_str_eq(between, sm_str_of(joints[k])))
            return k + 1 < SM_LEN(joints) || f->m[i].group;
    return false;
}

static void find_addressees(finder *f)
{
    size_t n_others = 0, other = 0, n_for = 0;
    for (size_t i = 0; i < f->n; i++) {
        mention *m = &f->m[i];
        if (is_sender(f, m) || is_spoken_of(f, i))
            continue;
        m->is_for = m->group || sm_pattern_in(f->d->before, before(f, i)) ||
                    sm_pattern_in(f->d->behind, behind(f, i)) || is_joined(f, i);
        n_for += m->is_for;
        n_others++;
        other = i;
    }
    /* The only one there is, when the text is plainly for somebody. */
    bool they = sm_pattern_in(f->d->mutual, f->s->text);
    if (n_for == 0 && n_others == 1 && they)
        f->m[other].is_for = true;
}

static sm_direction direction_of(const finder *f, const mention *m)
{
    sm_str name = sm_str_sub(f->s->text, m->at, m->at + m->n);
    if (m->group || !m->organ)
        return m->group || sm_str_has(name, SM_STR("人大"))
                   ? sm_group_direction(f->d, f->s->from, name)
                   : SM_DIR_UNKNOWN;
    return sm_organ_direction(f->d, f->s->from, m->organ);
}

/* 结果报市市场监管局 in what goes to the districts tells where the results go. */
static void drop_reporting(finder *f)
{
    size_t n_for = 0;
    for (size_t i = 0; i < f->n; i++)
        n_for += f->m[i].is_for;
    for (size_t i = 0; i < f->n && n_for > 1; i++) {
        mention *m = &f->m[i];
        sm_str b = before(f, i);
        bool reports = sm_str_ends(b, SM_STR("报")) || sm_str_ends(b, SM_STR("报送")) ||
                       sm_str_ends(b, SM_STR("报给")) || sm_str_ends(b, SM_STR("交"));
        if (m->is_for && reports && direction_of(f, m) != SM_DIR_UP) {
            m->is_for = false;
            n_for--;
        }
    }
}

/* Who asks above does not write below in the same document: 请市政府批转各区县. */
static void keep_upward(finder *f)
{
    bool up = false;
    for (size_t i = 0; i < f->n; i++)
        up |= f->m[i].is_for && direction_of(f, &f->m[i]) == SM_DIR_UP;
    for (size_t i = 0; i < f->n && up; i++)
        f->m[i].is_for = f->m[i].is_for && direction_of(f, &f->m[i]) == SM_DIR_UP;
}

static void add_to(finder *f, sm_str text, const sm_roster_organ *o, bool group)
{
    sm_said *s = f->s;
    sm_named *to = &s->to[s->n_to];
    *to = (sm_named){ .text = text, .organ = o, .group = group };
    to->name = group ? sm_group_name(f->op->arena, f->d, s->from, text, s->day, &to->why)
               : o   ? sm_organ_called(s->from, o)
                     : text;
    if (!group)
        to->why = o ? SM_STR("名录中的名称") : SM_STR("照描述的说法，名录中没有");
    for (size_t i = 0; i < s->n_to; i++)
        if (sm_str_eq(s->to[i].name, to->name))
            return;
    s->n_to++;
}

/* ------------------------------------------------------------------ sender */

static void find_sender(finder *f, const sm_draft_ask *ask)
{
    sm_said *s = f->s;
    if (ask->organ.n) {
        s->from = sm_organ_find(f->d, ask->organ, NULL, s->day);
        s->organ = s->from ? s->from->full : ask->organ;
        s->organ_source = s->from ? SM_DRAFT_REGISTRY : SM_DRAFT_OPTION;
        return;
    }
    find_mentions(f);
    bool addressed = false; /* another is: then 江北区民政局申请 is no letter that came in */
    for (size_t i = 1; i < f->n; i++)
        addressed |= sm_pattern_in(f->d->before, before(f, i)) && !is_spoken_of(f, i);
    for (size_t i = 0; i < f->n && !s->organ.n; i++) {
        const mention *m = &f->m[i];
        bool as =
            sm_str_ends(before(f, i), SM_STR("以")) && sm_str_starts(behind(f, i), SM_STR("名义"));
        bool first = m->at == 0 && !m->group &&
                     (addressed || !sm_pattern_in(f->d->behind, behind(f, i))) &&
                     !sm_str_starts(behind(f, i), SM_STR("，"));
        if (!as && !first)
            continue;
        s->from = m->organ;
        s->organ = m->organ ? m->organ->full : sm_str_sub(s->text, m->at, m->at + m->n);
        s->organ_source = m->organ ? SM_DRAFT_REGISTRY : SM_DRAFT_DESCRIPTION;
    }
    f->n = 0;
}

/* ------------------------------------------------------------------ points */

/* 市发改委 as the registry has it: 市发展改革委. */
static sm_str standard_name(const finder *f, const mention *m)
{
    sm_str name = sm_str_sub(f->s->text, m->at, m->at + m->n);
    bool known = !m->organ || m->group || sm_roster_organ_named(f->d->roster, name, (sm_str){ 0 });
    bool place = m->organ && sm_organ_governs(m->organ);
    return known || place ? name : sm_organ_called(f->s->from, m->organ);
}

/* The text with the addressees as a sign. */
static sm_str mark_addressees(const finder *f)
{
    sm_buf b;
    size_t done = 0;
    sm_buf_init(&b, 4 * f->s->text.n + 16);
    for (size_t i = 0; i < f->n; i++) {
        sm_buf_add(&b, sm_str_sub(f->s->text, done, f->m[i].at));
        sm_buf_add(&b, f->m[i].is_for ? SM_STR(SM_ADDRESSEE) : standard_name(f, &f->m[i]));
        done = f->m[i].at + f->m[i].n;
    }
    sm_buf_add(&b, sm_str_sub(f->s->text, done, f->s->text.n));
    sm_str s = sm_str_dup(f->op->arena, sm_buf_str(&b));
    sm_buf_done(&b);
    return s;
}

/* What the signs stood for back in their places, in order. */
static sm_str without_marks(sm_arena *a, const sm_said *s, sm_str text)
{
    sm_str sign = SM_STR(SM_ADDRESSEE);
    if (!sm_str_has(text, sign))
        return text;
    sm_buf b;
    sm_buf_init(&b, 16 * 1024);
    for (size_t at; (at = sm_str_find(text, sign, 0)) != SIZE_MAX;) {
        sm_buf_add(&b, sm_str_sub(text, 0, at));
        sm_buf_add(&b, s->n_to ? s->to[0].name : (sm_str){ 0 });
        text = sm_str_sub(text, at + sign.n, text.n);
    }
    sm_buf_add(&b, text);
    sm_str out = sm_str_dup(a, sm_buf_str(&b));
    sm_buf_done(&b);
    return out;
}

static bool cut_clause(sm_str *rest, sm_str *clause)
{
    static const char *const marks[] = { "，", "。", "；", "！", "？" };
    if (!rest->n)
        return false;
    size_t at = rest->n, n = 0;
    for (size_t i = 0; i < SM_LEN(marks); i++) {
        size_t k = sm_str_find(*rest, sm_str_of(marks[i]), 0);
        if (k < at) {
            at = k;
            n = strlen(marks[i]);
        }
    }
    *clause = sm_str_trim(sm_str_sub(*rest, 0, at));
    *rest = sm_str_sub(*rest, at + n, rest->n);
    return true;
}

static sm_str shape(sm_arena *a, const sm_shape *list, size_t n, sm_str text)
{
    for (int round = 0; round < MAX_ROUNDS; round++) {
        sm_str before = text, group[SM_GROUPS];
        for (size_t i = 0; i < n; i++)
            if (sm_pattern_find(list[i].match, text, 0, group)) {
                sm_str put = sm_pattern_fill(a, list[i].put, group);
                size_t at = (size_t)(group[0].p - text.p);
                text = sm_str_trim(sm_strf(a, "%.*s%.*s%.*s", SM_ARG(sm_str_sub(text, 0, at)),
                                           SM_ARG(put),
                                           SM_ARG(sm_str_sub(text, at + group[0].n, text.n))));
                break;
            }
        if (sm_str_eq(before, text))
            break;
    }
    return text;
}

static void read_points(finder *f)
{
    sm_said *s = f->s;
    sm_arena *a = f->op->arena;
    sm_str rest = s->marked, clause;
    s->point = SM_NEWS(a, sm_str, MAX_POINTS);
    s->asks = SM_NEWS(a, bool, MAX_POINTS);
    while (s->n_points < MAX_POINTS && cut_clause(&rest, &clause)) {
        size_t chars = sm_utf8_count(clause);
        if (chars > POINT_CHARS)
            continue;
        sm_str point = without_marks(a, s, shape(a, f->d->clean, f->d->n_clean, clause));
        if (sm_utf8_count(point) < 4)
            continue;
        s->asks[s->n_points] = sm_str_has(clause, SM_STR(SM_ADDRESSEE)) ||
                               sm_str_starts(clause, SM_STR("请")) ||
                               sm_str_starts(clause, SM_STR("恳请"));
        s->point[s->n_points++] = point;
    }
}

/* -------------------------------------------------------------------- read */

static void read_given_recipients(finder *f, sm_str list)
{
    sm_str group[SM_GROUPS];
    for (sm_str rest = sm_said_clean(f->op->arena, list), one;
         f->s->n_to < MAX_MENTIONS && rest.n;) {
        size_t at = rest.n, n = 0;
        static const char *const marks[] = { "、", "，", "；" };
        for (size_t i = 0; i < SM_LEN(marks); i++) {
            size_t k = sm_str_find(rest, sm_str_of(marks[i]), 0);
            if (k < at) {
                at = k;
                n = strlen(marks[i]);
            }
        }
        one = sm_str_trim(sm_str_sub(rest, 0, at));
        rest = sm_str_sub(rest, at + n, rest.n);
        const sm_roster_organ *o = sm_organ_find(f->d, one, f->s->from, f->s->day);
        bool is_group = !o && sm_pattern_find(f->d->group, one, 0, group);
        if (one.n)
            add_to(f, one, o, is_group);
    }
}

static void read_direction(finder *f)
{
    sm_said *s = f->s;
    sm_direction found = SM_DIR_UNKNOWN;
    for (size_t i = 0; i < s->n_to; i++) {
        const sm_named *to = &s->to[i];
        sm_direction one = to->organ ? sm_organ_direction(f->d, s->from, to->organ)
                           : to->group || sm_str_has(to->text, SM_STR("人大"))
                               ? sm_group_direction(f->d, s->from, to->text)
                               : SM_DIR_UNKNOWN;
        bool stronger = found == SM_DIR_UNKNOWN || one == SM_DIR_UP ||
                        (one == SM_DIR_DOWN && found == SM_DIR_LEVEL);
        found = one != SM_DIR_UNKNOWN && stronger ? one : found;
    }
    if (s->n_to == 0 && sm_pattern_in(f->d->public_words, s->text))
        found = SM_DIR_PUBLIC;
    s->direction = found;
}

sm_rc sm_said_read(sm_op *op, const sm_drafter *d, const sm_draft_ask *ask, sm_said *out)
{
    finder *f = SM_NEW(op->arena, finder);
    *out = (sm_said){ .text = sm_said_clean(op->arena, ask->text),
                      .day = sm_date_iso(op->arena, ask->today),
                      .to = SM_NEWS(op->arena, sm_named, MAX_MENTIONS + 1) };
    f->op = op;
    f->d = d;
    f->s = out;
    if (!out->text.n)
        return sm_fail(op, SM_E_INVALID, "描述是空的：用一句话说明要发什么、发给谁、要求什么");
    if (sm_utf8_count(out->text) > SM_DRAFT_MAX_CHARS)
        return sm_fail(op, SM_E_LIMIT, "描述超过%d字", SM_DRAFT_MAX_CHARS);
    find_sender(f, ask);
    find_mentions(f);
    find_addressees(f);
    drop_reporting(f);
    keep_upward(f);
    if (ask->to.n)
        read_given_recipients(f, ask->to);
    for (size_t i = 0; i < f->n && !ask->to.n; i++)
        if (f->m[i].is_for)
            add_to(f, sm_str_sub(out->text, f->m[i].at, f->m[i].at + f->m[i].n), f->m[i].organ,
                   f->m[i].group);
    out->marked = mark_addressees(f);
    read_points(f);
    read_direction(f);
    return sm_op_check(op);
}

sm_str sm_said_matter(sm_arena *a, const sm_drafter *d, const sm_said *s, const sm_type *t)
{
    sm_str group[SM_GROUPS], matter = { 0 };
    for (size_t i = 0; i < t->n_shapes && !matter.n; i++)
        if (sm_pattern_find(t->shape[i].match, s->marked, 0, group))
            matter = sm_pattern_fill(a, t->shape[i].put, group);
    for (size_t i = 0; i < s->n_points && !matter.n; i++) {
        sm_str m = shape(a, d->trim, d->n_trim, s->point[i]);
        if (sm_utf8_count(m) >= 4 && sm_utf8_count(m) <= MATTER_CHARS)
            matter = shape(a, t->finish, t->n_finish, m);
    }
    matter = without_marks(a, s, matter);
    return sm_utf8_count(matter) <= MATTER_CHARS ? matter : (sm_str){ 0 };
}
