/*
 * What readers see: one generation of index files and models, opened once, shared by threads and
 * let go when its last user is done and a newer one is there.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "search/current.h"
#include "search/file.h"
#include "search/model.h"
#include "text/text.h"

enum { LOOK_EVERY_US = 200000, MAX_SHARED_BYTES = 8 << 20, MAX_COMPANION_BYTES = 1 << 30 };

struct part {
    sm_index *index;
    sm_bound bound;
    sm_map vectors;
};

struct kind {
    struct part part[2];
    sm_model *model;
    sm_view view;
    uint32_t *delta_parent; /* of the delta's parents, or NULL */
    size_t n_passages;      /* not hidden */
};

struct sm_snapshot {
    sm_op own; /* bounds, hidden lists, names */
    int users; /* guarded by the searcher's lock */
    sm_generation generation;
    struct kind kind[SM_N_KINDS];
};

struct sm_searcher {
    sm_op own;
    const char *data_dir;
    sm_lexicon lexicon;
    sm_str *words;
    size_t n_words;
    pthread_mutex_t lock;
    sm_snapshot *now;
    struct stat seen;
    int64_t looked_us;
};

/* ------------------------------------------------------------ shared files */

static bool next_row(sm_str *text, sm_str *line)
{
    while (sm_str_cut(text, '\n', line)) {
        *line = sm_str_trim(*line);
        if (line->n && line->p[0] != '#')
            return true;
    }
    return false;
}

static int by_lay(const void *a, const void *b)
{
    return sm_str_cmp(((const sm_lay_word *)a)->lay, ((const sm_lay_word *)b)->lay);
}

static void index_lexicon(sm_arena *a, sm_lexicon *l)
{
    l->first = SM_NEWS(a, struct sm_lay_first, l->n + 1);
    for (size_t i = 0; i < l->n; i++) {
        sm_str lay = l->line[i].lay;
        uint32_t c = lay.n ? sm_utf8_next(&lay) : 0;
        if (l->n_firsts == 0 || l->first[l->n_firsts - 1].c != c)
            l->first[l->n_firsts++] = (struct sm_lay_first){ c, (uint32_t)i };
    }
}

static sm_rc read_lexicon(sm_op *op, const char *path, sm_lexicon *out)
{
    sm_str text, line, lay;
    size_t cap = 0;
    if (!sm_file_exists(path))
        return SM_OK;
    sm_rc rc = sm_file_read(op, path, MAX_SHARED_BYTES, &text);
    while (rc == SM_OK && next_row(&text, &line)) {
        if (!sm_str_cut(&line, '\t', &lay) || line.n == 0)
            continue;
        SM_GROW(op->arena, out->line, out->n, cap);
        out->line[out->n++] =
            (sm_lay_word){ sm_text_normal(op->arena, lay), sm_text_normal(op->arena, line) };
    }
    if (out->n)
        qsort(out->line, out->n, sizeof(*out->line), by_lay);
    index_lexicon(op->arena, out);
    return rc;
}

static int longest_first(const void *a, const void *b)
{
    const sm_str *x = a, *y = b;
    return x->n != y->n ? (x->n > y->n ? -1 : 1) : sm_str_cmp(*x, *y);
}

static sm_rc read_words(sm_op *op, const char *path, sm_str **out, size_t *n)
{
    sm_str text, line;
    size_t cap = 0;
    if (!sm_file_exists(path))
        return SM_OK;
    sm_rc rc = sm_file_read(op, path, MAX_SHARED_BYTES, &text);
    while (rc == SM_OK && next_row(&text, &line)) {
        SM_GROW(op->arena, *out, *n, cap);
        (*out)[(*n)++] = sm_text_normal(op->arena, line);
    }
    if (*n)
        qsort(*out, *n, sizeof(**out), longest_first);
    return rc;
}

