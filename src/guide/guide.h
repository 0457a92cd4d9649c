/*
 * guide/guide.h - the citizen's dialogue: one question in, one typed outcome out.
 *
 * Rests on answer, ground, search, corpus and below.  A guide may be shared by threads; each
 * ask runs under its own op.  The dialogue's state lies in record.db under the session's id,
 * so any process may take the next turn.
 */
#ifndef SM_GUIDE_GUIDE_H
#define SM_GUIDE_GUIDE_H

#include "access/access.h"
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
    sm_str session;   /* "" : a conversation of one turn */
    sm_str region;    /* "" : taken from the text or the conversation */
    sm_str audience;  /* 自然人, 法人 or "" */
    sm_date as_of;    /* SM_DATE_NONE: today */
    bool test;        /* kept out of the figures */
    bool no_record;   /* nothing goes to the ledger or to a person; a conversation is kept */
    sm_str rewritten; /* the text in a model's words (sm_rewriting_read), or "": searched with, and
                       * only where that makes the outcome surer */
    bool explain;     /* the reply tells the signals it was decided by */
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
    sm_str intro;  /* what is said before the claims or choices, or all there is to say */
    sm_str answer; /* the whole text as shown, label included */
    sm_str
        correction; /* the first claim's text when it corrects what the question took for granted */
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

/* The same in two steps, for a server that commits many turns at once.  Think reads only (the
 * session as it was committed last) and gives the reply as far as it is known; record, inside the
 * caller's transaction on record.db, writes the ledger, the session and, of a hand-over, the queue,
 * and completes the reply (record number, place in the queue, the text).  `db` may be a lent
 * handle.  The thought lives in the op's arena. */
typedef struct sm_thought sm_thought;
sm_rc sm_guide_think(sm_op *op, sm_guide *g, const sm_question *q, sm_thought **out);
sm_rc sm_guide_record(sm_op *op, sm_db *db, sm_thought *thought, sm_reply **out);

/* Between the two: what it came to, and the same answer worded anew, which is what is recorded
 * then. The answer is NULL unless one was composed. */
const sm_reply *sm_thought_reply(const sm_thought *t);
const sm_answer *sm_thought_answer(const sm_thought *t);
/* That were looked into for clauses, the likeliest first; the best one's score is 1. */
const sm_scored *sm_thought_documents(const sm_thought *t, size_t *n);
sm_rc sm_thought_worded(sm_op *op, sm_thought *t, const sm_answer *worded);

/* Whether the question in a model's words might be understood better: then ask a model with the
 * request, read what it writes ("": nothing to be used), and think again with `rewritten`. Whatever
 * bytes come, the reading is one line of bounded length. */
bool sm_thought_unsure(const sm_thought *t);
sm_str sm_rewriting_request(sm_arena *a, const sm_prompts *p, sm_str question, sm_str model);
sm_str sm_rewriting_read(sm_arena *a, sm_str wrote);

/* Whether there is a conversation of this name. */
sm_rc sm_talk_known(sm_op *op, sm_db *record, sm_str session, bool *known);
/* Forgets the conversations whose names begin so; hand-overs and the ledger are left alone. */
sm_rc sm_talk_forget(sm_op *op, sm_db *record, sm_str begin);

/* -------------------------------------------------- the staff's side of a hand-over */

typedef enum sm_desk_state {
    SM_DESK_WAITING,
    SM_DESK_TAKEN,
    SM_DESK_CLOSED,
    SM_N_DESK_STATES
} sm_desk_state;
const char *sm_desk_state_name(sm_desk_state s); /* "waiting", "taken", "closed" */

typedef struct sm_handover {
    int64_t id, since_ms, taken_ms, closed_ms; /* wall */
    sm_str session, question, reason, item, region, department, contact, outcome;
    sm_desk_state state;
    int64_t taken_by; /* user id, 0 for none */
    sm_str taker;     /* that person's display name */
    bool test;
    int64_t place; /* in the queue, 1 for the next; 0 when not waiting */
    sm_str last;   /* what the citizen wrote last */
} sm_handover;

typedef struct sm_desk_filter {
    sm_str state;      /* "" any */
    sm_str department; /* "" any; else that department's and those of none */
    int64_t before;    /* the page goes on behind this one; 0: from the start */
    size_t limit;      /* ≤ 500 */
} sm_desk_filter;
/* Newest first, but waiting ones oldest first; tests after all others. */
sm_rc sm_desk_list(sm_op *op, sm_db *record, const sm_desk_filter *f, sm_handover **out, size_t *n);
sm_rc sm_desk_get(sm_op *op, sm_db *record, int64_t id, sm_handover **out);
/* How many wait, tests apart. */
sm_rc sm_desk_waiting(sm_op *op, sm_db *record, int64_t *out);
/* The hand-over of a session that is waiting or taken; E_NOTFOUND (not recorded) when none is. */
sm_rc sm_desk_open_of(sm_op *op, sm_db *record, sm_str session, sm_handover **out);

