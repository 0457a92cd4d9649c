#include "sunmao/laws.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "corpus/corpus.h"
#include "text/text.h"

enum { MAX_TABLE_BYTES = 32 << 20 };

typedef struct law {
    sm_str name;
    int64_t articles; /* the greatest number known; 0 none is */
    sm_date from, to; /* in force; SM_DATE_NONE open */
    bool repealed;    /* always out of force */
    bool of_table;    /* not of the corpus */
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
    const char *table, *data_dir; /* data_dir NULL: none */
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

static void add_line(sm_laws *l, sm_str line)
{
    sm_str part[5] = { { 0 } };
    size_t n = 0;
    while (n < SM_LEN(part) && sm_str_cut(&line, '\t', &part[n]))
        n++;
    law one = { .from = SM_DATE_NONE,
                .to = SM_DATE_NONE,
                .of_table = true,
                .repealed = sm_str_eq(part[3], SM_STR("已废止")) };
    if (n < 4)
        return;
    if (!sm_str_to_int(part[4], &one.articles))
        one.articles = 0;
    add(l, one, part[0]);
    if (!sm_str_eq(part[0], part[1]))
        add(l, one, part[1]);
}

static sm_rc read_table(sm_laws *l, const char *path)
{
    sm_str text, line;
    sm_rc rc = sm_file_read(&l->own, path, MAX_TABLE_BYTES, &text);
    while (rc == SM_OK && sm_str_cut(&text, '\n', &line))
        if (line.n && line.p[0] != '#')
            add_line(l, line);
    return rc;
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
    if (x->of_table != y->of_table)
        return x->of_table - y->of_table;
    if (x->repealed != y->repealed)
        return x->repealed - y->repealed;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return x->to < y->to ? -1 : x->to > y->to;
}

/* The articles of a law come one by one. */
static void join(sm_laws *l)
{
    size_t n = 0;
    if (l->n)
        qsort(l->law, l->n, sizeof(*l->law), by_name);
    for (size_t i = 0; i < l->n; i++)
        if (n && by_name(&l->law[n - 1], &l->law[i]) == 0)
            l->law[n - 1].articles = SM_MAX(l->law[n - 1].articles, l->law[i].articles);
        else
            l->law[n++] = l->law[i];
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
    sm_rc rc = read_table(l, s->table);
    if (rc < 0)
        sm_fail(op, rc, "%.*s", SM_ARG(l->own.msg));
    if (rc == SM_OK && db)
        rc = read_corpus(op, l, db);
    if (rc < 0) {
        close_laws(l);
        return rc;
    }
    join(l);
    *out = l;
    return SM_OK;
}

/* --------------------------------------------------------------------- shelf */

sm_rc sm_law_shelf_open(sm_op *op, const char *table, const char *data_dir, sm_law_shelf **out)
{
    sm_law_shelf *s = calloc(1, sizeof(*s));
    if (!s)
        return sm_fail(op, SM_E_LIMIT, "内存不够");
    pthread_mutex_init(&s->lock, NULL);
    s->table = strdup(table);
    s->data_dir = data_dir ? strdup(data_dir) : NULL;
    if (!s->table || (data_dir && !s->data_dir)) {
        sm_law_shelf_close(s);
        return sm_fail(op, SM_E_LIMIT, "内存不够");
    }
    s->corpus = data_dir ? sm_db_pool_open(data_dir, SM_DB_CORPUS, SM_DB_READ) : NULL;
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
    free((void *)(uintptr_t)s->table);
    free((void *)(uintptr_t)s->data_dir);
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
    sm_db *db = NULL;
    int64_t revision = 0;
    sm_rc rc = s->corpus ? sm_db_pool_lend(op, s->corpus, &db) : SM_OK;
    if (rc == SM_OK && db)
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
    return !one->repealed && (one->from == SM_DATE_NONE || day >= one->from) &&
           (one->to == SM_DATE_NONE || day <= one->to);
}

/* What the corpus says of a law's force holds, whatever the table says. */
static const law *in_force_or_first(const sm_laws *l, size_t first, sm_date day)
{
    const law *one = &l->law[first];
    for (size_t i = first; i < l->n && sm_str_eq(l->law[i].name, one->name); i++)
        if (l->law[i].of_table == one->of_table && is_in_force(&l->law[i], day))
            return &l->law[i];
    return one;
}

/* The corpus may hold a law in part. */
static int64_t articles_of(const sm_laws *l, size_t first)
{
    int64_t most = l->law[first].articles;
    for (size_t i = first; i < l->n && sm_str_eq(l->law[i].name, l->law[first].name); i++)
        most = SM_MAX(most, l->law[i].articles);
    return most;
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
    int64_t articles = articles_of(l, first);
    *in_force = is_in_force(in_force_or_first(l, first, day), day);
    *article_there = articles == 0 || article_of(article) <= articles;
    return true;
}
