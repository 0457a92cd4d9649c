#include "guide/unclear.h"

#include <stdlib.h>
#include <string.h>

#include "text/text.h"

enum { MAX_TOKENS = 512, MAX_NEAR = 64 };
static const char MAGIC[8] = "SMUNCL4";
/* Log ratios: of an item without neighbours; of a neighbour that counts as near. */
static const double LEAST_LOG_P = -6, ALONE = 40, NEAR_BY = 4;

/* head, item[n_items + 1], off[n_keys + 1], key[n_keys], count[n_counts], edge[n_edges], names;
 * each begins at a multiple of ALIGN, so that it is read in place. */
enum { ALIGN = 8 };
struct head {
    char magic[8];
    uint32_t n_items, n_keys, n_counts, n_edges, name_bytes, reserved;
};
struct item {
    uint32_t name, name_bytes, n_wordings, first_edge, first_partner; /* its edges, then partners */
};
struct count {
    uint32_t item, n;
};
struct edge {
    uint32_t item, n; /* how often the two were given as neighbours (partners) */
};

struct sm_unclear {
    struct head h;
    const struct item *item;
    const uint32_t *off;
    const uint64_t *key;
    const struct count *count;
    const struct edge *edge; /* of item i: edge[first_edge] …, partners from first_partner on */
    const char *names;
    double *log_none; /* n_items: log P of a token that an item never had */
};

static size_t distinct(sm_arena *a, sm_str text, unsigned flags, uint64_t *out)
{
    return sm_distinct_u64(out, sm_text_tokens(sm_text_normal(a, text), flags, out, MAX_TOKENS));
}

/* -------------------------------------------------------------- building */

struct seen {
    uint64_t key;
    uint32_t item;
};

static int by_seen(const void *a, const void *b)
{
    const struct seen *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x->item < y->item ? -1 : x->item > y->item;
}

static int by_text(const void *a, const void *b)
{
    return sm_str_cmp(*(const sm_str *)a, *(const sm_str *)b);
}

static uint32_t number_of(const sm_str *code, size_t n, sm_str one)
{
    const sm_str *hit = n ? bsearch(&one, code, n, sizeof(*code), by_text) : NULL;
    return hit ? (uint32_t)(hit - code) : UINT32_MAX;
}

static size_t sorted_codes(sm_op *op, const sm_wording *w, size_t n, sm_str **out)
{
    sm_str *code = SM_NEWS(op->arena, sm_str, n + 1);
    size_t m = 0;
    for (size_t i = 0; i < n; i++)
        code[i] = w[i].code;
    if (n)
        qsort(code, n, sizeof(*code), by_text);
    for (size_t i = 0; i < n; i++)
        if (m == 0 || !sm_str_eq(code[m - 1], code[i]))
            code[m++] = code[i];
    *out = code;
    return m;
}

static void add(sm_buf *b, const void *p, size_t n)
{
    sm_buf_add(b, (sm_str){ p, n });
}

static size_t put_counts(sm_buf *off, sm_buf *key, sm_buf *count, struct seen *seen, size_t n)
{
    uint32_t n_counts = 0;
    size_t n_keys = 0;
    for (size_t i = 0; i < n;) {
        uint64_t k = seen[i].key;
        add(off, &n_counts, sizeof(n_counts));
        add(key, &k, sizeof(k));
        n_keys++;
        while (i < n && seen[i].key == k) {
            struct count c = { seen[i].item, 0 };
            for (; i < n && seen[i].key == k && seen[i].item == c.item; i++)
                c.n++;
            add(count, &c, sizeof(c));
            n_counts++;
        }
    }
    add(off, &n_counts, sizeof(n_counts));
    return n_keys;
}

/* The numbers of the items that have an edge of this kind with item i. */
static size_t others_of(uint32_t i, const sm_str *code, size_t n_codes, const sm_neighbours *e,
                        size_t n_edges, bool partner, struct edge near[MAX_NEAR])
{
    size_t n = 0;
    for (size_t k = 0; k < n_edges; k++) {
        bool mine = sm_str_eq(e[k].a, code[i]);
        if (e[k].partner != partner || (!mine && !sm_str_eq(e[k].b, code[i])))
            continue;
        uint32_t other = number_of(code, n_codes, mine ? e[k].b : e[k].a);
        if (other == UINT32_MAX || other == i)
            continue;
        size_t j = 0;
        while (j < n && near[j].item != other)
            j++;
        if (j == n && n < MAX_NEAR)
            near[n++] = (struct edge){ other, 1 };
        else if (j < n)
            near[j].n++;
    }
    return n;
}

