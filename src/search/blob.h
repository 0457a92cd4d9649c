/*
 * search/blob.h - private to search: arrays in and out of a run of bytes, every array at a
 * multiple of 8, every length checked before it is believed.
 */
#ifndef SM_SEARCH_BLOB_H
#define SM_SEARCH_BLOB_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

typedef struct sm_packer {
    char *p;
    size_t n, cap;
} sm_packer;

/* Room for `cap` bytes, zeroed; packing more aborts (a fault in the caller's sum). */
static inline void sm_pack_init(sm_packer *p, sm_arena *a, size_t cap)
{
    *p = (sm_packer){ sm_alloc(a, cap), 0, cap };
}

static inline void *sm_pack_room(sm_packer *p, size_t bytes)
{
    void *at = p->p + p->n;
    p->n += (bytes + 7) / 8 * 8;
    if (p->n > p->cap)
        abort();
    return at;
}

static inline void sm_pack(sm_packer *p, const void *data, size_t bytes)
{
    void *at = sm_pack_room(p, bytes);
    if (bytes)
        memcpy(at, data, bytes);
}

static inline sm_str sm_pack_done(const sm_packer *p)
{
    return (sm_str){ p->p, p->n };
}

typedef struct sm_unpacker {
    sm_str blob; /* at a multiple of 8 in memory */
    size_t at;
    bool failed;
} sm_unpacker;

/* n elements of `size` bytes, borrowed; NULL and failed when there are not as many. */
static inline const void *sm_unpack_room(sm_unpacker *u, size_t n, size_t size)
{
    size_t bytes, left = u->blob.n - u->at;
    if (u->failed || __builtin_mul_overflow(n, size, &bytes) || bytes > left ||
        (bytes + 7) / 8 * 8 > left) {
        u->failed = true;
        return NULL;
    }
    const void *at = u->blob.p + u->at;
    u->at += (bytes + 7) / 8 * 8;
    return at;
}

static inline bool sm_unpack(sm_unpacker *u, void *out, size_t bytes)
{
    const void *at = sm_unpack_room(u, 1, bytes);
    if (at)
        memcpy(out, at, bytes);
    return at != NULL;
}

/* 0 = off[0] <= off[1] <= … <= off[n] = total */
static inline bool sm_offsets_ok(const uint32_t *off, size_t n, size_t total)
{
    if (off[0] != 0 || off[n] != total)
        return false;
    for (size_t i = 0; i < n; i++)
        if (off[i] > off[i + 1])
            return false;
    return true;
}

static inline bool sm_below(const uint32_t *v, size_t n, uint32_t limit)
{
    for (size_t i = 0; i < n; i++)
        if (v[i] >= limit)
            return false;
    return true;
}

static inline bool sm_finite(const float *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(v[i]))
            return false;
    return true;
}

#endif
