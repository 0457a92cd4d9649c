#include "ground/ground.h"

#include "text/text.h"

static bool stands_in(sm_str key, sm_fact *const *fact, const size_t *n, size_t n_passages)
{
    for (size_t i = 0; i < n_passages; i++)
        for (size_t k = 0; k < n[i]; k++)
            if (sm_str_eq(fact[i][k].key, key))
                return true;
    return false;
}

bool sm_ground_holds(sm_arena *a, sm_str sentence, const sm_str *passage, size_t n_passages,
                     sm_str *missing)
{
    sm_fact *claimed;
    size_t n_claimed = sm_text_facts(a, sentence, &claimed);
    if (n_claimed == 0)
        return true;
    sm_fact **held = SM_NEWS(a, sm_fact *, n_passages + 1);
    size_t *n_held = SM_NEWS(a, size_t, n_passages + 1);
    for (size_t i = 0; i < n_passages; i++)
        n_held[i] = sm_text_facts(a, passage[i], &held[i]);
    for (size_t i = 0; i < n_claimed; i++) {
        if (stands_in(claimed[i].key, held, n_held, n_passages))
            continue;
        if (missing)
            *missing = claimed[i].text;
        return false;
    }
    return true;
}
