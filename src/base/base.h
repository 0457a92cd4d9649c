/*
 * base/base.h - slices, arenas, the operation every call runs under, and the
 * few things every folder needs: buffers, JSON, dates, digests, files.
 *
 * Rests on libc, jansson and OpenSSL's digests.  Nothing here logs.  Nothing
 * here is thread-safe unless it says so: an sm_op and its arena belong to one
 * thread at a time.
 */
#ifndef SM_BASE_BASE_H
#define SM_BASE_BASE_H

#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#define SM_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define SM_LEN(array)        (sizeof(array) / sizeof((array)[0]))
#define SM_MIN(a, b)         ((a) < (b) ? (a) : (b))
#define SM_MAX(a, b)         ((a) > (b) ? (a) : (b))

/* ------------------------------------------------------------- slices */

/* A borrowed run of UTF-8 bytes; not NUL-terminated.  {NULL, 0} is empty. */
typedef struct sm_str {
    const char *p;
    size_t n; /* bytes, never characters */
} sm_str;

#define SM_STR(lit) ((sm_str){ "" lit, sizeof(lit) - 1 })
#define SM_ARG(s)   (int)(s).n, (s).p /* for "%.*s" */

sm_str sm_str_of(const char *s); /* NULL gives empty */
bool sm_str_eq(sm_str a, sm_str b);
int sm_str_cmp(sm_str a, sm_str b); /* bytewise */
bool sm_str_starts(sm_str s, sm_str prefix);
bool sm_str_ends(sm_str s, sm_str suffix);
/* Byte offset of the first `what` at or after `from`, or SIZE_MAX. */
size_t sm_str_find(sm_str s, sm_str what, size_t from);
bool sm_str_has(sm_str s, sm_str what);
bool sm_str_has_any(sm_str s, const char *const *what, size_t n); /* a NULL ends it sooner */
bool sm_str_starts_any(sm_str s, const char *const *what, size_t n);
bool sm_str_ends_any(sm_str s, const char *const *what, size_t n);
sm_str sm_str_sub(sm_str s, size_t from, size_t to); /* clamped */
sm_str sm_str_trim(sm_str s);                        /* ASCII blanks and U+3000 */
/* Cuts the text before `sep` off the front of *rest; false when rest is empty. */
bool sm_str_cut(sm_str *rest, char sep, sm_str *part);
bool sm_str_to_int(sm_str s, int64_t *out);

/* In place, ascending; _distinct gives how many are left, each once. */
void sm_sort_u64(uint64_t *v, size_t n);
size_t sm_distinct_u64(uint64_t *v, size_t n);
/* The place of k among n ascending hashes, or SIZE_MAX. */
size_t sm_find_u64(const uint64_t *key, size_t n, uint64_t k);
void sm_find_all_u64(const uint64_t *key, size_t n, const uint64_t *k, size_t n_k, size_t *out);

/* -------------------------------------------------------------- errors */

/* name, code, HTTP status, what the user is told when there is no message */
#define SM_RC_TABLE(X)                                \
    X(OK, 0, 200, "完成")                             \
    X(E_INVALID, -1, 400, "请求的内容不符合要求")     \
    X(E_DENIED, -2, 403, "没有权限")                  \
    X(E_NOTFOUND, -3, 404, "没有找到")                \
    X(E_CONFLICT, -4, 409, "正在被别的操作修改")      \
    X(E_LIMIT, -5, 413, "超过了规定的上限")           \
    X(E_CANCELLED, -6, 499, "已取消")                 \
    X(E_TIMEOUT, -7, 504, "处理超时")                 \
    X(E_UNAVAILABLE, -8, 503, "所需的服务暂时不可用") \
    X(E_CORRUPT, -9, 422, "数据已损坏或格式不对")     \
    X(E_INTERNAL, -10, 500, "内部错误")

typedef enum sm_rc {
#define SM_RC_ENUM(name, code, http, text) SM_##name = (code),
    SM_RC_TABLE(SM_RC_ENUM)
#undef SM_RC_ENUM
} sm_rc;

