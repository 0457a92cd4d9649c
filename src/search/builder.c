/*
 * Building an index file: passages are cut into terms as they come, one entry per distinct term
 * with its count in each field; at the end the entries are put in order of terms by counting, and
 * impacts are worked out with the average lengths then known.
 */
#include "search/file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text/text.h"

enum { MAX_TOKENS = 1 << 17, MAX_TF = 255, MAX_REGIONS = 1024 };
static const float WEIGHT[SM_N_FIELDS] = { 1.0f, 2.0f, 1.0f,
                                           2.0f }; /* body, title, heading, alias */

struct entry {
    uint32_t term;
    uint8_t tf[SM_N_FIELDS];
};

/* Open addressing, keys never 0; grows at half full. */
struct table {
    uint64_t *key;
    uint32_t *value;
    size_t n, mask;
};

/* A growing array on the heap. */
struct list {
    char *p;
    size_t n, cap, size;
};

struct sm_builder {
    const sm_index *base;
    struct table term, parent, region;
    struct list entry;  /* struct entry, passage after passage */
    struct list first;  /* size_t per passage: its first entry */
    struct list length; /* float[SM_N_FIELDS] per passage */
    struct list doc;    /* sm_passage_row */
    struct list text, region_text;
    struct list stamp;    /* per term: 1 + entry number, when in the passage at hand */
    struct list n_parent; /* float per parent: its length */
    uint64_t *token;
    sm_arena *scratch;
};

static void *must(void *p)
{
    if (!p) {
        fputs("sunmao: out of memory\n", stderr);
        abort();
    }
    return p;
}

static void *list_add(struct list *l, const void *what, size_t n)
{
    if (l->n + n > l->cap) {
        l->cap = SM_MAX(l->cap * 2, l->n + n + 1024);
        l->p = must(realloc(l->p, l->cap * l->size));
    }
    char *at = l->p + l->n * l->size;
    if (what)
        memcpy(at, what, n * l->size);
    else
        memset(at, 0, n * l->size);
    l->n += n;
    return at;
}

static void table_grow(struct table *t)
{
    size_t cap = t->mask ? 2 * (t->mask + 1) : 1024;
    struct table to = { must(calloc(cap, sizeof(uint64_t))), must(calloc(cap, sizeof(uint32_t))),
                        t->n, cap - 1 };
    for (size_t i = 0; t->key && i <= t->mask; i++)
        if (t->key[i]) {
            size_t k = (size_t)sm_mix64(t->key[i]) & to.mask;
            while (to.key[k])
                k = (k + 1) & to.mask;
            to.key[k] = t->key[i];
            to.value[k] = t->value[i];
        }
    free(t->key);
    free(t->value);
    *t = to;
}

/* The number of a key, given out in order of first sight; *added tells whether it is new. */
static uint32_t number_of(struct table *t, uint64_t key, bool *added)
{
    if (2 * t->n >= t->mask)
        table_grow(t);
    size_t k = (size_t)sm_mix64(key) & t->mask;
    while (t->key[k] && t->key[k] != key)
        k = (k + 1) & t->mask;
    *added = !t->key[k];
    if (*added) {
        t->key[k] = key;
        t->value[k] = (uint32_t)t->n++;
    }
    return t->value[k];
}

static void builder_close(void *p)
{
    sm_builder *b = p;
    struct list *lists[] = { &b->entry, &b->first,       &b->length, &b->doc,
                             &b->text,  &b->region_text, &b->stamp,  &b->n_parent };
    struct table *tables[] = { &b->term, &b->parent, &b->region };
    for (size_t i = 0; i < SM_LEN(lists); i++)
        free(lists[i]->p);
    for (size_t i = 0; i < SM_LEN(tables); i++) {
        free(tables[i]->key);
        free(tables[i]->value);
    }
    free(b->token);
    sm_arena_close(b->scratch);
    free(b);
}

sm_rc sm_builder_open(sm_op *op, const sm_index *base, sm_builder **out)
{
    sm_builder *b = must(calloc(1, sizeof(*b)));
    b->base = base;
    b->entry.size = sizeof(struct entry);
    b->first.size = sizeof(size_t);
    b->length.size = SM_N_FIELDS * sizeof(float);
    b->doc.size = sizeof(sm_passage_row);
    b->text.size = b->region_text.size = 1;
    b->stamp.size = sizeof(uint64_t);
    b->n_parent.size = sizeof(float);
    b->token = must(malloc(MAX_TOKENS * sizeof(*b->token)));
    b->scratch = sm_arena_open();
    sm_arena_defer(op->arena, builder_close, b);
    *out = b;
    return SM_OK;
}

