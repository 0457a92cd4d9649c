#include "search/file.h"

#include <stdlib.h>
#include <string.h>

static const char MAGIC[8] = "SMINDX1";

static sm_rc corrupt(sm_op *op, const char *path, const char *what)
{
    return sm_fail(op, SM_E_CORRUPT, "索引文件 %s 已损坏（%s）；请重新导入任一文件以重建索引", path,
                   what);
}

static const void *section(const sm_index *x, int s)
{
    return x->map.p + x->head.section[s].at;
}

static size_t count(const sm_index *x, int s, size_t size)
{
    return x->head.section[s].bytes / size;
}

static bool sections_fit(const sm_index *x)
{
    for (int s = 0; s < SM_N_SECTIONS; s++) {
        uint64_t at = x->head.section[s].at, bytes = x->head.section[s].bytes;
        if (at % 64 || at > x->map.n || bytes > x->map.n - at)
            return false;
    }
    return true;
}

/* Every number that is later used as a place is held against its bound once, here. */
static bool lists_fit(sm_index *x, int set)
{
    size_t n = count(x, SM_SEC_KEYS + set, 8), posts = count(x, SM_SEC_POST + set, 4);
    uint32_t bound = set == SM_FIELD_PARENT ? x->head.n_parents : x->head.n_passages;
    x->key[set] = section(x, SM_SEC_KEYS + set);
    x->off[set] = section(x, SM_SEC_OFF + set);
    x->post[set] = section(x, SM_SEC_POST + set);
    x->impact[set] = section(x, SM_SEC_IMPACT + set);
    x->idf[set] = section(x, SM_SEC_IDF + set);
    x->n_terms[set] = (uint32_t)n;
    if (count(x, SM_SEC_OFF + set, 4) != n + 1 || count(x, SM_SEC_IMPACT + set, 1) != posts ||
        count(x, SM_SEC_IDF + set, 4) != n || x->off[set][0] != 0 || x->off[set][n] != posts)
        return false;
    for (size_t i = 0; i < n; i++)
        if (x->off[set][i] > x->off[set][i + 1])
            return false;
    for (size_t i = 0; i < n; i++)
        if (!(x->idf[set][i] >= 0.0f && x->idf[set][i] < 64.0f))
            return false;
    uint32_t most = 0;
    for (size_t i = 0; i < posts; i++)
        most = SM_MAX(most, x->post[set][i]);
    return posts == 0 || most < bound;
}

static void mark_block(sm_index *x, size_t passage, uint32_t parent)
{
    uint32_t *block = x->block_parent + 2 * (passage / SM_SCORE_BLOCK);
    bool first = passage % SM_SCORE_BLOCK == 0;
    block[0] = first ? parent : SM_MIN(block[0], parent);
    block[1] = first ? parent : SM_MAX(block[1], parent);
}

static bool docs_fit(sm_index *x)
{
    size_t n = count(x, SM_SEC_DOC, sizeof(sm_passage_row));
    x->doc = section(x, SM_SEC_DOC);
    x->parent = section(x, SM_SEC_PARENT);
    x->text = section(x, SM_SEC_TEXT);
    x->text_bytes = x->head.section[SM_SEC_TEXT].bytes;
    x->block_parent = malloc((n / SM_SCORE_BLOCK + 1) * 2 * sizeof(*x->block_parent));
    if (n != x->head.n_passages || count(x, SM_SEC_PARENT, 8) != x->head.n_parents ||
        !x->block_parent)
        return false;
    for (size_t i = 0; i < n; i++) {
        const sm_passage_row *d = &x->doc[i];
        if ((uint64_t)d->id + d->id_bytes > x->text_bytes || d->parent >= x->head.n_parents ||
            (uint64_t)d->clause + d->clause_bytes > x->text_bytes || d->region > x->head.n_regions)
            return false;
        mark_block(x, i, d->parent);
    }
    return true;
}

static bool regions_fit(sm_index *x)
{
    const char *p = section(x, SM_SEC_REGION);
    size_t bytes = x->head.section[SM_SEC_REGION].bytes;
    while (bytes && x->n_regions < SM_LEN(x->region)) {
        size_t n = strnlen(p, bytes);
        if (n == bytes)
            return false;
        x->region[x->n_regions++] = p;
        p += n + 1;
        bytes -= n + 1;
    }
    return bytes == 0 && x->n_regions == x->head.n_regions;
}

sm_rc sm_index_open(sm_op *op, const char *path, sm_index **out)
{
    sm_index *x = calloc(1, sizeof(*x));
    if (!x)
        return sm_fail(op, SM_E_LIMIT, "内存不够");
    sm_rc rc = sm_map_open(op, path, &x->map);
    if (rc == SM_OK && x->map.n < sizeof(x->head))
        rc = corrupt(op, path, "太短");
    if (rc == SM_OK) {
        memcpy(&x->head, x->map.p, sizeof(x->head));
        if (memcmp(x->head.magic, MAGIC, sizeof(MAGIC)) != 0 || x->head.version != SM_FILE_VERSION)
            rc = corrupt(op, path, "不是本版本的索引");
        else if (!sections_fit(x) || !docs_fit(x) || !regions_fit(x))
            rc = corrupt(op, path, "目录不对");
    }
    for (int set = 0; rc == SM_OK && set < 3; set++)
        if (!lists_fit(x, set))
            rc = corrupt(op, path, "倒排表不对");
    if (rc < 0) {
        sm_index_close(x);
        return rc;
    }
    *out = x;
    return SM_OK;
}

