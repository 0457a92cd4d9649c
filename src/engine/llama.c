/*
 * The one file that knows libllama.
 *
 * Each sequence has a cache of its own (no unified one): a row's attention is summed in the same
 * order whoever runs beside it, and costs nothing for the tokens of others.  To copy a sequence is
 * to copy that cache whole.
 */
#include "engine/lm.h"
#include "engine/overdue.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <llama.h>

enum {
    DEFAULT_CTX = 8192, /* when the model allows more and nobody asked */
    DEFAULT_BATCH = 512,
    MAX_PIECE_BYTES = 1024,
    CHECK_AT_ONCE = 4096,
    CHECK_AT_FIRST = 16, /* then twice as many, while that is quick */
    CHECK_QUICK_US = 1000,
    GRAMMAR_US = 2000000,     /* what a grammar may cost in all, */
    GRAMMAR_TOKEN_US = 50000, /* and more for each token */
    MAX_FILLED = 64           /* rows: of more, some for nothing are no gain */
};

struct sm_grammar {
    struct llama_sampler *s;
    int64_t spent_us, allowed_us;
    llama_token_data data[CHECK_AT_ONCE];
};

struct sm_lm {
    struct llama_model *model;
    struct llama_context *ctx;
    const struct llama_vocab *vocab;
    ggml_threadpool_t threads;
    struct llama_adapter_lora *lora[SM_LM_MAX_LORA];
    bool exact;    /* rows' numbers do not depend on who is computed with them */
    bool in_pairs; /* this batch: see sm_lm_begin */
    bool in_fours; /* four rows are computed faster than three */
    int lora_set;  /* in the context; -1: none */
    struct llama_batch batch;
    bool *idle; /* rows of it that are forgotten afterwards */
    int32_t capacity;
    sm_lm_facts facts;
    char *pieces; /* one after the other */
    uint32_t *piece_at, *name_at;
    char *names;
    sm_lm_tree tree;
    int32_t *first, *next, *root, *end;
    int32_t also_end;
    bool (*stop)(void *ctx);
    void *stop_ctx;
};

/* ------------------------------------------------------------------- log */

static void log_line(enum ggml_log_level level, const char *text, void *ctx)
{
    (void)ctx;
    static _Thread_local bool last_told; /* a continued line goes where its beginning went */
    bool told = level == GGML_LOG_LEVEL_CONT
                    ? last_told
                    : level == GGML_LOG_LEVEL_WARN || level == GGML_LOG_LEVEL_ERROR;
    last_told = told;
    size_t n = strlen(text);
    while (n && (text[n - 1] == '\n' || text[n - 1] == ' '))
        n--;
    if (!told || n == 0)
        return;
    json_t *words = json_stringn(text, n);
    char *line = words ? json_dumps(words, JSON_ENCODE_ANY | JSON_ENSURE_ASCII) : NULL;
    if (line)
        fprintf(stderr, "{\"level\":\"%s\",\"from\":\"libllama\",\"message\":%s}\n",
                level == GGML_LOG_LEVEL_ERROR ? "error" : "warn", line);
    free(line);
    json_decref(words);
}

/* ------------------------------------------------------------------ open */

static void measure_rows(sm_lm *m);

static bool should_stop(void *lm)
{
    sm_lm *m = lm;
    return m->stop && m->stop(m->stop_ctx);
}

static unsigned processors(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : (unsigned)SM_MIN(n, 64);
}

static void read_text(const struct llama_model *model, const char *key, char *to, size_t n)
{
    if (llama_model_meta_val_str(model, key, to, n) < 0)
        to[0] = '\0';
}

static sm_rc load_model(sm_op *op, sm_lm *m, const sm_lm_options *o)
{
    struct llama_model_params p = llama_model_default_params();
    p.n_gpu_layers = o->n_gpu_layers;
    p.check_tensors = true;
    m->model = llama_model_load_from_file(o->path, p);
    if (!m->model)
        return sm_fail(op, SM_E_CORRUPT, "libllama 不能载入模型文件 %s", o->path);
    if (llama_model_has_encoder(m->model) && llama_model_has_decoder(m->model))
        return sm_fail(op, SM_E_CORRUPT, "不支持编码器加解码器的模型：%s", o->path);
    m->vocab = llama_model_get_vocab(m->model);
    if (llama_vocab_type(m->vocab) == LLAMA_VOCAB_TYPE_NONE || llama_vocab_n_tokens(m->vocab) < 1)
        return sm_fail(op, SM_E_CORRUPT, "模型文件里没有词表：%s", o->path);
    return SM_OK;
}

