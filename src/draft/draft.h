/*
 * draft/draft.h - from a short description to a draft: the right type of document with why, its
 * elements filled in from the registry, a body skeleton, and what a model writes for it.
 *
 * Rests on base, text, format, roster and ground.  What is not known is a marked blank （待填：…）:
 * no number, date or name stands in a draft that is not in the description, the registry or the
 * options.  A model writes into the body alone, through ground's gate; the elements are ours.
 * docs/drafting.md.
 *
 * A drafter never changes once it is open and may be shared by threads.  A draft lives in its op's
 * arena, and no longer than its drafter.
 */
#ifndef SM_DRAFT_DRAFT_H
#define SM_DRAFT_DRAFT_H

#include "base/base.h"
#include "format/label.h"
#include "ground/ground.h"
#include "roster/roster.h"

enum {
    SM_DRAFT_MAX_CHARS = 4000, /* of a description */
    SM_DRAFT_MAX_ATTACHED = 20,
    SM_DRAFT_CHOICES = 3,
    SM_DRAFT_MAX_WROTE = 64 * 1024, /* bytes of a model that are read */
};

/* --------------------------------------------------------------- drafter */

typedef struct sm_drafter sm_drafter;

/* share_dir/draft/types.jsonl and share_dir/prompts/draft.txt, and the registry in own_dir (NULL:
 * none).  E_INVALID, E_CORRUPT name file and line. */
sm_rc sm_drafter_open(sm_op *op, const char *share_dir, const char *own_dir, sm_drafter **out);
void sm_drafter_close(sm_drafter *d); /* NULL is fine */

typedef struct sm_draft_type {
    sm_str name;    /* 通知 */
    sm_str use;     /* what it is for, a sentence */
    sm_str decides; /* what decides for it, a sentence: asked back where it is unclear */
    sm_str form;    /* of the notation: document letter order minutes */
} sm_draft_type;
/* The fifteen, in the order of the regulations. */
size_t sm_drafter_types(const sm_drafter *d, const sm_draft_type **out);

/* ----------------------------------------------------------------- a draft */

/* All but the text are optional ("" or SM_DATE_NONE). */
typedef struct sm_draft_ask {
    sm_str text;   /* 给各区政府发通知，要求10月底前完成老旧电梯排查 */
    sm_str kind;   /* 通知; 信函 is 函, 令 is 命令; "" it is chosen */
    sm_str organ;  /* who issues it, by full or short name; need not be in the registry */
    sm_str to;     /* recipients, parted by 、，or ; */
    sm_str number; /* 澜政发〔2026〕12号 */
    sm_str signer; /* a name */
    sm_str title;  /* the whole of it */
    sm_str cc;
    sm_date today;          /* whose office it is, and the year of the number */
    sm_date date;           /* of the document: that of its signing */
    const sm_str *attached; /* names */
    size_t n_attached;
} sm_draft_ask;

typedef enum sm_draft_source {
    SM_DRAFT_BLANK, /* to be filled in */
    SM_DRAFT_RULE,
    SM_DRAFT_REGISTRY,
    SM_DRAFT_DESCRIPTION,
    SM_DRAFT_OPTION,
    SM_DRAFT_MODEL,
    SM_DRAFT_N_SOURCES
} sm_draft_source;
const char *sm_draft_source_name(sm_draft_source s); /* "blank" … */

typedef struct sm_draft_choice {
    sm_str kind;
    sm_str why;     /* one sentence */
    sm_str decides; /* what would decide for it */
    double score;
} sm_draft_choice;

typedef struct sm_draft_element {
    sm_str role; /* of the notation: mark number signer title to note sign date remark cc printer
                  * attendance */
    sm_str name; /* 发文字号 */
    sm_str text; /* as it stands in the draft; "" it is left out */
    sm_draft_source source;
    sm_str why;
    bool locked; /* from registry, rule or options: not to be changed in the draft itself */
    bool blank;  /* some of it is to be filled in */
} sm_draft_element;

