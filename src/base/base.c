#include "base/base.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BLOCK_BYTES = 16 * 1024 };

struct block {
    struct block *next;
    size_t bytes, used; /* beyond `used` it is zero */
    max_align_t data[];
};

struct deferred {
    struct deferred *next;
    void (*fn)(void *);
    void *obj;
};

struct sm_arena {
    struct block *blocks;
    struct block *open; /* the one that small objects are cut from, or NULL */
    char *cur, *end;
    struct deferred *deferred;
};

static void *must_calloc(size_t n)
{
    void *p = calloc(1, n);
    if (!p) {
        fputs("sunmao: out of memory\n", stderr);
        abort();
    }
    return p;
}

/* ------------------------------------------------------- blocks, kept */

/* A thread keeps the blocks of the last operation for the next: fresh pages cost more than most of
 * what is done with them.  By powers of two, so much at most. */
enum { FIRST_CLASS = 12, N_CLASSES = 7, KEPT_BYTES = 1 << 20 };
struct kept {
    struct block *of[N_CLASSES];
    size_t bytes;
};
static _Thread_local struct kept kept;
static pthread_key_t kept_key;
static pthread_once_t kept_once = PTHREAD_ONCE_INIT;

static void free_kept(void *thread_has_some)
{
    (void)thread_has_some;
    for (size_t i = 0; i < N_CLASSES; i++)
        for (struct block *b = kept.of[i], *next; b; b = next) {
            next = b->next;
            free(b);
        }
    kept = (struct kept){ 0 };
}

static void make_kept_key(void)
{
    pthread_key_create(&kept_key, free_kept);
}

/* The class of blocks that hold n bytes; N_CLASSES when that is too many to keep.  Sanitizers are
 * to see every block freed. */
static size_t class_of(size_t n)
{
#ifdef SM_ARENA_MALLOC
    (void)n;
    return N_CLASSES;
#endif
    size_t c = 0;
    while (c < N_CLASSES && (size_t)1 << (FIRST_CLASS + c) < n)
        c++;
    return c;
}

static struct block *take_block(size_t n)
{
    size_t c = class_of(n);
    struct block *b = c < N_CLASSES ? kept.of[c] : NULL;
    if (!b) {
        size_t bytes = c < N_CLASSES ? (size_t)1 << (FIRST_CLASS + c) : n;
        b = must_calloc(sizeof(*b) + bytes);
        b->bytes = bytes;
        return b;
    }
    kept.of[c] = b->next;
    kept.bytes -= b->bytes;
    memset(b->data, 0, b->used);
    return b;
}

static void give_block(struct block *b)
{
    size_t c = class_of(b->bytes);
    if (c == N_CLASSES || (size_t)1 << (FIRST_CLASS + c) != b->bytes ||
        kept.bytes + b->bytes > KEPT_BYTES) {
        free(b);
        return;
    }
    if (kept.bytes == 0) {
        pthread_once(&kept_once, make_kept_key);
        pthread_setspecific(kept_key, &kept_key);
    }
    b->next = kept.of[c];
    kept.of[c] = b;
    kept.bytes += b->bytes;
}

/* --------------------------------------------------------------- arena */

sm_arena *sm_arena_open(void)
{
    return must_calloc(sizeof(sm_arena));
}

static void close_block(sm_arena *a)
{
    if (a->open)
        a->open->used = (size_t)(a->cur - (char *)a->open->data);
}

void sm_arena_reset(sm_arena *a)
{
    for (struct deferred *d = a->deferred; d; d = d->next)
        d->fn(d->obj);
    close_block(a);
    for (struct block *b = a->blocks, *next; b; b = next) {
        next = b->next;
        give_block(b);
    }
    *a = (struct sm_arena){ 0 };
}

void sm_arena_close(sm_arena *a)
{
    if (!a)
        return;
    sm_arena_reset(a);
    free(a);
}

static struct block *block_add(sm_arena *a, size_t n)
{
    struct block *b = take_block(n);
    b->used = n;
    b->next = a->blocks;
    a->blocks = b;
    return b;
}