static void read_facts(sm_lm *m, const sm_lm_options *o)
{
    sm_lm_facts *f = &m->facts;
    read_text(m->model, "general.architecture", f->arch, sizeof(f->arch));
    read_text(m->model, "general.name", f->name, sizeof(f->name));
    llama_model_desc(m->model, f->desc, sizeof(f->desc));
    f->chat_template = llama_model_chat_template(m->model, NULL);
    f->n_vocab = llama_vocab_n_tokens(m->vocab);
    f->n_embd = llama_model_n_embd_out(m->model);
    f->n_ctx_train = llama_model_n_ctx_train(m->model);
    f->bos = llama_vocab_bos(m->vocab);
    f->eos = llama_vocab_eos(m->vocab);
    f->sep = llama_vocab_sep(m->vocab);
    f->add_bos = llama_vocab_get_add_bos(m->vocab);
    f->add_eos = llama_vocab_get_add_eos(m->vocab);
    f->n_params = llama_model_n_params(m->model);
    f->n_bytes = llama_model_size(m->model);
    f->has_floats = o->has_floats;
    f->can_trim = !llama_model_is_recurrent(m->model) && !llama_model_is_hybrid(m->model);
}

/* What the file says its vectors are made of: a text model says nothing. */
static enum llama_pooling_type pooling_of(const sm_lm *m)
{
    char key[96], value[16];
    snprintf(key, sizeof(key), "%s.pooling_type", m->facts.arch);
    read_text(m->model, key, value, sizeof(value));
    if (value[0] >= '0' && value[0] <= '9')
        return (enum llama_pooling_type)strtol(value, NULL, 10);
    return LLAMA_POOLING_TYPE_NONE;
}

static void set_sizes(sm_lm *m, const sm_lm_options *o, struct llama_context_params *p)
{
    sm_lm_facts *f = &m->facts;
    unsigned train = f->n_ctx_train > 0 ? (unsigned)f->n_ctx_train : DEFAULT_CTX;
    f->n_ctx = SM_MIN(o->n_ctx ? o->n_ctx : DEFAULT_CTX, train);
    f->n_sequences = o->n_sequences;
    f->n_batch = SM_MAX(o->n_batch ? o->n_batch : DEFAULT_BATCH, f->n_sequences);
    f->n_threads = o->n_threads ? o->n_threads
                                : SM_MAX(2, processors()) - 1; /* one is left: ggml's threads spin
                                 while they wait, and fall to a crawl where they must share */
    if (f->kind != SM_LM_TEXT) /* attention that looks ahead sees a whole text at once */
        f->n_batch = SM_MAX(f->n_batch, f->n_ctx);
    p->n_ctx = f->n_ctx * f->n_sequences;
    p->n_batch = p->n_ubatch = f->n_batch;
    p->n_seq_max = f->n_sequences;
    p->n_threads = p->n_threads_batch = (int32_t)f->n_threads;
    if (f->kind == SM_LM_TEXT)
        p->n_outputs_max = p->n_outputs_max_per_seq =
            SM_MIN(f->n_batch, SM_MAX(o->n_outputs, f->n_sequences));
}

/* On the processor ggml has three ways to compute a row's attention, which differ in the last bits,
 * and takes one by how many rows there are; but only one where keys and values differ in type, or
 * are BF16.  The latter is slower, and for models whose values are a view of their keys. */
