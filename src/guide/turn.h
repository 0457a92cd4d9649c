/*
 * guide/turn.h - private to guide: one turn being answered, and the steps it goes through.
 *
 *   read     the numbers all is decided by    (read.c, signals.c)
 *   screen   is it for us at all?             (screen.c)
 *   resolve  which item or items is it about? (resolve.c, cues.c, parts.c)
 *   policy   do clauses answer it better?     (policy.c)
 *   decide   answer, ask back or hand over    (decide.c)
 *   money    what of it is asked for          (money.c)
 *   say      the text, the citations          (say.c)
 *   record   what is written of it            (record.c)
 */
#ifndef SM_GUIDE_TURN_H
#define SM_GUIDE_TURN_H

#include "guide/cues.h"
#include "guide/guide.h"
#include "guide/intent.h"
#include "guide/shelf.h"
#include "guide/signals.h"
#include "guide/state.h"
#include "guide/sufficient.h"
#include "text/text.h"

typedef struct sm_place { /* share/regions.tsv */
    sm_str name, kind, province;
    bool word; /* also an ordinary word */
} sm_place;

typedef struct sm_danger { /* share/emergency.tsv */
    sm_str kind, words, text;
} sm_danger;

struct sm_guide {
    sm_op own; /* what lives as long as the guide */
    const char *data_dir, *share_dir;
    sm_searcher *searcher;
    sm_memo *corpus;
    sm_db_pool *record;
    sm_intents *intents;
    sm_shelf *shelf;
    sm_place *place;
    size_t n_places;
    sm_str *city; /* the places that are no ordinary word and not mostly where one travels to */
    size_t n_cities;
    const sm_words *cities;
    sm_danger *danger;
    size_t n_dangers;
};

/* Clauses that may answer, and the share of the question that the best covers. */
typedef struct sm_found {
    sm_hit *hit;
    size_t n;
    double fit;
    const sm_matches *match;
} sm_found;

enum { SM_TOP_ITEMS = 10, SM_MAX_CANDIDATES = 64 };