sm_rc sm_shared_read(sm_op *op, const char *share_dir, sm_lexicon *lexicon, sm_str **words,
                     size_t *n_words)
{
    *lexicon = (sm_lexicon){ 0 };
    *words = NULL;
    *n_words = 0;
    if (!share_dir)
        return SM_OK;
    sm_rc rc = read_lexicon(op, sm_path(op->arena, share_dir, "lexicon.tsv"), lexicon);
    if (rc == SM_OK)
        rc = read_words(op, sm_path(op->arena, share_dir, "questionwords.txt"), words, n_words);
    return rc;
}

/* ---------------------------------------------------------------- opening */

static void snapshot_close(sm_snapshot *s)
{
    for (int k = 0; k < SM_N_KINDS; k++) {
        sm_model_close(s->kind[k].model);
        for (int p = 0; p < 2; p++) {
            sm_map_close(&s->kind[k].part[p].vectors);
            sm_index_close(s->kind[k].part[p].index);
        }
    }
    sm_op_end(&s->own);
    free(s);
}

static const char *index_path(sm_op *op, const char *data_dir, sm_str name)
{
    return sm_strf(op->arena, "%s/index/%.*s", data_dir, SM_ARG(name)).p;
}

static sm_rc open_part(sm_op *op, const char *data_dir, sm_str name, const sm_model *model,
                       struct part *out)
{
    sm_str companion = { 0 };
    sm_rc rc = sm_index_open(op, index_path(op, data_dir, name), &out->index);
    const char *beside = index_path(op, data_dir, sm_companion_name(op->arena, name));
    if (rc == SM_OK && sm_file_exists(beside))
        rc = sm_file_read(op, beside, MAX_COMPANION_BYTES, &companion);
    if (rc == SM_OK)
        rc = sm_bound_make(op, out->index, companion, model, &out->bound);
    if (rc == SM_OK)
        rc = sm_vectors_bind(op, index_path(op, data_dir, name), model, &out->bound, &out->vectors);
    return rc;
}

static int by_text(const void *a, const void *b)
{
    return sm_str_cmp(*(const sm_str *)a, *(const sm_str *)b);
}

/* The base's passages whose document has a newer version in the delta. */
static uint8_t *hide(sm_op *op, const sm_index *base, const sm_index *delta, size_t *n_hidden)
{
    uint32_t n = sm_index_n(delta);
    sm_str *id = SM_NEWS(op->arena, sm_str, n + 1u);
    uint8_t *hidden = SM_NEWS(op->arena, uint8_t, sm_index_n(base) + 1u);
    for (uint32_t i = 0; i < n; i++)
        id[i] = sm_index_id(delta, i);
    qsort(id, n, sizeof(*id), by_text);
    for (uint32_t i = 0; i < sm_index_n(base); i++) {
        sm_str one = sm_index_id(base, i);
        hidden[i] = bsearch(&one, id, n, sizeof(*id), by_text) != NULL;
        *n_hidden += hidden[i];
    }
    return hidden;
}

struct named_parent {
    uint64_t key;
    uint32_t number;
};

static int by_key(const void *a, const void *b)
{
    const struct named_parent *x = a, *y = b;
    return x->key < y->key ? -1 : x->key > y->key;
}

static uint32_t *delta_parents(sm_op *op, const sm_index *base, const sm_index *delta,
                               const uint8_t *hidden)
{
    uint32_t n = sm_index_n_parents(base), n_delta = sm_index_n_parents(delta);
    struct named_parent *of = SM_NEWS(op->arena, struct named_parent, n + 1u);
    uint32_t *out = SM_NEWS(op->arena, uint32_t, n_delta + 1u);
    bool *seen = SM_NEWS(op->arena, bool, n + 1u);
    for (uint32_t i = 0; i < n; i++)
        of[i] = (struct named_parent){ base->parent[i], i };
    qsort(of, n, sizeof(*of), by_key);
    for (uint32_t i = 0; i < sm_index_n(base); i++)
        seen[sm_index_parent(base, i)] |= !hidden[i];
    for (uint32_t i = 0; i < n_delta; i++) {
        struct named_parent key = { delta->parent[i], 0 };
        const struct named_parent *found = bsearch(&key, of, n, sizeof(*of), by_key);
        out[i] = found && seen[found->number] ? found->number : UINT32_MAX;
    }
    return out;
}

