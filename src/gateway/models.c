#include "gateway/inner.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    LOOK_US = 1000000, /* whether there is a model now, while there was none */
    SITE_WEIGHT = 100,
    DEPARTMENT_CHARS = 24,
    RETRIES_AT_FIRST = 10
};

/* ---------------------------------------------------------------------- log */

void sm_models_log(sm_models *m, const char *level, const char *code, sm_str backend,
                   const char *fmt, ...)
{
    char text[400];
    va_list ap;
    if (!m->o.log)
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    m->o.log(m->o.ctx, json_pack("{s:I,s:s,s:s,s:o,s:o}", "time", (json_int_t)sm_wall_ms(), "level",
                                 level, "code", code, "backend", sm_json_of(backend), "message",
                                 sm_json_of(sm_str_of(text))));
}

/* ---------------------------------------------------------------------- hosts */

sm_host *sm_models_host(sm_models *m, int64_t id)
{
    for (sm_host *h = m->hosts; h; h = h->next)
        if (h->b.id == id && !h->gone)
            return h;
    return NULL;
}

static void unlink_host(sm_models *m, sm_host *of)
{
    sm_host **at = &m->hosts;
    while (*at != of)
        at = &(*at)->next;
    *at = of->next;
}

void sm_models_drop_host(sm_host *h)
{
    unlink_host(h->m, h);
    sm_host_close(h, false);
}

static void retire(sm_host *h)
{
    h->gone = true;
    if (h->n_running == 0)
        sm_models_drop_host(h);
}

static void take_backend(sm_models *m, const sm_backend *b)
{
    sm_host *h = sm_models_host(m, b->id);
    if (h && sm_host_fits(h, b)) {
        sm_host_update(h, b);
        return;
    }
    if (h)
        retire(h);
    h = sm_host_open(m, b);
    h->next = m->hosts;
    m->hosts = h;
}

static void take_backends(sm_models *m, const sm_registry *r)
{
    for (size_t i = 0; i < r->n_backends; i++)
        take_backend(m, &r->backend[i]);
    for (sm_host *h = m->hosts, *next; h; h = next) {
        next = h->next;
        if (!h->gone && !sm_registry_backend(r, h->b.id))
            retire(h);
    }
}

/* -------------------------------------------------------------------- schedule */

static sm_str department_id(sm_arena *a, int64_t id)
{
    return id ? sm_strf(a, "%lld", (long long)id) : (sm_str){ 0 };
}

/* The site's own calls are a department beside the others. */
static sm_department *departments_of(sm_arena *a, const sm_registry *r, size_t *n)
{
    sm_department *list = SM_NEWS(a, sm_department, r->n_depts + 1);
    list[0] = (sm_department){ .id = SM_STR("0"), .weight = SITE_WEIGHT };
    for (size_t i = 0; i < r->n_depts; i++) {
        const sm_dept *d = &r->dept[i];
        list[i + 1] = (sm_department){ .id = department_id(a, d->id),
                                       .parent = department_id(a, d->parent),
                                       .weight = (uint32_t)d->weight,
                                       .minute_tokens = d->per_minute,
                                       .day_tokens = d->per_day,
                                       .month_tokens = d->per_month,
                                       .concurrency = (uint32_t)d->concurrency };
    }
    *n = r->n_depts + 1;
    return list;
}

static sm_back_end *back_ends_of(sm_models *m, sm_arena *a, size_t *n)
{
    size_t count = 0;
    for (sm_host *h = m->hosts; h; h = h->next)
        count += !h->gone;
    sm_back_end *list = SM_NEWS(a, sm_back_end, count + 1);
    *n = 0;
    for (sm_host *h = m->hosts; h; h = h->next)
        if (!h->gone)
            list[(*n)++] = (sm_back_end){ .id = h->b.id,
                                          .slots = h->told_slots = sm_host_slots(h),
                                          .state = h->told_state = sm_host_state(h),
                                          .tokens_per_second = h->figures.tokens_per_s };
    return list;
}