typedef struct sm_turn sm_turn;
struct sm_turn {
    sm_op *op;
    sm_guide *g;
    const sm_question *q;
    sm_db *corpus;
    sm_db *record; /* only to read the session; NULL without one */
    const sm_snapshot *snap;
    sm_talk talk;
    sm_date today;
    sm_str said;  /* mended, cut to what is read */
    sm_str text;  /* what is read: said, after a policy answer behind the question it follows */
    sm_str asked; /* behind an option that was taken: the question it was offered for; or "" */
    bool follows_policy;
    bool behind_item; /* … behind the item in hand and what led to it, to look for clauses */
    sm_str matter;    /* the text without the names of places: what is asked, wherever */
    sm_str search;    /* the text in a model's words, searched with in its place; or "" */
    bool fresh;       /* nothing is in hand and nothing pending */
    bool screened;    /* it was no question for us */
    bool cut;         /* more was written than is read */
    sm_reading reading;
    sm_facet facet;
    double facet_p;
    sm_facets facets;    /* all that may be meant; empty: how it is done */
    sm_str home;         /* the city itself */
    sm_str *region_name; /* places below it, longest first */
    size_t n_region_names;
    bool names_region; /* the text names one of them */
    sm_str *region_chain;
    size_t n_chain;
    sm_filter filter;
    sm_matches *item;    /* ranking of the text alone */
    sm_str named;        /* the longest name or alias of the best item that stands in the text */
    double named_share;  /* of the text */
    double left_out;     /* how much of it stands only in what the item's scope leaves out */
    sm_matches *context; /* of the conversation's topic and the text, or NULL */
    sm_rival *rival;     /* of the best item, likeliest first */
    size_t n_rivals;
    sm_candidate *candidate; /* of a follow-up, likeliest first */
    size_t n_candidates;
    bool took_option;    /* by its number or its name: what is asked stands in the topic */
    bool none_fits;      /* of what was offered: "都不是" */
    bool same_whichever; /* what is asked is the same of all that may be meant */
    bool surely_new;     /* a matter that is not in hand, and no doubt which */
    sm_str chosen;       /* the item that a follow-up is about; "": to be read as a new question */
    bool keeps_item;     /* it is the one in hand */
    bool of_word;        /* of it nothing is said but a word: "车库呢" */
    sm_str unwritten;    /* that word, where its guide does not have it; or "" */
    bool tells_each;     /* one element of each item that was offered */
    bool leaves_choice;  /* it is the likeliest of what was offered, and the text chooses none */
    sm_signals signals;
    sm_apart apart;             /* how well the best item is told from its neighbours */
    sm_found found, found_rest; /* clauses in force, and the others, that the text finds */
    sm_found now, rest;         /* ... and what it asks, wherever */
    bool compares;              /* two rules in force are held against each other */
    sm_date day_spoken;         /* the past day that the text speaks of, or SM_DATE_NONE */
    sm_str day_phrase;          /* … the words around it */
    sm_date coming_day;         /* … the last coming one */
    struct sm_pick_doc *picked; /* the documents found, by how well they answer, best first */
    size_t n_picked;
    /* kept to explain: the clauses of the document chosen */
    const sm_pick_clause *weighed_clauses;
    const sm_shelved *weighed_doc;
    sm_str weighed_id;
    double cut_p, cut_weak; /* of the best cut: both sides together, the less sure one */
    double cut_facet;       /* that its second side asks for a facet */
    bool cut_same;          /* both sides name the same item first */
    sm_str part[2];         /* two questions in one */
    sm_matches *part_item[2];
    sm_part_pair part_pair; /* the two items */
    sm_part_pair *tried;    /* all pairs weighed, when asked to explain */
    size_t n_tried;
    size_t n_parts;    /* 2 when the best cut is taken */
    sm_str left_aside; /* of a cut that is not taken: the item that may be asked for, too; or "" */
    bool told_amount;  /* the amount asked for leads the answer */
    sm_sufficiency sufficient;
    /* Said before the answer, in this order; or "": whom to call, that it may not be what was asked
     * for, what is not known. */
    sm_str call, doubt, help;
    sm_reply *reply;
    sm_answer *answer;
};

/* place.c: names of places in full; the place the question is about: named in it, given with it, or
 * kept from before. */
sm_rc sm_read_region(sm_turn *t);

/* read.c: fills signals and what they are read from. */
sm_rc sm_read_signals(sm_turn *t);
sm_rc sm_read_name(sm_turn *t); /* fills named, named_share, left_out */

/* scope.c: how much of the text stands only in what the item's scope leaves out, 0 … 1. */
double sm_left_out(sm_turn *t, const json_t *item);

/* screen.c: the text without the ages in it; whether it tells nothing but when and who. */
sm_str sm_without_ages(sm_arena *a, sm_str text);
bool sm_only_who(sm_str text);
/* Sets the reply, and *done when the message is not a question for us. */
sm_rc sm_screen(sm_turn *t, bool *done);
sm_rc sm_screen_danger(sm_turn *t, bool *met); /* only for danger */
/* "杭州的人才补贴": the place outside the home city whose thing the text asks about; "": none. */
sm_str sm_city_asked_of(const sm_turn *t);

/* resolve.c: fills context, candidates, chosen, keeps_item. */
sm_rc sm_resolve(sm_turn *t);
/* A whole question that has nothing of the item in hand, and that clauses surely answer, is a new
 * one. */
void sm_leave_for_clauses(sm_turn *t);
/* "2", "第二个", "选二", or the label itself, of what is on offer; SIZE_MAX for none. */
size_t sm_option_taken(const sm_turn *t);
/* "都不是", of what is on offer beside an answer or a hand-over. */
bool sm_takes_none(const sm_turn *t);
double sm_p_of(const sm_matches *m, sm_str code);