static sm_rc open_kind(sm_op *op, const sm_searcher *s, const sm_generation *g, int k,
                       struct kind *out)
{
    sm_str base = g->kind[k].base, delta = g->kind[k].delta, model = g->kind[k].model;
    sm_rc rc = SM_OK;
    size_t n_hidden = 0;
    if (base.n == 0)
        return SM_OK;
    if (model.n)
        rc = sm_model_open(op, sm_strf(op->arena, "%s/model/%.*s", s->data_dir, SM_ARG(model)).p,
                           &out->model);
    if (rc == SM_OK)
        rc = open_part(op, s->data_dir, base, out->model, &out->part[0]);
    if (rc == SM_OK && delta.n)
        rc = open_part(op, s->data_dir, delta, out->model, &out->part[1]);
    if (rc < 0)
        return rc;
    sm_view *v = &out->view;
    v->part[0].bound = &out->part[0].bound;
    v->n_parts = 1;
    out->n_passages = sm_index_n(out->part[0].index);
    if (out->part[1].index) {
        v->part[0].hidden = hide(op, out->part[0].index, out->part[1].index, &n_hidden);
        out->delta_parent =
            delta_parents(op, out->part[0].index, out->part[1].index, v->part[0].hidden);
        v->part[1].bound = &out->part[1].bound;
        v->part[1].first = sm_index_n(out->part[0].index);
        v->n_parts = 2;
        out->n_passages += sm_index_n(out->part[1].index) - n_hidden;
    }
    v->model = out->model;
    v->lexicon = &s->lexicon;
    v->words = s->words;
    v->n_words = s->n_words;
    return SM_OK;
}

static sm_rc snapshot_open(sm_op *op, const sm_searcher *s, sm_snapshot **out)
{
    sm_snapshot *snap = calloc(1, sizeof(*snap));
    if (!snap)
        return sm_fail(op, SM_E_LIMIT, "内存不够");
    sm_op_begin(&snap->own);
    sm_rc rc = sm_current_read(&snap->own, s->data_dir, &snap->generation);
    for (int k = 0; rc == SM_OK && k < SM_N_KINDS; k++)
        rc = open_kind(&snap->own, s, &snap->generation, k, &snap->kind[k]);
    if (rc < 0) {
        sm_fail(op, rc, "%.*s", SM_ARG(snap->own.msg));
        snapshot_close(snap);
        return rc;
    }
    *out = snap;
    return SM_OK;
}

/* --------------------------------------------------------------- searcher */

sm_rc sm_searcher_open(sm_op *op, const char *data_dir, const char *share_dir, sm_searcher **out)
{
    sm_searcher *s = calloc(1, sizeof(*s));
    if (!s)
        return sm_fail(op, SM_E_LIMIT, "内存不够");
    sm_op_begin(&s->own);
    pthread_mutex_init(&s->lock, NULL);
    s->data_dir = sm_cstr(s->own.arena, sm_str_of(data_dir));
    sm_rc rc = sm_shared_read(&s->own, share_dir, &s->lexicon, &s->words, &s->n_words);
    if (rc < 0) {
        sm_fail(op, rc, "%.*s", SM_ARG(s->own.msg));
        sm_searcher_close(s);
        return rc;
    }
    *out = s;
    return SM_OK;
}

void sm_searcher_close(sm_searcher *s)
{
    if (!s)
        return;
    if (s->now)
        snapshot_close(s->now);
    pthread_mutex_destroy(&s->lock);
    sm_op_end(&s->own);
    free(s);
}

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec && a->st_size == b->st_size;
}

/* Takes up a newer generation; should that fail while an older one is open, the older goes on: its
 * files are kept until the writer's next turn but one. */
