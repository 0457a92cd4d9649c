/*
 * guide/sufficient.h - private to guide: does the evidence cover what is asked?
 */
#ifndef SM_GUIDE_SUFFICIENT_H
#define SM_GUIDE_SUFFICIENT_H

#define SM_DIMENSION_TABLE(X)                                 \
    X(ITEM, "item")         /* the matter is the one meant */ \
    X(REGION, "region")     /* the place named or given */    \
    X(AUDIENCE, "audience") /* a person, a firm, as given */  \
    X(TIME, "time")         /* today, or the day spoken of */ \
    X(FACET, "facet")       /* each facet asked for */        \
    X(FIGURE, "figure")     /* an amount, an hour, when one is asked for */
typedef enum sm_dimension {
#define SM_DIMENSION_ENUM(id, name) SM_DIMENSION_##id,
    SM_DIMENSION_TABLE(SM_DIMENSION_ENUM)
#undef SM_DIMENSION_ENUM
        SM_N_DIMENSIONS
} sm_dimension;
const char *sm_dimension_name(int dimension);

typedef enum sm_cover {
    SM_COVER_UNASKED, /* nothing of the kind is asked */
    SM_COVER_WHOLE,
    SM_COVER_PART,
    SM_COVER_NONE /* said in a sentence, or handed over */
} sm_cover;
const char *sm_cover_name(sm_cover c); /* "unasked", "whole", "part", "none" */

typedef struct sm_sufficiency {
    sm_cover of[SM_N_DIMENSIONS];
    double p; /* calibrated: that the answer is what was asked for */
} sm_sufficiency;

#endif
