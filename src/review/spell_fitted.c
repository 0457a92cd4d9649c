#include "review/speller.h"

/* Fitted on ECSpell's official documents (`sunmao eval speller --weights`, national and local laws
 * learned from), the bar where one in a hundred right sentences is flagged. */
const sm_spell_weights sm_spell_fitted = {
    .w = { 0.1647, 0.1325, -0.0843, 0.0866, -0.1923, 0.2276,  0.2315, -0.2921, -0.9251,
           6.0621, 5.8027, 3.6581,  0.3518, 1.4563,  -1.5794, 1.6667, 0.7984,  2.0198,
           0.9305, 0.3208, -0.1351, 0.2431, -0.3609, 0.6587,  0.1656, -7.0582 },
    .first = 1.085,
    .next = 0.085,
};