static sm_rc look(sm_op *op, sm_searcher *s)
{
    struct stat st = { 0 };
    int64_t us = sm_now_us();
    if (s->now && us - s->looked_us < LOOK_EVERY_US)
        return SM_OK;
    s->looked_us = us;
    if (stat(sm_path(op->arena, s->data_dir, "current"), &st) < 0)
        st = (struct stat){ 0 };
    if (s->now && same_file(&st, &s->seen))
        return SM_OK;
    sm_snapshot *next = NULL;
    sm_rc rc = SM_OK;
    for (int tries = 0; tries < 3; tries++) { /* the writer may swap between our reads */
        rc = snapshot_open(op, s, &next);
        if (rc == SM_OK)
            break;
        if (tries < 2)
            sm_op_clear(op);
    }
    if (rc < 0 && s->now) {
        sm_op_clear(op);
        return SM_OK;
    }
    if (rc < 0)
        return rc;
    if (s->now && s->now->users == 0)
        snapshot_close(s->now);
    s->now = next;
    s->seen = st;
    return SM_OK;
}

struct pin {
    sm_searcher *searcher;
    sm_snapshot *snap;
};

static void unpin(void *p)
{
    struct pin *pin = p;
    pthread_mutex_lock(&pin->searcher->lock);
    bool last = --pin->snap->users == 0 && pin->snap != pin->searcher->now;
    pthread_mutex_unlock(&pin->searcher->lock);
    if (last)
        snapshot_close(pin->snap);
}

sm_rc sm_searcher_pin(sm_op *op, sm_searcher *s, const sm_snapshot **out)
{
    struct pin *pin = SM_NEW(op->arena, struct pin);
    pthread_mutex_lock(&s->lock);
    sm_rc rc = look(op, s);
    if (rc == SM_OK) {
        s->now->users++;
        *pin = (struct pin){ s, s->now };
        *out = s->now;
    }
    pthread_mutex_unlock(&s->lock);
    if (rc == SM_OK)
        sm_arena_defer(op->arena, unpin, pin);
    return rc;
}

int64_t sm_snapshot_revision(const sm_snapshot *snap)
{
    return snap->generation.revision;
}

sm_str sm_snapshot_model(const sm_snapshot *snap, sm_kind kind)
{
    sm_str name = snap->generation.kind[kind].model;
    if (sm_str_ends(name, SM_STR(".model")))
        name.n -= 6;
    return name;
}

size_t sm_snapshot_n_passages(const sm_snapshot *snap, sm_kind kind)
{
    return snap->kind[kind].n_passages;
}

const sm_view *sm_snapshot_view(const sm_snapshot *snap, sm_kind kind)
{
    return snap->kind[kind].part[0].index ? &snap->kind[kind].view : NULL;
}

const uint32_t *sm_snapshot_delta_parents(const sm_snapshot *snap, sm_kind kind)
{
    return snap->kind[kind].delta_parent;
}

const char *sm_snapshot_index_path(sm_op *op, const sm_snapshot *snap, const char *data_dir,
                                   sm_kind kind)
{
    return index_path(op, data_dir, snap->generation.kind[kind].base);
}

sm_rc sm_snapshot_verify(sm_op *op, const sm_snapshot *snap, int64_t *n_files)
{
    int64_t n = 0;
    for (int k = 0; k < SM_N_KINDS; k++) {
        sm_str model = snap->generation.kind[k].model;
        sm_str name[2] = { snap->generation.kind[k].base, snap->generation.kind[k].delta };
        for (int p = 0; p < 2; p++) {
            const sm_index *x = snap->kind[k].part[p].index;
            if (x && !sm_index_whole(x))
                return sm_fail(
                    op, SM_E_CORRUPT,
                    "索引文件 index/%.*s 与摘要不符；请删去它，再重新导入任一文件以重建索引",
                    SM_ARG(name[p]));
            n += x != NULL;
        }
        if (snap->kind[k].model && !sm_model_whole(snap->kind[k].model))
            return sm_fail(op, SM_E_CORRUPT, "模型文件 model/%.*s 与摘要不符；请重新训练",
                           SM_ARG(model));
        n += snap->kind[k].model != NULL;
    }
    *n_files = n;
    return SM_OK;
}