static void put_items(sm_buf *items, sm_buf *edges, sm_buf *names, const sm_str *code,
                      size_t n_codes, const uint32_t *n_wordings, const sm_neighbours *e,
                      size_t n_edges)
{
    for (uint32_t i = 0; i < n_codes; i++) {
        struct item it = { .name = (uint32_t)names->n,
                           .name_bytes = (uint32_t)code[i].n,
                           .n_wordings = n_wordings[i],
                           .first_edge = (uint32_t)(edges->n / sizeof(struct edge)) };
        struct edge near[MAX_NEAR];
        size_t n = others_of(i, code, n_codes, e, n_edges, false, near);
        add(edges, near, n * sizeof(near[0]));
        it.first_partner = (uint32_t)(edges->n / sizeof(near[0]));
        n = others_of(i, code, n_codes, e, n_edges, true, near);
        add(edges, near, n * sizeof(near[0]));
        add(items, &it, sizeof(it));
        sm_buf_add(names, code[i]);
    }
    uint32_t all = (uint32_t)(edges->n / sizeof(struct edge));
    struct item end = { .first_edge = all, .first_partner = all };
    add(items, &end, sizeof(end));
}

sm_str sm_unclear_build(sm_op *op, const sm_wording *w, size_t n, const sm_neighbours *e,
                        size_t n_edges)
{
    sm_str *code;
    size_t n_codes = sorted_codes(op, w, n, &code), n_seen = 0, cap = 0;
    uint32_t *n_wordings = SM_NEWS(op->arena, uint32_t, n_codes + 1);
    struct seen *seen = NULL;
    uint64_t token[MAX_TOKENS];
    sm_arena *scratch = sm_arena_open();
    for (size_t i = 0; i < n; i++) {
        uint32_t item = number_of(code, n_codes, w[i].code);
        size_t m = distinct(scratch, w[i].text, SM_TOKEN_UNI | SM_TOKEN_BI, token);
        n_wordings[item]++;
        for (size_t k = 0; k < m; k++) {
            SM_GROW(op->arena, seen, n_seen, cap);
            seen[n_seen++] = (struct seen){ token[k], item };
        }
        sm_arena_reset(scratch);
    }
    sm_arena_close(scratch);
    if (n_seen)
        qsort(seen, n_seen, sizeof(*seen), by_seen);
    enum { ITEMS, OFF, KEYS, COUNTS, EDGES, NAMES, N_BUFS };
    sm_buf b[N_BUFS], all;
    for (int i = 0; i < N_BUFS; i++)
        sm_buf_init(&b[i], SIZE_MAX / 8);
    sm_buf_init(&all, SIZE_MAX / 4);
    size_t n_keys = put_counts(&b[OFF], &b[KEYS], &b[COUNTS], seen, n_seen);
    put_items(&b[ITEMS], &b[EDGES], &b[NAMES], code, n_codes, n_wordings, e, n_edges);
    struct head h = { .n_items = (uint32_t)n_codes,
                      .n_keys = (uint32_t)n_keys,
                      .n_counts = (uint32_t)(b[COUNTS].n / sizeof(struct count)),
                      .n_edges = (uint32_t)(b[EDGES].n / sizeof(struct edge)),
                      .name_bytes = (uint32_t)b[NAMES].n };
    memcpy(h.magic, MAGIC, sizeof(MAGIC));
    add(&all, &h, sizeof(h));
    for (int i = 0; i < N_BUFS; i++) {
        sm_buf_add(&all, sm_buf_str(&b[i]));
        sm_buf_done(&b[i]);
        while (i < NAMES && all.n % ALIGN && !all.failed)
            sm_buf_addc(&all, 0);
    }
    sm_str blob = sm_str_dup(op->arena, sm_buf_str(&all));
    sm_buf_done(&all);
    return blob;
}

/* -------------------------------------------------------------- reading */

