/*
 * guide/cues.h - private to guide: what speaks for each item that a turn may be about, once a
 * conversation has a matter in hand or a question pending.
 *
 * The candidates are the item in hand, its kin, the options last offered, and what the rankings of
 * the text alone and of topic and text name first.  A softmax over weighted cues chooses; the
 * weights (weights.h) are fitted by tools/fit_guide.py on authored conversations.
 */
#ifndef SM_GUIDE_CUES_H
#define SM_GUIDE_CUES_H

#include "base/base.h"

#define SM_CUE_TABLE(X)                                                                           \
    X(TEXT, "text")       /* log of the probability by the text alone */                          \
    X(CONTEXT, "context") /* ... by topic and text */                                             \
    X(TEXT_P, "text_p")   /* the probabilities themselves */                                      \
    X(CONTEXT_P, "context_p")                                                                     \
    X(NEAR, "near")                 /* likeness of its nearest known question to the text */      \
    X(NEAR_MORE, "near_more")       /* ... less that of the best other candidate's */             \
    X(NEAR_CONTEXT, "near_context") /* to topic and text */                                       \
    X(WORDS, "words")               /* log of its share of the text's words within the family */  \
    X(HAND, "hand")                 /* it is in hand */                                           \
    X(KIN, "kin")                   /* a neighbour of what is in hand */                          \
    X(PARTNER, "partner")           /* people ask for it together with what is in hand */         \
    X(EARLIER, "earlier")           /* it was in hand before */                                   \
    X(OPTION, "option")             /* it was offered */                                          \
    X(FIRST, "first")               /* ... first */                                               \
    X(LABEL, "label")               /* share of the text's pairs in the option's label */         \
    X(TERM, "term")         /* past or before the end of a term, as the label (1) or not (-1) */  \
    X(NEGATED, "negated")   /* the label holds what the text denies */                            \
    X(NEW_TEXT, "new_text") /* none of these: log of the probability by the text */               \
    X(NEW_CONTEXT, "new_context")                                                                 \
    X(NEW_TEXT_P, "new_text_p")                                                                   \
    X(NEW_CONTEXT_P, "new_context_p")                                                             \
    X(NEW_PENDING, "new_pending") /* ... while a question is pending */                           \
    X(NEW_CHOICE, "new_choice")   /* ... and the wording is of a choice */                        \
    X(HAND_TEXT, "hand_text")                                                                     \
    X(PLACE, "place")         /* the text's place agrees with the label (1) or not (-1) */        \
    X(BOUND, "bound")         /* the text's figure is within the label's bound (1) or not (-1) */ \
    X(SAME_DEPT, "same_dept") /* of the department of what is in hand, or was offered */          \
    X(STAY, "stay")           /* in hand, and the wording asks for more of it */                  \
    X(REACTION, "reaction")   /* in hand, and the wording is a reaction */                        \
    X(HAND_SIBLING, "hand_sibling") /* in hand, and a condition changes */                        \
    X(HAND_NEW, "hand_new")         /* in hand, and another matter is named */                    \
    X(SIBLING, "sibling")           /* kin, and a condition changes */                            \
    X(KIN_STAY, "kin_stay")         /* kin, and the wording asks for more of what is in hand */   \
    X(NEW, "new")                   /* none of these, and another matter is named */              \
    X(CHOICE, "choice")             /* offered, and the wording is of a choice */                 \
    X(OPTION_NEW, "option_new")     /* offered, and another matter is named */                    \
    X(FACET, "facet")               /* in hand, and one facet is asked for */                     \
    X(CHARS, "chars")               /* in hand: log of the text's length */                       \
    X(ELSE, "else")                 /* in hand: the text alone names another, this likely */      \
    X(ELSE_CONTEXT, "else_context") /* ... topic and text do */                                   \
    X(REGION, "region")             /* in hand, and the text names a place of the city */         \
    X(PARTNER_TEXT, "partner_text")                                                               \
    X(PARTNER_CONTEXT, "partner_context")                                                         \
    X(PARTNER_STAY, "partner_stay")                                                               \
    X(EARLIER_TEXT, "earlier_text")                                                               \
    X(EARLIER_STAY, "earlier_stay")                                                               \
    X(KIN_TEXT, "kin_text")       /* kin: log of the probability by the text alone */             \
    X(OPTION_TEXT, "option_text") /* offered: the same */                                         \
    X(OPTION_CONTEXT, "option_context")
typedef enum sm_cue {
#define SM_CUE_ENUM(id, name) SM_CUE_##id,
    SM_CUE_TABLE(SM_CUE_ENUM)
#undef SM_CUE_ENUM
        SM_N_CUES
} sm_cue;
const char *sm_cue_name(int cue);

/* What speaks for a cut of the sentence and the two items that its sides name (parts.c). */
#define SM_PART_CUE_TABLE(X)                                                \
    X(ALONE, "alone")   /* logs of the probabilities, either side alone */  \
    X(WITH, "with")     /* ... with the phrase that belongs to both */      \
    X(WEAKER, "weaker") /* the less sure side */                            \
    X(WHOLE, "whole")   /* ... by the whole sentence */                     \
    X(WHOLE_WEAKER, "whole_weaker")                                         \
    X(CROSS, "cross")       /* how well each side names the other's item */ \
    X(EVEN, "even")         /* the shorter side's share of the text */      \
    X(KIN, "kin")           /* the two are neighbours */                    \
    X(PARTNERS, "partners") /* log of how often people asked for both */    \
    X(ALONE_P, "alone_p")                                                   \
    X(WITH_P, "with_p")
