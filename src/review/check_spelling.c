/*
 * SP: wrong characters, by the speller.  Names of the registry are none, nor is what a document
 * writes again and again.
 */
#include "review/pack.h"
#include "review/speller.h"

enum { MAX_RIGHT = 64, LEAST_USES = 3 };
/* Statistics never are so sure that nobody need look. */
static const double SUREST = 0.89;

/* Characters of a line that are wrong side by side: bytes from … to. */
typedef struct slip {
    size_t from, to;
    char right[MAX_RIGHT];
    size_t n_right;
    double odds;
} slip;

/* ------------------------------------------------------------------ guards */

/* Whether a name stands over the slip. */
static bool inside(sm_str text, sm_str name, const slip *p)
{
    for (size_t at = 0; name.n && (at = sm_str_find(text, name, at)) != SIZE_MAX; at++)
        if (at <= p->from && p->to <= at + name.n)
            return true;
    return false;
}

static bool is_name(const sm_check *c, sm_str text, const slip *p)
{
    const sm_roster_organ *organ;
    const sm_roster_person *person;
    size_t n_organs = c->roster ? sm_roster_organs(c->roster, &organ) : 0;
    size_t n_people = c->roster ? sm_roster_people(c->roster, &person) : 0;
    for (size_t i = 0; i < n_organs; i++)
        if (inside(text, organ[i].full, p))
            return true;
    for (size_t i = 0; i < n_people; i++)
        if (inside(text, person[i].name, p))
            return true;
    return false;
}

/* The slip with the characters beside it. */
static sm_str with_neighbours(sm_str text, const slip *p)
{
    size_t from = p->from;
    while (from > 0 && ((uint8_t)text.p[--from] & 0xc0) == 0x80)
        ;
    sm_str rest = sm_str_sub(text, p->to, text.n);
    if (rest.n)
        sm_utf8_next(&rest);
    return sm_str_sub(text, from, text.n - rest.n);
}

static bool is_habit(const sm_check *c, sm_str text, const slip *p)
{
    sm_str what = with_neighbours(text, p);
    size_t n = 0;
    for (size_t i = 0; i < c->o->n && n < LEAST_USES; i++)
        for (size_t at = 0; (at = sm_str_find(c->o->line[i].text, what, at)) != SIZE_MAX;
             at += what.n)
            n++;
    return n >= LEAST_USES;
}

/* ---------------------------------------------------------------- findings */

static void tell(sm_check *c, const sm_rule *rule, const sm_line *line, const slip *p)
{
    if (is_name(c, line->text, p) || is_habit(c, line->text, p))
        return;
    sm_str wrong = sm_str_sub(line->text, p->from, p->to);
    sm_str right = sm_str_dup(c->a, (sm_str){ p->right, p->n_right });
    sm_finding *f = sm_find_slice(c, rule, line, wrong);
    double sure = 1 / (1 + sm_exp(-p->odds));
    f->confidence = SM_MIN(sure, SUREST);
    sm_propose(f, right);
    sm_because(c, f, "“%.*s”疑为“%.*s”之误，按本单位文本的用字统计", SM_ARG(wrong), SM_ARG(right));
}

/* What is wrong side by side is one finding. */
static void join(sm_check *c, const sm_rule *rule, const sm_line *line, const sm_misspelt *m,
                 size_t n)
{
    sm_str rest = line->text;
    slip p = { 0 };
    for (size_t at = 0, k = 0; rest.n && (k < n || p.n_right); at++) {
        size_t from = line->text.n - rest.n;
        sm_utf8_next(&rest);
        bool wrong = k < n && m[k].at == at;
        if (p.n_right && (!wrong || p.n_right + 4 > MAX_RIGHT)) {
            tell(c, rule, line, &p);
            p = (slip){ 0 };
        }
        if (!wrong)
            continue;
        if (!p.n_right)
            p = (slip){ .from = from, .odds = m[k].odds };
        p.n_right += sm_utf8_put(m[k].right, p.right + p.n_right);
        p.odds = SM_MIN(p.odds, m[k++].odds);
        p.to = line->text.n - rest.n;
    }
    if (p.n_right)
        tell(c, rule, line, &p);
}

void sm_spelling_run(sm_check *c, const sm_rule *rule, double easier)
{
    sm_spell_weights w = sm_spell_fitted;
    sm_misspelt *m;
    double stricter = sm_param_num(rule, "stricter", 0) - easier;
    if (!c->opt->speller)
        return;
    w.first += stricter;
    w.next += stricter;
    for (size_t i = 0; i < c->o->n; i++) {
        const sm_line *line = &c->o->line[i];
        if (!sm_rule_reads(rule, line))
            continue;
        size_t n = sm_speller_check(c->a, c->opt->speller, line->text, &w, &m);
        join(c, rule, line, m, n);
    }
}

static void run_spelling(sm_check *c, const sm_rule *rule)
{
    sm_spelling_run(c, rule, 0);
}

const sm_checker sm_checkers_spelling[] = { { "speller", run_spelling }, { NULL, NULL } };