static void be_exact(sm_lm *m, struct llama_context_params *p)
{
    char key[96], value[32];
    snprintf(key, sizeof(key), "%s.attention.kv_lora_rank", m->facts.arch);
    read_text(m->model, key, value, sizeof(value));
    m->exact = true;
    p->flash_attn_type = LLAMA_FLASH_ATTN_TYPE_ENABLED;
    p->type_k = GGML_TYPE_BF16;
    p->type_v = value[0] ? GGML_TYPE_BF16 : GGML_TYPE_F16;
}

static sm_rc open_context(sm_op *op, sm_lm *m, const sm_lm_options *o)
{
    struct llama_context_params p = llama_context_default_params();
    enum llama_pooling_type pooling = pooling_of(m);
    m->facts.kind = pooling == LLAMA_POOLING_TYPE_RANK   ? SM_LM_RANK
                    : pooling == LLAMA_POOLING_TYPE_NONE ? SM_LM_TEXT
                                                         : SM_LM_EMBED;
    set_sizes(m, o, &p);
    p.embeddings = m->facts.kind != SM_LM_TEXT;
    p.pooling_type = pooling;
    p.kv_unified = m->facts.kind != SM_LM_TEXT;
    if (o->n_gpu_layers == 0 && m->facts.kind == SM_LM_TEXT)
        be_exact(m, &p);
    p.swa_full = true;
    p.no_perf = true;
    p.abort_callback = should_stop;
    p.abort_callback_data = m;
    m->ctx = llama_init_from_model(m->model, p);
    if (!m->ctx)
        return sm_fail(op, SM_E_LIMIT,
                       "建立推理上下文失败（%u 路，每路 %u 个词元）：内存可能不够，可减小 --ctx 或 "
                       "--parallel",
                       m->facts.n_sequences, m->facts.n_ctx);
    m->facts.n_ctx =
        SM_MIN(m->facts.n_ctx, p.kv_unified ? m->facts.n_ctx : llama_n_ctx_seq(m->ctx));
    return SM_OK;
}

/* Threads that stay, and spin a little between two parts of a batch. */
static void open_threads(sm_lm *m)
{
    struct ggml_threadpool_params p = ggml_threadpool_params_default((int)m->facts.n_threads);
    m->threads = ggml_threadpool_new(&p);
    if (m->threads)
        llama_attach_threadpool(m->ctx, m->threads, NULL);
}

static sm_rc open_loras(sm_op *op, sm_lm *m, const sm_lm_options *o)
{
    for (size_t i = 0; i < o->n_lora; i++) {
        m->lora[i] = llama_adapter_lora_init(m->model, o->lora[i].path);
        if (!m->lora[i])
            return sm_fail(op, SM_E_CORRUPT, "不能载入 LoRA 适配器 %s", o->lora[i].path);
    }
    m->lora_set = -1;
    return SM_OK;
}

/* ------------------------------------------------------------ vocabulary */

static bool is_plain(const sm_lm *m, int32_t t)
{
    enum llama_token_attr a = llama_vocab_get_attr(m->vocab, t);
    return !(a & (LLAMA_TOKEN_ATTR_CONTROL | LLAMA_TOKEN_ATTR_UNKNOWN | LLAMA_TOKEN_ATTR_UNUSED)) &&
           !llama_vocab_is_eog(m->vocab, t);
}

/* Every token's bytes into one block. */
static void read_pieces(const sm_lm *m, bool special, char **bytes, uint32_t **at)
{
    size_t cap = (size_t)m->facts.n_vocab * 8 + MAX_PIECE_BYTES, n = 0;
    *bytes = malloc(cap);
    *at = calloc((size_t)m->facts.n_vocab + 1, sizeof(**at));
    for (int32_t t = 0; *bytes && *at && t < m->facts.n_vocab; t++) {
        if (cap - n < MAX_PIECE_BYTES)
            *bytes = realloc(*bytes, cap *= 2);
        if (!*bytes)
            break;
        if (special || is_plain(m, t)) {
            int32_t got =
                llama_token_to_piece(m->vocab, t, *bytes + n, MAX_PIECE_BYTES, 0, special);
            n += got > 0 ? (size_t)got : 0;
        }
        (*at)[t + 1] = (uint32_t)n;
    }
    if (!*bytes || !*at)
        abort();
}

