/*
 * The figures, and the questions that nothing answered: read from the ledger as it stands.
 *
 * Nothing is counted up beside the ledger that could differ from it.  Each kind of figure is one
 * walk over an index made for it (store/schema.c), of the days asked for and no more.
 */
#include "access/access.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROWS_AT_ONCE = 1024 }; /* whose text is in memory together */

/* The condition of the index ledger_unanswered, and what else makes a question unanswered.  The
 * index is named: SQLite would take ledger_asked, and read and sort every hand-over there was. */
#define UNANSWERED                                                                        \
    " FROM ledger l INDEXED BY ledger_unanswered JOIN ledger_text t ON t.id = l.id"       \
    " WHERE l.kind = 'ask' AND l.act = 'handoff' AND l.reason = 'unknown' AND l.test = 0" \
    " AND NOT EXISTS (SELECT 1 FROM ledger f WHERE f.about > 0 AND f.about = l.id)"

sm_rc sm_ledger_unanswered(sm_op *op, sm_db *db, int64_t limit, sm_ledger_row **out, size_t *n)
{
    sm_stmt *q;
    sm_ledger_row *row = NULL;
    size_t n_rows = 0, cap = 0;
    sm_rc rc = sm_db_query(op, db, &q,
                           "SELECT l.id, l.time_ms, t.question, l.act, l.reason" UNANSWERED
                           " ORDER BY l.id DESC LIMIT ?",
                           "i", SM_MAX(limit, 0));
    while (rc == SM_OK && (rc = sm_stmt_step(op, q)) == SM_OK) {
        SM_GROW(op->arena, row, n_rows, cap);
        row[n_rows++] = (sm_ledger_row){ .id = sm_stmt_int(q, 0),
                                         .time_ms = sm_stmt_int(q, 1),
                                         .question = sm_stmt_str(op, q, 2),
                                         .act = sm_stmt_str(op, q, 3),
                                         .reason = sm_stmt_str(op, q, 4) };
    }
    if (rc != SM_E_NOTFOUND)
        return rc;
    *out = row;
    *n = n_rows;
    return SM_OK;
}

/* ----------------------------------------------------------------------- days */

/* The midnight that began the day so many days ago, here. */
static int64_t midnight_ms(const struct tm *now, int days_ago, sm_date *date)
{
    struct tm t = { .tm_year = now->tm_year,
                    .tm_mon = now->tm_mon,
                    .tm_mday = now->tm_mday - days_ago,
                    .tm_isdst = -1 };
    time_t at = mktime(&t);
    *date = sm_date_of(t.tm_year + 1900, t.tm_mon + 1, t.tm_mday);
    return (int64_t)at * 1000;
}

static sm_rc count_act(sm_op *op, sm_db *db, const char *act, int64_t from, int64_t to, int64_t *n)
{
    sm_stmt *q;
    sm_rc rc = sm_db_query(op, db, &q,
                           "SELECT count(*) FROM ledger WHERE kind = 'ask' AND test = 0"
                           " AND act = ? AND time_ms >= ? AND time_ms < ?",
                           "sii", sm_str_of(act), from, to);
    if (rc == SM_OK)
        rc = sm_stmt_step(op, q);
    if (rc < 0)
        return rc;
    *n = sm_stmt_int(q, 0);
    sm_stmt_reset(q);
    return SM_OK;
}

static sm_rc count_acts(sm_op *op, sm_db *db, int64_t from, int64_t to, sm_act_counts *n)
{
    const struct {
        const char *act;
        int64_t *n;
    } acts[] = { { "answer", &n->answer },
                 { "clarify", &n->clarify },
                 { "handoff", &n->handoff },
                 { "refuse", &n->refuse },
                 { "crisis", &n->crisis } };
    sm_rc rc = SM_OK;
    for (size_t i = 0; rc == SM_OK && i < SM_LEN(acts); i++) {
        rc = count_act(op, db, acts[i].act, from, to, acts[i].n);
        n->total += rc == SM_OK ? *acts[i].n : 0;
    }
    return rc;
}