static bool fits(const sm_unclear *u)
{
    for (uint32_t i = 0; i < u->h.n_items; i++)
        if ((uint64_t)u->item[i].name + u->item[i].name_bytes > u->h.name_bytes ||
            u->item[i].first_edge > u->item[i].first_partner ||
            u->item[i].first_partner > u->item[i + 1].first_edge)
            return false;
    for (uint32_t i = 0; i < u->h.n_edges; i++)
        if (u->edge[i].item >= u->h.n_items)
            return false;
    for (uint32_t i = 0; i < u->h.n_keys; i++)
        if (u->off[i] > u->off[i + 1] || u->off[i + 1] > u->h.n_counts)
            return false;
    for (uint32_t i = 0; i < u->h.n_keys; i++)
        for (uint32_t k = u->off[i] + 1; k < u->off[i + 1]; k++)
            if (u->count[k - 1].item >= u->count[k].item)
                return false;
    return u->item[u->h.n_items].first_edge == u->h.n_edges && u->off[u->h.n_keys] == u->h.n_counts;
}

static double smoothed(const sm_unclear *u, uint32_t item, uint32_t n)
{
    return sm_log(((double)n + 0.3) / (u->item[item].n_wordings + 2.0));
}

static uint64_t padded(uint64_t bytes)
{
    return (bytes + ALIGN - 1) / ALIGN * ALIGN;
}

sm_rc sm_unclear_open(sm_op *op, sm_str blob, sm_unclear **out)
{
    struct head h;
    sm_unclear *u = SM_NEW(op->arena, sm_unclear);
    if (blob.n < sizeof(h))
        return sm_fail(op, SM_E_CORRUPT, "说法计数文件不完整，请重新导入一次");
    memcpy(&h, blob.p, sizeof(h));
    const uint64_t size[] = { ((uint64_t)h.n_items + 1) * sizeof(struct item),
                              ((uint64_t)h.n_keys + 1) * sizeof(uint32_t),
                              (uint64_t)h.n_keys * sizeof(uint64_t),
                              (uint64_t)h.n_counts * sizeof(struct count),
                              (uint64_t)h.n_edges * sizeof(struct edge) };
    uint64_t all = sizeof(h) + h.name_bytes;
    for (size_t i = 0; i < SM_LEN(size); i++)
        all += padded(size[i]);
    if (memcmp(h.magic, MAGIC, sizeof(MAGIC)) != 0 || all != blob.n)
        return sm_fail(op, SM_E_CORRUPT, "说法计数文件的格式不对，请重新导入一次");
    if ((uintptr_t)blob.p % ALIGN) /* inside a file that was read anywhere */
        blob = sm_str_dup(op->arena, blob);
    const void *part[SM_LEN(size)];
    const char *p = blob.p + sizeof(h);
    for (size_t i = 0; i < SM_LEN(size); i++) {
        part[i] = p;
        p += padded(size[i]);
    }
    *u = (sm_unclear){ .h = h,
                       .item = part[0],
                       .off = part[1],
                       .key = part[2],
                       .count = part[3],
                       .edge = part[4],
                       .names = p };
    if (!fits(u))
        return sm_fail(op, SM_E_CORRUPT, "说法计数文件的内容不对，请重新导入一次");
    u->log_none = SM_NEWS(op->arena, double, h.n_items + 1u);
    for (uint32_t i = 0; i < h.n_items; i++)
        u->log_none[i] = smoothed(u, i, 0);
    *out = u;
    return SM_OK;
}

static sm_str name_of(const sm_unclear *u, uint32_t i)
{
    return (sm_str){ u->names + u->item[i].name, u->item[i].name_bytes };
}

static uint32_t find_item(const sm_unclear *u, sm_str code)
{
    uint32_t lo = 0, hi = u->h.n_items;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (sm_str_cmp(name_of(u, mid), code) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < u->h.n_items && sm_str_eq(name_of(u, lo), code) ? lo : UINT32_MAX;
}

/* log P(token | item), smoothed.  A token's counts are in order of item. */
static double log_p(const sm_unclear *u, size_t k, uint32_t item)
{
    if (k == SIZE_MAX)
        return u->log_none[item];
    uint32_t lo = u->off[k], end = u->off[k + 1], hi = end;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (u->count[mid].item < item)
            lo = mid + 1;
        else
            hi = mid;
    }
    bool has = lo < end && u->count[lo].item == item;
    return has ? smoothed(u, item, u->count[lo].n) : u->log_none[item];
}

struct token {
    size_t key;
    double worth;
};

static double log_ratio(const sm_unclear *u, const struct token *t, size_t n, uint32_t a,
                        uint32_t b)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += t[i].worth * (log_p(u, t[i].key, a) - log_p(u, t[i].key, b));
    return sum;
}