static int compare_pieces(const void *a, const void *b, void *lm)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    int c = sm_str_cmp(sm_lm_piece(lm, x), sm_lm_piece(lm, y));
    return c ? c : (x > y) - (x < y);
}

/* In sorted order a token's parent is the last one before it that begins it: those that may still
 * be are a stack. */
static void link_pieces(sm_lm *m, const int32_t *sorted, size_t n)
{
    int32_t stack[MAX_PIECE_BYTES + 1];
    size_t depth = 0;
    for (size_t i = 0; i < n; i++) {
        int32_t t = sorted[i];
        sm_str piece = sm_lm_piece(m, t);
        while (depth && !sm_str_starts(piece, sm_lm_piece(m, stack[depth - 1])))
            depth--;
        if (depth) {
            m->next[t] = m->first[stack[depth - 1]];
            m->first[stack[depth - 1]] = t;
        } else {
            m->root[m->tree.n_root++] = t;
        }
        if (depth < MAX_PIECE_BYTES)
            stack[depth++] = t;
    }
}

static void grow_tree(sm_lm *m)
{
    size_t n_vocab = (size_t)m->facts.n_vocab, n = 0;
    int32_t *sorted = calloc(n_vocab, sizeof(*sorted));
    m->first = malloc(n_vocab * sizeof(*m->first));
    m->next = malloc(n_vocab * sizeof(*m->next));
    m->root = calloc(n_vocab, sizeof(*m->root));
    m->end = calloc(n_vocab, sizeof(*m->end));
    if (!sorted || !m->first || !m->next || !m->root || !m->end)
        abort();
    for (int32_t t = 0; t < m->facts.n_vocab; t++) {
        m->facts.max_piece_bytes = SM_MAX(m->facts.max_piece_bytes, (unsigned)sm_lm_name(m, t).n);
        m->first[t] = m->next[t] = -1;
        if (sm_lm_piece(m, t).n)
            sorted[n++] = t;
        else if (llama_vocab_is_eog(m->vocab, t))
            m->end[m->tree.n_end++] = t;
    }
    qsort_r(sorted, n, sizeof(*sorted), compare_pieces, m);
    link_pieces(m, sorted, n);
    free(sorted);
    m->tree.root = m->root;
    m->tree.end = m->end;
    m->tree.first = m->first;
    m->tree.next = m->next;
}

sm_str sm_lm_piece(const sm_lm *m, int32_t t)
{
    return (sm_str){ m->pieces + m->piece_at[t], m->piece_at[t + 1] - m->piece_at[t] };
}

sm_str sm_lm_name(const sm_lm *m, int32_t t)
{
    return (sm_str){ m->names + m->name_at[t], m->name_at[t + 1] - m->name_at[t] };
}

bool sm_lm_ends(const sm_lm *m, int32_t t)
{
    return t == m->also_end || llama_vocab_is_eog(m->vocab, t);
}

void sm_lm_end_with(sm_lm *m, sm_str name)
{
    int32_t t[2];
    if (name.n && llama_tokenize(m->vocab, name.p, (int32_t)name.n, t, 2, false, true) == 1)
        m->also_end = t[0];
}

bool sm_lm_is_token(const sm_lm *m, int64_t t)
{
    return t >= 0 && t < m->facts.n_vocab;
}

const sm_lm_tree *sm_lm_pieces(const sm_lm *m)
{
    return &m->tree;
}

sm_rc sm_lm_tokens(sm_op *op, const sm_lm *m, sm_str text, bool special, bool edges, int32_t **out,
                   size_t *n)
{
    if (text.n > INT32_MAX / 8)
        return sm_fail(op, SM_E_LIMIT, "文本太长");
    int32_t cap = (int32_t)text.n + 8;
    int32_t *t = SM_NEWS(op->arena, int32_t, (size_t)cap);
    const char *p = text.n ? text.p : "";
    int32_t got = llama_tokenize(m->vocab, p, (int32_t)text.n, t, cap, edges, special);
    if (got < 0 && got > INT32_MIN) {
        cap = -got;
        t = SM_NEWS(op->arena, int32_t, (size_t)cap);
        got = llama_tokenize(m->vocab, p, (int32_t)text.n, t, cap, edges, special);
    }
    if (got < 0)
        return sm_fail(op, SM_E_INVALID, "文本不能切成词元");
    *out = t;
    *n = (size_t)got;
    return SM_OK;
}

