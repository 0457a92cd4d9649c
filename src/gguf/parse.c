#include "gguf/inner.h"

#include <stdlib.h>
#include <string.h>

/* Bytes of one scalar; 0 for a string or an array. */
static const uint8_t scalar_bytes[SM_GGUF_N_TYPES] = {
    [SM_GGUF_U8] = 1,  [SM_GGUF_I8] = 1,  [SM_GGUF_U16] = 2, [SM_GGUF_I16] = 2,
    [SM_GGUF_U32] = 4, [SM_GGUF_I32] = 4, [SM_GGUF_F32] = 4, [SM_GGUF_BOOL] = 1,
    [SM_GGUF_U64] = 8, [SM_GGUF_I64] = 8, [SM_GGUF_F64] = 8,
};

/* A place in the head.  op carries the failure; what is read after one is zero. */
typedef struct cursor {
    sm_op *op;
    const char *name;
    sm_str head;
    uint64_t file_bytes;
    size_t at;
    sm_rc rc;
    bool more; /* it was the head that ended, not the file */
} cursor;

static sm_rc corrupt(cursor *c, const char *what)
{
    if (c->rc == SM_OK)
        c->rc = sm_fail(c->op, SM_E_CORRUPT, "%s：第 %zu 字节处%s", c->name, c->at, what);
    return c->rc;
}

static sm_rc beyond(cursor *c, const char *what, uint64_t n, uint64_t max)
{
    if (c->rc == SM_OK)
        c->rc = sm_fail(c->op, SM_E_LIMIT, "%s：第 %zu 字节处%s为 %llu，超过上限 %llu", c->name,
                        c->at, what, (unsigned long long)n, (unsigned long long)max);
    return c->rc;
}

/* n bytes at the cursor, or NULL. */
static const uint8_t *take(cursor *c, uint64_t n)
{
    if (c->rc < 0)
        return NULL;
    if (n > c->file_bytes - c->at) {
        corrupt(c, "文件被截断");
        return NULL;
    }
    if (n > c->head.n - c->at) {
        c->more = true;
        beyond(c, "文件头的长度", c->at + n, c->head.n);
        return NULL;
    }
    const uint8_t *p = (const uint8_t *)c->head.p + c->at;
    c->at += (size_t)n;
    return p;
}

static uint64_t little_endian(const uint8_t *p, size_t n)
{
    uint64_t v = 0;
    for (size_t i = n; p && i-- > 0;)
        v = v << 8 | p[i];
    return v;
}

static uint32_t take_u32(cursor *c)
{
    return (uint32_t)little_endian(take(c, 4), 4);
}

static uint64_t take_u64(cursor *c)
{
    return little_endian(take(c, 8), 8);
}

static sm_str take_string(cursor *c, const char *what, uint64_t max_bytes)
{
    uint64_t n = take_u64(c);
    if (n > max_bytes)
        beyond(c, what, n, max_bytes);
    const uint8_t *p = take(c, n);
    return p ? (sm_str){ (const char *)p, (size_t)n } : (sm_str){ 0 };
}

static sm_gguf_type take_type(cursor *c)
{
    uint32_t t = take_u32(c);
    if (t >= SM_GGUF_N_TYPES)
        corrupt(c, "值的类型无法识别");
    return t < SM_GGUF_N_TYPES ? (sm_gguf_type)t : SM_GGUF_U8;
}

static void skip_items(cursor *c, sm_gguf_type item, uint64_t n, int depth)
{
    size_t size = scalar_bytes[item];
    if (size && n > UINT64_MAX / size)
        corrupt(c, "数组的长度溢出");
    else if (size)
        take(c, n * size);
    else if (item == SM_GGUF_ARRAY && depth >= SM_GGUF_MAX_NESTING)
        beyond(c, "数组的嵌套", (uint64_t)depth + 1, SM_GGUF_MAX_NESTING);
    for (uint64_t i = 0; !size && i < n && c->rc == SM_OK; i++) {
        if (item == SM_GGUF_STRING) {
            take_string(c, "字符串", SM_GGUF_MAX_STRING_BYTES);
        } else {
            sm_gguf_type inner = take_type(c);
            skip_items(c, inner, take_u64(c), depth + 1);
        }
    }
}

static void check_bools(cursor *c, const sm_gguf_value *v)
{
    if (v->type == SM_GGUF_BOOL && v->bytes.n == 1 && (unsigned char)v->bytes.p[0] > 1)
        corrupt(c, "布尔值既不是 0 也不是 1");
}