/* ---------------------------------------------------------------- adding */

static void add_field(sm_builder *b, sm_str text, int field, size_t first, float *length)
{
    if (text.n == 0)
        return;
    sm_str normal = sm_text_normal(b->scratch, text);
    size_t n = sm_text_tokens(normal, SM_TOKEN_UNI | SM_TOKEN_BI, b->token, MAX_TOKENS);
    length[field] = (float)n;
    for (size_t i = 0; i < n; i++) {
        bool added;
        uint32_t term = number_of(&b->term, b->token[i], &added);
        if (added)
            list_add(&b->stamp, NULL, 1);
        uint64_t *stamp = (uint64_t *)(void *)b->stamp.p + term;
        if (*stamp <= first) { /* not yet in this passage */
            struct entry e = { .term = term };
            list_add(&b->entry, &e, 1);
            *stamp = b->entry.n;
        }
        uint8_t *tf = ((struct entry *)(void *)b->entry.p)[*stamp - 1].tf;
        if (tf[field] < MAX_TF)
            tf[field]++;
    }
}

static uint32_t add_text(sm_builder *b, sm_str s)
{
    size_t at = b->text.n;
    if (s.n)
        list_add(&b->text, s.p, s.n);
    return (uint32_t)at;
}

static uint16_t region_of(sm_builder *b, sm_str name)
{
    bool added;
    if (name.n == 0 || memchr(name.p, 0, name.n))
        return 0;
    uint64_t key = sm_hash64(name, 3);
    uint32_t n = number_of(&b->region, key ? key : 1, &added);
    if (added) {
        list_add(&b->region_text, name.p, name.n);
        list_add(&b->region_text, "", 1);
    }
    return (uint16_t)(n + 1);
}

sm_rc sm_builder_add(sm_op *op, sm_builder *b, const sm_passage *p)
{
    float length[SM_N_FIELDS] = { 0 };
    size_t first = b->entry.n;
    bool added;
    if (b->doc.n >= UINT32_MAX / 2 || b->text.n + p->id.n + p->clause.n > UINT32_MAX ||
        b->region.n >= MAX_REGIONS)
        return sm_fail(op, SM_E_LIMIT, "语料太大：一个索引最多 20 亿段、4 GB 编号、%d 个地区",
                       MAX_REGIONS);
    list_add(&b->first, &first, 1);
    add_field(b, p->body, 0, first, length);
    add_field(b, p->title, 1, first, length);
    add_field(b, p->heading, 2, first, length);
    add_field(b, p->alias, 3, first, length);
    sm_arena_reset(b->scratch);
    list_add(&b->length, length, 1);
    uint64_t key = sm_hash64(p->parent.n ? p->parent : p->id, 5);
    uint32_t parent = number_of(&b->parent, key ? key : 1, &added);
    if (added)
        list_add(&b->n_parent, NULL, 1);
    ((float *)(void *)b->n_parent.p)[parent] += length[0] + length[1];
    sm_passage_row row = { .row = p->row,
                           .id_bytes = (uint32_t)p->id.n,
                           .clause_bytes = (uint32_t)p->clause.n,
                           .effective = p->effective,
                           .ends = p->ends,
                           .parent = parent,
                           .region = region_of(b, p->region),
                           .audience = (uint16_t)(p->audience ? p->audience : SM_AUDIENCE_ALL) };
    row.id = add_text(b, p->id);
    row.clause = add_text(b, p->clause);
    list_add(&b->doc, &row, 1);
    return SM_OK;
}

/* --------------------------------------------------------------- in order */

/* Terms in ascending order of key: number in the file of each number given out. */
struct order {
    uint64_t *key;
    uint32_t *rank; /* of a term's number */
    size_t n;
};

struct pair {
    uint64_t key;
    uint32_t number;
};

static void radix(struct pair *a, struct pair *b, size_t n)
{
    static const int digits = 11;
    for (int shift = 0; shift < 64; shift += digits) {
        size_t at[1 << 11] = { 0 }, sum = 0;
        for (size_t i = 0; i < n; i++)
            at[a[i].key >> shift & 2047]++;
        for (size_t d = 0; d < 2048; d++) {
            size_t k = at[d];
            at[d] = sum;
            sum += k;
        }
        for (size_t i = 0; i < n; i++)
            b[at[a[i].key >> shift & 2047]++] = a[i];
        struct pair *t = a;
        a = b;
        b = t;
    }
}