void sm_index_close(sm_index *x)
{
    if (!x)
        return;
    sm_map_close(&x->map);
    free(x->block_parent);
    free(x);
}

uint64_t sm_file_digest(const sm_file_head *h, sm_str rest)
{
    sm_file_head blank = *h;
    blank.digest = 0;
    return sm_hash64(rest, sm_hash64((sm_str){ (const char *)&blank, sizeof(blank) }, 0));
}

bool sm_index_whole(const sm_index *x)
{
    sm_str rest = { (const char *)x->map.p + sizeof(x->head), x->map.n - sizeof(x->head) };
    return sm_file_digest(&x->head, rest) == x->head.digest;
}

uint32_t sm_index_n(const sm_index *x)
{
    return x->head.n_passages;
}

sm_str sm_index_id(const sm_index *x, uint32_t passage)
{
    return (sm_str){ x->text + x->doc[passage].id, x->doc[passage].id_bytes };
}

sm_str sm_index_clause(const sm_index *x, uint32_t passage)
{
    return (sm_str){ x->text + x->doc[passage].clause, x->doc[passage].clause_bytes };
}

int64_t sm_index_row(const sm_index *x, uint32_t passage)
{
    return x->doc[passage].row;
}

uint32_t sm_index_parent(const sm_index *x, uint32_t passage)
{
    return x->doc[passage].parent;
}

uint32_t sm_index_n_parents(const sm_index *x)
{
    return x->head.n_parents;
}

static bool region_allowed(const sm_index *x, uint16_t region, const sm_filter *f)
{
    if (region == 0 || f->n_regions == 0)
        return true;
    sm_str name = sm_str_of(x->region[region - 1]);
    for (size_t i = 0; i < f->n_regions; i++)
        if (sm_str_eq(f->regions[i], name))
            return true;
    return false;
}

static inline bool in_time(const sm_passage_row *d, const sm_filter *f)
{
    if (f->as_of == SM_DATE_NONE || f->pass == SM_PASS_ALL)
        return true;
    bool begun = d->effective == SM_DATE_NONE || d->effective <= f->as_of;
    bool over = d->ends != SM_DATE_NONE && d->ends < f->as_of;
    return (begun && !over) == (f->pass == SM_PASS_IN_FORCE);
}

bool sm_index_allows(const sm_index *x, uint32_t passage, const sm_filter *f)
{
    const sm_passage_row *d = &x->doc[passage];
    return (!f->audience || (d->audience & f->audience)) && in_time(d, f) &&
           region_allowed(x, d->region, f);
}

void sm_index_allowed(const sm_index *x, const sm_filter *f, const uint8_t *hidden, uint8_t *out)
{
    bool region[SM_LEN(x->region) + 1];
    uint32_t n = x->head.n_passages;
    for (size_t i = 0; f && i <= x->n_regions; i++)
        region[i] = region_allowed(x, (uint16_t)i, f);
    for (uint32_t i = 0; i < n; i++) {
        const sm_passage_row *d = &x->doc[i];
        out[i] = !(hidden && hidden[i]) && (!f || (region[d->region] && in_time(d, f) &&
                                                   (!f->audience || (d->audience & f->audience))));
    }
}

static sm_postings list_of(const sm_index *x, sm_field field, size_t term)
{
    uint32_t from = x->off[field][term];
    return (sm_postings){ x->post[field] + from, x->impact[field] + from,
                          x->off[field][term + 1] - from, x->idf[field][term] };
}

bool sm_index_postings(const sm_index *x, sm_field field, uint64_t term, sm_postings *out)
{
    size_t t = sm_find_u64(x->key[field], x->n_terms[field], term);
    if (t == SIZE_MAX)
        return false;
    *out = list_of(x, field, t);
    return true;
}

void sm_index_lists(const sm_index *x, sm_field field, const uint64_t *term, size_t n,
                    sm_postings *out)
{
    enum { RUN = 64 };
    size_t t[RUN];
    for (size_t from = 0; from < n; from += RUN) {
        size_t m = SM_MIN(n - from, (size_t)RUN);
        sm_find_all_u64(x->key[field], x->n_terms[field], term + from, m, t);
        for (size_t i = 0; i < m; i++)
            if (t[i] != SIZE_MAX) {
                __builtin_prefetch(x->off[field] + t[i]);
                __builtin_prefetch(x->idf[field] + t[i]);
            }
        for (size_t i = 0; i < m; i++) {
            out[from + i] = t[i] == SIZE_MAX ? (sm_postings){ 0 } : list_of(x, field, t[i]);
            __builtin_prefetch(out[from + i].passage);
            __builtin_prefetch(out[from + i].impact);
        }
    }
}

uint32_t sm_index_n_terms(const sm_index *x)
{
    return x->n_terms[SM_FIELD_ALL];
}

uint64_t sm_index_term(const sm_index *x, uint32_t number)
{
    return x->key[SM_FIELD_ALL][number];
}
