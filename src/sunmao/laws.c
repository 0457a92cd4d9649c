#include "sunmao/laws.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "corpus/corpus.h"
#include "text/text.h"

typedef struct law {
    sm_str name;
    int64_t articles; /* the greatest number; 0 it has none */
    int64_t n_held;   /* how many of them the corpus has */
    sm_date from, to; /* in force; SM_DATE_NONE open */
} law;

struct sm_laws {
    sm_op own; /* its arena holds everything */
    law *law;  /* by name, each once for every time it was in force */
    size_t n, cap;
    int64_t revision; /* of the corpus */
    sm_law_shelf *shelf;
    int users;
    bool replaced;
};

struct sm_law_shelf {
    pthread_mutex_t lock;
    sm_laws *now; /* NULL: not read yet */
    sm_db_pool *corpus;
};

/* ------------------------------------------------------------------- reading */

static void add(sm_laws *l, law one, sm_str name)
{
    if (name.n == 0)
        return;
    one.name = sm_str_dup(l->own.arena, name);
    SM_GROW(l->own.arena, l->law, l->n, l->cap);
    l->law[l->n++] = one;
}

/* The number of 第…条 in front; 0: none. */
static int64_t article_of(sm_str s)
{
    size_t at = sm_str_find(s, SM_STR("第"), 0), end = sm_str_find(s, SM_STR("条"), 0);
    if (at == SIZE_MAX || end == SIZE_MAX || end < at + 3)
        return SM_MAX(sm_text_integer(s), 0);
    return SM_MAX(sm_text_integer(sm_str_sub(s, at + 3, end)), 0);
}

static void add_doc(sm_laws *l, const sm_doc *d)
{
    law one = { .from = d->effective, .to = d->ends };
    if (d->kind == SM_KIND_LAW && d->parent.n) {
        one.n_held = 1;
        one.articles = article_of(sm_str_sub(d->title, d->parent.n, d->title.n));
        add(l, one, d->parent);
        return;
    }
    add(l, one, d->title);
    add(l, one, d->doc_no);
}

static sm_rc read_corpus(sm_op *op, sm_laws *l, sm_db *db)
{
    static const sm_kind kinds[] = { SM_KIND_LAW, SM_KIND_POLICY };
    sm_rc rc = sm_corpus_revision(op, db, &l->revision);
    for (size_t k = 0; rc == SM_OK && k < SM_LEN(kinds); k++) {
        sm_doc *doc;
        size_t n;
        rc = sm_corpus_docs(op, db, kinds[k], &doc, &n);
        for (size_t i = 0; rc == SM_OK && i < n; i++)
            add_doc(l, &doc[i]);
    }
    return rc;
}

static int by_name(const void *a, const void *b)
{
    const law *x = a, *y = b;
    int c = sm_str_cmp(x->name, y->name);
    if (c)
        return c;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    if (x->to != y->to)
        return x->to < y->to ? -1 : 1;
    return x->articles < y->articles ? -1 : x->articles > y->articles;
}

static bool is_same(const law *x, const law *y)
{
    return x->from == y->from && x->to == y->to && sm_str_eq(x->name, y->name);
}

/* The articles of a law come one by one. */
static void join(sm_laws *l)
{
    size_t n = 0;
    if (l->n)
        qsort(l->law, l->n, sizeof(*l->law), by_name);
    for (size_t i = 0; i < l->n; i++) {
        law *last = n ? &l->law[n - 1] : NULL;
        if (!last || !is_same(last, &l->law[i])) {
            l->law[n++] = l->law[i];
        } else if (last->articles != l->law[i].articles) {
            last->n_held++;
            last->articles = l->law[i].articles;
        }
    }
    l->n = n;
}

static void close_laws(sm_laws *l)
{
    if (!l)
        return;
    sm_op own = l->own;
    sm_op_end(&own);
}

static sm_rc read_laws(sm_op *op, sm_law_shelf *s, sm_db *db, sm_laws **out)
{
    sm_op own;
    sm_op_begin(&own);
    sm_laws *l = SM_NEW(own.arena, sm_laws);
    l->own = own;
    l->shelf = s;
    sm_rc rc = read_corpus(op, l, db);
    if (rc < 0) {
        close_laws(l);
        return rc;
    }
    join(l);
    *out = l;
    return SM_OK;
}

