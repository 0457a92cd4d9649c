/*
 * What the files of the schedule share.
 *
 *   department   a node of the tree: limits, usage.  One with children has an `own` child without a
 *                name for its own calls, so that calls wait at leaves only.
 *   pool         one list of candidates, told apart by content; knows its tier in use.
 *   group        back ends that the same pools use.  Fairness is kept per group and class: one tree
 *                each of sm_node, with virtual times of its own.
 *   queue        the waiting calls of one leaf, class and pool, oldest first.  It is in the trees
 * of all groups of its pool.
 *
 * Lists are doubly linked through the call; see sm_list.
 */
#ifndef SM_SCHEDULE_INNER_H
#define SM_SCHEDULE_INNER_H

#include "schedule/schedule.h"

typedef struct sm_unit sm_unit;
typedef struct sm_pool sm_pool;
typedef struct sm_group sm_group;
typedef struct sm_station sm_station;
typedef struct sm_node sm_node;
typedef struct sm_queue sm_queue;

enum { SM_NOWHERE = UINT32_MAX };

typedef struct sm_link {
    sm_call *before, *after;
} sm_link;

/* Through which of its links a call is in a list. */
enum { SM_IN_QUEUE, SM_IN_ORDER, SM_N_LINKS };

typedef struct sm_list {
    sm_call *first, *last;
    uint32_t n;
} sm_list;

struct sm_call {
    sm_link link[SM_N_LINKS]; /* waiting: queue (or retries) and class by time; running: the group's
                                 batch and all that run */
    sm_unit *unit;
    sm_pool *pool;
    sm_queue *queue;     /* NULL: among the retries, or running */
    sm_station *station; /* running on; else NULL */
    sm_node *node;       /* the leaf that paid, NULL when none has */
    void *user;
    uint64_t seq;
    int64_t since_us; /* submitted or put back */
    int64_t minute;   /* whose budget it was taken from */
    double cost;      /* tokens paid in the tree */
    uint32_t prompt, max_tokens, generated;
    uint32_t held; /* tokens held back in the budgets */
    sm_class class;
    uint8_t attempts, yields, n_excluded;
    bool paid, due, yielding, lost;
    int64_t excluded[SM_SCHEDULE_MAX_ATTEMPTS];
};

struct sm_queue {
    sm_list calls;
    sm_unit *leaf;
    sm_pool *pool;
    sm_class class;
};

typedef struct sm_unit_class {
    uint64_t prompt_tokens, generated_tokens, done, failed, gone, refused[SM_N_REFUSALS];
    uint32_t waiting, running;
    double usual; /* generated tokens: a running mean; < 0: nothing known */
} sm_unit_class;

/* What is counted towards budgets: its own, and with all below. */
typedef struct sm_toll {
    int64_t minute, day, month, held;
    uint32_t running;
} sm_toll;

struct sm_unit {
    sm_str id; /* on the heap */
    sm_unit *parent, *own;
    uint32_t order; /* breaks ties: the place in the configuration */
    uint32_t n_children;
    double weight, children_weight;
    int64_t minute_tokens, day_tokens, month_tokens;
    int64_t minute; /* that the usage is of */
    uint32_t concurrency;
    bool gone;
    sm_toll mine, all;
    sm_unit_class class[SM_N_CLASSES];
    sm_queue **queue; /* of a leaf, by pool's id and class */
    uint32_t n_queues, cap_queues;
    sm_node **node; /* by tree; NULL until it takes part */
    sm_node **old_node;
};

/* Start-time fair queueing: of siblings with work the least `start` is next. */
struct sm_node {
    sm_unit *unit;
    sm_node *parent;
    double start, finish;
    double now; /* virtual time among the children */
    sm_node **heap;
    uint32_t n, cap;
    uint32_t at;      /* in the parent's heap, or SM_NOWHERE */
    sm_queue **queue; /* with calls, at a leaf */
    uint32_t n_queues, cap_queues;
    sm_node *next; /* of all nodes */
};

struct sm_station {
    int64_t id;
    uint32_t slots, running;
    double speed;
    sm_back_end_state state;
    sm_group *group;
    uint64_t started, signature;
    bool known;
};

struct sm_group {
    uint32_t index; /* its trees are index × SM_N_CLASSES + class */
    uint32_t old;   /* index before regrouping, or SM_NOWHERE */
    sm_station **station;
    size_t n_stations;
    sm_node *root[SM_N_CLASSES];
    uint32_t n_slots, n_free;       /* of the stations that are up */
    uint32_t n_citizens;            /* running */
    double citizens;                /* their running mean */
    int64_t citizens_us;            /* up to when */
    uint32_t waiting[SM_N_CLASSES]; /* calls, some of them perhaps in other groups, too */
    double earned[SM_N_CLASSES][SM_N_CLASSES]; /* [c][k]: tokens by class c against the higher k */
    sm_list batch;                             /* running batch calls by start */
    uint32_t n_yielding;
};

typedef struct sm_place {
    sm_candidate asked;
    sm_station *station; /* NULL: not configured */
    double turn;         /* calls it has had, by weight */
} sm_place;

