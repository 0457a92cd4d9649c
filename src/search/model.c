/*
 * The model file: a head with the digest of all that follows, a table of sections, the
 * sections at multiples of 64 bytes.  Little-endian; no times, no addresses, no padding left
 * to chance, so the same training gives the same bytes.
 */
#include "search/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "search/blob.h"

static const char MAGIC[8] = "SMMODEL";
enum { VERSION = 1, ALIGN = 64 };

enum section {
    SEC_FIGURES,
    SEC_NAMES, /* offsets, counts, text */
    SEC_MEMORY,
    SEC_MAXENT,
    SEC_BIENC,
    SEC_FUSION, /* weights and calibration */
    SEC_GBDT,
    N_SECTIONS
};

struct head {
    char magic[8];
    uint32_t version, n_names;
    uint64_t seed;
    uint8_t digest[32]; /* SM3 of everything after the head */
    struct {
        uint64_t at, bytes;
    } section[N_SECTIONS];
};

struct fusion {
    sm_fusion linear;
    sm_calibration calibration;
};

/* -------------------------------------------------------------- writing */

static void add_section(sm_buf *b, struct head *h, enum section s, sm_str data)
{
    while (b->n % ALIGN)
        sm_buf_addc(b, 0);
    h->section[s].at = b->n;
    h->section[s].bytes = data.n;
    sm_buf_add(b, data);
}

static sm_str names_section(sm_arena *a, const sm_model *m)
{
    size_t n = m->n_names, bytes = m->name_off[n];
    sm_packer p;
    sm_pack_init(&p, a, 8 * n + bytes + 64);
    sm_pack(&p, m->name_off, 4 * (n + 1));
    sm_pack(&p, m->name_count, 4 * n);
    sm_pack(&p, m->name_text, bytes);
    return sm_pack_done(&p);
}

sm_rc sm_model_bytes(sm_op *op, const sm_model *m, sm_str *out)
{
    struct head h = { .version = VERSION, .n_names = m->n_names, .seed = m->seed };
    struct fusion f = { m->fusion, m->calibration };
    sm_buf b;
    memcpy(h.magic, MAGIC, sizeof(MAGIC));
    sm_buf_init(&b, SM_MODEL_MAX_BYTES);
    sm_buf_add(&b, (sm_str){ (const char *)&h, sizeof(h) });
    add_section(&b, &h, SEC_FIGURES, m->figures);
    add_section(&b, &h, SEC_NAMES, names_section(op->arena, m));
    add_section(&b, &h, SEC_MEMORY, m->memory_blob);
    add_section(&b, &h, SEC_MAXENT, m->maxent_blob);
    add_section(&b, &h, SEC_BIENC, m->bienc_blob);
    add_section(&b, &h, SEC_FUSION, (sm_str){ (const char *)&f, sizeof(f) });
    add_section(&b, &h, SEC_GBDT, m->gbdt_blob);
    sm_str whole;
    bool failed = b.failed;
    sm_rc rc = sm_buf_take(op, &b, &whole);
    if (failed || rc < 0)
        return sm_fail(op, SM_E_LIMIT, "模型超过了 %u MB；请减少训练数据",
                       SM_MODEL_MAX_BYTES >> 20);
    sm_digest d = sm_sm3(sm_str_sub(whole, sizeof(h), whole.n));
    memcpy(h.digest, d.b, sizeof(d.b));
    char *copy = sm_cstr(op->arena, whole);
    memcpy(copy, &h, sizeof(h));
    *out = (sm_str){ copy, whole.n };
    return SM_OK;
}

/* -------------------------------------------------------------- reading */

static bool section_of(const sm_map *map, const struct head *h, enum section s, sm_str *out)
{
    uint64_t at = h->section[s].at, bytes = h->section[s].bytes;
    if (at % ALIGN || at < sizeof(*h) || at > map->n || bytes > map->n - at)
        return false;
    *out = (sm_str){ (const char *)map->p + at, bytes };
    return true;
}

