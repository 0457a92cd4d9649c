#include "engine/worker.h"

#include "engine/draft.h"
#include "engine/lanes.h"
#include "engine/sample.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
    PART_WHEN_BUSY = 4, /* a part of a prompt is this much smaller while others write */
    LEAST_PART = 32,
    SHORT_PART = 64
};

/* A text being written, or its prompt being read. */
typedef struct text {
    sm_job *job;
    sm_lane *lane;
    sm_sampler *sampler;
    sm_draft draft;
    int32_t guess[SM_DRAFT_MAX];
    size_t n_guess;
    int32_t row[SM_DRAFT_MAX + 1]; /* where in the batch its outputs are */
    size_t part;                   /* tokens of its prompt in this batch */
} text;

struct sm_worker {
    sm_lm *m;
    const sm_lm_facts *about;
    sm_worker_options o;
    sm_op op; /* of one round */
    sm_lanes lanes;
    sm_room *room;
    sm_cost cost;
    text *text[SM_LM_MAX_SEQUENCES]; /* running, the oldest first */
    size_t n_texts;
    text **reading; /* whose prompts are in the batch */
    size_t n_reading;
    unsigned turn;
    sm_job *vectors; /* begun, the oldest first */
    sm_worker_figures now;
    pthread_t thread;
    atomic_bool closing;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t came;
    sm_job *first, *last;
    size_t n_queued, n_taken; /* places of the queue: jobs, and those promised to one */
    bool over;                /* the thread takes no more */
    uint64_t n_refused;
    sm_worker_figures shown;
};

/* ------------------------------------------------------- beginning, ending */

static void count_end(sm_worker *w, const sm_job *j, sm_finish why)
{
    sm_worker_figures *f = &w->now;
    f->n_jobs++;
    f->n_failed += why == SM_FINISH_FAILED;
    f->n_gone += why == SM_FINISH_GONE;
    f->n_drafted += j->n_drafted;
    f->n_accepted += j->n_accepted;
}

static void publish(sm_worker *w)
{
    w->now.n_running = w->n_texts;
    for (const sm_job *j = w->vectors; j; j = j->next)
        w->now.n_running++;
    pthread_mutex_lock(&w->lock);
    w->shown = w->now;
    pthread_mutex_unlock(&w->lock);
}

/* The last the worker has to do with it; whoever reads the figures afterwards finds it counted. */
static void end_job(sm_worker *w, sm_job *j, sm_finish why)
{
    count_end(w, j, why);
    publish(w);
    j->next = NULL;
    j->end(j, why);
}

static void end_text(sm_worker *w, text *t, sm_finish why)
{
    sm_job *j = t->job;
    size_t i = 0;
    while (w->text[i] != t)
        i++;
    w->n_texts--;
    memmove(&w->text[i], &w->text[i + 1], (w->n_texts - i) * sizeof(*w->text));
    sm_sampler_close(t->sampler);
    sm_lanes_give_back(&w->lanes, t->lane);
    free(t);
    end_job(w, j, why);
}

static void fail_job(const sm_worker *w, sm_job *j)
{
    sm_fail(&j->op, w->op.rc, "%.*s", SM_ARG(w->op.msg));
}

static void fail_text(sm_worker *w, text *t)
{
    fail_job(w, t->job);
    end_text(w, t, SM_FINISH_FAILED);
}

static void begin_text(sm_worker *w, sm_job *j)
{
    text *t = calloc(1, sizeof(*t));
    if (!t)
        abort();
    t->job = j;
    t->lane = sm_lanes_take(&w->lanes, j->lora, j->prompt.token, j->prompt.n);
    t->lane->owner = t;
    t->sampler = sm_sampler_open(w->m, w->room, &j->sampling, j->prompt);
    sm_draft_init(&t->draft);
    j->begun_us = sm_now_us();
    j->n_cached = t->lane->n_done;
    w->now.n_prompt += j->prompt.n;
    w->now.n_cached += j->n_cached;
    w->text[w->n_texts++] = t;
}

