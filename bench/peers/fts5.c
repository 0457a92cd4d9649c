/* SQLite's FTS5 over the same bigrams: one word each, no positions, an OR, ORDER BY rank LIMIT 100.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "../search_bench.h"
#include "base/base.h"

enum { MOST_QUESTIONS = 100 };

/* "w1 w2 …" or "w1 OR w2 …" */
static char *words(const struct token_lists *l, size_t i, const char *between)
{
    size_t n = l->off[i + 1] - l->off[i], step = 10 + strlen(between);
    char *s = malloc(n * step + 1), *at = s;
    if (!s)
        abort();
    for (size_t t = l->off[i]; t < l->off[i + 1]; t++) {
        if (t > l->off[i])
            at = stpcpy(at, between);
        peer_word(l->token[t], at);
        at += 10;
    }
    *at = 0;
    return s;
}

static int build(sqlite3 *db, const struct token_lists *text)
{
    sqlite3_stmt *st;
    if (sqlite3_exec(
            db,
            "CREATE VIRTUAL TABLE t USING fts5(body, content='', detail=none, tokenize='ascii');"
            "BEGIN",
            NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(db, "INSERT INTO t(rowid, body) VALUES(?, ?)", -1, &st, NULL) !=
            SQLITE_OK)
        return -1;
    for (size_t i = 0; i < text->n; i++) {
        sqlite3_bind_int64(st, 1, (sqlite3_int64)i + 1);
        sqlite3_bind_text(st, 2, words(text, i, " "), -1, free);
        if (sqlite3_step(st) != SQLITE_DONE)
            break;
        sqlite3_reset(st);
    }
    sqlite3_finalize(st);
    int rc = sqlite3_exec(db, "INSERT INTO t(t) VALUES('optimize'); COMMIT", NULL, NULL, NULL);
    return rc == SQLITE_OK ? 0 : -1;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static int ask(sqlite3 *db, const struct token_lists *question, struct peer_result *out)
{
    double ms[MOST_QUESTIONS];
    size_t n = SM_MIN(question->n, (size_t)MOST_QUESTIONS);
    sqlite3_stmt *st;
    if (sqlite3_prepare_v2(db, "SELECT rowid FROM t WHERE t MATCH ? ORDER BY rank LIMIT 100", -1,
                           &st, NULL))
        return -1;
    out->mean_ms = 0;
    for (size_t i = 0; i < n; i++) {
        int64_t began = sm_now_us();
        sqlite3_bind_text(st, 1, words(question, i * question->n / n, " OR "), -1, free);
        while (sqlite3_step(st) == SQLITE_ROW)
            ;
        sqlite3_reset(st);
        ms[i] = (double)(sm_now_us() - began) / 1e3;
        out->mean_ms += ms[i] / (double)n;
    }
    sqlite3_finalize(st);
    qsort(ms, n, sizeof(*ms), by_value);
    out->p95_ms = n ? ms[n * 95 / 100] : 0;
    return 0;
}

int peer_fts5(const char *dir, const struct token_lists *text, const struct token_lists *question,
              struct peer_result *out)
{
    char path[600];
    sqlite3 *db = NULL;
    sqlite3_stmt *st;
    snprintf(path, sizeof(path), "%s/fts5.db", dir);
    int64_t began = sm_now_us();
    int rc = sqlite3_open(path, &db) == SQLITE_OK ? build(db, text) : -1;
    out->build_s = (double)(sm_now_us() - began) / 1e6;
    if (rc == 0 && sqlite3_prepare_v2(
                       db, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
                       -1, &st, NULL) == SQLITE_OK) {
        out->bytes = sqlite3_step(st) == SQLITE_ROW ? sqlite3_column_double(st, 0) : 0;
        sqlite3_finalize(st);
    }
    if (rc == 0)
        rc = ask(db, question, out);
    if (rc < 0)
        fprintf(stderr, "bench_search: fts5: %s\n", sqlite3_errmsg(db));
    sqlite3_close(db);
    return rc;
}
