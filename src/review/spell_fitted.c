#include "review/speller.h"

/* Fitted on ECSpell's official documents by `sunmao eval speller`. */
const sm_spell_weights sm_spell_fitted = {
    .w = { 0.5, 0.5 },
    .first = 1.0,
    .next = 0.0,
};