/* --------------------------------------------------------- open and close */

static sm_rc open_all(sm_op *op, sm_lm *m, const sm_lm_options *o)
{
    if (!sm_file_exists(o->path))
        return sm_fail(op, SM_E_NOTFOUND, "没有模型文件 %s", o->path);
    sm_rc rc = load_model(op, m, o);
    if (rc < 0)
        return rc;
    read_facts(m, o);
    m->also_end = -1;
    if ((rc = open_context(op, m, o)) < 0 || (rc = open_loras(op, m, o)) < 0)
        return rc;
    open_threads(m);
    m->capacity = (int32_t)llama_n_batch(m->ctx);
    m->batch = llama_batch_init(m->capacity, 0, 1);
    m->idle = calloc((size_t)m->capacity, sizeof(*m->idle));
    if (!m->idle)
        abort();
    measure_rows(m);
    read_pieces(m, false, &m->pieces, &m->piece_at);
    read_pieces(m, true, &m->names, &m->name_at);
    grow_tree(m);
    return SM_OK;
}

sm_rc sm_lm_open(sm_op *op, const sm_lm_options *o, sm_lm **out)
{
    llama_log_set(log_line, NULL);
    llama_backend_init();
    sm_lm *m = calloc(1, sizeof(*m));
    if (!m)
        abort();
    sm_rc rc = open_all(op, m, o);
    if (rc < 0) {
        sm_lm_close(m);
        return rc;
    }
    *out = m;
    return SM_OK;
}

void sm_lm_close(sm_lm *m)
{
    if (!m)
        return;
    if (m->capacity)
        llama_batch_free(m->batch);
    if (m->ctx)
        llama_free(m->ctx);
    if (m->threads)
        ggml_threadpool_free(m->threads);
    if (m->model)
        llama_model_free(m->model);
    free(m->idle);
    free(m->pieces);
    free(m->piece_at);
    free(m->names);
    free(m->name_at);
    free(m->first);
    free(m->next);
    free(m->root);
    free(m->end);
    free(m);
    llama_backend_free();
}

const sm_lm_facts *sm_lm_about(const sm_lm *m)
{
    return &m->facts;
}

/* ----------------------------------------------------------------- batch */

static void set_lora(sm_lm *m, int lora)
{
    float scale = 1.0F;
    if (lora == m->lora_set)
        return;
    llama_set_adapters_lora(m->ctx, lora < 0 ? NULL : &m->lora[lora], lora < 0 ? 0 : 1, &scale);
    m->lora_set = lora;
}

bool sm_lm_begin(sm_lm *m, int lora)
{
    set_lora(m, lora);
    m->batch.n_tokens = 0;
    m->in_pairs = m->exact && m->facts.can_trim && (m->facts.has_floats || lora >= 0);
    return m->in_pairs;
}

int32_t sm_lm_add(sm_lm *m, unsigned sequence, size_t pos, int32_t token, bool output)
{
    struct llama_batch *b = &m->batch;
    int32_t i = b->n_tokens;
    if (i >= m->capacity)
        abort();
    b->token[i] = token;
    b->pos[i] = (llama_pos)pos;
    b->n_seq_id[i] = 1;
    b->seq_id[i][0] = (llama_seq_id)sequence;
    b->logits[i] = output;
    m->idle[i] = false;
    b->n_tokens = i + 1;
    return output ? i : -1;
}

void sm_lm_add_idle(sm_lm *m, unsigned sequence, size_t pos)
{
    sm_lm_add(m, sequence, pos, 0, false);
    m->idle[m->batch.n_tokens - 1] = true;
}

size_t sm_lm_n_added(const sm_lm *m)
{
    return (size_t)m->batch.n_tokens;
}

