#include "cli/cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_LINE_BYTES = 4 << 20 };

static json_t *error_json(const sm_op *op, sm_rc rc)
{
    sm_str msg = op->msg.n ? op->msg : sm_str_of(sm_rc_text(rc));
    return json_pack("{s:s,s:o}", "code", sm_rc_name(rc), "message", sm_json_of(msg));
}

/* One line under an op of its own, so that memory is given back and an error stays with its line.
 */
static json_t *answer_line(sm_cli *c, sm_str line, size_t line_no, sm_batch_fn *fn, void *ctx)
{
    sm_op op;
    json_t *in = NULL, *out = json_object();
    sm_op_begin(&op);
    op.cancel = c->op.cancel;
    sm_rc rc = SM_OK;
    if (line.n > MAX_LINE_BYTES)
        rc = sm_fail(&op, SM_E_LIMIT, "第 %zu 行超过 %d 字节的上限", line_no, MAX_LINE_BYTES);
    else
        rc = sm_json_parse(&op, line, sm_strf(op.arena, "第 %zu 行", line_no).p, &in);
    if (rc == SM_OK && !json_is_object(in))
        rc = sm_fail(&op, SM_E_INVALID, "第 %zu 行不是 JSON 对象", line_no);
    json_t *id = rc == SM_OK ? json_object_get(in, "id") : NULL;
    json_object_set_new(out, "id", id ? json_deep_copy(id) : json_null());
    if (rc == SM_OK)
        rc = fn(&op, ctx, in, out);
    if (rc < 0)
        json_object_set_new(out, "error", error_json(&op, rc));
    sm_op_end(&op);
    return out;
}

sm_rc sm_cli_out(sm_cli *c, const char *path, FILE **out)
{
    FILE *f = path ? fopen(path, "w") : stdout;
    if (!f)
        return errno == ENOENT
                   ? sm_fail(&c->op, SM_E_NOTFOUND, "输出文件 %s 所在的文件夹不存在", path)
                   : sm_fail(&c->op, SM_E_DENIED, "写不了输出文件 %s", path);
    *out = f;
    return SM_OK;
}

static sm_rc open_files(sm_cli *c, const char *in_path, const char *out_path, FILE **in, FILE **out)
{
    *in = strcmp(in_path, "-") == 0 ? stdin : fopen(in_path, "r");
    if (!*in)
        return sm_fail(&c->op, SM_E_NOTFOUND, "打不开输入文件 %s", in_path);
    sm_rc rc = sm_cli_out(c, out_path, out);
    if (rc < 0 && *in != stdin)
        fclose(*in);
    return rc;
}

sm_rc sm_cli_batch(sm_cli *c, const char *in_path, const char *out_path, sm_batch_fn *fn, void *ctx)
{
    FILE *in, *out;
    sm_rc rc = open_files(c, in_path, out_path, &in, &out);
    if (rc < 0)
        return rc;
    char *line = NULL;
    size_t cap = 0, line_no = 0;
    for (ssize_t n; rc == SM_OK && (n = getline(&line, &cap, in)) > 0;) {
        sm_str s = { line, (size_t)n };
        if (s.n && s.p[s.n - 1] == '\n')
            s.n--;
        line_no++;
        sm_cli_json(c, answer_line(c, s, line_no, fn, ctx), out);
        sm_op_progress(&c->op, "批量处理", line_no, line_no + 1);
        rc = sm_op_check(&c->op);
    }
    free(line);
    if (in != stdin)
        fclose(in);
    bool bad = ferror(out) || fflush(out) != 0;
    if (out != stdout)
        bad |= fclose(out) != 0;
    if (rc == SM_OK && bad)
        rc = sm_fail(&c->op, SM_E_LIMIT, "写输出时出错：磁盘满了或输出已关闭");
    return rc;
}
