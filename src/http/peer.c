/*
 * How many connections each address has.
 */
#include "http/inner.h"

#include <stdlib.h>
#include <string.h>

struct sm_peer {
    char client[SM_CLIENT_BYTES];
    unsigned n;
    struct sm_peer *next;
};

static sm_peer **find(sm_peers *p, const char *client)
{
    sm_peer **at = &p->chain[sm_hash64(sm_str_of(client), 0) % SM_PEER_CHAINS];
    while (*at && strcmp((*at)->client, client) != 0)
        at = &(*at)->next;
    return at;
}

bool sm_peer_add(sm_peers *p, const char *client, unsigned max)
{
    sm_peer **at = find(p, client);
    if (*at && (*at)->n >= max)
        return false;
    if (!*at) {
        *at = calloc(1, sizeof(**at));
        if (!*at)
            return false;
        memcpy((*at)->client, client, strlen(client) + 1);
    }
    (*at)->n++;
    return true;
}

void sm_peer_drop(sm_peers *p, const char *client)
{
    sm_peer **at = find(p, client), *gone = *at;
    if (!gone || --gone->n > 0)
        return;
    *at = gone->next;
    free(gone);
}

void sm_peers_done(sm_peers *p)
{
    for (size_t i = 0; i < SM_PEER_CHAINS; i++)
        for (sm_peer *next; p->chain[i]; p->chain[i] = next) {
            next = p->chain[i]->next;
            free(p->chain[i]);
        }
}
