/*
 * ground/synonyms.h - private to ground: the tables of the lexicon that are no matter of grammar.
 *
 * A line of things is a group, the first word names it; one whose first word is of a group already
 * goes on with that.  A spelled line is words, a colon, and phrases that say just that.
 */
#ifndef SM_GROUND_SYNONYMS_H
#define SM_GROUND_SYNONYMS_H

#include "ground/lexicon.h"

typedef struct sm_word_table {
    sm_word_kind kind;
    const char *const *line;
    size_t n;
} sm_word_table;

extern const sm_word_table sm_words_common, sm_words_light, sm_words_nothing, sm_words_kept,
    sm_words_people, sm_words_papers, sm_words_acts, sm_words_amounts, sm_words_domains,
    sm_words_places, sm_words_spelled, sm_words_glue, sm_words_whole,
    sm_words_city, sm_words_city_spelled, sm_words_city_whole,
    sm_words_welfare, sm_words_welfare_spelled, sm_words_welfare_whole,
    sm_words_business, sm_words_business_spelled, sm_words_business_whole,
    sm_words_household, sm_words_household_spelled, sm_words_household_whole;

extern const sm_word_table *const sm_word_tables[];
extern const size_t sm_n_word_tables;

#endif
