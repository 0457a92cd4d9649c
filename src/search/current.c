#include "search/current.h"

#include <string.h>

enum { MAX_CURRENT_BYTES = 64 * 1024 };

/* Names only: a path in the file would reach outside the data directory. */
static sm_str plain_name(const json_t *obj, const char *key)
{
    sm_str s = sm_json_str(obj, key);
    bool plain = s.n < 200 && !memchr(s.p ? s.p : "", '/', s.n) && !sm_str_starts(s, SM_STR("."));
    return plain ? s : (sm_str){ 0 };
}

sm_rc sm_current_read(sm_op *op, const char *data_dir, sm_generation *out)
{
    const char *path = sm_path(op->arena, data_dir, "current");
    sm_str text;
    json_t *j;
    *out = (sm_generation){ 0 };
    if (!sm_file_exists(path))
        return SM_OK;
    sm_rc rc = sm_file_read(op, path, MAX_CURRENT_BYTES, &text);
    if (rc == SM_OK)
        rc = sm_json_parse(op, text, path, &j);
    if (rc < 0) {
        sm_op_clear(op); /* what the parser says helps nobody here */
        return sm_fail(op, SM_E_CORRUPT, "%s 读不出来；请重新导入任一文件以重建索引", path);
    }
    out->revision = json_integer_value(json_object_get(j, "revision"));
    for (int k = 0; k < SM_N_KINDS; k++) {
        const json_t *one = json_object_get(j, sm_kind_name((sm_kind)k));
        out->kind[k].base = plain_name(one, "base");
        out->kind[k].delta = plain_name(one, "delta");
        out->kind[k].model = plain_name(one, "model");
        out->kind[k].base_revision = json_integer_value(json_object_get(one, "base_revision"));
    }
    return SM_OK;
}

sm_rc sm_current_write(sm_op *op, const char *data_dir, const sm_generation *g)
{
    json_t *j = json_pack("{s:I}", "revision", (json_int_t)g->revision);
    sm_json_own(op->arena, j);
    for (int k = 0; k < SM_N_KINDS; k++)
        json_object_set_new(j, sm_kind_name((sm_kind)k),
                            json_pack("{s:o,s:o,s:o,s:I}", "base", sm_json_of(g->kind[k].base),
                                      "delta", sm_json_of(g->kind[k].delta), "model",
                                      sm_json_of(g->kind[k].model), "base_revision",
                                      (json_int_t)g->kind[k].base_revision));
    return sm_file_write(op, sm_path(op->arena, data_dir, "current"), sm_json_dump(op->arena, j));
}

sm_str sm_companion_name(sm_arena *a, sm_str index_name)
{
    if (sm_str_ends(index_name, SM_STR(".idx")))
        index_name.n -= 4;
    return sm_strf(a, "%.*s.own", SM_ARG(index_name));
}