/* parts.c: the best cut of the text: part[], part_item[], part_pair, cut_p (0: none), cut_weak. */
sm_rc sm_cut_parts(sm_turn *t);
/* The text has what only the best item's name has and, behind a joint, what only its likeliest
 * rival's has ("出生证换发和补发"): they become the pair. */
bool sm_names_rival(sm_turn *t);
/* Words that say that there are two; that ask, want, tell what has come about. */
bool sm_tells_two(sm_str text);
bool sm_asks(sm_str part);
bool sm_wants(sm_str part);
bool sm_tells_done(sm_str part);

/* matter.c: fills matter. */
void sm_read_matter(sm_turn *t);
/* The words of all that stands in an item. */
sm_wordset sm_item_words(sm_turn *t, const json_t *item);
/* The text has no word of what the item is called: only a place's (高新区, and 高新技术企业), or it
 * is so short and unsure that any item may be meant. */
sm_rc sm_names_no_matter(sm_turn *t, sm_str code, bool *none);
/* What a document of that title rules is not for whom the text speaks of: a rule for bicycles and
 * who drives a car. */
bool sm_is_for_others(sm_str title, sm_str text);

/* siblings.c: puts the item first whose bounds the question's figure keeps: 3000人 with 不满5000人.
 */
sm_rc sm_keep_bounds(sm_turn *t);
/* Of a best item that is restricted to what the question does not speak of the sibling that is not:
 * 内地居民结婚登记 of 涉外结婚登记; else "". */
sm_rc sm_plainer_sibling(sm_turn *t, sm_str *out);

/* besides.c: "开饭店除了营业执照还得办什么": the items found are those for the rest, without what
 * the text leaves out. */
sm_rc sm_leave_besides(sm_turn *t);

/* day.c: words that speak of another time. */
bool sm_speaks_of_past(const sm_turn *t);
bool sm_speaks_of_future(const sm_turn *t);
/* The past day of an act that the text speaks of, and what stands around it in its phrase ("" for
 * none): not of a birth, nor where an act of now is told.  The last day of the coming month, year
 * or season ("2027年1月", "元旦过后"); SM_DATE_NONE for none. */
sm_date sm_past_day_of(const sm_turn *t, sm_str *phrase);
sm_date sm_coming_day_of(const sm_turn *t);

/* policy.c: fills now and rest. */
sm_rc sm_look_policies(sm_turn *t);
/* The best document found is the named district's own, or that has a coming one on the matter. */
bool sm_has_rule_here(const sm_turn *t);
/* They surely answer; and the best document has the wording, in its title, too. */
bool sm_clauses_surely(const sm_turn *t);
bool sm_clauses_have_it(const sm_turn *t);
/* Answers from clauses when they answer better; *done tells. */
sm_rc sm_try_policy(sm_turn *t, bool *done);

/* pick.c: the documents of the clauses found, by how well they answer, best first. */
enum { SM_MAX_PICKED = 16 };
typedef struct sm_pick_doc sm_pick_doc;
struct sm_pick_doc {
    sm_doc *doc;
    sm_state state;
    const sm_shelved *text;
    double cue[SM_N_DOC_CUES];
    double score, share;  /* share: of the question's wording, in the whole text */
    double p;             /* against the best one's 1 */
    const sm_found *from; /* whose ranking of clauses counts */
    bool kindred;         /* behind clauses: of the matter in hand */
};
sm_rc sm_pick_documents(sm_turn *t); /* fills picked */
/* The answer tells an amount or a share. */
bool sm_tells_amount(sm_turn *t, const sm_answer *answer);
/* All of its clauses, by how well they answer, best first. */
sm_rc sm_pick_clauses(sm_turn *t, sm_pick_doc *d, sm_found *out);
/* How well each of its clauses answers one question; a weight from that. */
sm_pick_clause *sm_weigh_clauses(sm_turn *t, const sm_pick_doc *d, sm_str question);
double sm_clause_score(const sm_pick_clause *c);

