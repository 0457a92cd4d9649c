/* Written by tools/fit_ground.py. */
#ifndef SM_GROUND_WEIGHTS_H
#define SM_GROUND_WEIGHTS_H

#include "ground/measure.h"

#define SM_MEASURE_LIMIT 0.8448

static const double sm_measure_weights[SM_N_MEASURES] = {
    [SM_M_ABSENT_N] = 0.2619, [SM_M_LONGEST] = 0.2584,  [SM_M_OTHER] = 2.4793,
    [SM_M_FAR] = 1.5061,      [SM_M_APART] = 0.3737,    [SM_M_DENIED] = 1.0809,
    [SM_M_LOST] = 0.5853,     [SM_M_MODAL] = 0.9126,    [SM_M_ONLY] = 2.0854,
    [SM_M_ALL] = 2.9249,      [SM_M_BOTH] = 2.2414,     [SM_M_EITHER] = 6.3780,
    [SM_M_ANSWER] = 1.0842,   [SM_M_UNSAID] = 0.3638,   [SM_M_ORDER] = 0.7507,
    [SM_M_SLOT] = 0.4296,     [SM_M_LOST_CUE] = 0.8111, [SM_M_OPPOSED] = 3.2512,
    [SM_M_ROLE] = 1.1946,     [SM_M_STALE] = 2.3330,
};

#endif
