/*
 * What drafts are made by, found.
 */
#include "sunmao/inner.h"

static void close_drafter(void *d)
{
    sm_drafter_close(d);
}

sm_rc sm_sunmao_drafter(sm_op *op, const sm_sunmao *s, const char *own_dir, const sm_drafter **out)
{
    sm_reviewer_options o = { .own_dir = own_dir, .today = SM_DATE_NONE };
    if (s)
        sm_sunmao_review_options(op->arena, s, &o);
    const char *share = o.share_dir ? o.share_dir : sm_share_dir(op->arena);
    if (!share)
        return sm_fail(op, SM_E_NOTFOUND,
                       "找不到随程序安装的 share 文件夹；可用环境变量 SUNMAO_SHARE 指明");
    if (o.own_dir && !sm_file_exists(o.own_dir))
        return sm_fail(op, SM_E_NOTFOUND, "没有文件夹 %s", o.own_dir);
    sm_drafter *d;
    sm_rc rc = sm_drafter_open(op, share, o.own_dir, &d);
    if (rc < 0)
        return rc;
    sm_arena_defer(op->arena, close_drafter, d);
    *out = d;
    return SM_OK;
}
