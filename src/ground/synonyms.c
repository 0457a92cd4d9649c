/* All tables of words, in the order in which they are read: of two that have a word, the first. */
#include "ground/synonyms.h"

const sm_word_table *const sm_word_tables[] = {
    &sm_words_common,  &sm_words_light, &sm_words_nothing, &sm_words_kept,    &sm_words_people,
    &sm_words_papers,  &sm_words_acts,  &sm_words_amounts, &sm_words_domains, &sm_words_places,
    &sm_words_spelled, &sm_words_glue,  &sm_words_whole,
    &sm_words_city, &sm_words_city_spelled, &sm_words_city_whole,
    &sm_words_welfare, &sm_words_welfare_spelled, &sm_words_welfare_whole,
    &sm_words_business, &sm_words_business_spelled, &sm_words_business_whole,
    &sm_words_household, &sm_words_household_spelled, &sm_words_household_whole,
};

const size_t sm_n_word_tables = SM_LEN(sm_word_tables);