/* lift.c: raises the clauses that must stand beside the best one. */
void sm_lift_clauses(sm_turn *t, const sm_pick_doc *d, sm_hit *hit);
/* Asks whether the asker gets it: "有我的份吗", "能领吗"; not how much. */
bool sm_asks_own_right(sm_str text);

/* timed.c: another time than the office's was asked for outright, and no claim tells it; the claim
 * that does is put first, or a clause in force about the item's matter. */
bool sm_lacks_time(sm_turn *t, const sm_answer *answer);
sm_rc sm_item_tells_time(sm_turn *t, sm_str code, bool *tells_it);
sm_rc sm_look_for_time(sm_turn *t);

/* kindred.c: the text with something else wherever the word stands. */
sm_str sm_without(sm_arena *a, sm_str text, sm_str word, const char *instead);
/* The text without the names of places below the home city; whether what was said names a place and
 * nothing else ("东城区的呢"). */
sm_str sm_without_places(const sm_turn *t, sm_str text);
bool sm_only_place(const sm_turn *t);
/* … or a year or an age: "那明年呢", "我妈72呢". */
bool sm_only_changes(const sm_turn *t);
/* The document's title names what the item is called. */
bool sm_is_about(const sm_turn *t, const sm_doc *doc, sm_str item_name);
/* The text has a run of characters in it that the document's title names its matter by. */
bool sm_names_subject(const sm_turn *t, const sm_doc *doc);
/* Linked, or their titles name the same thing. */
bool sm_same_matter(const sm_turn *t, const sm_doc *a, const sm_doc *b);
/* How much of what was said besides the place stands in the document whose clauses answered last.
 */
sm_rc sm_said_in_hand(sm_turn *t, double *share);
/* A follow-up to clauses: the documents are of their matter. */
bool sm_keeps_kindred(const sm_turn *t);
/* Behind clauses: the clauses in force and the others of documents about the matter in hand, NULL
 * without one; keeps those documents only, and what the text may name besides. */
sm_rc sm_find_kindred(sm_turn *t, sm_matches *out[2]);
sm_rc sm_keep_kindred(sm_turn *t, sm_pick_doc *d, size_t *n);

/* eligibility.c */
/* The text asks that the conditions be gone through. */
bool sm_wants_computing(const sm_turn *t);
sm_rc sm_eligibility_start(sm_turn *t, const sm_doc *item, bool *done);
sm_rc sm_eligibility_go_on(sm_turn *t, bool *done);

/* choice.c: fills leaves_choice, and chosen then; answers such a turn. */
void sm_leave_choice(sm_turn *t);
sm_rc sm_answer_left(sm_turn *t);

/* clarify.c: asks which of the best item and its rivals, or which of the first found is meant. */
sm_rc sm_ask_which(sm_turn *t);
sm_rc sm_ask_topic(sm_turn *t);
/* "评残呢": the one candidate akin to what is in hand, not that itself, that has the word in its
 * names; "" when none or several have. */
sm_rc sm_named_akin(sm_turn *t, sm_str *code);
/* Fills of_word, and unwritten: "注销呢" of an item in hand whose guide does not have the word. */
sm_rc sm_read_unwritten(sm_turn *t);
/* An option of the item's situations leads to the other. */
sm_rc sm_situation_leads(sm_turn *t, sm_str from, sm_str to, bool *leads);
/* Asks which, and sets *done, when the text is no more than a word that several items have in their
 * names: "社保". */
sm_rc sm_ask_bare(sm_turn *t, bool *done);

/* spoken.c: 好多钱 is 多少钱, 礼拜六 is 周六. */
sm_str sm_in_standard_words(sm_arena *a, sm_str text);

/* money.c: what of it is asked for. */
bool sm_asks_payout(sm_str text); /* an amount that is paid out */
bool sm_asks_due(sm_str text);    /* what a tax, a contribution, interest comes to */
/* The text, of that item, is about a tax, a contribution, an amount paid out, not about what the
 * handling costs. */
