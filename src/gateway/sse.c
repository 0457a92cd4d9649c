#include "gateway/sse.h"

#include <string.h>

void sm_sse_init(sm_sse *s)
{
    *s = (sm_sse){ .line_begins = true };
    sm_buf_init(&s->held, SM_SSE_EVENT_BYTES);
}

void sm_sse_done(sm_sse *s)
{
    sm_buf_done(&s->held);
}

bool sm_sse_is_empty(const sm_sse *s)
{
    return s->held.n == 0;
}

/* After the empty line that ends an event, or SIZE_MAX.  The state goes over from piece to piece.
 */
static size_t find_end(sm_sse *s, sm_str bytes)
{
    for (size_t i = 0; i < bytes.n; i++) {
        char c = bytes.p[i];
        bool lf_of_cr = c == '\n' && s->cr;
        s->cr = c == '\r';
        if (lf_of_cr)
            continue;
        bool ends_line = c == '\n' || c == '\r';
        if (ends_line && s->line_begins) {
            if (c == '\r' && i + 1 < bytes.n && bytes.p[i + 1] == '\n') {
                s->cr = false;
                return i + 2;
            }
            return i + 1;
        }
        if (ends_line) {
            s->line_begins = true;
            continue;
        }
        s->line_begins = false;
        const char *lf = memchr(bytes.p + i, '\n', bytes.n - i);
        const char *cr = memchr(bytes.p + i, '\r', (lf ? (size_t)(lf - bytes.p) : bytes.n) - i);
        const char *end = cr ? cr : lf;
        if (!end)
            return SIZE_MAX;
        i = (size_t)(end - bytes.p) - 1;
    }
    return SIZE_MAX;
}

static sm_str cut_line(sm_str *rest)
{
    size_t n = 0;
    while (n < rest->n && rest->p[n] != '\n' && rest->p[n] != '\r')
        n++;
    sm_str line = sm_str_sub(*rest, 0, n);
    if (n + 1 < rest->n && rest->p[n] == '\r' && rest->p[n + 1] == '\n')
        n++;
    *rest = sm_str_sub(*rest, n + 1, rest->n);
    return line;
}

static void read_lines(sm_sse_event *e)
{
    sm_str rest = e->text;
    bool others = false;
    while (rest.n) {
        sm_str line = cut_line(&rest);
        if (line.n == 0 || line.p[0] == ':')
            continue;
        others = true;
        if (!sm_str_starts(line, SM_STR("data")) || (line.n > 4 && line.p[4] != ':'))
            continue;
        line = sm_str_sub(line, 5, line.n);
        if (line.n && line.p[0] == ' ')
            line = sm_str_sub(line, 1, line.n);
        e->many = e->has_data;
        e->data = e->many ? (sm_str){ 0 } : line;
        e->has_data = true;
        if (e->many)
            break;
    }
    e->comment = !others;
}

static bool tell(sm_sse_fn *fn, void *ctx, sm_str text)
{
    sm_sse_event e = { .text = text };
    read_lines(&e);
    return fn(ctx, &e);
}

bool sm_sse_push(sm_sse *s, sm_str bytes, sm_sse_fn *fn, void *ctx)
{
    while (bytes.n) {
        size_t end = find_end(s, bytes);
        if (end == SIZE_MAX) {
            sm_buf_add(&s->held, bytes);
            return !s->held.failed;
        }
        sm_str whole = sm_str_sub(bytes, 0, end);
        bytes = sm_str_sub(bytes, end, bytes.n);
        s->line_begins = true;
        bool more;
        if (s->held.n) {
            sm_buf_add(&s->held, whole);
            more = !s->held.failed && tell(fn, ctx, sm_buf_str(&s->held));
            s->held.n = 0;
        } else {
            more = tell(fn, ctx, whole);
        }
        if (!more)
            return false;
    }
    return true;
}
