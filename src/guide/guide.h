/*
 * guide/guide.h - the citizen's dialogue: one question in, one typed outcome out.
 *
 * Rests on answer, ground, search, corpus and below.  A guide may be shared by threads; each
 * ask runs under its own op.  The dialogue's state lies in record.db under the session's id,
 * so any process may take the next turn.
 */
#ifndef SM_GUIDE_GUIDE_H
#define SM_GUIDE_GUIDE_H

#include "answer/answer.h"
#include "base/base.h"
#include "search/search.h"

typedef enum sm_act {
    SM_ACT_ANSWER,
    SM_ACT_CLARIFY,
    SM_ACT_HANDOFF,
    SM_ACT_REFUSE,
    SM_ACT_CRISIS,
} sm_act;
const char *sm_act_name(sm_act act); /* "answer" … */

typedef struct sm_question {
    sm_str text;
    sm_str session;  /* "" : a conversation of one turn */
    sm_str region;   /* "" : taken from the text or the conversation */
    sm_str audience; /* 自然人, 法人 or "" */
    sm_date as_of;   /* SM_DATE_NONE: today */
    bool test;       /* kept out of the figures */
    bool no_record;  /* nothing goes to the ledger or to a person; a conversation is kept */
    bool explain;    /* the reply tells the signals it was decided by */
} sm_question;

typedef struct sm_scored {
    sm_str code;
    sm_str name;
    double score;
} sm_scored;

typedef struct sm_option {
    sm_str label;
    sm_str code; /* the item it leads to, "" when it leads elsewhere */
} sm_option;

typedef struct sm_reply {
    sm_act act;
    /* item, two_items, policy, eligibility | situation, topic, eligibility, greeting |
     * unknown, asked, personal_record |
     * not_government, other_city, legal_medical, harmful, political, abuse, nonsense,
     * prompt_attack | suicide, violence, fire, medical, missing, fraud, danger */
    const char *reason;
    double confidence;
    sm_scored *item; /* ranked, ≤ 10, whatever the act; both parts interleaved */
    size_t n_items;
    sm_str answer; /* the whole text as shown, label included */
    sm_claim *claim;
    size_t n_claims;
    sm_str question; /* of a clarify, else "" */
    sm_option *option;
    size_t n_options;
    sm_facet *more; /* facets one tap away */
    size_t n_more;
    sm_str region, label, date;     /* label: the AI mark; date: version date of the data */
    int64_t ledger_id, queue_place; /* 0: none */
    double ms;
    json_t *signals; /* when asked to explain: name → number; the reply's arena owns it */
} sm_reply;

typedef struct sm_guide sm_guide;

/* Learns the guide's classifiers and writes <data>/model/guide.model: intents and facets from
 * share/, and whether a policy or a guide answers, from the items' names, aliases and FAQ
 * questions, the policies' titles and headings, and the texts given (questions known to be about
 * items, about policies).  Done after every import and training; the same bytes for the same input.
 */
typedef struct sm_guide_texts {
    const sm_pair *item, *policy;
    size_t n_items, n_policies;
} sm_guide_texts;
sm_rc sm_guide_learn(sm_op *op, const char *data_dir, const char *share_dir, sm_db *corpus,
                     const sm_guide_texts *texts);

/* data_dir holds record.db (made when absent) and the corpus; share_dir the shared files. */
sm_rc sm_guide_open(sm_op *op, const char *data_dir, const char *share_dir, sm_searcher *searcher,
                    sm_guide **out);
void sm_guide_close(sm_guide *g);

enum { SM_QUESTION_MAX_BYTES = 600000, SM_QUESTION_READ_CHARS = 2000 };

/* Answers one turn.  Any bytes are taken as a question: what is not UTF-8 is mended, what is
 * over SM_QUESTION_READ_CHARS characters is read up to there and the reply says so; over
 * SM_QUESTION_MAX_BYTES is E_LIMIT. */
sm_rc sm_guide_ask(sm_op *op, sm_guide *g, const sm_question *q, sm_reply **out);

/* The reply as the JSON object of docs/batch.md. */
json_t *sm_reply_json(const sm_reply *r);

#endif