const char *sm_rc_name(sm_rc rc); /* "E_INVALID": stable, for programs */
const char *sm_rc_text(sm_rc rc); /* Chinese, for people */
int sm_rc_http(sm_rc rc);

/* --------------------------------------------------------------- arena */

typedef struct sm_arena sm_arena;

/* Memory never outlives its arena; there is no free of one allocation.
 * Zeroed, aligned for any object.  Never returns NULL: out of memory aborts. */
sm_arena *sm_arena_open(void);
void sm_arena_close(sm_arena *a); /* NULL is fine */
void sm_arena_reset(sm_arena *a); /* frees all, runs what was deferred, stays open */
void *sm_alloc(sm_arena *a, size_t n);
char *sm_cstr(sm_arena *a, sm_str s); /* NUL-terminated copy */
sm_str sm_str_dup(sm_arena *a, sm_str s);
sm_str sm_strf(sm_arena *a, const char *fmt, ...) SM_PRINTF(2, 3);

/* Runs fn(obj) when the arena closes, last added first. */
void sm_arena_defer(sm_arena *a, void (*fn)(void *), void *obj);

#define SM_NEW(a, type)     ((type *)sm_alloc((a), sizeof(type)))
#define SM_NEWS(a, type, n) ((type *)sm_alloc_n((a), sizeof(type), (n)))
void *sm_alloc_n(sm_arena *a, size_t size, size_t n); /* aborts on overflow */

/* Grows an array in the arena: returns room for one more element at items[n].
 *   item = SM_GROW(arena, items, n, cap); items[n++] = ... */
#define SM_GROW(a, items, n, cap) \
    ((n) < (cap) ? (void)0 : (void)((items) = sm_grow((a), (items), sizeof(*(items)), (n), &(cap))))
void *sm_grow(sm_arena *a, void *items, size_t size, size_t n, size_t *cap);

/* ----------------------------------------------------------- operation */

typedef void sm_progress_fn(void *ctx, const char *stage, size_t done, size_t total);

/* One request, job step or CLI command, from start to end. */
typedef struct sm_op {
    sm_arena *arena;           /* every result of this operation lives here */
    int64_t deadline_us;       /* monotonic; 0 = none */
    const atomic_bool *cancel; /* may be NULL */
    sm_progress_fn *progress;  /* may be NULL */
    void *progress_ctx;
    sm_rc rc;   /* first failure, SM_OK until then */
    sm_str msg; /* its message, in the arena */
} sm_op;

void sm_op_begin(sm_op *op); /* opens an arena */
void sm_op_end(sm_op *op);

/* Records the first failure and returns its code: return sm_fail(...). */
sm_rc sm_fail(sm_op *op, sm_rc rc, const char *fmt, ...) SM_PRINTF(3, 4);
void sm_op_clear(sm_op *op);  /* forgets a failure that was dealt with */
sm_rc sm_op_check(sm_op *op); /* E_CANCELLED or E_TIMEOUT when it is time to stop */
void sm_op_progress(sm_op *op, const char *stage, size_t done, size_t total);

/* ------------------------------------------------------------- threads */

/* Runs job(ctx, 0 .. n-1) on two threads (this one and another) and returns when all are done; jobs
 * must not share what they write.  Without a second thread to be had, on this one alone. */
void sm_parallel(size_t n, void (*job)(void *ctx, size_t i), void *ctx);

/* -------------------------------------------------------------- buffer */

/* Grows to a maximum given at birth and fails sticky: append many times,
 * check `failed` once.  On the heap; _done frees it. */
typedef struct sm_buf {
    char *p;
    size_t n, cap, max;
    bool failed;
} sm_buf;

void sm_buf_init(sm_buf *b, size_t max_bytes);
void sm_buf_done(sm_buf *b);
void sm_buf_add(sm_buf *b, sm_str s);
void sm_buf_addc(sm_buf *b, char c);
void sm_buf_addf(sm_buf *b, const char *fmt, ...) SM_PRINTF(2, 3);
sm_str sm_buf_str(const sm_buf *b);                   /* borrowed from b */
sm_rc sm_buf_take(sm_op *op, sm_buf *b, sm_str *out); /* copy in op's arena; frees b */

