/*
 * engine/routes.h - the engine's HTTP face.
 *
 * Rests on http, ask.h, worker.h.
 */
#ifndef SM_ENGINE_ROUTES_H
#define SM_ENGINE_ROUTES_H

#include "engine/ask.h"
#include "engine/worker.h"
#include "http/http.h"

/* The context of the http server.  What comes before `ready` is set answers that it is loading. */
typedef struct sm_engine {
    sm_offer offer;
    sm_worker *worker;
    bool may_draft;
    int64_t created_s;
    atomic_bool ready;
} sm_engine;

sm_route_list sm_engine_routes(void);
sm_handler sm_engine_fallback; /* GET of what no route has */

#endif