struct sm_pool {
    sm_place *place;
    size_t n_places;
    sm_group **group; /* of the tier in use */
    size_t n_groups;
    uint32_t id, tier;
    uint32_t n_calls;
    bool hopeless; /* every candidate is down */
    bool by_speed; /* the speed of every candidate is known */
};

typedef struct sm_class_state {
    sm_class_rules rules;
    sm_list order;   /* waiting, by since_us */
    sm_list retries; /* waiting, put back by a failure */
    sm_class_figures n;
    double usual;       /* generated tokens; < 0: nothing known */
    double interval_us; /* between starts while calls waited; 0: not known */
    int64_t last_start_us;
} sm_class_state;

struct sm_schedule {
    sm_unit **unit; /* [0] is the root */
    size_t n_units, cap_units;
    uint32_t *by_id; /* open hash of unit places + 1 */
    size_t n_by_id;
    sm_station **station;
    size_t n_stations;
    sm_pool **pool;
    uint64_t *pool_hash; /* of pool[i] */
    size_t n_pools, cap_pools;
    sm_group **group;
    size_t n_groups;
    sm_node *nodes;
    sm_class_state class[SM_N_CLASSES];
    sm_list running;
    sm_list lost; /* waiting without hope, for _expire */
    sm_list free_calls;
    bool preempts, strict, look_for_hopeless;
    uint64_t seq;
    uint32_t next_pool_id;
    int32_t day, month;
    int64_t day_end_us, month_end_us;
};

/* lists, and a call's way in and out of them (calls.c) */
void sm_list_add(sm_list *l, sm_call *c, int link);
void sm_list_add_front(sm_list *l, sm_call *c, int link);
void sm_list_remove(sm_list *l, sm_call *c, int link);
void *sm_need(void *p); /* aborts when p is NULL: out of memory */
void sm_call_wait(sm_schedule *s, sm_call *c, int64_t now_us, bool in_front);
void sm_call_unwait(sm_schedule *s, sm_call *c);
void sm_call_run(sm_schedule *s, sm_call *c, sm_station *v, int64_t now_us);
void sm_call_unrun(sm_schedule *s, sm_call *c, int64_t now_us);
void sm_call_free(sm_schedule *s, sm_call *c);

/* departments (unit.c) */
sm_unit *sm_unit_new(sm_str id);
void sm_unit_free(sm_unit *d);
sm_unit *sm_unit_add(sm_schedule *s, sm_str id);
void sm_unit_index(sm_schedule *s);
sm_unit *sm_unit_find(const sm_schedule *s, sm_str id);
sm_unit *sm_unit_leaf(sm_unit *d); /* where its own calls wait */
sm_queue *sm_unit_queue(sm_unit *leaf, sm_pool *p, sm_class k);
void sm_unit_forget(sm_unit *leaf, const sm_pool *p); /* its queues, which are empty */
bool sm_unit_is_full(const sm_unit *d);               /* its own concurrency, not that above */
bool sm_unit_path_is_full(const sm_unit *d);
void sm_unit_run(sm_schedule *s, sm_unit *d, int step); /* one more, one less running */

/* budgets (budget.c) */
sm_refusal_kind sm_budget_check(sm_schedule *s, sm_unit *d, int64_t tokens, int64_t now_us,
                                sm_admission *out);
void sm_budget_hold(sm_call *c, uint32_t tokens, int64_t now_us);
void sm_budget_settle(sm_call *c, int64_t used_tokens, int64_t now_us);
void sm_budget_minute(sm_unit *d, int64_t now_us); /* turns the window on */

/* trees (tree.c) */
sm_node *sm_tree_node(sm_schedule *s, const sm_group *g, sm_class k, sm_unit *d);
void sm_tree_settle(
    sm_node *n); /* in its parent's heap if and only if it has work and may run it */
sm_node *sm_tree_first(sm_node *root); /* the leaf whose turn it is, NULL: none */
void sm_tree_pay(sm_node *leaf, double tokens);
void sm_tree_correct(sm_node *leaf, double tokens);
void sm_tree_enter(sm_schedule *s, sm_queue *q); /* it has calls now */
void sm_tree_leave(sm_schedule *s, sm_queue *q); /* it has no more */

/* pools and groups (pool.c) */
sm_pool *sm_pool_of(sm_schedule *s, const sm_candidate *c, size_t n);
void sm_pool_free(sm_pool *p);
bool sm_pool_has(const sm_pool *p, const sm_group *g);
sm_station *sm_station_find(const sm_schedule *s, int64_t id);
void sm_station_count(sm_station *v, int step);  /* one more, one less running */
void sm_station_counts(sm_station *v, int step); /* its slots into the group's, or out of it */
/* Where the call would go, of those with a free slot; NULL: nowhere. */
sm_station *sm_pool_choose(const sm_pool *p, const sm_call *c, const sm_group *only);
void sm_pool_took(sm_pool *p, const sm_station *v);
bool sm_call_has_hope(const sm_call *c);
void sm_regroup(sm_schedule *s, bool always); /* after back ends or pools have changed */
void sm_groups_free(sm_schedule *s);
double sm_headroom(double citizens, double slots, sm_class k, double most);
bool sm_group_is_open(const sm_schedule *s, const sm_group *g, sm_class k); /* has a slot for it */
void sm_group_citizen(sm_group *g, int step, int64_t now_us); /* one more, one less running */

#endif