static struct order order_terms(const sm_builder *b)
{
    size_t n = b->term.n, k = 0;
    struct order o = { must(malloc((n + 1) * 8)), must(malloc((n + 1) * 4)), n };
    struct pair *p = must(malloc((n + 1) * sizeof(*p))), *q = must(malloc((n + 1) * sizeof(*q)));
    for (size_t i = 0; n && i <= b->term.mask; i++)
        if (b->term.key[i])
            p[k++] = (struct pair){ b->term.key[i], b->term.value[i] };
    radix(p, q, n); /* six passes: back in p */
    for (size_t i = 0; i < n; i++) {
        o.key[i] = p[i].key;
        o.rank[p[i].number] = (uint32_t)i;
    }
    free(p);
    free(q);
    return o;
}

/* One list set under way. */
struct lists {
    uint32_t *off, *post;
    uint8_t *impact;
    uint64_t *key;
    float *idf;
    size_t n_terms, n_posts;
};

static uint8_t quantised(float tf)
{
    float part = tf / (SM_BM25_K1 + tf); /* of k1 + 1 */
    long v = lrintf(part * (float)SM_MAX_IMPACT);
    return (uint8_t)SM_MAX(1, SM_MIN(v, SM_MAX_IMPACT));
}

static float field_norm(float length, float average)
{
    return 1.0f - SM_BM25_B + SM_BM25_B * (average > 0 ? length / average : 1.0f);
}

typedef float weigh_fn(const struct entry *e, const float *length, const float *average);

static float weigh_all(const struct entry *e, const float *length, const float *average)
{
    float tf = 0;
    for (int f = 0; f < SM_N_FIELDS; f++)
        if (e->tf[f])
            tf += WEIGHT[f] * (float)e->tf[f] / field_norm(length[f], average[f]);
    return tf;
}

static float weigh_title(const struct entry *e, const float *length, const float *average)
{
    return e->tf[1] ? (float)e->tf[1] / field_norm(length[1], average[1]) : 0;
}

static size_t end_of(const sm_builder *b, size_t doc)
{
    return doc + 1 < b->first.n ? ((size_t *)(void *)b->first.p)[doc + 1] : b->entry.n;
}

static void alloc_lists(struct lists *l, const struct order *o, size_t posts)
{
    l->n_terms = o->n;
    l->n_posts = posts;
    l->off = must(calloc(o->n + 2, sizeof(*l->off)));
    l->post = must(malloc((posts + 1) * sizeof(*l->post)));
    l->impact = must(malloc(posts + 1));
    l->key = must(malloc((o->n + 1) * sizeof(*l->key)));
    l->idf = must(calloc(o->n + 1, sizeof(*l->idf)));
    memcpy(l->key, o->key, o->n * sizeof(*l->key));
}

/* Counts, then places: passages come out ascending within a term. */
static void put_lists(const sm_builder *b, const struct order *o, weigh_fn *weigh,
                      const float *average, struct lists *l)
{
    const struct entry *e = (const void *)b->entry.p;
    float(*length)[SM_N_FIELDS] = (void *)b->length.p;
    size_t posts = 0;
    alloc_lists(l, o, b->entry.n);
    for (size_t d = 0, i = 0; d < b->first.n; d++)
        for (size_t end = end_of(b, d); i < end; i++)
            if (weigh(&e[i], length[d], average) > 0) {
                l->off[o->rank[e[i].term] + 2]++;
                posts++;
            }
    l->n_posts = posts;
    for (size_t t = 2; t < o->n + 2; t++)
        l->off[t] += l->off[t - 1];
    for (size_t d = 0, i = 0; d < b->first.n; d++)
        for (size_t end = end_of(b, d); i < end; i++) {
            float tf = weigh(&e[i], length[d], average);
            if (tf <= 0)
                continue;
            uint32_t at = l->off[o->rank[e[i].term] + 1]++;
            l->post[at] = (uint32_t)d;
            l->impact[at] = quantised(tf);
        }
}

/* A list that scoring would skip is not kept: parents are asked for nothing else.  A delta leaves
 * out what its base did. */