/* --------------------------------------------------------------------- shelf */

sm_rc sm_law_shelf_open(sm_op *op, const char *data_dir, sm_law_shelf **out)
{
    sm_law_shelf *s = calloc(1, sizeof(*s));
    if (!s)
        return sm_fail(op, SM_E_LIMIT, "内存不够");
    pthread_mutex_init(&s->lock, NULL);
    s->corpus = sm_db_pool_open(data_dir, SM_DB_CORPUS, SM_DB_READ);
    *out = s;
    return SM_OK;
}

void sm_law_shelf_close(sm_law_shelf *s)
{
    if (!s)
        return;
    close_laws(s->now);
    sm_db_pool_close(s->corpus);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

static void let_go(void *held)
{
    sm_laws *l = held;
    sm_law_shelf *s = l->shelf;
    pthread_mutex_lock(&s->lock);
    bool last = --l->users == 0 && l->replaced;
    pthread_mutex_unlock(&s->lock);
    if (last)
        close_laws(l);
}

/* With the lock held. */
static sm_rc renew(sm_op *op, sm_law_shelf *s, sm_db *db, int64_t revision)
{
    sm_laws *l;
    if (s->now && s->now->revision == revision)
        return SM_OK;
    sm_rc rc = read_laws(op, s, db, &l);
    if (rc < 0)
        return rc;
    if (s->now && s->now->users)
        s->now->replaced = true;
    else
        close_laws(s->now);
    s->now = l;
    return SM_OK;
}

sm_rc sm_law_shelf_hold(sm_op *op, sm_law_shelf *s, const sm_laws **out)
{
    sm_db *db;
    int64_t revision;
    sm_rc rc = sm_db_pool_lend(op, s->corpus, &db);
    if (rc == SM_OK)
        rc = sm_corpus_revision(op, db, &revision);
    if (rc < 0)
        return rc;
    pthread_mutex_lock(&s->lock);
    rc = renew(op, s, db, revision);
    if (rc == SM_OK) {
        s->now->users++;
        sm_arena_defer(op->arena, let_go, s->now);
        *out = s->now;
    }
    pthread_mutex_unlock(&s->lock);
    return rc;
}

/* ------------------------------------------------------------------- looking */

/* Those of a name stand together; n: none. */
static size_t first_named(const sm_laws *l, sm_str name)
{
    size_t low = 0, high = l->n;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (sm_str_cmp(l->law[mid].name, name) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low < l->n && sm_str_eq(l->law[low].name, name) ? low : l->n;
}

static bool is_in_force(const law *one, sm_date day)
{
    return (one->from == SM_DATE_NONE || day >= one->from) &&
           (one->to == SM_DATE_NONE || day <= one->to);
}

static const law *in_force_or_first(const sm_laws *l, size_t first, sm_date day)
{
    sm_str name = l->law[first].name;
    for (size_t i = first; i < l->n && sm_str_eq(l->law[i].name, name); i++)
        if (is_in_force(&l->law[i], day))
            return &l->law[i];
    return &l->law[first];
}

/* Without what stands in brackets at the end: （试行）, （国发〔2014〕25号）. */
static sm_str without_brackets(sm_str title)
{
    size_t at = sm_str_find(title, SM_STR("（"), 0);
    return at == SIZE_MAX || at == 0 ? title : sm_str_trim(sm_str_sub(title, 0, at));
}

static sm_str without_quotes(sm_str title)
{
    title = sm_str_trim(title);
    if (sm_str_starts(title, SM_STR("《")) && sm_str_ends(title, SM_STR("》")))
        return sm_str_sub(title, 3, title.n - 3);
    return title;
}

bool sm_laws_find(const sm_laws *l, sm_str title, sm_str article, sm_date day, bool *article_there,
                  bool *in_force)
{
    title = without_quotes(title);
    size_t first = first_named(l, title);
    if (first == l->n)
        first = first_named(l, without_brackets(title));
    if (first == l->n)
        return false;
    const law *one = in_force_or_first(l, first, day);
    bool whole = one->articles > 0 && one->n_held == one->articles;
    *in_force = is_in_force(one, day);
    *article_there = !whole || article_of(article) <= one->articles;
    return true;
}