static void configure(sm_models *m, const sm_books *b)
{
    sm_schedule_config c;
    sm_op op;
    sm_op_begin(&op);
    sm_schedule_config_init(&c);
    c.preempts = !m->o.batch_stays;
    c.strict = m->o.strict_budgets;
    for (int k = 0; k < SM_N_CLASSES; k++) {
        if (m->o.class[k].queue_max)
            c.rules[k].queue_max = m->o.class[k].queue_max;
        if (m->o.class[k].wait_ms)
            c.rules[k].wait_us = m->o.class[k].wait_ms * 1000;
    }
    c.department = departments_of(op.arena, b->registry, &c.n_departments);
    c.back_end = back_ends_of(m, op.arena, &c.n_back_ends);
    if (sm_schedule_configure(&op, m->schedule, &c, sm_loop_now(m->loop)) < 0)
        sm_models_log(m, "error", "SCHEDULE", (sm_str){ 0 },
                      "the registry does not make a schedule, the one before stays: %.*s",
                      SM_ARG(op.msg));
    sm_op_end(&op);
}

/* What was spent before this process began; from then on the schedule counts itself. */
static void load_spent(sm_models *m, const sm_books *b)
{
    char id[DEPARTMENT_CHARS];
    for (size_t i = 0; i < b->n_spent; i++) {
        snprintf(id, sizeof(id), "%lld", (long long)b->spent[i].department);
        sm_schedule_usage_load(m->schedule, sm_str_of(id), b->spent[i].day_tokens,
                               b->spent[i].month_tokens);
    }
}

/* Days and months end by the wall clock, which may be set: it is looked at again every minute. */
static void tell_calendar(void *models)
{
    sm_models *m = models;
    time_t now = time(NULL), day_end, month_end;
    struct tm t, at;
    int64_t now_us = sm_now_us();
    localtime_r(&now, &t);
    at = (struct tm){
        .tm_year = t.tm_year, .tm_mon = t.tm_mon, .tm_mday = t.tm_mday + 1, .tm_isdst = -1
    };
    day_end = mktime(&at);
    at = (struct tm){ .tm_year = t.tm_year, .tm_mon = t.tm_mon + 1, .tm_mday = 1, .tm_isdst = -1 };
    month_end = mktime(&at);
    int32_t month = (t.tm_year + 1900) * 100 + t.tm_mon + 1;
    sm_schedule_calendar(m->schedule, month * 100 + t.tm_mday, month,
                         now_us + (day_end - now) * INT64_C(1000000),
                         now_us + (month_end - now) * INT64_C(1000000));
    sm_timer_set(m->loop, &m->calendar_timer,
                 now_us + SM_MIN(60, day_end - now) * INT64_C(1000000));
}

/* ------------------------------------------------------------------------ pump */

static void expire(sm_models *m, int64_t now)
{
    sm_expired e;
    sm_call *late;
    while (sm_schedule_expire(m->schedule, now, &e))
        sm_call_expired(e.user, &e);
    while ((late = sm_schedule_preempt(m->schedule)) != NULL)
        sm_call_preempted(sm_call_user(late));
}

void sm_models_pump(sm_models *m)
{
    sm_start s;
    m->pump_again = true;
    if (m->pumping)
        return;
    m->pumping = true;
    while (m->pump_again) {
        int64_t now = sm_loop_now(m->loop);
        m->pump_again = false;
        while (sm_schedule_next(m->schedule, now, &s))
            sm_call_start(s.user, &s);
        expire(m, now);
    }
    m->pumping = false;
    int64_t next = sm_schedule_next_event_us(m->schedule);
    if (next == INT64_MAX)
        sm_timer_stop(m->loop, &m->schedule_timer);
    else if (m->schedule_timer.place == 0 || next != m->schedule_timer.at_us)
        sm_timer_set(m->loop, &m->schedule_timer, next);
}

/* An event that stays in the past must not make the thread spin. */
static void on_schedule_timer(void *models)
{
    sm_models *m = models;
    int64_t now = sm_loop_now(m->loop);
    sm_models_pump(m);
    if (m->schedule_timer.place && m->schedule_timer.at_us <= now)
        sm_timer_set(m->loop, &m->schedule_timer, now + 1000);
}

/* ------------------------------------------------------------ a new registry */

typedef struct message {
    sm_post post;
    sm_models *m;
    sm_books *books;
} message;

