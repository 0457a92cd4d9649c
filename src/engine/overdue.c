#include "engine/overdue.h"

#include <pthread.h>
#include <time.h>
#include <unistd.h>

enum { N_PLACES = 16, LOOK_MS = 250 };

static _Atomic int64_t since_us[N_PLACES]; /* of each thread; 0: it is out */
static atomic_uint n_threads;
static _Thread_local unsigned place; /* from 1 */

static _Atomic int64_t *mine(void)
{
    if (!place)
        place = atomic_fetch_add(&n_threads, 1) + 1;
    return &since_us[(place - 1) % N_PLACES];
}

void sm_overdue_begin(void)
{
    atomic_store(mine(), sm_now_us());
}

void sm_overdue_end(void)
{
    atomic_store(mine(), 0);
}

static bool is_late(int64_t since, int64_t now)
{
    return since && now - since > SM_OVERDUE_MOST_MS * INT64_C(1000);
}

static void *watch(void *nothing)
{
    static const char words[] =
        "{\"level\":\"error\",\"event\":\"grammar\",\"message\":\"a grammar is too "
        "ambiguous: the engine has to begin anew\"}\n";
    for (;;) {
        int64_t now = sm_now_us();
        for (size_t i = 0; i < N_PLACES; i++)
            if (is_late(atomic_load(&since_us[i]), now)) {
                (void)!write(STDERR_FILENO, words, sizeof(words) - 1);
                _exit(SM_OVERDUE_EXIT);
            }
        nanosleep(&(struct timespec){ .tv_nsec = LOOK_MS * 1000000L }, NULL);
    }
    return nothing;
}

sm_rc sm_overdue_open(sm_op *op)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, watch, NULL) != 0)
        return sm_fail(op, SM_E_LIMIT, "开不了新的线程");
    pthread_detach(thread);
    return SM_OK;
}