static bool read_names(sm_model *m, sm_str blob, uint32_t n)
{
    sm_unpacker u = { blob, 0, false };
    m->n_names = n;
    m->name_off = sm_unpack_room(&u, (size_t)n + 1, sizeof(*m->name_off));
    m->name_count = sm_unpack_room(&u, n, sizeof(*m->name_count));
    if (u.failed)
        return false;
    m->name_text = sm_unpack_room(&u, m->name_off[n], 1);
    return !u.failed && sm_offsets_ok(m->name_off, n, m->name_off[n]);
}

static bool read_fusion(sm_model *m, sm_str blob)
{
    struct fusion f;
    if (blob.n != sizeof(f))
        return false;
    memcpy(&f, blob.p, sizeof(f));
    m->fusion = f.linear;
    m->calibration = f.calibration;
    return sm_finite(&f.linear.w[0][0], 2 * SM_N_FEATURES) && isfinite(f.linear.bias) &&
           sm_finite(f.calibration.w, SM_N_STATS) && isfinite(f.calibration.bias);
}

static bool read_sections(sm_model *m)
{
    struct head h;
    sm_str names, fusion;
    if (m->map.n < sizeof(h) || m->map.n > SM_MODEL_MAX_BYTES)
        return false;
    memcpy(&h, m->map.p, sizeof(h));
    if (memcmp(h.magic, MAGIC, sizeof(MAGIC)) != 0 || h.version != VERSION)
        return false;
    m->seed = h.seed;
    memcpy(m->digest.b, h.digest, sizeof(h.digest));
    return section_of(&m->map, &h, SEC_FIGURES, &m->figures) &&
           section_of(&m->map, &h, SEC_NAMES, &names) && read_names(m, names, h.n_names) &&
           section_of(&m->map, &h, SEC_MEMORY, &m->memory_blob) &&
           sm_memory_open(m->memory_blob, m->n_names, &m->memory) &&
           section_of(&m->map, &h, SEC_MAXENT, &m->maxent_blob) &&
           (m->maxent_blob.n == 0 || sm_maxent_open(m->maxent_blob, m->n_names, &m->maxent)) &&
           section_of(&m->map, &h, SEC_BIENC, &m->bienc_blob) &&
           (m->bienc_blob.n == 0 || sm_bienc_open(m->bienc_blob, &m->bienc)) &&
           section_of(&m->map, &h, SEC_FUSION, &fusion) && read_fusion(m, fusion) &&
           section_of(&m->map, &h, SEC_GBDT, &m->gbdt_blob) &&
           (m->gbdt_blob.n == 0 || sm_gbdt_open(m->gbdt_blob, &m->gbdt));
}

/* Turns "question points at names" round. */
static void turn_aims(sm_model *m)
{
    const sm_memory *q = &m->memory;
    uint32_t *off = SM_NEWS(m->own, uint32_t, m->n_names + 2u), *at = off + 1;
    uint32_t *question = SM_NEWS(m->own, uint32_t, q->aim_off[q->n_questions] + 1u);
    for (uint32_t i = 0; i < q->aim_off[q->n_questions]; i++)
        off[q->aim[i] + 2]++;
    for (uint32_t k = 0; k < m->n_names; k++)
        at[k + 1] += at[k];
    for (uint32_t i = 0; i < q->n_questions; i++) /* leaves each at[] where the next one begins */
        for (uint32_t k = q->aim_off[i]; k < q->aim_off[i + 1]; k++)
            question[at[q->aim[k]]++] = i;
    m->question_off = off;
    m->question = question;
}

static void hash_names(sm_model *m)
{
    size_t n = 16;
    while (n < 2 * (size_t)m->n_names)
        n *= 2;
    m->name_slot = SM_NEWS(m->own, uint32_t, n);
    m->name_mask = n - 1;
    for (uint32_t k = 0; k < m->n_names; k++) {
        size_t i = sm_hash64(sm_model_name(m, k), 0) & m->name_mask;
        while (m->name_slot[i])
            i = (i + 1) & m->name_mask;
        m->name_slot[i] = k + 1;
    }
}

/* UINT32_MAX for none. */
static uint32_t look_up(const sm_model *m, sm_str name)
{
    for (size_t i = sm_hash64(name, 0) & m->name_mask; m->name_slot[i]; i = (i + 1) & m->name_mask)
        if (sm_str_eq(sm_model_name(m, m->name_slot[i] - 1), name))
            return m->name_slot[i] - 1;
    return UINT32_MAX;
}

