#include "sunmao/inner.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool holds_shared_files(sm_arena *a, const char *dir)
{
    return dir && *dir && sm_file_exists(sm_path(a, dir, "laws.tsv"));
}

static const char *beside_program(sm_arena *a, const char *relative)
{
    char exe[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
    if (n <= 0)
        return NULL;
    exe[n] = 0;
    char *slash = strrchr(exe, '/');
    if (!slash)
        return NULL;
    *slash = 0;
    return sm_path(a, exe, relative);
}

const char *sm_share_dir(sm_arena *a)
{
    const char *const places[] = { getenv("SUNMAO_SHARE"), beside_program(a, "../share/sunmao"),
                                   beside_program(a, "../../share"), SM_SHARE_DIR,
                                   SM_SOURCE_SHARE_DIR };
    for (size_t i = 0; i < SM_LEN(places); i++)
        if (holds_shared_files(a, places[i]))
            return places[i];
    return NULL;
}

static sm_rc make_data_dir(sm_op *op, const char *dir)
{
    sm_db *db;
    sm_rc rc = sm_dir_make(op, dir);
    for (int file = SM_DB_CORPUS; rc == SM_OK && file <= SM_DB_RECORD; file++) {
        rc = sm_db_open(op, dir, (sm_db_file)file, SM_DB_CREATE, &db);
        if (rc == SM_OK)
            sm_db_close(db);
    }
    return rc;
}

static sm_rc open_parts(sm_op *op, sm_sunmao *s, const sm_sunmao_options *o)
{
    sm_rc rc = SM_OK;
    bool there = sm_file_exists(sm_path(op->arena, s->data_dir, "corpus.db"));
    if (!there && (o->read_only || o->must_exist))
        return sm_fail(op, SM_E_NOTFOUND,
                       "%s 不是榫卯的数据目录；先用 sunmao init 或 import 建一个", s->data_dir);
    if (!o->read_only)
        rc = make_data_dir(op, s->data_dir);
    if (rc == SM_OK)
        rc = sm_searcher_open(op, s->data_dir, s->share_dir, &s->searcher);
    return rc;
}

sm_rc sm_sunmao_open(sm_op *op, const sm_sunmao_options *o, sm_sunmao **out)
{
    if (!o->data_dir || !*o->data_dir)
        return sm_fail(op, SM_E_INVALID, "没有给出数据目录（--data DIR）");
    sm_sunmao *s = calloc(1, sizeof(*s));
    if (!s)
        return sm_fail(op, SM_E_LIMIT, "内存不够");
    s->own = sm_arena_open();
    pthread_mutex_init(&s->guide_lock, NULL);
    pthread_mutex_init(&s->review_lock, NULL);
    const char *share = o->share_dir ? o->share_dir : sm_share_dir(s->own);
    s->data_dir = sm_cstr(s->own, sm_str_of(o->data_dir));
    s->share_dir = share ? sm_cstr(s->own, sm_str_of(share)) : NULL;
    s->today = o->today;
    s->read_only = o->read_only;
    s->corpus = sm_db_pool_open(s->data_dir, SM_DB_CORPUS, SM_DB_READ);
    s->record = sm_db_pool_open(s->data_dir, SM_DB_RECORD, o->read_only ? SM_DB_READ : SM_DB_WRITE);
    sm_rc rc = share ? open_parts(op, s, o)
                     : sm_fail(op, SM_E_NOTFOUND,
                               "找不到随程序安装的 share 文件夹；可用环境变量 SUNMAO_SHARE 指明");
    if (rc < 0) {
        sm_sunmao_close(s);
        return rc;
    }
    *out = s;
    return SM_OK;
}

void sm_sunmao_close(sm_sunmao *s)
{
    if (!s)
        return;
    sm_drop_guide(s);
    sm_searcher_close(s->searcher);
    sm_db_pool_close(s->corpus);
    sm_db_pool_close(s->record);
    sm_drop_reviewer(s);
    free(s->review_trouble);
    pthread_mutex_destroy(&s->review_lock);
    pthread_mutex_destroy(&s->guide_lock);
    sm_arena_close(s->own);
    free(s);
}

const char *sm_sunmao_data_dir(const sm_sunmao *s)
{
    return s->data_dir;
}

const char *sm_sunmao_share_dir(const sm_sunmao *s)
{
    return s->share_dir;
}

sm_date sm_sunmao_today(const sm_sunmao *s)
{
    return s->today != SM_DATE_NONE ? s->today : sm_today();
}

sm_searcher *sm_sunmao_searcher(const sm_sunmao *s)
{
    return s->searcher;
}

sm_rc sm_sunmao_record_db(sm_op *op, sm_sunmao *s, sm_db **out)
{
    return sm_db_pool_lend(op, s->record, out);
}

sm_rc sm_sunmao_corpus_db(sm_op *op, sm_sunmao *s, sm_db **out)
{
    return sm_db_pool_lend(op, s->corpus, out);
}

sm_rc sm_write_begin(sm_op *op, sm_sunmao *s, sm_writing *w)
{
    *w = (sm_writing){ .lock = -1 };
    if (s->read_only)
        return sm_fail(op, SM_E_DENIED, "以只读方式打开，不能修改数据目录");
    sm_rc rc = sm_lock_open(op, sm_path(op->arena, s->data_dir, "lock"), SM_LOCK_WAIT_MS, &w->lock);
    if (rc == SM_OK)
        rc = sm_db_open(op, s->data_dir, SM_DB_CORPUS, SM_DB_CREATE, &w->db);
    return rc;
}

void sm_write_end(sm_writing *w)
{
    sm_db_close(w->db);
    sm_lock_close(w->lock);
    *w = (sm_writing){ .lock = -1 };
}