static bool add_behind(sm_lm *m, llama_seq_id sequence)
{
    struct llama_batch *b = &m->batch;
    llama_pos pos = llama_memory_seq_pos_max(llama_get_memory(m->ctx), sequence) + 1;
    for (int32_t i = 0; i < b->n_tokens; i++)
        if (b->seq_id[i][0] == sequence)
            pos = SM_MAX(pos, b->pos[i] + 1);
    if (pos >= (llama_pos)llama_n_ctx_seq(m->ctx) || b->n_tokens == m->capacity)
        return false;
    sm_lm_add_idle(m, (unsigned)sequence, (size_t)pos);
    return true;
}

/* So many rows that one pass computes them: behind the only sequence's; or, where each has one, of
 * sequences that follow, and of the two that there are. */
static void add_companions(sm_lm *m, int32_t wanted)
{
    struct llama_batch *b = &m->batch;
    llama_seq_id first = b->seq_id[0][0], last = b->seq_id[b->n_tokens - 1][0];
    int32_t n_own = b->n_tokens;
    if (first != last && last - first + 1 != n_own)
        return;
    if (first != last && last + wanted < (llama_seq_id)m->facts.n_sequences)
        for (int32_t i = 1; i <= wanted; i++)
            add_behind(m, last + i);
    else if (first == last || (n_own == 2 && wanted == 2))
        for (int32_t i = 0; i < wanted; i++)
            add_behind(m, first == last ? first : first + i);
}

/* ggml multiplies four rows of some quantised matrices at once, faster than two or three; and one
 * row of a matrix of floats in an order of its own. */
static int32_t companions_wanted(const sm_lm *m)
{
    int32_t n = m->batch.n_tokens, over = n % 4;
    if (n == 1)
        return m->in_pairs ? m->in_fours ? 3 : 1 : 0;
    return m->in_fours && n <= MAX_FILLED && over >= 2 ? 4 - over : 0;
}

/* What the caches held is what they hold. */
static void drop_idle(sm_lm *m)
{
    for (int32_t i = m->batch.n_tokens; i-- > 0;)
        if (m->idle[i])
            sm_lm_trim(m, (unsigned)m->batch.seq_id[i][0], (size_t)m->batch.pos[i]);
}

sm_rc sm_lm_run(sm_op *op, sm_lm *m, bool (*stop)(void *ctx), void *ctx)
{
    if (m->batch.n_tokens == 0)
        return SM_OK;
    int32_t wanted = companions_wanted(m);
    if (wanted)
        add_companions(m, wanted);
    m->stop = stop;
    m->stop_ctx = ctx;
    if (m->facts.kind != SM_LM_TEXT && llama_get_memory(m->ctx))
        llama_memory_clear(llama_get_memory(m->ctx), false);
    int32_t rc = llama_decode(m->ctx, m->batch);
    m->stop = NULL;
    drop_idle(m);
    if (rc == 2)
        return sm_fail(op, SM_E_CANCELLED, "推理被中止");
    if (rc != 0)
        return sm_fail(op, SM_E_INTERNAL, "libllama 推理失败（%d）", (int)rc);
    return SM_OK;
}

float *sm_lm_logits(sm_lm *m, int32_t row)
{
    return llama_get_logits_ith(m->ctx, row);
}

const float *sm_lm_vector(sm_lm *m, unsigned sequence)
{
    return llama_get_embeddings_seq(m->ctx, (llama_seq_id)sequence);
}

/* ------------------------------------------------------------- sequences */

bool sm_lm_trim(sm_lm *m, unsigned sequence, size_t n)
{
    llama_memory_t mem = llama_get_memory(m->ctx);
    if (!mem || llama_memory_seq_rm(mem, (llama_seq_id)sequence, (llama_pos)n, -1))
        return true;
    llama_memory_seq_rm(mem, (llama_seq_id)sequence, -1, -1);
    return false;
}

void sm_lm_copy(sm_lm *m, unsigned from, unsigned to)
{
    llama_memory_t mem = llama_get_memory(m->ctx);
    llama_memory_seq_rm(mem, (llama_seq_id)to, -1, -1);
    llama_memory_seq_cp(mem, (llama_seq_id)from, (llama_seq_id)to, -1, -1);
}

