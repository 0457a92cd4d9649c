#include "guide/shelf.h"

#include <pthread.h>
#include <stdlib.h>

enum { MAX_SHELVED = 256, MAX_TEXT_BYTES = 4 << 20 };

struct sm_shelf {
    pthread_mutex_t lock;
    sm_arena *arena;
    sm_shelved *doc[MAX_SHELVED];
    size_t n, bytes;
};

sm_shelf *sm_shelf_open(void)
{
    sm_shelf *s = calloc(1, sizeof(*s));
    if (!s)
        abort();
    pthread_mutex_init(&s->lock, NULL);
    s->arena = sm_arena_open();
    return s;
}

void sm_shelf_close(sm_shelf *s)
{
    if (!s)
        return;
    pthread_mutex_destroy(&s->lock);
    sm_arena_close(s->arena);
    free(s);
}

/* Takes a document apart; everything lies in `a`. */
static sm_shelved *take_apart(sm_arena *a, const sm_doc *doc, const sm_clause *from, size_t n)
{
    sm_shelved *d = SM_NEW(a, sm_shelved);
    sm_clause *clause = SM_NEWS(a, sm_clause, n + 1);
    sm_str *name = SM_NEWS(a, sm_str, n + 1);
    sm_wordset *text = SM_NEWS(a, sm_wordset, n + 1), *heading = SM_NEWS(a, sm_wordset, n + 1);
    sm_buf whole;
    sm_buf_init(&whole, MAX_TEXT_BYTES);
    sm_buf_add(&whole, doc->title);
    for (size_t i = 0; i < n; i++) {
        clause[i] = from[i];
        clause[i].doc = sm_str_dup(a, from[i].doc);
        clause[i].path = sm_str_dup(a, from[i].path);
        clause[i].heading = sm_str_dup(a, from[i].heading);
        clause[i].text = sm_str_dup(a, from[i].text);
        clause[i].digest = sm_str_dup(a, from[i].digest);
        name[i] = sm_strf(a, "%.*s#%.*s", SM_ARG(doc->id), SM_ARG(from[i].path));
        sm_str own = sm_clause_own(from[i].heading, from[i].text);
        text[i] = sm_wordset_of(a, own);
        heading[i] = sm_wordset_of(a, from[i].heading);
        sm_buf_addf(&whole, "\n%.*s\n%.*s", SM_ARG(from[i].heading), SM_ARG(own));
    }
    *d = (sm_shelved){ .version = doc->version,
                       .clause = clause,
                       .name = name,
                       .n = n,
                       .title = sm_wordset_of(a, doc->title),
                       .whole = sm_wordset_of(a, sm_buf_str(&whole)),
                       .text = text,
                       .heading = heading };
    sm_buf_done(&whole);
    return d;
}

static const sm_shelved *find(const sm_shelf *s, int64_t version)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->doc[i]->version == version)
            return s->doc[i];
    return NULL;
}

static const sm_shelved *keep(sm_op *op, sm_shelf *s, const sm_doc *doc, const sm_clause *clause,
                              size_t n)
{
    size_t bytes = 0;
    for (size_t i = 0; i < n; i++)
        bytes += clause[i].text.n;
    pthread_mutex_lock(&s->lock);
    const sm_shelved *d = find(s, doc->version); /* another thread may have been faster */
    bool room = s->n < MAX_SHELVED && s->bytes + bytes <= MAX_TEXT_BYTES;
    if (!d && room) {
        d = s->doc[s->n++] = take_apart(s->arena, doc, clause, n);
        s->bytes += bytes;
    }
    pthread_mutex_unlock(&s->lock);
    return d ? d : take_apart(op->arena, doc, clause, n);
}

sm_rc sm_shelf_take(sm_op *op, sm_shelf *s, sm_db *db, const sm_doc *doc, const sm_shelved **out)
{
    sm_clause *clause;
    size_t n;
    pthread_mutex_lock(&s->lock);
    *out = find(s, doc->version);
    pthread_mutex_unlock(&s->lock);
    if (*out)
        return SM_OK;
    sm_rc rc = sm_corpus_clauses(op, db, doc->version, &clause, &n);
    if (rc == SM_OK)
        *out = keep(op, s, doc, clause, n);
    return rc;
}
