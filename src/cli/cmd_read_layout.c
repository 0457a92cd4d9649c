/* The child in which a document is read, or without arguments one that makes such children
 * (format/layout.h); no command for people. */
#include "cli/cli.h"

#include <unistd.h>

#include "format/layout.h"

static sm_rc run(sm_cli *c)
{
    if (c->n_args == 0)
        sm_layout_standby_child(&c->op, STDIN_FILENO);
    if (c->n_args > 2)
        return sm_fail(&c->op, SM_E_INVALID, "用法：sunmao read-layout -- 文件名 [上限] < 文件");
    sm_layout_apart_child(&c->op, c->arg[0], c->n_args == 2 ? c->arg[1] : "", STDIN_FILENO,
                          STDOUT_FILENO);
}

const sm_command sm_cmd_read_layout = {
    .name = "read-layout",
    .usage = "用法：sunmao read-layout -- 文件名 [上限] < 文件",
    .run = run,
};