static void begin_vectors(sm_worker *w, sm_job *j)
{
    sm_job **at = &w->vectors;
    while (*at)
        at = &(*at)->next;
    j->next = NULL;
    j->begun_us = sm_now_us();
    for (size_t i = 0; i < j->n_text; i++)
        w->now.n_prompt += j->text[i].n;
    *at = j;
}

/* ----------------------------------------------------------------- writing */

static bool is_writing(const text *t)
{
    return t->lane->n_tokens == t->lane->n_done + 1;
}

static size_t count_writing(const sm_worker *w, int lora)
{
    size_t n = 0;
    for (size_t i = 0; i < w->n_texts; i++)
        n += is_writing(w->text[i]) && w->text[i]->job->lora == lora;
    return n;
}

static bool is_full(const sm_worker *w, const text *t)
{
    return t->job->n_written == t->job->max_tokens || t->lane->n_tokens == w->about->n_ctx;
}

/* The token of one row; false when the text is over, and then it is gone. */
static bool write_token(sm_worker *w, text *t, int32_t row, int32_t *out)
{
    sm_pick pick;
    sm_job *j = t->job;
    sm_op_clear(&w->op);
    if (sm_sampler_pick(&w->op, t->sampler, sm_lm_logits(w->m, row), &pick) < 0) {
        fail_text(w, t);
        return false;
    }
    if (!j->first_us) {
        j->first_us = sm_now_us();
        w->now.first_us += (uint64_t)(j->first_us - j->came_us);
        w->now.n_first++;
    }
    *out = pick.token;
    if (sm_lm_ends(w->m, pick.token)) {
        end_text(w, t, SM_FINISH_END);
        return false;
    }
    t->lane->token[t->lane->n_tokens++] = pick.token;
    sm_sampler_accept(t->sampler, pick.token);
    j->n_written++;
    w->now.n_written++;
    bool enough = !j->take(j, &pick);
    if (enough || is_full(w, t)) {
        end_text(w, t, enough ? SM_FINISH_ENOUGH : SM_FINISH_LENGTH);
        return false;
    }
    return true;
}

/* All rows of a text: each after the first stands only if the guess before it held. */
static void read_rows(sm_worker *w, text *t)
{
    size_t n_guess = t->n_guess, held = 0;
    sm_lane *lane = t->lane;
    int32_t token = -1;
    bool going = true;
    t->n_guess = 0;
    t->job->n_drafted += n_guess;
    for (size_t i = 0; going && i <= n_guess; i++) {
        int32_t guess = i < n_guess ? t->guess[i] : -1;
        going = write_token(w, t, t->row[i], &token);
        if (!going || token != guess)
            break;
        held++;
        t->job->n_accepted++;
    }
    size_t good = SM_MIN(lane->n_done - (n_guess - held), lane->n_tokens);
    if (good < lane->n_done)
        sm_lane_trim(&w->lanes, lane, good);
    if (going)
        sm_draft_learn(&t->draft, n_guess, held);
}

static void make_guess(sm_worker *w, text *t, size_t rows, size_t room)
{
    size_t left = t->job->max_tokens - t->job->n_written - 1;
    size_t max = SM_MIN(SM_MIN(left, w->about->n_ctx - t->lane->n_tokens), room);
    t->n_guess = 0;
    if (!w->o.may_draft || !t->job->may_draft || !w->about->can_trim || max == 0)
        return;
    size_t length = sm_draft_length(&t->draft, &w->cost, rows, SM_MIN(max, SM_DRAFT_MAX));
    if (length)
        t->n_guess = sm_draft_find(t->lane->token, t->lane->n_tokens, length, t->guess);
}

static void add_text(sm_worker *w, text *t)
{
    sm_lane *l = t->lane;
    t->row[0] = sm_lm_add(w->m, l->sequence, l->n_done, l->token[l->n_done], true);
    for (size_t i = 0; i < t->n_guess; i++)
        t->row[i + 1] = sm_lm_add(w->m, l->sequence, l->n_done + 1 + i, t->guess[i], true);
}

