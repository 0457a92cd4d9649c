#include "engine/job.h"

#include <stdlib.h>

sm_job *sm_job_open(void)
{
    sm_job *j = calloc(1, sizeof(*j));
    if (!j)
        abort();
    sm_op_begin(&j->op);
    j->lora = -1;
    j->sampling = (sm_sampling){ .temperature = 1, .top_p = 1, .repeat = 1, .n_top = -1 };
    j->came_us = sm_now_us();
    return j;
}

void sm_job_close(sm_job *j)
{
    if (!j)
        return;
    sm_grammar_close(j->sampling.grammar);
    if (j->sampling.filter.close)
        j->sampling.filter.close(j->sampling.filter.ctx);
    sm_op_end(&j->op);
    free(j);
}
