/*
 * ground/measure.h - private to ground: how a sentence lies on the evidence, in figures.
 */
#ifndef SM_GROUND_MEASURE_H
#define SM_GROUND_MEASURE_H

#include "ground/differ.h"
#include "ground/inner.h"

/* Of the worst unit of the sentence, a unit being a clause with its conditions, unless it says
 * "all". */
#define SM_MEASURES(X)                                                                     \
    X(ABSENT, "share of its words that stand nowhere")                                     \
    X(ABSENT_N, "weight of those, of all units")                                           \
    X(LONGEST, "characters of the longest row of them")                                    \
    X(ABSENT_NAME, "names that stand nowhere")                                             \
    X(ABSENT_WORD, "other words that do")                                                  \
    X(ABSENT_CHARS, "characters in rows of two and more that do")                          \
    X(FAR_NAME, "names that stand in other sentences than the nearest")                    \
    X(OTHER_N, "weight of what stands with another subject only")                          \
    X(LATER, "share of a fact's words that stand after it only")                           \
    X(OTHER, "share that stands with another subject only")                                \
    X(FAR, "share that stands in other sentences than the nearest")                        \
    X(APART, "share that stands in other clauses than the nearest")                        \
    X(DENIED, "what is denied or not here is the other way there")                         \
    X(LOST, "what is denied there is said plainly here")                                   \
    X(MODAL, "words demanded here and allowed there, or back")                             \
    X(ONLY, "only, and the evidence not")                                                  \
    X(ALL, "all, and the evidence not")                                                    \
    X(BOTH, "both for one of them")                                                        \
    X(EITHER, "one of them for both")                                                      \
    X(CONDITION, "share of a condition's words that is left out")                          \
    X(EXCEPTION, "share of an exception's words that is left out")                         \
    X(ANSWER, "yes for no, or back")                                                       \
    X(UNSAID, "share of the nearest clause that is not said")                              \
    X(LIGHT, "light words that stand nowhere")                                             \
    X(SHORT, "hardly anything is said")                                                    \
    X(UNITS, "units beyond the first")                                                     \
    X(ORDER, "before for after")                                                           \
    X(SLOT, "a fact that another clause explains better")                                  \
    X(NEW_CUE, "a denial or demand that the nearest sentence has nothing like")            \
    X(LOST_CUE, "a denial of the nearest clause that is not said")                         \
    X(OPPOSED, "a word for its opposite")                                                  \
    X(ROLE, "by whom, otherwise")                                                          \
    X(STALE, "what is out of force, as if it were in force")                               \
    X(WEIGHT, "of all its words")                                                          \
    X(FACTS, "how many there are")                                                         \
    X(LINE, "share of the words that the nearest sentence explains")                       \
    X(ROW, "share that the nearest clause explains")                                       \
    X(WRITTEN, "share of its pairs of characters that stand as they are")                  \
    X(S_DENIALS, "words that deny")                                                        \
    X(E_DENIALS, "words that deny in the nearest clause")                                  \
    X(PARITY, "odd together")                                                              \
    X(S_MUST, "demands")                                                                   \
    X(S_MAY, "allows")                                                                     \
    X(E_MUST, "the nearest sentence demands")                                              \
    X(E_MAY, "the nearest sentence allows")                                                \
    X(S_ORDER, "tells an order")                                                           \
    X(S_BY, "tells by whom")                                                               \
    X(S_IF, "has a condition")                                                             \
    X(E_IF, "the nearest sentence has one")                                                \
    X(E_EITHER, "the nearest sentence tells alternatives")                                 \
    X(E_EXCEPT, "the nearest sentence has an exception")                                   \
    X(MISNAMED, "weight of what the article that is named does not say")                   \
    X(OPPOSED_ROW, "a word for its opposite in the nearest clause")                        \
    X(MISPLACED, "names of another subject's title")                                       \
    X(FACT_CONDITION, "share of the condition of a fact that is left out")                 \
    X(FACT_UNSAID, "weight of what a fact is said of there and not here")                  \
    X(NOVEL, "characters, of whatever words, that stand nowhere")                          \
    X(NOVEL_RUN, "the longest row of them")                                                \
    X(UNCOPIED, "share of its pairs of characters that stand nowhere")                     \
    X(COPY_RUN, "the longest row that does not, of whatever words")                        \
    X(INSERTED, "words put into a copy")                                                   \
    X(ABSENT_ALL, "share of the whole sentence's words that stand nowhere")                \
    X(FAR_ALL, "share that stands in other sentences than its unit's nearest")             \
    X(APART_ALL, "share that stands in other clauses than its unit's nearest")             \
    X(ROW_ALL, "share that its unit's nearest clause does not explain")                    \
    X(NOVEL_ALL, "share of the characters that stand nowhere")                             \
    X(TURNED_ALL, "share of the words that are denied here and not there")                 \
    X(AFFIRMED, "what the nearest clause denies, said by a unit without a denial")         \
    X(OTHER_NAME, "names that stand with another subject only")                            \
    X(SPREAD, "subjects that its units rest on, beyond the first")                         \
    X(NUMERAL, "a numeral that is no fact and stands not there")                           \
    X(ABSENT_ORGAN, "organs that stand nowhere")                                           \
    X(TURNED_COPY, "a copy but for what turns it round")                                   \
    X(UNDENIED, "what is denied here and nowhere there")                                   \
    X(UNMATCHED, "share of what was put in, of all that differs from the clauses nearest") \
    X(PUT_IN, "characters that they have not")                                             \
    X(LEFT_OUT, "characters of theirs that it has not")                                    \
    X(UNMATCHED_WORDS, "words that they have not")                                         \
    X(LEFT_OUT_WORDS, "words of theirs that it has not")                                   \
    X(LEARNED, "how it differs from them, by weights that are learned")                    \
    X(LEARNED_AGAINST, "what of that tells against it")                                    \
    X(LEARNED_WORST, "the most of it")                                                     \
    X(UNLEARNED, "share of how it differs that was never seen")