/* The texts of this batch in the order of their lanes, as one pass wants them. */
static size_t list_texts(sm_worker *w, text **list, bool (*has)(const text *t), int lora)
{
    size_t n = 0;
    for (size_t i = 0; i < w->lanes.n; i++) {
        text *t = w->lanes.lane[i].owner;
        if (t && t->job->lora == lora && has(t))
            list[n++] = t;
    }
    return n;
}

static void fail_batch(sm_worker *w, text **list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        sm_lane_trim(&w->lanes, list[i]->lane, list[i]->lane->n_done);
        fail_text(w, list[i]);
    }
}

/* How many of the texts go into one batch: all, or, where passes of one row are to be avoided, one
 * with guesses, or neighbours without. */
static size_t take_group(text **list, size_t n, bool in_pairs)
{
    size_t k = 1;
    if (!in_pairs)
        return n;
    while (list[0]->n_guess == 0 && k < n && list[k]->n_guess == 0 &&
           list[k]->lane->sequence == list[k - 1]->lane->sequence + 1)
        k++;
    return k;
}

static void write_group(sm_worker *w, text **list, size_t n)
{
    size_t rows = 0;
    for (size_t i = 0; i < n; i++) {
        add_text(w, list[i]);
        rows += 1 + list[i]->n_guess;
    }
    sm_op_clear(&w->op);
    int64_t began = sm_now_us();
    sm_rc rc = sm_lm_run(&w->op, w->m, NULL, NULL);
    int64_t took = sm_now_us() - began;
    if (rc < 0) {
        fail_batch(w, list, n);
        return;
    }
    sm_cost_learn(&w->cost, rows, took);
    w->now.n_batches++;
    w->now.write_us += (uint64_t)took;
    for (size_t i = 0; i < n; i++) {
        list[i]->lane->n_done += 1 + list[i]->n_guess;
        read_rows(w, list[i]);
    }
}

static void write_batch(sm_worker *w, int lora)
{
    text *list[SM_LM_MAX_SEQUENCES];
    size_t n = list_texts(w, list, is_writing, lora), rows = n, k;
    for (size_t i = 0; i < n; i++) {
        make_guess(w, list[i], rows, w->about->n_batch - rows);
        rows += list[i]->n_guess;
    }
    for (size_t from = 0; from < n; from += k) {
        k = take_group(list + from, n - from, sm_lm_begin(w->m, lora));
        write_group(w, list + from, k);
    }
}

/* ----------------------------------------------------------------- prompts */

static size_t pending(const text *t)
{
    return t->lane->n_tokens - t->lane->n_done;
}

static bool is_reading(const text *t)
{
    return pending(t) > 1;
}

static bool has_part(const text *t)
{
    return t->part > 0;
}

static void give_part(text *t, size_t *budget)
{
    t->part = SM_MIN(pending(t), *budget);
    *budget -= t->part;
}

static text *find_reading(const sm_worker *w, int lora, bool shortest)
{
    text *found = NULL;
    for (size_t i = 0; i < w->n_texts; i++) {
        text *t = w->text[i];
        if (t->job->lora == lora && is_reading(t) && t->part == 0 &&
            (!found || (shortest && pending(t) < pending(found))))
            found = t;
    }
    return found;
}

/* Of one adapter: in turns to the oldest first, which so gets on, and to the shortest, so that a
 * long prompt does not make short ones wait. */
static bool share_batch(sm_worker *w, size_t budget, int *lora)
{
    text *oldest = NULL;
    size_t whole = budget;
    for (size_t i = 0; i < w->n_texts; i++) {
        w->text[i]->part = 0;
        if (!oldest && is_reading(w->text[i]))
            oldest = w->text[i];
    }
    if (!oldest)
        return false;
    *lora = oldest->job->lora;
    if (w->turn++ % 2 == 0)
        give_part(oldest, &budget);
    for (text *t; budget && (t = find_reading(w, *lora, true)) != NULL;) {
        if (pending(t) > budget && budget < whole) /* the next round has it in one piece */
            break;
        give_part(t, &budget);
    }
    return true;
}

