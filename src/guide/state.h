/*
 * guide/state.h - private to guide: what a conversation remembers between turns.
 */
#ifndef SM_GUIDE_STATE_H
#define SM_GUIDE_STATE_H

#include "guide/guide.h"
#include "store/store.h"

typedef enum sm_pending {
    SM_PENDING_NONE,
    SM_PENDING_CHOICE,      /* options lead to items */
    SM_PENDING_OPEN,        /* "what would you like to do?" */
    SM_PENDING_ELIGIBILITY, /* a variable of the item's rule */
    SM_PENDING_NEAREST,     /* nothing is asked; options lead to items */
    SM_PENDING_LEFT, /* a choice that was not made; the likeliest of the options is in hand */
    SM_N_PENDINGS
} sm_pending;

enum { SM_MAX_OPTIONS = 8, SM_MAX_ASKED = 2, SM_MAX_BINDINGS = 24, SM_MAX_EARLIER = 3 };

typedef struct sm_talk {
    sm_str session;                 /* "" : nothing is kept */
    sm_str item;                    /* code in hand */
    sm_str earlier[SM_MAX_EARLIER]; /* codes in hand before it, the latest first */
    sm_str topic;                   /* the words that led to it */
    sm_str asked_of_policy;         /* what clauses answered last, or "" */
    sm_str document;                /* … those of which document */
    sm_str region, audience;
    sm_facet facet; /* last one answered */
    sm_pending pending;
    int asked;       /* clarifying questions in a row */
    sm_str question; /* the pending one */
    sm_option option[SM_MAX_OPTIONS];
    size_t n_options;
    sm_str variable; /* of a pending eligibility question */
    sm_binding binding[SM_MAX_BINDINGS];
    size_t n_bindings;
    int64_t n_turns;
} sm_talk;

/* An unknown session starts fresh. */
sm_rc sm_talk_load(sm_op *op, sm_db *record, sm_str session, sm_talk *t);
/* Keeps the state and appends the turn (question masked) to the conversation. */
sm_rc sm_talk_save(sm_op *op, sm_db *record, const sm_talk *t, sm_str question,
                   const sm_reply *reply);
/* Queues the conversation for a person, unless it stands in the queue or a person has it already;
 * *place is its place in the queue, 1 for the next, 0 when a person has it.  Tests queue apart. */
sm_rc sm_talk_hand_over(sm_op *op, sm_db *record, const sm_talk *t, sm_str question,
                        const char *reason, bool test, int64_t *place);

#endif
