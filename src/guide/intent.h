/*
 * guide/intent.h - private to guide: what kind of message this is, which facet it asks for, and
 * whether a policy or a guide answers it.
 */
#ifndef SM_GUIDE_INTENT_H
#define SM_GUIDE_INTENT_H

#include "answer/answer.h"
#include "base/base.h"
#include "guide/guide.h"
#include "guide/unclear.h"
#include "store/store.h"

#define SM_INTENT_TABLE(X)                   \
    X(IN_SCOPE, "in_scope")                  \
    X(NOT_GOVERNMENT, "not_government")      \
    X(OTHER_CITY, "other_city")              \
    X(PERSONAL_RECORD, "personal_record")    \
    X(LEGAL_MEDICAL, "legal_medical_advice") \
    X(ABSENT, "not_in_catalogue")            \
    X(HARMFUL, "harmful")                    \
    X(POLITICAL, "political")                \
    X(CRISIS, "crisis")                      \
    X(ABUSE, "abuse")                        \
    X(NONSENSE, "nonsense")                  \
    X(PROMPT_ATTACK, "prompt_attack")        \
    X(GREETING, "greeting")                  \
    X(ACK, "ack")                            \
    X(HANDOFF, "handoff")
typedef enum sm_intent {
#define SM_INTENT_ENUM(id, name) SM_INTENT_##id,
    SM_INTENT_TABLE(SM_INTENT_ENUM)
#undef SM_INTENT_ENUM
        SM_N_INTENTS
} sm_intent;
bool sm_intent_parse(sm_str name, sm_intent *out);

/* What a short message does to the matter in hand. */
typedef enum sm_follow {
    SM_FOLLOW_STAY,    /* asks for more of it */
    SM_FOLLOW_SIBLING, /* changes a condition of it */
    SM_FOLLOW_NEW,     /* names another matter */
    SM_FOLLOW_CHOICE,  /* answers a question of ours */
    SM_FOLLOW_REACTION,
    SM_N_FOLLOWS
} sm_follow;

typedef struct sm_intents sm_intents;

/* Opens <data>/model/guide.model; learns it in memory from the shared files when it is absent.
 * The result lies in the op's arena. */
sm_rc sm_intents_open(sm_op *op, const char *data_dir, const char *share_dir, sm_intents **out);

typedef struct sm_reading {
    double p[SM_N_INTENTS];
    double facet[SM_N_FACETS];
    double policy;  /* that the answer stands in a policy rather than in a guide */
    double two;     /* that two things are asked */
    double unclear; /* that the wording is one that fits several items */
    double follow[SM_N_FOLLOWS];
} sm_reading;
const sm_unclear *sm_intents_unclear(const sm_intents *m);
void sm_intents_read(const sm_intents *m, sm_str text, sm_reading *out);
void sm_intents_read_facet(const sm_intents *m, sm_str text, double facet[SM_N_FACETS]);
/* The text asks for an amount or a share. */
bool sm_asks_amount(sm_str text);

#endif