/* Whether all whose prompts are being read have lost their readers. */
static bool nobody_reads(void *worker)
{
    const sm_worker *w = worker;
    for (size_t i = 0; i < w->n_reading; i++)
        if (!atomic_load(&w->reading[i]->job->gone))
            return atomic_load(&w->closing);
    return true;
}

static void add_part(sm_worker *w, text *t, size_t rows)
{
    sm_lane *l = t->lane;
    for (size_t i = 0; i < t->part; i++) {
        size_t at = l->n_done + i;
        bool last = at + 1 == l->n_tokens;
        int32_t row = sm_lm_add(w->m, l->sequence, at, l->token[at], last);
        if (last)
            t->row[0] = row;
    }
    for (size_t i = t->part; i < rows; i++)
        sm_lm_add_idle(w->m, l->sequence, l->n_done + i);
}

static void end_part(sm_worker *w, text *t)
{
    t->lane->n_done += t->part;
    t->part = 0;
    t->n_guess = 0;
    if (pending(t) == 0)
        read_rows(w, t);
}

/* A pass computes as many rows of each text; a batch of uneven parts is cut into several, and one
 * of few rows costs nearly as much as one of many.  So long parts are read alone, and short ones of
 * neighbours together, evened out by idle rows where those are few. */
static size_t take_parts(const sm_worker *w, text **list, size_t n, size_t *rows)
{
    size_t k = 1, sum = list[0]->part;
    *rows = list[0]->part;
    while (k < n && list[k]->lane->sequence == list[k - 1]->lane->sequence + 1) {
        size_t most = SM_MAX(*rows, list[k]->part), all = sum + list[k]->part;
        bool fits =
            list[k]->lane->n_done + most <= w->about->n_ctx && (k + 1) * most <= w->about->n_batch;
        if (!fits || most > SHORT_PART || (k + 1) * most - all > all / 4)
            break;
        *rows = most;
        sum = all;
        k++;
    }
    for (size_t i = 0; i < k; i++)
        if (list[i]->lane->n_done + *rows > w->about->n_ctx) {
            *rows = list[0]->part;
            return 1;
        }
    return k;
}

static void read_parts(sm_worker *w, text **list, size_t n, size_t rows)
{
    for (size_t i = 0; i < n; i++)
        add_part(w, list[i], n > 1 ? rows : 0);
    sm_op_clear(&w->op);
    w->reading = list;
    w->n_reading = n;
    int64_t began = sm_now_us();
    sm_rc rc = sm_lm_run(&w->op, w->m, nobody_reads, w);
    w->now.n_batches++;
    w->now.prompt_us += (uint64_t)(sm_now_us() - began);
    for (size_t i = 0; i < n; i++) {
        if (rc == SM_OK) {
            end_part(w, list[i]);
            continue;
        }
        list[i]->part = 0;
        sm_lane_trim(&w->lanes, list[i]->lane, list[i]->lane->n_done);
        if (rc != SM_E_CANCELLED) /* else the next round drops it */
            fail_text(w, list[i]);
    }
}

static void read_prompts(sm_worker *w, bool others_write)
{
    text *list[SM_LM_MAX_SEQUENCES];
    int lora = -1;
    size_t budget = w->about->n_batch;
    if (others_write)
        budget = SM_MAX(SM_MIN(budget, LEAST_PART), budget / PART_WHEN_BUSY);
    if (!share_batch(w, budget, &lora))
        return;
    size_t n = list_texts(w, list, has_part, lora);
    for (size_t from = 0, k, rows; from < n; from += k) {
        k = take_parts(w, list + from, n - from, &rows);
        sm_lm_begin(w->m, lora);
        read_parts(w, list + from, k, rows);
    }
}

/* ----------------------------------------------------------------- vectors */

static bool is_closing(void *worker)
{
    return atomic_load(&((const sm_worker *)worker)->closing);
}

typedef struct place {
    sm_job *job;
    size_t text;
} place;