static void take_value(cursor *c, sm_gguf_value *v)
{
    size_t from = c->at;
    v->key = take_string(c, "键名", SM_GGUF_MAX_KEY_BYTES);
    if (c->rc == SM_OK && (v->key.n == 0 || memchr(v->key.p, 0, v->key.n)))
        corrupt(c, "键名为空或含有空字符");
    v->type = take_type(c);
    if (v->type == SM_GGUF_STRING) {
        v->bytes = take_string(c, "字符串", SM_GGUF_MAX_STRING_BYTES);
    } else {
        v->n_items = 1;
        v->item = v->type;
        if (v->type == SM_GGUF_ARRAY) {
            v->item = take_type(c);
            v->n_items = (size_t)take_u64(c);
        }
        size_t begin = c->at;
        skip_items(c, v->item, v->n_items, 1);
        v->bytes = (sm_str){ c->head.p + begin, c->at - begin };
    }
    v->raw = (sm_str){ c->head.p + from, c->at - from };
    check_bools(c, v);
}

static bool any_twice(sm_arena *a, const void *items, size_t n,
                      sm_str (*name)(const void *, size_t))
{
    uint64_t *h = SM_NEWS(a, uint64_t, n + 1);
    for (size_t i = 0; i < n; i++)
        h[i] = sm_hash64(name(items, i), 0);
    return sm_distinct_u64(h, n) < n;
}

static sm_str value_name(const void *items, size_t i)
{
    return ((const sm_gguf_value *)items)[i].key;
}

static sm_str tensor_name(const void *items, size_t i)
{
    return ((const sm_gguf_tensor *)items)[i].name;
}

static void measure(cursor *c, sm_gguf_tensor *t)
{
    const sm_gguf_block *b = sm_gguf_block_of(t->type);
    uint64_t n = 1;
    if (!b) {
        corrupt(c, "张量的类型无法识别");
        return;
    }
    for (size_t i = 0; i < SM_GGUF_MAX_DIMS; i++) {
        if (t->dim[i] == 0 || t->dim[i] > INT64_MAX / n) {
            corrupt(c, t->dim[i] ? "张量的维度相乘溢出" : "张量有一维为零");
            return;
        }
        n *= t->dim[i];
    }
    if (t->dim[0] % b->n_items)
        corrupt(c, "张量的行长不是量化块的整数倍");
    else if (n / b->n_items > INT64_MAX / b->n_bytes)
        corrupt(c, "张量的字节数溢出");
    else
        t->n_bytes = n / b->n_items * b->n_bytes;
}

static void take_tensor(cursor *c, sm_gguf_tensor *t)
{
    t->name = take_string(c, "张量名", SM_GGUF_MAX_NAME_BYTES);
    t->n_dims = take_u32(c);
    if (t->n_dims > SM_GGUF_MAX_DIMS)
        corrupt(c, "张量的维数超过 4");
    for (size_t i = 0; i < SM_GGUF_MAX_DIMS; i++)
        t->dim[i] = i < t->n_dims ? take_u64(c) : 1;
    t->type = take_u32(c);
    t->offset = take_u64(c);
    if (c->rc == SM_OK)
        measure(c, t);
}

static int by_offset(const void *a, const void *b)
{
    const sm_gguf_tensor *x = *(const sm_gguf_tensor *const *)a;
    const sm_gguf_tensor *y = *(const sm_gguf_tensor *const *)b;
    return (x->offset > y->offset) - (x->offset < y->offset);
}

static sm_rc fail_tensor(cursor *c, const sm_gguf_tensor *t, const char *what)
{
    c->rc = sm_fail(c->op, SM_E_CORRUPT, "%s：张量 %.*s %s", c->name, SM_ARG(t->name), what);
    return c->rc;
}

/* Offsets are given from the data's begin; after this they count from the file's. */
static sm_rc place_tensors(cursor *c, const sm_gguf *g, sm_gguf_tensor *tensor)
{
    const sm_gguf_tensor **order = SM_NEWS(c->op->arena, const sm_gguf_tensor *, g->n_tensors + 1);
    uint64_t room = g->file_bytes - g->data_offset;
    for (size_t i = 0; i < g->n_tensors; i++) {
        sm_gguf_tensor *t = &tensor[i];
        if (t->offset % g->alignment)
            return fail_tensor(c, t, "的位置没有对齐");
        if (t->offset > room || t->n_bytes > room - t->offset)
            return fail_tensor(c, t, "超出文件末尾，文件被截断");
        t->offset += g->data_offset;
        order[i] = t;
    }
    qsort(order, g->n_tensors, sizeof(*order), by_offset);
    for (size_t i = 1; i < g->n_tensors; i++)
        if (order[i - 1]->offset + order[i - 1]->n_bytes > order[i]->offset)
            return fail_tensor(c, order[i], "与另一个张量重叠");
    return SM_OK;
}