static bool common_among_parents(const sm_builder *b, const sm_file_head *h, uint64_t term,
                                 size_t n)
{
    sm_postings p;
    if (h->n_stat_parents < SM_COMMON_FROM)
        return false;
    if (!b->base)
        return (float)n > SM_COMMON_SHARE * (float)h->n_stat_parents;
    return sm_index_postings(b->base, SM_FIELD_ALL, term, &p) &&
           !sm_index_postings(b->base, SM_FIELD_PARENT, term, &p);
}

/* Parents from the passages' lists: the entries of one term, merged by parent. */
static void put_parents(const sm_builder *b, const struct order *o, const struct lists *all,
                        const sm_file_head *h, struct lists *l)
{
    const sm_passage_row *doc = (const void *)b->doc.p;
    const float *length = (const void *)b->n_parent.p;
    size_t n_parents = b->parent.n, posts = 0;
    float *tf = must(calloc(n_parents + 1, sizeof(*tf)));
    uint32_t *seen = must(malloc((n_parents + 1) * sizeof(*seen)));
    alloc_lists(l, o, all->n_posts);
    for (size_t t = 0; t < o->n; t++) {
        size_t n = 0;
        l->off[t] = (uint32_t)posts;
        for (uint32_t i = all->off[t]; i < all->off[t + 1]; i++) {
            uint32_t parent = doc[all->post[i]].parent;
            if (tf[parent] <= 0)
                seen[n++] = parent;
            tf[parent] += 1.0f;
        }
        bool keep = !common_among_parents(b, h, o->key[t], n);
        for (size_t i = 0; i < n; i++) {
            if (keep) {
                l->post[posts] = seen[i];
                l->impact[posts++] =
                    quantised(tf[seen[i]] / field_norm(length[seen[i]], h->average_parent));
            }
            tf[seen[i]] = 0;
        }
    }
    l->off[o->n] = (uint32_t)posts;
    l->n_posts = posts;
    free(tf);
    free(seen);
}

static void drop_unused(struct lists *l)
{
    size_t n = 0;
    for (size_t t = 0; t < l->n_terms; t++) {
        if (l->off[t] == l->off[t + 1])
            continue;
        l->key[n] = l->key[t];
        l->off[n++] = l->off[t];
    }
    l->off[n] = (uint32_t)l->n_posts;
    l->n_terms = n;
}

static void put_idf(const sm_builder *b, struct lists *l, sm_field field, size_t n_docs)
{
    for (size_t t = 0; t < l->n_terms; t++) {
        sm_postings p;
        float df = (float)(l->off[t + 1] - l->off[t]);
        if (b->base && sm_index_postings(b->base, field, l->key[t], &p))
            l->idf[t] = p.idf;
        else
            l->idf[t] =
                logf(1.0f + ((float)n_docs - SM_MIN(df, (float)n_docs) + 0.5f) / (df + 0.5f));
    }
}

/* ---------------------------------------------------------------- writing */

struct writer {
    FILE *f;
    uint64_t at;
    sm_file_head *head;
};

static void write_section(struct writer *w, int s, const void *p, size_t bytes)
{
    static const char zero[64];
    size_t pad = (64 - w->at % 64) % 64;
    fwrite(zero, 1, pad, w->f);
    w->at += pad;
    w->head->section[s].at = w->at;
    w->head->section[s].bytes = bytes;
    if (bytes)
        fwrite(p, 1, bytes, w->f);
    w->at += bytes;
}

static void write_lists(struct writer *w, int set, const struct lists *l)
{
    write_section(w, SM_SEC_KEYS + set, l->key, l->n_terms * 8);
    write_section(w, SM_SEC_OFF + set, l->off, (l->n_terms + 1) * 4);
    write_section(w, SM_SEC_POST + set, l->post, l->n_posts * 4);
    write_section(w, SM_SEC_IMPACT + set, l->impact, l->n_posts);
    write_section(w, SM_SEC_IDF + set, l->idf, l->n_terms * 4);
}