/* As many texts as the batch takes, of one adapter. */
static size_t add_vectors(sm_worker *w, place *p)
{
    size_t n = 0;
    int lora = w->vectors->lora;
    sm_lm_begin(w->m, lora);
    for (sm_job *j = w->vectors; j; j = j->next)
        for (size_t i = j->n_text_done; j->lora == lora && i < j->n_text; i++) {
            const sm_run *r = &j->text[i];
            if (n == w->about->n_sequences || sm_lm_n_added(w->m) + r->n > w->about->n_batch)
                return n;
            for (size_t k = 0; k < r->n; k++)
                sm_lm_add(w->m, (unsigned)n, k, r->token[k], true);
            p[n++] = (place){ j, i };
        }
    return n;
}

static void take_vectors(sm_worker *w, const place *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        sm_job *j = p[i].job;
        const float *v = sm_lm_vector(w->m, (unsigned)i);
        if (v)
            memcpy(j->vector + p[i].text * j->n_each, v, j->n_each * sizeof(*v));
        j->n_text_done++;
    }
}

static void end_vectors(sm_worker *w, bool failed)
{
    for (sm_job **at = &w->vectors; *at;) {
        sm_job *j = *at;
        bool gone = atomic_load(&j->gone), done = j->n_text_done == j->n_text;
        if (!failed && !gone && !done) {
            at = &j->next;
            continue;
        }
        *at = j->next;
        if (!done && failed)
            fail_job(w, j);
        end_job(w, j, done ? SM_FINISH_END : failed ? SM_FINISH_FAILED : SM_FINISH_GONE);
    }
}

static void make_vectors(sm_worker *w)
{
    place p[SM_LM_MAX_SEQUENCES];
    end_vectors(w, false);
    if (!w->vectors)
        return;
    size_t n = add_vectors(w, p);
    sm_op_clear(&w->op);
    int64_t began = sm_now_us();
    sm_rc rc = sm_lm_run(&w->op, w->m, is_closing, w);
    w->now.n_batches++;
    w->now.prompt_us += (uint64_t)(sm_now_us() - began);
    if (rc == SM_OK)
        take_vectors(w, p, n);
    end_vectors(w, rc < 0);
}

/* ------------------------------------------------------------------ rounds */

static sm_job *next_job(sm_worker *w)
{
    pthread_mutex_lock(&w->lock);
    sm_job *j = w->first;
    if (j) {
        w->first = j->next;
        if (!w->first)
            w->last = NULL;
        w->n_queued--;
        w->n_taken--;
    }
    pthread_mutex_unlock(&w->lock);
    return j;
}

static void admit(sm_worker *w)
{
    bool is_text = w->about->kind == SM_LM_TEXT;
    while (!is_text || w->n_texts < w->lanes.n) {
        sm_job *j = next_job(w);
        if (!j)
            return;
        if (is_text)
            begin_text(w, j);
        else
            begin_vectors(w, j);
    }
}

/* Out of the queue, into a list. */
static sm_job *take_gone(sm_worker *w)
{
    sm_job *gone = NULL;
    pthread_mutex_lock(&w->lock);
    w->last = NULL;
    for (sm_job **at = &w->first; *at;) {
        sm_job *j = *at;
        if (!atomic_load(&j->gone)) {
            w->last = j;
            at = &j->next;
            continue;
        }
        *at = j->next;
        j->next = gone;
        gone = j;
        w->n_queued--;
        w->n_taken--;
    }
    pthread_mutex_unlock(&w->lock);
    return gone;
}

static void drop_gone(sm_worker *w)
{
    sm_job *next;
    for (sm_job *j = take_gone(w); j; j = next) {
        next = j->next;
        end_job(w, j, SM_FINISH_GONE);
    }
    for (size_t i = w->n_texts; i-- > 0;)
        if (atomic_load(&w->text[i]->job->gone))
            end_text(w, w->text[i], SM_FINISH_GONE);
}

static void pack_lanes(sm_worker *w)
{
    sm_lane *from, *to;
    if (sm_lanes_pack(&w->lanes, &from, &to))
        ((text *)to->owner)->lane = to;
}

static void write_all(sm_worker *w, bool *any)
{
    for (int lora = -1; lora < SM_LM_MAX_LORA; lora++)
        if (count_writing(w, lora)) {
            *any = true;
            write_batch(w, lora);
        }
}

