#include "review/change.h"

#include <stdlib.h>

enum { MAX_ID = 2000000000 }; /* numbers above it are not counted: there is room over it */

/* One more than the highest number that any mark, bookmark or comment of the part has. */
static uint32_t free_id(const sm_change *c)
{
    int64_t most = 0;
    for (size_t i = 0; i < c->n_el; i++) {
        int64_t v;
        sm_str id = sm_element_attr(c->xml, &c->el[i], "id");
        if (id.n && sm_str_to_int(id, &v) && v <= MAX_ID)
            most = SM_MAX(most, v);
    }
    return (uint32_t)most + 1;
}

static sm_str written_by(sm_op *op, sm_str prefix, const sm_mend_options *o)
{
    sm_buf b;
    sm_buf_init(&b, 4096);
    sm_buf_addf(&b, " %.*sauthor=\"", SM_ARG(prefix));
    sm_xml_put(&b, o && o->author.n ? o->author : SM_STR("榫卯"));
    sm_buf_addc(&b, '"');
    if (o && o->date.n) {
        sm_buf_addf(&b, " %.*sdate=\"", SM_ARG(prefix));
        sm_xml_put(&b, o->date);
        sm_buf_addc(&b, '"');
    }
    sm_str s = { 0 };
    sm_buf_take(op, &b, &s);
    return s;
}

sm_rc sm_change_begin(sm_op *op, sm_str docx, const char *name, const sm_mend_options *o,
                      sm_mended *done, sm_change *c)
{
    *c = (sm_change){ .op = op, .name = name, .done = done };
    *done = (sm_mended){ 0 };
    sm_rc rc = sm_part_read(op, docx, name, NULL, &c->xml);
    if (rc < 0)
        return rc;
    if (!c->xml.n)
        return sm_fail(op, SM_E_CONFLICT, "文件里没有 %s：不是审核过的那一份", name);
    rc = sm_elements_read(op, name, c->xml, NULL, &c->el, &c->n_el);
    if (rc < 0)
        return rc;
    size_t colon = sm_str_find(c->el[0].name, SM_STR(":"), 0);
    if (colon == SIZE_MAX)
        return sm_fail(op, SM_E_INVALID,
                       "%s 的写法少见（没有命名空间前缀），不能直接修改；"
                       "请用 Word 或 WPS 打开并另存后再试",
                       name);
    c->prefix = sm_str_sub(c->el[0].name, 0, colon + 1);
    c->by = written_by(op, c->prefix, o);
    c->id = free_id(c);
    return op->rc;
}

void sm_change_splice(sm_change *c, size_t from, size_t to, sm_str put)
{
    if (from == to && !put.n)
        return;
    SM_GROW(c->op->arena, c->splice, c->n_splices, c->cap);
    c->splice[c->n_splices] = (sm_splice){ from, to, put, c->n_splices };
    c->n_splices++;
}

static int splice_order(const void *a, const void *b)
{
    const sm_splice *x = a, *y = b;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

sm_rc sm_change_end(sm_change *c, sm_str docx, sm_buf *out)
{
    if (c->n_splices)
        qsort(c->splice, c->n_splices, sizeof(*c->splice), splice_order);
    sm_buf b;
    sm_buf_init(&b, SIZE_MAX / 2);
    size_t done = 0;
    for (size_t i = 0; i < c->n_splices; i++) {
        const sm_splice *s = &c->splice[i];
        if (s->from < done || s->to < s->from) {
            sm_buf_done(&b);
            return sm_fail(c->op, SM_E_INTERNAL, "%s 里两处修改相重", c->name);
        }
        sm_buf_add(&b, sm_str_sub(c->xml, done, s->from));
        sm_buf_add(&b, s->put);
        done = s->to;
    }
    sm_buf_add(&b, sm_str_sub(c->xml, done, c->xml.n));
    sm_part part = { sm_str_of(c->name), { 0 } };
    sm_rc rc = sm_buf_take(c->op, &b, &part.data);
    return rc < 0 ? rc : sm_parts_write(c->op, docx, &part, 1, out);
}

sm_str sm_change_mark(sm_change *c, const char *name)
{
    return sm_strf(c->op->arena, "<%.*s%s %.*sid=\"%u\"%.*s>", SM_ARG(c->prefix), name,
                   SM_ARG(c->prefix), c->id++, SM_ARG(c->by));
}

sm_str sm_change_copy(sm_change *c, size_t e, size_t to)
{
    sm_buf b;
    sm_buf_init(&b, SIZE_MAX / 2);
    size_t done = c->el[e].at;
    for (size_t i = e; i < c->n_el && c->el[i].at < to; i++) {
        sm_str id = sm_element_attr(c->xml, &c->el[i], "id");
        if (!id.n || (i > e && !sm_element_is(&c->el[i], "rPrChange")))
            continue;
        size_t at = (size_t)(id.p - c->xml.p);
        sm_buf_add(&b, sm_str_sub(c->xml, done, at));
        sm_buf_addf(&b, "%u", c->id++);
        done = at + id.n;
    }
    sm_buf_add(&b, sm_str_sub(c->xml, done, to));
    sm_str s = { 0 };
    sm_buf_take(c->op, &b, &s);
    return s;
}

size_t sm_change_text(const sm_change *c, const sm_run *r)
{
    size_t lo = 0, hi = c->n_el;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (c->el[mid].inside < r->at)
            lo = mid + 1;
        else
            hi = mid;
    }
    const sm_element *e = &c->el[lo];
    bool found = lo < c->n_el && e->inside == r->at && e->inside_end == r->at + r->n_at &&
                 sm_element_is(e, "t");
    return found ? lo : SIZE_MAX;
}

void sm_change_leave(sm_change *c, size_t finding, const char *why)
{
    sm_mended *d = c->done;
    SM_GROW(c->op->arena, d->left, d->n_left, c->cap_left);
    d->left[d->n_left++] = (sm_mend_left){ finding, sm_str_of(why) };
}