static void add_counts(sm_act_counts *sum, const sm_act_counts *n)
{
    sum->answer += n->answer;
    sum->clarify += n->clarify;
    sum->handoff += n->handoff;
    sum->refuse += n->refuse;
    sum->crisis += n->crisis;
    sum->total += n->total;
}

/* *since is the beginning of the first day. */
static sm_rc count_days(sm_op *op, sm_db *db, int days, sm_figures *f, int64_t *since)
{
    time_t now = (time_t)(sm_wall_ms() / 1000);
    struct tm tm;
    sm_date date;
    localtime_r(&now, &tm);
    f->n_days = (size_t)days;
    f->day = SM_NEWS(op->arena, sm_day_counts, f->n_days);
    sm_rc rc = SM_OK;
    int64_t from = *since = midnight_ms(&tm, days - 1, &f->day[0].date);
    for (int i = 0; rc == SM_OK && i < days; i++) {
        int64_t to = midnight_ms(&tm, days - 2 - i, &date);
        rc = count_acts(op, db, from, to, &f->day[i].n);
        add_counts(&f->acts, &f->day[i].n);
        if (i + 1 < days)
            f->day[i + 1].date = date;
        from = to;
    }
    return rc;
}

/* ------------------------------------------------------------- the commonest */

/* Counts by id: open addressing, at most half full. */
struct tally {
    sm_arena *arena;
    sm_top_count *slot;
    size_t n, size;
};

static sm_top_count *slot_of(const struct tally *t, sm_str id)
{
    size_t i = sm_hash64(id, 0) & (t->size - 1);
    while (t->slot[i].n && !sm_str_eq(t->slot[i].id, id))
        i = (i + 1) & (t->size - 1);
    return &t->slot[i];
}

static void grow(struct tally *t)
{
    struct tally old = *t;
    t->size = old.size ? old.size * 2 : 1024;
    t->slot = SM_NEWS(t->arena, sm_top_count, t->size);
    for (size_t i = 0; i < old.size; i++)
        if (old.slot[i].n)
            *slot_of(t, old.slot[i].id) = old.slot[i];
}

static void tally_add(struct tally *t, sm_str id)
{
    if (2 * t->n >= t->size)
        grow(t);
    sm_top_count *s = slot_of(t, id);
    if (s->n == 0) {
        s->id = sm_str_dup(t->arena, id);
        t->n++;
    }
    s->n++;
}

static int commoner(const sm_top_count *a, const sm_top_count *b)
{
    return a->n != b->n ? (a->n > b->n) - (a->n < b->n) : sm_str_cmp(b->id, a->id);
}

static void keep_top(const sm_top_count *c, sm_figures *f)
{
    size_t i = f->n_top;
    while (i > 0 && commoner(c, &f->top[i - 1]) > 0)
        i--;
    if (i == SM_FIGURES_TOP)
        return;
    f->n_top = SM_MIN(f->n_top + 1, (size_t)SM_FIGURES_TOP);
    memmove(&f->top[i + 1], &f->top[i], (f->n_top - 1 - i) * sizeof(*c));
    f->top[i] = *c;
}

/* Counted here and not by GROUP BY, which would sort every answer of the days first. */
static sm_rc count_top(sm_op *op, sm_db *db, int64_t since, sm_figures *f)
{
    struct tally t = { .arena = op->arena };
    sm_stmt *q;
    sm_op one;
    sm_rc rc = sm_db_query(op, db, &q,
                           "SELECT top FROM ledger WHERE kind = 'ask' AND test = 0"
                           " AND act = 'answer' AND time_ms >= ?",
                           "i", since);
    if (rc < 0)
        return rc;
    sm_op_begin(&one);
    for (size_t i = 1; (rc = sm_stmt_step(op, q)) == SM_OK; i++) {
        sm_str id = sm_stmt_str(&one, q, 0);
        if (id.n)
            tally_add(&t, id);
        if (i % ROWS_AT_ONCE == 0)
            sm_arena_reset(one.arena);
    }
    sm_op_end(&one);
    for (size_t i = 0; i < t.size; i++)
        if (t.slot[i].n)
            keep_top(&t.slot[i], f);
    return rc == SM_E_NOTFOUND ? SM_OK : rc;
}

