#include "model/usage.h"

const int64_t sm_usage_bound_ms[SM_USAGE_BUCKETS] = { 10,   25,   50,   100,   250,   500,
                                                      1000, 2500, 5000, 10000, 30000, INT64_MAX };

void sm_usage_first(sm_usage *u, int64_t ms)
{
    size_t i = 0;
    while (ms > sm_usage_bound_ms[i])
        i++;
    u->bucket[i]++;
    u->n_first++;
    u->first_ms += ms;
}

sm_rc sm_usage_add(sm_op *op, sm_db *db, const sm_usage *u)
{
    return sm_db_run(
        op, db,
        "INSERT INTO usage VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
        " ON CONFLICT DO UPDATE SET calls = calls + excluded.calls,"
        " prompt = prompt + excluded.prompt, generated = generated + excluded.generated,"
        " refused = refused + excluded.refused, failed = failed + excluded.failed,"
        " busy_ms = busy_ms + excluded.busy_ms, n_first = n_first + excluded.n_first,"
        " first_ms = first_ms + excluded.first_ms, b0 = b0 + excluded.b0, b1 = b1 + excluded.b1,"
        " b2 = b2 + excluded.b2, b3 = b3 + excluded.b3, b4 = b4 + excluded.b4,"
        " b5 = b5 + excluded.b5, b6 = b6 + excluded.b6, b7 = b7 + excluded.b7,"
        " b8 = b8 + excluded.b8, b9 = b9 + excluded.b9, b10 = b10 + excluded.b10,"
        " b11 = b11 + excluded.b11",
        "iiiiiiiiiiiiiiiiiiiiiiii", (int64_t)u->day, u->department, u->backend, (int64_t)u->class_,
        u->calls, u->prompt_tokens, u->generated_tokens, u->refused, u->failed, u->busy_ms,
        u->n_first, u->first_ms, u->bucket[0], u->bucket[1], u->bucket[2], u->bucket[3],
        u->bucket[4], u->bucket[5], u->bucket[6], u->bucket[7], u->bucket[8], u->bucket[9],
        u->bucket[10], u->bucket[11]);
}

static void read_row(const sm_stmt *q, sm_usage *u)
{
    *u = (sm_usage){ .day = (sm_date)sm_stmt_int(q, 0),
                     .department = sm_stmt_int(q, 1),
                     .backend = sm_stmt_int(q, 2),
                     .class_ = (sm_class)sm_stmt_int(q, 3),
                     .calls = sm_stmt_int(q, 4),
                     .prompt_tokens = sm_stmt_int(q, 5),
                     .generated_tokens = sm_stmt_int(q, 6),
                     .refused = sm_stmt_int(q, 7),
                     .failed = sm_stmt_int(q, 8),
                     .busy_ms = sm_stmt_int(q, 9),
                     .n_first = sm_stmt_int(q, 10),
                     .first_ms = sm_stmt_int(q, 11) };
    for (int i = 0; i < SM_USAGE_BUCKETS; i++)
        u->bucket[i] = sm_stmt_int(q, 12 + i);
}

sm_rc sm_usage_read(sm_op *op, sm_db *db, sm_date from, sm_date to, sm_usage **out, size_t *n)
{
    sm_stmt *q;
    sm_usage *u = NULL;
    size_t have = 0, cap = 0;
    sm_rc rc =
        sm_db_query(op, db, &q,
                    "SELECT day, department, model, class, calls, prompt, generated, refused,"
                    " failed, busy_ms, n_first, first_ms, b0, b1, b2, b3, b4, b5, b6, b7,"
                    " b8, b9, b10, b11 FROM usage WHERE day BETWEEN ? AND ?"
                    " AND class BETWEEN 0 AND ? ORDER BY day, department, model, class",
                    "iii", (int64_t)from, (int64_t)to, (int64_t)SM_N_CLASSES - 1);
    while (rc == SM_OK && (rc = sm_stmt_step(op, q)) == SM_OK) {
        SM_GROW(op->arena, u, have, cap);
        read_row(q, &u[have++]);
    }
    if (rc != SM_E_NOTFOUND)
        return rc;
    *out = u;
    *n = have;
    return SM_OK;
}

void sm_usage_sum(sm_usage *a, const sm_usage *b)
{
    a->calls += b->calls;
    a->prompt_tokens += b->prompt_tokens;
    a->generated_tokens += b->generated_tokens;
    a->refused += b->refused;
    a->failed += b->failed;
    a->busy_ms += b->busy_ms;
    a->n_first += b->n_first;
    a->first_ms += b->first_ms;
    for (int i = 0; i < SM_USAGE_BUCKETS; i++)
        a->bucket[i] += b->bucket[i];
}

/* Within its bucket as if they lay evenly; the last bucket has no end and gives its beginning. */
double sm_usage_quantile(const sm_usage *u, double q)
{
    double want = q * (double)u->n_first, below = 0;
    if (u->n_first <= 0)
        return -1;
    for (int i = 0; i < SM_USAGE_BUCKETS; i++) {
        double n = (double)u->bucket[i], lo = i ? (double)sm_usage_bound_ms[i - 1] : 0;
        if (n > 0 && below + n >= want) {
            bool last = i == SM_USAGE_BUCKETS - 1;
            return last ? lo : lo + ((double)sm_usage_bound_ms[i] - lo) * (want - below) / n;
        }
        below += n;
    }
    return (double)sm_usage_bound_ms[SM_USAGE_BUCKETS - 2];
}

sm_rc sm_usage_spent(sm_op *op, sm_db *db, sm_date day, int64_t department, int64_t *today_tokens,
                     int64_t *month_tokens)
{
    sm_stmt *q;
    sm_str iso = sm_date_iso(op->arena, day);
    sm_date first = sm_date_parse(sm_strf(op->arena, "%.*s-01", SM_ARG(sm_str_sub(iso, 0, 7))));
    sm_rc rc = sm_db_query(op, db, &q,
                           "SELECT ifnull(sum(iif(day = ?, prompt + generated, 0)), 0),"
                           " ifnull(sum(prompt + generated), 0) FROM usage"
                           " WHERE department = ? AND day BETWEEN ? AND ?",
                           "iiii", (int64_t)day, department, (int64_t)first, (int64_t)day);
    if (rc == SM_OK)
        rc = sm_stmt_step(op, q);
    if (rc < 0)
        return rc;
    *today_tokens = sm_stmt_int(q, 0);
    *month_tokens = sm_stmt_int(q, 1);
    sm_stmt_reset(q);
    return SM_OK;
}
