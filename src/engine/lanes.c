#include "engine/lanes.h"

#include <stdlib.h>
#include <string.h>

enum { WORTH_A_COPY = 32 /* tokens */ };

void sm_lanes_open(sm_lm *m, sm_lanes *out)
{
    const sm_lm_facts *f = sm_lm_about(m);
    *out = (sm_lanes){ .m = m, .n = f->n_sequences, .packed = true };
    out->lane = calloc(out->n, sizeof(*out->lane));
    for (size_t i = 0; out->lane && i < out->n; i++) {
        out->lane[i] = (sm_lane){ .sequence = (unsigned)i, .lora = -1 };
        out->lane[i].token = calloc(f->n_ctx, sizeof(int32_t));
        if (!out->lane[i].token)
            abort();
    }
    if (!out->lane)
        abort();
}

void sm_lanes_close(sm_lanes *l)
{
    for (size_t i = 0; i < l->n; i++)
        free(l->lane[i].token);
    free(l->lane);
    *l = (sm_lanes){ 0 };
}

void sm_lane_trim(sm_lanes *l, sm_lane *lane, size_t n)
{
    bool kept = sm_lm_trim(l->m, lane->sequence, n);
    lane->n_done = kept ? SM_MIN(lane->n_done, n) : 0;
}

static size_t common(const sm_lane *lane, int lora, const int32_t *token, size_t n)
{
    size_t max = SM_MIN(lane->n_done, n), i = 0;
    if (lane->lora != lora)
        return 0;
    while (i < max && lane->token[i] == token[i])
        i++;
    return i;
}

/* Runs of neighbouring busy lanes: each is a pass over the model's weights. */
static size_t count_runs(const sm_lanes *l, const sm_lane *with, const sm_lane *without)
{
    size_t n = 0;
    bool last = false;
    for (size_t i = 0; i < l->n; i++) {
        const sm_lane *lane = &l->lane[i];
        bool busy = (lane->busy || lane == with) && lane != without;
        n += busy && !last;
        last = busy;
    }
    return n;
}

/* The lane whose text has the longest beginning in common, busy or not. */
static sm_lane *find_alike(const sm_lanes *l, int lora, const int32_t *token, size_t n,
                           size_t *length)
{
    sm_lane *best = NULL;
    *length = 0;
    for (size_t i = 0; i < l->n; i++) {
        size_t c = common(&l->lane[i], lora, token, n);
        if (c > *length || (c == *length && c && best->busy && !l->lane[i].busy)) {
            *length = c;
            best = &l->lane[i];
        }
    }
    return best;
}

/* In place costs nothing but the rest of what the lane holds. */
static bool fits_in_place(const sm_lane *alike, size_t length)
{
    return alike && !alike->busy && (length * 2 >= alike->n_done || length < WORTH_A_COPY);
}

/* Of the free lanes one that makes the fewest runs; of those the one alike, if it may be used in
 * place, else the one used longest ago and not the one alike, if it can be. */
static sm_lane *choose(const sm_lanes *l, sm_lane *alike, size_t length)
{
    sm_lane *best = NULL;
    size_t best_runs = 0;
    bool in_place = fits_in_place(alike, length);
    for (size_t i = 0; i < l->n; i++) {
        sm_lane *lane = &l->lane[i];
        if (lane->busy)
            continue;
        size_t runs = l->packed ? count_runs(l, lane, NULL) : 0;
        bool better = !best || runs < best_runs;
        if (best && runs == best_runs) {
            if (in_place && (lane == alike || best == alike))
                better = lane == alike;
            else if (lane == alike || best == alike)
                better = best == alike;
            else
                better = lane->used_us < best->used_us;
        }
        if (better) {
            best = lane;
            best_runs = runs;
        }
    }
    return best;
}

static void copy_beginning(sm_lanes *l, const sm_lane *from, sm_lane *to, size_t n)
{
    sm_lm_copy(l->m, from->sequence, to->sequence);
    memcpy(to->token, from->token, n * sizeof(*to->token));
    to->lora = from->lora;
    to->n_done = from->n_done;
}

sm_lane *sm_lanes_take(sm_lanes *l, int lora, const int32_t *token, size_t n)
{
    size_t length = 0;
    sm_lane *alike = find_alike(l, lora, token, n, &length);
    sm_lane *lane = choose(l, alike, length);
    if (!lane)
        abort();
    size_t keep = common(lane, lora, token, n);
    if (alike && alike != lane && length >= keep + WORTH_A_COPY) {
        copy_beginning(l, alike, lane, length);
        keep = length;
    }
    sm_lane_trim(l, lane, SM_MIN(keep, n - 1));
    memcpy(lane->token, token, n * sizeof(*token));
    lane->n_tokens = n;
    lane->lora = lora;
    lane->busy = true;
    l->n_busy++;
    return lane;
}

void sm_lanes_give_back(sm_lanes *l, sm_lane *lane)
{
    lane->busy = false;
    lane->owner = NULL;
    lane->used_us = sm_now_us();
    l->n_busy--;
}

/* A free place inside, filled with the last of the busy ones, or the first. */
bool sm_lanes_pack(sm_lanes *l, sm_lane **from, sm_lane **to)
{
    size_t runs = count_runs(l, NULL, NULL);
    if (!l->packed || runs < 2)
        return false;
    for (size_t i = 0; i < l->n * l->n; i++) {
        sm_lane *a = &l->lane[l->n - 1 - i / l->n], *b = &l->lane[i % l->n];
        if (!a->busy || b->busy || count_runs(l, b, a) >= runs)
            continue;
        copy_beginning(l, a, b, a->n_tokens);
        b->n_tokens = a->n_tokens;
        b->owner = a->owner;
        b->busy = true;
        a->busy = false;
        a->owner = NULL;
        a->used_us = sm_now_us();
        *from = a;
        *to = b;
        return true;
    }
    return false;
}