uint32_t sm_model_find(const sm_model *m, sm_str name)
{
    if (m->name_slot)
        return look_up(m, name);
    uint32_t lo = 0, hi = m->n_names;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (sm_str_cmp(sm_model_name(m, mid), name) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < m->n_names && sm_str_eq(sm_model_name(m, lo), name) ? lo : UINT32_MAX;
}

sm_rc sm_model_open(sm_op *op, const char *path, sm_model **out)
{
    sm_model *m = calloc(1, sizeof(*m));
    sm_rc rc = m ? sm_map_open(op, path, &m->map) : sm_fail(op, SM_E_LIMIT, "内存不够");
    if (rc == SM_OK && !read_sections(m))
        rc = sm_fail(op, SM_E_CORRUPT, "模型文件 %s 已损坏或版本不对；请重新训练", path);
    if (rc < 0) {
        sm_model_close(m);
        return rc;
    }
    m->own = sm_arena_open();
    turn_aims(m);
    hash_names(m);
    sm_memory_ready(m->own, &m->memory);
    *out = m;
    return SM_OK;
}

void sm_model_close(sm_model *m)
{
    if (!m)
        return;
    if (m->map.p)
        sm_map_close(&m->map);
    sm_arena_close(m->own);
    free(m);
}

bool sm_model_whole(const sm_model *m)
{
    const size_t head = sizeof(struct head);
    sm_digest d = sm_sm3((sm_str){ (const char *)m->map.p + head, m->map.n - head });
    return memcmp(d.b, m->digest.b, sizeof(d.b)) == 0;
}

/* -------------------------------------------------------------- vectors */

struct vectors_head {
    char magic[8];
    uint8_t model[32];
    uint64_t index; /* digest over the index's ids, so that a rebuilt index is another */
    uint32_t n, dim;
};

static uint64_t ids_digest(const sm_index *x)
{
    uint64_t h = sm_index_n(x);
    for (uint32_t p = 0; p < sm_index_n(x); p++)
        h = sm_mix64(h ^ (uint64_t)sm_index_row(x, p)) + sm_index_id(x, p).n;
    return sm_mix64(h ^ sm_index_n_terms(x));
}

static struct vectors_head vectors_head(const sm_index *x, const sm_model *m)
{
    struct vectors_head h = { "SMVEC01", { 0 }, ids_digest(x), sm_index_n(x), SM_DIM };
    memcpy(h.model, m->digest.b, sizeof(h.model));
    return h;
}

static const char *vectors_path(sm_op *op, const char *index_path)
{
    return sm_strf(op->arena, "%s.vec", index_path).p;
}

sm_rc sm_vectors_write(sm_op *op, const char *index_path, const sm_index *x, const sm_model *m)
{
    struct vectors_head h = vectors_head(x, m);
    size_t bytes = (size_t)h.n * SM_DIM;
    if (m->bienc_blob.n == 0)
        return SM_OK;
    char *p = sm_alloc(op->arena, sizeof(h) + bytes);
    memcpy(p, &h, sizeof(h));
    memcpy(p + sizeof(h), sm_bienc_passages(op->arena, &m->bienc, x), bytes);
    return sm_file_write(op, vectors_path(op, index_path), (sm_str){ p, sizeof(h) + bytes });
}

sm_rc sm_vectors_bind(sm_op *op, const char *index_path, const sm_model *m, sm_bound *b,
                      sm_map *map)
{
    *map = (sm_map){ 0 };
    if (!m || m->bienc_blob.n == 0)
        return SM_OK;
    const char *path = vectors_path(op, index_path);
    struct vectors_head h = vectors_head(b->x, m);
    if (sm_file_exists(path) && sm_map_open(op, path, map) == SM_OK) {
        if (map->n == sizeof(h) + (size_t)h.n * SM_DIM && memcmp(map->p, &h, sizeof(h)) == 0) {
            b->vec = (const int8_t *)map->p + sizeof(h);
            return SM_OK;
        }
        sm_map_close(map);
        *map = (sm_map){ 0 };
    }
    b->vec = sm_bienc_passages(op->arena, &m->bienc, b->x);
    return SM_OK;
}
