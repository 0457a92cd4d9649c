/*
 * gateway/breaker.h - keeps calls away from a back end that fails.
 *
 * Rests on base.  Closed: all goes.  When, within a window, enough calls and half of all failed, it
 * opens: nothing goes, for a time that doubles with every opening.  Then it is half open: one call
 * at a time tries; its success closes it, its failure opens it again.
 * M. Nygard, Release It!, 2nd ed., 5.2.  Belongs to one thread; times are monotonic.
 */
#ifndef SM_GATEWAY_BREAKER_H
#define SM_GATEWAY_BREAKER_H

#include "base/base.h"

enum {
    SM_BREAKER_SLICES = 10, /* of the window */
    SM_BREAKER_SLICE_US = 1000000,
    SM_BREAKER_FAILURES = 3,
    SM_BREAKER_OPEN_MS = 1000, /* at first */
    SM_BREAKER_MOST_MS = 30000
};

typedef enum sm_breaker_state {
    SM_BREAKER_CLOSED,
    SM_BREAKER_OPEN,
    SM_BREAKER_HALF
} sm_breaker_state;

typedef struct sm_breaker {
    sm_breaker_state state;
    bool trying;      /* the one call of half open is under way */
    int64_t until_us; /* it stays open */
    int64_t open_ms;  /* how long the next time */
    struct {
        int64_t number;
        unsigned good, bad;
    } slice[SM_BREAKER_SLICES];
} sm_breaker;

const char *sm_breaker_name(sm_breaker_state s); /* "closed", "open", "half-open" */
/* Whether a call may go now; looks only, but for open that becomes half open in time. */
bool sm_breaker_lets(sm_breaker *b, int64_t now_us);
void sm_breaker_sent(sm_breaker *b); /* a call goes */
void sm_breaker_good(sm_breaker *b, int64_t now_us);
void sm_breaker_bad(sm_breaker *b, int64_t now_us);
void sm_breaker_none(sm_breaker *b); /* the call ended without a word on the back end's health */

#endif