/* ------------------------------------------------------------------- speed */

static int64_t time_rows(sm_lm *m, size_t n)
{
    int64_t best = INT64_MAX;
    for (int k = 0; k < 2; k++) {
        m->batch.n_tokens = 0;
        for (size_t i = 0; i < n; i++)
            sm_lm_add(m, 0, i, 0, false);
        int64_t began = sm_now_us();
        llama_decode(m->ctx, m->batch);
        best = SM_MIN(best, sm_now_us() - began);
        sm_lm_trim(m, 0, 0);
    }
    m->batch.n_tokens = 0;
    return best;
}

/* Tried once, as it is a matter of the weights' type and the processor; it also warms up. */
static void measure_rows(sm_lm *m)
{
    if (m->exact && m->facts.can_trim)
        m->in_fours = time_rows(m, 4) < time_rows(m, 3) * 9 / 10;
}

/* -------------------------------------------------------------- grammars */

/* libllama reads brackets by recursion: their depth is bounded before it does. */
static bool is_shallow(sm_str gbnf)
{
    size_t depth = 0;
    for (size_t i = 0; i < gbnf.n; i++) {
        if (gbnf.p[i] == '\0')
            return false;
        depth += gbnf.p[i] == '(';
        if (depth > SM_GRAMMAR_DEPTH)
            return false;
        if (gbnf.p[i] == ')' && depth)
            depth--;
    }
    return true;
}

sm_rc sm_grammar_open(sm_op *op, const sm_lm *m, sm_str gbnf, sm_grammar **out)
{
    if (gbnf.n == 0 || gbnf.n > SM_GRAMMAR_BYTES || !is_shallow(gbnf))
        return sm_fail(op, SM_E_INVALID, "语法为空、太长或嵌套太深");
    sm_overdue_begin();
    struct llama_sampler *s =
        llama_sampler_init_grammar(m->vocab, sm_cstr(op->arena, gbnf), "root");
    sm_overdue_end();
    if (!s)
        return sm_fail(op, SM_E_INVALID, "语法不是有效的 GBNF，或者没有规则 root");
    sm_grammar *g = calloc(1, sizeof(*g));
    if (!g)
        abort();
    g->s = s;
    g->allowed_us = GRAMMAR_US;
    *out = g;
    return SM_OK;
}

void sm_grammar_close(sm_grammar *g)
{
    if (!g)
        return;
    llama_sampler_free(g->s);
    free(g);
}

static int64_t check_part(sm_grammar *g, const int32_t *token, size_t n, bool *ok)
{
    int64_t began = sm_now_us();
    for (size_t i = 0; i < n; i++)
        g->data[i] = (llama_token_data){ .id = token[i] };
    llama_token_data_array a = { .data = g->data, .size = n, .selected = -1 };
    sm_overdue_begin();
    llama_sampler_apply(g->s, &a);
    sm_overdue_end();
    for (size_t i = 0; i < n; i++)
        ok[i] = g->data[i].logit > -1;
    return sm_now_us() - began;
}

void sm_grammar_check(sm_grammar *g, const int32_t *token, size_t n, bool *ok)
{
    size_t most = CHECK_AT_FIRST, part;
    for (size_t from = 0; from < n; from += part) {
        part = SM_MIN(n - from, most);
        if (sm_grammar_is_spent(g)) {
            memset(ok + from, false, n - from);
            return;
        }
        int64_t took = check_part(g, token + from, part, ok + from);
        g->spent_us += took;
        most = took < CHECK_QUICK_US ? SM_MIN(2 * most, (size_t)CHECK_AT_ONCE) : CHECK_AT_FIRST;
    }
}

bool sm_grammar_is_spent(const sm_grammar *g)
{
    return g->spent_us > g->allowed_us;
}

void sm_grammar_accept(sm_grammar *g, int32_t token)
{
    int64_t began = sm_now_us();
    sm_overdue_begin();
    llama_sampler_accept(g->s, token);
    sm_overdue_end();
    g->spent_us += sm_now_us() - began;
    g->allowed_us += GRAMMAR_TOKEN_US;
}