static sm_rc read_alignment(cursor *c, sm_gguf *g)
{
    const sm_gguf_value *v = sm_gguf_find(g, SM_STR("general.alignment"));
    g->alignment = 32;
    if (!v)
        return SM_OK;
    uint64_t n = little_endian((const uint8_t *)v->bytes.p, SM_MIN(v->bytes.n, 8));
    if (v->type != SM_GGUF_U32 || n == 0 || n > 1 << 16 || (n & (n - 1)))
        return corrupt(c, "之前的 general.alignment 不是合理的 2 的幂");
    g->alignment = n;
    return SM_OK;
}

static sm_rc read_begin(cursor *c, sm_gguf *g, uint64_t *n_tensors, uint64_t *n_values)
{
    const uint8_t *magic = take(c, 4);
    if (!magic || memcmp(magic, "GGUF", 4) != 0)
        return corrupt(c, "没有 GGUF 标志，不是 GGUF 模型文件");
    g->version = take_u32(c);
    if (c->rc == SM_OK && (g->version & 0xffff) == 0)
        return corrupt(c, "的版本号说明这是大端字节序的文件，不支持");
    if (c->rc == SM_OK && (g->version < 2 || g->version > 3))
        return corrupt(c, "的版本号不是 2 或 3");
    *n_tensors = take_u64(c);
    *n_values = take_u64(c);
    if (*n_tensors > SM_GGUF_MAX_TENSORS)
        return beyond(c, "张量数", *n_tensors, SM_GGUF_MAX_TENSORS);
    if (*n_values > SM_GGUF_MAX_VALUES)
        return beyond(c, "元数据条数", *n_values, SM_GGUF_MAX_VALUES);
    return c->rc;
}

static sm_rc read_values(cursor *c, sm_gguf *g, size_t n)
{
    sm_gguf_value *v = SM_NEWS(c->op->arena, sm_gguf_value, n + 1);
    for (size_t i = 0; i < n && c->rc == SM_OK; i++)
        take_value(c, &v[i]);
    g->value = v;
    g->n_values = n;
    if (c->rc == SM_OK && any_twice(c->op->arena, v, n, value_name))
        return corrupt(c, "之前有重复的键名");
    return c->rc;
}

static sm_rc read_tensors(cursor *c, sm_gguf *g, size_t n, sm_gguf_tensor **out)
{
    /* The shortest entry is 24 bytes: no more room is taken than the file can fill. */
    if (n > (c->file_bytes - c->at) / 24)
        return corrupt(c, "文件被截断");
    sm_gguf_tensor *t = SM_NEWS(c->op->arena, sm_gguf_tensor, n + 1);
    for (size_t i = 0; i < n && c->rc == SM_OK; i++)
        take_tensor(c, &t[i]);
    g->tensor = *out = t;
    g->n_tensors = n;
    if (c->rc == SM_OK && any_twice(c->op->arena, t, n, tensor_name))
        return corrupt(c, "之前有重名的张量");
    return c->rc;
}

static sm_rc read_head(cursor *c, sm_gguf *g)
{
    uint64_t n_tensors = 0, n_values = 0;
    sm_gguf_tensor *tensor = NULL;
    if (read_begin(c, g, &n_tensors, &n_values) < 0 || read_values(c, g, (size_t)n_values) < 0 ||
        read_alignment(c, g) < 0 || read_tensors(c, g, (size_t)n_tensors, &tensor) < 0)
        return c->rc;
    g->data_offset = (c->at + g->alignment - 1) / g->alignment * g->alignment;
    if (g->data_offset > g->file_bytes) {
        if (g->n_tensors)
            return corrupt(c, "文件被截断");
        g->data_offset = g->file_bytes;
    }
    return place_tensors(c, g, tensor);
}

sm_rc sm_gguf_parse_head(sm_op *op, const char *name, sm_str head, uint64_t file_bytes, bool *more,
                         sm_gguf **out)
{
    head.n = (size_t)SM_MIN((uint64_t)head.n, file_bytes);
    cursor c = { .op = op, .name = name, .head = head, .file_bytes = file_bytes };
    sm_gguf *g = SM_NEW(op->arena, sm_gguf);
    g->file_bytes = file_bytes;
    sm_rc rc = read_head(&c, g);
    *more = c.more;
    if (rc == SM_OK)
        *out = g;
    return rc;
}

sm_rc sm_gguf_parse(sm_op *op, const char *name, sm_str head, uint64_t file_bytes, sm_gguf **out)
{
    bool more;
    return sm_gguf_parse_head(op, name, head, file_bytes, &more, out);
}