/* ----------------------------------------------------------------- hand-overs */

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int64_t median_s(int64_t *ms, size_t n)
{
    if (n == 0)
        return -1;
    qsort(ms, n, sizeof(*ms), by_value);
    return (ms[(n - 1) / 2] + 500) / 1000;
}

static sm_rc time_handovers(sm_op *op, sm_db *db, int64_t since, sm_figures *f)
{
    sm_stmt *q;
    int64_t *wait = NULL, *whole = NULL;
    size_t n = 0, cap = 0, n_closed = 0, cap_closed = 0;
    sm_rc rc = sm_db_query(op, db, &q,
                           "SELECT taken_ms - time_ms, closed_ms - time_ms, closed_ms > 0"
                           " FROM handover WHERE time_ms >= ? AND test = 0 AND taken_ms > 0",
                           "i", since);
    while (rc == SM_OK && (rc = sm_stmt_step(op, q)) == SM_OK) {
        SM_GROW(op->arena, wait, n, cap);
        wait[n++] = sm_stmt_int(q, 0);
        if (!sm_stmt_int(q, 2))
            continue;
        SM_GROW(op->arena, whole, n_closed, cap_closed);
        whole[n_closed++] = sm_stmt_int(q, 1);
    }
    f->closed = (int64_t)n_closed;
    f->median_wait_s = median_s(wait, n);
    f->median_close_s = median_s(whole, n_closed);
    return rc == SM_E_NOTFOUND ? SM_OK : rc;
}

/* ------------------------------------------------------------------- together */

static sm_rc count_rest(sm_op *op, sm_db *db, int64_t since, sm_figures *f)
{
    const struct {
        int64_t *out[2];
        const char *binds, *sql;
    } counts[] = {
        { { &f->right, &f->wrong },
          "i",
          "SELECT count(*) FILTER (WHERE f.act = 'right'), count(*) FILTER (WHERE f.act = 'wrong')"
          " FROM ledger f JOIN ledger l ON l.id = f.about WHERE f.kind = 'feedback'"
          " AND f.time_ms >= ? AND f.act IN ('right', 'wrong') AND l.test = 0"
          " AND NOT EXISTS (SELECT 1 FROM ledger g WHERE g.about > 0 AND g.about = f.about"
          " AND g.id > f.id AND g.act IN ('right', 'wrong'))" },
        { { &f->waiting, &f->taken },
          "",
          "SELECT count(*) FILTER (WHERE state = 'waiting'), count(*) FILTER (WHERE state ="
          " 'taken') FROM handover WHERE state IN ('waiting', 'taken') AND test = 0" },
        { { &f->unanswered }, "", "SELECT count(*)" UNANSWERED },
        { { &f->tests },
          "i",
          "SELECT count(*) FROM ledger WHERE kind = 'ask' AND test = 1 AND time_ms >= ?" },
    };
    for (size_t i = 0; i < SM_LEN(counts); i++) {
        sm_stmt *q;
        sm_rc rc = sm_db_query(op, db, &q, counts[i].sql, counts[i].binds, since);
        if (rc == SM_OK)
            rc = sm_stmt_step(op, q);
        if (rc < 0)
            return rc;
        for (int k = 0; k < 2 && counts[i].out[k]; k++)
            *counts[i].out[k] = sm_stmt_int(q, k);
        sm_stmt_reset(q);
    }
    return SM_OK;
}

sm_rc sm_figures_read(sm_op *op, sm_db *db, int days, sm_figures **out)
{
    int64_t since;
    if (days < 1 || days > SM_FIGURES_MAX_DAYS)
        return sm_fail(op, SM_E_INVALID, "天数应当是 1 到 %d", SM_FIGURES_MAX_DAYS);
    sm_figures *f = SM_NEW(op->arena, sm_figures);
    sm_rc rc = count_days(op, db, days, f, &since);
    if (rc == SM_OK)
        rc = count_top(op, db, since, f);
    if (rc == SM_OK)
        rc = time_handovers(op, db, since, f);
    if (rc == SM_OK)
        rc = count_rest(op, db, since, f);
    if (rc < 0)
        return rc;
    *out = f;
    return SM_OK;
}
