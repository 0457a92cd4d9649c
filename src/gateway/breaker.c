#include "gateway/breaker.h"

#include <string.h>

const char *sm_breaker_name(sm_breaker_state s)
{
    static const char *const names[] = { "closed", "open", "half-open" };
    return names[s];
}

bool sm_breaker_lets(sm_breaker *b, int64_t now_us)
{
    if (b->state == SM_BREAKER_OPEN && now_us >= b->until_us) {
        b->state = SM_BREAKER_HALF;
        b->trying = false;
    }
    return b->state == SM_BREAKER_CLOSED || (b->state == SM_BREAKER_HALF && !b->trying);
}

void sm_breaker_sent(sm_breaker *b)
{
    if (b->state == SM_BREAKER_HALF)
        b->trying = true;
}

void sm_breaker_none(sm_breaker *b)
{
    b->trying = false;
}

static void count(sm_breaker *b, int64_t now_us, bool good)
{
    int64_t number = now_us / SM_BREAKER_SLICE_US;
    size_t i = (size_t)(number % SM_BREAKER_SLICES);
    if (b->slice[i].number != number) {
        b->slice[i].number = number;
        b->slice[i].good = b->slice[i].bad = 0;
    }
    b->slice[i].good += good;
    b->slice[i].bad += !good;
}

static bool failed_enough(const sm_breaker *b, int64_t now_us)
{
    int64_t number = now_us / SM_BREAKER_SLICE_US;
    unsigned good = 0, bad = 0;
    for (size_t i = 0; i < SM_BREAKER_SLICES; i++)
        if (b->slice[i].number > number - SM_BREAKER_SLICES) {
            good += b->slice[i].good;
            bad += b->slice[i].bad;
        }
    return bad >= SM_BREAKER_FAILURES && bad >= good;
}

static void open_it(sm_breaker *b, int64_t now_us)
{
    b->open_ms = b->open_ms ? SM_MIN(2 * b->open_ms, SM_BREAKER_MOST_MS) : SM_BREAKER_OPEN_MS;
    b->state = SM_BREAKER_OPEN;
    b->until_us = now_us + b->open_ms * 1000;
    b->trying = false;
}

void sm_breaker_good(sm_breaker *b, int64_t now_us)
{
    if (b->state == SM_BREAKER_CLOSED)
        count(b, now_us, true);
    else
        *b = (sm_breaker){ 0 };
}

void sm_breaker_bad(sm_breaker *b, int64_t now_us)
{
    if (b->state == SM_BREAKER_HALF) {
        open_it(b, now_us);
        return;
    }
    count(b, now_us, false);
    if (b->state == SM_BREAKER_CLOSED && failed_enough(b, now_us))
        open_it(b, now_us);
}