typedef enum sm_measure_kind {
#define SM_MEASURE_ENUM(name, text) SM_M_##name,
    SM_MEASURES(SM_MEASURE_ENUM)
#undef SM_MEASURE_ENUM
        SM_N_MEASURES
} sm_measure_kind;

typedef struct sm_measure {
    double v[SM_N_MEASURES];
    double cover; /* of its words, by all the evidence */
    sm_span nearest;
    uint32_t line; /* the nearest, of the evidence */
} sm_measure;

/* What the sentence's pieces find in the evidence. */
typedef struct sm_found_in {
    sm_arena *a;
    const sm_evidence *e;
    const sm_reading *s;
    const bool *among;    /* per passage */
    uint8_t *bits;        /* rows × pieces */
    const uint64_t *said; /* keys of the sentence, ascending */
    size_t n_said;
} sm_found_in;

enum {
    SM_HAS = 1,
    SM_SAME_NEG = 2,
    SM_OTHER_NEG = 4,
    SM_SAME_MOD = 8,
    SM_OTHER_MOD = 16,
    SM_CUED = 32 /* denied there by a cue right before it */
};

void sm_find_pieces(sm_arena *a, const sm_evidence *e, const sm_reading *s, const bool *among,
                    sm_found_in *out);
uint8_t sm_line_bits(const sm_found_in *f, uint32_t line, size_t piece, bool with_context);
double sm_piece_weight(const sm_piece *p);
/* The share of a clause's words that the sentence does not say. */
double sm_row_unsaid(const sm_found_in *f, uint32_t row);
void sm_measure_wording(const sm_found_in *f, sm_measure *out);

/* The figures by themselves, for fitting their weights; v has SM_N_MEASURES + 1 places, the last
 * of which tells whether a fact or a quotation alone decides. */
void sm_ground_measure(sm_arena *a, const sm_evidence *e, sm_str sentence, double *v,
                       sm_difference *out);

/* True of what its title or text says is out of force, or not in force yet. */
bool sm_out_of_force(const sm_evidence *e, uint32_t subject);

#endif