static void averages(const sm_builder *b, sm_file_head *h)
{
    memcpy(h->magic, "SMINDX1", 8);
    h->version = SM_FILE_VERSION;
    h->n_passages = (uint32_t)b->doc.n;
    h->n_parents = (uint32_t)b->parent.n;
    h->n_regions = (uint32_t)b->region.n;
    h->n_stat_passages = b->base ? b->base->head.n_stat_passages : h->n_passages;
    h->n_stat_parents = b->base ? b->base->head.n_stat_parents : h->n_parents;
    if (b->base) {
        memcpy(h->average, b->base->head.average, sizeof(h->average));
        h->average_parent = b->base->head.average_parent;
        return;
    }
    double sum[SM_N_FIELDS] = { 0 }, parents = 0;
    float(*length)[SM_N_FIELDS] = (void *)b->length.p;
    for (size_t d = 0; d < b->doc.n; d++)
        for (int f = 0; f < SM_N_FIELDS; f++)
            sum[f] += (double)length[d][f];
    for (size_t i = 0; i < b->parent.n; i++)
        parents += (double)((const float *)(const void *)b->n_parent.p)[i];
    for (int f = 0; f < SM_N_FIELDS; f++)
        h->average[f] = b->doc.n ? (float)(sum[f] / (double)b->doc.n) : 0;
    h->average_parent = b->parent.n ? (float)(parents / (double)b->parent.n) : 0;
}

static void free_lists(struct lists *l)
{
    free(l->off);
    free(l->post);
    free(l->impact);
    free(l->key);
    free(l->idf);
}

/* Their names' hashes, by number. */
static void write_parents(const sm_builder *b, struct writer *w)
{
    const struct table *t = &b->parent;
    uint64_t *key = must(calloc(t->n + 1, sizeof(*key)));
    for (size_t i = 0; t->n && i <= t->mask; i++)
        if (t->key[i])
            key[t->value[i]] = t->key[i];
    write_section(w, SM_SEC_PARENT, key, t->n * sizeof(*key));
    free(key);
}

static void write_all(sm_builder *b, struct writer *w)
{
    sm_file_head *h = w->head;
    struct order o = order_terms(b);
    struct lists all = { 0 }, title = { 0 }, parent = { 0 };
    averages(b, h);
    put_lists(b, &o, weigh_all, h->average, &all);
    put_parents(b, &o, &all, h, &parent);
    put_idf(b, &all, SM_FIELD_ALL, h->n_stat_passages);
    write_lists(w, SM_FIELD_ALL, &all);
    free_lists(&all);
    put_lists(b, &o, weigh_title, h->average, &title);
    drop_unused(&title);
    put_idf(b, &title, SM_FIELD_TITLE, h->n_stat_passages);
    write_lists(w, SM_FIELD_TITLE, &title);
    free_lists(&title);
    drop_unused(&parent);
    put_idf(b, &parent, SM_FIELD_PARENT, h->n_stat_parents);
    write_lists(w, SM_FIELD_PARENT, &parent);
    free_lists(&parent);
    write_section(w, SM_SEC_DOC, b->doc.p, b->doc.n * sizeof(sm_passage_row));
    write_section(w, SM_SEC_TEXT, b->text.p, b->text.n);
    write_section(w, SM_SEC_REGION, b->region_text.p, b->region_text.n);
    write_parents(b, w);
    free(o.key);
    free(o.rank);
}

/* The digest over what follows the head, read back once it is written. */
static sm_rc seal(sm_op *op, const char *tmp, sm_file_head *h)
{
    sm_map map;
    sm_rc rc = sm_map_open(op, tmp, &map);
    if (rc < 0)
        return rc;
    h->digest = sm_file_digest(h, (sm_str){ (const char *)map.p + sizeof(*h), map.n - sizeof(*h) });
    sm_map_close(&map);
    return SM_OK;
}

sm_rc sm_builder_write(sm_op *op, sm_builder *b, const char *path)
{
    sm_file_head head = { 0 };
    const char *tmp = sm_strf(op->arena, "%s.tmp-%d", path, (int)getpid()).p;
    struct writer w = { fopen(tmp, "wb"), sizeof(head), &head };
    if (!w.f)
        return sm_fail(op, SM_E_DENIED, "写不了索引文件 %s", tmp);
    fwrite(&head, sizeof(head), 1, w.f);
    write_all(b, &w);
    bool ok = fflush(w.f) == 0 && !ferror(w.f);
    sm_rc rc = ok ? seal(op, tmp, &head) : SM_E_LIMIT;
    if (rc == SM_OK) {
        rewind(w.f);
        ok =
            fwrite(&head, sizeof(head), 1, w.f) == 1 && fflush(w.f) == 0 && fsync(fileno(w.f)) == 0;
    }
    ok = fclose(w.f) == 0 && ok && rc == SM_OK && rename(tmp, path) == 0;
    if (ok)
        return SM_OK;
    unlink(tmp);
    return sm_fail(op, SM_E_LIMIT, "写索引文件 %s 失败：磁盘可能满了", path);
}