static void run_round(sm_worker *w)
{
    bool others_write = false;
    drop_gone(w);
    admit(w);
    publish(w); /* who reads along is counted before a word comes */
    if (w->about->kind != SM_LM_TEXT) {
        make_vectors(w);
    } else {
        pack_lanes(w);
        write_all(w, &others_write);
        read_prompts(w, others_write);
    }
    sm_arena_reset(w->op.arena);
    sm_op_clear(&w->op);
    publish(w);
}

static bool wait_for_work(sm_worker *w)
{
    pthread_mutex_lock(&w->lock);
    while (!w->first && w->n_texts == 0 && !w->vectors && !atomic_load(&w->closing))
        pthread_cond_wait(&w->came, &w->lock);
    pthread_mutex_unlock(&w->lock);
    return !atomic_load(&w->closing);
}

static void end_all(sm_worker *w)
{
    pthread_mutex_lock(&w->lock);
    w->over = true;
    pthread_mutex_unlock(&w->lock);
    sm_op_clear(&w->op);
    sm_fail(&w->op, SM_E_UNAVAILABLE, "推理引擎正在关闭");
    while (w->n_texts)
        fail_text(w, w->text[w->n_texts - 1]);
    end_vectors(w, true);
    for (sm_job *j; (j = next_job(w)) != NULL;) {
        fail_job(w, j);
        end_job(w, j, SM_FINISH_FAILED);
    }
}

static void *work(void *worker)
{
    sm_worker *w = worker;
    while (wait_for_work(w))
        run_round(w);
    end_all(w);
    return NULL;
}

/* ------------------------------------------------------------------- face */

sm_rc sm_worker_open(sm_op *op, sm_lm *m, const sm_worker_options *o, sm_worker **out)
{
    sm_worker *w = calloc(1, sizeof(*w));
    if (!w)
        abort();
    *w = (sm_worker){ .m = m, .about = sm_lm_about(m), .o = *o };
    sm_op_begin(&w->op);
    w->room = sm_room_open(m);
    sm_lanes_open(m, &w->lanes);
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->came, NULL);
    if (pthread_create(&w->thread, NULL, work, w) != 0)
        return sm_fail(op, SM_E_LIMIT, "开不了新的线程");
    *out = w;
    return SM_OK;
}

void sm_worker_stop(sm_worker *w)
{
    pthread_mutex_lock(&w->lock);
    bool first = !atomic_exchange(&w->closing, true);
    pthread_cond_signal(&w->came);
    pthread_mutex_unlock(&w->lock);
    if (first)
        pthread_join(w->thread, NULL);
}

void sm_worker_close(sm_worker *w)
{
    if (!w)
        return;
    sm_worker_stop(w);
    sm_lanes_close(&w->lanes);
    sm_room_close(w->room);
    pthread_cond_destroy(&w->came);
    pthread_mutex_destroy(&w->lock);
    sm_op_end(&w->op);
    free(w);
}

bool sm_worker_promise(sm_worker *w)
{
    pthread_mutex_lock(&w->lock);
    bool room = w->n_taken < w->o.max_queued;
    w->n_taken += room;
    w->n_refused += !room;
    pthread_mutex_unlock(&w->lock);
    return room;
}

void sm_worker_put(sm_worker *w, sm_job *j)
{
    j->next = NULL;
    pthread_mutex_lock(&w->lock);
    bool over = w->over;
    if (!over) {
        if (w->last)
            w->last->next = j;
        else
            w->first = j;
        w->last = j;
        w->n_queued++;
        pthread_cond_signal(&w->came);
    }
    pthread_mutex_unlock(&w->lock);
    if (!over)
        return;
    sm_fail(&j->op, SM_E_UNAVAILABLE, "推理引擎正在关闭");
    j->end(j, SM_FINISH_FAILED);
}

void sm_worker_figures_read(sm_worker *w, sm_worker_figures *out)
{
    pthread_mutex_lock(&w->lock);
    *out = w->shown;
    out->n_queued = w->n_queued;
    out->n_refused = w->n_refused;
    pthread_mutex_unlock(&w->lock);
}
