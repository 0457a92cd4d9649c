/*
 * Who is told of what, as it happens: streams by topic ("desk", or a conversation's name).
 */
#include "server/inner.h"

#include <stdlib.h>

enum { N_CHAINS = 1024, N_TURNS = 64 };

typedef struct listener {
    uint64_t topic;
    int64_t last;     /* the number it was told last */
    int64_t user;     /* whose login it stands on; 0: on none */
    int64_t until_us; /* 0: open end */
    sm_stream *stream;
    struct listener *next;
} listener;

struct sm_hub {
    pthread_mutex_t turn[N_TURNS]; /* of those who tell a topic; taken before `lock` */
    pthread_mutex_t lock;          /* guards what follows */
    listener *chain[N_CHAINS];
    size_t n;
};

sm_hub *sm_hub_open(void)
{
    sm_hub *h = calloc(1, sizeof(*h));
    if (!h)
        abort();
    pthread_mutex_init(&h->lock, NULL);
    for (size_t i = 0; i < N_TURNS; i++)
        pthread_mutex_init(&h->turn[i], NULL);
    return h;
}

static void take_out(sm_hub *h, listener **at)
{
    listener *l = *at;
    *at = l->next;
    sm_stream_close(l->stream);
    free(l);
    h->n--;
}

void sm_hub_close(sm_hub *h)
{
    if (!h)
        return;
    for (size_t i = 0; i < N_CHAINS; i++)
        while (h->chain[i])
            take_out(h, &h->chain[i]);
    pthread_mutex_destroy(&h->lock);
    for (size_t i = 0; i < N_TURNS; i++)
        pthread_mutex_destroy(&h->turn[i]);
    free(h);
}

static bool is_over(const listener *l)
{
    return sm_stream_gone(l->stream) || (l->until_us && sm_now_us() > l->until_us);
}

/* Leaves the youngest `max` of `topic`, and of all topics those that are not over. */
static void sweep(sm_hub *h, listener **chain, uint64_t topic, size_t max)
{
    size_t n = 0;
    for (listener **at = chain; *at;) {
        bool ours = (*at)->topic == topic;
        if (is_over(*at) || (ours && n == max)) {
            take_out(h, at);
            continue;
        }
        n += ours;
        at = &(*at)->next;
    }
}

bool sm_hub_join(sm_hub *h, sm_str topic, sm_stream *s, const sm_listening *as)
{
    uint64_t key = sm_hash64(topic, 0);
    listener **chain = &h->chain[key % N_CHAINS];
    pthread_mutex_lock(&h->lock);
    sweep(h, chain, key, as->max ? as->max - 1 : 0);
    listener *l = as->max && h->n < SM_HUB_MAX_STREAMS ? calloc(1, sizeof(*l)) : NULL;
    if (l) {
        *l = (listener){ .topic = key,
                         .last = as->last,
                         .user = as->user,
                         .until_us = as->life_ms ? sm_now_us() + as->life_ms * 1000 : 0,
                         .stream = s,
                         .next = *chain };
        *chain = l;
        h->n++;
    }
    pthread_mutex_unlock(&h->lock);
    if (!l)
        sm_stream_close(s);
    return l != NULL;
}

bool sm_hub_begin(sm_hub *h, sm_str topic, int64_t *told)
{
    uint64_t key = sm_hash64(topic, 0);
    bool some = false;
    *told = INT64_MAX;
    pthread_mutex_lock(&h->turn[key % N_TURNS]);
    pthread_mutex_lock(&h->lock);
    for (listener *l = h->chain[key % N_CHAINS]; l; l = l->next)
        if (l->topic == key) {
            some = true;
            *told = SM_MIN(*told, l->last);
        }
    pthread_mutex_unlock(&h->lock);
    return some;
}

void sm_hub_end(sm_hub *h, sm_str topic)
{
    pthread_mutex_unlock(&h->turn[sm_hash64(topic, 0) % N_TURNS]);
}

/* False when the stream is gone. */
static bool tell_one(listener *l, const char *event, int64_t id, sm_str data)
{
    if (is_over(l))
        return false;
    if (id && id <= l->last)
        return true;
    l->last = id ? id : l->last;
    return sm_stream_send(l->stream, event, id, data);
}

void sm_hub_tell(sm_hub *h, sm_str topic, const char *event, int64_t id, sm_str data)
{
    uint64_t key = sm_hash64(topic, 0);
    pthread_mutex_lock(&h->lock);
    for (listener **at = &h->chain[key % N_CHAINS]; *at;) {
        if ((*at)->topic == key && !tell_one(*at, event, id, data))
            take_out(h, at);
        else
            at = &(*at)->next;
    }
    pthread_mutex_unlock(&h->lock);
}

void sm_hub_leave(sm_hub *h, int64_t user)
{
    pthread_mutex_lock(&h->lock);
    for (size_t i = 0; i < N_CHAINS; i++)
        for (listener **at = &h->chain[i]; *at;) {
            if ((*at)->user == user)
                take_out(h, at);
            else
                at = &(*at)->next;
        }
    pthread_mutex_unlock(&h->lock);
}