typedef enum sm_part_cue {
#define SM_PART_CUE_ENUM(id, name) SM_PART_CUE_##id,
    SM_PART_CUE_TABLE(SM_PART_CUE_ENUM)
#undef SM_PART_CUE_ENUM
        SM_N_PART_CUES
} sm_part_cue;
const char *sm_part_cue_name(int cue);

enum { SM_MAX_TRIED = 160 };
typedef struct sm_part_pair {
    sm_str code[2];
    double cue[SM_N_PART_CUES];
    double score;
} sm_part_pair;

/* What speaks for an item being meant instead of the best one, or as well (rivals.c). */
#define SM_RIVAL_CUE_TABLE(X)                                                              \
    X(TEXT, "text")           /* log of its probability */                                 \
    X(SHARE, "share")         /* of the best's probability */                              \
    X(PLACE, "place")         /* 1 for the second of the ranking, 1/2 for the third … */ \
    X(VOTE, "vote")           /* share of what the nearest unclear questions point at */   \
    X(VOTE_BOTH, "vote_both") /* they point at the best one, too */                        \
    X(KIN, "kin")             /* a neighbour of the best one */                            \
    X(LINKS, "links")         /* log of how often they were given as neighbours */         \
    X(WORDS, "words")         /* a neighbour: how well the words fit it as well */         \
    X(KIN_TEXT, "kin_text")                                                                \
    X(VOTE_TEXT, "vote_text")
typedef enum sm_rival_cue {
#define SM_RIVAL_CUE_ENUM(id, name) SM_RIVAL_CUE_##id,
    SM_RIVAL_CUE_TABLE(SM_RIVAL_CUE_ENUM)
#undef SM_RIVAL_CUE_ENUM
        SM_N_RIVAL_CUES
} sm_rival_cue;
const char *sm_rival_cue_name(int cue);

enum { SM_MAX_RIVALS = 32 };
typedef struct sm_rival {
    sm_str code;
    double cue[SM_N_RIVAL_CUES];
    double score;
    double p; /* of all rivals: sums to 1 */
} sm_rival;

/* What speaks for a document to answer, and for a clause of it (pick.c). */
#define SM_DOC_CUE_TABLE(X)                                                               \
    X(RANK, "rank")         /* share of the best clause's probability, its best clause */ \
    X(RANK_ALL, "rank_all") /* ... all its clauses found */                               \
    X(P, "p")               /* the probability itself */                                  \
    X(NEAR, "near")         /* likeness of the nearest known question to it */            \
    X(TITLE, "title")       /* share of the question's wording, among those found */      \
    X(TEXT, "text")                                                                       \
    X(NAMED_PLACE, "named_place") /* of the district that the question names */           \
    X(GIVEN_PLACE, "given_place") /* ... that comes with it */                            \
    X(HOME, "home")               /* of the city, though a district is meant */           \
    X(IN_FORCE, "in_force")                                                               \
    X(NOT_YET, "not_yet")                                                                 \
    X(GONE_PAST, "gone_past") /* out of force, and the question speaks of the past */     \
    X(FORCE_PAST, "force_past")                                                           \
    X(NOT_YET_FUTURE, "not_yet_future")
typedef enum sm_doc_cue {
#define SM_DOC_CUE_ENUM(id, name) SM_DOC_CUE_##id,
    SM_DOC_CUE_TABLE(SM_DOC_CUE_ENUM)
#undef SM_DOC_CUE_ENUM
        SM_N_DOC_CUES
} sm_doc_cue;
const char *sm_doc_cue_name(int cue);

#define SM_CLAUSE_CUE_TABLE(X)                                                     \
    X(RANK, "rank")   /* share of the best clause's probability */                 \
    X(PLACE, "place") /* 1 for the first of the ranking, 1/2 for the second … */ \
    X(NEAR, "near")   /* likeness of the nearest known question to it */           \
    X(TEXT, "text")   /* share of the question's wording, among its document */    \
    X(HEADING, "heading")                                                          \
    X(SENTENCE, "sentence") /* share that its best sentence holds */               \
    X(KIND, "kind")         /* holds a figure of the kind asked for */             \
    X(KIND_TOO, "kind_too") /* ... of a kind that may be meant as well */          \
    X(FIGURE, "figure")     /* a figure is asked for, and it holds one */          \
    X(FORMAL, "formal")     /* why, from when, who interprets */                   \
    X(FIRST, "first")                                                              \
    X(LENGTH, "length") /* log of its length */
typedef enum sm_clause_cue {
#define SM_CLAUSE_CUE_ENUM(id, name) SM_CLAUSE_CUE_##id,
    SM_CLAUSE_CUE_TABLE(SM_CLAUSE_CUE_ENUM)
#undef SM_CLAUSE_CUE_ENUM
        SM_N_CLAUSE_CUES
} sm_clause_cue;
const char *sm_clause_cue_name(int cue);
typedef struct sm_pick_clause {
    double cue[SM_N_CLAUSE_CUES];
} sm_pick_clause;

typedef struct sm_candidate {
    sm_str code;
    double cue[SM_N_CUES];
    double p; /* of all candidates: sums to 1 */
} sm_candidate;

/* In hand, kin of it, or offered. */
bool sm_is_akin(const sm_candidate *c);

struct sm_turn;
/* Fills the turn's rivals of the best item, likeliest first. */
void sm_weigh_rivals(struct sm_turn *t);
/* Fills the turn's candidates, likeliest first.  item and context of the turn are there. */
sm_rc sm_weigh_candidates(struct sm_turn *t);

#endif