bool sm_is_other_money(sm_str text, const sm_doc *item, const json_t *j);
/* That the handling is free is among the claims. */
bool sm_says_free(const sm_answer *answer);
/* Then that the item takes no fee is said last, and what tells the amount first; sets *missing when
 * nothing does. */
sm_rc sm_mind_money(sm_turn *t, bool *missing);

/* sufficient.c: takes out what must not ground the answer, says what is not covered, fills
 * sufficient.  `amount_missing`: an amount was asked for and found nowhere. */
sm_rc sm_judge_sufficiency(sm_turn *t, bool amount_missing);

/* granted.c: an FAQ that grants what the policy about the matter leaves out by name gives way. */
sm_rc sm_mind_granted(sm_turn *t);

/* refute.c: what the question takes for granted is held against what answers it; where the source
 * says otherwise, the answer begins with that. */
sm_rc sm_refute(sm_turn *t);

/* doubt.c: an answer that is no likelier to be what was asked for than not begins with that, and
 * the nearest others stay on offer; so does what was left aside. */
sm_rc sm_say_doubt(sm_turn *t);
/* So it would be of the best item, and the text does not name it. */
sm_rc sm_doubts_best(sm_turn *t, bool *doubts);

/* rewriting.c: whether the turn is so unsure that a model's words may help; those that came with
 * the question, bounded, "" when they must not be used; whether the turn that searched with them is
 * to be taken in place of `own`. */
bool sm_is_unsure(const sm_turn *t);
sm_str sm_rewriting_of(sm_turn *t);
bool sm_rewriting_helps(const sm_turn *own, const sm_turn *t);
/* What a conversation remembers as the person's words. */
sm_str sm_own_words(const sm_turn *t);
/* What is asked of the item: behind an option that was taken, the question it was offered for. */
sm_str sm_asked_words(const sm_turn *t);

/* decide.c */
sm_rc sm_decide(sm_turn *t);
/* Says that nothing reliable was found, with the nearest items one tap away. */
sm_rc sm_hand_over_unknown(sm_turn *t);

/* say.c */
sm_rc sm_say_item(sm_turn *t, sm_str code, sm_facets facets);
sm_rc sm_say_parts(sm_turn *t, sm_str first, sm_str second);
void sm_say_clarify(sm_turn *t, const char *reason, sm_str question, const sm_option *option,
                    size_t n);
/* Offers the options with the reply: a number or a name chooses one next time. */
void sm_offer(sm_turn *t, sm_pending pending, const sm_option *option, size_t n);
/* The same, and what is in hand, the topic included, stays as it is. */
void sm_offer_beside(sm_turn *t, sm_pending pending, const sm_option *option, size_t n);
void sm_say_plain(sm_turn *t, sm_act act, const char *reason, const char *text);
/* The text of an answer, behind the intro, and its claims. */
sm_rc sm_say_answer(sm_op *op, sm_reply *r, const sm_answer *answer);
sm_rc sm_say_finish(sm_turn *t); /* all of the reply but what recording it adds */
sm_rc sm_item_name(sm_turn *t, sm_str code, sm_str *name);
sm_rc sm_item_of_code(sm_turn *t, sm_str code, sm_doc **doc, json_t **json);
/* "" for an item that the catalogue no longer has. */
sm_rc sm_department(sm_turn *t, sm_str code, sm_str *out);

/* record.c: what is left of a turn that was thought through; outlives the turn. */
struct sm_thought {
    sm_reply *reply;
    bool unsure;
    const sm_answer *answer;
    sm_scored *document; /* that were looked into for clauses, by how well they answer */
    size_t n_documents;
    sm_talk talk;
    sm_ledger_entry entry; /* but for the answer, which the place in the queue completes */
    bool no_record;
    int64_t took_us;
};
void sm_thought_of(sm_turn *t, sm_thought *out);

#endif
