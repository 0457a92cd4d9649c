/*
 * Server-sent events (HTML standard, 9.2).  While there is nothing to send the connection sleeps;
 * whoever sends wakes it.
 */
#include "http/inner.h"

#include <stdlib.h>
#include <string.h>

struct sm_stream {
    pthread_mutex_t lock; /* guards what follows, but for next, prev, connection */
    sm_buf data;
    size_t n_read;
    struct MHD_Connection *c;
    sm_connection *connection; /* until the request has ended; guarded by the lock of gone.c */
    bool asleep, closed, gone, plain; /* plain: no events, no heartbeats */
    int users;                        /* the request, the response, and whoever sends */
    sm_http *h;
    sm_stream *next, *prev; /* guarded by h->lock */
};

static size_t most_bytes(const sm_stream *s)
{
    return s->plain ? SM_HTTP_PIECES_BYTES : SM_HTTP_STREAM_BYTES;
}

static void drop(sm_stream *s)
{
    pthread_mutex_lock(&s->lock);
    bool last = --s->users == 0;
    pthread_mutex_unlock(&s->lock);
    if (!last)
        return;
    sm_buf_done(&s->data);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

/* With the lock held. */
static void wake(sm_stream *s)
{
    if (s->asleep)
        MHD_resume_connection(s->c);
    s->asleep = false;
}

static ssize_t read_more(void *stream, uint64_t pos, char *to, size_t max)
{
    sm_stream *s = stream;
    (void)pos;
    pthread_mutex_lock(&s->lock);
    size_t n = SM_MIN(s->data.n - s->n_read, max);
    ssize_t rc = (ssize_t)n;
    if (n) {
        memcpy(to, s->data.p + s->n_read, n);
        s->n_read += n;
    } else if (s->closed) {
        rc = MHD_CONTENT_READER_END_OF_STREAM;
    } else {
        sm_buf_done(&s->data);
        sm_buf_init(&s->data, most_bytes(s));
        s->n_read = 0;
        s->asleep = true;
        MHD_suspend_connection(s->c);
    }
    pthread_mutex_unlock(&s->lock);
    return rc;
}

static void response_gone(void *stream)
{
    sm_stream *s = stream;
    sm_http *h = s->h;
    pthread_mutex_lock(&h->lock);
    if (s->prev)
        s->prev->next = s->next;
    else
        h->streams = s->next;
    if (s->next)
        s->next->prev = s->prev;
    pthread_mutex_unlock(&h->lock);
    pthread_mutex_lock(&s->lock);
    s->gone = true;
    s->asleep = false;
    pthread_mutex_unlock(&s->lock);
    drop(s);
}

static sm_stream *begin(sm_request *r, int status, const char *type, bool plain)
{
    sm_http *h = r->h;
    sm_stream *s = calloc(1, sizeof(*s));
    if (!s)
        abort();
    *s = (sm_stream){ .c = r->c, .connection = r->connection, .users = 3, .h = h, .plain = plain };
    r->stream = s;
    pthread_mutex_init(&s->lock, NULL);
    sm_buf_init(&s->data, most_bytes(s));
    /* libmicrohttpd (0.9.75) answers HEAD with the end of a chunked body */
    uint64_t size = sm_str_eq(r->method, SM_STR("HEAD")) ? 0 : MHD_SIZE_UNKNOWN;
    r->response = MHD_create_response_from_callback(size, 512, read_more, s, response_gone);
    if (!r->response)
        abort();
    pthread_mutex_lock(&h->lock);
    s->next = h->streams;
    if (s->next)
        s->next->prev = s;
    h->streams = s;
    pthread_mutex_unlock(&h->lock);
    r->answered = r->streams = true;
    r->status = status;
    r->type = type;
    sm_respond_header(r, "X-Accel-Buffering", "no");
    return s;
}

sm_stream *sm_respond_stream(sm_request *r)
{
    return begin(r, 200, "text/event-stream; charset=utf-8", false);
}

sm_stream *sm_respond_pieces(sm_request *r, int status, const char *type)
{
    return begin(r, status, type, true);
}

/* With the lock held; what the client has read is given back first. */
static bool add(sm_stream *s, sm_str text)
{
    if (s->n_read) {
        memmove(s->data.p, s->data.p + s->n_read, s->data.n - s->n_read);
        s->data.n -= s->n_read;
        s->n_read = 0;
    }
    sm_buf_add(&s->data, text);
    if (s->data.failed)
        s->closed = true;
    wake(s);
    return !s->data.failed;
}

/* A line of data ends at LF, CR or both, as its reader sees it; no data is one empty line. */
static void add_data(sm_buf *b, sm_str data)
{
    size_t from = 0;
    for (size_t i = 0; i < data.n; i++) {
        if (data.p[i] != '\n' && data.p[i] != '\r')
            continue;
        sm_buf_addf(b, "data: %.*s\n", SM_ARG(sm_str_sub(data, from, i)));
        i += data.p[i] == '\r' && i + 1 < data.n && data.p[i + 1] == '\n';
        from = i + 1;
    }
    if (from < data.n || data.n == 0)
        sm_buf_addf(b, "data: %.*s\n", SM_ARG(sm_str_sub(data, from, data.n)));
}

bool sm_stream_send(sm_stream *s, const char *event, int64_t id, sm_str data)
{
    sm_buf b;
    sm_buf_init(&b, SM_HTTP_STREAM_BYTES);
    if (event)
        sm_buf_addf(&b, "event: %s\n", event);
    if (id)
        sm_buf_addf(&b, "id: %lld\n", (long long)id);
    add_data(&b, data);
    sm_buf_addc(&b, '\n');
    pthread_mutex_lock(&s->lock);
    bool open = !s->gone && !s->closed && !b.failed && add(s, sm_buf_str(&b));
    pthread_mutex_unlock(&s->lock);
    sm_buf_done(&b);
    return open;
}

bool sm_stream_write(sm_stream *s, sm_str bytes)
{
    pthread_mutex_lock(&s->lock);
    bool open = !s->gone && !s->closed && add(s, bytes);
    pthread_mutex_unlock(&s->lock);
    return open;
}

size_t sm_stream_waiting(sm_stream *s)
{
    pthread_mutex_lock(&s->lock);
    size_t n = s->data.n - s->n_read;
    pthread_mutex_unlock(&s->lock);
    return n;
}

void sm_stream_on_gone(sm_stream *s, void (*fn)(void *ctx), void *ctx)
{
    sm_gone_lock();
    if (s->connection)
        sm_connection_on_gone(s->h, s->connection, fn, ctx);
    sm_gone_unlock();
}

void sm_stream_request_ends(sm_stream *s)
{
    if (!s)
        return;
    s->connection = NULL;
    drop(s);
}

bool sm_stream_gone(sm_stream *s)
{
    pthread_mutex_lock(&s->lock);
    bool gone = s->gone || s->closed;
    pthread_mutex_unlock(&s->lock);
    return gone;
}

static void end(sm_stream *s)
{
    pthread_mutex_lock(&s->lock);
    s->closed = true;
    wake(s);
    pthread_mutex_unlock(&s->lock);
}

void sm_stream_close(sm_stream *s)
{
    if (!s)
        return;
    sm_stream_on_gone(s, NULL, NULL);
    end(s);
    drop(s);
}

void sm_streams_beat(sm_http *h)
{
    pthread_mutex_lock(&h->lock);
    for (sm_stream *s = h->streams; s; s = s->next) {
        pthread_mutex_lock(&s->lock);
        if (!s->gone && !s->closed && !s->plain)
            add(s, SM_STR(": \n\n"));
        pthread_mutex_unlock(&s->lock);
    }
    pthread_mutex_unlock(&h->lock);
}

void sm_streams_close(sm_http *h)
{
    pthread_mutex_lock(&h->lock);
    for (sm_stream *s = h->streams; s; s = s->next)
        end(s);
    pthread_mutex_unlock(&h->lock);
}