/* Each in the caller's transaction, with a ledger act ("desk.take" …, the hand-over's id) and, but
 * for an answer, a system message that tells the citizen.  Take: E_CONFLICT when another has it or
 * it is closed.  Answer, forward, close: E_CONFLICT unless `user` has taken it.  Text ≤
 * SM_DESK_TEXT_MAX bytes, not empty: E_INVALID.  Forward puts it back to the queue of that
 * department, keeping its place by time; its note, "" for none, is for the staff: it is among the
 * lines, never among the messages.  Close takes an outcome ("answered", "forwarded_outside",
 * "no_reply", "not_ours"). */
enum { SM_DESK_TEXT_MAX = 6000, SM_DESK_CONTACT_MAX = 60, SM_DESK_DEPARTMENT_MAX = 90 };
sm_rc sm_desk_take(sm_op *op, sm_db *record, int64_t id, const sm_user *user);
sm_rc sm_desk_answer(sm_op *op, sm_db *record, int64_t id, const sm_user *user, sm_str text);
sm_rc sm_desk_forward(sm_op *op, sm_db *record, int64_t id, const sm_user *user, sm_str department,
                      sm_str note);
sm_rc sm_desk_close(sm_op *op, sm_db *record, int64_t id, const sm_user *user, sm_str outcome);
/* The citizen's side, in the caller's transaction.  Ask for a person: opens a hand-over (reason
 * "asked") about the conversation's last question, or gives the one that is open; a contact, ≤
 * SM_DESK_CONTACT_MAX bytes, replaces the one given before, "" leaves it.  Say: a message to the
 * person, E_CONFLICT when none is open.  What a citizen says is masked like questions; the contact
 * is kept as it was given, until it is forgotten (sm_ledger_forget). */
sm_rc sm_desk_ask(sm_op *op, sm_db *record, sm_str session, sm_str contact, bool test,
                  sm_handover **out);
sm_rc sm_desk_say(sm_op *op, sm_db *record, sm_str session, sm_str text);

/* A conversation as the staff see it, in order of time: the turns with the machine, the messages
 * with a person, the notes of forwarding ("system", with a name); the last 1,000. */
typedef struct sm_line {
    int64_t time_ms, message; /* its number when it is a message, else 0 */
    const char *sender;       /* "citizen", "machine", "staff", "system" */
    sm_str name, text;        /* staff: display name */
} sm_line;
sm_rc sm_desk_lines(sm_op *op, sm_db *record, sm_str session, sm_line **out, size_t *n);
/* As the citizen sees it: messages only, numbered above `after`, the first 1,000. */
sm_rc sm_desk_messages(sm_op *op, sm_db *record, sm_str session, int64_t after, sm_line **out,
                       size_t *n);

/* ------------------------------------------------------------------ office hours */

enum { SM_OFFICE_SPANS = 4, SM_OFFICE_MAX_DATES = 120 };

typedef struct sm_office_hours { /* of a day; n 0: closed */
    struct {
        int16_t from, to; /* minutes after midnight, from < to ≤ 1440 */
    } span[SM_OFFICE_SPANS];
    size_t n;
} sm_office_hours;

/* When there are people at the desk, in local time.  A value of its own: it borrows nothing. */
typedef struct sm_office {
    bool given;              /* else no hours were set, and it is always open */
    sm_office_hours week[7]; /* Monday first */
    struct {
        sm_date date;
        sm_office_hours hours;
    } other[SM_OFFICE_MAX_DATES]; /* days unlike their weekday */
    size_t n_others;
} sm_office;

/* Parts with ";" between, each days and then hours: "1-5 9:00-12:00 13:30-17:00; 6 9:00-12:00".
 * Days are 1 (Monday) … 7, or dates: "2026-10-01 2026-10-02" without hours are holidays,
 * "2026-10-10 9:00-12:00" is worked.  Full-width signs are taken too; "" gives no hours.
 * E_INVALID says which part is wrong, where and how. */
sm_rc sm_office_parse(sm_op *op, sm_str text, sm_office *out);
/* `wall_ms` tells the time of day; the day is `today`, or SM_DATE_NONE: that of wall_ms. */
bool sm_office_open(const sm_office *o, int64_t wall_ms, sm_date today);
/* 周一至周五 9:00–12:00、13:30–17:00；周六 9:00–12:00; "" without hours. */
sm_str sm_office_text(sm_arena *a, const sm_office *o);
/* The next opening after that moment: 今天 13:30, 明天 9:00, 周一 9:00, 10月9日 9:00; "" when none
 * comes within a year. */
sm_str sm_office_next(sm_arena *a, const sm_office *o, int64_t wall_ms, sm_date today);

/* The reply as the JSON object of docs/batch.md. */
json_t *sm_reply_json(const sm_reply *r);
json_t *sm_claim_json(const sm_claim *c);

#endif