void *sm_alloc(sm_arena *a, size_t n)
{
    const size_t align = _Alignof(max_align_t);

    if (n > SIZE_MAX / 2)
        abort();
    n = SM_MAX((n + align - 1) / align * align, align);
#ifdef SM_ARENA_MALLOC /* one malloc each, so that ASan sees every object */
    return block_add(a, n)->data;
#else
    if (n > BLOCK_BYTES / 4)
        return block_add(a, n)->data;
    if ((size_t)(a->end - a->cur) < n) {
        close_block(a);
        a->open = block_add(a, BLOCK_BYTES);
        a->cur = (char *)a->open->data;
        a->end = a->cur + BLOCK_BYTES;
    }
    void *p = a->cur;
    a->cur += n;
    return p;
#endif
}

void *sm_alloc_n(sm_arena *a, size_t size, size_t n)
{
    size_t bytes;
    if (__builtin_mul_overflow(size, n, &bytes))
        abort();
    return sm_alloc(a, bytes);
}

void *sm_grow(sm_arena *a, void *items, size_t size, size_t n, size_t *cap)
{
    size_t more = *cap ? *cap * 2 : 16;
    void *p = sm_alloc_n(a, size, more);
    if (n)
        memcpy(p, items, n * size);
    *cap = more;
    return p;
}

void sm_arena_defer(sm_arena *a, void (*fn)(void *), void *obj)
{
    struct deferred *d = SM_NEW(a, struct deferred);
    *d = (struct deferred){ .next = a->deferred, .fn = fn, .obj = obj };
    a->deferred = d;
}

char *sm_cstr(sm_arena *a, sm_str s)
{
    char *p = sm_alloc(a, s.n + 1);
    if (s.n)
        memcpy(p, s.p, s.n);
    return p;
}

sm_str sm_str_dup(sm_arena *a, sm_str s)
{
    return (sm_str){ sm_cstr(a, s), s.n };
}

SM_PRINTF(2, 0)
static sm_str strfv(sm_arena *a, const char *fmt, va_list ap)
{
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    if (n < 0)
        abort();
    char *p = sm_alloc(a, (size_t)n + 1);
    vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    return (sm_str){ p, (size_t)n };
}

sm_str sm_strf(sm_arena *a, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    sm_str s = strfv(a, fmt, ap);
    va_end(ap);
    return s;
}

/* ----------------------------------------------------------- operation */

void sm_op_begin(sm_op *op)
{
    *op = (sm_op){ .arena = sm_arena_open() };
}

void sm_op_end(sm_op *op)
{
    sm_arena_close(op->arena);
    *op = (sm_op){ 0 };
}

sm_rc sm_fail(sm_op *op, sm_rc rc, const char *fmt, ...)
{
    if (op->rc == SM_OK) {
        va_list ap;
        va_start(ap, fmt);
        op->rc = rc;
        op->msg = strfv(op->arena, fmt, ap);
        va_end(ap);
    }
    return rc;
}

void sm_op_clear(sm_op *op)
{
    op->rc = SM_OK;
    op->msg = (sm_str){ 0 };
}

sm_rc sm_op_check(sm_op *op)
{
    if (op->cancel && atomic_load_explicit(op->cancel, memory_order_relaxed))
        return sm_fail(op, SM_E_CANCELLED, "操作已取消");
    if (op->deadline_us && sm_now_us() > op->deadline_us)
        return sm_fail(op, SM_E_TIMEOUT, "处理超时");
    return SM_OK;
}

void sm_op_progress(sm_op *op, const char *stage, size_t done, size_t total)
{
    if (op->progress)
        op->progress(op->progress_ctx, stage, done, total);
}

static const struct {
    int code, http;
    const char *name, *text;
} rc_table[] = {
#define SM_RC_ROW(name, code, http, text) { code, http, #name, text },
    SM_RC_TABLE(SM_RC_ROW)
#undef SM_RC_ROW
};

const char *sm_rc_name(sm_rc rc)
{
    for (size_t i = 0; i < SM_LEN(rc_table); i++)
        if (rc_table[i].code == (int)rc)
            return rc_table[i].name;
    return "E_UNKNOWN";
}

const char *sm_rc_text(sm_rc rc)
{
    for (size_t i = 0; i < SM_LEN(rc_table); i++)
        if (rc_table[i].code == (int)rc)
            return rc_table[i].text;
    return "未知错误";
}

int sm_rc_http(sm_rc rc)
{
    for (size_t i = 0; i < SM_LEN(rc_table); i++)
        if (rc_table[i].code == (int)rc)
            return rc_table[i].http;
    return 500;
}
