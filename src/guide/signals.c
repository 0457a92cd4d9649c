#include "guide/signals.h"

#include "guide/weights.h"

static const char *const names[SM_N_SIGNALS] = {
#define SM_SIGNAL_ROW(id, name) name,
    SM_SIGNAL_TABLE(SM_SIGNAL_ROW)
#undef SM_SIGNAL_ROW
};

const char *sm_signal_name(int signal)
{
    return names[signal];
}

static const double LEAST = 1e-6;

double sm_log_p(double p)
{
    return sm_log(SM_MAX(p, LEAST));
}

double sm_odds(double p)
{
    p = SM_MAX(LEAST, SM_MIN(p, 1 - LEAST));
    return sm_log(p / (1 - p));
}

double sm_head_p(sm_head head, const sm_signals *s)
{
    double z = sm_head_bias[head];
    for (int i = 0; i < SM_N_SIGNALS; i++)
        z += sm_head_weight[head][i] * s->v[i];
    return 1 / (1 + sm_exp(-z));
}
