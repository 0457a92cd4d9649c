/*
 * guide/signals.h - private to guide: the numbers a turn is decided by, and the decisions' logistic
 * heads over them.
 *
 * Every signal is bounded.  The weights (weights.h) are fitted by tools/fit_guide.py on authored
 * questions, each read by models that had not learned it; `ask --explain` prints the signals.
 */
#ifndef SM_GUIDE_SIGNALS_H
#define SM_GUIDE_SIGNALS_H

#include "base/base.h"

#define SM_SIGNAL_TABLE(X)                                                                      \
    X(OUT, "out")                   /* log odds of the classifier's mass outside "in scope" */  \
    X(CRISIS, "crisis")             /* log of its word for danger */                            \
    X(ABSENT, "absent")             /* … for a matter that catalogues seldom have */          \
    X(HARM, "harm")                 /* … for what breaks the law, attacks, abuses */          \
    X(OTHER, "other")               /* … for the other refusals */                            \
    X(P1, "p1")                     /* log odds that the best item is the one */                \
    X(RATIO, "p2_p1")               /* log of the second's share of the best's */               \
    X(RATIO3, "p3_p1")              /* … the third's */                                       \
    X(NEAREST, "nearest")           /* likeness of the nearest known question */                \
    X(NOVEL, "novel")               /* share of bigrams never seen */                           \
    X(NEAR_ONE, "near_one")         /* likeness of the nearest question with one item */        \
    X(NEAR_SEVERAL, "near_several") /* … of the nearest that fits several */                  \
    X(FIRST_ONE, "first_one")       /* … among those of the best item */                      \
    X(FIRST_SEVERAL, "first_several")                                                           \
    X(FIRST_MORE, "first_more")   /* the latter less the former */                              \
    X(COVER, "cover")             /* share of the question that the best item holds */          \
    X(CHARS, "chars")             /* log of the question's length */                            \
    X(CLASS, "unclear_wording")   /* log odds that the wording is of an unclear question */     \
    X(TELLS, "tells_apart")       /* log ratio of the words, best item against its neighbour */ \
    X(TELLS_MEAN, "tells_mean")   /* … for each token */                                      \
    X(NEAR, "near")               /* log of how many neighbours the words fit as well */        \
    X(RIVAL, "rival")             /* how the likeliest rival is weighed */                      \
    X(RIVAL_LEADS, "rival_leads") /* … by how much more than the next */                      \
    X(RIVAL_VOTE, "rival_vote")   /* the nearest unclear questions point at it */               \
    X(RIVAL_LINKS, "rival_links")                                                               \
    X(RIVAL_WORDS, "rival_words")                                                               \
    X(RIVAL_SHARE, "rival_share")                                                               \
    X(KIN, "kin")           /* the second is a neighbour of the best: its share */              \
    X(NAMED, "named")       /* share of the question that is a name of the best item */         \
    X(LEFT_OUT, "left_out") /* how much only what its scope leaves out holds */                 \
    X(LEFT_OUT_FITS, "left_out_fits")                                                           \
    X(FACET, "facet")               /* probability that one facet is asked for */               \
    X(TWO, "two")                   /* log odds that two things are asked */                    \
    X(CUT, "cut")                   /* how surely the best cut's sides name two items */        \
    X(CUT_WEAK, "cut_weak")         /* … the less sure side */                                \
    X(CUT_SAME, "cut_same")         /* both sides name the same item first */                   \
    X(CUT_FACET, "cut_facet")       /* the second side asks for a facet */                      \
    X(CUT_TOP, "cut_top")           /* the best item of the whole is one of the two */          \
    X(CUT_OTHER, "cut_other")       /* log of the other's probability by the whole */           \
    X(CUT_SCORE, "cut_score")       /* how the pair is weighed */                               \
    X(CUT_PARTNERS, "cut_partners") /* the two are known to be asked for together */            \
    X(CUT_BOTH_ASK, "cut_both_ask") /* both sides ask */                                        \
    X(CUT_ONE_ASKS, "cut_one_asks")                                                             \
    X(CUT_BOTH_WANT, "cut_both_want")                                                           \
    X(CUT_DONE, "cut_done")   /* the first side tells what has come about */                    \
    X(CUT_TOLD, "cut_told")   /* words that say there are two, and the less sure side */        \
    X(TOLD, "told")           /* words that say there are two */                                \
    X(ROUTE, "route")         /* log odds that a policy answers */                              \
    X(POLICY, "policy")       /* probability of the best clause in force */                     \
    X(FIT, "fit")             /* share of the question it holds */                              \
    X(FIT_REST, "fit_rest")   /* … the best clause out of force */                            \
    X(DOC_SHARE, "doc_share") /* share of the question that the best document holds */          \
    X(DOC_MORE, "doc_more")   /* … less what the best item holds */                           \
    X(DOC_SCORE, "doc_score")                                                                   \
    X(DOC_LEADS, "doc_leads")                                                                   \
    X(DOC_NEAR, "doc_near")     /* likeness of the nearest known question to it */              \
    X(DOC_CLOSER, "doc_closer") /* … less that of the best item */                            \
    X(OUT_FITS, "out_fits")     /* out times P(best item), and so on */                         \
    X(ABSENT_FITS, "absent_fits")                                                               \
    X(HARM_FITS, "harm_fits")                                                                   \
    X(OTHER_FITS, "other_fits")                                                                 \
    X(CLASS_FITS, "class_fits")                                                                 \
    X(FACET_FITS, "facet_fits")                                                                 \
    X(NAMED_FITS, "named_fits")                                                                 \
    X(TWO_CUT, "two_cut") /* two times the less sure side */                                    \
    X(ROUTE_POLICY, "route_policy")                                                             \
    X(TIMED, "timed") /* words of another time */                                               \
    X(AKIN, "akin")   /* a follow-up: that it is about what is in hand, its kin or an option */ \
    X(BEST, "best")   /* … the likeliest candidate's probability */                           \
    X(OUT_AKIN, "out_akin")                                                                     \
    X(HARM_AKIN, "harm_akin")
typedef enum sm_signal {
#define SM_SIGNAL_ENUM(id, name) SM_SIGNAL_##id,
    SM_SIGNAL_TABLE(SM_SIGNAL_ENUM)
#undef SM_SIGNAL_ENUM
        SM_N_SIGNALS
} sm_signal;
const char *sm_signal_name(int signal);

typedef enum sm_head {
    SM_HEAD_OUT,
    SM_HEAD_OUT_FOLLOWING, /* … once a conversation has a matter in hand */
    SM_HEAD_CRISIS,
    SM_HEAD_UNCLEAR,
    SM_HEAD_TWO,
    SM_HEAD_POLICY,
    SM_HEAD_RIGHT_ITEM, /* an answer by an item's guide is what was asked for */
    SM_HEAD_RIGHT_POLICY,
    SM_HEAD_RIGHT_TWO,
    SM_N_HEADS
} sm_head;

typedef struct sm_signals {
    double v[SM_N_SIGNALS];
} sm_signals;
double sm_head_p(sm_head head, const sm_signals *s);

/* Log odds of p, between -14 and 14. */
double sm_odds(double p);
/* Log of p, at least -14. */
double sm_log_p(double p);

#endif