static int by_number(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* A queue may be a day long: what waits there under a key that was revoked is not begun any more.
 */
static void end_revoked(sm_models *m, const sm_registry *r)
{
    sm_arena *a = sm_arena_open();
    int64_t *key = SM_NEWS(a, int64_t, r->n_keys + 1);
    for (size_t i = 0; i < r->n_keys; i++)
        key[i] = r->key[i].id;
    qsort(key, r->n_keys, sizeof(*key), by_number);
    for (sm_model_call *c = m->calls, *next; c; c = next) {
        next = c->next;
        if (c->ask.key && !bsearch(&c->ask.key, key, r->n_keys, sizeof(*key), by_number))
            sm_call_revoke(c);
    }
    sm_arena_close(a);
}

static void take_books(sm_models *m, sm_books *b)
{
    bool first = !m->books;
    sm_models_unpin(m->books);
    m->books = b;
    take_backends(m, b->registry);
    configure(m, b);
    if (first)
        load_spent(m, b);
    end_revoked(m, b->registry);
    sm_models_pump(m);
}

static void take_message(void *of)
{
    message *g = of;
    take_books(g->m, g->books);
    free(g);
}

/* From any thread that looked at the registry. */
static bool changed(void *models, sm_books *b)
{
    sm_models *m = models;
    if (!atomic_load(&m->started))
        return false;
    message *g = calloc(1, sizeof(*g));
    if (!g)
        abort();
    atomic_fetch_add(&b->users, 1);
    *g = (message){ .post = { .fn = take_message, .ctx = g }, .m = m, .books = b };
    sm_loop_post(m->loop, &g->post);
    return true;
}

/* ---------------------------------------------------------------------- start */

static void close_hosts(sm_models *m)
{
    while (m->hosts) {
        sm_host *h = m->hosts;
        unlink_host(m, h);
        sm_host_close(h, true);
    }
}

static void *run(void *models)
{
    sm_models *m = models;
    sm_loop_run(m->loop);
    close_hosts(m); /* here: an engine dies with the thread that made it */
    return NULL;
}

/* A socket's path must fit its address: a deep data directory gets a folder of its own in /tmp. */
static sm_rc make_run_dir(sm_op *op, sm_models *m)
{
    enum { ROOM = 60 };
    const char *dir = sm_path(m->own.arena, m->o.data_dir, "run");
    if (strlen(dir) > ROOM) {
        char made[] = "/tmp/sunmao-XXXXXX";
        if (!mkdtemp(made))
            return sm_fail(op, SM_E_UNAVAILABLE, "建不了放套接字的文件夹");
        m->run_dir = sm_cstr(m->own.arena, sm_str_of(made));
        m->made_run_dir = true;
        return SM_OK;
    }
    m->run_dir = sm_cstr(m->own.arena, sm_str_of(dir));
    return sm_dir_make(op, dir);
}

static sm_rc open_parts(sm_op *op, sm_models *m)
{
    sm_rc rc = make_run_dir(op, m);
    if (rc == SM_OK)
        rc = sm_loop_open(op, &m->loop);
    if (rc == SM_OK)
        rc = sm_client_open(op, m->loop, m->o.ca, &m->client);
    if (rc < 0)
        return rc;
    m->engine = sm_engine_program(m->own.arena, m->o.engine);
    m->schedule = sm_schedule_open();
    m->past = sm_past_open();
    sm_buf_init(&m->out, 2 * SM_SSE_EVENT_BYTES);
    m->retries = RETRIES_AT_FIRST;
    m->retries_us = sm_now_us();
    m->schedule_timer = (sm_timer){ .fn = on_schedule_timer, .ctx = m };
    m->calendar_timer = (sm_timer){ .fn = tell_calendar, .ctx = m };
    return SM_OK;
}

static void close_parts(sm_models *m)
{
    sm_client_close(m->client);
    sm_schedule_close(m->schedule);
    sm_past_close(m->past);
    sm_buf_done(&m->out);
    sm_loop_close(m->loop);
    sm_models_unpin(m->books);
    if (m->made_run_dir)
        rmdir(m->run_dir);
    m->client = NULL;
    m->schedule = NULL;
    m->past = NULL;
    m->loop = NULL;
    m->books = NULL;
}

/* What was published while nobody was there to be told. */
static void look_again(sm_models *m, const sm_books *had)
{
    sm_books *b = sm_keeper_pin(m->keeper);
    if (b != had)
        changed(m, b);
    sm_models_unpin(b);
}

/* With the lock held. */
static sm_rc start(sm_op *op, sm_models *m)
{
    sm_rc rc = open_parts(op, m);
    if (rc < 0) {
        close_parts(m);
        return rc;
    }
    sm_books *b = sm_keeper_pin(m->keeper);
    tell_calendar(m);
    take_books(m, b);
    if (pthread_create(&m->thread, NULL, run, m) != 0) {
        close_hosts(m);
        close_parts(m);
        return sm_fail(op, SM_E_LIMIT, "开不了新的线程");
    }
    atomic_store(&m->started, true);
    look_again(m, b);
    return sm_keeper_start(op, m->keeper);
}

static sm_rc start_when_needed(sm_op *op, sm_models *m)
{
    sm_books *b = sm_keeper_pin(m->keeper);
    bool needed = b->registry->n_backends > 0;
    sm_models_unpin(b);
    if (!needed || atomic_load(&m->started))
        return SM_OK;
    pthread_mutex_lock(&m->lock);
    sm_rc rc = atomic_load(&m->started) ? SM_OK : start(op, m);
    pthread_mutex_unlock(&m->lock);
    return rc;
}

sm_rc sm_models_open(sm_op *op, const sm_models_options *o, sm_models **out)
{
    sm_models *m = calloc(1, sizeof(*m));
    if (!m)
        abort();
    sm_op_begin(&m->own);
    m->o = *o;
    pthread_mutex_init(&m->lock, NULL);
    pthread_condattr_t by_clock;
    pthread_condattr_init(&by_clock);
    pthread_condattr_setclock(&by_clock, CLOCK_MONOTONIC);
    pthread_cond_init(&m->idle, &by_clock);
    pthread_condattr_destroy(&by_clock);
    sm_rc rc = sm_keeper_open(op, o->data_dir, changed, m, &m->keeper);
    if (rc == SM_OK)
        rc = start_when_needed(op, m);
    if (rc < 0) {
        sm_models_close(m);
        return rc;
    }
    *out = m;
    return SM_OK;
}

sm_rc sm_models_reload(sm_op *op, sm_models *m)
{
    sm_rc rc = sm_keeper_look(op, m->keeper);
    return rc < 0 ? rc : start_when_needed(op, m);
}

void sm_models_look(sm_models *m)
{
    int64_t now = sm_now_us(), looked = atomic_load(&m->looked_us);
    if (atomic_load(&m->started) || now - looked < LOOK_US ||
        !atomic_compare_exchange_strong(&m->looked_us, &looked, now))
        return;
    sm_op op;
    sm_op_begin(&op);
    if (sm_models_reload(&op, m) < 0)
        sm_models_log(m, "error", "REGISTRY", (sm_str){ 0 }, "%.*s", SM_ARG(op.msg));
    sm_op_end(&op);
}

const sm_registry *sm_models_pin(sm_models *m, sm_books **pin)
{
    sm_models_look(m);
    *pin = sm_keeper_pin(m->keeper);
    return (*pin)->registry;
}

/* ----------------------------------------------------------------------- close */

static void stop_calls(void *models)
{
    sm_models *m = models;
    while (m->calls)
        sm_call_stop(m->calls);
}

static void wait_idle(sm_models *m, int64_t ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += ms % 1000 * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&m->lock);
    while (atomic_load(&m->n_calls) > 0 &&
           (ms < 0 ? pthread_cond_wait(&m->idle, &m->lock)
                   : pthread_cond_timedwait(&m->idle, &m->lock, &until)) == 0)
        ;
    pthread_mutex_unlock(&m->lock);
}

void sm_models_quiesce(sm_models *m, int64_t grace_ms)
{
    if (!m || !atomic_load(&m->started) || atomic_exchange(&m->refusing, true))
        return;
    wait_idle(m, grace_ms);
    m->stop_post = (sm_post){ .fn = stop_calls, .ctx = m };
    sm_loop_post(m->loop, &m->stop_post);
    wait_idle(m, -1);
}

static void stop_loop(void *models)
{
    sm_loop_stop(((sm_models *)models)->loop);
}

void sm_models_close(sm_models *m)
{
    if (!m)
        return;
    sm_models_quiesce(m, 0);
    sm_keeper_stop(m->keeper); /* it posts to the loop */
    if (atomic_load(&m->started)) {
        sm_post post = { .fn = stop_loop, .ctx = m };
        sm_loop_post(m->loop, &post);
        pthread_join(m->thread, NULL);
        close_parts(m);
    }
    sm_keeper_close(m->keeper);
    pthread_cond_destroy(&m->idle);
    pthread_mutex_destroy(&m->lock);
    sm_op_end(&m->own);
    free(m);
}