static size_t tokens_of(const sm_unclear *u, sm_arena *a, sm_str text, struct token *t)
{
    static const struct {
        unsigned flags;
        double worth;
    } kind[2] = { { SM_TOKEN_UNI, 0.5 }, { SM_TOKEN_BI, 1.0 } };
    uint64_t key[MAX_TOKENS];
    size_t n = 0, at[MAX_TOKENS];
    for (size_t k = 0; k < SM_LEN(kind); k++) {
        size_t m = distinct(a, text, kind[k].flags, key);
        sm_find_all_u64(u->key, u->h.n_keys, key, m, at);
        for (size_t i = 0; i < m; i++) {
            t[n++] = (struct token){ at[i], kind[k].worth };
            if (at[i] != SIZE_MAX)
                __builtin_prefetch(u->off + at[i]);
        }
    }
    for (size_t i = 0; i < n; i++)
        if (t[i].key != SIZE_MAX)
            __builtin_prefetch(u->count + u->off[t[i].key]);
    return n;
}

void sm_unclear_read(const sm_unclear *u, sm_arena *a, sm_str text, sm_str code, sm_apart *out)
{
    uint32_t item = find_item(u, code);
    double ratio[MAX_NEAR];
    size_t n = 0;
    *out = (sm_apart){ .ratio = ALONE };
    if (item == UINT32_MAX)
        return;
    struct token *t = SM_NEWS(a, struct token, 2 * MAX_TOKENS);
    size_t n_tokens = tokens_of(u, a, sm_utf8_head(text, 200), t);
    for (uint32_t i = u->item[item].first_edge; i < u->item[item].first_partner && n < MAX_NEAR;
         i++) {
        double r = log_ratio(u, t, n_tokens, item, u->edge[i].item);
        size_t at = n++;
        for (; at > 0 && ratio[at - 1] > r; at--) {
            ratio[at] = ratio[at - 1];
        }
        ratio[at] = r;
        out->n_near += r < NEAR_BY;
    }
    out->n_tokens = n_tokens;
    if (n)
        out->ratio = ratio[0];
}

static size_t times_given(const sm_unclear *u, sm_str code, sm_str other, bool partner)
{
    uint32_t item = find_item(u, code), wanted = find_item(u, other);
    if (item == UINT32_MAX || wanted == UINT32_MAX)
        return 0;
    const struct item *it = &u->item[item];
    uint32_t from = partner ? it->first_partner : it->first_edge;
    uint32_t to = partner ? it[1].first_edge : it->first_partner;
    for (uint32_t i = from; i < to; i++)
        if (u->edge[i].item == wanted)
            return u->edge[i].n;
    return 0;
}

size_t sm_unclear_links(const sm_unclear *u, sm_str code, sm_str other)
{
    return times_given(u, code, other, false);
}

size_t sm_unclear_partnership(const sm_unclear *u, sm_str code, sm_str other)
{
    return times_given(u, code, other, true);
}

static size_t names_of(const sm_unclear *u, uint32_t from, uint32_t to, sm_str *out, size_t max)
{
    size_t n = 0;
    for (uint32_t i = from; i < to && n < max; i++)
        out[n++] = name_of(u, u->edge[i].item);
    return n;
}

size_t sm_unclear_kin_of(const sm_unclear *u, sm_str code, sm_str *out, size_t max)
{
    uint32_t i = find_item(u, code);
    return i == UINT32_MAX ? 0
                           : names_of(u, u->item[i].first_edge, u->item[i].first_partner, out, max);
}

size_t sm_unclear_partners_of(const sm_unclear *u, sm_str code, sm_str *out, size_t max)
{
    uint32_t i = find_item(u, code);
    return i == UINT32_MAX
               ? 0
               : names_of(u, u->item[i].first_partner, u->item[i + 1].first_edge, out, max);
}

void sm_unclear_weigh(const sm_unclear *u, sm_arena *a, sm_str text, const sm_str *code, size_t n,
                      double *log_p_of)
{
    struct token *t = SM_NEWS(a, struct token, 2 * MAX_TOKENS);
    size_t n_tokens = tokens_of(u, a, sm_utf8_head(text, 200), t);
    for (size_t i = 0; i < n; i++) {
        uint32_t item = find_item(u, code[i]);
        log_p_of[i] = 0;
        for (size_t k = 0; k < n_tokens; k++)
            log_p_of[i] += item == UINT32_MAX ? t[k].worth * LEAST_LOG_P
                                              : t[k].worth * log_p(u, t[k].key, item);
    }
}