/* ---------------------------------------------------------------- JSON */

enum { SM_JSON_MAX_DEPTH = 64 };

/* Strict UTF-8, duplicate keys refused, at most `SM_JSON_MAX_DEPTH` deep;
 * freed with the arena.  E_INVALID names `what`, line and column. */
sm_rc sm_json_parse(sm_op *op, sm_str text, const char *what, json_t **out);
/* "" when absent, null or not a string.  Borrowed from the object. */
sm_str sm_json_str(const json_t *obj, const char *key);
json_t *sm_json_of(sm_str s); /* a new string value; invalid UTF-8 gives null */
sm_str sm_json_dump(sm_arena *a, const json_t *v); /* one line, keys as inserted */
void sm_json_own(sm_arena *a, json_t *v);          /* decref'd when the arena closes */

/* ---------------------------------------------------------------- time */

int64_t sm_now_us(void);  /* monotonic */
int64_t sm_wall_ms(void); /* since 1970, UTC */

/* Days since 1970-01-01; SM_DATE_NONE for "not given". */
typedef int32_t sm_date;
#define SM_DATE_NONE INT32_MIN
sm_date sm_date_of(int year, int month, int day); /* SM_DATE_NONE if no such day */
sm_date sm_date_parse(sm_str iso);                /* YYYY-MM-DD, else SM_DATE_NONE */
sm_str sm_date_iso(sm_arena *a, sm_date d);       /* "" for SM_DATE_NONE */
sm_str sm_date_chinese(sm_arena *a, sm_date d);   /* 2026年11月23日 */
sm_date sm_today(void); /* SUNMAO_TODAY when set and valid, else the local date */

/* -------------------------------------------------------------- hashes */

typedef struct sm_digest {
    uint8_t b[32];
} sm_digest;

sm_digest sm_sm3(sm_str s); /* GB/T 32905 */
sm_digest sm_sha256(sm_str s);
sm_str sm_digest_hex(sm_arena *a, const sm_digest *d);
uint64_t sm_hash64(sm_str s, uint64_t seed); /* not cryptographic; same on every machine */
uint64_t sm_mix64(uint64_t x);

/* Seeded, the same on every machine. */
typedef struct sm_rng {
    uint64_t s;
} sm_rng;
uint64_t sm_rng_next(sm_rng *r);
uint32_t sm_rng_below(sm_rng *r, uint32_t n); /* 0 … n-1 */
double sm_rng_unit(sm_rng *r);                /* [0, 1) */

/* e^x, ln x and 10^n to the last bit or so, the same on every machine; libm's are not (its logf
 * is). */
double sm_exp(double x);
float sm_expf(float x);
double sm_log(double x);
double sm_ten_to(int n); /* 10^n: to the last bit for -22 … 22 */

/* --------------------------------------------------------------- files */

/* E_NOTFOUND, E_DENIED or, over max_bytes, E_LIMIT. */
sm_rc sm_file_read(sm_op *op, const char *path, size_t max_bytes, sm_str *out);
/* Written beside, synced, renamed: a reader sees the old file or the new one. */
sm_rc sm_file_write(sm_op *op, const char *path, sm_str data);
bool sm_file_exists(const char *path);
sm_rc sm_dir_make(sm_op *op, const char *path); /* with parents */
const char *sm_path(sm_arena *a, const char *dir, const char *name);

/* A read-only mapping of a whole file. */
typedef struct sm_map {
    const uint8_t *p;
    size_t n;
} sm_map;
sm_rc sm_map_open(sm_op *op, const char *path, sm_map *out);
void sm_map_close(sm_map *m);

/* An exclusive lock on a file, across processes and threads; E_CONFLICT when
 * it is still held after wait_ms.  Gone with the process. */
sm_rc sm_lock_open(sm_op *op, const char *path, int wait_ms, int *out_fd);
void sm_lock_close(int fd); /* -1 is fine */

#endif