typedef struct sm_draft_par {
    sm_str role; /* p h1 h2 */
    sm_str text;
    sm_draft_source source; /* of its words, blanks aside */
    bool blank;
} sm_draft_par;

typedef struct sm_draft {
    bool clear;      /* false: the type is not; no elements, no body, `question` asks back */
    sm_str question; /* which type, and what would decide */
    sm_draft_choice choice[SM_DRAFT_CHOICES]; /* the first is taken, when clear */
    size_t n_choices;
    sm_str kind, form;
    sm_str direction; /* up down level public; "" not known */
    sm_str *note;     /* what is to be looked at: 请示应当一文一事 … */
    size_t n_notes;
    sm_draft_element *element; /* in their order on paper */
    size_t n_elements;
    sm_draft_par *body;
    size_t n_body;
    sm_str *attached; /* names of what is attached */
    size_t n_attached;
    bool encloses; /* what is attached is what the document issues: it has no label 附件 */
    bool by_model; /* a model wrote some of the body */
    sm_str prompt_version; /* by which prompt; "" none */
    sm_str text;           /* the description as it was understood */
    sm_str matter;         /* 做好老旧电梯排查工作 */
} sm_draft;

/* E_LIMIT over the limits above; E_INVALID for an empty description or an unknown kind.  An unclear
 * type is no failure. */
sm_rc sm_draft_make(sm_op *op, const sm_drafter *d, const sm_draft_ask *ask, sm_draft **out);

/* --------------------------------------------------------------- the model */

typedef struct sm_draft_prompt {
    sm_str version;
    sm_str system, user; /* what others wrote in it is fenced and inert */
} sm_draft_prompt;

/* For the body of a clear draft (else E_INVALID).  `clause` are policy clauses that may be used;
 * those that give orders to a program are left out. */
sm_rc sm_draft_prompt_make(sm_op *op, const sm_drafter *d, const sm_draft *draft,
                           const sm_source *clause, size_t n, sm_draft_prompt *out);
/* The body of a chat request. */
sm_str sm_draft_request(sm_arena *a, const sm_draft_prompt *p, sm_str model, int max_tokens,
                        bool stream);

typedef struct sm_draft_refused {
    sm_str wrote;
    const char *code; /* as of sm_gated; "heading": not one of the skeleton */
    sm_str why;       /* "" none but the code */
} sm_draft_refused;

typedef struct sm_draft_taken {
    size_t n_taken; /* sentences */
    sm_draft_refused *refused;
    size_t n_refused;
    bool cut; /* it wrote more than is read */
} sm_draft_taken;

/* Puts what holds of a model's text into the draft's body, under the headings of the skeleton;
 * evidence is the description, the elements and the clauses that the prompt had.  Blanks stay.
 * Anything may come in.  No further reader is asked. */
sm_rc sm_draft_take(sm_op *op, const sm_drafter *d, sm_draft *draft, const sm_source *clause,
                    size_t n, sm_str wrote, sm_draft_taken *out);

/* -------------------------------------------------------------------- out */

/* In the notation of format/official.h; E_INVALID for a draft that is not clear. */
sm_rc sm_draft_notation(sm_op *op, const sm_draft *draft, sm_str *out);
/* By GB/T 9704.  `label` may be NULL when no model wrote any of it, else E_INVALID. */
sm_rc sm_draft_docx(sm_op *op, const sm_draft *draft, const sm_label_text *label, sm_buf *out);
/* A new object: docs/drafting.md has its members. */
json_t *sm_draft_json(const sm_draft *draft);
json_t *sm_draft_taken_json(const sm_draft_taken *t);
/* Such an object back, as a person has filled it in: for writing it out, and for the model. Unknown
 * members are left aside; E_INVALID names what is wrong.  j must stay as long as the draft. */
sm_rc sm_draft_parse(sm_op *op, const json_t *j, sm_draft **out);

#endif
